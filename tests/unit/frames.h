/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frames for cards to receive. Nothing of the library is used: what is expected of a card is worked out apart from it.
 */
#ifndef TESTS_FRAMES_H
#define TESTS_FRAMES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* 02:00:00:00:00:01 <- 02:00:00:00:00:02, 66.9.149.187:2794 -> 161.142.100.80:1766 TCP, no payload, 60 bytes. */
static const uint8_t frame_tcp[60] = {
	0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x02, 0x08, 0x00, /* Ethernet */
	0x45, 0x00, 0x00, 0x28, 0x00, 0x01, 0x00, 0x00, 0x40, 0x06, 0xfc, 0x63,             /* IPv4 */
	0x42, 0x09, 0x95, 0xbb, 0xa1, 0x8e, 0x64, 0x50,                                     /* ... addresses */
	0x0a, 0xea, 0x06, 0xe6, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00,             /* TCP */
	0x50, 0x02, 0x20, 0x00, 0x00, 0x00, 0x00, 0x00,                                     /* ... SYN */
};

/* A frame of type 0x88b5 (local experiments) to ours, of @len bytes counting up. */
static inline void plain(uint8_t *frame, size_t len)
{
	for (size_t i = 0; i < len; i++)
		frame[i] = (uint8_t)i;
	memcpy(frame, frame_tcp, 12);
	frame[12] = 0x88;
	frame[13] = 0xb5;
}

/* Sums 16-bit words, carries around, and complements: RFC 1071 by the letter. */
static inline unsigned sum16(const uint8_t *at, size_t len, unsigned sum)
{
	for (size_t i = 0; i < len; i += 2)
		sum += (unsigned)at[i] << 8 | (i + 1 < len ? at[i + 1] : 0);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static inline void put_be16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* The frame above with both checksums right. */
static inline void good_tcp(uint8_t frame[60])
{
	memcpy(frame, frame_tcp, 60);
	put_be16(frame + 24, 0);
	put_be16(frame + 24, ~sum16(frame + 14, 20, 0));
	put_be16(frame + 50, ~sum16(frame + 34, 20, sum16(frame + 26, 8, 6 + 20)));
}

#endif
