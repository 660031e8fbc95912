/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Changing a forwarding table while others read it.
 *
 * Each cell holds the answer for all of its addresses, so a reader never has to combine what it read at two moments,
 * and one store changes the answer. What takes several stores goes in an order in which no answer is wrong in between:
 * a group is filled with what the cell above it says before that cell leads to it, and the cell above has taken over
 * the answer when its group is left alone.
 *
 * A reader may stay in such a group, and sees there what was right when it was retired. Before groups are filled again,
 * @recycled moves; a reader that began before that repeats itself (lookup.c). Groups are recycled many at a time, so
 * that this is rare.
 */
#include "fib/fib.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define COUNT_MAX  (1u << 24) /* of routes, of groups */
#define RECYCLE_AT 64u        /* groups are recycled when so many have been retired, or when no others are left */
#define DEPTH_MAX  13u        /* groups that an address can lead through */

/* The cells and numbers of the groups that the way to a route leads through. */
struct path {
	unsigned depth;
	size_t cells[DEPTH_MAX]; /* that lead to the groups */
	size_t first;            /* of the cells that the route answers for */
	size_t span;             /* how many these are */
};

static uint32_t group_of(const struct weir_fib *fib, size_t cell)
{
	return fib->cells[cell] & ~FIB_CHILD;
}

static uint32_t *routes_in(const struct weir_fib *fib, uint32_t group)
{
	return &fib->routes_in[group - FIB_FIRST];
}

/* --- groups ------------------------------------------------------------------------------------------------------- */

static uint32_t groups_left(const struct weir_fib *fib)
{
	return FIB_FIRST + fib->max_groups - fib->fresh + fib->frees + fib->retirees;
}

static void groups_recycle(struct weir_fib *fib)
{
	fib->free = fib->retired;
	fib->frees = fib->retirees;
	fib->retired = fib->retirees = 0;
	__atomic_store_n(&fib->recycled, fib->recycled + 1, __ATOMIC_RELEASE);
}

/* A group that no reader is in, or will return from unnoticed. There must be one left. */
static uint32_t group_take(struct weir_fib *fib)
{
	uint32_t group;

	if (!fib->free && (fib->retirees >= RECYCLE_AT || fib->fresh == FIB_FIRST + fib->max_groups))
		groups_recycle(fib);
	group = fib->free;
	if (!group)
		return fib->fresh++;
	fib->free = *routes_in(fib, group);
	fib->frees--;
	return group;
}

/* Puts a group that says the same in its place behind a cell. */
static void group_grow(struct weir_fib *fib, size_t cell)
{
	uint32_t group = group_take(fib);
	size_t first = group_cells(group);

	for (unsigned i = 0; i < FIB_GROUP; i++)
		__atomic_store_n(&fib->cells[first + i], fib->cells[cell], __ATOMIC_RELEASE);
	memset(&fib->lens[first], fib->lens[cell], FIB_GROUP);
	*routes_in(fib, group) = 0;
	__atomic_store_n(&fib->cells[cell], FIB_CHILD | group, __ATOMIC_RELEASE);
}

static void group_retire(struct weir_fib *fib, uint32_t group)
{
	*routes_in(fib, group) = fib->retired;
	fib->retired = group;
	fib->retirees++;
}

/* --- cells -------------------------------------------------------------------------------------------------------- */

/* Gives a route of @len, or what takes its place, the cells that no longer route than @upto answers for. */
static void cells_set(struct weir_fib *fib, size_t first, size_t n, unsigned upto, unsigned len, uint32_t value)
{
	for (size_t i = first; i < first + n; i++) {
		if (fib->cells[i] & FIB_CHILD) {
			cells_set(fib, group_cells(fib->cells[i]), FIB_GROUP, upto, len, value);
		} else if (fib->lens[i] <= upto) {
			fib->lens[i] = (uint8_t)len;
			__atomic_store_n(&fib->cells[i], value, __ATOMIC_RELEASE);
		}
	}
}

/* Finds the way to @addr/@len as far as it exists. Returns how many groups it is short of. */
static unsigned path_find(const struct weir_fib *fib, const uint8_t addr[16], unsigned len, struct path *path)
{
	size_t at = (size_t)addr[0] << 16 | (size_t)addr[1] << 8 | addr[2];
	unsigned bits = FIB_ROOT_BITS;

	for (path->depth = 0; len > bits; bits += FIB_GROUP_BITS) {
		path->cells[path->depth] = at;
		if (!(fib->cells[at] & FIB_CHILD))
			return (len - bits + FIB_GROUP_BITS - 1) / FIB_GROUP_BITS;
		path->depth++;
		at = group_cells(fib->cells[at]) + addr[bits / 8];
	}
	path->first = at;
	path->span = (size_t)1 << (bits - len);
	return 0;
}

/* --- routes ------------------------------------------------------------------------------------------------------- */

