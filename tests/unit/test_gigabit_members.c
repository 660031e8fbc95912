/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the members of the gigabit family differ in, those among them that there is no model of: on a card of which a test
 * holds every register.
 */
#include "gigabit_card.h"

#include "weir/device.h"
#include "weir/filter.h"

static struct card card;
static struct weir_port *port;

static const uint8_t own[6] = { 0x00, 0x1b, 0x21, 0x01, 0x02, 0x03 };

static int open_port(void)
{
	struct weir_port_conf conf = { 0 };

	weir = open_weir();
	conf.pool = make_pool(weir, 512, true);
	return weir_port_open(weir, "card:", &conf, &port);
}

static void close_port(void)
{
	if (port)
		weir_port_close(port);
	port = NULL;
	weir_close(weir);
}

static bool has_mac(const uint8_t mac[6])
{
	struct weir_port_info info;

	weir_port_info(port, &info);
	return !memcmp(info.mac, mac, 6);
}

static uint16_t eeprom_word(unsigned word)
{
	uint16_t value = 0;

	CU_ASSERT_EQUAL(weir_port_read_eeprom(port, 2 * word, &value, 2), 0);
	return value;
}

static void every_member_opens_starts_and_is_reset_in_the_end(void)
{
	static const struct device_id ids[] = { E1000_MEMBERS(MEMBER_ID) IGB_MEMBERS(MEMBER_ID){ 0, 0 } };
	struct weir_link link;

	for (unsigned i = 0; ids[i].vendor; i++) {
		card_make(&card, ids[i].device);
		CU_ASSERT_EQUAL_FATAL(open_port(), 0);
		CU_ASSERT(has_mac(own));
		CU_ASSERT_EQUAL(card.command & 0x0006, 0x0006);
		CU_ASSERT_EQUAL(weir_port_start(port), 0);
		CU_ASSERT(*card_reg(&card, E1000_RCTL) & RCTL_EN);
		CU_ASSERT_EQUAL(weir_port_link(port, &link), 0);
		card.resets = 0;
		close_port();
		CU_ASSERT_EQUAL(card.command & 0x0004, 0);
		CU_ASSERT_EQUAL(card.resets, 1);
		CU_ASSERT_EQUAL(*card_reg(&card, E1000_RCTL), 0);
		CU_ASSERT_EQUAL(*card_reg(&card, E1000_SW_FW_SYNC), 0);
		CU_ASSERT_EQUAL(*card_reg(&card, E1000_EXTCNF_CTRL) & EXTCNF_MDIO_SW, 0);
	}
}

/* Whatever step it happens in: not that step is to blame. */
static void a_device_that_goes_away_while_it_is_opened_is_told(void)
{
	static const uint16_t devices[] = { 0x100e, 0x105e, 0x10d3, 0x15a0, 0x15b7, 0x10c9, 0x1539 };

	for (unsigned i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		unsigned accesses;

		card_make(&card, devices[i]);
		CU_ASSERT_EQUAL_FATAL(open_port(), 0);
		accesses = card.accesses;
		close_port();
		for (unsigned lives = 1; lives < accesses; lives += 1 + lives / 8) {
			struct weir_link link;

			card_make(&card, devices[i]);
			card.lives = lives;
			CU_ASSERT(open_port() == -ENODEV || weir_port_link(port, &link) == -ENODEV);
			CU_ASSERT(error_says("the device is gone"));
			close_port();
		}
	}
}

static void a_damaged_eeprom_is_refused(void)
{
	static const uint16_t devices[] = { 0x100e, 0x105e, 0x10d3, 0x153a, 0x156f, 0x10c9, 0x1521 };

	for (unsigned i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		card_make(&card, devices[i]);
		card.words[0x20] ^= 1;
		CU_ASSERT_EQUAL(open_port(), -EIO);
		CU_ASSERT_PTR_NOT_NULL(strstr(weir_error(), "0xbaba"));
		CU_ASSERT_EQUAL(card.command & 0x0004, 0);
		close_port();
	}
}

