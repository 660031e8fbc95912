/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * When the next packet is due.
 *
 * A pacer knows no clock: it is told the time. Times are nanoseconds with 64 bits behind the point, so that no rate drifts:
 * after a day at 3 packets per second the error is far below a nanosecond. Who is late catches up, up to a limit; what is
 * beyond is given up, counted, and never made up for by a burst that nobody asked for.
 */
#ifndef PKTGEN_PACE_H
#define PKTGEN_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "stream.h"

struct pacer {
	bool unlimited;
	enum spacing spacing;
	uint32_t burst;             /* SPACING_BURST: packets at once */
	unsigned __int128 per_unit; /* time that a packet, or a bit, takes */
	unsigned __int128 due;
	unsigned __int128 owed; /* SPACING_BURST: time that the packets of this burst have taken so far */
	uint32_t in_burst;
	uint64_t seed, drawn; /* SPACING_POISSON */
	uint64_t missed_ns;   /* time that was given up */
};

/* @per_second units (packets or bits; 0: without limit), the first at @begin. */
void pacer_init(struct pacer *pacer, double per_second, uint64_t begin);

/* How packets follow each other; constant at first. */
void pacer_space(struct pacer *pacer, enum spacing spacing, uint32_t burst, uint64_t seed);

/* The time of the next packet. */
static inline uint64_t pacer_due(const struct pacer *pacer)
{
	return pacer->unlimited ? 0 : (uint64_t)(pacer->due >> 64);
}

/* A packet that costs @units was sent (or will be, without another word). */
void pacer_spend(struct pacer *pacer, uint32_t units);

/* It is @now: gives up what is later than @limit_ns. */
static inline void pacer_catch_up(struct pacer *pacer, uint64_t now, uint64_t limit_ns)
{
	uint64_t due = pacer_due(pacer);

	if (pacer->unlimited || now <= due || now - due <= limit_ns)
		return;
	pacer->missed_ns += now - limit_ns - due;
	pacer->due += (unsigned __int128)(now - limit_ns - due) << 64;
}

/*
 * Fills @turns, of the sum of all @weights, with the numbers from 0 to @count - 1, each as often as its weight says and
 * spread evenly. Returns 0 or -ENOMEM.
 */
int pace_turns(const uint32_t *weights, unsigned count, uint32_t *turns);

#endif
