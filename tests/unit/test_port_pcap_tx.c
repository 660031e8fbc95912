/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sending into capture files: what stands in them byte for byte, what a full disk leaves, several queues. The files are
 * read by hand.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include "capture.h"
#include "unit.h"

extern const struct weir_driver pcap_driver;
const struct weir_driver *const weir_drivers[] = { &pcap_driver };
const unsigned weir_driver_count = 1;

struct bench bench;
static uint8_t file[1 << 20]; /* what was read back */

/* A packet of @len bytes of the value @fill in buffers of the pool, at @pkts. Returns its entries. */
static unsigned packet_make(struct weir_pool_cache *cache, struct weir_pkt *pkts, size_t len, uint8_t fill)
{
	unsigned room = weir_pool_room(cache->pool) - WEIR_HEADROOM, n = (unsigned)((len + room - 1) / room);

	n = n ? n : 1;
	CU_ASSERT_EQUAL_FATAL(weir_pool_alloc(cache, pkts, n), n);
	for (unsigned i = 0; i < n; i++) {
		pkts[i].len = (uint16_t)(len < room ? len : room);
		pkts[i].flags = i + 1 < n ? WEIR_PKT_MORE : 0;
		memset(weir_pkt_data(cache->base, &pkts[i]), fill, pkts[i].len);
		len -= pkts[i].len;
	}
	return n;
}

/* Gives @pkt a time of reception and a length on the wire. */
static void packet_meta(struct weir_pool_cache *cache, struct weir_pkt *pkt, uint64_t time_ns, uint32_t orig_len)
{
	pkt->flags |= WEIR_PKT_META;
	*weir_pkt_meta(cache->base, pkt) = (struct weir_pkt_meta){ .time_ns = time_ns, .orig_len = orig_len };
}

static struct weir_pool_cache *cache_make(void)
{
	struct weir_pool_cache *cache;

	CU_ASSERT_EQUAL_FATAL(weir_pool_cache_create(bench.pool, 0, &cache), 0);
	return cache;
}

static struct weir_queue_stats tx_stats(struct weir_port *port)
{
	struct weir_port_stats stats;

	weir_port_stats(port, &stats);
	return stats.tx;
}

static void packets_stand_in_the_file_as_the_format_says(void)
{
	/* Nanoseconds in the magic number; version 2.4; snap length 262144; Ethernet. */
	static const uint8_t head[24] = { 0x4d, 0x3c, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0,
		                          0,    0,    0,    0,    0, 0, 4, 0, 1, 0, 0, 0 };
	/* Second 0x5f5e1000, nanosecond 999999999 = 0x3b9ac9ff, 20 of 1514 = 0x5ea bytes. */
	static const uint8_t record[16] = { 0x00, 0x10, 0x5e, 0x5f, 0xff, 0xc9, 0x9a, 0x3b,
		                            20,   0,    0,    0,    0xea, 0x05, 0,    0 };
	struct weir_pool_cache *cache = cache_make();
	struct weir_port *port = port_up(tx_spec("out", ""), NULL, 0);
	struct weir_pkt pkts[2];

	CU_ASSERT_PTR_NOT_NULL_FATAL(port);
	packet_make(cache, &pkts[0], 20, 0xab);
	packet_meta(cache, &pkts[0], UINT64_C(0x5f5e1000) * 1000000000 + 999999999, 1514);
	packet_make(cache, &pkts[1], 21, 0xcd);
	packet_meta(cache, &pkts[1], 7, 0);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(port, 0), pkts, 2), 2);
	CU_ASSERT_EQUAL(tx_stats(port).packets, 2);
	CU_ASSERT_EQUAL(tx_stats(port).bytes, 41);
	CU_ASSERT_EQUAL(file_read("out", file, sizeof(file)), 24);
	weir_tx(weir_port_txq(port, 0), NULL, 0);
	CU_ASSERT_EQUAL(file_read("out", file, sizeof(file)), 24 + 16 + 20 + 16 + 21);
	CU_ASSERT_EQUAL(memcmp(file, head, sizeof(head)), 0);
	CU_ASSERT_EQUAL(memcmp(file + 24, record, sizeof(record)), 0);
	CU_ASSERT_EQUAL(file[24 + 16], 0xab);
	CU_ASSERT_EQUAL(get32(file + 60), 0);
	CU_ASSERT_EQUAL(get32(file + 64), 7);
	CU_ASSERT_EQUAL(get32(file + 68), 21);
	CU_ASSERT_EQUAL(get32(file + 72), 21);
	CU_ASSERT_EQUAL(file[76 + 20], 0xcd);
	CU_ASSERT_EQUAL(weir_port_close(port), 0);
	weir_pool_cache_destroy(cache);
	CU_ASSERT_EQUAL(pool_in_use(bench.pool), 0);
}

