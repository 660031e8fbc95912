/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The depot: two Treiber stacks of nodes, and a few loose buffers.
 *
 * A node is in one of three places: the full stack, the empty stack, or the hands of one thread, which alone may read or
 * write its buffers. A push releases what the thread wrote into the node; a pop acquires it. Every change of a head is a
 * read-modify-write, so each continues the release sequence of those before it, and one that pops a node has seen the
 * push of the node below too. The tag makes a compare-and-swap fail when the same node came back on top in between.
 */
#include "mem/depot.h"

#include <stdlib.h>
#include <string.h>

#include "core/core.h"

#define NONE UINT32_MAX

/* A node's links may be read by a thread that is about to lose the race for it: such a value is never used. */
static void push(struct depot *depot, struct depot_stack *stack, uint32_t index)
{
	struct depot_node *node = &depot->nodes[index];
	uint64_t old = __atomic_load_n(&stack->head, __ATOMIC_ACQUIRE), new;
	uint32_t below, depth;

	do {
		below = (uint32_t)old;
		depth = below == NONE ? 0 : __atomic_load_n(&depot->nodes[below].depth, __ATOMIC_RELAXED);
		__atomic_store_n(&node->next, below, __ATOMIC_RELAXED);
		__atomic_store_n(&node->depth, depth + 1, __ATOMIC_RELEASE);
		new = ((old >> 32) + 1) << 32 | index;
	} while (!__atomic_compare_exchange_n(&stack->head, &old, new, true, __ATOMIC_RELEASE, __ATOMIC_ACQUIRE));
}

static uint32_t pop(struct depot *depot, struct depot_stack *stack)
{
	uint64_t old = __atomic_load_n(&stack->head, __ATOMIC_ACQUIRE), new;
	uint32_t top;

	do {
		top = (uint32_t)old;
		if (top == NONE)
			return NONE;
		new = ((old >> 32) + 1) << 32 | __atomic_load_n(&depot->nodes[top].next, __ATOMIC_RELAXED);
	} while (!__atomic_compare_exchange_n(&stack->head, &old, new, true, __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE));
	return top;
}

int depot_init(struct depot *depot, uint32_t count)
{
	uint32_t nodes = count / DEPOT_BATCH;
	int err;

	memset(depot, 0, sizeof(*depot));
	depot->low = count;
	depot->full.head = NONE;
	depot->empty.head = NONE;
	depot->nodes = aligned_alloc(64, (nodes + 1ul) * sizeof(*depot->nodes));
	if (!depot->nodes)
		return -ENOMEM;
	err = -pthread_mutex_init(&depot->lock, NULL);
	if (err) {
		free(depot->nodes);
		return err;
	}
	for (uint32_t i = 0; i < nodes; i++)
		push(depot, &depot->empty, i);
	return 0;
}

void depot_fini(struct depot *depot)
{
	pthread_mutex_destroy(&depot->lock);
	free(depot->nodes);
}

/* Remembers that only @left buffers were here. */
static void note_low(struct depot *depot, uint32_t left)
{
	uint32_t low = __atomic_load_n(&depot->low, __ATOMIC_RELAXED);

	while (left < low &&
	       !__atomic_compare_exchange_n(&depot->low, &low, left, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

bool depot_get_batch(struct depot *depot, uint32_t *bufs)
{
	uint32_t index = pop(depot, &depot->full), depth;

	if (index == NONE)
		return false;
	memcpy(bufs, depot->nodes[index].bufs, sizeof(depot->nodes[index].bufs));
	depth = __atomic_load_n(&depot->nodes[index].depth, __ATOMIC_RELAXED);
	push(depot, &depot->empty, index);
	note_low(depot, (depth - 1) * DEPOT_BATCH + __atomic_load_n(&depot->loose_len, __ATOMIC_RELAXED));
	return true;
}

bool depot_put_batch(struct depot *depot, const uint32_t *bufs)
{
	uint32_t index = pop(depot, &depot->empty);

	if (index == NONE)
		return false;
	memcpy(depot->nodes[index].bufs, bufs, sizeof(depot->nodes[index].bufs));
	push(depot, &depot->full, index);
	return true;
}

unsigned depot_get_loose(struct depot *depot, uint32_t *bufs, unsigned n)
{
	uint32_t len;

	if (!__atomic_load_n(&depot->loose_len, __ATOMIC_RELAXED))
		return 0;
	pthread_mutex_lock(&depot->lock);
	len = depot->loose_len;
	n = n < len ? n : len;
	len -= n;
	memcpy(bufs, &depot->loose[len], n * sizeof(*bufs));
	__atomic_store_n(&depot->loose_len, len, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&depot->lock);
	note_low(depot, depot_len(depot));
	return n;
}

/* Fewer than a batch: with the loose ones they may make one. */
static bool put_loose(struct depot *depot, const uint32_t *bufs, unsigned n)
{
	uint32_t len;
	bool put = true;

	pthread_mutex_lock(&depot->lock);
	len = depot->loose_len;
	memcpy(&depot->loose[len], bufs, n * sizeof(*bufs));
	len += n;
	if (len >= DEPOT_BATCH) {
		len -= DEPOT_BATCH;
		put = depot_put_batch(depot, &depot->loose[len]);
	}
	__atomic_store_n(&depot->loose_len, len, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&depot->lock);
	return put;
}

bool depot_put(struct depot *depot, const uint32_t *bufs, unsigned n)
{
	bool put = true;

	for (; n >= DEPOT_BATCH; n -= DEPOT_BATCH, bufs += DEPOT_BATCH)
		put &= depot_put_batch(depot, bufs);
	return n ? put_loose(depot, bufs, n) && put : put;
}

/* The depth belongs to the head that was read with it only if that is still the head. */
uint32_t depot_len(const struct depot *depot)
{
	uint64_t head = __atomic_load_n(&depot->full.head, __ATOMIC_ACQUIRE), seen;
	uint32_t depth;

	do {
		seen = head;
		depth = 0;
		if ((uint32_t)seen != NONE)
			depth = __atomic_load_n(&depot->nodes[(uint32_t)seen].depth, __ATOMIC_ACQUIRE);
		head = __atomic_load_n(&depot->full.head, __ATOMIC_ACQUIRE);
	} while (head != seen);
	return depth * DEPOT_BATCH + __atomic_load_n(&depot->loose_len, __ATOMIC_RELAXED);
}

uint32_t depot_low(const struct depot *depot)
{
	return __atomic_load_n(&depot->low, __ATOMIC_RELAXED);
}
