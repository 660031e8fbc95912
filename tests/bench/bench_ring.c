/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a ring costs: cycles of the time-stamp counter per entry, push and pop together.
 *
 *      bench_ring [--json]
 *
 * "same core": one thread pushes a burst and pops it again, over and over, so the ring stays in its cache. "two
 * threads": one pushes and one pops at the same time, as fast as they can, on whatever processors the system gives
 * them; a call that moved nothing counts as time, not as entries. Each figure is the median of several rounds, with the
 * best beside it: where the machine is shared, the best is nearer to the truth.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "weir/ring.h"
#include "weir/weir.h"

#define SIZE        1024
#define BURST_MAX   128
#define SAME_CORE   (1u << 17) /* entries a round */
#define TWO_THREADS (1u << 18)
#define YIELD_AFTER 4096 /* empty-handed calls in a row, after which the other thread may need this processor */

struct bench {
	struct weir_ring *ring;
	unsigned burst;
	unsigned entries;
};

/* One entry at a time, with the number known to the compiler, as a caller that has one packet writes it. */
static void same_core_single(const struct bench *b)
{
	struct weir_pkt in = { .buf = 1, .len = 64 }, out;

	for (unsigned i = 0; i < b->entries; i++) {
		weir_ring_push(b->ring, &in, 1);
		weir_ring_pop(b->ring, &out, 1);
	}
}

static void same_core_burst(const struct bench *b)
{
	struct weir_pkt in[BURST_MAX] = { { 0 } }, out[BURST_MAX];

	for (unsigned i = 0; i < b->entries; i += b->burst) {
		weir_ring_push(b->ring, in, b->burst);
		weir_ring_pop(b->ring, out, b->burst);
	}
}

static struct result same_core(const struct bench *b)
{
	double cycles[ROUNDS];

	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t start = weir_clock();

		if (b->burst == 1)
			same_core_single(b);
		else
			same_core_burst(b);
		cycles[round] = (double)(weir_clock() - start) / b->entries;
	}
	return summarise(cycles);
}

static void *producer(void *arg)
{
	const struct bench *b = (const struct bench *)arg;
	struct weir_pkt pkts[BURST_MAX] = { { 0 } };
	unsigned idle = 0;

	for (unsigned done = 0; done < b->entries;) {
		unsigned put = weir_ring_push(b->ring, pkts, b->burst);

		done += put;
		idle = put ? 0 : idle + 1;
		if (idle % YIELD_AFTER == YIELD_AFTER - 1)
			sched_yield();
	}
	return NULL;
}

static void consume(const struct bench *b, unsigned done)
{
	struct weir_pkt pkts[BURST_MAX];
	unsigned idle = 0;

	while (done < b->entries) {
		unsigned got = weir_ring_pop(b->ring, pkts, b->burst);

		done += got;
		idle = got ? 0 : idle + 1;
		if (idle % YIELD_AFTER == YIELD_AFTER - 1)
			sched_yield();
	}
}

static struct result two_threads(struct bench *b)
{
	double cycles[ROUNDS];

	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t start;
		pthread_t thread;
		struct weir_pkt first;

		if (pthread_create(&thread, NULL, producer, b)) {
			fprintf(stderr, "bench_ring: cannot start a thread\n");
			exit(1);
		}
		/* The first entry says that both run. */
		while (!weir_ring_pop(b->ring, &first, 1))
			sched_yield();
		start = weir_clock();
		consume(b, 1);
		cycles[round] = (double)(weir_clock() - start) / b->entries;
		pthread_join(thread, NULL);
	}
	return summarise(cycles);
}

static void show(bool json, const char *kind, const char *threads, unsigned burst, struct result result)
{
	printf(json ? "{\"bench\": \"ring\", \"kind\": \"%s\", \"threads\": \"%s\", \"burst\": %u, "
	              "\"cycles_per_entry\": %.2f, \"best\": %.2f}\n"
	            : "%-6s %-12s burst %3u  %7.2f cycles per entry (best %.2f)\n",
	       kind, threads, burst, result.median, result.best);
}

int main(int argc, char **argv)
{
	static const unsigned bursts[] = { 1, 8, 32, 128 };
	static const struct {
		const char *name;
		uint32_t flags;
	} kinds[] = { { "SP/SC", WEIR_RING_SP | WEIR_RING_SC }, { "MP/MC", 0 } };
	bool json = argc > 1 && !strcmp(argv[1], "--json");
	struct weir *weir;

	if (weir_open(NULL, &weir)) {
		fprintf(stderr, "bench_ring: %s\n", weir_error());
		return 1;
	}
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		struct weir_ring_conf conf = { .name = "bench", .size = SIZE, .flags = kinds[k].flags };
		struct bench bench;

		if (weir_ring_create(weir, &conf, &bench.ring)) {
			fprintf(stderr, "bench_ring: %s\n", weir_error());
			return 1;
		}
		for (size_t i = 0; i < ARRAY_SIZE(bursts); i++) {
			bench.burst = bursts[i];
			bench.entries = SAME_CORE;
			show(json, kinds[k].name, "same core", bench.burst, same_core(&bench));
		}
		for (size_t i = 0; i < ARRAY_SIZE(bursts); i++) {
			bench.burst = bursts[i];
			bench.entries = TWO_THREADS;
			show(json, kinds[k].name, "two threads", bench.burst, two_threads(&bench));
		}
		weir_ring_destroy(bench.ring);
	}
	weir_close(weir);
	return 0;
}
