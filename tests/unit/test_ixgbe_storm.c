/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Faults of an 82599 under traffic.
 */
#include "storm_cases.h"

/* --- faults that the driver gets over ------------------------------------------------------------------------------------- */

/* In fast mode the queues' own counters stay 0; then only the card tells. */
static void frames_that_found_no_descriptor_are_counted(void)
{
	storm_begin(4);
	storm(WEIR_SIM_RX_NO_BUFFER, 0, 9);
	FOR_EACH_RIG(r)
	{
		expect(r, 9, r->fast ? WEIR_DROP_COUNT : WEIR_DROP_MISSED);
		CU_ASSERT_EQUAL(card_counter(r, "rx_no_descriptor"), 9);
	}
	storm_end();
}

static void packets_in_a_wrong_queue_are_packets(void)
{
	storm_begin(5);
	storm(WEIR_SIM_RX_QUEUE, 1, 40);
	FOR_EACH_RIG(r)
	expect(r, 0, WEIR_DROP_MISSED);
	storm(WEIR_SIM_RX_QUEUE, 77, 6); /* which does not run */
	FOR_EACH_RIG(r)
	expect(r, 6, r->fast ? WEIR_DROP_COUNT : WEIR_DROP_MISSED);
	storm_end();
}

/* --- faults that are told, and over with a restart --------------------------------------------------------------------------- */

static void a_refused_access_is_told(void)
{
	storm_begin(14);
	storm(WEIR_SIM_DMA_ERROR, 0, 1);
	all_become_ill("could not reach memory");
	all_become_well(WEIR_SIM_DMA_ERROR);
	storm_end();
}

static const struct unit_case cases[] = {
	STORM_CASES,
	{ "frames that found no descriptor are counted", frames_that_found_no_descriptor_are_counted },
	{ "packets in a wrong queue are packets", packets_in_a_wrong_queue_are_packets },
	{ "a refused access is told", a_refused_access_is_told },
	{ NULL, NULL },
};

int main(void)
{
	storm_card = "82599";
	storm_queues = 2;
	return unit_run("ixgbe_storm", cases);
}
