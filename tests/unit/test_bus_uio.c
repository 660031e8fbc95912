/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Devices that no IOMMU stands before: through uio_pci_generic, on a kernel that is not there; and physical addresses.
 */
#include "fake_kernel.h"

#include "bus/physical.h"
#include "bus/uio.h"

#define ONE    "0000:01:00.0"
#define TWO    "0000:02:00.0"
#define FOLDER "/sys/bus/pci/devices/" ONE

static struct weir *weir;
static struct bus_device *one, *two;

static int open_uio(const char *name, struct bus_device **dev)
{
	struct weir_pci pci = fake_pci(name, -1);

	return bus_uio_open(weir, &pci, dev);
}

static void begin(void)
{
	fake_begin();
	fake_file("/sys/bus/pci/devices/0000:01:00.0/uio/uio5/event", 0);
	fake_file("/dev/uio5", 0);
	fake_file(FOLDER "/config", 256);
	fake_file(FOLDER "/resource0", FAKE_BAR);
	fake_file(FOLDER "/reset", 8);
	fake_poke(FOLDER "/config", 0, 0x100e8086);
	fake_poke(FOLDER "/config", 4, 0x0007); /* ports, memory, bus master */
	weir = open_weir();
}

static void end(void)
{
	CU_ASSERT_PTR_NULL(weir->domains);
	weir_close(weir);
	fake_end();
}

/* --- uio ------------------------------------------------------------------------------------------------------------------ */

static void it_is_quiet_when_opened_and_when_closed(void)
{
	begin();
	CU_ASSERT_EQUAL_FATAL(open_uio(ONE, &one), 0);
	CU_ASSERT_EQUAL(fake_peek(FOLDER "/config", 4), 0x0403); /* no bus master, INTx disabled */
	CU_ASSERT_EQUAL(fake_peek(FOLDER "/reset", 0), '1');
	fake_poke(FOLDER "/reset", 0, 0);
	CU_ASSERT_EQUAL(bus_set_master(one, true), 0);
	CU_ASSERT_EQUAL(fake_peek(FOLDER "/config", 4), 0x0407);
	bus_close(one);
	CU_ASSERT_EQUAL(fake_peek(FOLDER "/config", 4), 0x0403);
	CU_ASSERT_EQUAL(fake_peek(FOLDER "/reset", 0), '1');
	end();
}

static void registers_are_in_the_resource(void)
{
	struct bus_doorbell bell;

	begin();
	fake_poke(FOLDER "/resource0", 0x100, 0xc0ffee11);
	CU_ASSERT_EQUAL_FATAL(open_uio(ONE, &one), 0);
	CU_ASSERT_EQUAL(one->regions[0].size, FAKE_BAR);
	CU_ASSERT_EQUAL(bus_read32(one, 0, 0x100), 0xc0ffee11);
	bus_write32(one, 0, 0x104, 7);
	CU_ASSERT_EQUAL(fake_peek(FOLDER "/resource0", 0x104), 7);
	CU_ASSERT_EQUAL(bus_read32(one, 0, FAKE_BAR), UINT32_MAX);
	bus_doorbell(one, 0, 0x108, &bell);
	bus_ring_doorbell(&bell, 8);
	CU_ASSERT_EQUAL(fake_peek(FOLDER "/resource0", 0x108), 8);
	bus_close(one);
	end();
}

static void its_interrupt_is_its_file(void)
{
	const int fds[1] = { -1 };

	begin();
	CU_ASSERT_EQUAL_FATAL(open_uio(ONE, &one), 0);
	CU_ASSERT_EQUAL(one->irq_count[BUS_IRQ_INTX], 1);
	CU_ASSERT_EQUAL(one->irq_count[BUS_IRQ_MSIX], 0);
	CU_ASSERT(one->ops->irq_fd(one) >= 512); /* closed before the memory when the process is killed */
	CU_ASSERT_EQUAL(one->ops->irq_set(one, BUS_IRQ_MSIX, 0, 1, fds), -ENOTSUP);
	CU_ASSERT_EQUAL(one->ops->irq_set(one, BUS_IRQ_INTX, 0, 1, fds), 0);
	CU_ASSERT_EQUAL(fake_peek(FOLDER "/config", 4), 0x0003);
	fake_poke(FOLDER "/config", 4, 0x0403); /* as the kernel does when it fires */
	CU_ASSERT_EQUAL(one->ops->irq_unmask(one, BUS_IRQ_INTX), 0);
	CU_ASSERT_EQUAL(fake_peek(FOLDER "/config", 4), 0x0003);
	CU_ASSERT_EQUAL(one->ops->irq_set(one, BUS_IRQ_INTX, 0, 0, NULL), 0);
	CU_ASSERT_EQUAL(fake_peek(FOLDER "/config", 4), 0x0403);
	bus_close(one);
	end();
}

static void it_is_opened_once(void)
{
	begin();
	CU_ASSERT_EQUAL_FATAL(open_uio(ONE, &one), 0);
	bus_set_master(one, true);
	CU_ASSERT_EQUAL(open_uio(ONE, &two), -EBUSY);
	CU_ASSERT(error_says("another program"));
	CU_ASSERT_EQUAL(fake_peek(FOLDER "/config", 4), 0x0407); /* the first one's */
	bus_close(one);
	end();
}

