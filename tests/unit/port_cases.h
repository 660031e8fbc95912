/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What every driver of network cards must do on the model of its card, the same test for all of them: PORT_CASES is a part
 * of a table of cases. They run on a card of the_card; nothing that the driver does may be what the datasheet forbids.
 */
#ifndef TESTS_PORT_CASES_H
#define TESTS_PORT_CASES_H

#include <poll.h>

#include "port_sim.h"

/* --- links ------------------------------------------------------------------------------------------------------------------ */

static inline void link_follows_the_cable(unsigned mbps)
{
	struct weir_link link;

	run();
	CU_ASSERT_EQUAL(weir_port_link(port, &link), 0);
	CU_ASSERT(link.up);
	CU_ASSERT_EQUAL(link.mbps, mbps);
	weir_sim_link(nic, false);
	run();
	weir_port_link(port, &link);
	CU_ASSERT(!link.up);
	weir_sim_link(nic, true);
	run();
	weir_port_link(port, &link);
	CU_ASSERT(link.up);
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

/* Sends @n packets from @queues queues in turn. */
static inline void queues_send(unsigned queues, unsigned n)
{
	uint8_t frame[128], taken[128];

	for (unsigned i = 0; i < n; i++) {
		struct weir_pkt pkt;

		make_udp(frame, i, 40);
		pkt = make_pkt(frame, 82);
		CU_ASSERT_EQUAL(weir_tx(weir_port_txq(port, i % queues), &pkt, 1), 1);
		run();
		CU_ASSERT_EQUAL(weir_sim_take(nic, taken, sizeof(taken)), 82);
		CU_ASSERT_EQUAL(memcmp(frame, taken, 82), 0);
	}
}

/*
 * A frame of 82 bytes arrives in that of @queues queues which the hash of @input leads to; by default the table goes round
 * them. Returns the queue's bit.
 */
static inline unsigned flow_arrives(const uint8_t *frame, const uint8_t *input, unsigned len, unsigned queues)
{
	uint32_t hash = weir_toeplitz_plain(usual_key, input, len);
	unsigned queue = (hash & 127) % queues;
	struct weir_pkt pkts[32];

	weir_sim_send(nic, frame, 82);
	CU_ASSERT_EQUAL_FATAL(receive(weir_port_rxq(port, queue), pkts, 32), 1);
	CU_ASSERT(pkts[0].flags & WEIR_PKT_HASH);
	CU_ASSERT_EQUAL(pkts[0].hash, hash);
	weir_pool_free(cache, pkts, 1);
	return 1u << queue;
}

static void jumbo_frames_pass_both_ways_in_chains(void)
{
	struct weir_port_conf conf = { .mtu = 9000 };
	struct weir_pkt pkts[32];
	uint8_t frame[9100], taken[9100];
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
	make_udp(frame, 1, 9019 - 42);
	weir_sim_send(nic, frame, 9019);
	CU_ASSERT_EQUAL(receive(rxq, pkts, 32), 0);
	CU_ASSERT_EQUAL(rx_drops(WEIR_DROP_TOO_LONG), 1);
	end();
}

/* --- offloads -------------------------------------------------------------------------------------------------------------- */

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

/* --- filters --------------------------------------------------------------------------------------------------------------- */

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

/* --- starting, stopping, waiting --------------------------------------------------------------------------------------------- */

static void a_port_starts_again_and_again(void)
{
	struct weir_port_conf conf = { .rx_slots = 64 };
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
		CU_ASSERT_EQUAL(receive(rxq, pkts, 32), 0);
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
	char spec[80];

	CU_ASSERT_EQUAL_FATAL(weir_sim_create(&sim_conf, &sim), 0);
	weir = open_weir();
	pool = make_pool(weir, 4096, true);
	cache = make_cache(pool, 0);
	conf.pool = pool;
	CU_ASSERT_EQUAL_FATAL(weir_sim_enable(weir, sim), 0);
	snprintf(spec, sizeof(spec), "sim:%s,wire=loop", the_card);
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, spec, &conf, &port), 0);
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

/* clang-format off */
#define PORT_CASES \
	{ "frames arrive as they were sent", frames_arrive_as_they_were_sent }, \
	{ "packets leave as they were given", packets_leave_as_they_were_given }, \
	{ "jumbo frames pass both ways in chains", jumbo_frames_pass_both_ways_in_chains }, \
	{ "sent checksums are filled in", sent_checksums_are_filled_in }, \
	{ "tags are stripped and inserted", tags_are_stripped_and_inserted }, \
	{ "tags stay when nobody asks", tags_stay_when_nobody_asks }, \
	{ "segmentation is what software does", segmentation_is_what_software_does }, \
	{ "only what is meant for the port arrives", only_what_is_meant_for_the_port_arrives }, \
	{ "a port starts again and again", a_port_starts_again_and_again }, \
	{ "a waiting queue is woken", a_waiting_queue_is_woken }, \
	{ "a card with mapped doorbells keeps order", a_card_with_mapped_doorbells_keeps_order }
/* clang-format on */

#endif
