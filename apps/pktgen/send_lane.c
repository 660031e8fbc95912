/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The loop over a lane's packets.
 */
#include "send_lane.h"

#include <string.h>

#include "pktgen.h"

#define NS_PER_S 1e9

static void end_stream(struct lane *lane, struct sent_stream *stream)
{
	__atomic_store_n(&stream->ended, true, __ATOMIC_RELEASE);
	lane->running--;
}

/* The stream whose turn it is, of those that have not ended; there is one. */
static struct sent_stream *next_stream(struct lane *lane)
{
	struct sent_stream *stream = lane->streams[0];

	if (!lane->turn_count)
		return stream;
	do {
		stream = lane->streams[lane->turns[lane->turn]];
		lane->turn = lane->turn + 1 < lane->turn_count ? lane->turn + 1 : 0;
	} while (stream->ended);
	return stream;
}

static bool take_replayed(struct lane *lane, const struct sender *sender, struct sent_stream *stream,
                          struct lane_packet *packet)
{
	struct weir_pkt *pkts = lane->pkts + lane->entries;

	packet->entries = replay_take(stream->replay, sender->sending->base, pkts);
	packet->len = (uint32_t)weir_pkt_bytes(pkts, packet->entries);
	if (!packet->entries && replay_finished(stream->replay))
		end_stream(lane, stream);
	return packet->entries;
}

static bool make(struct lane *lane, const struct sender *sender, struct sent_stream *stream, struct lane_packet *packet)
{
	const struct template *template = &stream->stream->template;
	struct weir_pkt *pkt = lane->pkts + lane->entries;
	uint8_t *frame;

	if (!weir_pool_alloc(sender->cache, pkt, 1)) {
		tally(&stream->failed, 1);
		return false;
	}
	frame = weir_pkt_data(sender->sending->base, pkt);
	packet->entries = 1;
	packet->len = stream_frame(stream->stream, &sender->sending->payload, stream->sequence, frame);
	pkt->len = (uint16_t)packet->len;
	if (template->own_mac)
		memcpy(frame + 6, lane->port->info.mac, 6);
	if (lane->offload && template->flags) {
		pkt->flags = template->flags;
		pkt->txo = template->txo;
	}
	return true;
}

/* Adds a packet to those that wait. Returns false when there is none now. */
static bool add_packet(struct lane *lane, const struct sender *sender, struct budget *budget)
{
	struct sent_stream *stream = next_stream(lane);
	struct lane_packet *packet = &lane->packet[lane->packets];

	if (budget && !budget_claim(budget, 1)) {
		/* Other workers may give some back when they are given a new plan; then there is one for this lane, too. */
		lane->running = 0;
		return false;
	}
	packet->stream = stream;
	packet->sequence = stream->sequence;
	if (stream->replay ? !take_replayed(lane, sender, stream, packet) : !make(lane, sender, stream, packet)) {
		if (budget)
			budget_settle(budget, 1, 0);
		return false;
	}
	stream->sequence++;
	lane->packets++;
	lane->entries += packet->entries;
	pacer_spend(&lane->pacer, rate_cost(lane->unit, packet->len));
	if (--stream->left == 0)
		end_stream(lane, stream);
	return true;
}

/* Signs what waits, and sets its checksums: at the last moment, since packets say when they were sent. */
static void stamp(const struct lane *lane, const struct sending *sending)
{
	uint64_t now = pktgen_now(sending->clock);
	const struct weir_pkt *pkt = lane->pkts;

	for (unsigned i = 0; i < lane->packets; i++) {
		const struct lane_packet *packet = &lane->packet[i];
		const struct stream *stream = packet->stream->stream;
		uint8_t *frame = weir_pkt_data(sending->base, pkt);

		pkt += packet->entries;
		if (packet->stream->replay)
			continue;
		if (stream->sign)
			payload_sign(&sending->payload, frame, packet->len, stream->template.len, stream->id,
			             packet->sequence, now);
		template_checksums(&stream->template, frame, packet->len, lane->offload);
	}
}

