/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Receiving: descriptors that the device wrote back become packets, their slots get new buffers. Included by the rx.c of a
 * driver, which is compiled once per CPU level: level 1 is the portable version, the reference that the others are tested
 * against; from level 2 on packets of one buffer that are as they should be are taken four at a time, and only what is left
 * is looked at one by one.
 *
 * A variant is rx() with a constant family and a constant set of what it can do: RX_OFFLOADS, RX_CHAINS, RX_META, RX_LRO.
 */
#ifndef ADVANCED_BURST_H
#define ADVANCED_BURST_H

#include <string.h>
#if CPU_LEVEL >= 3
#include <immintrin.h>
#elif CPU_LEVEL == 2
#include <nmmintrin.h>
#endif

#include "core/cpu.h"
#include "rx.h"

#define RX_OFFLOADS 1u /* what descriptors say of checksums, types, tags and hashes is passed on */
#define RX_CHAINS   2u /* a packet may take several buffers */
#define RX_META     4u /* time stamps and marks are put in front of packets */
#define RX_LRO      8u /* TCP segments may come as one packet, in buffers of any slots */

/* Whether the descriptor is part of what was coalesced, be it one segment. */
ALWAYS bool rx_coalesced(const struct adv_family *family, const struct adv_rxq *q, uint32_t slot)
{
	return __atomic_load_n(&q->ring[slot & q->mask].done.type, __ATOMIC_RELAXED) & family->coalesced;
}

/* Frees the buffers of @n slots, and counts them as one packet that was dropped. */
static void rx_discard(struct adv_rxq *q, uint32_t n, enum weir_drop reason)
{
	for (uint32_t i = 0; i < n; i++)
		weir_pool_free_bufs(q->rxq.cache, &q->bufs[q->head++ & q->mask], 1);
	queue_drop(&q->rxq.stats, reason, 1);
}

/* The number of descriptors of the packet at the head; 0: not all is there; more than entries_max: it never ends. */
static uint32_t rx_chain_length(const struct adv_family *family, const struct adv_rxq *q)
{
	for (uint32_t n = 0; n != q->tail - q->head; n++) {
		uint64_t done = rx_done(family, q, q->head + n);

		if (n == q->entries_max)
			return n + 1;
		if (!(done & RXD_DD))
			return 0;
		if (done & RXD_EOP)
			return n + 1;
	}
	return 0;
}

static void rx_skip(const struct adv_family *family, struct adv_rxq *q)
{
	while (q->head != q->tail) {
		uint64_t done = rx_done(family, q, q->head);

		if (!(done & RXD_DD))
			return;
		weir_pool_free_bufs(q->rxq.cache, &q->bufs[q->head++ & q->mask], 1);
		if (done & RXD_EOP) {
			q->skip = false;
			return;
		}
	}
}

/* A packet of more buffers than any may have: it is dropped up to its end, which need not be there yet. Returns 0. */
static int rx_give_up(const struct adv_family *family, struct adv_rxq *q)
{
	rx_discard(q, q->entries_max, family->too_long);
	q->skip = true;
	rx_skip(family, q);
	return 0;
}

/*
 * Takes a packet of @n descriptors to @pkts. Returns @n, or 0 when it was dropped. What holds for all of it stands in the
 * last descriptor (7.1.6); all buffers but the last are full.
 */
static uint32_t rx_take_chain(const struct adv_family *family, struct adv_rxq *q, struct weir_pkt *pkts, uint32_t n,
                              unsigned what)
{
	uint32_t last = q->head + n - 1, total = (n - 1) * q->room;
	uint64_t done = rx_done(family, q, last);
	enum weir_drop reason = rx_check(family, q, done);

	total += DONE_LEN(done);
	for (uint32_t i = 0; i + 1 < n; i++) {
		uint64_t part = rx_done(family, q, q->head + i);

		pkts[i] = (struct weir_pkt){ .flags = WEIR_PKT_MORE };
		rx_fill(q, q->head + i, part, &pkts[i]);
		if (unlikely(DONE_LEN(part) != q->room))
			reason = WEIR_DROP_DEVICE;
	}
	if (unlikely(reason == WEIR_DROP_COUNT && !rx_can_be_frame(q, total)))
		reason = rx_wrong_length(family, total);
	if (unlikely(reason != WEIR_DROP_COUNT)) {
		rx_discard(q, n, reason);
		return 0;
	}
	pkts[n - 1] = (struct weir_pkt){ 0 };
	rx_fill(q, last, done, &pkts[n - 1]);
	rx_describe(family, q, last, done, &pkts[0]);
	if (what & RX_META && done & family->noted)
		family->note(q, last, done, &pkts[0]);
	pkts[0].flags |= WEIR_PKT_MORE;
	q->head += n;
	return n;
}

