/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which packets a port takes, and to which queue they go (weir/filter.h): by the ixgbe driver, on the models of the 82599
 * and X540.
 */
#include "ixgbe_sim.h"

#include "filter_cases.h"
#include "regs/ixgbe.h"
#include "regs/ixgbe_bits.h"
#include "sentences.h"
#include "weir/filter.h"

/* --- addresses --------------------------------------------------------------------------------------------------------------- */

static void groups_beyond_the_exact_ones_arrive_by_hash(void)
{
	uint8_t mac[6] = { 1, 0, 0x5e, 0, 0, 0 };
	struct weir_filter_limits limits;

	begin_queues(1);
	CU_ASSERT_EQUAL(weir_port_filter_limits(port, &limits), 0);
	CU_ASSERT_EQUAL(limits.addresses, 127);
	CU_ASSERT_EQUAL(limits.groups, 4096);
	for (unsigned i = 0; i < 200; i++) {
		weir_store_be16(mac + 4, (uint16_t)(i * 257));
		CU_ASSERT_EQUAL(weir_port_add_mac(port, mac), 0);
	}
	for (unsigned i = 0; i < 200; i++) {
		weir_store_be16(mac + 4, (uint16_t)(i * 257));
		CU_ASSERT(arrives(mac));
	}
	for (unsigned i = 0; i < 200; i++) {
		weir_store_be16(mac + 4, (uint16_t)(i * 257));
		CU_ASSERT_EQUAL(weir_port_remove_mac(port, mac), 0);
	}
	CU_ASSERT(!arrives(mac));
	CU_ASSERT_EQUAL(weir_sim_peek(nic, IXGBE_MCSTCTRL), 0);
	end();
}

/* --- RSS ---------------------------------------------------------------------------------------------------------------------- */

static void what_rss_cannot_do_is_refused(void)
{
	struct weir_rss rss = { .types = WEIR_RSS_IPV4_SCTP };

	begin_queues(20);
	CU_ASSERT_EQUAL(weir_port_set_rss(port, &rss), -ENOTSUP);
	CU_ASSERT(error_says("of the hash types 0x8 it can do 0x0"));
	rss.types = WEIR_RSS_IPV4;
	rss.table_size = 3;
	CU_ASSERT_EQUAL(weir_port_set_rss(port, &rss), -EINVAL);
	CU_ASSERT(error_says("powers of two up to 128"));
	rss.table_size = 256;
	CU_ASSERT_EQUAL(weir_port_set_rss(port, &rss), -EINVAL);
	rss.table_size = 2;
	rss.table[1] = 20;
	CU_ASSERT_EQUAL(weir_port_set_rss(port, &rss), -EINVAL);
	CU_ASSERT(error_says("names queue 20; it has 20 receive queues"));
	rss.table[1] = 16;
	CU_ASSERT_EQUAL(weir_port_set_rss(port, &rss), -ENOTSUP);
	CU_ASSERT(error_says("hashes reach those below 16"));
	end();
}

/* --- filters ------------------------------------------------------------------------------------------------------------------ */

static void filters_with_masks_go_to_the_flow_director(void)
{
	struct weir_rss none = { .types = 0 };
	struct weir_filter f = udp_filter;
	unsigned id, other;

	begin_queues(QUEUES);
	CU_ASSERT_EQUAL(weir_port_set_rss(port, &none), 0);
	f.match |= WEIR_MATCH_SRC | WEIR_MATCH_SRC_PORT;
	f.src_prefix = 8;
	f.src_port = 0x1230;
	f.src_port_mask = 0xfff0;
	f.queue = 1;
	id = add(f);
	CU_ASSERT(in_table(id, "flow director"));
	CU_ASSERT_EQUAL(udp_goes(0x122f), 0);
	CU_ASSERT_EQUAL(udp_goes(0x1230), 1);
	CU_ASSERT_EQUAL(udp_goes(0x123f), 1);
	CU_ASSERT_EQUAL(udp_goes(0x1240), 0);
	f.src_port = 0x1240;
	f.queue = WEIR_FILTER_DROP;
	other = add(f);
	CU_ASSERT_EQUAL(udp_goes(0x1240), -1);
	f.src_port = 0x1250;
	f.src[0] = 11;
	f.queue = 2;
	add(f);
	CU_ASSERT_EQUAL(udp_goes(0x1250), 0);
	/* One set of masks for all. */
	f.src_prefix = 9;
	CU_ASSERT(refuses(f, -ENOTSUP, "all such filters of a port must compare the same bits"));
	f.src_prefix = 8;
	f.src_port = 0x1260;
	f.priority = 1;
	CU_ASSERT(refuses(f, -ENOTSUP, "they come after all others"));
	CU_ASSERT_EQUAL(weir_port_remove_filter(port, id), 0);
	CU_ASSERT_EQUAL(udp_goes(0x1230), 0);
	CU_ASSERT_EQUAL(udp_goes(0x1240), -1);
	CU_ASSERT_EQUAL(weir_port_remove_filter(port, other), 0);
	CU_ASSERT_EQUAL(udp_goes(0x1240), 0);
	end();
}

