/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Follows the kernel: links, addresses, neighbours, next hops and routes, as netlink tells of them.
 *
 *      events  --every change-->  netlink  --> links, resolver, rib
 *      dumps   --everything---->     "
 *
 * At the start, and whenever news was lost (the socket overran: ENOBUFS) or the kernel has done what it tells nobody
 * (routes go with their interface), everything is dumped while news goes on; what the dump did not mention is swept away
 * when it is complete, and nothing before. A dump's message may be older than news that came before it was looked at:
 * events are read to the last one after each part of a dump was fetched, and what news told of since the dump began is
 * left as it is. So each object ends up as it was last told of, and packets never miss a route that is there.
 *
 * For the control thread alone; nothing here waits.
 */
#ifndef L3FWD_NETLINK_H
#define L3FWD_NETLINK_H

#include "rib.h"

#define LINKS_MAX INTERFACES_MAX

/* A link of the kernel that is an interface of ours: a twin, or a VLAN on one. */
struct link {
	uint32_t index;
	uint32_t parent; /* the twin that it is on; 0: it is one */
	uint16_t port;
	uint16_t interface;
	uint32_t generation;
	bool up; /* as the router was told */
	struct news_link told;
};

struct netlink_counts {
	uint64_t messages, unreadable, overruns, dumps;
};

struct netlink_conf {
	struct router *router;
	struct resolver *resolver;
	struct rib *rib;
	bool neighbours;  /* are the kernel's */
	unsigned receive; /* bytes that may wait in the socket of events; 0: 8 MiB */
	void *arg;
	void (*changed)(void *arg, const struct link *link); /* a twin's link changed; may be NULL */
};

struct netlink {
	struct netlink_conf conf;
	struct mnl_socket *events, *dumps, *requests;
	uint64_t now;      /* ms */
	uint64_t dump_due; /* ms: UINT64_MAX: no dump is wanted */
	int step;          /* of the dump; -1: none is under way */
	unsigned retries;  /* of this step, because it was interrupted */
	bool abandoned;    /* the dump under way is worth nothing any more */
	bool interrupted;  /* by changes: something may be missing in the answer to this step */
	bool incomplete;   /* something is missing for good: nothing is swept */
	uint32_t sequence;
	uint32_t generation;
	unsigned link_count;
	struct link *links; /* [LINKS_MAX] */
	uint8_t *buffer, *dumped;
	struct netlink_counts counts;
};

/* Returns 0, or -errno after saying why. */
int netlink_open(struct netlink *netlink, const struct netlink_conf *conf);
void netlink_close(struct netlink *netlink);

/* Descriptors that become readable when there is something to do. */
int netlink_events_fd(const struct netlink *netlink);
int netlink_dumps_fd(const struct netlink *netlink);

/* Does a part of what there is to do. */
void netlink_run(struct netlink *netlink, uint64_t now);

/* Whether all that the kernel has is known, as far as netlink can tell. */
bool netlink_in_step(const struct netlink *netlink);

/* Looks at messages; @dumped: they answer a question for everything. */
void netlink_feed(struct netlink *netlink, const void *messages, size_t len, bool dumped);

/* Asks for everything within a moment. */
void netlink_dump_soon(struct netlink *netlink, unsigned ms);

/* Asks the kernel to find a neighbour, or to see that it is still there (a hook of the resolver). */
void netlink_ask(void *netlink, const struct adjacency *neighbour);

/* Tells the kernel about a link of its own. */
struct link_wish {
	int carrier;        /* 0, 1; -1: as it is */
	unsigned mtu;       /* 0: as it is */
	const uint8_t *mac; /* NULL: as it is */
};
int netlink_set_link(struct netlink *netlink, uint32_t index, const struct link_wish *wish);

/* --- links (netlink_link.c) ------------------------------------------------------------------------------------------ */

/* The kernel's link @index is the twin of @port, and is @interface. Returns 0 or -ENOSPC. */
int links_add_twin(struct netlink *netlink, uint32_t index, unsigned port, unsigned interface);
struct link *links_find(const struct netlink *netlink, uint32_t index);
/* The interface that a link stands for, or 0; for the rib. */
unsigned links_interface(void *netlink, uint32_t index);
/* The link that stands for an interface; 0: none. */
uint32_t links_index(const struct netlink *netlink, unsigned interface);
void links_news(struct netlink *netlink, const struct news_link *news, bool gone);
void links_sweep(struct netlink *netlink);

#endif
