/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The ixgbe driver on the model of the 82599, as a program uses it: through port specs and packets, over vfio-user.
 * Nothing that the driver does may be what the datasheet forbids.
 */
#include "ixgbe_sim.h"
#include "port_cases.h"

/* --- opening ---------------------------------------------------------------------------------------------------------------- */

static void a_port_tells_what_it_is(void)
{
	static const uint8_t mac[6] = { 0x02, 0x11, 0x22, 0x33, 0x44, 0x55 };
	struct weir_port_conf conf = { 0 };
	struct weir_port_info info;
	struct weir_link link;

	begin_on("sim:82599,mac=02:11:22:33:44:55,wire=hold", &conf);
	weir_port_info(port, &info);
	CU_ASSERT_STRING_EQUAL(info.driver, "ixgbe");
	CU_ASSERT_EQUAL(memcmp(info.mac, mac, 6), 0);
	CU_ASSERT_EQUAL(info.mtu, 1500);
	CU_ASSERT_EQUAL(info.mtu_max, 9710);
	CU_ASSERT_PTR_NOT_NULL(strstr(info.variant, "plain"));
	run();
	CU_ASSERT_EQUAL(weir_port_link(port, &link), 0);
	CU_ASSERT(link.up);
	CU_ASSERT_EQUAL(link.mbps, 10000);
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

static void a_backplane_comes_up(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_link link;

	begin_on("sim:82599-kx4,wire=hold", &conf);
	run();
	CU_ASSERT_EQUAL(weir_port_link(port, &link), 0);
	CU_ASSERT(link.up);
	CU_ASSERT_EQUAL(link.mbps, 10000);
	end();
}

/* --- packets ---------------------------------------------------------------------------------------------------------------- */

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

static void sixty_four_queues_each_way_start_and_send(void)
{
	struct weir_port_conf conf = { .rx_queues = 64, .tx_queues = 64, .rx_slots = 64, .tx_slots = 64 };
	uint8_t frame[128], taken[128];

	begin(&conf);
	for (unsigned i = 0; i < 64; i++) {
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

/* --- offloads ------------------------------------------------------------------------------------------------------------------ */

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

static const struct unit_case cases[] = {
	{ "a port tells what it is", a_port_tells_what_it_is },
	{ "a backplane comes up", a_backplane_comes_up },
	PORT_CASES,
	{ "flows go to the queues of their hashes", flows_go_to_the_queues_of_their_hashes },
	{ "sixty-four queues each way start and send", sixty_four_queues_each_way_start_and_send },
	{ "received checksums are judged", received_checksums_are_judged },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("ixgbe_model", cases);
}
