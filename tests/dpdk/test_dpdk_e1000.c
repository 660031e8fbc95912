/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * DPDK's drivers for Intel's gigabit cards, em and igb, on the models of the 82540EM, 82574L and 82576: data paths with
 * frames of every length, offloads, queues, link. What is expected of offloads was made by lib/net, which neither the model's
 * engines nor the drivers use here.
 */
#include "bench.h"

#include <rte_flow.h>
#include <rte_ip.h>
#include <string.h>

#include "frames.h"
#include "seen.h"
#include "trap.h"
#include "weir/net.h"

#define SHORTEST 60u
#define LONGEST  1514u
#define JUMBO    9000u

static const char *const models[] = { "82540EM", "82545EM", "82574L", "82576" };

#define MODELS (sizeof(models) / sizeof(*models))

/* --- data paths ------------------------------------------------------------------------------------------------------------- */

/* These drivers count the CRC, which the hardware counts, on the way out too. */
static void all_lengths(const char *model, enum mode mode, bool jumbo)
{
	struct pmd_conf conf = {
		.eth.rxmode.mtu = jumbo ? JUMBO : 1500,
		.eth.rxmode.offloads = jumbo ? RTE_ETH_RX_OFFLOAD_SCATTER : 0,
		.eth.txmode.offloads = jumbo ? RTE_ETH_TX_OFFLOAD_MULTI_SEGS : 0,
	};
	struct rte_eth_stats stats;
	uint64_t frames = 0;

	begin(model, mode, &conf);
	for (unsigned len = SHORTEST; len <= LONGEST; len += BURST) {
		unsigned n = LONGEST + 1 - len < BURST ? LONGEST + 1 - len : BURST;

		there_and_back(len, n);
		frames += n;
	}
	for (unsigned len = 2040; jumbo && len <= JUMBO + 14; len += 581, frames++)
		there_and_back(len, 1);
	CU_ASSERT_EQUAL(rte_eth_stats_get(bench.port, &stats), 0);
	CU_ASSERT_EQUAL(stats.ipackets, frames);
	CU_ASSERT_EQUAL(stats.opackets, frames);
	CU_ASSERT_EQUAL(stats.ibytes, stats.obytes);
	CU_ASSERT_EQUAL(stats.ierrors + stats.imissed + stats.oerrors + stats.rx_nombuf, 0);
	end();
}

static void frames_of_every_length(void)
{
	for (unsigned m = 0; m < MODELS; m++)
		all_lengths(models[m], EXACT, false);
}

static void frames_in_pieces(void)
{
	for (unsigned m = 0; m < MODELS; m++)
		all_lengths(models[m], EXACT, true);
}

static void mapped_doorbells(void)
{
	for (unsigned m = 0; m < MODELS; m++)
		for (unsigned jumbo = 0; jumbo < 2; jumbo++)
			all_lengths(models[m], FAST, jumbo);
}

/* In fast mode no access of the data path is caught: what runs is what would run on hardware. */
static void nothing_is_caught(void)
{
	struct pmd_conf conf = { .eth.rxmode.mtu = 1500 };
	uint64_t before;

	for (unsigned m = 0; m < MODELS; m++) {
		begin(models[m], FAST, &conf);
		before = trap_count();
		for (unsigned i = 0; i < 20; i++)
			there_and_back(64 + i, BURST);
		CU_ASSERT_EQUAL(trap_count(), before);
		end();
	}
}

/* --- offloads ----------------------------------------------------------------------------------------------------------------- */

#define RX_CSUM (RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM | RTE_ETH_RX_OFFLOAD_TCP_CKSUM)
#define TX_CSUM (RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM | RTE_ETH_TX_OFFLOAD_TCP_CKSUM)

static void start(const char *model, uint64_t rx_offloads, uint64_t tx_offloads)
{
	struct pmd_conf conf = {
		.eth.rxmode.mtu = 1500,
		.eth.rxmode.offloads = rx_offloads,
		.eth.txmode.offloads = tx_offloads,
	};

	begin(model, EXACT, &conf);
}

