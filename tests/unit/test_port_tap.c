/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TAP interfaces: the kernel's end is held by a plain packet socket, or is the kernel's own stack.
 * (test_port_tap_stack.c: real TCP between two of them.)
 */
#include <arpa/inet.h>
#include <grp.h>
#include <linux/if_tun.h>
#include <netinet/in.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "hostnet.h"
#include "sentences.h"
#include "unit.h"

#include "port/driver.h"

extern const struct weir_driver tap_driver;
const struct weir_driver *const weir_drivers[] = { &tap_driver };
const unsigned weir_driver_count = 1;

/* A port on t0, a plain socket at the kernel's end. */
static void tap_up(struct wire *wire, const char *spec, uint32_t offloads, unsigned room)
{
	memset(wire, 0, sizeof(*wire));
	write_text("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
	CU_ASSERT_FATAL(hostnet_open(&wire->net, 2048, room));
	wire->port = port_up(&wire->net, spec, offloads);
	CU_ASSERT_PTR_NOT_NULL_FATAL(wire->port);
	wire->fd = plain_open("t0", false);
	CU_ASSERT_FATAL(wire->fd >= 0);
}

static void tap_down(struct wire *wire)
{
	CU_ASSERT_EQUAL(weir_port_close(wire->port), 0);
	hostnet_close(&wire->net);
	close(wire->fd);
}

static void frames_cross_byte_for_byte_both_ways(void)
{
	static const size_t lens[] = { 14, 60, 127, 1514 };
	static const unsigned pieces[] = { 2048, 7, 12, 700 };
	uint8_t sent[2048], got[2048];
	struct weir_queue_stats stats;
	struct weir_pkt pkts[32];
	struct wire wire;

	tap_up(&wire, "tap:t0", 0, 2048);
	for (unsigned i = 0; i < 4; i++) {
		unsigned n;

		frame_make(sent, lens[i], i);
		CU_ASSERT(plain_send(wire.fd, sent, lens[i]));
		n = receive_one(wire.port, pkts, 32);
		CU_ASSERT_EQUAL(n, 1);
		CU_ASSERT_EQUAL(pkts[0].flags, 0);
		CU_ASSERT_EQUAL(pkts[0].off, WEIR_HEADROOM);
		CU_ASSERT_EQUAL(packet_bytes(&wire.net, pkts, n, got), lens[i]);
		CU_ASSERT_EQUAL(memcmp(sent, got, lens[i]), 0);

		n = packet_make(&wire.net, sent, lens[i], pieces[i], pkts);
		CU_ASSERT_EQUAL(weir_tx(weir_port_txq(wire.port, 0), pkts, n), n);
		CU_ASSERT_EQUAL(plain_receive(wire.fd, got, sizeof(got), 1000), lens[i]);
		CU_ASSERT_EQUAL(memcmp(sent, got, lens[i]), 0);
	}
	weir_rxq_stats(weir_port_rxq(wire.port, 0), &stats);
	CU_ASSERT_EQUAL(stats.packets, 4);
	CU_ASSERT_EQUAL(stats.bytes, 14 + 60 + 127 + 1514);
	weir_txq_stats(weir_port_txq(wire.port, 0), &stats);
	CU_ASSERT_EQUAL(stats.packets, 4);
	CU_ASSERT_EQUAL(stats.bytes, 14 + 60 + 127 + 1514);
	tap_down(&wire);
}

static void a_packet_fills_as_many_buffers_as_it_takes(void)
{
	uint8_t sent[2048], got[2048];
	struct weir_port_info info;
	struct weir_pkt pkts[32];
	struct wire wire;
	unsigned n;

	tap_up(&wire, "tap:t0", 0, 256);
	weir_port_info(wire.port, &info);
	CU_ASSERT_EQUAL(info.rx_entries_max, 6); /* 1,522 bytes by 256 */
	for (unsigned i = 0; i < 20; i++) {
		size_t len = 60 + 70 * i;

		frame_make(sent, len, i);
		CU_ASSERT(plain_send(wire.fd, sent, len));
		n = receive_one(wire.port, pkts, 32);
		CU_ASSERT_EQUAL(n, (len + 255) / 256);
		CU_ASSERT_EQUAL(weir_pkt_entries(pkts, n), n);
		CU_ASSERT_EQUAL(packet_bytes(&wire.net, pkts, n, got), len);
		CU_ASSERT_EQUAL(memcmp(sent, got, len), 0);
	}

	/* Several at once, in one array. */
	for (unsigned i = 0; i < 5; i++) {
		frame_make(sent, 300 + i, i);
		CU_ASSERT(plain_send(wire.fd, sent, 300 + i));
	}
	n = weir_rx(weir_port_rxq(wire.port, 0), pkts, 32);
	CU_ASSERT_EQUAL(n, 10);
	CU_ASSERT_EQUAL(weir_pkt_count(pkts, n), 5);
	weir_pool_free(wire.net.cache, pkts, n);

	/* Somebody else raises the MTU: what takes more buffers than was promised is cut off by the kernel, and dropped. */
	CU_ASSERT(shell("ip link set t0 mtu 4000"));
	frame_make(sent, 1540, 1);
	CU_ASSERT(plain_send(wire.fd, sent, 1540));
	CU_ASSERT_EQUAL(weir_rx(weir_port_rxq(wire.port, 0), pkts, 32), 0);
	CU_ASSERT_EQUAL(rx_drops(wire.port, WEIR_DROP_TOO_LONG), 1);
	tap_down(&wire);
}

static void a_tag_is_put_in(void)
{
	uint8_t sent[128], want[128], got[128];
	struct weir_pkt pkts[16];
	struct wire wire;

	tap_up(&wire, "tap:t0", 0, 2048);
	frame_make(sent, 60, 1);
	memcpy(want, sent, 12);
	memcpy(want + 12, (const uint8_t[]){ 0x81, 0x00, 0x61, 0x23 }, 4);
	memcpy(want + 16, sent + 12, 48);
	for (unsigned piece = 5; piece < 64; piece += 7) { /* in or before the first buffer's end, or behind it */
		unsigned n = packet_make(&wire.net, sent, 60, piece, pkts);

		pkts[0].flags |= WEIR_PKT_VLAN;
		pkts[0].vlan = 0x6123;
		CU_ASSERT_EQUAL(weir_tx(weir_port_txq(wire.port, 0), pkts, n), n);
		if (piece < 12) {
			CU_ASSERT_EQUAL(tx_drops(wire.port, WEIR_DROP_OFFLOAD), 1);
			continue;
		}
		CU_ASSERT_EQUAL(plain_receive(wire.fd, got, sizeof(got), 1000), 64);
		CU_ASSERT_EQUAL(memcmp(want, got, 64), 0);
	}
	tap_down(&wire);
}

static void frames_of_impossible_length_are_dropped_and_counted(void)
{
	uint8_t frame[2048];
	struct weir_pkt pkts[8];
	struct wire wire;
	unsigned n;

	tap_up(&wire, "tap:t0", 0, 2048);
	frame_make(frame, sizeof(frame), 1);
	n = packet_make(&wire.net, frame, 13, 2048, pkts);
	n += packet_make(&wire.net, frame, 1519, 2048, pkts + n);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(wire.port, 0), pkts, n), 2);
	CU_ASSERT_EQUAL(tx_drops(wire.port, WEIR_DROP_TOO_SHORT), 1);
	CU_ASSERT_EQUAL(tx_drops(wire.port, WEIR_DROP_TOO_LONG), 1);

	/* A packet that says something that cannot be. */
	n = packet_make(&wire.net, frame, 100, 2048, pkts);
	pkts[0].flags = WEIR_PKT_IPV4 | WEIR_PKT_TCP | WEIR_PKT_TX_L4;
	pkts[0].txo = weir_txo(14, 100, 0, 0);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(wire.port, 0), pkts, n), 1);
	CU_ASSERT_EQUAL(tx_drops(wire.port, WEIR_DROP_OFFLOAD), 1);
	tap_down(&wire);
}

