/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The part of the command line that is about measuring: who is answered, which test is made, who may give commands.
 */
#ifndef PKTGEN_CONTROL_OPTIONS_H
#define PKTGEN_CONTROL_OPTIONS_H

#include <argp.h>
#include <jansson.h>
#include <stdbool.h>

#include "answer.h"

#define CONTROL_PORTS_MAX 64u

struct control_options {
	const char *socket; /* NULL: none */
	const char *script; /* Lua; NULL: none */
	json_t *commands;   /* an array: to be carried out first */
	json_t *reports;    /* an array of files */
	bool test;          /* a test is among the commands: streams are sent by it alone */
	struct answer answer[CONTROL_PORTS_MAX];
};

/* Its input is a struct control_options, all zero. */
extern const struct argp control_argp;

void control_options_free(struct control_options *options);

#endif
