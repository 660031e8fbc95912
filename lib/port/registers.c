/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Waiting for registers, of a device that may go away meanwhile.
 */
#include "port/registers.h"

#include "core/clock.h"

bool port_is_gone(const struct weir_port *port)
{
	return port_is_lost(port) || bus_gone(port->device) || port_read(port, port->driver->status) == UINT32_MAX;
}

int port_wait(const struct weir_port *port, uint32_t reg, uint32_t mask, uint32_t value, uint64_t us, uint32_t *last)
{
	uint64_t end = now_ns() + us * 1000, step = 1;

	for (;;) {
		bool late = now_ns() > end;
		uint32_t now = port_read(port, reg);

		if (last)
			*last = now;
		if (unlikely(now == UINT32_MAX && port_is_gone(port)))
			return -ENODEV;
		if ((now & mask) == value)
			return 0;
		if (late)
			return -ETIMEDOUT;
		sleep_us(step);
		if (step < 1 * MS)
			step *= 2;
	}
}
