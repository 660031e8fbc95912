/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The link: what the MAC makes of the cable's state.
 */
#include "model.h"

static bool speed_1g(const struct ix *ix)
{
	return ix->nic.speed_mbps == 1000;
}

/* Both ends must speak the same way: the modes without autonegotiation have one speed. */
bool ix_link_up(const struct ix *ix)
{
	uint32_t mode = field_of(AUTOC_LMS, ix_get(ix, IXGBE_AUTOC));

	if (!ix->nic.link_up)
		return false;
	if (ix->variant->copper)
		return !ix->phy_asleep; /* awake, it speaks every way */
	switch (mode) {
	case LMS_1G:
	case LMS_1G_AN:
		return speed_1g(ix);
	case LMS_10G:
	case LMS_10G_SERIAL:
		return !speed_1g(ix);
	default:
		return true;
	}
}

uint32_t ix_links(const struct ix *ix)
{
	uint32_t value = 0;

	if (!ix_link_up(ix))
		return 0;
	value = LINKS_UP | field(LINKS_SPEED, speed_1g(ix) ? LINKS_SPEED_1G : LINKS_SPEED_10G);
	if (!ix->variant->sfp && !ix->variant->copper)
		value |= LINKS_KX_AN;
	if (!ix->link_fell)
		value |= LINKS_SIGNAL;
	return value;
}

/* The cable or the mode may have changed. */
void ix_link_changed(struct ix *ix)
{
	bool up = ix_link_up(ix);

	if (up == ix->link_told)
		return;
	ix->link_told = up;
	ix->link_fell |= !up;
	ix_irq_other(ix, EICR_LSC);
	if (up)
		ix_tx_all(ix);
}
