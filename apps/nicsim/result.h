/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What became of the cards: their counters, and whether the generators' frames came back as they were sent.
 */
#ifndef NICSIM_RESULT_H
#define NICSIM_RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include <weir/sim.h>

#include "options.h"

/* Sums over all cards. */
struct result {
	bool generated; /* some card has a generator */
	uint64_t sent, good, lost, late, twice, corrupt;
	uint64_t violations, dma_refused;
};

void result_read(struct result *result, struct weir_sim *sim);

/* What is wrong with it, or NULL. */
const char *result_fault(const struct result *result, bool strict);

/* Prints all counters and the verdict. Returns false when that could not be written. */
bool result_print(const struct result *result, struct weir_sim *sim, const struct nicsim_options *options,
                  double seconds);

#endif
