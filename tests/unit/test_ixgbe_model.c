/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The ixgbe driver on the model of the 82599, as a program uses it: through port specs and packets, over vfio-user.
 * Nothing that the driver does may be what the datasheet forbids.
 */
#include "ixgbe_sim.h"

#include <poll.h>

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

static void frames_arrive_as_they_were_sent(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_pkt pkts[32];
	uint8_t frame[1518];

	begin(&conf);
	for (unsigned len = 60; len <= 1514; len++) {
		make_udp(frame, len, len - 42);
		CU_ASSERT_EQUAL(weir_sim_send(nic, frame, len), 0);
		CU_ASSERT_EQUAL_FATAL(receive(rxq, pkts, 32), 1);
		CU_ASSERT(same(pkts, 1, frame, len));
		weir_pool_free(cache, pkts, 1);
	}
	CU_ASSERT_EQUAL(counter("rx_good_packets"), 1455);
	CU_ASSERT_EQUAL(counter("rx_good_bytes"), (60 + 1514) * 1455 / 2 + 4 * 1455);
	end();
}

static void packets_leave_as_they_were_given(void)
{
	struct weir_port_conf conf = { 0 };
	uint8_t frame[2048], taken[2048];

	begin(&conf);
	for (unsigned len = 60; len <= 1514; len++) {
		struct weir_pkt pkt;

		make_udp(frame, len, len - 42);
		pkt = make_pkt(frame, len);
		CU_ASSERT_EQUAL(weir_tx(txq, &pkt, 1), 1);
		run();
		CU_ASSERT_EQUAL_FATAL(weir_sim_take(nic, taken, sizeof(taken)), (int)len);
		CU_ASSERT_EQUAL(memcmp(frame, taken, len), 0);
	}
	CU_ASSERT_EQUAL(weir_sim_take(nic, taken, sizeof(taken)), 0);
	CU_ASSERT_EQUAL(counter("tx_good_packets"), 1455);
	end();
}

static void jumbo_frames_pass_both_ways_in_chains(void)
{
	struct weir_port_conf conf = { .mtu = 9000 };
	struct weir_pkt pkts[32];
	uint8_t frame[9018], taken[9100];
	unsigned n;

	begin(&conf);
	for (unsigned len = 2000; len <= 9014; len += 7) {
		make_udp(frame, len, len - 42);
		CU_ASSERT_EQUAL(weir_sim_send(nic, frame, len), 0);
		n = receive(rxq, pkts, 32);
		CU_ASSERT_EQUAL_FATAL(n, (len + 2047) / 2048);
		CU_ASSERT(same(pkts, n, frame, len));
		CU_ASSERT_EQUAL(weir_tx(txq, pkts, n), n);
		run();
		CU_ASSERT_EQUAL_FATAL(weir_sim_take(nic, taken, sizeof(taken)), (int)len);
		CU_ASSERT_EQUAL(memcmp(frame, taken, len), 0);
	}
	make_udp(frame, 1, 9015 - 42);
	weir_sim_send(nic, frame, 9015);
	CU_ASSERT_EQUAL(receive(rxq, pkts, 32), 0);
	CU_ASSERT_EQUAL(rx_drops(WEIR_DROP_TOO_LONG), 1);
	end();
}

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

static void sent_checksums_are_filled_in(void)
{
	struct weir_port_conf conf = { 0 };
	uint8_t frame[128], taken[128];
	struct weir_pkt pkt;

	begin(&conf);
	make_udp(frame, 1, 41);
	pkt = make_pkt(frame, 83);
	weir_store_be16(weir_pkt_data(weir_mem_base(weir), &pkt) + 24, 0xdead);
	{
		uint16_t seed = weir_sum_fold(weir_sum_pseudo4((void *)(frame + 14), WEIR_IP_UDP, 49));

		memcpy(weir_pkt_data(weir_mem_base(weir), &pkt) + 40, &seed, 2);
	}
	pkt.flags = WEIR_PKT_IPV4 | WEIR_PKT_UDP | WEIR_PKT_TX_IP | WEIR_PKT_TX_L4;
	pkt.txo = weir_txo(14, 20, 0, 0);
	CU_ASSERT_EQUAL(weir_tx(txq, &pkt, 1), 1);
	run();
	CU_ASSERT_EQUAL(weir_sim_take(nic, taken, sizeof(taken)), 83);
	CU_ASSERT_EQUAL(memcmp(frame, taken, 83), 0);
	end();
}

