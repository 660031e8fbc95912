/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which frames are taken: addresses, groups, VLANs, all (317453, 3.2 and 13.5); and to which queues they are spread.
 */
#include <string.h>

#include "../advanced/rss.h"
#include "gigabit.h"
#include "weir/wire.h"

/* RCTL: the driver's part and ours. A promiscuous port sees other VLANs, too. */
static void write_rctl(struct gigabit *nic)
{
	const struct port_wants *wants = &nic->port.wants;
	uint32_t value = nic->rctl | RCTL_BAM | (nic->receiving ? RCTL_EN : 0) |
	                 (nic->promiscuous ? RCTL_UPE | RCTL_MPE : 0) | (wants->all_multicast ? RCTL_MPE : 0) |
	                 (wants->filter_vlans && !nic->promiscuous ? RCTL_VFE : 0);

	if (reg_get(nic, E1000_RCTL) != value) /* QEMU's 82540EM takes a second to receive again after a write */
		reg_set(nic, E1000_RCTL, value);
}

void gigabit_receiver(struct gigabit *nic, bool on)
{
	nic->receiving = on;
	write_rctl(nic);
}

int gigabit_set_promiscuous(struct weir_port *port, bool on)
{
	gigabit(port)->promiscuous = on;
	write_rctl(gigabit(port));
	return 0;
}

int gigabit_set_groups(struct weir_port *port)
{
	write_rctl(gigabit(port));
	return 0;
}

/* --- addresses -------------------------------------------------------------------------------------------------------------- */

/*
 * The first 16 stand together; the others of the 82576 and newer elsewhere. The I217 to I219 have but one of its own there,
 * and share those from the eighth on with the firmware.
 */
static uint32_t address_reg(const struct gigabit *nic, unsigned i)
{
	if (is_pch(nic) && i)
		return E1000_AT(RAL, 6 + i);
	return i < E1000_RAL_COUNT ? E1000_AT(RAL, i) : IGB_AT(RAL2, i - E1000_RAL_COUNT);
}

/* The upper half last, since it makes the pair valid; never valid with half an address (317453, 13.5.3). NULL: none. */
static void write_address(struct gigabit *nic, uint32_t reg, const uint8_t *m)
{
	reg_set(nic, reg + 4, 0);
	reg_set(nic, reg, m ? (uint32_t)m[0] | (uint32_t)m[1] << 8 | (uint32_t)m[2] << 16 | (uint32_t)m[3] << 24 : 0);
	if (m)
		reg_set(nic, reg + 4, (uint32_t)m[4] | (uint32_t)m[5] << 8 | RAH_AV);
}

static void write_mac(struct gigabit *nic, unsigned i, const uint8_t *mac)
{
	static const uint8_t none[6];
	bool shared = is_pch(nic) && i;

	if (!memcmp(nic->macs[i], mac ? mac : none, 6) || (shared && gigabit_lock(nic, GIGABIT_LOCK_PHY)))
		return;
	memcpy(nic->macs[i], mac ? mac : none, 6);
	write_address(nic, address_reg(nic, i), mac);
	if (nic->kind->quirks & QUIRK_SPARE_MAC && !i)
		write_address(nic, address_reg(nic, nic->kind->macs), mac);
	if (shared)
		gigabit_unlock(nic, GIGABIT_LOCK_PHY);
}

int gigabit_set_mac(struct weir_port *port, const uint8_t mac[6])
{
	write_mac(gigabit(port), 0, mac);
	return 0;
}

/* The bit of a group's address in the table, of which the upper bits count (317453, 13.5.1; RCTL.MO = 0). */
static unsigned hash_of(const struct gigabit *nic, const uint8_t *mac)
{
	unsigned bits = 5 + (unsigned)__builtin_ctz(nic->kind->mta);

	return ((unsigned)mac[5] << 8 | mac[4]) >> (16 - bits);
}

/* Exact filters for the port's own addresses, then for groups; for groups that find no room the table of hashes. */
int gigabit_set_macs(struct weir_port *port)
{
	struct gigabit *nic = gigabit(port);
	const struct port_wants *wants = &port->wants;
	uint32_t table[E1000_MTA_COUNT] = { 0 };
	unsigned used = 1;

	for (unsigned group = 0; group < 2; group++) {
		for (unsigned i = 0; i < wants->mac_count; i++) {
			const uint8_t *mac = wants->macs[i];
			unsigned hash = hash_of(nic, mac);

			if ((mac[0] & 1) != group)
				continue;
			if (used < nic->mac_count)
				write_mac(nic, used++, mac);
			else
				table[hash / 32] |= 1u << hash % 32;
		}
	}
	while (used < nic->mac_count)
		write_mac(nic, used++, NULL);
	for (unsigned i = 0; i < nic->kind->mta; i++) {
		if (table[i] != nic->mta[i])
			reg_set(nic, E1000_AT(MTA, i), table[i]);
		nic->mta[i] = table[i];
	}
	return 0;
}

