/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which worker sends what: streams with a rate of their own have a lane each, the others of a port and worker have one
 * together.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "send_lane.h"

#define TURNS_MAX (1u << 20)

/* Streams go round the workers that have a transmit queue on their port. */
static unsigned worker_of(const struct sending *sending, const struct sent_stream *stream)
{
	unsigned queues = sending->ports->port[stream->stream->port].info.tx_queues, before = 0;

	for (const struct sent_stream *s = sending->streams; s < stream; s++)
		before += s->stream->port == stream->stream->port;
	return before % (queues < sending->conf.workers ? queues : sending->conf.workers);
}

static bool is_alone(const struct sent_stream *stream)
{
	return stream->asked.unit != RATE_NONE || stream->stream->replay.speed > 0 ||
	       stream->stream->spacing != SPACING_CONSTANT;
}

/* What a stream has of the port's rate, from 0 to 1; of a rate in bits, by what its packets cost. */
static double share_of(const struct sending *sending, const struct sent_stream *stream, enum rate_unit unit)
{
	double mine = 0, all = 0;

	for (unsigned i = 0; i < sending->stream_count; i++) {
		const struct stream *s = sending->streams[i].stream;
		double cost = s->weight * stream_mean_cost(s, unit);

		if (s->port != stream->stream->port || sending->streams[i].asked.unit != RATE_NONE ||
		    s->replay.speed > 0)
			continue;
		all += cost;
		mine += &sending->streams[i] == stream ? cost : 0;
	}
	return all > 0 ? mine / all : 0;
}

/* The rate of a stream, on its link. */
static int find_rate(struct sending *sending, struct sent_stream *stream, struct rate *rate)
{
	const struct stream *s = stream->stream;
	const struct port *port = &sending->ports->port[s->port];
	struct weir_link link = { .mbps = 0 };

	*rate = stream->asked;
	if (s->replay.speed > 0)
		rate->unit = RATE_MAX;
	if (rate->unit == RATE_NONE)
		*rate = sending->rate;
	if (rate->unit == RATE_PERCENT && (weir_port_link(port->weir, &link) || !link.mbps)) {
		log_say(sending->ports->log,
		        "stream '%s': port %u '%s' does not say how fast its link is; give the rate in bits per second",
		        s->name, s->port, port->spec);
		return -EINVAL;
	}
	*rate = rate_on_link(rate, link.mbps);
	if (stream->asked.unit == RATE_NONE)
		rate->value *= share_of(sending, stream, rate->unit);
	stream->asked_pps = 0;
	if (rate->unit == RATE_PPS)
		stream->asked_pps = rate->value;
	else if (rate->unit != RATE_MAX && !s->replay.file)
		stream->asked_pps = rate->value / stream_mean_cost(s, rate->unit);
	return 0;
}

static int add_stream(struct lane *lane, struct sent_stream *stream)
{
	struct sent_stream **streams = reallocarray(lane->streams, lane->count + 1, sizeof(struct sent_stream *));

	if (!streams)
		return -ENOMEM;
	lane->streams = streams;
	streams[lane->count++] = stream;
	lane->running += !stream->ended;
	return 0;
}

static struct lane *add_lane(struct send_share *share)
{
	struct lane *lanes = reallocarray(share->lanes, share->count + 1, sizeof(*lanes));

	if (!lanes)
		return NULL;
	share->lanes = lanes;
	memset(&lanes[share->count], 0, sizeof(*lanes));
	return &lanes[share->count++];
}

/* The lane of the share that the stream belongs to, so far. */
static struct lane *find_lane(struct send_share *share, const struct sending *sending, const struct sent_stream *stream)
{
	const struct port *port = &sending->ports->port[stream->stream->port];

	for (unsigned i = 0; i < share->count && !is_alone(stream); i++)
		if (share->lanes[i].port == port && !is_alone(share->lanes[i].streams[0]))
			return &share->lanes[i];
	return NULL;
}

