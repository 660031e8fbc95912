/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Receiving from capture files: whole ones of every kind, broken ones, short pools, replay. (test_port_pcap_tx.c: sending.)
 */
#include <poll.h>
#include <sys/stat.h>
#include <time.h>

#include "capture.h"
#include "unit.h"

extern const struct weir_driver pcap_driver;
const struct weir_driver *const weir_drivers[] = { &pcap_driver };
const unsigned weir_driver_count = 1;

struct bench bench;

/* What came out of a port: how many packets, and of the first ones the length, the first byte and the metadata. */
struct got {
	unsigned packets;
	uint64_t bytes;
	unsigned len[8];
	uint8_t first[8];
	struct weir_pkt_meta meta[8];
	bool finished;
	int health;
	char why[256];
	struct weir_queue_stats stats;
};

static void got_packet(struct got *got, const struct weir_pkt *pkts, unsigned n)
{
	uint8_t *base = weir_mem_base(bench.weir);

	if (got->packets < 8) {
		got->len[got->packets] = (unsigned)weir_pkt_bytes(pkts, n);
		got->first[got->packets] = *weir_pkt_data(base, pkts);
		if (pkts->flags & WEIR_PKT_META)
			got->meta[got->packets] = *weir_pkt_meta(base, pkts);
	}
	got->packets++;
	got->bytes += weir_pkt_bytes(pkts, n);
}

/* Polls @port until it is finished (at most @calls times), @burst entries at a time, and frees what it gets. */
static void drain(struct weir_port *port, struct weir_pool *pool, unsigned burst, unsigned calls, struct got *got)
{
	struct weir_rxq *rxq = weir_port_rxq(port, 0);
	struct weir_pkt pkts[256];
	const char *why;

	while (!weir_rxq_finished(rxq) && calls--) {
		unsigned n = weir_rx(rxq, pkts, burst);

		for (unsigned i = 0; i < n; i += weir_pkt_entries(pkts + i, n - i))
			got_packet(got, pkts + i, weir_pkt_entries(pkts + i, n - i));
		pkts_free(pool, pkts, n);
	}
	got->finished = weir_rxq_finished(rxq);
	got->health = weir_port_health(port, &why);
	snprintf(got->why, sizeof(got->why), "%s", why);
	weir_rxq_stats(rxq, &got->stats);
}

/* Opens @spec, reads all there is, closes it, and sees that no buffer is lost. */
static struct got read_all(const char *spec)
{
	struct weir_port *port = port_up(spec, bench.pool, WEIR_OFFLOAD_RX_META);
	struct got got = { 0 };

	CU_ASSERT_PTR_NOT_NULL_FATAL(port);
	drain(port, bench.pool, 256, 1000, &got);
	CU_ASSERT_EQUAL(weir_port_close(port), 0);
	CU_ASSERT_EQUAL(pool_in_use(bench.pool), 0);
	CU_ASSERT_EQUAL(got.stats.packets, got.packets);
	CU_ASSERT_EQUAL(got.stats.bytes, got.bytes);
	return got;
}

/* Sixty bytes of 0x11 after one second and 5 fractions, 61 of 0x22 after 2 seconds and 6, 62 of 0x33 after 3 and 7. */
static void three_packets(struct capture *c, uint32_t magic, bool big_endian)
{
	*c = (struct capture){ .big_endian = big_endian };
	put_head(c, magic, 65535, ETHERNET);
	put_record(c, 1, 5, 60, 60, 0x11);
	put_record(c, 2, 6, 61, 61, 0x22);
	put_record(c, 3, 7, 62, 62, 0x33);
}

static void check_three(uint32_t magic, bool big_endian, uint64_t fraction_ns)
{
	struct capture c;
	struct got got;

	three_packets(&c, magic, big_endian);
	file_write("in", c.bytes, c.len);
	got = read_all(rx_spec("in", ""));
	CU_ASSERT_TRUE(got.finished);
	CU_ASSERT_EQUAL(got.health, 0);
	CU_ASSERT_EQUAL(got.packets, 3);
	CU_ASSERT_EQUAL(got.bytes, 183);
	CU_ASSERT_EQUAL(got.len[0], 60);
	CU_ASSERT_EQUAL(got.len[2], 62);
	CU_ASSERT_EQUAL(got.first[1], 0x22);
	CU_ASSERT_EQUAL(got.meta[0].time_ns, 1000000000u + 5 * fraction_ns);
	CU_ASSERT_EQUAL(got.meta[2].time_ns, UINT64_C(3000000000) + 7 * fraction_ns);
	CU_ASSERT_EQUAL(got.meta[0].orig_len, 0);
}

