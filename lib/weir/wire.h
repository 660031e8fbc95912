/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Headers as they are on the wire.
 *
 * Every field of more than one byte is big-endian and may lie at any address: the structs are packed, so that reading a
 * member is safe wherever the struct is laid. Turn a member into a number with weir_be16() or weir_be32(), which are
 * also the way back; for bare bytes there are weir_load_be16() and its like.
 *
 *      const struct weir_udp *udp = (const void *)(data + parsed.l4_off);
 *
 *      if (weir_be16(udp->dst_port) == 53)
 *              ...
 *
 * A field of bits is one number here; the masks beside it take it apart once it is in the host's order.
 */
#ifndef WEIR_WIRE_H
#define WEIR_WIRE_H

#include <assert.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- byte order ------------------------------------------------------------------------------------------------------ */

static inline uint16_t weir_be16(uint16_t value)
{
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_bswap16(value) : value;
}

static inline uint32_t weir_be32(uint32_t value)
{
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_bswap32(value) : value;
}

static inline uint16_t weir_load_be16(const void *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return weir_be16(value);
}

static inline uint32_t weir_load_be32(const void *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return weir_be32(value);
}

static inline void weir_store_be16(void *at, uint16_t value)
{
	value = weir_be16(value);
	memcpy(at, &value, sizeof(value));
}

static inline void weir_store_be32(void *at, uint32_t value)
{
	value = weir_be32(value);
	memcpy(at, &value, sizeof(value));
}

/* --- layer 2 --------------------------------------------------------------------------------------------------------- */

#define WEIR_PACKED __attribute__((packed))

/* EtherTypes. A smaller number than WEIR_ETHER_MIN is the length of an IEEE 802.3 frame. */
#define WEIR_ETHER_MIN    0x0600u
#define WEIR_ETHER_IPV4   0x0800u
#define WEIR_ETHER_ARP    0x0806u
#define WEIR_ETHER_TEB    0x6558u /* Ethernet in a tunnel */
#define WEIR_ETHER_VLAN   0x8100u /* 802.1Q */
#define WEIR_ETHER_IPV6   0x86ddu
#define WEIR_ETHER_MPLS   0x8847u
#define WEIR_ETHER_MPLS_M 0x8848u /* upstream-assigned label (RFC 5332) */
#define WEIR_ETHER_QINQ   0x88a8u /* 802.1ad */
#define WEIR_ETHER_QINQ_9 0x9100u /* QinQ before 802.1ad */

struct weir_eth {
	uint8_t dst[6];
	uint8_t src[6];
	uint16_t type;
} WEIR_PACKED;
static_assert(sizeof(struct weir_eth) == 14, "");

/* Follows an EtherType of WEIR_ETHER_VLAN, _QINQ or _QINQ_9. */
struct weir_vlan {
	uint16_t tci; /* 3 bits priority, 1 bit drop eligible, 12 bits VLAN */
	uint16_t type;
} WEIR_PACKED;
static_assert(sizeof(struct weir_vlan) == 4, "");

#define WEIR_VLAN_ID 0x0fffu

struct weir_mpls {
	uint32_t entry; /* 20 bits label, 3 bits class, bottom of the stack, 8 bits TTL (RFC 3032) */
} WEIR_PACKED;
static_assert(sizeof(struct weir_mpls) == 4, "");

#define WEIR_MPLS_BOTTOM 0x00000100u

/* For IPv4 over Ethernet (RFC 826). */
struct weir_arp {
	uint16_t hardware; /* 1: Ethernet */
	uint16_t protocol; /* WEIR_ETHER_IPV4 */
	uint8_t hardware_len;
	uint8_t protocol_len;
	uint16_t operation; /* 1: request, 2: reply */
	uint8_t sender_mac[6];
	uint32_t sender_ip;
	uint8_t target_mac[6];
	uint32_t target_ip;
} WEIR_PACKED;
static_assert(sizeof(struct weir_arp) == 28, "");

/* --- layer 3 --------------------------------------------------------------------------------------------------------- */

/* Protocol numbers, and the next-header values of IPv6. */
#define WEIR_IP_HOPOPTS  0u
#define WEIR_IP_ICMP     1u
#define WEIR_IP_IPIP     4u
#define WEIR_IP_TCP      6u
#define WEIR_IP_UDP      17u
#define WEIR_IP_IPV6     41u
#define WEIR_IP_ROUTING  43u
#define WEIR_IP_FRAGMENT 44u
#define WEIR_IP_GRE      47u
#define WEIR_IP_ESP      50u
#define WEIR_IP_AH       51u
#define WEIR_IP_ICMPV6   58u
#define WEIR_IP_NONE     59u
#define WEIR_IP_DSTOPTS  60u
#define WEIR_IP_SCTP     132u

struct weir_ipv4 {
	uint8_t version_ihl; /* version in the upper half, header length in units of 4 bytes in the lower */
	uint8_t tos;
	uint16_t total_len;
	uint16_t id;
	uint16_t fragment; /* WEIR_IPV4_* and the offset in units of 8 bytes */
	uint8_t ttl;
	uint8_t protocol;
	uint16_t csum;
	uint32_t src;
	uint32_t dst;
} WEIR_PACKED;
static_assert(sizeof(struct weir_ipv4) == 20, "");

#define WEIR_IPV4_DF     0x4000u
#define WEIR_IPV4_MF     0x2000u
#define WEIR_IPV4_OFFSET 0x1fffu

