/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What weir-l3fwd makes of the kernel's messages: interfaces, neighbours, next hops and routes, in the right order and in
 * no order, while everything is dumped anew, and when they are broken.
 */
#include "l3fwd_messages.h"

static struct kernel kernel;

#define MAC(last) (0x020000000100u + (last))

static bool begin(void)
{
	if (kernel_open(&kernel, true))
		return true;
	unit_skip("there are no netlink sockets here");
	kernel_close(&kernel);
	return false;
}

static void a_route_leads_to_its_gateway_once_that_is_known(void)
{
	if (!begin())
		return;
	tell_route(&kernel, false, "20.0.0.0", 8, 10, "10.0.0.2");
	CU_ASSERT_EQUAL(hop_to(&kernel, "20.1.2.3"), hop_word(HOP_UNRESOLVED, 1, 0));
	resolver_tick(&kernel.control.resolver, 1);
	CU_ASSERT_EQUAL(kernel.asked, 1);
	tell_neighbour(&kernel, 10, "10.0.0.2", NUD_REACHABLE, 7);
	CU_ASSERT_EQUAL(hop_to(&kernel, "20.1.2.3"), hop_word(HOP_NEIGHBOUR, 1, MAC(7)));
	tell_neighbour(&kernel, 10, "10.0.0.2", NUD_STALE, 8);
	CU_ASSERT_EQUAL(hop_to(&kernel, "20.1.2.3"), hop_word(HOP_NEIGHBOUR, 1, MAC(8)));
	tell_neighbour(&kernel, 10, "10.0.0.2", NUD_FAILED, 8);
	CU_ASSERT_EQUAL(hop_to(&kernel, "20.1.2.3"), hop_word(HOP_UNRESOLVED, 1, 0));
	tell_route(&kernel, true, "20.0.0.0", 8, 10, "10.0.0.2");
	CU_ASSERT_EQUAL(hop_to(&kernel, "20.1.2.3"), 0);
	kernel_close(&kernel);
}

static void the_lowest_metric_wins_and_the_local_table_before_all(void)
{
	struct message m;

	if (!begin())
		return;
	tell_neighbour(&kernel, 10, "10.0.0.2", NUD_REACHABLE, 2);
	tell_neighbour(&kernel, 11, "10.1.0.3", NUD_REACHABLE, 3);
	for (uint32_t metric = 10; metric <= 20; metric += 10) {
		route_begin(&m, false, "20.0.0.0", 8, RTN_UNICAST);
		put_number(&m, RTA_PRIORITY, metric);
		leg_put(&m, metric == 10 ? 11 : 10, metric == 10 ? "10.1.0.3" : "10.0.0.2");
		tell(&kernel, &m);
	}
	CU_ASSERT_EQUAL(hop_to(&kernel, "20.1.2.3"), hop_word(HOP_NEIGHBOUR, 2, MAC(3)));
	route_begin(&m, false, "20.0.0.0", 8, RTN_LOCAL);
	tell(&kernel, &m);
	CU_ASSERT_EQUAL(hop_kind(hop_to(&kernel, "20.1.2.3")), HOP_LOCAL);
	m.nlh.nlmsg_type = RTM_DELROUTE;
	tell(&kernel, &m);
	route_begin(&m, true, "20.0.0.0", 8, RTN_UNICAST);
	put_number(&m, RTA_PRIORITY, 10);
	leg_put(&m, 11, "10.1.0.3");
	tell(&kernel, &m);
	CU_ASSERT_EQUAL(hop_to(&kernel, "20.1.2.3"), hop_word(HOP_NEIGHBOUR, 1, MAC(2)));
	route_begin(&m, false, "0.0.0.0", 0, RTN_BLACKHOLE);
	tell(&kernel, &m);
	CU_ASSERT_EQUAL(hop_kind(hop_to(&kernel, "9.9.9.9")), HOP_BLACKHOLE);
	kernel_close(&kernel);
}

