/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PCI functions as sysfs shows them. Internal.
 */
#ifndef BUS_PCI_H
#define BUS_PCI_H

#include "bus/bus.h"
#include "weir/pci.h"

#define PCI_SYSFS "/sys/bus/pci/devices"

/* weir_pci_get() and weir_pci_list() on a tree that looks like @root. */
int pci_get(struct weir *weir, const char *root, const char *name, struct weir_pci *pci);
int pci_list(struct weir *weir, const char *root, struct weir_pci *list, unsigned n);

/* Writes the full form of @name to @full. Returns 0, or -EINVAL without a sentence. */
int pci_name(const char *name, char full[16]);

/* Whether an IOMMU stands before the function: its group is none that vfio made up for lack of one. */
bool pci_has_iommu(const struct weir_pci *pci);

/* Whether it lets through what the device asks of physical memory: there is none, or one that translates nothing. */
bool pci_sees_physical(const struct weir_pci *pci);

/* Fills in what a device is. */
void pci_device_init(struct bus_device *dev, struct weir *weir, const struct bus_ops *ops, const struct weir_pci *pci);

#endif
