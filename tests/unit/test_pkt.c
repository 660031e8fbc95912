/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packets: the helpers of pkt.h, and what copies, joins and shares buffers.
 */
#include <pthread.h>
#include <stdlib.h>

#include "core/core.h"
#include "sentences.h"
#include "unit.h"
#include "weir/mem.h"
#include "weir/pkt.h"
#include "weir/pool.h"

/* --- one entry -------------------------------------------------------------------------------------------------------- */

static void prepend_takes_headroom_and_no_more(void)
{
	struct weir_pkt pkt = { .off = 128, .len = 60 };

	CU_ASSERT_EQUAL(weir_pkt_headroom(&pkt), 128);
	CU_ASSERT_EQUAL(weir_pkt_prepend(&pkt, 28), 0);
	CU_ASSERT_EQUAL(pkt.off, 100);
	CU_ASSERT_EQUAL(pkt.len, 88);
	CU_ASSERT_EQUAL(weir_pkt_prepend(&pkt, 101), -ENOSPC);
	CU_ASSERT_EQUAL(pkt.off, 100);
	CU_ASSERT_EQUAL(pkt.len, 88);
	CU_ASSERT_EQUAL(weir_pkt_prepend(&pkt, 100), 0);
	CU_ASSERT_EQUAL(pkt.off, 0);
	CU_ASSERT_EQUAL(pkt.len, 188);
	CU_ASSERT_EQUAL(weir_pkt_prepend(&pkt, 0), 0);
	CU_ASSERT_EQUAL(weir_pkt_prepend(&pkt, 1), -ENOSPC);
}

static void prepend_leaves_the_metadata_alone(void)
{
	struct weir_pkt pkt = { .off = 32, .len = 1, .flags = WEIR_PKT_META };

	CU_ASSERT_EQUAL(weir_pkt_headroom(&pkt), 16);
	CU_ASSERT_EQUAL(weir_pkt_prepend(&pkt, 17), -ENOSPC);
	CU_ASSERT_EQUAL(weir_pkt_prepend(&pkt, 16), 0);
	CU_ASSERT_EQUAL(weir_pkt_headroom(&pkt), 0);
	pkt.off = 10; /* in the middle of it: cannot be, and must not wrap */
	CU_ASSERT_EQUAL(weir_pkt_headroom(&pkt), 0);
}

static void a_length_does_not_outgrow_16_bits(void)
{
	struct weir_pkt pkt = { .off = 128, .len = 65500 };

	CU_ASSERT_EQUAL(weir_pkt_prepend(&pkt, 36), -ENOSPC);
	CU_ASSERT_EQUAL(weir_pkt_prepend(&pkt, 35), 0);
	CU_ASSERT_EQUAL(pkt.len, 65535);
}

static void adjust_and_trim_take_what_is_there(void)
{
	struct weir_pkt pkt = { .off = 128, .len = 60 };

	CU_ASSERT_EQUAL(weir_pkt_adjust(&pkt, 14), 0);
	CU_ASSERT_EQUAL(pkt.off, 142);
	CU_ASSERT_EQUAL(pkt.len, 46);
	CU_ASSERT_EQUAL(weir_pkt_trim(&pkt, 6), 0);
	CU_ASSERT_EQUAL(pkt.off, 142);
	CU_ASSERT_EQUAL(pkt.len, 40);
	CU_ASSERT_EQUAL(weir_pkt_adjust(&pkt, 41), -EINVAL);
	CU_ASSERT_EQUAL(weir_pkt_trim(&pkt, 41), -EINVAL);
	CU_ASSERT_EQUAL(pkt.off, 142);
	CU_ASSERT_EQUAL(pkt.len, 40);
	CU_ASSERT_EQUAL(weir_pkt_trim(&pkt, 15), 0);
	CU_ASSERT_EQUAL(weir_pkt_adjust(&pkt, 25), 0);
	CU_ASSERT_EQUAL(pkt.off, 167);
	CU_ASSERT_EQUAL(pkt.len, 0);
	CU_ASSERT_EQUAL(weir_pkt_adjust(&pkt, 1), -EINVAL);
}

