/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The PCI functions of this machine, as the kernel tells of them.
 *
 * For tools that list, choose or hand over devices; a program that only wants packets opens a port with a spec such as
 * `pci:0000:01:00.0` and needs none of this. Everything is read from sysfs, needs no privilege and touches no device.
 */
#ifndef WEIR_PCI_H
#define WEIR_PCI_H

#include <stdbool.h>
#include <stdint.h>

#include "weir.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WEIR_PCI_BARS 6

/** What a base address register reaches. */
struct weir_pci_bar {
	uint64_t address;
	uint64_t size; /* 0: there is none */
	bool io;       /* ports, not memory */
	bool prefetchable;
};

/** A PCI function. */
struct weir_pci {
	char name[16]; /* "0000:01:00.0": domain, bus, device, function */
	uint16_t vendor, device, subvendor, subdevice;
	uint32_t class_code; /* 0x020000: an Ethernet controller */
	uint8_t revision;
	int node;           /* NUMA node, -1: not known */
	int group;          /* IOMMU group, -1: no IOMMU stands before it */
	char driver[32];    /* the kernel's driver that it is bound to; empty: none */
	char interface[16]; /* the network interface that this driver made of it; empty: none */
	char physical[16];  /* of a virtual function: the function that it belongs to; empty: it is none */
	unsigned vfs;       /* virtual functions that it has, and */
	unsigned vfs_max;   /* could have */
	struct weir_pci_bar bars[WEIR_PCI_BARS];
};

/**
 * Fills @pci for the function called @name, "0000:01:00.0" or, in domain 0, "01:00.0".
 *
 * Returns 0, -EINVAL (no such name can be), -ENODEV (no such function) or -errno. @weir, which takes the sentence to its
 * log, may be NULL. Any thread.
 */
int weir_pci_get(struct weir *weir, const char *name, struct weir_pci *pci);

/**
 * Fills up to @n elements of @list with the functions that there are, in the order of their names.
 *
 * Returns how many there are, which may be more than @n, or -errno. @list may be NULL with @n 0. A function that is
 * unplugged meanwhile is left out. @weir may be NULL. Any thread.
 */
int weir_pci_list(struct weir *weir, struct weir_pci *list, unsigned n);

/** The name of the driver in this library that knows the function ("ixgbe"), or NULL. */
const char *weir_pci_driver(const struct weir_pci *pci);

/**
 * How a port `pci:` would reach the function, by what that is bound to now: "vfio", "iommufd", "weir" or "uio". With *@unsafe
 * its spec must have that option: no IOMMU stands before it. NULL when it has to be bound to something else first.
 */
const char *weir_pci_bus(const struct weir_pci *pci, bool *unsafe);

#ifdef __cplusplus
}
#endif
#endif
