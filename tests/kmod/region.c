/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tests of weir.ko: registers, mapped and not, and config space.
 */
#include "rig.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static sigjmp_buf back;

static void on_bus_error(int signal)
{
	(void)signal;
	siglongjmp(back, 1);
}

/* Whether an access to @at is a SIGBUS. */
static bool is_dead(const volatile uint32_t *at)
{
	struct sigaction action = { .sa_handler = on_bus_error }, old;
	bool dead = true;

	sigaction(SIGBUS, &action, &old);
	if (!sigsetjmp(back, 1)) {
		(void)*at;
		dead = false;
	}
	sigaction(SIGBUS, &old, NULL);
	return dead;
}

static volatile uint32_t *map_bar(int dev, uint64_t offset, size_t length)
{
	void *at = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, dev, (off_t)offset);

	return at == MAP_FAILED ? NULL : at;
}

static bool is_edu(const volatile uint32_t *at)
{
	return (*at & 0xff) == 0xed;
}

static void mappings_come_and_go(void)
{
	int dev = must_open("a"), domain = must_attach(dev, WEIR_DOMAIN_NEW, 0);
	volatile uint32_t *at = map_bar(dev, 0, PAGE), *other;

	need(at && is_edu(at), "the registers are not there");
	must_attach(dev, WEIR_DOMAIN_NONE, WEIR_ATTACH_REPLACE);
	need(is_dead(at), "a detached device's registers answer");
	must_attach(dev, domain, 0);
	need(!is_dead(at) && is_edu(at), "they are not back after an attach");
	must_attach(dev, WEIR_DOMAIN_NEW, WEIR_ATTACH_REPLACE);
	need(!is_dead(at) && is_edu(at), "they are not back after a move");
	other = map_bar(dev, 0, PAGE);
	munmap((void *)(uintptr_t)at, PAGE);
	need(other && is_edu(other), "a second mapping went with the first");
	close(dev);
	need(is_edu(other), "a mapping ended with the file, which it keeps open");
	want("open while a mapping keeps it open", try_open("a"), -EBUSY);
	munmap((void *)(uintptr_t)other, PAGE);
	close(must_open("a"));
}

static void resets_under_a_mapping(void)
{
	int dev = must_open("r");
	struct weir_reset said;
	volatile uint32_t *at;
	char path[96];

	must_attach(dev, WEIR_DOMAIN_NEW, 0);
	master(dev, true);
	at = map_bar(dev, 0, PAGE);
	need(at && is_edu(at), "the registers are not there");
	want("WEIR_RESET", reset(dev, &said), 0);
	need(!is_dead(at) && is_edu(at), "they are not back after WEIR_RESET");
	master(dev, true);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/reset", role("r"));
	want("a reset by sysfs", as_root(path, "1"), 0);
	need(!is_dead(at) && is_edu(at), "they are not back after a reset by sysfs");
	need(!(config_real("r", COMMAND, 2) & COMMAND_MASTER), "bus mastering is on after it");
	need(dev_info(dev).flags & WEIR_DEV_ATTACHED, "it is not attached after it");
}

static void want_no_map(const char *what, int dev, uint64_t offset, size_t length, int flags, int error)
{
	void *at = mmap(NULL, length, PROT_READ, flags, dev, (off_t)offset);

	need(at == MAP_FAILED && errno == error, "%s: %s", what, at == MAP_FAILED ? strerror(errno) : "it was mapped");
}

static void mappings_have_bounds(void)
{
	int dev = must_open("a");
	uint64_t size;
	uint32_t value;

	must_attach(dev, WEIR_DOMAIN_NEW, 0);
	size = dev_info(dev).regions[0].size;
	need(size == 0x100000, "BAR 0 is of %llx bytes", (unsigned long long)size);
	need(dev_info(dev).regions[0].flags & WEIR_REGION_MMAP, "it cannot be mapped");
	need(dev_info(dev).regions[1].size == 0, "there is a BAR 1");
	need(map_bar(dev, 0, size) != NULL, "all of it cannot be mapped");
	need(map_bar(dev, size - PAGE, PAGE) != NULL, "its last page cannot be mapped");
	want_no_map("a page more", dev, 0, size + PAGE, MAP_SHARED, EINVAL);
	want_no_map("behind its end", dev, size, PAGE, MAP_SHARED, EINVAL);
	want_no_map("reaching out of it", dev, size - PAGE, 2 * PAGE, MAP_SHARED, EINVAL);
	want_no_map("far away", dev, 1ull << 39, PAGE, MAP_SHARED, EINVAL);
	want_no_map("privately", dev, 0, PAGE, MAP_PRIVATE, EINVAL);
	want_no_map("a BAR that is not there", dev, WEIR_REGION_OFFSET(1), PAGE, MAP_SHARED, EINVAL);
	want_no_map("config space", dev, WEIR_REGION_OFFSET(7), PAGE, MAP_SHARED, EINVAL);
	want_no_map("no region", dev, WEIR_REGION_OFFSET(100), PAGE, MAP_SHARED, EINVAL);
	want("pread at its end", pread(dev, &value, 4, (off_t)size - 4), 0);
	want("pread over its end", pread(dev, &value, 4, (off_t)size - 2), -EINVAL);
	want("pread behind its end", pread(dev, &value, 4, (off_t)size), -EINVAL);
	want("pread of no region", pread(dev, &value, 4, (off_t)WEIR_REGION_OFFSET(6)), -EINVAL);
	want("pread far away", pread(dev, &value, 4, INT64_MAX - 3), -EINVAL);
}