/* --- addresses ------------------------------------------------------------------------------------------------------------ */

static void the_second_port_of_a_pci_card_has_the_next_address(void)
{
	static const uint8_t next[6] = { 0x00, 0x1b, 0x21, 0x01, 0x02, 0x02 };

	card_make(&card, 0x1010);
	card.kept[E1000_STATUS / 4] |= 1 << 2;
	card_reset(&card);
	CU_ASSERT_EQUAL_FATAL(open_port(), 0);
	CU_ASSERT(has_mac(next));
	close_port();
}

static void a_second_address_takes_the_place_of_the_first(void)
{
	static const uint8_t other[6] = { 0x00, 0x1b, 0x21, 0x0a, 0x0b, 0x0c };

	card_make(&card, 0x10c9);
	card.words[0x37] = 0x50;
	card.words[0x50] = 0x1b00;
	card.words[0x51] = 0x0a21;
	card.words[0x52] = 0x0c0b;
	card_sum(&card, 0);
	CU_ASSERT_EQUAL_FATAL(open_port(), 0);
	CU_ASSERT(has_mac(other));
	CU_ASSERT_EQUAL(weir_port_start(port), 0);
	CU_ASSERT_EQUAL(*card_reg(&card, 0x5400), 0x0a211b00);
	CU_ASSERT_EQUAL(*card_reg(&card, 0x5404), 0x80000c0b);
	close_port();
}

/* A reset of the other port loads the first place anew: the address is in the last one, too. */
static void the_82571_keeps_its_address_in_a_spare_place(void)
{
	struct weir_filter_limits limits;

	card_make(&card, 0x105e);
	CU_ASSERT_EQUAL_FATAL(open_port(), 0);
	CU_ASSERT_EQUAL(weir_port_start(port), 0);
	CU_ASSERT_EQUAL(*card_reg(&card, 0x5400 + 14 * 8), 0x01211b00);
	CU_ASSERT_EQUAL(*card_reg(&card, 0x5404 + 14 * 8), 0x80000302);
	CU_ASSERT_EQUAL(weir_port_filter_limits(port, &limits), 0);
	CU_ASSERT_EQUAL(limits.addresses, 13);
	close_port();
}

/* Its own is in the first place, further ones from 0x5438 on; the firmware may have the last of them. */
static void the_i217_shares_addresses_with_the_firmware(void)
{
	static const uint8_t group[6] = { 0x01, 0x00, 0x5e, 0x00, 0x00, 0x07 };
	struct weir_filter_limits limits;
	uint8_t mac[6] = { 2, 0, 0, 0, 0, 5 };

	card_make(&card, 0x153a);
	card.kept[E1000_FWSM / 4] = 3 << 7; /* from the fourth on */
	card_reset(&card);
	CU_ASSERT_EQUAL_FATAL(open_port(), 0);
	CU_ASSERT_EQUAL(weir_port_start(port), 0);
	CU_ASSERT_EQUAL(weir_port_filter_limits(port, &limits), 0);
	CU_ASSERT_EQUAL(limits.addresses, 3);
	CU_ASSERT_EQUAL(limits.groups, 1024);
	for (unsigned i = 0; i < 3; i++, mac[5]++)
		CU_ASSERT_EQUAL(weir_port_add_mac(port, mac), 0);
	CU_ASSERT_EQUAL(*card_reg(&card, 0x5438), 2);
	CU_ASSERT_EQUAL(*card_reg(&card, 0x543c), 0x80000500);
	CU_ASSERT_EQUAL(*card_reg(&card, 0x5438 + 16), 2);
	CU_ASSERT_EQUAL(*card_reg(&card, 0x5408), 0);
	/* A table of 1,024 bits: the upper ten of the last two bytes, 0x0700 >> 6. */
	CU_ASSERT_EQUAL(weir_port_add_mac(port, group), 0);
	CU_ASSERT_EQUAL(*card_reg(&card, 0x5200 + 0x1c / 32 * 4), 1u << 0x1c % 32);
	close_port();
}

