/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rings of packets by value, between threads (or, in shared memory, between processes).
 *
 *        consumers' tail                     producers' tail
 *              |                                   |
 *              v                                   v
 *      +---+---+---+---+---+---+---+---+---+---+---+---+---+---+
 *      |   |   | p | p | p | p | p | p | p | p | . | . |   |   |     16 bytes a slot
 *      +---+---+---+---+---+---+---+---+---+---+---+---+---+---+
 *              |------ weir_ring_count() ------|-------|
 *                                               claimed by the producer whose turn it is
 *
 * Each side is for one thread (WEIR_RING_SP, WEIR_RING_SC) or for many. Several threads on one side take turns: a turn
 * begins by claiming entries at the side's tail, which succeeds only while nobody has claimed any, and ends with the one
 * store that moves the tail and gives up the claim. Meanwhile the side is that thread's alone: what it copies in or out
 * is never interleaved with another thread's, and it may look at the packets before it decides how many to take. A turn
 * is short, but a thread that loses its processor within one holds up its side (not the other) until it runs again.
 *
 * A packet of several entries (WEIR_PKT_MORE) goes in and comes out whole, so a ring never begins or ends inside one.
 * "Burst" calls move as many whole packets as they can, "bulk" calls all or nothing.
 *
 * Tails count entries and run free; masked, they name a slot. Each side keeps a copy of the opposite tail and reads the
 * original, which the other side keeps writing, only when the copy does not suffice: consumers, when they know of too
 * few entries; producers, when the ring might become fuller than it ever was. So the peak, which is worth knowing
 * anyway, is also the mark below which there is room without a look.
 */
#ifndef WEIR_RING_H
#define WEIR_RING_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "pkt.h"
#include "weir.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WEIR_RING_SP 0x1u /* a single producer thread */
#define WEIR_RING_SC 0x2u /* a single consumer thread */

/* Left to itself, a compiler calls what is used twice, and then cannot tell burst from bulk nor one entry from many. */
#define WEIR_RING_INLINE static inline __attribute__((always_inline))

/** One side of a ring. */
struct weir_ring_side {
	/* Low half: tail. High half: entries claimed by the thread whose turn it is; 0 when nobody has one. */
	uint64_t turn __attribute__((aligned(64)));
	/* The rest is for whose turn it is, in a line that the other side does not read. */
	uint32_t other __attribute__((aligned(64))); /* the opposite tail as last seen */
	uint32_t peak;                               /* producers: most entries ever in the ring */
	uint64_t refused;                            /* producers: entries that were not taken */
};

struct weir_ring {
	uint32_t mask;      /* slots - 1 */
	uint32_t size;      /* entries it holds: what was asked for; slots is the next power of two */
	uint32_t watermark; /* weir_ring_above() from so many entries on */
	uint32_t flags;     /* WEIR_RING_* */
	struct weir *weir;
	char name[32];
	struct weir_ring_side prod __attribute__((aligned(128)));
	struct weir_ring_side cons __attribute__((aligned(128)));
	struct weir_pkt slots[] __attribute__((aligned(128)));
};

struct weir_ring_conf {
	const char *name;   /* for messages; copied; NULL: "ring" */
	uint32_t size;      /* entries, 1 to 2^30 */
	uint32_t watermark; /* 1 to size; 0: three quarters of the size */
	uint32_t flags;     /* WEIR_RING_SP, WEIR_RING_SC */
	int node;           /* WEIR_NODE(n) */
};

/** A moment's view of a ring. */
struct weir_ring_info {
	char name[32];
	uint32_t size;
	uint32_t count; /* entries in it */
	uint32_t watermark;
	uint32_t peak;    /* most entries that a push ever left in it */
	uint64_t refused; /* entries that pushes did not take, each time they were tried */
};

/**
 * Makes a ring, in the arena, so that another process which maps the arena can use it too. Lives until
 * weir_ring_destroy() or weir_close(). Returns 0, -EINVAL or -ENOMEM, and then sets *@ring to NULL. Any thread.
 */
int weir_ring_create(struct weir *weir, const struct weir_ring_conf *conf, struct weir_ring **ring);

/** Destroys a ring; what it still holds is forgotten, not freed (pop it first). NULL is allowed. */
void weir_ring_destroy(struct weir_ring *ring);

/** Fills @info. Any thread. */
void weir_ring_info(const struct weir_ring *ring, struct weir_ring_info *info);

/* --- how it works; not to be called directly -------------------------------------------------------------------- */

/*
 * A side's tail. Whoever sees the producers' tail sees the packets before it; whoever sees the consumers' tail may
 * overwrite the slots before it.
 */
