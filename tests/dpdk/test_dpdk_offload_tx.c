/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the card does to packets that are sent, as DPDK's driver asks for it: checksums, segments, tags. What is expected
 * was made with lib/net, whose sums have tests of their own.
 */
#include "bench.h"

#include <string.h>

#include "frames.h"
#include "seen.h"
#include "weir/net.h"

#define TX_ALL                                                                                         \
	(RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM | RTE_ETH_TX_OFFLOAD_TCP_CKSUM | \
	 RTE_ETH_TX_OFFLOAD_SCTP_CKSUM | RTE_ETH_TX_OFFLOAD_TCP_TSO | RTE_ETH_TX_OFFLOAD_MULTI_SEGS |  \
	 RTE_ETH_TX_OFFLOAD_VLAN_INSERT)

static void start(uint64_t rx_offloads)
{
	struct pmd_conf conf = {
		.eth.rxmode.mtu = 1500,
		.eth.rxmode.offloads = rx_offloads,
		.eth.txmode.offloads = TX_ALL,
	};

	begin("82599", EXACT, &conf);
}

/* --- checksums that are sent -------------------------------------------------------------------------------------- */

/* What DPDK is asked for so that the packet leaves as @what describes it. */
static void ask(struct rte_mbuf *packet, const struct frame_ip *what)
{
	packet->l2_len = frame_l2(what);
	packet->l3_len = frame_l3(what);
	packet->ol_flags |= what->ipv6 ? RTE_MBUF_F_TX_IPV6 : RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM;
	switch (what->protocol) {
	case WEIR_IP_TCP:
		packet->ol_flags |= RTE_MBUF_F_TX_TCP_CKSUM;
		break;
	case WEIR_IP_SCTP:
		packet->ol_flags |= RTE_MBUF_F_TX_SCTP_CKSUM;
		break;
	default:
		packet->ol_flags |= RTE_MBUF_F_TX_UDP_CKSUM;
		break;
	}
}

/* The sum that the card adds to: DPDK's own preparation takes no notice of extension headers. */
static void seed(struct rte_mbuf *packet, const struct frame_ip *what, size_t below)
{
	uint8_t *l3 = rte_pktmbuf_mtod(packet, uint8_t *) + packet->l2_len, *l4 = l3 + packet->l3_len;
	uint16_t sum = weir_sum_fold(weir_sum_pseudo6((void *)l3, what->protocol, (uint32_t)below));

	if (what->protocol != WEIR_IP_SCTP)
		memcpy(l4 + (what->protocol == WEIR_IP_TCP ? 16 : 6), &sum, sizeof(sum));
}

/* Sends the packet, prepared by DPDK. @below is the length that the sum is to have in it. */
static void put(struct rte_mbuf *packet, const struct frame_ip *what, size_t below)
{
	if (what->ipv6 && what->options)
		seed(packet, what, below);
	else
		CU_ASSERT_EQUAL_FATAL(rte_eth_tx_prepare(bench.port, 0, &packet, 1), 1);
	CU_ASSERT_EQUAL(pmd_send(&bench.pmd, 0, &packet, 1), 1);
}

static void checksums_are_filled_in(void)
{
	static const uint8_t protocols[] = { WEIR_IP_UDP, WEIR_IP_TCP, WEIR_IP_SCTP };
	uint8_t frame[2048];

	start(0);
	for (unsigned i = 0; i < 3 * 2 * 2 * 20; i++) {
		struct frame_ip what = {
			.protocol = protocols[i % 3],
			.ipv6 = i / 3 & 1,
			.options = i / 6 & 1 ? 2 : 0,
			/* SCTP has chunks of whole words; shorter frames are padded behind the sum */
			.payload = 20 + (i / 12) * 68 + (i % 3 == 2 ? 0 : i / 12 % 4),
			.src = (uint8_t)i,
			.bad_l4 = true,
			.bad_ip = true,
		};
		size_t len = frame_ip(frame, &what);
		struct rte_mbuf *packet = pmd_packet(&bench.pmd, frame, len);

		ask(packet, &what);
		put(packet, &what, frame_l4(&what) + what.payload);
		what.bad_l4 = what.bad_ip = false;
		len = frame_ip(frame, &what);
		CU_ASSERT(departs(frame, len));
	}
	end();
}

/* --- segments ----------------------------------------------------------------------------------------------------- */

