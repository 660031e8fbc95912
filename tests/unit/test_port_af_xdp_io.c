/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The data path of af_xdp with the kernel played by hand: its side of the four rings is plain memory here, so it can lie.
 * Needs no privilege. (test_port_af_xdp.c: the real kernel.)
 */
#include <stdlib.h>
#include <string.h>

#include "../../drivers/host/af_xdp.h"
#include "unit.h"
#include "weir/mem.h"

#define SLOTS 64u
#define COUNT 256u
#define CHUNK 2048u /* of the kernel's part of a buffer; the pool's are larger */

/* What the kernel shares of a ring. */
struct shared {
	uint32_t producer, consumer, flags;
	union {
		struct xdp_desc descs[SLOTS];
		uint64_t addrs[SLOTS];
	};
};

/* One queue each way. */
struct bench {
	struct weir *weir;
	struct weir_pool *pool, *other;
	struct weir_pool_cache *cache, *others; /* the test's own */
	struct xdp_port port;
	struct xdp_rxq rx;
	struct xdp_txq tx;
	struct shared rx_ring, fill_ring, tx_ring, comp_ring;
};

static struct xsk_ring_cons cons_ring(struct shared *ring)
{
	return (struct xsk_ring_cons){ .mask = SLOTS - 1,
		                       .size = SLOTS,
		                       .producer = &ring->producer,
		                       .consumer = &ring->consumer,
		                       .flags = &ring->flags,
		                       .ring = ring->descs };
}

static struct xsk_ring_prod prod_ring(struct shared *ring)
{
	return (struct xsk_ring_prod){ .cached_cons = SLOTS,
		                       .mask = SLOTS - 1,
		                       .size = SLOTS,
		                       .producer = &ring->producer,
		                       .consumer = &ring->consumer,
		                       .flags = &ring->flags,
		                       .ring = ring->descs };
}

static struct weir_pool_cache *cache_of(struct weir_pool *pool)
{
	struct weir_pool_cache *cache;

	CU_ASSERT_EQUAL_FATAL(weir_pool_cache_create(pool, 0, &cache), 0);
	return cache;
}

static struct bench *bench_open(uint32_t room, uint32_t chunk)
{
	const struct weir_pool_conf conf = { .count = COUNT, .room = room };
	const struct weir_conf small = { .mem_reserve = 1 << 30 };
	struct bench *b = calloc(1, sizeof(*b));
	struct xdp_lent lent = { .chunk = chunk };
	uint64_t offset, size;

	CU_ASSERT_PTR_NOT_NULL_FATAL(b);
	CU_ASSERT_EQUAL_FATAL(weir_open(&small, &b->weir), 0);
	CU_ASSERT_EQUAL_FATAL(weir_pool_create(b->weir, &conf, &b->pool), 0);
	CU_ASSERT_EQUAL_FATAL(weir_pool_create(b->weir, &conf, &b->other), 0);
	b->cache = cache_of(b->pool);
	b->others = cache_of(b->other);
	weir_pool_extent(b->pool, &offset, &size);
	lent.area = offset & ~UINT64_C(4095);
	lent.first = (uint32_t)(offset / 64);
	lent.units = (uint32_t)(size / 64);

	b->rx.rxq.port = b->tx.txq.port = &b->port.port;
	b->rx.rxq.cache = cache_of(b->pool);
	b->rx.rx = cons_ring(&b->rx_ring);
	b->rx.fill = prod_ring(&b->fill_ring);
	b->rx.lent = b->tx.lent = lent;
	b->rx.lent.out = calloc(1, lent.units / 32 + 1);
	b->rx.owed = SLOTS;
	b->rx.fd = b->tx.fd = -1;
	b->rx.interval = UINT64_MAX;
	xdp_refill(&b->rx);

	b->tx.txq.cache = b->tx.cache = cache_of(b->pool);
	b->tx.tx = prod_ring(&b->tx_ring);
	b->tx.comp = cons_ring(&b->comp_ring);
	b->tx.lent.out = calloc(1, lent.units / 32 + 1);
	b->tx.frame_max = 16000;
	b->tx.entries_max = XDP_ENTRIES_MAX;
	return b;
}

