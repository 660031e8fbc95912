/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The 82599's model before any packet: identity, EEPROM, module, semaphores, link, what registers do. Numbers are the
 * datasheet's.
 */
#include "sim_82599.h"

static void it_is_an_sfp_card_with_capabilities_where_linux_looks(void)
{
	struct rig r;
	uint32_t value;

	rig_open(&r);
	pci_read(r.nic, 0x00, &value, 4);
	CU_ASSERT_EQUAL(value, 0x10fb8086);
	pci_read(r.nic, 0x08, &value, 4);
	CU_ASSERT_EQUAL(value, 0x02000001);
	pci_read(r.nic, 0x40, &value, 4);
	CU_ASSERT_EQUAL(value & 0xff, 0x01);
	pci_read(r.nic, 0x50, &value, 4);
	CU_ASSERT_EQUAL(value & 0xff, 0x05);
	pci_read(r.nic, 0x70, &value, 4);
	CU_ASSERT_EQUAL(value, 0x003fa011); /* 64 vectors, then 0xa0 */
	pci_read(r.nic, 0x74, &value, 4);
	CU_ASSERT_EQUAL(value, 0x00000004); /* the table: BAR 4 */
	pci_read(r.nic, 0x78, &value, 4);
	CU_ASSERT_EQUAL(value, 0x00002004);
	pci_read(r.nic, 0xa0, &value, 4);
	CU_ASSERT_EQUAL(value, 0x00020010);
	pci_read(r.nic, 0xb0, &value, 4);
	CU_ASSERT_EQUAL(value >> 16 & 0x3ff, 0x082); /* 8 lanes at 5 GT/s */
	pci_read(r.nic, 0xa8, &value, 4);
	CU_ASSERT_EQUAL(value >> 16 & 0x20, 0); /* no transaction pending */
	rig_close(&r);
}

static uint32_t eeprom(struct rig *r, uint32_t word)
{
	uint32_t value;

	set(r, 0x10014, word << 2 | 1);
	value = get(r, 0x10014);
	CU_ASSERT_EQUAL(value & 3, 2); /* done, and start has cleared itself */
	return value >> 16;
}

static void the_eeprom_has_a_valid_checksum_and_what_drivers_ask_for(void)
{
	struct rig r;
	uint32_t sum = 0, at;

	rig_open(&r);
	CU_ASSERT_EQUAL(get(&r, 0x10010) & 0x7f00, 0x3f00); /* present, read by itself, 8,192 words */
	for (unsigned i = 0; i <= 0x3f; i++)
		sum += eeprom(&r, i);
	CU_ASSERT_EQUAL(sum & 0xffff, 0xbaba);
	for (unsigned i = 3; i < 0x0f; i++)
		CU_ASSERT_EQUAL(eeprom(&r, i), 0xffff);
	at = eeprom(&r, eeprom(&r, 0x0f) + 4);
	CU_ASSERT(eeprom(&r, at + 7) > 5 && eeprom(&r, at + 7) != 0xffff);
	CU_ASSERT_EQUAL(eeprom(&r, 0x15), 0xfafa);
	CU_ASSERT_EQUAL(eeprom(&r, eeprom(&r, 0x16) + 1), 'W' << 8 | '8');
	at = eeprom(&r, 0x2b) + 1;
	while (eeprom(&r, at) != 5 && eeprom(&r, at) != 0xffff)
		at += 2;
	CU_ASSERT_EQUAL(eeprom(&r, at), 5); /* optics in the first function */
	rig_close(&r);
}

static void the_eeprom_can_be_written(void)
{
	struct rig r;

	rig_open(&r);
	set(&r, 0x10018, 0x1234u << 16 | 0x200 << 2 | 1);
	CU_ASSERT_EQUAL(get(&r, 0x10018) & 3, 2);
	CU_ASSERT_EQUAL(eeprom(&r, 0x200), 0x1234);
	set(&r, 0x10010, get(&r, 0x10010) | 0x40);
	CU_ASSERT_EQUAL(get(&r, 0x10010) & 0xc0, 0xc0); /* the pins are granted */
	set(&r, 0x10010, get(&r, 0x10010) & ~0x40u);
	CU_ASSERT_EQUAL(get(&r, 0x10010) & 0xc0, 0);
	rig_close(&r);
}

