/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads the kernel's messages.
 */
#include "netlink_parse.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <string.h>

/* The attributes of a message or of another attribute, by type. */
struct attrs {
	const struct nlattr **of;
	unsigned most; /* the largest type that is wanted */
};

static int keep(const struct nlattr *attr, void *arg)
{
	const struct attrs *attrs = arg;
	unsigned type = mnl_attr_get_type(attr);

	if (type <= attrs->most)
		attrs->of[type] = attr;
	return MNL_CB_OK;
}

/* @at[] has room for types up to @most. */
static void sort_attrs(const struct nlmsghdr *nlh, size_t header, const struct nlattr **at, unsigned most)
{
	struct attrs attrs = { at, most };

	memset(at, 0, (most + 1) * sizeof(*at));
	mnl_attr_parse(nlh, (unsigned)header, keep, &attrs);
}

static void sort_nested(const struct nlattr *nest, const struct nlattr **at, unsigned most)
{
	struct attrs attrs = { at, most };

	memset(at, 0, (most + 1) * sizeof(*at));
	if (nest)
		mnl_attr_parse_nested(nest, keep, &attrs);
}

static bool has(const struct nlattr *attr, size_t size)
{
	return attr && mnl_attr_get_payload_len(attr) >= size;
}

/* A number, or @otherwise where there is none. */
static uint32_t number(const struct nlattr *attr, uint32_t otherwise)
{
	return has(attr, 4) ? mnl_attr_get_u32(attr) : otherwise;
}

static uint8_t family_of(unsigned char af)
{
	return af == AF_INET ? 4 : af == AF_INET6 ? 6 : 0;
}

/* Whether there is an address of @family in @attr. */
static bool read_ip(const struct nlattr *attr, uint8_t family, struct ip *ip)
{
	if (!family || !has(attr, ip_bytes(family)))
		return false;
	memset(ip, 0, sizeof(*ip));
	ip->family = family;
	memcpy(ip->byte, mnl_attr_get_payload(attr), ip_bytes(family));
	return true;
}

static bool read_mac(const struct nlattr *attr, uint8_t mac[6])
{
	if (!attr || mnl_attr_get_payload_len(attr) != 6)
		return false;
	memcpy(mac, mnl_attr_get_payload(attr), 6);
	return true;
}

/* --- links, addresses, neighbours --------------------------------------------------------------------------------- */

static int read_link(const struct nlmsghdr *nlh, struct news *news)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *at[IFLA_LINKINFO + 1], *of[IFLA_INFO_DATA + 1], *vlan[IFLA_VLAN_ID + 1];
	struct news_link *link = &news->link;

	/* Bridges tell of their ports in messages of a family of their own. */
	if (info->ifi_family != AF_UNSPEC)
		return 0;
	if (info->ifi_index <= 0)
		return -EBADMSG;
	sort_attrs(nlh, sizeof(*info), at, IFLA_LINKINFO);
	link->index = (uint32_t)info->ifi_index;
	link->up = info->ifi_flags & IFF_UP;
	link->running = info->ifi_flags & IFF_LOWER_UP;
	link->has_mac = info->ifi_type == ARPHRD_ETHER && read_mac(at[IFLA_ADDRESS], link->mac);
	link->mtu = number(at[IFLA_MTU], 0);
	if (has(at[IFLA_IFNAME], 1))
		strncpy(link->name, mnl_attr_get_payload(at[IFLA_IFNAME]),
		        mnl_attr_get_payload_len(at[IFLA_IFNAME]) < sizeof(link->name) - 1
		            ? mnl_attr_get_payload_len(at[IFLA_IFNAME])
		            : sizeof(link->name) - 1);
	sort_nested(at[IFLA_LINKINFO], of, IFLA_INFO_DATA);
	if (of[IFLA_INFO_KIND] && mnl_attr_get_payload_len(of[IFLA_INFO_KIND]) >= 4 &&
	    !memcmp(mnl_attr_get_payload(of[IFLA_INFO_KIND]), "vlan", 4)) {
		sort_nested(of[IFLA_INFO_DATA], vlan, IFLA_VLAN_ID);
		if (has(vlan[IFLA_VLAN_ID], 2) && has(at[IFLA_LINK], 4)) {
			link->vlan = mnl_attr_get_u16(vlan[IFLA_VLAN_ID]) & 0xfffu;
			link->parent = mnl_attr_get_u32(at[IFLA_LINK]);
		}
	}
	news->kind = NEWS_LINK;
	return 0;
}

