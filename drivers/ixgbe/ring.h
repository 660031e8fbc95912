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
#ifndef IXGBE_RING_H
#define IXGBE_RING_H

#include "bus/bus.h"
#include "port/driver.h"

/* As written by the driver, and as written back by the device (82599 datasheet 7.1.6); little-endian. */
union ixgbe_rx_desc {
	struct {
		uint64_t packet; /* IOVA of the buffer */
		uint64_t header; /* 0: not split; the word that takes DD */
	} read;
	struct {
		uint32_t type; /* RXD_RSS_TYPE, RXD_TYPE ... */
		uint32_t hash;
		uint64_t done; /* status and errors (RXD_DD ...), length << 32, VLAN tag << 48; written last */
	} done;
};
_Static_assert(sizeof(union ixgbe_rx_desc) == 16, "7.1.6");

/* A data or a context descriptor (7.2.3). */
struct ixgbe_tx_desc {
	uint32_t word[4];
};
_Static_assert(sizeof(struct ixgbe_tx_desc) == 16, "7.2.3");

#define IXGBE_SLOTS_MIN 64u
#define IXGBE_SLOTS_MAX 4096u /* RDLEN and TDLEN take 8,192 (8.2.3.8.3); more than this only costs cache */
#define IXGBE_BATCH     32u   /* buffers refilled at once, and descriptors between two that report back */

#define IXGBE_FDIR_MAX   8192u      /* filters of flow director */
#define IXGBE_LRO_BYTES  65536u     /* the most that is coalesced (8.2.3.8.13), */
#define IXGBE_LRO_BUFS   16u        /* ... in so many buffers */
#define IXGBE_RX_TAKEN   UINT32_MAX /* no buffer: the slot's was part of a packet that began before */
#define IXGBE_TX_ENTRIES 40u        /* buffers of one packet (7.2.1) */

/* Where a queue cannot go on, for ixgbe_watch(): written by the thread that polls it. */
struct ixgbe_stall {
	uint32_t at;    /* number of the slot */
	uint32_t tries; /* how often it was found so */
};

/* What ixgbe_watch() saw of one last, and since when. */
struct ixgbe_stuck {
	uint32_t at, tries;
	uint64_t since_ns; /* 0: it was not seen yet */
};

static inline void ixgbe_stalled(struct ixgbe_stall *stall, uint32_t at)
{
	__atomic_store_n(&stall->at, at, __ATOMIC_RELAXED);
	__atomic_store_n(&stall->tries, stall->tries + 1, __ATOMIC_RELAXED);
}

struct ixgbe_rxq {
	struct weir_rxq rxq;
	union ixgbe_rx_desc *ring;
	uint32_t *bufs; /* the buffer in each slot */
	uint32_t head, tail, mask;
	uint32_t room;      /* bytes of a buffer that the device may write */
	uint32_t frame_max; /* bytes of a frame, without CRC */
	uint32_t entries_max;
	uint64_t iova;         /* of the data of a buffer 0: BUS_IOVA_BASE and the headroom, */
	const uint64_t *pages; /* ... unless the device sees memory by these (bus_iova()) */
	uint16_t headroom;
	uint16_t wanted;                         /* flags that may be set */
	bool skip;                               /* what is left of a packet that was given up, up to its EOP */
	bool no_udp;                             /* ERRATUM_UDP_ZERO */
	struct ixgbe_stall gap;                  /* a slot that is not done, but the one behind it is */
	uint32_t headroom_row[4], wanted_row[4]; /* four times */
	struct bus_doorbell tail_bell;
	const uint32_t *marks; /* of flow director's filters, IXGBE_FDIR_MAX of them */
	uint16_t verdicts[16]; /* flags by IPE, L4E, IPCS, L4CS */
	uint16_t types[128];   /* flags by RXD_TYPE */
	/* Cold. */
	const char *variant;
	bool lro;
	int fd; /* the eventfd of its vector */
	unsigned vector;
	unsigned interval; /* of the vector, in 2.048 us */
	bool adapts;       /* ... to what is received: */
	uint64_t work;     /* so much was, in all, when the queue was waited for last */
	uint32_t slots;
	struct ixgbe_stuck stuck;
};

struct ixgbe_tx_mark {
	uint32_t tail; /* of the ring, behind the descriptor that reports */
	uint32_t sent; /* of the packets, what is done then */
};

