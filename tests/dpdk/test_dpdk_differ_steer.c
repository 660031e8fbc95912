/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The same addresses, VLANs, RSS tables and filters set by DPDK's driver on one card and by ours on the other: the same
 * frames must go to the same queues. And both must read the same of what is on the cards, and count the same.
 */
#include "both.h"

#include <rte_flow.h>
#include <string.h>

#include "frames.h"
#include "weir/device.h"
#include "weir/filter.h"
#include "weir/parse.h"
#include "weir/wire.h"

#define NOWHERE UINT16_MAX
#define ROUNDS  600

static void begin_steering(void)
{
	begin_both(&(struct both_conf){ .model = "82599", .vector = true });
	CU_ASSERT_EQUAL(rte_eth_promiscuous_disable(bench.port), 0);
	CU_ASSERT_EQUAL(weir_port_set_promiscuous(ours.port, false), 0);
}

/* --- where a frame goes ------------------------------------------------------------------------------------------- */

static uint16_t our_queue(void)
{
	struct weir_pkt pkts[BURST];
	uint16_t queue = NOWHERE;

	for (uint16_t q = 0; q < BOTH_QUEUES; q++) {
		unsigned n = weir_rx(weir_port_rxq(ours.port, q), pkts, BURST);

		if (n)
			queue = q;
		weir_pool_free(ours.cache, pkts, n);
	}
	return queue;
}

static uint16_t their_queue(void)
{
	struct rte_mbuf *packets[BURST];
	uint16_t queue = NOWHERE;

	for (uint16_t q = 0; q < BOTH_QUEUES; q++) {
		unsigned n = pmd_receive(&bench.pmd, q, packets, BURST);

		if (n)
			queue = q;
		rte_pktmbuf_free_bulk(packets, n);
	}
	return queue;
}

/* The queue that a frame goes to, which must be the same on both. */
static uint16_t goes_to(const uint8_t *frame, size_t len)
{
	uint16_t a, b;

	arrive(frame, len);
	CU_ASSERT_EQUAL(weir_sim_send(ours.nic, frame, len), 0);
	run();
	a = our_queue();
	b = their_queue();
	if (a != b) {
		CU_FAIL("the drivers steer differently");
		printf("ours to %u, DPDK's to %u\n", a, b);
		hex("frame", frame, (int)len);
	}
	return a;
}

/*
 * Frames of few addresses, ports, tags and protocols, so that filters match now and then. @seen counts where they went.
 */
