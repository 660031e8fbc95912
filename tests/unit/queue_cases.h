/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What every driver must do with single queues, the same test for all of them, on a card of the_card with RSS: they stop and
 * start while others run, and are polled by several threads. QUEUE_CASES is a part of a table of cases.
 */
#ifndef TESTS_QUEUE_CASES_H
#define TESTS_QUEUE_CASES_H

#include <pthread.h>
#include <time.h>

#include "port_sim.h"

static const char *card_spec(const char *wire)
{
	static char spec[80];

	snprintf(spec, sizeof(spec), "sim:%s,wire=%s", the_card, wire);
	return spec;
}

/* A source port from which RSS sends packets to queue @queue of @queues. */
static unsigned flow_to(unsigned queue, unsigned queues)
{
	uint8_t input[12] = { 10, 0, 0, 1, 10, 0, 0, 2, 0, 0, 0, 9 };

	for (unsigned source = 1000;; source++) {
		weir_store_be16(input + 8, (uint16_t)source);
		if ((weir_toeplitz_plain(usual_key, input, 12) & 127) % queues == queue)
			return source;
	}
}

static void send_to(unsigned queue, unsigned queues)
{
	uint8_t frame[128];

	make_udp(frame, flow_to(queue, queues), 40);
	CU_ASSERT_EQUAL(weir_sim_send(nic, frame, 82), 0);
}

static unsigned fetch(unsigned queue)
{
	struct weir_pkt pkts[32];
	unsigned n = weir_rx(weir_port_rxq(port, queue), pkts, 32);

	weir_pool_free(cache, pkts, n);
	return n;
}

/* @n packets arrive of @len bytes, are fetched, and the queue is waited for. */
static inline void wake_up_for(unsigned n, unsigned len)
{
	uint8_t frame[1514];

	make_udp(frame, 5, len - 42);
	for (unsigned i = 0; i < n; i++) {
		CU_ASSERT_EQUAL(weir_sim_send(nic, frame, len), 0);
		if (i % 32 == 31) {
			run();
			CU_ASSERT_EQUAL(fetch(0), 32);
		}
	}
	run();
	fetch(0);
	CU_ASSERT_EQUAL(weir_rxq_arm(rxq), 0);
}

/* Microseconds between two interrupts of a vector, as the card has it: the test's own. */
static unsigned interval_of(unsigned vector);

/* Each queue has a vector of its own. */
static inline void set_interval(unsigned queue, unsigned us, unsigned is)
{
	CU_ASSERT_EQUAL(weir_rxq_set_interval(weir_port_rxq(port, queue), us), 0);
	CU_ASSERT_EQUAL(interval_of(queue), is);
}

/* Steps of an adaptive interval. */
struct wake_up {
	unsigned packets, bytes, times;
	unsigned interval; /* which that comes to */
};

static inline void wake_up(const struct wake_up *steps)
{
	for (; steps->packets; steps++) {
		for (unsigned i = 0; i < steps->times; i++)
			wake_up_for(steps->packets, steps->bytes);
		CU_ASSERT_EQUAL(interval_of(0), steps->interval);
	}
}

/* From the least to the most and back; then @fixed microseconds, which the card has as @is, and adaptive again. */
static inline void adapt(const struct wake_up *steps, unsigned fixed, unsigned is)
{
	static const struct wake_up back[] = { { 200, 60, 10, 256 }, { 2, 60, 10, 10 }, { 0 } }; /* and no longer */
	struct weir_port_conf conf = { 0 };

	begin(&conf);
	CU_ASSERT_EQUAL(interval_of(0), 10);
	wake_up(steps);
	wake_up(back);
	CU_ASSERT_EQUAL(weir_rxq_set_interval(rxq, fixed), 0); /* now it stays */
	wake_up_for(200, 60);
	CU_ASSERT_EQUAL(interval_of(0), is);
	set_interval(0, WEIR_INTERVAL_ADAPTIVE, 10);
	end();
}

