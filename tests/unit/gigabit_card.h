/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A card that drivers/gigabit takes for any of its members, as small as that allows: registers are memory, but for those
 * that have something behind them: words of the EEPROM in each of the ways to them, a PHY, a reset. It is reached through a
 * bus of its own, the scheme `card:`. What it does was written after the datasheets, as drivers/gigabit was, by the same
 * hand: it shows that the driver does what was meant, not that this is right.
 */
#ifndef TESTS_GIGABIT_CARD_H
#define TESTS_GIGABIT_CARD_H

#include "gigabit_plain.h"

#define CARD_PHY_ID 0x0154u

struct card {
	struct bus_device dev;
	struct bus_domain domain;
	const struct gigabit_kind *kind;
	uint32_t regs[0x20000 / 4], kept[0x20000 / 4]; /* kept: what a reset loads */
	uint32_t flash_regs[8];
	uint16_t words[4096]; /* of a flash, two banks */
	unsigned bank;        /* words of one */
	uint16_t phy[32][32]; /* by address and register */
	unsigned phy_at;
	bool gone, sleeps; /* sleeps: the PHY does not answer before its power is cycled */
	bool stubborn;     /* the firmware keeps what it has */
	unsigned accesses, lives, resets, vlan_writes;
	uint32_t shares; /* of the packet buffer, since the last reset */
	uint32_t command;
	struct {
		unsigned bits;
		uint32_t in, out;
	} wire;
};

static struct card *the_card;

static struct card *card_of(struct bus_device *dev)
{
	return container_of(dev, struct card, dev);
}

static uint32_t *card_reg(struct card *card, uint32_t reg)
{
	return &card->regs[reg / 4];
}

static void card_access(struct card *card)
{
	if (++card->accesses == card->lives)
		card->gone = true;
}

/* How the packet buffer is shared is as it was, and holds from now on. */
static void card_reset(struct card *card)
{
	uint32_t shares = *card_reg(card, E1000_PBA);

	memcpy(card->regs, card->kept, sizeof(card->regs));
	*card_reg(card, E1000_PBA) = card->shares = shares;
	card->resets++;
}

/* --- what is behind registers --------------------------------------------------------------------------------------------- */

/*
 * A bit with each rising clock. Microwire: after a start bit, two of command and six of address the word goes out, in which a
 * high level selects it. SPI: a low one does, and after a byte of command and two of address the lower byte comes first.
 */
static uint32_t card_pins(struct card *card, uint32_t before, uint32_t now)
{
	bool spi = card->kind->nvm != NVM_MICROWIRE, selected = !(now & EECD_CS) == spi && now & EECD_REQ;
	unsigned bits = spi ? 24 : 9;
	uint16_t word;

	if (!selected) {
		card->wire.bits = card->wire.in = card->wire.out = 0;
	} else if (now & ~before & EECD_SK && card->wire.bits > bits) {
		card->wire.out <<= 1;
	} else if (now & ~before & EECD_SK) {
		if (card->wire.bits || now & EECD_DI || spi)
			card->wire.in = card->wire.in << 1 | !!(now & EECD_DI), card->wire.bits++;
		if (card->wire.bits == bits) {
			word = card->words[spi ? card->wire.in / 2 % 4096 : card->wire.in & 63];
			card->wire.out = spi ? __builtin_bswap16(word) : word;
			card->wire.bits++;
			CU_ASSERT_EQUAL(card->wire.in >> (bits - 3), spi ? 0 : 6);
			CU_ASSERT(!spi || card->wire.in >> 16 == 3);
		}
	}
	now &= ~(EECD_DO | EECD_GNT);
	return now | EECD_PRES | (now & EECD_REQ ? EECD_GNT : 0) | (card->wire.out & 0x10000 ? EECD_DO : 0) |
	       (card->kept[E1000_EECD / 4] & ~(EECD_REQ | EECD_SK | EECD_DI | EECD_CS));
}

