/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Waiting for packets: a queue's vector and how often it may interrupt. Vectors are given out in queue.c.
 */
#include <unistd.h>

#include "ixgbe.h"

/* Between two interrupts of a vector, in 2.048 us (8.2.3.5.12). */
#define INTERVAL_MOST  511u
#define INTERVAL_LEAST 5u   /* where the adaptive one begins, */
#define INTERVAL_LONG  125u /* ... and ends */
#define WORK_LITTLE    16u  /* at a wake-up: packets, and as much again for each 512 bytes */
#define WORK_MUCH      128u

/* --- how often -------------------------------------------------------------------------------------------------------------- */

void ixgbe_write_interval(struct ixgbe *nic, unsigned vector, unsigned interval)
{
	reg_set(nic, vector < IXGBE_EITR_COUNT ? IXGBE_AT(EITR, vector) : IXGBE_AT(EITR24, vector - IXGBE_EITR_COUNT),
	        field(EITR_INTERVAL, interval) | EITR_CNT_WDIS);
}

static void set_interval(struct ixgbe *nic, struct ixgbe_rxq *q, unsigned interval)
{
	ixgbe_write_interval(nic, q->vector, interval);
	q->interval = interval;
}

/*
 * Much was waiting: the next wake-up may come later, and then there is more to do at once. Little was waiting: it may
 * come sooner. It follows from what was received since the queue was waited for last, not from time.
 */
static void adapt_interval(struct ixgbe *nic, struct ixgbe_rxq *q)
{
	uint64_t done = q->rxq.stats.packets + q->rxq.stats.bytes / 512, work = done - q->work;
	unsigned interval = q->interval;

	q->work = done;
	if (work >= WORK_MUCH)
		interval = interval * 2 < INTERVAL_LONG ? interval * 2 : INTERVAL_LONG;
	else if (work && work <= WORK_LITTLE)
		interval = interval / 2 > INTERVAL_LEAST ? interval / 2 : INTERVAL_LEAST;
	if (interval != q->interval)
		set_interval(nic, q, interval);
}

void ixgbe_rxq_adapt(struct ixgbe *nic, struct ixgbe_rxq *q)
{
	q->adapts = true;
	set_interval(nic, q, INTERVAL_LEAST);
}

int ixgbe_rxq_set_interval(struct weir_rxq *rxq, unsigned us)
{
	struct ixgbe *nic = ixgbe(rxq->port);
	struct ixgbe_rxq *q = ixgbe_rxq(rxq);
	uint64_t interval = ((uint64_t)us * 1000 + 2047) / 2048;

	if (!nic->vectors)
		return weir_fail(rxq->port->weir, -ENOTSUP, "port '%s' has no interrupts", rxq->port->spec);
	if (us != WEIR_INTERVAL_ADAPTIVE && interval > INTERVAL_MOST)
		return weir_fail(rxq->port->weir, -EINVAL,
		                 "port '%s': %u microseconds between interrupts are too many; it takes 0 to %u",
		                 rxq->port->spec, us, INTERVAL_MOST * 2048 / 1000);
	if (us == WEIR_INTERVAL_ADAPTIVE) {
		ixgbe_rxq_adapt(nic, q);
		return 0;
	}
	q->adapts = false;
	set_interval(nic, q, (unsigned)interval);
	return 0;
}

/* --- waiting ------------------------------------------------------------------------------------------------------------------- */

int ixgbe_rxq_fd(struct weir_rxq *rxq)
{
	return ixgbe_rxq(rxq)->fd;
}

/* What came before the vector was unmasked is seen in the ring; what comes after interrupts. */
int ixgbe_rxq_arm(struct weir_rxq *rxq)
{
	struct ixgbe_rxq *q = ixgbe_rxq(rxq);
	const union ixgbe_rx_desc *next;
	uint64_t fired;

	if (!q->ring)
		return -EINVAL;
	if (read(q->fd, &fired, sizeof(fired)) < 0 && errno != EAGAIN)
		return -errno;
	if (q->adapts)
		adapt_interval(ixgbe(rxq->port), q);
	reg_set(ixgbe(rxq->port), IXGBE_AT(EIMS_EX, q->vector / 32), 1u << (q->vector & 31));
	next = &q->ring[q->head & q->mask];
	return __atomic_load_n(&next->done.done, __ATOMIC_ACQUIRE) & RXD_DD && q->head != q->tail ? 1 : 0;
}
