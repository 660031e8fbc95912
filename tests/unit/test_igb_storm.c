/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Faults of the 82576 under traffic.
 */
#include "storm_cases.h"

static const struct unit_case cases[] = {
	STORM_CASES,
	{ NULL, NULL },
};

int main(void)
{
	storm_card = "82576";
	storm_queues = 2;
	return unit_run("igb_storm", cases);
}
