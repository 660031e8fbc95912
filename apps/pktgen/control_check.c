/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table of commands.
 */
#include "control_check.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "rate.h"

#define ARGS_MAX 13u

enum type { TEXT, RATE, NUMBER, WHOLE, FLAG, TEXTS, SIZES, OBJECTS };

/* What an argument may be: its type; for numbers (also those in lists), from least to most. */
struct arg {
	const char *name;
	enum type type;
	bool needed;
	double least, most;
};

static const char *const type_names[] = {
	[TEXT] = "a string",
	[RATE] = "a rate such as \"1.5 Mpps\", \"10 Gbps\", \"9 Gbps L2\", \"50 %\" or \"max\"",
	[NUMBER] = "a number",
	[WHOLE] = "a whole number",
	[FLAG] = "true or false",
	[TEXTS] = "a list of strings",
	[SIZES] = "a list of whole numbers",
	[OBJECTS] = "a list of objects",
};

#define DAY 86400.0

static const struct command {
	const char *name, *help;
	struct arg args[ARGS_MAX];
} commands[CONTROL_VERBS] = {
	[CONTROL_HELP] = { "help", "lists the commands", { { 0 } } },
	[CONTROL_START] = { "start",
	                    "sends the streams from their beginning, and measures anew",
	                    { { "rate", RATE, false, 0, 0 }, { "count", WHOLE, false, 0, 1e15 } } },
	[CONTROL_STOP] = { "stop", "ends sending", { { 0 } } },
	[CONTROL_RATE] = { "rate",
	                   "changes the rate of a stream, or of all that have none of their own",
	                   { { "rate", RATE, true, 0, 0 }, { "stream", TEXT, false, 0, 0 } } },
	[CONTROL_STATS] = { "stats", "tells what was sent and what became of it", { { 0 } } },
	[CONTROL_CAPTURE] = { "capture",
	                      "keeps packets before and after a trigger: any, loss, reordered, duplicate, corrupted, "
	                      "foreign, latency",
	                      { { "file", TEXT, true, 0, 0 },
	                        { "port", WHOLE, false, 0, 255 },
	                        { "trigger", TEXTS, false, 0, 0 },
	                        { "latency_us", NUMBER, false, 0, 1e12 },
	                        { "before", WHOLE, false, 0, 1048575 },
	                        { "after", WHOLE, false, 1, 1048576 },
	                        { "snap", WHOLE, false, 14, 16384 } } },
	[CONTROL_CAPTURE_END] = { "capture_end",
	                          "takes no more, and writes what was captured",
	                          { { "port", WHOLE, false, 0, 255 } } },
	[CONTROL_RFC2544] = { "rfc2544",
	                      "begins the tests of RFC 2544",
	                      { { "tests", TEXTS, false, 0, 0 },
	                        { "sizes", SIZES, false, 64, 16384 },
	                        { "seconds", NUMBER, false, 0.001, DAY },
	                        { "latency_seconds", NUMBER, false, 0.001, DAY },
	                        { "tolerance", NUMBER, false, 0, 0.999999 },
	                        { "resolution", NUMBER, false, 1e-6, 0.5 },
	                        { "loss_step", NUMBER, false, 1.0 / 64, 0.5 },
	                        { "burst_seconds", NUMBER, false, 0.000001, 3600 },
	                        { "burst_repeats", WHOLE, false, 1, 1000 },
	                        { "settle", NUMBER, false, 0, 60 },
	                        { "mbps", NUMBER, false, 0.001, 1e6 },
	                        { "reports", TEXTS, false, 0, 0 } } },
	[CONTROL_Y1564] = { "y1564",
	                    "begins a service test in the manner of Y.1564",
	                    { { "services", OBJECTS, true, 0, 0 },
	                      { "step_seconds", NUMBER, false, 0.001, DAY },
	                      { "seconds", NUMBER, false, 0.001, 7 * DAY },
	                      { "policing", FLAG, false, 0, 0 },
	                      { "overshoot", NUMBER, false, 0, 1 },
	                      { "settle", NUMBER, false, 0, 60 },
	                      { "mbps", NUMBER, false, 0.001, 1e6 },
	                      { "reports", TEXTS, false, 0, 0 } } },
	[CONTROL_RESULT] = { "result", "tells what a test has found so far, and whether it is over", { { 0 } } },
	[CONTROL_ABORT] = { "abort", "ends a test", { { 0 } } },
	[CONTROL_QUIT] = { "quit", "ends the program", { { 0 } } },
};

/* What a service of y1564 is told. */
static const struct arg service_args[] = {
	{ "stream", TEXT, true, 0, 0 },        { "cir", RATE, true, 0, 0 },
	{ "eir", RATE, false, 0, 0 },          { "loss", NUMBER, false, 0, 0.999999 },
	{ "delay_us", NUMBER, false, 0, 1e9 }, { "variation_us", NUMBER, false, 0, 1e9 },
	{ NULL, TEXT, false, 0, 0 },
};

const char *control_name(unsigned verb)
{
	return verb < CONTROL_VERBS ? commands[verb].name : NULL;
}

