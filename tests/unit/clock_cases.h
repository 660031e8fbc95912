/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What every driver of cards with a clock must do with it, and what is noted of packets, on a card of the_card. The models'
 * clocks run with the machine's, so that times are compared with what passed meanwhile at the least, never at the most.
 * CLOCK_CASES is a part of a table of cases.
 */
#ifndef TESTS_CLOCK_CASES_H
#define TESTS_CLOCK_CASES_H

#include <time.h>

#include "port_sim.h"
#include "weir/clock.h"

static uint64_t system_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t port_ns(void)
{
	uint64_t ns = 0;

	CU_ASSERT_EQUAL(weir_port_clock(port, &ns), 0);
	return ns;
}

static void begin_with_meta(void)
{
	struct weir_port_conf conf = { .offloads = WEIR_OFFLOAD_RX_META, .rx_queues = 2, .tx_queues = 2 };

	begin(&conf);
}

static void the_clock_starts_as_the_time_of_day_and_runs(void)
{
	uint64_t before = system_ns(CLOCK_REALTIME), first, second, from, passed;

	begin_with_meta();
	first = port_ns();
	CU_ASSERT(first + 1000000 > before);
	from = system_ns(CLOCK_MONOTONIC);
	while (system_ns(CLOCK_MONOTONIC) - from < 20000000)
		;
	passed = system_ns(CLOCK_MONOTONIC) - from;
	second = port_ns();
	CU_ASSERT(second - first >= passed - 1000);
	end();
}

static void the_clock_is_set_and_moved(void)
{
	uint64_t then;

	begin_with_meta();
	CU_ASSERT_EQUAL(weir_port_set_clock(port, UINT64_C(5000000000)), 0);
	then = port_ns();
	CU_ASSERT(then >= UINT64_C(5000000000));
	CU_ASSERT_EQUAL(weir_port_adjust_clock(port, INT64_C(3600000000000)), 0);
	CU_ASSERT(port_ns() >= then + UINT64_C(3600000000000));
	CU_ASSERT_EQUAL(weir_port_set_clock(port, UINT64_C(1) << 62), 0);
	CU_ASSERT_EQUAL(weir_port_adjust_clock(port, -INT64_C(1000000000000)), 0);
	CU_ASSERT(port_ns() >= (UINT64_C(1) << 62) - UINT64_C(1000000000000));
	CU_ASSERT(port_ns() < UINT64_C(1) << 62); /* a thousand seconds do not pass meanwhile */
	end();
}

/* Ten per cent faster: what passes by the port's clock is more than by the system's around it; slower: less. */
static void a_tuned_clock_runs_faster_or_slower(void)
{
	begin_with_meta();
	for (int sign = -1; sign <= 1; sign += 2) {
		uint64_t outer, inner, first, last;

		CU_ASSERT_EQUAL(weir_port_tune_clock(port, sign * WEIR_CLOCK_PPB_MAX), 0);
		outer = system_ns(CLOCK_MONOTONIC);
		first = port_ns();
		inner = system_ns(CLOCK_MONOTONIC);
		do
			last = system_ns(CLOCK_MONOTONIC);
		while (last - inner < 20 * (inner - outer) + 20000000);
		inner = last - inner;
		last = port_ns();
		outer = system_ns(CLOCK_MONOTONIC) - outer;
		CU_ASSERT(sign > 0 ? last - first >= inner + inner / 10 - 1000
		                   : last - first <= outer - outer / 10 + 1000);
	}
	CU_ASSERT_EQUAL(weir_port_tune_clock(port, WEIR_CLOCK_PPB_MAX + 1), -ERANGE);
	end();
}

static void ports_without_a_clock_say_so(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_port *null;
	uint64_t ns;

	begin(&conf);
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "null:", &conf, &null), 0);
	CU_ASSERT_EQUAL(weir_port_start(null), 0);
	CU_ASSERT_EQUAL(weir_port_clock(null, &ns), -ENOTSUP);
	CU_ASSERT_EQUAL(weir_port_tune_clock(null, 1), -ENOTSUP);
	CU_ASSERT_EQUAL(weir_tx_stamped(weir_port_txq(null, 0), NULL, 0), -ENOTSUP);
	weir_port_close(null);
	CU_ASSERT_EQUAL(weir_port_stop(port), 0);
	CU_ASSERT_EQUAL(weir_port_clock(port, &ns), -EINVAL);
	end();
}

