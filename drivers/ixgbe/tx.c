/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sending: packets become descriptors; what the device reports as sent is freed. Compiled once per CPU level; this is the
 * portable version.
 *
 * A burst ends with a descriptor that reports back, and so does every packet that has IXGBE_BATCH descriptors or more
 * behind the last such: what is sent comes back to the pool, whether more is sent or not, at the cost of one write by
 * the device for a batch of packets.
 */
#include <string.h>

#include "regs/ixgbe_bits.h"
#include "ring.h"
#include "weir/net.h"

#define PASTE(a, b) a##b
#define LEVEL(a, b) PASTE(a, b)

#define TX_RECLAIM LEVEL(ixgbe_tx_reclaim_v, CPU_LEVEL)
#define TX_BURST   LEVEL(ixgbe_tx_v, CPU_LEVEL)

#define TX_LEAST      14u      /* bytes of a frame: shorter ones are padded, but these it must have (7.2.1) */
#define TX_PAYLOAD    0x3ffffu /* most that PAYLEN can say */
#define TX_VLAN_LEN   4u
#define TX_NO_CONTEXT 2u /* contexts[] has 2 */

void TX_RECLAIM(struct ixgbe_txq *q);

/* Frees the entries of packets that are sent, up to number @to. */
static void tx_free(struct ixgbe_txq *q, uint32_t to)
{
	uint32_t first = q->sent_head & q->mask, n = to - q->sent_head, run = q->mask + 1 - first;

	if (run > n)
		run = n;
	while (n) {
		/* No more at once than a cache takes in its stride. */
		uint32_t some = run < IXGBE_BATCH ? run : IXGBE_BATCH;

		weir_pool_free(q->txq.cache, &q->sent[first], some);
		first = (first + some) & q->mask;
		run -= some;
		n -= some;
		if (!run)
			run = n;
	}
	q->sent_head = to;
}

/* Takes back what the device reports: a mark says how much is done when its descriptor is. */
void TX_RECLAIM(struct ixgbe_txq *q)
{
	uint32_t sent = q->sent_head;

	while (q->mark_head != q->mark_tail) {
		const struct ixgbe_tx_mark *mark = &q->marks[q->mark_head & q->mask];
		const struct ixgbe_tx_desc *desc = &q->ring[(mark->tail - 1) & q->mask];

		if (!(__atomic_load_n(&desc->word[3], __ATOMIC_ACQUIRE) & TXD_DD))
			break;
		__atomic_store_n(&q->head, mark->tail, __ATOMIC_RELAXED);
		sent = mark->sent;
		q->mark_head++;
	}
	if (sent != q->sent_head)
		tx_free(q, sent);
}

/*
 * A ring that is full although the newest descriptor that reports is done: a report before it was lost, and that one
 * speaks for it (IN_ORDER in ixgbe.c). Returns whether there is room now.
 */
static bool tx_reclaim_all(struct ixgbe_txq *q)
{
	const struct ixgbe_tx_mark *mark = &q->marks[(q->mark_tail - 1) & q->mask];
	const struct ixgbe_tx_desc *desc = &q->ring[(mark->tail - 1) & q->mask];

	if (q->mark_head == q->mark_tail || !(__atomic_load_n(&desc->word[3], __ATOMIC_ACQUIRE) & TXD_DD)) {
		ixgbe_stalled(&q->full, q->head);
		return false;
	}
	__atomic_store_n(&q->head, mark->tail, __ATOMIC_RELAXED);
	q->mark_head = q->mark_tail;
	tx_free(q, mark->sent);
	return true;
}

/* --- what a packet asks for -------------------------------------------------------------------------------------------- */

/* What its flags come to in descriptors. */
struct tx_request {
	struct ixgbe_tx_context context;
	bool has_context;
	uint32_t command; /* for word 2 of its data descriptors */
	uint32_t options; /* for word 3: IXSM, TXSM */
	uint32_t headers; /* bytes that are in every segment; 0: it is not cut */
};

