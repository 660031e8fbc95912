/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pools and caches: where buffers lie, that none is lost or handed out twice, and that misuse is found.
 */
#include <pthread.h>
#include <stdlib.h>

#include "mem/mem.h"
#include "pools.h"
#include "unit.h"
#include "weir/pool.h"

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Whether @bufs are @n different buffers, each where the layout that pool.h promises puts one. */
static bool all_differ_and_fit(struct weir_pool *pool, uint32_t *bufs, unsigned n)
{
	uint64_t offset, size, stride = info_of(pool).stride;

	weir_pool_extent(pool, &offset, &size);
	qsort(bufs, n, sizeof(*bufs), compare);
	for (unsigned i = 0; i < n; i++) {
		uint64_t at = (uint64_t)bufs[i] * 64;

		if (i && at - (uint64_t)bufs[i - 1] * 64 < stride)
			return false;
		if (at < offset || at + stride > offset + size || at >> 21 != (at + stride - 1) >> 21)
			return false;
		if (at % 2097152 % stride)
			return false;
	}
	return true;
}

/* --- making and destroying -------------------------------------------------------------------------------------------- */

static void the_defaults_are_2240_bytes_with_128_in_front(void)
{
	struct weir *weir = open_weir();
	struct weir_pool_conf conf = { .count = 1000 };
	struct weir_pool_info info;
	struct weir_pool *pool;
	uint64_t offset, size;

	CU_ASSERT_EQUAL_FATAL(weir_pool_create(weir, &conf, &pool), 0);
	info = info_of(pool);
	CU_ASSERT_STRING_EQUAL(info.name, "pool");
	CU_ASSERT_EQUAL(info.count, 1000);
	CU_ASSERT_EQUAL(info.room, 2240);
	CU_ASSERT_EQUAL(info.headroom, 128);
	CU_ASSERT_EQUAL(info.stride, 2240); /* 35 cache lines, odd already */
	CU_ASSERT_EQUAL(info.depot, 1000);
	CU_ASSERT_EQUAL(info.cached, 0);
	CU_ASSERT_EQUAL(info.in_use, 0);
	CU_ASSERT_EQUAL(info.high_water, 0);
	CU_ASSERT_EQUAL(weir_pool_count(pool), 1000);
	CU_ASSERT_EQUAL(weir_pool_room(pool), 2240);
	CU_ASSERT_EQUAL(weir_pool_headroom(pool), 128);
	/* 936 fit into 2 MiB, so 1,000 take two of them. */
	weir_pool_extent(pool, &offset, &size);
	CU_ASSERT_EQUAL(offset % 2097152, 0);
	CU_ASSERT_EQUAL(size, 4194304);
	weir_close(weir);
}

static void a_stride_is_an_odd_number_of_cache_lines(void)
{
	static const struct {
		uint32_t room, stride;
	} rows[] = {
		{ 64, 64 }, { 65, 192 }, { 128, 192 }, { 2048, 2112 }, { 2112, 2112 }, { 4096, 4160 }, { 65472, 65472 },
	};
	struct weir *weir = open_weir();
	struct weir_pool *pool;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct weir_pool_conf conf = { .count = 40, .room = rows[i].room, .headroom = 16 };

		CU_ASSERT_EQUAL_FATAL(weir_pool_create(weir, &conf, &pool), 0);
		CU_ASSERT_EQUAL(info_of(pool).stride, rows[i].stride);
		CU_ASSERT_EQUAL(weir_pool_room(pool), rows[i].room);
		CU_ASSERT_EQUAL(weir_pool_destroy(pool), 0);
	}
	weir_close(weir);
}

