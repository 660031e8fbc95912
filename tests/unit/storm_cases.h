/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every fault of a card under traffic: it comes at a random moment while packets flow both ways. The driver goes on or
 * says what is wrong, no buffer is lost, and traffic flows again when the fault is over or the port was started anew.
 * STORM_CASES is a part of a table of cases, the same for each driver.
 */
#ifndef TESTS_STORM_CASES_H
#define TESTS_STORM_CASES_H

#include "storm.h"

#include <poll.h>

#include "weir/clock.h"
#include "weir/device.h"
#include "weir/filter.h"

#define FOR_EACH_RIG(r) for (struct rig *r = rigs; r < rigs + RIGS; r++)

static uint64_t card_counter(struct rig *r, const char *wanted)
{
	const char *name;
	uint64_t value;

	for (unsigned i = 0; !weir_sim_counter(r->nic, i, &name, &value); i++)
		if (!strcmp(name, wanted))
			return value;
	CU_FAIL_FATAL("no such counter");
	return 0;
}

/* After a fault that costs @lost frames to the card, counted as @reason (WEIR_DROP_COUNT: by the card alone). */
static void expect(struct rig *r, uint32_t lost, enum weir_drop reason)
{
	CU_ASSERT_TRUE(storm_settle(r, lost));
	CU_ASSERT_EQUAL(r->wrong, 0);
	CU_ASSERT_EQUAL(r->missing, 0);
	if (reason < WEIR_DROP_COUNT)
		CU_ASSERT_EQUAL(storm_drops(r, reason), lost);
	CU_ASSERT_EQUAL(weir_port_health(r->port, NULL), 0);
}

/* Waits until all frames to the card have arrived or are counted as @reason. Returns how many are. */
static uint32_t settle_counted(struct rig *r, enum weir_drop reason)
{
	uint64_t end = storm_now() + WHOLE, drops;

	do {
		storm_receive(r);
		drops = storm_drops(r, reason);
	} while (r->got + drops < r->sent && storm_now() < end);
	CU_ASSERT_EQUAL(r->got + drops, r->sent);
	return (uint32_t)drops;
}

static void without_a_fault_nothing_is_lost(void)
{
	storm_begin(1);
	storm(WEIR_SIM_FAULT_COUNT, 0, 0);
	FOR_EACH_RIG(r)
	{
		expect(r, 0, WEIR_DROP_DEVICE);
		CU_ASSERT(r->got > 10 && r->taken > 10);
	}
	storm_end();
}

/* --- faults that the driver gets over ------------------------------------------------------------------------------------- */

static void lengths_that_cannot_be_cost_a_counted_drop(void)
{
	static const unsigned claims[] = { 0xffff, 0x8000, 2048 + 128, 0 };

	storm_begin(2);
	for (unsigned i = 0; i < sizeof(claims) / sizeof(claims[0]); i++)
		storm(WEIR_SIM_RX_LENGTH, claims[i], 5);
	FOR_EACH_RIG(r)
	{
		/* Of a packet of several buffers more than one may lie, but all are one drop. */
		uint32_t lost = settle_counted(r, WEIR_DROP_DEVICE);

		CU_ASSERT(r->jumbo ? lost >= 4 && lost <= 20 : lost == 20);
		expect(r, lost, WEIR_DROP_DEVICE);
	}
	storm_end();
}

/* The last buffer of several may have one byte; a packet in one must have a header. */
static void packets_without_a_header_cost_a_counted_drop(void)
{
	storm_begin(17);
	storm(WEIR_SIM_RX_LENGTH, 1, 5);
	storm(WEIR_SIM_RX_LENGTH, 13, 5);
	FOR_EACH_RIG(r)
	{
		uint32_t lost = settle_counted(r, WEIR_DROP_DEVICE);

		CU_ASSERT(r->jumbo ? lost + r->wrong <= 10 : lost == 10 && !r->wrong);
		CU_ASSERT_EQUAL(weir_port_health(r->port, NULL), 0);
	}
	storm_end();
}

static void damaged_frames_are_counted(void)
{
	storm_begin(3);
	storm(WEIR_SIM_RX_CRC, 0, 7);
	FOR_EACH_RIG(r)
	expect(r, 7, WEIR_DROP_CRC);
	storm_end();
}

