// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sets of ranges of addresses that do not overlap. Plain C: tests compile it
 * for user space.
 */
#include "ranges.h"

/* The first range that does not end before @address. */
static __u32 ranges_at(const struct weir_ranges *set, __u64 address)
{
	__u32 low = 0, high = set->count;

	while (low < high) {
		__u32 middle = low + (high - low) / 2;

		if (set->at[middle].last < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool ranges_overlap(const struct weir_ranges *set, __u64 first, __u64 last)
{
	__u32 i = ranges_at(set, first);

	return i < set->count && set->at[i].first <= last;
}

int ranges_insert(struct weir_ranges *set, __u64 first, __u64 last, void *what)
{
	__u32 i = ranges_at(set, first);

	if (i < set->count && set->at[i].first <= last)
		return -EEXIST;
	if (set->count == set->room)
		return -ENOSPC;
	memmove(&set->at[i + 1], &set->at[i],
		(set->count - i) * sizeof(*set->at));
	set->at[i].first = first;
	set->at[i].last = last;
	set->at[i].what = what;
	set->count++;
	return 0;
}

int ranges_inside(const struct weir_ranges *set, __u64 first, __u64 last,
		  __u32 *from, __u32 *to)
{
	__u32 i = ranges_at(set, first);

	*from = i;
	while (i < set->count && set->at[i].first <= last) {
		if (set->at[i].first < first || set->at[i].last > last)
			return -EINVAL;
		i++;
	}
	*to = i;
	return i == *from ? -ENOENT : 0;
}

void ranges_remove(struct weir_ranges *set, __u32 from, __u32 to)
{
	memmove(&set->at[from], &set->at[to],
		(set->count - to) * sizeof(*set->at));
	set->count -= to - from;
}

/* The hole at @address or, failing that, the next one behind it. */
static const struct weir_range *hole_at(const struct weir_range *holes,
					__u32 count, __u64 address)
{
	const struct weir_range *next = NULL;
	__u32 i;

	for (i = 0; i < count; i++) {
		if (holes[i].last < address)
			continue;
		if (holes[i].first <= address)
			return &holes[i];
		if (!next || holes[i].first < next->first)
			next = &holes[i];
	}
	return next;
}

__u32 ranges_without(const struct weir_range *whole,
		     const struct weir_range *holes, __u32 count,
		     struct weir_range *left, __u32 room)
{
	__u64 at = whole->first;
	__u32 there = 0;

	for (;;) {
		const struct weir_range *hole = hole_at(holes, count, at);
		bool end = !hole || hole->first > whole->last;

		if (end || hole->first > at) {
			if (there < room) {
				left[there].first = at;
				left[there].last =
					end ? whole->last : hole->first - 1;
				left[there].what = NULL;
			}
			there++;
		}
		if (end || hole->last >= whole->last)
			return there;
		at = hole->last + 1;
	}
}
