/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The options that all of weir's forwarding programs share, as an argp parser to be made a child of the program's own.
 */
#ifndef COMMON_OPTIONS_H
#define COMMON_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

#include "cpus.h"

#define WORKERS_MAX CPUS_MAX
#define BURST_MAX   4096u
#define SLOTS_MAX   65536u

enum idle_mode {
	IDLE_INTERRUPT, /* wait for the queues' file descriptors; queues without one are looked at every millisecond */
	IDLE_SLEEP,     /* look at the queues ever more rarely, down to every millisecond */
	IDLE_POLL,      /* never stop looking */
};

/* "interrupt", "sleep", "poll". */
const char *idle_mode_name(enum idle_mode mode);

struct options {
	char **specs;
	unsigned spec_count;

	unsigned burst;
	unsigned workers;
	unsigned queues; /* per port; 0: the port's own choice */
	struct cpus cpus;
	enum idle_mode idle;

	double seconds;  /* 0: no limit */
	uint64_t count;  /* packets; 0: no limit */
	bool keep_going; /* when the device of a port goes away */
	double interval; /* between reports, in seconds; 0: only the last one */
	bool json;
	bool quiet; /* no reports at all */
	unsigned verbose;

	uint32_t buffers; /* 0: by the number of ports and queues */
	uint32_t room;    /* bytes in a buffer; 0: the library's choice */
	uint64_t page_size;
	unsigned rx_slots, tx_slots; /* descriptors per queue; 0: the port's own choice */
	unsigned mtu;
	bool promiscuous;
	uint32_t offloads; /* WEIR_OFFLOAD_* to ask ports for that receive, as far as they can */
};

/* What they are before the command line is read. */
void options_default(struct options *options);

/* Its input is a struct options. It takes the specs, too. */
extern const struct argp options_argp;

/* Reads @text as a whole number from @min to @max, or ends the program with a sentence about @what. */
uint64_t options_number(const struct argp_state *state, const char *what, const char *text, uint64_t min, uint64_t max);

/* The same for a number of seconds from @min on. */
double options_seconds(const struct argp_state *state, const char *what, const char *text, double min);

/*
 * For the program's argp.help_filter: says after the options what the drivers' specs look like. Returns @text, or a
 * string that argp frees.
 */
char *options_help(int key, const char *text, void *input);

#endif
