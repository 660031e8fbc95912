/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The clock, and when packets of the Precision Time Protocol passed by it (82574 datasheet, 7.7; 82576 datasheet, 7.9). A
 * stamp stays in its registers, and no other is taken, until its upper half is read.
 */
#include "model.h"

/* TSYNCRXCTL.TYPE */
#define TYPE_L2     0u
#define TYPE_L4_V1  1u
#define TYPE_ALL    4u
#define TYPE_EVENTS 5u

/* Offsets in a message of PTP, both versions. */
#define PTP_SOURCE   22
#define PTP_SEQUENCE 30
#define PTP_CONTROL  32
#define PTP_HEADER   33

#define PTP_TYPE 0x88f7 /* EtherType */
#define PTP_PORT 319    /* of events */

/* The increment is added once in each period of cycles, which last 40 ns on the 82574 and 16 ns on the 82576. */
uint64_t e1_time(const struct e1 *e1)
{
	uint64_t cycles = (sim_now_ns((struct sim_nic *)&e1->nic) - e1->time_base_ns) / (e1_is_76(e1) ? 16 : 40);
	uint32_t control = e1_get(e1, E1000_TIMINCA), period = control >> 24;

	return e1->time_offset + (period ? cycles / period * (control & 0x00ffffffu) : 0);
}

static void set_half(struct e1 *e1, unsigned upper, uint32_t value)
{
	uint64_t now = e1_time(e1), mask = 0xffffffffull << upper;

	e1->time_offset += ((now & ~mask) | (uint64_t)value << upper) - now;
}

/* Moves the clock by what TIMADJL and @high say: the upper bit is the sign. */
static void adjust(struct e1 *e1, uint32_t high)
{
	uint64_t step = e1_get(e1, E1000_TIMADJL) | (uint64_t)(high & 0x7fffffff) << 32;

	e1->time_offset += high >> 31 ? -step : step;
}

void e1_time_write(struct e1 *e1, uint32_t offset, uint32_t value)
{
	switch (offset) {
	case E1000_SYSTIML:
	case E1000_SYSTIMH:
		set_half(e1, offset == E1000_SYSTIMH ? 32 : 0, value);
		break;
	case E1000_TIMADJH:
		adjust(e1, value);
		break;
	case E1000_TIMINCA: /* the time goes on from where it is */
		e1->time_offset = e1_time(e1);
		e1->time_base_ns = sim_now_ns(&e1->nic);
		e1_set(e1, offset, value);
		break;
	default: /* control of stamps */
		e1_set(e1, offset, (value & ~TSYNC_VALID) | (e1_get(e1, offset) & TSYNC_VALID));
		break;
	}
}

static void latch(struct e1 *e1, uint32_t low, uint32_t control)
{
	uint64_t now = e1_time(e1);

	e1_set(e1, low, (uint32_t)now);
	e1_set(e1, low + 4, (uint32_t)(now >> 32));
	e1_set(e1, control, e1_get(e1, control) | TSYNC_VALID);
}

void e1_time_stamp_tx(struct e1 *e1)
{
	uint32_t control = e1_get(e1, E1000_TSYNCTXCTL);

	if (control & TSYNC_ENABLE && !(control & TSYNC_VALID))
		latch(e1, E1000_TXSTMPL, E1000_TSYNCTXCTL);
}

/* The message, if the packet carries one where TSYNCRXCTL.TYPE looks for it; NULL: it does not. */
static const uint8_t *message(const struct e1_packet *packet, unsigned type)
{
	const struct weir_parsed *parsed = &packet->class.parsed;
	size_t at = 0;

	if (parsed->ether_type == PTP_TYPE && type != TYPE_L4_V1)
		at = parsed->l3_off;
	else if (type != TYPE_L2 && packet->class.type & RXD_TYPE_UDP && parsed->dst_port == PTP_PORT)
		at = parsed->l4_off + parsed->l4_len;
	return at && at + PTP_HEADER <= packet->len ? packet->frame + at : NULL;
}

static bool wanted(const struct e1 *e1, const uint8_t *ptp, unsigned type)
{
	uint32_t choice = e1_get(e1, e1_is_76(e1) ? E1000_CRC_OFFSET : E1000_RXMTRL);
	unsigned control = choice & 0xff, kind = choice >> 8 & 0xf;

	if (!e1_is_76(e1)) { /* the other way round, in RXMTRL: EtherType, then control and message */
		control = choice >> 16 & 0xff;
		kind = choice >> 24 & 0xf;
	}
	switch (type) {
	case TYPE_ALL:
		return true;
	case TYPE_L4_V1:
		return ptp[1] == 1 && ptp[PTP_CONTROL] == control;
	case TYPE_EVENTS:
		return (ptp[1] & 0xf) == 2 && !(ptp[0] & 8);
	default:
		return (ptp[1] & 0xf) == 2 && (ptp[0] & 0xf) == kind;
	}
}

void e1_time_stamp_rx(struct e1 *e1, struct e1_packet *packet)
{
	uint32_t control = e1_get(e1, E1000_TSYNCRXCTL);
	unsigned type = field_of(TSYNC_TYPE, control);
	const uint8_t *ptp;

	if (!(control & TSYNC_ENABLE) || control & TSYNC_VALID)
		return;
	ptp = message(packet, type);
	if (type != TYPE_ALL && (!ptp || !wanted(e1, ptp, type)))
		return;
	latch(e1, E1000_RXSTMPL, E1000_TSYNCRXCTL);
	if (ptp) {
		e1_set(e1, E1000_RXSATRL, weir_load_be32(ptp + PTP_SOURCE + 2));
		e1_set(e1, E1000_RXSATRH,
		       (uint32_t)weir_load_be16(ptp + PTP_SEQUENCE) << 16 | weir_load_be16(ptp + PTP_SOURCE));
	}
	packet->stamped = true;
}
