/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What weir-l3fwd does with good packets, and which bad ones it drops for which reason. Packets and what becomes of them
 * are worked out by hand; checksums by the letter of RFC 1071.
 */
#include "l3fwd_frames.h"

static struct rig rig;
static uint8_t frame[70000];

#define TO_1   "02000000 0102 02000000 0001 "
#define FROM_0 "02000000 0000 02000000 9999 "

/* --- on their way -------------------------------------------------------------------------------------------------- */

static void ipv4_gets_new_addresses_ttl_and_checksum(void)
{
	open_network(&rig);
	rig_hex(&rig, 0, FROM_0 "0800 450000201234000040 11548e 0a000002 0a090001 03e80035000c0000 61626364");
	CU_ASSERT_EQUAL(rig.sent_count, 1);
	CU_ASSERT(
	    rig_sent(&rig, 0, 1, TO_1 "0800 45000020123400003f 11558e 0a000002 0a090001 03e80035000c0000 61626364"));
	CU_ASSERT_EQUAL(rig.router.counts[0].forwarded, 1);
	CU_ASSERT_EQUAL(rig_all_drops(&rig), 0);
	rig_close(&rig);
}

static void ipv6_gets_new_addresses_and_hop_limit(void)
{
	size_t len = make6(frame, "2001:db8:9::1", 64, 100);

	open_network(&rig);
	rig_frame(&rig, 0, frame, len);
	CU_ASSERT_EQUAL_FATAL(rig.sent_count, 1);
	CU_ASSERT_EQUAL(rig.sent[0].port, 1);
	CU_ASSERT_EQUAL(rig.sent[0].len, len);
	CU_ASSERT_EQUAL(rig.sent[0].data[21], 63);
	frame[21] = 63;
	CU_ASSERT(!memcmp(rig.sent[0].data + 14, frame + 14, len - 14));
	rig_close(&rig);
}

static void a_tag_in_the_data_is_taken_off_and_one_is_put_on(void)
{
	size_t len = make4(frame, "10.9.0.1", 64, 100);

	open_network(&rig);
	/* From VLAN 100 of port 2, untagged out of port 1. */
	memmove(frame + 18, frame + 14, len - 14);
	put_eth(frame, 2, 0x8100);
	put_be16(frame + 14, 0x6064);
	put_be16(frame + 16, 0x0800);
	rig_frame(&rig, 2, frame, len + 4);
	CU_ASSERT_EQUAL_FATAL(rig.sent_count, 1);
	CU_ASSERT_EQUAL(rig.sent[0].len, len);
	CU_ASSERT(!rig.sent[0].tagged);
	CU_ASSERT_EQUAL(rig.sent[0].data[12] << 8 | rig.sent[0].data[13], 0x0800);
	/* And the other way round. */
	len = make4(frame, "10.8.0.1", 64, 100);
	rig_frame(&rig, 0, frame, len);
	CU_ASSERT_EQUAL_FATAL(rig.sent_count, 2);
	CU_ASSERT_EQUAL(rig.sent[1].port, 2);
	CU_ASSERT(rig.sent[1].tagged);
	CU_ASSERT_EQUAL(rig.sent[1].tci, 100);
	CU_ASSERT_EQUAL(rig.sent[1].len, len);
	rig_close(&rig);
}

static void a_tag_beside_the_data_counts_and_priority_alone_is_no_vlan(void)
{
	struct weir_pkt pkts[2];
	size_t len = make4(frame, "10.9.0.1", 64, 100);

	open_network(&rig);
	frame[5] = 2;
	rig_lay(&rig, frame, len, 2048, pkts);
	pkts[0].flags |= WEIR_PKT_VLAN;
	pkts[0].vlan = 100;
	rig_pkts(&rig, 2, pkts, 1);
	CU_ASSERT_EQUAL(rig.sent_count, 1);
	frame[5] = 0;
	rig_lay(&rig, frame, len, 2048, pkts);
	pkts[0].flags |= WEIR_PKT_VLAN;
	pkts[0].vlan = 0xe000;
	rig_pkts(&rig, 0, pkts, 1);
	CU_ASSERT_EQUAL(rig.sent_count, 2);
	CU_ASSERT(!rig.sent[1].tagged);
	rig_close(&rig);
}