static void lost_writes_of_the_i350_are_made_up_for(void)
{
	card_make(&card, 0x1521);
	CU_ASSERT_EQUAL_FATAL(open_port(), 0);
	CU_ASSERT_EQUAL(weir_port_start(port), 0);
	card.vlan_writes = 0;
	CU_ASSERT_EQUAL(weir_port_add_vlan(port, 5), 0);
	CU_ASSERT_EQUAL(*card_reg(&card, 0x5600) & 1 << 5, 1 << 5);
	CU_ASSERT_EQUAL(card.vlan_writes, 10);
	close_port();
}

/* --- words ------------------------------------------------------------------------------------------------------------------ */

static void ports_of_the_i350_have_words_of_their_own(void)
{
	struct weir_eeprom eeprom;

	card_make(&card, 0x1521);
	card.kept[E1000_STATUS / 4] |= 2 << 2; /* port 2: words 0xc0 to 0xff */
	card_reset(&card);
	card_sum(&card, 0xc0);
	CU_ASSERT_EQUAL_FATAL(open_port(), 0);
	card.words[0xc5] ^= 1;
	CU_ASSERT_EQUAL(weir_port_eeprom(port, &eeprom), 0);
	CU_ASSERT(eeprom.checksum_bad);
	close_port();
}

/* Word 0x23 says whether somebody has written the sum since the flash was filled. */
static void a_flash_that_was_never_summed_up_is_taken(void)
{
	card_make(&card, 0x10d3);
	card.kept[E1000_EECD / 4] |= EECD_FLASH;
	card_reset(&card);
	card.words[0x20] ^= 1;
	CU_ASSERT_EQUAL(open_port(), -EIO);
	close_port();
	card.words[0x23] = 0x7fff;
	CU_ASSERT_EQUAL(open_port(), 0);
	close_port();
}

/* 0x9000 in word 0x13 makes a bank valid: its upper two bits are 10. */
static void the_flash_of_a_board_has_two_banks(void)
{
	static const uint16_t devices[] = { 0x153a, 0x15a0, 0x156f };

	for (unsigned i = 0; i < 3; i++) {
		card_make(&card, devices[i]);
		card.words[0x2a] = 0x1234;
		card_sum(&card, 0);
		CU_ASSERT_EQUAL_FATAL(open_port(), 0);
		CU_ASSERT_EQUAL(eeprom_word(0x2a), 0x1234);
		CU_ASSERT_EQUAL(eeprom_word(0x2b), 0xffff);
		close_port();
		memcpy(card.words + 2048, card.words, 128);
		card.words[2048 + 0x2a] = 0x4321;
		card_sum(&card, 2048);
		CU_ASSERT_EQUAL_FATAL(open_port(), 0);
		CU_ASSERT_EQUAL(eeprom_word(0x2a), 0x1234); /* both are valid: the first */
		card.words[0x13] = 0xffff;
		CU_ASSERT_EQUAL(eeprom_word(0x2a), 0x4321);
		close_port();
	}
}

static void the_i211_has_records_in_place_of_an_eeprom(void)
{
	static const uint32_t records[] = {
		0x00000002,
		0x12340101, /* a register's value, which looks like a word */
		0x00000004,
		1,
		1,
		1,
		1,
		1,
		1,
		1,
		1,                      /* a key */
		0xabcd0001 | 0x14 << 9, /* word 0x14 */
	};
	struct weir_eeprom eeprom;

	card_make(&card, 0x1539);
	memcpy(&card.kept[0x12120 / 4], records, sizeof(records));
	card_reset(&card);
	CU_ASSERT_EQUAL_FATAL(open_port(), 0);
	CU_ASSERT_EQUAL(weir_port_eeprom(port, &eeprom), 0);
	CU_ASSERT_EQUAL(eeprom.size, 128);
	CU_ASSERT(!eeprom.checksum_bad);
	CU_ASSERT_EQUAL(eeprom_word(0x14), 0xabcd);
	CU_ASSERT_EQUAL(eeprom_word(0x00), 0xffff);
	close_port();
}

