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

#include "bus/vfio.h"

struct vfio_group {
	struct vfio_group *next;
	int number;
	int fd;
	unsigned users;
};

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

/* --- containers ------------------------------------------------------------------------------------------------------- */

static int container_check(struct weir *weir, int fd)
{
	if (ioctl(fd, VFIO_GET_API_VERSION) != VFIO_API_VERSION)
		return weir_fail(weir, -ENOTSUP, "this kernel's vfio is of an unknown version");
	if (ioctl(fd, VFIO_CHECK_EXTENSION, VFIO_TYPE1v2_IOMMU) != 1)
		return weir_fail(weir, -ENOTSUP,
		                 "vfio has no IOMMU of type 1; load it with: modprobe vfio_iommu_type1");
	return 0;
}

static int container_open(struct weir *weir, struct vfio_space **space)
{
	struct vfio_space *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return weir_fail(weir, -ENOMEM, "no memory for a vfio container");
	s->fd = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	if (s->fd < 0) {
		err = weir_fail(weir, -errno, "cannot open /dev/vfio/vfio (%s); load it with: modprobe vfio-pci",
		                strerror(errno));
		goto free;
	}
	err = container_check(weir, s->fd);
	if (err)
		goto close;
	bus_domain_init(&s->domain, weir, &container_ops);
	*space = s;
	return 0;

close:
	close(s->fd);
free:
	free(s);
	return err;
}

/* --- groups ------------------------------------------------------------------------------------------------------------- */

static int group_fail(struct weir *weir, const struct weir_pci *pci, const char *path, int err)
{
	switch (err) {
	case -ENOENT:
		return weir_fail(weir, -ENODEV,
		                 "%s: there is no %s; hand the device over with: weir bind %s --driver vfio-pci",
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
static int group_join(struct weir *weir, const struct weir_pci *pci, struct vfio_space *space, int fd)
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
	if (space->groups || ioctl(space->fd, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) == 0)
		return 0;
	return weir_fail(weir, -errno,
	                 errno == EPERM
	                     ? "%s: the machine does not remap interrupts, so that a device could forge them; "
	                       "turn interrupt remapping on, or accept it with "
	                       "vfio_iommu_type1.allow_unsafe_interrupts=1"
	                     : "%s: vfio takes no IOMMU for its group",
	                 pci->name);
}

static int group_open(struct weir *weir, const struct weir_pci *pci, struct vfio_space *space,
                      struct vfio_group **group)
{
	struct vfio_group *g;
	char path[64];
	int err;

	for (g = space->groups; g; g = g->next) {
		if (g->number == pci->group) {
			g->users++;
			*group = g;
			return 0;
		}
	}
	snprintf(path, sizeof(path), "/dev/vfio/%d", pci->group);
	g = calloc(1, sizeof(*g));
	if (!g)
		return weir_fail(weir, -ENOMEM, "%s: no memory for its group", pci->name);
	g->number = pci->group;
	g->users = 1;
	g->fd = open(path, O_RDWR | O_CLOEXEC);
	if (g->fd < 0) {
		err = group_fail(weir, pci, path, -errno);
		goto free;
	}
	err = group_join(weir, pci, space, g->fd);
	if (err)
		goto close;
	g->next = space->groups;
	space->groups = g;
	*group = g;
	return 0;

close:
	close(g->fd);
free:
	free(g);
	return err;
}

static void group_put(struct vfio_space *space, struct vfio_group *group)
{
	struct vfio_group **link = &space->groups;

	if (--group->users)
		return;
	while (*link != group)
		link = &(*link)->next;
	*link = group->next;
	close(group->fd);
	free(group);
}

/* --- devices ------------------------------------------------------------------------------------------------------------ */

static void release(struct weir *weir, struct vfio_space *space, void *behind)
{
	pthread_mutex_lock(&weir->lock);
	group_put(space, behind);
	vfio_space_put(space);
	pthread_mutex_unlock(&weir->lock);
}

int bus_vfio_open(struct weir *weir, const struct weir_pci *pci, const struct bus_pci_conf *conf,
                  struct bus_device **dev)
{
	struct vfio_space *space = NULL;
	struct vfio_group *group = NULL;
	int fd, err;

	*dev = NULL;
	pthread_mutex_lock(&weir->lock);
	err = vfio_space_get(weir, &container_ops, conf->own_domain, container_open, &space);
	if (err)
		goto unlock;
	err = group_open(weir, pci, space, &group);
	if (err)
		goto container;
	fd = ioctl(group->fd, VFIO_GROUP_GET_DEVICE_FD, pci->name);
	if (fd < 0) {
		err = weir_fail(weir, -errno, "%s: vfio does not hand it out (%s)", pci->name, strerror(errno));
		goto group;
	}
	pthread_mutex_unlock(&weir->lock);
	return vfio_device_open(weir, fd, pci, space, release, group, dev);

group:
	group_put(space, group);
container:
	vfio_space_put(space);
unlock:
	pthread_mutex_unlock(&weir->lock);
	return err;
}
