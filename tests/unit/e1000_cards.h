/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The models that the e1000 driver is for: a test's cases run on each of them.
 */
#ifndef TESTS_E1000_CARDS_H
#define TESTS_E1000_CARDS_H

#include "port_sim.h"

/* Legacy descriptors, and one queue. */
static inline bool is_8254x(void)
{
	return !strncmp(the_card, "8254", 4);
}

/* The one with two queues, and vectors. */
static inline bool has_two_queues(void)
{
	return !strcmp(the_card, "82574L");
}

/* The first two are one of each descriptor format; what else they have in common with the others the plain build tries. */
static inline int run_on_each_card(const struct unit_case *cases)
{
	static const char *const cards[] = { "82540EM", "82574L", "82545EM", "82583V" };
	unsigned n = unit_plain() ? sizeof(cards) / sizeof(cards[0]) : 2;
	int failed = 0;

	for (unsigned i = 0; i < n; i++) {
		the_card = cards[i];
		failed |= unit_run(the_card, cases);
	}
	return failed;
}

#endif