static void bad_pools_are_refused_with_a_sentence(void)
{
	static const struct {
		struct weir_pool_conf conf;
		int err;
		const char *words;
	} rows[] = {
		{ { .name = "none" }, -EINVAL, "pool none: a count" },
		{ { .count = 1, .room = 63 }, -EINVAL, "63 bytes" },
		{ { .count = 1, .room = 65473 }, -EINVAL, "65473 bytes" },
		{ { .count = 1, .room = 512, .headroom = 512 }, -EINVAL, "headroom of 512" },
		{ { .count = 1, .room = 128 }, -EINVAL, "headroom of 128" },
		{ { .count = 1, .node = WEIR_NODE(999) }, -EINVAL, "node 999" },
		{ { .count = 4000000000u }, -ENOMEM, "4000000000 buffers of 2240 bytes are too many" },
	};
	struct weir *weir = open_weir();
	struct weir_pool *pool = (struct weir_pool *)weir;
	struct weir_mem_info info;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		CU_ASSERT_EQUAL(weir_pool_create(weir, &rows[i].conf, &pool), rows[i].err);
		CU_ASSERT_PTR_NULL(pool);
		CU_ASSERT(error_says(rows[i].words));
		CU_ASSERT_EQUAL(sentences.count[WEIR_LOG_ERROR], i + 1); /* one failure, one sentence */
	}
	weir_mem_info(weir, &info);
	CU_ASSERT_EQUAL(info.used, 0);
	weir_close(weir);
}

/* The number in "there is room for N" is one that then succeeds. */
static void too_many_buffers_are_told_how_many_would_do(void)
{
	struct weir_conf conf = { .mem_reserve = GIB(1), .mem_grow = MIB(2), .mem_page_size = KIB(4) };
	struct weir_pool_conf pool_conf = { .count = 1000000 };
	struct weir_pool *pool;
	struct weir *weir;
	const char *room;

	CU_ASSERT_EQUAL_FATAL(weir_open(&conf, &weir), 0);
	CU_ASSERT_EQUAL(weir_pool_create(weir, &pool_conf, &pool), -ENOMEM);
	room = strstr(weir_error(), "room for ");
	CU_ASSERT_PTR_NOT_NULL_FATAL(room);
	CU_ASSERT_EQUAL(strtoul(room + 9, NULL, 10), 479232); /* 512 times 936 */
	pool_conf.count = 479232 / 4;                         /* a quarter will do to see that it works */
	CU_ASSERT_EQUAL(weir_pool_create(weir, &pool_conf, &pool), 0);
	weir_close(weir);
}

static void a_pool_in_use_is_not_destroyed(void)
{
	struct weir *weir = open_weir();
	struct weir_pool *pool = make_pool(weir, 200, false);
	struct weir_pool_cache *cache = make_cache(pool, 0), *other = make_cache(pool, 0);
	struct weir_mem_info info;
	struct weir_pkt pkt;

	CU_ASSERT_EQUAL(weir_pool_alloc(cache, &pkt, 1), 1);
	CU_ASSERT_EQUAL(weir_pool_destroy(pool), -EBUSY);
	CU_ASSERT(error_says("caches"));
	weir_pool_cache_destroy(cache);
	weir_pool_cache_destroy(other);
	CU_ASSERT_EQUAL(weir_pool_destroy(pool), -EBUSY);
	CU_ASSERT(error_says("1 buffers out"));
	cache = make_cache(pool, 0);
	weir_pool_free(cache, &pkt, 1);
	weir_pool_cache_destroy(cache);
	CU_ASSERT_EQUAL(weir_pool_destroy(pool), 0);
	CU_ASSERT_PTR_NULL(weir_pool_of(weir, pkt.buf));
	CU_ASSERT_EQUAL(weir_pool_destroy(NULL), 0);
	weir_pool_cache_destroy(NULL);
	weir_mem_info(weir, &info);
	CU_ASSERT_EQUAL(info.used, 0);
	weir_close(weir);
}

