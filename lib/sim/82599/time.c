/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The clock, and when packets of the Precision Time Protocol passed by it (82599 datasheet 7.9). A stamp stays in its
 * registers, and no other is taken, until its upper half is read. The outputs that the clock may drive (TSAUXC) are
 * registers only.
 */
#include "model.h"

/* TSYNCRXCTL.TYPE */
#define TYPE_L2       0u
#define TYPE_L4_V1    1u
#define TYPE_L2_L4_V2 2u
#define TYPE_ALL      4u
#define TYPE_EVENTS   5u

/* Offsets in a message of PTP, both versions. */
#define PTP_SOURCE   22
#define PTP_SEQUENCE 30
#define PTP_CONTROL  32
#define PTP_HEADER   33

/*
 * A clock of 6.4 ns at 10 Gbit/s, ten times as much at a tenth of the speed, adds the increment once in each period. The
 * X540 has all 32 bits for the former.
 */
uint64_t ix_time(struct ix *ix)
{
	uint64_t cycles = (sim_now_ns(&ix->nic) - ix->time_base_ns) * 5 / 32 / (10000 / ix->nic.speed_mbps);
	uint32_t control = ix_get(ix, IXGBE_TIMINCA), period = control >> 24;

	if (ix->variant->copper)
		return ix->time_offset + cycles * control;
	return ix->time_offset + (period ? cycles / period * (control & 0x00ffffffu) : 0);
}

uint32_t ix_time_low(struct ix *ix)
{
	uint64_t now = ix_time(ix);

	ix->time_high = (uint32_t)(now >> 32);
	ix->time_held = true;
	return (uint32_t)now;
}

uint32_t ix_time_high(struct ix *ix)
{
	bool held = ix->time_held;

	ix->time_held = false;
	return held ? ix->time_high : (uint32_t)(ix_time(ix) >> 32);
}

/* TIMINCA is about to change: the time goes on from where it is. */
void ix_time_hold(struct ix *ix)
{
	ix->time_offset = ix_time(ix);
	ix->time_base_ns = sim_now_ns(&ix->nic);
}

void ix_time_set(struct ix *ix, unsigned upper, uint32_t value)
{
	uint64_t now = ix_time(ix), mask = 0xffffffffull << upper;

	ix->time_offset += ((now & ~mask) | (uint64_t)value << upper) - now;
	ix->time_held = false;
}

/* Moves the clock by what TIMADJL and @high say: the upper bit is the sign. */
void ix_time_adjust(struct ix *ix, uint32_t high)
{
	uint64_t step = ix_get(ix, IXGBE_TIMADJL) | (uint64_t)(high & 0x7fffffff) << 32;

	ix->time_offset += high >> 31 ? -step : step;
}

static void latch(struct ix *ix, uint32_t low, uint32_t high)
{
	uint64_t now = ix_time(ix);

	ix_set(ix, low, (uint32_t)now);
	ix_set(ix, high, (uint32_t)(now >> 32));
}

void ix_time_sent(struct ix *ix)
{
	uint32_t control = ix_get(ix, IXGBE_TSYNCTXCTL);

	if (!(control & TSYNC_ENABLE) || control & TSYNC_VALID)
		return;
	latch(ix, IXGBE_TXSTMPL, IXGBE_TXSTMPH);
	ix_set(ix, IXGBE_TSYNCTXCTL, control | TSYNC_VALID);
}

/* The message, if the packet carries one where TSYNCRXCTL.TYPE looks for it; NULL: it does not. */
static const uint8_t *message(const struct ix *ix, const struct ix_rx_packet *packet, unsigned type)
{
	const struct weir_parsed *parsed = &packet->parsed;
	size_t at = 0;

	if (packet->type & RXD_TYPE_ETQF) {
		unsigned i = field_of(RXD_TYPE_ETQF_INDEX, packet->type);

		if (type != TYPE_L4_V1 && ix_get(ix, IXGBE_AT(ETQF, i)) & ETQF_1588)
			at = parsed->l3_off;
	} else if (type != TYPE_L2 && packet->type & RXD_TYPE_UDP &&
	           parsed->dst_port == field_of(RXMTRL_PORT, ix_get(ix, IXGBE_RXMTRL))) {
		at = parsed->l4_off + parsed->l4_len;
	}
	return at && at + PTP_HEADER <= packet->len ? packet->frame + at : NULL;
}

static bool wanted(const struct ix *ix, const uint8_t *ptp, unsigned type)
{
	uint32_t choice = ix_get(ix, IXGBE_RXMTRL);

	switch (type) {
	case TYPE_L4_V1:
		return ptp[1] == 1 && ptp[PTP_CONTROL] == field_of(RXMTRL_CONTROL, choice);
	case TYPE_EVENTS:
		return (ptp[1] & 0xf) == 2 && !(ptp[0] & 8);
	default:
		return (ptp[1] & 0xf) == 2 && (ptp[0] & 0xf) == (field_of(RXMTRL_MESSAGE, choice) & 0xf);
	}
}

void ix_time_received(struct ix *ix, struct ix_rx_packet *packet)
{
	uint32_t control = ix_get(ix, IXGBE_TSYNCRXCTL);
	unsigned type = field_of(TSYNC_TYPE, control);
	const uint8_t *ptp;

	if (!(control & TSYNC_ENABLE))
		return;
	if (type == TYPE_ALL) {
		latch(ix, IXGBE_RXSTMPL, IXGBE_RXSTMPH); /* and nothing waits for anybody */
		return;
	}
	ptp = message(ix, packet, type);
	if (control & TSYNC_VALID || !ptp || !wanted(ix, ptp, type))
		return;
	latch(ix, IXGBE_RXSTMPL, IXGBE_RXSTMPH);
	ix_set(ix, IXGBE_RXSATRL, weir_load_be32(ptp + PTP_SOURCE + 2));
	ix_set(ix, IXGBE_RXSATRH,
	       (uint32_t)weir_load_be16(ptp + PTP_SEQUENCE) << 16 | weir_load_be16(ptp + PTP_SOURCE));
	ix_set(ix, IXGBE_TSYNCRXCTL, control | TSYNC_VALID);
	packet->status |= RXD_TS;
}
