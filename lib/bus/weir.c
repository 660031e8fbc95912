/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A device that weir.ko hands out (docs/kernel-module.md), by its file. (What it sees of memory: weir_domain.c.)
 */
#include "bus/weir.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bus/vfio.h"
#include "kmod/weir.h"

struct kmod_device {
	struct bus_device dev;
	int fd;
	bool removed;
	bool resets;
	int remove_fd; /* the kernel is going to take the device away, */
	int error_fd;  /* ... it was told of an error on the bus */
	struct kmod_space *space;
	struct bus_area bars[BUS_REGIONS]; /* size 0: not mapped */
};

static struct kmod_device *kmod_device(struct bus_device *dev)
{
	return container_of(dev, struct kmod_device, dev);
}

static bool is_removed(const struct kmod_device *d)
{
	return __atomic_load_n(&d->removed, __ATOMIC_ACQUIRE);
}

/* --- registers -------------------------------------------------------------------------------------------------------- */

static volatile void *kmod_at(struct bus_device *dev, unsigned region, uint64_t offset, uint64_t size)
{
	return bus_area_find(&kmod_device(dev)->bars[region], 1, offset, size);
}

static off_t place(unsigned region, uint64_t offset)
{
	return (off_t)(WEIR_REGION_OFFSET(region) + offset);
}

static uint32_t kmod_read32(struct bus_device *dev, unsigned region, uint64_t offset)
{
	struct kmod_device *d = kmod_device(dev);
	const volatile uint32_t *at;
	uint32_t value;

	if (is_removed(d))
		return UINT32_MAX;
	at = kmod_at(dev, region, offset, sizeof(value));
	if (at)
		return __atomic_load_n(at, __ATOMIC_ACQUIRE);
	if (pread(d->fd, &value, sizeof(value), place(region, offset)) != sizeof(value))
		return UINT32_MAX;
	return value;
}

static void kmod_write32(struct bus_device *dev, unsigned region, uint64_t offset, uint32_t value)
{
	struct kmod_device *d = kmod_device(dev);
	volatile uint32_t *at;

	if (is_removed(d))
		return;
	at = kmod_at(dev, region, offset, sizeof(value));
	if (at)
		__atomic_store_n(at, value, __ATOMIC_RELEASE);
	else if (pwrite(d->fd, &value, sizeof(value), place(region, offset)) < 0)
		return; /* as with a device that is gone: the next read tells */
}

static int kmod_config_read(struct bus_device *dev, unsigned offset, unsigned size, uint32_t *value)
{
	struct kmod_device *d = kmod_device(dev);

	*value = 0;
	if (is_removed(d))
		return -ENODEV;
	return pread(d->fd, value, size, place(WEIR_REGION_CONFIG, offset)) == (ssize_t)size ? 0 : -EIO;
}

static int kmod_config_write(struct bus_device *dev, unsigned offset, unsigned size, uint32_t value)
{
	struct kmod_device *d = kmod_device(dev);

	if (is_removed(d))
		return -ENODEV;
	return pwrite(d->fd, &value, size, place(WEIR_REGION_CONFIG, offset)) == (ssize_t)size ? 0 : -EIO;
}

/* --- presence, reset, interrupts ------------------------------------------------------------------------------------------ */

static bool has_fired(int fd)
{
	uint64_t count;

	return fd >= 0 && read(fd, &count, sizeof(count)) == sizeof(count);
}

/* The kernel says so some seconds before it takes the registers away. */
static bool kmod_gone(const struct bus_device *dev)
{
	struct kmod_device *d = kmod_device((struct bus_device *)(uintptr_t)dev);

	if (is_removed(d))
		return true;
	if (!has_fired(d->remove_fd))
		return false;
	__atomic_store_n(&d->removed, true, __ATOMIC_RELEASE);
	for (unsigned i = 0; i < BUS_REGIONS; i++)
		bus_areas_part(&d->bars[i], d->bars[i].size != 0);
	return true;
}

static bool kmod_failed(struct bus_device *dev)
{
	return has_fired(kmod_device(dev)->error_fd);
}

