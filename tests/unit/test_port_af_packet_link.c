/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packet sockets on interfaces that go down, go away, change, or are not to be had.
 */
#include <sys/wait.h>

#include "hostnet.h"
#include "sentences.h"
#include "unit.h"

#include "port/driver.h"

extern const struct weir_driver af_packet_driver;
const struct weir_driver *const weir_drivers[] = { &af_packet_driver };
const unsigned weir_driver_count = 1;

static void a_removed_interface_ends_the_port(void)
{
	struct weir_pkt pkts[8];
	uint8_t frame[60];
	const char *why;
	struct wire wire;
	uint64_t end;
	unsigned n;

	wire_up(&wire, "af_packet:v0", 0);
	CU_ASSERT_EQUAL(weir_port_health(wire.port, &why), 0);
	CU_ASSERT(shell("ip link del v0"));
	end = now_ms() + 2000;
	while (!weir_rxq_finished(weir_port_rxq(wire.port, 0)) && now_ms() < end)
		CU_ASSERT_EQUAL(weir_rx(weir_port_rxq(wire.port, 0), pkts, 8), 0);
	CU_ASSERT(weir_rxq_finished(weir_port_rxq(wire.port, 0)));
	CU_ASSERT_EQUAL(weir_port_health(wire.port, &why), -ENODEV);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "removed"));
	frame_make(frame, 60, 1);
	n = packet_make(&wire.net, frame, 60, 2048, pkts);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(wire.port, 0), pkts, n), n);
	CU_ASSERT_EQUAL(tx_drops(wire.port, WEIR_DROP_LINK_DOWN), 1);
	wire_down(&wire);
}

/* The same for a program that sleeps: the descriptor wakes it, and asking to wait tells it not to. */
static void a_removed_interface_wakes_a_sleeper(void)
{
	struct pollfd poller;
	struct weir_pkt pkts[8];
	struct wire wire;
	uint64_t end;

	wire_up(&wire, "af_packet:v0", 0);
	poller = (struct pollfd){ .fd = weir_rxq_fd(weir_port_rxq(wire.port, 0)), .events = POLLIN };
	CU_ASSERT_EQUAL(weir_rxq_arm(weir_port_rxq(wire.port, 0)), 0);
	CU_ASSERT(shell("ip link del v0"));
	end = now_ms() + 2000;
	while (!weir_rxq_finished(weir_port_rxq(wire.port, 0)) && now_ms() < end) {
		weir_rx(weir_port_rxq(wire.port, 0), pkts, 8);
		if (!weir_rxq_arm(weir_port_rxq(wire.port, 0)))
			CU_ASSERT_EQUAL_FATAL(poll(&poller, 1, 1000), 1);
	}
	CU_ASSERT(weir_rxq_finished(weir_port_rxq(wire.port, 0)));
	wire_down(&wire);
}

static void without_a_link_packets_are_dropped_and_counted(void)
{
	struct weir_pkt pkts[8];
	struct weir_link link;
	uint8_t frame[60], got[64];
	struct wire wire;
	unsigned n;

	wire_up(&wire, "af_packet:v0", 0);
	CU_ASSERT_EQUAL(weir_port_link(wire.port, &link), 0);
	CU_ASSERT(link.up);
	CU_ASSERT_EQUAL(link.mbps, 10000); /* what veth says of itself */
	frame_make(frame, 60, 1);

	CU_ASSERT(shell("ip link set v1 down")); /* no carrier */
	CU_ASSERT_EQUAL(weir_port_link(wire.port, &link), 0);
	CU_ASSERT_FALSE(link.up);
	n = packet_make(&wire.net, frame, 60, 2048, pkts);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(wire.port, 0), pkts, n), 1);
	CU_ASSERT_EQUAL(tx_drops(wire.port, WEIR_DROP_LINK_DOWN), 1);

	CU_ASSERT(shell("ip link set v0 down"));
	n = packet_make(&wire.net, frame, 60, 2048, pkts);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(wire.port, 0), pkts, n), 1);
	CU_ASSERT_EQUAL(tx_drops(wire.port, WEIR_DROP_LINK_DOWN), 2);

	/* And it goes on when the link is back. */
	CU_ASSERT(veth_up("v0", "v1"));
	close(wire.fd);
	wire.fd = plain_open("v1", false);
	n = packet_make(&wire.net, frame, 60, 2048, pkts);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(wire.port, 0), pkts, n), 1);
	CU_ASSERT_EQUAL(plain_receive(wire.fd, got, sizeof(got), 1000), 60);
	CU_ASSERT(plain_send(wire.fd, frame, 60));
	n = receive_one(wire.port, pkts, 8);
	CU_ASSERT_EQUAL(packet_bytes(&wire.net, pkts, n, got), 60);
	wire_down(&wire);
}

