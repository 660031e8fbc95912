/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Devices through vfio, by groups and by iommufds, on a kernel that is not there: what is asked of it, in which order, and
 * what the answers come to.
 */
#include "fake_kernel.h"

#include <sys/eventfd.h>

#define ONE "0000:01:00.0"
#define TWO "0000:02:00.0"

static struct weir *weir;
static struct bus_device *one, *two;

static int open_as(const char *name, int group, const struct bus_pci_conf *conf, struct bus_device **dev)
{
	struct weir_pci pci = fake_pci(name, group);

	return bus_vfio_open(weir, &pci, conf, dev);
}

static int open_group(const char *name, int group, bool own, struct bus_device **dev)
{
	return open_as(name, group, &(struct bus_pci_conf){ .own_domain = own }, dev);
}

static int open_file(const char *name, int group, bool own, struct bus_device **dev)
{
	struct weir_pci pci = fake_pci(name, group);

	return bus_iommufd_open(weir, &pci, &(struct bus_pci_conf){ .own_domain = own }, dev);
}

static void begin(void)
{
	fake_begin();
	fake_file("/dev/vfio/vfio", 0);
	fake_file("/dev/vfio/7", 0);
	fake_file("/dev/vfio/8", 0);
	fake_file("/device-" ONE, FAKE_SPACE + 256);
	fake_file("/device-" TWO, FAKE_SPACE + 256);
	fake.irq_count[BUS_IRQ_INTX] = fake.irq_count[BUS_IRQ_REQUEST] = fake.irq_count[BUS_IRQ_ERROR] = 1;
	fake.irq_count[BUS_IRQ_MSIX] = 4;
	weir = open_weir();
}

/* The same with what newer kernels have. */
static void begin_iommufd(void)
{
	begin();
	fake_file("/dev/iommu", 0);
	fake_file("/sys/bus/pci/devices/0000:01:00.0/vfio-dev/vfio3/dev", 0);
	fake_file("/sys/bus/pci/devices/0000:02:00.0/vfio-dev/vfio4/dev", 0);
	fake_file("/dev/vfio/devices/vfio3", FAKE_SPACE + 256);
	fake_file("/dev/vfio/devices/vfio4", FAKE_SPACE + 256);
}

static void end(void)
{
	CU_ASSERT_EQUAL(fake.maps, 0);
	CU_ASSERT_PTR_NULL(weir->domains);
	weir_close(weir);
	fake_end();
}

static void fire(int fd)
{
	uint64_t count = 1;

	CU_ASSERT_EQUAL(write(fd, &count, sizeof(count)), sizeof(count));
}

/* --- memory ------------------------------------------------------------------------------------------------------------- */

static void each_chunk_is_mapped_once(struct bus_device *first, struct bus_device *second)
{
	struct weir_pool *pool = make_pool(weir, 100, false), *later;
	unsigned chunks;

	CU_ASSERT_PTR_EQUAL(first->domain, second->domain);
	CU_ASSERT_EQUAL(bus_attach(first), 0);
	chunks = fake.maps;
	CU_ASSERT(chunks > 0);
	CU_ASSERT_EQUAL(bus_attach(second), 0);
	CU_ASSERT_EQUAL(fake.all_maps, chunks);
	CU_ASSERT_EQUAL(fake.map[0].iova, 0x100000000);
	CU_ASSERT_EQUAL(fake.map[0].at, (uintptr_t)weir_mem_base(weir));
	later = make_pool(weir, 4000, false); /* more than there is: the arena grows */
	CU_ASSERT(fake.maps > chunks);
	CU_ASSERT_EQUAL(fake.map[fake.maps - 1].iova - 0x100000000,
	                fake.map[fake.maps - 1].at - (uintptr_t)weir_mem_base(weir));
	bus_detach(first);
	CU_ASSERT(fake.maps > chunks);
	bus_detach(second);
	CU_ASSERT_EQUAL(fake.maps, 0);
	weir_pool_destroy(later);
	weir_pool_destroy(pool);
}

