/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The words that a card is configured by, 16 bits each (317453, 5; 82574 datasheet, 6; 82576 datasheet, 6), and the ways to
 * them: pins of a serial bus, a register, a part of the board's flash, memory in the card itself.
 */
#include <string.h>

#include "gigabit.h"

#define WORD_COMPATIBILITY 0x03u
#define WORD_SIGNATURE     0x13u
#define WORD_UPDATED       0x23u
#define WORD_SECOND_MAC    0x37u
#define WORDS              0x40u /* that the checksum covers, itself among them */
#define SUM                0xbabau

#define COMPATIBILITY_SUM  0x0001u /* I217 to I219: the sum is right */
#define COMPATIBILITY_EACH 0x8000u /* 82580: each port has words of its own */
#define UPDATED_SUM        0x8000u /* QUIRK_FLASH: the sum is right */

static bool may_be_flash(struct gigabit *nic)
{
	return nic->kind->quirks & QUIRK_FLASH && (reg_get(nic, E1000_EECD) & EECD_FLASH) == EECD_FLASH;
}

/* --- by pins: microwire (317453, 5.4), SPI (82576 datasheet, 3.3) ------------------------------------------------------------- */

#define PIN_US         1u /* the clock is high or low for so long */
#define MICROWIRE_READ 6u /* a start bit, and the command */
#define SPI_READ       0x03u
#define EERD_WORDS     0x4000u /* that EERD can name */

static void pins(struct gigabit *nic, uint32_t clear, uint32_t set)
{
	reg_change(nic, E1000_EECD, clear, set);
	reg_get(nic, E1000_STATUS); /* the write arrives before time is counted */
	sleep_us(PIN_US);
}

static void shift_out(struct gigabit *nic, uint32_t value, unsigned bits)
{
	while (bits--) {
		pins(nic, EECD_DI | EECD_SK, value >> bits & 1 ? EECD_DI : 0);
		pins(nic, 0, EECD_SK);
		pins(nic, EECD_SK, 0);
	}
	pins(nic, EECD_DI, 0);
}

static uint16_t shift_in(struct gigabit *nic)
{
	uint16_t value = 0;

	for (unsigned i = 0; i < 16; i++) {
		pins(nic, 0, EECD_SK);
		value = (uint16_t)(value << 1 | !!(reg_get(nic, E1000_EECD) & EECD_DO));
		pins(nic, EECD_SK, 0);
	}
	return value;
}

/* Microwire is selected by a high level and sends the upper byte first, SPI by a low one and the lower byte first. */
static int pins_read(struct gigabit *nic, bool spi, unsigned word, uint16_t *values, unsigned n)
{
	uint32_t on = spi ? 0 : EECD_CS, off = spi ? EECD_CS : 0;
	unsigned bits = reg_get(nic, E1000_EECD) & EECD_SIZE ? 8 : 6;
	int err;

	reg_change(nic, E1000_EECD, 0, EECD_REQ);
	err = reg_wait(nic, E1000_EECD, EECD_GNT, EECD_GNT, 10 * MS);
	for (unsigned i = 0; !err && i < n; i++) {
		pins(nic, EECD_DI | EECD_SK | on, off);
		pins(nic, off, on);
		if (spi)
			shift_out(nic, SPI_READ << 16 | (word + i) * 2, 24);
		else
			shift_out(nic, MICROWIRE_READ << bits | (word + i), bits + 3);
		values[i] = shift_in(nic);
		if (spi)
			values[i] = __builtin_bswap16(values[i]);
		pins(nic, on, off);
	}
	reg_change(nic, E1000_EECD, EECD_REQ, 0);
	return err;
}

/* --- by register (82574 datasheet, 10.2.2) ------------------------------------------------------------------------------------ */

static int eerd_read(struct gigabit *nic, unsigned word, uint16_t *values, unsigned n)
{
	int err = 0;

	for (unsigned i = 0; !err && i < n; i++) {
		reg_set(nic, E1000_EERD, field(EERD_ADDR, word + i) | EERD_START);
		err = reg_wait(nic, E1000_EERD, EERD_DONE, EERD_DONE, 50 * MS);
		values[i] = (uint16_t)field_of(EERD_DATA, reg_get(nic, E1000_EERD));
	}
	return err;
}

