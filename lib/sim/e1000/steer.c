/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a frame is, whether its checksums are right, and which queue it goes to. The 82574 has RSS (82574 datasheet, 7.1.8);
 * on the 82576 filters come first (82576 datasheet, 7.1.1): EtherType, SYN, 5-tuples.
 */
#include "model.h"

/* --- RSS ---------------------------------------------------------------------------------------------------------------- */

static unsigned rss_types(const struct e1 *e1, uint32_t control)
{
	uint32_t tcp6 = e1_is_76(e1) ? MRQC_TCP6 | MRQC_TCP6_EX : MRQC_TCP6_EX;
	unsigned types = (control & MRQC_TCP4 ? WEIR_RSS_IPV4_TCP : 0) | (control & MRQC_IP4 ? WEIR_RSS_IPV4 : 0) |
	                 (control & tcp6 ? WEIR_RSS_IPV6_TCP : 0) |
	                 (control & (MRQC_IP6 | MRQC_IP6_EX) ? WEIR_RSS_IPV6 : 0);

	if (!e1_is_76(e1))
		return types;
	return types | (control & MRQC_UDP4 ? WEIR_RSS_IPV4_UDP : 0) |
	       (control & (MRQC_UDP6 | MRQC_UDP6_EX) ? WEIR_RSS_IPV6_UDP : 0);
}

/* RSS needs descriptors that can tell the hash, and RXCSUM.PCSD that lets them. */
static bool rss_on(const struct e1 *e1, uint32_t control)
{
	if (e1_is_4x(e1) || !(e1_get(e1, E1000_RXCSUM) & RXCSUM_PCSD))
		return false;
	if (e1_is_76(e1))
		return field_of(MRQC_MRQE, control) == MRQC_RSS_76;
	return field_of(MRQC_MRQE, control) == MRQC_RSS_74 && e1_get(e1, E1000_RFCTL) & RFCTL_EXTEN;
}

static void rss(struct e1 *e1, struct e1_packet *packet)
{
	uint32_t control = e1_get(e1, E1000_MRQC), entry;
	uint8_t key[WEIR_RSS_KEY];

	if (!rss_on(e1, control))
		return;
	for (unsigned i = 0; i < E1000_RSSRK_COUNT; i++) {
		uint32_t word = e1_get(e1, E1000_AT(RSSRK, i));

		memcpy(key + 4 * i, &word, 4);
	}
	packet->rss_type = sim_rss(&e1->rss, key, rss_types(e1, control), &packet->class, packet->frame, &packet->hash);
	if (!packet->rss_type)
		return;
	entry = e1_get(e1, E1000_RETA + (packet->hash & 0x7c)) >> (packet->hash & 3) * 8;
	packet->queue = e1_is_76(e1) ? entry & RETA_QUEUE_76 : !!(entry & RETA_QUEUE_74);
}

/* --- the 82576's filters ---------------------------------------------------------------------------------------------------- */

static bool ether_type(const struct e1 *e1, struct e1_packet *packet)
{
	for (unsigned i = 0; i < IGB_ETQF_COUNT; i++) {
		uint32_t filter = e1_get(e1, IGB_AT(ETQF, i));

		if (!(filter & ETQF_ENABLE) || (filter & ETQF_TYPE) != packet->class.parsed.ether_type)
			continue;
		packet->ether_filter = (int)i;
		if (!(filter & ETQF_QUEUE_ENABLE))
			return false;
		packet->queue = field_of(ETQF_QUEUE, filter);
		return true;
	}
	return false;
}

static bool syn(const struct e1 *e1, struct e1_packet *packet)
{
	uint32_t filter = e1_get(e1, IGB_SYNQF);
	unsigned flags;

	if (!(filter & SYNQF_ENABLE) || !(packet->class.type & RXD_TYPE_TCP))
		return false;
	flags = packet->frame[packet->class.parsed.l4_off + 13];
	if ((flags & (WEIR_TCP_SYN | WEIR_TCP_ACK)) != WEIR_TCP_SYN)
		return false;
	packet->queue = field_of(SYNQF_QUEUE, filter);
	return true;
}