static void append_fills_the_buffer_and_no_more(void)
{
	struct weir_pkt pkt = { .off = 128, .len = 60 };

	CU_ASSERT_EQUAL(weir_pkt_tailroom(&pkt, 2240), 2052);
	CU_ASSERT_EQUAL(weir_pkt_append(&pkt, 2240, 2053), -ENOSPC);
	CU_ASSERT_EQUAL(pkt.len, 60);
	CU_ASSERT_EQUAL(weir_pkt_append(&pkt, 2240, 2052), 0);
	CU_ASSERT_EQUAL(pkt.len, 2112);
	CU_ASSERT_EQUAL(weir_pkt_append(&pkt, 2240, 1), -ENOSPC);
	CU_ASSERT_EQUAL(weir_pkt_tailroom(&pkt, 2239), 0); /* beyond the end: none, rather than 4 billion */
}

static void data_lies_at_64_times_buf_plus_off(void)
{
	static uint8_t arena[1024];
	struct weir_pkt pkt = { .buf = 3, .off = 20, .len = 1 };

	CU_ASSERT_PTR_EQUAL(weir_pkt_data(arena, &pkt), arena + 212);
	CU_ASSERT_PTR_EQUAL(weir_pkt_buffer(arena, &pkt), arena + 192);
	CU_ASSERT_PTR_NULL(weir_pkt_meta(arena, &pkt));
	pkt.flags = WEIR_PKT_META;
	CU_ASSERT_PTR_EQUAL((uint8_t *)weir_pkt_meta(arena, &pkt), arena + 192);
	/* The last buffer of the largest arena. */
	pkt.buf = 0xffffffff;
	CU_ASSERT_EQUAL((uintptr_t)weir_pkt_data(arena, &pkt) - (uintptr_t)arena, 274877906900u);
}

/* --- arrays ----------------------------------------------------------------------------------------------------------- */

static void chains_are_counted_and_never_cut(void)
{
	/* Packets of 1, 3 and 2 entries; then one that goes on beyond the array. */
	struct weir_pkt pkts[8] = {
		{ .len = 1 },
		{ .len = 10, .flags = WEIR_PKT_MORE },
		{ .len = 20, .flags = WEIR_PKT_MORE },
		{ .len = 30 },
		{ .len = 100, .flags = WEIR_PKT_MORE | WEIR_PKT_VLAN },
		{ .len = 200, .flags = WEIR_PKT_SHARED },
		{ .len = 1000, .flags = WEIR_PKT_MORE },
		{ .len = 2000, .flags = WEIR_PKT_MORE },
	};

	CU_ASSERT_EQUAL(weir_pkt_entries(pkts, 8), 1);
	CU_ASSERT_EQUAL(weir_pkt_entries(pkts + 1, 7), 3);
	CU_ASSERT_EQUAL(weir_pkt_entries(pkts + 1, 3), 3);
	CU_ASSERT_EQUAL(weir_pkt_entries(pkts + 1, 2), 0);
	CU_ASSERT_EQUAL(weir_pkt_entries(pkts + 4, 4), 2);
	CU_ASSERT_EQUAL(weir_pkt_entries(pkts + 6, 2), 0);
	CU_ASSERT_EQUAL(weir_pkt_entries(pkts, 0), 0);
	CU_ASSERT_EQUAL(weir_pkt_whole(pkts, 8), 6);
	CU_ASSERT_EQUAL(weir_pkt_whole(pkts, 6), 6);
	CU_ASSERT_EQUAL(weir_pkt_whole(pkts, 5), 4);
	CU_ASSERT_EQUAL(weir_pkt_whole(pkts, 3), 1);
	CU_ASSERT_EQUAL(weir_pkt_whole(pkts + 6, 2), 0);
	CU_ASSERT_EQUAL(weir_pkt_whole(pkts, 0), 0);
	CU_ASSERT_EQUAL(weir_pkt_count(pkts, 6), 3);
	CU_ASSERT_EQUAL(weir_pkt_count(pkts, 0), 0);
	CU_ASSERT_EQUAL(weir_pkt_bytes(pkts, 6), 361);
	CU_ASSERT_EQUAL(weir_pkt_bytes(pkts, 8), 3361);
}

