/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A device in another process: registers by message, or through pages that the server lets us map; memory by passing
 * the arena's files.
 */
#include "bus/vfio_user.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vfio_user/client.h"

struct vfio_user_device {
	struct bus_device dev;
	struct bus_domain domain; /* its own: every server maps for itself */
	struct vu_client *client;
	bool resets;
	struct {
		unsigned count;
		struct bus_area areas[VU_AREAS_MAX];
	} mapped[BUS_REGIONS];
};

static struct vfio_user_device *vfio_user_device(struct bus_device *dev)
{
	return container_of(dev, struct vfio_user_device, dev);
}

static struct vu_client *client_of(struct bus_device *dev)
{
	return vfio_user_device(dev)->client;
}

static bool vfio_user_gone(const struct bus_device *dev)
{
	return vu_client_broken(container_of(dev, const struct vfio_user_device, dev)->client);
}

static int vfio_user_reset(struct bus_device *dev)
{
	return vfio_user_device(dev)->resets ? vu_client_reset(client_of(dev)) : -ENOTSUP;
}

static int vfio_user_config_read(struct bus_device *dev, unsigned offset, unsigned size, uint32_t *value)
{
	*value = 0;
	return vu_client_read(client_of(dev), VFIO_PCI_CONFIG_REGION_INDEX, offset, value, size);
}

static int vfio_user_config_write(struct bus_device *dev, unsigned offset, unsigned size, uint32_t value)
{
	return vu_client_write(client_of(dev), VFIO_PCI_CONFIG_REGION_INDEX, offset, &value, size, false);
}

/* A register in a mapped page is read there too: its memory is what the device has. */
static uint32_t vfio_user_read32(struct bus_device *dev, unsigned region, uint64_t offset)
{
	uint32_t value;

	if (vu_client_read(client_of(dev), region, offset, &value, sizeof(value)))
		return UINT32_MAX;
	return value;
}

/* Not posted: when it returns, the device has done what the write asks for, as drivers expect of the next read. */
static void vfio_user_write32(struct bus_device *dev, unsigned region, uint64_t offset, uint32_t value)
{
	vu_client_write(client_of(dev), region, offset, &value, sizeof(value), false);
}

static void vfio_user_fill32(struct bus_device *dev, unsigned region, uint64_t offset, unsigned stride, unsigned count,
                             uint32_t value)
{
	struct vu_write_one writes[VU_WRITES_MAX];

	while (count) {
		unsigned n = count < VU_WRITES_MAX ? count : VU_WRITES_MAX;

		for (unsigned i = 0; i < n; i++, offset += stride)
			writes[i] = (struct vu_write_one){
				.offset = offset, .region = region, .count = sizeof(value), .data = value
			};
		vu_client_write_multi(client_of(dev), writes, n);
		count -= n;
	}
}

static volatile void *vfio_user_map(struct bus_device *dev, unsigned region, uint64_t offset, uint64_t size)
{
	const struct vfio_user_device *d = vfio_user_device(dev);

	return bus_area_find(d->mapped[region].areas, d->mapped[region].count, offset, size);
}

static int vfio_user_irq_set(struct bus_device *dev, enum bus_irq irq, unsigned first, unsigned count, const int *fds)
{
	return vu_client_set_irqs(client_of(dev), irq, first, count, fds);
}

static int vfio_user_irq_unmask(struct bus_device *dev, enum bus_irq irq)
{
	return vu_client_unmask_irq(client_of(dev), irq);
}

static unsigned vfio_user_alarms(const struct bus_device *dev, struct bus_alarm alarms[BUS_ALARMS])
{
	alarms[0] =
	    (struct bus_alarm){ .fd = vu_client_fd(container_of(dev, const struct vfio_user_device, dev)->client),
		                .events = EPOLLRDHUP };
	return 1;
}

static int vfio_user_domain_map(struct bus_domain *domain, uint64_t iova, const struct weir_mem_chunk *chunk, void *at)
{
	struct vfio_user_device *d = container_of(domain, struct vfio_user_device, domain);

	(void)at;
	return vu_client_dma_map(d->client, iova, chunk->size, VU_DMA_READABLE | VU_DMA_WRITEABLE, chunk->fd, 0);
}

static int vfio_user_domain_unmap(struct bus_domain *domain, uint64_t iova, uint64_t size)
{
	return vu_client_dma_unmap(container_of(domain, struct vfio_user_device, domain)->client, iova, size);
}

static void vfio_user_close(struct bus_device *dev)
{
	struct vfio_user_device *d = vfio_user_device(dev);

	if (!vfio_user_gone(dev))
		vfio_user_reset(dev);
	for (unsigned r = 0; r < BUS_REGIONS; r++)
		for (unsigned i = 0; i < d->mapped[r].count; i++)
			munmap(d->mapped[r].areas[i].at, d->mapped[r].areas[i].size);
	vu_client_close(d->client);
	bus_domain_destroy(&d->domain);
	free(d);
}

static const struct bus_ops vfio_user_ops = {
	.name = "vfio-user",
	.close = vfio_user_close,
	.gone = vfio_user_gone,
	.reset = vfio_user_reset,
	.config_read = vfio_user_config_read,
	.config_write = vfio_user_config_write,
	.read32 = vfio_user_read32,
	.write32 = vfio_user_write32,
	.fill32 = vfio_user_fill32,
	.map = vfio_user_map,
	.irq_set = vfio_user_irq_set,
	.irq_unmask = vfio_user_irq_unmask,
	.alarms = vfio_user_alarms,
};

