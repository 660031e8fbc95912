/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What workers that forward and the one control thread that tells them how share.
 *
 *        control thread                                       workers
 *   netlink, files, ARP, NDP  --- interfaces, hops, tables --->  look up, write headers, send
 *                             <-- punt ring: what is not theirs --
 *                             --- inject rings, one a port ------>
 *
 * A forwarding table (lib/fib) says which *hop* an address has. The hop's word in router.hops holds all that a worker
 * needs: whether a neighbour, and then its interface and MAC address; or a group of hops of which a packet's flow
 * chooses one; or what else becomes of the packet. A host on a connected network is a route of its own (/32, /128) to the
 * hop of that neighbour; what no such route matches meets the network's route, of kind HOP_CONNECTED, and is punted.
 *
 * Only the control thread writes; workers read without locks. What a worker reads is a word that changes as a whole
 * (hops, interface words), or does not change as long as a worker may see it (groups): numbers of hops and groups that
 * were freed are given out again when each worker has begun another round since.
 */
#ifndef L3FWD_ROUTER_H
#define L3FWD_ROUTER_H

#include <stdbool.h>
#include <stdint.h>

#include <weir/fib.h>
#include <weir/port.h>
#include <weir/ring.h>
#include <weir/wire.h>

#include "common/log.h"

#define PORTS_MAX      256u
#define INTERFACES_MAX 4096u /* number 0 is none */
#define HOPS_MAX       (1u << 18)
#define GROUPS_MAX     4096u
#define GROUP_MOST     64u /* hops in a group; one that is in it more often gets more */

/* --- hops ---------------------------------------------------------------------------------------------------------- */

enum hop_kind {
	HOP_NONE,        /* nothing yet: as if there were no route */
	HOP_NEIGHBOUR,   /* send to the MAC address, through the interface */
	HOP_UNRESOLVED,  /* the same, but the MAC address is not known: PUNT_UNRESOLVED */
	HOP_CONNECTED,   /* the destination itself is on the interface's network, and not known: PUNT_CONNECTED */
	HOP_GROUP,       /* one of a group */
	HOP_LOCAL,       /* an address of ours: PUNT_LOCAL */
	HOP_BLACKHOLE,   /* dropped without a word */
	HOP_UNREACHABLE, /* answered by ICMP */
	HOP_PROHIBIT,
};

/* Hops that are always there, for routes of these kinds. */
enum { HOP_OF_LOCAL, HOP_OF_BLACKHOLE, HOP_OF_UNREACHABLE, HOP_OF_PROHIBIT, HOPS_FIXED };

/* A hop's word: 4 bits kind, 12 bits interface, 48 bits MAC address (the first byte the highest) or group. */
static inline uint64_t hop_word(enum hop_kind kind, unsigned interface, uint64_t mac)
{
	return (uint64_t)kind << 60 | (uint64_t)interface << 48 | mac;
}

static inline enum hop_kind hop_kind(uint64_t word)
{
	return (enum hop_kind)(word >> 60);
}

static inline unsigned hop_interface(uint64_t word)
{
	return word >> 48 & 0xfffu;
}

static inline uint64_t hop_mac(uint64_t word)
{
	return word & 0xffffffffffffu;
}

static inline uint64_t mac_pack(const uint8_t mac[6])
{
	return (uint64_t)weir_load_be16(mac) << 32 | weir_load_be32(mac + 2);
}

static inline void mac_unpack(uint8_t mac[6], uint64_t packed)
{
	weir_store_be16(mac, (uint16_t)(packed >> 32));
	weir_store_be32(mac + 2, (uint32_t)packed);
}

/* Hops that share what goes to them. Written once. */
struct group {
	uint32_t count;
	uint32_t member[GROUP_MOST]; /* hops, none of them a group */
};

/* --- interfaces ---------------------------------------------------------------------------------------------------- */

/* A port, or a VLAN of a port. What is above the line does not change while there is the interface. */
struct interface {
	uint16_t port;
	uint16_t vlan; /* 0: untagged */
	char name[32]; /* "0", "1.100" */
	/* ---- */
	uint64_t link; /* MAC address as in a hop's word; MTU in the upper 16 bits. One word. */
	uint32_t up;
	/* What ICMP errors that leave by this interface come from. Guarded by @version, which is odd while they change. */
	uint32_t version;
	uint32_t source4; /* as in a packet; 0: none */
	uint64_t source6[2];
};

static inline uint64_t link_mac(uint64_t link)
{
	return link & 0xffffffffffffu;
}

static inline unsigned link_mtu(uint64_t link)
{
	return (unsigned)(link >> 48);
}

/* --- between workers and the control thread ------------------------------------------------------------------------ */

/* Why a packet is given to the control thread. */
enum punt {
	PUNT_LOCAL,      /* IP, to an address of ours */
	PUNT_MULTICAST,  /* IP, to a multicast or broadcast address */
	PUNT_ARP,        /* ARP */
	PUNT_OTHER,      /* no IP: LLDP, IS-IS ... */
	PUNT_CONNECTED,  /* to be sent through .interface to its IP destination, whose MAC address is wanted */
	PUNT_UNRESOLVED, /* to be sent to the hop .detail, whose MAC address is wanted */
	PUNT_COUNT
};
const char *punt_name(unsigned punt);

