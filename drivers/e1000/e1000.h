/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The driver of Intel's gigabit cards with descriptors of the 8254x: what its files share. Beside them it stands on
 * drivers/gigabit (the card itself) and drivers/advanced (rings and the data path).
 */
#ifndef E1000_E1000_H
#define E1000_E1000_H

#include "../advanced/queue.h"
#include "../gigabit/gigabit.h"
#include "ring.h"

#define E1000_QUEUES 2u

/* Causes of receive queues: of the line, and of vectors. */
#define E1000_RX_CAUSES   (ICR_RXT0 | ICR_RXDMT0 | ICR_RXO)
#define E1000_RX_CAUSE(i) (ICR_RXQ0 << (i))

struct e1000 {
	struct gigabit nic;
	bool extended; /* the format of receive descriptors */
	bool used;     /* queues have run since the last reset */
	bool vectors;  /* MSI-X, or a line: */
	enum bus_irq line;
	unsigned fds;               /* receive queues that have one */
	pthread_mutex_t watch_lock; /* held while rings come and go */
};

static inline struct e1000 *e1000(struct weir_port *port)
{
	return container_of(port, struct e1000, nic.port);
}

/* --- port.c: what holds for all queues --------------------------------------------------------------------------------- */

int e1000_start(struct weir_port *port);
int e1000_stop(struct weir_port *port);
int e1000_set_mtu(struct weir_port *port, unsigned mtu);

/* What weir/filter.h asks for: without and with RSS. */
extern const struct filter_ops e1000_filters;

/* --- queue.c ----------------------------------------------------------------------------------------------------------- */

/* Decides ring sizes and rx_entries_max, and checks the pool. */
int e1000_decide_rings(struct e1000 *card);
unsigned e1000_entries(struct e1000 *card, unsigned mtu);

/* RCTL's fields for the size of the pool's buffers. */
uint32_t e1000_buffer_size(struct e1000 *card);

int e1000_rxq_open(struct e1000 *card, struct adv_rxq *q);    /* memory */
void e1000_rxq_set_up(struct e1000 *card, struct adv_rxq *q); /* hardware, before anything is received */

int e1000_txq_open(struct e1000 *card, struct e1000_txq *q);
void e1000_txq_set_up(struct e1000 *card, struct adv_txq *q);

/* --- wait.c ------------------------------------------------------------------------------------------------------------ */

int e1000_irqs_open(struct e1000 *card);
void e1000_irqs_close(struct e1000 *card);
int e1000_rxq_fd(struct weir_rxq *rxq);
int e1000_rxq_arm(struct weir_rxq *rxq);
extern const struct queue_ops e1000_queues;

/* --- watch.c ----------------------------------------------------------------------------------------------------------- */

/* Looks for a device that went away or a queue that hangs, and damages the port then. */
void e1000_watch(struct weir_port *port);

#endif