static int read_address(const struct nlmsghdr *nlh, struct news *news)
{
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(nlh);
	struct news_address *address = &news->address;
	uint8_t family = family_of(info->ifa_family);
	const struct nlattr *at[IFA_FLAGS + 1];
	uint32_t flags;

	if (!family)
		return 0;
	sort_attrs(nlh, sizeof(*info), at, IFA_FLAGS);
	/* IFA_ADDRESS is the other end's where there is one, ours is IFA_LOCAL. IPv6 has the first alone. */
	if ((!read_ip(at[IFA_LOCAL], family, &address->ip) && !read_ip(at[IFA_ADDRESS], family, &address->ip)) ||
	    info->ifa_prefixlen > ip_bytes(family) * 8)
		return -EBADMSG;
	flags = number(at[IFA_FLAGS], info->ifa_flags);
	address->link = info->ifa_index;
	address->len = info->ifa_prefixlen;
	address->link_local = info->ifa_scope >= RT_SCOPE_LINK;
	address->secondary = flags & (IFA_F_SECONDARY | IFA_F_DEPRECATED);
	address->tentative = flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED) && !(flags & IFA_F_OPTIMISTIC);
	news->kind = NEWS_ADDRESS;
	return 0;
}

static int read_neighbour(const struct nlmsghdr *nlh, struct news *news)
{
	const struct ndmsg *info = mnl_nlmsg_get_payload(nlh);
	struct news_neighbour *neighbour = &news->neighbour;
	uint8_t family = family_of(info->ndm_family);
	const struct nlattr *at[NDA_LLADDR + 1];
	const uint16_t known = NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE;

	if (!family || info->ndm_flags & NTF_PROXY)
		return 0;
	if (info->ndm_ifindex <= 0)
		return -EBADMSG;
	sort_attrs(nlh, sizeof(*info), at, NDA_LLADDR);
	if (!read_ip(at[NDA_DST], family, &neighbour->ip))
		return -EBADMSG;
	neighbour->link = (uint32_t)info->ndm_ifindex;
	neighbour->valid = info->ndm_state & known && read_mac(at[NDA_LLADDR], neighbour->mac);
	neighbour->stale = info->ndm_state & NUD_STALE;
	neighbour->pending = info->ndm_state & NUD_INCOMPLETE;
	news->kind = NEWS_NEIGHBOUR;
	return 0;
}

/* --- where routes lead -------------------------------------------------------------------------------------------- */

/* What is to be wrapped (MPLS and the like) is left to the kernel: it leads out by no link that is known here. */
static uint32_t leg_link(uint32_t link, const struct nlattr *encap)
{
	return encap ? 0 : link;
}

static bool leg_dead(unsigned flags)
{
	return flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN | RTNH_F_UNRESOLVED);
}

/* A gateway may be of the other family, and then comes with its own. */
static bool read_gateway(const struct nlattr *gateway, const struct nlattr *via, uint8_t family, struct ip *ip)
{
	const struct rtvia *other;

	if (gateway)
		return read_ip(gateway, family, ip);
	if (!via)
		return true;
	if (!has(via, sizeof(*other)))
		return false;
	other = mnl_attr_get_payload(via);
	family = family_of((unsigned char)other->rtvia_family);
	if (!family || !has(via, sizeof(*other) + ip_bytes(family)))
		return false;
	ip->family = family;
	memcpy(ip->byte, other->rtvia_addr, ip_bytes(family));
	return true;
}

