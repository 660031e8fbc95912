/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the data path knows beyond drivers/advanced: rx.c includes this and nothing of the control path.
 */
#ifndef IGB_RING_H
#define IGB_RING_H

#include "../advanced/rx.h"
#include "regs/e1000_bits.h"

/* When the packet arrived, if the descriptor in @slot says that it is known: put in front of it. */
void igb_rx_note(struct adv_rxq *q, uint32_t slot, uint64_t done, struct weir_pkt *pkt);

static const struct adv_family igb_family = {
	.l4e = 29,
	.damaged = RXS_CE | RXS_SE | RXS_RXE,
	.too_long = WEIR_DROP_DEVICE,
	.noted = RXD_TS,
	.note = igb_rx_note,
};

/* plain: one buffer a packet, and nothing said of it; offload: what was asked for is said. */
adv_rx_fn igb_rx_plain_v1, igb_rx_offload_v1, igb_rx_chain_v1, igb_rx_meta_v1;
#if defined(__x86_64__)
adv_rx_fn igb_rx_plain_v2, igb_rx_plain_v3, igb_rx_plain_v4;
adv_rx_fn igb_rx_offload_v2, igb_rx_offload_v3, igb_rx_offload_v4;
adv_rx_fn igb_rx_chain_v2, igb_rx_chain_v3, igb_rx_chain_v4;
adv_rx_fn igb_rx_meta_v2, igb_rx_meta_v3, igb_rx_meta_v4;
#endif

#endif
