/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Checksums, and in software what network cards do to packets: checksum offload, VLAN insertion, TCP segmentation,
 * checksum validation. (wire.h: headers; parse.h: where they are in a packet, and RSS hashes.)
 *
 * The Internet checksum is kept in two forms. A *sum* is a 32-bit partial ones' complement sum of 16-bit words as they
 * lie in memory: sums add up with weir_sum_add(), in any order. A *checksum* is what stands in a header, as it lies
 * there: weir_sum_csum() turns a sum into it. Neither needs a byte swap on any processor (RFC 1071, section 2).
 *
 *      sum = weir_sum_pseudo4(ip, WEIR_IP_UDP, len);
 *      sum = weir_sum_add(sum, weir_sum(udp, len));           with udp->csum 0
 *      udp->csum = weir_csum_udp(weir_sum_csum(sum));
 *
 * Nothing here allocates (but weir_pkt_segment(), from a cache), logs or leaves a sentence. Any thread.
 */
#ifndef WEIR_NET_H
#define WEIR_NET_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include "pkt.h"
#include "wire.h"

#ifdef __cplusplus
extern "C" {
#endif

struct weir_parsed;
struct weir_pool_cache;

/* --- sums ------------------------------------------------------------------------------------------------------------ */

/** The sum of @len bytes at @data. Uses the widest vectors that the processor has. */
uint32_t weir_sum(const void *data, size_t len);

/** Two sums together. */
static inline uint32_t weir_sum_add(uint32_t a, uint32_t b)
{
	a += b;
	return a + (a < b);
}

/** What @sum, of a block of bytes, counts when the block begins @offset bytes into the whole: odd blocks swap bytes. */
static inline uint32_t weir_sum_at(uint32_t sum, size_t offset)
{
	return offset & 1 ? sum >> 8 | sum << 24 : sum;
}

/** @sum in 16 bits: what a header's field holds before the payload is added (WEIR_PKT_TX_L4). */
static inline uint16_t weir_sum_fold(uint32_t sum)
{
	sum = (sum & 0xffffu) + (sum >> 16);
	return (uint16_t)((sum & 0xffffu) + (sum >> 16));
}

/** The checksum that @sum makes. A header that contains a right checksum makes 0. */
static inline uint16_t weir_sum_csum(uint32_t sum)
{
	return (uint16_t)~weir_sum_fold(sum);
}

/** The sum of the pseudo-header of @len layer-4 bytes in IPv4 (RFC 9293, section 3.1). */
static inline uint32_t weir_sum_pseudo4(const struct weir_ipv4 *ip, unsigned protocol, uint32_t len)
{
	uint32_t sum = weir_sum_add(ip->src, ip->dst);

	return weir_sum_add(weir_sum_add(sum, weir_be32(protocol)), weir_be32(len));
}

/** The same in IPv6 (RFC 8200, section 8.1). @protocol is the layer-4 one, whatever extension headers come before. */
static inline uint32_t weir_sum_pseudo6(const struct weir_ipv6 *ip, unsigned protocol, uint32_t len)
{
	uint32_t sum = weir_sum_add(weir_be32(protocol), weir_be32(len));
	uint32_t words[8];

	memcpy(words, (const uint8_t *)ip + 8, sizeof(words)); /* src and dst */
	for (unsigned i = 0; i < 8; i++)
		sum = weir_sum_add(sum, words[i]);
	return sum;
}

/**
 * The sum of @len bytes from byte @from on of the packet at @pkts, across its buffers, as if byte @from were the first.
 * Bytes that the packet does not have do not count.
 */
uint32_t weir_sum_pkt(uint8_t *base, const struct weir_pkt *pkts, unsigned n, size_t from, size_t len);

/* --- checksums ------------------------------------------------------------------------------------------------------- */

/** The checksum of the IPv4 header at @ip with its options. 0 when the field is set and right. */
static inline uint16_t weir_csum_ipv4(const struct weir_ipv4 *ip)
{
	const uint8_t *at = (const uint8_t *)ip;
	uint64_t sum = 0;

	for (unsigned i = 0; i < (ip->version_ihl & 0xfu); i++) {
		uint32_t word;

		memcpy(&word, at + 4 * i, sizeof(word));
		sum += word;
	}
	return weir_sum_csum(weir_sum_add((uint32_t)sum, (uint32_t)(sum >> 32)));
}

/** In UDP a checksum of 0 is sent as its other form, because 0 says that there is none (RFC 768). */
static inline uint16_t weir_csum_udp(uint16_t csum)
{
	return csum ? csum : 0xffffu;
}

/**
 * @csum after the 16-bit field that held @was holds @is (RFC 1624, equation 3); all three as they lie in the header.
 * In UDP leave a checksum of 0 alone, and pass the outcome through weir_csum_udp().
 */
static inline uint16_t weir_csum_update16(uint16_t csum, uint16_t was, uint16_t is)
{
	return weir_sum_csum((uint32_t)(uint16_t)~csum + (uint16_t)~was + is);
}

/** The same for a field of 32 bits, such as an IPv4 address. */
static inline uint16_t weir_csum_update32(uint16_t csum, uint32_t was, uint32_t is)
{
	return weir_sum_csum(weir_sum_add(weir_sum_add((uint16_t)~csum, ~was), is));
}

/** Counts the TTL down by one, and sets the checksum right. The TTL must not be 0. */
static inline void weir_ipv4_hop(struct weir_ipv4 *ip)
{
	uint16_t csum = weir_be16(ip->csum);

	ip->ttl--; /* the upper byte of its word: the checksum grows by 0x0100, with the end-around carry */
	ip->csum = weir_be16((uint16_t)(csum + 0x0100u + (csum >= 0xfeffu)));
}

/** CRC32c (RFC 3720, appendix B.4) of @len bytes, going on from @crc: ~0 at first. SCTP sends the complement. */
uint32_t weir_crc32c(uint32_t crc, const void *data, size_t len);

/* --- offloads in software -------------------------------------------------------------------------------------------- */

/**
 * Does to the packet at @pkts (@n entries, whole) what its flags ask of a sender, for ports that cannot, and clears the
 * flags: fills checksums as WEIR_PKT_TX_IP and _TX_L4 say, then inserts the tag of WEIR_PKT_VLAN into the data, for
 * which pkts[0] grows by 4 bytes at the front.
 *
 * The lengths in .txo are checked against the data and the IP header. Headers must lie in the first entry.
 * Returns 0, or with nothing changed -EINVAL (lengths or types that cannot be), -EBUSY (the first buffer is shared, copy
 * the packet with weir_pkt_copy()), -ENOSPC (no headroom for the tag) or -ENOTSUP (TSO: see weir_pkt_segment()).
 */
int weir_pkt_finish(uint8_t *base, struct weir_pkt *pkts, unsigned n);

/**
 * Cuts the packet at @pkts (@n entries, whole), which has WEIR_PKT_TX_TSO, into TCP segments as .txo says, in fresh
 * buffers of @cache, at @segments (room for @max entries). Each has all headers of the packet, with its own lengths,
 * IPv4 identification, sequence number and flags, and checksums filled in. WEIR_PKT_VLAN and .vlan go with each. A
 * segment that is longer than a buffer takes several entries. A UDP packet so marked, which no port sends but which some
 * come with, is cut into datagrams in the same way.
 *
 * The packet stays as it is, the caller's. Returns the number of entries filled, or holding nothing: -EINVAL (not such
 * a packet, or not with headers where .txo says), -ENOSPC (more than @max entries), -ENOBUFS.
 */
int weir_pkt_segment(struct weir_pool_cache *cache, const struct weir_pkt *pkts, unsigned n, struct weir_pkt *segments,
                     unsigned max);

/**
 * Looks at a received packet as a port with WEIR_OFFLOAD_RX_CSUM does: returns the flags for pkts[0].flags, which are
 * the layer-3 and layer-4 types and the verdicts WEIR_PKT_IP_GOOD or _BAD, WEIR_PKT_L4_GOOD or _BAD. @parsed is what
 * weir_parse_pkt() said of the packet, whether it found errors or not. Layer 4 is TCP, UDP, SCTP, ICMP or ICMPv6; it is
 * not checked in fragments, where the packet is not all there, and where UDP over IPv4 sends no checksum.
 */
unsigned weir_pkt_check(uint8_t *base, const struct weir_pkt *pkts, unsigned n, const struct weir_parsed *parsed);

#ifdef __cplusplus
}
#endif
#endif
