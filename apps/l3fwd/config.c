/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Carries out the statements of a file of routes.
 */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEIGHBOURS_MAX (HOPS_MAX / 2)
#define CHAINS         65536u
#define NETWORKS_MAX   (INTERFACES_MAX * ADDRESSES_MOST)
#define FLOWS_MAX      (1u << 20)
#define MTU            1500u

static int fail(char why[WHY_SIZE], int err, const char *format, ...) __attribute__((format(printf, 3, 4)));

static int fail(char why[WHY_SIZE], int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, WHY_SIZE, format, args);
	va_end(args);
	return err;
}

static unsigned bits_of(const struct prefix *prefix)
{
	return prefix->family == 4 ? 32 : 128;
}

static bool is_link_local(const struct prefix *addr)
{
	return addr->family == 6 && addr->addr[0] == 0xfe && (addr->addr[1] & 0xc0) == 0x80;
}

/* @prefix with the bits behind it cleared, or (for a broadcast address) set. */
static struct prefix network_of(const struct prefix *prefix, bool set)
{
	struct prefix network = *prefix;

	for (unsigned bit = prefix->len; bit < bits_of(prefix); bit++) {
		uint8_t mask = (uint8_t)(0x80u >> bit % 8);

		network.addr[bit / 8] = (uint8_t)(set ? network.addr[bit / 8] | mask : network.addr[bit / 8] & ~mask);
	}
	return network;
}

static bool contains(const struct prefix *network, const struct prefix *addr)
{
	unsigned bytes = network->len / 8, bits = network->len % 8;

	return network->family == addr->family && !memcmp(network->addr, addr->addr, bytes) &&
	       (!bits || !((network->addr[bytes] ^ addr->addr[bytes]) >> (8 - bits)));
}

static int add_route(struct config *config, const struct prefix *prefix, unsigned len, uint32_t hop, char *why)
{
	struct weir_fib *fib = prefix->family == 4 ? config->router->fib4 : config->router->fib6;
	int err = weir_fib_add(fib, prefix->addr, len, hop);

	return err ? fail(why, err, "%s", weir_error()) : 0;
}

/* --- interfaces ---------------------------------------------------------------------------------------------------- */

static int find_interface(const struct config *config, const struct interface_name *name, unsigned *interface,
                          char *why)
{
	*interface =
	    name->port < config->ports->count ? router_interface_find(config->router, name->port, name->vlan) : 0;
	if (*interface)
		return 0;
	if (name->vlan)
		return fail(why, -ENOENT, "there is no interface %u.%u before this line", name->port, name->vlan);
	return fail(why, -ENOENT, "there is no interface %u before this line", name->port);
}

/* The network that the address is on has a route, and its first and last address mean all of it. */
static int add_network(struct config *config, unsigned interface, const struct prefix *address, char *why)
{
	struct prefix first = network_of(address, false), last = network_of(address, true);
	struct network *networks;
	int hop, err;

	if (address->len == bits_of(address))
		return 0;
	networks = realloc(config->networks, (config->network_count + 1) * sizeof(*networks));
	hop = networks ? router_hop_alloc(config->router) : -ENOMEM;
	if (networks)
		config->networks = networks;
	if (hop < 0 || config->network_count == NETWORKS_MAX)
		return fail(why, -ENOSPC, "there is no room for so many networks");
	networks[config->network_count++] = (struct network){ *address, interface };
	router_hop_set(config->router, (uint32_t)hop, hop_word(HOP_CONNECTED, interface, 0));
	err = add_route(config, &first, address->len, (uint32_t)hop, why);
	if (err || address->family != 4 || address->len >= 31)
		return err;
	err = add_route(config, &first, 32, HOP_OF_LOCAL, why);
	return err ? err : add_route(config, &last, 32, HOP_OF_LOCAL, why);
}

static int add_address(struct config *config, unsigned interface, const struct prefix *address, char *why)
{
	struct interface *at = &config->router->interfaces[interface];
	uint32_t source4;
	uint8_t source6[16];
	int err;

	if (is_link_local(address))
		return 0;
	if (address->family == 4 && !router_source4(at, &source4))
		router_interface_set_source4(config->router, interface, address->addr);
	if (address->family == 6 && !router_source6(at, source6))
		router_interface_set_source6(config->router, interface, address->addr);
	err = add_network(config, interface, address, why);
	return err ? err : add_route(config, address, bits_of(address), HOP_OF_LOCAL, why);
}

