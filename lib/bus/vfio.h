/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Devices that the kernel's vfio-pci hands out: what the two ways of getting at one (groups and containers; iommufd)
 * have in common. Internal.
 */
#ifndef BUS_VFIO_H
#define BUS_VFIO_H

#include <linux/vfio.h>

#include "bus/bus.h"
#include "bus/pci.h"

/* How a device is wanted. */
struct bus_pci_conf {
	bool own_domain; /* not the one that the context's other devices share */
};

/* An address space of the kernel's: a container, or an IOAS of an iommufd. Devices of a context share it. */
struct vfio_space {
	struct bus_domain domain;
	int fd;        /* of the container or iommufd */
	uint32_t ioas; /* iommufd: which one */
	unsigned users;
	struct vfio_group *groups; /* in the container */
};

/* Groups and containers (vfio_group.c); -ENOENT when the function is in no group that vfio-pci has. */
int bus_vfio_open(struct weir *weir, const struct weir_pci *pci, const struct bus_pci_conf *conf,
                  struct bus_device **dev);

/* The device's own file, and an iommufd (iommufd.c); -ENOENT when this kernel has no such file for it. */
int bus_iommufd_open(struct weir *weir, const struct weir_pci *pci, const struct bus_pci_conf *conf,
                     struct bus_device **dev);

/*
 * The address space of the kind @ops that the context's devices share, or, if there is none or it is to be an @own one, what
 * @open makes; and its end, when nobody uses it any more (vfio.c). With weir->lock held.
 */
int vfio_space_get(struct weir *weir, const struct bus_domain_ops *ops, bool own,
                   int (*open)(struct weir *weir, struct vfio_space **space), struct vfio_space **space);
void vfio_space_put(struct vfio_space *space);

/*
 * Makes a device of its file, which becomes the device's, also on failure (vfio.c). @release gives back what stands
 * behind the file, after it is closed.
 */
int vfio_device_open(struct weir *weir, int fd, const struct weir_pci *pci, struct vfio_space *space,
                     void (*release)(struct weir *weir, struct vfio_space *space, void *behind), void *behind,
                     struct bus_device **dev);

/* A domain's map and unmap on a container (vfio_group.c). Which remedy there is for one that failed. */
int vfio_map_failed(struct weir *weir, int err, uint64_t size);

#endif
