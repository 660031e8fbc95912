/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The command line of weir-l2fwd.
 */
#ifndef L2FWD_OPTIONS_H
#define L2FWD_OPTIONS_H

#include <stdbool.h>

#include "common/options.h"

/* Packets from one port go to another, or the same. */
struct direction {
	unsigned from, to;
};

struct l2fwd_options {
	struct options common;
	bool mac_update;
	unsigned patience_ms; /* for how long packets wait for room in a transmit queue */
	const char *map_text; /* NULL: adjacent ports are pairs */
	unsigned map_count;
	struct direction *map; /* a port is the source of one direction at most */
};

/* Reads the command line, or ends the program: with status 2 and a sentence when something is wrong. */
void l2fwd_options_read(struct l2fwd_options *options, int argc, char **argv);
void l2fwd_options_free(struct l2fwd_options *options);

#endif