/*
 * Punted packets begin with the Ethernet header, without a tag; no checksum is left to be filled in. Those that were to
 * be sent have been through everything (validation, TTL, MTU) but for the MAC addresses. What else there is to know
 * takes the place of .hash and .vlan.
 */
static inline void punt_mark(struct weir_pkt *pkt, enum punt why, unsigned interface, uint32_t detail)
{
	pkt->flags &= (uint16_t) ~(WEIR_PKT_VLAN | WEIR_PKT_HASH | WEIR_PKT_TX);
	pkt->vlan = (uint16_t)(why << 12 | interface);
	pkt->hash = detail;
}

static inline enum punt punt_why(const struct weir_pkt *pkt)
{
	return (enum punt)(pkt->vlan >> 12);
}

static inline unsigned punt_interface(const struct weir_pkt *pkt)
{
	return pkt->vlan & 0xfffu;
}

static inline uint32_t punt_detail(const struct weir_pkt *pkt)
{
	return pkt->hash;
}

/* Why a packet went nowhere. Sections are RFC 1812's. */
enum drop {
	DROP_SHORT,         /* the frame ends within a header */
	DROP_VLAN,          /* no interface has this tag */
	DROP_DOWN,          /* the interface that it came by, or is to leave by, is down */
	DROP_NOT_OURS,      /* to somebody else's MAC address */
	DROP_TYPE,          /* neither IP nor anything that somebody here wants */
	DROP_VERSION,       /* 5.2.2 (3) */
	DROP_HEADER_LENGTH, /* 5.2.2 (4) */
	DROP_CHECKSUM,      /* 5.2.2 (2) */
	DROP_LENGTH,        /* 5.2.2 (1), (5): the packet claims more bytes than there are, or fewer than its header */
	DROP_SOURCE,        /* 5.3.7: no address that a packet may come from */
	DROP_DESTINATION,   /* 5.3.7: no address that a packet may go to */
	DROP_LINK_CAST,     /* 5.3.4: a link's broadcast or multicast with an IP unicast in it */
	DROP_OPTIONS,       /* options that cannot be, or a source route */
	DROP_TTL,           /* 5.3.1 */
	DROP_NO_ROUTE,
	DROP_BLACKHOLE,
	DROP_UNREACHABLE,
	DROP_PROHIBIT,
	DROP_TOO_BIG,    /* for the MTU, and not to be fragmented */
	DROP_LOCAL,      /* for us, and nobody takes it */
	DROP_UNRESOLVED, /* the neighbour's MAC address is not known, or too many wait for it */
	DROP_PUNT_FULL,  /* the control thread has too much to do */
	DROP_NO_BUFFER,  /* for a fragment or a copy */
	DROP_INJECT,     /* what the control thread sent found no room */
	DROP_COUNT
};
const char *drop_name(unsigned drop);

/* ICMP errors. */
enum icmp_error {
	ICMP_TIME_EXCEEDED,
	ICMP_UNREACHABLE_NET,
	ICMP_UNREACHABLE_HOST,
	ICMP_PROHIBITED,
	ICMP_TOO_BIG,
	ICMP_BEYOND_SCOPE, /* of the source address: IPv6 */
	ICMP_PARAMETER,
	ICMP_ERROR_COUNT
};

/* What a thread has counted. Others read. */
struct router_counts {
	uint64_t forwarded;
	uint64_t fragments;       /* made */
	uint64_t icmp_sent;       /* errors */
	uint64_t icmp_limited;    /* ... not sent, because there were so many */
	uint64_t icmp_suppressed; /* ... not sent, because of what they would be about */
	uint64_t punts[PUNT_COUNT];
	uint64_t drops[DROP_COUNT];
} __attribute__((aligned(128)));

/* A worker, as far as the control thread sees it. */
struct reader {
	uint64_t epoch;   /* router.epoch when its round began */
	uint32_t pending; /* told to wake up, and has not looked yet */
	int wake_fd;      /* an eventfd that the worker sleeps on */
} __attribute__((aligned(128)));

/* What the control thread sends through a port: frames as they are, sent by the worker who owns it. */
struct inject {
	struct weir_ring *ring;
	unsigned reader; /* the worker */
} __attribute__((aligned(128)));

/* Freed numbers, oldest first, each with the epoch that has to be over. */
struct limbo {
	uint32_t size, head, count; /* of a ring */
	uint32_t fresh;             /* numbers from here on were never given out */
	uint32_t *number;
	uint64_t *epoch;
};

struct router {
	struct weir *weir;
	struct weir_pool *pool;
	struct log *log;
	uint8_t *base; /* weir_mem_base() */
	struct weir_fib *fib4, *fib6;

	unsigned port_count;
	uint16_t *by_vlan[PORTS_MAX]; /* [4096]: interface by VLAN; 0: none */
	unsigned interface_count;     /* the highest number, plus 1 */
	struct interface *interfaces; /* [INTERFACES_MAX] */

