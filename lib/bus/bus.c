/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is the same on every bus.
 */
#include "bus/bus.h"

#include <sys/mman.h>

void bus_doorbell(struct bus_device *dev, unsigned region, uint32_t offset, struct bus_doorbell *bell)
{
	bell->at = dev->ops->map(dev, region, offset, sizeof(uint32_t));
	bell->dev = dev;
	bell->region = region;
	bell->offset = offset;
}

void bus_areas_part(const struct bus_area *areas, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		(void)mmap(areas[i].at, areas[i].size, PROT_READ | PROT_WRITE,
		           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

/* Whether somebody else has mapped it there. */
static bool is_mapped(const struct bus_domain *domain, const struct weir_mem_chunk *chunk)
{
	return domain->joint && chunk->borrowed;
}

static int chunk_added(struct arena_watcher *watcher, const struct weir_mem_chunk *chunk, void *at)
{
	struct bus_domain *domain = container_of(watcher, struct bus_domain, watcher);

	return is_mapped(domain, chunk) ? 0 : domain->ops->map(domain, BUS_IOVA_BASE + chunk->offset, chunk, at);
}

static void chunk_removed(struct arena_watcher *watcher, const struct weir_mem_chunk *chunk)
{
	struct bus_domain *domain = container_of(watcher, struct bus_domain, watcher);

	if (!is_mapped(domain, chunk))
		domain->ops->unmap(domain, BUS_IOVA_BASE + chunk->offset, chunk->size);
}

void bus_domain_init(struct bus_domain *domain, struct weir *weir, const struct bus_domain_ops *ops)
{
	domain->ops = ops;
	domain->weir = weir;
	domain->attached = 0;
	domain->pages = NULL;
	domain->joint = false;
	domain->watcher = (struct arena_watcher){ .added = chunk_added, .removed = chunk_removed };
	pthread_mutex_init(&domain->lock, NULL);
}

void bus_domain_destroy(struct bus_domain *domain)
{
	pthread_mutex_destroy(&domain->lock);
}

void bus_domain_link(struct bus_domain *domain, bool own)
{
	domain->own = own;
	domain->next = domain->weir->domains;
	domain->weir->domains = domain;
}

void bus_domain_unlink(struct bus_domain *domain)
{
	for (struct bus_domain **link = &domain->weir->domains; *link; link = &(*link)->next) {
		if (*link == domain) {
			*link = domain->next;
			return;
		}
	}
}

struct bus_domain *bus_domain_find(struct weir *weir, const struct bus_domain_ops *ops)
{
	struct bus_domain *domain = weir->domains;

	while (domain && (domain->ops != ops || domain->own))
		domain = domain->next;
	return domain;
}

int bus_attach(struct bus_device *dev)
{
	struct bus_domain *domain = dev->domain;
	int err = 0;

	pthread_mutex_lock(&domain->lock);
	if (!domain->attached)
		err = arena_watch(domain->weir, &domain->watcher);
	if (!err)
		domain->attached++;
	pthread_mutex_unlock(&domain->lock);
	return err;
}

void bus_detach(struct bus_device *dev)
{
	struct bus_domain *domain = dev->domain;

	pthread_mutex_lock(&domain->lock);
	if (--domain->attached == 0)
		arena_unwatch(domain->weir, &domain->watcher);
	pthread_mutex_unlock(&domain->lock);
}

#define PCI_COMMAND        0x04u
#define PCI_COMMAND_MEMORY 0x0002u
#define PCI_COMMAND_MASTER 0x0004u

int bus_set_master(struct bus_device *dev, bool on)
{
	uint32_t command;
	int err;

	err = dev->ops->config_read(dev, PCI_COMMAND, 2, &command);
	if (err)
		return err;
	command = on ? command | PCI_COMMAND_MASTER : command & ~PCI_COMMAND_MASTER;
	return dev->ops->config_write(dev, PCI_COMMAND, 2, command | PCI_COMMAND_MEMORY);
}
