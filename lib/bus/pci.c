/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PCI functions as sysfs shows them (Documentation/ABI/testing/sysfs-bus-pci of the kernel). A folder each; a fact that
 * is missing there has the value that means "not known", since kernels differ in what they tell.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bus/pci.h"

/* Of a line of the file "resource": IORESOURCE_* of the kernel. */
#define RESOURCE_IO       0x00000100u
#define RESOURCE_PREFETCH 0x00002000u

int pci_name(const char *name, char full[16])
{
	unsigned domain = 0, bus, device, function;
	int end = 0;

	if (sscanf(name, "%6x:%2x:%2x.%1u%n", &domain, &bus, &device, &function, &end) != 4 || name[end]) {
		domain = 0;
		end = 0;
		if (sscanf(name, "%2x:%2x.%1u%n", &bus, &device, &function, &end) != 3 || name[end])
			return -EINVAL;
	}
	if (device > 31 || function > 7)
		return -EINVAL;
	snprintf(full, 16, "%04x:%02x:%02x.%u", domain, bus, device, function);
	return 0;
}

/* Reads a small file of the folder @dir, without the newline. Returns 0 or -errno. */
static int file_read(int dir, const char *name, char *text, size_t size)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, text, size - 1);
	close(fd);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return 0;
}

static unsigned long number_read(int dir, const char *name, unsigned long missing)
{
	char text[32], *end;
	unsigned long value;

	if (file_read(dir, name, text, sizeof(text)) < 0)
		return missing;
	value = strtoul(text, &end, 0);
	return end == text ? missing : value;
}

/* The last part of what the link @name leads to; empty when there is no such link or no room. */
static void link_read(int dir, const char *name, char *text, size_t size)
{
	char target[512];
	ssize_t n = readlinkat(dir, name, target, sizeof(target) - 1);
	const char *last;

	text[0] = '\0';
	if (n <= 0)
		return;
	target[n] = '\0';
	last = strrchr(target, '/');
	last = last ? last + 1 : target;
	if (strlen(last) < size)
		memcpy(text, last, strlen(last) + 1);
}

/* The first entry of the folder @name that starts with @start; empty when there is none. */
static void entry_read(int dir, const char *name, const char *start, char *text, size_t size)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	text[0] = '\0';
	if (!entries) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while (!text[0] && (entry = readdir(entries)))
		if (entry->d_name[0] != '.' && !strncmp(entry->d_name, start, strlen(start)) &&
		    strlen(entry->d_name) < size)
			memcpy(text, entry->d_name, strlen(entry->d_name) + 1);
	closedir(entries);
}

/* An interface is the device's own, or that of the one virtio device behind it. */
static void interface_read(int dir, char *text, size_t size)
{
	char behind[32], path[64];

	entry_read(dir, "net", "", text, size);
	if (text[0])
		return;
	entry_read(dir, ".", "virtio", behind, sizeof(behind));
	if (!behind[0])
		return;
	snprintf(path, sizeof(path), "%s/net", behind);
	entry_read(dir, path, "", text, size);
}

