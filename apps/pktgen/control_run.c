/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Carries out commands, in the main thread.
 */
#include "control_run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "live.h"
#include "pktgen.h"
#include "receive.h"
#include "testing.h"

#define CAPTURE_AFTER 100u /* packets, unless told otherwise */
#define CAPTURE_SNAP  2048u

static json_t *done(void)
{
	return json_pack("{s:b}", "ok", 1);
}

int control_run_start(struct pktgen *pktgen, unsigned long long count)
{
	send_stop(pktgen->sending);
	receive_clear(pktgen->receiving);
	pktgen->sent = &pktgen->options.set;
	return send_start(pktgen->sending, pktgen->sent, &pktgen->options.rate, count, 0);
}

static json_t *start(struct control *control, const json_t *command)
{
	struct pktgen *pktgen = control_pktgen(control);
	const char *rate = json_string_value(json_object_get(command, "rate"));
	json_int_t count = json_integer_value(json_object_get(command, "count"));

	if (!pktgen->options.set.count)
		return control_refuse("there is no stream to be sent; give one with --stream or --file");
	if (rate)
		rate_parse(rate, &pktgen->options.rate);
	if (control_run_start(pktgen, (unsigned long long)count))
		return control_refuse("sending does not start: the program has said why");
	return done();
}

static json_t *stop(struct control *control, const json_t *command)
{
	(void)command;
	send_stop(control_pktgen(control)->sending);
	return done();
}

static json_t *change_rate(struct control *control, const json_t *command)
{
	struct pktgen *pktgen = control_pktgen(control);
	const char *name = json_string_value(json_object_get(command, "stream"));
	int stream = -1;
	struct rate rate;

	rate_parse(json_string_value(json_object_get(command, "rate")), &rate);
	for (unsigned i = 0; name && stream < 0 && i < pktgen->options.set.count; i++)
		if (!strcmp(pktgen->options.set.streams[i].name, name))
			stream = (int)i;
	if (name && stream < 0)
		return control_refuse("rate: there is no stream '%s'", name);
	if (pktgen->sent && send_set_rate(pktgen->sending, stream, &rate))
		return control_refuse("the rate stays as it is: the program has said why");
	if (stream < 0)
		pktgen->options.rate = rate;
	else
		pktgen->options.set.streams[stream].rate = rate;
	return done();
}

static json_t *stats(struct control *control, const json_t *command)
{
	struct live *live;
	json_t *answer;

	(void)command;
	if (live_init(&live) || live_take(live, control_pktgen(control))) {
		live_free(live);
		return control_refuse("there is no memory for statistics");
	}
	answer = live_json(live, NULL);
	live_free(live);
	json_object_set_new(answer, "ok", json_true());
	return answer;
}

/* "any" and its like. Returns 0 for what is none of them. */
static unsigned trigger_of(const char *name)
{
	static const struct {
		const char *name;
		unsigned trigger;
	} triggers[] = {
		{ "any", CAPTURE_ANY },
		{ "loss", MEASURE_GAP },
		{ "reordered", MEASURE_REORDERED },
		{ "duplicate", MEASURE_DUPLICATE },
		{ "corrupted", MEASURE_CORRUPTED },
		{ "foreign", CAPTURE_FOREIGN },
		{ "latency", CAPTURE_LATENCY },
	};

	for (unsigned i = 0; i < sizeof(triggers) / sizeof(*triggers); i++)
		if (!strcmp(triggers[i].name, name))
			return triggers[i].trigger;
	return 0;
}

static unsigned number_or(const json_t *command, const char *key, unsigned other)
{
	const json_t *value = json_object_get(command, key);

	return value ? (unsigned)json_integer_value(value) : other;
}