/* What is in a context slot of the device: words 0, 2 and 3 of the descriptor. */
struct ixgbe_tx_context {
	uint32_t lengths, type, mss;
};

/* What a packet's flags come to in descriptors. */
struct ixgbe_tx_request {
	struct ixgbe_tx_context context;
	bool has_context;
	uint32_t slot;    /* where the device has the context */
	uint32_t command; /* for word 2 of its data descriptors */
	uint32_t options; /* for word 3: IXSM, TXSM */
	uint32_t headers; /* bytes that are in every segment; 0: it is not cut */
	uint32_t reach;   /* bytes that its first buffer must have: the headers that are looked into */
};

#define IXGBE_TX_NOTHING UINT64_MAX /* no packet asks for that */

struct ixgbe_txq {
	struct weir_txq txq;
	struct ixgbe_tx_desc *ring;
	struct weir_pkt *sent; /* entries in flight, in order; freed from freed on */
	struct ixgbe_tx_mark *marks;
	uint32_t head, tail, mask;
	uint32_t sent_head, sent_tail;
	uint32_t mark_head, mark_tail;
	uint32_t reported; /* tail of the newest mark */
	uint32_t frame_max;
	const uint64_t *pages; /* as in struct ixgbe_rxq */
	uint32_t context;      /* the slot that was used last */
	struct ixgbe_tx_context contexts[2];
	uint64_t asked; /* what the last packet asked for, all of it, and what that came to */
	struct ixgbe_tx_request request;
	bool stamp;              /* the next packet's departure is to be noted */
	struct ixgbe_stall full; /* no room for a packet, with this head */
	struct bus_doorbell tail_bell;
	/* Cold. */
	bool running;
	uint32_t slots;
	struct ixgbe_stuck stuck, silent; /* the device does not move; it does not report */
};

typedef unsigned ixgbe_rx_fn(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n);
typedef unsigned ixgbe_tx_fn(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n);

/* By CPU level; 1 is portable. plain: one buffer a packet, and nothing said of it; offload: what was asked for is said. */
ixgbe_rx_fn ixgbe_rx_plain_v1, ixgbe_rx_offload_v1, ixgbe_rx_chain_v1, ixgbe_rx_meta_v1, ixgbe_rx_lro_v1;
ixgbe_tx_fn ixgbe_tx_v1;
void ixgbe_rx_refill_v1(struct ixgbe_rxq *q);
void ixgbe_tx_reclaim_v1(struct ixgbe_txq *q);

/*
 * What flow director marked the packet with, and when it arrived, if the descriptor in @slot says so: put in front of it
 * (clock.c).
 */
void ixgbe_rx_note(struct ixgbe_rxq *q, uint32_t slot, uint64_t done, struct weir_pkt *pkt);

/*
 * Takes the packet at the head, which may be coalesced, to @pkts (lro.c). Returns the entries that it took, 0 when it was
 * dropped, or -EAGAIN when it is not there yet or does not fit into @n.
 */
int ixgbe_rx_take_parts(struct ixgbe_rxq *q, struct weir_pkt *pkts, unsigned n);

#if defined(__x86_64__)
ixgbe_rx_fn ixgbe_rx_plain_v2, ixgbe_rx_plain_v3, ixgbe_rx_plain_v4;
ixgbe_rx_fn ixgbe_rx_offload_v2, ixgbe_rx_offload_v3, ixgbe_rx_offload_v4;
ixgbe_rx_fn ixgbe_rx_lro_v2, ixgbe_rx_lro_v3, ixgbe_rx_lro_v4;
ixgbe_rx_fn ixgbe_rx_meta_v2, ixgbe_rx_meta_v3, ixgbe_rx_meta_v4;
ixgbe_rx_fn ixgbe_rx_chain_v2, ixgbe_rx_chain_v3, ixgbe_rx_chain_v4;
ixgbe_tx_fn ixgbe_tx_v2, ixgbe_tx_v3, ixgbe_tx_v4;
#endif

static inline struct ixgbe_rxq *ixgbe_rxq(struct weir_rxq *rxq)
{
	return container_of(rxq, struct ixgbe_rxq, rxq);
}

static inline struct ixgbe_txq *ixgbe_txq(struct weir_txq *txq)
{
	return container_of(txq, struct ixgbe_txq, txq);
}

#endif