static void both_byte_orders_and_resolutions_are_read(void)
{
	check_three(0xa1b2c3d4, false, 1000);
	check_three(0xa1b2c3d4, true, 1000);
	check_three(0xa1b23c4d, false, 1);
	check_three(0xa1b23c4d, true, 1);
}

static void pcapng_is_read(void)
{
	struct capture c = { .len = 0 };
	struct got got;

	put32(&c, 0x0a0d0d0a); /* section header: length 28, byte order, version 1.0, section length unknown */
	put32(&c, 28);
	put32(&c, 0x1a2b3c4d);
	put16(&c, 1);
	put16(&c, 0);
	put32(&c, NONE);
	put32(&c, NONE);
	put32(&c, 28);
	put32(&c, 1); /* interface: length 20, Ethernet, snap length 65535, microseconds */
	put32(&c, 20);
	put16(&c, ETHERNET);
	put16(&c, 0);
	put32(&c, 65535);
	put32(&c, 20);
	put32(&c,
	      6); /* enhanced packet: length 32 + 16, interface 0, time 7 microseconds, 14 of 99 bytes, padded to 16 */
	put32(&c, 48);
	put32(&c, 0);
	put32(&c, 0);
	put32(&c, 7);
	put32(&c, 14);
	put32(&c, 99);
	memset(c.bytes + c.len, 0x77, 16);
	c.len += 16;
	put32(&c, 48);
	file_write("in", c.bytes, c.len);

	got = read_all(rx_spec("in", ""));
	CU_ASSERT_EQUAL(got.health, 0);
	CU_ASSERT_EQUAL(got.packets, 1);
	CU_ASSERT_EQUAL(got.len[0], 14);
	CU_ASSERT_EQUAL(got.first[0], 0x77);
	CU_ASSERT_EQUAL(got.meta[0].time_ns, 7000);
	CU_ASSERT_EQUAL(got.meta[0].orig_len, 99);
}

static void snap_cut_packets_come_as_captured_and_are_counted(void)
{
	struct capture c = { .len = 0 };
	struct weir_port *port;
	struct got got = { 0 };
	const char *name;
	uint64_t value;

	put_head(&c, 0xa1b2c3d4, 64, ETHERNET);
	put_record(&c, 1, 0, 64, 1514, 0x11);
	put_record(&c, 2, 0, 60, 60, 0x22);
	file_write("in", c.bytes, c.len);
	port = port_up(rx_spec("in", ""), bench.pool, WEIR_OFFLOAD_RX_META);
	CU_ASSERT_PTR_NOT_NULL_FATAL(port);
	drain(port, bench.pool, 256, 10, &got);
	CU_ASSERT_EQUAL(got.packets, 2);
	CU_ASSERT_EQUAL(got.len[0], 64);
	CU_ASSERT_EQUAL(got.meta[0].orig_len, 1514);
	CU_ASSERT_EQUAL(got.meta[1].orig_len, 0);
	CU_ASSERT_EQUAL(got.health, 0);
	CU_ASSERT_EQUAL(weir_port_counter(port, 0, &name, &value), 0);
	CU_ASSERT_STRING_EQUAL(name, "truncated_in_capture");
	CU_ASSERT_EQUAL(value, 1);
	CU_ASSERT_EQUAL(weir_port_counter(port, 1, &name, &value), -ENOENT);
	weir_port_close(port);
}

/* --- what is wrong with a file --------------------------------------------------------------------------------------- */

