/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The link: what the MAC makes of the cable's state.
 */
#include "model.h"

static bool speed_is(const struct ix *ix, uint32_t mbps)
{
	return ix->nic.speed_mbps == mbps;
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
		return speed_is(ix, 1000);
	case LMS_10G:
	case LMS_10G_SERIAL:
		return speed_is(ix, 10000);
	default:
		return !speed_is(ix, 100);
	}
}

uint32_t ix_links(const struct ix *ix)
{
	uint32_t value = 0;

	if (!ix_link_up(ix))
		return 0;
	value = LINKS_UP | field(LINKS_SPEED, speed_is(ix, 100)    ? LINKS_SPEED_100
	                                      : speed_is(ix, 1000) ? LINKS_SPEED_1G
	                                                           : LINKS_SPEED_10G);
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

/* Pauses that are negotiated: a bit for each kind, at different places of different registers. */
void ix_offer(struct ix *ix, uint32_t value, uint32_t sym, uint32_t asym)
{
	sim_offer(&ix->nic, (value & sym ? SIM_PAUSE_SYM : 0) | (value & asym ? SIM_PAUSE_ASYM : 0));
}

uint32_t ix_offered(struct ix *ix, uint32_t sym, uint32_t asym)
{
	unsigned pauses = ix_link_up(ix) ? sim_offered(&ix->nic) : 0;

	return (pauses & SIM_PAUSE_SYM ? sym : 0) | (pauses & SIM_PAUSE_ASYM ? asym : 0);
}

/* Activity is as good as a link here. */
unsigned ix_led(const struct ix *ix, unsigned i)
{
	uint32_t control = ix_get(ix, IXGBE_LEDCTL) >> 8 * i;
	unsigned speed = ix->nic.speed_mbps;
	bool up = ix_link_up(ix), lit;

	switch (control & LEDCTL_MODE(0)) {
	case LEDCTL_LINK_10G:
		lit = up && speed == 10000;
		break;
	case LEDCTL_LINK_1G:
		lit = up && speed == 1000;
		break;
	case LEDCTL_LINK_100:
		lit = up && speed == 100;
		break;
	case LEDCTL_ON:
	case LEDCTL_OFF:
		lit = (control & LEDCTL_MODE(0)) == LEDCTL_ON;
		break;
	default:
		lit = up;
		break;
	}
	lit ^= !!(control & LEDCTL_INVERT(0));
	return lit ? control & LEDCTL_BLINK(0) ? 2 : 1 : 0;
}
