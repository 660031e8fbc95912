/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Registers of a port's device, of 32 bits each, in its region 0; and whether anybody answers there. Internal.
 */
#ifndef PORT_REGISTERS_H
#define PORT_REGISTERS_H

#include "bus/bus.h"
#include "port/driver.h"

static inline uint32_t port_read(const struct weir_port *port, uint32_t reg)
{
	return bus_read32(port->device, 0, reg);
}

static inline void port_write(const struct weir_port *port, uint32_t reg, uint32_t value)
{
	bus_write32(port->device, 0, reg, value);
}

/* Sets the bits @set and clears the bits @clear. */
static inline void port_change(const struct weir_port *port, uint32_t reg, uint32_t clear, uint32_t set)
{
	port_write(port, reg, (port_read(port, reg) & ~clear) | set);
}

/* For a driver's own struct, which has the port in it. reg_fill() writes to @count registers of a row, from one on. */
#define reg_get(nic, reg)                        port_read(&(nic)->port, reg)
#define reg_set(nic, reg, value)                 port_write(&(nic)->port, reg, value)
#define reg_change(nic, reg, clear, set)         port_change(&(nic)->port, reg, clear, set)
#define reg_fill(nic, reg, stride, count, value) bus_fill32((nic)->port.device, 0, reg, stride, count, value)
#define reg_wait(nic, reg, mask, value, us)      port_wait(&(nic)->port, reg, mask, value, us, NULL)

/* Whether it is known that the device is gone: then it is not spoken to any more. */
static inline bool port_is_lost(const struct weir_port *port)
{
	return port->device && __atomic_load_n(&port->health, __ATOMIC_ACQUIRE) == -ENODEV;
}

/* Whether nothing answers any more: every register reads as all ones. */
bool port_is_gone(const struct weir_port *port);

/*
 * Waits until (register & @mask) == @value; *@last is what it had last, unless NULL. Returns 0, -ETIMEDOUT after @us, or
 * -ENODEV when the device is gone.
 */
int port_wait(const struct weir_port *port, uint32_t reg, uint32_t mask, uint32_t value, uint64_t us, uint32_t *last);

#endif