/* A Sync message (0), or another, of version 2 over Ethernet. */
static void send_ptp(unsigned message)
{
	uint8_t frame[60] = { 1, 0x1b, 0x19, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0x88, 0xf7, (uint8_t)message, 2 };
	struct weir_port_info info;

	weir_port_info(port, &info);
	memcpy(frame, info.mac, 6);
	CU_ASSERT_EQUAL(weir_sim_send(nic, frame, 60), 0);
}

static uint64_t time_of(const struct weir_pkt *pkt)
{
	const struct weir_pkt_meta *meta = weir_pkt_meta(weir_mem_base(weir), pkt);

	return meta ? meta->time_ns : 0;
}

static void messages_are_stamped_when_they_arrive(void)
{
	struct weir_pkt pkts[8];
	uint64_t before, after;

	begin_with_meta();
	for (unsigned i = 0; i < 20; i++) {
		before = port_ns();
		send_ptp(0);
		CU_ASSERT_EQUAL_FATAL(receive(rxq, pkts, 8), 1);
		after = port_ns();
		CU_ASSERT(time_of(pkts) >= before && time_of(pkts) <= after);
		weir_pool_free(cache, pkts, 1);
	}
	send_ptp(8); /* Follow_Up is no event */
	CU_ASSERT_EQUAL_FATAL(receive(rxq, pkts, 8), 1);
	CU_ASSERT_EQUAL(time_of(pkts), 0);
	weir_pool_free(cache, pkts, 1);
	end();
}

static void messages_over_udp_are_stamped(void)
{
	struct weir_port_conf conf = { .offloads = WEIR_OFFLOAD_RX_META };
	struct weir_pkt pkts[8];
	uint8_t frame[128];

	begin(&conf);
	make_udp(frame, 319, 44);
	weir_store_be16(frame + 36, 319);
	memcpy(frame + 42, "\1\2", 2); /* Delay_Req */
	frame[40] = frame[41] = 0;
	CU_ASSERT_EQUAL(weir_sim_send(nic, frame, 86), 0);
	CU_ASSERT_EQUAL_FATAL(receive(rxq, pkts, 8), 1);
	CU_ASSERT_NOT_EQUAL(time_of(pkts), 0);
	weir_pool_free(cache, pkts, 1);
	end();
}

/* There is one place for a stamp. */
static void one_stamp_is_kept_until_it_is_fetched(void)
{
	struct weir_pkt pkts[8];

	begin_with_meta();
	send_ptp(0);
	send_ptp(0);
	CU_ASSERT_EQUAL_FATAL(receive(rxq, pkts, 8), 2);
	CU_ASSERT_NOT_EQUAL(time_of(&pkts[0]), 0);
	CU_ASSERT_EQUAL(time_of(&pkts[1]), 0);
	weir_pool_free(cache, pkts, 2);
	send_ptp(0);
	CU_ASSERT_EQUAL_FATAL(receive(rxq, pkts, 8), 1);
	CU_ASSERT_NOT_EQUAL(time_of(&pkts[0]), 0);
	weir_pool_free(cache, pkts, 1);
	end();
}

/* What is received and never fetched does not keep the stamp for ever. */
static void a_stamp_without_a_packet_is_given_up(void)
{
	struct weir_port_stats stats;
	struct weir_pkt pkts[8];
	uint64_t from;

	begin_with_meta();
	send_ptp(0);
	run();
	CU_ASSERT_EQUAL(weir_rxq_stop(rxq), 0);
	CU_ASSERT_EQUAL(weir_rxq_start(rxq), 0);
	weir_port_stats(port, &stats);
	from = system_ns(CLOCK_MONOTONIC);
	while (system_ns(CLOCK_MONOTONIC) - from < 1100000000)
		usleep(10000);
	weir_port_stats(port, &stats);
	send_ptp(0);
	CU_ASSERT_EQUAL_FATAL(receive(rxq, pkts, 8), 1);
	CU_ASSERT_NOT_EQUAL(time_of(&pkts[0]), 0);
	weir_pool_free(cache, pkts, 1);
	end();
}

static void nothing_is_stamped_unless_asked_for(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_pkt pkts[8];

	begin(&conf);
	send_ptp(0);
	CU_ASSERT_EQUAL_FATAL(receive(rxq, pkts, 8), 1);
	CU_ASSERT(!(pkts[0].flags & WEIR_PKT_META));
	weir_pool_free(cache, pkts, 1);
	end();
}

