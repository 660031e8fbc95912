/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Receiving: descriptors that the device wrote back become packets, their slots get new buffers. Compiled once per CPU
 * level, though it is the same C in each: at a gigabit the device is never faster than that.
 *
 * A variant is rx() with a constant set of what it can do: RX_LEGACY, RX_FULL. Legacy descriptors are read as if they
 * were extended ones.
 *
 * The device is not trusted (TRUST in e1000.c): each word of a descriptor is read once, and nothing follows from it but
 * the length of data in a buffer that is known to be that long.
 */
#include "regs/e1000_bits.h"
#include "ring.h"

#define PASTE(a, b) a##b
#define LEVEL(a, b) PASTE(a, b)

#define RX_REFILL         LEVEL(e1000_rx_refill_v, CPU_LEVEL)
#define RX_LEGACY_PLAIN   LEVEL(e1000_rx_legacy_plain_v, CPU_LEVEL)
#define RX_LEGACY_FULL    LEVEL(e1000_rx_legacy_full_v, CPU_LEVEL)
#define RX_EXTENDED_PLAIN LEVEL(e1000_rx_extended_plain_v, CPU_LEVEL)
#define RX_EXTENDED_FULL  LEVEL(e1000_rx_extended_full_v, CPU_LEVEL)

#define ALWAYS static inline __attribute__((always_inline))

#define RX_LEGACY 1u /* the format of descriptors */
#define RX_FULL   2u /* chains; what descriptors say of checksums, tags and hashes is passed on */

#define RX_LEAST    14u /* bytes of a frame: its header */
#define DONE_LEN(d) ((uint32_t)((d) >> 32) & 0xffffu)
#define RXD_DAMAGED (RXS_CE | RXS_SE | RXS_RXE)

/* --- new buffers ---------------------------------------------------------------------------------------------------------- */

/* How far the tail may go: whole batches, and never up to the head, for that would mean that all slots are free. */
ALWAYS uint32_t rx_limit(const struct e1000_rxq *q)
{
	return (q->head + q->mask) & ~(E1000_BATCH - 1);
}

ALWAYS uint64_t rx_iova(const struct e1000_rxq *q, uint32_t buf)
{
	return bus_iova(q->pages, ((uint64_t)buf << 6) + q->headroom);
}

/*
 * ERRATUM_64K: replaces those of the @n buffers that cross such a boundary, and keeps the buffers that are left when there
 * is nothing to replace them with in front. Returns how many those are.
 */
static uint32_t rx_refit(struct e1000_rxq *q, uint32_t *bufs, uint32_t n)
{
	uint32_t unfit[E1000_BATCH], count = 0, kept = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t buf = bufs[i];
		bool fits;

		do {
			uint64_t first = rx_iova(q, buf), last = first + q->room - 1;

			fits = first >> 16 == last >> 16;
			if (!fits)
				unfit[count++] = buf;
		} while (!fits && count < E1000_BATCH && weir_pool_alloc_bufs(q->rxq.cache, &buf, 1));
		if (fits)
			bufs[kept++] = buf;
		if (count == E1000_BATCH) {
			while (++i < n)
				weir_pool_free_bufs(q->rxq.cache, &bufs[i], 1);
			break;
		}
	}
	weir_pool_free_bufs(q->rxq.cache, unfit, count);
	return kept;
}

void RX_REFILL(struct e1000_rxq *q);

/* Gives new buffers to free slots and tells the device. A run of slots ends with its batch, so it never wraps. */
void RX_REFILL(struct e1000_rxq *q)
{
	uint32_t tail = q->tail, limit = rx_limit(q);

	while ((int32_t)(limit - tail) > 0) {
		uint32_t slot = tail & q->mask, run = E1000_BATCH - tail % E1000_BATCH, got;
		uint32_t *bufs = &q->bufs[slot];

		got = weir_pool_alloc_bufs(q->rxq.cache, bufs, run);
		if (unlikely(q->within_64k))
			got = rx_refit(q, bufs, got);
		for (uint32_t i = 0; i < got; i++) {
			q->ring[slot + i].read.packet = rx_iova(q, bufs[i]);
			q->ring[slot + i].read.none = 0;
		}
		tail += got;
		if (got < run)
			break;
	}
	if (tail == q->tail)
		return;
	q->tail = tail;
	bus_ring_doorbell(&q->tail_bell, tail & q->mask);
}

/* --- descriptors ---------------------------------------------------------------------------------------------------------- */

