/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which packets a port takes, and to which queue they go (weir/filter.h): what every driver of cards with 5-tuple filters must
 * do, the same test for all of them, on a card of the_card. FILTER_CASES is a part of a table of cases.
 */
#ifndef TESTS_FILTER_CASES_H
#define TESTS_FILTER_CASES_H

#include "port_sim.h"
#include "sentences.h"
#include "weir/filter.h"

#define QUEUES 4u

static const uint8_t us[6] = { 2, 0x11, 0x22, 0x33, 0x44, 0x55 };

/* The card's spec, with that address. */
static const char *card_to_us(void)
{
	static char spec[80];

	snprintf(spec, sizeof(spec), "sim:%s,mac=02:11:22:33:44:55,wire=hold", the_card);
	return spec;
}

static const struct weir_filter udp_filter = {
	.match = WEIR_MATCH_IPV4 | WEIR_MATCH_PROTOCOL,
	.protocol = WEIR_IP_UDP,
	.src = { 10, 0, 0, 1 },
	.dst = { 10, 0, 0, 2 },
	.dst_port = 9,
};

static void begin_queues(unsigned queues)
{
	struct weir_port_conf conf = { .rx_queues = queues };

	begin_on(card_to_us(), &conf);
}

/* Lets @frame arrive. Returns the queue that it comes out of, or -1. */
static int queue_of(const uint8_t *frame, unsigned len)
{
	struct weir_port_info info;
	struct weir_pkt pkts[4];
	int queue = -1;

	CU_ASSERT_EQUAL(weir_sim_send(nic, frame, len), 0);
	run();
	weir_port_info(port, &info);
	for (unsigned i = 0; i < info.rx_queues; i++) {
		unsigned n = weir_rx(weir_port_rxq(port, i), pkts, 4);

		CU_ASSERT(n <= 1 && (!n || queue < 0));
		if (n)
			queue = (int)i;
		weir_pool_free(cache, pkts, n);
	}
	return queue;
}

/* A frame to @mac, of no protocol. */
static bool arrives(const uint8_t mac[6])
{
	uint8_t frame[60] = { 0 };

	memcpy(frame, mac, 6);
	frame[6] = 2;
	frame[12] = 0x88;
	frame[13] = 0xb5;
	return queue_of(frame, 60) >= 0;
}

/* A frame to us with a tag in front of an unknown type. */
static bool vlan_arrives(uint16_t tci)
{
	uint8_t frame[64] = { 0 };

	memcpy(frame, us, 6);
	frame[6] = 2;
	frame[12] = 0x81;
	weir_store_be16(frame + 14, tci);
	frame[16] = 0x88;
	frame[17] = 0xb5;
	return queue_of(frame, 64) >= 0;
}

static void added_addresses_arrive(void)
{
	static const uint8_t other[6] = { 2, 9, 9, 9, 9, 9 }, group[6] = { 1, 0, 0x5e, 1, 2, 3 };
	uint8_t mac[6];

	begin_queues(1);
	CU_ASSERT(arrives(us));
	CU_ASSERT(!arrives(other));
	CU_ASSERT(!arrives(group));
	CU_ASSERT_EQUAL(weir_port_add_mac(port, other), 0);
	CU_ASSERT_EQUAL(weir_port_add_mac(port, other), 0);
	CU_ASSERT_EQUAL(weir_port_add_mac(port, group), 0);
	CU_ASSERT(arrives(us) && arrives(other) && arrives(group));
	CU_ASSERT_EQUAL(weir_port_mac(port, 0, mac), 0);
	CU_ASSERT_EQUAL(memcmp(mac, other, 6), 0);
	CU_ASSERT_EQUAL(weir_port_mac(port, 1, mac), 0);
	CU_ASSERT_EQUAL(weir_port_mac(port, 2, mac), -ENOENT);
	CU_ASSERT_EQUAL(weir_port_remove_mac(port, other), 0);
	CU_ASSERT(!arrives(other));
	CU_ASSERT(arrives(us) && arrives(group));
	CU_ASSERT_EQUAL(weir_port_remove_mac(port, other), -ENOENT);
	CU_ASSERT(error_says("02:09:09:09:09:09 was not added"));
	CU_ASSERT_EQUAL(weir_port_set_all_multicast(port, true), 0);
	mac[0] = 0x33;
	CU_ASSERT(arrives(mac));
	CU_ASSERT(!arrives(other));
	CU_ASSERT_EQUAL(weir_port_set_all_multicast(port, false), 0);
	CU_ASSERT(!arrives(mac));
	end();
}