/* The records of three_packets() end at bytes 24 + 76, + 77, + 78. */
static void file_cut_anywhere_gives_what_is_whole_and_says_so(void)
{
	struct capture c;

	three_packets(&c, 0xa1b2c3d4, false);
	CU_ASSERT_EQUAL_FATAL(c.len, 255);
	for (size_t cut = 0; cut <= c.len; cut++) {
		unsigned whole = (cut >= 100) + (cut >= 177) + (cut >= 255);
		struct got got;

		file_write("in", c.bytes, cut);
		if (cut < 24) {
			CU_ASSERT_PTR_NULL(port_up(rx_spec("in", ""), bench.pool, 0));
			CU_ASSERT_TRUE(error_says(cut ? "is not a pcap or pcapng file" : "is empty"));
			continue;
		}
		got = read_all(rx_spec("in", ""));
		CU_ASSERT_TRUE(got.finished);
		CU_ASSERT_EQUAL(got.packets, whole);
		if (cut == 24 || cut == 100 || cut == 177 || cut == 255) {
			CU_ASSERT_EQUAL(got.health, 0);
		} else {
			CU_ASSERT_EQUAL(got.health, -EIO);
			CU_ASSERT_PTR_NOT_NULL(strstr(got.why, whole == 0   ? "record 1 "
			                                       : whole == 1 ? "record 2 "
			                                                    : "record 3 "));
		}
	}
}

/* A second record that says what it must not; a third that would be right. */
static void check_liar(uint32_t snaplen, uint32_t says, uint32_t has)
{
	struct capture c = { .len = 0 };
	struct got got;
	size_t lie;

	put_head(&c, 0xa1b2c3d4, snaplen, ETHERNET);
	put_record(&c, 1, 0, 60, 60, 0x11);
	lie = c.len + 8;
	put_record(&c, 2, 0, has, has, 0x22);
	for (unsigned i = 0; i < 4; i++)
		c.bytes[lie + i] = (uint8_t)(says >> 8 * i);
	put_record(&c, 3, 0, 60, 60, 0x33);
	file_write("in", c.bytes, c.len);
	got = read_all(rx_spec("in", ""));
	CU_ASSERT_TRUE(got.finished);
	CU_ASSERT_EQUAL(got.packets, 1);
	CU_ASSERT_EQUAL(got.health, -EIO);
	CU_ASSERT_PTR_NOT_NULL(strstr(got.why, "record 2 "));
}

static void lying_length_ends_the_file_after_what_was_right(void)
{
	check_liar(65535, 0xffffffff, 60);
	check_liar(65535, 0x7fffffff, 60);
	check_liar(65535, 262145, 60);
	check_liar(262144, 262144, 60);
}

/* As in captures that are about in the world. */
static void record_longer_than_the_snap_length_comes_whole(void)
{
	struct capture c = { .len = 0 };
	struct got got;

	for (unsigned big_endian = 0; big_endian < 2; big_endian++) {
		c = (struct capture){ .big_endian = big_endian };
		put_head(&c, 0xa1b2c3d4, 64, ETHERNET);
		put_record(&c, 1, 0, 60, 60, 0x11);
		put_record(&c, 2, 0, 100, 100, 0x22);
		put_record(&c, 3, 0, 60, 60, 0x33);
		file_write("in", c.bytes, c.len);
		got = read_all(rx_spec("in", ""));
		CU_ASSERT_EQUAL(got.packets, 3);
		CU_ASSERT_EQUAL(got.len[1], 100);
		CU_ASSERT_EQUAL(got.first[2], 0x33);
		CU_ASSERT_EQUAL(got.health, 0);
	}
}

static void record_without_bytes_is_left_out_and_counted(void)
{
	struct capture c = { .len = 0 };
	struct got got;

	put_head(&c, 0xa1b2c3d4, 65535, ETHERNET);
	put_record(&c, 1, 0, 60, 60, 0x11);
	put_record(&c, 2, 0, 0, 60, 0);
	put_record(&c, 3, 0, 60, 60, 0x33);
	file_write("in", c.bytes, c.len);
	got = read_all(rx_spec("in", ""));
	CU_ASSERT_EQUAL(got.packets, 2);
	CU_ASSERT_EQUAL(got.first[1], 0x33);
	CU_ASSERT_EQUAL(got.stats.drops[WEIR_DROP_TOO_SHORT], 1);
	CU_ASSERT_EQUAL(got.health, -EBADMSG);
	CU_ASSERT_PTR_NOT_NULL(strstr(got.why, "record 2 holds no bytes"));
}

static void other_link_type_is_refused_by_name(void)
{
	struct capture c = { .len = 0 };

	put_head(&c, 0xa1b2c3d4, 65535, 127);
	file_write("in", c.bytes, c.len);
	CU_ASSERT_PTR_NULL(port_up(rx_spec("in", ""), bench.pool, 0));
	CU_ASSERT_TRUE(error_says("IEEE802_11_RADIO (127), not Ethernet"));
}