static void a_late_report_of_a_received_packet_is_waited_for(void)
{
	storm_begin(6);
	storm(WEIR_SIM_RX_NO_DD, 10, 1);
	FOR_EACH_RIG(r)
	expect(r, 0, WEIR_DROP_DEVICE);
	storm_end();
}

/*
 * What stands in the buffer at that moment nobody can tell, and the card may write when it was given back already; but it
 * is one of ours, and the packet as long as it should be.
 */
static void a_report_before_the_data_costs_its_content_at_most(void)
{
	storm_begin(7);
	storm(WEIR_SIM_RX_DD_EARLY, 0, 30);
	FOR_EACH_RIG(r)
	{
		CU_ASSERT_TRUE(storm_settle(r, 0));
		CU_ASSERT(r->wrong <= 30);
		r->scribbled = true;
		CU_ASSERT_EQUAL(weir_port_health(r->port, NULL), 0);
	}
	storm_end();
}

static void a_lost_report_of_a_sent_packet_is_made_up_for(void)
{
	storm_begin(8);
	storm(WEIR_SIM_TX_NO_DD, 0, 1);
	storm(WEIR_SIM_TX_NO_DD, 0, 1);
	FOR_EACH_RIG(r)
	{
		/* The ring, of 128, gets full behind it. */
		for (uint64_t end = storm_now() + WHOLE; r->put < 400 && storm_now() < end;)
			storm_round(r);
		expect(r, 0, WEIR_DROP_DEVICE);
		CU_ASSERT(r->put >= 400);
	}
	storm_end();
}

static void a_lost_interrupt_costs_a_nap(void)
{
	storm_begin(9);
	FOR_EACH_RIG(r)
	for (unsigned i = 0; i < 40; i++) {
		bool there = false;

		if (i == 10)
			weir_sim_fault(r->nic, WEIR_SIM_IRQ_LOST, 0, 5);
		storm_to_card(r, 2);
		for (unsigned q = 0; q < storm_queues; q++)
			there |= weir_rxq_arm(weir_port_rxq(r->port, q)) == 1;
		if (!there) {
			struct pollfd fds[2];

			for (unsigned q = 0; q < storm_queues; q++)
				fds[q] =
				    (struct pollfd){ .fd = weir_rxq_fd(weir_port_rxq(r->port, q)), .events = POLLIN };
			poll(fds, storm_queues, 20);
		}
		storm_receive(r);
	}
	FOR_EACH_RIG(r)
	expect(r, 0, WEIR_DROP_DEVICE);
	storm_end();
}

/* Waits until the port tells of a link that is @up. */
static bool link_becomes(struct rig *r, bool up)
{
	uint64_t end = storm_now() + WHOLE;
	struct weir_link link;

	do {
		CU_ASSERT_EQUAL(weir_port_link(r->port, &link), 0);
		if (link.up == up)
			return true;
		usleep(1000);
	} while (storm_now() < end);
	return false;
}

static void a_cable_that_is_pulled_out_and_put_in_again_costs_what_was_on_it(void)
{
	storm_begin(10);
	for (unsigned i = 0; i < 5; i++) {
		storm(WEIR_SIM_FAULT_COUNT, 0, 0);
		FOR_EACH_RIG(r)
		weir_sim_link(r->nic, false);
		FOR_EACH_RIG(r)
		CU_ASSERT_TRUE(link_becomes(r, false));
		storm(WEIR_SIM_FAULT_COUNT, 0, 0);
		FOR_EACH_RIG(r)
		weir_sim_link(r->nic, true);
		FOR_EACH_RIG(r)
		CU_ASSERT_TRUE(link_becomes(r, true));
	}
	FOR_EACH_RIG(r)
	{
		uint64_t end = storm_now() + WHOLE;

		while (r->got + card_counter(r, "wire_unplugged") != r->sent && storm_now() < end)
			storm_receive(r);
		/* What waited to be sent is sent. */
		expect(r, (uint32_t)card_counter(r, "wire_unplugged"), WEIR_DROP_COUNT);
	}
	storm_end();
}

/* --- faults that are told, and over with a restart --------------------------------------------------------------------------- */

