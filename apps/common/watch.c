/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The main thread's loop.
 */
#include "watch.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define HEALTH_S 0.2 /* how often the ports are asked whether their devices are still there */

double watch_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Waits until @when, or something happens; a time that is over means a look without a wait. */
static int wait_until(double when, struct pollfd *fds, unsigned count)
{
	double left = when - watch_clock();
	struct timespec time = { 0, 0 };

	if (left > 0 && left < 1e9) {
		time.tv_sec = (time_t)left;
		time.tv_nsec = (long)((left - floor(left)) * 1e9);
	}
	return ppoll(fds, count, isinf(when) ? NULL : &time, NULL);
}

void watch(const struct options *options, struct workers *workers, struct report *report, int signal_fd, double start)
{
	watch_and(options, workers, report, signal_fd, start, NULL);
}

/* Takes note of what the workers have said, so that it is not heard again. */
static bool hear_done(int done_fd)
{
	uint64_t value;

	while (read(done_fd, &value, sizeof(value)) < 0 && errno == EINTR)
		;
	return true;
}

void watch_and(const struct options *options, struct workers *workers, struct report *report, int signal_fd,
               double start, const struct watch_also *also)
{
	double end = options->seconds > 0 ? start + options->seconds : INFINITY;
	double next = options->interval > 0 ? start + options->interval : INFINITY, health = start;
	bool idle = false;
	struct pollfd fds[] = {
		{ .fd = signal_fd, .events = POLLIN },
		{ .fd = workers->done_fd, .events = POLLIN },
		{ .fd = report->screen ? screen_fd(report->screen) : -1, .events = POLLIN },
		{ .fd = also ? also->fd : -1, .events = POLLIN },
	};

	while (watch_clock() < end && !ferror(stdout)) {
		enum screen_wish wish = SCREEN_NOTHING;
		int ready = wait_until(fmin(end, fmin(next, health)), fds, 4);

		if (ready > 0 && fds[0].revents)
			return;
		if (ready > 0 && fds[3].revents)
			also->run(also->arg);
		if (ready > 0 && fds[1].revents)
			idle = hear_done(workers->done_fd);
		if (also && also->over ? also->over(also->arg, idle) : idle)
			return;
		/* A new size shows as an interrupted wait. */
		if (report->screen && (ready < 0 || fds[2].revents))
			wish = screen_keys(report->screen);
		/* The keyboard is gone for good. */
		if (fds[2].revents & (POLLHUP | POLLERR | POLLNVAL))
			fds[2].fd = -1;
		if (wish == SCREEN_QUIT)
			return;
		if (wish == SCREEN_REDRAW)
			report_redraw(report);
		if (watch_clock() >= health) {
			if (ports_health(report->ports) == -ENODEV && !options->keep_going)
				return;
			health = watch_clock() + HEALTH_S;
		}
		if (watch_clock() >= next) {
			report_interval(report, watch_clock() - start);
			/* Reports that were missed are not made up for. */
			next += options->interval * ceil((watch_clock() - next) / options->interval + 1e-9);
		}
	}
}
