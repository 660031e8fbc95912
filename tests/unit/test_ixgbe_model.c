/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The ixgbe driver on the model of the 82599, as a program uses it: through port specs and packets, over vfio-user.
 * Nothing that the driver does may be what the datasheet forbids.
 */
#include "advanced_cases.h"
#include "ixgbe_sim.h"
#include "port_cases.h"

/* --- opening ---------------------------------------------------------------------------------------------------------------- */

static void a_port_tells_what_it_is(void)
{
	begin_with_address("ixgbe", 10000);
	end();
}

static void a_backplane_comes_up(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_link link;

	begin_on("sim:82599-kx4,wire=hold", &conf);
	run();
	CU_ASSERT_EQUAL(weir_port_link(port, &link), 0);
	CU_ASSERT(link.up);
	CU_ASSERT_EQUAL(link.mbps, 10000);
	end();
}

/* --- packets ---------------------------------------------------------------------------------------------------------------- */

static void sixty_four_queues_each_way_start_and_send(void)
{
	struct weir_port_conf conf = { .rx_queues = 64, .tx_queues = 64, .rx_slots = 64, .tx_slots = 64 };

	begin(&conf);
	queues_send(64, 64);
	end();
}

static const struct unit_case cases[] = {
	{ "a port tells what it is", a_port_tells_what_it_is },
	{ "a backplane comes up", a_backplane_comes_up },
	PORT_CASES,
	ADVANCED_CASES,
	{ "sixty-four queues each way start and send", sixty_four_queues_each_way_start_and_send },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("ixgbe_model", cases);
}