/* A packet of @payload bytes is cut into segments of @mss, and each must be what lib/net would have made of it. */
static void cut(struct frame_ip what, size_t payload, uint16_t mss, bool tag)
{
	static uint8_t big[FRAME_MAX], one[FRAME_MAX];
	struct frame_ip whole = what;
	struct rte_mbuf *packet;
	size_t at = 0, head = frame_l2(&what) + frame_l3(&what) + frame_l4(&what);

	whole.payload = payload;
	whole.tcp_flags = WEIR_TCP_ACK | WEIR_TCP_PSH | WEIR_TCP_FIN;
	packet = pmd_packet(&bench.pmd, big, frame_ip(big, &whole));
	ask(packet, &whole);
	packet->ol_flags |= RTE_MBUF_F_TX_TCP_SEG | (tag ? RTE_MBUF_F_TX_VLAN : 0);
	packet->l4_len = frame_l4(&what);
	packet->tso_segsz = mss;
	packet->vlan_tci = 0x6123;
	put(packet, &what, 0);
	for (; at < payload; at += mss, what.id++, what.seq += mss) {
		size_t len;

		what.payload = payload - at < mss ? payload - at : mss;
		what.tcp_flags = at + mss < payload ? WEIR_TCP_ACK : whole.tcp_flags;
		what.body = big + head + at;
		what.tags = tag;
		what.tci[0] = 0x6123;
		len = frame_ip(one, &what);
		CU_ASSERT(departs(one, len));
	}
	CU_ASSERT_EQUAL(weir_sim_take(bench.nic, one, sizeof(one)), 0);
}

static void tcp_is_segmented(void)
{
	struct frame_ip what = {
		.protocol = WEIR_IP_TCP, .id = 0xfffe, .seq = 0xfffffff0u, .src_port = 7, .dst_port = 9
	};

	start(0);
	for (unsigned i = 0; i < 8; i++) {
		what.ipv6 = i & 1;
		what.options = i & 2 ? 2 : 0;
		cut(what, 10000, 1400, i & 4);
		cut(what, 8, 1460, i & 4);
		cut(what, 2920, 1460, i & 4);
		cut(what, 1001, 100, i & 4);
	}
	end();
}

/* --- tags --------------------------------------------------------------------------------------------------------- */

static void tags_are_inserted(void)
{
	struct frame_ip what = { .payload = 100 };
	uint8_t frame[256];
	struct rte_mbuf *packet;

	start(0);
	packet = pmd_packet(&bench.pmd, frame, frame_ip(frame, &what));
	packet->ol_flags |= RTE_MBUF_F_TX_VLAN;
	packet->vlan_tci = 0x2fff;
	put(packet, &what, 0);
	what.tags = 1;
	what.tci[0] = 0x2fff;
	CU_ASSERT(departs(frame, frame_ip(frame, &what)));
	end();
}

/* With two tags the card looks at the inner one: it strips it, and inserts behind the outer one. */
static void two_tags(void)
{
	static struct seen seen;
	struct frame_ip what = {
		.tags = 2, .tci = { 0x0005, 0x0064 }, .protocol = WEIR_IP_TCP, .payload = 64, .bad_l4 = true
	};
	uint8_t frame[256], one[256];
	size_t len = frame_ip(frame, &what), one_len;
	struct rte_mbuf *packet;

	/* What is left without the inner tag. */
	memcpy(one, frame, 16);
	memcpy(one + 16, frame + 20, len - 20);
	one_len = len - 4;
	start(RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_TCP_CKSUM | RTE_ETH_RX_OFFLOAD_VLAN_STRIP |
	      RTE_ETH_RX_OFFLOAD_VLAN_EXTEND);
	CU_ASSERT_EQUAL(rte_eth_dev_set_vlan_ether_type(bench.port, RTE_ETH_VLAN_TYPE_OUTER, WEIR_ETHER_QINQ), 0);
	CU_ASSERT_FATAL(see(frame, len, &seen));
	CU_ASSERT_EQUAL(seen.flags, WEIR_PKT_IPV4 | WEIR_PKT_TCP | WEIR_PKT_VLAN | WEIR_PKT_IP_GOOD | WEIR_PKT_L4_BAD);
	CU_ASSERT_EQUAL(seen.vlan, 0x0064);
	CU_ASSERT_EQUAL(seen.len, one_len);
	CU_ASSERT_EQUAL(memcmp(seen.bytes, one, one_len), 0);
	packet = pmd_packet(&bench.pmd, one, one_len);
	packet->ol_flags |= RTE_MBUF_F_TX_VLAN;
	packet->vlan_tci = 0x0064;
	put(packet, &what, 0);
	CU_ASSERT(departs(frame, len));
	end();
}

int main(void)
{
	static const struct unit_case cases[] = {
		{ "checksums are filled in", checksums_are_filled_in },
		{ "TCP is cut into segments", tcp_is_segmented },
		{ "tags are inserted", tags_are_inserted },
		{ "with two tags the inner one counts", two_tags },
		{ NULL, NULL },
	};
	int err = eal_start();

	return err ? err : unit_run("DPDK's transmit offloads", cases);
}
