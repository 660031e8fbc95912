/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Chooses the form of a report, and writes JSON.
 */
#include "report_tests.h"

#include <errno.h>
#include <string.h>

#include "live.h"

enum form { TABLE, JSON, CSV, HTML, FORMS };

static enum form form_of(const char *path)
{
	static const char *const ends[FORMS] = { ".txt", ".json", ".csv", ".html" };
	size_t len = strlen(path);

	for (unsigned i = 0; i < FORMS; i++)
		if (len > strlen(ends[i]) && !strcmp(path + len - strlen(ends[i]), ends[i]))
			return (enum form)i;
	return FORMS;
}

bool report_known(const char *path)
{
	return form_of(path) != FORMS;
}

/* Opens the file that @path names; those that begin with "-." are the standard output. */
static FILE *open_report(const char *path, char error[REPORT_ERROR])
{
	FILE *file = strncmp(path, "-.", 2) ? fopen(path, "we") : stdout;

	if (!file)
		snprintf(error, REPORT_ERROR, "the report '%s' cannot be written: %s", path, strerror(errno));
	return file;
}

static int close_report(FILE *file, const char *path, char error[REPORT_ERROR])
{
	int bad = ferror(file) | fflush(file);

	if (file != stdout)
		bad |= fclose(file);
	if (!bad)
		return 0;
	snprintf(error, REPORT_ERROR, "the report '%s' is not complete: %s", path, strerror(errno));
	return -EIO;
}

static void put_json(FILE *file, json_t *object)
{
	json_dumpf(object, file, JSON_INDENT(2) | JSON_REAL_PRECISION(10));
	fputc('\n', file);
	json_decref(object);
}

int report_rfc2544(const char *path, const struct rfc2544 *rfc2544, char error[REPORT_ERROR])
{
	FILE *file = open_report(path, error);

	if (!file)
		return -errno;
	switch (form_of(path)) {
	case JSON:
		put_json(file, report_rfc2544_json(rfc2544));
		break;
	case CSV:
		report_rfc2544_csv(file, rfc2544);
		break;
	case HTML:
		report_rfc2544_html(file, rfc2544);
		break;
	default:
		report_rfc2544_table(file, rfc2544);
	}
	return close_report(file, path, error);
}

int report_y1564(const char *path, const struct y1564 *y1564, char error[REPORT_ERROR])
{
	FILE *file = open_report(path, error);

	if (!file)
		return -errno;
	switch (form_of(path)) {
	case JSON:
		put_json(file, report_y1564_json(y1564));
		break;
	case CSV:
		report_y1564_csv(file, y1564);
		break;
	case HTML:
		report_y1564_html(file, y1564);
		break;
	default:
		report_y1564_table(file, y1564);
	}
	return close_report(file, path, error);
}

static json_t *result_json(const struct trial_result *result)
{
	return json_pack("{s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "pps", result->pps, "sent",
	                 (json_int_t)result->sent, "arrived", (json_int_t)result->arrived, "lost",
	                 (json_int_t)result->lost, "reordered", (json_int_t)result->reordered, "duplicates",
	                 (json_int_t)result->duplicates, "corrupted", (json_int_t)result->corrupted, "latency",
	                 live_latency_json(&result->latency));
}

static json_t *size_json(const struct rfc2544_size *size)
{
	json_t *object = json_pack("{s:i, s:f}", "size", (int)size->size, "line_pps", size->line_pps);
	json_t *loss = json_array();

	if (size->has_throughput)
		json_object_set_new(object, "throughput",
		                    json_pack("{s:f, s:f, s:f, s:b, s:i, s:o}", "pps", size->pps, "share", size->share,
		                              "l2_bps", size->pps * size->size * 8, "sender_limit", size->sender_limit,
		                              "trials", (int)size->trials, "best", result_json(&size->best)));
	if (size->has_latency)
		json_object_set_new(object, "latency", result_json(&size->latency));
	for (unsigned i = 0; i < size->loss_count; i++)
		json_array_append_new(loss, json_pack("{s:f, s:f, s:f, s:I}", "share", size->loss[i].share, "pps",
		                                      size->loss[i].pps, "loss", size->loss[i].loss, "median_ns",
		                                      (json_int_t)size->loss[i].latency));
	json_object_set_new(object, "loss", loss);
	if (size->has_burst)
		json_object_set_new(object, "burst",
		                    json_pack("{s:f, s:b}", "frames", size->burst, "longest_tried", size->burst_all));
	return object;
}

json_t *report_rfc2544_json(const struct rfc2544 *rfc2544)
{
	const struct rfc2544_conf *conf = &rfc2544->conf;
	json_t *sizes = json_array();

	for (unsigned i = 0; i < rfc2544->size_count; i++)
		json_array_append_new(sizes, size_json(&rfc2544->size[i]));
	return json_pack("{s:{s:f, s:f, s:f, s:f, s:f, s:f, s:i}, s:o}", "conditions", "seconds", conf->seconds,
	                 "latency_seconds", conf->latency_seconds, "tolerance", conf->tolerance, "resolution",
	                 conf->resolution, "loss_step", conf->loss_step, "burst_seconds", conf->burst_seconds,
	                 "burst_repeats", (int)conf->burst_repeats, "sizes", sizes);
}

static json_t *step_json(const struct y1564_step *step)
{
	return json_pack("{s:s, s:f, s:b, s:s*, s:f, s:o}", "step", step->name, "asked_pps", step->asked, "passed",
	                 !step->failed, "failed_by", step->failed, "loss", trial_loss(&step->result), "result",
	                 result_json(&step->result));
}

json_t *report_y1564_json(const struct y1564 *y1564)
{
	json_t *services = json_array();

	for (unsigned i = 0; i < y1564->conf.service_count; i++) {
		const struct y1564_service *service = &y1564->conf.service[i];
		const struct y1564_outcome *outcome = &y1564->outcome[i];
		json_t *steps = json_array();

		for (unsigned j = 0; j < outcome->step_count; j++)
			json_array_append_new(steps, step_json(&outcome->step[j]));
		if (outcome->together.name)
			json_array_append_new(steps, step_json(&outcome->together));
		json_array_append_new(
		    services, json_pack("{s:s, s:f, s:f, s:f, s:I, s:I, s:b, s:o}", "service", service->name, "cir_pps",
		                        service->cir, "eir_pps", service->eir, "loss", service->loss, "delay_ns",
		                        (json_int_t)service->delay, "variation_ns", (json_int_t)service->variation,
		                        "passed", outcome->passed, "steps", steps));
	}
	return json_pack("{s:b, s:o}", "passed", y1564->passed, "services", services);
}
