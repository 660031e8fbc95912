/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Loss, order, copies and damage of made-up sequences of packets, each counted by hand; and long random ones, counted by
 * a list of everything that came.
 */
#include "pktgen/measure.h"
#include "unit.h"

#include <string.h>

#define SIZE 64

static struct measure *measure;
static struct measure_counts counts;

static int make(void)
{
	measure = calloc(1, sizeof(*measure));
	return measure ? 0 : 1;
}

/* Lets packets of these numbers come, ended by -1. -2 is a damaged one. */
static void come(const int *numbers)
{
	measure_clear(measure);
	for (; *numbers != -1; numbers++) {
		if (*numbers == -2)
			measure_damaged(measure);
		else
			measure_packet(measure, (uint64_t)*numbers, SIZE, 1000);
	}
	measure_read(measure, &counts);
}
#define COME(...) come((const int[]){ __VA_ARGS__, -1 })

static void counted(unsigned arrived, unsigned reordered, unsigned duplicates, unsigned gaps)
{
	CU_ASSERT_EQUAL(counts.arrived, arrived);
	CU_ASSERT_EQUAL(counts.bytes, arrived * SIZE);
	CU_ASSERT_EQUAL(counts.reordered, reordered);
	CU_ASSERT_EQUAL(counts.duplicates, duplicates);
	CU_ASSERT_EQUAL(counts.gaps, gaps);
	CU_ASSERT_EQUAL(counts.ancient, 0);
	CU_ASSERT_EQUAL(measure->latency.count, arrived);
}

static void all_in_order(void)
{
	COME(0, 1, 2, 3, 4);
	counted(5, 0, 0, 0);
	CU_ASSERT_EQUAL(counts.next, 5);
	CU_ASSERT_EQUAL(measure_lost(&counts, 5), 0);
}

static void losses_in_the_middle_and_at_the_end(void)
{
	COME(0, 1, 2, 4, 5, 8);
	counted(6, 0, 0, 2);
	CU_ASSERT_EQUAL(measure_lost(&counts, counts.next), 3);
	CU_ASSERT_EQUAL(measure_lost(&counts, 10), 4);
}

static void loss_at_the_beginning(void)
{
	COME(3, 4);
	counted(2, 0, 0, 1);
	CU_ASSERT_EQUAL(measure_lost(&counts, 5), 3);
}

static void two_that_change_places_are_one_reordered(void)
{
	COME(0, 1, 3, 2, 4);
	counted(5, 1, 0, 1);
	CU_ASSERT_EQUAL(counts.furthest, 2);
	CU_ASSERT_EQUAL(measure_lost(&counts, 5), 0);
}

/* Like the examples of RFC 4737: 4, 5 and 6 are late. */
static void a_block_that_overtakes(void)
{
	COME(1, 2, 3, 7, 8, 9, 10, 4, 5, 6, 11);
	counted(11, 3, 0, 2);
	CU_ASSERT_EQUAL(counts.furthest, 7);
	CU_ASSERT_EQUAL(measure_lost(&counts, 12), 1);
}

static void second_copies_are_duplicates_wherever_they_come(void)
{
	COME(0, 0, 1, 2, 2, 2, 3, 1);
	counted(4, 0, 4, 0);
	CU_ASSERT_EQUAL(measure_lost(&counts, 4), 0);
}

static void the_first_copy_may_be_late_and_the_second_later(void)
{
	COME(0, 2, 1, 1);
	counted(3, 1, 1, 1);
}

static void damaged_ones_are_not_lost(void)
{
	COME(0, -2, 2, 3, -2);
	counted(3, 0, 0, 1);
	CU_ASSERT_EQUAL(counts.corrupted, 2);
	CU_ASSERT_EQUAL(measure_lost(&counts, 5), 0);
	CU_ASSERT_EQUAL(measure_lost(&counts, 6), 1);
}

static void the_window_ends_where_it_says(void)
{
	measure_clear(measure);
	CU_ASSERT_EQUAL(measure_packet(measure, 0, SIZE, 1), 0);
	CU_ASSERT_EQUAL(measure_packet(measure, MEASURE_WINDOW, SIZE, 1), MEASURE_GAP);
	/* 1 is the last that is still known not to have come; of 0 nobody knows any more that it has. */
	CU_ASSERT_EQUAL(measure_packet(measure, 1, SIZE, 1), MEASURE_REORDERED);
	CU_ASSERT_EQUAL(measure_packet(measure, 1, SIZE, 1), MEASURE_DUPLICATE);
	CU_ASSERT_EQUAL(measure_packet(measure, 0, SIZE, 1), MEASURE_ANCIENT);
	measure_read(measure, &counts);
	CU_ASSERT_EQUAL(counts.arrived, 3);
	CU_ASSERT_EQUAL(counts.ancient, 1);
	CU_ASSERT_EQUAL(counts.furthest, MEASURE_WINDOW);
}

