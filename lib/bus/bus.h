/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A device, however it is reached. Internal.
 *
 * A bus opens a device and gives it as a struct bus_device: its identity, its regions (PCI BARs), interrupts as
 * eventfds, DMA mappings, reset. Drivers see nothing else of the bus. Control registers go through bus_read32() and
 * bus_write32(), which work on regions that are not mapped, too; doorbells are plain pointers where the bus can map
 * their page, and fall back to the same calls where it cannot (struct bus_doorbell).
 *
 * Memory: a device behind an IOMMU sees the arena at IOVA = BUS_IOVA_BASE + arena offset; without one it sees physical
 * addresses, by a table of 2 MiB pages (bus_iova()). Every chunk of the arena is mapped before anyone can use it;
 * bus_attach() and the arena's watcher list see to that.
 */
#ifndef BUS_BUS_H
#define BUS_BUS_H

#include "mem/mem.h"

#define BUS_IOVA_BASE GIB(4) /* fits 39-bit IOMMUs, stays clear of the MSI window */
#define BUS_REGIONS   6      /* PCI BARs */
#define BUS_PAGE      MIB(2) /* no buffer and no ring crosses a boundary of such pages */

enum bus_irq { BUS_IRQ_INTX, BUS_IRQ_MSI, BUS_IRQ_MSIX, BUS_IRQ_ERROR, BUS_IRQ_REQUEST, BUS_IRQ_COUNT };

struct bus_device;

#define BUS_ALARMS 2u

struct bus_alarm {
	int fd;
	uint32_t events; /* of epoll */
};

struct bus_ops {
	const char *name; /* "vfio-user" */
	void (*close)(struct bus_device *dev);
	bool (*gone)(const struct bus_device *dev);

	/*
	 * Resets the function, or -ENOTSUP. A bus sees to it that a device is reset when it is opened and when it is
	 * closed; of vfio's and weir.ko's devices the kernel does that.
	 */
	int (*reset)(struct bus_device *dev);

	/* PCI config space; @size is 1, 2 or 4. */
	int (*config_read)(struct bus_device *dev, unsigned offset, unsigned size, uint32_t *value);
	int (*config_write)(struct bus_device *dev, unsigned offset, unsigned size, uint32_t value);

	/* A register of a region. A device that is gone reads as all ones, and writes are forgotten. */
	uint32_t (*read32)(struct bus_device *dev, unsigned region, uint64_t offset);
	void (*write32)(struct bus_device *dev, unsigned region, uint64_t offset, uint32_t value);

	/* Optional: the same value to @count registers, @stride bytes apart, where one by one is slow. */
	void (*fill32)(struct bus_device *dev, unsigned region, uint64_t offset, unsigned stride, unsigned count,
	               uint32_t value);

	/* The address of [offset, offset + size) of a region if the bus has it mapped, else NULL. */
	volatile void *(*map)(struct bus_device *dev, unsigned region, uint64_t offset, uint64_t size);

	/*
	 * Connects interrupts @first.. of kind @irq to @count eventfds (-1: none); @count 0 disconnects all of that kind.
	 * bus_irq_count says how many there are. unmask is for INTx, which masks itself when it fires.
	 */
	int (*irq_set)(struct bus_device *dev, enum bus_irq irq, unsigned first, unsigned count, const int *fds);
	int (*irq_unmask)(struct bus_device *dev, enum bus_irq irq);

	/* Optional: where no eventfd can be connected to INTx, the descriptor that becomes readable when it fires. */
	int (*irq_fd)(const struct bus_device *dev);

	/* Optional: what is to be waited for, beside interrupts: it tells that the device goes away or is broken. */
	unsigned (*alarms)(const struct bus_device *dev, struct bus_alarm alarms[BUS_ALARMS]);

	/* Optional: whether it was told of an error of the device since the last call. */
	bool (*failed)(struct bus_device *dev);
};

/*
 * What devices see of memory: an address space that one or more of them share. It holds all of the arena from the first
 * bus_attach() to the last bus_detach(); each chunk is mapped once, however many devices there are.
 */
struct bus_domain;

struct bus_domain_ops {
	/* Makes a chunk that lies @at known, and forgets it; after unmap returns no device can reach it. */
	int (*map)(struct bus_domain *domain, uint64_t iova, const struct weir_mem_chunk *chunk, void *at);
	int (*unmap)(struct bus_domain *domain, uint64_t iova, uint64_t size);
};

