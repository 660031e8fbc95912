/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * weir: the operator's tool. A table of commands, and the command line, read by glibc's argp.
 */
#include <argp.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "weir.h"

struct command {
	const char *name;
	bool needs_device;
	int (*run)(const struct weir_options *options);
};

static const struct command commands[] = {
	{ "list", false, command_list },
	{ "bind", true, command_bind },
	{ "unbind", true, command_unbind },
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const struct argp_option option_table[] = {
	{ "driver", 'd', "DRIVER", 0,
	  "bind: to vfio-pci (the default), to another driver, or back to the one it had: kernel", 0 },
	{ "force", 'f', NULL, 0, "bind: also a device whose interface is in use", 0 },
	{ "group", 'g', NULL, 0, "bind: also the other devices of its IOMMU group", 0 },
	{ "all", 'a', NULL, 0, "list: every PCI function, not only network cards", 0 },
	{ "json", 'j', NULL, 0, "list: as JSON", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static const struct command *command_find(const char *name)
{
	for (unsigned i = 0; i < COMMANDS; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static void take_word(const struct argp_state *state, struct weir_options *options, const char *word)
{
	if (!options->command && !command_find(word))
		argp_error(state, "'%s' is no command; there are list, bind and unbind", word);
	else if (!options->command)
		options->command = word;
	else if (!command_find(options->command)->needs_device)
		argp_error(state, "'%s' takes no device, but is given '%s'", options->command, word);
	else if (options->device)
		argp_error(state, "'%s' takes one device, but is given '%s', too", options->command, word);
	else
		options->device = word;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct weir_options *options = state->input;

	switch (key) {
	case 'd':
		options->driver = arg;
		return 0;
	case 'f':
		options->force = true;
		return 0;
	case 'g':
		options->group = true;
		return 0;
	case 'a':
		options->all = true;
		return 0;
	case 'j':
		options->json = true;
		return 0;
	case ARGP_KEY_ARG:
		take_word(state, options, arg);
		return 0;
	case ARGP_KEY_END:
		if (!options->command)
			argp_error(state, "there is no command; try 'weir list'");
		else if (command_find(options->command)->needs_device && !options->device)
			argp_error(state, "'%s' takes a device, such as 0000:01:00.0 ('weir list' lists them)",
			           options->command);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

void weir_options_read(struct weir_options *options, int argc, char **argv)
{
	static const struct argp argp = {
		.options = option_table,
		.parser = parse,
		.args_doc = "list\nbind DEVICE\nunbind DEVICE",
		.doc = "Lists network cards, hands them over to weir, and gives them back.",
	};

	memset(options, 0, sizeof(*options));
	options->driver = "vfio-pci";
	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, options);
}

int main(int argc, char **argv)
{
	struct weir_options options;

	weir_options_read(&options, argc, argv);
	return command_find(options.command)->run(&options);
}