/* Turns a datagram round: addresses, ports. Its checksums stay right, or as unfilled as they were. */
static void turn_round(uint8_t *frame)
{
	uint8_t swap[6];

	memcpy(swap, frame, 6);
	memcpy(frame, frame + 6, 6);
	memcpy(frame + 6, swap, 6);
	memcpy(swap, frame + 26, 4);
	memcpy(frame + 26, frame + 30, 4);
	memcpy(frame + 30, swap, 4);
	memcpy(swap, frame + 34, 2);
	memcpy(frame + 34, frame + 36, 2);
	memcpy(frame + 36, swap, 2);
}

/* The kernel's stack sends a datagram and gets it back; @unfilled: with a checksum that nobody ever filled in. */
static void echo_once(struct wire *wire, bool unfilled)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(0x0a020002) };
	uint8_t text[] = "there and back again", got[64];
	uint8_t *base = wire->net.cache->base;
	struct pollfd poller = { .events = POLLIN };
	struct weir_pkt pkts[64];
	unsigned n;

	poller.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	CU_ASSERT_EQUAL(sendto(poller.fd, text, sizeof(text), 0, (struct sockaddr *)&to, sizeof(to)), sizeof(text));
	n = receive_one(wire->port, pkts, 64);
	CU_ASSERT_EQUAL_FATAL(n, 1);
	CU_ASSERT_EQUAL(ipv4_is_right(weir_pkt_data(base, pkts), pkts->len, 14), !unfilled);
	CU_ASSERT_EQUAL(pkts[0].flags, unfilled ? WEIR_PKT_IPV4 | WEIR_PKT_UDP | WEIR_PKT_TX_L4 : 0);
	turn_round(weir_pkt_data(base, pkts));
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(wire->port, 0), pkts, n), n);
	CU_ASSERT_EQUAL(poll(&poller, 1, 1000), 1);
	CU_ASSERT_EQUAL(recv(poller.fd, got, sizeof(got), MSG_DONTWAIT), sizeof(text));
	CU_ASSERT_EQUAL(memcmp(text, got, sizeof(text)), 0);
	close(poller.fd);
}

