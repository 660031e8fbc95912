/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Filters that choose a packet's queue (7.1.1). Two tables have them, and the hardware asks in this order:
 *
 *      EtherType   8, for the queues 0 to 7
 *      5-tuple     8 on the 82576 (7.1.1.5): IPv4; each field exactly or not at all; priorities
 *      2-tuple     8 instead from the 82580 on (I350 datasheet, 7.1.2.4): protocol and destination port, of IPv4 and IPv6 alike
 *      flex        8 more then (I350 datasheet, 7.1.2.5): bytes at their places in a frame, each whole or not at all. So they
 *                  see only frames without tags, IPv4 only without options, and IPv6 only without further headers.
 *
 * Of the first three the last one is kept for time stamps (clock.c). What is to be dropped goes to a queue that is not
 * enabled; those that cannot see all of it, or see more, drop nothing.
 */
#include "../advanced/filter.h"
#include "igb.h"

#define ETHER_TYPE_QUEUES 8u /* ETQF has three bits for them */

enum table { ETHER_TYPE, TUPLE5, TUPLE2, FLEX };

static const char *const names[] = { "EtherType", "5-tuple", "2-tuple", "flex" };

/* The last queue that a filter of @table can name: where packets are dropped, if it is not one of the port's. */
static unsigned last_queue(const struct gigabit *nic, enum table table)
{
	unsigned queues = nic->kind->queues;

	return (table == ETHER_TYPE && queues > ETHER_TYPE_QUEUES ? ETHER_TYPE_QUEUES : queues) - 1;
}

static unsigned queue_of(const struct gigabit *nic, enum table table, const struct weir_filter *f)
{
	return f->queue == WEIR_FILTER_DROP ? last_queue(nic, table) : f->queue;
}

/* Whether a filter of @table can have the packets go where they are to. Returns 0, or -ENOTSUP with a sentence. */
static int queue_can(struct weir_port *port, enum table table, const struct weir_filter *f)
{
	unsigned last = last_queue(gigabit(port), table);

	if (f->queue == WEIR_FILTER_DROP && port->info.rx_queues > last)
		return weir_fail(port->weir, -ENOTSUP,
		                 "port '%s': the device drops packets in a queue that is not used; open the port with "
		                 "at most %u receive queues",
		                 port->spec, last);
	if (f->queue != WEIR_FILTER_DROP && f->queue > last)
		return weir_fail(port->weir, -ENOTSUP, "port '%s': an %s filter can choose the queues 0 to %u",
		                 port->spec, names[table], last);
	return 0;
}

static int no_room(struct weir_port *port, enum table table)
{
	return weir_fail(port->weir, -ENOSPC, "port '%s': all %u %s filters are taken", port->spec, IGB_FILTERS,
	                 names[table]);
}

/* --- EtherType (8.11.5) --------------------------------------------------------------------------------------------------------- */

static void ether_type_write(struct gigabit *nic, unsigned i, const struct weir_filter *f)
{
	reg_set(nic, IGB_AT(ETQF, i),
	        !f ? 0
	           : field(ETQF_TYPE, f->ether_type) | field(ETQF_QUEUE, queue_of(nic, ETHER_TYPE, f)) |
	                 ETQF_QUEUE_ENABLE | ETQF_ENABLE);
}

static int ether_type_add(struct igb *own, struct port_filter *filter)
{
	const struct weir_filter *f = &filter->info.filter;
	struct weir_port *port = &own->nic.port;
	unsigned i = free_bit(&own->ether_types, IGB_FILTERS);
	int err = ether_type_can(port, f);

	if (!err)
		err = queue_can(port, ETHER_TYPE, f);
	if (err)
		return err;
	if (i == IGB_FILTERS)
		return no_room(port, ETHER_TYPE);
	ether_type_write(&own->nic, i, f);
	set_bit(&own->ether_types, i, true);
	filter->slot = slot_of(ETHER_TYPE, i);
	return 0;
}

