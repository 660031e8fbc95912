/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * af_xdp ports on veth pairs whose other ends the test holds, through the real kernel: bytes both ways, what is copied
 * and what is not, queues, long frames, modes, waiting, threads, what is missed.
 * (test_port_af_xdp_link.c: what may happen to an interface. test_port_af_xdp_io.c: the data path alone, with a kernel
 * that lies.)
 */
#include <pthread.h>

#include "sentences.h"
#include "xdp.h"

extern const struct weir_driver af_xdp_driver;
const struct weir_driver *const weir_drivers[] = { &af_xdp_driver };
const unsigned weir_driver_count = 1;

static const char *variant_of(struct weir_port *port)
{
	static struct weir_port_info info;

	weir_port_info(port, &info);
	return info.variant;
}

static uint64_t counter_of(struct weir_port *port, const char *wanted)
{
	const char *name;
	uint64_t value;

	for (unsigned i = 0; !weir_port_counter(port, i, &name, &value); i++)
		if (!strcmp(name, wanted))
			return value;
	CU_FAIL("there is no such counter");
	return 0;
}

static void frames_pass_byte_for_byte_in_native_mode(void)
{
	struct weir_queue_stats rx, tx;
	struct wire wire;

	wire_up(&wire, "af_xdp:v0", 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(variant_of(wire.port), "native copy, need-wakeup"));
	both_ways(&wire);
	weir_rxq_stats(weir_port_rxq(wire.port, 0), &rx);
	weir_txq_stats(weir_port_txq(wire.port, 0), &tx);
	CU_ASSERT_EQUAL(rx.packets, 6);
	CU_ASSERT_EQUAL(rx.bytes, 14 + 60 + 61 + 127 + 1499 + 1514);
	CU_ASSERT_EQUAL(tx.packets, 6);
	CU_ASSERT_EQUAL(tx.bytes, rx.bytes);
	CU_ASSERT_EQUAL(counter_of(wire.port, "tx_copied"), 0);
	wire_down(&wire);
}

static void frames_pass_byte_for_byte_in_skb_mode(void)
{
	struct wire wire;

	wire_up(&wire, "af_xdp:v0,mode=skb", 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(variant_of(wire.port), "skb copy"));
	both_ways(&wire);
	wire_down(&wire);
}

static void zero_copy_is_refused_where_there_is_none(void)
{
	const struct weir_port_conf conf = { 0 };
	struct weir_port *port;
	struct hostnet net;

	CU_ASSERT(veth_make("v0", "v1"));
	CU_ASSERT(hostnet_open(&net, 256, 2048));
	CU_ASSERT_EQUAL(weir_port_open(net.weir, "af_xdp:v0,mode=zerocopy", &conf, &port), 0);
	CU_ASSERT(weir_port_start(port) < 0);
	CU_ASSERT(error_says("zero-copy"));
	CU_ASSERT_EQUAL(weir_port_close(port), 0);
	hostnet_close(&net);
	shell("ip link del v0");
}

