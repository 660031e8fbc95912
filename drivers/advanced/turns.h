/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Turns at what software shares with the card's firmware, and drivers of a card's ports with each other (82599 datasheet
 * 10.5.4, 82576 datasheet 4.7).
 */
#ifndef ADVANCED_TURNS_H
#define ADVANCED_TURNS_H

#include "port/driver.h"

struct adv_turns {
	uint32_t swsm;     /* register */
	uint32_t owners;   /* register whose bits say what is whose (GSSR, SW_FW_SYNC); reached by turns, too, */
	uint32_t writer;   /* ... by this bit of its own, which reading takes; 0: by SWESMBI */
	unsigned firmware; /* the firmware's bits are so much further up */
};

/* Takes the bits @what. Returns 0, -ETIMEDOUT, or -ENODEV when the device is gone. */
int adv_turn_take(const struct weir_port *port, const struct adv_turns *turns, uint32_t what);
void adv_turn_give(const struct weir_port *port, const struct adv_turns *turns, uint32_t what);

/* For cards without such bits: all that is shared at once. */
int adv_turn_enter(const struct weir_port *port, const struct adv_turns *turns);
void adv_turn_leave(const struct weir_port *port, const struct adv_turns *turns);

/* Writes a bit until it stays: that of who asks second does not. Returns as adv_turn_take(). */
int adv_take_bit(const struct weir_port *port, uint32_t reg, uint32_t bit, uint64_t us);

#endif
