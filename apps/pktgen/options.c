/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads the command line of weir-pktgen: its own options, and those that all programs share.
 */
#include "options.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LAG_S    0.01
#define LINGER_S 0.2

enum { OPT_HEADLESS = 0x300, OPT_LAG, OPT_LINGER };

static const struct argp_option option_table[] = {
	{ NULL, 0, NULL, 0, "What is sent:", 1 },
	{ "file", 'f', "FILE", 0, "Send the streams that FILE describes; weir-pktgen(1) says how (-: standard input)",
	  0 },
	{ "stream", 'S', "TEXT", 0, "Send this stream, described as in a file: 'packet: [eth, ipv4, udp], size: 64'",
	  0 },
	{ "rate", 'r', "RATE", 0,
	  "How fast the streams of a port go together, those that do not say it themselves: 1.5 Mpps, 10 Gbps, "
	  "9 Gbps L2, 50 %, max (1 kpps)",
	  0 },
	{ "lag", OPT_LAG, "SECONDS", 0,
	  "Make up for what is late by no more (0.01); what is later is not sent, and counted as missed", 0 },
	{ "linger", OPT_LINGER, "SECONDS", 0,
	  "When all is sent, go on receiving until nothing has come for so long (0.2)", 0 },
	{ "headless", OPT_HEADLESS, NULL, 0, "Print lines (or JSON), on a terminal too", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

/* On the command line the braces around a stream may be left away. */
static int add_stream(struct pktgen_options *options, const char *arg, char error[STREAM_ERROR])
{
	bool braces = arg[strspn(arg, " \n")] == '{';
	char *text;
	int len = asprintf(&text, braces ? "%s" : "{%s}", arg), err;

	if (len < 0) {
		snprintf(error, STREAM_ERROR, "no memory for --stream");
		return -ENOMEM;
	}
	err = stream_read(&options->set, "--stream", text, (size_t)len, error);
	free(text);
	return err;
}

static void add_streams(const struct argp_state *state, struct pktgen_options *options, int key, const char *arg)
{
	char error[STREAM_ERROR];
	int err = key == 'f' ? stream_read_file(&options->set, arg, error) : add_stream(options, arg, error);

	if (err)
		argp_failure(state, 2, 0, "%s", error);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct pktgen_options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->control;
		state->child_inputs[1] = &options->common;
		return 0;
	case 'f':
	case 'S':
		add_streams(state, options, key, arg);
		return 0;
	case 'r':
		if (rate_parse(arg, &options->rate))
			argp_error(state,
			           "--rate takes packets or bits per second, or percents of the link, such as "
			           "1.5 Mpps, 10 Gbps, 9 Gbps L2, 50 %% or max, not '%s'",
			           arg);
		return 0;
	case OPT_LAG:
		options->lag_ns = (uint64_t)(options_seconds(state, "--lag", arg, 0) * 1e9);
		return 0;
	case OPT_LINGER:
		options->linger = options_seconds(state, "--linger", arg, 0);
		return 0;
	case OPT_HEADLESS:
		options->headless = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

void pktgen_options_read(struct pktgen_options *options, int argc, char **argv)
{
	static const struct argp_child children[] = {
		{ &control_argp, 0, NULL, 0 },
		{ &options_argp, 0, NULL, 0 },
		{ NULL, 0, NULL, 0 },
	};
	static const struct argp argp = {
		.options = option_table,
		.parser = parse,
		.args_doc = "SPEC...",
		.doc =
		    "Sends streams of packets through ports, at the rates that are asked for, and measures what becomes of "
		    "them.\v"
		    "Example: weir-pktgen -S 'packet: [eth, ipv4, udp], size: 64' -r '1 Mpps' af_xdp:eth1",
		.children = children,
		.help_filter = options_help,
	};

	memset(options, 0, sizeof(*options));
	options_default(&options->common);
	options->rate = (struct rate){ RATE_PPS, 1000 };
	options->lag_ns = (uint64_t)(LAG_S * 1e9);
	options->linger = LINGER_S;
	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, options);
}

void pktgen_options_free(struct pktgen_options *options)
{
	control_options_free(&options->control);
	stream_set_free(&options->set);
}