/* v1 (outside) -- v0 (port) -- w0 (port) -- w1 (outside) */
static void two_ports_forward_without_a_copy(void)
{
	uint8_t sent[60], got[64];
	struct weir_pkt pkts[ENTRIES], pkt;
	struct weir_port *other;
	struct wire wire;
	int fd;

	wire_up(&wire, "af_xdp:v0", 0);
	CU_ASSERT(veth_make("w0", "w1"));
	fd = plain_open("w1", false);
	other = port_up(&wire.net, "af_xdp:w0", 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(other);
	for (unsigned i = 0; i < 100; i++) {
		frame_make(sent, 60, i);
		CU_ASSERT(plain_send(wire.fd, sent, 60));
		CU_ASSERT_EQUAL(receive_one(wire.port, pkts, ENTRIES), 1);
		pkt = pkts[0];
		CU_ASSERT_EQUAL(weir_tx(weir_port_txq(other, 0), pkts, 1), 1);
		CU_ASSERT_EQUAL(plain_receive(fd, got, sizeof(got), 1000), 60);
		CU_ASSERT_EQUAL(memcmp(sent, got, 60), 0);
		/* What was sent is what was received: the same buffer, still with the frame in it. */
		CU_ASSERT_EQUAL(memcmp(weir_pkt_data(wire.net.cache->base, &pkt), sent, 60), 0);
	}
	CU_ASSERT_EQUAL(counter_of(other, "tx_copied"), 0);
	CU_ASSERT_EQUAL(weir_port_close(other), 0);
	close(fd);
	shell("ip link del w0");
	wire_down(&wire);
}

static void ports_on_one_pool_come_and_go_by_themselves(void)
{
	struct weir_port *other;
	struct wire wire;

	wire_up(&wire, "af_xdp:v0", 0);
	CU_ASSERT(veth_make("w0", "w1"));
	other = port_up(&wire.net, "af_xdp:w0,mode=skb", 0);
	CU_ASSERT_EQUAL(weir_port_stop(wire.port), 0);
	CU_ASSERT_EQUAL(weir_port_start(wire.port), 0);
	both_ways(&wire);
	CU_ASSERT_EQUAL(weir_port_close(other), 0);
	both_ways(&wire);
	shell("ip link del w0");
	wire_down(&wire);
}

static void a_packet_in_another_pool_is_copied_and_freed(void)
{
	const struct weir_pool_conf conf = { .count = 256 };
	struct weir_pool_cache *cache;
	struct weir_pool_info info;
	struct weir_pool *pool;
	uint8_t sent[60], got[64];
	struct weir_pkt pkt;
	struct wire wire;

	wire_up(&wire, "af_xdp:v0", 0);
	CU_ASSERT_EQUAL(weir_pool_create(wire.net.weir, &conf, &pool), 0);
	CU_ASSERT_EQUAL(weir_pool_cache_create(pool, 0, &cache), 0);
	CU_ASSERT_EQUAL(weir_pool_alloc(cache, &pkt, 1), 1);
	frame_make(sent, 60, 1);
	memcpy(weir_pkt_data(cache->base, &pkt), sent, 60);
	pkt.len = 60;
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(wire.port, 0), &pkt, 1), 1);
	CU_ASSERT_EQUAL(plain_receive(wire.fd, got, sizeof(got), 1000), 60);
	CU_ASSERT_EQUAL(memcmp(sent, got, 60), 0);
	CU_ASSERT_EQUAL(counter_of(wire.port, "tx_copied"), 1);
	weir_pool_info(pool, &info);
	CU_ASSERT_EQUAL(info.in_use, 0);
	weir_pool_cache_destroy(cache);
	CU_ASSERT_EQUAL(weir_pool_destroy(pool), 0);
	wire_down(&wire);
}

static void a_port_without_a_pool_sends(void)
{
	const struct weir_port_conf conf = { 0 };
	struct weir_port_info info;
	struct weir_port *port;
	uint8_t sent[60], got[64];
	struct wire wire;

	wire_up(&wire, "af_xdp:v0", 0);
	CU_ASSERT(veth_make("w0", "w1"));
	CU_ASSERT_EQUAL_FATAL(weir_port_open(wire.net.weir, "af_xdp:w0", &conf, &port), 0);
	CU_ASSERT_EQUAL(weir_port_start(port), 0);
	weir_port_info(port, &info);
	CU_ASSERT_EQUAL(info.rx_queues, 0);
	close(wire.fd);
	wire.fd = plain_open("w1", false);
	frame_make(sent, 60, 1);
	CU_ASSERT_EQUAL(send_one(&wire, port, sent, 60), 1);
	CU_ASSERT_EQUAL(plain_receive(wire.fd, got, sizeof(got), 1000), 60);
	CU_ASSERT_EQUAL(memcmp(sent, got, 60), 0);
	CU_ASSERT_EQUAL(weir_port_close(port), 0);
	shell("ip link del w0");
	wire_down(&wire);
}

