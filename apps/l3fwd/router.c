/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tables that the control thread writes and workers read, and the rings between them.
 */
#include "router.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <weir/mem.h>

#define PUNT_RING   4096u
#define INJECT_RING 1024u

/* --- names --------------------------------------------------------------------------------------------------------- */

const char *punt_name(unsigned punt)
{
	static const char *const names[PUNT_COUNT] = {
		[PUNT_LOCAL] = "local", [PUNT_MULTICAST] = "multicast", [PUNT_ARP] = "arp",
		[PUNT_OTHER] = "other", [PUNT_CONNECTED] = "connected", [PUNT_UNRESOLVED] = "unresolved",
	};

	return punt < PUNT_COUNT ? names[punt] : NULL;
}

const char *drop_name(unsigned drop)
{
	static const char *const names[DROP_COUNT] = {
		[DROP_SHORT] = "short",
		[DROP_VLAN] = "vlan",
		[DROP_DOWN] = "down",
		[DROP_NOT_OURS] = "not_ours",
		[DROP_TYPE] = "type",
		[DROP_VERSION] = "version",
		[DROP_HEADER_LENGTH] = "header_length",
		[DROP_CHECKSUM] = "checksum",
		[DROP_LENGTH] = "length",
		[DROP_SOURCE] = "source",
		[DROP_DESTINATION] = "destination",
		[DROP_LINK_CAST] = "link_cast",
		[DROP_OPTIONS] = "options",
		[DROP_TTL] = "ttl",
		[DROP_NO_ROUTE] = "no_route",
		[DROP_BLACKHOLE] = "blackhole",
		[DROP_UNREACHABLE] = "unreachable",
		[DROP_PROHIBIT] = "prohibit",
		[DROP_TOO_BIG] = "too_big",
		[DROP_LOCAL] = "local",
		[DROP_UNRESOLVED] = "unresolved",
		[DROP_PUNT_FULL] = "punt_full",
		[DROP_NO_BUFFER] = "no_buffer",
		[DROP_INJECT] = "inject",
	};

	return drop < DROP_COUNT ? names[drop] : NULL;
}

/* --- numbers ------------------------------------------------------------------------------------------------------- */

static int limbo_init(struct limbo *limbo, uint32_t first, uint32_t size)
{
	limbo->size = size;
	limbo->fresh = first;
	limbo->number = calloc(size, sizeof(*limbo->number));
	limbo->epoch = calloc(size, sizeof(*limbo->epoch));
	return limbo->number && limbo->epoch ? 0 : -ENOMEM;
}

static void limbo_fini(struct limbo *limbo)
{
	free(limbo->number);
	free(limbo->epoch);
}

static void limbo_put(struct router *router, struct limbo *limbo, uint32_t number)
{
	uint32_t slot = (limbo->head + limbo->count++) % limbo->size;

	limbo->number[slot] = number;
	limbo->epoch[slot] = __atomic_add_fetch(&router->epoch, 1, __ATOMIC_ACQ_REL);
}

/* Whether each worker has begun a round since @epoch came. */
static bool seen_by_all(const struct router *router, uint64_t epoch)
{
	for (unsigned i = 0; i < router->reader_count; i++)
		if (__atomic_load_n(&router->readers[i].epoch, __ATOMIC_ACQUIRE) < epoch)
			return false;
	return true;
}

static int limbo_take(struct router *router, struct limbo *limbo)
{
	uint32_t number;

	if (limbo->count && seen_by_all(router, limbo->epoch[limbo->head])) {
		number = limbo->number[limbo->head];
		limbo->head = (limbo->head + 1) % limbo->size;
		limbo->count--;
		return (int)number;
	}
	return limbo->fresh < limbo->size ? (int)limbo->fresh++ : -ENOSPC;
}

/* --- hops ---------------------------------------------------------------------------------------------------------- */

int router_hop_alloc(struct router *router)
{
	return limbo_take(router, &router->free_hops);
}

uint64_t router_hop_get(const struct router *router, uint32_t hop)
{
	return router->hops[hop];
}

