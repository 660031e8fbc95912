/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A forwarding table from inside. Internal to lib/fib.
 *
 * What readers see is one array of cells: the first 2^24 are the root, each 256 after them a group. Groups carry the
 * number of the first of their cells, divided by 256, so the root's come first and are no group's. Readers see nothing
 * else but @recycled; the rest is the writer's.
 */
#ifndef FIB_FIB_H
#define FIB_FIB_H

#include "core/core.h"
#include "weir/fib.h"

#define FIB_ROOT_BITS  24
#define FIB_ROOT_CELLS (1u << FIB_ROOT_BITS)
#define FIB_GROUP_BITS 8
#define FIB_GROUP      (1u << FIB_GROUP_BITS)       /* cells */
#define FIB_FIRST      (FIB_ROOT_CELLS / FIB_GROUP) /* number of the first group */
#define FIB_CHILD      0x80000000u /* a cell that leads to the group of this number; others: hop + 1, 0: none */
#define FIB_LEN_MAX    128
#define FIB_BATCH      32u /* addresses that are looked up side by side, at most */

struct fib_route {
	uint8_t addr[16]; /* 4 or 16 bytes, then zeros; bits after @len are 0 */
	uint32_t hop;
	uint8_t len;
	uint8_t used; /* else the slot is empty */
};

/* All routes by prefix: open addressing, linear probing, at most three quarters full. */
struct fib_routes {
	struct fib_route *slots;
	uint32_t mask;
	uint32_t count;
	uint32_t by_len[FIB_LEN_MAX + 1];
	uint64_t seed; /* who chooses the routes does not choose where they collide */
};

/* Look up to FIB_BATCH addresses up, once. */
typedef void fib_batch4(const struct weir_fib *fib, const uint32_t *addrs, uint32_t *hops, unsigned n);
typedef void fib_batch6(const struct weir_fib *fib, const struct weir_fib_ip6 *addrs, uint32_t *hops, unsigned n);

struct weir_fib {
	uint32_t *cells;   /* written with release, by the one writer */
	uint64_t recycled; /* see fib.c */
	fib_batch4 *batch4;
	fib_batch6 *batch6;

	uint8_t *lens __attribute__((aligned(64))); /* of the route that is in each cell; 0 where there is none */
	uint32_t *routes_in; /* routes that end in each group or beneath it; the list, if in one */
	struct fib_routes routes;
	unsigned family;
	unsigned bits; /* 32 or 128 */
	uint32_t max_routes;
	uint32_t max_groups;
	uint32_t fresh;   /* the lowest number that no group has had yet */
	uint32_t free;    /* list of groups that may be filled; 0: empty */
	uint32_t retired; /* list of groups that readers may still be in; 0: empty */
	uint32_t frees;   /* how many are in the lists */
	uint32_t retirees;
	struct weir *weir;
	char name[32];
};

/* Room for @max routes. Returns 0 or -ENOMEM, without a sentence. */
int routes_open(struct fib_routes *routes, uint32_t max);
void routes_close(struct fib_routes *routes);
uint64_t routes_bytes(const struct fib_routes *routes);

/* The route of this very prefix, or NULL. It moves when routes are put or dropped. */
struct fib_route *routes_find(const struct fib_routes *routes, const uint8_t addr[16], unsigned len);

/* Takes in a route that is not there yet; there must be room. */
void routes_put(struct fib_routes *routes, const struct fib_route *route);
void routes_drop(struct fib_routes *routes, struct fib_route *route);

/* The longest route that is shorter than @len and covers @addr, or NULL. */
const struct fib_route *routes_parent(const struct fib_routes *routes, const uint8_t addr[16], unsigned len);

/* Says how the table is looked up on this processor. */
void lookup_choose(struct weir_fib *fib);

/* For CPU level 4 alone (lookup_level.c), where numbers of cells have 31 bits at most. */
#ifdef __x86_64__
fib_batch4 fib_batch4_wide;
fib_batch6 fib_batch6_wide;
#endif

/* Clears all bits of @addr but the first @len. Returns whether one was set. */
bool addr_cut(uint8_t addr[16], unsigned len);

static inline uint32_t cell_load(const uint32_t *cell)
{
	return __atomic_load_n(cell, __ATOMIC_ACQUIRE);
}

static inline size_t group_cells(uint32_t group)
{
	return (size_t)(group & ~FIB_CHILD) << FIB_GROUP_BITS;
}

#endif
