/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The igb driver on a card that goes wrong: it recovers or reports, and leaks nothing.
 */
#include "fault_cases.h"
#include "igb_sim.h"

/* The 82576 tells of it nowhere but in config space. */
static void a_refused_access_is_over_with_a_restart(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_pkt pkts[32];
	uint8_t frame[128];

	begin(&conf);
	make_udp(frame, 1, 40);
	weir_sim_fault(nic, WEIR_SIM_DMA_ERROR, 0, 1);
	weir_sim_send(nic, frame, 82);
	CU_ASSERT_EQUAL(receive(rxq, pkts, 32), 0);
	CU_ASSERT_EQUAL(weir_port_stop(port), 0);
	CU_ASSERT_EQUAL(weir_port_start(port), 0);
	weir_sim_send(nic, frame, 82);
	CU_ASSERT_EQUAL_FATAL(receive(rxq, pkts, 32), 1);
	weir_pool_free(cache, pkts, 1);
	weir_port_close(port);
	port = NULL;
	end_without_looking();
}

static const struct unit_case cases[] = {
	FAULT_CASES,
	QUEUE_FAULT_CASES,
	{ "a refused access is over with a restart", a_refused_access_is_over_with_a_restart },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("igb_faults", cases);
}