static void tags_can_be_compared(void)
{
	uint8_t frame[128];
	struct weir_filter f = udp_filter;
	unsigned len;

	begin_queues(QUEUES);
	f.match |= WEIR_MATCH_VLAN;
	f.vlan = 77;
	f.queue = 3;
	add(f);
	f.vlan = 78;
	f.queue = 2;
	add(f);
	len = make_udp(frame, 5, 20);
	memmove(frame + 16, frame + 12, len - 12);
	memcpy(frame + 12, "\x81\0\xe0\x4d", 4);
	CU_ASSERT_EQUAL(queue_of(frame, len + 4), 3);
	frame[15] = 78;
	CU_ASSERT_EQUAL(queue_of(frame, len + 4), 2);
	end();
}

static void a_filter_that_cannot_be_is_refused(void)
{
	struct weir_filter f = { .match = WEIR_MATCH_IPV6 | WEIR_MATCH_PROTOCOL, .protocol = WEIR_IP_TCP };

	begin_queues(QUEUES);
	CU_ASSERT(refuses(f, -ENOTSUP, "it can filter IPv4, EtherTypes and VLANs"));
	f.match = WEIR_MATCH_IPV6 | WEIR_MATCH_IPV4;
	CU_ASSERT(refuses(f, -EINVAL, "IPv4 and IPv6 at once"));
	f.match = WEIR_MATCH_PROTOCOL;
	CU_ASSERT(refuses(f, -EINVAL, "must say which"));
	f.match = WEIR_MATCH_IPV4 | WEIR_MATCH_SRC_PORT;
	CU_ASSERT(refuses(f, -EINVAL, "of which protocol"));
	f.match = WEIR_MATCH_IPV4 | WEIR_MATCH_PROTOCOL;
	f.protocol = 50;
	CU_ASSERT(refuses(f, -ENOTSUP, "it can compare TCP, UDP and SCTP"));
	f.match |= WEIR_MATCH_SRC_PORT;
	CU_ASSERT(refuses(f, -EINVAL, "ports of TCP, UDP and SCTP only"));
	f.match = WEIR_MATCH_IPV4 | WEIR_MATCH_ETHER_TYPE;
	CU_ASSERT(refuses(f, -EINVAL, "needs no EtherType"));
	f.match = 0;
	CU_ASSERT(refuses(f, -EINVAL, "must compare something"));
	f.match = 1u << 31;
	CU_ASSERT(refuses(f, -EINVAL, "WEIR_MATCH_* names"));
	f.match = WEIR_MATCH_VLAN;
	f.vlan = 5;
	CU_ASSERT(refuses(f, -ENOTSUP, "with WEIR_MATCH_IPV4"));
	f.vlan = 4095;
	CU_ASSERT(refuses(f, -EINVAL, "a VLAN that cannot be"));
	f = (struct weir_filter){ .match = WEIR_MATCH_IPV4 | WEIR_MATCH_SRC, .src_prefix = 33 };
	CU_ASSERT(refuses(f, -EINVAL, "longer than an address"));
	f = (struct weir_filter){ .match = WEIR_MATCH_IPV4 | WEIR_MATCH_SRC, .queue = QUEUES };
	CU_ASSERT(refuses(f, -EINVAL, "names queue 4; it has 4 receive queues"));
	f = (struct weir_filter){ .match = WEIR_MATCH_IPV4 | WEIR_MATCH_PROTOCOL | WEIR_MATCH_SRC_PORT,
		                  .protocol = WEIR_IP_SCTP,
		                  .mark = 1 };
	CU_ASSERT(refuses(f, -ENOTSUP, "ports of SCTP with masks"));
	end();
}

