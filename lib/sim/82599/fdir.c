/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Flow director (82599 datasheet 7.1.2). A hash over what FDIRM and the masks leave of a packet chooses a bucket; of
 * the filters in that bucket the first that fits counts. A signature filter fits when its second hash does. A perfect
 * filter, of IPv4 only, fits when all fields do; its bucket has to be right all the same, so a driver has to hash as
 * well as the card.
 *
 * Addresses and their masks stand in their registers as they do in packets: the first byte is the lowest. Ports and the
 * VLAN are numbers, but the port masks have their bits reversed, each half for itself. In all masks a 1 means that the bit
 * is left out.
 */
#include "model.h"

#define L4_UDP  1u
#define L4_TCP  2u
#define L4_SCTP 3u

#define SIGNATURE 0x7fff0000u /* of FDIRHASH */

/* What is hashed and compared of a packet, masked. Numbers whose upper byte is the first one of the packet. */
struct fields {
	uint32_t type, vlan; /* type: layer 4, and 4 for IPv6 */
	uint32_t src, dst;   /* of IPv6 the four words of an address, added without carry */
	uint32_t ports;      /* source in the upper half */
	uint32_t flex;
};

static bool perfect(const struct ix *ix)
{
	return ix_get(ix, IXGBE_FDIRCTRL) & FDIRCTRL_PERFECT;
}

/* 8 K signatures in 64 KiB, and so on; a perfect filter takes four times as much. */
static unsigned buckets(const struct ix *ix)
{
	return 4096u >> (perfect(ix) ? 2 : 0) << field_of(FDIRCTRL_PBALLOC, ix_get(ix, IXGBE_FDIRCTRL));
}

/* Two are the card's own. */
static unsigned capacity(const struct ix *ix)
{
	return ix_get(ix, IXGBE_FDIRCTRL) & FDIRCTRL_PBALLOC ? buckets(ix) - 2 : 0;
}

static unsigned bucket_of(const struct ix *ix, uint32_t id)
{
	return id & (buckets(ix) - 1);
}

/* --- the table ------------------------------------------------------------------------------------------------------------ */

static struct ix_filter *at(struct ix *ix, unsigned number)
{
	return number ? &ix->filters[number - 1] : NULL;
}

/* Whether two values of FDIRHASH name the same filter. */
static bool same(const struct ix *ix, uint32_t a, uint32_t b)
{
	return bucket_of(ix, a) == bucket_of(ix, b) && !((a ^ b) & (perfect(ix) ? 0xffff0000u : SIGNATURE));
}

/* Where the number of the filter stands, which is 0 when there is none. */
static uint16_t *find(struct ix *ix, uint32_t id)
{
	uint16_t *link = &ix->buckets[bucket_of(ix, id)];

	while (*link && !same(ix, at(ix, *link)->id, id))
		link = &at(ix, *link)->next;
	return link;
}

static void show_free(struct ix *ix)
{
	ix_set(ix, IXGBE_FDIRFREE,
	       field(FDIRFREE_FREE, capacity(ix) - ix->filter_count) | field(FDIRFREE_COLL, ix->filter_collisions));
}

void ix_fdir_reset(struct ix *ix)
{
	ix->filter_count = ix->filter_collisions = ix->filter_spare = ix->filters_used = 0;
	memset(ix->buckets, 0, sizeof(ix->buckets));
	show_free(ix);
}

static void count(struct ix *ix, uint32_t offset, uint32_t mask)
{
	uint32_t value = ix_get(ix, offset);

	if ((value & mask) != mask)
		ix_set(ix, offset, value + field(mask, 1));
}

static void note_length(struct ix *ix, uint32_t id)
{
	unsigned length = 0;

	for (unsigned i = ix->buckets[bucket_of(ix, id)]; i; i = at(ix, i)->next)
		length++;
	if (length > field_of(FDIRLEN_MAXLEN, ix_get(ix, IXGBE_FDIRLEN)) && length <= 63)
		ix_set(ix, IXGBE_FDIRLEN, field(FDIRLEN_MAXLEN, length) | field(FDIRLEN_MAXHASH, bucket_of(ix, id)));
}

