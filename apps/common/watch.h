/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the main thread does while the workers work: reports, and waits for a reason to end.
 */
#ifndef COMMON_WATCH_H
#define COMMON_WATCH_H

#include "options.h"
#include "report.h"
#include "workers.h"

/* Seconds on a clock that only moves forward. */
double watch_clock(void);

/*
 * Returns when the workers have nothing left to do, a signal arrives at @signal_fd, the time is over, or the person at
 * the keyboard wants to quit. @start is the watch_clock() of the start.
 */
void watch(const struct options *options, struct workers *workers, struct report *report, int signal_fd, double start);

#endif
