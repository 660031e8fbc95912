/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The ixgbe driver on a card that goes wrong: it recovers or reports, and leaks nothing.
 */
#include "ixgbe_sim.h"

#include "fault_cases.h"

static void a_refused_access_is_reported_and_a_restart_helps(void)
{
	restart_after_a_refused_access(true);
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