static void tags_are_stripped_and_inserted(void)
{
	struct weir_port_conf conf = { .offloads = WEIR_OFFLOAD_RX_VLAN };
	uint8_t frame[128], tagged[128], taken[128];
	struct weir_pkt pkts[32];

	begin(&conf);
	make_udp(frame, 1, 40);
	memcpy(tagged, frame, 12);
	weir_store_be16(tagged + 12, 0x8100);
	weir_store_be16(tagged + 14, 0x6064);
	memcpy(tagged + 16, frame + 12, 70);
	weir_sim_send(nic, tagged, 86);
	CU_ASSERT_EQUAL_FATAL(receive(rxq, pkts, 32), 1);
	CU_ASSERT_EQUAL(pkts[0].flags & WEIR_PKT_VLAN, WEIR_PKT_VLAN);
	CU_ASSERT_EQUAL(pkts[0].vlan, 0x6064);
	CU_ASSERT(same(pkts, 1, frame, 82));
	CU_ASSERT_EQUAL(weir_tx(txq, pkts, 1), 1); /* as it came */
	run();
	CU_ASSERT_EQUAL(weir_sim_take(nic, taken, sizeof(taken)), 86);
	CU_ASSERT_EQUAL(memcmp(tagged, taken, 86), 0);
	end();
}

static void tags_stay_when_nobody_asks(void)
{
	struct weir_port_conf conf = { 0 };
	uint8_t frame[128] = { 0 };
	struct weir_pkt pkts[32];

	begin(&conf);
	make_udp(frame, 1, 40);
	weir_store_be16(frame + 12, 0x8100);
	weir_sim_send(nic, frame, 82);
	CU_ASSERT_EQUAL_FATAL(receive(rxq, pkts, 32), 1);
	CU_ASSERT(same(pkts, 1, frame, 82));
	weir_pool_free(cache, pkts, 1);
	end();
}

/* The device's segments are what the library cuts in software, byte for byte. */
static void segmentation_is_what_software_does(void)
{
	static const uint8_t headers[54] = {
		2, 0,  0,    0, 0,  1, 2,    0,    0,  0, 0,    2,    8,  0, 0x45, 0,    0,    0,
		0, 7,  0x40, 0, 64, 6, 0xde, 0xad, 10, 0, 0,    1,    10, 0, 0,    2,    0x12, 0x34,
		0, 80, 0,    0, 0,  1, 0,    0,    0,  1, 0x50, 0x19, 1,  0, 0xbe, 0xef, 0,    0,
	};
	struct weir_port_conf conf = { 0 };
	struct weir_pkt pkts[4], segments[16];
	uint8_t frame[6054], taken[2048];
	int n;

	begin(&conf);
	for (unsigned i = 0; i < sizeof(frame); i++)
		frame[i] = (uint8_t)(i * 13 + (i >> 8));
	memcpy(frame, headers, sizeof(headers));
	weir_store_be16(frame + 16, 6040);
	for (unsigned i = 0, at = 0; i < 4; i++) {
		unsigned len = 6054 - at < 1900 ? 6054 - at : 1900;

		pkts[i] = make_pkt(frame + at, len);
		pkts[i].flags = i < 3 ? WEIR_PKT_MORE : 0;
		at += len;
	}
	pkts[0].flags |= WEIR_PKT_IPV4 | WEIR_PKT_TCP | WEIR_PKT_TX_TSO;
	pkts[0].txo = weir_txo(14, 20, 20, 1460);
	n = weir_pkt_segment(cache, pkts, 4, segments, 16);
	CU_ASSERT_EQUAL_FATAL(n, 5);
	CU_ASSERT_EQUAL(weir_tx(txq, pkts, 4), 4);
	run();
	for (int i = 0; i < n; i++) {
		int len = weir_sim_take(nic, taken, sizeof(taken));

		CU_ASSERT_FATAL(len > 0);
		CU_ASSERT(same(&segments[i], 1, taken, (unsigned)len));
	}
	CU_ASSERT_EQUAL(weir_sim_take(nic, taken, sizeof(taken)), 0);
	weir_pool_free(cache, segments, (unsigned)n);
	end();
}

