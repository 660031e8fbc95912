/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ARP (RFC 826) and neighbour discovery (RFC 4861) on the wire.
 *
 * What comes in is from anybody: it is checked as the RFCs say, teaches about those who were asked for, and about who
 * asks for us; it never makes an entry for anybody else.
 */
#include <stddef.h>
#include <string.h>

#include <weir/net.h>

#include "resolve.h"

#define ARP_REQUEST   1u
#define ARP_REPLY     2u
#define ND_SOLICIT    135u
#define ND_ADVERTISE  136u
#define ND_SOURCE_MAC 1u /* options */
#define ND_TARGET_MAC 2u
#define ND_SOLICITED  0x40000000u /* flags of advertisements */
#define ND_OVERRIDE   0x20000000u
#define ND_ROUTER     0x80000000u
#define ND_LEN        32u /* of what we send, after the IPv6 header: with one option */

struct nd {
	uint8_t type;
	uint8_t code;
	uint16_t csum;
	uint32_t flags;
	uint8_t target[16];
} WEIR_PACKED;
static_assert(sizeof(struct nd) == 24, "");

static const uint8_t everybody[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

/* Sends a frame of @len bytes, which begins with room for the Ethernet header, to @mac. */
static void send(struct resolver *resolver, unsigned interface, const uint8_t mac[6], const uint8_t *frame,
                 unsigned len)
{
	struct router *router = resolver->router;
	struct weir_pkt pkt;

	if (!weir_pool_alloc(resolver->cache, &pkt, 1))
		return;
	memcpy(weir_pkt_data(router->base, &pkt), frame, len);
	pkt.len = (uint16_t)len;
	router_address(router, &pkt, interface, mac);
	if (!router_inject(router, router->interfaces[interface].port, &pkt, 1))
		weir_pool_free(resolver->cache, &pkt, 1);
}

static uint64_t own_mac(const struct resolver *resolver, unsigned interface)
{
	return interface_link(&resolver->router->interfaces[interface]) & 0xffffffffffffu;
}

static bool answered_by_us(const struct resolver *resolver, unsigned interface)
{
	return !resolver->hooks.answered || !resolver->hooks.answered(resolver->hooks.arg, interface);
}

/* --- ARP ------------------------------------------------------------------------------------------------------------ */

static void send_arp(struct resolver *resolver, unsigned interface, unsigned operation, const uint8_t from[4],
                     const uint8_t to[4], const uint8_t to_mac[6], const uint8_t mac[6])
{
	uint8_t frame[60] = { 0 }; /* the shortest that there is, so that no old bytes pad it */
	struct weir_arp *arp = (void *)(frame + sizeof(struct weir_eth));

	weir_store_be16(frame + offsetof(struct weir_eth, type), WEIR_ETHER_ARP);
	arp->hardware = weir_be16(1);
	arp->protocol = weir_be16(WEIR_ETHER_IPV4);
	arp->hardware_len = 6;
	arp->protocol_len = 4;
	arp->operation = weir_be16((uint16_t)operation);
	mac_unpack(arp->sender_mac, own_mac(resolver, interface));
	memcpy(&arp->sender_ip, from, 4);
	memcpy(arp->target_mac, to_mac, 6);
	memcpy(&arp->target_ip, to, 4);
	send(resolver, interface, mac, frame, sizeof(frame));
}

/* Learns from what a neighbour said of itself. Who is not there is made only if @make. */
static void hear(struct resolver *resolver, unsigned interface, const struct ip *ip, const uint8_t mac[6], bool make)
{
	struct adjacency *neighbour;

	/* Where the kernel keeps neighbours, it hears of them, too, and tells. */
	if (resolver->hooks.ask || mac[0] & 1 || !mac_pack(mac))
		return;
	neighbour = make ? resolver_get(resolver, interface, ip) : resolver_find(resolver, interface, ip);
	if (neighbour)
		resolver_learn(resolver, neighbour, mac_pack(mac), true);
}

void resolver_arp(struct resolver *resolver, unsigned interface, const uint8_t *frame, size_t len)
{
	const struct weir_arp *arp = (const void *)(frame + sizeof(struct weir_eth));
	static const uint8_t nobody[4];
	struct ip sender = { .family = 4 }, target = { .family = 4 };
	const struct own_address *source;
	bool ours;

	if (len < sizeof(struct weir_eth) + sizeof(*arp) || weir_be16(arp->hardware) != 1 ||
	    weir_be16(arp->protocol) != WEIR_ETHER_IPV4 || arp->hardware_len != 6 || arp->protocol_len != 4)
		return;
	memcpy(sender.byte, &arp->sender_ip, 4);
	memcpy(target.byte, &arp->target_ip, 4);
	source = resolver_source(resolver, interface, &sender);
	ours = resolver_own(resolver, interface, &target);
	if (memcmp(sender.byte, nobody, 4) && source && !ip_equal(&source->ip, &sender) &&
	    ip_within(&sender, &source->ip, source->len))
		hear(resolver, interface, &sender, arp->sender_mac, ours && weir_be16(arp->operation) == ARP_REQUEST);
	if (ours && weir_be16(arp->operation) == ARP_REQUEST && answered_by_us(resolver, interface))
		send_arp(resolver, interface, ARP_REPLY, target.byte, sender.byte, arp->sender_mac, arp->sender_mac);
}

/* --- neighbour discovery --------------------------------------------------------------------------------------------- */

/* The link-local address that follows from the interface's MAC address (RFC 4291, appendix A). */
static void link_local(const struct resolver *resolver, unsigned interface, struct ip *ip)
{
	uint8_t mac[6];

	mac_unpack(mac, own_mac(resolver, interface));
	*ip = (struct ip){ .family = 6, .byte = { 0xfe, 0x80 } };
	memcpy(ip->byte + 8, mac, 3);
	ip->byte[8] ^= 2;
	ip->byte[11] = 0xff;
	ip->byte[12] = 0xfe;
	memcpy(ip->byte + 13, mac + 3, 3);
}

/* To @to; where that is a multicast address, its last four bytes make the MAC address. */
static void send_nd(struct resolver *resolver, unsigned interface, unsigned type, uint32_t flags,
                    const uint8_t from[16], const uint8_t to[16], const uint8_t target[16], const uint8_t *mac)
{
	uint8_t frame[sizeof(struct weir_eth) + sizeof(struct weir_ipv6) + ND_LEN] = { 0 };
	struct weir_ipv6 *ip = (void *)(frame + sizeof(struct weir_eth));
	struct nd *nd = (void *)(ip + 1);
	uint8_t *option = (uint8_t *)(nd + 1), group[6] = { 0x33, 0x33, to[12], to[13], to[14], to[15] };
	uint32_t sum;

	weir_store_be16(frame + offsetof(struct weir_eth, type), WEIR_ETHER_IPV6);
	frame[sizeof(struct weir_eth)] = 0x60;
	ip->payload_len = weir_be16(ND_LEN);
	ip->next = WEIR_IP_ICMPV6;
	ip->hop_limit = 255;
	memcpy(&ip->src, from, 16);
	memcpy(&ip->dst, to, 16);
	nd->type = (uint8_t)type;
	nd->flags = weir_be32(flags);
	memcpy(nd->target, target, 16);
	option[0] = type == ND_SOLICIT ? ND_SOURCE_MAC : ND_TARGET_MAC;
	option[1] = 1;
	mac_unpack(option + 2, own_mac(resolver, interface));
	sum = weir_sum_pseudo6(ip, WEIR_IP_ICMPV6, ND_LEN);
	nd->csum = weir_sum_csum(weir_sum_add(sum, weir_sum(nd, ND_LEN)));
	send(resolver, interface, to[0] == 0xff ? group : mac, frame, sizeof(frame));
}

/* The MAC address in the options, or NULL; *@whole: the options are what they should be. */
static const uint8_t *find_option(const uint8_t *options, size_t len, unsigned type, bool *whole)
{
	const uint8_t *mac = NULL;

	*whole = true;
	while (len) {
		size_t size = len >= 8 ? options[1] * 8u : 0;

		if (!size || size > len) {
			*whole = false;
			return NULL;
		}
		if (options[0] == type)
			mac = options + 2;
		options += size;
		len -= size;
	}
	return mac;
}

/* Somebody asks for us. */
static void solicited(struct resolver *resolver, unsigned interface, const struct ip *sender, const struct ip *target,
                      const uint8_t *mac)
{
	static const uint8_t all_nodes[16] = { 0xff, 2, [15] = 1 };
	static const uint8_t nobody[16];
	struct ip derived;
	bool anonymous = !memcmp(sender->byte, nobody, 16);

	link_local(resolver, interface, &derived);
	if (!resolver_own(resolver, interface, target) && !ip_equal(target, &derived))
		return;
	if (!anonymous && mac)
		hear(resolver, interface, sender, mac, true);
	if (answered_by_us(resolver, interface) && (anonymous || mac))
		send_nd(resolver, interface, ND_ADVERTISE, ND_ROUTER | ND_OVERRIDE | (anonymous ? 0 : ND_SOLICITED),
		        target->byte, anonymous ? all_nodes : sender->byte, target->byte, mac);
}

void resolver_nd(struct resolver *resolver, unsigned interface, const uint8_t *frame, size_t len)
{
	const struct weir_ipv6 *ip = (const void *)(frame + sizeof(struct weir_eth));
	const struct nd *nd = (const void *)(ip + 1);
	struct ip sender = { .family = 6 }, target = { .family = 6 };
	const uint8_t *mac;
	unsigned size;
	bool whole;

	if (len < sizeof(struct weir_eth) + sizeof(*ip) + sizeof(*nd) || ip->next != WEIR_IP_ICMPV6)
		return;
	size = weir_be16(ip->payload_len);
	if ((nd->type != ND_SOLICIT && nd->type != ND_ADVERTISE) || ip->hop_limit != 255 || nd->code ||
	    size < sizeof(*nd) || size > len - sizeof(struct weir_eth) - sizeof(*ip) || nd->target[0] == 0xff ||
	    weir_sum_csum(weir_sum_add(weir_sum_pseudo6(ip, WEIR_IP_ICMPV6, size), weir_sum(nd, size))))
		return;
	memcpy(sender.byte, &ip->src, 16);
	memcpy(target.byte, nd->target, 16);
	mac = find_option((const uint8_t *)(nd + 1), size - sizeof(*nd),
	                  nd->type == ND_SOLICIT ? ND_SOURCE_MAC : ND_TARGET_MAC, &whole);
	if (!whole)
		return;
	if (nd->type == ND_SOLICIT)
		solicited(resolver, interface, &sender, &target, mac);
	else if (mac)
		hear(resolver, interface, &target, mac, false);
	else if (weir_be32(nd->flags) & ND_SOLICITED) /* an answer to a question that went to the neighbour alone */
		hear(resolver, interface, &target, frame + 6, false);
}

/* --- questions ------------------------------------------------------------------------------------------------------- */

static void ask_nd(struct resolver *resolver, const struct adjacency *neighbour, const uint8_t *mac)
{
	const struct own_address *own = resolver_source(resolver, neighbour->interface, &neighbour->ip);
	const uint8_t *target = neighbour->ip.byte;
	const uint8_t group[16] = { 0xff, 2, [11] = 1, 0xff, target[13], target[14], target[15] };
	struct ip from;

	if (own)
		from = own->ip;
	else
		link_local(resolver, neighbour->interface, &from);
	send_nd(resolver, neighbour->interface, ND_SOLICIT, 0, from.byte, mac ? target : group, target, mac);
}

void resolver_ask(struct resolver *resolver, const struct adjacency *neighbour)
{
	static const uint8_t unknown[6];
	const struct own_address *own;
	const uint8_t *to = NULL;
	uint8_t mac[6];

	if (neighbour->state == NEIGHBOUR_PROBE) {
		mac_unpack(mac, neighbour->mac);
		to = mac;
	}
	if (neighbour->ip.family == 6) {
		ask_nd(resolver, neighbour, to);
		return;
	}
	own = resolver_source(resolver, neighbour->interface, &neighbour->ip);
	if (own)
		send_arp(resolver, neighbour->interface, ARP_REQUEST, own->ip.byte, neighbour->ip.byte,
		         to ? to : unknown, to ? to : everybody);
}
