/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vfio by a device's own file and an iommufd (kernel 6.6 and newer): an address space is an object of the iommufd, which
 * the devices of a context share; a device is bound to the iommufd before anything else can be asked of it.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bus/vfio.h"

/*
 * The calls and their structures, as linux/iommufd.h and linux/vfio.h of newer kernels have them: the headers that weir
 * is built with may be older than the kernel that it runs on.
 */
#define IOAS_ALLOC            _IO(VFIO_TYPE, 0x81)
#define IOAS_MAP              _IO(VFIO_TYPE, 0x85)
#define IOAS_UNMAP            _IO(VFIO_TYPE, 0x86)
#define DEVICE_BIND_IOMMUFD   _IO(VFIO_TYPE, VFIO_BASE + 18)
#define DEVICE_ATTACH_IOMMUFD _IO(VFIO_TYPE, VFIO_BASE + 19)
#define IOAS_MAP_FIXED        0x1u
#define IOAS_MAP_WRITEABLE    0x2u
#define IOAS_MAP_READABLE     0x4u

struct ioas_alloc {
	uint32_t size, flags, ioas;
};
_Static_assert(sizeof(struct ioas_alloc) == 12, "");

struct ioas_map {
	uint32_t size, flags, ioas, reserved;
	uint64_t user, length, iova;
};
_Static_assert(sizeof(struct ioas_map) == 40, "");

struct ioas_unmap {
	uint32_t size, ioas;
	uint64_t iova, length;
};
_Static_assert(sizeof(struct ioas_unmap) == 24, "");

struct bind_iommufd {
	uint32_t argsz, flags;
	int32_t iommufd;
	uint32_t device;
};
_Static_assert(sizeof(struct bind_iommufd) == 16, "");

struct attach_iommufd {
	uint32_t argsz, flags, pt;
};
_Static_assert(sizeof(struct attach_iommufd) == 12, "");

static int ioas_map(struct bus_domain *domain, uint64_t iova, const struct weir_mem_chunk *chunk, void *at)
{
	struct vfio_space *space = container_of(domain, struct vfio_space, domain);
	struct ioas_map map = { .size = sizeof(map),
		                .flags = IOAS_MAP_FIXED | IOAS_MAP_WRITEABLE | IOAS_MAP_READABLE,
		                .ioas = space->ioas,
		                .user = (uintptr_t)at,
		                .length = chunk->size,
		                .iova = iova };

	return ioctl(space->fd, IOAS_MAP, &map) < 0 ? vfio_map_failed(domain->weir, -errno, chunk->size) : 0;
}

static int ioas_unmap(struct bus_domain *domain, uint64_t iova, uint64_t size)
{
	struct vfio_space *space = container_of(domain, struct vfio_space, domain);
	struct ioas_unmap unmap = { .size = sizeof(unmap), .ioas = space->ioas, .iova = iova, .length = size };

	return ioctl(space->fd, IOAS_UNMAP, &unmap) < 0 ? -errno : 0;
}

static const struct bus_domain_ops ioas_ops = { .map = ioas_map, .unmap = ioas_unmap };

/* --- the address space -------------------------------------------------------------------------------------------------- */

static int space_open(struct weir *weir, struct vfio_space **space)
{
	struct ioas_alloc alloc = { .size = sizeof(alloc) };
	struct vfio_space *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return weir_fail(weir, -ENOMEM, "no memory for an iommufd");
	s->fd = open("/dev/iommu", O_RDWR | O_CLOEXEC);
	if (s->fd < 0) {
		err = weir_fail(weir, -errno,
		                "cannot open /dev/iommu (%s); as root, install the udev rule "
		                "(docs/guide.md)",
		                strerror(errno));
		goto free;
	}
	if (ioctl(s->fd, IOAS_ALLOC, &alloc) < 0) {
		err = weir_fail(weir, -errno, "the iommufd gives no address space (%s)", strerror(errno));
		goto close;
	}
	s->ioas = alloc.ioas;
	bus_domain_init(&s->domain, weir, &ioas_ops);
	*space = s;
	return 0;

close:
	close(s->fd);
free:
	free(s);
	return err;
}

/* --- devices ------------------------------------------------------------------------------------------------------------ */

/* The device's file: sysfs names it. Returns 0 or -ENOENT. */
static int device_path(const struct weir_pci *pci, char *path, size_t size)
{
	const struct dirent *entry;
	char folder[128];
	DIR *entries;
	int err = -ENOENT;

	snprintf(folder, sizeof(folder), PCI_SYSFS "/%s/vfio-dev", pci->name);
	entries = opendir(folder);
	if (!entries)
		return -ENOENT;
	while (err && (entry = readdir(entries))) {
		if (strncmp(entry->d_name, "vfio", 4) != 0)
			continue;
		snprintf(path, size, "/dev/vfio/devices/%s", entry->d_name);
		if (access(path, F_OK) == 0)
			err = 0;
	}
	closedir(entries);
	return err;
}

static int device_bind(struct weir *weir, const struct weir_pci *pci, const struct vfio_space *space, int fd)
{
	struct bind_iommufd bind = { .argsz = sizeof(bind), .iommufd = space->fd };
	struct attach_iommufd attach = { .argsz = sizeof(attach), .pt = space->ioas };

	if (ioctl(fd, DEVICE_BIND_IOMMUFD, &bind) < 0)
		return weir_fail(
		    weir, -errno,
		    "%s: it cannot be bound to an iommufd (%s); does another program have it, or is a device "
		    "of its IOMMU group %d bound to a driver of the kernel? (weir list)",
		    pci->name, strerror(errno), pci->group);
	if (ioctl(fd, DEVICE_ATTACH_IOMMUFD, &attach) < 0)
		return weir_fail(weir, -errno, "%s: it cannot be attached to an address space (%s)", pci->name,
		                 strerror(errno));
	return 0;
}

/* Binds the device and attaches it to an address space, for good: both end with its file. */
static int device_join(struct weir *weir, const struct weir_pci *pci, const struct bus_pci_conf *conf, int fd,
                       struct vfio_space **space, struct vfio_group **group)
{
	int err;

	pthread_mutex_lock(&weir->lock);
	err = vfio_space_get(weir, pci, &ioas_ops, conf->own_domain, space_open, space);
	if (err)
		goto unlock;
	err = device_bind(weir, pci, *space, fd);
	*group = err ? NULL : vfio_group_get(*space, pci);
	if (!err && !*group)
		err = vfio_group_add(*space, pci, -1, group);
	if (err)
		vfio_space_put(*space);
unlock:
	pthread_mutex_unlock(&weir->lock);
	return err;
}

bool bus_iommufd_has(const struct weir_pci *pci)
{
	char path[300];

	return access("/dev/iommu", F_OK) == 0 && device_path(pci, path, sizeof(path)) == 0;
}

int bus_iommufd_open(struct weir *weir, const struct weir_pci *pci, const struct bus_pci_conf *conf,
                     struct bus_device **dev)
{
	struct vfio_space *space;
	struct vfio_group *group;
	char path[300];
	int fd, err;

	*dev = NULL;
	if (access("/dev/iommu", F_OK) < 0 || device_path(pci, path, sizeof(path)) < 0)
		return -ENOENT;
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return weir_fail(weir, -errno,
		                 "%s: cannot open %s (%s); as root, install the udev rule and add the user to the "
		                 "group weir (docs/guide.md)",
		                 pci->name, path, strerror(errno));
	err = device_join(weir, pci, conf, fd, &space, &group);
	if (err) {
		close(fd);
		return err;
	}
	return vfio_device_open(weir, fd, pci, space, group, dev);
}
