/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * DPDK to compare with, where Debian's packages of it are installed (WITH_DPDK). What a program compares with stands in
 * functions that are NULL without it.
 */
#ifndef TESTS_BENCH_DPDK_H
#define TESTS_BENCH_DPDK_H

#ifdef WITH_DPDK
#include "../dpdk/pmd.h" /* first: DPDK leaves alone what is defined already, likely() and the like */

#define THEIRS(fn) (fn)
#else
#define THEIRS(fn) NULL
#endif

#include <stdio.h>
#include <stdlib.h>

#define DPDK_HUGEPAGES 192 /* from so many on it gets its part of them; the rest is for us */

/* How many hugepages of 2 MiB are free. */
static inline unsigned dpdk_hugepages(void)
{
	FILE *file = fopen("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "r");
	unsigned n = 0;

	if (file) {
		if (fscanf(file, "%u", &n) != 1)
			n = 0;
		fclose(file);
	}
	return n;
}

/* Starts DPDK in this process; without it, says so. */
static inline void dpdk_start(void)
{
#ifdef WITH_DPDK
	int err = dpdk_hugepages() >= DPDK_HUGEPAGES ? eal_start_huge() : eal_start();

	if (err)
		exit(err);
#else
	printf("nothing to compare with: libdpdk-dev 22.11 was not there when this was built (config/deps.sh check)\n");
#endif
}

#endif
