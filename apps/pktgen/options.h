/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The command line of weir-pktgen.
 */
#ifndef PKTGEN_OPTIONS_H
#define PKTGEN_OPTIONS_H

#include <stdbool.h>

#include "common/options.h"
#include "control_options.h"
#include "rate.h"
#include "stream.h"

struct pktgen_options {
	struct options common;
	struct rate rate; /* of streams that have none of their own */
	uint64_t lag_ns;  /* packets that are late by no more are still sent */
	double linger;    /* seconds to go on receiving when all is sent */
	bool headless;    /* lines or JSON, even on a terminal */
	struct stream_set set;
	struct control_options control;
};

/* Reads the command line with its streams, or ends the program: with status 2 and a sentence when something is wrong. */
void pktgen_options_read(struct pktgen_options *options, int argc, char **argv);
void pktgen_options_free(struct pktgen_options *options);

#endif
