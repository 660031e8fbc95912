/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the kernel says about links, addresses, neighbours, next hops and routes, in plain structures.
 *
 * A message is looked at once, here; lengths and numbers in it are believed only after they were checked. What weir has
 * no use for (other families, cached routes, other tables) comes out as NEWS_NOTHING.
 */
#ifndef L3FWD_NETLINK_PARSE_H
#define L3FWD_NETLINK_PARSE_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NEWS_LEGS_MAX 64u /* of a route; those that come after are left out */

enum news_kind { NEWS_NOTHING, NEWS_LINK, NEWS_ADDRESS, NEWS_NEIGHBOUR, NEWS_NEXTHOP, NEWS_ROUTE };

/* An address of either family, as it stands in a packet. */
struct ip {
	uint8_t family; /* 4, 6, or 0: none */
	uint8_t byte[16];
};

struct news_link {
	uint32_t index;
	uint32_t parent; /* of a VLAN: the index of the link it is on */
	uint16_t vlan;   /* 0: it is none */
	bool up, running;
	bool has_mac;
	uint8_t mac[6];
	uint32_t mtu;
	char name[16];
};

struct news_address {
	uint32_t link;
	struct ip ip;
	uint8_t len;     /* of the network */
	bool link_local; /* no other network knows it */
	bool secondary;  /* others come first */
	bool tentative;  /* not to be used yet, or never */
};

struct news_neighbour {
	uint32_t link;
	struct ip ip;
	bool valid;   /* .mac is what it is to be sent to */
	bool stale;   /* ... which the kernel is no longer sure of */
	bool pending; /* the kernel is asking for it */
	uint8_t mac[6];
};

/* One way that a route leads. */
struct news_leg {
	uint32_t link;
	struct ip gateway;
	uint32_t nexthop; /* of a group: the number of the object; else 0 */
	uint16_t weight;  /* 1 to 256 */
	bool dead;        /* the kernel does not use it now */
};

enum news_type { TYPE_UNICAST, TYPE_LOCAL, TYPE_BLACKHOLE, TYPE_UNREACHABLE, TYPE_PROHIBIT };

/* An object of its own, which many routes lead to. */
struct news_nexthop {
	uint32_t id;
	enum news_type type; /* unicast or blackhole */
	unsigned legs;
	struct news_leg leg[NEWS_LEGS_MAX];
};

struct news_route {
	struct ip dst;
	uint8_t len;
	uint8_t rank;    /* by table: 0 local, 1 main, 2 default; the lowest wins */
	uint32_t metric; /* among equal ranks the lowest wins */
	enum news_type type;
	uint32_t nexthop; /* object; 0: the legs are the route's own */
	unsigned legs;
	struct news_leg leg[NEWS_LEGS_MAX];
};

struct news {
	enum news_kind kind;
	bool gone; /* it is no more */
	union {
		struct news_link link;
		struct news_address address;
		struct news_neighbour neighbour;
		struct news_nexthop nexthop;
		struct news_route route;
	};
};

/* Whether a whole message lies in the @left bytes from @nlh on. (libmnl's own takes lengths above 2^31 for small ones.) */
static inline bool news_whole(const struct nlmsghdr *nlh, int left)
{
	return left >= (int)sizeof(*nlh) && nlh->nlmsg_len >= sizeof(*nlh) && nlh->nlmsg_len <= (uint32_t)left;
}

/*
 * Reads the message @nlh, which is in one piece (news_whole()). Returns 0; or -EBADMSG when it is not what the kernel
 * writes, and then says nothing.
 */
int news_read(const struct nlmsghdr *nlh, struct news *news);

/* The bytes of an address of this family. */
static inline unsigned ip_bytes(unsigned family)
{
	return family == 4 ? 4 : 16;
}

#endif