/* Few filters are left: FULL_THRESH counts in sixteens. */
static void note_space(struct ix *ix)
{
	unsigned left = capacity(ix) - ix->filter_count;

	show_free(ix);
	if (left < field_of(FDIRCTRL_FULL_THRESH, ix_get(ix, IXGBE_FDIRCTRL)) * 16)
		ix_irq_other(ix, EICR_FDIR);
}

static void fill(struct ix *ix, struct ix_filter *filter, uint32_t command)
{
	filter->id = ix_get(ix, IXGBE_FDIRHASH);
	filter->src = __builtin_bswap32(ix_get(ix, IXGBE_FDIRIPSA));
	filter->dst = __builtin_bswap32(ix_get(ix, IXGBE_FDIRIPDA));
	filter->ports = ix_get(ix, IXGBE_FDIRPORT);
	filter->ports = filter->ports << 16 | filter->ports >> 16;
	filter->vlan = field_of(FDIRVLAN_TAG, ix_get(ix, IXGBE_FDIRVLAN));
	filter->flex = __builtin_bswap16((uint16_t)field_of(FDIRVLAN_FLEX, ix_get(ix, IXGBE_FDIRVLAN)));
	filter->command = command;
}

/* A filter that exists is changed if the command says so; else it is marked, because two flows share its hashes. */
static void add(struct ix *ix, uint32_t command)
{
	uint16_t *link = find(ix, ix_get(ix, IXGBE_FDIRHASH));
	struct ix_filter *filter = at(ix, *link);

	if (filter && command & FDIRCMD_UPDATE) {
		fill(ix, filter, command | (filter->command & FDIRCMD_COLLISION));
	} else if (filter) {
		ix->filter_collisions += !(filter->command & FDIRCMD_COLLISION);
		filter->command |= FDIRCMD_COLLISION;
		show_free(ix);
		return;
	} else if (ix->filter_count >= capacity(ix)) {
		count(ix, IXGBE_FDIRFSTAT, FDIRFSTAT_ADD);
		return;
	} else {
		*link = (uint16_t)(ix->filter_spare ? ix->filter_spare : ++ix->filters_used);
		filter = at(ix, *link);
		ix->filter_spare = ix->filter_spare ? filter->next : 0;
		filter->next = 0;
		ix->filter_count++;
		fill(ix, filter, command);
		note_length(ix, filter->id);
		note_space(ix);
	}
	count(ix, IXGBE_FDIRUSTAT, FDIRUSTAT_ADD);
}

static void remove_filter(struct ix *ix)
{
	uint16_t *link = find(ix, ix_get(ix, IXGBE_FDIRHASH));
	unsigned number = *link;
	struct ix_filter *filter = at(ix, number);

	if (!filter) {
		count(ix, IXGBE_FDIRFSTAT, FDIRFSTAT_REMOVE);
		return;
	}
	*link = filter->next;
	filter->next = (uint16_t)ix->filter_spare;
	ix->filter_spare = number;
	ix->filter_count--;
	ix->filter_collisions -= !!(filter->command & FDIRCMD_COLLISION);
	count(ix, IXGBE_FDIRUSTAT, FDIRUSTAT_REMOVE);
	show_free(ix);
}

/* Tells of the filter: whether there is one, and what it does. */
static uint32_t query(struct ix *ix, uint32_t left)
{
	const struct ix_filter *filter = at(ix, *find(ix, ix_get(ix, IXGBE_FDIRHASH)));

	return filter ? (filter->command & ~(FDIRCMD_CMD | FDIRCMD_UPDATE)) | FDIRCMD_VALID : left;
}

/* Returns what FDIRCMD holds then: commands take no time. */
uint32_t ix_fdir_command(struct ix *ix, uint32_t command)
{
	uint32_t left = command & ~(FDIRCMD_CMD | FDIRCMD_VALID);

	if (command & FDIRCMD_CLEARHT)
		ix_fdir_reset(ix);
	switch (field_of(FDIRCMD_CMD, command)) {
	case FDIRCMD_ADD:
		if (perfect(ix) && command & FDIRCMD_IPV6)
			sim_violation(&ix->nic, "7.1.2", "a perfect filter of IPv6 is added; there are none");
		add(ix, left);
		return left;
	case FDIRCMD_REMOVE:
		remove_filter(ix);
		return left;
	case FDIRCMD_QUERY:
		return query(ix, left);
	default:
		return left;
	}
}

