/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A kernel to be followed that is made of messages: each is laid out here by hand as <linux/rtnetlink.h> says, without
 * libmnl. Links 10 and 11 are the twins of ports 0 and 1, and interfaces 1 and 2; both are up, with MAC addresses
 * 02:00:00:00:00:10 and :11.
 */
#ifndef TESTS_L3FWD_MESSAGES_H
#define TESTS_L3FWD_MESSAGES_H

#include <arpa/inet.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "apps/l3fwd/control.h"
#include "pools.h"

struct message {
	union {
		struct nlmsghdr nlh;
		uint8_t bytes[4096];
	};
};

static inline void *message_begin(struct message *m, uint16_t type, size_t header)
{
	memset(m, 0, sizeof(*m));
	m->nlh.nlmsg_type = type;
	m->nlh.nlmsg_len = (uint32_t)(NLMSG_HDRLEN + header);
	return m->bytes + NLMSG_HDRLEN;
}

static inline struct nlattr *put(struct message *m, uint16_t type, const void *data, size_t len)
{
	struct nlattr *attr = (void *)(m->bytes + m->nlh.nlmsg_len);

	attr->nla_type = type;
	attr->nla_len = (uint16_t)(NLA_HDRLEN + len);
	if (len)
		memcpy(attr + 1, data, len);
	m->nlh.nlmsg_len += (uint32_t)NLA_ALIGN(NLA_HDRLEN + len);
	return attr;
}

static inline void put_number(struct message *m, uint16_t type, uint32_t value)
{
	put(m, type, &value, sizeof(value));
}

/* What comes between is inside of @nest. */
static inline void put_end(struct message *m, struct nlattr *nest)
{
	nest->nla_len = (uint16_t)(m->bytes + m->nlh.nlmsg_len - (uint8_t *)nest);
}

static inline struct ip ip_of(const char *text)
{
	struct ip ip = { .family = strchr(text, ':') ? 6 : 4 };

	CU_ASSERT_EQUAL_FATAL(inet_pton(ip.family == 4 ? AF_INET : AF_INET6, text, ip.byte), 1);
	return ip;
}

static inline void put_ip(struct message *m, uint16_t type, const char *text)
{
	const struct ip ip = ip_of(text);

	put(m, type, ip.byte, ip_bytes(ip.family));
}

struct kernel {
	struct weir *weir;
	struct weir_pool *pool;
	struct weir_pool_cache *cache;
	struct log log;
	struct router router;
	struct control control; /* what is used of it */
	uint64_t asked;         /* of the kernel, for neighbours */
};

static inline void kernel_changed(void *arg, const struct adjacency *neighbour)
{
	struct kernel *kernel = arg;

	paths_follow(&kernel->control.rib, neighbour);
}

static inline bool kernel_host(void *arg, const struct adjacency *neighbour, bool there)
{
	struct kernel *kernel = arg;

	return rib_host(&kernel->control.rib, neighbour, there);
}

static inline void kernel_ask(void *arg, const struct adjacency *neighbour)
{
	struct kernel *kernel = arg;

	(void)neighbour;
	kernel->asked++;
}

static inline void tell(struct kernel *kernel, const struct message *m)
{
	netlink_feed(&kernel->control.netlink, m, m->nlh.nlmsg_len, false);
}

static inline void tell_dumped(struct kernel *kernel, const struct message *m)
{
	netlink_feed(&kernel->control.netlink, m, m->nlh.nlmsg_len, true);
}

static inline void tell_link(struct kernel *kernel, uint32_t index, bool up)
{
	const uint8_t mac[6] = { 2, 0, 0, 0, 0, (uint8_t)(0x10 + index - 10) };
	struct message m;
	struct ifinfomsg *info = message_begin(&m, RTM_NEWLINK, sizeof(*info));

	info->ifi_index = (int)index;
	info->ifi_type = ARPHRD_ETHER;
	info->ifi_flags = up ? IFF_UP | IFF_LOWER_UP : 0;
	put(&m, IFLA_IFNAME, "twin", 5);
	put_number(&m, IFLA_MTU, 1500);
	put(&m, IFLA_ADDRESS, mac, 6);
	tell(kernel, &m);
}

/* A route to make more of; @dst is "10.0.0.0". */
static inline void route_begin(struct message *m, bool gone, const char *dst, unsigned len, unsigned type)
{
	const struct ip ip = ip_of(dst);
	struct rtmsg *info = message_begin(m, gone ? RTM_DELROUTE : RTM_NEWROUTE, sizeof(*info));

	info->rtm_family = ip.family == 4 ? AF_INET : AF_INET6;
	info->rtm_dst_len = (uint8_t)len;
	info->rtm_table = type == RTN_LOCAL ? RT_TABLE_LOCAL : RT_TABLE_MAIN;
	info->rtm_type = (uint8_t)type;
	if (len)
		put_ip(m, RTA_DST, dst);
}

static inline void leg_put(struct message *m, uint32_t link, const char *gateway)
{
	put_number(m, RTA_OIF, link);
	if (gateway)
		put_ip(m, RTA_GATEWAY, gateway);
}

