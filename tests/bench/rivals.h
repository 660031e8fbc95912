/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What bench_fib measures beside lib/fib: tables of others, behind one set of calls.
 */
#ifndef TESTS_BENCH_RIVALS_H
#define TESTS_BENCH_RIVALS_H

#include <stdbool.h>
#include <stdint.h>

#define BURST 32u /* addresses that are looked up at a time */

struct prefix {
	uint8_t addr[16]; /* as it stands in a packet */
	uint8_t len;
	uint8_t hop;
};

/* The same addresses in each form that a table takes them in. */
struct traffic {
	uint32_t *packet;  /* IPv4, as they stand in packets */
	uint32_t *numbers; /* IPv4, in the order of the processor */
	uint8_t (*ip6)[16];
	unsigned count; /* a multiple of BURST */
};

/* One way to ask a table. */
struct manner {
	const char *name;
	bool (*choose)(void);                              /* whether there is such a way here; NULL: always */
	uint64_t (*lookup)(const struct traffic *traffic); /* all of them; returns the sum of the hops, as a proof */
};

struct rival {
	const char *name;
	unsigned family;
	bool (*make)(unsigned routes); /* whether it could be made */
	int (*add)(const struct prefix *prefix);
	int (*remove)(const struct prefix *prefix);
	uint64_t (*bytes)(void);      /* that it takes, now */
	const struct manner *manners; /* the last one has no name */
};

/* Starts what they need. Returns the tables, the last one without a name; says why there are none. */
const struct rival *rivals_start(void);

#endif
