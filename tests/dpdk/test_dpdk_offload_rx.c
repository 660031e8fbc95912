/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the card does to received packets and says of them, as DPDK's driver hands it on: checksums, tags, coalescing.
 * What is expected was made with lib/net, whose sums have tests of their own.
 */
#include "bench.h"

#include <string.h>
#include <unistd.h>

#include "frames.h"
#include "seen.h"
#include "streams.h"
#include "weir/net.h"

#define RX_CSUM    (RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM | RTE_ETH_RX_OFFLOAD_TCP_CKSUM)
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

static void start(const char *model, const struct way *way, uint64_t rx_offloads)
{
	struct pmd_conf conf = {
		.eth.rxmode.mtu = 1500,
		.eth.rxmode.offloads = rx_offloads | way->scatter,
		.rx_refill = way->rx_refill,
	};

	bench_open(model, EXACT);
	bench_vector(way->vector);
	CU_ASSERT_EQUAL_FATAL(pmd_start(&bench.pmd, &conf), 0);
}

/* --- checksums that are received ---------------------------------------------------------------------------------- */

#define GOOD (WEIR_PKT_IP_GOOD | WEIR_PKT_L4_GOOD)

/*
 * This driver calls good what is not bad, checked or not; that is its way, and the card's word for it is looked at in
 * the other tests. UDP is never called bad on the 82599, because the card does so wrongly where there is no checksum.
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

	CU_ASSERT_FATAL(see(frame, len, &seen));
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
			start(models[m], &ways[w], RX_CSUM);
			for (unsigned i = 0; i < sizeof(verdicts) / sizeof(*verdicts); i++)
				judge(&verdicts[i], m == 1);
			end();
		}
}

/* --- tags --------------------------------------------------------------------------------------------------------- */

static void tags_are_stripped(void)
{
	static struct seen seen;
	struct frame_ip what = { .tags = 1, .tci = { 0xa064 }, .payload = 30 };
	uint8_t frame[256], bare[256];
	size_t len = frame_ip(frame, &what), bare_len;

	what.tags = 0;
	bare_len = frame_ip(bare, &what);
	for (unsigned w = 0; w < WAYS; w++) {
		start("82599", &ways[w], RTE_ETH_RX_OFFLOAD_VLAN_STRIP);
		CU_ASSERT_FATAL(see(frame, len, &seen));
		CU_ASSERT_EQUAL(seen.flags & WEIR_PKT_VLAN, WEIR_PKT_VLAN);
		CU_ASSERT_EQUAL(seen.vlan, 0xa064);
		CU_ASSERT_EQUAL(seen.len, bare_len);
		CU_ASSERT_EQUAL(memcmp(seen.bytes, bare, bare_len), 0);
		CU_ASSERT_FATAL(see(bare, bare_len, &seen));
		CU_ASSERT_EQUAL(seen.flags & WEIR_PKT_VLAN, 0);
		/* And no more, when it is switched off while the port runs. */
		CU_ASSERT_EQUAL(rte_eth_dev_set_vlan_offload(bench.port, 0), 0);
		CU_ASSERT_FATAL(see(frame, len, &seen));
		CU_ASSERT_EQUAL(seen.flags & WEIR_PKT_VLAN, 0);
		CU_ASSERT_EQUAL(seen.len, len);
		end();
	}
}

static void vlans_are_filtered(void)
{
	static struct seen seen;
	uint8_t frame[256];

	start("82599", &ways[0], RTE_ETH_RX_OFFLOAD_VLAN_FILTER);
	CU_ASSERT_EQUAL(rte_eth_dev_vlan_filter(bench.port, 7, 1), 0);
	CU_ASSERT_EQUAL(rte_eth_dev_vlan_filter(bench.port, 4094, 1), 0);
	for (unsigned id = 0; id < 4096; id += id < 10 || id > 4090 ? 1 : 97) {
		struct frame_ip what = { .tags = 1, .tci = { (uint16_t)(0xe000 | id) }, .payload = 64 };

		CU_ASSERT_EQUAL(see(frame, frame_ip(frame, &what), &seen), id == 7 || id == 4094);
	}
	CU_ASSERT_EQUAL(rte_eth_dev_vlan_filter(bench.port, 7, 0), 0);
	for (uint16_t id = 6; id < 9; id++) {
		struct frame_ip what = { .tags = 1, .tci = { id }, .payload = 64 };

		CU_ASSERT(!see(frame, frame_ip(frame, &what), &seen));
	}
	CU_ASSERT(see(frame, frame_plain(frame, 64), &seen)); /* without a tag it concerns nobody */
	end();
}

/* --- coalescing --------------------------------------------------------------------------------------------------- */

/* Segments of several connections, mixed: each stream must come out whole, in fewer packets. */
static void streams_are_coalesced(uint16_t rx_refill)
{
	static struct streams streams;
	static uint8_t bytes[4 * FRAME_MAX];
	struct pmd_conf conf = {
		.slots = 512,
		.rx_refill = rx_refill,
		.eth.rxmode.mtu = 1500,
		.eth.rxmode.offloads = RX_CSUM | RTE_ETH_RX_OFFLOAD_TCP_LRO,
	};
	struct rte_mbuf *packets[BURST];

	begin("82599", EXACT, &conf);
	CU_ASSERT(eal_said("LRO is requested"));
	streams_send(&streams, bench.nic);
	/* What is left in the card comes when its timer runs out. */
	for (unsigned i = 0; i < 10000 && !streams_complete(&streams); i++) {
		unsigned n = pmd_receive(&bench.pmd, 0, packets, BURST);

		for (unsigned k = 0; k < n; k++)
			streams_take(&streams, bytes, pmd_bytes(packets[k], bytes));
		rte_pktmbuf_free_bulk(packets, n);
		if (!n)
			usleep(1000);
	}
	CU_ASSERT(streams_complete(&streams));
	CU_ASSERT(streams_right(&streams));
	CU_ASSERT(streams.packets <= STREAMS * STREAM_SEGMENTS / 2);
	end();
}

static void segments_are_coalesced(void)
{
	streams_are_coalesced(0);
	streams_are_coalesced(ONE_BY_ONE);
}

/* --- the rest ----------------------------------------------------------------------------------------------------- */

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
		start("82599", &ways[w], RTE_ETH_RX_OFFLOAD_KEEP_CRC);
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
		{ "tags are stripped", tags_are_stripped },
		{ "VLANs are filtered", vlans_are_filtered },
		{ "segments are coalesced", segments_are_coalesced },
		{ "the CRC can be kept", crc_can_be_kept },
		{ NULL, NULL },
	};
	int err = eal_start();

	return err ? err : unit_run("DPDK's receive offloads", cases);
}
