/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The igb driver on a card that goes wrong: it recovers or reports, and leaks nothing.
 */
#include "fault_cases.h"
#include "igb_sim.h"

/* The 82576 tells of it nowhere but in config space. */
static void a_refused_access_is_over_with_a_restart(void)
{
	restart_after_a_refused_access(false);
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
