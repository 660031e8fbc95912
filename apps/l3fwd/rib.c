/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Routes.
 *
 * While everything is told of again, a route that news has touched since the beginning carries the new generation; a
 * route that news took away stays as a tombstone of the new generation. What the dump says of either is older than the
 * news, and is left aside.
 */
#include "rib.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int rib_init(struct rib *rib, struct router *router, struct resolver *resolver, uint32_t most)
{
	uint32_t chains = 1024;

	memset(rib, 0, sizeof(*rib));
	rib->router = router;
	rib->resolver = resolver;
	rib->most = most;
	while (chains < most)
		chains *= 2;
	rib->mask = chains - 1;
	rib->fresh = 1; /* number 0 ends a chain */
	rib->heads = calloc(chains, sizeof(*rib->heads));
	rib->routes = calloc((size_t)most + 1, sizeof(*rib->routes));
	rib->connected = calloc(RIB_CONNECTED, sizeof(*rib->connected));
	if (rib->heads && rib->routes && rib->connected && !paths_init(rib))
		return 0;
	log_say(router->log, "no memory for %u routes", most);
	rib_fini(rib);
	return -ENOMEM;
}

void rib_fini(struct rib *rib)
{
	paths_fini(rib);
	free(rib->heads);
	free(rib->routes);
	free(rib->connected);
	memset(rib, 0, sizeof(*rib));
}

/* --- the table of routes ---------------------------------------------------------------------------------------------- */

static uint32_t *chain(const struct rib *rib, const struct ip *dst, unsigned len)
{
	uint64_t word[2];

	memcpy(word, dst->byte, sizeof(word));
	word[0] = (word[0] ^ word[1] * 0x9e3779b97f4a7c15u ^ (uint64_t)len << 32) * 0xff51afd7ed558ccdu;
	return &rib->heads[word[0] >> 32 & rib->mask];
}

static bool is_to(const struct route *route, const struct ip *dst, unsigned len)
{
	return route->len == len && route->family == dst->family &&
	       !memcmp(route->addr, dst->byte, sizeof(route->addr));
}

static uint32_t find(const struct rib *rib, const struct ip *dst, unsigned len, unsigned rank, uint32_t metric)
{
	uint32_t at = *chain(rib, dst, len);

	while (at &&
	       !(is_to(&rib->routes[at], dst, len) && rib->routes[at].rank == rank && rib->routes[at].metric == metric))
		at = rib->routes[at].next;
	return at;
}

/* The one that packets follow; 0: none. */
static uint32_t best(const struct rib *rib, const struct ip *dst, unsigned len)
{
	uint32_t found = 0;

	for (uint32_t at = *chain(rib, dst, len); at; at = rib->routes[at].next) {
		const struct route *route = &rib->routes[at], *other = &rib->routes[found];

		if (is_to(route, dst, len) && route->path &&
		    (!found || route->rank < other->rank ||
		     (route->rank == other->rank && route->metric < other->metric)))
			found = at;
	}
	return found;
}

static uint32_t take_in(struct rib *rib, const struct ip *dst, unsigned len, unsigned rank, uint32_t metric)
{
	uint32_t *head = chain(rib, dst, len), at = rib->free;

	if (!at && rib->fresh > rib->most)
		return 0;
	if (at)
		rib->free = rib->routes[at].next;
	else
		at = rib->fresh++;
	rib->routes[at] = (struct route){
		.family = dst->family, .len = (uint8_t)len, .rank = (uint8_t)rank, .metric = metric, .next = *head
	};
	memcpy(rib->routes[at].addr, dst->byte, sizeof(rib->routes[at].addr));
	*head = at;
	rib->count++;
	return at;
}

static void drop(struct rib *rib, uint32_t number)
{
	struct route *route = &rib->routes[number];
	struct ip dst = { .family = route->family };
	uint32_t *at;

	memcpy(dst.byte, route->addr, sizeof(dst.byte));
	at = chain(rib, &dst, route->len);
	while (*at != number)
		at = &rib->routes[*at].next;
	*at = route->next;
	memset(route, 0, sizeof(*route));
	route->next = rib->free;
	rib->free = number;
	rib->count--;
}

/* --- into the forwarding tables --------------------------------------------------------------------------------------- */

/* Networks that hosts have routes in. */
static void note_connected(struct rib *rib, const struct ip *dst, unsigned len, bool connected)
{
	unsigned at = 0;

	while (at < rib->connected_count && !(rib->connected[at].len == len && ip_equal(&rib->connected[at].ip, dst)))
		at++;
	if (connected && at == rib->connected_count && at < RIB_CONNECTED)
		rib->connected[rib->connected_count++] = (struct connected){ *dst, (uint8_t)len };
	if (!connected && at < rib->connected_count)
		rib->connected[at] = rib->connected[--rib->connected_count];
}