static void a_new_address_keeps_the_added_ones(void)
{
	static const uint8_t added[6] = { 2, 9, 9, 9, 9, 9 }, mine[6] = { 2, 8, 8, 8, 8, 8 };

	begin_queues(1);
	CU_ASSERT_EQUAL(weir_port_add_mac(port, added), 0);
	CU_ASSERT_EQUAL(weir_port_set_mac(port, mine), 0);
	CU_ASSERT(arrives(added) && arrives(mine) && !arrives(us));
	CU_ASSERT_EQUAL(weir_port_stop(port), 0);
	CU_ASSERT_EQUAL(weir_port_start(port), 0);
	CU_ASSERT(arrives(added) && arrives(mine) && !arrives(us));
	end();
}

static void only_added_vlans_arrive(void)
{
	begin_queues(1);
	CU_ASSERT(vlan_arrives(100));
	CU_ASSERT_EQUAL(weir_port_add_vlan(port, 100), 0);
	CU_ASSERT(vlan_arrives(99)); /* not filtered yet */
	CU_ASSERT_EQUAL(weir_port_set_vlan_filter(port, true), 0);
	CU_ASSERT(vlan_arrives(100));
	CU_ASSERT(vlan_arrives(0xe064));
	CU_ASSERT(!vlan_arrives(99));
	CU_ASSERT(!vlan_arrives(4095));
	CU_ASSERT(arrives(us));
	CU_ASSERT(vlan_arrives(0x6000)); /* a priority, and no VLAN */
	CU_ASSERT_EQUAL(weir_port_add_vlan(port, 4094), 0);
	CU_ASSERT(vlan_arrives(4094));
	CU_ASSERT_EQUAL(weir_port_remove_vlan(port, 100), 0);
	CU_ASSERT(!vlan_arrives(100));
	CU_ASSERT_EQUAL(weir_port_set_promiscuous(port, true), 0);
	CU_ASSERT(vlan_arrives(100));
	CU_ASSERT_EQUAL(weir_port_set_promiscuous(port, false), 0);
	CU_ASSERT(!vlan_arrives(100));
	CU_ASSERT_EQUAL(weir_port_add_vlan(port, 0), -EINVAL);
	CU_ASSERT_EQUAL(weir_port_add_vlan(port, 4095), -EINVAL);
	CU_ASSERT(error_says("4095 is no VLAN"));
	CU_ASSERT_EQUAL(weir_port_set_vlan_filter(port, false), 0);
	CU_ASSERT(vlan_arrives(100));
	end();
}

/* An outer tag of type 0x88a8 and id 5 in front of the inner one of id 7, and of a UDP packet. */
static unsigned make_qinq(uint8_t *frame)
{
	unsigned len = make_udp(frame, 1000, 100);

	memmove(frame + 20, frame + 12, len - 12);
	memcpy(frame + 12, "\x88\xa8\0\5\x81\0\0\7", 8);
	return len + 8;
}

static void two_tags_are_looked_behind(void)
{
	struct weir_port_conf conf = { .rx_queues = 2, .offloads = WEIR_OFFLOAD_RX_VLAN | WEIR_OFFLOAD_RX_CSUM };
	uint8_t frame[256], taken[256];
	struct weir_pkt pkt;
	unsigned len;

	open_port(card_to_us(), &conf);
	CU_ASSERT_EQUAL(weir_port_set_vlan_types(port, 0, 0x8100), -EINVAL);
	CU_ASSERT_EQUAL(weir_port_set_vlan_types(port, 0x0040, 0), -EINVAL);
	CU_ASSERT_EQUAL(weir_port_set_vlan_types(port, 0, 0x88a8), 0);
	CU_ASSERT_EQUAL(weir_port_set_vlan_filter(port, true), 0);
	CU_ASSERT_EQUAL(weir_port_add_vlan(port, 7), 0);
	CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
	CU_ASSERT_EQUAL(weir_port_set_vlan_types(port, 0, 0), -EBUSY);
	txq = weir_port_txq(port, 0);
	len = make_qinq(frame);
	CU_ASSERT_EQUAL(weir_sim_send(nic, frame, len), 0);
	run();
	CU_ASSERT_EQUAL_FATAL(weir_rx(weir_port_rxq(port, 0), &pkt, 1) + weir_rx(weir_port_rxq(port, 1), &pkt, 1), 1);
	CU_ASSERT(pkt.flags & WEIR_PKT_VLAN);
	CU_ASSERT_EQUAL(pkt.vlan, 7);
	CU_ASSERT_EQUAL(pkt.len, len - 4);
	CU_ASSERT_EQUAL(memcmp(weir_pkt_data(weir_mem_base(weir), &pkt) + 12, "\x88\xa8\0\5\x08\0", 6), 0);
	CU_ASSERT_EQUAL(pkt.flags & (WEIR_PKT_L4 | WEIR_PKT_L4_GOOD), WEIR_PKT_UDP | WEIR_PKT_L4_GOOD);
	/* It goes out as it came. */
	CU_ASSERT_EQUAL(weir_tx(txq, &pkt, 1), 1);
	run();
	CU_ASSERT_EQUAL(weir_sim_take(nic, taken, sizeof(taken)), (int)len);
	CU_ASSERT_EQUAL(memcmp(taken, frame, len), 0);
	/* The filter looks at the inner tag. */
	frame[19] = 5;
	CU_ASSERT_EQUAL(queue_of(frame, len), -1);
	end();
}

