/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A packet as text, for a person to read.
 */
#include <stdarg.h>
#include <stdio.h>

#include "core/core.h"
#include "weir/pkt.h"

#define PER_LINE 16u

/* Text that grows as far as there is room, and counts on beyond it. */
struct text {
	char *at;
	size_t size;
	size_t len;
};

static void __attribute__((format(printf, 2, 3))) add(struct text *text, const char *format, ...)
{
	size_t room = text->len < text->size ? text->size - text->len : 0;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(room ? text->at + text->len : NULL, room, format, args);
	va_end(args);
	text->len += n > 0 ? (size_t)n : 0;
}

static void add_flags(struct text *text, unsigned flags)
{
	static const char *const l3[] = { "", " ipv4", " ipv6", " l3-3" };
	static const char *const l4[] = { "", " tcp", " udp", " sctp" };
	static const struct {
		unsigned flag;
		const char *name;
	} names[] = {
		{ WEIR_PKT_IP_GOOD, " ip-good" }, { WEIR_PKT_IP_BAD, " ip-bad" }, { WEIR_PKT_L4_GOOD, " l4-good" },
		{ WEIR_PKT_L4_BAD, " l4-bad" },   { WEIR_PKT_TX_IP, " tx-ip" },   { WEIR_PKT_TX_L4, " tx-l4" },
		{ WEIR_PKT_TX_TSO, " tso" },      { WEIR_PKT_META, " meta" },     { WEIR_PKT_SHARED, " shared" },
		{ WEIR_PKT_MORE, " more" },
	};

	add(text, "%s%s", l3[(flags & WEIR_PKT_L3) / WEIR_PKT_IPV4], l4[(flags & WEIR_PKT_L4) / WEIR_PKT_TCP]);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (flags & names[i].flag)
			add(text, "%s", names[i].name);
}

static void add_entry(struct text *text, const struct weir_pkt *pkt, unsigned index)
{
	add(text, "%u: %u bytes, %u into buffer 0x%x", index, pkt->len, pkt->off, pkt->buf);
	if (pkt->flags & WEIR_PKT_VLAN)
		add(text, ", vlan 0x%04x", pkt->vlan);
	if (pkt->flags & WEIR_PKT_TX)
		add(text, ", l2 %u l3 %u l4 %u mss %u", weir_txo_l2(pkt->txo), weir_txo_l3(pkt->txo),
		    weir_txo_l4(pkt->txo), weir_txo_mss(pkt->txo));
	else if (pkt->flags & WEIR_PKT_HASH)
		add(text, ", hash 0x%08x", pkt->hash);
	if (pkt->flags & ~(WEIR_PKT_VLAN | WEIR_PKT_HASH))
		add(text, ",");
	add_flags(text, pkt->flags);
	add(text, "\n");
}

/* @at is the first byte's place in the packet. */
static void add_bytes(struct text *text, const uint8_t *bytes, unsigned n, unsigned at)
{
	for (unsigned line = 0; line < n; line += PER_LINE) {
		unsigned len = n - line < PER_LINE ? n - line : PER_LINE;

		add(text, "  %04x ", at + line);
		for (unsigned i = 0; i < PER_LINE; i++)
			if (i < len)
				add(text, " %02x", bytes[line + i]);
			else
				add(text, "   ");
		add(text, "  ");
		for (unsigned i = 0; i < len; i++)
			add(text, "%c", bytes[line + i] >= ' ' && bytes[line + i] <= '~' ? bytes[line + i] : '.');
		add(text, "\n");
	}
}

size_t weir_pkt_dump(char *text, size_t size, uint8_t *base, const struct weir_pkt *pkts, unsigned n, unsigned bytes)
{
	struct text out = { .at = text, .size = size };
	unsigned at = 0;

	if (size)
		text[0] = '\0';
	for (unsigned i = 0; i < n; i++) {
		unsigned part = pkts[i].len < bytes ? pkts[i].len : bytes;

		add_entry(&out, &pkts[i], i);
		add_bytes(&out, weir_pkt_data(base, &pkts[i]), part, at);
		at += part;
		bytes -= part;
		if (!(pkts[i].flags & WEIR_PKT_MORE))
			break;
	}
	return out.len;
}
