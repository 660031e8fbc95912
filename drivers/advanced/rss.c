/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RSS: key, table, and what is hashed.
 */
#include "rss.h"

#include <string.h>

#include "port/registers.h"
#include "regs/advanced.h"
#include "regs/ixgbe.h"

_Static_assert(ADV_RSS_TABLE == 4 * IXGBE_RETA_COUNT, "");

uint32_t adv_rss_fields(uint32_t types)
{
	return (types & WEIR_RSS_IPV4 ? MRQC_IP4 : 0) | (types & WEIR_RSS_IPV4_TCP ? MRQC_TCP4 : 0) |
	       (types & WEIR_RSS_IPV4_UDP ? MRQC_UDP4 : 0) | (types & WEIR_RSS_IPV6 ? MRQC_IP6 : 0) |
	       (types & WEIR_RSS_IPV6_TCP ? MRQC_TCP6 : 0) | (types & WEIR_RSS_IPV6_UDP ? MRQC_UDP6 : 0);
}

void adv_rss_apply(const struct weir_port *port, uint32_t mrqc, unsigned unit)
{
	const struct weir_rss *rss = &port->wants.rss;
	bool used = port->info.rx_queues > 1 || port->conf.offloads & WEIR_OFFLOAD_RX_HASH || port->wants.rss_set;
	uint32_t word;

	if (!used || !rss->types) {
		port_write(port, IXGBE_MRQC, 0);
		return;
	}
	for (unsigned i = 0; i < IXGBE_RSSRK_COUNT; i++) {
		memcpy(&word, rss->key + 4 * i, sizeof(word));
		port_write(port, IXGBE_AT(RSSRK, i), word);
	}
	for (unsigned i = 0; i < IXGBE_RETA_COUNT; i++) {
		word = 0;
		for (unsigned j = 0; j < 4; j++)
			word |= rss->table[4 * i + j] * unit << (8 * j);
		port_write(port, IXGBE_AT(RETA, i), word);
	}
	port_write(port, IXGBE_MRQC, mrqc);
}
