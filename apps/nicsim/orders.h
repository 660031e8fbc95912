/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the person at the standard input wants done to the cards while they are served: plug cables, pull out cards.
 */
#ifndef NICSIM_ORDERS_H
#define NICSIM_ORDERS_H

#include <stdbool.h>
#include <stddef.h>

#include <weir/sim.h>

#include "common/log.h"

struct orders {
	int fd; /* -1: none come (any more) */
	struct weir_sim *sim;
	struct log *log;
	size_t used;
	char line[200];
};

/* Reads what there is and obeys each full line. At the end of the input it closes its eyes: fd is -1. */
void orders_read(struct orders *orders);

#endif
