/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tests of weir.ko where the machine keeps devices from less: u is behind an IOMMU that does not remap interrupts, and so is
 * the card v, which has MSI-X; no IOMMU stands before the device named by ROLE_free. Roles that only such a guest has.
 */
#include "rig.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ALLOW "/sys/module/weir/parameters/allow_unsafe_interrupts"

static bool is_tainted(void)
{
	char text[32];

	file_read("/proc/sys/kernel/tainted", text, sizeof(text));
	return strtoul(text, NULL, 10) & 1u << 6;
}

static void forgers_are_refused(void)
{
	int dev = must_open("u");

	need(!(dev_info(dev).flags & WEIR_DEV_ISOLATED_MSI), "it is said to be isolated");
	want("WEIR_ATTACH", attach(dev, WEIR_DOMAIN_NEW, 0, 0, NULL), -EPERM);
	need(!is_tainted(), "the kernel is tainted, though nothing was given out");
	want("allowing it", as_root(ALLOW, "1"), 0);
	must_attach(dev, WEIR_DOMAIN_NEW, 0);
	want("forbidding it", as_root(ALLOW, "0"), 0);
	need(is_tainted(), "the kernel is not tainted");
	want("a move when it is forbidden again", attach(dev, WEIR_DOMAIN_NEW, WEIR_ATTACH_REPLACE, 0, NULL), -EPERM);
}

/* Without remapping whoever writes the table of MSI-X can have the device write anything anywhere in the window. */
static void the_table_is_not_mapped(void)
{
	struct weir_dev_info info;
	unsigned at, bar;
	uint32_t offset;
	int dev = must_open("v");

	want("allowing it", as_root(ALLOW, "1"), 0);
	must_attach(dev, WEIR_DOMAIN_NEW, 0);
	want("forbidding it", as_root(ALLOW, "0"), 0);
	at = config_get(dev, 0x34, 1);
	while (at && config_get(dev, at, 1) != 0x11)
		at = config_get(dev, at + 1, 1);
	bar = config_get(dev, at + 4, 4) & 7;
	offset = config_get(dev, at + 4, 4) & ~7u;
	info = dev_info(dev);
	need(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, dev, (off_t)(info.regions[bar].offset + offset / PAGE * PAGE)) ==
	             MAP_FAILED &&
	         errno == EPERM,
	     "the page of the table can be mapped");
	need(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, dev, 0) != MAP_FAILED, "other registers cannot be mapped: %s",
	     strerror(errno));
}

/* Its file has another name, and is root's whatever its mode; and an ordinary user lacks the capability. */
static void nobody_gets_all_memory(void)
{
	char path[64];
	int dev;

	snprintf(path, sizeof(path), "/dev/weir/%s", role("free"));
	dev = open(path, O_RDWR | O_CLOEXEC);
	need(dev < 0 && errno == ENOENT, "it has the name of a device behind an IOMMU");
	snprintf(path, sizeof(path), "/dev/weir/noiommu-%s", role("free"));
	dev = open(path, O_RDWR | O_CLOEXEC);
	need(dev < 0 && errno == EPERM, "open: %s", dev < 0 ? strerror(errno) : "it is given to a user");
}

const struct kmod_case bare_cases[] = {
	{ "I6: a device that can forge interrupts is refused", forgers_are_refused },
	{ "I7: nor is the table of MSI-X mapped then", the_table_is_not_mapped },
	{ "I35: without an IOMMU a user gets nothing", nobody_gets_all_memory },
	{ NULL, NULL },
};
