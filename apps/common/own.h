/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a program counts beyond ports and queues: named numbers in named sections, which reports show behind the rest.
 */
#ifndef COMMON_OWN_H
#define COMMON_OWN_H

#include <stdint.h>

struct own_count {
	const char *section; /* those of a section follow each other */
	const char *name;
	uint64_t value;
};

struct own {
	/* Fills @count with number @index, counted from 0. Returns 0, or -ENOENT past the last. */
	int (*count)(void *arg, unsigned index, struct own_count *count);
	void *arg;
};

#endif
