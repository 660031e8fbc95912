/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What cards that the e1000 and the igb driver take for their own have in common beside rings (ring_card.h).
 */
#ifndef TESTS_GIGABIT_PARTS_H
#define TESTS_GIGABIT_PARTS_H

static void card_reset_address(struct card *card)
{
	*card_reg(card, E1000_RAL) = 0x33221102;
	*card_reg(card, E1000_RAH) = card->no_address ? 0 : 0x80005544;
	*card_reg(card, E1000_EEMNGCTL) = UINT32_MAX >> 8;
}

static void card_was_read(struct card *card, uint32_t reg)
{
	if (reg == E1000_SWSM)
		*card_reg(card, reg) |= SWSM_SMBI;
}

/* CTRL asks for a reset. Returns whether what was written stays. */
static bool card_try_reset(struct card *card)
{
	if (!card->stuck_reset)
		card_reset(card);
	return card->stuck_reset;
}

/* EEPROM, and a PHY whose registers all read the same. */
static void card_answer(struct card *card, uint32_t reg, uint32_t *value)
{
	if (reg == E1000_EERD)
		*value = field(EERD_DATA, card->eeprom[field_of(EERD_ADDR, *value) & 255]) | EERD_DONE;
	if (reg == E1000_MDIC)
		*value = (*value & ~MDIC_DATA) | 0x02a8 | MDIC_READY;
}

#endif
