/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sending: packets become descriptors; what the device reports as sent is freed. Compiled once per CPU level.
 *
 * A packet of one buffer is one descriptor, and those that ask for the same mostly come in runs: tx_run() does those, from
 * level 3 on four at a time. Everything else goes through tx_one(), which keeps what it found out about the last packet.
 *
 * A burst ends with a descriptor that reports back, and so does every packet that has ADV_BATCH descriptors or more
 * behind the last such: what is sent comes back to the pool, whether more is sent or not, at the cost of one write by
 * the device for a batch of packets.
 */
#include "tx.h"

#define TX_RECLAIM LEVEL(adv_tx_reclaim_v, CPU_LEVEL)
#define TX_BURST   LEVEL(adv_tx_v, CPU_LEVEL)

#define TX_PAYLOAD    0x3ffffu /* most that PAYLEN can say */
#define TX_NO_CONTEXT 2u       /* contexts[] has 2 */

#define TX_COMMAND      (TXD_DATA << 20 | TXD_IFCS | TXD_DEXT) /* of every data descriptor */
#define TX_PAYLEN_SHIFT 46                                     /* PAYLEN in the upper half of a descriptor */

void TX_RECLAIM(struct adv_txq *q);

void TX_RECLAIM(struct adv_txq *q)
{
	tx_reclaim(q);
}

/* --- what a packet asks for -------------------------------------------------------------------------------------------- */

/* The context for .txo and the types. Returns false when they cannot be. */
static bool tx_context(const struct weir_pkt *pkt, struct adv_tx_request *r)
{
	uint32_t l2 = weir_txo_l2(pkt->txo), l3 = weir_txo_l3(pkt->txo), l4 = weir_txo_l4(pkt->txo);
	uint32_t l3_type = pkt->flags & WEIR_PKT_L3, l4_type = pkt->flags & WEIR_PKT_L4;
	bool tso = pkt->flags & WEIR_PKT_TX_TSO;

	if (unlikely(l2 < TX_LEAST || (l3_type == WEIR_PKT_IPV4 ? l3 < 20 || l3 > 60 : l3 < 40)))
		return false;
	if (unlikely(!l3_type || l3_type == WEIR_PKT_L3))
		return false;
	if (unlikely(pkt->flags & WEIR_PKT_TX_IP && !tso && l3_type != WEIR_PKT_IPV4))
		return false;
	if (unlikely(pkt->flags & (WEIR_PKT_TX_L4 | WEIR_PKT_TX_TSO) && !l4_type))
		return false;
	r->reach = l2 + l3;
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

	if (unlikely(l4_type != WEIR_PKT_TCP || l4 < 20 || !weir_txo_mss(pkt->txo)))
		return false;
	r->context.mss = field(TXC_MSS, weir_txo_mss(pkt->txo)) | field(TXC_L4LEN, l4);
	r->options |= TXD_TXSM | (l3_type == WEIR_PKT_IPV4 ? TXD_IXSM : 0);
	r->command |= TXD_TSE;
	r->headers = r->reach = l2 + l3 + l4;
	return true;
}

