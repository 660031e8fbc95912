/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What packet sockets do with checksums that are not filled in and with packets that are longer than the MTU: both come
 * from this machine's own stack, which leaves the work to a device that is not there.
 *
 * Packets go in at v1, are received on v0, forwarded to w0, and looked at where they come out, w1. w0 is told that it
 * can do nothing (ethtool), so that whatever is still to be done has to be done on the way.
 */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "hostnet.h"
#include "sentences.h"
#include "unit.h"

#include "port/driver.h"

extern const struct weir_driver af_packet_driver;
const struct weir_driver *const weir_drivers[] = { &af_packet_driver };
const unsigned weir_driver_count = 1;

struct way {
	struct hostnet net;
	struct weir_port *from, *to;
	int in;  /* plain, with a vnet header */
	int out; /* plain */
};

static void way_up(struct way *way, uint32_t offloads)
{
	memset(way, 0, sizeof(*way));
	CU_ASSERT_FATAL(veth_make("v0", "v1"));
	CU_ASSERT_FATAL(veth_make("w0", "w1"));
	CU_ASSERT(ethtool_set("w0", ETHTOOL_STXCSUM, 0));
	CU_ASSERT(ethtool_set("w0", ETHTOOL_STSO, 0));
	CU_ASSERT_FATAL(hostnet_open(&way->net, 4096, 2048));
	way->in = plain_open("v1", true);
	way->out = plain_open("w1", false);
	CU_ASSERT_FATAL(way->in >= 0 && way->out >= 0);
	way->from = port_up(&way->net, "af_packet:v0", offloads);
	way->to = port_up(&way->net, "af_packet:w0", offloads);
	CU_ASSERT_FATAL(way->from && way->to);
}

static void way_down(struct way *way)
{
	CU_ASSERT_EQUAL(weir_port_close(way->from), 0);
	CU_ASSERT_EQUAL(weir_port_close(way->to), 0);
	hostnet_close(&way->net);
	close(way->in);
	close(way->out);
	CU_ASSERT(shell("ip link del v0 && ip link del w0"));
}

static void forward(struct way *way, const struct weir_pkt *pkts, unsigned n)
{
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(way->to, 0), pkts, n), n);
}

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/*
 * A TCP/IPv4 frame from 10.1.0.1 to 10.1.0.2 with @payload bytes that count up, flags ACK, PSH and FIN, behind @tags
 * VLAN tags and a vnet header. Its checksum is the pseudo-header's sum. Returns the length of all.
 */
static size_t tcp_make(uint8_t *frame, size_t payload, unsigned tags, const struct virtio_net_hdr *vnet)
{
	static const uint8_t addresses[12] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1 };
	uint8_t *ip = frame + sizeof(*vnet) + 14 + 4 * tags, *tcp = ip + 20;
	size_t total = 40 + payload;

	memset(frame, 0, sizeof(*vnet) + 14 + 4 * tags + 40);
	memcpy(frame, vnet, sizeof(*vnet));
	memcpy(frame + sizeof(*vnet), addresses, 12);
	for (unsigned i = 0; i < tags; i++) {
		put16(frame + sizeof(*vnet) + 12 + 4 * i, 0x8100);
		put16(frame + sizeof(*vnet) + 14 + 4 * i, 100 + i);
	}
	put16(ip - 2, 0x0800);
	ip[0] = 0x45;
	put16(ip + 2, (unsigned)total);
	put16(ip + 4, 0x1000);
	put16(ip + 6, 0x4000);
	ip[8] = 64;
	ip[9] = 6;
	memcpy(ip + 12, (const uint8_t[]){ 10, 1, 0, 1, 10, 1, 0, 2 }, 8);
	put16(ip + 10, ~plain_sum(ip, 20, 0) & 0xffff);
	put16(tcp, 4000);
	put16(tcp + 2, 5000);
	tcp[7] = 1; /* sequence number 1 */
	tcp[12] = 0x50;
	tcp[13] = 0x19;
	put16(tcp + 14, 0xffff);
	put16(tcp + 16, plain_sum(ip + 12, 8, 6 + 20 + (uint32_t)payload));
	for (size_t i = 0; i < payload; i++)
		tcp[20 + i] = (uint8_t)(i + i / 251);
	return sizeof(*vnet) + 14 + 4 * tags + total;
}