/* Traffic until all ports say that they are damaged, in @words; @fault has been asked for. */
static void all_become_ill(const char *words)
{
	uint64_t end = storm_now() + 2 * WHOLE;
	unsigned ill;

	do {
		ill = 0;
		FOR_EACH_RIG(r)
		{
			struct weir_port_stats stats;
			const char *why;

			for (unsigned i = 0; i < 5; i++)
				storm_round(r);
			weir_port_stats(r->port, &stats);
			if (!weir_port_health(r->port, &why))
				continue;
			ill++;
			if (weir_port_health(r->port, NULL) != -EIO || !strstr(why, words))
				CU_FAIL("another damage");
		}
		usleep(20000);
	} while (ill < RIGS && storm_now() < end);
	CU_ASSERT_EQUAL(ill, RIGS);
}

/* All buffers come back when the ports stop; started again they are well, and everything flows. */
static void all_become_well(enum weir_sim_fault fault)
{
	FOR_EACH_RIG(r)
	{
		weir_sim_fault(r->nic, fault, 0, 0);
		CU_ASSERT_EQUAL(weir_port_stop(r->port), 0);
		weir_pool_cache_flush(r->cache);
		CU_ASSERT_EQUAL(info_of(r->pool).in_use, 0);
		CU_ASSERT_EQUAL_FATAL(weir_port_start(r->port), 0);
		CU_ASSERT_EQUAL(weir_port_health(r->port, NULL), 0);
		/* What was under way is lost; what still arrives belongs to no count. */
		usleep(20000);
		storm_receive(r);
		storm_from_card(r);
		CU_ASSERT_EQUAL(r->wrong, 0);
		r->sent = r->got = 0;
		memset(r->seen, 0, FRAMES * sizeof(*r->seen));
		r->missing = 0;
		r->next = r->taken = r->put;
	}
	storm(WEIR_SIM_FAULT_COUNT, 0, 0);
	FOR_EACH_RIG(r)
	expect(r, 0, WEIR_DROP_COUNT);
}

static void a_report_that_never_comes_is_told(void)
{
	storm_begin(11);
	storm(WEIR_SIM_RX_NO_DD, 0, 1);
	all_become_ill("has left out a descriptor");
	all_become_well(WEIR_SIM_RX_NO_DD);
	storm_end();
}

static void a_queue_that_never_reports_is_told(void)
{
	storm_begin(12);
	storm(WEIR_SIM_TX_NO_DD, 0, ~0u);
	all_become_ill("does not report what it has sent");
	all_become_well(WEIR_SIM_TX_NO_DD);
	storm_end();
}

static void a_queue_that_hangs_is_told(void)
{
	storm_begin(13);
	storm(WEIR_SIM_TX_HANG, 0, 1);
	all_become_ill("hangs at descriptor");
	all_become_well(WEIR_SIM_TX_HANG);
	storm_end();
}

/* A card that is left in this state is told of by who closes the port and by who opens it next. */
static void a_reset_that_sticks_is_told(void)
{
	storm_begin(15);
	storm(WEIR_SIM_RESET_STUCK, 0, ~0u);
	FOR_EACH_RIG(r)
	{
		expect(r, 0, WEIR_DROP_DEVICE);
		CU_ASSERT_EQUAL(weir_port_close(r->port), -ETIMEDOUT);
		CU_ASSERT(error_says("does not come out of reset"));
		r->port = NULL;
		weir_pool_cache_flush(r->cache);
		CU_ASSERT_EQUAL(info_of(r->pool).in_use, 0);
		if (r->socket) {
			CU_ASSERT_EQUAL(rig_connect(r), -ETIMEDOUT);
			weir_sim_fault(r->nic, WEIR_SIM_RESET_STUCK, 0, 0);
			CU_ASSERT_EQUAL_FATAL(rig_connect(r), 0);
			storm_to_card(r, 10);
			expect(r, 0, WEIR_DROP_COUNT);
		}
	}
	storm_end();
}

/* --- removal -------------------------------------------------------------------------------------------------------------- */

