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
	bool unsafe;     /* no IOMMU stands before it: vfio's mode for that */
};

/* An address space of the kernel's: a container, or an IOAS of an iommufd. Devices of a context share it. */
struct vfio_space {
	struct bus_domain domain;
	int fd;        /* of the container or iommufd */
	uint32_t ioas; /* iommufd: which one */
	unsigned users;
	struct vfio_group *groups; /* that devices in it are of */
};

/* An IOMMU group: devices that the IOMMU cannot tell apart, and that are in one address space therefore. */
struct vfio_group {
	struct vfio_group *next;
	int number;
	int fd; /* iommufd: -1 */
	unsigned users;
};

/* Groups and containers (vfio_group.c); -ENOENT when the function is in no group that vfio-pci has. */
int bus_vfio_open(struct weir *weir, const struct weir_pci *pci, const struct bus_pci_conf *conf,
                  struct bus_device **dev);

/* Whether this kernel has a file of its own for the function, and iommufds. */
bool bus_iommufd_has(const struct weir_pci *pci);

/* The device's own file, and an iommufd (iommufd.c); -ENOENT when this kernel has no such file for it. */
int bus_iommufd_open(struct weir *weir, const struct weir_pci *pci, const struct bus_pci_conf *conf,
                     struct bus_device **dev);

/*
 * The address space of the kind @ops for the function: the one that has its group; or that which the context's devices
 * share; or, if there is none or it is to be an @own one, what @open makes. And its end, when nobody uses it any more
 * (vfio.c). With weir->lock held.
 */
int vfio_space_get(struct weir *weir, const struct weir_pci *pci, const struct bus_domain_ops *ops, bool own,
                   int (*open)(struct weir *weir, struct vfio_space **space), struct vfio_space **space);
void vfio_space_put(struct vfio_space *space);

/* The function's group in @space, if it is there; makes it of @fd; gives it back. With weir->lock held. */
struct vfio_group *vfio_group_get(struct vfio_space *space, const struct weir_pci *pci);
int vfio_group_add(struct vfio_space *space, const struct weir_pci *pci, int fd, struct vfio_group **group);
void vfio_group_put(struct vfio_space *space, struct vfio_group *group);

/* Makes a device of its file; file, space and group become the device's, also on failure (vfio.c). */
int vfio_device_open(struct weir *weir, int fd, const struct weir_pci *pci, struct vfio_space *space,
                     struct vfio_group *group, struct bus_device **dev);

/* Which remedy there is for a map that failed. */
int vfio_map_failed(struct weir *weir, int err, uint64_t size);

#endif
