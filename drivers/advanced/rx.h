/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Receive descriptors as they are looked at one by one. Each word of them is read once (TRUST).
 */
#ifndef ADVANCED_RX_H
#define ADVANCED_RX_H

#include "regs/advanced.h"
#include "ring.h"

#define ALWAYS static inline __attribute__((always_inline))

#define RX_LEAST    14u /* bytes of a frame: its header */
#define DONE_LEN(d) ((uint32_t)((d) >> 32) & 0xffffu)

/* RXD_RSS_TYPE of a packet that a filter of the 82599's flow director matched: then there is no hash. */
#define RSS_TYPE_NONE 0xfu

/* What the families differ in: constants, as the compiler sees them. */
struct adv_family {
	bool legacy;        /* descriptors of the 8254x, which are read as if they were others (rx_load()) */
	unsigned l4e;       /* the bit of word 2 that calls a layer-4 checksum bad; the next one is the IPv4 header's */
	uint32_t damaged;   /* bits of word 2: the frame is */
	uint32_t unchecked; /* bits of word 2: nothing was checked, whatever others say */
	enum weir_drop
	    too_long;   /* what a frame is that is longer than the MTU allows: of hardware that drops such, a lie */
	uint32_t noted; /* bits of word 2 that note() is called for, where metadata are wanted */
	void (*note)(struct adv_rxq *q, uint32_t slot, uint64_t done, struct weir_pkt *pkt);

	/*
	 * Takes the packet at the head, which may be coalesced, to @pkts. Returns the entries that it took, 0 when it was
	 * dropped, or -EAGAIN when it is not there yet or does not fit into @n. NULL: there is no such thing.
	 */
	int (*take_parts)(struct adv_rxq *q, struct weir_pkt *pkts, unsigned n);
	uint32_t coalesced; /* bits of word 0 of such a packet's descriptors */
};

ALWAYS uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* The last word of a descriptor is written with or after the others (7.1.6): read it first. */
ALWAYS uint64_t rx_load(const struct adv_family *family, const union adv_rx_desc *desc)
{
	uint64_t done = __atomic_load_n(&desc->done.done, __ATOMIC_ACQUIRE);

	if (!family->legacy)
		return done;
	/* Length, checksum, status, errors, VLAN tag: 16, 16, 8, 8, 16 bits (8254x manual, 3.2.3). */
	return (done >> 32 & 0xff) | (done >> 40 & 0xff) << 24 | (done & 0xffff) << 32 | (done >> 48) << 48;
}

ALWAYS uint64_t rx_done(const struct adv_family *family, const struct adv_rxq *q, uint32_t slot)
{
	return rx_load(family, &q->ring[slot & q->mask]);
}

/* What the descriptor says of the packet. */
ALWAYS void rx_describe(const struct adv_family *family, const struct adv_rxq *q, uint32_t slot, uint64_t done,
                        struct weir_pkt *pkt)
{
	const union adv_rx_desc *desc = &q->ring[slot & q->mask];
	uint32_t type = 0, status = (uint32_t)done, flags = 0;

	pkt->hash = 0;
	if (!family->legacy) { /* there the buffer's address stays */
		type = __atomic_load_n(&desc->done.type, __ATOMIC_RELAXED);
		pkt->hash = __atomic_load_n(&desc->done.hash, __ATOMIC_RELAXED);
	}
	pkt->vlan = (uint16_t)(done >> 48);
	if (!(status & family->unchecked))
		flags = q->verdicts[(status >> family->l4e & 3) << 2 | (status >> 5 & 3)];
	if (likely(!(type & RXD_TYPE_ETQF))) {
		uint32_t types = q->types[type >> 4 & 0x7f];

		if (unlikely(flags & WEIR_PKT_L4_BAD && (types & WEIR_PKT_L4) == q->doubted))
			flags &= ~WEIR_PKT_L4_BAD;
		flags |= types;
	}
	if (status & RXD_VP)
		flags |= q->wanted & WEIR_PKT_VLAN;
	if ((type & RXD_RSS_TYPE) && (type & RXD_RSS_TYPE) != RSS_TYPE_NONE)
		flags |= q->wanted & WEIR_PKT_HASH;
	pkt->flags = (uint16_t)flags;
}

