/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Puts headers together, and fills in what each says of those behind it.
 */
#include "template.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <weir/net.h>
#include <weir/pkt.h>

/* The longest that .txo can say. */
#define TXO_L2_MAX 126u

#define BIT(header) (1u << (header))

/* What carries an EtherType, what an IP protocol; and what neither does. */
#define BY_TYPE     (BIT(HEADER_ETH) | BIT(HEADER_VLAN) | BIT(HEADER_QINQ) | BIT(HEADER_GRE))
#define BY_PROTOCOL (BIT(HEADER_IPV4) | BIT(HEADER_IPV6))

/* How a header is announced by the one in front of it, and which these may be. */
static const struct {
	uint32_t behind;
	uint16_t type;
	uint8_t protocol;
} announced[HEADER_COUNT] = {
	[HEADER_ETH] = { BIT(HEADER_VXLAN) | BIT(HEADER_GRE), WEIR_ETHER_TEB, 0 },
	[HEADER_VLAN] = { BY_TYPE, WEIR_ETHER_VLAN, 0 },
	[HEADER_QINQ] = { BY_TYPE, WEIR_ETHER_QINQ, 0 },
	[HEADER_MPLS] = { BY_TYPE | BIT(HEADER_MPLS), WEIR_ETHER_MPLS, 0 },
	[HEADER_ARP] = { BY_TYPE, WEIR_ETHER_ARP, 0 },
	[HEADER_IPV4] = { BY_TYPE | BY_PROTOCOL | BIT(HEADER_MPLS) | BIT(HEADER_GTPU), WEIR_ETHER_IPV4, WEIR_IP_IPIP },
	[HEADER_IPV6] = { BY_TYPE | BY_PROTOCOL | BIT(HEADER_MPLS) | BIT(HEADER_GTPU), WEIR_ETHER_IPV6, WEIR_IP_IPV6 },
	[HEADER_TCP] = { BY_PROTOCOL, 0, WEIR_IP_TCP },
	[HEADER_UDP] = { BY_PROTOCOL, 0, WEIR_IP_UDP },
	[HEADER_ICMP] = { BY_PROTOCOL, 0, WEIR_IP_ICMP },
	[HEADER_ICMPV6] = { BY_PROTOCOL, 0, WEIR_IP_ICMPV6 },
	[HEADER_VXLAN] = { BIT(HEADER_UDP), 0, 0 },
	[HEADER_GRE] = { BY_PROTOCOL, 0, WEIR_IP_GRE },
	[HEADER_GTPU] = { BIT(HEADER_UDP), 0, 0 },
};

void template_begin(struct template *t)
{
	memset(t, 0, sizeof(*t));
}

/* "eth, vlan or ipv4" */
static void list_headers(uint32_t set, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < HEADER_COUNT && used < size; i++) {
		const char *comma = !used ? "" : set >> i >> 1 ? ", " : " or ";

		if (set & BIT(i))
			used += (size_t)snprintf(text + used, size - used, "%s%s", comma, header_info(i)->name);
	}
}

int template_add(struct template *t, enum header header, char *why, size_t size)
{
	const struct header_info *info = header_info(header);
	struct template_layer *layer = &t->layer[t->layers];
	char list[128];

	if (!t->layers && header != HEADER_ETH) {
		snprintf(why, size, "a packet begins with eth, not with %s", info->name);
		return -EINVAL;
	}
	if (t->layers && !(announced[header].behind & BIT(layer[-1].header))) {
		list_headers(announced[header].behind, list, sizeof(list));
		snprintf(why, size, "%s cannot follow %s; put it behind %s", info->name,
		         header_info(layer[-1].header)->name, list);
		return -EINVAL;
	}
	if (t->layers == TEMPLATE_LAYERS) {
		snprintf(why, size, "%s is one header too many; a packet has at most %u", info->name, TEMPLATE_LAYERS);
		return -EINVAL;
	}
	*layer = (struct template_layer){ .header = (uint8_t)header, .len = info->len, .offset = (uint16_t)t->len };
	memcpy(t->bytes + t->len, info->bytes, info->len);
	t->len += info->len;
	t->layers++;
	return 0;
}

