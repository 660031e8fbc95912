/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Events of a port of the igb driver, on the model of the 82576.
 */
#include "line_cases.h"

#include "igb_sim.h"

/* The last queue's vector and that of events are not the same. */
static void all_queues_leave_a_vector_for_events(void)
{
	struct weir_port_conf conf = { .rx_queues = 16, .rx_slots = 64 };
	struct weir_pkt pkt;
	uint8_t frame[60];
	int fd;

	begin(&conf);
	run();
	events();
	fd = weir_port_event_fd(port);
	rxq = weir_port_rxq(port, 15);
	CU_ASSERT_EQUAL(weir_rxq_arm(rxq), 0);
	make_udp(frame, 1, 18);
	weir_sim_fault(nic, WEIR_SIM_RX_QUEUE, 15, 1);
	CU_ASSERT_EQUAL(weir_sim_send(nic, frame, 60), 0);
	CU_ASSERT(woken(weir_rxq_fd(rxq)));
	CU_ASSERT_EQUAL(weir_rx(rxq, &pkt, 1), 1);
	weir_pool_free(cache, &pkt, 1);
	CU_ASSERT(!readable(fd));
	weir_sim_link(nic, false);
	CU_ASSERT(woken(fd));
	CU_ASSERT_EQUAL(events(), WEIR_EVENT_LINK);
	end();
}

static const struct unit_case cases[] = {
	EVENT_CASES,
	LINE_CASES,
	{ "all queues leave a vector for events", all_queues_leave_a_vector_for_events },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("igb_events", cases);
}
