/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The EEPROM: 8,192 words of which few mean something to a driver (82599 datasheet, chapter 6). All pointers to sections
 * that hardware reads are empty, so that the checksum covers the first 64 words alone.
 */
#include "model.h"

#define CHECKSUM_SUM 0xbaba

enum word {
	WORD_SECTIONS = 0x03, /* pointers to sections that the checksum covers, up to 0x0e */
	WORD_FIRMWARE = 0x0f,
	WORD_PBA = 0x15, /* 0xfafa, then the pointer to the part number */
	WORD_SAN_MAC = 0x28,
	WORD_MODULES = 0x2b, /* what to do with which module */
	WORD_CAPABILITIES = 0x2c,
	WORD_IMAGE = 0x2d, /* version of the image, two words */
	WORD_ALTERNATE_MAC = 0x37,
	WORD_CHECKSUM = 0x3f,
};

/* Sections, behind the words that have fixed places. */
enum section {
	SECTION_FIRMWARE = 0x100,
	SECTION_PATCH = 0x120,
	SECTION_PBA = 0x140,
	SECTION_MODULES = 0x160,
	SECTION_CORE = 0x180
};

#define CAPABILITIES_ANY_MODULE 0x0001u

static void put_firmware(uint16_t *words)
{
	words[WORD_FIRMWARE] = SECTION_FIRMWARE;
	words[SECTION_FIRMWARE + 2] = 0; /* no link settings kept by firmware */
	words[SECTION_FIRMWARE + 4] = SECTION_PATCH;
	words[SECTION_PATCH + 7] = 6; /* versions up to 5 are too old for fibre */
}

static void put_part_number(uint16_t *words)
{
	static const char number[] = "W82599-001";

	words[WORD_PBA] = 0xfafa;
	words[WORD_PBA + 1] = SECTION_PBA;
	words[SECTION_PBA] = 1 + (sizeof(number) - 1) / 2;
	for (unsigned i = 0; i < (sizeof(number) - 1) / 2; i++)
		words[SECTION_PBA + 1 + i] = (uint16_t)(number[2 * i] << 8 | number[2 * i + 1]);
}

/* For copper cables and optics of both functions, the same setting of the analog core. */
static void put_modules(uint16_t *words)
{
	static const uint16_t types[] = { 3, 4, 5, 6 };
	unsigned at = SECTION_MODULES + 1;

	words[WORD_MODULES] = SECTION_MODULES;
	for (unsigned i = 0; i < sizeof(types) / sizeof(*types); i++) {
		words[at++] = types[i];
		words[at++] = SECTION_CORE;
	}
	words[at] = 0xffff;
	words[SECTION_CORE] = 1;
	words[SECTION_CORE + 1] = 0x0122;
	words[SECTION_CORE + 2] = 0xffff;
}

void ix_eeprom_open(struct ix *ix)
{
	uint16_t *words = ix->eeprom, sum = 0;

	memset(words, 0xff, sizeof(ix->eeprom));
	memset(words, 0, 0x40 * sizeof(*words));
	for (unsigned i = WORD_SECTIONS; i < WORD_FIRMWARE; i++)
		words[i] = 0xffff;
	words[0x00] = 0x0040; /* control word 1: valid */
	words[WORD_SAN_MAC - 1] = 0xffff;
	words[WORD_SAN_MAC] = 0xffff;
	words[WORD_ALTERNATE_MAC] = 0xffff;
	words[WORD_CAPABILITIES] = CAPABILITIES_ANY_MODULE;
	words[WORD_IMAGE] = 0x0001;
	words[WORD_IMAGE + 1] = 0x8000;
	put_firmware(words);
	put_part_number(words);
	if (ix->variant->sfp)
		put_modules(words);
	else
		words[WORD_MODULES] = 0xffff;
	for (unsigned i = 0; i < WORD_CHECKSUM; i++)
		sum = (uint16_t)(sum + words[i]);
	words[WORD_CHECKSUM] = (uint16_t)(CHECKSUM_SUM - sum);
}

/* --- the serial bus -------------------------------------------------------------------------------------------------------- */

enum spi_command { SPI_WRITE = 0x02, SPI_READ = 0x03, SPI_STATUS = 0x05, SPI_WRITE_ENABLE = 0x06 };

#define SPI_COMMAND_BITS 8
#define SPI_HEADER_BITS  24 /* command and byte address */

