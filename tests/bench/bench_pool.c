/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pools beside rte_mempool: cycles for each buffer, taken and given back.
 *
 * A stretch takes bursts until so many buffers are held, then gives them back in bursts, over and over. "bufs" moves bare
 * buffers, as drivers do, beside pointers to objects; "packets" fills in and reads struct weir_pkt, beside mbufs. "one cache"
 * gives back to where it took from; "two caches" to another, so that each buffer goes through the depot: beside a pool
 * without caches, whose buffers go through its ring.
 */
#include "dpdk.h"

#ifdef WITH_DPDK
#include <rte_mempool.h>
#endif

#include "bench.h"
#include "weir/pool.h"

#define BUFFERS   8192u /* in a pool */
#define CACHE     512u
#define A_STRETCH 4096u
#define KEEP_MAX  512u /* and the least whose instructions are counted */

struct bench {
	struct weir_pool_cache *from, *to;
	struct rte_mempool *rte;
	unsigned burst, keep;
};

static uint64_t move_bufs(void *arg)
{
	const struct bench *b = arg;
	uint32_t bufs[KEEP_MAX];
	unsigned n = bench_counting ? KEEP_MAX : A_STRETCH;
	uint64_t start = bench_start();

	for (unsigned done = 0; done < n; done += b->keep) {
		for (unsigned i = 0; i < b->keep; i += b->burst)
			weir_pool_alloc_bufs(b->from, bufs + i, b->burst);
		for (unsigned i = 0; i < b->keep; i += b->burst)
			weir_pool_free_bufs(b->to, bufs + i, b->burst);
	}
	return bench_stop(start);
}

static uint64_t move_packets(void *arg)
{
	const struct bench *b = arg;
	struct weir_pkt pkts[KEEP_MAX];
	unsigned n = bench_counting ? KEEP_MAX : A_STRETCH;
	uint64_t start = bench_start();

	for (unsigned done = 0; done < n; done += b->keep) {
		for (unsigned i = 0; i < b->keep; i += b->burst)
			weir_pool_alloc(b->from, pkts + i, b->burst);
		for (unsigned i = 0; i < b->keep; i += b->burst)
			weir_pool_free(b->to, pkts + i, b->burst);
	}
	return bench_stop(start);
}

#ifdef WITH_DPDK
static uint64_t rte_move_objects(void *arg)
{
	const struct bench *b = arg;
	void *objects[KEEP_MAX];
	unsigned n = bench_counting ? KEEP_MAX : A_STRETCH;
	uint64_t start = bench_start();

	for (unsigned done = 0; done < n; done += b->keep) {
		for (unsigned i = 0; i < b->keep; i += b->burst)
			rte_mempool_get_bulk(b->rte, objects + i, b->burst);
		for (unsigned i = 0; i < b->keep; i += b->burst)
			rte_mempool_put_bulk(b->rte, objects + i, b->burst);
	}
	return bench_stop(start);
}

static uint64_t rte_move_mbufs(void *arg)
{
	const struct bench *b = arg;
	struct rte_mbuf *mbufs[KEEP_MAX];
	unsigned n = bench_counting ? KEEP_MAX : A_STRETCH;
	uint64_t start = bench_start();

	for (unsigned done = 0; done < n; done += b->keep) {
		for (unsigned i = 0; i < b->keep; i += b->burst)
			rte_pktmbuf_alloc_bulk(b->rte, mbufs + i, b->burst);
		for (unsigned i = 0; i < b->keep; i += b->burst)
			rte_pktmbuf_free_bulk(mbufs + i, b->burst);
	}
	return bench_stop(start);
}

static struct rte_mempool *rte_make(unsigned cache)
{
	char name[24];

	snprintf(name, sizeof(name), "cache %u", cache);
	return rte_pktmbuf_pool_create(name, BUFFERS, cache, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
}
#else
static struct rte_mempool *rte_make(unsigned cache)
{
	(void)cache;
	return NULL;
}
#endif

int main(void)
{
	static const struct {
		const char *name;
		bench_fn *ours, *theirs;
	} kinds[] = { { "bufs", move_bufs, THEIRS(rte_move_objects) },
		      { "packets", move_packets, THEIRS(rte_move_mbufs) } };
	static const unsigned bursts[] = { 1, 8, 32, 128 }, keeps[] = { 128, KEEP_MAX };
	struct weir_pool_conf conf = { .name = "bench", .count = BUFFERS };
	struct weir_pool_cache *caches[2];
	struct rte_mempool *theirs[2];
	struct weir_pool *pool;
	struct weir *weir;

	dpdk_start();
	bench_pin(0);
	theirs[0] = rte_make(CACHE);
	theirs[1] = rte_make(0);
	bench_must(weir_open(NULL, &weir), "bench_pool");
	bench_must(weir_pool_create(weir, &conf, &pool), "bench_pool");
	bench_must(weir_pool_cache_create(pool, CACHE, &caches[0]), "bench_pool");
	bench_must(weir_pool_cache_create(pool, CACHE, &caches[1]), "bench_pool");
	for (size_t kind = 0; kind < ARRAY_SIZE(kinds); kind++)
		for (unsigned two = 0; two < 2; two++)
			for (size_t k = bench_quick() ? 1 : 0; k < ARRAY_SIZE(keeps); k++)
				for (size_t i = 0; i < ARRAY_SIZE(bursts); i++) {
					struct bench b = { caches[0], caches[two], theirs[two], bursts[i], keeps[k] };
					char what[64];

					snprintf(what, sizeof(what), "%s, %s, %u at once, %u held", kinds[kind].name,
					         two ? "two caches" : "one cache", b.burst, b.keep);
					bench_run(&(struct bench_case){ .group = "pool",
					                                .what = what,
					                                .unit = "buffer",
					                                .units = A_STRETCH,
					                                .counted = KEEP_MAX,
					                                .ours = kinds[kind].ours,
					                                .theirs = kinds[kind].theirs,
					                                .arg = &b,
					                                .mark = 1 });
				}
	weir_close(weir);
	return 0;
}
