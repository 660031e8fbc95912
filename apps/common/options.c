/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The shared options, read by glibc's argp. A value that cannot be ends the program with status 2 and a sentence.
 */
#include "options.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <weir/port.h>

/* Options without a letter. */
enum {
	OPT_NO_PROMISCUOUS = 0x100,
	OPT_PROMISCUOUS,
	OPT_BUFFERS,
	OPT_ROOM,
	OPT_PAGE_SIZE,
	OPT_NO_HUGE,
	OPT_RX_SLOTS,
	OPT_TX_SLOTS,
	OPT_MTU,
	OPT_KEEP_TIME,
	OPT_OFFLOADS,
};

static const char *const idle_names[] = {
	[IDLE_INTERRUPT] = "interrupt",
	[IDLE_SLEEP] = "sleep",
	[IDLE_POLL] = "poll",
};

static const struct {
	const char *name;
	uint32_t offload;
} offload_names[] = {
	{ "csum", WEIR_OFFLOAD_RX_CSUM },
	{ "vlan", WEIR_OFFLOAD_RX_VLAN },
	{ "hash", WEIR_OFFLOAD_RX_HASH },
};

static const struct argp_option option_table[] = {
	{ NULL, 0, NULL, 0, "How the work is done:", 2 },
	{ "burst", 'b', "N", 0, "Packets to take at once, 1 to 4096 (32)", 0 },
	{ "workers", 'w', "N", 0, "Threads that forward (1, or one for each CPU of --cpus)", 0 },
	{ "cpus", 'c', "LIST", 0, "Pin worker 0 to the first CPU of LIST, and so on: 2,4-6", 0 },
	{ "queues", 'q', "N", 0, "Receive queues of each port (1)", 0 },
	{ "idle", 'i', "HOW", 0,
	  "When no packet comes: 'interrupt' waits for one, 'sleep' looks every millisecond, 'poll' keeps the CPU busy "
	  "(interrupt, for ports that can; sleep for the others)",
	  0 },

	{ NULL, 0, NULL, 0, "When to stop:", 3 },
	{ "seconds", 't', "SECONDS", 0, "After so much time", 0 },
	{ "count", 'n', "N", 0, "After so many packets", 0 },
	{ "keep-going", 'k', NULL, 0,
	  "Not when the device of a port goes away, as long as there are others to receive from", 0 },

	{ NULL, 0, NULL, 0, "What to tell:", 4 },
	{ "stats", 's', "SECONDS", 0, "Report so often (1); 0: only at the end", 0 },
	{ "json", 'j', NULL, 0, "Report as JSON, one object per line; the last has \"final\": true", 0 },
	{ "quiet", 'Q', NULL, 0, "Report nothing, so that the standard output is free for packets", 0 },
	{ "verbose", 'v', NULL, 0, "Say what is chosen; twice: say more", 0 },

	{ NULL, 0, NULL, 0, "Memory:", 5 },
	{ "buffers", OPT_BUFFERS, "N", 0, "Packet buffers (5120 for each receive queue, more with more slots)", 0 },
	{ "room", OPT_ROOM, "BYTES", 0, "Bytes in a buffer, with 128 of headroom (2240)", 0 },
	{ "page-size", OPT_PAGE_SIZE, "SIZE", 0, "4K, 2M or 1G (the best there is)", 0 },
	{ "no-huge", OPT_NO_HUGE, NULL, 0, "The same as --page-size 4K", 0 },

	{ NULL, 0, NULL, 0, "Ports:", 6 },
	{ "rx-slots", OPT_RX_SLOTS, "N", 0,
	  "Packets that a receive queue holds until they are taken (as the port likes)", 0 },
	{ "tx-slots", OPT_TX_SLOTS, "N", 0, "Packets that a transmit queue holds until they are sent", 0 },
	{ "mtu", OPT_MTU, "BYTES", 0, "Set the ports' MTU", 0 },
	{ "promiscuous", OPT_PROMISCUOUS, NULL, 0, "Receive what is addressed to others too (the default)", 0 },
	{ "no-promiscuous", OPT_NO_PROMISCUOUS, NULL, 0, "Receive only what is addressed to the port", 0 },
	{ "offloads", OPT_OFFLOADS, "LIST", 0,
	  "What ports do with what they receive, those that can: csum checks checksums, vlan takes tags out (they are put "
	  "in again when sending), hash hashes; --json counts what they said (none)",
	  0 },
	{ "keep-time", OPT_KEEP_TIME, NULL, 0, "Carry receive times along, into the files that are written", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

const char *idle_mode_name(enum idle_mode mode)
{
	return idle_names[mode];
}

void options_default(struct options *options)
{
	memset(options, 0, sizeof(*options));
	options->burst = 32;
	options->interval = 1;
	options->promiscuous = true;
}

uint64_t options_number(const struct argp_state *state, const char *what, const char *text, uint64_t min, uint64_t max)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || errno || value < min || value > max)
		argp_error(state, "%s takes a whole number from %llu to %llu, not '%s'", what, (unsigned long long)min,
		           (unsigned long long)max, text);
	return value;
}