/* A packet of one buffer. Returns 1, or 0 when it was dropped. */
ALWAYS uint32_t rx_take_one(const struct adv_family *family, struct adv_rxq *q, struct weir_pkt *pkt, uint64_t done,
                            unsigned what)
{
	enum weir_drop reason = rx_check(family, q, done);

	if (unlikely(reason == WEIR_DROP_COUNT && !rx_can_be_frame(q, DONE_LEN(done))))
		reason = rx_wrong_length(family, DONE_LEN(done));
	if (unlikely(reason != WEIR_DROP_COUNT)) {
		rx_discard(q, 1, reason);
		return 0;
	}
	rx_fill(q, q->head, done, pkt);
	rx_describe(family, q, q->head, done, pkt);
	if (what & RX_META && unlikely(done & family->noted))
		family->note(q, q->head, done, pkt);
	q->head++;
	return 1;
}

/*
 * A packet of several buffers, to @pkts. Returns the entries that it took, 0 when it was dropped, or -EAGAIN when it is
 * not there yet or does not fit into @n.
 */
static int rx_take_many(const struct adv_family *family, struct adv_rxq *q, struct weir_pkt *pkts, unsigned n,
                        unsigned what)
{
	uint32_t length = rx_chain_length(family, q);

	if (unlikely(length > q->entries_max))
		return rx_give_up(family, q);
	if (!length || length > n)
		return -EAGAIN;
	return (int)rx_take_chain(family, q, pkts, length, what);
}

/* --- four at a time ------------------------------------------------------------------------------------------------------ */

#if CPU_LEVEL >= 2
#define FOUR 4u

/* A 32-bit word of each of four packets; and four of them. */
typedef uint32_t rx_row __attribute__((vector_size(16), may_alias));

struct rx_rows {
	rx_row a, b, c, d;
};

#define ROW_LOW(a, b)   __builtin_shufflevector(a, b, 0, 4, 1, 5) /* a0 b0 a1 b1 */
#define ROW_HIGH(a, b)  __builtin_shufflevector(a, b, 2, 6, 3, 7) /* a2 b2 a3 b3 */
#define PAIR_LOW(a, b)  __builtin_shufflevector(a, b, 0, 1, 4, 5) /* a0 a1 b0 b1 */
#define PAIR_HIGH(a, b) __builtin_shufflevector(a, b, 2, 3, 6, 7) /* a2 a3 b2 b3 */

/* Rows become columns and columns rows: words of descriptors, and of packets. */
ALWAYS struct rx_rows rx_turn(struct rx_rows m)
{
	rx_row ab = ROW_LOW(m.a, m.b), AB = ROW_HIGH(m.a, m.b), cd = ROW_LOW(m.c, m.d), CD = ROW_HIGH(m.c, m.d);

	return (struct rx_rows){ PAIR_LOW(ab, cd), PAIR_HIGH(ab, cd), PAIR_LOW(AB, CD), PAIR_HIGH(AB, CD) };
}

/*
 * Constants, in memory: compilers would make each of them anew from an immediate, again and again, on the one port that
 * shuffles. The tables are looked into by the lowest four bits of each word, the other bytes of which find
 * the 0 in front (.l4 counts only with .l3).
 */
struct rx_constants {
	rx_row eop, half, least;
	rx_row low2, high2, low3, low4, etqf, vlan, l4_bad;
	uint8_t l3[16], l4[16], verdict[16], hash[16];
};

#define ROW(word)                              \
	{                                      \
		(word), (word), (word), (word) \
	}
enum { IP4 = WEIR_PKT_IPV4, IP6 = WEIR_PKT_IPV6, L3 = WEIR_PKT_L3, L4 = WEIR_PKT_L4, HASH = WEIR_PKT_HASH };

