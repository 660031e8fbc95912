/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frames to try.
 */
#ifndef TESTS_DPDK_FRAMES_H
#define TESTS_DPDK_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A frame of @len bytes to the card, of no protocol that it knows; its bytes tell its length. Returns @len. */
size_t frame_plain(uint8_t *frame, size_t len);

/*
 * A frame with IP. All zero: UDP over IPv4 without tags, from 10.0.0.0 port 0 to the same, no payload, all sums right.
 */
struct frame_ip {
	unsigned tags; /* up to 2: the first of an outer and an inner tag, or the only one */
	uint16_t tci[2];
	bool ipv6;
	uint8_t options;  /* IPv4: words of them; IPv6: 8-byte units of an extension header */
	uint8_t protocol; /* WEIR_IP_TCP, _UDP, _SCTP or another, without a header then; 0: UDP */
	uint8_t src, dst; /* last byte of the addresses */
	uint16_t src_port, dst_port;
	uint16_t id;       /* IPv4 */
	uint16_t fragment; /* IPv4: the field of the header */
	uint8_t tcp_flags;
	uint32_t seq;
	size_t payload;
	const uint8_t *body; /* the payload; NULL: a pattern */
	bool bad_ip, bad_l4; /* with a wrong checksum */
	bool no_l4;          /* UDP: without */
};

/* Makes it. Returns its length, 60 at least. */
size_t frame_ip(uint8_t *frame, const struct frame_ip *what);

/* Lengths of the headers in front of the payload of such a frame. */
size_t frame_l2(const struct frame_ip *what);
size_t frame_l3(const struct frame_ip *what);
size_t frame_l4(const struct frame_ip *what);

#endif
