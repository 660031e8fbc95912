/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Forwarding tables: the longest route wins, whatever was added and removed before. By hand, and against a list and a
 * trie.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "fib_reference.h"
#include "sentences.h"
#include "unit.h"

static struct weir *weir; /* for all tests */

static struct weir_fib *fib_of(unsigned family, uint32_t max_routes, uint32_t max_groups)
{
	struct weir_fib_conf conf = {
		.name = "test", .family = family, .max_routes = max_routes, .max_groups = max_groups
	};
	struct weir_fib *fib;

	CU_ASSERT_EQUAL_FATAL(weir_fib_create(weir, &conf, &fib), 0);
	return fib;
}

/* "10.0.0.0/8" as bytes; returns the length. */
static unsigned parsed(const char *route, uint8_t addr[16])
{
	char host[64];
	unsigned len;

	CU_ASSERT_EQUAL_FATAL(sscanf(route, "%63[^/]/%u", host, &len), 2);
	memset(addr, 0, 16);
	CU_ASSERT_EQUAL_FATAL(inet_pton(strchr(host, ':') ? AF_INET6 : AF_INET, host, addr), 1);
	return len;
}

static int add(struct weir_fib *fib, const char *route, uint32_t hop)
{
	uint8_t addr[16];
	unsigned len = parsed(route, addr);

	return weir_fib_add(fib, addr, len, hop);
}

static int removed(struct weir_fib *fib, const char *route)
{
	uint8_t addr[16];
	unsigned len = parsed(route, addr);

	return weir_fib_remove(fib, addr, len);
}

static uint32_t hop4(const struct weir_fib *fib, const char *host)
{
	uint32_t addr, hop;

	CU_ASSERT_EQUAL_FATAL(inet_pton(AF_INET, host, &addr), 1);
	weir_fib_lookup4(fib, &addr, &hop, 1);
	return hop;
}

static uint32_t hop6(const struct weir_fib *fib, const char *host)
{
	struct weir_fib_ip6 addr;
	uint32_t hop;

	CU_ASSERT_EQUAL_FATAL(inet_pton(AF_INET6, host, &addr), 1);
	weir_fib_lookup6(fib, &addr, &hop, 1);
	return hop;
}

static void longest_ipv4_route_wins(void)
{
	struct weir_fib *fib = fib_of(4, 100, 0);

	CU_ASSERT_EQUAL(hop4(fib, "10.1.2.3"), WEIR_FIB_NONE);
	CU_ASSERT_EQUAL(add(fib, "10.1.2.128/25", 25), 0);
	CU_ASSERT_EQUAL(add(fib, "10.0.0.0/8", 8), 0);
	CU_ASSERT_EQUAL(add(fib, "10.1.2.3/32", 32), 0);
	CU_ASSERT_EQUAL(add(fib, "10.1.0.0/16", 0), 0);
	CU_ASSERT_EQUAL(hop4(fib, "10.1.2.3"), 32);
	CU_ASSERT_EQUAL(hop4(fib, "10.1.2.4"), 0);
	CU_ASSERT_EQUAL(hop4(fib, "10.1.2.127"), 0);
	CU_ASSERT_EQUAL(hop4(fib, "10.1.2.128"), 25);
	CU_ASSERT_EQUAL(hop4(fib, "10.1.3.128"), 0);
	CU_ASSERT_EQUAL(hop4(fib, "10.2.0.0"), 8);
	CU_ASSERT_EQUAL(hop4(fib, "11.0.0.0"), WEIR_FIB_NONE);
	CU_ASSERT_EQUAL(hop4(fib, "9.255.255.255"), WEIR_FIB_NONE);
	weir_fib_destroy(fib);
}