/* --- tuples (8.11.1 to 8.11.7; I350 datasheet, 8.11.1) ------------------------------------------------------------------------------ */

static enum table tuple_table(const struct gigabit *nic)
{
	return is_newer(nic) ? TUPLE2 : TUPLE5;
}

/* A protocol and a port behind it, and nothing else. */
static bool tuple2_can(const struct weir_filter *f)
{
	uint32_t ip = WEIR_MATCH_IPV4 | WEIR_MATCH_IPV6, fields = WEIR_MATCH_PROTOCOL | WEIR_MATCH_DST_PORT;

	return f->match & ip && f->match & WEIR_MATCH_PROTOCOL && !(f->match & ~(ip | fields)) && !f->mark &&
	       (!(f->match & WEIR_MATCH_DST_PORT) || f->dst_port_mask == 0xffff);
}

/* What 5-tuples have beyond 2-tuples, and which of FTQF's fields are not compared. */
static uint32_t tuple5_write(struct gigabit *nic, unsigned i, const struct weir_filter *f)
{
	reg_set(nic, IGB_AT(SAQF, i), as_it_lies(f->src));
	reg_set(nic, IGB_AT(DAQF, i), as_it_lies(f->dst));
	reg_set(nic, IGB_AT(SPQF, i), weir_be16(f->src_port));
	return (f->match & WEIR_MATCH_SRC ? 0 : FTQF_MASK_SRC) | (f->match & WEIR_MATCH_DST ? 0 : FTQF_MASK_DST) |
	       (f->match & WEIR_MATCH_SRC_PORT ? 0 : FTQF_MASK_SRC_PORT);
}

static void tuple_write(struct gigabit *nic, unsigned i, const struct weir_filter *f)
{
	enum table table = tuple_table(nic);
	uint32_t skip = FTQF_MASK_SRC | FTQF_MASK_DST | FTQF_MASK_SRC_PORT;

	reg_set(nic, IGB_AT(FTQF, i), 0);
	if (!f)
		return;
	if (table == TUPLE5)
		skip = tuple5_write(nic, i, f);
	reg_set(nic, IGB_AT(IMIR, i),
	        weir_be16(f->dst_port) | (f->match & WEIR_MATCH_DST_PORT ? 0 : IMIR_BYPASS) |
	            field(IMIR_PRIORITY, f->priority));
	reg_set(nic, IGB_AT(IMIREXT, i), IMIREXT_ANY);
	reg_set(nic, IGB_AT(FTQF, i),
	        field(FTQF_PROTOCOL, f->protocol) | field(FTQF_QUEUE, queue_of(nic, table, f)) | FTQF_QUEUE_ENABLE |
	            FTQF_MASK_POOL | (f->match & WEIR_MATCH_PROTOCOL ? 0 : FTQF_MASK_PROTOCOL) | skip);
}

static int tuple_refuse(struct weir_port *port, enum table table)
{
	return weir_fail(port->weir, -ENOTSUP,
	                 table == TUPLE5 ? "port '%s': the device can compare whole addresses, protocol and ports of "
	                                   "IPv4, or an EtherType, without a mark"
	                                 : "port '%s': the device can compare whole bytes of addresses, protocol and "
	                                   "ports, or an EtherType, without a mark",
	                 port->spec);
}

static int tuple_add(struct igb *own, struct port_filter *filter)
{
	const struct weir_filter *f = &filter->info.filter;
	struct weir_port *port = &own->nic.port;
	enum table table = tuple_table(&own->nic);
	unsigned i = free_bit(&own->tuples, IGB_FILTERS);
	int err;

	if (table == TUPLE2 && f->queue == WEIR_FILTER_DROP)
		return weir_fail(port->weir, -ENOTSUP,
		                 "port '%s': the device cannot tell IPv4 from IPv6 here, and would drop both",
		                 port->spec);
	err = queue_can(port, table, f);
	if (err)
		return err;
	if (i == IGB_FILTERS)
		return no_room(port, table);
	tuple_write(&own->nic, i, f);
	set_bit(&own->tuples, i, true);
	filter->slot = slot_of(table, i);
	return 0;
}

