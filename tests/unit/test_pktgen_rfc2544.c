/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The searches of RFC 2544 and the steps of Y.1564, on devices that are made up: no packet is sent and no time passes.
 */
#include "pktgen/rfc2544.h"
#include "pktgen/y1564.h"
#include "unit.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define LINE 1000000.0 /* frames per second of the smaller frames */

/* A device under test. */
struct device {
	double capacity; /* frames per second that it forwards; the others are lost */
	double noise;    /* share that it always loses */
	double sender;   /* the most that can be sent */
	uint64_t buffer; /* frames of a burst that it takes; 0: all */
	int fails_at;    /* the trial that cannot be made; 0: none */
	double delay_ns;

	int trials;
	double seconds; /* that trials would have taken */
	double asked[64];
};

static double line_pps(void *arg, unsigned size)
{
	(void)arg;
	return size == 1518 ? LINE / 10 : LINE;
}

static void try_burst(const struct device *device, const struct trial *trial, struct trial_result *result)
{
	result->sent = trial->count;
	result->arrived = device->buffer && device->buffer < trial->count ? device->buffer : trial->count;
	result->lost = result->sent - result->arrived;
}

static void try_one(const struct device *device, const struct trial *trial, struct trial_result *result)
{
	double through;

	result->pps = fmin(trial->pps, device->sender ? device->sender : INFINITY);
	through = fmin(result->pps, device->capacity);
	result->sent = (uint64_t)(result->pps * trial->seconds);
	result->lost = (uint64_t)((result->pps - through) * trial->seconds + device->noise * (double)result->sent);
	result->arrived = result->sent - result->lost;
	result->latency.count = result->arrived;
	result->latency.p50 = (uint64_t)device->delay_ns;
	result->latency.p99_9 = result->latency.max = (uint64_t)(2 * device->delay_ns);
}

static int run(void *arg, const struct trial *trials, unsigned count, struct trial_result *results)
{
	struct device *device = arg;

	if (device->trials < 64)
		device->asked[device->trials] = trials[0].pps;
	if (++device->trials == device->fails_at)
		return -ECANCELED;
	device->seconds += trials[0].seconds;
	for (unsigned i = 0; i < count; i++) {
		memset(&results[i], 0, sizeof(results[i]));
		if (trials[i].count)
			try_burst(device, &trials[i], &results[i]);
		else
			try_one(device, &trials[i], &results[i]);
	}
	return 0;
}

static struct rfc2544 found;

static int test(struct device *device, unsigned tests, double tolerance)
{
	const struct bench bench = { .arg = device, .line_pps = line_pps, .run = run };
	struct rfc2544_conf conf;

	rfc2544_default(&conf);
	conf.tests = tests;
	conf.size_count = 1;
	conf.tolerance = tolerance;
	conf.burst_repeats = 3;
	CU_ASSERT_PTR_NULL(rfc2544_wrong(&conf));
	return rfc2544_run(&found, &conf, &bench);
}

static void a_device_that_loses_nothing_has_the_links_rate(void)
{
	struct device device = { .capacity = 2 * LINE };

	CU_ASSERT_EQUAL(test(&device, RFC2544_THROUGHPUT, 0), 0);
	CU_ASSERT_EQUAL(found.size[0].trials, 1);
	CU_ASSERT_DOUBLE_EQUAL(found.size[0].share, 1, 0);
	CU_ASSERT_DOUBLE_EQUAL(found.size[0].pps, LINE, 0);
	CU_ASSERT_FALSE(found.size[0].sender_limit);
}

/* 700,000 of 1,000,000: 1, then 0.5 + 0.25 - ... ten halvings until 1/1024 is less than 0.001. */
static void throughput_is_found_by_halving(void)
{
	static const double asked[] = { 1, 0.5, 0.75, 0.625, 0.6875, 0.71875, 0.703125 };
	struct device device = { .capacity = 700000 };

	CU_ASSERT_EQUAL(test(&device, RFC2544_THROUGHPUT, 0), 0);
	CU_ASSERT_EQUAL(found.size[0].trials, 11);
	for (unsigned i = 0; i < sizeof(asked) / sizeof(*asked); i++)
		CU_ASSERT_DOUBLE_EQUAL(device.asked[i], asked[i] * LINE, 1e-6);
	CU_ASSERT_TRUE(found.size[0].share <= 0.7 && found.size[0].share > 0.699);
	CU_ASSERT_EQUAL(found.size[0].best.lost, 0);
	CU_ASSERT_DOUBLE_EQUAL(device.seconds, 11 * 60, 1e-9);
}

static void a_little_loss_passes_only_if_it_is_tolerated(void)
{
	struct device device = { .capacity = 2 * LINE, .noise = 0.0005 };

	CU_ASSERT_EQUAL(test(&device, RFC2544_THROUGHPUT, 0), 0);
	CU_ASSERT_DOUBLE_EQUAL(found.size[0].share, 0, 0);
	CU_ASSERT_EQUAL(test(&device, RFC2544_THROUGHPUT, 0.001), 0);
	CU_ASSERT_DOUBLE_EQUAL(found.size[0].share, 1, 0);
}

