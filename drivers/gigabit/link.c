/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The link: negotiation, pauses, and how it is.
 */
#include <string.h>

#include "gigabit.h"

#define CONTROL_AN      0x1000u
#define CONTROL_DOWN    0x0800u
#define CONTROL_RESTART 0x0200u

/* What partners offer each other (IEEE 802.3 annex 28B). */
#define PAUSE_SYM  1u
#define PAUSE_ASYM 2u
#define PAUSE_ANY  3u

#define OFFER_PAUSE      0x0400u /* in the PHY's registers of both sides */
#define OFFER_PAUSE_ASYM 0x0800u

static unsigned pauses_in(uint32_t value, uint32_t sym, uint32_t asym)
{
	return (value & sym ? PAUSE_SYM : 0) | (value & asym ? PAUSE_ASYM : 0);
}

static uint32_t pause_bits(unsigned pauses, uint32_t sym, uint32_t asym)
{
	return (pauses & PAUSE_SYM ? sym : 0) | (pauses & PAUSE_ASYM ? asym : 0);
}

int gigabit_link_init(struct gigabit *nic)
{
	return nic->medium == GIGABIT_COPPER ? gigabit_phy_init(nic) : 0;
}

/* Speed and duplex are the PHY's to find, and the MAC's to follow (317453, 8.6). */
static int copper_setup(struct gigabit *nic)
{
	int err;

	reg_change(nic, E1000_CTRL, CTRL_FRCSPD | CTRL_FRCDPX | CTRL_ILOS, CTRL_SLU | (is_8254x(nic) ? CTRL_ASDE : 0));
	err = gigabit_phy_change(nic, PHY_OFFER, OFFER_PAUSE | OFFER_PAUSE_ASYM,
	                         (uint16_t)pause_bits(nic->pauses, OFFER_PAUSE, OFFER_PAUSE_ASYM));
	return err ? err : gigabit_phy_change(nic, PHY_CONTROL, CONTROL_DOWN, CONTROL_AN | CONTROL_RESTART);
}

int gigabit_link_setup(struct gigabit *nic)
{
	return copper_setup(nic);
}

/* --- how it is --------------------------------------------------------------------------------------------------------------- */

static void look(struct gigabit *nic, struct weir_link *link)
{
	static const uint32_t speeds[] = { 10, 100, 1000, 1000 };
	uint32_t status = reg_get(nic, E1000_STATUS);

	if (status == UINT32_MAX || !(status & STATUS_LU))
		return;
	link->up = true;
	link->full_duplex = status & STATUS_FD;
	link->mbps = speeds[field_of(STATUS_SPEED, status)];
}

int gigabit_link(struct weir_port *port, struct weir_link *link)
{
	struct gigabit *nic = gigabit(port);
	bool before = nic->link_up;

	port->driver->watch(port);
	if (gigabit_lost(nic))
		return -ENODEV;
	look(nic, link);
	nic->link_up = link->up;
	if (link->up && !before && nic->flow.negotiate)
		gigabit_flow_apply(nic);
	return 0;
}

/* --- pauses (317453, 13.4.8 to 13.4.12; 82576 datasheet, 3.5.5)  */

#define LONGEST_PAUSE 0xffffu

static bool pauses_offered(struct gigabit *nic, unsigned *pauses)
{
	uint16_t value;

	*pauses = 0;
	if (nic->link_up && !gigabit_phy_read(nic, PHY_PARTNER, &value))
		*pauses = pauses_in(value, OFFER_PAUSE, OFFER_PAUSE_ASYM);
	return true;
}

/* What was asked for, with what was left to the port: room for two frames above the mark, and one below it. */
static void flow_complete(const struct gigabit *nic, struct weir_flow_control *flow)
{
	uint32_t frame = nic->port.info.mtu + GIGABIT_OVERHEAD + GIGABIT_TAG;

	if (!flow->pause_time)
		flow->pause_time = LONGEST_PAUSE;
	if (!flow->high)
		flow->high = nic->rx_buffer - 2 * frame < nic->rx_buffer / 10 * 9 ? nic->rx_buffer - 2 * frame
		                                                                  : nic->rx_buffer / 10 * 9;
	if (!flow->low)
		flow->low = flow->high > 2 * frame ? flow->high - frame : flow->high / 2;
	flow->high &= FCRT_BYTES;
	flow->low &= FCRT_BYTES;
}

/* What both sides want (IEEE 802.3 table 28B-3). Who only obeys offers both; who only asks, the asymmetric one. */
static void negotiate(struct gigabit *nic, bool *obey, bool *ask)
{
	unsigned theirs = 0;
	bool wants_to_obey = *obey, wants_to_ask = *ask;

	if (!pauses_offered(nic, &theirs))
		return; /* it is just so */
	*obey = wants_to_obey && theirs & (wants_to_ask ? PAUSE_SYM : PAUSE_ANY);
	*ask = wants_to_ask && (wants_to_obey ? theirs & PAUSE_SYM : theirs == PAUSE_ANY);
}

void gigabit_flow_apply(struct gigabit *nic)
{
	struct weir_flow_control flow = nic->flow;

	flow_complete(nic, &flow);
	flow.obeying = flow.obey;
	flow.asking = flow.ask;
	if (flow.negotiate)
		negotiate(nic, &flow.obeying, &flow.asking);
	nic->flow.obeying = flow.obeying;
	nic->flow.asking = flow.asking;
	reg_set(nic, E1000_FCAL, 0x00c28001); /* 01:80:c2:00:00:01, and the EtherType: a reset may leave them empty */
	reg_set(nic, E1000_FCAH, 0x00000100);
	reg_set(nic, E1000_FCT, 0x8808);
	reg_set(nic, E1000_FCTTV, flow.pause_time);
	if (is_igb(nic))
		reg_set(nic, IGB_FCRTV, flow.pause_time / 2u); /* asked for again in time */
	reg_set(nic, E1000_FCRTL, flow.asking ? flow.low | FCRTL_XONE : 0);
	reg_set(nic, E1000_FCRTH, flow.asking ? flow.high : 0);
	reg_change(nic, E1000_CTRL, CTRL_RFCE | CTRL_TFCE,
	           (flow.obeying ? CTRL_RFCE : 0) | (flow.asking ? CTRL_TFCE : 0));
}

int gigabit_set_flow_control(struct weir_port *port, const struct weir_flow_control *flow)
{
	struct gigabit *nic = gigabit(port);
	struct weir_flow_control whole = *flow;
	unsigned before = nic->pauses;
	int err = 0;

	flow_complete(nic, &whole);
	if (whole.high > nic->rx_buffer || whole.low >= whole.high)
		return weir_fail(port->weir, -EINVAL,
		                 "port '%s': pauses between %u and %u bytes; its packet buffer has %u", port->spec,
		                 whole.low, whole.high, nic->rx_buffer);
	nic->pauses = !flow->negotiate ? 0 : (flow->obey ? PAUSE_SYM : 0) | (flow->obey != flow->ask ? PAUSE_ASYM : 0);
	if (nic->pauses != before)
		err = gigabit_link_setup(nic);
	if (err) {
		nic->pauses = before;
		return err;
	}
	nic->flow = *flow;
	gigabit_flow_apply(nic);
	return 0;
}

int gigabit_flow_control(struct weir_port *port, struct weir_flow_control *flow)
{
	struct gigabit *nic = gigabit(port);
	struct weir_link link = { 0 };

	gigabit_link(port, &link);
	*flow = nic->flow;
	flow_complete(nic, flow);
	return 0;
}
