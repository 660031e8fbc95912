/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Figures of streams, as lines and as JSON.
 */
#include "stream_report.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live.h"
#include "pktgen.h"

#define ASKED_TEXT (RATE_TEXT + 8)

/* What a stream did in a time. */
struct figures {
	struct send_report now;
	double pps, bps; /* achieved; bits of layer 2 */
	uint64_t missed;
};

int stream_report_open(struct stream_report *report, const struct pktgen *pktgen)
{
	report->pktgen = pktgen;
	report->set = &pktgen->options.set;
	report->sending = pktgen->sending;
	report->before = calloc(report->set->count + 1, sizeof(*report->before));
	return report->before && !live_init(&report->live) ? 0 : -ENOMEM;
}

void stream_report_close(struct stream_report *report)
{
	free(report->before);
	live_free(report->live);
	memset(report, 0, sizeof(*report));
}

/* The time from when the stream's first packet was due to when its last one was sent, and the one more that this took. */
static double own_seconds(const struct send_report *now)
{
	double gap = now->asked_pps > 0 ? 1 / now->asked_pps : 0;

	return now->latest > now->begun ? (double)(now->latest - now->begun) / 1e9 + gap : 0;
}

static void take(const struct stream_report *report, unsigned stream, double seconds, bool final,
                 struct figures *figures)
{
	struct send_report *before = &report->before[stream];

	send_report(report->sending, stream, &figures->now);
	if (final) {
		memset(before, 0, sizeof(*before));
		seconds = own_seconds(&figures->now);
	}
	figures->pps = rate(figures->now.packets, before->packets, seconds);
	figures->bps = rate(figures->now.bytes, before->bytes, seconds) * 8;
	figures->missed = figures->now.missed - before->missed;
	*before = figures->now;
}

/* "1.00M pkt/s", or else the rate as it was asked for. */
static const char *asked_text(char text[ASKED_TEXT], const struct send_report *now)
{
	char number[RATE_TEXT];

	if (now->asked_pps > 0)
		snprintf(text, ASKED_TEXT, "%s pkt/s", short_number(number, now->asked_pps));
	else if (now->asked.unit == RATE_NONE)
		snprintf(text, ASKED_TEXT, "what was recorded");
	else
		rate_print(text, &now->asked);
	return text;
}

static void print_stream(const struct stream *stream, const struct figures *figures, bool final)
{
	char text[2][SHORT_TEXT], asked[ASKED_TEXT];

	printf("  stream '%s':", stream->name);
	if (final)
		printf(" %llu packets,", (unsigned long long)figures->now.packets);
	printf(" %s pkt/s of %s, %s bit/s, missed %llu", short_number(text[0], figures->pps),
	       asked_text(asked, &figures->now), short_number(text[1], figures->bps),
	       (unsigned long long)figures->missed);
	if (figures->now.failed)
		printf(", no buffer %llu times", (unsigned long long)figures->now.failed);
	printf("\n");
}

static void print_ports(const struct report *all, bool final)
{
	const struct sample *now = &all->now, *before = final ? &all->zero : &all->before;
	double seconds = now->seconds - before->seconds;
	char text[4][SHORT_TEXT];

	printf("%7.1f s  out %6s pkt/s %6s bit/s  in %6s pkt/s %6s bit/s  dropped %llu\n", now->seconds,
	       short_number(text[0], rate(now->tx.packets, before->tx.packets, seconds)),
	       short_number(text[1], rate(now->tx.bytes, before->tx.bytes, seconds) * 8),
	       short_number(text[2], rate(now->rx.packets, before->rx.packets, seconds)),
	       short_number(text[3], rate(now->rx.bytes, before->rx.bytes, seconds) * 8),
	       (unsigned long long)(drops_sum(now->drops) - drops_sum(before->drops)));
}

static json_t *stream_object(const struct stream *stream, const struct figures *figures)
{
	const struct send_report *now = &figures->now;
	char rate_text[RATE_TEXT];

	return json_pack("{s:i, s:s, s:i, s:b, s:s, s:f, s:f, s:f, s:I, s:I, s:I, s:I, s:b}", "id", (int)stream->id,
	                 "name", stream->name, "port", (int)stream->port, "signed", stream->sign, "asked",
	                 now->asked.unit == RATE_NONE ? "recorded" : rate_print(rate_text, &now->asked), "asked_pps",
	                 now->asked_pps, "pps", figures->pps, "bps", figures->bps, "packets", (json_int_t)now->packets,
	                 "bytes", (json_int_t)now->bytes, "missed", (json_int_t)now->missed, "failed",
	                 (json_int_t)now->failed, "ended", now->ended);
}

void stream_report_tell(void *arg, const struct report *all, bool final)
{
	struct stream_report *report = arg;
	double seconds = all->now.seconds - all->before.seconds;
	json_t *list = all->json ? json_array() : NULL, *object;
	struct figures figures;

	if (!all->json)
		print_ports(all, final);
	for (unsigned i = 0; i < report->set->count; i++) {
		take(report, i, seconds, final, &figures);
		if (all->json)
			json_array_append_new(list, stream_object(&report->set->streams[i], &figures));
		else
			print_stream(&report->set->streams[i], &figures, final);
	}
	if (live_take(report->live, report->pktgen))
		memset(report->live, 0, sizeof(*report->live));
	if (!all->json && !all->quiet)
		live_print(report->live);
	if (all->json) {
		object = json_ports(all->ports, &all->now, final ? &all->zero : &all->before, final);
		json_object_set_new(object, "streams", list);
		json_object_set_new(object, "measured", live_json(report->live, NULL));
		json_line(object);
	}
	fflush(stdout);
}
