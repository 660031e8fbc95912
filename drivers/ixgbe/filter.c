/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Filters that choose a packet's queue (82599 datasheet 7.1.2). Three tables have them, and the hardware asks in this
 * order:
 *
 *      EtherType        8 (7.1.2.3); one is kept for time stamps
 *      5-tuple          128 (7.1.2.5): IPv4; each field exactly or not at all; priorities
 *      flow director    up to 8,190 perfect filters (7.1.2): IPv4 and VLANs; any masks, but one set of them for all;
 *                       marks. They live in a part of the receive packet buffer, which is taken when the first one comes.
 *
 * A filter goes to the first that can express it and has room.
 */
#include "../advanced/filter.h"
#include "ixgbe.h"

/* What goes to a queue that is not enabled is dropped (4.6.7.1.2). No port has so many. */
#define DROP_QUEUE 127u

enum table { ETHER_TYPE, TUPLE, FLOW_DIRECTOR };

static const char *const names[] = { "EtherType", "5-tuple", "flow director" };

static unsigned queue_of(const struct weir_filter *f)
{
	return f->queue == WEIR_FILTER_DROP ? DROP_QUEUE : f->queue;
}

/* --- EtherType ------------------------------------------------------------------------------------------------------------------ */

static void ether_type_write(struct ixgbe *nic, unsigned i, const struct weir_filter *f)
{
	reg_set(nic, IXGBE_AT(ETQF, i), 0);
	if (!f)
		return;
	reg_set(nic, IXGBE_AT(ETQS, i), field(ETQS_QUEUE, queue_of(f)) | ETQS_ENABLE);
	reg_set(nic, IXGBE_AT(ETQF, i), field(ETQF_TYPE, f->ether_type) | ETQF_ENABLE);
}

static int ether_type_add(struct ixgbe *nic, struct port_filter *filter)
{
	const struct weir_filter *f = &filter->info.filter;
	unsigned i = free_bit(&nic->ether_types, IXGBE_ETQF_1588);
	/* The priority field that ETQF once had is reserved (specification update, change 10). */
	int err = ether_type_can(&nic->port, f);

	if (err)
		return err;
	if (i == IXGBE_ETQF_1588)
		return weir_fail(nic->port.weir, -ENOSPC, "port '%s': all %u EtherType filters are taken",
		                 nic->port.spec, IXGBE_ETQF_1588);
	ether_type_write(nic, i, f);
	set_bit(&nic->ether_types, i, true);
	filter->slot = slot_of(ETHER_TYPE, i);
	return 0;
}

/* --- 5-tuples ------------------------------------------------------------------------------------------------------------------- */

static unsigned tuple_protocol(const struct weir_filter *f)
{
	return f->protocol == WEIR_IP_SCTP ? 2 : f->protocol == WEIR_IP_UDP ? 1 : 0;
}

static void tuple_write(struct ixgbe *nic, unsigned i, const struct weir_filter *f)
{
	uint8_t ports[4];
	uint32_t skip;

	reg_set(nic, IXGBE_AT(FTQF, i), 0);
	if (!f)
		return;
	weir_store_be16(ports, f->src_port);
	weir_store_be16(ports + 2, f->dst_port);
	skip = (f->match & WEIR_MATCH_SRC ? 0 : FTQF_MASK_SRC) | (f->match & WEIR_MATCH_DST ? 0 : FTQF_MASK_DST) |
	       (f->match & WEIR_MATCH_SRC_PORT ? 0 : FTQF_MASK_SRC_PORT) |
	       (f->match & WEIR_MATCH_DST_PORT ? 0 : FTQF_MASK_DST_PORT) |
	       (f->match & WEIR_MATCH_PROTOCOL ? 0 : FTQF_MASK_PROTOCOL) | FTQF_MASK_POOL;
	reg_set(nic, IXGBE_AT(SAQF, i), as_it_lies(f->src));
	reg_set(nic, IXGBE_AT(DAQF, i), as_it_lies(f->dst));
	reg_set(nic, IXGBE_AT(SDPQF, i), as_it_lies(ports));
	reg_set(nic, IXGBE_AT(L34T_IMIR, i), field(L34T_QUEUE, queue_of(f)) | L34T_RESERVED);
	/* Priority 0 is reserved. */
	reg_set(nic, IXGBE_AT(FTQF, i),
	        field(FTQF_PROTOCOL, tuple_protocol(f)) | field(FTQF_PRIORITY, f->priority + 1u) | skip | FTQF_ENABLE);
}

