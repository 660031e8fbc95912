/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Caches: what happens when one runs empty or full, and everything that is out of the ordinary.
 */
#include <stdlib.h>
#include <string.h>

#include "mem/pool.h"

#define SIZE_DEFAULT 256u
#define SIZE_LEAST   (2 * DEPOT_BATCH)
#define SIZE_MOST    (1u << 20)

static struct weir_pool_cache *cache_new(struct weir *weir, uint32_t size)
{
	size_t bytes = round_up(sizeof(struct weir_pool_cache) + size * sizeof(uint32_t), 64);
	struct weir_pool_cache *cache = aligned_alloc(64, bytes);

	if (!cache)
		return NULL;
	memset(cache, 0, bytes);
	cache->weir = weir;
	cache->base = weir_mem_base(weir);
	cache->size = size;
	return cache;
}

/*
 * What caches hold, nobody else can have: all together hold at most half of the pool, so that the other half always finds
 * its way to those who need it. A cache gets what it asks for, or half of what is left, which leaves something for
 * the next ones; none at all is slow, not wrong.
 */
static uint32_t grant(struct weir_pool *pool, uint32_t wanted)
{
	uint32_t size;

	pthread_mutex_lock(&pool->weir->lock);
	size = (pool->count / 2 - pool->granted) / 2;
	size = wanted < size ? wanted : size;
	pool->granted += size;
	pthread_mutex_unlock(&pool->weir->lock);
	return size;
}

static void ungrant(struct weir_pool *pool, uint32_t size)
{
	pthread_mutex_lock(&pool->weir->lock);
	pool->granted -= size;
	pthread_mutex_unlock(&pool->weir->lock);
}

int weir_pool_cache_create(struct weir_pool *pool, uint32_t size, struct weir_pool_cache **made)
{
	struct weir *weir = pool->weir;
	struct weir_pool_cache *cache;

	*made = NULL;
	if (!size)
		size = SIZE_DEFAULT;
	if (size > SIZE_MOST)
		size = SIZE_MOST;
	size = grant(pool, size < SIZE_LEAST ? SIZE_LEAST : (uint32_t)round_up(size, DEPOT_BATCH));
	cache = cache_new(weir, size);
	if (!cache) {
		ungrant(pool, size);
		return weir_fail(weir, -ENOMEM, "pool %s: no memory for a cache of %u buffers", pool->name, size);
	}
	cache->pool = pool;
	cache->first = pool->first;
	cache->last = pool->last;
	cache->headroom = (uint16_t)pool->headroom;
	cache->slow = pool_checks(pool);
	pthread_mutex_lock(&weir->lock);
	cache->next = pool->caches;
	pool->caches = cache;
	pthread_mutex_unlock(&weir->lock);
	*made = cache;
	return 0;
}

int pool_cache_create_stray(struct weir *weir, struct weir_pool_cache **made)
{
	*made = cache_new(weir, 0);
	return *made ? 0 : weir_fail(weir, -ENOMEM, "no memory for a cache");
}

static void cache_set_len(struct weir_pool_cache *cache, uint32_t len)
{
	__atomic_store_n(&cache->len, len, __ATOMIC_RELAXED);
}

void weir_pool_cache_flush(struct weir_pool_cache *cache)
{
	if (!cache->len)
		return;
	pool_put(cache->pool, cache->bufs, cache->len);
	cache_set_len(cache, 0);
}

void weir_pool_cache_destroy(struct weir_pool_cache *cache)
{
	struct weir_pool_cache **link;

	if (!cache)
		return;
	weir_pool_cache_flush(cache);
	if (cache->pool) {
		pthread_mutex_lock(&cache->weir->lock);
		for (link = &cache->pool->caches; *link != cache; link = &(*link)->next)
			;
		*link = cache->next;
		pthread_mutex_unlock(&cache->weir->lock);
		ungrant(cache->pool, cache->size);
	}
	free(cache);
}

/* --- allocating ------------------------------------------------------------------------------------------------------- */

static unsigned cache_pop(struct weir_pool_cache *cache, uint32_t *bufs, unsigned n)
{
	if (n > cache->len)
		n = cache->len;
	cache_set_len(cache, cache->len - n);
	memcpy(bufs, &cache->bufs[cache->len], n * sizeof(*bufs));
	return n;
}

/* Part of a batch, which goes back otherwise: for a cache that has no room for the rest. */
static unsigned split_batch(struct weir_pool *pool, uint32_t *bufs, unsigned n)
{
	uint32_t batch[DEPOT_BATCH];

	if (n > DEPOT_BATCH)
		n = DEPOT_BATCH;
	if (!depot_get_batch(&pool->depot, batch))
		return 0;
	memcpy(bufs, batch + DEPOT_BATCH - n, n * sizeof(*bufs));
	pool_put(pool, batch, DEPOT_BATCH - n);
	return n;
}

/*
 * Whole batches go straight to the caller; a batch that is only wanted in part refills the cache, if it has room for it.
 * Only when that brings too few are the loose buffers touched.
 */