static inline void tell_route(struct kernel *kernel, bool gone, const char *dst, unsigned len, uint32_t link,
                              const char *gateway)
{
	struct message m;

	route_begin(&m, gone, dst, len, RTN_UNICAST);
	leg_put(&m, link, gateway);
	tell(kernel, &m);
}

static inline void tell_neighbour(struct kernel *kernel, uint32_t link, const char *ip, uint16_t state, uint8_t last)
{
	const uint8_t mac[6] = { 2, 0, 0, 0, 1, last };
	struct message m;
	struct ndmsg *info = message_begin(&m, RTM_NEWNEIGH, sizeof(*info));

	info->ndm_family = ip_of(ip).family == 4 ? AF_INET : AF_INET6;
	info->ndm_ifindex = (int)link;
	info->ndm_state = state;
	put_ip(&m, NDA_DST, ip);
	if (state & (NUD_REACHABLE | NUD_STALE))
		put(&m, NDA_LLADDR, mac, 6);
	tell(kernel, &m);
}

static inline void tell_address(struct kernel *kernel, uint32_t link, const char *ip, unsigned len)
{
	struct message m;
	struct ifaddrmsg *info = message_begin(&m, RTM_NEWADDR, sizeof(*info));

	info->ifa_family = ip_of(ip).family == 4 ? AF_INET : AF_INET6;
	info->ifa_prefixlen = (uint8_t)len;
	info->ifa_index = link;
	put_ip(&m, IFA_LOCAL, ip);
	tell(kernel, &m);
}

/* @kernels: the kernel finds neighbours. Returns whether there can be such a test here. */
static inline bool kernel_open(struct kernel *kernel, bool kernels)
{
	struct router_conf conf = { .ports = 2, .workers = 1, .routes4 = 1000, .routes6 = 1000 };
	struct resolver_hooks hooks = {
		.arg = kernel, .changed = kernel_changed, .host = kernel_host, .ask = kernels ? kernel_ask : NULL
	};
	struct control *control = &kernel->control;
	struct netlink_conf netlink = {
		.router = &kernel->router, .resolver = &control->resolver, .rib = &control->rib, .neighbours = kernels
	};

	memset(kernel, 0, sizeof(*kernel));
	log_init(&kernel->log, "kernel");
	kernel->weir = open_weir();
	kernel->pool = make_pool(kernel->weir, 256, true);
	kernel->cache = make_cache(kernel->pool, 0);
	conf.weir = kernel->weir;
	conf.pool = kernel->pool;
	conf.log = &kernel->log;
	CU_ASSERT_EQUAL_FATAL(router_init(&kernel->router, &conf), 0);
	CU_ASSERT_EQUAL_FATAL(resolver_init(&control->resolver, &kernel->router, &hooks), 0);
	CU_ASSERT_EQUAL_FATAL(rib_init(&control->rib, &kernel->router, &control->resolver, 1000), 0);
	control->rib.interface_of = links_interface;
	control->rib.arg = &control->netlink;
	if (netlink_open(&control->netlink, &netlink))
		return false;
	for (unsigned port = 0; port < 2; port++) {
		int interface = router_interface_add(&kernel->router, port, 0);

		CU_ASSERT_EQUAL(links_add_twin(&control->netlink, 10 + port, port, (unsigned)interface), 0);
		tell_link(kernel, 10 + port, true);
	}
	return true;
}

static inline void kernel_close(struct kernel *kernel)
{
	struct control *control = &kernel->control;

	netlink_close(&control->netlink);
	rib_fini(&control->rib);
	resolver_fini(&control->resolver);
	CU_ASSERT_EQUAL(info_of(kernel->pool).in_use, 0);
	router_fini(&kernel->router);
	weir_pool_cache_destroy(kernel->cache);
	weir_close(kernel->weir);
}

/* The word of the hop that an address has; 0: none. */
static inline uint64_t hop_to(struct kernel *kernel, const char *text)
{
	const struct ip ip = ip_of(text);
	struct weir_fib_ip6 ip6;
	uint32_t ip4, hop;

	memcpy(&ip4, ip.byte, sizeof(ip4));
	memcpy(ip6.byte, ip.byte, sizeof(ip6.byte));
	if (ip.family == 4)
		weir_fib_lookup4(kernel->router.fib4, &ip4, &hop, 1);
	else
		weir_fib_lookup6(kernel->router.fib6, &ip6, &hop, 1);
	return hop == WEIR_FIB_NONE ? 0 : router_hop(&kernel->router, hop);
}

/* What was sent by a port: the number of frames, and the last of them. */
static inline unsigned sent_by(struct kernel *kernel, unsigned port, uint8_t frame[2048], size_t *len)
{
	struct weir_pkt pkt;
	unsigned count = 0;

	for (; weir_ring_pop(kernel->router.injects[port].ring, &pkt, 1); count++) {
		memcpy(frame, weir_pkt_data(kernel->router.base, &pkt), pkt.len);
		*len = pkt.len;
		weir_pool_free(kernel->cache, &pkt, 1);
	}
	return count;
}

#endif
