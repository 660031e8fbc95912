/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lines for a screen of 80 columns.
 */
#include "tui.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/watch.h"
#include "control.h"
#include "live.h"
#include "pktgen.h"
#include "testing.h"

#define FRESH_S 0.5 /* figures are taken so often at most, so that rates are of some time */
#define STREAMS 100u
#define BAR     40u
#define DECADES 7u
#define FASTER  1.1

struct tui {
	struct pktgen *pktgen;
	struct live *now, *before;
};

int tui_open(struct tui **out, struct pktgen *pktgen)
{
	struct tui *tui = calloc(1, sizeof(*tui));

	*out = tui;
	if (!tui)
		return -ENOMEM;
	tui->pktgen = pktgen;
	if (!live_init(&tui->now) && !live_init(&tui->before))
		return 0;
	tui_close(tui);
	*out = NULL;
	return -ENOMEM;
}

void tui_close(struct tui *tui)
{
	if (!tui)
		return;
	live_free(tui->now);
	live_free(tui->before);
	free(tui);
}

static void take(struct tui *tui)
{
	struct live *old = tui->before;

	if (tui->now->count && watch_clock() - tui->pktgen->start - tui->now->seconds < FRESH_S)
		return;
	tui->before = tui->now;
	tui->now = old;
	if (live_take(tui->now, tui->pktgen))
		tui->now->count = 0;
}

static const char *asked(char text[SHORT_TEXT], const struct send_report *sent)
{
	if (sent->asked_pps <= 0)
		return sent->asked.unit == RATE_MAX ? "max" : "-";
	return short_number(text, sent->asked_pps);
}

static void add_stream(const struct tui *tui, struct page *page, unsigned index)
{
	static const struct live_stream nothing;
	const struct live_stream *now = &tui->now->streams[index];
	const struct live_stream *before = index < tui->before->count ? &tui->before->streams[index] : &nothing;
	const struct measure_counts *came = &now->came;
	double seconds = tui->now->seconds - tui->before->seconds;
	char text[7][SHORT_TEXT];

	page_add(page, PAGE_PLAIN, "%-20.20s %6s %6s %6s %7s %7s %7s %7s", now->name, asked(text[0], &now->sent),
	         short_number(text[1], rate(now->sent.packets, before->sent.packets, seconds)),
	         short_number(text[2], rate(came->arrived, before->came.arrived, seconds)),
	         short_number(text[3], (double)now->lost), short_number(text[4], (double)came->reordered),
	         short_number(text[5], (double)came->duplicates), short_number(text[6], (double)came->corrupted));
}

static void add_others(const struct receive_others *others, struct page *page)
{
	if (others->foreign || others->arp || others->ndp || others->ping)
		page_add(page, PAGE_PLAIN, "others: %llu not ours; answers: ARP %llu, NDP %llu, ping %llu",
		         (unsigned long long)others->foreign, (unsigned long long)others->arp,
		         (unsigned long long)others->ndp, (unsigned long long)others->ping);
}

/* A bar for each power of ten of a nanosecond, from a hundred on; the last has all that is longer. */
static void add_histogram(const struct latency *latency, struct page *page)
{
	static const char *const names[DECADES] = { "under 1 us", "1 - 10 us",   "10 - 100 us", "100 us - 1 ms",
		                                    "1 - 10 ms",  "10 - 100 ms", "longer" };
	uint64_t count[DECADES] = { 0 }, low, high;
	char bar[BAR + 1];

	for (unsigned i = 0; i < LATENCY_CELLS; i++) {
		unsigned decade = 0;

		if (!latency->cell[i])
			continue;
		latency_cell(i, &low, &high);
		for (uint64_t limit = 1000; low >= limit && decade < DECADES - 1; limit *= 10)
			decade++;
		count[decade] += latency->cell[i];
	}
	for (unsigned i = 0; i < DECADES; i++) {
		double share = (double)count[i] / (double)latency->count;
		unsigned length = (unsigned)(share * BAR + 0.5);

		memset(bar, '#', length);
		bar[length] = '\0';
		page_add(page, PAGE_PLAIN, "%14s %-*s %7.3f %%", names[i], (int)BAR, bar, share * 100);
	}
}

static void add_latency(const struct latency *latency, struct page *page)
{
	struct latency_figures l;

	latency_figures(latency, &l);
	if (!l.count)
		return;
	page_add(page, PAGE_HEADING, "%-80s", "latency, microseconds");
	page_add(page, PAGE_PLAIN, "min %.1f  median %.1f  99 %% %.1f  99.9 %% %.1f  99.99 %% %.1f  max %.1f",
	         (double)l.min / 1e3, (double)l.p50 / 1e3, (double)l.p99 / 1e3, (double)l.p99_9 / 1e3,
	         (double)l.p99_99 / 1e3, (double)l.max / 1e3);
	add_histogram(latency, page);
}

void tui_add(void *arg, struct page *page)
{
	struct tui *tui = arg;
	char line[TESTING_LINE];

	take(tui);
	testing_line(control_testing(tui->pktgen->control), line);
	if (line[0])
		page_add(page, PAGE_PORT, "%s", line);
	page_add(page, PAGE_HEADING, "%-20s %6s %6s %6s %7s %7s %7s %7s", "stream", "asked", "sent/s", "came/s", "lost",
	         "reorder", "double", "corrupt");
	for (unsigned i = 0; i < tui->now->count && i < STREAMS; i++)
		add_stream(tui, page, i);
	add_others(&tui->now->others, page);
	add_latency(&tui->now->latency, page);
	page_add(page, PAGE_PLAIN, "s starts and stops   + and - change the rate");
}

/* What the key means, as everybody else would say it. */
static void order(struct tui *tui, json_t *command)
{
	control_order(tui->pktgen->control, command);
	json_decref(command);
}

static void change_rate(struct tui *tui, double factor)
{
	struct rate rate = tui->pktgen->options.rate;
	char text[RATE_TEXT];

	rate.value *= factor;
	if (rate.unit != RATE_MAX)
		order(tui, json_pack("{s:s, s:s}", "command", "rate", "rate", rate_print(text, &rate)));
}

bool tui_key(void *arg, int c)
{
	struct tui *tui = arg;

	switch (c) {
	case 's':
		order(tui, json_pack("{s:s}", "command", send_finished(tui->pktgen->sending) ? "start" : "stop"));
		return true;
	case '+':
		change_rate(tui, FASTER);
		return true;
	case '-':
		change_rate(tui, 1 / FASTER);
		return true;
	default:
		return false;
	}
}