static const struct virtio_net_hdr partial = {
	.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
	.csum_start = 34,
	.csum_offset = 16,
};

static const struct virtio_net_hdr gso = {
	.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
	.gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
	.gso_size = 1000,
	.hdr_len = 54,
	.csum_start = 34,
	.csum_offset = 16,
};

static void an_unfilled_checksum_leaves_filled(void)
{
	uint8_t frame[2048], got[2048];
	struct weir_pkt pkts[8];
	struct way way;
	size_t len;
	unsigned n;

	way_up(&way, 0);
	len = tcp_make(frame, 777, 0, &partial);
	CU_ASSERT(plain_send(way.in, frame, len));
	n = receive_one(way.from, pkts, 8);
	CU_ASSERT_EQUAL_FATAL(n, 1);
	CU_ASSERT_EQUAL(pkts[0].flags, WEIR_PKT_IPV4 | WEIR_PKT_TCP | WEIR_PKT_TX_L4);
	CU_ASSERT_EQUAL(weir_txo_l2(pkts[0].txo), 14);
	CU_ASSERT_EQUAL(weir_txo_l3(pkts[0].txo), 20);
	forward(&way, pkts, n);
	CU_ASSERT_EQUAL(plain_receive(way.out, got, sizeof(got), 1000), len - 10);
	CU_ASSERT(ipv4_is_right(got, len - 10, 14));
	memset(frame + 10 + 50, 0, 2); /* but for the checksum, it is what it was */
	memset(got + 50, 0, 2);
	CU_ASSERT_EQUAL(memcmp(frame + 10, got, len - 10), 0);
	way_down(&way);
}

static void a_tag_moves_where_the_checksum_starts(void)
{
	struct virtio_net_hdr shifted = partial;
	uint8_t frame[2048], got[2048];
	struct weir_pkt pkts[8];
	struct way way;
	size_t len;

	/* The first tag comes apart, and is put back into the data by the port; then it is left apart. */
	for (uint32_t offloads = 0; offloads <= WEIR_OFFLOAD_RX_VLAN; offloads += WEIR_OFFLOAD_RX_VLAN) {
		way_up(&way, offloads);
		for (unsigned tags = 1; tags <= 2; tags++) {
			unsigned n;

			shifted.csum_start = (uint16_t)(34 + 4 * tags);
			len = tcp_make(frame, 321, tags, &shifted);
			CU_ASSERT(plain_send(way.in, frame, len));
			n = receive_one(way.from, pkts, 8);
			CU_ASSERT_EQUAL_FATAL(n, 1);
			CU_ASSERT_EQUAL(weir_txo_l2(pkts[0].txo), 14 + 4 * tags - (offloads ? 4 : 0));
			forward(&way, pkts, n);
			CU_ASSERT_EQUAL(plain_receive(way.out, got, sizeof(got), 1000), len - 10);
			CU_ASSERT_EQUAL(got[12] << 8 | got[13], 0x8100);
			CU_ASSERT_EQUAL(got[14] << 8 | got[15], 100);
			CU_ASSERT(ipv4_is_right(got, len - 10, 14 + 4 * tags));
		}
		way_down(&way);
	}
}

/* A tunnel: the inner packet's checksum is meant, which the flags of a packet cannot say. Here GRE with IPv4 in it. */
static void a_checksum_deep_inside_is_filled_at_once(void)
{
	struct virtio_net_hdr deep = partial;
	uint8_t frame[2048], inner[1024], got[2048];
	struct weir_pkt pkts[8];
	struct way way;
	size_t len = tcp_make(inner, 99, 0, &partial);
	unsigned n;

	way_up(&way, 0);
	deep.csum_start = 14 + 20 + 4 + 20;
	tcp_make(frame, 0, 0, &deep);
	frame[10 + 23] = 47;
	put16(frame + 10 + 34, 0);
	put16(frame + 10 + 36, 0x0800);
	memcpy(frame + 10 + 38, inner + 10 + 14, len - 24);
	len = 10 + 38 + len - 24;
	put16(frame + 10 + 16, (unsigned)(len - 24));
	CU_ASSERT(plain_send(way.in, frame, len));
	n = receive_one(way.from, pkts, 8);
	CU_ASSERT_EQUAL_FATAL(n, 1);
	CU_ASSERT_EQUAL(pkts[0].flags, 0);
	forward(&way, pkts, n);
	CU_ASSERT_EQUAL(plain_receive(way.out, got, sizeof(got), 1000), len - 10);
	CU_ASSERT(ipv4_is_right(got, len - 10, 38));
	way_down(&way);
}

