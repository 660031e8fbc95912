/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All routes of a forwarding table by prefix: what is there, and what a route that goes away uncovers.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "fib/fib.h"

bool addr_cut(uint8_t addr[16], unsigned len)
{
	uint8_t rest = 0;

	for (unsigned i = len / 8; i < 16; i++) {
		uint8_t keep = i == len / 8 ? (uint8_t)(0xff00 >> len % 8) : 0;

		rest |= addr[i] & (uint8_t)~keep;
		addr[i] &= keep;
	}
	return rest;
}

static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 32) * 0xd6e8feb86659fd93u;
	x = (x ^ x >> 32) * 0xd6e8feb86659fd93u;
	return x ^ x >> 32;
}

static uint32_t slot_of(const struct fib_routes *routes, const uint8_t addr[16], unsigned len)
{
	uint64_t half[2];

	memcpy(half, addr, sizeof(half));
	return (uint32_t)mix(mix(mix(routes->seed + len) ^ half[0]) ^ half[1]) & routes->mask;
}

int routes_open(struct fib_routes *routes, uint32_t max)
{
	uint64_t slots = 4;

	while (slots / 4 * 3 < max)
		slots *= 2;
	routes->slots = calloc(slots, sizeof(*routes->slots));
	if (!routes->slots)
		return -ENOMEM;
	routes->mask = (uint32_t)(slots - 1);
	if (getrandom(&routes->seed, sizeof(routes->seed), GRND_NONBLOCK) < 0)
		routes->seed = weir_clock();
	return 0;
}

void routes_close(struct fib_routes *routes)
{
	free(routes->slots);
}

uint64_t routes_bytes(const struct fib_routes *routes)
{
	return ((uint64_t)routes->mask + 1) * sizeof(*routes->slots);
}

struct fib_route *routes_find(const struct fib_routes *routes, const uint8_t addr[16], unsigned len)
{
	for (uint32_t i = slot_of(routes, addr, len); routes->slots[i].used; i = (i + 1) & routes->mask) {
		struct fib_route *route = &routes->slots[i];

		if (route->len == len && !memcmp(route->addr, addr, sizeof(route->addr)))
			return route;
	}
	return NULL;
}

void routes_put(struct fib_routes *routes, const struct fib_route *route)
{
	uint32_t i = slot_of(routes, route->addr, route->len);

	while (routes->slots[i].used)
		i = (i + 1) & routes->mask;
	routes->slots[i] = *route;
	routes->slots[i].used = 1;
	routes->count++;
	routes->by_len[route->len]++;
}

/* Leaves no gap between a route and the slot that its search starts from: those behind move up. */
void routes_drop(struct fib_routes *routes, struct fib_route *route)
{
	uint32_t gap = (uint32_t)(route - routes->slots);

	routes->count--;
	routes->by_len[route->len]--;
	for (uint32_t i = (gap + 1) & routes->mask; routes->slots[i].used; i = (i + 1) & routes->mask) {
		uint32_t home = slot_of(routes, routes->slots[i].addr, routes->slots[i].len);

		if (((i - home) & routes->mask) < ((i - gap) & routes->mask))
			continue;
		routes->slots[gap] = routes->slots[i];
		gap = i;
	}
	routes->slots[gap].used = 0;
}

const struct fib_route *routes_parent(const struct fib_routes *routes, const uint8_t addr[16], unsigned len)
{
	uint8_t shorter[16];

	memcpy(shorter, addr, sizeof(shorter));
	while (len--) {
		const struct fib_route *route;

		if (!routes->by_len[len])
			continue;
		addr_cut(shorter, len);
		route = routes_find(routes, shorter, len);
		if (route)
			return route;
	}
	return NULL;
}
