/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The link: how it comes up over copper, fibre and SerDes, what partners agree on about pauses, and how it is.
 */
#include "gigabit.h"
#include "port/pauses.h"

/* The PHY's registers (IEEE 802.3, 22.2.4). */
#define CONTROL_AN      0x1000u
#define CONTROL_DOWN    0x0800u
#define CONTROL_RESTART 0x0200u
#define STATUS_AN_DONE  0x0020u
#define OFFER           0x01e1u /* 10 and 100 Mbit/s; 1: Ethernet */
#define OFFER_ALL       0x0fffu
#define OFFER_1000      0x0200u /* full duplex, */
#define OFFER_1000_HALF 0x0100u /* ... and what nobody wants */

/* Pauses, in what both sides offer. */
#define OFFER_PAUSE      0x0400u
#define OFFER_PAUSE_ASYM 0x0800u

#define NO_AN      0x4000u /* word 3 of the EEPROM: SerDes does not negotiate */
#define AN_WAIT_NS UINT64_C(1000000000)

/* --- copper ------------------------------------------------------------------------------------------------------------------ */

/* Speed and duplex are the PHY's to find, and the MAC's to follow (317453, 8.6). What already is as it shall be stays up. */
static int copper_setup(struct gigabit *nic)
{
	uint16_t offer = (uint16_t)(OFFER | pauses_put(nic->pauses, OFFER_PAUSE, OFFER_PAUSE_ASYM)), status = 0;
	bool changed = false;
	int err;

	reg_change(nic, E1000_CTRL, CTRL_FRCSPD | CTRL_FRCDPX | CTRL_ILOS, CTRL_SLU | (is_8254x(nic) ? CTRL_ASDE : 0));
	err = gigabit_phy_change(nic, PHY_OFFER, OFFER_ALL, offer, &changed);
	if (!err)
		err = gigabit_phy_change(nic, PHY_OFFER_1000, OFFER_1000_HALF, OFFER_1000, &changed);
	if (!err)
		err = gigabit_phy_change(nic, PHY_CONTROL, CONTROL_DOWN, CONTROL_AN, &changed);
	if (!err)
		err = gigabit_phy_read(nic, PHY_STATUS, &status);
	if (!err && (changed || !(status & STATUS_AN_DONE)))
		err = gigabit_phy_change(nic, PHY_CONTROL, 0, CONTROL_RESTART, &changed);
	return err;
}

/* --- fibre and SerDes of the 8254x and 82571 (317453, 8.6.1; 13.4.13) --------------------------------------------------------------- */

static void fibre_setup(struct gigabit *nic)
{
	if (!is_8254x(nic))
		reg_set(nic, E1000_SCTL, SCTL_NO_LOOP); /* a loop would outlast any reset */
	nic->forced = false;
	nic->silent_ns = 0;
	reg_set(nic, E1000_TXCW, TXCW_ANE | TXCW_FD | pauses_put(nic->pauses, TXCW_PAUSE, TXCW_PAUSE_ASYM));
	reg_change(nic, E1000_CTRL, CTRL_LRST | CTRL_SLU, 0);
}

/* Whether light or a signal comes in: the 8254x have a pin for it, the others are in step with it or not. */
static bool fibre_signal(struct gigabit *nic, uint32_t received)
{
	if (is_8254x(nic))
		return reg_get(nic, E1000_CTRL) & CTRL_SWDPIN1;
	return (received & (RXCW_SYNCH | RXCW_IV)) == RXCW_SYNCH;
}

/* A partner that sends but does not negotiate gets a link all the same; one that begins to negotiate, a chance. */
static void fibre_watch(struct gigabit *nic, bool up)
{
	uint32_t received;
	uint64_t now = now_ns();

	reg_get(nic, E1000_RXCW); /* what has been since the last time */
	received = reg_get(nic, E1000_RXCW);
	if (nic->forced && received & RXCW_C) {
		fibre_setup(nic);
	} else if (up || received & RXCW_C || !fibre_signal(nic, received)) {
		nic->silent_ns = 0;
	} else if (!nic->silent_ns) {
		nic->silent_ns = now;
	} else if (now - nic->silent_ns > AN_WAIT_NS) {
		nic->forced = true;
		reg_change(nic, E1000_TXCW, TXCW_ANE, 0);
		reg_change(nic, E1000_CTRL, 0, CTRL_SLU | CTRL_FD);
	}
}

