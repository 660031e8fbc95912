/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Options that become commands are checked as such at once.
 */
#include "control_options.h"

#include <string.h>

#include "common/options.h"
#include "control_check.h"
#include "report_tests.h"

enum { OPT_CONTROL = 0x500, OPT_LUA, OPT_DO, OPT_ANSWER, OPT_RFC2544, OPT_Y1564, OPT_REPORT };

static const struct argp_option option_table[] = {
	{ NULL, 0, NULL, 0, "What is measured:", 1 },
	{ "answer", OPT_ANSWER, "[PORT=]ADDRESS", 0,
	  "Answer ARP, neighbour discovery and ping for an address or network, on port PORT (0)", 0 },
	{ "rfc2544", OPT_RFC2544, "CONDITIONS", OPTION_ARG_OPTIONAL,
	  "Make the tests of RFC 2544 with the streams, and end; CONDITIONS as in JSON: "
	  "'\"sizes\": [64, 1518], \"seconds\": 10, \"tolerance\": 0.0001'",
	  0 },
	{ "y1564", OPT_Y1564, "CONDITIONS", 0,
	  "Test services in the manner of Y.1564, and end: '\"services\": [{\"stream\": \"voice\", \"cir\": \"2 Mbps\"}]'",
	  0 },
	{ "report", OPT_REPORT, "FILE", 0,
	  "Write what a test finds to FILE.txt, .json, .csv or .html; may be repeated (-.txt: standard output)", 0 },
	{ "control", OPT_CONTROL, "SOCKET", 0, "Obey commands from a Unix socket, JSON, one a line", 0 },
	{ "do", OPT_DO, "COMMAND", 0, "Obey this command first: '{\"command\": \"capture\", \"file\": \"a.pcapng\"}'",
	  0 },
	{ "lua", OPT_LUA, "SCRIPT", 0, "Obey a script in Lua, and end with it", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static void add_answer(const struct argp_state *state, struct control_options *options, const char *arg)
{
	const char *equals = strchr(arg, '=');
	char error[ANSWER_ERROR], port[16] = "0";
	uint64_t number;

	if (equals)
		snprintf(port, sizeof(port), "%.*s", (int)(equals - arg), arg);
	number = options_number(state, "the port of --answer", port, 0, CONTROL_PORTS_MAX - 1);
	if (answer_add(&options->answer[number], equals ? equals + 1 : arg, error))
		argp_error(state, "--answer: %s", error);
}

static void add_command(const struct argp_state *state, struct control_options *options, const char *option,
                        const char *line)
{
	char error[CONTROL_ERROR];
	enum control_verb verb;
	json_t *command = control_read(line, strlen(line), &verb, error);

	if (!command) {
		argp_error(state, "%s: %s", option, error);
		return;
	}
	options->test = options->test || verb == CONTROL_RFC2544 || verb == CONTROL_Y1564;
	if (!options->commands)
		options->commands = json_array();
	json_array_append_new(options->commands, command);
}

/* The inside of an object, or all of it. */
static void add_test(const struct argp_state *state, struct control_options *options, const char *name, const char *arg)
{
	size_t blanks = arg ? strspn(arg, " \n\t") : 0;
	char option[32], *line;
	int len;

	snprintf(option, sizeof(option), "--%s", name);
	if (!arg || !arg[blanks])
		len = asprintf(&line, "{\"command\": \"%s\"}", name);
	else
		len = asprintf(&line, "{\"command\": \"%s\", %s%s", name, arg + blanks + (arg[blanks] == '{'),
		               arg[blanks] == '{' ? "" : "}");
	if (len < 0) {
		argp_failure(state, 1, 0, "no memory for %s", option);
		return;
	}
	add_command(state, options, option, line);
	free(line);
}

static void add_report(const struct argp_state *state, struct control_options *options, const char *path)
{
	if (!report_known(path))
		argp_error(state, "--report takes a file *.txt, *.json, *.csv or *.html, not '%s'", path);
	if (!options->reports)
		options->reports = json_array();
	json_array_append_new(options->reports, json_string(path));
}

/* The reports are those of the test, wherever on the command line they stand. */
static void finish(const struct argp_state *state, struct control_options *options)
{
	json_t *command;
	size_t i;

	if (options->reports && !options->test)
		argp_error(state, "--report is about a test; give --rfc2544 or --y1564, too");
	json_array_foreach(options->commands, i, command)
	{
		const char *name = json_string_value(json_object_get(command, "command"));

		if (options->reports && (!strcmp(name, "rfc2544") || !strcmp(name, "y1564")) &&
		    !json_object_get(command, "reports"))
			json_object_set(command, "reports", options->reports);
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct control_options *options = state->input;

	switch (key) {
	case OPT_CONTROL:
		options->socket = arg;
		return 0;
	case OPT_LUA:
		options->script = arg;
		return 0;
	case OPT_DO:
		add_command(state, options, "--do", arg);
		return 0;
	case OPT_ANSWER:
		add_answer(state, options, arg);
		return 0;
	case OPT_RFC2544:
		add_test(state, options, "rfc2544", arg);
		return 0;
	case OPT_Y1564:
		add_test(state, options, "y1564", arg);
		return 0;
	case OPT_REPORT:
		add_report(state, options, arg);
		return 0;
	case ARGP_KEY_END:
		finish(state, options);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp control_argp = { .options = option_table, .parser = parse };

void control_options_free(struct control_options *options)
{
	json_decref(options->commands);
	json_decref(options->reports);
}
