/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A moment's view of what is sent and what became of it: what the screen, lines, the control socket and scripts show.
 */
#ifndef PKTGEN_LIVE_H
#define PKTGEN_LIVE_H

#include <jansson.h>

#include "measure.h"
#include "receive.h"
#include "send.h"

struct pktgen;

struct live_stream {
	int id;
	char name[STREAM_NAME]; /* "stream 7" of one that is sent elsewhere */
	bool ours;              /* sent by us */
	struct send_report sent;
	struct measure_counts came;
	uint64_t lost; /* or as long as it is sent, missing */
};

struct live {
	double seconds; /* since the program began */
	unsigned count;
	struct live_stream *streams;
	struct live_stream sum;
	struct receive_others others;
	struct latency latency; /* of all */
};

/* By the main thread. live_init() returns 0 or -ENOMEM; live_take() also, and @live is as it was then. */
int live_init(struct live **live);
void live_free(struct live *live);
int live_take(struct live *live, const struct pktgen *pktgen);

/* What happened, as JSON; with @before (or NULL) rates too. A new reference. */
json_t *live_json(const struct live *live, const struct live *before);

/* Lines of text on the standard output: one a stream of which something came, and one of latency. */
void live_print(const struct live *live);

/* {"count": .., "min_ns": .., ...} */
json_t *live_latency_json(const struct latency_figures *figures);

#endif
