/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the card does to packets and says of them, as DPDK's driver asks for it and hands it on: checksums, segments,
 * VLAN tags, coalescing. What is expected was made by lib/net, which neither the model's engines nor the driver use here.
 */
#include "bench.h"

#include <rte_ip.h>
#include <string.h>

#include "frames.h"
#include "seen.h"
#include "weir/net.h"

#define RX_CSUM (RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM | RTE_ETH_RX_OFFLOAD_TCP_CKSUM)
#define TX_ALL                                                                                         \
	(RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM | RTE_ETH_TX_OFFLOAD_TCP_CKSUM | \
	 RTE_ETH_TX_OFFLOAD_SCTP_CKSUM | RTE_ETH_TX_OFFLOAD_TCP_TSO | RTE_ETH_TX_OFFLOAD_MULTI_SEGS |  \
	 RTE_ETH_TX_OFFLOAD_VLAN_INSERT)
#define ONE_BY_ONE 16

/* The ways to receive whose code for flags differs. */
static const struct way {
	bool vector;
	uint16_t rx_refill;
	uint64_t scatter;
} ways[] = {
	{ true, 0, 0 },
	{ false, 0, 0 },
	{ false, ONE_BY_ONE, 0 },
	{ false, 0, RTE_ETH_RX_OFFLOAD_SCATTER },
};

#define WAYS (sizeof(ways) / sizeof(*ways))

static void start(const char *model, const struct way *way, uint64_t rx_offloads, uint64_t tx_offloads)
{
	struct pmd_conf conf = {
		.eth.rxmode.mtu = 1500,
		.eth.rxmode.offloads = rx_offloads | way->scatter,
		.eth.txmode.offloads = tx_offloads,
		.rx_refill = way->rx_refill,
	};

	bench_open(model, EXACT);
	bench_vector(way->vector);
	CU_ASSERT_EQUAL_FATAL(pmd_start(&bench.pmd, &conf), 0);
}

/* A frame arrives, and is received. Returns whether it was. */
static bool get(const uint8_t *frame, size_t len, struct seen *seen)
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

/* --- checksums that are received ---------------------------------------------------------------------------------------- */

#define GOOD (WEIR_PKT_IP_GOOD | WEIR_PKT_L4_GOOD)

/*
 * This driver calls good what is not bad, checked or not; that is its way, and the card's word for it is looked at in the
 * other tests. UDP is never called bad on the 82599, because the card does so wrongly where there is no checksum.
 */
static const struct verdict {
	struct frame_ip frame;
	uint16_t flags, on_82599;
} verdicts[] = {
	{ { .payload = 64 }, WEIR_PKT_IPV4 | WEIR_PKT_UDP | GOOD, 0 },
	{ { .payload = 0 }, WEIR_PKT_IPV4 | WEIR_PKT_UDP | GOOD, 0 },
	{ { .payload = 63, .no_l4 = true }, WEIR_PKT_IPV4 | WEIR_PKT_UDP | GOOD, 0 },
	{ { .payload = 65, .bad_ip = true }, WEIR_PKT_IPV4 | WEIR_PKT_UDP | WEIR_PKT_IP_BAD | WEIR_PKT_L4_GOOD, 0 },
	{ { .payload = 66, .bad_l4 = true },
	  WEIR_PKT_IPV4 | WEIR_PKT_UDP | WEIR_PKT_IP_GOOD | WEIR_PKT_L4_BAD,
	  WEIR_PKT_IPV4 | WEIR_PKT_UDP | WEIR_PKT_IP_GOOD },
	{ { .protocol = WEIR_IP_TCP, .payload = 1460 }, WEIR_PKT_IPV4 | WEIR_PKT_TCP | GOOD, 0 },
	{ { .protocol = WEIR_IP_TCP, .payload = 1, .options = 3 }, WEIR_PKT_IPV4 | WEIR_PKT_TCP | GOOD, 0 },
	{ { .protocol = WEIR_IP_TCP, .payload = 7, .bad_ip = true },
	  WEIR_PKT_IPV4 | WEIR_PKT_TCP | WEIR_PKT_IP_BAD | WEIR_PKT_L4_GOOD,
	  0 },
	{ { .protocol = WEIR_IP_TCP, .payload = 8, .bad_l4 = true },
	  WEIR_PKT_IPV4 | WEIR_PKT_TCP | WEIR_PKT_IP_GOOD | WEIR_PKT_L4_BAD,
	  0 },
	{ { .protocol = WEIR_IP_TCP, .payload = 9, .bad_ip = true, .bad_l4 = true },
	  WEIR_PKT_IPV4 | WEIR_PKT_TCP | WEIR_PKT_IP_BAD | WEIR_PKT_L4_BAD,
	  0 },
	{ { .protocol = WEIR_IP_SCTP, .payload = 40 }, WEIR_PKT_IPV4 | WEIR_PKT_SCTP | GOOD, 0 },
	{ { .protocol = WEIR_IP_SCTP, .payload = 40, .bad_l4 = true },
	  WEIR_PKT_IPV4 | WEIR_PKT_SCTP | WEIR_PKT_IP_GOOD | WEIR_PKT_L4_BAD,
	  0 },
	{ { .protocol = WEIR_IP_ICMP, .payload = 40 }, WEIR_PKT_IPV4 | GOOD, 0 },
	{ { .fragment = 100, .payload = 400 }, WEIR_PKT_IPV4 | GOOD, 0 },
	{ { .ipv6 = true, .payload = 12 }, WEIR_PKT_IPV6 | WEIR_PKT_UDP | GOOD, 0 },
	{ { .ipv6 = true, .payload = 12, .bad_l4 = true },
	  WEIR_PKT_IPV6 | WEIR_PKT_UDP | WEIR_PKT_IP_GOOD | WEIR_PKT_L4_BAD,
	  WEIR_PKT_IPV6 | WEIR_PKT_UDP | WEIR_PKT_IP_GOOD },
	{ { .ipv6 = true, .protocol = WEIR_IP_TCP, .payload = 999 }, WEIR_PKT_IPV6 | WEIR_PKT_TCP | GOOD, 0 },
	{ { .ipv6 = true, .protocol = WEIR_IP_TCP, .payload = 999, .options = 2 },
	  WEIR_PKT_IPV6 | WEIR_PKT_TCP | GOOD,
	  0 },
	{ { .ipv6 = true, .protocol = WEIR_IP_TCP, .payload = 5, .bad_l4 = true },
	  WEIR_PKT_IPV6 | WEIR_PKT_TCP | WEIR_PKT_IP_GOOD | WEIR_PKT_L4_BAD,
	  0 },
	{ { .tags = 1, .tci = { 100 }, .protocol = WEIR_IP_TCP, .payload = 5, .bad_l4 = true },
	  WEIR_PKT_IPV4 | WEIR_PKT_TCP | WEIR_PKT_IP_GOOD | WEIR_PKT_L4_BAD,
	  0 },
};

