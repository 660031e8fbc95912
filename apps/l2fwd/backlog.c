/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the loop seldom needs: full transmit queues, and a limit on the number of packets.
 *
 * Between live ports a packet that finds no room is dropped soon, for the next ones are coming anyway. Where one end is
 * a file it is kept, and the route takes no more packets until it is sent; the worker's other routes go on, one of
 * which may be the very one that makes room.
 */
#include "forward.h"

#include <string.h>

#define TRIES_MAX 32

static void give_up(struct forwarder *forwarder, struct route *route, const struct weir_pkt *pkts, unsigned n)
{
	tally(&route->outlet->given_up, weir_pkt_count(pkts, n));
	weir_pool_free(forwarder->cache, pkts, n);
	/* The buffers are wanted by a queue that receives, not here. */
	weir_pool_cache_flush(forwarder->cache);
}

void backlog_add(struct forwarder *forwarder, struct route *route, const struct weir_pkt *pkts, unsigned n)
{
	if (route->patient) {
		memcpy(route->backlog + route->most - n, pkts, n * sizeof(*pkts));
		route->waiting = n;
		idle_hurry(&forwarder->idle, true);
		return;
	}
	for (unsigned tries = 0; n && tries < TRIES_MAX; tries++) {
		unsigned sent = weir_tx(route->txq, pkts, n);

		pkts += sent;
		n -= sent;
	}
	if (n)
		give_up(forwarder, route, pkts, n);
}

static const struct weir_pkt *kept(const struct route *route)
{
	return route->backlog + route->most - route->waiting;
}

unsigned backlog_send(struct forwarder *forwarder, struct route *route)
{
	uint64_t before = forwarder->now;
	unsigned sent = weir_tx(route->txq, kept(route), route->waiting);

	budget_strike(forwarder, kept(route), sent);
	route->waiting -= sent;
	if (!route->waiting)
		idle_hurry(&forwarder->idle, false);
	forwarder->now = weir_clock();
	if (sent)
		tally(&route->inlet->ticks, forwarder->now - before);
	return sent;
}

void backlog_drop(struct forwarder *forwarder, struct route *route)
{
	if (!route->waiting)
		return;
	give_up(forwarder, route, kept(route), route->waiting);
	route->waiting = 0;
}

unsigned budget_rx(struct forwarder *forwarder, struct route *route)
{
	unsigned claimed = budget_claim(forwarder->budget, forwarder->burst);
	unsigned limit = claimed > route->entries_max ? claimed : route->entries_max;
	unsigned most = claimed + route->stretch, n;

	if (!claimed)
		return 0;
	if (most > limit)
		most = limit;
	n = weir_rx(route->rxq, forwarder->pkts, most);
	budget_settle(forwarder->budget, claimed, weir_pkt_count(forwarder->pkts, n));
	/*
	 * Nothing came: there is nothing, or the next packet takes more entries than that. One more is allowed each
	 * time, so that it is this packet alone that comes when there is room for it.
	 */
	if (!n && most < limit && weir_rxq_arm(route->rxq) != 0)
		route->stretch++;
	else
		route->stretch = 0;
	return n;
}

void budget_strike(struct forwarder *forwarder, const struct weir_pkt *pkts, unsigned n)
{
	if (forwarder->budget && budget_spend(forwarder->budget, weir_pkt_count(pkts, n)))
		workers_all_done(forwarder->workers);
}
