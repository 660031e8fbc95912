/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The inside of sending: lanes, each of which has a pacer and the streams that share it.
 */
#ifndef PKTGEN_SEND_LANE_H
#define PKTGEN_SEND_LANE_H

#include "common/budget.h"
#include "common/workers.h"
#include "pace.h"
#include "payload.h"
#include "replay.h"
#include "send.h"

/* Packets that are missed are added up in parts, so that nothing is lost by rounding. */
#define SEND_MISSED_PARTS 1000000u

/* A stream on its way. It outlives plans; its worker writes, others read the counters. */
struct sent_stream {
	const struct stream *stream;
	struct replay *replay; /* NULL: its packets are made */
	uint64_t sequence;     /* of the next packet */
	uint64_t left;         /* packets until its count */

	struct rate asked;
	double asked_pps;
	uint64_t packets, bytes, failed;
	uint64_t missed; /* in parts of a packet */
	uint64_t begun, latest;
	bool ended;
	int damaged; /* the main thread's: 0, or the -errno of its capture, which was told */
} __attribute__((aligned(64)));

/* A packet that waits to be sent: its first entry, and what it takes to send or forget it. */
struct lane_packet {
	struct sent_stream *stream;
	uint64_t sequence;
	uint32_t entries;
	uint32_t len;
};

struct lane {
	struct pacer pacer;
	enum rate_unit unit;
	double rate; /* of its streams together */
	const struct port *port;
	struct outlet *outlet;
	bool offload;     /* the port fills in checksums */
	unsigned running; /* streams that have not ended */
	unsigned count;
	struct sent_stream **streams;
	uint32_t turn, turn_count; /* whose turn it is; with one stream: always its own */
	uint32_t *turns;

	unsigned packets, entries; /* that wait */
	struct lane_packet *packet;
	struct weir_pkt *pkts;
};

/* What all workers are to do. */
struct send_plan {
	unsigned working;      /* workers that have not come to the end of it */
	uint64_t when, until;  /* it begins, and came to its end before there was another */
	struct budget *budget; /* NULL: no limit */
	unsigned workers;
	struct send_share {
		unsigned count;
		struct lane *lanes;
		bool begun, ended;
	} * share; /* one a worker */
};

/* A worker's end. */
struct sender {
	struct sending *sending;
	unsigned index;
	struct weir_pool_cache *cache;
	struct send_plan *told; /* by the main thread */
	struct send_plan *have; /* by the worker */
} __attribute__((aligned(64)));

struct sending {
	struct ports *ports;
	struct workers *workers;
	const struct pktgen_clock *clock;
	struct send_conf conf;
	uint8_t *base;
	struct payload payload;
	struct sender *senders;

	/* Of the main thread. */
	struct rate rate;
	unsigned stream_count;
	struct sent_stream *streams;
	struct budget budget;
	bool limited;
	struct send_plan *plan;
};

/* Sends what is due on a lane. Returns when it has something to do again. (send_lane.c) */
uint64_t lane_round(struct lane *lane, struct sender *sender, struct budget *budget, uint64_t now);

/* Starts its pacer; and ends what was to be done @until then: what waits is forgotten, as if it had never been made. */
void lane_begin(struct lane *lane, uint64_t when);
void lane_retire(struct lane *lane, struct sender *sender, struct budget *budget, uint64_t until);

/* Makes the plan for sending->set. Returns 0, or -errno after saying why. (send_plan.c) */
int plan_streams(struct send_plan **plan, struct sending *sending);
void plan_streams_free(struct send_plan *plan);

#endif
