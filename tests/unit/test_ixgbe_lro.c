/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Coalescing in the ixgbe driver, on the models of the 82599 and X540: segments of TCP connections become packets that can be cut
 * again, wherever in the ring their parts are. (What descriptors may lie is tested in test_ixgbe_variants.c.)
 */
#include "ixgbe_sim.h"

#include "regs/ixgbe.h"

static const char *card, *card_on_loop; /* specs */

#define HEADERS 54

/* Byte number @at of the stream of all connections. */
static uint8_t stream(uint32_t at)
{
	return (uint8_t)(at * 7 + (at >> 8));
}

/* A segment of @len bytes from number @seq on, to the card. Its length, without padding. */
static unsigned make_segment(uint8_t *frame, unsigned source, uint32_t seq, unsigned len, uint8_t flags)
{
	struct weir_ipv4 *ip = (void *)(frame + 14);
	struct weir_tcp *tcp = (void *)(frame + 34);

	make_udp(frame, source, len);
	weir_store_be16(frame + 16, (uint16_t)(40 + len));
	ip->protocol = WEIR_IP_TCP;
	ip->csum = 0;
	ip->csum = weir_csum_ipv4(ip);
	memset(tcp, 0, sizeof(*tcp));
	weir_store_be16(frame + 34, (uint16_t)source);
	weir_store_be16(frame + 36, 80);
	weir_store_be32(frame + 38, seq);
	weir_store_be32(frame + 42, 1);
	frame[46] = 0x50;
	frame[47] = flags;
	weir_store_be16(frame + 48, 500);
	for (unsigned i = 0; i < len; i++)
		frame[HEADERS + i] = stream(seq + i);
	tcp->csum = weir_sum_csum(weir_sum_add(weir_sum_pseudo4(ip, WEIR_IP_TCP, 20 + len), weir_sum(tcp, 20 + len)));
	return HEADERS + len;
}

static void send_segment(unsigned source, uint32_t seq, unsigned len, uint8_t flags)
{
	uint8_t frame[1514] = { 0 };
	unsigned bytes = make_segment(frame, source, seq, len, flags);

	CU_ASSERT_EQUAL(weir_sim_send(nic, frame, bytes < 60 ? 60 : bytes), 0);
}

#define ACK 0x10
#define PSH 0x18

static void begin_coalescing(unsigned slots, uint32_t more)
{
	struct weir_port_conf conf = { .rx_slots = slots, .offloads = WEIR_OFFLOAD_LRO | more };

	begin_on(card, &conf);
}

/* What arrives, whenever the card has it ready. Returns the entries of the first packet, @got of all. */
static unsigned await(struct weir_pkt *pkts, unsigned n, unsigned *got)
{
	*got = 0;
	for (unsigned i = 0; i < 10000 && !*got; i++) {
		*got = receive(rxq, pkts, n);
		if (!*got)
			usleep(100);
	}
	return weir_pkt_entries(pkts, *got);
}

/* Whether the packet is @headers of that connection and its stream's bytes [seq, seq + len). */
static bool is_stream(const struct weir_pkt *pkts, unsigned n, uint32_t seq, unsigned len)
{
	uint8_t *base = weir_mem_base(weir);
	unsigned at = 0;

	for (unsigned i = 0; i < n; i++) {
		const uint8_t *data = weir_pkt_data(base, &pkts[i]);

		for (unsigned j = i ? 0 : HEADERS; j < pkts[i].len; j++)
			if (data[j] != stream(seq + at++))
				return false;
	}
	return at == len;
}

/* --- what comes together -------------------------------------------------------------------------------------------------------- */

static void segments_in_one_buffer_are_one_packet(void)
{
	struct weir_pkt pkts[32];
	unsigned n, got;

	begin_coalescing(0, WEIR_OFFLOAD_RX_CSUM);
	for (unsigned i = 0; i < 3; i++)
		send_segment(7, 1 + 500 * i, 500, ACK);
	send_segment(7, 1501, 1, PSH);
	n = await(pkts, 32, &got);
	CU_ASSERT_EQUAL_FATAL(got, 2);
	CU_ASSERT_EQUAL_FATAL(n, 1);
	CU_ASSERT_EQUAL(pkts[0].flags,
	                WEIR_PKT_IPV4 | WEIR_PKT_TCP | WEIR_PKT_IP_GOOD | WEIR_PKT_L4_GOOD | WEIR_PKT_TX_TSO);
	CU_ASSERT_EQUAL(pkts[0].txo, weir_txo(14, 20, 20, 500));
	CU_ASSERT(is_stream(pkts, 1, 1, 1500));
	CU_ASSERT(!(pkts[1].flags & WEIR_PKT_TX_TSO)); /* a segment alone */
	CU_ASSERT_EQUAL(pkts[1].len, 60);
	weir_pool_free(cache, pkts, got);
	end();
}