static void what_stands_behind_the_packet_is_cut_off(void)
{
	size_t len = make4(frame, "10.9.0.1", 64, 28);

	open_network(&rig);
	memset(frame + len, 0xee, 60 - len);
	rig_frame(&rig, 0, frame, 60);
	CU_ASSERT_EQUAL_FATAL(rig.sent_count, 1);
	CU_ASSERT_EQUAL(rig.sent[0].len, len);
	rig_close(&rig);
}

static void a_jumbo_packet_stays_a_chain(void)
{
	struct weir_pkt pkts[64];
	size_t len = make4(frame, "10.9.0.1", 64, 9000);
	uint8_t mac[6] = { 2, 0, 0, 0, 0, 1 };
	unsigned n;

	open_network(&rig);
	router_interface_set_link(&rig.router, router_interface_find(&rig.router, 1, 0), mac, 9000);
	n = rig_lay(&rig, frame, len, 2000, pkts);
	CU_ASSERT_EQUAL(n, 5);
	rig_pkts(&rig, 0, pkts, n);
	CU_ASSERT_EQUAL_FATAL(rig.sent_count, 1);
	CU_ASSERT_EQUAL(rig.sent[0].entries, 5);
	CU_ASSERT_EQUAL(rig.sent[0].len, len);
	CU_ASSERT(!memcmp(rig.sent[0].data + 26, frame + 26, len - 26));
	rig_close(&rig);
}

static void headers_in_several_buffers_and_shared_ones_are_no_hindrance(void)
{
	struct weir_pkt pkts[64], clone[64];
	size_t len = make6(frame, "2001:db8:9::1", 64, 200);
	unsigned n;

	open_network(&rig);
	n = rig_lay(&rig, frame, len, 10, pkts);
	rig_pkts(&rig, 0, pkts, n);
	CU_ASSERT_EQUAL_FATAL(rig.sent_count, 1);
	CU_ASSERT_EQUAL(rig.sent[0].len, len);
	CU_ASSERT_EQUAL(rig.sent[0].data[21], 63);
	/* Somebody else holds the buffers, and sees what was there. */
	n = rig_lay(&rig, frame, len, 2048, pkts);
	weir_pkt_clone(rig.cache, pkts, n, clone);
	rig_pkts(&rig, 0, pkts, n);
	CU_ASSERT_EQUAL(rig.sent_count, 2);
	CU_ASSERT(!memcmp(weir_pkt_data(rig.router.base, clone), frame, len));
	weir_pool_free(rig.cache, clone, n);
	rig_close(&rig);
}

static void packets_of_a_burst_leave_in_one_burst_a_port(void)
{
	struct weir_pkt pkts[32];

	open_network(&rig);
	for (unsigned i = 0; i < 32; i++) {
		size_t len = make4(frame, i % 2 ? "10.8.0.1" : "10.9.0.1", 64, 60);

		rig_lay(&rig, frame, len, 2048, &pkts[i]);
	}
	rig_pkts(&rig, 0, pkts, 32);
	CU_ASSERT_EQUAL(rig.sent_count, 32);
	CU_ASSERT_EQUAL(rig.txq[1].bursts, 1);
	CU_ASSERT_EQUAL(rig.txq[2].bursts, 1);
	rig_close(&rig);
}

static void fragments_are_forwarded_as_they_are(void)
{
	size_t len = make4(frame, "10.9.0.1", 64, 100);

	open_network(&rig);
	put_be16(frame + 20, 0x2000 | 100);
	seal4(frame);
	rig_frame(&rig, 0, frame, len);
	CU_ASSERT_EQUAL_FATAL(rig.sent_count, 1);
	CU_ASSERT(!memcmp(rig.sent[0].data + 16, frame + 16, 6));
	rig_close(&rig);
}

