/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How DPDK 22.11 (ABI 23) lays out a PCI device and a PCI driver in memory. Its packages install no header that says
 * so, since only drivers of its own tree need to know.
 */
#ifndef TESTS_DPDK_PCI_H
#define TESTS_DPDK_PCI_H

#include <rte_interrupts.h>
#include <rte_pci.h>
#include <rte_version.h>

_Static_assert(RTE_VER_YEAR == 22 && RTE_VER_MONTH == 11, "these layouts are those of DPDK 22.11");

#define PCI_REGIONS 6

struct pci_device;

struct pci_driver {
	void *next, **previous;
	struct {
		void *next, **previous;
		const char *name, *alias;
	} driver;
	int (*probe)(struct pci_driver *driver, struct pci_device *device);
	int (*remove)(struct pci_device *device);
	void *dma_map, *dma_unmap;
	const struct rte_pci_id *ids; /* ends with vendor 0 */
	uint32_t flags;
};

struct pci_device {
	void *next, **previous;
	struct {
		void *next, **previous;
		const char *name, *bus_info;
		const void *driver; /* the part of that name in struct pci_driver */
		const void *bus;
		int numa_node;
		void *devargs;
	} device;
	struct rte_pci_addr address;
	struct rte_pci_id id;
	struct {
		uint64_t physical, size;
		void *at;
	} regions[PCI_REGIONS];
	struct rte_intr_handle *interrupts;
	struct pci_driver *driver;
	uint16_t vfs;
	int kernel_driver;
	char name[PCI_PRI_STR_SIZE + 1];
	char *bus_info;
	struct rte_intr_handle *request;
};

#endif