/* Both ends are ports of two queues: what queue i sends, queue i of the other end receives. */
static void each_queue_receives_what_is_sent_to_it(void)
{
	struct weir_port *a, *b;
	uint8_t sent[60], got[64];
	struct weir_pkt pkts[ENTRIES];
	struct weir_port_info info;
	struct hostnet net;

	CU_ASSERT_FATAL(shell("ip link add v0 numrxqueues 2 numtxqueues 2 type veth peer name v1 numrxqueues 2 "
	                      "numtxqueues 2") &&
	                veth_up("v0", "v1"));
	CU_ASSERT_FATAL(hostnet_open(&net, 16384, 2048));
	a = port_up(&net, "af_xdp:v0,queues=2", 0);
	b = port_up(&net, "af_xdp:v1,queues=2", 0);
	CU_ASSERT_FATAL(a && b);
	weir_port_info(a, &info);
	CU_ASSERT_EQUAL(info.rx_queues, 2);
	CU_ASSERT_EQUAL(info.tx_queues, 2);
	CU_ASSERT_EQUAL(info.rx_queues_max, 2);
	for (unsigned i = 0; i < 20; i++) {
		unsigned q = i & 1, n = 0;

		frame_make(sent, 60, i);
		packet_make(&net, sent, 60, 1900, pkts);
		CU_ASSERT_EQUAL(weir_tx(weir_port_txq(a, q), pkts, 1), 1);
		for (uint64_t end = now_ms() + 1000; !n && now_ms() < end;)
			n = weir_rx(weir_port_rxq(b, q), pkts, ENTRIES);
		CU_ASSERT_EQUAL(n, 1);
		CU_ASSERT_EQUAL(packet_bytes(&net, pkts, n, got), 60);
		CU_ASSERT_EQUAL(memcmp(sent, got, 60), 0);
		CU_ASSERT_EQUAL(weir_rx(weir_port_rxq(b, !q), pkts, ENTRIES), 0);
	}
	CU_ASSERT_EQUAL(weir_port_close(a), 0);
	CU_ASSERT_EQUAL(weir_port_close(b), 0);
	hostnet_close(&net);
	shell("ip link del v0");
}

/* One port has queue 0 and leaves queue 1 to the kernel, with a word of warning; another has queue 1. */
static void queues_may_be_shared_out(void)
{
	struct sentences said = { 0 };
	const struct weir_conf conf = { .log = sentences_log, .log_arg = &said, .mem_page_size = 4096 };
	const struct weir_pool_conf pool_conf = { .count = 8192 };
	struct weir_port_conf port_conf = { 0 };
	struct weir_port *port;
	struct weir *weir;

	CU_ASSERT_FATAL(shell("ip link add v0 numrxqueues 2 numtxqueues 2 type veth peer name v1 numrxqueues 2 "
	                      "numtxqueues 2") &&
	                veth_up("v0", "v1"));
	CU_ASSERT_EQUAL_FATAL(weir_open(&conf, &weir), 0);
	CU_ASSERT_EQUAL_FATAL(weir_pool_create(weir, &pool_conf, &port_conf.pool), 0);
	said = (struct sentences){ 0 };
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "af_xdp:v0", &port_conf, &port), 0);
	CU_ASSERT_EQUAL(weir_port_start(port), 0);
	CU_ASSERT_EQUAL(said.count[WEIR_LOG_WARNING], 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(said.last, "ethtool -L v0 rx 1"));
	weir_port_close(port);
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "af_xdp:v0,first=1", &port_conf, &port), 0);
	CU_ASSERT_EQUAL(weir_port_start(port), 0);
	weir_port_close(port);
	CU_ASSERT_EQUAL(weir_port_open(weir, "af_xdp:v0,first=2", &port_conf, &port), -EINVAL);
	CU_ASSERT(error_says("there is no queue 2"));
	CU_ASSERT_EQUAL(weir_port_open(weir, "af_xdp:v0,queues=3", &port_conf, &port), -EINVAL);
	weir_close(weir);
	shell("ip link del v0");
}

/* The other end could send to two queues and there is one: native mode does not take that. */
static void a_slower_mode_is_taken_with_a_warning(void)
{
	struct sentences said = { 0 };
	const struct weir_conf conf = { .log = sentences_log, .log_arg = &said, .mem_page_size = 4096 };
	const struct weir_pool_conf pool_conf = { .count = 4096 };
	struct weir_port_conf port_conf = { 0 };
	struct weir_port *port;
	struct weir *weir;

	CU_ASSERT_FATAL(shell("ip link add v0 numrxqueues 1 numtxqueues 1 type veth peer name v1 numrxqueues 1 "
	                      "numtxqueues 2") &&
	                veth_up("v0", "v1"));
	CU_ASSERT_EQUAL_FATAL(weir_open(&conf, &weir), 0);
	CU_ASSERT_EQUAL_FATAL(weir_pool_create(weir, &pool_conf, &port_conf.pool), 0);
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "af_xdp:v0", &port_conf, &port), 0);
	said = (struct sentences){ 0 };
	CU_ASSERT_EQUAL(weir_port_start(port), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(variant_of(port), "skb copy"));
	CU_ASSERT_PTR_NOT_NULL(strstr(variant_of(port), "skb copy"));
	CU_ASSERT_EQUAL(said.count[WEIR_LOG_WARNING], 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(said.last, "ethtool -L v0 rx"));
	CU_ASSERT_EQUAL(said.count[WEIR_LOG_ERROR], 0);
	weir_port_close(port);
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "af_xdp:v0,mode=copy", &port_conf, &port), 0);
	CU_ASSERT(weir_port_start(port) < 0);
	weir_close(weir);
	shell("ip link del v0");
}