static void a_card_that_is_pulled_out_is_gone_for_every_call(void)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 9 };
	struct weir_port_stats stats;
	struct weir_port_info info;
	struct weir_link link;
	const char *why;
	uint64_t ns;

	storm_begin(16);
	storm(WEIR_SIM_FAULT_COUNT, 0, 0);
	FOR_EACH_RIG(r)
	{
		unsigned when = storm_random(30);
		uint64_t got;

		for (unsigned round = 0; round < 60; round++) {
			if (round == when)
				weir_sim_remove(r->nic);
			storm_round(r);
		}
		got = r->got;
		weir_port_info(r->port, &info);
		CU_ASSERT_EQUAL(weir_port_link(r->port, &link), -ENODEV);
		CU_ASSERT_FALSE(link.up);
		CU_ASSERT_EQUAL(weir_port_health(r->port, &why), -ENODEV);
		CU_ASSERT_PTR_NOT_NULL(strstr(why, "was it removed"));
		CU_ASSERT_EQUAL(weir_port_set_mtu(r->port, 1400), -ENODEV);
		CU_ASSERT_EQUAL(weir_port_set_mac(r->port, mac), -ENODEV);
		CU_ASSERT_EQUAL(weir_port_set_promiscuous(r->port, true), -ENODEV);
		CU_ASSERT_EQUAL(weir_port_set_all_multicast(r->port, true), -ENODEV);
		CU_ASSERT_EQUAL(weir_port_add_mac(r->port, mac), -ENODEV);
		CU_ASSERT_EQUAL(weir_port_set_vlan_filter(r->port, true), -ENODEV);
		CU_ASSERT_EQUAL(weir_port_identify(r->port, true), -ENODEV);
		if (!strcmp(info.driver, "ixgbe")) { /* what not every driver can */
			CU_ASSERT_EQUAL(weir_port_clock(r->port, &ns), -ENODEV);
			CU_ASSERT_EQUAL(weir_rxq_stop(weir_port_rxq(r->port, 0)), -ENODEV);
			CU_ASSERT_EQUAL(weir_txq_stop(weir_port_txq(r->port, 0)), -ENODEV);
		}
		CU_ASSERT_EQUAL(weir_rxq_fd(weir_port_rxq(r->port, 0)), -ENODEV);
		CU_ASSERT_EQUAL(weir_rxq_arm(weir_port_rxq(r->port, 0)), -ENODEV);
		CU_ASSERT(error_says("was it removed"));
		for (unsigned q = 0; q < storm_queues; q++)
			CU_ASSERT_TRUE(weir_rxq_finished(weir_port_rxq(r->port, q)));
		weir_port_stats(r->port, &stats);
		CU_ASSERT_EQUAL(stats.rx.packets, got);
		CU_ASSERT_EQUAL(weir_port_stop(r->port), 0);
		CU_ASSERT_EQUAL(weir_port_start(r->port), -ENODEV);
	}
	storm_end();
}

/* clang-format off */
#define STORM_CASES \
	{ "without a fault nothing is lost", without_a_fault_nothing_is_lost }, \
	{ "lengths that cannot be cost a counted drop", lengths_that_cannot_be_cost_a_counted_drop }, \
	{ "packets without a header cost a counted drop", packets_without_a_header_cost_a_counted_drop }, \
	{ "damaged frames are counted", damaged_frames_are_counted }, \
	{ "a late report of a received packet is waited for", a_late_report_of_a_received_packet_is_waited_for }, \
	{ "a report before the data costs its content at most", a_report_before_the_data_costs_its_content_at_most }, \
	{ "a lost report of a sent packet is made up for", a_lost_report_of_a_sent_packet_is_made_up_for }, \
	{ "a lost interrupt costs a nap", a_lost_interrupt_costs_a_nap }, \
	{ "a cable that is pulled out and put in again costs what was on it", a_cable_that_is_pulled_out_and_put_in_again_costs_what_was_on_it }, \
	{ "a report that never comes is told", a_report_that_never_comes_is_told }, \
	{ "a queue that never reports is told", a_queue_that_never_reports_is_told }, \
	{ "a queue that hangs is told", a_queue_that_hangs_is_told }, \
	{ "a reset that sticks is told", a_reset_that_sticks_is_told }, \
	{ "a card that is pulled out is gone for every call", a_card_that_is_pulled_out_is_gone_for_every_call }
/* clang-format on */

#endif
