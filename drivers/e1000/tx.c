/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sending, as in drivers/advanced, with the descriptors of the 8254x: contexts give the bytes where sums begin and go to
 * (3.3.6), tags are in data descriptors, and what the device cannot do is done here. Compiled once per CPU level.
 */
#include "../advanced/tx.h"
#include "ring.h"

#define TX_BURST LEVEL(e1000_tx_v, CPU_LEVEL)

#define TX_PAYLOAD  0xfffffu                               /* most that a context's length can say */
#define TX_SENTINEL 4u                                     /* ERRATUM_EARLY: bytes that get a descriptor of their own */
#define TX_COMMAND  (TX4_DATA << 20 | TXD_IFCS | TXD_DEXT) /* of every data descriptor */

/* --- what a packet asks for -------------------------------------------------------------------------------------------- */

/* Where a sum begins, where it goes to, and its last byte; 0: to the end (317453, 3.3.6). */
ALWAYS uint32_t tx_span(uint32_t start, uint32_t at, uint32_t last)
{
	return field(TX4_CSS, start) | field(TX4_CSO, at) | field(TX4_CSE, last);
}

/* Where a layer-4 header has its checksum; 0: it is none that the device can sum. */
static uint32_t tx_sum_at(uint32_t type)
{
	return type == WEIR_PKT_TCP   ? offsetof(struct weir_tcp, csum)
	       : type == WEIR_PKT_UDP ? offsetof(struct weir_udp, csum)
	                              : 0;
}

/* The context for .txo and the types. Returns false when they cannot be. */
static bool tx_context(const struct weir_pkt *pkt, struct e1000_tx_request *r)
{
	uint32_t l2 = weir_txo_l2(pkt->txo), l3 = weir_txo_l3(pkt->txo), l4 = weir_txo_l4(pkt->txo);
	uint32_t l3_type = pkt->flags & WEIR_PKT_L3, l4_type = pkt->flags & WEIR_PKT_L4;
	bool tso = pkt->flags & WEIR_PKT_TX_TSO, ipv4 = l3_type == WEIR_PKT_IPV4;
	uint32_t *word = r->context.word;

	if (unlikely(l2 < TX_LEAST || (ipv4 ? l3 < 20 || l3 > 60 : l3 < 40) || l2 + l3 > TX4_CSS - 16))
		return false;
	if (unlikely(!l3_type || l3_type == WEIR_PKT_L3))
		return false;
	if (unlikely(pkt->flags & WEIR_PKT_TX_IP && !tso && !ipv4))
		return false;
	if (unlikely(pkt->flags & (WEIR_PKT_TX_L4 | WEIR_PKT_TX_TSO) && !tx_sum_at(l4_type)))
		return false;
	r->reach = l2 + l3;
	word[0] = tx_span(l2, ipv4 ? l2 + offsetof(struct weir_ipv4, csum) : 0, l2 + l3 - 1);
	word[1] = tx_span(l2 + l3, l2 + l3 + tx_sum_at(l4_type), 0);
	word[2] |= (ipv4 ? TX4_IP : 0) | (l4_type == WEIR_PKT_TCP ? TX4_TCP : 0);
	if ((pkt->flags & WEIR_PKT_TX_IP || tso) && ipv4)
		r->options |= TX4_IXSM;
	if (pkt->flags & (WEIR_PKT_TX_L4 | WEIR_PKT_TX_TSO))
		r->options |= TX4_TXSM;
	if (!tso)
		return true;

	if (unlikely(l4_type != WEIR_PKT_TCP || l4 < 20 || l2 + l3 + l4 > field_of(TX4_HDRLEN, UINT32_MAX) ||
	             !weir_txo_mss(pkt->txo)))
		return false;
	word[2] |= TX4_TSE;
	word[3] = field(TX4_MSS, weir_txo_mss(pkt->txo)) | field(TX4_HDRLEN, l2 + l3 + l4);
	r->command |= TX4_TSE;
	r->headers = r->reach = l2 + l3 + l4;
	return true;
}