/* On the 8254x em has IP looked at, and leaves layer 4 as the card has it at first, which is off. */
static void judge(const struct frame_ip *what, bool l4)
{
	static struct seen seen;
	struct rte_mbuf *packets[BURST];
	uint8_t frame[2048];
	size_t len = frame_ip(frame, what);
	unsigned n;

	arrive(frame, len);
	n = pmd_receive(&bench.pmd, 0, packets, BURST);
	CU_ASSERT_EQUAL_FATAL(n, 1);
	seen_by_dpdk(packets[0], 0, &seen);
	rte_pktmbuf_free(packets[0]);
	CU_ASSERT_EQUAL(!(seen.flags & WEIR_PKT_IP_BAD), !what->bad_ip);
	CU_ASSERT_EQUAL(!(seen.flags & WEIR_PKT_L4_BAD), !what->bad_l4 || !l4);
}

static void checksums_are_judged(void)
{
	for (unsigned m = 0; m < MODELS; m++) {
		start(models[m], RX_CSUM, 0);
		for (unsigned i = 0; i < 32; i++) {
			struct frame_ip what = {
				.protocol = i & 1 ? WEIR_IP_TCP : WEIR_IP_UDP,
				.ipv6 = i & 2,
				.bad_l4 = i & 4,
				.bad_ip = i & 8 && !(i & 2),
				.tags = i >> 4 & 1,
				.payload = 50 + i,
			};

			judge(&what, strncmp(models[m], "8254", 4) != 0);
		}
		end();
	}
}

/* Asks DPDK to send the packet so that it leaves as @what describes it. */
static void ask(struct rte_mbuf *packet, const struct frame_ip *what)
{
	packet->l2_len = frame_l2(what);
	packet->l3_len = frame_l3(what);
	packet->l4_len = frame_l4(what);
	packet->ol_flags |= what->ipv6 ? RTE_MBUF_F_TX_IPV6 : RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM;
	packet->ol_flags |= what->protocol == WEIR_IP_TCP ? RTE_MBUF_F_TX_TCP_CKSUM : RTE_MBUF_F_TX_UDP_CKSUM;
}

static void put(struct rte_mbuf *packet)
{
	CU_ASSERT_EQUAL_FATAL(rte_eth_tx_prepare(bench.port, 0, &packet, 1), 1);
	CU_ASSERT_EQUAL(pmd_send(&bench.pmd, 0, &packet, 1), 1);
}

static void checksums_are_filled_in(void)
{
	uint8_t frame[2048];

	for (unsigned m = 0; m < MODELS; m++) {
		start(models[m], 0, TX_CSUM);
		for (unsigned i = 0; i < 80; i++) {
			struct frame_ip what = {
				.protocol = i & 1 ? WEIR_IP_TCP : WEIR_IP_UDP,
				.ipv6 = i & 2,
				.options = i & 4 && !(i & 2) ? 2 : 0,
				.payload = 20 + i * 17,
				.src = (uint8_t)i,
				.bad_l4 = true,
				.bad_ip = true,
			};
			size_t len = frame_ip(frame, &what);
			struct rte_mbuf *packet = pmd_packet(&bench.pmd, frame, len);

			ask(packet, &what);
			put(packet);
			what.bad_l4 = what.bad_ip = false;
			len = frame_ip(frame, &what);
			CU_ASSERT(departs(frame, len));
		}
		end();
	}
}

/* A packet of @payload bytes is cut into segments of @mss, and each must be what lib/net would have made of it. */
static void cut(struct frame_ip what, size_t payload, uint16_t mss)
{
	static uint8_t big[FRAME_MAX], one[FRAME_MAX];
	size_t head = frame_l2(&what) + frame_l3(&what) + frame_l4(&what);
	struct rte_mbuf *packet;

	what.payload = payload;
	what.tcp_flags = WEIR_TCP_ACK | WEIR_TCP_PSH | WEIR_TCP_FIN;
	packet = pmd_packet(&bench.pmd, big, frame_ip(big, &what));
	ask(packet, &what);
	packet->ol_flags |= RTE_MBUF_F_TX_TCP_SEG;
	packet->tso_segsz = mss;
	put(packet);
	for (size_t at = 0; at < payload; at += mss, what.id++, what.seq += mss) {
		what.payload = payload - at < mss ? payload - at : mss;
		what.tcp_flags = at + mss < payload ? WEIR_TCP_ACK : WEIR_TCP_ACK | WEIR_TCP_PSH | WEIR_TCP_FIN;
		what.body = big + head + at;
		CU_ASSERT(departs(one, frame_ip(one, &what)));
	}
	CU_ASSERT_EQUAL(weir_sim_take(bench.nic, one, sizeof(one)), 0);
}

