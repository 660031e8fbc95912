/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Beginning, changing and ending what is sent.
 */
#include "send.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <weir/mem.h>

#include "pktgen.h"
#include "send_lane.h"

#define ALIGNMENT 64u

/* Nanoseconds: between looks at whether workers have taken over a plan, and at links; and how long to wait for these. */
#define WAIT_NS     50000
#define LINK_NAP_NS 10000000
#define LINK_NS     5000000000u

int send_open(struct sending **sending, struct ports *ports, const struct pktgen_clock *clock, struct workers *workers,
              const struct send_conf *conf)
{
	struct sending *s = calloc(1, sizeof(*s));
	int err = 0;

	*sending = NULL;
	if (s)
		s->senders = aligned_alloc(ALIGNMENT, conf->workers * sizeof(*s->senders));
	if (!s || !s->senders) {
		log_say(ports->log, "no memory for the senders");
		free(s);
		return -ENOMEM;
	}
	memset(s->senders, 0, conf->workers * sizeof(*s->senders));
	s->ports = ports;
	s->workers = workers;
	s->clock = clock;
	s->conf = *conf;
	s->base = weir_mem_base(ports->weir);
	payload_init(&s->payload);
	for (unsigned i = 0; !err && i < conf->workers; i++) {
		s->senders[i].sending = s;
		s->senders[i].index = i;
		err = weir_pool_cache_create(ports->pool, 0, &s->senders[i].cache);
	}
	if (err) {
		log_say(ports->log, "%s", weir_error());
		send_close(s);
		return err;
	}
	*sending = s;
	return 0;
}

struct sender *send_worker(struct sending *sending, unsigned worker)
{
	return &sending->senders[worker];
}

/* --- by the workers ---------------------------------------------------------------------------------------------------- */

static struct send_share *share_of_worker(const struct sender *sender, struct send_plan *plan)
{
	return &plan->share[sender->index];
}

static void take_over(struct sender *sender, struct send_plan *told)
{
	struct send_plan *have = sender->have;
	struct send_share *share = have ? share_of_worker(sender, have) : NULL;

	for (unsigned i = 0; share && share->begun && i < share->count; i++)
		lane_retire(&share->lanes[i], sender, have->budget, have->until);
	/* The buffers may be wanted by other workers now. */
	weir_pool_cache_flush(sender->cache);
	__atomic_store_n(&sender->have, told, __ATOMIC_RELEASE);
}

/* The worker's part is done; the last one says so. */
static void end_share(const struct sender *sender, struct send_plan *plan, struct send_share *share)
{
	share->ended = true;
	if (!__atomic_sub_fetch(&plan->working, 1, __ATOMIC_ACQ_REL))
		workers_all_done(sender->sending->workers);
}

uint64_t send_round(struct sender *sender, uint64_t now)
{
	struct send_plan *told = __atomic_load_n(&sender->told, __ATOMIC_ACQUIRE);
	struct send_share *share;
	uint64_t next = SEND_NEVER;

	if (__builtin_expect(told != sender->have, 0))
		take_over(sender, told);
	if (!told)
		return SEND_NEVER;
	share = share_of_worker(sender, told);
	if (share->ended)
		return SEND_NEVER;
	if (__builtin_expect(!share->begun, 0)) {
		share->begun = true;
		for (unsigned i = 0; i < share->count; i++)
			lane_begin(&share->lanes[i], told->when ? told->when : now);
	}
	for (unsigned i = 0; i < share->count; i++) {
		uint64_t due = lane_round(&share->lanes[i], sender, told->budget, now);

		next = due < next ? due : next;
	}
	if (next == SEND_NEVER)
		end_share(sender, told, share);
	return next;
}

/* --- by the main thread ------------------------------------------------------------------------------------------------ */

/* Gives the workers @plan, and waits until nobody has the old one any more. Workers that do not run have none. */
static void give(struct sending *sending, struct send_plan *plan)
{
	const struct timespec nap = { 0, WAIT_NS };

	if (sending->plan)
		sending->plan->until = pktgen_now(sending->clock);
	for (unsigned i = 0; i < sending->conf.workers; i++)
		__atomic_store_n(&sending->senders[i].told, plan, __ATOMIC_RELEASE);
	for (unsigned i = 0; i < sending->conf.workers; i++) {
		struct sender *sender = &sending->senders[i];

		while (sending->workers->count && __atomic_load_n(&sender->have, __ATOMIC_ACQUIRE) != plan)
			nanosleep(&nap, NULL);
		if (!sending->workers->count && sender->have != plan)
			take_over(sender, plan);
	}
	plan_streams_free(sending->plan);
	sending->plan = plan;
}

static void streams_close(struct sent_stream *streams, unsigned count)
{
	for (unsigned i = 0; streams && i < count; i++)
		replay_close(streams[i].replay);
	free(streams);
}

static int check_stream(const struct sending *sending, const struct stream *stream)
{
	const struct ports *ports = sending->ports;
	unsigned room = weir_pool_room(ports->pool) - weir_pool_headroom(ports->pool);
	uint32_t least, most;

	if (stream->port >= ports->count || !ports->port[stream->port].info.sends) {
		log_say(ports->log, "stream '%s' is to leave by port %u, %s", stream->name, stream->port,
		        stream->port >= ports->count ? "which there is not" : "which only receives");
		return -EINVAL;
	}
	stream_size_bounds(stream, &least, &most);
	if (!stream->replay.file && most - FRAME_CRC > room) {
		log_say(ports->log, "stream '%s' has frames of %u bytes, and buffers have room for %u; give --room %u",
		        stream->name, most, room + FRAME_CRC, most - FRAME_CRC + weir_pool_headroom(ports->pool));
		return -EINVAL;
	}
	return 0;
}