static void a_long_frame_is_a_chain(void)
{
	uint8_t sent[9100], got[9100];
	struct weir_pkt pkts[ENTRIES];
	struct wire wire;
	unsigned n;

	memset(&wire, 0, sizeof(wire));
	CU_ASSERT_FATAL(veth_make("v0", "v1") && shell("ip link set v0 mtu 9000 && ip link set v1 mtu 9000"));
	CU_ASSERT_FATAL(hostnet_open(&wire.net, 8192, 2048));
	wire.fd = plain_open("v1", false);
	wire.port = port_up(&wire.net, "af_xdp:v0", 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(wire.port);
	if (!strstr(variant_of(wire.port), "multi-buffer")) {
		unit_skip("this kernel has no multi-buffer AF_XDP (it came with Linux 6.6)");
		wire_down(&wire);
		return;
	}
	frame_make(sent, 9014, 3);
	CU_ASSERT(plain_send(wire.fd, sent, 9014));
	n = receive_one(wire.port, pkts, ENTRIES);
	CU_ASSERT(n > 1);
	CU_ASSERT_EQUAL(weir_pkt_count(pkts, n), 1);
	CU_ASSERT_EQUAL(packet_bytes(&wire.net, pkts, n, got), 9014);
	CU_ASSERT_EQUAL(memcmp(sent, got, 9014), 0);

	n = packet_make(&wire.net, sent, 9014, 1000, pkts);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(wire.port, 0), pkts, n), n);
	CU_ASSERT_EQUAL(plain_receive(wire.fd, got, sizeof(got), 1000), 9014);
	CU_ASSERT_EQUAL(memcmp(sent, got, 9014), 0);
	CU_ASSERT_EQUAL(counter_of(wire.port, "tx_copied"), 0);
	wire_down(&wire);
}

static void an_armed_queue_wakes_up_for_a_packet(void)
{
	struct weir_pkt pkts[ENTRIES];
	uint8_t frame[60];
	struct pollfd poller = { .events = POLLIN };
	struct weir_rxq *rxq;
	struct wire wire;

	wire_up(&wire, "af_xdp:v0", 0);
	rxq = weir_port_rxq(wire.port, 0);
	poller.fd = weir_rxq_fd(rxq);
	CU_ASSERT(poller.fd >= 0);
	CU_ASSERT_EQUAL(weir_rxq_arm(rxq), 0);
	CU_ASSERT_EQUAL(poll(&poller, 1, 20), 0);
	frame_make(frame, 60, 0);
	CU_ASSERT(plain_send(wire.fd, frame, 60));
	CU_ASSERT_EQUAL(poll(&poller, 1, 1000), 1);
	CU_ASSERT_EQUAL(weir_rxq_arm(rxq), 1);
	CU_ASSERT_EQUAL(weir_rx(rxq, pkts, ENTRIES), 1);
	weir_pool_free(wire.net.cache, pkts, 1);
	CU_ASSERT_EQUAL(weir_rxq_arm(rxq), 0);
	CU_ASSERT_EQUAL(poll(&poller, 1, 20), 0);
	wire_down(&wire);
}