static const struct bus_domain_ops vfio_user_domain_ops = {
	.map = vfio_user_domain_map,
	.unmap = vfio_user_domain_unmap,
};

/* --- opening ---------------------------------------------------------------------------------------------------------- */

/* Maps what may be mapped of a region. A mapping that fails costs speed only: the area is used by message then. */
static void map_areas(struct vfio_user_device *d, unsigned index, const struct vu_region *region)
{
	int protection = (region->flags & VFIO_REGION_INFO_FLAG_READ ? PROT_READ : 0) |
	                 (region->flags & VFIO_REGION_INFO_FLAG_WRITE ? PROT_WRITE : 0);

	for (unsigned i = 0; i < region->area_count; i++) {
		struct bus_area area = { .offset = region->areas[i].offset, .size = region->areas[i].size };

		area.at =
		    mmap(NULL, area.size, protection, MAP_SHARED, region->fd, (off_t)(region->fd_offset + area.offset));
		if (area.at == MAP_FAILED)
			weir_log(d->dev.weir, WEIR_LOG_WARNING,
			         "%s: region %u cannot be mapped at 0x%llx (%s); it is slower by message", d->dev.name,
			         index, (unsigned long long)area.offset, strerror(errno));
		else
			d->mapped[index].areas[d->mapped[index].count++] = area;
	}
}

static int read_regions(struct vfio_user_device *d)
{
	struct vu_region region;
	int err;

	for (unsigned i = 0; i < BUS_REGIONS; i++) {
		err = vu_client_region(d->client, i, &region);
		if (err)
			return err;
		d->dev.regions[i].size = region.size;
		if (region.fd >= 0) {
			map_areas(d, i, &region);
			close(region.fd);
		}
	}
	return 0;
}

static int read_irqs(struct vfio_user_device *d)
{
	struct vfio_irq_info info;
	int err;

	for (unsigned i = 0; i < BUS_IRQ_COUNT; i++) {
		err = vu_client_irq(d->client, i, &info);
		if (err)
			return err;
		d->dev.irq_count[i] = info.count;
	}
	return 0;
}

static int read_identity(struct vfio_user_device *d)
{
	struct bus_device *dev = &d->dev;
	uint32_t id, class_revision, subsystem;
	int err;

	err = vfio_user_config_read(dev, 0x00, 4, &id);
	if (!err)
		err = vfio_user_config_read(dev, 0x08, 4, &class_revision);
	if (!err)
		err = vfio_user_config_read(dev, 0x2c, 4, &subsystem);
	if (err)
		return err;
	dev->vendor = (uint16_t)id;
	dev->device = (uint16_t)(id >> 16);
	dev->revision = (uint8_t)class_revision;
	dev->subvendor = (uint16_t)subsystem;
	dev->subdevice = (uint16_t)(subsystem >> 16);
	dev->node = -1;
	return 0;
}

static int check_device(struct vfio_user_device *d)
{
	struct vfio_device_info info;
	int err;

	err = vu_client_device(d->client, &info);
	if (err)
		return err;
	d->resets = info.flags & VFIO_DEVICE_FLAGS_RESET;
	if (!(info.flags & VFIO_DEVICE_FLAGS_PCI) || info.num_regions <= VFIO_PCI_CONFIG_REGION_INDEX ||
	    info.num_irqs <= VFIO_PCI_REQ_IRQ_INDEX)
		return weir_fail(d->dev.weir, -ENODEV, "%s serves something that is no PCI device", d->dev.name);
	return 0;
}

/* Takes a connected client and learns what the device is. */
static int adopt(struct weir *weir, struct vfio_user_device *d, const char *name, struct bus_device **dev)
{
	int err;

	bus_domain_init(&d->domain, weir, &vfio_user_domain_ops);
	d->dev.ops = &vfio_user_ops;
	d->dev.weir = weir;
	d->dev.domain = &d->domain;
	snprintf(d->dev.name, sizeof(d->dev.name), "%s", name);
	err = check_device(d);
	if (!err && d->resets)
		err = vfio_user_reset(&d->dev); /* what another program did with it, if its server lets that be */
	if (!err)
		err = read_identity(d);
	if (!err)
		err = read_regions(d);
	if (!err)
		err = read_irqs(d);
	if (err) {
		vfio_user_close(&d->dev);
		return err;
	}
	*dev = &d->dev;
	return 0;
}

int bus_vfio_user_open(struct weir *weir, const char *path, struct bus_device **dev)
{
	struct vfio_user_device *d = calloc(1, sizeof(*d));
	int err;

	*dev = NULL;
	if (!d)
		return weir_fail(weir, -ENOMEM, "%s: no memory for a device", path);
	err = vu_client_connect(weir, path, NULL, NULL, &d->client);
	if (err) {
		free(d);
		return err;
	}
	return adopt(weir, d, path, dev);
}

int bus_vfio_user_open_fd(struct weir *weir, int fd, const char *name, struct bus_device **dev)
{
	struct vfio_user_device *d = calloc(1, sizeof(*d));
	int err;

	*dev = NULL;
	if (!d) {
		close(fd);
		return weir_fail(weir, -ENOMEM, "%s: no memory for a device", name);
	}
	err = vu_client_open(weir, fd, name, NULL, NULL, &d->client);
	if (err) {
		free(d);
		return err;
	}
	return adopt(weir, d, name, dev);
}
