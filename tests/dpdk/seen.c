/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packets of DPDK in weir's words.
 */
#include "seen.h"

#include "bench.h"

static uint16_t types_of(uint32_t type)
{
	uint16_t flags = 0;

	if (RTE_ETH_IS_IPV4_HDR(type))
		flags |= WEIR_PKT_IPV4;
	else if (RTE_ETH_IS_IPV6_HDR(type))
		flags |= WEIR_PKT_IPV6;
	switch (type & RTE_PTYPE_L4_MASK) {
	case RTE_PTYPE_L4_TCP:
		return flags | WEIR_PKT_TCP;
	case RTE_PTYPE_L4_UDP:
		return flags | WEIR_PKT_UDP;
	case RTE_PTYPE_L4_SCTP:
		return flags | WEIR_PKT_SCTP;
	default:
		return flags;
	}
}

static uint16_t verdicts_of(uint64_t flags)
{
	return (flags & RTE_MBUF_F_RX_IP_CKSUM_GOOD ? WEIR_PKT_IP_GOOD : 0) |
	       (flags & RTE_MBUF_F_RX_IP_CKSUM_BAD ? WEIR_PKT_IP_BAD : 0) |
	       (flags & RTE_MBUF_F_RX_L4_CKSUM_GOOD ? WEIR_PKT_L4_GOOD : 0) |
	       (flags & RTE_MBUF_F_RX_L4_CKSUM_BAD ? WEIR_PKT_L4_BAD : 0);
}

void seen_by_dpdk(const struct rte_mbuf *packet, uint16_t queue, struct seen *seen)
{
	bool tag = packet->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED, hash = packet->ol_flags & RTE_MBUF_F_RX_RSS_HASH;

	seen->queue = queue;
	seen->flags = types_of(packet->packet_type) | verdicts_of(packet->ol_flags) | (tag ? WEIR_PKT_VLAN : 0) |
	              (hash ? WEIR_PKT_HASH : 0);
	seen->vlan = tag ? packet->vlan_tci : 0;
	seen->hash = hash ? packet->hash.rss : 0;
	seen->len = pmd_bytes(packet, seen->bytes);
}

bool see(const uint8_t *frame, size_t len, struct seen *seen)
{
	struct rte_mbuf *packets[BURST];
	unsigned n;

	arrive(frame, len);
	n = pmd_receive(&bench.pmd, 0, packets, BURST);
	if (n)
		seen_by_dpdk(packets[0], 0, seen);
	rte_pktmbuf_free_bulk(packets, n);
	return n == 1;
}
