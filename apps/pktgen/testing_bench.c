/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A trial: streams are copied with the size and rate that are asked for, sent for a time, and their counts are read when
 * all packets are there or nobody expects any more.
 */
#include "testing_bench.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/watch.h"
#include "control.h"
#include "pktgen.h"
#include "receive.h"

#define LOOK_S  0.02 /* how often is looked whether a trial is over */
#define BURST_S 60.0 /* a burst that takes longer than this is given up */

static struct pktgen *pktgen_of(const struct testing_bench *bench)
{
	return control_pktgen(bench->control);
}

/* How fast the link of a port goes, as far as the test is concerned; 0: nobody says. */
static double port_mbps(const struct testing_bench *bench, unsigned port)
{
	struct weir_link link = { .mbps = 0 };

	if (bench->mbps > 0)
		return bench->mbps;
	weir_port_link(pktgen_of(bench)->ports.port[port].weir, &link);
	return link.mbps;
}

/* Frames of @size that fit on the link of a port in a second; 0: nobody says. */
static double port_pps(const struct testing_bench *bench, unsigned port, unsigned size)
{
	return port_mbps(bench, port) * 1e6 / 8 / (size + FRAME_GAP);
}

/* The slowest port's: all are asked for the same. */
static double line_pps(void *arg, unsigned size)
{
	const struct testing_bench *bench = arg;
	const struct stream_set *set = &pktgen_of(bench)->options.set;
	double least = INFINITY;

	for (unsigned i = 0; i < set->count; i++)
		least = fmin(least, port_pps(bench, set->streams[i].port, size));
	return least;
}

int testing_bench_check(struct testing_bench *bench)
{
	const struct pktgen *pktgen = pktgen_of(bench);
	const struct stream_set *set = &pktgen->options.set;

	bench->error[0] = '\0';
	if (!set->count)
		snprintf(bench->error, sizeof(bench->error),
		         "there is no stream to be sent; give one with --stream or --file");
	for (unsigned i = 0; i < set->count && !bench->error[0]; i++) {
		const struct stream *stream = &set->streams[i];

		if (!stream->sign || stream->replay.file)
			snprintf(bench->error, sizeof(bench->error),
			         "stream '%s' carries no signature, so that nothing can be measured with it",
			         stream->name);
		else if (port_pps(bench, stream->port, 64) <= 0)
			snprintf(bench->error, sizeof(bench->error),
			         "port %u does not say how fast its link is; give it as \"mbps\"", stream->port);
	}
	return bench->error[0] ? -EINVAL : 0;
}

int testing_stream(const struct testing_bench *bench, const char *name)
{
	const struct stream_set *set = &pktgen_of(bench)->options.set;

	for (unsigned i = 0; i < set->count; i++)
		if (!strcmp(set->streams[i].name, name))
			return (int)i;
	return -1;
}

double testing_pps(const struct testing_bench *bench, int index, const char *text)
{
	const struct stream *stream = &pktgen_of(bench)->options.set.streams[index];
	struct rate rate = { RATE_MAX, 0 };

	rate_parse(text, &rate);
	if (rate.unit == RATE_MAX)
		rate = (struct rate){ RATE_PERCENT, 100 };
	rate = rate_on_link(&rate, port_mbps(bench, stream->port));
	return rate.unit == RATE_PPS ? rate.value : rate.value / stream_mean_cost(stream, rate.unit);
}

/* --- by the main thread ------------------------------------------------------------------------------------------------ */

/* What one step of a trial is told, and tells. */
struct step {
	struct testing_bench *bench;
	const struct trial *trials;
	unsigned count;
	struct trial_result *results;
	bool over;
	int err;
};

static void add_stream(struct testing_bench *bench, unsigned index, const struct trial *trial, bool alone)
{
	struct stream *stream = &bench->set.streams[bench->set.count++];

	*stream = pktgen_of(bench)->options.set.streams[index];
	stream->count = 0;
	stream->rate = alone ? (struct rate){ RATE_PPS, trial->pps } : (struct rate){ RATE_NONE, 0 };
	stream->spacing = SPACING_CONSTANT;
	if (trial->size)
		stream->size = (struct field){ .mode = FIELD_FIXED, .first = trial->size, .count = 1, .each = 1 };
}

static void begin(void *arg)
{
	struct step *step = arg;
	struct testing_bench *bench = step->bench;
	struct pktgen *pktgen = pktgen_of(bench);
	const struct trial *first = &step->trials[0];
	struct rate rate = { first->pps > 0 ? RATE_PPS : RATE_MAX, first->pps };
	unsigned all = pktgen->options.set.count;

	send_stop(pktgen->sending);
	free(bench->set.streams);
	bench->set.count = 0;
	bench->set.streams = calloc((size_t)all + step->count, sizeof(*bench->set.streams));
	if (!bench->set.streams) {
		step->err = -ENOMEM;
		return;
	}
	if (first->pps <= 0 && line_pps(bench, first->size) > 0)
		rate = (struct rate){ RATE_PPS, line_pps(bench, first->size) };
	for (unsigned i = 0; first->stream == TRIAL_ALL && i < all; i++)
		add_stream(bench, i, first, false);
	for (unsigned i = 0; first->stream != TRIAL_ALL && i < step->count; i++)
		add_stream(bench, (unsigned)step->trials[i].stream, &step->trials[i], true);
	receive_clear(pktgen->receiving);
	pktgen->sent = &bench->set;
	step->err = send_start(pktgen->sending, &bench->set, &rate, first->count, 0);
}