/* A real socket of the kernel sends; what comes out is right, and is the datagram. */
static void datagrams_of_the_local_stack_leave_right(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(0x0a010002) };
	uint8_t text[] = "a datagram of the local stack", got[2048];
	struct weir_pkt pkts[8];
	struct way way;
	unsigned n;
	int udp;

	way_up(&way, WEIR_OFFLOAD_RX_CSUM);
	CU_ASSERT(shell("ip addr add 10.1.0.1/24 dev v1 && ip neigh add 10.1.0.2 lladdr 02:00:00:00:00:02 dev v1"));
	udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	CU_ASSERT_EQUAL(sendto(udp, text, sizeof(text), 0, (struct sockaddr *)&to, sizeof(to)), sizeof(text));
	n = receive_one(way.from, pkts, 8);
	CU_ASSERT_EQUAL_FATAL(n, 1);
	CU_ASSERT_EQUAL(pkts[0].flags, WEIR_PKT_IPV4 | WEIR_PKT_UDP | WEIR_PKT_TX_L4 | WEIR_PKT_L4_GOOD);
	forward(&way, pkts, n);
	CU_ASSERT_EQUAL(plain_receive(way.out, got, sizeof(got), 1000), 42 + sizeof(text));
	CU_ASSERT(ipv4_is_right(got, 42 + sizeof(text), 14));
	CU_ASSERT_EQUAL(memcmp(got + 42, text, sizeof(text)), 0);
	close(udp);
	way_down(&way);
}

/* Whether @got is segment @index of the packet that tcp_make() made, with a payload of @payload bytes at byte @at. */
static bool is_segment(const uint8_t *got, size_t len, size_t l2, unsigned index, size_t at, size_t payload, bool last)
{
	const uint8_t *ip = got + l2, *tcp = ip + 20;
	uint32_t seq = (uint32_t)tcp[4] << 24 | (uint32_t)tcp[5] << 16 | (uint32_t)tcp[6] << 8 | tcp[7];

	if (len != l2 + 40 + payload || !ipv4_is_right(got, len, l2))
		return false;
	if ((ip[4] << 8 | ip[5]) != 0x1000 + (int)index || seq != 1 + at || tcp[13] != (last ? 0x19 : 0x10))
		return false;
	for (size_t i = 0; i < payload; i++)
		if (tcp[20 + i] != (uint8_t)(at + i + (at + i) / 251))
			return false;
	return true;
}

/* 60,500 bytes of payload in segments of 1,000: sixty and a half. */
#define LONG 60500u

static void expect_segments(struct way *way, size_t l2)
{
	uint8_t got[2048];

	for (unsigned i = 0; i <= LONG / 1000; i++) {
		bool last = i == LONG / 1000;
		size_t len = plain_receive(way->out, got, sizeof(got), 1000);

		CU_ASSERT(is_segment(got, len, l2, i, 1000 * (size_t)i, last ? 500 : 1000, last));
	}
	CU_ASSERT_EQUAL(plain_receive(way->out, got, sizeof(got), 10), 0);
}

