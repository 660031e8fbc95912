/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A port on a simulated 82576.
 */
#ifndef TESTS_IGB_SIM_H
#define TESTS_IGB_SIM_H

#include "port_sim.h"

static const char *the_card = "82576";

#endif