static json_t *capture(struct control *control, const json_t *command)
{
	struct pktgen *pktgen = control_pktgen(control);
	const json_t *triggers = json_object_get(command, "trigger"), *name;
	unsigned port = number_or(command, "port", 0);
	struct capture_conf conf = {
		.trigger = triggers ? 0 : CAPTURE_ANY,
		.latency_ns = (uint64_t)(json_number_value(json_object_get(command, "latency_us")) * 1e3),
		.before = number_or(command, "before", 0),
		.after = number_or(command, "after", CAPTURE_AFTER),
		.snap = number_or(command, "snap", CAPTURE_SNAP),
	};
	char error[CAPTURE_ERROR], *file;
	size_t i;

	json_array_foreach(triggers, i, name)
	{
		unsigned trigger = trigger_of(json_string_value(name));

		if (!trigger)
			return control_refuse(
			    "capture: there is no trigger '%s', only any, loss, reordered, duplicate, "
			    "corrupted, foreign and latency",
			    json_string_value(name));
		conf.trigger |= trigger;
	}
	if (port >= pktgen->ports.count)
		return control_refuse("capture: there is no port %u", port);
	file = strdup(json_string_value(json_object_get(command, "file")));
	if (!file || capture_arm(receive_capture(pktgen->receiving, port), &conf, error)) {
		json_t *answer = control_refuse("capture: %s", file ? error : "no memory");

		free(file);
		return answer;
	}
	free(*control_capture_file(control, port));
	*control_capture_file(control, port) = file;
	return done();
}

static json_t *capture_end(struct control *control, const json_t *command)
{
	struct pktgen *pktgen = control_pktgen(control);
	unsigned port = number_or(command, "port", 0);

	if (port >= pktgen->ports.count || !*control_capture_file(control, port))
		return control_refuse("capture_end: there is no capture on port %u", port);
	capture_stop(receive_capture(pktgen->receiving, port));
	return done();
}

static json_t *quit(struct control *control, const json_t *command)
{
	(void)command;
	control_quit(control);
	return done();
}

static json_t *help(struct control *control, const json_t *command)
{
	(void)control;
	(void)command;
	return json_pack("{s:b, s:o}", "ok", 1, "commands", control_manual());
}

static json_t *rfc2544(struct control *control, const json_t *command)
{
	return testing_rfc2544(control_testing(control), command);
}

static json_t *y1564(struct control *control, const json_t *command)
{
	return testing_y1564(control_testing(control), command);
}

static json_t *result(struct control *control, const json_t *command)
{
	(void)command;
	return testing_result(control_testing(control));
}

static json_t *end_test(struct control *control, const json_t *command)
{
	(void)command;
	testing_abort(control_testing(control));
	return done();
}

json_t *control_execute(struct control *control, const json_t *command)
{
	static json_t *(*const run[CONTROL_VERBS])(struct control * control, const json_t *command) = {
		[CONTROL_HELP] = help,
		[CONTROL_START] = start,
		[CONTROL_STOP] = stop,
		[CONTROL_RATE] = change_rate,
		[CONTROL_STATS] = stats,
		[CONTROL_CAPTURE] = capture,
		[CONTROL_CAPTURE_END] = capture_end,
		[CONTROL_RFC2544] = rfc2544,
		[CONTROL_Y1564] = y1564,
		[CONTROL_RESULT] = result,
		[CONTROL_ABORT] = end_test,
		[CONTROL_QUIT] = quit,
	};
	char error[CONTROL_ERROR];
	enum control_verb verb;

	if (control_check(command, &verb, error))
		return control_refuse("%s", error);
	if (testing_running(control_testing(control)) &&
	    (verb == CONTROL_START || verb == CONTROL_STOP || verb == CONTROL_RATE))
		return control_refuse("%s: a test runs, and sends what it needs; \"abort\" ends it",
		                      control_name(verb));
	return run[verb](control, command);
}

int control_order(struct control *control, const json_t *command)
{
	json_t *result = control_execute(control, command);
	const char *error = json_string_value(json_object_get(result, "error"));

	if (error)
		log_say(&control_pktgen(control)->log, "%s", error);
	json_decref(result);
	return error ? -EINVAL : 0;
}

void control_run_tick(struct control *control)
{
	struct pktgen *pktgen = control_pktgen(control);

	for (unsigned i = 0; i < pktgen->ports.count; i++) {
		char **file = control_capture_file(control, i), error[CAPTURE_ERROR];
		struct capture *taken = receive_capture(pktgen->receiving, i);
		uint64_t count;

		if (!*file || !capture_finished(taken))
			continue;
		if (capture_save(taken, *file, pktgen->ports.port[i].spec, &count, error))
			log_say(&pktgen->log, "%s", error);
		else
			log_say(&pktgen->log, "%llu packets of port %u are captured in %s", (unsigned long long)count,
			        i, *file);
		free(*file);
		*file = NULL;
	}
}
