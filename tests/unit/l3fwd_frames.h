/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packets for a router, made by hand, and a small network around it: port 0 has the sender (10.0.0.2, 2001:db8::2), port
 * 1 and VLAN 100 of port 2 have a neighbour each.
 */
#ifndef TESTS_L3FWD_FRAMES_H
#define TESTS_L3FWD_FRAMES_H

#include <arpa/inet.h>

#include "frames.h"
#include "l3fwd_rig.h"

static const char *const small_network[] = {
	"interface 0 address 10.0.0.1/24 address 2001:db8::1/64",
	"interface 1 address 10.0.1.1/24 address 2001:db8:1::1/64",
	"interface 2.100 address 10.0.2.1/24 address 2001:db8:2::1/64 mtu 1280",
	"neighbour 10.0.0.2 mac 02:00:00:00:99:99",
	"neighbour 10.0.1.2 mac 02:00:00:00:01:02",
	"neighbour 10.0.2.2 mac 02:00:00:00:02:02",
	"neighbour 2001:db8::2 mac 02:00:00:00:99:99",
	"neighbour 2001:db8:1::2 mac 02:00:00:00:01:02",
	"neighbour 2001:db8:2::2 mac 02:00:00:00:02:02",
	"route 10.9.0.0/16 via 10.0.1.2",
	"route 10.8.0.0/16 via 10.0.2.2",
	"route 10.7.0.0/16 via 10.0.1.9",
	"route 10.6.0.0/16 blackhole",
	"route 10.5.0.0/16 unreachable",
	"route 10.4.0.0/16 prohibit",
	"route 10.3.0.0/16 via 10.0.1.2 via 10.0.2.2",
	"route 2001:db8:9::/48 via 2001:db8:1::2",
	"route 2001:db8:8::/48 via 2001:db8:2::2",
	"route 2001:db8:5::/48 unreachable",
	"route 2001:db8:4::/48 prohibit",
};

static inline void open_network(struct rig *rig)
{
	rig_open(rig);
	for (unsigned i = 0; i < sizeof(small_network) / sizeof(*small_network); i++)
		rig_line(rig, small_network[i]);
}

static inline void put_eth(uint8_t *frame, unsigned port, unsigned type)
{
	static const uint8_t macs[12] = { 2, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0x99, 0x99 };

	memcpy(frame, macs, 12);
	frame[5] = (uint8_t)port;
	put_be16(frame + 12, type);
}

/* Sets the header's checksum right, by the letter of RFC 1071. */
static inline void seal4(uint8_t *frame)
{
	put_be16(frame + 24, 0);
	put_be16(frame + 24, ~sum16(frame + 14, (frame[14] & 0xfu) * 4, 0));
}

/* UDP from 10.0.0.2 to @dst, of @len bytes of IP packet, with @options (a multiple of 4) bytes of no-operation. */
static inline size_t make4_options(uint8_t *frame, const char *dst, unsigned ttl, size_t len, unsigned options)
{
	memset(frame, 0, 14 + len);
	put_eth(frame, 0, 0x0800);
	frame[14] = (uint8_t)(0x45 + options / 4);
	put_be16(frame + 16, (unsigned)len);
	put_be16(frame + 18, 0x1234);
	frame[22] = (uint8_t)ttl;
	frame[23] = 17;
	inet_pton(AF_INET, "10.0.0.2", frame + 26);
	inet_pton(AF_INET, dst, frame + 30);
	memset(frame + 34, 1, options);
	for (size_t i = 34 + options; i < 14 + len; i++)
		frame[i] = (uint8_t)i;
	seal4(frame);
	return 14 + len;
}

static inline size_t make4(uint8_t *frame, const char *dst, unsigned ttl, size_t len)
{
	return make4_options(frame, dst, ttl, len, 0);
}

/* The same of IPv6, from 2001:db8::2. */
static inline size_t make6(uint8_t *frame, const char *dst, unsigned limit, size_t len)
{
	memset(frame, 0, 14 + len);
	put_eth(frame, 0, 0x86dd);
	frame[14] = 0x60;
	put_be16(frame + 18, (unsigned)len - 40);
	frame[20] = 17;
	frame[21] = (uint8_t)limit;
	inet_pton(AF_INET6, "2001:db8::2", frame + 22);
	inet_pton(AF_INET6, dst, frame + 38);
	for (size_t i = 54; i < 14 + len; i++)
		frame[i] = (uint8_t)i;
	return 14 + len;
}

/* Sends it from port 0, and says why it was dropped: the one reason that was counted. */
static inline enum drop dropped(struct rig *rig, const uint8_t *frame, size_t len)
{
	uint64_t before[DROP_COUNT];
	unsigned sent = rig->sent_count;
	enum drop why = DROP_COUNT;

	memcpy(before, rig->router.counts[0].drops, sizeof(before));
	rig_frame(rig, 0, frame, len);
	for (unsigned i = 0; i < DROP_COUNT; i++)
		if (rig_drops(rig, (enum drop)i) != before[i])
			why = why == DROP_COUNT ? (enum drop)i : DROP_COUNT;
	/* Only an ICMP error may have gone back. */
	for (; sent < rig->sent_count; sent++)
		CU_ASSERT_EQUAL(rig->sent[sent].port, 0);
	return why;
}

#endif