/* Returns false when the packet's flags and header lengths cannot be. */
static bool tx_request(const struct weir_pkt *pkt, struct adv_tx_request *r)
{
	memset(r, 0, sizeof(*r));
	r->slot = TX_NO_CONTEXT;
	r->command = TX_COMMAND;
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

/* What the packet asks for: mostly the same as the one before. NULL when that cannot be. */
ALWAYS struct adv_tx_request *tx_recall(struct adv_txq *q, const struct weir_pkt *pkt)
{
	uint64_t asked = tx_asked(pkt);

	if (likely(asked == q->asked))
		return &q->request;
	q->asked = ADV_TX_NOTHING;
	if (unlikely(!tx_request(pkt, &q->request)))
		return NULL;
	q->asked = asked;
	return &q->request;
}

/* Makes the packet's headers what the device adds to. Returns false when that cannot be done. */
static bool tx_prepare(struct adv_txq *q, struct weir_pkt *pkt, const struct adv_tx_request *r)
{
	bool ipv4 = r->options & TXD_IXSM;

	if (likely(!r->options || (!r->headers && !ipv4)))
		return true;
	if (unlikely(!tx_own(q, pkt)))
		return false;
	tx_seed(q, pkt, ipv4, r->headers);
	return true;
}

/* --- descriptors --------------------------------------------------------------------------------------------------------- */

/* Sees to it that the device has the context, and names its slot: that which has it, or the one not used last. */
static void tx_put_context(struct adv_txq *q, struct adv_tx_request *r)
{
	const struct adv_tx_context *context = &r->context;
	uint32_t slot = q->context;

	if (memcmp(&q->contexts[slot], context, sizeof(*context)) != 0) {
		slot ^= 1;
		if (memcmp(&q->contexts[slot], context, sizeof(*context)) != 0) {
			q->contexts[slot] = *context;
			tx_put(q, context->lengths,
			       context->type | (uint64_t)(context->mss | field(TXC_IDX, slot)) << 32);
		}
	}
	q->context = r->slot = slot;
}

/* Writes the data descriptors of a packet, and puts its entries among those in flight. */
ALWAYS void tx_put_packet(struct adv_txq *q, const struct weir_pkt *first, const struct weir_pkt *pkts, unsigned n,
                          struct adv_tx_request *r, uint64_t len)
{
	uint64_t high = r->command | (uint64_t)(r->options | field(TXD_PAYLEN, (uint32_t)len - r->headers)) << 32;

	if (r->has_context) {
		if (r->slot == TX_NO_CONTEXT)
			tx_put_context(q, r);
		high |= (uint64_t)field(TXD_IDX, r->slot) << 32;
	}
	if (unlikely(q->stamp)) {
		high |= TXD_TSTAMP; /* in the first descriptor (7.2.3.2.4); in the others it says nothing */
		q->stamp = false;
	}
	for (unsigned i = 0; i < n; i++) {
		const struct weir_pkt *pkt = i ? &pkts[i] : first;

		q->sent[q->sent_tail++ & q->mask] = *pkt;
		if (likely(pkt->len)) /* a descriptor must have data (7.2.3.2.4) */
			tx_put(q, tx_iova(q->pages, pkt), high | pkt->len);
	}
	q->ring[(q->tail - 1) & q->mask].word[2] |= TXD_EOP;
}

/* Drops a packet that cannot be sent. */
static void tx_drop(struct adv_txq *q, const struct weir_pkt *pkts, unsigned n, enum weir_drop reason)
{
	weir_pool_free(q->txq.cache, pkts, n);
	queue_drop(&q->txq.stats, reason, 1);
}

/*
 * Queues the packet of @n entries, or drops it when it cannot be sent. Returns its length in bytes, 0 when it was
 * dropped, or -ENOSPC when there is no room, and then nothing is done.
 */
static int64_t tx_one(struct adv_txq *q, const struct weir_pkt *pkts, unsigned n)
{
	uint64_t len = weir_pkt_bytes(pkts, n);
	struct adv_tx_request *request = tx_recall(q, pkts);
	struct weir_pkt first = *pkts;
	enum weir_drop reason = WEIR_DROP_OFFLOAD;

	if (likely(request))
		reason = tx_check(q, pkts, n, request->headers, request->reach, TX_PAYLOAD, len);
	if (likely(reason == WEIR_DROP_COUNT)) {
		/* Entries in flight have as many places as descriptors, and those without data need no descriptor. */
		if (unlikely(q->tail - q->head + n + 1 > q->mask || q->sent_tail - q->sent_head + n > q->mask + 1))
			return -ENOSPC;
		if (unlikely(!tx_prepare(q, &first, request)))
			reason = WEIR_DROP_OFFLOAD;
	}
	if (unlikely(reason != WEIR_DROP_COUNT)) {
		tx_drop(q, pkts, n, reason);
		return 0;
	}
	tx_put_packet(q, &first, pkts, n, request, len);
	return (int64_t)len;
}

/* --- runs of packets that ask for the same ------------------------------------------------------------------------------- */

/* What packets of one buffer must be to follow each other without being looked at one by one. */
struct tx_like {
	uint64_t mask, asked;    /* of their second half: these bits are such */
	uint64_t high;           /* of their descriptors, without lengths */
	uint32_t shortest, most; /* bytes */
	uint32_t cleared; /* the place of a checksum that is to be 0, counted from their data; 0: there is none */
};

/* Packets that ask for nothing. */
ALWAYS struct tx_like tx_like_nothing(uint32_t frame_max)
{
	return (struct tx_like){ .mask = (uint64_t)TX_ASKS << TX_WORD_FLAGS,
		                 .high = TX_COMMAND | TXD_EOP,
		                 .shortest = TX_LEAST,
		                 .most = frame_max };
}

/* Packets that ask for what the last one asked for: its request is made, the device has the context. */
ALWAYS struct tx_like tx_like_last(const struct adv_txq *q, const struct weir_pkt *pkt, uint32_t frame_max)
{
	const struct adv_tx_request *r = &q->request;
	uint32_t alone = WEIR_PKT_MORE | (r->options & TXD_IXSM ? WEIR_PKT_SHARED : 0);

	return (struct tx_like){ .mask = tx_depends(q->asked) | (uint64_t)alone << TX_WORD_FLAGS,
		                 .asked = q->asked,
		                 .high = (r->command | TXD_EOP) | (uint64_t)(r->options | field(TXD_IDX, r->slot))
		                                                      << 32,
		                 .shortest = r->reach > TX_LEAST ? r->reach : TX_LEAST,
		                 .most = frame_max - (r->command & TXD_VLE ? TX_VLAN_LEN : 0),
		                 .cleared = r->options & TXD_IXSM
		                                ? weir_txo_l2(pkt->txo) + (uint32_t)offsetof(struct weir_ipv4, csum)
		                                : 0 };
}

ALWAYS void tx_clear(uint8_t *csum)
{
	memset(csum, 0, 2);
}

#if CPU_LEVEL >= 3
#define FOUR 4u

/* Words of 64 bits: of two packets or descriptors, or one of each of four. */
typedef uint64_t tx_words __attribute__((vector_size(32)));

#define WORDS_LOW(a, b)  __builtin_shufflevector(a, b, 0, 4, 2, 6)
#define WORDS_HIGH(a, b) __builtin_shufflevector(a, b, 1, 5, 3, 7)

/* As tx_run()'s loop, four packets at a time. Returns how many of the @run. */
ALWAYS uint32_t tx_run_fours(struct adv_tx_desc *desc, struct weir_pkt *sent, const struct weir_pkt *pkts, uint32_t run,
                             const struct tx_like *like, uint8_t *csum, uint64_t *bytes)
{
	tx_words sum = { 0 };
	uint32_t i;

	for (i = 0; i + FOUR <= run; i += FOUR) {
		tx_words a, b, low, high, len, wrong;

		memcpy(&a, &pkts[i], sizeof(a));
		memcpy(&b, &pkts[i + 2], sizeof(b));
		low = WORDS_LOW(a, b);
		high = WORDS_HIGH(a, b);
		len = low >> 48;
		wrong = ((len - like->shortest) | (like->most - len)) >> 63; /* too short, too long */
		wrong |= (high ^ like->asked) & like->mask;
		if (unlikely(!_mm256_testz_si256((__m256i)wrong, (__m256i)wrong)))
			break;
		memcpy(&sent[i], &a, sizeof(a));
		memcpy(&sent[i + 2], &b, sizeof(b));
		low = ((low & 0xffffffffu) << 6) + (low >> 32 & 0xffffu);
		if (like->cleared) {
			tx_clear(csum + low[0]);
			tx_clear(csum + low[1]);
			tx_clear(csum + low[2]);
			tx_clear(csum + low[3]);
		}
		low += BUS_IOVA_BASE;
		high = len + (len << TX_PAYLEN_SHIFT) + like->high;
		a = WORDS_LOW(low, high);
		b = WORDS_HIGH(low, high);
		memcpy(&desc[i], &a, sizeof(a));
		memcpy(&desc[i + 2], &b, sizeof(b));
		sum += len;
	}
	for (unsigned j = 0; j < FOUR; j++)
		*bytes += sum[j];
	return i;
}
#endif

/*
 * Queues packets of one buffer that are as @like says, up to the first that is not. Returns how many of the @n, and adds
 * their lengths to @bytes.
 */
ALWAYS unsigned tx_run_of(struct adv_txq *q, const struct weir_pkt *pkts, unsigned n, const struct tx_like *like,
                          uint64_t *bytes)
{
	struct adv_tx_desc *desc = &q->ring[q->tail & q->mask];
	struct weir_pkt *sent = &q->sent[q->sent_tail & q->mask];
	uint8_t *csum = q->txq.cache->base + like->cleared;
	uint32_t run = tx_run_length(q, n), i = 0;

#if CPU_LEVEL >= 3
	i = tx_run_fours(desc, sent, pkts, run, like, csum, bytes);
#endif
	for (; i < run; i++) {
		uint64_t at = tx_offset(&pkts[i]);
		uint32_t len = pkts[i].len;

		if (unlikely((tx_word(&pkts[i]) ^ like->asked) & like->mask || len < like->shortest ||
		             len > like->most))
			break;
		if (like->cleared)
			tx_clear(csum + at);
		tx_write(&desc[i], BUS_IOVA_BASE + at, (like->high | len) + ((uint64_t)len << TX_PAYLEN_SHIFT));
		sent[i] = pkts[i];
		*bytes += len;
	}
	for (uint32_t j = 0; unlikely(q->pages) && j < i; j++) {
		uint64_t iova = tx_iova(q->pages, &pkts[j]);

		memcpy(&desc[j], &iova, sizeof(iova));
	}
	q->tail += i;
	q->sent_tail += i;
	return i;
}

/* What is cut into segments goes one by one. */
ALWAYS unsigned tx_run(struct adv_txq *q, const struct weir_pkt *pkts, unsigned n, uint64_t *bytes)
{
	uint32_t frame_max = __atomic_load_n(&q->frame_max, __ATOMIC_RELAXED);
	struct tx_like like;

	if (!(pkts->flags & TX_ASKS)) {
		like = tx_like_nothing(frame_max);
		return tx_run_of(q, pkts, n, &like, bytes);
	}
	if (tx_asked(pkts) != q->asked || q->request.headers || q->request.slot == TX_NO_CONTEXT)
		return 0;
	like = tx_like_last(q, pkts, frame_max);
	return tx_run_of(q, pkts, n, &like, bytes);
}

unsigned TX_BURST(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n)
{
	static const struct tx_ways ways = { .one = tx_one, .run = tx_run };

	return tx_burst(adv_txq(txq), pkts, n, &ways);
}
