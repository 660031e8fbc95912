/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The sentences of running out of memory.
 */
#include "mem/limit.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "mem/arena.h"
#include "mem/machine.h"

/* Rounded up. */
static unsigned long long mib(uint64_t bytes)
{
	return (bytes >> 20) + (bytes % MIB(1) != 0);
}

/* The command that leaves @size bytes of hugepages free that now are not. */
static void hugepages_remedy(char *text, size_t text_size, uint64_t page_size, uint64_t size, int node)
{
	uint64_t needed = round_up(size, page_size) / page_size;
	uint64_t free = machine_available(page_size, node) / page_size;
	unsigned long long pages = machine_hugepages(page_size) + (needed > free ? needed - free : 0);

	snprintf(text, text_size, "config/hugepages.sh %s%llu", page_size == GIB(1) ? "--size 1G " : "", pages);
}

int limit_fail_memory(struct weir *weir, uint64_t size, int node, int err)
{
	const char *where = node >= 0 && machine_has_nodes() ? " on its NUMA node" : "";
	uint64_t page_size = weir->conf.mem_page_size ? weir->conf.mem_page_size : KIB(4);
	uint64_t left = weir->arena->reserved - weir->arena->end, available;
	char remedy[64];

	if (size > left || round_up(size, page_size > ARENA_PAGE ? page_size : ARENA_PAGE) > left)
		return weir_fail(NULL, -ENOMEM,
		                 "%llu MiB do not fit into what is left of the arena's address space (%llu of %llu "
		                 "MiB); use fewer or smaller buffers, or open the context with a larger mem_reserve",
		                 mib(size), (unsigned long long)left >> 20,
		                 (unsigned long long)weir->arena->reserved >> 20);
	available = machine_available(page_size, node);
	if (size <= available)
		return weir_fail(NULL, -ENOMEM, "%llu MiB of memory in %s pages could not be had: %s", mib(size),
		                 machine_page_name(page_size), strerror(-err));
	if (page_size > KIB(4)) {
		hugepages_remedy(remedy, sizeof(remedy), page_size, size, node);
		return weir_fail(NULL, -ENOMEM,
		                 "%llu hugepages of %s are needed and %llu are free%s; reserve them with %s, use fewer "
		                 "or smaller buffers, or leave mem_page_size 0",
		                 (unsigned long long)(round_up(size, page_size) / page_size),
		                 machine_page_name(page_size), (unsigned long long)(available / page_size), where,
		                 remedy);
	}
	return weir_fail(
	    NULL, -ENOMEM,
	    "%llu MiB of memory are needed and %llu MiB are available%s, in hugepages or without; use fewer "
	    "or smaller buffers, or free memory",
	    mib(size), (unsigned long long)available >> 20, where);
}

void limit_warn_small_pages(struct weir *weir, uint64_t size)
{
	uint64_t grow =
	    weir->conf.mem_grow ? weir->conf.mem_grow : ARENA_STEP_MOST; /* more than this will be asked for */
	char remedy[64];

	if (size < grow)
		size = grow;
	hugepages_remedy(remedy, sizeof(remedy), MIB(2), size, -1);
	weir_log(weir, WEIR_LOG_WARNING,
	         "there are no free hugepages for %llu MiB, so memory comes in 4 KiB pages and is slower to reach; "
	         "reserve some with %s",
	         mib(size), remedy);
}

int mem_fail_memlock(struct weir *weir, const char *who, uint64_t bytes)
{
	struct rlimit limit = { 0 };

	getrlimit(RLIMIT_MEMLOCK, &limit);
	return weir_fail(weir, -ENOMEM,
	                 "%s needs %llu MiB of locked memory and RLIMIT_MEMLOCK is %llu KiB; raise it with `ulimit -l "
	                 "%llu`, LimitMEMLOCK=%lluM in the systemd unit or /etc/security/limits.conf",
	                 who, mib(bytes), (unsigned long long)limit.rlim_cur >> 10, mib(bytes) << 10, mib(bytes));
}
