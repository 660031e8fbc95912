/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A device by its vfio file: registers, config space, interrupts, reset. (How one comes by the file: vfio_group.c,
 * iommufd.c.)
 */
#include "bus/vfio.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bus/physical.h"

#define AREAS_MAX 4u    /* of a region, that may be mapped */
#define INFO_MAX  4096u /* bytes of what the kernel says of a region */
#define IRQS_MAX  256u  /* in one call */

struct region {
	uint64_t offset; /* in the file */
	unsigned count;
	struct bus_area areas[AREAS_MAX];
};

struct vfio_device {
	struct bus_device dev;
	int fd;
	bool resets;
	bool removed;
	int request_fd; /* the kernel wants the device back, */
	int error_fd;   /* ... it was told of an error on the bus */
	struct vfio_space *space;
	struct vfio_group *group;
	struct region regions[BUS_REGIONS];
	uint64_t config; /* where its config space is in the file */
};

static struct vfio_device *vfio_device(struct bus_device *dev)
{
	return container_of(dev, struct vfio_device, dev);
}

static bool is_removed(const struct vfio_device *d)
{
	return __atomic_load_n(&d->removed, __ATOMIC_ACQUIRE);
}

/* --- registers -------------------------------------------------------------------------------------------------------- */

static volatile void *vfio_at(struct bus_device *dev, unsigned region, uint64_t offset, uint64_t size)
{
	const struct region *r = &vfio_device(dev)->regions[region];

	return bus_area_find(r->areas, r->count, offset, size);
}

static uint32_t vfio_read32(struct bus_device *dev, unsigned region, uint64_t offset)
{
	struct vfio_device *d = vfio_device(dev);
	const volatile uint32_t *at;
	uint32_t value;

	if (is_removed(d))
		return UINT32_MAX;
	at = vfio_at(dev, region, offset, sizeof(value));
	if (at)
		return __atomic_load_n(at, __ATOMIC_ACQUIRE);
	if (pread(d->fd, &value, sizeof(value), (off_t)(d->regions[region].offset + offset)) != sizeof(value))
		return UINT32_MAX;
	return value;
}

static void vfio_write32(struct bus_device *dev, unsigned region, uint64_t offset, uint32_t value)
{
	struct vfio_device *d = vfio_device(dev);
	volatile uint32_t *at;

	if (is_removed(d))
		return;
	at = vfio_at(dev, region, offset, sizeof(value));
	if (at)
		__atomic_store_n(at, value, __ATOMIC_RELEASE);
	else if (pwrite(d->fd, &value, sizeof(value), (off_t)(d->regions[region].offset + offset)) < 0)
		return; /* as with a device that is gone: the next read tells */
}

static int vfio_config_read(struct bus_device *dev, unsigned offset, unsigned size, uint32_t *value)
{
	struct vfio_device *d = vfio_device(dev);

	*value = 0;
	if (is_removed(d))
		return -ENODEV;
	return pread(d->fd, value, size, (off_t)(d->config + offset)) == (ssize_t)size ? 0 : -EIO;
}

static int vfio_config_write(struct bus_device *dev, unsigned offset, unsigned size, uint32_t value)
{
	struct vfio_device *d = vfio_device(dev);

	if (is_removed(d))
		return -ENODEV;
	return pwrite(d->fd, &value, size, (off_t)(d->config + offset)) == (ssize_t)size ? 0 : -EIO;
}

/* --- presence, reset, interrupts ------------------------------------------------------------------------------------------ */

static bool has_fired(int fd)
{
	uint64_t count;

	return fd >= 0 && read(fd, &count, sizeof(count)) == sizeof(count);
}

/* The kernel takes no device away under its user: it asks, and waits until the device is closed. */
static bool vfio_gone(const struct bus_device *dev)
{
	struct vfio_device *d = vfio_device((struct bus_device *)(uintptr_t)dev);

	if (is_removed(d))
		return true;
	if (!has_fired(d->request_fd))
		return false;
	__atomic_store_n(&d->removed, true, __ATOMIC_RELEASE);
	for (unsigned r = 0; r < BUS_REGIONS; r++)
		bus_areas_part(d->regions[r].areas, d->regions[r].count);
	return true;
}