static unsigned kmod_alarms(const struct bus_device *dev, struct bus_alarm alarms[BUS_ALARMS])
{
	const struct kmod_device *d = container_of(dev, const struct kmod_device, dev);
	unsigned count = 0;

	alarms[count++] = (struct bus_alarm){ .fd = d->remove_fd, .events = EPOLLIN };
	if (d->error_fd >= 0)
		alarms[count++] = (struct bus_alarm){ .fd = d->error_fd, .events = EPOLLIN };
	return count;
}

/* The module turns bus mastering off with it, which its caller does not expect of a reset alone. */
static int kmod_reset(struct bus_device *dev)
{
	struct kmod_device *d = kmod_device(dev);
	struct weir_reset reset = { .size = sizeof(reset) };
	uint32_t command;
	int err;

	if (!d->resets)
		return -ENOTSUP;
	err = kmod_config_read(dev, 4, 2, &command);
	if (err)
		return err;
	if (ioctl(d->fd, WEIR_RESET, &reset) < 0)
		return -errno;
	return kmod_config_write(dev, 4, 2, command);
}

static int connect_irqs(struct kmod_device *d, unsigned type, unsigned first, unsigned count, const int *fds)
{
	struct weir_irq irq = {
		.size = sizeof(irq), .type = type, .start = first, .count = count, .fds = (uintptr_t)fds
	};

	return ioctl(d->fd, WEIR_IRQ, &irq) < 0 ? -errno : 0;
}

/* Types have the same numbers there. */
_Static_assert((int)BUS_IRQ_MSIX == (int)WEIR_IRQ_MSIX && (int)BUS_IRQ_REQUEST == (int)WEIR_IRQ_REMOVE, "");

static int kmod_irq_set(struct bus_device *dev, enum bus_irq irq, unsigned first, unsigned count, const int *fds)
{
	struct kmod_device *d = kmod_device(dev);
	int err;

	if (is_removed(d))
		return -ENODEV;
	err = connect_irqs(d, irq, first, count, fds);
	return err ? weir_fail(dev->weir, err, "%s: the kernel gives no %u interrupts (%s)", dev->name, count,
	                       strerror(-err))
	           : 0;
}

static int kmod_irq_unmask(struct bus_device *dev, enum bus_irq irq)
{
	struct weir_irq request = { .size = sizeof(request), .flags = WEIR_IRQ_UNMASK, .type = irq };

	return ioctl(kmod_device(dev)->fd, WEIR_IRQ, &request) < 0 ? -errno : 0;
}

/* --- opening and closing ------------------------------------------------------------------------------------------------ */

static void kmod_close(struct bus_device *dev)
{
	struct kmod_device *d = kmod_device(dev);

	for (unsigned i = 0; i < BUS_REGIONS; i++)
		if (d->bars[i].size)
			munmap(d->bars[i].at, d->bars[i].size);
	close(d->fd);
	if (d->remove_fd >= 0)
		close(d->remove_fd);
	if (d->error_fd >= 0)
		close(d->error_fd);
	if (d->space)
		kmod_space_put(dev->weir, d->space);
	free(d);
}

static const struct bus_ops kmod_ops = {
	.name = "weir",
	.close = kmod_close,
	.gone = kmod_gone,
	.reset = kmod_reset,
	.config_read = kmod_config_read,
	.config_write = kmod_config_write,
	.read32 = kmod_read32,
	.write32 = kmod_write32,
	.map = kmod_at,
	.irq_set = kmod_irq_set,
	.irq_unmask = kmod_irq_unmask,
	.alarms = kmod_alarms,
	.failed = kmod_failed,
};

/* Has the kernel tell of @irq by an eventfd. */
static int tell_by(struct kmod_device *d, enum bus_irq irq, int *fd)
{
	if (!d->dev.irq_count[irq])
		return 0;
	*fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return *fd < 0 ? -errno : connect_irqs(d, irq, 0, 1, fd);
}

