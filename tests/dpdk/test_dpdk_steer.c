/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which frames DPDK's driver lets in, and which queue they go to: addresses, RSS, and the filters behind rte_flow.
 * Hashes are made here from the bytes that the frames were made of.
 */
#include "bench.h"

#include <rte_flow.h>
#include <string.h>

#include "frames.h"
#include "seen.h"
#include "weir/parse.h"
#include "weir/wire.h"

#define QUEUES 4
#define NONE   UINT16_MAX

static uint8_t key[WEIR_RSS_KEY] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
	0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
	0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

static void start_on(const char *model, bool vector, bool rss)
{
	struct pmd_conf conf = {
		.queues = QUEUES,
		.drop = true,
		.eth.rxmode.mtu = 1500,
	};

	if (rss) {
		conf.eth.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
		conf.eth.rxmode.offloads = RTE_ETH_RX_OFFLOAD_RSS_HASH;
		conf.eth.rx_adv_conf.rss_conf.rss_key = key;
		conf.eth.rx_adv_conf.rss_conf.rss_key_len = sizeof(key);
		conf.eth.rx_adv_conf.rss_conf.rss_hf = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_TCP |
		                                       RTE_ETH_RSS_NONFRAG_IPV4_UDP | RTE_ETH_RSS_IPV6 |
		                                       RTE_ETH_RSS_NONFRAG_IPV6_TCP | RTE_ETH_RSS_NONFRAG_IPV6_UDP;
	}
	bench_open(model, EXACT);
	bench_vector(vector);
	CU_ASSERT_EQUAL_FATAL(pmd_start(&bench.pmd, &conf), 0);
}

static void start(bool vector, bool rss)
{
	start_on("82599", vector, rss);
}

/* A frame arrives. Returns the queue that it came to, NONE: none, and what it is in @seen, which may be NULL. */
static uint16_t queue_of(const uint8_t *frame, size_t len, struct seen *seen)
{
	static struct seen unseen;
	struct rte_mbuf *packets[BURST];
	uint16_t queue = NONE;

	arrive(frame, len);
	for (uint16_t q = 0; q < bench.pmd.queues; q++) {
		unsigned n = pmd_receive(&bench.pmd, q, packets, BURST);

		CU_ASSERT(n < 2 && (!n || queue == NONE));
		if (!n)
			continue;
		seen_by_dpdk(packets[0], q, seen ? seen : &unseen);
		rte_pktmbuf_free_bulk(packets, n);
		queue = q;
	}
	return queue;
}

static uint16_t queue_of_ip(const struct frame_ip *what)
{
	uint8_t frame[2048];

	return queue_of(frame, frame_ip(frame, what), NULL);
}

/* --- addresses ---------------------------------------------------------------------------------------------------- */

static bool comes_in(const char *mac)
{
	uint8_t frame[64];

	frame_plain(frame, 64);
	memcpy(frame, mac, 6);
	return queue_of(frame, 64, NULL) != NONE;
}

#define OTHER     "\x02\x00\x00\x00\x00\x77"
#define MULTICAST "\x01\x00\x5e\x01\x02\x03"
#define STRANGER  "\x01\x00\x5e\x01\x02\x04"
#define BROADCAST "\xff\xff\xff\xff\xff\xff"

static void addresses_are_filtered(void)
{
	struct rte_ether_addr mac;

	start(true, false);
	CU_ASSERT(comes_in(BENCH_MAC));
	CU_ASSERT(comes_in(BROADCAST));
	CU_ASSERT(!comes_in(OTHER));
	CU_ASSERT(!comes_in(MULTICAST));
	memcpy(&mac, OTHER, 6);
	CU_ASSERT_EQUAL(rte_eth_dev_mac_addr_add(bench.port, &mac, 0), 0);
	CU_ASSERT(comes_in(OTHER));
	CU_ASSERT(comes_in(BENCH_MAC));
	CU_ASSERT_EQUAL(rte_eth_dev_mac_addr_remove(bench.port, &mac), 0);
	CU_ASSERT(!comes_in(OTHER));
	CU_ASSERT_EQUAL(rte_eth_dev_default_mac_addr_set(bench.port, &mac), 0);
	CU_ASSERT(comes_in(OTHER));
	CU_ASSERT(!comes_in(BENCH_MAC));
	memcpy(&mac, BENCH_MAC, 6);
	CU_ASSERT_EQUAL(rte_eth_dev_default_mac_addr_set(bench.port, &mac), 0);
	end();
}

