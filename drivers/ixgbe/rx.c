/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Receiving: descriptors that the device wrote back become packets, their slots get new buffers. Compiled once per CPU
 * level: level 1 is the portable version, the reference that the others are tested against; from level 2 on packets of
 * one buffer that are as they should be are taken four at a time, and only what is left is looked at one by one.
 *
 * A variant is rx() with a constant set of what it can do: RX_OFFLOADS, RX_CHAINS, RX_META, RX_LRO.
 *
 * The device is not trusted (TRUST in ixgbe.c): each word of a descriptor is read once, and nothing follows from it but
 * the length of data in a buffer that is known to be that long.
 */
#include <string.h>
#if CPU_LEVEL >= 2
#include <immintrin.h>
#endif

#include "rx.h"

#define PASTE(a, b) a##b
#define LEVEL(a, b) PASTE(a, b)

#define RX_REFILL   LEVEL(ixgbe_rx_refill_v, CPU_LEVEL)
#define RX_PLAIN    LEVEL(ixgbe_rx_plain_v, CPU_LEVEL)
#define RX_OFFLOAD  LEVEL(ixgbe_rx_offload_v, CPU_LEVEL)
#define RX_CHAIN    LEVEL(ixgbe_rx_chain_v, CPU_LEVEL)
#define RX_NOTE     LEVEL(ixgbe_rx_meta_v, CPU_LEVEL)
#define RX_COALESCE LEVEL(ixgbe_rx_lro_v, CPU_LEVEL)

#define RX_OFFLOADS 1u /* what descriptors say of checksums, types, tags and hashes is passed on */
#define RX_CHAINS   2u /* a packet may take several buffers */
#define RX_META     4u /* time stamps and marks are put in front of packets */
#define RX_LRO      8u /* TCP segments may come as one packet, in buffers of any slots */

void RX_REFILL(struct ixgbe_rxq *q);

/* How far the tail may go: whole batches, and never up to the head, for that would mean that all slots are free (7.1.9). */
ALWAYS uint32_t rx_limit(const struct ixgbe_rxq *q)
{
	return (q->head + q->mask) & ~(IXGBE_BATCH - 1);
}

/* Where the buffers of @n slots are for a device that no IOMMU stands before. */
static void rx_place(struct ixgbe_rxq *q, uint32_t slot, uint32_t n)
{
	for (uint32_t i = slot; i < slot + n; i++)
		q->ring[i].read.packet = bus_iova(q->pages, ((uint64_t)q->bufs[i] << 6) + q->headroom);
}

/* Gives new buffers to free slots and tells the device. A run of slots ends with its batch, so it never wraps. */
void RX_REFILL(struct ixgbe_rxq *q)
{
	uint32_t tail = q->tail, limit = rx_limit(q);

	while ((int32_t)(limit - tail) > 0) {
		uint32_t slot = tail & q->mask, run = IXGBE_BATCH - tail % IXGBE_BATCH, got;
		uint32_t *bufs = &q->bufs[slot];

		got = weir_pool_alloc_bufs(q->rxq.cache, bufs, run);
		for (uint32_t i = 0; i < got; i++) {
			q->ring[slot + i].read.packet = q->iova + ((uint64_t)bufs[i] << 6);
			q->ring[slot + i].read.header = 0;
		}
		if (unlikely(q->pages))
			rx_place(q, slot, got);
		tail += got;
		if (got < run)
			break;
	}
	if (tail == q->tail)
		return;
	q->tail = tail;
	bus_ring_doorbell(&q->tail_bell, tail & q->mask);
}

/* Frees the buffers of @n slots, and counts them as one packet that was dropped. */
static void rx_discard(struct ixgbe_rxq *q, uint32_t n, enum weir_drop reason)
{
	for (uint32_t i = 0; i < n; i++)
		weir_pool_free_bufs(q->rxq.cache, &q->bufs[q->head++ & q->mask], 1);
	queue_drop(&q->rxq.stats, reason, 1);
}

/* The number of descriptors of the packet at the head; 0: not all is there; more than entries_max: it never ends. */
static uint32_t rx_chain_length(const struct ixgbe_rxq *q)
{
	for (uint32_t n = 0; n != q->tail - q->head; n++) {
		uint64_t done = rx_done(q, q->head + n);

		if (n == q->entries_max)
			return n + 1;
		if (!(done & RXD_DD))
			return 0;
		if (done & RXD_EOP)
			return n + 1;
	}
	return 0;
}