/* The other end of a veth refuses what is longer than its own MTU, which nothing at this end tells. */
static void a_frame_that_the_device_never_takes_does_not_hold_up_the_rest(void)
{
	uint8_t frame[1514], got[1600];
	struct weir_pkt pkts[8];
	struct wire wire;
	uint64_t end;
	unsigned n;

	wire_up(&wire, "af_packet:v0", 0);
	CU_ASSERT(shell("ip link set v1 mtu 500"));
	frame_make(frame, sizeof(frame), 7);
	n = packet_make(&wire.net, frame, 100, 2048, pkts);
	n += packet_make(&wire.net, frame, 1514, 2048, pkts + n);
	n += packet_make(&wire.net, frame, 101, 2048, pkts + n);
	n += packet_make(&wire.net, frame, 102, 2048, pkts + n);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(wire.port, 0), pkts, n), n);
	end = now_ms() + 1000;
	while (!tx_drops(wire.port, WEIR_DROP_TX_ERROR) && now_ms() < end)
		weir_tx(weir_port_txq(wire.port, 0), pkts, 0);
	weir_tx(weir_port_txq(wire.port, 0), pkts, 0);
	CU_ASSERT_EQUAL(tx_drops(wire.port, WEIR_DROP_TX_ERROR), 1);
	CU_ASSERT_EQUAL(plain_receive(wire.fd, got, sizeof(got), 1000), 100);
	CU_ASSERT_EQUAL(plain_receive(wire.fd, got, sizeof(got), 1000), 101);
	CU_ASSERT_EQUAL(plain_receive(wire.fd, got, sizeof(got), 1000), 102);
	CU_ASSERT_EQUAL(memcmp(frame, got, 102), 0);
	wire_down(&wire);
}

static void starting_and_stopping_leaks_nothing(void)
{
	uint8_t frame[60], got[64];
	struct weir_pkt pkts[8];
	unsigned files, n;
	struct wire wire;

	wire_up(&wire, "af_packet:v0", 0);
	files = count_files();
	frame_make(frame, 60, 1);
	for (unsigned i = 0; i < 50; i++) {
		CU_ASSERT(plain_send(wire.fd, frame, 60)); /* some are there when it stops */
		CU_ASSERT_EQUAL(weir_port_stop(wire.port), 0);
		CU_ASSERT_EQUAL(weir_port_start(wire.port), 0);
	}
	CU_ASSERT_EQUAL(count_files(), files);
	CU_ASSERT(plain_send(wire.fd, frame, 60));
	n = receive_one(wire.port, pkts, 8);
	CU_ASSERT_EQUAL(packet_bytes(&wire.net, pkts, n, got), 60);
	wire_down(&wire);
}

/* What a port says of itself is what ip(8) set, and the other way round. */
static void the_interface_is_described_and_changed(void)
{
	static const uint8_t mac[6] = { 2, 0x11, 0x22, 0x33, 0x44, 0x55 };
	struct weir_port_info info;
	struct wire wire;

	wire_up(&wire, "af_packet:v0", 0);
	CU_ASSERT_EQUAL(weir_port_set_mac(wire.port, mac), 0);
	CU_ASSERT(shell("ip link show v0 | grep 02:11:22:33:44:55"));
	CU_ASSERT_EQUAL(weir_port_set_mtu(wire.port, 1400), 0);
	CU_ASSERT(shell("ip link show v0 | grep 'mtu 1400'"));
	CU_ASSERT_EQUAL(weir_port_set_mtu(wire.port, 10), -EINVAL);
	CU_ASSERT_EQUAL(weir_port_set_promiscuous(wire.port, true), 0);
	CU_ASSERT(shell("ip -d link show v0 | grep 'promiscuity 1'"));
	CU_ASSERT_EQUAL(weir_port_set_promiscuous(wire.port, false), 0);
	CU_ASSERT(shell("ip -d link show v0 | grep 'promiscuity 0'"));
	CU_ASSERT(shell("ip link set v0 down && ip link set v0 name w0") && veth_up("w0", "v1"));
	CU_ASSERT_EQUAL(weir_port_set_mtu(wire.port, 1300), 0); /* held by number, not by name */
	CU_ASSERT(shell("ip link show w0 | grep 'mtu 1300'"));
	CU_ASSERT(shell("ip link set w0 down && ip link set w0 name v0"));
	weir_port_info(wire.port, &info);
	CU_ASSERT_STRING_EQUAL(info.driver, "af_packet");
	CU_ASSERT_STRING_EQUAL(info.name, "v0");
	CU_ASSERT_EQUAL(memcmp(info.mac, mac, 6), 0);
	CU_ASSERT_EQUAL(info.mtu, 1300);
	CU_ASSERT_EQUAL(info.node, -1);
	CU_ASSERT(info.receives && info.sends && info.can_wait && !info.finite);
	wire_down(&wire);
}