static void unusable_spec_gets_a_sentence(void)
{
	static const struct {
		const char *spec, *words;
	} cases[] = {
		{ "pcap:", "neither rx=FILE nor tx=FILE" },
		{ "pcap:rx=/nonexistent/in", "/nonexistent/in cannot be read: No such file" },
		{ "pcap:tx=/nonexistent/out", "/nonexistent/out cannot be written: No such file" },
		{ "pcap:rx=/", "Is a directory" },
		{ "pcap:tx=/", "Is a directory" },
		{ "pcap:rx=/dev/null", "is not a pcap or pcapng file" },
		{ "pcap:rx=/dev/null,replay=quickly", "not 'quickly'" },
		{ "pcap:rx=/dev/null,replay=0", "not '0'" },
		{ "pcap:rx=/dev/null,replay=-1", "not '-1'" },
		{ "pcap:rx=/dev/null,loop=many", "'many'" },
		{ "pcap:tx=/dev/null,loop=2", "loop are for reading" },
		{ "pcap:tx=/dev/null,snaplen=0", "snaplen" },
	};
	struct capture c;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CU_ASSERT_PTR_NULL(port_up(cases[i].spec, bench.pool, 0));
		CU_ASSERT_TRUE(error_says(cases[i].words));
	}
	memset(&c, 'x', sizeof(c));
	file_write("in", c.bytes, sizeof(c.bytes));
	CU_ASSERT_PTR_NULL(port_up(rx_spec("in", ""), bench.pool, 0));
	CU_ASSERT_TRUE(error_says("is not a pcap or pcapng file that can be read"));
}

/* --- buffers --------------------------------------------------------------------------------------------------------- */

/* One record of @len bytes, which count up from 0 by 1 (mod 251). */
static void write_long(const char *name, uint32_t len)
{
	struct capture c = { .len = 0 };
	uint8_t *bytes = malloc(len + 64);

	put_head(&c, 0xa1b2c3d4, 262144, ETHERNET);
	put32(&c, 1);
	put32(&c, 0);
	put32(&c, len);
	put32(&c, len);
	CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
	memcpy(bytes, c.bytes, c.len);
	for (uint32_t i = 0; i < len; i++)
		bytes[c.len + i] = (uint8_t)(i % 251);
	file_write(name, bytes, c.len + len);
	free(bytes);
}

