/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What every card with advanced descriptors must do besides (port_cases.h): ADVANCED_CASES is a part of a table of cases.
 */
#ifndef TESTS_ADVANCED_CASES_H
#define TESTS_ADVANCED_CASES_H

#include "port_sim.h"

static void flows_go_to_the_queues_of_their_hashes(void)
{
	struct weir_port_conf conf = { .rx_queues = 4, .offloads = WEIR_OFFLOAD_RX_HASH };
	/* The key of Microsoft's suite, spelled out again. */
	static const uint8_t key[WEIR_RSS_KEY] = {
		0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
		0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
		0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
	};
	unsigned used = 0;
	struct weir_pkt pkts[32];
	uint8_t frame[128];

	begin(&conf);
	for (unsigned flow = 0; flow < 200; flow++) {
		uint8_t input[12];
		uint32_t hash;
		unsigned queue;

		make_udp(frame, 1000 + flow, 40);
		memcpy(input, frame + 26, 8);     /* addresses, */
		memcpy(input + 8, frame + 34, 4); /* ports */
		hash = weir_toeplitz_plain(key, input, 12);
		queue = (hash & 127) % 4;
		weir_sim_send(nic, frame, 82);
		CU_ASSERT_EQUAL_FATAL(receive(weir_port_rxq(port, queue), pkts, 32), 1);
		CU_ASSERT(pkts[0].flags & WEIR_PKT_HASH);
		CU_ASSERT_EQUAL(pkts[0].hash, hash);
		weir_pool_free(cache, pkts, 1);
		used |= 1u << queue;
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