static void reading_the_semaphore_takes_it(void)
{
	struct rig r;

	rig_open(&r);
	CU_ASSERT_EQUAL(get(&r, 0x10140), 0);
	CU_ASSERT_EQUAL(get(&r, 0x10140), 1);
	set(&r, 0x10140, 3);
	CU_ASSERT_EQUAL(get(&r, 0x10140), 3);
	set(&r, 0x10140, 0);
	CU_ASSERT_EQUAL(weir_sim_peek(r.card, 0x10140), 0);
	CU_ASSERT_EQUAL(weir_sim_peek(r.card, 0x10140), 0);
	set(&r, 0x10160, 2);
	CU_ASSERT_EQUAL(get(&r, 0x10160), 2);
	CU_ASSERT_EQUAL(get(&r, 0x10148) & 0x800e, 0x8000); /* firmware is there, and does nothing */
	rig_close(&r);
}

/* --- the cage ------------------------------------------------------------------------------------------------------------ */

static void a_backplane_card_has_no_module(void)
{
	struct rig r;
	uint32_t value;

	rig_open_as(&r, "82599-kx4,wire=hold", false);
	pci_read(r.nic, 0x00, &value, 4);
	CU_ASSERT_EQUAL(value, 0x10f78086);
	CU_ASSERT_EQUAL(get(&r, 0x20) & 4, 0);
	CU_ASSERT_EQUAL(get(&r, 0x42a0) >> 13 & 7, 4); /* KX4, KX, KR by autonegotiation */
	CU_ASSERT_EQUAL(get(&r, 0x42a4) >> 31, 1);
	rig_close(&r);
}

/* --- link --------------------------------------------------------------------------------------------------------------- */

static void the_link_follows_cable_and_mode(void)
{
	struct rig r;

	rig_open(&r);
	CU_ASSERT_EQUAL(get(&r, 0x42a4) & 0x70000000, 0x70000000); /* up, 10G */
	CU_ASSERT_EQUAL(get(&r, 0x08) & 0x80, 0x80);
	weir_sim_link(r.card, false);
	CU_ASSERT_EQUAL(get(&r, 0x42a4) & 0x40000000, 0);
	CU_ASSERT_EQUAL(get(&r, 0x800) & 0x80100000, 0x80100000); /* LSC, and "other" */
	weir_sim_link(r.card, true);
	CU_ASSERT_EQUAL(get(&r, 0x42a4) & 0x40000000, 0x40000000);
	set(&r, 0x42a0, 0x1000); /* 1G without autonegotiation; restart */
	CU_ASSERT_EQUAL(get(&r, 0x42a0), 0);
	CU_ASSERT_EQUAL(get(&r, 0x42a4) & 0x40000000, 0);
	set(&r, 0x42a0, 3u << 13);
	CU_ASSERT_EQUAL(get(&r, 0x42a4) & 0x40000000, 0x40000000);
	rig_close(&r);
}

static void there_is_no_phy_on_mdio(void)
{
	struct rig r;

	rig_open(&r);
	set(&r, 0x425c, 0x4c000002);
	CU_ASSERT_EQUAL(get(&r, 0x425c), 0x0c000002);
	CU_ASSERT_EQUAL(get(&r, 0x4260) >> 16, 0xffff);
	rig_close(&r);
}

static unsigned mdio(struct rig *r, unsigned device, unsigned reg)
{
	set(r, 0x425c, 0x40000000 | device << 16 | reg);
	set(r, 0x425c, 0x4c000000 | device << 16 | reg);
	CU_ASSERT_EQUAL(get(r, 0x425c) >> 30, 0);
	return get(r, 0x4260) >> 16;
}