static void multicast_is_filtered(void)
{
	struct rte_ether_addr list[2];

	start(true, false);
	memcpy(&list[0], MULTICAST, 6);
	memcpy(&list[1], "\x33\x33\x00\x00\x00\x01", 6);
	CU_ASSERT_EQUAL(rte_eth_dev_set_mc_addr_list(bench.port, list, 2), 0);
	CU_ASSERT(comes_in(MULTICAST));
	CU_ASSERT(comes_in("\x33\x33\x00\x00\x00\x01"));
	CU_ASSERT(!comes_in(STRANGER));
	CU_ASSERT_EQUAL(rte_eth_allmulticast_enable(bench.port), 0);
	CU_ASSERT(comes_in(STRANGER));
	CU_ASSERT(!comes_in(OTHER));
	CU_ASSERT_EQUAL(rte_eth_allmulticast_disable(bench.port), 0);
	CU_ASSERT(!comes_in(STRANGER));
	CU_ASSERT_EQUAL(rte_eth_dev_set_mc_addr_list(bench.port, NULL, 0), 0);
	CU_ASSERT(!comes_in(MULTICAST));
	CU_ASSERT_EQUAL(rte_eth_promiscuous_enable(bench.port), 0);
	CU_ASSERT(comes_in(STRANGER));
	CU_ASSERT(comes_in(OTHER));
	CU_ASSERT_EQUAL(rte_eth_promiscuous_disable(bench.port), 0);
	CU_ASSERT(!comes_in(OTHER));
	end();
}

/* --- RSS ---------------------------------------------------------------------------------------------------------- */

/* The hash of addresses and ports, in network byte order (Microsoft's definition), by the plain function. */
static uint32_t hash_of(const struct frame_ip *what, bool ports)
{
	uint8_t input[36] = { 0 };
	unsigned address = what->ipv6 ? 16 : 4;

	for (unsigned i = 0; i < 2; i++) {
		input[i * address] = what->ipv6 ? 0xfd : 10;
		input[i * address + address - 1] = i ? what->dst : what->src;
	}
	weir_store_be16(input + 2 * address, what->src_port);
	weir_store_be16(input + 2 * address + 2, what->dst_port);
	return weir_toeplitz_plain(key, input, 2 * address + (ports ? 4 : 0));
}

static void spread(unsigned counts[QUEUES], bool ports, const uint8_t table[128])
{
	static struct seen seen;
	uint8_t frame[256];

	for (unsigned i = 0; i < 240; i++) {
		struct frame_ip what = {
			.protocol = i % 3 == 2 ? WEIR_IP_ICMP
			            : i % 3    ? WEIR_IP_UDP
			                       : WEIR_IP_TCP,
			.ipv6 = i & 1,
			.src = (uint8_t)(i * 7),
			.dst = (uint8_t)i,
			.src_port = (uint16_t)(i * 1021),
			.dst_port = (uint16_t)(80 + i),
			.payload = 20,
		};
		uint32_t hash = hash_of(&what, ports && what.protocol != WEIR_IP_ICMP);
		uint16_t queue = queue_of(frame, frame_ip(frame, &what), &seen);

		CU_ASSERT_EQUAL(queue, table[hash % 128]);
		CU_ASSERT_EQUAL(seen.flags & WEIR_PKT_HASH, WEIR_PKT_HASH);
		CU_ASSERT_EQUAL(seen.hash, hash);
		counts[queue % QUEUES]++;
	}
}

static void hashes_spread(void)
{
	unsigned counts[QUEUES] = { 0 };
	uint8_t table[128];

	for (unsigned i = 0; i < 128; i++)
		table[i] = (uint8_t)(i % QUEUES);
	for (unsigned vector = 0; vector < 2; vector++) {
		start(vector, true);
		spread(counts, true, table);
		end();
	}
	for (unsigned q = 0; q < QUEUES; q++)
		CU_ASSERT(counts[q] > 80 && counts[q] < 160); /* of 480, 120 each if it were even */
}

