/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The link: what the MAC makes of what the PHY says.
 */
#include "model.h"

#define LOOPBACK_MAC 1u
#define LOOPBACK_PHY 3u

bool e1_link_up(const struct e1 *e1)
{
	return e1_phy_speed(e1) && e1_get(e1, E1000_CTRL) & CTRL_SLU;
}

bool e1_loops(const struct e1 *e1)
{
	unsigned mode = field_of(RCTL_LBM, e1_get(e1, E1000_RCTL));

	return mode == LOOPBACK_MAC || mode == LOOPBACK_PHY || e1_phy_loops(e1);
}

uint32_t e1_status(const struct e1 *e1)
{
	uint32_t ctrl = e1_get(e1, E1000_CTRL), value = 0;
	unsigned mbps = e1_phy_speed(e1), speed = mbps >= 1000 ? 2 : mbps >= 100 ? 1 : 0;

	if (ctrl & CTRL_FRCSPD)
		speed = field_of(CTRL_SPEED, ctrl);
	if (e1_link_up(e1))
		value = STATUS_LU | STATUS_FD | field(STATUS_SPEED, speed) | field(STATUS_ASDV, speed);
	if (e1->pause_until_ns > sim_now_ns((struct sim_nic *)&e1->nic))
		value |= STATUS_TXOFF;
	if (e1_is_4x(e1))
		return value;
	value = (value & ~STATUS_ASDV) | STATUS_LAN_INIT | (ctrl & CTRL_GIO_DIS ? 0 : STATUS_GIO);
	return value | (e1_is_76(e1) ? STATUS_RST_DONE : 0);
}

/* The cable, the PHY or the MAC may have changed. */
void e1_link_changed(struct e1 *e1)
{
	bool up = e1_link_up(e1);

	if (up == e1->link_told)
		return;
	e1->link_told = up;
	e1->phy.link_fell |= !up && !e1_phy_speed(e1);
	e1_irq_other(e1, ICR_LSC);
	if (up)
		e1_tx_all(e1);
}