/* --- memory in the card: records of a doubleword or more (I210 datasheet, 3.4) -------------------------------------------------- */

#define RECORD_KIND 0x00000007u /* 0: there are no more */
#define RECORD_WORD 1u          /* what EEPROMs have at an address */
#define RECORD_CSR  2u          /* a register and its value: one doubleword more */
#define RECORD_KEY  4u          /* eight more */
#define RECORD_AT   0x0000fe00u
#define RECORD_DATA 0xffff0000u

static uint16_t record_find(struct gigabit *nic, unsigned word)
{
	for (unsigned i = 0; i < IGB_INVM_COUNT; i++) {
		uint32_t record = reg_get(nic, IGB_AT(INVM, i)), kind = field_of(RECORD_KIND, record);

		if (!kind)
			break;
		if (kind == RECORD_WORD && field_of(RECORD_AT, record) == word)
			return (uint16_t)field_of(RECORD_DATA, record);
		i += kind == RECORD_CSR ? 1 : kind == RECORD_KEY ? 8 : 0;
	}
	return 0xffff;
}

static bool has_memory(struct gigabit *nic)
{
	return nic->kind->nvm == NVM_I210 && !(reg_get(nic, E1000_EECD) & EECD_FLASH_210);
}

/* --- the board's flash (I217 to I219: 10.3 of the I218 datasheet) ------------------------------------------------------------------ */

/* Of two registers of 16 bits the status is the lower one, the control the upper one. */
#define FLASH_REGION       0x00u /* in units of 4 KiB: where it begins, and its last one */
#define FLASH_REGION_FIRST 0x00001fffu
#define FLASH_REGION_LAST  0x1fff0000u
#define FLASH_STATUS       0x04u
#define FLASH_DONE         0x00000001u
#define FLASH_ERRORS       0x00000006u
#define FLASH_BUSY         0x00000020u
#define FLASH_VALID        0x00004000u /* there is a descriptor */
#define FLASH_GO           0x00010000u
#define FLASH_CYCLE        0x00060000u /* 0: read */
#define FLASH_BYTES        0x03000000u /* less 1 */
#define FLASH_ADDRESS      0x08u
#define FLASH_ADDRESS_ALL  0x00ffffffu
#define FLASH_DATA         0x10u
#define FLASH_INSIDE       0xe000u
#define FLASH_UNIT         4096u
#define FLASH_TRIES        10u
#define FLASH_WAIT         (100 * MS)
#define STRAP_UNITS        0x0000003eu /* less 1 */
#define SIGNATURE          0xc000u     /* of a word */
#define SIGNATURE_VALID    2u

static uint32_t flash_get(struct gigabit *nic, uint32_t reg)
{
	bool inside = nic->kind->nvm == NVM_FLASH_INSIDE;

	return bus_read32(nic->port.device, inside ? 0 : 1, reg + (inside ? FLASH_INSIDE : 0));
}

static void flash_set(struct gigabit *nic, uint32_t reg, uint32_t value)
{
	bool inside = nic->kind->nvm == NVM_FLASH_INSIDE;

	bus_write32(nic->port.device, inside ? 0 : 1, reg + (inside ? FLASH_INSIDE : 0), value);
}

static int flash_wait(struct gigabit *nic, uint32_t mask, uint32_t value)
{
	uint64_t end = now_ns() + FLASH_WAIT * 1000;

	while ((flash_get(nic, FLASH_STATUS) & mask) != value) {
		if (now_ns() > end)
			return port_is_gone(&nic->port) ? -ENODEV : -ETIMEDOUT;
		sleep_us(1);
	}
	return 0;
}