static unsigned lent_count(const struct xdp_lent *lent)
{
	unsigned count = 0;

	for (uint32_t i = 0; i <= lent->units / 32; i++)
		count += lent->out[i] != 0;
	return count;
}

/* Buffers that are out of a pool. */
static unsigned in_use(struct weir_pool *pool)
{
	struct weir_pool_info info;

	weir_pool_info(pool, &info);
	CU_ASSERT_EQUAL(info.misuse, 0);
	return info.in_use;
}

/* Sees that every buffer is in the pool but those which the kernel has, and ends. */
static void bench_close(struct bench *b)
{
	CU_ASSERT_EQUAL(in_use(b->pool), lent_count(&b->rx.lent) + lent_count(&b->tx.lent));
	CU_ASSERT_EQUAL(in_use(b->other), 0);
	weir_close(b->weir);
	free(b->rx.lent.out);
	free(b->tx.lent.out);
	free(b);
}

/* --- the kernel's part ------------------------------------------------------------------------------------------------ */

/* The next address of the fill ring. */
static uint64_t filled(struct bench *b)
{
	CU_ASSERT_FATAL(b->fill_ring.consumer != b->fill_ring.producer);
	return b->fill_ring.addrs[b->fill_ring.consumer++ % SLOTS];
}

static void deliver(struct bench *b, uint64_t addr, uint64_t off, uint32_t len, uint32_t options)
{
	b->rx_ring.descs[b->rx_ring.producer % SLOTS] = (struct xdp_desc){ addr | off << 48, len, options };
	__atomic_store_n(&b->rx_ring.producer, b->rx_ring.producer + 1, __ATOMIC_RELEASE);
}

/* Takes the next descriptor of the TX ring; a length of 0 when there is none. */
static struct xdp_desc transmitted(struct bench *b)
{
	if (b->tx_ring.consumer == b->tx_ring.producer)
		return (struct xdp_desc){ 0 };
	return b->tx_ring.descs[b->tx_ring.consumer++ % SLOTS];
}

static void complete(struct bench *b, uint64_t addr)
{
	b->comp_ring.addrs[b->comp_ring.producer++ % SLOTS] = addr;
}

/* Where a descriptor's data is. */
static const uint8_t *desc_data(const struct bench *b, uint64_t addr)
{
	return weir_mem_base(b->weir) + b->tx.lent.area + (addr & 0xffffffffffff) + (addr >> 48);
}

static unsigned rx(struct bench *b, struct weir_pkt *pkts, unsigned n)
{
	return xdp_rx(&b->rx.rxq, pkts, n);
}

static unsigned tx(struct bench *b, const struct weir_pkt *pkts, unsigned n)
{
	return xdp_tx(&b->tx.txq, pkts, n);
}

static void complete_all(struct bench *b)
{
	struct xdp_desc desc;

	for (desc = transmitted(b); desc.len; desc = transmitted(b))
		complete(b, desc.addr);
	tx(b, NULL, 0);
}

/* A packet of one buffer with bytes that count up from @seed. */
static struct weir_pkt make(struct weir_pool_cache *cache, unsigned len, unsigned seed)
{
	struct weir_pkt pkt;

	CU_ASSERT_EQUAL_FATAL(weir_pool_alloc(cache, &pkt, 1), 1);
	pkt.len = (uint16_t)len;
	for (unsigned i = 0; i < len; i++)
		weir_pkt_data(cache->base, &pkt)[i] = (uint8_t)(seed + i);
	return pkt;
}

static bool counts_up(const uint8_t *data, unsigned len, unsigned seed)
{
	for (unsigned i = 0; i < len; i++)
		if (data[i] != (uint8_t)(seed + i))
			return false;
	return true;
}

/* --- receiving -------------------------------------------------------------------------------------------------------- */