unsigned weir_pool_alloc_slow(struct weir_pool_cache *cache, uint32_t *bufs, unsigned n)
{
	struct weir_pool *pool = cache->pool;
	unsigned got = 0;

	if (!pool)
		return 0;
	while (cache->len < n - got && n - got >= DEPOT_BATCH && depot_get_batch(&pool->depot, bufs + got))
		got += DEPOT_BATCH;
	if (cache->len < n - got && cache->size - cache->len >= DEPOT_BATCH &&
	    depot_get_batch(&pool->depot, &cache->bufs[cache->len]))
		cache_set_len(cache, cache->len + DEPOT_BATCH);
	got += cache_pop(cache, bufs + got, n - got);
	if (got < n)
		got += depot_get_loose(&pool->depot, bufs + got, n - got);
	if (got < n)
		got += split_batch(pool, bufs + got, n - got);
	if (got < n)
		__atomic_fetch_add(&pool->failures, 1, __ATOMIC_RELAXED);
	if (cache->slow)
		check_alloced(pool, bufs, got);
	return got;
}

unsigned weir_pool_alloc_pkts_slow(struct weir_pool_cache *cache, struct weir_pkt *pkts, unsigned n)
{
	uint32_t bufs[4 * DEPOT_BATCH];
	unsigned done = 0, want, got;

	do {
		want = n - done < 4 * DEPOT_BATCH ? n - done : 4 * DEPOT_BATCH;
		got = weir_pool_alloc_bufs(cache, bufs, want);
		weir_pool_fresh(cache, pkts + done, bufs, got);
		done += got;
	} while (got == want && done < n);
	return done;
}

/* --- freeing ---------------------------------------------------------------------------------------------------------- */

/* Gives the oldest batches of a cache to the depot, until at most half of it is taken; the warm ones stay. */
static void cache_spill(struct weir_pool_cache *cache)
{
	uint32_t n = cache->len > cache->size / 2 ? cache->len - cache->size / 2 : 0;

	n = (uint32_t)round_up(n, DEPOT_BATCH);
	if (n > cache->len)
		n = cache->len;
	pool_put(cache->pool, cache->bufs, n);
	memmove(cache->bufs, &cache->bufs[n], (cache->len - n) * sizeof(*cache->bufs));
	cache_set_len(cache, cache->len - n);
}

/* Takes back buffers of the cache's own pool, which have been checked. */
static void cache_push(struct weir_pool_cache *cache, const uint32_t *bufs, unsigned n)
{
	unsigned direct;

	if (cache->size - cache->len < n) {
		if (n > cache->size / 2) {
			direct = cache->size < SIZE_LEAST ? n : n & ~(DEPOT_BATCH - 1);
			pool_put(cache->pool, bufs, direct);
			bufs += direct;
			n -= direct;
		}
		if (cache->size - cache->len < n)
			cache_spill(cache);
	}
	memcpy(&cache->bufs[cache->len], bufs, n * sizeof(*bufs));
	cache_set_len(cache, cache->len + n);
}

/* Buffers of one pool on their way back to it. */
struct sack {
	struct weir_pool *pool;
	unsigned n;
	uint32_t bufs[DEPOT_BATCH];
};

static void sack_empty(struct sack *sack, struct weir_pool_cache *cache)
{
	if (!sack->n)
		return;
	if (sack->pool == cache->pool)
		cache_push(cache, sack->bufs, sack->n);
	else
		pool_put(sack->pool, sack->bufs, sack->n);
	sack->n = 0;
}

/* One buffer, of any pool; held by others too, or not. */
static void sack_add(struct sack *sack, struct weir_pool_cache *cache, uint32_t buf, bool shared)
{
	struct weir_pool *pool = weir_pool_of(cache->weir, buf);

	if (!pool) {
		if (cache->pool)
			pool_misuse(cache->pool, buf, "was freed");
		return;
	}
	if (shared && !share_drop(pool, buf))
		return;
	if (pool_checks(pool) && !check_freed(pool, buf))
		return;
	if (sack->pool != pool || sack->n == DEPOT_BATCH) {
		sack_empty(sack, cache);
		sack->pool = pool;
	}
	sack->bufs[sack->n++] = buf;
}

void weir_pool_free_slow(struct weir_pool_cache *cache, const uint32_t *bufs, unsigned n)
{
	struct sack sack = { .n = 0 };

	if (cache->pool && !cache->slow) {
		cache_push(cache, bufs, n);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		sack_add(&sack, cache, bufs[i], false);
	sack_empty(&sack, cache);
}

/* A cache that is merely full makes room and takes the packets the quick way. */
static void free_into_full(struct weir_pool_cache *cache, const struct weir_pkt *pkts, unsigned n)
{
	unsigned part;

	for (; n; n -= part, pkts += part) {
		part = n < cache->size / 2 ? n : cache->size / 2;
		if (cache->size - cache->len < part)
			cache_spill(cache);
		weir_pool_free(cache, pkts, part);
	}
}

void weir_pool_free_pkts_slow(struct weir_pool_cache *cache, const struct weir_pkt *pkts, unsigned n)
{
	struct sack sack = { .n = 0 };

	if (cache->size - cache->len < n && cache->size >= DEPOT_BATCH && cache->pool && !cache->slow) {
		free_into_full(cache, pkts, n);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		sack_add(&sack, cache, pkts[i].buf, pkts[i].flags & WEIR_PKT_SHARED);
	sack_empty(&sack, cache);
}
