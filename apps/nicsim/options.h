/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * weir-nicsim's command line.
 */
#ifndef NICSIM_OPTIONS_H
#define NICSIM_OPTIONS_H

#include <stdbool.h>

#define NICS_MAX 64

struct nic_option {
	char *card; /* what weir_sim_nic_add() takes */
	char *socket;
};

struct nicsim_options {
	bool fast;
	bool strict;
	bool json;
	bool orders; /* come from the standard input */
	unsigned verbose;
	double seconds; /* 0: no limit */
	unsigned nic_count;
	struct nic_option nics[NICS_MAX];
};

/* Reads the command line, or ends the program with a sentence. */
void nicsim_options_read(struct nicsim_options *options, int argc, char **argv);
void nicsim_options_free(struct nicsim_options *options);

#endif
