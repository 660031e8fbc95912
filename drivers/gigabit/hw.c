/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The device as a whole: opening and closing, reset, turns. What is assumed of it:
 *
 *      ASSUME_MEMORY_RESET   The 8254x can be reset by a write to memory. Intel's drivers write to an I/O port, since some of
 *                            them vanish before they have answered a 64-bit write; ours has 32 bits.
 *      ASSUME_PHY            A PHY is as EEPROM and straps have made it, but for what it offers its partner: crossover,
 *                            downshift and energy saving are left alone, as are marginal modes at 10 and 100 Mbit/s.
 *      ASSUME_FIRMWARE       Firmware that shares the card obeys the same turns, and speaks to the PHY before we do.
 *
 * MISSING, for want of hardware to try it on: the I219 is to have empty rings when it is reset; the K1 state and frames above
 * 1,518 bytes of the I217 to I219; the clock of an I210 or I211 without flash, which may be wrong after power-up (Intel's
 * drivers cycle its power then); the first set-up of an I354's PHYs.
 */
#include <stdio.h>
#include <string.h>

#include "../advanced/turns.h"
#include "gigabit.h"

#define REGISTER_BYTES 0x20000u

/* --- turns ----------------------------------------------------------------------------------------------------------------- */

static const struct adv_turns turns = { .swsm = E1000_SWSM, .owners = E1000_SW_FW_SYNC, .firmware = 16 };

/* The bit of a port's PHY (82576 datasheet, 8.8; I350 datasheet, 8.8). */
static uint32_t sync_bit(const struct gigabit *nic, uint32_t what)
{
	static const uint8_t phys[] = { 0x02, 0x04, 0x20, 0x40 };

	return what == GIGABIT_LOCK_PHY ? phys[nic->lan & 3] : what;
}

int gigabit_lock(struct gigabit *nic, uint32_t what)
{
	int err = 0;

	switch (nic->kind->turns) {
	case TURNS_ALONE:
		break;
	case TURNS_SWSM:
		err = adv_turn_enter(&nic->port, &turns);
		break;
	case TURNS_EXTCNF:
		err = adv_take_bit(&nic->port, E1000_EXTCNF_CTRL, EXTCNF_MDIO_SW, 1 * S);
		break;
	case TURNS_SYNC:
		err = adv_turn_take(&nic->port, &turns, sync_bit(nic, what));
		break;
	}
	if (err && err != -ENODEV)
		weir_fail(nic->port.weir, err, "%s: the firmware does not give up its semaphore",
		          nic->port.device->name);
	return err;
}

void gigabit_unlock(struct gigabit *nic, uint32_t what)
{
	switch (nic->kind->turns) {
	case TURNS_ALONE:
		break;
	case TURNS_SWSM:
		adv_turn_leave(&nic->port, &turns);
		break;
	case TURNS_EXTCNF:
		reg_change(nic, E1000_EXTCNF_CTRL, EXTCNF_MDIO_SW, 0);
		break;
	case TURNS_SYNC:
		adv_turn_give(&nic->port, &turns, sync_bit(nic, what));
		break;
	}
}

/* --- settings ----------------------------------------------------------------------------------------------------------------- */

#define ON(mac) (1u << GIGABIT_##mac)
#define BIT(n)  (1u << (n))
#define PCI     (ON(82540EM) | ON(82545EM) | ON(82546EB))
#define FIRST   (ON(82571EB) | ON(82572EI))
#define FLASHY  (ON(82573) | ON(82573L) | ON(82574L) | ON(82583V))
#define LATE    (ON(82574L) | ON(82583V))
#define PCH     (ON(I217) | ON(I218) | ON(I219))

/*
 * What is to be otherwise than a reset leaves it, after the specification updates of the 82571 to 82574 and 82583V and, where
 * bits have no public meaning, Intel's e1000e. Bit 28 of TARC1 is the opposite of TCTL_MULR.
 */
