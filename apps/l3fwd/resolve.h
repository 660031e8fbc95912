/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Neighbours: which MAC address an IP address has on the network of an interface.
 *
 * Either weir asks for itself, by ARP and neighbour discovery, keeps what it learns fresh and forgets what nobody uses; or
 * all of it is the kernel's, which is told who is wanted and who is in use. What is to be sent to a neighbour
 * that is not known yet waits, a few packets each, no more than QUEUED_MOST all together.
 *
 * A neighbour has a hop of the router. Where it is a host of a connected network, it gets a route of its own when
 * the first packet asks for it.
 *
 * For the control thread alone.
 */
#ifndef L3FWD_RESOLVE_H
#define L3FWD_RESOLVE_H

#include <weir/pool.h>

#include "netlink_parse.h"
#include "router.h"

#define NEIGHBOURS_MAX 65536u
#define ADDRESSES_MAX  4096u
#define QUEUE_MOST     8u /* packets that wait for one neighbour, of one buffer each */
#define QUEUED_MOST    1024u

enum neighbour_state {
	NEIGHBOUR_NONE,       /* nobody has asked for it */
	NEIGHBOUR_INCOMPLETE, /* asked for */
	NEIGHBOUR_REACHABLE,
	NEIGHBOUR_STALE, /* known, but no longer for sure */
	NEIGHBOUR_PROBE, /* known, and asked itself whether that is so still */
	NEIGHBOUR_FAILED,
	NEIGHBOUR_PERMANENT, /* known, because somebody said so */
};

struct adjacency {
	struct ip ip;
	uint16_t interface; /* 0: a free slot */
	uint8_t state;
	uint8_t tries;
	bool host; /* it has a route of its own */
	uint32_t hop;
	uint32_t gateways; /* paths that lead to it: kept known, used or not */
	uint64_t mac;
	uint64_t since; /* ms: it was last known for sure, or in use */
	uint64_t due;   /* ms: when something is to be done */
	uint32_t next;  /* in its chain, or of the free ones */
	uint32_t generation;
	unsigned waiting;
	struct weir_pkt queue[QUEUE_MOST];
};

/* An address of an interface of ours. */
struct own_address {
	struct ip ip;
	uint8_t len;
	uint16_t interface;
	bool link_local, secondary, tentative;
	uint32_t generation;
};

struct resolver_counts {
	uint64_t asked;   /* questions sent */
	uint64_t learned; /* MAC addresses, new or changed */
	uint64_t failed;  /* neighbours who did not answer */
	uint64_t queued, queue_full;
};

struct resolver_hooks {
	void *arg;
	/* The hop of a neighbour leads elsewhere now. */
	void (*changed)(void *arg, const struct adjacency *neighbour);
	/* Gives a neighbour a route of its own, or takes it away. Returns whether it has one now. */
	bool (*host)(void *arg, const struct adjacency *neighbour, bool there);
	/* NULL: weir asks for itself. Else the kernel is to find the neighbour, or to see that it is still there. */
	void (*ask)(void *arg, const struct adjacency *neighbour);
	/* Whether the kernel answers for this interface. NULL: never. */
	bool (*answered)(void *arg, unsigned interface);
};

struct resolver {
	struct router *router;
	struct weir_pool_cache *cache;
	struct resolver_hooks hooks;
	uint64_t now;  /* ms */
	uint64_t due;  /* ms: the earliest of all neighbours' */
	uint32_t free; /* slots; numbers are indices plus 1, 0 ends a chain */
	uint32_t fresh;
	uint32_t count, hosts;
	uint32_t waiting;
	uint32_t *heads;        /* chains by interface and address */
	uint32_t *by_hop;       /* [HOPS_MAX]: the neighbour that a hop leads to */
	struct adjacency *all;  /* [NEIGHBOURS_MAX] */
	bool addresses_changed; /* since sources were chosen */
	unsigned address_count;
	struct own_address *addresses; /* [ADDRESSES_MAX] */
	struct resolver_counts counts;
};

