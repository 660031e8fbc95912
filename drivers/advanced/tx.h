/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sending, whatever a family's descriptors say in detail: taking back what is sent, runs, bursts. Included by what is
 * compiled once per CPU level.
 */
#ifndef ADVANCED_TX_H
#define ADVANCED_TX_H

#include <string.h>
#if CPU_LEVEL >= 3
#include <immintrin.h>
#endif

#include "core/cpu.h"
#include "regs/advanced.h"
#include "rx.h"
#include "weir/net.h"

#define TX_LEAST    14u /* bytes of a frame: shorter ones are padded, but these it must have (7.2.1) */
#define TX_VLAN_LEN 4u
#define TX_ASKS     (WEIR_PKT_TX | WEIR_PKT_VLAN | WEIR_PKT_MORE)

#if CPU_LEVEL >= 3
/*
 * weir_pool_free() of as many as it says, four at a time: a multiple of four, and no more than the cache has room for. Returns
 * how many it freed: all, or none when one is shared or of another pool.
 */
ALWAYS uint32_t tx_free_fours(struct weir_pool_cache *cache, const struct weir_pkt *pkts, uint32_t n)
{
	typedef uint32_t eight __attribute__((vector_size(32)));
	typedef uint32_t four __attribute__((vector_size(16)));
	eight flags = { 0 };
	four worst = { 0 };
	uint32_t *bufs = &cache->bufs[cache->len];

	n &= ~3u;
	if (unlikely(cache->size - cache->len < n || cache->slow))
		return 0;
	for (uint32_t i = 0; i < n; i += 4) {
		eight a, b;
		four some, from;

		memcpy(&a, &pkts[i], sizeof(a));
		memcpy(&b, &pkts[i + 2], sizeof(b));
		some = __builtin_shufflevector(a, b, 0, 4, 8, 12);
		memcpy(&bufs[i], &some, sizeof(some));
		flags |= a | b;
		from = some - cache->first; /* wraps below the first, and is then larger than any */
		worst = (four)_mm_max_epu32((__m128i)worst, (__m128i)from);
	}
	if (unlikely((flags[3] | flags[7]) >> 16 & WEIR_PKT_SHARED))
		return 0;
	for (unsigned i = 0; i < 4; i++)
		if (unlikely(worst[i] >= cache->last - cache->first))
			return 0;
	__atomic_store_n(&cache->len, cache->len + n, __ATOMIC_RELAXED);
	return n;
}
#endif

/* Frees the entries of packets that are sent, up to number @to. */
static void tx_free(struct adv_txq *q, uint32_t to)
{
	uint32_t first = q->sent_head & q->mask, n = to - q->sent_head, run = q->mask + 1 - first;

	if (run > n)
		run = n;
	while (n) {
		/* No more at once than a cache takes in its stride. */
		uint32_t some = run < ADV_BATCH ? run : ADV_BATCH, freed = 0;

#if CPU_LEVEL >= 3
		freed = tx_free_fours(q->txq.cache, &q->sent[first], some);
#endif
		if (freed < some)
			weir_pool_free(q->txq.cache, &q->sent[first + freed], some - freed);
		first = (first + some) & q->mask;
		run -= some;
		n -= some;
		if (!run)
			run = n;
	}
	q->sent_head = to;
}

