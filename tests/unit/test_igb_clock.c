/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The clock of a port of the igb driver, and what is noted of packets, on the model of the 82576.
 */
#include "clock_cases.h"
#include "igb_sim.h"

static const struct unit_case cases[] = {
	CLOCK_CASES,
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("igb_clock", cases);
}
