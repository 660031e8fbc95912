/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a frame is, whether its checksums are right, and which queue it goes to (82599 datasheet 7.1.2): the first of
 * EtherType filters, SYN filter, 5-tuple filters, flow director and RSS that has an opinion; SYNQF may put the SYN filter
 * behind the 5-tuple filters.
 */
#include "model.h"

static void set_type(struct ix_rx_packet *packet)
{
	const struct weir_parsed *parsed = &packet->parsed;

	if (parsed->flags & WEIR_PKT_IPV4 && packet->parsed_ok) {
		packet->type |= RXD_TYPE_IPV4;
		if ((packet->frame[parsed->l3_off] & 0xf) > 5)
			packet->type |= RXD_TYPE_IPV4E;
	} else if (packet->parsed_ok) {
		packet->type |= RXD_TYPE_IPV6;
		if (parsed->l3_len > 40)
			packet->type |= RXD_TYPE_IPV6E;
	}
	if (parsed->flags & WEIR_PARSED_FRAGMENT || !packet->parsed_ok)
		return;
	switch (parsed->flags & WEIR_PKT_L4) {
	case WEIR_PKT_TCP:
		packet->type |= RXD_TYPE_TCP;
		break;
	case WEIR_PKT_UDP:
		packet->type |= RXD_TYPE_UDP;
		break;
	case WEIR_PKT_SCTP:
		packet->type |= RXD_TYPE_SCTP;
		break;
	default:
		break;
	}
}

static void check_sums(struct ix_rx_packet *packet)
{
	struct weir_pkt pkt = { .len = (uint16_t)packet->len };
	unsigned verdict = weir_pkt_check((uint8_t *)packet->frame, &pkt, 1, &packet->parsed);

	if (packet->type & RXD_TYPE_IPV4) {
		packet->status |= RXD_IPCS;
		if (verdict & WEIR_PKT_IP_BAD)
			packet->status |= RXD_IPE;
	}
	if (!(packet->type & (RXD_TYPE_TCP | RXD_TYPE_UDP | RXD_TYPE_SCTP)) ||
	    !(verdict & (WEIR_PKT_L4_GOOD | WEIR_PKT_L4_BAD)))
		return;
	packet->status |= RXD_L4CS;
	if (packet->type & RXD_TYPE_UDP)
		packet->status |= RXD_UDPCS;
	if (verdict & WEIR_PKT_L4_BAD)
		packet->status |= RXD_L4E;
}

/* --- RSS ---------------------------------------------------------------------------------------------------------------- */

static unsigned rss_types(uint32_t control)
{
	return (control & MRQC_TCP4 ? WEIR_RSS_IPV4_TCP : 0) | (control & MRQC_IP4 ? WEIR_RSS_IPV4 : 0) |
	       (control & MRQC_UDP4 ? WEIR_RSS_IPV4_UDP : 0) | (control & MRQC_TCP6 ? WEIR_RSS_IPV6_TCP : 0) |
	       (control & MRQC_IP6 ? WEIR_RSS_IPV6 : 0) | (control & MRQC_UDP6 ? WEIR_RSS_IPV6_UDP : 0);
}

/* How the number of bytes that were hashed, and the packet, say what they were. */
static uint32_t rss_type(const struct ix_rx_packet *packet, unsigned len)
{
	bool tcp = packet->type & RXD_TYPE_TCP;

	switch (len) {
	case 8:
		return RSS_TYPE_IP4;
	case 12:
		return tcp ? RSS_TYPE_TCP4 : RSS_TYPE_UDP4;
	case 32:
		return RSS_TYPE_IP6;
	default:
		return tcp ? RSS_TYPE_TCP6 : RSS_TYPE_UDP6;
	}
}

static void rss(struct ix *ix, struct ix_rx_packet *packet)
{
	uint32_t control = ix_get(ix, IXGBE_MRQC);
	uint8_t input[WEIR_RSS_INPUT], key[WEIR_RSS_KEY];
	unsigned len;

	if (field_of(MRQC_MRQE, control) != MRQC_RSS || !packet->parsed_ok)
		return;
	len = weir_rss_input(packet->frame, &packet->parsed, rss_types(control), input);
	if (!len)
		return;
	for (unsigned i = 0; i < IXGBE_RSSRK_COUNT; i++) {
		uint32_t word = ix_get(ix, IXGBE_AT(RSSRK, i));

		memcpy(key + 4 * i, &word, 4);
	}
	if (!ix->rss.made || memcmp(key, ix->rss.key, sizeof(key))) {
		weir_toeplitz_init(&ix->rss.table, key);
		memcpy(ix->rss.key, key, sizeof(key));
		ix->rss.made = true;
	}
	packet->hash = weir_toeplitz(&ix->rss.table, input, len);
	packet->type |= rss_type(packet, len);
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
	for (unsigned i = 0; i < IXGBE_FTQF_COUNT; i++) {
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

/* Hardware looks behind one VLAN tag, or two where that is set up, and behind no MPLS label. */
static bool understood(const struct ix_rx_packet *packet)
{
	const struct weir_parsed *parsed = &packet->parsed;
	unsigned tags = packet->tagged + !!(packet->status & RXD_VEXT);

	return !parsed->labels && parsed->tags <= tags && parsed->flags & (WEIR_PKT_IPV4 | WEIR_PKT_IPV6) &&
	       !(parsed->errors & (WEIR_PARSE_TRUNCATED | WEIR_PARSE_VERSION | WEIR_PARSE_IHL | WEIR_PARSE_CUT));
}

void ix_steer(struct ix *ix, struct ix_rx_packet *packet)
{
	uint32_t priority = ix_get(ix, IXGBE_IMIRVP);
	uint64_t queue;

	weir_parse(packet->frame, packet->len, &packet->parsed);
	packet->parsed_ok = understood(packet);
	set_type(packet);
	if (packet->parsed_ok)
		check_sums(packet);
	rss(ix, packet);
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
