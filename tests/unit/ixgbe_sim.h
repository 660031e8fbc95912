/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A port on a simulated 82599.
 */
#ifndef TESTS_IXGBE_SIM_H
#define TESTS_IXGBE_SIM_H

#include "port_sim.h"

static inline void begin(struct weir_port_conf *conf)
{
	begin_on("sim:82599,wire=hold", conf);
}

#endif
