/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vfio by groups and containers: a container is an address space, a group is what the IOMMU cannot tell apart, and can
 * be opened once. The container of a context holds the groups of all its devices; maps made before a group joins hold
 * for it, too.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bus/physical.h"
#include "bus/vfio.h"

static int container_map(struct bus_domain *domain, uint64_t iova, const struct weir_mem_chunk *chunk, void *at)
{
	struct vfio_space *space = container_of(domain, struct vfio_space, domain);
	struct vfio_iommu_type1_dma_map map = { .argsz = sizeof(map),
		                                .flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		                                .vaddr = (uintptr_t)at,
		                                .iova = iova,
		                                .size = chunk->size };

	return ioctl(space->fd, VFIO_IOMMU_MAP_DMA, &map) < 0 ? vfio_map_failed(domain->weir, -errno, chunk->size) : 0;
}

static int container_unmap(struct bus_domain *domain, uint64_t iova, uint64_t size)
{
	struct vfio_space *space = container_of(domain, struct vfio_space, domain);
	struct vfio_iommu_type1_dma_unmap unmap = { .argsz = sizeof(unmap), .iova = iova, .size = size };

	return ioctl(space->fd, VFIO_IOMMU_UNMAP_DMA, &unmap) < 0 ? -errno : 0;
}

static const struct bus_domain_ops container_ops = { .map = container_map, .unmap = container_unmap };

/* A container without an IOMMU maps nothing. */
static const struct bus_domain_ops noiommu_ops = { .map = physical_map, .unmap = physical_unmap };

/* --- containers ------------------------------------------------------------------------------------------------------- */

/* Opens a container, which can have an IOMMU of this @type. Returns its file or -errno. */
static int container_file(struct weir *weir, int type)
{
	int fd = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return weir_fail(weir, -errno, "cannot open /dev/vfio/vfio (%s); load it with: modprobe vfio-pci",
		                 strerror(errno));
	if (ioctl(fd, VFIO_GET_API_VERSION) == VFIO_API_VERSION && ioctl(fd, VFIO_CHECK_EXTENSION, type) == 1)
		return fd;
	close(fd);
	return type == VFIO_NOIOMMU_IOMMU
	           ? weir_fail(
			 weir, -ENOTSUP,
			 "vfio does not work without an IOMMU here: that needs a kernel with CONFIG_VFIO_NOIOMMU, "
			 "and vfio's parameter enable_unsafe_noiommu_mode=1")
	           : weir_fail(weir, -ENOTSUP, "vfio has no IOMMU of type 1; load it with: modprobe vfio_iommu_type1");
}

static int space_open(struct weir *weir, int type, struct vfio_space **space)
{
	struct vfio_space *s = calloc(1, sizeof(*s));
	int err = 0;

	if (!s)
		return weir_fail(weir, -ENOMEM, "no memory for a vfio container");
	s->fd = container_file(weir, type);
	if (s->fd < 0) {
		err = s->fd;
		goto free;
	}
	if (type == VFIO_NOIOMMU_IOMMU)
		err = physical_init(&s->domain, weir, &noiommu_ops);
	else
		bus_domain_init(&s->domain, weir, &container_ops);
	if (err)
		goto close;
	*space = s;
	return 0;

close:
	close(s->fd);
free:
	free(s);
	return err;
}

static int container_open(struct weir *weir, struct vfio_space **space)
{
	return space_open(weir, VFIO_TYPE1v2_IOMMU, space);
}

static int noiommu_open(struct weir *weir, struct vfio_space **space)
{
	return space_open(weir, VFIO_NOIOMMU_IOMMU, space);
}

/* --- groups ------------------------------------------------------------------------------------------------------------- */