static void the_stack_gets_its_datagram_back(void)
{
	for (unsigned i = 0; i < 2; i++) {
		struct wire wire;

		tap_up(&wire, "tap:t0", i ? WEIR_OFFLOAD_LRO : 0, 2048);
		CU_ASSERT(
		    shell("ip addr add 10.2.0.1/24 dev t0 && ip neigh add 10.2.0.2 lladdr 02:00:00:00:00:02 dev t0"));
		echo_once(&wire, i == 1);
		tap_down(&wire);
	}
}

/* The stack drops a datagram with a wrong checksum, of its header or its own: so these came out right. */
static void checksums_that_are_asked_for_are_filled_in(void)
{
	uint8_t frame[64] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,  0, 0, 0, 0,  2, 8, 0, 0x45, 0, 0,    50,   0, 1,
		0,    0,    64,   17,   0,    0,    10, 2, 0, 2, 10, 2, 0, 1, 0,    7, 0x27, 0x0f, 0, 30
	};
	struct sockaddr_in self = { .sin_family = AF_INET, .sin_port = htons(9999) };
	struct pollfd poller = { .events = POLLIN };
	struct weir_pkt pkts[8];
	struct wire wire;
	uint8_t got[64];
	unsigned n;

	tap_up(&wire, "tap:t0", 0, 2048);
	CU_ASSERT(shell("ip addr add 10.2.0.1/24 dev t0"));
	poller.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	CU_ASSERT_EQUAL(bind(poller.fd, (struct sockaddr *)&self, sizeof(self)), 0);
	frame_make(got, 22, 3);
	memcpy(frame + 42, got, 22);
	frame[40] = (uint8_t)(plain_sum(frame + 26, 8, 17 + 30) >> 8);
	frame[41] = (uint8_t)plain_sum(frame + 26, 8, 17 + 30);
	n = packet_make(&wire.net, frame, 64, 45, pkts);
	pkts[0].flags |= WEIR_PKT_IPV4 | WEIR_PKT_UDP | WEIR_PKT_TX_IP | WEIR_PKT_TX_L4;
	pkts[0].txo = weir_txo(14, 20, 0, 0);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(wire.port, 0), pkts, n), n);
	CU_ASSERT_EQUAL(poll(&poller, 1, 1000), 1);
	CU_ASSERT_EQUAL(recv(poller.fd, got, sizeof(got), MSG_DONTWAIT), 22);
	CU_ASSERT_EQUAL(memcmp(frame + 42, got, 22), 0);
	close(poller.fd);
	tap_down(&wire);
}