static bool vfio_failed(struct bus_device *dev)
{
	return has_fired(vfio_device(dev)->error_fd);
}

static unsigned vfio_alarms(const struct bus_device *dev, struct bus_alarm alarms[BUS_ALARMS])
{
	const struct vfio_device *d = container_of(dev, const struct vfio_device, dev);
	unsigned count = 0;

	if (d->request_fd >= 0)
		alarms[count++] = (struct bus_alarm){ .fd = d->request_fd, .events = EPOLLIN };
	if (d->error_fd >= 0)
		alarms[count++] = (struct bus_alarm){ .fd = d->error_fd, .events = EPOLLIN };
	return count;
}

static int vfio_reset(struct bus_device *dev)
{
	struct vfio_device *d = vfio_device(dev);

	if (!d->resets)
		return -ENOTSUP;
	return ioctl(d->fd, VFIO_DEVICE_RESET) < 0 ? -errno : 0;
}

static int set_irqs(struct vfio_device *d, uint32_t flags, unsigned index, unsigned first, unsigned count,
                    const int *fds)
{
	_Alignas(struct vfio_irq_set) char call[sizeof(struct vfio_irq_set) + IRQS_MAX * sizeof(int32_t)];
	struct vfio_irq_set *set = (void *)call;

	if (count > IRQS_MAX)
		return -EINVAL;
	*set = (struct vfio_irq_set){ .argsz = (uint32_t)(sizeof(*set) + (fds ? count * sizeof(int32_t) : 0)),
		                      .flags = flags,
		                      .index = index,
		                      .start = first,
		                      .count = count };
	if (fds)
		memcpy(set->data, fds, count * sizeof(int32_t));
	return ioctl(d->fd, VFIO_DEVICE_SET_IRQS, set) < 0 ? -errno : 0;
}

static int vfio_irq_set(struct bus_device *dev, enum bus_irq irq, unsigned first, unsigned count, const int *fds)
{
	struct vfio_device *d = vfio_device(dev);
	int err;

	if (is_removed(d))
		return -ENODEV;
	if (!count)
		return set_irqs(d, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER, irq, 0, 0, NULL);
	err = set_irqs(d, VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER, irq, first, count, fds);
	return err ? weir_fail(dev->weir, err, "%s: the kernel gives no %u interrupts (%s)", dev->name, count,
	                       strerror(-err))
	           : 0;
}

static int vfio_irq_unmask(struct bus_device *dev, enum bus_irq irq)
{
	return set_irqs(vfio_device(dev), VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_UNMASK, irq, 0, 1, NULL);
}

static void release(struct weir *weir, struct vfio_space *space, struct vfio_group *group)
{
	pthread_mutex_lock(&weir->lock);
	vfio_group_put(space, group);
	vfio_space_put(space);
	pthread_mutex_unlock(&weir->lock);
}

static void vfio_close(struct bus_device *dev)
{
	struct vfio_device *d = vfio_device(dev);

	for (unsigned r = 0; r < BUS_REGIONS; r++)
		for (unsigned i = 0; i < d->regions[r].count; i++)
			munmap(d->regions[r].areas[i].at, d->regions[r].areas[i].size);
	if (d->request_fd >= 0)
		close(d->request_fd);
	if (d->error_fd >= 0)
		close(d->error_fd);
	close(d->fd);
	release(dev->weir, d->space, d->group);
	free(d);
}

static const struct bus_ops vfio_ops = {
	.name = "vfio",
	.close = vfio_close,
	.gone = vfio_gone,
	.reset = vfio_reset,
	.config_read = vfio_config_read,
	.config_write = vfio_config_write,
	.read32 = vfio_read32,
	.write32 = vfio_write32,
	.map = vfio_at,
	.irq_set = vfio_irq_set,
	.irq_unmask = vfio_irq_unmask,
	.alarms = vfio_alarms,
	.failed = vfio_failed,
};

