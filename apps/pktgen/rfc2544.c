/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The searches of RFC 2544.
 */
#include "rfc2544.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SENT_ENOUGH 0.99 /* a trial that sent less of what was asked says more about the sender */

void rfc2544_default(struct rfc2544_conf *conf)
{
	static const unsigned sizes[] = { 64, 128, 256, 512, 1024, 1280, 1518 }; /* section 9.1 */

	*conf = (struct rfc2544_conf){
		.tests = RFC2544_ALL,
		.size_count = sizeof(sizes) / sizeof(*sizes),
		.seconds = 60,
		.latency_seconds = 120,
		.resolution = 0.001,
		.loss_step = 0.1,
		.burst_seconds = 2,
		.burst_repeats = 50,
	};
	memcpy(conf->sizes, sizes, sizeof(sizes));
}

const char *rfc2544_wrong(const struct rfc2544_conf *conf)
{
	if (!conf->tests)
		return "there is no test to be made; name throughput, latency, loss or burst";
	if (!conf->size_count)
		return "there is no size of frames; give one from 64 to 16384 bytes";
	for (unsigned i = 0; i < conf->size_count; i++)
		if (conf->sizes[i] < 64 || conf->sizes[i] > 16384)
			return "frames have 64 to 16384 bytes";
	if (!(conf->seconds > 0 && conf->seconds <= 86400 && conf->latency_seconds > 0 &&
	      conf->latency_seconds <= 86400))
		return "a trial takes more than 0 seconds and a day at most";
	if (!(conf->tolerance >= 0 && conf->tolerance < 1))
		return "the tolerance is the share of frames that may be lost: from 0 to less than 1";
	if (!(conf->resolution >= 1e-6 && conf->resolution <= 0.5))
		return "the resolution is a share of the link's rate, from 0.000001 to 0.5";
	if (!(conf->loss_step >= 1.0 / RFC2544_LOSS_MAX && conf->loss_step <= 0.5))
		return "the step of the loss test is a share of the link's rate, from 1/64 to 0.5";
	if (!(conf->burst_seconds > 0 && conf->burst_seconds <= 3600) || !conf->burst_repeats)
		return "a burst takes more than 0 seconds and an hour at most, and is repeated at least once";
	return NULL;
}

void bench_say(const struct bench *bench, const char *format, ...)
{
	char line[160];
	va_list args;

	if (!bench->say)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	bench->say(bench->arg, line);
}

double trial_loss(const struct trial_result *result)
{
	uint64_t gone = result->lost + result->corrupted;

	return result->sent ? (double)gone / (double)result->sent : 0;
}

static int attempt(const struct bench *bench, const struct rfc2544_size *size, double share, double seconds,
                   struct trial_result *result)
{
	const struct trial trial = {
		.stream = TRIAL_ALL,
		.size = size->size,
		.pps = share * size->line_pps,
		.seconds = seconds,
	};

	memset(result, 0, sizeof(*result));
	return bench->run(bench->arg, &trial, 1, result);
}

/*
 * Section 26.1: the fastest rate at which no frame is lost, by halving the interval in which it must be, from the link's
 * rate downwards. What counts is what was sent: where that is less than was asked, no higher rate needs to be tried, and
 * it takes the place of the link's.
 */
static int find_throughput(struct rfc2544_size *size, const struct rfc2544_conf *conf, const struct bench *bench)
{
	double passed = 0, failed = 1, share = 1, most = 1;

	size->has_throughput = true;
	while (failed - passed > conf->resolution * most) {
		struct trial_result result;
		int err = attempt(bench, size, share, conf->seconds, &result);
		double sent = fmin(share, result.pps / size->line_pps);
		bool fell_short = sent < share * SENT_ENOUGH;

		if (err)
			return err;
		size->trials++;
		bench_say(bench, "%u bytes, throughput: %.2f %% sent, %.4f %% lost", size->size, sent * 100,
		          trial_loss(&result) * 100);
		if (result.sent && trial_loss(&result) <= conf->tolerance) {
			passed = fmax(passed, sent);
			size->best = result;
			size->sender_limit = fell_short;
			if (fell_short || share == 1)
				break;
		} else {
			if (fell_short && sent > passed)
				share = most = sent;
			failed = share;
		}
		share = (passed + failed) / 2;
	}
	size->share = passed;
	size->pps = passed * size->line_pps;
	return 0;
}