static void header_lengths_and_mss_survive_txo(void)
{
	/* Ethernet with a VLAN tag, IPv6, TCP with 12 bytes of options: 9 | 10 << 6 | 8 << 13 | 1440 << 17. */
	CU_ASSERT_EQUAL(weir_txo(18, 40, 32, 1440), 0x0b410289);
	for (unsigned l2 = 0; l2 <= 126; l2 += 14)
		for (unsigned l3 = 0; l3 <= 508; l3 += 4)
			for (unsigned l4 = 0; l4 <= 60; l4 += 20)
				for (unsigned mss = 1; mss <= 32767; mss = mss * 8 + 7) {
					uint32_t txo = weir_txo(l2, l3, l4, mss);

					if (weir_txo_l2(txo) != l2 || weir_txo_l3(txo) != l3 ||
					    weir_txo_l4(txo) != l4 || weir_txo_mss(txo) != mss)
						CU_FAIL("txo loses something");
				}
	CU_ASSERT_EQUAL(weir_txo(126, 508, 60, 32767), 0xffffffff);
}

/* --- packets with buffers --------------------------------------------------------------------------------------------- */

/* Two pools, so that what comes from where can be told: the packets' of 512 bytes a buffer, the copies' of 320. */
struct bench {
	struct weir *weir;
	uint8_t *base;
	struct weir_pool *pool, *copies;
	struct weir_pool_cache *cache, *copy_cache;
};

static struct bench set_up(void)
{
	struct weir_conf conf = { .mem_reserve = GIB(1), .mem_grow = MIB(2), .mem_page_size = KIB(4) };
	struct weir_pool_conf pool_conf = {
		.name = "packets", .count = 64, .room = 512, .headroom = 64, .checks = true
	};
	struct weir_pool_conf copy_conf = { .name = "copies", .count = 8, .room = 320, .headroom = 64, .checks = true };
	struct bench bench;

	CU_ASSERT_EQUAL_FATAL(weir_open(&conf, &bench.weir), 0);
	CU_ASSERT_EQUAL_FATAL(weir_pool_create(bench.weir, &pool_conf, &bench.pool), 0);
	CU_ASSERT_EQUAL_FATAL(weir_pool_create(bench.weir, &copy_conf, &bench.copies), 0);
	CU_ASSERT_EQUAL_FATAL(weir_pool_cache_create(bench.pool, 0, &bench.cache), 0);
	CU_ASSERT_EQUAL_FATAL(weir_pool_cache_create(bench.copies, 0, &bench.copy_cache), 0);
	bench.base = weir_mem_base(bench.weir);
	return bench;
}

static struct weir_pool_info info_of(struct weir_pool *pool)
{
	struct weir_pool_info info;

	weir_pool_info(pool, &info);
	return info;
}

/* Everything has to be free again, and nothing may have been misused. */
static void tear_down(struct bench *bench)
{
	CU_ASSERT_EQUAL(info_of(bench->pool).in_use, 0);
	CU_ASSERT_EQUAL(info_of(bench->copies).in_use, 0);
	CU_ASSERT_EQUAL(info_of(bench->pool).misuse, 0);
	CU_ASSERT_EQUAL(info_of(bench->copies).misuse, 0);
	weir_close(bench->weir);
}

static uint8_t byte_at(unsigned place)
{
	return (uint8_t)(place * 7 + place / 256);
}

/* Makes a packet with an entry for each of @lens, whose bytes tell their place in the whole. */
static void make_packet(struct bench *bench, struct weir_pkt *pkts, unsigned n, const uint16_t *lens)
{
	unsigned place = 0;

	CU_ASSERT_EQUAL_FATAL(weir_pool_alloc(bench->cache, pkts, n), n);
	for (unsigned i = 0; i < n; i++) {
		pkts[i].len = lens[i];
		pkts[i].flags = i + 1 < n ? WEIR_PKT_MORE : 0;
		for (unsigned k = 0; k < lens[i]; k++)
			weir_pkt_data(bench->base, &pkts[i])[k] = byte_at(place++);
	}
}

/* Whether @pkts is one packet of @n entries and @bytes bytes, all in their places. */
static bool is_packet(struct bench *bench, const struct weir_pkt *pkts, unsigned n, unsigned bytes)
{
	unsigned place = 0;

	if (weir_pkt_entries(pkts, n) != n || weir_pkt_bytes(pkts, n) != bytes)
		return false;
	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < pkts[i].len; k++)
			if (weir_pkt_data(bench->base, &pkts[i])[k] != byte_at(place++))
				return false;
	return true;
}