static bool is_said(const struct template_layer *layer, const char *name)
{
	const struct header_field *field = header_field(layer->header, name);

	return field && layer->said & BIT(field - header_info(layer->header)->fields);
}

void template_field(struct template *t, const struct header_field *of, struct field *field)
{
	struct template_layer *layer = &t->layer[t->layers - 1];

	if (of->offset >= layer->len) {
		/* GRE's key, which is there only now. */
		t->bytes[layer->offset] |= WEIR_GRE_KEY >> 8;
		memset(t->bytes + t->len, 0, of->bytes);
		layer->len += of->bytes;
		t->len += of->bytes;
	}
	layer->said |= BIT(of - header_info(layer->header)->fields);
	field->offset = (uint16_t)(layer->offset + of->offset);
	field->bytes = of->bytes;
	field->shift = of->shift;
	field->mask = ~(field_value)0 >> (128 - of->bits) << of->shift;
}

static void set_if_free(struct template *t, const struct template_layer *layer, const char *name, uint32_t value)
{
	const struct header_field *of = header_field(layer->header, name);
	const struct field field = {
		.offset = (uint16_t)(layer->offset + of->offset),
		.bytes = of->bytes,
		.shift = of->shift,
		.mask = ~(field_value)0 >> (128 - of->bits) << of->shift,
	};

	if (!is_said(layer, name))
		field_store(&field, t->bytes, value);
}

/* What @layer says of the next one, @next; NULL: the payload. */
static void announce(struct template *t, const struct template_layer *layer, const struct template_layer *next)
{
	if (layer->header == HEADER_MPLS && (!next || next->header != HEADER_MPLS))
		set_if_free(t, layer, "bottom", 1);
	if (!next)
		return;
	if (BIT(layer->header) & BY_TYPE)
		set_if_free(t, layer, "type", announced[next->header].type);
	else if (BIT(layer->header) & BY_PROTOCOL)
		set_if_free(t, layer, layer->header == HEADER_IPV4 ? "protocol" : "next",
		            announced[next->header].protocol);
	else if (layer->header == HEADER_UDP)
		set_if_free(t, layer, "dst", next->header == HEADER_VXLAN ? WEIR_PORT_VXLAN : WEIR_PORT_GTPU);
}

/* Notes the lengths that depend on the frame's size. */
static void note_length(struct template *t, const struct template_layer *layer)
{
	struct template_length *length = &t->length[t->lengths];

	if (is_said(layer, "length"))
		return;
	switch (layer->header) {
	case HEADER_IPV4:
		*length = (struct template_length){ layer->offset + 2, layer->offset };
		break;
	case HEADER_IPV6:
		*length = (struct template_length){ layer->offset + 4, layer->offset + layer->len };
		break;
	case HEADER_UDP:
		*length = (struct template_length){ layer->offset + 4, layer->offset };
		break;
	case HEADER_GTPU:
		*length = (struct template_length){ layer->offset + 2, layer->offset + layer->len };
		break;
	default:
		return;
	}
	t->lengths++;
}

static void note_ipv4_sum(struct template *t, const struct template_layer *layer)
{
	if (layer->header == HEADER_IPV4 && !is_said(layer, "checksum"))
		t->sum[t->sums++] = (struct template_sum){ HEADER_IPV4, layer->offset + 10, layer->offset, 0, 0 };
}

/*
 * Notes the checksum of the last header. One of UDP that carries a tunnel stays 0: none (RFC 7348; RFC 6935 for IPv6).
 */
static void note_last_sum(struct template *t)
{
	static const uint8_t at[HEADER_COUNT] = {
		[HEADER_TCP] = 16, [HEADER_UDP] = 6, [HEADER_ICMP] = 2, [HEADER_ICMPV6] = 2
	};
	const struct template_layer *last = &t->layer[t->layers - 1];

	if (!at[last->header] || is_said(last, "checksum"))
		return;
	t->sum[t->sums++] = (struct template_sum){
		.header = last->header,
		.at = last->offset + at[last->header],
		.from = last->offset,
		.ip = last->header == HEADER_ICMP ? 0 : last[-1].offset,
		.ip_header = last[-1].header,
	};
}

