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
	int node; /* NUMA node it was bound to; -1: not bound */
	int fd;   /* its memfd, which stays the context's; mapping it elsewhere shares the memory */
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

#ifdef __cplusplus
}
#endif
#endif