static void a_copy_has_its_own_buffers(void)
{
	struct bench bench = set_up();
	struct weir_pkt pkt, copy[4];

	make_packet(&bench, &pkt, 1, (uint16_t[]){ 100 });
	pkt.flags |= WEIR_PKT_VLAN | WEIR_PKT_HASH | WEIR_PKT_IPV4 | WEIR_PKT_SHARED;
	pkt.vlan = 0x2123;
	pkt.hash = 0xdeadbeef;
	CU_ASSERT_EQUAL(weir_pkt_copy(bench.copy_cache, &pkt, 1, copy, 4), 1);
	CU_ASSERT_PTR_EQUAL(weir_pool_of(bench.weir, copy[0].buf), bench.copies);
	CU_ASSERT(is_packet(&bench, copy, 1, 100));
	CU_ASSERT_EQUAL(copy[0].off, 64);
	CU_ASSERT_EQUAL(copy[0].flags, WEIR_PKT_VLAN | WEIR_PKT_HASH | WEIR_PKT_IPV4);
	CU_ASSERT_EQUAL(copy[0].vlan, 0x2123);
	CU_ASSERT_EQUAL(copy[0].hash, 0xdeadbeef);
	weir_pool_free(bench.cache, &pkt, 1);
	weir_pool_free(bench.cache, copy, 1);
	tear_down(&bench);
}

/* The copies' first buffer holds 320 - 64 = 256 bytes, each further one 320. */
static void a_copy_takes_as_many_buffers_as_it_needs(void)
{
	static const struct {
		unsigned n;
		uint16_t lens[4];
		unsigned bytes, entries;
	} rows[] = {
		{ 1, { 0 }, 0, 1 },
		{ 1, { 256 }, 256, 1 },
		{ 1, { 257 }, 257, 2 },
		{ 2, { 200, 56 }, 256, 1 },
		{ 3, { 448, 0, 128 }, 576, 2 },
		{ 3, { 448, 0, 129 }, 577, 3 },
		{ 4, { 400, 400, 400, 16 }, 1216, 4 },
	};
	struct bench bench = set_up();
	struct weir_pkt pkts[4], copy[4];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		make_packet(&bench, pkts, rows[i].n, rows[i].lens);
		CU_ASSERT_EQUAL(weir_pkt_copy(bench.copy_cache, pkts, rows[i].n, copy, 4), rows[i].entries);
		CU_ASSERT(is_packet(&bench, copy, rows[i].entries, rows[i].bytes));
		CU_ASSERT(is_packet(&bench, pkts, rows[i].n, rows[i].bytes));
		CU_ASSERT_EQUAL(weir_pkt_copy(bench.copy_cache, pkts, rows[i].n, copy + 1, rows[i].entries - 1), 0);
		weir_pool_free(bench.cache, pkts, rows[i].n);
		weir_pool_free(bench.copy_cache, copy, rows[i].entries);
	}
	tear_down(&bench);
}

static void a_copy_that_finds_no_buffers_holds_none(void)
{
	struct bench bench = set_up();
	struct weir_pkt pkts[3], out[7], copy[4];

	make_packet(&bench, pkts, 3, (uint16_t[]){ 100, 100, 100 });
	CU_ASSERT_EQUAL(weir_pool_alloc(bench.copy_cache, out, 7), 7);
	CU_ASSERT_EQUAL(weir_pkt_copy(bench.copy_cache, pkts, 3, copy, 4), 0); /* needs two of one */
	CU_ASSERT_EQUAL(info_of(bench.copies).in_use, 7);
	CU_ASSERT_EQUAL(weir_pkt_copy(bench.copy_cache, pkts, 0, copy, 4), 0);
	weir_pool_free(bench.copy_cache, out, 7);
	weir_pool_free(bench.cache, pkts, 3);
	tear_down(&bench);
}

static void metadata_is_copied_too(void)
{
	struct weir_pool_conf narrow = { .count = 4, .room = 320, .headroom = 8 };
	struct bench bench = set_up();
	struct weir_pool_cache *cache;
	struct weir_pool *pool;
	struct weir_pkt pkt, copy;

	make_packet(&bench, &pkt, 1, (uint16_t[]){ 50 });
	pkt.flags |= WEIR_PKT_META;
	*weir_pkt_meta(bench.base, &pkt) = (struct weir_pkt_meta){ .time_ns = 123456789, .mark = 7, .orig_len = 99 };
	/* Into a pool whose headroom is too small for it: the data begin behind the metadata. */
	CU_ASSERT_EQUAL_FATAL(weir_pool_create(bench.weir, &narrow, &pool), 0);
	CU_ASSERT_EQUAL_FATAL(weir_pool_cache_create(pool, 0, &cache), 0);
	CU_ASSERT_EQUAL_FATAL(weir_pkt_copy(cache, &pkt, 1, &copy, 1), 1);
	CU_ASSERT_EQUAL(copy.off, 16);
	CU_ASSERT(is_packet(&bench, &copy, 1, 50));
	CU_ASSERT_PTR_NOT_NULL_FATAL(weir_pkt_meta(bench.base, &copy));
	CU_ASSERT_EQUAL(weir_pkt_meta(bench.base, &copy)->time_ns, 123456789);
	CU_ASSERT_EQUAL(weir_pkt_meta(bench.base, &copy)->mark, 7);
	CU_ASSERT_EQUAL(weir_pkt_meta(bench.base, &copy)->orig_len, 99);
	weir_pool_free(bench.cache, &pkt, 1);
	weir_pool_free(bench.cache, &copy, 1);
	tear_down(&bench);
}