static void what_stood_in_the_window_goes_when_it_moves_on(void)
{
	measure_clear(measure);
	for (unsigned i = 0; i < 200; i++)
		measure_packet(measure, i, SIZE, 1);
	/* The numbers a window above those share their bits. */
	measure_packet(measure, MEASURE_WINDOW + 199, SIZE, 1);
	CU_ASSERT_EQUAL(measure_packet(measure, MEASURE_WINDOW + 5, SIZE, 1), MEASURE_REORDERED);
	/* A jump of more than a window leaves nothing. */
	CU_ASSERT_EQUAL(measure_packet(measure, 5ull * MEASURE_WINDOW, SIZE, 1), MEASURE_GAP);
	CU_ASSERT_EQUAL(measure_packet(measure, 5ull * MEASURE_WINDOW - 3, SIZE, 1), MEASURE_REORDERED);
	CU_ASSERT_EQUAL(measure_packet(measure, 5ull * MEASURE_WINDOW - 3, SIZE, 1), MEASURE_DUPLICATE);
}

static uint64_t dice = 42;

static uint64_t roll(void)
{
	return unit_random(&dice);
}

/* Packets are lost, doubled and held back at random, which is written down as it happens. */
static void long_random_sequences_are_counted_exactly(void)
{
	enum { PACKETS = 300000, HELD = 64 };
	uint8_t *came = calloc(PACKETS, 1);
	uint64_t arrived = 0, reordered = 0, duplicates = 0, lost = 0, next = 0, held[HELD];
	unsigned waiting = 0, packets = unit_rounds(PACKETS);

	measure_clear(measure);
	for (uint64_t sent = 0; came && (sent < packets || waiting);) {
		bool release = waiting && (sent == packets || waiting == HELD || roll() % 4 == 0);
		unsigned which = waiting ? (unsigned)(roll() % waiting) : 0;
		uint64_t number = release ? held[which] : sent++;

		if (release) {
			held[which] = held[--waiting];
		} else if (roll() % 10 == 0) {
			lost++;
			continue;
		} else if (roll() % 10 == 0) {
			held[waiting++] = number;
			if (waiting == HELD || roll() % 2)
				continue;
		}
		duplicates += came[number];
		arrived += !came[number];
		reordered += !came[number] && number < next;
		came[number] = 1;
		next = number >= next ? number + 1 : next;
		measure_packet(measure, number, SIZE, roll() % 100000);
	}
	measure_read(measure, &counts);
	CU_ASSERT_EQUAL(counts.arrived, arrived);
	CU_ASSERT_EQUAL(counts.reordered, reordered);
	CU_ASSERT_EQUAL(counts.duplicates, duplicates);
	CU_ASSERT_EQUAL(counts.next, next);
	CU_ASSERT_EQUAL(measure_lost(&counts, packets), lost);
	CU_ASSERT_TRUE(lost > 0 && reordered > 0 && duplicates > 0);
	free(came);
}

static void several_receivers_add_up(void)
{
	struct measure_counts sum = { 0 };

	COME(0, 2, 4);
	measure_add(&sum, &counts);
	COME(1, 5, 3, -2);
	measure_add(&sum, &counts);
	CU_ASSERT_EQUAL(sum.arrived, 6);
	CU_ASSERT_EQUAL(sum.next, 6);
	CU_ASSERT_EQUAL(sum.reordered, 1);
	CU_ASSERT_EQUAL(measure_lost(&sum, 8), 1);
}

int main(void)
{
	static const struct unit_case cases[] = {
		{ "all in order", all_in_order },
		{ "losses in the middle and at the end", losses_in_the_middle_and_at_the_end },
		{ "loss at the beginning", loss_at_the_beginning },
		{ "two that change places are one reordered", two_that_change_places_are_one_reordered },
		{ "a block that overtakes", a_block_that_overtakes },
		{ "second copies are duplicates wherever they come", second_copies_are_duplicates_wherever_they_come },
		{ "the first copy may be late and the second later", the_first_copy_may_be_late_and_the_second_later },
		{ "damaged ones are not lost", damaged_ones_are_not_lost },
		{ "the window ends where it says", the_window_ends_where_it_says },
		{ "what stood in the window goes when it moves on", what_stood_in_the_window_goes_when_it_moves_on },
		{ "long random sequences are counted exactly", long_random_sequences_are_counted_exactly },
		{ "several receivers add up", several_receivers_add_up },
		{ NULL, NULL },
	};

	if (make())
		return unit_skip("no memory");
	return unit_run("pktgen measure", cases);
}
