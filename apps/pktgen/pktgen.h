/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * weir-pktgen: generator, receiver, measuring instrument. What its halves share.
 *
 *      stream*.c, template*.c, field.c, rate.c     what is to be sent: from text to bytes
 *      pace.c, send*.c, replay.c                   sending it, in time
 *      receive*.c, measure*.c, latency.c           what came, and how it fared
 *      answer.c, capture*.c                        answers for addresses; packets into files
 *      rfc2544.c, y1564.c, testing*.c, report_*.c  tests made of trials
 *      control*.c, script.c                         commands while it runs
 *      worker.c                                    the loop that does both
 */
#ifndef PKTGEN_PKTGEN_H
#define PKTGEN_PKTGEN_H

#include <stdint.h>
#include <time.h>

#include "common/idle.h"
#include "common/ports.h"
#include "common/workers.h"
#include "options.h"
#include "payload.h"
#include "receive.h"
#include "send.h"
#include "stream.h"

/*
 * The program's clock: nanoseconds since 1970 when the program began, and from then on at CLOCK_MONOTONIC's pace, whatever
 * is done to the time of day. Packets are sent by it, and carry it.
 */
struct pktgen_clock {
	uint64_t offset; /* to be added to CLOCK_MONOTONIC */
};

static inline uint64_t pktgen_clock_read(clockid_t id)
{
	struct timespec time;

	clock_gettime(id, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static inline uint64_t pktgen_now(const struct pktgen_clock *clock)
{
	return pktgen_clock_read(CLOCK_MONOTONIC) + clock->offset;
}

struct control;

/* A worker: sends streams, and takes packets from receive queues. */
struct worker {
	struct pktgen *pktgen;
	unsigned index;
	struct sender *sender;
	struct receiver *receiver;
	struct idle idle; /* watches the receiver's queues */
	bool dry;         /* it has said that nothing is left to send, and nothing will come */
};

struct pktgen {
	struct pktgen_options options;
	struct log log;
	struct pktgen_clock clock;
	struct ports ports;
	struct workers workers;
	struct worker *worker; /* one for each of options.common.workers */
	struct sending *sending;
	struct receiving *receiving;
	struct control *control;
	const struct stream_set *sent; /* what is sent now, or was; NULL: nothing yet */
	double start;                  /* watch_clock() when it began */
	int signal_fd;
};

/* The worker's function; takes a struct worker. */
worker_fn worker_run;

#endif
