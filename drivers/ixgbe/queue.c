/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Queues: their memory, starting and stopping them, waiting for packets.
 */
#include <stdlib.h>
#include <string.h>

#include "ixgbe.h"

#define QUEUE_WAIT (10 * MS)
#define DISABLE_US 100u /* after which nothing more is written (4.6.7.1.2) */

#define LRO_HEADER 128u

#define TXD_AHEAD       36u /* descriptors fetched when fewer are at hand, */
#define TXD_HOST        8u /* ... if so many are ready; written back at once, because they report in batches (7.2.3.4) */
#define DCA_RX_RESERVED 0x00001000u /* bit 12 must be cleared (4.6.7.1) */

/* --- sizes ---------------------------------------------------------------------------------------------------------------- */

/* RSCCTL.MAXDESC for buffers of @room bytes, which together must have no more than 64 KiB; *@n: how many those are. */
static unsigned lro_size(unsigned room, unsigned *n)
{
	static const unsigned counts[] = { 1, 4, 8, IXGBE_LRO_BUFS };
	unsigned size = 3;

	while (counts[size] * room > IXGBE_LRO_BYTES)
		size--;
	*n = counts[size];
	return size;
}

unsigned ixgbe_entries(struct ixgbe *nic, unsigned mtu)
{
	unsigned entries = adv_entries(&nic->port, mtu + IXGBE_OVERHEAD - 4 + IXGBE_TAGS), coalesced = 0;

	if (entries && nic->port.conf.offloads & WEIR_OFFLOAD_LRO)
		lro_size(adv_buffer_room(nic->port.conf.pool), &coalesced);
	return entries > coalesced ? entries : coalesced;
}

int ixgbe_decide_rings(struct ixgbe *nic)
{
	return adv_decide_rings(&nic->port, ixgbe_entries(nic, nic->port.info.mtu), ADV_ROOM_LEAST);
}

/* --- memory ---------------------------------------------------------------------------------------------------------------- */

int ixgbe_rxq_open(struct ixgbe *nic, struct ixgbe_rxq *q)
{
	static const struct adv_bursts bursts[] = {
		{ "plain", LEVELS_OF(ixgbe_rx_plain) },   { "offloads", LEVELS_OF(ixgbe_rx_offload) },
		{ "chains", LEVELS_OF(ixgbe_rx_chain) },  { "metadata", LEVELS_OF(ixgbe_rx_meta) },
		{ "coalesced", LEVELS_OF(ixgbe_rx_lro) },
	};
	const struct adv_rx_setup setup = {
		.family = &ixgbe_family,
		.room = adv_buffer_room(nic->port.conf.pool),
		.frame_max = nic->port.info.mtu + IXGBE_OVERHEAD - 4 + IXGBE_TAGS,
		.doubted = nic->x540 ? 0 : WEIR_PKT_UDP, /* ERRATUM_UDP_ZERO */
		.tail = IXGBE_AT(RDT, q->adv.rxq.index),
	};
	int err = adv_rxq_open(&q->adv, &setup);

	if (err)
		return err;
	q->marks = nic->fdir.marks;
	q->lro =
	    nic->port.conf.offloads & WEIR_OFFLOAD_LRO && ixgbe_has_vectors(nic); /* an interrupt of its own ends it */
	if (q->lro)
		adv_rxq_choose(&q->adv, &bursts[4]);
	else
		adv_rxq_choose_least(&q->adv, bursts);
	return 0;
}

int ixgbe_txq_open(struct ixgbe *nic, struct adv_txq *q)
{
	return adv_txq_open(q, nic->port.info.mtu + IXGBE_OVERHEAD, IXGBE_AT(TDT, q->txq.index));
}

/* --- starting and stopping ------------------------------------------------------------------------------------------------- */

/* 4.6.7.1: the tail moves when the queue runs, not before. */
int ixgbe_rxq_enable(struct ixgbe *nic, struct ixgbe_rxq *q)
{
	unsigned i = q->adv.rxq.index;
	bool strip = q->adv.wanted & WEIR_PKT_VLAN;
	unsigned size, n;
	int err;

	adv_write_ring(&nic->port, IXGBE_AT(RDBAL, i), q->adv.ring, q->adv.slots);
	/* A queue that nobody polls must not hold up the others. */
	reg_set(nic, IXGBE_AT(SRRCTL, i),
	        field(SRRCTL_BSIZEPKT, q->adv.room / 1024) | field(SRRCTL_DESCTYPE, DESCTYPE_ADVANCED) |
	            (q->lro ? field(SRRCTL_BSIZEHDR, LRO_HEADER / 64) : 0) |
	            (nic->port.info.rx_queues > 1 ? SRRCTL_DROP_EN : 0));
	/* Coalescing wants room for headers, though it splits none (4.6.7.2). */
	size = lro_size(q->adv.room, &n);
	reg_set(nic, IXGBE_AT(RSCCTL, i), q->lro ? RSCCTL_RSCEN | field(RSCCTL_MAXDESC, size) : 0);
	reg_change(nic, IXGBE_AT(DCA_RXCTRL, i), DCA_RX_RESERVED, 0);
	reg_change(nic, IXGBE_AT(RXDCTL, i), RXDCTL_VME, RXDCTL_ENABLE | (strip ? RXDCTL_VME : 0));
	err = reg_wait(nic, IXGBE_AT(RXDCTL, i), RXDCTL_ENABLE, RXDCTL_ENABLE, QUEUE_WAIT);
	if (err)
		return adv_does_not_start(&nic->port, err, "receive", i);
	adv_rxq_fill(&q->adv);
	return 0;
}

