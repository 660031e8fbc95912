/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Queues: their memory, starting and stopping them, waiting for packets.
 */
#include <stdlib.h>
#include <string.h>

#include "ixgbe.h"

#define RX_SLOTS 512u /* when nobody says how many */
#define TX_SLOTS 512u

#define QUEUE_WAIT (10 * MS)
#define DISABLE_US 100u /* after which nothing more is written (4.6.7.1.2) */

#define LRO_HEADER 128u

/* What WEIR_OFFLOAD_RX_CSUM is about. */
#define RX_CSUM_FLAGS \
	(WEIR_PKT_L3 | WEIR_PKT_L4 | WEIR_PKT_IP_GOOD | WEIR_PKT_IP_BAD | WEIR_PKT_L4_GOOD | WEIR_PKT_L4_BAD)

#define TXD_AHEAD       36u /* descriptors fetched when fewer are at hand, */
#define TXD_HOST        8u /* ... if so many are ready; written back at once, because they report in batches (7.2.3.4) */
#define DCA_RX_RESERVED 0x00001000u /* bit 12 must be cleared (4.6.7.1) */

/* --- sizes ---------------------------------------------------------------------------------------------------------------- */

/* Bytes of a buffer that the device may use: whole KiB, up to 16 (8.2.3.8.7). */
static unsigned buffer_room(const struct weir_pool *pool)
{
	unsigned room = weir_pool_room(pool) - weir_pool_headroom(pool);

	return room > 16 * KIB(1) ? 16 * KIB(1) : room / 1024 * 1024;
}

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
	unsigned room = nic->port.conf.pool ? buffer_room(nic->port.conf.pool) : 0;

	unsigned entries = room ? (mtu + IXGBE_OVERHEAD - 4 + IXGBE_TAGS + room - 1) / room : 0;
	unsigned coalesced = 0;

	if (room && nic->port.conf.offloads & WEIR_OFFLOAD_LRO)
		lro_size(room, &coalesced);
	return entries > coalesced ? entries : coalesced;
}

static int decide_slots(struct ixgbe *nic, unsigned wanted, unsigned otherwise, const char *what, unsigned *slots)
{
	*slots = otherwise;
	if (!wanted)
		return 0;
	if (wanted > IXGBE_SLOTS_MAX)
		return weir_fail(nic->port.weir, -EINVAL, "port '%s': %u %s slots asked for; it takes %u to %u",
		                 nic->port.spec, wanted, what, IXGBE_SLOTS_MIN, IXGBE_SLOTS_MAX);
	for (*slots = IXGBE_SLOTS_MIN; *slots < wanted;)
		*slots *= 2;
	return 0;
}

int ixgbe_decide_rings(struct ixgbe *nic)
{
	struct weir_port *port = &nic->port;
	int err;

	err = decide_slots(nic, port->conf.rx_slots, RX_SLOTS, "receive", &port->info.rx_slots);
	if (!err)
		err = decide_slots(nic, port->conf.tx_slots, TX_SLOTS, "transmit", &port->info.tx_slots);
	if (err)
		return err;
	port->info.rx_entries_max = ixgbe_entries(nic, port->info.mtu);
	if (port->conf.pool && !port->info.rx_entries_max)
		return weir_fail(
		    port->weir, -EINVAL,
		    "port '%s': the pool's buffers have %u bytes behind the headroom; the device needs 1,024",
		    port->spec, weir_pool_room(port->conf.pool) - weir_pool_headroom(port->conf.pool));
	return 0;
}

/* --- memory ---------------------------------------------------------------------------------------------------------------- */

static int ring_alloc(struct ixgbe *nic, uint32_t slots, void *ring)
{
	struct weir_port *port = &nic->port;
	int node = port->info.node >= 0 ? WEIR_NODE(port->info.node) : WEIR_NODE_ANY;

	/* Sizes are powers of two: a ring that is aligned to its own lies in one page (BUS_PAGE). */
	return weir_mem_alloc(port->weir, (uint64_t)slots * 16, (uint64_t)slots * 16, node, ring);
}

static uint64_t ring_iova(struct ixgbe *nic, const void *ring)
{
	return bus_iova(nic->port.device->domain->pages,
	                (uint64_t)((const uint8_t *)ring - weir_mem_base(nic->port.weir)));
}

