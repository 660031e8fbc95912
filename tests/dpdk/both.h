/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two cards of the same kind in one simulator: DPDK's driver on the bench's, ours on the other.
 */
#ifndef TESTS_DPDK_BOTH_H
#define TESTS_DPDK_BOTH_H

#include "bench.h" /* first, for what it includes first */

#include "weir/port.h"

#define BOTH_QUEUES 4
#define BOTH_MTU    9000u
#define BOTH_BUFFER 2048u
#define BOTH_TYPES  (WEIR_PKT_L3 | WEIR_PKT_L4)

/* The second card, with our driver. */
struct ours {
	struct weir_sim_nic *nic;
	struct weir_pool *pool;
	struct weir_pool_cache *cache;
	struct weir_port *port;
};

extern struct ours ours;

/* How both are started, with the same queues, key and offloads. */
struct both_conf {
	const char *model;
	bool vector;        /* which functions DPDK's driver uses, */
	uint16_t rx_refill; /* ... as in struct pmd_conf */
	bool coalesce;
};

void begin_both(const struct both_conf *conf);
void end_both(void);

/* Calls @fn for the frames of all captures in the tree. */
void captures(void (*fn)(const uint8_t *frame, size_t len));

/* The first bytes of a frame, for the log. */
void hex(const char *who, const uint8_t *bytes, int len);

#endif
