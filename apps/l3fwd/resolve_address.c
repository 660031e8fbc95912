/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Addresses of our own: what questions and ICMP errors come from.
 */
#include <string.h>

#include "resolve.h"

/* The first address of the family, on the interface (0: on any), that others can reach. */
static const struct own_address *first(const struct resolver *resolver, unsigned interface, unsigned family)
{
	const struct own_address *second = NULL;

	for (unsigned i = 0; i < resolver->address_count; i++) {
		const struct own_address *own = &resolver->addresses[i];

		if ((interface && own->interface != interface) || own->ip.family != family || own->link_local ||
		    own->tentative)
			continue;
		if (!own->secondary)
			return own;
		second = second ? second : own;
	}
	return second;
}

void resolver_choose_sources(struct resolver *resolver)
{
	const struct own_address *any4 = first(resolver, 0, 4), *any6 = first(resolver, 0, 6);

	for (unsigned i = 1; i < resolver->router->interface_count; i++) {
		const struct own_address *own = first(resolver, i, 4);

		own = own ? own : any4;
		router_interface_set_source4(resolver->router, i, own ? own->ip.byte : NULL);
		own = first(resolver, i, 6);
		own = own ? own : any6;
		router_interface_set_source6(resolver->router, i, own ? own->ip.byte : NULL);
	}
	resolver->addresses_changed = false;
}

const struct own_address *resolver_own(const struct resolver *resolver, unsigned interface, const struct ip *ip)
{
	for (unsigned i = 0; i < resolver->address_count; i++) {
		const struct own_address *own = &resolver->addresses[i];

		if (own->interface == interface && ip_equal(&own->ip, ip))
			return own;
	}
	return NULL;
}

struct own_address *resolver_address_add(struct resolver *resolver, unsigned interface,
                                         const struct news_address *address)
{
	struct own_address *own = (struct own_address *)resolver_own(resolver, interface, &address->ip);

	if (!own) {
		if (resolver->address_count == ADDRESSES_MAX)
			return NULL;
		own = &resolver->addresses[resolver->address_count++];
	}
	*own = (struct own_address){ .ip = address->ip,
		                     .len = address->len,
		                     .interface = (uint16_t)interface,
		                     .link_local = address->link_local,
		                     .secondary = address->secondary,
		                     .tentative = address->tentative,
		                     .generation = own->generation };
	resolver->addresses_changed = true;
	return own;
}

static void remove_at(struct resolver *resolver, unsigned at)
{
	resolver->address_count--;
	memmove(&resolver->addresses[at], &resolver->addresses[at + 1],
	        (resolver->address_count - at) * sizeof(resolver->addresses[0]));
	resolver->addresses_changed = true;
}

void resolver_address_remove(struct resolver *resolver, unsigned interface, const struct ip *ip)
{
	const struct own_address *own = resolver_own(resolver, interface, ip);

	if (own)
		remove_at(resolver, (unsigned)(own - resolver->addresses));
}

void resolver_address_sweep(struct resolver *resolver, uint32_t generation)
{
	for (unsigned i = resolver->address_count; i-- > 0;)
		if (resolver->addresses[i].generation != generation)
			remove_at(resolver, i);
}

const struct own_address *resolver_source(const struct resolver *resolver, unsigned interface, const struct ip *ip)
{
	const struct own_address *own, *any = NULL;

	for (unsigned i = 0; i < resolver->address_count; i++) {
		own = &resolver->addresses[i];
		if (own->interface != interface || own->ip.family != ip->family || own->tentative)
			continue;
		if (ip_within(ip, &own->ip, own->len))
			return own;
		any = any ? any : own;
	}
	return any;
}
