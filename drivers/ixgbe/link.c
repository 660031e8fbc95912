/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The link: what it is made of (a module in an SFP+ cage, a backplane, twisted pair) and how it is brought up.
 */
#include "ixgbe.h"
#include "port/pauses.h"

#define EEPROM_SFP_LIST   0x2bu /* values for the analog core, by kind of module */
#define EEPROM_CAPS       0x2cu
#define EEPROM_LIST_MAX   64u /* entries that are looked at: the list is the card's */
#define CAPS_NO_CROSSTALK 0x0080u

#define MMNGC_VETO 0x00000001u /* the manageability holds on to the link */

/* What the EEPROM's list calls kinds of modules: these, plus 1 on the card's second port. */
#define MODULE_COPPER  3u
#define MODULE_OPTICAL 5u

/* --- the module's EEPROM, over I2C on two pins (8.2.3.1; SFF-8472) --------------------------------------------------- */

#define MODULE_ADDRESS     0xa0u
#define MODULE_ID          0u /* 3: SFP or SFP+ */
#define MODULE_10G         3u
#define MODULE_1G          6u
#define MODULE_CABLE       8u
#define MODULE_IS_SFP      0x03u
#define MODULE_10G_ANY     0xf0u /* SR, LR, LRM, ER */
#define MODULE_1G_ANY      0x0bu /* SX, LX, T */
#define MODULE_DA          0x04u /* a passive cable */
#define MODULE_DIAGNOSTICS 92u   /* what there is of them; two bytes on, which SFF-8472 it follows, 0: none */
#define DIAGNOSTICS_SWITCH 0x04u /* the address changes on command only */
#define MODULE_RUN         16u
#define I2C_TRIES          3u
#define I2C_HALF_US        5u /* of a clock of 100 kHz */
#define I2C_STRETCH_US     1000u

static void i2c_set(struct ixgbe *nic, bool clock, bool data)
{
	reg_set(nic, IXGBE_I2CCTL, (clock ? I2CCTL_CLK_OUT : 0) | (data ? I2CCTL_DATA_OUT : 0));
	/* Reading makes the write arrive before time is counted; and a module may hold the clock low for a while. */
	for (unsigned i = 0; !(reg_get(nic, IXGBE_I2CCTL) & I2CCTL_CLK_IN) && clock && i < I2C_STRETCH_US; i++)
		sleep_us(1);
	sleep_us(I2C_HALF_US);
}

/* Data falls while the clock is high. */
static void i2c_start(struct ixgbe *nic)
{
	i2c_set(nic, reg_get(nic, IXGBE_I2CCTL) & I2CCTL_CLK_OUT, true);
	i2c_set(nic, true, true);
	i2c_set(nic, true, false);
	i2c_set(nic, false, false);
}

/* Data rises while the clock is high. */
static void i2c_stop(struct ixgbe *nic)
{
	i2c_set(nic, false, false);
	i2c_set(nic, true, false);
	i2c_set(nic, true, true);
}

static void i2c_put_bit(struct ixgbe *nic, bool bit)
{
	i2c_set(nic, false, bit);
	i2c_set(nic, true, bit);
	i2c_set(nic, false, bit);
}

static bool i2c_get_bit(struct ixgbe *nic)
{
	bool bit;

	i2c_set(nic, false, true);
	i2c_set(nic, true, true);
	bit = reg_get(nic, IXGBE_I2CCTL) & I2CCTL_DATA_IN;
	i2c_set(nic, false, true);
	return bit;
}

/* Returns whether the module acknowledged. */
static bool i2c_put_byte(struct ixgbe *nic, uint8_t byte)
{
	for (int i = 7; i >= 0; i--)
		i2c_put_bit(nic, byte >> i & 1);
	return !i2c_get_bit(nic);
}

/* Acknowledged when there shall be @more. */
static uint8_t i2c_get_byte(struct ixgbe *nic, bool more)
{
	uint8_t byte = 0;

	for (unsigned i = 0; i < 8; i++)
		byte = (uint8_t)(byte << 1 | i2c_get_bit(nic));
	i2c_put_bit(nic, !more);
	return byte;
}

