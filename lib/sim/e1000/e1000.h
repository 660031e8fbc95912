/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The models of this folder, for the table in lib/sim: &e1_82540em.model and so on.
 */
#ifndef SIM_E1000_E1000_H
#define SIM_E1000_E1000_H

#include "sim/nic.h"

struct e1_phy_kind;

/* What the members of the family differ in. */
struct e1_variant {
	struct sim_model model; /* the head */
	unsigned who;           /* E1000_ON_x, _e or _g: which registers there are */
	uint16_t subdevice;
	uint8_t revision;
	unsigned queues, io_bar;
	unsigned eeprom_words;
	const struct e1_phy_kind *phy;
};

extern const struct e1_variant e1_82540em, e1_82545em, e1_82574l, e1_82583v, e1_82576;

#endif
