/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Receive descriptors as they are looked at one by one: what rx.c and lro.c share.
 */
#ifndef IXGBE_RX_H
#define IXGBE_RX_H

#include "regs/ixgbe_bits.h"
#include "ring.h"

#define ALWAYS static inline __attribute__((always_inline))

#define RX_LEAST    14u /* bytes of a frame: its header */
#define DONE_LEN(d) ((uint32_t)((d) >> 32) & 0xffffu)
#define RXD_DAMAGED (RXD_CE | RXD_LE | RXD_PE | RXD_OSE | RXD_USE)

ALWAYS uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* The last word of a descriptor is written with or after the others (7.1.6): read it first. */
ALWAYS uint64_t rx_load(const union ixgbe_rx_desc *desc)
{
	return __atomic_load_n(&desc->done.done, __ATOMIC_ACQUIRE);
}

ALWAYS uint64_t rx_done(const struct ixgbe_rxq *q, uint32_t slot)
{
	return rx_load(&q->ring[slot & q->mask]);
}

/* Whether the descriptor is part of what was coalesced, be it one segment. */
ALWAYS bool rx_coalesced(const struct ixgbe_rxq *q, uint32_t slot)
{
	return __atomic_load_n(&q->ring[slot & q->mask].done.type, __ATOMIC_RELAXED) & RXD_RSC_COUNT;
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
	if ((type & RXD_RSS_TYPE) && (type & RXD_RSS_TYPE) != RSS_TYPE_FDIR)
		flags |= q->wanted & WEIR_PKT_HASH;
	pkt->flags = (uint16_t)flags;
}

/* Whether a frame is damaged, or a descriptor says what cannot be; WEIR_DROP_COUNT: neither. */
ALWAYS enum weir_drop rx_check(const struct ixgbe_rxq *q, uint64_t done)
{
	if (unlikely((uint32_t)done & RXD_DAMAGED))
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

#endif
