/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packet sockets on a veth pair whose other end the test holds: bytes, tags, lengths, queues, counting.
 * (test_port_af_packet_link.c: links that go; test_port_af_packet_offload.c: checksums and long packets.)
 */
#include <pthread.h>

#include "hostnet.h"
#include "unit.h"

#include "port/driver.h"

extern const struct weir_driver af_packet_driver;
const struct weir_driver *const weir_drivers[] = { &af_packet_driver };
const unsigned weir_driver_count = 1;

static void frames_come_in_byte_for_byte(void)
{
	static const size_t lens[] = { 14, 60, 61, 127, 1499, 1514 };
	uint8_t sent[2048], got[2048];
	struct weir_pkt pkts[8];
	struct weir_queue_stats stats;
	struct wire wire;

	wire_up(&wire, "af_packet:v0", 0);
	for (unsigned i = 0; i < 6; i++) {
		unsigned n;

		frame_make(sent, lens[i], i);
		CU_ASSERT(plain_send(wire.fd, sent, lens[i]));
		n = receive_one(wire.port, pkts, 8);
		CU_ASSERT_EQUAL(n, 1);
		CU_ASSERT_EQUAL(pkts[0].flags, 0);
		CU_ASSERT_EQUAL(pkts[0].off, WEIR_HEADROOM);
		CU_ASSERT_EQUAL(packet_bytes(&wire.net, pkts, n, got), lens[i]);
		CU_ASSERT_EQUAL(memcmp(sent, got, lens[i]), 0);
	}
	weir_rxq_stats(weir_port_rxq(wire.port, 0), &stats);
	CU_ASSERT_EQUAL(stats.packets, 6);
	CU_ASSERT_EQUAL(stats.bytes, 14 + 60 + 61 + 127 + 1499 + 1514);
	wire_down(&wire);
}

static void frames_go_out_byte_for_byte_and_do_not_come_back(void)
{
	static const size_t lens[] = { 14, 60, 333, 1514 };
	static const unsigned pieces[] = { 2048, 7, 100, 700 };
	uint8_t sent[2048], got[2048];
	struct weir_queue_stats stats;
	struct weir_pkt pkts[16];
	struct wire wire;

	wire_up(&wire, "af_packet:v0", 0);
	for (unsigned i = 0; i < 4; i++) {
		unsigned n;

		frame_make(sent, lens[i], i);
		n = packet_make(&wire.net, sent, lens[i], pieces[i], pkts);
		CU_ASSERT_EQUAL(weir_tx(weir_port_txq(wire.port, 0), pkts, n), n);
		CU_ASSERT_EQUAL(plain_receive(wire.fd, got, sizeof(got), 1000), lens[i]);
		CU_ASSERT_EQUAL(memcmp(sent, got, lens[i]), 0);
	}
	weir_txq_stats(weir_port_txq(wire.port, 0), &stats);
	CU_ASSERT_EQUAL(stats.packets, 4);
	CU_ASSERT_EQUAL(stats.bytes, 14 + 60 + 333 + 1514);
	settle();
	CU_ASSERT_EQUAL(weir_rx(weir_port_rxq(wire.port, 0), pkts, 16), 0);
	wire_down(&wire);
}

/* Puts tags (protocol and control, in pairs) into a frame of 60 bytes. Returns its length. */
static size_t frame_tagged(uint8_t *frame, const uint16_t *tags, unsigned count)
{
	frame_make(frame, 60, 9);
	memmove(frame + 12 + 4 * count, frame + 12, 48);
	for (unsigned i = 0; i < 2 * count; i++) {
		frame[12 + 2 * i] = (uint8_t)(tags[i] >> 8);
		frame[13 + 2 * i] = (uint8_t)tags[i];
	}
	return 60 + 4 * count;
}