static void a_device_without_its_files_is_refused(void)
{
	begin();
	CU_ASSERT_EQUAL(open_uio(TWO, &two), -ENOENT);
	CU_ASSERT(error_says("cannot be used through uio"));
	end();
}

static void a_device_that_was_pulled_out_is_not_touched(void)
{
	struct bus_doorbell bell;

	begin();
	CU_ASSERT_EQUAL_FATAL(open_uio(ONE, &one), 0);
	bus_doorbell(one, 0, 0x108, &bell);
	CU_ASSERT(!bus_gone(one));
	fake_poke(FOLDER "/config", 0, UINT32_MAX);
	CU_ASSERT(bus_gone(one));
	fake_poke(FOLDER "/config", 0, 0x100e8086); /* another one, in the same place */
	CU_ASSERT(bus_gone(one));
	bus_write32(one, 0, 0x104, 7);
	bus_ring_doorbell(&bell, 8);
	CU_ASSERT_EQUAL(fake_peek(FOLDER "/resource0", 0x104), 0);
	CU_ASSERT_EQUAL(fake_peek(FOLDER "/resource0", 0x108), 0);
	CU_ASSERT_EQUAL(bus_read32(one, 0, 0x100), UINT32_MAX);
	bus_close(one);
	CU_ASSERT_EQUAL(fake_peek(FOLDER "/config", 4), 0x0403); /* as it was left when it was opened */
	end();
}

/* --- physical addresses --------------------------------------------------------------------------------------------------- */

static const struct bus_domain_ops physical_ops = { .map = physical_map, .unmap = physical_unmap };

/* Writes what /proc/self/pagemap says of the page at @at. */
static void pagemap_write(uintptr_t at, uint64_t entry)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/proc/self/pagemap", fake.root);
	file = fopen(path, "r+");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	CU_ASSERT_EQUAL(fseeko(file, (off_t)(at / (uintptr_t)sysconf(_SC_PAGESIZE) * 8), SEEK_SET), 0);
	CU_ASSERT_EQUAL(fwrite(&entry, sizeof(entry), 1, file), 1);
	fclose(file);
}

static void pages_are_where_pagemap_says(void)
{
	const struct weir_mem_chunk chunk = { .offset = MIB(4), .size = MIB(4), .page_size = MIB(2), .fd = -1 };
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), pfn = MIB(2) / page;
	uint8_t *at = (uint8_t *)(uintptr_t)GIB(1);
	struct bus_domain domain;

	begin();
	fake_file("/proc/self/pagemap", 0);
	CU_ASSERT_EQUAL_FATAL(physical_init(&domain, weir, &physical_ops), 0);
	pagemap_write((uintptr_t)at, UINT64_C(1) << 63 | 1000 * pfn);
	pagemap_write((uintptr_t)at + MIB(2), UINT64_C(1) << 63 | UINT64_C(1) << 56 | 77 * pfn);
	CU_ASSERT_EQUAL(physical_map(&domain, BUS_IOVA_BASE + MIB(4), &chunk, at), 0);
	CU_ASSERT_EQUAL(bus_iova(domain.pages, MIB(4) + 64), 1000 * MIB(2) + 64);
	CU_ASSERT_EQUAL(bus_iova(domain.pages, MIB(8) - 1), 78 * MIB(2) - 1);
	CU_ASSERT_EQUAL(physical_unmap(&domain, BUS_IOVA_BASE + MIB(4), MIB(4)), 0);
	CU_ASSERT_EQUAL(domain.pages[2], 0);
	pagemap_write((uintptr_t)at, UINT64_C(1) << 63); /* what others than root are told */
	CU_ASSERT_EQUAL(physical_map(&domain, BUS_IOVA_BASE + MIB(4), &chunk, at), -EPERM);
	CU_ASSERT(error_says("only root"));
	physical_destroy(&domain);
	end();
}

static void small_pages_are_refused(void)
{
	const struct weir_mem_chunk chunk = { .offset = 0, .size = MIB(2), .page_size = KIB(4), .fd = -1 };
	struct bus_domain domain;

	begin();
	CU_ASSERT_EQUAL_FATAL(physical_init(&domain, weir, &physical_ops), 0);
	CU_ASSERT_EQUAL(physical_map(&domain, BUS_IOVA_BASE, &chunk, NULL), -ENOTSUP);
	CU_ASSERT(error_says("hugepages"));
	physical_destroy(&domain);
	end();
}

static const struct unit_case cases[] = {
	{ "it is quiet when it is opened, and when it is closed", it_is_quiet_when_opened_and_when_closed },
	{ "registers are in the resource", registers_are_in_the_resource },
	{ "its interrupt is its file", its_interrupt_is_its_file },
	{ "it is opened once", it_is_opened_once },
	{ "a device without its files is refused", a_device_without_its_files_is_refused },
	{ "a device that was pulled out is not touched", a_device_that_was_pulled_out_is_not_touched },
	{ "pages are where pagemap says", pages_are_where_pagemap_says },
	{ "small pages are refused", small_pages_are_refused },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("bus_uio", cases);
}
