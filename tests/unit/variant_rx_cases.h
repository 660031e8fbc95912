/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A driver's variants of receiving at each level of the processor against the portable ones: the same descriptors, lies
 * among them, in bursts of every size, with rings that wrap and holes in what is done. All that comes out must be equal, and
 * so must what is counted.
 *
 * Who includes this has a card (ring_card.h), says which (CARD_DEVICE) and where it calls checksums bad (CARD_L4E), and
 * writes prepare(). VARIANT_RX_CASES is a part of a table of cases.
 */
#ifndef TESTS_VARIANT_RX_CASES_H
#define TESTS_VARIANT_RX_CASES_H

#include "pools.h"

/* Each has a ring at random, lies and all, looked at by a burst: VARIANT_STEPS=1000000 for a million of each kind. */
static unsigned steps(void)
{
	const char *text = getenv("VARIANT_STEPS");

	return text ? (unsigned)strtoul(text, NULL, 10) : unit_rounds(3000);
}

static struct card card;
static struct weir *weir;
static struct weir_pool *pool;
static struct weir_pool_cache *cache;
static struct weir_port *port;
static uint8_t frame[16384];

/* All that a run brought, in one number (FNV-1a); and how much of it there was. */
struct outcome {
	uint64_t digest, packets, drops, coalesced;
};

static void note(struct outcome *o, const void *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		o->digest = (o->digest ^ ((const uint8_t *)data)[i]) * UINT64_C(0x100000001b3);
}

static uint64_t state;

static uint32_t any(uint32_t below)
{
	return (uint32_t)(unit_random(&state) >> 20) % below;
}

/* What stamps and marks are before anything arrives. */
static void prepare(void);

static void begin(struct weir_port_conf *conf, unsigned level)
{
	state = 0x9e3779b97f4a7c15;
	card_make(&card, CARD_DEVICE);
	weir = open_weir();
	weir->cpu_level = level;
	pool = make_pool(weir, 4096, true);
	cache = make_cache(pool, 0);
	conf->pool = pool;
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "card:", conf, &port), 0);
	CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
}

static void end(void)
{
	CU_ASSERT_EQUAL(weir_port_close(port), 0);
	weir_pool_cache_destroy(cache);
	CU_ASSERT_EQUAL(info_of(pool).in_use, 0);
	CU_ASSERT_EQUAL(info_of(pool).misuse, 0);
	weir_close(weir);
}

/* --- receiving ------------------------------------------------------------------------------------------------------------ */

/* The last word of a descriptor that the card has left out for a while. */
static struct {
	union adv_rx_desc *desc;
	uint64_t done;
} hole;

static union adv_rx_desc *next_desc(void)
{
	uint64_t ring = *card_reg(&card, CARD_RX(RDBAL, 0)) | (uint64_t)*card_reg(&card, CARD_RX(RDBAH, 0)) << 32;

	return (union adv_rx_desc *)(void *)card_memory(&card, ring) + card.rdh[0];
}

/* Claims that it was coalesced, and to go on anywhere, now and then where it does. */
static void coalesce(struct card_say *say)
{
	static const uint8_t headers[] = { 8, 0, 0x45, [11] = 6, [34] = 0x50 }; /* from the EtherType on: IPv4, TCP */

	say->type |= any(16) << 17;
	memcpy(frame + 12, headers, sizeof(headers));
	if (any(4) == 0)
		frame[12 + any(sizeof(headers))] ^= 0x10;
	if (any(3) == 0) {
		say->no_end = true;
		say->status &= 3u << CARD_L4E;
		say->status |= (any(4) ? (card.rdh[0] + 1 + any(4)) & 127 : any(1u << 16)) << 4;
	}
}

/* A frame of which mostly the truth is said. */
static void arrive(unsigned number, uint32_t len_max, bool lro)
{
	struct card_say say = { .type = any(1u << 17), .hash = any(~0u), .vlan = (uint16_t)any(1u << 16) };
	bool open_hole = !hole.desc && any(40) == 0;
	uint32_t len = 1 + any(len_max);

	say.status = any(4) << CARD_L4E | any(64) << 2 | (any(50) ? 0 : RXD_TS);
	if (any(4) == 0)
		say.type |= RSS_TYPE_NONE;
	if (any(20) == 0)
		say.status |= 1u << (24 + any(6));
	if (any(30) == 0)
		say.claim = any(4096);
	say.no_end = any(50) == 0;
	memcpy(frame, &number, sizeof(number));
	if (lro && any(3))
		coalesce(&say);
	if (open_hole) {
		hole.desc = next_desc();
		if (!card_receive(&card, 0, frame, 1 + len % 1000, &say)) {
			hole.desc = NULL;
			return;
		}
		hole.done = hole.desc->done.done;
		__atomic_store_n(&hole.desc->done.done, hole.done & ~(uint64_t)RXD_DD, __ATOMIC_RELEASE);
	} else {
		card_receive(&card, 0, frame, len, &say);
	}
}

