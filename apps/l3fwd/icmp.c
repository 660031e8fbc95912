/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ICMP errors (RFC 792, RFC 4443): about packets that came and go no further, to where they came from. Not about what an
 * error must never be about (RFC 1122, section 3.2.2; RFC 1812, section 4.3.2.7; RFC 4443, section 2.4 (e)), and not more
 * than the rate that is allowed.
 */
#include <weir/parse.h>

#include "check.h"
#include "copy.h"
#include "forward.h"

#define LARGEST4 576u  /* bytes of such a packet: what every host takes (RFC 1812, section 4.3.2.3), */
#define LARGEST6 1280u /* and the least MTU of IPv6 */
#define TTL      64

/* Precedence: internetwork control (RFC 1812, section 4.3.2.5). */
#define TOS_CONTROL 0xc0u
#define TOS_KEPT    0x1eu

static const struct {
	uint8_t type4, code4, type6, code6;
} messages[ICMP_ERROR_COUNT] = {
	[ICMP_TIME_EXCEEDED] = { 11, 0, 3, 0 },   [ICMP_UNREACHABLE_NET] = { 3, 0, 1, 0 },
	[ICMP_UNREACHABLE_HOST] = { 3, 1, 1, 0 }, [ICMP_PROHIBITED] = { 3, 13, 1, 1 },
	[ICMP_TOO_BIG] = { 3, 4, 2, 0 },          [ICMP_BEYOND_SCOPE] = { 3, 0, 1, 2 },
	[ICMP_PARAMETER] = { 12, 0, 4, 0 },
};

void allowance_init(struct allowance *allowance, unsigned rate)
{
	uint64_t hz = weir_clock_hz();

	allowance->ticks = rate ? hz / rate : 0;
	allowance->most = hz / 10 > allowance->ticks ? hz / 10 : allowance->ticks;
	allowance->since = weir_clock() - allowance->most;
}

/* Whether one more may be sent. */
static bool allowed(struct allowance *allowance, uint64_t now)
{
	if (!allowance->ticks)
		return false;
	if (now - allowance->since > allowance->most)
		allowance->since = now - allowance->most;
	if (now - allowance->since < allowance->ticks)
		return false;
	allowance->since += allowance->ticks;
	return true;
}

/* Echo, timestamp, information, mask, extended echo: they ask or answer. All others are errors, or might be. */
static bool is_query4(unsigned type)
{
	return type == 0 || type == 8 || (type >= 13 && type <= 18) || type == 42 || type == 43;
}

/* Neither errors nor redirects. */
static bool is_query6(unsigned type)
{
	return type >= 128 && type != 137;
}

static bool may_answer4(const struct forwarder *forwarder, const struct item *item)
{
	const struct weir_ipv4 *ip = item_ipv4(forwarder, item);
	unsigned l4 = (unsigned)sizeof(struct weir_eth) + (ip->version_ihl & 0xfu) * 4;

	if (!ipv4_is_host(ip->src) || ip->fragment & weir_be16(WEIR_IPV4_OFFSET))
		return false;
	return ip->protocol != WEIR_IP_ICMP ||
	       (item->pkts->len > l4 && is_query4(weir_pkt_data(forwarder->base, item->pkts)[l4]));
}

static bool may_answer6(const struct forwarder *forwarder, const struct item *item)
{
	const uint8_t *data = weir_pkt_data(forwarder->base, item->pkts);
	struct weir_parsed parsed;

	weir_parse(data, item->pkts->len, &parsed);
	if (parsed.flags & WEIR_PARSED_LATER)
		return false;
	return parsed.protocol != WEIR_IP_ICMPV6 || (item->pkts->len > parsed.l4_off && is_query6(data[parsed.l4_off]));
}

/* Writes the ICMP header at @icmp, in front of what is quoted; returns its sum with the quote's. */
static uint32_t write_icmp(struct weir_icmp *icmp, uint8_t type, uint8_t code, uint32_t rest, uint32_t quote)
{
	*icmp = (struct weir_icmp){ .type = type, .code = code };
	weir_store_be32(&icmp->id, rest);
	return weir_sum(icmp, sizeof(*icmp) + quote);
}

/* Completes the answer in @data to @item, of @quote quoted bytes. */
static void write_ipv4(struct forwarder *forwarder, uint8_t *data, const struct item *item, enum icmp_error error,
                       unsigned detail, uint32_t quote)
{
	const struct weir_ipv4 *about = item_ipv4(forwarder, item);
	struct weir_ipv4 *ip = (void *)(data + sizeof(struct weir_eth));
	struct weir_icmp *icmp = (void *)(ip + 1);
	uint32_t rest = error == ICMP_PARAMETER ? detail << 24 : detail;

	weir_store_be16(data + 12, WEIR_ETHER_IPV4);
	*ip = (struct weir_ipv4){
		.version_ihl = 0x45,
		.tos = (about->tos & TOS_KEPT) | TOS_CONTROL,
		.total_len = weir_be16((uint16_t)(sizeof(*ip) + sizeof(*icmp) + quote)),
		.id = weir_be16((uint16_t)forwarder->ident++),
		.ttl = TTL,
		.protocol = WEIR_IP_ICMP,
		.dst = about->src,
	};
	icmp->csum = weir_sum_csum(write_icmp(icmp, messages[error].type4, messages[error].code4, rest, quote));
}