void router_hop_set(struct router *router, uint32_t hop, uint64_t word)
{
	uint64_t was = router->hops[hop];

	__atomic_store_n(&router->hops[hop], word, __ATOMIC_RELEASE);
	if (hop_kind(was) == HOP_GROUP)
		limbo_put(router, &router->free_groups, (uint32_t)hop_mac(was));
}

void router_hop_free(struct router *router, uint32_t hop)
{
	router_hop_set(router, hop, hop_word(HOP_NONE, 0, 0));
	limbo_put(router, &router->free_hops, hop);
}

int router_hop_set_group(struct router *router, uint32_t hop, const uint32_t *members, unsigned count)
{
	struct group *group;
	int number;

	if (!count || count > GROUP_MOST)
		return -EINVAL;
	number = limbo_take(router, &router->free_groups);
	if (number < 0)
		return number;
	group = &router->groups[number];
	group->count = count;
	memcpy(group->member, members, count * sizeof(*members));
	router_hop_set(router, hop, hop_word(HOP_GROUP, 0, (uint64_t)number));
	return 0;
}

bool router_hop_used(struct router *router, uint32_t hop)
{
	return __atomic_exchange_n(&router->used[hop], 0, __ATOMIC_RELAXED);
}

/* --- interfaces ---------------------------------------------------------------------------------------------------- */

int router_interface_add(struct router *router, unsigned port, unsigned vlan)
{
	unsigned number = router->interface_count;
	struct interface *interface = &router->interfaces[number];

	if (router_interface_find(router, port, vlan))
		return -EEXIST;
	if (number == INTERFACES_MAX)
		return -ENOSPC;
	interface->port = (uint16_t)port;
	interface->vlan = (uint16_t)vlan;
	snprintf(interface->name, sizeof(interface->name), vlan ? "%u.%u" : "%u", port, vlan);
	__atomic_store_n(&router->interface_count, number + 1, __ATOMIC_RELEASE);
	__atomic_store_n(&router->by_vlan[port][vlan], (uint16_t)number, __ATOMIC_RELEASE);
	return (int)number;
}

void router_interface_remove(struct router *router, unsigned interface)
{
	const struct interface *gone = &router->interfaces[interface];

	router_interface_set_up(router, interface, false);
	__atomic_store_n(&router->by_vlan[gone->port][gone->vlan], 0, __ATOMIC_RELEASE);
}

unsigned router_interface_find(const struct router *router, unsigned port, unsigned vlan)
{
	return router->by_vlan[port][vlan];
}

void router_interface_set_link(struct router *router, unsigned interface, const uint8_t mac[6], unsigned mtu)
{
	uint64_t link = mac_pack(mac) | (uint64_t)(mtu > UINT16_MAX ? UINT16_MAX : mtu) << 48;

	__atomic_store_n(&router->interfaces[interface].link, link, __ATOMIC_RELAXED);
}

void router_interface_set_up(struct router *router, unsigned interface, bool up)
{
	__atomic_store_n(&router->interfaces[interface].up, up, __ATOMIC_RELAXED);
}

/* A change that readers notice who are in the middle of reading, or begin before it ends. What changes is stored by release. */
static void change_begin(struct interface *interface)
{
	__atomic_store_n(&interface->version, interface->version + 1, __ATOMIC_RELAXED);
}

static void change_end(struct interface *interface)
{
	__atomic_store_n(&interface->version, interface->version + 1, __ATOMIC_RELEASE);
}

void router_interface_set_source4(struct router *router, unsigned interface, const uint8_t addr[4])
{
	uint32_t word = 0;

	if (addr)
		memcpy(&word, addr, sizeof(word));
	__atomic_store_n(&router->interfaces[interface].source4, word, __ATOMIC_RELAXED);
}

void router_interface_set_source6(struct router *router, unsigned interface, const uint8_t addr[16])
{
	struct interface *changed = &router->interfaces[interface];
	uint64_t words[2] = { 0, 0 };

	if (addr)
		memcpy(words, addr, sizeof(words));
	change_begin(changed);
	__atomic_store_n(&changed->source6[0], words[0], __ATOMIC_RELEASE);
	__atomic_store_n(&changed->source6[1], words[1], __ATOMIC_RELEASE);
	change_end(changed);
}

