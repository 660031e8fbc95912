/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The igb driver on the model of the 82576, as a program uses it: through port specs and packets, over vfio-user.
 * Nothing that the driver does may be what the datasheet forbids.
 */
#include "advanced_cases.h"
#include "igb_sim.h"

static void a_port_tells_what_it_is(void)
{
	struct weir_port_info info;

	begin_with_address("igb", 1000);
	weir_port_info(port, &info);
	CU_ASSERT_EQUAL(info.rx_queues_max, 16);
	end();
}

static void sixteen_queues_each_way_start_and_send(void)
{
	struct weir_port_conf conf = { .rx_queues = 16, .tx_queues = 16, .rx_slots = 64, .tx_slots = 64 };

	begin(&conf);
	queues_send(16, 16);
	end();
}

static const struct unit_case cases[] = {
	{ "a port tells what it is", a_port_tells_what_it_is },
	PORT_CASES,
	ADVANCED_CASES,
	{ "sixteen queues each way start and send", sixteen_queues_each_way_start_and_send },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("igb_model", cases);
}
