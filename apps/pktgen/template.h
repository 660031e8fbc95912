/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A stream's headers, made ready: their bytes, and what has to be filled in for each packet.
 */
#ifndef PKTGEN_TEMPLATE_H
#define PKTGEN_TEMPLATE_H

#include <stdbool.h>
#include <stdint.h>

#include "field.h"

#define TEMPLATE_BYTES   512u /* of all headers */
#define TEMPLATE_LAYERS  16u
#define TEMPLATE_LENGTHS 16u
#define TEMPLATE_SUMS    16u

enum header {
	HEADER_ETH,
	HEADER_VLAN,
	HEADER_QINQ, /* the outer of two tags: 802.1ad */
	HEADER_MPLS,
	HEADER_ARP,
	HEADER_IPV4,
	HEADER_IPV6,
	HEADER_TCP,
	HEADER_UDP,
	HEADER_ICMP,
	HEADER_ICMPV6,
	HEADER_VXLAN,
	HEADER_GRE,
	HEADER_GTPU,
	HEADER_COUNT
};

/* A 16-bit field that holds the number of bytes from @from to the frame's end. */
struct template_length {
	uint16_t at, from;
};

/* A checksum, over everything from @from to the frame's end; of IPv4, over the header. */
struct template_sum {
	uint8_t header;    /* enum header */
	uint16_t at;       /* where it stands */
	uint16_t from;     /* its header begins here */
	uint16_t ip;       /* the IP header whose addresses it covers, too; 0: none */
	uint8_t ip_header; /* HEADER_IPV4 or _IPV6 */
};

struct template
{
	uint8_t bytes[TEMPLATE_BYTES];
	unsigned len; /* of all headers; the payload follows */
	unsigned layers;
	struct {
		uint8_t header; /* enum header */
		uint16_t offset;
	} layer[TEMPLATE_LAYERS];
	unsigned lengths;
	struct template_length length[TEMPLATE_LENGTHS];
	unsigned sums; /* the innermost first, as they have to be filled in */
	struct template_sum sum[TEMPLATE_SUMS];

	/* What a port can be asked to fill in, which is the first @offloaded of the sums: with these flags and .txo. */
	unsigned offloaded;
	uint16_t flags;
	uint32_t txo;
};

#endif
