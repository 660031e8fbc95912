/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The result, as text or as one object of JSON.
 */
#include "result.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define VIOLATIONS_TEXT 8192

/* Where a counter is added up; NULL: nowhere. */
static uint64_t *sum_of(struct result *result, const char *name)
{
	const struct {
		const char *name;
		uint64_t *sum;
	} sums[] = {
		{ "gen_sent", &result->sent },         { "check_good", &result->good },
		{ "check_lost", &result->lost },       { "check_late", &result->late },
		{ "check_twice", &result->twice },     { "check_corrupt", &result->corrupt },
		{ "violations", &result->violations }, { "dma_refused", &result->dma_refused },
	};

	for (unsigned i = 0; i < sizeof(sums) / sizeof(sums[0]); i++)
		if (!strcmp(sums[i].name, name))
			return sums[i].sum;
	return NULL;
}

void result_read(struct result *result, struct weir_sim *sim)
{
	struct weir_sim_nic *nic;
	const char *name;
	uint64_t value, *sum;

	memset(result, 0, sizeof(*result));
	for (unsigned n = 0; (nic = weir_sim_nic(sim, n)); n++)
		for (unsigned i = 0; !weir_sim_counter(nic, i, &name, &value); i++) {
			sum = sum_of(result, name);
			if (sum)
				*sum += value;
			result->generated |= sum == &result->sent;
		}
}

const char *result_fault(const struct result *result, bool strict)
{
	if (result->generated && !result->sent)
		return "nothing was sent: no driver listened to a card with a generator";
	if (result->sent && !result->good)
		return "nothing came back of what was sent";
	if (result->lost)
		return "frames were lost";
	if (result->corrupt)
		return "frames were changed on their way";
	if (result->late)
		return "frames of a flow overtook each other";
	if (result->twice)
		return "frames came twice";
	if (strict && result->violations)
		return "a driver did what the datasheet forbids";
	if (strict && result->dma_refused)
		return "a driver let its card reach for memory that is not mapped";
	return NULL;
}

/* --- text ------------------------------------------------------------------------------------------------------------- */

static void print_text(const struct result *r, struct weir_sim *sim, const struct nicsim_options *options,
                       double seconds)
{
	const char *fault = result_fault(r, options->strict), *name;
	char text[VIOLATIONS_TEXT];
	uint64_t value;

	for (unsigned n = 0; n < options->nic_count; n++) {
		struct weir_sim_nic *nic = weir_sim_nic(sim, n);

		printf("card %u: %s at %s\n", n, options->nics[n].card, options->nics[n].socket);
		for (unsigned i = 0; !weir_sim_counter(nic, i, &name, &value); i++)
			if (value)
				printf("  %-24s %" PRIu64 "\n", name, value);
		if (weir_sim_violations(nic, text, sizeof(text)))
			printf("%s", text);
	}
	if (r->generated)
		printf("%.1f s: %" PRIu64 " sent, %" PRIu64 " came back right, %" PRIu64 " lost, %" PRIu64
		       " late, %" PRIu64 " twice, %" PRIu64 " corrupt\n",
		       seconds, r->sent, r->good, r->lost, r->late, r->twice, r->corrupt);
	printf("%s%s\n", fault ? "failed: " : "passed", fault ? fault : "");
}

/* --- JSON ------------------------------------------------------------------------------------------------------------- */

/* A list of lines. */
static json_t *lines_array(char *text)
{
	json_t *array = json_array();
	char *line;

	while ((line = strsep(&text, "\n")))
		if (*line)
			json_array_append_new(array, json_string(line));
	return array;
}

static json_t *nic_object(struct weir_sim_nic *nic, const struct nic_option *option)
{
	json_t *counters = json_object();
	char text[VIOLATIONS_TEXT];
	const char *name;
	uint64_t value;

	for (unsigned i = 0; !weir_sim_counter(nic, i, &name, &value); i++)
		json_object_set_new(counters, name, json_integer((json_int_t)value));
	weir_sim_violations(nic, text, sizeof(text));
	return json_pack("{s:s, s:s, s:o, s:o}", "card", option->card, "socket", option->socket, "counters", counters,
	                 "violations", lines_array(text));
}

static void print_json(const struct result *r, struct weir_sim *sim, const struct nicsim_options *options,
                       double seconds)
{
	const char *fault = result_fault(r, options->strict);
	json_t *nics = json_array(), *object;

	for (unsigned n = 0; n < options->nic_count; n++)
		json_array_append_new(nics, nic_object(weir_sim_nic(sim, n), &options->nics[n]));
	object =
	    json_pack("{s:b, s:f, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:s?}", "final", 1, "seconds", seconds,
	              "nics", nics, "sent", (json_int_t)r->sent, "good", (json_int_t)r->good, "lost",
	              (json_int_t)r->lost, "late", (json_int_t)r->late, "twice", (json_int_t)r->twice, "corrupt",
	              (json_int_t)r->corrupt, "violations", (json_int_t)r->violations, "ok", !fault, "fault", fault);
	json_dumpf(object, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(object);
}

bool result_print(const struct result *result, struct weir_sim *sim, const struct nicsim_options *options,
                  double seconds)
{
	if (options->json)
		print_json(result, sim, options, seconds);
	else
		print_text(result, sim, options, seconds);
	return !fflush(stdout) && !ferror(stdout);
}