/* Whether a frame is damaged, or a descriptor says what cannot be; WEIR_DROP_COUNT: neither. */
ALWAYS enum weir_drop rx_check(const struct adv_family *family, const struct adv_rxq *q, uint64_t done)
{
	if (unlikely((uint32_t)done & family->damaged))
		return WEIR_DROP_CRC;
	if (unlikely(DONE_LEN(done) - 1 >= q->room)) /* none, or more than there is room for */
		return WEIR_DROP_DEVICE;
	return WEIR_DROP_COUNT;
}

/* No frame is shorter than its header, or longer than the MTU allows. */
ALWAYS bool rx_can_be_frame(const struct adv_rxq *q, uint32_t len)
{
	return len - RX_LEAST <= __atomic_load_n(&q->frame_max, __ATOMIC_RELAXED) - RX_LEAST;
}

/* Why a frame is none. */
ALWAYS enum weir_drop rx_wrong_length(const struct adv_family *family, uint32_t len)
{
	return len < RX_LEAST ? WEIR_DROP_DEVICE : family->too_long;
}

ALWAYS void rx_fill(const struct adv_rxq *q, uint32_t slot, uint64_t done, struct weir_pkt *pkt)
{
	pkt->buf = q->bufs[slot & q->mask];
	pkt->off = q->headroom;
	pkt->len = (uint16_t)DONE_LEN(done);
}

/* --- new buffers ----------------------------------------------------------------------------------------------------------- */

/* How far the tail may go: whole batches, and never up to the head, for that would mean that all slots are free (7.1.9). */
ALWAYS uint32_t rx_limit(const struct adv_rxq *q)
{
	return (q->head + q->mask) & ~(ADV_BATCH - 1);
}

/*
 * Finds other buffers for the @n slots than those that the device must not have, and writes where they are for a device that
 * no IOMMU stands before (queue.c). Returns how many slots have one.
 */
uint32_t adv_rxq_place(struct adv_rxq *q, uint32_t slot, uint32_t n);

/* Tells the device of buffers that it is to have: where their data lie, and no header; which also takes DD away (7.1.5). */
ALWAYS void rx_arm(union adv_rx_desc *desc, const uint32_t *bufs, uint32_t n, uint64_t iova)
{
	uint32_t i = 0;

#if defined(CPU_LEVEL) && CPU_LEVEL >= 3
	typedef uint64_t four __attribute__((vector_size(32)));
	const four none = { 0 };

	for (; i + 4 <= n; i += 4) {
		four at = { bufs[i], bufs[i + 1], bufs[i + 2], bufs[i + 3] }, low, high;

		at = (at << 6) + iova;
		low = __builtin_shufflevector(at, none, 0, 4, 1, 5);
		high = __builtin_shufflevector(at, none, 2, 6, 3, 7);
		__builtin_memcpy(&desc[i], &low, sizeof(low));
		__builtin_memcpy(&desc[i + 2], &high, sizeof(high));
	}
#endif
	for (; i < n; i++) {
		desc[i].read.packet = iova + ((uint64_t)bufs[i] << 6);
		desc[i].read.header = 0;
	}
}

/* Gives new buffers to free slots and tells the device. A run of slots ends with its batch, so it never wraps. */
ALWAYS void rx_refill(struct adv_rxq *q)
{
	uint32_t tail = q->tail, limit = rx_limit(q);

	while ((int32_t)(limit - tail) > 0) {
		uint32_t slot = tail & q->mask, run = ADV_BATCH - tail % ADV_BATCH, got;
		uint32_t *bufs = &q->bufs[slot];

		got = weir_pool_alloc_bufs(q->rxq.cache, bufs, run);
		rx_arm(&q->ring[slot], bufs, got, q->iova);
		if (unlikely(q->placed))
			got = adv_rxq_place(q, slot, got);
		tail += got;
		if (got < run)
			break;
	}
	if (tail == q->tail)
		return;
	q->tail = tail;
	bus_ring_doorbell(&q->tail_bell, tail & q->mask);
}

#endif
