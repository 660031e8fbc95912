/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The data path of af_xdp: four rings in memory that is shared with the kernel.
 *
 *      pool --> fill ring --> kernel --> RX ring --> application --> TX ring --> kernel --> completion ring --> pool
 *
 * Every descriptor names a buffer of the pool, so a packet goes from the RX ring of one port to the TX ring of another
 * without being touched. The address in a descriptor is the buffer's start in its low 48 bits and the data's offset in
 * the upper 16 (unaligned mode), in both directions, so a completion names the buffer again.
 *
 * The kernel never completes a descriptor that it finds invalid; so none is given to it that could be.
 */
#include "af_xdp.h"

#include <string.h>
#include <sys/socket.h>

#include "host.h"
#include "weir/net.h"

#define BATCH     64u
#define NO_BUFFER UINT32_MAX

/* What a packet must not have to be sent as it is. */
#define TX_ODD (WEIR_PKT_MORE | WEIR_PKT_SHARED | WEIR_PKT_VLAN | WEIR_PKT_TX)

static_assert(XDP_PKT_CONTD == WEIR_PKT_MORE, "descriptor options and packet flags are passed on as they are");

/* --- receiving -------------------------------------------------------------------------------------------------------- */

void xdp_refill(struct xdp_rxq *q)
{
	uint32_t bufs[BATCH], at = 0;
	unsigned want, got;

	do {
		want = xsk_prod_nb_free(&q->fill, BATCH);
		want = want < q->owed ? want : q->owed;
		want = want < BATCH ? want : BATCH;
		got = weir_pool_alloc_bufs(q->rxq.cache, bufs, want);
		xsk_ring_prod__reserve(&q->fill, got, &at);
		for (unsigned i = 0; i < got; i++)
			*xsk_ring_prod__fill_addr(&q->fill, at + i) = xdp_lend(&q->lent, bufs[i]);
		xsk_ring_prod__submit(&q->fill, got);
		q->owed -= got;
		if (unlikely(got < want))
			count_add(&q->starved, 1);
	} while (got == BATCH);
}

/* Has a driver that sleeps look at the fill ring; and it is how a queue learns that its interface is no more. */
static void rx_wake(struct xdp_rxq *q)
{
	q->looked = weir_clock();
	if (recvfrom(q->fd, NULL, 0, MSG_DONTWAIT, NULL, NULL) >= 0 || errno != ENXIO)
		return;
	port_damage(q->rxq.port, -ENODEV, "port '%s': the interface is gone", q->rxq.port->spec);
	rxq_finish(&q->rxq);
}

/* Makes an entry of a descriptor. Returns false when it cannot be true; .buf is then NO_BUFFER if no buffer is held. */
static inline bool rx_take(struct xdp_rxq *q, const struct xdp_desc *desc, struct weir_pkt *pkt)
{
	uint64_t addr = desc->addr, off = xsk_umem__extract_offset(addr);
	uint32_t len = desc->len;

	*pkt = (struct weir_pkt){ .buf = NO_BUFFER,
		                  .off = (uint16_t)off,
		                  .len = (uint16_t)len,
		                  .flags = (uint16_t)(desc->options & XDP_PKT_CONTD) };
	return xdp_return(&q->lent, addr, &pkt->buf) && len && off + len <= q->lent.chunk;
}

/* The descriptors of the frame at @at, 0 when its end is not among the @n. No frame takes more than so many. */
static unsigned rx_entries(const struct xdp_rxq *q, uint32_t at, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!(xsk_ring_cons__rx_desc(&q->rx, at + i)->options & XDP_PKT_CONTD) || i + 1 == XDP_ENTRIES_MAX)
			return i + 1;
	return 0;
}

static void rx_drop(struct xdp_rxq *q, const struct weir_pkt *pkts, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (pkts[i].buf != NO_BUFFER)
			weir_pool_free_bufs(q->rxq.cache, &pkts[i].buf, 1);
	queue_drop(&q->rxq.stats, WEIR_DROP_DEVICE, 1);
}

unsigned xdp_rx(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	struct xdp_rxq *q = container_of(rxq, struct xdp_rxq, rxq);
	unsigned got = 0, packets = 0, done, entries;
	uint64_t bytes = 0;
	uint32_t at = 0;

	n = xsk_ring_cons__peek(&q->rx, n, &at);
	for (done = 0; done < n; done += entries) {
		bool good = true;

		entries = 1;
		if (unlikely(xsk_ring_cons__rx_desc(&q->rx, at + done)->options & XDP_PKT_CONTD)) {
			entries = rx_entries(q, at + done, n - done);
			if (!entries)
				break;
		}
		for (unsigned i = 0; i < entries; i++)
			good &= rx_take(q, xsk_ring_cons__rx_desc(&q->rx, at + done + i), &pkts[got + i]);
		if (unlikely(!good || pkts[got + entries - 1].flags & WEIR_PKT_MORE)) {
			rx_drop(q, &pkts[got], entries);
			continue;
		}
		for (unsigned i = 0; i < entries; i++)
			bytes += pkts[got + i].len;
		got += entries;
		packets++;
	}
	if (unlikely(done < n)) {
		xsk_ring_cons__cancel(&q->rx, n - done);
		q->rx.cached_prod = q->rx.cached_cons; /* look for the rest of the frame next time */
	}
	if (done) {
		xsk_ring_cons__release(&q->rx, done);
		q->owed += done;
		queue_count(&rxq->stats, packets, bytes);
	} else if (unlikely(weir_clock() - q->looked > q->interval)) {
		rx_wake(q);
	}
	if (q->owed)
		xdp_refill(q);
	if (xsk_ring_prod__needs_wakeup(&q->fill))
		rx_wake(q);
	return got;
}