static void a_receive_queue_stops_and_starts_while_others_run(void)
{
	struct weir_port_conf conf = { .rx_queues = 2, .rx_slots = 64 };
	uint32_t before;

	begin(&conf);
	for (unsigned i = 0; i < unit_rounds(100); i++) {
		send_to(0, 2);
		send_to(1, 2);
		run();
		before = info_of(pool).in_use;
		CU_ASSERT_EQUAL(weir_rxq_stop(weir_port_rxq(port, 1)), 0); /* with a packet that nobody fetched */
		CU_ASSERT(info_of(pool).in_use < before);
		CU_ASSERT_EQUAL(fetch(1), 0);
		CU_ASSERT_EQUAL(fetch(0), 1);

		/* What comes now for queue 1 is lost, and holds nobody up. */
		for (unsigned j = 0; j < 5; j++) {
			send_to(1, 2);
			send_to(0, 2);
		}
		run();
		CU_ASSERT_EQUAL(fetch(0), 5);
		CU_ASSERT_EQUAL(fetch(1), 0);

		CU_ASSERT_EQUAL(weir_rxq_start(weir_port_rxq(port, 1)), 0);
		CU_ASSERT_EQUAL(weir_rxq_start(weir_port_rxq(port, 1)), 0);
		run();
		fetch(1);
		for (unsigned j = 0; j < 100; j++) {
			send_to(1, 2);
			send_to(0, 2);
			run();
			CU_ASSERT_EQUAL(fetch(1), 1);
			CU_ASSERT_EQUAL(fetch(0), 1);
		}
	}
	CU_ASSERT_EQUAL(weir_rxq_stop(weir_port_rxq(port, 0)), 0); /* and the port stops with it */
	CU_ASSERT_EQUAL(weir_port_stop(port), 0);
	weir_pool_cache_flush(cache);
	CU_ASSERT_EQUAL(info_of(pool).in_use, 0);
	CU_ASSERT_EQUAL(weir_port_start(port), 0);
	send_to(0, 2);
	run();
	CU_ASSERT_EQUAL(fetch(0), 1);
	end();
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void send_one(unsigned queue, unsigned number, unsigned taken)
{
	uint8_t frame[128];
	struct weir_pkt pkt;

	make_udp(frame, number, 40);
	pkt = make_pkt(frame, 82);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(port, queue), &pkt, 1), taken);
	weir_pool_free(cache, &pkt, 1 - taken);
}

static void a_transmit_queue_sends_all_before_it_stops(void)
{
	struct weir_sim_conf sim_conf = { .strict = true };
	struct weir_port_conf conf = { .tx_queues = 2, .tx_slots = 64 };
	uint8_t frame[128];
	unsigned sent;
	uint64_t from;

	open_port_in(&sim_conf, card_spec("hold"), &conf);
	CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
	for (unsigned i = 0; i < unit_rounds(20); i++) {
		for (unsigned j = 0; j < 10; j++)
			send_one(1, j, 1);
		from = now_ns();
		CU_ASSERT_EQUAL(weir_txq_stop(weir_port_txq(port, 1)), 0);
		CU_ASSERT_EQUAL(weir_txq_stop(weir_port_txq(port, 1)), 0);
		for (sent = 0; weir_sim_take(nic, frame, sizeof(frame)) > 0;)
			sent++;
		CU_ASSERT(sent == 10 || now_ns() - from >= 1000000000); /* it waits no longer than that */
		send_one(1, 0, 0);
		CU_ASSERT_EQUAL(weir_txq_start(weir_port_txq(port, 1)), 0);
	}
	send_one(0, 0, 1);
	CU_ASSERT_EQUAL(weir_txq_stop(weir_port_txq(port, 0)), 0);
	end();
}

static void a_queue_of_a_stopped_port_says_so(void)
{
	struct weir_port_conf conf = { 0 };

	begin(&conf);
	CU_ASSERT_EQUAL(weir_port_stop(port), 0);
	CU_ASSERT_EQUAL(weir_rxq_stop(rxq), -EINVAL);
	CU_ASSERT_EQUAL(weir_txq_start(txq), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(weir_error(), "not started"));
	end();
}

