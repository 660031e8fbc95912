/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which cards there are, and what they differ in.
 */
#include "gigabit.h"

#define X E1000_ON_x
#define E E1000_ON_e
#define P (E1000_ON_e | E1000_ON_p)
#define G E1000_ON_g
#define N (E1000_ON_g | E1000_ON_n)

#define KIND(mac, rows, nvm, turns, ...) \
	[GIGABIT_##mac] = { #mac, GIGABIT_##mac, rows, NVM_##nvm, TURNS_##turns, __VA_ARGS__ },

/*
 * Addresses, groups: 317453, 13.5; 82571 to 82574 and I217 to I219: as Intel's e1000e counts them; 82576 datasheet, 8.10.15;
 * I350 datasheet, 8.10.14; I210 datasheet, 8.10. Longest frames: as e1000 and e1000e have them. What is left of the packet
 * buffer for sending (of 64 KiB, of 48, 32 and 40) has room for the longest, without which it would never leave. Of the
 * 82573 only the L sends frames above 1,518 bytes; the I217 to I219 do after changes in the PHY that no document describes.
 */
/* clang-format off */
static const struct gigabit_kind kinds[] = {
	/*   MAC      rows words         turns  macs queues pba  mta  frame page quirks */
	KIND(82540EM, X, MICROWIRE,    ALONE,   15,   1,   40, 128, 16128,  0, 0)
	KIND(82545EM, X, MICROWIRE,    ALONE,   15,   1,   40, 128, 16128,  0, 0)
	KIND(82546EB, X, MICROWIRE,    ALONE,   15,   1,   40, 128, 16128,  0, 0)
	KIND(82571EB, E, EERD,         SWSM,    14,   2,   32, 128,  9234, 31, QUIRK_SPARE_MAC | QUIRK_SECOND_MAC)
	KIND(82572EI, E, EERD,         SWSM,    15,   2,   32, 128,  9234, 31, QUIRK_SECOND_MAC)
	KIND(82573,   E, EERD,         SWSM,    15,   1,   20, 128,  1518,  0, QUIRK_FLASH)
	KIND(82573L,  E, EERD,         SWSM,    15,   1,   20, 128,  9234,  0, QUIRK_FLASH)
	KIND(82574L,  E, EERD,         EXTCNF,  15,   2,   20, 128,  9234, 22, QUIRK_FLASH)
	KIND(82583V,  E, EERD,         EXTCNF,  15,   1,   20, 128,  9234, 22, QUIRK_FLASH)
	KIND(I217,    P, FLASH_REGION, EXTCNF,  12,   1,   26,  32,  1518, 31, 0)
	KIND(I218,    P, FLASH_REGION, EXTCNF,  12,   1,   26,  32,  1518, 31, QUIRK_ULP)
	KIND(I219,    P, FLASH_INSIDE, EXTCNF,  12,   1,   26,  32,  1518, 31, QUIRK_ULP)
	KIND(82576,   G, EERD,         SYNC,    24,  16,    0, 128,  9728, 31, QUIRK_SECOND_MAC)
	KIND(82580,   N, EERD,         SYNC,    24,   8,    0, 128,  9728,  0, QUIRK_SUM_EACH)
	KIND(I350,    N, EERD,         SYNC,    32,   8,    0, 128,  9728,  0, QUIRK_SUM_EACH | QUIRK_VFTA)
	KIND(I210,    N, I210,         SYNC,    16,   4,    0, 128,  9728, 22, 0)
	KIND(I211,    N, I210,         SYNC,    16,   2,    0, 128,  9728, 22, 0)
	KIND(I354,    N, EERD,         SYNC,    32,   8,    0, 128,  9728, 22, QUIRK_VFTA)
};
/* clang-format on */

static const struct gigabit_member members[] = {
#define MEMBER(id, kind, medium) { id, GIGABIT_##kind, GIGABIT_##medium },
	E1000_MEMBERS(MEMBER) IGB_MEMBERS(MEMBER)
#undef MEMBER
};

const struct gigabit_member *gigabit_member(uint16_t device)
{
	for (unsigned i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (members[i].device == device)
			return &members[i];
	return NULL;
}

const struct gigabit_kind *gigabit_kind(const struct gigabit_member *member)
{
	return &kinds[member->mac];
}
