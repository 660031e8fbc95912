/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What lib/net costs: cycles of the time-stamp counter per packet.
 *
 *      bench_net [--json]
 *
 * "sum": the Internet checksum's sum, at each CPU level that the processor has. "parse": weir_parse(), packet after
 * packet of 4,096 that differ in addresses and ports. "toeplitz": the hash of an input that is at hand, by table and bit
 * by bit. All data is in the first-level cache, or as near as it fits.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "net/level.h"
#include "weir/net.h"
#include "weir/parse.h"
#include "weir/weir.h"

#define BYTES_A_ROUND   (1u << 20)
#define PACKETS_A_ROUND 4096u
#define FRAME           128u

static uint8_t bytes[9000 + 64];
static uint8_t frames[256][FRAME];

/* Keeps what is computed from being left out. */
static volatile uint32_t sink;

static void show(bool json, const char *what, const char *variant, size_t len, struct result result)
{
	if (json)
		printf("{\"bench\": \"net\", \"what\": \"%s\", \"variant\": \"%s\", \"bytes\": %zu, "
		       "\"cycles_per_packet\": %.2f, \"best\": %.2f}\n",
		       what, variant, len, result.median, result.best);
	else
		printf("%-9s %-22s %5zu bytes %9.2f cycles per packet (best %9.2f)%s", what, variant, len,
		       result.median, result.best, "\n");
}

static struct result bench_sum(sum_fn *sum, size_t len)
{
	unsigned packets = BYTES_A_ROUND / (unsigned)len;
	double cycles[ROUNDS];

	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t start = weir_clock();
		uint32_t total = 0;

		for (unsigned i = 0; i < packets; i++)
			total += sum(bytes + (i & 31u), len);
		sink = total;
		cycles[round] = (double)(weir_clock() - start) / packets;
	}
	return summarise(cycles);
}

static uint32_t crc32c_fresh(const void *data, size_t len)
{
	return weir_crc32c(~0u, data, len);
}

static uint32_t crc32c_table_fresh(const void *data, size_t len)
{
	return crc32c_table(~0u, data, len);
}

static void bench_sums(bool json)
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

	for (size_t i = 0; i < ARRAY_SIZE(lens); i++) {
		for (unsigned level = 1; level <= weir_cpu_level(NULL); level++) {
			char name[16];

			snprintf(name, sizeof(name), "level %u", level);
			show(json, "sum", name, lens[i], bench_sum(levels[level - 1], lens[i]));
		}
		show(json, "sum", "chosen", lens[i], bench_sum(weir_sum, lens[i]));
	}
	for (size_t i = 1; i < ARRAY_SIZE(lens); i++) {
		show(json, "crc32c", "table", lens[i], bench_sum(crc32c_table_fresh, lens[i]));
		show(json, "crc32c", "chosen", lens[i], bench_sum(crc32c_fresh, lens[i]));
	}
}

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

/* Parses, and gathers and hashes what is hashed when @toeplitz is not NULL. */
static struct result bench_parse(const struct weir_toeplitz *toeplitz)
{
	double cycles[ROUNDS];

	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t start = weir_clock();
		uint32_t total = 0;

		for (unsigned i = 0; i < PACKETS_A_ROUND; i++) {
			const uint8_t *frame = frames[i % ARRAY_SIZE(frames)];
			uint8_t input[WEIR_RSS_INPUT];
			struct weir_parsed parsed, inner;

			total += (uint32_t)weir_parse(frame, FRAME, &parsed) + parsed.l4_off;
			if (parsed.tunnel) {
				total += (uint32_t)weir_parse_tunnel(frame, FRAME, &parsed, &inner) + inner.l4_off;
				parsed = inner;
			}
			if (toeplitz)
				total +=
				    weir_toeplitz(toeplitz, input, weir_rss_input(frame, &parsed, WEIR_RSS_ALL, input));
		}
		sink = total;
		cycles[round] = (double)(weir_clock() - start) / PACKETS_A_ROUND;
	}
	return summarise(cycles);
}

static struct result bench_toeplitz(const struct weir_toeplitz *toeplitz, const uint8_t *key, unsigned len)
{
	double cycles[ROUNDS];

	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t start = weir_clock();
		uint32_t total = 0;

		for (unsigned i = 0; i < PACKETS_A_ROUND; i++)
			total += toeplitz ? weir_toeplitz(toeplitz, bytes + i, len)
			                  : weir_toeplitz_plain(key, bytes + i, len);
		sink = total;
		cycles[round] = (double)(weir_clock() - start) / PACKETS_A_ROUND;
	}
	return summarise(cycles);
}

int main(int argc, char **argv)
{
	static struct weir_toeplitz toeplitz;
	bool json = argc > 1 && !strcmp(argv[1], "--json");

	srandom(1);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)random();
	weir_toeplitz_init(&toeplitz, bytes);
	bench_sums(json);
	for (size_t s = 0; s < ARRAY_SIZE(samples); s++) {
		for (size_t i = 0; i < ARRAY_SIZE(frames); i++)
			memcpy(frames[i], samples[s].frame, FRAME);
		show(json, "parse", samples[s].name, FRAME, bench_parse(NULL));
		show(json, "parse+rss", samples[s].name, FRAME, bench_parse(&toeplitz));
	}
	for (unsigned len = 12; len <= WEIR_RSS_INPUT; len += 24) {
		show(json, "toeplitz", "table", len, bench_toeplitz(&toeplitz, NULL, len));
		show(json, "toeplitz", "bits", len, bench_toeplitz(NULL, bytes, len));
	}
	return 0;
}
