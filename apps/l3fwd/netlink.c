/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sockets, dumps, and to whom each piece of news goes.
 */
#include "netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define BUFFER      65536u
#define RECEIVE     (8u << 20)
#define RETRIES     5u
#define EVENTS_MOST 64u /* datagrams in a row, so that packets get their turn */

/* What is dumped, in this order: each needs what comes before. */
static const struct question {
	uint16_t type;
	unsigned char family;
	size_t header;
} questions[] = {
	{ RTM_GETLINK, AF_UNSPEC, sizeof(struct ifinfomsg) }, { RTM_GETADDR, AF_INET, sizeof(struct ifaddrmsg) },
	{ RTM_GETADDR, AF_INET6, sizeof(struct ifaddrmsg) },  { RTM_GETNEIGH, AF_INET, sizeof(struct ndmsg) },
	{ RTM_GETNEIGH, AF_INET6, sizeof(struct ndmsg) },     { RTM_GETNEXTHOP, AF_UNSPEC, sizeof(struct nhmsg) },
	{ RTM_GETROUTE, AF_INET, sizeof(struct rtmsg) },      { RTM_GETROUTE, AF_INET6, sizeof(struct rtmsg) },
};
#define QUESTIONS ((int)(sizeof(questions) / sizeof(questions[0])))

/* --- sockets ---------------------------------------------------------------------------------------------------------- */

static struct mnl_socket *socket_open(void)
{
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (nl && mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0) {
		mnl_socket_close(nl);
		return NULL;
	}
	return nl;
}

static int subscribe(struct mnl_socket *nl, unsigned receive)
{
	static const int groups[] = { RTNLGRP_LINK,       RTNLGRP_NEIGH,      RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
		                      RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_NEXTHOP };
	int fd = mnl_socket_get_fd(nl);

	/* The first needs a privilege, the second is limited by net.core.rmem_max. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive, sizeof(receive)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive, sizeof(receive));
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		int group = groups[i];

		/* A kernel from before 5.3 has no next hops, and then there is no news of them. */
		if (mnl_socket_setsockopt(nl, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0 &&
		    group != RTNLGRP_NEXTHOP)
			return -errno;
	}
	return 0;
}

int netlink_open(struct netlink *netlink, const struct netlink_conf *conf)
{
	int err;

	memset(netlink, 0, sizeof(*netlink));
	netlink->conf = *conf;
	netlink->step = -1;
	netlink->links = calloc(LINKS_MAX, sizeof(*netlink->links));
	netlink->buffer = malloc(BUFFER);
	netlink->dumped = malloc(BUFFER);
	if (!netlink->links || !netlink->buffer || !netlink->dumped) {
		log_say(conf->router->log, "no memory to follow the kernel with");
		netlink_close(netlink);
		return -ENOMEM;
	}
	netlink->events = socket_open();
	netlink->dumps = socket_open();
	netlink->requests = socket_open();
	err = netlink->events && netlink->dumps && netlink->requests ? 0 : -errno;
	if (!err)
		err = subscribe(netlink->events, conf->receive ? conf->receive : RECEIVE);
	if (err) {
		log_say(conf->router->log, "cannot follow the kernel: netlink: %s", strerror(-err));
		netlink_close(netlink);
	}
	return err;
}

void netlink_close(struct netlink *netlink)
{
	if (netlink->events)
		mnl_socket_close(netlink->events);
	if (netlink->dumps)
		mnl_socket_close(netlink->dumps);
	if (netlink->requests)
		mnl_socket_close(netlink->requests);
	free(netlink->links);
	free(netlink->buffer);
	free(netlink->dumped);
	memset(netlink, 0, sizeof(*netlink));
}

int netlink_events_fd(const struct netlink *netlink)
{
	return mnl_socket_get_fd(netlink->events);
}

int netlink_dumps_fd(const struct netlink *netlink)
{
	return mnl_socket_get_fd(netlink->dumps);
}

/* --- to whom it goes --------------------------------------------------------------------------------------------------- */

static void address_news(struct netlink *netlink, const struct news_address *news, bool gone, bool dumped)
{
	struct resolver *resolver = netlink->conf.resolver;
	unsigned interface = links_interface(netlink, news->link);
	struct own_address *own;

	if (!interface)
		return;
	if (gone) {
		resolver_address_remove(resolver, interface, &news->ip);
		/* Routes that named it go, too, of which the kernel says nothing. */
		netlink_dump_soon(netlink, 200);
		return;
	}
	/* An address that was taken away during the dump comes back with it; the next dump is due for that reason. */
	(void)dumped;
	own = resolver_address_add(resolver, interface, news);
	if (own)
		own->generation = netlink->generation;
}