/* A multipath route by links 10 and 11, with these weights. */
static void tell_two(const char *dst, unsigned len, const char *first, const char *second, unsigned weight)
{
	struct message m;
	struct nlattr *nest;

	route_begin(&m, false, dst, len, RTN_UNICAST);
	nest = put(&m, RTA_MULTIPATH, NULL, 0);
	for (unsigned i = 0; i < 2; i++) {
		struct rtnexthop *hop = (void *)(m.bytes + m.nlh.nlmsg_len);

		hop->rtnh_ifindex = 10 + (int)i;
		hop->rtnh_hops = (uint8_t)(i ? weight - 1 : 0);
		m.nlh.nlmsg_len += sizeof(*hop);
		put_ip(&m, RTA_GATEWAY, i ? second : first);
		hop->rtnh_len = (uint16_t)(m.bytes + m.nlh.nlmsg_len - (uint8_t *)hop);
	}
	put_end(&m, nest);
	tell(&kernel, &m);
}

static void legs_share_by_weight_and_one_that_is_down_has_no_share(void)
{
	const struct group *group;
	unsigned second = 0;
	uint64_t word;

	if (!begin())
		return;
	tell_two("20.0.0.0", 8, "10.0.0.2", "10.1.0.3", 3);
	word = hop_to(&kernel, "20.1.2.3");
	CU_ASSERT_EQUAL_FATAL(hop_kind(word), HOP_GROUP);
	group = &kernel.router.groups[hop_mac(word)];
	CU_ASSERT_EQUAL(group->count, 4);
	for (unsigned i = 0; i < group->count; i++)
		second += hop_interface(router_hop(&kernel.router, group->member[i])) == 2;
	CU_ASSERT_EQUAL(second, 3);
	tell_link(&kernel, 11, false);
	CU_ASSERT_EQUAL(hop_to(&kernel, "20.1.2.3"), hop_word(HOP_UNRESOLVED, 1, 0));
	tell_link(&kernel, 11, true);
	CU_ASSERT_EQUAL(hop_kind(hop_to(&kernel, "20.1.2.3")), HOP_GROUP);
	kernel_close(&kernel);
}

static void legs_of_ipv6_go_one_by_one(void)
{
	if (!begin())
		return;
	tell_two("2001:db8:9::", 48, "2001:db8::2", "2001:db8:1::3", 1);
	CU_ASSERT_EQUAL(hop_kind(hop_to(&kernel, "2001:db8:9::1")), HOP_GROUP);
	tell_route(&kernel, true, "2001:db8:9::", 48, 10, "2001:db8::2");
	CU_ASSERT_EQUAL(hop_to(&kernel, "2001:db8:9::1"), hop_word(HOP_UNRESOLVED, 2, 0));
	tell_route(&kernel, true, "2001:db8:9::", 48, 11, "2001:db8:1::3");
	CU_ASSERT_EQUAL(hop_to(&kernel, "2001:db8:9::1"), 0);
	kernel_close(&kernel);
}

static void tell_nexthop(uint32_t id, uint32_t link, const char *gateway, bool gone)
{
	struct message m;
	struct nhmsg *info = message_begin(&m, gone ? RTM_DELNEXTHOP : RTM_NEWNEXTHOP, sizeof(*info));

	info->nh_family = AF_INET;
	put_number(&m, NHA_ID, id);
	put_number(&m, NHA_OIF, link);
	put_ip(&m, NHA_GATEWAY, gateway);
	tell(&kernel, &m);
}

static void tell_route_by(const char *dst, uint32_t id)
{
	struct message m;

	route_begin(&m, false, dst, 16, RTN_UNICAST);
	put_number(&m, RTA_NH_ID, id);
	tell(&kernel, &m);
}

