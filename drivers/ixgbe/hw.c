/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The device as a whole: reset, semaphores, EEPROM. Sections are those of the 82599 datasheet.
 */
#include <string.h>

#include "../advanced/turns.h"
#include "ixgbe.h"

#define EEPROM_CHECKSUM   0x3fu
#define EEPROM_POINTERS   0x03u /* words 3 to 14 point at sections that the checksum covers, too */
#define EEPROM_POINTERS_N 12u
#define EEPROM_CORE0      0x09u /* LAN core 0; the next word is LAN core 1 */

int ixgbe_set_master(struct ixgbe *nic, bool on)
{
	return bus_set_master(nic->port.device, on);
}

/* --- reset (4.6.3.2, 4.2.1.6) -------------------------------------------------------------------------------------------- */

static void mask_interrupts(struct ixgbe *nic)
{
	reg_set(nic, IXGBE_EIMC, 0x7fffffff);
	for (unsigned i = 0; i < IXGBE_EIMC_EX_COUNT; i++)
		reg_set(nic, IXGBE_AT(EIMC_EX, i), UINT32_MAX);
	reg_get(nic, IXGBE_EICR);
}

/* Stops requests to memory before the reset (5.2.5.3.2). Returns whether all that were under way have ended. */
static bool disable_master(struct ixgbe *nic)
{
	reg_change(nic, IXGBE_CTRL, 0, CTRL_GIO_DIS);
	return !reg_wait(nic, IXGBE_STATUS, STATUS_GIO, 0, 100 * MS);
}

static int pull_reset(struct ixgbe *nic)
{
	int err;

	reg_change(nic, IXGBE_CTRL, CTRL_GIO_DIS, CTRL_LNK_RST | CTRL_RST);
	err = reg_wait(nic, IXGBE_CTRL, CTRL_LNK_RST | CTRL_RST, 0, 100 * MS);
	if (err)
		return err;
	sleep_us(10 * MS); /* 4.6.3.2: "wait at least 10 msec" after the reset before going on */
	return 0;
}

int ixgbe_reset(struct ixgbe *nic)
{
	bool idle;
	int err;

	mask_interrupts(nic); /* 4.6.3.1 */
	reg_set(nic, IXGBE_RXCTRL, 0);
	nic->receiving = false;
	idle = disable_master(nic);
	err = pull_reset(nic);
	/* 5.2.5.3.2: what was under way may still be flushed into the device that was reset. Once more. */
	if (!err && !idle)
		err = pull_reset(nic);
	if (err)
		return weir_fail(nic->port.weir, err, "%s: the device does not come out of reset; cycle its power",
		                 nic->port.device->name);
	mask_interrupts(nic); /* 4.6.3: "after the reset ... again" */

	err = reg_wait(nic, IXGBE_EEC, EEC_ARD, EEC_ARD, 100 * MS); /* 4.6.3: the EEPROM was read */
	if (err)
		return weir_fail(nic->port.weir, err, "%s: the device has not read its EEPROM; is it empty?",
		                 nic->port.device->name);
	err = reg_wait(nic, IXGBE_RDRXCTL, RDRXCTL_DMAIDONE, RDRXCTL_DMAIDONE, 100 * MS); /* 4.6.3: DMA is ready */
	if (err)
		return weir_fail(nic->port.weir, err, "%s: the device's DMA does not initialise; cycle its power",
		                 nic->port.device->name);
	reg_change(nic, IXGBE_CTRL_EXT, 0, CTRL_EXT_PFRSTD | CTRL_EXT_NS_DIS | CTRL_EXT_DRV_LOAD);
	return 0;
}

/* --- semaphores (10.5.4) --------------------------------------------------------------------------------------------------- */

static const struct adv_turns turns = { .swsm = IXGBE_SWSM, .owners = IXGBE_GSSR, .firmware = 5 };
static const struct adv_turns turns540 = {
	.swsm = IXGBE_SWSM, .owners = IXGBE_GSSR, .firmware = 5, .writer = GSSR_REGSMP
};

int ixgbe_lock(struct ixgbe *nic, uint32_t what)
{
	int err = adv_turn_take(&nic->port, nic->x540 ? &turns540 : &turns, what);

	if (err && err != -ENODEV)
		weir_fail(nic->port.weir, err, "%s: the firmware does not give up its semaphore",
		          nic->port.device->name);
	return err;
}

void ixgbe_unlock(struct ixgbe *nic, uint32_t what)
{
	adv_turn_give(&nic->port, nic->x540 ? &turns540 : &turns, what);
}

/* --- EEPROM (6.0, 8.2.3.2.2) ---------------------------------------------------------------------------------------------- */