static void a_packet_is_stamped_when_it_leaves(void)
{
	uint8_t frame[128];
	struct weir_pkt pkts[2];
	uint64_t before, after, ns = 0;

	begin_with_meta();
	CU_ASSERT_EQUAL(weir_port_tx_time(port, &ns), -ENOENT);
	for (unsigned i = 0; i < 20; i++) {
		make_udp(frame, i, 40);
		pkts[0] = make_pkt(frame, 82);
		pkts[1] = make_pkt(frame, 82);
		before = port_ns();
		CU_ASSERT_EQUAL(weir_tx_stamped(txq, pkts, 2), 1); /* the first of them */
		run();
		CU_ASSERT_EQUAL(weir_port_tx_time(port, &ns), 0);
		after = port_ns();
		CU_ASSERT(ns >= before && ns <= after);
		CU_ASSERT_EQUAL(weir_port_tx_time(port, &ns), -ENOENT);
		CU_ASSERT_EQUAL(weir_tx(txq, pkts + 1, 1), 1);
		run();
		CU_ASSERT_EQUAL(weir_port_tx_time(port, &ns), -ENOENT);
	}
	while (weir_sim_take(nic, frame, sizeof(frame)) > 0)
		;
	end();
}

static void the_time_of_a_packet_that_waits_is_not_known_yet(void)
{
	uint8_t frame[128];
	struct weir_pkt pkt;
	uint64_t ns = 0;

	begin_with_meta();
	weir_sim_link(nic, false);
	run();
	make_udp(frame, 1, 40);
	pkt = make_pkt(frame, 82);
	CU_ASSERT_EQUAL(weir_tx_stamped(txq, &pkt, 1), 1);
	run();
	CU_ASSERT_EQUAL(weir_port_tx_time(port, &ns), -EAGAIN);
	weir_sim_link(nic, true);
	run();
	CU_ASSERT_EQUAL(weir_port_tx_time(port, &ns), 0);
	end();
}

static void one_packet_at_a_time_is_stamped(void)
{
	uint64_t from = system_ns(CLOCK_MONOTONIC);
	struct weir_pkt pkts[2];
	uint8_t frame[128];
	int taken;

	begin_with_meta();
	make_udp(frame, 1, 40);
	pkts[0] = make_pkt(frame, 82);
	pkts[1] = make_pkt(frame, 82);
	CU_ASSERT_EQUAL(weir_tx_stamped(txq, pkts, 1), 1);
	taken = weir_tx_stamped(txq, pkts + 1, 1);
	if (taken < 0)
		weir_pool_free(cache, pkts + 1, 1);
	CU_ASSERT(taken == -EBUSY || system_ns(CLOCK_MONOTONIC) - from > 1000000000); /* then it is given up */
	end();
}

static void a_packet_that_is_dropped_has_no_time(void)
{
	uint8_t frame[128];
	struct weir_pkt pkt;
	uint64_t ns = 0;

	begin_with_meta();
	make_udp(frame, 1, 40);
	pkt = make_pkt(frame, 82);
	pkt.len = 5;
	CU_ASSERT_EQUAL(weir_tx_stamped(txq, &pkt, 1), 1);
	CU_ASSERT_EQUAL(weir_port_tx_time(port, &ns), -ENOENT);
	end();
}

/* clang-format off */
#define CLOCK_CASES \
	{ "the clock starts as the time of day and runs", the_clock_starts_as_the_time_of_day_and_runs }, \
	{ "the clock is set and moved", the_clock_is_set_and_moved }, \
	{ "a tuned clock runs faster or slower", a_tuned_clock_runs_faster_or_slower }, \
	{ "ports without a clock say so", ports_without_a_clock_say_so }, \
	{ "messages are stamped when they arrive", messages_are_stamped_when_they_arrive }, \
	{ "messages over UDP are stamped", messages_over_udp_are_stamped }, \
	{ "one stamp is kept until it is fetched", one_stamp_is_kept_until_it_is_fetched }, \
	{ "a stamp without a packet is given up", a_stamp_without_a_packet_is_given_up }, \
	{ "nothing is stamped unless asked for", nothing_is_stamped_unless_asked_for }, \
	{ "a packet is stamped when it leaves", a_packet_is_stamped_when_it_leaves }, \
	{ "the time of a packet that waits is not known yet", the_time_of_a_packet_that_waits_is_not_known_yet }, \
	{ "one packet at a time is stamped", one_packet_at_a_time_is_stamped }, \
	{ "a packet that is dropped has no time", a_packet_that_is_dropped_has_no_time }
/* clang-format on */

#endif