static void a_frame_is_the_buffer_that_was_lent(void)
{
	struct bench *b = bench_open(2240, CHUNK);
	struct weir_pkt pkts[32];
	uint64_t addr = filled(b);

	deliver(b, addr, 256, 60, 0);
	CU_ASSERT_EQUAL(rx(b, pkts, 32), 1);
	CU_ASSERT_EQUAL(pkts[0].buf * 64ull, b->rx.lent.area + addr);
	CU_ASSERT_EQUAL(pkts[0].off, 256);
	CU_ASSERT_EQUAL(pkts[0].len, 60);
	CU_ASSERT_EQUAL(pkts[0].flags, 0);
	CU_ASSERT_EQUAL(b->rx.rxq.stats.packets, 1);
	CU_ASSERT_EQUAL(b->rx.rxq.stats.bytes, 60);
	CU_ASSERT_EQUAL(rx(b, pkts + 1, 31), 0);
	weir_pool_free(b->cache, pkts, 1);
	bench_close(b);
}

static void the_fill_ring_gets_back_what_was_received(void)
{
	struct bench *b = bench_open(2240, CHUNK);
	struct weir_pkt pkts[32];

	CU_ASSERT_EQUAL(b->fill_ring.producer, 64);
	for (unsigned i = 0; i < 20; i++)
		deliver(b, filled(b), 256, 60, 0);
	CU_ASSERT_EQUAL(rx(b, pkts, 32), 20);
	CU_ASSERT_EQUAL(b->fill_ring.producer, 84);
	CU_ASSERT_EQUAL(b->rx_ring.consumer, 20);
	CU_ASSERT_EQUAL(lent_count(&b->rx.lent), 64);
	weir_pool_free(b->cache, pkts, 20);
	bench_close(b);
}

static void a_dry_pool_is_made_up_for_later(void)
{
	struct bench *b = bench_open(2240, CHUNK);
	struct weir_pkt pkts[32], held[COUNT];
	unsigned n = weir_pool_alloc(b->cache, held, COUNT);

	CU_ASSERT(n > 100);
	weir_pool_cache_flush(b->rx.rxq.cache);
	n += weir_pool_alloc(b->cache, held + n, COUNT - n);
	deliver(b, filled(b), 256, 60, 0);
	CU_ASSERT_EQUAL(rx(b, pkts, 32), 1);
	CU_ASSERT_EQUAL(b->fill_ring.producer, 64);
	CU_ASSERT_EQUAL(b->rx.starved, 1);
	weir_pool_free(b->cache, held, n);
	weir_pool_cache_flush(b->cache);
	CU_ASSERT_EQUAL(rx(b, pkts + 1, 31), 0);
	CU_ASSERT_EQUAL(b->fill_ring.producer, 65);
	weir_pool_free(b->cache, pkts, 1);
	bench_close(b);
}

/* Each lie is followed by a true frame, which must come through. */
static void lying_descriptors_cost_a_packet_and_no_memory(void)
{
	struct bench *b = bench_open(2240, CHUNK);
	struct weir_pkt pkts[32];
	uint64_t addr = filled(b), spare = b->fill_ring.addrs[60];
	unsigned lies = 0;

	deliver(b, addr + 1, 256, 60, 0), lies++;                 /* not where a buffer begins */
	deliver(b, addr + 64, 256, 60, 0), lies++;                /* nor that */
	deliver(b, 0xfffffffff000, 256, 60, 0), lies++;           /* beyond the UMEM */
	deliver(b, b->rx.lent.units * 64ull, 256, 60, 0), lies++; /* just beyond */
	deliver(b, addr, 256, 0, 0), lies++;                      /* no bytes; the buffer is back now, */
	deliver(b, addr, 256, 60, 0), lies++;                     /* so it cannot come again */
	deliver(b, spare, 2000, 49, 0), lies++;                   /* a byte longer than the buffer */
	addr = filled(b);
	deliver(b, addr, 2000, 48, 0); /* as long as the buffer: true */
	deliver(b, addr, 256, 60, 0), lies++;
	deliver(b, filled(b), 256, 0xffffffff, 0), lies++;
	deliver(b, filled(b), 0xffff, 60, 0), lies++;
	deliver(b, filled(b), 256, 61, 0); /* true */
	CU_ASSERT_EQUAL(rx(b, pkts, 32), 2);
	CU_ASSERT_EQUAL(pkts[0].len, 48);
	CU_ASSERT_EQUAL(pkts[1].len, 61);
	CU_ASSERT_EQUAL(b->rx.rxq.stats.drops[WEIR_DROP_DEVICE], lies);
	CU_ASSERT_EQUAL(b->rx.rxq.stats.packets, 2);
	weir_pool_free(b->cache, pkts, 2);
	bench_close(b);
}