static int group_fail(struct weir *weir, const struct weir_pci *pci, const char *path, int err)
{
	if ((err == -EACCES || err == -EPERM) && !pci_has_iommu(pci))
		return weir_fail(weir, err, "%s: only root may use a device that no IOMMU stands before", pci->name);
	switch (err) {
	case -ENOENT:
		return weir_fail(weir, -ENODEV, "%s: there is no %s; hand the device over with: weir bind %s",
		                 pci->name, path, pci->name);
	case -EBUSY:
		return weir_fail(weir, err, "%s: another program has a device of its group (%s) open", pci->name, path);
	case -EACCES:
	case -EPERM:
		return weir_fail(weir, err,
		                 "%s: %s may not be opened by this user; as root, install the udev rule and add "
		                 "the user to the group weir (docs/guide.md)",
		                 pci->name, path);
	default:
		return weir_fail(weir, err, "%s: cannot open %s (%s)", pci->name, path, strerror(-err));
	}
}

/* Puts the group into the container; the first one there decides what kind of IOMMU it is. */
static int group_join(struct weir *weir, const struct weir_pci *pci, struct vfio_space *space, int fd, int type)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };

	if (ioctl(fd, VFIO_GROUP_GET_STATUS, &status) < 0)
		return weir_fail(weir, -errno, "%s: vfio tells nothing of its group (%s)", pci->name, strerror(errno));
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		return weir_fail(weir, -EBUSY,
		                 "%s: other devices of IOMMU group %d are still bound to drivers of the kernel; "
		                 "bind them to vfio-pci, too (weir list)",
		                 pci->name, pci->group);
	if (ioctl(fd, VFIO_GROUP_SET_CONTAINER, &space->fd) < 0)
		return weir_fail(weir, -errno, "%s: its group does not go into the container (%s)", pci->name,
		                 strerror(errno));
	if (space->groups || ioctl(space->fd, VFIO_SET_IOMMU, type) == 0)
		return 0;
	return weir_fail(weir, -errno,
	                 errno == EPERM
	                     ? "%s: the machine does not remap interrupts, so that a device could forge them; "
	                       "turn interrupt remapping on, or accept it with "
	                       "vfio_iommu_type1.allow_unsafe_interrupts=1"
	                     : "%s: vfio takes no IOMMU for its group",
	                 pci->name);
}

static int group_open(struct weir *weir, const struct weir_pci *pci, struct vfio_space *space, bool unsafe,
                      struct vfio_group **group)
{
	char path[64];
	int fd, err;

	*group = vfio_group_get(space, pci);
	if (*group)
		return 0;
	snprintf(path, sizeof(path), "/dev/vfio/%s%d", unsafe ? "noiommu-" : "", pci->group);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return group_fail(weir, pci, path, -errno);
	err = group_join(weir, pci, space, fd, unsafe ? VFIO_NOIOMMU_IOMMU : VFIO_TYPE1v2_IOMMU);
	if (!err)
		err = vfio_group_add(space, pci, fd, group);
	if (err)
		close(fd);
	return err;
}

/* --- devices ------------------------------------------------------------------------------------------------------------ */

int bus_vfio_open(struct weir *weir, const struct weir_pci *pci, const struct bus_pci_conf *conf,
                  struct bus_device **dev)
{
	struct vfio_space *space = NULL;
	struct vfio_group *group = NULL;
	int fd, err;

	*dev = NULL;
	pthread_mutex_lock(&weir->lock);
	err = conf->unsafe ? vfio_space_get(weir, pci, &noiommu_ops, conf->own_domain, noiommu_open, &space)
	                   : vfio_space_get(weir, pci, &container_ops, conf->own_domain, container_open, &space);
	if (err)
		goto unlock;
	err = group_open(weir, pci, space, conf->unsafe, &group);
	if (err)
		goto container;
	fd = ioctl(group->fd, VFIO_GROUP_GET_DEVICE_FD, pci->name);
	if (fd < 0) {
		err = weir_fail(weir, -errno, "%s: vfio does not hand it out (%s)", pci->name, strerror(errno));
		goto group;
	}
	if (conf->unsafe)
		fd = physical_guard(fd);
	pthread_mutex_unlock(&weir->lock);
	return vfio_device_open(weir, fd, pci, space, group, dev);

group:
	vfio_group_put(space, group);
container:
	vfio_space_put(space);
unlock:
	pthread_mutex_unlock(&weir->lock);
	return err;
}
