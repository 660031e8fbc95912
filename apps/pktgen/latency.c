/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Histograms of latency.
 */
#include "latency.h"

#include <string.h>

#define MAGNITUDE 10u /* LATENCY_HALF is two to the power of this */

static uint64_t load(const uint64_t *at)
{
	return __atomic_load_n(at, __ATOMIC_RELAXED);
}

static void store(uint64_t *at, uint64_t value)
{
	__atomic_store_n(at, value, __ATOMIC_RELAXED);
}

void latency_clear(struct latency *latency)
{
	uint64_t *word = (uint64_t *)latency;

	for (size_t i = 0; i < sizeof(*latency) / sizeof(*word); i++)
		store(&word[i], 0);
}

static unsigned index_of(uint64_t ns)
{
	/* How far the time has to be shifted until it fits into two halves. */
	unsigned shift = 63u - MAGNITUDE - (unsigned)__builtin_clzll(ns | (2 * LATENCY_HALF - 1));

	return shift * LATENCY_HALF + (unsigned)(ns >> shift);
}

void latency_cell(unsigned index, uint64_t *low, uint64_t *high)
{
	unsigned half = index / LATENCY_HALF, shift = half ? half - 1 : 0;

	*low = (uint64_t)(index - shift * LATENCY_HALF) << shift;
	*high = *low + ((uint64_t)1 << shift) - 1;
}

void latency_record(struct latency *latency, uint64_t ns)
{
	uint64_t count = load(&latency->count), last = load(&latency->last), jitter16 = load(&latency->jitter16);
	uint64_t kept = ns < LATENCY_MOST ? ns : LATENCY_MOST - 1;
	uint64_t *cell = &latency->cell[index_of(kept)];

	store(cell, load(cell) + 1);
	if (!count || ns < load(&latency->min))
		store(&latency->min, ns);
	if (ns > load(&latency->max))
		store(&latency->max, ns);
	store(&latency->sum, load(&latency->sum) + ns);
	if (count)
		store(&latency->jitter16, jitter16 + (ns > last ? ns - last : last - ns) - ((jitter16 + 8) >> 4));
	store(&latency->last, ns);
	store(&latency->count, count + 1);
}

void latency_add(struct latency *latency, const struct latency *other)
{
	if (!load(&other->count))
		return;
	if (!latency->count || load(&other->min) < latency->min)
		latency->min = load(&other->min);
	if (load(&other->max) > latency->max)
		latency->max = load(&other->max);
	if (load(&other->jitter16) > latency->jitter16)
		latency->jitter16 = load(&other->jitter16);
	latency->sum += load(&other->sum);
	latency->count += load(&other->count);
	for (unsigned i = 0; i < LATENCY_CELLS; i++)
		latency->cell[i] += load(&other->cell[i]);
}

uint64_t latency_at(const struct latency *latency, double percent)
{
	uint64_t count = load(&latency->count), max = load(&latency->max), seen = 0, low, high;
	uint64_t wanted = (uint64_t)(percent / 100 * (double)count + 0.5);

	if (!count)
		return 0;
	if (!wanted)
		wanted = 1;
	for (unsigned i = 0; i < LATENCY_CELLS; i++) {
		seen += load(&latency->cell[i]);
		if (seen < wanted)
			continue;
		latency_cell(i, &low, &high);
		return high < max ? high : max;
	}
	return max;
}

void latency_figures(const struct latency *latency, struct latency_figures *figures)
{
	memset(figures, 0, sizeof(*figures));
	figures->count = load(&latency->count);
	if (!figures->count)
		return;
	figures->mean = (double)load(&latency->sum) / (double)figures->count;
	figures->jitter = (double)load(&latency->jitter16) / 16;
	figures->min = load(&latency->min);
	figures->p50 = latency_at(latency, 50);
	figures->p99 = latency_at(latency, 99);
	figures->p99_9 = latency_at(latency, 99.9);
	figures->p99_99 = latency_at(latency, 99.99);
	figures->max = load(&latency->max);
}
