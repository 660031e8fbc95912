/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the files of lib/net share. Internal.
 */
#ifndef NET_NET_H
#define NET_NET_H

#include <stdbool.h>

#include "weir/net.h"

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

/* What the checksum of the SCTP packet of @len bytes from byte @from on must be, as it lies in its field. */
uint32_t sctp_csum(uint8_t *base, const struct weir_pkt *pkts, unsigned n, size_t from, size_t len);

#endif
