/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lists of processors as people write them: "2", "0-3", "8,2,4-6". The order is kept: the first is worker 0's.
 */
#ifndef COMMON_CPUS_H
#define COMMON_CPUS_H

#define CPUS_MAX 256

struct cpus {
	unsigned count;
	unsigned cpu[CPUS_MAX];
};

/* Reads @text. Returns 0, or -EINVAL for anything but a list of different CPU numbers. */
int cpus_parse(const char *text, struct cpus *cpus);

#endif