/* Status and errors, length << 32, VLAN tag << 48: the word that is written last, so it is read first. */
ALWAYS uint64_t rx_done(const struct e1000_rxq *q, uint32_t slot, unsigned what)
{
	uint64_t done = __atomic_load_n(&q->ring[slot & q->mask].done.done, __ATOMIC_ACQUIRE);

	if (!(what & RX_LEGACY))
		return done;
	return (done >> 32 & 0xff) | (done >> 40 & 0xff) << 24 | (done & 0xffff) << 32 | (done >> 48) << 48;
}

/* Whether a frame is damaged, or a descriptor says what cannot be; WEIR_DROP_COUNT: neither. */
ALWAYS enum weir_drop rx_check(const struct e1000_rxq *q, uint64_t done)
{
	if (unlikely((uint32_t)done & RXD_DAMAGED))
		return WEIR_DROP_CRC;
	if (unlikely(DONE_LEN(done) - 1 >= q->room)) /* none, or more than there is room for */
		return WEIR_DROP_DEVICE;
	return WEIR_DROP_COUNT;
}

/* No frame is shorter than its header, or longer than the MTU allows. */
ALWAYS enum weir_drop rx_check_frame(const struct e1000_rxq *q, uint32_t len)
{
	if (unlikely(len < RX_LEAST))
		return WEIR_DROP_DEVICE;
	return len <= __atomic_load_n(&q->frame_max, __ATOMIC_RELAXED) ? WEIR_DROP_COUNT : WEIR_DROP_TOO_LONG;
}

ALWAYS void rx_fill(const struct e1000_rxq *q, uint32_t slot, uint64_t done, struct weir_pkt *pkt)
{
	pkt->buf = q->bufs[slot & q->mask];
	pkt->off = q->headroom;
	pkt->len = (uint16_t)DONE_LEN(done);
}

/* What the descriptor says of the packet. It says of no packet what it is. */
ALWAYS void rx_describe(const struct e1000_rxq *q, uint32_t slot, uint64_t done, struct weir_pkt *pkt, unsigned what)
{
	const union e1000_rx_desc *desc = &q->ring[slot & q->mask];
	uint32_t status = (uint32_t)done, flags = 0;

	pkt->hash = 0;
	pkt->vlan = 0;
	pkt->flags = 0;
	if (!(what & RX_FULL))
		return;
	if (status & RXD_VP) {
		flags |= WEIR_PKT_VLAN;
		pkt->vlan = (uint16_t)(done >> 48);
	}
	if (!(status & RXS_IXSM)) {
		if (status & RXD_IPCS)
			flags |= status & RXS_IPE ? WEIR_PKT_IP_BAD : WEIR_PKT_IP_GOOD;
		if (status & (RXD_L4CS | RXD_UDPCS))
			flags |= status & RXS_L4E ? WEIR_PKT_L4_BAD : WEIR_PKT_L4_GOOD;
	}
	if (!(what & RX_LEGACY) && __atomic_load_n(&desc->done.type, __ATOMIC_RELAXED) & RXD_RSS_TYPE) {
		flags |= WEIR_PKT_HASH;
		pkt->hash = __atomic_load_n(&desc->done.hash, __ATOMIC_RELAXED);
	}
	pkt->flags = (uint16_t)(flags & q->wanted);
}

/* --- packets -------------------------------------------------------------------------------------------------------------- */

/* Frees the buffers of @n slots, and counts them as one packet that was dropped. */
static void rx_discard(struct e1000_rxq *q, uint32_t n, enum weir_drop reason)
{
	for (uint32_t i = 0; i < n; i++)
		weir_pool_free_bufs(q->rxq.cache, &q->bufs[q->head++ & q->mask], 1);
	queue_drop(&q->rxq.stats, reason, 1);
}

/* The number of descriptors of the packet at the head; 0: not all is there; more than entries_max: it never ends. */
ALWAYS uint32_t rx_chain_length(const struct e1000_rxq *q, unsigned what)
{
	for (uint32_t n = 0; n != q->tail - q->head; n++) {
		uint64_t done = rx_done(q, q->head + n, what);

		if (n == q->entries_max)
			return n + 1;
		if (!(done & RXD_DD))
			return 0;
		if (done & RXD_EOP)
			return n + 1;
	}
	return 0;
}

ALWAYS void rx_skip(struct e1000_rxq *q, unsigned what)
{
	while (q->head != q->tail) {
		uint64_t done = rx_done(q, q->head, what);

		if (!(done & RXD_DD))
			return;
		weir_pool_free_bufs(q->rxq.cache, &q->bufs[q->head++ & q->mask], 1);
		if (done & RXD_EOP) {
			q->skip = false;
			return;
		}
	}
}