static void packet_without_a_time_gets_the_time_of_sending(void)
{
	struct weir_pool_cache *cache = cache_make();
	struct weir_port *port = port_up(tx_spec("out", ""), bench.pool, 0);
	time_t before = time(NULL);
	struct weir_pkt pkt;

	CU_ASSERT_PTR_NOT_NULL_FATAL(port);
	packet_make(cache, &pkt, 60, 1);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(port, 0), &pkt, 1), 1);
	CU_ASSERT_EQUAL(weir_port_close(port), 0);
	CU_ASSERT_EQUAL(file_read("out", file, sizeof(file)), 24 + 16 + 60);
	CU_ASSERT_TRUE((time_t)get32(file + 24) >= before && (time_t)get32(file + 24) <= time(NULL));
	CU_ASSERT_TRUE(get32(file + 28) < 1000000000);
	weir_pool_cache_destroy(cache);
}

static void chains_are_joined_and_half_a_chain_stays_the_callers(void)
{
	struct weir_pool_cache *cache = cache_make();
	struct weir_port *port = port_up(tx_spec("out", ""), bench.pool, 0);
	struct weir_pkt pkts[64];
	unsigned n, wrong = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(port);
	n = packet_make(cache, pkts, 80066, 0x5a);
	CU_ASSERT_EQUAL(n, 40);
	weir_pkt_data(cache->base, &pkts[39])[193] = 0xa5;
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(port, 0), pkts, 39), 0);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(port, 0), pkts, 40), 40);
	CU_ASSERT_EQUAL(weir_port_close(port), 0);
	CU_ASSERT_EQUAL(file_read("out", file, sizeof(file)), 24 + 16 + 80066);
	CU_ASSERT_EQUAL(get32(file + 32), 80066);
	for (unsigned i = 0; i < 80065; i++)
		wrong += file[40 + i] != 0x5a;
	CU_ASSERT_EQUAL(wrong, 0);
	CU_ASSERT_EQUAL(file[40 + 80065], 0xa5);
	weir_pool_cache_destroy(cache);
	CU_ASSERT_EQUAL(pool_in_use(bench.pool), 0);
}

static void packets_that_no_file_holds_are_counted(void)
{
	struct weir_pool_cache *cache = cache_make();
	struct weir_port *port = port_up(tx_spec("out", ""), bench.pool, 0);
	struct weir_pkt pkts[400];
	unsigned n;

	CU_ASSERT_PTR_NOT_NULL_FATAL(port);
	n = packet_make(cache, pkts, 262145, 1);
	n += packet_make(cache, pkts + n, 0, 1);
	n += packet_make(cache, pkts + n, 262141, 1);
	pkts[n - 128].flags |= WEIR_PKT_VLAN; /* 262145 with its tag */
	n += packet_make(cache, pkts + n, 262144, 2);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(port, 0), pkts, n), 129 + 1 + 128 + 128);
	CU_ASSERT_EQUAL(tx_stats(port).packets, 1);
	CU_ASSERT_EQUAL(tx_stats(port).bytes, 262144);
	CU_ASSERT_EQUAL(tx_stats(port).drops[WEIR_DROP_TOO_LONG], 2);
	CU_ASSERT_EQUAL(tx_stats(port).drops[WEIR_DROP_TOO_SHORT], 1);
	CU_ASSERT_EQUAL(weir_port_close(port), 0);
	CU_ASSERT_EQUAL(file_read("out", file, sizeof(file)), 24 + 16 + 262144);
	CU_ASSERT_EQUAL(file[40], 2);
	weir_pool_cache_destroy(cache);
	CU_ASSERT_EQUAL(pool_in_use(bench.pool), 0);
}

