/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A card that the ixgbe driver takes for an 82599.
 */
#ifndef TESTS_IXGBE_CARD_H
#define TESTS_IXGBE_CARD_H

#include "../../drivers/ixgbe/ixgbe.h"

extern const struct weir_driver ixgbe_driver;

#define CARD_DRIVER                                                ixgbe_driver
#define CARD_RX(name, i)                                           IXGBE_AT(name, i)
#define CARD_TX(name, i)                                           IXGBE_AT(name, i)
#define CARD_ENABLE                                                RXDCTL_ENABLE
#define CARD_ROW(offset, stride, count, mode, name, section, text) ROW(offset, stride, count, mode)
#define CARD_ROWS                                                  IXGBE_REGS(CARD_ROW)

#include "ring_card.h"

static void card_reset_registers(struct card *card)
{
	*card_reg(card, IXGBE_EEC) = EEC_PRES | EEC_ARD;
	*card_reg(card, IXGBE_RDRXCTL) = RDRXCTL_DMAIDONE;
	*card_reg(card, IXGBE_SECRXSTAT) = SEC_READY;
	*card_reg(card, IXGBE_RAL) = 0x33221102;
	*card_reg(card, IXGBE_RAH) = card->no_address ? 0 : 0x80005544;
	*card_reg(card, IXGBE_LINKS) = LINKS_UP | field(LINKS_SPEED, LINKS_SPEED_10G);
}

static void card_was_read(struct card *card, uint32_t reg)
{
	if (reg == IXGBE_SWSM)
		*card_reg(card, reg) |= SWSM_SMBI;
}

static bool card_written(struct card *card, uint32_t reg, uint32_t *value)
{
	if (reg == IXGBE_CTRL && *value & (CTRL_RST | CTRL_LNK_RST)) {
		if (!card->stuck_reset)
			card_reset(card);
		return card->stuck_reset;
	}
	switch (reg) {
	case IXGBE_EERD:
		*value = field(EERD_DATA, card->eeprom[field_of(EERD_ADDR, *value) & 255]) | EERD_DONE;
		break;
	case IXGBE_GSSR:
		card->turns += !!(*value & GSSR_EEPROM & ~*card_reg(card, reg));
		break;
	case IXGBE_EEC:
	case IXGBE_STATUS:
	case IXGBE_LINKS:
		return false;
	case IXGBE_RDRXCTL:
		*value |= RDRXCTL_DMAIDONE;
		break;
	case IXGBE_FDIRCTRL:
		*value |= FDIRCTRL_INIT_DONE;
		break;
	case IXGBE_FDIRCMD:
		*value &= ~FDIRCMD_CMD;
		break;
	default:
		break;
	}
	return true;
}

#endif
