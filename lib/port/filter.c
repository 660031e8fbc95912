/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which packets a port takes (weir/filter.h): what is asked for is checked and kept here, drivers make the hardware so.
 */
#include <stdlib.h>
#include <string.h>

#include "port/driver.h"
#include "weir/wire.h"

static const struct filter_ops *ops_of(const struct weir_port *port)
{
	static const struct filter_ops none;

	return port->driver->filters ? port->driver->filters : &none;
}

static void limits_of(struct weir_port *port, struct weir_filter_limits *limits)
{
	memset(limits, 0, sizeof(*limits));
	if (ops_of(port)->limits)
		ops_of(port)->limits(port, limits);
}

int weir_port_filter_limits(struct weir_port *port, struct weir_filter_limits *limits)
{
	limits_of(port, limits);
	return port->driver->filters ? 0 : port_cannot(port, "choose what they receive");
}

/* --- addresses --------------------------------------------------------------------------------------------------------------- */

int weir_port_set_all_multicast(struct weir_port *port, bool on)
{
	bool *wanted = &port->wants.all_multicast, before = *wanted;
	int err;

	if (!ops_of(port)->set_groups)
		return port_cannot(port, "choose groups");
	err = port_present(port);
	if (err)
		return err;
	*wanted = on;
	err = ops_of(port)->set_groups(port);
	if (err)
		*wanted = before;
	return err;
}

static unsigned find_mac(const struct port_wants *wants, const uint8_t mac[6])
{
	unsigned i = 0;

	while (i < wants->mac_count && memcmp(wants->macs[i], mac, 6) != 0)
		i++;
	return i;
}

/* Those that must be compared exactly, and those that need not. */
static int check_room(struct weir_port *port)
{
	struct weir_filter_limits limits;
	unsigned own = 0;

	limits_of(port, &limits);
	for (unsigned i = 0; i < port->wants.mac_count; i++)
		own += limits.groups ? !(port->wants.macs[i][0] & 1) : 1;
	if (own <= limits.addresses)
		return 0;
	return weir_fail(port->weir, -ENOSPC, "port '%s': all %u address filters are taken; make it promiscuous",
	                 port->spec, limits.addresses);
}

int weir_port_add_mac(struct weir_port *port, const uint8_t mac[6])
{
	static const uint8_t zeros[6];
	struct port_wants *wants = &port->wants;
	uint8_t(*macs)[6];
	int err;

	if (!ops_of(port)->set_macs)
		return port_cannot(port, "take further addresses");
	if (!memcmp(mac, zeros, 6))
		return weir_fail(port->weir, -EINVAL, "port '%s': 00:00:00:00:00:00 is no address", port->spec);
	if (find_mac(wants, mac) < wants->mac_count || !memcmp(mac, port->info.mac, 6))
		return 0;
	err = port_present(port);
	if (err)
		return err;
	macs = realloc(wants->macs, (wants->mac_count + 1) * sizeof(*macs));
	if (!macs)
		return weir_fail(port->weir, -ENOMEM, "port '%s': no memory for an address", port->spec);
	wants->macs = macs;
	memcpy(macs[wants->mac_count++], mac, 6);
	err = check_room(port);
	if (!err)
		err = ops_of(port)->set_macs(port);
	if (err)
		wants->mac_count--;
	return err;
}

