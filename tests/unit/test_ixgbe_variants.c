/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The ixgbe driver's variants at each level of the processor against the portable ones.
 */
#include "ixgbe_card.h"

#define CARD_DEVICE 0x10f7
#define CARD_L4E    30

#include "variant_cases.h"

static void prepare(void)
{
	for (unsigned i = 0; i < IXGBE_FDIR_MAX; i++)
		ixgbe(port)->fdir.marks[i] = i;
	*card_reg(&card, IXGBE_TSYNCRXCTL) |= TSYNC_VALID;
	*card_reg(&card, IXGBE_RXSTMPL) = 12345;
	ixgbe(port)->clock.base_ns = 1;
}

static void coalesced_packets_are_received_alike(void)
{
	levels_receive_the_same((struct weir_port_conf){
	    .rx_slots = 128, .offloads = WEIR_OFFLOAD_LRO | WEIR_OFFLOAD_RX_META | WEIR_OFFLOAD_RX_CSUM });
}

static void coalescing_has_a_variant_of_its_own(void)
{
	struct weir_port_conf conf = { .offloads = WEIR_OFFLOAD_LRO };
	struct weir_port_info info;

	begin(&conf, 1);
	weir_port_info(port, &info);
	CU_ASSERT_STRING_EQUAL(info.variant, "level 1, coalesced");
	end();
}

static const struct unit_case cases[] = {
	VARIANT_CASES,
	{ "coalesced packets are received alike", coalesced_packets_are_received_alike },
	{ "coalescing has a variant of its own", coalescing_has_a_variant_of_its_own },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("ixgbe_variants", cases);
}