static void a_full_port_keeps_packets_and_then_drops_the_newest(void)
{
	struct weir_pkt pkts[32];
	size_t len = make4(frame, "10.9.0.1", 64, 60);

	open_network(&rig);
	rig.forwarder.patience = UINT64_MAX;
	rig.txq[1].full = true;
	rig_frame(&rig, 0, frame, len);
	CU_ASSERT_EQUAL(rig.sent_count, 0);
	rig.txq[1].full = false;
	egress_flush(&rig.forwarder);
	CU_ASSERT_EQUAL(rig.sent_count, 1);
	/* Others are not held up, and nothing waits for ever. */
	rig.txq[1].full = true;
	rig.forwarder.patience = 0;
	rig_lay(&rig, frame, len, 2048, pkts);
	make4(frame, "10.8.0.1", 64, 60);
	rig_lay(&rig, frame, len, 2048, pkts + 1);
	rig_pkts(&rig, 0, pkts, 2);
	CU_ASSERT_EQUAL(rig.sent_count, 2);
	rig.forwarder.now++;
	egress_flush(&rig.forwarder);
	CU_ASSERT_EQUAL(rig.outlet[1].given_up, 1);
	rig_close(&rig);
}

/* --- not ours, not good --------------------------------------------------------------------------------------------- */

static void each_fault_of_ipv4_has_its_reason(void)
{
	static const struct {
		unsigned at, value;
		enum drop why;
	} faults[] = {
		{ 0, 0x06, DROP_NOT_OURS },    { 14, 0x65, DROP_VERSION },  { 14, 0x44, DROP_HEADER_LENGTH },
		{ 17, 19, DROP_LENGTH },       { 17, 101, DROP_LENGTH },    { 26, 127, DROP_SOURCE },
		{ 26, 0, DROP_SOURCE },        { 26, 224, DROP_SOURCE },    { 30, 0, DROP_DESTINATION },
		{ 30, 127, DROP_DESTINATION }, { 30, 172, DROP_NO_ROUTE },  { 31, 6, DROP_BLACKHOLE },
		{ 31, 5, DROP_UNREACHABLE },   { 31, 4, DROP_PROHIBIT },    { 22, 1, DROP_TTL },
		{ 22, 0, DROP_TTL },           { 30, 225, DROP_LOCAL },     { 31, 7, DROP_UNRESOLVED },
		{ 12, 0x88, DROP_TYPE },       { 0, 0x03, DROP_LINK_CAST },
	};

	open_network(&rig);
	for (unsigned i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		size_t len = make4(frame, "10.9.0.1", 64, 100);

		frame[faults[i].at] = (uint8_t)faults[i].value;
		if (faults[i].at > 14)
			seal4(frame);
		CU_ASSERT_EQUAL(dropped(&rig, frame, len), faults[i].why);
	}
	make4(frame, "10.9.0.1", 64, 100);
	frame[24] ^= 1;
	CU_ASSERT_EQUAL(dropped(&rig, frame, 114), DROP_CHECKSUM);
	make4(frame, "10.0.0.1", 64, 100);
	CU_ASSERT_EQUAL(dropped(&rig, frame, 114), DROP_LOCAL);
	make4(frame, "10.0.1.77", 64, 100);
	CU_ASSERT_EQUAL(dropped(&rig, frame, 114), DROP_UNRESOLVED);
	make4_options(frame, "10.9.0.1", 64, 100, 40);
	CU_ASSERT_EQUAL(dropped(&rig, frame, 14 + 59), DROP_SHORT);
	CU_ASSERT_EQUAL(dropped(&rig, frame, 33), DROP_SHORT);
	CU_ASSERT_EQUAL(dropped(&rig, frame, 13), DROP_SHORT);
	rig_close(&rig);
}