double options_seconds(const struct argp_state *state, const char *what, const char *text, double min)
{
	double value;
	char *end;

	value = strtod(text, &end);
	if (end == text || *end || !isfinite(value) || value < min || value > 1e9)
		argp_error(state, "%s takes a number of seconds from %g on, such as 2.5, not '%s'", what, min, text);
	return value;
}

static enum idle_mode read_idle(const struct argp_state *state, const char *text)
{
	for (unsigned i = 0; i < sizeof(idle_names) / sizeof(*idle_names); i++)
		if (!strcmp(text, idle_names[i]))
			return (enum idle_mode)i;
	argp_error(state, "--idle is interrupt, sleep or poll, not '%s'", text);
	return IDLE_INTERRUPT;
}

static uint64_t read_page_size(const struct argp_state *state, const char *text)
{
	if (!strcasecmp(text, "4K"))
		return 4ull << 10;
	if (!strcasecmp(text, "2M"))
		return 2ull << 20;
	if (!strcasecmp(text, "1G"))
		return 1ull << 30;
	argp_error(state, "--page-size is 4K, 2M or 1G, not '%s'", text);
	return 0;
}

/* "csum,vlan" */
static uint32_t read_offloads(const struct argp_state *state, const char *text)
{
	const unsigned known = sizeof(offload_names) / sizeof(*offload_names);
	const char *name = text;
	uint32_t offloads = 0;
	size_t length;

	for (;; name += length + 1) {
		unsigned i = 0;

		length = strcspn(name, ",");
		while (i < known &&
		       (strlen(offload_names[i].name) != length || strncmp(name, offload_names[i].name, length)))
			i++;
		if (i == known)
			argp_error(state, "--offloads takes a list of csum, vlan and hash, not '%s'", text);
		else
			offloads |= offload_names[i].offload;
		if (!name[length])
			return offloads;
	}
}

/* What can only be judged when all options are known. */
static void options_finish(const struct argp_state *state, struct options *options)
{
	if (options->quiet)
		options->interval = 0;
	if (!options->workers)
		options->workers = options->cpus.count ? options->cpus.count : 1;
	if (options->cpus.count && options->cpus.count < options->workers)
		argp_error(state, "--cpus names %u CPUs for %u workers; name one for each", options->cpus.count,
		           options->workers);
}