/* The context for .txo and the types. Returns false when they cannot be. */
static bool tx_context(const struct weir_pkt *pkt, struct tx_request *r)
{
	uint32_t l2 = weir_txo_l2(pkt->txo), l3 = weir_txo_l3(pkt->txo), l4 = weir_txo_l4(pkt->txo);
	uint32_t l3_type = pkt->flags & WEIR_PKT_L3, l4_type = pkt->flags & WEIR_PKT_L4;
	bool tso = pkt->flags & WEIR_PKT_TX_TSO;

	if (unlikely(l2 < TX_LEAST || (l3_type == WEIR_PKT_IPV4 ? l3 < 20 || l3 > 60 : l3 < 40)))
		return false;
	if (unlikely(!l3_type || l3_type == WEIR_PKT_L3 || l2 + l3 > pkt->len))
		return false;
	if (unlikely(pkt->flags & WEIR_PKT_TX_IP && !tso && l3_type != WEIR_PKT_IPV4))
		return false;
	if (unlikely(pkt->flags & (WEIR_PKT_TX_L4 | WEIR_PKT_TX_TSO) && !l4_type))
		return false;
	r->context.lengths |= field(TXC_MACLEN, l2) | field(TXC_IPLEN, l3);
	if (l3_type == WEIR_PKT_IPV4)
		r->context.type |= TXC_IPV4;
	r->context.type |= field(TXC_L4T, l4_type == WEIR_PKT_TCP    ? TXC_TCP
	                                  : l4_type == WEIR_PKT_SCTP ? TXC_SCTP
	                                                             : TXC_UDP);
	if (pkt->flags & WEIR_PKT_TX_IP && l3_type == WEIR_PKT_IPV4)
		r->options |= TXD_IXSM;
	if (pkt->flags & WEIR_PKT_TX_L4)
		r->options |= TXD_TXSM;
	if (!tso)
		return true;

	if (unlikely(l4_type != WEIR_PKT_TCP || l4 < 20 || !weir_txo_mss(pkt->txo) || l2 + l3 + l4 > pkt->len))
		return false;
	r->context.mss = field(TXC_MSS, weir_txo_mss(pkt->txo)) | field(TXC_L4LEN, l4);
	r->options |= TXD_TXSM | (l3_type == WEIR_PKT_IPV4 ? TXD_IXSM : 0);
	r->command |= TXD_TSE;
	r->headers = l2 + l3 + l4;
	return true;
}

/* Returns false when the packet's flags and lengths cannot be. */
static bool tx_request(const struct weir_pkt *pkt, struct tx_request *r)
{
	memset(r, 0, sizeof(*r));
	r->command = field(TXD_DTYP, TXD_DATA) | TXD_IFCS | TXD_DEXT;
	if (likely(!(pkt->flags & (WEIR_PKT_TX | WEIR_PKT_VLAN))))
		return true;
	r->has_context = true;
	r->context.type = field(TXD_DTYP, TXD_CONTEXT) | TXD_DEXT;
	if (pkt->flags & WEIR_PKT_VLAN) {
		r->context.lengths = field(TXC_VLAN, pkt->vlan);
		r->command |= TXD_VLE;
		if (!(pkt->flags & WEIR_PKT_TX))
			r->context.lengths |= field(TXC_MACLEN, TX_LEAST);
	}
	return pkt->flags & WEIR_PKT_TX ? tx_context(pkt, r) : true;
}

/* Why the packet cannot be sent; WEIR_DROP_COUNT when it can. */
static enum weir_drop tx_check(const struct ixgbe_txq *q, const struct weir_pkt *pkts, unsigned n,
                               const struct tx_request *r, uint64_t len)
{
	uint64_t longest = len;

	if (unlikely(len < TX_LEAST))
		return WEIR_DROP_TOO_SHORT;
	if (unlikely(r->headers)) {
		if (len <= r->headers || len - r->headers > TX_PAYLOAD)
			return WEIR_DROP_OFFLOAD;
		longest = r->headers + weir_txo_mss(pkts->txo);
	}
	if (pkts->flags & WEIR_PKT_VLAN)
		longest += TX_VLAN_LEN;
	if (unlikely(longest > __atomic_load_n(&q->frame_max, __ATOMIC_RELAXED) || n > IXGBE_TX_ENTRIES))
		return WEIR_DROP_TOO_LONG;
	return WEIR_DROP_COUNT;
}