static void longest_ipv6_route_wins(void)
{
	struct weir_fib *fib = fib_of(6, 100, 0);

	CU_ASSERT_EQUAL(add(fib, "2001:db8::/32", 32), 0);
	CU_ASSERT_EQUAL(add(fib, "2001:db8:1::/48", 48), 0);
	CU_ASSERT_EQUAL(add(fib, "2001:db8:1::1/128", 128), 0);
	CU_ASSERT_EQUAL(add(fib, "2000::/3", 3), 0);
	CU_ASSERT_EQUAL(hop6(fib, "2001:db8:1::1"), 128);
	CU_ASSERT_EQUAL(hop6(fib, "2001:db8:1::2"), 48);
	CU_ASSERT_EQUAL(hop6(fib, "2001:db8:2::1"), 32);
	CU_ASSERT_EQUAL(hop6(fib, "3fff:ffff::"), 3);
	CU_ASSERT_EQUAL(hop6(fib, "fe80::1"), WEIR_FIB_NONE);
	CU_ASSERT_EQUAL(removed(fib, "2001:db8:1::/48"), 0);
	CU_ASSERT_EQUAL(hop6(fib, "2001:db8:1::1"), 128);
	CU_ASSERT_EQUAL(hop6(fib, "2001:db8:1::2"), 32);
	weir_fib_destroy(fib);
}

static void default_route_is_a_route(void)
{
	struct weir_fib *fib = fib_of(4, 10, 0);

	CU_ASSERT_EQUAL(add(fib, "192.0.2.64/26", 26), 0);
	CU_ASSERT_EQUAL(add(fib, "0.0.0.0/0", 7), 0);
	CU_ASSERT_EQUAL(hop4(fib, "255.255.255.255"), 7);
	CU_ASSERT_EQUAL(hop4(fib, "192.0.2.1"), 7);
	CU_ASSERT_EQUAL(hop4(fib, "192.0.2.65"), 26);
	CU_ASSERT_EQUAL(removed(fib, "0.0.0.0/0"), 0);
	CU_ASSERT_EQUAL(hop4(fib, "192.0.2.1"), WEIR_FIB_NONE);
	CU_ASSERT_EQUAL(hop4(fib, "192.0.2.65"), 26);
	weir_fib_destroy(fib);
}

static void route_is_replaced_and_told(void)
{
	struct weir_fib *fib = fib_of(4, 1, 0);
	uint8_t addr[16];
	uint32_t hop = 99;
	unsigned len = parsed("10.0.0.0/8", addr);

	CU_ASSERT_EQUAL(add(fib, "10.0.0.0/8", 1), 0);
	CU_ASSERT_EQUAL(add(fib, "10.0.0.0/8", WEIR_FIB_HOP_MAX), 0);
	CU_ASSERT_EQUAL(hop4(fib, "10.9.9.9"), WEIR_FIB_HOP_MAX);
	CU_ASSERT_EQUAL(weir_fib_get(fib, addr, len, &hop), 0);
	CU_ASSERT_EQUAL(hop, WEIR_FIB_HOP_MAX);
	CU_ASSERT_EQUAL(weir_fib_get(fib, addr, 9, &hop), -ENOENT);
	weir_fib_destroy(fib);
}

static void bad_arguments_get_sentences(void)
{
	struct weir_fib_conf conf = { .name = "wan", .family = 5, .max_routes = 1 };
	struct weir_fib *fib = NULL;

	CU_ASSERT_EQUAL(weir_fib_create(weir, &conf, &fib), -EINVAL);
	CU_ASSERT_TRUE(error_says("fib wan: family is 5; it must be 4 or 6"));
	conf.family = 4;
	conf.max_routes = 0;
	CU_ASSERT_EQUAL(weir_fib_create(weir, &conf, &fib), -EINVAL);
	CU_ASSERT_TRUE(error_says("max_routes is 0; it must be 1 to 16777216"));
	conf.max_routes = 1;
	conf.max_groups = 16777217;
	CU_ASSERT_EQUAL(weir_fib_create(weir, &conf, &fib), -EINVAL);
	CU_ASSERT_TRUE(error_says("max_groups is 16777217"));
	CU_ASSERT_PTR_NULL(fib);

	fib = fib_of(4, 1, 0);
	CU_ASSERT_EQUAL(add(fib, "10.0.0.0/33", 1), -EINVAL);
	CU_ASSERT_TRUE(error_says("test: route 10.0.0.0/33 is longer than an IPv4 address; its length is 0 to 32"));
	CU_ASSERT_EQUAL(add(fib, "10.0.0.1/8", 1), -EINVAL);
	CU_ASSERT_TRUE(error_says("route 10.0.0.1/8 has bits beyond its length; write 10.0.0.0/8"));
	CU_ASSERT_EQUAL(add(fib, "10.0.0.0/8", 0x7fffffff), -EINVAL);
	CU_ASSERT_TRUE(error_says("a hop of 2147483647; the largest is 2147483646"));
	CU_ASSERT_EQUAL(removed(fib, "10.0.0.0/8"), -ENOENT);
	CU_ASSERT_TRUE(error_says("there is no route 10.0.0.0/8; its length counts, too"));
	CU_ASSERT_EQUAL(hop4(fib, "10.0.0.1"), WEIR_FIB_NONE);
	weir_fib_destroy(fib);
	weir_fib_destroy(NULL);
}