static uint32_t card_mdio(struct card *card, uint32_t command)
{
	unsigned at = field_of(MDIC_PHY, command), reg = field_of(MDIC_REG, command);
	bool there = at == card->phy_at || (card->kind->rows & E1000_ON_p && at == 1);

	if (card->kind->rows & E1000_ON_n)
		at = card->phy_at, there = true;
	if (!there || card->sleeps)
		return command | MDIC_READY | MDIC_ERROR;
	if (field_of(MDIC_OP, command) == 1)
		card->phy[at][reg] = (uint16_t)command;
	return (command & ~MDIC_DATA) | card->phy[at][reg] | MDIC_READY;
}

/* Four bytes of the flash, when that is told to go. */
static void card_flash(struct card *card, uint32_t *regs, uint32_t value)
{
	uint32_t at = regs[2] / 2;

	regs[1] = (regs[1] & ~(value & 7)) | 0x4000;
	if (!(value & 0x10000))
		return;
	CU_ASSERT_EQUAL(value & 0x03060000, 0x03000000); /* read, four bytes */
	regs[4] = card->words[at % 4096] | (uint32_t)card->words[at % 4096 + 1] << 16;
	regs[1] |= 1;
}

/* --- the bus -------------------------------------------------------------------------------------------------------------- */

static uint32_t card_read32(struct bus_device *dev, unsigned region, uint64_t offset)
{
	struct card *card = card_of(dev);
	uint32_t reg = (uint32_t)offset, value;

	card_access(card);
	if (card->gone)
		return UINT32_MAX;
	value = region ? card->flash_regs[reg / 4] : *card_reg(card, reg);
	if (!region && reg == E1000_SWSM && !(card->kind->rows & E1000_ON_p))
		*card_reg(card, reg) |= SWSM_SMBI;
	return value;
}

static void card_write32(struct bus_device *dev, unsigned region, uint64_t offset, uint32_t value)
{
	struct card *card = card_of(dev);
	uint32_t reg = (uint32_t)offset, *regs = region ? card->flash_regs : card_reg(card, 0xe000);
	bool flash = region || (card->kind->nvm == NVM_FLASH_INSIDE && reg - 0xe000 < 0x20);

	card_access(card);
	if (card->gone)
		return;
	if (flash && reg % 0x1000 == 4) {
		card_flash(card, regs, value);
		return;
	}
	if (flash) {
		regs[reg % 0x1000 / 4] = value;
		return;
	}
	if (reg == E1000_CTRL && value & CTRL_RST) {
		card_reset(card);
		return;
	}
	if (reg == E1000_CTRL && value & CTRL_PHYPC_SW && !(value & CTRL_PHYPC))
		card->sleeps = false;
	if (reg == E1000_STATUS || (reg == E1000_EXTCNF_CTRL && card->stubborn))
		return;
	if (reg == E1000_EECD)
		value = card_pins(card, *card_reg(card, reg), value);
	else if (reg == E1000_EERD)
		value = field(EERD_DATA, card->words[field_of(EERD_ADDR, value) % 4096]) | EERD_DONE;
	else if (reg == E1000_MDIC)
		value = card_mdio(card, value);
	card->vlan_writes += reg == E1000_VFTA;
	*card_reg(card, reg) = value;
}

static void card_close(struct bus_device *dev)
{
	bus_domain_destroy(dev->domain);
}

static bool card_gone(const struct bus_device *dev)
{
	return container_of(dev, struct card, dev)->gone;
}

static int card_bus_reset(struct bus_device *dev)
{
	(void)dev;
	return 0;
}

static int card_config_read(struct bus_device *dev, unsigned offset, unsigned size, uint32_t *value)
{
	(void)offset, (void)size;
	*value = card_of(dev)->command;
	return 0;
}

static int card_config_write(struct bus_device *dev, unsigned offset, unsigned size, uint32_t value)
{
	(void)size;
	if (offset == 4)
		card_of(dev)->command = value;
	return 0;
}