static void rx_skip(struct ixgbe_rxq *q)
{
	while (q->head != q->tail) {
		uint64_t done = rx_done(q, q->head);

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
static int rx_give_up(struct ixgbe_rxq *q)
{
	rx_discard(q, q->entries_max, WEIR_DROP_DEVICE);
	q->skip = true;
	rx_skip(q);
	return 0;
}

/*
 * Takes a packet of @n descriptors to @pkts. Returns @n, or 0 when it was dropped. What holds for all of it stands in the
 * last descriptor (7.1.6); all buffers but the last are full.
 */
static uint32_t rx_take_chain(struct ixgbe_rxq *q, struct weir_pkt *pkts, uint32_t n, unsigned what)
{
	uint32_t last = q->head + n - 1, total = (n - 1) * q->room;
	uint64_t done = rx_done(q, last);
	enum weir_drop reason = rx_check(q, done);

	total += DONE_LEN(done);
	for (uint32_t i = 0; i + 1 < n; i++) {
		uint64_t part = rx_done(q, q->head + i);

		pkts[i] = (struct weir_pkt){ .flags = WEIR_PKT_MORE };
		rx_fill(q, q->head + i, part, &pkts[i]);
		if (unlikely(DONE_LEN(part) != q->room))
			reason = WEIR_DROP_DEVICE;
	}
	if (unlikely(reason == WEIR_DROP_COUNT && !rx_can_be_frame(q, total)))
		reason = WEIR_DROP_DEVICE;
	if (unlikely(reason != WEIR_DROP_COUNT)) {
		rx_discard(q, n, reason);
		return 0;
	}
	pkts[n - 1] = (struct weir_pkt){ 0 };
	rx_fill(q, last, done, &pkts[n - 1]);
	rx_describe(q, last, done, &pkts[0]);
	if (what & RX_META && done & (RXD_TS | RXD_FLM))
		ixgbe_rx_note(q, last, done, &pkts[0]);
	pkts[0].flags |= WEIR_PKT_MORE;
	q->head += n;
	return n;
}

/* A packet of one buffer. Returns 1, or 0 when it was dropped. */
ALWAYS uint32_t rx_take_one(struct ixgbe_rxq *q, struct weir_pkt *pkt, uint64_t done, unsigned what)
{
	enum weir_drop reason = rx_check(q, done);

	if (unlikely(reason == WEIR_DROP_COUNT && !rx_can_be_frame(q, DONE_LEN(done))))
		reason = WEIR_DROP_DEVICE;
	if (unlikely(reason != WEIR_DROP_COUNT)) {
		rx_discard(q, 1, reason);
		return 0;
	}
	rx_fill(q, q->head, done, pkt);
	rx_describe(q, q->head, done, pkt);
	if (what & RX_META && unlikely(done & (RXD_TS | RXD_FLM)))
		ixgbe_rx_note(q, q->head, done, pkt);
	q->head++;
	return 1;
}

/*
 * A packet of several buffers, to @pkts. Returns the entries that it took, 0 when it was dropped, or -EAGAIN when it is
 * not there yet or does not fit into @n.
 */
static int rx_take_many(struct ixgbe_rxq *q, struct weir_pkt *pkts, unsigned n, unsigned what)
{
	uint32_t length = rx_chain_length(q);

	if (unlikely(length > q->entries_max))
		return rx_give_up(q);
	if (!length || length > n)
		return -EAGAIN;
	return (int)rx_take_chain(q, pkts, length, what);
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
	rx_row eop, looked_at[2], half, least;
	rx_row low2, high2, low3, low4, etqf, vlan, udp, udp_bad;
	uint8_t l3[16], l4[16], verdict[16], hash[16];
};

#define ROW(word)                              \
	{                                      \
		(word), (word), (word), (word) \
	}
enum { IP4 = WEIR_PKT_IPV4, IP6 = WEIR_PKT_IPV6, L3 = WEIR_PKT_L3, L4 = WEIR_PKT_L4, HASH = WEIR_PKT_HASH };

static const struct rx_constants constants = {
	.eop = ROW(RXD_EOP),
	.looked_at = { ROW(RXD_EOP | RXD_DAMAGED), ROW(RXD_EOP | RXD_DAMAGED | RXD_TS | RXD_FLM) },
	.half = ROW(0xffff),
	.least = ROW(RX_LEAST),
	.low2 = ROW(3),
	.high2 = ROW(12),
	.low3 = ROW(7),
	.low4 = ROW(15),
	.etqf = ROW(RXD_TYPE_ETQF),
	.vlan = ROW(WEIR_PKT_VLAN),
	.udp = ROW(WEIR_PKT_L4 | WEIR_PKT_L4_BAD),
	.udp_bad = ROW(WEIR_PKT_UDP | WEIR_PKT_L4_BAD),
	/* IPv4, with options, IPv6, with extensions: layer 4 is known if there is one of both. */
	.l3 = { 0, IP4 | L4, IP4 | L4, IP4 | L4, IP6 | L4, IP4, IP4, IP4, IP6 | L4, IP4, IP4, IP4, IP6 | L4, IP4, IP4,
	        IP4 },
	.l4 = { L3, L3 | WEIR_PKT_TCP, L3 | WEIR_PKT_UDP, L3, L3 | WEIR_PKT_SCTP, L3, L3, L3 },
	/* By L4CS, IPCS, L4E, IPE from the lowest bit on: WEIR_PKT_IP_GOOD to _L4_BAD, divided by 256. */
	.verdict = { 0, 4, 1, 5, 0, 8, 1, 9, 0, 4, 2, 6, 0, 8, 2, 10 },
	/* All types of hashes but none and RSS_TYPE_FDIR. */
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

/* What rx_describe() finds in its tables. */
ALWAYS rx_row rx_describe_four(const struct ixgbe_rxq *q, const struct rx_constants *c, rx_row type, rx_row status)
{
	rx_row flags = rx_choose(c->l3, type >> 4 & c->low4) & rx_choose(c->l4, type >> 8 & c->low3), wanted;

	flags &= (rx_row)((type & c->etqf) == 0);
	flags |= rx_choose(c->verdict, (status >> 28 & c->high2) | (status >> 5 & c->low2)) << 8;
	if (q->no_udp)
		flags &= ~((rx_row)((flags & c->udp) == c->udp_bad) & WEIR_PKT_L4_BAD);
	flags |= (status >> 1 & c->vlan) | rx_choose(c->hash, type & c->low4);
	memcpy(&wanted, q->wanted_row, sizeof(wanted));
	return flags & wanted;
}

/*
 * Takes the four packets at the head if all of them are there, each in one buffer, and are as they should be. Adds their
 * lengths to @bytes. Returns 4, or 0: then they have to be looked at one by one.
 */
ALWAYS uint32_t rx_take_four(struct ixgbe_rxq *q, struct weir_pkt *pkts, rx_row longest, rx_row *bytes, unsigned what)
{
	uint32_t slot = q->head & q->mask;
	const union ixgbe_rx_desc *desc = &q->ring[slot];
	const volatile rx_row *ring = (const volatile rx_row *)desc;
	const struct rx_constants *c = &constants;
	rx_row bufs, room, length, ok;
	struct rx_rows m;

	__asm__("" : "+r"(c)); /* so that the compiler does not know what they are */
	if (slot + FOUR > q->mask + 1 || q->tail - q->head < FOUR)
		return 0;
	/* Whether they are done, then what they say: that is read once. */
	if (!(rx_load(desc) & rx_load(desc + 1) & rx_load(desc + 2) & rx_load(desc + 3) & RXD_DD))
		return 0;
	m = rx_turn(
	    (struct rx_rows){ ring[0], ring[1], ring[2], ring[3] }); /* types, hashes, status, lengths and tags */
	length = m.d & c->half;
	ok = (rx_row)((m.c & c->looked_at[!!(what & RX_META)]) == c->eop) &
	     (rx_row)(rx_lower(length - c->least, longest) == length - c->least);
	memcpy(&bufs, &q->bufs[slot], sizeof(bufs));
	if (what & RX_LRO) /* a slot without a buffer may say that it is done, too */
		ok &= (rx_row)((m.a & RXD_RSC_COUNT) == 0) & (rx_row)(bufs != IXGBE_RX_TAKEN);
	if (unlikely(!_mm_test_all_ones((__m128i)ok)))
		return 0;
	*bytes += length;
	memcpy(&room, q->headroom_row, sizeof(room));
	ok = what & RX_OFFLOADS ? rx_describe_four(q, c, m.a, m.c) : (rx_row){ 0 };
	m = rx_turn((struct rx_rows){ bufs, length << 16 | room, m.b, m.d >> 16 | ok << 16 });
	memcpy(&pkts[0], &m.a, 16);
	memcpy(&pkts[1], &m.b, 16);
	memcpy(&pkts[2], &m.c, 16);
	memcpy(&pkts[3], &m.d, 16);
	q->head += FOUR;
	return FOUR;
}
#endif

/* --- a burst --------------------------------------------------------------------------------------------------------------- */

/*
 * IN_ORDER in ixgbe.c: notes when a descriptor is not done but the one behind it is. Looked at in this order it cannot be
 * that both were written meanwhile.
 */
static void rx_look_ahead(struct ixgbe_rxq *q)
{
	uint32_t at = q->head, n = 0;

	while (n < q->entries_max && at != q->tail && rx_done(q, at) & RXD_DD) {
		at++;
		n++;
	}
	if (q->tail - at > 1 && unlikely(rx_done(q, at + 1) & RXD_DD) && !(rx_done(q, at) & RXD_DD))
		ixgbe_stalled(&q->gap, at);
}

ALWAYS unsigned rx(struct ixgbe_rxq *q, struct weir_pkt *pkts, unsigned n, unsigned what)
{
	unsigned got = 0, packets = 0;
	uint64_t bytes = 0;
#if CPU_LEVEL >= 2
	uint32_t frame_max = __atomic_load_n(&q->frame_max, __ATOMIC_RELAXED);
	rx_row longest = (rx_row){ 0 } + (least(frame_max, q->room) - RX_LEAST);
	rx_row lengths = { 0 };
#endif

	if (unlikely(q->skip))
		rx_skip(q);
	while (got < n && q->head != q->tail && !q->skip) {
		uint64_t done;
		int taken;

		if (what & RX_LRO && unlikely(q->bufs[q->head & q->mask] == IXGBE_RX_TAKEN)) {
			q->head++;
			continue;
		}

#if CPU_LEVEL >= 2
		if (n - got >= FOUR && rx_take_four(q, &pkts[got], longest, &lengths, what)) {
			got += FOUR;
			packets += FOUR;
			continue;
		}
#endif
		done = rx_done(q, q->head);
		if (!(done & RXD_DD))
			break;
		if (what & RX_LRO && (!(done & RXD_EOP) || rx_coalesced(q, q->head)))
			taken = ixgbe_rx_take_parts(q, &pkts[got], n - got);
		else if (likely(done & RXD_EOP))
			taken = (int)rx_take_one(q, &pkts[got], done, what);
		else if (what & RX_CHAINS)
			taken = rx_take_many(q, &pkts[got], n - got, what);
		else
			taken = rx_give_up(q);
		if (taken < 0)
			break;
		if (unlikely(!taken))
			continue;
		bytes += weir_pkt_bytes(&pkts[got], (unsigned)taken);
		got += (unsigned)taken;
		packets++;
	}
#if CPU_LEVEL >= 2
	bytes += lengths[0] + lengths[1] + lengths[2] + lengths[3];
#endif
	queue_count(&q->rxq.stats, packets, bytes);
	if (!got)
		rx_look_ahead(q);
	if (rx_limit(q) != q->tail)
		RX_REFILL(q);
	return got;
}

unsigned RX_PLAIN(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	return rx(ixgbe_rxq(rxq), pkts, n, 0);
}

unsigned RX_OFFLOAD(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	return rx(ixgbe_rxq(rxq), pkts, n, RX_OFFLOADS);
}

unsigned RX_CHAIN(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	return rx(ixgbe_rxq(rxq), pkts, n, RX_OFFLOADS | RX_CHAINS);
}

unsigned RX_NOTE(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	return rx(ixgbe_rxq(rxq), pkts, n, RX_OFFLOADS | RX_CHAINS | RX_META);
}

unsigned RX_COALESCE(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	return rx(ixgbe_rxq(rxq), pkts, n, RX_OFFLOADS | RX_META | RX_LRO);
}
