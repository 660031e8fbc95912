/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the main thread does while the workers work: reports, and waits for a reason to end.
 */
#ifndef COMMON_WATCH_H
#define COMMON_WATCH_H

#include "options.h"
#include "report.h"
#include "workers.h"

/*
 * Something else to be done in between: @run(@arg) is called when @fd is readable, and never waits. @over, if not NULL, is
 * called at least a few times a second and says whether all is to end; @idle: the workers have had nothing left to do,
 * which without it is the end.
 */
struct watch_also {
	int fd;
	void (*run)(void *arg);
	void *arg;
	bool (*over)(void *arg, bool idle);
};

/* Seconds on a clock that only moves forward. */
double watch_clock(void);

/*
 * Returns when the workers have nothing left to do, a signal arrives at @signal_fd, the time is over, or the person at
 * the keyboard wants to quit. @start is the watch_clock() of the start.
 */
void watch(const struct options *options, struct workers *workers, struct report *report, int signal_fd, double start);

/* The same, and what else there is to do. */
void watch_and(const struct options *options, struct workers *workers, struct report *report, int signal_fd,
               double start, const struct watch_also *also);

#endif