static void each_fault_of_ipv6_has_its_reason(void)
{
	static const struct {
		const char *src, *dst;
		enum drop why;
	} addresses[] = {
		{ "::1", "2001:db8:9::1", DROP_SOURCE },           { "::", "2001:db8:9::1", DROP_SOURCE },
		{ "ff02::1", "2001:db8:9::1", DROP_SOURCE },       { "::ffff:10.0.0.2", "2001:db8:9::1", DROP_SOURCE },
		{ "2001:db8::2", "::1", DROP_DESTINATION },        { "2001:db8::2", "::", DROP_DESTINATION },
		{ "2001:db8::2", "ff01::1", DROP_DESTINATION },    { "2001:db8::2", "ff02::1", DROP_LOCAL },
		{ "2001:db8::2", "fe80::1", DROP_LOCAL },          { "2001:db8::2", "2001:db8::1", DROP_LOCAL },
		{ "2001:db8::2", "2001:db9::1", DROP_NO_ROUTE },   { "2001:db8::2", "2001:db8:5::1", DROP_UNREACHABLE },
		{ "2001:db8::2", "2001:db8:4::1", DROP_PROHIBIT }, { "2001:db8::2", "2001:db8:1::77", DROP_UNRESOLVED },
	};

	open_network(&rig);
	for (unsigned i = 0; i < sizeof(addresses) / sizeof(*addresses); i++) {
		size_t len = make6(frame, addresses[i].dst, 64, 100);

		inet_pton(AF_INET6, addresses[i].src, frame + 22);
		CU_ASSERT_EQUAL(dropped(&rig, frame, len), addresses[i].why);
	}
	make6(frame, "2001:db8:9::1", 1, 100);
	CU_ASSERT_EQUAL(dropped(&rig, frame, 114), DROP_TTL);
	make6(frame, "2001:db8:9::1", 64, 100);
	CU_ASSERT_EQUAL(dropped(&rig, frame, 113), DROP_LENGTH);
	CU_ASSERT_EQUAL(dropped(&rig, frame, 53), DROP_SHORT);
	frame[14] = 0x40;
	CU_ASSERT_EQUAL(dropped(&rig, frame, 114), DROP_VERSION);
	rig_close(&rig);
}

static void unknown_tags_and_interfaces_that_are_down_take_nothing(void)
{
	size_t len = make4(frame, "10.9.0.1", 64, 100);
	struct weir_pkt pkt;

	open_network(&rig);
	rig_lay(&rig, frame, len, 2048, &pkt);
	pkt.flags |= WEIR_PKT_VLAN;
	pkt.vlan = 7;
	rig_pkts(&rig, 0, &pkt, 1);
	CU_ASSERT_EQUAL(rig_drops(&rig, DROP_VLAN), 1);
	router_interface_set_up(&rig.router, router_interface_find(&rig.router, 1, 0), false);
	CU_ASSERT_EQUAL(dropped(&rig, frame, len), DROP_DOWN);
	router_interface_set_up(&rig.router, router_interface_find(&rig.router, 0, 0), false);
	CU_ASSERT_EQUAL(dropped(&rig, frame, len), DROP_DOWN);
	CU_ASSERT_EQUAL(rig.sent_count, 0);
	rig_close(&rig);
}

static void a_checksum_that_the_port_has_checked_is_not_added_up_again(void)
{
	size_t len = make4(frame, "10.9.0.1", 64, 100);
	struct weir_pkt pkt;

	open_network(&rig);
	frame[24] ^= 1;
	rig_lay(&rig, frame, len, 2048, &pkt);
	pkt.flags |= WEIR_PKT_IP_GOOD;
	rig_pkts(&rig, 0, &pkt, 1);
	CU_ASSERT_EQUAL(rig.sent_count, 1);
	rig_close(&rig);
}

/* --- the control thread -------------------------------------------------------------------------------------------- */