static void a_long_packet_crosses_whole_when_it_is_wanted(void)
{
	static uint8_t frame[70000];
	struct weir_pkt pkts[64];
	struct weir_port_info info;
	struct way way;
	unsigned n;

	way_up(&way, WEIR_OFFLOAD_LRO);
	weir_port_info(way.from, &info);
	CU_ASSERT_EQUAL(info.rx_entries_max, 33); /* 65,557 bytes by 2,048 */
	CU_ASSERT(plain_send(way.in, frame, tcp_make(frame, LONG, 0, &gso)));
	n = receive_one(way.from, pkts, 64);
	CU_ASSERT_EQUAL_FATAL(n, 30); /* 60,554 bytes by 2,048 */
	CU_ASSERT_EQUAL(weir_pkt_bytes(pkts, n), 54 + LONG);
	CU_ASSERT_EQUAL(pkts[0].flags, WEIR_PKT_IPV4 | WEIR_PKT_TCP | WEIR_PKT_TX_L4 | WEIR_PKT_TX_TSO | WEIR_PKT_MORE);
	CU_ASSERT_EQUAL(weir_txo_mss(pkts[0].txo), 1000);
	CU_ASSERT_EQUAL(weir_txo_l4(pkts[0].txo), 20);
	forward(&way, pkts, n);
	expect_segments(&way, 14);
	way_down(&way);
}

static void a_long_packet_is_cut_when_it_is_not_wanted(void)
{
	static uint8_t frame[70000];
	struct virtio_net_hdr shifted = gso;
	struct weir_port_info info;
	struct weir_pkt pkts[16];
	struct way way;

	way_up(&way, 0);
	weir_port_info(way.from, &info);
	CU_ASSERT_EQUAL(info.rx_entries_max, 1);
	for (unsigned tags = 0; tags < 2; tags++) {
		unsigned got = 0;

		shifted.hdr_len = (uint16_t)(54 + 4 * tags);
		shifted.csum_start = (uint16_t)(34 + 4 * tags);
		CU_ASSERT(plain_send(way.in, frame, tcp_make(frame, LONG, tags, &shifted)));
		while (got <= LONG / 1000) {
			unsigned n = receive_one(way.from, pkts, 16);

			CU_ASSERT_EQUAL_FATAL(n, 1);
			CU_ASSERT(pkts[0].len <= 1058);
			forward(&way, pkts, n);
			got += n;
		}
		expect_segments(&way, 14 + 4 * tags);
	}
	CU_ASSERT(plain_send(way.in, frame, tcp_make(frame, LONG, 0, &gso)));
	CU_ASSERT_EQUAL(receive_one(way.from, pkts, 16), 1); /* the others are left behind when it stops */
	weir_pool_free(way.net.cache, pkts, 1);
	way_down(&way);
}

/* The pool has no room for all the segments: the packet waits. */
static void a_long_packet_waits_for_buffers(void)
{
	static uint8_t frame[70000];
	struct weir_pkt hold[4096], pkts[16];
	unsigned held = 0, got = 0;
	struct way way;

	way_up(&way, 0);
	held = weir_pool_alloc(way.net.cache, hold, 4096 - 64); /* 30 and 61 are wanted */
	CU_ASSERT(plain_send(way.in, frame, tcp_make(frame, LONG, 0, &gso)));
	settle();
	CU_ASSERT_EQUAL(weir_rx(weir_port_rxq(way.from, 0), pkts, 16), 0);
	weir_pool_free(way.net.cache, hold, held);
	weir_pool_cache_flush(way.net.cache);
	while (got <= LONG / 1000) {
		unsigned n = receive_one(way.from, pkts, 1);

		CU_ASSERT_EQUAL_FATAL(n, 1);
		got += n;
		weir_pool_free(way.net.cache, pkts, n);
	}
	way_down(&way);
}

