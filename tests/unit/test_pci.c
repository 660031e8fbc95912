/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PCI functions, read from trees that look like the kernel's; and the machine's own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bus/pci.h"
#include "sentences.h"
#include "unit.h"

static char root[64];

static void tree_make(void)
{
	snprintf(root, sizeof(root), "/tmp/weir-pci-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(root));
}

static void tree_remove(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", root);
	CU_ASSERT_EQUAL(system(command), 0);
}

static void folder_make(const char *path)
{
	char full[256];

	snprintf(full, sizeof(full), "%s/%s", root, path);
	CU_ASSERT_EQUAL_FATAL(mkdir(full, 0755), 0);
}

static void file_write(const char *path, const char *text)
{
	char full[256];
	FILE *file;

	snprintf(full, sizeof(full), "%s/%s", root, path);
	file = fopen(full, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	fputs(text, file);
	fclose(file);
}

static void link_make(const char *path, const char *target)
{
	char full[256];

	snprintf(full, sizeof(full), "%s/%s", root, path);
	CU_ASSERT_EQUAL_FATAL(symlink(target, full), 0);
}

/* An 82599 behind an IOMMU on node 1, bound to the kernel's driver, with virtual functions. */
static void card_make(const char *name)
{
	char path[64];

	folder_make(name);
#define FILE_OF(file, text) (snprintf(path, sizeof(path), "%s/" file, name), file_write(path, text))
	FILE_OF("vendor", "0x8086\n");
	FILE_OF("device", "0x10fb\n");
	FILE_OF("subsystem_vendor", "0x8086\n");
	FILE_OF("subsystem_device", "0x7a11\n");
	FILE_OF("class", "0x020000\n");
	FILE_OF("revision", "0x01\n");
	FILE_OF("numa_node", "1\n");
	FILE_OF("sriov_numvfs", "2\n");
	FILE_OF("sriov_totalvfs", "63\n");
	FILE_OF("resource", "0x00000000fb080000 0x00000000fb0fffff 0x000000000014220c\n"
	                    "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
	                    "0x000000000000e020 0x000000000000e03f 0x0000000000040101\n"
	                    "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
	                    "0x00000000fb104000 0x00000000fb107fff 0x000000000014220c\n"
	                    "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
	                    "0x00000000fb000000 0x00000000fb07ffff 0x0000000000046200\n");
#undef FILE_OF
	snprintf(path, sizeof(path), "%s/iommu_group", name);
	link_make(path, "../../../kernel/iommu_groups/17");
	snprintf(path, sizeof(path), "%s/driver", name);
	link_make(path, "../../../bus/pci/drivers/ixgbe");
	snprintf(path, sizeof(path), "%s/net", name);
	folder_make(path);
	snprintf(path, sizeof(path), "%s/net/eth7", name);
	folder_make(path);
}

static void a_function_tells_what_it_is(void)
{
	struct weir_pci pci;

	tree_make();
	card_make("0000:04:00.1");
	CU_ASSERT_EQUAL(pci_get(NULL, root, "04:00.1", &pci), 0);
	CU_ASSERT_STRING_EQUAL(pci.name, "0000:04:00.1");
	CU_ASSERT_EQUAL(pci.vendor, 0x8086);
	CU_ASSERT_EQUAL(pci.device, 0x10fb);
	CU_ASSERT_EQUAL(pci.subvendor, 0x8086);
	CU_ASSERT_EQUAL(pci.subdevice, 0x7a11);
	CU_ASSERT_EQUAL(pci.class_code, 0x020000);
	CU_ASSERT_EQUAL(pci.revision, 1);
	CU_ASSERT_EQUAL(pci.node, 1);
	CU_ASSERT_EQUAL(pci.group, 17);
	CU_ASSERT_STRING_EQUAL(pci.driver, "ixgbe");
	CU_ASSERT_STRING_EQUAL(pci.interface, "eth7");
	CU_ASSERT_STRING_EQUAL(pci.physical, "");
	CU_ASSERT_EQUAL(pci.vfs, 2);
	CU_ASSERT_EQUAL(pci.vfs_max, 63);
	CU_ASSERT_STRING_EQUAL(weir_pci_driver(&pci), "ixgbe");
	CU_ASSERT_EQUAL(pci_get(NULL, root, pci.name, &pci), 0); /* once more, by its own name */
	CU_ASSERT_STRING_EQUAL(pci.driver, "ixgbe");
	tree_remove();
}

static void bars_are_memory_or_ports_of_their_size(void)
{
	struct weir_pci pci;

	tree_make();
	card_make("0000:04:00.1");
	CU_ASSERT_EQUAL(pci_get(NULL, root, "0000:04:00.1", &pci), 0);
	CU_ASSERT_EQUAL(pci.bars[0].address, 0xfb080000);
	CU_ASSERT_EQUAL(pci.bars[0].size, 512 << 10);
	CU_ASSERT_TRUE(pci.bars[0].prefetchable && !pci.bars[0].io);
	CU_ASSERT_EQUAL(pci.bars[1].size, 0);
	CU_ASSERT_EQUAL(pci.bars[2].size, 32);
	CU_ASSERT_TRUE(pci.bars[2].io && !pci.bars[2].prefetchable);
	CU_ASSERT_EQUAL(pci.bars[4].size, 16 << 10);
	tree_remove();
}

static void what_the_kernel_does_not_tell_is_not_known(void)
{
	struct weir_pci pci;

	tree_make();
	folder_make("0000:00:03.0");
	file_write("0000:00:03.0/vendor", "0x1af4\n");
	file_write("0000:00:03.0/device", "0x1000\n");
	file_write("0000:00:03.0/numa_node", "-1\n");
	CU_ASSERT_EQUAL(pci_get(NULL, root, "0000:00:03.0", &pci), 0);
	CU_ASSERT_EQUAL(pci.node, -1);
	CU_ASSERT_EQUAL(pci.group, -1);
	CU_ASSERT_STRING_EQUAL(pci.driver, "");
	CU_ASSERT_STRING_EQUAL(pci.interface, "");
	CU_ASSERT_EQUAL(pci.bars[0].size, 0);
	CU_ASSERT_PTR_NULL(weir_pci_driver(&pci));
	tree_remove();
}

static void the_interface_of_a_virtio_device_is_the_functions(void)
{
	struct weir_pci pci;

	tree_make();
	folder_make("0000:00:03.0");
	file_write("0000:00:03.0/vendor", "0x1af4\n");
	folder_make("0000:00:03.0/virtio2");
	folder_make("0000:00:03.0/virtio2/net");
	folder_make("0000:00:03.0/virtio2/net/ens3");
	CU_ASSERT_EQUAL(pci_get(NULL, root, "0000:00:03.0", &pci), 0);
	CU_ASSERT_STRING_EQUAL(pci.interface, "ens3");
	tree_remove();
}

static void a_virtual_function_names_its_physical_one(void)
{
	struct weir_pci pci;

	tree_make();
	folder_make("0000:04:10.1");
	file_write("0000:04:10.1/vendor", "0x8086\n");
	file_write("0000:04:10.1/device", "0x10ed\n");
	link_make("0000:04:10.1/physfn", "../0000:04:00.1");
	CU_ASSERT_EQUAL(pci_get(NULL, root, "04:10.1", &pci), 0);
	CU_ASSERT_STRING_EQUAL(pci.physical, "0000:04:00.1");
	tree_remove();
}

static void functions_are_listed_in_order_and_counted_beyond_the_array(void)
{
	struct weir_pci list[2];

	tree_make();
	CU_ASSERT_EQUAL(pci_list(NULL, root, list, 2), 0);
	card_make("0000:04:00.1");
	card_make("0000:04:00.0");
	card_make("10000:e1:00.0");  /* domains of some hosts are longer */
	folder_make("0000:05:00.0"); /* without an identity: on its way out */
	folder_make("not-a-function");
	CU_ASSERT_EQUAL(pci_list(NULL, root, list, 2), 3);
	CU_ASSERT_STRING_EQUAL(list[0].name, "0000:04:00.0");
	CU_ASSERT_STRING_EQUAL(list[1].name, "0000:04:00.1");
	CU_ASSERT_EQUAL(pci_list(NULL, root, NULL, 0), 3);
	tree_remove();
}

static void a_machine_without_pci_has_no_functions(void)
{
	CU_ASSERT_EQUAL(pci_list(NULL, "/nonexistent/devices", NULL, 0), 0);
}

static void names_that_cannot_be_are_refused(void)
{
	static const char *const names[] = { "",         "04:00",   "04:00.8", "04:20.0",         "eth0",
		                             "04:00.1x", "0:0:0:0", "../..",   "0000:04:00.1/..", "1234567:04:00.0" };
	struct weir_pci pci;

	tree_make();
	card_make("0000:04:00.1");
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		CU_ASSERT_EQUAL(pci_get(NULL, root, names[i], &pci), -EINVAL);
		CU_ASSERT_TRUE(error_says("0000:01:00.0"));
	}
	CU_ASSERT_EQUAL(pci_get(NULL, root, "04:00.0", &pci), -ENODEV);
	CU_ASSERT_TRUE(error_says("0000:04:00.0"));
	tree_remove();
}

static void the_machines_own_functions_can_be_read(void)
{
	struct weir_pci *list, again;
	int n = weir_pci_list(NULL, NULL, 0);

	CU_ASSERT_TRUE_FATAL(n >= 0);
	list = calloc((size_t)n + 1, sizeof(*list));
	CU_ASSERT_PTR_NOT_NULL_FATAL(list);
	CU_ASSERT_EQUAL(weir_pci_list(NULL, list, (unsigned)n), n);
	for (int i = 0; i < n; i++) {
		CU_ASSERT_EQUAL(weir_pci_get(NULL, list[i].name, &again), 0);
		CU_ASSERT_EQUAL(memcmp(&list[i], &again, sizeof(again)), 0);
	}
	free(list);
}

/* No IOMMU group of this machine has such a number, so it is one of an IOMMU's, not one that vfio made up. */
static void what_a_function_is_bound_to_says_how_it_is_reached(void)
{
	static const struct {
		const char *driver;
		int group;
		const char *bus;
		bool unsafe;
	} ways[] = {
		{ "ixgbe", 100000, NULL, false },  { "", -1, NULL, false },
		{ "weir", 100000, "weir", false }, { "vfio-pci", 100000, "vfio", false },
		{ "vfio-pci", -1, "vfio", true },  { "uio_pci_generic", -1, "uio", true },
	};

	for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct weir_pci pci = { .name = "ffff:ff:1f.7", .group = ways[i].group };
		const char *bus;
		bool unsafe;

		snprintf(pci.driver, sizeof(pci.driver), "%s", ways[i].driver);
		bus = weir_pci_bus(&pci, &unsafe);
		CU_ASSERT_EQUAL(!bus, !ways[i].bus);
		if (!bus || !ways[i].bus)
			continue;
		CU_ASSERT_STRING_EQUAL(bus, ways[i].bus);
		CU_ASSERT_EQUAL(unsafe, ways[i].unsafe);
	}
}

static const struct unit_case cases[] = {
	{ "a function tells what it is", a_function_tells_what_it_is },
	{ "BARs are memory or ports, of their size", bars_are_memory_or_ports_of_their_size },
	{ "what the kernel does not tell is not known", what_the_kernel_does_not_tell_is_not_known },
	{ "the interface of a virtio device is the function's", the_interface_of_a_virtio_device_is_the_functions },
	{ "a virtual function names its physical one", a_virtual_function_names_its_physical_one },
	{ "functions are listed in order, and counted beyond the array",
	  functions_are_listed_in_order_and_counted_beyond_the_array },
	{ "a machine without PCI has no functions", a_machine_without_pci_has_no_functions },
	{ "what a function is bound to says how it is reached", what_a_function_is_bound_to_says_how_it_is_reached },
	{ "names that cannot be are refused", names_that_cannot_be_are_refused },
	{ "the machine's own functions can be read", the_machines_own_functions_can_be_read },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("pci", cases);
}
