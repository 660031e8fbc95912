/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A port on each of the models that the e1000 driver is for.
 */
#ifndef TESTS_E1000_SIM_H
#define TESTS_E1000_SIM_H

#include "port_sim.h"

enum card { C82540EM, C82545EM, C82574L, C82583V, CARDS };

static inline void begin(enum card card, struct weir_port_conf *conf)
{
	static const char *const names[] = { "82540EM", "82545EM", "82574L", "82583V" };
	char spec[64];

	snprintf(spec, sizeof(spec), "sim:%s,wire=hold", names[card]);
	begin_on(spec, conf);
}

#endif