static void a_sender_that_cannot_more_is_told(void)
{
	struct device device = { .capacity = 2 * LINE, .sender = 0.4 * LINE };

	CU_ASSERT_EQUAL(test(&device, RFC2544_THROUGHPUT, 0), 0);
	CU_ASSERT_EQUAL(found.size[0].trials, 1);
	CU_ASSERT_DOUBLE_EQUAL(found.size[0].share, 0.4, 1e-12);
	CU_ASSERT_TRUE(found.size[0].sender_limit);
}

static void below_what_can_be_sent_the_device_is_the_limit(void)
{
	struct device device = { .capacity = 0.25 * LINE, .sender = 0.4 * LINE };

	CU_ASSERT_EQUAL(test(&device, RFC2544_THROUGHPUT, 0), 0);
	CU_ASSERT_TRUE(found.size[0].share <= 0.25 && found.size[0].share > 0.249);
	CU_ASSERT_FALSE(found.size[0].sender_limit);
	/* Far below the link's rate it is found as well as near it. */
	device = (struct device){ .capacity = 0.0006 * LINE, .sender = 0.0009 * LINE };
	CU_ASSERT_EQUAL(test(&device, RFC2544_THROUGHPUT, 0), 0);
	CU_ASSERT_TRUE(found.size[0].share <= 0.0006 && found.size[0].share > 0.000599);
}

