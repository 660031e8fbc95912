/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tests of RFC 2544, section 26: throughput, latency, frame loss rate, back-to-back frames; for each size of frame.
 */
#ifndef PKTGEN_RFC2544_H
#define PKTGEN_RFC2544_H

#include <stdbool.h>
#include <stdint.h>

#include "trial.h"

#define RFC2544_SIZES_MAX 16u
#define RFC2544_LOSS_MAX  64u

/* Which tests. */
#define RFC2544_THROUGHPUT 1u
#define RFC2544_LATENCY    2u /* at the throughput, which is looked for in any case */
#define RFC2544_LOSS       4u
#define RFC2544_BURST      8u
#define RFC2544_ALL        15u

struct rfc2544_conf {
	unsigned tests;
	unsigned size_count;
	unsigned sizes[RFC2544_SIZES_MAX];
	double seconds;         /* that a trial sends */
	double latency_seconds; /* ... that of latency */
	double tolerance;       /* the share of frames that may be lost at the throughput: the RFC has 0 */
	double resolution; /* the throughput is found this well, as a share of the link's or of the most that is sent */
	double loss_step;  /* from one trial of loss to the next, as a share of the link's */
	double burst_seconds; /* longest burst that is tried */
	unsigned burst_repeats;
};

/* The RFC's figures: all tests, sizes 64 to 1518, trials of 60 and 120 seconds, no loss, 2 seconds of bursts, 50 times. */
void rfc2544_default(struct rfc2544_conf *conf);

/* NULL, or a sentence that says what of @conf cannot be. */
const char *rfc2544_wrong(const struct rfc2544_conf *conf);

struct rfc2544_loss {
	double share;     /* of the link's rate, that was asked for */
	double pps;       /* that was sent */
	double loss;      /* 0 to 1 */
	uint64_t latency; /* median, ns */
};

/* What was found for one size. */
struct rfc2544_size {
	unsigned size;
	double line_pps;

	bool has_throughput;
	double pps;        /* the throughput, of a port */
	double share;      /* ... of the link's */
	bool sender_limit; /* it is what could be sent: the device may be able to do more */
	unsigned trials;
	struct trial_result best; /* the trial of that rate */

	bool has_latency;
	struct trial_result latency;

	unsigned loss_count;
	struct rfc2544_loss loss[RFC2544_LOSS_MAX];

	bool has_burst;
	double burst;   /* frames, the mean of the repeats */
	bool burst_all; /* no longer ones were tried: none was lost */
};

struct rfc2544 {
	struct rfc2544_conf conf;
	unsigned size_count; /* that are done with, or begun */
	struct rfc2544_size size[RFC2544_SIZES_MAX];
};

/* Makes the tests. Returns 0, or the first -errno of a trial; what was found till then is there. */
int rfc2544_run(struct rfc2544 *rfc2544, const struct rfc2544_conf *conf, const struct bench *bench);

#endif
