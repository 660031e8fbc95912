/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The command line of weir-l3fwd.
 */
#ifndef L3FWD_OPTIONS_H
#define L3FWD_OPTIONS_H

#include "common/options.h"
#include "control.h"

/* Who serves a receive queue (--config). */
struct assignment {
	unsigned port, queue, worker;
};

struct l3fwd_options {
	struct options common;
	const char *routes;          /* a file; NULL: none */
	uint32_t routes4, routes6;   /* most of them */
	unsigned icmp_rate;          /* errors per second and worker */
	unsigned patience_ms;        /* for how long packets wait for room in a transmit queue */
	const char *assignment_text; /* NULL: queues are dealt out in turn */
	unsigned assignment_count;
	struct assignment *assignments;
	unsigned twin_count;
	struct twin_wish *twins;
	enum neighbours neighbours; /* who finds them */
};

/* Reads the command line, or ends the program: with status 2 and a sentence when something is wrong. */
void l3fwd_options_read(struct l3fwd_options *options, int argc, char **argv);
void l3fwd_options_free(struct l3fwd_options *options);

#endif
