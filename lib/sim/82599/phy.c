/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is on the MDIO bus: the X540's copper PHY, at address 0 (IEEE 802.3 clause 45); on other cards nothing, which reads
 * as all ones. Commands take no time.
 */
#include "model.h"

#define PMA        1u
#define PCS        3u
#define XS         4u
#define AN         7u
#define VENDOR     30u
#define OP_READ    3u
#define OP_WRITE   1u
#define NOBODY     0xffffu
#define AN_DONE    0x0020u
#define LINK_UP    0x0004u
#define LOW_POWER  0x0800u /* of the vendor's control register */
#define AN_OFFER   0x10u   /* what is offered to the partner, and what it offers */
#define AN_PARTNER 0x13u
#define PAUSE      0x0400u
#define PAUSE_ASYM 0x0800u
#define AN_VENDOR  0xc800u /* how the last negotiation ended */

static uint16_t *kept(struct ix *ix, unsigned device, unsigned reg)
{
	for (unsigned i = 0; i < IX_PHY_REGISTERS; i++) {
		struct ix_phy_register *r = &ix->phy[i];

		if (r->used && (r->device != device || r->reg != reg))
			continue;
		r->used = true;
		r->device = (uint8_t)device;
		r->reg = (uint16_t)reg;
		return &r->value;
	}
	return NULL;
}

static unsigned status(const struct ix *ix)
{
	return ix_link_up(ix) ? AN_DONE | LINK_UP : 0;
}

static unsigned phy_read(struct ix *ix, unsigned device, unsigned reg)
{
	const uint16_t *at;

	switch (device << 16 | reg) {
	case PMA << 16 | 1:
	case AN << 16 | 1:
		return status(ix);
	case PMA << 16 | 2: /* 0x01540200: the PHY of the X540 */
	case AN << 16 | 2:
		return 0x0154;
	case PMA << 16 | 3:
	case AN << 16 | 3:
		return 0x0200;
	case PMA << 16 | 4: /* 10G, 1G, 100M */
		return 0x0031;
	case PMA << 16 | 5: /* which devices the package has, low and high half */
	case PCS << 16 | 5:
	case XS << 16 | 5:
	case AN << 16 | 5:
		return 1u << PMA | 1u << PCS | 1u << XS | 1u << AN;
	case PMA << 16 | 6:
	case PCS << 16 | 6:
	case XS << 16 | 6:
	case AN << 16 | 6:
		return 1u << (VENDOR - 16);
	case PMA << 16 | 8: /* here is a device */
	case PCS << 16 | 8:
	case XS << 16 | 8:
		return 0x8000;
	case PMA << 16 | 11: /* 10GBASE-T, 1000BASE-T, 100BASE-TX */
		return 0x00a4;
	case AN << 16 | AN_PARTNER:
		return ix_offered(ix, PAUSE, PAUSE_ASYM);
	case AN << 16 | AN_VENDOR:
		return !ix_link_up(ix) ? 0 : ix->nic.speed_mbps == 100 ? 3 : ix->nic.speed_mbps == 1000 ? 5 : 7;
	default:
		at = kept(ix, device, reg);
		return at ? *at : 0;
	}
}

static void phy_write(struct ix *ix, unsigned device, unsigned reg, unsigned value)
{
	uint16_t *at = kept(ix, device, reg);

	if (reg == 0)
		value &= device == AN ? ~0x0200u : ~0x8000u; /* restart and reset clear themselves */
	if (at)
		*at = (uint16_t)value;
	if (device == AN && reg == AN_OFFER)
		ix_offer(ix, value, PAUSE, PAUSE_ASYM);
	if (device == VENDOR && reg == 0) {
		ix->phy_asleep = value & LOW_POWER;
		ix_link_changed(ix);
	}
}

uint32_t ix_mdio(struct ix *ix, uint32_t command)
{
	unsigned device = field_of(MSCA_DEVICE, command), op = field_of(MSCA_OP, command), value = NOBODY;
	uint32_t data = ix_get(ix, IXGBE_MSRWD);
	bool there = ix->variant->copper && !field_of(MSCA_PHY, command);

	if (!(command & MSCA_COMMAND))
		return command;
	if (op == 0)
		ix->phy_reg = (uint16_t)(command & MSCA_ADDR);
	else if (op == OP_WRITE && there)
		phy_write(ix, device, ix->phy_reg, data & MSRWD_WRITE);
	else if (op == OP_READ && there)
		value = phy_read(ix, device, ix->phy_reg);
	if (op == OP_READ)
		ix_set(ix, IXGBE_MSRWD, (data & ~MSRWD_READ) | value << 16);
	return command & ~MSCA_COMMAND;
}