static void write_vlans(struct gigabit *nic, unsigned i)
{
	for (unsigned n = nic->kind->quirks & QUIRK_VFTA ? 10 : 1; n; n--)
		reg_set(nic, E1000_AT(VFTA, i), nic->port.wants.vlans[i]);
}

int gigabit_set_vlan(struct weir_port *port, unsigned id)
{
	write_vlans(gigabit(port), id / 32);
	return 0;
}

/* --- RSS (82574 datasheet, 7.1.8; 82576 datasheet, 7.1.1.7) ----------------------------------------------------------------- */

#define RSS_TYPES_74 (WEIR_RSS_IPV4 | WEIR_RSS_IPV4_TCP | WEIR_RSS_IPV6 | WEIR_RSS_IPV6_TCP)

static uint32_t hash_fields_74(uint32_t types)
{
	return (types & WEIR_RSS_IPV4 ? MRQC_IP4 : 0) | (types & WEIR_RSS_IPV4_TCP ? MRQC_TCP4 : 0) |
	       (types & WEIR_RSS_IPV6 ? MRQC_IP6 | MRQC_IP6_EX : 0) | (types & WEIR_RSS_IPV6_TCP ? MRQC_TCP6_EX : 0);
}

/* The bytes of the 82574's table have their queue in the uppermost bit. */
void gigabit_apply_rss(struct gigabit *nic)
{
	uint32_t types = nic->port.wants.rss.types;

	if (is_igb(nic))
		adv_rss_apply(&nic->port, field(MRQC_MRQE, MRQC_RSS_76) | adv_rss_fields(types), 1);
	else
		adv_rss_apply(&nic->port, field(MRQC_MRQE, MRQC_RSS_74) | hash_fields_74(types), RETA_QUEUE_74);
}

/* MRQC changes only while nothing is received (82576 datasheet, 8.10). */
int gigabit_set_rss(struct weir_port *port)
{
	struct gigabit *nic = gigabit(port);
	bool receiving = nic->receiving;

	if (is_8254x(nic))
		return port_cannot(port, "choose queues by a hash");
	if (receiving)
		gigabit_receiver(nic, false);
	gigabit_apply_rss(nic);
	if (receiving)
		gigabit_receiver(nic, true);
	return 0;
}

void gigabit_filter_limits(struct weir_port *port, struct weir_filter_limits *limits)
{
	const struct gigabit *nic = gigabit(port);

	limits->addresses = nic->mac_count - 1;
	limits->groups = 32u * nic->kind->mta;
	if (is_8254x(nic))
		return;
	limits->rss_types = is_igb(nic) ? ADV_RSS_TYPES : RSS_TYPES_74;
	limits->rss_table = ADV_RSS_TABLE;
	limits->rss_queues = nic->kind->queues;
}

/* --- tables ------------------------------------------------------------------------------------------------------------------- */

/* No reset clears them (317453, 14.3). The first address is as the reset loaded it. */
void gigabit_clear_tables(struct gigabit *nic)
{
	for (unsigned i = 1; i < nic->mac_count; i++)
		reg_set(nic, address_reg(nic, i) + 4, 0);
	reg_fill(nic, E1000_MTA, E1000_MTA_STRIDE, nic->kind->mta, 0);
	if (is_igb(nic))
		reg_fill(nic, IGB_UTA, IGB_UTA_STRIDE, IGB_UTA_COUNT, 0);
	memset(nic->macs, 0, sizeof(nic->macs));
	memset(nic->mta, 0, sizeof(nic->mta));
	nic->cleared = true;
}

static void restore_tables(struct gigabit *nic)
{
	nic->cleared = false;
	write_mac(nic, 0, nic->port.info.mac);
	gigabit_set_macs(&nic->port);
	for (unsigned i = 0; i < E1000_VFTA_COUNT; i++)
		write_vlans(nic, i);
}

void gigabit_set_up(struct gigabit *nic)
{
	const struct port_wants *wants = &nic->port.wants;
	uint32_t outer = is_igb(nic) ? wants->vlan_outer : 0;

	if (nic->cleared)
		restore_tables(nic);
	reg_set(nic, E1000_VET, (wants->vlan_inner ? wants->vlan_inner : WEIR_ETHER_VLAN) | outer << 16);
	if (is_igb(nic))
		reg_change(nic, E1000_CTRL_EXT, CTRL_EXT_EXT_VLAN, outer ? CTRL_EXT_EXT_VLAN : 0);
	gigabit_flow_apply(nic);
}
