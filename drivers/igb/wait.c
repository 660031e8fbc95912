/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Waiting for packets: vectors, how often they may interrupt, and the eventfds that they become (7.3). Where there are none, as
 * through uio, one line is for all (line.c of lib/port).
 */
#include <unistd.h>

#include "igb.h"

/* Between two interrupts of a vector, in microseconds (8.8.14). */
#define INTERVAL_MOST  8191u
#define INTERVAL_LEAST 10u  /* where the adaptive one begins, */
#define INTERVAL_LONG  256u /* ... and ends */

/* --- how often -------------------------------------------------------------------------------------------------------------- */

static void write_interval(struct gigabit *nic, unsigned vector, unsigned us)
{
	reg_set(nic, IGB_AT(EITR, vector), field(EITR_INTERVAL, us) | EITR_CNT_WDIS);
}

static void set_interval(struct gigabit *nic, struct adv_rxq *q, unsigned us)
{
	write_interval(nic, q->vector, us);
	q->interval = us;
}

static void adapt(struct gigabit *nic, struct adv_rxq *q)
{
	q->adapts = true;
	set_interval(nic, q, INTERVAL_LEAST);
}

int igb_rxq_set_interval(struct weir_rxq *rxq, unsigned us)
{
	struct gigabit *nic = gigabit(rxq->port);
	struct adv_rxq *q = adv_rxq(rxq);

	if (!rxq->port->info.can_wait)
		return weir_fail(rxq->port->weir, -ENOTSUP, "port '%s' has no interrupts", rxq->port->spec);
	if (us == WEIR_INTERVAL_ADAPTIVE) {
		adapt(nic, q);
		return 0;
	}
	if (us > INTERVAL_MOST)
		return weir_fail(rxq->port->weir, -EINVAL,
		                 "port '%s': %u microseconds between interrupts are too many; it takes 0 to %u",
		                 rxq->port->spec, us, INTERVAL_MOST);
	q->adapts = false;
	set_interval(nic, q, us);
	return 0;
}

/* --- vectors ---------------------------------------------------------------------------------------------------------------- */

/*
 * A byte of IVAR for each receive and transmit queue: of queues n and n + 8 in the 82576, else of 2n and 2n + 1 (I350
 * datasheet, 8.8.13).
 */
static void route(struct gigabit *nic, unsigned queue, unsigned vector)
{
	bool wide = !is_newer(nic);
	unsigned reg = wide ? queue % 8 : queue / 2, shift = (wide ? queue / 8 : queue % 2) * 16;

	reg_change(nic, IGB_AT(IVAR, reg), 0xffffu << shift, (vector | IVAR_VALID) << shift);
}

/*
 * A vector for each receive queue, as far as there are vectors, and one for the link and what goes wrong. A queue's vector
 * that fires is masked (EIAM) and forgotten (EIAC) by itself, so that the data path never speaks to the device:
 * igb_rxq_arm() unmasks it. That of events is forgotten, too, and ICR holds what it was about.
 */
static void set_up_vectors(struct igb *own)
{
	struct gigabit *nic = &own->nic;
	struct weir_port *port = &nic->port;
	uint32_t events = 1u << own->vectors;

	reg_set(nic, IGB_EIAC, (events - 1) | events);
	reg_set(nic, IGB_EIAM, events - 1);
	write_interval(nic, own->vectors, 0);
	for (unsigned i = 0; i < port->info.rx_queues; i++) {
		struct adv_rxq *q = adv_rxq(port->rxqs[i]);

		q->vector = i % own->vectors;
		q->fd = own->fds[q->vector];
		adapt(nic, q);
		route(nic, i, q->vector);
	}
	reg_set(nic, IGB_IVAR_MISC, (own->vectors | IVAR_VALID) << 8);
	reg_set(nic, E1000_IMS, IGB_EVENTS);
	reg_set(nic, IGB_EIMS, events);
}

bool igb_has_vectors(struct igb *own)
{
	return own->nic.port.device->irq_count[BUS_IRQ_MSIX] > 1; /* one for events */
}

