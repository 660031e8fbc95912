/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What fields hold from packet to packet, and the sizes of frames; sequences written down by hand.
 */
#include <string.h>

#include <weir/wire.h>

#include "pktgen/payload.h"
#include "pktgen/stream.h"
#include "unit.h"

static struct payload payload;
static struct stream_set set;
static uint8_t frame[FRAME_MAX];

static struct stream *stream_of(const char *text)
{
	char error[STREAM_ERROR] = "";

	stream_set_free(&set);
	if (stream_read(&set, "text", text, strlen(text), error)) {
		printf("%s ", error);
		CU_FAIL_FATAL("no stream");
	}
	return &set.streams[0];
}

/* The UDP source ports of the first packets, ended by -1. */
static void ports_are(const char *field, const int *ports)
{
	char text[256];
	struct stream *stream;

	snprintf(text, sizeof(text), "{packet: [eth, ipv4, {udp: {src: %s}}]}", field);
	stream = stream_of(text);
	for (unsigned i = 0; ports[i] >= 0; i++) {
		stream_frame(stream, &payload, i, frame);
		CU_ASSERT_EQUAL(weir_load_be16(frame + 34), ports[i]);
	}
}
#define PORTS(field, ...) ports_are(field, (const int[]){ __VA_ARGS__, -1 })

static void sizes_are(const char *size, const unsigned *sizes, unsigned count)
{
	char text[256];
	struct stream *stream;

	snprintf(text, sizeof(text), "{packet: [eth, ipv4, udp], size: %s}", size);
	stream = stream_of(text);
	for (unsigned i = 0; i < count; i++)
		CU_ASSERT_EQUAL(stream_frame(stream, &payload, i, frame), sizes[i] - 4);
}
#define SIZES(size, ...) \
	sizes_are(size, (const unsigned[]){ __VA_ARGS__ }, sizeof((const unsigned[]){ __VA_ARGS__ }) / sizeof(unsigned))

static void fields_count(void)
{
	PORTS("7", 7, 7, 7);
	PORTS("{increment: [10, 12]}", 10, 11, 12, 10, 11);
	PORTS("{increment: [10, 20], step: 4}", 10, 14, 18, 10);
	PORTS("{decrement: [20, 10], step: 4}", 20, 16, 12, 20);
	PORTS("{decrement: [3, 0]}", 3, 2, 1, 0, 3);
	PORTS("[80, 443, 53]", 80, 443, 53, 80);
	PORTS("{list: [80, 443], each: 2}", 80, 80, 443, 443, 80);
	PORTS("{increment: [1, 2], each: 3}", 1, 1, 1, 2, 2, 2, 1);
	PORTS("0xffff", 0xffff, 0xffff);
}

/* SplitMix64 with the seed 1234567: the numbers that its authors' program prints (prng.di.unimi.it, splitmix64.c). */
static void random_numbers_are_those_of_splitmix64(void)
{
	static const uint64_t numbers[] = { 6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
		                            4593380528125082431u, 16408922859458223821u };

	for (unsigned i = 0; i < 5; i++)
		CU_ASSERT_EQUAL(field_random(1234567, i), numbers[i]);
	/* Of 1000 values: the upper part of number * 1000 / 2^64. */
	PORTS("{random: [0, 999], seed: 1234567}", 350, 173, 532, 249, 889);
}

static void random_values_stay_within_their_range(void)
{
	struct stream *stream = stream_of("{packet: [eth, ipv4, {udp: {src: {random: [5, 9], seed: 3}}}]}");
	unsigned count[10] = { 0 };

	for (unsigned i = 0; i < 5000; i++) {
		stream_frame(stream, &payload, i, frame);
		CU_ASSERT_FATAL(weir_load_be16(frame + 34) < 10);
		count[weir_load_be16(frame + 34)]++;
	}
	for (unsigned i = 0; i < 10; i++)
		CU_ASSERT(i < 5 ? !count[i] : count[i] > 900 && count[i] < 1100);
}

