/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What every driver must make of a card that goes wrong, the same test for all of them, on a card of the_card: it recovers or
 * reports, and leaks nothing. FAULT_CASES is a part of a table of cases, QUEUE_FAULT_CASES another.
 */
#ifndef TESTS_FAULT_CASES_H
#define TESTS_FAULT_CASES_H

#include <poll.h>

#include "port_sim.h"
#include "sentences.h"

static void a_lying_length_is_dropped_and_counted(void)
{
	struct weir_pkt pkts[32];
	uint8_t frame[128];

	begin_with(frame);
	weir_sim_fault(nic, WEIR_SIM_RX_LENGTH, 0xffff, 1);
	weir_sim_send(nic, frame, 82);
	CU_ASSERT_EQUAL(receive(rxq, pkts, 32), 0);
	CU_ASSERT_EQUAL(rx_drops(WEIR_DROP_DEVICE), 1);
	weir_sim_send(nic, frame, 82);
	CU_ASSERT_EQUAL_FATAL(receive(rxq, pkts, 32), 1);
	weir_pool_free(cache, pkts, 1);
	end();
}

static void damage_is_counted(void)
{
	struct weir_pkt pkts[32];
	uint8_t frame[128];

	begin_with(frame);
	weir_sim_fault(nic, WEIR_SIM_RX_CRC, 0, 2);
	weir_sim_send(nic, frame, 82);
	weir_sim_send(nic, frame, 82);
	CU_ASSERT_EQUAL(receive(rxq, pkts, 32), 0);
	CU_ASSERT_EQUAL(rx_drops(WEIR_DROP_CRC), 2);
	end();
}

static inline void a_lack_of_buffers_is_counted(void)
{
	struct weir_pkt pkts[32];
	uint8_t frame[128];

	begin_with(frame);
	weir_sim_fault(nic, WEIR_SIM_RX_NO_BUFFER, 0, 3);
	for (unsigned i = 0; i < 3; i++)
		weir_sim_send(nic, frame, 82);
	CU_ASSERT_EQUAL(receive(rxq, pkts, 32), 0);
	CU_ASSERT_EQUAL(rx_drops(WEIR_DROP_MISSED), 3);
	end();
}

static void a_descriptor_that_is_late_is_waited_for(void)
{
	struct weir_pkt pkts[32];
	uint8_t frame[128];

	begin_with(frame);
	weir_sim_fault(nic, WEIR_SIM_RX_NO_DD, 0, 1);
	weir_sim_send(nic, frame, 82);
	weir_sim_run(sim);
	weir_rx(rxq, pkts, 32);
	weir_sim_send(nic, frame, 82);
	run();
	/* The one behind is done, but the ring is taken in order. */
	CU_ASSERT_EQUAL(weir_rx(rxq, pkts, 32), 0);
	end();
}

/* @told: the card says so, and not in config space only. */
static void restart_after_a_refused_access(bool told)
{
	struct weir_pkt pkts[32];
	uint8_t frame[128];

	begin_with(frame);
	weir_sim_fault(nic, WEIR_SIM_DMA_ERROR, 0, 1);
	weir_sim_send(nic, frame, 82);
	CU_ASSERT_EQUAL(receive(rxq, pkts, 32), 0);
	if (told) {
		rx_drops(0);
		CU_ASSERT_EQUAL(weir_port_health(port, NULL), -EIO);
	}
	CU_ASSERT_EQUAL(weir_port_stop(port), 0);
	CU_ASSERT_EQUAL(weir_port_start(port), 0);
	weir_sim_send(nic, frame, 82);
	CU_ASSERT_EQUAL_FATAL(receive(rxq, pkts, 32), 1);
	weir_pool_free(cache, pkts, 1);
	weir_port_close(port);
	port = NULL;
	end_without_looking();
}