static void judge(const struct verdict *v, bool x540)
{
	static struct seen seen;
	uint8_t frame[2048];
	size_t len = frame_ip(frame, &v->frame);
	uint16_t flags = v->on_82599 && !x540 ? v->on_82599 : v->flags;

	CU_ASSERT_FATAL(get(frame, len, &seen));
	if (seen.flags != flags)
		printf("verdict %td: %04x instead of %04x\n", v - verdicts, seen.flags, flags);
	CU_ASSERT_EQUAL(seen.flags, flags);
	CU_ASSERT_EQUAL(seen.len, len);
	CU_ASSERT_EQUAL(memcmp(seen.bytes, frame, len), 0);
}

static void checksums_are_judged(void)
{
	static const char *const models[] = { "82599", "x540" };

	for (unsigned m = 0; m < 2; m++)
		for (unsigned w = 0; w < WAYS; w++) {
			start(models[m], &ways[w], RX_CSUM, 0);
			for (unsigned i = 0; i < sizeof(verdicts) / sizeof(*verdicts); i++)
				judge(&verdicts[i], m == 1);
			end();
		}
}

/* --- checksums that are sent -------------------------------------------------------------------------------------------- */

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

	start("82599", &ways[0], 0, TX_ALL);
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

/* --- segments ----------------------------------------------------------------------------------------------------------- */

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

	start("82599", &ways[0], 0, TX_ALL);
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

/* --- tags ---------------------------------------------------------------------------------------------------------------- */

static void tags_are_stripped(void)
{
	static struct seen seen;
	struct frame_ip what = { .tags = 1, .tci = { 0xa064 }, .payload = 30 };
	uint8_t frame[256], bare[256];
	size_t len = frame_ip(frame, &what), bare_len;

	what.tags = 0;
	bare_len = frame_ip(bare, &what);
	for (unsigned w = 0; w < WAYS; w++) {
		start("82599", &ways[w], RTE_ETH_RX_OFFLOAD_VLAN_STRIP, 0);
		CU_ASSERT_FATAL(get(frame, len, &seen));
		CU_ASSERT_EQUAL(seen.flags & WEIR_PKT_VLAN, WEIR_PKT_VLAN);
		CU_ASSERT_EQUAL(seen.vlan, 0xa064);
		CU_ASSERT_EQUAL(seen.len, bare_len);
		CU_ASSERT_EQUAL(memcmp(seen.bytes, bare, bare_len), 0);
		CU_ASSERT_FATAL(get(bare, bare_len, &seen));
		CU_ASSERT_EQUAL(seen.flags & WEIR_PKT_VLAN, 0);
		/* And no more, when it is switched off while the port runs. */
		CU_ASSERT_EQUAL(rte_eth_dev_set_vlan_offload(bench.port, 0), 0);
		CU_ASSERT_FATAL(get(frame, len, &seen));
		CU_ASSERT_EQUAL(seen.flags & WEIR_PKT_VLAN, 0);
		CU_ASSERT_EQUAL(seen.len, len);
		end();
	}
}