/* A region that cannot be mapped works by read and write. */
static int device_read(struct kmod_device *d)
{
	struct weir_dev_info info = { .size = sizeof(info) };
	int err;

	if (ioctl(d->fd, WEIR_DEV_INFO, &info) < 0)
		return -errno;
	d->resets = info.flags & WEIR_DEV_RESET;
	for (unsigned i = 0; i < BUS_IRQ_COUNT; i++)
		d->dev.irq_count[i] = info.vectors[i];
	for (unsigned i = 0; i < BUS_REGIONS; i++) {
		const struct weir_region *region = &info.regions[i];
		void *at;

		d->dev.regions[i].size = region->size;
		if (!(region->flags & WEIR_REGION_MMAP))
			continue;
		at = mmap(NULL, region->size, PROT_READ | PROT_WRITE, MAP_SHARED, d->fd, (off_t)region->offset);
		if (at != MAP_FAILED)
			d->bars[i] = (struct bus_area){ .size = region->size, .at = at };
	}
	err = tell_by(d, BUS_IRQ_REQUEST, &d->remove_fd);
	return err ? err : tell_by(d, BUS_IRQ_ERROR, &d->error_fd);
}

static int open_failed(struct weir *weir, const struct weir_pci *pci, const char *path, bool unsafe, int err)
{
	if (unsafe && (err == -EACCES || err == -EPERM))
		return weir_fail(
		    weir, err,
		    "%s: %s is for root alone, since no IOMMU keeps the device from any memory: run as root, or "
		    "put the device behind an IOMMU (intel_iommu=on)",
		    pci->name, path);
	switch (err) {
	case -EBUSY:
		return weir_fail(weir, err, "%s: another program has it, or a device of its IOMMU group %d, open (%s)",
		                 pci->name, pci->group, path);
	case -EACCES:
		return weir_fail(weir, err,
		                 "%s: %s may not be opened by this user; as root, install the udev rule and add the "
		                 "user to the group weir (docs/guide.md)",
		                 pci->name, path);
	case -EPERM:
		return weir_fail(weir, err,
		                 "%s: other devices of IOMMU group %d are still bound to drivers of the kernel; bind "
		                 "them to weir, too (weir list)",
		                 pci->name, pci->group);
	default:
		return weir_fail(weir, err, "%s: cannot open %s (%s)", pci->name, path, strerror(-err));
	}
}

static int attach_failed(struct weir *weir, const struct weir_pci *pci, int err)
{
	return weir_fail(weir, err,
	                 err == -EPERM
	                     ? "%s: the machine does not remap interrupts, so that a device could forge them; "
	                       "turn interrupt remapping on, or accept it with weir.allow_unsafe_interrupts=1"
	                     : "%s: weir.ko gives it no domain (the kernel's log may say why)",
	                 pci->name);
}

int bus_weir_open(struct weir *weir, const struct weir_pci *pci, const struct bus_pci_conf *conf,
                  struct bus_device **dev)
{
	struct kmod_device *d = calloc(1, sizeof(*d));
	char path[64];
	int err;

	*dev = NULL;
	if (!d)
		return weir_fail(weir, -ENOMEM, "%s: no memory for a device", pci->name);
	snprintf(path, sizeof(path), "/dev/weir/%s%s", conf->unsafe ? "noiommu-" : "", pci->name);
	pci_device_init(&d->dev, weir, &kmod_ops, pci);
	d->remove_fd = d->error_fd = -1;
	d->fd = open(path, O_RDWR | O_CLOEXEC);
	if (d->fd < 0) {
		err = open_failed(weir, pci, path, conf->unsafe, -errno);
		free(d);
		return err;
	}
	err = kmod_space_get(weir, d->fd, conf, &d->space);
	if (err) {
		err = attach_failed(weir, pci, err);
		goto close;
	}
	d->dev.domain = &d->space->domain;
	err = device_read(d);
	if (err) {
		err = weir_fail(weir, err, "%s: weir.ko does not say what it is (%s)", pci->name, strerror(-err));
		goto close;
	}
	*dev = &d->dev;
	return 0;

close:
	kmod_close(&d->dev);
	return err;
}
