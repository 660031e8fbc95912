/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The EEPROM: its words (317453, 5.6; 82574 datasheet, chapter 6), and the ways to them. EERD reads a word; EECD has the
 * pins of the serial bus, to which a microwire EEPROM is soldered on the 8254x (93C46: 64 words), an SPI one on the others.
 */
#include "model.h"

#define CHECKSUM_SUM 0xbaba

enum word {
	WORD_COMPATIBILITY = 0x03,
	WORD_LEDS = 0x04,
	WORD_VERSION = 0x05,
	WORD_PBA = 0x08, /* part number, two words */
	WORD_INIT_1 = 0x0a,
	WORD_SUBDEVICE = 0x0b,
	WORD_SUBVENDOR = 0x0c,
	WORD_DEVICE = 0x0d,
	WORD_VENDOR = 0x0e,
	WORD_INIT_2 = 0x0f,
	WORD_ALTERNATE_MAC = 0x37,
	WORD_CHECKSUM = 0x3f,
};

#define COMPATIBILITY_SUM_4X 0x0000u
#define COMPATIBILITY_SUM    0x0001u /* 82574: the checksum is right */
#define INIT_1_SIGNED        0x4000u
#define INIT_1_SIGNED_SPI    0x4008u

void e1_nvm_open(struct e1 *e1)
{
	uint16_t *words = e1->eeprom, sum = 0;
	const uint8_t *mac = e1->nic.mac;

	memset(words, 0xff, sizeof(e1->eeprom));
	memset(words, 0, 0x40 * sizeof(*words));
	for (unsigned i = 0; i < 3; i++)
		words[i] = (uint16_t)(mac[2 * i] | mac[2 * i + 1] << 8);
	words[WORD_COMPATIBILITY] = e1_is_4x(e1) ? COMPATIBILITY_SUM_4X : COMPATIBILITY_SUM;
	words[WORD_LEDS] = 0xffff; /* as drivers like it */
	words[WORD_VERSION] = 0x1012;
	words[WORD_PBA] = 0x5745; /* a number in the old style */
	words[WORD_PBA + 1] = 0x4952;
	words[WORD_INIT_1] = e1_is_4x(e1) ? INIT_1_SIGNED : INIT_1_SIGNED_SPI;
	words[WORD_SUBDEVICE] = e1->variant->subdevice;
	words[WORD_SUBVENDOR] = words[WORD_VENDOR] = 0x8086;
	words[WORD_DEVICE] = e1->nic.device;
	words[WORD_INIT_2] = 0x0000;
	words[WORD_ALTERNATE_MAC] = 0xffff;
	words[0x19] = 0x0040; /* 82574: the checksum is right */
	for (unsigned i = 0; i < WORD_CHECKSUM; i++)
		sum = (uint16_t)(sum + words[i]);
	words[WORD_CHECKSUM] = (uint16_t)(CHECKSUM_SUM - sum);
}

/* --- whole words -------------------------------------------------------------------------------------------------------- */

uint32_t e1_eerd(const struct e1 *e1, uint32_t value)
{
	uint32_t mask = e1_is_4x(e1) ? EERD_ADDR_4X : EERD_ADDR, at = field_of(mask, value);

	if (!(value & EERD_START))
		return value & mask;
	return (value & mask) | (e1_is_4x(e1) ? EERD_DONE_4X : EERD_DONE) |
	       (at < e1->variant->eeprom_words ? (uint32_t)e1->eeprom[at] << 16 : 0);
}

uint32_t e1_eewr(struct e1 *e1, uint32_t value)
{
	uint32_t at = field_of(EERD_ADDR, value);

	if (!(value & EERD_START))
		return value & ~EERD_DONE;
	if (at < e1->variant->eeprom_words)
		e1->eeprom[at] = (uint16_t)(value >> 16);
	return (value & ~EERD_START) | EERD_DONE;
}

/* --- microwire: a start bit, two bits of command, the address; then data, uppermost bit first ------------------------------ */

#define MW_ADDRESS 6u
#define MW_HEAD    (3 + MW_ADDRESS)

static void microwire_command(struct e1 *e1)
{
	struct e1_serial *s = &e1->serial;
	unsigned op = s->in >> MW_ADDRESS & 3, address = s->in & ((1u << MW_ADDRESS) - 1);

	switch (op) {
	case 2: /* read: a 0 comes first */
		s->at = address;
		s->reply = e1->eeprom[address];
		s->left = 16;
		s->out = false;
		break;
	case 0: /* by the address's upper two bits: 3 allows writing, 0 forbids it */
		if (address >> (MW_ADDRESS - 2) == 3)
			s->writable = true;
		else if (address >> (MW_ADDRESS - 2) == 0)
			s->writable = false;
		break;
	case 3:
		if (s->writable)
			e1->eeprom[address] = 0xffff;
		break;
	default: /* write: data follows */
		s->at = address;
		break;
	}
}