/* --- SerDes and SGMII of the 82576 and newer (82576 datasheet, 3.5.4; 8.17) ----------------------------------------------------------- */

static int pcs_setup(struct gigabit *nic)
{
	uint32_t control = reg_get(nic, IGB_PCS_LCTL) & ~(PCS_LCTL_FORCE | PCS_LCTL_LINK | PCS_LCTL_AN);
	bool sgmii = nic->mode == LINK_MODE_SGMII;
	uint16_t word = 0;
	int err = 0;

	if (nic->kind->mac == GIGABIT_82576 && !sgmii)
		err = gigabit_nvm_read(nic, 3, &word, 1);
	if (err)
		return err;
	nic->forced = nic->mode == LINK_MODE_KX || word & NO_AN;
	reg_set(nic, E1000_SCTL, SCTL_NO_LOOP);
	reg_change(nic, E1000_CTRL_EXT, CTRL_EXT_SDP3, 0); /* power for the module */
	reg_change(nic, E1000_CTRL, sgmii ? CTRL_FRCSPD | CTRL_FRCDPX : CTRL_SPEED,
	           CTRL_SLU | (is_newer(nic) ? 0 : CTRL_SWDPIN0 | CTRL_SWDPIN1) |
	               (sgmii ? 0 : field(CTRL_SPEED, 2) | CTRL_FRCSPD | CTRL_FD | CTRL_FRCDPX));
	reg_change(nic, IGB_PCS_ANADV, TXCW_PAUSE | TXCW_PAUSE_ASYM,
	           pauses_put(nic->pauses, TXCW_PAUSE, TXCW_PAUSE_ASYM));
	if (sgmii)
		control &= ~PCS_LCTL_AN_TIMEOUT; /* the PHY takes its time */
	else
		control |= PCS_LCTL_SPEED_1000 | PCS_LCTL_FD;
	control |= nic->forced ? PCS_LCTL_FORCE : PCS_LCTL_AN | PCS_LCTL_AN_RESTART;
	reg_set(nic, IGB_PCS_LCTL, control | PCS_LCTL_FORCE_PAUSES); /* they are as CTRL says */
	return 0;
}

/* --- bringing it up ------------------------------------------------------------------------------------------------------------ */

static bool sgmii_by_mdio(struct gigabit *nic)
{
	return is_newer(nic) ? reg_get(nic, IGB_MDICNFG) & MDICNFG_EXTERNAL : reg_get(nic, E1000_MDIC) & MDIC_DEST;
}

/* MISSING: PHYs in modules, behind I2C, are left as they are when plugged in; they negotiate by themselves. */
int gigabit_link_init(struct gigabit *nic)
{
	if (is_igb(nic)) {
		nic->mode = field_of(CTRL_EXT_LINK_MODE, reg_get(nic, E1000_CTRL_EXT));
		nic->medium = nic->mode == LINK_MODE_COPPER || (nic->mode == LINK_MODE_SGMII && sgmii_by_mdio(nic))
		                  ? GIGABIT_COPPER
		                  : GIGABIT_SERDES;
	}
	return nic->medium == GIGABIT_COPPER ? gigabit_phy_init(nic) : 0;
}

int gigabit_link_setup(struct gigabit *nic)
{
	int err = 0;

	if (is_igb(nic) && nic->mode != LINK_MODE_COPPER)
		err = pcs_setup(nic);
	else if (nic->medium != GIGABIT_COPPER)
		fibre_setup(nic);
	return err || nic->medium != GIGABIT_COPPER ? err : copper_setup(nic);
}

/* --- how it is --------------------------------------------------------------------------------------------------------------- */