/* Writes "10.0.0.0/8" into @text. */
static const char *route_text(const struct weir_fib *fib, const uint8_t addr[16], unsigned len, char text[64])
{
	char host[INET6_ADDRSTRLEN];

	inet_ntop(fib->family == 4 ? AF_INET : AF_INET6, addr, host, sizeof(host));
	snprintf(text, 64, "%s/%u", host, len);
	return text;
}

/* Copies the address of a route and checks it. Returns 0 or -EINVAL. */
static int route_check(const struct weir_fib *fib, const void *addr, unsigned len, uint8_t out[16])
{
	uint8_t whole[16] = { 0 };
	char text[64], proper[64];

	memcpy(whole, addr, fib->bits / 8);
	memcpy(out, whole, sizeof(whole));
	if (len > fib->bits)
		return weir_fail(fib->weir, -EINVAL,
		                 "%s: route %s is longer than an IPv%u address; its length is 0 to %u", fib->name,
		                 route_text(fib, whole, len, text), fib->family, fib->bits);
	if (addr_cut(out, len))
		return weir_fail(fib->weir, -EINVAL, "%s: route %s has bits beyond its length; write %s", fib->name,
		                 route_text(fib, whole, len, text), route_text(fib, out, len, proper));
	return 0;
}

/*
 * Takes in a route that was not there: room, then groups on the way to it. Returns 0, or -ENOSPC with nothing changed.
 */
static int route_make(struct weir_fib *fib, const struct fib_route *route, struct path *path)
{
	unsigned missing = path_find(fib, route->addr, route->len, path);
	char text[64];

	if (fib->routes.count == fib->max_routes)
		return weir_fail(fib->weir, -ENOSPC, "%s: no room for route %s beside %u others; raise max_routes",
		                 fib->name, route_text(fib, route->addr, route->len, text), fib->routes.count);
	if (missing > groups_left(fib))
		return weir_fail(fib->weir, -ENOSPC,
		                 "%s: route %s needs %u groups of cells, and %u of %u are left; raise max_groups",
		                 fib->name, route_text(fib, route->addr, route->len, text), missing, groups_left(fib),
		                 fib->max_groups);
	while (path_find(fib, route->addr, route->len, path))
		group_grow(fib, path->cells[path->depth]);
	for (unsigned i = 0; i < path->depth; i++)
		++*routes_in(fib, group_of(fib, path->cells[i]));
	routes_put(&fib->routes, route);
	return 0;
}

int weir_fib_add(struct weir_fib *fib, const void *addr, unsigned len, uint32_t hop)
{
	struct fib_route route = { .hop = hop, .len = (uint8_t)len };
	struct fib_route *there;
	struct path path;
	int err;

	err = route_check(fib, addr, len, route.addr);
	if (err)
		return err;
	if (hop > WEIR_FIB_HOP_MAX)
		return weir_fail(fib->weir, -EINVAL, "%s: a hop of %u; the largest is %u", fib->name, hop,
		                 WEIR_FIB_HOP_MAX);
	there = routes_find(&fib->routes, route.addr, len);
	if (there) {
		there->hop = hop;
		path_find(fib, route.addr, len, &path);
	} else {
		err = route_make(fib, &route, &path);
		if (err)
			return err;
	}
	cells_set(fib, path.first, path.span, len, len, hop + 1);
	return 0;
}

/* Finds a route that has to be there, and its address in @key. Returns 0, -EINVAL or -ENOENT. */
static int route_seek(const struct weir_fib *fib, const void *addr, unsigned len, uint8_t key[16],
                      struct fib_route **route)
{
	int err = route_check(fib, addr, len, key);
	char text[64];

	if (err)
		return err;
	*route = routes_find(&fib->routes, key, len);
	if (!*route)
		return weir_fail(fib->weir, -ENOENT, "%s: there is no route %s; its length counts, too", fib->name,
		                 route_text(fib, key, len, text));
	return 0;
}

int weir_fib_remove(struct weir_fib *fib, const void *addr, unsigned len)
{
	const struct fib_route *parent;
	struct fib_route *route;
	unsigned parent_len, keep;
	struct path path;
	uint32_t value;
	uint8_t key[16];
	int err;

	err = route_seek(fib, addr, len, key, &route);
	if (err)
		return err;
	parent = routes_parent(&fib->routes, key, len);
	value = parent ? parent->hop + 1 : 0;
	parent_len = parent ? parent->len : 0;
	routes_drop(&fib->routes, route);

	path_find(fib, key, len, &path);
	for (unsigned i = 0; i < path.depth; i++)
		--*routes_in(fib, group_of(fib, path.cells[i]));
	for (keep = 0; keep < path.depth && *routes_in(fib, group_of(fib, path.cells[keep])); keep++)
		;
	if (keep == path.depth) {
		cells_set(fib, path.first, path.span, len, parent_len, value);
		return 0;
	}
	/* No route ends in the groups from here on: all of their addresses are the parent's, and one cell says it. */
	for (unsigned i = keep; i < path.depth; i++)
		group_retire(fib, group_of(fib, path.cells[i]));
	fib->lens[path.cells[keep]] = (uint8_t)parent_len;
	__atomic_store_n(&fib->cells[path.cells[keep]], value, __ATOMIC_RELEASE);
	return 0;
}

