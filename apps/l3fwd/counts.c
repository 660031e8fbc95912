/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The router's counters by number: first what there is, then what happened, then to which packets and why.
 */
#include "counts.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

static void add(uint64_t *sum, const uint64_t *counter)
{
	*sum += __atomic_load_n(counter, __ATOMIC_RELAXED);
}

void counts_sum(const struct router *router, struct router_counts *sum)
{
	memset(sum, 0, sizeof(*sum));
	for (unsigned i = 0; i <= router->reader_count; i++) {
		const struct router_counts *counts = &router->counts[i];

		add(&sum->forwarded, &counts->forwarded);
		add(&sum->fragments, &counts->fragments);
		add(&sum->icmp_sent, &counts->icmp_sent);
		add(&sum->icmp_limited, &counts->icmp_limited);
		add(&sum->icmp_suppressed, &counts->icmp_suppressed);
		for (unsigned j = 0; j < PUNT_COUNT; j++)
			add(&sum->punts[j], &counts->punts[j]);
		for (unsigned j = 0; j < DROP_COUNT; j++)
			add(&sum->drops[j], &counts->drops[j]);
	}
}

/* Hops that are neighbours, with a MAC address or without. */
static uint64_t neighbours(const struct router *router, enum hop_kind kind)
{
	uint64_t count = 0;

	for (uint32_t i = HOPS_FIXED; i < router->free_hops.fresh; i++)
		count += hop_kind(router->hops[i]) == kind;
	return count;
}

enum { TABLES = 8, WORK = 5 };

static void table_count(const struct router *router, unsigned index, struct own_count *count)
{
	static const char *const names[TABLES][2] = {
		{ "routes", "ipv4" },           { "routes", "ipv6" },           { "routes", "bytes4" },
		{ "routes", "bytes6" },         { "routes", "bytes_most" },     { "neighbours", "known" },
		{ "neighbours", "unresolved" }, { "neighbours", "interfaces" },
	};
	struct weir_fib_info info4, info6;

	count->section = names[index][0];
	count->name = names[index][1];
	if (index < 5) {
		weir_fib_info(router->fib4, &info4);
		weir_fib_info(router->fib6, &info6);
	}
	switch (index) {
	case 0:
		count->value = info4.routes;
		return;
	case 1:
		count->value = info6.routes;
		return;
	case 2:
		count->value = info4.bytes;
		return;
	case 3:
		count->value = info6.bytes;
		return;
	case 4:
		count->value = info4.max_bytes + info6.max_bytes;
		return;
	case 5:
		count->value = neighbours(router, HOP_NEIGHBOUR);
		return;
	case 6:
		count->value = neighbours(router, HOP_UNRESOLVED);
		return;
	default:
		count->value = router->interface_count - 1;
	}
}

int counts_own(void *arg, unsigned index, struct own_count *count)
{
	static const struct {
		const char *name;
		size_t offset;
	} work[WORK] = {
		{ "packets", offsetof(struct router_counts, forwarded) },
		{ "fragments", offsetof(struct router_counts, fragments) },
		{ "icmp_errors", offsetof(struct router_counts, icmp_sent) },
		{ "icmp_limited", offsetof(struct router_counts, icmp_limited) },
		{ "icmp_suppressed", offsetof(struct router_counts, icmp_suppressed) },
	};
	const struct router *router = arg;
	struct router_counts sum;

	if (index < TABLES) {
		table_count(router, index, count);
		return 0;
	}
	index -= TABLES;
	counts_sum(router, &sum);
	if (index < WORK)
		*count =
		    (struct own_count){ "routed", work[index].name, *(uint64_t *)((char *)&sum + work[index].offset) };
	else if (index - WORK < PUNT_COUNT)
		*count = (struct own_count){ "punted", punt_name(index - WORK), sum.punts[index - WORK] };
	else if (index - WORK - PUNT_COUNT < DROP_COUNT)
		*count = (struct own_count){ "drops", drop_name(index - WORK - PUNT_COUNT),
			                     sum.drops[index - WORK - PUNT_COUNT] };
	else
		return -ENOENT;
	return 0;
}