static const struct rx_constants constants = {
	.eop = ROW(RXD_EOP),
	.half = ROW(0xffff),
	.least = ROW(RX_LEAST),
	.low2 = ROW(3),
	.high2 = ROW(12),
	.low3 = ROW(7),
	.low4 = ROW(15),
	.etqf = ROW(RXD_TYPE_ETQF),
	.vlan = ROW(WEIR_PKT_VLAN),
	.l4_bad = ROW(WEIR_PKT_L4 | WEIR_PKT_L4_BAD),
	/* IPv4, with options, IPv6, with extensions: layer 4 is known if there is one of both. */
	.l3 = { 0, IP4 | L4, IP4 | L4, IP4 | L4, IP6 | L4, IP4, IP4, IP4, IP6 | L4, IP4, IP4, IP4, IP6 | L4, IP4, IP4,
	        IP4 },
	.l4 = { L3, L3 | WEIR_PKT_TCP, L3 | WEIR_PKT_UDP, L3, L3 | WEIR_PKT_SCTP, L3, L3, L3 },
	/* By L4CS, IPCS, L4E, IPE from the lowest bit on: WEIR_PKT_IP_GOOD to _L4_BAD, divided by 256. */
	.verdict = { 0, 4, 1, 5, 0, 8, 1, 9, 0, 4, 2, 6, 0, 8, 2, 10 },
	/* All types of hashes but none and RSS_TYPE_NONE. */
	.hash = { 0, HASH, HASH, HASH, HASH, HASH, HASH, HASH, HASH, HASH, HASH, HASH, HASH, HASH, HASH, 0 },
};

ALWAYS rx_row rx_choose(const uint8_t table[16], rx_row which)
{
	__m128i bytes;

	memcpy(&bytes, table, sizeof(bytes));
	return (rx_row)_mm_shuffle_epi8(bytes, (__m128i)which);
}

ALWAYS rx_row rx_lower(rx_row a, rx_row b)
{
	return (rx_row)_mm_min_epu32((__m128i)a, (__m128i)b);
}

/* What holds for all packets of a burst, once for each of four. */
struct rx_same {
	rx_row longest; /* bytes of a frame, without those that it has to have */
	rx_row headroom, looked_at, wanted, doubted;
};

ALWAYS rx_row rx_each(uint32_t word)
{
	return (rx_row)ROW(word);
}

ALWAYS struct rx_same rx_same(const struct adv_rxq *q)
{
	uint32_t frame_max = __atomic_load_n(&q->frame_max, __ATOMIC_RELAXED);

	return (struct rx_same){ .longest = rx_each(least(frame_max, q->room) - RX_LEAST),
		                 .headroom = rx_each(q->headroom),
		                 .looked_at = rx_each(q->looked_at),
		                 .wanted = rx_each(q->wanted),
		                 .doubted = rx_each(q->doubted | WEIR_PKT_L4_BAD) };
}

/* What rx_describe() finds in its tables. */
ALWAYS rx_row rx_describe_four(const struct adv_family *family, const struct rx_same *same,
                               const struct rx_constants *c, rx_row type, rx_row status)
{
	rx_row flags = rx_choose(c->l3, type >> 4 & c->low4) & rx_choose(c->l4, type >> 8 & c->low3);
	rx_row verdict;

	flags &= (rx_row)((type & c->etqf) == 0);
	verdict = rx_choose(c->verdict, (status >> (family->l4e - 2) & c->high2) | (status >> 5 & c->low2)) << 8;
	if (family->unchecked)
		verdict &= (rx_row)((status & family->unchecked) == 0);
	flags |= verdict;
	flags &= ~((rx_row)((flags & c->l4_bad) == same->doubted) & WEIR_PKT_L4_BAD);
	flags |= (status >> 1 & c->vlan) | rx_choose(c->hash, type & c->low4);
	return flags & same->wanted;
}

/*
 * Takes four packets if all of them are there, each in one buffer, and are as they should be. Adds their lengths to @bytes.
 * Otherwise they have to be looked at one by one.
 */
ALWAYS bool rx_take_four(const struct adv_family *family, const struct rx_same *same, const union adv_rx_desc *desc,
                         const uint32_t *buf, struct weir_pkt *pkts, rx_row *bytes, unsigned what)
{
	const volatile rx_row *ring = (const volatile rx_row *)desc;
	const struct rx_constants *c = &constants;
	rx_row bufs, length, ok;
	struct rx_rows m;

	__asm__("" : "+r"(c)); /* so that the compiler does not know what they are */
	/* Whether they are done, then what they say: that is read once. */
	if (!(rx_load(family, desc) & rx_load(family, desc + 1) & rx_load(family, desc + 2) &
	      rx_load(family, desc + 3) & RXD_DD))
		return false;
	m = rx_turn(
	    (struct rx_rows){ ring[0], ring[1], ring[2], ring[3] }); /* types, hashes, status, lengths and tags */
	length = m.d & c->half;
	ok = (rx_row)((m.c & same->looked_at) == c->eop) &
	     (rx_row)(rx_lower(length - c->least, same->longest) == length - c->least);
	memcpy(&bufs, buf, sizeof(bufs));
	if (what & RX_LRO) /* a slot without a buffer may say that it is done, too */
		ok &= (rx_row)((m.a & family->coalesced) == 0) & (rx_row)(bufs != ADV_RX_TAKEN);
	if (unlikely(!_mm_test_all_ones((__m128i)ok)))
		return false;
	*bytes += length;
	ok = what & RX_OFFLOADS ? rx_describe_four(family, same, c, m.a, m.c) : (rx_row){ 0 };
	m = rx_turn((struct rx_rows){ bufs, length << 16 | same->headroom, m.b, m.d >> 16 | ok << 16 });
	memcpy(&pkts[0], &m.a, 16);
	memcpy(&pkts[1], &m.b, 16);
	memcpy(&pkts[2], &m.c, 16);
	memcpy(&pkts[3], &m.d, 16);
	return true;
}