/* What UDP_SEGMENT makes of 5,300 bytes: no port sends it so, so it is cut even when long packets are wanted. */
static void datagrams_put_together_are_cut_in_any_case(void)
{
	const struct virtio_net_hdr udp = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = 5, /* VIRTIO_NET_HDR_GSO_UDP_L4 */
		.gso_size = 1000,
		.hdr_len = 42,
		.csum_start = 34,
		.csum_offset = 6,
	};
	static uint8_t frame[70000];
	uint8_t got[2048];
	struct weir_pkt pkts[64];
	struct way way;
	uint32_t sum;
	unsigned n;

	way_up(&way, WEIR_OFFLOAD_LRO | WEIR_OFFLOAD_RX_META);
	tcp_make(frame, 5300 - 12, 0, &udp); /* a UDP header is shorter by 12 */
	frame[10 + 23] = 17;
	put16(frame + 10 + 38, 5308);
	sum = plain_sum(frame + 10 + 26, 8, 17 + 5308);
	put16(frame + 10 + 40, sum);
	put16(frame + 10 + 24, 0);
	put16(frame + 10 + 24, ~plain_sum(frame + 10 + 14, 20, 0) & 0xffff);
	for (unsigned i = 0; i < 5300; i++)
		frame[10 + 42 + i] = (uint8_t)(i * 3);
	if (!plain_send(way.in, frame, 10 + 42 + 5300)) {
		unit_skip("this kernel does not put datagrams together: it is older than Linux 6.2");
		way_down(&way);
		return;
	}
	n = receive_one(way.from, pkts, 64); /* all at once: the array is long enough */
	CU_ASSERT_EQUAL_FATAL(n, 6);
	CU_ASSERT_PTR_NOT_NULL(weir_pkt_meta(way.net.cache->base, &pkts[5]));
	forward(&way, pkts, n);
	for (unsigned i = 0; i < 6; i++) {
		size_t payload = i < 5 ? 1000 : 300;

		CU_ASSERT_EQUAL(plain_receive(way.out, got, sizeof(got), 1000), 42 + payload);
		CU_ASSERT(ipv4_is_right(got, 42 + payload, 14));
		CU_ASSERT_EQUAL((size_t)(got[38] << 8 | got[39]), 8 + payload);
		CU_ASSERT_EQUAL(memcmp(got + 42, frame + 10 + 42 + (size_t)1000 * i, payload), 0);
	}
	way_down(&way);
}

/* Its checksum starts elsewhere than its headers end: another packet inside is meant. */
static void a_long_packet_of_a_kind_without_flags_is_dropped_and_counted(void)
{
	struct virtio_net_hdr odd = gso;
	struct weir_pkt pkts[64];
	static uint8_t frame[70000];
	struct way way;

	way_up(&way, WEIR_OFFLOAD_LRO);
	odd.csum_start = 38;
	if (plain_send(way.in, frame, tcp_make(frame, 5000, 0, &odd))) {
		uint64_t end = now_ms() + 1000;

		while (!rx_drops(way.from, WEIR_DROP_TOO_LONG) && now_ms() < end)
			CU_ASSERT_EQUAL(weir_rx(weir_port_rxq(way.from, 0), pkts, 64), 0);
		CU_ASSERT_EQUAL(rx_drops(way.from, WEIR_DROP_TOO_LONG), 1);
	}
	way_down(&way);
}

static void what_is_asked_of_a_sender_is_done(void)
{
	uint8_t frame[2048], got[2048];
	struct weir_pkt pkts[8];
	struct way way;
	unsigned n;

	way_up(&way, 0);
	tcp_make(frame, 300, 0, &partial);

	/* The header's checksum too, and a tag; the headers in one buffer, the rest elsewhere. */
	memset(frame + 10 + 24, 0xee, 2);
	n = packet_make(&way.net, frame + 10, 354, 60, pkts);
	pkts[0].flags |= WEIR_PKT_IPV4 | WEIR_PKT_TCP | WEIR_PKT_TX_IP | WEIR_PKT_TX_L4 | WEIR_PKT_VLAN;
	pkts[0].txo = weir_txo(14, 20, 0, 0);
	pkts[0].vlan = 5;
	forward(&way, pkts, n);
	CU_ASSERT_EQUAL(plain_receive(way.out, got, sizeof(got), 1000), 358);
	CU_ASSERT_EQUAL(got[15], 5);
	CU_ASSERT(ipv4_is_right(got, 358, 18));

	/* SCTP: CRC32c, which the kernel has no word for here. 32 zero bytes have the CRC 0x8a9136aa (RFC 3720, B.4). */
	memset(frame + 10 + 34, 0, 32);
	frame[10 + 23] = 132;
	put16(frame + 10 + 16, 52);
	n = packet_make(&way.net, frame + 10, 66, 2048, pkts);
	pkts[0].flags |= WEIR_PKT_IPV4 | WEIR_PKT_SCTP | WEIR_PKT_TX_L4;
	pkts[0].txo = weir_txo(14, 20, 0, 0);
	forward(&way, pkts, n);
	CU_ASSERT_EQUAL(plain_receive(way.out, got, sizeof(got), 1000), 66);
	CU_ASSERT_EQUAL(memcmp(got + 42, (const uint8_t[]){ 0xaa, 0x36, 0x91, 0x8a }, 4), 0);
	way_down(&way);
}

