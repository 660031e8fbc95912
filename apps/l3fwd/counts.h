/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the router counts, for reports: routes, neighbours, what became of packets and why.
 */
#ifndef L3FWD_COUNTS_H
#define L3FWD_COUNTS_H

#include "common/own.h"
#include "router.h"

/* The sum of what all threads have counted. */
void counts_sum(const struct router *router, struct router_counts *sum);

/* For struct own; takes a struct router. By the thread that changes the tables. */
int counts_own(void *router, unsigned index, struct own_count *count);

#endif
