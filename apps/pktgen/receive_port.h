/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The inside of receiving: what receive.c does with every packet, and receive_port.c makes, clears and reads.
 */
#ifndef PKTGEN_RECEIVE_PORT_H
#define PKTGEN_RECEIVE_PORT_H

#include "common/ports.h"
#include "payload.h"
#include "receive.h"
#include "stream.h"

struct receive_port {
	struct port *port;
	struct outlet *outlet; /* for answers; NULL: the port sends nothing */
	struct answer answer;
	struct capture *capture;
	struct receive_others others;
	uint64_t since; /* what was sent before is old */

	/* How far the clock of receive times is ahead of pktgen_now(). */
	int64_t clock_ahead;

	/* The main thread asks for clearing by a new number, the worker repeats it when it has done so. */
	uint64_t clear_wanted, clear_done, since_wanted;

	struct measure *measure[STREAMS_MAX]; /* made when the first packet of a stream comes */
};

/* A worker's share. */
struct receiver {
	const struct pktgen_clock *clock;
	uint8_t *base;
	struct weir_pool_cache *cache;
	unsigned room; /* bytes in a buffer */
	unsigned most; /* entries to take at once */
	uint64_t now;
	unsigned count;
	struct receive_port **ports;
	struct weir_pkt *pkts;
	uint8_t frame[FRAME_MAX]; /* a packet of several buffers */
	uint8_t reply[FRAME_MAX];
};

/* The measure of a stream, if something came of it; or else a new one, NULL without memory. By the worker. */
static inline struct measure *receive_known(const struct receive_port *port, uint16_t id)
{
	return id < STREAMS_MAX ? __atomic_load_n(&port->measure[id], __ATOMIC_ACQUIRE) : NULL;
}

struct measure *receive_stream(struct receive_port *port, uint16_t id);

void receive_others_clear(struct receive_others *others);

#endif