/* em does not offer segmentation. */
static void tcp_is_segmented(void)
{
	struct frame_ip what = {
		.protocol = WEIR_IP_TCP, .id = 0xfffe, .seq = 0xfffffff0u, .src_port = 7, .dst_port = 9
	};

	start("82576", 0, TX_CSUM | RTE_ETH_TX_OFFLOAD_TCP_TSO | RTE_ETH_TX_OFFLOAD_MULTI_SEGS);
	for (unsigned i = 0; i < 2; i++) {
		what.ipv6 = i;
		cut(what, 10000, 1400);
		cut(what, 8, 1460);
		cut(what, 2920, 1460);
		cut(what, 1001, 100);
	}
	end();
}

static void tags_are_stripped_and_inserted(void)
{
	static struct seen seen;
	struct rte_mbuf *packets[BURST], *packet;
	uint8_t frame[200], bare[200];

	for (unsigned m = 0; m < MODELS; m++) {
		struct frame_ip what = { .tags = 1, .tci = { 0x6123 }, .payload = 100 };
		size_t len = frame_ip(frame, &what), bare_len;

		what.tags = 0;
		bare_len = frame_ip(bare, &what);
		start(models[m], RTE_ETH_RX_OFFLOAD_VLAN_STRIP, RTE_ETH_TX_OFFLOAD_VLAN_INSERT);
		arrive(frame, len);
		CU_ASSERT_EQUAL_FATAL(pmd_receive(&bench.pmd, 0, packets, BURST), 1);
		packet = packets[0];
		seen_by_dpdk(packet, 0, &seen);
		CU_ASSERT(seen.flags & WEIR_PKT_VLAN);
		CU_ASSERT_EQUAL(seen.vlan, 0x6123);
		CU_ASSERT_EQUAL(seen.len, bare_len);
		CU_ASSERT(!memcmp(seen.bytes, bare, bare_len));
		packet->ol_flags = RTE_MBUF_F_TX_VLAN;
		packet->vlan_tci = 0x6123;
		CU_ASSERT_EQUAL(pmd_send(&bench.pmd, 0, &packet, 1), 1);
		CU_ASSERT(departs(frame, len));
		end();
	}
}

/* --- queues, filters, link ------------------------------------------------------------------------------------------------------ */

static void rss_spreads(void)
{
	struct pmd_conf conf = {
		.queues = 8,
		.eth.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS,
		.eth.rx_adv_conf.rss_conf.rss_hf = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_UDP,
	};
	unsigned used = 0, received = 0;
	uint8_t frame[200];

	begin("82576", EXACT, &conf);
	for (unsigned i = 0; i < 256; i++) {
		struct frame_ip what = { .src = (uint8_t)i, .src_port = (uint16_t)(i * 7), .payload = 30 };

		arrive(frame, frame_ip(frame, &what));
	}
	for (uint16_t q = 0; q < 8; q++) {
		struct rte_mbuf *packets[256];
		unsigned n = pmd_receive(&bench.pmd, q, packets, 256);

		used += n != 0;
		received += n;
		rte_pktmbuf_free_bulk(packets, n);
	}
	CU_ASSERT_EQUAL(received, 256);
	CU_ASSERT_EQUAL(used, 8);
	end();
}

/* Which of the queues one frame comes to. */
static unsigned queue_of(const uint8_t *frame, size_t len, unsigned queues)
{
	struct rte_mbuf *packets[BURST];

	arrive(frame, len);
	for (uint16_t q = 0; q < queues; q++) {
		unsigned n = pmd_receive(&bench.pmd, q, packets, BURST);

		rte_pktmbuf_free_bulk(packets, n);
		if (n)
			return q;
	}
	return UINT32_MAX;
}

static void steer(const struct rte_flow_item *pattern, uint16_t queue)
{
	const struct rte_flow_attr attr = { .ingress = 1 };
	const struct rte_flow_action_queue to = { .index = queue };
	const struct rte_flow_action actions[] = { { .type = RTE_FLOW_ACTION_TYPE_QUEUE, .conf = &to },
		                                   { .type = RTE_FLOW_ACTION_TYPE_END } };
	struct rte_flow_error error = { 0 };

	if (rte_flow_create(bench.port, &attr, pattern, actions, &error))
		return;
	CU_FAIL("DPDK has not taken a rule");
	printf("%s\n", error.message ? error.message : "without a word");
}

