/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The data path of packet sockets: frames out of blocks, packets into slots.
 */
#include "af_packet.h"

#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "weir/net.h"

#define FRAME_ALIGN 8u        /* of frames in a block, whatever TPACKET_ALIGNMENT says */
#define LINEAR_MAX  2048u     /* shorter frames are copied by the kernel too, not mapped: that is cheaper */
#define STUCK_NS    20000000u /* a frame that the device refuses for so long is given up */
#define GONE_NS     10000000u /* the last block of a removed interface comes within this time */
#define IDLE_POLLS  1024u     /* after so many polls without a packet one asks whether the interface is still there */

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* --- receiving ------------------------------------------------------------------------------------------------------- */

static struct tpacket_block_desc *rx_block(const struct packet_rxq *q)
{
	return (void *)(q->ring + (size_t)q->block * q->block_bytes);
}

bool packet_rx_ready(const struct packet_rxq *q)
{
	return q->segment < q->segments_end || q->frames ||
	       __atomic_load_n(&rx_block(q)->hdr.bh1.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER;
}

static void rx_block_release(struct packet_rxq *q)
{
	__atomic_store_n(&rx_block(q)->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
	q->frames = 0;
	q->block = q->block + 1 < q->blocks ? q->block + 1 : 0;
}

/* The next frame of the ring, NULL when there is none. What follows a bad offset in a block is counted and skipped. */
static const struct tpacket3_hdr *rx_frame(struct packet_rxq *q)
{
	for (;;) {
		struct tpacket_hdr_v1 *block = &rx_block(q)->hdr.bh1;

		if (!q->frames) {
			if (!(__atomic_load_n(&block->block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER))
				return NULL;
			q->frames = block->num_pkts;
			q->frame = block->offset_to_first_pkt;
		}
		if (likely(q->frames && q->frame % FRAME_ALIGN == 0 &&
		           q->frame <= q->block_bytes - sizeof(struct tpacket3_hdr)))
			return (void *)((uint8_t *)block - offsetof(struct tpacket_block_desc, hdr) + q->frame);
		queue_drop(&q->rxq.stats, WEIR_DROP_DEVICE, q->frames);
		rx_block_release(q);
	}
}

static void rx_next(struct packet_rxq *q, const struct tpacket3_hdr *frame)
{
	/* The last one's offset is 0. Any other 0 would have the same frame read again: rx_frame() drops the rest. */
	q->frame = frame->tp_next_offset ? q->frame + frame->tp_next_offset : UINT32_MAX;
	if (!--q->frames)
		rx_block_release(q);
}

/* Why the frame cannot be taken; WEIR_DROP_COUNT when it can. */
static enum weir_drop rx_check(const struct packet_rxq *q, const struct tpacket3_hdr *frame, size_t len)
{
	if (unlikely(frame->tp_mac < sizeof(*frame) + sizeof(struct virtio_net_hdr) ||
	             (size_t)q->frame + frame->tp_mac + frame->tp_snaplen > q->block_bytes))
		return WEIR_DROP_DEVICE;
	if (unlikely(frame->tp_snaplen < frame->tp_len || len > HOST_FRAME_MAX))
		return WEIR_DROP_TOO_LONG;
	return unlikely(frame->tp_snaplen < ETH_HLEN) ? WEIR_DROP_TOO_SHORT : WEIR_DROP_COUNT;
}

/* A tag that the kernel took out goes back, unless the application wants it apart and it is one that .vlan can mean. */
static bool rx_must_retag(const struct packet_rxq *q, const struct tpacket3_hdr *frame)
{
	if (!(frame->tp_status & TP_STATUS_VLAN_VALID))
		return false;
	return !(q->offloads & WEIR_OFFLOAD_RX_VLAN) ||
	       (frame->tp_status & TP_STATUS_VLAN_TPID_VALID && frame->hv1.tp_vlan_tpid != ETH_P_8021Q);
}

static uint64_t frame_ns(const struct tpacket3_hdr *frame)
{
	return frame->tp_sec * UINT64_C(1000000000) + frame->tp_nsec;
}

/* Copies a frame into buffers. Returns the entries, 0 when the pool ran out. */
static unsigned rx_copy(struct packet_rxq *q, const struct tpacket3_hdr *frame, bool retag, struct weir_pkt *pkts)
{
	uint8_t *data = (uint8_t *)frame + frame->tp_mac, tag[HOST_VLAN_LEN];
	struct iovec parts[3] = { { data, frame->tp_snaplen } };
	unsigned count = 1, n;

	if (retag) {
		host_put_tag(tag, frame->tp_status & TP_STATUS_VLAN_TPID_VALID ? frame->hv1.tp_vlan_tpid : ETH_P_8021Q,
		             frame->hv1.tp_vlan_tci);
		parts[0].iov_len = HOST_VLAN_AT;
		parts[1] = (struct iovec){ tag, sizeof(tag) };
		parts[2] = (struct iovec){ data + HOST_VLAN_AT, frame->tp_snaplen - HOST_VLAN_AT };
		count = 3;
	}
	n = host_copy_in(q->rxq.cache, parts, count, frame->tp_snaplen + (retag ? HOST_VLAN_LEN : 0), pkts);
	if (!n)
		return 0;
	if (q->offloads & WEIR_OFFLOAD_RX_HASH && frame->hv1.tp_rxhash) {
		pkts->hash = frame->hv1.tp_rxhash;
		pkts->flags |= WEIR_PKT_HASH;
	}
	if (!retag && frame->tp_status & TP_STATUS_VLAN_VALID) {
		pkts->vlan = (uint16_t)frame->hv1.tp_vlan_tci;
		pkts->flags |= WEIR_PKT_VLAN;
	}
	if (q->offloads & WEIR_OFFLOAD_RX_META)
		host_put_meta(q->rxq.cache->base, pkts, frame_ns(frame));
	return n;
}

static int rx_drop(struct packet_rxq *q, const struct tpacket3_hdr *frame, enum weir_drop reason)
{
	queue_drop(&q->rxq.stats, reason, 1);
	rx_next(q, frame);
	return 0;
}

/* Takes a packet that was put together, and puts its segments aside. Returns 0, or -ENOBUFS when it waits. */
static int rx_cut(struct packet_rxq *q, const struct tpacket3_hdr *frame, const struct virtio_net_hdr *vnet, bool retag)
{
	unsigned n = rx_copy(q, frame, retag, q->whole);
	int got;

	if (!n)
		return -ENOBUFS;
	got = host_vnet_receive(q->rxq.cache->base, vnet, q->offloads, q->whole, n);
	if (!got)
		got = weir_pkt_segment(q->rxq.cache, q->whole, n, q->segments, PACKET_SEGMENTS_MAX);
	weir_pool_free(q->rxq.cache, q->whole, n);
	if (got == -ENOBUFS)
		return got;
	if (got < 0)
		return rx_drop(q, frame, got == -EINVAL ? WEIR_DROP_DEVICE : WEIR_DROP_TOO_LONG);
	q->segments_end = (unsigned)got;
	for (unsigned i = 0; q->offloads & WEIR_OFFLOAD_RX_META && i < q->segments_end;
	     i += weir_pkt_entries(q->segments + i, q->segments_end - i))
		host_put_meta(q->rxq.cache->base, &q->segments[i], frame_ns(frame));
	rx_next(q, frame);
	return 0;
}

/*
 * Takes a frame as a packet to @pkts, or as segments aside when it is longer than the application wants. Returns the
 * entries filled, 0 when it was dropped or put aside, or -errno when it waits: for a longer array or for buffers.
 */
static int rx_take(struct packet_rxq *q, const struct tpacket3_hdr *frame, struct weir_pkt *pkts, unsigned room)
{
	bool retag = rx_must_retag(q, frame);
	size_t len = frame->tp_snaplen + (retag ? (size_t)HOST_VLAN_LEN : 0);
	enum weir_drop reason = rx_check(q, frame, len);
	struct virtio_net_hdr vnet;
	unsigned n;
	int err;

	if (unlikely(!(frame->tp_status & TP_STATUS_USER))) { /* RX_COUNTED */
		rx_next(q, frame);
		return 0;
	}
	if (unlikely(reason != WEIR_DROP_COUNT))
		return rx_drop(q, frame, reason);
	memcpy(&vnet, (const uint8_t *)frame + frame->tp_mac - sizeof(vnet), sizeof(vnet));
	if (retag)
		vnet.csum_start = (uint16_t)(vnet.csum_start + HOST_VLAN_LEN);
	if (unlikely(host_vnet_must_cut(&vnet, q->offloads)))
		return rx_cut(q, frame, &vnet, retag);

	n = host_entries(q->rxq.cache->pool, len);
	if (unlikely(n > room))
		return n > q->entries_max ? rx_drop(q, frame, WEIR_DROP_TOO_LONG) : -ENOSPC;
	n = rx_copy(q, frame, retag, pkts);
	if (!n)
		return -ENOBUFS;
	err = host_vnet_receive(q->rxq.cache->base, &vnet, q->offloads, pkts, n);
	if (unlikely(err)) {
		weir_pool_free(q->rxq.cache, pkts, n);
		return rx_drop(q, frame, err == -EINVAL ? WEIR_DROP_DEVICE : WEIR_DROP_TOO_LONG);
	}
	rx_next(q, frame);
	return (int)n;
}

/* Hands out segments that were put aside, as far as whole ones fit. */
static unsigned rx_segments(struct packet_rxq *q, struct weir_pkt *pkts, unsigned n)
{
	unsigned left = q->segments_end - q->segment;
	unsigned some = left <= n ? left : weir_pkt_whole(q->segments + q->segment, n);

	memcpy(pkts, q->segments + q->segment, some * sizeof(*pkts));
	q->segment += some;
	if (q->segment == q->segments_end)
		q->segment = q->segments_end = 0;
	return some;
}

/* Whether the interface has gone, and with it whatever was still to come. A packet socket is told by an error. */
void packet_rx_look(struct packet_rxq *q)
{
	struct packet_port *p = packet_port(q->rxq.port);
	socklen_t len = sizeof(int);
	int err = 0;

	q->idle = 0;
	if (q->gone_ns) {
		if (now_ns() - q->gone_ns < GONE_NS)
			return;
		port_damage(&p->port, -ENODEV, "port '%s': the interface was removed", p->port.spec);
		rxq_finish(&q->rxq);
		return;
	}
	getsockopt(q->fd, SOL_SOCKET, SO_ERROR, &err, &len);
	if (err && !host_if_exists(&p->nif))
		q->gone_ns = now_ns();
}

unsigned packet_rx(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	struct packet_rxq *q = packet_rxq(rxq);
	const struct tpacket3_hdr *frame;
	unsigned got = 0;

	while (got < n) {
		int took;

		if (q->segment < q->segments_end) {
			unsigned some = rx_segments(q, pkts + got, n - got);

			got += some;
			if (!some)
				break;
			continue;
		}
		frame = rx_frame(q);
		if (!frame)
			break;
		took = rx_take(q, frame, pkts + got, n - got);
		if (took < 0)
			break;
		got += (unsigned)took;
	}
	if (likely(got)) {
		queue_count(&rxq->stats, weir_pkt_count(pkts, got), weir_pkt_bytes(pkts, got));
		q->idle = 0;
	} else if (unlikely((++q->idle >= IDLE_POLLS || q->gone_ns) && !packet_rx_ready(q))) {
		packet_rx_look(q);
	}
	return got;
}

/* --- sending --------------------------------------------------------------------------------------------------------- */

static struct tpacket3_hdr *tx_slot(const struct packet_txq *q, unsigned number)
{
	unsigned slot = number % q->slots;

	return (void *)(q->ring + slot / q->slots_per_chunk * PACKET_TX_CHUNK +
	                slot % q->slots_per_chunk * PACKET_TX_SLOT);
}

static uint8_t *tx_data(struct tpacket3_hdr *slot)
{
	return (uint8_t *)slot + TPACKET3_HDRLEN - sizeof(struct sockaddr_ll);
}

static uint32_t tx_status(struct tpacket3_hdr *slot)
{
	return __atomic_load_n(&slot->tp_status, __ATOMIC_ACQUIRE);
}

static void tx_set_status(struct tpacket3_hdr *slot, uint32_t status)
{
	__atomic_store_n(&slot->tp_status, status, __ATOMIC_RELEASE);
}

/* Puts a packet into a slot. Returns false, and counts it, when it cannot be sent at all. */
static bool tx_fill(struct packet_txq *q, struct tpacket3_hdr *slot, const struct weir_pkt *pkts, unsigned n)
{
	unsigned frame_max = __atomic_load_n(&q->frame_max, __ATOMIC_RELAXED);
	uint64_t len = host_tx_len(&q->txq.stats, pkts, n, frame_max);
	uint8_t *data = tx_data(slot);
	struct virtio_net_hdr vnet;

	if (unlikely(!len))
		return false;
	if (unlikely(!host_frame_out(q->txq.cache->base, pkts, n, &vnet, data + sizeof(vnet)))) {
		queue_drop(&q->txq.stats, WEIR_DROP_OFFLOAD, 1);
		return false;
	}
	if (!vnet.hdr_len && len <= LINEAR_MAX)
		vnet.hdr_len = (uint16_t)len;
	memcpy(data, &vnet, sizeof(vnet));
	slot->tp_len = (uint32_t)len + sizeof(vnet);
	slot->tp_next_offset = 0;
	tx_set_status(slot, TP_STATUS_SEND_REQUEST);
	return true;
}

/* Moves the head over what the kernel took, and counts it. Returns whether there was any. */
static bool tx_advance(struct packet_txq *q)
{
	unsigned first = q->head;
	uint64_t bytes = 0;

	for (; q->head != q->tail; q->head++) {
		struct tpacket3_hdr *slot = tx_slot(q, q->head);

		if (tx_status(slot) & (TP_STATUS_SEND_REQUEST | TP_STATUS_WRONG_FORMAT))
			break;
		bytes += slot->tp_len - sizeof(struct virtio_net_hdr);
	}
	queue_count(&q->txq.stats, q->head - first, bytes);
	return q->head != first;
}

/* Gives up the frame that the kernel would take next. It looks for the next one in the same slot: all move up. */
static void tx_drop_head(struct packet_txq *q)
{
	for (unsigned i = q->head; i + 1 != q->tail; i++) {
		struct tpacket3_hdr *to = tx_slot(q, i), *from = tx_slot(q, i + 1);

		memcpy(to, from, TPACKET3_HDRLEN + from->tp_len);
	}
	q->tail--;
	tx_set_status(tx_slot(q, q->tail), TP_STATUS_AVAILABLE);
	queue_drop(&q->txq.stats, WEIR_DROP_TX_ERROR, 1);
	q->stuck_ns = 0;
}

void packet_tx_drop(struct packet_txq *q, enum weir_drop reason)
{
	queue_drop(&q->txq.stats, reason, q->tail - q->head);
	while (q->tail != q->head)
		tx_set_status(tx_slot(q, --q->tail), TP_STATUS_AVAILABLE);
	q->stuck_ns = 0;
}

/* Past the queueing discipline nobody cuts long packets for a device that cannot (NO_CUT): go through it. */
static bool tx_stop_bypass(struct packet_txq *q)
{
	const int off = 0;
	struct virtio_net_hdr vnet;

	memcpy(&vnet, tx_data(tx_slot(q, q->head)), sizeof(vnet));
	if (!q->bypass || vnet.gso_type == VIRTIO_NET_HDR_GSO_NONE)
		return false;
	q->bypass = false;
	return !setsockopt(q->fd, SOL_PACKET, PACKET_QDISC_BYPASS, &off, sizeof(off));
}

/*
 * The device took nothing: because it has no link, because it is busy, or because it never will take this frame.
 * Returns whether to try again at once.
 */
static bool tx_stuck(struct packet_txq *q)
{
	struct packet_port *p = packet_port(q->txq.port);
	uint64_t now = now_ns();

	if (!host_if_has_link(&p->nif))
		packet_tx_drop(q, WEIR_DROP_LINK_DOWN);
	else if (tx_stop_bypass(q))
		return true;
	else if (!q->stuck_ns)
		q->stuck_ns = now;
	else if (now - q->stuck_ns > STUCK_NS)
		tx_drop_head(q);
	return false;
}

/* Makes the kernel send what is ready. */
void packet_tx_kick(struct packet_txq *q)
{
	while (q->head != q->tail) {
		int err = send(q->fd, NULL, 0, MSG_DONTWAIT) < 0 ? errno : 0;
		bool some = tx_advance(q);

		if (some)
			q->stuck_ns = 0;
		if (q->head == q->tail)
			return;
		if (tx_status(tx_slot(q, q->head)) & TP_STATUS_WRONG_FORMAT) {
			tx_drop_head(q);
		} else if (err == ENETDOWN || err == ENXIO) {
			packet_tx_drop(q, WEIR_DROP_LINK_DOWN);
		} else if (some || !tx_stuck(q)) {
			return;
		}
	}
}

unsigned packet_tx(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n)
{
	struct packet_txq *q = packet_txq(txq);
	unsigned done = 0;

	while (done < n) {
		struct tpacket3_hdr *slot = tx_slot(q, q->tail);
		unsigned entries = weir_pkt_entries(pkts + done, n - done);

		if (!entries)
			break;
		if (tx_status(slot) != TP_STATUS_AVAILABLE) {
			packet_tx_kick(q);
			slot = tx_slot(q, q->tail); /* a packet that was given up has freed one */
			if (tx_status(slot) != TP_STATUS_AVAILABLE)
				break;
		}
		if (tx_fill(q, slot, pkts + done, entries))
			q->tail++;
		done += entries;
	}
	packet_tx_kick(q);
	weir_pool_free(txq->cache, pkts, done);
	return done;
}

bool packet_tx_busy(const struct packet_txq *q)
{
	for (unsigned i = 0; i < q->slots; i++)
		if (tx_status(tx_slot(q, i)) != TP_STATUS_AVAILABLE)
			return true;
	return false;
}