/* --- linearise -------------------------------------------------------------------------------------------------------- */

static void a_chain_becomes_one_entry_in_place(void)
{
	struct bench bench = set_up();
	struct weir_pkt pkts[3];
	uint32_t first;

	make_packet(&bench, pkts, 3, (uint16_t[]){ 100, 0, 200 });
	pkts[0].flags |= WEIR_PKT_UDP;
	first = pkts[0].buf;
	CU_ASSERT_EQUAL(weir_pkt_linearise(bench.cache, pkts, 3), 0);
	CU_ASSERT_EQUAL(pkts[0].buf, first);
	CU_ASSERT_EQUAL(pkts[0].off, 64);
	CU_ASSERT_EQUAL(pkts[0].flags, WEIR_PKT_UDP);
	CU_ASSERT(is_packet(&bench, pkts, 1, 300));
	CU_ASSERT_EQUAL(info_of(bench.pool).in_use, 1);
	CU_ASSERT_EQUAL(weir_pkt_linearise(bench.cache, pkts, 1), 0);
	CU_ASSERT(is_packet(&bench, pkts, 1, 300));
	weir_pool_free(bench.cache, pkts, 1);
	tear_down(&bench);
}

static void a_chain_may_fill_its_first_buffer_to_the_last_byte(void)
{
	struct bench bench = set_up();
	struct weir_pkt pkts[2];

	/* 512 bytes with nothing moved: 64 of headroom, 448 of data. */
	make_packet(&bench, pkts, 2, (uint16_t[]){ 400, 48 });
	CU_ASSERT_EQUAL(weir_pkt_linearise(bench.cache, pkts, 2), 0);
	CU_ASSERT_EQUAL(pkts[0].off, 64);
	CU_ASSERT(is_packet(&bench, pkts, 1, 448));
	weir_pool_free(bench.cache, pkts, 1);

	/* One more: the data move to the front by one. */
	make_packet(&bench, pkts, 2, (uint16_t[]){ 400, 49 });
	CU_ASSERT_EQUAL(weir_pkt_linearise(bench.cache, pkts, 2), 0);
	CU_ASSERT_EQUAL(pkts[0].off, 63);
	CU_ASSERT(is_packet(&bench, pkts, 1, 449));
	weir_pool_free(bench.cache, pkts, 1);

	/* The whole buffer. */
	make_packet(&bench, pkts, 2, (uint16_t[]){ 400, 112 });
	CU_ASSERT_EQUAL(weir_pkt_linearise(bench.cache, pkts, 2), 0);
	CU_ASSERT_EQUAL(pkts[0].off, 0);
	CU_ASSERT(is_packet(&bench, pkts, 1, 512));
	weir_pool_free(bench.cache, pkts, 1);
	tear_down(&bench);
}

static void a_chain_too_long_for_a_buffer_stays_as_it_is(void)
{
	struct bench bench = set_up();
	struct weir_pkt pkts[2], before[2];

	make_packet(&bench, pkts, 2, (uint16_t[]){ 400, 113 });
	memcpy(before, pkts, sizeof(pkts));
	CU_ASSERT_EQUAL(weir_pkt_linearise(bench.cache, pkts, 2), -EMSGSIZE);
	CU_ASSERT_EQUAL(memcmp(before, pkts, sizeof(pkts)), 0);
	CU_ASSERT(is_packet(&bench, pkts, 2, 513));

	/* With metadata there are 16 bytes fewer. */
	pkts[1].len = 97;
	pkts[0].flags |= WEIR_PKT_META;
	CU_ASSERT_EQUAL(weir_pkt_linearise(bench.cache, pkts, 2), -EMSGSIZE);
	pkts[1].len = 96;
	weir_pkt_meta(bench.base, &pkts[0])->mark = 42;
	CU_ASSERT_EQUAL(weir_pkt_linearise(bench.cache, pkts, 2), 0);
	CU_ASSERT_EQUAL(pkts[0].off, 16);
	CU_ASSERT_EQUAL(weir_pkt_meta(bench.base, &pkts[0])->mark, 42);
	CU_ASSERT(is_packet(&bench, pkts, 1, 496));
	weir_pool_free(bench.cache, pkts, 1);
	tear_down(&bench);
}

