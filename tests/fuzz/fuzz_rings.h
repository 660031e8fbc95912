/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a card writes into the rings of a driver, while packets are received and sent: any descriptors cost at most packets.
 * Each packet that comes lies in a buffer of the pool that nobody else has, and no buffer is lost.
 *
 * An input is a byte that says how the port is set up, and steps of a byte each with what they need behind it. Who includes
 * this has a card (tests/unit/ring_card.h), says which (CARD_DEVICE), and writes coalesce().
 */
#ifndef FUZZ_RINGS_H
#define FUZZ_RINGS_H

#include "input.h"
#include "weir/pool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BUFFERS 512u
#define BURST   32u

static struct card card;
static struct weir *weir;
static struct weir_pool *pool;
static struct weir_pool_cache *cache;
static struct weir_port *port;
static unsigned best_level;

static void set_up(void)
{
	struct weir_conf conf = {
		.mem_reserve = GIB(1), .mem_grow = MIB(2), .mem_page_size = KIB(4), .log_level = WEIR_LOG_ERROR
	};
	struct weir_port_conf port_conf = { .rx_slots = 64, .tx_slots = 64 };
	struct weir_pool_conf pool_conf = { .count = BUFFERS, .checks = true };

	card_make(&card, CARD_DEVICE);
	card.hangs = true; /* nothing is sent: what reports is the input */
	must(!weir_open(&conf, &weir));
	best_level = weir->cpu_level;
	must(!weir_pool_create(weir, &pool_conf, &pool));
	must(!weir_pool_cache_create(pool, 0, &cache));
	port_conf.pool = pool;
	must(!weir_port_open(weir, "card:", &port_conf, &port));
}

/* The ring of the one receive or transmit queue. */
static uint8_t *ring_of(uint32_t base, uint32_t bytes, uint32_t *slots)
{
	*slots = *card_reg(&card, bytes) / 16;
	return card_memory(&card, *card_reg(&card, base) | (uint64_t)*card_reg(&card, base + 4) << 32);
}

/* Any 16 bytes in any slot, or in the one that would be next. */
static void scribble(struct input *in, bool tx, bool next)
{
	uint32_t slots, slot = take_byte(in);
	uint8_t *ring = tx ? ring_of(CARD_TX(TDBAL, 0), CARD_TX(TDLEN, 0), &slots)
	                   : ring_of(CARD_RX(RDBAL, 0), CARD_RX(RDLEN, 0), &slots);
	uint64_t words[2];

	if (next)
		slot = card.rdh[0]++;
	take(in, words, sizeof(words));
	__atomic_store_n((uint64_t *)(void *)(ring + slot % slots * 16), words[0], __ATOMIC_RELAXED);
	__atomic_store_n((uint64_t *)(void *)(ring + slot % slots * 16 + 8), words[1], __ATOMIC_RELEASE);
}

/* What it says of others that were coalesced with it, where the card does that. */
static void coalesce(struct input *in, uint32_t slot, uint32_t slots, uint32_t *type, uint64_t *done);

/* A descriptor that could be true, but for its length and what it says of others that were coalesced. */
static void report(struct input *in, bool coalesced)
{
	uint32_t slots, slot = card.rdh[0]++, type = 0;
	uint8_t *ring = ring_of(CARD_RX(RDBAL, 0), CARD_RX(RDLEN, 0), &slots);
	uint64_t done = RXD_DD | (take_byte(in) & 1 ? RXD_EOP : 0);
	uint16_t len;

	take(in, &len, sizeof(len));
	if (take_byte(in) & 1)
		len = 2048;
	done |= (uint64_t)len << 32;
	if (coalesced)
		coalesce(in, slot, slots, &type, &done);
	memcpy(ring + slot % slots * 16, &type, sizeof(type));
	__atomic_store_n((uint64_t *)(void *)(ring + slot % slots * 16 + 8), CARD_DONE(done), __ATOMIC_RELEASE);
}

/* Fetches a burst, looks at each byte, and sends back or frees what came. */
static void receive(unsigned want, bool echo)
{
	struct weir_pkt pkts[BURST];
	struct weir_pool_info info;
	struct weir_port_info port_info;
	unsigned got, sent = 0;
	volatile uint8_t sum = 0;

	weir_port_info(port, &port_info);
	want = want % BURST + 1;
	if (want < port_info.rx_entries_max)
		want = port_info.rx_entries_max;
	memset(pkts, 0xff, sizeof(pkts));
	got = weir_rx(weir_port_rxq(port, 0), pkts, want);
	must(got <= want);
	weir_pool_info(pool, &info);
	for (unsigned i = 0, first = 0, bytes = 0; i < got; i++) {
		const uint8_t *at = weir_pkt_data(weir_mem_base(weir), &pkts[i]);

		must(pkts[i].len && pkts[i].off == info.headroom);
		must((uint32_t)pkts[i].off + pkts[i].len <= info.room);
		for (unsigned j = 0; j < pkts[i].len; j++)
			sum = (uint8_t)(sum + at[j]);
		bytes += pkts[i].len;
		if (pkts[i].flags & WEIR_PKT_MORE) {
			must(i + 1 < got);
			continue;
		}
		/* Coalesced segments are longer than a frame. */
		must(bytes >= 14 &&
		     bytes <= (pkts[first].flags & WEIR_PKT_TX_TSO ? 65536 + 14 : port_info.mtu + 14 + 8));
		bytes = 0;
		first = i + 1;
	}
	if (echo)
		sent = weir_tx(weir_port_txq(port, 0), pkts, got);
	must(sent <= got);
	weir_pool_free(cache, pkts + sent, got - sent);
}

static void step(struct input *in)
{
	struct weir_port_stats stats;
	unsigned what = take_byte(in);

	switch (what & 7) {
	case 0:
		scribble(in, false, false);
		break;
	case 1:
		scribble(in, true, false);
		break;
	case 2:
		scribble(in, false, true);
		break;
	case 3:
	case 4:
		report(in, what & 8);
		break;
	case 5:
	case 6:
		receive(what >> 3, what & 1);
		break;
	default:
		weir_tx(weir_port_txq(port, 0), NULL, 0);
		weir_port_stats(port, &stats);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct weir_pool_info info;
	unsigned how;

	if (!weir)
		set_up();
	how = take_byte(&in);
	must(!weir_port_set_mtu(port, how & 1 ? 9000 : 1500));
	must(!weir_port_set_offloads(port, how & 8 ? UINT32_MAX : how & 2 ? ~WEIR_OFFLOAD_LRO : 0));
	weir->cpu_level = how & 4 ? 1 : best_level;
	must(!weir_port_start(port));
	card.rdh[0] = 0;
	while (in.left)
		step(&in);
	*card_reg(&card, CARD_TX(TDH, 0)) = *card_reg(&card, CARD_TX(TDT, 0));
	must(!weir_port_stop(port));
	weir_pool_cache_flush(cache);
	weir_pool_info(pool, &info);
	must(!info.in_use && !info.misuse);
	return 0;
}

#endif