static void full_table_refuses_and_is_unchanged(void)
{
	struct weir_fib *fib = fib_of(6, 3, 5);
	struct weir_fib_info info;

	CU_ASSERT_EQUAL(add(fib, "2001:db8::/64", 64), 0); /* bits 25 to 64: five groups */
	CU_ASSERT_EQUAL(add(fib, "2001:db9::/32", 32), 0); /* in the first of these */
	CU_ASSERT_EQUAL(add(fib, "2001:db9::/33", 33), -ENOSPC);
	CU_ASSERT_TRUE(
	    error_says("route 2001:db9::/33 needs 1 groups of cells, and 0 of 5 are left; raise max_groups"));
	CU_ASSERT_EQUAL(hop6(fib, "2001:db9::1"), 32);
	CU_ASSERT_EQUAL(add(fib, "2000::/3", 3), 0);
	CU_ASSERT_EQUAL(add(fib, "2001:dba::/32", 1), -ENOSPC);
	CU_ASSERT_TRUE(error_says("no room for route 2001:dba::/32 beside 3 others; raise max_routes"));
	CU_ASSERT_EQUAL(hop6(fib, "2001:dba::1"), 3);

	CU_ASSERT_EQUAL(removed(fib, "2001:db8::/64"), 0);
	weir_fib_info(fib, &info);
	CU_ASSERT_EQUAL(info.groups, 1);
	CU_ASSERT_EQUAL(add(fib, "2001:db9::/64", 65), 0); /* the four that were given back */
	CU_ASSERT_EQUAL(hop6(fib, "2001:db9::1"), 65);
	CU_ASSERT_EQUAL(hop6(fib, "2001:db8::1"), 3);
	weir_fib_info(fib, &info);
	CU_ASSERT_EQUAL(info.recycled, 1);
	CU_ASSERT_EQUAL(info.groups, 5);
	CU_ASSERT_EQUAL(info.routes, 3);
	CU_ASSERT_EQUAL(info.bytes, info.max_bytes);
	weir_fib_destroy(fib);
}

static void emptied_table_needs_nothing(void)
{
	struct weir_fib *fib = fib_of(4, 1000, 0);
	struct weir_fib_info info;
	uint8_t addr[4] = { 10, 0, 0, 0 };

	for (unsigned i = 0; i < 200; i++) {
		addr[1] = (uint8_t)i;
		CU_ASSERT_EQUAL(weir_fib_add(fib, addr, 32, i), 0);
	}
	weir_fib_info(fib, &info);
	CU_ASSERT_EQUAL(info.routes, 200);
	CU_ASSERT_EQUAL(info.groups, 200);
	CU_ASSERT_TRUE(info.bytes < info.max_bytes);
	for (unsigned i = 0; i < 200; i++) {
		addr[1] = (uint8_t)i;
		CU_ASSERT_EQUAL(weir_fib_remove(fib, addr, 32), 0);
	}
	weir_fib_info(fib, &info);
	CU_ASSERT_EQUAL(info.routes, 0);
	CU_ASSERT_EQUAL(info.groups, 0);
	weir_fib_destroy(fib);
}

#define PROBES 75 /* not a multiple of what is looked up at once */