struct weir_ipv6 {
	uint32_t version_flow; /* 4 bits version, 8 bits traffic class, 20 bits flow label */
	uint16_t payload_len;
	uint8_t next;
	uint8_t hop_limit;
	uint8_t src[16];
	uint8_t dst[16];
} WEIR_PACKED;
static_assert(sizeof(struct weir_ipv6) == 40, "");

/* How hop-by-hop options, destination options and routing headers begin (RFC 8200). */
struct weir_ipv6_ext {
	uint8_t next;
	uint8_t len;           /* in units of 8 bytes, less the first 8 */
	uint8_t type;          /* routing: which kind; options: the first option */
	uint8_t segments_left; /* routing only */
	uint8_t data[4];
} WEIR_PACKED;
static_assert(sizeof(struct weir_ipv6_ext) == 8, "");

struct weir_ipv6_fragment {
	uint8_t next;
	uint8_t reserved;
	uint16_t fragment; /* 13 bits offset in units of 8 bytes, 2 reserved, more fragments */
	uint32_t id;
} WEIR_PACKED;
static_assert(sizeof(struct weir_ipv6_fragment) == 8, "");

#define WEIR_IPV6_OFFSET 0xfff8u /* the offset in bytes */
#define WEIR_IPV6_MF     0x0001u

/* Authentication header (RFC 4302); the check value follows. */
struct weir_ah {
	uint8_t next;
	uint8_t len; /* in units of 4 bytes, less 2 */
	uint16_t reserved;
	uint32_t spi;
	uint32_t sequence;
} WEIR_PACKED;
static_assert(sizeof(struct weir_ah) == 12, "");

/* --- layer 4 --------------------------------------------------------------------------------------------------------- */

struct weir_tcp {
	uint16_t src_port;
	uint16_t dst_port;
	uint32_t seq;
	uint32_t ack;
	uint8_t offset; /* header length in units of 4 bytes in the upper half */
	uint8_t flags;  /* WEIR_TCP_* */
	uint16_t window;
	uint16_t csum;
	uint16_t urgent;
} WEIR_PACKED;
static_assert(sizeof(struct weir_tcp) == 20, "");

#define WEIR_TCP_FIN 0x01u
#define WEIR_TCP_SYN 0x02u
#define WEIR_TCP_RST 0x04u
#define WEIR_TCP_PSH 0x08u
#define WEIR_TCP_ACK 0x10u
#define WEIR_TCP_URG 0x20u
#define WEIR_TCP_ECE 0x40u
#define WEIR_TCP_CWR 0x80u

struct weir_udp {
	uint16_t src_port;
	uint16_t dst_port;
	uint16_t len; /* header included */
	uint16_t csum;
} WEIR_PACKED;
static_assert(sizeof(struct weir_udp) == 8, "");

struct weir_sctp {
	uint16_t src_port;
	uint16_t dst_port;
	uint32_t tag;
	uint32_t csum; /* CRC32c, least significant byte first (RFC 9260 appendix A) */
} WEIR_PACKED;
static_assert(sizeof(struct weir_sctp) == 12, "");

/* ICMP and ICMPv6 alike. */
struct weir_icmp {
	uint8_t type;
	uint8_t code;
	uint16_t csum;
	uint16_t id; /* of an echo; other types have other things here */
	uint16_t sequence;
} WEIR_PACKED;
static_assert(sizeof(struct weir_icmp) == 8, "");

/* --- tunnels --------------------------------------------------------------------------------------------------------- */

#define WEIR_PORT_VXLAN  4789u
#define WEIR_PORT_GTPU   2152u
#define WEIR_PORT_GENEVE 6081u

struct weir_vxlan {
	uint32_t flags; /* WEIR_VXLAN_ID: the network identifier is valid */
	uint32_t vni;   /* 24 bits, then 8 reserved */
} WEIR_PACKED;
static_assert(sizeof(struct weir_vxlan) == 8, "");

#define WEIR_VXLAN_ID 0x08000000u

/* Checksum, key and sequence number follow, 4 bytes each, as far as the flags say (RFC 2784, 2890). */
struct weir_gre {
	uint16_t flags; /* WEIR_GRE_*, and the version */
	uint16_t type;  /* EtherType */
} WEIR_PACKED;
static_assert(sizeof(struct weir_gre) == 4, "");

#define WEIR_GRE_CSUM     0x8000u
#define WEIR_GRE_ROUTING  0x4000u /* of RFC 1701, withdrawn */
#define WEIR_GRE_KEY      0x2000u
#define WEIR_GRE_SEQUENCE 0x1000u
#define WEIR_GRE_VERSION  0x0007u

/* GTPv1-U (3GPP TS 29.281); 4 more bytes follow when one of WEIR_GTPU_MORE is set. */
struct weir_gtpu {
	uint8_t flags; /* version 1 and protocol type 1: 0x30 */
	uint8_t type;  /* WEIR_GTPU_GPDU: an IP packet follows */
	uint16_t len;  /* of what follows these 8 bytes */
	uint32_t teid;
} WEIR_PACKED;
static_assert(sizeof(struct weir_gtpu) == 8, "");

#define WEIR_GTPU_GPDU     255u
#define WEIR_GTPU_MORE     0x07u
#define WEIR_GTPU_EXTENDED 0x04u

/* Options follow (RFC 8926). */
struct weir_geneve {
	uint8_t version_len; /* 2 bits version, 6 bits length of the options in units of 4 bytes */
	uint8_t flags;
	uint16_t type; /* EtherType */
	uint32_t vni;  /* 24 bits, then 8 reserved */
} WEIR_PACKED;
static_assert(sizeof(struct weir_geneve) == 8, "");

#ifdef __cplusplus
}
#endif
#endif
