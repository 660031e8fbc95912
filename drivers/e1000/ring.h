/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the data path knows: descriptors and queues. rx.c and tx.c include this and nothing of the control path.
 *
 * Receive ring, counters that run free and are masked when used:
 *
 *        head                      tail
 *         v                         v
 *      | . | D | D | D | . . . . . | . . |      [head, tail) belong to the device, with a buffer each; what of them
 *           written back -> packets              it has written back is taken at head, new buffers go in at tail
 *
 * Transmit ring: [head, tail) belong to the device. Descriptors that report back (RS) are noted in a queue of marks,
 * with how far the ring and the list of packets in flight are done when that descriptor is.
 */
#ifndef E1000_RING_H
#define E1000_RING_H

#include "bus/bus.h"
#include "port/driver.h"

/* As written by the driver, and as written back by the device; little-endian. */
union e1000_rx_desc {
	struct {
		uint64_t packet; /* IOVA of the buffer */
		uint64_t none;   /* takes what is written back, so it must not say that it is done */
	} read;
	struct {
		uint32_t type; /* extended: RXD_RSS_TYPE; legacy descriptors leave these two as they are */
		uint32_t hash;
		uint64_t done; /* written last. Extended: status and errors, length << 32, VLAN tag << 48. Legacy:
		                  length, status << 32, errors << 40, VLAN tag << 48 */
	} done;
};
_Static_assert(sizeof(union e1000_rx_desc) == 16, "317453, 3.2.3");

/* A data or a context descriptor (317453, 3.3.6 and 3.3.7). */
struct e1000_tx_desc {
	uint32_t word[4];
};
_Static_assert(sizeof(struct e1000_tx_desc) == 16, "317453, 3.3");

#define E1000_SLOTS_MIN  64u
#define E1000_SLOTS_MAX  4096u
#define E1000_BATCH      32u   /* buffers refilled at once, and descriptors between two that report back */
#define E1000_TX_ENTRIES 40u   /* buffers of one packet */
#define E1000_TX_PIECE   4096u /* bytes of one descriptor: a quarter of the smallest packet buffer for sending */

/* Where a queue cannot go on, for e1000_watch(): written by the thread that polls it. */
struct e1000_stall {
	uint32_t at;    /* number of the slot */
	uint32_t tries; /* how often it was found so */
};

/* What e1000_watch() saw of one last, and since when. */
struct e1000_stuck {
	uint32_t at, tries;
	uint64_t since_ns; /* 0: it was not seen yet */
};

static inline void e1000_stalled(struct e1000_stall *stall, uint32_t at)
{
	__atomic_store_n(&stall->at, at, __ATOMIC_RELAXED);
	__atomic_store_n(&stall->tries, stall->tries + 1, __ATOMIC_RELAXED);
}

struct e1000_rxq {
	struct weir_rxq rxq;
	union e1000_rx_desc *ring;
	uint32_t *bufs; /* the buffer in each slot */
	uint32_t head, tail, mask;
	uint32_t room;      /* bytes of a buffer that the device may write */
	uint32_t frame_max; /* bytes of a frame, without CRC */
	uint32_t entries_max;
	const uint64_t *pages; /* for bus_iova() */
	uint16_t headroom;
	uint16_t wanted;        /* flags that may be set */
	bool skip;              /* what is left of a packet that was given up, up to its end */
	bool within_64k;        /* no buffer may cross a boundary of 64 KiB (ERRATUM_64K) */
	struct e1000_stall gap; /* a slot that is not done, but the one behind it is */
	struct bus_doorbell tail_bell;
	/* Cold. */
	const char *variant;
	int fd;            /* becomes readable when its interrupt comes */
	unsigned interval; /* between two of them, in 256 ns */
	bool adapts;       /* ... to what is received: */
	uint64_t work;     /* so much was, in all, when the queue was waited for last */
	uint32_t slots;
	struct e1000_stuck stuck;
};

struct e1000_tx_mark {
	uint32_t tail; /* of the ring, behind the descriptor that reports */
	uint32_t sent; /* of the packets, what is done then */
};

/* A context descriptor. */
struct e1000_tx_context {
	uint32_t word[4];
};

/* What a packet's flags come to in descriptors. */
struct e1000_tx_request {
	struct e1000_tx_context context; /* word 2 without the length */
	bool has_context;
	bool software;    /* something of it is done before the device gets the packet */
	uint32_t command; /* for word 2 of its data descriptors */
	uint32_t options; /* for word 3: IXSM, TXSM, the VLAN tag */
	uint32_t headers; /* bytes that are in every segment; 0: it is not cut */
	uint32_t reach;   /* bytes that its first buffer must have: the headers that are looked into */
};

#define E1000_TX_NOTHING UINT64_MAX /* no packet asks for that */

struct e1000_txq {
	struct weir_txq txq;
	struct e1000_tx_desc *ring;
	struct weir_pkt *sent; /* entries in flight, in order; freed from sent_head on */
	struct e1000_tx_mark *marks;
	const uint64_t *pages; /* for bus_iova() */
	uint32_t head, tail, mask;
	uint32_t sent_head, sent_tail;
	uint32_t mark_head, mark_tail;
	uint32_t reported; /* tail of the newest mark */
	uint32_t frame_max;
	uint32_t piece;                  /* most bytes of one descriptor */
	bool inserts;                    /* the device inserts VLAN tags */
	bool early;                      /* ERRATUM_EARLY */
	bool was_cut;                    /* ... the last packet was cut into segments */
	struct e1000_tx_context context; /* what the device has */
	uint64_t asked;                  /* what the last packet asked for, all of it, and what that came to */
	struct e1000_tx_request request;
	struct e1000_stall full; /* no room for a packet, with this head */
	struct bus_doorbell tail_bell;
	/* Cold. */
	bool running;
	uint32_t slots;
	struct e1000_stuck stuck, silent; /* the device does not move; it does not report */
};

typedef unsigned e1000_rx_fn(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n);
typedef unsigned e1000_tx_fn(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n);

/*
 * By CPU level; 1 is portable. legacy and extended are the descriptors' formats. plain: one buffer a packet, and nothing
 * said of it; full: chains, and what was asked for is said.
 */
#define E1000_LEVEL(v)                                                                                   \
	e1000_rx_fn e1000_rx_legacy_plain_v##v, e1000_rx_legacy_full_v##v, e1000_rx_extended_plain_v##v, \
	    e1000_rx_extended_full_v##v;                                                                 \
	e1000_tx_fn e1000_tx_v##v;                                                                       \
	void e1000_rx_refill_v##v(struct e1000_rxq *q);                                                  \
	void e1000_tx_reclaim_v##v(struct e1000_txq *q)
E1000_LEVEL(1);
#if defined(__x86_64__)
E1000_LEVEL(2);
E1000_LEVEL(3);
E1000_LEVEL(4);
#endif
#undef E1000_LEVEL

static inline struct e1000_rxq *e1000_rxq(struct weir_rxq *rxq)
{
	return container_of(rxq, struct e1000_rxq, rxq);
}

static inline struct e1000_txq *e1000_txq(struct weir_txq *txq)
{
	return container_of(txq, struct e1000_txq, txq);
}

#endif
