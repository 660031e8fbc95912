/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is done to packets that are sent: checksums, segments, VLAN tags (82599 datasheet 7.2.4, 7.2.5). What an advanced
 * context means is in lib/sim, for others have the same.
 */
#include "model.h"

#include "sim/advanced.h"

/* Where packets have an outer tag, which is the driver's to write, the card adds the inner one (7.4). */
static size_t insert_tag(const struct ix *ix, uint8_t *frame, size_t len, uint16_t tci)
{
	uint32_t control = ix_get(ix, IXGBE_DMATXCTL);
	bool outer = control & DMATXCTL_GDV && len >= 18 &&
	             weir_load_be16(frame + 12) == field_of(EXVET_OUTER, ix_get(ix, IXGBE_EXVET));

	return frame_tag(frame, len, outer ? 16 : 12, (uint16_t)field_of(DMATXCTL_VT, control), tci);
}

static size_t bad(struct ix *ix, const char *section, const char *what)
{
	ix->tx_bad++;
	sim_violation(&ix->nic, section, "%s", what);
	return 0;
}

static size_t legacy(struct ix *ix, const struct ix_tx_packet *packet, uint8_t *frame)
{
	memcpy(frame, packet->data, packet->len);
	if (packet->command & TXD_IC) {
		if (packet->css >= packet->len || packet->cso + 2u > packet->len)
			return bad(ix, "7.2.3.2.2", "a legacy descriptor's checksum lies outside the packet");
		frame_put_sum(frame, packet->css, packet->len, packet->cso, false);
	}
	return packet->len;
}

static size_t advanced(struct ix *ix, const struct ix_tx_packet *packet, unsigned index, uint8_t *frame)
{
	const struct adv_tx tx = {
		.data = packet->data,
		.len = packet->len,
		.command = packet->command,
		.options = packet->options,
		.context = packet->context->word,
		.flags_low = ix_get(ix, IXGBE_DTXTCPFLGL),
		.flags_high = ix_get(ix, IXGBE_DTXTCPFLGH),
	};
	const char *wrong = adv_tx_wrong(&tx);

	return wrong ? bad(ix, "7.2.3.2.3", wrong) : adv_tx_frame(&tx, index, frame);
}

size_t ix_offload(struct ix *ix, const struct ix_tx_packet *packet, unsigned index, uint8_t *frame)
{
	bool tso = packet->context && packet->command & TXD_TSE;
	size_t len;

	if (!tso && packet->len > SIM_FRAME_MAX - 4)
		return index ? 0 : bad(ix, "7.2.1", "a packet is longer than a frame can be");
	if (packet->len < 14)
		return index ? 0 : bad(ix, "7.2.1", "a packet is shorter than an Ethernet header");
	if (!packet->context)
		len = index ? 0 : legacy(ix, packet, frame);
	else
		len = advanced(ix, packet, index, frame);
	return len && packet->command & TXD_VLE ? insert_tag(ix, frame, len, packet->vlan) : len;
}