/* Looks up addresses near the routes, at once, and compares each with the reference's answer. */
static bool agrees(const struct weir_fib *fib, unsigned bytes, uint64_t *state, const struct twig *trie,
                   const struct listed *list, unsigned n)
{
	struct weir_fib_ip6 probes[PROBES];
	uint32_t probes4[PROBES], hops[PROBES];
	bool same = true;

	for (unsigned i = 0; i < PROBES; i++) {
		draw_addr(state, probes[i].byte, bytes, bytes * 8);
		memcpy(&probes4[i], probes[i].byte, sizeof(probes4[i]));
	}
	if (bytes == 4)
		weir_fib_lookup4(fib, probes4, hops, PROBES);
	else
		weir_fib_lookup6(fib, probes, hops, PROBES);
	for (unsigned i = 0; i < PROBES; i++)
		same = same && hops[i] == twig_lookup(trie, probes[i].byte, bytes * 8) &&
		       hops[i] == list_lookup(list, n, probes[i].byte);
	return same;
}

#define LISTED 200u

/* Makes route @n of the list, unless what was drawn is in it. Returns whether it is a new one. */
static bool draw_route(struct listed *list, unsigned n, unsigned bytes, unsigned shortest, uint64_t *state)
{
	list[n].len = shortest + draw(state) % (bytes * 8 + 1 - shortest);
	draw_addr(state, list[n].addr, bytes, list[n].len);
	for (unsigned i = 0; i < n; i++)
		if (list[i].len == list[n].len && !memcmp(list[i].addr, list[n].addr, sizeof(list[n].addr)))
			return false;
	return true;
}

/* Adds, replaces and removes routes of every length but the shortest; compares after every few changes. */
static void compare(unsigned family)
{
	unsigned bytes = family == 4 ? 4 : 16, shortest = 12, rounds = unit_rounds(10000);
	struct weir_fib *fib = fib_of(family, LISTED, LISTED * 13);
	struct listed *list = calloc(LISTED, sizeof(*list));
	struct twig *trie = twig_new();
	uint64_t state = family;
	bool same = true;

	for (unsigned i = 0; list && i < LISTED;)
		i += draw_route(list, i, bytes, shortest, &state);
	for (unsigned round = 0; list && same && round < rounds; round++) {
		struct listed *route = &list[draw(&state) % LISTED];

		if (route->there && draw(&state) % 4) {
			same = !weir_fib_remove(fib, route->addr, route->len);
			route->there = false;
		} else {
			route->hop = draw(&state) % WEIR_FIB_HOP_MAX;
			same = !weir_fib_add(fib, route->addr, route->len, route->hop);
			route->there = true;
		}
		twig_set(trie, route->addr, route->len, route->there ? route->hop : WEIR_FIB_NONE);
		if (round % 64 == 0)
			same = same && agrees(fib, bytes, &state, trie, list, LISTED);
	}
	CU_ASSERT_TRUE(list && same);
	twig_free(trie);
	free(list);
	weir_fib_destroy(fib);
}

static void ipv4_agrees_with_references(void)
{
	compare(4);
}

static void ipv6_agrees_with_references(void)
{
	compare(6);
}

/* What processors without the widest instructions run, tried on all. */
static void portable_lookups_agree_with_references(void)
{
	struct weir_conf conf = { .cpu_level = 1 };
	struct weir *best = weir;

	CU_ASSERT_EQUAL_FATAL(weir_open(&conf, &weir), 0);
	compare(4);
	compare(6);
	weir_close(weir);
	weir = best;
}

static const struct unit_case cases[] = {
	{ "the longest IPv4 route wins", longest_ipv4_route_wins },
	{ "the longest IPv6 route wins", longest_ipv6_route_wins },
	{ "a default route is a route", default_route_is_a_route },
	{ "a route is replaced, and told", route_is_replaced_and_told },
	{ "bad arguments get sentences", bad_arguments_get_sentences },
	{ "a full table refuses and is unchanged", full_table_refuses_and_is_unchanged },
	{ "an emptied table needs no groups", emptied_table_needs_nothing },
	{ "IPv4 agrees with a list and a trie", ipv4_agrees_with_references },
	{ "IPv6 agrees with a list and a trie", ipv6_agrees_with_references },
	{ "portable lookups agree with them, too", portable_lookups_agree_with_references },
	{ NULL, NULL },
};

int main(void)
{
	int result;

	if (weir_open(NULL, &weir) < 0)
		return unit_skip(weir_error());
	result = unit_run("fib", cases);
	weir_close(weir);
	return result;
}