static void filters_choose_queues(void)
{
	struct rte_flow_item_eth type = { .type = RTE_BE16(0x88b5) }, type_mask = { .type = 0xffff };
	struct rte_flow_item_ipv4 ip = { .hdr = { .next_proto_id = WEIR_IP_UDP,
		                                  .src_addr = RTE_BE32(0x0a000007),
		                                  .dst_addr = RTE_BE32(0x0a000009) } };
	struct rte_flow_item_ipv4 ip_mask = { .hdr = { .next_proto_id = 0xff, .src_addr = ~0u, .dst_addr = ~0u } };
	struct rte_flow_item_udp udp = { .hdr = { .src_port = RTE_BE16(1000), .dst_port = RTE_BE16(2000) } };
	struct rte_flow_item_udp udp_mask = { .hdr = { .src_port = 0xffff, .dst_port = 0xffff } };
	const struct rte_flow_item by_type[] = { { RTE_FLOW_ITEM_TYPE_ETH, &type, NULL, &type_mask },
		                                 { RTE_FLOW_ITEM_TYPE_END, NULL, NULL, NULL } };
	const struct rte_flow_item by_tuple[] = { { RTE_FLOW_ITEM_TYPE_ETH, NULL, NULL, NULL },
		                                  { RTE_FLOW_ITEM_TYPE_IPV4, &ip, NULL, &ip_mask },
		                                  { RTE_FLOW_ITEM_TYPE_UDP, &udp, NULL, &udp_mask },
		                                  { RTE_FLOW_ITEM_TYPE_END, NULL, NULL, NULL } };
	struct frame_ip what = { .src = 7, .dst = 9, .src_port = 1000, .dst_port = 2000, .payload = 20 };
	struct pmd_conf conf = { .queues = 4 };
	uint8_t frame[200];
	size_t len;

	begin("82576", EXACT, &conf);
	len = frame_ip(frame, &what);
	CU_ASSERT_EQUAL(queue_of(frame, len, 4), 0);
	steer(by_type, 3);
	steer(by_tuple, 2);
	CU_ASSERT_EQUAL(queue_of(frame, len, 4), 2);
	what.dst_port++;
	len = frame_ip(frame, &what);
	CU_ASSERT_EQUAL(queue_of(frame, len, 4), 0);
	len = frame_plain(frame, 100);
	CU_ASSERT_EQUAL(queue_of(frame, len, 4), 3);
	CU_ASSERT_EQUAL(rte_flow_flush(bench.port, NULL), 0);
	CU_ASSERT_EQUAL(queue_of(frame, len, 4), 0);
	end();
}

static bool comes_in(const uint8_t *to)
{
	static uint8_t got[FRAME_MAX];
	uint8_t frame[60];

	frame_plain(frame, sizeof(frame));
	memcpy(frame, to, 6);
	arrive(frame, sizeof(frame));
	return receive_one(0, got) == sizeof(frame);
}

static void addresses_are_filtered(void)
{
	struct rte_ether_addr group = { { 0x01, 0x00, 0x5e, 0x01, 0x02, 0x03 } }, other = { { 2, 0, 0, 0, 0, 9 } };
	struct pmd_conf conf = { 0 };

	for (unsigned m = 0; m < MODELS; m++) {
		begin(models[m], EXACT, &conf);
		CU_ASSERT(comes_in((const uint8_t *)BENCH_MAC));
		CU_ASSERT(!comes_in(other.addr_bytes));
		CU_ASSERT(!comes_in(group.addr_bytes));
		CU_ASSERT_EQUAL(rte_eth_dev_set_mc_addr_list(bench.port, &group, 1), 0);
		CU_ASSERT(comes_in(group.addr_bytes));
		CU_ASSERT_EQUAL(rte_eth_dev_mac_addr_add(bench.port, &other, 0), 0);
		CU_ASSERT(comes_in(other.addr_bytes));
		CU_ASSERT_EQUAL(rte_eth_dev_mac_addr_remove(bench.port, &other), 0);
		CU_ASSERT(!comes_in(other.addr_bytes));
		CU_ASSERT_EQUAL(rte_eth_promiscuous_enable(bench.port), 0);
		CU_ASSERT(comes_in(other.addr_bytes));
		end();
	}
}

