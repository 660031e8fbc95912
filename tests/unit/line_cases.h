/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Waiting where one interrupt is for everything, as through uio: the same test for every driver whose cards have vectors
 * otherwise, on a card of the_card. LINE_CASES is a part of a table of cases.
 */
#ifndef TESTS_LINE_CASES_H
#define TESTS_LINE_CASES_H

#include "bus/bus.h"
#include "port/driver.h"

#include "event_cases.h"

/* A port with two receive queues, of a device that has no other interrupts than @irq. */
static void begin_by_line(unsigned irq)
{
	struct weir_port_conf conf = { .rx_queues = 2 };
	char spec[64];

	snprintf(spec, sizeof(spec), "sim:%s,wire=hold", the_card);
	open_port(spec, &conf);
	port->device->irq_count[BUS_IRQ_MSIX] = 0;
	port->device->irq_count[BUS_IRQ_MSI] = irq == BUS_IRQ_MSI;
	CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
	run();
	events();
}

/* A packet for queue @queue, which somebody waits for: wakes him, and whoever else waits finds nothing, or is not woken. */
static void send_to_who_waits(unsigned queue)
{
	struct weir_rxq *one = weir_port_rxq(port, queue), *other = weir_port_rxq(port, !queue);
	struct weir_pkt pkts[4];
	uint8_t frame[60];

	CU_ASSERT_EQUAL(weir_rxq_arm(other), 0);
	CU_ASSERT_EQUAL(weir_rxq_arm(one), 0);
	CU_ASSERT(!readable(weir_rxq_fd(one)));
	make_udp(frame, 1, 18);
	weir_sim_fault(nic, WEIR_SIM_RX_QUEUE, queue, 1);
	CU_ASSERT_EQUAL(weir_sim_send(nic, frame, 60), 0);
	CU_ASSERT(woken(weir_rxq_fd(one)));
	CU_ASSERT_EQUAL(weir_rx(one, pkts, 4), 1);
	weir_pool_free(cache, pkts, 1);
	CU_ASSERT_EQUAL(weir_rx(other, pkts, 4), 0);
}

static void packets_of_each_queue_fire_the_line(void)
{
	static const unsigned irqs[] = { BUS_IRQ_MSI, BUS_IRQ_INTX };

	for (unsigned i = 0; i < 2; i++) {
		begin_by_line(irqs[i]);
		for (unsigned n = 0; n < 10; n++)
			send_to_who_waits(n & 1);
		end();
	}
}

/* Who looks first, for packets or for events, takes nothing from the other. */
static void packets_and_the_link_share_the_line(void)
{
	struct weir_pkt pkts[4];
	uint8_t frame[60];
	int packets, changes;

	begin_by_line(BUS_IRQ_INTX);
	packets = weir_rxq_fd(weir_port_rxq(port, 0));
	changes = weir_port_event_fd(port);
	make_udp(frame, 1, 18);
	for (unsigned i = 0; i < 6; i++) {
		rxq = weir_port_rxq(port, 0);
		CU_ASSERT_EQUAL(weir_rxq_arm(rxq), 0);
		weir_sim_fault(nic, WEIR_SIM_RX_QUEUE, 0, 1);
		CU_ASSERT_EQUAL(weir_sim_send(nic, frame, 60), 0);
		run();
		weir_sim_link(nic, false);
		CU_ASSERT(woken(packets));
		CU_ASSERT(woken(changes));
		if (i % 2)
			CU_ASSERT_EQUAL(events(), WEIR_EVENT_LINK);
		CU_ASSERT(readable(packets));
		CU_ASSERT_EQUAL(weir_rx(rxq, pkts, 4), 1);
		weir_pool_free(cache, pkts, 1);
		CU_ASSERT_EQUAL(weir_rxq_arm(rxq), 0);
		if (i % 2 == 0) {
			CU_ASSERT(woken(changes));
			CU_ASSERT_EQUAL(events(), WEIR_EVENT_LINK);
		}
		CU_ASSERT_EQUAL(events(), 0);
		weir_sim_link(nic, true);
		CU_ASSERT(woken(changes));
		events();
	}
	end();
}

#define LINE_CASES                                                                         \
	{ "packets of each queue fire the line", packets_of_each_queue_fire_the_line },    \
	{                                                                                  \
		"packets and the link share the line", packets_and_the_link_share_the_line \
	}

#endif