static error_t parse_limits_and_reports(int key, char *arg, const struct argp_state *state, struct options *options)
{
	switch (key) {
	case 't':
		options->seconds = options_seconds(state, "--seconds", arg, 0.001);
		return 0;
	case 'n':
		options->count = options_number(state, "--count", arg, 1, INT64_MAX);
		return 0;
	case 'k':
		options->keep_going = true;
		return 0;
	case 's':
		options->interval = options_seconds(state, "--stats", arg, 0);
		if (options->interval > 0 && options->interval < 0.01)
			argp_error(state, "--stats takes 0, or 0.01 seconds and more, not '%s'", arg);
		return 0;
	case 'j':
		options->json = true;
		return 0;
	case 'Q':
		options->quiet = true;
		return 0;
	case 'v':
		options->verbose++;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_memory_and_ports(int key, char *arg, const struct argp_state *state, struct options *options)
{
	switch (key) {
	case OPT_BUFFERS:
		options->buffers = (uint32_t)options_number(state, "--buffers", arg, 1, UINT32_MAX);
		return 0;
	case OPT_ROOM:
		options->room = (uint32_t)options_number(state, "--room", arg, 1, UINT16_MAX);
		return 0;
	case OPT_PAGE_SIZE:
		options->page_size = read_page_size(state, arg);
		return 0;
	case OPT_NO_HUGE:
		options->page_size = 4096;
		return 0;
	case OPT_RX_SLOTS:
		options->rx_slots = (unsigned)options_number(state, "--rx-slots", arg, 1, SLOTS_MAX);
		return 0;
	case OPT_TX_SLOTS:
		options->tx_slots = (unsigned)options_number(state, "--tx-slots", arg, 1, SLOTS_MAX);
		return 0;
	case OPT_MTU:
		options->mtu = (unsigned)options_number(state, "--mtu", arg, 68, UINT16_MAX);
		return 0;
	case OPT_PROMISCUOUS:
	case OPT_NO_PROMISCUOUS:
		options->promiscuous = key == OPT_PROMISCUOUS;
		return 0;
	case OPT_KEEP_TIME:
		options->offloads |= WEIR_OFFLOAD_RX_META;
		return 0;
	case OPT_OFFLOADS:
		options->offloads |= read_offloads(state, arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;
	error_t err;

	switch (key) {
	case 'b':
		options->burst = (unsigned)options_number(state, "--burst", arg, 1, BURST_MAX);
		return 0;
	case 'w':
		options->workers = (unsigned)options_number(state, "--workers", arg, 1, WORKERS_MAX);
		return 0;
	case 'c':
		if (cpus_parse(arg, &options->cpus))
			argp_error(state, "--cpus takes a list of different CPU numbers, such as 2,4-6, not '%s'", arg);
		return 0;
	case 'q':
		options->queues = (unsigned)options_number(state, "--queues", arg, 1, UINT16_MAX);
		return 0;
	case 'i':
		options->idle = read_idle(state, arg);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "name the ports to work on; --help shows what a SPEC looks like");
		return 0;
	case ARGP_KEY_ARGS:
		options->specs = state->argv + state->next;
		options->spec_count = (unsigned)(state->argc - state->next);
		return 0;
	case ARGP_KEY_END:
		options_finish(state, options);
		return 0;
	default:
		err = parse_limits_and_reports(key, arg, state, options);
		return err == ARGP_ERR_UNKNOWN ? parse_memory_and_ports(key, arg, state, options) : err;
	}
}

const struct argp options_argp = { .options = option_table, .parser = parse };

/* "tap:INTERFACE[,queues=N]  a TAP interface", in lines of at most 78 columns, as argp would cut words. */
static void print_driver(FILE *stream, const char *help)
{
	size_t column = 2, part;

	fputs("  ", stream);
	for (; *help && *help != ' '; help += part) {
		/* An option in brackets stays in one piece. */
		part = 1 + strcspn(help + 1, "[ ");
		if (column + part > 78)
			column = (size_t)fprintf(stream, "\n      ") - 1;
		fwrite(help, 1, part, stream);
		column += part;
	}
	if (*help)
		fprintf(stream, "\n      %s", help + strspn(help, " "));
	fputc('\n', stream);
}

char *options_help(int key, const char *text, void *input)
{
	const char *name, *help;
	char *all = NULL;
	size_t size;
	FILE *stream;

	(void)input;
	if (key != ARGP_KEY_HELP_POST_DOC)
		return (char *)text;
	stream = open_memstream(&all, &size);
	if (!stream)
		return (char *)text;
	fputs("A SPEC says what a port is:\n", stream);
	for (unsigned i = 0; !weir_driver_info(i, &name, &help); i++)
		print_driver(stream, help);
	if (text)
		fprintf(stream, "\n%s", text);
	fclose(stream);
	return all;
}
