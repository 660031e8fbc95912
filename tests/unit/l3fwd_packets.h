/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packets to try a router with: captured ones and ones that were generated, most of them then damaged in one way or
 * several. The same for the same seed.
 */
#ifndef TESTS_L3FWD_PACKETS_H
#define TESTS_L3FWD_PACKETS_H

#include <glob.h>

#include "l3fwd_frames.h"

#define BASES 4096u
#define FRAME 2100u

/* Addresses that packets get: of hosts behind each route, of the router, and of nobody. */
static const char *const addresses4[] = {
	"10.8.1.1",  "10.9.1.1",  "10.9.9.1",  "10.9.9.129", "10.6.1.1",        "10.5.1.1",    "10.4.1.1",
	"10.0.0.3",  "10.0.1.3",  "10.0.2.3",  "10.0.0.2",   "10.0.1.2",        "192.0.2.1",   "127.0.0.1",
	"224.0.0.5", "239.1.2.3", "240.1.2.3", "0.0.0.0",    "255.255.255.255", "169.254.1.1", "10.11.12.13",
};
static const char *const addresses6[] = {
	"2001:db8:8::1",
	"2001:db8:9::1",
	"2001:db8:9:9::1",
	"2001:db8:6::1",
	"2001:db8:5::1",
	"2001:db8:4::1",
	"2001:db8::3",
	"2001:db8:1::3",
	"2001:db8:2::3",
	"2001:db8::2",
	"2001:db8:1::2",
	"2001:dba::1",
	"::",
	"::1",
	"ff02::1",
	"ff0e::1",
	"ff01::1",
	"::ffff:10.8.1.1",
	"fe80::1",
	"64:ff9b::a08:101",
	"fd00::1",
};

struct frame {
	unsigned port;
	size_t len;
	uint8_t data[RIG_FRAME];
};

static struct frame bases[BASES];
static unsigned base_count;

/* --- chance ---------------------------------------------------------------------------------------------------------- */

static uint64_t state;

/* xorshift64*, so that a seed means the same everywhere. */
static uint32_t chance(uint32_t n)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)((state * 0x2545f4914f6cdd1du) >> 33) % n;
}

static const char *any_of(const char *const *names, size_t size)
{
	return names[chance((uint32_t)(size / sizeof(*names)))];
}

/* --- packets --------------------------------------------------------------------------------------------------------- */

static bool is_ipv4(const struct frame *frame)
{
	return frame->len >= 34 && frame->data[12] == 0x08 && frame->data[13] == 0;
}

static bool is_ipv6(const struct frame *frame)
{
	return frame->len >= 54 && frame->data[12] == 0x86 && frame->data[13] == 0xdd;
}

/* A packet of some protocol, length and flags, from and to somewhere, that is right. */
static void generate(struct frame *frame)
{
	static const uint8_t protocols[] = { 1, 6, 17, 17, 6, 58, 50, 47, 132, 253 };
	size_t payload = chance(4) ? chance(200) : chance(1700);
	uint8_t protocol = protocols[chance(sizeof(protocols))];

	if (chance(2)) {
		frame->len =
		    make4_options(frame->data, any_of(addresses4, sizeof(addresses4)), 2 + chance(63), 20 + payload, 0);
		frame->data[15] = (uint8_t)chance(256);
		frame->data[20] = chance(2) ? 0x40 : 0;
		frame->data[23] = protocol;
		inet_pton(AF_INET, any_of(addresses4, sizeof(addresses4)), frame->data + 26);
		if (chance(10))
			put_be16(frame->data + 28, chance(65536));
		seal4(frame->data);
	} else {
		frame->len = make6(frame->data, any_of(addresses6, sizeof(addresses6)), 2 + chance(63), 40 + payload);
		frame->data[20] = protocol;
		inet_pton(AF_INET6, any_of(addresses6, sizeof(addresses6)), frame->data + 22);
	}
}

/* The frames of a capture that are IP and fit into the interfaces, as bases. */
static void take_capture(const char *path)
{
	uint8_t head[24], record[16], frame[FRAME];
	FILE *file = fopen(path, "re");
	bool little = file && fread(head, sizeof(head), 1, file) == 1 && (head[0] == 0xd4 || head[0] == 0x4d);

	while (little && base_count < BASES / 2 && fread(record, sizeof(record), 1, file) == 1) {
		size_t len = (size_t)record[8] | (size_t)record[9] << 8 | (size_t)record[10] << 16;

		if (len > sizeof(frame) || len < 34 || fread(frame, len, 1, file) != 1)
			break;
		memcpy(bases[base_count].data, frame, len);
		bases[base_count].len = len;
		if (is_ipv4(&bases[base_count]) || is_ipv6(&bases[base_count]))
			base_count++;
	}
	if (file)
		fclose(file);
}