static void a_frame_of_several_buffers_is_a_chain(void)
{
	struct bench *b = bench_open(2240, CHUNK);
	struct weir_pkt pkts[32];

	deliver(b, filled(b), 256, 1792, XDP_PKT_CONTD);
	deliver(b, filled(b), 256, 1792, XDP_PKT_CONTD);
	CU_ASSERT_EQUAL(rx(b, pkts, 32), 0); /* not all of it is there */
	deliver(b, filled(b), 256, 5, 0);
	deliver(b, filled(b), 256, 60, 0);
	CU_ASSERT_EQUAL(rx(b, pkts, 32), 4);
	CU_ASSERT_EQUAL(pkts[0].flags, WEIR_PKT_MORE);
	CU_ASSERT_EQUAL(pkts[1].flags, WEIR_PKT_MORE);
	CU_ASSERT_EQUAL(pkts[2].flags, 0);
	CU_ASSERT_EQUAL(pkts[2].len, 5);
	CU_ASSERT_EQUAL(pkts[3].flags, 0);
	CU_ASSERT_EQUAL(b->rx.rxq.stats.packets, 2);
	CU_ASSERT_EQUAL(b->rx.rxq.stats.bytes, 1792 + 1792 + 5 + 60);
	weir_pool_free(b->cache, pkts, 4);
	bench_close(b);
}

static void a_chain_is_never_split(void)
{
	struct bench *b = bench_open(2240, CHUNK);
	struct weir_pkt pkts[32];

	for (unsigned i = 0; i < 17; i++)
		deliver(b, filled(b), 256, 60, 0);
	deliver(b, filled(b), 256, 1792, XDP_PKT_CONTD);
	deliver(b, filled(b), 256, 60, 0);
	CU_ASSERT_EQUAL(rx(b, pkts, 18), 17);
	CU_ASSERT_EQUAL(rx(b, pkts + 17, 15), 2);
	weir_pool_free(b->cache, pkts, 19);
	bench_close(b);
}

static void a_chain_with_a_lie_in_it_is_dropped_whole(void)
{
	struct bench *b = bench_open(2240, CHUNK);
	struct weir_pkt pkts[32];
	uint64_t twice;

	deliver(b, filled(b), 256, 1792, XDP_PKT_CONTD);
	deliver(b, 64, 256, 1792, XDP_PKT_CONTD);
	deliver(b, filled(b), 256, 60, 0);
	twice = filled(b);
	deliver(b, twice, 256, 1792, XDP_PKT_CONTD);
	deliver(b, twice, 256, 60, 0);
	deliver(b, filled(b), 256, 62, 0); /* true */
	CU_ASSERT_EQUAL(rx(b, pkts, 32), 1);
	CU_ASSERT_EQUAL(pkts[0].len, 62);
	CU_ASSERT_EQUAL(b->rx.rxq.stats.drops[WEIR_DROP_DEVICE], 2);
	weir_pool_free(b->cache, pkts, 1);
	bench_close(b);
}

static void a_chain_without_an_end_is_dropped(void)
{
	struct bench *b = bench_open(2240, CHUNK);
	struct weir_pkt pkts[32];

	for (unsigned i = 0; i < 18; i++)
		deliver(b, filled(b), 256, 100, XDP_PKT_CONTD);
	deliver(b, filled(b), 256, 60, 0);
	CU_ASSERT_EQUAL(rx(b, pkts, 32), 1);
	CU_ASSERT_EQUAL(pkts[0].len, 60);
	CU_ASSERT_EQUAL(b->rx.rxq.stats.drops[WEIR_DROP_DEVICE], 1);
	weir_pool_free(b->cache, pkts, 1);
	bench_close(b);
}

