/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What memory the machine has left, as Linux tells it in /proc and /sys.
 */
#include "mem/machine.h"

#include <fcntl.h>
#include <numa.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/core.h"

/* Reads a small file as a string. */
static bool read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = 0;

	if (fd < 0)
		return false;
	while (len < size - 1 && (n = read(fd, text + len, size - 1 - len)) > 0)
		len += (size_t)n;
	close(fd);
	text[len] = '\0';
	return n >= 0;
}

/* The number that follows @key in the file at @path ("" for the first thing there); @missing when there is none. */
static uint64_t read_number(const char *path, const char *key, uint64_t missing)
{
	char text[8192], *at, *end;
	uint64_t value;

	if (!read_text(path, text, sizeof(text)))
		return missing;
	at = strstr(text, key);
	if (!at)
		return missing;
	at += strlen(key);
	value = strtoull(at, &end, 10);
	return end == at ? missing : value;
}

const char *machine_page_name(uint64_t page_size)
{
	return page_size == GIB(1) ? "1 GiB" : page_size == MIB(2) ? "2 MiB" : "4 KiB";
}

static uint64_t hugepage_number(uint64_t page_size, int node, const char *name)
{
	char path[128];

	if (node < 0)
		snprintf(path, sizeof(path), "/sys/kernel/mm/hugepages/hugepages-%llukB/%s",
		         (unsigned long long)(page_size >> 10), name);
	else
		snprintf(path, sizeof(path), "/sys/devices/system/node/node%d/hugepages/hugepages-%llukB/%s", node,
		         (unsigned long long)(page_size >> 10), name);
	return read_number(path, "", 0);
}

uint64_t machine_hugepages(uint64_t page_size)
{
	return hugepage_number(page_size, -1, "nr_hugepages");
}

/* What is reserved for mappings that have not touched it yet is counted for the whole machine only. */
static uint64_t hugepages_free(uint64_t page_size, int node)
{
	uint64_t free = hugepage_number(page_size, -1, "free_hugepages");
	uint64_t promised = hugepage_number(page_size, -1, "resv_hugepages");
	uint64_t here = node < 0 ? free : hugepage_number(page_size, node, "free_hugepages");

	free = free > promised ? free - promised : 0;
	return here < free ? here : free;
}

/* What one control group still allows: what it uses for files can be taken back from it. */
static uint64_t group_room(const char *dir, const char *limit_name, const char *usage_name)
{
	char path[600];
	uint64_t limit, used, files;

	snprintf(path, sizeof(path), "%s/%s", dir, limit_name);
	limit = read_number(path, "", UINT64_MAX);
	if (limit == UINT64_MAX)
		return UINT64_MAX;
	snprintf(path, sizeof(path), "%s/%s", dir, usage_name);
	used = read_number(path, "", 0);
	snprintf(path, sizeof(path), "%s/memory.stat", dir);
	files = read_number(path, "\ninactive_file ", 0) + read_number(path, "\nactive_file ", 0);
	used -= files < used ? files : used;
	return limit > used ? limit - used : 0;
}

/* The tightest of a control group and those around it. @line is a line of /proc/self/cgroup, @key how it begins. */
static uint64_t groups_room(const char *key, const char *root, const char *limit_name, const char *usage_name)
{
	char text[2048], dir[512], *line, *end;
	uint64_t room = UINT64_MAX, here;

	if (!read_text("/proc/self/cgroup", text, sizeof(text)))
		return room;
	line = strstr(text, key);
	if (!line)
		return room;
	line += strlen(key);
	end = strchr(line, '\n');
	if (end)
		*end = '\0';
	snprintf(dir, sizeof(dir), "%s%s", root, line);
	while (strlen(dir) >= strlen(root)) {
		here = group_room(dir, limit_name, usage_name);
		if (here < room)
			room = here;
		*strrchr(dir, '/') = '\0';
	}
	return room;
}

static uint64_t memory_available(int node)
{
	uint64_t free = read_number("/proc/meminfo", "MemAvailable:", 0) << 10, here;
	char path[64];

	if (node >= 0 && machine_has_nodes()) {
		snprintf(path, sizeof(path), "/sys/devices/system/node/node%d/meminfo", node);
		here = read_number(path, "MemFree:", 0) + read_number(path, "Active(file):", 0) +
		       read_number(path, "Inactive(file):", 0);
		if (here << 10 < free)
			free = here << 10;
	}
	here = groups_room("0::", "/sys/fs/cgroup", "memory.max", "memory.current");
	if (here < free)
		free = here;
	here = groups_room(":memory:", "/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes");
	if (here < free)
		free = here;
	return free - free / 16;
}

uint64_t machine_available(uint64_t page_size, int node)
{
	return page_size == KIB(4) ? memory_available(node) : hugepages_free(page_size, node) * page_size;
}

bool machine_has_node(int node)
{
	if (numa_available() < 0)
		return node == 0;
	return node >= 0 && node <= numa_max_node() && numa_bitmask_isbitset(numa_all_nodes_ptr, (unsigned)node);
}

bool machine_has_nodes(void)
{
	return numa_available() >= 0 && numa_bitmask_weight(numa_all_nodes_ptr) > 1;
}

int machine_local_node(void)
{
	int cpu = sched_getcpu();

	return numa_available() < 0 || cpu < 0 ? -1 : numa_node_of_cpu(cpu);
}