static void tags_stay_in_the_data_both_ways(void)
{
	static const uint16_t tags[] = { 0x8100, 0x6123, 0x8100, 0x0007 }, qinq[] = { 0x88a8, 0xa00b, 0x8100, 0x0fff };
	uint8_t sent[128], got[128];
	struct weir_pkt pkts[8];
	struct wire wire;

	wire_up(&wire, "af_packet:v0", 0);
	for (unsigned i = 0; i < 4; i++) {
		size_t len = frame_tagged(sent, i & 1 ? qinq : tags, 1 + i / 2);
		unsigned n;

		CU_ASSERT(plain_send(wire.fd, sent, len));
		n = receive_one(wire.port, pkts, 8);
		CU_ASSERT_EQUAL_FATAL(n, 1);
		CU_ASSERT_EQUAL(pkts[0].flags, 0);
		CU_ASSERT_EQUAL(packet_bytes(&wire.net, pkts, n, got), len);
		CU_ASSERT_EQUAL(memcmp(sent, got, len), 0);

		n = packet_make(&wire.net, sent, len, 2048, pkts);
		CU_ASSERT_EQUAL(weir_tx(weir_port_txq(wire.port, 0), pkts, n), n);
		CU_ASSERT_EQUAL(plain_receive(wire.fd, got, sizeof(got), 1000), len);
		CU_ASSERT_EQUAL(memcmp(sent, got, len), 0);
	}
	wire_down(&wire);
}

static void a_tag_comes_apart_when_asked_for(void)
{
	static const uint16_t tags[] = { 0x8100, 0x6123, 0x8100, 0x0007 }, qinq[] = { 0x88a8, 0xa00b, 0x8100, 0x0fff };
	uint8_t sent[128], got[128], plain[128];
	struct weir_pkt pkts[8];
	struct wire wire;
	size_t len;
	unsigned n;

	wire_up(&wire, "af_packet:v0", WEIR_OFFLOAD_RX_VLAN);
	len = frame_tagged(sent, tags, 2);
	CU_ASSERT(plain_send(wire.fd, sent, len));
	n = receive_one(wire.port, pkts, 8);
	CU_ASSERT_EQUAL_FATAL(n, 1);
	CU_ASSERT_EQUAL(pkts[0].flags, WEIR_PKT_VLAN);
	CU_ASSERT_EQUAL(pkts[0].vlan, 0x6123);
	CU_ASSERT_EQUAL(pkts[0].len, len - 4);

	/* Forwarded as it came, it is what it was. */
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(wire.port, 0), pkts, n), n);
	CU_ASSERT_EQUAL(plain_receive(wire.fd, got, sizeof(got), 1000), len);
	CU_ASSERT_EQUAL(memcmp(sent, got, len), 0);

	/* .vlan cannot say 0x88a8: the tag stays where it is. */
	len = frame_tagged(sent, qinq, 2);
	CU_ASSERT(plain_send(wire.fd, sent, len));
	n = receive_one(wire.port, pkts, 8);
	CU_ASSERT_EQUAL_FATAL(n, 1);
	CU_ASSERT_EQUAL(pkts[0].flags, 0);
	CU_ASSERT_EQUAL(packet_bytes(&wire.net, pkts, n, got), len);
	CU_ASSERT_EQUAL(memcmp(sent, got, len), 0);

	/* The first buffer ends where the tag goes. */
	frame_make(plain, 60, 9);
	n = packet_make(&wire.net, plain, 60, 12, pkts);
	pkts[0].flags |= WEIR_PKT_VLAN;
	pkts[0].vlan = 0x6123;
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(wire.port, 0), pkts, n), n);
	len = frame_tagged(sent, tags, 1);
	CU_ASSERT_EQUAL(plain_receive(wire.fd, got, sizeof(got), 1000), len);
	CU_ASSERT_EQUAL(memcmp(sent, got, len), 0);
	wire_down(&wire);
}

