/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Segmentation of TCP and UDP in software: one long packet becomes many, each in buffers of its own.
 */
#include <limits.h>

#include "net/net.h"
#include "weir/pool.h"

/* How a packet is cut. */
struct cut {
	uint8_t *base;
	const uint8_t *data;       /* of the packet's first entry */
	struct weir_parsed parsed; /* where its headers are */
	unsigned header;           /* bytes of all headers */
	unsigned mss;
	unsigned room;  /* data bytes that a fresh buffer takes */
	size_t payload; /* bytes */
	unsigned segments;
	uint16_t flags; /* of each segment */
	uint16_t vlan;
};

/* Checks what the packet asks for against what it is. Returns 0 or -EINVAL. */
static int cut_plan(struct cut *cut, struct weir_pool_cache *cache, const struct weir_pkt *pkts, unsigned n)
{
	const struct weir_parsed *parsed = &cut->parsed;
	uint32_t txo = pkts[0].txo;
	unsigned l4;

	*cut = (struct cut){
		.base = cache->base,
		.data = weir_pkt_data(cache->base, &pkts[0]),
		.mss = weir_txo_mss(txo),
		.room = weir_pool_room(cache->pool) - cache->headroom,
		.flags = pkts[0].flags & (WEIR_PKT_L3 | WEIR_PKT_L4 | WEIR_PKT_VLAN),
		.vlan = pkts[0].vlan,
	};
	if (!(pkts[0].flags & WEIR_PKT_TX_TSO) || weir_parse_pkt(cache->base, pkts, n, &cut->parsed) < 0)
		return -EINVAL;
	l4 = parsed->flags & WEIR_PKT_L4;
	if ((l4 != WEIR_PKT_TCP && l4 != WEIR_PKT_UDP) || parsed->flags & (WEIR_PARSED_FRAGMENT | WEIR_PARSED_ROUTED))
		return -EINVAL;
	if ((parsed->flags ^ pkts[0].flags) & (WEIR_PKT_L3 | WEIR_PKT_L4))
		return -EINVAL;
	if (parsed->l3_off != weir_txo_l2(txo) || parsed->l3_len != weir_txo_l3(txo) ||
	    parsed->l4_len != weir_txo_l4(txo))
		return -EINVAL;
	if (parsed->flags & WEIR_PKT_IPV6 && !(parsed->flags & WEIR_PARSED_UNSIZED) &&
	    !((const struct weir_ipv6 *)(const void *)(cut->data + parsed->l3_off))->payload_len)
		return -EINVAL; /* sized by a jumbo payload option, which segments must not have */
	cut->header = parsed->l4_off + parsed->l4_len;
	cut->payload = parsed->end - cut->header;
	if (!cut->mss || cut->header > cut->room)
		return -EINVAL;
	cut->segments = cut->payload ? (unsigned)((cut->payload + cut->mss - 1) / cut->mss) : 1;
	return 0;
}

static unsigned cut_len(const struct cut *cut, unsigned index)
{
	size_t left = cut->payload - (size_t)index * cut->mss;

	return left < cut->mss ? (unsigned)left : cut->mss;
}

static unsigned cut_entries(const struct cut *cut, unsigned index)
{
	return (cut->header + cut_len(cut, index) + cut->room - 1) / cut->room;
}

/* Fills the buffers of a segment: all headers, then its part of the payload. */
static void cut_copy(const struct cut *cut, struct walk payload, struct weir_pkt *entries)
{
	memcpy(weir_pkt_data(cut->base, entries), cut->data, cut->header);
	entries->len = (uint16_t)cut->header;
	entries->flags = cut->flags;
	entries->vlan = cut->vlan;
	while (walk_next(&payload)) {
		while (payload.len) {
			size_t some = cut->room - entries->len;

			if (!some) {
				entries->flags |= WEIR_PKT_MORE;
				entries++;
				continue;
			}
			if (some > payload.len)
				some = payload.len;
			memcpy(weir_pkt_data(cut->base, entries) + entries->len, payload.at, some);
			entries->len = (uint16_t)(entries->len + some);
			payload.at += some;
			payload.len -= some;
		}
	}
}

