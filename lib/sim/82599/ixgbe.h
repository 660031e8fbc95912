/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The models of this folder, for the table in lib/sim: &ix_82599.model and so on.
 */
#ifndef SIM_82599_IXGBE_H
#define SIM_82599_IXGBE_H

#include "sim/nic.h"

/* What the members of the family differ in. */
struct ix_variant {
	struct sim_model model; /* the head */
	uint16_t subdevice;
	bool sfp;    /* a cage with a module; else a backplane or a copper PHY */
	bool copper; /* X540: a PHY on MDIO */
};

extern const struct ix_variant ix_82599, ix_82599_kx4, ix_x540;

#endif
