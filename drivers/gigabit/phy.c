/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The PHY's registers, over MDIO (317453, 13.4.7; IEEE 802.3 clause 22).
 */
#include "gigabit.h"

#define OP_WRITE 1u
#define OP_READ  2u

static int mdio(struct gigabit *nic, unsigned op, unsigned reg, uint16_t *data)
{
	uint32_t now;
	int err;

	reg_set(nic, E1000_MDIC,
	        field(MDIC_OP, op) | field(MDIC_REG, reg) | field(MDIC_PHY, nic->phy) | field(MDIC_DATA, *data));
	err = gigabit_wait(nic, E1000_MDIC, MDIC_READY, MDIC_READY, 10 * MS);
	now = reg_get(nic, E1000_MDIC);
	if (!err && now & MDIC_ERROR)
		err = -EIO;
	if (err)
		return err == -ENODEV ? err
		                      : weir_fail(nic->port.weir, err, "%s: its PHY does not answer; cycle its power",
		                                  nic->port.device->name);
	*data = (uint16_t)field_of(MDIC_DATA, now);
	return 0;
}

int gigabit_phy_read(struct gigabit *nic, unsigned reg, uint16_t *value)
{
	int err = gigabit_lock(nic, GIGABIT_LOCK_PHY);

	*value = 0;
	if (err)
		return err;
	err = mdio(nic, OP_READ, reg, value);
	gigabit_unlock(nic, GIGABIT_LOCK_PHY);
	return err;
}

int gigabit_phy_change(struct gigabit *nic, unsigned reg, uint16_t clear, uint16_t set)
{
	uint16_t value = 0;
	int err = gigabit_lock(nic, GIGABIT_LOCK_PHY);

	if (err)
		return err;
	err = mdio(nic, OP_READ, reg, &value);
	value = (uint16_t)((value & ~clear) | set);
	if (!err)
		err = mdio(nic, OP_WRITE, reg, &value);
	gigabit_unlock(nic, GIGABIT_LOCK_PHY);
	return err;
}

int gigabit_phy_init(struct gigabit *nic)
{
	uint16_t id;

	nic->phy = 1;
	return gigabit_phy_read(nic, PHY_ID1, &id);
}
