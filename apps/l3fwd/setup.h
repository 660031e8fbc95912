/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Makes forwarders: one for each worker, with the receive queues that --config gives it, or that are its when they are
 * dealt out in turn, and a transmit queue of its own on each port.
 */
#ifndef L3FWD_SETUP_H
#define L3FWD_SETUP_H

#include "forward.h"
#include "options.h"

/* Fills @wishes, one for each spec: what has to be asked of the ports when they are opened. */
void setup_wishes(const struct l3fwd_options *options, struct port_wish *wishes);

struct setup {
	const struct l3fwd_options *options;
	struct ports *ports;
	struct router *router;
	struct workers *workers;
	struct budget *budget;
	const struct flows *flows;
};

/*
 * Makes the forwarders for started ports. On success *@forwarders is a table of as many as there are workers. Returns 0,
 * or -errno after saying why.
 */
int forwarders_make(struct forwarder **forwarders, const struct setup *setup);
void forwarders_free(struct forwarder *forwarders, unsigned count);

/* Marks the ports that packets are taken from and sent to. */
void setup_mark(struct ports *ports);

#endif