static void edit_ip(const struct cut *cut, uint8_t *data, uint32_t l4_bytes, unsigned index)
{
	const struct weir_parsed *parsed = &cut->parsed;

	if (parsed->flags & WEIR_PKT_IPV4) {
		struct weir_ipv4 *ip = (void *)(data + parsed->l3_off);

		ip->total_len = weir_be16((uint16_t)(parsed->l3_len + l4_bytes));
		ip->id = weir_be16((uint16_t)(weir_be16(ip->id) + index));
		ip->csum = 0;
		ip->csum = weir_csum_ipv4(ip);
	} else {
		struct weir_ipv6 *ip = (void *)(data + parsed->l3_off);

		ip->payload_len = weir_be16((uint16_t)(parsed->l3_len - sizeof(*ip) + l4_bytes));
	}
}

static void edit_tcp(const struct cut *cut, struct weir_tcp *tcp, unsigned index)
{
	tcp->seq = weir_be32(weir_be32(tcp->seq) + index * cut->mss);
	if (index)
		tcp->flags &= (uint8_t)~WEIR_TCP_CWR; /* said once (RFC 3168, section 6.1.2) */
	if (index != cut->segments - 1)
		tcp->flags &= (uint8_t) ~(WEIR_TCP_FIN | WEIR_TCP_PSH);
	tcp->csum = 0;
}

/* Makes the headers of segment @index its own, checksums included. */
static void cut_edit(const struct cut *cut, const struct weir_pkt *entries, unsigned n, unsigned index)
{
	const struct weir_parsed *parsed = &cut->parsed;
	uint8_t *data = weir_pkt_data(cut->base, entries);
	uint32_t bytes = parsed->l4_len + cut_len(cut, index), sum;
	struct weir_tcp *tcp = (void *)(data + parsed->l4_off);
	struct weir_udp *udp = (void *)(data + parsed->l4_off);
	bool is_udp = (parsed->flags & WEIR_PKT_L4) == WEIR_PKT_UDP;

	edit_ip(cut, data, bytes, index);
	if (is_udp) {
		udp->len = weir_be16((uint16_t)bytes);
		udp->csum = 0;
	} else {
		edit_tcp(cut, tcp, index);
	}
	sum = weir_sum_add(pseudo_sum(data, parsed, bytes), weir_sum_pkt(cut->base, entries, n, parsed->l4_off, bytes));
	if (is_udp)
		udp->csum = weir_csum_udp(weir_sum_csum(sum));
	else
		tcp->csum = weir_sum_csum(sum);
}

int weir_pkt_segment(struct weir_pool_cache *cache, const struct weir_pkt *pkts, unsigned n, struct weir_pkt *segments,
                     unsigned max)
{
	struct cut cut;
	uint64_t need;
	unsigned got, done = 0;

	if (cut_plan(&cut, cache, pkts, n) < 0)
		return -EINVAL;
	/* All segments but the last are alike. */
	need = (uint64_t)(cut.segments - 1) * cut_entries(&cut, 0) + cut_entries(&cut, cut.segments - 1);
	if (need > max || need > INT_MAX)
		return -ENOSPC;
	got = weir_pool_alloc(cache, segments, (unsigned)need);
	if (got < need) {
		weir_pool_free(cache, segments, got);
		return -ENOBUFS;
	}
	for (unsigned i = 0; i < cut.segments; i++) {
		struct walk payload = {
			.base = cut.base,
			.pkts = pkts,
			.n = n,
			.from = cut.header + (size_t)i * cut.mss,
			.left = cut_len(&cut, i),
		};

		cut_copy(&cut, payload, segments + done);
		cut_edit(&cut, segments + done, cut_entries(&cut, i), i);
		done += cut_entries(&cut, i);
	}
	return (int)done;
}
