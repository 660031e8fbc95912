/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What benchmarks share: several rounds of the same, and of their figures the median, with the best beside it. Where the
 * machine is shared, the best is nearer to the truth.
 */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include <stdlib.h>

#define ROUNDS        21
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct result {
	double median;
	double best;
};

static inline int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Sorts the figures of ROUNDS rounds. */
static inline struct result summarise(double *figures)
{
	qsort(figures, ROUNDS, sizeof(*figures), compare_doubles);
	return (struct result){ figures[ROUNDS / 2], figures[0] };
}

#endif
