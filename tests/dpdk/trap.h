/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Registers for a driver that believes it has them in memory: the pages cannot be touched, each attempt is caught, and
 * the instruction is done by a message to the card.
 */
#ifndef TESTS_DPDK_TRAP_H
#define TESTS_DPDK_TRAP_H

#include "bus/bus.h"

/* Catches SIGSEGV from now on; what is not about a register kills the program as ever. */
void trap_install(void);

/*
 * Makes an image of region 0 of @dev. What the card lets us map is mapped, and not caught. Returns its address, or NULL.
 */
void *trap_map(struct bus_device *dev);
void trap_unmap(struct bus_device *dev);

/* How many accesses were caught so far. */
uint64_t trap_count(void);

#endif
