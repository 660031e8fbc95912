/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The e1000 driver's variants for extended descriptors, at each level of the processor, against the portable ones.
 */
#include "e1000_card.h"

#define CARD_DEVICE 0x10d3
#define CARD_L4E    29

#include "variant_rx_cases.h"

/* Neither stamps nor marks are known here. */
static void prepare(void)
{
}

static const struct unit_case cases[] = {
	VARIANT_RX_CASES,
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("e1000_variants", cases);
}