static void a_buffer_is_known_by_its_address(void)
{
	struct weir *weir = open_weir();
	struct weir_pool *a = make_pool(weir, 10, false), *b = make_pool(weir, 2000, false);
	struct weir_pool_cache *a_cache = make_cache(a, 0), *b_cache = make_cache(b, 0);
	static uint32_t bufs[2000];
	unsigned right = 0;

	CU_ASSERT_EQUAL(weir_pool_alloc_bufs(b_cache, bufs, 2000), 2000);
	for (unsigned i = 0; i < 2000; i++)
		right += weir_pool_of(weir, bufs[i]) == b;
	CU_ASSERT_EQUAL(right, 2000);
	CU_ASSERT_EQUAL(weir_pool_alloc_bufs(a_cache, bufs, 1), 1);
	CU_ASSERT_PTR_EQUAL(weir_pool_of(weir, bufs[0]), a);
	CU_ASSERT_PTR_NULL(weir_pool_of(weir, UINT32_MAX));
	CU_ASSERT_PTR_NULL(weir_pool_of(weir, 1u << 20)); /* 64 MiB in, where there is nothing */
	weir_close(weir);
}

/* --- buffers come and go ---------------------------------------------------------------------------------------------- */

static void every_buffer_can_be_had_once(void)
{
	static const uint32_t counts[] = { 1, 63, 64, 65, 127, 128, 1000, 3001 };
	static uint32_t bufs[4096];
	struct weir *weir = open_weir();

	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
		for (unsigned burst = 1; burst <= 300; burst = burst * 4 + 3) {
			struct weir_pool *pool = make_pool(weir, counts[i], false);
			struct weir_pool_cache *cache = make_cache(pool, 0);
			unsigned n = 0, got;

			do {
				got = weir_pool_alloc_bufs(cache, bufs + n, burst);
				n += got;
			} while (got == burst);
			CU_ASSERT_EQUAL(n, counts[i]);
			CU_ASSERT(all_differ_and_fit(pool, bufs, n));
			CU_ASSERT_EQUAL(info_of(pool).in_use, counts[i]);
			CU_ASSERT_EQUAL(info_of(pool).high_water, counts[i]);
			CU_ASSERT_EQUAL(info_of(pool).failures, 1);
			weir_pool_free_bufs(cache, bufs, n);
			CU_ASSERT_EQUAL(info_of(pool).in_use, 0);
			CU_ASSERT_EQUAL(info_of(pool).depot + info_of(pool).cached, counts[i]);
			weir_pool_cache_destroy(cache);
			CU_ASSERT_EQUAL(weir_pool_destroy(pool), 0);
		}
	weir_close(weir);
}

static void what_one_cache_frees_another_can_have(void)
{
	struct weir *weir = open_weir();
	struct weir_pool *pool = make_pool(weir, 777, false);
	struct weir_pool_cache *a = make_cache(pool, 0), *b = make_cache(pool, 0);
	static uint32_t bufs[777];

	CU_ASSERT_EQUAL(weir_pool_alloc_bufs(a, bufs, 777), 777);
	/* By dribs and drabs, so that partial batches meet in the depot. */
	for (unsigned i = 0; i < 777; i += 7) {
		weir_pool_free_bufs(b, bufs + i, 7);
		weir_pool_cache_flush(b);
	}
	CU_ASSERT_EQUAL(info_of(pool).cached, 0);
	CU_ASSERT_EQUAL(info_of(pool).depot, 777);
	CU_ASSERT_EQUAL(weir_pool_alloc_bufs(a, bufs, 777), 777);
	CU_ASSERT(all_differ_and_fit(pool, bufs, 777));
	weir_close(weir);
}