/* Returns false when the packet's flags and header lengths cannot be. */
static bool tx_request(const struct e1000_txq *q, const struct weir_pkt *pkt, struct e1000_tx_request *r)
{
	memset(r, 0, sizeof(*r));
	r->command = TX_COMMAND;
	if (likely(!(pkt->flags & (WEIR_PKT_TX | WEIR_PKT_VLAN))))
		return true;
	r->software = (pkt->flags & WEIR_PKT_VLAN && !q->inserts) ||
	              (pkt->flags & (WEIR_PKT_TX_L4 | WEIR_PKT_TX_TSO) && (pkt->flags & WEIR_PKT_L4) == WEIR_PKT_SCTP);
	if (pkt->flags & WEIR_PKT_VLAN) {
		r->command |= TXD_VLE;
		r->options |= field(TXL_VLAN, pkt->vlan);
	}
	if (!(pkt->flags & WEIR_PKT_TX))
		return true;
	r->has_context = true;
	r->context.word[2] = TX4_CONTEXT << 20 | TXD_DEXT;
	return tx_context(pkt, r) || r->software;
}

/* What the packet asks for: mostly the same as the one before. NULL when that cannot be. */
ALWAYS struct e1000_tx_request *tx_recall(struct e1000_txq *q, const struct weir_pkt *pkt)
{
	uint64_t asked = tx_asked(pkt);

	if (likely(asked == q->adv.asked))
		return &q->request;
	q->adv.asked = ADV_TX_NOTHING;
	if (unlikely(!tx_request(q, pkt, &q->request)))
		return NULL;
	q->adv.asked = asked;
	return &q->request;
}

/* Descriptors that a packet of @n entries may take: for the data, a context, a sentinel and a tag. */
ALWAYS uint64_t tx_most(const struct e1000_txq *q, unsigned n, uint64_t len)
{
	return n + len / q->piece + 3;
}

/* --- what is done to packets before the device gets them ------------------------------------------------------------------ */

/*
 * Does what the device cannot: the checksum of SCTP, and a tag when the port does not strip them, for one bit switches both
 * (CTRL.VME). Changes @first, which is to be sent in the place of pkts[0]. Returns false when it cannot be done.
 */
static bool tx_finish(const struct e1000_txq *q, struct weir_pkt *first, const struct weir_pkt *pkts, unsigned n)
{
	unsigned later = first->flags & WEIR_PKT_TX_TSO ? first->flags & WEIR_PKT_TX : 0;
	struct weir_pkt all[ADV_TX_ENTRIES];

	memcpy(all, pkts, n * sizeof(*all));
	all[0] = *first;
	all[0].flags &= (uint16_t)~later;
	if (weir_pkt_finish(q->adv.txq.cache->base, all, n))
		return false;
	all[0].flags |= (uint16_t)later;
	if (later)
		all[0].txo = weir_txo(weir_txo_l2(first->txo) + TX_VLAN_LEN, weir_txo_l3(first->txo),
		                      weir_txo_l4(first->txo), weir_txo_mss(first->txo));
	*first = all[0];
	return true;
}

/*
 * Makes @first, which is pkts[0], what the device wants, and *@r what is to be asked of it then. Returns false when that
 * cannot be done.
 */
static bool tx_prepare(struct e1000_txq *q, struct weir_pkt *first, const struct weir_pkt *pkts, unsigned n,
                       struct e1000_tx_request **r)
{
	if (likely(!(*r)->software && !(*r)->headers && !((*r)->options & TX4_IXSM)))
		return true;
	if (unlikely(!tx_own(&q->adv, first)))
		return false;
	if ((*r)->software) {
		if (!tx_finish(q, first, pkts, n))
			return false;
		*r = tx_recall(q, first);
		if (!*r)
			return false;
	}
	tx_seed(&q->adv, first, (*r)->options & TX4_IXSM, (*r)->headers);
	return true;
}

/* --- descriptors --------------------------------------------------------------------------------------------------------- */

/* Sees to it that the device has the context. It keeps the last one of each kind; here it is the last one at all. */
static void tx_put_context(struct e1000_txq *q, const struct e1000_tx_request *r, uint32_t len)
{
	struct e1000_tx_context context = r->context;

	if (r->headers)
		context.word[2] |= len - r->headers;
	if (!memcmp(&q->context, &context, sizeof(context)))
		return;
	q->context = context;
	memcpy(&q->adv.ring[q->adv.tail++ & q->adv.mask], &context, sizeof(context));
}

/* The descriptors of @len bytes at @iova. */
static void tx_put_data(struct e1000_txq *q, uint64_t iova, uint32_t len, uint64_t high)
{
	while (len) {
		uint32_t some = len < q->piece ? len : q->piece;

		tx_put(&q->adv, iova, high | some);
		iova += some;
		len -= some;
	}
}

