/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Flow director, perfect filters of IPv4 (82599 datasheet 7.1.2.7). Filters are found by comparing their fields; the
 * card finds them by the hash in FDIRHASH, which here only names them. Signature filters are kept, and match nothing.
 */
#include "model.h"

static struct ix_filter *find(struct ix *ix, uint32_t id)
{
	for (unsigned i = 0; i < ix->filter_count; i++)
		if (ix->filters[i].id == id)
			return &ix->filters[i];
	return NULL;
}

void ix_fdir_reset(struct ix *ix)
{
	ix->filter_count = 0;
	ix_set(ix, IXGBE_FDIRFREE, IX_FILTERS);
}

static void tell(struct ix *ix, uint32_t counter, bool removed)
{
	ix_set(ix, counter, ix_get(ix, counter) + (removed ? 1u << 16 : 1));
	ix_set(ix, IXGBE_FDIRFREE, IX_FILTERS - ix->filter_count);
}

static void add(struct ix *ix, uint32_t command)
{
	uint32_t id = ix_get(ix, IXGBE_FDIRHASH);
	struct ix_filter *filter = find(ix, id);

	if (!filter && ix->filter_count == IX_FILTERS) {
		tell(ix, IXGBE_FDIRFSTAT, false);
		return;
	}
	if (!filter)
		filter = &ix->filters[ix->filter_count++];
	*filter = (struct ix_filter){
		.id = id,
		.src = ix_get(ix, IXGBE_FDIRIPSA),
		.dst = ix_get(ix, IXGBE_FDIRIPDA),
		.ports = ix_get(ix, IXGBE_FDIRPORT),
		.vlan = ix_get(ix, IXGBE_FDIRVLAN),
		.command = command,
	};
	tell(ix, IXGBE_FDIRUSTAT, false);
}

/* Returns what FDIRCMD holds then: commands take no time. */
uint32_t ix_fdir_command(struct ix *ix, uint32_t command)
{
	struct ix_filter *filter = find(ix, ix_get(ix, IXGBE_FDIRHASH));
	uint32_t left = command & ~(FDIRCMD_CMD | FDIRCMD_VALID);

	if (command & FDIRCMD_CLEARHT)
		ix_fdir_reset(ix);
	switch (field_of(FDIRCMD_CMD, command)) {
	case FDIRCMD_ADD:
		add(ix, left);
		return left;
	case FDIRCMD_REMOVE:
		if (filter) {
			*filter = ix->filters[--ix->filter_count];
			tell(ix, IXGBE_FDIRUSTAT, true);
		} else {
			tell(ix, IXGBE_FDIRFSTAT, true);
		}
		return left;
	case FDIRCMD_QUERY:
		return left | (filter ? FDIRCMD_VALID : 0);
	default:
		return left;
	}
}

static unsigned l4_type(const struct ix_rx_packet *packet)
{
	return packet->type & RXD_TYPE_UDP ? 1 : packet->type & RXD_TYPE_TCP ? 2 : packet->type & RXD_TYPE_SCTP ? 3 : 0;
}

/* The port masks are bit-reversed, each half for itself, and a set bit is not compared. */
static uint32_t port_mask(const struct ix *ix, unsigned l4)
{
	uint32_t value = l4 == 0 ? UINT32_MAX
	                         : ix_get(ix, l4 == 1   ? IXGBE_FDIRUDPM
	                                      : l4 == 2 ? IXGBE_FDIRTCPM
	                                                : IXGBE_FDIRSCTPM);
	uint32_t mask = 0;

	for (unsigned i = 0; i < 16; i++)
		mask |= (value >> i & 1) << (15 - i) | (value >> (16 + i) & 1) << (31 - i);
	return ~mask;
}

static bool matches(const struct ix *ix, const struct ix_rx_packet *packet, const struct ix_filter *filter)
{
	const uint8_t *ip = packet->frame + packet->parsed.l3_off;
	uint32_t what = ix_get(ix, IXGBE_FDIRM),
		 ports = (uint32_t)packet->parsed.dst_port << 16 | packet->parsed.src_port;
	uint32_t vlan = (what & FDIRM_VLANID ? 0 : 0x0fff) | (what & FDIRM_VLANP ? 0 : 0xe000);
	unsigned l4 = l4_type(packet);

	if (filter->command & FDIRCMD_IPV6)
		return false;
	if (!(what & FDIRM_L4P) && field_of(FDIRCMD_L4TYPE, filter->command) != l4)
		return false;
	return !((weir_load_be32(ip + 12) ^ filter->src) & ~ix_get(ix, IXGBE_FDIRSIP4M)) &&
	       !((weir_load_be32(ip + 16) ^ filter->dst) & ~ix_get(ix, IXGBE_FDIRDIP4M)) &&
	       !((ports ^ filter->ports) & port_mask(ix, l4)) && !((packet->tci ^ filter->vlan) & vlan);
}

bool ix_fdir_match(struct ix *ix, struct ix_rx_packet *packet)
{
	uint32_t control = ix_get(ix, IXGBE_FDIRCTRL);

	if (!(control & FDIRCTRL_PBALLOC) || !(control & FDIRCTRL_PERFECT) || !(packet->type & RXD_TYPE_IPV4))
		return false;
	for (unsigned i = 0; i < ix->filter_count; i++) {
		const struct ix_filter *filter = &ix->filters[i];

		if (!matches(ix, packet, filter))
			continue;
		ix_count(ix, IXGBE_FDIRMATCH, 1);
		packet->drop = filter->command & FDIRCMD_DROP;
		if (filter->command & FDIRCMD_QUEUE_EN)
			packet->queue = field_of(FDIRCMD_QUEUE, filter->command);
		packet->status |= RXD_FLM;
		if (control & (FDIRCTRL_REPORT | FDIRCTRL_REPORT_ALWAYS)) {
			/* The filter's index in the lower half, its bucket in the upper. */
			packet->hash = filter->id >> 16 | filter->id << 16;
			packet->type = (packet->type & ~RXD_RSS_TYPE) | RSS_TYPE_FDIR;
		}
		if (filter->command & FDIRCMD_INT)
			ix_irq_other(ix, EICR_FDIR);
		return true;
	}
	ix_count(ix, IXGBE_FDIRMISS, 1);
	return false;
}