/* What descriptors say, in a packet's flags: tables, so that the data path does not ask. */
static void fill_tables(struct ixgbe_rxq *q, uint32_t offloads)
{
	static const uint16_t l4[8] = { 0, WEIR_PKT_TCP, WEIR_PKT_UDP, 0, WEIR_PKT_SCTP, 0, 0, 0 };

	memset(q->verdicts, 0, sizeof(q->verdicts));
	memset(q->types, 0, sizeof(q->types));
	if (!(offloads & WEIR_OFFLOAD_RX_CSUM))
		return;
	for (unsigned i = 0; i < 16; i++) { /* L4CS, IPCS, L4E, IPE from the lowest bit on */
		if (i & 1)
			q->verdicts[i] |= i & 4 ? WEIR_PKT_L4_BAD : WEIR_PKT_L4_GOOD;
		if (i & 2)
			q->verdicts[i] |= i & 8 ? WEIR_PKT_IP_BAD : WEIR_PKT_IP_GOOD;
	}
	for (unsigned i = 0; i < 128; i++) { /* IPv4, with options, IPv6, with extensions, TCP, UDP, SCTP */
		if (i & 3)
			q->types[i] =
			    WEIR_PKT_IPV4; /* the outer one, if there are two: then of layer 4 nothing is known */
		else if (i & 12)
			q->types[i] = WEIR_PKT_IPV6;
		if (!(i & 3) != !(i & 12))
			q->types[i] |= l4[i >> 4];
	}
}

#if defined(__x86_64__)
#define LEVELS_OF(fn)                              \
	{                                          \
		fn##_v1, fn##_v2, fn##_v3, fn##_v4 \
	}
#else
#define LEVELS_OF(fn)   \
	{               \
		fn##_v1 \
	}
#endif

/* The least that does what is asked of the queue. */
static void choose_rx(struct ixgbe_rxq *q, unsigned level)
{
	static ixgbe_rx_fn *const plain[] = LEVELS_OF(ixgbe_rx_plain), *const offload[] = LEVELS_OF(ixgbe_rx_offload),
				  *const chain[] = LEVELS_OF(ixgbe_rx_chain), *const meta[] = LEVELS_OF(ixgbe_rx_meta),
				  *const lro[] = LEVELS_OF(ixgbe_rx_lro);

	if (q->lro) {
		q->rxq.burst = lro[level - 1];
		q->variant = "coalesced";
	} else if (q->wanted & WEIR_PKT_META) {
		q->rxq.burst = meta[level - 1];
		q->variant = "metadata";
	} else if (q->entries_max > 1) {
		q->rxq.burst = chain[level - 1];
		q->variant = "chains";
	} else if (q->wanted) {
		q->rxq.burst = offload[level - 1];
		q->variant = "offloads";
	} else {
		q->rxq.burst = plain[level - 1];
		q->variant = "plain";
	}
}

int ixgbe_rxq_open(struct ixgbe *nic, struct ixgbe_rxq *q)
{
	struct weir_port *port = &nic->port;
	uint32_t slots = port->info.rx_slots;
	void *ring;
	int err;

	q->ring = NULL;
	q->bufs = calloc(slots, sizeof(*q->bufs));
	if (!q->bufs)
		return weir_fail(port->weir, -ENOMEM, "port '%s': no memory for %u slots", port->spec, slots);
	err = ring_alloc(nic, slots, &ring);
	if (err)
		return err;
	q->ring = ring;
	q->slots = slots;
	q->mask = slots - 1;
	q->head = q->tail = 0;
	q->skip = false;
	memset(&q->gap, 0, sizeof(q->gap));
	memset(&q->stuck, 0, sizeof(q->stuck));
	q->room = buffer_room(port->conf.pool);
	q->frame_max = port->info.mtu + IXGBE_OVERHEAD - 4 + IXGBE_TAGS;
	q->entries_max = port->info.rx_entries_max;
	q->headroom = (uint16_t)weir_pool_headroom(port->conf.pool);
	q->iova = BUS_IOVA_BASE + q->headroom;
	q->pages = port->device->domain->pages;
	q->wanted = (port->conf.offloads & WEIR_OFFLOAD_RX_HASH ? WEIR_PKT_HASH : 0) |
	            (port->conf.offloads & WEIR_OFFLOAD_RX_VLAN ? WEIR_PKT_VLAN : 0) |
	            (port->conf.offloads & WEIR_OFFLOAD_RX_CSUM ? RX_CSUM_FLAGS : 0) |
	            (port->conf.offloads & WEIR_OFFLOAD_RX_META ? WEIR_PKT_META : 0);
	for (unsigned i = 0; i < 4; i++) {
		q->headroom_row[i] = q->headroom;
		q->wanted_row[i] = q->wanted;
	}
	q->marks = nic->fdir.marks;
	q->no_udp = !nic->x540;
	q->lro = port->conf.offloads & WEIR_OFFLOAD_LRO && port->info.can_wait; /* an interrupt ends it */
	fill_tables(q, port->conf.offloads);
	bus_doorbell(port->device, 0, IXGBE_AT(RDT, q->rxq.index), &q->tail_bell);
	choose_rx(q, port->weir->cpu_level);
	return 0;
}

