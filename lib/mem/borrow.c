/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory of another context, most often in another process: chunks that are mapped here, too, at the same offsets, and a
 * pool in them whose free buffers go home by a ring.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "mem/pool.h"

/* Whoever gave the file can neither cut it off under the mapping nor make it shorter than he says. */
static int file_check(struct weir *weir, const struct weir_mem_chunk *chunk)
{
	int seals = fcntl(chunk->fd, F_GET_SEALS);
	struct stat stat;

	if (seals < 0 || fstat(chunk->fd, &stat) < 0)
		return weir_fail(weir, -errno, "descriptor %d is no chunk of an arena (%s)", chunk->fd,
		                 strerror(errno));
	if (!(seals & F_SEAL_SHRINK) || (uint64_t)stat.st_size < chunk->size)
		return weir_fail(weir, -EPERM,
		                 "descriptor %d is of memory that could shrink, or is shorter than was said",
		                 chunk->fd);
	return 0;
}

static int place_check(struct weir *weir, const struct weir_mem_chunk *chunk)
{
	uint64_t page = chunk->page_size > ARENA_PAGE ? chunk->page_size : ARENA_PAGE, first = weir->conf.mem_first;

	if (chunk->size && chunk->page_size && !((chunk->offset | chunk->size) & (page - 1)) && !(page & (page - 1)) &&
	    chunk->offset < first && chunk->size <= first - chunk->offset)
		return 0;
	return weir_fail(
	    weir, -EINVAL,
	    "a chunk of %llu bytes at offset %llu does not lie in what is left for borrowed memory; open the "
	    "context with a mem_first beyond it (now %llu)",
	    (unsigned long long)chunk->size, (unsigned long long)chunk->offset, (unsigned long long)first);
}

int weir_mem_borrow(struct weir *weir, const struct weir_mem_chunk *chunk)
{
	int err = place_check(weir, chunk);

	if (!err)
		err = file_check(weir, chunk);
	if (err)
		return err;
	err = arena_borrow(weir, chunk);
	return err ? weir_fail(weir, err, "a chunk of another context cannot be mapped at offset %llu (%s)",
	                       (unsigned long long)chunk->offset,
	                       err == -EEXIST ? "one is there already" : strerror(-err))
	           : 0;
}

/* --- pools ------------------------------------------------------------------------------------------------------------ */

/* A pool is where its owner says, if that is in one borrowed chunk; its ring, too. */
static bool is_borrowed(struct weir *weir, uint64_t offset, uint64_t size)
{
	struct weir_mem_chunk chunk;

	for (unsigned i = 0; weir_mem_chunk(weir, i, &chunk) == 0; i++)
		if (offset >= chunk.offset && offset - chunk.offset < chunk.size)
			return chunk.borrowed && size <= chunk.size - (offset - chunk.offset);
	return false;
}

static int pool_check(struct weir *weir, struct weir_pool *pool)
{
	const struct weir_ring *home = pool->home;
	uint64_t ring = (uint64_t)((const uint8_t *)home - weir_mem_base(weir));

	if (pool->offset % ARENA_PAGE || !is_borrowed(weir, pool->offset, pool->size))
		return weir_fail(weir, -EINVAL, "pool %s does not lie in borrowed memory", pool->name);
	if (!is_borrowed(weir, ring, sizeof(*home)) || home->size < pool->count || home->flags & WEIR_RING_SP)
		return weir_fail(
		    weir, -EINVAL,
		    "the ring that buffers of pool %s go home by must lie in borrowed memory, have room for all "
		    "%u of them, and take them from several threads",
		    pool->name, pool->count);
	return 0;
}

int weir_pool_borrow(struct weir *weir, const struct weir_pool_info *info, uint64_t offset, struct weir_ring *home,
                     struct weir_pool **made)
{
	struct weir_pool_conf conf = {
		.name = info->name, .count = info->count, .room = info->room, .headroom = info->headroom
	};
	struct weir_pool *pool;
	int err;

	*made = NULL;
	err = pool_new(weir, &conf, &pool);
	if (err)
		return err;
	pool->home = home;
	pool_place(pool, offset);
	err = pool_check(weir, pool);
	if (err)
		goto free;
	err = pool_track(pool);
	if (err)
		goto free;
	pool_link(pool);
	*made = pool;
	return 0;

free:
	free(pool);
	return err;
}

void borrowed_put(struct weir_pool *pool, const uint32_t *bufs, unsigned n)
{
	struct weir_pkt pkts[DEPOT_BATCH];

	while (n) {
		unsigned part = n < DEPOT_BATCH ? n : DEPOT_BATCH;

		for (unsigned i = 0; i < part; i++)
			pkts[i] = (struct weir_pkt){ .buf = bufs[i] };
		/* More than the ring has room for come home only if some came twice. */
		if (weir_ring_push(pool->home, pkts, part) < part)
			pool_misuse(pool, bufs[0], "came back when all buffers of the pool were free already");
		bufs += part;
		n -= part;
	}
}
