/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The sets of ranges by which weir.ko knows what a domain maps.
 */
#include <stdint.h>

#include "unit.h"

#include "../../kmod/ranges.c"

static struct weir_range memory[8];

static struct weir_ranges set_of(const uint64_t (*ranges)[2], uint32_t count)
{
	struct weir_ranges set = { .at = memory, .room = 8 };

	for (uint32_t i = 0; i < count; i++)
		CU_ASSERT_EQUAL(ranges_insert(&set, ranges[i][0], ranges[i][1], NULL), 0);
	return set;
}

static void ranges_stay_sorted(void)
{
	const uint64_t given[][2] = { { 0x5000, 0x5fff }, { 0x1000, 0x1fff }, { 0x3000, 0x4fff } };
	struct weir_ranges set = set_of(given, 3);

	CU_ASSERT_EQUAL(set.count, 3);
	CU_ASSERT_EQUAL(set.at[0].first, 0x1000);
	CU_ASSERT_EQUAL(set.at[1].first, 0x3000);
	CU_ASSERT_EQUAL(set.at[1].last, 0x4fff);
	CU_ASSERT_EQUAL(set.at[2].first, 0x5000);
}

/* 0x2000..0x2fff is there: what touches one byte of it is refused, what lies beside it is not. */
static void i10_an_overlap_is_refused(void)
{
	static const struct {
		uint64_t first, last;
		bool overlaps;
	} cases[] = {
		{ 0x2000, 0x2fff, true },  { 0x1000, 0x2000, true },  { 0x2fff, 0x3fff, true },
		{ 0x2800, 0x28ff, true },  { 0x0000, 0xffff, true },  { 0, UINT64_MAX, true },
		{ 0x1000, 0x1fff, false }, { 0x3000, 0x3fff, false }, { UINT64_MAX, UINT64_MAX, false },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const uint64_t given[][2] = { { 0x2000, 0x2fff } };
		struct weir_ranges set = set_of(given, 1);

		CU_ASSERT_EQUAL(ranges_overlap(&set, cases[i].first, cases[i].last), cases[i].overlaps);
		CU_ASSERT_EQUAL(ranges_insert(&set, cases[i].first, cases[i].last, NULL),
		                cases[i].overlaps ? -EEXIST : 0);
	}
}

static void i18_a_full_set_takes_no_more(void)
{
	const uint64_t given[][2] = {
		{ 0, 0 }, { 2, 2 }, { 4, 4 }, { 6, 6 }, { 8, 8 }, { 9, 9 }, { 10, 10 }, { 11, 11 }
	};
	struct weir_ranges set = set_of(given, 8);

	CU_ASSERT_EQUAL(ranges_insert(&set, 100, 100, NULL), -ENOSPC);
	CU_ASSERT_EQUAL(ranges_insert(&set, 4, 4, NULL), -EEXIST);
	CU_ASSERT_EQUAL(set.count, 8);
}

/* Mapped: 0x1000..0x2fff, then a hole of a page, then 0x4000..0x4fff. */
static void i11_only_whole_ranges_are_found(void)
{
	static const struct {
		uint64_t first, last;
		int want;
		uint32_t from, to;
	} cases[] = {
		{ 0x1000, 0x2fff, 0, 0, 1 },       { 0x1000, 0x4fff, 0, 0, 2 },       { 0x0000, 0x3fff, 0, 0, 1 },
		{ 0, UINT64_MAX, 0, 0, 2 },        { 0x4000, 0x4fff, 0, 1, 2 },       { 0x1000, 0x1fff, -EINVAL, 0, 0 },
		{ 0x2000, 0x4fff, -EINVAL, 0, 0 }, { 0x1000, 0x4ffe, -EINVAL, 0, 0 }, { 0x3000, 0x3fff, -ENOENT, 0, 0 },
		{ 0x0000, 0x0fff, -ENOENT, 0, 0 }, { 0x5000, 0x5fff, -ENOENT, 0, 0 },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const uint64_t given[][2] = { { 0x1000, 0x2fff }, { 0x4000, 0x4fff } };
		struct weir_ranges set = set_of(given, 2);
		uint32_t from, to;

		CU_ASSERT_EQUAL(ranges_inside(&set, cases[i].first, cases[i].last, &from, &to), cases[i].want);
		if (!cases[i].want) {
			CU_ASSERT_EQUAL(from, cases[i].from);
			CU_ASSERT_EQUAL(to, cases[i].to);
		}
	}
}

