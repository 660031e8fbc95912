/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The loop: takes bursts, sorts out what can be routed, looks routes up.
 */
#include "forward.h"

#include <string.h>

#include "check.h"
#include "flow.h"

#define AHEAD 4 /* packets whose headers are asked for before they are looked at */

void forward_drop(struct forwarder *forwarder, const struct weir_pkt *pkts, unsigned n, enum drop why)
{
	tally(&forwarder->counts->drops[why], 1);
	weir_pool_free(forwarder->cache, pkts, n);
}

/* Nobody fills in checksums behind us. A packet that is to be cut cannot be finished. */
static bool finish(struct forwarder *forwarder, struct weir_pkt *pkts, unsigned n)
{
	return !(pkts->flags & WEIR_PKT_TX) || !weir_pkt_finish(forwarder->base, pkts, n);
}

void forward_punt(struct forwarder *forwarder, struct item *item, enum punt why, unsigned interface, uint32_t detail)
{
	static const enum drop instead[PUNT_COUNT] = {
		[PUNT_LOCAL] = DROP_LOCAL, [PUNT_MULTICAST] = DROP_LOCAL,      [PUNT_ARP] = DROP_TYPE,
		[PUNT_OTHER] = DROP_TYPE,  [PUNT_CONNECTED] = DROP_UNRESOLVED, [PUNT_UNRESOLVED] = DROP_UNRESOLVED,
	};

	if (!forwarder->router->punting) {
		forward_drop(forwarder, item->pkts, item->n, instead[why]);
		return;
	}
	if (!finish(forwarder, item->pkts, item->n)) {
		forward_drop(forwarder, item->pkts, item->n, DROP_TOO_BIG);
		return;
	}
	punt_mark(item->pkts, why, interface, detail);
	if (router_punt(forwarder->router, item->pkts, item->n))
		tally(&forwarder->counts->punts[why], 1);
	else
		forward_drop(forwarder, item->pkts, item->n, DROP_PUNT_FULL);
}

/*
 * Makes a packet one that can be worked on: its own buffer, with all headers in the first entry. False: it is gone. The
 * entries that remain are at the item's.
 */
static bool make_plain(struct forwarder *forwarder, struct item *item)
{
	struct weir_pkt *pkts = item->pkts;

	if (pkts->flags & WEIR_PKT_MORE && pkts->len < 128 && !weir_pkt_linearise(forwarder->cache, pkts, item->n))
		item->n = 1;
	if (pkts->flags & WEIR_PKT_SHARED) {
		struct weir_pkt copy[64];
		unsigned n = weir_pkt_copy(forwarder->cache, pkts, item->n, copy, item->n < 64 ? item->n : 64);

		if (!n) {
			forward_drop(forwarder, pkts, item->n, DROP_NO_BUFFER);
			return false;
		}
		weir_pool_free(forwarder->cache, pkts, item->n);
		memcpy(pkts, copy, n * sizeof(*pkts));
		item->n = (uint16_t)n;
	}
	if (pkts->len < sizeof(struct weir_eth)) {
		forward_drop(forwarder, pkts, item->n, DROP_SHORT);
		return false;
	}
	return true;
}

/* Takes the tag that is in the data, or beside it, off the packet. Returns its VLAN; 0: there was none. */
static unsigned take_tag(uint8_t *data, struct weir_pkt *pkt)
{
	unsigned tci = pkt->vlan;

	if (pkt->flags & WEIR_PKT_VLAN) {
		pkt->flags &= (uint16_t)~WEIR_PKT_VLAN;
		return tci & WEIR_VLAN_ID;
	}
	if (weir_load_be16(data + 12) != WEIR_ETHER_VLAN ||
	    pkt->len < sizeof(struct weir_eth) + sizeof(struct weir_vlan))
		return 0;
	tci = weir_load_be16(data + 14);
	memmove(data + 4, data, 12);
	weir_pkt_adjust(pkt, sizeof(struct weir_vlan));
	if (pkt->flags & WEIR_PKT_TX)
		pkt->txo = weir_txo(weir_txo_l2(pkt->txo) - 4, weir_txo_l3(pkt->txo), weir_txo_l4(pkt->txo),
		                    weir_txo_mss(pkt->txo));
	return tci & WEIR_VLAN_ID;
}

void forward_trim(struct forwarder *forwarder, struct item *item)
{
	struct weir_pkt *pkts = item->pkts;
	uint32_t left = item->total + (uint32_t)sizeof(struct weir_eth);
	unsigned n = 0;

	while (left > pkts[n].len)
		left -= pkts[n++].len;
	pkts[n].len = (uint16_t)left;
	pkts[n].flags &= (uint16_t)~WEIR_PKT_MORE;
	weir_pool_free(forwarder->cache, &pkts[n + 1], item->n - n - 1u);
	item->n = (uint16_t)(n + 1);
}

