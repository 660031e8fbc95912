/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The arena: all memory that a device may reach.
 *
 * A context reserves one range of address space and fills it with *chunks*, each a memfd of hugepages (1 GiB or 2 MiB)
 * on one NUMA node, or of 4 KiB pages where there are no hugepages. Memory is named by its *offset* from the base of
 * the range, which means the same bytes in every process that maps the arena. Chunks are added when an allocation
 * needs one and stay until the context closes; nothing is left behind in a filesystem when a process dies.
 *
 *      base                                                                    base + reserve
 *       |  chunk 0 (2 MiB pages, node 0)  |  chunk 1 (1 GiB, node 1)  |  ... not yet filled ... |
 *
 * An allocation never crosses from one chunk into another.
 */
#ifndef WEIR_MEM_H
#define WEIR_MEM_H

#include <stdbool.h>
#include <stdint.h>

#include "weir.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What the arena holds, in bytes. */
struct weir_mem_info {
	void *base;
	uint64_t reserved;  /* address space */
	uint64_t mapped;    /* filled with chunks */
	uint64_t used;      /* handed out by weir_mem_alloc(), to pools and rings too */
	uint64_t page_size; /* of the newest chunk; 0 before the first */
	unsigned chunks;
};

/** One chunk of the arena. */
struct weir_mem_chunk {
	uint64_t offset; /* from the arena's base */
	uint64_t size;
	uint64_t page_size;
	int node;      /* NUMA node it was bound to; -1: not bound */
	int fd;        /* its memfd, which stays the context's; mapping it elsewhere shares the memory */
	bool borrowed; /* it is another context's */
};

/**
 * Allocates @size bytes from the arena, zeroed, at an address that is a multiple of @align (a power of two from 64 to
 * 1 GiB; 0: 64). @node is WEIR_NODE(n) or WEIR_NODE_ANY (the context's).
 *
 * The memory is the caller's until weir_mem_free() or weir_close(). Returns 0, -EINVAL, or -ENOMEM when the arena
 * cannot grow, with a sentence that names the remedy. Any thread.
 */
int weir_mem_alloc(struct weir *weir, uint64_t size, uint64_t align, int node, void **mem);

/** Gives back what weir_mem_alloc() returned. NULL is allowed. Any thread. */
void weir_mem_free(struct weir *weir, void *mem);

/** Where the arena begins: what weir_pkt_data() takes. Never changes in a context's life. Any thread. */
uint8_t *weir_mem_base(const struct weir *weir);

/** Fills @info. Any thread. */
void weir_mem_info(struct weir *weir, struct weir_mem_info *info);

/** Fills @chunk with the chunk number @index, counted from 0. Returns 0, or -ENOENT past the last. Any thread. */
int weir_mem_chunk(struct weir *weir, unsigned index, struct weir_mem_chunk *chunk);

/* --- between processes ------------------------------------------------------------------------------------------- */

/*
 * A context may borrow the memory of another one, in this process or another, and a pool in it (weir_pool_borrow()): then
 * packets go from the one to the other by a ring, and nothing is copied. Each keeps its own memory in a part of the arena
 * that is nobody else's (weir_conf.mem_first). How descriptors and offsets get from one process to the other is the
 * program's business (SCM_RIGHTS). Either may be killed; the other's memory stays where it is.
 *
 *                   0              mem_first of B                  mem_reserve of B
 *      A's arena    |  A's own      |
 *      B's arena    |  A's chunks   |  B's own                      |
 */

/**
 * Maps @chunk, which weir_mem_chunk() told of in the other context, at the offset that it has there; @chunk->fd is a
 * descriptor of this process, and stays the caller's. The chunk is there until the context closes.
 *
 * Returns 0, -EINVAL (not below mem_first), -EEXIST, -EPERM (the memory could shrink under the mapping) or
 * -errno. Any thread.
 */
int weir_mem_borrow(struct weir *weir, const struct weir_mem_chunk *chunk);

/**
 * The IOMMU domain of this context's devices that are bound to weir.ko (docs/kernel-module.md): a descriptor, the
 * context's, for weir_mem_join() in another process; or -ENOENT when there is no such device open. From now on borrowed
 * chunks are mapped in it only by those whose memory they are. Any thread.
 */
int weir_mem_domain(struct weir *weir);

/**
 * Devices bound to weir.ko that are opened from now on see memory through @domain, of another process: its memory, which
 * this one borrows first, and this one's. @domain stays the caller's. Returns 0, -EBUSY when such a device is open, or
 * -errno. Any thread.
 */
int weir_mem_join(struct weir *weir, int domain);

#ifdef __cplusplus
}
#endif
#endif
