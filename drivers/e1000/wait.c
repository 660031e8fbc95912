/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Waiting for packets. The 82574 has a vector for each receive queue and one for events (82574 datasheet, 7.4); the others
 * have one line for all of it (lib/port/line.c).
 */
#include <sys/eventfd.h>
#include <unistd.h>

#include "e1000.h"

/* Between two interrupts, in 256 ns (13.4.18). */
#define INTERVAL_NS    256u
#define INTERVAL_MOST  65535u
#define INTERVAL_LEAST 40u   /* where the adaptive one begins, */
#define INTERVAL_LONG  1000u /* ... and ends */

/* --- how often -------------------------------------------------------------------------------------------------------------- */

static void set_interval(struct e1000 *card, struct adv_rxq *q, unsigned interval)
{
	reg_set(&card->nic, card->vectors ? E1000_AT(EITR, q->rxq.index) : E1000_ITR, field(ITR_INTERVAL, interval));
	q->interval = interval;
}

static int rxq_set_interval(struct weir_rxq *rxq, unsigned us)
{
	struct e1000 *card = e1000(rxq->port);
	struct adv_rxq *q = adv_rxq(rxq);
	uint64_t interval = ((uint64_t)us * 1000 + INTERVAL_NS - 1) / INTERVAL_NS;

	if (!rxq->port->info.can_wait)
		return weir_fail(rxq->port->weir, -ENOTSUP, "port '%s' has no interrupts", rxq->port->spec);
	if (us == WEIR_INTERVAL_ADAPTIVE)
		interval = INTERVAL_LEAST;
	else if (interval > INTERVAL_MOST)
		return weir_fail(rxq->port->weir, -EINVAL,
		                 "port '%s': %u microseconds between interrupts are too many; it takes 0 to %u",
		                 rxq->port->spec, us, INTERVAL_MOST * INTERVAL_NS / 1000);
	q->adapts = us == WEIR_INTERVAL_ADAPTIVE;
	set_interval(card, q, (unsigned)interval);
	return 0;
}

const struct queue_ops e1000_queues = { .set_interval = rxq_set_interval };

/* --- causes ----------------------------------------------------------------------------------------------------------------- */

/*
 * Reading the causes has cleared them, those of receive queues, too. With vectors they are raised again. Who waits for
 * packets by the line is told, and the line stays quiet about them until somebody waits again.
 */
static void causes_seen(struct gigabit *nic, uint32_t causes)
{
	struct e1000 *card = e1000(&nic->port);
	uint32_t queues = ICR_RXQ0 | ICR_RXQ1;

	if (card->vectors) {
		reg_set(nic, E1000_ICR, causes & ~queues); /* which reading may not have cleared (82574, 10.2.4.1) */
		if (causes & queues)
			reg_set(nic, E1000_ICS, causes & queues);
	} else if (causes & E1000_RX_CAUSES) {
		reg_set(nic, E1000_IMC, E1000_RX_CAUSES);
		port_line_wake(&nic->port);
	}
}

/* --- waiting ---------------------------------------------------------------------------------------------------------------- */

static void vectors_close(struct e1000 *card)
{
	struct bus_device *dev = card->nic.port.device;

	dev->ops->irq_set(dev, BUS_IRQ_MSIX, 0, 0, NULL);
	while (card->fds)
		close(adv_rxq(card->nic.port.rxqs[--card->fds])->fd);
}

static int open_fds(struct e1000 *card)
{
	struct weir_port *port = &card->nic.port;

	for (card->fds = 0; card->fds < port->info.rx_queues; card->fds++) {
		int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

		if (fd < 0)
			return weir_fail(port->weir, -errno,
			                 "port '%s': no descriptor for a receive queue; raise ulimit -n", port->spec);
		adv_rxq(port->rxqs[card->fds])->fd = fd;
	}
	return 0;
}

/*
 * A vector that fires clears and masks its queue's cause by itself (EIAC), so that the data path never speaks to the device:
 * e1000_rxq_arm() unmasks it.
 */
