/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads the command line of weir-l3fwd: its own options, and those that all programs share.
 */
#include "options.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "router.h"

#define PATIENCE_MS     50
#define PATIENCE_MS_MAX 3600000
#define ICMP_RATE       1000
#define ROUTES4         (1u << 21)
#define ROUTES6         (1u << 19)

enum { OPT_CONFIG = 0x200, OPT_ICMP_RATE, OPT_PATIENCE, OPT_ROUTES4, OPT_ROUTES6, OPT_TWIN, OPT_NEIGHBOURS };

static const struct argp_option option_table[] = {
	{ NULL, 0, NULL, 0, "What goes where:", 1 },
	{ "routes", 'r', "FILE", 0, "Interfaces, neighbours, routes and flows; weir-l3fwd(1) has the format", 0 },
	{ "twin", OPT_TWIN, "PORT:NAME[,persist]", 0,
	  "Make a TAP interface by which the kernel sees the port's network, and follow the kernel's routes", 0 },
	{ "neighbours", OPT_NEIGHBOURS, "WHO", 0, "Who finds neighbours: weir (the default) or kernel", 0 },
	{ "config", OPT_CONFIG, "(PORT,QUEUE,WORKER),...", 0,
	  "Which worker serves which receive queue (they are dealt out in turn)", 0 },
	{ "icmp-rate", OPT_ICMP_RATE, "N", 0, "ICMP errors that a worker sends in a second, at most (1000)", 0 },
	{ "patience", OPT_PATIENCE, "MS", 0,
	  "Milliseconds that packets wait for a port that takes none before they are dropped (50)", 0 },
	{ "max-routes4", OPT_ROUTES4, "N", 0, "Routes of IPv4 that there is room for (2097152)", 0 },
	{ "max-routes6", OPT_ROUTES6, "N", 0, "Routes of IPv6 that there is room for (524288)", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

/* A number and the character behind it; moves *@text behind that. */
static bool read_part(const char **text, char after, unsigned *value)
{
	unsigned long read;
	char *end;

	if (**text < '0' || **text > '9')
		return false;
	read = strtoul(*text, &end, 10);
	*value = (unsigned)read;
	*text = end + 1;
	return *end == after && read < UINT16_MAX;
}

/* "(0,0,0),(0,1,1)" */
static void read_assignments(const struct argp_state *state, struct l3fwd_options *options)
{
	const char *text = options->assignment_text;

	for (;;) {
		struct assignment *next;

		options->assignments = realloc(options->assignments, (options->assignment_count + 1) * sizeof(*next));
		if (!options->assignments)
			errx(1, "no memory for --config");
		next = &options->assignments[options->assignment_count];
		if (*text++ != '(' || !read_part(&text, ',', &next->port) || !read_part(&text, ',', &next->queue) ||
		    !read_part(&text, ')', &next->worker) || (*text && *text != ','))
			argp_error(state, "--config takes (PORT,QUEUE,WORKER),..., such as (0,0,0),(1,0,1), not '%s'",
			           options->assignment_text);
		if (next->port >= options->common.spec_count || next->worker >= options->common.workers)
			argp_error(state,
			           "--config says (%u,%u,%u), but ports go from 0 to %u and workers from 0 to %u",
			           next->port, next->queue, next->worker, options->common.spec_count - 1,
			           options->common.workers - 1);
		for (unsigned i = 0; i < options->assignment_count; i++)
			if (options->assignments[i].port == next->port && options->assignments[i].queue == next->queue)
				argp_error(state, "--config gives queue %u of port %u to two workers; give it to one",
				           next->queue, next->port);
		options->assignment_count++;
		if (!*text++)
			return;
	}
}

/* "0:wan,persist" */
static void read_twin(const struct argp_state *state, struct l3fwd_options *options, const char *text)
{
	const char *name = text, *end;
	struct twin_wish *twin;

	options->twins = realloc(options->twins, (options->twin_count + 1) * sizeof(*twin));
	if (!options->twins)
		errx(1, "no memory for --twin");
	twin = &options->twins[options->twin_count++];
	*twin = (struct twin_wish){ 0 };
	if (!read_part(&name, ':', &twin->port))
		argp_error(state, "--twin takes PORT:NAME, such as 0:wan, not '%s'", text);
	end = strchrnul(name, ',');
	if (end == name || (size_t)(end - name) >= sizeof(twin->name))
		argp_error(state, "--twin %s: a name has 1 to %zu characters", text, sizeof(twin->name) - 1);
	memcpy(twin->name, name, (size_t)(end - name));
	twin->persist = !strcmp(end, ",persist");
	if (*end && !twin->persist)
		argp_error(state, "--twin %s: after the name there may be ',persist'", text);
}

static void check_twins(const struct argp_state *state, const struct l3fwd_options *options)
{
	for (unsigned i = 0; i < options->twin_count; i++) {
		const struct twin_wish *twin = &options->twins[i];

		if (twin->port >= options->common.spec_count)
			argp_error(state, "--twin is for port %u, but ports go from 0 to %u", twin->port,
			           options->common.spec_count - 1);
		for (unsigned j = 0; j < i; j++)
			if (options->twins[j].port == twin->port || !strcmp(options->twins[j].name, twin->name))
				argp_error(state, "--twin gives port %u or the name '%s' twice", twin->port,
				           twin->name);
	}
	if (options->neighbours == NEIGHBOURS_KERNEL && !options->twin_count)
		argp_error(state, "--neighbours=kernel needs a --twin, by which the kernel finds them");
}

static void finish(const struct argp_state *state, struct l3fwd_options *options)
{
	if (options->common.spec_count > PORTS_MAX)
		argp_error(state, "there may be %u ports, not %u", PORTS_MAX, options->common.spec_count);
	if (options->assignment_text)
		read_assignments(state, options);
	check_twins(state, options);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct l3fwd_options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->common;
		return 0;
	case 'r':
		options->routes = arg;
		return 0;
	case OPT_CONFIG:
		options->assignment_text = arg;
		return 0;
	case OPT_TWIN:
		read_twin(state, options, arg);
		return 0;
	case OPT_NEIGHBOURS:
		if (strcmp(arg, "weir") != 0 && strcmp(arg, "kernel") != 0)
			argp_error(state, "--neighbours is weir or kernel, not '%s'", arg);
		options->neighbours = !strcmp(arg, "kernel") ? NEIGHBOURS_KERNEL : NEIGHBOURS_OURS;
		return 0;
	case OPT_ICMP_RATE:
		options->icmp_rate = (unsigned)options_number(state, "--icmp-rate", arg, 0, 10000000);
		return 0;
	case OPT_PATIENCE:
		options->patience_ms = (unsigned)options_number(state, "--patience", arg, 0, PATIENCE_MS_MAX);
		return 0;
	case OPT_ROUTES4:
		options->routes4 = (uint32_t)options_number(state, "--max-routes4", arg, 1, 1u << 24);
		return 0;
	case OPT_ROUTES6:
		options->routes6 = (uint32_t)options_number(state, "--max-routes6", arg, 1, 1u << 24);
		return 0;
	case ARGP_KEY_END:
		finish(state, options);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

void l3fwd_options_read(struct l3fwd_options *options, int argc, char **argv)
{
	static const struct argp_child children[] = { { &options_argp, 0, NULL, 0 }, { NULL, 0, NULL, 0 } };
	static const struct argp argp = {
		.options = option_table,
		.parser = parse,
		.args_doc = "SPEC...",
		.doc = "Routes IPv4 and IPv6 packets between ports.\v"
		       "Example: weir-l3fwd --routes=routes.conf af_xdp:eth1 af_xdp:eth2",
		.children = children,
		.help_filter = options_help,
	};

	options_default(&options->common);
	options->routes = NULL;
	options->routes4 = ROUTES4;
	options->routes6 = ROUTES6;
	options->icmp_rate = ICMP_RATE;
	options->patience_ms = PATIENCE_MS;
	options->assignment_text = NULL;
	options->assignment_count = 0;
	options->assignments = NULL;
	options->twin_count = 0;
	options->twins = NULL;
	options->neighbours = NEIGHBOURS_OURS;
	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, options);
}

void l3fwd_options_free(struct l3fwd_options *options)
{
	free(options->assignments);
	free(options->twins);
}
