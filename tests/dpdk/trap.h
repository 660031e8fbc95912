/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Registers for a driver that believes it has them in memory: the pages cannot be touched, each attempt is caught, and
 * the instruction is done by asking the card.
 */
#ifndef TESTS_DPDK_TRAP_H
#define TESTS_DPDK_TRAP_H

#include "bus/bus.h"
#include "weir/sim.h"

/* Catches SIGSEGV from now on; what is not about a register kills the program as ever. */
void trap_install(void);

/*
 * Makes an image of region 0 of @dev. What the card lets us map is mapped, and not caught. With @nic, which @dev leads
 * to, the way over messages is left out: what is done is the same, without a change of threads for each access. Returns
 * the image's address, or NULL.
 */
void *trap_map(struct bus_device *dev, struct weir_sim_nic *nic);
void trap_unmap(struct bus_device *dev);

/* How many accesses were caught so far. */
uint64_t trap_count(void);

#endif
