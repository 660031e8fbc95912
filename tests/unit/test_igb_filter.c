/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * To which queue packets go (weir/filter.h): by the igb driver, on the model of the 82576.
 */
#include "filter_cases.h"
#include "igb_sim.h"
#include "regs/e1000_bits.h"
#include "regs/igb.h"

static void the_card_tells_what_it_has_room_for(void)
{
	struct weir_filter_limits limits;

	begin_queues(1);
	CU_ASSERT_EQUAL(weir_port_filter_limits(port, &limits), 0);
	CU_ASSERT_EQUAL(limits.addresses, 23);
	CU_ASSERT_EQUAL(limits.groups, 4096);
	CU_ASSERT_EQUAL(limits.filters, 14);
	CU_ASSERT_EQUAL(limits.priorities, 8);
	CU_ASSERT_EQUAL(limits.rss_table, 128);
	CU_ASSERT_EQUAL(limits.rss_queues, 16);
	end();
}

static void the_hash_spreads_over_sixteen_queues(void)
{
	unsigned used = 0;

	begin_queues(16);
	for (unsigned i = 0; i < 300; i++)
		used |= 1u << udp_queue(i);
	CU_ASSERT_EQUAL(used, 0xffff);
	end();
}

static void filters_reach_all_queues_that_they_can_name(void)
{
	struct weir_filter f = { .match = WEIR_MATCH_ETHER_TYPE, .ether_type = 0x88b5, .queue = 7 };
	uint8_t frame[60] = { 2, 0x11, 0x22, 0x33, 0x44, 0x55, 2, 0, 0, 0, 0, 2, 0x88, 0xb5 };

	begin_queues(16);
	add(f);
	CU_ASSERT_EQUAL(queue_of(frame, 60), 7);
	f.ether_type = 0x88b6;
	f.queue = 8;
	CU_ASSERT(refuses(f, -ENOTSUP, "an EtherType filter can choose the queues 0 to 7"));
	for (unsigned i = 9; i < 16; i++) {
		add(udp_from(i, i));
		CU_ASSERT_EQUAL(udp_goes(i), (int)i);
	}
	CU_ASSERT(refuses(udp_from(1, 1), -ENOSPC, "all 7 5-tuple filters are taken"));
	end();
}

/* A queue that does not run takes what is to be dropped: there must be one. */
static void a_port_of_all_queues_drops_nothing(void)
{
	begin_queues(16);
	CU_ASSERT(refuses(udp_from(1, WEIR_FILTER_DROP), -ENOTSUP, "at most 15 receive queues"));
	end();
	begin_queues(15);
	add(udp_from(1, WEIR_FILTER_DROP));
	CU_ASSERT_EQUAL(udp_goes(1), -1);
	CU_ASSERT(refuses(
	    (struct weir_filter){ .match = WEIR_MATCH_ETHER_TYPE, .ether_type = 0x88b5, .queue = WEIR_FILTER_DROP },
	    -ENOTSUP, "at most 7 receive queues"));
	end();
}

static void fields_are_compared_or_not(void)
{
	struct weir_rss none = { .types = 0 };
	struct weir_filter f = { .match = WEIR_MATCH_IPV4 | WEIR_MATCH_SRC, .src = { 10, 0, 0, 1 }, .queue = 1 };
	uint8_t frame[128];
	unsigned id, len;

	begin_queues(QUEUES);
	CU_ASSERT_EQUAL(weir_port_set_rss(port, &none), 0);
	id = add(f);
	CU_ASSERT_EQUAL(udp_goes(5), 1);
	len = make_udp(frame, 5, 20);
	frame[29] = 3; /* from 10.0.0.3 */
	CU_ASSERT_EQUAL(queue_of(frame, len), 0);
	CU_ASSERT_EQUAL(weir_port_remove_filter(port, id), 0);
	f = (struct weir_filter){ .match = WEIR_MATCH_IPV4 | WEIR_MATCH_DST, .dst = { 10, 0, 0, 2 }, .queue = 2 };
	id = add(f);
	CU_ASSERT_EQUAL(queue_of(frame, len), 2);
	CU_ASSERT_EQUAL(weir_port_remove_filter(port, id), 0);
	f = (struct weir_filter){ .match = WEIR_MATCH_IPV4 | WEIR_MATCH_PROTOCOL | WEIR_MATCH_DST_PORT,
		                  .protocol = WEIR_IP_UDP,
		                  .dst_port = 9,
		                  .queue = 3 };
	id = add(f);
	CU_ASSERT_EQUAL(queue_of(frame, len), 3);
	CU_ASSERT_EQUAL(weir_port_remove_filter(port, id), 0);
	f.dst_port = 10;
	add(f);
	CU_ASSERT_EQUAL(queue_of(frame, len), 0);
	f = (struct weir_filter){ .match = WEIR_MATCH_IPV4 | WEIR_MATCH_PROTOCOL, .protocol = 50, .queue = 1 };
	add(f);
	frame[23] = 50; /* any protocol can be compared */
	CU_ASSERT_EQUAL(queue_of(frame, len), 1);
	end();
}

static void what_it_cannot_compare_is_refused(void)
{
	struct weir_filter f = udp_from(1, 1);

	begin_queues(QUEUES);
	f.src_prefix = 24;
	CU_ASSERT(refuses(f, -ENOTSUP, "whole addresses, protocol and ports of IPv4, or an EtherType"));
	f = udp_from(1, 1);
	f.dst_port_mask = 0xff00;
	CU_ASSERT(refuses(f, -ENOTSUP, "whole addresses"));
	f = udp_from(1, 1);
	f.mark = 1;
	CU_ASSERT(refuses(f, -ENOTSUP, "without a mark"));
	f = (struct weir_filter){ .match = WEIR_MATCH_IPV6 | WEIR_MATCH_PROTOCOL, .protocol = WEIR_IP_TCP };
	CU_ASSERT(refuses(f, -ENOTSUP, "of IPv4"));
	f = (struct weir_filter){ .match = WEIR_MATCH_VLAN, .vlan = 5 };
	CU_ASSERT(refuses(f, -ENOTSUP, "whole addresses"));
	end();
}

static void filters_are_there_again_after_a_start(void)
{
	unsigned id;

	begin_queues(QUEUES);
	id = add(udp_from(1000, 3));
	CU_ASSERT_EQUAL(udp_goes(1000), 3);
	CU_ASSERT_EQUAL(weir_port_stop(port), 0);
	CU_ASSERT_EQUAL(weir_port_start(port), 0);
	CU_ASSERT_EQUAL(udp_goes(1000), 3);
	CU_ASSERT_EQUAL(weir_port_stop(port), 0);
	CU_ASSERT_EQUAL(weir_port_remove_filter(port, id), 0);
	CU_ASSERT_EQUAL(weir_port_start(port), 0);
	CU_ASSERT_EQUAL(weir_sim_peek(nic, IGB_FTQF), 0);
	end();
}

static const struct unit_case cases[] = {
	FILTER_CASES,
	{ "the card tells what it has room for", the_card_tells_what_it_has_room_for },
	{ "the hash spreads over sixteen queues", the_hash_spreads_over_sixteen_queues },
	{ "filters reach all queues that they can name", filters_reach_all_queues_that_they_can_name },
	{ "a port of all queues drops nothing", a_port_of_all_queues_drops_nothing },
	{ "fields are compared, or not", fields_are_compared_or_not },
	{ "what it cannot compare is refused", what_it_cannot_compare_is_refused },
	{ "filters are there again after a start", filters_are_there_again_after_a_start },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("igb_filter", cases);
}
