/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The arithmetic of pacing.
 */
#include "pace.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_S 1e9

void pacer_init(struct pacer *pacer, double per_second, uint64_t begin)
{
	memset(pacer, 0, sizeof(*pacer));
	pacer->due = (unsigned __int128)begin << 64;
	pacer->unlimited = per_second <= 0;
	if (!pacer->unlimited)
		pacer->per_unit = (unsigned __int128)ldexp(NS_PER_S / per_second, 64);
}

void pacer_space(struct pacer *pacer, enum spacing spacing, uint32_t burst, uint64_t seed)
{
	pacer->spacing = spacing;
	pacer->burst = burst;
	pacer->seed = seed;
}

/* A number whose mean is 1, as the gaps of a Poisson process are distributed. */
static double exponential(struct pacer *pacer)
{
	uint64_t random = field_random(pacer->seed, pacer->drawn++);

	/* From (0, 1], in steps of 2^-53. */
	return -log((double)((random >> 11) + 1) * 0x1p-53);
}

void pacer_spend(struct pacer *pacer, uint32_t units)
{
	unsigned __int128 time = pacer->per_unit * units;

	if (pacer->unlimited)
		return;
	switch (pacer->spacing) {
	case SPACING_POISSON:
		pacer->due += (unsigned __int128)((double)time * exponential(pacer));
		return;
	case SPACING_BURST:
		pacer->owed += time;
		if (++pacer->in_burst < pacer->burst)
			return;
		pacer->due += pacer->owed;
		pacer->owed = 0;
		pacer->in_burst = 0;
		return;
	default:
		pacer->due += time;
	}
}

struct turn {
	double at; /* from 0 to 1 */
	uint32_t number;
};

static int compare(const void *a, const void *b)
{
	const struct turn *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

int pace_turns(const uint32_t *weights, unsigned count, uint32_t *turns)
{
	struct turn *table;
	size_t sum = 0, used = 0;

	for (unsigned i = 0; i < count; i++)
		sum += weights[i];
	table = calloc(sum + 1, sizeof(*table));
	if (!table)
		return -ENOMEM;
	for (unsigned i = 0; i < count; i++)
		for (uint32_t j = 0; j < weights[i]; j++)
			table[used++] = (struct turn){ (j + 0.5) / weights[i], i };
	qsort(table, used, sizeof(*table), compare);
	for (size_t i = 0; i < used; i++)
		turns[i] = table[i].number;
	free(table);
	return 0;
}