/* EERD names 16,384 words; an EEPROM may have twice as many. */
static void words_beyond_a_registers_reach_come_by_pins(void)
{
	card_make(&card, 0x10c9);
	card.kept[E1000_EECD / 4] |= 9u << 11; /* 64 << 9 */
	card_reset(&card);
	card.words[0x2a] = 0x1234;
	card_sum(&card, 0);
	CU_ASSERT_EQUAL_FATAL(open_port(), 0);
	CU_ASSERT_EQUAL(eeprom_word(0x2a), 0x1234);
	CU_ASSERT_EQUAL(eeprom_word(0x402a), 0x1234); /* of which the card has the lower bits */
	CU_ASSERT_EQUAL(*card_reg(&card, E1000_EECD) & EECD_REQ, 0);
	close_port();
}

/* --- turns ------------------------------------------------------------------------------------------------------------------ */

/* Bit 0 of SW_FW_SYNC is the EEPROM's, 16 further up the firmware's. */
static void an_owner_that_died_loses_its_lock(void)
{
	card_make(&card, 0x10c9);
	CU_ASSERT_EQUAL_FATAL(open_port(), 0);
	*card_reg(&card, 0x5b5c) = 1u << 16;
	CU_ASSERT_EQUAL(gigabit_lock(gigabit(port), GIGABIT_LOCK_NVM), 0);
	CU_ASSERT_EQUAL(*card_reg(&card, 0x5b5c), 1);
	gigabit_unlock(gigabit(port), GIGABIT_LOCK_NVM);
	CU_ASSERT_EQUAL(*card_reg(&card, 0x5b5c), 0);
	CU_ASSERT_EQUAL(*card_reg(&card, 0x5b50), 0);
	close_port();
}

static void firmware_that_keeps_the_phy_is_complained_of(void)
{
	card_make(&card, 0x10d3);
	card.stubborn = true;
	CU_ASSERT_EQUAL(open_port(), -ETIMEDOUT);
	CU_ASSERT(error_says("semaphore"));
	CU_ASSERT_EQUAL(card.command & 0x0004, 0);
	close_port();
}

/* --- links ------------------------------------------------------------------------------------------------------------------ */

/* TXCW 0x178, RXCW 0x180 (317453, 13.4.13 and 14). */
static void fibre_is_negotiated_or_else_forced(void)
{
	static const uint16_t devices[] = { 0x1011, 0x105f, 0x1060 };
	struct weir_link link;

	for (unsigned i = 0; i < 3; i++) {
		card_make(&card, devices[i]);
		card.kept[E1000_STATUS / 4] &= ~STATUS_LU;
		card_reset(&card);
		CU_ASSERT_EQUAL_FATAL(open_port(), 0);
		CU_ASSERT_EQUAL(*card_reg(&card, 0x178), 0x80000020);
		CU_ASSERT_EQUAL(*card_reg(&card, 0) & (CTRL_SLU | CTRL_LRST), 0);
		*card_reg(&card, 0) |= CTRL_SWDPIN1;
		*card_reg(&card, 0x180) = RXCW_SYNCH; /* light, and nobody who negotiates */
		for (uint64_t end = now_ns() + 10000 * MS * 1000;
		     !(*card_reg(&card, 0) & CTRL_SLU) && now_ns() < end;) {
			CU_ASSERT_EQUAL(weir_port_link(port, &link), 0);
			sleep_us(20 * MS);
		}
		CU_ASSERT(*card_reg(&card, 0) & CTRL_SLU);
		CU_ASSERT_EQUAL(*card_reg(&card, 0x178), 0x00000020);
		*card_reg(&card, 0x180) = RXCW_SYNCH | RXCW_C; /* now somebody does */
		CU_ASSERT_EQUAL(weir_port_link(port, &link), 0);
		CU_ASSERT_EQUAL(*card_reg(&card, 0x178), 0x80000020);
		CU_ASSERT_EQUAL(*card_reg(&card, 0) & CTRL_SLU, 0);
		close_port();
	}
}