static void steer(unsigned seen[BOTH_QUEUES + 1])
{
	static const uint8_t protocols[] = { WEIR_IP_UDP, WEIR_IP_TCP, WEIR_IP_SCTP, WEIR_IP_ICMP };
	static const uint8_t macs[][6] = { { 2, 0, 0, 0, 0, 1 },       { 2, 0, 0, 0, 0, 0x77 },
		                           { 2, 0, 0, 0, 0, 0x78 },    { 1, 0, 0x5e, 1, 2, 3 },
		                           { 0x33, 0x33, 0, 0, 0, 9 }, { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
	uint32_t random = 12345;

	memset(seen, 0, (BOTH_QUEUES + 1) * sizeof(*seen));
	for (unsigned i = 0; i < ROUNDS; i++) {
		uint8_t frame[256];
		struct frame_ip what;
		uint16_t queue;
		size_t len;

		random = random * 1664525 + 1013904223;
		what = (struct frame_ip){
			.protocol = protocols[random >> 8 & 3],
			.ipv6 = !(random >> 10 & 7),
			.tags = !(random >> 13 & 3),
			.tci = { (uint16_t)(5 + (random >> 15 & 3)) },
			.src = (uint8_t)(1 + (random >> 17 & 1)),
			.dst = (uint8_t)(2 + (random >> 18 & 1)),
			.src_port = (uint16_t)(1000 + (random >> 19 & 1)),
			.dst_port = (uint16_t)(2000 + (random >> 20 & 1)),
			.tcp_flags = random >> 21 & 1 ? WEIR_TCP_SYN : WEIR_TCP_ACK,
			.payload = 30,
		};
		len = frame_ip(frame, &what);
		if (!(random >> 22 & 7))
			weir_store_be16(frame + 12, 0x88cc);
		if (random >> 25 & 1)
			memcpy(frame, macs[(random >> 26 & 63) % 6], 6);
		queue = goes_to(frame, len);
		seen[queue == NOWHERE ? BOTH_QUEUES : queue]++;
	}
}

/* --- what is set -------------------------------------------------------------------------------------------------- */

static void addresses_and_vlans(void)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 0x77 }, group[6] = { 1, 0, 0x5e, 1, 2, 3 };
	unsigned seen[BOTH_QUEUES + 1], before;
	struct rte_ether_addr address;

	begin_steering();
	steer(seen);
	before = seen[BOTH_QUEUES];
	memcpy(&address, mac, 6);
	CU_ASSERT_EQUAL(rte_eth_dev_mac_addr_add(bench.port, &address, 0), 0);
	CU_ASSERT_EQUAL(weir_port_add_mac(ours.port, mac), 0);
	memcpy(&address, group, 6);
	CU_ASSERT_EQUAL(rte_eth_dev_set_mc_addr_list(bench.port, &address, 1), 0);
	CU_ASSERT_EQUAL(weir_port_add_mac(ours.port, group), 0);
	steer(seen);
	CU_ASSERT(seen[BOTH_QUEUES] < before);
	before = seen[BOTH_QUEUES];
	CU_ASSERT_EQUAL(
	    rte_eth_dev_set_vlan_offload(bench.port, RTE_ETH_VLAN_STRIP_OFFLOAD | RTE_ETH_VLAN_FILTER_OFFLOAD), 0);
	CU_ASSERT_EQUAL(rte_eth_dev_vlan_filter(bench.port, 6, 1), 0);
	CU_ASSERT_EQUAL(weir_port_set_vlan_filter(ours.port, true), 0);
	CU_ASSERT_EQUAL(weir_port_add_vlan(ours.port, 6), 0);
	steer(seen);
	CU_ASSERT(seen[BOTH_QUEUES] > before);
	CU_ASSERT_EQUAL(rte_eth_allmulticast_enable(bench.port), 0);
	CU_ASSERT_EQUAL(weir_port_set_all_multicast(ours.port, true), 0);
	steer(seen);
	end_both();
}

static void rss(void)
{
	struct rte_eth_rss_reta_entry64 entries[2] = { { .mask = UINT64_MAX }, { .mask = UINT64_MAX } };
	struct weir_rss rss = { .types = WEIR_RSS_IPV4 | WEIR_RSS_IPV4_UDP | WEIR_RSS_IPV6, .table_size = 128 };
	struct rte_eth_rss_conf conf = { .rss_key = rss.key,
		                         .rss_key_len = sizeof(rss.key),
		                         .rss_hf = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_UDP | RTE_ETH_RSS_IPV6 };
	unsigned seen[BOTH_QUEUES + 1];

	for (unsigned i = 0; i < sizeof(rss.key); i++)
		rss.key[i] = (uint8_t)(i * 37 + 11);
	for (unsigned i = 0; i < 128; i++)
		entries[i / 64].reta[i % 64] = rss.table[i] = i * i % 3 + 1;
	begin_steering();
	CU_ASSERT_EQUAL(rte_eth_dev_rss_hash_update(bench.port, &conf), 0);
	CU_ASSERT_EQUAL(rte_eth_dev_rss_reta_update(bench.port, entries, 128), 0);
	CU_ASSERT_EQUAL(weir_port_set_rss(ours.port, &rss), 0);
	steer(seen);
	CU_ASSERT(seen[1] && seen[2] && !seen[3]); /* of i * i % 3 there is 0 and 1 */
	end_both();
}

/* --- filters ------------------------------------------------------------------------------------------------------ */

/*
 * Both get the filter that @filter describes; DPDK as a flow of @items, with a mark where only the flow director takes
 * it.
 */