static void the_buffer_freed_last_is_had_first(void)
{
	struct weir *weir = open_weir();
	struct weir_pool *pool = make_pool(weir, 1000, false);
	struct weir_pool_cache *cache = make_cache(pool, 0);
	uint32_t bufs[300], again[8];

	CU_ASSERT_EQUAL(weir_pool_alloc_bufs(cache, bufs, 300), 300);
	/* More than the cache of 256 holds: the older ones go to the depot, the last stay. */
	for (unsigned i = 0; i < 300; i += 4)
		weir_pool_free_bufs(cache, bufs + i, 4);
	CU_ASSERT_EQUAL(weir_pool_alloc_bufs(cache, again, 8), 8);
	for (unsigned i = 0; i < 8; i++)
		CU_ASSERT_EQUAL(again[i], bufs[292 + i]);
	weir_close(weir);
}

static void a_cache_holds_no_more_than_its_size(void)
{
	static const struct {
		uint32_t asked, size;
	} rows[] = { { 0, 256 }, { 1, 128 }, { 129, 192 }, { 512, 512 } };
	struct weir *weir = open_weir();
	struct weir_pool *pool = make_pool(weir, 3000, false);
	static uint32_t bufs[3000];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct weir_pool_cache *cache = make_cache(pool, rows[i].asked);
		unsigned most = 0;

		CU_ASSERT_EQUAL(cache->size, rows[i].size);
		CU_ASSERT_EQUAL(weir_pool_alloc_bufs(cache, bufs, 3000), 3000);
		for (unsigned n = 0, part = 1; n < 3000; n += part, part = part * 5 / 3 + 1) {
			part = n + part > 3000 ? 3000 - n : part;
			weir_pool_free_bufs(cache, bufs + n, part);
			most = info_of(pool).cached > most ? info_of(pool).cached : most;
		}
		CU_ASSERT(most <= rows[i].size);
		CU_ASSERT_EQUAL(info_of(pool).in_use, 0);
		weir_pool_cache_destroy(cache);
		CU_ASSERT_EQUAL(info_of(pool).depot, 3000);
	}
	weir_close(weir);
}

static void fresh_packets_are_empty_with_headroom(void)
{
	struct weir *weir = open_weir();
	struct weir_pool_conf conf = { .count = 100, .headroom = 256 };
	struct weir_pool_cache *cache;
	struct weir_pkt pkts[100];
	struct weir_pool *pool;
	unsigned fresh = 0;

	CU_ASSERT_EQUAL_FATAL(weir_pool_create(weir, &conf, &pool), 0);
	cache = make_cache(pool, 0);
	memset(pkts, 0xff, sizeof(pkts));
	CU_ASSERT_EQUAL(weir_pool_alloc(cache, pkts, 100), 100);
	for (unsigned i = 0; i < 100; i++)
		fresh += pkts[i].off == 256 && !pkts[i].len && !pkts[i].hash && !pkts[i].vlan && !pkts[i].flags &&
		         weir_pool_of(weir, pkts[i].buf) == pool;
	CU_ASSERT_EQUAL(fresh, 100);
	weir_pool_free(cache, pkts, 100);
	CU_ASSERT_EQUAL(info_of(pool).in_use, 0);
	weir_close(weir);
}

/* Worked out by hand: a batch of 64 leaves the depot at a time, and the cache keeps what was not asked for. */
static void occupancy_and_high_water_are_counted(void)
{
	struct weir *weir = open_weir();
	struct weir_pool *pool = make_pool(weir, 640, false);
	struct weir_pool_cache *cache = make_cache(pool, 0);
	struct weir_pkt pkts[640];

	CU_ASSERT_EQUAL(weir_pool_alloc(cache, pkts, 10), 10);
	CU_ASSERT_EQUAL(info_of(pool).depot, 576);
	CU_ASSERT_EQUAL(info_of(pool).cached, 54);
	CU_ASSERT_EQUAL(info_of(pool).in_use, 10);
	CU_ASSERT_EQUAL(info_of(pool).high_water, 64);
	CU_ASSERT_EQUAL(weir_pool_alloc(cache, pkts + 10, 54), 54);
	CU_ASSERT_EQUAL(info_of(pool).high_water, 64);
	CU_ASSERT_EQUAL(weir_pool_alloc(cache, pkts + 64, 1), 1);
	CU_ASSERT_EQUAL(info_of(pool).in_use, 65);
	CU_ASSERT_EQUAL(info_of(pool).high_water, 128);
	weir_pool_free(cache, pkts, 65);
	weir_pool_cache_flush(cache);
	CU_ASSERT_EQUAL(info_of(pool).depot, 640);
	CU_ASSERT_EQUAL(info_of(pool).in_use, 0);
	CU_ASSERT_EQUAL(info_of(pool).high_water, 128);
	CU_ASSERT_EQUAL(info_of(pool).failures, 0);
	weir_close(weir);
}