static void queues_each_have_their_packets(void)
{
	struct weir_port_info info;
	struct weir_pkt pkts[32];
	uint8_t frame[60], got[64];
	unsigned total = 0;
	struct wire wire;

	tap_up(&wire, "tap:t0,queues=3", 0, 2048);
	weir_port_info(wire.port, &info);
	CU_ASSERT_EQUAL(info.rx_queues, 3);
	CU_ASSERT_EQUAL(info.tx_queues, 3);
	for (unsigned i = 0; i < 3; i++) {
		unsigned n;

		frame_make(frame, 60, i);
		n = packet_make(&wire.net, frame, 60, 2048, pkts);
		CU_ASSERT_EQUAL(weir_tx(weir_port_txq(wire.port, i), pkts, n), n);
		CU_ASSERT_EQUAL(plain_receive(wire.fd, got, sizeof(got), 1000), 60);
		CU_ASSERT_EQUAL(memcmp(frame, got, 60), 0);
	}
	for (unsigned i = 0; i < 30; i++)
		CU_ASSERT(plain_send(wire.fd, frame, 60));
	for (unsigned i = 0; i < 3; i++) {
		unsigned n = weir_rx(weir_port_rxq(wire.port, i), pkts, 32);

		weir_pool_free(wire.net.cache, pkts, n);
		total += n;
	}
	CU_ASSERT_EQUAL(total, 30);
	tap_down(&wire);
}

static void packets_carry_when_they_came_and_wake_a_sleeper(void)
{
	struct weir_pkt pkts[8];
	struct timespec now;
	uint8_t frame[60];
	struct pollfd poller;
	struct wire wire;
	unsigned n;

	tap_up(&wire, "tap:t0", WEIR_OFFLOAD_RX_META, 2048);
	poller = (struct pollfd){ .fd = weir_rxq_fd(weir_port_rxq(wire.port, 0)), .events = POLLIN };
	CU_ASSERT_EQUAL(weir_rxq_arm(weir_port_rxq(wire.port, 0)), 0);
	CU_ASSERT_EQUAL(poll(&poller, 1, 10), 0);
	frame_make(frame, 60, 1);
	CU_ASSERT(plain_send(wire.fd, frame, 60));
	CU_ASSERT_EQUAL(poll(&poller, 1, 1000), 1);
	n = weir_rx(weir_port_rxq(wire.port, 0), pkts, 8);
	CU_ASSERT_EQUAL_FATAL(n, 1);
	clock_gettime(CLOCK_REALTIME, &now);
	CU_ASSERT_PTR_NOT_NULL_FATAL(weir_pkt_meta(wire.net.cache->base, pkts));
	CU_ASSERT((uint64_t)now.tv_sec - weir_pkt_meta(wire.net.cache->base, pkts)->time_ns / 1000000000u <= 1);
	weir_pool_free(wire.net.cache, pkts, n);
	CU_ASSERT_EQUAL(poll(&poller, 1, 0), 0);
	tap_down(&wire);
}

