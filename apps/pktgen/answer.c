/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ARP (RFC 826), ICMP echo (RFC 792, 4443) and neighbour solicitations (RFC 4861).
 */
#include "answer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <weir/net.h>
#include <weir/parse.h>
#include <weir/wire.h>

#define ARP_REQUEST          1u
#define ARP_REPLY            2u
#define ECHO_REPLY           0u
#define ECHO_REQUEST         8u
#define ECHO6_REQUEST        128u
#define ECHO6_REPLY          129u
#define ND_SOLICITATION      135u
#define ND_ADVERTISEMENT     136u
#define ND_TARGET_LINK_LAYER 2u
#define ND_SOLICITED         0x40000000u
#define ND_OVERRIDE          0x20000000u
#define ND_HOP_LIMIT         255u
#define HOPS                 64u

/* A neighbour solicitation, or an advertisement with the option that says the link-layer address. */
struct nd_message {
	uint8_t type;
	uint8_t code;
	uint16_t csum;
	uint32_t flags;
	uint8_t target[16];
	uint8_t option, option_len; /* in units of 8 bytes */
	uint8_t mac[6];
} WEIR_PACKED;
_Static_assert(sizeof(struct nd_message) == 32, "");
#define ND_BARE 24u /* without an option */

static bool prefix_equal(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned bytes = bits / 8, rest = bits % 8;

	return !memcmp(a, b, bytes) && (!rest || !((a[bytes] ^ b[bytes]) >> (8 - rest)));
}

static bool is_ours(const struct answer *answer, bool ipv6, const void *address)
{
	for (unsigned i = 0; i < answer->count; i++) {
		const struct answer_net *net = &answer->nets[i];

		if (net->ipv6 == ipv6 && prefix_equal(net->address, address, net->bits))
			return true;
	}
	return false;
}

/* Whether nothing but zeros follows the prefix. */
static bool is_network(const struct answer_net *net)
{
	unsigned all = net->ipv6 ? 128 : 32;

	for (unsigned bit = net->bits; bit < all; bit++)
		if (net->address[bit / 8] & 0x80u >> bit % 8)
			return false;
	return true;
}

int answer_add(struct answer *answer, const char *text, char error[ANSWER_ERROR])
{
	struct answer_net net = { .ipv6 = strchr(text, ':') };
	const char *slash = strchr(text, '/');
	unsigned all = net.ipv6 ? 128 : 32;
	char address[INET6_ADDRSTRLEN] = "", *end;
	unsigned long bits = all;

	if (answer->count == ANSWER_MAX) {
		snprintf(error, ANSWER_ERROR, "no more than %u addresses can be answered for; give a network instead",
		         ANSWER_MAX);
		return -ENOSPC;
	}
	snprintf(address, sizeof(address), "%.*s", (int)(slash ? slash - text : (long)strlen(text)), text);
	if (inet_pton(net.ipv6 ? AF_INET6 : AF_INET, address, net.address) != 1)
		goto wrong;
	if (slash) {
		bits = strtoul(slash + 1, &end, 10);
		if (slash[1] < '0' || slash[1] > '9' || *end || bits > all)
			goto wrong;
	}
	net.bits = (unsigned)bits;
	if (!is_network(&net)) {
		snprintf(error, ANSWER_ERROR,
		         "'%s' has bits set behind its prefix; give the address alone, or the network with zeros there",
		         text);
		return -EINVAL;
	}
	answer->nets[answer->count++] = net;
	return 0;

wrong:
	snprintf(error, ANSWER_ERROR, "'%s' is no address and no network, such as 192.0.2.1 or 2001:db8::/64", text);
	return -EINVAL;
}

static void tally(uint64_t *counter)
{
	__atomic_store_n(counter, __atomic_load_n(counter, __ATOMIC_RELAXED) + 1, __ATOMIC_RELAXED);
}

/* Copies what is in front of layer 3, tags included, with the addresses turned round. */
static void answer_l2(const struct answer *answer, const uint8_t *frame, unsigned l3_off, uint8_t *reply)
{
	memcpy(reply, frame, l3_off);
	memcpy(reply, frame + 6, 6);
	memcpy(reply + 6, answer->mac, 6);
}