static void a_short_pool_gives_what_it_has_and_counts(void)
{
	struct weir *weir = open_weir();
	struct weir_pool *pool = make_pool(weir, 100, false);
	struct weir_pool_cache *cache = make_cache(pool, 0);
	struct weir_pkt pkts[128];

	CU_ASSERT_EQUAL(weir_pool_alloc(cache, pkts, 90), 90);
	CU_ASSERT_EQUAL(weir_pool_alloc(cache, pkts + 90, 38), 10);
	CU_ASSERT_EQUAL(info_of(pool).failures, 1);
	CU_ASSERT_EQUAL(weir_pool_alloc(cache, pkts + 100, 1), 0);
	CU_ASSERT_EQUAL(info_of(pool).failures, 2);
	weir_pool_free(cache, pkts, 100);
	CU_ASSERT_EQUAL(info_of(pool).in_use, 0);
	CU_ASSERT_EQUAL(weir_pool_alloc(cache, pkts, 100), 100);
	CU_ASSERT_EQUAL(info_of(pool).failures, 2);
	weir_close(weir);
}

static void buffers_go_back_to_the_pool_they_came_from(void)
{
	struct weir *weir = open_weir();
	struct weir_pool *a = make_pool(weir, 300, false), *b = make_pool(weir, 300, false);
	struct weir_pool_cache *a_cache = make_cache(a, 0), *b_cache = make_cache(b, 0);
	struct weir_pkt pkts[200];

	/* Alternating between the pools. */
	for (unsigned i = 0; i < 200; i += 2) {
		CU_ASSERT_EQUAL(weir_pool_alloc(a_cache, &pkts[i], 1), 1);
		CU_ASSERT_EQUAL(weir_pool_alloc(b_cache, &pkts[i + 1], 1), 1);
	}
	weir_pool_free(a_cache, pkts, 200);
	CU_ASSERT_EQUAL(info_of(a).in_use, 0);
	CU_ASSERT_EQUAL(info_of(b).in_use, 0);
	CU_ASSERT_EQUAL(info_of(a).misuse + info_of(b).misuse, 0);
	weir_pool_cache_destroy(a_cache);
	weir_pool_cache_destroy(b_cache);
	CU_ASSERT_EQUAL(info_of(a).depot, 300);
	CU_ASSERT_EQUAL(info_of(b).depot, 300);
	weir_close(weir);
}

static void a_stray_cache_frees_and_never_allocates(void)
{
	struct weir *weir = open_weir();
	struct weir_pool *pool = make_pool(weir, 300, false);
	struct weir_pool_cache *cache = make_cache(pool, 0), *stray;
	struct weir_pkt pkts[200];
	uint32_t bufs[20];

	CU_ASSERT_EQUAL_FATAL(pool_cache_create_stray(weir, &stray), 0);
	CU_ASSERT_EQUAL(weir_pool_alloc(stray, pkts, 1), 0);
	CU_ASSERT_EQUAL(weir_pool_alloc(cache, pkts, 200), 200);
	CU_ASSERT_EQUAL(weir_pool_alloc_bufs(cache, bufs, 20), 20);
	weir_pool_cache_flush(cache);
	weir_pool_free(stray, pkts, 200);
	weir_pool_free_bufs(stray, bufs, 20);
	weir_pool_free(stray, pkts, 0);
	CU_ASSERT_EQUAL(info_of(pool).depot, 300);
	weir_pool_cache_flush(stray);
	weir_pool_cache_destroy(stray);
	weir_close(weir);
}

