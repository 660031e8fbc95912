/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which frames are for us: MAC addresses, multicast hash, broadcast, promiscuous modes, VLANs (317453, 3.2.1 and 9).
 */
#include "model.h"

static uint32_t entry(uint32_t first, uint32_t second, unsigned i)
{
	return i < E1000_RAL_COUNT ? first + i * E1000_RAL_STRIDE : second + (i - E1000_RAL_COUNT) * E1000_RAL_STRIDE;
}

static bool own_address(const struct e1 *e1, const uint8_t *mac)
{
	uint32_t low = mac[0] | mac[1] << 8 | mac[2] << 16 | (uint32_t)mac[3] << 24,
		 high = mac[4] | (uint32_t)mac[5] << 8;
	unsigned count = E1000_RAL_COUNT + (e1_is_76(e1) ? IGB_RAL2_COUNT : 0);

	for (unsigned i = 0; i < count; i++) {
		uint32_t rah = e1_get(e1, entry(E1000_RAH, IGB_RAH2, i));

		if (rah & RAH_AV && (rah & RAH_HIGH) == high && e1_get(e1, entry(E1000_RAL, IGB_RAL2, i)) == low)
			return true;
	}
	return false;
}

/* 12 bits of the address's last two bytes choose a bit of a table; RCTL.MO says which 12. */
static bool hash_pass(const struct e1 *e1, uint32_t table, const uint8_t *mac)
{
	static const uint8_t shifts[] = { 4, 3, 2, 0 };
	uint32_t bits = mac[4] | (uint32_t)mac[5] << 8;

	bits = bits >> shifts[field_of(RCTL_MO, e1_get(e1, E1000_RCTL))] & 0xfff;
	return e1_get(e1, table + bits / 32 * 4) >> bits % 32 & 1;
}

static bool address_pass(const struct e1 *e1, struct e1_packet *packet)
{
	uint32_t control = e1_get(e1, E1000_RCTL);
	const uint8_t *mac = packet->frame;
	bool group = mac[0] & 1;

	if (frame_is_broadcast(mac))
		return control & (RCTL_BAM | RCTL_MPE);
	if (control & (group ? RCTL_MPE : RCTL_UPE) || own_address(e1, mac))
		return true;
	if (!group)
		return e1_is_76(e1) && hash_pass(e1, IGB_UTA, mac);
	if (!hash_pass(e1, E1000_MTA, mac))
		return false;
	packet->by_hash = true; /* other addresses may have the same hash */
	return true;
}

/* Finds the tag that counts: behind an outer one where there are two. */
static void find_tag(const struct e1 *e1, struct e1_packet *packet)
{
	const uint8_t *at = packet->frame + 12;
	uint32_t types = e1_get(e1, E1000_VET);

	if (e1_is_76(e1) && e1_get(e1, E1000_CTRL_EXT) & CTRL_EXT_EXT_VLAN && weir_load_be16(at) == types >> 16) {
		packet->outer_tagged = true;
		at += 4;
	}
	if (at + 4 > packet->frame + packet->len || weir_load_be16(at) != (types & 0xffff))
		return;
	packet->tagged = true;
	packet->tci = weir_load_be16(at + 2);
}

static bool vlan_pass(const struct e1 *e1, const struct e1_packet *packet)
{
	uint32_t control = e1_get(e1, E1000_RCTL);
	unsigned vlan = packet->tci & WEIR_VLAN_ID;

	if (!packet->tagged || !(control & RCTL_VFE))
		return true;
	if (control & RCTL_CFIEN && !(packet->tci & 0x1000) != !(control & RCTL_CFI))
		return false;
	return e1_get(e1, E1000_AT(VFTA, vlan / 32)) >> vlan % 32 & 1;
}

bool e1_filter_pass(struct e1 *e1, struct e1_packet *packet)
{
	find_tag(e1, packet);
	if (!address_pass(e1, packet)) {
		e1->rx_filtered++;
		return false;
	}
	if (!vlan_pass(e1, packet)) {
		e1->rx_vlan_filtered++;
		return false;
	}
	return true;
}