static void neighbour_news(struct netlink *netlink, const struct news_neighbour *news, bool gone, bool dumped)
{
	struct resolver *resolver = netlink->conf.resolver;
	unsigned interface = links_interface(netlink, news->link);
	bool valid = news->valid && !gone;
	struct adjacency *neighbour;

	if (!netlink->conf.neighbours || !interface || (news->ip.byte[0] >= 0xe0 && news->ip.family == 4) ||
	    (news->ip.byte[0] == 0xff && news->ip.family == 6))
		return;
	neighbour = resolver_find(resolver, interface, &news->ip);
	if (!neighbour && (valid || netlink->step >= 0))
		neighbour = resolver_get(resolver, interface, &news->ip);
	if (!neighbour || (dumped && neighbour->generation == netlink->generation))
		return;
	neighbour->generation = netlink->generation;
	if (valid)
		resolver_learn(resolver, neighbour, mac_pack(news->mac), !news->stale);
	else if (!news->pending || hop_kind(neighbour_word(neighbour)) == HOP_NEIGHBOUR)
		resolver_forget(resolver, neighbour);
}

static void dispatch(struct netlink *netlink, const struct news *news, bool dumped)
{
	struct rib *rib = netlink->conf.rib;

	switch (news->kind) {
	case NEWS_LINK:
		links_news(netlink, &news->link, news->gone);
		break;
	case NEWS_ADDRESS:
		address_news(netlink, &news->address, news->gone, dumped);
		break;
	case NEWS_NEIGHBOUR:
		neighbour_news(netlink, &news->neighbour, news->gone, dumped);
		break;
	case NEWS_NEXTHOP:
		if (!dumped || !rib_nexthop_told(rib, news->nexthop.id))
			rib_nexthop(rib, &news->nexthop, news->gone);
		break;
	case NEWS_ROUTE:
		if (!dumped || !rib_told(rib, &news->route))
			rib_route(rib, &news->route, news->gone);
		break;
	default:
		break;
	}
}