/* Which of the sums a port can be asked for: of TCP and UDP, and of the IPv4 header in front. */
static void plan_offload(struct template *t)
{
	const struct template_sum *last = t->sums ? &t->sum[t->sums - 1] : NULL;
	unsigned ip;

	t->offload = t->sums;
	if (!last || (last->header != HEADER_TCP && last->header != HEADER_UDP))
		return;
	ip = last->ip;
	if (ip > TXO_L2_MAX)
		return;
	t->offload = t->sums - 1;
	t->flags = WEIR_PKT_TX_L4;
	t->flags |= last->header == HEADER_TCP ? WEIR_PKT_TCP : WEIR_PKT_UDP;
	t->flags |= last->ip_header == HEADER_IPV4 ? WEIR_PKT_IPV4 : WEIR_PKT_IPV6;
	t->txo = weir_txo(ip, last->from - ip, 0, 0);
	if (t->offload && last[-1].header == HEADER_IPV4 && last[-1].from == ip) {
		t->offload--;
		t->flags |= WEIR_PKT_TX_IP;
	}
}

int template_finish(struct template *t, char *why, size_t size)
{
	const struct template_layer *last;

	if (!t->layers) {
		snprintf(why, size, "a packet has headers, eth at least");
		return -EINVAL;
	}
	last = &t->layer[t->layers - 1];
	if (BIT(last->header) & (BIT(HEADER_VXLAN) | BIT(HEADER_GTPU) | BIT(HEADER_GRE))) {
		snprintf(why, size, "a packet does not end with %s; say what is in the tunnel",
		         header_info(last->header)->name);
		return -EINVAL;
	}
	for (unsigned i = 0; i < t->layers; i++) {
		announce(t, &t->layer[i], i + 1 < t->layers ? &t->layer[i + 1] : NULL);
		note_length(t, &t->layer[i]);
		note_ipv4_sum(t, &t->layer[i]);
	}
	note_last_sum(t);
	t->own_mac = !is_said(&t->layer[0], "src");
	plan_offload(t);
	return 0;
}

static uint32_t pseudo_sum(const struct template_sum *sum, const uint8_t *frame, unsigned len)
{
	static const uint8_t protocol[HEADER_COUNT] = {
		[HEADER_TCP] = WEIR_IP_TCP, [HEADER_UDP] = WEIR_IP_UDP, [HEADER_ICMPV6] = WEIR_IP_ICMPV6
	};
	const void *ip = frame + sum->ip;

	if (!sum->ip)
		return 0;
	return sum->ip_header == HEADER_IPV4 ? weir_sum_pseudo4(ip, protocol[sum->header], len - sum->from)
	                                     : weir_sum_pseudo6(ip, protocol[sum->header], len - sum->from);
}

static void put(uint8_t *at, uint16_t csum)
{
	memcpy(at, &csum, sizeof(csum));
}

void template_checksums(const struct template *t, uint8_t *frame, unsigned len, bool offload)
{
	for (unsigned i = 0; i < t->sums; i++) {
		const struct template_sum *sum = &t->sum[i];
		uint8_t *at = frame + sum->at;
		uint16_t csum;

		put(at, 0);
		if (sum->header == HEADER_IPV4) {
			if (!offload || i < t->offload)
				put(at, weir_csum_ipv4((const void *)(frame + sum->from)));
			continue;
		}
		csum = weir_sum_fold(pseudo_sum(sum, frame, len));
		if (!offload || i < t->offload) {
			csum = weir_sum_csum(weir_sum_add(csum, weir_sum(frame + sum->from, len - sum->from)));
			if (sum->header == HEADER_UDP)
				csum = weir_csum_udp(csum);
		}
		put(at, csum);
	}
}
