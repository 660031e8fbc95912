/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A number of packets that all workers together may still handle (--count). A worker claims some before it receives,
 * settles what really came, so that the sum is met exactly whoever is faster, and strikes them out when they are sent.
 */
#ifndef COMMON_BUDGET_H
#define COMMON_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

struct budget {
	int64_t left; /* claimed by nobody */
	int64_t open; /* not done with yet: left, claimed, or received and on their way */
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

/* Settles a claim of which @used packets were received, which may be more than @claimed. */
static inline void budget_settle(struct budget *budget, unsigned claimed, unsigned used)
{
	if (claimed != used)
		__atomic_fetch_add(&budget->left, (int64_t)claimed - used, __ATOMIC_RELAXED);
}

/* Strikes out @packets that are done with. Returns true when these were the last. */
static inline bool budget_spend(struct budget *budget, unsigned packets)
{
	int64_t before = __atomic_fetch_sub(&budget->open, packets, __ATOMIC_RELAXED);

	return before > 0 && before <= packets;
}

#endif
