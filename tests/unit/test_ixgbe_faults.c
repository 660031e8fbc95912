/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The ixgbe driver on a card that goes wrong: it recovers or reports, and leaks nothing.
 */
#include "ixgbe_sim.h"

#include "fault_cases.h"

static void a_refused_access_is_reported_and_a_restart_helps(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_pkt pkts[32];
	uint8_t frame[128];

	begin(&conf);
	make_udp(frame, 1, 40);
	weir_sim_fault(nic, WEIR_SIM_DMA_ERROR, 0, 1);
	weir_sim_send(nic, frame, 82);
	CU_ASSERT_EQUAL(receive(rxq, pkts, 32), 0);
	rx_drops(0);
	CU_ASSERT_EQUAL(weir_port_health(port, NULL), -EIO);
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
	{ "a refused access is reported, and a restart helps", a_refused_access_is_reported_and_a_restart_helps },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("ixgbe_faults", cases);
}