/* Four bytes at @at of the flash. */
static int flash_read(struct gigabit *nic, uint32_t at, uint32_t *data)
{
	int err = -EIO;

	for (unsigned i = 0; err == -EIO && i < FLASH_TRIES; i++) {
		if (!(flash_get(nic, FLASH_STATUS) & FLASH_VALID))
			return -EIO;
		err = flash_wait(nic, FLASH_BUSY, 0);
		flash_set(nic, FLASH_STATUS, FLASH_ERRORS | FLASH_DONE); /* writing clears them */
		flash_set(nic, FLASH_ADDRESS, at & FLASH_ADDRESS_ALL);
		flash_set(nic, FLASH_STATUS, field(FLASH_BYTES, 3) | FLASH_GO);
		if (!err)
			err = flash_wait(nic, FLASH_DONE, FLASH_DONE);
		if (!err && flash_get(nic, FLASH_STATUS) & FLASH_ERRORS)
			err = -EIO;
	}
	*data = flash_get(nic, FLASH_DATA);
	return err;
}

/* Where the region begins, and the bytes of each of its two banks. */
static void flash_region(struct gigabit *nic, uint32_t *base, uint32_t *bank)
{
	uint32_t region;

	if (nic->kind->nvm == NVM_FLASH_INSIDE) {
		*base = 0;
		*bank = (field_of(STRAP_UNITS, reg_get(nic, E1000_STRAP)) + 1) * FLASH_UNIT / 2;
		return;
	}
	region = flash_get(nic, FLASH_REGION);
	*base = field_of(FLASH_REGION_FIRST, region) * FLASH_UNIT;
	*bank = (field_of(FLASH_REGION_LAST, region) + 1) * FLASH_UNIT - *base;
	*bank /= 2;
}

/* The bank with a valid signature counts; the first one when none has. */
static int flash_words(struct gigabit *nic, unsigned word, uint16_t *values, unsigned n)
{
	uint32_t base, bank, data = 0;
	int err = 0;

	flash_region(nic, &base, &bank);
	err = flash_read(nic, base + bank + (WORD_SIGNATURE & ~1u) * 2, &data);
	if (!err && field_of(SIGNATURE, data >> 16) == SIGNATURE_VALID) {
		err = flash_read(nic, base + (WORD_SIGNATURE & ~1u) * 2, &data);
		if (!err && field_of(SIGNATURE, data >> 16) != SIGNATURE_VALID)
			base += bank;
	}
	for (unsigned i = 0; !err && i < n; i++) {
		if (!i || (word + i) % 2 == 0)
			err = flash_read(nic, base + ((word + i) & ~1u) * 2, &data);
		values[i] = (uint16_t)((word + i) % 2 ? data >> 16 : data);
	}
	return err;
}

/* --- words ------------------------------------------------------------------------------------------------------------------- */

uint32_t gigabit_nvm_words(struct gigabit *nic)
{
	uint32_t eecd = reg_get(nic, E1000_EECD), base, bank;

	if (nic->kind->nvm == NVM_MICROWIRE)
		return eecd & EECD_SIZE ? 256 : 64;
	if (has_memory(nic))
		return WORDS;
	if (may_be_flash(nic))
		return 2048;
	if (!is_pch(nic))
		return 64u << field_of(EECD_SIZE_EX, eecd);
	flash_region(nic, &base, &bank);
	return bank / 2 < 2048 ? bank / 2 : 2048;
}

static int words_read(struct gigabit *nic, unsigned word, uint16_t *values, unsigned n)
{
	if (nic->kind->nvm == NVM_MICROWIRE)
		return pins_read(nic, false, word, values, n);
	if (is_pch(nic))
		return flash_words(nic, word, values, n);
	if (has_memory(nic)) {
		for (unsigned i = 0; i < n; i++)
			values[i] = record_find(nic, word + i);
		return 0;
	}
	return word + n > EERD_WORDS ? pins_read(nic, true, word, values, n) : eerd_read(nic, word, values, n);
}

int gigabit_nvm_read(struct gigabit *nic, unsigned word, uint16_t *values, unsigned n)
{
	int err = gigabit_lock(nic, GIGABIT_LOCK_NVM);

	memset(values, 0xff, n * sizeof(*values));
	if (err)
		return err;
	err = words_read(nic, word, values, n);
	gigabit_unlock(nic, GIGABIT_LOCK_NVM);
	if (err && err != -ENODEV)
		weir_fail(nic->port.weir, err, "%s: word 0x%x of the EEPROM cannot be read", nic->port.device->name,
		          word);
	return err;
}