bool router_source4(const struct interface *interface, uint32_t *addr)
{
	*addr = __atomic_load_n(&interface->source4, __ATOMIC_RELAXED);
	return *addr != 0;
}

bool router_source6(const struct interface *interface, uint8_t addr[16])
{
	uint32_t before, after;
	uint64_t words[2];

	/* TSan does not see fences: the words are loaded so that they order what comes after themselves. */
	do {
		before = __atomic_load_n(&interface->version, __ATOMIC_ACQUIRE);
		words[0] = __atomic_load_n(&interface->source6[0], __ATOMIC_ACQUIRE);
		words[1] = __atomic_load_n(&interface->source6[1], __ATOMIC_ACQUIRE);
		after = __atomic_load_n(&interface->version, __ATOMIC_RELAXED);
	} while (before != after || before & 1);
	memcpy(addr, words, sizeof(words));
	return words[0] || words[1];
}

/* --- rings --------------------------------------------------------------------------------------------------------- */

/* Makes @fd readable, unless whoever reads it has been told already and has not looked since. */
static void wake(uint32_t *pending, int fd)
{
	uint64_t one = 1;

	if (!__atomic_exchange_n(pending, 1, __ATOMIC_SEQ_CST))
		while (write(fd, &one, sizeof(one)) < 0 && errno == EINTR)
			;
}

/* Before a look: what comes from here on wakes again. */
static void awake(uint32_t *pending, int fd)
{
	uint64_t value;

	while (read(fd, &value, sizeof(value)) < 0 && errno == EINTR)
		;
	__atomic_exchange_n(pending, 0, __ATOMIC_SEQ_CST);
}

void reader_awake(struct reader *reader)
{
	awake(&reader->pending, reader->wake_fd);
}

unsigned router_inject(struct router *router, unsigned port, const struct weir_pkt *pkts, unsigned n)
{
	const struct inject *inject = &router->injects[port];
	struct reader *reader = &router->readers[inject->reader];
	unsigned taken = weir_ring_push(inject->ring, pkts, n);

	if (taken)
		wake(&reader->pending, reader->wake_fd);
	return taken;
}

unsigned router_punt(struct router *router, const struct weir_pkt *pkts, unsigned n)
{
	unsigned taken = weir_ring_push(router->punt, pkts, n);

	if (taken)
		wake(&router->punt_pending, router->punt_fd);
	return taken;
}

unsigned router_punted(struct router *router, struct weir_pkt *pkts, unsigned n)
{
	awake(&router->punt_pending, router->punt_fd);
	return weir_ring_pop(router->punt, pkts, n);
}

void router_address(const struct router *router, struct weir_pkt *pkt, unsigned interface, const uint8_t mac[6])
{
	const struct interface *out = &router->interfaces[interface];
	uint8_t *data = weir_pkt_data(router->base, pkt);

	memcpy(data, mac, 6);
	mac_unpack(data + 6, link_mac(interface_link(out)));
	pkt->vlan = out->vlan;
	if (out->vlan)
		pkt->flags |= WEIR_PKT_VLAN;
}

/* --- life ---------------------------------------------------------------------------------------------------------- */

