/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rings of packets by value, between threads (or, in shared memory, between processes).
 *
 *      producers            head                                consumers
 *         |  push            v                                     ^  pop
 *         v    +---+---+---+---+---+---+---+---+---+               |
 *              |   | p | p | p | p | p | p |   |   |   16 bytes a slot
 *              +---+---+---+---+---+---+---+---+---+
 *                    ^ tail
 *
 * Each side is for one thread (WEIR_RING_SP, WEIR_RING_SC) or for many. Several threads on one side take turns: a turn
 * is taken by moving the side's head away from its tail, and ended by the store that makes the entries visible, so a
 * packet of several entries is never interleaved with another and never split.
 *
 * "Burst" calls move as many whole packets as fit; "bulk" calls move all or nothing.
 */
#ifndef WEIR_RING_H
#define WEIR_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "pkt.h"
#include "weir.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WEIR_RING_SP 0x1u /* a single producer thread */
#define WEIR_RING_SC 0x2u /* a single consumer thread */

/** One side of a ring. */
struct weir_ring_end {
	/* Low half: tail, the entries finished. High half: head, the entries claimed. Equal: nobody is at work. */
	uint64_t head_tail;
	uint32_t other;   /* the opposite tail as last seen, so that its line is not read for every call */
	uint32_t peak;    /* producers: most entries ever in the ring */
	uint64_t refused; /* producers: entries that found no room */
};

struct weir_ring {
	uint32_t mask;      /* slots - 1 */
	uint32_t size;      /* entries it holds: what was asked for; slots is the next power of two */
	uint32_t watermark; /* weir_ring_above() from so many entries on */
	uint32_t flags;     /* WEIR_RING_* */
	struct weir *weir;
	char name[32];
	struct weir_ring_end prod __attribute__((aligned(128)));
	struct weir_ring_end cons __attribute__((aligned(128)));
	struct weir_pkt slots[] __attribute__((aligned(128)));
};

struct weir_ring_conf {
	const char *name;   /* for messages; copied; NULL: "ring" */
	uint32_t size;      /* entries, 1 to 2^30 */
	uint32_t watermark; /* 0: three quarters of the size */
	uint32_t flags;     /* WEIR_RING_SP, WEIR_RING_SC */
	int node;           /* WEIR_NODE(n) */
};

/**
 * Makes a ring, in the arena, so that another process which maps the arena can use it too. Lives until
 * weir_ring_destroy() or weir_close(). Returns 0, -EINVAL or -ENOMEM. Any thread.
 */
int weir_ring_create(struct weir *weir, const struct weir_ring_conf *conf, struct weir_ring **ring);

/** Destroys a ring; what it still holds is forgotten, not freed (pop it first). NULL is allowed. */
void weir_ring_destroy(struct weir_ring *ring);

/** Waits for another thread's turn to end: spins briefly, then yields the processor. Not to be called directly. */
void weir_ring_wait(unsigned tries);

/* --- inline implementation and calls go here; see the ring's owner --- */
#ifdef __cplusplus
}
#endif
#endif
