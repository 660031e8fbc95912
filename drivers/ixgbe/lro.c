/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Coalesced TCP segments (82599 datasheet 7.11): one packet in the buffers of several slots, which need not follow each
 * other. Looked at when the head comes to its first slot, and all of it is taken then; the other slots are passed by
 * when the head comes to them.
 */
#include "ring.h"
#include "weir/wire.h"

struct rx_parts {
	uint32_t at[IXGBE_LRO_BUFS]; /* slots */
	uint64_t done[IXGBE_LRO_BUFS];
	uint32_t n;
	uint32_t segments, bytes;
	bool wrong;
};

/*
 * Follows the packet from the head on: NEXTP names the next slot, which must be one of the device's and further on, so
 * that this ends. Returns false when not all is there yet.
 */
static bool rx_follow(const struct adv_rxq *q, struct rx_parts *p)
{
	uint32_t at = q->head, ahead;

	p->n = p->segments = p->bytes = 0;
	p->wrong = false;
	for (;;) {
		uint64_t done = rx_done(&ixgbe_family, q, at);
		uint32_t type = __atomic_load_n(&q->ring[at & q->mask].done.type, __ATOMIC_RELAXED);
		uint32_t count = field_of(RXD_RSC_COUNT, type);

		if (!(done & RXD_DD))
			return false;
		p->at[p->n] = at;
		p->done[p->n++] = done;
		p->bytes += DONE_LEN(done);
		p->segments += count ? count - 1 : 0;
		p->wrong |= DONE_LEN(done) - 1 >= q->room;
		if (done & RXD_EOP)
			return true;
		ahead = count ? (field_of(RXD_NEXTP, (uint32_t)done) - at) & q->mask : 1;
		if (!ahead || ahead >= q->tail - at || q->bufs[(at + ahead) & q->mask] == ADV_RX_TAKEN ||
		    p->n == least(q->entries_max, IXGBE_LRO_BUFS)) {
			p->wrong = true;
			return true;
		}
		at += ahead;
	}
}

/* The slots are empty now, and passed by when the head comes to them: they are not done for those who look there. */
static void rx_leave(struct adv_rxq *q, const struct rx_parts *p)
{
	for (uint32_t i = 0; i < p->n; i++) {
		q->bufs[p->at[i] & q->mask] = ADV_RX_TAKEN;
		q->ring[p->at[i] & q->mask].read.header = 0;
	}
}

/*
 * Has the packet say how it can be cut again: so many segments, all of a size. Returns false when its headers are not
 * such that the device could have put it together.
 */
static bool rx_describe_segments(const struct adv_rxq *q, struct weir_pkt *pkt, const struct rx_parts *p)
{
	const uint8_t *data = weir_pkt_data(q->rxq.cache->base, pkt);
	uint32_t l2 = 14, l3 = 20, l4, mss;

	if (weir_load_be16(data + 12) == WEIR_ETHER_VLAN)
		l2 += 4;
	if (pkt->len < l2 + l3 + 20 || weir_load_be16(data + l2 - 2) != WEIR_ETHER_IPV4 || data[l2] != 0x45 ||
	    data[l2 + 9] != WEIR_IP_TCP)
		return false;
	l4 = (uint32_t)(data[l2 + l3 + 12] >> 4) * 4;
	if (l4 < 20 || pkt->len < l2 + l3 + l4 || p->bytes <= l2 + l3 + l4)
		return false;
	mss = (p->bytes - l2 - l3 - l4 + p->segments - 1) / p->segments;
	if (l2 + l3 + l4 + mss > __atomic_load_n(&q->frame_max, __ATOMIC_RELAXED))
		return false;
	pkt->txo = weir_txo(l2, l3, l4, mss);
	pkt->flags = (uint16_t)((pkt->flags & ~(WEIR_PKT_HASH | WEIR_PKT_L3 | WEIR_PKT_L4)) | WEIR_PKT_IPV4 |
	                        WEIR_PKT_TCP | WEIR_PKT_TX_TSO);
	return true;
}

/* Why the packet is none; WEIR_DROP_COUNT: it is one. */
static enum weir_drop rx_check_parts(const struct adv_rxq *q, const struct rx_parts *p)
{
	enum weir_drop reason = rx_check(&ixgbe_family, q, p->done[p->n - 1]);

	if (reason != WEIR_DROP_COUNT)
		return reason;
	if (p->wrong || p->bytes < RX_LEAST)
		return WEIR_DROP_DEVICE;
	if (p->segments < 2)
		return rx_can_be_frame(q, p->bytes) ? WEIR_DROP_COUNT : WEIR_DROP_DEVICE;
	return p->bytes < IXGBE_LRO_BYTES + RX_LEAST ? WEIR_DROP_COUNT : WEIR_DROP_DEVICE;
}

int ixgbe_rx_take_parts(struct adv_rxq *q, struct weir_pkt *pkts, unsigned n)
{
	enum weir_drop reason;
	struct rx_parts p;
	uint64_t done;

	if (!rx_follow(q, &p) || (!p.wrong && p.n > n))
		return -EAGAIN;
	reason = rx_check_parts(q, &p);
	for (uint32_t i = 0; i < p.n && reason == WEIR_DROP_COUNT; i++) {
		pkts[i] = (struct weir_pkt){ .flags = WEIR_PKT_MORE };
		rx_fill(q, p.at[i], p.done[i], &pkts[i]);
	}
	if (reason == WEIR_DROP_COUNT) {
		done = p.done[p.n - 1];
		rx_describe(&ixgbe_family, q, p.at[p.n - 1], done, &pkts[0]);
		if (done & (RXD_TS | RXD_FLM))
			ixgbe_rx_note(q, p.at[p.n - 1], done, &pkts[0]);
		if (p.segments > 1 && !rx_describe_segments(q, &pkts[0], &p))
			reason = WEIR_DROP_DEVICE;
	}
	if (unlikely(reason != WEIR_DROP_COUNT)) {
		for (uint32_t i = 0; i < p.n; i++)
			weir_pool_free_bufs(q->rxq.cache, &q->bufs[p.at[i] & q->mask], 1);
		queue_drop(&q->rxq.stats, reason, 1);
		rx_leave(q, &p);
		return 0;
	}
	pkts[0].flags |= WEIR_PKT_MORE;
	pkts[p.n - 1].flags &= (uint16_t)~WEIR_PKT_MORE;
	rx_leave(q, &p);
	return (int)p.n;
}