static void a_removed_interface_ends_the_port(void)
{
	struct pollfd poller;
	struct weir_pkt pkts[8];
	uint8_t frame[60];
	const char *why;
	struct wire wire;
	unsigned n;

	tap_up(&wire, "tap:t0", 0, 2048);
	CU_ASSERT(shell("ip link del t0"));
	poller = (struct pollfd){ .fd = weir_rxq_fd(weir_port_rxq(wire.port, 0)), .events = POLLIN };
	CU_ASSERT_EQUAL(poll(&poller, 1, 1000), 1);
	CU_ASSERT_EQUAL(weir_rx(weir_port_rxq(wire.port, 0), pkts, 8), 0);
	CU_ASSERT(weir_rxq_finished(weir_port_rxq(wire.port, 0)));
	CU_ASSERT_EQUAL(weir_port_health(wire.port, &why), -ENODEV);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "removed"));
	frame_make(frame, 60, 1);
	n = packet_make(&wire.net, frame, 60, 2048, pkts);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(wire.port, 0), pkts, n), 1);
	CU_ASSERT_EQUAL(tx_drops(wire.port, WEIR_DROP_LINK_DOWN), 1);
	tap_down(&wire);
}

static void an_interface_that_is_down_drops_and_counts(void)
{
	struct weir_pkt pkts[8];
	struct weir_link link;
	uint8_t frame[60];
	struct wire wire;
	unsigned n;

	tap_up(&wire, "tap:t0", 0, 2048);
	CU_ASSERT_EQUAL(weir_port_link(wire.port, &link), 0);
	CU_ASSERT(link.up);
	CU_ASSERT(shell("ip link set t0 down"));
	CU_ASSERT_EQUAL(weir_port_link(wire.port, &link), 0);
	CU_ASSERT_FALSE(link.up);
	frame_make(frame, 60, 1);
	n = packet_make(&wire.net, frame, 60, 2048, pkts);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(wire.port, 0), pkts, n), 1);
	CU_ASSERT_EQUAL(tx_drops(wire.port, WEIR_DROP_LINK_DOWN), 1);
	CU_ASSERT_EQUAL(weir_rx(weir_port_rxq(wire.port, 0), pkts, 8), 0);
	CU_ASSERT_FALSE(weir_rxq_finished(weir_port_rxq(wire.port, 0)));
	tap_down(&wire);
}

static void starting_and_stopping_leaks_nothing(void)
{
	uint8_t frame[60], got[64];
	struct weir_pkt pkts[8];
	unsigned files, n;
	struct wire wire;

	tap_up(&wire, "tap:t0", WEIR_OFFLOAD_LRO, 2048);
	files = count_files();
	for (unsigned i = 0; i < 200; i++) {
		frame_make(frame, 60, i);
		CU_ASSERT(plain_send(wire.fd, frame, 60));
		CU_ASSERT(plain_send(wire.fd, frame, 60));
		n = weir_rx(weir_port_rxq(wire.port, 0), pkts, 1 + i % 2 * 33);
		weir_pool_free(wire.net.cache, pkts, n);
		CU_ASSERT_EQUAL(weir_port_stop(wire.port), 0);
		CU_ASSERT_EQUAL(weir_port_start(wire.port), 0);
	}
	CU_ASSERT_EQUAL(count_files(), files);
	frame_make(frame, 60, 999);
	CU_ASSERT(plain_send(wire.fd, frame, 60)); /* the first that comes: what was left behind is gone */
	n = weir_rx(weir_port_rxq(wire.port, 0), pkts, 8);
	CU_ASSERT_EQUAL(n, 0); /* the array is too small for the longest packet */
	CU_ASSERT_EQUAL(weir_port_stop(wire.port), 0);
	CU_ASSERT_EQUAL(weir_port_set_offloads(wire.port, 0), 0);
	CU_ASSERT_EQUAL(weir_port_start(wire.port), 0);
	CU_ASSERT(plain_send(wire.fd, frame, 60));
	n = weir_rx(weir_port_rxq(wire.port, 0), pkts, 8);
	CU_ASSERT_EQUAL(n, 1);
	CU_ASSERT_EQUAL(packet_bytes(&wire.net, pkts, n, got), 60);
	CU_ASSERT_EQUAL(memcmp(frame, got, 60), 0);
	tap_down(&wire);
}

