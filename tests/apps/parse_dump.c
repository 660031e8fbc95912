/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Prints what weir finds in each frame of a capture: a line a frame, a column a field, by the names that tshark has for
 * them. What is in tunnels follows what is outside, separated by commas, as tshark does it. parse-tshark.sh compares.
 *
 *   parse_dump -f        prints the names of the columns
 *   parse_dump CAPTURE   prints the frames
 */
#include <arpa/inet.h>
#include <err.h>
#include <pcap/pcap.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "weir/net.h"
#include "weir/parse.h"

/*
 * The columns. Several names joined by a plus are one column: tshark has a field for each kind of VLAN tag, or of next
 * header, and they are to be read one after the other. The last column is ours alone, for where tshark may go on
 * while weir does not: "more" when the innermost headers carry something that may hold headers, "wrong" when weir found
 * an error and stopped.
 */
/* clang-format off */
#define COLUMNS(C) \
	C(ETH_TYPE, "eth.type") \
	C(TAGS, "ieee8021ad.id+vlan.id") \
	C(TAGGED, "vlan.etype") \
	C(LABELS, "mpls.label") \
	C(IP_SRC, "ip.src") \
	C(IP_DST, "ip.dst") \
	C(IP_PROTO, "ip.proto") \
	C(IP_LEN, "ip.hdr_len") \
	C(IP_CSUM, "ip.checksum.status") \
	C(IP6_SRC, "ipv6.src") \
	C(IP6_DST, "ipv6.dst") \
	C(IP6_NEXT, "ipv6.nxt+ipv6.hopopts.nxt+ipv6.dstopts.nxt+ipv6.routing.nxt+ipv6.fraghdr.nxt+ah.next_header") \
	C(TCP_SRC, "tcp.srcport") \
	C(TCP_DST, "tcp.dstport") \
	C(TCP_LEN, "tcp.hdr_len") \
	C(TCP_CSUM, "tcp.checksum.status") \
	C(UDP_SRC, "udp.srcport") \
	C(UDP_DST, "udp.dstport") \
	C(UDP_CSUM, "udp.checksum.status") \
	C(SCTP_SRC, "sctp.srcport") \
	C(SCTP_DST, "sctp.dstport") \
	C(SCTP_CSUM, "sctp.checksum.status") \
	C(ICMP_CSUM, "icmp.checksum.status") \
	C(ICMP6_CSUM, "icmpv6.checksum.status") \
	C(MORE, "more")
/* clang-format on */

#define COLUMN(id, name) id,
#define NAME(id, name)   name,

enum column { COLUMNS(COLUMN) COLUMN_COUNT };

static const char *const names[] = { COLUMNS(NAME) };

struct row {
	char text[COLUMN_COUNT][256];
};

/* Puts one more value into a column. */
static void __attribute__((format(printf, 3, 4))) add(struct row *row, enum column column, const char *format, ...)
{
	char *text = row->text[column];
	size_t len = strlen(text);
	va_list args;

	if (len)
		text[len++] = ',';
	va_start(args, format);
	vsnprintf(text + len, sizeof(row->text[column]) - len, format, args);
	va_end(args);
}

static void add_address(struct row *row, enum column column, int family, const void *address)
{
	char text[INET6_ADDRSTRLEN];

	add(row, column, "%s", inet_ntop(family, address, text, sizeof(text)));
}

/* As tshark says it: 1 right, 0 wrong, 2 not checked. */
static void add_verdict(struct row *row, enum column column, unsigned flags, unsigned good, unsigned bad)
{
	add(row, column, "%u", flags & good ? 1u : flags & bad ? 0u : 2u);
}

static void add_l2(struct row *row, const uint8_t *data, const struct weir_parsed *parsed)
{
	unsigned before_l3 = parsed->l3_off - parsed->l2_off, tags = 4u * parsed->tags, labels = 4u * parsed->labels;

	if (before_l3 == sizeof(struct weir_eth) + tags + labels) {
		unsigned type = weir_load_be16(data + parsed->l2_off + offsetof(struct weir_eth, type));

		if (type >= WEIR_ETHER_MIN || !type) /* 0 is a type to tshark, not a length */
			add(row, ETH_TYPE, "0x%04x", type);
	}
	for (unsigned i = 0; i < parsed->tags && i < 2; i++)
		add(row, TAGS, "%u", parsed->tci[i] & WEIR_VLAN_ID);
	if (parsed->tags && parsed->ether_type >= WEIR_ETHER_MIN)
		add(row, TAGGED, "0x%04x", parsed->ether_type);
	for (; labels; labels -= 4)
		add(row, LABELS, "%u", weir_load_be32(data + parsed->l3_off - labels) >> 12);
}

static void add_l3(struct row *row, const uint8_t *data, const struct weir_parsed *parsed, unsigned verdict)
{
	if (!parsed->l3_len)
		return;
	if (parsed->flags & WEIR_PKT_IPV4) {
		const struct weir_ipv4 *ip = (const void *)(data + parsed->l3_off);

		add_address(row, IP_SRC, AF_INET, &ip->src);
		add_address(row, IP_DST, AF_INET, &ip->dst);
		add(row, IP_PROTO, "%u", parsed->protocol);
		add(row, IP_LEN, "%u", parsed->l3_len);
		add_verdict(row, IP_CSUM, verdict, WEIR_PKT_IP_GOOD, WEIR_PKT_IP_BAD);
	} else {
		const struct weir_ipv6 *ip = (const void *)(data + parsed->l3_off);

		add_address(row, IP6_SRC, AF_INET6, ip->src);
		add_address(row, IP6_DST, AF_INET6, ip->dst);
		add(row, IP6_NEXT, "%u", parsed->protocol);
	}
}

