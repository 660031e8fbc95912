/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Events of a port on a simulated card, and descriptors that tell of them.
 */
#ifndef TESTS_EVENT_SIM_H
#define TESTS_EVENT_SIM_H

#include <poll.h>

#include "port_sim.h"
#include "weir/device.h"

static uint32_t events(void)
{
	uint32_t events = ~0u;

	CU_ASSERT_EQUAL(weir_port_events(port, &events), 0);
	return events;
}

static bool readable(int fd)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	return poll(&wait, 1, 0) == 1;
}

/* Lets the card get on until @fd is readable; false: it does not become so in ten seconds. */
static bool woken(int fd)
{
	for (unsigned i = 0; i < 10000; i++) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };

		if (sim)
			run();
		if (poll(&wait, 1, 1) == 1)
			return true;
	}
	return false;
}

#endif
