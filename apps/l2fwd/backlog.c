/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the loop seldom needs: full transmit queues, and a limit on the number of packets.
 *
 * What finds no room is kept, and the route takes no more packets until it is sent: they wait in the receive queue, which
 * is what it is for, and in their order. The worker's other routes go on, one of which may be the very one that makes
 * room. Nobody waits for long behind a port that takes nothing any more: after the patience that was asked for, what is
 * kept is dropped, and so is what comes next, until the port takes something again. Where one end is a file there is no
 * such limit, and nothing is dropped.
 */
#include "forward.h"

#include <string.h>

static const struct weir_pkt *kept(const struct route *route)
{
	return route->backlog + route->most - route->waiting;
}

static void give_up(struct forwarder *forwarder, struct route *route, const struct weir_pkt *pkts, unsigned n)
{
	tally(&route->outlet->given_up, weir_pkt_count(pkts, n));
	weir_pool_free(forwarder->cache, pkts, n);
	/* The buffers are wanted by a queue that receives, not here. */
	weir_pool_cache_flush(forwarder->cache);
}

void backlog_add(struct forwarder *forwarder, struct route *route, const struct weir_pkt *pkts, unsigned sent,
                 unsigned n)
{
	if (sent)
		route->stuck = false;
	if (route->stuck) {
		give_up(forwarder, route, pkts, n);
		return;
	}
	route->waiting = n - sent;
	memcpy(route->backlog + route->most - route->waiting, pkts + sent, route->waiting * sizeof(*pkts));
	route->since = weir_clock();
	idle_hurry(&forwarder->idle, true);
}

/* The patience is at its end. */
static void backlog_drop(struct forwarder *forwarder, struct route *route)
{
	budget_strike(forwarder, kept(route), route->waiting);
	give_up(forwarder, route, kept(route), route->waiting);
	route->waiting = 0;
	route->stuck = true;
}

unsigned backlog_send(struct forwarder *forwarder, struct route *route)
{
	uint64_t before = forwarder->now;
	unsigned sent = weir_tx(route->txq, kept(route), route->waiting);

	budget_strike(forwarder, kept(route), sent);
	route->waiting -= sent;
	forwarder->now = weir_clock();
	if (sent) {
		tally(&route->inlet->ticks, forwarder->now - before);
		route->since = forwarder->now;
	} else if ((!route->patient || outlet_lost(route->outlet)) &&
	           forwarder->now - route->since > forwarder->patience) {
		backlog_drop(forwarder, route);
	}
	if (!route->waiting)
		idle_hurry(&forwarder->idle, false);
	return sent;
}

void backlog_end(struct forwarder *forwarder)
{
	uint64_t start = weir_clock(), most = weir_clock_hz(); /* somebody waits for the end */

	if (most > forwarder->patience)
		most = forwarder->patience;
	for (unsigned i = 0; i < forwarder->count; i++) {
		struct route *route = &forwarder->routes[i];

		while (route->waiting && weir_clock() - start < most)
			backlog_send(forwarder, route);
		if (route->waiting)
			backlog_drop(forwarder, route);
	}
}

unsigned budget_rx(struct forwarder *forwarder, struct route *route)
{
	unsigned claimed = budget_claim(forwarder->budget, forwarder->burst);
	unsigned limit = claimed > route->entries_max ? claimed : route->entries_max;
	unsigned most = claimed + route->stretch, n;
	bool ready;

	if (!claimed)
		return 0;
	if (most > limit)
		most = limit;
	n = weir_rx(route->rxq, forwarder->pkts, most);
	budget_settle(forwarder->budget, claimed, weir_pkt_count(forwarder->pkts, n));
	/*
	 * Nothing came: there is nothing, or the next packet takes more entries than that; which it does if it was there
	 * before the call. One more is allowed each time, so that it is this packet alone that comes when there is room for
	 * it.
	 */
	if (n || most == limit) {
		route->stretch = 0;
		route->ready = false;
		return n;
	}
	ready = weir_rxq_arm(route->rxq) != 0;
	route->stretch = !ready ? 0 : route->ready ? route->stretch + 1 : route->stretch;
	route->ready = ready;
	return n;
}

void budget_strike(struct forwarder *forwarder, const struct weir_pkt *pkts, unsigned n)
{
	if (forwarder->budget && budget_spend(forwarder->budget, weir_pkt_count(pkts, n)))
		workers_all_done(forwarder->workers);
}