/* Where the words of this port begin (82580 and I350 datasheets, 6.1). */
static unsigned own_words(const struct gigabit *nic, uint16_t compatibility)
{
	bool each = nic->kind->quirks & QUIRK_SUM_EACH &&
	            (nic->kind->mac == GIGABIT_I350 || compatibility & COMPATIBILITY_EACH);

	return each && nic->lan ? 0x40 + 0x40 * nic->lan : 0;
}

/* Software, with a new card or board, may be meant to write the sum first: we do not, and take it for right. */
static int sum_is_right(struct gigabit *nic, uint16_t compatibility, bool *right)
{
	uint16_t updated = UPDATED_SUM;
	int err = 0;

	if (may_be_flash(nic))
		err = gigabit_nvm_read(nic, WORD_UPDATED, &updated, 1);
	*right = has_memory(nic) || (is_pch(nic) && !(compatibility & COMPATIBILITY_SUM)) || !(updated & UPDATED_SUM);
	return err;
}

int gigabit_nvm_sum(struct gigabit *nic, bool *bad)
{
	uint16_t words[WORDS], sum = 0;
	bool right;
	int err;

	err = gigabit_nvm_read(nic, 0, words, WORDS);
	if (!err)
		err = sum_is_right(nic, words[WORD_COMPATIBILITY], &right);
	if (!err && own_words(nic, words[WORD_COMPATIBILITY]))
		err = gigabit_nvm_read(nic, own_words(nic, words[WORD_COMPATIBILITY]), words, WORDS);
	if (err)
		return err;
	for (unsigned i = 0; i < WORDS; i++)
		sum = (uint16_t)(sum + words[i]);
	*bad = sum != SUM && !right;
	return 0;
}

int gigabit_nvm_check(struct gigabit *nic)
{
	bool bad = false;
	int err = gigabit_nvm_sum(nic, &bad);

	if (bad)
		err = weir_fail(nic->port.weir, -EIO,
		                "%s: the EEPROM's words do not add up to 0xbaba; write it anew with the vendor's tool",
		                nic->port.device->name);
	return err;
}

/* --- the address --------------------------------------------------------------------------------------------------------------- */

static bool is_mac(const uint8_t mac[6])
{
	static const uint8_t none[6], all[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	return !(mac[0] & 1) && memcmp(mac, none, 6) != 0 && memcmp(mac, all, 6) != 0;
}

static bool words_mac(struct gigabit *nic, unsigned word, uint8_t mac[6])
{
	uint16_t words[3];

	if (gigabit_nvm_read(nic, word, words, 3))
		return false;
	for (unsigned i = 0; i < 3; i++) {
		mac[2 * i] = (uint8_t)words[i];
		mac[2 * i + 1] = (uint8_t)(words[i] >> 8);
	}
	return is_mac(mac);
}

/* Blades may give cards another address (82576 datasheet, 6.2.16). */
static bool second_mac(struct gigabit *nic, uint8_t mac[6])
{
	uint16_t at;

	return nic->kind->quirks & QUIRK_SECOND_MAC && !gigabit_nvm_read(nic, WORD_SECOND_MAC, &at, 1) && at &&
	       at != 0xffff && words_mac(nic, at + 3 * nic->lan, mac);
}

/*
 * The 8254x have one in the EEPROM, from which that of a second port follows (317453, 5.6.1); of the others each port's is
 * loaded by the reset. (QEMU's 82540EM is reset without loading anything.)
 */
int gigabit_read_mac(struct gigabit *nic, uint8_t mac[6])
{
	uint32_t low, high;

	if (is_8254x(nic) && words_mac(nic, 0, mac)) {
		mac[5] ^= (uint8_t)(nic->lan & 1);
		return 0;
	}
	if (second_mac(nic, mac))
		return 0;
	low = reg_get(nic, E1000_RAL);
	high = reg_get(nic, E1000_RAH);
	memcpy(mac, &low, 4);
	memcpy(mac + 4, &high, 2);
	if (high & RAH_AV && is_mac(mac))
		return 0;
	return weir_fail(nic->port.weir, -EADDRNOTAVAIL, "%s has no MAC address in its EEPROM", nic->port.device->name);
}
