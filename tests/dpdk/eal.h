/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * DPDK in this process: started without hugepages, devices or privileges, and what of it is caught so that a card of
 * ours can be given to its drivers.
 */
#ifndef TESTS_DPDK_EAL_H
#define TESTS_DPDK_EAL_H

#include "bus/bus.h"
#include "pci.h"

/* Starts DPDK, once. Returns 0, or what main() returns when it cannot be. */
int eal_start(void);
/* The same with so much memory, as text in MB, which no device is to see: anonymous, and in large pages if there are some. */
int eal_start_large(const char *megabytes);

/* The same in hugepages of 2 MiB, of which there have to be 96. */
int eal_start_huge(void);

/* Whether DPDK has logged this since eal_forget(). */
bool eal_said(const char *words);
void eal_forget(void);

/* The driver that calls itself @name, or NULL. */
struct pci_driver *eal_driver(const char *name);

/* Makes all of DPDK's memory known to @dev, at its own addresses. Returns 0 or -errno. */
int eal_share_memory(struct bus_device *dev);

/*
 * A handle as DPDK has one for a device of VFIO with MSI-X: what it asks the kernel for is asked of @dev instead.
 * NULL: no memory.
 */
struct rte_intr_handle *eal_interrupts_open(struct bus_device *dev);
void eal_interrupts_close(struct rte_intr_handle *handle, struct bus_device *dev);

#endif