static void table_and_key_change(void)
{
	struct rte_eth_rss_reta_entry64 entries[2] = { { .mask = UINT64_MAX }, { .mask = UINT64_MAX } };
	struct rte_eth_rss_conf conf = { .rss_key = key,
		                         .rss_key_len = sizeof(key),
		                         .rss_hf = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_IPV6 };
	unsigned counts[QUEUES] = { 0 };
	uint8_t table[128], before[WEIR_RSS_KEY];

	memcpy(before, key, sizeof(key));
	start(true, true);
	for (unsigned i = 0; i < 128; i++)
		entries[i / 64].reta[i % 64] = table[i] = i < 100 ? 3 : 1;
	CU_ASSERT_EQUAL(rte_eth_dev_rss_reta_update(bench.port, entries, 128), 0);
	memset(entries[0].reta, 0, sizeof(entries[0].reta));
	CU_ASSERT_EQUAL(rte_eth_dev_rss_reta_query(bench.port, entries, 128), 0);
	CU_ASSERT_EQUAL(entries[0].reta[5], 3);
	CU_ASSERT_EQUAL(entries[1].reta[63], 1);
	for (unsigned i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(i * 59 + 3);
	CU_ASSERT_EQUAL(rte_eth_dev_rss_hash_update(bench.port, &conf), 0);
	spread(counts, false, table); /* addresses only now */
	CU_ASSERT_EQUAL(counts[0] + counts[2], 0);
	CU_ASSERT(counts[3] > counts[1]);
	memcpy(key, before, sizeof(key));
	end();
}

/* --- rte_flow ----------------------------------------------------------------------------------------------------- */

static struct rte_flow *flow(const struct rte_flow_attr *attr, const struct rte_flow_item *items, uint16_t queue,
                             const uint32_t *mark)
{
	struct rte_flow_action_queue to = { .index = queue };
	struct rte_flow_action_mark with = { .id = mark ? *mark : 0 };
	struct rte_flow_action actions[3] = { { .type = RTE_FLOW_ACTION_TYPE_QUEUE, .conf = &to } };
	struct rte_flow_error error = { 0 };
	struct rte_flow *made;

	if (queue == NONE)
		actions[0] = (struct rte_flow_action){ .type = RTE_FLOW_ACTION_TYPE_DROP };
	if (mark)
		actions[1] = (struct rte_flow_action){ .type = RTE_FLOW_ACTION_TYPE_MARK, .conf = &with };
	made = rte_flow_create(bench.port, attr, items, actions, &error);
	if (!made)
		printf("no flow: %s\n", error.message ? error.message : "?");
	CU_ASSERT_PTR_NOT_NULL_FATAL(made);
	return made;
}

static void end_flow(struct rte_flow *made)
{
	struct rte_flow_error error;

	CU_ASSERT_EQUAL(rte_flow_destroy(bench.port, made, &error), 0);
}

static void five_tuples_steer(void)
{
	const struct rte_flow_attr attr = { .ingress = 1, .priority = 3 }, stronger = { .ingress = 1, .priority = 5 };
	struct rte_flow_item_ipv4 ip = { .hdr = { .next_proto_id = WEIR_IP_UDP,
		                                  .src_addr = weir_be32(0x0a000001),
		                                  .dst_addr = weir_be32(0x0a000002) } };
	struct rte_flow_item_ipv4 all = { .hdr = { .next_proto_id = 0xff, .src_addr = ~0u, .dst_addr = ~0u } };
	struct rte_flow_item_ipv4 protocol = { .hdr = { .next_proto_id = 0xff } };
	struct rte_flow_item_udp udp = { .hdr = { .src_port = weir_be16(1000), .dst_port = weir_be16(2000) } };
	struct rte_flow_item_udp both = { .hdr = { .src_port = 0xffff, .dst_port = 0xffff } },
				 one = { .hdr = { .dst_port = 0xffff } };
	struct rte_flow_item exact[] = { { .type = RTE_FLOW_ITEM_TYPE_ETH },
		                         { .type = RTE_FLOW_ITEM_TYPE_IPV4, .spec = &ip, .mask = &all },
		                         { .type = RTE_FLOW_ITEM_TYPE_UDP, .spec = &udp, .mask = &both },
		                         { .type = RTE_FLOW_ITEM_TYPE_END } };
	struct rte_flow_item wide[] = { { .type = RTE_FLOW_ITEM_TYPE_ETH },
		                        { .type = RTE_FLOW_ITEM_TYPE_IPV4, .spec = &ip, .mask = &protocol },
		                        { .type = RTE_FLOW_ITEM_TYPE_UDP, .spec = &udp, .mask = &one },
		                        { .type = RTE_FLOW_ITEM_TYPE_END } };
	struct frame_ip what = { .src = 1, .dst = 2, .src_port = 1000, .dst_port = 2000, .payload = 30 }, other = what;
	struct rte_flow *a, *b;

	start(true, false);
	CU_ASSERT_EQUAL(queue_of_ip(&what), 0);
	a = flow(&attr, exact, 2, NULL);
	CU_ASSERT_EQUAL(queue_of_ip(&what), 2);
	other.src = 3;
	CU_ASSERT_EQUAL(queue_of_ip(&other), 0);
	other = what;
	other.dst_port = 2001;
	CU_ASSERT_EQUAL(queue_of_ip(&other), 0);
	other = what;
	other.protocol = WEIR_IP_TCP;
	CU_ASSERT_EQUAL(queue_of_ip(&other), 0);
	b = flow(&stronger, wide, 3, NULL); /* any UDP to port 2000 */
	CU_ASSERT_EQUAL(queue_of_ip(&what), 3);
	other = what;
	other.src_port = 9;
	other.src = 77;
	CU_ASSERT_EQUAL(queue_of_ip(&other), 3);
	end_flow(b);
	CU_ASSERT_EQUAL(queue_of_ip(&what), 2);
	CU_ASSERT_EQUAL(queue_of_ip(&other), 0);
	end_flow(a);
	CU_ASSERT_EQUAL(queue_of_ip(&what), 0);
	end();
}

static void ether_types_steer(void)
{
	const struct rte_flow_attr attr = { .ingress = 1 };
	struct rte_flow_item_eth eth = { .type = weir_be16(0x88cc) }, mask = { .type = 0xffff };
	struct rte_flow_item items[] = { { .type = RTE_FLOW_ITEM_TYPE_ETH, .spec = &eth, .mask = &mask },
		                         { .type = RTE_FLOW_ITEM_TYPE_END } };
	uint8_t frame[64];
	struct rte_flow *made;

	start(true, false);
	made = flow(&attr, items, 1, NULL);
	frame_plain(frame, 64);
	CU_ASSERT_EQUAL(queue_of(frame, 64, NULL), 0);
	weir_store_be16(frame + 12, 0x88cc);
	CU_ASSERT_EQUAL(queue_of(frame, 64, NULL), 1);
	end_flow(made);
	CU_ASSERT_EQUAL(queue_of(frame, 64, NULL), 0);
	end();
}

static void syn_steers(void)
{
	const struct rte_flow_attr attr = { .ingress = 1 };
	struct rte_flow_item_tcp tcp = { .hdr = { .tcp_flags = RTE_TCP_SYN_FLAG } },
				 mask = { .hdr = { .tcp_flags = RTE_TCP_SYN_FLAG } };
	struct rte_flow_item items[] = { { .type = RTE_FLOW_ITEM_TYPE_ETH },
		                         { .type = RTE_FLOW_ITEM_TYPE_IPV4 },
		                         { .type = RTE_FLOW_ITEM_TYPE_TCP, .spec = &tcp, .mask = &mask },
		                         { .type = RTE_FLOW_ITEM_TYPE_END } };
	struct frame_ip what = { .protocol = WEIR_IP_TCP, .tcp_flags = WEIR_TCP_SYN, .payload = 10 };
	struct rte_flow *made;

	start(true, false);
	made = flow(&attr, items, 3, NULL);
	CU_ASSERT_EQUAL(queue_of_ip(&what), 3);
	what.tcp_flags = WEIR_TCP_ACK;
	CU_ASSERT_EQUAL(queue_of_ip(&what), 0);
	end_flow(made);
	what.tcp_flags = WEIR_TCP_SYN;
	CU_ASSERT_EQUAL(queue_of_ip(&what), 0);
	end();
}

/* A rule of the flow director for one flow of UDP, or, when the ports are 0, for all between two addresses. */
static struct rte_flow *direct(const struct frame_ip *what, uint16_t queue, bool signature)
{
	static const uint32_t mark = 0x77;
	const struct rte_flow_attr attr = { .ingress = 1 };
	struct rte_flow_item_ipv4 ip = { .hdr = { .src_addr = weir_be32(0x0a000000u | what->src),
		                                  .dst_addr = weir_be32(0x0a000000u | what->dst) } };
	struct rte_flow_item_ipv4 addresses = { .hdr = { .src_addr = ~0u, .dst_addr = ~0u } };
	struct rte_flow_item_udp udp = { .hdr = { .src_port = weir_be16(what->src_port),
		                                  .dst_port = weir_be16(what->dst_port) } };
	struct rte_flow_item_udp ports = { .hdr = { .src_port = 0xffff, .dst_port = 0xffff } };
	struct rte_flow_item_fuzzy fuzzy = { .thresh = 1 }, any = { .thresh = ~0u };
	struct rte_flow_item items[] = { { .type = RTE_FLOW_ITEM_TYPE_IPV4, .spec = &ip, .mask = &addresses },
		                         { .type = RTE_FLOW_ITEM_TYPE_UDP, .spec = &udp, .mask = &ports },
		                         { .type = RTE_FLOW_ITEM_TYPE_END },
		                         { .type = RTE_FLOW_ITEM_TYPE_END } };

	if (!what->src_port && !what->dst_port)
		items[1] = items[2];
	if (signature)
		items[2] = (struct rte_flow_item){ .type = RTE_FLOW_ITEM_TYPE_FUZZY, .spec = &fuzzy, .mask = &any };
	return flow(&attr, items, queue, queue == NONE ? NULL : &mark);
}

static void direct_flows(bool signature)
{
	struct frame_ip what[6];
	struct rte_flow *rules[6];

	start(true, false);
	for (unsigned i = 0; i < 6; i++) {
		what[i] = (struct frame_ip){ .src = (uint8_t)(10 + i),
			                     .dst = (uint8_t)(20 + i * i),
			                     .src_port = (uint16_t)(1000 * i + 7),
			                     .dst_port = (uint16_t)(77 + i),
			                     .payload = 40 };
		CU_ASSERT_EQUAL(queue_of_ip(&what[i]), 0);
		rules[i] = direct(&what[i], (uint16_t)(1 + i % 3), signature);
	}
	for (unsigned i = 0; i < 6; i++) {
		struct frame_ip other = what[i];

		CU_ASSERT_EQUAL(queue_of_ip(&what[i]), 1 + i % 3);
		other.dst_port++;
		CU_ASSERT_EQUAL(queue_of_ip(&other), 0);
		other = what[i];
		other.protocol = WEIR_IP_TCP;
		CU_ASSERT_EQUAL(queue_of_ip(&other), 0);
	}
	for (unsigned i = 0; i < 6; i++) {
		end_flow(rules[i]);
		CU_ASSERT_EQUAL(queue_of_ip(&what[i]), 0);
	}
	end();
}

static void the_director_steers(void)
{
	direct_flows(false);
}

static void the_director_steers_by_signature(void)
{
	direct_flows(true);
}

static void drop(const char *model, const struct frame_ip *rule)
{
	struct frame_ip what = { .src = 1, .dst = 2, .src_port = 3, .dst_port = 4, .payload = 50 }, other = what;
	struct rte_flow *made;

	start_on(model, true, false);
	made = direct(rule, NONE, false);
	CU_ASSERT_EQUAL(queue_of_ip(&what), NONE);
	CU_ASSERT_EQUAL(card_counter("rx_steered_drop"), 1);
	other.src = 5;
	CU_ASSERT_EQUAL(queue_of_ip(&other), 0);
	end_flow(made);
	CU_ASSERT_EQUAL(queue_of_ip(&what), 0);
	end();
}

/* The driver lets no port be part of such a rule on the 82599. */
static void the_director_drops(void)
{
	drop("82599", &(struct frame_ip){ .src = 1, .dst = 2 });
	drop("x540", &(struct frame_ip){ .src = 1, .dst = 2, .src_port = 3, .dst_port = 4 });
}

int main(void)
{
	static const struct unit_case cases[] = {
		{ "addresses are filtered", addresses_are_filtered },
		{ "multicast is filtered", multicast_is_filtered },
		{ "hashes spread flows over queues", hashes_spread },
		{ "RSS table and key change", table_and_key_change },
		{ "5-tuples steer", five_tuples_steer },
		{ "EtherTypes steer", ether_types_steer },
		{ "SYN steers", syn_steers },
		{ "the flow director steers", the_director_steers },
		{ "the flow director steers by signature", the_director_steers_by_signature },
		{ "the flow director drops", the_director_drops },
		{ NULL, NULL },
	};
	int err = eal_start();

	return err ? err : unit_run("DPDK's filters", cases);
}
