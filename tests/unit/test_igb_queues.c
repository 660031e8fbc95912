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
	CU_ASSERT_EQUAL(weir_rxq_set_interval(weir_port_rxq(port, 1), 100), 0);
	CU_ASSERT_EQUAL(interval_of(1), 100);
	CU_ASSERT_EQUAL(interval_of(0), 10);
	CU_ASSERT_EQUAL(weir_rxq_set_interval(weir_port_rxq(port, 15), 1), 0);
	CU_ASSERT_EQUAL(interval_of(15), 1);
	CU_ASSERT_EQUAL(weir_rxq_set_interval(weir_port_rxq(port, 15), 0), 0);
	CU_ASSERT_EQUAL(interval_of(15), 0);
	CU_ASSERT_EQUAL(weir_rxq_set_interval(weir_port_rxq(port, 1), 8191), 0);
	CU_ASSERT_EQUAL(interval_of(1), 8191);
	CU_ASSERT_EQUAL(weir_rxq_set_interval(weir_port_rxq(port, 1), 8192), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(weir_error(), "0 to 8191"));
	CU_ASSERT_EQUAL(interval_of(1), 8191);
	end();
}

static const struct unit_case cases[] = {
	QUEUE_CASES,
	{ "a fixed interval is set for one queue", a_fixed_interval_is_set_for_one_queue },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("igb_queues", cases);
}
