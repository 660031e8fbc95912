/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Receiving: each packet is recognised by its signature and measured with its stream; requests for our addresses are
 * answered; what a capture waits for is captured.
 *
 * All queues of a port are served by one worker, so that a stream's packets are looked at in the order in which they came.
 * (Several queues have no order among themselves: with --queues above 1 reordering is the card's.)
 */
#ifndef PKTGEN_RECEIVE_H
#define PKTGEN_RECEIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "answer.h"
#include "capture.h"
#include "measure.h"

struct idle;
struct pktgen_clock;
struct ports;
struct receiver;
struct receiving;
struct workers;

/* What came by a port beside the packets of streams. */
struct receive_others {
	uint64_t foreign; /* packets without a signature */
	uint64_t foreign_bytes;
	uint64_t old;            /* of ours, sent before receive_clear() */
	uint64_t unclaimed;      /* of ours and damaged, so that nobody knows of which stream */
	uint64_t unmeasured;     /* of ours, but there was no memory to measure their stream */
	uint64_t early;          /* that came before they were sent, by their clocks: latency 0 was noted */
	uint64_t arp, ndp, ping; /* answers */
};

/*
 * Prepares for receiving from started ports, which go round the @worker_count workers. Returns 0, or -errno after saying why.
 */
int receive_open(struct receiving **receiving, struct ports *ports, const struct pktgen_clock *clock,
                 struct workers *workers, unsigned worker_count, unsigned burst);
void receive_close(struct receiving *receiving);

/* For the workers: takes what came. Returns how many entries. Answers leave by transmit queue @txq of the port. */
struct receiver *receive_worker(struct receiving *receiving, unsigned worker);
unsigned receive_round(struct receiver *receiver);

/* Lets @idle watch the worker's queues. Returns how many there are. */
unsigned receive_watch(const struct receiver *receiver, struct idle *idle);

/* How many of the worker's queues may still bring something. */
unsigned receive_unfinished(const struct receiver *receiver);

/* --- by the main thread ------------------------------------------------------------------------------------------------ */

/* Has port number @port answer for the addresses of @answer, with its own MAC. Before the workers run. */
void receive_set_answer(struct receiving *receiving, unsigned port, const struct answer *answer);

struct capture *receive_capture(struct receiving *receiving, unsigned port);

/* Begins to measure anew: what is sent before now is old. Returns when the workers have done so. */
void receive_clear(struct receiving *receiving);

/* To be called now and then: follows the ports' clocks. */
void receive_tick(struct receiving *receiving);

/* Adds up what port number @port (-1: all) has of stream @id (-1: all) in @counts, and in @latency unless that is NULL. */
void receive_read(const struct receiving *receiving, int port, int id, struct measure_counts *counts,
                  struct latency *latency);

/* The same for what belongs to no stream. */
void receive_read_others(const struct receiving *receiving, int port, struct receive_others *others);

/* The first number from @id on of a stream that something came of; -1: there is none. */
int receive_next(const struct receiving *receiving, int id);

#endif