static void a_jumbo_frame_is_a_chain(void)
{
	uint8_t sent[9100], got[9100];
	struct weir_port_info info;
	struct weir_pkt pkts[16];
	struct wire wire;
	unsigned n;

	wire_up(&wire, "af_packet:v0", 0);
	CU_ASSERT(shell("ip link set v1 mtu 9000"));
	CU_ASSERT_EQUAL(weir_port_stop(wire.port), 0);
	CU_ASSERT_EQUAL(weir_port_set_mtu(wire.port, 9000), 0);
	CU_ASSERT_EQUAL(weir_port_start(wire.port), 0);
	weir_port_info(wire.port, &info);
	CU_ASSERT_EQUAL(info.mtu, 9000);
	CU_ASSERT_EQUAL(info.rx_entries_max, 5); /* 9,022 bytes by 2,048 */

	frame_make(sent, 9014, 3);
	CU_ASSERT(plain_send(wire.fd, sent, 9014));
	n = receive_one(wire.port, pkts, 16);
	CU_ASSERT_EQUAL(n, 5);
	CU_ASSERT_EQUAL(pkts[0].flags, WEIR_PKT_MORE);
	CU_ASSERT_EQUAL(pkts[4].flags, 0);
	CU_ASSERT_EQUAL(pkts[4].len, 9014 - 4 * 2048);
	CU_ASSERT_EQUAL(packet_bytes(&wire.net, pkts, n, got), 9014);
	CU_ASSERT_EQUAL(memcmp(sent, got, 9014), 0);

	n = packet_make(&wire.net, sent, 9014, 1000, pkts);
	CU_ASSERT_EQUAL(n, 10);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(wire.port, 0), pkts, n), n);
	CU_ASSERT_EQUAL(plain_receive(wire.fd, got, sizeof(got), 1000), 9014);
	CU_ASSERT_EQUAL(memcmp(sent, got, 9014), 0);

	/* The array holds four entries: the packet waits, it is not lost. */
	CU_ASSERT(plain_send(wire.fd, sent, 9014));
	settle();
	CU_ASSERT_EQUAL(weir_rx(weir_port_rxq(wire.port, 0), pkts, 4), 0);
	n = receive_one(wire.port, pkts, 16);
	CU_ASSERT_EQUAL(packet_bytes(&wire.net, pkts, n, got), 9014);
	wire_down(&wire);
}

static void frames_of_impossible_length_are_dropped_and_counted(void)
{
	uint8_t frame[9100], got[9100];
	struct weir_pkt pkts[16];
	struct wire wire;
	unsigned n;

	wire_up(&wire, "af_packet:v0", 0);
	frame_make(frame, sizeof(frame), 1);
	n = packet_make(&wire.net, frame, 13, 2048, pkts);
	n += packet_make(&wire.net, frame, 1519, 2048, pkts + n);
	n += packet_make(&wire.net, frame, 60, 2048, pkts + n);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(wire.port, 0), pkts, n), 3);
	CU_ASSERT_EQUAL(plain_receive(wire.fd, got, sizeof(got), 1000), 60);
	CU_ASSERT_EQUAL(tx_drops(wire.port, WEIR_DROP_TOO_SHORT), 1);
	CU_ASSERT_EQUAL(tx_drops(wire.port, WEIR_DROP_TOO_LONG), 1);

	/* Somebody else raises the MTU: what takes more entries than was promised cannot be handed over. */
	CU_ASSERT(shell("ip link set v0 mtu 9000 && ip link set v1 mtu 9000"));
	CU_ASSERT(plain_send(wire.fd, frame, 9014));
	CU_ASSERT(plain_send(wire.fd, frame, 60));
	n = receive_one(wire.port, pkts, 16);
	CU_ASSERT_EQUAL(packet_bytes(&wire.net, pkts, n, got), 60);
	CU_ASSERT_EQUAL(rx_drops(wire.port, WEIR_DROP_TOO_LONG), 1);
	wire_down(&wire);
}

/* A datagram of flow @flow, told by its source port, that carries @number. Its checksums are not right. */
static void udp_make(uint8_t frame[60], unsigned flow, unsigned number)
{
	static const uint8_t head[] = { 2, 0, 0,  0, 0, 2,  2, 0, 0, 0,  0, 1, 8, 0, 0x45, 0, 0, 46, 0,  0, 0x40,
		                        0, 9, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 0,    0, 9, 0,  26, 0, 0 };

	memset(frame, 0, 60);
	memcpy(frame, head, sizeof(head));
	frame[35] = (uint8_t)flow;
	frame[42] = (uint8_t)number;
}