static void latency_is_measured_at_the_throughput(void)
{
	struct device device = { .capacity = 0.5 * LINE, .delay_ns = 1234 };

	CU_ASSERT_EQUAL(test(&device, RFC2544_LATENCY, 0), 0);
	CU_ASSERT_TRUE(found.size[0].has_latency);
	CU_ASSERT_EQUAL(found.size[0].latency.latency.p50, 1234);
	CU_ASSERT_DOUBLE_EQUAL(device.asked[device.trials - 1], found.size[0].pps, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(device.seconds, (device.trials - 1) * 60 + 120, 1e-9);
}

/* At 100, 90 and 80 % more comes than 75 %; 70 and 60 % are clean. */
static void loss_is_measured_until_two_trials_are_clean(void)
{
	static const double shares[] = { 1, 0.9, 0.8, 0.7, 0.6 };
	struct device device = { .capacity = 0.75 * LINE };

	CU_ASSERT_EQUAL(test(&device, RFC2544_LOSS, 0), 0);
	CU_ASSERT_EQUAL(found.size[0].loss_count, 5);
	for (unsigned i = 0; i < 5; i++)
		CU_ASSERT_DOUBLE_EQUAL(found.size[0].loss[i].share, shares[i], 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(found.size[0].loss[0].loss, 0.25, 1e-6);
	CU_ASSERT_DOUBLE_EQUAL(found.size[0].loss[1].loss, 0.15 / 0.9, 1e-6);
	CU_ASSERT_DOUBLE_EQUAL(found.size[0].loss[2].loss, 0.0625, 1e-6);
	CU_ASSERT_DOUBLE_EQUAL(found.size[0].loss[3].loss, 0, 0);
}

static void a_device_that_always_loses_is_tried_down_to_nothing(void)
{
	struct device device = { .capacity = LINE, .noise = 0.5 };

	CU_ASSERT_EQUAL(test(&device, RFC2544_LOSS, 0), 0);
	CU_ASSERT_EQUAL(found.size[0].loss_count, 10);
	CU_ASSERT_DOUBLE_EQUAL(found.size[0].loss[9].share, 0.1, 1e-9);
}

static void the_longest_burst_is_found_to_a_frame(void)
{
	struct device device = { .buffer = 12345 };

	CU_ASSERT_EQUAL(test(&device, RFC2544_BURST, 0), 0);
	CU_ASSERT_DOUBLE_EQUAL(found.size[0].burst, 12345, 0);
	CU_ASSERT_FALSE(found.size[0].burst_all);
	device = (struct device){ .buffer = 0 };
	CU_ASSERT_EQUAL(test(&device, RFC2544_BURST, 0), 0);
	/* Two seconds of them. */
	CU_ASSERT_DOUBLE_EQUAL(found.size[0].burst, 2 * LINE, 0);
	CU_ASSERT_TRUE(found.size[0].burst_all);
	CU_ASSERT_EQUAL(device.trials, 3);
}

static void what_was_found_stays_when_a_trial_fails(void)
{
	const struct bench bench = { .line_pps = line_pps, .run = run };
	struct device device = { .capacity = LINE, .fails_at = 3 };
	struct bench mine = bench;
	struct rfc2544_conf conf;

	mine.arg = &device;
	rfc2544_default(&conf);
	conf.tests = RFC2544_THROUGHPUT;
	CU_ASSERT_EQUAL(rfc2544_run(&found, &conf, &mine), -ECANCELED);
	CU_ASSERT_EQUAL(found.size_count, 3);
	CU_ASSERT_DOUBLE_EQUAL(found.size[1].share, 1, 0);
}

static void conditions_that_cannot_be_are_told(void)
{
	struct rfc2544_conf conf;

	rfc2544_default(&conf);
	CU_ASSERT_EQUAL(conf.size_count, 7);
	CU_ASSERT_EQUAL(conf.sizes[6], 1518);
	conf.sizes[2] = 63;
	CU_ASSERT_STRING_EQUAL(rfc2544_wrong(&conf), "frames have 64 to 16384 bytes");
	rfc2544_default(&conf);
	conf.tolerance = 1;
	CU_ASSERT_PTR_NOT_NULL(rfc2544_wrong(&conf));
	rfc2544_default(&conf);
	conf.seconds = NAN;
	CU_ASSERT_PTR_NOT_NULL(rfc2544_wrong(&conf));
}

static struct y1564 judged;

static int serve(struct device *device, double eir, uint64_t delay)
{
	const struct bench bench = { .arg = device, .line_pps = line_pps, .run = run };
	struct y1564_conf conf;

	y1564_default(&conf);
	conf.service_count = 1;
	conf.service[0] = (struct y1564_service){ .name = "voice", .cir = 1000, .eir = eir, .delay = delay };
	CU_ASSERT_PTR_NULL(y1564_wrong(&conf));
	return y1564_run(&judged, &conf, &bench);
}

static void a_service_that_is_policed_passes(void)
{
	static const char *const names[] = { "25 % CIR", "50 % CIR", "75 % CIR", "CIR", "CIR + EIR", "policing" };
	static const double asked[] = { 250, 500, 750, 1000, 1400, 1500, 1000 };
	struct device device = { .capacity = 1400, .delay_ns = 1000 };

	CU_ASSERT_EQUAL(serve(&device, 400, 2000), 0);
	CU_ASSERT_TRUE(judged.passed);
	CU_ASSERT_EQUAL(judged.outcome[0].step_count, 6);
	for (unsigned i = 0; i < 6; i++) {
		CU_ASSERT_STRING_EQUAL(judged.outcome[0].step[i].name, names[i]);
		CU_ASSERT_PTR_NULL(judged.outcome[0].step[i].failed);
	}
	for (unsigned i = 0; i < 7; i++)
		CU_ASSERT_DOUBLE_EQUAL(device.asked[i], asked[i], 1e-9);
	CU_ASSERT_STRING_EQUAL(judged.outcome[0].together.name, "together");
}

static void too_little_too_much_and_too_late_fail(void)
{
	struct device device = { .capacity = 900 };

	CU_ASSERT_EQUAL(serve(&device, 0, 0), 0);
	CU_ASSERT_FALSE(judged.passed);
	CU_ASSERT_STRING_EQUAL(judged.outcome[0].step[3].failed, "loss");
	CU_ASSERT_PTR_NULL(judged.outcome[0].together.name);

	/* Nobody holds it back. */
	device = (struct device){ .capacity = LINE };
	CU_ASSERT_EQUAL(serve(&device, 0, 0), 0);
	CU_ASSERT_EQUAL(judged.outcome[0].step_count, 5);
	CU_ASSERT_STRING_EQUAL(judged.outcome[0].step[4].failed, "policing");

	device = (struct device){ .capacity = 1000, .delay_ns = 5000 };
	CU_ASSERT_EQUAL(serve(&device, 0, 9999), 0);
	CU_ASSERT_STRING_EQUAL(judged.outcome[0].step[0].failed, "delay");

	device = (struct device){ .capacity = 1000, .sender = 700 };
	CU_ASSERT_EQUAL(serve(&device, 0, 0), 0);
	CU_ASSERT_PTR_NULL(judged.outcome[0].step[1].failed);
	CU_ASSERT_STRING_EQUAL(judged.outcome[0].step[2].failed, "rate");
}

int main(void)
{
	static const struct unit_case cases[] = {
		{ "a device that loses nothing has the link's rate", a_device_that_loses_nothing_has_the_links_rate },
		{ "throughput is found by halving", throughput_is_found_by_halving },
		{ "a little loss passes only if it is tolerated", a_little_loss_passes_only_if_it_is_tolerated },
		{ "a sender that cannot more is told", a_sender_that_cannot_more_is_told },
		{ "below what can be sent the device is the limit", below_what_can_be_sent_the_device_is_the_limit },
		{ "latency is measured at the throughput", latency_is_measured_at_the_throughput },
		{ "loss is measured until two trials are clean", loss_is_measured_until_two_trials_are_clean },
		{ "a device that always loses is tried down to nothing",
		  a_device_that_always_loses_is_tried_down_to_nothing },
		{ "the longest burst is found to a frame", the_longest_burst_is_found_to_a_frame },
		{ "what was found stays when a trial fails", what_was_found_stays_when_a_trial_fails },
		{ "conditions that cannot be are told", conditions_that_cannot_be_are_told },
		{ "a service that is policed passes", a_service_that_is_policed_passes },
		{ "too little, too much and too late fail", too_little_too_much_and_too_late_fail },
		{ NULL, NULL },
	};

	return unit_run("pktgen rfc2544", cases);
}
