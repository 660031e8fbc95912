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
 * All that a port counts and looks for is in two sums over the packets: of their lengths, and of their flags by OR. Those
 * lie at the same place of each 16 bytes, so that one addition and one OR serve all packets of a vector.
 */
#include "core/cpu.h"
#include "ring.h"

#define RING_RX LEVEL(ring_rx_v, CPU_LEVEL)
#define RING_TX LEVEL(ring_tx_v, CPU_LEVEL)

#define LANES (CPU_LEVEL < 3 ? 1 : CPU_LEVEL == 3 ? 2 : 4) /* packets in a vector */

static_assert(offsetof(struct weir_pkt, len) == 6 && offsetof(struct weir_pkt, flags) == 14,
              "the upper halves of words");

typedef uint32_t vec __attribute__((vector_size(16 * LANES)));
typedef uint32_t quad __attribute__((vector_size(16)));

/* One packet of a vector. */
#define LANE(all, i) __builtin_shufflevector(all, all, (i)*4, (i)*4 + 1, (i)*4 + 2, (i)*4 + 3)

/* What is to know of a run of packets. */
struct ring_sums {
	uint64_t bytes;
	uint32_t flags; /* of all of them, in the upper half */
};

#define RUN_MAX 65536u /* entries at once: a lane's sum of lengths has 32 bits */

/* One pass over @n entries, which copies them to @to unless that is NULL. */
static inline __attribute__((always_inline)) struct ring_sums ring_copy(struct weir_pkt *to,
                                                                        const struct weir_pkt *pkts, unsigned n)
{
	const struct weir_pkt *end = pkts + n;
	struct ring_sums sums;
	vec lengths = { 0 }, any = { 0 }, some;
	quad length, flags;

	for (; end - pkts >= LANES; pkts += LANES) {
		memcpy(&some, pkts, sizeof(some));
		lengths += some >> 16;
		any |= some;
		if (to) {
			memcpy(to, &some, sizeof(some));
			to += LANES;
		}
	}
	length = LANE(lengths, 0);
	flags = LANE(any, 0);
#if LANES >= 2
	length += LANE(lengths, 1);
	flags |= LANE(any, 1);
#endif
#if LANES == 4
	length += LANE(lengths, 2) + LANE(lengths, 3);
	flags |= LANE(any, 2) | LANE(any, 3);
#endif
	sums.bytes = length[1];
	sums.flags = flags[3];
	for (; pkts < end; pkts++) {
		sums.bytes += pkts->len;
		sums.flags |= (uint32_t)pkts->flags << 16;
		if (to)
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
	if (unlikely(!weir_ring_get_begin(ring, n, true, &tail) || !in_one_piece(ring, tail, n)))
		return rx_some(rxq, wire, pkts, n, tail);
	sums = ring_copy(pkts, &ring->slots[tail & ring->mask], n);
	weir_ring_finish(&ring->cons, tail + n);
	side_leave(&wire->sides[FROM]);
	if (unlikely(sums.flags & WEIR_PKT_MORE << 16))
		queue_count_pkts(&rxq->stats, pkts, n);
	else
		queue_count(&rxq->stats, n, sums.bytes);
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

/*
 * Sends what any receiver can take, in turns with other ports if there are any; or drops what none can. @odd: there may be
 * such packets.
 */
static __attribute__((noinline)) unsigned tx_in_turns(struct weir_txq *txq, struct ring_wire *wire,
                                                      const struct weir_pkt *pkts, unsigned n, bool odd)
{
	unsigned good = odd ? tx_good(wire->ring, pkts, n) : n, sent;

	if (n && !good)
		return tx_drop(txq, pkts, n);
	sent = weir_ring_push(wire->ring, pkts, good);
	queue_count_pkts(&txq->stats, pkts, sent);
	return sent;
}

/* Goes on where it is not the plain case: the ring may be full, or the free slots are in two pieces. */
static __attribute__((noinline)) unsigned tx_some(struct weir_txq *txq, struct ring_wire *wire,
                                                  const struct weir_pkt *pkts, unsigned n, uint32_t tail, bool fits)
{
	unsigned sent = n;

	if (fits) {
		weir_ring_write(wire->ring, tail, pkts, n);
		weir_ring_finish(&wire->ring->prod, tail + n);
	} else {
		sent = weir_ring_put_some(wire->ring, tail, pkts, n, false);
	}
	side_leave(&wire->sides[TO]);
	queue_count_pkts(&txq->stats, pkts, sent);
	return sent;
}

static inline unsigned tx_alone(struct weir_txq *txq, struct ring_wire *wire, const struct weir_pkt *pkts, unsigned n,
                                uint64_t bytes)
{
	struct weir_ring *ring = wire->ring;
	uint32_t tail;
	bool fits = weir_ring_put_begin(ring, pkts, n, true, &tail);

	if (unlikely(!fits || !in_one_piece(ring, tail, n)))
		return tx_some(txq, wire, pkts, n, tail, fits);
	(void)ring_copy(&ring->slots[tail & ring->mask], pkts, n);
	weir_ring_finish(&ring->prod, tail + n);
	side_leave(&wire->sides[TO]);
	queue_count(&txq->stats, n, bytes);
	return n;
}

unsigned RING_TX(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n)
{
	struct ring_wire *wire = container_of(txq, struct ring_txq, txq)->wire;
	struct ring_sums sums;
	unsigned sent;
	bool odd;

	n = n < RUN_MAX ? n : RUN_MAX;
	sums = ring_copy(NULL, pkts, n);
	odd = sums.flags & (WEIR_PKT_MORE | WEIR_PKT_TX_TSO) << 16;
	if (likely(n && !odd && side_enter(&wire->sides[TO])))
		sent = tx_alone(txq, wire, pkts, n, sums.bytes);
	else
		sent = tx_in_turns(txq, wire, pkts, n, odd);
	__atomic_signal_fence(__ATOMIC_SEQ_CST); /* as above: push, then look */
	if (unlikely(__atomic_load_n(&wire->armed, __ATOMIC_RELAXED) || wire->strict) && sent)
		ring_wake(wire);
	return sent;
}