struct bus_domain {
	const struct bus_domain_ops *ops;
	struct weir *weir;
	pthread_mutex_t lock;
	unsigned attached;     /* devices */
	const uint64_t *pages; /* NULL: the arena lies at BUS_IOVA_BASE; else where each BUS_PAGE of it lies */
	struct arena_watcher watcher;
	bool own;                /* one device's or one group's, by its own wish: no others join */
	bool joint;              /* other processes' too, each of which maps its own memory in it */
	struct bus_domain *next; /* in weir->domains */
};

void bus_domain_init(struct bus_domain *domain, struct weir *weir, const struct bus_domain_ops *ops);
void bus_domain_destroy(struct bus_domain *domain);

/*
 * Among the domains of the context: puts @domain there, takes it away, finds the one that devices share. With weir->lock
 * held.
 */
void bus_domain_link(struct bus_domain *domain, bool own);
void bus_domain_unlink(struct bus_domain *domain);
struct bus_domain *bus_domain_find(struct weir *weir, const struct bus_domain_ops *ops);

struct bus_region {
	uint64_t size; /* 0: there is none */
};

/* The head of every bus's device struct. */
struct bus_device {
	const struct bus_ops *ops;
	struct weir *weir;
	char name[64]; /* what messages call it */
	uint16_t vendor, device, subvendor, subdevice;
	uint8_t revision;
	int node; /* NUMA node, -1: not known */
	struct bus_region regions[BUS_REGIONS];
	unsigned irq_count[BUS_IRQ_COUNT];
	struct bus_domain *domain; /* what it sees of memory, once it is attached */
};

/* Where devices see the byte at arena offset @offset, with the @pages of their domain. */
static inline uint64_t bus_iova(const uint64_t *pages, uint64_t offset)
{
	return likely(!pages) ? BUS_IOVA_BASE + offset : pages[offset / BUS_PAGE] + offset % BUS_PAGE;
}

/* A part of a region that is mapped. */
struct bus_area {
	uint64_t offset, size;
	uint8_t *at;
};

/* Where [offset, offset + size) of a region is, if one of its @count areas has it all, else NULL. */
static inline volatile void *bus_area_find(const struct bus_area *areas, unsigned count, uint64_t offset, uint64_t size)
{
	for (unsigned i = 0; i < count; i++)
		if (offset >= areas[i].offset && offset - areas[i].offset < areas[i].size &&
		    size <= areas[i].size - (offset - areas[i].offset))
			return areas[i].at + (offset - areas[i].offset);
	return NULL;
}

/* Puts memory in the place of registers of a device that is gone: what threads still write there reaches no device. */
void bus_areas_part(const struct bus_area *areas, unsigned count);

/* A register that the data path writes. */
struct bus_doorbell {
	volatile uint32_t *at; /* NULL: the page is not mapped */
	struct bus_device *dev;
	uint32_t region;
	uint32_t offset;
};

static inline uint32_t bus_read32(struct bus_device *dev, unsigned region, uint64_t offset)
{
	return dev->ops->read32(dev, region, offset);
}

static inline void bus_write32(struct bus_device *dev, unsigned region, uint64_t offset, uint32_t value)
{
	dev->ops->write32(dev, region, offset, value);
}

static inline void bus_fill32(struct bus_device *dev, unsigned region, uint64_t offset, unsigned stride, unsigned count,
                              uint32_t value)
{
	if (dev->ops->fill32)
		dev->ops->fill32(dev, region, offset, stride, count, value);
	else
		for (unsigned i = 0; i < count; i++)
			bus_write32(dev, region, offset + (uint64_t)i * stride, value);
}

/* Rings: everything written to memory before is visible to the device first. */
static inline void bus_ring_doorbell(const struct bus_doorbell *bell, uint32_t value)
{
	if (likely(bell->at != NULL))
		__atomic_store_n(bell->at, value, __ATOMIC_RELEASE);
	else
		bus_write32(bell->dev, bell->region, bell->offset, value);
}

/* Fills @bell for a register. */
void bus_doorbell(struct bus_device *dev, unsigned region, uint32_t offset, struct bus_doorbell *bell);

/* True when the device was unplugged or its server died: nothing reaches it any more. */
static inline bool bus_gone(const struct bus_device *dev)
{
	return dev->ops->gone(dev);
}

/* Lets the device use memory, or not: bus mastering in config space. Its registers answer from then on. */
int bus_set_master(struct bus_device *dev, bool on);

/* Closes the device, which must be detached. */
static inline void bus_close(struct bus_device *dev)
{
	dev->ops->close(dev);
}

/* Maps all of the arena for the device, now and as it grows; undone by bus_detach(). Returns 0 or -errno. */
int bus_attach(struct bus_device *dev);
void bus_detach(struct bus_device *dev);

#endif
