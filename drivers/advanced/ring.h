/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Queues of advanced descriptors, which the 82575 began with and the 82599 goes on with: what ixgbe and igb have in
 * common, and all that the data path knows. Sections in this folder are those of the 82599 datasheet; the 82576's says the
 * same in sections of the same numbers.
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
 *
 * What is assumed of the device:
 *
 *      TRUST          Nothing that it writes is believed: a length above the buffer's, a packet of too many buffers or
 *                     of none costs a counted drop. It can lose or invent packets, not reach memory that is not mapped.
 *      DD             The status word of a receive descriptor is written with or after the rest of it (7.1.6), in one
 *                     store of 8 bytes.
 *      IN_ORDER       Descriptors are done in order (7.2.3.3): a transmit descriptor that reports back speaks for all before
 *                     it; a receive queue that leaves one out is told of as damaged.
 */
#ifndef ADVANCED_RING_H
#define ADVANCED_RING_H

#include "bus/bus.h"
#include "port/driver.h"

/* As written by the driver, and as written back by the device (7.1.6); little-endian. */
union adv_rx_desc {
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
_Static_assert(sizeof(union adv_rx_desc) == 16, "7.1.6");

/* A data or a context descriptor (7.2.3). */
struct adv_tx_desc {
	uint32_t word[4];
};
_Static_assert(sizeof(struct adv_tx_desc) == 16, "7.2.3");

#define ADV_SLOTS_MIN  64u
#define ADV_SLOTS_MAX  4096u      /* RDLEN and TDLEN take more (8.2.3.8.3), but that only costs cache */
#define ADV_BATCH      32u        /* buffers refilled at once, and descriptors between two that report back */
#define ADV_TX_ENTRIES 40u        /* buffers of one packet (7.2.1) */
#define ADV_RX_TAKEN   UINT32_MAX /* no buffer: the slot's was part of a packet that began before */

/* Where a queue cannot go on, for watch.c: written by the thread that polls it. */
struct adv_stall {
	uint32_t at;    /* number of the slot */
	uint32_t tries; /* how often it was found so */
};

/* What watch.c saw of one last, and since when. */
struct adv_stuck {
	uint32_t at, tries;
	uint64_t since_ns; /* 0: it was not seen yet */
};

static inline void adv_stalled(struct adv_stall *stall, uint32_t at)
{
	__atomic_store_n(&stall->at, at, __ATOMIC_RELAXED);
	__atomic_store_n(&stall->tries, stall->tries + 1, __ATOMIC_RELAXED);
}

struct adv_family;

/*
 * The head of a driver's own struct. What is at hand with every poll stands in front, in as few lines of the cache as will do:
 * a thread that polls many queues finds hardly one of them in the first level.
 */
struct adv_rxq {
	struct weir_rxq rxq;
	union adv_rx_desc *ring;
	uint32_t *bufs; /* the buffer in each slot */
	uint32_t head, tail, mask;
	uint32_t room;      /* bytes of a buffer that the device may write */
	uint32_t frame_max; /* bytes of a frame, without CRC */
	uint32_t looked_at; /* for four packets at a time: bits of word 2 that must all be 0, but for RXD_EOP */
	uint64_t iova;      /* of the data of a buffer 0: BUS_IOVA_BASE and the headroom, */
	struct bus_doorbell tail_bell;
	bool placed; /* ... unless the device sees memory by .pages, or not all buffers are for it: adv_rxq_place() */
	bool skip;   /* what is left of a packet that was given up, up to its EOP */
	uint16_t headroom;
	uint16_t wanted;  /* flags that may be set */
	uint16_t doubted; /* WEIR_PKT_L4 of packets whose layer-4 checksum may be right though it is called bad */
	uint32_t entries_max;
	struct adv_stall gap;  /* a slot that is not done, but the one behind it is */
	const uint64_t *pages; /* bus_iova() */
	uint16_t verdicts[16]; /* flags by IPE, L4E, IPCS, L4CS */
	uint16_t types[128];   /* flags by RXD_TYPE */
	/* Cold. */
	const struct adv_family *family;
	bool within_64k; /* no buffer may cross a boundary of 64 KiB */
	uint32_t *unfit; /* those that do */
	uint32_t unfit_count;
	const char *variant;
	int fd; /* becomes readable when its interrupt comes */
	unsigned vector;
	unsigned interval; /* of the vector, in the device's units */
	bool adapts;       /* ... to what is received: */
	uint64_t work;     /* so much was, in all, when the queue was waited for last */
	uint32_t slots;
	struct adv_stuck stuck;
};

struct adv_tx_mark {
	uint32_t tail; /* of the ring, behind the descriptor that reports */
	uint32_t sent; /* of the packets, what is done then */
};

/* What is in a context slot of the device: words 0, 2 and 3 of the descriptor. */
struct adv_tx_context {
	uint32_t lengths, type, mss;
};

/* What a packet's flags come to in descriptors. */
struct adv_tx_request {
	struct adv_tx_context context;
	bool has_context;
	uint32_t slot;    /* where the device has the context */
	uint32_t command; /* for word 2 of its data descriptors */
	uint32_t options; /* for word 3: IXSM, TXSM */
	uint32_t headers; /* bytes that are in every segment; 0: it is not cut */
	uint32_t reach;   /* bytes that its first buffer must have: the headers that are looked into */
};

#define ADV_TX_NOTHING UINT64_MAX /* no packet asks for that */

struct adv_txq {
	struct weir_txq txq;
	struct adv_tx_desc *ring;
	struct weir_pkt *sent; /* entries in flight, in order; freed from freed on */
	struct adv_tx_mark *marks;
	uint32_t head, tail, mask;
	uint32_t sent_head, sent_tail;
	uint32_t mark_head, mark_tail;
	uint32_t reported; /* tail of the newest mark */
	struct bus_doorbell tail_bell;
	const uint64_t *pages; /* as in struct adv_rxq */
	uint32_t frame_max;
	bool stamp;     /* the next packet's departure is to be noted */
	uint64_t asked; /* what the last packet asked for, all of it, and what that came to */
	struct adv_tx_request request;
	uint32_t context; /* the slot that was used last */
	struct adv_tx_context contexts[2];
	struct adv_stall full; /* no room for a packet, with this head */
	/* Cold. */
	bool running;
	uint32_t slots;
	struct adv_stuck stuck, silent; /* the device does not move; it does not report */
};

typedef unsigned adv_rx_fn(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n);
typedef unsigned adv_tx_fn(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n);

/* By CPU level; 1 is portable. */
#if defined(__x86_64__)
#define ADV_LEVELS 4
#define LEVELS_OF(fn)                              \
	{                                          \
		fn##_v1, fn##_v2, fn##_v3, fn##_v4 \
	}
/* Where level 2 has nothing of its own. */
#define LEVELS_BUT_2_OF(fn)                        \
	{                                          \
		fn##_v1, fn##_v1, fn##_v3, fn##_v4 \
	}
adv_tx_fn adv_tx_v1, adv_tx_v3, adv_tx_v4;
#else
#define ADV_LEVELS 1
#define LEVELS_OF(fn)   \
	{               \
		fn##_v1 \
	}
#define LEVELS_BUT_2_OF LEVELS_OF
adv_tx_fn adv_tx_v1;
#endif
void adv_tx_reclaim_v1(struct adv_txq *q);

static inline struct adv_rxq *adv_rxq(struct weir_rxq *rxq)
{
	return container_of(rxq, struct adv_rxq, rxq);
}

static inline struct adv_txq *adv_txq(struct weir_txq *txq)
{
	return container_of(txq, struct adv_txq, txq);
}

#endif