/* One word, with the lock held. */
static int eeprom_word(struct ixgbe *nic, unsigned word, uint16_t *value)
{
	uint32_t data;
	int err;

	*value = 0xffff;
	reg_set(nic, IXGBE_EERD, field(EERD_ADDR, word) | EERD_START);
	err = port_wait(&nic->port, IXGBE_EERD, EERD_DONE, EERD_DONE, 50 * MS, &data);
	if (err)
		return weir_fail(nic->port.weir, err, "%s: word 0x%x of the EEPROM cannot be read",
		                 nic->port.device->name, word);
	*value = (uint16_t)field_of(EERD_DATA, data);
	return 0;
}

int ixgbe_eeprom_read(struct ixgbe *nic, unsigned word, uint16_t *values, unsigned n)
{
	int err = ixgbe_lock(nic, GSSR_EEPROM);

	if (err)
		return err;
	for (unsigned i = 0; !err && i < n; i++)
		err = eeprom_word(nic, word + i, &values[i]);
	ixgbe_unlock(nic, GSSR_EEPROM);
	return err;
}

/* Adds the words from @first on. */
static int eeprom_add(struct ixgbe *nic, unsigned first, unsigned n, uint16_t *sum)
{
	uint16_t value;
	int err = 0;

	for (unsigned i = 0; !err && i < n; i++) {
		err = eeprom_word(nic, first + i, &value);
		*sum = (uint16_t)(*sum + value);
	}
	return err;
}

static bool is_pointer(uint16_t word)
{
	return word != 0 && word != 0xffff;
}

/* Words 0 to 3F, and the sections that are pointed at, add up to BABA (chapter 6). */
static int eeprom_total(struct ixgbe *nic, uint16_t *sum)
{
	uint16_t at, length;
	int err;

	*sum = 0;
	err = eeprom_add(nic, 0, EEPROM_CHECKSUM + 1, sum);
	for (unsigned i = 0; !err && i < EEPROM_POINTERS_N; i++) {
		err = eeprom_word(nic, EEPROM_POINTERS + i, &at);
		if (err || !is_pointer(at))
			continue;
		err = eeprom_word(nic, at, &length);
		if (!err && is_pointer(length))
			err = eeprom_add(nic, at + 1u, length, sum);
	}
	return err;
}

int ixgbe_eeprom_sum(struct ixgbe *nic, uint16_t *sum)
{
	int err;

	*sum = 0;
	if (!(reg_get(nic, IXGBE_EEC) & EEC_PRES))
		return weir_fail(nic->port.weir, -EIO, "%s has no EEPROM", nic->port.device->name);
	err = ixgbe_lock(nic, GSSR_EEPROM);
	if (err)
		return err;
	err = eeprom_total(nic, sum);
	ixgbe_unlock(nic, GSSR_EEPROM);
	return err;
}

int ixgbe_eeprom_check(struct ixgbe *nic)
{
	uint16_t sum;
	int err = ixgbe_eeprom_sum(nic, &sum);

	if (!err && sum != IXGBE_EEPROM_SUM)
		err = weir_fail(
		    nic->port.weir, -EIO,
		    "%s: the EEPROM's words add up to 0x%04x, not 0xbaba; write it anew with the vendor's tool",
		    nic->port.device->name, sum);
	return err;
}

/* --- the address ------------------------------------------------------------------------------------------------------------ */

static bool is_mac(const uint8_t mac[6])
{
	static const uint8_t none[6];

	return !(mac[0] & 1) && memcmp(mac, none, sizeof(none)) != 0;
}

/* From the LAN core's section: words 1 to 3 (chapter 6). */
static int eeprom_mac(struct ixgbe *nic, uint8_t mac[6])
{
	uint16_t at, words[3] = { 0 };
	int err;

	err = ixgbe_eeprom_read(nic, EEPROM_CORE0 + nic->lan, &at, 1);
	if (!err && !is_pointer(at))
		err = -ENODATA;
	if (!err)
		err = ixgbe_eeprom_read(nic, at + 1u, words, 3);
	for (unsigned i = 0; i < 3; i++) {
		mac[2 * i] = (uint8_t)words[i];
		mac[2 * i + 1] = (uint8_t)(words[i] >> 8);
	}
	return err;
}

int ixgbe_read_mac(struct ixgbe *nic, uint8_t mac[6])
{
	uint32_t low = reg_get(nic, IXGBE_RAL), high = reg_get(nic, IXGBE_RAH);

	memcpy(mac, &low, 4);
	memcpy(mac + 4, &high, 2);
	if ((high & RAH_AV && is_mac(mac)) || (!eeprom_mac(nic, mac) && is_mac(mac)))
		return 0;
	return weir_fail(nic->port.weir, -EADDRNOTAVAIL, "%s has no MAC address in its EEPROM", nic->port.device->name);
}