static void snaplen_cuts_what_is_written(void)
{
	struct weir_pool_cache *cache = cache_make();
	struct weir_port *port = port_up(tx_spec("out", ",snaplen=50"), bench.pool, 0);
	struct weir_pkt pkts[2];

	CU_ASSERT_PTR_NOT_NULL_FATAL(port);
	packet_make(cache, &pkts[0], 1000, 1);
	packet_make(cache, &pkts[1], 50, 2);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(port, 0), pkts, 2), 2);
	CU_ASSERT_EQUAL(weir_port_close(port), 0);
	CU_ASSERT_EQUAL(file_read("out", file, sizeof(file)), 24 + 66 + 66);
	CU_ASSERT_EQUAL(get32(file + 16), 50);
	CU_ASSERT_EQUAL(get32(file + 32), 50);
	CU_ASSERT_EQUAL(get32(file + 36), 1000);
	CU_ASSERT_EQUAL(get32(file + 98), 50);
	CU_ASSERT_EQUAL(get32(file + 102), 50);
	weir_pool_cache_destroy(cache);
}

/* --- what flags ask for ---------------------------------------------------------------------------------------------- */

static void vlan_tag_is_put_into_the_frame(void)
{
	struct weir_pool_cache *cache = cache_make();
	struct weir_port *port = port_up(tx_spec("out", ""), bench.pool, 0);
	struct weir_pkt pkts[3];
	unsigned n;

	CU_ASSERT_PTR_NOT_NULL_FATAL(port);
	packet_make(cache, &pkts[0], 60, 0x11);
	packet_meta(cache, &pkts[0], 5, 1500);
	n = 1 + packet_make(cache, &pkts[1], 3000, 0x22);
	for (unsigned i = 0; i < 2; i++) {
		pkts[i].flags |= WEIR_PKT_VLAN;
		pkts[i].vlan = 0xa064;
	}
	CU_ASSERT_EQUAL_FATAL(n, 3);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(port, 0), pkts, n), n);
	CU_ASSERT_EQUAL(tx_stats(port).bytes, 64 + 3004);
	CU_ASSERT_EQUAL(weir_port_close(port), 0);
	CU_ASSERT_EQUAL(file_read("out", file, sizeof(file)), 24 + 16 + 64 + 16 + 3004);
	CU_ASSERT_EQUAL(get32(file + 32), 64);
	CU_ASSERT_EQUAL(get32(file + 36), 1504);
	CU_ASSERT_EQUAL(
	    memcmp(file + 40, "\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x81\x00\xa0\x64\x11\x11", 18), 0);
	CU_ASSERT_EQUAL(
	    memcmp(file + 120, "\x22\x22\x22\x22\x22\x22\x22\x22\x22\x22\x22\x22\x81\x00\xa0\x64\x22\x22", 18), 0);
	CU_ASSERT_EQUAL(file[120 + 3003], 0x22);
	weir_pool_cache_destroy(cache);
}

/*
 * 10.0.0.1:1024 to 10.0.0.2:53, UDP with the payload "ping!" (odd). The IP header's checksum field is 0 and the UDP field
 * holds the pseudo-header's sum: 0a00 + 0001 + 0a00 + 0002 + 0011 + 000d = 1421.
 * By hand: IP 4500 + 0021 + 0000 + 0000 + 4011 + 0a00 + 0001 + 0a00 + 0002 = 9935, checksum 66ca.
 * UDP 1421 + 0400 + 0035 + 000d + 7069 + 6e67 + 2100 = 11833 -> 1834 with the carry, checksum e7cb.
 */
static const uint8_t udp_frame[] = {
	2,    0,   0,   0,    0,   2,  2,    0,    0,  0,  0, 1, 8,  0,                    /* Ethernet */
	0x45, 0,   0,   0x21, 0,   0,  0,    0,    64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, /* IPv4 */
	4,    0,   0,   53,   0,   13, 0x14, 0x21,                                         /* UDP */
	'p',  'i', 'n', 'g',  '!',
};

static void udp_make(struct weir_pool_cache *cache, struct weir_pkt *pkt)
{
	packet_make(cache, pkt, sizeof(udp_frame), 0);
	memcpy(weir_pkt_data(cache->base, pkt), udp_frame, sizeof(udp_frame));
	pkt->flags = WEIR_PKT_IPV4 | WEIR_PKT_UDP | WEIR_PKT_TX_IP | WEIR_PKT_TX_L4;
	pkt->txo = weir_txo(14, 20, 0, 0);
}

