/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the two halves of the af_packet driver share: af_packet.c sets queues up, af_packet_io.c moves packets.
 *
 * What is assumed of the kernel:
 * TX_SYNC    it looks at the transmit ring in send() only, and touches no slot afterwards but those that it took then.
 * NO_CUT     with PACKET_QDISC_BYPASS it refuses (ENOBUFS) long packets that the device does not cut itself.
 * RX_COUNTED a frame without TP_STATUS_USER inside a block is one that it gave up on, and has counted in tp_drops.
 */
#ifndef HOST_AF_PACKET_H
#define HOST_AF_PACKET_H

#include <linux/if_packet.h>

#include "host.h"

#define PACKET_SEGMENTS_MAX 1024u  /* entries that a long packet may be cut into */
#define PACKET_TX_CHUNK     MIB(1) /* slots are allotted in chunks of so much */

/* A slot takes the longest packet there is. The odd part keeps the slots' beginnings out of one cache set. */
#define PACKET_TX_SLOT (UINT32_C(65536) + 512)

struct packet_rxq {
	struct weir_rxq rxq;
	uint8_t *ring;
	size_t ring_bytes;
	unsigned block_bytes, blocks;
	unsigned block;       /* the one that is read next, or is being read */
	unsigned frames;      /* left in it */
	unsigned frame;       /* where the next one starts in it */
	unsigned entries_max; /* that a packet may take */
	uint32_t offloads;
	unsigned idle;    /* polls without a packet */
	uint64_t gone_ns; /* when the interface was found to be gone; 0: it is there */
	int fd;

	/* A packet that was put together, and its segments that are not handed out yet. */
	struct weir_pkt *whole, *segments;
	unsigned segment, segments_end;
};

struct packet_txq {
	struct weir_txq txq;
	uint8_t *ring;
	size_t ring_bytes;
	unsigned slots, slots_per_chunk;
	unsigned head; /* free-running: the slot that the kernel takes next */
	unsigned tail; /* free-running: the slot that is filled next */
	unsigned frame_max;
	uint64_t stuck_ns; /* since when the kernel takes nothing; 0: it does */
	bool bypass;       /* frames go to the device past its queueing discipline */
	int fd;
};

struct packet_port {
	struct weir_port port;
	struct host_if nif;
	unsigned fanout_word; /* the index of the word that says how receive queues share */
};

static inline struct packet_port *packet_port(struct weir_port *port)
{
	return container_of(port, struct packet_port, port);
}

static inline struct packet_rxq *packet_rxq(struct weir_rxq *rxq)
{
	return container_of(rxq, struct packet_rxq, rxq);
}

static inline struct packet_txq *packet_txq(struct weir_txq *txq)
{
	return container_of(txq, struct packet_txq, txq);
}

/* The burst functions. */
unsigned packet_rx(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n);
unsigned packet_tx(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n);

/* Whether packets wait to be received. */
bool packet_rx_ready(const struct packet_rxq *q);

/* Whether the interface has gone; then marks the queue as finished, once its last packets have had time to come. */
void packet_rx_look(struct packet_rxq *q);

/* Makes the kernel take what it can of the slots that are filled. */
void packet_tx_kick(struct packet_txq *q);

/* Gives up all packets that the kernel did not take. */
void packet_tx_drop(struct packet_txq *q, enum weir_drop reason);

/* Whether the kernel still reads from any slot. */
bool packet_tx_busy(const struct packet_txq *q);

#endif
