/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The driver of the 82576 and what came after it: what its files share. Beside them it stands on drivers/gigabit (the card
 * itself) and drivers/advanced (rings and the data path).
 */
#ifndef IGB_IGB_H
#define IGB_IGB_H

#include "../advanced/clock.h"
#include "../gigabit/gigabit.h"
#include "ring.h"

#define IGB_VECTORS 25u /* bits of EICR */
#define IGB_TAGS    8u  /* two VLAN tags, which a frame may have beyond its MTU */

#define IGB_FILTER_1588 7u /* of the EtherType filters and of the others, that which is kept for time stamps */
#define IGB_FILTERS     7u
#define IGB_FLEXES      8u

/* Causes that are events of the port; DMA is out of step with its descriptors and stands still (82576 datasheet, 8.8.9). */
#define IGB_EVENTS (ICR_LSC | ICR_FER | ICR_DOUTSYNC)

struct igb {
	struct gigabit nic;
	struct adv_clock clock;
	uint32_t ether_types, tuples, flexes; /* filters in use, a bit each */
	unsigned vectors;                     /* MSI-X vectors of queues; the next one is for events */
	int fds[IGB_VECTORS];                 /* of the vectors, and of port.events behind them */
	pthread_mutex_t watch_lock;
};

static inline struct igb *igb(struct weir_port *port)
{
	return container_of(port, struct igb, nic.port);
}

/* --- port.c: what holds for all queues --------------------------------------------------------------------------------------- */

int igb_start(struct weir_port *port);
int igb_stop(struct weir_port *port);
int igb_set_mtu(struct weir_port *port, unsigned mtu);

/* What weir/filter.h asks for. */
extern const struct filter_ops igb_filters;

/* --- filter.c ---------------------------------------------------------------------------------------------------------------- */

#define IGB_PRIORITIES 8u

int igb_add_filter(struct weir_port *port, struct port_filter *filter);
int igb_remove_filter(struct weir_port *port, struct port_filter *filter);

/* Writes all of them again: a reset may have cleared them, or another driver left some. */
void igb_filters_restore(struct gigabit *nic);

/* --- clock.c ---------------------------------------------------------------------------------------------------------------- */

void igb_clock_open(struct igb *own);
void igb_clock_reset(struct igb *own); /* after the device was */
void igb_clock_start(struct igb *own);

/* --- queue.c ------------------------------------------------------------------------------------------------------------------ */

int igb_rxq_open(struct gigabit *nic, struct adv_rxq *q);   /* memory */
int igb_rxq_enable(struct gigabit *nic, struct adv_rxq *q); /* hardware */
int igb_rxq_disable(struct gigabit *nic, struct adv_rxq *q);
void igb_rx_settle(void);

int igb_txq_open(struct gigabit *nic, struct adv_txq *q);
int igb_txq_enable(struct gigabit *nic, struct adv_txq *q);
int igb_txq_disable(struct gigabit *nic, struct adv_txq *q);

/* Waits until everything that is queued is sent, for as long as @deadline_ns allows. */
void igb_txq_drain(struct adv_txq *q, uint64_t deadline_ns);

/* Single queues of a port that runs. */
extern const struct queue_ops igb_queues;

/* Decides ring sizes and rx_entries_max, and checks the pool. */
int igb_decide_rings(struct weir_port *port);
unsigned igb_entries(const struct weir_port *port, unsigned mtu);

/* --- wait.c ----------------------------------------------------------------------------------------------------------------- */

/* Whether there are vectors, or one line for all. Interrupts as descriptors of the receive queues. */
bool igb_has_vectors(struct igb *own);
int igb_irqs_open(struct igb *igb);
void igb_irqs_close(struct igb *igb);

int igb_rxq_fd(struct weir_rxq *rxq);
int igb_rxq_arm(struct weir_rxq *rxq);
int igb_rxq_set_interval(struct weir_rxq *rxq, unsigned us);

/* --- watch.c ---------------------------------------------------------------------------------------------------------------- */

/* Looks for a device that went away or a queue that hangs, and damages the port then. */
void igb_watch(struct weir_port *port);

#endif