/* --- opening ---------------------------------------------------------------------------------------------------------- */

/* What of a region may be mapped: all of it, or what the kernel lists. */
static unsigned areas_of(const struct vfio_region_info *info, struct bus_area *areas)
{
	uint32_t next = info->flags & VFIO_REGION_INFO_FLAG_CAPS ? info->cap_offset : 0;

	if (!(info->flags & VFIO_REGION_INFO_FLAG_MMAP))
		return 0;
	while (next && next <= INFO_MAX - sizeof(struct vfio_region_info_cap_sparse_mmap)) {
		const struct vfio_region_info_cap_sparse_mmap *sparse = (const void *)((const char *)info + next);
		unsigned count = 0;

		if (sparse->header.id != VFIO_REGION_INFO_CAP_SPARSE_MMAP) {
			next = sparse->header.next;
			continue;
		}
		for (uint32_t i = 0; i < sparse->nr_areas && count < AREAS_MAX; i++)
			if (sparse->areas[i].size)
				areas[count++] = (struct bus_area){ .offset = sparse->areas[i].offset,
					                            .size = sparse->areas[i].size };
		return count;
	}
	areas[0] = (struct bus_area){ .offset = 0, .size = info->size };
	return 1;
}

/* A region that cannot be mapped works by read and write. */
static int region_open(struct vfio_device *d, unsigned index)
{
	union {
		struct vfio_region_info info;
		char space[INFO_MAX];
	} r = { .info = { .argsz = sizeof(r), .index = index } };
	struct region *region = &d->regions[index];
	struct bus_area areas[AREAS_MAX];
	unsigned count;

	if (ioctl(d->fd, VFIO_DEVICE_GET_REGION_INFO, &r) < 0)
		return -errno;
	d->dev.regions[index].size = r.info.size;
	region->offset = r.info.offset;
	count = r.info.size ? areas_of(&r.info, areas) : 0;
	for (unsigned i = 0; i < count; i++) {
		areas[i].at = mmap(NULL, areas[i].size, PROT_READ | PROT_WRITE, MAP_SHARED, d->fd,
		                   (off_t)(region->offset + areas[i].offset));
		if (areas[i].at != MAP_FAILED)
			region->areas[region->count++] = areas[i];
	}
	return 0;
}

/* Has the kernel tell of @irq by an eventfd; -1 when this device has none such. */
static int tell_by(struct vfio_device *d, enum bus_irq irq, int *fd)
{
	if (!d->dev.irq_count[irq])
		return 0;
	*fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (*fd < 0)
		return -errno;
	return set_irqs(d, VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER, irq, 0, 1, fd);
}

static int irqs_read(struct vfio_device *d)
{
	int err;

	for (unsigned i = 0; i < BUS_IRQ_COUNT; i++) {
		struct vfio_irq_info info = { .argsz = sizeof(info), .index = i };

		if (ioctl(d->fd, VFIO_DEVICE_GET_IRQ_INFO, &info) == 0)
			d->dev.irq_count[i] = info.count;
	}
	err = tell_by(d, BUS_IRQ_REQUEST, &d->request_fd);
	return err ? err : tell_by(d, BUS_IRQ_ERROR, &d->error_fd);
}

static int device_read(struct vfio_device *d)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	struct vfio_region_info config = { .argsz = sizeof(config), .index = VFIO_PCI_CONFIG_REGION_INDEX };
	int err = 0;

	if (ioctl(d->fd, VFIO_DEVICE_GET_INFO, &info) < 0 || ioctl(d->fd, VFIO_DEVICE_GET_REGION_INFO, &config) < 0)
		return -errno;
	d->config = config.offset;
	d->resets = info.flags & VFIO_DEVICE_FLAGS_RESET;
	for (unsigned i = 0; !err && i < BUS_REGIONS; i++)
		err = region_open(d, i);
	return err ? err : irqs_read(d);
}

int vfio_device_open(struct weir *weir, int fd, const struct weir_pci *pci, struct vfio_space *space,
                     struct vfio_group *group, struct bus_device **dev)
{
	struct vfio_device *d = calloc(1, sizeof(*d));
	int err;

