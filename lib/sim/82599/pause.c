/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Flow control (82599 datasheet 3.7.7): pauses that the partner asks for stop the transmitter; the partner is asked when
 * the packet buffer fills. That is lib/sim's, and it counts as filling when its first frame has to wait for descriptors,
 * because a card's own way to memory is never as slow as the thread that plays it.
 *
 * There is one traffic class, so a pause by priority stops everything when it names class 0.
 */
#include "model.h"

#define ETHER_FLOW_CONTROL 0x8808
#define OPCODE_LINK        0x0001
#define OPCODE_PRIORITY    0x0101
#define QUANTUM_BITS       512u

static const uint8_t pause_address[6] = { 0x01, 0x80, 0xc2, 0x00, 0x00, 0x01 };

static uint64_t quanta_ns(const struct ix *ix, unsigned quanta)
{
	return (uint64_t)quanta * QUANTUM_BITS * 1000 / (ix->nic.speed_mbps ? ix->nic.speed_mbps : 10000);
}

/* --- received ------------------------------------------------------------------------------------------------------------- */

static void stop_for(struct ix *ix, unsigned quanta)
{
	ix->pause_until_ns = quanta ? sim_now_ns(&ix->nic) + quanta_ns(ix, quanta) : 0;
}

static void obey_link(struct ix *ix, const uint8_t *frame)
{
	unsigned quanta = weir_load_be16(frame + 16);

	ix_count(ix, quanta ? IXGBE_LXOFFRXCNT : IXGBE_LXONRXCNT, 1);
	stop_for(ix, quanta);
}

static void obey_priority(struct ix *ix, const uint8_t *frame)
{
	unsigned enabled = weir_load_be16(frame + 16);

	for (unsigned i = 0; i < 8; i++) {
		unsigned quanta = weir_load_be16(frame + 18 + 2 * i);

		if (!(enabled >> i & 1))
			continue;
		ix_count(ix, quanta ? IXGBE_AT(PXOFFRXCNT, i) : IXGBE_AT(PXONRXCNT, i), 1);
		if (!i)
			stop_for(ix, quanta);
	}
}

static bool to_us(const struct ix *ix, const uint8_t *frame)
{
	uint32_t low = ix_get(ix, IXGBE_RAL), high = ix_get(ix, IXGBE_RAH);
	const uint8_t own[6] = { (uint8_t)low,         (uint8_t)(low >> 8), (uint8_t)(low >> 16),
		                 (uint8_t)(low >> 24), (uint8_t)high,       (uint8_t)(high >> 8) };

	return !memcmp(frame, pause_address, 6) || !memcmp(frame, own, 6);
}

bool ix_pause_received(struct ix *ix, const uint8_t *frame)
{
	uint32_t control = ix_get(ix, IXGBE_MFLCN);
	unsigned opcode = weir_load_be16(frame + 14);

	if (weir_load_be16(frame + 12) != ETHER_FLOW_CONTROL || !to_us(ix, frame))
		return false;
	if (opcode != OPCODE_LINK && opcode != OPCODE_PRIORITY)
		return !(control & MFLCN_PMCF);
	if (opcode == OPCODE_LINK && control & MFLCN_RFCE)
		obey_link(ix, frame);
	if (opcode == OPCODE_PRIORITY && control & MFLCN_RPFCE)
		obey_priority(ix, frame);
	return control & MFLCN_DPF && control & (MFLCN_RFCE | MFLCN_RPFCE);
}

bool ix_paused(const struct ix *ix)
{
	return ix->pause_until_ns && sim_now_ns((struct sim_nic *)&ix->nic) < ix->pause_until_ns;
}

/* --- sent ----------------------------------------------------------------------------------------------------------------- */

/* How long the partner is to stop: what it is told, and what is left of that when it is told again. */
static unsigned pause_time(const struct ix *ix)
{
	return ix_get(ix, IXGBE_FCTTV) & 0xffff;
}

static bool tell(struct ix *ix, bool stop)
{
	bool priority = field_of(FCCFG_TFCE, ix_get(ix, IXGBE_FCCFG)) == 2;
	uint8_t frame[60] = { [12] = ETHER_FLOW_CONTROL >> 8, [13] = ETHER_FLOW_CONTROL & 0xff };
	unsigned quanta = stop ? pause_time(ix) : 0;

	memcpy(frame, pause_address, 6);
	memcpy(frame + 6, ix->nic.mac, 6);
	weir_store_be16(frame + 14, priority ? OPCODE_PRIORITY : OPCODE_LINK);
	weir_store_be16(frame + 16, (uint16_t)(priority ? 1 : quanta));
	if (priority)
		weir_store_be16(frame + 18, (uint16_t)quanta);
	if (!sim_wire_send(&ix->nic, frame, sizeof(frame)))
		return false;
	if (priority)
		ix_count(ix, stop ? IXGBE_PXOFFTXC : IXGBE_PXONTXC, 1);
	else
		ix_count(ix, stop ? IXGBE_LXOFFTXC : IXGBE_LXONTXC, 1);
	if (priority && stop && !ix->pausing)
		ix_count(ix, IXGBE_PXON2OFFCNT, 1);
	return true;
}

static bool asks(const struct ix *ix)
{
	unsigned mode = field_of(FCCFG_TFCE, ix_get(ix, IXGBE_FCCFG));

	return ix_get(ix, IXGBE_FCRTH) & FCRTH_FCEN && (mode == 1 || mode == 2);
}

/* When the partner has to be told again, because what is left of its pause is what FCRTV says. */
static uint64_t again_ns(const struct ix *ix)
{
	unsigned time = pause_time(ix), left = ix_get(ix, IXGBE_FCRTV) & 0xffff;

	return left && left < time ? ix->pausing_since_ns + quanta_ns(ix, time - left) : UINT64_MAX;
}

unsigned ix_pause_run(struct ix *ix, uint64_t now_ns)
{
	uint32_t high = ix_get(ix, IXGBE_FCRTH) & FCRT_BYTES, low = ix_get(ix, IXGBE_FCRTL);
	size_t fill = ix->waiting ? sim_buffered(&ix->nic) : 0;

	if (!ix->pausing && fill && fill >= high && asks(ix)) {
		if (!tell(ix, true))
			return 0;
		ix->pausing = true;
		ix->pausing_since_ns = now_ns;
		return 1;
	}
	if (!ix->pausing)
		return 0;
	if (!asks(ix) || fill <= (low & FCRT_BYTES)) {
		/* Without XONE the pause ends by itself. */
		if (asks(ix) && low & FCRTL_XONE && !tell(ix, false))
			return 0;
		ix->pausing = false;
		return 1;
	}
	if (now_ns < again_ns(ix) || !tell(ix, true))
		return 0;
	ix->pausing_since_ns = now_ns;
	return 1;
}

uint64_t ix_pause_due(const struct ix *ix, uint64_t now_ns)
{
	uint64_t due = ix->pausing ? again_ns(ix) : UINT64_MAX;

	return ix->pause_until_ns > now_ns && ix->pause_until_ns < due ? ix->pause_until_ns : due;
}
