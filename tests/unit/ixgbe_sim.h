/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A port on a simulated 82599.
 */
#ifndef TESTS_IXGBE_SIM_H
#define TESTS_IXGBE_SIM_H

#include "port_sim.h"

static const char *the_card = "82599";

#endif
