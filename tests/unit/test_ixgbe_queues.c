/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Single queues of the ixgbe driver, on the model of the 82599: stopped and started while the others run, how often they
 * interrupt, many of them, and several threads at once.
 */
#include "ixgbe_sim.h"
#include "queue_cases.h"
#include "regs/ixgbe.h"
#include "regs/ixgbe_bits.h"
#include "weir/filter.h"

static void ports_without_such_queues_say_so(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_port *null;

	begin(&conf);
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "null:", &conf, &null), 0);
	CU_ASSERT_EQUAL(weir_port_start(null), 0);
	CU_ASSERT_EQUAL(weir_txq_stop(weir_port_txq(null, 0)), -ENOTSUP);
	CU_ASSERT_EQUAL(weir_rxq_start(weir_port_rxq(null, 0)), -ENOTSUP);
	CU_ASSERT_EQUAL(weir_rxq_set_interval(weir_port_rxq(null, 0), 10), -ENOTSUP);
	weir_port_close(null);
	end();
}

/* --- interrupts ---------------------------------------------------------------------------------------------------------------- */

/* Microseconds between two interrupts of vector @vector, as the card has it: units of 2.048. */
static unsigned interval_of(unsigned vector)
{
	uint32_t reg = vector < 24 ? IXGBE_AT(EITR, vector) : IXGBE_AT(EITR24, vector - 24);

	return field_of(EITR_INTERVAL, weir_sim_peek(nic, reg)) * 2048 / 1000;
}

static void a_fixed_interval_is_set_for_one_queue(void)
{
	struct weir_port_conf conf = { .rx_queues = 30, .rx_slots = 64 };

	begin(&conf);
	set_interval(1, 100, 100); /* 49 units */
	CU_ASSERT_EQUAL(interval_of(0), 10);
	set_interval(29, 1, 2);
	set_interval(29, 0, 0);
	set_interval(1, 1046, 1046);
	CU_ASSERT_EQUAL(weir_rxq_set_interval(weir_port_rxq(port, 1), 1047), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(weir_error(), "0 to 1046"));
	CU_ASSERT_EQUAL(interval_of(1), 1046);
	end();
}

static void an_adaptive_interval_follows_what_arrives(void)
{
	static const struct wake_up steps[] = {
		{ 1, 60, 1, 10 },
		{ 200, 60, 1, 20 },
		{ 200, 60, 1, 40 },
		{ 50, 60, 1, 40 },   /* neither much nor little */
		{ 50, 1514, 1, 81 }, /* the same of long ones is much */
		{ 0 },
	};

	adapt(steps, 50, 51);
}

/* --- many queues ------------------------------------------------------------------------------------------------------------------ */

static void sixteen_of_sixty_four_queues_share_what_is_hashed(void)
{
	struct weir_port_conf conf = { .rx_queues = 64, .rx_slots = 64 };
	unsigned got[64] = { 0 };

	begin(&conf);
	for (unsigned queue = 0; queue < 16; queue++)
		for (unsigned i = 0; i <= queue; i++)
			send_to(queue, 16);
	run();
	for (unsigned queue = 0; queue < 64; queue++)
		while (fetch(queue))
			got[queue]++;
	for (unsigned queue = 0; queue < 64; queue++)
		CU_ASSERT_EQUAL(got[queue], queue < 16); /* one burst each */
	for (unsigned queue = 0; queue < 64; queue++) {
		struct weir_queue_stats stats;

		weir_rxq_stats(weir_port_rxq(port, queue), &stats);
		CU_ASSERT_EQUAL(stats.packets, queue < 16 ? queue + 1 : 0);
	}
	end();
}

static void filters_reach_all_of_sixty_four_queues(void)
{
	struct weir_port_conf conf = { .rx_queues = 64, .rx_slots = 64 };
	uint8_t frame[128];

	begin(&conf);
	for (unsigned queue = 0; queue < 64; queue++) {
		struct weir_filter filter = { .match = WEIR_MATCH_IPV4 | WEIR_MATCH_PROTOCOL | WEIR_MATCH_SRC_PORT,
			                      .protocol = WEIR_IP_UDP,
			                      .src_port = (uint16_t)(2000 + queue),
			                      .queue = (uint16_t)queue };

		CU_ASSERT_EQUAL_FATAL(weir_port_add_filter(port, &filter, NULL), 0);
	}
	for (unsigned round = 0; round < unit_rounds(20); round++) {
		for (unsigned queue = 0; queue < 64; queue++) {
			make_udp(frame, 2000 + queue, 40);
			for (unsigned i = 0; i <= queue % 7; i++)
				CU_ASSERT_EQUAL(weir_sim_send(nic, frame, 82), 0);
		}
		run();
		for (unsigned queue = 0; queue < 64; queue++)
			CU_ASSERT_EQUAL(fetch(queue), queue % 7 + 1);
	}
	end();
}

static const struct unit_case cases[] = {
	QUEUE_CASES,
	{ "ports without such queues say so", ports_without_such_queues_say_so },
	{ "a fixed interval is set for one queue", a_fixed_interval_is_set_for_one_queue },
	{ "an adaptive interval follows what arrives", an_adaptive_interval_follows_what_arrives },
	{ "sixteen of sixty-four queues share what is hashed", sixteen_of_sixty_four_queues_share_what_is_hashed },
	{ "filters reach all of sixty-four queues", filters_reach_all_of_sixty_four_queues },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("ixgbe_queues", cases);
}
