/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pauses, as link partners offer them to each other (IEEE 802.3 annex 28B), for drivers whose medium negotiates.
 */
#ifndef PORT_PAUSES_H
#define PORT_PAUSES_H

#include "weir/device.h"

#define PAUSE_SYM  1u
#define PAUSE_ASYM 2u
#define PAUSE_ANY  3u

/* What to offer for @flow. Who only obeys offers both kinds; who only asks, the asymmetric one. */
unsigned pauses_to_offer(const struct weir_flow_control *flow);

/* Fills in what of @flow is in force: all, or when it is @negotiated what the other side offers, too (table 28B-3). */
void pauses_agree(struct weir_flow_control *flow, bool negotiated, unsigned theirs);

/* Checks the marks of @flow, which is complete, against a buffer of so many bytes. */
int pauses_check(struct weir_port *port, const struct weir_flow_control *flow, uint32_t buffer);

/* To and from a register that has a bit for each kind. */
static inline uint32_t pauses_put(unsigned pauses, uint32_t sym, uint32_t asym)
{
	return (pauses & PAUSE_SYM ? sym : 0) | (pauses & PAUSE_ASYM ? asym : 0);
}

static inline unsigned pauses_get(uint32_t value, uint32_t sym, uint32_t asym)
{
	return (value & sym ? PAUSE_SYM : 0) | (value & asym ? PAUSE_ASYM : 0);
}

#endif