/* The legs of RTA_MULTIPATH. */
static int read_multipath(const struct nlattr *nest, uint8_t family, struct news_route *route)
{
	const struct rtnexthop *hop = mnl_attr_get_payload(nest);
	size_t left = mnl_attr_get_payload_len(nest);

	while (left >= sizeof(*hop)) {
		const struct nlattr *at[RTA_ENCAP + 1] = { NULL }, *attr = (const struct nlattr *)(hop + 1);
		struct news_leg *leg = &route->leg[route->legs];
		size_t len = hop->rtnh_len, rest;

		if (len < sizeof(*hop) || len > left)
			return -EBADMSG;
		for (rest = len - sizeof(*hop); mnl_attr_ok(attr, (int)rest);) {
			size_t step = MNL_ALIGN(attr->nla_len);
			unsigned type = mnl_attr_get_type(attr);

			if (type <= RTA_ENCAP)
				at[type] = attr;
			if (step >= rest)
				break;
			rest -= step;
			attr = (const struct nlattr *)((const char *)attr + step);
		}
		if (route->legs < NEWS_LEGS_MAX) {
			*leg = (struct news_leg){ .link = leg_link((uint32_t)hop->rtnh_ifindex, at[RTA_ENCAP]),
				                  .weight = (uint16_t)(hop->rtnh_hops + 1),
				                  .dead = leg_dead(hop->rtnh_flags) };
			if (!read_gateway(at[RTA_GATEWAY], at[RTA_VIA], family, &leg->gateway))
				return -EBADMSG;
			route->legs++;
		}
		len = RTNH_ALIGN(len);
		if (len >= left)
			break;
		left -= len;
		hop = (const struct rtnexthop *)((const char *)hop + len);
	}
	return 0;
}

static bool read_type(unsigned char type, enum news_type *of)
{
	switch (type) {
	case RTN_UNICAST:
		*of = TYPE_UNICAST;
		return true;
	case RTN_LOCAL:
	case RTN_BROADCAST:
	case RTN_ANYCAST:
		*of = TYPE_LOCAL;
		return true;
	case RTN_BLACKHOLE:
		*of = TYPE_BLACKHOLE;
		return true;
	case RTN_UNREACHABLE:
		*of = TYPE_UNREACHABLE;
		return true;
	case RTN_PROHIBIT:
		*of = TYPE_PROHIBIT;
		return true;
	default:
		return false;
	}
}

static bool read_rank(uint32_t table, uint8_t *rank)
{
	switch (table) {
	case RT_TABLE_LOCAL:
		*rank = 0;
		return true;
	case RT_TABLE_MAIN:
		*rank = 1;
		return true;
	case RT_TABLE_DEFAULT:
		*rank = 2;
		return true;
	default:
		return false;
	}
}

static bool prefix_ok(const struct ip *ip, unsigned len)
{
	for (unsigned bit = len; bit < ip_bytes(ip->family) * 8; bit++)
		if (ip->byte[bit / 8] >> (7 - bit % 8) & 1)
			return false;
	return len <= ip_bytes(ip->family) * 8;
}

static int read_route(const struct nlmsghdr *nlh, struct news *news)
{
	const struct rtmsg *info = mnl_nlmsg_get_payload(nlh);
	uint8_t family = family_of(info->rtm_family);
	struct news_route *route = &news->route;
	const struct nlattr *at[RTA_NH_ID + 1];

	if (!family || info->rtm_flags & RTM_F_CLONED || info->rtm_src_len || info->rtm_tos)
		return 0;
	sort_attrs(nlh, sizeof(*info), at, RTA_NH_ID);
	if (!read_rank(number(at[RTA_TABLE], info->rtm_table), &route->rank) ||
	    !read_type(info->rtm_type, &route->type))
		return 0;
	route->dst.family = family;
	route->len = info->rtm_dst_len;
	if (((at[RTA_DST] || route->len) && !read_ip(at[RTA_DST], family, &route->dst)) ||
	    !prefix_ok(&route->dst, route->len))
		return -EBADMSG;
	route->metric = number(at[RTA_PRIORITY], 0);
	route->nexthop = number(at[RTA_NH_ID], 0);
	if (at[RTA_MULTIPATH]) {
		int err = read_multipath(at[RTA_MULTIPATH], family, route);

		if (err)
			return err;
	} else if (has(at[RTA_OIF], 4)) {
		route->leg[0] = (struct news_leg){ .link = leg_link(mnl_attr_get_u32(at[RTA_OIF]), at[RTA_ENCAP]),
			                           .weight = 1,
			                           .dead = leg_dead(info->rtm_flags) };
		if (!read_gateway(at[RTA_GATEWAY], at[RTA_VIA], family, &route->leg[0].gateway))
			return -EBADMSG;
		route->legs = 1;
	}
	news->kind = NEWS_ROUTE;
	return 0;
}

