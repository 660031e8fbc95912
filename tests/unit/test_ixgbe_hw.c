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
	CU_ASSERT(error_says("the device is gone"));
	end();
}

/* Whatever step it happens in: not that step is to blame. */
static void a_device_that_goes_away_while_it_is_opened_is_told(void)
{
	unsigned accesses;

	begin(0x10f7);
	CU_ASSERT_EQUAL_FATAL(open_port(), 0);
	accesses = card.accesses;
	end();
	for (unsigned lives = 1; lives < accesses; lives += 1 + lives / 50) {
		struct weir_link link;

		begin(0x10f7);
		card.lives = lives;
		/* After the last read nothing but the next call can notice. */
		CU_ASSERT(open_port() == -ENODEV || weir_port_link(port, &link) == -ENODEV);
		CU_ASSERT(error_says("the device is gone"));
		end();
	}
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

/* All that was asked for stands in the registers again, although a queue that did not stop cost a reset. */
static void what_was_asked_for_outlives_a_reset(void)
{
	static const uint8_t mac[6] = { 2, 1, 2, 3, 4, 5 };
	static const uint32_t kept[] = { IXGBE_AT(RAL, 1), IXGBE_AT(RAH, 1), IXGBE_AT(VFTA, 3), IXGBE_VLNCTRL,
		                         IXGBE_FCTRL,      IXGBE_ETQF,       IXGBE_ETQS,        IXGBE_FTQF,
		                         IXGBE_SDPQF,      IXGBE_L34T_IMIR,  IXGBE_FDIRCTRL,    IXGBE_FDIRM,
		                         IXGBE_FDIRTCPM,   IXGBE_FDIRHASH,   IXGBE_RXPBSIZE,    IXGBE_MFLCN,
		                         IXGBE_FCRTH,      IXGBE_FCRTL,      IXGBE_FCCFG,       IXGBE_MRQC };
	struct weir_filter f = { .match = WEIR_MATCH_ETHER_TYPE, .ether_type = 0x88b5 };
	struct weir_flow_control flow = { .obey = true, .ask = true };
	struct weir_rss rss = { .types = WEIR_RSS_IPV4, .table_size = 1 };
	struct weir_port_conf conf = { 0 };
	uint32_t before[sizeof(kept) / sizeof(kept[0])];
	unsigned id;

	begin(0x10f7);
	conf.pool = make_pool(weir, 2048, true);
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "card:", &conf, &port), 0);
	CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
	CU_ASSERT_EQUAL(weir_port_add_mac(port, mac), 0);
	CU_ASSERT_EQUAL(weir_port_add_vlan(port, 100), 0);
	CU_ASSERT_EQUAL(weir_port_set_vlan_filter(port, true), 0);
	CU_ASSERT_EQUAL(weir_port_set_all_multicast(port, true), 0);
	CU_ASSERT_EQUAL(weir_port_set_rss(port, &rss), 0);
	CU_ASSERT_EQUAL(weir_port_set_flow_control(port, &flow), 0);
	CU_ASSERT_EQUAL(weir_port_add_filter(port, &f, NULL), 0);
	f = (struct weir_filter){ .match = WEIR_MATCH_IPV4 | WEIR_MATCH_PROTOCOL | WEIR_MATCH_DST_PORT, .protocol = 6 };
	f.dst_port = 80;
	CU_ASSERT_EQUAL(weir_port_add_filter(port, &f, NULL), 0);
	f.dst_port_mask = 0xff00;
	f.dst_port = 0x1200;
	CU_ASSERT_EQUAL(weir_port_add_filter(port, &f, NULL), 0);
	for (unsigned i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		before[i] = *card_reg(&card, kept[i]);
	card.stuck_queues = true;
	card.resets = 0;
	CU_ASSERT_EQUAL(weir_port_stop(port), 0);
	CU_ASSERT_EQUAL(card.resets, 1);
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_FTQF), 0);
	card.stuck_queues = false;
	f.dst_port = 0x1300;
	CU_ASSERT_EQUAL(weir_port_add_filter(port, &f, &id), 0);
	CU_ASSERT_NOT_EQUAL(*card_reg(&card, IXGBE_FDIRCTRL), 0);
	CU_ASSERT_EQUAL(weir_port_remove_filter(port, id), 0);
	CU_ASSERT_EQUAL(weir_port_start(port), 0);
	for (unsigned i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		if (*card_reg(&card, kept[i]) != before[i])
			printf("register 0x%05x: 0x%08x, then 0x%08x\n", kept[i], before[i], *card_reg(&card, kept[i]));
		CU_ASSERT_EQUAL(*card_reg(&card, kept[i]), before[i]);
		CU_ASSERT_NOT_EQUAL(before[i], 0);
	}
	end();
}

