/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What benchmarks share. A case is something of ours, and mostly something of DPDK's that does the same. Both are run in
 * turn, stretch by stretch, on one processor, warm; what one costs is the median over rounds, with the distance between
 * the quartiles as its spread, and the best round beside it. Where the machine can do it, the instructions of one
 * stretch are counted too: they are the same each time, whoever else is at work.
 *
 * Each case is a line of fields between tabs on standard output; run.sh makes a table and a file of them, and judges.
 */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "weir/weir.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Does what is measured between bench_start() and bench_stop(), and returns what that returned. */
typedef uint64_t bench_fn(void *arg);

struct bench_case {
	const char *group; /* "ring" */
	const char *what;  /* "one thread, 32 at once" */
	const char *unit;  /* what cycles are counted for: "packet" */
	unsigned units;    /* of those in a stretch, */
	unsigned counted;  /* ... while instructions are counted, which is slow; 0: the same */
	bench_fn *ours;
	bench_fn *theirs; /* NULL: nothing to compare with */
	void *arg;        /* of both */
	double mark;      /* the ratio that it may have at most; 0: none is set */
	bool threads;     /* others take part: instructions say nothing */
};

/* Whether only a selection is wanted, which the environment says (BENCH=all). */
bool bench_quick(void);

/*
 * Stays on one processor: the @index'th of those that this process may use. Returns false when there is none such.
 * To be called by the thread; threads that follow inherit it.
 */
bool bench_pin(unsigned index);

/* Measures, and prints the line. */
void bench_run(const struct bench_case *c);

/* Ends the program when @err is not 0: "what: sentence". Such a program measured nothing that can be relied on. */
void bench_must(int err, const char *what);

/* Whether instructions are counted. */
extern bool bench_counting;

/* Not to be called directly. */
void bench_count_begin(void);
void bench_count_end(void);

/* What is measured lies between these two. */
static inline uint64_t bench_start(void)
{
	if (__builtin_expect(bench_counting, 0))
		bench_count_begin();
	return weir_clock();
}

static inline uint64_t bench_stop(uint64_t start)
{
	uint64_t cycles = weir_clock() - start;

	if (__builtin_expect(bench_counting, 0))
		bench_count_end();
	return cycles;
}

#endif