static void tags_are_inserted(void)
{
	struct frame_ip what = { .payload = 100 };
	uint8_t frame[256];
	struct rte_mbuf *packet;

	start("82599", &ways[0], 0, TX_ALL);
	packet = pmd_packet(&bench.pmd, frame, frame_ip(frame, &what));
	packet->ol_flags |= RTE_MBUF_F_TX_VLAN;
	packet->vlan_tci = 0x2fff;
	put(packet, &what, 0);
	what.tags = 1;
	what.tci[0] = 0x2fff;
	CU_ASSERT(departs(frame, frame_ip(frame, &what)));
	end();
}

static void vlans_are_filtered(void)
{
	static struct seen seen;
	uint8_t frame[256];

	start("82599", &ways[0], RTE_ETH_RX_OFFLOAD_VLAN_FILTER, 0);
	CU_ASSERT_EQUAL(rte_eth_dev_vlan_filter(bench.port, 7, 1), 0);
	CU_ASSERT_EQUAL(rte_eth_dev_vlan_filter(bench.port, 4094, 1), 0);
	for (unsigned id = 0; id < 4096; id += id < 10 || id > 4090 ? 1 : 97) {
		struct frame_ip what = { .tags = 1, .tci = { (uint16_t)(0xe000 | id) }, .payload = 64 };

		CU_ASSERT_EQUAL(get(frame, frame_ip(frame, &what), &seen), id == 7 || id == 4094);
	}
	CU_ASSERT_EQUAL(rte_eth_dev_vlan_filter(bench.port, 7, 0), 0);
	for (uint16_t id = 6; id < 9; id++) {
		struct frame_ip what = { .tags = 1, .tci = { id }, .payload = 64 };

		CU_ASSERT(!get(frame, frame_ip(frame, &what), &seen));
	}
	CU_ASSERT(get(frame, frame_plain(frame, 64), &seen)); /* without a tag it concerns nobody */
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
	start("82599", &ways[1], RX_CSUM | RTE_ETH_RX_OFFLOAD_VLAN_STRIP | RTE_ETH_RX_OFFLOAD_VLAN_EXTEND, TX_ALL);
	CU_ASSERT_EQUAL(rte_eth_dev_set_vlan_ether_type(bench.port, RTE_ETH_VLAN_TYPE_OUTER, WEIR_ETHER_QINQ), 0);
	CU_ASSERT_FATAL(get(frame, len, &seen));
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

/* --- the rest ------------------------------------------------------------------------------------------------------------ */

static uint32_t crc_of(const uint8_t *bytes, size_t len)
{
	uint32_t crc = ~0u;

	for (size_t i = 0; i < len * 8; i++)
		crc = crc >> 1 ^ ((crc ^ bytes[i / 8] >> i % 8) & 1 ? 0xedb88320u : 0);
	return ~crc;
}

/* The driver takes the CRC off the length; it stands behind the data. */
static void crc_can_be_kept(void)
{
	uint8_t frame[1514], tail[4];
	struct rte_mbuf *packets[BURST], *packet;
	uint32_t crc;

	for (unsigned w = 0; w < 3; w++) {
		start("82599", &ways[w], RTE_ETH_RX_OFFLOAD_KEEP_CRC, 0);
		for (size_t len = 60; len <= 1514; len += 103) {
			arrive(frame, frame_plain(frame, len));
			CU_ASSERT_EQUAL_FATAL(pmd_receive(&bench.pmd, 0, packets, BURST), 1);
			packet = packets[0];
			CU_ASSERT_EQUAL(packet->pkt_len, len);
			crc = crc_of(frame, len);
			for (unsigned i = 0; i < 4; i++)
				tail[i] = (uint8_t)(crc >> 8 * i);
			CU_ASSERT_EQUAL(memcmp(rte_pktmbuf_mtod(packet, uint8_t *), frame, len), 0);
			CU_ASSERT_EQUAL(memcmp(rte_pktmbuf_mtod(packet, uint8_t *) + len, tail, 4), 0);
			rte_pktmbuf_free(packet);
		}
		end();
	}
}

int main(void)
{
	static const struct unit_case cases[] = {
		{ "checksums of received packets are judged", checksums_are_judged },
		{ "checksums of sent packets are filled in", checksums_are_filled_in },
		{ "TCP is cut into segments", tcp_is_segmented },
		{ "tags are stripped", tags_are_stripped },
		{ "tags are inserted", tags_are_inserted },
		{ "VLANs are filtered", vlans_are_filtered },
		{ "with two tags the inner one counts", two_tags },
		{ "the CRC can be kept", crc_can_be_kept },
		{ NULL, NULL },
	};
	int err = eal_start();

	return err ? err : unit_run("DPDK's offloads", cases);
}
