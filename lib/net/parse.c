/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The parser. Ethernet, IP without extension headers and TCP or UDP run straight through; tags, labels and
 * extension headers are in functions of their own. (tunnel.c: what is in tunnels.)
 *
 * Two lengths bound everything: `len`, the bytes that may be read (a packet's first buffer), and `total`, all the bytes
 * there are, which is what the lengths in headers are held against.
 */
#include "core/core.h"
#include "net/net.h"

/* No offset is beyond 16 bits: one stack of headers is shorter than half of that, and none begins in the other half. */
#define BEGIN_MAX 0x7fffu

/*
 * The common way through the parser is one function to each of its callers, which differ in what they know beforehand:
 * left to itself the compiler makes calls of it that cost a third more.
 */
#define INLINE static inline __attribute__((always_inline))

/* Whether the header at @at of @size bytes is there, in the data and by the account of the IP packet around it. */
static inline bool holds(const struct frame *frame, const struct weir_parsed *out, size_t at, size_t size)
{
	return likely(at + size <= out->end && at + size <= frame->len);
}

/* The header at @at of @size bytes is not there: because the IP packet is too short for it, or the data. */
static int fail_short(struct weir_parsed *out, size_t at, size_t size)
{
	bool told = at + size > out->end && out->flags & WEIR_PKT_L3 && !(out->errors & WEIR_PARSE_CUT);

	return parse_fail(out, told ? WEIR_PARSE_SHORT : WEIR_PARSE_TRUNCATED);
}

/* --- layer 4 --------------------------------------------------------------------------------------------------------- */

INLINE int parse_tcp(const struct frame *frame, struct weir_parsed *out)
{
	const struct weir_tcp *tcp = (const void *)(frame->data + out->l4_off);
	unsigned size;

	if (!holds(frame, out, out->l4_off, sizeof(*tcp)))
		return fail_short(out, out->l4_off, sizeof(*tcp));
	size = (tcp->offset >> 4) * 4u;
	out->src_port = weir_be16(tcp->src_port);
	out->dst_port = weir_be16(tcp->dst_port);
	if (unlikely(size < sizeof(*tcp) || (out->l4_off + size > out->end && !(out->errors & WEIR_PARSE_CUT))))
		return parse_fail(out, WEIR_PARSE_TCP);
	if (!holds(frame, out, out->l4_off, size))
		return fail_short(out, out->l4_off, size);
	out->l4_len = (uint16_t)size;
	out->flags |= WEIR_PKT_TCP;
	return 0;
}

INLINE int parse_udp(const struct frame *frame, struct weir_parsed *out)
{
	const struct weir_udp *udp = (const void *)(frame->data + out->l4_off);
	unsigned size, room = out->end - out->l4_off;

	if (!holds(frame, out, out->l4_off, sizeof(*udp)))
		return fail_short(out, out->l4_off, sizeof(*udp));
	out->src_port = weir_be16(udp->src_port);
	out->dst_port = weir_be16(udp->dst_port);
	out->l4_len = sizeof(*udp);
	out->flags |= WEIR_PKT_UDP;
	switch (out->dst_port) {
	case WEIR_PORT_VXLAN:
		out->tunnel = WEIR_TUNNEL_VXLAN;
		break;
	case WEIR_PORT_GENEVE:
		out->tunnel = WEIR_TUNNEL_GENEVE;
		break;
	case WEIR_PORT_GTPU:
		out->tunnel = WEIR_TUNNEL_GTPU;
		break;
	}

	/* 0 in a packet of more than 64 KiB means all of it (RFC 2675, section 4). */
	size = weir_be16(udp->len);
	if (unlikely(size < sizeof(*udp) && !(size == 0 && room > 0xffffu)))
		return parse_fail(out, WEIR_PARSE_UDP);
	if (unlikely(size > room && !(out->flags & WEIR_PARSED_FRAGMENT) && !(out->errors & WEIR_PARSE_CUT)))
		return parse_fail(out, WEIR_PARSE_UDP);
	return 0;
}

static int parse_sctp(const struct frame *frame, struct weir_parsed *out)
{
	const struct weir_sctp *sctp = (const void *)(frame->data + out->l4_off);

	if (!holds(frame, out, out->l4_off, sizeof(*sctp)))
		return fail_short(out, out->l4_off, sizeof(*sctp));
	out->src_port = weir_be16(sctp->src_port);
	out->dst_port = weir_be16(sctp->dst_port);
	out->l4_len = sizeof(*sctp);
	out->flags |= WEIR_PKT_SCTP;
	return 0;
}

/* What .protocol says comes next. */
INLINE int parse_l4(const struct frame *frame, struct weir_parsed *out)
{
	int err = 0;

	out->l4_off = (uint16_t)(out->l3_off + out->l3_len);
	if (unlikely(out->flags & WEIR_PARSED_LATER))
		return 0;
	switch (out->protocol) {
	case WEIR_IP_TCP:
		err = parse_tcp(frame, out);
		break;
	case WEIR_IP_UDP:
		err = parse_udp(frame, out);
		break;
	case WEIR_IP_SCTP:
		err = parse_sctp(frame, out);
		break;
	case WEIR_IP_IPIP:
	case WEIR_IP_IPV6:
		out->tunnel = WEIR_TUNNEL_IP;
		break;
	case WEIR_IP_GRE:
		out->tunnel = WEIR_TUNNEL_GRE;
		break;
	}
	if (unlikely(out->flags & WEIR_PARSED_FRAGMENT))
		out->tunnel = WEIR_TUNNEL_NONE;
	return err;
}

/* --- layer 3 --------------------------------------------------------------------------------------------------------- */

/* The IP packet says that it ends at @end. */
static inline void set_end(const struct frame *frame, struct weir_parsed *out, uint64_t end)
{
	if (unlikely(end > frame->total)) {
		parse_fail(out, WEIR_PARSE_CUT);
		return;
	}
	out->end = (uint32_t)end;
}

INLINE int parse_ipv4(const struct frame *frame, struct weir_parsed *out)
{
	const struct weir_ipv4 *ip = (const void *)(frame->data + out->l3_off);
	unsigned size, total, fragment;

	if (!holds(frame, out, out->l3_off, sizeof(*ip)))
		return fail_short(out, out->l3_off, sizeof(*ip));
	if (unlikely(ip->version_ihl >> 4 != 4))
		return parse_fail(out, WEIR_PARSE_VERSION);
	size = (ip->version_ihl & 0xfu) * 4u;
	total = weir_be16(ip->total_len);
	if (unlikely(size < sizeof(*ip) || (total && size > total)))
		return parse_fail(out, WEIR_PARSE_IHL);
	out->flags |= WEIR_PKT_IPV4;
	out->protocol = ip->protocol;
	if (unlikely(!total))
		out->flags |= WEIR_PARSED_UNSIZED;
	else
		set_end(frame, out, (uint64_t)out->l3_off + total);
	if (!holds(frame, out, out->l3_off, size))
		return fail_short(out, out->l3_off, size);
	out->l3_len = (uint16_t)size;
	fragment = weir_be16(ip->fragment);
	if (unlikely(fragment & (WEIR_IPV4_MF | WEIR_IPV4_OFFSET)))
		out->flags |= WEIR_PARSED_FRAGMENT | (fragment & WEIR_IPV4_OFFSET ? WEIR_PARSED_LATER : 0u);
	return parse_l4(frame, out);
}

/*
 * Finds the jumbo payload option (RFC 2675) in the @size bytes of hop-by-hop options at @at of a packet that says that
 * its length is 0, and sets .end by it.
 */
static int parse_jumbo(const struct frame *frame, struct weir_parsed *out, size_t at, size_t size)
{
	size_t last = at + size;

	for (at += 2; at + 6 <= last; at += frame->data[at] ? 2u + frame->data[at + 1] : 1u) {
		uint32_t length;

		if (frame->data[at] != 0xc2 || frame->data[at + 1] != 4)
			continue;
		length = weir_load_be32(frame->data + at + 2);
		if (length <= 0xffff)
			break;
		set_end(frame, out, (uint64_t)out->l3_off + sizeof(struct weir_ipv6) + length);
		return 0;
	}
	return parse_fail(out, WEIR_PARSE_JUMBO);
}

/* The headers that may stand between IPv6 and layer 4; all their numbers are below 64. */
#define EXTENSIONS                                                                                           \
	(1ull << WEIR_IP_HOPOPTS | 1ull << WEIR_IP_ROUTING | 1ull << WEIR_IP_FRAGMENT | 1ull << WEIR_IP_AH | \
	 1ull << WEIR_IP_DSTOPTS)

static inline bool is_extension(unsigned protocol)
{
	return protocol < 64 && EXTENSIONS >> protocol & 1;
}

static size_t extension_size(unsigned protocol, const struct weir_ipv6_ext *ext)
{
	switch (protocol) {
	case WEIR_IP_FRAGMENT:
		return sizeof(struct weir_ipv6_fragment);
	case WEIR_IP_AH:
		return (ext->len + 2u) * 4u;
	}
	return (ext->len + 1u) * 8u;
}

/* Follows extension headers from .protocol on, growing .l3_len and moving .protocol on. */
static int parse_extensions(const struct frame *frame, struct weir_parsed *out, bool jumbo)
{
	for (unsigned n = 0; is_extension(out->protocol); n++) {
		size_t at = (size_t)out->l3_off + out->l3_len, size;
		const struct weir_ipv6_ext *ext = (const void *)(frame->data + at);

		if (n == WEIR_PARSE_EXTENSIONS_MAX)
			return parse_fail(out, WEIR_PARSE_EXTENSIONS);
		if (!holds(frame, out, at, sizeof(*ext)))
			return fail_short(out, at, sizeof(*ext));
		size = extension_size(out->protocol, ext);
		if (!holds(frame, out, at, size))
			return fail_short(out, at, size);
		if (out->protocol == WEIR_IP_HOPOPTS && jumbo && parse_jumbo(frame, out, at, size) < 0)
			return -EBADMSG;
		if (out->protocol == WEIR_IP_ROUTING && ext->segments_left)
			out->flags |= WEIR_PARSED_ROUTED;
		out->l3_len = (uint16_t)(out->l3_len + size);
		if (out->protocol == WEIR_IP_FRAGMENT) {
			unsigned fragment = weir_be16(((const struct weir_ipv6_fragment *)(const void *)ext)->fragment);

			if (fragment & (WEIR_IPV6_MF | WEIR_IPV6_OFFSET))
				out->flags |= WEIR_PARSED_FRAGMENT;
			if (fragment & WEIR_IPV6_OFFSET) {
				/* What follows is the middle of something, not a header. */
				out->flags |= WEIR_PARSED_LATER;
				out->protocol = ext->next;
				break;
			}
		}
		out->protocol = ext->next;
	}
	return 0;
}

INLINE int parse_ipv6(const struct frame *frame, struct weir_parsed *out)
{
	const struct weir_ipv6 *ip = (const void *)(frame->data + out->l3_off);
	unsigned payload;
	bool jumbo = false;
	int err;

	if (!holds(frame, out, out->l3_off, sizeof(*ip)))
		return fail_short(out, out->l3_off, sizeof(*ip));
	if (unlikely((frame->data[out->l3_off] & 0xf0u) != 0x60u))
		return parse_fail(out, WEIR_PARSE_VERSION);
	out->flags |= WEIR_PKT_IPV6;
	out->protocol = ip->next;
	out->l3_len = sizeof(*ip);
	payload = weir_be16(ip->payload_len);
	if (likely(payload) || ip->next == WEIR_IP_NONE)
		set_end(frame, out, (uint64_t)out->l3_off + sizeof(*ip) + payload);
	else if (ip->next == WEIR_IP_HOPOPTS)
		jumbo = true;
	else
		out->flags |= WEIR_PARSED_UNSIZED;
	if (unlikely(is_extension(ip->next))) {
		err = parse_extensions(frame, out, jumbo);
		if (err)
			return err;
	}
	return parse_l4(frame, out);
}

/* --- layer 2 --------------------------------------------------------------------------------------------------------- */

static bool is_tag(unsigned type)
{
	return type == WEIR_ETHER_VLAN || type == WEIR_ETHER_QINQ || type == WEIR_ETHER_QINQ_9;
}

static int parse_tags(const struct frame *frame, struct weir_parsed *out)
{
	do {
		const struct weir_vlan *tag = (const void *)(frame->data + out->l3_off);

		if (out->tags == WEIR_PARSE_TAGS_MAX)
			return parse_fail(out, WEIR_PARSE_TAGS);
		if (!holds(frame, out, out->l3_off, sizeof(*tag)))
			return fail_short(out, out->l3_off, sizeof(*tag));
		if (out->tags < 2)
			out->tci[out->tags] = weir_be16(tag->tci);
		out->tags++;
		out->ether_type = weir_be16(tag->type);
		out->l3_off = (uint16_t)(out->l3_off + sizeof(*tag));
	} while (is_tag(out->ether_type));
	return 0;
}

/* Labels do not say what they carry: what looks like IP is IP, all else is left alone. */
static int parse_labels(const struct frame *frame, struct weir_parsed *out, unsigned *type)
{
	uint32_t entry;

	do {
		if (out->labels == WEIR_PARSE_LABELS_MAX)
			return parse_fail(out, WEIR_PARSE_LABELS);
		if (!holds(frame, out, out->l3_off, sizeof(entry)))
			return fail_short(out, out->l3_off, sizeof(entry));
		entry = weir_load_be32(frame->data + out->l3_off);
		out->labels++;
		out->l3_off = (uint16_t)(out->l3_off + sizeof(entry));
	} while (!(entry & WEIR_MPLS_BOTTOM));
	if (out->l3_off == frame->len)
		return parse_fail(out, WEIR_PARSE_TRUNCATED);
	*type = parse_guess(frame, out->l3_off);
	return 0;
}

/* What comes at .l3_off is @type. */
INLINE int parse_l3(const struct frame *frame, struct weir_parsed *out, unsigned type)
{
	int err;

	out->ether_type = (uint16_t)type;
	if (unlikely(is_tag(type))) {
		err = parse_tags(frame, out);
		if (err)
			return err;
		type = out->ether_type;
	}
	if (unlikely(parse_is_mpls(type))) {
		err = parse_labels(frame, out, &type);
		if (err)
			return err;
	}
	if (type == WEIR_ETHER_IPV4)
		err = parse_ipv4(frame, out);
	else if (type == WEIR_ETHER_IPV6)
		err = parse_ipv6(frame, out);
	else
		return 0;
	return err || out->errors ? -EBADMSG : 0;
}

/* Headers of @type begin at @at. */
INLINE int parse_from(const struct frame *frame, struct weir_parsed *out, size_t at, unsigned type)
{
	memset(out, 0, sizeof(*out));
	out->end = (uint32_t)frame->total;
	if (unlikely(at > BEGIN_MAX || at > frame->len))
		return parse_fail(out, WEIR_PARSE_TRUNCATED);
	out->l2_off = out->l3_off = (uint16_t)at;
	if (type == WEIR_ETHER_TEB) {
		if (!holds(frame, out, at, sizeof(struct weir_eth)))
			return fail_short(out, at, sizeof(struct weir_eth));
		out->l3_off = (uint16_t)(at + sizeof(struct weir_eth));
		type = weir_load_be16(frame->data + at + offsetof(struct weir_eth, type));
	}
	return parse_l3(frame, out, type);
}

int parse_inner(const struct frame *frame, struct weir_parsed *out, size_t at, unsigned type)
{
	return parse_from(frame, out, at, type);
}

/* Offsets are of 32 bits. */
static inline size_t limit(uint64_t total)
{
	return total < UINT32_MAX ? (size_t)total : UINT32_MAX;
}

int weir_parse(const void *data, size_t len, struct weir_parsed *out)
{
	struct frame frame = { .data = data, .len = len, .total = limit(len) };

	return parse_from(&frame, out, 0, WEIR_ETHER_TEB);
}

int weir_parse_ip(const void *data, size_t len, struct weir_parsed *out)
{
	struct frame frame = { .data = data, .len = len, .total = limit(len) };
	unsigned type = parse_guess(&frame, 0);
	int err = parse_inner(&frame, out, 0, type);

	return type ? err : parse_fail(out, len ? WEIR_PARSE_VERSION : WEIR_PARSE_TRUNCATED);
}

int weir_parse_pkt(uint8_t *base, const struct weir_pkt *pkts, unsigned n, struct weir_parsed *out)
{
	struct frame frame = {
		.data = weir_pkt_data(base, pkts),
		.len = pkts[0].len,
		.total = limit(weir_pkt_bytes(pkts, n)),
	};

	return parse_from(&frame, out, 0, WEIR_ETHER_TEB);
}