static void removing_closes_the_gap(void)
{
	const uint64_t given[][2] = { { 1, 1 }, { 3, 3 }, { 5, 5 }, { 7, 7 } };
	struct weir_ranges set = set_of(given, 4);

	ranges_remove(&set, 1, 3);
	CU_ASSERT_EQUAL(set.count, 2);
	CU_ASSERT_EQUAL(set.at[0].first, 1);
	CU_ASSERT_EQUAL(set.at[1].first, 7);
	CU_ASSERT_FALSE(ranges_overlap(&set, 3, 5));
	CU_ASSERT_EQUAL(ranges_insert(&set, 3, 5, NULL), 0);
}

/* Against a bitmap of 64 addresses, for many random sets. */
static void ranges_agree_with_a_bitmap(void)
{
	unsigned seed = 1;

	for (unsigned round = 0; round < 2000; round++) {
		struct weir_ranges set = { .at = memory, .room = 8 };
		uint64_t bitmap = 0;

		for (unsigned i = 0; i < 12; i++) {
			uint64_t first = (unsigned)rand_r(&seed) % 64;
			uint64_t last = first + (unsigned)rand_r(&seed) % (unsigned)(64 - first);
			uint64_t bits = UINT64_MAX >> (63 - (last - first)) << first;
			int want = bitmap & bits ? -EEXIST : set.count == 8 ? -ENOSPC : 0;

			CU_ASSERT_EQUAL(ranges_overlap(&set, first, last), (bitmap & bits) != 0);
			CU_ASSERT_EQUAL(ranges_insert(&set, first, last, NULL), want);
			if (!want)
				bitmap |= bits;
		}
	}
}

/* 39 bits without the interrupts' window, given twice and in parts. */
static void i8_what_is_reserved_is_left_out(void)
{
	const struct weir_range whole = { .first = 0, .last = 0x7fffffffff };
	const struct weir_range holes[] = { { .first = 0xfee00000, .last = 0xfeefffff },
		                            { .first = 0x1000, .last = 0x2fff },
		                            { .first = 0x2000, .last = 0x3fff },
		                            { .first = 0xfee00000, .last = 0xfee00fff } };
	struct weir_range left[4];

	CU_ASSERT_EQUAL(ranges_without(&whole, holes, 4, left, 4), 3);
	CU_ASSERT_EQUAL(left[0].first, 0);
	CU_ASSERT_EQUAL(left[0].last, 0xfff);
	CU_ASSERT_EQUAL(left[1].first, 0x4000);
	CU_ASSERT_EQUAL(left[1].last, 0xfedfffff);
	CU_ASSERT_EQUAL(left[2].first, 0xfef00000);
	CU_ASSERT_EQUAL(left[2].last, 0x7fffffffff);
	CU_ASSERT_EQUAL(ranges_without(&whole, holes, 4, left, 0), 3);
}

static void holes_at_the_ends_leave_nothing_there(void)
{
	const struct weir_range whole = { .first = 0, .last = UINT64_MAX };
	const struct weir_range low = { .first = 0, .last = 9 };
	const struct weir_range high = { .first = 20, .last = UINT64_MAX };
	const struct weir_range both[] = { high, low };
	struct weir_range left[2];

	CU_ASSERT_EQUAL(ranges_without(&whole, both, 2, left, 2), 1);
	CU_ASSERT_EQUAL(left[0].first, 10);
	CU_ASSERT_EQUAL(left[0].last, 19);
	CU_ASSERT_EQUAL(ranges_without(&whole, &whole, 1, left, 2), 0);
	CU_ASSERT_EQUAL(ranges_without(&whole, NULL, 0, left, 2), 1);
	CU_ASSERT_EQUAL(left[0].last, UINT64_MAX);
}

static const struct unit_case cases[] = {
	{ "ranges stay sorted", ranges_stay_sorted },
	{ "I8: what is reserved is left out", i8_what_is_reserved_is_left_out },
	{ "I10: an overlap is refused", i10_an_overlap_is_refused },
	{ "I11: only whole ranges are found", i11_only_whole_ranges_are_found },
	{ "I18: a full set takes no more", i18_a_full_set_takes_no_more },
	{ "removing closes the gap", removing_closes_the_gap },
	{ "ranges agree with a bitmap", ranges_agree_with_a_bitmap },
	{ "holes at the ends leave nothing there", holes_at_the_ends_leave_nothing_there },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("kmod ranges", cases);
}