/* Bytes at @offset and behind it of the memory at @address. Returns 0, or -EIO when nothing answers. */
static int module_read(struct ixgbe *nic, uint8_t address, uint8_t offset, uint8_t *data, unsigned n)
{
	uint32_t lock = nic->lan ? GSSR_PHY1 : GSSR_PHY0;
	bool ok = false;
	int err;

	err = ixgbe_lock(nic, lock);
	if (err)
		return err;
	for (unsigned i = 0; !ok && i < I2C_TRIES; i++) {
		i2c_start(nic);
		ok = i2c_put_byte(nic, address) && i2c_put_byte(nic, offset);
		if (ok) {
			i2c_start(nic);
			ok = i2c_put_byte(nic, address | 1);
		}
		for (unsigned j = 0; ok && j < n; j++)
			data[j] = i2c_get_byte(nic, j + 1 < n);
		i2c_stop(nic);
	}
	ixgbe_unlock(nic, lock);
	return ok ? 0 : -EIO;
}

static int module_byte(struct ixgbe *nic, uint8_t offset, uint8_t *value)
{
	return module_read(nic, MODULE_ADDRESS, offset, value, 1);
}

static bool cage_empty(struct ixgbe *nic)
{
	return nic->needs_cage_pin && !(reg_get(nic, IXGBE_ESDP) & ESDP_SDP2);
}

/* The second address has something, unless the module does not say so or wants to be told to change over (SFF-8472). */
int ixgbe_module(struct weir_port *port, struct weir_module *module)
{
	struct ixgbe *nic = ixgbe(port);
	uint8_t diagnostics[3];
	int err;

	if (nic->media != IXGBE_FIBRE)
		return weir_fail(port->weir, -ENOTSUP, "port '%s' has no cage for modules", port->spec);
	err = cage_empty(nic) ? -EIO : module_byte(nic, MODULE_ID, &module->identifier);
	if (!err)
		err = module_read(nic, MODULE_ADDRESS, MODULE_DIAGNOSTICS, diagnostics, sizeof(diagnostics));
	if (err)
		return weir_fail(port->weir, err == -EIO ? -ENODATA : err, "port '%s': no module answers in its cage",
		                 port->spec);
	module->size = diagnostics[2] && !(diagnostics[0] & DIAGNOSTICS_SWITCH) ? 512 : 256;
	return 0;
}

/* In short runs, so that nobody waits for the lock for long. */
int ixgbe_read_module(struct weir_port *port, uint32_t offset, void *data, uint32_t len)
{
	uint8_t *to = data;
	int err;

	for (uint32_t n; len; offset += n, to += n, len -= n) {
		n = MODULE_RUN - offset % MODULE_RUN < len ? MODULE_RUN - offset % MODULE_RUN : len;
		err = module_read(ixgbe(port), (uint8_t)(MODULE_ADDRESS + (offset < 256 ? 0 : 2)), (uint8_t)offset, to,
		                  n);
		if (err)
			return weir_fail(port->weir, err, "port '%s': the module stops answering at byte %u",
			                 port->spec, offset);
	}
	return 0;
}

/* Finds out what is in the cage; nothing is no failure: the link stays down until something is. */
static int module_identify(struct ixgbe *nic)
{
	uint8_t id, fast, slow, cable;
	int err;

	nic->module = 0;
	if (cage_empty(nic))
		return 0;
	err = module_byte(nic, MODULE_ID, &id);
	if (err == -EIO)
		return 0;
	if (!err)
		err = module_byte(nic, MODULE_10G, &fast);
	if (!err)
		err = module_byte(nic, MODULE_1G, &slow);
	if (!err)
		err = module_byte(nic, MODULE_CABLE, &cable);
	if (err)
		return err;
	if (id != MODULE_IS_SFP || !(fast & MODULE_10G_ANY || slow & MODULE_1G_ANY || cable & MODULE_DA))
		weir_log(
		    nic->port.weir, WEIR_LOG_WARNING,
		    "%s: the module (identifier 0x%02x, 10G 0x%02x, 1G 0x%02x) is of no known kind; trying 10G optics",
		    nic->port.device->name, id, fast, slow);
	nic->module = (uint16_t)((cable & MODULE_DA ? MODULE_COPPER : MODULE_OPTICAL) + nic->lan);
	nic->module_1g = !(fast & MODULE_10G_ANY) && !(cable & MODULE_DA) && slow & MODULE_1G_ANY;
	return 0;
}