static void an_interface_lives_as_long_as_it_was_told_to(void)
{
	struct weir_port_info info;
	struct wire wire;

	tap_up(&wire, "tap:t0", 0, 2048);
	tap_down(&wire);
	CU_ASSERT_FALSE(shell("ip link show t0"));

	tap_up(&wire, "tap:t0,persist", 0, 2048);
	weir_port_info(wire.port, &info);
	CU_ASSERT_STRING_EQUAL(info.name, "t0");
	CU_ASSERT_EQUAL(info.mtu, 1500);
	tap_down(&wire);
	CU_ASSERT(shell("ip link show t0"));
	tap_up(&wire, "tap:t0,persist=no", 0, 2048);
	tap_down(&wire);
	CU_ASSERT_FALSE(shell("ip link show t0"));

	/* One that was made for several queues is fine for one. */
	CU_ASSERT(shell("ip tuntap add dev t0 mode tap multi_queue"));
	tap_up(&wire, "tap:t0", 0, 2048);
	tap_down(&wire);
	CU_ASSERT(shell("ip link del t0"));
}

static void the_interface_is_changed(void)
{
	static const uint8_t mac[6] = { 2, 0x11, 0x22, 0x33, 0x44, 0x55 };
	struct weir_port_info info;
	struct wire wire;

	tap_up(&wire, "tap:t0", 0, 2048);
	CU_ASSERT_EQUAL(weir_port_set_mac(wire.port, mac), 0);
	CU_ASSERT(shell("ip link show t0 | grep 02:11:22:33:44:55"));
	CU_ASSERT_EQUAL(weir_port_set_mtu(wire.port, 9000), 0);
	CU_ASSERT(shell("ip link show t0 | grep 'mtu 9000'"));
	CU_ASSERT_EQUAL(weir_port_set_promiscuous(wire.port, true), 0);
	CU_ASSERT_EQUAL(weir_port_set_promiscuous(wire.port, false), -ENOTSUP);
	CU_ASSERT_EQUAL(weir_port_stop(wire.port), 0);
	CU_ASSERT_EQUAL(weir_port_start(wire.port), 0);
	weir_port_info(wire.port, &info);
	CU_ASSERT_EQUAL(info.rx_entries_max, 5); /* 9,022 bytes by 2,048 */
	CU_ASSERT_EQUAL(info.mtu_max, 65521);    /* what ip -d link shows */
	tap_down(&wire);
}

static void what_cannot_be_opened_is_told_why(void)
{
	struct weir_port *port, *second;
	struct hostnet net;

	CU_ASSERT_FATAL(hostnet_open(&net, 256, 2048));
	CU_ASSERT_EQUAL(weir_port_open(net.weir, "tap:a-name-that-is-much-too-long", NULL, &port), -EINVAL);
	CU_ASSERT_EQUAL(weir_port_open(net.weir, "tap:t0,queues=65", NULL, &port), -EINVAL);
	CU_ASSERT_EQUAL(weir_port_open(net.weir, "tap:lo", NULL, &port), -EINVAL);
	CU_ASSERT(error_says("not a TAP interface"));
	CU_ASSERT_EQUAL_FATAL(weir_port_open(net.weir, "tap:t0", NULL, &port), 0);
	CU_ASSERT_EQUAL(weir_port_open(net.weir, "tap:t0", NULL, &second), -EBUSY);
	CU_ASSERT(error_says("another program uses 't0'"));
	CU_ASSERT_EQUAL(weir_port_close(port), 0);
	CU_ASSERT(shell("ip tuntap add dev t0 mode tap"));
	CU_ASSERT_EQUAL(weir_port_open(net.weir, "tap:t0,queues=2", NULL, &port), -EINVAL);
	CU_ASSERT(error_says("multi_queue"));
	CU_ASSERT(shell("ip link del t0"));
	hostnet_close(&net);
}

/* --- without root ---------------------------------------------------------------------------------------------------- */

#define NOBODY 65534

