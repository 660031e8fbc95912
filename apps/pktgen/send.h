/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sending streams: what the workers do, and how it is begun, changed and ended from outside.
 *
 * Each stream is sent by one worker through one transmit queue, number i of worker i, so that its packets leave in the
 * order of their sequence numbers. What is being sent is never changed under a worker's hands: a new *plan* is made, and
 * each worker takes it over in place of its old one. A worker that has no room for a packet keeps it; one that gets a new
 * plan goes back to the sequence numbers of what it has not sent.
 */
#ifndef PKTGEN_SEND_H
#define PKTGEN_SEND_H

#include <stdbool.h>
#include <stdint.h>

#include "common/ports.h"
#include "stream.h"

struct pktgen_clock;
struct sender;
struct sending;
struct workers;

#define SEND_NEVER UINT64_MAX

/* How a stream is asked to go, and went since send_start(). */
struct send_report {
	struct rate asked; /* of its own, or of the port's streams together */
	double asked_pps;  /* of the stream alone; 0: as fast as it goes, as recorded, or not known */
	uint64_t packets;
	uint64_t bytes;  /* with the CRC */
	uint64_t missed; /* packets that were asked for and not sent in time; they are not made up for */
	uint64_t failed; /* times that there was no buffer */
	uint64_t begun;  /* pktgen_now() when its first packet was due; 0: not yet */
	uint64_t latest; /* pktgen_now() when it last sent; 0: never */
	bool ended;      /* it has come to its end: count, file */
};

struct send_conf {
	unsigned workers;
	unsigned burst;
	uint64_t lag_ns; /* what is late by no more is made up for */
};

/* Prepares for sending through started ports. Returns 0, or -errno after saying why. */
int send_open(struct sending **sending, struct ports *ports, const struct pktgen_clock *clock, struct workers *workers,
              const struct send_conf *conf);
void send_close(struct sending *sending);

/* For the workers: sends what is due at @now, of pktgen_now(). Returns when there is something to do again. */
struct sender *send_worker(struct sending *sending, unsigned worker);
uint64_t send_round(struct sender *sender, uint64_t now);

/* --- by the main thread ------------------------------------------------------------------------------------------------ */

/*
 * Begins to send the streams of @set, which must stay as it is until send_stop(), at the time @when of pktgen_now() (0: at
 * once), in place of what was sent before. Counters and sequence numbers begin at 0. Streams without a rate of their own
 * have @rate together, those of a port; @count is the number of packets of all streams together (0: no limit). Waits
 * some seconds for links that are down. Returns 0, or -errno after saying why, and then nothing is sent.
 */
int send_start(struct sending *sending, const struct stream_set *set, const struct rate *rate, uint64_t count,
               uint64_t when);

/*
 * Changes the rate of stream number @stream, with -1 of those that have none of their own. Sequence numbers and counters
 * go on. Returns 0, or -errno after saying why.
 */
int send_set_rate(struct sending *sending, int stream, const struct rate *rate);

/* Ends it. Returns when no worker sends any more. */
void send_stop(struct sending *sending);

/* All streams have come to their ends, or there are none. workers_all_done() is called when that becomes true. */
bool send_finished(const struct sending *sending);

/* Says of each capture that cannot be read any further why, once. Returns 0, or the -errno of one. */
int send_health(struct sending *sending);

/* Fills @report for stream number @stream of the set; all 0 when there is no such stream. */
void send_report(const struct sending *sending, unsigned stream, struct send_report *report);

#endif