/* PCS_LCTL 0x4208, PCS_LSTAT 0x420c (82576 datasheet, 8.17). */
static void serdes_negotiates_unless_the_eeprom_forbids_it(void)
{
	struct weir_link link;

	card_make(&card, 0x10e7);
	card.kept[E1000_CTRL_EXT / 4] = 3u << 22;
	card_reset(&card);
	CU_ASSERT_EQUAL_FATAL(open_port(), 0);
	CU_ASSERT_EQUAL(*card_reg(&card, 0x4208), 0x0003008c);
	CU_ASSERT_EQUAL(weir_port_link(port, &link), 0);
	CU_ASSERT(!link.up);
	*card_reg(&card, 0x420c) = 0x0d;
	CU_ASSERT_EQUAL(weir_port_link(port, &link), 0);
	CU_ASSERT(link.up && link.full_duplex);
	CU_ASSERT_EQUAL(link.mbps, 1000);
	close_port();
	card.words[3] |= 0x4000;
	card_sum(&card, 0);
	CU_ASSERT_EQUAL_FATAL(open_port(), 0);
	CU_ASSERT_EQUAL(*card_reg(&card, 0x4208), 0x0000009c);
	close_port();
}

/* Its address is in MDICNFG (0xe04), bits 25:21; bit 31: it is outside. */
static void a_phy_outside_is_found_where_the_card_says(void)
{
	struct weir_link link;

	card_make(&card, 0x1f41);
	card.kept[E1000_CTRL_EXT / 4] = 2u << 22;
	card.kept[0xe04 / 4] = 0x80000000 | 5 << 21;
	card_reset(&card);
	card.phy_at = 5;
	CU_ASSERT_EQUAL_FATAL(open_port(), 0);
	CU_ASSERT_EQUAL(gigabit(port)->phy, 5);
	CU_ASSERT_EQUAL(card.phy[5][0] & 0x1200, 0x1200); /* negotiates, anew */
	CU_ASSERT_EQUAL(weir_port_link(port, &link), 0);
	CU_ASSERT(link.up);
	close_port();
}

static void the_link_of_a_backplane_may_be_faster(void)
{
	struct weir_link link;

	card_make(&card, 0x1f45);
	card.kept[E1000_CTRL_EXT / 4] = 1u << 22;
	card.kept[E1000_STATUS / 4] |= 0x1000;
	card_reset(&card);
	CU_ASSERT_EQUAL_FATAL(open_port(), 0);
	*card_reg(&card, 0x420c) = 0x0d;
	CU_ASSERT_EQUAL(weir_port_link(port, &link), 0);
	CU_ASSERT_EQUAL(link.mbps, 2500);
	close_port();
}

/* If the firmware lets us (FWSM, 0x5b54, bit 6). */
static void a_phy_that_sleeps_is_woken_up(void)
{
	card_make(&card, 0x15a0);
	card.sleeps = true;
	CU_ASSERT_EQUAL(open_port(), -EIO);
	CU_ASSERT_PTR_NOT_NULL(strstr(weir_error(), "PHY"));
	close_port();
	card.kept[0x5b54 / 4] = 1 << 6;
	card_reset(&card);
	CU_ASSERT_EQUAL(open_port(), 0);
	CU_ASSERT_EQUAL(*card_reg(&card, 0x0018) & 0x0800, 0); /* the MAC has left SMBus again */
	close_port();
}

