/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The igb driver's variants at each level of the processor against the portable ones.
 */
#include "igb_card.h"

#define CARD_DEVICE 0x10c9
#define CARD_L4E    29

#include "variant_cases.h"

static void prepare(void)
{
	*card_reg(&card, E1000_TSYNCRXCTL) |= TSYNC_VALID;
	*card_reg(&card, E1000_RXSTMPL) = 12345;
	igb(port)->clock.base_ns = 1;
}

static const struct unit_case cases[] = {
	VARIANT_CASES,
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("igb_variants", cases);
}
