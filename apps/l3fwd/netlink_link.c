/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which links of the kernel are interfaces of ours, and how they are.
 */
#include <errno.h>
#include <string.h>

#include "netlink.h"

struct link *links_find(const struct netlink *netlink, uint32_t index)
{
	for (unsigned i = 0; i < netlink->link_count; i++)
		if (netlink->links[i].index == index)
			return &netlink->links[i];
	return NULL;
}

unsigned links_interface(void *netlink, uint32_t index)
{
	const struct link *link = links_find(netlink, index);

	return link ? link->interface : 0;
}

uint32_t links_index(const struct netlink *netlink, unsigned interface)
{
	for (unsigned i = 0; i < netlink->link_count; i++)
		if (netlink->links[i].interface == interface)
			return netlink->links[i].index;
	return 0;
}

static struct link *add(struct netlink *netlink, uint32_t index, unsigned port, unsigned interface)
{
	struct link *link = &netlink->links[netlink->link_count];

	if (netlink->link_count == LINKS_MAX)
		return NULL;
	netlink->link_count++;
	*link = (struct link){ .index = index, .port = (uint16_t)port, .interface = (uint16_t)interface };
	return link;
}

int links_add_twin(struct netlink *netlink, uint32_t index, unsigned port, unsigned interface)
{
	return add(netlink, index, port, interface) ? 0 : -ENOSPC;
}

static void set_up(struct netlink *netlink, struct link *link, bool up)
{
	if (link->up == up)
		return;
	link->up = up;
	router_interface_set_up(netlink->conf.router, link->interface, up);
	if (!up) {
		resolver_interface_down(netlink->conf.resolver, link->interface);
		/* Routes go with it, of which the kernel says nothing. */
		netlink_dump_soon(netlink, 200);
	}
	rib_links_changed(netlink->conf.rib);
}

static void remove_link(struct netlink *netlink, struct link *link)
{
	struct resolver *resolver = netlink->conf.resolver;
	unsigned interface = link->interface;

	set_up(netlink, link, false);
	for (unsigned i = resolver->address_count; i-- > 0;)
		if (resolver->addresses[i].interface == interface) {
			const struct ip ip = resolver->addresses[i].ip;

			resolver_address_remove(resolver, interface, &ip);
		}
	router_interface_remove(netlink->conf.router, interface);
	*link = netlink->links[--netlink->link_count];
	rib_links_changed(netlink->conf.rib);
	netlink_dump_soon(netlink, 200);
}

/* A VLAN on a twin that is not known yet. */
static struct link *add_vlan(struct netlink *netlink, const struct news_link *news)
{
	const struct link *twin = news->vlan && news->parent ? links_find(netlink, news->parent) : NULL;
	struct router *router = netlink->conf.router;
	struct link *link;
	int interface;

	if (!twin || twin->parent)
		return NULL;
	interface = router_interface_add(router, twin->port, news->vlan);
	if (interface < 0) {
		log_say(router->log, "%s: there is no room for VLAN %u of port %u", news->name, news->vlan, twin->port);
		return NULL;
	}
	link = add(netlink, news->index, twin->port, (unsigned)interface);
	if (!link) {
		router_interface_remove(router, (unsigned)interface);
		return NULL;
	}
	link->parent = news->parent;
	rib_links_changed(netlink->conf.rib);
	return link;
}

void links_news(struct netlink *netlink, const struct news_link *news, bool gone)
{
	struct link *link = links_find(netlink, news->index);

	if (gone) {
		/* A twin's end is weir's own doing, or a mishap; its interface stays, and is down. */
		if (link && link->parent)
			remove_link(netlink, link);
		else if (link)
			set_up(netlink, link, false);
		return;
	}
	if (!link)
		link = add_vlan(netlink, news);
	if (!link)
		return;
	link->generation = netlink->generation;
	link->told = *news;
	if (news->has_mac)
		router_interface_set_link(netlink->conf.router, link->interface, news->mac, news->mtu);
	set_up(netlink, link, news->up && news->running);
	if (!link->parent && netlink->conf.changed)
		netlink->conf.changed(netlink->conf.arg, link);
}

void links_sweep(struct netlink *netlink)
{
	for (unsigned i = netlink->link_count; i-- > 0;)
		if (netlink->links[i].generation != netlink->generation && netlink->links[i].parent)
			remove_link(netlink, &netlink->links[i]);
}
