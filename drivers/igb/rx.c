/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Receiving, as in drivers/advanced; the variants of it. Compiled once per CPU level.
 */
#include "../advanced/burst.h"
#include "ring.h"

#define RX_PLAIN   LEVEL(igb_rx_plain_v, CPU_LEVEL)
#define RX_OFFLOAD LEVEL(igb_rx_offload_v, CPU_LEVEL)
#define RX_CHAIN   LEVEL(igb_rx_chain_v, CPU_LEVEL)
#define RX_NOTE    LEVEL(igb_rx_meta_v, CPU_LEVEL)

unsigned RX_PLAIN(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	return rx(&igb_family, adv_rxq(rxq), pkts, n, 0);
}

unsigned RX_OFFLOAD(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	return rx(&igb_family, adv_rxq(rxq), pkts, n, RX_OFFLOADS);
}

unsigned RX_CHAIN(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	return rx(&igb_family, adv_rxq(rxq), pkts, n, RX_OFFLOADS | RX_CHAINS);
}

unsigned RX_NOTE(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	return rx(&igb_family, adv_rxq(rxq), pkts, n, RX_OFFLOADS | RX_CHAINS | RX_META);
}
