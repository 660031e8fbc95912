/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Waiting for packets. The 82574 has a vector for each receive queue and one for events (82574 datasheet, 7.4). The others
 * have one line, or message, for all (line.c of lib/port).
 */
#include <sys/eventfd.h>
#include <unistd.h>

#include "e1000.h"

/* Between two interrupts, in 256 ns (13.4.18). */
#define INTERVAL_NS    256u
#define INTERVAL_MOST  65535u
#define INTERVAL_LEAST 40u   /* where the adaptive one begins, */
#define INTERVAL_LONG  1000u /* ... and ends */
#define WORK_LITTLE    16u   /* at a wake-up: packets, and as much again for each 512 bytes */
#define WORK_MUCH      128u

static bool has_vectors(const struct e1000 *card)
{
	return card->irq == BUS_IRQ_MSIX;
}

/* --- how often -------------------------------------------------------------------------------------------------------------- */

static void set_interval(struct e1000 *card, struct e1000_rxq *q, unsigned interval)
{
	reg_set(&card->nic, has_vectors(card) ? E1000_AT(EITR, q->rxq.index) : E1000_ITR,
	        field(ITR_INTERVAL, interval));
	q->interval = interval;
}

/*
 * Much was waiting: the next wake-up may come later, and then there is more to do at once. Little was waiting: it may
 * come sooner. It follows from what was received since the queue was waited for last, not from time.
 */
static void adapt_interval(struct e1000 *card, struct e1000_rxq *q)
{
	uint64_t done = q->rxq.stats.packets + q->rxq.stats.bytes / 512, work = done - q->work;
	unsigned interval = q->interval;

	q->work = done;
	if (work >= WORK_MUCH)
		interval = interval * 2 < INTERVAL_LONG ? interval * 2 : INTERVAL_LONG;
	else if (work && work <= WORK_LITTLE)
		interval = interval / 2 > INTERVAL_LEAST ? interval / 2 : INTERVAL_LEAST;
	if (interval != q->interval)
		set_interval(card, q, interval);
}

static int rxq_set_interval(struct weir_rxq *rxq, unsigned us)
{
	struct e1000 *card = e1000(rxq->port);
	struct e1000_rxq *q = e1000_rxq(rxq);
	uint64_t interval = ((uint64_t)us * 1000 + INTERVAL_NS - 1) / INTERVAL_NS;

	if (!rxq->port->info.can_wait)
		return weir_fail(rxq->port->weir, -ENOTSUP, "port '%s' has no interrupts", rxq->port->spec);
	q->adapts = us == WEIR_INTERVAL_ADAPTIVE;
	if (q->adapts)
		interval = INTERVAL_LEAST;
	else if (interval > INTERVAL_MOST)
		return weir_fail(rxq->port->weir, -EINVAL,
		                 "port '%s': %u microseconds between interrupts are too many; it takes 0 to %u",
		                 rxq->port->spec, us, INTERVAL_MOST * INTERVAL_NS / 1000);
	set_interval(card, q, (unsigned)interval);
	return 0;
}

const struct queue_ops e1000_queues = { .set_interval = rxq_set_interval };

/* --- causes ----------------------------------------------------------------------------------------------------------------- */

static int drain_fd(int fd)
{
	uint64_t fired;

	return read(fd, &fired, sizeof(fired)) < 0 && errno != EAGAIN ? -errno : 0;
}

/*
 * Reading the causes has cleared them, those of receive queues, too. With vectors they are raised again. Without, what
 * waits for packets is told; the line stays quiet about packets until it arms again.
 */
static void causes_seen(struct gigabit *nic, uint32_t causes)
{
	struct e1000 *card = e1000(&nic->port);
	uint32_t queues = ICR_RXQ0 | ICR_RXQ1;

	if (has_vectors(card)) {
		reg_set(nic, E1000_ICR, causes & ~queues); /* which reading may not have cleared (10.2.4.1) */
		if (causes & queues)
			reg_set(nic, E1000_ICS, causes & queues);
		return;
	}
	if (causes & E1000_RX_CAUSES) {
		reg_set(nic, E1000_IMC, E1000_RX_CAUSES);
		port_line_wake(&nic->port);
	}
}

/* --- waiting ---------------------------------------------------------------------------------------------------------------- */

/* MSI is not for the 8254x, whose errata are about it. */
void e1000_choose_irq(struct e1000 *card)
{
	const unsigned *count = card->nic.port.device->irq_count;

	if (card->nic.kind->queues > 1 && count[BUS_IRQ_MSIX] > card->nic.kind->queues)
		card->irq = BUS_IRQ_MSIX;
	else if (card->extended && count[BUS_IRQ_MSI])
		card->irq = BUS_IRQ_MSI;
	else if (count[BUS_IRQ_INTX])
		card->irq = BUS_IRQ_INTX;
	else
		card->irq = BUS_IRQ_COUNT;
}

static void close_fds(struct e1000 *card)
{
	while (card->fds)
		close(e1000_rxq(card->nic.port.rxqs[--card->fds])->fd);
}

