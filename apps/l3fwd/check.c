/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Validation of IP headers. Nothing beyond the bytes that are here is read.
 */
#include "check.h"

static uint8_t first_byte(uint32_t addr)
{
	uint8_t bytes[4];

	memcpy(bytes, &addr, sizeof(bytes));
	return bytes[0];
}

/* Above 224.0.0.0 are the groups, and then what was once reserved and is given to hosts now, but for the broadcast. */
bool ipv4_is_host(uint32_t addr)
{
	uint8_t net = first_byte(addr);

	return net != 0 && net != 127 && net >> 4 != 14 && addr != UINT32_MAX;
}

/* 15 bytes of 0: unspecified, or the loopback address. */
static bool is_loopback_or_none(const uint8_t addr[16])
{
	static const uint8_t zero[15];

	return !memcmp(addr, zero, sizeof(zero)) && addr[15] <= 1;
}

static bool is_unspecified(const uint8_t addr[16])
{
	return is_loopback_or_none(addr) && !addr[15];
}

/* An IPv4 address that looks like IPv6: only within a host (RFC 4291, section 2.5.5.2). */
static bool is_mapped(const uint8_t addr[16])
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(addr, prefix, sizeof(prefix));
}

bool ipv6_is_host(const uint8_t addr[16])
{
	return addr[0] != 0xff && (addr[0] || (!is_loopback_or_none(addr) && !is_mapped(addr)));
}

int check_ipv4(const struct weir_ipv4 *ip, size_t here, size_t all, bool sum_known, uint32_t *total)
{
	unsigned header = (ip->version_ihl & 0xfu) * 4;

	if (ip->version_ihl >> 4 != 4)
		return DROP_VERSION;
	if (header < sizeof(*ip))
		return DROP_HEADER_LENGTH;
	if (header > here)
		return DROP_SHORT;
	*total = weir_be16(ip->total_len);
	if (!sum_known && weir_csum_ipv4(ip))
		return DROP_CHECKSUM;
	if (*total < header || *total > all)
		return DROP_LENGTH;
	/* Who asks for an address has none yet; that is for this link alone. */
	if (!ipv4_is_host(ip->src) && !(ip->src == 0 && ipv4_is_link_wide(ip->dst)))
		return DROP_SOURCE;
	if (!ipv4_is_host(ip->dst) && !ipv4_is_link_wide(ip->dst))
		return DROP_DESTINATION;
	return CHECK_GOOD;
}

int check_ipv6(const struct weir_ipv6 *ip, size_t here, size_t all, uint32_t *total)
{
	if (weir_be32(ip->version_flow) >> 28 != 6)
		return DROP_VERSION;
	*total = weir_be16(ip->payload_len) + (uint32_t)sizeof(*ip);
	/* Jumbograms (RFC 2675) do not say here how long they are. No link that we know carries one. */
	if (ip->payload_len == 0 && ip->next == WEIR_IP_HOPOPTS)
		return DROP_LENGTH;
	if (*total > all || here < sizeof(*ip))
		return DROP_LENGTH;
	/* Duplicate addresses are looked for, and groups are told of, by hosts without an address. */
	if (!ipv6_is_host(ip->src) && !(ip->dst[0] == 0xff && is_unspecified(ip->src)))
		return DROP_SOURCE;
	/* Groups of no more than the host itself (ff01::) do not come from a link. */
	if (ip->dst[0] == 0xff ? (ip->dst[1] & 0xfu) <= 1 : !ipv6_is_host(ip->dst))
		return DROP_DESTINATION;
	return CHECK_GOOD;
}
