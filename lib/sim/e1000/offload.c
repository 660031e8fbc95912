/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is done to packets that are sent: checksums, segments, VLAN tags. Contexts of the 8254x and 82574 give the bytes where
 * sums begin, end and go to (317453, 3.3.6, 3.5); those of the 82576 the lengths of headers (sim/advanced.h).
 */
#include "model.h"

#include "sim/advanced.h"

/* Where a checksum begins, where it goes to, and its last byte (0: to the end). */
struct span {
	size_t start, at, last;
};

static struct span span_of(uint32_t word)
{
	return (struct span){ field_of(TX4_CSS, word), field_of(TX4_CSO, word), field_of(TX4_CSE, word) };
}

static size_t bad(struct e1 *e1, const char *section, const char *what)
{
	e1->tx_bad++;
	sim_violation(&e1->nic, section, "%s", what);
	return 0;
}

static bool fits(const struct span *span, size_t len)
{
	return span->start < len && span->at + 2 <= len && (!span->last || span->last >= span->start);
}

static void put_sum(uint8_t *frame, size_t len, const struct span *span, bool udp)
{
	size_t end = span->last && span->last < len ? span->last + 1 : len;

	frame_put_sum(frame, span->start, end, span->at, udp);
}

/* Whether the context, if it is asked for anything, speaks of bytes that the packet has. */
static bool sane(const struct e1_tx_packet *packet, const struct span *ip, const struct span *l4)
{
	const uint32_t *word = packet->context->word;
	size_t head = field_of(TX4_HDRLEN, word[3]);

	if (!(packet->command & TX4_TSE))
		return (!(packet->options & TX4_IXSM) || fits(ip, packet->len)) &&
		       (!(packet->options & TX4_TXSM) || fits(l4, packet->len));
	return field_of(TX4_MSS, word[3]) && head <= packet->len && ip->start + 20 <= l4->start &&
	       l4->start + (word[2] & TX4_TCP ? 20 : 8) <= head && fits(ip, head) && fits(l4, head) &&
	       (word[2] & TX4_IP || ip->start + 40 <= l4->start);
}

static void sums(uint8_t *frame, size_t len, const struct e1_tx_packet *packet)
{
	const uint32_t *word = packet->context->word;
	struct span ip = span_of(word[0]), l4 = span_of(word[1]);

	if (packet->options & TX4_IXSM)
		put_sum(frame, len, &ip, false);
	if (packet->options & TX4_TXSM)
		put_sum(frame, len, &l4, !(word[2] & TX4_TCP));
}

/* What changes from segment to segment (317453, 3.5.5): lengths, identification, sequence, flags. */
static size_t segment(const struct e1_tx_packet *packet, unsigned index, uint8_t *frame)
{
	const uint32_t *word = packet->context->word;
	size_t mss = field_of(TX4_MSS, word[3]), head = field_of(TX4_HDRLEN, word[3]), at = head + index * mss, len;
	struct span ip = span_of(word[0]), l4 = span_of(word[1]);
	bool last;

	if (index && at >= packet->len)
		return 0;
	last = packet->len - at <= mss;
	len = last ? packet->len - at : mss;
	if (head + len > SIM_FRAME_MAX - 4)
		return 0;
	memcpy(frame, packet->data, head);
	memcpy(frame + head, packet->data + at, len);
	len += head;
	if (word[2] & TX4_IP) {
		weir_store_be16(frame + ip.start + 2, (uint16_t)(len - ip.start));
		weir_store_be16(frame + ip.start + 4, (uint16_t)(weir_load_be16(frame + ip.start + 4) + index));
	} else {
		weir_store_be16(frame + ip.start + 4, (uint16_t)(len - ip.start - 40));
	}
	if (word[2] & TX4_TCP) {
		uint8_t *tcp = frame + l4.start;

		weir_store_be32(tcp + 4, weir_load_be32(tcp + 4) + (uint32_t)(index * mss));
		if (!last)
			tcp[13] &= (uint8_t) ~(WEIR_TCP_FIN | WEIR_TCP_PSH);
	} else {
		weir_store_be16(frame + l4.start + 4, (uint16_t)(len - l4.start));
	}
	frame_add_length(frame + l4.at, len - l4.start);
	sums(frame, len, packet);
	return len;
}