static unsigned answer_arp(struct answer *answer, const uint8_t *frame, unsigned len, unsigned off, uint8_t *reply)
{
	struct weir_arp arp;

	if (len < off + sizeof(arp))
		return 0;
	memcpy(&arp, frame + off, sizeof(arp));
	if (arp.hardware != weir_be16(1) || arp.protocol != weir_be16(WEIR_ETHER_IPV4) ||
	    arp.operation != weir_be16(ARP_REQUEST) || !is_ours(answer, false, &arp.target_ip))
		return 0;
	answer_l2(answer, frame, off, reply);
	arp.operation = weir_be16(ARP_REPLY);
	memcpy(arp.target_mac, arp.sender_mac, 6);
	memcpy(arp.sender_mac, answer->mac, 6);
	uint32_t asked = arp.target_ip;
	arp.target_ip = arp.sender_ip;
	arp.sender_ip = asked;
	memcpy(reply + off, &arp, sizeof(arp));
	tally(&answer->arp);
	return off + (unsigned)sizeof(arp);
}

/* Ends the echo reply at @off + @header with its type and checksum. */
static void finish_echo(uint8_t *reply, unsigned off, unsigned end, uint8_t type, uint32_t pseudo)
{
	struct weir_icmp icmp;

	memcpy(&icmp, reply + off, sizeof(icmp));
	icmp.type = type;
	icmp.csum = 0;
	memcpy(reply + off, &icmp, sizeof(icmp));
	icmp.csum = weir_sum_csum(weir_sum_add(pseudo, weir_sum(reply + off, end - off)));
	memcpy(reply + off, &icmp, sizeof(icmp));
}

static unsigned answer_ping(struct answer *answer, const uint8_t *frame, const struct weir_parsed *parsed,
                            uint8_t *reply)
{
	unsigned off = parsed->l3_off, end = parsed->end;
	struct weir_ipv4 ip;

	memcpy(&ip, frame + off, sizeof(ip));
	if (end < parsed->l4_off + sizeof(struct weir_icmp) || frame[parsed->l4_off] != ECHO_REQUEST ||
	    !is_ours(answer, false, &ip.dst) || weir_sum_csum(weir_sum(frame + off, parsed->l3_len)) ||
	    weir_sum_csum(weir_sum(frame + parsed->l4_off, end - parsed->l4_off)))
		return 0;
	answer_l2(answer, frame, off, reply);
	memcpy(reply + off, frame + off, end - off);
	uint32_t asked = ip.dst;
	ip.dst = ip.src;
	ip.src = asked;
	ip.ttl = HOPS;
	ip.csum = 0;
	memcpy(reply + off, &ip, sizeof(ip));
	ip.csum = weir_sum_csum(weir_sum(reply + off, parsed->l3_len));
	memcpy(reply + off, &ip, sizeof(ip));
	finish_echo(reply, parsed->l4_off, end, ECHO_REPLY, 0);
	tally(&answer->ping);
	return end;
}

static unsigned answer_ping6(struct answer *answer, const uint8_t *frame, const struct weir_parsed *parsed,
                             uint8_t *reply)
{
	unsigned off = parsed->l3_off, end = parsed->end, l4 = parsed->l4_off;
	struct weir_ipv6 ip;
	uint8_t asked[16];

	memcpy(&ip, frame + off, sizeof(ip));
	/* Echoes with extension headers come from nobody's ping. */
	if (l4 != off + sizeof(ip) || !is_ours(answer, true, ip.dst))
		return 0;
	answer_l2(answer, frame, off, reply);
	memcpy(reply + off, frame + off, end - off);
	memcpy(asked, ip.dst, 16);
	memcpy(ip.dst, ip.src, 16);
	memcpy(ip.src, asked, 16);
	ip.hop_limit = HOPS;
	memcpy(reply + off, &ip, sizeof(ip));
	finish_echo(reply, l4, end, ECHO6_REPLY, weir_sum_pseudo6(&ip, WEIR_IP_ICMPV6, end - l4));
	tally(&answer->ping);
	return end;
}

