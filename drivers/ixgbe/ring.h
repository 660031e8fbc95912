/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the data path knows beyond drivers/advanced: rx.c includes this and nothing of the control path.
 */
#ifndef IXGBE_RING_H
#define IXGBE_RING_H

#include "../advanced/rx.h"
#include "regs/ixgbe_bits.h"

#define IXGBE_FDIR_MAX  8192u  /* filters of flow director */
#define IXGBE_LRO_BYTES 65536u /* the most that is coalesced (8.2.3.8.13), */
#define IXGBE_LRO_BUFS  16u    /* ... in so many buffers */

struct ixgbe_rxq {
	struct adv_rxq adv;
	const uint32_t *marks; /* of flow director's filters, IXGBE_FDIR_MAX of them */
	bool lro;
};

static inline struct ixgbe_rxq *ixgbe_rxq(struct weir_rxq *rxq)
{
	return container_of(rxq, struct ixgbe_rxq, adv.rxq);
}

/*
 * What flow director marked the packet with, and when it arrived, if the descriptor in @slot says so: put in front of it
 * (clock.c).
 */
void ixgbe_rx_note(struct adv_rxq *q, uint32_t slot, uint64_t done, struct weir_pkt *pkt);

/* What was coalesced (lro.c). */
int ixgbe_rx_take_parts(struct adv_rxq *q, struct weir_pkt *pkts, unsigned n);

static const struct adv_family ixgbe_family = {
	.l4e = 30,
	.damaged = RXD_CE | RXD_LE | RXD_PE | RXD_OSE | RXD_USE,
	.too_long = WEIR_DROP_DEVICE,
	.noted = RXD_TS | RXD_FLM,
	.note = ixgbe_rx_note,
	.take_parts = ixgbe_rx_take_parts,
	.coalesced = RXD_RSC_COUNT,
};

/* plain: one buffer a packet, and nothing said of it; offload: what was asked for is said. */
adv_rx_fn ixgbe_rx_plain_v1, ixgbe_rx_offload_v1, ixgbe_rx_chain_v1, ixgbe_rx_meta_v1, ixgbe_rx_lro_v1;
#if defined(__x86_64__)
adv_rx_fn ixgbe_rx_plain_v2, ixgbe_rx_plain_v3, ixgbe_rx_plain_v4;
adv_rx_fn ixgbe_rx_offload_v2, ixgbe_rx_offload_v3, ixgbe_rx_offload_v4;
adv_rx_fn ixgbe_rx_lro_v2, ixgbe_rx_lro_v3, ixgbe_rx_lro_v4;
adv_rx_fn ixgbe_rx_meta_v2, ixgbe_rx_meta_v3, ixgbe_rx_meta_v4;
adv_rx_fn ixgbe_rx_chain_v2, ixgbe_rx_chain_v3, ixgbe_rx_chain_v4;
#endif

#endif