/* A packet that has no place here as it is: not IP, or for this link alone. */
static void accept_other(struct forwarder *forwarder, struct item *item, unsigned type)
{
	forward_punt(forwarder, item, type == WEIR_ETHER_ARP ? PUNT_ARP : PUNT_OTHER, item->interface, 0);
}

/* Gives the control thread what is for this link: groups, and IPv6's addresses of the link alone. */
static bool punt_link_wide(struct forwarder *forwarder, struct item *item, const uint8_t *dst6)
{
	bool group = item->family == 4 || dst6[0] == 0xff;

	if (!group && !ipv6_is_link_local(dst6))
		return false;
	forward_punt(forwarder, item, group ? PUNT_MULTICAST : PUNT_LOCAL, item->interface, 0);
	return true;
}

/*
 * Decides what an IP packet is: one to be routed (the item joins those of its family), or not. @all: bytes of the frame
 * behind its Ethernet header.
 */
static inline void accept_ip(struct forwarder *forwarder, struct item *item, unsigned type, size_t all)
{
	struct weir_pkt *pkt = item->pkts;
	const uint8_t *ip = weir_pkt_data(forwarder->base, pkt) + sizeof(struct weir_eth);
	size_t here = pkt->len - sizeof(struct weir_eth);
	bool four = type == WEIR_ETHER_IPV4;
	unsigned index = four ? 0 : 1;
	int verdict;

	if (__builtin_expect(here < (four ? sizeof(struct weir_ipv4) : sizeof(struct weir_ipv6)), 0)) {
		forward_drop(forwarder, pkt, item->n, DROP_SHORT);
		return;
	}
	verdict = four ? check_ipv4((const void *)ip, here, all, pkt->flags & (WEIR_PKT_IP_GOOD | WEIR_PKT_TX_IP),
	                            &item->total)
	               : check_ipv6((const void *)ip, here, all, &item->total);
	if (__builtin_expect(verdict != CHECK_GOOD, 0)) {
		forward_drop(forwarder, pkt, item->n, (enum drop)verdict);
		return;
	}
	if (__builtin_expect(item->total != all, 0))
		forward_trim(forwarder, item);
	item->family = four ? 4 : 6;
	if (__builtin_expect(four ? ipv4_is_link_wide(((const struct weir_ipv4 *)ip)->dst) : ip[24] >= 0xfe, 0) &&
	    punt_link_wide(forwarder, item, ip + 24))
		return;
	if (four)
		memcpy(&forwarder->addr4[forwarder->item_count[0]], ip + 16, 4);
	else
		memcpy(&forwarder->addr6[forwarder->item_count[1]], ip + 24, 16);
	forwarder->items[index][forwarder->item_count[index]++] = *item;
}

/* Looks at the frame at @pkts, of @n entries. */
static inline void accept(struct forwarder *forwarder, const struct ingress *ingress, struct weir_pkt *pkts, unsigned n)
{
	const struct router *router = forwarder->router;
	struct item item = { .pkts = pkts, .n = (uint16_t)n };
	const struct interface *interface;
	unsigned tag, type;
	uint8_t *data;

	if (__builtin_expect(pkts->len < 128 || pkts->flags & WEIR_PKT_SHARED, 0) && !make_plain(forwarder, &item))
		return;
	data = weir_pkt_data(forwarder->base, pkts);
	tag = take_tag(data, pkts);
	data = weir_pkt_data(forwarder->base, pkts);
	item.interface = __atomic_load_n(&ingress->by_vlan[tag], __ATOMIC_ACQUIRE);
	if (__builtin_expect(!item.interface, 0)) {
		forward_drop(forwarder, pkts, item.n, DROP_VLAN);
		return;
	}
	interface = &router->interfaces[item.interface];
	if (__builtin_expect(!interface_up(interface), 0)) {
		forward_drop(forwarder, pkts, item.n, DROP_DOWN);
		return;
	}
	if (__builtin_expect(mac_pack(data) != link_mac(interface_link(interface)), 0)) {
		if (!(data[0] & 1)) {
			forward_drop(forwarder, pkts, item.n, DROP_NOT_OURS);
			return;
		}
		item.cast = true;
	}
	type = weir_load_be16(data + 12);
	if (type == WEIR_ETHER_IPV4 || type == WEIR_ETHER_IPV6)
		accept_ip(forwarder, &item, type, weir_pkt_bytes(pkts, item.n) - sizeof(struct weir_eth));
	else
		accept_other(forwarder, &item, type);
}

