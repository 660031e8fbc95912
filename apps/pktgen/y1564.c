/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The steps of Y.1564, and what is made of them.
 */
#include "y1564.h"

#include <string.h>

#define SENT_ENOUGH 0.99

void y1564_default(struct y1564_conf *conf)
{
	*conf = (struct y1564_conf){ .step_seconds = 10, .seconds = 900, .policing = true, .overshoot = 0.05 };
}

const char *y1564_wrong(const struct y1564_conf *conf)
{
	if (!conf->service_count)
		return "there is no service to be tested; give each a stream and its committed rate";
	if (!(conf->step_seconds > 0 && conf->step_seconds <= 86400 && conf->seconds > 0 && conf->seconds <= 604800))
		return "a step takes more than 0 seconds and a day at most, and all together a week at most";
	if (!(conf->overshoot >= 0 && conf->overshoot <= 1))
		return "the overshoot is a share of the rates agreed, from 0 to 1";
	for (unsigned i = 0; i < conf->service_count; i++) {
		const struct y1564_service *service = &conf->service[i];

		if (!(service->cir > 0 && service->eir >= 0))
			return "a service has a committed rate above 0 and an excess rate of 0 or more";
		if (!(service->loss >= 0 && service->loss < 1))
			return "the loss of a service is a share of its frames, from 0 to less than 1";
	}
	return NULL;
}

static const char *delay_failed(const struct y1564_service *service, const struct latency_figures *latency)
{
	if (service->delay && latency->max > service->delay)
		return "delay";
	if (service->variation && latency->p99_9 - latency->min > service->variation)
		return "variation";
	return NULL;
}

/* Up to the committed rate all limits hold. */
static void judge_committed(const struct y1564_service *service, struct y1564_step *step)
{
	const struct trial_result *result = &step->result;

	if (result->pps < step->asked * SENT_ENOUGH)
		step->failed = "rate";
	else if (!result->sent || trial_loss(result) > service->loss)
		step->failed = "loss";
	else
		step->failed = delay_failed(service, &result->latency);
}

/* Above it, what comes through is at least the committed rate, within the limit of loss. */
static void judge_excess(const struct y1564_service *service, struct y1564_step *step)
{
	const struct trial_result *result = &step->result;
	double came = result->sent ? (double)result->arrived / (double)result->sent * result->pps : 0;

	if (result->pps < step->asked * SENT_ENOUGH)
		step->failed = "rate";
	else if (came < service->cir * (1 - service->loss))
		step->failed = "loss";
}

static void judge_policing(const struct y1564_conf *conf, const struct y1564_service *service, struct y1564_step *step)
{
	const struct trial_result *result = &step->result;
	double came = result->sent ? (double)result->arrived / (double)result->sent * result->pps : 0;

	judge_excess(service, step);
	if (!step->failed && came > (service->cir + service->eir) * (1 + conf->overshoot))
		step->failed = "policing";
}

static int try_service(const struct y1564_conf *conf, unsigned index, struct y1564_outcome *outcome,
                       const struct bench *bench)
{
	const struct y1564_service *service = &conf->service[index];
	const struct {
		const char *name;
		double pps;
	} steps[Y1564_STEPS] = {
		{ "25 % CIR", service->cir * 0.25 },
		{ "50 % CIR", service->cir * 0.5 },
		{ "75 % CIR", service->cir * 0.75 },
		{ "CIR", service->cir },
		{ "CIR + EIR", service->cir + service->eir },
		/* Without an excess rate, a quarter more than is committed. */
		{ "policing", service->cir + 1.25 * (service->eir > 0 ? service->eir : 0) +
		                  (service->eir > 0 ? 0 : 0.25 * service->cir) },
	};

	outcome->passed = true;
	for (unsigned i = 0; i < Y1564_STEPS; i++) {
		struct y1564_step *step = &outcome->step[outcome->step_count];
		const struct trial trial = { .stream = service->stream,
			                     .pps = steps[i].pps,
			                     .seconds = conf->step_seconds };
		int err;

		if ((i == 4 && service->eir <= 0) || (i == 5 && !conf->policing))
			continue;
		step->name = steps[i].name;
		step->asked = steps[i].pps;
		err = bench->run(bench->arg, &trial, 1, &step->result);
		if (err)
			return err;
		outcome->step_count++;
		if (i < 4)
			judge_committed(service, step);
		else if (i == 4)
			judge_excess(service, step);
		else
			judge_policing(conf, service, step);
		bench_say(bench, "%s, %s: %s%s", service->name, step->name, step->failed ? "failed by its " : "passed",
		          step->failed ? step->failed : "");
		if (step->failed)
			outcome->passed = false;
	}
	return 0;
}

static int try_together(struct y1564 *y1564, const struct bench *bench)
{
	const struct y1564_conf *conf = &y1564->conf;
	struct trial trials[Y1564_SERVICES_MAX];
	struct trial_result results[Y1564_SERVICES_MAX];
	int err;

	memset(trials, 0, sizeof(trials));
	memset(results, 0, sizeof(results));
	for (unsigned i = 0; i < conf->service_count; i++)
		trials[i] = (struct trial){ .stream = conf->service[i].stream,
			                    .pps = conf->service[i].cir,
			                    .seconds = conf->seconds };
	err = bench->run(bench->arg, trials, conf->service_count, results);
	for (unsigned i = 0; !err && i < conf->service_count; i++) {
		struct y1564_step *step = &y1564->outcome[i].together;

		*step = (struct y1564_step){ "together", conf->service[i].cir, results[i], NULL };
		judge_committed(&conf->service[i], step);
		y1564->outcome[i].passed = !step->failed;
		y1564->passed = y1564->passed && !step->failed;
		bench_say(bench, "%s, together: %s%s", conf->service[i].name,
		          step->failed ? "failed by its " : "passed", step->failed ? step->failed : "");
	}
	return err;
}

int y1564_run(struct y1564 *y1564, const struct y1564_conf *conf, const struct bench *bench)
{
	int err = 0;

	memset(y1564, 0, sizeof(*y1564));
	y1564->conf = *conf;
	y1564->passed = true;
	for (unsigned i = 0; !err && i < conf->service_count; i++) {
		err = try_service(conf, i, &y1564->outcome[i], bench);
		y1564->passed = y1564->passed && y1564->outcome[i].passed;
	}
	if (!err && y1564->passed)
		err = try_together(y1564, bench);
	if (err)
		y1564->passed = false;
	return err;
}