/* --- many at random, against a table of who holds what ---------------------------------------------------------------- */

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void random_traffic_loses_and_doubles_nothing(void)
{
	struct weir *weir = open_weir();
	struct weir_pool *pool = make_pool(weir, 1500, false);
	struct weir_pool_cache *caches[3] = { make_cache(pool, 0), make_cache(pool, 128), make_cache(pool, 700) };
	static uint32_t held[1500], sorted[1500];
	uint32_t seed = 77, n = 0;
	bool good = true;

	for (unsigned step = 0; step < 5000 && good; step++) {
		struct weir_pool_cache *cache = caches[next_random(&seed) % 3];
		uint32_t want = next_random(&seed) % (step % 50 ? 70 : 600);

		if (next_random(&seed) % 2) {
			want = want < 1500 - n ? want : 1500 - n;
			n += weir_pool_alloc_bufs(cache, held + n, want);
		} else {
			want = want < n ? want : n;
			n -= want;
			weir_pool_free_bufs(cache, held + n, want);
		}
		good = info_of(pool).in_use == n;
		if (step % 100 == 0) {
			memcpy(sorted, held, sizeof(held));
			good = good && all_differ_and_fit(pool, sorted, n);
		}
	}
	CU_ASSERT(good);
	weir_close(weir);
}

/*
 * As many caches as there are buffers for: what one thread takes, another gives back, through caches that are never
 * asked for any. None may be kept so long that nobody gets any.
 */
static void a_small_pool_never_comes_to_a_standstill(void)
{
	static const unsigned counts[] = { 1, 10, 63, 64, 100, 128, 200, 500 };
	struct weir *weir = open_weir();

	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		struct weir_pool *pool = make_pool(weir, counts[i], false);
		struct weir_pool_cache *caches[20];
		uint32_t bufs[32], got = 0, seed = 7;
		struct weir_pkt pkts[32];
		uint64_t moved = 0;

		for (unsigned j = 0; j < 20; j++)
			caches[j] = make_cache(pool, 0);
		for (unsigned round = 0; round < 2000; round++) {
			/* The first ten only take, the others only give. */
			struct weir_pool_cache *from = caches[round % 10], *to = caches[10 + next_random(&seed) % 10];

			got = weir_pool_alloc_bufs(from, bufs, 32);
			moved += got > 0;
			weir_pool_fresh(from, pkts, bufs, got);
			if (round % 2)
				weir_pool_free(to, pkts, got);
			else
				weir_pool_free_bufs(to, bufs, got);
		}
		CU_ASSERT_EQUAL(moved, 2000);
		CU_ASSERT(info_of(pool).cached <= counts[i] / 2);
		CU_ASSERT_EQUAL(info_of(pool).in_use, 0);
		for (unsigned j = 0; j < 20; j++)
			weir_pool_cache_destroy(caches[j]);
		CU_ASSERT_EQUAL(info_of(pool).depot, counts[i]);
	}
	weir_close(weir);
}

/* What a cache was granted, the next one can have when it is gone. */
static void caches_that_go_leave_their_share(void)
{
	struct weir *weir = open_weir();
	struct weir_pool *pool = make_pool(weir, 1024, false);

	for (unsigned i = 0; i < 10; i++) {
		struct weir_pool_cache *first = make_cache(pool, 0), *second = make_cache(pool, 0);

		CU_ASSERT_EQUAL(first->size, 256);
		CU_ASSERT_EQUAL(second->size, 128);
		weir_pool_cache_destroy(first);
		weir_pool_cache_destroy(second);
	}
	weir_close(weir);
}

