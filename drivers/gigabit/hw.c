/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The device as a whole: opening and closing, reset, turns.
 */
#include <stdio.h>
#include <string.h>

#include "gigabit.h"

#define REGISTER_BYTES 0x20000u

bool gigabit_gone(struct gigabit *nic)
{
	return gigabit_lost(nic) || bus_gone(nic->port.device) || reg_get(nic, E1000_STATUS) == UINT32_MAX;
}

int gigabit_wait(struct gigabit *nic, uint32_t reg, uint32_t mask, uint32_t value, uint64_t us)
{
	uint64_t end = now_ns() + us * 1000, step = 1;

	for (;;) {
		bool late = now_ns() > end;
		uint32_t now = reg_get(nic, reg);

		if (unlikely(now == UINT32_MAX && gigabit_gone(nic)))
			return -ENODEV;
		if ((now & mask) == value)
			return 0;
		if (late)
			return -ETIMEDOUT;
		sleep_us(step);
		if (step < 1 * MS)
			step *= 2;
	}
}

/* --- turns ----------------------------------------------------------------------------------------------------------------- */

static void semaphore_leave(struct gigabit *nic)
{
	reg_change(nic, E1000_SWSM, SWSM_SMBI | SWSM_SWESMBI, 0);
}

/* Writes a bit until it stays: that of who asks second does not. */
static int take_bit(struct gigabit *nic, uint32_t reg, uint32_t bit, uint64_t us)
{
	uint64_t end = now_ns() + us * 1000;

	do {
		reg_change(nic, reg, 0, bit);
		if (reg_get(nic, reg) & bit)
			return gigabit_gone(nic) ? -ENODEV : 0;
		sleep_us(50);
	} while (now_ns() < end);
	return -ETIMEDOUT;
}

/* Between drivers of the card's ports (SMBI: reading takes it), then between software and firmware. */
static int semaphore_enter(struct gigabit *nic)
{
	int err;

	/* An owner that died holds it for ever: after this time it is ours. */
	gigabit_wait(nic, E1000_SWSM, SWSM_SMBI, 0, 100 * MS);
	err = take_bit(nic, E1000_SWSM, SWSM_SWESMBI, 100 * MS);
	if (err)
		semaphore_leave(nic);
	return err;
}

/* The bit of a port's PHY (82576 datasheet, 8.8; I350 datasheet, 8.8). */
static uint32_t sync_bit(const struct gigabit *nic, uint32_t what)
{
	static const uint8_t phys[] = { 0x02, 0x04, 0x20, 0x40 };

	return what == GIGABIT_LOCK_PHY ? phys[nic->lan & 3] : what;
}

/* Bits of SW_FW_SYNC, those of the firmware 16 further up. */
static int sync_take(struct gigabit *nic, uint32_t what)
{
	uint64_t end = now_ns() + 1 * S * 1000;

	for (;;) {
		bool late = now_ns() > end;
		int err = semaphore_enter(nic);
		uint32_t owners;

		if (err)
			return err;
		owners = reg_get(nic, E1000_SW_FW_SYNC);
		/* Late, the owner has died. */
		if (!(owners & (what | what << 16)) || late) {
			reg_set(nic, E1000_SW_FW_SYNC, (owners & ~(what << 16)) | what);
			semaphore_leave(nic);
			return 0;
		}
		semaphore_leave(nic);
		if (gigabit_gone(nic))
			return -ENODEV;
		sleep_us(5 * MS);
	}
}

int gigabit_lock(struct gigabit *nic, uint32_t what)
{
	int err = 0;

	switch (nic->kind->turns) {
	case GIGABIT_ALONE:
		break;
	case GIGABIT_SWSM:
		err = semaphore_enter(nic);
		break;
	case GIGABIT_EXTCNF:
		err = take_bit(nic, E1000_EXTCNF_CTRL, EXTCNF_MDIO_SW, 1 * S);
		break;
	case GIGABIT_SYNC:
		err = sync_take(nic, sync_bit(nic, what));
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
	case GIGABIT_ALONE:
		break;
	case GIGABIT_SWSM:
		semaphore_leave(nic);
		break;
	case GIGABIT_EXTCNF:
		reg_change(nic, E1000_EXTCNF_CTRL, EXTCNF_MDIO_SW, 0);
		break;
	case GIGABIT_SYNC:
		if (semaphore_enter(nic))
			break;
		reg_change(nic, E1000_SW_FW_SYNC, sync_bit(nic, what), 0);
		semaphore_leave(nic);
		break;
	}
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
	return !gigabit_wait(nic, E1000_STATUS, STATUS_GIO, 0, 100 * MS);
}

/* Ownership of the PHY goes back to the firmware with a reset: not while that uses it (82574 datasheet, 4.6.1). */
static int pull_reset(struct gigabit *nic)
{
	bool turn = nic->kind->turns == GIGABIT_EXTCNF && !gigabit_lock(nic, GIGABIT_LOCK_PHY);
	int err;

	reg_change(nic, E1000_CTRL, CTRL_GIO_DIS, CTRL_RST);
	sleep_us(5 * MS); /* registers are not to be read at once (317453, 14.3) */
	err = gigabit_wait(nic, E1000_CTRL, CTRL_RST, 0, 100 * MS);
	if (turn)
		gigabit_unlock(nic, GIGABIT_LOCK_PHY);
	return err;
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
	mask_interrupts(nic);
	if (!is_8254x(nic))
		err = gigabit_wait(nic, E1000_EECD, EECD_ARD, EECD_ARD, 100 * MS);
	if (err)
		return weir_fail(nic->port.weir, err, "%s: the device has not read its EEPROM; is it empty?",
		                 nic->port.device->name);
	if (is_8254x(nic))
		reg_change(nic, E1000_MANC, MANC_ARP_EN, 0); /* or it answers for us (317453, 13.6) */
	else
		reg_change(nic, E1000_CTRL_EXT, 0, CTRL_EXT_DRV_LOAD);
	return 0;
}

/* --- life ------------------------------------------------------------------------------------------------------------------ */

static int bring_up(struct gigabit *nic)
{
	int err;

	bus_set_master(nic->port.device, false);
	err = reset(nic);
	if (err)
		return err;
	if (nic->kind->pba)
		reg_set(nic, E1000_PBA, nic->kind->pba);
	nic->rx_buffer = (reg_get(nic, is_igb(nic) ? IGB_RXPBS : E1000_PBA) & 0xff) << 10;
	gigabit_clear_tables(nic);
	gigabit_stats_init(nic);
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
	nic->kind = gigabit_kind(member->mac);
	nic->medium = member->medium;
	describe(nic);
	pthread_mutex_init(&nic->stats_lock, NULL);
	bus_set_master(dev, false);
	if (gigabit_gone(nic)) {
		err = weir_fail(nic->port.weir, -ENODEV, "%s does not answer", dev->name);
		goto fail;
	}
	nic->lan = is_8254x(nic) ? 0 : field_of(STATUS_LAN_ID, reg_get(nic, E1000_STATUS));
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
	pthread_mutex_destroy(&nic->stats_lock);
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

	if (!gigabit_gone(nic)) {
		bus_set_master(nic->port.device, false);
		err = reset(nic);
		if (!is_8254x(nic))
			reg_change(nic, E1000_CTRL_EXT, CTRL_EXT_DRV_LOAD, 0);
	}
	if (nic->attached)
		bus_detach(nic->port.device);
	pthread_mutex_destroy(&nic->stats_lock);
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
