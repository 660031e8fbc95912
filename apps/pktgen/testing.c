/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The thread that makes a test, and what is known of it meanwhile.
 */
#include "testing.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "pktgen.h"
#include "report_tests.h"
#include "testing_bench.h"

enum kind { NOTHING, RFC2544, Y1564 };

struct testing {
	struct control *control;
	struct testing_bench bench;
	enum kind kind;
	json_t *reports; /* files to be written */
	pthread_t thread;
	bool joined;

	union {
		struct rfc2544_conf rfc2544;
		struct y1564_conf y1564;
	} conf;

	pthread_mutex_t lock; /* guards what follows */
	bool running;
	int err;
	char line[TESTING_LINE];
	char error[REPORT_ERROR]; /* why reports were not written */
	struct rfc2544 *rfc2544;  /* found, when it is over */
	struct y1564 *y1564;
};

static void say(void *arg, const char *line)
{
	struct testing *testing = arg;

	pthread_mutex_lock(&testing->lock);
	snprintf(testing->line, sizeof(testing->line), "%s", line);
	pthread_mutex_unlock(&testing->lock);
	log_say(&control_pktgen(testing->control)->log, "%s", line);
}

int testing_open(struct testing **out, struct control *control)
{
	struct testing *testing = calloc(1, sizeof(*testing));

	*out = testing;
	if (!testing)
		return -ENOMEM;
	testing->control = control;
	testing->joined = true;
	pthread_mutex_init(&testing->lock, NULL);
	testing->rfc2544 = calloc(1, sizeof(*testing->rfc2544));
	testing->y1564 = calloc(1, sizeof(*testing->y1564));
	if (testing->rfc2544 && testing->y1564 && !testing_bench_open(&testing->bench, control, say, testing))
		return 0;
	testing_close(testing);
	*out = NULL;
	return -ENOMEM;
}

static void join(struct testing *testing)
{
	if (!testing->joined)
		pthread_join(testing->thread, NULL);
	testing->joined = true;
	json_decref(testing->reports);
	testing->reports = NULL;
}

void testing_close(struct testing *testing)
{
	if (!testing)
		return;
	join(testing);
	testing_bench_close(&testing->bench);
	pthread_mutex_destroy(&testing->lock);
	free(testing->rfc2544);
	free(testing->y1564);
	free(testing);
}

/* Writes the files that were asked for. What is wrong with the first that fails is kept. */
static void write_reports(struct testing *testing)
{
	const json_t *file;
	size_t i;

	json_array_foreach(testing->reports, i, file)
	{
		char error[REPORT_ERROR];
		const char *path = json_string_value(file);
		int err = testing->kind == RFC2544 ? report_rfc2544(path, testing->rfc2544, error)
		                                   : report_y1564(path, testing->y1564, error);

		if (!err)
			continue;
		log_say(&control_pktgen(testing->control)->log, "%s", error);
		memcpy(testing->error, error, sizeof(error));
	}
}

static void *run(void *arg)
{
	struct testing *testing = arg;
	const struct bench *bench = &testing->bench.bench;
	int err = testing->kind == RFC2544 ? rfc2544_run(testing->rfc2544, &testing->conf.rfc2544, bench)
	                                   : y1564_run(testing->y1564, &testing->conf.y1564, bench);

	if (!err)
		write_reports(testing);
	else
		log_say(&control_pktgen(testing->control)->log, "the test was ended before it was over%s%s",
		        testing->bench.error[0] ? ": " : "", testing->bench.error);
	if (err || testing->error[0])
		control_fail(testing->control);
	pthread_mutex_lock(&testing->lock);
	testing->err = err;
	testing->running = false;
	pthread_mutex_unlock(&testing->lock);
	control_done(testing->control);
	return NULL;
}

static json_t *begin(struct testing *testing, enum kind kind, const json_t *command)
{
	const json_t *settle = json_object_get(command, "settle");
	json_t *reports = json_object_get(command, "reports");
	const json_t *file;
	size_t i;

	json_array_foreach(reports, i, file)
	{
		if (!report_known(json_string_value(file)))
			return control_refuse("a report is a file *.txt, *.json, *.csv or *.html, not '%s'",
			                      json_string_value(file));
	}
	testing->bench.settle = settle ? json_number_value(settle) : TESTING_SETTLE;
	testing->bench.abort = false;
	if (testing_bench_check(&testing->bench))
		return control_refuse("%s", testing->bench.error);
	testing->kind = kind;
	testing->reports = json_incref(reports);
	testing->running = true;
	testing->err = 0;
	testing->error[0] = testing->line[0] = '\0';
	control_begin(testing->control);
	if (pthread_create(&testing->thread, NULL, run, testing)) {
		testing->running = false;
		control_done(testing->control);
		return control_refuse("the test does not start: there is no thread for it");
	}
	testing->joined = false;
	return json_pack("{s:b}", "ok", 1);
}

/* Makes ready for another test: what ran before is tidied up. False when it still runs. */
static bool make_ready(struct testing *testing, const json_t *command)
{
	if (testing_running(testing))
		return false;
	join(testing);
	/* Rates are read by it. */
	testing->bench.mbps = json_number_value(json_object_get(command, "mbps"));
	return true;
}

static void set_number(const json_t *command, const char *key, double *number)
{
	const json_t *value = json_object_get(command, key);

	if (value)
		*number = json_number_value(value);
}

static unsigned tests_of(const json_t *list)
{
	static const char *const names[] = { "throughput", "latency", "loss", "burst" };
	const json_t *item;
	unsigned tests = 0;
	size_t i;

	json_array_foreach(list, i, item)
	{
		unsigned bit = 0;

		while (bit < 4 && strcmp(names[bit], json_string_value(item)))
			bit++;
		if (bit == 4)
			return 0;
		tests |= 1u << bit;
	}
	return tests;
}