/* Returns 0, or -ENOMEM after saying so. */
int resolver_init(struct resolver *resolver, struct router *router, const struct resolver_hooks *hooks);
void resolver_fini(struct resolver *resolver);

/* --- addresses of ours (resolve_address.c) ------------------------------------------------------------------------- */

/* Adds an address to an interface, or changes it. Returns it, or NULL when there are too many. */
struct own_address *resolver_address_add(struct resolver *resolver, unsigned interface,
                                         const struct news_address *address);
void resolver_address_remove(struct resolver *resolver, unsigned interface, const struct ip *ip);
/* Removes those that were not told of in this generation. */
void resolver_address_sweep(struct resolver *resolver, uint32_t generation);
/* Chooses anew what the ICMP errors of each interface come from; resolver_tick() does so after changes. */
void resolver_choose_sources(struct resolver *resolver);
/* The address that @ip is asked for from; NULL: there is none of its family. */
const struct own_address *resolver_source(const struct resolver *resolver, unsigned interface, const struct ip *ip);
/* Our address @ip on the interface, or NULL. */
const struct own_address *resolver_own(const struct resolver *resolver, unsigned interface, const struct ip *ip);

/* --- neighbours (resolve.c) ----------------------------------------------------------------------------------------- */

/* The neighbour, made if there is none yet. NULL: there are too many. */
struct adjacency *resolver_get(struct resolver *resolver, unsigned interface, const struct ip *ip);
struct adjacency *resolver_find(const struct resolver *resolver, unsigned interface, const struct ip *ip);

/* Makes the neighbour that a hop leads to, which somebody else has made; a MAC address that it has stays for ever. */
int resolver_adopt(struct resolver *resolver, unsigned interface, const struct ip *ip, uint32_t hop);

/* A path leads to it from here on, or no longer. */
void resolver_hold(struct resolver *resolver, struct adjacency *neighbour);
void resolver_release(struct resolver *resolver, struct adjacency *neighbour);

/* The word of a hop that leads to it. */
uint64_t neighbour_word(const struct adjacency *neighbour);

/* Its MAC address is this, for sure or not. */
void resolver_learn(struct resolver *resolver, struct adjacency *neighbour, uint64_t mac, bool sure);
/* Its MAC address is not known any more. */
void resolver_forget(struct resolver *resolver, struct adjacency *neighbour);
/* Forgets all neighbours of an interface that went down. */
void resolver_interface_down(struct resolver *resolver, unsigned interface);
/* Takes away the routes of hosts whose addresses lie in a prefix. */
void resolver_hosts_drop(struct resolver *resolver, const struct ip *ip, unsigned len);
/* Forgets what the kernel did not tell of in this generation. */
void resolver_sweep(struct resolver *resolver, uint32_t generation);

/* Takes a packet that was punted because of a missing MAC address: sent at once, queued, or dropped. */
void resolver_wanted(struct resolver *resolver, struct weir_pkt *pkts, unsigned n);

/* Does what is due at @now, in ms. */
void resolver_tick(struct resolver *resolver, uint64_t now);

/* --- packets (resolve_packet.c) -------------------------------------------------------------------------------------- */

/* Asks for the neighbour: everybody, or, when its MAC address is known, itself. */
void resolver_ask(struct resolver *resolver, const struct adjacency *neighbour);

/* Looks at a packet that came in: learns from it, answers it. */
void resolver_arp(struct resolver *resolver, unsigned interface, const uint8_t *frame, size_t len);
void resolver_nd(struct resolver *resolver, unsigned interface, const uint8_t *frame, size_t len);

static inline bool ip_equal(const struct ip *a, const struct ip *b)
{
	return a->family == b->family && !memcmp(a->byte, b->byte, sizeof(a->byte));
}

/* Whether the first @len bits of both are the same. */
static inline bool ip_within(const struct ip *ip, const struct ip *prefix, unsigned len)
{
	return ip->family == prefix->family && !memcmp(ip->byte, prefix->byte, len / 8) &&
	       !(len % 8 && (ip->byte[len / 8] ^ prefix->byte[len / 8]) >> (8 - len % 8));
}

#endif