static void what_is_not_the_workers_is_punted_with_what_there_is_to_know(void)
{
	struct weir_pkt pkt;
	uint32_t hop;

	open_network(&rig);
	rig.router.punting = true;
	rig_frame(&rig, 0, frame, make4(frame, "10.0.0.1", 1, 100));
	CU_ASSERT_EQUAL_FATAL(router_punted(&rig.router, &pkt, 1), 1);
	CU_ASSERT_EQUAL(punt_why(&pkt), PUNT_LOCAL);
	CU_ASSERT_EQUAL(punt_interface(&pkt), router_interface_find(&rig.router, 0, 0));
	CU_ASSERT_EQUAL(weir_pkt_data(rig.router.base, &pkt)[22], 1);
	weir_pool_free(rig.cache, &pkt, 1);
	/* To a gateway whose address is not known: ready to go, but for that. */
	rig_frame(&rig, 0, frame, make4(frame, "10.7.0.1", 64, 100));
	CU_ASSERT_EQUAL_FATAL(router_punted(&rig.router, &pkt, 1), 1);
	CU_ASSERT_EQUAL(punt_why(&pkt), PUNT_UNRESOLVED);
	CU_ASSERT_EQUAL(punt_interface(&pkt), router_interface_find(&rig.router, 1, 0));
	CU_ASSERT_EQUAL(weir_pkt_data(rig.router.base, &pkt)[22], 63);
	hop = punt_detail(&pkt);
	CU_ASSERT_EQUAL(hop_kind(router_hop_get(&rig.router, hop)), HOP_UNRESOLVED);
	weir_pool_free(rig.cache, &pkt, 1);
	/* Once it is known, it goes. */
	router_hop_set(&rig.router, hop,
	               hop_word(HOP_NEIGHBOUR, router_interface_find(&rig.router, 1, 0), 0x020000000777));
	rig_frame(&rig, 0, frame, make4(frame, "10.7.0.1", 64, 100));
	CU_ASSERT_EQUAL(rig.sent_count, 1);
	CU_ASSERT_EQUAL(rig.sent[0].data[5], 0x77);
	CU_ASSERT(router_hop_used(&rig.router, hop));
	CU_ASSERT(!router_hop_used(&rig.router, hop));
	rig_frame(&rig, 0, frame, make4(frame, "10.0.1.200", 64, 100));
	CU_ASSERT_EQUAL_FATAL(router_punted(&rig.router, &pkt, 1), 1);
	CU_ASSERT_EQUAL(punt_why(&pkt), PUNT_CONNECTED);
	weir_pool_free(rig.cache, &pkt, 1);
	CU_ASSERT_EQUAL(rig_all_drops(&rig), 0);
	rig_close(&rig);
}

static void what_is_injected_leaves_as_it_is(void)
{
	const uint8_t mac[6] = { 2, 0, 0, 0, 2, 2 };
	struct weir_pkt pkt;

	open_network(&rig);
	rig.egress[2].injects = 3;
	make4(frame, "10.8.0.1", 64, 100);
	rig_lay(&rig, frame, 114, 2048, &pkt);
	router_address(&rig.router, &pkt, router_interface_find(&rig.router, 2, 100), mac);
	CU_ASSERT_EQUAL(router_inject(&rig.router, 2, &pkt, 1), 1);
	CU_ASSERT_EQUAL(rig.router.readers[0].pending, 1);
	reader_round(&rig.router, &rig.router.readers[0]);
	CU_ASSERT_EQUAL(rig.router.readers[0].pending, 0);
	egress_flush(&rig.forwarder);
	CU_ASSERT_EQUAL_FATAL(rig.sent_count, 1);
	CU_ASSERT_EQUAL(rig.sent[0].port, 2);
	CU_ASSERT_EQUAL(rig.sent[0].tci, 100);
	CU_ASSERT(!memcmp(rig.sent[0].data, mac, 6));
	CU_ASSERT_EQUAL(rig.sent[0].data[11], 2);
	rig_close(&rig);
}

/* --- several ways ---------------------------------------------------------------------------------------------------- */

static void flows_keep_their_way_and_share_all_of_them(void)
{
	unsigned first = 0;

	open_network(&rig);
	for (unsigned i = 0; i < 200; i++) {
		make4(frame, "10.3.0.1", 64, 60);
		put_be16(frame + 34, 1000 + i / 2);
		rig_frame(&rig, 0, frame, 74);
	}
	CU_ASSERT_EQUAL_FATAL(rig.sent_count, 200);
	for (unsigned i = 0; i < 200; i += 2) {
		CU_ASSERT_EQUAL(rig.sent[i].port, rig.sent[i + 1].port);
		first += rig.sent[i].port == 1;
	}
	/* 100 flows on two ways: that fewer than 30 take one of them has a chance of 1 in 60,000. */
	CU_ASSERT(first >= 30 && first <= 70);
	rig_close(&rig);
}