static void the_link_goes_and_comes(void)
{
	struct pmd_conf conf = { 0 };
	struct rte_eth_link link;

	for (unsigned m = 0; m < MODELS; m++) {
		begin(models[m], EXACT, &conf);
		CU_ASSERT_EQUAL(rte_eth_link_get(bench.port, &link), 0);
		CU_ASSERT_EQUAL(link.link_status, RTE_ETH_LINK_UP);
		CU_ASSERT_EQUAL(link.link_speed, 1000);
		CU_ASSERT_EQUAL(link.link_duplex, RTE_ETH_LINK_FULL_DUPLEX);
		weir_sim_link(bench.nic, false);
		CU_ASSERT_EQUAL(rte_eth_link_get_nowait(bench.port, &link), 0);
		CU_ASSERT_EQUAL(link.link_status, RTE_ETH_LINK_DOWN);
		weir_sim_link(bench.nic, true);
		CU_ASSERT_EQUAL(rte_eth_link_get(bench.port, &link), 0);
		CU_ASSERT_EQUAL(link.link_status, RTE_ETH_LINK_UP);
		there_and_back(100, 10);
		end();
	}
}

/* All that the drivers can show: nothing that they read is without a register in the model. */
static void everything_can_be_read(void)
{
	static uint32_t registers[4096];
	static uint16_t eeprom[8192];
	struct rte_dev_reg_info info = { .data = registers };
	struct rte_dev_eeprom_info words = { .data = eeprom };
	struct rte_eth_xstat xstats[128];
	struct pmd_conf conf = { 0 };
	int n;

	for (unsigned m = 0; m < MODELS; m++) {
		begin(models[m], EXACT, &conf);
		there_and_back(100, 10);
		n = rte_eth_xstats_get(bench.port, xstats, 128);
		CU_ASSERT(n > 0 && n <= 128);
		CU_ASSERT_EQUAL(xstats[0].value, 10);
		words.length = 128;
		if (!rte_eth_dev_get_eeprom(bench.port, &words)) {
			unsigned sum = 0;

			for (unsigned i = 0; i < 64; i++)
				sum += eeprom[i];
			CU_ASSERT_EQUAL(sum & 0xffff, 0xbaba);
			CU_ASSERT_EQUAL(rte_eth_dev_get_reg_info(bench.port, &info), 0);
		}
		CU_ASSERT_EQUAL(rte_eth_stats_reset(bench.port), 0);
		end();
	}
}

static void the_clock_runs(void)
{
	struct timespec time = { .tv_sec = 100 }, now;
	struct pmd_conf conf = { 0 };

	begin("82576", EXACT, &conf);
	CU_ASSERT_EQUAL(rte_eth_timesync_enable(bench.port), 0);
	CU_ASSERT_EQUAL(rte_eth_timesync_write_time(bench.port, &time), 0);
	CU_ASSERT_EQUAL(rte_eth_timesync_read_time(bench.port, &now), 0);
	CU_ASSERT(now.tv_sec >= 100 && now.tv_sec < 160);
	CU_ASSERT_EQUAL(rte_eth_timesync_disable(bench.port), 0);
	end();
}

/* Again on the same card: what was left behind does no harm. */
static void it_starts_again(void)
{
	struct pmd_conf conf = { 0 };

	for (unsigned m = 0; m < MODELS; m++) {
		begin(models[m], EXACT, &conf);
		for (unsigned i = 0; i < 5; i++) {
			there_and_back(60 + i, 5 * i + 1);
			CU_ASSERT_EQUAL(pmd_stop(&bench.pmd), 0);
			CU_ASSERT_EQUAL_FATAL(pmd_start(&bench.pmd, &conf), 0);
		}
		end();
	}
}

static const struct unit_case cases[] = {
	{ "frames of every length", frames_of_every_length },
	{ "frames in pieces", frames_in_pieces },
	{ "mapped doorbells", mapped_doorbells },
	{ "nothing is caught", nothing_is_caught },
	{ "checksums are judged", checksums_are_judged },
	{ "checksums are filled in", checksums_are_filled_in },
	{ "TCP is segmented", tcp_is_segmented },
	{ "tags are stripped and inserted", tags_are_stripped_and_inserted },
	{ "RSS spreads", rss_spreads },
	{ "filters choose queues", filters_choose_queues },
	{ "addresses are filtered", addresses_are_filtered },
	{ "the link goes and comes", the_link_goes_and_comes },
	{ "everything can be read", everything_can_be_read },
	{ "the clock runs", the_clock_runs },
	{ "it starts again", it_starts_again },
	{ NULL, NULL },
};

int main(void)
{
	int err = eal_start();

	return err ? err : unit_run("DPDK's drivers of gigabit cards", cases);
}
