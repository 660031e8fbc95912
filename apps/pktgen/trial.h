/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A trial: so many frames are sent, and what becomes of them is counted. What standards make of series of trials
 * (rfc2544.h, y1564.h) knows of whatever is tested only this, so that it can be tried on something made up.
 */
#ifndef PKTGEN_TRIAL_H
#define PKTGEN_TRIAL_H

#include <stdint.h>

#include "latency.h"

#define TRIAL_ALL (-1)

/* What is asked for. */
struct trial {
	int stream;     /* number of the stream that is sent; TRIAL_ALL: all, by their weights */
	unsigned size;  /* of frames, with the CRC; 0: as the streams have them */
	double pps;     /* of a port; 0: as fast as the link goes */
	double seconds; /* for so long, or */
	uint64_t count; /* ... 0, or so many frames */
};

/* What happened. */
struct trial_result {
	double pps; /* of a port, that were really sent */
	uint64_t sent, arrived, lost, reordered, duplicates, corrupted;
	struct latency_figures latency;
};

/* What trials are made on. */
struct bench {
	void *arg;

	/* Frames of so many bytes that the link of a port carries each second. */
	double (*line_pps)(void *arg, unsigned size);

	/* Makes @count trials at the same time. Returns 0, or -errno after saying why (-ECANCELED: somebody ended it). */
	int (*run)(void *arg, const struct trial *trials, unsigned count, struct trial_result *results);

	/* Says how it goes, a line. May be NULL. */
	void (*say)(void *arg, const char *line);
};

/* Tells how it goes. */
void bench_say(const struct bench *bench, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The share of frames that is lost: 0 to 1. A damaged frame is none that came. */
double trial_loss(const struct trial_result *result);

#endif