/* Addresses and ports stand in the registers as they lie in the packet. */
static bool tuple_matches(const struct e1 *e1, const struct e1_packet *packet, unsigned i, uint32_t filter)
{
	const struct weir_parsed *parsed = &packet->class.parsed;
	const uint8_t *ip = packet->frame + parsed->l3_off, *l4 = packet->frame + parsed->l4_off;
	uint32_t src, dst, immediate = e1_get(e1, IGB_AT(IMIR, i));
	uint16_t ports[2] = { 0 };

	memcpy(&src, ip + 12, 4);
	memcpy(&dst, ip + 16, 4);
	if (packet->class.type & (RXD_TYPE_TCP | RXD_TYPE_UDP | RXD_TYPE_SCTP))
		memcpy(ports, l4, 4);
	return (filter & FTQF_MASK_PROTOCOL || field_of(FTQF_PROTOCOL, filter) == parsed->protocol) &&
	       (filter & FTQF_MASK_SRC || e1_get(e1, IGB_AT(SAQF, i)) == src) &&
	       (filter & FTQF_MASK_DST || e1_get(e1, IGB_AT(DAQF, i)) == dst) &&
	       (filter & FTQF_MASK_SRC_PORT || (uint16_t)e1_get(e1, IGB_AT(SPQF, i)) == ports[0]) &&
	       (immediate & IMIR_BYPASS || (immediate & IMIR_PORT) == ports[1]);
}

/* Of the filters that match the one with the highest priority, in IMIR, decides. */
static bool tuple(const struct e1 *e1, struct e1_packet *packet)
{
	unsigned best = 0, found = IGB_FTQF_COUNT;

	if (!(packet->class.type & RXD_TYPE_IPV4) || packet->class.parsed.flags & WEIR_PARSED_FRAGMENT)
		return false;
	for (unsigned i = 0; i < IGB_FTQF_COUNT; i++) {
		uint32_t filter = e1_get(e1, IGB_AT(FTQF, i));
		unsigned priority = field_of(IMIR_PRIORITY, e1_get(e1, IGB_AT(IMIR, i)));

		if (!(filter & FTQF_QUEUE_ENABLE) || (found < IGB_FTQF_COUNT && priority <= best) ||
		    !tuple_matches(e1, packet, i, filter))
			continue;
		found = i;
		best = priority;
	}
	if (found == IGB_FTQF_COUNT)
		return false;
	packet->queue = field_of(FTQF_QUEUE, e1_get(e1, IGB_AT(FTQF, found)));
	return true;
}

/* Whether a filter says that the clock is to look at the packet: that of its EtherType, or one of those of 5-tuples. */
static bool marked(const struct e1 *e1, const struct e1_packet *packet)
{
	if (packet->ether_filter >= 0)
		return e1_get(e1, IGB_AT(ETQF, (unsigned)packet->ether_filter)) & ETQF_1588;
	if (!(packet->class.type & RXD_TYPE_IPV4) || packet->class.parsed.flags & WEIR_PARSED_FRAGMENT)
		return false;
	for (unsigned i = 0; i < IGB_FTQF_COUNT; i++) {
		uint32_t filter = e1_get(e1, IGB_AT(FTQF, i));

		if (filter & FTQF_1588 && tuple_matches(e1, packet, i, filter))
			return true;
	}
	return false;
}

/* --- all of it ------------------------------------------------------------------------------------------------------------ */

/* The sum from PCSS to the end, as the number that a header would hold. */
static uint16_t packet_csum(const struct e1 *e1, const struct e1_packet *packet)
{
	size_t start = field_of(RXCSUM_PCSS, e1_get(e1, E1000_RXCSUM));

	if (start >= packet->len)
		return 0;
	return weir_be16(weir_sum_csum(weir_sum(packet->frame + start, packet->len - start)));
}

void e1_steer(struct e1 *e1, struct e1_packet *packet)
{
	uint64_t queue;

	packet->ether_filter = -1;
	sim_classify(&packet->class, packet->frame, packet->len, packet->tagged + packet->outer_tagged);
	packet->csum = packet_csum(e1, packet);
	rss(e1, packet);
	if (e1_is_76(e1) && !ether_type(e1, packet) && !syn(e1, packet))
		tuple(e1, packet);
	if (e1_is_74(e1) || (e1_is_76(e1) && marked(e1, packet)))
		e1_time_stamp_rx(e1, packet);
	if (sim_fault(&e1->nic, WEIR_SIM_RX_QUEUE, &queue))
		packet->queue = queue % e1->variant->queues;
}