static size_t legacy(struct e1 *e1, const struct e1_tx_packet *packet, uint8_t *frame)
{
	struct span span = { field_of(TXL_CSS, packet->options), field_of(TXL_CSO, packet->command), 0 };

	memcpy(frame, packet->data, packet->len);
	if (packet->command & TXD_IC) {
		if (!fits(&span, packet->len))
			return bad(e1, "3.3.3", "a legacy descriptor's checksum lies outside the packet");
		put_sum(frame, packet->len, &span, false);
	}
	return packet->len;
}

static size_t by_offsets(struct e1 *e1, const struct e1_tx_packet *packet, unsigned index, uint8_t *frame)
{
	struct span ip = span_of(packet->context->word[0]), l4 = span_of(packet->context->word[1]);

	if (!sane(packet, &ip, &l4))
		return bad(e1, "3.3.6", "a context's offsets do not fit the packet");
	if (packet->command & TX4_TSE)
		return segment(packet, index, frame);
	if (index)
		return 0;
	memcpy(frame, packet->data, packet->len);
	sums(frame, packet->len, packet);
	return packet->len;
}

static size_t by_lengths(struct e1 *e1, const struct e1_tx_packet *packet, unsigned index, uint8_t *frame)
{
	const struct adv_tx tx = {
		.data = packet->data,
		.len = packet->len,
		.command = packet->command,
		.options = packet->options,
		.context = packet->context->word,
		.flags_low = e1_get(e1, IGB_DTXTCPFLGL),
		.flags_high = e1_get(e1, IGB_DTXTCPFLGH),
	};
	const char *wrong = adv_tx_wrong(&tx);

	return wrong ? bad(e1, "7.2.2", wrong) : adv_tx_frame(&tx, index, frame);
}

/*
 * The tag is in the descriptor, or on the 82576 in the context. Without CTRL.VME none is inserted but by the 82576, to which
 * that is about receiving only (82576 datasheet, appendix A); there the inner one comes behind an outer one.
 */
static size_t insert_tag(const struct e1 *e1, const struct e1_tx_packet *packet, uint8_t *frame, size_t len)
{
	bool in_context = e1_is_76(e1) && packet->context;
	uint32_t tci = in_context ? field_of(TXC_VLAN, packet->context->word[0]) : field_of(TXL_VLAN, packet->options);
	uint32_t types = e1_get(e1, E1000_VET);
	size_t at = 12;

	if (!(packet->command & TXD_VLE) || (!e1_is_76(e1) && !(e1_get(e1, E1000_CTRL) & CTRL_VME)))
		return len;
	if (e1_is_76(e1) && e1_get(e1, E1000_CTRL_EXT) & CTRL_EXT_EXT_VLAN && len >= 18 &&
	    weir_load_be16(frame + 12) == types >> 16)
		at = 16;
	return frame_tag(frame, len, at, (uint16_t)types, (uint16_t)tci);
}

size_t e1_offload(struct e1 *e1, const struct e1_tx_packet *packet, unsigned index, uint8_t *frame)
{
	bool tso = packet->context && packet->command & (e1_is_76(e1) ? TXD_TSE : TX4_TSE);
	size_t len;

	if (!tso && packet->len > SIM_FRAME_MAX - 4)
		return index ? 0 : bad(e1, "3.3", "a packet is longer than a frame can be");
	if (packet->len < 14)
		return index ? 0 : bad(e1, "3.3", "a packet is shorter than an Ethernet header");
	if (!packet->context)
		len = index ? 0 : legacy(e1, packet, frame);
	else
		len = (e1_is_76(e1) ? by_lengths : by_offsets)(e1, packet, index, frame);
	return len ? insert_tag(e1, packet, frame, len) : 0;
}