static void both_filter(const struct weir_filter *filter, const struct rte_flow_item *items, bool director)
{
	const struct rte_flow_attr attr = { .ingress = 1,
		                            .priority = director || filter->match == WEIR_MATCH_ETHER_TYPE ? 0 : 1 };
	struct rte_flow_action_queue to = { .index = filter->queue };
	struct rte_flow_action_mark mark = { .id = 5 };
	struct rte_flow_action actions[] = { { .type = RTE_FLOW_ACTION_TYPE_QUEUE, .conf = &to },
		                             { .type = director ? RTE_FLOW_ACTION_TYPE_MARK : RTE_FLOW_ACTION_TYPE_END,
		                               .conf = &mark },
		                             { .type = RTE_FLOW_ACTION_TYPE_END } };
	struct rte_flow_error error = { 0 };
	int err = weir_port_add_filter(ours.port, filter, NULL);

	if (err)
		printf("%s\n", weir_error());
	CU_ASSERT_EQUAL(err, 0);
	CU_ASSERT_PTR_NOT_NULL(rte_flow_create(bench.port, &attr, items, actions, &error));
}

static void five_tuples(bool director)
{
	struct weir_filter filter = { .match = WEIR_MATCH_IPV4 | WEIR_MATCH_PROTOCOL | WEIR_MATCH_SRC | WEIR_MATCH_DST |
		                               WEIR_MATCH_SRC_PORT | WEIR_MATCH_DST_PORT,
		                      .protocol = WEIR_IP_UDP,
		                      .dst_port = 2001 };
	struct rte_flow_item_ipv4 ip = { .hdr = { .next_proto_id = WEIR_IP_UDP } };
	struct rte_flow_item_ipv4 addresses = {
		.hdr = { .next_proto_id = director ? 0 : 0xff, .src_addr = ~0u, .dst_addr = ~0u }
	};
	struct rte_flow_item_udp udp = { .hdr = { .dst_port = weir_be16(2001) } };
	struct rte_flow_item_udp ports = { .hdr = { .src_port = 0xffff, .dst_port = 0xffff } };
	const struct rte_flow_item items[] = { { .type = RTE_FLOW_ITEM_TYPE_IPV4, .spec = &ip, .mask = &addresses },
		                               { .type = RTE_FLOW_ITEM_TYPE_UDP, .spec = &udp, .mask = &ports },
		                               { .type = RTE_FLOW_ITEM_TYPE_END } };

	for (unsigned i = 0; i < 4; i++) {
		uint32_t src = weir_be32(0x0a000001u + (i & 1)), dst = weir_be32(0x0a000002u + (i >> 1));

		memcpy(filter.src, &src, 4);
		memcpy(filter.dst, &dst, 4);
		ip.hdr.src_addr = src;
		ip.hdr.dst_addr = dst;
		udp.hdr.src_port = weir_be16((uint16_t)(1000 + (i & 1)));
		filter.src_port = (uint16_t)(1000 + (i & 1));
		filter.queue = (uint16_t)i;
		both_filter(&filter, items, director);
	}
}

static void tuples_and_types(void)
{
	struct weir_filter filter = { .match = WEIR_MATCH_ETHER_TYPE, .ether_type = 0x88cc, .queue = 3 };
	struct rte_flow_item_eth eth = { .type = weir_be16(0x88cc) }, mask = { .type = 0xffff };
	const struct rte_flow_item items[] = { { .type = RTE_FLOW_ITEM_TYPE_ETH, .spec = &eth, .mask = &mask },
		                               { .type = RTE_FLOW_ITEM_TYPE_END } };
	unsigned seen[BOTH_QUEUES + 1], before;

	begin_steering();
	steer(seen);
	before = seen[3];
	five_tuples(false);
	steer(seen);
	both_filter(&filter, items, false);
	steer(seen);
	CU_ASSERT(seen[3] > before);
	end_both();
}

static void director(void)
{
	unsigned seen[BOTH_QUEUES + 1];

	begin_steering();
	five_tuples(true);
	steer(seen);
	end_both();
}