const char *control_help(unsigned verb)
{
	return verb < CONTROL_VERBS ? commands[verb].help : NULL;
}

static int check_args(const json_t *object, const char *what, const struct arg *args, char error[CONTROL_ERROR]);

static bool in_range(const json_t *value, const struct arg *arg)
{
	double number = json_number_value(value);

	return number >= arg->least && number <= arg->most;
}

static bool is_text(const json_t *value)
{
	/* A NUL within would hide the rest. */
	return json_is_string(value) && strlen(json_string_value(value)) == json_string_length(value);
}

static bool is_list(const json_t *value, const struct arg *arg)
{
	const json_t *item;
	size_t i;

	if (!json_is_array(value) || !json_array_size(value))
		return false;
	json_array_foreach(value, i, item)
	{
		if (arg->type == TEXTS     ? !is_text(item)
		    : arg->type == OBJECTS ? !json_is_object(item)
		                           : !json_is_integer(item) || !in_range(item, arg))
			return false;
	}
	return true;
}

static bool fits(const json_t *value, const struct arg *arg)
{
	struct rate rate;

	switch (arg->type) {
	case TEXT:
		return is_text(value);
	case RATE:
		return is_text(value) && !rate_parse(json_string_value(value), &rate);
	case NUMBER:
		return json_is_number(value) && in_range(value, arg);
	case WHOLE:
		return json_is_integer(value) && in_range(value, arg);
	case FLAG:
		return json_is_boolean(value);
	default:
		return is_list(value, arg);
	}
}

static int complain(char error[CONTROL_ERROR], const char *what, const struct arg *arg)
{
	bool bounded = arg->most > arg->least;

	snprintf(error, CONTROL_ERROR, bounded ? "%s: \"%s\" is %s from %.15g to %.15g" : "%s: \"%s\" is %s", what,
	         arg->name, type_names[arg->type], arg->least, arg->most);
	return -EINVAL;
}

static const struct arg *find(const struct arg *args, const char *name)
{
	for (; args->name; args++)
		if (!strcmp(args->name, name))
			return args;
	return NULL;
}

/* Every member is known and as it has to be, and none is missing. */
static int check_args(const json_t *object, const char *what, const struct arg *args, char error[CONTROL_ERROR])
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, key, value)
	{
		const struct arg *arg = find(args, key);

		if (!arg && strcmp(key, "command")) {
			snprintf(error, CONTROL_ERROR, "%s knows no \"%.64s\"; the command \"help\" lists what it does",
			         what, key);
			return -EINVAL;
		}
		if (arg && !fits(value, arg))
			return complain(error, what, arg);
	}
	for (; args->name; args++)
		if (args->needed && !json_object_get(object, args->name)) {
			snprintf(error, CONTROL_ERROR, "%s needs \"%s\": %s", what, args->name, type_names[args->type]);
			return -EINVAL;
		}
	return 0;
}

static int check_services(const json_t *object, char error[CONTROL_ERROR])
{
	const json_t *service;
	size_t i;

	json_array_foreach(json_object_get(object, "services"), i, service)
	{
		char what[48];
		int err;

		snprintf(what, sizeof(what), "service %zu of y1564", i + 1);
		err = check_args(service, what, service_args, error);
		if (err)
			return err;
	}
	return 0;
}

int control_check(const json_t *object, enum control_verb *verb, char error[CONTROL_ERROR])
{
	const char *name = json_string_value(json_object_get(object, "command"));
	int err;

	if (!name) {
		snprintf(error, CONTROL_ERROR,
		         "a command is an object such as {\"command\": \"help\"}, with the command's name as a string");
		return -EINVAL;
	}
	for (unsigned i = 0; i < CONTROL_VERBS; i++) {
		if (strcmp(name, commands[i].name))
			continue;
		*verb = (enum control_verb)i;
		err = check_args(object, name, commands[i].args, error);
		return err || i != CONTROL_Y1564 ? err : check_services(object, error);
	}
	snprintf(error, CONTROL_ERROR, "there is no command \"%.64s\"; \"help\" lists those that there are", name);
	return -EINVAL;
}

json_t *control_read(const char *line, size_t len, enum control_verb *verb, char error[CONTROL_ERROR])
{
	json_error_t json_error;
	json_t *object = json_loadb(line, len, JSON_REJECT_DUPLICATES, &json_error);

	if (!object) {
		snprintf(error, CONTROL_ERROR, "this is not JSON, by its column %d: %s", json_error.column,
		         json_error.text);
		return NULL;
	}
	if (control_check(object, verb, error)) {
		json_decref(object);
		return NULL;
	}
	return object;
}

json_t *control_manual(void)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < CONTROL_VERBS; i++) {
		json_t *args = json_object();

		for (const struct arg *arg = commands[i].args; arg->name; arg++)
			json_object_set_new(args, arg->name, json_string(type_names[arg->type]));
		json_array_append_new(list, json_pack("{s:s, s:s, s:o}", "command", commands[i].name, "what",
		                                      commands[i].help, "arguments", args));
	}
	return list;
}