static void write_ipv6(struct forwarder *forwarder, uint8_t *data, const struct item *item, enum icmp_error error,
                       unsigned detail, uint32_t quote)
{
	const struct weir_ipv6 *about = item_ipv6(forwarder, item);
	struct weir_ipv6 *ip = (void *)(data + sizeof(struct weir_eth));

	weir_store_be16(data + 12, WEIR_ETHER_IPV6);
	*ip = (struct weir_ipv6){
		.version_flow = weir_be32(6u << 28),
		.payload_len = weir_be16((uint16_t)(sizeof(struct weir_icmp) + quote)),
		.next = WEIR_IP_ICMPV6,
		.hop_limit = TTL,
	};
	memcpy(ip->dst, about->src, sizeof(ip->dst));
	write_icmp((void *)(ip + 1), messages[error].type6, messages[error].code6, detail, quote);
}

/*
 * Gives the answer an address, and the checksums that cover it: in IPv4 that of the interface that it leaves by (RFC
 * 1812, section 4.3.2.4), in IPv6 that of the interface that the packet came by, which says more (RFC 4443, section
 * 2.2), or else the other. False: there is none.
 */
static bool write_source(const struct forwarder *forwarder, struct item *answer, uint64_t word)
{
	const struct interface *out = &forwarder->router->interfaces[hop_interface(word)];
	const struct interface *in = &forwarder->router->interfaces[answer->interface];

	if (answer->family == 4) {
		struct weir_ipv4 *ip = item_ipv4(forwarder, answer);
		uint32_t source;

		if (!router_source4(out, &source))
			return false;
		ip->src = source;
		ip->csum = weir_csum_ipv4(ip);
	} else {
		struct weir_ipv6 *ip = item_ipv6(forwarder, answer);
		struct weir_icmp *icmp = (void *)(ip + 1);
		uint32_t length = weir_be16(ip->payload_len);

		if (!router_source6(in, ip->src) && !router_source6(out, ip->src))
			return false;
		icmp->csum =
		    weir_sum_csum(weir_sum_add(weir_sum_pseudo6(ip, WEIR_IP_ICMPV6, length), weir_sum(icmp, length)));
	}
	return true;
}

/* Where the answer goes: along the routes, but to an address of the link alone back to the link. */
static uint64_t way_back(struct forwarder *forwarder, struct item *answer)
{
	if (answer->family == 4) {
		uint32_t dst = item_ipv4(forwarder, answer)->dst; /* aligned, as tables want it */

		return dispatch_word(forwarder, answer, &dst);
	}
	if (ipv6_is_link_local(item_ipv6(forwarder, answer)->dst))
		return hop_word(HOP_CONNECTED, answer->interface, 0);
	return dispatch_word(forwarder, answer, item_ipv6(forwarder, answer)->dst);
}

/* Sends the answer, or frees it: there is no way back. */
static void send(struct forwarder *forwarder, struct item *answer)
{
	uint64_t word = way_back(forwarder, answer);
	enum hop_kind kind = hop_kind(word);

	if ((kind != HOP_NEIGHBOUR && kind != HOP_UNRESOLVED && kind != HOP_CONNECTED) ||
	    !write_source(forwarder, answer, word)) {
		tally(&forwarder->counts->icmp_suppressed, 1);
		weir_pool_free(forwarder->cache, answer->pkts, 1);
		return;
	}
	tally(&forwarder->counts->icmp_sent, 1);
	dispatch_to(forwarder, answer, word);
}

static void answer(struct forwarder *forwarder, const struct item *item, enum icmp_error error, unsigned detail)
{
	bool four = item->family == 4;
	uint32_t headers =
	    (uint32_t)((four ? sizeof(struct weir_ipv4) : sizeof(struct weir_ipv6)) + sizeof(struct weir_icmp));
	uint32_t room = weir_pool_room(forwarder->cache->pool) - forwarder->cache->headroom;
	uint32_t quote = (four ? LARGEST4 : LARGEST6) - headers;
	struct item answer = { .n = 1, .interface = item->interface, .family = item->family };
	struct weir_pkt pkt;
	uint8_t *data;

	headers += (uint32_t)sizeof(struct weir_eth);
	quote = quote < item->total ? quote : item->total;
	if (room < headers || !weir_pool_alloc(forwarder->cache, &pkt, 1)) {
		tally(&forwarder->counts->drops[DROP_NO_BUFFER], 1);
		return;
	}
	quote = quote < room - headers ? quote : room - headers;
	data = weir_pkt_data(forwarder->base, &pkt);
	pkt.len = (uint16_t)(headers + quote);
	copy_bytes(forwarder->base, item->pkts, sizeof(struct weir_eth), data + headers, quote);
	(four ? write_ipv4 : write_ipv6)(forwarder, data, item, error, detail, quote);
	answer.pkts = &pkt;
	answer.total = pkt.len - (uint32_t)sizeof(struct weir_eth);
	send(forwarder, &answer);
}

void icmp_answer(struct forwarder *forwarder, struct item *item, enum icmp_error error, unsigned detail, enum drop why)
{
	if (item->cast || !(item->family == 4 ? may_answer4 : may_answer6)(forwarder, item))
		tally(&forwarder->counts->icmp_suppressed, 1);
	else if (!allowed(&forwarder->icmp, forwarder->now))
		tally(&forwarder->counts->icmp_limited, 1);
	else
		answer(forwarder, item, error, detail);
	forward_drop(forwarder, item->pkts, item->n, why);
}
