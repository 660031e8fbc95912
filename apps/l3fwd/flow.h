/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Flows: packets that have five things in common, which are source and destination address, protocol, and ports. A table
 * of them leads single flows where no route would; and a hash of them keeps a flow on one way where there are several.
 *
 * A fragment has no ports but the first, so all of a packet's go by their addresses and protocol alone (with ports 0).
 */
#ifndef L3FWD_FLOW_H
#define L3FWD_FLOW_H

#include "forward.h"

/* As in packets. IPv4 addresses are in the first 4 bytes, 0 behind them. */
struct flow_key {
	uint8_t src[16], dst[16];
	uint16_t src_port, dst_port;
	uint8_t protocol;
	uint8_t family; /* 4 or 6 */
	uint16_t zero;
};

/* Reads what makes the item's packet one of a flow. IPv6 extension headers are not looked behind: ports are 0. */
void flow_key(uint8_t *base, const struct item *item, struct flow_key *key);

/* A hash of that, of which all bits are good. */
uint32_t flow_hash(uint8_t *base, const struct item *item);

struct flows;

/* Makes a table for up to @most flows. Returns 0 or -ENOMEM. */
int flows_create(struct flows **flows, uint32_t most);
void flows_destroy(struct flows *flows);
uint32_t flows_count(const struct flows *flows);
/* Adds a flow. Returns 0, -EEXIST, or -ENOSPC. Not while others look up. */
int flows_add(struct flows *flows, const struct flow_key *key, uint32_t hop);

/* Replaces the hops of those of @n items that belong to a flow of the table. */
void flows_look_up(const struct flows *flows, uint8_t *base, const struct item *items, uint32_t *hops, unsigned n);

#endif
