/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sending: packets become descriptors; what the device reports as sent is freed. Compiled once per CPU level.
 *
 * A packet of one buffer that asks for nothing is one descriptor, and they mostly come in runs: tx_run() does those.
 * Everything else goes through tx_one(), which keeps what it found out about the last packet.
 *
 * A burst ends with a descriptor that reports back, and so does every packet that has E1000_BATCH descriptors or more
 * behind the last such: what is sent comes back to the pool, whether more is sent or not, at the cost of one write by
 * the device for a batch of packets.
 */
#include <string.h>

#include "regs/e1000_bits.h"
#include "ring.h"
#include "weir/net.h"

#define PASTE(a, b) a##b
#define LEVEL(a, b) PASTE(a, b)

#define TX_RECLAIM LEVEL(e1000_tx_reclaim_v, CPU_LEVEL)
#define TX_BURST   LEVEL(e1000_tx_v, CPU_LEVEL)

#define ALWAYS static inline __attribute__((always_inline))

#define TX_LEAST    14u      /* bytes of a frame: shorter ones are padded, but these it must have */
#define TX_PAYLOAD  0xfffffu /* most that a context's length can say */
#define TX_VLAN_LEN 4u
#define TX_SENTINEL 4u /* ERRATUM_EARLY: bytes that get a descriptor of their own */

#define TX_COMMAND (TX4_DATA << 20 | TXD_IFCS | TXD_DEXT) /* of every data descriptor */
#define TX_ASKS    (WEIR_PKT_TX | WEIR_PKT_VLAN | WEIR_PKT_MORE)

void TX_RECLAIM(struct e1000_txq *q);

/* Frees the entries of packets that are sent, up to number @to. */
static void tx_free(struct e1000_txq *q, uint32_t to)
{
	uint32_t first = q->sent_head & q->mask, n = to - q->sent_head, run = q->mask + 1 - first;

	if (run > n)
		run = n;
	while (n) {
		/* No more at once than a cache takes in its stride. */
		uint32_t some = run < E1000_BATCH ? run : E1000_BATCH;

		weir_pool_free(q->txq.cache, &q->sent[first], some);
		first = (first + some) & q->mask;
		run -= some;
		n -= some;
		if (!run)
			run = n;
	}
	q->sent_head = to;
}

ALWAYS bool tx_done(const struct e1000_txq *q, const struct e1000_tx_mark *mark)
{
	return __atomic_load_n(&q->ring[(mark->tail - 1) & q->mask].word[3], __ATOMIC_ACQUIRE) & TXD_DD;
}

