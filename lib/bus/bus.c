/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is the same on every bus.
 */
#include "bus/bus.h"

void bus_doorbell(struct bus_device *dev, unsigned region, uint32_t offset, struct bus_doorbell *bell)
{
	bell->at = dev->ops->map(dev, region, offset, sizeof(uint32_t));
	bell->dev = dev;
	bell->region = region;
	bell->offset = offset;
}

static int chunk_added(struct arena_watcher *watcher, const struct weir_mem_chunk *chunk, void *at)
{
	struct bus_device *dev = container_of(watcher, struct bus_device, watcher);

	return dev->ops->dma_map(dev, BUS_IOVA_BASE + chunk->offset, chunk, at);
}

static void chunk_removed(struct arena_watcher *watcher, const struct weir_mem_chunk *chunk)
{
	struct bus_device *dev = container_of(watcher, struct bus_device, watcher);

	dev->ops->dma_unmap(dev, BUS_IOVA_BASE + chunk->offset, chunk->size);
}

int bus_attach(struct bus_device *dev)
{
	dev->watcher.added = chunk_added;
	dev->watcher.removed = chunk_removed;
	return arena_watch(dev->weir, &dev->watcher);
}

void bus_detach(struct bus_device *dev)
{
	arena_unwatch(dev->weir, &dev->watcher);
}