/* What one worker does: sends numbered packets of one flow, and receives what comes back to its queue. */
struct worker {
	pthread_t thread;
	unsigned index, wanted;
	unsigned sent, received, wrong;
	bool ended;
};

static void *work(void *arg)
{
	struct worker *w = arg;
	struct weir_rxq *from = weir_port_rxq(port, w->index);
	struct weir_txq *to = weir_port_txq(port, w->index);
	unsigned source = flow_to(w->index, 3), idle = 0;
	struct weir_pool_cache *own = make_cache(pool, 0);

	while (w->received < w->wanted && idle < 1000000) {
		struct weir_pkt pkts[32];
		unsigned n = 0;

		if (w->sent < w->wanted && w->sent - w->received < 200 && weir_pool_alloc(own, pkts, 1)) {
			uint8_t *data = weir_pkt_data(weir_mem_base(weir), pkts);

			make_udp(data, source, 40);
			memcpy(data + 42, &w->sent, sizeof(w->sent));
			pkts[0].len = 82;
			n = weir_tx(to, pkts, 1);
			weir_pool_free(own, pkts, 1 - n);
			w->sent += n;
		}
		n = weir_rx(from, pkts, 32);
		for (unsigned i = 0; i < n; i++, w->received++)
			w->wrong += memcmp(weir_pkt_data(weir_mem_base(weir), &pkts[i]) + 42, &w->received,
			                   sizeof(w->received)) != 0;
		weir_pool_free(own, pkts, n);
		idle = n ? 0 : idle + 1;
		if (idle > 100)
			usleep(10);
	}
	weir_tx(to, NULL, 0);
	weir_pool_cache_destroy(own);
	__atomic_store_n(&w->ended, true, __ATOMIC_RELEASE);
	return NULL;
}

/* A third thread looks at statistics, and has a queue of its own stop and start again. */
static void two_threads_poll_two_queues(void)
{
	struct weir_sim_conf sim_conf = { .fast = true };
	struct weir_port_conf conf = { .promiscuous = true, .rx_queues = 3, .tx_queues = 3 };
	struct worker workers[2] = { 0 };

	open_port_in(&sim_conf, card_spec("loop"), &conf);
	CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
	for (unsigned i = 0; i < 2; i++) {
		workers[i].index = i;
		workers[i].wanted = unit_rounds(10000);
		CU_ASSERT_EQUAL_FATAL(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	}
	while (!__atomic_load_n(&workers[0].ended, __ATOMIC_ACQUIRE) ||
	       !__atomic_load_n(&workers[1].ended, __ATOMIC_ACQUIRE)) {
		struct weir_port_stats stats;

		weir_port_stats(port, &stats);
		CU_ASSERT_EQUAL(weir_rxq_stop(weir_port_rxq(port, 2)), 0);
		CU_ASSERT_EQUAL(weir_txq_stop(weir_port_txq(port, 2)), 0);
		usleep(1000);
		CU_ASSERT_EQUAL(weir_rxq_start(weir_port_rxq(port, 2)), 0);
		CU_ASSERT_EQUAL(weir_txq_start(weir_port_txq(port, 2)), 0);
		usleep(1000);
	}
	for (unsigned i = 0; i < 2; i++) {
		pthread_join(workers[i].thread, NULL);
		CU_ASSERT_EQUAL(workers[i].received, workers[i].wanted);
		CU_ASSERT_EQUAL(workers[i].wrong, 0);
	}
	end();
}

/* clang-format off */
#define QUEUE_CASES \
	{ "a receive queue stops and starts while others run", a_receive_queue_stops_and_starts_while_others_run }, \
	{ "a transmit queue sends all before it stops", a_transmit_queue_sends_all_before_it_stops }, \
	{ "a queue of a stopped port says so", a_queue_of_a_stopped_port_says_so }, \
	{ "two threads poll two queues", two_threads_poll_two_queues }
/* clang-format on */

#endif