void ixgbe_rxq_close(struct ixgbe_rxq *q)
{
	if (q->ring)
		for (; q->head != q->tail; q->head++)
			if (q->bufs[q->head & q->mask] != IXGBE_RX_TAKEN)
				weir_pool_free_bufs(q->rxq.cache, &q->bufs[q->head & q->mask], 1);
	weir_mem_free(q->rxq.port->weir, q->ring);
	free(q->bufs);
	q->ring = NULL;
	q->bufs = NULL;
}

int ixgbe_txq_open(struct ixgbe *nic, struct ixgbe_txq *q)
{
	static ixgbe_tx_fn *const bursts[] = LEVELS_OF(ixgbe_tx);
	struct weir_port *port = &nic->port;
	uint32_t slots = port->info.tx_slots;
	void *ring;
	int err;

	q->ring = NULL;
	q->sent = calloc(slots, sizeof(*q->sent));
	q->marks = calloc(slots, sizeof(*q->marks));
	if (!q->sent || !q->marks)
		return weir_fail(port->weir, -ENOMEM, "port '%s': no memory for %u slots", port->spec, slots);
	err = ring_alloc(nic, slots, &ring);
	if (err)
		return err;
	q->ring = ring;
	q->slots = slots;
	q->mask = slots - 1;
	q->pages = port->device->domain->pages;
	q->head = q->tail = q->reported = 0;
	q->sent_head = q->sent_tail = 0;
	q->mark_head = q->mark_tail = 0;
	q->frame_max = port->info.mtu + IXGBE_OVERHEAD;
	q->context = 0;
	q->asked = IXGBE_TX_NOTHING;
	q->stamp = false;
	memset(q->contexts, 0, sizeof(q->contexts)); /* no context is all zeros */
	memset(&q->full, 0, sizeof(q->full));
	memset(&q->stuck, 0, sizeof(q->stuck));
	memset(&q->silent, 0, sizeof(q->silent));
	bus_doorbell(port->device, 0, IXGBE_AT(TDT, q->txq.index), &q->tail_bell);
	q->txq.burst = bursts[port->weir->cpu_level - 1];
	return 0;
}

void ixgbe_txq_close(struct ixgbe_txq *q)
{
	if (q->ring)
		for (; q->sent_head != q->sent_tail; q->sent_head++)
			weir_pool_free(q->txq.cache, &q->sent[q->sent_head & q->mask], 1);
	weir_mem_free(q->txq.port->weir, q->ring);
	free(q->sent);
	free(q->marks);
	q->ring = NULL;
	q->sent = NULL;
	q->marks = NULL;
}

/* --- starting and stopping ------------------------------------------------------------------------------------------------- */

/* 4.6.7.1: the tail moves when the queue runs, not before. */
int ixgbe_rxq_enable(struct ixgbe *nic, struct ixgbe_rxq *q)
{
	unsigned i = q->rxq.index;
	uint64_t iova = ring_iova(nic, q->ring);
	bool strip = q->wanted & WEIR_PKT_VLAN;
	unsigned size, n;
	int err;

	reg_set(nic, IXGBE_AT(RDBAL, i), (uint32_t)iova);
	reg_set(nic, IXGBE_AT(RDBAH, i), (uint32_t)(iova >> 32));
	reg_set(nic, IXGBE_AT(RDLEN, i), q->slots * 16);
	reg_set(nic, IXGBE_AT(RDH, i), 0);
	reg_set(nic, IXGBE_AT(RDT, i), 0);
	/* A queue that nobody polls must not hold up the others. */
	reg_set(nic, IXGBE_AT(SRRCTL, i),
	        field(SRRCTL_BSIZEPKT, q->room / 1024) | field(SRRCTL_DESCTYPE, DESCTYPE_ADVANCED) |
	            (q->lro ? field(SRRCTL_BSIZEHDR, LRO_HEADER / 64) : 0) |
	            (nic->port.info.rx_queues > 1 ? SRRCTL_DROP_EN : 0));
	/* Coalescing wants room for headers, though it splits none (4.6.7.2). */
	size = lro_size(q->room, &n);
	reg_set(nic, IXGBE_AT(RSCCTL, i), q->lro ? RSCCTL_RSCEN | field(RSCCTL_MAXDESC, size) : 0);
	reg_change(nic, IXGBE_AT(DCA_RXCTRL, i), DCA_RX_RESERVED, 0);
	reg_change(nic, IXGBE_AT(RXDCTL, i), RXDCTL_VME, RXDCTL_ENABLE | (strip ? RXDCTL_VME : 0));
	err = reg_wait(nic, IXGBE_AT(RXDCTL, i), RXDCTL_ENABLE, RXDCTL_ENABLE, QUEUE_WAIT);
	if (err)
		return weir_fail(nic->port.weir, err, "port '%s': receive queue %u does not start; close the port",
		                 nic->port.spec, i);
	ixgbe_rx_refill_v1(q);
	return 0;
}