static void tuple_add(struct ixgbe *nic, struct port_filter *filter, unsigned i)
{
	tuple_write(nic, i, &filter->info.filter);
	set_bit(nic->tuples, i, true);
	filter->slot = slot_of(TUPLE, i);
}

/* --- flow director ------------------------------------------------------------------------------------------------------------- */

#define FDIR_FIELDS (TUPLE_FIELDS | WEIR_MATCH_VLAN | WEIR_MATCH_VLAN_PRIORITY)

#define BUCKET_KEY    0x3dad14e2u /* 7.1.2: the keys that spread well */
#define SIGNATURE_KEY 0x174d3614u
#define BUCKETS       0x1fffu
#define FULL_AT       4u  /* FDIRCTRL: tell when so many times 16 filters are free, */
#define LONGEST       10u /* ... or a bucket has twice so many */
#define FDIR_WAIT     (10 * MS)

static unsigned fdir_room(unsigned size)
{
	return size ? (1024u << size) - 2 : 0;
}

/* Whether two filters look at the same bits. */
static bool same_shape(const struct weir_filter *a, const struct weir_filter *b)
{
	return a->match == b->match && a->src_prefix == b->src_prefix && a->dst_prefix == b->dst_prefix &&
	       a->src_port_mask == b->src_port_mask && a->dst_port_mask == b->dst_port_mask;
}

/* Of an address, as it lies. */
static uint32_t prefix_mask(unsigned prefix)
{
	uint8_t bytes[4];

	weir_store_be32(bytes, prefix ? UINT32_MAX << (32 - prefix) : 0);
	return as_it_lies(bytes);
}

/* The mask registers have the lowest bit of each port on the left. */
static uint32_t mirror16(uint32_t value)
{
	uint32_t mirrored = 0;

	for (unsigned i = 0; i < 16; i++)
		mirrored |= (value >> i & 1) << (15 - i);
	return mirrored;
}

/* What is not compared, of all filters. */
static void fdir_write_masks(struct ixgbe *nic, const struct weir_filter *f)
{
	uint32_t ports = ~(mirror16(f->dst_port_mask) << 16 | mirror16(f->src_port_mask));

	reg_set(nic, IXGBE_FDIRM,
	        (f->match & WEIR_MATCH_VLAN ? 0 : FDIRM_VLANID) |
	            (f->match & WEIR_MATCH_VLAN_PRIORITY ? 0 : FDIRM_VLANP) |
	            (f->match & WEIR_MATCH_PROTOCOL ? 0 : FDIRM_L4P) | FDIRM_POOL | FDIRM_FLEX | FDIRM_DIPV6);
	reg_set(nic, IXGBE_FDIRSIP4M, ~prefix_mask(f->src_prefix));
	reg_set(nic, IXGBE_FDIRDIP4M, ~prefix_mask(f->dst_prefix));
	reg_set(nic, IXGBE_FDIRTCPM, ports);
	reg_set(nic, IXGBE_FDIRUDPM, ports);
}

static uint32_t fdir_l4(const struct weir_filter *f)
{
	return f->protocol == WEIR_IP_SCTP ? 3 : f->protocol == WEIR_IP_TCP ? 2 : f->protocol == WEIR_IP_UDP ? 1 : 0;
}