/* 64 flows of UDP, told apart by their source port, each numbered: every packet comes once, each flow in one queue. */
static void fanout_keeps_flows_together_and_in_order(void)
{
	enum { FLOWS = 64, EACH = 20 };
	unsigned next[FLOWS] = { 0 }, queue_of[FLOWS], total = 0, busy = 0;
	uint8_t frame[60];
	struct weir_pkt pkts[32];
	struct weir_port_info info;
	struct wire wire;

	wire_up(&wire, "af_packet:v0,queues=4", 0);
	weir_port_info(wire.port, &info);
	CU_ASSERT_EQUAL(info.rx_queues, 4);
	CU_ASSERT_EQUAL(info.tx_queues, 4);
	CU_ASSERT_PTR_NOT_NULL(strstr(info.variant, "fanout=hash"));
	for (unsigned i = 0; i < FLOWS * EACH; i++) {
		udp_make(frame, i % FLOWS, i / FLOWS);
		CU_ASSERT(plain_send(wire.fd, frame, sizeof(frame)));
	}
	settle();
	for (unsigned q = 0; q < 4; q++) {
		unsigned n, before = total;

		while ((n = weir_rx(weir_port_rxq(wire.port, q), pkts, 32))) {
			for (unsigned i = 0; i < n; i++) {
				const uint8_t *data = weir_pkt_data(wire.net.cache->base, &pkts[i]);
				unsigned flow = data[35];

				if (next[flow]++ == 0)
					queue_of[flow] = q;
				CU_ASSERT_EQUAL(queue_of[flow], q);
				CU_ASSERT_EQUAL(data[42], next[flow] - 1);
			}
			total += n;
			weir_pool_free(wire.net.cache, pkts, n);
		}
		busy += total > before;
	}
	CU_ASSERT_EQUAL(total, FLOWS * EACH);
	CU_ASSERT(busy > 1);
	wire_down(&wire);
}

static void fanout_in_turns_deals_evenly(void)
{
	struct weir_pkt pkts[32];
	struct wire wire;
	uint8_t frame[60];

	wire_up(&wire, "af_packet:v0,queues=4,fanout=lb", 0);
	frame_make(frame, 60, 1);
	for (unsigned i = 0; i < 40; i++)
		CU_ASSERT(plain_send(wire.fd, frame, 60));
	settle();
	for (unsigned q = 0; q < 4; q++) {
		unsigned n = weir_rx(weir_port_rxq(wire.port, q), pkts, 32);

		CU_ASSERT_EQUAL(n, 10);
		weir_pool_free(wire.net.cache, pkts, n);
	}
	wire_down(&wire);
}

static void a_flow_has_one_hash(void)
{
	struct weir_pkt pkts[8];
	uint32_t hashes[2] = { 0 };
	struct wire wire;
	uint8_t frame[60];

	wire_up(&wire, "af_packet:v0", WEIR_OFFLOAD_RX_HASH);
	for (unsigned i = 0; i < 6; i++) {
		unsigned n;

		udp_make(frame, i & 1, i);
		CU_ASSERT(plain_send(wire.fd, frame, 60));
		n = receive_one(wire.port, pkts, 8);
		CU_ASSERT_EQUAL_FATAL(n, 1);
		CU_ASSERT_EQUAL(pkts[0].flags, WEIR_PKT_HASH);
		if (i < 2)
			hashes[i] = pkts[0].hash;
		CU_ASSERT_EQUAL(pkts[0].hash, hashes[i & 1]);
		weir_pool_free(wire.net.cache, pkts, n);
	}
	CU_ASSERT_NOT_EQUAL(hashes[0], hashes[1]);
	wire_down(&wire);
}