static inline uint32_t weir_ring_tail(const struct weir_ring_side *side)
{
	return (uint32_t)__atomic_load_n(&side->turn, __ATOMIC_ACQUIRE);
}

/* Begins a turn for @n (not 0) entries unless somebody else has one. @tail: the side's, as last seen. */
static inline bool weir_ring_claim(struct weir_ring_side *side, uint64_t tail, uint32_t n)
{
	return tail <= UINT32_MAX && __atomic_compare_exchange_n(&side->turn, &tail, (uint64_t)n << 32 | tail, false,
	                                                         __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* The same when others are about: waits until it is this thread's turn, and returns the side's tail. */
uint32_t weir_ring_queue(struct weir_ring_side *side, uint32_t n);

/* Begins a turn for @n (not 0) entries and returns the side's tail. */
static inline uint32_t weir_ring_begin(struct weir_ring_side *side, uint32_t alone, uint32_t n)
{
	uint64_t seen = __atomic_load_n(&side->turn, __ATOMIC_RELAXED);

	/* Returned as it was loaded: what comes next need not wait for the exchange to confirm it. */
	if (alone || __builtin_expect(weir_ring_claim(side, seen, n), 1))
		return (uint32_t)seen;
	return weir_ring_queue(side, n);
}

/* Ends a turn: all entries before @tail are done with. */
static inline void weir_ring_finish(struct weir_ring_side *side, uint32_t tail)
{
	__atomic_store_n(&side->turn, tail, __ATOMIC_RELEASE);
}

/* Worth a branch: for one entry a call of memcpy() would cost more than all the rest. */
static inline void weir_ring_copy(struct weir_pkt *to, const struct weir_pkt *from, unsigned n)
{
	if (n == 1)
		memcpy(to, from, sizeof(*to));
	else
		memcpy(to, from, n * sizeof(*to));
}

/* Copy @n (not 0) entries in behind @tail, or out; in two parts where the slots end. */
static inline void weir_ring_write(struct weir_ring *ring, uint32_t tail, const struct weir_pkt *pkts, unsigned n)
{
	uint32_t slot = tail & ring->mask;

	if (__builtin_expect(n == 1 || slot + (n - 1) <= ring->mask, 1)) {
		weir_ring_copy(&ring->slots[slot], pkts, n);
	} else {
		unsigned to_end = ring->mask + 1 - slot;

		memcpy(&ring->slots[slot], pkts, to_end * sizeof(*pkts));
		memcpy(ring->slots, pkts + to_end, (n - to_end) * sizeof(*pkts));
	}
}

static inline void weir_ring_read(const struct weir_ring *ring, uint32_t tail, struct weir_pkt *pkts, unsigned n)
{
	uint32_t slot = tail & ring->mask;

	if (__builtin_expect(n == 1 || slot + (n - 1) <= ring->mask, 1)) {
		weir_ring_copy(pkts, &ring->slots[slot], n);
	} else {
		unsigned to_end = ring->mask + 1 - slot;

		memcpy(pkts, &ring->slots[slot], to_end * sizeof(*pkts));
		memcpy(pkts + to_end, ring->slots, (n - to_end) * sizeof(*pkts));
	}
}

/* Whether @n (not 0) entries fit behind the producers' @tail, without more than ever before; or are there from the consumers'. */
static inline bool weir_ring_fit(struct weir_ring *ring, uint32_t tail, unsigned n)
{
	struct weir_ring_side *prod = &ring->prod;

	if (n > prod->peak - (tail - prod->other))
		prod->other = weir_ring_tail(&ring->cons);
	return n <= prod->peak - (tail - prod->other);
}

static inline bool weir_ring_there(struct weir_ring *ring, uint32_t tail, unsigned n)
{
	struct weir_ring_side *cons = &ring->cons;

	if (n > cons->other - tail)
		cons->other = weir_ring_tail(&ring->prod);
	return n <= cons->other - tail;
}

/*
 * The rest of a turn that is not the plain case: not all of @n fit or are there, a packet is cut off at @n, the peak
 * rises. They end the turn.
 */
unsigned weir_ring_put_some(struct weir_ring *ring, uint32_t tail, const struct weir_pkt *pkts, unsigned n, bool all);
unsigned weir_ring_get_some(struct weir_ring *ring, uint32_t tail, struct weir_pkt *pkts, unsigned n, bool all);

/*
 * Begins a turn to put in @n (not 0) entries, or to take them out; @alone: nobody else could have one. In the plain case
 * they are all to be copied at the side's tail, and the turn ends with weir_ring_finish(); false in any other.
 */
WEIR_RING_INLINE bool weir_ring_put_begin(struct weir_ring *ring, const struct weir_pkt *pkts, unsigned n,
                                          uint32_t alone, uint32_t *tail)
{
	*tail = weir_ring_begin(&ring->prod, alone, n);
	return __builtin_expect(weir_ring_fit(ring, *tail, n) && !(pkts[n - 1].flags & WEIR_PKT_MORE), 1);
}

WEIR_RING_INLINE bool weir_ring_get_begin(struct weir_ring *ring, unsigned n, uint32_t alone, uint32_t *tail)
{
	*tail = weir_ring_begin(&ring->cons, alone, n);
	return __builtin_expect(
	    weir_ring_there(ring, *tail, n) && !(ring->slots[(*tail + n - 1) & ring->mask].flags & WEIR_PKT_MORE), 1);
}

WEIR_RING_INLINE unsigned weir_ring_put(struct weir_ring *ring, const struct weir_pkt *pkts, unsigned n, bool all)
{
	uint32_t tail;

	if (!n)
		return 0;
	if (!weir_ring_put_begin(ring, pkts, n, ring->flags & WEIR_RING_SP, &tail))
		return weir_ring_put_some(ring, tail, pkts, n, all);
	weir_ring_write(ring, tail, pkts, n);
	weir_ring_finish(&ring->prod, tail + n);
	return n;
}

WEIR_RING_INLINE unsigned weir_ring_get(struct weir_ring *ring, struct weir_pkt *pkts, unsigned n, bool all)
{
	uint32_t tail;

	if (!n)
		return 0;
	if (!weir_ring_get_begin(ring, n, ring->flags & WEIR_RING_SC, &tail))
		return weir_ring_get_some(ring, tail, pkts, n, all);
	weir_ring_read(ring, tail, pkts, n);
	weir_ring_finish(&ring->cons, tail + n);
	return n;
}

/* --- using it ---------------------------------------------------------------------------------------------------- */

/**
 * Puts in as many of the @n entries at @pkts as fit, whole packets only; a packet that @n cuts off is not taken.
 *
 * Never waits for room. Returns the number of entries taken; the others stay the caller's. A packet of more entries
 * than the ring's size is never taken. Threads: WEIR_RING_SP.
 */
WEIR_RING_INLINE unsigned weir_ring_push(struct weir_ring *ring, const struct weir_pkt *pkts, unsigned n)
{
	return weir_ring_put(ring, pkts, n, false);
}

/** Puts in all @n entries, whole packets, or none. Returns @n or 0. Threads: WEIR_RING_SP. */
WEIR_RING_INLINE unsigned weir_ring_push_bulk(struct weir_ring *ring, const struct weir_pkt *pkts, unsigned n)
{
	return weir_ring_put(ring, pkts, n, true);
}

/**
 * Takes out up to @n entries, whole packets only, into @pkts.
 *
 * Never waits for packets. Returns the number of entries, 0 when the ring is empty or its first packet has more than
 * @n. Threads: WEIR_RING_SC.
 */
WEIR_RING_INLINE unsigned weir_ring_pop(struct weir_ring *ring, struct weir_pkt *pkts, unsigned n)
{
	return weir_ring_get(ring, pkts, n, false);
}

/**
 * Takes out exactly @n entries, whole packets, or none: when there are fewer, or the last packet would be cut. Returns
 * @n or 0. Threads: WEIR_RING_SC.
 */
WEIR_RING_INLINE unsigned weir_ring_pop_bulk(struct weir_ring *ring, struct weir_pkt *pkts, unsigned n)
{
	return weir_ring_get(ring, pkts, n, true);
}

/** Entries in the ring, at a moment during the call. Any thread. */
static inline uint32_t weir_ring_count(const struct weir_ring *ring)
{
	uint32_t first = weir_ring_tail(&ring->cons);
	uint32_t count = weir_ring_tail(&ring->prod) - first;

	/* Both may have moved on since the first was read. */
	return count < ring->size ? count : ring->size;
}

/** Entries that there is room for. Any thread. */
static inline uint32_t weir_ring_free_slots(const struct weir_ring *ring)
{
	return ring->size - weir_ring_count(ring);
}

/** Whether the ring is at least as full as its watermark: time for producers to slow down. Any thread. */
static inline bool weir_ring_above(const struct weir_ring *ring)
{
	return weir_ring_count(ring) >= ring->watermark;
}

#ifdef __cplusplus
}
#endif
#endif
