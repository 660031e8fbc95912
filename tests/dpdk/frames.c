/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frames to try.
 */
#include "frames.h"

#include <string.h>

#include "weir/net.h"

#define SHORTEST 60

static const uint8_t to_card[6] = { 0x02, 0x00, 0x00, 0x00, 0x00, 0x01 };
static const uint8_t from_peer[6] = { 0x02, 0x00, 0x00, 0x00, 0x00, 0x02 };

size_t frame_plain(uint8_t *frame, size_t len)
{
	memcpy(frame, to_card, 6);
	memcpy(frame + 6, from_peer, 6);
	weir_store_be16(frame + 12, 0x88b5); /* for local experiments */
	for (size_t i = 14; i < len; i++)
		frame[i] = (uint8_t)(i * 31 + len + (len >> 8) * 7);
	return len;
}

static uint8_t protocol_of(const struct frame_ip *what)
{
	return what->protocol ? what->protocol : WEIR_IP_UDP;
}

size_t frame_l2(const struct frame_ip *what)
{
	return 14 + 4 * what->tags;
}

size_t frame_l3(const struct frame_ip *what)
{
	return what->ipv6 ? 40 + 8 * what->options : 20 + 4 * what->options;
}

size_t frame_l4(const struct frame_ip *what)
{
	switch (protocol_of(what)) {
	case WEIR_IP_TCP:
		return 20;
	case WEIR_IP_UDP:
		return 8;
	case WEIR_IP_SCTP:
		return 12;
	default:
		return 0;
	}
}

static void put_ethernet(uint8_t *frame, const struct frame_ip *what)
{
	uint8_t *at = frame + 12;

	memcpy(frame, to_card, 6);
	memcpy(frame + 6, from_peer, 6);
	for (unsigned i = 0; i < what->tags; i++, at += 4) {
		weir_store_be16(at, what->tags == 2 && !i ? WEIR_ETHER_QINQ : WEIR_ETHER_VLAN);
		weir_store_be16(at + 2, what->tci[i]);
	}
	weir_store_be16(at, what->ipv6 ? WEIR_ETHER_IPV6 : WEIR_ETHER_IPV4);
}

static void put_ipv4(uint8_t *at, const struct frame_ip *what, size_t below)
{
	struct weir_ipv4 *ip = (void *)at;

	memset(at, 1, frame_l3(what)); /* options: no operation */
	ip->version_ihl = (uint8_t)(0x45 + what->options);
	ip->tos = 0;
	weir_store_be16(at + 2, (uint16_t)(frame_l3(what) + below));
	weir_store_be16(at + 4, what->id);
	weir_store_be16(at + 6, what->fragment);
	ip->ttl = 64;
	ip->protocol = protocol_of(what);
	ip->csum = 0;
	ip->src = weir_be32(0x0a000000u | what->src);
	ip->dst = weir_be32(0x0a000000u | what->dst);
	ip->csum = weir_csum_ipv4(ip);
	if (what->bad_ip)
		ip->csum ^= 0x0100;
}

static void put_ipv6(uint8_t *at, const struct frame_ip *what, size_t below)
{
	struct weir_ipv6 *ip = (void *)at;

	memset(at, 0, frame_l3(what));
	at[0] = 0x60;
	weir_store_be16(at + 4, (uint16_t)(8 * what->options + below));
	ip->next = what->options ? WEIR_IP_DSTOPTS : protocol_of(what);
	ip->hop_limit = 64;
	ip->src[0] = ip->dst[0] = 0xfd;
	ip->src[15] = what->src;
	ip->dst[15] = what->dst;
	if (what->options) {
		at[40] = protocol_of(what);
		at[41] = (uint8_t)(what->options - 1);
		at[42] = 1; /* padding to the end */
		at[43] = (uint8_t)(8 * what->options - 4);
	}
}

/* The checksum that belongs into the layer-4 header at @at, whose field is 0. */
static uint16_t sum_of(const uint8_t *l3, const uint8_t *at, const struct frame_ip *what, size_t below)
{
	uint32_t sum = what->ipv6 ? weir_sum_pseudo6((const void *)l3, protocol_of(what), (uint32_t)below)
	                          : weir_sum_pseudo4((const void *)l3, protocol_of(what), (uint32_t)below);

	return weir_sum_csum(weir_sum_add(sum, weir_sum(at, below)));
}

static void put_sum(uint8_t *l3, uint8_t *at, const struct frame_ip *what, size_t below)
{
	uint8_t wrong = what->bad_l4 ? 0x10 : 0;
	uint16_t sum;
	uint32_t crc;

	switch (protocol_of(what)) {
	case WEIR_IP_TCP:
		sum = sum_of(l3, at, what, below);
		memcpy(at + 16, &sum, 2);
		at[16] ^= wrong;
		break;
	case WEIR_IP_UDP:
		sum = what->no_l4 ? 0 : weir_csum_udp(sum_of(l3, at, what, below));
		memcpy(at + 6, &sum, 2);
		at[6] ^= wrong;
		break;
	case WEIR_IP_SCTP:
		crc = ~weir_crc32c(~0u, at, below);
		for (unsigned i = 0; i < 4; i++)
			at[8 + i] = (uint8_t)(crc >> 8 * i);
		at[8] ^= wrong;
		break;
	default:
		break;
	}
}

static void put_l4(uint8_t *at, const struct frame_ip *what, size_t below)
{
	size_t header = frame_l4(what);

	memset(at, 0, header);
	for (size_t i = header; i < below; i++)
		at[i] = what->body ? what->body[i - header] : (uint8_t)(i * 13 + what->src + what->seq);
	if (header) {
		weir_store_be16(at, what->src_port);
		weir_store_be16(at + 2, what->dst_port);
	}
	if (protocol_of(what) == WEIR_IP_UDP)
		weir_store_be16(at + 4, (uint16_t)below);
	if (protocol_of(what) == WEIR_IP_TCP) {
		weir_store_be32(at + 4, what->seq);
		weir_store_be32(at + 8, 0x01020304);
		at[12] = 5 << 4;
		at[13] = what->tcp_flags ? what->tcp_flags : WEIR_TCP_ACK;
		weir_store_be16(at + 14, 0x7210);
	}
}

size_t frame_ip(uint8_t *frame, const struct frame_ip *what)
{
	size_t below = frame_l4(what) + what->payload, len = frame_l2(what) + frame_l3(what) + below;
	uint8_t *l3 = frame + frame_l2(what), *l4 = l3 + frame_l3(what);

	put_ethernet(frame, what);
	if (what->ipv6)
		put_ipv6(l3, what, below);
	else
		put_ipv4(l3, what, below);
	put_l4(l4, what, below);
	put_sum(l3, l4, what, below);
	if (len < SHORTEST)
		memset(frame + len, 0, SHORTEST - len);
	return len < SHORTEST ? SHORTEST : len;
}
