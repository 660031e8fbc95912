/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lists of processors, as --cpus takes them.
 */
#include "common/cpus.h"

#include <errno.h>

#include "unit.h"

static void ranges_and_numbers_keep_their_order(void)
{
	static const unsigned expected[] = { 8, 2, 4, 5, 6 };
	struct cpus cpus;

	CU_ASSERT_EQUAL_FATAL(cpus_parse("8,2,4-6", &cpus), 0);
	CU_ASSERT_EQUAL_FATAL(cpus.count, 5);
	for (unsigned i = 0; i < 5; i++)
		CU_ASSERT_EQUAL(cpus.cpu[i], expected[i]);
}

static void one_number_is_a_list(void)
{
	struct cpus cpus;

	CU_ASSERT_EQUAL(cpus_parse("0", &cpus), 0);
	CU_ASSERT_EQUAL(cpus.count, 1);
	CU_ASSERT_EQUAL(cpus.cpu[0], 0);
	CU_ASSERT_EQUAL(cpus_parse("7-7", &cpus), 0);
	CU_ASSERT_EQUAL(cpus.count, 1);
	CU_ASSERT_EQUAL(cpus.cpu[0], 7);
}

static void what_is_no_list_is_refused(void)
{
	static const char *const wrong[] = {
		"",    ",",     "1,", ",1", "1-",  "-1",    "3-2",  "1,,2",   "a",
		"1a",  "1 2",   " 1", "+1", "0x1", "1-2-3", "1024", "0-1024", "99999999999999999999",
		"1,1", "0-3,2",
	};
	struct cpus cpus;

	for (unsigned i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		if (cpus_parse(wrong[i], &cpus) != -EINVAL)
			CU_FAIL(wrong[i]);
}

static void more_than_the_table_holds_is_refused(void)
{
	struct cpus cpus;

	CU_ASSERT_EQUAL(cpus_parse("0-255", &cpus), 0);
	CU_ASSERT_EQUAL(cpus.count, 256);
	CU_ASSERT_EQUAL(cpus_parse("0-256", &cpus), -EINVAL);
}

static const struct unit_case cases[] = {
	{ "ranges and numbers keep their order", ranges_and_numbers_keep_their_order },
	{ "one number is a list", one_number_is_a_list },
	{ "what is no list is refused", what_is_no_list_is_refused },
	{ "more than the table holds is refused", more_than_the_table_holds_is_refused },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("common: cpus", cases);
}
