/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Copies of a part of a packet, for those that are made here.
 */
#ifndef L3FWD_COPY_H
#define L3FWD_COPY_H

#include "forward.h"

/* Copies @len bytes of the packet at @pkts, which has them, from byte @from on to @to. */
static inline void copy_bytes(uint8_t *base, const struct weir_pkt *pkts, uint32_t from, uint8_t *to, uint32_t len)
{
	for (; from >= pkts->len; pkts++)
		from -= pkts->len;
	for (; len; pkts++, from = 0) {
		uint32_t some = pkts->len - from < len ? pkts->len - from : len;

		memcpy(to, weir_pkt_data(base, pkts) + from, some);
		to += some;
		len -= some;
	}
}

#endif
