/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A forwarder: one worker, with the receive queues that it serves and a transmit queue of its own on each port.
 *
 *      accept    forward.c    the frame's interface, and whether the packet is one that can be routed
 *      look up   forward.c    flows, then the forwarding tables, for all packets of a burst at once
 *      dispatch  dispatch.c   what the hop says: send, punt, drop, answer; TTL, MTU, addresses
 *      send      egress.c      what goes through one port goes together
 *
 * What seldom happens has files of its own: icmp.c answers with errors, fragment.c cuts packets, ip_options.c reads
 * options. Each takes a packet, and is done with it when it returns.
 */
#ifndef L3FWD_FORWARD_H
#define L3FWD_FORWARD_H

#include "common/budget.h"
#include "common/idle.h"
#include "common/ports.h"
#include "common/workers.h"
#include "router.h"

struct flows;

/* A receive queue. */
struct ingress {
	struct weir_rxq *rxq;
	struct inlet *inlet;
	const uint16_t *by_vlan; /* router.by_vlan[] of the port */
	unsigned most;           /* entries to take at once, at least */
	unsigned least;          /* ... what one packet may need */
	bool finished;
};

/* A transmit queue, with what is to go through it. */
struct egress {
	struct weir_txq *txq; /* NULL: the port does not send */
	struct outlet *outlet;
	struct weir_pkt *pkts; /* [EGRESS_ROOM] */
	unsigned count;
	unsigned injects; /* the port whose injected packets this worker sends, plus 1; 0: none */
	bool patient;     /* files are read or written: nothing is dropped for want of room */
	bool hurried;     /* some did not go the last time */
	uint64_t since;   /* weir_clock() when the queue last took something */
};
#define EGRESS_ROOM 2048u

/* A packet that is being routed. */
struct item {
	struct weir_pkt *pkts; /* its entries; begins with an Ethernet header, without a tag */
	uint16_t n;
	uint16_t interface; /* that it came by */
	uint32_t total;     /* bytes of the IP packet */
	uint32_t hop;
	uint8_t family; /* 4 or 6 */
	bool cast;      /* came by a broadcast or multicast of the link */
};

/* Packets that may be sent at a rate: so many, and then as time passes. */
struct allowance {
	uint64_t ticks; /* of weir_clock() for one; 0: none are allowed */
	uint64_t most;  /* ticks that can be saved */
	uint64_t since; /* what has been saved begins here */
};

/* @rate: in a second; a tenth of that at once. (icmp.c) */
void allowance_init(struct allowance *allowance, unsigned rate);

struct forwarder {
	struct workers *workers;
	struct router *router;
	struct reader *reader;
	struct router_counts *counts;
	uint8_t *base;
	struct weir_pool_cache *cache;
	const struct flows *flows; /* NULL: none */
	unsigned burst;
	unsigned ingress_count;
	struct ingress *ingresses;
	unsigned egress_count;
	struct egress *egresses; /* by port */
	unsigned unfinished;
	uint64_t now;      /* weir_clock() after the last thing done */
	uint64_t patience; /* in ticks: for how long packets wait for a port that takes none */
	struct idle idle;
	int idle_fd; /* an epoll of the request to stop and of the reader's */
	struct budget *budget;
	struct allowance icmp;
	uint32_t ident; /* of IPv4 packets that are made here */

	/* A burst on its way. Items of each family, and what is looked up for them. */
	struct weir_pkt *pkts;
	struct item *items[2]; /* IPv4, IPv6 */
	unsigned item_count[2];
	uint32_t *addr4;
	struct weir_fib_ip6 *addr6;
	uint32_t *hops;
};

/* The worker's function; takes a struct forwarder. */
worker_fn forward_run;

/* Routes a burst of @n entries, whole packets, that came by @ingress; what is to be sent waits in the egresses. */
void forward_burst(struct forwarder *forwarder, const struct ingress *ingress, struct weir_pkt *pkts, unsigned n);

/* Does what the item's hop says. Takes the packet, as all of the following do. (dispatch.c) */
void dispatch(struct forwarder *forwarder, struct item *item);
/* Sends a packet that needs nothing any more but its neighbour's address, which @word and the item's hop have. */
void dispatch_to(struct forwarder *forwarder, struct item *item, uint64_t word);
/* The word that the destination of a packet of ours, of the item's family, leads to. Sets the item's hop. */
uint64_t dispatch_word(struct forwarder *forwarder, struct item *item, const void *dst);

/*
 * Answers the packet with an error, if one may be sent, and drops it. @detail: the MTU for ICMP_TOO_BIG,
 * the offending byte for ICMP_PARAMETER. (icmp.c)
 */
void icmp_answer(struct forwarder *forwarder, struct item *item, enum icmp_error error, unsigned detail, enum drop why);
/* Sends an IPv4 packet in fragments of at most @mtu bytes. (fragment.c) */
void fragment_send(struct forwarder *forwarder, struct item *item, uint64_t word, unsigned mtu);

/* Frees a packet and counts why. */
void forward_drop(struct forwarder *forwarder, const struct weir_pkt *pkts, unsigned n, enum drop why);
/* Gives a packet to the control thread, or drops it when there is none. */
void forward_punt(struct forwarder *forwarder, struct item *item, enum punt why, unsigned interface, uint32_t detail);

/* Makes the packet end where its IP header says, and sets .total and .n. */
void forward_trim(struct forwarder *forwarder, struct item *item);

/* Queues a packet's @n entries to be sent. (egress.c) */
void egress_send(struct forwarder *forwarder, struct egress *egress, const struct weir_pkt *pkts, unsigned n);
/* Sends what waits everywhere, and what was injected. Returns whether anything moved. */
bool egress_flush(struct forwarder *forwarder);
/* Sends what waits as far as that is possible in time, and drops the rest: the end has come. */
void egress_end(struct forwarder *forwarder);

static inline struct weir_ipv4 *item_ipv4(const struct forwarder *forwarder, const struct item *item)
{
	return (struct weir_ipv4 *)(weir_pkt_data(forwarder->base, item->pkts) + sizeof(struct weir_eth));
}

static inline struct weir_ipv6 *item_ipv6(const struct forwarder *forwarder, const struct item *item)
{
	return (struct weir_ipv6 *)(weir_pkt_data(forwarder->base, item->pkts) + sizeof(struct weir_eth));
}

#endif
