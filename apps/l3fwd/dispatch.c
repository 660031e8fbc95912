/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What becomes of a packet whose hop is known.
 */
#include "check.h"
#include "flow.h"
#include "forward.h"
#include "ip_options.h"

/* Writes the Ethernet header's addresses: those of the word and of the interface's link. */
static inline void write_macs(uint8_t *data, uint64_t word, uint64_t link)
{
	uint64_t to = hop_mac(word), from = link_mac(link);

	uint64_t first = __builtin_bswap64(to << 16 | from >> 32);
	uint32_t rest = weir_be32((uint32_t)from);

	static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	              "the first byte of an address is the highest of its word");
	memcpy(data, &first, sizeof(first));
	memcpy(data + 8, &rest, sizeof(rest));
}

void dispatch_to(struct forwarder *forwarder, struct item *item, uint64_t word)
{
	const struct interface *interface = &forwarder->router->interfaces[hop_interface(word)];
	struct weir_pkt *pkt = item->pkts;
	uint8_t *used = &forwarder->router->used[item->hop];

	if (__builtin_expect(hop_kind(word) != HOP_NEIGHBOUR, 0)) {
		forward_punt(forwarder, item, hop_kind(word) == HOP_UNRESOLVED ? PUNT_UNRESOLVED : PUNT_CONNECTED,
		             hop_interface(word), item->hop);
		return;
	}
	if (!__atomic_load_n(used, __ATOMIC_RELAXED))
		__atomic_store_n(used, 1, __ATOMIC_RELAXED);
	write_macs(weir_pkt_data(forwarder->base, pkt), word, interface_link(interface));
	if (interface->vlan) {
		pkt->vlan = interface->vlan;
		pkt->flags |= WEIR_PKT_VLAN;
	}
	tally(&forwarder->counts->forwarded, 1);
	egress_send(forwarder, &forwarder->egresses[interface->port], pkt, item->n);
}

/* Bytes of the longest IP packet that this one becomes on the wire. */
static inline uint32_t wire_total(const struct item *item)
{
	uint32_t txo = item->pkts->txo;

	if (item->pkts->flags & WEIR_PKT_TX_TSO)
		return weir_txo_l3(txo) + weir_txo_l4(txo) + weir_txo_mss(txo);
	return item->total;
}

/* Whether an IPv4 header's options are such that the packet may go on. If not, it is gone. */
static bool options_good(struct forwarder *forwarder, struct item *item)
{
	unsigned at;
	int verdict = ip_options_judge(item_ipv4(forwarder, item), &at);

	if (verdict == IP_OPTIONS_WRONG)
		icmp_answer(forwarder, item, ICMP_PARAMETER, at, DROP_OPTIONS);
	else if (verdict)
		forward_drop(forwarder, item->pkts, item->n, DROP_OPTIONS);
	return !verdict;
}

static inline void forward_ipv4(struct forwarder *forwarder, struct item *item, uint64_t word)
{
	const struct interface *out = &forwarder->router->interfaces[hop_interface(word)];
	struct weir_ipv4 *ip = item_ipv4(forwarder, item);
	unsigned mtu = link_mtu(interface_link(out));
	bool long_one = wire_total(item) > mtu;

	if (__builtin_expect(ip->ttl <= 1, 0)) {
		icmp_answer(forwarder, item, ICMP_TIME_EXCEEDED, 0, DROP_TTL);
		return;
	}
	if (__builtin_expect(long_one, 0) &&
	    (ip->fragment & weir_be16(WEIR_IPV4_DF) || item->pkts->flags & WEIR_PKT_TX_TSO)) {
		icmp_answer(forwarder, item, ICMP_TOO_BIG, mtu, DROP_TOO_BIG);
		return;
	}
	weir_ipv4_hop(ip);
	if (__builtin_expect(ip->version_ihl != 0x45, 0))
		ip_options_forward(ip, out);
	if (__builtin_expect(long_one, 0))
		fragment_send(forwarder, item, word, mtu);
	else
		dispatch_to(forwarder, item, word);
}