int weir_fib_get(struct weir_fib *fib, const void *addr, unsigned len, uint32_t *hop)
{
	struct fib_route *route;
	uint8_t key[16];
	int err;

	err = route_seek(fib, addr, len, key, &route);
	if (!err)
		*hop = route->hop;
	return err;
}

/* --- tables ------------------------------------------------------------------------------------------------------- */

static size_t cells_until(uint32_t group)
{
	return (size_t)group << FIB_GROUP_BITS;
}

static uint64_t bytes_of(const struct weir_fib *fib, uint32_t until)
{
	return cells_until(until) * (sizeof(*fib->cells) + sizeof(*fib->lens)) +
	       (uint64_t)(until - FIB_FIRST) * sizeof(*fib->routes_in) + routes_bytes(&fib->routes) + sizeof(*fib);
}

void weir_fib_info(const struct weir_fib *fib, struct weir_fib_info *info)
{
	snprintf(info->name, sizeof(info->name), "%s", fib->name);
	info->family = fib->family;
	info->routes = fib->routes.count;
	info->max_routes = fib->max_routes;
	info->groups = fib->max_groups - groups_left(fib);
	info->max_groups = fib->max_groups;
	info->bytes = bytes_of(fib, fib->fresh);
	info->max_bytes = bytes_of(fib, FIB_FIRST + fib->max_groups);
	info->recycled = fib->recycled;
}

/* Zeroed memory that is there when it is touched, in large pages if the kernel has some. */
static void *reserve(size_t size)
{
	void *mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (mem == MAP_FAILED)
		return NULL;
	madvise(mem, size, MADV_HUGEPAGE);
	return mem;
}

static int conf_check(struct weir *weir, const struct weir_fib_conf *conf, const char *name)
{
	if (conf->family != 4 && conf->family != 6)
		return weir_fail(weir, -EINVAL, "fib %s: family is %u; it must be 4 or 6", name, conf->family);
	if (!conf->max_routes || conf->max_routes > COUNT_MAX)
		return weir_fail(weir, -EINVAL, "fib %s: max_routes is %u; it must be 1 to %u", name, conf->max_routes,
		                 COUNT_MAX);
	if (conf->max_groups > COUNT_MAX)
		return weir_fail(weir, -EINVAL, "fib %s: max_groups is %u; it must be 0 (chosen by max_routes) to %u",
		                 name, conf->max_groups, COUNT_MAX);
	return 0;
}

/* How many groups a table of so many routes is given, unless somebody knows better. */
static uint32_t groups_for(const struct weir_fib_conf *conf)
{
	uint32_t groups = 1024 + (conf->family == 4 ? conf->max_routes / 4 : conf->max_routes * 2);

	return groups < COUNT_MAX ? groups : COUNT_MAX;
}

int weir_fib_create(struct weir *weir, const struct weir_fib_conf *conf, struct weir_fib **fib)
{
	const char *name = conf->name ? conf->name : "fib";
	struct weir_fib *f;
	size_t cells;
	int err;

	*fib = NULL;
	err = conf_check(weir, conf, name);
	if (err)
		return err;
	f = aligned_alloc(_Alignof(struct weir_fib), sizeof(*f));
	if (!f)
		return weir_fail(weir, -ENOMEM, "fib %s: no memory for a table", name);
	memset(f, 0, sizeof(*f));
	f->weir = weir;
	f->family = conf->family;
	f->bits = conf->family == 4 ? 32 : 128;
	f->max_routes = conf->max_routes;
	f->max_groups = conf->max_groups ? conf->max_groups : groups_for(conf);
	f->fresh = FIB_FIRST;
	lookup_choose(f);
	snprintf(f->name, sizeof(f->name), "%s", name);
	cells = cells_until(FIB_FIRST + f->max_groups);
	f->cells = reserve(cells * sizeof(*f->cells));
	f->lens = reserve(cells * sizeof(*f->lens));
	f->routes_in = reserve((size_t)f->max_groups * sizeof(*f->routes_in));
	if (!f->cells || !f->lens || !f->routes_in || routes_open(&f->routes, f->max_routes)) {
		err = weir_fail(
		    weir, -ENOMEM,
		    "fib %s: no memory for %u routes and %zu cells of 5 bytes; lower max_routes or max_groups", name,
		    f->max_routes, cells);
		weir_fib_destroy(f);
		return err;
	}
	*fib = f;
	return 0;
}

void weir_fib_destroy(struct weir_fib *fib)
{
	size_t cells;

	if (!fib)
		return;
	cells = cells_until(FIB_FIRST + fib->max_groups);
	routes_close(&fib->routes);
	if (fib->routes_in)
		munmap(fib->routes_in, (size_t)fib->max_groups * sizeof(*fib->routes_in));
	if (fib->lens)
		munmap(fib->lens, cells * sizeof(*fib->lens));
	if (fib->cells)
		munmap(fib->cells, cells * sizeof(*fib->cells));
	free(fib);
}
