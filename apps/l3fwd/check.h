/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a router looks at before it looks for a route (RFC 1812, sections 5.2.2 and 5.3.7; RFC 8200, RFC 4291).
 */
#ifndef L3FWD_CHECK_H
#define L3FWD_CHECK_H

#include <stddef.h>

#include <weir/net.h>

#include "router.h"

#define CHECK_GOOD (-1)

/*
 * Judge the IP header at @ip, of which @here bytes lie before us in one piece, of a packet of which @all bytes came.
 * Return CHECK_GOOD with *@total the length of the packet by its own account, or the enum drop.
 *
 * @sum_known: the port has found the header's checksum right.
 */
int check_ipv4(const struct weir_ipv4 *ip, size_t here, size_t all, bool sum_known, uint32_t *total);
int check_ipv6(const struct weir_ipv6 *ip, size_t here, size_t all, uint32_t *total);

/* Whether an address is that of one host: neither a group, nor all, nor this host itself. Addresses as in packets. */
bool ipv4_is_host(uint32_t addr);
bool ipv6_is_host(const uint8_t addr[16]);

/* Whether packets to this address concern those on the link alone. */
static inline bool ipv4_is_link_wide(uint32_t addr)
{
	return *(const uint8_t *)&addr >> 4 == 14 || addr == UINT32_MAX;
}

static inline bool ipv6_is_link_local(const uint8_t addr[16])
{
	return addr[0] == 0xfe && (addr[1] & 0xc0u) == 0x80;
}

#endif
