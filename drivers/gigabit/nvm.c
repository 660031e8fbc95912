/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The memory that a card is configured by: words of 16 bits (317453, 5; 82574 datasheet, 6; 82576 datasheet, 6).
 */
#include <string.h>

#include "gigabit.h"

#define WORD_MAC   0x00u /* three words; each port has its own */
#define WORD_COUNT 0x40u /* that the checksum covers, itself among them */

/* --- by pins (317453, 5.4) -------------------------------------------------------------------------------------------------- */

#define MICROWIRE_READ 6u /* a start bit, and the command */
#define PIN_US         1u /* the clock is high or low for so long */

static void pins(struct gigabit *nic, uint32_t clear, uint32_t set)
{
	reg_change(nic, E1000_EECD, clear, set);
	reg_get(nic, E1000_STATUS); /* so that the write arrives before time is counted */
	sleep_us(PIN_US);
}

static void clock_pin(struct gigabit *nic)
{
	pins(nic, 0, EECD_SK);
	pins(nic, EECD_SK, 0);
}

static void shift_out(struct gigabit *nic, uint32_t value, unsigned bits)
{
	while (bits--) {
		pins(nic, EECD_DI, value >> bits & 1 ? EECD_DI : 0);
		clock_pin(nic);
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

static int microwire_read(struct gigabit *nic, unsigned word, uint16_t *values, unsigned n)
{
	unsigned bits = reg_get(nic, E1000_EECD) & EECD_SIZE ? 8 : 6;
	int err;

	reg_change(nic, E1000_EECD, 0, EECD_REQ);
	err = gigabit_wait(nic, E1000_EECD, EECD_GNT, EECD_GNT, 10 * MS);
	for (unsigned i = 0; !err && i < n; i++) {
		pins(nic, EECD_DI | EECD_SK | EECD_CS, 0);
		pins(nic, 0, EECD_CS);
		shift_out(nic, MICROWIRE_READ << bits | (word + i), bits + 3);
		values[i] = shift_in(nic);
		pins(nic, EECD_CS, 0);
		clock_pin(nic);
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
		err = gigabit_wait(nic, E1000_EERD, EERD_DONE, EERD_DONE, 50 * MS);
		values[i] = (uint16_t)field_of(EERD_DATA, reg_get(nic, E1000_EERD));
	}
	return err;
}

/* --- words ------------------------------------------------------------------------------------------------------------------- */

uint32_t gigabit_nvm_words(struct gigabit *nic)
{
	uint32_t eecd = reg_get(nic, E1000_EECD);

	if (nic->kind->nvm == GIGABIT_MICROWIRE)
		return eecd & EECD_SIZE ? 256 : 64;
	return 64u << field_of(EECD_SIZE_EX, eecd);
}

int gigabit_nvm_read(struct gigabit *nic, unsigned word, uint16_t *values, unsigned n)
{
	int err = gigabit_lock(nic, GIGABIT_LOCK_NVM);

	memset(values, 0xff, n * sizeof(*values));
	if (err)
		return err;
	switch (nic->kind->nvm) {
	case GIGABIT_MICROWIRE:
		err = microwire_read(nic, word, values, n);
		break;
	case GIGABIT_EERD:
		err = eerd_read(nic, word, values, n);
		break;
	}
	gigabit_unlock(nic, GIGABIT_LOCK_NVM);
	if (err && err != -ENODEV)
		weir_fail(nic->port.weir, err, "%s: word 0x%x of the EEPROM cannot be read", nic->port.device->name,
		          word);
	return err;
}

int gigabit_nvm_sum(struct gigabit *nic, uint16_t *sum)
{
	uint16_t words[WORD_COUNT];
	int err;

	*sum = 0;
	err = gigabit_nvm_read(nic, 0, words, WORD_COUNT);
	for (unsigned i = 0; !err && i < WORD_COUNT; i++)
		*sum = (uint16_t)(*sum + words[i]);
	return err;
}

int gigabit_nvm_check(struct gigabit *nic)
{
	uint16_t sum;
	int err = gigabit_nvm_sum(nic, &sum);

	if (!err && sum != GIGABIT_NVM_SUM)
		err = weir_fail(
		    nic->port.weir, -EIO,
		    "%s: the EEPROM's words add up to 0x%04x, not 0xbaba; write it anew with the vendor's tool",
		    nic->port.device->name, sum);
	return err;
}

/* --- the address --------------------------------------------------------------------------------------------------------------- */

static bool is_mac(const uint8_t mac[6])
{
	static const uint8_t none[6];

	return !(mac[0] & 1) && memcmp(mac, none, sizeof(none)) != 0;
}

/* The reset loads it into the first of the address registers, each port's own (317453, 13.5.2). */
int gigabit_read_mac(struct gigabit *nic, uint8_t mac[6])
{
	uint32_t low = reg_get(nic, E1000_RAL), high = reg_get(nic, E1000_RAH);

	memcpy(mac, &low, 4);
	memcpy(mac + 4, &high, 2);
	if (high & RAH_AV && is_mac(mac))
		return 0;
	return weir_fail(nic->port.weir, -EADDRNOTAVAIL, "%s has no MAC address in its EEPROM", nic->port.device->name);
}
