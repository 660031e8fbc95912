/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How the ixgbe driver opens a device, and what it does with one that does not behave: on a card of which a test holds
 * every register.
 */
#include "ixgbe_card.h"

#include "pools.h"

static struct card card;
static struct weir *weir;
static struct weir_port *port;

static void begin(uint16_t device)
{
	card_make(&card, device);
	weir = open_weir();
}

static void end(void)
{
	weir_port_close(port);
	port = NULL;
	weir_close(weir);
}

static int open_port(void)
{
	return weir_port_open(weir, "card:", NULL, &port);
}

static void the_device_gets_at_memory_only_while_it_is_open(void)
{
	begin(0x10f7);
	card.command = 0x0004;
	CU_ASSERT_EQUAL(open_port(), 0);
	CU_ASSERT_EQUAL(card.resets, 1);
	CU_ASSERT_EQUAL(card.command & 0x0006, 0x0006);
	CU_ASSERT(*card_reg(&card, IXGBE_CTRL_EXT) & CTRL_EXT_DRV_LOAD);
	weir_port_close(port);
	port = NULL;
	CU_ASSERT_EQUAL(card.command & 0x0004, 0);
	CU_ASSERT_EQUAL(card.resets, 2);
	CU_ASSERT(!(*card_reg(&card, IXGBE_CTRL_EXT) & CTRL_EXT_DRV_LOAD));
	end();
}

static void semaphores_are_given_back(void)
{
	begin(0x10f7);
	CU_ASSERT_EQUAL(open_port(), 0);
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_SWSM), 0);
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_GSSR), 0);
	end();
}

static void an_owner_that_died_loses_its_lock(void)
{
	begin(0x10f7);
	CU_ASSERT_EQUAL_FATAL(open_port(), 0);
	*card_reg(&card, IXGBE_GSSR) = GSSR_EEPROM << 5; /* held by firmware that hangs */
	CU_ASSERT_EQUAL(ixgbe_lock(ixgbe(port), GSSR_EEPROM), 0);
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_GSSR), GSSR_EEPROM);
	ixgbe_unlock(ixgbe(port), GSSR_EEPROM);
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_GSSR), 0);
	end();
}

static void a_damaged_eeprom_is_refused(void)
{
	begin(0x10f7);
	card.eeprom[0x20] ^= 1;
	CU_ASSERT_EQUAL(open_port(), -EIO);
	CU_ASSERT(error_says("not 0xbaba"));
	CU_ASSERT_EQUAL(card.command & 0x0004, 0);
	end();
}

static void sections_of_the_eeprom_are_summed_up_too(void)
{
	begin(0x10f7);
	/* A section of two words at 0x40. What it adds, and the pointer in the place of ffff, comes off the checksum. */
	card.eeprom[0x05] = 0x40;
	card.eeprom[0x40] = 2;
	card.eeprom[0x41] = 0x1234;
	card.eeprom[0x42] = 0x0001;
	card.eeprom[0x3f] = (uint16_t)(card.eeprom[0x3f] - 0x1235 - (0x40 - 0xffff));
	CU_ASSERT_EQUAL(open_port(), 0);
	end();
}

static void the_address_may_come_from_the_eeprom(void)
{
	static const uint8_t mac[6] = { 0x00, 0x1b, 0x21, 0x01, 0x02, 0x03 };
	struct weir_port_info info;

	begin(0x10f7);
	card.no_address = true;
	CU_ASSERT_EQUAL(open_port(), -EADDRNOTAVAIL);
	card.eeprom[0x09] = 0x80; /* LAN core 0: its length, then the address */
	card.eeprom[0x80] = 0xffff;
	card.eeprom[0x81] = 0x1b00;
	card.eeprom[0x82] = 0x0121;
	card.eeprom[0x83] = 0x0302;
	card.eeprom[0x3f] = (uint16_t)(card.eeprom[0x3f] - (0x80 - 0xffff));
	CU_ASSERT_EQUAL_FATAL(open_port(), 0);
	weir_port_info(port, &info);
	CU_ASSERT_EQUAL(memcmp(info.mac, mac, 6), 0);
	end();
}

static void a_device_that_is_not_there_is_told(void)
{
	begin(0x10f7);
	card.gone = true;
	CU_ASSERT_EQUAL(open_port(), -ENODEV);
	CU_ASSERT(error_says("does not answer"));
	end();
}

static void a_device_without_registers_is_refused(void)
{
	begin(0x10f7);
	card.dev.regions[0].size = 4096;
	CU_ASSERT_EQUAL(open_port(), -ENODEV);
	end();
}

/* A queue that goes on is made to stop by a reset, without access to memory: only then are buffers freed. */
static void a_queue_that_does_not_stop_costs_a_reset(void)
{
	struct weir_pool *pool;
	struct weir_port_conf conf = { 0 };

	begin(0x10f7);
	pool = make_pool(weir, 2048, true);
	conf.pool = pool;
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "card:", &conf, &port), 0);
	CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
	card.stuck_queues = true;
	card.resets = 0;
	CU_ASSERT_EQUAL(weir_port_stop(port), 0);
	CU_ASSERT_EQUAL(card.resets, 1);
	CU_ASSERT_EQUAL(info_of(pool).in_use, 0);
	CU_ASSERT_EQUAL(card.command & 0x0006, 0x0006);
	CU_ASSERT_EQUAL(weir_port_start(port), 0);
	card.stuck_queues = false;
	end();
}