static void addresses_carry(void)
{
	struct stream *stream =
	    stream_of("{packet: [{eth: {src: {increment: ['02:00:00:00:00:ff', '02:00:00:00:01:ff']}}},"
	              "{ipv6: {src: {increment: ['2001:2::ffff:ffff:ffff:ffff', '2001:2:0:1::5'],"
	              " step: '::1'}, dst: {decrement: ['2001:2:0:1::', '2001:2::ffff:ffff:ffff:0']}}}, udp]}");
	static const uint8_t mac[6] = { 2, 0, 0, 0, 1, 0 };
	static const uint8_t src[16] = { 0x20, 1, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0 };
	static const uint8_t dst[16] = { 0x20, 1, 0, 2, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	stream_frame(stream, &payload, 1, frame);
	CU_ASSERT_EQUAL(memcmp(frame + 6, mac, 6), 0);
	CU_ASSERT_EQUAL(memcmp(frame + 22, src, 16), 0);
	CU_ASSERT_EQUAL(memcmp(frame + 38, dst, 16), 0);
}

/* What stands beside a field of some bits is left alone. */
static void bits_have_neighbours(void)
{
	struct stream *stream =
	    stream_of("{packet: [eth, {vlan: {priority: 6, id: {increment: [4094, 4095]}}}, {ipv6: {class: 0x81,"
	              " flow: {increment: [0xfffff, 0xfffff]}}}, udp]}");

	stream_frame(stream, &payload, 0, frame);
	CU_ASSERT_EQUAL(weir_load_be16(frame + 14), 0xcffe);
	stream_frame(stream, &payload, 1, frame);
	CU_ASSERT_EQUAL(weir_load_be16(frame + 14), 0xcfff);
	CU_ASSERT_EQUAL(weir_load_be32(frame + 18), 0x681fffff);
}

/* With flows, packet n + flows is like packet n, whatever its fields do. */
static void flows_come_again(void)
{
	struct stream *stream =
	    stream_of("{flows: 1000000, packet: [eth, {ipv4: {src: {random: [10.0.0.0, 10.255.255.255]},"
	              " dst: {increment: [11.0.0.0, 11.255.255.255]}}}, udp]}");
	uint8_t first[64];

	stream_frame(stream, &payload, 777, first);
	stream_frame(stream, &payload, 1000777, frame);
	CU_ASSERT_EQUAL(memcmp(first, frame, 60), 0);
	CU_ASSERT_EQUAL(weir_load_be32(frame + 30), 0x0b000000 + 777);
	stream_frame(stream, &payload, 778, frame);
	CU_ASSERT_NOT_EQUAL(memcmp(first, frame, 60), 0);
}

static void sizes_vary(void)
{
	uint32_t least, most;

	SIZES("100", 100, 100);
	SIZES("[64, 1518, 512]", 64, 1518, 512, 64);
	SIZES("{increment: [64, 66]}", 64, 65, 66, 64);
	SIZES("{128: 1, 64: 2}", 64, 128, 64, 64);
	/* 7, 4 and 1 of twelve, as evenly as they go: at (i + 1/2) / weight. */
	SIZES("imix", 64, 594, 64, 64, 594, 64, 1518, 594, 64, 64, 594, 64, 64);
	stream_size_bounds(&set.streams[0], &least, &most);
	CU_ASSERT_EQUAL(least, 64);
	CU_ASSERT_EQUAL(most, 1518);
	/* (7 * 64 + 4 * 594 + 1518) / 12 */
	CU_ASSERT_DOUBLE_EQUAL(set.streams[0].mean_size, 361.8333333, 1e-6);
	CU_ASSERT_DOUBLE_EQUAL(stream_mean_cost(&set.streams[0], RATE_L1), 381.8333333 * 8, 1e-4);
	CU_ASSERT_DOUBLE_EQUAL(stream_mean_cost(&set.streams[0], RATE_L2), 361.8333333 * 8, 1e-4);
	CU_ASSERT_EQUAL(stream_mean_cost(&set.streams[0], RATE_PPS), 1);
}

static const struct unit_case cases[] = {
	{ "fields count up and down, and go through lists", fields_count },
	{ "random numbers are those of SplitMix64", random_numbers_are_those_of_splitmix64 },
	{ "random values stay within their range, each as often", random_values_stay_within_their_range },
	{ "addresses carry over all their bytes", addresses_carry },
	{ "a field of some bits leaves its neighbours alone", bits_have_neighbours },
	{ "a million flows come again", flows_come_again },
	{ "sizes vary as they are asked to", sizes_vary },
	{ NULL, NULL },
};

int main(void)
{
	int status;

	payload_init(&payload);
	status = unit_run("pktgen: fields", cases);
	stream_set_free(&set);
	return status;
}