static void fill_hole(void)
{
	if (hole.desc)
		__atomic_store_n(&hole.desc->done.done, hole.done, __ATOMIC_RELEASE);
	hole.desc = NULL;
}

static struct outcome receive_all(struct weir_port_conf *conf, unsigned level)
{
	struct outcome o = { .digest = UINT64_C(0xcbf29ce484222325) };
	struct weir_queue_stats stats;
	unsigned number = 0, all = steps();

	begin(conf, level);
	hole.desc = NULL;
	prepare();
	for (unsigned step = 0; step < all; step++) {
		struct weir_pkt pkts[64 + 8];
		unsigned n;

		for (unsigned some = any(40); some; some--)
			arrive(number++,
			       any(3)      ? 60 + any(64)
			       : conf->mtu ? conf->mtu
			                   : 1500,
			       conf->offloads & WEIR_OFFLOAD_LRO);
		if (any(3) == 0)
			fill_hole();
		n = weir_rx(weir_port_rxq(port, 0), pkts, 1 + step % 64);
		CU_ASSERT_FATAL(n <= 1 + step % 64);
		for (unsigned i = 0; i < n; i++) {
			note(&o, (uint8_t *)&pkts[i] + 4, 12); /* all but the buffer's number: */
			note(&o, weir_pkt_data(weir_mem_base(weir), &pkts[i]), 4);
			o.coalesced += !!(pkts[i].flags & WEIR_PKT_TX_TSO);
			if (pkts[i].flags & WEIR_PKT_META)
				note(&o, weir_pkt_meta(weir_mem_base(weir), &pkts[i]), sizeof(struct weir_pkt_meta));
		}
		note(&o, &n, sizeof(n));
		weir_pool_free(cache, pkts, n);
	}
	weir_rxq_stats(weir_port_rxq(port, 0), &stats);
	note(&o, &stats, sizeof(stats));
	o.packets = stats.packets;
	o.drops = stats.drops[WEIR_DROP_CRC] + stats.drops[WEIR_DROP_DEVICE];
	end();
	return o;
}

static void levels_receive_the_same(struct weir_port_conf conf)
{
	struct outcome portable = receive_all(&conf, 1);

	CU_ASSERT(portable.packets > steps());
	CU_ASSERT(portable.drops > steps() / 20);
	CU_ASSERT(!(conf.offloads & WEIR_OFFLOAD_LRO) || portable.coalesced > steps() / 20);
	for (unsigned level = 2; level <= weir_cpu_level(NULL); level++) {
		struct outcome other = receive_all(&conf, level);

		CU_ASSERT_EQUAL(other.packets, portable.packets);
		CU_ASSERT_EQUAL(other.drops, portable.drops);
		CU_ASSERT_EQUAL(other.digest, portable.digest);
	}
}

static void plain_packets_are_received_alike(void)
{
	levels_receive_the_same((struct weir_port_conf){ .rx_slots = 128 });
}

static void offloads_are_received_alike(void)
{
	static const uint32_t offloads[] = {
		WEIR_OFFLOAD_RX_CSUM,
		WEIR_OFFLOAD_RX_HASH,
		WEIR_OFFLOAD_RX_VLAN,
		WEIR_OFFLOAD_RX_CSUM | WEIR_OFFLOAD_RX_HASH | WEIR_OFFLOAD_RX_VLAN,
	};

	for (unsigned i = 0; i < 4; i++)
		levels_receive_the_same((struct weir_port_conf){ .rx_slots = 64, .offloads = offloads[i] });
}

static void chains_are_received_alike(void)
{
	levels_receive_the_same(
	    (struct weir_port_conf){ .rx_slots = 128,
	                             .mtu = 9000,
	                             .offloads = WEIR_OFFLOAD_RX_CSUM | WEIR_OFFLOAD_RX_HASH | WEIR_OFFLOAD_RX_VLAN });
}

static void metadata_are_received_alike(void)
{
	levels_receive_the_same((struct weir_port_conf){
	    .rx_slots = 128, .mtu = 4000, .offloads = WEIR_OFFLOAD_RX_META | WEIR_OFFLOAD_RX_HASH });
}

/* clang-format off */
#define VARIANT_RX_CASES \
	{ "plain packets are received alike", plain_packets_are_received_alike }, \
	{ "offloads are received alike", offloads_are_received_alike }, \
	{ "chains are received alike", chains_are_received_alike }, \
	{ "metadata are received alike", metadata_are_received_alike }
/* clang-format on */

#endif