/* --- sending ---------------------------------------------------------------------------------------------------------- */

static void a_packet_is_sent_from_the_buffer_it_is_in(void)
{
	struct bench *b = bench_open(2240, CHUNK);
	struct weir_pkt pkt = make(b->cache, 60, 7);
	struct xdp_desc desc;

	pkt.flags = WEIR_PKT_HASH | WEIR_PKT_IPV4 | WEIR_PKT_L4_GOOD; /* what was received with it is no matter */
	CU_ASSERT_EQUAL(tx(b, &pkt, 1), 1);
	desc = transmitted(b);
	CU_ASSERT_EQUAL(desc.addr, (pkt.buf * 64ull - b->tx.lent.area) | 128ull << 48);
	CU_ASSERT_EQUAL(desc.len, 60);
	CU_ASSERT_EQUAL(desc.options, 0);
	CU_ASSERT_EQUAL(b->tx.copied, 0);
	CU_ASSERT_EQUAL(b->tx.txq.stats.packets, 1);
	CU_ASSERT_EQUAL(b->tx.txq.stats.bytes, 60);
	CU_ASSERT_EQUAL(in_use(b->pool), 64 + 1);
	complete(b, desc.addr);
	CU_ASSERT_EQUAL(tx(b, NULL, 0), 0);
	CU_ASSERT_EQUAL(in_use(b->pool), 64);
	bench_close(b);
}

static void what_one_port_received_another_sends_untouched(void)
{
	struct bench *b = bench_open(2240, CHUNK);
	uint64_t addr = filled(b);
	struct weir_pkt pkts[32];

	deliver(b, addr, 256, 60, 0);
	CU_ASSERT_EQUAL(rx(b, pkts, 32), 1);
	CU_ASSERT_EQUAL(tx(b, pkts, 1), 1);
	CU_ASSERT_EQUAL(transmitted(b).addr, addr | 256ull << 48);
	complete(b, addr);
	tx(b, NULL, 0);
	bench_close(b);
}

static void completions_that_cannot_be_are_counted(void)
{
	struct bench *b = bench_open(2240, CHUNK);
	struct weir_pkt pkt = make(b->cache, 60, 0);
	uint64_t addr;

	tx(b, &pkt, 1);
	addr = transmitted(b).addr;
	complete(b, addr);
	complete(b, addr);      /* twice */
	complete(b, addr + 64); /* not where a buffer begins */
	complete(b, filled(b)); /* a buffer of the fill ring */
	tx(b, NULL, 0);
	CU_ASSERT_EQUAL(b->tx.txq.stats.drops[WEIR_DROP_DEVICE], 3);
	bench_close(b);
}

static void a_full_ring_takes_whole_packets_only(void)
{
	struct bench *b = bench_open(2240, CHUNK);
	struct weir_pkt pkts[80];

	for (unsigned i = 0; i < 66; i++)
		pkts[i] = make(b->cache, 60, i);
	CU_ASSERT_EQUAL(tx(b, pkts, 50), 50);
	pkts[50].flags = WEIR_PKT_MORE; /* a packet of 16 buffers, and 14 slots */
	for (unsigned i = 51; i < 65; i++)
		pkts[i].flags = WEIR_PKT_MORE;
	CU_ASSERT_EQUAL(tx(b, pkts + 50, 16), 0);
	complete_all(b);
	CU_ASSERT_EQUAL(tx(b, pkts + 50, 16), 16);
	CU_ASSERT_EQUAL(b->tx.txq.stats.packets, 51);
	for (unsigned i = 0; i < 70; i++)
		pkts[i] = make(b->cache, 60, i);
	CU_ASSERT_EQUAL(tx(b, pkts, 70), 48);
	weir_pool_free(b->cache, pkts + 48, 22);
	complete_all(b);
	bench_close(b);
}

