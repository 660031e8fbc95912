/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Queues of advanced descriptors without their registers: memory, tables, bursts, and whether they move.
 */
#ifndef ADVANCED_QUEUE_H
#define ADVANCED_QUEUE_H

#include "rx.h"

/* The variants of a driver's rx.c, by CPU level. */
struct adv_bursts {
	const char *name; /* "offloads" */
	adv_rx_fn *level[ADV_LEVELS];
};

/* Bytes of one of the pool's buffers that the device may use; 0: they are too small. */
unsigned adv_buffer_room(const struct weir_pool *pool);

/* How many buffers of the port's pool a frame of @bytes takes, without CRC; 0: there is no pool, or it has no room. */
unsigned adv_entries(const struct weir_port *port, unsigned bytes);

/*
 * Sizes of the port's rings (what was asked for, rounded up, or the usual) and info.rx_entries_max. @entries: how many buffers
 * the longest packet takes; 0 is an error where there is a pool, whose buffers have less than @least bytes then.
 */
int adv_decide_rings(struct weir_port *port, unsigned entries, const char *least);
#define ADV_ROOM_LEAST "1,024"

/* For set_mtu: the application's arrays are made for what rx_entries_max was when the port started. */
int adv_take_entries(struct weir_port *port, unsigned mtu, unsigned entries);

/* Bytes of a frame, received without CRC and sent with it, for queues that run. */
void adv_set_frame_max(struct weir_port *port, uint32_t rx, uint32_t tx);

/* What a receive queue is for its port's configuration. */
struct adv_rx_setup {
	const struct adv_family *family;
	uint32_t room;      /* bytes of a buffer that the device may use */
	uint32_t frame_max; /* bytes of a frame, without CRC */
	bool within_64k;    /* no buffer may cross a boundary of 64 KiB */
	uint16_t doubted;   /* see struct adv_rxq; 0: nothing is */
	uint32_t tail;      /* register */
};

/* Memory and tables. q->rxq.burst is the driver's to choose. What fails is undone by _close. */
int adv_rxq_open(struct adv_rxq *q, const struct adv_rx_setup *setup);
void adv_rxq_close(struct adv_rxq *q);

/* Sets the burst, for the processor's level. */
void adv_rxq_choose(struct adv_rxq *q, const struct adv_bursts *bursts);

/* The least of plain, offloads, chains and metadata (in this order at @bursts) that does what is asked of the queue. */
void adv_rxq_choose_least(struct adv_rxq *q, const struct adv_bursts *bursts);

/* Gives the device all the buffers that it is to have, once the queue runs. */
void adv_rxq_fill(struct adv_rxq *q);

/* @frame_max: bytes of a frame, with CRC. */
int adv_txq_open(struct adv_txq *q, uint32_t frame_max, uint32_t tail);
void adv_txq_close(struct adv_txq *q);

/* Tells the device of an empty ring. @first: RDBAL or TDBAL of its queue. */
void adv_write_ring(const struct weir_port *port, uint32_t first, const void *ring, uint32_t slots);

/* Waits until everything that is queued is sent, for as long as @deadline_ns allows. @first: TDBAL of the queue. */
void adv_txq_drain(struct adv_txq *q, uint32_t first, uint64_t deadline_ns);

/* Fails with @err for a queue, "receive" or "transmit", that does not do as it is told. */
int adv_does_not_start(struct weir_port *port, int err, const char *what, unsigned index);
int adv_does_not_stop(struct weir_port *port, int err, const char *what, unsigned index);

/* Whether a packet is there. */
bool adv_rxq_ready(const struct adv_rxq *q);

/*
 * Much was waiting: the next wake-up may come later, and then there is more to do at once. Little was waiting: it may
 * come sooner. It follows from what was received since the queue was waited for last, not from time. Returns the
 * interval from now on, from @least to @most.
 */
unsigned adv_rxq_adapt(struct adv_rxq *q, unsigned least, unsigned most);

/* --- line.c ----------------------------------------------------------------------------------------------------------------- */

/* Opens the port's line (port_line_open()), and a descriptor of it for each receive queue. */
int adv_line_open(struct weir_port *port, unsigned irq);
void adv_line_close(struct weir_port *port);

/*
 * A vector for each receive queue, as far as there are, whose eventfds go into @fds; and one for events behind them. Returns how
 * many queues have one, or -errno. @room: of @fds.
 */
int adv_vectors_open(struct weir_port *port, int *fds, unsigned room);
void adv_vectors_close(struct weir_port *port, const int *fds, unsigned count);

/* --- watch.c ---------------------------------------------------------------------------------------------------------------- */

/* Damages the port when the queue hangs. @head and @tail are the device's; @moves: it has a link and is enabled. */
void adv_watch_txq(struct adv_txq *q, uint32_t head, uint32_t tail, bool moves, uint64_t now_ns);
void adv_watch_rxq(struct adv_rxq *q, uint64_t now_ns);

#endif