static const struct {
	uint32_t macs, reg, clear, set;
} settings[] = {
	{ PCI, E1000_MANC, MANC_ARP_EN, 0 }, /* or it answers for us (317453, 13.6) */
	{ ~PCI, E1000_CTRL_EXT, 0, CTRL_EXT_DRV_LOAD },
	{ FIRST | FLASHY | PCH, E1000_AT(TXDCTL, 0), 0, BIT(22) },
	{ FIRST | ON(82574L) | PCH, E1000_AT(TXDCTL, 1), 0, BIT(22) },
	{ FIRST, E1000_AT(TARC, 0), 0xfu << 27, 0xfu << 23 },
	{ FLASHY, E1000_AT(TARC, 0), 0xfu << 27, 0 },
	{ LATE, E1000_AT(TARC, 0), 0, BIT(26) },
	{ PCH, E1000_AT(TARC, 0), 0, BIT(23) | BIT(24) | BIT(26) | BIT(27) },
	{ FIRST, E1000_AT(TARC, 1), 0x3u << 29, BIT(22) | BIT(24) | BIT(25) | BIT(26) | BIT(28) },
	{ PCH, E1000_AT(TARC, 1), 0, BIT(24) | BIT(26) | BIT(28) | BIT(30) },
	{ FLASHY, E1000_CTRL, BIT(29), 0 },
	{ FLASHY, E1000_CTRL_EXT, BIT(23), BIT(22) },
	{ FIRST, E1000_CTRL_EXT, BIT(19), 0 },                             /* the clock of DMA is never switched off */
	{ ON(82571EB), E1000_PBA_ECC, 0, 1 },                              /* memory errors are corrected */
	{ FIRST | ON(82573) | ON(82573L), E1000_RFCTL, 0, RFCTL_IPV6_EX }, /* bad extension headers hang the receiver */
	{ FLASHY, E1000_GCR, 0, BIT(27) },                                 /* no sleep of the link to memory alone */
	{ LATE, E1000_GCR, 0, BIT(22) },
	{ LATE, E1000_GCR2, 0, 1 }, /* completions are unreliable while the link may sleep */
	{ PCH, E1000_CTRL_EXT, 0, BIT(17) | BIT(20) | BIT(22) },
	{ PCH, E1000_RFCTL, 0, RFCTL_NFSW_DIS | RFCTL_NFSR_DIS }, /* descriptors are damaged by NFS over UDP */
	{ PCH, E1000_PBECCSTS, 0, BIT(16) },                      /* memory errors are corrected, */
	{ PCH, E1000_CTRL, 0, CTRL_MEHE },                        /* ... and told of */
	{ PCH, E1000_KABGTXD, 0, 0x00050000 },
	{ ON(I219), E1000_IOSFPC, 0, BIT(16) },            /* what is sent is damaged, */
	{ ON(I219), E1000_AT(TARC, 0), BIT(28), BIT(29) }, /* ... or nothing is, with three requests at once */
};