static volatile void *card_map(struct bus_device *dev, unsigned region, uint64_t offset, uint64_t size)
{
	(void)dev, (void)region, (void)offset, (void)size;
	return NULL;
}

static int card_domain_map(struct bus_domain *domain, uint64_t iova, const struct weir_mem_chunk *chunk, void *at)
{
	(void)domain, (void)iova, (void)chunk, (void)at;
	return 0;
}

static int card_domain_unmap(struct bus_domain *domain, uint64_t iova, uint64_t size)
{
	(void)domain, (void)iova, (void)size;
	return 0;
}

static const struct bus_ops card_bus_ops = {
	.name = "card",
	.close = card_close,
	.gone = card_gone,
	.reset = card_bus_reset,
	.config_read = card_config_read,
	.config_write = card_config_write,
	.read32 = card_read32,
	.write32 = card_write32,
	.map = card_map,
};

static const struct bus_domain_ops card_domain_ops = { .map = card_domain_map, .unmap = card_domain_unmap };

static int card_resolve(struct weir *context, struct spec *spec)
{
	the_card->dev.weir = context;
	the_card->dev.domain = &the_card->domain;
	bus_domain_init(&the_card->domain, context, &card_domain_ops);
	spec->driver = &plain_driver;
	spec->device = &the_card->dev;
	return 0;
}

static const struct weir_driver card_bus = { .name = "card", .raw = true, .resolve = card_resolve };

const struct weir_driver *const weir_drivers[] = { &card_bus };
const unsigned weir_driver_count = 1;

/* Has the 64 words from @first on add up to BABA, by the last one. */
static inline void card_sum(struct card *card, unsigned first)
{
	uint16_t sum = 0;

	for (unsigned i = 0; i < 63; i++)
		sum = (uint16_t)(sum + card->words[first + i]);
	card->words[first + 63] = (uint16_t)(0xbaba - sum);
}

/* A card with the address 00:1b:21:01:02:03, whose link is up, as it is after a reset; a test changes what it wants. */
static inline void card_make(struct card *card, uint16_t device)
{
	static const uint16_t mac[3] = { 0x1b00, 0x0121, 0x0302 };

	memset(card, 0, sizeof(*card));
	card->kind = gigabit_kind(gigabit_member(device));
	card->dev.ops = &card_bus_ops;
	card->dev.vendor = 0x8086;
	card->dev.device = device;
	card->dev.node = -1;
	card->dev.regions[0].size = sizeof(card->regs);
	strcpy(card->dev.name, "card");
	memset(card->words, 0xff, sizeof(card->words));
	memcpy(card->words, mac, sizeof(mac));
	card->words[0x03] = 1;      /* I217 to I219: the sum is right */
	card->words[0x13] = 0x9000; /* ... and this bank is */
	card->words[0x37] = 0xffff;
	card_sum(card, 0);
	card->bank = 2048;
	card->flash_regs[0] = 0x00010000; /* two times 4 KiB from 0 on */
	card->flash_regs[1] = 0x4000;
	card->kept[0xe004 / 4] = 0x4000;
	card->kept[E1000_STRAP / 4] = 1 << 1; /* two times 4 KiB */
	card->kept[E1000_EECD / 4] = EECD_PRES | (card->kind->nvm == NVM_MICROWIRE ? 0 : EECD_ARD | 4u << 11);
	card->kept[E1000_STATUS / 4] = STATUS_LU | STATUS_FD | 2u << 6;
	card->kept[E1000_RAL / 4] = 0x01211b00;
	card->kept[E1000_RAH / 4] = RAH_AV | 0x0302;
	card->phy_at = card->kind->rows & E1000_ON_p ? 2 : 1;
	for (unsigned i = 0; i < 32; i++)
		card->phy[i][PHY_ID1] = CARD_PHY_ID;
	card_reset(card);
	card->resets = 0;
	the_card = card;
}

#endif