static void devices_share_a_container(void)
{
	begin();
	CU_ASSERT_EQUAL_FATAL(open_group(ONE, 7, false, &one), 0);
	CU_ASSERT_EQUAL_FATAL(open_group(TWO, 8, false, &two), 0);
	CU_ASSERT_EQUAL(fake.iommu, 3); /* VFIO_TYPE1v2_IOMMU */
	CU_ASSERT_EQUAL(fake.joined, 2);
	each_chunk_is_mapped_once(one, two);
	bus_close(one);
	bus_close(two);
	end();
}

static void a_container_of_its_own(void)
{
	begin();
	CU_ASSERT_EQUAL_FATAL(open_group(ONE, 7, true, &one), 0);
	CU_ASSERT_EQUAL_FATAL(open_group(TWO, 8, false, &two), 0);
	CU_ASSERT_PTR_NOT_EQUAL(one->domain, two->domain);
	bus_close(one);
	CU_ASSERT_EQUAL_FATAL(open_group(ONE, 7, true, &one), 0);
	CU_ASSERT_PTR_NOT_EQUAL(one->domain, two->domain);
	bus_close(one);
	bus_close(two);
	end();
}

static void devices_of_a_group_are_together(void)
{
	begin();
	CU_ASSERT_EQUAL_FATAL(open_group(ONE, 7, false, &one), 0);
	CU_ASSERT_EQUAL_FATAL(open_group(TWO, 7, true, &two), 0);
	CU_ASSERT_EQUAL(fake.opens, 1); /* of the group, which the kernel opens once */
	CU_ASSERT_PTR_EQUAL(one->domain, two->domain);
	CU_ASSERT_EQUAL(sentences.count[WEIR_LOG_WARNING], 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(sentences.last, "cannot tell them apart"));
	bus_close(one);
	CU_ASSERT_EQUAL_FATAL(open_group(ONE, 7, false, &one), 0);
	CU_ASSERT_EQUAL(fake.opens, 1);
	bus_close(two);
	bus_close(one);
	end();
}

static void a_group_that_is_in_use_is_refused(void)
{
	begin();
	fake.not_viable = 1;
	CU_ASSERT_EQUAL(open_group(ONE, 7, false, &one), -EBUSY);
	CU_ASSERT(error_says("other devices of IOMMU group 7"));
	end();
}

static void memory_that_cannot_be_locked_is_told_of(void)
{
	struct weir_pool *pool;

	begin();
	pool = make_pool(weir, 100, false);
	CU_ASSERT_EQUAL_FATAL(open_group(ONE, 7, false, &one), 0);
	fake.map_error = ENOMEM;
	CU_ASSERT_EQUAL(bus_attach(one), -ENOMEM);
	CU_ASSERT(error_says("RLIMIT_MEMLOCK"));
	fake.map_error = 0;
	CU_ASSERT_EQUAL(bus_attach(one), 0);
	fake.map_error = ENOMEM;
	CU_ASSERT_EQUAL(weir_pool_create(weir, &(struct weir_pool_conf){ .count = 4000 }, &pool), -ENOMEM);
	fake.map_error = 0;
	bus_detach(one);
	bus_close(one);
	end();
}

static void without_an_iommu_nothing_is_mapped(void)
{
	const struct bus_pci_conf conf = { .unsafe = true };
	struct weir_pool *pool;

	begin();
	fake_file("/dev/vfio/noiommu-9", 0);
	CU_ASSERT_EQUAL_FATAL(open_as(ONE, 9, &conf, &one), 0);
	CU_ASSERT_EQUAL(fake.iommu, 8); /* VFIO_NOIOMMU_IOMMU */
	CU_ASSERT_PTR_NOT_NULL(one->domain->pages);
	pool = make_pool(weir, 100, false);
	CU_ASSERT_EQUAL(bus_attach(one), -ENOTSUP); /* the arena is of 4 KiB pages */
	CU_ASSERT(error_says("hugepages"));
	CU_ASSERT_EQUAL(fake.all_maps, 0);
	weir_pool_destroy(pool);
	bus_close(one);
	end();
}

/* --- iommufd -------------------------------------------------------------------------------------------------------------- */