static void settle(struct gigabit *nic)
{
	for (unsigned i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (settings[i].macs & 1u << nic->kind->mac)
			reg_change(nic, settings[i].reg, settings[i].clear, settings[i].set);
}

/* --- reset ----------------------------------------------------------------------------------------------------------------- */

static void mask_interrupts(struct gigabit *nic)
{
	reg_set(nic, E1000_IMC, UINT32_MAX);
	if (is_igb(nic))
		reg_set(nic, IGB_EIMC, UINT32_MAX);
	reg_get(nic, E1000_ICR);
}

/*
 * QEMU's 82540EM resets nothing of its rings: so they are told to stop, too. Returns whether no request to memory is under
 * way any more (82574 datasheet, 5.2: "Master Disable").
 */
static bool quiesce(struct gigabit *nic)
{
	mask_interrupts(nic);
	reg_set(nic, E1000_RCTL, 0);
	reg_set(nic, E1000_TCTL, TCTL_PSP);
	nic->receiving = false;
	if (is_8254x(nic)) {
		sleep_us(10 * MS); /* PCI has nothing to ask */
		return true;
	}
	reg_change(nic, E1000_CTRL, 0, CTRL_GIO_DIS);
	return !reg_wait(nic, E1000_STATUS, STATUS_GIO, 0, 100 * MS);
}

/*
 * Ownership of the PHY goes back to the firmware with a reset: not while that uses it (82574 datasheet, 4.6.1). Registers
 * are not to be read at once (317453, 14.3; I217 to I219: an early read hangs the device).
 */
static int pull_reset(struct gigabit *nic)
{
	bool turn = nic->kind->turns == TURNS_EXTCNF && !gigabit_lock(nic, GIGABIT_LOCK_PHY);
	int err;

	reg_change(nic, E1000_CTRL, CTRL_GIO_DIS, CTRL_RST);
	sleep_us(is_pch(nic) ? 20 * MS : 5 * MS);
	err = reg_wait(nic, E1000_CTRL, CTRL_RST, 0, 100 * MS);
	if (turn)
		gigabit_unlock(nic, GIGABIT_LOCK_PHY);
	return err;
}

/* The EEPROM is read by the reset. Cards whose EEPROM may be missing work without; that of QEMU's 82576 never says it is read. */
static int wait_for_eeprom(struct gigabit *nic)
{
	int err;

	if (is_8254x(nic) || is_pch(nic))
		return 0;
	if (nic->kind->quirks & QUIRK_FLASH) {
		/* A flash that updates itself may lose words meanwhile; its copy is to be read again. */
		reg_change(nic, E1000_EECD, EECD_AUPDEN, 0);
		if ((reg_get(nic, E1000_EECD) & EECD_FLASH) == EECD_FLASH)
			reg_change(nic, E1000_CTRL_EXT, 0, CTRL_EXT_EE_RST);
	}
	err = reg_wait(nic, E1000_EECD, EECD_ARD, EECD_ARD, 100 * MS);
	if (nic->kind->quirks & QUIRK_FLASH)
		sleep_us(25 * MS); /* the PHY is configured after that */
	return err == -ETIMEDOUT && is_igb(nic) ? 0 : err;
}

static int reset(struct gigabit *nic)
{
	bool idle = quiesce(nic);
	int err;

	err = pull_reset(nic);
	/* What was under way may have been flushed into the device that was reset: once more. */
	if (!err && !idle)
		err = pull_reset(nic);
	if (err)
		return weir_fail(nic->port.weir, err, "%s: the device does not come out of reset; cycle its power",
		                 nic->port.device->name);
	err = wait_for_eeprom(nic);
	if (err)
		return weir_fail(nic->port.weir, err, "%s: the device has not read its EEPROM; is it empty?",
		                 nic->port.device->name);
	mask_interrupts(nic);
	settle(nic);
	return 0;
}

/* --- life ------------------------------------------------------------------------------------------------------------------ */

/* KiB of the packet buffer that are for receiving (82576 datasheet, 8.10; I350 datasheet, 8.3: by a table). */
static unsigned packet_buffer(struct gigabit *nic)
{
	static const uint8_t sizes[16] = { 36, 72, 144, 1, 2, 4, 8, 16, 35, 70, 140 };

	if (!is_igb(nic))
		return reg_get(nic, E1000_PBA) & 0xff;
	if (!is_newer(nic))
		return reg_get(nic, IGB_RXPBS) & 0x7f;
	if (nic->kind->nvm == NVM_I210)
		return reg_get(nic, IGB_RXPBS) & 0x3f;
	return sizes[reg_get(nic, IGB_RXPBS) & 0xf];
}

/* Of the I217 to I219 the firmware may keep addresses for itself, from the last one on. */
static unsigned own_places(struct gigabit *nic)
{
	unsigned locked = is_pch(nic) ? field_of(FWSM_LOCKED, reg_get(nic, E1000_FWSM)) : 0;

	return !locked ? nic->kind->macs : locked == 1 ? 1 : locked + 1;
}

static int bring_up(struct gigabit *nic)
{
	int err;

	bus_set_master(nic->port.device, false);
	/* A reset makes it hold, and leaves it as it is (317453, 13.4.16). */
	if (nic->kind->pba)
		reg_set(nic, E1000_PBA, nic->kind->pba);
	err = reset(nic);
	if (err)
		return err;
	nic->rx_buffer = packet_buffer(nic) << 10;
	nic->mac_count = own_places(nic);
	gigabit_clear_tables(nic);
	counters_forget(&nic->counters, &nic->port);
	return 0;
}

static void describe(struct gigabit *nic)
{
	struct bus_device *dev = nic->port.device;
	struct weir_port_info *info = &nic->port.info;

	snprintf(info->name, sizeof(info->name), "%s", dev->name);
	info->node = dev->node;
	info->receives = info->sends = true;
	info->mtu = 1500;
	info->mtu_max = nic->kind->frame - GIGABIT_OVERHEAD;
	info->rx_queues_max = info->tx_queues_max = nic->kind->queues;
}

int gigabit_open(struct gigabit *nic)
{
	struct bus_device *dev = nic->port.device;
	const struct gigabit_member *member = gigabit_member(dev->device);
	int err;

	if (!member || dev->regions[0].size < REGISTER_BYTES)
		return weir_fail(nic->port.weir, -ENODEV, "%s: its registers are missing (region 0 has %llu bytes)",
		                 dev->name, (unsigned long long)dev->regions[0].size);
	nic->kind = gigabit_kind(member);
	nic->medium = member->medium;
	describe(nic);
	counters_open(&nic->counters, &gigabit_counters);
	bus_set_master(dev, false);
	if (port_is_gone(&nic->port)) {
		err = weir_fail(nic->port.weir, -ENODEV, "%s does not answer", dev->name);
		goto fail;
	}
	nic->lan = field_of(STATUS_LAN_ID, reg_get(nic, E1000_STATUS));
	err = bring_up(nic);
	if (!err)
		err = gigabit_nvm_check(nic);
	if (!err)
		err = gigabit_read_mac(nic, nic->port.info.mac);
	if (!err)
		err = gigabit_link_init(nic);
	if (!err)
		return 0;
fail:
	counters_close(&nic->counters);
	return err;
}

int gigabit_attach(struct gigabit *nic)
{
	int err;

	err = bus_attach(nic->port.device);
	if (err)
		return err;
	nic->attached = true;
	err = bus_set_master(nic->port.device, true);
	return err ? err : gigabit_link_setup(nic);
}

int gigabit_close(struct gigabit *nic)
{
	int err = 0;

	if (!port_is_gone(&nic->port)) {
		bus_set_master(nic->port.device, false);
		err = reset(nic);
		if (!is_8254x(nic))
			reg_change(nic, E1000_CTRL_EXT, CTRL_EXT_DRV_LOAD, 0);
	}
	if (nic->attached)
		bus_detach(nic->port.device);
	counters_close(&nic->counters);
	return err == -ENODEV ? 0 : err;
}

int gigabit_recover(struct gigabit *nic)
{
	int err;

	err = bring_up(nic);
	if (!err)
		err = bus_set_master(nic->port.device, true);
	return err ? err : gigabit_link_setup(nic);
}