static void a_shared_first_buffer_is_copied_not_written(void)
{
	struct bench bench = set_up();
	struct weir_pkt pkts[2], clone[2], out[8];
	unsigned n;

	make_packet(&bench, pkts, 2, (uint16_t[]){ 100, 150 });
	CU_ASSERT_EQUAL(weir_pkt_clone(bench.cache, pkts, 2, clone), 0);
	CU_ASSERT_EQUAL(weir_pkt_linearise(bench.copy_cache, pkts, 2), 0);
	CU_ASSERT_PTR_EQUAL(weir_pool_of(bench.weir, pkts[0].buf), bench.copies);
	CU_ASSERT_EQUAL(pkts[0].flags, 0);
	CU_ASSERT(is_packet(&bench, pkts, 1, 250));
	CU_ASSERT(is_packet(&bench, clone, 2, 250));
	weir_pool_free(bench.cache, pkts, 1);
	CU_ASSERT_EQUAL(info_of(bench.pool).in_use, 2);

	/* Without a buffer to copy into, and with one that is too small, nothing changes. */
	n = weir_pool_alloc(bench.copy_cache, out, 8);
	CU_ASSERT_EQUAL(weir_pkt_linearise(bench.copy_cache, clone, 2), -ENOBUFS);
	CU_ASSERT(is_packet(&bench, clone, 2, 250));
	weir_pool_free(bench.copy_cache, out, n);
	clone[1].len = 221;
	CU_ASSERT_EQUAL(weir_pkt_linearise(bench.copy_cache, clone, 2), -EMSGSIZE);
	clone[1].len = 150;
	CU_ASSERT(is_packet(&bench, clone, 2, 250));
	weir_pool_free(bench.cache, clone, 2);
	tear_down(&bench);
}

/* --- sharing ---------------------------------------------------------------------------------------------------------- */

static void a_cloned_packet_is_freed_with_its_last_holder(void)
{
	struct bench bench = set_up();
	struct weir_pkt pkts[2], a[2], b[2];

	make_packet(&bench, pkts, 2, (uint16_t[]){ 10, 20 });
	CU_ASSERT_EQUAL(weir_pkt_clone(bench.cache, pkts, 2, a), 0);
	CU_ASSERT_EQUAL(weir_pkt_clone(bench.cache, a, 2, b), 0);
	CU_ASSERT_EQUAL(memcmp(pkts, a, sizeof(a)), 0);
	CU_ASSERT_EQUAL(memcmp(pkts, b, sizeof(b)), 0);
	CU_ASSERT_EQUAL(pkts[0].flags, WEIR_PKT_MORE | WEIR_PKT_SHARED);
	CU_ASSERT_EQUAL(pkts[1].flags, WEIR_PKT_SHARED);
	weir_pool_free(bench.cache, pkts, 2);
	CU_ASSERT_EQUAL(info_of(bench.pool).in_use, 2);
	weir_pool_free(bench.copy_cache, b, 2); /* through a cache of another pool */
	CU_ASSERT_EQUAL(info_of(bench.pool).in_use, 2);
	CU_ASSERT(is_packet(&bench, a, 2, 30));
	weir_pool_free(bench.cache, a, 2);
	CU_ASSERT_EQUAL(info_of(bench.pool).in_use, 0);
	/* And may be shared anew. */
	make_packet(&bench, pkts, 2, (uint16_t[]){ 10, 20 });
	CU_ASSERT_EQUAL(weir_pkt_clone(bench.cache, pkts, 2, a), 0);
	weir_pool_free(bench.cache, a, 2);
	weir_pool_free(bench.cache, pkts, 2);
	tear_down(&bench);
}

