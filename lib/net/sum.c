/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sums over bytes and packets, and the choice among the variants of sum_level.c.
 */
#include "core/core.h"
#include "net/level.h"
#include "net/net.h"

static sum_fn sum_choose;

/* Which variant runs: the same for everyone on this machine, found out by the first call. */
static sum_fn *sum_chosen = sum_choose;

static uint32_t sum_choose(const void *data, size_t len)
{
	sum_fn *best = sum_v1;

#if defined(__x86_64__)
	switch (weir_cpu_level(NULL)) {
	case 4:
		best = sum_v4;
		break;
	case 3:
		best = sum_v3;
		break;
	case 2:
		best = sum_v2;
		break;
	}
#endif
	__atomic_store_n(&sum_chosen, best, __ATOMIC_RELAXED);
	return best(data, len);
}

uint32_t weir_sum(const void *data, size_t len)
{
	return __atomic_load_n(&sum_chosen, __ATOMIC_RELAXED)(data, len);
}

uint32_t weir_sum_pkt(uint8_t *base, const struct weir_pkt *pkts, unsigned n, size_t from, size_t len)
{
	struct walk walk = { .base = base, .pkts = pkts, .n = n, .from = from, .left = len };
	size_t done = 0;
	uint32_t sum = 0;

	for (; walk_next(&walk); done += walk.len)
		sum = weir_sum_add(sum, weir_sum_at(weir_sum(walk.at, walk.len), done));
	return sum;
}
