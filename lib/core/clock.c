/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The clock that drivers wait by.
 */
#include "core/clock.h"

#include <errno.h>
#include <time.h>

#define SPIN_US 20u

uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* What is shorter than falling asleep and waking up is waited for. */
void sleep_us(uint64_t us)
{
	struct timespec time = { .tv_sec = (time_t)(us / S), .tv_nsec = (long)(us % S * 1000) };
	uint64_t end;

	if (us <= SPIN_US) {
		for (end = now_ns() + us * 1000; now_ns() < end;)
			;
		return;
	}
	while (nanosleep(&time, &time) < 0 && errno == EINTR)
		;
}
