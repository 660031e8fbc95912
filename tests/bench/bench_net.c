/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What lib/net costs for a packet, beside DPDK's where there is the same.
 *
 * "sum": the Internet checksum's sum; with BENCH=all at each CPU level. "parse": weir_parse(), packet after packet
 * of 256 that differ in nothing, beside rte_net_get_ptype(), which finds types and lengths of headers. "toeplitz": the hash
 * of an input that is at hand. All data is in the first-level cache, or as near as it fits.
 */
#include "dpdk.h"

#include <string.h>

#ifdef WITH_DPDK
#include <rte_hash_crc.h>
#include <rte_ip.h>
#include <rte_net.h>
#include <rte_thash.h>
#endif

#include "bench.h"
#include "net/level.h"
#include "weir/net.h"
#include "weir/parse.h"

#define STRETCH 256u /* calls, */
#define COUNTED 16u  /* ... and while instructions are counted */
#define FRAME   128u

static uint8_t bytes[9000 + 64];
static uint8_t frames[STRETCH][FRAME];
static struct weir_toeplitz table;

/* Keeps what is computed from being left out. */
static volatile uint32_t sink;

struct bench {
	sum_fn *sum;
	size_t len;
	bool hash; /* of what was parsed, too */
};

static unsigned calls(void)
{
	return bench_counting ? COUNTED : STRETCH;
}

static void compare(const char *what, bench_fn *ours, bench_fn *theirs, struct bench *b, double mark)
{
	bench_run(&(struct bench_case){ .group = "net",
	                                .what = what,
	                                .unit = "packet",
	                                .units = STRETCH,
	                                .counted = COUNTED,
	                                .ours = ours,
	                                .theirs = theirs,
	                                .arg = b,
	                                .mark = theirs ? mark : 0 });
}

/* --- sums ------------------------------------------------------------------------------------------------------------- */

static uint64_t run_sum(void *arg)
{
	const struct bench *b = arg;
	uint32_t total = 0;
	uint64_t start = bench_start();

	for (unsigned i = 0; i < calls(); i++)
		total += b->sum(bytes + (i & 31u), b->len);
	sink = total;
	return bench_stop(start);
}

static uint64_t run_crc(void *arg)
{
	const struct bench *b = arg;
	uint32_t total = 0;
	uint64_t start = bench_start();

	for (unsigned i = 0; i < calls(); i++)
		total += weir_crc32c(~0u, bytes + (i & 31u), b->len);
	sink = total;
	return bench_stop(start);
}

#ifdef WITH_DPDK
static uint64_t rte_run_sum(void *arg)
{
	const struct bench *b = arg;
	uint32_t total = 0;
	uint64_t start = bench_start();

	for (unsigned i = 0; i < calls(); i++)
		total += rte_raw_cksum(bytes + (i & 31u), b->len);
	sink = total;
	return bench_stop(start);
}

static uint64_t rte_run_crc(void *arg)
{
	const struct bench *b = arg;
	uint32_t total = 0;
	uint64_t start = bench_start();

	for (unsigned i = 0; i < calls(); i++)
		total += rte_hash_crc(bytes + (i & 31u), (uint32_t)b->len, ~0u);
	sink = total;
	return bench_stop(start);
}
#endif

static void bench_sums(void)
{
	static sum_fn *const levels[] = {
		sum_v1,
#if defined(__x86_64__)
		sum_v2,
		sum_v3,
		sum_v4,
#endif
	};
	static const size_t lens[] = { 20, 64, 256, 1500, 9000 };
	char what[48];

	for (size_t i = 0; i < ARRAY_SIZE(lens); i++) {
		struct bench b = { .sum = weir_sum, .len = lens[i] };

		snprintf(what, sizeof(what), "sum, %zu bytes", lens[i]);
		compare(what, run_sum, THEIRS(rte_run_sum), &b, 1);
		for (unsigned level = 1; !bench_quick() && level <= weir_cpu_level(NULL); level++) {
			b.sum = levels[level - 1];
			snprintf(what, sizeof(what), "sum, %zu bytes, level %u", lens[i], level);
			compare(what, run_sum, NULL, &b, 0);
		}
		if (!i)
			continue;
		snprintf(what, sizeof(what), "crc32c, %zu bytes", lens[i]);
		compare(what, run_crc, THEIRS(rte_run_crc), &b, 1);
	}
}

/* --- headers ---------------------------------------------------------------------------------------------------------- */

/* Headers as in tests/data/frames; the rest of each frame is zeros. */
#define MACS                2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1
#define IPV4(len, protocol) 0x45, 0, 0, (len), 0, 7, 0x40, 0, 64, (protocol), 0, 0, 192, 0, 2, 1, 198, 51, 100, 2
#define IPV6(len, next)                                                                                            \
	0x60, 0, 0, 0, 0, (len), (next), 64, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x20, 1, 0xd, \
	    0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2
#define TCP      0x01, 0xbb, 0xc3, 0x50, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x18, 2, 0, 0, 0, 0, 0
#define UDP(len) 0x03, 0xe8, 0x07, 0xd0, 0, (len), 0, 0