static void what_cannot_be_opened_is_told_why(void)
{
	struct weir_port_conf conf = { .rx_slots = 1000000 };
	struct weir_port *port;
	struct hostnet net;

	CU_ASSERT_FATAL(hostnet_open(&net, 256, 2048));
	CU_ASSERT(veth_make("v0", "v1"));
	CU_ASSERT_EQUAL(weir_port_open(net.weir, "af_packet:eth77", NULL, &port), -ENODEV);
	CU_ASSERT(error_says("eth77") && error_says("there are lo, v1, v0"));
	CU_ASSERT_EQUAL(weir_port_open(net.weir, "af_packet:a-name-that-is-much-too-long", NULL, &port), -ENODEV);
	CU_ASSERT_EQUAL(weir_port_open(net.weir, "af_packet:v0,queues=0", NULL, &port), -EINVAL);
	CU_ASSERT_EQUAL(weir_port_open(net.weir, "af_packet:v0,fanout=dice", NULL, &port), -EINVAL);
	CU_ASSERT_EQUAL(weir_port_open(net.weir, "af_packet:v0", &conf, &port), -EINVAL);
	CU_ASSERT(shell("ip link set v0 down"));
	CU_ASSERT_EQUAL_FATAL(weir_port_open(net.weir, "af_packet:v0", NULL, &port), 0);
	CU_ASSERT_EQUAL(weir_port_start(port), -ENETDOWN);
	CU_ASSERT(error_says("ip link set v0 up"));
	CU_ASSERT_EQUAL(weir_port_close(port), 0);
	hostnet_close(&net);
	CU_ASSERT(shell("ip link del v0"));
}

static int open_as_nobody(void)
{
	struct weir_port *port;
	struct weir *weir;

	if (setgid(65534) || setuid(65534))
		return 2;
	if (weir_open(NULL, &weir))
		return 3;
	if (weir_port_open(weir, "af_packet:v0", NULL, &port) != -EPERM)
		return 4;
	return strstr(weir_error(), "CAP_NET_RAW") ? 0 : 5;
}

static void without_permission_the_remedy_is_told(void)
{
	int status = -1;
	pid_t child;

	if (!shell("setpriv --reuid 65534 true")) {
		unit_skip("there is no other user to become here");
		return;
	}
	CU_ASSERT(veth_make("v0", "v1"));
	fflush(stdout);
	child = fork();
	if (child == 0)
		_exit(open_as_nobody());
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	CU_ASSERT(WIFEXITED(status));
	CU_ASSERT_EQUAL(WEXITSTATUS(status), 0);
	CU_ASSERT(shell("ip link del v0"));
}

static const struct unit_case cases[] = {
	{ "a removed interface ends the port", a_removed_interface_ends_the_port },
	{ "a removed interface wakes a sleeper", a_removed_interface_wakes_a_sleeper },
	{ "without a link packets are dropped and counted", without_a_link_packets_are_dropped_and_counted },
	{ "a frame that the device never takes does not hold up the rest",
	  a_frame_that_the_device_never_takes_does_not_hold_up_the_rest },
	{ "starting and stopping leaks nothing", starting_and_stopping_leaks_nothing },
	{ "the interface is described and changed", the_interface_is_described_and_changed },
	{ "what cannot be opened is told why", what_cannot_be_opened_is_told_why },
	{ "without permission the remedy is told", without_permission_the_remedy_is_told },
	{ NULL, NULL },
};

int main(void)
{
	const char *why_not = hostnet_enter();

	return why_not ? unit_skip(why_not) : unit_run("af_packet link", cases);
}
