/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What every case has: a simulator that moves only when it is told to, a card in it, and DPDK's driver on that card.
 */
#ifndef TESTS_DPDK_BENCH_H
#define TESTS_DPDK_BENCH_H

#include "pmd.h" /* first, for what it includes first */

#include "../unit/pools.h"

/* The address of the card. */
#define BENCH_MAC "\x02\x00\x00\x00\x00\x01"

struct bench {
	struct weir *weir;
	struct weir_sim *sim;
	struct weir_sim_nic *nic;
	struct pmd pmd;
	uint16_t port;     /* DPDK's number of it */
	uint64_t refused;  /* accesses to memory that the card must have been refused by the end */
	const char *known; /* a part of violations of the datasheet that are to be expected in this case */
};

extern struct bench bench;

/* Registers are asked for at the card, by messages of vfio-user, or by messages with the doorbells mapped. */
enum mode { EXACT, MESSAGES, FAST };

/* Makes a card of @model ("82599", "82599-kx4", "x540"), its cable's other end in our hands, and probes it. */
void bench_open(const char *model, enum mode mode);

/* The same, and starts the port. */
void begin(const char *model, enum mode mode, const struct pmd_conf *conf);

/*
 * Stops the port and closes the card. That the driver did what the datasheet forbids is a failure, unless it is known.
 */
void bench_close(void);
void end(void);

/* Whether DPDK may use vector instructions, from the next start on. */
void bench_vector(bool on);

/* Lets everything move until it stands still. */
void run(void);

/* A frame arrives at the card. */
void arrive(const void *frame, size_t len);

/* Receives the one packet that there should be in @queue. Returns its length, 0: there was none. */
size_t receive_one(uint16_t queue, uint8_t *bytes);

/* Whether the card sends exactly this next. */
bool departs(const void *frame, size_t len);

/* Frames of @n lengths from @first on arrive; they are received, compared, sent back, and compared again. */
void there_and_back(unsigned first, unsigned n);

/* A frame comes in by queue 0, and another goes out. */
void a_frame_passes(void);

/* A counter of the card's model. */
uint64_t card_counter(const char *name);

#endif
