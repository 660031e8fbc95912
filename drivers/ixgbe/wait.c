/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Waiting for packets: vectors, how often they may interrupt, and the eventfds that they become. Where there are none, as
 * through uio, one line is for all (line.c of lib/port).
 */
#include <unistd.h>

#include "ixgbe.h"

/* Between two interrupts of a vector, in 2.048 us (8.2.3.5). */
#define INTERVAL_MOST  511u
#define INTERVAL_LEAST 5u   /* where the adaptive one begins, */
#define INTERVAL_LONG  125u /* ... and ends */

/* --- how often -------------------------------------------------------------------------------------------------------------- */

void ixgbe_write_interval(struct ixgbe *nic, unsigned vector, unsigned interval)
{
	reg_set(nic, vector < IXGBE_EITR_COUNT ? IXGBE_AT(EITR, vector) : IXGBE_AT(EITR24, vector - IXGBE_EITR_COUNT),
	        field(EITR_INTERVAL, interval) | EITR_CNT_WDIS);
}

static void set_interval(struct ixgbe *nic, struct adv_rxq *q, unsigned interval)
{
	ixgbe_write_interval(nic, q->vector, interval);
	q->interval = interval;
}

void ixgbe_rxq_adapt(struct ixgbe *nic, struct adv_rxq *q)
{
	q->adapts = true;
	set_interval(nic, q, INTERVAL_LEAST);
}

int ixgbe_rxq_set_interval(struct weir_rxq *rxq, unsigned us)
{
	struct ixgbe *nic = ixgbe(rxq->port);
	struct adv_rxq *q = adv_rxq(rxq);
	uint64_t interval = ((uint64_t)us * 1000 + 2047) / 2048;

	if (!rxq->port->info.can_wait)
		return weir_fail(rxq->port->weir, -ENOTSUP, "port '%s' has no interrupts", rxq->port->spec);
	if (us != WEIR_INTERVAL_ADAPTIVE && interval > INTERVAL_MOST)
		return weir_fail(rxq->port->weir, -EINVAL,
		                 "port '%s': %u microseconds between interrupts are too many; it takes 0 to %u",
		                 rxq->port->spec, us, INTERVAL_MOST * 2048 / 1000);
	if (ixgbe_rxq(rxq)->lro && interval < INTERVAL_LEAST)
		interval = INTERVAL_LEAST; /* it is what ends coalescing (7.11.5.1) */
	if (us == WEIR_INTERVAL_ADAPTIVE) {
		ixgbe_rxq_adapt(nic, q);
		return 0;
	}
	q->adapts = false;
	set_interval(nic, q, (unsigned)interval);
	return 0;
}

/* --- vectors ---------------------------------------------------------------------------------------------------------------- */

/* 8.2.3.5: a byte each for receive and transmit of two queues. */
static void route(struct ixgbe *nic, unsigned queue, unsigned vector)
{
	unsigned shift = queue % 2 * 16;

	reg_change(nic, IXGBE_AT(IVAR, queue / 2), 0xffffu << shift, (vector | IVAR_VALID) << shift);
}

/*
 * A vector for each receive queue, as far as there are vectors, and one for the link and what goes wrong. A queue's vector
 * that fires is masked (EIAM) and forgotten (EIAC) by itself, so that the data path never speaks to the device:
 * ixgbe_rxq_arm() unmasks it (7.3.1).
 */
static void set_up_vectors(struct ixgbe *nic)
{
	struct weir_port *port = &nic->port;

	reg_set(nic, IXGBE_EIAC, EICR_QUEUES);
	for (unsigned i = 0; i < IXGBE_EIAM_EX_COUNT; i++)
		reg_set(nic, IXGBE_AT(EIAM_EX, i), UINT32_MAX);
	ixgbe_write_interval(nic, nic->vectors, 0);
	for (unsigned i = 0; i < port->info.rx_queues; i++) {
		struct adv_rxq *q = adv_rxq(port->rxqs[i]);

		q->vector = i % nic->vectors;
		q->fd = nic->fds[q->vector];
		ixgbe_rxq_adapt(nic, q);
		route(nic, i, q->vector);
	}
	reg_set(nic, IXGBE_IVAR_MISC, field(IVAR_MISC_OTHER, nic->vectors | IVAR_VALID));
	reg_set(nic, IXGBE_EIMS, IXGBE_EVENTS);
}

