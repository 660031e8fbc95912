/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which frames are for us: MAC addresses, multicast hash, broadcast, promiscuous modes, VLANs (82599 datasheet 7.1.1).
 */
#include "model.h"

static bool own_address(const struct ix *ix, const uint8_t *mac)
{
	uint32_t low = mac[0] | mac[1] << 8 | mac[2] << 16 | (uint32_t)mac[3] << 24,
		 high = mac[4] | (uint32_t)mac[5] << 8;

	for (unsigned i = 0; i < IXGBE_RAL_COUNT; i++) {
		uint32_t rah = ix_get(ix, IXGBE_AT(RAH, i));

		if (rah & RAH_AV && (rah & RAH_HIGH) == high && ix_get(ix, IXGBE_AT(RAL, i)) == low)
			return true;
	}
	return false;
}

/* 12 bits of the address's last two bytes choose a bit of the table; MCSTCTRL.MO says which 12. */
static bool multicast_hash(const struct ix *ix, const uint8_t *mac)
{
	static const uint8_t shifts[] = { 4, 3, 2, 0 };
	uint32_t control = ix_get(ix, IXGBE_MCSTCTRL), bits = mac[4] | (uint32_t)mac[5] << 8;

	if (!(control & MCSTCTRL_MFE))
		return false;
	bits = bits >> shifts[field_of(MCSTCTRL_MO, control)] & 0xfff;
	return ix_get(ix, IXGBE_AT(MTA, bits / 32)) >> bits % 32 & 1;
}

static bool address_pass(struct ix *ix, struct ix_rx_packet *packet)
{
	uint32_t control = ix_get(ix, IXGBE_FCTRL);
	const uint8_t *mac = packet->frame;

	if (frame_is_broadcast(mac))
		return control & FCTRL_BAM;
	if (!(mac[0] & 1))
		return control & FCTRL_UPE || own_address(ix, mac);
	if (control & FCTRL_MPE || own_address(ix, mac))
		return true;
	if (!multicast_hash(ix, mac))
		return false;
	packet->status |= RXD_PIF; /* other addresses may have the same hash */
	return true;
}

/* Finds the tag that counts: behind an outer one where there are two. */
static void find_tag(struct ix *ix, struct ix_rx_packet *packet)
{
	const uint8_t *at = packet->frame + 12;
	uint16_t vet = (uint16_t)ix_get(ix, IXGBE_VLNCTRL);

	if (ix_get(ix, IXGBE_CTRL_EXT) & CTRL_EXT_EXT_VLAN &&
	    weir_load_be16(at) == field_of(EXVET_OUTER, ix_get(ix, IXGBE_EXVET))) {
		packet->status |= RXD_VEXT;
		at += 4;
	}
	if (at + 4 > packet->frame + packet->len || weir_load_be16(at) != vet)
		return;
	packet->tagged = true;
	packet->tci = weir_load_be16(at + 2);
	packet->status |= RXD_VP;
}

static bool vlan_pass(const struct ix *ix, const struct ix_rx_packet *packet)
{
	uint32_t control = ix_get(ix, IXGBE_VLNCTRL);
	unsigned vlan = packet->tci & WEIR_VLAN_ID;

	if (!packet->tagged || !(control & VLNCTRL_VFE))
		return true;
	if (control & VLNCTRL_CFIEN && !(packet->tci & 0x1000) != !(control & VLNCTRL_CFI))
		return false;
	return ix_get(ix, IXGBE_AT(VFTA, vlan / 32)) >> vlan % 32 & 1;
}

bool ix_filter_pass(struct ix *ix, struct ix_rx_packet *packet)
{
	find_tag(ix, packet);
	if (!address_pass(ix, packet)) {
		ix->rx_filtered++;
		return false;
	}
	if (!vlan_pass(ix, packet)) {
		ix->rx_vlan_filtered++;
		return false;
	}
	return true;
}