/* 4.6.7.1.2; when it is done for all queues, ixgbe_rx_settle() is to follow. */
int ixgbe_rxq_disable(struct ixgbe *nic, struct ixgbe_rxq *q)
{
	unsigned i = q->adv.rxq.index;

	reg_change(nic, IXGBE_AT(RXDCTL, i), RXDCTL_ENABLE, 0);
	return reg_wait(nic, IXGBE_AT(RXDCTL, i), RXDCTL_ENABLE, 0, QUEUE_WAIT);
}

void ixgbe_rx_settle(void)
{
	sleep_us(DISABLE_US);
}

/* 4.6.8 */
int ixgbe_txq_enable(struct ixgbe *nic, struct adv_txq *q)
{
	unsigned i = q->txq.index;
	uint32_t control = field(TXDCTL_PTHRESH, TXD_AHEAD) | field(TXDCTL_HTHRESH, TXD_HOST);
	int err;

	adv_write_ring(&nic->port, IXGBE_AT(TDBAL, i), q->ring, q->slots);
	reg_set(nic, IXGBE_AT(TDWBAL, i), 0);
	reg_set(nic, IXGBE_AT(TDWBAH, i), 0);
	reg_set(nic, IXGBE_AT(TXDCTL, i), control);
	reg_set(nic, IXGBE_AT(TXDCTL, i), control | TXDCTL_ENABLE);
	err = reg_wait(nic, IXGBE_AT(TXDCTL, i), TXDCTL_ENABLE, TXDCTL_ENABLE, QUEUE_WAIT);
	if (err)
		return adv_does_not_start(&nic->port, err, "transmit", i);
	__atomic_store_n(&q->running, true, __ATOMIC_RELAXED);
	return 0;
}

int ixgbe_txq_disable(struct ixgbe *nic, struct adv_txq *q)
{
	unsigned i = q->txq.index;

	__atomic_store_n(&q->running, false, __ATOMIC_RELAXED);
	reg_change(nic, IXGBE_AT(TXDCTL, i), TXDCTL_ENABLE, 0);
	return reg_wait(nic, IXGBE_AT(TXDCTL, i), TXDCTL_ENABLE, 0, QUEUE_WAIT);
}

void ixgbe_txq_drain(struct adv_txq *q, uint64_t deadline_ns)
{
	adv_txq_drain(q, IXGBE_AT(TDBAL, q->txq.index), deadline_ns);
}

/* --- one queue, while the others run ---------------------------------------------------------------------------------------- */

static int rxq_stop(struct weir_rxq *rxq)
{
	struct ixgbe *nic = ixgbe(rxq->port);
	int err = ixgbe_rxq_disable(nic, ixgbe_rxq(rxq));

	if (err)
		return adv_does_not_stop(&nic->port, err, "receive", rxq->index);
	ixgbe_rx_settle();
	adv_rxq_close(adv_rxq(rxq));
	return 0;
}

static int rxq_start(struct weir_rxq *rxq)
{
	struct ixgbe *nic = ixgbe(rxq->port);
	struct ixgbe_rxq *q = ixgbe_rxq(rxq);
	int err;

	if (q->adv.ring)
		return adv_does_not_stop(&nic->port, -EBUSY, "receive", rxq->index);
	pthread_mutex_lock(&nic->watch_lock);
	err = ixgbe_rxq_open(nic, q);
	pthread_mutex_unlock(&nic->watch_lock);
	return err ? err : ixgbe_rxq_enable(nic, q);
}

static int txq_stop(struct weir_txq *txq)
{
	struct ixgbe *nic = ixgbe(txq->port);
	struct weir_link link = { 0 };
	int err;

	ixgbe_link(txq->port, &link);
	if (link.up)
		ixgbe_txq_drain(adv_txq(txq), now_ns() + IXGBE_DRAIN_NS);
	err = ixgbe_txq_disable(nic, adv_txq(txq));
	if (err)
		return adv_does_not_stop(&nic->port, err, "transmit", txq->index);
	adv_txq_close(adv_txq(txq));
	return 0;
}

static int txq_start(struct weir_txq *txq)
{
	struct ixgbe *nic = ixgbe(txq->port);
	struct adv_txq *q = adv_txq(txq);
	int err;

	if (q->ring)
		return adv_does_not_stop(&nic->port, -EBUSY, "transmit", txq->index);
	pthread_mutex_lock(&nic->watch_lock);
	err = ixgbe_txq_open(nic, q);
	pthread_mutex_unlock(&nic->watch_lock);
	return err ? err : ixgbe_txq_enable(nic, q);
}

const struct queue_ops ixgbe_queues = {
	.rx_stop = rxq_stop,
	.rx_start = rxq_start,
	.tx_stop = txq_stop,
	.tx_start = txq_start,
	.set_interval = ixgbe_rxq_set_interval,
};
