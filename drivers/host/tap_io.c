/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The data path of TAP interfaces: a system call a packet, each straight into buffers or straight from them.
 */
#include "tap.h"

#include <string.h>
#include <time.h>

/* --- receiving ------------------------------------------------------------------------------------------------------- */

/* Lays out buffers for one packet. Returns false when the pool has not enough: the packet waits in the kernel. */
static bool rx_prepare(struct tap_rxq *q)
{
	struct weir_pool_cache *cache = q->rxq.cache;
	unsigned room = weir_pool_room(cache->pool);

	if (likely(q->spares == q->need))
		return true;
	q->spares += weir_pool_alloc(cache, q->bufs + q->spares, q->need - q->spares);
	for (unsigned i = 0; i < q->spares; i++)
		q->iov[i + 1] = (struct iovec){ weir_pkt_data(cache->base, &q->bufs[i]), room - q->bufs[i].off };
	return q->spares == q->need;
}

/* Makes @len bytes in the buffers a packet at @pkts. Returns its entries. */
static unsigned rx_packet(struct tap_rxq *q, size_t len, struct weir_pkt *pkts)
{
	unsigned n = 0;

	for (size_t left = len; left; n++) {
		size_t some = left < q->iov[n + 1].iov_len ? left : q->iov[n + 1].iov_len;

		pkts[n] = q->bufs[n];
		pkts[n].len = (uint16_t)some;
		pkts[n].flags = left > some ? WEIR_PKT_MORE : 0;
		left -= some;
	}
	return n;
}

/* The first @n buffers are no longer at hand. */
static void rx_consume(struct tap_rxq *q, unsigned n)
{
	q->spares -= n;
	memmove(q->bufs, q->bufs + n, q->spares * sizeof(*q->bufs));
}

static uint64_t wall_clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* What was read, @bytes with the header, as a packet at @pkts. Returns the entries, or 0 when it was dropped. */
static unsigned rx_take(struct tap_rxq *q, const struct virtio_net_hdr *vnet, size_t bytes, struct weir_pkt *pkts)
{
	struct weir_queue_stats *stats = &q->rxq.stats;
	size_t len = bytes - sizeof(*vnet), room = q->need * q->iov[1].iov_len;
	enum weir_drop reason = WEIR_DROP_DEVICE;
	unsigned n;
	int err;

	if (bytes < sizeof(*vnet))
		goto drop;
	if (len > room) {
		reason = WEIR_DROP_TOO_LONG;
		goto drop;
	}
	if (len < ETH_HLEN) {
		reason = WEIR_DROP_TOO_SHORT;
		goto drop;
	}
	n = rx_packet(q, len, pkts);
	err = host_vnet_receive(q->rxq.cache->base, vnet, q->offloads, pkts, n);
	if (!err && host_vnet_must_cut(vnet, q->offloads))
		err = -ENOTSUP; /* was under way when the interface was told not to */
	if (err) {
		reason = err == -EINVAL ? WEIR_DROP_DEVICE : WEIR_DROP_TOO_LONG;
		goto drop;
	}
	if (q->offloads & WEIR_OFFLOAD_RX_META)
		host_put_meta(q->rxq.cache->base, pkts, wall_clock_ns());
	rx_consume(q, n);
	return n;

drop:
	queue_drop(stats, reason, 1);
	return 0;
}

unsigned tap_rx(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	struct tap_rxq *q = tap_rxq(rxq);
	struct virtio_net_hdr vnet;
	unsigned got = 0;
	uint8_t more; /* a packet that reaches so far is longer than the buffers: the kernel cut it off */

	q->iov[0] = (struct iovec){ &vnet, sizeof(vnet) };
	q->iov[q->need + 1] = (struct iovec){ &more, sizeof(more) };
	while (n - got >= q->need && rx_prepare(q)) {
		ssize_t bytes = readv(q->fd, q->iov, (int)q->need + 2);

		if (bytes < 0) {
			if (errno == EINTR)
				continue;
			if (errno == EBADFD && !got) {
				port_damage(rxq->port, -ENODEV, "port '%s': the interface was removed",
				            rxq->port->spec);
				rxq_finish(rxq);
			}
			break;
		}
		got += rx_take(q, &vnet, (size_t)bytes, pkts + got);
	}
	if (got)
		queue_count(&rxq->stats, weir_pkt_count(pkts, got), weir_pkt_bytes(pkts, got));
	return got;
}

