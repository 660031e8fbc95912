/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Internet checksums and CRC32c: the examples of the RFCs, and every CPU level against plain arithmetic.
 */
#include <stdlib.h>

#include "net/level.h"
#include "net/net.h"
#include "unit.h"
#include "weir/weir.h"

#define BIG 70000u

/* By CPU level, from 1; those up to weir_cpu_level() can run. */
static sum_fn *const levels[] = {
	sum_v1,
#if defined(__x86_64__)
	sum_v2,
	sum_v3,
	sum_v4,
#endif
};

static uint8_t bytes[BIG + 64];

static void fill_random(void)
{
	srandom(1);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)random();
}

/* RFC 1071, section 1, in the wire's byte order and without any cleverness. */
static uint16_t plain_sum(const uint8_t *data, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i++) {
		sum += i & 1 ? data[i] : (uint32_t)data[i] << 8;
		if (sum > 0xffff)
			sum -= 0xffff;
	}
	return (uint16_t)sum;
}

static void rfc_1071_example(void)
{
	static const uint8_t data[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

	for (unsigned i = 0; i < weir_cpu_level(NULL); i++) {
		CU_ASSERT_EQUAL(weir_be16(weir_sum_fold(levels[i](data, sizeof(data)))), 0xddf2);
		CU_ASSERT_EQUAL(weir_be16(weir_sum_csum(levels[i](data, sizeof(data)))), 0x220d);
	}
}

static void every_level_at_every_length_and_alignment(void)
{
	fill_random();
	for (unsigned i = 0; i < weir_cpu_level(NULL); i++) {
		unsigned wrong = 0;

		for (size_t len = 0; len <= 2048; len++)
			wrong += weir_be16(weir_sum_fold(levels[i](bytes + len % 64, len))) !=
			         plain_sum(bytes + len % 64, len);
		for (size_t at = 0; at < 64; at++)
			for (size_t len = 0; len < 300; len++)
				wrong +=
				    weir_be16(weir_sum_fold(levels[i](bytes + at, len))) != plain_sum(bytes + at, len);
		for (size_t len = BIG - 40; len <= BIG; len++)
			wrong += weir_be16(weir_sum_fold(levels[i](bytes, len))) != plain_sum(bytes, len);
		CU_ASSERT_EQUAL(wrong, 0);
	}
}

/* All carries there can be. Zero has two forms, and a sum of ones must come out as the one that is not 0. */
static void ones_keep_every_carry(void)
{
	memset(bytes, 0xff, sizeof(bytes));
	for (unsigned i = 0; i < weir_cpu_level(NULL); i++)
		for (size_t len = 2; len < BIG; len += len < 600 ? 2 : 1998)
			CU_ASSERT_EQUAL_FATAL(weir_sum_fold(levels[i](bytes, len)), 0xffff);
}

/* The last carry: two halves of 0xffffffff and a 1 fold to 2^32, which is 1 again. */
static void the_carry_of_the_fold_counts(void)
{
	static const uint8_t data[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0 };

	for (unsigned i = 0; i < weir_cpu_level(NULL); i++)
		CU_ASSERT_EQUAL(weir_be16(weir_sum_fold(levels[i](data, sizeof(data)))), 0x0100);
}

static void nothing_sums_to_nothing(void)
{
	memset(bytes, 0, sizeof(bytes));
	CU_ASSERT_EQUAL(weir_sum(NULL, 0), 0);
	CU_ASSERT_EQUAL(weir_sum(bytes, BIG), 0);
}

static void sums_of_parts_add_up_wherever_it_is_cut(void)
{
	unsigned wrong = 0;

	fill_random();
	for (size_t cut = 0; cut <= 333; cut++) {
		uint32_t sum = weir_sum_add(weir_sum(bytes, cut), weir_sum_at(weir_sum(bytes + cut, 333 - cut), cut));

		wrong += weir_be16(weir_sum_fold(sum)) != plain_sum(bytes, 333);
	}
	CU_ASSERT_EQUAL(wrong, 0);
}

static void a_packet_of_odd_pieces_sums_as_one(void)
{
	static _Alignas(64) uint8_t arena[1024];
	struct weir_pkt pkts[] = {
		{ .buf = 0, .off = 3, .len = 101, .flags = WEIR_PKT_MORE },
		{ .buf = 2, .off = 0, .len = 0, .flags = WEIR_PKT_MORE },
		{ .buf = 4, .off = 1, .len = 1, .flags = WEIR_PKT_MORE },
		{ .buf = 6, .off = 7, .len = 200 },
	};
	unsigned wrong = 0;

	fill_random();
	memcpy(arena + 3, bytes, 101);
	memcpy(arena + 256 + 1, bytes + 101, 1);
	memcpy(arena + 384 + 7, bytes + 102, 200);
	for (size_t from = 0; from < 302; from++)
		for (size_t len = 0; len <= 302 - from; len += 7)
			wrong += weir_be16(weir_sum_fold(weir_sum_pkt(arena, pkts, 4, from, len))) !=
			         plain_sum(bytes + from, len);
	CU_ASSERT_EQUAL(wrong, 0);
	CU_ASSERT_EQUAL(weir_be16(weir_sum_fold(weir_sum_pkt(arena, pkts, 4, 290, 1000))), plain_sum(bytes + 290, 12));
	CU_ASSERT_EQUAL(weir_sum_pkt(arena, pkts, 4, 302, 1), 0);
}

static void ipv4_header_checksum(void)
{
	static const uint8_t header[] = { 0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
		                          0xb8, 0x61, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7 };
	struct weir_ipv4 ip;

	memcpy(&ip, header, sizeof(ip));
	CU_ASSERT_EQUAL(weir_csum_ipv4(&ip), 0);
	ip.csum = 0;
	CU_ASSERT_EQUAL(weir_be16(weir_csum_ipv4(&ip)), 0xb861);
}

static void ipv4_options_count(void)
{
	/* A header of 24 bytes with a router alert: worked out as 0x4600 + 0x0018 + ... + 0x9404, complemented. */
	static const uint8_t header[] = { 0x46, 0xc0, 0x00, 0x20, 0x00, 0x00, 0x40, 0x00, 0x01, 0x02, 0x43, 0x36,
		                          0xc0, 0xa8, 0x00, 0x02, 0xe0, 0x00, 0x00, 0x02, 0x94, 0x04, 0x00, 0x00 };
	struct {
		struct weir_ipv4 ip;
		uint32_t option;
	} at;

	memcpy(&at, header, sizeof(at));
	at.ip.csum = 0;
	CU_ASSERT_EQUAL(weir_csum_ipv4(&at.ip), weir_be16((uint16_t)~plain_sum((const uint8_t *)&at, sizeof(header))));
}

static void rfc_1624_example(void)
{
	/* Section 4: 0xdd2f with a field that goes from 0x5555 to 0x3285 is 0x0000, not 0xffff. */
	CU_ASSERT_EQUAL(weir_csum_update16(weir_be16(0xdd2f), weir_be16(0x5555), weir_be16(0x3285)), 0);
}

static void updates_agree_with_a_new_sum(void)
{
	unsigned wrong = 0;

	fill_random();
	for (unsigned at = 0; at + 40 < 4000; at += 40) {
		uint16_t csum = weir_sum_csum(weir_sum(bytes + at, 40)), was16, is16;
		uint32_t was32, is32;

		memcpy(&was16, bytes + at + 6, 2);
		memcpy(&is16, bytes + at + 40, 2);
		memcpy(bytes + at + 6, &is16, 2);
		csum = weir_csum_update16(csum, was16, is16);
		wrong += csum != weir_sum_csum(weir_sum(bytes + at, 40));
		memcpy(&was32, bytes + at + 12, 4);
		memcpy(&is32, bytes + at + 44, 4);
		memcpy(bytes + at + 12, &is32, 4);
		csum = weir_csum_update32(csum, was32, is32);
		wrong += csum != weir_sum_csum(weir_sum(bytes + at, 40));
	}
	CU_ASSERT_EQUAL(wrong, 0);
}

static void a_hop_keeps_the_checksum_right(void)
{
	struct weir_ipv4 ip = { .version_ihl = 0x45, .total_len = weir_be16(20), .src = weir_be32(0x0a000001) };
	unsigned wrong = 0;

	for (unsigned id = 0; id <= 0xffff; id++) {
		ip.id = (uint16_t)id;
		ip.ttl = (uint8_t)(id % 255 + 1);
		ip.csum = 0;
		ip.csum = weir_csum_ipv4(&ip);
		weir_ipv4_hop(&ip);
		wrong += weir_csum_ipv4(&ip) != 0 || ip.ttl != id % 255;
	}
	CU_ASSERT_EQUAL(wrong, 0);
}

static void udp_never_sends_zero(void)
{
	CU_ASSERT_EQUAL(weir_csum_udp(0), 0xffff);
	CU_ASSERT_EQUAL(weir_csum_udp(1), 1);
	CU_ASSERT_EQUAL(weir_csum_udp(0xffff), 0xffff);
}

static void pseudo_headers_count_every_field(void)
{
	/* The fields one after the other as RFC 9293, 3.1 and RFC 8200, 8.1 draw them. */
	static const uint8_t drawn4[] = { 192, 0, 2, 1, 198, 51, 100, 254, 0, 17, 0xfe, 0xdc };
	uint8_t drawn6[40];
	struct weir_ipv4 ip4;
	struct weir_ipv6 ip6;

	fill_random();
	memset(&ip4, 0xa5, sizeof(ip4));
	memcpy(&ip4.src, drawn4, 8);
	CU_ASSERT_EQUAL(weir_be16(weir_sum_fold(weir_sum_pseudo4(&ip4, 17, 0xfedc))),
	                plain_sum(drawn4, sizeof(drawn4)));
	memset(&ip6, 0xa5, sizeof(ip6));
	memcpy(ip6.src, bytes, 16);
	memcpy(ip6.dst, bytes + 16, 16);
	memcpy(drawn6, bytes, 32);
	memcpy(drawn6 + 32, "\x00\x01\xfe\xdc\0\0\0\x3a", 8);
	CU_ASSERT_EQUAL(weir_be16(weir_sum_fold(weir_sum_pseudo6(&ip6, 58, 0x1fedc))), plain_sum(drawn6, 40));
}

/* A bit at a time, as RFC 9260, appendix A describes it. */
static uint32_t plain_crc32c(const uint8_t *data, size_t len)
{
	uint32_t crc = ~0u;

	while (len--) {
		crc ^= *data++;
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0x82f63b78u : crc >> 1;
	}
	return ~crc;
}

static void rfc_3720_examples(void)
{
	uint8_t data[32];

	CU_ASSERT_EQUAL(~weir_crc32c(~0u, "123456789", 9), 0xe3069283);
	memset(data, 0, sizeof(data));
	CU_ASSERT_EQUAL(~weir_crc32c(~0u, data, 32), 0x8a9136aa);
	CU_ASSERT_EQUAL(~crc32c_table(~0u, data, 32), 0x8a9136aa);
	memset(data, 0xff, sizeof(data));
	CU_ASSERT_EQUAL(~weir_crc32c(~0u, data, 32), 0x62a8ab43);
	for (unsigned i = 0; i < 32; i++)
		data[i] = (uint8_t)i;
	CU_ASSERT_EQUAL(~weir_crc32c(~0u, data, 32), 0x46dd794e);
	for (unsigned i = 0; i < 32; i++)
		data[i] = (uint8_t)(31 - i);
	CU_ASSERT_EQUAL(~weir_crc32c(~0u, data, 32), 0x113fdb5c);
}

static void crc32c_by_instruction_and_by_table(void)
{
	unsigned wrong = 0;

	fill_random();
	for (size_t len = 0; len < 300; len++) {
		uint32_t crc = plain_crc32c(bytes + len % 9, len);

		wrong += ~weir_crc32c(~0u, bytes + len % 9, len) != crc;
		wrong += ~crc32c_table(~0u, bytes + len % 9, len) != crc;
		wrong += ~weir_crc32c(weir_crc32c(~0u, bytes + len % 9, len / 3), bytes + len % 9 + len / 3,
		                      len - len / 3) != crc;
	}
	CU_ASSERT_EQUAL(wrong, 0);
}

static const struct unit_case cases[] = {
	{ "the example of RFC 1071", rfc_1071_example },
	{ "every level agrees at every length and alignment", every_level_at_every_length_and_alignment },
	{ "ones keep every carry", ones_keep_every_carry },
	{ "the carry of the fold counts", the_carry_of_the_fold_counts },
	{ "nothing sums to nothing", nothing_sums_to_nothing },
	{ "sums of parts add up wherever it is cut", sums_of_parts_add_up_wherever_it_is_cut },
	{ "a packet of odd pieces sums as one", a_packet_of_odd_pieces_sums_as_one },
	{ "IPv4 header checksum", ipv4_header_checksum },
	{ "IPv4 options count", ipv4_options_count },
	{ "the example of RFC 1624", rfc_1624_example },
	{ "updates agree with a new sum", updates_agree_with_a_new_sum },
	{ "a hop keeps the checksum right", a_hop_keeps_the_checksum_right },
	{ "UDP never sends zero", udp_never_sends_zero },
	{ "pseudo-headers count every field", pseudo_headers_count_every_field },
	{ "the examples of RFC 3720", rfc_3720_examples },
	{ "CRC32c by instruction and by table", crc32c_by_instruction_and_by_table },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("net: sums", cases);
}
