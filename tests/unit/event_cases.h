/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How every driver of network cards tells of what happens to its port, the same test for all of them, on a card of the_card.
 * EVENT_CASES is a part of a table of cases.
 */
#ifndef TESTS_EVENT_CASES_H
#define TESTS_EVENT_CASES_H

#include "event_sim.h"

static void a_link_that_changes_wakes_the_program(void)
{
	struct weir_port_conf conf = { .rx_queues = 2 };
	struct weir_link link;
	int fd;

	begin(&conf);
	fd = weir_port_event_fd(port);
	CU_ASSERT_FATAL(fd >= 0);
	run();
	CU_ASSERT_EQUAL(events(), WEIR_EVENT_LINK); /* it is up */
	CU_ASSERT_EQUAL(events(), 0);
	CU_ASSERT(!readable(fd));
	for (unsigned i = 0; i < 5; i++) {
		weir_sim_link(nic, i & 1);
		CU_ASSERT(woken(fd));
		CU_ASSERT_EQUAL(events(), WEIR_EVENT_LINK);
		CU_ASSERT(!readable(fd));
		weir_port_link(port, &link);
		CU_ASSERT_EQUAL(link.up, (i & 1) != 0);
		CU_ASSERT_EQUAL(events(), 0);
	}
	end();
}

/* A port whose link is up, of which nobody is to be told any more. Returns the descriptor of its events. */
static int begin_quiet(void)
{
	struct weir_port_conf conf = { 0 };
	int fd;

	begin(&conf);
	run();
	fd = weir_port_event_fd(port);
	events();
	return fd;
}

static void a_link_that_fell_and_came_back_is_one_event(void)
{
	int fd = begin_quiet();

	weir_sim_link(nic, false);
	weir_sim_link(nic, true);
	CU_ASSERT(woken(fd));
	CU_ASSERT_EQUAL(events(), WEIR_EVENT_LINK);
	CU_ASSERT_EQUAL(events(), 0);
	end();
}

/* weir_port_link() and weir_port_stats() look at the causes, too: they must take no event away. */
static void who_else_looks_takes_no_event_away(void)
{
	struct weir_port_stats stats;
	struct weir_link link;
	int fd = begin_quiet();

	weir_sim_link(nic, false);
	weir_sim_link(nic, true);
	weir_port_link(port, &link);
	weir_port_stats(port, &stats);
	CU_ASSERT(woken(fd));
	CU_ASSERT_EQUAL(events(), WEIR_EVENT_LINK);
	end();
}

static void a_stopped_port_tells_of_its_link_when_asked(void)
{
	struct weir_port_conf conf = { 0 };

	begin(&conf);
	run();
	CU_ASSERT_EQUAL(weir_port_stop(port), 0);
	events();
	weir_sim_link(nic, false);
	run();
	CU_ASSERT_EQUAL(events(), WEIR_EVENT_LINK);
	CU_ASSERT_EQUAL(weir_port_start(port), 0);
	weir_sim_link(nic, true);
	CU_ASSERT(woken(weir_port_event_fd(port)));
	CU_ASSERT_EQUAL(events(), WEIR_EVENT_LINK);
	end();
}

static void a_device_that_was_removed_is_told_once(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_link link;

	begin(&conf);
	run();
	events();
	weir_sim_remove(nic);
	CU_ASSERT_EQUAL(weir_port_event_fd(port) >= 0, 1);
	weir_port_link(port, &link); /* it went without a word */
	CU_ASSERT(readable(weir_port_event_fd(port)));
	CU_ASSERT(events() & WEIR_EVENT_REMOVED);
	CU_ASSERT_EQUAL(events() & WEIR_EVENT_REMOVED, 0);
	CU_ASSERT(!readable(weir_port_event_fd(port)));
	end_without_looking();
}

/* The process that serves a card ends: its socket says so. */
static void a_server_that_ends_wakes_the_program(void)
{
	int fd = begin_quiet();

	weir_sim_destroy(sim);
	sim = NULL;
	CU_ASSERT(woken(fd));
	CU_ASSERT(events() & WEIR_EVENT_REMOVED);
	CU_ASSERT(!readable(fd));
	CU_ASSERT_EQUAL(events(), 0);
	weir_port_close(port);
	weir_pool_cache_destroy(cache);
	weir_close(weir);
}

/* clang-format off */
#define EVENT_CASES \
	{ "a link that changes wakes the program", a_link_that_changes_wakes_the_program }, \
	{ "a link that fell and came back is one event", a_link_that_fell_and_came_back_is_one_event }, \
	{ "who else looks takes no event away", who_else_looks_takes_no_event_away }, \
	{ "a stopped port tells of its link when asked", a_stopped_port_tells_of_its_link_when_asked }, \
	{ "a device that was removed is told once", a_device_that_was_removed_is_told_once }, \
	{ "a server that ends wakes the program", a_server_that_ends_wakes_the_program }
/* clang-format on */

#endif