static void checksums_are_filled_in_the_file_only(void)
{
	struct weir_pool_cache *cache = cache_make();
	struct weir_port *port = port_up(tx_spec("out", ""), bench.pool, 0);
	struct weir_pkt pkt, mine;

	CU_ASSERT_PTR_NOT_NULL_FATAL(port);
	udp_make(cache, &pkt);
	CU_ASSERT_EQUAL(weir_pkt_clone(cache, &pkt, 1, &mine), 0);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(port, 0), &pkt, 1), 1);
	CU_ASSERT_EQUAL(weir_port_close(port), 0);
	CU_ASSERT_EQUAL(file_read("out", file, sizeof(file)), 24 + 16 + sizeof(udp_frame));
	CU_ASSERT_EQUAL(memcmp(file + 40 + 24, "\x66\xca", 2), 0);
	CU_ASSERT_EQUAL(memcmp(file + 40 + 40, "\xe7\xcb", 2), 0);
	CU_ASSERT_EQUAL(memcmp(file + 40 + 42, "ping!", 5), 0);
	CU_ASSERT_EQUAL(memcmp(weir_pkt_data(cache->base, &mine), udp_frame, sizeof(udp_frame)), 0);
	weir_pool_free(cache, &mine, 1);
	weir_pool_cache_destroy(cache);
	CU_ASSERT_EQUAL(pool_in_use(bench.pool), 0);
}

/*
 * 10.0.0.1:1024 to 10.0.0.2:53, TCP with four bytes that are to be cut in two. By hand: IP as above, 4500 + 002c + 4006 +
 * ... = 9935, checksum 66ca; pseudo-header 1403 + 0006 + 0018 = 1421; TCP 1421 + 0400 + 0035 + 5010 + 2000 + 6162 + 6364 =
 * 14d2c -> 4d2d with the carry, checksum b2d2.
 */
static void packet_to_be_segmented_stays_one(void)
{
	static const uint8_t frame[] = {
		2,    0,   0,   0,    0, 2, 2, 0, 0,  0, 0, 1, 8,    0,                               /* Ethernet */
		0x45, 0,   0,   0x2c, 0, 0, 0, 0, 64, 6, 0, 0, 10,   0,    0,    1, 10,   0,    0, 2, /* IPv4 */
		4,    0,   0,   53,   0, 0, 0, 0, 0,  0, 0, 0, 0x50, 0x10, 0x20, 0, 0x14, 0x21, 0, 0, /* TCP */
		'a',  'b', 'c', 'd',
	};
	struct weir_pool_cache *cache = cache_make();
	struct weir_port *port = port_up(tx_spec("out", ""), bench.pool, 0);
	struct weir_port_info info;
	struct weir_pkt pkt;

	CU_ASSERT_PTR_NOT_NULL_FATAL(port);
	weir_port_info(port, &info);
	CU_ASSERT_TRUE(info.offloads & WEIR_OFFLOAD_TX_TSO);
	packet_make(cache, &pkt, sizeof(frame), 0);
	memcpy(weir_pkt_data(cache->base, &pkt), frame, sizeof(frame));
	pkt.flags = WEIR_PKT_IPV4 | WEIR_PKT_TCP | WEIR_PKT_TX_TSO;
	pkt.txo = weir_txo(14, 20, 20, 2);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(port, 0), &pkt, 1), 1);
	CU_ASSERT_EQUAL(weir_port_close(port), 0);
	CU_ASSERT_EQUAL(file_read("out", file, sizeof(file)), 24 + 16 + sizeof(frame));
	CU_ASSERT_EQUAL(memcmp(file + 40 + 24, "\x66\xca", 2), 0);
	CU_ASSERT_EQUAL(memcmp(file + 40 + 50, "\xb2\xd2", 2), 0);
	weir_pool_cache_destroy(cache);
}