static uint32_t fdir_tag(const struct weir_filter *f)
{
	return f->vlan | (uint32_t)f->vlan_priority << 13;
}

/*
 * Where the hardware looks for a filter (7.1.2): each bit of the key that is set adds what stands behind it in the
 * fields, which the key is as long as when repeated. Words that meet the same bits of the key can be added up first; only
 * the word of type and tag stands at one end, and is met in two halves.
 */
uint32_t ixgbe_fdir_bucket(const struct weir_filter *f)
{
	uint32_t first = fdir_l4(f) << 16 | fdir_tag(f);
	uint32_t high = weir_load_be32(f->dst) ^ weir_load_be32(f->src) ^ ((uint32_t)f->src_port << 16 | f->dst_port);
	uint32_t low = high >> 16 | high << 16, hash = 0;

	high ^= first ^ first >> 16;
	for (unsigned i = 0; i < 16; i++) {
		if (i == 1)
			low ^= first ^ first << 16;
		if (BUCKET_KEY >> i & 1)
			hash ^= low >> i;
		if (BUCKET_KEY >> (i + 16) & 1)
			hash ^= high >> i;
	}
	return hash & BUCKETS;
}

static int fdir_command(struct ixgbe *nic, uint32_t command)
{
	reg_set(nic, IXGBE_FDIRCMD, command);
	return reg_wait(nic, IXGBE_FDIRCMD, FDIRCMD_CMD, 0, FDIR_WAIT);
}

/* The software index is the filter's number: with the bucket it names the filter for removal, so no two are the same. */
static uint32_t fdir_name(const struct port_filter *filter)
{
	return ixgbe_fdir_bucket(&filter->info.filter) | index_of(filter) << 16;
}

static int fdir_write(struct ixgbe *nic, const struct port_filter *filter)
{
	const struct weir_filter *f = &filter->info.filter;
	int err;

	reg_set(nic, IXGBE_FDIRIPSA, as_it_lies(f->src));
	reg_set(nic, IXGBE_FDIRIPDA, as_it_lies(f->dst));
	reg_set(nic, IXGBE_FDIRPORT, (uint32_t)f->dst_port << 16 | f->src_port);
	reg_set(nic, IXGBE_FDIRVLAN, fdir_tag(f));
	reg_set(nic, IXGBE_FDIRHASH, fdir_name(filter));
	err = fdir_command(nic, field(FDIRCMD_CMD, FDIRCMD_ADD) | FDIRCMD_UPDATE | FDIRCMD_LAST | FDIRCMD_QUEUE_EN |
	                            field(FDIRCMD_L4TYPE, fdir_l4(f)) | field(FDIRCMD_QUEUE, queue_of(f)) |
	                            (f->queue == WEIR_FILTER_DROP ? FDIRCMD_DROP : 0));
	if (!err && reg_get(nic, IXGBE_FDIRFSTAT) & FDIRFSTAT_ADD)
		err = -ENOSPC;
	if (err)
		return weir_fail(nic->port.weir, err, "port '%s': flow director does not take filter %u",
		                 nic->port.spec, filter->info.id);
	__atomic_store_n(&nic->fdir.marks[index_of(filter)], f->mark, __ATOMIC_RELAXED);
	return 0;
}