static int apply_interface(struct config *config, const struct statement *statement, char *why)
{
	const struct interface_name *name = &statement->interface;
	const struct weir_port_info *info;
	unsigned mtu = statement->mtu;
	int interface, err = 0;

	if (name->port >= config->ports->count)
		return fail(why, -EINVAL, "there is no port %u; the last one is %u", name->port,
		            config->ports->count - 1);
	info = &config->ports->port[name->port].info;
	interface = router_interface_add(config->router, name->port, name->vlan);
	if (interface < 0)
		return fail(why, interface, "%s",
		            interface == -EEXIST ? "this interface was given before" : "there are too many interfaces");
	if (!mtu)
		mtu = info->mtu ? info->mtu : MTU;
	router_interface_set_link(config->router, (unsigned)interface, statement->has_mac ? statement->mac : info->mac,
	                          mtu);
	for (unsigned i = 0; !err && i < statement->address_count; i++)
		err = add_address(config, (unsigned)interface, &statement->addresses[i], why);
	router_interface_set_up(config->router, (unsigned)interface, true);
	return err;
}

/* --- neighbours ---------------------------------------------------------------------------------------------------- */

static uint32_t *chain_of(const struct config *config, const struct prefix *addr)
{
	uint64_t words[2];

	memcpy(words, addr->addr, sizeof(words));
	return &config->chains[((words[0] ^ words[1] * 3) * 0x9e3779b97f4a7c15u >> 32) % CHAINS];
}

/* @interface: 0 for any. */
static struct neighbour *known_neighbour(const struct config *config, const struct prefix *addr, unsigned interface)
{
	for (uint32_t at = *chain_of(config, addr); at; at = config->neighbours[at - 1].next) {
		struct neighbour *neighbour = &config->neighbours[at - 1];

		if (neighbour->addr.family == addr->family && !memcmp(neighbour->addr.addr, addr->addr, 16) &&
		    (!interface || neighbour->interface == interface))
			return neighbour;
	}
	return NULL;
}

/* The interface of the longest network that the address is on, or 0. */
static unsigned interface_towards(const struct config *config, const struct prefix *addr)
{
	const struct network *best = NULL;

	for (unsigned i = 0; i < config->network_count; i++) {
		const struct network *network = &config->networks[i];

		if (contains(&network->prefix, addr) && (!best || network->prefix.len > best->prefix.len))
			best = network;
	}
	return best ? best->interface : 0;
}

static int new_neighbour(struct config *config, const struct prefix *addr, unsigned interface, struct neighbour **made,
                         char *why)
{
	uint32_t *chain = chain_of(config, addr);
	struct neighbour *neighbour = &config->neighbours[config->neighbour_count];
	int hop;

	if (config->neighbour_count == NEIGHBOURS_MAX)
		return fail(why, -ENOSPC, "there are more than %u neighbours", NEIGHBOURS_MAX);
	hop = router_hop_alloc(config->router);
	if (hop < 0)
		return fail(why, hop, "there are too many neighbours and ways");
	*neighbour = (struct neighbour){ *addr, interface, (uint32_t)hop, *chain };
	*chain = ++config->neighbour_count;
	*made = neighbour;
	router_hop_set(config->router, (uint32_t)hop, hop_word(HOP_UNRESOLVED, interface, 0));
	return is_link_local(addr) ? 0 : add_route(config, addr, bits_of(addr), (uint32_t)hop, why);
}

/* Finds the neighbour, or makes it. */
static int get_neighbour(struct config *config, const struct prefix *addr, const struct interface_name *name,
                         struct neighbour **neighbour, char *why)
{
	char text[PREFIX_TEXT];
	unsigned interface = 0;
	int err = name->given ? find_interface(config, name, &interface, why) : 0;

	if (err)
		return err;
	*neighbour = known_neighbour(config, addr, interface);
	if (*neighbour)
		return 0;
	if (!interface)
		interface = interface_towards(config, addr);
	if (interface)
		return new_neighbour(config, addr, interface, neighbour, why);
	prefix_text(text, addr);
	text[strcspn(text, "/")] = '\0';
	return fail(why, -ENOENT, "%s is on no interface's network; say which interface it is behind", text);
}

static int apply_neighbour(struct config *config, const struct statement *statement, char *why)
{
	struct neighbour *neighbour;
	int err = get_neighbour(config, &statement->prefix, &statement->interface, &neighbour, why);

	if (!err)
		router_hop_set(config->router, neighbour->hop,
		               hop_word(HOP_NEIGHBOUR, neighbour->interface, mac_pack(statement->mac)));
	return err;
}