static void a_queue_that_does_not_report_is_stopped_cleanly(void)
{
	struct weir_port_conf conf = { .tx_slots = 64 };
	uint8_t frame[128], taken[128];
	struct weir_pkt pkt;
	unsigned taken_in = 0;

	begin(&conf);
	make_udp(frame, 1, 40);
	weir_sim_fault(nic, WEIR_SIM_TX_NO_DD, 0, ~0u);
	for (unsigned i = 0; i < 100; i++) {
		unsigned n;

		pkt = make_pkt(frame, 82);
		n = weir_tx(txq, &pkt, 1);
		run();
		taken_in += n;
		if (!n)
			weir_pool_free(cache, &pkt, 1);
	}
	CU_ASSERT_EQUAL(taken_in, 62);
	weir_sim_fault(nic, WEIR_SIM_TX_NO_DD, 0, 0);
	CU_ASSERT_EQUAL(weir_port_stop(port), 0);
	weir_pool_cache_flush(cache);
	CU_ASSERT_EQUAL(info_of(pool).in_use, 0);
	while (weir_sim_take(nic, taken, sizeof(taken)) > 0)
		;
	CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
	pkt = make_pkt(frame, 82);
	CU_ASSERT_EQUAL(weir_tx(txq, &pkt, 1), 1);
	run();
	CU_ASSERT_EQUAL(weir_sim_take(nic, taken, sizeof(taken)), 82);
	end();
}

static void a_card_that_is_pulled_out_is_noticed(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_pkt pkts[32];
	struct weir_link link;
	const char *why;

	begin(&conf);
	weir_sim_remove(nic);
	CU_ASSERT_EQUAL(weir_rx(rxq, pkts, 32), 0);
	weir_port_link(port, &link);
	CU_ASSERT(!link.up);
	CU_ASSERT_EQUAL(weir_port_health(port, &why), -ENODEV);
	CU_ASSERT(weir_rxq_finished(rxq));
	CU_ASSERT_EQUAL(weir_port_stop(port), 0);
	CU_ASSERT_EQUAL(weir_port_start(port), -ENODEV);
	end_without_looking();
}

static void a_reset_that_sticks_is_told(void)
{
	char folder[] = "/tmp/weir-fault-XXXXXX", path[64], spec[80], card[64];
	struct weir_sim_conf sim_conf = { .manual = true };

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/socket", folder);
	snprintf(spec, sizeof(spec), "vfio-user:%s", path);
	CU_ASSERT_EQUAL_FATAL(weir_sim_create(&sim_conf, &sim), 0);
	weir = open_weir();
	snprintf(card, sizeof(card), "%s,wire=hold", the_card);
	CU_ASSERT_EQUAL_FATAL(weir_sim_nic_add(sim, card, &nic), 0);
	weir_sim_fault(nic, WEIR_SIM_RESET_STUCK, 0, ~0u);
	CU_ASSERT_EQUAL_FATAL(weir_sim_nic_serve(nic, path), 0);
	CU_ASSERT_EQUAL(weir_port_open(weir, spec, NULL, &port), -ETIMEDOUT);
	CU_ASSERT(error_says("does not come out of reset"));
	weir_sim_fault(nic, WEIR_SIM_RESET_STUCK, 0, 0);
	CU_ASSERT_EQUAL(weir_port_open(weir, spec, NULL, &port), 0);
	weir_port_close(port);
	weir_close(weir);
	weir_sim_destroy(sim);
	unlink(path);
	rmdir(folder);
}

static void a_queue_that_stops_fetching_is_freed_by_a_restart(void)
{
	struct weir_port_conf conf = { .tx_slots = 64 };
	uint8_t frame[128], taken[128];
	struct weir_pkt pkt;

	begin(&conf);
	make_udp(frame, 1, 40);
	weir_sim_fault(nic, WEIR_SIM_TX_HANG, 0, 1);
	for (unsigned i = 0; i < 10; i++) {
		pkt = make_pkt(frame, 82);
		CU_ASSERT_EQUAL(weir_tx(txq, &pkt, 1), 1);
		run();
	}
	CU_ASSERT_EQUAL(weir_sim_take(nic, taken, sizeof(taken)), 0);
	CU_ASSERT_EQUAL(weir_port_stop(port), 0);
	weir_pool_cache_flush(cache);
	CU_ASSERT_EQUAL(info_of(pool).in_use, 0);
	CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
	pkt = make_pkt(frame, 82);
	CU_ASSERT_EQUAL(weir_tx(txq, &pkt, 1), 1);
	run();
	CU_ASSERT_EQUAL(weir_sim_take(nic, taken, sizeof(taken)), 82);
	end();
}