/* Takes packets at the head, up to @n, in fours as long as that goes. Returns how many. */
ALWAYS uint32_t rx_take_fours(const struct adv_family *family, struct adv_rxq *q, struct weir_pkt *pkts, uint32_t n,
                              const struct rx_same *same, rx_row *bytes, unsigned what)
{
	uint32_t slot = q->head & q->mask, most = least(least(n, q->tail - q->head), q->mask + 1 - slot), took;
	const union adv_rx_desc *desc = &q->ring[slot], *end = desc + most / FOUR * FOUR;
	const uint32_t *bufs = &q->bufs[slot];
	const struct weir_pkt *first = pkts;

	while (desc != end && rx_take_four(family, same, desc, bufs, pkts, bytes, what)) {
		desc += FOUR;
		bufs += FOUR;
		pkts += FOUR;
	}
	took = (uint32_t)(pkts - first);
	q->head += took;
	return took;
}
#endif

/* --- a burst --------------------------------------------------------------------------------------------------------------- */

/*
 * IN_ORDER: notes when a descriptor is not done but the one behind it is. Looked at in this order it cannot be
 * that both were written meanwhile.
 */
static void rx_look_ahead(const struct adv_family *family, struct adv_rxq *q)
{
	uint32_t at = q->head, n = 0;

	while (n < q->entries_max && at != q->tail && rx_done(family, q, at) & RXD_DD) {
		at++;
		n++;
	}
	if (q->tail - at > 1 && unlikely(rx_done(family, q, at + 1) & RXD_DD) && !(rx_done(family, q, at) & RXD_DD))
		adv_stalled(&q->gap, at);
}

ALWAYS unsigned rx(const struct adv_family *family, struct adv_rxq *q, struct weir_pkt *pkts, unsigned n, unsigned what)
{
	unsigned got = 0, packets = 0;
	uint64_t bytes = 0;
#if CPU_LEVEL >= 2
	struct rx_same same = rx_same(q);
	rx_row lengths = { 0 };
#endif

	if (unlikely(q->skip))
		rx_skip(family, q);
	while (got < n && !q->skip) {
		uint64_t done;
		int taken;

#if CPU_LEVEL >= 2
		if (!family->legacy) {
			uint32_t some = rx_take_fours(family, q, &pkts[got], n - got, &same, &lengths, what);

			got += some;
			packets += some;
			if (likely(some))
				continue;
		}
#endif
		if (q->head == q->tail)
			break;
		if (what & RX_LRO && unlikely(q->bufs[q->head & q->mask] == ADV_RX_TAKEN)) {
			q->head++;
			continue;
		}
		done = rx_done(family, q, q->head);
		if (!(done & RXD_DD))
			break;
		if (what & RX_LRO && (!(done & RXD_EOP) || rx_coalesced(family, q, q->head)))
			taken = family->take_parts(q, &pkts[got], n - got);
		else if (likely(done & RXD_EOP))
			taken = (int)rx_take_one(family, q, &pkts[got], done, what);
		else if (what & RX_CHAINS)
			taken = rx_take_many(family, q, &pkts[got], n - got, what);
		else
			taken = rx_give_up(family, q);
		if (taken < 0)
			break;
		if (unlikely(!taken))
			continue;
		bytes += weir_pkt_bytes(&pkts[got], (unsigned)taken);
		got += (unsigned)taken;
		packets++;
	}
#if CPU_LEVEL >= 2
	lengths += __builtin_shufflevector(lengths, lengths, 2, 3, 2, 3);
	bytes += lengths[0] + lengths[1];
#endif
	queue_count(&q->rxq.stats, packets, bytes);
	if (!got)
		rx_look_ahead(family, q);
	if (rx_limit(q) != q->tail)
		rx_refill(q);
	return got;
}

#endif