static void add_l4(struct row *row, const struct weir_parsed *parsed, unsigned verdict)
{
	if (parsed->flags & WEIR_PARSED_LATER || !parsed->l4_off)
		return;
	if (parsed->protocol == WEIR_IP_TCP && parsed->l4_len) {
		add(row, TCP_SRC, "%u", parsed->src_port);
		add(row, TCP_DST, "%u", parsed->dst_port);
		add(row, TCP_LEN, "%u", parsed->l4_len);
		add_verdict(row, TCP_CSUM, verdict, WEIR_PKT_L4_GOOD, WEIR_PKT_L4_BAD);
	} else if (parsed->protocol == WEIR_IP_UDP && parsed->l4_len) {
		add(row, UDP_SRC, "%u", parsed->src_port);
		add(row, UDP_DST, "%u", parsed->dst_port);
		add_verdict(row, UDP_CSUM, verdict, WEIR_PKT_L4_GOOD, WEIR_PKT_L4_BAD);
	} else if (parsed->protocol == WEIR_IP_SCTP && parsed->l4_len) {
		add(row, SCTP_SRC, "%u", parsed->src_port);
		add(row, SCTP_DST, "%u", parsed->dst_port);
		add_verdict(row, SCTP_CSUM, verdict, WEIR_PKT_L4_GOOD, WEIR_PKT_L4_BAD);
	} else if (parsed->protocol == WEIR_IP_ICMP && parsed->flags & WEIR_PKT_IPV4) {
		add_verdict(row, ICMP_CSUM, verdict, WEIR_PKT_L4_GOOD, WEIR_PKT_L4_BAD);
	} else if (parsed->protocol == WEIR_IP_ICMPV6 && parsed->flags & WEIR_PKT_IPV6) {
		add_verdict(row, ICMP6_CSUM, verdict, WEIR_PKT_L4_GOOD, WEIR_PKT_L4_BAD);
	}
}

/* Whether there may be headers that weir does not look for and tshark does. */
static bool may_hold_more(const struct weir_parsed *parsed)
{
	switch (parsed->protocol) {
	case WEIR_IP_ICMP:
	case WEIR_IP_ICMPV6: /* errors quote packets */
	case WEIR_IP_GRE:    /* what is neither Ethernet nor IP */
	case 103:            /* PIM registers carry packets */
		return true;
	case WEIR_IP_HOPOPTS:
	case WEIR_IP_ROUTING:
	case WEIR_IP_FRAGMENT:
	case WEIR_IP_AH:
	case WEIR_IP_DSTOPTS:
		return parsed->flags & WEIR_PKT_IPV4; /* which weir only follows in IPv6 */
	}
	return false;
}

#define PIECE     64000u  /* a multiple of 64 */
#define FRAME_MAX 262144u /* what libpcap allows */

/*
 * A frame may be longer than an entry of a packet can say, so it is laid out as several, one right behind the other.
 * Returns how many. The memory at @data need not be an arena: entries count from it.
 */
static unsigned lay(size_t len, struct weir_pkt *pkts)
{
	unsigned n = 0;

	for (size_t at = 0; at < len || !n; at += pkts[n++].len) {
		size_t some = len - at < PIECE ? len - at : PIECE;

		pkts[n] =
		    (struct weir_pkt){ .buf = (uint32_t)(at / 64), .len = (uint16_t)some, .flags = WEIR_PKT_MORE };
	}
	pkts[n - 1].flags = 0;
	return n;
}

static void print_frame(const uint8_t *data, size_t len)
{
	static struct row row;
	struct weir_pkt pkts[FRAME_MAX / PIECE + 1];
	struct weir_parsed parsed;
	uint8_t *base = (uint8_t *)(uintptr_t)data;
	unsigned n = lay(len, pkts);
	int err;

	memset(&row, 0, sizeof(row));
	err = weir_parse_pkt(base, pkts, n, &parsed);
	for (;;) {
		struct weir_parsed inner;
		unsigned verdict = weir_pkt_check(base, pkts, n, &parsed);

		add_l2(&row, data, &parsed);
		add_l3(&row, data, &parsed, verdict);
		add_l4(&row, &parsed, verdict);
		if (err || weir_parse_tunnel(data, len, &parsed, &inner) == -ENOENT)
			break;
		err = inner.errors ? -EBADMSG : 0;
		parsed = inner;
	}
	if (err)
		add(&row, MORE, "wrong");
	else if (may_hold_more(&parsed))
		add(&row, MORE, "more");
	for (unsigned i = 0; i < COLUMN_COUNT; i++)
		printf("%s%c", row.text[i], i + 1 < COLUMN_COUNT ? '\t' : '\n');
}

int main(int argc, char **argv)
{
	char why[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *header;
	const uint8_t *data;
	pcap_t *pcap;
	int got;

	if (argc != 2)
		errx(2, "usage: parse_dump -f | CAPTURE");
	if (!strcmp(argv[1], "-f")) {
		for (unsigned i = 0; i < COLUMN_COUNT; i++)
			puts(names[i]);
		return 0;
	}
	pcap = pcap_open_offline(argv[1], why);
	if (!pcap)
		errx(1, "%s", why);
	if (pcap_datalink(pcap) != DLT_EN10MB)
		errx(1, "%s: not a capture of Ethernet", argv[1]);
	while ((got = pcap_next_ex(pcap, &header, &data)) == 1) {
		if (header->caplen > FRAME_MAX)
			errx(1, "%s: a frame of %u bytes", argv[1], header->caplen);
		print_frame(data, header->caplen);
	}
	if (got == PCAP_ERROR)
		errx(1, "%s: %s", argv[1], pcap_geterr(pcap));
	pcap_close(pcap);
	return 0;
}