/* Makes the table anew, of size code @size (0: off), and empty (7.1.2). The receiver is off. */
static int fdir_init(struct ixgbe *nic, unsigned size)
{
	int err;

	nic->fdir.size = size;
	nic->fdir.ready = true;
	nic->fdir.report = nic->port.conf.offloads & WEIR_OFFLOAD_RX_META;
	nic->rx_buffer = IXGBE_RX_BUFFER - (size ? 32768u << size : 0);
	reg_set(nic, IXGBE_RXPBSIZE, nic->rx_buffer);
	ixgbe_flow_apply(nic);
	err = reg_wait(nic, IXGBE_FDIRCMD, FDIRCMD_CMD, 0, FDIR_WAIT);
	reg_set(nic, IXGBE_FDIRCMD, FDIRCMD_CLEARHT);
	reg_set(nic, IXGBE_FDIRCMD, 0);
	reg_set(nic, IXGBE_FDIRHASH, 0);
	reg_set(nic, IXGBE_FDIRHKEY, BUCKET_KEY);
	reg_set(nic, IXGBE_FDIRSKEY, SIGNATURE_KEY);
	reg_set(nic, IXGBE_FDIRCTRL,
	        !size ? 0
	              : field(FDIRCTRL_PBALLOC, size) | FDIRCTRL_PERFECT | (nic->fdir.report ? FDIRCTRL_REPORT : 0) |
	                    field(FDIRCTRL_DROP_QUEUE, DROP_QUEUE) | field(FDIRCTRL_MAX_LENGTH, LONGEST) |
	                    field(FDIRCTRL_FULL_THRESH, FULL_AT));
	if (!err && size)
		err = reg_wait(nic, IXGBE_FDIRCTRL, FDIRCTRL_INIT_DONE, FDIRCTRL_INIT_DONE, FDIR_WAIT);
	if (err)
		return weir_fail(nic->port.weir, err, "port '%s': flow director does not start; close the port",
		                 nic->port.spec);
	return 0;
}

/* The table anew with all filters that it has. */
static int fdir_rebuild(struct ixgbe *nic, unsigned size)
{
	const struct port_wants *wants = &nic->port.wants;
	bool first = true;
	int err;

	ixgbe_receiver_pause(nic);
	err = fdir_init(nic, size);
	for (unsigned i = 0; !err && i < wants->filter_count; i++) {
		const struct port_filter *filter = &wants->filters[i];

		if (table_of(filter) != FLOW_DIRECTOR)
			continue;
		if (first)
			fdir_write_masks(nic, &filter->info.filter);
		first = false;
		err = fdir_write(nic, filter);
	}
	ixgbe_receiver_resume(nic);
	return err;
}

static const struct weir_filter *fdir_first(const struct ixgbe *nic)
{
	const struct port_wants *wants = &nic->port.wants;

	for (unsigned i = 0; i < wants->filter_count; i++)
		if (table_of(&wants->filters[i]) == FLOW_DIRECTOR)
			return &wants->filters[i].info.filter;
	return NULL;
}

/* Why flow director cannot have the filter; NULL: it can. */
static const char *fdir_cannot(const struct ixgbe *nic, const struct weir_filter *f)
{
	const struct weir_filter *first = fdir_first(nic);
	uint32_t ports = WEIR_MATCH_SRC_PORT | WEIR_MATCH_DST_PORT;

	if (f->match & WEIR_MATCH_IPV6)
		return "IPv6; it can filter IPv4, EtherTypes and VLANs";
	if (f->match & ~FDIR_FIELDS || !(f->match & WEIR_MATCH_IPV4))
		return "such fields together; with WEIR_MATCH_IPV4 it can compare tags, protocol, addresses and ports";
	if (f->match & WEIR_MATCH_PROTOCOL && !fdir_l4(f))
		return "this protocol; it can compare TCP, UDP and SCTP";
	if (f->protocol == WEIR_IP_SCTP && f->match & ports)
		return "ports of SCTP with masks, tags or marks; compare whole fields, without a mark";
	if (f->priority)
		return "priorities of filters with masks, tags or marks: they come after all others";
	if (first && !same_shape(first, f))
		return "two sets of masks, tags and marked fields: all such filters of a port must compare the same bits";
	return NULL;
}