static int open_fds(struct e1000 *card)
{
	struct weir_port *port = &card->nic.port;

	for (card->fds = 0; card->fds < port->info.rx_queues; card->fds++) {
		struct e1000_rxq *q = e1000_rxq(port->rxqs[card->fds]);
		int err;

		q->fd = has_vectors(card) ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : port_line_fd(port);
		if (q->fd < 0) {
			err = has_vectors(card)
			          ? weir_fail(port->weir, -errno, "port '%s': no eventfd for queue %u; raise ulimit -n",
			                      port->spec, card->fds)
			          : q->fd;
			close_fds(card);
			return err;
		}
	}
	return 0;
}

/*
 * A vector that fires clears and masks its queue's cause by itself (EIAC), so that the data path never speaks to the device:
 * e1000_rxq_arm() unmasks it.
 */
static void set_up_vectors(struct e1000 *card)
{
	struct gigabit *nic = &card->nic;
	uint32_t ivar = IVAR74_VALID(4) | field(IVAR74_VECTOR(4), card->fds), causes = 0;

	for (unsigned i = 0; i < card->fds; i++) {
		ivar |= IVAR74_VALID(i) | field(IVAR74_VECTOR(i), i);
		causes |= E1000_RX_CAUSE(i);
	}
	reg_set(nic, E1000_IVAR, ivar);
	reg_set(nic, E1000_EIAC, causes);
	reg_set(nic, E1000_AT(EITR, card->fds), 0);
	reg_change(nic, E1000_CTRL_EXT, CTRL_EXT_IAME | CTRL_EXT_EIAME, CTRL_EXT_PBA_CLR);
}

static int connect_vectors(struct e1000 *card)
{
	struct weir_port *port = &card->nic.port;
	int fds[E1000_QUEUES + 1];
	unsigned n = 0;

	for (; n < card->fds; n++)
		fds[n] = e1000_rxq(port->rxqs[n])->fd;
	fds[n++] = port->events.fd;
	return port->device->ops->irq_set(port->device, BUS_IRQ_MSIX, 0, n, fds);
}

static void disconnect(struct e1000 *card)
{
	struct bus_device *dev = card->nic.port.device;

	if (has_vectors(card))
		dev->ops->irq_set(dev, BUS_IRQ_MSIX, 0, 0, NULL);
	close_fds(card);
	port_line_close(&card->nic.port);
}

int e1000_irqs_open(struct e1000 *card)
{
	struct weir_port *port = &card->nic.port;
	struct gigabit *nic = &card->nic;
	int err = 0;

	if (!port->info.can_wait)
		return 0;
	reg_get(nic, E1000_ICR); /* what was before the start does not count */
	if (!has_vectors(card))
		err = port_line_open(port, card->irq);
	if (!err)
		err = open_fds(card);
	if (!err && has_vectors(card))
		err = connect_vectors(card);
	if (err) {
		disconnect(card);
		return err;
	}
	if (has_vectors(card))
		set_up_vectors(card);
	for (unsigned i = 0; i < card->fds; i++) {
		e1000_rxq(port->rxqs[i])->adapts = true;
		set_interval(card, e1000_rxq(port->rxqs[i]), INTERVAL_LEAST);
	}
	nic->seen = causes_seen;
	reg_set(nic, E1000_IMS, GIGABIT_EVENTS | (has_vectors(card) ? ICR_OTHER : 0));
	return 0;
}

void e1000_irqs_close(struct e1000 *card)
{
	if (!card->nic.port.info.can_wait)
		return;
	card->nic.seen = NULL;
	if (!gigabit_gone(&card->nic))
		reg_set(&card->nic, E1000_IMC, UINT32_MAX);
	disconnect(card);
}

int e1000_rxq_fd(struct weir_rxq *rxq)
{
	return e1000_rxq(rxq)->fd;
}

/* What came before the queue was unmasked is seen in the ring; what comes after interrupts. */
int e1000_rxq_arm(struct weir_rxq *rxq)
{
	struct e1000 *card = e1000(rxq->port);
	struct e1000_rxq *q = e1000_rxq(rxq);
	uint32_t cause = has_vectors(card) ? E1000_RX_CAUSE(rxq->index) : E1000_RX_CAUSES;
	uint64_t done;
	int err = 0;

	if (!q->ring)
		return -EINVAL;
	if (has_vectors(card)) {
		err = drain_fd(q->fd);
		reg_set(&card->nic, E1000_ICR, cause);
	} else {
		if (gigabit_causes(&card->nic) & GIGABIT_EVENTS)
			port_wake(rxq->port);
		port_line_seen(q->fd);
	}
	if (err)
		return err;
	if (q->adapts)
		adapt_interval(card, q);
	reg_set(&card->nic, E1000_IMS, cause);
	port_line_unmask(rxq->port);
	done = __atomic_load_n(&q->ring[q->head & q->mask].done.done, __ATOMIC_ACQUIRE);
	return q->head != q->tail && done >> (card->extended ? 0 : 32) & RXD_DD ? 1 : 0;
}