static void an_x540_has_a_phy(void)
{
	struct rig r;
	uint32_t value;

	rig_open_as(&r, "x540,wire=hold", false);
	pci_read(r.nic, 0x00, &value, 4);
	CU_ASSERT_EQUAL(value, 0x15288086);
	CU_ASSERT_EQUAL(mdio(&r, 1, 2), 0x0154);
	CU_ASSERT_EQUAL(mdio(&r, 1, 3), 0x0200);
	CU_ASSERT_EQUAL(mdio(&r, 1, 8) >> 14, 2);      /* a device is there, by which Linux finds it */
	CU_ASSERT_EQUAL(mdio(&r, 1, 5), 0x009a);       /* ... one of four, of which */
	CU_ASSERT_EQUAL(mdio(&r, 7, 5), 0x009a);       /* ... each knows all */
	CU_ASSERT_EQUAL(mdio(&r, 4, 6), 0x4000);       /* ... and of the vendor's own */
	CU_ASSERT_EQUAL(mdio(&r, 1, 11) & 0x24, 0x24); /* 10GBASE-T, 1000BASE-T */
	CU_ASSERT_EQUAL(mdio(&r, 7, 1) & 0x24, 0x24);  /* negotiated, up */
	set(&r, 0x425c, 0x42070020);                   /* nobody at address 16 */
	set(&r, 0x425c, 0x4e070020);
	CU_ASSERT_EQUAL(get(&r, 0x4260) >> 16, 0xffff);
	set(&r, 0x4260, 0x1000);
	set(&r, 0x425c, 0x40070020);
	set(&r, 0x425c, 0x44070020);
	CU_ASSERT_EQUAL(mdio(&r, 7, 0x20), 0x1000); /* what it offers */
	CU_ASSERT_EQUAL(get(&r, 0x42a4) & 0x70000000, 0x70000000);
	CU_ASSERT_EQUAL(get(&r, 0x10160), 0);
	CU_ASSERT_EQUAL(get(&r, 0x10160), 0x80000000); /* reading has taken the guard */
	set(&r, 0x10160, 2);
	CU_ASSERT_EQUAL(get(&r, 0x10160), 2);
	rig_close(&r);
}

/* --- rules of access -------------------------------------------------------------------------------------------------- */

static void bits_that_do_not_exist_read_as_zero(void)
{
	static const struct {
		uint32_t offset, bits;
	} registers[] = {
		{ 0x1000, 0xffffff80 }, /* RDBAL */
		{ 0xd000, 0xffffff80 }, /* of queue 64 */
		{ 0x6000, 0xffffff80 }, /* TDBAL */
		{ 0x1008, 0x000fff80 }, /* RDLEN */
		{ 0xdfc8, 0x000fff80 }, /* of queue 127 */
		{ 0x6048, 0x000fff80 }, /* TDLEN of queue 1 */
		{ 0x540c, 0x8000ffff }, /* RAH[1] */
	};
	struct rig r;

	rig_open(&r);
	for (unsigned i = 0; i < sizeof(registers) / sizeof(*registers); i++) {
		set(&r, registers[i].offset, 0xffffffff);
		CU_ASSERT_EQUAL(get(&r, registers[i].offset), registers[i].bits);
	}
	rig_close(&r);
}

static void registers_with_two_addresses_are_one(void)
{
	struct rig r;

	rig_open(&r);
	set(&r, 0x2100 + 4 * 3, 0x0a000004);
	CU_ASSERT_EQUAL(get(&r, 0x1014 + 0x40 * 3), 0x0a000004);
	set(&r, 0x1014 + 0x40 * 15, 0x02000001);
	CU_ASSERT_EQUAL(get(&r, 0x2100 + 4 * 15), 0x02000001);
	set(&r, 0x100c + 0x40 * 2, 0x20);
	CU_ASSERT_EQUAL(get(&r, 0x2200 + 4 * 2), 0x20);
	set(&r, 0x5400 + 8 * 5, 0x44332211);
	CU_ASSERT_EQUAL(get(&r, 0xa200 + 8 * 5), 0x44332211);
	rig_close(&r);
}

