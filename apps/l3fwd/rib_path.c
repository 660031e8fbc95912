/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where routes lead.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rib.h"

#define CHAINS 4096u

int paths_init(struct rib *rib)
{
	rib->path_heads = calloc(CHAINS, sizeof(*rib->path_heads));
	rib->paths = calloc(PATHS_MAX, sizeof(*rib->paths));
	rib->leg_hops = calloc(INTERFACES_MAX, sizeof(*rib->leg_hops));
	rib->path_count = 1;
	return rib->path_heads && rib->paths && rib->leg_hops ? 0 : -ENOMEM;
}

void paths_fini(struct rib *rib)
{
	for (uint32_t i = 0; rib->paths && i < rib->path_count; i++)
		free(rib->paths[i].leg);
	free(rib->paths);
	free(rib->path_heads);
	free(rib->leg_hops);
}

/* --- the table -------------------------------------------------------------------------------------------------------- */

static uint32_t hash_bytes(uint32_t hash, const void *data, size_t len)
{
	for (const uint8_t *byte = data; len--; byte++)
		hash = (hash ^ *byte) * 16777619u;
	return hash;
}

static uint32_t *chain(const struct rib *rib, uint32_t nexthop, const struct news_leg *legs, unsigned count,
                       enum news_type type)
{
	uint32_t hash = hash_bytes(2166136261u, &nexthop, sizeof(nexthop));

	if (!nexthop) {
		hash = hash_bytes(hash, &type, sizeof(type));
		for (unsigned i = 0; i < count; i++) {
			hash = hash_bytes(hash, &legs[i].link, sizeof(legs[i].link));
			hash = hash_bytes(hash, legs[i].gateway.byte, sizeof(legs[i].gateway.byte));
		}
	}
	return &rib->path_heads[(hash ^ hash >> 16) & (CHAINS - 1)];
}

static uint32_t *chain_of(const struct rib *rib, const struct path *path)
{
	struct news_leg legs[NEWS_LEGS_MAX];

	for (unsigned i = 0; i < path->legs; i++)
		legs[i] = path->leg[i].told;
	return chain(rib, path->nexthop, legs, path->legs, path->type);
}

static int path_new(struct rib *rib)
{
	uint32_t number = rib->path_free;
	int hop;

	if (!number && rib->path_count == PATHS_MAX)
		return -ENOSPC;
	hop = router_hop_alloc(rib->router);
	if (hop < 0)
		return hop;
	if (number)
		rib->path_free = rib->paths[number].next;
	else
		number = rib->path_count++;
	rib->paths[number] = (struct path){ .used = true, .hop = (uint32_t)hop };
	return (int)number;
}

static void legs_drop(struct rib *rib, struct path *path)
{
	for (unsigned i = 0; i < path->legs; i++)
		if (path->leg[i].neighbour)
			resolver_release(rib->resolver, path->leg[i].neighbour);
	free(path->leg);
	path->leg = NULL;
	path->legs = 0;
	path->connected = false;
}

/* Gives a path its legs, whose neighbours are wanted from now on. */
static int legs_set(struct path *path, const struct news_leg *legs, unsigned count)
{
	struct path_leg *leg = calloc(count ? count : 1, sizeof(*leg));

	if (!leg)
		return -ENOMEM;
	for (unsigned i = 0; i < count; i++)
		leg[i].told = legs[i];
	path->leg = leg;
	path->legs = count;
	return 0;
}

static void path_free(struct rib *rib, uint32_t number, uint32_t *head)
{
	struct path *path = &rib->paths[number];

	while (*head != number)
		head = &rib->paths[*head].next;
	*head = path->next;
	if (path->single)
		rib->resolver->by_hop[path->hop] = 0;
	legs_drop(rib, path);
	router_hop_free(rib->router, path->hop);
	*path = (struct path){ .next = rib->path_free };
	rib->path_free = number;
}

/* --- what a hop says -------------------------------------------------------------------------------------------------- */

struct members {
	unsigned count;
	struct path_leg *leg[NEWS_LEGS_MAX];
	uint16_t weight[NEWS_LEGS_MAX];
	unsigned interface[NEWS_LEGS_MAX];
};

/* Notes a leg that can be used. One that leads out by no interface of ours is the kernel's to serve. */
static void members_add(struct rib *rib, struct members *members, struct path *path, struct path_leg *leg,
                        uint16_t weight)
{
	unsigned interface = rib->interface_of(rib->arg, leg->told.link);
	struct adjacency *neighbour = NULL;

	if (interface && leg->told.gateway.family)
		neighbour = resolver_get(rib->resolver, interface, &leg->told.gateway);
	if (neighbour != leg->neighbour) {
		if (neighbour)
			resolver_hold(rib->resolver, neighbour);
		if (leg->neighbour)
			resolver_release(rib->resolver, leg->neighbour);
		leg->neighbour = neighbour;
	}
	path->connected |= interface && !leg->told.gateway.family;
	if (leg->told.dead || members->count == NEWS_LEGS_MAX ||
	    (interface && leg->told.gateway.family && !neighbour) ||
	    (interface && !interface_up(&rib->router->interfaces[interface])))
		return;
	members->leg[members->count] = leg;
	members->weight[members->count] = weight;
	members->interface[members->count++] = interface;
}

