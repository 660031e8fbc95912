/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a frame is, whether its checksums are right, and which queue it goes to (82599 datasheet 7.1.2): the first of
 * EtherType filters, SYN filter, 5-tuple filters, flow director and RSS that has an opinion; SYNQF may put the SYN filter
 * behind the 5-tuple filters.
 */
#include "model.h"

/* --- RSS ---------------------------------------------------------------------------------------------------------------- */

static unsigned rss_types(uint32_t control)
{
	return (control & MRQC_TCP4 ? WEIR_RSS_IPV4_TCP : 0) | (control & MRQC_IP4 ? WEIR_RSS_IPV4 : 0) |
	       (control & MRQC_UDP4 ? WEIR_RSS_IPV4_UDP : 0) | (control & MRQC_TCP6 ? WEIR_RSS_IPV6_TCP : 0) |
	       (control & MRQC_IP6 ? WEIR_RSS_IPV6 : 0) | (control & MRQC_UDP6 ? WEIR_RSS_IPV6_UDP : 0);
}

static void rss(struct ix *ix, struct ix_rx_packet *packet, const struct sim_class *class)
{
	uint32_t control = ix_get(ix, IXGBE_MRQC);
	uint8_t key[WEIR_RSS_KEY];
	unsigned type;

	if (field_of(MRQC_MRQE, control) != MRQC_RSS)
		return;
	for (unsigned i = 0; i < IXGBE_RSSRK_COUNT; i++) {
		uint32_t word = ix_get(ix, IXGBE_AT(RSSRK, i));

		memcpy(key + 4 * i, &word, 4);
	}
	type = sim_rss(&ix->rss, key, rss_types(control), class, packet->frame, &packet->hash);
	if (!type)
		return;
	packet->type |= type;
	packet->queue = ix_get(ix, IXGBE_RETA + (packet->hash & 0x7c)) >> (packet->hash & 3) * 8 & 0xf;
}

/* --- filters ------------------------------------------------------------------------------------------------------------ */

static bool ether_type(struct ix *ix, struct ix_rx_packet *packet)
{
	unsigned type = packet->parsed.ether_type;

	for (unsigned i = 0; i < IXGBE_ETQF_COUNT; i++) {
		uint32_t filter = ix_get(ix, IXGBE_AT(ETQF, i)), select = ix_get(ix, IXGBE_AT(ETQS, i));

		if (!(filter & ETQF_ENABLE) || (filter & ETQF_TYPE) != type)
			continue;
		packet->type = RXD_TYPE_ETQF | field(RXD_TYPE_ETQF_INDEX, i);
		packet->immediate |= select & ETQS_LLI;
		if (!(select & ETQS_ENABLE))
			return false;
		packet->queue = field_of(ETQS_QUEUE, select);
		return true;
	}
	return false;
}

static bool syn(struct ix *ix, struct ix_rx_packet *packet)
{
	uint32_t filter = ix_get(ix, IXGBE_SYNQF);
	unsigned flags;

	if (!(filter & SYNQF_ENABLE) || !(packet->type & RXD_TYPE_TCP))
		return false;
	flags = packet->frame[packet->parsed.l4_off + 13];
	if ((flags & (WEIR_TCP_SYN | WEIR_TCP_ACK)) != WEIR_TCP_SYN)
		return false;
	packet->queue = field_of(SYNQF_QUEUE, filter);
	return true;
}

static unsigned filter_protocol(const struct ix_rx_packet *packet)
{
	return packet->type & RXD_TYPE_TCP ? 0 : packet->type & RXD_TYPE_UDP ? 1 : packet->type & RXD_TYPE_SCTP ? 2 : 3;
}

/* Addresses and ports stand in the registers as they lie in the packet. */
static bool tuple_matches(const struct ix *ix, const struct ix_rx_packet *packet, unsigned i, uint32_t filter)
{
	const uint8_t *ip = packet->frame + packet->parsed.l3_off, *l4 = packet->frame + packet->parsed.l4_off;
	uint32_t src, dst, ports = 0;

	memcpy(&src, ip + 12, 4);
	memcpy(&dst, ip + 16, 4);
	if (filter_protocol(packet) != 3)
		memcpy(&ports, l4, 4);
	ports ^= ix_get(ix, IXGBE_AT(SDPQF, i));
	return (filter & FTQF_MASK_PROTOCOL || field_of(FTQF_PROTOCOL, filter) == filter_protocol(packet)) &&
	       (filter & FTQF_MASK_SRC || ix_get(ix, IXGBE_AT(SAQF, i)) == src) &&
	       (filter & FTQF_MASK_DST || ix_get(ix, IXGBE_AT(DAQF, i)) == dst) &&
	       (filter & FTQF_MASK_SRC_PORT || !(ports & SDPQF_SRC)) &&
	       (filter & FTQF_MASK_DST_PORT || !(ports & SDPQF_DST));
}

static bool tuple(struct ix *ix, struct ix_rx_packet *packet)
{
	unsigned best = 0, found = IXGBE_FTQF_COUNT;
	uint32_t select;

	if (!(packet->type & RXD_TYPE_IPV4) || packet->parsed.flags & WEIR_PARSED_FRAGMENT)
		return false;
	for (unsigned i = 0; i < ix->tuples; i++) {
		uint32_t filter = ix_get(ix, IXGBE_AT(FTQF, i));
		unsigned priority = field_of(FTQF_PRIORITY, filter);

		if (!(filter & FTQF_ENABLE) || (found < IXGBE_FTQF_COUNT && priority <= best))
			continue;
		if (!tuple_matches(ix, packet, i, filter))
			continue;
		found = i;
		best = priority;
	}
	if (found == IXGBE_FTQF_COUNT)
		return false;
	select = ix_get(ix, IXGBE_AT(L34T_IMIR, found));
	packet->queue = field_of(L34T_QUEUE, select);
	packet->immediate |= select & L34T_LLI && (select & L34T_SIZE_BP ||
	                                           packet->len < field_of(LLITHRESH_SIZE, ix_get(ix, IXGBE_LLITHRESH)));
	return true;
}

static bool flow_filters(struct ix *ix, struct ix_rx_packet *packet)
{
	if (ix_get(ix, IXGBE_SYNQF) & SYNQF_PRIORITY)
		return syn(ix, packet) || tuple(ix, packet);
	return tuple(ix, packet) || syn(ix, packet);
}

/* --- all of it ------------------------------------------------------------------------------------------------- */

void ix_steer(struct ix *ix, struct ix_rx_packet *packet)
{
	uint32_t priority = ix_get(ix, IXGBE_IMIRVP);
	struct sim_class class;
	uint64_t queue;

	sim_classify(&class, packet->frame, packet->len, packet->tagged + !!(packet->status & RXD_VEXT));
	packet->parsed = class.parsed;
	packet->type = class.type;
	packet->status |= class.status | (class.ip_bad ? RXD_IPE : 0) | (class.l4_bad ? RXD_L4E : 0);
	rss(ix, packet, &class);
	if (!ether_type(ix, packet) && !flow_filters(ix, packet))
		ix_fdir_match(ix, packet);
	if (packet->tagged && priority & IMIRVP_ENABLE)
		packet->immediate |= packet->tci >> 13 >= field_of(IMIRVP_PRIORITY, priority);
	packet->status |= packet->immediate ? RXD_LLINT : 0;
	if (!packet->again)
		ix_time_received(ix, packet);
	if (sim_fault(&ix->nic, WEIR_SIM_RX_QUEUE, &queue))
		packet->queue = queue % IX_QUEUES;
}