/* --- what is on the card, and what is counted --------------------------------------------------------------------- */

static void memories(void)
{
	uint8_t a[256], b[256];
	struct rte_dev_eeprom_info info = { .data = b, .length = sizeof(b) };

	begin_both(&(struct both_conf){ .model = "82599", .vector = true });
	for (info.offset = 0; info.offset < 0x400; info.offset += sizeof(b)) {
		CU_ASSERT_EQUAL(weir_port_read_eeprom(ours.port, info.offset, a, sizeof(a)), 0);
		CU_ASSERT_EQUAL(rte_eth_dev_get_eeprom(bench.port, &info), 0);
		CU_ASSERT_EQUAL(memcmp(a, b, sizeof(a)), 0);
	}
	info.length = 96;
	for (info.offset = 0; info.offset < 512; info.offset += 256) {
		CU_ASSERT_EQUAL(weir_port_read_module(ours.port, info.offset, a, info.length), 0);
		CU_ASSERT_EQUAL(rte_eth_dev_get_module_eeprom(bench.port, &info), 0);
		CU_ASSERT_EQUAL(memcmp(a, b, info.length), 0);
	}
	end_both();
}

static uint64_t our_counter(const char *wanted)
{
	const char *name;
	uint64_t value;

	for (unsigned i = 0; !weir_port_counter(ours.port, i, &name, &value); i++)
		if (!strcmp(name, wanted))
			return value;
	return UINT64_MAX;
}

static uint64_t their_counter(const char *name)
{
	uint64_t id, value = 0;

	CU_ASSERT_EQUAL(rte_eth_xstats_get_id_by_name(bench.port, name, &id), 0);
	CU_ASSERT_EQUAL(rte_eth_xstats_get_by_id(bench.port, &id, &value, 1), 1);
	return value;
}

static void receive_both(const uint8_t *frame, size_t len)
{
	if (len <= BOTH_MTU)
		goes_to(frame, len);
}

static void counters(void)
{
	static const char *const names[][2] = {
		{ "crc_errors", "rx_crc_errors" },
		{ "undersize", "rx_undersize_errors" },
		{ "fragments", "rx_fragment_errors" },
		{ "oversize", "rx_oversize_errors" },
		{ "rx_total_packets", "rx_total_packets" },
		{ "rx_broadcast", "rx_broadcast_packets" },
		{ "rx_multicast", "rx_multicast_packets" },
		{ "rx_64", "rx_size_64_packets" },
		{ "rx_65_127", "rx_size_65_to_127_packets" },
		{ "rx_128_255", "rx_size_128_to_255_packets" },
		{ "rx_256_511", "rx_size_256_to_511_packets" },
		{ "rx_512_1023", "rx_size_512_to_1023_packets" },
		{ "rx_1024_max", "rx_size_1024_to_max_packets" },
		{ "rx_checksum_errors", "rx_l3_l4_xsum_error" },
		{ "tx_total_packets", "tx_total_packets" },
	};

	begin_both(&(struct both_conf){ .model = "82599" });
	weir_sim_fault(bench.nic, WEIR_SIM_RX_CRC, 0, 7);
	weir_sim_fault(ours.nic, WEIR_SIM_RX_CRC, 0, 7);
	captures(receive_both);
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		CU_ASSERT_EQUAL(our_counter(names[i][0]), their_counter(names[i][1]));
		if (our_counter(names[i][0]) != their_counter(names[i][1]))
			printf("%s: %llu, %llu\n", names[i][0], (unsigned long long)our_counter(names[i][0]),
			       (unsigned long long)their_counter(names[i][1]));
	}
	end_both();
}

int main(void)
{
	static const struct unit_case cases[] = {
		{ "addresses and VLANs", addresses_and_vlans },
		{ "RSS", rss },
		{ "5-tuples and EtherTypes", tuples_and_types },
		{ "the flow director", director },
		{ "EEPROM and module", memories },
		{ "counters", counters },
		{ NULL, NULL },
	};
	int err = eal_start();

	return err ? err : unit_run("steered by DPDK's driver and by ours", cases);
}
