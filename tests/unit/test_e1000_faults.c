/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The e1000 driver on cards that go wrong: it recovers or reports, and leaks nothing.
 */
#include "e1000_cards.h"
#include "fault_cases.h"

/* These cards tell of it nowhere but in config space. */
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

static void single_queues_do_not_stop(void)
{
	struct weir_port_conf conf = { 0 };

	begin(&conf);
	CU_ASSERT_EQUAL(weir_rxq_stop(rxq), -ENOTSUP);
	CU_ASSERT_EQUAL(weir_rxq_start(rxq), -ENOTSUP);
	CU_ASSERT_EQUAL(weir_txq_stop(txq), -ENOTSUP);
	CU_ASSERT_EQUAL(weir_txq_start(txq), -ENOTSUP);
	end();
}

static const struct unit_case cases[] = {
	FAULT_CASES,
	{ "a refused access is over with a restart", a_refused_access_is_over_with_a_restart },
	{ "single queues do not stop", single_queues_do_not_stop },
	{ NULL, NULL },
};

int main(void)
{
	return run_on_each_card(cases);
}
