/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Devices that weir.ko hands out. Internal.
 */
#ifndef BUS_WEIR_H
#define BUS_WEIR_H

#include "bus/pci.h"

/* Opens the function, in the domain of the context's other devices or in an @own one. */
int bus_weir_open(struct weir *weir, const struct weir_pci *pci, bool own, struct bus_device **dev);

#endif
