/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * When packets are due, by a clock that the tests turn; and rates in words.
 */
#include "pktgen/pace.h"
#include "pktgen/rate.h"
#include "unit.h"

#include <math.h>
#include <string.h>

#define SECOND 1000000000u
#define BEGIN  1700000000000000000u /* nanoseconds since 1970 */

/* Sends whatever is due, at each of @looks looks in a second. Returns how many packets. */
static uint64_t run(struct pacer *pacer, unsigned looks, uint32_t units, uint64_t limit)
{
	uint64_t sent = 0;

	for (uint64_t i = 1; i <= looks; i++) {
		uint64_t now = BEGIN + i * SECOND / looks;

		pacer_catch_up(pacer, now, limit);
		while (pacer_due(pacer) < now) {
			pacer_spend(pacer, units);
			sent++;
		}
	}
	return sent;
}

static void packets_are_due_at_their_rate(void)
{
	static const double rates[] = { 1, 3, 1000, 99999, 1000000, 4999999, 5000000 };
	struct pacer pacer;
	uint64_t sent;

	for (unsigned i = 0; i < sizeof(rates) / sizeof(*rates); i++) {
		pacer_init(&pacer, rates[i], BEGIN);
		CU_ASSERT_EQUAL(pacer_due(&pacer), BEGIN);
		/* One more is due right at the end, or by less than a nanosecond before. */
		sent = run(&pacer, 1000, 1, SECOND);
		CU_ASSERT(sent == rates[i] || sent == rates[i] + 1);
		CU_ASSERT_EQUAL(pacer.missed_ns, 0);
	}
}

/* A day at three packets a second, each a third of a second long: 86400 s to the nanosecond. */
static void no_rate_drifts(void)
{
	struct pacer pacer;

	pacer_init(&pacer, 3, BEGIN);
	for (unsigned i = 0; i < 3 * 86400; i++)
		pacer_spend(&pacer, 1);
	CU_ASSERT(pacer_due(&pacer) - BEGIN <= 86400ull * SECOND);
	CU_ASSERT(pacer_due(&pacer) - BEGIN >= 86400ull * SECOND - 1);
}

/* 10 Gbit/s of frames of 64 bytes, with preamble and gap 672 bits: 14,880,952.38 in a second. */
static void bits_cost_time(void)
{
	struct pacer pacer;

	CU_ASSERT_EQUAL(rate_cost(RATE_L1, 60), 672);
	CU_ASSERT_EQUAL(rate_cost(RATE_L2, 60), 512);
	CU_ASSERT_EQUAL(rate_cost(RATE_PPS, 60), 1);
	pacer_init(&pacer, 1e10, BEGIN);
	CU_ASSERT_EQUAL(run(&pacer, 1000, 672, SECOND), 14880953);
	pacer_init(&pacer, 1e10, BEGIN);
	pacer_spend(&pacer, 672);
	CU_ASSERT_EQUAL(pacer_due(&pacer), BEGIN + 67);
}

static void what_is_too_late_is_missed(void)
{
	struct pacer pacer;

	pacer_init(&pacer, 1000, BEGIN);
	/* Nobody looked for 50 ms, of which 10 are made up for: 11 packets, from 40 to 50 ms. */
	pacer_catch_up(&pacer, BEGIN + 50000000, 10000000);
	CU_ASSERT_EQUAL(pacer.missed_ns, 40000000);
	CU_ASSERT_EQUAL(pacer_due(&pacer), BEGIN + 40000000);
	/* In time: nothing changes. */
	pacer_catch_up(&pacer, BEGIN + 50000000, 10000000);
	CU_ASSERT_EQUAL(pacer.missed_ns, 40000000);
	pacer_init(&pacer, 0, BEGIN);
	pacer_catch_up(&pacer, BEGIN + SECOND, 0);
	CU_ASSERT_EQUAL(pacer.missed_ns, 0);
	CU_ASSERT_EQUAL(pacer_due(&pacer), 0);
}

static void bursts_keep_the_rate(void)
{
	struct pacer pacer;

	pacer_init(&pacer, 1000, BEGIN);
	pacer_space(&pacer, SPACING_BURST, 32, 0);
	for (unsigned i = 0; i < 31; i++)
		pacer_spend(&pacer, 1);
	CU_ASSERT_EQUAL(pacer_due(&pacer), BEGIN);
	pacer_spend(&pacer, 1);
	CU_ASSERT_EQUAL(pacer_due(&pacer), BEGIN + 32000000);
	pacer_init(&pacer, 1000, BEGIN);
	pacer_space(&pacer, SPACING_BURST, 32, 0);
	/* 1000 is not a multiple of 32: the 32nd burst has begun when the second is over. */
	CU_ASSERT_EQUAL(run(&pacer, 1000, 1, SECOND), 1024);
}