static void what_nobody_polled_for_is_counted_as_missed(void)
{
	enum { SENT = 12000 };
	unsigned got = 0, n;
	uint8_t frame[1514];
	struct weir_pkt pkts[32];
	struct wire wire;

	wire_up(&wire, "af_packet:v0", 0);
	frame_make(frame, sizeof(frame), 0);
	for (unsigned i = 0; i < SENT; i++)
		while (!plain_send(wire.fd, frame, sizeof(frame)))
			usleep(100);
	settle();
	while ((n = weir_rx(weir_port_rxq(wire.port, 0), pkts, 32))) {
		weir_pool_free(wire.net.cache, pkts, n);
		got += n;
	}
	CU_ASSERT(got > 1000 && got < SENT);
	CU_ASSERT_EQUAL(got + rx_drops(wire.port, WEIR_DROP_MISSED), SENT);
	CU_ASSERT_EQUAL(got + rx_drops(wire.port, WEIR_DROP_MISSED), SENT); /* asking twice does not change it */
	CU_ASSERT_EQUAL(weir_port_stop(wire.port), 0);
	CU_ASSERT_EQUAL(got + rx_drops(wire.port, WEIR_DROP_MISSED), SENT);
	wire_down(&wire);
}

static void packets_wait_while_the_pool_is_empty(void)
{
	struct weir_pkt hold[4096], pkts[32];
	uint8_t frame[60], got[64];
	unsigned held, n;
	struct wire wire;

	wire_up(&wire, "af_packet:v0", 0);
	CU_ASSERT(weir_pool_alloc(wire.net.cache, hold, 1) == 1);
	held = 1 + weir_pool_alloc(wire.net.cache, hold + 1, 4095);
	frame_make(frame, 60, 5);
	CU_ASSERT(plain_send(wire.fd, frame, 60));
	settle();
	CU_ASSERT_EQUAL(weir_rx(weir_port_rxq(wire.port, 0), pkts, 32), 0);
	weir_pool_free(wire.net.cache, hold, held);
	weir_pool_cache_flush(wire.net.cache);
	n = receive_one(wire.port, pkts, 32);
	CU_ASSERT_EQUAL(packet_bytes(&wire.net, pkts, n, got), 60);
	CU_ASSERT_EQUAL(memcmp(frame, got, 60), 0);
	wire_down(&wire);
}

