/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The headers that packets can be made of: their fields, and what these hold when nothing is said. Addresses are those
 * set aside for benchmarks (RFC 2544, RFC 5180).
 */
#include <string.h>

#include "template.h"

/* Bytes that are read together; the field's lowest bit in them, and how many it has. */
#define NUMBER(name, offset, bytes, shift, bits)              \
	{                                                     \
		name, KIND_NUMBER, offset, bytes, shift, bits \
	}
#define ADDRESS(name, kind, offset, bytes)              \
	{                                               \
		name, kind, offset, bytes, 0, (bytes)*8 \
	}
#define END                         \
	{                           \
		NULL, 0, 0, 0, 0, 0 \
	}

static const struct header_field eth_fields[] = {
	ADDRESS("dst", KIND_MAC, 0, 6),
	ADDRESS("src", KIND_MAC, 6, 6),
	NUMBER("type", 12, 2, 0, 16),
	END,
};

/* Of 802.1Q and 802.1ad. */
static const struct header_field vlan_fields[] = {
	NUMBER("type", 2, 2, 0, 16),
	NUMBER("id", 0, 2, 0, 12),
	NUMBER("dei", 0, 2, 12, 1),
	NUMBER("priority", 0, 2, 13, 3),
	END,
};

static const struct header_field mpls_fields[] = {
	NUMBER("bottom", 0, 4, 8, 1),
	NUMBER("label", 0, 4, 12, 20),
	NUMBER("class", 0, 4, 9, 3),
	NUMBER("ttl", 0, 4, 0, 8),
	END,
};

static const struct header_field arp_fields[] = {
	NUMBER("operation", 6, 2, 0, 16),       ADDRESS("sender_mac", KIND_MAC, 8, 6),
	ADDRESS("sender_ip", KIND_IPV4, 14, 4), ADDRESS("target_mac", KIND_MAC, 18, 6),
	ADDRESS("target_ip", KIND_IPV4, 24, 4), END,
};

static const struct header_field ipv4_fields[] = {
	NUMBER("protocol", 9, 1, 0, 8),   NUMBER("length", 2, 2, 0, 16),
	NUMBER("checksum", 10, 2, 0, 16), NUMBER("tos", 1, 1, 0, 8),
	NUMBER("dscp", 1, 1, 2, 6),       NUMBER("ecn", 1, 1, 0, 2),
	NUMBER("id", 4, 2, 0, 16),        NUMBER("df", 6, 2, 14, 1),
	NUMBER("mf", 6, 2, 13, 1),        NUMBER("offset", 6, 2, 0, 13),
	NUMBER("ttl", 8, 1, 0, 8),        ADDRESS("src", KIND_IPV4, 12, 4),
	ADDRESS("dst", KIND_IPV4, 16, 4), END,
};

static const struct header_field ipv6_fields[] = {
	NUMBER("next", 6, 1, 0, 8),        NUMBER("length", 4, 2, 0, 16),
	NUMBER("class", 0, 4, 20, 8),      NUMBER("flow", 0, 4, 0, 20),
	NUMBER("hop_limit", 7, 1, 0, 8),   ADDRESS("src", KIND_IPV6, 8, 16),
	ADDRESS("dst", KIND_IPV6, 24, 16), END,
};

static const struct header_field tcp_fields[] = {
	NUMBER("checksum", 16, 2, 0, 16), NUMBER("src", 0, 2, 0, 16),     NUMBER("dst", 2, 2, 0, 16),
	NUMBER("seq", 4, 4, 0, 32),       NUMBER("ack", 8, 4, 0, 32),     NUMBER("flags", 13, 1, 0, 8),
	NUMBER("window", 14, 2, 0, 16),   NUMBER("urgent", 18, 2, 0, 16), END,
};

static const struct header_field udp_fields[] = {
	NUMBER("checksum", 6, 2, 0, 16),
	NUMBER("length", 4, 2, 0, 16),
	NUMBER("dst", 2, 2, 0, 16),
	NUMBER("src", 0, 2, 0, 16),
	END,
};

/* Of ICMP and ICMPv6: an echo request. */
static const struct header_field icmp_fields[] = {
	NUMBER("checksum", 2, 2, 0, 16), NUMBER("type", 0, 1, 0, 8),      NUMBER("code", 1, 1, 0, 8),
	NUMBER("id", 4, 2, 0, 16),       NUMBER("sequence", 6, 2, 0, 16), END,
};

static const struct header_field vxlan_fields[] = {
	NUMBER("vni", 4, 4, 8, 24),
	NUMBER("flags", 0, 1, 0, 8),
	END,
};

/* The key is there when something is said of it. */
static const struct header_field gre_fields[] = {
	NUMBER("key", 4, 4, 0, 32),
	NUMBER("type", 2, 2, 0, 16),
	END,
};

static const struct header_field gtpu_fields[] = {
	NUMBER("length", 2, 2, 0, 16),
	NUMBER("teid", 4, 4, 0, 32),
	END,
};

/* clang-format off */
static const struct header_info headers[HEADER_COUNT] = {
	[HEADER_ETH] = { "eth", 14, { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xb5 }, eth_fields },
	[HEADER_VLAN] = { "vlan", 4, { 0, 1, 0x88, 0xb5 }, vlan_fields },
	[HEADER_QINQ] = { "qinq", 4, { 0, 1, 0x88, 0xb5 }, vlan_fields },
	[HEADER_MPLS] = { "mpls", 4, { 0, 1, 0, 64 }, mpls_fields },
	[HEADER_ARP] = { "arp", 28, { 0, 1, 8, 0, 6, 4, 0, 1,
		2, 0, 0, 0, 0, 1, 198, 18, 0, 1, 0, 0, 0, 0, 0, 0, 198, 19, 0, 1 }, arp_fields },
	[HEADER_IPV4] = { "ipv4", 20, { 0x45, 0, 0, 0, 0, 0, 0, 0, 64, 253, 0, 0,
		198, 18, 0, 1, 198, 19, 0, 1 }, ipv4_fields },
	[HEADER_IPV6] = { "ipv6", 40, { 0x60, 0, 0, 0, 0, 0, 253, 64,
		0x20, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
		0x20, 1, 0, 2, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, ipv6_fields },
	[HEADER_TCP] = { "tcp", 20, { 0xc0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 0x10, 0xff, 0xff }, tcp_fields },
	[HEADER_UDP] = { "udp", 8, { 0xc0, 0, 0, 9 }, udp_fields },
	[HEADER_ICMP] = { "icmp", 8, { 8 }, icmp_fields },
	[HEADER_ICMPV6] = { "icmpv6", 8, { 128 }, icmp_fields },
	[HEADER_VXLAN] = { "vxlan", 8, { 8, 0, 0, 0, 0, 0, 1, 0 }, vxlan_fields },
	[HEADER_GRE] = { "gre", 4, { 0 }, gre_fields },
	[HEADER_GTPU] = { "gtpu", 8, { 0x30, 255, 0, 0, 0, 0, 0, 1 }, gtpu_fields },
};
/* clang-format on */

const struct header_info *header_info(enum header header)
{
	return &headers[header];
}

int header_find(const char *name)
{
	for (int i = 0; i < HEADER_COUNT; i++)
		if (!strcmp(headers[i].name, name))
			return i;
	return -1;
}

const struct header_field *header_field(enum header header, const char *name)
{
	for (const struct header_field *f = headers[header].fields; f->name; f++)
		if (!strcmp(f->name, name))
			return f;
	return NULL;
}
