/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Single queues of the igb driver, on the model of the 82576: stopped and started while the others run, how often they
 * interrupt, and several threads at once.
 */
#include "igb_sim.h"
#include "queue_cases.h"
#include "regs/e1000_bits.h"
#include "regs/igb.h"

static unsigned interval_of(unsigned vector)
{
	return field_of(EITR_INTERVAL, weir_sim_peek(nic, IGB_AT(EITR, vector)));
}

static void a_fixed_interval_is_set_for_one_queue(void)
{
	struct weir_port_conf conf = { .rx_queues = 16, .rx_slots = 64 };

	begin(&conf);
	set_interval(1, 100, 100);
	CU_ASSERT_EQUAL(interval_of(0), 10);
	set_interval(15, 1, 1);
	set_interval(15, 0, 0);
	set_interval(1, 8191, 8191);
	CU_ASSERT_EQUAL(weir_rxq_set_interval(weir_port_rxq(port, 1), 8192), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(weir_error(), "0 to 8191"));
	CU_ASSERT_EQUAL(interval_of(1), 8191);
	end();
}

static void an_adaptive_interval_follows_what_arrives(void)
{
	static const struct wake_up steps[] = {
		{ 1, 60, 1, 10 },
		{ 200, 60, 1, 20 },
		{ 50, 60, 1, 20 },   /* neither much nor little */
		{ 50, 1514, 1, 40 }, /* the same of long ones is much */
		{ 0 },
	};

	adapt(steps, 50, 50);
}

/* With several queues one without buffers does not hold up the others: it drops, and counts what it dropped. */
static void each_queue_counts_what_it_drops(void)
{
	struct weir_port_conf conf = { .rx_queues = 2, .rx_slots = 64 };

	begin(&conf);
	for (unsigned i = 0; i < 100; i++)
		send_to(1, 2);
	send_to(0, 2);
	run();
	CU_ASSERT_EQUAL(fetch(0), 1);
	CU_ASSERT_EQUAL(counter("rx_dropped.0"), 0);
	CU_ASSERT_EQUAL(counter("rx_dropped.1"), 100 - 32); /* a batch of buffers was there */
	CU_ASSERT_EQUAL(rx_drops(WEIR_DROP_MISSED), 100 - 32);
	CU_ASSERT_EQUAL(fetch(1), 32);
	end();
}

static const struct unit_case cases[] = {
	QUEUE_CASES,
	{ "a fixed interval is set for one queue", a_fixed_interval_is_set_for_one_queue },
	{ "an adaptive interval follows what arrives", an_adaptive_interval_follows_what_arrives },
	{ "each queue counts what it drops", each_queue_counts_what_it_drops },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("igb_queues", cases);
}