static unsigned spi_byte(const struct ix *ix, unsigned address)
{
	return ix->eeprom[address / 2 % IX_EEPROM_WORDS] >> (address % 2 ? 8 : 0) & 0xff;
}

static void spi_store(struct ix *ix, unsigned address, unsigned byte)
{
	uint16_t *word = &ix->eeprom[address / 2 % IX_EEPROM_WORDS];

	*word = (uint16_t)(address % 2 ? (*word & 0x00ff) | byte << 8 : (*word & 0xff00) | byte);
}

/* A bit from the driver, taken as the clock rises. */
static void spi_take(struct ix *ix, bool bit)
{
	struct ix_spi *spi = &ix->spi;

	spi->shift = spi->shift << 1 | bit;
	spi->bits++;
	if (spi->bits == SPI_COMMAND_BITS) {
		spi->command = spi->shift & 0xff;
		spi->writable |= spi->command == SPI_WRITE_ENABLE;
	} else if (spi->bits == SPI_HEADER_BITS) {
		spi->address = spi->shift & 0xffff;
	} else if (spi->bits > SPI_HEADER_BITS && spi->bits % 8 == 0 && spi->command == SPI_WRITE && spi->writable) {
		spi_store(ix, spi->address++, spi->shift & 0xff);
	}
}

/* The bit for the driver, from the time that the clock falls. The status is always "ready". */
static bool spi_give(const struct ix *ix)
{
	unsigned at = ix->spi.bits - SPI_HEADER_BITS;

	if (ix->spi.command == SPI_STATUS)
		return ix->spi.writable && ix->spi.bits % 8 == 6;
	if (ix->spi.bits < SPI_HEADER_BITS || ix->spi.command != SPI_READ)
		return false;
	return spi_byte(ix, ix->spi.address + at / 8) >> (7 - at % 8) & 1;
}

static void spi_deselect(struct ix_spi *spi)
{
	if (spi->command == SPI_WRITE)
		spi->writable = false;
	spi->bits = 0;
	spi->command = 0;
}

/* The X540 has a flash, without pins, of which a copy is read and written and goes back on command. */
static uint32_t flash_write(uint32_t value, uint32_t fixed)
{
	value &= ~(EEC_SK | EEC_CS | EEC_DI | EEC_DO | EEC_REQ | EEC_GNT);
	value |= value & EEC_FLUP ? EEC_FLUDONE : 0;
	return (value & ~EEC_FLUP) | fixed;
}

/* The pins of the serial bus belong to the driver while it asks for them. */
uint32_t ix_eec_write(struct ix *ix, uint32_t value)
{
	uint32_t fixed = EEC_PRES | EEC_ARD | EEC_ADDR_SIZE | EEC_SIZE, before = ix_get(ix, IXGBE_EEC);

	if (ix->variant->copper)
		return flash_write(value & ~fixed, before & fixed);
	value = (value & ~(fixed | EEC_DO | EEC_GNT)) | (before & (fixed | EEC_DO)) | (value & EEC_REQ ? EEC_GNT : 0);
	if (!(value & EEC_GNT))
		value &= ~EEC_DO;
	if (!(value & EEC_GNT) || value & EEC_CS)
		spi_deselect(&ix->spi);
	else if (value & EEC_SK && !(before & EEC_SK))
		spi_take(ix, value & EEC_DI);
	else if (!(value & EEC_SK) && before & EEC_SK)
		value = (value & ~EEC_DO) | (spi_give(ix) ? EEC_DO : 0);
	return value;
}

/* --- by register -------------------------------------------------------------------------------------------------------------- */

uint32_t ix_eerd_write(struct ix *ix, uint32_t value)
{
	uint32_t at = field_of(EERD_ADDR, value);

	if (!(value & EERD_START))
		return value & EERD_ADDR;
	return (value & EERD_ADDR) | EERD_DONE | (at < IX_EEPROM_WORDS ? (uint32_t)ix->eeprom[at] << 16 : 0);
}

uint32_t ix_eewr_write(struct ix *ix, uint32_t value)
{
	uint32_t at = field_of(EERD_ADDR, value);

	if (!(value & EERD_START))
		return value & ~EERD_DONE;
	if (at < IX_EEPROM_WORDS)
		ix->eeprom[at] = (uint16_t)(value >> 16);
	return (value & ~EERD_START) | EERD_DONE;
}