/* Finds the values for the analog core in the EEPROM's list. *@at is 0 when there are none. */
static int module_find(struct ixgbe *nic, uint16_t *at)
{
	uint16_t list, kind, data;
	int err;

	*at = 0;
	err = ixgbe_eeprom_read(nic, EEPROM_SFP_LIST, &list, 1);
	if (err || list == 0 || list == 0xffff)
		return err;
	for (unsigned i = 0; i < EEPROM_LIST_MAX; i++) {
		err = ixgbe_eeprom_read(nic, list + 1u + 2 * i, &kind, 1);
		if (err || kind == 0xffff)
			return err;
		if (kind != nic->module)
			continue;
		err = ixgbe_eeprom_read(nic, list + 2u + 2 * i, &data, 1);
		if (!err && data != 0 && data != 0xffff)
			*at = data;
		return err;
	}
	return 0;
}

/* Tells the analog core what it drives (4.6.4, "SFP+"): values from the EEPROM, up to a word of ones. */
static int module_tune(struct ixgbe *nic)
{
	uint16_t at, value;
	int err;

	err = module_find(nic, &at);
	for (unsigned i = 1; !err && at && i < EEPROM_LIST_MAX; i++) {
		err = ixgbe_eeprom_read(nic, at + i, &value, 1);
		if (err || value == 0xffff)
			break;
		reg_set(nic, IXGBE_CORECTL, value);
	}
	return err;
}

/* --- MDIO, for twisted pair (8.2.3.22.11; IEEE 802.3 clause 45) ---------------------------------------------------------- */

#define MDIO_OP_ADDRESS 0u
#define MDIO_OP_WRITE   1u
#define MDIO_OP_READ    3u
#define MDIO_PMA        1u
#define MDIO_AN         7u
#define PMA_ID          2u
#define AN_CONTROL      0x00u
#define AN_OFFER        0x10u
#define AN_PARTNER      0x13u
#define AN_PAUSE        0x0400u /* in both of them */
#define AN_PAUSE_ASYM   0x0800u
#define AN_10G          0x20u
#define AN_1G_INTEL     0xc400u
#define AN_RESTART      0x1200u /* enabled, and again */
#define AN_10G_FULL     0x1000u
#define AN_1G_FULL      0x8000u

static int mdio_cycle(struct ixgbe *nic, unsigned phy, unsigned op, unsigned device, unsigned reg)
{
	reg_set(nic, IXGBE_MSCA,
	        field(MSCA_ADDR, reg) | field(MSCA_DEVICE, device) | field(MSCA_PHY, phy) | field(MSCA_OP, op) |
	            MSCA_COMMAND);
	return reg_wait(nic, IXGBE_MSCA, MSCA_COMMAND, 0, 10 * MS);
}

static int mdio_read(struct ixgbe *nic, unsigned phy, unsigned device, unsigned reg, uint16_t *value)
{
	int err = mdio_cycle(nic, phy, MDIO_OP_ADDRESS, device, reg);

	*value = 0xffff;
	if (!err)
		err = mdio_cycle(nic, phy, MDIO_OP_READ, device, reg);
	if (!err)
		*value = (uint16_t)field_of(MSRWD_READ, reg_get(nic, IXGBE_MSRWD));
	return err;
}