static void an_older_kernel_has_no_iommufd(void)
{
	begin();
	CU_ASSERT_EQUAL(open_file(ONE, 7, false, &one), -ENOENT);
	CU_ASSERT_EQUAL(fake.opens, 0);
	end();
}

static void devices_share_an_address_space(void)
{
	begin_iommufd();
	CU_ASSERT_EQUAL_FATAL(open_file(ONE, 7, false, &one), 0);
	CU_ASSERT_EQUAL_FATAL(open_file(TWO, 8, false, &two), 0);
	CU_ASSERT_EQUAL(fake.attached, 2);
	each_chunk_is_mapped_once(one, two);
	CU_ASSERT_EQUAL(bus_attach(one), 0);
	CU_ASSERT_EQUAL(fake.map[0].flags, 7); /* FIXED_IOVA, WRITEABLE, READABLE */
	CU_ASSERT_EQUAL(fake.map[0].ioas, 77);
	bus_detach(one);
	bus_close(one);
	bus_close(two);
	end();
}

static void an_iommufd_keeps_groups_together(void)
{
	int first;

	begin_iommufd();
	CU_ASSERT_EQUAL_FATAL(open_file(ONE, 7, true, &one), 0);
	first = fake.bound;
	CU_ASSERT_EQUAL_FATAL(open_file(TWO, 7, false, &two), 0);
	CU_ASSERT_EQUAL(fake.bound, first);
	CU_ASSERT_PTR_EQUAL(one->domain, two->domain);
	bus_close(two);
	CU_ASSERT_EQUAL_FATAL(open_file(TWO, 8, false, &two), 0);
	CU_ASSERT_NOT_EQUAL(fake.bound, first);
	bus_close(one);
	bus_close(two);
	end();
}

/* --- the device ----------------------------------------------------------------------------------------------------------- */

static void registers_and_config_space_are_in_the_file(void)
{
	struct bus_doorbell bell;
	uint32_t value;

	begin();
	fake_poke("/device-" ONE, 0x100, 0xc0ffee11);
	fake_poke("/device-" ONE, FAKE_SPACE, 0x10fb8086);
	CU_ASSERT_EQUAL_FATAL(open_group(ONE, 7, false, &one), 0);
	CU_ASSERT_EQUAL(one->regions[0].size, FAKE_BAR);
	CU_ASSERT_EQUAL(one->regions[1].size, 0);
	CU_ASSERT_EQUAL(bus_read32(one, 0, 0x100), 0xc0ffee11);
	bus_write32(one, 0, 0x104, 7);
	CU_ASSERT_EQUAL(fake_peek("/device-" ONE, 0x104), 7);
	bus_doorbell(one, 0, 0x108, &bell);
	CU_ASSERT_PTR_NOT_NULL(bell.at);
	bus_ring_doorbell(&bell, 8);
	CU_ASSERT_EQUAL(fake_peek("/device-" ONE, 0x108), 8);
	CU_ASSERT_EQUAL(one->ops->config_read(one, 2, 2, &value), 0);
	CU_ASSERT_EQUAL(value, 0x10fb);
	CU_ASSERT_EQUAL(bus_set_master(one, true), 0);
	CU_ASSERT_EQUAL(fake_peek("/device-" ONE, FAKE_SPACE + 4), 6);
	bus_close(one);
	end();
}

