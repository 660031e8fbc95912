/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TCP of two network stacks that reach each other only through a forwarder between two ports: every way that host
 * drivers can be joined, with long packets and without. What is sent is what arrives, and no packet is dropped for what
 * it is.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>

#include "hostnet.h"
#include "unit.h"

#include "port/driver.h"

extern const struct weir_driver af_packet_driver, tap_driver;
const struct weir_driver *const weir_drivers[] = { &af_packet_driver, &tap_driver };
const unsigned weir_driver_count = 2;

#define BYTES (2u << 20) /* each way */

/* The namespaces of the two stacks. */
static int near, far;

struct joint {
	struct hostnet net;
	struct weir_port *ports[2];
	bool stop;
	uint64_t longest; /* packet that was forwarded */
};

/* One port of the forwarder and the interface behind it, which gets the addresses 10.3.0.@host and fd03::@host. */
static struct weir_port *end_up(struct joint *joint, int ns, const char *spec, const char *name, unsigned host,
                                uint32_t offloads)
{
	struct weir_port *port;

	CU_ASSERT_EQUAL_FATAL(setns(ns, CLONE_NEWNET), 0);
	if (!strncmp(spec, "af_packet", 9))
		CU_ASSERT_FATAL(
		    shell("ip link add v0 type veth peer name v1 && ip link set v0 up && ip link set v1 up"));
	port = port_up(&joint->net, spec, offloads);
	CU_ASSERT_PTR_NOT_NULL_FATAL(port);
	CU_ASSERT_FATAL(
	    shell("ip addr add 10.3.0.%u/24 dev %s && ip addr add fd03::%u/64 dev %s nodad", host, name, host, name));
	return port;
}

static unsigned send_all(struct joint *joint, unsigned to, const struct weir_pkt *pkts, unsigned n)
{
	unsigned sent = 0;

	do {
		sent += weir_tx(weir_port_txq(joint->ports[to], 0), pkts + sent, n - sent);
	} while (sent < n && !__atomic_load_n(&joint->stop, __ATOMIC_RELAXED));
	return sent;
}

static void *forward(void *arg)
{
	struct joint *joint = arg;
	struct weir_pool_cache *cache;
	struct weir_pkt pkts[64];

	if (weir_pool_cache_create(joint->net.pool, 0, &cache))
		return NULL;
	while (!__atomic_load_n(&joint->stop, __ATOMIC_RELAXED)) {
		unsigned idle = 0;

		for (unsigned i = 0; i < 2; i++) {
			unsigned n = weir_rx(weir_port_rxq(joint->ports[i], 0), pkts, 64), sent;

			for (unsigned k = 0; k < n; k += weir_pkt_entries(pkts + k, n - k)) {
				uint64_t len = weir_pkt_bytes(pkts + k, weir_pkt_entries(pkts + k, n - k));

				joint->longest = len > joint->longest ? len : joint->longest;
			}
			idle += !n;
			sent = send_all(joint, !i, pkts, n);
			weir_pool_free(cache, pkts + sent, n - sent);
		}
		if (idle == 2)
			usleep(50);
	}
	weir_pool_cache_destroy(cache);
	return NULL;
}

static uint8_t byte_at(unsigned i, unsigned seed)
{
	return (uint8_t)(i * 31 + i / 65521 + seed);
}

/* Moves BYTES from one socket to the other. Returns how many arrived as they were. */
static unsigned move(int from, int to, unsigned seed)
{
	static uint8_t chunk[65536];
	unsigned sent = 0, got = 0, good = 0;
	uint64_t end = now_ms() + 20000;

	while (got < BYTES && now_ms() < end) {
		unsigned some = BYTES - sent < sizeof(chunk) ? BYTES - sent : (unsigned)sizeof(chunk);
		struct pollfd pollers[2] = { { from, sent < BYTES ? POLLOUT : 0, 0 }, { to, POLLIN, 0 } };
		ssize_t n;

		poll(pollers, 2, 100);
		for (unsigned i = 0; i < some; i++)
			chunk[i] = byte_at(sent + i, seed);
		n = some ? send(from, chunk, some, MSG_DONTWAIT) : 0;
		sent += n > 0 ? (unsigned)n : 0;
		n = recv(to, chunk, sizeof(chunk), MSG_DONTWAIT);
		for (ssize_t i = 0; i < n; i++)
			good += chunk[i] == byte_at(got++, seed);
	}
	return good;
}

