/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pools: made of a run of the arena, a depot of free buffers and a table of references.
 */
#include "mem/pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_DEFAULT (2048 + WEIR_HEADROOM + 64)
#define ROOM_MIN     64u
#define ROOM_MAX     65472u /* an odd number of units, and the last that 16 bits can count into */

#ifdef WEIR_DEBUG
#define CHECKS_ALWAYS true
#else
#define CHECKS_ALWAYS false
#endif

uint32_t pool_index(const struct weir_pool *pool, uint32_t buf)
{
	uint64_t offset = (uint64_t)(buf - pool->first) * POOL_UNIT;
	uint32_t page = (uint32_t)(offset >> ARENA_PAGE_SHIFT), in_page = (uint32_t)(offset & (ARENA_PAGE - 1));

	if (in_page % pool->stride || in_page / pool->stride >= pool->per_page)
		return UINT32_MAX;
	return page * pool->per_page + in_page / pool->stride;
}

uint32_t pool_buf(const struct weir_pool *pool, uint32_t index)
{
	uint32_t page = index / pool->per_page, in_page = index % pool->per_page * pool->stride;

	return pool->first + (uint32_t)(((uint64_t)page << ARENA_PAGE_SHIFT) + in_page) / POOL_UNIT;
}

void pool_put(struct weir_pool *pool, const uint32_t *bufs, unsigned n)
{
	if (pool->home)
		borrowed_put(pool, bufs, n);
	else if (!depot_put(&pool->depot, bufs, n))
		pool_misuse(pool, bufs[0], "came back when all buffers of the pool were free already");
}

void pool_misuse(struct weir_pool *pool, uint32_t buf, const char *what)
{
	uint32_t index = pool_index(pool, buf);

	__atomic_fetch_add(&pool->misuse, 1, __ATOMIC_RELAXED);
	if (buf >= pool->first && buf < pool->last && index < pool->count)
		weir_fail(pool->weir, -EINVAL, "pool %s: buffer %u (0x%x) %s", pool->name, index, buf, what);
	else
		weir_fail(pool->weir, -EINVAL, "pool %s: 0x%x, which is no buffer of it, %s", pool->name, buf, what);
}

/* --- life ------------------------------------------------------------------------------------------------------------- */

static int pool_conf_check(struct weir *weir, const struct weir_pool_conf *conf, struct weir_pool *pool)
{
	snprintf(pool->name, sizeof(pool->name), "%s", conf->name ? conf->name : "pool");
	pool->weir = weir;
	pool->count = conf->count;
	pool->room = conf->room ? conf->room : ROOM_DEFAULT;
	pool->headroom = conf->headroom ? conf->headroom : WEIR_HEADROOM;
	if (!pool->count)
		return weir_fail(weir, -EINVAL, "pool %s: a count of buffers is needed", pool->name);
	if (pool->room < ROOM_MIN || pool->room > ROOM_MAX)
		return weir_fail(weir, -EINVAL, "pool %s: buffers of %u bytes; they must have %u to %u", pool->name,
		                 pool->room, ROOM_MIN, ROOM_MAX);
	if (pool->headroom >= pool->room)
		return weir_fail(weir, -EINVAL,
		                 "pool %s: a headroom of %u leaves no room for data in buffers of %u bytes", pool->name,
		                 pool->headroom, pool->room);
	/* An odd number of cache lines: the buffers' first lines then spread over all sets of a cache. */
	pool->stride = ((pool->room + POOL_UNIT - 1) / POOL_UNIT | 1) * POOL_UNIT;
	pool->per_page = (uint32_t)(ARENA_PAGE / pool->stride);
	pool->size = ((uint64_t)pool->count + pool->per_page - 1) / pool->per_page * ARENA_PAGE;
	return 0;
}

int pool_new(struct weir *weir, const struct weir_pool_conf *conf, struct weir_pool **made)
{
	struct weir_pool *pool = aligned_alloc(_Alignof(struct weir_pool), sizeof(*pool));
	int err;

	*made = NULL;
	if (!pool)
		return weir_fail(weir, -ENOMEM, "no memory for a pool");
	memset(pool, 0, sizeof(*pool));
	err = pool_conf_check(weir, conf, pool);
	if (err)
		free(pool);
	else
		*made = pool;
	return err;
}

void pool_place(struct weir_pool *pool, uint64_t offset)
{
	pool->offset = offset;
	pool->first = (uint32_t)(pool->offset / POOL_UNIT);
	pool->last = (uint32_t)((pool->offset + pool->size) / POOL_UNIT);
}

int pool_track(struct weir_pool *pool)
{
	int err;

	pool->refs = calloc(pool->count, sizeof(*pool->refs));
	err = pool->refs ? depot_init(&pool->depot, pool->home ? 0 : pool->count) : -ENOMEM;
	if (!err)
		return 0;
	free(pool->refs);
	return weir_fail(pool->weir, err, "pool %s: no memory to keep track of %u buffers", pool->name, pool->count);
}

void pool_link(struct weir_pool *pool)
{
	struct weir *weir = pool->weir;

	arena_own(weir, pool->offset, pool->size, pool);
	pthread_mutex_lock(&weir->lock);
	pool->next = weir->pools;
	weir->pools = pool;
	pthread_mutex_unlock(&weir->lock);
}

