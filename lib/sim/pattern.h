/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frames that can be recognized and checked to the last byte, wherever they come back. Internal to libweirsim.
 *
 * Each is UDP over IPv4 and names its stream (the card that generated it), its flow, and its number in the flow; all
 * other bytes follow from these and the length. On its way only addresses of Ethernet, the TTL and with it the header
 * checksum may change.
 */
#ifndef SIM_PATTERN_H
#define SIM_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/wire.h"

#define PATTERN_MIN    60u
#define PATTERN_WINDOW 1024u /* numbers of a flow in which a late frame is told from a double */

/* Writes frame number @seq of a flow; @len is at least PATTERN_MIN. */
void pattern_make(uint8_t *frame, size_t len, const uint8_t to[6], uint16_t stream, uint16_t flow, uint64_t seq);

/* What was seen of a flow. */
struct pattern_flow {
	uint64_t first, next; /* the lowest number seen; one above the highest */
	uint64_t seen;        /* different numbers */
	uint64_t window[PATTERN_WINDOW / 64];
};

/* What was seen at one place. */
struct pattern_check {
	struct pattern_stream {
		struct pattern_flow *flows;
		unsigned count;
	} * streams;
	unsigned count;
	uint64_t good;
	uint64_t corrupt; /* ours, but not as it was sent */
	uint64_t late;    /* after one of the same flow with a higher number */
	uint64_t twice;
	uint64_t foreign; /* not ours */
};

void pattern_look(struct pattern_check *check, const uint8_t *frame, size_t len);

/* Numbers missing between the lowest and the highest of each flow. */
uint64_t pattern_lost(const struct pattern_check *check);
void pattern_free(struct pattern_check *check);

/* What was seen, as a wire's counters. */
#define PATTERN_COUNTERS 6
void pattern_counters(const struct pattern_check *check, struct wire_counter rows[PATTERN_COUNTERS]);

#endif
