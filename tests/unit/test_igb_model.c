/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The igb driver on the model of the 82576, as a program uses it: through port specs and packets, over vfio-user.
 * Nothing that the driver does may be what the datasheet forbids.
 */
#include "advanced_cases.h"
#include "igb_sim.h"
#include "port_cases.h"

static void a_port_tells_what_it_is(void)
{
	static const uint8_t mac[6] = { 0x02, 0x11, 0x22, 0x33, 0x44, 0x55 };
	struct weir_port_conf conf = { 0 };
	struct weir_port_info info;
	struct weir_link link;

	begin_on("sim:82576,mac=02:11:22:33:44:55,wire=hold", &conf);
	weir_port_info(port, &info);
	CU_ASSERT_STRING_EQUAL(info.driver, "igb");
	CU_ASSERT_EQUAL(memcmp(info.mac, mac, 6), 0);
	CU_ASSERT_EQUAL(info.mtu, 1500);
	CU_ASSERT_EQUAL(info.mtu_max, 9710);
	CU_ASSERT_EQUAL(info.rx_queues_max, 16);
	CU_ASSERT_PTR_NOT_NULL(strstr(info.variant, "plain"));
	run();
	CU_ASSERT_EQUAL(weir_port_link(port, &link), 0);
	CU_ASSERT(link.up);
	CU_ASSERT_EQUAL(link.mbps, 1000);
	weir_sim_link(nic, false);
	run();
	weir_port_link(port, &link);
	CU_ASSERT(!link.up);
	weir_sim_link(nic, true);
	run();
	weir_port_link(port, &link);
	CU_ASSERT(link.up);
	end();
}

static void sixteen_queues_each_way_start_and_send(void)
{
	struct weir_port_conf conf = { .rx_queues = 16, .tx_queues = 16, .rx_slots = 64, .tx_slots = 64 };
	uint8_t frame[128], taken[128];

	begin(&conf);
	for (unsigned i = 0; i < 16; i++) {
		struct weir_pkt pkt;

		make_udp(frame, i, 40);
		pkt = make_pkt(frame, 82);
		CU_ASSERT_EQUAL(weir_tx(weir_port_txq(port, i), &pkt, 1), 1);
		run();
		CU_ASSERT_EQUAL(weir_sim_take(nic, taken, sizeof(taken)), 82);
		CU_ASSERT_EQUAL(memcmp(frame, taken, 82), 0);
	}
	end();
}

static const struct unit_case cases[] = {
	{ "a port tells what it is", a_port_tells_what_it_is },
	PORT_CASES,
	ADVANCED_CASES,
	{ "sixteen queues each way start and send", sixteen_queues_each_way_start_and_send },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("igb_model", cases);
}
