/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A context, pools and caches to try, made in a line each.
 */
#ifndef TESTS_POOLS_H
#define TESTS_POOLS_H

#include "core/core.h"
#include "sentences.h"
#include "unit.h"
#include "weir/pool.h"

static struct sentences sentences; /* what the context of open_weir() logged */

static inline struct weir *open_weir(void)
{
	struct weir_conf conf = { .mem_reserve = GIB(1),
		                  .mem_grow = MIB(2),
		                  .mem_page_size = KIB(4),
		                  .log = sentences_log,
		                  .log_arg = &sentences };
	struct weir *weir;

	memset(&sentences, 0, sizeof(sentences));
	CU_ASSERT_EQUAL_FATAL(weir_open(&conf, &weir), 0);
	return weir;
}

static inline struct weir_pool *make_pool(struct weir *weir, uint32_t count, bool checks)
{
	struct weir_pool_conf conf = { .name = "test", .count = count, .checks = checks };
	struct weir_pool *pool;

	CU_ASSERT_EQUAL_FATAL(weir_pool_create(weir, &conf, &pool), 0);
	return pool;
}

static inline struct weir_pool_cache *make_cache(struct weir_pool *pool, uint32_t size)
{
	struct weir_pool_cache *cache;

	CU_ASSERT_EQUAL_FATAL(weir_pool_cache_create(pool, size, &cache), 0);
	return cache;
}

static inline struct weir_pool_info info_of(struct weir_pool *pool)
{
	struct weir_pool_info info;

	weir_pool_info(pool, &info);
	return info;
}

#endif