/* 4.6.7.1.2; when it is done for all queues, ixgbe_rx_settle() is to follow. */
int ixgbe_rxq_disable(struct ixgbe *nic, struct ixgbe_rxq *q)
{
	unsigned i = q->rxq.index;

	reg_change(nic, IXGBE_AT(RXDCTL, i), RXDCTL_ENABLE, 0);
	return reg_wait(nic, IXGBE_AT(RXDCTL, i), RXDCTL_ENABLE, 0, QUEUE_WAIT);
}

void ixgbe_rx_settle(void)
{
	sleep_us(DISABLE_US);
}

/* 4.6.8 */
int ixgbe_txq_enable(struct ixgbe *nic, struct ixgbe_txq *q)
{
	unsigned i = q->txq.index;
	uint64_t iova = ring_iova(nic, q->ring);
	uint32_t control = field(TXDCTL_PTHRESH, TXD_AHEAD) | field(TXDCTL_HTHRESH, TXD_HOST);
	int err;

	reg_set(nic, IXGBE_AT(TDBAL, i), (uint32_t)iova);
	reg_set(nic, IXGBE_AT(TDBAH, i), (uint32_t)(iova >> 32));
	reg_set(nic, IXGBE_AT(TDLEN, i), q->slots * 16);
	reg_set(nic, IXGBE_AT(TDWBAL, i), 0);
	reg_set(nic, IXGBE_AT(TDWBAH, i), 0);
	reg_set(nic, IXGBE_AT(TDH, i), 0);
	reg_set(nic, IXGBE_AT(TDT, i), 0);
	reg_set(nic, IXGBE_AT(TXDCTL, i), control);
	reg_set(nic, IXGBE_AT(TXDCTL, i), control | TXDCTL_ENABLE);
	err = reg_wait(nic, IXGBE_AT(TXDCTL, i), TXDCTL_ENABLE, TXDCTL_ENABLE, QUEUE_WAIT);
	if (err)
		return weir_fail(nic->port.weir, err, "port '%s': transmit queue %u does not start; close the port",
		                 nic->port.spec, i);
	__atomic_store_n(&q->running, true, __ATOMIC_RELAXED);
	return 0;
}

int ixgbe_txq_disable(struct ixgbe *nic, struct ixgbe_txq *q)
{
	unsigned i = q->txq.index;

	__atomic_store_n(&q->running, false, __ATOMIC_RELAXED);
	reg_change(nic, IXGBE_AT(TXDCTL, i), TXDCTL_ENABLE, 0);
	return reg_wait(nic, IXGBE_AT(TXDCTL, i), TXDCTL_ENABLE, 0, QUEUE_WAIT);
}

void ixgbe_txq_drain(struct ixgbe *nic, struct ixgbe_txq *q, uint64_t deadline_ns)
{
	if (!q->ring)
		return;
	while (now_ns() < deadline_ns) {
		if (reg_get(nic, IXGBE_AT(TDH, q->txq.index)) == reg_get(nic, IXGBE_AT(TDT, q->txq.index)))
			break;
		sleep_us(50);
	}
	ixgbe_tx_reclaim_v1(q);
}

/* --- one queue, while the others run ---------------------------------------------------------------------------------------- */

static int not_let_go(struct ixgbe *nic, int err, const char *what, unsigned index)
{
	return weir_fail(nic->port.weir, err, "port '%s': %s queue %u does not stop; stop the port", nic->port.spec,
	                 what, index);
}

static int rxq_stop(struct weir_rxq *rxq)
{
	struct ixgbe *nic = ixgbe(rxq->port);
	int err = ixgbe_rxq_disable(nic, ixgbe_rxq(rxq));

	if (err)
		return not_let_go(nic, err, "receive", rxq->index);
	ixgbe_rx_settle();
	ixgbe_rxq_close(ixgbe_rxq(rxq));
	return 0;
}

static int rxq_start(struct weir_rxq *rxq)
{
	struct ixgbe *nic = ixgbe(rxq->port);
	struct ixgbe_rxq *q = ixgbe_rxq(rxq);
	int err;

	if (q->ring)
		return not_let_go(nic, -EBUSY, "receive", rxq->index);
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
		ixgbe_txq_drain(nic, ixgbe_txq(txq), now_ns() + IXGBE_DRAIN_NS);
	err = ixgbe_txq_disable(nic, ixgbe_txq(txq));
	if (err)
		return not_let_go(nic, err, "transmit", txq->index);
	ixgbe_txq_close(ixgbe_txq(txq));
	return 0;
}

static int txq_start(struct weir_txq *txq)
{
	struct ixgbe *nic = ixgbe(txq->port);
	struct ixgbe_txq *q = ixgbe_txq(txq);
	int err;

	if (q->ring)
		return not_let_go(nic, -EBUSY, "transmit", txq->index);
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
