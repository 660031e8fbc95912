/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The PHY's registers, over MDIO (317453, 13.4.7; IEEE 802.3 clause 22).
 */
#include "gigabit.h"

#define OP_WRITE 1u
#define OP_READ  2u

/* What is outside of the 82580 and newer has its address elsewhere (I350 datasheet, 8.2). */
static int mdio(struct gigabit *nic, unsigned op, unsigned phy, unsigned reg, uint16_t *data)
{
	uint32_t now;
	int err;

	reg_set(nic, E1000_MDIC,
	        field(MDIC_OP, op) | field(MDIC_REG, reg) | field(MDIC_PHY, phy) | field(MDIC_DATA, *data) |
	            (nic->mode == LINK_MODE_SGMII && !is_newer(nic) ? MDIC_DEST : 0));
	err = reg_wait(nic, E1000_MDIC, MDIC_READY, MDIC_READY, 10 * MS);
	now = reg_get(nic, E1000_MDIC);
	if (!err && now & MDIC_ERROR)
		err = -EIO;
	if (!err)
		*data = (uint16_t)field_of(MDIC_DATA, now);
	return err;
}

static int complain(struct gigabit *nic, int err)
{
	if (err && err != -ENODEV)
		weir_fail(nic->port.weir, err, "%s: its PHY does not answer; cycle its power", nic->port.device->name);
	return err;
}

int gigabit_phy_read(struct gigabit *nic, unsigned reg, uint16_t *value)
{
	int err = gigabit_lock(nic, GIGABIT_LOCK_PHY);

	*value = 0;
	if (err)
		return err;
	err = mdio(nic, OP_READ, nic->phy, reg, value);
	gigabit_unlock(nic, GIGABIT_LOCK_PHY);
	return complain(nic, err);
}

int gigabit_phy_change(struct gigabit *nic, unsigned reg, uint16_t clear, uint16_t set, bool *changed)
{
	uint16_t value = 0, want;
	int err = gigabit_lock(nic, GIGABIT_LOCK_PHY);

	if (err)
		return err;
	err = mdio(nic, OP_READ, nic->phy, reg, &value);
	want = (uint16_t)((value & ~clear) | set);
	if (!err && want != value) {
		err = mdio(nic, OP_WRITE, nic->phy, reg, &want);
		*changed = true;
	}
	gigabit_unlock(nic, GIGABIT_LOCK_PHY);
	return complain(nic, err);
}

/* --- I217 to I219: a chip of its own, which may sleep, or be spoken to by the firmware over SMBus ---------------------------------- */

#define PCH_PHY         2u   /* address of page 0, */
#define PCH_PHY_PAGES   1u   /* ... and of the others */
#define PCH_PAGE        31u  /* chooses one, times 32 */
#define PCH_SMBUS_PAGE  769u /* where it is told to leave SMBus */
#define PCH_SMBUS       23u
#define PCH_SMBUS_FORCE 0x0001u
#define PCH_COUNTER     0x0c000000u /* of FEXTNVM3; 2: 50 ms */

static bool pch_answers(struct gigabit *nic)
{
	uint16_t id = 0;

	return !mdio(nic, OP_READ, nic->phy, PHY_ID1, &id) && id && id != 0xffff;
}

/* Pages are chosen at one address for both. The switch itself reports an error. */
static void pch_leave_smbus(struct gigabit *nic)
{
	uint16_t page = PCH_SMBUS_PAGE << 5, value = 0;

	mdio(nic, OP_WRITE, PCH_PHY_PAGES, PCH_PAGE, &page);
	if (!mdio(nic, OP_READ, PCH_PHY_PAGES, PCH_SMBUS, &value)) {
		value &= (uint16_t)~PCH_SMBUS_FORCE;
		mdio(nic, OP_WRITE, PCH_PHY_PAGES, PCH_SMBUS, &value);
	}
	page = 0;
	mdio(nic, OP_WRITE, PCH_PHY_PAGES, PCH_PAGE, &page);
	reg_change(nic, E1000_CTRL_EXT, CTRL_EXT_SMBUS, 0);
}

static void pch_cycle_power(struct gigabit *nic)
{
	reg_change(nic, E1000_FEXTNVM3, PCH_COUNTER, field(PCH_COUNTER, 2));
	reg_change(nic, E1000_CTRL, CTRL_PHYPC, CTRL_PHYPC_SW);
	sleep_us(1 * MS);
	reg_change(nic, E1000_CTRL, CTRL_PHYPC_SW, 0);
	reg_wait(nic, E1000_CTRL_EXT, CTRL_EXT_LPCD, CTRL_EXT_LPCD, 100 * MS);
	sleep_us(30 * MS);
}

/* The order is that of Intel's e1000e. With firmware it is that which speaks to the PHY first. */
static void pch_wake(struct gigabit *nic)
{
	uint32_t firmware = reg_get(nic, E1000_FWSM);

	if (nic->kind->quirks & QUIRK_ULP && firmware & FWSM_VALID) {
		reg_change(nic, E1000_H2ME, H2ME_ULP, H2ME_ENFORCE);
		reg_wait(nic, E1000_FWSM, FWSM_ULP, 0, 1 * S);
		reg_change(nic, E1000_H2ME, H2ME_ENFORCE, 0);
	}
	if (!pch_answers(nic)) {
		reg_change(nic, E1000_CTRL_EXT, 0, CTRL_EXT_SMBUS);
		sleep_us(50 * MS);
	}
	if (!pch_answers(nic) && firmware & FWSM_RSPCIPHY)
		pch_cycle_power(nic);
	if (!(firmware & FWSM_VALID) || !pch_answers(nic))
		pch_leave_smbus(nic);
}

/* --- finding it ------------------------------------------------------------------------------------------------------------------ */

int gigabit_phy_init(struct gigabit *nic)
{
	uint16_t id = 0, page = 0;
	bool outside = nic->mode == LINK_MODE_SGMII;
	int err;

	nic->phy = 1;
	if (is_pch(nic))
		nic->phy = PCH_PHY;
	else if (outside && is_newer(nic))
		nic->phy = field_of(MDICNFG_PHY, reg_get(nic, IGB_MDICNFG));
	else if (outside)
		nic->phy = field_of(MDIC_PHY, reg_get(nic, E1000_MDIC));
	err = gigabit_lock(nic, GIGABIT_LOCK_PHY);
	if (err)
		return err;
	if (is_pch(nic))
		pch_wake(nic);
	/* Whoever had it before may have left it at another page. */
	if (nic->kind->page)
		err = mdio(nic, OP_WRITE, is_pch(nic) ? PCH_PHY_PAGES : nic->phy, nic->kind->page, &page);
	if (!err)
		err = mdio(nic, OP_READ, nic->phy, PHY_ID1, &id);
	gigabit_unlock(nic, GIGABIT_LOCK_PHY);
	if (is_newer(nic))
		reg_change(nic, IGB_PHPM, PHPM_GO_LINKD, 0);
	return complain(nic, err ? err : id == 0 || id == 0xffff ? -EIO : 0);
}
