/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Histograms of latency: figures that were worked out by hand.
 */
#include "pktgen/latency.h"
#include "unit.h"

static struct latency latency;

static void record(uint64_t ns, unsigned times)
{
	while (times--)
		latency_record(&latency, ns);
}

static void nothing_recorded_is_all_zero(void)
{
	struct latency_figures figures;

	latency_clear(&latency);
	latency_figures(&latency, &figures);
	CU_ASSERT_EQUAL(figures.count, 0);
	CU_ASSERT_EQUAL(figures.min, 0);
	CU_ASSERT_EQUAL(figures.max, 0);
	CU_ASSERT_EQUAL(latency_at(&latency, 50), 0);
}

static void one_of_each_up_to_a_thousand(void)
{
	struct latency_figures figures;

	latency_clear(&latency);
	for (uint64_t ns = 1000; ns; ns--)
		record(ns, 1);
	latency_figures(&latency, &figures);
	CU_ASSERT_EQUAL(figures.count, 1000);
	CU_ASSERT_EQUAL(figures.min, 1);
	CU_ASSERT_EQUAL(figures.p50, 500);
	CU_ASSERT_EQUAL(figures.p99, 990);
	CU_ASSERT_EQUAL(figures.p99_9, 999);
	CU_ASSERT_EQUAL(figures.p99_99, 1000);
	CU_ASSERT_EQUAL(figures.max, 1000);
	CU_ASSERT_DOUBLE_EQUAL(figures.mean, 500.5, 1e-9);
}

/* The example of HdrHistogram's own tests. */
static void one_far_out_is_seen_in_the_tail_alone(void)
{
	latency_clear(&latency);
	record(1000, 10000);
	record(100000000, 1);
	CU_ASSERT_EQUAL(latency_at(&latency, 30), 1000);
	CU_ASSERT_EQUAL(latency_at(&latency, 99), 1000);
	CU_ASSERT_EQUAL(latency_at(&latency, 99.99), 1000);
	CU_ASSERT_EQUAL(latency_at(&latency, 99.999), 100000000);
	CU_ASSERT_EQUAL(latency_at(&latency, 100), 100000000);
}

static void cells_grow_with_the_time(void)
{
	static const struct {
		unsigned index;
		uint64_t low, high;
	} cells[] = {
		{ 0, 0, 0 },
		{ 2047, 2047, 2047 },
		{ 2048, 2048, 2049 },
		{ 3071, 4094, 4095 },
		{ 3072, 4096, 4099 },
		/* 1,000,000 is 1953 times 512 and a rest: the tenth half, 1953 - 1024 = 929 cells on. */
		{ 10 * 1024 + 929, 999936, 1000447 },
		{ LATENCY_CELLS - 1, (1ull << 42) - (1ull << 31), (1ull << 42) - 1 },
	};

	for (unsigned i = 0; i < sizeof(cells) / sizeof(*cells); i++) {
		uint64_t low, high;

		latency_cell(cells[i].index, &low, &high);
		CU_ASSERT_EQUAL(low, cells[i].low);
		CU_ASSERT_EQUAL(high, cells[i].high);
		latency_clear(&latency);
		record(cells[i].low, 1);
		record(cells[i].high, 2);
		CU_ASSERT_EQUAL(latency.cell[cells[i].index], 3);
	}
}

static void what_is_read_is_the_largest_of_its_cell(void)
{
	latency_clear(&latency);
	record(1000000, 9);
	record(2000000, 1);
	CU_ASSERT_EQUAL(latency_at(&latency, 50), 1000447);
	/* ... but nothing is larger than the largest. */
	CU_ASSERT_EQUAL(latency_at(&latency, 100), 2000000);
}

static void longer_than_the_table_counts_as_longest(void)
{
	struct latency_figures figures;

	latency_clear(&latency);
	record(~0ull >> 1, 1);
	latency_figures(&latency, &figures);
	CU_ASSERT_EQUAL(latency.cell[LATENCY_CELLS - 1], 1);
	CU_ASSERT_EQUAL(figures.max, ~0ull >> 1);
	CU_ASSERT_EQUAL(figures.p50, LATENCY_MOST - 1);
}

/* RFC 3550, appendix A.8: |D| is 16, then 0. */
static void jitter_is_that_of_rfc_3550(void)
{
	struct latency_figures figures;

	latency_clear(&latency);
	record(100, 1);
	record(116, 1);
	latency_figures(&latency, &figures);
	CU_ASSERT_DOUBLE_EQUAL(figures.jitter, 1.0, 1e-12);
	record(116, 1);
	latency_figures(&latency, &figures);
	CU_ASSERT_DOUBLE_EQUAL(figures.jitter, 15.0 / 16, 1e-12);
}

static void histograms_add_up(void)
{
	static struct latency sum;
	struct latency_figures figures;

	latency_clear(&sum);
	latency_add(&sum, &sum);
	latency_clear(&latency);
	record(10, 3);
	latency_add(&sum, &latency);
	latency_clear(&latency);
	record(4, 1);
	record(5000, 1);
	latency_add(&sum, &latency);
	latency_figures(&sum, &figures);
	CU_ASSERT_EQUAL(figures.count, 5);
	CU_ASSERT_EQUAL(figures.min, 4);
	CU_ASSERT_EQUAL(figures.p50, 10);
	CU_ASSERT_EQUAL(figures.max, 5000);
	CU_ASSERT_DOUBLE_EQUAL(figures.mean, 5034.0 / 5, 1e-9);
}

int main(void)
{
	static const struct unit_case cases[] = {
		{ "nothing recorded is all zero", nothing_recorded_is_all_zero },
		{ "one of each up to a thousand", one_of_each_up_to_a_thousand },
		{ "one far out is seen in the tail alone", one_far_out_is_seen_in_the_tail_alone },
		{ "cells grow with the time", cells_grow_with_the_time },
		{ "what is read is the largest of its cell", what_is_read_is_the_largest_of_its_cell },
		{ "longer than the table counts as longest", longer_than_the_table_counts_as_longest },
		{ "jitter is that of RFC 3550", jitter_is_that_of_rfc_3550 },
		{ "histograms add up", histograms_add_up },
		{ NULL, NULL },
	};

	return unit_run("pktgen latency", cases);
}