/* The arena's memory, and what is kept beside it. */
static int pool_alloc(struct weir_pool *pool, int node)
{
	struct weir *weir = pool->weir;
	void *mem;
	int err;

	err = arena_alloc(weir, pool->size, ARENA_PAGE, node, &mem);
	if (err == -ENOMEM)
		return weir_fail(weir, err, "pool %s: %u buffers of %u bytes are too many, there is room for %llu: %s",
		                 pool->name, pool->count, pool->room,
		                 (unsigned long long)(arena_room(weir, node) / ARENA_PAGE * pool->per_page),
		                 weir_error());
	if (err)
		return weir_fail(weir, err, "pool %s: %s", pool->name, weir_error());
	pool_place(pool, (uint64_t)((uint8_t *)mem - weir_mem_base(weir)));
	err = pool_track(pool);
	if (err)
		weir_mem_free(weir, mem);
	return err;
}

static void pool_free(struct weir_pool *pool)
{
	check_close(pool);
	arena_own(pool->weir, pool->offset, pool->size, NULL);
	if (!pool->home)
		weir_mem_free(pool->weir, weir_mem_base(pool->weir) + pool->offset);
	depot_fini(&pool->depot);
	free(pool->refs);
	free(pool);
}

/* From the last to the first, so that the first are the first to be handed out. */
static void pool_fill(struct weir_pool *pool)
{
	uint32_t bufs[DEPOT_BATCH], n = pool->count % DEPOT_BATCH;

	for (uint32_t left = pool->count; left; left -= n, n = DEPOT_BATCH) {
		if (!n)
			n = DEPOT_BATCH;
		for (uint32_t i = 0; i < n; i++)
			bufs[i] = pool_buf(pool, left - 1 - i);
		pool_put(pool, bufs, n);
	}
}

int weir_pool_create(struct weir *weir, const struct weir_pool_conf *conf, struct weir_pool **made)
{
	struct weir_pool *pool;
	int err;

	*made = NULL;
	err = pool_new(weir, conf, &pool);
	if (err)
		return err;
	err = pool_alloc(pool, conf->node);
	if (err)
		goto free;
	pool_fill(pool);
	if (conf->checks || CHECKS_ALWAYS) {
		err = check_open(pool);
		if (err) {
			pool_free(pool);
			return weir_fail(weir, err, "no memory to check a pool");
		}
	}
	pool_link(pool);
	*made = pool;
	return 0;

free:
	free(pool);
	return err;
}

int weir_pool_destroy(struct weir_pool *pool)
{
	struct weir_pool **link;
	struct weir *weir;
	uint32_t out;
	bool caches;

	if (!pool)
		return 0;
	weir = pool->weir;
	pthread_mutex_lock(&weir->lock);
	caches = pool->caches;
	out = pool->home ? 0 : pool->count - depot_len(&pool->depot);
	if (!caches && !out) {
		for (link = &weir->pools; *link != pool; link = &(*link)->next)
			;
		*link = pool->next;
	}
	pthread_mutex_unlock(&weir->lock);
	if (caches)
		return weir_fail(weir, -EBUSY, "pool %s still has caches; close its ports and destroy its caches first",
		                 pool->name);
	if (out)
		return weir_fail(weir, -EBUSY, "pool %s still has %u buffers out; free them first", pool->name, out);
	pool_free(pool);
	return 0;
}

void pools_close(struct weir *weir)
{
	while (weir->pools) {
		struct weir_pool *pool = weir->pools;

		while (pool->caches) {
			struct weir_pool_cache *cache = pool->caches;

			pool->caches = cache->next;
			free(cache);
		}
		weir->pools = pool->next;
		pool_free(pool);
	}
}

/* --- what it is ------------------------------------------------------------------------------------------------------- */

void weir_pool_info(struct weir_pool *pool, struct weir_pool_info *info)
{
	uint32_t cached = 0, depot;

	pthread_mutex_lock(&pool->weir->lock);
	for (struct weir_pool_cache *cache = pool->caches; cache; cache = cache->next)
		cached += __atomic_load_n(&cache->len, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&pool->weir->lock);
	depot = depot_len(&pool->depot);
	*info = (struct weir_pool_info){
		.count = pool->count,
		.room = pool->room,
		.headroom = pool->headroom,
		.stride = pool->stride,
		.depot = depot,
		.cached = cached,
		.in_use = depot + cached < pool->count ? pool->count - depot - cached : 0,
		.high_water = pool->count - depot_low(&pool->depot),
		.failures = count_read(&pool->failures),
		.misuse = count_read(&pool->misuse),
	};
	memcpy(info->name, pool->name, sizeof(info->name));
}

unsigned weir_pool_room(const struct weir_pool *pool)
{
	return pool->room;
}

unsigned weir_pool_headroom(const struct weir_pool *pool)
{
	return pool->headroom;
}

unsigned weir_pool_count(const struct weir_pool *pool)
{
	return pool->count;
}

void weir_pool_extent(const struct weir_pool *pool, uint64_t *offset, uint64_t *size)
{
	*offset = pool->offset;
	*size = pool->size;
}

struct weir_pool *weir_pool_of(struct weir *weir, uint32_t buf)
{
	uint64_t offset = (uint64_t)buf * POOL_UNIT;

	return offset < weir->arena->reserved
	           ? __atomic_load_n(&weir->arena->owners[offset >> ARENA_PAGE_SHIFT], __ATOMIC_ACQUIRE)
	           : NULL;
}
