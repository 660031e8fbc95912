/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The loop.
 */
#include "forward.h"

#include <string.h>

/* Gives each packet its new addresses. Only its first entry has them. */
static inline void write_macs(uint8_t *base, const struct weir_pkt *pkts, unsigned n, const uint8_t macs[12])
{
	unsigned inside = 0;

	for (unsigned i = 0; i < n; i++) {
		if (!inside && !(pkts[i].flags & WEIR_PKT_SHARED) && pkts[i].len >= 14)
			memcpy(weir_pkt_data(base, &pkts[i]), macs, 12);
		inside = pkts[i].flags & WEIR_PKT_MORE;
	}
}

/* Counts what the port says of its packets, which is in the first entry of each. */
static void count_said(struct inlet *inlet, const struct weir_pkt *pkts, unsigned n)
{
	static const uint16_t flags[SAID_COUNT] = {
		[SAID_IP_GOOD] = WEIR_PKT_IP_GOOD, [SAID_IP_BAD] = WEIR_PKT_IP_BAD, [SAID_L4_GOOD] = WEIR_PKT_L4_GOOD,
		[SAID_L4_BAD] = WEIR_PKT_L4_BAD,   [SAID_VLAN] = WEIR_PKT_VLAN,     [SAID_HASH] = WEIR_PKT_HASH,
	};
	unsigned inside = 0;

	for (unsigned i = 0; i < n; i++) {
		for (unsigned j = 0; !inside && j < SAID_COUNT; j++)
			if (pkts[i].flags & flags[j])
				tally(&inlet->said[j], 1);
		inside = pkts[i].flags & WEIR_PKT_MORE;
	}
}

/* Nothing came: lets the transmit queue get on with what it has, and notices the end. */
static void rest(struct forwarder *forwarder, struct route *route)
{
	weir_tx(route->txq, NULL, 0);
	forwarder->now = weir_clock();
	if (route->finished || !weir_rxq_finished(route->rxq))
		return;
	route->finished = true;
	idle_forget(&forwarder->idle, route->rxq);
	if (--forwarder->unfinished == 0)
		workers_done(forwarder->workers);
}

/* Moves a burst along a route. Returns the number of its entries. */
static inline unsigned serve(struct forwarder *forwarder, struct route *route)
{
	struct weir_pkt *pkts = forwarder->pkts;
	struct inlet *inlet = route->inlet;
	uint64_t before = forwarder->now;
	unsigned n, sent;

	if (__builtin_expect(route->waiting, 0))
		return backlog_send(forwarder, route);
	n = forwarder->budget ? budget_rx(forwarder, route) : weir_rx(route->rxq, pkts, route->most);
	if (!n) {
		rest(forwarder, route);
		return 0;
	}
	tally(&inlet->packets, weir_pkt_count(pkts, n));
	if (__builtin_expect(route->curious, 0))
		count_said(inlet, pkts, n);
	if (route->mac_update)
		write_macs(forwarder->base, pkts, n, route->macs);
	sent = weir_tx(route->txq, pkts, n);
	if (__builtin_expect(sent < n, 0))
		backlog_add(forwarder, route, pkts, sent, n);
	else
		route->stuck = false;
	if (forwarder->budget)
		budget_strike(forwarder, pkts, n - route->waiting);
	forwarder->now = weir_clock();
	tally(&inlet->bursts, 1);
	tally(&inlet->entries, n);
	tally(&inlet->ticks, forwarder->now - before);
	return n;
}

void *forward_run(void *arg)
{
	struct forwarder *forwarder = arg;

	forwarder->now = weir_clock();
	while (!workers_stopping(forwarder->workers)) {
		unsigned moved = 0;

		for (unsigned i = 0; i < forwarder->count; i++)
			moved |= serve(forwarder, &forwarder->routes[i]);
		forwarder->now = idle_round(&forwarder->idle, moved, forwarder->now);
	}
	backlog_end(forwarder);
	return NULL;
}