/*
 * What is about to change may be what hosts of a network were reached by: their routes go, and come back with the next
 * packet if they are reached so still.
 */
static void unsettle_hosts(struct rib *rib, const struct ip *dst, unsigned len)
{
	for (unsigned i = 0; rib->resolver->hosts && i < rib->connected_count; i++)
		if (rib->connected[i].len <= len && ip_within(dst, &rib->connected[i].ip, rib->connected[i].len)) {
			resolver_hosts_drop(rib->resolver, dst, len);
			return;
		}
}

static int apply(struct rib *rib, const struct ip *dst, unsigned len)
{
	struct weir_fib *fib = dst->family == 4 ? rib->router->fib4 : rib->router->fib6;
	uint32_t number = best(rib, dst, len), was, hop;
	const struct route *route = &rib->routes[number];
	int err;

	err = weir_fib_get(fib, dst->byte, len, &was);
	if (!number)
		return err ? 0 : weir_fib_remove(fib, dst->byte, len);
	hop = route->rank == RANK_HOST ? route->path : path_at(rib, route->path)->hop;
	if (!err && was == hop)
		return 0;
	return weir_fib_add(fib, dst->byte, len, hop);
}

/* The routes to a prefix have changed. @was: where one of them led; 0: nowhere. */
static int settle(struct rib *rib, const struct ip *dst, unsigned len, uint32_t was)
{
	uint32_t number;
	bool connected;
	int err;

	unsettle_hosts(rib, dst, len);
	number = best(rib, dst, len);
	connected =
	    number && rib->routes[number].rank != RANK_HOST && path_at(rib, rib->routes[number].path)->connected;
	if (connected || path_at(rib, was)->connected)
		note_connected(rib, dst, len, connected);
	err = apply(rib, dst, len);
	if (err && !rib->was_refused) {
		log_say(rib->router->log, "%s: such routes are left out from here on", weir_error());
		rib->was_refused = true;
	}
	return err;
}

/* --- what is told ----------------------------------------------------------------------------------------------------- */

static void remove_route(struct rib *rib, uint32_t number, const struct ip *dst)
{
	struct route *route = &rib->routes[number];
	uint32_t path = route->path;
	unsigned len = route->len;

	route->path = 0;
	route->generation = (uint8_t)rib->generation;
	if (!rib->dumping)
		drop(rib, number);
	settle(rib, dst, len, path);
	if (path)
		path_put(rib, path);
}

static int put_route(struct rib *rib, uint32_t number, const struct news_route *news)
{
	struct route *route = &rib->routes[number];
	uint32_t path = route->path;
	int err;

	route->generation = (uint8_t)rib->generation;
	if (path && path_is(path_at(rib, path), news))
		return 0;
	route->path = path_get(rib, news);
	err = settle(rib, &news->dst, news->len, path);
	if (path)
		path_put(rib, path);
	if (!route->path)
		return -ENOSPC;
	return err;
}

/*
 * A route is gone, or of several legs those that are named: for IPv6 the kernel takes legs away one by one. Of several
 * routes that are alike but for their legs it means the one that leads there.
 */
static int route_gone(struct rib *rib, uint32_t number, const struct news_route *news)
{
	const struct path *path = number ? path_at(rib, rib->routes[number].path) : NULL;
	struct news_route rest = *news;
	unsigned left_out;

	if (!number || !rib->routes[number].path)
		return 0;
	if (news->nexthop || path->nexthop || news->type != TYPE_UNICAST || !news->legs) {
		if (news->nexthop && path->nexthop && news->nexthop != path->nexthop)
			return 0;
		remove_route(rib, number, &news->dst);
		return 0;
	}
	left_out = path_without(path, &rest);
	if (left_out && !rest.legs)
		remove_route(rib, number, &news->dst);
	else if (left_out)
		return put_route(rib, number, &rest);
	return 0;
}

