/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where the headers are in a packet, and hashes over what they say.
 *
 * weir_parse() walks one stack of headers, from Ethernet through VLAN tags and MPLS labels to IP, its extension headers
 * and the layer-4 header:
 *
 *      0          l3_off             l4_off        + l4_len                end         len
 *      | Ethernet | IPv4 + options   | TCP, UDP    | payload               | padding   |
 *      | tags     | IPv6 + extension | SCTP        |                       |           |
 *      | labels   | headers          |             |                       |           |
 *
 * It reads nothing past the bytes that it is given, does a bounded amount of work whatever they say, and reports what
 * is wrong with them in .errors. What is inside a tunnel is another stack of headers: weir_parse_tunnel() walks it.
 */
#ifndef WEIR_PARSE_H
#define WEIR_PARSE_H

#include <stddef.h>
#include <stdint.h>

#include "pkt.h"
#include "wire.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What is wrong with a packet. */
#define WEIR_PARSE_TRUNCATED  0x0001u /* the data ends within a header */
#define WEIR_PARSE_TAGS       0x0002u /* more VLAN tags than WEIR_PARSE_TAGS_MAX */
#define WEIR_PARSE_LABELS     0x0004u /* more MPLS labels than WEIR_PARSE_LABELS_MAX */
#define WEIR_PARSE_VERSION    0x0008u /* the IP header's version is not what was announced */
#define WEIR_PARSE_IHL        0x0010u /* the IPv4 header claims fewer than 20 bytes, or more than its packet */
#define WEIR_PARSE_CUT        0x0020u /* the IP packet claims more bytes than there are */
#define WEIR_PARSE_SHORT      0x0040u /* the IP packet claims fewer bytes than its headers need */
#define WEIR_PARSE_EXTENSIONS 0x0080u /* more IPv6 extension headers than WEIR_PARSE_EXTENSIONS_MAX */
#define WEIR_PARSE_JUMBO      0x0100u /* a jumbo payload option (RFC 2675) that cannot be, or is missing */
#define WEIR_PARSE_TCP        0x0200u /* the TCP header claims fewer than 20 bytes, or more than there are */
#define WEIR_PARSE_UDP        0x0400u /* the UDP length is less than 8, or more than the IP packet */

#define WEIR_PARSE_TAGS_MAX       8u
#define WEIR_PARSE_LABELS_MAX     16u
#define WEIR_PARSE_EXTENSIONS_MAX 8u

/* What a packet is, in weir_parsed.flags: WEIR_PKT_L3 and WEIR_PKT_L4 of pkt.h, and these. */
#define WEIR_PARSED_FRAGMENT 0x0100u /* a part of an IP packet, */
#define WEIR_PARSED_LATER    0x0200u /* ... and not the first, so without a layer-4 header */
#define WEIR_PARSED_ROUTED   0x0400u /* IPv6, on its way by a routing header: the destination is not the last */
#define WEIR_PARSED_UNSIZED  0x0800u /* a length of 0, as Linux writes it above 64 KiB: .end is where the data ends */

/* What may be inside, by the look of the outside. */
enum weir_tunnel {
	WEIR_TUNNEL_NONE,
	WEIR_TUNNEL_IP,     /* IP in IP: protocol 4 or 41 */
	WEIR_TUNNEL_GRE,    /* protocol 47 */
	WEIR_TUNNEL_VXLAN,  /* UDP to WEIR_PORT_VXLAN */
	WEIR_TUNNEL_GENEVE, /* UDP to WEIR_PORT_GENEVE */
	WEIR_TUNNEL_GTPU,   /* UDP to WEIR_PORT_GTPU */
};

/**
 * What weir_parse() found. Offsets count from the first byte of the data, also for what is in a tunnel. A field is 0
 * where there was nothing to fill it with.
 */