static void a_reset_that_fails_leaves_the_device_without_memory(void)
{
	begin(0x10f7);
	CU_ASSERT_EQUAL_FATAL(open_port(), 0);
	CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
	card.stuck_queues = true;
	card.stuck_reset = true;
	CU_ASSERT_EQUAL(weir_port_close(port), -ETIMEDOUT);
	port = NULL;
	CU_ASSERT_EQUAL(card.command & 0x0004, 0);
	end();
}

/* On a bus a read that nothing answers takes its time. */
static void a_device_that_is_known_to_be_gone_is_not_spoken_to(void)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 1 };
	struct weir_port_stats stats;
	struct weir_port_conf conf = { 0 };
	struct weir_link link;
	const char *name;
	uint64_t value;

	begin(0x10f7);
	conf.pool = make_pool(weir, 2048, true);
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "card:", &conf, &port), 0);
	CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
	card.gone = true;
	card.accesses = 0;
	CU_ASSERT_EQUAL(weir_port_link(port, &link), -ENODEV);
	CU_ASSERT_EQUAL(card.accesses, 1);
	weir_port_stats(port, &stats);
	for (unsigned i = 0; !weir_port_counter(port, i, &name, &value); i++)
		;
	CU_ASSERT_EQUAL(weir_port_link(port, &link), -ENODEV);
	CU_ASSERT_EQUAL(weir_port_set_mtu(port, 1400), -ENODEV);
	CU_ASSERT_EQUAL(weir_port_set_mac(port, mac), -ENODEV);
	CU_ASSERT_EQUAL(weir_port_set_promiscuous(port, true), -ENODEV);
	CU_ASSERT_EQUAL(weir_rxq_arm(weir_port_rxq(port, 0)), -ENODEV);
	CU_ASSERT_EQUAL(weir_port_stop(port), 0);
	CU_ASSERT_EQUAL(weir_port_start(port), -ENODEV);
	CU_ASSERT_EQUAL(weir_port_close(port), 0);
	CU_ASSERT_EQUAL(card.accesses, 1);
	CU_ASSERT_EQUAL(info_of(conf.pool).in_use, 0);
	port = NULL;
	end();
}

static void pools_with_small_buffers_are_refused(void)
{
	struct weir_pool_conf small = { .count = 512, .room = 1024 };
	struct weir_port_conf conf = { 0 };

	begin(0x10f7);
	CU_ASSERT_EQUAL_FATAL(weir_pool_create(weir, &small, &conf.pool), 0);
	CU_ASSERT_EQUAL(weir_port_open(weir, "card:", &conf, &port), -EINVAL);
	CU_ASSERT(error_says("896 bytes behind the headroom"));
	end();
}

static void rings_are_powers_of_two_within_limits(void)
{
	struct weir_port_conf conf = { .tx_slots = 100 };
	struct weir_port_info info;

	begin(0x10f7);
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "card:", &conf, &port), 0);
	weir_port_info(port, &info);
	CU_ASSERT_EQUAL(info.tx_slots, 128);
	weir_port_close(port);
	conf.tx_slots = 4097;
	CU_ASSERT_EQUAL(weir_port_open(weir, "card:", &conf, &port), -EINVAL);
	CU_ASSERT(error_says("4097 transmit slots"));
	end();
}

static void an_mtu_that_needs_longer_arrays_waits_for_a_stop(void)
{
	struct weir_port_conf conf = { 0 };

	begin(0x10f7);
	conf.pool = make_pool(weir, 2048, true);
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "card:", &conf, &port), 0);
	CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
	CU_ASSERT_EQUAL(weir_port_set_mtu(port, 2000), 0);
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_MAXFRS) >> 16, 2018);
	CU_ASSERT_EQUAL(weir_port_set_mtu(port, 9000), -EBUSY);
	CU_ASSERT_EQUAL(weir_port_stop(port), 0);
	CU_ASSERT_EQUAL(weir_port_set_mtu(port, 9710), 0);
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_MAXFRS) >> 16, 9728);
	CU_ASSERT_EQUAL(weir_port_set_mtu(port, 9711), -EINVAL);
	end();
}

static void counters_add_up_in_64_bits(void)
{
	const char *name;
	uint64_t value = 0;

	begin(0x10f7);
	CU_ASSERT_EQUAL_FATAL(open_port(), 0);
	for (unsigned round = 0; round < 3; round++) {
		*card_reg(&card, IXGBE_GORCL) = 0xfffffff0;
		*card_reg(&card, IXGBE_GORCH) = 0x0000000f;
		for (unsigned i = 0; !weir_port_counter(port, i, &name, &value); i++)
			if (!strcmp(name, "rx_good_bytes"))
				break;
		*card_reg(&card, IXGBE_GORCL) = 0; /* as reading the upper half does */
	}
	CU_ASSERT_STRING_EQUAL(name, "rx_good_bytes");
	CU_ASSERT_EQUAL(value, 3 * UINT64_C(0xffffffff0));
	end();
}