	uint64_t *hops; /* [HOPS_MAX] words */
	uint8_t *used;  /* [HOPS_MAX]: a neighbour that packets went to; workers set it, the control thread clears it */
	struct group *groups; /* [GROUPS_MAX] */
	struct limbo free_hops, free_groups;

	uint64_t epoch;
	unsigned reader_count;
	struct reader *readers;

	bool punting;           /* there is a control thread that takes what is punted */
	struct weir_ring *punt; /* from all workers */
	int punt_fd;            /* an eventfd: readable when there is something in it */
	uint32_t punt_pending;
	struct inject *injects; /* one a port */

	struct router_counts *counts; /* one a worker, and then the control thread's */
};

struct router_conf {
	struct weir *weir;
	struct weir_pool *pool;
	struct log *log;
	unsigned ports, workers;
	uint32_t routes4, routes6; /* most of them */
};

/* Makes a router without interfaces and routes. Returns 0, or -errno after saying why. */
int router_init(struct router *router, const struct router_conf *conf);
void router_fini(struct router *router);

/* --- for the control thread alone (or before there are workers) ---------------------------------------------------- */

/*
 * Adds the interface of @vlan (0: untagged) on @port; it is down, and has no addresses. Returns its number, -EEXIST, or
 * -ENOSPC.
 */
int router_interface_add(struct router *router, unsigned port, unsigned vlan);
/* Its number is not given out again. */
void router_interface_remove(struct router *router, unsigned interface);
/* The number of the interface of @vlan on @port, or 0. */
unsigned router_interface_find(const struct router *router, unsigned port, unsigned vlan);
void router_interface_set_link(struct router *router, unsigned interface, const uint8_t mac[6], unsigned mtu);
void router_interface_set_up(struct router *router, unsigned interface, bool up);
/* What ICMP errors come from. NULL: nothing. */
void router_interface_set_source4(struct router *router, unsigned interface, const uint8_t addr[4]);
void router_interface_set_source6(struct router *router, unsigned interface, const uint8_t addr[16]);

/* A new hop, of kind HOP_NONE. Returns its number or -ENOSPC. */
int router_hop_alloc(struct router *router);
/* Frees a hop that no route leads to any more, and its group. */
void router_hop_free(struct router *router, uint32_t hop);
/* Says what becomes of packets that @hop leads to, from now on. */
void router_hop_set(struct router *router, uint32_t hop, uint64_t word);
/* The same: they go to one of @count hops. Returns 0, -EINVAL (a count that cannot be), or -ENOSPC. */
int router_hop_set_group(struct router *router, uint32_t hop, const uint32_t *members, unsigned count);
uint64_t router_hop_get(const struct router *router, uint32_t hop);
/* Whether packets went to this neighbour since the last call. */
bool router_hop_used(struct router *router, uint32_t hop);

/* Sends frames, whole packets, through a port. Returns the number of entries taken; the rest stay the caller's. */
unsigned router_inject(struct router *router, unsigned port, const struct weir_pkt *pkts, unsigned n);
/*
 * Takes punted packets, of @n entries at most. Clears punt_fd first, so that it becomes readable with the next one.
 * Returns the number of entries.
 */
unsigned router_punted(struct router *router, struct weir_pkt *pkts, unsigned n);

/*
 * Makes a frame to @mac through @interface of the packet @pkt, which begins with 14 bytes for an Ethernet header, of
 * which the type stays.
 */
void router_address(const struct router *router, struct weir_pkt *pkt, unsigned interface, const uint8_t mac[6]);

/* --- for workers ---------------------------------------------------------------------------------------------------- */

/* Gives whole packets that punt_mark() has marked to the control thread. Returns the number of entries taken. */
unsigned router_punt(struct router *router, const struct weir_pkt *pkts, unsigned n);

/* For the worker, after it slept: what is injected from here on wakes it again. */
void reader_awake(struct reader *reader);

/* What ICMP errors through the interface come from, consistently. False: there is nothing. */
bool router_source4(const struct interface *interface, uint32_t *addr);
bool router_source6(const struct interface *interface, uint8_t addr[16]);

/* To be called when a round begins: the worker knows no hop, no group from an earlier one. */
static inline void reader_round(struct router *router, struct reader *reader)
{
	uint64_t epoch = __atomic_load_n(&router->epoch, __ATOMIC_ACQUIRE);

	if (reader->epoch != epoch)
		__atomic_store_n(&reader->epoch, epoch, __ATOMIC_RELEASE);
	if (__atomic_load_n(&reader->pending, __ATOMIC_RELAXED))
		reader_awake(reader);
}

static inline uint64_t router_hop(const struct router *router, uint32_t hop)
{
	return __atomic_load_n(&router->hops[hop], __ATOMIC_ACQUIRE);
}

static inline uint64_t interface_link(const struct interface *interface)
{
	return __atomic_load_n(&interface->link, __ATOMIC_RELAXED);
}

static inline bool interface_up(const struct interface *interface)
{
	return __atomic_load_n(&interface->up, __ATOMIC_RELAXED);
}

#endif
