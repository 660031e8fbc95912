/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A moment's view of all ports, and what happened between two of them.
 */
#ifndef COMMON_STATS_H
#define COMMON_STATS_H

#include <stdint.h>

#include <weir/pool.h>
#include <weir/port.h>

#include "ports.h"

/* What the loop over a receive queue has counted. */
struct load {
	uint64_t bursts, entries, packets, ticks;
};

struct queue_sample {
	struct weir_queue_stats rx, tx; /* zero where there is no such queue */
	struct load load;
};

struct port_sample {
	struct weir_link link;
	struct weir_port_stats stats; /* with what the program gave up, as WEIR_DROP_TX_FULL */
	struct load load;             /* all queues together */
	uint64_t said[SAID_COUNT];    /* the same */
	unsigned queue_count;
	struct queue_sample *queues;
};

struct sample {
	double seconds; /* since the first packet could come */
	unsigned count;
	struct port_sample *ports;
	struct weir_pool_info pool;

	/* Received by input ports, sent by output ports, dropped by either. */
	struct weir_queue_stats rx, tx;
	uint64_t drops[WEIR_DROP_COUNT];
	struct load load;
};

/* Makes an all-zero sample for @ports. Returns 0 or -ENOMEM. */
int sample_init(struct sample *sample, const struct ports *ports);
void sample_fini(struct sample *sample);

/* Reads everything. @seconds is the time since the start. */
void sample_take(struct sample *sample, const struct ports *ports, double seconds);

/* All drops of a queue or port, whatever the reason. */
uint64_t drops_sum(const uint64_t drops[WEIR_DROP_COUNT]);

/* Per packet, per burst and per second, between two values of a counter; 0 where nothing happened. */
double load_cycles(const struct load *now, const struct load *before);
double load_fill(const struct load *now, const struct load *before);
double rate(uint64_t now, uint64_t before, double seconds);

#endif