/* --- flex (I350 datasheet, 7.1.2.5 and 8.17.14) --------------------------------------------------------------------------------- */

#define FLEX_BYTES 128u
#define FLEX_ROW   8u /* bytes, which are followed by a bit each that says which of them are compared */

/* What a frame must have at which places. */
struct flex {
	uint8_t bytes[FLEX_BYTES], mask[FLEX_BYTES / FLEX_ROW];
	unsigned len;
};

static void flex_put(struct flex *flex, unsigned at, const void *bytes, unsigned n)
{
	memcpy(flex->bytes + at, bytes, n);
	for (unsigned i = at; i < at + n; i++)
		flex->mask[i / FLEX_ROW] |= (uint8_t)(1u << i % FLEX_ROW);
	if (at + n > flex->len)
		flex->len = at + n;
}

static void flex_put_port(struct flex *flex, unsigned at, uint16_t port, uint16_t mask)
{
	uint8_t bytes[2];

	weir_store_be16(bytes, port);
	if (mask & 0xff00)
		flex_put(flex, at, bytes, 1);
	if (mask & 0x00ff)
		flex_put(flex, at + 1, bytes + 1, 1);
}

/* The port's fields stand behind the address's in both headers. */
static void flex_make(struct flex *flex, const struct weir_filter *f)
{
	static const uint8_t ipv4[] = { 8, 0, 0x45 }, ipv6[] = { 0x86, 0xdd };
	bool six = f->match & WEIR_MATCH_IPV6;
	unsigned size = six ? 16 : 4, src = six ? 22 : 26;

	memset(flex, 0, sizeof(*flex));
	flex_put(flex, 12, six ? ipv6 : ipv4, six ? sizeof(ipv6) : sizeof(ipv4));
	if (f->match & WEIR_MATCH_PROTOCOL)
		flex_put(flex, six ? 20 : 23, &f->protocol, 1);
	if (f->match & WEIR_MATCH_SRC)
		flex_put(flex, src, f->src, f->src_prefix / 8u);
	if (f->match & WEIR_MATCH_DST)
		flex_put(flex, src + size, f->dst, f->dst_prefix / 8u);
	if (f->match & WEIR_MATCH_SRC_PORT)
		flex_put_port(flex, src + 2 * size, f->src_port, f->src_port_mask);
	if (f->match & WEIR_MATCH_DST_PORT)
		flex_put_port(flex, src + 2 * size + 2, f->dst_port, f->dst_port_mask);
	flex->len = (flex->len + FLEX_ROW - 1) / FLEX_ROW * FLEX_ROW;
}

static bool bytes_of_port(uint16_t mask)
{
	return mask == 0xffff || mask == 0xff00 || mask == 0x00ff;
}

static bool flex_can(const struct weir_filter *f)
{
	return f->match & (WEIR_MATCH_IPV4 | WEIR_MATCH_IPV6) && !(f->match & ~(TUPLE_FIELDS | WEIR_MATCH_IPV6)) &&
	       !f->mark && f->queue != WEIR_FILTER_DROP && (!(f->match & WEIR_MATCH_SRC) || f->src_prefix % 8 == 0) &&
	       (!(f->match & WEIR_MATCH_DST) || f->dst_prefix % 8 == 0) &&
	       (!(f->match & WEIR_MATCH_SRC_PORT) || bytes_of_port(f->src_port_mask)) &&
	       (!(f->match & WEIR_MATCH_DST_PORT) || bytes_of_port(f->dst_port_mask));
}

