/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Counting, with a window of the numbers that arrived.
 */
#include "measure.h"

#include <string.h>

static uint64_t load(const uint64_t *at)
{
	return __atomic_load_n(at, __ATOMIC_RELAXED);
}

static void count(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, load(counter) + n, __ATOMIC_RELAXED);
}

void measure_clear(struct measure *measure)
{
	uint64_t *word = (uint64_t *)&measure->counts;

	for (size_t i = 0; i < sizeof(measure->counts) / sizeof(*word); i++)
		__atomic_store_n(&word[i], 0, __ATOMIC_RELAXED);
	memset(measure->seen, 0, sizeof(measure->seen));
	latency_clear(&measure->latency);
}

static void forget(struct measure *measure, uint64_t from, uint64_t to)
{
	if (to - from >= MEASURE_WINDOW) {
		memset(measure->seen, 0, sizeof(measure->seen));
		return;
	}
	for (uint64_t number = from; number != to; number++)
		measure->seen[number / 64 % (MEASURE_WINDOW / 64)] &= ~((uint64_t)1 << number % 64);
}

/* Notes that @number came. Returns whether it had come before. */
static bool mark(struct measure *measure, uint64_t number)
{
	uint64_t *word = &measure->seen[number / 64 % (MEASURE_WINDOW / 64)], bit = (uint64_t)1 << number % 64;
	bool before = *word & bit;

	*word |= bit;
	return before;
}

/* A number that is not above all others. */
static unsigned come_late(struct measure *measure, uint64_t number)
{
	struct measure_counts *counts = &measure->counts;
	uint64_t behind = load(&counts->next) - number;

	if (behind > MEASURE_WINDOW) {
		count(&counts->ancient, 1);
		return MEASURE_ANCIENT;
	}
	if (mark(measure, number)) {
		count(&counts->duplicates, 1);
		return MEASURE_DUPLICATE;
	}
	count(&counts->reordered, 1);
	if (behind > load(&counts->furthest))
		__atomic_store_n(&counts->furthest, behind, __ATOMIC_RELAXED);
	return MEASURE_REORDERED;
}

static unsigned come_next(struct measure *measure, uint64_t number)
{
	struct measure_counts *counts = &measure->counts;
	uint64_t next = load(&counts->next);

	/* What stood in the window a whole window ago goes. */
	forget(measure, next, number + 1);
	mark(measure, number);
	__atomic_store_n(&counts->next, number + 1, __ATOMIC_RELAXED);
	if (number == next)
		return 0;
	count(&counts->gaps, 1);
	return MEASURE_GAP;
}

unsigned measure_packet(struct measure *measure, uint64_t number, unsigned bytes, uint64_t latency_ns)
{
	struct measure_counts *counts = &measure->counts;
	unsigned what = number < load(&counts->next) ? come_late(measure, number) : come_next(measure, number);

	if (what & (MEASURE_DUPLICATE | MEASURE_ANCIENT))
		return what;
	count(&counts->arrived, 1);
	count(&counts->bytes, bytes);
	latency_record(&measure->latency, latency_ns);
	return what;
}

unsigned measure_damaged(struct measure *measure)
{
	count(&measure->counts.corrupted, 1);
	return MEASURE_CORRUPTED;
}

void measure_read(const struct measure *measure, struct measure_counts *counts)
{
	const uint64_t *from = (const uint64_t *)&measure->counts;
	uint64_t *to = (uint64_t *)counts;

	for (size_t i = 0; i < sizeof(*counts) / sizeof(*from); i++)
		to[i] = load(&from[i]);
}

void measure_add(struct measure_counts *sum, const struct measure_counts *counts)
{
	sum->arrived += counts->arrived;
	sum->bytes += counts->bytes;
	sum->duplicates += counts->duplicates;
	sum->reordered += counts->reordered;
	sum->corrupted += counts->corrupted;
	sum->ancient += counts->ancient;
	sum->gaps += counts->gaps;
	if (counts->next > sum->next)
		sum->next = counts->next;
	if (counts->furthest > sum->furthest)
		sum->furthest = counts->furthest;
}

uint64_t measure_lost(const struct measure_counts *counts, uint64_t sent)
{
	uint64_t came = counts->arrived + counts->corrupted;

	return sent > came ? sent - came : 0;
}