/* Of an exponential distribution both the mean and the deviation are the gap; e^-1 of the gaps are longer than it. */
static void poisson_gaps_are_exponential(void)
{
	const unsigned count = 200000;
	double sum = 0, squares = 0;
	unsigned longer = 0;
	struct pacer pacer;

	pacer_init(&pacer, 1e6, BEGIN);
	pacer_space(&pacer, SPACING_POISSON, 0, 42);
	for (unsigned i = 0; i < count; i++) {
		uint64_t before = pacer_due(&pacer), gap;

		pacer_spend(&pacer, 1);
		gap = pacer_due(&pacer) - before;
		sum += (double)gap;
		squares += (double)gap * (double)gap;
		longer += gap > 1000;
	}
	CU_ASSERT_DOUBLE_EQUAL(sum / count, 1000, 10);
	CU_ASSERT_DOUBLE_EQUAL(sqrt(squares / count - sum / count * (sum / count)), 1000, 10);
	CU_ASSERT_DOUBLE_EQUAL((double)longer / count, 0.3679, 0.004);
}

static void turns_are_spread(void)
{
	static const uint32_t weights[] = { 3, 1, 2 };
	/* At 1/6, 3/6, 5/6; 1/2; 1/4, 3/4. */
	static const uint32_t expected[] = { 0, 2, 0, 1, 2, 0 };
	uint32_t turns[6];

	CU_ASSERT_EQUAL(pace_turns(weights, 3, turns), 0);
	CU_ASSERT_EQUAL(memcmp(turns, expected, sizeof(turns)), 0);
}

static void rates_are_read(void)
{
	static const struct {
		const char *text;
		struct rate rate;
	} good[] = {
		{ "1 kpps", { RATE_PPS, 1000 } },
		{ "1000pps", { RATE_PPS, 1000 } },
		{ "1.5 Mpps", { RATE_PPS, 1500000 } },
		{ "10 Gbps", { RATE_L1, 1e10 } },
		{ "10Gbps L1", { RATE_L1, 1e10 } },
		{ "9.5 Gbit/s L2", { RATE_L2, 9.5e9 } },
		{ "50%", { RATE_PERCENT, 50 } },
		{ "12.5 %", { RATE_PERCENT, 12.5 } },
		{ "max", { RATE_MAX, 0 } },
		{ "7 Kpkt/s", { RATE_PPS, 7000 } },
	};
	static const char *const bad[] = { "",          "pps",      "1",        "0 pps",    "-1 pps",
		                           "1 ppss",    "1 M",      "inf pps",  "1 pps L2", "101 %",
		                           "1 Gbps L3", "0x10 pps", "1e99 pps", "nan bps",  "1 mbps" };
	struct rate rate;

	for (unsigned i = 0; i < sizeof(good) / sizeof(*good); i++) {
		CU_ASSERT_EQUAL(rate_parse(good[i].text, &rate), 0);
		CU_ASSERT_EQUAL(rate.unit, good[i].rate.unit);
		CU_ASSERT_DOUBLE_EQUAL(rate.value, good[i].rate.value, 1e-6);
	}
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CU_ASSERT_NOT_EQUAL(rate_parse(bad[i], &rate), 0);
}

static void rates_are_written(void)
{
	static const char *const texts[] = { "1 kpps", "1.5 Mpps", "10 Gbps", "9.5 Gbps L2", "50 %", "max", "999 pps" };
	char text[RATE_TEXT];
	struct rate rate;

	for (unsigned i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		CU_ASSERT_EQUAL(rate_parse(texts[i], &rate), 0);
		CU_ASSERT_STRING_EQUAL(rate_print(text, &rate), texts[i]);
	}
	rate = rate_on_link(&(struct rate){ RATE_PERCENT, 25 }, 10000);
	CU_ASSERT_EQUAL(rate.unit, RATE_L1);
	CU_ASSERT_EQUAL(rate.value, 2.5e9);
}

static const struct unit_case cases[] = {
	{ "packets are due at their rate, from 1 to 5,000,000 a second", packets_are_due_at_their_rate },
	{ "no rate drifts", no_rate_drifts },
	{ "a rate in bits counts what the medium adds", bits_cost_time },
	{ "what is too late is missed, and counted", what_is_too_late_is_missed },
	{ "bursts keep the rate", bursts_keep_the_rate },
	{ "Poisson gaps are distributed exponentially", poisson_gaps_are_exponential },
	{ "turns are spread evenly", turns_are_spread },
	{ "rates are read", rates_are_read },
	{ "rates are written as they are read", rates_are_written },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("pktgen: pace", cases);
}
