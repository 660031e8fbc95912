/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Trials on the program's own streams and ports.
 */
#ifndef PKTGEN_TESTING_BENCH_H
#define PKTGEN_TESTING_BENCH_H

#include <stdbool.h>

#include "send.h"
#include "trial.h"

#define TESTING_SETTLE 2.0 /* seconds, RFC 2544 section 23: what is still under way may come */
#define TESTING_ERROR  256

struct control;

struct testing_bench {
	struct bench bench; /* what tests see */
	struct control *control;
	double settle; /* seconds to wait for the last frames, at most */
	double mbps;   /* what counts as the speed of links; 0: what they say */
	bool abort;    /* somebody wants it to end */
	void (*say)(void *arg, const char *line);
	void *say_arg;

	struct stream_set set;   /* what is sent in a trial: copies of the program's streams */
	struct latency *latency; /* of one trial, added up */
	char error[TESTING_ERROR];
};

int testing_bench_open(struct testing_bench *bench, struct control *control, void (*say)(void *arg, const char *line),
                       void *say_arg);
void testing_bench_close(struct testing_bench *bench);

/* Whether a test can be made: returns 0, or -EINVAL with a sentence in bench->error. */
int testing_bench_check(struct testing_bench *bench);

/* The number of the stream of that name; -1: none. What a rate is in its packets per second. */
int testing_stream(const struct testing_bench *bench, const char *name);
double testing_pps(const struct testing_bench *bench, int stream, const char *rate);

#endif
