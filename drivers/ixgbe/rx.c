/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Receiving: descriptors that the device wrote back become packets, their slots get new buffers. Compiled once per CPU
 * level; this is the portable version, the reference that any other is tested against.
 *
 * The device is not trusted (TRUST in ixgbe.c): each word of a descriptor is read once, and nothing follows from it but
 * the length of data in a buffer that is known to be that long.
 */
#include "regs/ixgbe_bits.h"
#include "ring.h"

#define PASTE(a, b) a##b
#define LEVEL(a, b) PASTE(a, b)

#define RX_REFILL   LEVEL(ixgbe_rx_refill_v, CPU_LEVEL)
#define RX_PLAIN    LEVEL(ixgbe_rx_plain_v, CPU_LEVEL)
#define RX_CHAIN    LEVEL(ixgbe_rx_chain_v, CPU_LEVEL)
#define ALWAYS      static inline __attribute__((always_inline))
#define RX_LEAST    14u
#define DONE_LEN(d) ((uint32_t)((d) >> 32) & 0xffffu)

void RX_REFILL(struct ixgbe_rxq *q);

/*
 * Gives new buffers to free slots and tells the device. IXGBE_BATCH slots stay free: a tail that meets the head would mean
 * that all are (7.1.9). A run of slots never wraps, because it ends at a multiple of the batch.
 */