/* A packet of more buffers than any may have: it is dropped up to its end, which need not be there yet. Returns 0. */
ALWAYS int rx_give_up(struct e1000_rxq *q, unsigned what)
{
	rx_discard(q, q->entries_max, WEIR_DROP_TOO_LONG);
	q->skip = true;
	rx_skip(q, what);
	return 0;
}

/*
 * Takes a packet of @n descriptors to @pkts. Returns @n, or 0 when it was dropped. What holds for all of it stands in the
 * last descriptor; all buffers but the last are full.
 */
ALWAYS uint32_t rx_take(struct e1000_rxq *q, struct weir_pkt *pkts, uint32_t n, unsigned what)
{
	uint32_t last = q->head + n - 1, total = (n - 1) * q->room;
	uint64_t done = rx_done(q, last, what);
	enum weir_drop reason = rx_check(q, done);

	for (uint32_t i = 0; i + 1 < n; i++) {
		uint64_t part = rx_done(q, q->head + i, what);

		pkts[i] = (struct weir_pkt){ .flags = WEIR_PKT_MORE };
		rx_fill(q, q->head + i, part, &pkts[i]);
		if (unlikely(DONE_LEN(part) != q->room))
			reason = WEIR_DROP_DEVICE;
	}
	if (likely(reason == WEIR_DROP_COUNT))
		reason = rx_check_frame(q, total + DONE_LEN(done));
	if (unlikely(reason != WEIR_DROP_COUNT)) {
		rx_discard(q, n, reason);
		return 0;
	}
	rx_fill(q, last, done, &pkts[n - 1]);
	pkts[n - 1].flags = 0;
	rx_describe(q, last, done, &pkts[0], what);
	if (n > 1)
		pkts[0].flags |= WEIR_PKT_MORE;
	q->head += n;
	return n;
}

/*
 * The packet at the head, whose first descriptor is @done, to @pkts. Returns the entries that it took, 0 when it was
 * dropped, or -EAGAIN when it is not there yet or does not fit into @n.
 */
ALWAYS int rx_next(struct e1000_rxq *q, struct weir_pkt *pkts, unsigned n, uint64_t done, unsigned what)
{
	uint32_t length;

	if (likely(done & RXD_EOP))
		return (int)rx_take(q, pkts, 1, what);
	length = what & RX_FULL ? rx_chain_length(q, what) : q->entries_max + 1;
	if (unlikely(length > q->entries_max))
		return rx_give_up(q, what);
	if (!length || length > n)
		return -EAGAIN;
	return (int)rx_take(q, pkts, length, what);
}

/* --- a burst --------------------------------------------------------------------------------------------------------------- */

/*
 * IN_ORDER in e1000.c: notes when a descriptor is not done but the one behind it is. Looked at in this order it cannot be
 * that both were written meanwhile.
 */
ALWAYS void rx_look_ahead(struct e1000_rxq *q, unsigned what)
{
	uint32_t at = q->head, n = 0;

	while (n < q->entries_max && at != q->tail && rx_done(q, at, what) & RXD_DD) {
		at++;
		n++;
	}
	if (q->tail - at > 1 && unlikely(rx_done(q, at + 1, what) & RXD_DD) && !(rx_done(q, at, what) & RXD_DD))
		e1000_stalled(&q->gap, at);
}

ALWAYS unsigned rx(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n, unsigned what)
{
	struct e1000_rxq *q = e1000_rxq(rxq);
	unsigned got = 0, packets = 0;
	uint64_t bytes = 0;

	if (unlikely(q->skip))
		rx_skip(q, what);
	while (got < n && q->head != q->tail && !q->skip) {
		uint64_t done = rx_done(q, q->head, what);
		int taken;

		if (!(done & RXD_DD))
			break;
		taken = rx_next(q, &pkts[got], n - got, done, what);
		if (taken < 0)
			break;
		if (unlikely(!taken))
			continue;
		bytes += weir_pkt_bytes(&pkts[got], (unsigned)taken);
		got += (unsigned)taken;
		packets++;
	}
	queue_count(&rxq->stats, packets, bytes);
	if (!got)
		rx_look_ahead(q, what);
	if (rx_limit(q) != q->tail)
		RX_REFILL(q);
	return got;
}

unsigned RX_LEGACY_PLAIN(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	return rx(rxq, pkts, n, RX_LEGACY);
}

unsigned RX_LEGACY_FULL(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	return rx(rxq, pkts, n, RX_LEGACY | RX_FULL);
}

unsigned RX_EXTENDED_PLAIN(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	return rx(rxq, pkts, n, 0);
}

unsigned RX_EXTENDED_FULL(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	return rx(rxq, pkts, n, RX_FULL);
}
