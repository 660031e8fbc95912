/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the files of lib/net share. Internal.
 */
#ifndef NET_NET_H
#define NET_NET_H

#include <stdbool.h>

#include "weir/net.h"
#include "weir/parse.h"

/* The next @left bytes of a packet, from byte @from of its first entry on; walk_next() gives them piece by piece. */
struct walk {
	uint8_t *base;
	const struct weir_pkt *pkts;
	unsigned n;
	size_t from, left;
	const uint8_t *at; /* the piece */
	size_t len;
};

/* Moves on to the next piece, of at least one byte. Returns false when there is none. */
static inline bool walk_next(struct walk *walk)
{
	while (walk->n && walk->left) {
		const struct weir_pkt *pkt = walk->pkts++;
		size_t from = walk->from;

		walk->n--;
		if (from >= pkt->len) {
			walk->from -= pkt->len;
			continue;
		}
		walk->at = weir_pkt_data(walk->base, pkt) + from;
		walk->len = pkt->len - from < walk->left ? pkt->len - from : walk->left;
		walk->left -= walk->len;
		walk->from = 0;
		return true;
	}
	return false;
}

/* The sum of the pseudo-header of @len layer-4 bytes in the IP packet that @parsed found at @data. */
static inline uint32_t pseudo_sum(const uint8_t *data, const struct weir_parsed *parsed, size_t len)
{
	const void *ip = data + parsed->l3_off;

	return parsed->flags & WEIR_PKT_IPV4 ? weir_sum_pseudo4(ip, parsed->protocol, (uint32_t)len)
	                                     : weir_sum_pseudo6(ip, parsed->protocol, (uint32_t)len);
}

/* What the checksum of the SCTP packet of @len bytes from byte @from on must be, as it lies in its field. */
uint32_t sctp_csum(uint8_t *base, const struct weir_pkt *pkts, unsigned n, size_t from, size_t len);

/* --- parse.c and tunnel.c -------------------------------------------------------------------------------------------- */

struct frame {
	const uint8_t *data;
	size_t len;   /* bytes that may be read */
	size_t total; /* bytes that there are, which the lengths in headers are held against */
};

static inline int parse_fail(struct weir_parsed *out, unsigned error)
{
	out->errors |= (uint16_t)error;
	return -EBADMSG;
}

static inline bool parse_is_mpls(unsigned type)
{
	return type == WEIR_ETHER_MPLS || type == WEIR_ETHER_MPLS_M;
}

/* The WEIR_ETHER_* of the IP packet at @at by its version, or 0. */
static inline unsigned parse_guess(const struct frame *frame, size_t at)
{
	switch (at < frame->len ? frame->data[at] >> 4 : 0) {
	case 4:
		return WEIR_ETHER_IPV4;
	case 6:
		return WEIR_ETHER_IPV6;
	}
	return 0;
}

/* weir_parse() for headers of @type (WEIR_ETHER_TEB: Ethernet) that begin at @at. */
int parse_inner(const struct frame *frame, struct weir_parsed *out, size_t at, unsigned type);

#endif