static void flags_that_lie_drop_the_packet_alone(void)
{
	struct weir_pool_cache *cache = cache_make();
	struct weir_port *port = port_up(tx_spec("out", ""), bench.pool, 0);
	struct weir_pkt pkts[3];

	CU_ASSERT_PTR_NOT_NULL_FATAL(port);
	packet_make(cache, &pkts[0], 60, 1);
	udp_make(cache, &pkts[1]);
	pkts[1].txo = weir_txo(14, 60, 0, 0);
	packet_make(cache, &pkts[2], 60, 2);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(port, 0), pkts, 3), 3);
	CU_ASSERT_EQUAL(tx_stats(port).packets, 2);
	CU_ASSERT_EQUAL(tx_stats(port).drops[WEIR_DROP_OFFLOAD], 1);
	CU_ASSERT_EQUAL(weir_port_close(port), 0);
	CU_ASSERT_EQUAL(file_read("out", file, sizeof(file)), 24 + 2 * 76);
	CU_ASSERT_EQUAL(file[40], 1);
	CU_ASSERT_EQUAL(file[24 + 76 + 16], 2);
	weir_pool_cache_destroy(cache);
}

/* --- files that must not or cannot be written ------------------------------------------------------------------------ */

static void nothing_is_written_onto_what_is_read(void)
{
	struct capture c = { .len = 0 };
	struct weir_port *port;
	char spec[300];

	put_head(&c, 0xa1b2c3d4, 65535, ETHERNET);
	put_record(&c, 1, 0, 60, 60, 0x11);
	file_write("in", c.bytes, c.len);
	CU_ASSERT_EQUAL(link(path_of("in"), path_of("other-name")), 0);

	snprintf(spec, sizeof(spec), "pcap:rx=%s,tx=%s", path_of("in"), path_of("other-name"));
	CU_ASSERT_PTR_NULL(port_up(spec, bench.pool, 0));
	CU_ASSERT_TRUE(error_says("in use by another port"));

	port = port_up(rx_spec("in", ""), bench.pool, 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(port);
	CU_ASSERT_PTR_NULL(port_up(tx_spec("in", ""), bench.pool, 0));
	CU_ASSERT_TRUE(error_says("choose another file"));
	weir_port_close(port);
	CU_ASSERT_EQUAL(file_read("in", file, sizeof(file)), c.len);

	port = port_up(tx_spec("out", ""), bench.pool, 0);
	CU_ASSERT_PTR_NULL(port_up(tx_spec("out", ""), bench.pool, 0));
	weir_port_close(port);
	port = port_up(tx_spec("out", ""), bench.pool, 0);
	CU_ASSERT_PTR_NOT_NULL(port);
	weir_port_close(port);
}

static void file_is_kept_until_the_port_starts(void)
{
	struct weir_port *port;

	file_write("out", "precious", 8);
	CU_ASSERT_EQUAL_FATAL(weir_port_open(bench.weir, tx_spec("out", ""), NULL, &port), 0);
	CU_ASSERT_EQUAL(weir_port_close(port), 0);
	CU_ASSERT_EQUAL(file_read("out", file, sizeof(file)), 8);
}

static void restarted_port_appends(void)
{
	struct weir_pool_cache *cache = cache_make();
	struct weir_port *port = port_up(tx_spec("out", ""), bench.pool, 0);
	struct weir_pkt pkt;

	CU_ASSERT_PTR_NOT_NULL_FATAL(port);
	for (unsigned i = 0; i < 3; i++) {
		packet_make(cache, &pkt, 60, (uint8_t)i);
		CU_ASSERT_EQUAL(weir_tx(weir_port_txq(port, 0), &pkt, 1), 1);
		CU_ASSERT_EQUAL(weir_port_stop(port), 0);
		CU_ASSERT_EQUAL(weir_port_start(port), 0);
	}
	CU_ASSERT_EQUAL(weir_port_close(port), 0);
	CU_ASSERT_EQUAL(file_read("out", file, sizeof(file)), 24 + 3 * 76);
	CU_ASSERT_EQUAL(file[24 + 2 * 76 + 16], 2);
	weir_pool_cache_destroy(cache);
}

static void full_device_is_refused_at_the_start(void)
{
	CU_ASSERT_PTR_NULL(port_up("pcap:tx=/dev/full", bench.pool, 0));
	CU_ASSERT_TRUE(error_says("/dev/full cannot be written: No space left on device"));
}

/* 1000 bytes hold the head and 12 records of 76 bytes, with 64 to spare. */
static void full_disk_keeps_whole_records_and_counts_the_rest(void)
{
	struct rlimit old, limit;
	struct weir_pool_cache *cache = cache_make();
	struct weir_port *port;
	struct weir_pkt pkts[20];
	const char *why;
	size_t len;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	limit = (struct rlimit){ 1000, old.rlim_max };
	port = port_up(tx_spec("out", ""), bench.pool, 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(port);
	CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (unsigned i = 0; i < 20; i++)
		packet_make(cache, &pkts[i], 60, (uint8_t)i);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(port, 0), pkts, 20), 20);
	weir_tx(weir_port_txq(port, 0), NULL, 0);
	setrlimit(RLIMIT_FSIZE, &old);

	CU_ASSERT_EQUAL(tx_stats(port).packets, 12);
	CU_ASSERT_EQUAL(tx_stats(port).bytes, 12 * 60);
	CU_ASSERT_EQUAL(tx_stats(port).drops[WEIR_DROP_TX_ERROR], 8);
	CU_ASSERT_EQUAL(weir_port_health(port, &why), -EFBIG);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "out cannot be written: File too large"));

	/* The disk has room again, but there is a hole in what was to be written: no more comes after it. */
	packet_make(cache, &pkts[0], 60, 20);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(port, 0), pkts, 1), 1);
	CU_ASSERT_EQUAL(weir_port_stop(port), -EFBIG);
	CU_ASSERT_EQUAL(tx_stats(port).packets, 12);
	CU_ASSERT_EQUAL(tx_stats(port).drops[WEIR_DROP_TX_ERROR], 9);
	CU_ASSERT_EQUAL(weir_port_close(port), -EFBIG);
	len = file_read("out", file, sizeof(file));
	CU_ASSERT_EQUAL(len, 24 + 12 * 76);
	CU_ASSERT_EQUAL(file[24 + 11 * 76 + 16], 11);
	weir_pool_cache_destroy(cache);
	CU_ASSERT_EQUAL(pool_in_use(bench.pool), 0);
}