void netlink_feed(struct netlink *netlink, const void *messages, size_t len, bool dumped)
{
	const struct nlmsghdr *nlh = messages;
	int left = (int)len;

	for (; news_whole(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		struct news news;

		netlink->counts.messages++;
		if (news_read(nlh, &news))
			netlink->counts.unreadable++;
		else
			dispatch(netlink, &news, dumped);
	}
}

/* --- dumps ------------------------------------------------------------------------------------------------------------- */

void netlink_dump_soon(struct netlink *netlink, unsigned ms)
{
	if (netlink->dump_due > netlink->now + ms)
		netlink->dump_due = netlink->now + ms;
}

bool netlink_in_step(const struct netlink *netlink)
{
	return netlink->step < 0 && netlink->dump_due == UINT64_MAX && netlink->generation;
}

static void ask_for(struct netlink *netlink, int step)
{
	const struct question *question = &questions[step];
	uint8_t space[MNL_NLMSG_HDRLEN + 64] __attribute__((aligned(8))) = { 0 };
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(space);
	uint8_t *header = mnl_nlmsg_put_extra_header(nlh, question->header);

	nlh->nlmsg_type = question->type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	nlh->nlmsg_seq = ++netlink->sequence;
	header[0] = question->family; /* stands first in all of them */
	netlink->step = step;
	if (mnl_socket_sendto(netlink->dumps, nlh, nlh->nlmsg_len) < 0) {
		netlink->step = -1;
		netlink_dump_soon(netlink, 1000);
	}
}

static void dump_begin(struct netlink *netlink)
{
	netlink->counts.dumps++;
	netlink->dump_due = UINT64_MAX;
	netlink->incomplete = netlink->interrupted = false;
	netlink->retries = 0;
	netlink->generation++;
	rib_mark(netlink->conf.rib);
	ask_for(netlink, 0);
}

static void dump_end(struct netlink *netlink)
{
	netlink->step = -1;
	if (netlink->incomplete) {
		netlink_dump_soon(netlink, 1000);
		return;
	}
	links_sweep(netlink);
	resolver_address_sweep(netlink->conf.resolver, netlink->generation);
	if (netlink->conf.neighbours)
		resolver_sweep(netlink->conf.resolver, netlink->generation);
	rib_sweep(netlink->conf.rib);
}

/* One answer came to its end. What was interrupted by changes may lack something, and is asked for again. */
static void dump_next(struct netlink *netlink, bool interrupted)
{
	netlink->interrupted = false;
	if (interrupted && netlink->retries < RETRIES) {
		netlink->retries++;
		ask_for(netlink, netlink->step);
		return;
	}
	netlink->incomplete |= interrupted;
	netlink->retries = 0;
	if (netlink->step + 1 < QUESTIONS)
		ask_for(netlink, netlink->step + 1);
	else
		dump_end(netlink);
}

/*
 * What a part of a dump says of the dump itself: whether this is its end, and whether it is whole. False in *@ours: it
 * is part of an earlier dump.
 */
static bool dump_ends(struct netlink *netlink, const void *messages, size_t len, bool *ours)
{
	const struct nlmsghdr *nlh = messages;
	int left = (int)len;

	for (*ours = true; news_whole(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		const struct nlmsgerr *failure = mnl_nlmsg_get_payload(nlh);
		int err = 0;

		*ours = nlh->nlmsg_seq == netlink->sequence;
		netlink->interrupted |= nlh->nlmsg_flags & NLM_F_DUMP_INTR && *ours;
		if (nlh->nlmsg_type != NLMSG_DONE && nlh->nlmsg_type != NLMSG_ERROR)
			continue;
		/* Both begin with a number, 0 when all is well. */
		if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(failure->error))
			err = failure->error;
		/* A kernel from before 5.3 does not know what next hops are. */
		if (err && *ours && questions[netlink->step].type != RTM_GETNEXTHOP)
			netlink->incomplete = true;
		return true;
	}
	return false;
}

/* --- the rounds ---------------------------------------------------------------------------------------------------------- */

/* Reads events. Returns whether it came to the last one. */
static bool events_read(struct netlink *netlink)
{
	for (unsigned i = 0; i < EVENTS_MOST; i++) {
		ssize_t len = mnl_socket_recvfrom(netlink->events, netlink->buffer, BUFFER);

		if (len > 0) {
			netlink_feed(netlink, netlink->buffer, (size_t)len, false);
		} else if (len < 0 && (errno == ENOBUFS || errno == ENOSPC)) {
			/* The kernel begins no dump before the last one was read to its end. */
			netlink->counts.overruns++;
			netlink->abandoned = netlink->step >= 0;
			netlink_dump_soon(netlink, 0);
		} else if (len == 0 || errno != EINTR) {
			return true;
		}
	}
	return false;
}

/* Reads a part of a dump, and what has happened until then. */
static void dump_read(struct netlink *netlink)
{
	ssize_t got = mnl_socket_recvfrom(netlink->dumps, netlink->dumped, BUFFER);
	bool ends, ours;

	if (got < 0 && errno == ENOSPC)
		netlink->incomplete = true;
	if (got <= 0)
		return;
	while (!events_read(netlink))
		;
	ends = dump_ends(netlink, netlink->dumped, (size_t)got, &ours);
	if (ours && !netlink->abandoned)
		netlink_feed(netlink, netlink->dumped, (size_t)got, true);
	if (!ends || !ours)
		return;
	if (netlink->abandoned) {
		netlink->step = -1;
		netlink->abandoned = false;
	} else {
		dump_next(netlink, netlink->interrupted);
	}
}

/* What the kernel says to requests: they are hints, and it may refuse them. */
static void replies_drop(struct netlink *netlink)
{
	while (mnl_socket_recvfrom(netlink->requests, netlink->buffer, BUFFER) > 0)
		;
}

void netlink_run(struct netlink *netlink, uint64_t now)
{
	netlink->now = now;
	replies_drop(netlink);
	if (!events_read(netlink))
		return;
	if (netlink->step >= 0)
		dump_read(netlink);
	/* One dump after the other: what made the next one necessary may go on for some time. */
	if (netlink->step < 0 && netlink->dump_due <= now)
		dump_begin(netlink);
}

/* --- what the kernel is asked to do ---------------------------------------------------------------------------------------- */

void netlink_ask(void *arg, const struct adjacency *neighbour)
{
	struct netlink *netlink = arg;
	uint8_t space[MNL_NLMSG_HDRLEN + 64] __attribute__((aligned(8))) = { 0 };
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(space);
	struct ndmsg *ndm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ndm));

	nlh->nlmsg_type = RTM_NEWNEIGH;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE;
	ndm->ndm_family = neighbour->ip.family == 4 ? AF_INET : AF_INET6;
	ndm->ndm_ifindex = (int)links_index(netlink, neighbour->interface);
	ndm->ndm_flags = NTF_USE;
	mnl_attr_put(nlh, NDA_DST, ip_bytes(neighbour->ip.family), neighbour->ip.byte);
	mnl_socket_sendto(netlink->requests, nlh, nlh->nlmsg_len);
}

int netlink_set_link(struct netlink *netlink, uint32_t index, const struct link_wish *wish)
{
	uint8_t space[MNL_NLMSG_HDRLEN + 96] __attribute__((aligned(8))) = { 0 };
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(space);
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(nlh, sizeof(*info));

	nlh->nlmsg_type = RTM_NEWLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	info->ifi_index = (int)index;
	if (wish->carrier >= 0)
		mnl_attr_put_u8(nlh, IFLA_CARRIER, (uint8_t)wish->carrier);
	if (wish->mtu)
		mnl_attr_put_u32(nlh, IFLA_MTU, wish->mtu);
	if (wish->mac)
		mnl_attr_put(nlh, IFLA_ADDRESS, 6, wish->mac);
	return mnl_socket_sendto(netlink->requests, nlh, nlh->nlmsg_len) < 0 ? -errno : 0;
}
