/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is to be sent is gathered by port, so that it leaves in full bursts whatever neighbours it is for, and in the
 * order in which it came. What a port does not take waits, for a while, and keeps nothing else from being sent.
 */
#include "forward.h"

#include <string.h>

#define INJECT_BURST 64u

static void give_up(struct forwarder *forwarder, struct egress *egress, const struct weir_pkt *pkts, unsigned n)
{
	tally(&egress->outlet->given_up, weir_pkt_count(pkts, n));
	weir_pool_free(forwarder->cache, pkts, n);
	/* The buffers are wanted by a queue that receives, not here. */
	weir_pool_cache_flush(forwarder->cache);
}

/* Sends what it can. Returns the number of entries. */
static unsigned push(struct egress *egress)
{
	unsigned sent = weir_tx(egress->txq, egress->pkts, egress->count);

	egress->count -= sent;
	if (sent && egress->count)
		memmove(egress->pkts, egress->pkts + sent, egress->count * sizeof(*egress->pkts));
	return sent;
}

static bool has_room(const struct egress *egress, unsigned n)
{
	return egress->count + n <= EGRESS_ROOM;
}

void egress_send(struct forwarder *forwarder, struct egress *egress, const struct weir_pkt *pkts, unsigned n)
{
	if (__builtin_expect(!egress->txq, 0)) {
		forward_drop(forwarder, pkts, n, DROP_DOWN);
		return;
	}
	/* A file takes everything, sooner or later. */
	while (__builtin_expect(!has_room(egress, n), 0))
		if (!push(egress) && (!egress->patient || workers_stopping(forwarder->workers) || n > EGRESS_ROOM)) {
			give_up(forwarder, egress, pkts, n);
			return;
		}
	for (unsigned i = 0; i < n; i++)
		egress->pkts[egress->count + i] = pkts[i];
	egress->count += n;
}

/* Takes what the control thread sends through the port. */
static bool take_injected(struct forwarder *forwarder, struct egress *egress)
{
	unsigned room = EGRESS_ROOM - egress->count;
	unsigned n = weir_ring_pop(forwarder->router->injects[egress->injects - 1].ring, egress->pkts + egress->count,
	                           room < INJECT_BURST ? room : INJECT_BURST);

	egress->count += n;
	return n;
}

static bool flush(struct forwarder *forwarder, struct egress *egress)
{
	bool moved = egress->injects && take_injected(forwarder, egress);

	if (!egress->count) {
		weir_tx(egress->txq, NULL, 0);
	} else if (push(egress)) {
		egress->since = forwarder->now;
		moved = true;
	} else if (egress->hurried && (!egress->patient || outlet_lost(egress->outlet)) &&
	           forwarder->now - egress->since > forwarder->patience) {
		give_up(forwarder, egress, egress->pkts, egress->count);
		egress->count = 0;
	}
	if (egress->hurried != (egress->count > 0)) {
		egress->hurried = !egress->hurried;
		egress->since = forwarder->now;
		idle_hurry(&forwarder->idle, egress->hurried);
	}
	return moved;
}

bool egress_flush(struct forwarder *forwarder)
{
	bool moved = false;

	for (unsigned i = 0; i < forwarder->egress_count; i++)
		if (forwarder->egresses[i].txq)
			moved |= flush(forwarder, &forwarder->egresses[i]);
	return moved;
}

void egress_end(struct forwarder *forwarder)
{
	uint64_t start = weir_clock(), most = weir_clock_hz(); /* somebody waits for the end */

	for (unsigned i = 0; i < forwarder->egress_count; i++) {
		struct egress *egress = &forwarder->egresses[i];

		while (egress->count && weir_clock() - start < most)
			push(egress);
		if (egress->count)
			give_up(forwarder, egress, egress->pkts, egress->count);
		egress->count = 0;
	}
}
