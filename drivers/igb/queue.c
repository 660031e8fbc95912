/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Queues: starting and stopping them.
 */
#include <string.h>

#include "igb.h"

#define QUEUE_WAIT (10 * MS)
#define DISABLE_US 100u /* after which nothing more is written */

/* Descriptors are fetched when fewer than the first are at hand and so many as the second are ready, and written back at once. */
#define RXD_THRESHOLDS (field(XDCTL_PTHRESH, 8) | field(XDCTL_HTHRESH, 8) | field(XDCTL_WTHRESH, 1))
#define TXD_THRESHOLDS (field(XDCTL_PTHRESH, 8) | field(XDCTL_HTHRESH, 1) | field(XDCTL_WTHRESH, 1))

#define XDCTL_THRESHOLDS (XDCTL_PTHRESH | XDCTL_HTHRESH | XDCTL_WTHRESH)

unsigned igb_entries(const struct weir_port *port, unsigned mtu)
{
	return adv_entries(port, mtu + GIGABIT_OVERHEAD - 4 + IGB_TAGS);
}

int igb_decide_rings(struct weir_port *port)
{
	return adv_decide_rings(port, igb_entries(port, port->info.mtu), ADV_ROOM_LEAST);
}

int igb_rxq_open(struct gigabit *nic, struct adv_rxq *q)
{
	static const struct adv_bursts bursts[] = {
		{ "plain", LEVELS_OF(igb_rx_plain) },
		{ "offloads", LEVELS_OF(igb_rx_offload) },
		{ "chains", LEVELS_OF(igb_rx_chain) },
		{ "metadata", LEVELS_OF(igb_rx_meta) },
	};
	const struct adv_rx_setup setup = {
		.family = &igb_family,
		.room = adv_buffer_room(nic->port.conf.pool),
		.frame_max = nic->port.info.mtu + GIGABIT_OVERHEAD - 4 + IGB_TAGS,
		.doubted = WEIR_PKT_SCTP, /* DOUBT_SCTP */
		.tail = IGB_RX(E1000_RDT, q->rxq.index),
	};
	int err = adv_rxq_open(q, &setup);

	if (!err)
		adv_rxq_choose_least(q, bursts);
	return err;
}

int igb_txq_open(struct gigabit *nic, struct adv_txq *q)
{
	return adv_txq_open(q, nic->port.info.mtu + GIGABIT_OVERHEAD, IGB_TX(E1000_TDT, q->txq.index));
}

/* --- starting and stopping ------------------------------------------------------------------------------------------------- */

/* 4.5.9: the tail moves when the queue runs, not before. */
int igb_rxq_enable(struct gigabit *nic, struct adv_rxq *q)
{
	unsigned i = q->rxq.index;
	uint32_t control = IGB_RX(E1000_RXDCTL, i);
	int err;

	reg_change(nic, control, XDCTL_ENABLE, 0); /* a reset leaves queue 0 enabled */
	adv_write_ring(&nic->port, IGB_RX(E1000_RDBAL, i), q->ring, q->slots);
	/* A queue that nobody polls must not hold up the others. */
	reg_set(nic, IGB_RX(IGB_SRRCTL, i),
	        field(SRRCTL_BSIZEPKT, q->room / 1024) | field(SRRCTL_DESCTYPE, DESCTYPE_ADVANCED) |
	            (nic->port.info.rx_queues > 1 ? SRRCTL_DROP_EN : 0));
	reg_change(nic, control, XDCTL_THRESHOLDS, RXD_THRESHOLDS | XDCTL_ENABLE);
	err = reg_wait(nic, control, XDCTL_ENABLE, XDCTL_ENABLE, QUEUE_WAIT);
	if (err)
		return adv_does_not_start(&nic->port, err, "receive", i);
	adv_rxq_fill(q);
	return 0;
}

/* 4.5.9.2; when it is done for all queues, igb_rx_settle() is to follow. */
int igb_rxq_disable(struct gigabit *nic, struct adv_rxq *q)
{
	uint32_t control = IGB_RX(E1000_RXDCTL, q->rxq.index);

	reg_change(nic, control, XDCTL_ENABLE, 0);
	return reg_wait(nic, control, XDCTL_ENABLE, 0, QUEUE_WAIT);
}