static void microwire_clock(struct e1 *e1, bool in)
{
	struct e1_serial *s = &e1->serial;

	if (!s->bits && !in)
		return; /* before the start bit */
	if (s->bits >= MW_HEAD && s->left) {
		s->out = s->reply >> 15 & 1;
		s->reply <<= 1;
		if (!--s->left) {
			s->at = (s->at + 1) % (1u << MW_ADDRESS); /* reading goes on with the next word */
			s->reply = e1->eeprom[s->at];
			s->left = 16;
		}
		return;
	}
	s->in = s->in << 1 | in;
	s->bits++;
	if (s->bits == MW_HEAD)
		microwire_command(e1);
	if (s->bits == MW_HEAD + 16 && (s->in >> (16 + MW_ADDRESS) & 3) == 1 && s->writable)
		e1->eeprom[s->at] = (uint16_t)s->in;
}

/* --- SPI: a byte of command, two of address, then data ----------------------------------------------------------------------- */

enum spi { SPI_WRITE = 2, SPI_READ = 3, SPI_STATUS = 5, SPI_WRITE_ENABLE = 6 };

static uint8_t spi_byte(const struct e1 *e1, uint32_t at)
{
	return at / 2 < e1->variant->eeprom_words ? (uint8_t)(e1->eeprom[at / 2] >> at % 2 * 8) : 0xff;
}

static void spi_store(struct e1 *e1, uint32_t at, uint8_t byte)
{
	uint16_t *word = &e1->eeprom[at / 2 % e1->variant->eeprom_words];

	*word = (uint16_t)((*word & ~(0xffu << at % 2 * 8)) | (unsigned)byte << at % 2 * 8);
}

static void spi_clock(struct e1 *e1, bool in)
{
	struct e1_serial *s = &e1->serial;

	if (s->left) {
		s->left--;
		s->out = s->reply >> s->left & 1;
		if (!s->left) {
			s->reply = spi_byte(e1, ++s->at);
			s->left = 8;
		}
		return;
	}
	s->in = s->in << 1 | in;
	s->bits++;
	if (s->bits == 8) {
		s->command = (uint8_t)s->in;
		s->writable |= s->command == SPI_WRITE_ENABLE;
		if (s->command == SPI_STATUS) {
			s->reply = s->writable ? 2 : 0; /* never busy */
			s->left = 8;
		}
	} else if (s->bits == 24) {
		s->at = s->in & 0xffff;
		s->reply = spi_byte(e1, s->at);
		s->left = s->command == SPI_READ ? 8 : 0;
	} else if (s->bits > 24 && s->bits % 8 == 0 && s->command == SPI_WRITE && s->writable) {
		spi_store(e1, s->at++, (uint8_t)s->in);
	}
}

/* --- pins ----------------------------------------------------------------------------------------------------------------- */

uint32_t e1_eecd_read(const struct e1 *e1)
{
	return e1_get(e1, E1000_EECD) | (e1->serial.out ? EECD_DO : 0);
}

void e1_eecd_write(struct e1 *e1, uint32_t value)
{
	uint32_t fixed = EECD_PRES | EECD_SIZE | (e1_is_4x(e1) ? 0 : EECD_ADDR_BITS | EECD_SIZE_EX);
	struct e1_serial *s = &e1->serial;
	bool selected = !(value & EECD_CS) == !e1_is_4x(e1), clock = value & EECD_SK, granted = value & EECD_REQ;

	value &= ~(fixed | EECD_DO | EECD_GNT);
	e1_set(e1, E1000_EECD, value | (e1_get(e1, E1000_EECD) & fixed) | (granted ? EECD_GNT : 0));
	if (!granted)
		selected = false;
	if (selected != s->selected) {
		bool writable = s->writable;

		memset(s, 0, sizeof(*s));
		s->writable = writable;
		s->out = e1_is_4x(e1); /* nothing is under way */
	} else if (selected && clock && !s->clock) {
		if (e1_is_4x(e1))
			microwire_clock(e1, value & EECD_DI);
		else
			spi_clock(e1, value & EECD_DI);
	}
	s->selected = selected;
	s->clock = clock;
}