static void a_phy_on_the_firmwares_bus_is_taken_back(void)
{
	card_make(&card, 0x15a0);
	card.phy[1][23] = 1;
	CU_ASSERT_EQUAL(open_port(), 0);
	CU_ASSERT_EQUAL(card.phy[1][23], 0);
	CU_ASSERT_EQUAL(card.phy[1][31], 0);
	close_port();
	card.phy[1][23] = 1;
	card.kept[0x5b54 / 4] = 1 << 15; /* but not when there is firmware */
	card_reset(&card);
	CU_ASSERT_EQUAL(open_port(), 0);
	CU_ASSERT_EQUAL(card.phy[1][23], 1);
	close_port();
}

/* What is up as it shall be is not taken down: a restart of a program need not wait for the partner. */
static void a_link_that_is_up_stays_up(void)
{
	card_make(&card, 0x10d3);
	card.phy[1][0] = 0x1140;
	card.phy[1][1] = 0x796d;
	card.phy[1][4] = 0x01e1;
	card.phy[1][9] = 0x0200;
	CU_ASSERT_EQUAL_FATAL(open_port(), 0);
	CU_ASSERT_EQUAL(card.phy[1][0], 0x1140);
	close_port();
	card.phy[1][4] = 0x0de1; /* it offers pauses that we do not want */
	CU_ASSERT_EQUAL_FATAL(open_port(), 0);
	CU_ASSERT_EQUAL(card.phy[1][4], 0x01e1);
	CU_ASSERT_EQUAL(card.phy[1][0], 0x1340);
	close_port();
}

/* --- settings ---------------------------------------------------------------------------------------------------------------- */

static void what_a_reset_leaves_wrong_is_set_right(void)
{
	card_make(&card, 0x105e);
	card.kept[0x3840 / 4] = 0x78000403; /* TARC0 */
	card.kept[0x0018 / 4] = 0x00080000; /* CTRL_EXT */
	card_reset(&card);
	CU_ASSERT_EQUAL_FATAL(open_port(), 0);
	CU_ASSERT_EQUAL(*card_reg(&card, 0x3840), 0x07800403);
	CU_ASSERT_EQUAL(*card_reg(&card, 0x0018), 0x10000000);
	CU_ASSERT_EQUAL(*card_reg(&card, 0x5008), 0x00030000);
	CU_ASSERT_EQUAL(*card_reg(&card, 0x1100), 1);
	close_port();
	card_make(&card, 0x10d3);
	CU_ASSERT_EQUAL_FATAL(open_port(), 0);
	CU_ASSERT_EQUAL(*card_reg(&card, 0x5b00) & 0x08400000, 0x08400000);
	CU_ASSERT_EQUAL(*card_reg(&card, 0x3828) & 1 << 22, 1 << 22);
	close_port();
	card_make(&card, 0x156f);
	card.kept[0x3840 / 4] = 0x30000403;
	card_reset(&card);
	CU_ASSERT_EQUAL_FATAL(open_port(), 0);
	CU_ASSERT_EQUAL(*card_reg(&card, 0x3840) & 0x30000000, 0x20000000);
	CU_ASSERT_EQUAL(*card_reg(&card, 0x0f28), 0x00010000);
	close_port();
}

/* KiB: as they are, 7 bits (82576), by a table (82580, I350), 6 bits (I210). */
static void packet_buffers_are_as_large_as_registers_say(void)
{
	static const struct {
		uint16_t device;
		uint32_t value, kib;
	} all[] = {
		{ 0x10c9, 0x40, 64 }, { 0x1521, 0, 36 }, { 0x150e, 10, 140 }, { 0x1533, 0xa2, 34 }, { 0x109a, 0, 20 }
	};

	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		card_make(&card, all[i].device);
		card.kept[0x2404 / 4] = all[i].value;
		card_reset(&card);
		CU_ASSERT_EQUAL_FATAL(open_port(), 0);
		CU_ASSERT_EQUAL(gigabit(port)->rx_buffer, all[i].kib << 10);
		close_port();
	}
}