static int mdio_change(struct ixgbe *nic, unsigned device, unsigned reg, uint16_t clear, uint16_t set)
{
	uint16_t value;
	int err = mdio_read(nic, nic->phy, device, reg, &value);

	if (err)
		return err;
	reg_set(nic, IXGBE_MSRWD, field(MSRWD_WRITE, (uint32_t)(value & ~clear) | set));
	err = mdio_cycle(nic, nic->phy, MDIO_OP_ADDRESS, device, reg);
	return err ? err : mdio_cycle(nic, nic->phy, MDIO_OP_WRITE, device, reg);
}

static int copper_identify(struct ixgbe *nic)
{
	uint16_t id;
	int err;

	for (unsigned phy = 0; phy < 32; phy++) {
		err = mdio_read(nic, phy, MDIO_PMA, PMA_ID, &id);
		if (err)
			return weir_fail(nic->port.weir, err, "%s: MDIO does not work; cycle its power",
			                 nic->port.device->name);
		if (id != 0 && id != 0xffff) {
			nic->phy = phy;
			return 0;
		}
	}
	return weir_fail(nic->port.weir, -ENODEV, "%s: no PHY answers on MDIO", nic->port.device->name);
}

/* Offers what the PHY can, and negotiates again. */
static int copper_setup(struct ixgbe *nic)
{
	uint32_t lock = nic->lan ? GSSR_PHY1 : GSSR_PHY0;
	int err = ixgbe_lock(nic, lock);

	if (err)
		return err;
	err = mdio_change(nic, MDIO_AN, AN_OFFER, AN_PAUSE | AN_PAUSE_ASYM,
	                  (uint16_t)pauses_put(nic->pauses, AN_PAUSE, AN_PAUSE_ASYM));
	if (!err)
		err = mdio_change(nic, MDIO_AN, AN_10G, 0, AN_10G_FULL);
	if (!err)
		err = mdio_change(nic, MDIO_AN, AN_1G_INTEL, 0, AN_1G_FULL);
	if (!err)
		err = mdio_change(nic, MDIO_AN, AN_CONTROL, 0, AN_RESTART);
	ixgbe_unlock(nic, lock);
	return err;
}

/* --- the link ------------------------------------------------------------------------------------------------------------- */

int ixgbe_link_init(struct ixgbe *nic)
{
	int err;

	err = ixgbe_eeprom_read(nic, EEPROM_CAPS, &nic->device_caps, 1);
	if (err)
		return err;
	nic->needs_cage_pin = nic->media == IXGBE_FIBRE && !(nic->device_caps & CAPS_NO_CROSSTALK);
	return nic->media == IXGBE_COPPER ? copper_identify(nic) : 0;
}

/* A laser that was off needs time (8.2.3.1, SDP3). */
static void laser_on(struct ixgbe *nic)
{
	if (!(reg_get(nic, IXGBE_ESDP) & ESDP_SDP3))
		return;
	reg_change(nic, IXGBE_ESDP, ESDP_SDP3, 0);
	sleep_us(100 * MS);
}

/* 4.6.4: SFI for a module, else what the EEPROM set up; then once more from the beginning. */
static int serdes_setup(struct ixgbe *nic)
{
	uint32_t mode = nic->module_1g ? LMS_1G_AN : LMS_10G_SERIAL;
	int err;

	if (nic->media == IXGBE_FIBRE) {
		err = module_identify(nic);
		if (!err && nic->module)
			err = module_tune(nic);
		if (err)
			return err;
		laser_on(nic);
		mode = nic->module_1g ? LMS_1G_AN : LMS_10G_SERIAL;
	}
	err = ixgbe_lock(nic, GSSR_MAC); /* the firmware may change AUTOC, too */
	if (err)
		return err;
	if (nic->media == IXGBE_FIBRE) {
		reg_change(nic, IXGBE_AUTOC2, AUTOC2_10G_PMA, field(AUTOC2_10G_PMA, 2));
		reg_change(nic, IXGBE_PCS1GANA, PCS1GAN_PAUSE | PCS1GAN_PAUSE_ASYM,
		           pauses_put(nic->pauses, PCS1GAN_PAUSE, PCS1GAN_PAUSE_ASYM));
		reg_change(nic, IXGBE_AUTOC, AUTOC_LMS, field(AUTOC_LMS, mode) | AUTOC_AN_RESTART);
	} else {
		reg_change(nic, IXGBE_AUTOC, AUTOC_PAUSE | AUTOC_PAUSE_ASYM,
		           pauses_put(nic->pauses, AUTOC_PAUSE, AUTOC_PAUSE_ASYM) | AUTOC_AN_RESTART);
	}
	ixgbe_unlock(nic, GSSR_MAC);
	return 0;
}