static int connect_vectors(struct e1000 *card)
{
	struct gigabit *nic = &card->nic;
	struct bus_device *dev = nic->port.device;
	uint32_t ivar = IVAR74_VALID(4) | field(IVAR74_VECTOR(4), card->fds), causes = 0;
	int fds[E1000_QUEUES + 1];

	for (unsigned i = 0; i < card->fds; i++) {
		fds[i] = adv_rxq(nic->port.rxqs[i])->fd;
		ivar |= IVAR74_VALID(i) | field(IVAR74_VECTOR(i), i);
		causes |= E1000_RX_CAUSE(i);
	}
	fds[card->fds] = nic->port.events.fd;
	reg_set(nic, E1000_IVAR, ivar);
	reg_set(nic, E1000_EIAC, causes);
	reg_set(nic, E1000_AT(EITR, card->fds), 0);
	reg_change(nic, E1000_CTRL_EXT, CTRL_EXT_IAME | CTRL_EXT_EIAME, CTRL_EXT_PBA_CLR);
	return dev->ops->irq_set(dev, BUS_IRQ_MSIX, 0, card->fds + 1, fds);
}

static int vectors_open(struct e1000 *card)
{
	int err = open_fds(card);

	if (!err)
		err = connect_vectors(card);
	if (err)
		vectors_close(card);
	return err;
}

int e1000_irqs_open(struct e1000 *card)
{
	struct weir_port *port = &card->nic.port;
	struct gigabit *nic = &card->nic;
	int err;

	if (!port->info.can_wait)
		return 0;
	reg_get(nic, E1000_ICR); /* what was before the start does not count */
	err = card->vectors ? vectors_open(card) : adv_line_open(port, card->line);
	if (err)
		return err;
	for (unsigned i = 0; i < port->info.rx_queues; i++) {
		adv_rxq(port->rxqs[i])->adapts = true;
		set_interval(card, adv_rxq(port->rxqs[i]), INTERVAL_LEAST);
	}
	nic->seen = causes_seen;
	reg_set(nic, E1000_IMS, gigabit_event_causes(&card->nic) | (card->vectors ? ICR_OTHER : 0));
	return 0;
}

void e1000_irqs_close(struct e1000 *card)
{
	if (!card->nic.port.info.can_wait)
		return;
	card->nic.seen = NULL;
	if (!port_is_gone(&card->nic.port))
		reg_set(&card->nic, E1000_IMC, UINT32_MAX);
	if (card->vectors)
		vectors_close(card);
	else
		adv_line_close(&card->nic.port);
}

int e1000_rxq_fd(struct weir_rxq *rxq)
{
	return adv_rxq(rxq)->fd;
}

static int forget_vector(struct e1000 *card, struct adv_rxq *q)
{
	uint64_t fired;

	if (read(q->fd, &fired, sizeof(fired)) < 0 && errno != EAGAIN)
		return -errno;
	reg_set(&card->nic, E1000_ICR, E1000_RX_CAUSE(q->rxq.index));
	return 0;
}

/* What there is of events is told to those who wait for them. */
static void forget_line(struct e1000 *card, struct adv_rxq *q)
{
	if (gigabit_causes(&card->nic) & gigabit_event_causes(&card->nic))
		port_wake(&card->nic.port);
	port_line_seen(q->fd);
}

/* What came before the queue was unmasked is seen in the ring; what comes after interrupts. */
int e1000_rxq_arm(struct weir_rxq *rxq)
{
	struct e1000 *card = e1000(rxq->port);
	struct adv_rxq *q = adv_rxq(rxq);
	unsigned interval;
	int err = 0;

	if (!q->ring)
		return -EINVAL;
	if (card->vectors)
		err = forget_vector(card, q);
	else
		forget_line(card, q);
	if (err)
		return err;
	interval = q->adapts ? adv_rxq_adapt(q, INTERVAL_LEAST, INTERVAL_LONG) : q->interval;
	if (interval != q->interval)
		set_interval(card, q, interval);
	reg_set(&card->nic, E1000_IMS, card->vectors ? E1000_RX_CAUSE(rxq->index) : E1000_RX_CAUSES);
	port_line_unmask(rxq->port);
	return adv_rxq_ready(q);
}
