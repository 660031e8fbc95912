/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sending streams: what the workers do, and how it is begun, changed and ended from outside.
 *
 * Each stream is sent by one worker through one transmit queue, so that its packets leave in the order of their sequence
 * numbers. What is to be sent is never changed under a worker's hands: a new *plan* is made, and each worker takes it over
 * in place of its old one, with the streams' sequence numbers when they are the same streams.
 */
#ifndef PKTGEN_SEND_H
#define PKTGEN_SEND_H

#include <stdbool.h>
#include <stdint.h>

#include "common/ports.h"
#include "stream.h"

/* What a stream has done since send_open(). Its worker counts, others read. */
struct send_counters {
	uint64_t packets;
	uint64_t bytes;  /* with the CRC */
	uint64_t missed; /* packets of the rate asked for that were not sent in time, and never will be */
	uint64_t failed; /* packets that could not be made, for want of a buffer; tried again */
} __attribute__((aligned(64)));

/* How fast a stream is asked to go, and went. */
struct send_report {
	struct rate asked; /* of the stream: of its own, or its share of the port's */
	double asked_pps;  /* the same in packets per second; 0: as fast as it goes, or as recorded */
	uint64_t packets, bytes, missed, failed;
	uint64_t sequence; /* of its next packet */
	bool sending;      /* it has not come to its end (count, file) */
};

struct sending;
struct workers;

/*
 * Prepares for sending through started ports. @rate holds for streams without a rate of their own, those of a port
 * together. Returns 0, or -errno after saying why.
 */
int send_open(struct sending **sending, struct ports *ports, struct workers *workers, unsigned worker_count,
              unsigned burst);
void send_close(struct sending *sending);

/*
 * Begins to send the streams of @set, which must stay as it is until send_stop(), at a time of pktgen_now() (0: at once).
 * What was sent before goes on no longer; counters and sequence numbers begin at 0. @count is the number of packets of
 * all streams together (0: no limit). Returns 0, or -errno after saying why. By the main thread, as all that follows.
 */
int send_start(struct sending *sending, const struct stream_set *set, const struct rate *rate, uint64_t count,
               uint64_t when);

/* Changes the rate of one stream, or with @stream -1 of all that have none of their own. Sequence numbers go on. */
int send_set_rate(struct sending *sending, int stream, const struct rate *rate);

/* Pauses and goes on; stops for good. Return when the workers have done so. */
int send_pause(struct sending *sending, bool pause);
void send_stop(struct sending *sending);

/* True when all streams have come to their ends. */
bool send_finished(const struct sending *sending);

/* Fills @report for stream number @stream of the set. */
void send_report(const struct sending *sending, unsigned stream, struct send_report *report);

/* For the workers: sends what is due. @now is pktgen_now(). Returns the time when there is something to do again. */
struct sender;
struct sender *send_worker(struct sending *sending, unsigned worker);
uint64_t send_round(struct sender *sender, uint64_t now);

#endif