static void members_find(struct rib *rib, struct members *members, struct path *path)
{
	members->count = 0;
	path->connected = false;
	for (unsigned i = 0; i < path->legs; i++) {
		struct path_leg *leg = &path->leg[i];
		uint32_t number = leg->told.nexthop ? path_of_nexthop(rib, leg->told.nexthop) : 0;
		struct path *object = number ? path_at(rib, number) : NULL;

		if (!leg->told.nexthop)
			members_add(rib, members, path, leg, leg->told.weight);
		for (unsigned j = 0; object && j < object->legs; j++)
			if (!object->leg[j].told.nexthop)
				members_add(rib, members, object, &object->leg[j], leg->told.weight);
	}
}

static uint64_t member_word(const struct members *members, unsigned i)
{
	if (!members->interface[i])
		return hop_word(HOP_LOCAL, 0, 0);
	return members->leg[i]->neighbour ? neighbour_word(members->leg[i]->neighbour)
	                                  : hop_word(HOP_CONNECTED, members->interface[i], 0);
}

static int member_hop(struct rib *rib, const struct members *members, unsigned i)
{
	unsigned interface = members->interface[i];

	if (!interface)
		return HOP_OF_LOCAL;
	if (members->leg[i]->neighbour)
		return (int)members->leg[i]->neighbour->hop;
	if (!rib->leg_hops[interface]) {
		int hop = router_hop_alloc(rib->router);

		if (hop < 0)
			return hop;
		router_hop_set(rib->router, (uint32_t)hop, hop_word(HOP_CONNECTED, interface, 0));
		rib->leg_hops[interface] = (uint32_t)hop;
	}
	return (int)rib->leg_hops[interface];
}

/* A group has room for GROUP_MOST: legs of different weights take shares of it. */
static void set_group(struct rib *rib, const struct path *path, const struct members *members)
{
	unsigned total = 0, count = 0, lightest = UINT32_MAX;
	uint32_t hops[GROUP_MOST];

	for (unsigned i = 0; i < members->count; i++) {
		total += members->weight[i];
		lightest = members->weight[i] < lightest ? members->weight[i] : lightest;
	}
	for (unsigned i = 0; i < members->count; i++) {
		unsigned share = members->weight[i];
		int hop = member_hop(rib, members, i);

		if (total == members->count * lightest)
			share = 1;
		else if (total > GROUP_MOST)
			share = (share * (GROUP_MOST - members->count) + total / 2) / total + 1;
		for (; hop >= 0 && share && count < GROUP_MOST; share--)
			hops[count++] = (uint32_t)hop;
	}
	if (!count || router_hop_set_group(rib->router, path->hop, hops, count))
		router_hop_set(rib->router, path->hop, member_word(members, 0));
}

void path_refresh(struct rib *rib, struct path *path)
{
	static const enum hop_kind kinds[] = { [TYPE_UNICAST] = HOP_UNREACHABLE,
		                               [TYPE_LOCAL] = HOP_LOCAL,
		                               [TYPE_BLACKHOLE] = HOP_BLACKHOLE,
		                               [TYPE_UNREACHABLE] = HOP_UNREACHABLE,
		                               [TYPE_PROHIBIT] = HOP_PROHIBIT };
	uint32_t *by_hop = rib->resolver->by_hop;
	struct members members;

	members.count = 0;
	if (path->type == TYPE_UNICAST)
		members_find(rib, &members, path);
	path->single = members.count == 1 ? members.leg[0]->neighbour : NULL;
	by_hop[path->hop] = path->single ? (uint32_t)(path->single - rib->resolver->all) + 1 : 0;
	if (members.count > 1)
		set_group(rib, path, &members);
	else
		router_hop_set(rib->router, path->hop,
		               members.count ? member_word(&members, 0) : hop_word(kinds[path->type], 0, 0));
}

void paths_refresh(struct rib *rib)
{
	for (uint32_t i = 1; i < rib->path_count; i++)
		if (rib->paths[i].used)
			path_refresh(rib, &rib->paths[i]);
}

void paths_follow(struct rib *rib, const struct adjacency *neighbour)
{
	for (uint32_t i = 1; i < rib->path_count; i++)
		if (rib->paths[i].used && rib->paths[i].single == neighbour)
			router_hop_set(rib->router, rib->paths[i].hop, neighbour_word(neighbour));
}