static void the_address_is_there_after_a_reset(void)
{
	struct rig r;

	rig_open(&r);
	CU_ASSERT_EQUAL(get(&r, 0xa200), 0x00000002);
	CU_ASSERT_EQUAL(get(&r, 0xa204), 0x80000100);
	set(&r, 0xa200, 0);
	set(&r, 0x5080, 0x702);
	set(&r, 0x880, 0x00100000);
	set(&r, 0x6028, 0x02000000);
	set(&r, 0x00, 0x04000000);
	CU_ASSERT_EQUAL(get(&r, 0x00), 0); /* the bit has cleared itself */
	CU_ASSERT_EQUAL(get(&r, 0xa200), 0x00000002);
	CU_ASSERT_EQUAL(get(&r, 0x5080), 0);
	CU_ASSERT_EQUAL(get(&r, 0x880), 0);
	CU_ASSERT_EQUAL(get(&r, 0x6028), 0);
	CU_ASSERT_EQUAL(get(&r, 0x2f00) & 0x0001fff8, 0x00008808); /* DMA is ready */
	rig_close(&r);
}

static void a_reset_can_be_stuck(void)
{
	struct rig r;

	rig_open(&r);
	weir_sim_fault(r.card, WEIR_SIM_RESET_STUCK, 0, 1);
	set(&r, 0x00, 0x04000000);
	CU_ASSERT_EQUAL(get(&r, 0x00), 0x04000000);
	set(&r, 0x00, 0x04000000);
	CU_ASSERT_EQUAL(get(&r, 0x00), 0);
	rig_close(&r);
}

static void masters_stop_when_told(void)
{
	struct rig r;

	rig_open(&r);
	CU_ASSERT_EQUAL(get(&r, 0x08) & 0x80000, 0x80000);
	set(&r, 0x00, 4);
	CU_ASSERT_EQUAL(get(&r, 0x08) & 0x80000, 0);
	rig_close(&r);
}

static void what_is_read_only_stays(void)
{
	struct rig r;

	rig_open(&r);
	set(&r, 0x08, 0xffffffff);
	set(&r, 0x10148, 0);
	set(&r, 0x8d04, 0);
	CU_ASSERT_EQUAL(get(&r, 0x10148), 0x8040);
	CU_ASSERT_EQUAL(get(&r, 0x8d04) & 1, 1);
	CU_ASSERT_EQUAL(get(&r, 0x4074), 0);
	set(&r, 0x4074, 7);
	CU_ASSERT_EQUAL(get(&r, 0x4074), 0);
	CU_ASSERT_EQUAL(weir_sim_violations(r.card, NULL, 0), 0);
	CU_ASSERT_EQUAL(get(&r, 0x1fff0), 0);
	set(&r, 0x7fff0, 1);
	CU_ASSERT_EQUAL(weir_sim_violations(r.card, NULL, 0), 2);
	rig_close(&r);
}

static void what_the_datasheet_forbids_is_listed(void)
{
	char text[1000];
	struct rig r;

	rig_open(&r);
	set(&r, 0x8120, 0); /* MTQC, with arbitration on */
	set(&r, 0x4900, 0x40);
	set(&r, 0x8120, 0);
	CU_ASSERT_EQUAL(weir_sim_violations(r.card, text, sizeof(text)), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "MTQC"));
	set(&r, 0x3000, 1);        /* the CRC is stripped at one place only */
	set(&r, 0x2f00, 0x100002); /* reserved bits */
	set(&r, 0x5000, 0x2000);   /* RXCSUM, while receiving */
	set(&r, 0x1000, 0x40);     /* a ring across cache lines */
	set(&r, 0x6028, 0x02000000);
	set(&r, 0x6010, 0); /* the head of a queue that runs */
	CU_ASSERT_EQUAL(weir_sim_violations(r.card, text, sizeof(text)), 6);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "RXCTRL"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "RDRXCTL"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "RXCSUM"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "RDBAL"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "TDH"));
	rig_close(&r);
}

/* One bit over the EEPROM's serial bus: out with a rising clock, in after the falling one. */
static unsigned spi_bit(struct rig *r, unsigned bit)
{
	set(r, 0x10010, 0x40 | bit << 2);
	set(r, 0x10010, 0x41 | bit << 2);
	set(r, 0x10010, 0x40 | bit << 2);
	return get(r, 0x10010) >> 3 & 1;
}

static unsigned spi_bits(struct rig *r, unsigned value, unsigned n)
{
	unsigned in = 0;

	while (n--)
		in = in << 1 | spi_bit(r, value >> n & 1);
	return in;
}

static void spi_select(struct rig *r, bool on)
{
	set(r, 0x10010, on ? 0x40 : 0x42);
}

