/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads the command line of weir-l2fwd: its own options, and those that all programs share.
 */
#include "options.h"

#include <ctype.h>
#include <err.h>
#include <stdlib.h>

#define PATIENCE_MS     50
#define PATIENCE_MS_MAX 3600000

enum { OPT_MAC_UPDATE = 0x200, OPT_NO_MAC_UPDATE, OPT_PATIENCE };

static const struct argp_option option_table[] = {
	{ NULL, 0, NULL, 0, "What goes where:", 1 },
	{ "map", 'm', "FROM:TO,...", 0, "Forward from port FROM to port TO, counted from 0 (0:1,1:0,2:3,3:2 ...)", 0 },
	{ "mac-update", OPT_MAC_UPDATE, NULL, 0,
	  "Give packets 02:00:00:00:00:TO as their destination, and the address of the port they leave by as their "
	  "source (the default)",
	  0 },
	{ "no-mac-update", OPT_NO_MAC_UPDATE, NULL, 0, "Leave the addresses alone", 0 },
	{ "patience", OPT_PATIENCE, "MS", 0,
	  "Milliseconds that packets wait for a port that takes none before they are dropped (50)", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

/* Reads a port number and the character behind it; moves *@text behind that. */
static bool read_port(const char **text, unsigned ports, char *after, unsigned *port)
{
	unsigned long value;
	char *end;

	if (!isdigit((unsigned char)**text))
		return false;
	value = strtoul(*text, &end, 10);
	*port = (unsigned)value;
	*after = *end;
	*text = *end ? end + 1 : end;
	return value < ports;
}

static void read_map(const struct argp_state *state, struct l2fwd_options *options)
{
	const char *text = options->map_text;
	unsigned ports = options->common.spec_count;
	char after = '\0';

	do {
		struct direction *next = &options->map[options->map_count];

		/* Each of the ports can be a source once, so the table is large enough. */
		if (options->map_count == ports)
			argp_error(state, "--map %s says more than one thing of some port", options->map_text);
		if (!read_port(&text, ports, &after, &next->from) || after != ':' ||
		    !read_port(&text, ports, &after, &next->to) || (after && after != ','))
			argp_error(state,
			           "--map takes FROM:TO,... with port numbers from 0 to %u, such as 0:1,1:0, not '%s'",
			           ports - 1, options->map_text);
		for (unsigned i = 0; i < options->map_count; i++)
			if (options->map[i].from == next->from)
				argp_error(state, "--map %s sends packets of port %u to two places; give it one",
				           options->map_text, next->from);
		options->map_count++;
	} while (after);
}

static void pair_up(const struct argp_state *state, struct l2fwd_options *options)
{
	unsigned ports = options->common.spec_count;

	if (ports % 2)
		argp_error(state, "adjacent ports are pairs, but %u were given; add one, or use --map", ports);
	for (unsigned i = 0; i < ports; i++)
		options->map[options->map_count++] = (struct direction){ i, i ^ 1 };
}

static void finish(const struct argp_state *state, struct l2fwd_options *options)
{
	options->map = calloc(options->common.spec_count, sizeof(*options->map));
	if (!options->map)
		errx(1, "no memory for the map");
	if (options->map_text)
		read_map(state, options);
	else
		pair_up(state, options);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct l2fwd_options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->common;
		return 0;
	case 'm':
		options->map_text = arg;
		return 0;
	case OPT_MAC_UPDATE:
	case OPT_NO_MAC_UPDATE:
		options->mac_update = key == OPT_MAC_UPDATE;
		return 0;
	case OPT_PATIENCE:
		options->patience_ms = (unsigned)options_number(state, "--patience", arg, 0, PATIENCE_MS_MAX);
		return 0;
	case ARGP_KEY_END:
		finish(state, options);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

void l2fwd_options_read(struct l2fwd_options *options, int argc, char **argv)
{
	static const struct argp_child children[] = { { &options_argp, 0, NULL, 0 }, { NULL, 0, NULL, 0 } };
	static const struct argp argp = {
		.options = option_table,
		.parser = parse,
		.args_doc = "SPEC SPEC...",
		.doc = "Forwards packets between ports: what comes from the first goes to the second and the other way "
		       "round, and so on for each further pair.\v"
		       "Example: weir-l2fwd --no-mac-update pcap:rx=in.pcap pcap:tx=out.pcap",
		.children = children,
		.help_filter = options_help,
	};

	options_default(&options->common);
	options->mac_update = true;
	options->patience_ms = PATIENCE_MS;
	options->map_text = NULL;
	options->map_count = 0;
	options->map = NULL;
	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, options);
}

void l2fwd_options_free(struct l2fwd_options *options)
{
	free(options->map);
}