/* The filters' memory is cut off from the packet buffers, which must have been made smaller. */
uint32_t ix_fdir_control(struct ix *ix, uint32_t value)
{
	uint32_t filters = field_of(FDIRCTRL_PBALLOC, value) ? 32u << field_of(FDIRCTRL_PBALLOC, value) : 0,
		 packets = 0;

	for (unsigned i = 0; i < IXGBE_RXPBSIZE_COUNT; i++)
		packets += ix_get(ix, IXGBE_AT(RXPBSIZE, i)) >> 10 & 0x3ff;
	if (filters && packets + filters > IX_PACKET_KIB)
		sim_violation(&ix->nic, "7.1.2", "filters of %u KiB do not fit beside packet buffers of %u KiB",
		              filters, packets);
	ix_set(ix, IXGBE_FDIRCTRL, value);
	ix_fdir_reset(ix);
	return value | FDIRCTRL_INIT_DONE;
}

/* --- packets -------------------------------------------------------------------------------------------------------------- */

static unsigned l4_type(const struct ix_rx_packet *packet)
{
	return packet->type & RXD_TYPE_UDP    ? L4_UDP
	       : packet->type & RXD_TYPE_TCP  ? L4_TCP
	       : packet->type & RXD_TYPE_SCTP ? L4_SCTP
	                                      : 0;
}

/* Which bits of the ports count, source above. Those of SCTP are not looked at. */
static uint32_t port_mask(const struct ix *ix, unsigned l4)
{
	uint32_t left_out, mask = 0;

	if (l4 != L4_UDP && l4 != L4_TCP)
		return 0;
	left_out = ix_get(ix, l4 == L4_UDP ? IXGBE_FDIRUDPM : IXGBE_FDIRTCPM);
	for (unsigned i = 0; i < 32; i++)
		mask |= (~left_out >> i & 1) << (31 - i);
	return mask;
}

/* FDIRIP6M has a bit for each byte. */
static uint32_t ipv6_address(const uint8_t *address, uint32_t left_out)
{
	uint32_t all = 0;

	for (unsigned i = 0; i < 16; i++)
		if (!(left_out >> i & 1))
			all ^= (uint32_t)address[i] << (3 - i % 4) * 8;
	return all;
}

static struct fields fields_of(const struct ix *ix, const struct ix_rx_packet *packet)
{
	uint32_t what = ix_get(ix, IXGBE_FDIRM), ip6m = ix_get(ix, IXGBE_FDIRIP6M);
	size_t flex = (size_t)field_of(FDIRCTRL_FLEX, ix_get(ix, IXGBE_FDIRCTRL)) * 2;
	const uint8_t *ip = packet->frame + packet->parsed.l3_off;
	bool ipv6 = packet->type & RXD_TYPE_IPV6;
	unsigned l4 = l4_type(packet);
	struct fields f = {
		.type = (ipv6 ? 4 : 0) | (what & FDIRM_L4P ? 0 : l4),
		.vlan = packet->tci & ((what & FDIRM_VLANID ? 0 : 0x0fffu) | (what & FDIRM_VLANP ? 0 : 0xe000u)),
	};

	if (ipv6) {
		f.src = ipv6_address(ip + 8, ip6m & 0xffff);
		f.dst = ipv6_address(ip + 24, ip6m >> 16);
	} else {
		f.src = weir_load_be32(ip + 12) & ~__builtin_bswap32(ix_get(ix, IXGBE_FDIRSIP4M));
		f.dst = weir_load_be32(ip + 16) & ~__builtin_bswap32(ix_get(ix, IXGBE_FDIRDIP4M));
	}
	f.ports = ((uint32_t)packet->parsed.src_port << 16 | packet->parsed.dst_port) & port_mask(ix, l4);
	if (!(what & FDIRM_FLEX) && flex + 2 <= packet->len)
		f.flex = weir_load_be16(packet->frame + flex);
	return f;
}

/*
 * Bit n of the key adds the 16 bits of the stream that begin at its bit n, where the stream of 352 bits is first folded
 * to 32, type and VLAN foremost. What comes foremost is not in the place of bit 0.
 */