static void look(struct gigabit *nic, struct weir_link *link)
{
	static const uint32_t speeds[] = { 10, 100, 1000, 1000 };
	uint32_t status = reg_get(nic, E1000_STATUS), pcs;

	if (status == UINT32_MAX)
		return;
	if (is_igb(nic) && nic->medium != GIGABIT_COPPER) {
		pcs = reg_get(nic, IGB_PCS_LSTAT);
		link->up = pcs & PCS_LSTAT_LINK;
		link->mbps = speeds[field_of(PCS_LSTAT_SPEED, pcs)];
		link->full_duplex = pcs & PCS_LSTAT_FD;
		if (nic->kind->mac == GIGABIT_I354 && field_of(STATUS_2P5_SKU, status) == 1)
			link->mbps = 2500;
	} else {
		link->up = status & STATUS_LU;
		link->mbps = speeds[field_of(STATUS_SPEED, status)];
		link->full_duplex = status & STATUS_FD;
		if (nic->medium != GIGABIT_COPPER)
			fibre_watch(nic, link->up);
	}
	if (!link->up)
		*link = (struct weir_link){ 0 };
}

int gigabit_link(struct weir_port *port, struct weir_link *link)
{
	struct gigabit *nic = gigabit(port);
	bool before = nic->link_up;

	port->driver->watch(port);
	if (port_is_lost(&nic->port))
		return -ENODEV;
	look(nic, link);
	nic->link_up = link->up;
	if (link->up && !before && nic->flow.negotiate)
		gigabit_flow_apply(nic);
	return 0;
}

/* --- pauses (317453, 13.4.8 to 13.4.12; 82576 datasheet, 3.5.5) ----------------------------------------------------------------- */

#define LONGEST_PAUSE 0xffffu

/* What the other side offers; nothing while there is no link. Returns false when nothing was negotiated. */
static bool pauses_offered(struct gigabit *nic, unsigned *pauses)
{
	uint16_t value;

	*pauses = 0;
	if (nic->medium == GIGABIT_COPPER) {
		if (nic->link_up && !gigabit_phy_read(nic, PHY_PARTNER, &value))
			*pauses = pauses_get(value, OFFER_PAUSE, OFFER_PAUSE_ASYM);
		return true;
	}
	if (nic->link_up)
		*pauses = pauses_get(reg_get(nic, is_igb(nic) ? (uint32_t)IGB_PCS_LPAB : (uint32_t)E1000_RXCW),
		                     TXCW_PAUSE, TXCW_PAUSE_ASYM);
	return !nic->forced;
}

/* What was asked for, with what was left to the port: room for a frame or more above the upper mark, and below it. */
static void flow_complete(const struct gigabit *nic, struct weir_flow_control *flow)
{
	uint32_t frame = nic->port.info.mtu + GIGABIT_OVERHEAD + GIGABIT_TAG, most = nic->rx_buffer / 10 * 9;

	if (!flow->pause_time)
		flow->pause_time = LONGEST_PAUSE;
	if (!flow->high)
		flow->high =
		    nic->rx_buffer > 2 * frame && nic->rx_buffer - frame < most ? nic->rx_buffer - frame : most;
	if (!flow->low)
		flow->low = flow->high > 2 * frame ? flow->high - frame : flow->high / 2;
	flow->high &= FCRT_BYTES;
	flow->low &= FCRT_BYTES;
}

void gigabit_flow_apply(struct gigabit *nic)
{
	struct weir_flow_control flow = nic->flow;
	unsigned theirs = 0;
	bool negotiated = flow.negotiate && pauses_offered(nic, &theirs);

	flow_complete(nic, &flow);
	pauses_agree(&flow, negotiated, theirs);
	nic->flow.obeying = flow.obeying;
	nic->flow.asking = flow.asking;
	reg_set(nic, E1000_FCAL, 0x00c28001); /* 01:80:c2:00:00:01, and their EtherType: no reset fills them in */
	reg_set(nic, E1000_FCAH, 0x00000100);
	reg_set(nic, E1000_FCT, 0x8808);
	reg_set(nic, E1000_FCTTV, flow.pause_time);
	if (is_igb(nic) || is_pch(nic)) /* asked for again in time */
		reg_set(nic, is_igb(nic) ? (uint32_t)IGB_FCRTV : (uint32_t)E1000_FCRTV, flow.pause_time / 2u);
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
	int err;

	flow_complete(nic, &whole);
	err = pauses_check(port, &whole, nic->rx_buffer);
	if (err)
		return err;
	nic->pauses = pauses_to_offer(flow);
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
