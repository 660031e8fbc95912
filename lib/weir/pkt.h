/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A packet is 16 bytes, passed by value in arrays.
 *
 * It names a buffer in the arena by its offset, says where in the buffer the data lies, and carries what the hardware
 * said or is asked to do. There is no other metadata line in memory.
 *
 *      buffer:   | headroom ........ | data ................ | tailroom |
 *                ^ buf * 64          ^ + off                 ^ + off + len
 *
 * A packet of several buffers is a run of consecutive array entries, all but the last with WEIR_PKT_MORE. The flags of
 * the first entry hold for the whole packet, except MORE and SHARED, which each entry has for itself.
 *
 * Received and sent packets use the same words: WEIR_PKT_VLAN means "the tag in .vlan is not in the data", so a driver
 * that stripped it on receive sets it, and a driver that sends such a packet inserts it; the layer-3 and layer-4 types
 * say what was found, or what a requested checksum is for. A packet can therefore be forwarded as it came.
 */
#ifndef WEIR_PKT_H
#define WEIR_PKT_H

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

struct weir_pkt {
	uint32_t buf; /* where the buffer starts: arena offset in units of 64 bytes */
	uint16_t off; /* first data byte, counted from the buffer's start */
	uint16_t len; /* data bytes in this buffer */
	union {
		uint32_t hash; /* received, with WEIR_PKT_HASH: the RSS hash */
		uint32_t txo;  /* to send, with WEIR_PKT_TX_*: header lengths and MSS, from weir_txo() */
	};
	uint16_t vlan;  /* 802.1Q tag control information, with WEIR_PKT_VLAN */
	uint16_t flags; /* WEIR_PKT_* */
};
static_assert(sizeof(struct weir_pkt) == 16, "a packet is one 16-byte store");

#define WEIR_PKT_MORE   0x0001u /* the packet goes on in the next array entry */
#define WEIR_PKT_SHARED 0x0002u /* somebody else may hold the buffer too: do not write into it */
#define WEIR_PKT_VLAN   0x0004u /* .vlan holds the outermost 802.1Q tag, which is not in the data */
#define WEIR_PKT_HASH   0x0008u /* .hash is valid (receive) */

#define WEIR_PKT_L3   0x0030u /* layer-3 type: 0 not known, or one of */
#define WEIR_PKT_IPV4 0x0010u
#define WEIR_PKT_IPV6 0x0020u
#define WEIR_PKT_L4   0x00c0u /* layer-4 type: 0 not known, or one of */
#define WEIR_PKT_TCP  0x0040u
#define WEIR_PKT_UDP  0x0080u
#define WEIR_PKT_SCTP 0x00c0u

#define WEIR_PKT_IP_GOOD 0x0100u /* receive: the IPv4 header checksum was checked and is right; */
#define WEIR_PKT_IP_BAD  0x0200u /* ... is wrong. Neither: not checked. */
#define WEIR_PKT_L4_GOOD 0x0400u /* receive: the layer-4 checksum was checked and is right; */
#define WEIR_PKT_L4_BAD  0x0800u /* ... is wrong. Neither: not checked. */

#define WEIR_PKT_TX_IP 0x1000u /* send: fill in the IPv4 header checksum */
#define WEIR_PKT_TX_L4 0x2000u /* send: fill in the layer-4 checksum; its field holds the pseudo-header's sum */
#define WEIR_PKT_TX_TSO \
	0x4000u               /* send: cut into TCP segments of MSS payload bytes; implies both of the above.
                                    Received by a port with WEIR_OFFLOAD_LRO: was put together from such. */
#define WEIR_PKT_META 0x8000u /* the buffer's first bytes hold a struct weir_pkt_meta */

/** What asks the sender for work, and makes .txo valid. */
#define WEIR_PKT_TX (WEIR_PKT_TX_IP | WEIR_PKT_TX_L4 | WEIR_PKT_TX_TSO)

/** What does not fit into 16 bytes; at the start of the buffer of the first entry, with WEIR_PKT_META. */
struct weir_pkt_meta {
	uint64_t time_ns;  /* when the packet was received; the port's clock (nanoseconds since 1970 for host ports) */
	uint32_t mark;     /* what a filter marked the packet with; 0: nothing */
	uint32_t orig_len; /* bytes on the wire, when a capture kept fewer; 0: all were kept */
};
static_assert(sizeof(struct weir_pkt_meta) == 16, "");

/** Bytes in front of the data of a freshly received packet, unless the pool says otherwise. */
#define WEIR_HEADROOM 128u

/**
 * The first data byte of a packet entry. @base is weir_mem_base(), to be read once before a loop.
 */
static inline uint8_t *weir_pkt_data(uint8_t *base, const struct weir_pkt *pkt)
{
	return base + ((size_t)pkt->buf << 6) + pkt->off;
}

/** The buffer's first byte. */
static inline uint8_t *weir_pkt_buffer(uint8_t *base, const struct weir_pkt *pkt)
{
	return base + ((size_t)pkt->buf << 6);
}

/** The metadata of the packet's first entry, or NULL when it carries none. */
static inline struct weir_pkt_meta *weir_pkt_meta(uint8_t *base, const struct weir_pkt *pkt)
{
	return pkt->flags & WEIR_PKT_META ? (struct weir_pkt_meta *)(void *)weir_pkt_buffer(base, pkt) : NULL;
}