static void interrupts_become_eventfds(void)
{
	const struct fake_irq *msix = &fake.irqs[BUS_IRQ_MSIX], *intx = &fake.irqs[BUS_IRQ_INTX];
	const int fds[3] = { 100, 101, -1 };

	begin();
	CU_ASSERT_EQUAL_FATAL(open_group(ONE, 7, false, &one), 0);
	CU_ASSERT_EQUAL(one->irq_count[BUS_IRQ_MSIX], 4);
	CU_ASSERT_EQUAL(one->ops->irq_set(one, BUS_IRQ_MSIX, 1, 3, fds), 0);
	CU_ASSERT_EQUAL(msix->flags, 0x24); /* ACTION_TRIGGER, DATA_EVENTFD */
	CU_ASSERT_EQUAL(msix->start, 1);
	CU_ASSERT_EQUAL(msix->count, 3);
	CU_ASSERT_EQUAL(memcmp(msix->fds, fds, sizeof(fds)), 0);
	CU_ASSERT_EQUAL(one->ops->irq_set(one, BUS_IRQ_MSIX, 0, 0, NULL), 0);
	CU_ASSERT_EQUAL(msix->flags, 0x21); /* ACTION_TRIGGER, DATA_NONE, and a count of 0 */
	CU_ASSERT_EQUAL(msix->count, 0);
	CU_ASSERT_EQUAL(one->ops->irq_unmask(one, BUS_IRQ_INTX), 0);
	CU_ASSERT_EQUAL(intx->flags, 0x11); /* ACTION_UNMASK, DATA_NONE */
	CU_ASSERT_EQUAL(intx->count, 1);
	bus_close(one);
	end();
}

static void a_device_that_is_wanted_back_is_gone(void)
{
	struct bus_alarm alarms[BUS_ALARMS];
	struct bus_doorbell bell;
	uint32_t value;

	begin();
	CU_ASSERT_EQUAL_FATAL(open_group(ONE, 7, false, &one), 0);
	bus_doorbell(one, 0, 0x108, &bell);
	CU_ASSERT_EQUAL(one->ops->alarms(one, alarms), 2);
	CU_ASSERT(!bus_gone(one));
	fire(fake.irqs[BUS_IRQ_REQUEST].fds[0]);
	CU_ASSERT(bus_gone(one));
	CU_ASSERT(bus_gone(one));
	CU_ASSERT_EQUAL(bus_read32(one, 0, 0), UINT32_MAX);
	bus_write32(one, 0, 0x104, 7);
	bus_ring_doorbell(&bell, 8);
	CU_ASSERT_EQUAL(fake_peek("/device-" ONE, 0x104), 0);
	CU_ASSERT_EQUAL(fake_peek("/device-" ONE, 0x108), 0);
	CU_ASSERT_EQUAL(one->ops->config_read(one, 0, 2, &value), -ENODEV);
	CU_ASSERT_EQUAL(one->ops->config_write(one, 4, 2, 0), -ENODEV);
	CU_ASSERT_EQUAL(one->ops->irq_set(one, BUS_IRQ_MSIX, 0, 0, NULL), -ENODEV);
	bus_close(one);
	end();
}

static void an_error_on_the_bus_is_told_once(void)
{
	begin();
	CU_ASSERT_EQUAL_FATAL(open_group(ONE, 7, false, &one), 0);
	CU_ASSERT(!one->ops->failed(one));
	fire(fake.irqs[BUS_IRQ_ERROR].fds[0]);
	CU_ASSERT(one->ops->failed(one));
	CU_ASSERT(!one->ops->failed(one));
	CU_ASSERT(!bus_gone(one));
	bus_close(one);
	end();
}

static const struct unit_case cases[] = {
	{ "devices share a container, which maps each chunk once", devices_share_a_container },
	{ "a device has a container of its own, if it is to", a_container_of_its_own },
	{ "devices of a group are together, whatever they are to have", devices_of_a_group_are_together },
	{ "a group of which the kernel uses a device is refused", a_group_that_is_in_use_is_refused },
	{ "memory that cannot be locked is told of", memory_that_cannot_be_locked_is_told_of },
	{ "without an IOMMU nothing is mapped", without_an_iommu_nothing_is_mapped },
	{ "an older kernel has no iommufd", an_older_kernel_has_no_iommufd },
	{ "devices share the address space of an iommufd", devices_share_an_address_space },
	{ "an iommufd keeps groups together", an_iommufd_keeps_groups_together },
	{ "registers and config space are in the device's file", registers_and_config_space_are_in_the_file },
	{ "interrupts become eventfds", interrupts_become_eventfds },
	{ "a device that is wanted back is gone, and not touched", a_device_that_is_wanted_back_is_gone },
	{ "an error on the bus is told of once", an_error_on_the_bus_is_told_once },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("bus_vfio", cases);
}
