/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a card's parser makes of a frame, and the hash that chooses its queue: what cards of several families have in common.
 * Types and status are said as the advanced descriptors say them (regs/advanced.h). Internal to libweirsim.
 */
#ifndef SIM_CLASSIFY_H
#define SIM_CLASSIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "weir/parse.h"

struct sim_class {
	struct weir_parsed parsed;
	bool understood; /* layer 3 and up */
	uint32_t type;   /* RXD_TYPE_* */
	uint32_t status; /* RXD_IPCS, RXD_L4CS, RXD_UDPCS: what was checked */
	bool ip_bad, l4_bad;
};

/* Parses and checks a frame. Cards look behind @tags VLAN tags and behind no MPLS label. */
void sim_classify(struct sim_class *class, const uint8_t *frame, size_t len, unsigned tags);

/* A key, and the table that was made of it. */
struct sim_rss {
	uint8_t key[WEIR_RSS_KEY];
	bool made;
	struct weir_toeplitz table;
};

/* Hashes a frame by @key, of the @types (WEIR_RSS_*) that are on. Returns RSS_TYPE_*, 0: it is not hashed. */
unsigned sim_rss(struct sim_rss *rss, const uint8_t key[WEIR_RSS_KEY], unsigned types, const struct sim_class *class,
                 const uint8_t *frame, uint32_t *hash);

#endif