/* A BAR smaller than a page shares the page with somebody else's. */
static void small_bars_are_not_mapped(void)
{
	int dev = must_open("t");
	uint8_t value;

	must_attach(dev, WEIR_DOMAIN_NEW, 0);
	for (unsigned i = 0; i < 6; i++) {
		struct weir_region region = dev_info(dev).regions[i];

		if (!region.size || region.size >= PAGE)
			continue;
		need(!(region.flags & WEIR_REGION_MMAP), "BAR %u of %llu bytes can be mapped", i, region.size);
		want_no_map("a part of a page", dev, region.offset, PAGE, MAP_SHARED, EINVAL);
		want("pread", pread(dev, &value, 1, (off_t)region.offset), 0);
		return;
	}
	skip("its BARs are all of whole pages");
}

/* The table of MSI-X by read and write: there is nothing to see, and nothing to be written. */
static void the_table_is_not_touched(void)
{
	int dev = must_open("x");
	unsigned at, bar;
	uint32_t word, offset, value = 0xfee00000;
	volatile uint32_t *mapped;
	off_t table;

	need(dev_info(dev).vectors[WEIR_IRQ_MSIX] > 0, "it has no MSI-X");
	must_attach(dev, WEIR_DOMAIN_NEW, 0);
	at = config_get(dev, 0x34, 1);
	while (at && config_get(dev, at, 1) != 0x11)
		at = config_get(dev, at + 1, 1);
	word = config_get(dev, at + 4, 4);
	bar = word & 7;
	offset = word & ~7u;
	table = (off_t)(WEIR_REGION_OFFSET(bar) + offset);
	want("pwrite", pwrite(dev, &value, 4, table), 0);
	want("pread", pread(dev, &value, 4, table), 0);
	need(value == 0xffffffff, "it reads %08x", value);
	need(dev_info(dev).flags & WEIR_DEV_ISOLATED_MSI, "it is not isolated");
	mapped = map_bar(dev, WEIR_REGION_OFFSET(bar) + (offset & ~(PAGE - 1)), PAGE);
	need(mapped != NULL, "with interrupt remapping its page may be mapped");
	need(mapped[offset % PAGE / 4] != 0xfee00000, "a write reached it");
}

static void config_space_is_filtered(void)
{
	int dev = must_open("a");
	uint32_t bar = config_real("a", 0x10, 4), command;

	must_attach(dev, WEIR_DOMAIN_NEW, 0);
	want("sizing BAR 0", config_set(dev, 0x10, 4, 0xffffffff), 0);
	need((config_get(dev, 0x10, 4) & ~0xfu) == 0xfff00000, "BAR 0 sizes to %08x", config_get(dev, 0x10, 4));
	need(config_real("a", 0x10, 4) == bar, "the BAR was moved");
	want("turning memory off", config_set(dev, COMMAND, 2, 0), 0);
	command = config_real("a", COMMAND, 2);
	need(command & 2, "COMMAND is %04x", command);
	want("writing the ids", config_set(dev, 0, 4, 0), 0);
	need(config_real("a", 0, 4) == 0x11e81234, "they were written");
	want("reading over its end", pread(dev, &bar, 4, (off_t)(WEIR_REGION_OFFSET(7) + 4094)), -EINVAL);
	want("a whole header at once", pread(dev, (char[64]){ 0 }, 64, (off_t)WEIR_REGION_OFFSET(7)), 0);
}

static void *resets(void *arg)
{
	int dev = *(int *)arg;
	struct weir_reset said;

	for (unsigned i = 0; i < 3; i++)
		reset(dev, &said);
	__atomic_store_n((int *)arg, -1, __ATOMIC_RELEASE);
	return NULL;
}

/* Whoever reads config space while the device is reset waits, and reads what is there. */
static void config_space_is_whole_during_resets(void)
{
	int dev = must_open("r"), running = dev;
	unsigned reads = 0;
	pthread_t thread;

	must_attach(dev, WEIR_DOMAIN_NEW, 0);
	pthread_create(&thread, NULL, resets, &running);
	while (__atomic_load_n(&running, __ATOMIC_ACQUIRE) >= 0) {
		need(config_get(dev, 0, 4) == 0x11e81234, "while it is reset its ids are %08x", config_get(dev, 0, 4));
		reads++;
	}
	pthread_join(thread, NULL);
	need(reads > 0, "nothing was read");
}

const struct kmod_case region_cases[] = {
	{ "I7: the table of MSI-X is not touched", the_table_is_not_touched },
	{ "I19: mapped registers come and go with the domain", mappings_come_and_go },
	{ "I19: they go before a reset, and are back after it", resets_under_a_mapping },
	{ "I20: mappings of registers have bounds", mappings_have_bounds },
	{ "I20: parts of pages are not mapped", small_bars_are_not_mapped },
	{ "I21: config space is filtered", config_space_is_filtered },
	{ "I22: config space is whole while the device is reset", config_space_is_whole_during_resets },
	{ NULL, NULL },
};