/* --- for routes ------------------------------------------------------------------------------------------------------- */

static bool leg_equal(const struct news_leg *a, const struct news_leg *b)
{
	return a->link == b->link && a->weight == b->weight && a->dead == b->dead && ip_equal(&a->gateway, &b->gateway);
}

bool path_is(const struct path *path, const struct news_route *news)
{
	if (path->nexthop || news->nexthop)
		return path->nexthop == news->nexthop;
	if (path->type != news->type || path->legs != news->legs)
		return false;
	for (unsigned i = 0; i < path->legs; i++)
		if (!leg_equal(&path->leg[i].told, &news->leg[i]))
			return false;
	return true;
}

unsigned path_without(const struct path *path, struct news_route *news)
{
	struct news_leg left[NEWS_LEGS_MAX] = { 0 };
	unsigned count = 0;

	for (unsigned i = 0; i < path->legs; i++) {
		bool named = false;

		for (unsigned j = 0; !named && j < news->legs; j++)
			named = path->leg[i].told.link == news->leg[j].link &&
			        ip_equal(&path->leg[i].told.gateway, &news->leg[j].gateway);
		if (!named)
			left[count++] = path->leg[i].told;
	}
	memcpy(news->leg, left, count * sizeof(*left));
	news->legs = count;
	return path->legs - count;
}

uint32_t path_get(struct rib *rib, const struct news_route *news)
{
	/* What is local, or leads nowhere, does so by whatever link. */
	unsigned legs = news->type == TYPE_UNICAST ? news->legs : 0;
	struct news_route plain = { .type = news->type, .legs = legs };
	uint32_t *head;
	int number;

	if (news->nexthop) {
		uint32_t object = path_of_nexthop(rib, news->nexthop);

		if (object)
			path_at(rib, object)->refs++;
		return object;
	}
	memcpy(plain.leg, news->leg, legs * sizeof(*news->leg));
	head = chain(rib, 0, plain.leg, legs, news->type);
	for (uint32_t at = *head; at; at = rib->paths[at].next)
		if (path_is(&rib->paths[at], &plain)) {
			rib->paths[at].refs++;
			return at;
		}
	number = path_new(rib);
	if (number < 0)
		return 0;
	rib->paths[number].type = news->type;
	rib->paths[number].refs = 1;
	rib->paths[number].next = *head;
	*head = (uint32_t)number;
	if (legs_set(&rib->paths[number], plain.leg, legs)) {
		path_free(rib, (uint32_t)number, head);
		return 0;
	}
	path_refresh(rib, &rib->paths[number]);
	return (uint32_t)number;
}

void path_put(struct rib *rib, uint32_t number)
{
	struct path *path = &rib->paths[number];

	if (!--path->refs && !path->told)
		path_free(rib, number, chain_of(rib, path));
}

/* --- objects ---------------------------------------------------------------------------------------------------------- */

uint32_t path_of_nexthop(struct rib *rib, uint32_t id)
{
	uint32_t *head = chain(rib, id, NULL, 0, TYPE_UNICAST);
	int number;

	for (uint32_t at = *head; at; at = rib->paths[at].next)
		if (rib->paths[at].nexthop == id)
			return at;
	number = path_new(rib);
	if (number < 0)
		return 0;
	rib->paths[number].nexthop = id;
	rib->paths[number].next = *head;
	*head = (uint32_t)number;
	return (uint32_t)number;
}

/* Groups that it is in change with it. */
static void refresh_groups_of(struct rib *rib, uint32_t id)
{
	for (uint32_t i = 1; i < rib->path_count; i++)
		for (unsigned j = 0; rib->paths[i].used && j < rib->paths[i].legs; j++)
			if (rib->paths[i].leg[j].told.nexthop == id) {
				path_refresh(rib, &rib->paths[i]);
				break;
			}
}

int path_set_nexthop(struct rib *rib, struct path *path, const struct news_nexthop *news)
{
	struct path before = *path;

	if (legs_set(path, news->leg, news->legs))
		return -ENOMEM;
	path->type = news->type;
	path->told = true;
	path_refresh(rib, path);
	/* Only now, so that neighbours who stay are never let go. */
	legs_drop(rib, &before);
	refresh_groups_of(rib, path->nexthop);
	return 0;
}

void path_nexthop_gone(struct rib *rib, struct path *path)
{
	path->told = false;
	legs_drop(rib, path);
	path_refresh(rib, path);
	refresh_groups_of(rib, path->nexthop);
	/* While a dump comes, it stays as a tombstone. */
	if (!path->refs && !rib->dumping)
		path_free(rib, (uint32_t)(path - rib->paths), chain_of(rib, path));
}
