/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a pool costs: cycles of the time-stamp counter per buffer, allocated and freed again.
 *
 *      bench_pool [--json]
 *
 * A round allocates bursts until KEEP buffers are held, then frees them in bursts, over and over. "bufs" moves bare
 * buffers, as drivers do; "packets" fills in and reads struct weir_pkt. "one cache" frees to where it allocates from;
 * "two caches" frees to another, so that every buffer goes through the depot. Each figure is the median of several
 * rounds, with the best beside it: where the machine is shared, the best is nearer to the truth.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "weir/pool.h"
#include "weir/weir.h"

#define ROUNDS        21
#define BUFFERS       (1u << 17) /* a round */
#define KEEP_MAX      512
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct bench {
	struct weir_pool_cache *from, *to;
	unsigned burst, keep;
};

struct result {
	double median;
	double best;
};

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void move_bufs(const struct bench *b)
{
	uint32_t bufs[KEEP_MAX];

	for (unsigned done = 0; done < BUFFERS; done += b->keep) {
		for (unsigned i = 0; i < b->keep; i += b->burst)
			weir_pool_alloc_bufs(b->from, bufs + i, b->burst);
		for (unsigned i = 0; i < b->keep; i += b->burst)
			weir_pool_free_bufs(b->to, bufs + i, b->burst);
	}
}

static void move_packets(const struct bench *b)
{
	struct weir_pkt pkts[KEEP_MAX];

	for (unsigned done = 0; done < BUFFERS; done += b->keep) {
		for (unsigned i = 0; i < b->keep; i += b->burst)
			weir_pool_alloc(b->from, pkts + i, b->burst);
		for (unsigned i = 0; i < b->keep; i += b->burst)
			weir_pool_free(b->to, pkts + i, b->burst);
	}
}

static struct result measure(const struct bench *b, void (*move)(const struct bench *))
{
	double cycles[ROUNDS];

	move(b); /* warm */
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t start = weir_clock();

		move(b);
		cycles[round] = (double)(weir_clock() - start) / BUFFERS;
	}
	qsort(cycles, ROUNDS, sizeof(*cycles), compare);
	return (struct result){ cycles[ROUNDS / 2], cycles[0] };
}

static void show(const char *kind, const char *caches, const struct bench *b, struct result result, bool json)
{
	printf(json ? "{\"bench\": \"pool\", \"kind\": \"%s\", \"caches\": \"%s\", \"burst\": %u, \"keep\": %u, "
	              "\"cycles_per_buffer\": %.2f, \"best\": %.2f}\n"
	            : "%-8s %-11s burst %3u  keep %3u  %7.2f cycles per buffer (best %.2f)\n",
	       kind, caches, b->burst, b->keep, result.median, result.best);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*move)(const struct bench *);
	} kinds[] = { { "bufs", move_bufs }, { "packets", move_packets } };
	static const unsigned bursts[] = { 1, 8, 32, 128 }, keeps[] = { 128, 512 };
	bool json = argc > 1 && !strcmp(argv[1], "--json");
	struct weir_pool_conf conf = { .name = "bench", .count = 8192 };
	struct weir_pool_cache *caches[2];
	struct weir_pool *pool;
	struct weir *weir;

	if (weir_open(NULL, &weir) || weir_pool_create(weir, &conf, &pool) ||
	    weir_pool_cache_create(pool, 512, &caches[0]) || weir_pool_cache_create(pool, 512, &caches[1])) {
		fprintf(stderr, "bench_pool: %s\n", weir_error());
		return 1;
	}
	for (size_t kind = 0; kind < ARRAY_SIZE(kinds); kind++)
		for (unsigned two = 0; two < 2; two++)
			for (size_t k = 0; k < ARRAY_SIZE(keeps); k++)
				for (size_t i = 0; i < ARRAY_SIZE(bursts); i++) {
					struct bench b = { caches[0], caches[two], bursts[i], keeps[k] };

					show(kinds[kind].name, two ? "two caches" : "one cache", &b,
					     measure(&b, kinds[kind].move), json);
				}
	weir_close(weir);
	return 0;
}