/* --- threads ---------------------------------------------------------------------------------------------------------- */

#define THREADS 4

struct worker {
	pthread_t thread;
	struct weir_pool_cache *cache;
	uint8_t *base;
	uint8_t mark;
	bool good;
};

/* Takes, marks, looks whether the marks are still its own, gives back. */
static void *work(void *arg)
{
	struct worker *worker = arg;
	uint32_t seed = worker->mark, n;
	struct weir_pkt pkts[100];

	worker->good = true;
	for (unsigned i = 0; i < 2000; i++) {
		n = weir_pool_alloc(worker->cache, pkts, next_random(&seed) % 100 + 1);
		for (unsigned k = 0; k < n; k++)
			memset(weir_pkt_data(worker->base, &pkts[k]), worker->mark, 64);
		for (unsigned k = 0; k < n; k++)
			for (unsigned b = 0; b < 64; b++)
				worker->good = worker->good && weir_pkt_data(worker->base, &pkts[k])[b] == worker->mark;
		weir_pool_free(worker->cache, pkts, n);
		if (i % 64 == 0)
			weir_pool_cache_flush(worker->cache);
	}
	weir_pool_cache_flush(worker->cache);
	return NULL;
}

static void threads_share_a_pool(void)
{
	struct weir *weir = open_weir();
	struct weir_pool *pool = make_pool(weir, 300, false); /* too few for all, so that it runs dry */
	struct worker workers[THREADS];

	for (uint8_t i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){ .cache = make_cache(pool, 0),
			                      .base = weir_mem_base(weir),
			                      .mark = (uint8_t)(i + 1) };
		CU_ASSERT_EQUAL_FATAL(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	}
	for (unsigned i = 0; i < 100; i++)
		CU_ASSERT(info_of(pool).in_use <= 300);
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		CU_ASSERT(workers[i].good);
	}
	CU_ASSERT_EQUAL(info_of(pool).depot, 300);
	CU_ASSERT_EQUAL(info_of(pool).misuse, 0);
	CU_ASSERT(info_of(pool).high_water <= 300);
	weir_close(weir);
}

static const struct unit_case cases[] = {
	{ "the defaults are 2240 bytes with 128 in front", the_defaults_are_2240_bytes_with_128_in_front },
	{ "a stride is an odd number of cache lines", a_stride_is_an_odd_number_of_cache_lines },
	{ "bad pools are refused with a sentence", bad_pools_are_refused_with_a_sentence },
	{ "too many buffers are told how many would do", too_many_buffers_are_told_how_many_would_do },
	{ "a pool in use is not destroyed", a_pool_in_use_is_not_destroyed },
	{ "a buffer is known by its address", a_buffer_is_known_by_its_address },
	{ "every buffer can be had once", every_buffer_can_be_had_once },
	{ "what one cache frees another can have", what_one_cache_frees_another_can_have },
	{ "the buffer freed last is had first", the_buffer_freed_last_is_had_first },
	{ "a cache holds no more than its size", a_cache_holds_no_more_than_its_size },
	{ "fresh packets are empty, with headroom", fresh_packets_are_empty_with_headroom },
	{ "occupancy and high water are counted", occupancy_and_high_water_are_counted },
	{ "a short pool gives what it has and counts", a_short_pool_gives_what_it_has_and_counts },
	{ "buffers go back to the pool they came from", buffers_go_back_to_the_pool_they_came_from },
	{ "a stray cache frees and never allocates", a_stray_cache_frees_and_never_allocates },
	{ "random traffic loses and doubles nothing", random_traffic_loses_and_doubles_nothing },
	{ "a small pool never comes to a standstill", a_small_pool_never_comes_to_a_standstill },
	{ "caches that go leave their share", caches_that_go_leave_their_share },
	{ "threads share a pool", threads_share_a_pool },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("pool", cases);
}