static int streams_open(struct sending *sending, const struct stream_set *set, struct sent_stream **streams)
{
	struct sent_stream *table = aligned_alloc(ALIGNMENT, (set->count + 1) * sizeof(*table));
	int err = 0;

	if (!table) {
		log_say(sending->ports->log, "no memory for %u streams", set->count);
		return -ENOMEM;
	}
	memset(table, 0, (set->count + 1) * sizeof(*table));
	for (unsigned i = 0; !err && i < set->count; i++) {
		const struct stream *stream = &set->streams[i];

		table[i].stream = stream;
		table[i].asked = stream->rate;
		table[i].left = stream->count ? stream->count : UINT64_MAX;
		err = check_stream(sending, stream);
		if (!err && stream->replay.file)
			err = replay_open(&table[i].replay, sending->ports, &stream->replay, sending->conf.burst);
	}
	if (err)
		streams_close(table, set->count);
	else
		*streams = table;
	return err;
}

/*
 * A link may need some seconds to come up, and its speed is not known before. Where there is none, what is sent is lost
 * and counted; the person may have reasons.
 */
static void wait_for_link(const struct sending *sending, unsigned number, uint64_t until)
{
	const struct port *port = &sending->ports->port[number];
	const struct timespec nap = { 0, LINK_NAP_NS };
	struct weir_link link;

	while (!weir_port_link(port->weir, &link) && !link.up) {
		if (pktgen_now(sending->clock) >= until) {
			log_say(sending->ports->log, "port %u '%s' has no link; what it sends will be lost", number,
			        port->spec);
			return;
		}
		nanosleep(&nap, NULL);
	}
}

static void wait_for_links(const struct sending *sending)
{
	uint64_t until = pktgen_now(sending->clock) + LINK_NS;
	bool *seen = calloc(sending->ports->count, sizeof(*seen));

	for (unsigned i = 0; seen && i < sending->stream_count; i++) {
		unsigned port = sending->streams[i].stream->port;

		if (!seen[port])
			wait_for_link(sending, port, until);
		seen[port] = true;
	}
	free(seen);
}

int send_start(struct sending *sending, const struct stream_set *set, const struct rate *rate, uint64_t count,
               uint64_t when)
{
	struct sent_stream *streams;
	struct send_plan *plan;
	int err;

	send_stop(sending);
	err = streams_open(sending, set, &streams);
	if (err)
		return err;
	streams_close(sending->streams, sending->stream_count);
	sending->streams = streams;
	sending->stream_count = set->count;
	sending->rate = *rate;
	sending->limited = count > 0;
	budget_init(&sending->budget, count);
	wait_for_links(sending);
	err = plan_streams(&plan, sending);
	if (err)
		return err;
	plan->when = when;
	give(sending, plan);
	return 0;
}

int send_set_rate(struct sending *sending, int stream, const struct rate *rate)
{
	bool one = stream >= 0 && (unsigned)stream < sending->stream_count;
	struct rate *changed = one ? &sending->streams[stream].asked : &sending->rate, was = *changed;
	struct send_plan *plan;
	int err;

	if (!sending->plan || (stream >= 0 && !one)) {
		log_say(sending->ports->log, sending->plan ? "there is no stream number %d" : "nothing is sent",
		        stream);
		return -ENOENT;
	}
	*changed = *rate;
	err = plan_streams(&plan, sending);
	if (err) {
		*changed = was;
		return err;
	}
	give(sending, plan);
	return 0;
}

void send_stop(struct sending *sending)
{
	give(sending, NULL);
}

void send_close(struct sending *sending)
{
	if (!sending)
		return;
	give(sending, NULL);
	streams_close(sending->streams, sending->stream_count);
	for (unsigned i = 0; i < sending->conf.workers; i++)
		weir_pool_cache_destroy(sending->senders[i].cache);
	free(sending->senders);
	free(sending);
}

bool send_finished(const struct sending *sending)
{
	return !sending->plan || !__atomic_load_n(&sending->plan->working, __ATOMIC_ACQUIRE);
}

int send_health(struct sending *sending)
{
	int worst = 0;

	for (unsigned i = 0; i < sending->stream_count; i++) {
		struct sent_stream *stream = &sending->streams[i];
		const char *why;
		int err = stream->replay ? replay_health(stream->replay, &why) : 0;

		if (err && !stream->damaged)
			log_say(sending->ports->log, "stream '%s': %s", stream->stream->name, why);
		stream->damaged = err;
		worst = err ? err : worst;
	}
	return worst;
}

static uint64_t counter(const uint64_t *at)
{
	return __atomic_load_n(at, __ATOMIC_RELAXED);
}

void send_report(const struct sending *sending, unsigned stream, struct send_report *report)
{
	const struct sent_stream *s = &sending->streams[stream];

	memset(report, 0, sizeof(*report));
	if (stream >= sending->stream_count)
		return;
	report->asked = s->stream->replay.speed > 0 || s->asked.unit != RATE_NONE ? s->asked : sending->rate;
	report->asked_pps = s->asked_pps;
	report->packets = counter(&s->packets);
	report->bytes = counter(&s->bytes);
	report->missed = counter(&s->missed) / SEND_MISSED_PARTS;
	report->failed = counter(&s->failed);
	report->begun = counter(&s->begun);
	report->latest = counter(&s->latest);
	report->ended = __atomic_load_n(&s->ended, __ATOMIC_ACQUIRE);
}