struct weir_parsed {
	uint16_t flags;      /* WEIR_PKT_IPV4 ... WEIR_PKT_SCTP, WEIR_PARSED_* */
	uint16_t errors;     /* WEIR_PARSE_* */
	uint16_t ether_type; /* behind all tags; MPLS when there are labels; below WEIR_ETHER_MIN: a length */
	uint8_t tags;        /* VLAN tags, */
	uint8_t labels;      /* MPLS labels */
	uint16_t tci[2];     /* ... of the first two tags */
	uint16_t l2_off;     /* Ethernet header: 0, but for what is in a tunnel */
	uint16_t l3_off;     /* behind Ethernet, tags and labels, whatever is there */
	uint16_t l3_len;     /* IP header with options and extension headers */
	uint16_t l4_off;     /* behind the IP headers, whatever is there */
	uint16_t l4_len;     /* TCP, UDP or SCTP header */
	uint16_t src_port;   /* of TCP, UDP, SCTP; in the host's byte order */
	uint16_t dst_port;
	uint8_t protocol; /* of IP, behind the extension headers */
	uint8_t tunnel;   /* enum weir_tunnel */
	uint32_t end; /* where the IP packet ends by its own account; without IP, or when cut: where the data ends */
};
static_assert(sizeof(struct weir_parsed) == 32, "");

/**
 * Finds the headers of the Ethernet frame in the @len bytes at @data. Fills @out as far as the headers can be
 * followed; headers that it does not know are not an error, it stops there. Returns 0, or -EBADMSG when anything is
 * wrong: .errors says what. Any thread.
 */
int weir_parse(const void *data, size_t len, struct weir_parsed *out);

/** The same for a packet that begins with an IP header. */
int weir_parse_ip(const void *data, size_t len, struct weir_parsed *out);

/**
 * The same for the packet at @pkts, of @n entries. All headers must lie in the first entry: where they go on in the
 * next, it says WEIR_PARSE_TRUNCATED. A tag in .vlan is not in the data and not looked at.
 */
int weir_parse_pkt(uint8_t *base, const struct weir_pkt *pkts, unsigned n, struct weir_parsed *out);

/**
 * Finds the headers inside the tunnel that weir_parse() found and @outer describes; .l3_off and the rest of @inner
 * count from @data on too. Returns 0, -ENOENT when there is no tunnel or something else in it than Ethernet or IP, or
 * -EBADMSG.
 */
int weir_parse_tunnel(const void *data, size_t len, const struct weir_parsed *outer, struct weir_parsed *inner);

/* --- RSS hashes ------------------------------------------------------------------------------------------------------ */

#define WEIR_RSS_KEY   40u /* bytes of a key */
#define WEIR_RSS_INPUT 36u /* most bytes that are hashed: two IPv6 addresses and two ports */

/* What of a packet is hashed: addresses alone, or with the ports of a protocol. */
#define WEIR_RSS_IPV4      0x0001u
#define WEIR_RSS_IPV4_TCP  0x0002u
#define WEIR_RSS_IPV4_UDP  0x0004u
#define WEIR_RSS_IPV4_SCTP 0x0008u
#define WEIR_RSS_IPV6      0x0010u
#define WEIR_RSS_IPV6_TCP  0x0020u
#define WEIR_RSS_IPV6_UDP  0x0040u
#define WEIR_RSS_IPV6_SCTP 0x0080u
#define WEIR_RSS_ALL       0x00ffu

/** A key made ready: what each byte at each place contributes. 36 KiB, of which IPv4 with ports touches 12. */
struct weir_toeplitz {
	uint32_t table[WEIR_RSS_INPUT][256];
};

/** Makes @key ready for weir_toeplitz(). */
void weir_toeplitz_init(struct weir_toeplitz *toeplitz, const uint8_t key[WEIR_RSS_KEY]);

/** The Toeplitz hash of @len bytes, at most WEIR_RSS_INPUT. */
static inline uint32_t weir_toeplitz(const struct weir_toeplitz *toeplitz, const uint8_t *input, unsigned len)
{
	uint32_t hash = 0;

	for (unsigned i = 0; i < len; i++)
		hash ^= toeplitz->table[i][input[i]];
	return hash;
}

/** The same a bit at a time, straight from the key, which must be 4 bytes longer than the @len bytes of the input. */
uint32_t weir_toeplitz_plain(const uint8_t *key, const void *input, size_t len);

/**
 * Gathers what is hashed of the packet at @data that @parsed describes, when @types (WEIR_RSS_*) are enabled: addresses
 * and ports if the packet has them and their type is enabled, else addresses if theirs is; a fragment has no ports.
 * Returns the number of bytes, 0 for a packet that is not hashed.
 */
unsigned weir_rss_input(const void *data, const struct weir_parsed *parsed, unsigned types,
                        uint8_t input[WEIR_RSS_INPUT]);

#ifdef __cplusplus
}
#endif
#endif