static void what_cannot_be_done_is_dropped_and_counted(void)
{
	static const struct {
		uint16_t flags;
		uint16_t l2, l3, l4, mss;
	} bad[] = {
		{ WEIR_PKT_TX_L4, 14, 20, 0, 0 }, /* of what? */
		{ WEIR_PKT_IPV4 | WEIR_PKT_TCP | WEIR_PKT_TX_L4, 14, 400, 0, 0 },
		{ WEIR_PKT_IPV4 | WEIR_PKT_UDP | WEIR_PKT_TX_TSO, 14, 20, 20, 100 },
		{ WEIR_PKT_IPV4 | WEIR_PKT_TCP | WEIR_PKT_TX_TSO, 14, 20, 20, 0 },
		{ WEIR_PKT_IPV4 | WEIR_PKT_TCP | WEIR_PKT_TX_TSO, 14, 20, 16, 100 },
		{ WEIR_PKT_TCP | WEIR_PKT_TX_TSO, 14, 20, 20, 100 },
		{ WEIR_PKT_IPV4 | WEIR_PKT_TX_IP, 16, 20, 0, 0 },
		{ WEIR_PKT_IPV4 | WEIR_PKT_TX_IP, 14, 508, 0, 0 },
		{ WEIR_PKT_IPV4 | WEIR_PKT_SCTP | WEIR_PKT_TX_L4, 14, 16, 0, 0 },
	};
	uint8_t frame[2048], got[2048];
	struct weir_pkt pkts[16];
	struct way way;
	unsigned n;

	way_up(&way, 0);
	tcp_make(frame, 300, 0, &partial);
	for (unsigned i = 0; i < 9; i++) {
		n = packet_make(&way.net, frame + 10, 354, 2048, pkts);
		pkts[0].flags = bad[i].flags;
		pkts[0].txo = weir_txo(bad[i].l2, bad[i].l3, bad[i].l4, bad[i].mss);
		forward(&way, pkts, n);
		CU_ASSERT_EQUAL(tx_drops(way.to, WEIR_DROP_OFFLOAD), i + 1);
	}
	CU_ASSERT_EQUAL(plain_receive(way.out, got, sizeof(got), 10), 0);
	way_down(&way);
}

static const struct unit_case cases[] = {
	{ "an unfilled checksum leaves filled", an_unfilled_checksum_leaves_filled },
	{ "a tag moves where the checksum starts", a_tag_moves_where_the_checksum_starts },
	{ "a checksum deep inside is filled at once", a_checksum_deep_inside_is_filled_at_once },
	{ "datagrams of the local stack leave right", datagrams_of_the_local_stack_leave_right },
	{ "a long packet crosses whole when it is wanted", a_long_packet_crosses_whole_when_it_is_wanted },
	{ "a long packet is cut when it is not wanted", a_long_packet_is_cut_when_it_is_not_wanted },
	{ "a long packet waits for buffers", a_long_packet_waits_for_buffers },
	{ "datagrams put together are cut in any case", datagrams_put_together_are_cut_in_any_case },
	{ "a long packet of a kind without flags is dropped and counted",
	  a_long_packet_of_a_kind_without_flags_is_dropped_and_counted },
	{ "what is asked of a sender is done", what_is_asked_of_a_sender_is_done },
	{ "what cannot be done is dropped and counted", what_cannot_be_done_is_dropped_and_counted },
	{ NULL, NULL },
};

int main(void)
{
	const char *why_not = hostnet_enter();

	return why_not ? unit_skip(why_not) : unit_run("af_packet offload", cases);
}
