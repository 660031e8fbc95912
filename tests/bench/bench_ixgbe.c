/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the ixgbe driver costs: cycles of the time-stamp counter per packet, at each CPU level that the processor has.
 *
 * The driver alone: the card is memory, doorbells are plain stores. Before each timed stretch the descriptors of a whole
 * ring are written back as the card would; buffers come from and go to the pool as in any program. Descriptors are in
 * the cache, which with a card's DMA they are, too; packet data is not touched.
 */
#include <stdio.h>
#include <string.h>

#include "../unit/ixgbe_card.h"
#include "bench.h"

#define SLOTS   512u
#define STRETCH 384u /* packets; no more than a ring has in the card's hands */

static struct card card;
static struct weir *weir;
static struct weir_pool *pool;
static struct weir_pool_cache *cache;
static struct weir_port *port;

/* One way to use a queue. */
struct use {
	const char *name;
	uint32_t offloads;
	unsigned mtu;
	unsigned len;   /* of a packet */
	unsigned burst; /* entries */
	uint16_t flags; /* of what is sent */
};

static void must(int err)
{
	if (err) {
		fprintf(stderr, "%s\n", weir_error());
		exit(1);
	}
}

static void begin(const struct use *use, unsigned level)
{
	struct weir_conf conf = { .mem_reserve = GIB(1), .mem_grow = MIB(2), .mem_page_size = KIB(4) };
	struct weir_pool_conf pool_conf = { .count = 8192 };
	struct weir_port_conf port_conf = {
		.rx_slots = SLOTS, .tx_slots = SLOTS, .offloads = use->offloads, .mtu = use->mtu
	};

	card_make(&card, 0x10f7);
	card.maps = true;
	must(weir_open(&conf, &weir));
	weir->cpu_level = level;
	must(weir_pool_create(weir, &pool_conf, &pool));
	must(weir_pool_cache_create(pool, 1024, &cache));
	port_conf.pool = pool;
	must(weir_port_open(weir, "card:", &port_conf, &port));
	must(weir_port_start(port));
}

static void end(void)
{
	weir_port_close(port);
	weir_pool_cache_destroy(cache);
	weir_close(weir);
}

static uint64_t receive_stretch(void *arg)
{
	const struct use *use = arg;
	struct card_say say = { .type = 0x111, .hash = 0xc0ffee11, .status = 0x68, .vlan = 100 };
	struct weir_rxq *rxq = weir_port_rxq(port, 0);
	static struct weir_pkt pkts[STRETCH + 64];
	static uint8_t frame[9728];
	unsigned got = 0, more;
	uint64_t start;

	for (unsigned slots = 0, n = 1; n && slots < STRETCH; slots += n)
		n = card_receive(&card, 0, frame, use->len, &say);
	start = bench_start();
	while ((more = weir_rx(rxq, pkts + got, use->burst)))
		got += more;
	start = bench_stop(start);
	weir_pool_free(cache, pkts, got);
	return start * STRETCH / got;
}

/* The card has sent everything. */
static void report_sent(void)
{
	uint64_t base = *card_reg(&card, IXGBE_TDBAL) | (uint64_t)*card_reg(&card, IXGBE_TDBAH) << 32;
	struct adv_tx_desc *ring = (void *)card_memory(&card, base);
	uint32_t *head = card_reg(&card, IXGBE_TDH), tail = *card_reg(&card, IXGBE_TDT);

	for (; *head != tail; *head = (*head + 1) % SLOTS)
		if (ring[*head].word[2] & TXD_RS)
			ring[*head].word[3] = TXD_DD;
}

static uint64_t send_stretch(void *arg)
{
	const struct use *use = arg;
	struct weir_txq *txq = weir_port_txq(port, 0);
	static struct weir_pkt pkts[STRETCH];
	uint64_t start, total = 0;
	unsigned done = 0;

	if (weir_pool_alloc(cache, pkts, STRETCH) < STRETCH)
		exit(1);
	for (unsigned i = 0; i < STRETCH; i++) {
		pkts[i].len = (uint16_t)use->len;
		pkts[i].flags = use->flags;
		pkts[i].txo = weir_txo(14, 20, 0, 0);
		pkts[i].vlan = 100;
	}
	while (done < STRETCH) {
		start = bench_start();
		for (unsigned most = done + STRETCH / 2; done < most; done += use->burst)
			if (weir_tx(txq, pkts + done, use->burst) != use->burst)
				exit(1);
		total += bench_stop(start);
		report_sent();
	}
	return total;
}

static void bench(const char *what, bench_fn *stretch, const struct use *use, unsigned level)
{
	struct weir_port_info info;
	char name[96];

	begin(use, level);
	weir_port_info(port, &info);
	snprintf(name, sizeof(name), "%s %s, burst %u, level %u", what, use->name, use->burst, level);
	bench_run(&(struct bench_case){ .group = "ixgbe alone",
	                                .what = name,
	                                .unit = "entry",
	                                .units = STRETCH,
	                                .ours = stretch,
	                                .arg = (void *)(uintptr_t)use });
	end();
}

int main(void)
{
	static const uint32_t all = WEIR_OFFLOAD_RX_CSUM | WEIR_OFFLOAD_RX_VLAN | WEIR_OFFLOAD_RX_HASH;
	static const struct use receiving[] = {
		{ "plain", 0, 0, 60, 32, 0 },        { "plain", 0, 0, 60, 8, 0 },
		{ "offloads", all, 0, 60, 32, 0 },   { "jumbo, short", all, 9000, 60, 32, 0 },
		{ "jumbo", all, 9000, 9000, 32, 0 },
	};
	static const struct use sending[] = {
		{ "plain", 0, 0, 60, 32, 0 },
		{ "plain", 0, 0, 60, 8, 0 },
		{ "VLAN", 0, 0, 60, 32, WEIR_PKT_VLAN },
		{ "checksums", 0, 0, 60, 32, WEIR_PKT_TX_L4 | WEIR_PKT_IPV4 | WEIR_PKT_UDP },
	};
	unsigned least = bench_quick() ? weir_cpu_level(NULL) : 1;

	bench_pin(0);
	for (unsigned level = least; level <= weir_cpu_level(NULL); level++) {
		for (size_t i = 0; i < ARRAY_SIZE(receiving); i++)
			bench("rx", receive_stretch, &receiving[i], level);
		for (size_t i = 0; i < ARRAY_SIZE(sending); i++)
			bench("tx", send_stretch, &sending[i], level);
	}
	return 0;
}