/*
 * The device adds to what is there: the IPv4 checksum must be 0, and for TCP segments the TCP checksum the sum of the
 * pseudo-header without a length (7.2.4.3, 7.2.5.1). A buffer that others hold is copied first. Returns false when that
 * cannot be done.
 */
static bool tx_prepare(struct ixgbe_txq *q, struct weir_pkt *pkt, const struct tx_request *r)
{
	unsigned l2 = weir_txo_l2(pkt->txo), l3 = weir_txo_l3(pkt->txo);
	bool ipv4 = r->options & TXD_IXSM;
	struct weir_ipv4 *ip;
	uint16_t csum;
	uint8_t *at;

	if (likely(!r->options || (!r->headers && !ipv4)))
		return true;
	if (unlikely(pkt->flags & WEIR_PKT_SHARED)) {
		struct weir_pkt one = *pkt, own;

		one.flags &= (uint16_t)~WEIR_PKT_MORE;
		if (!weir_pkt_copy(q->txq.cache, &one, 1, &own, 1))
			return false;
		own.flags = (uint16_t)(pkt->flags & ~WEIR_PKT_SHARED);
		weir_pool_free(q->txq.cache, pkt, 1);
		*pkt = own;
	}
	at = weir_pkt_data(q->txq.cache->base, pkt);
	ip = (void *)(at + l2);
	if (ipv4)
		ip->csum = 0;
	if (r->headers) {
		csum = weir_sum_fold((pkt->flags & WEIR_PKT_L3) == WEIR_PKT_IPV4
		                         ? weir_sum_pseudo4(ip, WEIR_IP_TCP, 0)
		                         : weir_sum_pseudo6((void *)ip, WEIR_IP_TCP, 0));
		memcpy(at + l2 + l3 + offsetof(struct weir_tcp, csum), &csum, sizeof(csum));
	}
	return true;
}

/* --- descriptors --------------------------------------------------------------------------------------------------------- */

static void tx_put(struct ixgbe_txq *q, uint32_t word0, uint32_t word1, uint32_t word2, uint32_t word3)
{
	struct ixgbe_tx_desc *desc = &q->ring[q->tail++ & q->mask];

	desc->word[0] = word0;
	desc->word[1] = word1;
	desc->word[2] = word2;
	desc->word[3] = word3;
}

/* The device's context slot that holds @context already, or TX_NO_CONTEXT. */
static uint32_t tx_find_context(const struct ixgbe_txq *q, const struct ixgbe_tx_context *context)
{
	for (uint32_t i = 0; i < 2; i++)
		if (!memcmp(&q->contexts[i], context, sizeof(*context)))
			return i;
	return TX_NO_CONTEXT;
}

/* Replaces the context that was not used last. */
static uint32_t tx_put_context(struct ixgbe_txq *q, const struct ixgbe_tx_context *context)
{
	uint32_t slot = q->context ^ 1;

	tx_put(q, context->lengths, 0, context->type, context->mss | field(TXC_IDX, slot));
	q->contexts[slot] = *context;
	return slot;
}