static void a_packet_in_another_pool_is_copied(void)
{
	struct bench *b = bench_open(2240, CHUNK);
	struct weir_pkt pkt = make(b->others, 1000, 3);
	struct xdp_desc desc;

	CU_ASSERT_EQUAL(tx(b, &pkt, 1), 1);
	CU_ASSERT_EQUAL(b->tx.copied, 1);
	CU_ASSERT_EQUAL(in_use(b->other), 0);
	desc = transmitted(b);
	CU_ASSERT_EQUAL(desc.len, 1000);
	CU_ASSERT(counts_up(desc_data(b, desc.addr), 1000, 3));
	complete(b, desc.addr);
	tx(b, NULL, 0);
	bench_close(b);
}

static void a_shared_packet_is_copied_and_let_go(void)
{
	struct bench *b = bench_open(2240, CHUNK);
	struct weir_pkt pkt = make(b->cache, 60, 9), clone;

	CU_ASSERT_EQUAL(weir_pkt_clone(b->cache, &pkt, 1, &clone), 0);
	CU_ASSERT_EQUAL(tx(b, &clone, 1), 1);
	CU_ASSERT_EQUAL(b->tx.copied, 1);
	CU_ASSERT(counts_up(weir_pkt_data(b->cache->base, &pkt), 60, 9));
	CU_ASSERT_EQUAL(in_use(b->pool), 64 + 2);
	weir_pool_free(b->cache, &pkt, 1);
	complete_all(b);
	bench_close(b);
}

static void a_copy_waits_for_buffers(void)
{
	struct bench *b = bench_open(2240, CHUNK);
	struct weir_pkt pkt = make(b->others, 60, 0), held[COUNT];
	unsigned n;

	weir_pool_cache_flush(b->rx.rxq.cache);
	n = weir_pool_alloc(b->cache, held, COUNT);
	CU_ASSERT_EQUAL(n, COUNT - 64);
	CU_ASSERT_EQUAL(tx(b, &pkt, 1), 0);
	weir_pool_free(b->cache, held, n);
	weir_pool_cache_flush(b->cache);
	CU_ASSERT_EQUAL(tx(b, &pkt, 1), 1);
	complete_all(b);
	bench_close(b);
}

/* Three buffers of 700, 0 and 5 bytes. */
static void chain_make(struct bench *b, struct weir_pkt *pkts)
{
	pkts[0] = make(b->cache, 700, 0);
	pkts[1] = make(b->cache, 0, 0);
	pkts[2] = make(b->cache, 5, 700 & 255);
	pkts[0].flags = pkts[1].flags = WEIR_PKT_MORE;
}

static void a_chain_goes_as_it_is_where_the_socket_takes_it(void)
{
	struct bench *b = bench_open(2240, CHUNK);
	struct weir_pkt pkts[3];
	struct xdp_desc desc;

	chain_make(b, pkts);
	pkts[1].len = 6;
	CU_ASSERT_EQUAL(tx(b, pkts, 3), 3);
	CU_ASSERT_EQUAL(b->tx.copied, 0);
	desc = transmitted(b);
	CU_ASSERT_EQUAL(desc.len, 700);
	CU_ASSERT_EQUAL(desc.options, XDP_PKT_CONTD);
	complete(b, desc.addr);
	desc = transmitted(b);
	CU_ASSERT_EQUAL(desc.len, 6);
	CU_ASSERT_EQUAL(desc.options, XDP_PKT_CONTD);
	complete(b, desc.addr);
	desc = transmitted(b);
	CU_ASSERT_EQUAL(desc.len, 5);
	CU_ASSERT_EQUAL(desc.options, 0);
	complete(b, desc.addr);
	tx(b, NULL, 0);
	CU_ASSERT_EQUAL(b->tx.txq.stats.packets, 1);
	CU_ASSERT_EQUAL(b->tx.txq.stats.bytes, 711);
	bench_close(b);
}

