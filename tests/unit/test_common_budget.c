/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A number of packets, shared by workers.
 */
#include "common/budget.h"

#include <pthread.h>

#include "unit.h"

static void a_claim_takes_what_is_left_and_no_more(void)
{
	struct budget budget;

	budget_init(&budget, 10);
	CU_ASSERT_EQUAL(budget_claim(&budget, 8), 8);
	CU_ASSERT_EQUAL(budget_claim(&budget, 8), 2);
	CU_ASSERT_EQUAL(budget_claim(&budget, 8), 0);
}

static void what_was_claimed_and_not_used_comes_back(void)
{
	struct budget budget;

	budget_init(&budget, 10);
	CU_ASSERT_EQUAL(budget_claim(&budget, 10), 10);
	budget_settle(&budget, 10, 3);
	CU_ASSERT_EQUAL(budget_claim(&budget, 10), 7);
}

static void the_last_packet_is_told_when_it_is_done_with(void)
{
	struct budget budget;

	budget_init(&budget, 5);
	CU_ASSERT_EQUAL(budget_claim(&budget, 4), 4);
	budget_settle(&budget, 4, 4);
	CU_ASSERT_EQUAL(budget_claim(&budget, 4), 1);
	budget_settle(&budget, 1, 1);
	CU_ASSERT_FALSE(budget_spend(&budget, 1));
	CU_ASSERT_FALSE(budget_spend(&budget, 3));
	CU_ASSERT_FALSE(budget_spend(&budget, 0));
	CU_ASSERT_TRUE(budget_spend(&budget, 1));
	CU_ASSERT_FALSE(budget_spend(&budget, 0));
}

static void using_more_than_was_claimed_ends_it_too(void)
{
	struct budget budget;

	budget_init(&budget, 5);
	CU_ASSERT_EQUAL(budget_claim(&budget, 4), 4);
	budget_settle(&budget, 4, 7);
	CU_ASSERT_EQUAL(budget_claim(&budget, 1), 0);
	CU_ASSERT_TRUE(budget_spend(&budget, 7));
	CU_ASSERT_FALSE(budget_spend(&budget, 1));
}

struct eater {
	struct budget *budget;
	unsigned bite;
	uint64_t eaten;
	unsigned last; /* how often it was told that it took the last one */
};

static void *eat(void *arg)
{
	struct eater *eater = arg;
	unsigned claimed, used;

	while ((claimed = budget_claim(eater->budget, eater->bite))) {
		used = claimed - claimed / 3;
		eater->eaten += used;
		budget_settle(eater->budget, claimed, used);
		eater->last += budget_spend(eater->budget, used);
	}
	return NULL;
}

static void workers_together_use_all_of_it_once(void)
{
	struct budget budget;
	struct eater eaters[3] = { { &budget, 7, 0, 0 }, { &budget, 32, 0, 0 }, { &budget, 1, 0, 0 } };
	pthread_t threads[3];
	uint64_t eaten = 0;
	unsigned last = 0;

	budget_init(&budget, 100000);
	for (unsigned i = 0; i < 3; i++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, eat, &eaters[i]), 0);
	for (unsigned i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	/* An eater may leave while another still holds what it will give back. */
	eat(&eaters[2]);
	for (unsigned i = 0; i < 3; i++) {
		eaten += eaters[i].eaten;
		last += eaters[i].last;
	}
	CU_ASSERT_EQUAL(eaten, 100000);
	CU_ASSERT_EQUAL(last, 1);
}

static const struct unit_case cases[] = {
	{ "a claim takes what is left and no more", a_claim_takes_what_is_left_and_no_more },
	{ "what was claimed and not used comes back", what_was_claimed_and_not_used_comes_back },
	{ "the last packet is told when it is done with", the_last_packet_is_told_when_it_is_done_with },
	{ "using more than was claimed ends it too", using_more_than_was_claimed_ends_it_too },
	{ "workers together use all of it once", workers_together_use_all_of_it_once },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("common: budget", cases);
}
