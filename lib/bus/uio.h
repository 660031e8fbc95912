/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Devices bound to uio_pci_generic. Internal.
 */
#ifndef BUS_UIO_H
#define BUS_UIO_H

#include "bus/bus.h"
#include "bus/pci.h"

/* Opens the device: registers through sysfs, memory by physical addresses. For root. Returns 0 or -errno. */
int bus_uio_open(struct weir *weir, const struct weir_pci *pci, struct bus_device **dev);

#endif