bool ixgbe_has_vectors(const struct ixgbe *nic)
{
	return nic->port.device->irq_count[BUS_IRQ_MSIX] > 1; /* one for events */
}

static int vectors_open(struct ixgbe *nic)
{
	int count = adv_vectors_open(&nic->port, nic->fds, IXGBE_QUEUES + 1);

	if (count < 0)
		return count;
	nic->vectors = (unsigned)count;
	set_up_vectors(nic);
	return 0;
}

/* --- the line --------------------------------------------------------------------------------------------------------------- */

/* Reading the causes has cleared them; the line stays quiet about packets until somebody arms again. */
void ixgbe_line_seen(struct ixgbe *nic, uint32_t causes)
{
	if (!nic->line || !(causes & EICR_QUEUES))
		return;
	reg_set(nic, IXGBE_EIMC, EICR_QUEUES);
	port_line_wake(&nic->port);
}

/* Receive queues share the 16 causes that EICR has for them without MSI-X (8.2.3.5.14), and the throttle of vector 0. */
static int line_open(struct ixgbe *nic)
{
	struct weir_port *port = &nic->port;
	int err = adv_line_open(port, port->device->irq_count[BUS_IRQ_MSI] ? BUS_IRQ_MSI : BUS_IRQ_INTX);

	if (err)
		return err;
	reg_set(nic, IXGBE_EIAC, 0);
	for (unsigned i = 0; i < port->info.rx_queues; i++) {
		struct adv_rxq *q = adv_rxq(port->rxqs[i]);

		q->vector = 0;
		ixgbe_rxq_adapt(nic, q);
		route(nic, i, i % IXGBE_LINE_CAUSES);
	}
	nic->line = true;
	reg_set(nic, IXGBE_EIMS, IXGBE_EVENTS);
	return 0;
}

static void line_close(struct ixgbe *nic)
{
	nic->line = false;
	adv_line_close(&nic->port);
}

/* --- both --------------------------------------------------------------------------------------------------------------------- */

int ixgbe_irqs_open(struct ixgbe *nic)
{
	bool vectors = ixgbe_has_vectors(nic);

	nic->vectors = 0;
	nic->line = false;
	reg_get(nic, IXGBE_EICR); /* what was before the start does not count */
	reg_set(nic, IXGBE_GPIE, vectors ? GPIE_MSIX | GPIE_OCD | GPIE_EIAME | GPIE_PBA : 0); /* 7.3.2 */
	if (!nic->port.info.can_wait)
		return 0;
	return vectors ? vectors_open(nic) : line_open(nic);
}

void ixgbe_irqs_close(struct ixgbe *nic)
{
	if (!nic->port.info.can_wait)
		return;
	if (!port_is_gone(&nic->port)) {
		reg_set(nic, IXGBE_EIMC, IXGBE_EVENTS | EICR_QUEUES);
		reg_fill(nic, IXGBE_EIMC_EX, IXGBE_EIMC_EX_STRIDE, IXGBE_EIMC_EX_COUNT, UINT32_MAX);
	}
	if (nic->line)
		line_close(nic);
	else
		adv_vectors_close(&nic->port, nic->fds, nic->vectors);
	nic->vectors = 0;
}

int ixgbe_rxq_fd(struct weir_rxq *rxq)
{
	return adv_rxq(rxq)->fd;
}

/* What came before the vector was unmasked is seen in the ring; what comes after interrupts. */
int ixgbe_rxq_arm(struct weir_rxq *rxq)
{
	struct ixgbe *nic = ixgbe(rxq->port);
	struct adv_rxq *q = adv_rxq(rxq);
	unsigned interval;
	uint64_t fired;

	if (!q->ring)
		return -EINVAL;
	if (nic->line) {
		if (ixgbe_causes(nic))
			port_wake(rxq->port);
		port_line_seen(q->fd);
	} else if (read(q->fd, &fired, sizeof(fired)) < 0 && errno != EAGAIN) {
		return -errno;
	}
	interval = q->adapts ? adv_rxq_adapt(q, INTERVAL_LEAST, INTERVAL_LONG) : q->interval;
	if (interval != q->interval)
		set_interval(nic, q, interval);
	if (nic->line) {
		reg_set(nic, IXGBE_EIMS, EICR_QUEUES);
		port_line_unmask(rxq->port);
	} else {
		reg_set(nic, IXGBE_AT(EIMS_EX, q->vector / 32), 1u << (q->vector & 31));
	}
	return adv_rxq_ready(q);
}
