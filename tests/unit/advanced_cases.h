/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What every card with advanced descriptors must do besides (port_cases.h): ADVANCED_CASES is a part of a table of cases.
 */
#ifndef TESTS_ADVANCED_CASES_H
#define TESTS_ADVANCED_CASES_H

#include "port_cases.h"

/* A port whose address is given; it stays open. */
static void begin_with_address(const char *driver, unsigned mbps)
{
	static const uint8_t mac[6] = { 0x02, 0x11, 0x22, 0x33, 0x44, 0x55 };
	struct weir_port_conf conf = { 0 };
	struct weir_port_info info;
	char spec[80];

	snprintf(spec, sizeof(spec), "sim:%s,mac=02:11:22:33:44:55,wire=hold", the_card);
	begin_on(spec, &conf);
	weir_port_info(port, &info);
	CU_ASSERT_STRING_EQUAL(info.driver, driver);
	CU_ASSERT_EQUAL(memcmp(info.mac, mac, 6), 0);
	CU_ASSERT_EQUAL(info.mtu, 1500);
	CU_ASSERT_EQUAL(info.mtu_max, 9710);
	CU_ASSERT_PTR_NOT_NULL(strstr(info.variant, "plain"));
	link_follows_the_cable(mbps);
}

static void flows_go_to_the_queues_of_their_hashes(void)
{
	struct weir_port_conf conf = { .rx_queues = 4, .offloads = WEIR_OFFLOAD_RX_HASH };
	unsigned used = 0;
	uint8_t frame[128];

	begin(&conf);
	for (unsigned flow = 0; flow < 200; flow++) {
		uint8_t input[12];

		make_udp(frame, 1000 + flow, 40);
		memcpy(input, frame + 26, 8);     /* addresses, */
		memcpy(input + 8, frame + 34, 4); /* ports */
		used |= flow_arrives(frame, input, 12, 4);
	}
	CU_ASSERT_EQUAL(used, 15);
	end();
}

static void received_checksums_are_judged(void)
{
	struct weir_port_conf conf = { .offloads = WEIR_OFFLOAD_RX_CSUM };
	struct weir_pkt pkts[32];
	uint8_t frame[128];

	begin(&conf);
	make_udp(frame, 1, 40);
	weir_sim_send(nic, frame, 82);
	frame[24] ^= 0x10; /* the IPv4 checksum */
	weir_sim_send(nic, frame, 82);
	CU_ASSERT_EQUAL_FATAL(receive(rxq, pkts, 32), 2);
	CU_ASSERT_EQUAL(pkts[0].flags, WEIR_PKT_IPV4 | WEIR_PKT_UDP | WEIR_PKT_IP_GOOD | WEIR_PKT_L4_GOOD);
	CU_ASSERT_EQUAL(pkts[1].flags & (WEIR_PKT_IP_BAD | WEIR_PKT_IP_GOOD), WEIR_PKT_IP_BAD);
	weir_pool_free(cache, pkts, 2);
	end();
}

/* clang-format off */
#define ADVANCED_CASES \
	{ "flows go to the queues of their hashes", flows_go_to_the_queues_of_their_hashes }, \
	{ "received checksums are judged", received_checksums_are_judged }
/* clang-format on */

#endif
