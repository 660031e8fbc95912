/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Receiving, as in drivers/advanced; the variants of it. Compiled once per CPU level.
 */
#include "../advanced/burst.h"
#include "ring.h"

#define RX_LEGACY_PLAIN   LEVEL(e1000_rx_legacy_plain_v, CPU_LEVEL)
#define RX_LEGACY_OFFLOAD LEVEL(e1000_rx_legacy_offload_v, CPU_LEVEL)
#define RX_LEGACY_CHAIN   LEVEL(e1000_rx_legacy_chain_v, CPU_LEVEL)
#define RX_PLAIN          LEVEL(e1000_rx_plain_v, CPU_LEVEL)
#define RX_OFFLOAD        LEVEL(e1000_rx_offload_v, CPU_LEVEL)
#define RX_CHAIN          LEVEL(e1000_rx_chain_v, CPU_LEVEL)

unsigned RX_LEGACY_PLAIN(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	return rx(&e1000_legacy, adv_rxq(rxq), pkts, n, 0);
}

unsigned RX_LEGACY_OFFLOAD(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	return rx(&e1000_legacy, adv_rxq(rxq), pkts, n, RX_OFFLOADS);
}

unsigned RX_LEGACY_CHAIN(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	return rx(&e1000_legacy, adv_rxq(rxq), pkts, n, RX_OFFLOADS | RX_CHAINS);
}

unsigned RX_PLAIN(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	return rx(&e1000_extended, adv_rxq(rxq), pkts, n, 0);
}

unsigned RX_OFFLOAD(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	return rx(&e1000_extended, adv_rxq(rxq), pkts, n, RX_OFFLOADS);
}

unsigned RX_CHAIN(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	return rx(&e1000_extended, adv_rxq(rxq), pkts, n, RX_OFFLOADS | RX_CHAINS);
}
