/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TCP segmentation in software: what the segments are, and what is refused.
 */
#include <errno.h>
#include <stdlib.h>

#include "hex.h"
#include "unit.h"
#include "weir/mem.h"
#include "weir/net.h"
#include "weir/parse.h"
#include "weir/pool.h"

#define MACS "020000000002 020000000001 "

/* Headers of a long packet; FIN, PSH, ACK and CWR are set, the sequence number is about to wrap. */
static const char headers4[] = MACS "0800 46000000 fffe4000 40060000 c0000201 c6336402 01010100"
				    "01bbc350 ffffff00 0a0b0c0d 8099 0200 12340000 0101080a 0000000100000002";
static const char headers6[] = MACS "86dd 60000000 00000640 20010db8000000000000000000000001"
				    "20010db8000000000000000000000002 01bbc350 ffffff00 0a0b0c0d 5099 0200 12340000";

struct shape {
	const char *headers;
	unsigned flags, l3, l4;
};

static const struct shape tcp4 = { headers4, WEIR_PKT_IPV4 | WEIR_PKT_TCP, 24, 32 };
static const struct shape tcp6 = { headers6, WEIR_PKT_IPV6 | WEIR_PKT_TCP, 40, 20 };

#define MAX 256

static struct weir *weir;
static struct weir_pool *pool, *out_pool;
static struct weir_pool_cache *cache, *out;
static struct weir_pkt pkts[MAX], segments[MAX];
static uint8_t *base, payload[70000];

static void setup(unsigned room, unsigned count)
{
	struct weir_conf small = { .mem_reserve = 1 << 30 };
	struct weir_pool_conf conf = { .count = 256, .room = 2048 };
	struct weir_pool_conf out_conf = { .count = count, .room = room, .headroom = 64, .checks = true };

	CU_ASSERT_EQUAL_FATAL(weir_open(&small, &weir), 0);
	CU_ASSERT_EQUAL_FATAL(weir_pool_create(weir, &conf, &pool), 0);
	CU_ASSERT_EQUAL_FATAL(weir_pool_create(weir, &out_conf, &out_pool), 0);
	CU_ASSERT_EQUAL_FATAL(weir_pool_cache_create(pool, 0, &cache), 0);
	CU_ASSERT_EQUAL_FATAL(weir_pool_cache_create(out_pool, 0, &out), 0);
	base = weir_mem_base(weir);
	srandom(7);
	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)random();
}

static void teardown(void)
{
	weir_close(weir);
}

static unsigned used(void)
{
	struct weir_pool_info info;

	weir_pool_info(out_pool, &info);
	return info.in_use;
}

/* Makes a packet of @bytes of payload in buffers of 1,900 bytes, the headers in the first. Returns its entries. */
static unsigned make(const struct shape *shape, size_t bytes, unsigned mss)
{
	uint8_t headers[256];
	size_t header = hex(headers, shape->headers), done = 0;
	unsigned n = 0;

	do {
		struct weir_pkt *pkt = &pkts[n++];
		size_t some;

		CU_ASSERT_EQUAL_FATAL(weir_pool_alloc(cache, pkt, 1), 1);
		if (n == 1) {
			memcpy(weir_pkt_data(base, pkt), headers, header);
			pkt->len = (uint16_t)header;
		}
		some = bytes - done < 1900u - pkt->len ? bytes - done : 1900u - pkt->len;
		memcpy(weir_pkt_data(base, pkt) + pkt->len, payload + done, some);
		pkt->len = (uint16_t)(pkt->len + some);
		pkt->flags = WEIR_PKT_MORE;
		done += some;
	} while (done < bytes);
	pkts[n - 1].flags = 0;
	pkts[0].flags |= (uint16_t)(shape->flags | WEIR_PKT_TX_TSO | WEIR_PKT_VLAN);
	pkts[0].vlan = 0x123;
	pkts[0].txo = weir_txo(14, shape->l3, shape->l4, mss);
	bytes += shape->l3 + shape->l4;
	if (shape->flags & WEIR_PKT_IPV4)
		weir_store_be16(weir_pkt_data(base, pkts) + 16, (uint16_t)bytes);
	else
		weir_store_be16(weir_pkt_data(base, pkts) + 18, (uint16_t)(bytes - 40));
	return n;
}

/* The packet at @pkt in one piece. */
static size_t gather(const struct weir_pkt *pkt, uint8_t *to)
{
	size_t len = 0;

	do {
		memcpy(to + len, weir_pkt_data(base, pkt), pkt->len);
		len += pkt->len;
	} while (pkt++->flags & WEIR_PKT_MORE);
	return len;
}

