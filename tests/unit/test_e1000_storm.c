/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Faults of gigabit cards under traffic, with legacy descriptors and the line, and with extended ones, two queues and vectors;
 * the former in the plain build alone: test_e1000_faults has its faults in all.
 */
#include "storm_cases.h"

static const struct unit_case cases[] = {
	STORM_CASES,
	{ NULL, NULL },
};

int main(void)
{
	int failed = 0;

	if (unit_plain()) {
		storm_card = "82540EM";
		storm_queues = 1;
		failed = unit_run("e1000_storm, 82540EM", cases);
	}
	storm_card = "82574L";
	storm_queues = 2;
	return unit_run("e1000_storm, 82574L", cases) | failed;
}
