/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The data path of ports that are joined by rings, once for each CPU level.
 *
 * Turns (weir/ring.h) cost two atomic operations for each burst that goes around, more than moving it. A port that is the
 * only one on its side needs none, since one thread at a time uses a queue; but a second port may come while the first is
 * at work. So the only one says that it is in the ring (side->busy) before it looks whether it still is the only one
 * (side->shared), and the second says that it comes before it looks whether the first is in the ring. As with waiting, the
 * one that has time passes the barrier for both: see side_join().
 *
 * All that a port counts and looks for is in one sum over the packets that it copies anyway: of their lengths in one word, of
 * those flags that matter in another. A sender looks at it before it shows the receiver what it has written.
 */
#include "core/cpu.h"
#include "ring.h"

#define RING_RX LEVEL(ring_rx_v, CPU_LEVEL)
#define RING_TX LEVEL(ring_tx_v, CPU_LEVEL)

#define LANES (CPU_LEVEL < 3 ? 1 : CPU_LEVEL == 3 ? 2 : 4) /* packets in a vector */

static_assert(offsetof(struct weir_pkt, len) == 6 && offsetof(struct weir_pkt, flags) == 14,
              "the upper halves of words");

typedef uint32_t vec __attribute__((vector_size(16 * LANES)));
typedef uint32_t half __attribute__((vector_size(LANES >= 2 ? 32 : 16)));
typedef uint32_t quad __attribute__((vector_size(16)));

/* What is to know of a run of packets: the sums of their lengths, and of their flags that were asked for. */
struct ring_sums {
	uint32_t bytes;
	uint32_t flags;
};

/* Entries at once: no sum is more than 32 bits, of lengths or of flags that a sender looks for. */
#define RUN_MAX 65535u
#define ODD     (WEIR_PKT_MORE | WEIR_PKT_TX_TSO)

static_assert((uint64_t)RUN_MAX * ODD <= UINT32_MAX, "a sum of 32 bits");

/* Adds up what lies in each 16 bytes of @all. */
static inline __attribute__((always_inline)) quad fold(vec all)
{
#if LANES == 4
	half two = __builtin_shufflevector(all, all, 0, 1, 2, 3, 4, 5, 6, 7) +
	           __builtin_shufflevector(all, all, 8, 9, 10, 11, 12, 13, 14, 15);
#else
	half two = all;
#endif
#if LANES >= 2
	return __builtin_shufflevector(two, two, 0, 1, 2, 3) + __builtin_shufflevector(two, two, 4, 5, 6, 7);
#else
	return two;
#endif
}

/* Copies @n entries in one pass, and sums up their lengths and those of their @flags. */
static inline __attribute__((always_inline)) struct ring_sums
ring_copy(struct weir_pkt *to, const struct weir_pkt *pkts, unsigned n, uint32_t flags)
{
	const struct weir_pkt *end = pkts + n;
	const quad one = { 0, UINT16_MAX, 0, flags };
	struct ring_sums sums;
	vec all = { 0 }, mask, some, more;
	quad sum;

	for (unsigned i = 0; i < LANES; i++)
		memcpy((char *)&mask + i * sizeof(one), &one, sizeof(one));
	for (; end - pkts >= 2 * LANES; pkts += 2 * LANES, to += 2 * LANES) {
		memcpy(&some, pkts, sizeof(some));
		memcpy(&more, pkts + LANES, sizeof(more));
		all += ((some >> 16) & mask) + ((more >> 16) & mask);
		memcpy(to, &some, sizeof(some));
		memcpy(to + LANES, &more, sizeof(more));
	}
	if (end - pkts >= LANES) {
		memcpy(&some, pkts, sizeof(some));
		all += (some >> 16) & mask;
		memcpy(to, &some, sizeof(some));
		pkts += LANES, to += LANES;
	}
	sum = fold(all);
	sums.bytes = sum[1];
	sums.flags = sum[3];
	for (; pkts < end; pkts++) {
		sums.bytes += pkts->len;
		sums.flags += pkts->flags & flags;
		*to++ = *pkts;
	}
	return sums;
}

/* Whether @n (not 0) entries from @tail on lie one behind the other. */
static inline bool in_one_piece(const struct weir_ring *ring, uint32_t tail, unsigned n)
{
	return (tail & ring->mask) + (n - 1) <= ring->mask;
}

/* Begins to use a ring from one side. True when its port is the only one there; then side_leave() must follow. */
static inline bool side_enter(struct ring_side *side)
{
	if (unlikely(__atomic_load_n(&side->shared, __ATOMIC_RELAXED)))
		return false;
	__atomic_store_n(&side->busy, 1, __ATOMIC_RELAXED);
	__atomic_signal_fence(__ATOMIC_SEQ_CST); /* the compiler, too, must not look first */
	if (likely(!__atomic_load_n(&side->shared, __ATOMIC_RELAXED)))
		return true;
	__atomic_store_n(&side->busy, 0, __ATOMIC_RELEASE);
	return false;
}

static inline void side_leave(struct ring_side *side)
{
	__atomic_store_n(&side->busy, 0, __ATOMIC_RELEASE);
}

