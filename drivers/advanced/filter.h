/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tables of filters: which place of which table a filter has, and the fields that they all compare alike.
 */
#ifndef ADVANCED_FILTER_H
#define ADVANCED_FILTER_H

#include <string.h>

#include "port/driver.h"
#include "weir/wire.h"

static inline uint32_t slot_of(unsigned table, unsigned index)
{
	return (uint32_t)table << 16 | index;
}

static inline unsigned table_of(const struct port_filter *filter)
{
	return filter->slot >> 16;
}

static inline unsigned index_of(const struct port_filter *filter)
{
	return filter->slot & 0xffff;
}

/* The lowest bit of @used that is not set, below @n; @n: there is none. */
static inline unsigned free_bit(const uint32_t *used, unsigned n)
{
	for (unsigned i = 0; i < n; i += 32)
		if (~used[i / 32])
			return i + (unsigned)__builtin_ctz(~used[i / 32]) < n
			           ? i + (unsigned)__builtin_ctz(~used[i / 32])
			           : n;
	return n;
}

static inline void set_bit(uint32_t *used, unsigned i, bool on)
{
	used[i / 32] = on ? used[i / 32] | 1u << i % 32 : used[i / 32] & ~(1u << i % 32);
}

/* What stands in registers as it lies in the packet. */
static inline uint32_t as_it_lies(const uint8_t bytes[4])
{
	uint32_t word;

	memcpy(&word, bytes, 4);
	return word;
}

/* Whether an EtherType filter can be it. Returns 0, or -ENOTSUP with a sentence. */
static inline int ether_type_can(struct weir_port *port, const struct weir_filter *f)
{
	if (f->match & ~WEIR_MATCH_ETHER_TYPE || f->mark)
		return weir_fail(port->weir, -ENOTSUP,
		                 "port '%s': beside an EtherType nothing can be compared, and no mark set", port->spec);
	if (f->ether_type == WEIR_ETHER_IPV4 || f->ether_type == WEIR_ETHER_IPV6)
		return weir_fail(port->weir, -ENOTSUP,
		                 "port '%s': IP packets are no matter of EtherType filters; filter by protocol",
		                 port->spec);
	return 0;
}

#define TUPLE_FIELDS                                                                                     \
	(WEIR_MATCH_IPV4 | WEIR_MATCH_PROTOCOL | WEIR_MATCH_SRC | WEIR_MATCH_DST | WEIR_MATCH_SRC_PORT | \
	 WEIR_MATCH_DST_PORT)

/* Whether a 5-tuple filter can be it: each field whole or not at all. */
static inline bool tuple_can(const struct weir_filter *f)
{
	return f->match & WEIR_MATCH_IPV4 && !(f->match & ~TUPLE_FIELDS) && !f->mark &&
	       (!(f->match & WEIR_MATCH_SRC) || f->src_prefix == 32) &&
	       (!(f->match & WEIR_MATCH_DST) || f->dst_prefix == 32) &&
	       (!(f->match & WEIR_MATCH_SRC_PORT) || f->src_port_mask == 0xffff) &&
	       (!(f->match & WEIR_MATCH_DST_PORT) || f->dst_port_mask == 0xffff);
}

#endif