static void a_chain_is_put_together_where_the_socket_does_not_take_it(void)
{
	struct bench *b = bench_open(2240, CHUNK);
	struct weir_pkt pkts[3];
	struct xdp_desc desc;

	b->tx.entries_max = 1;
	chain_make(b, pkts);
	CU_ASSERT_EQUAL(tx(b, pkts, 3), 3);
	CU_ASSERT_EQUAL(b->tx.copied, 1);
	desc = transmitted(b);
	CU_ASSERT_EQUAL(desc.len, 705);
	CU_ASSERT_EQUAL(desc.options, 0);
	CU_ASSERT(counts_up(desc_data(b, desc.addr), 705, 0));
	complete(b, desc.addr);
	tx(b, NULL, 0);

	/* 1,921 bytes do not fit behind a headroom of 128. */
	pkts[0] = make(b->cache, 1900, 0);
	pkts[1] = make(b->cache, 21, 0);
	pkts[0].flags = WEIR_PKT_MORE;
	CU_ASSERT_EQUAL(tx(b, pkts, 2), 2);
	CU_ASSERT_EQUAL(b->tx.txq.stats.drops[WEIR_DROP_TOO_LONG], 1);
	bench_close(b);
}

static void a_buffer_without_bytes_is_left_out_of_a_chain(void)
{
	struct bench *b = bench_open(2240, CHUNK);
	struct weir_pkt pkts[3];
	struct xdp_desc desc;

	chain_make(b, pkts);
	CU_ASSERT_EQUAL(tx(b, pkts, 3), 3);
	desc = transmitted(b);
	CU_ASSERT_EQUAL(desc.len, 705);
	complete(b, desc.addr);
	CU_ASSERT_EQUAL(transmitted(b).len, 0);
	tx(b, NULL, 0);
	bench_close(b);
}

static void a_buffer_with_more_than_a_page_is_cut(void)
{
	struct bench *b = bench_open(9344, 4096);
	struct weir_pkt pkt = make(b->cache, 9000, 1);
	static const unsigned lens[] = { 4096 - 128, 4096 - 128, 9000 - 2 * (4096 - 128) };
	unsigned at = 0;

	CU_ASSERT_EQUAL(tx(b, &pkt, 1), 1);
	for (unsigned i = 0; i < 3; i++) {
		struct xdp_desc desc = transmitted(b);

		CU_ASSERT_EQUAL(desc.len, lens[i]);
		CU_ASSERT_EQUAL(desc.options, i < 2 ? XDP_PKT_CONTD : 0);
		CU_ASSERT(counts_up(desc_data(b, desc.addr), desc.len, 1 + at));
		at += desc.len;
		complete(b, desc.addr);
	}
	tx(b, NULL, 0);
	bench_close(b);
}

static void what_cannot_be_sent_is_taken_and_counted(void)
{
	struct bench *b = bench_open(2240, CHUNK);
	struct weir_pkt pkts[5];

	b->tx.frame_max = 1518;
	pkts[0] = make(b->cache, 13, 0);   /* no Ethernet header */
	pkts[1] = make(b->cache, 14, 0);   /* the least */
	pkts[2] = make(b->cache, 1518, 0); /* the most */
	pkts[3] = make(b->cache, 1519, 0);
	pkts[4] = make(b->cache, 60, 0);
	pkts[4].flags = WEIR_PKT_TX_TSO;
	CU_ASSERT_EQUAL(tx(b, pkts, 5), 5);
	CU_ASSERT_EQUAL(b->tx.txq.stats.packets, 2);
	CU_ASSERT_EQUAL(b->tx.txq.stats.drops[WEIR_DROP_TOO_SHORT], 1);
	CU_ASSERT_EQUAL(b->tx.txq.stats.drops[WEIR_DROP_TOO_LONG], 1);
	CU_ASSERT_EQUAL(b->tx.txq.stats.drops[WEIR_DROP_OFFLOAD], 1);
	CU_ASSERT_EQUAL(transmitted(b).len, 14);
	CU_ASSERT_EQUAL(b->tx_ring.producer, 2);
	b->tx_ring.consumer = 0;
	complete_all(b);
	bench_close(b);
}