void RX_REFILL(struct ixgbe_rxq *q)
{
	uint32_t tail = q->tail, limit = q->head + q->mask + 1 - IXGBE_BATCH;

	while (limit - tail) {
		uint32_t slot = tail & q->mask, run = IXGBE_BATCH - tail % IXGBE_BATCH, got;
		uint32_t *bufs = &q->bufs[slot];

		if (run > limit - tail)
			run = limit - tail;
		got = weir_pool_alloc_bufs(q->rxq.cache, bufs, run);
		for (uint32_t i = 0; i < got; i++) {
			q->ring[slot + i].read.packet = q->iova + ((uint64_t)bufs[i] << 6);
			q->ring[slot + i].read.header = 0;
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

/* The last word of a descriptor is written with or after the others (7.1.6.2): read it first. */
ALWAYS uint64_t rx_done(const struct ixgbe_rxq *q, uint32_t slot)
{
	return __atomic_load_n(&q->ring[slot & q->mask].done.done, __ATOMIC_ACQUIRE);
}

/* Frees the buffers of @n slots, and counts them as one packet that was dropped. */
static void rx_discard(struct ixgbe_rxq *q, uint32_t n, enum weir_drop reason)
{
	for (uint32_t i = 0; i < n; i++)
		weir_pool_free_bufs(q->rxq.cache, &q->bufs[q->head++ & q->mask], 1);
	queue_drop(&q->rxq.stats, reason, 1);
}

/* What the descriptor says of the packet. */
ALWAYS void rx_describe(const struct ixgbe_rxq *q, uint32_t slot, uint64_t done, struct weir_pkt *pkt)
{
	const union ixgbe_rx_desc *desc = &q->ring[slot & q->mask];
	uint32_t type = __atomic_load_n(&desc->done.type, __ATOMIC_RELAXED), status = (uint32_t)done, flags;

	pkt->hash = __atomic_load_n(&desc->done.hash, __ATOMIC_RELAXED);
	pkt->vlan = (uint16_t)(done >> 48);
	flags = q->verdicts[status >> 30 << 2 | (status >> 5 & 3)];
	if (likely(!(type & RXD_TYPE_ETQF))) {
		uint32_t types = q->types[type >> 4 & 0x7f];

		if (unlikely(flags & WEIR_PKT_L4_BAD && (types & WEIR_PKT_L4) == WEIR_PKT_UDP && q->no_udp))
			flags &= ~WEIR_PKT_L4_BAD;
		flags |= types;
	}
	if (status & RXD_VP)
		flags |= q->wanted & WEIR_PKT_VLAN;
	if (type & RXD_RSS_TYPE)
		flags |= q->wanted & WEIR_PKT_HASH;
	pkt->flags = (uint16_t)flags;
}

/* Whether a frame is damaged, or a descriptor says what cannot be; WEIR_DROP_COUNT: neither. */
ALWAYS enum weir_drop rx_check(const struct ixgbe_rxq *q, uint64_t done)
{
	if (unlikely((uint32_t)done & (RXD_CE | RXD_LE | RXD_PE | RXD_OSE | RXD_USE)))
		return WEIR_DROP_CRC;
	if (unlikely(DONE_LEN(done) - 1 >= q->room)) /* none, or more than there is room for */
		return WEIR_DROP_DEVICE;
	return WEIR_DROP_COUNT;
}

/* No frame is shorter than its header, or longer than the MTU allows. */
ALWAYS bool rx_can_be_frame(const struct ixgbe_rxq *q, uint32_t len)
{
	return len - RX_LEAST <= __atomic_load_n(&q->frame_max, __ATOMIC_RELAXED) - RX_LEAST;
}

ALWAYS void rx_fill(const struct ixgbe_rxq *q, uint32_t slot, uint64_t done, struct weir_pkt *pkt)
{
	pkt->buf = q->bufs[slot & q->mask];
	pkt->off = q->headroom;
	pkt->len = (uint16_t)DONE_LEN(done);
}

/* The number of descriptors of the packet at the head; 0: not all is there; more than entries_max: it never ends. */
static uint32_t rx_chain_length(const struct ixgbe_rxq *q)
{
	for (uint32_t n = 0; n != q->tail - q->head; n++) {
		uint64_t done = rx_done(q, q->head + n);

		if (n == q->entries_max)
			return n + 1;
		if (!(done & RXD_DD))
			return 0;
		if (done & RXD_EOP)
			return n + 1;
	}
	return 0;
}

/* A packet of more buffers than any may have: it is dropped up to its end, which need not be there yet. */
static void rx_give_up(struct ixgbe_rxq *q)
{
	rx_discard(q, q->entries_max, WEIR_DROP_DEVICE);
	q->skip = true;
}

static void rx_skip(struct ixgbe_rxq *q)
{
	while (q->head != q->tail) {
		uint64_t done = rx_done(q, q->head);

		if (!(done & RXD_DD))
			return;
		weir_pool_free_bufs(q->rxq.cache, &q->bufs[q->head++ & q->mask], 1);
		if (done & RXD_EOP) {
			q->skip = false;
			return;
		}
	}
}

/*
 * Takes a packet of @n descriptors to @pkts. Returns @n, or 0 when it was dropped. What holds for all of it stands in the
 * last descriptor (7.1.6.2); all buffers but the last are full.
 */
static uint32_t rx_take_chain(struct ixgbe_rxq *q, struct weir_pkt *pkts, uint32_t n)
{
	uint32_t last = q->head + n - 1, total = (n - 1) * q->room;
	uint64_t done = rx_done(q, last);
	enum weir_drop reason = rx_check(q, done);

	total += DONE_LEN(done);
	for (uint32_t i = 0; i + 1 < n; i++) {
		uint64_t part = rx_done(q, q->head + i);

		rx_fill(q, q->head + i, part, &pkts[i]);
		pkts[i].flags = WEIR_PKT_MORE;
		if (unlikely(DONE_LEN(part) != q->room))
			reason = WEIR_DROP_DEVICE;
	}
	if (unlikely(reason == WEIR_DROP_COUNT && !rx_can_be_frame(q, total)))
		reason = WEIR_DROP_DEVICE;
	if (unlikely(reason != WEIR_DROP_COUNT)) {
		rx_discard(q, n, reason);
		return 0;
	}
	rx_fill(q, last, done, &pkts[n - 1]);
	pkts[n - 1].flags = 0;
	rx_describe(q, last, done, &pkts[0]);
	pkts[0].flags |= WEIR_PKT_MORE;
	q->head += n;
	return n;
}

/*
 * IN_ORDER in ixgbe.c: notes when a descriptor is not done but the one behind it is. Looked at in this order it cannot be
 * that both were written meanwhile.
 */
static void rx_look_ahead(struct ixgbe_rxq *q)
{
	uint32_t at = q->head, n = 0;

	while (n < q->entries_max && at != q->tail && rx_done(q, at) & RXD_DD) {
		at++;
		n++;
	}
	if (q->tail - at > 1 && unlikely(rx_done(q, at + 1) & RXD_DD) && !(rx_done(q, at) & RXD_DD))
		ixgbe_stalled(&q->gap, at);
}

ALWAYS unsigned rx(struct ixgbe_rxq *q, struct weir_pkt *pkts, unsigned n, bool chain)
{
	unsigned got = 0, packets = 0;
	uint64_t bytes = 0;

	if (unlikely(q->skip))
		rx_skip(q);
	while (got < n && q->head != q->tail && !q->skip) {
		uint64_t done = rx_done(q, q->head);
		enum weir_drop reason;

		if (!(done & RXD_DD))
			break;
		if (likely(done & RXD_EOP)) {
			reason = rx_check(q, done);
			if (unlikely(reason == WEIR_DROP_COUNT && !rx_can_be_frame(q, DONE_LEN(done))))
				reason = WEIR_DROP_DEVICE;
			if (unlikely(reason != WEIR_DROP_COUNT)) {
				rx_discard(q, 1, reason);
				continue;
			}
			rx_fill(q, q->head, done, &pkts[got]);
			rx_describe(q, q->head, done, &pkts[got]);
			bytes += pkts[got++].len;
			q->head++;
		} else if (chain) {
			uint32_t length = rx_chain_length(q);

			if (!length || (length <= q->entries_max && length > n - got))
				break;
			if (unlikely(length > q->entries_max)) {
				rx_give_up(q);
				rx_skip(q);
				continue;
			}
			length = rx_take_chain(q, &pkts[got], length);
			bytes += weir_pkt_bytes(&pkts[got], length);
			got += length;
			if (!length)
				continue;
		} else {
			rx_give_up(q);
			rx_skip(q);
			continue;
		}
		packets++;
	}
	queue_count(&q->rxq.stats, packets, bytes);
	if (!got)
		rx_look_ahead(q);
	if (q->head + q->mask + 1 - q->tail >= 2 * IXGBE_BATCH)
		RX_REFILL(q);
	return got;
}

unsigned RX_PLAIN(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	return rx(ixgbe_rxq(rxq), pkts, n, false);
}

unsigned RX_CHAIN(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	return rx(ixgbe_rxq(rxq), pkts, n, true);
}