static void a_buffer_is_held_65535_times_at_most(void)
{
	struct bench bench = set_up();
	struct weir_pkt pkts[2], clone[2];
	unsigned held = 1;

	make_packet(&bench, pkts, 2, (uint16_t[]){ 10, 20 });
	while (held < 70000 && !weir_pkt_clone(bench.cache, &pkts[1], 1, clone))
		held++;
	CU_ASSERT_EQUAL(held, 65535);
	/* The first entry could be held once more, the second not: so neither is. */
	CU_ASSERT_EQUAL(weir_pkt_clone(bench.cache, pkts, 2, clone), -EOVERFLOW);
	CU_ASSERT_EQUAL(pkts[0].flags, WEIR_PKT_MORE);
	weir_pool_free(bench.cache, pkts, 1);
	CU_ASSERT_EQUAL(info_of(bench.pool).in_use, 1);
	for (unsigned i = 0; i < 65534; i++)
		weir_pool_free(bench.cache, &pkts[1], 1);
	CU_ASSERT_EQUAL(info_of(bench.pool).in_use, 1);
	weir_pool_free(bench.cache, &pkts[1], 1);
	tear_down(&bench);
}

static void what_is_no_buffer_is_not_cloned(void)
{
	struct bench bench = set_up();
	struct weir_pkt pkts[2], clone[2];

	make_packet(&bench, pkts, 1, (uint16_t[]){ 10 });
	pkts[1] = (struct weir_pkt){ .buf = 3000000 };
	CU_ASSERT_EQUAL(weir_pkt_clone(bench.cache, pkts, 2, clone), -EINVAL);
	pkts[1].buf = pkts[0].buf + 1;
	CU_ASSERT_EQUAL(weir_pkt_clone(bench.cache, pkts, 2, clone), -EINVAL);
	CU_ASSERT_EQUAL(pkts[0].flags, 0);
	weir_pool_free(bench.cache, pkts, 1);
	tear_down(&bench);
}

#define ROUNDS  500
#define HOLDERS 4

struct holder {
	pthread_t thread;
	pthread_barrier_t *barrier;
	struct weir_pool_cache *cache;
	struct weir_pkt *pkts; /* this holder's entries, filled for each round by the first */
};

static void *drop_shares(void *arg)
{
	struct holder *holder = arg;

	for (unsigned i = 0; i < ROUNDS; i++) {
		pthread_barrier_wait(holder->barrier);
		weir_pool_free(holder->cache, holder->pkts, 16);
		weir_pool_cache_flush(holder->cache);
		pthread_barrier_wait(holder->barrier);
	}
	return NULL;
}

/* All holders let go at once: one of them frees each buffer, and no buffer stays behind. */
static void threads_may_drop_the_last_holds_at_once(void)
{
	struct bench bench = set_up();
	struct weir_pkt pkts[HOLDERS][16];
	struct holder holders[HOLDERS];
	pthread_barrier_t barrier;
	unsigned whole = 0;

	pthread_barrier_init(&barrier, NULL, HOLDERS + 1);
	for (unsigned h = 0; h < HOLDERS; h++) {
		holders[h] = (struct holder){ .barrier = &barrier, .pkts = pkts[h] };
		CU_ASSERT_EQUAL_FATAL(weir_pool_cache_create(bench.pool, 0, &holders[h].cache), 0);
		CU_ASSERT_EQUAL_FATAL(pthread_create(&holders[h].thread, NULL, drop_shares, &holders[h]), 0);
	}
	for (unsigned i = 0; i < ROUNDS; i++) {
		if (weir_pool_alloc(bench.cache, pkts[0], 16) == 16)
			whole++;
		for (unsigned h = 1; h < HOLDERS; h++)
			weir_pkt_clone(bench.cache, pkts[0], 16, pkts[h]);
		weir_pool_cache_flush(bench.cache);
		pthread_barrier_wait(&barrier);
		pthread_barrier_wait(&barrier);
		whole += info_of(bench.pool).depot == 64;
	}
	for (unsigned h = 0; h < HOLDERS; h++)
		pthread_join(holders[h].thread, NULL);
	CU_ASSERT_EQUAL(whole, 2 * ROUNDS);
	pthread_barrier_destroy(&barrier);
	tear_down(&bench);
}

/* --- dump ------------------------------------------------------------------------------------------------------------- */

