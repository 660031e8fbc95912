/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which cards there are, and what they differ in.
 */
#include "gigabit.h"

#define KIND(mac) [GIGABIT_##mac] = { #mac, GIGABIT_##mac

/* clang-format off */
static const struct gigabit_kind kinds[] = {
	/*             rows        words              turns           macs queues pba  mta  frame  quirks */
	KIND(82540EM), E1000_ON_x, GIGABIT_MICROWIRE, GIGABIT_ALONE,   15,   1,   48, 128, 16384, 0 },
	KIND(82545EM), E1000_ON_x, GIGABIT_MICROWIRE, GIGABIT_ALONE,   15,   1,   48, 128, 16384, 0 },
	KIND(82546EB), E1000_ON_x, GIGABIT_MICROWIRE, GIGABIT_ALONE,   15,   1,   48, 128, 16384, 0 },
	KIND(82571EB), E1000_ON_e, GIGABIT_EERD,      GIGABIT_SWSM,    14,   2,   38, 128,  9234, 0 },
	KIND(82572EI), E1000_ON_e, GIGABIT_EERD,      GIGABIT_SWSM,    15,   2,   38, 128,  9234, 0 },
	KIND(82573),   E1000_ON_e, GIGABIT_EERD,      GIGABIT_SWSM,    15,   1,   20, 128,  9234, 0 },
	KIND(82574L),  E1000_ON_e, GIGABIT_EERD,      GIGABIT_EXTCNF,  15,   2,   32, 128,  9234, 0 },
	KIND(82583V),  E1000_ON_e, GIGABIT_EERD,      GIGABIT_EXTCNF,  15,   1,   32, 128,  9234, 0 },
	KIND(I217),    E1000_ON_e, GIGABIT_EERD,      GIGABIT_EXTCNF,   7,   1,   26,  32,  9234, 0 },
	KIND(I218),    E1000_ON_e, GIGABIT_EERD,      GIGABIT_EXTCNF,   7,   1,   26,  32,  9234, 0 },
	KIND(I219),    E1000_ON_e, GIGABIT_EERD,      GIGABIT_EXTCNF,   7,   1,   26,  32,  9234, 0 },
	KIND(82576),   E1000_ON_g, GIGABIT_EERD,      GIGABIT_SYNC,    24,  16,    0, 128,  9728, 0 },
	KIND(82580),   E1000_ON_g, GIGABIT_EERD,      GIGABIT_SYNC,    24,   8,    0, 128,  9728, 0 },
	KIND(I350),    E1000_ON_g, GIGABIT_EERD,      GIGABIT_SYNC,    32,   8,    0, 128,  9728, 0 },
	KIND(I210),    E1000_ON_g, GIGABIT_EERD,      GIGABIT_SYNC,    16,   4,    0, 128,  9728, 0 },
	KIND(I211),    E1000_ON_g, GIGABIT_EERD,      GIGABIT_SYNC,    16,   2,    0, 128,  9728, 0 },
	KIND(I354),    E1000_ON_g, GIGABIT_EERD,      GIGABIT_SYNC,    32,   8,    0, 128,  9728, 0 },
};
/* clang-format on */

static const struct gigabit_member members[] = {
#define MEMBER(id, kind, medium) { id, GIGABIT_##kind, GIGABIT_##medium },
	E1000_MEMBERS(MEMBER) IGB_MEMBERS(MEMBER)
#undef MEMBER
};

const struct gigabit_kind *gigabit_kind(enum gigabit_mac mac)
{
	return &kinds[mac];
}

const struct gigabit_member *gigabit_member(uint16_t device)
{
	for (unsigned i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (members[i].device == device)
			return &members[i];
	return NULL;
}