/* --- routes and flows ---------------------------------------------------------------------------------------------- */

/* The hop of a group that has just these members, or a new one. */
static int get_group(struct config *config, const uint32_t *members, unsigned count, uint32_t *hop, char *why)
{
	const struct router *router = config->router;
	int made, err;

	for (uint32_t i = HOPS_FIXED; i < router->free_hops.fresh; i++) {
		const struct group *group = &router->groups[hop_mac(router->hops[i]) % GROUPS_MAX];

		if (hop_kind(router->hops[i]) == HOP_GROUP && group->count == count &&
		    !memcmp(group->member, members, count * sizeof(*members))) {
			*hop = i;
			return 0;
		}
	}
	made = router_hop_alloc(config->router);
	err = made < 0 ? made : router_hop_set_group(config->router, (uint32_t)made, members, count);
	*hop = (uint32_t)made;
	return err ? fail(why, err, "there are more than %u different groups of ways", GROUPS_MAX) : 0;
}

/* The hop of what a statement says becomes of packets. */
static int get_hop(struct config *config, const struct statement *statement, uint32_t *hop, char *why)
{
	uint32_t members[GROUP_MOST];
	unsigned interface;
	int made, err = 0;

	switch (statement->what) {
	case HOP_BLACKHOLE:
		*hop = HOP_OF_BLACKHOLE;
		return 0;
	case HOP_UNREACHABLE:
		*hop = HOP_OF_UNREACHABLE;
		return 0;
	case HOP_PROHIBIT:
		*hop = HOP_OF_PROHIBIT;
		return 0;
	case HOP_CONNECTED:
		err = find_interface(config, &statement->interface, &interface, why);
		if (err)
			return err;
		made = router_hop_alloc(config->router);
		if (made < 0)
			return fail(why, made, "there are too many ways");
		*hop = (uint32_t)made;
		router_hop_set(config->router, *hop, hop_word(HOP_CONNECTED, interface, 0));
		return 0;
	default:
		break;
	}
	for (unsigned i = 0; !err && i < statement->via_count; i++) {
		const struct via *via = &statement->vias[i];
		struct neighbour *neighbour;

		err = get_neighbour(config, &via->addr, &via->interface, &neighbour, why);
		if (!err)
			members[i] = neighbour->hop;
	}
	if (err)
		return err;
	*hop = members[0];
	return statement->via_count == 1 ? 0 : get_group(config, members, statement->via_count, hop, why);
}

int config_apply(void *arg, const struct statement *statement, char why[WHY_SIZE])
{
	struct config *config = arg;
	uint32_t hop;
	int err;

	if (statement->kind == STATEMENT_INTERFACE)
		return apply_interface(config, statement, why);
	if (statement->kind == STATEMENT_NEIGHBOUR)
		return apply_neighbour(config, statement, why);
	err = get_hop(config, statement, &hop, why);
	if (err)
		return err;
	if (statement->kind == STATEMENT_ROUTE)
		return add_route(config, &statement->prefix, statement->prefix.len, hop, why);
	if (!config->flows && flows_create(&config->flows, FLOWS_MAX))
		return fail(why, -ENOMEM, "no memory for flows");
	err = flows_add(config->flows, &statement->flow, hop);
	if (err)
		return fail(why, err, err == -EEXIST ? "this flow was given before" : "there are too many flows");
	return 0;
}

/* --- life ---------------------------------------------------------------------------------------------------------- */

int config_init(struct config *config, struct router *router, const struct ports *ports)
{
	memset(config, 0, sizeof(*config));
	config->router = router;
	config->ports = ports;
	/* Pages that are never touched cost nothing. */
	config->neighbours = calloc(NEIGHBOURS_MAX, sizeof(*config->neighbours));
	config->chains = calloc(CHAINS, sizeof(*config->chains));
	if (config->neighbours && config->chains)
		return 0;
	log_say(ports->log, "no memory for neighbours");
	config_fini(config);
	return -ENOMEM;
}

void config_fini(struct config *config)
{
	flows_destroy(config->flows);
	free(config->networks);
	free(config->neighbours);
	free(config->chains);
	memset(config, 0, sizeof(*config));
}

int config_read(struct config *config, const char *path)
{
	return routes_file_read(path, config->ports->log, config_apply, config);
}