/* --- several queues -------------------------------------------------------------------------------------------------- */

#define SENDERS         3u
#define SENDER_PACKETS  2000u
#define SENDER_DATA_LEN 300u

/* Each packet begins with its queue's number and its own. */
static void *sender(void *arg)
{
	struct weir_txq *txq = arg;
	struct weir_pool_cache *cache;
	struct weir_pkt pkts[8];

	if (weir_pool_cache_create(bench.pool, 0, &cache))
		return arg;
	for (uint32_t i = 0; i < SENDER_PACKETS; i++) {
		uint32_t mark = (uint32_t)txq->index << 24 | i;

		while (!weir_pool_alloc(cache, pkts, 1))
			weir_tx(txq, NULL, 0);
		pkts[0].len = SENDER_DATA_LEN;
		memset(weir_pkt_data(cache->base, pkts), 0, SENDER_DATA_LEN);
		memcpy(weir_pkt_data(cache->base, pkts), &mark, sizeof(mark));
		weir_tx(txq, pkts, 1);
	}
	weir_pool_cache_destroy(cache);
	return NULL;
}

static void queues_share_a_file_and_keep_their_order(void)
{
	const struct weir_port_conf conf = { .tx_queues = SENDERS };
	uint32_t next[SENDERS] = { 0 }, wrong = 0, mark;
	pthread_t threads[SENDERS];
	struct weir_port *port;
	uint8_t head[16];
	void *failed;
	FILE *out;

	CU_ASSERT_EQUAL_FATAL(weir_port_open(bench.weir, tx_spec("out", ""), &conf, &port), 0);
	CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
	for (unsigned i = 0; i < SENDERS; i++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, sender, weir_port_txq(port, i)), 0);
	for (unsigned i = 0; i < SENDERS; i++) {
		pthread_join(threads[i], &failed);
		CU_ASSERT_PTR_NULL(failed);
	}
	CU_ASSERT_EQUAL(weir_port_close(port), 0);

	out = fopen(path_of("out"), "r");
	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	fseek(out, 24, SEEK_SET);
	while (fread(head, sizeof(head), 1, out) && fread(&mark, sizeof(mark), 1, out)) {
		uint32_t queue = mark >> 24;

		CU_ASSERT_EQUAL_FATAL(get32(head + 8), SENDER_DATA_LEN);
		CU_ASSERT_TRUE_FATAL(queue < SENDERS);
		wrong += next[queue]++ != (mark & 0xffffff);
		fseek(out, SENDER_DATA_LEN - sizeof(mark), SEEK_CUR);
	}
	fclose(out);
	CU_ASSERT_EQUAL(wrong, 0);
	for (unsigned i = 0; i < SENDERS; i++)
		CU_ASSERT_EQUAL(next[i], SENDER_PACKETS);
	CU_ASSERT_EQUAL(pool_in_use(bench.pool), 0);
}