static int place(struct send_plan *plan, struct sending *sending, struct sent_stream *stream)
{
	unsigned worker = worker_of(sending, stream);
	struct send_share *share = &plan->share[worker];
	struct port *port = &sending->ports->port[stream->stream->port];
	struct lane *lane = find_lane(share, sending, stream);
	struct rate rate;
	int err = find_rate(sending, stream, &rate);

	if (err)
		return err;
	if (!lane) {
		lane = add_lane(share);
		if (!lane)
			goto memory;
		lane->port = port;
		lane->outlet = &port->outlets[worker];
		lane->offload = port->info.offloads & WEIR_OFFLOAD_TX_CSUM;
		lane->unit = rate.unit;
		pacer_init(&lane->pacer, 0, 0);
	} else {
		/* The lane's rate is that of its streams together. */
		rate.value += lane->rate;
	}
	lane->rate = rate.value;
	pacer_init(&lane->pacer, rate.unit == RATE_MAX ? 0 : rate.value, 0);
	pacer_space(&lane->pacer, stream->stream->spacing, stream->stream->burst, stream->stream->seed);
	if (!add_stream(lane, stream))
		return 0;
memory:
	log_say(sending->ports->log, "no memory for stream '%s'", stream->stream->name);
	return -ENOMEM;
}

static uint32_t common_divisor(uint32_t a, uint32_t b)
{
	while (b) {
		uint32_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* Whose turn it is when: each stream as often as its weight says. */
static int make_turns(struct lane *lane, struct log *log)
{
	uint32_t *weights, divisor = 0;
	uint64_t sum = 0;
	int err;

	if (lane->count < 2)
		return 0;
	for (unsigned i = 0; i < lane->count; i++)
		divisor = common_divisor(lane->streams[i]->stream->weight, divisor);
	weights = calloc(lane->count, sizeof(*weights));
	for (unsigned i = 0; weights && i < lane->count; i++) {
		weights[i] = lane->streams[i]->stream->weight / divisor;
		sum += weights[i];
	}
	if (sum > TURNS_MAX) {
		log_say(log, "the weights of port '%s' have a sum of %llu, and can have %u; make them smaller",
		        lane->port->spec, (unsigned long long)sum, TURNS_MAX);
		free(weights);
		return -EINVAL;
	}
	lane->turn_count = (uint32_t)sum;
	lane->turns = calloc(sum + 1, sizeof(*lane->turns));
	err = weights && lane->turns ? pace_turns(weights, lane->count, lane->turns) : -ENOMEM;
	free(weights);
	if (err)
		log_say(log, "no memory for the turns of %u streams", lane->count);
	return err;
}

static int make_room(struct lane *lane, const struct sending *sending)
{
	unsigned entries = 1;

	for (unsigned i = 0; i < lane->count; i++)
		if (lane->streams[i]->replay && replay_entries_max(lane->streams[i]->replay) > entries)
			entries = replay_entries_max(lane->streams[i]->replay);
	entries += sending->conf.burst;
	lane->packet = calloc(entries, sizeof(*lane->packet));
	lane->pkts = calloc(entries, sizeof(*lane->pkts));
	if (lane->packet && lane->pkts)
		return 0;
	log_say(sending->ports->log, "no memory for %u packets", entries);
	return -ENOMEM;
}

int plan_streams(struct send_plan **plan, struct sending *sending)
{
	struct send_plan *p = calloc(1, sizeof(*p));
	int err = 0;

	*plan = NULL;
	if (p)
		p->share = calloc(sending->conf.workers, sizeof(*p->share));
	if (!p || !p->share) {
		log_say(sending->ports->log, "no memory for a plan of what to send");
		free(p);
		return -ENOMEM;
	}
	p->workers = sending->conf.workers;
	p->working = p->workers;
	p->budget = sending->limited ? &sending->budget : NULL;
	for (unsigned i = 0; !err && i < sending->stream_count; i++)
		err = place(p, sending, &sending->streams[i]);
	for (unsigned i = 0; i < p->workers; i++) {
		for (unsigned j = 0; !err && j < p->share[i].count; j++) {
			err = make_turns(&p->share[i].lanes[j], sending->ports->log);
			if (!err)
				err = make_room(&p->share[i].lanes[j], sending);
		}
	}
	if (err) {
		plan_streams_free(p);
		return err;
	}
	*plan = p;
	return 0;
}

void plan_streams_free(struct send_plan *plan)
{
	for (unsigned i = 0; plan && i < plan->workers; i++) {
		struct send_share *share = &plan->share[i];

		for (unsigned j = 0; j < share->count; j++) {
			free(share->lanes[j].streams);
			free(share->lanes[j].turns);
			free(share->lanes[j].packet);
			free(share->lanes[j].pkts);
		}
		free(share->lanes);
	}
	if (plan)
		free(plan->share);
	free(plan);
}