static inline void forward_ipv6(struct forwarder *forwarder, struct item *item, uint64_t word)
{
	const struct interface *out = &forwarder->router->interfaces[hop_interface(word)];
	struct weir_ipv6 *ip = item_ipv6(forwarder, item);
	unsigned mtu = link_mtu(interface_link(out));

	if (__builtin_expect(ip->hop_limit <= 1, 0)) {
		icmp_answer(forwarder, item, ICMP_TIME_EXCEEDED, 0, DROP_TTL);
	} else if (__builtin_expect(ipv6_is_link_local(ip->src), 0) && hop_interface(word) != item->interface) {
		icmp_answer(forwarder, item, ICMP_BEYOND_SCOPE, 0, DROP_SOURCE);
	} else if (__builtin_expect(wire_total(item) > mtu, 0)) {
		icmp_answer(forwarder, item, ICMP_TOO_BIG, mtu, DROP_TOO_BIG);
	} else {
		ip->hop_limit--;
		dispatch_to(forwarder, item, word);
	}
}

/* To a neighbour, known or not. */
static inline void forward(struct forwarder *forwarder, struct item *item, uint64_t word)
{
	if (__builtin_expect(item->cast, 0))
		forward_drop(forwarder, item->pkts, item->n, DROP_LINK_CAST);
	else if (__builtin_expect(!interface_up(&forwarder->router->interfaces[hop_interface(word)]), 0))
		forward_drop(forwarder, item->pkts, item->n, DROP_DOWN);
	else if (item->family == 4)
		forward_ipv4(forwarder, item, word);
	else
		forward_ipv6(forwarder, item, word);
}

/* The word of a hop, or of the one in its group that the packet's flow has. */
static inline uint64_t resolve(struct forwarder *forwarder, struct item *item)
{
	uint64_t word = item->hop < HOPS_MAX ? router_hop(forwarder->router, item->hop) : 0;
	const struct group *group;

	if (__builtin_expect(hop_kind(word) != HOP_GROUP, 1))
		return word;
	group = &forwarder->router->groups[hop_mac(word)];
	item->hop = group->member[(uint64_t)flow_hash(forwarder->base, item) * group->count >> 32];
	return router_hop(forwarder->router, item->hop);
}

uint64_t dispatch_word(struct forwarder *forwarder, struct item *item, const void *dst)
{
	if (item->family == 4)
		weir_fib_lookup4(forwarder->router->fib4, dst, &item->hop, 1);
	else
		weir_fib_lookup6(forwarder->router->fib6, dst, &item->hop, 1);
	return resolve(forwarder, item);
}

void dispatch(struct forwarder *forwarder, struct item *item)
{
	uint64_t word = resolve(forwarder, item);

	enum hop_kind kind = hop_kind(word);

	if (kind == HOP_LOCAL) {
		forward_punt(forwarder, item, PUNT_LOCAL, item->interface, 0);
		return;
	}
	if (item->family == 4 && __builtin_expect(item_ipv4(forwarder, item)->version_ihl != 0x45, 0) &&
	    !options_good(forwarder, item))
		return;
	switch (kind) {
	case HOP_NEIGHBOUR:
	case HOP_UNRESOLVED:
	case HOP_CONNECTED:
		forward(forwarder, item, word);
		return;
	case HOP_BLACKHOLE:
		forward_drop(forwarder, item->pkts, item->n, DROP_BLACKHOLE);
		return;
	case HOP_UNREACHABLE:
		icmp_answer(forwarder, item, ICMP_UNREACHABLE_HOST, 0, DROP_UNREACHABLE);
		return;
	case HOP_PROHIBIT:
		icmp_answer(forwarder, item, ICMP_PROHIBITED, 0, DROP_PROHIBIT);
		return;
	default:
		icmp_answer(forwarder, item, ICMP_UNREACHABLE_NET, 0, DROP_NO_ROUTE);
	}
}
