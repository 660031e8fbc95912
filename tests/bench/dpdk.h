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

/* Starts DPDK in this process; without it, says so. */
static inline void dpdk_start(void)
{
#ifdef WITH_DPDK
	int err = eal_start();

	if (err)
		exit(err);
#else
	printf("nothing to compare with: libdpdk-dev 22.11 was not there when this was built (config/deps.sh check)\n");
#endif
}

#endif