/* Writes the descriptors of a packet, and puts its entries among those in flight. */
static void tx_put_packet(struct e1000_txq *q, const struct weir_pkt *first, const struct weir_pkt *pkts, unsigned n,
                          const struct e1000_tx_request *r, uint32_t len)
{
	uint64_t high = r->command | (uint64_t)r->options << 32;
	bool sentinel = (q->early && r->headers) || q->was_cut;

	if (r->has_context)
		tx_put_context(q, r, len);
	for (unsigned i = 0; i < n; i++) {
		const struct weir_pkt *pkt = i ? &pkts[i] : first;
		uint32_t apart = sentinel && i + 1 == n && pkt->len > 2 * TX_SENTINEL ? TX_SENTINEL : 0;
		uint64_t iova = tx_iova(q->adv.pages, pkt);

		q->adv.sent[q->adv.sent_tail++ & q->adv.mask] = *pkt;
		tx_put_data(q, iova, pkt->len - apart, high);
		tx_put_data(q, iova + pkt->len - apart, apart, high);
	}
	q->was_cut = q->early && r->headers;
	q->adv.ring[(q->adv.tail - 1) & q->adv.mask].word[2] |= TXD_EOP;
}

/*
 * Queues the packet of @n entries, or drops it when it cannot be sent. Returns its length in bytes, 0 when it was
 * dropped, or -ENOSPC when there is no room, and then nothing is done.
 */
static int64_t tx_one(struct adv_txq *adv, const struct weir_pkt *pkts, unsigned n)
{
	struct e1000_txq *q = e1000_txq(&adv->txq);
	uint64_t len = weir_pkt_bytes(pkts, n);
	struct e1000_tx_request *request = tx_recall(q, pkts);
	struct weir_pkt first = *pkts;
	enum weir_drop reason = WEIR_DROP_OFFLOAD;

	if (likely(request))
		reason = tx_check(&q->adv, pkts, n, request->headers, request->reach, TX_PAYLOAD, len);
	if (unlikely(reason == WEIR_DROP_COUNT && tx_most(q, n, len) > q->adv.mask))
		reason = WEIR_DROP_TOO_LONG;
	if (likely(reason == WEIR_DROP_COUNT)) {
		if (unlikely(adv->tail - adv->head + tx_most(q, n, len) > adv->mask ||
		             adv->sent_tail - adv->sent_head + n > adv->mask + 1))
			return -ENOSPC;
		if (unlikely(!tx_prepare(q, &first, pkts, n, &request)))
			reason = WEIR_DROP_OFFLOAD;
	}
	if (unlikely(reason != WEIR_DROP_COUNT)) {
		weir_pool_free(q->adv.txq.cache, &first, 1);
		weir_pool_free(q->adv.txq.cache, pkts + 1, n - 1);
		queue_drop(&q->adv.txq.stats, reason, 1);
		return 0;
	}
	tx_put_packet(q, &first, pkts, n, request, (uint32_t)(len - pkts->len + first.len));
	return (int64_t)len;
}

/* --- runs of packets that ask for nothing ------------------------------------------------------------------------------- */

/*
 * Queues packets of one buffer that ask for nothing, up to the first that is not such or cannot be sent. Returns how many
 * of the @n, and adds their lengths to @bytes.
 */
static unsigned tx_run(struct adv_txq *adv, const struct weir_pkt *pkts, unsigned n, uint64_t *bytes)
{
	struct e1000_txq *q = e1000_txq(&adv->txq);
	uint32_t most = least(__atomic_load_n(&adv->frame_max, __ATOMIC_RELAXED), q->piece) - TX_LEAST, run, i = 0;
	struct weir_pkt *sent = &adv->sent[adv->sent_tail & adv->mask];

	if (q->was_cut || pkts->flags & TX_ASKS)
		return 0;
	run = tx_run_length(adv, n);
	for (; i < run; i++) {
		uint32_t len = pkts[i].len;

		if (unlikely(pkts[i].flags & TX_ASKS || len - TX_LEAST > most))
			break;
		tx_put(adv, tx_iova(adv->pages, &pkts[i]), TX_COMMAND | TXD_EOP | len);
		sent[i] = pkts[i];
		*bytes += len;
	}
	adv->sent_tail += i;
	return i;
}

unsigned TX_BURST(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n)
{
	static const struct tx_ways ways = { .one = tx_one, .run = tx_run };

	return tx_burst(adv_txq(txq), pkts, n, &ways);
}
