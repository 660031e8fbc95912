/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Gathers what senders and receivers have counted.
 */
#include "live.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/watch.h"
#include "pktgen.h"

int live_init(struct live **live)
{
	*live = calloc(1, sizeof(**live));
	return *live ? 0 : -ENOMEM;
}

void live_free(struct live *live)
{
	if (!live)
		return;
	free(live->streams);
	free(live);
}

/* A stream that is sent elsewhere, or not to its end yet, has lost what is missing between packets that came. */
static uint64_t lost(const struct live_stream *stream)
{
	bool over = stream->ours && stream->sent.ended;

	return measure_lost(&stream->came, over ? stream->sent.packets : stream->came.next);
}

static void add(struct live *live, const struct live_stream *stream)
{
	struct send_report *sum = &live->sum.sent;
	const struct send_report *sent = &stream->sent;

	live->streams[live->count] = *stream;
	live->streams[live->count++].lost = lost(stream);
	live->sum.lost += lost(stream);
	live->sum.ours = live->sum.ours || stream->ours;
	measure_add(&live->sum.came, &stream->came);
	sum->packets += sent->packets;
	sum->bytes += sent->bytes;
	sum->missed += sent->missed;
	sum->failed += sent->failed;
	sum->asked_pps += sent->asked_pps;
	sum->ended = live->count == 1 ? sent->ended : sum->ended && sent->ended;
}

static bool is_sent(const struct stream_set *set, int id)
{
	for (unsigned i = 0; i < set->count; i++)
		if (set->streams[i].id == id)
			return true;
	return false;
}

int live_take(struct live *live, const struct pktgen *pktgen)
{
	static const struct stream_set nothing;
	const struct stream_set *set = pktgen->sent ? pktgen->sent : &nothing;
	bool finished = send_finished(pktgen->sending);
	unsigned strangers = 0;
	struct live_stream *streams;

	for (int id = 0; (id = receive_next(pktgen->receiving, id)) >= 0; id++)
		strangers += !is_sent(set, id);
	streams = realloc(live->streams, (set->count + strangers + 1) * sizeof(*streams));
	if (!streams)
		return -ENOMEM;
	live->streams = streams;
	live->count = 0;
	live->seconds = watch_clock() - pktgen->start;
	memset(&live->sum, 0, sizeof(live->sum));
	memset(&live->others, 0, sizeof(live->others));
	latency_clear(&live->latency);
	for (unsigned i = 0; i < set->count; i++) {
		struct live_stream stream = { .id = set->streams[i].id, .ours = true };

		snprintf(stream.name, sizeof(stream.name), "%s", set->streams[i].name);
		send_report(pktgen->sending, i, &stream.sent);
		stream.sent.ended = stream.sent.ended || finished;
		receive_read(pktgen->receiving, -1, stream.id, &stream.came, &live->latency);
		add(live, &stream);
	}
	/* No more than there was room for, if one has begun to come meanwhile. */
	for (int id = 0; strangers && (id = receive_next(pktgen->receiving, id)) >= 0; id++) {
		struct live_stream stream = { .id = id };

		if (is_sent(set, id))
			continue;
		strangers--;

		snprintf(stream.name, sizeof(stream.name), "stream %d", id);
		receive_read(pktgen->receiving, -1, id, &stream.came, &live->latency);
		add(live, &stream);
	}
	receive_read_others(pktgen->receiving, -1, &live->others);
	return 0;
}

json_t *live_latency_json(const struct latency_figures *figures)
{
	return json_pack("{s:I, s:I, s:f, s:I, s:I, s:I, s:I, s:I, s:f}", "count", (json_int_t)figures->count, "min_ns",
	                 (json_int_t)figures->min, "mean_ns", figures->mean, "median_ns", (json_int_t)figures->p50,
	                 "p99_ns", (json_int_t)figures->p99, "p99_9_ns", (json_int_t)figures->p99_9, "p99_99_ns",
	                 (json_int_t)figures->p99_99, "max_ns", (json_int_t)figures->max, "jitter_ns", figures->jitter);
}

static const struct live_stream *same(const struct live *before, const struct live_stream *stream)
{
	static const struct live_stream nothing;

	for (unsigned i = 0; before && i < before->count; i++)
		if (before->streams[i].id == stream->id && before->streams[i].ours == stream->ours)
			return &before->streams[i];
	return &nothing;
}