static int read_nexthop(const struct nlmsghdr *nlh, struct news *news)
{
	const struct nhmsg *info = mnl_nlmsg_get_payload(nlh);
	struct news_nexthop *nexthop = &news->nexthop;
	const struct nlattr *at[NHA_FDB + 1];

	sort_attrs(nlh, sizeof(*info), at, NHA_FDB);
	nexthop->id = number(at[NHA_ID], 0);
	if (!nexthop->id)
		return -EBADMSG;
	news->kind = NEWS_NEXTHOP;
	if (at[NHA_GROUP]) {
		const struct nexthop_grp *group = mnl_attr_get_payload(at[NHA_GROUP]);
		size_t n = mnl_attr_get_payload_len(at[NHA_GROUP]) / sizeof(*group);

		for (size_t i = 0; i < n && nexthop->legs < NEWS_LEGS_MAX; i++)
			nexthop->leg[nexthop->legs++] =
			    (struct news_leg){ .nexthop = group[i].id, .weight = (uint16_t)(group[i].weight + 1) };
	} else if (at[NHA_BLACKHOLE]) {
		nexthop->type = TYPE_BLACKHOLE;
	} else if (has(at[NHA_OIF], 4)) {
		nexthop->leg[0] = (struct news_leg){ .link = leg_link(mnl_attr_get_u32(at[NHA_OIF]), at[NHA_ENCAP]),
			                             .weight = 1,
			                             .dead = leg_dead(info->nh_flags) };
		if (!read_gateway(at[NHA_GATEWAY], NULL, family_of(info->nh_family), &nexthop->leg[0].gateway))
			return -EBADMSG;
		nexthop->legs = 1;
	}
	return 0;
}

/* What each type of message begins with, and who reads it. */
static const struct reading {
	uint16_t type;
	bool gone;
	size_t header;
	int (*read)(const struct nlmsghdr *nlh, struct news *news);
} readings[] = {
	{ RTM_NEWLINK, false, sizeof(struct ifinfomsg), read_link },
	{ RTM_DELLINK, true, sizeof(struct ifinfomsg), read_link },
	{ RTM_NEWADDR, false, sizeof(struct ifaddrmsg), read_address },
	{ RTM_DELADDR, true, sizeof(struct ifaddrmsg), read_address },
	{ RTM_NEWNEIGH, false, sizeof(struct ndmsg), read_neighbour },
	{ RTM_DELNEIGH, true, sizeof(struct ndmsg), read_neighbour },
	{ RTM_NEWROUTE, false, sizeof(struct rtmsg), read_route },
	{ RTM_DELROUTE, true, sizeof(struct rtmsg), read_route },
	{ RTM_NEWNEXTHOP, false, sizeof(struct nhmsg), read_nexthop },
	{ RTM_DELNEXTHOP, true, sizeof(struct nhmsg), read_nexthop },
};

int news_read(const struct nlmsghdr *nlh, struct news *news)
{
	int err;

	memset(news, 0, sizeof(*news));
	for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
		if (readings[i].type != nlh->nlmsg_type)
			continue;
		if (mnl_nlmsg_get_payload_len(nlh) < readings[i].header)
			return -EBADMSG;
		news->gone = readings[i].gone;
		err = readings[i].read(nlh, news);
		if (err)
			news->kind = NEWS_NOTHING;
		return err;
	}
	return 0;
}
