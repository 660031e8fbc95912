/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is inside tunnels: the tunnel's own header, then another stack of headers for the parser.
 */
#include "net/net.h"

/* The tunnel header at @at says that @type follows; sets *@inner to where. Returns the EtherType, or -errno. */
static int open_gre(const struct frame *frame, size_t at, size_t *inner)
{
	const struct weir_gre *gre = (const void *)(frame->data + at);
	unsigned flags;

	if (at + sizeof(*gre) > frame->len)
		return -EBADMSG;
	flags = weir_be16(gre->flags);
	if (flags & (WEIR_GRE_VERSION | WEIR_GRE_ROUTING))
		return -ENOENT;
	*inner = at + sizeof(*gre) + (flags & WEIR_GRE_CSUM ? 4u : 0u) + (flags & WEIR_GRE_KEY ? 4u : 0u) +
	         (flags & WEIR_GRE_SEQUENCE ? 4u : 0u);
	return weir_be16(gre->type);
}

static int open_vxlan(const struct frame *frame, size_t at, size_t *inner)
{
	const struct weir_vxlan *vxlan = (const void *)(frame->data + at);

	if (at + sizeof(*vxlan) > frame->len)
		return -EBADMSG;
	*inner = at + sizeof(*vxlan);
	return weir_be32(vxlan->flags) & WEIR_VXLAN_ID ? (int)WEIR_ETHER_TEB : -ENOENT;
}

static int open_geneve(const struct frame *frame, size_t at, size_t *inner)
{
	const struct weir_geneve *geneve = (const void *)(frame->data + at);

	if (at + sizeof(*geneve) > frame->len)
		return -EBADMSG;
	*inner = at + sizeof(*geneve) + (geneve->version_len & 0x3fu) * 4u;
	return geneve->version_len >> 6 ? -ENOENT : weir_be16(geneve->type);
}

static int open_gtpu(const struct frame *frame, size_t at, size_t *inner)
{
	const struct weir_gtpu *gtpu = (const void *)(frame->data + at);
	unsigned next = 0;

	if (at + sizeof(*gtpu) > frame->len)
		return -EBADMSG;
	if (gtpu->flags >> 4 != 3 || gtpu->type != WEIR_GTPU_GPDU)
		return -ENOENT;
	at += sizeof(*gtpu);
	if (gtpu->flags & WEIR_GTPU_MORE) {
		if (at + 4 > frame->len)
			return -EBADMSG;
		next = gtpu->flags & WEIR_GTPU_EXTENDED ? frame->data[at + 3] : 0;
		at += 4;
	}
	/* Extension headers: their length in units of 4 bytes first, the type of the next one last (5.2.1). */
	for (unsigned n = 0; next; n++) {
		unsigned size = at < frame->len ? frame->data[at] * 4u : 0;

		if (n == WEIR_PARSE_EXTENSIONS_MAX)
			return -E2BIG;
		if (!size || at + size > frame->len)
			return -EBADMSG;
		at += size;
		next = frame->data[at - 1];
	}
	*inner = at;
	return at < frame->len ? (int)parse_guess(frame, at) : -EBADMSG;
}

int weir_parse_tunnel(const void *data, size_t len, const struct weir_parsed *outer, struct weir_parsed *inner)
{
	struct frame frame = { .data = data };
	size_t at = (size_t)outer->l4_off + outer->l4_len, begin = at;
	int type = -ENOENT;

	frame.len = frame.total = len < outer->end ? len : outer->end;
	memset(inner, 0, sizeof(*inner));
	switch (outer->tunnel) {
	case WEIR_TUNNEL_IP:
		type = outer->protocol == WEIR_IP_IPIP ? WEIR_ETHER_IPV4 : WEIR_ETHER_IPV6;
		break;
	case WEIR_TUNNEL_GRE:
		type = open_gre(&frame, at, &begin);
		break;
	case WEIR_TUNNEL_VXLAN:
		type = open_vxlan(&frame, at, &begin);
		break;
	case WEIR_TUNNEL_GENEVE:
		type = open_geneve(&frame, at, &begin);
		break;
	case WEIR_TUNNEL_GTPU:
		type = open_gtpu(&frame, at, &begin);
		break;
	}
	if (type == -E2BIG)
		return parse_fail(inner, WEIR_PARSE_EXTENSIONS);
	if (type == -EBADMSG)
		return parse_fail(inner, WEIR_PARSE_TRUNCATED);
	if (type != WEIR_ETHER_TEB && type != WEIR_ETHER_IPV4 && type != WEIR_ETHER_IPV6 &&
	    !parse_is_mpls((unsigned)type))
		return -ENOENT;
	return parse_inner(&frame, inner, begin, (unsigned)type);
}