/* More at once than the kernel sends when it is asked once; no more on the way than a veth holds. */
static void many_frames_pass_in_order(void)
{
	enum { COUNT = 5000, BURST = 128 };
	unsigned received = 0, sent = 0;
	struct weir_pkt pkts[BURST];
	struct weir_port *port, *other;
	struct hostnet net;
	uint8_t frame[64];

	CU_ASSERT_FATAL(veth_make("v0", "v1") && hostnet_open(&net, 16384, 2048));
	port = port_up(&net, "af_xdp:v0", 0);
	other = port_up(&net, "af_xdp:v1", 0);
	CU_ASSERT_FATAL(port && other);
	for (uint64_t end = now_ms() + 5000; received < COUNT && now_ms() < end;) {
		unsigned n = 0;

		for (; n < BURST && sent + n < COUNT && sent + n - received < 200; n++) {
			frame_make(frame, 60, 0);
			frame[20] = (uint8_t)((sent + n) >> 8);
			frame[21] = (uint8_t)(sent + n);
			packet_make(&net, frame, 60, 1900, &pkts[n]);
		}
		if (n) {
			unsigned took = weir_tx(weir_port_txq(port, 0), pkts, n);

			weir_pool_free(net.cache, pkts + took, n - took);
			sent += took;
		}
		n = weir_rx(weir_port_rxq(other, 0), pkts, BURST);
		for (unsigned i = 0; i < n; i++) {
			const uint8_t *data = weir_pkt_data(net.cache->base, &pkts[i]);

			CU_ASSERT_EQUAL((unsigned)data[20] << 8 | data[21], received + i);
		}
		received += n;
		weir_pool_free(net.cache, pkts, n);
	}
	CU_ASSERT_EQUAL(received, COUNT);
	CU_ASSERT_EQUAL(weir_port_close(port), 0);
	CU_ASSERT_EQUAL(weir_port_close(other), 0);
	hostnet_close(&net);
	shell("ip link del v0");
}

struct sender {
	struct wire *wire;
	unsigned count;
};

static void *sender_run(void *arg)
{
	struct sender *sender = arg;
	struct weir_txq *txq = weir_port_txq(sender->wire->port, 0);
	struct weir_pool_cache *cache;
	struct weir_pkt pkt;

	weir_pool_cache_create(sender->wire->net.pool, 0, &cache);
	for (unsigned i = 0; i < sender->count;) {
		if (!weir_pool_alloc(cache, &pkt, 1))
			continue;
		pkt.len = 60;
		frame_make(weir_pkt_data(cache->base, &pkt), 60, i);
		if (weir_tx(txq, &pkt, 1))
			i++;
		else
			weir_pool_free(cache, &pkt, 1);
	}
	weir_pool_cache_destroy(cache);
	return NULL;
}

/* One thread sends, another receives, and reads the statistics meanwhile. */
static void the_two_sides_of_a_queue_may_have_a_thread_each(void)
{
	enum { SENT = 3000 };
	struct weir_port_stats stats = { 0 };
	unsigned received = 0, sent = 0;
	struct weir_pkt pkts[ENTRIES];
	struct sender sender;
	pthread_t thread;
	uint8_t frame[60];
	struct wire wire;

	wire_up(&wire, "af_xdp:v0", 0);
	sender = (struct sender){ &wire, SENT };
	CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, sender_run, &sender), 0);
	frame_make(frame, 60, 0);
	for (uint64_t end = now_ms() + 10000; (received < SENT || stats.tx.packets < SENT) && now_ms() < end;) {
		unsigned n;

		if (sent < SENT && sent - received < 100)
			sent += plain_send(wire.fd, frame, 60);
		n = weir_rx(weir_port_rxq(wire.port, 0), pkts, ENTRIES);
		weir_pool_free(wire.net.cache, pkts, n);
		received += n;
		weir_port_stats(wire.port, &stats);
	}
	CU_ASSERT_EQUAL(pthread_join(thread, NULL), 0);
	CU_ASSERT_EQUAL(received, SENT);
	CU_ASSERT_EQUAL(stats.rx.packets, SENT);
	CU_ASSERT_EQUAL(stats.tx.packets, SENT);
	wire_down(&wire);
}

/* Sends @count frames, a few at a time so that the veth itself loses none, and waits until the port has seen them all. */
static void send_and_wait(struct wire *wire, struct weir_port *port, unsigned count, enum weir_drop reason,
                          unsigned drops)
{
	uint8_t frame[60];

	frame_make(frame, 60, 0);
	for (unsigned i = 0; i < count; i++) {
		CU_ASSERT(plain_send(wire->fd, frame, 60));
		if (i % 64 == 63)
			usleep(1000);
	}
	for (uint64_t end = now_ms() + 2000; rx_drops(port, reason) < drops && now_ms() < end;)
		usleep(1000);
	CU_ASSERT_EQUAL(rx_drops(port, reason), drops);
}

