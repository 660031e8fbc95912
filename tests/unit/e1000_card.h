/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A card that the e1000 driver takes for one of its own, whichever id it has. Those with legacy descriptors are CARD_LEGACY.
 */
#ifndef TESTS_E1000_CARD_H
#define TESTS_E1000_CARD_H

#include "../../drivers/e1000/e1000.h"

extern const struct weir_driver e1000_driver;

#define CARD_DRIVER                                                     e1000_driver
#define CARD_RX(name, i)                                                CARD_RX_##name(i)
#define CARD_RX_RDBAL(i)                                                E1000_AT(RDBAL, i)
#define CARD_RX_RDBAH(i)                                                E1000_AT(RDBAH, i)
#define CARD_RX_RDLEN(i)                                                E1000_AT(RDLEN, i)
#define CARD_RX_RDH(i)                                                  E1000_AT(RDH, i)
#define CARD_RX_RDT(i)                                                  E1000_AT(RDT, i)
#define CARD_RX_RXDCTL(i)                                               E1000_AT(RXDCTL, i)
#define CARD_RX_SRRCTL(i)                                               0x1fffcu /* there is none: 2 KiB */
#define CARD_TX(name, i)                                                E1000_AT(name, i)
#define CARD_QUEUES                                                     2u
#define CARD_ENABLE                                                     0u
#define CARD_ROW(offset, stride, count, mode, who, name, section, text) ROW(offset, stride, count, mode)
#define CARD_ROWS                                                       E1000_REGS(CARD_ROW)

#include "ring_card.h"

#include "gigabit_parts.h"

static struct {
	unsigned bits;
	uint32_t in, out;
} card_wire; /* to the EEPROM */

static void card_reset_registers(struct card *card)
{
	*card_reg(card, CARD_RX_SRRCTL(0)) = 2;
#ifdef CARD_LEGACY
	*card_reg(card, E1000_EECD) = EECD_PRES; /* 64 words */
#else
	*card_reg(card, E1000_EECD) = EECD_PRES | EECD_ARD | field(EECD_SIZE_EX, 2);
#endif
	*card_reg(card, E1000_STATUS) = STATUS_LU | STATUS_FD | field(STATUS_SPEED, 2);
	card_reset_address(card);
}

/* Microwire: a bit with each rising clock; after a start bit, two of command and six of address, the word goes out. */
static uint32_t card_pins(struct card *card, uint32_t before, uint32_t now)
{
	if (!(now & EECD_CS)) {
		memset(&card_wire, 0, sizeof(card_wire));
	} else if (now & ~before & EECD_SK && card_wire.bits == 9) {
		card_wire.out <<= 1;
	} else if (now & ~before & EECD_SK && (card_wire.bits || now & EECD_DI)) {
		card_wire.in = card_wire.in << 1 | !!(now & EECD_DI);
		if (++card_wire.bits == 9)
			card_wire.out = card->eeprom[card_wire.in & 63];
	}
	now &= ~(EECD_DO | EECD_GNT);
	return now | EECD_PRES | (now & EECD_REQ ? EECD_GNT : 0) | (card_wire.out & 0x10000 ? EECD_DO : 0);
}

static bool card_written(struct card *card, uint32_t reg, uint32_t *value)
{
	if (reg == E1000_CTRL && *value & CTRL_RST)
		return card_try_reset(card);
	card_answer(card, reg, value);
	if (reg == E1000_EECD)
		*value = card_pins(card, *card_reg(card, reg), *value);
	return reg != E1000_STATUS;
}

#endif