/* Takes back what the device reports: a mark says how much is done when its descriptor is. */
void TX_RECLAIM(struct e1000_txq *q)
{
	uint32_t sent = q->sent_head;

	while (q->mark_head != q->mark_tail) {
		const struct e1000_tx_mark *mark = &q->marks[q->mark_head & q->mask];

		if (!tx_done(q, mark))
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
 * speaks for it (IN_ORDER in e1000.c). Returns whether there is room now.
 */
static bool tx_reclaim_all(struct e1000_txq *q)
{
	const struct e1000_tx_mark *mark = &q->marks[(q->mark_tail - 1) & q->mask];

	if (q->mark_head == q->mark_tail || !tx_done(q, mark)) {
		e1000_stalled(&q->full, q->head);
		return false;
	}
	__atomic_store_n(&q->head, mark->tail, __ATOMIC_RELAXED);
	q->mark_head = q->mark_tail;
	tx_free(q, mark->sent);
	return true;
}

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

/* All of the packet that its request depends on. */
ALWAYS uint64_t tx_asked(const struct weir_pkt *pkt)
{
	uint64_t asked = pkt->flags & (WEIR_PKT_TX | WEIR_PKT_VLAN | WEIR_PKT_L3 | WEIR_PKT_L4);

	if (pkt->flags & WEIR_PKT_VLAN)
		asked |= (uint64_t)pkt->vlan << 16;
	if (pkt->flags & WEIR_PKT_TX)
		asked |= (uint64_t)pkt->txo << 32;
	return asked;
}

/* What the packet asks for: mostly the same as the one before. NULL when that cannot be. */
ALWAYS struct e1000_tx_request *tx_recall(struct e1000_txq *q, const struct weir_pkt *pkt)
{
	uint64_t asked = tx_asked(pkt);

	if (likely(asked == q->asked))
		return &q->request;
	q->asked = E1000_TX_NOTHING;
	if (unlikely(!tx_request(q, pkt, &q->request)))
		return NULL;
	q->asked = asked;
	return &q->request;
}

/* Why the packet cannot be sent; WEIR_DROP_COUNT when it can. */
static enum weir_drop tx_check(const struct e1000_txq *q, const struct weir_pkt *pkts, unsigned n,
                               const struct e1000_tx_request *r, uint64_t len)
{
	uint64_t longest = len;

	if (unlikely(len < TX_LEAST))
		return WEIR_DROP_TOO_SHORT;
	if (unlikely(pkts->len < r->reach))
		return WEIR_DROP_OFFLOAD;
	if (unlikely(r->headers)) {
		if (len <= r->headers || len - r->headers > TX_PAYLOAD)
			return WEIR_DROP_OFFLOAD;
		longest = r->headers + weir_txo_mss(pkts->txo);
	}
	if (pkts->flags & WEIR_PKT_VLAN)
		longest += TX_VLAN_LEN;
	if (unlikely(longest > __atomic_load_n(&q->frame_max, __ATOMIC_RELAXED) || n > E1000_TX_ENTRIES))
		return WEIR_DROP_TOO_LONG;
	return WEIR_DROP_COUNT;
}

/* --- what is done to packets before the device gets them ------------------------------------------------------------------ */

/* The first buffer, which is to be written to: a copy of it when others hold it too. Returns false when there is none. */
static bool tx_own(struct e1000_txq *q, struct weir_pkt *pkt)
{
	struct weir_pkt one = *pkt, own;

	if (likely(!(pkt->flags & WEIR_PKT_SHARED)))
		return true;
	one.flags &= (uint16_t)~WEIR_PKT_MORE;
	if (!weir_pkt_copy(q->txq.cache, &one, 1, &own, 1))
		return false;
	own.flags = (uint16_t)(pkt->flags & ~WEIR_PKT_SHARED);
	weir_pool_free(q->txq.cache, pkt, 1);
	*pkt = own;
	return true;
}

/*
 * The device adds to what is there: the IPv4 checksum must be 0, and so must be, of a packet that is cut, the length in
 * its IP header; its TCP checksum must be the sum of the pseudo-header without a length (317453, 3.5.7).
 */
static void tx_seed(const struct e1000_txq *q, const struct weir_pkt *pkt, const struct e1000_tx_request *r)
{
	unsigned l2 = weir_txo_l2(pkt->txo), l3 = weir_txo_l3(pkt->txo);
	uint8_t *at = weir_pkt_data(q->txq.cache->base, pkt);
	struct weir_ipv4 *ip = (void *)(at + l2);
	struct weir_ipv6 *ip6 = (void *)ip;
	uint16_t csum;

	if (r->options & TX4_IXSM)
		ip->csum = 0;
	if (!r->headers)
		return;
	if (r->options & TX4_IXSM) {
		ip->total_len = 0;
		csum = weir_sum_fold(weir_sum_pseudo4(ip, WEIR_IP_TCP, 0));
	} else {
		ip6->payload_len = 0;
		csum = weir_sum_fold(weir_sum_pseudo6(ip6, WEIR_IP_TCP, 0));
	}
	memcpy(at + l2 + l3 + offsetof(struct weir_tcp, csum), &csum, sizeof(csum));
}

/*
 * Does what the device cannot: the checksum of SCTP, and a tag when the port does not strip them, for one bit switches both
 * (CTRL.VME). Changes @first, which is to be sent in the place of pkts[0]. Returns false when it cannot be done.
 */
static bool tx_finish(const struct e1000_txq *q, struct weir_pkt *first, const struct weir_pkt *pkts, unsigned n)
{
	unsigned later = first->flags & WEIR_PKT_TX_TSO ? first->flags & WEIR_PKT_TX : 0;
	struct weir_pkt all[E1000_TX_ENTRIES];

	memcpy(all, pkts, n * sizeof(*all));
	all[0] = *first;
	all[0].flags &= (uint16_t)~later;
	if (weir_pkt_finish(q->txq.cache->base, all, n))
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
	if (unlikely(!tx_own(q, first)))
		return false;
	if ((*r)->software) {
		if (!tx_finish(q, first, pkts, n))
			return false;
		*r = tx_recall(q, first);
		if (!*r)
			return false;
	}
	tx_seed(q, first, *r);
	return true;
}

/* --- descriptors --------------------------------------------------------------------------------------------------------- */

ALWAYS void tx_put(struct e1000_txq *q, uint64_t low, uint64_t high)
{
	uint64_t words[2] = { low, high };

	memcpy(&q->ring[q->tail++ & q->mask], words, sizeof(words));
}

ALWAYS uint64_t tx_iova(const struct e1000_txq *q, const struct weir_pkt *pkt)
{
	return bus_iova(q->pages, ((uint64_t)pkt->buf << 6) + pkt->off);
}

/* Sees to it that the device has the context. It keeps the last one of each kind; here it is the last one at all. */
static void tx_put_context(struct e1000_txq *q, const struct e1000_tx_request *r, uint32_t len)
{
	struct e1000_tx_context context = r->context;

	if (r->headers)
		context.word[2] |= len - r->headers;
	if (!memcmp(&q->context, &context, sizeof(context)))
		return;
	q->context = context;
	memcpy(&q->ring[q->tail++ & q->mask], &context, sizeof(context));
}

/* The descriptors of @len bytes at @iova. */
static void tx_put_data(struct e1000_txq *q, uint64_t iova, uint32_t len, uint64_t high)
{
	while (len) {
		uint32_t some = len < q->piece ? len : q->piece;

		tx_put(q, iova, high | some);
		iova += some;
		len -= some;
	}
}

/* Writes the descriptors of a packet, and puts its entries among those in flight. */
static void tx_put_packet(struct e1000_txq *q, const struct weir_pkt *first, const struct weir_pkt *pkts, unsigned n,
                          const struct e1000_tx_request *r, uint32_t len)
{
	uint64_t high = r->command | (uint64_t)r->options << 32;
	bool sentinel = q->early && (r->headers || q->was_cut);

	if (r->has_context)
		tx_put_context(q, r, len);
	for (unsigned i = 0; i < n; i++) {
		const struct weir_pkt *pkt = i ? &pkts[i] : first;
		uint32_t apart = sentinel && i + 1 == n && pkt->len > 2 * TX_SENTINEL ? TX_SENTINEL : 0;
		uint64_t iova = tx_iova(q, pkt);

		q->sent[q->sent_tail++ & q->mask] = *pkt;
		tx_put_data(q, iova, pkt->len - apart, high);
		tx_put_data(q, iova + pkt->len - apart, apart, high);
	}
	q->was_cut = r->headers;
	q->ring[(q->tail - 1) & q->mask].word[2] |= TXD_EOP;
}

/* Has the last descriptor report back. */
static void tx_mark(struct e1000_txq *q)
{
	q->ring[(q->tail - 1) & q->mask].word[2] |= TXD_RS;
	q->marks[q->mark_tail++ & q->mask] = (struct e1000_tx_mark){ .tail = q->tail, .sent = q->sent_tail };
	q->reported = q->tail;
}

/* Whether there is room: for the data, a context, a sentinel and a tag. */
static bool tx_has_room(const struct e1000_txq *q, unsigned n, uint64_t len)
{
	uint32_t most = n + (uint32_t)(len / q->piece) + 3;

	return q->tail - q->head + most <= q->mask && q->sent_tail - q->sent_head + n <= q->mask + 1;
}

/*
 * Queues the packet of @n entries, or drops it when it cannot be sent. Returns its length in bytes, 0 when it was
 * dropped, or -ENOSPC when there is no room, and then nothing is done.
 */
static int64_t tx_one(struct e1000_txq *q, const struct weir_pkt *pkts, unsigned n)
{
	uint64_t len = weir_pkt_bytes(pkts, n);
	struct e1000_tx_request *request = tx_recall(q, pkts);
	struct weir_pkt first = *pkts;
	enum weir_drop reason = WEIR_DROP_OFFLOAD;

	if (likely(request))
		reason = tx_check(q, pkts, n, request, len);
	if (likely(reason == WEIR_DROP_COUNT)) {
		if (unlikely(!tx_has_room(q, n, len)))
			return -ENOSPC;
		if (unlikely(!tx_prepare(q, &first, pkts, n, &request)))
			reason = WEIR_DROP_OFFLOAD;
	}
	if (unlikely(reason != WEIR_DROP_COUNT)) {
		weir_pool_free(q->txq.cache, &first, 1);
		weir_pool_free(q->txq.cache, pkts + 1, n - 1);
		queue_drop(&q->txq.stats, reason, 1);
		return 0;
	}
	tx_put_packet(q, &first, pkts, n, request, (uint32_t)(len - pkts->len + first.len));
	return (int64_t)len;
}

/* --- runs of packets that ask for nothing ------------------------------------------------------------------------------- */

ALWAYS uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* How many packets of one descriptor can follow now, in places that do not wrap, up to the next that reports back. */
ALWAYS uint32_t tx_run_length(const struct e1000_txq *q, uint32_t n)
{
	uint32_t size = q->mask + 1, used = q->tail - q->head, sent = q->sent_tail - q->sent_head;

	if (unlikely(used + 2 > q->mask || q->was_cut))
		return 0;
	n = least(n, least(q->mask - 1 - used, size - sent));
	n = least(n, least(size - (q->tail & q->mask), size - (q->sent_tail & q->mask)));
	return least(n, E1000_BATCH - (q->tail - q->reported));
}

/*
 * Queues packets of one buffer that ask for nothing, up to the first that is not such or cannot be sent. Returns how many
 * of the @n, and adds their lengths to @bytes.
 */
ALWAYS unsigned tx_run(struct e1000_txq *q, const struct weir_pkt *pkts, unsigned n, uint64_t *bytes)
{
	uint32_t run = tx_run_length(q, n), i = 0;
	uint32_t most = least(__atomic_load_n(&q->frame_max, __ATOMIC_RELAXED), q->piece) - TX_LEAST;
	struct weir_pkt *sent = &q->sent[q->sent_tail & q->mask];

	for (; i < run; i++) {
		uint32_t len = pkts[i].len;

		if (unlikely(pkts[i].flags & TX_ASKS || len - TX_LEAST > most))
			break;
		tx_put(q, tx_iova(q, &pkts[i]), TX_COMMAND | TXD_EOP | len);
		sent[i] = pkts[i];
		*bytes += len;
	}
	q->sent_tail += i;
	return i;
}

unsigned TX_BURST(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n)
{
	struct e1000_txq *q = e1000_txq(txq);
	uint32_t tail = q->tail;
	unsigned done = 0, packets = 0;
	uint64_t bytes = 0;

	if (!n || q->tail - q->head >= E1000_BATCH)
		TX_RECLAIM(q);
	while (done < n) {
		unsigned entries = 1;
		int64_t len = 0;

		if (!(pkts[done].flags & TX_ASKS)) {
			unsigned run = tx_run(q, &pkts[done], n - done, &bytes);

			done += run;
			packets += run;
			len = run;
		}
		if (!len) {
			entries = weir_pkt_entries(&pkts[done], n - done);
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
			packets += len > 0;
			bytes += (uint64_t)len;
		}
		if (q->tail - q->reported >= E1000_BATCH)
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
