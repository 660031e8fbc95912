/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A simulator and a port in it, whichever driver that has: the test moves the cards, and asks the port.
 */
#ifndef TESTS_SIM_PORT_H
#define TESTS_SIM_PORT_H

#include <stdio.h>
#include <string.h>

#include "unit.h"
#include "weir/port.h"
#include "weir/sim.h"

static struct weir_sim *sim;
static struct weir_port *port;

static inline void run(void)
{
	while (weir_sim_run(sim))
		;
}

/* Nothing that the driver did may be what the datasheet forbids. */
static inline void check_violations(struct weir_sim_nic *nic)
{
	char text[2048] = "";

	if (weir_sim_violations(nic, text, sizeof(text)))
		CU_FAIL("the datasheet forbids it");
	if (text[0])
		printf("%s", text);
}

static inline uint64_t counter(const char *wanted)
{
	const char *name;
	uint64_t value;

	for (unsigned i = 0; !weir_port_counter(port, i, &name, &value); i++)
		if (!strcmp(name, wanted))
			return value;
	CU_FAIL("no such counter");
	return 0;
}

#endif