static void the_eeprom_has_a_serial_bus(void)
{
	struct rig r;

	rig_open(&r);
	spi_select(&r, false);
	CU_ASSERT_EQUAL(get(&r, 0x10010) & 0x80, 0x80); /* granted */
	spi_select(&r, true);
	spi_bits(&r, 0x02, 8); /* writing without leave does nothing */
	spi_bits(&r, 0x0100, 16);
	spi_bits(&r, 0x3412, 16);
	spi_select(&r, false);
	set(&r, 0x10014, 0x80 << 2 | 1);
	CU_ASSERT_NOT_EQUAL(get(&r, 0x10014) >> 16, 0x1234);
	spi_select(&r, true);
	spi_bits(&r, 0x06, 8);
	spi_select(&r, false);
	spi_select(&r, true);
	spi_bits(&r, 0x02, 8);
	spi_bits(&r, 0x0100, 16); /* word 80: the lower byte first */
	spi_bits(&r, 0x3412, 16);
	spi_select(&r, false);
	set(&r, 0x10014, 0x80 << 2 | 1);
	CU_ASSERT_EQUAL(get(&r, 0x10014) >> 16, 0x1234);
	spi_select(&r, true);
	spi_bits(&r, 0x05, 8);
	CU_ASSERT_EQUAL(spi_bits(&r, 0, 8) & 1, 0); /* ready */
	spi_select(&r, false);
	spi_select(&r, true);
	spi_bits(&r, 0x03, 8);
	/* The first bit is there when the clock of the last of the address has fallen. */
	CU_ASSERT_EQUAL(spi_bits(&r, 0x0100, 16) & 1, 0);
	CU_ASSERT_EQUAL(spi_bits(&r, 0, 15), 0x3412); /* of which the uppermost bit was that one */
	spi_select(&r, false);
	rig_close(&r);
}

static void the_x540s_phy_sleeps(void)
{
	struct rig r;

	rig_open_as(&r, "x540,wire=hold", false);
	CU_ASSERT_EQUAL(get(&r, 0x42a4) >> 30 & 1, 1);
	set(&r, 0x425c, 0x40000000 | 30u << 16); /* address of register 0 of device 30 */
	set(&r, 0x4260, 0x0800);
	set(&r, 0x425c, 0x40000000 | 1u << 26 | 30u << 16); /* write */
	CU_ASSERT_EQUAL(get(&r, 0x42a4) >> 30 & 1, 0);
	set(&r, 0x4260, 0);
	set(&r, 0x425c, 0x40000000 | 1u << 26 | 30u << 16);
	CU_ASSERT_EQUAL(get(&r, 0x42a4) >> 30 & 1, 1);
	rig_close(&r);
}

static const struct unit_case cases[] = {
	{ "it is an SFP+ card with its capabilities where Linux looks",
	  it_is_an_sfp_card_with_capabilities_where_linux_looks },
	{ "the EEPROM has a valid checksum and what drivers ask for",
	  the_eeprom_has_a_valid_checksum_and_what_drivers_ask_for },
	{ "the EEPROM can be written", the_eeprom_can_be_written },
	{ "reading the semaphore takes it", reading_the_semaphore_takes_it },
	{ "a backplane card has no module", a_backplane_card_has_no_module },
	{ "the link follows cable and mode", the_link_follows_cable_and_mode },
	{ "there is no PHY on MDIO", there_is_no_phy_on_mdio },
	{ "an X540 has a PHY", an_x540_has_a_phy },
	{ "bits that do not exist read as zero", bits_that_do_not_exist_read_as_zero },
	{ "registers with two addresses are one", registers_with_two_addresses_are_one },
	{ "the address is there after a reset", the_address_is_there_after_a_reset },
	{ "a reset can be stuck", a_reset_can_be_stuck },
	{ "masters stop when told", masters_stop_when_told },
	{ "what is read-only stays", what_is_read_only_stays },
	{ "what the datasheet forbids is listed", what_the_datasheet_forbids_is_listed },
	{ "the EEPROM has a serial bus", the_eeprom_has_a_serial_bus },
	{ "the X540's PHY sleeps when told to", the_x540s_phy_sleeps },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("82599 registers", cases);
}