static void a_dump_shows_entries_and_bytes(void)
{
	static uint8_t arena[1024];
	struct weir_pkt pkts[3] = {
		{ .buf = 1, .off = 16, .len = 18, .vlan = 0x2123, .hash = 0xdeadbeef },
		{ .buf = 10, .off = 0, .len = 3 },
		{ .buf = 11, .len = 5 },
	};
	static const char *const expected =
	    "0: 18 bytes, 16 into buffer 0x1, vlan 0x2123, hash 0xdeadbeef, ipv6 tcp l4-good more\n"
	    "  0000  20 21 22 23 24 25 26 27 28 29 2a 2b 2c 2d 2e 2f   !\"#$%&'()*+,-./\n"
	    "  0010  30 31                                            01\n"
	    "1: 3 bytes, 0 into buffer 0xa\n"
	    "  0012  00 7f                                            ..\n";
	char text[512], small[20];

	pkts[0].flags = WEIR_PKT_MORE | WEIR_PKT_VLAN | WEIR_PKT_HASH | WEIR_PKT_IPV6 | WEIR_PKT_TCP | WEIR_PKT_L4_GOOD;
	for (unsigned i = 0; i < 18; i++)
		arena[64 + 16 + i] = (uint8_t)(0x20 + i);
	arena[640 + 1] = 0x7f;
	CU_ASSERT_EQUAL(weir_pkt_dump(text, sizeof(text), arena, pkts, 3, 20), strlen(expected));
	CU_ASSERT_STRING_EQUAL(text, expected);
	/* Cut off, the length is that of the whole. */
	CU_ASSERT_EQUAL(weir_pkt_dump(small, sizeof(small), arena, pkts, 3, 20), strlen(expected));
	CU_ASSERT_STRING_EQUAL(small, "0: 18 bytes, 16 int");
	CU_ASSERT_EQUAL(weir_pkt_dump(NULL, 0, arena, pkts, 3, 20), strlen(expected));
	/* An offload is told by its lengths. */
	pkts[1].flags = WEIR_PKT_TX_TSO | WEIR_PKT_SHARED;
	pkts[1].txo = weir_txo(14, 20, 32, 1448);
	weir_pkt_dump(text, sizeof(text), arena, pkts + 1, 1, 0);
	CU_ASSERT_STRING_EQUAL(text, "0: 3 bytes, 0 into buffer 0xa, l2 14 l3 20 l4 32 mss 1448, tso shared\n");
	CU_ASSERT_EQUAL(weir_pkt_dump(text, sizeof(text), arena, pkts, 0, 20), 0);
	CU_ASSERT_STRING_EQUAL(text, "");
}

static const struct unit_case cases[] = {
	{ "prepend takes headroom and no more", prepend_takes_headroom_and_no_more },
	{ "prepend leaves the metadata alone", prepend_leaves_the_metadata_alone },
	{ "a length does not outgrow 16 bits", a_length_does_not_outgrow_16_bits },
	{ "adjust and trim take what is there", adjust_and_trim_take_what_is_there },
	{ "append fills the buffer and no more", append_fills_the_buffer_and_no_more },
	{ "data lies at 64 times buf plus off", data_lies_at_64_times_buf_plus_off },
	{ "chains are counted and never cut", chains_are_counted_and_never_cut },
	{ "header lengths and MSS survive txo", header_lengths_and_mss_survive_txo },
	{ "a copy has its own buffers", a_copy_has_its_own_buffers },
	{ "a copy takes as many buffers as it needs", a_copy_takes_as_many_buffers_as_it_needs },
	{ "a copy that finds no buffers holds none", a_copy_that_finds_no_buffers_holds_none },
	{ "metadata is copied too", metadata_is_copied_too },
	{ "a chain becomes one entry in place", a_chain_becomes_one_entry_in_place },
	{ "a chain may fill its first buffer to the last byte", a_chain_may_fill_its_first_buffer_to_the_last_byte },
	{ "a chain too long for a buffer stays as it is", a_chain_too_long_for_a_buffer_stays_as_it_is },
	{ "a shared first buffer is copied, not written", a_shared_first_buffer_is_copied_not_written },
	{ "a cloned packet is freed with its last holder", a_cloned_packet_is_freed_with_its_last_holder },
	{ "a buffer is held 65,535 times at most", a_buffer_is_held_65535_times_at_most },
	{ "what is no buffer is not cloned", what_is_no_buffer_is_not_cloned },
	{ "threads may drop the last holds at once", threads_may_drop_the_last_holds_at_once },
	{ "a dump shows entries and bytes", a_dump_shows_entries_and_bytes },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("pkt", cases);
}
