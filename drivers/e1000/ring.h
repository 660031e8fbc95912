/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the data path knows beyond drivers/advanced: rx.c and tx.c include this and nothing of the control path.
 *
 * Receive descriptors are those of drivers/advanced without types of packets, which are called extended here (82574
 * datasheet, 7.1.4), or the legacy ones of the 8254x (3.2.3). Transmit descriptors have contexts of byte offsets (3.3.6).
 */
#ifndef E1000_RING_H
#define E1000_RING_H

#include "../advanced/rx.h"
#include "regs/e1000_bits.h"

#define E1000_TX_PIECE 4096u /* bytes of one descriptor: a quarter of the smallest packet buffer for sending */

#define E1000_FAMILY(is_legacy)                                                                                \
	{                                                                                                      \
		.legacy = (is_legacy), .l4e = 29, .damaged = RXS_CE | RXS_SE | RXS_RXE, .unchecked = RXS_IXSM, \
		.too_long = WEIR_DROP_TOO_LONG, /* nothing is too long for it */                               \
	}
static const struct adv_family e1000_legacy = E1000_FAMILY(true), e1000_extended = E1000_FAMILY(false);

/* A context descriptor. */
struct e1000_tx_context {
	uint32_t word[4];
};

/* What a packet's flags come to in descriptors. */
struct e1000_tx_request {
	struct e1000_tx_context context; /* word 2 without the length */
	bool has_context;
	bool software;    /* something of it is done before the device gets the packet */
	uint32_t command; /* for word 2 of its data descriptors */
	uint32_t options; /* for word 3: IXSM, TXSM, the VLAN tag */
	uint32_t headers; /* bytes that are in every segment; 0: it is not cut */
	uint32_t reach;   /* bytes that its first buffer must have: the headers that are looked into */
};

struct e1000_txq {
	struct adv_txq adv;
	uint32_t piece;                  /* most bytes of one descriptor */
	bool inserts;                    /* the device inserts VLAN tags */
	bool early;                      /* ERRATUM_EARLY */
	bool was_cut;                    /* ... the last packet was cut into segments */
	struct e1000_tx_context context; /* what the device has */
	struct e1000_tx_request request; /* what adv.asked came to */
};

/* By CPU level. plain: one buffer a packet, and nothing said of it; offload: what was asked for is said. */
#define E1000_LEVEL(v)                                                                                  \
	adv_rx_fn e1000_rx_legacy_plain_v##v, e1000_rx_legacy_offload_v##v, e1000_rx_legacy_chain_v##v, \
	    e1000_rx_plain_v##v, e1000_rx_offload_v##v, e1000_rx_chain_v##v
E1000_LEVEL(1);
adv_tx_fn e1000_tx_v1;
#if defined(__x86_64__)
adv_tx_fn e1000_tx_v3, e1000_tx_v4;
E1000_LEVEL(2);
E1000_LEVEL(3);
E1000_LEVEL(4);
#endif
#undef E1000_LEVEL

static inline struct e1000_txq *e1000_txq(struct weir_txq *txq)
{
	return container_of(txq, struct e1000_txq, adv.txq);
}

#endif
