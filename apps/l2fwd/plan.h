/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who does what: which worker takes packets from which receive queue to which transmit queue.
 *
 * Receive queues are dealt out to the workers in turn. Each worker has a transmit queue of its own on every port that
 * it sends to, so that no queue is ever used by two threads; and the packets of a receive queue all go the same way, so
 * that they stay in order.
 */
#ifndef L2FWD_PLAN_H
#define L2FWD_PLAN_H

#include "common/ports.h"
#include "options.h"

struct leg {
	unsigned from, rx_queue;
	unsigned to, tx_queue;
	unsigned worker;
};

struct plan {
	unsigned count;
	struct leg *legs;
};

/* Fills @wishes, one for each spec: what has to be asked of the ports when they are opened. */
void plan_wishes(const struct l2fwd_options *options, struct port_wish *wishes);

/*
 * Makes the plan for open ports, and marks the ports that have a part in it. Returns 0, or -errno after saying why it
 * cannot be done.
 */
int plan_make(struct plan *plan, const struct l2fwd_options *options, struct ports *ports);
void plan_free(struct plan *plan);

#endif
