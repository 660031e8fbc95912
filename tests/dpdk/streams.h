/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Streams of TCP that a card may coalesce: sent as segments, mixed; what is received, in whatever packets, is put
 * together.
 */
#ifndef TESTS_DPDK_STREAMS_H
#define TESTS_DPDK_STREAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "weir/sim.h"

#define STREAMS         3u
#define STREAM_SEGMENTS 30u
#define STREAM_PAYLOAD  1000u
#define STREAM_BYTES    (STREAM_SEGMENTS * STREAM_PAYLOAD)

struct streams {
	size_t len[STREAMS];
	unsigned packets; /* of all */
	bool wrong;       /* a header did not fit what came with it */
	uint8_t bytes[STREAMS][STREAM_BYTES];
};

/* Lets the segments of all streams arrive at @nic, and expects them. */
void streams_send(struct streams *streams, struct weir_sim_nic *nic);

/* A packet was received. */
void streams_take(struct streams *streams, const uint8_t *packet, size_t len);

/* Whether so much was received as was sent; whether it was just that, in packets that say what they are. */
bool streams_complete(const struct streams *streams);
bool streams_right(const struct streams *streams);

#endif
