/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sets of ranges of addresses that do not overlap. Plain C.
 */
#ifndef WEIR_RANGES_H
#define WEIR_RANGES_H

#include "plain.h"

struct weir_range {
	__u64 first, last; /* both belong to it */
	void *what;
};

/* Sorted. Who owns the set owns its memory, too. */
struct weir_ranges {
	struct weir_range *at;
	__u32 count, room;
};

bool ranges_overlap(const struct weir_ranges *set, __u64 first, __u64 last);

/* -EEXIST: something is there; -ENOSPC: there is no room. */
int ranges_insert(struct weir_ranges *set, __u64 first, __u64 last, void *what);

/*
 * Which ranges, @from up to but not including @to, lie in [@first, @last].
 * -ENOENT: none does; -EINVAL: one reaches out of it.
 */
int ranges_inside(const struct weir_ranges *set, __u64 first, __u64 last,
		  __u32 *from, __u32 *to);

void ranges_remove(struct weir_ranges *set, __u32 from, __u32 to);

/*
 * What is left of @whole without the @count ranges of @holes, which may be in
 * any order and overlap: writes up to @room ranges to @left, returns how many
 * there are.
 */
__u32 ranges_without(const struct weir_range *whole,
		     const struct weir_range *holes, __u32 count,
		     struct weir_range *left, __u32 room);

#endif