int weir_port_remove_mac(struct weir_port *port, const uint8_t mac[6])
{
	struct port_wants *wants = &port->wants;
	unsigned i = find_mac(wants, mac);
	int err;

	if (!ops_of(port)->set_macs)
		return port_cannot(port, "take further addresses");
	if (i == wants->mac_count)
		return weir_fail(port->weir, -ENOENT, "port '%s': %02x:%02x:%02x:%02x:%02x:%02x was not added",
		                 port->spec, mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	err = port_present(port);
	if (err)
		return err;
	memmove(wants->macs[i], wants->macs[i + 1], (--wants->mac_count - i) * sizeof(*wants->macs));
	return ops_of(port)->set_macs(port);
}

int weir_port_mac(struct weir_port *port, unsigned index, uint8_t mac[6])
{
	if (index >= port->wants.mac_count)
		return -ENOENT;
	memcpy(mac, port->wants.macs[index], 6);
	return 0;
}

/* --- VLANs -------------------------------------------------------------------------------------------------------------------- */

int weir_port_set_vlan_filter(struct weir_port *port, bool on)
{
	bool *wanted = &port->wants.filter_vlans, before = *wanted;
	int err;

	if (!ops_of(port)->set_vlan_filter)
		return port_cannot(port, "filter VLANs");
	err = port_present(port);
	if (err)
		return err;
	*wanted = on;
	err = ops_of(port)->set_vlan_filter(port);
	if (err)
		*wanted = before;
	return err;
}

static int set_vlan(struct weir_port *port, unsigned id, bool on)
{
	uint32_t *word, before;
	int err;

	if (!ops_of(port)->set_vlan)
		return port_cannot(port, "filter VLANs");
	if (id < 1 || id > 4094)
		return weir_fail(port->weir, -EINVAL, "port '%s': %u is no VLAN; they go from 1 to 4094", port->spec,
		                 id);
	err = port_present(port);
	if (err)
		return err;
	word = &port->wants.vlans[id / 32];
	before = *word;
	*word = on ? before | 1u << id % 32 : before & ~(1u << id % 32);
	err = ops_of(port)->set_vlan(port, id);
	if (err)
		*word = before;
	return err;
}

int weir_port_add_vlan(struct weir_port *port, unsigned id)
{
	return set_vlan(port, id, true);
}

int weir_port_remove_vlan(struct weir_port *port, unsigned id)
{
	return set_vlan(port, id, false);
}

int weir_port_set_vlan_types(struct weir_port *port, uint16_t inner, uint16_t outer)
{
	struct port_wants *wants = &port->wants;

	if (!ops_of(port)->vlan_types)
		return port_cannot(port, "choose what VLAN tags look like");
	if (port->info.started)
		return weir_fail(port->weir, -EBUSY, "port '%s' is started; stop it before changing its VLAN tags",
		                 port->spec);
	inner = inner ? inner : WEIR_ETHER_VLAN;
	if (inner < WEIR_ETHER_MIN || (outer && outer < WEIR_ETHER_MIN) || inner == outer)
		return weir_fail(port->weir, -EINVAL,
		                 "port '%s': 0x%04x and 0x%04x are not the EtherTypes of an inner and an outer tag",
		                 port->spec, inner, outer);
	wants->vlan_inner = inner;
	wants->vlan_outer = outer;
	return 0;
}

/* --- RSS ---------------------------------------------------------------------------------------------------------------------- */

/* The key of Microsoft's verification suite, which everybody uses. */
static const uint8_t usual_key[WEIR_RSS_KEY] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
	0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
	0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

/* Fills in what @rss leaves to the port, in the size of its table. */
static void rss_complete(struct weir_port *port, const struct weir_filter_limits *limits, struct weir_rss *rss)
{
	static const uint8_t zeros[WEIR_RSS_KEY];
	unsigned queues = port->info.rx_queues < limits->rss_queues ? port->info.rx_queues : limits->rss_queues;
	unsigned given = rss->table_size;

	if (!memcmp(rss->key, zeros, sizeof(zeros)))
		memcpy(rss->key, usual_key, sizeof(usual_key));
	for (unsigned i = given; i < limits->rss_table; i++)
		rss->table[i] = (uint16_t)(given ? rss->table[i % given] : queues ? i % queues : 0);
	rss->table_size = limits->rss_table;
}

static int rss_check(struct weir_port *port, const struct weir_filter_limits *limits, const struct weir_rss *rss)
{
	if (rss->types & ~limits->rss_types)
		return weir_fail(port->weir, -ENOTSUP, "port '%s': of the hash types 0x%x it can do 0x%x", port->spec,
		                 rss->types, rss->types & limits->rss_types);
	if (rss->table_size > limits->rss_table || rss->table_size & (rss->table_size - 1))
		return weir_fail(port->weir, -EINVAL,
		                 "port '%s': a table of %u entries; it takes powers of two up to %u", port->spec,
		                 rss->table_size, limits->rss_table);
	for (unsigned i = 0; i < rss->table_size; i++) {
		if (rss->table[i] >= port->info.rx_queues)
			return weir_fail(port->weir, -EINVAL,
			                 "port '%s': entry %u of the table names queue %u; it has %u receive queues",
			                 port->spec, i, rss->table[i], port->info.rx_queues);
		if (rss->table[i] >= limits->rss_queues)
			return weir_fail(port->weir, -ENOTSUP,
			                 "port '%s': entry %u of the table names queue %u; hashes reach those below %u",
			                 port->spec, i, rss->table[i], limits->rss_queues);
	}
	return 0;
}

int weir_port_set_rss(struct weir_port *port, const struct weir_rss *rss)
{
	struct port_wants *wants = &port->wants;
	struct weir_filter_limits limits;
	struct weir_rss before = wants->rss;
	bool was_set = wants->rss_set;
	int err;

	if (!ops_of(port)->set_rss)
		return port_cannot(port, "spread packets over queues");
	limits_of(port, &limits);
	err = rss ? rss_check(port, &limits, rss) : 0;
	if (!err)
		err = port_present(port);
	if (err)
		return err;
	wants->rss_set = rss != NULL;
	wants->rss = rss ? *rss : (struct weir_rss){ .types = limits.rss_types };
	rss_complete(port, &limits, &wants->rss);
	err = ops_of(port)->set_rss(port);
	if (err) {
		wants->rss = before;
		wants->rss_set = was_set;
	}
	return err;
}

int weir_port_rss(struct weir_port *port, struct weir_rss *rss)
{
	if (!ops_of(port)->set_rss)
		return port_cannot(port, "spread packets over queues");
	*rss = port->wants.rss;
	return 0;
}

/* --- filters ------------------------------------------------------------------------------------------------------------------ */

#define MATCH_IP    (WEIR_MATCH_IPV4 | WEIR_MATCH_IPV6)
#define MATCH_PORTS (WEIR_MATCH_SRC_PORT | WEIR_MATCH_DST_PORT)
#define MATCH_IN_IP (WEIR_MATCH_PROTOCOL | WEIR_MATCH_SRC | WEIR_MATCH_DST | MATCH_PORTS)
#define MATCH_ALL   ((WEIR_MATCH_DST_PORT << 1) - 1)

static int refuse(struct weir_port *port, const char *why)
{
	return weir_fail(port->weir, -EINVAL, "port '%s': a filter %s", port->spec, why);
}

static int filter_check(struct weir_port *port, const struct weir_filter *f)
{
	unsigned bits = f->match & WEIR_MATCH_IPV4 ? 32 : 128;
	struct weir_filter_limits limits;

	if (!f->match || f->match & ~MATCH_ALL)
		return refuse(port, "must compare something, and only what WEIR_MATCH_* names");
	if ((f->match & MATCH_IP) == MATCH_IP)
		return refuse(port, "cannot be of IPv4 and IPv6 at once; add two");
	if (f->match & MATCH_IN_IP && !(f->match & MATCH_IP))
		return refuse(port, "that looks into IP must say which: WEIR_MATCH_IPV4 or WEIR_MATCH_IPV6");
	if (f->match & MATCH_IP && f->match & WEIR_MATCH_ETHER_TYPE)
		return refuse(port, "of IP needs no EtherType");
	if (f->match & MATCH_PORTS && !(f->match & WEIR_MATCH_PROTOCOL))
		return refuse(port, "that compares ports must say of which protocol: WEIR_MATCH_PROTOCOL");
	if (f->match & MATCH_PORTS && f->protocol != WEIR_IP_TCP && f->protocol != WEIR_IP_UDP &&
	    f->protocol != WEIR_IP_SCTP)
		return refuse(port, "can compare ports of TCP, UDP and SCTP only");
	if (f->match & WEIR_MATCH_VLAN && (f->vlan < 1 || f->vlan > 4094))
		return refuse(port, "names a VLAN that cannot be; they go from 1 to 4094");
	if (f->match & WEIR_MATCH_VLAN_PRIORITY && f->vlan_priority > 7)
		return refuse(port, "names a VLAN priority above 7");
	if (f->match & WEIR_MATCH_ETHER_TYPE && f->ether_type < WEIR_ETHER_MIN)
		return refuse(port, "names an EtherType below 0x0600, which is a length");
	if ((f->match & WEIR_MATCH_SRC && f->src_prefix > bits) || (f->match & WEIR_MATCH_DST && f->dst_prefix > bits))
		return refuse(port, "has a prefix that is longer than an address");
	limits_of(port, &limits);
	if (f->priority && f->priority >= limits.priorities)
		return weir_fail(port->weir, -EINVAL,
		                 "port '%s': a filter of priority %u; it has %u of them, from 0 on", port->spec,
		                 f->priority, limits.priorities);
	if (f->queue != WEIR_FILTER_DROP && f->queue >= port->info.rx_queues)
		return weir_fail(port->weir, -EINVAL, "port '%s': a filter names queue %u; it has %u receive queues",
		                 port->spec, f->queue, port->info.rx_queues);
	return 0;
}

/* The address as far as @prefix goes. */
static void cut_address(uint8_t *to, uint8_t *to_prefix, const uint8_t *from, unsigned prefix, unsigned bits)
{
	*to_prefix = (uint8_t)(prefix ? prefix : bits);
	for (unsigned i = 0; i < *to_prefix; i++)
		to[i / 8] |= from[i / 8] & (0x80 >> i % 8);
}

/* One form for filters that match the same. */
static void filter_normal(const struct weir_filter *from, struct weir_filter *to)
{
	unsigned bits = from->match & WEIR_MATCH_IPV4 ? 32 : 128;

	memset(to, 0, sizeof(*to));
	to->match = from->match;
	to->queue = from->queue;
	to->priority = from->priority;
	to->mark = from->mark;
	if (from->match & WEIR_MATCH_ETHER_TYPE)
		to->ether_type = from->ether_type;
	if (from->match & WEIR_MATCH_VLAN)
		to->vlan = from->vlan;
	if (from->match & WEIR_MATCH_VLAN_PRIORITY)
		to->vlan_priority = from->vlan_priority;
	if (from->match & WEIR_MATCH_PROTOCOL)
		to->protocol = from->protocol;
	if (from->match & WEIR_MATCH_SRC)
		cut_address(to->src, &to->src_prefix, from->src, from->src_prefix, bits);
	if (from->match & WEIR_MATCH_DST)
		cut_address(to->dst, &to->dst_prefix, from->dst, from->dst_prefix, bits);
	if (from->match & WEIR_MATCH_SRC_PORT) {
		to->src_port_mask = from->src_port_mask ? from->src_port_mask : 0xffff;
		to->src_port = from->src_port & to->src_port_mask;
	}
	if (from->match & WEIR_MATCH_DST_PORT) {
		to->dst_port_mask = from->dst_port_mask ? from->dst_port_mask : 0xffff;
		to->dst_port = from->dst_port & to->dst_port_mask;
	}
}

/* Filters are compared byte by byte: they have none that nobody sets. */
_Static_assert(sizeof(struct weir_filter) == 60, "");

/* Both in one form. What is done with the packets may differ. */
static bool same_match(const struct weir_filter *a, const struct weir_filter *b)
{
	struct weir_filter copy = *b;

	copy.queue = a->queue;
	copy.priority = a->priority;
	copy.mark = a->mark;
	return !memcmp(a, &copy, sizeof(copy));
}

static int filter_room(struct weir_port *port)
{
	struct port_wants *wants = &port->wants;
	struct port_filter *filters;
	unsigned room = wants->filter_room ? 2 * wants->filter_room : 16;

	if (wants->filter_count < wants->filter_room)
		return 0;
	filters = realloc(wants->filters, room * sizeof(*filters));
	if (!filters)
		return weir_fail(port->weir, -ENOMEM, "port '%s': no memory for a filter", port->spec);
	wants->filters = filters;
	wants->filter_room = room;
	return 0;
}

int weir_port_add_filter(struct weir_port *port, const struct weir_filter *filter, unsigned *id)
{
	struct port_wants *wants = &port->wants;
	struct port_filter *new;
	struct weir_filter normal;
	int err;

	if (!ops_of(port)->add)
		return port_cannot(port, "filter packets");
	err = filter_check(port, filter);
	if (!err)
		err = port_present(port);
	if (!err)
		err = filter_room(port);
	if (err)
		return err;
	filter_normal(filter, &normal);
	for (unsigned i = 0; i < wants->filter_count; i++)
		if (same_match(&wants->filters[i].info.filter, &normal))
			return weir_fail(port->weir, -EEXIST, "port '%s': filter %u matches the same; remove it first",
			                 port->spec, wants->filters[i].info.id);
	new = &wants->filters[wants->filter_count];
	*new = (struct port_filter){ .info = { .id = wants->last_id + 1, .filter = normal } };
	err = ops_of(port)->add(port, new);
	if (err)
		return err;
	wants->filter_count++;
	wants->last_id++;
	if (id)
		*id = new->info.id;
	return 0;
}

int weir_port_remove_filter(struct weir_port *port, unsigned id)
{
	struct port_wants *wants = &port->wants;
	unsigned i = 0;
	int err;

	if (!ops_of(port)->remove)
		return port_cannot(port, "filter packets");
	while (i < wants->filter_count && wants->filters[i].info.id != id)
		i++;
	if (i == wants->filter_count)
		return weir_fail(port->weir, -ENOENT, "port '%s' has no filter %u", port->spec, id);
	err = port_present(port);
	if (err)
		return err;
	err = ops_of(port)->remove(port, &wants->filters[i]);
	if (err)
		return err;
	wants->filter_count--;
	memmove(&wants->filters[i], &wants->filters[i + 1], (wants->filter_count - i) * sizeof(*wants->filters));
	return 0;
}

int weir_port_filter(struct weir_port *port, unsigned index, struct weir_filter_info *info)
{
	if (index >= port->wants.filter_count)
		return -ENOENT;
	*info = port->wants.filters[index].info;
	return 0;
}

/* --- from open to close -------------------------------------------------------------------------------------------------------- */

/* What a port wants of which nobody has said anything. */
void port_wants_open(struct weir_port *port)
{
	struct weir_filter_limits limits;

	limits_of(port, &limits);
	port->wants.vlans[0] = 1;
	port->wants.vlan_inner = WEIR_ETHER_VLAN;
	port->wants.rss.types = limits.rss_types;
	rss_complete(port, &limits, &port->wants.rss);
}

void port_wants_close(struct weir_port *port)
{
	free(port->wants.macs);
	free(port->wants.filters);
	port->wants.macs = NULL;
	port->wants.filters = NULL;
}