/* --- filters ------------------------------------------------------------------------------------------------------------------- */

static void only_what_is_meant_for_the_port_arrives(void)
{
	static const uint8_t other[6] = { 2, 0, 0, 0, 0, 9 };
	struct weir_port_conf conf = { 0 };
	struct weir_pkt pkts[32];
	uint8_t frame[128];

	begin(&conf);
	make_udp(frame, 1, 40);
	memcpy(frame, other, 6);
	weir_sim_send(nic, frame, 82);
	CU_ASSERT_EQUAL(receive(rxq, pkts, 32), 0);
	memset(frame, 0xff, 6);
	weir_sim_send(nic, frame, 82);
	CU_ASSERT_EQUAL_FATAL(receive(rxq, pkts, 32), 1);
	weir_pool_free(cache, pkts, 1);

	memcpy(frame, other, 6);
	CU_ASSERT_EQUAL(weir_port_set_promiscuous(port, true), 0);
	weir_sim_send(nic, frame, 82);
	CU_ASSERT_EQUAL_FATAL(receive(rxq, pkts, 32), 1);
	weir_pool_free(cache, pkts, 1);
	CU_ASSERT_EQUAL(weir_port_set_promiscuous(port, false), 0);
	weir_sim_send(nic, frame, 82);
	CU_ASSERT_EQUAL(receive(rxq, pkts, 32), 0);

	CU_ASSERT_EQUAL(weir_port_set_mac(port, other), 0);
	weir_sim_send(nic, frame, 82);
	CU_ASSERT_EQUAL_FATAL(receive(rxq, pkts, 32), 1);
	weir_pool_free(cache, pkts, 1);
	end();
}

/* --- starting, stopping, waiting ------------------------------------------------------------------------------------------------- */

static void a_port_starts_again_and_again(void)
{
	struct weir_port_conf conf = { .rx_queues = 2, .rx_slots = 64 };
	struct weir_pkt pkts[32];
	uint8_t frame[128], taken[128];

	begin(&conf);
	for (unsigned i = 0; i < unit_rounds(100); i++) {
		struct weir_pkt pkt;

		make_udp(frame, 77, 40);
		weir_sim_send(nic, frame, 82);
		run(); /* received, and not fetched */
		pkt = make_pkt(frame, 82);
		CU_ASSERT_EQUAL(weir_tx(txq, &pkt, 1), 1);
		CU_ASSERT_EQUAL(weir_port_stop(port), 0);
		weir_pool_cache_flush(cache);
		CU_ASSERT_EQUAL(info_of(pool).in_use, 0);
		while (weir_sim_take(nic, taken, sizeof(taken)) > 0)
			;
		CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
		CU_ASSERT_EQUAL(receive(weir_port_rxq(port, 0), pkts, 32) + weir_rx(weir_port_rxq(port, 1), pkts, 32),
		                0);
	}
	end();
}

