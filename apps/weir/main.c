/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * weir: the operator's tool. A table of commands, and the command line, read by glibc's argp.
 */
#include <argp.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "common/options.h"
#include "weir.h"

#define DEVICE "a device, such as 0000:01:00.0 ('weir list' lists them)"
#define PORT   "a port, such as pci:0000:01:00.0, vfio-user:PATH or sim:82599"

struct command {
	const char *name;
	const char *needs;   /* what it is about; NULL: nothing */
	const char *options; /* those that it takes, by their letters */
	int (*run)(const struct weir_options *options);
};

static const struct command commands[] = {
	{ "list", NULL, "aj", command_list },     { "bind", DEVICE, "dfg", command_bind },
	{ "unbind", DEVICE, "", command_unbind }, { "regs", PORT, "j", command_regs },
	{ "eeprom", PORT, "j", command_eeprom },  { "module", PORT, "j", command_module },
	{ "stats", PORT, "ajt", command_stats },
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const struct argp_option option_table[] = {
	{ "driver", 'd', "DRIVER", 0,
	  "bind: to vfio-pci (the default), to another driver, or back to the one it had: kernel", 0 },
	{ "force", 'f', NULL, 0, "bind: also a device whose interface is in use", 0 },
	{ "group", 'g', NULL, 0, "bind: also the other devices of its IOMMU group", 0 },
	{ "all", 'a', NULL, 0, "list: every PCI function, not only network cards; stats: also what is zero", 0 },
	{ "seconds", 't', "SECONDS", 0, "stats: count for so long (1)", 0 },
	{ "json", 'j', NULL, 0, "list, regs, eeprom, module, stats: as JSON", 0 },
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
		argp_error(state, "'%s' is no command; there are list, bind, unbind, regs, eeprom, module and stats",
		           word);
	else if (!options->command)
		options->command = word;
	else if (!command_find(options->command)->needs)
		argp_error(state, "'%s' takes no device, but is given '%s'", options->command, word);
	else if (options->device)
		argp_error(state, "'%s' takes one device, but is given '%s', too", options->command, word);
	else
		options->device = word;
}

/* Whether all is there that the command needs, and nothing that it does not know. */
static void check(const struct argp_state *state, const struct weir_options *options)
{
	const struct command *command;

	if (!options->command)
		argp_error(state, "there is no command; try 'weir list'");
	command = command_find(options->command);
	if (command->needs && !options->device)
		argp_error(state, "'%s' takes %s", command->name, command->needs);
	for (const struct argp_option *option = option_table; option->name; option++)
		if (options->given & 1u << (option->key - 'a') && !strchr(command->options, option->key))
			argp_error(state, "'%s' knows no --%s; 'weir --help' tells what does", command->name,
			           option->name);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct weir_options *options = state->input;

	if (key >= 'a' && key <= 'z')
		options->given |= 1u << (key - 'a');
	switch (key) {
	case 'd':
		if (!*arg || strchr(arg, '/'))
			argp_error(state, "--driver takes the name of a driver, such as vfio-pci, not '%s'", arg);
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
	case 't':
		options->seconds = options_seconds(state, "--seconds", arg, 0.001);
		return 0;
	case 'j':
		options->json = true;
		return 0;
	case ARGP_KEY_ARG:
		take_word(state, options, arg);
		return 0;
	case ARGP_KEY_END:
		check(state, options);
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
		.args_doc = "list\nbind DEVICE\nunbind DEVICE\nregs PORT\neeprom PORT\nmodule PORT\nstats PORT",
		.doc = "Lists network cards, hands them over to programs, gives them back, and looks into them.",
	};

	memset(options, 0, sizeof(*options));
	options->driver = "vfio-pci";
	options->seconds = 1;
	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, options);
}

int main(int argc, char **argv)
{
	struct weir_options options;

	weir_options_read(&options, argc, argv);
	return command_find(options.command)->run(&options);
}
