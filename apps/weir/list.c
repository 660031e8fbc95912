/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * weir list: network cards, what they are bound to, which driver of weir's would use them, and how it would reach them.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "weir.h"

/* "up 10000 Mb/s", "down"; empty without an interface: weir does not touch a device to list it. */
static void link_read(const struct weir_pci *pci, char *text, size_t size)
{
	char path[128], state[32], speed[32];

	text[0] = '\0';
	if (!pci->interface[0])
		return;
	snprintf(path, sizeof(path), "/sys/class/net/%s/operstate", pci->interface);
	sysfs_read(path, state, sizeof(state));
	snprintf(path, sizeof(path), "/sys/class/net/%s/speed", pci->interface);
	sysfs_read(path, speed, sizeof(speed));
	if (!strcmp(state, "up") && atoi(speed) > 0)
		snprintf(text, size, "%s %s Mb/s", state, speed);
	else
		snprintf(text, size, "%s", state);
}

static void print_line(const struct weir_pci *pci, const char *link)
{
	const char *driver = weir_pci_driver(pci);
	char group[16] = "-", node[16] = "-", through[32] = "-";
	bool unsafe;
	const char *bus = driver ? weir_pci_bus(pci, &unsafe) : NULL;

	if (bus)
		snprintf(through, sizeof(through), "%s%s", bus, unsafe ? ",unsafe" : "");
	if (pci->group >= 0)
		snprintf(group, sizeof(group), "%d", pci->group);
	if (pci->node >= 0)
		snprintf(node, sizeof(node), "%d", pci->node);
	printf("%-13s %04x:%04x %-7s %-16s %-12s %5s %4s %-12s %s\n", pci->name, pci->vendor, pci->device,
	       driver ? driver : "-", pci->driver[0] ? pci->driver : "-", through, group, node,
	       pci->interface[0] ? pci->interface : "-", link);
}

static json_t *bars_array(const struct weir_pci *pci)
{
	json_t *bars = json_array();

	for (unsigned i = 0; i < WEIR_PCI_BARS; i++)
		if (pci->bars[i].size)
			json_array_append_new(bars, json_pack("{s:i, s:I, s:s}", "bar", (int)i, "size",
			                                      (json_int_t)pci->bars[i].size, "kind",
			                                      pci->bars[i].io ? "ports" : "memory"));
	return bars;
}

static json_t *function_object(const struct weir_pci *pci, const char *link)
{
	const char *driver = weir_pci_driver(pci);
	bool unsafe = false;
	const char *bus = driver ? weir_pci_bus(pci, &unsafe) : NULL;

	return json_pack(
	    "{s:s, s:i, s:i, s:i, s:i, s:i, s:i, s:s?, s:s?, s:s?, s:b, s:i, s:i, s:s?, s:s?, s:s?, s:i, s:i, s:o}",
	    "device", pci->name, "vendor_id", (int)pci->vendor, "device_id", (int)pci->device, "subvendor_id",
	    (int)pci->subvendor, "subdevice_id", (int)pci->subdevice, "class", (int)pci->class_code, "revision",
	    (int)pci->revision, "weir_driver", driver, "kernel_driver", pci->driver[0] ? pci->driver : NULL, "through",
	    bus, "unsafe", bus && unsafe, "group", pci->group, "node", pci->node, "interface",
	    pci->interface[0] ? pci->interface : NULL, "link", link[0] ? link : NULL, "physical_function",
	    pci->physical[0] ? pci->physical : NULL, "virtual_functions", (int)pci->vfs, "virtual_functions_max",
	    (int)pci->vfs_max, "bars", bars_array(pci));
}

int command_list(const struct weir_options *options)
{
	json_t *array = json_array();
	struct weir_pci *list;
	int n = functions_read(&list), shown = 0;
	char link[80];

	for (int i = 0; i < n; i++) {
		if (!options->all && !is_network(&list[i]))
			continue;
		link_read(&list[i], link, sizeof(link));
		if (options->json)
			json_array_append_new(array, function_object(&list[i], link));
		else if (!shown++)
			puts(
			    "DEVICE        ID        WEIR    KERNEL DRIVER    THROUGH      GROUP NODE INTERFACE    LINK");
		if (!options->json)
			print_line(&list[i], link);
	}
	if (options->json) {
		json_dumpf(array, stdout, JSON_INDENT(2));
		putchar('\n');
	} else if (n >= 0 && !shown) {
		puts("there are no network cards; --all lists every PCI function");
	}
	json_decref(array);
	free(list);
	return n < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