/* More than one batch, and through a pool that is smaller than what is on its way. */
static void file_comes_out_as_it_went_in(void)
{
	struct weir_pool *pool = pool_make(70, 256);
	struct weir_port *in, *out;
	struct weir_pkt pkts[64];
	FILE *made = fopen(path_of("in"), "w");
	size_t len;
	uint8_t *a = malloc(1 << 21), *b = malloc(1 << 21);

	CU_ASSERT_PTR_NOT_NULL_FATAL(made);
	CU_ASSERT_PTR_NOT_NULL_FATAL(a);
	CU_ASSERT_PTR_NOT_NULL_FATAL(b);
	for (uint32_t i = 0; i < 1500; i++) {
		struct capture c = { .len = 0 };

		if (!i)
			put_head(&c, 0xa1b23c4d, 262144, ETHERNET);
		put_record(&c, i, 999999999 - i, 1 + i, 1 + i + i % 3, (uint8_t)i);
		CU_ASSERT_EQUAL(fwrite(c.bytes, c.len, 1, made), 1);
	}
	fclose(made);
	in = port_up(rx_spec("in", ""), pool, WEIR_OFFLOAD_RX_META);
	out = port_up(tx_spec("out", ""), pool, 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(in);
	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	for (unsigned calls = 0; calls < 100000 && !weir_rxq_finished(weir_port_rxq(in, 0)); calls++) {
		unsigned n = weir_rx(weir_port_rxq(in, 0), pkts, 64);

		CU_ASSERT_EQUAL(weir_tx(weir_port_txq(out, 0), pkts, n), n);
	}
	CU_ASSERT_EQUAL(weir_port_close(in), 0);
	CU_ASSERT_EQUAL(weir_port_close(out), 0);
	len = file_read("in", a, 1 << 21);
	CU_ASSERT_EQUAL(len, 24 + 1500 * 16 + 1500 * 1501 / 2);
	CU_ASSERT_EQUAL(file_read("out", b, 1 << 21), len);
	CU_ASSERT_EQUAL(memcmp(a, b, len), 0);
	free(a);
	free(b);
	CU_ASSERT_EQUAL(weir_pool_destroy(pool), 0);
}

static const struct unit_case cases[] = {
	{ "packets stand in the file as the format says", packets_stand_in_the_file_as_the_format_says },
	{ "a packet without a time gets the time of sending", packet_without_a_time_gets_the_time_of_sending },
	{ "chains are joined, and half a chain stays the caller's",
	  chains_are_joined_and_half_a_chain_stays_the_callers },
	{ "packets that no file holds are counted", packets_that_no_file_holds_are_counted },
	{ "snaplen cuts what is written", snaplen_cuts_what_is_written },
	{ "a VLAN tag is put into the frame", vlan_tag_is_put_into_the_frame },
	{ "checksums are filled, in the file only", checksums_are_filled_in_the_file_only },
	{ "a packet to be segmented stays one", packet_to_be_segmented_stays_one },
	{ "flags that lie drop the packet alone", flags_that_lie_drop_the_packet_alone },
	{ "nothing is written onto what is read", nothing_is_written_onto_what_is_read },
	{ "a file is kept until the port starts", file_is_kept_until_the_port_starts },
	{ "a restarted port appends", restarted_port_appends },
	{ "a full device is refused at the start", full_device_is_refused_at_the_start },
	{ "a full disk keeps whole records and counts the rest", full_disk_keeps_whole_records_and_counts_the_rest },
	{ "queues share a file and keep their order", queues_share_a_file_and_keep_their_order },
	{ "a file comes out as it went in", file_comes_out_as_it_went_in },
	{ NULL, NULL },
};

int main(void)
{
	int failed;

	if (bench_open())
		return unit_skip("no memory, or no place for files");
	failed = unit_run("pcap, sending", cases);
	bench_close();
	return failed;
}