static uint16_t plain_sum(uint32_t sum, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum += i & 1 ? data[i] : (uint32_t)data[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* Cuts a packet and looks at each byte of each segment. Returns the entries that the segments took. */
static int cut_and_look(const struct shape *shape, size_t bytes, unsigned mss)
{
	static uint8_t segment[70000];
	unsigned n = make(shape, bytes, mss), header = 14 + shape->l3 + shape->l4, l4 = 14 + shape->l3;
	bool ipv4 = shape->flags & WEIR_PKT_IPV4;
	uint8_t headers[256];
	int got = weir_pkt_segment(out, pkts, n, segments, MAX), at = 0;
	size_t done = 0;

	hex(headers, shape->headers);
	for (unsigned i = 0; at < got; i++) {
		size_t len = gather(&segments[at], segment), part = len - header;
		bool last = done + part == bytes;

		CU_ASSERT_EQUAL(segments[at].flags & ~WEIR_PKT_MORE, (int)(shape->flags | WEIR_PKT_VLAN));
		CU_ASSERT_EQUAL(segments[at].vlan, 0x123);
		CU_ASSERT_EQUAL(segments[at].txo, 0);
		CU_ASSERT(part == mss || last);
		CU_ASSERT_EQUAL(memcmp(segment + header, payload + done, part), 0);

		/* The headers are the packet's, but for these. */
		if (ipv4) {
			CU_ASSERT_EQUAL(weir_load_be16(segment + 16), len - 14);
			CU_ASSERT_EQUAL(weir_load_be16(segment + 18), (0xfffe + i) & 0xffff);
			CU_ASSERT_EQUAL(plain_sum(0, segment + 14, 24), 0xffff);
			memcpy(segment + 16, headers + 16, 4);
			memcpy(segment + 24, headers + 24, 2);
			CU_ASSERT_EQUAL(
			    plain_sum(6 + (uint32_t)(len - l4) + plain_sum(0, segment + 26, 8), segment + l4, len - l4),
			    0xffff);
		} else {
			CU_ASSERT_EQUAL(weir_load_be16(segment + 18), len - 14 - 40);
			memcpy(segment + 18, headers + 18, 2);
			CU_ASSERT_EQUAL(plain_sum(6 + (uint32_t)(len - l4) + plain_sum(0, segment + 22, 32),
			                          segment + l4, len - l4),
			                0xffff);
		}
		CU_ASSERT_EQUAL(weir_load_be32(segment + l4 + 4), (uint32_t)(0xffffff00u + done));
		CU_ASSERT_EQUAL(segment[l4 + 13], 0x10 | (i ? 0 : 0x80) | (last ? 0x09 : 0));
		memcpy(segment + l4 + 4, headers + l4 + 4, 4);
		memcpy(segment + l4 + 13, headers + l4 + 13, 1);
		memcpy(segment + l4 + 16, headers + l4 + 16, 2);
		CU_ASSERT_EQUAL(memcmp(segment, headers, header), 0);
		done += part;
		at += (int)weir_pkt_entries(&segments[at], (unsigned)(got - at));
	}
	CU_ASSERT_EQUAL(at, got);
	CU_ASSERT_EQUAL(done, bytes);
	weir_pool_free(cache, pkts, n);
	weir_pool_free(out, segments, got > 0 ? (unsigned)got : 0);
	return got;
}

static void segments_carry_the_packet(void)
{
	setup(2048, 512);
	CU_ASSERT_EQUAL(cut_and_look(&tcp4, 10000, 1448), 7);
	CU_ASSERT_EQUAL(cut_and_look(&tcp6, 10000, 1440), 7);
	CU_ASSERT_EQUAL(cut_and_look(&tcp4, 65000, 1400), 47);
	CU_ASSERT_EQUAL(cut_and_look(&tcp6, 4321, 101), 43);
	CU_ASSERT_EQUAL(used(), 0);
	teardown();
}

static void multiples_leave_no_empty_segment(void)
{
	setup(2048, 512);
	CU_ASSERT_EQUAL(cut_and_look(&tcp4, 2896, 1448), 2);
	CU_ASSERT_EQUAL(cut_and_look(&tcp4, 1448, 1448), 1);
	CU_ASSERT_EQUAL(cut_and_look(&tcp6, 1, 1448), 1);
	CU_ASSERT_EQUAL(cut_and_look(&tcp6, 0, 1448), 1);
	teardown();
}

static void small_buffers_make_longer_segments(void)
{
	/* 192 of 256 bytes hold data: 14 + 24 + 32 + 1448 bytes take 8 such, the last segment of 104 + 70 takes one. */
	setup(256, 1024);
	CU_ASSERT_EQUAL(cut_and_look(&tcp4, 3000, 1448), 8 + 8 + 1);
	CU_ASSERT_EQUAL(used(), 0);
	teardown();
}

static void beyond_64_kib_the_data_tells_the_length(void)
{
	unsigned n;
	int got;

	setup(2048, 512);
	n = make(&tcp4, 69000, 1448);
	weir_store_be16(weir_pkt_data(base, pkts) + 16, 0);
	got = weir_pkt_segment(out, pkts, n, segments, MAX);
	CU_ASSERT_EQUAL(got, 48);
	CU_ASSERT_EQUAL(weir_pkt_bytes(segments, 48), 69000 + 48 * 70);
	teardown();
}

static void what_does_not_fit_holds_nothing(void)
{
	unsigned n;

	setup(2048, 64);
	n = make(&tcp4, 10000, 1448);
	CU_ASSERT_EQUAL(weir_pkt_segment(out, pkts, n, segments, 6), -ENOSPC);
	CU_ASSERT_EQUAL(used(), 0);
	CU_ASSERT_EQUAL(weir_pkt_segment(out, pkts, n, segments, 7), 7);
	CU_ASSERT_EQUAL(used(), 7);
	pkts[0].txo = weir_txo(14, 24, 32, 100);
	CU_ASSERT_EQUAL(weir_pkt_segment(out, pkts, n, segments + 7, MAX - 7), -ENOBUFS);
	CU_ASSERT_EQUAL(used(), 7);
	teardown();
}

static void refuse(unsigned n)
{
	CU_ASSERT_EQUAL(weir_pkt_segment(out, pkts, n, segments, MAX), -EINVAL);
	CU_ASSERT_EQUAL(used(), 0);
}

static void lies_are_refused(void)
{
	uint8_t *data;
	unsigned n;

	setup(2048, 512);
	n = make(&tcp4, 5000, 1448);
	data = weir_pkt_data(base, pkts);
	pkts[0].txo = weir_txo(14, 24, 32, 0);
	refuse(n);
	pkts[0].txo = weir_txo(16, 24, 32, 1448);
	refuse(n);
	pkts[0].txo = weir_txo(14, 20, 32, 1448);
	refuse(n);
	pkts[0].txo = weir_txo(14, 24, 20, 1448);
	refuse(n);
	pkts[0].txo = weir_txo(14, 24, 32, 1448);
	pkts[0].flags ^= WEIR_PKT_TX_TSO;
	refuse(n);
	pkts[0].flags ^= WEIR_PKT_TX_TSO | WEIR_PKT_L3; /* IPv4 becomes IPv6 */
	refuse(n);
	pkts[0].flags ^= WEIR_PKT_L3 | WEIR_PKT_L4; /* TCP becomes UDP */
	refuse(n);
	pkts[0].flags ^= WEIR_PKT_L4;
	data[20] = 0x20; /* a fragment */
	refuse(n);
	data[20] = 0x40;
	data[23] = 17; /* UDP */
	refuse(n);
	data[23] = 6;
	data[16]++; /* 256 bytes more than there are */
	refuse(n);
	data[16]--;
	CU_ASSERT_EQUAL(weir_pkt_segment(out, pkts, n, segments, MAX), 4);
	teardown();
}

/* 8 + 20 + 66,000 bytes by a jumbo payload option, which no segment may have. */
static void jumbograms_are_refused(void)
{
	static const char headers[] = MACS "86dd 60000000 00000040 20010db8000000000000000000000001"
					   "20010db8000000000000000000000002 0600c204000101ec"
					   "01bbc350 ffffff00 0a0b0c0d 5099 0200 12340000";
	static const struct shape jumbo = { headers, WEIR_PKT_IPV6 | WEIR_PKT_TCP, 48, 20 };
	struct weir_parsed parsed;
	unsigned n;

	setup(2048, 512);
	n = make(&jumbo, 66000, 1448);
	weir_store_be16(weir_pkt_data(base, pkts) + 18, 0);
	CU_ASSERT_EQUAL(weir_parse_pkt(base, pkts, n, &parsed), 0);
	CU_ASSERT_EQUAL(parsed.end, 14 + 40 + 66028);
	refuse(n);
	teardown();
}

static void headers_must_fit_a_buffer(void)
{
	unsigned n;

	setup(64 + 69, 512); /* one byte short of the headers */
	n = make(&tcp4, 5000, 1448);
	refuse(n);
	teardown();
}

static const struct unit_case cases[] = {
	{ "segments carry the packet", segments_carry_the_packet },
	{ "multiples leave no empty segment", multiples_leave_no_empty_segment },
	{ "small buffers make segments of several", small_buffers_make_longer_segments },
	{ "beyond 64 KiB the data tells the length", beyond_64_kib_the_data_tells_the_length },
	{ "what does not fit holds nothing", what_does_not_fit_holds_nothing },
	{ "lies are refused", lies_are_refused },
	{ "jumbograms are refused", jumbograms_are_refused },
	{ "headers must fit a buffer", headers_must_fit_a_buffer },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("net: segmentation", cases);
}