static unsigned hash(const struct fields *f, uint32_t key)
{
	uint32_t first = f->type << 16 | f->vlan, high = f->src ^ f->dst ^ f->ports ^ f->flex << 16,
		 low = high << 16 | high >> 16, sum;

	high ^= first ^ first >> 16;
	sum = (key & 1 ? low : 0) ^ (key >> 16 & 1 ? high : 0);
	low ^= first ^ first << 16;
	for (unsigned i = 1; i < 16; i++)
		sum ^= (key >> i & 1 ? low >> i : 0) ^ (key >> (i + 16) & 1 ? high >> i : 0);
	return sum & 0xffff;
}

/* A filter's fields are compared where the packet's count. */
static bool equal(const struct ix *ix, const struct ix_filter *filter, const struct fields *f)
{
	uint32_t what = ix_get(ix, IXGBE_FDIRM),
		 vlan = (what & FDIRM_VLANID ? 0 : 0x0fffu) | (what & FDIRM_VLANP ? 0 : 0xe000u);

	return !(filter->command & FDIRCMD_IPV6) &&
	       (what & FDIRM_L4P || field_of(FDIRCMD_L4TYPE, filter->command) == f->type) &&
	       !((filter->src ^ f->src) & ~__builtin_bswap32(ix_get(ix, IXGBE_FDIRSIP4M))) &&
	       !((filter->dst ^ f->dst) & ~__builtin_bswap32(ix_get(ix, IXGBE_FDIRDIP4M))) &&
	       !((filter->ports ^ f->ports) & port_mask(ix, f->type)) && !((filter->vlan ^ f->vlan) & vlan) &&
	       (what & FDIRM_FLEX || filter->flex == f->flex);
}

/* The packet goes where the filter says. */
static void obey(struct ix *ix, struct ix_rx_packet *packet, const struct ix_filter *filter)
{
	uint32_t command = filter->command;

	packet->status |= RXD_FLM | (command & FDIRCMD_COLLISION ? RXD_FDIR_COLL : 0);
	if (command & FDIRCMD_DROP) {
		packet->drop = true;
		packet->status |= RXD_FDIR_DROP;
		packet->queue = field_of(FDIRCTRL_DROP_QUEUE, ix_get(ix, IXGBE_FDIRCTRL));
	} else if (command & FDIRCMD_QUEUE_EN) {
		packet->queue = field_of(FDIRCMD_QUEUE, command);
	}
	packet->immediate |= command & FDIRCMD_INT;
}

static void report(struct ix_rx_packet *packet, unsigned bucket, unsigned id)
{
	packet->hash = bucket << 16 | id;
	packet->type = (packet->type & ~RXD_RSS_TYPE) | RSS_TYPE_FDIR;
}

void ix_fdir_match(struct ix *ix, struct ix_rx_packet *packet)
{
	uint32_t control = ix_get(ix, IXGBE_FDIRCTRL);
	unsigned bucket, signature, passed = 0, number;
	const struct ix_filter *filter = NULL;
	struct fields f;

	if (!(control & FDIRCTRL_PBALLOC) || !(packet->type & (RXD_TYPE_IPV4 | RXD_TYPE_IPV6)) ||
	    (perfect(ix) && packet->type & RXD_TYPE_IPV6))
		return;
	f = fields_of(ix, packet);
	bucket = hash(&f, ix_get(ix, IXGBE_FDIRHKEY)) & (buckets(ix) - 1);
	signature = hash(&f, ix_get(ix, IXGBE_FDIRSKEY)) & 0x7fff;
	for (number = ix->buckets[bucket]; number; number = filter->next, passed++) {
		filter = at(ix, number);
		if (perfect(ix) ? equal(ix, filter, &f) : field_of(SIGNATURE, filter->id) == signature)
			break;
	}
	if (!packet->again)
		ix_count(ix, number ? IXGBE_FDIRMATCH : IXGBE_FDIRMISS, 1);
	if (number) {
		obey(ix, packet, filter);
		if (passed >= 2 * field_of(FDIRCTRL_MAX_LENGTH, control))
			packet->status |= RXD_FDIR_LENGTH;
	}
	if (control & FDIRCTRL_REPORT_ALWAYS || (number && control & FDIRCTRL_REPORT))
		report(packet, bucket, number && perfect(ix) ? filter->id >> 16 : signature);
}
