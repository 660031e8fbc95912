/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Workers beside the control thread. Routes come, lead elsewhere and go; neighbours move; hops and groups are freed and
 * given out again. Whatever a worker finds behind an address must be that address's, or nothing: each word that is ever
 * behind one carries its number in the MAC address, and in the interface.
 */
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#include "l3fwd_rig.h"

#define HOSTS     48u
#define READERS   2u
#define CHANGES   20000u /* at least */
#define RECYCLED  500u   /* numbers that were given out again, at least */
#define LOOKS     2000u  /* rounds of each reader, at least */
#define MEMBERS   3u
#define PATIENCE  60 /* seconds */
#define INTERFACE 1u /* whose addresses and state change */

struct host {
	uint32_t addr4;
	struct weir_fib_ip6 addr6;
	int hop; /* that the routes lead to; -1: there are none */
	unsigned members;
	int member[MEMBERS]; /* of its group */
};

struct looker {
	struct router *router;
	const struct host *hosts;
	unsigned number;
	uint64_t looks, found, wrong;
	bool stop;
};

static struct host hosts[HOSTS];
static struct looker lookers[READERS];
static unsigned allocated; /* the highest number that a hop has had, plus 1 */
static unsigned recycled;

static uint32_t chance(uint32_t n)
{
	static uint64_t state = 0x9e3779b97f4a7c15u;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 33) % n;
}

/* --- workers --------------------------------------------------------------------------------------------------------- */

static bool is_of(const struct router *router, uint32_t host, uint64_t word)
{
	return hop_kind(word) == HOP_NONE ||
	       (hop_kind(word) == HOP_NEIGHBOUR && hop_mac(word) >> 32 == host && hop_interface(word) == 1 + host % 3 &&
	        router->interfaces[1 + host % 3].port == host % 3);
}

/* Follows a hop as a worker does: to a word, by way of a group. */
static void look(struct looker *looker, uint32_t host, uint32_t hop)
{
	const struct router *router = looker->router;
	uint64_t word;

	if (hop == WEIR_FIB_NONE)
		return;
	word = router_hop(router, hop);
	looker->found++;
	if (hop_kind(word) == HOP_GROUP) {
		const struct group *group = &router->groups[hop_mac(word)];

		looker->wrong += !group->count || group->count > MEMBERS;
		for (unsigned i = 0; i < group->count && i < MEMBERS; i++)
			looker->wrong += !is_of(router, host, router_hop(router, group->member[i]));
	} else {
		looker->wrong += !is_of(router, host, word);
	}
}

/* Both halves of an address belong together; so do a link's MAC address and MTU. */
static void look_at_interface(struct looker *looker)
{
	const struct interface *interface = &looker->router->interfaces[INTERFACE];
	uint64_t link = interface_link(interface), halves[2];
	uint8_t source[16];

	if (router_source6(interface, source)) {
		memcpy(halves, source, sizeof(halves));
		looker->wrong += halves[0] != halves[1];
	}
	looker->wrong += link_mtu(link) != 0 && link_mtu(link) != 1400 + (link_mac(link) & 0xff);
}