json_t *testing_rfc2544(struct testing *testing, const json_t *command)
{
	struct rfc2544_conf *conf = &testing->conf.rfc2544;
	const json_t *tests = json_object_get(command, "tests"), *sizes = json_object_get(command, "sizes");
	const json_t *repeats = json_object_get(command, "burst_repeats"), *size;
	const char *wrong;
	size_t i;

	if (!make_ready(testing, command))
		return control_refuse("a test runs already; \"abort\" ends it");
	rfc2544_default(conf);
	if (tests)
		conf->tests = tests_of(tests);
	if (json_array_size(sizes) > RFC2544_SIZES_MAX)
		return control_refuse("rfc2544: there are at most %u sizes", RFC2544_SIZES_MAX);
	if (sizes)
		conf->size_count = (unsigned)json_array_size(sizes);
	json_array_foreach(sizes, i, size)
	{
		conf->sizes[i] = (unsigned)json_integer_value(size);
	}
	set_number(command, "seconds", &conf->seconds);
	/* Who wants short trials wants all of them short. */
	if (json_object_get(command, "seconds"))
		conf->latency_seconds = conf->seconds;
	set_number(command, "latency_seconds", &conf->latency_seconds);
	set_number(command, "tolerance", &conf->tolerance);
	set_number(command, "resolution", &conf->resolution);
	set_number(command, "loss_step", &conf->loss_step);
	set_number(command, "burst_seconds", &conf->burst_seconds);
	if (repeats)
		conf->burst_repeats = (unsigned)json_integer_value(repeats);
	wrong = rfc2544_wrong(conf);
	return wrong ? control_refuse("rfc2544: %s", wrong) : begin(testing, RFC2544, command);
}

static json_t *read_service(struct testing *testing, const json_t *object, struct y1564_service *service)
{
	const char *name = json_string_value(json_object_get(object, "stream"));
	const char *eir = json_string_value(json_object_get(object, "eir"));
	double delay_us = 0, variation_us = 0;

	memset(service, 0, sizeof(*service));
	snprintf(service->name, sizeof(service->name), "%s", name);
	service->stream = testing_stream(&testing->bench, name);
	if (service->stream < 0)
		return control_refuse("y1564: there is no stream '%s'", name);
	service->cir = testing_pps(&testing->bench, service->stream, json_string_value(json_object_get(object, "cir")));
	service->eir = eir ? testing_pps(&testing->bench, service->stream, eir) : 0;
	set_number(object, "loss", &service->loss);
	set_number(object, "delay_us", &delay_us);
	set_number(object, "variation_us", &variation_us);
	service->delay = (uint64_t)(delay_us * 1e3);
	service->variation = (uint64_t)(variation_us * 1e3);
	return NULL;
}

json_t *testing_y1564(struct testing *testing, const json_t *command)
{
	struct y1564_conf *conf = &testing->conf.y1564;
	const json_t *services = json_object_get(command, "services"), *service;
	const json_t *policing = json_object_get(command, "policing");
	const char *wrong;
	size_t i;

	if (!make_ready(testing, command))
		return control_refuse("a test runs already; \"abort\" ends it");
	y1564_default(conf);
	if (json_array_size(services) > Y1564_SERVICES_MAX)
		return control_refuse("y1564: there are at most %u services", Y1564_SERVICES_MAX);
	json_array_foreach(services, i, service)
	{
		json_t *refusal = read_service(testing, service, &conf->service[conf->service_count++]);

		if (refusal)
			return refusal;
	}
	set_number(command, "step_seconds", &conf->step_seconds);
	set_number(command, "seconds", &conf->seconds);
	set_number(command, "overshoot", &conf->overshoot);
	if (policing)
		conf->policing = json_is_true(policing);
	wrong = y1564_wrong(conf);
	return wrong ? control_refuse("y1564: %s", wrong) : begin(testing, Y1564, command);
}

bool testing_running(const struct testing *testing)
{
	struct testing *mine = (struct testing *)(uintptr_t)testing;
	bool running;

	pthread_mutex_lock(&mine->lock);
	running = mine->running;
	pthread_mutex_unlock(&mine->lock);
	return running;
}

void testing_abort(struct testing *testing)
{
	__atomic_store_n(&testing->bench.abort, true, __ATOMIC_RELAXED);
}

void testing_line(struct testing *testing, char line[TESTING_LINE])
{
	pthread_mutex_lock(&testing->lock);
	memcpy(line, testing->line, TESTING_LINE);
	pthread_mutex_unlock(&testing->lock);
}

json_t *testing_result(struct testing *testing)
{
	char line[TESTING_LINE];
	json_t *answer;

	if (testing->kind == NOTHING)
		return control_refuse("no test was begun; \"rfc2544\" and \"y1564\" begin one");
	testing_line(testing, line);
	if (testing_running(testing))
		return json_pack("{s:b, s:b, s:s}", "ok", 1, "running", 1, "line", line);
	if (testing->err)
		return control_refuse("the test was ended before it was over: %s",
		                      testing->bench.error[0] ? testing->bench.error : strerror(-testing->err));
	if (testing->error[0])
		return control_refuse("%s", testing->error);
	answer = json_pack("{s:b, s:b}", "ok", 1, "running", 0);
	if (testing->kind == RFC2544)
		json_object_set_new(answer, "rfc2544", report_rfc2544_json(testing->rfc2544));
	else
		json_object_set_new(answer, "y1564", report_y1564_json(testing->y1564));
	return answer;
}
