/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rings with names, as the ports that are joined by them share them. Internal to drivers/host.
 */
#ifndef HOST_RING_H
#define HOST_RING_H

#include "port/driver.h"
#include "weir/ring.h"

#define RING_ENTRIES_MAX 128u /* of one packet: what every receiver has to have room for */

enum { FROM, TO }; /* a port's two sides, as its spec names them */

/* Who receives from a ring, or who sends to it. */
struct ring_side {
	unsigned busy;   /* the only port of this side is in the ring just now */
	unsigned shared; /* there has been a second one: they take turns */
	unsigned users;  /* ports, under weir->lock */
} __attribute__((aligned(64)));

/* A ring with a name, in weir->wires. */
struct ring_wire {
	struct ring_wire *next;
	char name[64];
	unsigned queue;
	int event; /* readable when packets are there for somebody who waits */
	struct weir_ring *ring;
	struct ring_side sides[2];
	unsigned armed __attribute__((aligned(64))); /* somebody waits */
	bool strict; /* membarrier() is not to be had: senders must exchange, not only look, and always take turns */
};

struct ring_rxq {
	struct weir_rxq rxq;
	struct ring_wire *wire;
};

struct ring_txq {
	struct weir_txq txq;
	struct ring_wire *wire;
};

/* Wakes whoever waits for packets from @wire. */
void ring_wake(struct ring_wire *wire);

/* The data path, by CPU level (ring_level.c). */
typedef unsigned ring_rx_fn(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n);
typedef unsigned ring_tx_fn(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n);

ring_rx_fn ring_rx_v1;
ring_tx_fn ring_tx_v1;
#if defined(__x86_64__)
ring_rx_fn ring_rx_v3, ring_rx_v4;
ring_tx_fn ring_tx_v3, ring_tx_v4;
#endif

#endif
