/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a caller may ask for. Plain C.
 */
#ifndef WEIR_RULES_H
#define WEIR_RULES_H

#include "plain.h"
#include "weir.h"

#define WEIR_DRAIN_MS	  100
#define WEIR_DRAIN_MS_MAX 10000

/* What an IOMMU can translate. */
struct weir_limits {
	__u64 page; /* the smallest one */
	__u64 first, last; /* addresses */
};

/* 0, or which error a request to map deserves; nothing else is looked at. */
int rules_map(const struct weir_map *map, const struct weir_limits *limits);

/* The same of one to unmap. */
int rules_unmap(const struct weir_unmap *unmap,
		const struct weir_limits *limits);

/* Where a device is before it moves. */
struct weir_place {
	bool attached;
	bool same; /* it is where the request wants it */
	bool resets; /* there is a way to reset it */
	__u32 neighbours; /* other devices of its group that are open */
	bool group_attached; /* the group sees memory already ... */
	bool group_same; /* ... and as the request wants it */
};

/* 0, or which error a request to attach deserves. */
int rules_attach(const struct weir_attach *attach,
		 const struct weir_place *place);

/* The same for interrupts, of which the device has so many @vectors. */
int rules_irq(const struct weir_irq *irq, const __u32 *vectors);

/* Whether [@offset, @offset + @count) lies in what is @size long. */
static inline bool rules_inside(__u64 size, __u64 offset, __u64 count)
{
	return offset <= size && count <= size - offset;
}

#endif
