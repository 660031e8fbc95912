/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a card with extended descriptors, as an 82574L writes into the rings of the e1000 driver.
 */
#include "../unit/e1000_card.h"

#define CARD_DEVICE 0x10d3

#include "fuzz_rings.h"

static void coalesce(struct input *in, uint32_t slot, uint32_t slots, uint32_t *type, uint64_t *done)
{
	(void)in, (void)slot, (void)slots, (void)type, (void)done;
}