void igb_rx_settle(void)
{
	sleep_us(DISABLE_US);
}

/* 4.5.10 */
int igb_txq_enable(struct gigabit *nic, struct adv_txq *q)
{
	unsigned i = q->txq.index;
	uint32_t control = IGB_TX(E1000_TXDCTL, i);
	int err;

	reg_set(nic, control, 0); /* a reset leaves queue 0 enabled */
	adv_write_ring(&nic->port, IGB_TX(E1000_TDBAL, i), q->ring, q->slots);
	reg_set(nic, IGB_TX(IGB_TDWBAL, i), 0);
	reg_set(nic, IGB_TX(IGB_TDWBAH, i), 0);
	reg_set(nic, control, TXD_THRESHOLDS | XDCTL_ENABLE);
	err = reg_wait(nic, control, XDCTL_ENABLE, XDCTL_ENABLE, QUEUE_WAIT);
	if (err)
		return adv_does_not_start(&nic->port, err, "transmit", i);
	__atomic_store_n(&q->running, true, __ATOMIC_RELAXED);
	return 0;
}

int igb_txq_disable(struct gigabit *nic, struct adv_txq *q)
{
	uint32_t control = IGB_TX(E1000_TXDCTL, q->txq.index);

	__atomic_store_n(&q->running, false, __ATOMIC_RELAXED);
	reg_change(nic, control, XDCTL_ENABLE, 0);
	return reg_wait(nic, control, XDCTL_ENABLE, 0, QUEUE_WAIT);
}

void igb_txq_drain(struct adv_txq *q, uint64_t deadline_ns)
{
	adv_txq_drain(q, IGB_TX(E1000_TDBAL, q->txq.index), deadline_ns);
}

/* --- one queue, while the others run ---------------------------------------------------------------------------------------- */

static int rxq_stop(struct weir_rxq *rxq)
{
	int err = igb_rxq_disable(gigabit(rxq->port), adv_rxq(rxq));

	if (err)
		return adv_does_not_stop(rxq->port, err, "receive", rxq->index);
	igb_rx_settle();
	adv_rxq_close(adv_rxq(rxq));
	return 0;
}

static int rxq_start(struct weir_rxq *rxq)
{
	struct gigabit *nic = gigabit(rxq->port);
	struct adv_rxq *q = adv_rxq(rxq);
	int err;

	if (q->ring)
		return adv_does_not_stop(rxq->port, -EBUSY, "receive", rxq->index);
	pthread_mutex_lock(&igb(rxq->port)->watch_lock);
	err = igb_rxq_open(nic, q);
	pthread_mutex_unlock(&igb(rxq->port)->watch_lock);
	return err ? err : igb_rxq_enable(nic, q);
}

static int txq_stop(struct weir_txq *txq)
{
	struct gigabit *nic = gigabit(txq->port);
	struct weir_link link = { 0 };
	int err;

	gigabit_link(txq->port, &link);
	if (link.up)
		igb_txq_drain(adv_txq(txq), now_ns() + GIGABIT_DRAIN_NS);
	err = igb_txq_disable(nic, adv_txq(txq));
	if (err)
		return adv_does_not_stop(txq->port, err, "transmit", txq->index);
	adv_txq_close(adv_txq(txq));
	return 0;
}

static int txq_start(struct weir_txq *txq)
{
	struct gigabit *nic = gigabit(txq->port);
	struct adv_txq *q = adv_txq(txq);
	int err;

	if (q->ring)
		return adv_does_not_stop(txq->port, -EBUSY, "transmit", txq->index);
	pthread_mutex_lock(&igb(txq->port)->watch_lock);
	err = igb_txq_open(nic, q);
	pthread_mutex_unlock(&igb(txq->port)->watch_lock);
	return err ? err : igb_txq_enable(nic, q);
}

const struct queue_ops igb_queues = {
	.rx_stop = rxq_stop,
	.rx_start = rxq_start,
	.tx_stop = txq_stop,
	.tx_start = txq_start,
	.set_interval = igb_rxq_set_interval,
};
