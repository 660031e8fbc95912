/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The ports that a program was given on its command line, with the context and the pool behind them.
 */
#ifndef COMMON_PORTS_H
#define COMMON_PORTS_H

#include <stdbool.h>
#include <stdint.h>

#include <weir/pool.h>
#include <weir/port.h>

#include "log.h"
#include "options.h"

/* What a port can say of a received packet, and what makes it do so. */
#define OFFLOADS_SAID (WEIR_OFFLOAD_RX_CSUM | WEIR_OFFLOAD_RX_VLAN | WEIR_OFFLOAD_RX_HASH)
enum said { SAID_IP_GOOD, SAID_IP_BAD, SAID_L4_GOOD, SAID_L4_BAD, SAID_VLAN, SAID_HASH, SAID_COUNT };

/* A receive queue, and how the loop that serves it does. One thread counts, others read. */
struct inlet {
	struct weir_rxq *rxq;
	uint64_t bursts;  /* calls of weir_rx() that brought something */
	uint64_t entries; /* ... and how much */
	uint64_t packets;
	uint64_t ticks; /* of weir_clock(), spent on them */

	/* What the port was asked to say of packets (--offloads), and said. */
	uint64_t said[SAID_COUNT];
} __attribute__((aligned(128)));

/* A transmit queue, which belongs to one worker. */
struct outlet {
	struct weir_txq *txq;
	uint64_t given_up; /* packets for which there was no room, for long enough */
	bool lost;         /* the device is gone: nothing will be sent any more */
} __attribute__((aligned(128)));

struct port {
	const char *spec;
	struct weir_port *weir;
	struct weir_port_info info;
	bool input, output;     /* packets are taken from it; are sent to it */
	struct inlet *inlets;   /* one a receive queue */
	struct outlet *outlets; /* one a transmit queue */
	int damage;             /* 0, or the -errno that was told */
};

struct ports {
	struct weir *weir;
	struct weir_pool *pool;
	struct log *log;
	unsigned count;
	struct port *port;
};

/* What is wanted of one port. */
struct port_wish {
	bool receive;
	unsigned rx_queues, tx_queues; /* 0: as the port likes */
};

/*
 * Opens a context, a pool and a port for each of the options' specs, with @wishes[i] for each. Returns 0, or -errno
 * after saying why, and then nothing is open.
 */
int ports_open_all(struct ports *ports, struct log *log, const struct options *options, const struct port_wish *wishes);

/* Starts and stops all of them. Return 0, or -errno after saying why. */
int ports_start_all(struct ports *ports);
int ports_stop_all(struct ports *ports);

/*
 * Says what has damaged a port's traffic, once a port. Returns 0, or the -errno of some damaged port; -ENODEV if one has
 * lost its device.
 */
int ports_health(struct ports *ports);

/* Closes everything. Returns 0, or -errno after saying why. */
int ports_close_all(struct ports *ports);

/* Whether the device of the queue's port is gone, as far as ports_health() has noticed. By any thread. */
static inline bool outlet_lost(const struct outlet *outlet)
{
	return __atomic_load_n(&outlet->lost, __ATOMIC_RELAXED);
}

/* Counting, by the worker. */
static inline void tally(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, __atomic_load_n(counter, __ATOMIC_RELAXED) + n, __ATOMIC_RELAXED);
}

#endif