int ixgbe_link_setup(struct ixgbe *nic)
{
	if (reg_get(nic, IXGBE_MMNGC) & MMNGC_VETO)
		return 0;
	return nic->media == IXGBE_COPPER ? copper_setup(nic) : serdes_setup(nic);
}

/* --- pauses (IEEE 802.3 annex 28B) ----------------------------------------------------------------------------------------- */

int ixgbe_offer_pauses(struct ixgbe *nic, unsigned pauses)
{
	unsigned before = nic->pauses;
	int err;

	if (pauses == before)
		return 0;
	nic->pauses = pauses;
	if (nic->media == IXGBE_CX4 || (nic->media == IXGBE_FIBRE && !nic->module_1g))
		return 0; /* nobody is asked */
	err = ixgbe_link_setup(nic);
	if (err)
		nic->pauses = before;
	return err;
}

bool ixgbe_pauses_offered(struct ixgbe *nic, unsigned *pauses)
{
	uint32_t links = reg_get(nic, IXGBE_LINKS), lock = nic->lan ? GSSR_PHY1 : GSSR_PHY0;
	bool up = links != UINT32_MAX && links & LINKS_UP;
	uint16_t value;

	*pauses = 0;
	if (nic->media == IXGBE_COPPER) {
		if (up && !ixgbe_lock(nic, lock)) {
			if (!mdio_read(nic, nic->phy, MDIO_AN, AN_PARTNER, &value))
				*pauses = pauses_get(value, AN_PAUSE, AN_PAUSE_ASYM);
			ixgbe_unlock(nic, lock);
		}
		return true;
	}
	if (nic->media == IXGBE_BACKPLANE) {
		if (up && links & LINKS_KX_AN)
			*pauses = pauses_get(reg_get(nic, IXGBE_ANLP1), ANLP1_PAUSE, ANLP1_PAUSE_ASYM);
		return true;
	}
	if (up && nic->module_1g)
		*pauses = pauses_get(reg_get(nic, IXGBE_PCS1GANLP), PCS1GAN_PAUSE, PCS1GAN_PAUSE_ASYM);
	return nic->module_1g;
}

/* --- how it is --------------------------------------------------------------------------------------------------------------- */

/* A module that was plugged in since the last look is another one. */
static bool look_into_cage(struct ixgbe *nic)
{
	bool was_empty = nic->cage_was_empty;

	nic->cage_was_empty = cage_empty(nic);
	if (was_empty && !nic->cage_was_empty)
		ixgbe_link_setup(nic);
	return !nic->cage_was_empty;
}

static void look(struct ixgbe *nic, struct weir_link *link)
{
	static const uint32_t speeds[] = { 0, 100, 1000, 10000 };
	bool plugged = look_into_cage(nic);
	uint32_t links;

	reg_get(nic, IXGBE_LINKS); /* what has been since the last time (8.2.3.22.19) */
	links = reg_get(nic, IXGBE_LINKS);
	link->full_duplex = true;
	if (links == UINT32_MAX || !(links & LINKS_UP) || !plugged) /* ASSUME_CAGE */
		return;
	link->up = true;
	link->mbps = speeds[field_of(LINKS_SPEED, links)];
}

int ixgbe_link(struct weir_port *port, struct weir_link *link)
{
	struct ixgbe *nic = ixgbe(port);
	bool before = nic->link_up;

	ixgbe_watch(port);
	if (port_is_lost(&nic->port))
		return -ENODEV;
	look(nic, link);
	nic->link_up = link->up;
	if (link->up && !before && nic->flow.negotiate)
		ixgbe_flow_apply(nic);
	return 0;
}
