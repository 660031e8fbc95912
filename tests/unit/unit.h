/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Runs a table of CUnit cases as one program.
 *
 *      static const struct unit_case cases[] = {
 *              { "a freed buffer comes back", freed_buffer_comes_back },
 *              { NULL, NULL },
 *      };
 *
 *      int main(void)
 *      {
 *              return unit_run("pool", cases);
 *      }
 *
 * A program exits 0 when all cases passed, 1 when one failed, 77 when it could not run at all: main then returns what
 * unit_skip() returned. A single case that cannot run calls unit_skip() and returns; the others count.
 */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <CUnit/Basic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define UNIT_SKIPPED 77

struct unit_case {
	const char *name; /* the behaviour; NULL ends the table */
	void (*fn)(void);
};

/* Says why something is not tested here. */
static inline int unit_skip(const char *why)
{
	printf("skipped: %s\n", why);
	fflush(stdout);
	return UNIT_SKIPPED;
}

/* Numbers that look random and are the same each time (xorshift64). @state is never 0. */
static inline uint64_t unit_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	return *state ^= *state << 17;
}

/* @rounds, or a tenth of them where another processor is emulated, which takes that much longer. */
static inline unsigned unit_rounds(unsigned rounds)
{
	return getenv("EMULATED") ? (rounds + 9) / 10 : rounds;
}

/*
 * Whether this is the plain build: under a sanitizer, an emulator, another compiler or a count of covered lines things take longer,
 * and show what they have to show sooner.
 */
static inline bool unit_plain(void)
{
#if defined(WEIR_DEBUG) || defined(__clang__)
	return false;
#endif
	return !getenv("EMULATED") && !getenv("TENTH");
}

/* @rounds in the plain build, a tenth of them in every other. Says so. */
static inline unsigned unit_cycles(unsigned rounds)
{
	unsigned some = unit_plain() ? rounds : rounds / 10;

	printf("%u of %u rounds: ", some, rounds);
	return some;
}

static inline int unit_run(const char *name, const struct unit_case *cases)
{
	unsigned failed = 1;
	CU_pSuite suite;

	if (CU_initialize_registry() != CUE_SUCCESS)
		return 1;
	suite = CU_add_suite(name, NULL, NULL);
	for (; suite && cases->name; cases++)
		if (!CU_add_test(suite, cases->name, cases->fn))
			suite = NULL;
	if (suite) {
		CU_basic_set_mode(CU_BRM_VERBOSE);
		CU_basic_run_tests();
		failed = CU_get_number_of_failures() + CU_get_number_of_tests_failed();
	}
	CU_cleanup_registry();
	return failed ? 1 : 0;
}

#endif