/* A line for each BAR: first address, last address, flags. A BAR of 64 bits takes two, of which the second is zero. */
static void bars_read(int dir, struct weir_pci_bar *bars)
{
	char text[4096];
	const char *line = text;
	int fd = openat(dir, "resource", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return;
	text[n] = '\0';
	for (unsigned i = 0; i < WEIR_PCI_BARS; i++) {
		unsigned long long first, last, flags;

		if (sscanf(line, "%llx %llx %llx", &first, &last, &flags) != 3)
			return;
		if (flags && last >= first)
			bars[i] = (struct weir_pci_bar){ .address = first,
				                         .size = last - first + 1,
				                         .io = flags & RESOURCE_IO,
				                         .prefetchable = flags & RESOURCE_PREFETCH };
		line = strchr(line, '\n');
		if (!line++)
			return;
	}
}

/* Fills @pci from the folder @dir. Returns 0, or -ENODEV when it has no identity: it is going away. */
static int function_read(int dir, const char *name, struct weir_pci *pci)
{
	char group[16];

	memset(pci, 0, sizeof(*pci));
	snprintf(pci->name, sizeof(pci->name), "%s", name);
	pci->vendor = (uint16_t)number_read(dir, "vendor", 0);
	if (!pci->vendor)
		return -ENODEV;
	pci->device = (uint16_t)number_read(dir, "device", 0);
	pci->subvendor = (uint16_t)number_read(dir, "subsystem_vendor", 0);
	pci->subdevice = (uint16_t)number_read(dir, "subsystem_device", 0);
	pci->class_code = (uint32_t)number_read(dir, "class", 0);
	pci->revision = (uint8_t)number_read(dir, "revision", 0);
	pci->node = (int)number_read(dir, "numa_node", (unsigned long)-1);
	pci->vfs = (unsigned)number_read(dir, "sriov_numvfs", 0);
	pci->vfs_max = (unsigned)number_read(dir, "sriov_totalvfs", 0);
	link_read(dir, "iommu_group", group, sizeof(group));
	pci->group = group[0] ? atoi(group) : -1;
	link_read(dir, "driver", pci->driver, sizeof(pci->driver));
	link_read(dir, "physfn", pci->physical, sizeof(pci->physical));
	interface_read(dir, pci->interface, sizeof(pci->interface));
	bars_read(dir, pci->bars);
	return 0;
}

int pci_get(struct weir *weir, const char *root, const char *name, struct weir_pci *pci)
{
	char full[16], path[512];
	int dir, err;

	if (pci_name(name, full) < 0) /* before @pci is touched: the name may be the one in it */
		return weir_fail(weir, -EINVAL,
		                 "'%s' names no PCI function; a name looks like 0000:01:00.0 (lspci -D lists them)",
		                 name);
	memset(pci, 0, sizeof(*pci));
	snprintf(path, sizeof(path), "%s/%s", root, full);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return weir_fail(weir, -ENODEV, "there is no PCI function %s in this machine", full);
	err = function_read(dir, full, pci);
	close(dir);
	return err ? weir_fail(weir, err, "PCI function %s does not say what it is; was it unplugged?", full) : 0;
}

/* A fact of the function's IOMMU group; empty when there is no group or nothing is said. */
static void group_read(const struct weir_pci *pci, const char *fact, char *text, size_t size)
{
	char path[64];
	int dir;

	text[0] = '\0';
	snprintf(path, sizeof(path), "/sys/kernel/iommu_groups/%d", pci->group);
	dir = pci->group < 0 ? -1 : open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return;
	if (file_read(dir, fact, text, size) < 0)
		text[0] = '\0';
	close(dir);
}

/* vfio calls the groups that it makes up "vfio-noiommu". */
bool pci_has_iommu(const struct weir_pci *pci)
{
	char name[32];

	group_read(pci, "name", name, sizeof(name));
	return pci->group >= 0 && strcmp(name, "vfio-noiommu") != 0;
}

bool pci_sees_physical(const struct weir_pci *pci)
{
	char type[32];

	group_read(pci, "type", type, sizeof(type));
	return !pci_has_iommu(pci) || !strcmp(type, "identity");
}

void pci_device_init(struct bus_device *dev, struct weir *weir, const struct bus_ops *ops, const struct weir_pci *pci)
{
	*dev = (struct bus_device){ .ops = ops,
		                    .weir = weir,
		                    .vendor = pci->vendor,
		                    .device = pci->device,
		                    .subvendor = pci->subvendor,
		                    .subdevice = pci->subdevice,
		                    .revision = pci->revision,
		                    .node = pci->node };
	snprintf(dev->name, sizeof(dev->name), "%s", pci->name);
}

static int is_function(const struct dirent *entry)
{
	char full[16];

	return isxdigit((unsigned char)entry->d_name[0]) && pci_name(entry->d_name, full) == 0;
}

int pci_list(struct weir *weir, const char *root, struct weir_pci *list, unsigned n)
{
	struct dirent **entries;
	int there = scandir(root, &entries, is_function, alphasort);
	unsigned found = 0;

	if (there < 0 && errno == ENOENT) /* a machine without PCI */
		return 0;
	if (there < 0)
		return weir_fail(weir, -errno, "cannot list PCI functions in %s: %s", root, strerror(errno));
	for (int i = 0; i < there; i++) {
		struct weir_pci pci;
		char path[512];
		int dir;

		snprintf(path, sizeof(path), "%s/%s", root, entries[i]->d_name);
		dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (dir >= 0 && function_read(dir, entries[i]->d_name, &pci) == 0) {
			if (found < n)
				list[found] = pci;
			found++;
		}
		if (dir >= 0)
			close(dir);
		free(entries[i]);
	}
	free(entries);
	return (int)found;
}

int weir_pci_get(struct weir *weir, const char *name, struct weir_pci *pci)
{
	return pci_get(weir, PCI_SYSFS, name, pci);
}

int weir_pci_list(struct weir *weir, struct weir_pci *list, unsigned n)
{
	return pci_list(weir, PCI_SYSFS, list, n);
}
