/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the two halves of the tap driver share: tap.c sets the interface up, tap_io.c moves packets.
 */
#ifndef HOST_TAP_H
#define HOST_TAP_H

#include "host.h"

#define TAP_QUEUES_MAX  64u
#define TAP_VECTORS_MAX 1024u /* IOV_MAX of Linux */

struct tap_rxq {
	struct weir_rxq rxq;
	int fd;
	uint32_t offloads;
	unsigned need;         /* buffers that the longest packet takes */
	unsigned spares;       /* of them, how many are at hand */
	struct weir_pkt *bufs; /* need of them, unused */
	struct iovec *iov;     /* the header, the buffers, and a byte behind them */
};

struct tap_txq {
	struct weir_txq txq;
	int fd;
	unsigned frame_max;
	uint8_t *frame; /* where a packet is laid out that cannot be written as it lies */
	struct iovec iov[TAP_VECTORS_MAX];
};

struct tap_port {
	struct weir_port port;
	struct host_if nif;
	unsigned queues;
	int fds[TAP_QUEUES_MAX];
};

static inline struct tap_port *tap_port(struct weir_port *port)
{
	return container_of(port, struct tap_port, port);
}

static inline struct tap_rxq *tap_rxq(struct weir_rxq *rxq)
{
	return container_of(rxq, struct tap_rxq, rxq);
}

static inline struct tap_txq *tap_txq(struct weir_txq *txq)
{
	return container_of(txq, struct tap_txq, txq);
}

/* The burst functions. */
unsigned tap_rx(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n);
unsigned tap_tx(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n);

#endif