static inline void a_packet_in_the_wrong_queue_is_still_a_packet(void)
{
	struct weir_port_conf conf = { .rx_queues = 2 };
	struct weir_pkt pkts[32];
	uint8_t frame[128];

	begin(&conf);
	make_udp(frame, 1, 40);
	for (unsigned queue = 0; queue < 2; queue++) {
		weir_sim_fault(nic, WEIR_SIM_RX_QUEUE, queue, 1);
		weir_sim_send(nic, frame, 82);
		CU_ASSERT_EQUAL_FATAL(receive(weir_port_rxq(port, queue), pkts, 32), 1);
		CU_ASSERT(same(pkts, 1, frame, 82));
		weir_pool_free(cache, pkts, 1);
	}
	weir_sim_fault(nic, WEIR_SIM_RX_QUEUE, 5, 1); /* which does not run */
	weir_sim_send(nic, frame, 82);
	CU_ASSERT_EQUAL(receive(weir_port_rxq(port, 0), pkts, 32) + weir_rx(weir_port_rxq(port, 1), pkts, 32), 0);
	end();
}

static void a_lost_interrupt_is_made_up_for_by_the_next(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_pkt pkts[32];
	struct pollfd fd;
	uint8_t frame[128];

	begin(&conf);
	fd = (struct pollfd){ .fd = weir_rxq_fd(rxq), .events = POLLIN };
	make_udp(frame, 1, 40);
	weir_sim_fault(nic, WEIR_SIM_IRQ_LOST, 0, 1);
	CU_ASSERT_EQUAL(weir_rxq_arm(rxq), 0);
	weir_sim_send(nic, frame, 82);
	for (unsigned i = 0; i < 5; i++, usleep(100))
		run();
	CU_ASSERT_EQUAL(poll(&fd, 1, 0), 0);
	CU_ASSERT_EQUAL(weir_rxq_arm(rxq), 1); /* who looks again sees it */
	CU_ASSERT_EQUAL(weir_rx(rxq, pkts, 32), 1);
	weir_pool_free(cache, pkts, 1);
	end();
}

static void cards_are_pulled_out_again_and_again(void)
{
	struct weir_port_conf conf = { .rx_slots = 64, .tx_slots = 64 };
	struct weir_link link;
	uint8_t frame[128];

	for (unsigned i = 0; i < unit_rounds(20); i++) {
		struct weir_pkt pkt;

		begin(&conf);
		make_udp(frame, 1, 40);
		weir_sim_send(nic, frame, 82);
		pkt = make_pkt(frame, 82);
		CU_ASSERT_EQUAL(weir_tx(txq, &pkt, 1), 1);
		if (i & 1)
			run();
		weir_sim_remove(nic);
		weir_port_link(port, &link);
		CU_ASSERT_EQUAL(weir_port_health(port, NULL), -ENODEV);
		end_without_looking();
	}
}

/* clang-format off */
#define FAULT_CASES \
	{ "a lying length is dropped and counted", a_lying_length_is_dropped_and_counted }, \
	{ "damage is counted", damage_is_counted }, \
	{ "a descriptor that is late is waited for", a_descriptor_that_is_late_is_waited_for }, \
	{ "a queue that does not report is stopped cleanly", a_queue_that_does_not_report_is_stopped_cleanly }, \
	{ "a card that is pulled out is noticed", a_card_that_is_pulled_out_is_noticed }, \
	{ "a reset that sticks is told", a_reset_that_sticks_is_told }, \
	{ "a queue that stops fetching is freed by a restart", a_queue_that_stops_fetching_is_freed_by_a_restart }, \
	{ "a lost interrupt is made up for by the next look", a_lost_interrupt_is_made_up_for_by_the_next }, \
	{ "cards are pulled out again and again", cards_are_pulled_out_again_and_again }

/* Of cards with several queues, which drop what finds no buffers in one of them. */
#define QUEUE_FAULT_CASES \
	{ "a lack of buffers is counted", a_lack_of_buffers_is_counted }, \
	{ "a packet in the wrong queue is still a packet", a_packet_in_the_wrong_queue_is_still_a_packet }
/* clang-format on */

#endif
