/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A forwarder: one worker with its routes. The loop is in forward.c, what happens rarely in backlog.c, how
 * they are made in setup.c.
 */
#ifndef L2FWD_FORWARD_H
#define L2FWD_FORWARD_H

#include <weir/pool.h>
#include <weir/port.h>

#include "common/budget.h"
#include "common/idle.h"
#include "common/ports.h"
#include "common/workers.h"
#include "plan.h"

/* From a receive queue to a transmit queue. */
struct route {
	struct weir_rxq *rxq;
	struct weir_txq *txq;
	struct inlet *inlet;
	struct outlet *outlet;
	unsigned most;    /* entries to take at once, at least what one packet may need */
	uint8_t macs[12]; /* destination and source that packets get */
	bool mac_update;
	bool curious;  /* what the port says of its packets is counted */
	bool finished; /* nothing comes any more */

	/* What the transmit queue has not taken yet. */
	unsigned waiting;
	struct weir_pkt *backlog; /* the last @waiting of backlog[most] */
	bool patient;             /* one end is a file and can wait: nothing is dropped for want of room */
	bool stuck;               /* packets were dropped for want of room, and none was sent since */
	uint64_t since;           /* weir_clock() when the queue last took something, while packets wait */

	/* With a budget: entries beyond it that a packet of several may need, and whether one was there after the last look. */
	unsigned entries_max, stretch;
	bool ready;
};

struct forwarder {
	struct workers *workers;
	uint8_t *base; /* weir_mem_base() */
	unsigned count;
	struct route *routes;
	unsigned unfinished; /* routes */
	uint64_t now;        /* weir_clock() after the last thing done */
	uint64_t patience;   /* in ticks of weir_clock(): for how long packets wait for room */
	struct weir_pkt *pkts;
	struct idle idle;
	unsigned burst;
	struct budget *budget; /* NULL: no limit */
	struct weir_pool_cache *cache;
};

/* The worker's function; takes a struct forwarder. */
worker_fn forward_run;

/*
 * Deals with what the transmit queue had no room for: it took @sent of @n entries. The rest is kept, or dropped when the
 * queue has refused everything for too long.
 */
void backlog_add(struct forwarder *forwarder, struct route *route, const struct weir_pkt *pkts, unsigned sent,
                 unsigned n);

/* Tries to send what the route has kept, instead of receiving. Returns how many entries were sent. */
unsigned backlog_send(struct forwarder *forwarder, struct route *route);

/* Sends what all routes have kept, as far as that is possible in time, and drops the rest: the end has come. */
void backlog_end(struct forwarder *forwarder);

/* As weir_rx() on the route, but for no more packets than the budget has left. */
unsigned budget_rx(struct forwarder *forwarder, struct route *route);

/* Takes the packets of @n entries, which are done with, off the budget if there is one. */
void budget_strike(struct forwarder *forwarder, const struct weir_pkt *pkts, unsigned n);

/*
 * Makes a forwarder for each worker of a plan. The ports must be started. @budget may be NULL. On success *@forwarders
 * is a table of as many as the options have workers. Returns 0, or -errno after saying why.
 */
int forwarders_make(struct forwarder **forwarders, const struct plan *plan, const struct l2fwd_options *options,
                    struct ports *ports, struct workers *workers, struct budget *budget);
void forwarders_free(struct forwarder *forwarders, unsigned count);

#endif