static void all_fragments_of_a_packet_take_one_way(void)
{
	open_network(&rig);
	for (unsigned i = 0; i < 50; i++) {
		make4(frame, "10.3.0.1", 64, 60);
		put_be16(frame + 20, i % 2 ? 0x2000 : 10);
		put_be16(frame + 34, i);
		seal4(frame);
		rig_frame(&rig, 0, frame, 74);
	}
	CU_ASSERT_EQUAL_FATAL(rig.sent_count, 50);
	for (unsigned i = 1; i < 50; i++)
		CU_ASSERT_EQUAL(rig.sent[i].port, rig.sent[0].port);
	rig_close(&rig);
}

static void flows_of_the_table_go_their_own_way(void)
{
	open_network(&rig);
	rig_line(&rig, "flow udp 10.0.0.2 1000 10.9.0.1 53 via 10.0.2.2");
	rig_line(&rig, "flow udp 2001:db8::2 1000 2001:db8:9::1 53 blackhole");
	make4(frame, "10.9.0.1", 64, 60);
	put_be16(frame + 34, 1000);
	put_be16(frame + 36, 53);
	rig_frame(&rig, 0, frame, 74);
	put_be16(frame + 36, 54);
	rig_frame(&rig, 0, frame, 74);
	CU_ASSERT_EQUAL_FATAL(rig.sent_count, 2);
	CU_ASSERT_EQUAL(rig.sent[0].port, 2);
	CU_ASSERT_EQUAL(rig.sent[1].port, 1);
	make6(frame, "2001:db8:9::1", 64, 60);
	put_be16(frame + 54, 1000);
	put_be16(frame + 56, 53);
	CU_ASSERT_EQUAL(dropped(&rig, frame, 74), DROP_BLACKHOLE);
	CU_ASSERT_EQUAL(rig_try(&rig, "flow udp 10.0.0.2 1000 10.9.0.1 53 blackhole", NULL), -EEXIST);
	rig_close(&rig);
}

int main(void)
{
	static const struct unit_case cases[] = {
		{ "IPv4 gets new addresses, TTL and checksum", ipv4_gets_new_addresses_ttl_and_checksum },
		{ "IPv6 gets new addresses and hop limit", ipv6_gets_new_addresses_and_hop_limit },
		{ "a tag in the data is taken off, and one is put on",
		  a_tag_in_the_data_is_taken_off_and_one_is_put_on },
		{ "a tag beside the data counts; priority alone is no VLAN",
		  a_tag_beside_the_data_counts_and_priority_alone_is_no_vlan },
		{ "what stands behind the packet is cut off", what_stands_behind_the_packet_is_cut_off },
		{ "a jumbo packet stays a chain", a_jumbo_packet_stays_a_chain },
		{ "headers in several buffers and shared ones are no hindrance",
		  headers_in_several_buffers_and_shared_ones_are_no_hindrance },
		{ "packets of a burst leave in one burst a port", packets_of_a_burst_leave_in_one_burst_a_port },
		{ "fragments are forwarded as they are", fragments_are_forwarded_as_they_are },
		{ "a full port keeps packets, and then drops them",
		  a_full_port_keeps_packets_and_then_drops_the_newest },
		{ "each fault of IPv4 has its reason", each_fault_of_ipv4_has_its_reason },
		{ "each fault of IPv6 has its reason", each_fault_of_ipv6_has_its_reason },
		{ "unknown tags and interfaces that are down take nothing",
		  unknown_tags_and_interfaces_that_are_down_take_nothing },
		{ "a checksum that the port has checked is not added up again",
		  a_checksum_that_the_port_has_checked_is_not_added_up_again },
		{ "what is not the workers' is punted, with what there is to know",
		  what_is_not_the_workers_is_punted_with_what_there_is_to_know },
		{ "what is injected leaves as it is", what_is_injected_leaves_as_it_is },
		{ "flows keep their way, and share all of them", flows_keep_their_way_and_share_all_of_them },
		{ "all fragments of a packet take one way", all_fragments_of_a_packet_take_one_way },
		{ "flows of the table go their own way", flows_of_the_table_go_their_own_way },
		{ NULL, NULL },
	};

	return unit_run("l3fwd forward", cases);
}
