/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pools that check: buffers freed twice, freed by strangers, written to when they are free.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "pools.h"
#include "unit.h"
#include "weir/mem.h"

#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN true
#endif
#endif
#ifndef WITH_ASAN
#define WITH_ASAN false
#endif

#ifdef WEIR_DEBUG
#define CHECKS_ALWAYS true
#else
#define CHECKS_ALWAYS false
#endif

static void a_double_free_is_refused_counted_and_logged(void)
{
	struct weir *weir = open_weir();
	struct weir_pool *pool = make_pool(weir, 1000, true);
	struct weir_pool_cache *cache = make_cache(pool, 0);
	struct weir_pkt pkts[2];
	uint32_t buf;

	CU_ASSERT_EQUAL(weir_pool_alloc(cache, pkts, 2), 2);
	weir_pool_free(cache, pkts, 1);
	CU_ASSERT_EQUAL(info_of(pool).misuse, 0);
	weir_pool_free(cache, pkts, 1);
	CU_ASSERT_EQUAL(info_of(pool).misuse, 1);
	CU_ASSERT_EQUAL(sentences.count[WEIR_LOG_ERROR], 1);
	CU_ASSERT(error_says("pool test: buffer 1 (0x23) was freed twice"));
	buf = pkts[0].buf;
	weir_pool_free_bufs(cache, &buf, 1);
	CU_ASSERT_EQUAL(info_of(pool).misuse, 2);
	CU_ASSERT_EQUAL(info_of(pool).in_use, 1);
	weir_close(weir);
}

static void a_foreign_buffer_is_refused_counted_and_logged(void)
{
	struct weir *weir = open_weir();
	struct weir_pool *pool = make_pool(weir, 1000, true), *other = make_pool(weir, 1000, true);
	struct weir_pool_cache *cache = make_cache(pool, 0), *other_cache = make_cache(other, 0);
	struct weir_pkt pkt;

	CU_ASSERT_EQUAL(weir_pool_alloc(cache, &pkt, 1), 1);
	pkt.buf += 1; /* not where a buffer begins */
	weir_pool_free(cache, &pkt, 1);
	CU_ASSERT_EQUAL(info_of(pool).misuse, 1);
	CU_ASSERT(error_says("no buffer"));
	pkt.buf = 3000000; /* where there is no pool */
	weir_pool_free(cache, &pkt, 1);
	CU_ASSERT_EQUAL(info_of(pool).misuse, 2);
	CU_ASSERT_EQUAL(info_of(pool).in_use, 1);

	/* Another pool's is no misuse; it goes home. */
	CU_ASSERT_EQUAL(weir_pool_alloc(other_cache, &pkt, 1), 1);
	weir_pool_free(cache, &pkt, 1);
	CU_ASSERT_EQUAL(info_of(other).in_use, 0);
	CU_ASSERT_EQUAL(info_of(pool).misuse + info_of(other).misuse, 2);
	CU_ASSERT_EQUAL(sentences.count[WEIR_LOG_ERROR], 2);
	weir_close(weir);
}

static void a_write_after_free_is_found_at_the_next_allocation(void)
{
	struct weir *weir = open_weir();
	struct weir_pool *pool = make_pool(weir, 1000, true);
	struct weir_pool_cache *cache = make_cache(pool, 0);
	struct weir_pkt pkt, again;

	if (WITH_ASAN) {
		unit_skip("AddressSanitizer stops the program before");
		weir_close(weir);
		return;
	}
	CU_ASSERT_EQUAL(weir_pool_alloc(cache, &pkt, 1), 1);
	weir_pool_free(cache, &pkt, 1);
	weir_pkt_buffer(weir_mem_base(weir), &pkt)[2239] = 1;
	CU_ASSERT_EQUAL(weir_pool_alloc(cache, &again, 1), 1);
	CU_ASSERT_EQUAL(again.buf, pkt.buf);
	CU_ASSERT_EQUAL(info_of(pool).misuse, 1);
	CU_ASSERT(error_says("buffer 0 (0x0) was written to after it was freed"));
	weir_close(weir);
}

static void freeing_a_shared_buffer_as_ones_own_is_found(void)
{
	struct weir *weir = open_weir();
	struct weir_pool *pool = make_pool(weir, 1000, true);
	struct weir_pool_cache *cache = make_cache(pool, 0);
	struct weir_pkt pkt, clone;

	CU_ASSERT_EQUAL(weir_pool_alloc(cache, &pkt, 1), 1);
	CU_ASSERT_EQUAL(weir_pkt_clone(cache, &pkt, 1, &clone), 0);
	weir_pool_free_bufs(cache, &pkt.buf, 1);
	CU_ASSERT_EQUAL(info_of(pool).misuse, 1);
	weir_pool_free(cache, &pkt, 1);
	weir_pool_free(cache, &clone, 1);
	CU_ASSERT_EQUAL(info_of(pool).misuse, 1);
	CU_ASSERT_EQUAL(info_of(pool).in_use, 0);
	weir_close(weir);
}

/* Whether the child process that touches byte @at of a buffer after @fn is stopped by AddressSanitizer. */
static bool touch_is_stopped(bool freed, unsigned at)
{
	struct weir *weir = open_weir();
	struct weir_pool *pool = make_pool(weir, 1000, true);
	struct weir_pool_cache *cache = make_cache(pool, 0);
	struct weir_pkt pkt;
	int status = 0;
	pid_t child;

	CU_ASSERT_EQUAL(weir_pool_alloc(cache, &pkt, 1), 1);
	if (freed)
		weir_pool_free(cache, &pkt, 1);
	fflush(stdout);
	child = fork();
	CU_ASSERT_FATAL(child >= 0);
	if (!child) {
		close(STDERR_FILENO); /* the long report */
		*(volatile uint8_t *)(weir_pkt_buffer(weir_mem_base(weir), &pkt) + at) = 1;
		_exit(0);
	}
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	weir_close(weir);
	return status != 0;
}

static void address_sanitizer_stops_a_use_after_free(void)
{
	if (!WITH_ASAN) {
		unit_skip("built without AddressSanitizer");
		return;
	}
	CU_ASSERT(!touch_is_stopped(false, 0));
	CU_ASSERT(!touch_is_stopped(false, 2239));
	CU_ASSERT(touch_is_stopped(true, 0));
	CU_ASSERT(touch_is_stopped(true, 2239));
	CU_ASSERT(touch_is_stopped(false, 2240)); /* the next buffer, which is free */
}

static void debug_builds_check_every_pool(void)
{
	struct weir *weir = open_weir();
	struct weir_pool_cache *cache = make_cache(make_pool(weir, 10, false), 0);

	CU_ASSERT_EQUAL(cache->slow, CHECKS_ALWAYS);
	weir_close(weir);
}

static const struct unit_case cases[] = {
	{ "a double free is refused, counted and logged", a_double_free_is_refused_counted_and_logged },
	{ "a foreign buffer is refused, counted and logged", a_foreign_buffer_is_refused_counted_and_logged },
	{ "a write after free is found at the next allocation", a_write_after_free_is_found_at_the_next_allocation },
	{ "freeing a shared buffer as one's own is found", freeing_a_shared_buffer_as_ones_own_is_found },
	{ "AddressSanitizer stops a use after free", address_sanitizer_stops_a_use_after_free },
	{ "debug builds check every pool", debug_builds_check_every_pool },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("pool misuse", cases);
}
