/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A number of packets that all workers together may still handle (--count). A worker claims some before it receives and
 * then settles what it really used, so that the sum is met exactly whoever is faster.
 */
#ifndef COMMON_BUDGET_H
#define COMMON_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

struct budget {
	int64_t left; /* claimed by nobody */
	int64_t open; /* not handled yet: left, and what is claimed */
};

static inline void budget_init(struct budget *budget, uint64_t packets)
{
	budget->left = (int64_t)packets;
	budget->open = (int64_t)packets;
}

/* Claims up to @n packets. Returns how many; 0 when others have claimed all there are, or nothing is left. */
static inline unsigned budget_claim(struct budget *budget, unsigned n)
{
	int64_t left = __atomic_load_n(&budget->left, __ATOMIC_RELAXED);
	int64_t take;

	do {
		if (left <= 0)
			return 0;
		take = left < n ? left : n;
	} while (
	    !__atomic_compare_exchange_n(&budget->left, &left, left - take, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	return (unsigned)take;
}

/* Ends a claim of which @used packets were handled, which may be more. Returns true when that was the last. */
static inline bool budget_settle(struct budget *budget, unsigned claimed, unsigned used)
{
	if (claimed != used)
		__atomic_fetch_add(&budget->left, (int64_t)claimed - used, __ATOMIC_RELAXED);
	return used && __atomic_sub_fetch(&budget->open, used, __ATOMIC_RELAXED) <= 0;
}

#endif