/* Somebody else's life in this namespace. Returns 0, or the number of what went wrong. */
static int live_as_nobody(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_port *port;
	struct hostnet net;
	struct weir_pkt pkts[8];
	uint8_t frame[60];
	unsigned n;

	if (setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY))
		return 2;
	if (!hostnet_open(&net, 256, 2048))
		return 3;
	conf.pool = net.pool;
	if (weir_port_open(net.weir, "tap:t1", NULL, &port) != -EPERM || !strstr(weir_error(), "ip tuntap add"))
		return 4;
	if (weir_port_open(net.weir, "tap:theirs", NULL, &port) != -EPERM)
		return 5;
	if (weir_port_open(net.weir, "tap:asleep", NULL, &port) || weir_port_start(port) != -ENETDOWN ||
	    !strstr(weir_error(), "ip link set asleep up"))
		return 6;
	weir_port_close(port);
	if (weir_port_open(net.weir, "tap:mine", &conf, &port) || weir_port_start(port))
		return 7;
	frame_make(frame, 60, 1);
	n = packet_make(&net, frame, 60, 2048, pkts);
	if (weir_tx(weir_port_txq(port, 0), pkts, n) != 1 || tx_drops(port, WEIR_DROP_LINK_DOWN))
		return 8;
	if (weir_port_set_mac(port, (const uint8_t[]){ 2, 0, 0, 0, 0, 9 }))
		return 9;
	if (weir_port_set_mtu(port, 1400) != -EPERM || !strstr(weir_error(), "CAP_NET_ADMIN"))
		return 10;
	weir_port_close(port);
	return 0;
}

/* Everybody may open the device, as on any distribution, whatever this machine has: in a mount namespace of our own. */
static bool open_device_to_everybody(void)
{
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return false;
	if (mount("tmpfs", "/dev/net", "tmpfs", 0, NULL))
		return false;
	return !mknod("/dev/net/tun", S_IFCHR | 0666, makedev(10, 200)) && !chmod("/dev/net/tun", 0666);
}

static void a_user_may_use_the_interface_that_is_given_to_him(void)
{
	int status = -1;
	pid_t child;

	CU_ASSERT(shell("ip tuntap add dev mine mode tap user 65534 && ip link set mine up"));
	CU_ASSERT(shell("ip tuntap add dev asleep mode tap user 65534"));
	CU_ASSERT(shell("ip tuntap add dev theirs mode tap user 1"));
	fflush(stdout);
	child = fork();
	if (child == 0)
		_exit(open_device_to_everybody() ? live_as_nobody() : UNIT_SKIPPED);
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == UNIT_SKIPPED)
		unit_skip("no device of our own can be made here: this takes root");
	else
		CU_ASSERT_EQUAL(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0);
	CU_ASSERT(shell("ip link del mine && ip link del asleep && ip link del theirs"));
}

static const struct unit_case cases[] = {
	{ "frames cross byte for byte both ways", frames_cross_byte_for_byte_both_ways },
	{ "a packet fills as many buffers as it takes", a_packet_fills_as_many_buffers_as_it_takes },
	{ "a tag is put in", a_tag_is_put_in },
	{ "frames of impossible length are dropped and counted", frames_of_impossible_length_are_dropped_and_counted },
	{ "the stack gets its datagram back", the_stack_gets_its_datagram_back },
	{ "checksums that are asked for are filled in", checksums_that_are_asked_for_are_filled_in },
	{ "queues each have their packets", queues_each_have_their_packets },
	{ "packets carry when they came and wake a sleeper", packets_carry_when_they_came_and_wake_a_sleeper },
	{ "a removed interface ends the port", a_removed_interface_ends_the_port },
	{ "an interface that is down drops and counts", an_interface_that_is_down_drops_and_counts },
	{ "starting and stopping leaks nothing", starting_and_stopping_leaks_nothing },
	{ "an interface lives as long as it was told to", an_interface_lives_as_long_as_it_was_told_to },
	{ "the interface is changed", the_interface_is_changed },
	{ "what cannot be opened is told why", what_cannot_be_opened_is_told_why },
	{ "a user may use the interface that is given to him", a_user_may_use_the_interface_that_is_given_to_him },
	{ NULL, NULL },
};

int main(void)
{
	const char *why_not = hostnet_enter();

	if (!why_not && access("/dev/net/tun", R_OK | W_OK))
		why_not = "/dev/net/tun is missing or not ours to open";
	return why_not ? unit_skip(why_not) : unit_run("tap", cases);
}