/* Finds the hops of all items of a family, of which there are some. */
static void look_up(struct forwarder *forwarder, unsigned index)
{
	unsigned count = forwarder->item_count[index];
	struct item *items = forwarder->items[index];

	if (index)
		weir_fib_lookup6(forwarder->router->fib6, forwarder->addr6, forwarder->hops, count);
	else
		weir_fib_lookup4(forwarder->router->fib4, forwarder->addr4, forwarder->hops, count);
	if (forwarder->flows)
		flows_look_up(forwarder->flows, forwarder->base, items, forwarder->hops, count);
	for (unsigned i = 0; i < count; i++) {
		items[i].hop = forwarder->hops[i];
		if (items[i].hop < HOPS_MAX)
			__builtin_prefetch(&forwarder->router->hops[items[i].hop]);
	}
}

void forward_burst(struct forwarder *forwarder, const struct ingress *ingress, struct weir_pkt *pkts, unsigned n)
{
	unsigned entries;

	forwarder->item_count[0] = 0;
	forwarder->item_count[1] = 0;
	for (unsigned i = 0; i < n && i < AHEAD; i++)
		__builtin_prefetch(weir_pkt_data(forwarder->base, &pkts[i]));
	for (unsigned i = 0; i < n; i += entries) {
		if (i + AHEAD < n)
			__builtin_prefetch(weir_pkt_data(forwarder->base, &pkts[i + AHEAD]));
		entries = pkts[i].flags & WEIR_PKT_MORE ? weir_pkt_entries(&pkts[i], n - i) : 1;
		accept(forwarder, ingress, &pkts[i], entries);
	}
	for (unsigned family = 0; family < 2; family++) {
		if (!forwarder->item_count[family])
			continue;
		look_up(forwarder, family);
		for (unsigned i = 0; i < forwarder->item_count[family]; i++)
			dispatch(forwarder, &forwarder->items[family][i]);
	}
}

/* --- the loop ------------------------------------------------------------------------------------------------------- */

/* Nothing came: notices the end. */
static void rest(struct forwarder *forwarder, struct ingress *ingress)
{
	forwarder->now = weir_clock();
	if (ingress->finished || !weir_rxq_finished(ingress->rxq))
		return;
	ingress->finished = true;
	idle_forget(&forwarder->idle, ingress->rxq);
	if (--forwarder->unfinished == 0)
		workers_done(forwarder->workers);
}

/* As weir_rx(), for no more packets than may still be handled. */
static unsigned receive(struct forwarder *forwarder, const struct ingress *ingress)
{
	unsigned claimed, n;

	if (!forwarder->budget)
		return weir_rx(ingress->rxq, forwarder->pkts, ingress->most);
	claimed = budget_claim(forwarder->budget, forwarder->burst);
	/* A packet of several entries may be more packets of one: the claim is settled with what came. */
	n = claimed ? weir_rx(ingress->rxq, forwarder->pkts, claimed > ingress->least ? claimed : ingress->least) : 0;
	budget_settle(forwarder->budget, claimed, weir_pkt_count(forwarder->pkts, n));
	return n;
}

/* Routes a burst of what has come. Returns the number of its entries. */
static unsigned serve(struct forwarder *forwarder, struct ingress *ingress)
{
	uint64_t before = forwarder->now;
	unsigned n = receive(forwarder, ingress), packets;
	struct inlet *inlet = ingress->inlet;

	if (!n) {
		rest(forwarder, ingress);
		return 0;
	}
	packets = weir_pkt_count(forwarder->pkts, n);
	tally(&inlet->packets, packets);
	tally(&inlet->bursts, 1);
	tally(&inlet->entries, n);
	forward_burst(forwarder, ingress, forwarder->pkts, n);
	if (forwarder->budget && budget_spend(forwarder->budget, packets))
		workers_all_done(forwarder->workers);
	forwarder->now = weir_clock();
	tally(&inlet->ticks, forwarder->now - before);
	return n;
}

void *forward_run(void *arg)
{
	struct forwarder *forwarder = arg;

	forwarder->now = weir_clock();
	if (!forwarder->unfinished)
		workers_done(forwarder->workers);
	while (!workers_stopping(forwarder->workers)) {
		unsigned moved = 0;

		reader_round(forwarder->router, forwarder->reader);
		for (unsigned i = 0; i < forwarder->ingress_count; i++)
			moved |= serve(forwarder, &forwarder->ingresses[i]);
		moved |= egress_flush(forwarder);
		forwarder->now = idle_round(&forwarder->idle, moved, forwarder->now);
		if (forwarder->idle.nap_ns)
			reader_awake(forwarder->reader);
	}
	egress_end(forwarder);
	return NULL;
}