/* The marks of 512 KiB with frames of 1,526 bytes: what is still to come is 19,904 bytes, what is to be left 9,704. */
static void pauses_are_as_asked_for(void)
{
	struct weir_flow_control flow = { .ask = true, .pause_time = 0x1234 }, got;

	begin(0x10f7);
	CU_ASSERT_EQUAL_FATAL(open_port(), 0);
	CU_ASSERT_EQUAL(weir_port_flow_control(port, &got), 0);
	CU_ASSERT(!got.ask && !got.obey && !got.asking && !got.obeying);
	CU_ASSERT_EQUAL(got.pause_time, 0xffff);
	CU_ASSERT_EQUAL(weir_port_set_flow_control(port, &flow), 0);
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_MFLCN), MFLCN_DPF);
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_FCCFG), 8);
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_FCTTV), 0x12341234);
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_AT(FCTTV, 3)), 0x12341234);
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_FCRTV), 0x091a);
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_FCRTH), 0x80000000 | (524288 - 19904));
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_FCRTL), 0x80000000 | 9696);
	flow = (struct weir_flow_control){ .obey = true, .ask = true, .high = 100001, .low = 50001 };
	CU_ASSERT_EQUAL(weir_port_set_flow_control(port, &flow), 0);
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_MFLCN), MFLCN_DPF | MFLCN_RFCE);
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_FCRTH), 0x80000000 | 100000);
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_FCRTL), 0x80000000 | 49984);
	CU_ASSERT_EQUAL(weir_port_flow_control(port, &got), 0);
	CU_ASSERT(got.obeying && got.asking);
	CU_ASSERT_EQUAL(got.high, 100000);
	flow.low = 100001;
	CU_ASSERT_EQUAL(weir_port_set_flow_control(port, &flow), -EINVAL);
	CU_ASSERT(error_says("must be below the upper one"));
	flow = (struct weir_flow_control){ .ask = true, .high = 600000 };
	CU_ASSERT_EQUAL(weir_port_set_flow_control(port, &flow), -EINVAL);
	CU_ASSERT(error_says("its packet buffer has 524288"));
	CU_ASSERT_EQUAL(weir_port_flow_control(port, &got), 0);
	CU_ASSERT_EQUAL(got.high, 100000);
	end();
}

/* IEEE 802.3, table 28B-3, on a backplane. */
static void pauses_are_as_both_sides_want(void)
{
	static const struct {
		bool obey, ask;
		uint32_t offer, theirs; /* AUTOC; ANLP1 */
		bool obeying, asking;
	} rows[] = {
		{ true, true, 0x10000000, 0x0400, true, true },    { true, true, 0x10000000, 0x0c00, true, true },
		{ true, true, 0x10000000, 0x0800, false, false },  { true, true, 0x10000000, 0x0000, false, false },
		{ false, true, 0x20000000, 0x0c00, false, true },  { false, true, 0x20000000, 0x0400, false, false },
		{ true, false, 0x30000000, 0x0800, true, false },  { true, false, 0x30000000, 0x0400, true, false },
		{ true, false, 0x30000000, 0x0000, false, false }, { false, false, 0x00000000, 0x0c00, false, false },
	};
	struct weir_flow_control flow = { .negotiate = true };

	begin(0x10f7);
	CU_ASSERT_EQUAL_FATAL(open_port(), 0);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		flow.obey = rows[i].obey;
		flow.ask = rows[i].ask;
		*card_reg(&card, IXGBE_LINKS) = LINKS_UP | LINKS_KX_AN;
		*card_reg(&card, IXGBE_ANLP1) = rows[i].theirs;
		CU_ASSERT_EQUAL(weir_port_set_flow_control(port, &flow), 0);
		CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_AUTOC) & 0x30000000, rows[i].offer);
		CU_ASSERT_EQUAL(!(*card_reg(&card, IXGBE_MFLCN) & MFLCN_RFCE), !rows[i].obeying);
		CU_ASSERT_EQUAL(!*card_reg(&card, IXGBE_FCCFG), !rows[i].asking);
	}
	/* A link that comes up later, with another partner. */
	flow.obey = flow.ask = true;
	*card_reg(&card, IXGBE_LINKS) = 0;
	CU_ASSERT_EQUAL(weir_port_set_flow_control(port, &flow), 0);
	CU_ASSERT_EQUAL(weir_port_flow_control(port, &flow), 0);
	CU_ASSERT(!flow.obeying && !flow.asking);
	*card_reg(&card, IXGBE_LINKS) = LINKS_UP | LINKS_KX_AN;
	*card_reg(&card, IXGBE_ANLP1) = 0x0400;
	CU_ASSERT_EQUAL(weir_port_flow_control(port, &flow), 0);
	CU_ASSERT(flow.obeying && flow.asking);
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_FCCFG), 8);
	end();
}