/* Writes the data descriptors of a packet, and puts its entries among those in flight. */
static void tx_put_packet(struct ixgbe_txq *q, const struct weir_pkt *first, const struct weir_pkt *pkts, unsigned n,
                          const struct tx_request *r, uint64_t len)
{
	uint32_t options = r->options | field(TXD_PAYLEN, (uint32_t)len - r->headers);

	if (r->has_context) {
		uint32_t slot = tx_find_context(q, &r->context);

		q->context = slot != TX_NO_CONTEXT ? slot : tx_put_context(q, &r->context);
		options |= field(TXD_IDX, q->context);
	}
	for (unsigned i = 0; i < n; i++) {
		const struct weir_pkt *pkt = i ? &pkts[i] : first;
		uint64_t iova = BUS_IOVA_BASE + ((uint64_t)pkt->buf << 6) + pkt->off;

		q->sent[q->sent_tail++ & q->mask] = *pkt;
		if (likely(pkt->len)) /* a descriptor must have data (7.2.3.2.4) */
			tx_put(q, (uint32_t)iova, (uint32_t)(iova >> 32), r->command | pkt->len, options);
	}
	q->ring[(q->tail - 1) & q->mask].word[2] |= TXD_EOP;
}

/* Has the last descriptor report back. */
static void tx_mark(struct ixgbe_txq *q)
{
	q->ring[(q->tail - 1) & q->mask].word[2] |= TXD_RS;
	q->marks[q->mark_tail++ & q->mask] = (struct ixgbe_tx_mark){ .tail = q->tail, .sent = q->sent_tail };
	q->reported = q->tail;
}

/* Drops a packet that cannot be sent. */
static void tx_drop(struct ixgbe_txq *q, const struct weir_pkt *pkts, unsigned n, enum weir_drop reason)
{
	weir_pool_free(q->txq.cache, pkts, n);
	queue_drop(&q->txq.stats, reason, 1);
}

/*
 * Queues the packet of @n entries, or drops it when it cannot be sent. Returns its length in bytes, 0 when it was
 * dropped, or -ENOSPC when there is no room, and then nothing is done.
 */
static int64_t tx_one(struct ixgbe_txq *q, const struct weir_pkt *pkts, unsigned n)
{
	uint64_t len = weir_pkt_bytes(pkts, n);
	struct weir_pkt first = *pkts;
	struct tx_request request;
	enum weir_drop reason = WEIR_DROP_OFFLOAD;

	if (likely(tx_request(pkts, &request)))
		reason = tx_check(q, pkts, n, &request, len);
	if (likely(reason == WEIR_DROP_COUNT)) {
		/* Entries in flight have as many places as descriptors, and those without data need no descriptor. */
		if (unlikely(q->tail - q->head + n + 1 > q->mask || q->sent_tail - q->sent_head + n > q->mask + 1))
			return -ENOSPC;
		if (unlikely(!tx_prepare(q, &first, &request)))
			reason = WEIR_DROP_OFFLOAD;
	}
	if (unlikely(reason != WEIR_DROP_COUNT)) {
		tx_drop(q, pkts, n, reason);
		return 0;
	}
	tx_put_packet(q, &first, pkts, n, &request, len);
	return (int64_t)len;
}

unsigned TX_BURST(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n)
{
	struct ixgbe_txq *q = ixgbe_txq(txq);
	uint32_t tail = q->tail;
	unsigned done = 0, packets = 0;
	uint64_t bytes = 0;

	if (!n || q->tail - q->head >= IXGBE_BATCH)
		TX_RECLAIM(q);
	while (done < n) {
		unsigned entries = pkts[done].flags & WEIR_PKT_MORE ? weir_pkt_entries(pkts + done, n - done) : 1;
		int64_t len;

		if (unlikely(!entries))
			break;
		len = tx_one(q, pkts + done, entries);
		if (unlikely(len < 0)) {
			/* What this call has put in reports at its end. */
			if (q->tail == tail && tx_reclaim_all(q))
				continue;
			break;
		}
		done += entries;
		if (unlikely(!len))
			continue;
		packets++;
		bytes += (uint64_t)len;
		if (q->tail - q->reported >= IXGBE_BATCH)
			tx_mark(q);
	}
	if (q->tail == tail)
		return done;
	if (q->tail != q->reported)
		tx_mark(q);
	bus_ring_doorbell(&q->tail_bell, q->tail & q->mask);
	queue_count(&txq->stats, packets, bytes);
	return done;
}