/* Takes back what the device reports: a mark says how much is done when its descriptor is. */
static void tx_reclaim(struct adv_txq *q)
{
	uint32_t sent = q->sent_head;

	while (q->mark_head != q->mark_tail) {
		const struct adv_tx_mark *mark = &q->marks[q->mark_head & q->mask];
		const struct adv_tx_desc *desc = &q->ring[(mark->tail - 1) & q->mask];

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
 * speaks for it (IN_ORDER). Returns whether there is room now.
 */
static bool tx_reclaim_all(struct adv_txq *q)
{
	const struct adv_tx_mark *mark = &q->marks[(q->mark_tail - 1) & q->mask];
	const struct adv_tx_desc *desc = &q->ring[(mark->tail - 1) & q->mask];

	if (q->mark_head == q->mark_tail || !(__atomic_load_n(&desc->word[3], __ATOMIC_ACQUIRE) & TXD_DD)) {
		adv_stalled(&q->full, q->head);
		return false;
	}
	__atomic_store_n(&q->head, mark->tail, __ATOMIC_RELAXED);
	q->mark_head = q->mark_tail;
	tx_free(q, mark->sent);
	return true;
}

/* --- what a packet asks for -------------------------------------------------------------------------------------------- */

/* What stands in the second half of a packet: .txo, .vlan and .flags from the lowest bit on. */
#define TX_WORD_TXO   0xffffffffull
#define TX_WORD_VLAN  (0xffffull << 32)
#define TX_WORD_FLAGS 48

ALWAYS uint64_t tx_word(const struct weir_pkt *pkt)
{
	uint64_t word;

	memcpy(&word, &pkt->txo, sizeof(word));
	return word;
}

/* The bits of a packet's second half that its request depends on, by those of them that are flags. */
ALWAYS uint64_t tx_depends(uint64_t word)
{
	uint32_t flags = (uint32_t)(word >> TX_WORD_FLAGS);

	return (uint64_t)(WEIR_PKT_TX | WEIR_PKT_VLAN | WEIR_PKT_L3 | WEIR_PKT_L4) << TX_WORD_FLAGS |
	       (flags & WEIR_PKT_TX ? TX_WORD_TXO : 0) | (flags & WEIR_PKT_VLAN ? TX_WORD_VLAN : 0);
}

/* All of the packet that its request depends on. */
ALWAYS uint64_t tx_asked(const struct weir_pkt *pkt)
{
	uint64_t word = tx_word(pkt);

	return word & tx_depends(word);
}

/*
 * Why a packet of @len bytes in @n buffers cannot be sent, WEIR_DROP_COUNT when it can. It is to be cut behind @headers bytes
 * that are in every segment (0: it is not), and a descriptor can say @payload of the rest; its first buffer must have @reach bytes.
 */
ALWAYS enum weir_drop tx_check(const struct adv_txq *q, const struct weir_pkt *pkts, unsigned n, uint32_t headers,
                               uint32_t reach, uint32_t payload, uint64_t len)
{
	uint64_t longest = len;

	if (unlikely(len < TX_LEAST))
		return WEIR_DROP_TOO_SHORT;
	if (unlikely(pkts->len < reach))
		return WEIR_DROP_OFFLOAD;
	if (unlikely(headers)) {
		if (len <= headers || len - headers > payload)
			return WEIR_DROP_OFFLOAD;
		longest = headers + weir_txo_mss(pkts->txo);
	}
	if (pkts->flags & WEIR_PKT_VLAN)
		longest += TX_VLAN_LEN;
	if (unlikely(longest > __atomic_load_n(&q->frame_max, __ATOMIC_RELAXED) || n > ADV_TX_ENTRIES))
		return WEIR_DROP_TOO_LONG;
	return WEIR_DROP_COUNT;
}

/* The first buffer, which is to be written to: a copy of it when others hold it, too. Returns false when there is none. */
static bool tx_own(struct adv_txq *q, struct weir_pkt *pkt)
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
 * What devices add to: the IPv4 checksum must be 0, and for TCP segments the TCP checksum the sum of the pseudo-header
 * without a length (7.2.4, 7.2.5).
 */
static void tx_seed(struct adv_txq *q, const struct weir_pkt *pkt, bool ipv4, bool segments)
{
	unsigned l2 = weir_txo_l2(pkt->txo), l3 = weir_txo_l3(pkt->txo);
	uint8_t *at = weir_pkt_data(q->txq.cache->base, pkt);
	struct weir_ipv4 *ip = (void *)(at + l2);
	uint16_t csum;

	if (ipv4)
		ip->csum = 0;
	if (!segments)
		return;
	csum =
	    weir_sum_fold((pkt->flags & WEIR_PKT_L3) == WEIR_PKT_IPV4 ? weir_sum_pseudo4(ip, WEIR_IP_TCP, 0)
	                                                              : weir_sum_pseudo6((void *)ip, WEIR_IP_TCP, 0));
	memcpy(at + l2 + l3 + offsetof(struct weir_tcp, csum), &csum, sizeof(csum));
}

/* --- descriptors --------------------------------------------------------------------------------------------------------- */

ALWAYS void tx_write(struct adv_tx_desc *desc, uint64_t low, uint64_t high)
{
	uint64_t words[2] = { low, high };

	memcpy(desc, words, sizeof(words));
}

ALWAYS void tx_put(struct adv_txq *q, uint64_t low, uint64_t high)
{
	tx_write(&q->ring[q->tail++ & q->mask], low, high);
}

/* Where the data lie in the arena. */
ALWAYS uint64_t tx_offset(const struct weir_pkt *pkt)
{
	return ((uint64_t)pkt->buf << 6) + pkt->off;
}

ALWAYS uint64_t tx_iova(const uint64_t *pages, const struct weir_pkt *pkt)
{
	return bus_iova(pages, tx_offset(pkt));
}

/* Has the last descriptor report back. */
static void tx_mark(struct adv_txq *q)
{
	q->ring[(q->tail - 1) & q->mask].word[2] |= TXD_RS;
	q->marks[q->mark_tail++ & q->mask] = (struct adv_tx_mark){ .tail = q->tail, .sent = q->sent_tail };
	q->reported = q->tail;
}

/* How many packets of one descriptor can follow now, in places that do not wrap, up to the next that reports back. */
ALWAYS uint32_t tx_run_length(const struct adv_txq *q, uint32_t n)
{
	uint32_t size = q->mask + 1, used = q->tail - q->head, sent = q->sent_tail - q->sent_head;

	if (unlikely(used + 2 > q->mask))
		return 0;
	n = least(n, least(q->mask - 1 - used, size - sent));
	n = least(n, least(size - (q->tail & q->mask), size - (q->sent_tail & q->mask)));
	return least(n, ADV_BATCH - (q->tail - q->reported));
}

/* A family's ways to queue what is to be sent. */
struct tx_ways {
	/* A packet of @n entries. Returns its length, 0 when it was dropped, -ENOSPC when there is no room: nothing is done. */
	int64_t (*one)(struct adv_txq *q, const struct weir_pkt *pkts, unsigned n);

	/*
	 * Packets of one entry that all ask for nothing, or all for what the last one asked for, up to the first that is not
	 * such. Returns how many, adds to @bytes; 0: one() has to look.
	 */
	unsigned (*run)(struct adv_txq *q, const struct weir_pkt *pkts, unsigned n, uint64_t *bytes);
};

ALWAYS unsigned tx_burst(struct adv_txq *q, const struct weir_pkt *pkts, unsigned n, const struct tx_ways *ways)
{
	uint32_t tail = q->tail;
	unsigned done = 0, packets = 0;
	uint64_t bytes = 0;

	if (!n || q->tail - q->head >= ADV_BATCH)
		tx_reclaim(q);
	while (done < n) {
		unsigned run = likely(!q->stamp) ? ways->run(q, &pkts[done], n - done, &bytes) : 0;

		done += run;
		packets += run;
		if (!run) {
			unsigned entries = weir_pkt_entries(&pkts[done], n - done);
			int64_t len;

			if (unlikely(!entries))
				break;
			len = ways->one(q, pkts + done, entries);
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
		if (q->tail - q->reported >= ADV_BATCH)
			tx_mark(q);
	}
	if (q->tail == tail)
		return done;
	if (q->tail != q->reported)
		tx_mark(q);
	bus_ring_doorbell(&q->tail_bell, q->tail & q->mask);
	queue_count(&q->txq.stats, packets, bytes);
	return done;
}

#endif
