/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The arena from inside. Internal to lib/mem.
 */
#ifndef MEM_ARENA_H
#define MEM_ARENA_H

#include "mem/extent.h"
#include "mem/mem.h"

/* Pools take whole runs of so many bytes, so that a page table of the arena can tell the pool of an address. */
#define ARENA_PAGE_SHIFT 21
#define ARENA_PAGE       (1ul << ARENA_PAGE_SHIFT)

/* The arena grows by no more at once, unless it is told or needs to. */
#define ARENA_STEP_MOST MIB(32)

struct chunk {
	struct weir_mem_chunk info;
	struct extent *first;
	struct chunk *next;
};

struct arena {
	uint8_t *base;
	uint64_t reserved;
	struct weir_pool **owners; /* of each ARENA_PAGE; read without the lock */

	pthread_mutex_t lock; /* guards what follows */
	struct chunk *chunks; /* by address */
	uint64_t end;         /* of the last chunk of its own */
	uint64_t mapped;
	uint64_t used;
	unsigned chunk_count;
	bool warned; /* of 4 KiB pages */
	struct arena_watcher *watchers;
};

/* Tells all watchers of @chunk. Returns 0, or an error with none of them told. Called with the lock held. */
int watchers_add(struct arena *arena, const struct chunk *chunk);

/* Maps a chunk of another context's, which has been checked. Returns 0, -EEXIST or -errno, without a sentence. */
int arena_borrow(struct weir *weir, const struct weir_mem_chunk *chunk);

/*
 * weir_mem_alloc(), but leaves its sentence to weir_error() only and does not log it, for callers that have more to
 * say.
 */
int arena_alloc(struct weir *weir, uint64_t size, uint64_t align, int node, void **mem);

/* The largest size that arena_alloc() could serve now, at ARENA_PAGE alignment. */
uint64_t arena_room(struct weir *weir, int node);

/* Makes @pool (or NULL) the owner of a run of whole ARENA_PAGEs. */
void arena_own(struct weir *weir, uint64_t offset, uint64_t size, struct weir_pool *pool);

/* Maps a memfd of @size bytes in pages of @page_size at @at, over a reserved range, all of it present. Returns 0 and
 * the fd, or -errno with the range reserved as before. @node -1: wherever. */
int chunk_map(void *at, uint64_t size, uint64_t page_size, int node, int *fd);

/* Maps a memfd that there is. Returns 0 and a descriptor of its own, or -errno. */
int chunk_map_file(void *at, uint64_t size, int file, int *fd);

/* Makes the range what it was before. */
void chunk_unmap(void *at, uint64_t size, int fd);

#endif
