/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a card writes into the rings of the ixgbe driver.
 */
#include "../unit/ixgbe_card.h"

#define CARD_DEVICE 0x10f7

#include "fuzz_rings.h"

static void coalesce(struct input *in, uint32_t slot, uint32_t slots, uint32_t *type, uint64_t *done)
{
	*type = field(RXD_RSC_COUNT, take_byte(in) & 15);
	*done |= *done & RXD_EOP ? 0 : field(RXD_NEXTP, (slot + take_byte(in)) % slots);
}
