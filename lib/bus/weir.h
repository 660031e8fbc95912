/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Devices that weir.ko hands out. Internal.
 */
#ifndef BUS_WEIR_H
#define BUS_WEIR_H

#include "bus/vfio.h"

/*
 * Opens the function, in the domain of the context's other devices or in one of its own. Without an IOMMU (conf->unsafe) a
 * domain only keeps memory where it is: devices see physical addresses.
 */
int bus_weir_open(struct weir *weir, const struct weir_pci *pci, const struct bus_pci_conf *conf,
                  struct bus_device **dev);

/* A domain of weir.ko, and so many devices of the context in it. */
struct kmod_space {
	struct bus_domain domain;
	int fd;
	unsigned users;
};

/* Attaches the device that has the file @dev; undone by closing that, and then this. Returns 0 or what the kernel said. */
int kmod_space_get(struct weir *weir, int dev, const struct bus_pci_conf *conf, struct kmod_space **space);
void kmod_space_put(struct weir *weir, struct kmod_space *space);

#endif
