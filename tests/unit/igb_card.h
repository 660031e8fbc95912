/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A card that the igb driver takes for one of its own, whichever id it has.
 */
#ifndef TESTS_IGB_CARD_H
#define TESTS_IGB_CARD_H

#include "../../drivers/igb/igb.h"

extern const struct weir_driver igb_driver;

#define CARD_DRIVER                                                     igb_driver
#define CARD_RX(name, i)                                                CARD_RX_##name(i)
#define CARD_RX_RDBAL(i)                                                IGB_RX(E1000_RDBAL, i)
#define CARD_RX_RDBAH(i)                                                IGB_RX(E1000_RDBAH, i)
#define CARD_RX_RDLEN(i)                                                IGB_RX(E1000_RDLEN, i)
#define CARD_RX_RDH(i)                                                  IGB_RX(E1000_RDH, i)
#define CARD_RX_RDT(i)                                                  IGB_RX(E1000_RDT, i)
#define CARD_RX_RXDCTL(i)                                               IGB_RX(E1000_RXDCTL, i)
#define CARD_RX_SRRCTL(i)                                               IGB_RX(IGB_SRRCTL, i)
#define CARD_TX(name, i)                                                IGB_TX(E1000_##name, i)
#define CARD_ENABLE                                                     XDCTL_ENABLE
#define CARD_ROW(offset, stride, count, mode, who, name, section, text) ROW(offset, stride, count, mode)
#define CARD_ROWS                                                       E1000_REGS(CARD_ROW) IGB_REGS(CARD_ROW)

#include "ring_card.h"

#include "gigabit_parts.h"

static void card_reset_registers(struct card *card)
{
	*card_reg(card, E1000_EECD) = EECD_PRES | EECD_ARD | EECD_FLASH_210 | field(EECD_SIZE_EX, 2);
	*card_reg(card, E1000_STATUS) = STATUS_LU | STATUS_FD | field(STATUS_SPEED, 2) | STATUS_LAN_INIT;
	card_reset_address(card);
	*card_reg(card, IGB_RXPBS) = 0x24;
}

static bool card_written(struct card *card, uint32_t reg, uint32_t *value)
{
	if (reg == E1000_CTRL && *value & (CTRL_RST | CTRL_DEV_RST))
		return card_try_reset(card);
	card_answer(card, reg, value);
	return reg != E1000_EECD && reg != E1000_STATUS;
}

#endif
