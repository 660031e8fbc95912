/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The copper PHY at MDIO address 1 (IEEE 802.3 clause 22): registers 0 to 15 as the standard says, and of each maker's own
 * what drivers look at. Its partner can do everything. Commands and negotiation take no time.
 */
#include "model.h"

#define ADDRESS  1u
#define OP_WRITE 1u
#define OP_READ  2u

enum reg { CONTROL, STATUS, ID1, ID2, ADVERTISE, PARTNER, EXPANSION, CONTROL_1000 = 9, STATUS_1000, EXTENDED = 15 };

#define CONTROL_RESET   0x8000u
#define CONTROL_LOOP    0x4000u
#define CONTROL_100     0x2000u
#define CONTROL_AN      0x1000u
#define CONTROL_DOWN    0x0800u
#define CONTROL_RESTART 0x0200u
#define CONTROL_1000M   0x0040u
#define STATUS_AN_DONE  0x0020u
#define STATUS_LINK     0x0004u
#define ADVERTISE_100   0x0180u
#define ADVERTISE_10    0x0060u
#define ADVERTISE_1000  0x0200u /* full duplex */

#define SPECIFIC 17u /* the status register of the maker's own */

/* M88E1011 (317453, 11): speed in bits 15:14, duplex, resolved, link, 50 to 80 m of cable. */
const struct e1_phy_kind e1_phy_m88 = {
	.id = 0x01410c20,
	.speed = { 0x2c80, 0x6c80, 0xac80 },
};

/* The 82574's, which is much like it (82574 datasheet, 9). */
const struct e1_phy_kind e1_phy_bm = {
	.id = 0x01410cb1,
	.page_register = 22,
	.speed = { 0x2c80, 0x6c80, 0xac80 },
};

/* The 82576's own (82576 datasheet, 8.23): speed in bits 15:14, link, duplex. Its pages tell of gains that mean a cable. */
const struct e1_phy_kind e1_phy_igp = {
	.id = 0x02a80391,
	.page_register = 31,
	.page_shift = 5,
	.speed = { 0x4600, 0x8600, 0xc600 },
	.paged = 40u << 9,
};

void e1_phy_reset(struct e1 *e1)
{
	struct e1_phy *phy = &e1->phy;

	memset(phy, 0, sizeof(*phy));
	phy->reg[CONTROL] = CONTROL_AN | 0x0140;
	phy->reg[ID1] = (uint16_t)(e1->variant->phy->id >> 16);
	phy->reg[ID2] = (uint16_t)e1->variant->phy->id;
	phy->reg[ADVERTISE] = 0x0de1;
	phy->reg[CONTROL_1000] = 0x0300;
	phy->reg[EXTENDED] = 0x3000;
	phy->reg[16] = 0x0078;
	phy->reg[20] = 0x0c68;
	e1->link_told = false;
}

static unsigned negotiated(const struct e1_phy *phy, unsigned cable)
{
	if (cable >= 1000 && phy->reg[CONTROL_1000] & ADVERTISE_1000)
		return 1000;
	if (cable >= 100 && phy->reg[ADVERTISE] & ADVERTISE_100)
		return 100;
	return phy->reg[ADVERTISE] & ADVERTISE_10 ? 10 : 0;
}

unsigned e1_phy_speed(const struct e1 *e1)
{
	const struct e1_phy *phy = &e1->phy;
	uint16_t control = phy->reg[CONTROL];

	if (!e1->nic.link_up || control & CONTROL_DOWN || e1_get(e1, E1000_CTRL) & CTRL_PHY_RST)
		return 0;
	if (control & CONTROL_AN)
		return negotiated(phy, e1->nic.speed_mbps);
	return control & CONTROL_1000M ? 1000 : control & CONTROL_100 ? 100 : 10;
}

bool e1_phy_loops(const struct e1 *e1)
{
	return e1->phy.reg[CONTROL] & CONTROL_LOOP;
}

/* --- registers ---------------------------------------------------------------------------------------------------------- */

static unsigned speed_index(unsigned mbps)
{
	return mbps >= 1000 ? 2 : mbps >= 100 ? 1 : 0;
}

static uint16_t status(struct e1 *e1, unsigned mbps)
{
	bool up = mbps && !e1->phy.link_fell;

	e1->phy.link_fell = false;
	return (uint16_t)(0x7949 | (mbps ? STATUS_AN_DONE : 0) | (up ? STATUS_LINK : 0));
}

static uint16_t read_base(struct e1 *e1, unsigned reg)
{
	unsigned mbps = e1_phy_speed(e1);

	switch (reg) {
	case STATUS:
		return status(e1, mbps);
	case PARTNER:
		return mbps ? 0x4de1 : 0;
	case EXPANSION:
		return mbps ? 0x0005 : 0x0004;
	case STATUS_1000:
		return mbps ? 0x7c00 : 0;
	case SPECIFIC:
		return mbps ? e1->variant->phy->speed[speed_index(mbps)] : 0;
	default:
		return e1->phy.reg[reg];
	}
}

static uint16_t *paged(struct e1 *e1, unsigned reg)
{
	struct e1_phy *phy = &e1->phy;

	for (unsigned i = 0; i < E1_PHY_PAGED; i++) {
		if (phy->paged[i].used && (phy->paged[i].page != phy->page || phy->paged[i].reg != reg))
			continue;
		if (!phy->paged[i].used)
			phy->paged[i].value = e1->variant->phy->paged;
		phy->paged[i].used = true;
		phy->paged[i].page = phy->page;
		phy->paged[i].reg = (uint16_t)reg;
		return &phy->paged[i].value;
	}
	return NULL;
}

/* Whether a register is of the page that was chosen: those of the standard are of all. */
static bool is_paged(const struct e1 *e1, unsigned reg)
{
	return e1->phy.page && reg > EXTENDED && reg != e1->variant->phy->page_register;
}

static uint16_t phy_read(struct e1 *e1, unsigned reg)
{
	const uint16_t *at = is_paged(e1, reg) ? paged(e1, reg) : NULL;

	return at ? *at : read_base(e1, reg);
}

static void phy_write(struct e1 *e1, unsigned reg, uint16_t value)
{
	struct e1_phy *phy = &e1->phy;
	uint16_t *at = is_paged(e1, reg) ? paged(e1, reg) : NULL;

	if (at) {
		*at = value;
		return;
	}
	if (reg == e1->variant->phy->page_register && reg)
		phy->page = value >> e1->variant->phy->page_shift;
	if (reg == ID1 || reg == ID2)
		return;
	phy->reg[reg] = reg == CONTROL ? value & (uint16_t) ~(CONTROL_RESET | CONTROL_RESTART) : value;
	if (reg == CONTROL && value & (CONTROL_RESET | CONTROL_RESTART))
		e1->link_told = false; /* the link goes, and comes again */
}

uint32_t e1_mdic(struct e1 *e1, uint32_t command)
{
	unsigned reg = field_of(MDIC_REG, command);

	command &= ~(MDIC_READY | MDIC_ERROR);
	if (field_of(MDIC_PHY, command) != ADDRESS)
		return command | MDIC_READY | MDIC_ERROR;
	switch (field_of(MDIC_OP, command)) {
	case OP_WRITE:
		phy_write(e1, reg, (uint16_t)command);
		break;
	case OP_READ:
		command = (command & ~MDIC_DATA) | phy_read(e1, reg);
		break;
	default:
		break;
	}
	return command | MDIC_READY;
}