static void count(const struct lane_packet *packet, uint64_t now)
{
	struct sent_stream *stream = packet->stream;

	tally(&stream->packets, 1);
	tally(&stream->bytes, packet->len + FRAME_CRC);
	__atomic_store_n(&stream->latest, now, __ATOMIC_RELAXED);
}

/* Hands over what waits. */
static void hand_over(struct lane *lane, const struct sending *sending, struct budget *budget, uint64_t now)
{
	unsigned done = 0, sent, rest;

	stamp(lane, sending);
	sent = weir_tx(lane->outlet->txq, lane->pkts, lane->entries);
	for (rest = sent; rest; done++) {
		rest -= lane->packet[done].entries;
		count(&lane->packet[done], now);
	}
	if (budget && done)
		budget_spend(budget, done);
	lane->packets -= done;
	lane->entries -= sent;
	memmove(lane->packet, lane->packet + done, lane->packets * sizeof(*lane->packet));
	memmove(lane->pkts, lane->pkts + sent, lane->entries * sizeof(*lane->pkts));
}

/* How fast a stream is asked to go: of a capture at a rate in bits, by the packets that were sent so far. */
static double pps_of(const struct lane *lane, const struct sent_stream *stream)
{
	if (stream->asked_pps > 0 || !stream->packets)
		return stream->asked_pps;
	return lane->rate / lane->count /
	       rate_cost(lane->unit, (uint32_t)(stream->bytes / stream->packets) - FRAME_CRC);
}

/* Time that was asked for and has gone by unused. */
static void note_missed(struct lane *lane, uint64_t ns)
{
	for (unsigned i = 0; i < lane->count; i++)
		if (!lane->streams[i]->ended)
			tally(&lane->streams[i]->missed,
			      (uint64_t)((double)ns * pps_of(lane, lane->streams[i]) * (SEND_MISSED_PARTS / NS_PER_S)));
}

static void catch_up(struct lane *lane, const struct sending *sending, uint64_t now)
{
	uint64_t missed = lane->pacer.missed_ns;

	if (!lane->running)
		return;
	pacer_catch_up(&lane->pacer, now, sending->conf.lag_ns);
	if (__builtin_expect(lane->pacer.missed_ns != missed, 0))
		note_missed(lane, lane->pacer.missed_ns - missed);
}

uint64_t lane_round(struct lane *lane, struct sender *sender, struct budget *budget, uint64_t now)
{
	const struct sending *sending = sender->sending;

	catch_up(lane, sending, now);
	while (lane->running && lane->entries < sending->conf.burst && pacer_due(&lane->pacer) <= now)
		if (!add_packet(lane, sender, budget))
			break;
	if (lane->entries) {
		hand_over(lane, sending, budget, now);
		return now;
	}
	/* The queue gets on with what it has. */
	weir_tx(lane->outlet->txq, NULL, 0);
	return lane->running ? pacer_due(&lane->pacer) : SEND_NEVER;
}

void lane_begin(struct lane *lane, uint64_t when)
{
	lane->pacer.due = (unsigned __int128)when << 64;
	for (unsigned i = 0; i < lane->count; i++)
		if (!lane->streams[i]->begun)
			__atomic_store_n(&lane->streams[i]->begun, when, __ATOMIC_RELAXED);
}

void lane_retire(struct lane *lane, struct sender *sender, struct budget *budget, uint64_t until)
{
	catch_up(lane, sender->sending, until);
	for (unsigned i = 0; i < lane->packets; i++) {
		struct sent_stream *stream = lane->packet[i].stream;

		stream->sequence--;
		stream->left++;
		__atomic_store_n(&stream->ended, false, __ATOMIC_RELAXED);
	}
	if (budget)
		budget_settle(budget, lane->packets, 0);
	weir_pool_free(sender->cache, lane->pkts, lane->entries);
	lane->packets = 0;
	lane->entries = 0;
}