static void a_port_tells_how_many_buffers_a_packet_takes(void)
{
	struct weir_port_info info;

	begin_coalescing(0, 0);
	weir_port_info(port, &info);
	CU_ASSERT_EQUAL(info.rx_entries_max, 16);
	CU_ASSERT_PTR_NOT_NULL(strstr(info.variant, "coalesced"));
	CU_ASSERT(info.offloads & WEIR_OFFLOAD_LRO);
	CU_ASSERT(!(info.offloads & WEIR_OFFLOAD_LRO_EXACT)); /* the card tells how many segments, not how long */
	end();
}

/* Two connections take turns: the parts of each stand between the other's. All comes out, in order, and is sent on. */
static void packets_scattered_over_the_ring_are_put_together(void)
{
	uint32_t sent[2] = { 1, 1 }, received[2] = { 1, 1 }, returned[2] = { 1, 1 };
	struct weir_pkt pkts[64];
	uint8_t taken[1600];
	unsigned got, most = 0, coalesced = 0, wrong = 0;
	int len;

	begin_coalescing(128, WEIR_OFFLOAD_RX_HASH);
	for (unsigned round = 0; round < unit_rounds(200); round++) {
		for (unsigned i = 0; i < 24; i++) {
			unsigned flow = i & 1, bytes = i % 5 ? 1400 : 700;

			send_segment(100 + flow, sent[flow], bytes, i < 22 ? ACK : PSH);
			sent[flow] += bytes;
		}
		while (received[0] != sent[0] || received[1] != sent[1]) {
			await(pkts, 64, &got);
			if (!got)
				break;
			for (unsigned i = 0, n; i < got; i += n) {
				const uint8_t *data = weir_pkt_data(weir_mem_base(weir), &pkts[i]);
				unsigned flow = weir_load_be16(data + 34) - 100u;
				unsigned bytes;

				n = weir_pkt_entries(pkts + i, got - i);
				bytes = (unsigned)weir_pkt_bytes(pkts + i, n) - HEADERS;
				CU_ASSERT_FATAL(n > 0 && flow < 2);
				CU_ASSERT_EQUAL(weir_load_be32(data + 38), received[flow]);
				CU_ASSERT(is_stream(&pkts[i], n, received[flow], bytes));
				received[flow] += bytes;
				most = n > most ? n : most;
				coalesced += !!(pkts[i].flags & WEIR_PKT_TX_TSO);
			}
			CU_ASSERT_EQUAL(weir_tx(txq, pkts, got), got);
			run();
		}
		while ((len = weir_sim_take(nic, taken, sizeof(taken))) > 0) {
			unsigned flow = weir_load_be16(taken + 34) - 100u;

			CU_ASSERT_FATAL(flow < 2 && len <= 1514);
			CU_ASSERT_EQUAL(weir_load_be32(taken + 38), returned[flow]);
			for (unsigned i = 0; i < (unsigned)len - HEADERS; i++)
				wrong += taken[HEADERS + i] != stream(returned[flow] + i);
			returned[flow] += (unsigned)len - HEADERS;
		}
	}
	for (unsigned flow = 0; flow < 2; flow++) {
		CU_ASSERT_EQUAL(received[flow], sent[flow]);
		CU_ASSERT_EQUAL(returned[flow], sent[flow]);
	}
	CU_ASSERT_EQUAL(wrong, 0);
	CU_ASSERT(most > 2);
	CU_ASSERT(coalesced >= 2 * unit_rounds(200));
	CU_ASSERT_EQUAL(rx_drops(WEIR_DROP_DEVICE), 0);
	end();
}

static void a_packet_that_does_not_fit_waits(void)
{
	struct weir_pkt pkts[32];
	unsigned n, got;

	begin_coalescing(0, 0);
	for (unsigned i = 0; i < 5; i++)
		send_segment(7, 1 + 1400 * i, 1400, ACK);
	send_segment(7, 7001, 1, PSH);
	n = await(pkts, 16, &got);
	CU_ASSERT_EQUAL_FATAL(n, 4); /* 7,054 bytes */
	CU_ASSERT(is_stream(pkts, n, 1, 7000));
	weir_pool_free(cache, pkts, got);

	for (unsigned i = 0; i < 5; i++)
		send_segment(7, 7002 + 1400 * i, 1400, ACK);
	send_segment(7, 14002, 1, PSH);
	for (unsigned i = 0; i < 300; i++) {
		CU_ASSERT_EQUAL(receive(rxq, pkts, 3), 0);
		usleep(100);
	}
	n = await(pkts, 16, &got);
	CU_ASSERT_EQUAL_FATAL(n, 4);
	CU_ASSERT(is_stream(pkts, n, 7002, 7000));
	weir_pool_free(cache, pkts, got);
	end();
}

/* What the throttle of a vector ends cannot be without one. */
static void coalescing_keeps_an_interval(void)
{
	begin_coalescing(0, 0);
	CU_ASSERT_EQUAL(weir_rxq_set_interval(rxq, 0), 0);
	CU_ASSERT_EQUAL(weir_sim_peek(nic, IXGBE_EITR) & 0xff8u, 5u << 3);
	end();
}

