/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The clock of a port of the ixgbe driver, and what is noted of packets, on the models of the 82599 and X540.
 */
#include "clock_cases.h"
#include "ixgbe_sim.h"
#include "weir/filter.h"

static void a_filters_mark_is_with_the_packet(void)
{
	struct weir_filter filter = { .match = WEIR_MATCH_IPV4 | WEIR_MATCH_PROTOCOL | WEIR_MATCH_SRC_PORT,
		                      .protocol = WEIR_IP_UDP,
		                      .src_port = 4711,
		                      .queue = 1,
		                      .mark = 0xfeedbeef };
	struct weir_pkt pkts[8];
	uint8_t frame[128];

	begin_with_meta();
	CU_ASSERT_EQUAL_FATAL(weir_port_add_filter(port, &filter, NULL), 0);
	make_udp(frame, 4711, 40);
	CU_ASSERT_EQUAL(weir_sim_send(nic, frame, 82), 0);
	CU_ASSERT_EQUAL_FATAL(receive(weir_port_rxq(port, 1), pkts, 8), 1);
	CU_ASSERT_FATAL(pkts[0].flags & WEIR_PKT_META);
	CU_ASSERT_EQUAL(weir_pkt_meta(weir_mem_base(weir), pkts)->mark, 0xfeedbeef);
	CU_ASSERT_EQUAL(time_of(pkts), 0);
	weir_pool_free(cache, pkts, 1);
	end();
}

static const struct unit_case cases[] = {
	CLOCK_CASES,
	{ "a filter's mark is with the packet", a_filters_mark_is_with_the_packet },
	{ NULL, NULL },
};

int main(void)
{
	static const char *const cards[] = { "82599", "x540" };
	int failed = 0;

	for (unsigned i = 0; i < 2; i++) {
		the_card = cards[i];
		printf("%s\n", the_card);
		failed |= unit_run("ixgbe_clock", cases);
	}
	return failed;
}