static void take_captures(void)
{
	const char *folder = getenv("WEIR_CAPTURES");
	char pattern[512];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/*.pcap", folder ? folder : "tests/data/captures");
	if (glob(pattern, 0, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		take_capture(found.gl_pathv[i]);
	globfree(&found);
}

/* --- damage ---------------------------------------------------------------------------------------------------------- */

static void damage_address(struct frame *frame)
{
	bool source = chance(3) == 0;

	if (is_ipv4(frame)) {
		inet_pton(AF_INET, any_of(addresses4, sizeof(addresses4)), frame->data + (source ? 26 : 30));
		/* Many hosts send: Linux answers each of them seldom. */
		if (source && chance(10))
			put_be16(frame->data + 28, chance(65536));
	} else if (is_ipv6(frame))
		inet_pton(AF_INET6, any_of(addresses6, sizeof(addresses6)), frame->data + (source ? 22 : 38));
}

/* Moves the payload back and puts options of some kinds in front of it. */
static void damage_options(struct frame *frame)
{
	static const uint8_t kinds[] = { 0, 1, 7, 7, 131, 137, 148, 130, 136, 25, 200 };
	unsigned words = 1 + chance(10), at = 34, end;

	if (!is_ipv4(frame) || frame->data[14] != 0x45 || frame->len + 4 * words > FRAME)
		return;
	end = 34 + 4 * words;
	memmove(frame->data + end, frame->data + 34, frame->len - 34);
	frame->len += 4 * words;
	frame->data[14] = (uint8_t)(0x45 + words);
	put_be16(frame->data + 16, (unsigned)frame->len - 14);
	memset(frame->data + 34, 0, 4 * words);
	while (at < end) {
		uint8_t kind = kinds[chance(sizeof(kinds))];
		unsigned len = kind <= 1 ? 1 : 3 + 4 * chance(4);

		frame->data[at] = kind;
		if (kind > 1 && at + len <= end) {
			frame->data[at + 1] = (uint8_t)(kind == 148 ? 4 : len);
			frame->data[at + 2] = (uint8_t)(kind == 148 ? 0 : 4 + 4 * chance(4));
		}
		at += len;
	}
}

static void damage(struct frame *frame)
{
	size_t l3 = is_ipv6(frame) ? 40 : 20;

	switch (chance(10)) {
	case 0: /* a byte of the header */
		frame->data[14 + chance((uint32_t)l3)] = (uint8_t)chance(256);
		return;
	case 1: /* a bit of it */
		frame->data[14 + chance((uint32_t)l3)] ^= (uint8_t)(1u << chance(8));
		return;
	case 2: /* TTL, hop limit */
		frame->data[is_ipv6(frame) ? 21 : 22] = (uint8_t)chance(3);
		return;
	case 3: /* fewer bytes */
		frame->len -= chance((uint32_t)(frame->len - 14));
		return;
	case 4: /* more */
		if (frame->len + 50 < FRAME) {
			memset(frame->data + frame->len, 0xee, 50);
			frame->len += chance(50);
		}
		return;
	case 5: /* a fragment */
		if (is_ipv4(frame))
			put_be16(frame->data + 20, (unsigned)chance(65536) & (chance(2) ? 0xffff : 0x200f));
		return;
	case 6:
		damage_options(frame);
		return;
	case 7: /* what ICMP says */
		if (frame->len > 54 && is_ipv6(frame))
			frame->data[54] = (uint8_t)chance(256);
		else
			frame->data[34] = (uint8_t)chance(20);
		return;
	case 8: /* to all, to a group, to somebody else */
		memset(frame->data, chance(3) ? 0xff : 0x01, 6);
		if (chance(2))
			frame->data[0] = 0x02;
		return;
	default:
		damage_address(frame);
	}
}

/* A packet that comes to one of @ports ports: a base, addressed to somebody here, and in most cases damaged. */
static void make(struct frame *frame, unsigned ports)
{
	static const uint8_t macs[12] = { 2, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0xf0 };

	if (base_count && chance(2))
		*frame = bases[chance(base_count)];
	else
		generate(frame);
	frame->port = chance(ports);
	memcpy(frame->data, macs, sizeof(macs));
	frame->data[5] = (uint8_t)frame->port;
	frame->data[11] = (uint8_t)(0xf0 + frame->port);
	if (chance(2))
		damage_address(frame);
	for (unsigned n = chance(4); n; n--)
		damage(frame);
	/* A wrong checksum would hide all the rest. */
	if (is_ipv4(frame) && chance(20) && 14u + (frame->data[14] & 15) * 4 <= frame->len)
		seal4(frame->data);
}

#endif
