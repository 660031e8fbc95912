/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Routes as they were told of, and what becomes of them in the forwarding tables.
 *
 * There may be several routes to one prefix: of the kernel's tables the local one comes before the main one, and in a
 * table the lowest metric wins; the best is the one that packets follow. Where routes lead is a *path*: an object of the
 * kernel's (RTM_NEWNEXTHOP), or the legs that routes have of their own, of which those that are alike are one. A
 * path has a hop of the router for as long as it lives, so that a leg that breaks, a neighbour that moves or an object
 * that is replaced changes one word and not every route.
 *
 * For the control thread alone.
 */
#ifndef L3FWD_RIB_H
#define L3FWD_RIB_H

#include "resolve.h"

#define RANK_HOST     3u /* a neighbour of a connected network */
#define RIB_CONNECTED 8192u
#define PATHS_MAX     65536u

struct path_leg {
	struct news_leg told;
	struct adjacency *neighbour; /* held; NULL: no gateway, or not through an interface of ours */
};

struct path {
	uint32_t nexthop; /* the object's number; 0: the legs of routes */
	uint32_t refs;    /* routes */
	uint32_t hop;
	uint32_t next; /* in its chain, or of the free ones */
	uint32_t generation;
	bool told; /* the object is there; routes may be told of first */
	bool used; /* the slot is taken */
	enum news_type type;
	bool connected;           /* a leg has no gateway, but an interface of ours */
	struct adjacency *single; /* the one that the hop copies */
	unsigned legs;
	struct path_leg *leg;
};

struct route {
	uint8_t addr[16];
	uint32_t metric;
	uint32_t path; /* number of the path; 0: a tombstone; RANK_HOST: the neighbour's hop */
	uint32_t next; /* in its chain, or of the free ones */
	uint8_t family, len, rank;
	uint8_t generation;
};

struct connected {
	struct ip ip;
	uint8_t len;
};

struct rib {
	struct router *router;
	struct resolver *resolver;
	/* The interface that a link of the kernel stands for, or 0. */
	unsigned (*interface_of)(void *arg, uint32_t link);
	void *arg;
	uint32_t generation;
	bool dumping;     /* what is told now may be older than what was told before */
	bool was_refused; /* a table was full */

	uint32_t most, count; /* routes */
	uint32_t free, fresh, mask;
	uint32_t *heads;
	struct route *routes;

	uint32_t path_count, path_free;
	uint32_t *path_heads;
	struct path *paths; /* [PATHS_MAX]; number 0 is none */
	uint32_t *leg_hops; /* [INTERFACES_MAX]: the hop of what is connected there, for groups; 0: none yet */

	unsigned connected_count;
	struct connected *connected; /* [RIB_CONNECTED] */
};

/* Room for @most routes of both families. Returns 0, or -ENOMEM after saying so. */
int rib_init(struct rib *rib, struct router *router, struct resolver *resolver, uint32_t most);
void rib_fini(struct rib *rib);

/* A route is there, or gone. Returns 0, or -ENOSPC after saying so, once. */
int rib_route(struct rib *rib, const struct news_route *news, bool gone);
/* An object that routes lead to is there, or changed, or gone. */
int rib_nexthop(struct rib *rib, const struct news_nexthop *news, bool gone);
/* A link came, went, up or down: what leads there is looked at again. */
void rib_links_changed(struct rib *rib);

/*
 * Everything is about to be told of again: what is not is gone when rib_sweep() comes. What has been told of since, by
 * news or by the dump, is not to be believed the dump again: it may be older.
 */
void rib_mark(struct rib *rib);
void rib_sweep(struct rib *rib);
bool rib_told(const struct rib *rib, const struct news_route *news);
bool rib_nexthop_told(struct rib *rib, uint32_t id);

/* Gives a neighbour a route of its own if its address is reached as a connected one; or takes it away. */
bool rib_host(struct rib *rib, const struct adjacency *neighbour, bool there);

/* --- paths (rib_path.c) ---------------------------------------------------------------------------------------------- */

int paths_init(struct rib *rib);
void paths_fini(struct rib *rib);

/* The path of a route, with one reference more. Returns its number, or 0 when there is no room. */
uint32_t path_get(struct rib *rib, const struct news_route *news);
void path_put(struct rib *rib, uint32_t number);
/* Whether the legs are those of the path. */
bool path_is(const struct path *path, const struct news_route *news);
/* Fills @news->leg with the path's legs but for those already in @news. Returns how many were left out. */
unsigned path_without(const struct path *path, struct news_route *news);
/* The object; made if need be. 0: no room. */
uint32_t path_of_nexthop(struct rib *rib, uint32_t id);
int path_set_nexthop(struct rib *rib, struct path *path, const struct news_nexthop *news);
void path_nexthop_gone(struct rib *rib, struct path *path);
/* Says the hop anew. */
void path_refresh(struct rib *rib, struct path *path);
void paths_refresh(struct rib *rib);
/* A neighbour's hop changed. */
void paths_follow(struct rib *rib, const struct adjacency *neighbour);

static inline struct path *path_at(struct rib *rib, uint32_t number)
{
	return &rib->paths[number];
}

#endif