int rib_route(struct rib *rib, const struct news_route *news, bool gone)
{
	uint32_t number;

	/* What is on one link only is never forwarded. */
	if (news->dst.family == 6 && news->rank &&
	    (news->dst.byte[0] == 0xff || (news->dst.byte[0] == 0xfe && news->dst.byte[1] >> 6 == 2)))
		return 0;
	number = find(rib, &news->dst, news->len, news->rank, news->metric);
	if (gone && (number || !rib->dumping))
		return route_gone(rib, number, news);
	if (!number)
		number = take_in(rib, &news->dst, news->len, news->rank, news->metric);
	if (!number) {
		if (!rib->was_refused)
			log_say(rib->router->log,
			        "there are more than %u routes: such routes are left out from here on", rib->most);
		rib->was_refused = true;
		return -ENOSPC;
	}
	if (gone) {
		rib->routes[number].generation = (uint8_t)rib->generation;
		return 0;
	}
	return put_route(rib, number, news);
}

bool rib_told(const struct rib *rib, const struct news_route *news)
{
	uint32_t number = find(rib, &news->dst, news->len, news->rank, news->metric);

	return number && rib->routes[number].generation == (uint8_t)rib->generation;
}

static struct ip dst_of(const struct route *route)
{
	struct ip dst = { .family = route->family };

	memcpy(dst.byte, route->addr, sizeof(dst.byte));
	return dst;
}

int rib_nexthop(struct rib *rib, const struct news_nexthop *news, bool gone)
{
	uint32_t number = path_of_nexthop(rib, news->id);
	struct path *path = path_at(rib, number);

	if (!number)
		return -ENOSPC;
	path->generation = rib->generation;
	if (!gone)
		return path_set_nexthop(rib, path, news);
	/* The kernel takes away the routes that lead to it without a word. */
	for (uint32_t i = 1; path->refs && i < rib->fresh; i++) {
		struct route *route = &rib->routes[i];

		if (route->family && route->rank != RANK_HOST && route->path == number) {
			struct ip dst = dst_of(route);

			path->told = true; /* so that it stays until the last of them has gone */
			remove_route(rib, i, &dst);
		}
	}
	path_nexthop_gone(rib, path);
	return 0;
}

bool rib_nexthop_told(struct rib *rib, uint32_t id)
{
	uint32_t number = path_of_nexthop(rib, id);

	return number && path_at(rib, number)->generation == rib->generation;
}

void rib_links_changed(struct rib *rib)
{
	paths_refresh(rib);
}

/* --- everything anew -------------------------------------------------------------------------------------------------- */

void rib_mark(struct rib *rib)
{
	rib->generation++;
	rib->dumping = true;
}

void rib_sweep(struct rib *rib)
{
	rib->dumping = false;
	for (uint32_t i = 1; i < rib->fresh; i++) {
		struct route *route = &rib->routes[i];
		struct ip dst = dst_of(route);

		if (!route->family || route->rank == RANK_HOST)
			continue;
		if (!route->path)
			drop(rib, i);
		else if (route->generation != (uint8_t)rib->generation)
			remove_route(rib, i, &dst);
	}
	for (uint32_t i = 1; i < rib->path_count; i++) {
		struct path *path = path_at(rib, i);

		if (path->used && path->nexthop && (!path->told || path->generation != rib->generation)) {
			const struct news_nexthop news = { .id = path->nexthop };

			rib_nexthop(rib, &news, true);
		}
	}
}

/* --- hosts ------------------------------------------------------------------------------------------------------------ */

/* Whether packets to it meet the network's route, and that is of this interface. */
static bool is_connected(const struct rib *rib, const struct adjacency *neighbour)
{
	struct weir_fib_ip6 ip6;
	uint32_t ip4, hop;
	uint64_t word;

	memcpy(&ip4, neighbour->ip.byte, sizeof(ip4));
	memcpy(ip6.byte, neighbour->ip.byte, sizeof(ip6.byte));
	if (neighbour->ip.family == 4)
		weir_fib_lookup4(rib->router->fib4, &ip4, &hop, 1);
	else
		weir_fib_lookup6(rib->router->fib6, &ip6, &hop, 1);
	word = hop == WEIR_FIB_NONE ? 0 : router_hop_get(rib->router, hop);
	return hop_kind(word) == HOP_CONNECTED && hop_interface(word) == neighbour->interface;
}

bool rib_host(struct rib *rib, const struct adjacency *neighbour, bool there)
{
	unsigned bits = ip_bytes(neighbour->ip.family) * 8;
	uint32_t number = find(rib, &neighbour->ip, bits, RANK_HOST, 0);

	if (there && (number || !is_connected(rib, neighbour)))
		return false;
	if (there) {
		number = take_in(rib, &neighbour->ip, bits, RANK_HOST, 0);
		if (!number)
			return false;
		rib->routes[number].path = neighbour->hop;
	} else if (number) {
		drop(rib, number);
	}
	return !apply(rib, &neighbour->ip, bits) && there;
}