/* Receives whatever there is, in turns with other ports. */
static __attribute__((noinline)) unsigned rx_in_turns(struct weir_rxq *rxq, struct ring_wire *wire,
                                                      struct weir_pkt *pkts, unsigned n)
{
	unsigned got = weir_ring_pop(wire->ring, pkts, n);

	queue_count_pkts(&rxq->stats, pkts, got);
	return got;
}

/* Goes on where it is not the plain case: fewer than @n are there, they are in two pieces, or a packet is cut at @n. */
static __attribute__((noinline)) unsigned rx_some(struct weir_rxq *rxq, struct ring_wire *wire, struct weir_pkt *pkts,
                                                  unsigned n, uint32_t tail)
{
	unsigned got = weir_ring_get_some(wire->ring, tail, pkts, n, false);

	side_leave(&wire->sides[FROM]);
	if (got)
		queue_count_pkts(&rxq->stats, pkts, got);
	return got;
}

unsigned RING_RX(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	struct ring_wire *wire = container_of(rxq, struct ring_rxq, rxq)->wire;
	struct weir_ring *ring = wire->ring;
	struct ring_sums sums;
	uint32_t tail;

	if (unlikely(!n))
		return 0;
	n = n < RUN_MAX ? n : RUN_MAX;
	if (unlikely(!side_enter(&wire->sides[FROM])))
		return rx_in_turns(rxq, wire, pkts, n);
	tail = weir_ring_begin(&ring->cons, true, n);
	if (unlikely(!weir_ring_there(ring, tail, n) || !in_one_piece(ring, tail, n)))
		return rx_some(rxq, wire, pkts, n, tail);
	sums = ring_copy(pkts, &ring->slots[tail & ring->mask], n, WEIR_PKT_MORE);
	if (unlikely(sums.flags && pkts[n - 1].flags & WEIR_PKT_MORE))
		return rx_some(rxq, wire, pkts, n, tail);
	weir_ring_finish(&ring->cons, tail + n);
	side_leave(&wire->sides[FROM]);
	queue_count(&rxq->stats, n - sums.flags, sums.bytes);
	return n;
}

/* How many entries come before the first packet that no receiver could take. */
static unsigned tx_good(const struct weir_ring *ring, const struct weir_pkt *pkts, unsigned n)
{
	unsigned most = ring->size < RING_ENTRIES_MAX ? ring->size : RING_ENTRIES_MAX;
	unsigned good = 0, entries;

	while (good < n && !(pkts[good].flags & WEIR_PKT_TX_TSO)) {
		entries = weir_pkt_entries(pkts + good, n - good);
		if (!entries || entries > most)
			break;
		good += entries;
	}
	return good;
}

/* Takes the first packet, and drops it: it has more entries than fit, or is to be cut into segments. */
static unsigned tx_drop(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n)
{
	unsigned entries = weir_pkt_entries(pkts, n);

	if (!entries)
		return 0;
	queue_drop(&txq->stats, pkts->flags & WEIR_PKT_TX_TSO ? WEIR_DROP_OFFLOAD : WEIR_DROP_TOO_LONG, 1);
	weir_pool_free(txq->cache, pkts, entries);
	return entries;
}

/* Sends what any receiver can take, in turns with other ports if there are any; or drops what none can. */
static __attribute__((noinline)) unsigned tx_in_turns(struct weir_txq *txq, struct ring_wire *wire,
                                                      const struct weir_pkt *pkts, unsigned n)
{
	unsigned good = tx_good(wire->ring, pkts, n), sent;

	if (n && !good)
		return tx_drop(txq, pkts, n);
	sent = weir_ring_push(wire->ring, pkts, good);
	queue_count_pkts(&txq->stats, pkts, sent);
	return sent;
}

/*
 * Sends all @n (not 0) packets from the only port on its side, in the plain case. False, with nothing sent, in any other: the
 * ring may be full, the free slots are in two pieces, or not all packets are of one entry each.
 */
static inline bool tx_alone(struct weir_txq *txq, struct ring_wire *wire, const struct weir_pkt *pkts, unsigned n)
{
	struct weir_ring *ring = wire->ring;
	uint32_t tail = weir_ring_begin(&ring->prod, true, n);
	struct ring_sums sums;

	if (unlikely(!weir_ring_fit(ring, tail, n) || !in_one_piece(ring, tail, n)))
		return false;
	sums = ring_copy(&ring->slots[tail & ring->mask], pkts, n, ODD);
	if (unlikely(sums.flags))
		return false;
	weir_ring_finish(&ring->prod, tail + n);
	queue_count(&txq->stats, n, sums.bytes);
	return true;
}

unsigned RING_TX(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n)
{
	struct ring_wire *wire = container_of(txq, struct ring_txq, txq)->wire;
	bool done = false;
	unsigned sent;

	n = n < RUN_MAX ? n : RUN_MAX;
	if (likely(n && side_enter(&wire->sides[TO]))) {
		done = tx_alone(txq, wire, pkts, n);
		side_leave(&wire->sides[TO]);
	}
	sent = likely(done) ? n : tx_in_turns(txq, wire, pkts, n);
	__atomic_signal_fence(__ATOMIC_SEQ_CST); /* as above: push, then look */
	if (unlikely(__atomic_load_n(&wire->armed, __ATOMIC_RELAXED) || wire->strict) && sent)
		ring_wake(wire);
	return sent;
}
