/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How long packets were under way: a histogram after Gil Tene's HdrHistogram, which keeps three significant digits of
 * any time between a nanosecond and an hour in a fixed table, so that recording is one increment.
 *
 * The table is in *halves* of 1024 cells: the first two hold one nanosecond a cell, each one after that twice as many as
 * the one before. What is read out is the largest time that falls into the same cell as the one recorded, as HdrHistogram
 * has it; the smallest and the largest time are kept as they were.
 *
 * One thread records, others may read meanwhile: what they see is a moment's.
 */
#ifndef PKTGEN_LATENCY_H
#define PKTGEN_LATENCY_H

#include <stdint.h>

#define LATENCY_HALF   1024u
#define LATENCY_HALVES 33u
#define LATENCY_CELLS  (LATENCY_HALF * LATENCY_HALVES)
#define LATENCY_MOST \
	((uint64_t)LATENCY_HALF << (LATENCY_HALVES - 1)) /* ns: 73 minutes; what is longer counts as this */

struct latency {
	uint64_t count;
	uint64_t min, max; /* ns */
	uint64_t sum;
	uint64_t last;     /* of the packet before */
	uint64_t jitter16; /* sixteen times the interarrival jitter of RFC 3550, 6.4.1 */
	uint64_t cell[LATENCY_CELLS];
};

/* What is told of a histogram, in nanoseconds. All zero when nothing was recorded. */
struct latency_figures {
	uint64_t count;
	double mean, jitter;
	uint64_t min, p50, p99, p99_9, p99_99, max;
};

/* Empty again; also what makes one out of raw memory. */
void latency_clear(struct latency *latency);

void latency_record(struct latency *latency, uint64_t ns);

/* Adds what @other holds. Jitter belongs to a sequence of packets and becomes the larger of the two. */
void latency_add(struct latency *latency, const struct latency *other);

/* The time that @percent of all packets did not take longer than. 0 when there were none. */
uint64_t latency_at(const struct latency *latency, double percent);

void latency_figures(const struct latency *latency, struct latency_figures *figures);

/* The times that cell number @index stands for: from *@low to *@high. */
void latency_cell(unsigned index, uint64_t *low, uint64_t *high);

#endif