static void a_tag_may_have_another_type(void)
{
	struct weir_port_conf conf = { .offloads = WEIR_OFFLOAD_RX_VLAN };
	uint8_t frame[64] = { 2, 0x11, 0x22, 0x33, 0x44, 0x55, 2, 0, 0, 0, 0, 2, 0x91, 0, 0, 9, 0x88, 0xb5 }, taken[64];
	struct weir_pkt pkt;

	open_port(card_to_us(), &conf);
	CU_ASSERT_EQUAL(weir_port_set_vlan_types(port, 0x9100, 0), 0);
	CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
	CU_ASSERT_EQUAL(weir_sim_send(nic, frame, 64), 0);
	CU_ASSERT_EQUAL_FATAL(receive(weir_port_rxq(port, 0), &pkt, 1), 1);
	CU_ASSERT(pkt.flags & WEIR_PKT_VLAN);
	CU_ASSERT_EQUAL(pkt.vlan, 9);
	CU_ASSERT_EQUAL(pkt.len, 60);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(port, 0), &pkt, 1), 1);
	run();
	CU_ASSERT_EQUAL(weir_sim_take(nic, taken, sizeof(taken)), 64);
	CU_ASSERT_EQUAL(memcmp(taken, frame, 64), 0);
	end();
}

static unsigned udp_queue(unsigned source)
{
	uint8_t frame[128];
	unsigned len = make_udp(frame, source, 20);
	int queue = queue_of(frame, len);

	CU_ASSERT(queue >= 0);
	return (unsigned)queue;
}

static void the_table_names_the_queues(void)
{
	struct weir_rss rss = { .types = WEIR_RSS_ALL & ~(WEIR_RSS_IPV4_SCTP | WEIR_RSS_IPV6_SCTP) }, got;
	unsigned used[QUEUES] = { 0 };

	begin_queues(QUEUES);
	CU_ASSERT_EQUAL(weir_port_rss(port, &got), 0);
	CU_ASSERT_EQUAL(got.table_size, 128);
	CU_ASSERT_EQUAL(got.types, rss.types);
	CU_ASSERT_EQUAL(got.key[0], 0x6d);
	CU_ASSERT_EQUAL(got.table[127], 3);
	for (unsigned i = 0; i < 64; i++)
		used[udp_queue(i)]++;
	CU_ASSERT(used[0] && used[1] && used[2] && used[3]);
	rss.table_size = 2;
	rss.table[0] = 3;
	rss.table[1] = 1;
	CU_ASSERT_EQUAL(weir_port_set_rss(port, &rss), 0);
	memset(used, 0, sizeof(used));
	for (unsigned i = 0; i < 64; i++)
		used[udp_queue(i)]++;
	CU_ASSERT(!used[0] && used[1] && !used[2] && used[3]);
	CU_ASSERT_EQUAL(weir_port_rss(port, &got), 0);
	CU_ASSERT_EQUAL(got.table_size, 128);
	CU_ASSERT_EQUAL(got.table[126], 3);
	/* It stays so. */
	CU_ASSERT_EQUAL(weir_port_stop(port), 0);
	CU_ASSERT_EQUAL(weir_port_start(port), 0);
	for (unsigned i = 0; i < 16; i++)
		CU_ASSERT(udp_queue(i) & 1);
	CU_ASSERT_EQUAL(weir_port_set_rss(port, NULL), 0);
	memset(used, 0, sizeof(used));
	for (unsigned i = 0; i < 64; i++)
		used[udp_queue(i)]++;
	CU_ASSERT(used[0] && used[1] && used[2] && used[3]);
	end();
}