/* A port stops with packets half put together. */
static void a_port_stops_while_packets_grow(void)
{
	struct weir_pkt pkts[32];
	unsigned got;

	begin_coalescing(64, 0);
	for (unsigned i = 0; i < unit_rounds(100); i++) {
		send_segment(7, 1, 1400, ACK);
		send_segment(8, 1, 1400, ACK);
		send_segment(7, 1401, 1400, ACK);
		run();
		got = weir_rx(rxq, pkts, 32);
		weir_pool_free(cache, pkts, got);
		CU_ASSERT_EQUAL(i & 1 ? weir_port_stop(port) : weir_rxq_stop(rxq), 0);
		weir_pool_cache_flush(cache);
		CU_ASSERT_EQUAL(i & 1 ? weir_port_start(port) : weir_rxq_start(rxq), 0);
	}
	end();
}

/* The card on its own thread; what it sends comes back. */
static void streams_stay_whole_while_the_card_runs_by_itself(void)
{
	struct weir_sim_conf sim_conf = { .fast = true };
	struct weir_port_conf conf = { .promiscuous = true, .offloads = WEIR_OFFLOAD_LRO, .rx_slots = 256 };
	uint32_t sent[4] = { 0 }, received[4] = { 0 }, wanted = 1000 * unit_rounds(2000), wrong = 0, coalesced = 0;
	uint64_t under_way = 0;

	CU_ASSERT_EQUAL_FATAL(weir_sim_create(&sim_conf, &sim), 0);
	weir = open_weir();
	pool = make_pool(weir, 4096, true);
	cache = make_cache(pool, 0);
	conf.pool = pool;
	CU_ASSERT_EQUAL_FATAL(weir_sim_enable(weir, sim), 0);
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, card_on_loop, &conf, &port), 0);
	CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
	nic = weir_sim_nic(sim, 0);
	rxq = weir_port_rxq(port, 0);
	txq = weir_port_txq(port, 0);
	for (unsigned step = 0, idle = 0; idle < 1000000; step++) {
		struct weir_pkt pkts[64];
		unsigned flow = step / 3 % 4, n = 0;
		uint8_t frame[1514];

		/* No more under way than there is room for. */
		if (sent[flow] < wanted && under_way < 100000) {
			struct weir_pkt pkt = make_pkt(frame, make_segment(frame, 100 + flow, sent[flow], 1000, ACK));

			n = weir_tx(txq, &pkt, 1);
			weir_pool_free(cache, &pkt, 1 - n);
			sent[flow] += n * 1000;
			under_way += n * 1000;
		}
		n = weir_rx(rxq, pkts, 64);
		for (unsigned i = 0, entries; i < n; i += entries) {
			const uint8_t *data = weir_pkt_data(weir_mem_base(weir), &pkts[i]);
			unsigned bytes;

			entries = weir_pkt_entries(pkts + i, n - i);
			bytes = (unsigned)weir_pkt_bytes(pkts + i, entries) - HEADERS;
			flow = (weir_load_be16(data + 34) - 100u) % 4;
			wrong += weir_load_be32(data + 38) != received[flow] ||
			         !is_stream(&pkts[i], entries, received[flow], bytes);
			received[flow] += bytes;
			under_way -= bytes;
			coalesced += !!(pkts[i].flags & WEIR_PKT_TX_TSO);
		}
		weir_pool_free(cache, pkts, n);
		if (received[0] + received[1] + received[2] + received[3] == 4 * wanted)
			break;
		idle = n ? 0 : idle + 1;
		if (idle > 100)
			usleep(10);
	}
	for (unsigned flow = 0; flow < 4; flow++)
		CU_ASSERT_EQUAL(received[flow], wanted);
	CU_ASSERT_EQUAL(wrong, 0);
	CU_ASSERT(coalesced > 0);
	end();
}

static const struct unit_case cases[] = {
	{ "segments in one buffer are one packet", segments_in_one_buffer_are_one_packet },
	{ "a port tells how many buffers a packet takes", a_port_tells_how_many_buffers_a_packet_takes },
	{ "packets scattered over the ring are put together", packets_scattered_over_the_ring_are_put_together },
	{ "a packet that does not fit waits", a_packet_that_does_not_fit_waits },
	{ "coalescing keeps an interval", coalescing_keeps_an_interval },
	{ "a port stops while packets grow", a_port_stops_while_packets_grow },
	{ "streams stay whole while the card runs by itself", streams_stay_whole_while_the_card_runs_by_itself },
	{ NULL, NULL },
};

int main(void)
{
	static const char *const cards[] = { "sim:82599,wire=hold", "sim:x540,wire=hold" };
	static const char *const loops[] = { "sim:82599,wire=loop", "sim:x540,wire=loop" };
	int failed = 0;

	for (unsigned i = 0; i < 2; i++) {
		card = cards[i];
		card_on_loop = loops[i];
		printf("%s\n", card);
		failed |= unit_run("ixgbe_lro", cases);
	}
	return failed;
}
