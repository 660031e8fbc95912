/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What lib/mem offers to the rest of the library beyond the public headers. Internal.
 */
#ifndef MEM_MEM_H
#define MEM_MEM_H

#include "core/core.h"
#include "weir/mem.h"
#include "weir/pool.h"
#include "weir/ring.h"

/*
 * A cache that belongs to no pool, for a transmit queue whose port has none: it holds nothing, allocates nothing, and
 * every buffer that is freed through it goes straight to the depot of its own pool. Destroyed as any other.
 */
int pool_cache_create_stray(struct weir *weir, struct weir_pool_cache **cache);

/*
 * Somebody who has to know each chunk of the arena: a device, which cannot reach memory that is not mapped for it.
 * Called with the arena's lock held.
 */
struct arena_watcher {
	/* Before anyone can use the chunk, which lies at @at. An error takes the chunk back, and the allocation fails. */
	int (*added)(struct arena_watcher *watcher, const struct weir_mem_chunk *chunk, void *at);
	void (*removed)(struct arena_watcher *watcher, const struct weir_mem_chunk *chunk);
	struct arena_watcher *next; /* the arena's */
};

/* Tells @watcher of every chunk there is and of each to come. Returns 0, or what added() returned: all is undone then. */
int arena_watch(struct weir *weir, struct arena_watcher *watcher);

/* Tells @watcher that every chunk is gone, and nothing any more. */
void arena_unwatch(struct weir *weir, struct arena_watcher *watcher);

/*
 * Leaves the sentence of a failure to lock @bytes of memory: the limit that stands in the way and how to raise it. @who
 * names the thing that needed the memory ("af_xdp:eth1"). Returns -ENOMEM.
 */
int mem_fail_memlock(struct weir *weir, const char *who, uint64_t bytes);

#endif