int xdp_arm(struct xdp_rxq *q)
{
	if (q->owed)
		xdp_refill(q);
	rx_wake(q);
	return weir_rxq_finished(&q->rxq) || xsk_cons_nb_avail(&q->rx, 1);
}

/* --- sending ---------------------------------------------------------------------------------------------------------- */

static void tx_complete(struct xdp_txq *q)
{
	uint32_t bufs[BATCH], at = 0;
	unsigned n, back;

	do {
		n = xsk_ring_cons__peek(&q->comp, BATCH, &at);
		back = 0;
		for (unsigned i = 0; i < n; i++)
			back += xdp_return(&q->lent, *xsk_ring_cons__comp_addr(&q->comp, at + i), &bufs[back]);
		if (!n)
			return;
		xsk_ring_cons__release(&q->comp, n);
		weir_pool_free_bufs(q->cache, bufs, back);
		if (unlikely(back < n))
			queue_drop(&q->txq.stats, WEIR_DROP_DEVICE, n - back);
	} while (n == BATCH);
}

/* Descriptors that the kernel has not taken from the TX ring. */
static unsigned tx_waiting(const struct xdp_txq *q)
{
	return q->tx.cached_prod - __atomic_load_n(q->tx.consumer, __ATOMIC_ACQUIRE);
}

/* Has the kernel send. In copy mode each call sends a few frames, so it is made until it gets no further. */
static void tx_kick(struct xdp_txq *q)
{
	unsigned before = tx_waiting(q), after;

	while (before && xsk_ring_prod__needs_wakeup(&q->tx)) {
		if (sendto(q->fd, NULL, 0, MSG_DONTWAIT, NULL, 0) < 0) {
			if (errno == ENXIO) {
				q->gone = true;
				port_damage(q->txq.port, -ENODEV, "port '%s': the interface is gone",
				            q->txq.port->spec);
				return;
			}
			if (errno == EBUSY && q->copies) /* the frame was taken, and the interface dropped it */
				queue_drop(&q->txq.stats, WEIR_DROP_TX_ERROR, 1);
		}
		after = tx_waiting(q);
		if (!q->copies || after == before)
			return;
		before = after;
	}
}

unsigned xdp_flush(struct xdp_txq *q)
{
	tx_kick(q);
	tx_complete(q);
	return q->gone ? 0 : tx_waiting(q);
}

static inline void tx_put(struct xdp_txq *q, uint32_t at, const struct weir_pkt *pkt)
{
	*xsk_ring_prod__tx_desc(&q->tx, at) = (struct xdp_desc){
		.addr = xdp_lend(&q->lent, pkt->buf) | (uint64_t)pkt->off << XSK_UNALIGNED_BUF_OFFSET_SHIFT,
		.len = pkt->len,
		.options = pkt->flags & WEIR_PKT_MORE,
	};
}

/* Whether the kernel can take the packet in the buffers that it has, with room for a tag in front where it wants one. */
static bool tx_fits(const struct xdp_txq *q, const struct weir_pkt *pkts, unsigned n)
{
	unsigned tag = pkts->flags & WEIR_PKT_VLAN ? HOST_VLAN_LEN : 0;

	if (n > q->entries_max || weir_pkt_headroom(pkts) < tag || pkts->len + tag > q->lent.chunk)
		return false;
	for (unsigned i = 0; i < n; i++) {
		const struct weir_pkt *pkt = &pkts[i];

		if (pkt->flags & WEIR_PKT_SHARED || !pkt->len || pkt->len > q->lent.chunk ||
		    !xdp_own(&q->lent, pkt->buf))
			return false;
	}
	return true;
}

/* Copies the packet into buffers that the kernel can take, at @copy. Returns how many, 0 when there are none now. */
static unsigned tx_copy(struct xdp_txq *q, const struct weir_pkt *pkts, unsigned n, size_t bytes, struct weir_pkt *copy)
{
	struct iovec parts[XDP_ENTRIES_MAX];
	unsigned entries;

	host_iovec(q->cache->base, pkts, n, parts);
	entries = host_copy_pieces(q->cache, q->lent.chunk - q->cache->headroom, parts, n, bytes, copy);
	if (!entries)
		return 0;
	copy->txo = pkts->txo;
	copy->vlan = pkts->vlan;
	copy->flags |= pkts->flags & ~(WEIR_PKT_MORE | WEIR_PKT_SHARED | WEIR_PKT_META);
	count_add(&q->copied, 1);
	return entries;
}

