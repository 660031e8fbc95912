/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Devices bound to uio_pci_generic, for machines without an IOMMU: nothing keeps the device from any memory. Registers
 * are the files "resourceN" of sysfs, config space its file "config". The file /dev/uioN is held open: the kernel
 * clears bus mastering when it is closed, also when the process is killed.
 */
#include "bus/uio.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bus/physical.h"

struct uio_device {
	struct bus_device dev;
	int fd, config;
	bool removed;
	struct bus_area areas[BUS_REGIONS]; /* no size: no memory, or not there */
};

/* The address space of all such devices of a context. */
struct uio_space {
	struct bus_domain domain;
	unsigned users;
};

static const struct bus_domain_ops uio_domain_ops = { .map = physical_map, .unmap = physical_unmap };

static struct uio_device *uio_device(struct bus_device *dev)
{
	return container_of(dev, struct uio_device, dev);
}

static bool is_removed(const struct uio_device *d)
{
	return __atomic_load_n(&d->removed, __ATOMIC_ACQUIRE);
}

static volatile void *uio_at(struct bus_device *dev, unsigned region, uint64_t offset, uint64_t size)
{
	return bus_area_find(&uio_device(dev)->areas[region], 1, offset, size);
}

static uint32_t uio_read32(struct bus_device *dev, unsigned region, uint64_t offset)
{
	const volatile uint32_t *at = is_removed(uio_device(dev)) ? NULL : uio_at(dev, region, offset, sizeof(*at));

	return at ? __atomic_load_n(at, __ATOMIC_ACQUIRE) : UINT32_MAX;
}

static void uio_write32(struct bus_device *dev, unsigned region, uint64_t offset, uint32_t value)
{
	volatile uint32_t *at = is_removed(uio_device(dev)) ? NULL : uio_at(dev, region, offset, sizeof(*at));

	if (at)
		__atomic_store_n(at, value, __ATOMIC_RELEASE);
}

static int uio_config_read(struct bus_device *dev, unsigned offset, unsigned size, uint32_t *value)
{
	*value = 0;
	return pread(uio_device(dev)->config, value, size, offset) == (ssize_t)size ? 0 : -EIO;
}

static int uio_config_write(struct bus_device *dev, unsigned offset, unsigned size, uint32_t value)
{
	return pwrite(uio_device(dev)->config, &value, size, offset) == (ssize_t)size ? 0 : -EIO;
}

/* A device that was unplugged has no config space any more. Another one may get its addresses. */
static bool uio_gone(const struct bus_device *dev)
{
	struct uio_device *d = uio_device((struct bus_device *)(uintptr_t)dev);
	uint32_t id;

	if (is_removed(d))
		return true;
	if (!uio_config_read(&d->dev, PCI_VENDOR_ID, 4, &id) && id != UINT32_MAX)
		return false;
	__atomic_store_n(&d->removed, true, __ATOMIC_RELEASE);
	for (unsigned i = 0; i < BUS_REGIONS; i++)
		if (d->areas[i].size)
			bus_areas_part(&d->areas[i], 1);
	return true;
}

/* Polling it fails, which is POLLERR and more, when the device is no longer uio's. So it does without an interrupt. */
static unsigned uio_alarms(const struct bus_device *dev, struct bus_alarm alarms[BUS_ALARMS])
{
	if (!dev->irq_count[BUS_IRQ_INTX])
		return 0;
	alarms[0] = (struct bus_alarm){ .fd = container_of(dev, const struct uio_device, dev)->fd, .events = 0 };
	return 1;
}