/* There are 2,048 slots. */
static void what_nobody_polled_for_is_missed(void)
{
	struct weir_port_stats stats;
	struct weir_pkt pkts[ENTRIES];
	unsigned got = 0, n;
	struct wire wire;

	wire_up(&wire, "af_xdp:v0", 0);
	send_and_wait(&wire, wire.port, 3000, WEIR_DROP_MISSED, 952);
	while ((n = weir_rx(weir_port_rxq(wire.port, 0), pkts, ENTRIES))) {
		weir_pool_free(wire.net.cache, pkts, n);
		got += n;
	}
	CU_ASSERT_EQUAL(got, 2048);
	for (unsigned i = 0; i < 2; i++) {
		weir_port_stats(wire.port, &stats);
		CU_ASSERT_EQUAL(stats.rx.packets, 2048);
		CU_ASSERT_EQUAL(stats.rx.drops[WEIR_DROP_MISSED], 952);
		CU_ASSERT_EQUAL(stats.rx.drops[WEIR_DROP_NO_BUFFER], 0);
		CU_ASSERT_EQUAL(weir_port_stop(wire.port), 0); /* which changes nothing */
	}
	wire_down(&wire);
}

static void what_the_pool_had_no_buffer_for_is_counted_so(void)
{
	const struct weir_pool_conf small = { .count = 128 };
	struct weir_port_conf conf = { 0 };
	struct weir_pkt held[128], *end = held;
	struct weir_port *port;
	struct wire wire;

	wire_up(&wire, "af_xdp:v0", 0);
	weir_port_stop(wire.port);
	CU_ASSERT_EQUAL(weir_pool_create(wire.net.weir, &small, &conf.pool), 0);
	CU_ASSERT_EQUAL(weir_port_open(wire.net.weir, "af_xdp:v0", &conf, &port), 0);
	CU_ASSERT_EQUAL(weir_port_start(port), 0);
	send_and_wait(&wire, port, 150, WEIR_DROP_NO_BUFFER, 22);
	for (unsigned n = 1; n; end += n)
		n = weir_rx(weir_port_rxq(port, 0), end, (unsigned)(held + 128 - end));
	CU_ASSERT_EQUAL(end - held, 128);
	CU_ASSERT_EQUAL(rx_drops(port, WEIR_DROP_MISSED), 0);
	weir_pool_free(wire.net.cache, held, (unsigned)(end - held));
	CU_ASSERT_EQUAL(weir_port_close(port), 0);
	CU_ASSERT_EQUAL(weir_pool_destroy(conf.pool), 0);
	wire_down(&wire);
}

static const struct unit_case cases[] = {
	{ "frames pass byte for byte in native mode", frames_pass_byte_for_byte_in_native_mode },
	{ "frames pass byte for byte in skb mode", frames_pass_byte_for_byte_in_skb_mode },
	{ "zero-copy is refused where there is none", zero_copy_is_refused_where_there_is_none },
	{ "two ports forward without a copy", two_ports_forward_without_a_copy },
	{ "ports on one pool come and go by themselves", ports_on_one_pool_come_and_go_by_themselves },
	{ "a packet in another pool is copied and freed", a_packet_in_another_pool_is_copied_and_freed },
	{ "a port without a pool sends", a_port_without_a_pool_sends },
	{ "each queue receives what is sent to it", each_queue_receives_what_is_sent_to_it },
	{ "queues may be shared out", queues_may_be_shared_out },
	{ "a slower mode is taken with a warning", a_slower_mode_is_taken_with_a_warning },
	{ "a long frame is a chain", a_long_frame_is_a_chain },
	{ "an armed queue wakes up for a packet", an_armed_queue_wakes_up_for_a_packet },
	{ "many frames pass in order", many_frames_pass_in_order },
	{ "the two sides of a queue may have a thread each", the_two_sides_of_a_queue_may_have_a_thread_each },
	{ "what nobody polled for is missed", what_nobody_polled_for_is_missed },
	{ "what the pool had no buffer for is counted so", what_the_pool_had_no_buffer_for_is_counted_so },
	{ NULL, NULL },
};

int main(void)
{
	return xdp_run("af_xdp", cases);
}
