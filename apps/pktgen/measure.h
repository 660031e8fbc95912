/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What became of a stream's packets, counted one by one. A stream's packets are numbered 0, 1, 2, ... as they are sent.
 *
 *      arrived      came undamaged, the first copy of its number
 *      duplicate    came undamaged, and a packet of this number had come before (RFC 5560)
 *      reordered    arrived after one with a higher number had (RFC 4737: its number is below the next expected one); so
 *                   of two that change places one is reordered
 *      corrupted    came, with a checksum in its payload that does not fit
 *      lost         sent, and neither arrived nor corrupted: known when the last one sent has had time to come
 *      missing      the same before that: below the highest number that arrived, and neither
 *      ancient      came undamaged, but so far behind that nobody knows any more whether one had come before; it is
 *                   counted nowhere else
 *
 * A packet is forgotten MEASURE_WINDOW numbers behind the highest one.
 *
 * One thread counts, others may read meanwhile: what they see is a moment's.
 */
#ifndef PKTGEN_MEASURE_H
#define PKTGEN_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

#include "latency.h"

#define MEASURE_WINDOW 131072u

struct measure_counts {
	uint64_t arrived;
	uint64_t bytes; /* of those */
	uint64_t duplicates;
	uint64_t reordered;
	uint64_t corrupted;
	uint64_t ancient;
	uint64_t next;     /* one above the highest number that arrived */
	uint64_t furthest; /* how far a reordered packet's number was below @next, at most */
	uint64_t gaps;     /* how often numbers were skipped: losses in a row are one */
};

struct measure {
	struct measure_counts counts;
	uint64_t seen[MEASURE_WINDOW / 64]; /* a bit for each number below @next, at its remainder */
	struct latency latency;
};

/* What a packet turned out to be, for triggers: any of these. */
#define MEASURE_GAP       0x01u /* numbers before it were skipped */
#define MEASURE_REORDERED 0x02u
#define MEASURE_DUPLICATE 0x04u
#define MEASURE_CORRUPTED 0x08u
#define MEASURE_ANCIENT   0x10u

void measure_clear(struct measure *measure);

/* A packet of @bytes came undamaged, @latency_ns after it was sent. Returns MEASURE_*. */
unsigned measure_packet(struct measure *measure, uint64_t number, unsigned bytes, uint64_t latency_ns);

/* A damaged one came. Returns MEASURE_CORRUPTED. */
unsigned measure_damaged(struct measure *measure);

/* Reads the counts, by any thread. */
void measure_read(const struct measure *measure, struct measure_counts *counts);

/* Adds up what several receivers have of a stream. */
void measure_add(struct measure_counts *sum, const struct measure_counts *counts);

/* How many of @sent packets are lost; before the last had time to come: with @next instead, how many are missing. */
uint64_t measure_lost(const struct measure_counts *counts, uint64_t sent);

#endif