static void a_tag_is_put_into_the_frame(void)
{
	struct bench *b = bench_open(2240, CHUNK);
	struct weir_pkt pkt = make(b->cache, 60, 0), bare = make(b->cache, 60, 0);
	static const uint8_t tag[4] = { 0x81, 0x00, 0x20, 0x64 };
	struct xdp_desc desc;

	pkt.flags = bare.flags = WEIR_PKT_VLAN;
	pkt.vlan = bare.vlan = 0x2064;
	CU_ASSERT_EQUAL(tx(b, &pkt, 1), 1);
	CU_ASSERT_EQUAL(b->tx.copied, 0);
	/* Without a headroom for it, the packet moves. */
	memmove(weir_pkt_buffer(b->cache->base, &bare), weir_pkt_data(b->cache->base, &bare), 60);
	bare.off = 0;
	CU_ASSERT_EQUAL(tx(b, &bare, 1), 1);
	CU_ASSERT_EQUAL(b->tx.copied, 1);
	for (unsigned i = 0; i < 2; i++) {
		const uint8_t *data;

		desc = transmitted(b);
		data = desc_data(b, desc.addr);
		CU_ASSERT_EQUAL(desc.len, 64);
		CU_ASSERT(counts_up(data, 12, 0));
		CU_ASSERT_EQUAL(memcmp(data + 12, tag, 4), 0);
		CU_ASSERT(counts_up(data + 16, 48, 12));
		complete(b, desc.addr);
	}
	tx(b, NULL, 0);
	bench_close(b);
}

static void without_an_interface_packets_are_dropped(void)
{
	struct bench *b = bench_open(2240, CHUNK);
	struct weir_pkt pkts[2] = { make(b->cache, 60, 0), make(b->others, 60, 0) };

	b->tx.gone = true;
	CU_ASSERT_EQUAL(tx(b, pkts, 2), 2);
	CU_ASSERT_EQUAL(b->tx.txq.stats.drops[WEIR_DROP_LINK_DOWN], 2);
	CU_ASSERT_EQUAL(b->tx_ring.producer, 0);
	bench_close(b);
}

static const struct unit_case cases[] = {
	{ "a frame is the buffer that was lent", a_frame_is_the_buffer_that_was_lent },
	{ "the fill ring gets back what was received", the_fill_ring_gets_back_what_was_received },
	{ "a dry pool is made up for later", a_dry_pool_is_made_up_for_later },
	{ "lying descriptors cost a packet and no memory", lying_descriptors_cost_a_packet_and_no_memory },
	{ "a frame of several buffers is a chain", a_frame_of_several_buffers_is_a_chain },
	{ "a chain is never split", a_chain_is_never_split },
	{ "a chain with a lie in it is dropped whole", a_chain_with_a_lie_in_it_is_dropped_whole },
	{ "a chain without an end is dropped", a_chain_without_an_end_is_dropped },
	{ "a packet is sent from the buffer it is in", a_packet_is_sent_from_the_buffer_it_is_in },
	{ "what one port received another sends untouched", what_one_port_received_another_sends_untouched },
	{ "completions that cannot be are counted", completions_that_cannot_be_are_counted },
	{ "a full ring takes whole packets only", a_full_ring_takes_whole_packets_only },
	{ "a packet in another pool is copied", a_packet_in_another_pool_is_copied },
	{ "a shared packet is copied and let go", a_shared_packet_is_copied_and_let_go },
	{ "a copy waits for buffers", a_copy_waits_for_buffers },
	{ "a chain goes as it is where the socket takes it", a_chain_goes_as_it_is_where_the_socket_takes_it },
	{ "a chain is put together where the socket does not take it",
	  a_chain_is_put_together_where_the_socket_does_not_take_it },
	{ "a buffer without bytes is left out of a chain", a_buffer_without_bytes_is_left_out_of_a_chain },
	{ "a buffer with more than a page is cut", a_buffer_with_more_than_a_page_is_cut },
	{ "what cannot be sent is taken and counted", what_cannot_be_sent_is_taken_and_counted },
	{ "a tag is put into the frame", a_tag_is_put_into_the_frame },
	{ "without an interface packets are dropped", without_an_interface_packets_are_dropped },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("af_xdp rings", cases);
}