/* What the packet buffer has left for sending, of so many KiB: a frame leaves when it is there as a whole. */
static void the_longest_frame_fits_the_packet_buffer_for_sending(void)
{
	static const struct {
		uint16_t device;
		unsigned kib;
	} all[] = { { 0x100e, 64 }, { 0x100f, 64 }, { 0x1010, 64 }, { 0x105e, 48 }, { 0x107d, 48 },
		    { 0x108b, 32 }, { 0x109a, 32 }, { 0x10d3, 40 }, { 0x150c, 40 } };
	struct weir_port_info info;

	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		card_make(&card, all[i].device);
		CU_ASSERT_EQUAL_FATAL(open_port(), 0);
		weir_port_info(port, &info);
		CU_ASSERT(card.shares > 0 && card.shares < all[i].kib);
		CU_ASSERT(info.mtu_max + 22 + 16 <= (all[i].kib - card.shares) << 10);
		CU_ASSERT(info.mtu_max + 22 + 16 <= card.shares << 10);
		close_port();
	}
}

static const struct unit_case cases[] = {
	{ "every member opens, starts and is reset in the end", every_member_opens_starts_and_is_reset_in_the_end },
	{ "a device that goes away while it is opened is told", a_device_that_goes_away_while_it_is_opened_is_told },
	{ "a damaged EEPROM is refused", a_damaged_eeprom_is_refused },
	{ "the second port of a PCI card has the next address", the_second_port_of_a_pci_card_has_the_next_address },
	{ "a second address takes the place of the first", a_second_address_takes_the_place_of_the_first },
	{ "the 82571 keeps its address in a spare place", the_82571_keeps_its_address_in_a_spare_place },
	{ "the I217 shares addresses with the firmware", the_i217_shares_addresses_with_the_firmware },
	{ "lost writes of the I350 are made up for", lost_writes_of_the_i350_are_made_up_for },
	{ "ports of the I350 have words of their own", ports_of_the_i350_have_words_of_their_own },
	{ "a flash that was never summed up is taken", a_flash_that_was_never_summed_up_is_taken },
	{ "the flash of a board has two banks", the_flash_of_a_board_has_two_banks },
	{ "the I211 has records in place of an EEPROM", the_i211_has_records_in_place_of_an_eeprom },
	{ "words beyond a register's reach come by pins", words_beyond_a_registers_reach_come_by_pins },
	{ "an owner that died loses its lock", an_owner_that_died_loses_its_lock },
	{ "firmware that keeps the PHY is complained of", firmware_that_keeps_the_phy_is_complained_of },
	{ "fibre is negotiated or else forced", fibre_is_negotiated_or_else_forced },
	{ "SerDes negotiates unless the EEPROM forbids it", serdes_negotiates_unless_the_eeprom_forbids_it },
	{ "a PHY outside is found where the card says", a_phy_outside_is_found_where_the_card_says },
	{ "the link of a backplane may be faster", the_link_of_a_backplane_may_be_faster },
	{ "a PHY that sleeps is woken up", a_phy_that_sleeps_is_woken_up },
	{ "a PHY on the firmware's bus is taken back", a_phy_on_the_firmwares_bus_is_taken_back },
	{ "a link that is up stays up", a_link_that_is_up_stays_up },
	{ "what a reset leaves wrong is set right", what_a_reset_leaves_wrong_is_set_right },
	{ "packet buffers are as large as registers say", packet_buffers_are_as_large_as_registers_say },
	{ "the longest frame fits the packet buffer for sending",
	  the_longest_frame_fits_the_packet_buffer_for_sending },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("gigabit_members", cases);
}