/* Section 26.2, at the throughput. Every frame carries the time when it was sent, instead of one in 20 trials. */
static int find_latency(struct rfc2544_size *size, const struct rfc2544_conf *conf, const struct bench *bench)
{
	int err;

	if (size->share <= 0)
		return 0;
	err = attempt(bench, size, size->share, conf->latency_seconds, &size->latency);
	if (err)
		return err;
	size->has_latency = true;
	bench_say(bench, "%u bytes, latency: median %.1f us, 99.99 %% %.1f us", size->size,
	          (double)size->latency.latency.p50 / 1e3, (double)size->latency.latency.p99_99 / 1e3);
	return 0;
}

/* Section 26.3: from the link's rate downwards, until nothing is lost twice in a row. */
static int find_loss(struct rfc2544_size *size, const struct rfc2544_conf *conf, const struct bench *bench)
{
	unsigned clean = 0;

	for (unsigned i = 0; i < RFC2544_LOSS_MAX && clean < 2; i++) {
		double share = 1 - i * conf->loss_step;
		struct rfc2544_loss *loss = &size->loss[size->loss_count];
		struct trial_result result;
		int err;

		if (share < conf->loss_step / 2)
			break;
		err = attempt(bench, size, share, conf->seconds, &result);
		if (err)
			return err;
		size->loss_count++;
		*loss = (struct rfc2544_loss){ share, result.pps, trial_loss(&result), result.latency.p50 };
		bench_say(bench, "%u bytes, loss: %.4f %% at %.1f %%", size->size, loss->loss * 100, share * 100);
		clean = result.lost + result.corrupted ? 0 : clean + 1;
	}
	return 0;
}

/* The longest burst that comes through, of at most @most frames; 0: not even one frame did. */
static int longest_burst(const struct rfc2544_size *size, const struct bench *bench, uint64_t most, uint64_t *longest)
{
	uint64_t passed = 0, failed = most + 1, frames = most;

	while (failed - passed > 1) {
		const struct trial trial = { .stream = TRIAL_ALL, .size = size->size, .count = frames };
		struct trial_result result = { .pps = 0 };
		int err = bench->run(bench->arg, &trial, 1, &result);

		if (err)
			return err;
		if (result.lost + result.corrupted)
			failed = frames;
		else
			passed = frames;
		frames = passed + (failed - passed) / 2;
	}
	*longest = passed;
	return 0;
}

/* Section 26.4 */
static int find_burst(struct rfc2544_size *size, const struct rfc2544_conf *conf, const struct bench *bench)
{
	uint64_t most = (uint64_t)ceil(size->line_pps * conf->burst_seconds), sum = 0;

	for (unsigned i = 0; i < conf->burst_repeats; i++) {
		uint64_t longest;
		int err = longest_burst(size, bench, most, &longest);

		if (err)
			return err;
		sum += longest;
		bench_say(bench, "%u bytes, back to back: %llu frames", size->size, (unsigned long long)longest);
	}
	size->has_burst = true;
	size->burst = (double)sum / conf->burst_repeats;
	size->burst_all = sum == most * conf->burst_repeats;
	return 0;
}

int rfc2544_run(struct rfc2544 *rfc2544, const struct rfc2544_conf *conf, const struct bench *bench)
{
	int err = 0;

	memset(rfc2544, 0, sizeof(*rfc2544));
	rfc2544->conf = *conf;
	for (unsigned i = 0; !err && i < conf->size_count; i++) {
		struct rfc2544_size *size = &rfc2544->size[rfc2544->size_count++];

		size->size = conf->sizes[i];
		size->line_pps = bench->line_pps(bench->arg, size->size);
		if (conf->tests & (RFC2544_THROUGHPUT | RFC2544_LATENCY))
			err = find_throughput(size, conf, bench);
		if (!err && conf->tests & RFC2544_LATENCY)
			err = find_latency(size, conf, bench);
		if (!err && conf->tests & RFC2544_LOSS)
			err = find_loss(size, conf, bench);
		if (!err && conf->tests & RFC2544_BURST)
			err = find_burst(size, conf, bench);
	}
	return err;
}
