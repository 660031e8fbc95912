/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The depot: a pool's free buffers, in batches. Internal to lib/mem.
 *
 *      full ->  [64 buffers] -> [64 buffers] -> ...        empty -> [ ] -> [ ] -> ...        loose: fewer than 64
 *
 * Whole batches lie in nodes that move between two lock-free stacks. What does not fill a node is kept loose, under a
 * lock, until it does: so there are never more nodes needed than the pool has whole batches.
 */
#ifndef MEM_DEPOT_H
#define MEM_DEPOT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define DEPOT_BATCH 64u

struct depot_node {
	uint32_t bufs[DEPOT_BATCH];
	uint32_t next;  /* index of the node below */
	uint32_t depth; /* nodes from this one down */
} __attribute__((aligned(64)));

/* The head of a stack: the index of the top node, and above it a tag that every change increments. */
struct depot_stack {
	uint64_t head;
} __attribute__((aligned(128)));

struct depot {
	struct depot_stack full;
	struct depot_stack empty;
	struct depot_node *nodes;
	uint32_t low; /* fewest buffers that were ever here */
	uint32_t loose_len;
	pthread_mutex_t lock; /* guards the loose ones */
	uint32_t loose[2 * DEPOT_BATCH];
};

/* Makes an empty depot for up to @count buffers. Returns 0 or -errno. */
int depot_init(struct depot *depot, uint32_t count);
void depot_fini(struct depot *depot);

/* Exactly a batch. False when there is no whole one; when putting: when more come back than there ever were. */
bool depot_get_batch(struct depot *depot, uint32_t *bufs);
bool depot_put_batch(struct depot *depot, const uint32_t *bufs);

/* Up to @n of the loose ones. Returns how many. */
unsigned depot_get_loose(struct depot *depot, uint32_t *bufs, unsigned n);

/* Any number, in batches as far as it goes. False as above. */
bool depot_put(struct depot *depot, const uint32_t *bufs, unsigned n);

/* Buffers here, and the fewest that ever were. */
uint32_t depot_len(const struct depot *depot);
uint32_t depot_low(const struct depot *depot);

#endif