static void flex_write(struct gigabit *nic, unsigned i, const struct weir_filter *f)
{
	uint32_t reg = i < 4 ? IGB_FHFT + i * 2 * FLEX_BYTES : IGB_FHFT_EXT + (i - 4) * 2 * FLEX_BYTES, words[2];
	struct flex flex;

	reg_change(nic, E1000_WUFC, WUFC_FLEX(i), 0);
	if (!f)
		return;
	flex_make(&flex, f);
	for (unsigned row = 0; row < FLEX_BYTES / FLEX_ROW; row++, reg += 16) {
		memcpy(words, flex.bytes + row * FLEX_ROW, sizeof(words));
		reg_set(nic, reg, words[0]);
		reg_set(nic, reg + 4, words[1]);
		reg_set(nic, reg + 8, flex.mask[row]);
	}
	reg_set(nic, reg - 4,
	        field(FHFT_LENGTH, flex.len) | field(FHFT_QUEUE, f->queue) | field(FHFT_PRIORITY, f->priority));
	reg_change(nic, E1000_WUFC, 0, WUFC_FLEX_QUEUES | WUFC_FLEX(i));
}

static int flex_add(struct igb *own, struct port_filter *filter)
{
	unsigned i = free_bit(&own->flexes, IGB_FLEXES);

	if (i == IGB_FLEXES)
		return weir_fail(own->nic.port.weir, -ENOSPC, "port '%s': all %u flex filters are taken",
		                 own->nic.port.spec, IGB_FLEXES);
	flex_write(&own->nic, i, &filter->info.filter);
	set_bit(&own->flexes, i, true);
	filter->slot = slot_of(FLEX, i);
	return 0;
}

/* --- all of them ----------------------------------------------------------------------------------------------------------------- */

static int add(struct igb *own, struct port_filter *filter)
{
	const struct weir_filter *f = &filter->info.filter;
	enum table table = tuple_table(&own->nic);
	bool tuple = table == TUPLE5 ? tuple_can(f) : tuple2_can(f), flex = table == TUPLE2 && flex_can(f);

	if (f->match & WEIR_MATCH_ETHER_TYPE)
		return ether_type_add(own, filter);
	if (tuple && !(flex && free_bit(&own->tuples, IGB_FILTERS) == IGB_FILTERS))
		return tuple_add(own, filter);
	return flex ? flex_add(own, filter) : tuple_refuse(&own->nic.port, table);
}

int igb_add_filter(struct weir_port *port, struct port_filter *filter)
{
	int err = add(igb(port), filter);

	if (!err)
		filter->info.table = names[table_of(filter)];
	return err;
}

/* Writes a filter's place of its table; @f NULL: empty. */
static void write_place(struct gigabit *nic, const struct port_filter *filter, const struct weir_filter *f)
{
	unsigned i = index_of(filter);

	switch (table_of(filter)) {
	case ETHER_TYPE:
		ether_type_write(nic, i, f);
		break;
	case FLEX:
		flex_write(nic, i, f);
		break;
	default:
		tuple_write(nic, i, f);
		break;
	}
}

int igb_remove_filter(struct weir_port *port, struct port_filter *filter)
{
	struct igb *own = igb(port);
	enum table table = table_of(filter);

	write_place(&own->nic, filter, NULL);
	set_bit(table == ETHER_TYPE ? &own->ether_types
	        : table == FLEX     ? &own->flexes
	                            : &own->tuples,
	        index_of(filter), false);
	return 0;
}

void igb_filters_restore(struct gigabit *nic)
{
	const struct port_wants *wants = &nic->port.wants;

	reg_set(nic, IGB_SYNQF, 0);
	for (unsigned i = 0; i < IGB_FILTERS; i++) {
		ether_type_write(nic, i, NULL);
		tuple_write(nic, i, NULL);
	}
	for (unsigned i = 0; is_newer(nic) && i < IGB_FLEXES; i++)
		flex_write(nic, i, NULL);
	for (unsigned i = 0; i < wants->filter_count; i++)
		write_place(nic, &wants->filters[i], &wants->filters[i].info.filter);
}