static unsigned answer_nd(struct answer *answer, const uint8_t *frame, const struct weir_parsed *parsed, uint8_t *reply)
{
	static const uint8_t nobody[16], all_nodes[16] = { 0xff, 0x02, [15] = 1 };
	unsigned off = parsed->l3_off, l4 = parsed->l4_off;
	struct nd_message message = { .flags = 0 };
	struct weir_ipv6 ip;
	bool probe;

	memcpy(&ip, frame + off, sizeof(ip));
	if (ip.hop_limit != ND_HOP_LIMIT || l4 != off + sizeof(ip) || parsed->end < l4 + ND_BARE)
		return 0;
	memcpy(&message, frame + l4, ND_BARE);
	if (message.code || !is_ours(answer, true, message.target))
		return 0;
	/* Whoever asks without an address wants to know whether it is free (RFC 4862); all nodes are told. */
	probe = !memcmp(ip.src, nobody, 16);
	answer_l2(answer, frame, off, reply);
	if (probe)
		memcpy(reply, (const uint8_t[]){ 0x33, 0x33, 0, 0, 0, 1 }, 6);
	memcpy(ip.dst, probe ? all_nodes : ip.src, 16);
	memcpy(ip.src, message.target, 16);
	ip.payload_len = weir_be16(sizeof(message));
	message.type = ND_ADVERTISEMENT;
	message.csum = 0;
	message.flags = weir_be32(probe ? ND_OVERRIDE : ND_SOLICITED | ND_OVERRIDE);
	message.option = ND_TARGET_LINK_LAYER;
	message.option_len = 1;
	memcpy(message.mac, answer->mac, 6);
	message.csum = weir_sum_csum(
	    weir_sum_add(weir_sum_pseudo6(&ip, WEIR_IP_ICMPV6, sizeof(message)), weir_sum(&message, sizeof(message))));
	memcpy(reply + off, &ip, sizeof(ip));
	memcpy(reply + l4, &message, sizeof(message));
	tally(&answer->ndp);
	return l4 + (unsigned)sizeof(message);
}

static unsigned answer_icmp6(struct answer *answer, const uint8_t *frame, const struct weir_parsed *parsed,
                             uint8_t *reply)
{
	unsigned l4 = parsed->l4_off, len = parsed->end - l4;
	struct weir_ipv6 ip;

	memcpy(&ip, frame + parsed->l3_off, sizeof(ip));
	if (parsed->end < l4 + sizeof(struct weir_icmp) ||
	    weir_sum_csum(weir_sum_add(weir_sum_pseudo6(&ip, WEIR_IP_ICMPV6, len), weir_sum(frame + l4, len))))
		return 0;
	if (frame[l4] == ND_SOLICITATION)
		return answer_nd(answer, frame, parsed, reply);
	return frame[l4] == ECHO6_REQUEST ? answer_ping6(answer, frame, parsed, reply) : 0;
}

unsigned answer_frame(struct answer *answer, const uint8_t *frame, unsigned len, uint8_t *reply)
{
	struct weir_parsed parsed;

	if (!answer->count || weir_parse(frame, len, &parsed) || parsed.labels)
		return 0;
	if (parsed.ether_type == WEIR_ETHER_ARP)
		return answer_arp(answer, frame, len, parsed.l3_off, reply);
	if (parsed.flags & WEIR_PARSED_FRAGMENT)
		return 0;
	if ((parsed.flags & WEIR_PKT_L3) == WEIR_PKT_IPV4 && parsed.protocol == WEIR_IP_ICMP)
		return answer_ping(answer, frame, &parsed, reply);
	if ((parsed.flags & WEIR_PKT_L3) == WEIR_PKT_IPV6 && parsed.protocol == WEIR_IP_ICMPV6)
		return answer_icmp6(answer, frame, &parsed, reply);
	return 0;
}