/** Bytes that weir_pkt_prepend() could still put in front: all before the data, less a metadata block. */
static inline unsigned weir_pkt_headroom(const struct weir_pkt *pkt)
{
	unsigned kept = pkt->flags & WEIR_PKT_META ? (unsigned)sizeof(struct weir_pkt_meta) : 0u;

	return pkt->off > kept ? pkt->off - kept : 0u;
}

/** Bytes behind the data in a buffer of @room bytes (weir_pool_room()). */
static inline unsigned weir_pkt_tailroom(const struct weir_pkt *pkt, unsigned room)
{
	unsigned end = (unsigned)pkt->off + pkt->len;

	return room > end ? room - end : 0u;
}

/** Grows the data by @n bytes at the front. Returns 0, or -ENOSPC (headroom or 16-bit length), changing nothing. */
static inline int weir_pkt_prepend(struct weir_pkt *pkt, unsigned n)
{
	if (n > weir_pkt_headroom(pkt) || n > 0xffffu - pkt->len)
		return -ENOSPC;
	pkt->off = (uint16_t)(pkt->off - n);
	pkt->len = (uint16_t)(pkt->len + n);
	return 0;
}

/** Drops the first @n data bytes of the entry. Returns 0, or -EINVAL when it has fewer. */
static inline int weir_pkt_adjust(struct weir_pkt *pkt, unsigned n)
{
	if (n > pkt->len)
		return -EINVAL;
	pkt->off = (uint16_t)(pkt->off + n);
	pkt->len = (uint16_t)(pkt->len - n);
	return 0;
}

/** Drops the last @n data bytes of the entry. Returns 0, or -EINVAL when it has fewer. */
static inline int weir_pkt_trim(struct weir_pkt *pkt, unsigned n)
{
	if (n > pkt->len)
		return -EINVAL;
	pkt->len = (uint16_t)(pkt->len - n);
	return 0;
}

/** Grows the data by @n bytes at the end of a buffer of @room bytes. Returns 0 or -ENOSPC, changing nothing. */
static inline int weir_pkt_append(struct weir_pkt *pkt, unsigned room, unsigned n)
{
	if (n > weir_pkt_tailroom(pkt, room))
		return -ENOSPC;
	pkt->len = (uint16_t)(pkt->len + n);
	return 0;
}

/**
 * How many entries the packet at @pkts takes, of at most @n. Returns 0 when @n entries do not hold it whole (or @n is
 * 0).
 */
static inline unsigned weir_pkt_entries(const struct weir_pkt *pkts, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!(pkts[i].flags & WEIR_PKT_MORE))
			return i + 1;
	return 0;
}

/** How many of the first @n entries make up whole packets: @n less a packet that is cut off at the end. */
static inline unsigned weir_pkt_whole(const struct weir_pkt *pkts, unsigned n)
{
	while (n && (pkts[n - 1].flags & WEIR_PKT_MORE))
		n--;
	return n;
}

/** How many packets begin in the first @n entries. */
static inline unsigned weir_pkt_count(const struct weir_pkt *pkts, unsigned n)
{
	unsigned count = n;

	for (unsigned i = 0; i < n; i++)
		count -= pkts[i].flags & WEIR_PKT_MORE;
	return count;
}

/** Data bytes in the first @n entries. */
static inline uint64_t weir_pkt_bytes(const struct weir_pkt *pkts, unsigned n)
{
	uint64_t bytes = 0;

	for (unsigned i = 0; i < n; i++)
		bytes += pkts[i].len;
	return bytes;
}

/**
 * What a sender needs to know for checksums and TSO, packed into .txo. @l2 is the length of everything before the IP
 * header (even, up to 126), @l3 of the IP header with extensions (a multiple of 4, up to 508), @l4 of the layer-4
 * header (a multiple of 4, up to 60; 0 without TSO), @mss the payload bytes of a segment (up to 32767; 0 without TSO).
 */
static inline uint32_t weir_txo(unsigned l2, unsigned l3, unsigned l4, unsigned mss)
{
	return (l2 >> 1 & 0x3fu) | (l3 >> 2 & 0x7fu) << 6 | (l4 >> 2 & 0xfu) << 13 | (uint32_t)(mss & 0x7fffu) << 17;
}

static inline unsigned weir_txo_l2(uint32_t txo)
{
	return (txo & 0x3fu) << 1;
}

static inline unsigned weir_txo_l3(uint32_t txo)
{
	return (txo >> 6 & 0x7fu) << 2;
}

static inline unsigned weir_txo_l4(uint32_t txo)
{
	return (txo >> 13 & 0xfu) << 2;
}

static inline unsigned weir_txo_mss(uint32_t txo)
{
	return txo >> 17;
}

/**
 * Writes a readable description of the packet at @pkts (at most @n entries) into @text: a line per entry, then its
 * bytes in hexadecimal and ASCII, up to @bytes of them. Always ends in a NUL when @size is not 0. Returns the length
 * that the whole text has, as snprintf does. Reads only; any thread that owns the packet.
 */
size_t weir_pkt_dump(char *text, size_t size, uint8_t *base, const struct weir_pkt *pkts, unsigned n, unsigned bytes);

#ifdef __cplusplus
}
#endif
#endif