static void long_packet_is_a_chain_of_whole_buffers(void)
{
	uint8_t *base = weir_mem_base(bench.weir);
	struct weir_pkt pkts[128];
	struct weir_port_info info;
	struct weir_port *port;
	unsigned at = 0, wrong = 0;

	write_long("in", 80066);
	port = port_up(rx_spec("in", ""), bench.pool, 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(port);
	weir_port_info(port, &info);
	CU_ASSERT_EQUAL(info.rx_entries_max, 128); /* 262144 / 2048 */
	CU_ASSERT_EQUAL(weir_rx(weir_port_rxq(port, 0), pkts, 39), 0);
	CU_ASSERT_FALSE(weir_rxq_finished(weir_port_rxq(port, 0)));
	CU_ASSERT_EQUAL_FATAL(weir_rx(weir_port_rxq(port, 0), pkts, 128), 40); /* 39 times 2048 and 194 */
	CU_ASSERT_EQUAL(weir_pkt_entries(pkts, 128), 40);
	CU_ASSERT_EQUAL(pkts[38].len, 2048);
	CU_ASSERT_EQUAL(pkts[39].len, 194);
	for (unsigned i = 0; i < 40; i++)
		for (unsigned j = 0; j < pkts[i].len; j++)
			wrong += weir_pkt_data(base, &pkts[i])[j] != at++ % 251;
	CU_ASSERT_EQUAL(at, 80066);
	CU_ASSERT_EQUAL(wrong, 0);
	pkts_free(bench.pool, pkts, 40);
	weir_port_close(port);
}

static void packet_longer_than_the_pool_is_dropped_and_counted(void)
{
	struct weir_pool *pool = pool_make(4, 2048);
	struct weir_port *port;
	struct got got = { 0 };

	write_long("in", 4 * 2048 + 1);
	port = port_up(rx_spec("in", ""), pool, 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(port);
	drain(port, pool, 256, 10, &got);
	CU_ASSERT_TRUE(got.finished);
	CU_ASSERT_EQUAL(got.packets, 0);
	CU_ASSERT_EQUAL(got.stats.drops[WEIR_DROP_TOO_LONG], 1);
	CU_ASSERT_EQUAL(got.health, -EMSGSIZE);
	CU_ASSERT_PTR_NOT_NULL(strstr(got.why, "of 8193 bytes was dropped: it takes 5 buffers, and the pool has 4"));
	weir_port_close(port);

	write_long("in", 4 * 2048);
	got = (struct got){ 0 };
	port = port_up(rx_spec("in", ""), pool, 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(port);
	drain(port, pool, 256, 10, &got);
	CU_ASSERT_EQUAL(got.packets, 1);
	CU_ASSERT_EQUAL(got.len[0], 4 * 2048);
	weir_port_close(port);
	CU_ASSERT_EQUAL(weir_pool_destroy(pool), 0);
}

static void empty_pool_loses_nothing(void)
{
	struct weir_pool *pool = pool_make(2, 2048);
	struct weir_queue_stats stats;
	struct weir_port *port;
	struct weir_pkt pkts[8];
	struct weir_rxq *rxq;
	struct capture c;

	three_packets(&c, 0xa1b2c3d4, false);
	file_write("in", c.bytes, c.len);
	port = port_up(rx_spec("in", ""), pool, 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(port);
	rxq = weir_port_rxq(port, 0);
	CU_ASSERT_EQUAL_FATAL(weir_rx(rxq, pkts, 8), 2);
	CU_ASSERT_EQUAL(weir_rx(rxq, pkts + 2, 6), 0);
	CU_ASSERT_EQUAL(weir_rx(rxq, pkts + 2, 6), 0);
	CU_ASSERT_FALSE(weir_rxq_finished(rxq));
	pkts_free(pool, pkts, 1);
	CU_ASSERT_EQUAL_FATAL(weir_rx(rxq, pkts, 8), 1);
	CU_ASSERT_EQUAL(*weir_pkt_data(weir_mem_base(bench.weir), pkts), 0x33);
	pkts_free(pool, pkts, 2);
	CU_ASSERT_EQUAL(weir_rx(rxq, pkts, 8), 0);
	CU_ASSERT_TRUE(weir_rxq_finished(rxq));
	weir_rxq_stats(rxq, &stats);
	CU_ASSERT_EQUAL(stats.packets, 3);
	for (unsigned i = 0; i < WEIR_DROP_COUNT; i++)
		CU_ASSERT_EQUAL(stats.drops[i], 0);
	weir_port_close(port);
	CU_ASSERT_EQUAL(weir_pool_destroy(pool), 0);
}

/* --- again, and in time ---------------------------------------------------------------------------------------------- */

static void loop_reads_so_many_times(void)
{
	struct capture c;
	struct weir_port_info info;
	struct weir_port *port;
	struct got got = { 0 };

	three_packets(&c, 0xa1b2c3d4, false);
	file_write("in", c.bytes, c.len);
	got = read_all(rx_spec("in", ",loop=5"));
	CU_ASSERT_EQUAL(got.packets, 15);
	CU_ASSERT_EQUAL(got.bytes, 5 * 183);

	got = (struct got){ 0 };
	port = port_up(rx_spec("in", ",loop=0"), bench.pool, 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(port);
	weir_port_info(port, &info);
	CU_ASSERT_FALSE(info.finite);
	drain(port, bench.pool, 32, 100, &got);
	CU_ASSERT_EQUAL(got.packets, 3200);
	CU_ASSERT_FALSE(got.finished);
	weir_port_close(port);
}

static void loop_over_nothing_ends(void)
{
	struct capture c = { .len = 0 };
	struct got got;

	put_head(&c, 0xa1b2c3d4, 65535, ETHERNET);
	file_write("in", c.bytes, c.len);
	got = read_all(rx_spec("in", ",loop=0"));
	CU_ASSERT_TRUE(got.finished);
	CU_ASSERT_EQUAL(got.health, 0);

	put_record(&c, 1, 0, 0, 60, 0);
	file_write("in", c.bytes, c.len);
	got = read_all(rx_spec("in", ",loop=0"));
	CU_ASSERT_TRUE(got.finished);
	CU_ASSERT_EQUAL(got.stats.drops[WEIR_DROP_TOO_SHORT], 1);
}

static void stopped_port_goes_on_where_it_was(void)
{
	struct weir_pkt pkts[8];
	struct weir_port *port;
	struct capture c;
	struct got got = { 0 };

	three_packets(&c, 0xa1b2c3d4, false);
	file_write("in", c.bytes, c.len);
	port = port_up(rx_spec("in", ""), bench.pool, 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(port);
	CU_ASSERT_EQUAL(weir_rx(weir_port_rxq(port, 0), pkts, 1), 1);
	pkts_free(bench.pool, pkts, 1);
	CU_ASSERT_EQUAL(weir_port_stop(port), 0);
	CU_ASSERT_EQUAL(weir_rx(weir_port_rxq(port, 0), pkts, 8), 0);
	CU_ASSERT_EQUAL(weir_port_start(port), 0);
	drain(port, bench.pool, 8, 10, &got);
	CU_ASSERT_EQUAL(got.packets, 2);
	CU_ASSERT_EQUAL(got.first[0], 0x22);
	CU_ASSERT_EQUAL(weir_port_stop(port), 0);
	CU_ASSERT_EQUAL(weir_port_start(port), 0);
	CU_ASSERT_TRUE(weir_rxq_finished(weir_port_rxq(port, 0)));
	weir_port_close(port);
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Packets at 0, 40 and 20 ms (the clock went back), and 100 ms. */
static void write_timed(const char *name)
{
	struct capture c = { .len = 0 };

	put_head(&c, 0xa1b2c3d4, 65535, ETHERNET);
	put_record(&c, 1000, 0, 60, 60, 0x11);
	put_record(&c, 1000, 40000, 60, 60, 0x22);
	put_record(&c, 1000, 20000, 60, 60, 0x33);
	put_record(&c, 1000, 100000, 60, 60, 0x44);
	file_write(name, c.bytes, c.len);
}

static void replay_keeps_gaps_and_order(void)
{
	static const double not_before[] = { 0, 0.040, 0.040, 0.100, 0.100, 0.140, 0.140, 0.200 };
	static const uint8_t first[] = { 0x11, 0x22, 0x33, 0x44, 0x11, 0x22, 0x33, 0x44 };
	struct weir_port *port;
	struct weir_pkt pkts[8];
	struct weir_rxq *rxq;
	unsigned packets = 0;
	double start;

	write_timed("in");
	port = port_up(rx_spec("in", ",replay=recorded,loop=2"), bench.pool, 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(port);
	rxq = weir_port_rxq(port, 0);
	start = now_s();
	while (!weir_rxq_finished(rxq) && now_s() < start + 10) {
		unsigned n = weir_rx(rxq, pkts, 8);

		for (unsigned i = 0; i < n && packets < 8; i++, packets++) {
			CU_ASSERT_EQUAL(*weir_pkt_data(weir_mem_base(bench.weir), &pkts[i]), first[packets]);
			CU_ASSERT_TRUE(now_s() - start >= not_before[packets]);
		}
		pkts_free(bench.pool, pkts, n);
	}
	CU_ASSERT_TRUE(weir_rxq_finished(rxq));
	CU_ASSERT_EQUAL(packets, 8);
	weir_port_close(port);
}

static void replay_wakes_up_who_waits(void)
{
	struct weir_port *port;
	struct weir_port_info info;
	struct weir_pkt pkts[8];
	struct weir_rxq *rxq;
	struct pollfd fd = { .events = POLLIN };
	double start;

	write_timed("in");
	port = port_up(rx_spec("in", ",replay=0.5"), bench.pool, 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(port);
	weir_port_info(port, &info);
	CU_ASSERT_TRUE(info.can_wait);
	rxq = weir_port_rxq(port, 0);
	fd.fd = weir_rxq_fd(rxq);
	CU_ASSERT_TRUE(fd.fd >= 0);
	start = now_s();
	CU_ASSERT_EQUAL(weir_rxq_arm(rxq), 1);
	CU_ASSERT_EQUAL(weir_rx(rxq, pkts, 8), 1);
	pkts_free(bench.pool, pkts, 1);
	CU_ASSERT_EQUAL(weir_rx(rxq, pkts, 8), 0);
	CU_ASSERT_EQUAL(weir_rxq_arm(rxq), 0);
	CU_ASSERT_EQUAL(poll(&fd, 1, 10000), 1);
	CU_ASSERT_TRUE(now_s() - start >= 0.080);
	CU_ASSERT_EQUAL(weir_rx(rxq, pkts, 8), 2); /* the one that was waited for, and the one whose time is past */
	pkts_free(bench.pool, pkts, 2);
	CU_ASSERT_EQUAL(weir_rxq_arm(rxq), 0);
	CU_ASSERT_EQUAL(poll(&fd, 1, 10000), 1);
	CU_ASSERT_EQUAL(weir_rx(rxq, pkts, 8), 1);
	pkts_free(bench.pool, pkts, 1);
	CU_ASSERT_EQUAL(weir_rxq_arm(rxq), 1); /* nothing will come: do not wait */
	CU_ASSERT_TRUE(weir_rxq_finished(rxq));
	weir_port_close(port);

	port = port_up(rx_spec("in", ""), bench.pool, 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(port);
	CU_ASSERT_EQUAL(weir_rxq_fd(weir_port_rxq(port, 0)), -ENOTSUP);
	CU_ASSERT_EQUAL(weir_rxq_arm(weir_port_rxq(port, 0)), -ENOTSUP);
	weir_port_close(port);
}

static void pipe_is_read_once(void)
{
	struct capture c;
	struct got got;
	char spec[64];
	int ends[2];

	three_packets(&c, 0xa1b2c3d4, false);
	CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
	CU_ASSERT_EQUAL(write(ends[1], c.bytes, c.len - 1), (ssize_t)c.len - 1);
	close(ends[1]);
	snprintf(spec, sizeof(spec), "pcap:rx=/proc/self/fd/%d", ends[0]);
	got = read_all(spec);
	CU_ASSERT_EQUAL(got.packets, 2);
	CU_ASSERT_EQUAL(got.health, -EIO);
	close(ends[0]);

	CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
	CU_ASSERT_EQUAL(write(ends[1], c.bytes, c.len), (ssize_t)c.len);
	close(ends[1]);
	snprintf(spec, sizeof(spec), "pcap:rx=/proc/self/fd/%d,loop=2", ends[0]);
	CU_ASSERT_PTR_NULL(port_up(spec, bench.pool, 0));
	CU_ASSERT_TRUE(error_says("can be read only once"));
	close(ends[0]);
}

static const struct unit_case cases[] = {
	{ "both byte orders and resolutions are read", both_byte_orders_and_resolutions_are_read },
	{ "pcapng is read", pcapng_is_read },
	{ "snap-cut packets come as captured and are counted", snap_cut_packets_come_as_captured_and_are_counted },
	{ "a file cut anywhere gives what is whole and says so", file_cut_anywhere_gives_what_is_whole_and_says_so },
	{ "a lying length ends the file after what was right", lying_length_ends_the_file_after_what_was_right },
	{ "a record longer than the snap length comes whole", record_longer_than_the_snap_length_comes_whole },
	{ "a record without bytes is left out and counted", record_without_bytes_is_left_out_and_counted },
	{ "another link type is refused by name", other_link_type_is_refused_by_name },
	{ "an unusable spec gets a sentence", unusable_spec_gets_a_sentence },
	{ "a long packet is a chain of whole buffers", long_packet_is_a_chain_of_whole_buffers },
	{ "a packet longer than the pool is dropped and counted", packet_longer_than_the_pool_is_dropped_and_counted },
	{ "an empty pool loses nothing", empty_pool_loses_nothing },
	{ "loop reads so many times", loop_reads_so_many_times },
	{ "a loop over nothing ends", loop_over_nothing_ends },
	{ "a stopped port goes on where it was", stopped_port_goes_on_where_it_was },
	{ "replay keeps gaps and order", replay_keeps_gaps_and_order },
	{ "replay wakes up who waits", replay_wakes_up_who_waits },
	{ "a pipe is read once", pipe_is_read_once },
	{ NULL, NULL },
};

int main(void)
{
	int failed;

	if (bench_open())
		return unit_skip("no memory, or no place for files");
	failed = unit_run("pcap, receiving", cases);
	bench_close();
	return failed;
}