static json_t *stream_json(const struct live_stream *now, const struct live_stream *before, double seconds)
{
	const struct measure_counts *came = &now->came;
	json_t *object = json_pack("{s:i, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "stream", now->id, "name",
	                           now->name, "arrived", (json_int_t)came->arrived, "bytes", (json_int_t)came->bytes,
	                           "lost", (json_int_t)now->lost, "reordered", (json_int_t)came->reordered,
	                           "duplicates", (json_int_t)came->duplicates, "corrupted", (json_int_t)came->corrupted,
	                           "ancient", (json_int_t)came->ancient, "furthest", (json_int_t)came->furthest);

	if (now->ours) {
		const struct send_report *sent = &now->sent;

		json_object_update_new(
		    object, json_pack("{s:I, s:I, s:I, s:I, s:f, s:b}", "sent", (json_int_t)sent->packets, "sent_bytes",
		                      (json_int_t)sent->bytes, "missed", (json_int_t)sent->missed, "failed",
		                      (json_int_t)sent->failed, "asked_pps", sent->asked_pps, "ended", sent->ended));
	}
	if (seconds > 0)
		json_object_update_new(object, json_pack("{s:f, s:f}", "tx_pps",
		                                         rate(now->sent.packets, before->sent.packets, seconds),
		                                         "rx_pps", rate(came->arrived, before->came.arrived, seconds)));
	return object;
}

json_t *live_json(const struct live *live, const struct live *before)
{
	const struct receive_others *others = &live->others;
	double seconds = before ? live->seconds - before->seconds : 0;
	struct latency_figures figures;
	json_t *streams = json_array(), *sum;

	for (unsigned i = 0; i < live->count; i++)
		json_array_append_new(streams,
		                      stream_json(&live->streams[i], same(before, &live->streams[i]), seconds));
	sum = stream_json(&live->sum, before ? &before->sum : &live->sum, seconds);
	latency_figures(&live->latency, &figures);
	return json_pack("{s:f, s:o, s:o, s:o, s:{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}}", "seconds", live->seconds,
	                 "streams", streams, "all", sum, "latency", live_latency_json(&figures), "others", "foreign",
	                 (json_int_t)others->foreign, "old", (json_int_t)others->old, "unclaimed",
	                 (json_int_t)others->unclaimed, "unmeasured", (json_int_t)others->unmeasured, "early",
	                 (json_int_t)others->early, "arp", (json_int_t)others->arp, "ndp", (json_int_t)others->ndp,
	                 "ping", (json_int_t)others->ping);
}

static void print_others(const struct receive_others *others)
{
	const struct {
		uint64_t count;
		const char *what;
	} all[] = {
		{ others->foreign, "not ours" },
		{ others->unclaimed, "damaged, of no known stream" },
		{ others->old, "sent before" },
		{ others->unmeasured, "not measured, without memory" },
		{ others->early, "before they were sent, by the clocks" },
		{ others->arp + others->ndp + others->ping, "answers" },
	};
	const char *mark = "  others:";

	for (unsigned i = 0; i < sizeof(all) / sizeof(*all); i++) {
		if (!all[i].count)
			continue;
		printf("%s %llu %s", mark, (unsigned long long)all[i].count, all[i].what);
		mark = ",";
	}
	if (*mark == ',')
		printf("\n");
}

void live_print(const struct live *live)
{
	struct latency_figures l;

	for (unsigned i = 0; i < live->count; i++) {
		const struct live_stream *stream = &live->streams[i];
		const struct measure_counts *came = &stream->came;

		if (came->next || came->corrupted)
			printf("  arrived '%s': %llu, %s %llu, reordered %llu, duplicates %llu, corrupted %llu\n",
			       stream->name, (unsigned long long)came->arrived,
			       stream->ours && stream->sent.ended ? "lost" : "missing",
			       (unsigned long long)stream->lost, (unsigned long long)came->reordered,
			       (unsigned long long)came->duplicates, (unsigned long long)came->corrupted);
	}
	latency_figures(&live->latency, &l);
	if (l.count)
		printf(
		    "  latency us: min %.1f, median %.1f, 99 %% %.1f, 99.9 %% %.1f, 99.99 %% %.1f, max %.1f, jitter %.1f\n",
		    (double)l.min / 1e3, (double)l.p50 / 1e3, (double)l.p99 / 1e3, (double)l.p99_9 / 1e3,
		    (double)l.p99_99 / 1e3, (double)l.max / 1e3, l.jitter / 1e3);
	print_others(&live->others);
}
