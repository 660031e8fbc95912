/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the workers do with packets that came.
 */
#include "receive.h"

#include <string.h>

#include <weir/net.h>
#include <weir/parse.h>

#include "common/idle.h"
#include "pktgen.h"
#include "receive_port.h"

#define FRAME_LEAST 60u /* without CRC: what a reply is padded to */
#define REPLY_MORE  128u

static uint64_t load(const uint64_t *at)
{
	return __atomic_load_n(at, __ATOMIC_RELAXED);
}

/* Finds the signature: at the end of the frame, or where it was padded, of the IP packet. */
static bool find_mark(const uint8_t *frame, unsigned len, struct payload_mark *mark)
{
	struct weir_parsed parsed;

	if (payload_read(frame, len, mark))
		return true;
	return !weir_parse(frame, len, &parsed) && parsed.end < len && payload_read(frame, parsed.end, mark);
}

static unsigned damaged(struct receive_port *port, const struct payload_mark *mark)
{
	struct measure *measure = receive_known(port, mark->stream);

	if (measure)
		return measure_damaged(measure);
	tally(&port->others.unclaimed, 1);
	return MEASURE_CORRUPTED;
}

/* A packet of ours: which number it has, and how long it took. */
static unsigned measured(struct receive_port *port, const struct payload_mark *mark, unsigned len, uint64_t came_ns,
                         uint64_t *latency_ns)
{
	uint64_t sent_ns = payload_extend(mark->time_ns, mark->bits, came_ns), number;
	struct measure *measure;

	if (sent_ns < port->since) {
		tally(&port->others.old, 1);
		return 0;
	}
	measure = receive_stream(port, mark->stream);
	if (!measure) {
		tally(&port->others.unmeasured, 1);
		return 0;
	}
	if (came_ns < sent_ns)
		tally(&port->others.early, 1);
	else
		*latency_ns = came_ns - sent_ns;
	number = payload_extend(mark->sequence, mark->bits, load(&measure->counts.next));
	return measure_packet(measure, number, len + FRAME_CRC, *latency_ns);
}

/* Sends an answer, if the frame asks for one of our addresses. */
static void reply_to(struct receive_port *port, struct receiver *receiver, const uint8_t *frame, unsigned len)
{
	uint8_t *reply = receiver->reply;
	struct weir_pkt pkt;
	unsigned size;

	if (!port->outlet || len + REPLY_MORE > sizeof(receiver->reply))
		return;
	size = answer_frame(&port->answer, frame, len, reply);
	if (!size || weir_pool_alloc(receiver->cache, &pkt, 1) != 1)
		return;
	if (size < FRAME_LEAST) {
		memset(reply + size, 0, FRAME_LEAST - size);
		size = FRAME_LEAST;
	}
	if (!weir_pkt_append(&pkt, receiver->room, size)) {
		memcpy(weir_pkt_data(receiver->base, &pkt), reply, size);
		if (weir_tx(port->outlet->txq, &pkt, 1) == 1)
			return;
		tally(&port->outlet->given_up, 1);
	}
	weir_pool_free(receiver->cache, &pkt, 1);
}

static void see(struct receiver *receiver, struct receive_port *port, const uint8_t *frame, unsigned len,
                const struct weir_pkt *pkt)
{
	const struct weir_pkt_meta *meta = weir_pkt_meta(receiver->base, pkt);
	uint64_t came_ns = receiver->now, latency_ns = 0;
	struct payload_mark mark;
	unsigned what;

	if (meta && meta->time_ns)
		came_ns = meta->time_ns - (uint64_t)__atomic_load_n(&port->clock_ahead, __ATOMIC_RELAXED);
	if (!find_mark(frame, len, &mark)) {
		tally(&port->others.foreign, 1);
		tally(&port->others.foreign_bytes, len + FRAME_CRC);
		what = CAPTURE_FOREIGN;
		reply_to(port, receiver, frame, len);
	} else if (!mark.whole || pkt->flags & (WEIR_PKT_IP_BAD | WEIR_PKT_L4_BAD)) {
		what = damaged(port, &mark);
	} else {
		what = measured(port, &mark, len, came_ns, &latency_ns);
	}
	if (capture_wants(port->capture))
		capture_packet(port->capture, frame, len, came_ns, what, latency_ns);
}

/* Takes the packets of @n entries one by one. What lies in several buffers is put together first. */
static void look(struct receiver *receiver, struct receive_port *port, const struct weir_pkt *pkts, unsigned n)
{
	for (unsigned i = 0, entries; i < n; i += entries) {
		const uint8_t *frame = weir_pkt_data(receiver->base, &pkts[i]);
		unsigned len = pkts[i].len;

		entries = weir_pkt_entries(&pkts[i], n - i);
		if (entries > 1) {
			len = 0;
			for (unsigned j = 0; j < entries && len + pkts[i + j].len <= FRAME_MAX; j++) {
				memcpy(receiver->frame + len, weir_pkt_data(receiver->base, &pkts[i + j]),
				       pkts[i + j].len);
				len += pkts[i + j].len;
			}
			frame = receiver->frame;
		}
		see(receiver, port, frame, len, &pkts[i]);
	}
}

static void begin_anew(struct receive_port *port)
{
	uint64_t wanted = __atomic_load_n(&port->clear_wanted, __ATOMIC_ACQUIRE);

	for (unsigned id = 0; id < STREAMS_MAX; id++)
		if (port->measure[id])
			measure_clear(port->measure[id]);
	receive_others_clear(&port->others);
	port->since = load(&port->since_wanted);
	__atomic_store_n(&port->clear_done, wanted, __ATOMIC_RELEASE);
}

static unsigned serve(struct receiver *receiver, struct receive_port *port, struct inlet *inlet)
{
	uint64_t before = weir_clock();
	unsigned n = weir_rx(inlet->rxq, receiver->pkts, receiver->most);

	if (!n)
		return 0;
	receiver->now = pktgen_now(receiver->clock);
	look(receiver, port, receiver->pkts, n);
	tally(&inlet->packets, weir_pkt_count(receiver->pkts, n));
	weir_pool_free(receiver->cache, receiver->pkts, n);
	tally(&inlet->bursts, 1);
	tally(&inlet->entries, n);
	tally(&inlet->ticks, weir_clock() - before);
	return n;
}

unsigned receive_round(struct receiver *receiver)
{
	unsigned moved = 0;

	for (unsigned i = 0; i < receiver->count; i++) {
		struct receive_port *port = receiver->ports[i];

		if (__builtin_expect(load(&port->clear_wanted) != port->clear_done, 0))
			begin_anew(port);
		for (unsigned q = 0; q < port->port->info.rx_queues; q++)
			moved += serve(receiver, port, &port->port->inlets[q]);
		capture_rest(port->capture);
	}
	return moved;
}

unsigned receive_watch(const struct receiver *receiver, struct idle *idle)
{
	unsigned queues = 0;

	for (unsigned i = 0; i < receiver->count; i++)
		for (unsigned q = 0; q < receiver->ports[i]->port->info.rx_queues; q++, queues++)
			idle_watch(idle, receiver->ports[i]->port->inlets[q].rxq);
	return queues;
}

unsigned receive_unfinished(const struct receiver *receiver)
{
	unsigned unfinished = 0;

	for (unsigned i = 0; i < receiver->count; i++)
		for (unsigned q = 0; q < receiver->ports[i]->port->info.rx_queues; q++)
			unfinished += !weir_rxq_finished(receiver->ports[i]->port->inlets[q].rxq);
	return unfinished;
}