	*dev = NULL;
	if (!d) {
		close(fd);
		release(weir, space, group);
		return weir_fail(weir, -ENOMEM, "%s: no memory for a device", pci->name);
	}
	d->fd = fd;
	d->request_fd = d->error_fd = -1;
	d->space = space;
	d->group = group;
	pci_device_init(&d->dev, weir, &vfio_ops, pci);
	d->dev.domain = &space->domain;
	err = device_read(d);
	if (err) {
		vfio_close(&d->dev);
		return weir_fail(weir, err, "%s: vfio does not say what it is (%s)", pci->name, strerror(-err));
	}
	*dev = &d->dev;
	return 0;
}

/* --- address spaces and groups ------------------------------------------------------------------------------------------ */

struct vfio_group *vfio_group_get(struct vfio_space *space, const struct weir_pci *pci)
{
	struct vfio_group *group = space->groups;

	while (group && group->number != pci->group)
		group = group->next;
	if (group)
		group->users++;
	return group;
}

int vfio_group_add(struct vfio_space *space, const struct weir_pci *pci, int fd, struct vfio_group **group)
{
	struct vfio_group *g = calloc(1, sizeof(*g));

	if (!g)
		return weir_fail(space->domain.weir, -ENOMEM, "%s: no memory for its group", pci->name);
	g->number = pci->group;
	g->fd = fd;
	g->users = 1;
	g->next = space->groups;
	space->groups = g;
	*group = g;
	return 0;
}

void vfio_group_put(struct vfio_space *space, struct vfio_group *group)
{
	struct vfio_group **link = &space->groups;

	if (--group->users)
		return;
	while (*link != group)
		link = &(*link)->next;
	*link = group->next;
	if (group->fd >= 0)
		close(group->fd);
	free(group);
}

/* The address space that has the function's group: there the function must go, whatever was wanted. */
static struct vfio_space *space_of_group(struct weir *weir, const struct weir_pci *pci,
                                         const struct bus_domain_ops *ops)
{
	for (struct bus_domain *domain = weir->domains; domain; domain = domain->next) {
		struct vfio_space *space = container_of(domain, struct vfio_space, domain);

		if (domain->ops != ops)
			continue;
		for (const struct vfio_group *group = space->groups; group; group = group->next)
			if (group->number == pci->group)
				return space;
	}
	return NULL;
}

int vfio_space_get(struct weir *weir, const struct weir_pci *pci, const struct bus_domain_ops *ops, bool own,
                   int (*open)(struct weir *weir, struct vfio_space **space), struct vfio_space **space)
{
	struct bus_domain *shared = own ? NULL : bus_domain_find(weir, ops);
	int err;

	*space = space_of_group(weir, pci, ops);
	if (*space && own != (*space)->domain.own)
		weir_log(
		    weir, WEIR_LOG_WARNING,
		    "%s sees the memory that other devices of IOMMU group %d see: the IOMMU cannot tell them apart",
		    pci->name, pci->group);
	if (!*space && shared)
		*space = container_of(shared, struct vfio_space, domain);
	if (*space) {
		(*space)->users++;
		return 0;
	}
	err = open(weir, space);
	if (err)
		return err;
	(*space)->users = 1;
	bus_domain_link(&(*space)->domain, own);
	return 0;
}

void vfio_space_put(struct vfio_space *space)
{
	if (--space->users)
		return;
	bus_domain_unlink(&space->domain);
	close(space->fd);
	physical_destroy(&space->domain);
	free(space);
}

int vfio_map_failed(struct weir *weir, int err, uint64_t size)
{
	if (err == -ENOMEM)
		return weir_fail(weir, err,
		                 "%llu MiB cannot be locked for the device: raise RLIMIT_MEMLOCK (ulimit -l, or "
		                 "memlock in /etc/security/limits.conf)",
		                 (unsigned long long)(size >> 20));
	return weir_fail(weir, err, "the IOMMU does not take %llu MiB of memory (%s)", (unsigned long long)(size >> 20),
	                 strerror(-err));
}