static void a_waiting_queue_is_woken(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_pkt pkts[32];
	struct pollfd fd;
	uint8_t frame[128];

	begin(&conf);
	fd = (struct pollfd){ .fd = weir_rxq_fd(rxq), .events = POLLIN };
	make_udp(frame, 1, 40);
	for (unsigned i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(weir_rxq_arm(rxq), 0);
		CU_ASSERT_EQUAL(poll(&fd, 1, 0), 0);
		weir_sim_send(nic, frame, 82);
		for (unsigned j = 0; j < 100 && poll(&fd, 1, 1) == 0; j++)
			run();
		CU_ASSERT_EQUAL(poll(&fd, 1, 0), 1);
		CU_ASSERT_EQUAL(weir_rx(rxq, pkts, 32), 1);
		weir_pool_free(cache, pkts, 1);
	}
	end();
}

/* The card on its own thread, its doorbells in mapped memory, what it sends coming back. */
static void a_card_with_mapped_doorbells_keeps_order(void)
{
	struct weir_sim_conf sim_conf = { .fast = true };
	struct weir_port_conf conf = { .promiscuous = true };
	unsigned sent = 0, received = 0, rounds = unit_rounds(20000), wrong = 0;
	struct weir_pkt pkts[32];
	uint8_t frame[128];

	CU_ASSERT_EQUAL_FATAL(weir_sim_create(&sim_conf, &sim), 0);
	weir = open_weir();
	pool = make_pool(weir, 4096, true);
	cache = make_cache(pool, 0);
	conf.pool = pool;
	CU_ASSERT_EQUAL_FATAL(weir_sim_enable(weir, sim), 0);
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "sim:82599,wire=loop", &conf, &port), 0);
	CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
	nic = weir_sim_nic(sim, 0);
	rxq = weir_port_rxq(port, 0);
	txq = weir_port_txq(port, 0);
	for (unsigned idle = 0; received < rounds && idle < 10000000;) {
		unsigned n;

		/* No more under way than there are slots for. */
		if (sent < rounds && sent - received < 200) {
			make_udp(frame, 7, 40);
			memcpy(frame + 42, &sent, sizeof(sent));
			pkts[0] = make_pkt(frame, 82);
			n = weir_tx(txq, pkts, 1);
			weir_pool_free(cache, pkts, 1 - n);
			sent += n;
		}
		n = weir_rx(rxq, pkts, 32);
		for (unsigned i = 0; i < n; i++, received++)
			wrong +=
			    memcmp(weir_pkt_data(weir_mem_base(weir), &pkts[i]) + 42, &received, sizeof(received)) != 0;
		weir_pool_free(cache, pkts, n);
		idle = n ? 0 : idle + 1;
		if (idle > 100)
			usleep(10);
	}
	CU_ASSERT_EQUAL(received, rounds);
	CU_ASSERT_EQUAL(wrong, 0);
	end();
}

static const struct unit_case cases[] = {
	{ "a port tells what it is", a_port_tells_what_it_is },
	{ "a backplane comes up", a_backplane_comes_up },
	{ "frames arrive as they were sent", frames_arrive_as_they_were_sent },
	{ "packets leave as they were given", packets_leave_as_they_were_given },
	{ "jumbo frames pass both ways in chains", jumbo_frames_pass_both_ways_in_chains },
	{ "flows go to the queues of their hashes", flows_go_to_the_queues_of_their_hashes },
	{ "sixty-four queues each way start and send", sixty_four_queues_each_way_start_and_send },
	{ "received checksums are judged", received_checksums_are_judged },
	{ "sent checksums are filled in", sent_checksums_are_filled_in },
	{ "tags are stripped and inserted", tags_are_stripped_and_inserted },
	{ "tags stay when nobody asks", tags_stay_when_nobody_asks },
	{ "segmentation is what software does", segmentation_is_what_software_does },
	{ "only what is meant for the port arrives", only_what_is_meant_for_the_port_arrives },
	{ "a port starts again and again", a_port_starts_again_and_again },
	{ "a waiting queue is woken", a_waiting_queue_is_woken },
	{ "a card with mapped doorbells keeps order", a_card_with_mapped_doorbells_keeps_order },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("ixgbe_model", cases);
}
