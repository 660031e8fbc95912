/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Buffers that are held more than once: a count of the extra holders beside the pool, touched by nobody else.
 */
#include "mem/pool.h"

#define REFS_MAX (UINT16_MAX - 1) /* with the first, 65,535 holders */

/* The count of @buf's extra holders, or NULL when it is no buffer. */
static uint16_t *refs_of(struct weir *weir, uint32_t buf)
{
	struct weir_pool *pool = weir_pool_of(weir, buf);
	uint32_t index = pool ? pool_index(pool, buf) : 0;

	return pool && index < pool->count ? &pool->refs[index] : NULL;
}

bool share_drop(struct weir_pool *pool, uint32_t buf)
{
	uint32_t index = pool_index(pool, buf);
	uint16_t refs;

	if (index >= pool->count)
		return true;
	/* What the others did with the buffer has to be over before the last one frees it. */
	refs = __atomic_load_n(&pool->refs[index], __ATOMIC_ACQUIRE);
	do
		if (!refs)
			return true;
	while (!__atomic_compare_exchange_n(&pool->refs[index], &refs, (uint16_t)(refs - 1), true, __ATOMIC_RELEASE,
	                                    __ATOMIC_ACQUIRE));
	return false;
}

static bool hold(uint16_t *refs)
{
	uint16_t old = __atomic_load_n(refs, __ATOMIC_RELAXED);

	do
		if (old == REFS_MAX)
			return false;
	while (!__atomic_compare_exchange_n(refs, &old, (uint16_t)(old + 1), true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	return true;
}

int weir_pkt_clone(struct weir_pool_cache *cache, struct weir_pkt *pkts, unsigned n, struct weir_pkt *clone)
{
	struct weir *weir = cache->weir;
	unsigned held;
	int err = 0;

	for (held = 0; held < n; held++) {
		uint16_t *refs = refs_of(weir, pkts[held].buf);

		if (!refs || !hold(refs)) {
			err = refs ? -EOVERFLOW : -EINVAL;
			goto undo;
		}
	}
	for (unsigned i = 0; i < n; i++) {
		pkts[i].flags |= WEIR_PKT_SHARED;
		clone[i] = pkts[i];
	}
	return 0;

undo:
	while (held)
		__atomic_fetch_sub(refs_of(weir, pkts[--held].buf), 1, __ATOMIC_RELEASE);
	return err;
}