static int tables_init(struct router *router, const struct router_conf *conf)
{
	unsigned readers = conf->workers ? conf->workers : 1;

	router->interfaces = calloc(INTERFACES_MAX, sizeof(*router->interfaces));
	router->hops = calloc(HOPS_MAX, sizeof(*router->hops));
	router->used = calloc(HOPS_MAX, sizeof(*router->used));
	router->groups = calloc(GROUPS_MAX, sizeof(*router->groups));
	router->readers = aligned_alloc(128, readers * sizeof(*router->readers));
	router->injects = aligned_alloc(128, conf->ports * sizeof(*router->injects));
	router->counts = aligned_alloc(128, (readers + 1) * sizeof(*router->counts));
	if (!router->interfaces || !router->hops || !router->used || !router->groups || !router->readers ||
	    !router->injects || !router->counts || limbo_init(&router->free_hops, HOPS_FIXED, HOPS_MAX) ||
	    limbo_init(&router->free_groups, 0, GROUPS_MAX))
		return -ENOMEM;
	memset(router->readers, 0, readers * sizeof(*router->readers));
	memset(router->injects, 0, conf->ports * sizeof(*router->injects));
	memset(router->counts, 0, (readers + 1) * sizeof(*router->counts));
	for (unsigned i = 0; i < conf->ports; i++) {
		router->by_vlan[i] = calloc(WEIR_VLAN_ID + 1, sizeof(*router->by_vlan[i]));
		if (!router->by_vlan[i])
			return -ENOMEM;
	}
	router->port_count = conf->ports;
	router->interface_count = 1;
	router->hops[HOP_OF_LOCAL] = hop_word(HOP_LOCAL, 0, 0);
	router->hops[HOP_OF_BLACKHOLE] = hop_word(HOP_BLACKHOLE, 0, 0);
	router->hops[HOP_OF_UNREACHABLE] = hop_word(HOP_UNREACHABLE, 0, 0);
	router->hops[HOP_OF_PROHIBIT] = hop_word(HOP_PROHIBIT, 0, 0);
	for (router->reader_count = 0; router->reader_count < readers; router->reader_count++) {
		int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

		if (fd < 0)
			return -errno;
		router->readers[router->reader_count].wake_fd = fd;
	}
	return 0;
}

/* What leaves sentences in weir_error(). */
static int rings_init(struct router *router, const struct router_conf *conf)
{
	struct weir_ring_conf ring = { .name = "punt", .size = PUNT_RING, .flags = WEIR_RING_SC };
	struct weir_fib_conf fib = { .name = "IPv4", .family = 4, .max_routes = conf->routes4 };
	int err = weir_fib_create(conf->weir, &fib, &router->fib4);

	fib = (struct weir_fib_conf){ .name = "IPv6", .family = 6, .max_routes = conf->routes6 };
	if (!err)
		err = weir_fib_create(conf->weir, &fib, &router->fib6);
	if (!err)
		err = weir_ring_create(conf->weir, &ring, &router->punt);
	ring = (struct weir_ring_conf){ .name = "inject", .size = INJECT_RING, .flags = WEIR_RING_SC | WEIR_RING_SP };
	for (unsigned i = 0; !err && i < conf->ports; i++)
		err = weir_ring_create(conf->weir, &ring, &router->injects[i].ring);
	return err;
}

int router_init(struct router *router, const struct router_conf *conf)
{
	int err;

	memset(router, 0, sizeof(*router));
	router->weir = conf->weir;
	router->pool = conf->pool;
	router->log = conf->log;
	router->base = weir_mem_base(conf->weir);
	router->punt_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = router->punt_fd < 0 ? -errno : tables_init(router, conf);
	if (err) {
		log_say(conf->log, "no room for the router's tables: %s", strerror(-err));
		goto fail;
	}
	err = rings_init(router, conf);
	if (err) {
		log_say(conf->log, "%s", weir_error());
		goto fail;
	}
	return 0;

fail:
	router_fini(router);
	return err;
}

void router_fini(struct router *router)
{
	for (unsigned i = 0; i < router->reader_count; i++)
		close(router->readers[i].wake_fd);
	for (unsigned i = 0; i < router->port_count; i++)
		weir_ring_destroy(router->injects[i].ring);
	for (unsigned i = 0; i < PORTS_MAX; i++)
		free(router->by_vlan[i]);
	if (router->punt_fd > 0)
		close(router->punt_fd);
	weir_ring_destroy(router->punt);
	weir_fib_destroy(router->fib4);
	weir_fib_destroy(router->fib6);
	limbo_fini(&router->free_hops);
	limbo_fini(&router->free_groups);
	free(router->interfaces);
	free(router->hops);
	free(router->used);
	free(router->groups);
	free(router->readers);
	free(router->injects);
	free(router->counts);
	memset(router, 0, sizeof(*router));
}
