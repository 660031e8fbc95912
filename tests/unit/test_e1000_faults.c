/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The e1000 driver on cards that go wrong: it recovers or reports, and leaks nothing.
 */
#include "e1000_cards.h"
#include "fault_cases.h"

/* These cards tell of it nowhere but in config space. */
static void a_refused_access_is_over_with_a_restart(void)
{
	restart_after_a_refused_access(false);
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