static void look(void *arg)
{
	struct step *step = arg;

	step->over = send_finished(pktgen_of(step->bench)->sending);
}

static void stop(void *arg)
{
	struct step *step = arg;

	send_stop(pktgen_of(step->bench)->sending);
}

/* How fast a stream was really sent. */
static double sent_pps(const struct send_report *sent)
{
	return sent->packets > 1 && sent->latest > sent->begun
	           ? (double)(sent->packets - 1) * 1e9 / (double)(sent->latest - sent->begun)
	           : (double)sent->packets;
}

/* Adds up what became of stream number @index of the set. */
static void add_result(const struct testing_bench *bench, unsigned index, struct trial_result *result)
{
	const struct pktgen *pktgen = pktgen_of(bench);
	struct measure_counts came = { .arrived = 0 };
	struct send_report sent;

	send_report(pktgen->sending, index, &sent);
	receive_read(pktgen->receiving, -1, bench->set.streams[index].id, &came, bench->latency);
	result->pps += sent_pps(&sent);
	result->sent += sent.packets;
	result->arrived += came.arrived;
	result->lost += measure_lost(&came, sent.packets);
	result->reordered += came.reordered;
	result->duplicates += came.duplicates;
	result->corrupted += came.corrupted;
}

/* Ports that streams are sent from. */
static unsigned senders(const struct testing_bench *bench)
{
	unsigned count = 0;

	for (unsigned i = 0; i < bench->set.count; i++) {
		bool first = true;

		for (unsigned j = 0; j < i; j++)
			first = first && bench->set.streams[j].port != bench->set.streams[i].port;
		count += first;
	}
	return count ? count : 1;
}

static void collect(void *arg)
{
	struct step *step = arg;
	const struct testing_bench *bench = step->bench;
	bool together = step->trials[0].stream == TRIAL_ALL;

	step->over = true;
	for (unsigned i = 0; i < step->count; i++) {
		struct trial_result *result = &step->results[i];

		memset(result, 0, sizeof(*result));
		latency_clear(bench->latency);
		for (unsigned j = together ? 0 : i; j < (together ? bench->set.count : i + 1); j++)
			add_result(bench, j, result);
		if (together)
			result->pps /= senders(bench);
		latency_figures(bench->latency, &result->latency);
		step->over = step->over && !result->lost;
	}
}

/* --- by the test's thread ---------------------------------------------------------------------------------------------- */

/* Lets time pass, until somebody does not want it any more. */
static int pass(struct testing_bench *bench, double seconds)
{
	double until = watch_clock() + seconds, left;

	while ((left = until - watch_clock()) > 0) {
		int err = control_sleep(bench->control, fmin(left, 0.1));

		if (err || __atomic_load_n(&bench->abort, __ATOMIC_RELAXED))
			return -ECANCELED;
	}
	return 0;
}

/* Until all of a burst is sent. */
static int pass_burst(struct testing_bench *bench, struct step *step)
{
	double until = watch_clock() + BURST_S;

	do {
		int err = control_call(bench->control, look, step);

		if (err || step->over)
			return err;
		err = pass(bench, LOOK_S);
		if (err)
			return err;
	} while (watch_clock() < until);
	snprintf(bench->error, sizeof(bench->error), "a burst was not sent within %.0f seconds", BURST_S);
	return -ETIMEDOUT;
}

static int run(void *arg, const struct trial *trials, unsigned count, struct trial_result *results)
{
	struct testing_bench *bench = arg;
	struct step step = { .bench = bench, .trials = trials, .count = count, .results = results };
	double until;
	int err = control_call(bench->control, begin, &step);

	if (!err)
		err = step.err;
	if (err)
		return err;
	err = trials[0].count ? pass_burst(bench, &step) : pass(bench, trials[0].seconds);
	if (control_call(bench->control, stop, &step) || err)
		return err ? err : -ECANCELED;
	until = watch_clock() + bench->settle;
	do {
		err = control_call(bench->control, collect, &step);
		if (!err && !step.over)
			err = pass(bench, LOOK_S);
	} while (!err && !step.over && watch_clock() < until);
	return err;
}

static void say(void *arg, const char *line)
{
	const struct testing_bench *bench = arg;

	bench->say(bench->say_arg, line);
}

int testing_bench_open(struct testing_bench *bench, struct control *control,
                       void (*say_fn)(void *arg, const char *line), void *say_arg)
{
	bench->bench = (struct bench){ .arg = bench, .line_pps = line_pps, .run = run, .say = say };
	bench->control = control;
	bench->say = say_fn;
	bench->say_arg = say_arg;
	bench->latency = calloc(1, sizeof(*bench->latency));
	return bench->latency ? 0 : -ENOMEM;
}

void testing_bench_close(struct testing_bench *bench)
{
	free(bench->set.streams);
	free(bench->latency);
}
