/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A pool from inside. Internal to lib/mem.
 *
 * The buffers lie in runs of ARENA_PAGE bytes, as many as fit into each; no buffer crosses from one page into the next,
 * so that it is contiguous in physical memory too.
 */
#ifndef MEM_POOL_H
#define MEM_POOL_H

#include "mem/arena.h"
#include "mem/depot.h"
#include "mem/mem.h"

#define POOL_UNIT 64u /* what struct weir_pkt counts buffers in */

struct weir_pool {
	struct weir *weir;
	struct weir_pool *next;         /* in weir->pools */
	struct weir_pool_cache *caches; /* guarded by weir->lock, as is what follows */
	uint32_t granted;               /* sizes of all caches together */
	char name[32];
	uint64_t offset; /* of the first buffer in the arena */
	uint64_t size;   /* bytes of the whole run */
	uint32_t first;  /* the same in units: [first, last) */
	uint32_t last;
	uint32_t count;
	uint32_t room;
	uint32_t headroom;
	uint32_t stride;   /* bytes */
	uint32_t per_page; /* buffers in an ARENA_PAGE */
	uint16_t *refs;    /* by buffer: how many hold it besides the first */
	uint8_t *states;   /* by buffer, only when the pool checks: free or allocated */
	uint64_t failures;
	uint64_t misuse;
	struct weir_ring *home; /* borrowed: where what is free goes; nothing is in the depot then */
	struct depot depot;
};

/* A pool without buffers yet, of which only sizes are known; it is freed by free(). */
int pool_new(struct weir *weir, const struct weir_pool_conf *conf, struct weir_pool **pool);

/* Where its buffers are; what is kept beside them; and the pool is the context's. */
void pool_place(struct weir_pool *pool, uint64_t offset);
int pool_track(struct weir_pool *pool);
void pool_link(struct weir_pool *pool);

/* borrow.c: sends @n buffers home. */
void borrowed_put(struct weir_pool *pool, const uint32_t *bufs, unsigned n);

/* Whether buffers are checked when allocated and freed. */
static inline bool pool_checks(const struct weir_pool *pool)
{
	return pool->states;
}

/* The number of @buf in its pool, counted from 0; at least pool->count when no buffer begins there. */
uint32_t pool_index(const struct weir_pool *pool, uint32_t buf);

/* Where buffer number @index begins, in units. */
uint32_t pool_buf(const struct weir_pool *pool, uint32_t index);

/* Puts @n buffers of @pool into its depot. They have been checked. */
void pool_put(struct weir_pool *pool, const uint32_t *bufs, unsigned n);

/* Counts and logs that something is wrong with @buf. */
void pool_misuse(struct weir_pool *pool, uint32_t buf, const char *what);

/* check.c: what a pool that checks does to all its buffers at birth and death, and when one changes hands. */
int check_open(struct weir_pool *pool);
void check_close(struct weir_pool *pool);
void check_alloced(struct weir_pool *pool, const uint32_t *bufs, unsigned n);

/* Whether @buf may go back to @pool; if so, it is marked and filled. */
bool check_freed(struct weir_pool *pool, uint32_t buf);

/* share.c: gives up one hold on a shared @buf. True when it was the last, so that the caller has to free it. */
bool share_drop(struct weir_pool *pool, uint32_t buf);

#endif