/* As many as there is room for: 128 exact ones, and then in the flow director. */
static void filters_by_the_thousand(void)
{
	struct weir_rss none = { .types = 0 };
	unsigned ids[3000], rounds = unit_rounds(3000);
	struct weir_filter_info info;

	begin_queues(QUEUES);
	CU_ASSERT_EQUAL(weir_port_set_rss(port, &none), 0);
	for (unsigned i = 0; i < rounds; i++)
		ids[i] = add(udp_from(i, 1 + i % 3));
	CU_ASSERT(in_table(ids[127], "5-tuple"));
	CU_ASSERT(in_table(ids[128], "flow director"));
	for (unsigned i = 0; i < rounds; i += 1 + i / 50)
		CU_ASSERT_EQUAL(udp_goes(i), (int)(1 + i % 3));
	CU_ASSERT_EQUAL(udp_goes(rounds), 0);
	/* Every second one goes; a stop and a start change nothing. */
	for (unsigned i = 0; i < rounds; i += 2)
		CU_ASSERT_EQUAL(weir_port_remove_filter(port, ids[i]), 0);
	for (unsigned i = 0; i < rounds; i += 1 + i / 50)
		CU_ASSERT_EQUAL(udp_goes(i), i & 1 ? (int)(1 + i % 3) : 0);
	CU_ASSERT_EQUAL(weir_port_stop(port), 0);
	CU_ASSERT_EQUAL(weir_port_start(port), 0);
	CU_ASSERT_EQUAL(udp_goes(1), 2);
	CU_ASSERT_EQUAL(udp_goes(2), 0);
	CU_ASSERT_EQUAL(udp_goes(rounds - 1), (int)(1 + (rounds - 1) % 3));
	for (unsigned i = 1; i < rounds; i += 2)
		CU_ASSERT_EQUAL(weir_port_remove_filter(port, ids[i]), 0);
	CU_ASSERT_EQUAL(weir_port_filter(port, 0, &info), -ENOENT);
	CU_ASSERT_EQUAL(udp_goes(1), 0);
	CU_ASSERT_EQUAL(weir_sim_peek(nic, IXGBE_RXPBSIZE), 512 << 10);
	end();
}

static void a_mark_comes_with_its_packets(void)
{
	struct weir_port_conf conf = { .rx_queues = 1, .offloads = WEIR_OFFLOAD_RX_META | WEIR_OFFLOAD_RX_HASH };
	struct weir_filter f = udp_from(1000, 0);
	const struct weir_pkt_meta *meta;
	struct weir_pkt pkt;
	uint8_t frame[128];
	unsigned len, id;

	begin_on("sim:82599,wire=hold", &conf);
	f.mark = 0xcafe1234;
	id = add(f);
	CU_ASSERT(in_table(id, "flow director"));
	f.src_port = 1001;
	f.mark = 0;
	add(f);
	for (unsigned source = 999; source <= 1001; source++) {
		len = make_udp(frame, source, 20);
		CU_ASSERT_EQUAL(weir_sim_send(nic, frame, len), 0);
		CU_ASSERT_EQUAL_FATAL(receive(rxq, &pkt, 1), 1);
		meta = weir_pkt_meta(weir_mem_base(weir), &pkt);
		CU_ASSERT_EQUAL(meta ? meta->mark : 0, source == 1000 ? 0xcafe1234 : 0);
		/* A match is told in the place of the hash. */
		CU_ASSERT_EQUAL(!(pkt.flags & WEIR_PKT_HASH), source == 1000);
		weir_pool_free(cache, &pkt, 1);
	}
	end();
}

static void filters_without_hardware_are_refused(void)
{
	struct weir_filter filter = { .match = WEIR_MATCH_IPV4 };
	struct weir_filter_limits limits;
	struct weir_rss rss = { 0 };

	weir = open_weir();
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "null:", NULL, &port), 0);
	CU_ASSERT_EQUAL(weir_port_filter_limits(port, &limits), -ENOTSUP);
	CU_ASSERT_EQUAL(limits.filters, 0);
	CU_ASSERT_EQUAL(weir_port_set_all_multicast(port, true), -ENOTSUP);
	CU_ASSERT_EQUAL(weir_port_add_mac(port, us), -ENOTSUP);
	CU_ASSERT_EQUAL(weir_port_remove_mac(port, us), -ENOTSUP);
	CU_ASSERT_EQUAL(weir_port_set_vlan_filter(port, true), -ENOTSUP);
	CU_ASSERT_EQUAL(weir_port_add_vlan(port, 1), -ENOTSUP);
	CU_ASSERT_EQUAL(weir_port_set_vlan_types(port, 0, 0), -ENOTSUP);
	CU_ASSERT_EQUAL(weir_port_set_rss(port, &rss), -ENOTSUP);
	CU_ASSERT_EQUAL(weir_port_rss(port, &rss), -ENOTSUP);
	CU_ASSERT_EQUAL(weir_port_add_filter(port, &filter, NULL), -ENOTSUP);
	CU_ASSERT(error_says("null ports cannot filter packets"));
	CU_ASSERT_EQUAL(weir_port_remove_filter(port, 1), -ENOTSUP);
	weir_port_close(port);
	weir_close(weir);
}

static const struct unit_case cases[] = {
	FILTER_CASES,
	{ "groups beyond the exact ones arrive by hash", groups_beyond_the_exact_ones_arrive_by_hash },
	{ "what RSS cannot do is refused", what_rss_cannot_do_is_refused },
	{ "filters with masks go to the flow director", filters_with_masks_go_to_the_flow_director },
	{ "tags can be compared", tags_can_be_compared },
	{ "a filter that cannot be is refused", a_filter_that_cannot_be_is_refused },
	{ "filters by the thousand", filters_by_the_thousand },
	{ "a mark comes with its packets", a_mark_comes_with_its_packets },
	{ "filters without hardware are refused", filters_without_hardware_are_refused },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("ixgbe_filter", cases);
}