/* Connects the stacks and moves bytes both ways. */
static void talk(bool ipv6)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(7000) };
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(7000) };
	struct sockaddr *address = ipv6 ? (void *)&six : (void *)&four;
	socklen_t len = ipv6 ? sizeof(six) : sizeof(four);
	struct timeval limit = { .tv_sec = 5 };
	int listener, client, server = -1;
	const int on = 1;

	inet_pton(AF_INET6, "fd03::2", &six.sin6_addr);
	inet_pton(AF_INET, "10.3.0.2", &four.sin_addr);
	CU_ASSERT_EQUAL(setns(far, CLONE_NEWNET), 0);
	listener = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	CU_ASSERT_EQUAL(bind(listener, address, len), 0);
	CU_ASSERT_EQUAL(listen(listener, 1), 0);
	CU_ASSERT_EQUAL(setns(near, CLONE_NEWNET), 0);
	client = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (!connect(client, address, len))
		server = accept(listener, NULL, NULL);
	CU_ASSERT(server >= 0);
	if (server >= 0) {
		CU_ASSERT_EQUAL(move(client, server, 1), BYTES);
		CU_ASSERT_EQUAL(move(server, client, 2), BYTES);
		close(server);
	}
	close(client);
	close(listener);
}

/* What must not have happened, whatever was forwarded. (A queue that runs over is TCP's daily bread.) */
static void expect_no_refusals(struct weir_port *port)
{
	static const enum weir_drop refusals[] = { WEIR_DROP_TOO_LONG, WEIR_DROP_TOO_SHORT, WEIR_DROP_DEVICE,
		                                   WEIR_DROP_OFFLOAD, WEIR_DROP_TX_ERROR };

	for (unsigned i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		CU_ASSERT_EQUAL(rx_drops(port, refusals[i]), 0);
		CU_ASSERT_EQUAL(tx_drops(port, refusals[i]), 0);
	}
}

static void join(const char *near_spec, const char *near_if, const char *far_spec, const char *far_if,
                 uint32_t offloads)
{
	struct joint joint = { .stop = false };
	pthread_t thread;

	CU_ASSERT_FATAL(hostnet_open(&joint.net, 8192, 2048));
	joint.ports[0] = end_up(&joint, near, near_spec, near_if, 1, offloads);
	joint.ports[1] = end_up(&joint, far, far_spec, far_if, 2, offloads);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, forward, &joint), 0);
	talk(false);
	talk(true);
	__atomic_store_n(&joint.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	for (unsigned i = 0; i < 2; i++) {
		expect_no_refusals(joint.ports[i]);
		CU_ASSERT_EQUAL(weir_port_close(joint.ports[i]), 0);
	}
	CU_ASSERT(offloads ? joint.longest > 1514 : joint.longest <= 1514);
	hostnet_close(&joint.net);
	setns(near, CLONE_NEWNET);
	shell("ip link del v0");
	setns(far, CLONE_NEWNET);
	shell("ip link del v0");
}

static void tap_to_tap(void)
{
	join("tap:t0", "t0", "tap:t0", "t0", 0);
}

static void tap_to_tap_in_long_packets(void)
{
	join("tap:t0", "t0", "tap:t0", "t0", WEIR_OFFLOAD_LRO);
}

static void af_packet_to_af_packet(void)
{
	join("af_packet:v0", "v1", "af_packet:v0", "v1", 0);
}

static void af_packet_to_af_packet_in_long_packets(void)
{
	join("af_packet:v0", "v1", "af_packet:v0", "v1", WEIR_OFFLOAD_LRO);
}

static void af_packet_to_tap(void)
{
	join("af_packet:v0", "v1", "tap:t0", "t0", 0);
}

static void af_packet_to_tap_in_long_packets(void)
{
	join("af_packet:v0", "v1", "tap:t0", "t0", WEIR_OFFLOAD_LRO);
}

static const struct unit_case cases[] = {
	{ "tap to tap", tap_to_tap },
	{ "tap to tap in long packets", tap_to_tap_in_long_packets },
	{ "af_packet to af_packet", af_packet_to_af_packet },
	{ "af_packet to af_packet in long packets", af_packet_to_af_packet_in_long_packets },
	{ "af_packet to tap", af_packet_to_tap },
	{ "af_packet to tap in long packets", af_packet_to_tap_in_long_packets },
	{ NULL, NULL },
};

int main(void)
{
	const char *why_not = hostnet_enter();

	if (!why_not && access("/dev/net/tun", R_OK | W_OK))
		why_not = "/dev/net/tun is missing or not ours to open";
	near = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (!why_not && unshare(CLONE_NEWNET))
		why_not = "a second network namespace cannot be made";
	far = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	return why_not ? unit_skip(why_not) : unit_run("TCP through host ports", cases);
}