/* The hash of 10.0.0.1:s -> 10.0.0.2:9 with another key, worked out apart. */
static void the_key_and_the_types_are_as_set(void)
{
	struct weir_rss rss = { .types = WEIR_RSS_IPV4_UDP, .table_size = 4, .table = { 0, 1, 2, 3 } };
	uint8_t input[12] = { 10, 0, 0, 1, 10, 0, 0, 2, 0, 0, 0, 9 };

	begin_queues(QUEUES);
	for (unsigned i = 0; i < WEIR_RSS_KEY; i++)
		rss.key[i] = (uint8_t)(i * 37 + 11);
	CU_ASSERT_EQUAL(weir_port_set_rss(port, &rss), 0);
	for (unsigned source = 0; source < 64; source++) {
		weir_store_be16(input + 8, (uint16_t)source);
		CU_ASSERT_EQUAL(udp_queue(source), weir_toeplitz_plain(rss.key, input, 12) & 3);
	}
	rss.types = WEIR_RSS_IPV4;
	CU_ASSERT_EQUAL(weir_port_set_rss(port, &rss), 0);
	for (unsigned source = 0; source < 16; source++)
		CU_ASSERT_EQUAL(udp_queue(source), weir_toeplitz_plain(rss.key, input, 8) & 3);
	rss.types = 0;
	CU_ASSERT_EQUAL(weir_port_set_rss(port, &rss), 0);
	CU_ASSERT_EQUAL(udp_queue(1), 0);
	end();
}

static unsigned add(struct weir_filter filter)
{
	unsigned id = 0;
	int err = weir_port_add_filter(port, &filter, &id);

	if (err)
		printf("%s\n", weir_error());
	CU_ASSERT_EQUAL(err, 0);
	return id;
}

static bool refuses(struct weir_filter filter, int err, const char *words)
{
	unsigned id = 77;
	int got = weir_port_add_filter(port, &filter, &id);

	if (got != err)
		printf("%d instead of %d: %s\n", got, err, weir_error());
	return got == err && id == 77 && error_says(words);
}

static bool in_table(unsigned id, const char *table)
{
	struct weir_filter_info info;

	for (unsigned i = 0; !weir_port_filter(port, i, &info); i++)
		if (info.id == id)
			return !strcmp(info.table, table);
	return false;
}

static void ether_types_go_to_their_queues(void)
{
	uint8_t frame[60] = { 2, 0x11, 0x22, 0x33, 0x44, 0x55, 2, 0, 0, 0, 0, 2, 0x88, 0xb5 };
	unsigned first, last = 0;

	begin_queues(QUEUES);
	first = add((struct weir_filter){ .match = WEIR_MATCH_ETHER_TYPE, .ether_type = 0x88b5, .queue = 2 });
	CU_ASSERT(in_table(first, "EtherType"));
	CU_ASSERT_EQUAL(queue_of(frame, 60), 2);
	CU_ASSERT(refuses((struct weir_filter){ .match = WEIR_MATCH_ETHER_TYPE, .ether_type = 0x88b5, .queue = 1 },
	                  -EEXIST, "matches the same"));
	CU_ASSERT(refuses((struct weir_filter){ .match = WEIR_MATCH_ETHER_TYPE, .ether_type = 0x0800 }, -ENOTSUP,
	                  "filter by protocol"));
	CU_ASSERT(refuses((struct weir_filter){ .match = WEIR_MATCH_ETHER_TYPE, .ether_type = 0x05ff }, -EINVAL,
	                  "below 0x0600"));
	for (unsigned i = 1; i < 7; i++)
		last = add((struct weir_filter){
		    .match = WEIR_MATCH_ETHER_TYPE, .ether_type = (uint16_t)(0x88b5 + i), .queue = WEIR_FILTER_DROP });
	CU_ASSERT(refuses((struct weir_filter){ .match = WEIR_MATCH_ETHER_TYPE, .ether_type = 0x9999 }, -ENOSPC,
	                  "all 7 EtherType filters are taken"));
	frame[13] = 0xbb;
	CU_ASSERT_EQUAL(queue_of(frame, 60), -1);
	CU_ASSERT_EQUAL(weir_port_remove_filter(port, last), 0);
	CU_ASSERT_EQUAL(queue_of(frame, 60), 0);
	CU_ASSERT_EQUAL(weir_port_remove_filter(port, last), -ENOENT);
	CU_ASSERT_EQUAL(weir_port_remove_filter(port, first), 0);
	end();
}

