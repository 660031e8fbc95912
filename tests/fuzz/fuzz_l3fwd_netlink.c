/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages of the kernel: whatever is in them, what is made of them is within bounds, and nothing beyond them is read.
 */
#include <libmnl/libmnl.h>
#include <stdlib.h>
#include <string.h>

#include "l3fwd/netlink_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_legs(const struct news_leg *legs, unsigned count)
{
	if (count > NEWS_LEGS_MAX)
		abort();
	for (unsigned i = 0; i < count; i++)
		if (!legs[i].weight || legs[i].weight > 256 ||
		    (legs[i].gateway.family && legs[i].gateway.family != 4 && legs[i].gateway.family != 6))
			abort();
}

static void check(const struct news *news)
{
	switch (news->kind) {
	case NEWS_LINK:
		if (news->link.name[sizeof(news->link.name) - 1] || news->link.vlan > 4095)
			abort();
		break;
	case NEWS_ADDRESS:
		if (news->address.len > ip_bytes(news->address.ip.family) * 8)
			abort();
		break;
	case NEWS_NEXTHOP:
		check_legs(news->nexthop.leg, news->nexthop.legs);
		break;
	case NEWS_ROUTE:
		if (news->route.len > ip_bytes(news->route.dst.family) * 8 || news->route.rank > 2)
			abort();
		check_legs(news->route.leg, news->route.legs);
		break;
	default:
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy of its own, so that a byte too far is noticed; with the padding that libmnl takes for granted. */
	struct nlmsghdr *messages = calloc(1, MNL_ALIGN(size) + 4), *nlh = messages;
	int left = (int)size;

	if (!messages)
		return 0;
	memcpy(messages, data, size);
	for (; news_whole(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		struct news news;

		if (!news_read(nlh, &news))
			check(&news);
	}
	free(messages);
	return 0;
}