/* An SFP+ port whose EEPROM says that pin SDP2 tells of the module; it gets one while it is open. */
static void a_module_may_come_later(void)
{
	struct weir_link link;

	begin(0x10fb);
	card.eeprom[0x2c] = 0;
	card.eeprom[0x3f] = (uint16_t)(card.eeprom[0x3f] + 0xffff);
	CU_ASSERT_EQUAL_FATAL(open_port(), 0);
	CU_ASSERT_EQUAL(weir_port_link(port, &link), 0);
	CU_ASSERT(!link.up);
	*card_reg(&card, IXGBE_AUTOC) = 0;
	CU_ASSERT_EQUAL(weir_port_link(port, &link), 0);
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_AUTOC), 0);
	*card_reg(&card, IXGBE_ESDP) |= ESDP_SDP2;
	CU_ASSERT_EQUAL(weir_port_link(port, &link), 0);
	CU_ASSERT(link.up);
	CU_ASSERT_EQUAL(field_of(AUTOC_LMS, *card_reg(&card, IXGBE_AUTOC)), LMS_10G_SERIAL);
	*card_reg(&card, IXGBE_ESDP) &= ~ESDP_SDP2;
	CU_ASSERT_EQUAL(weir_port_link(port, &link), 0);
	CU_ASSERT(!link.up);
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
	adv_txq(weir_port_txq(port, 0))->stuck.since_ns -= UINT64_C(3000000000); /* three seconds later */
	weir_port_link(port, &link);
	CU_ASSERT_EQUAL(weir_port_health(port, NULL), -EIO);
	*card_reg(&card, IXGBE_TDT) = 0;
	end();
}

/* Each turn of the semaphore costs more than a word does. */
static void the_eeprom_is_read_in_pieces(void)
{
	uint8_t bytes[301];
	unsigned before;

	begin(0x10f7);
	*card_reg(&card, IXGBE_EEC) |= field(EEC_SIZE, 2); /* 512 bytes */
	CU_ASSERT_EQUAL_FATAL(open_port(), 0);
	*card_reg(&card, IXGBE_EEC) |= field(EEC_SIZE, 2);
	for (unsigned i = 64; i < 256; i++)
		card.eeprom[i] = (uint16_t)(i * 251);
	before = card.turns;
	CU_ASSERT_EQUAL(weir_port_read_eeprom(port, 129, bytes, sizeof(bytes)), 0);
	for (unsigned i = 0; i < sizeof(bytes); i++)
		CU_ASSERT_EQUAL(bytes[i], (uint8_t)(card.eeprom[(129 + i) / 2] >> (129 + i) % 2 * 8));
	CU_ASSERT_EQUAL(card.turns - before, 3); /* 151 words, 64 at a time */
	end();
}

static const struct unit_case cases[] = {
	{ "the device gets at memory only while it is open", the_device_gets_at_memory_only_while_it_is_open },
	{ "semaphores are given back", semaphores_are_given_back },
	{ "an owner that died loses its lock", an_owner_that_died_loses_its_lock },
	{ "a damaged EEPROM is refused", a_damaged_eeprom_is_refused },
	{ "sections of the EEPROM are summed up, too", sections_of_the_eeprom_are_summed_up_too },
	{ "the address may come from the EEPROM", the_address_may_come_from_the_eeprom },
	{ "the EEPROM is read in pieces", the_eeprom_is_read_in_pieces },
	{ "a device that is not there is told", a_device_that_is_not_there_is_told },
	{ "a device that goes away while it is opened is told", a_device_that_goes_away_while_it_is_opened_is_told },
	{ "a device without registers is refused", a_device_without_registers_is_refused },
	{ "a queue that does not stop costs a reset", a_queue_that_does_not_stop_costs_a_reset },
	{ "a reset that fails leaves the device without memory", a_reset_that_fails_leaves_the_device_without_memory },
	{ "a device that is known to be gone is not spoken to", a_device_that_is_known_to_be_gone_is_not_spoken_to },
	{ "pools with small buffers are refused", pools_with_small_buffers_are_refused },
	{ "rings are powers of two within limits", rings_are_powers_of_two_within_limits },
	{ "an MTU that needs longer arrays waits for a stop", an_mtu_that_needs_longer_arrays_waits_for_a_stop },
	{ "counters add up in 64 bits", counters_add_up_in_64_bits },
	{ "VLANs and addresses are filtered by table", vlans_and_addresses_are_filtered_by_table },
	{ "what was asked for outlives a reset", what_was_asked_for_outlives_a_reset },
	{ "pauses are as asked for", pauses_are_as_asked_for },
	{ "pauses are as both sides want", pauses_are_as_both_sides_want },
	{ "a module may come later", a_module_may_come_later },
	{ "a transmit queue that hangs damages the port", a_transmit_queue_that_hangs_damages_the_port },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("ixgbe_hw", cases);
}