static void vlans_and_addresses_are_filtered_by_table(void)
{
	static const uint8_t mac[6] = { 2, 1, 2, 3, 4, 5 }, group[6] = { 1, 0, 0x5e, 0, 0x12, 0x34 };
	uint8_t more[6] = { 2, 0, 0, 0, 0, 0 };

	begin(0x10f7);
	CU_ASSERT_EQUAL_FATAL(open_port(), 0);
	CU_ASSERT_EQUAL(weir_port_add_vlan(port, 100), 0);
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_AT(VFTA, 3)), 1u << 4);
	CU_ASSERT(!(*card_reg(&card, IXGBE_VLNCTRL) & VLNCTRL_VFE));
	CU_ASSERT_EQUAL(weir_port_set_vlan_filter(port, true), 0);
	CU_ASSERT(*card_reg(&card, IXGBE_VLNCTRL) & VLNCTRL_VFE);
	CU_ASSERT_EQUAL(weir_port_remove_vlan(port, 100), 0);
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_AT(VFTA, 3)), 0);
	CU_ASSERT_EQUAL(weir_port_add_vlan(port, 4095), -EINVAL);
	CU_ASSERT_EQUAL(weir_port_add_mac(port, group), 0);
	CU_ASSERT_EQUAL(weir_port_add_mac(port, mac), 0);
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_AT(RAL, 1)), 0x03020102);
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_AT(RAH, 1)), 0x80000504);
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_AT(RAL, 2)), 0x005e0001);
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_AT(RAH, 2)), 0x80003412);
	CU_ASSERT_EQUAL(weir_port_set_all_multicast(port, true), 0);
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_FCTRL), FCTRL_BAM | FCTRL_MPE);
	/* With 127 more of the port's own the group finds room in the table of hashes only: 0x341 is word 26, bit 1. */
	for (more[5] = 1; more[5] <= 126; more[5]++)
		CU_ASSERT_EQUAL(weir_port_add_mac(port, more), 0);
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_AT(MTA, 26)), 1u << 1);
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_MCSTCTRL), MCSTCTRL_MFE);
	CU_ASSERT_EQUAL(weir_port_add_mac(port, more), -ENOSPC);
	CU_ASSERT_EQUAL(weir_port_remove_mac(port, mac), 0);
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_AT(MTA, 26)), 0);
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_AT(RAL, 127)), 0x005e0001);
	CU_ASSERT_EQUAL(weir_port_remove_mac(port, mac), -ENOENT);
	end();
}

static void a_transmit_queue_that_hangs_damages_the_port(void)
{
	struct weir_link link;

	begin(0x10f7);
	CU_ASSERT_EQUAL_FATAL(open_port(), 0);
	CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
	*card_reg(&card, IXGBE_TDT) = 5;
	weir_port_link(port, &link);
	CU_ASSERT_EQUAL(weir_port_health(port, NULL), 0);
	ixgbe_txq(weir_port_txq(port, 0))->stuck.since_ns -= UINT64_C(3000000000); /* three seconds later */
	weir_port_link(port, &link);
	CU_ASSERT_EQUAL(weir_port_health(port, NULL), -EIO);
	*card_reg(&card, IXGBE_TDT) = 0;
	end();
}

static const struct unit_case cases[] = {
	{ "the device gets at memory only while it is open", the_device_gets_at_memory_only_while_it_is_open },
	{ "semaphores are given back", semaphores_are_given_back },
	{ "an owner that died loses its lock", an_owner_that_died_loses_its_lock },
	{ "a damaged EEPROM is refused", a_damaged_eeprom_is_refused },
	{ "sections of the EEPROM are summed up, too", sections_of_the_eeprom_are_summed_up_too },
	{ "the address may come from the EEPROM", the_address_may_come_from_the_eeprom },
	{ "a device that is not there is told", a_device_that_is_not_there_is_told },
	{ "a device without registers is refused", a_device_without_registers_is_refused },
	{ "a queue that does not stop costs a reset", a_queue_that_does_not_stop_costs_a_reset },
	{ "a reset that fails leaves the device without memory", a_reset_that_fails_leaves_the_device_without_memory },
	{ "a device that is known to be gone is not spoken to", a_device_that_is_known_to_be_gone_is_not_spoken_to },
	{ "pools with small buffers are refused", pools_with_small_buffers_are_refused },
	{ "rings are powers of two within limits", rings_are_powers_of_two_within_limits },
	{ "an MTU that needs longer arrays waits for a stop", an_mtu_that_needs_longer_arrays_waits_for_a_stop },
	{ "counters add up in 64 bits", counters_add_up_in_64_bits },
	{ "VLANs and addresses are filtered by table", vlans_and_addresses_are_filtered_by_table },
	{ "a transmit queue that hangs damages the port", a_transmit_queue_that_hangs_damages_the_port },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("ixgbe_hw", cases);
}