static void routes_follow_the_object_that_they_lead_to(void)
{
	const struct nexthop_grp members[2] = { { .id = 1 }, { .id = 2 } };
	struct message m;

	if (!begin())
		return;
	tell_route_by("20.1.0.0", 1); /* before it is told of */
	CU_ASSERT_EQUAL(hop_to(&kernel, "20.1.0.1"), 0);
	tell_nexthop(1, 10, "10.0.0.2", false);
	tell_nexthop(2, 11, "10.1.0.3", false);
	message_begin(&m, RTM_NEWNEXTHOP, sizeof(struct nhmsg));
	put_number(&m, NHA_ID, 3);
	put(&m, NHA_GROUP, members, sizeof(members));
	tell(&kernel, &m);
	tell_route_by("20.3.0.0", 3);
	CU_ASSERT_EQUAL(hop_to(&kernel, "20.1.0.1"), hop_word(HOP_UNRESOLVED, 1, 0));
	CU_ASSERT_EQUAL(hop_kind(hop_to(&kernel, "20.3.0.1")), HOP_GROUP);
	/* Replaced: nobody tells of the routes again. */
	tell_nexthop(1, 11, "10.1.0.4", false);
	tell_neighbour(&kernel, 11, "10.1.0.4", NUD_REACHABLE, 4);
	CU_ASSERT_EQUAL(hop_to(&kernel, "20.1.0.1"), hop_word(HOP_NEIGHBOUR, 2, MAC(4)));
	/* Gone: so are its routes, and the group is smaller. */
	tell_nexthop(1, 11, "10.1.0.4", true);
	CU_ASSERT_EQUAL(hop_to(&kernel, "20.1.0.1"), 0);
	CU_ASSERT_EQUAL(hop_to(&kernel, "20.3.0.1"), hop_word(HOP_UNRESOLVED, 2, 0));
	CU_ASSERT_EQUAL(kernel.control.rib.count, 1);
	kernel_close(&kernel);
}

static void a_dump_takes_away_what_it_does_not_mention_when_it_ends(void)
{
	struct rib *rib = &kernel.control.rib;
	struct message m;

	if (!begin())
		return;
	tell_route(&kernel, false, "20.0.0.0", 8, 10, "10.0.0.2");
	tell_route(&kernel, false, "21.0.0.0", 8, 10, "10.0.0.2");
	tell_route(&kernel, false, "22.0.0.0", 8, 10, "10.0.0.2");
	rib_mark(rib);
	/* News while the dump is on its way: one changes, one goes, one that was never told of goes. */
	tell_route(&kernel, false, "21.0.0.0", 8, 11, "10.1.0.3");
	tell_route(&kernel, true, "22.0.0.0", 8, 10, "10.0.0.2");
	tell_route(&kernel, true, "23.0.0.0", 8, 10, "10.0.0.2");
	for (const char *dst = "21\0"
	                       "22\0"
	                       "23\0";
	     *dst; dst += 3) {
		char text[16];

		snprintf(text, sizeof(text), "%s.0.0.0", dst);
		route_begin(&m, false, text, 8, RTN_UNICAST);
		leg_put(&m, 10, "10.0.0.2");
		tell_dumped(&kernel, &m);
	}
	CU_ASSERT_EQUAL(hop_to(&kernel, "20.0.0.1"), hop_word(HOP_UNRESOLVED, 1, 0));
	rib_sweep(rib);
	CU_ASSERT_EQUAL(hop_to(&kernel, "20.0.0.1"), 0);
	CU_ASSERT_EQUAL(hop_to(&kernel, "21.0.0.1"), hop_word(HOP_UNRESOLVED, 2, 0));
	CU_ASSERT_EQUAL(hop_to(&kernel, "22.0.0.1"), 0);
	CU_ASSERT_EQUAL(hop_to(&kernel, "23.0.0.1"), 0);
	CU_ASSERT_EQUAL(rib->count, 1);
	kernel_close(&kernel);
}