static const uint8_t udp4[FRAME] = { MACS, 0x08, 0x00, IPV4(114, 17), UDP(94) };
static const uint8_t tcp4[FRAME] = { MACS, 0x08, 0x00, IPV4(114, 6), TCP };
static const uint8_t tcp6[FRAME] = { MACS, 0x86, 0xdd, IPV6(74, 6), TCP };
static const uint8_t tag4[FRAME] = { MACS, 0x81, 0x00, 0, 5, 0x08, 0x00, IPV4(110, 17), UDP(90) };
static const uint8_t ext6[FRAME] = { MACS, 0x86, 0xdd, IPV6(74, 0), 60, 0, 1, 4, 0, 0,      0,
	                             0,    17,   0,    1,           4,  0, 0, 0, 0, UDP(58) };
static const uint8_t gre4[FRAME] = { MACS, 0x08, 0x00, IPV4(114, 47), 0, 0, 8, 0, IPV4(90, 6), TCP };

static const struct sample {
	const char *name;
	const uint8_t *frame;
} samples[] = {
	{ "IPv4 UDP", udp4 },
	{ "IPv4 TCP", tcp4 },
	{ "IPv6 TCP", tcp6 },
	{ "a tag, IPv4 UDP", tag4 },
	{ "IPv6, 2 options, UDP", ext6 },
	{ "IPv4, GRE, IPv4 TCP", gre4 },
};

/* Parses; gathers and hashes what is hashed, if that is wanted. */
static uint64_t run_parse(void *arg)
{
	const struct bench *b = arg;
	uint32_t total = 0;
	uint64_t start = bench_start();

	for (unsigned i = 0; i < calls(); i++) {
		const uint8_t *frame = frames[i];
		uint8_t input[WEIR_RSS_INPUT];
		struct weir_parsed parsed, inner;

		total += (uint32_t)weir_parse(frame, FRAME, &parsed) + parsed.l4_off;
		if (parsed.tunnel) {
			total += (uint32_t)weir_parse_tunnel(frame, FRAME, &parsed, &inner) + inner.l4_off;
			parsed = inner;
		}
		if (b->hash)
			total += weir_toeplitz(&table, input, weir_rss_input(frame, &parsed, WEIR_RSS_ALL, input));
	}
	sink = total;
	return bench_stop(start);
}

static uint64_t run_toeplitz(void *arg)
{
	const struct bench *b = arg;
	uint32_t total = 0;
	uint64_t start = bench_start();

	for (unsigned i = 0; i < calls(); i++)
		total += weir_toeplitz(&table, bytes + i * 4, (unsigned)b->len);
	sink = total;
	return bench_stop(start);
}

#ifdef WITH_DPDK
static uint64_t rte_run_parse(void *arg)
{
	struct rte_mbuf mbuf = { .data_len = FRAME, .pkt_len = FRAME, .nb_segs = 1 };
	uint32_t total = 0;
	uint64_t start = bench_start();

	(void)arg;
	for (unsigned i = 0; i < calls(); i++) {
		struct rte_net_hdr_lens lens;

		mbuf.buf_addr = frames[i];
		total += rte_net_get_ptype(&mbuf, &lens, RTE_PTYPE_ALL_MASK) + lens.l3_len;
	}
	sink = total;
	return bench_stop(start);
}

static uint64_t rte_run_toeplitz(void *arg)
{
	static uint8_t key[WEIR_RSS_KEY];
	const struct bench *b = arg;
	uint32_t total = 0;
	uint64_t start;

	rte_convert_rss_key((const uint32_t *)(const void *)bytes, (uint32_t *)(void *)key, WEIR_RSS_KEY);
	start = bench_start();
	for (unsigned i = 0; i < calls(); i++)
		total += rte_softrss_be((uint32_t *)(void *)(bytes + i * 4), (uint32_t)b->len / 4, key);
	sink = total;
	return bench_stop(start);
}
#endif

int main(void)
{
	struct bench b = { .len = 0 };
	char what[48];

	dpdk_start();
	bench_pin(0);
	srandom(1);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)random();
	weir_toeplitz_init(&table, bytes);
	bench_sums();
	for (size_t s = 0; s < ARRAY_SIZE(samples); s++) {
		for (size_t i = 0; i < ARRAY_SIZE(frames); i++)
			memcpy(frames[i], samples[s].frame, FRAME);
		b.hash = false;
		snprintf(what, sizeof(what), "parse %s", samples[s].name);
		compare(what, run_parse, THEIRS(rte_run_parse), &b, 0);
		b.hash = true;
		snprintf(what, sizeof(what), "parse and hash %s", samples[s].name);
		if (!bench_quick())
			compare(what, run_parse, NULL, &b, 0);
	}
	for (b.len = 12; b.len <= WEIR_RSS_INPUT; b.len += 24) {
		snprintf(what, sizeof(what), "toeplitz, %zu bytes", b.len);
		compare(what, run_toeplitz, THEIRS(rte_run_toeplitz), &b, 1);
	}
	return 0;
}