static int vectors_open(struct igb *own)
{
	int count = adv_vectors_open(&own->nic.port, own->fds, IGB_VECTORS);

	if (count < 0)
		return count;
	own->vectors = (unsigned)count;
	set_up_vectors(own);
	return 0;
}

/* --- the line --------------------------------------------------------------------------------------------------------------- */

#define LINE_CAUSES (ICR_RXT0 | ICR_RXDMT0)

/* Reading the causes has cleared them; the line stays quiet about packets until somebody arms again. */
static void causes_seen(struct gigabit *nic, uint32_t causes)
{
	if (!(causes & LINE_CAUSES))
		return;
	reg_set(nic, E1000_IMC, LINE_CAUSES);
	port_line_wake(&nic->port);
}

static void line_close(struct igb *own)
{
	own->nic.seen = NULL;
	adv_line_close(&own->nic.port);
}

static int line_open(struct igb *own)
{
	struct weir_port *port = &own->nic.port;
	int err = adv_line_open(port, port->device->irq_count[BUS_IRQ_MSI] ? BUS_IRQ_MSI : BUS_IRQ_INTX);

	if (err)
		return err;
	for (unsigned i = 0; i < port->info.rx_queues; i++) {
		adv_rxq(port->rxqs[i])->vector = 0;
		adapt(&own->nic, adv_rxq(port->rxqs[i]));
	}
	own->nic.seen = causes_seen;
	reg_set(&own->nic, E1000_IMS, IGB_EVENTS);
	return 0;
}

/* --- both --------------------------------------------------------------------------------------------------------------------- */

int igb_irqs_open(struct igb *own)
{
	bool vectors = igb_has_vectors(own);

	own->vectors = 0;
	reg_set(&own->nic, IGB_GPIE, GPIE_NSICR | (vectors ? GPIE_MSIX | GPIE_EIAME | GPIE_PBA : 0)); /* 7.3.2 */
	gigabit_causes(&own->nic); /* what was before the start does not count */
	if (!own->nic.port.info.can_wait)
		return 0;
	return vectors ? vectors_open(own) : line_open(own);
}

void igb_irqs_close(struct igb *own)
{
	struct gigabit *nic = &own->nic;

	if (!nic->port.info.can_wait)
		return;
	if (!port_is_gone(&nic->port)) {
		reg_set(nic, E1000_IMC, IGB_EVENTS | LINE_CAUSES);
		reg_set(nic, IGB_EIMC, EICR_VECTORS);
	}
	if (!igb_has_vectors(own)) {
		line_close(own);
		return;
	}
	adv_vectors_close(&nic->port, own->fds, own->vectors);
	own->vectors = 0;
}

int igb_rxq_fd(struct weir_rxq *rxq)
{
	return adv_rxq(rxq)->fd;
}

/* What came before the vector was unmasked is seen in the ring; what comes after interrupts. */
int igb_rxq_arm(struct weir_rxq *rxq)
{
	struct gigabit *nic = gigabit(rxq->port);
	struct adv_rxq *q = adv_rxq(rxq);
	bool line = !igb(rxq->port)->vectors;
	unsigned interval;
	uint64_t fired;

	if (!q->ring)
		return -EINVAL;
	if (line) {
		if (gigabit_causes(nic) & IGB_EVENTS)
			port_wake(rxq->port);
		port_line_seen(q->fd);
	} else if (read(q->fd, &fired, sizeof(fired)) < 0 && errno != EAGAIN) {
		return -errno;
	}
	interval = q->adapts ? adv_rxq_adapt(q, INTERVAL_LEAST, INTERVAL_LONG) : q->interval;
	if (interval != q->interval)
		set_interval(nic, q, interval);
	if (line) {
		reg_set(nic, E1000_IMS, LINE_CAUSES);
		port_line_unmask(rxq->port);
	} else {
		reg_set(nic, IGB_EIMS, 1u << q->vector);
	}
	return adv_rxq_ready(q);
}