/* --- sending --------------------------------------------------------------------------------------------------------- */

/* Whether the kernel can be given the packet from where it lies, a tag apart. */
static bool tx_as_it_lies(const struct weir_pkt *pkts, unsigned n)
{
	if (n + 3 > TAP_VECTORS_MAX || pkts->flags & WEIR_PKT_TX_IP)
		return false;
	if (pkts->flags & WEIR_PKT_TX_L4 && (pkts->flags & WEIR_PKT_L4) == WEIR_PKT_SCTP)
		return false;
	return !(pkts->flags & WEIR_PKT_VLAN) || pkts->len >= HOST_VLAN_AT;
}

/* Points q->iov at the packet as the kernel is to see it. Returns the vectors, or 0 when flags and lengths cannot be. */
static unsigned tx_vectors(struct tap_txq *q, const struct weir_pkt *pkts, unsigned n, struct virtio_net_hdr *vnet,
                           uint8_t *tag)
{
	uint8_t *base = q->txq.cache->base;
	struct iovec *iov = q->iov;

	*iov++ = (struct iovec){ vnet, sizeof(*vnet) };
	if (!tx_as_it_lies(pkts, n)) {
		*iov = (struct iovec){ q->frame, host_frame_out(base, pkts, n, vnet, q->frame) };
		return iov->iov_len ? 2 : 0;
	}
	if (host_vnet_send(pkts, pkts->flags & WEIR_PKT_VLAN ? HOST_VLAN_LEN : 0, vnet))
		return 0;
	if (!(pkts->flags & WEIR_PKT_VLAN)) {
		host_iovec(base, pkts, n, iov);
		return n + 1;
	}
	host_put_tag(tag, ETH_P_8021Q, pkts->vlan);
	host_iovec(base, pkts, n, iov + 2);
	iov[0] = (struct iovec){ iov[2].iov_base, HOST_VLAN_AT };
	iov[1] = (struct iovec){ tag, HOST_VLAN_LEN };
	iov[2].iov_base = (uint8_t *)iov[2].iov_base + HOST_VLAN_AT;
	iov[2].iov_len -= HOST_VLAN_AT;
	return n + 3;
}

static enum weir_drop tx_reason(int err)
{
	return err == EIO || err == EBADFD || err == ENETDOWN ? WEIR_DROP_LINK_DOWN : WEIR_DROP_TX_ERROR;
}

/* Sends one packet, or counts why not. Returns false when the kernel has no room for it. */
static bool tx_packet(struct tap_txq *q, const struct weir_pkt *pkts, unsigned n)
{
	struct weir_queue_stats *stats = &q->txq.stats;
	uint64_t len = host_tx_len(stats, pkts, n, __atomic_load_n(&q->frame_max, __ATOMIC_RELAXED));
	struct virtio_net_hdr vnet;
	uint8_t tag[HOST_VLAN_LEN];
	unsigned count;

	if (unlikely(!len))
		return true;
	count = tx_vectors(q, pkts, n, &vnet, tag);
	if (unlikely(!count)) {
		queue_drop(stats, WEIR_DROP_OFFLOAD, 1);
		return true;
	}
	while (unlikely(writev(q->fd, q->iov, (int)count) < 0)) {
		if (errno == EAGAIN)
			return false;
		if (errno == EINTR)
			continue;
		queue_drop(stats, tx_reason(errno), 1);
		return true;
	}
	queue_count(stats, 1, len);
	return true;
}

unsigned tap_tx(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n)
{
	unsigned done = 0;

	while (done < n) {
		unsigned entries = weir_pkt_entries(pkts + done, n - done);

		if (!entries || !tx_packet(tap_txq(txq), pkts + done, entries))
			break;
		done += entries;
	}
	weir_pool_free(txq->cache, pkts, done);
	return done;
}
