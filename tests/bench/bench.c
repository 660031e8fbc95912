/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rounds, and what they come to.
 *
 * Instructions are counted by the processor's trap flag: it raises SIGTRAP behind each one, which costs microseconds but
 * needs no counters of the hardware, which virtual machines do not have, and no emulation, which has other instructions.
 */
#include "bench.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#define ROUNDS_MAX 41
#define STRETCHES  9 /* in a round, of which the lower quartile counts: interruptions only add */
#define WARM       5

struct figures {
	double median, spread, best;
	double instructions; /* negative: not counted */
};

bool bench_counting;

static struct {
	volatile uint64_t steps;
	uint64_t least; /* steps of nothing at all */
	uint64_t clock; /* cycles of nothing at all */
} base;

bool bench_quick(void)
{
	const char *which = getenv("BENCH");

	return !which || strcmp(which, "all") != 0;
}

static unsigned rounds(void)
{
	const char *text = getenv("ROUNDS");
	int n = text ? atoi(text) : 15;

	return n < 3 ? 3 : n > ROUNDS_MAX ? ROUNDS_MAX : (unsigned)n;
}

bool bench_pin(unsigned index)
{
	static cpu_set_t all;
	cpu_set_t one;

	if (!CPU_COUNT(&all))
		sched_getaffinity(0, sizeof(all), &all);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &all) || index--)
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		return !sched_setaffinity(0, sizeof(one), &one);
	}
	return false;
}

void bench_must(int err, const char *what)
{
	if (!err)
		return;
	fprintf(stderr, "%s: %s\n", what, err < 0 ? weir_error() : "failed");
	exit(1);
}

/* --- instructions --------------------------------------------------------------------------------------------------- */

#if defined(__x86_64__)
#define TRAP_FLAG "0x100"

static void stepped(int number)
{
	(void)number;
	base.steps++;
}

void bench_count_begin(void)
{
	__asm__ volatile("lea -128(%%rsp), %%rsp\n pushfq\n orq $" TRAP_FLAG ", (%%rsp)\n popfq\n lea 128(%%rsp), %%rsp"
	                 :
	                 :
	                 : "memory", "cc");
}

void bench_count_end(void)
{
	__asm__ volatile("lea -128(%%rsp), %%rsp\n pushfq\n andq $~" TRAP_FLAG
	                 ", (%%rsp)\n popfq\n lea 128(%%rsp), %%rsp"
	                 :
	                 :
	                 : "memory", "cc");
}

static bool can_count(void)
{
	struct sigaction action = { .sa_handler = stepped };

	return !sigaction(SIGTRAP, &action, NULL);
}
#else
void bench_count_begin(void)
{
}

void bench_count_end(void)
{
}

static bool can_count(void)
{
	return false;
}
#endif

static uint64_t nothing(void *arg)
{
	(void)arg;
	return bench_stop(bench_start());
}

static uint64_t count(bench_fn *fn, void *arg)
{
	base.steps = 0;
	bench_counting = true;
	fn(arg);
	bench_counting = false;
	return base.steps;
}

/* What measuring costs itself. */
static void calibrate(void)
{
	if (base.clock)
		return;
	base.clock = UINT64_MAX;
	for (unsigned i = 0; i < 10000; i++) {
		uint64_t cycles = nothing(NULL);

		base.clock = cycles < base.clock ? cycles : base.clock;
	}
	if (can_count())
		base.least = count(nothing, NULL);
}

/* --- rounds --------------------------------------------------------------------------------------------------------- */

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *figures, unsigned n)
{
	qsort(figures, n, sizeof(*figures), compare_doubles);
	return figures[n / 2];
}

/* Cycles for one unit, in a round. */
static double round_of(const struct bench_case *c, bench_fn *fn)
{
	double figures[STRETCHES];

	for (unsigned i = 0; i < STRETCHES; i++)
		figures[i] = ((double)fn(c->arg) - (double)base.clock) / c->units;
	median(figures, STRETCHES);
	return figures[STRETCHES / 4];
}

static void summarise(const struct bench_case *c, bench_fn *fn, double *figures, unsigned n, struct figures *sum)
{
	sum->median = median(figures, n);
	sum->spread = figures[n * 3 / 4] - figures[n / 4];
	sum->best = figures[0];
	sum->instructions = -1;
	if (!c->threads && base.least)
		sum->instructions =
		    ((double)count(fn, c->arg) - (double)base.least) / (c->counted ? c->counted : c->units);
}

static void print(const struct figures *f)
{
	printf("\t%.2f\t%.2f\t%.2f", f->median, f->spread, f->best);
	if (f->instructions < 0)
		printf("\t-");
	else
		printf("\t%.1f", f->instructions);
}

void bench_run(const struct bench_case *c)
{
	double figures[2][ROUNDS_MAX];
	bench_fn *fns[2] = { c->ours, c->theirs };
	unsigned sides = c->theirs ? 2 : 1, n = rounds();
	struct figures sum;

	calibrate();
	for (unsigned side = 0; side < sides; side++)
		for (unsigned i = 0; i < WARM; i++)
			fns[side](c->arg);
	for (unsigned round = 0; round < n; round++)
		for (unsigned i = 0; i < sides; i++) {
			unsigned side = (round + i) % sides; /* who is first changes */

			figures[side][round] = round_of(c, fns[side]);
		}
	printf("%s\t%s\tcycles/%s", c->group, c->what, c->unit);
	for (unsigned side = 0; side < 2; side++) {
		if (side < sides) {
			summarise(c, fns[side], figures[side], n, &sum);
			print(&sum);
		} else {
			printf("\t-\t-\t-\t-");
		}
	}
	printf("\t%g\n", c->mark);
	fflush(stdout);
}