static int fdir_add(struct ixgbe *nic, struct port_filter *filter)
{
	const char *why = fdir_cannot(nic, &filter->info.filter);
	unsigned i = free_bit(nic->fdir.used, IXGBE_FDIR_MAX);
	int err = 0;

	if (why)
		return weir_fail(nic->port.weir, -ENOTSUP, "port '%s': the device cannot filter %s", nic->port.spec,
		                 why);
	if (nic->fdir.count == fdir_room(3))
		return weir_fail(nic->port.weir, -ENOSPC, "port '%s': all %u filters of the flow director are taken",
		                 nic->port.spec, fdir_room(3));
	filter->slot = slot_of(FLOW_DIRECTOR, i);
	if (nic->fdir.count == fdir_room(nic->fdir.size))
		err = fdir_rebuild(nic, nic->fdir.size + 1);
	else if (!nic->fdir.ready)
		err = fdir_rebuild(nic, nic->fdir.size);
	if (!err && !nic->fdir.count)
		fdir_write_masks(nic, &filter->info.filter);
	if (!err)
		err = fdir_write(nic, filter);
	if (err)
		return err;
	set_bit(nic->fdir.used, i, true);
	nic->fdir.count++;
	return 0;
}

static int fdir_remove(struct ixgbe *nic, const struct port_filter *filter)
{
	int err;

	reg_set(nic, IXGBE_FDIRHASH, fdir_name(filter));
	err = fdir_command(nic, field(FDIRCMD_CMD, FDIRCMD_REMOVE));
	if (err)
		return weir_fail(nic->port.weir, err, "port '%s': flow director does not let go of filter %u",
		                 nic->port.spec, filter->info.id);
	set_bit(nic->fdir.used, index_of(filter), false);
	if (--nic->fdir.count)
		return 0;
	/* Packets get back what it had of their buffer. */
	ixgbe_receiver_pause(nic);
	err = fdir_init(nic, 0);
	ixgbe_receiver_resume(nic);
	return err;
}

/* --- all of them ----------------------------------------------------------------------------------------------------------------- */

int ixgbe_add_filter(struct weir_port *port, struct port_filter *filter)
{
	struct ixgbe *nic = ixgbe(port);
	const struct weir_filter *f = &filter->info.filter;
	unsigned tuple = tuple_can(f) ? free_bit(nic->tuples, IXGBE_FTQF_COUNT) : IXGBE_FTQF_COUNT;
	int err = 0;

	if (f->match & WEIR_MATCH_ETHER_TYPE)
		err = ether_type_add(nic, filter);
	else if (f->match & WEIR_MATCH_PROTOCOL && !fdir_l4(f))
		err = fdir_add(nic, filter); /* which says that it cannot */
	else if (tuple < IXGBE_FTQF_COUNT)
		tuple_add(nic, filter, tuple);
	else
		err = fdir_add(nic, filter);
	if (!err)
		filter->info.table = names[table_of(filter)];
	return err;
}

int ixgbe_remove_filter(struct weir_port *port, struct port_filter *filter)
{
	struct ixgbe *nic = ixgbe(port);
	unsigned i = index_of(filter);

	switch (table_of(filter)) {
	case ETHER_TYPE:
		ether_type_write(nic, i, NULL);
		set_bit(&nic->ether_types, i, false);
		return 0;
	case TUPLE:
		tuple_write(nic, i, NULL);
		set_bit(nic->tuples, i, false);
		return 0;
	default:
		return fdir_remove(nic, filter);
	}
}

int ixgbe_filters_restore(struct ixgbe *nic, bool cleared)
{
	const struct port_wants *wants = &nic->port.wants;
	bool report = nic->port.conf.offloads & WEIR_OFFLOAD_RX_META;

	for (unsigned i = 0; cleared && i < wants->filter_count; i++) {
		const struct port_filter *filter = &wants->filters[i];

		if (table_of(filter) == ETHER_TYPE)
			ether_type_write(nic, index_of(filter), &filter->info.filter);
		else if (table_of(filter) == TUPLE)
			tuple_write(nic, index_of(filter), &filter->info.filter);
	}
	if (!nic->fdir.size || (!cleared && nic->fdir.report == report))
		return 0;
	return fdir_rebuild(nic, nic->fdir.size);
}
