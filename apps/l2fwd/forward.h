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
	bool finished; /* nothing comes any more */

	/* What the transmit queue has not taken yet, when one end is a file and can wait: nothing is dropped then. */
	bool patient;
	unsigned waiting;
	struct weir_pkt *backlog; /* the last @waiting of backlog[most] */

	/* With a budget: entries beyond it that a packet of several may need. */
	unsigned entries_max, stretch;
};

struct forwarder {
	struct workers *workers;
	uint8_t *base; /* weir_mem_base() */
	unsigned count;
	struct route *routes;
	unsigned unfinished; /* routes */
	uint64_t now;        /* weir_clock() after the last thing done */
	struct weir_pkt *pkts;
	struct idle idle;
	unsigned burst;
	struct budget *budget; /* NULL: no limit */
	struct weir_pool_cache *cache;
};

/* The worker's function; takes a struct forwarder. */
worker_fn forward_run;

/* Deals with @n entries that the transmit queue had no room for: keeps them, or tries again and then drops them. */
void backlog_add(struct forwarder *forwarder, struct route *route, const struct weir_pkt *pkts, unsigned n);

/* Tries to send what the route has kept, instead of receiving. Returns how many entries were sent. */
unsigned backlog_send(struct forwarder *forwarder, struct route *route);

/* Drops what is kept: the end has come. */
void backlog_drop(struct forwarder *forwarder, struct route *route);

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
