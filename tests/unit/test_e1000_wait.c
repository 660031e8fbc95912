/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who waits for packets of the e1000 driver and who waits for its events: by vectors, or by the one line that there is.
 */
#include "e1000_cards.h"
#include "event_sim.h"
#include "regs/e1000.h"
#include "regs/e1000_bits.h"

/* Puts the port where nothing has happened that was not told. */
static void settle(void)
{
	run();
	events();
	events();
}

static void a_link_that_changes_wakes_the_program(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_link link;
	int fd;

	begin(&conf);
	fd = weir_port_event_fd(port);
	CU_ASSERT_FATAL(fd >= 0);
	settle();
	CU_ASSERT(!readable(fd));
	for (unsigned i = 0; i < 6; i++) {
		weir_sim_link(nic, i & 1);
		CU_ASSERT(woken(fd));
		CU_ASSERT_EQUAL(events(), WEIR_EVENT_LINK);
		weir_port_link(port, &link);
		CU_ASSERT_EQUAL(link.up, (i & 1) != 0);
		CU_ASSERT_EQUAL(events(), 0);
	}
	end();
}

static void packets_and_the_link_wake_who_waits_for_them(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_pkt pkts[32];
	uint8_t frame[128];
	int packets, changes;

	begin(&conf);
	packets = weir_rxq_fd(rxq);
	changes = weir_port_event_fd(port);
	make_udp(frame, 1, 40);
	settle();
	for (unsigned i = 0; i < 10; i++) {
		CU_ASSERT_EQUAL(weir_rxq_arm(rxq), 0);
		CU_ASSERT(!readable(packets));
		weir_sim_send(nic, frame, 82);
		run();
		weir_sim_link(nic, false);
		CU_ASSERT(woken(packets));
		CU_ASSERT(woken(changes));
		/* The one who looks first takes nothing from the other. */
		if (i % 2)
			CU_ASSERT_EQUAL(events(), WEIR_EVENT_LINK);
		CU_ASSERT(readable(packets));
		CU_ASSERT_EQUAL(weir_rx(rxq, pkts, 32), 1);
		weir_pool_free(cache, pkts, 1);
		CU_ASSERT_EQUAL(weir_rxq_arm(rxq), 0);
		if (i % 2 == 0) {
			CU_ASSERT(woken(changes));
			CU_ASSERT_EQUAL(events(), WEIR_EVENT_LINK);
		}
		CU_ASSERT_EQUAL(events(), 0);
		weir_sim_link(nic, true);
		settle();
	}
	end();
}

/* A packet's interrupt is held back, the causes are read meanwhile by somebody who looks at the port. */
static void a_wake_up_that_is_held_back_is_not_lost(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_port_stats stats;
	struct weir_pkt pkts[32];
	uint8_t frame[128];
	int fd;

	begin(&conf);
	fd = weir_rxq_fd(rxq);
	make_udp(frame, 1, 40);
	settle();
	CU_ASSERT_EQUAL(weir_rxq_set_interval(rxq, 10000), 0);
	for (unsigned i = 0; i < 4; i++) {
		CU_ASSERT_EQUAL(weir_rxq_arm(rxq), 0);
		weir_sim_send(nic, frame, 82);
		run();
		weir_port_stats(port, &stats); /* which watches the port */
		CU_ASSERT(woken(fd));
		CU_ASSERT_EQUAL(weir_rx(rxq, pkts, 32), 1);
		weir_pool_free(cache, pkts, 1);
	}
	end();
}

/* In units of 256 ns, rounded up. */
static void the_interval_is_what_was_asked_for(void)
{
	struct weir_port_conf conf = { 0 };
	uint32_t reg = has_two_queues() ? E1000_AT(EITR, 0) : E1000_ITR;

	begin(&conf);
	CU_ASSERT_EQUAL(weir_sim_peek(nic, reg), 40);
	CU_ASSERT_EQUAL(weir_rxq_set_interval(rxq, 100), 0);
	CU_ASSERT_EQUAL(weir_sim_peek(nic, reg), 391);
	CU_ASSERT_EQUAL(weir_rxq_set_interval(rxq, 0), 0);
	CU_ASSERT_EQUAL(weir_sim_peek(nic, reg), 0);
	CU_ASSERT_EQUAL(weir_rxq_set_interval(rxq, 16776), 0);
	CU_ASSERT_EQUAL(weir_rxq_set_interval(rxq, 16777), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(weir_error(), "0 to 16776"));
	CU_ASSERT_EQUAL(weir_rxq_set_interval(rxq, WEIR_INTERVAL_ADAPTIVE), 0);
	CU_ASSERT_EQUAL(weir_sim_peek(nic, reg), 40);
	end();
}

/* Each queue of the 82574 is woken by what is its own. */
static void two_queues_wait_apart(void)
{
	struct weir_port_conf conf = { .rx_queues = 2 };
	struct weir_pkt pkts[32];
	uint8_t frame[128];

	if (!has_two_queues())
		return;
	begin(&conf);
	make_udp(frame, 1, 40);
	settle();
	for (unsigned i = 0; i < 8; i++) {
		struct weir_rxq *one = weir_port_rxq(port, i & 1), *other = weir_port_rxq(port, !(i & 1));

		CU_ASSERT_EQUAL(weir_rxq_arm(one), 0);
		CU_ASSERT_EQUAL(weir_rxq_arm(other), 0);
		weir_sim_fault(nic, WEIR_SIM_RX_QUEUE, i & 1, 1);
		weir_sim_send(nic, frame, 82);
		CU_ASSERT(woken(weir_rxq_fd(one)));
		CU_ASSERT(!readable(weir_rxq_fd(other)));
		CU_ASSERT_EQUAL(weir_rx(one, pkts, 32), 1);
		weir_pool_free(cache, pkts, 1);
	}
	end();
}

static const struct unit_case cases[] = {
	{ "a link that changes wakes the program", a_link_that_changes_wakes_the_program },
	{ "packets and the link wake who waits for them", packets_and_the_link_wake_who_waits_for_them },
	{ "a wake-up that is held back is not lost", a_wake_up_that_is_held_back_is_not_lost },
	{ "the interval is what was asked for", the_interval_is_what_was_asked_for },
	{ "two queues wait apart", two_queues_wait_apart },
	{ NULL, NULL },
};

int main(void)
{
	return run_on_each_card(cases);
}