static void packets_carry_when_they_came(void)
{
	struct timespec before, after;
	struct weir_pkt pkts[8];
	uint8_t frame[60];
	struct wire wire;
	uint64_t time;
	unsigned n;

	wire_up(&wire, "af_packet:v0", WEIR_OFFLOAD_RX_META);
	frame_make(frame, 60, 5);
	clock_gettime(CLOCK_REALTIME, &before);
	CU_ASSERT(plain_send(wire.fd, frame, 60));
	n = receive_one(wire.port, pkts, 8);
	clock_gettime(CLOCK_REALTIME, &after);
	CU_ASSERT_EQUAL_FATAL(n, 1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(weir_pkt_meta(wire.net.cache->base, pkts));
	time = weir_pkt_meta(wire.net.cache->base, pkts)->time_ns;
	CU_ASSERT(time >= (uint64_t)before.tv_sec * 1000000000u + (uint64_t)before.tv_nsec);
	CU_ASSERT(time <= (uint64_t)after.tv_sec * 1000000000u + (uint64_t)after.tv_nsec);
	weir_pool_free(wire.net.cache, pkts, n);
	wire_down(&wire);
}

static void the_descriptor_tells_of_packets(void)
{
	struct weir_pkt pkts[8];
	uint8_t frame[60];
	struct pollfd poller;
	struct wire wire;
	unsigned n;

	wire_up(&wire, "af_packet:v0", 0);
	poller = (struct pollfd){ .fd = weir_rxq_fd(weir_port_rxq(wire.port, 0)), .events = POLLIN };
	CU_ASSERT_EQUAL(weir_rxq_arm(weir_port_rxq(wire.port, 0)), 0);
	CU_ASSERT_EQUAL(poll(&poller, 1, 10), 0);
	frame_make(frame, 60, 5);
	CU_ASSERT(plain_send(wire.fd, frame, 60));
	CU_ASSERT_EQUAL(poll(&poller, 1, 1000), 1);
	CU_ASSERT_EQUAL(weir_rxq_arm(weir_port_rxq(wire.port, 0)), 1);
	n = weir_rx(weir_port_rxq(wire.port, 0), pkts, 8);
	CU_ASSERT_EQUAL(n, 1);
	weir_pool_free(wire.net.cache, pkts, n);
	CU_ASSERT_EQUAL(weir_rxq_arm(weir_port_rxq(wire.port, 0)), 0);
	CU_ASSERT_EQUAL(poll(&poller, 1, 0), 0);
	wire_down(&wire);
}

/* --- threads --------------------------------------------------------------------------------------------------------- */

#define THREAD_PACKETS 5000u

#define UNDERWAY_MAX 64u /* packets that the plain socket has room for, whatever it is allowed */

struct sender {
	struct wire *wire;
	struct weir_pool_cache *cache;
	unsigned back; /* packets that have come out */
};

static void *send_many(void *arg)
{
	struct sender *sender = arg;
	struct weir_txq *txq = weir_port_txq(sender->wire->port, 0);

	for (unsigned i = 0; i < THREAD_PACKETS;) {
		struct weir_pkt pkt;

		if (i - __atomic_load_n(&sender->back, __ATOMIC_ACQUIRE) >= UNDERWAY_MAX) {
			weir_tx(txq, NULL, 0);
			sched_yield();
			continue;
		}
		if (!weir_pool_alloc(sender->cache, &pkt, 1))
			continue;
		frame_make(weir_pkt_data(sender->cache->base, &pkt), 60, i);
		pkt.len = 60;
		while (!weir_tx(txq, &pkt, 1))
			sched_yield();
		i++;
	}
	return NULL;
}

/* One thread sends, one receives, and this one asks, as they are allowed to. */
static void queues_are_used_by_different_threads(void)
{
	struct weir_port_stats stats;
	struct sender sender;
	struct wire wire;
	pthread_t thread;
	uint8_t got[64];

	wire_up(&wire, "af_packet:v0", 0);
	sender = (struct sender){ .wire = &wire };
	CU_ASSERT_EQUAL_FATAL(weir_pool_cache_create(wire.net.pool, 0, &sender.cache), 0);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, send_many, &sender), 0);
	while (sender.back < THREAD_PACKETS) {
		struct weir_pkt pkts[32];
		size_t len = plain_receive(wire.fd, got, sizeof(got), 1000);
		unsigned n;

		CU_ASSERT_EQUAL_FATAL(len, 60);
		CU_ASSERT(plain_send(wire.fd, got, len));
		n = weir_rx(weir_port_rxq(wire.port, 0), pkts, 32);
		weir_pool_free(wire.net.cache, pkts, n);
		weir_port_stats(wire.port, &stats);
		__atomic_store_n(&sender.back, sender.back + 1, __ATOMIC_RELEASE);
	}
	pthread_join(thread, NULL);
	weir_port_stats(wire.port, &stats);
	CU_ASSERT_EQUAL(stats.tx.packets, THREAD_PACKETS);
	weir_pool_cache_destroy(sender.cache);
	wire_down(&wire);
}

static const struct unit_case cases[] = {
	{ "frames come in byte for byte", frames_come_in_byte_for_byte },
	{ "frames go out byte for byte and do not come back", frames_go_out_byte_for_byte_and_do_not_come_back },
	{ "tags stay in the data both ways", tags_stay_in_the_data_both_ways },
	{ "a tag comes apart when asked for", a_tag_comes_apart_when_asked_for },
	{ "a jumbo frame is a chain", a_jumbo_frame_is_a_chain },
	{ "frames of impossible length are dropped and counted", frames_of_impossible_length_are_dropped_and_counted },
	{ "fanout keeps flows together and in order", fanout_keeps_flows_together_and_in_order },
	{ "fanout in turns deals evenly", fanout_in_turns_deals_evenly },
	{ "a flow has one hash", a_flow_has_one_hash },
	{ "what nobody polled for is counted as missed", what_nobody_polled_for_is_counted_as_missed },
	{ "packets wait while the pool is empty", packets_wait_while_the_pool_is_empty },
	{ "packets carry when they came", packets_carry_when_they_came },
	{ "the descriptor tells of packets", the_descriptor_tells_of_packets },
	{ "queues are used by different threads", queues_are_used_by_different_threads },
	{ NULL, NULL },
};

int main(void)
{
	const char *why_not = hostnet_enter();

	return why_not ? unit_skip(why_not) : unit_run("af_packet", cases);
}