static void a_vlan_on_a_twin_becomes_an_interface(void)
{
	struct message m;
	struct ifinfomsg *info;
	const uint8_t mac[6] = { 2, 0, 0, 0, 0, 0x99 };
	const uint16_t id = 100;
	struct nlattr *nest, *data;
	unsigned interface;

	if (!begin())
		return;
	info = message_begin(&m, RTM_NEWLINK, sizeof(*info));
	info->ifi_index = 20;
	info->ifi_type = ARPHRD_ETHER;
	info->ifi_flags = IFF_UP | IFF_LOWER_UP;
	put_number(&m, IFLA_MTU, 1400);
	put(&m, IFLA_ADDRESS, mac, 6);
	put_number(&m, IFLA_LINK, 11);
	nest = put(&m, IFLA_LINKINFO, NULL, 0);
	put(&m, IFLA_INFO_KIND, "vlan", 5);
	data = put(&m, IFLA_INFO_DATA, NULL, 0);
	put(&m, IFLA_VLAN_ID, &id, sizeof(id));
	put_end(&m, data);
	put_end(&m, nest);
	tell(&kernel, &m);
	interface = router_interface_find(&kernel.router, 1, 100);
	CU_ASSERT_NOT_EQUAL_FATAL(interface, 0);
	CU_ASSERT_EQUAL(link_mtu(interface_link(&kernel.router.interfaces[interface])), 1400);
	CU_ASSERT(interface_up(&kernel.router.interfaces[interface]));
	tell_route(&kernel, false, "20.0.0.0", 8, 20, "10.5.0.2");
	CU_ASSERT_EQUAL(hop_to(&kernel, "20.0.0.1"), hop_word(HOP_UNRESOLVED, interface, 0));
	m.nlh.nlmsg_type = RTM_DELLINK;
	tell(&kernel, &m);
	CU_ASSERT_EQUAL(router_interface_find(&kernel.router, 1, 100), 0);
	kernel_close(&kernel);
}

/* A packet to @dst that wants a MAC address on interface 1. */
static void want(const char *dst)
{
	const struct ip ip = ip_of(dst);
	struct weir_pkt pkt;
	uint8_t *frame;

	CU_ASSERT_EQUAL_FATAL(weir_pool_alloc(kernel.cache, &pkt, 1), 1);
	frame = weir_pkt_data(kernel.router.base, &pkt);
	memset(frame, 0, 60);
	weir_store_be16(frame + 12, 0x0800);
	memcpy(frame + 30, ip.byte, 4);
	pkt.len = 60;
	punt_mark(&pkt, PUNT_CONNECTED, 1, 0);
	resolver_wanted(&kernel.control.resolver, &pkt, 1);
}

static void a_host_has_a_route_of_its_own_until_others_concern_it(void)
{
	uint8_t frame[2048];
	size_t len = 0;

	if (!begin())
		return;
	tell_route(&kernel, false, "10.0.0.0", 24, 10, NULL);
	CU_ASSERT_EQUAL(hop_to(&kernel, "10.0.0.9"), hop_word(HOP_CONNECTED, 1, 0));
	want("10.0.0.9");
	CU_ASSERT_EQUAL(kernel.asked, 1);
	tell_neighbour(&kernel, 10, "10.0.0.9", NUD_REACHABLE, 9);
	CU_ASSERT_EQUAL(sent_by(&kernel, 0, frame, &len), 1);
	CU_ASSERT_EQUAL(len, 60);
	CU_ASSERT_EQUAL(mac_pack(frame), MAC(9));
	CU_ASSERT_EQUAL(mac_pack(frame + 6), 0x020000000010u);
	want("10.0.0.9");
	CU_ASSERT_EQUAL(sent_by(&kernel, 0, frame, &len), 1);
	CU_ASSERT_EQUAL(hop_to(&kernel, "10.0.0.9"), hop_word(HOP_NEIGHBOUR, 1, MAC(9)));
	/* What is longer than the network's route leads elsewhere: so does the host. */
	tell_route(&kernel, false, "10.0.0.8", 29, 11, "10.1.0.3");
	CU_ASSERT_EQUAL(hop_to(&kernel, "10.0.0.9"), hop_word(HOP_UNRESOLVED, 2, 0));
	want("10.0.0.9");
	CU_ASSERT_EQUAL(hop_to(&kernel, "10.0.0.9"), hop_word(HOP_UNRESOLVED, 2, 0));
	sent_by(&kernel, 0, frame, &len);
	tell_route(&kernel, true, "10.0.0.8", 29, 11, "10.1.0.3");
	want("10.0.0.9");
	sent_by(&kernel, 0, frame, &len);
	CU_ASSERT_EQUAL(hop_to(&kernel, "10.0.0.9"), hop_word(HOP_NEIGHBOUR, 1, MAC(9)));
	tell_neighbour(&kernel, 10, "10.0.0.9", NUD_FAILED, 9);
	CU_ASSERT_EQUAL(hop_to(&kernel, "10.0.0.9"), hop_word(HOP_CONNECTED, 1, 0));
	kernel_close(&kernel);
}