static void *look_around(void *arg)
{
	struct looker *looker = arg;
	struct reader *reader = &looker->router->readers[looker->number];
	uint32_t addr4[HOSTS], hops4[HOSTS], hops6[HOSTS];
	struct weir_fib_ip6 addr6[HOSTS];

	for (unsigned i = 0; i < HOSTS; i++) {
		addr4[i] = looker->hosts[i].addr4;
		addr6[i] = looker->hosts[i].addr6;
	}
	while (!__atomic_load_n(&looker->stop, __ATOMIC_RELAXED)) {
		reader_round(looker->router, reader);
		weir_fib_lookup4(looker->router->fib4, addr4, hops4, HOSTS);
		weir_fib_lookup6(looker->router->fib6, addr6, hops6, HOSTS);
		for (unsigned i = 0; i < HOSTS; i++) {
			look(looker, i, hops4[i]);
			look(looker, i, hops6[i]);
		}
		look_at_interface(looker);
		__atomic_store_n(&looker->looks, looker->looks + 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* --- the control thread ---------------------------------------------------------------------------------------------- */

static uint64_t some_word(uint32_t host)
{
	return hop_word(HOP_NEIGHBOUR, 1 + host % 3, (uint64_t)host << 32 | chance(UINT32_MAX));
}

static int new_hop(struct router *router)
{
	int hop = router_hop_alloc(router);

	CU_ASSERT_FATAL(hop >= 0);
	recycled += (unsigned)hop < allocated;
	if ((unsigned)hop >= allocated)
		allocated = (unsigned)hop + 1;
	return hop;
}

static void free_members(struct router *router, struct host *host)
{
	for (unsigned i = 0; i < host->members; i++)
		router_hop_free(router, (uint32_t)host->member[i]);
	host->members = 0;
}

/* The hop leads to one neighbour, or to a new group of several, and what it led to before is free. */
static void lead(struct router *router, struct host *host, int hop, bool group)
{
	struct host before = *host;
	uint32_t members[MEMBERS], number = (uint32_t)(host - hosts);

	host->members = 0;
	while (group && host->members < MEMBERS) {
		host->member[host->members] = new_hop(router);
		members[host->members] = (uint32_t)host->member[host->members];
		router_hop_set(router, members[host->members++], some_word(number));
	}
	/* There are few groups: until the workers have begun another round, there may be none. */
	while (group && router_hop_set_group(router, (uint32_t)hop, members, MEMBERS))
		sched_yield();
	if (!group)
		router_hop_set(router, (uint32_t)hop, some_word(number));
	free_members(router, &before);
}

static void route(struct router *router, struct host *host, bool there)
{
	int err;

	if (there) {
		err = weir_fib_add(router->fib4, &host->addr4, 32, (uint32_t)host->hop);
		err |= weir_fib_add(router->fib6, &host->addr6, 128, (uint32_t)host->hop);
	} else {
		err = weir_fib_remove(router->fib4, &host->addr4, 32);
		err |= weir_fib_remove(router->fib6, &host->addr6, 128);
	}
	CU_ASSERT_EQUAL(err, 0);
}

static void change_host(struct router *router, struct host *host)
{
	int was = host->hop;

	if (was < 0 || chance(4) == 0) {
		host->hop = new_hop(router);
		lead(router, host, host->hop, chance(2));
		route(router, host, true);
		if (was >= 0)
			router_hop_free(router, (uint32_t)was);
	} else if (chance(4) == 0) {
		route(router, host, false);
		router_hop_free(router, (uint32_t)was);
		free_members(router, host);
		host->hop = -1;
	} else {
		lead(router, host, was, chance(2));
	}
}

static void change_interface(struct router *router)
{
	uint8_t byte = (uint8_t)chance(200), mac[6] = { 2, 0, 0, 0, 0, byte }, source[16];

	memset(source, byte, sizeof(source));
	router_interface_set_link(router, INTERFACE, mac, 1400u + byte);
	router_interface_set_source6(router, INTERFACE, chance(8) ? source : NULL);
	router_interface_set_up(router, INTERFACE, chance(2));
}

static bool looked_enough(void)
{
	for (unsigned i = 0; i < READERS; i++)
		if (__atomic_load_n(&lookers[i].looks, __ATOMIC_RELAXED) < unit_rounds(LOOKS))
			return false;
	return true;
}

static void hosts_init(void)
{
	for (unsigned i = 0; i < HOSTS; i++) {
		const uint8_t addr4[4] = { 10, 0, (uint8_t)(i / 4), (uint8_t)i };

		memset(&hosts[i], 0, sizeof(hosts[i]));
		hosts[i].hop = -1;
		memcpy(&hosts[i].addr4, addr4, sizeof(addr4));
		memcpy(hosts[i].addr6.byte, "\x20\x01\x0d\xb8", 4);
		hosts[i].addr6.byte[6] = (uint8_t)(i / 4);
		hosts[i].addr6.byte[15] = (uint8_t)i;
	}
}

static void router_open(struct router *router, struct log *log, struct weir *weir)
{
	const struct router_conf conf = {
		.weir = weir, .log = log, .ports = 3, .workers = READERS, .routes4 = 100, .routes6 = 100
	};

	CU_ASSERT_EQUAL_FATAL(router_init(router, &conf), 0);
	for (unsigned i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(router_interface_add(router, i, 0), (int)i + 1);
	allocated = HOPS_FIXED;
	recycled = 0;
}

static void workers_find_what_belongs_to_an_address_or_nothing(void)
{
	struct weir *weir = open_weir();
	pthread_t threads[READERS];
	static struct router router;
	unsigned changes = 0;
	uint64_t found = 0;
	struct log log;
	time_t start = time(NULL);

	log_init(&log, "test");
	hosts_init();
	router_open(&router, &log, weir);
	for (unsigned i = 0; i < READERS; i++) {
		lookers[i] = (struct looker){ .router = &router, .hosts = hosts, .number = i };
		CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, look_around, &lookers[i]), 0);
	}
	for (; (changes < CHANGES || recycled < RECYCLED || !looked_enough()) && time(NULL) - start < PATIENCE;
	     changes++) {
		change_host(&router, &hosts[chance(HOSTS)]);
		if (!chance(16))
			change_interface(&router);
	}
	for (unsigned i = 0; i < READERS; i++) {
		__atomic_store_n(&lookers[i].stop, true, __ATOMIC_RELAXED);
		pthread_join(threads[i], NULL);
		CU_ASSERT_EQUAL(lookers[i].wrong, 0);
		found += lookers[i].found;
	}
	printf("%u changes, %llu times found, %u numbers given out again: ", changes, (unsigned long long)found,
	       recycled);
	CU_ASSERT_TRUE(found > 0);
	CU_ASSERT_TRUE(recycled >= RECYCLED);
	router_fini(&router);
	weir_close(weir);
}

int main(void)
{
	static const struct unit_case cases[] = {
		{ "workers find what belongs to an address, or nothing",
		  workers_find_what_belongs_to_an_address_or_nothing },
		{ NULL, NULL },
	};

	return unit_run("l3fwd threads", cases);
}
