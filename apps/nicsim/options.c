/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * weir-nicsim's command line, read by glibc's argp. A value that cannot be ends the program with status 2.
 */
#include "options.h"

#include <argp.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "common/options.h"

#define SOCKET ",socket="

static const struct argp_option option_table[] = {
	{ "nic", 'n', "CARD", 0,
	  "A card: MODEL,socket=PATH[,mac=MAC][,...],wire=WIRE; wire= comes last. May be repeated: "
	  "the cards are number 0, 1, ...",
	  0 },
	{ "mode", 'm', "MODE", 0,
	  "'exact': every register access is seen, with all its effects; 'fast': doorbells are mapped memory (fast)",
	  0 },
	{ "strict", 's', NULL, 0, "Fail when a driver did what the datasheet forbids", 0 },
	{ "seconds", 't', "SECONDS", 0, "End after so much time", 0 },
	{ "json", 'j', NULL, 0, "Report as JSON", 0 },
	{ "orders", 'o', NULL, 0, "Obey lines of the standard input: link CARD up, link CARD down, remove CARD", 0 },
	{ "verbose", 'v', NULL, 0, "Say what happens; twice: say more", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static const char after_options[] =
    "Wires:\n"
    "  sink                        what is sent is counted; a generator's frames are checked\n"
    "  loop                        what is sent comes back\n"
    "  gen:size=64,pps=1M,flows=8,count=0\n"
    "                              a generator, which checks what comes back\n"
    "  pair:N[,mbps=10000,meters=0,loss=0,errors=0,corrupt=0,duplicate=0,reorder=0]\n"
    "                              a cable to card N\n"
    "  tap:NAME, af_packet:IFACE   a network interface of this machine\n"
    "  pcap:rx=FILE,tx=FILE        frames from a file, and to one\n"
    "\n"
    "Example: weir-nicsim --nic 82599,socket=/tmp/n0,wire=gen:pps=100k --nic 82599,socket=/tmp/n1,wire=sink\n"
    "The program ends with status 1 when a generator's frames were lost, doubled, changed or out of order, or none came "
    "back.";

/* Takes socket=PATH out of the text: the rest is what the simulator is told. */
static void add_nic(const struct argp_state *state, struct nicsim_options *options, const char *text)
{
	struct nic_option *nic = &options->nics[options->nic_count];
	const char *wire = strstr(text, ",wire="), *socket = strstr(text, SOCKET), *path;
	size_t len;

	if (options->nic_count == NICS_MAX)
		argp_error(state, "--nic may be given %d times at most", NICS_MAX);
	if (!wire || !socket || socket > wire)
		argp_error(state, "--nic takes MODEL,socket=PATH[,mac=MAC],wire=WIRE, not '%s'", text);
	path = socket + strlen(SOCKET);
	len = strcspn(path, ",");
	nic->socket = strndup(path, len);
	nic->card = malloc(strlen(text) + 1);
	if (!nic->socket || !nic->card)
		errx(1, "no memory for a card");
	memcpy(nic->card, text, (size_t)(socket - text));
	strcpy(nic->card + (socket - text), path + len);
	options->nic_count++;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct nicsim_options *options = state->input;

	switch (key) {
	case 'n':
		add_nic(state, options, arg);
		return 0;
	case 'm':
		if (strcmp(arg, "fast") && strcmp(arg, "exact"))
			argp_error(state, "--mode is fast or exact, not '%s'", arg);
		options->fast = !strcmp(arg, "fast");
		return 0;
	case 's':
		options->strict = true;
		return 0;
	case 't':
		options->seconds = options_seconds(state, "--seconds", arg, 0.001);
		return 0;
	case 'j':
		options->json = true;
		return 0;
	case 'o':
		options->orders = true;
		return 0;
	case 'v':
		options->verbose++;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "'%s' is no option; a card is given as --nic CARD", arg);
		return 0;
	case ARGP_KEY_END:
		if (!options->nic_count)
			argp_error(state, "there is no card; give one with --nic MODEL,socket=PATH,wire=WIRE");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static char *help(int key, const char *text, void *input)
{
	(void)input;
	return key == ARGP_KEY_HELP_EXTRA ? strdup(after_options) : (char *)text;
}

void nicsim_options_read(struct nicsim_options *options, int argc, char **argv)
{
	static const struct argp argp = {
		.options = option_table,
		.parser = parse,
		.doc =
		    "Serves network cards that do not exist, over vfio-user: weir's ports (vfio-user:PATH) and QEMU reach "
		    "them.",
		.help_filter = help,
	};

	memset(options, 0, sizeof(*options));
	options->fast = true;
	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, options);
}

void nicsim_options_free(struct nicsim_options *options)
{
	for (unsigned i = 0; i < options->nic_count; i++) {
		free(options->nics[i].card);
		free(options->nics[i].socket);
	}
}