/* Why a packet can never be sent, or WEIR_DROP_COUNT. */
static enum weir_drop tx_refuse(const struct xdp_txq *q, const struct weir_pkt *pkts, unsigned n, uint64_t bytes)
{
	unsigned frame_max = __atomic_load_n(&q->frame_max, __ATOMIC_RELAXED);
	unsigned piece = q->lent.chunk - q->cache->headroom;

	if (bytes < XDP_FRAME_MIN)
		return WEIR_DROP_TOO_SHORT;
	if (bytes + (pkts->flags & WEIR_PKT_VLAN ? HOST_VLAN_LEN : 0) > frame_max || n > XDP_ENTRIES_MAX ||
	    (!tx_fits(q, pkts, n) && bytes > piece * q->entries_max))
		return WEIR_DROP_TOO_LONG;
	if (pkts->flags & WEIR_PKT_TX_TSO)
		return WEIR_DROP_OFFLOAD;
	return WEIR_DROP_COUNT;
}

static unsigned tx_drop(struct xdp_txq *q, const struct weir_pkt *pkts, unsigned n, enum weir_drop reason)
{
	weir_pool_free(q->txq.cache, pkts, n);
	queue_drop(&q->txq.stats, reason, 1);
	return 0;
}

/*
 * A packet that is not just one buffer of the pool: several buffers, or another's, or work to be done on it. Fills the
 * descriptors from @at on, of which @room are free. Returns how many it filled, 0 when the packet was dropped instead,
 * or -EAGAIN when there is no room now and the packet stays the caller's.
 */
static int tx_odd(struct xdp_txq *q, const struct weir_pkt *pkts, unsigned n, uint32_t at, unsigned room)
{
	uint64_t bytes = weir_pkt_bytes(pkts, n);
	enum weir_drop reason = tx_refuse(q, pkts, n, bytes);
	struct weir_pkt own[XDP_ENTRIES_MAX];
	unsigned entries = n;
	bool copied;

	if (reason != WEIR_DROP_COUNT)
		return (int)tx_drop(q, pkts, n, reason);
	if (room < XDP_ENTRIES_MAX)
		return -EAGAIN;
	copied = !tx_fits(q, pkts, n);
	if (copied)
		entries = tx_copy(q, pkts, n, bytes, own);
	else
		memcpy(own, pkts, n * sizeof(*pkts));
	if (!entries)
		return -EAGAIN;
	if (weir_pkt_finish(q->cache->base, own, entries)) {
		if (copied)
			weir_pool_free(q->cache, own, entries);
		return (int)tx_drop(q, pkts, n, WEIR_DROP_OFFLOAD);
	}
	if (copied)
		weir_pool_free(q->txq.cache, pkts, n);
	for (unsigned i = 0; i < entries; i++)
		tx_put(q, at + i, &own[i]);
	queue_count(&q->txq.stats, 1, weir_pkt_bytes(own, entries));
	return (int)entries;
}

unsigned xdp_tx(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n)
{
	struct xdp_txq *q = container_of(txq, struct xdp_txq, txq);
	unsigned frame_max = __atomic_load_n(&q->frame_max, __ATOMIC_RELAXED);
	unsigned plain_max = frame_max < q->lent.chunk ? frame_max : q->lent.chunk;
	unsigned done = 0, used = 0, plain = 0, room;
	uint64_t bytes = 0;
	uint32_t at = 0;

	tx_complete(q);
	if (unlikely(q->gone)) {
		weir_pool_free(txq->cache, pkts, n);
		queue_drop(&txq->stats, WEIR_DROP_LINK_DOWN, weir_pkt_count(pkts, n));
		return n;
	}
	room = xsk_prod_nb_free(&q->tx, n);
	at = q->tx.cached_prod;
	while (done < n && used < room) {
		const struct weir_pkt *pkt = &pkts[done];
		unsigned entries;
		int filled;

		if (likely(!(pkt->flags & TX_ODD) && pkt->len >= XDP_FRAME_MIN && pkt->len <= plain_max &&
		           xdp_own(&q->lent, pkt->buf))) {
			tx_put(q, at + used, pkt);
			bytes += pkt->len;
			plain++, used++, done++;
			continue;
		}
		entries = weir_pkt_entries(pkt, n - done);
		filled = entries ? tx_odd(q, pkt, entries, at + used, room - used) : -EINVAL;
		if (filled < 0)
			break;
		used += (unsigned)filled;
		done += entries;
	}
	xsk_ring_prod__reserve(&q->tx, used, &at);
	xsk_ring_prod__submit(&q->tx, used);
	queue_count(&txq->stats, plain, bytes);
	tx_kick(q);
	return done;
}