static void a_route_by_a_link_that_is_not_ours_is_the_kernels_to_serve(void)
{
	struct message m;

	if (!begin())
		return;
	tell_route(&kernel, false, "20.0.0.0", 8, 99, "192.0.2.1");
	CU_ASSERT_EQUAL(hop_kind(hop_to(&kernel, "20.0.0.1")), HOP_LOCAL);
	/* So is what has to be wrapped. */
	route_begin(&m, false, "21.0.0.0", 8, RTN_UNICAST);
	leg_put(&m, 10, "10.0.0.2");
	put_number(&m, RTA_ENCAP, 0);
	tell(&kernel, &m);
	CU_ASSERT_EQUAL(hop_kind(hop_to(&kernel, "21.0.0.1")), HOP_LOCAL);
	kernel_close(&kernel);
}

static void broken_messages_change_nothing(void)
{
	struct message m, cut;
	uint32_t whole;

	if (!begin())
		return;
	route_begin(&m, false, "20.0.0.0", 8, RTN_UNICAST);
	leg_put(&m, 10, "10.0.0.2");
	whole = m.nlh.nlmsg_len;
	/* In units of 4 bytes: messages are padded to those. */
	for (uint32_t len = 0; len < NLMSG_HDRLEN + sizeof(struct rtmsg) + 8; len += 4) {
		cut = m;
		cut.nlh.nlmsg_len = len;
		netlink_feed(&kernel.control.netlink, &cut, len, false);
		netlink_feed(&kernel.control.netlink, &m, len, false);
	}
	/* Bits of the host; an address that is too short. */
	cut = m;
	cut.bytes[NLMSG_HDRLEN + 1] = 7;
	cut.bytes[NLMSG_HDRLEN + sizeof(struct rtmsg) + 4] = 21;
	tell(&kernel, &cut);
	cut = m;
	cut.bytes[NLMSG_HDRLEN + sizeof(struct rtmsg)] = 7;
	tell(&kernel, &cut);
	CU_ASSERT_EQUAL(kernel.control.rib.count, 0);
	CU_ASSERT(kernel.control.netlink.counts.unreadable >= 2);
	CU_ASSERT_EQUAL(m.nlh.nlmsg_len, whole);
	tell(&kernel, &m);
	CU_ASSERT_EQUAL(kernel.control.rib.count, 1);
	kernel_close(&kernel);
}

int main(void)
{
	static const struct unit_case cases[] = {
		{ "a route leads to its gateway once that is known", a_route_leads_to_its_gateway_once_that_is_known },
		{ "the lowest metric wins, and the local table before all",
		  the_lowest_metric_wins_and_the_local_table_before_all },
		{ "legs share by weight, and one that is down has no share",
		  legs_share_by_weight_and_one_that_is_down_has_no_share },
		{ "legs of IPv6 go one by one", legs_of_ipv6_go_one_by_one },
		{ "routes follow the object that they lead to", routes_follow_the_object_that_they_lead_to },
		{ "a dump takes away what it does not mention when it ends",
		  a_dump_takes_away_what_it_does_not_mention_when_it_ends },
		{ "a VLAN on a twin becomes an interface", a_vlan_on_a_twin_becomes_an_interface },
		{ "a host has a route of its own until others concern it",
		  a_host_has_a_route_of_its_own_until_others_concern_it },
		{ "a route by a link that is not ours is the kernel's to serve",
		  a_route_by_a_link_that_is_not_ours_is_the_kernels_to_serve },
		{ "broken messages change nothing", broken_messages_change_nothing },
		{ NULL, NULL },
	};

	return unit_run("l3fwd netlink", cases);
}