/* What the kernel's file "reset" does is a reset of the function, where it knows one. */
static int uio_reset(struct bus_device *dev)
{
	char path[128];
	int fd, err = 0;

	snprintf(path, sizeof(path), PCI_SYSFS "/%s/reset", dev->name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -ENOTSUP;
	if (write(fd, "1", 1) < 0)
		err = -errno;
	close(fd);
	return err;
}

static int command_change(struct bus_device *dev, uint32_t clear, uint32_t set)
{
	uint32_t command;
	int err;

	err = uio_config_read(dev, PCI_COMMAND, 2, &command);
	return err ? err : uio_config_write(dev, PCI_COMMAND, 2, (command & ~clear) | set);
}

/* uio's handler masks the interrupt in config space. */
static int uio_irq_unmask(struct bus_device *dev, enum bus_irq irq)
{
	(void)irq;
	return command_change(dev, PCI_COMMAND_INTX_DISABLE, 0);
}

/* The one interrupt goes to the file of the device, wherever else it is wanted. */
static int uio_irq_set(struct bus_device *dev, enum bus_irq irq, unsigned first, unsigned count, const int *fds)
{
	(void)first, (void)fds;
	if (!count)
		return command_change(dev, 0, PCI_COMMAND_INTX_DISABLE);
	return irq == BUS_IRQ_INTX ? uio_irq_unmask(dev, irq) : -ENOTSUP;
}

static int uio_irq_fd(const struct bus_device *dev)
{
	return container_of(dev, const struct uio_device, dev)->fd;
}

/* Takes memory and interrupts from the device, and resets it, if the kernel knows how: its driver does it, too. */
static void uio_quieten(struct bus_device *dev)
{
	command_change(dev, PCI_COMMAND_MASTER, PCI_COMMAND_INTX_DISABLE);
	uio_reset(dev);
}

static void space_put(struct weir *weir, struct bus_domain *domain)
{
	struct uio_space *space = container_of(domain, struct uio_space, domain);

	pthread_mutex_lock(&weir->lock);
	if (--space->users == 0) {
		bus_domain_unlink(domain);
		physical_destroy(domain);
		free(space);
	}
	pthread_mutex_unlock(&weir->lock);
}

/* Its driver has stopped it; whatever it would still do ends here. */
static void uio_close(struct bus_device *dev)
{
	struct uio_device *d = uio_device(dev);

	if (dev->domain && !uio_gone(dev))
		uio_quieten(dev);
	for (unsigned i = 0; i < BUS_REGIONS; i++)
		if (d->areas[i].size)
			munmap(d->areas[i].at, d->areas[i].size);
	if (d->config >= 0)
		close(d->config);
	if (d->fd >= 0)
		close(d->fd);
	if (dev->domain)
		space_put(dev->weir, dev->domain);
	free(d);
}

static const struct bus_ops uio_ops = {
	.name = "uio",
	.close = uio_close,
	.gone = uio_gone,
	.reset = uio_reset,
	.config_read = uio_config_read,
	.config_write = uio_config_write,
	.read32 = uio_read32,
	.write32 = uio_write32,
	.map = uio_at,
	.irq_set = uio_irq_set,
	.irq_unmask = uio_irq_unmask,
	.irq_fd = uio_irq_fd,
	.alarms = uio_alarms,
};

/* --- opening ---------------------------------------------------------------------------------------------------------- */

static int space_get(struct weir *weir, struct bus_domain **domain)
{
	struct uio_space *space;
	int err = 0;

	pthread_mutex_lock(&weir->lock);
	*domain = bus_domain_find(weir, &uio_domain_ops);
	if (*domain) {
		container_of(*domain, struct uio_space, domain)->users++;
		goto unlock;
	}
	space = calloc(1, sizeof(*space));
	err = space ? physical_init(&space->domain, weir, &uio_domain_ops)
	            : weir_fail(weir, -ENOMEM, "no memory for a table of physical addresses");
	if (err) {
		free(space);
		goto unlock;
	}
	space->users = 1;
	bus_domain_link(&space->domain, false);
	*domain = &space->domain;
unlock:
	pthread_mutex_unlock(&weir->lock);
	return err;
}

/* /dev/uioN: sysfs names it. The kernel opens it for many, this library for one. Returns a descriptor or -errno. */
static int node_open(const char *name)
{
	const struct dirent *entry;
	char folder[128], path[300];
	int fd = -ENOENT;
	DIR *entries;

	snprintf(folder, sizeof(folder), PCI_SYSFS "/%s/uio", name);
	entries = opendir(folder);
	if (!entries)
		return -errno;
	while (fd == -ENOENT && (entry = readdir(entries))) {
		if (strncmp(entry->d_name, "uio", 3) != 0)
			continue;
		snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
		fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
		if (fd < 0) {
			fd = -errno;
		} else if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
			close(fd);
			fd = -EBUSY;
		}
	}
	closedir(entries);
	return fd;
}

static int regions_open(struct uio_device *d, const struct weir_pci *pci)
{
	char path[128];
	void *at;
	int fd;

	for (unsigned i = 0; i < BUS_REGIONS; i++) {
		if (!pci->bars[i].size || pci->bars[i].io)
			continue;
		snprintf(path, sizeof(path), PCI_SYSFS "/%s/resource%u", pci->name, i);
		fd = open(path, O_RDWR | O_SYNC | O_CLOEXEC);
		if (fd < 0)
			return -errno;
		at = mmap(NULL, pci->bars[i].size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		close(fd);
		if (at == MAP_FAILED)
			return -errno;
		d->areas[i] = (struct bus_area){ .at = at, .size = pci->bars[i].size };
		d->dev.regions[i].size = pci->bars[i].size;
	}
	return 0;
}

/* The file of a device without an interrupt cannot be polled. */
static bool has_interrupt(int fd)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };

	return poll(&poller, 1, 0) >= 0 && !(poller.revents & POLLERR);
}

static int files_open(struct uio_device *d, const struct weir_pci *pci)
{
	char path[128];

	snprintf(path, sizeof(path), PCI_SYSFS "/%s/config", pci->name);
	d->fd = node_open(pci->name);
	if (d->fd < 0)
		return d->fd;
	d->fd = physical_guard(d->fd);
	d->dev.irq_count[BUS_IRQ_INTX] = has_interrupt(d->fd);
	d->config = open(path, O_RDWR | O_CLOEXEC);
	if (d->config < 0)
		return -errno;
	return regions_open(d, pci);
}

int bus_uio_open(struct weir *weir, const struct weir_pci *pci, struct bus_device **dev)
{
	struct uio_device *d = calloc(1, sizeof(*d));
	int err;

	*dev = NULL;
	if (!d)
		return weir_fail(weir, -ENOMEM, "%s: no memory for a device", pci->name);
	d->fd = d->config = -1;
	pci_device_init(&d->dev, weir, &uio_ops, pci);
	err = files_open(d, pci);
	if (err)
		weir_fail(weir, err, "%s: it cannot be used through uio (%s)%s", pci->name, strerror(-err),
		          err == -EACCES || err == -EPERM ? "; that is for root"
		          : err == -EBUSY                 ? ": another program does"
		                                          : "");
	else
		err = space_get(weir, &d->dev.domain);
	if (err) {
		uio_close(&d->dev);
		return err;
	}
	uio_quieten(&d->dev);
	*dev = &d->dev;
	return 0;
}