/* From 10.0.0.1:source to 10.0.0.2:9. */
static int udp_goes(unsigned source)
{
	uint8_t frame[128];

	return queue_of(frame, make_udp(frame, source, 20));
}

static struct weir_filter udp_from(unsigned source, unsigned queue)
{
	struct weir_filter filter = udp_filter;

	filter.match |= WEIR_MATCH_SRC | WEIR_MATCH_DST | WEIR_MATCH_SRC_PORT | WEIR_MATCH_DST_PORT;
	filter.src_port = (uint16_t)source;
	filter.queue = (uint16_t)queue;
	return filter;
}

static void flows_go_to_the_queues_of_their_filters(void)
{
	struct weir_rss none = { .types = 0 };
	struct weir_filter any = udp_filter;
	struct weir_filter_limits limits;
	unsigned exact, all, dropped;

	begin_queues(QUEUES);
	CU_ASSERT_EQUAL(weir_port_set_rss(port, &none), 0);
	CU_ASSERT_EQUAL(udp_goes(1000), 0);
	exact = add(udp_from(1000, 2));
	CU_ASSERT(in_table(exact, "5-tuple"));
	CU_ASSERT_EQUAL(udp_goes(1000), 2);
	CU_ASSERT_EQUAL(udp_goes(1001), 0);
	/* A wider one: by priority the narrow one goes first. */
	any.queue = 3;
	all = add(any);
	CU_ASSERT_EQUAL(weir_port_remove_filter(port, exact), 0);
	CU_ASSERT_EQUAL(udp_goes(1000), 3);
	any = udp_from(1000, 2);
	any.priority = 6;
	exact = add(any);
	CU_ASSERT_EQUAL(udp_goes(1000), 2);
	CU_ASSERT_EQUAL(udp_goes(1001), 3);
	any.src_port = 1002;
	any.queue = WEIR_FILTER_DROP;
	dropped = add(any);
	CU_ASSERT_EQUAL(udp_goes(1002), -1);
	CU_ASSERT_EQUAL(weir_port_filter_limits(port, &limits), 0);
	any.priority = (uint16_t)limits.priorities;
	CU_ASSERT(refuses(any, -EINVAL, "of them"));
	CU_ASSERT_EQUAL(weir_port_remove_filter(port, all), 0);
	CU_ASSERT_EQUAL(weir_port_remove_filter(port, dropped), 0);
	CU_ASSERT_EQUAL(udp_goes(1002), 0);
	CU_ASSERT_EQUAL(udp_goes(1000), 2);
	end();
}

static void a_device_that_is_gone_takes_no_filters(void)
{
	begin_queues(QUEUES);
	weir_sim_remove(nic);
	CU_ASSERT(refuses(udp_filter, -ENODEV, "the device is gone"));
	CU_ASSERT_EQUAL(weir_port_add_vlan(port, 5), -ENODEV);
	CU_ASSERT_EQUAL(weir_port_add_mac(port, us), 0); /* its own: nothing to do */
	CU_ASSERT_EQUAL(weir_port_set_rss(port, NULL), -ENODEV);
	end_without_looking();
}

/* clang-format off */
#define FILTER_CASES \
	{ "added addresses arrive", added_addresses_arrive }, \
	{ "a new address keeps the added ones", a_new_address_keeps_the_added_ones }, \
	{ "only added VLANs arrive", only_added_vlans_arrive }, \
	{ "two tags are looked behind", two_tags_are_looked_behind }, \
	{ "a tag may have another type", a_tag_may_have_another_type }, \
	{ "the table names the queues", the_table_names_the_queues }, \
	{ "the key and the types are as set", the_key_and_the_types_are_as_set }, \
	{ "EtherTypes go to their queues", ether_types_go_to_their_queues }, \
	{ "flows go to the queues of their filters", flows_go_to_the_queues_of_their_filters }, \
	{ "a device that is gone takes no filters", a_device_that_is_gone_takes_no_filters }
/* clang-format on */

#endif
