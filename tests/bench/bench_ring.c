/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rings beside rte_ring: cycles for each entry, in and out. An entry of ours is a packet of 16 bytes, one of theirs a
 * pointer of 8.
 *
 * "same core": one thread puts a burst in and takes it out again, over and over. "two cores": one puts in and one takes
 * out at the same time, as fast as they can; a call that moved nothing counts as time, not as entries.
 */
#include "dpdk.h"

#include <pthread.h>
#include <sched.h>

#ifdef WITH_DPDK
#include <rte_ring.h>
#endif

#include "bench.h"
#include "weir/ring.h"

#define SIZE        1024
#define BURST_MAX   128
#define SAME_CORE   4096u /* entries in a stretch */
#define COUNTED     512u  /* ... whose instructions are counted */
#define TWO_CORES   (1u << 14)
#define YIELD_AFTER 4096 /* empty-handed calls in a row, after which the other thread may need this processor */

struct bench {
	struct weir_ring *ring;
	struct rte_ring *rte;
	unsigned burst;
	unsigned (*put)(const struct bench *b); /* a burst, in the thread of two_cores() that puts in */
	unsigned (*get)(const struct bench *b);
};

/* Bursts of one entry are written as a caller writes them that has one packet: the number is known to the compiler. */
static uint64_t same_core(void *arg)
{
	const struct bench *b = arg;
	struct weir_ring *ring = b->ring;
	unsigned burst = b->burst;
	struct weir_pkt in[BURST_MAX] = { { 0 } }, out[BURST_MAX];
	unsigned n = bench_counting ? COUNTED : SAME_CORE;
	uint64_t start = bench_start();

	if (burst == 1)
		for (unsigned i = 0; i < n; i++) {
			weir_ring_push(ring, in, 1);
			weir_ring_pop(ring, out, 1);
		}
	else
		for (unsigned i = 0; i < n; i += burst) {
			weir_ring_push(ring, in, burst);
			weir_ring_pop(ring, out, burst);
		}
	return bench_stop(start);
}

static unsigned put(const struct bench *b)
{
	static struct weir_pkt pkts[BURST_MAX];

	return weir_ring_push(b->ring, pkts, b->burst);
}

static unsigned get(const struct bench *b)
{
	struct weir_pkt pkts[BURST_MAX];

	return weir_ring_pop(b->ring, pkts, b->burst);
}

#ifdef WITH_DPDK
static uint64_t rte_same_core(void *arg)
{
	const struct bench *b = arg;
	struct rte_ring *ring = b->rte;
	unsigned burst = b->burst;
	void *in[BURST_MAX] = { NULL }, *out[BURST_MAX];
	unsigned n = bench_counting ? COUNTED : SAME_CORE;
	uint64_t start = bench_start();

	if (burst == 1)
		for (unsigned i = 0; i < n; i++) {
			rte_ring_enqueue_burst(ring, in, 1, NULL);
			rte_ring_dequeue_burst(ring, out, 1, NULL);
		}
	else
		for (unsigned i = 0; i < n; i += burst) {
			rte_ring_enqueue_burst(ring, in, burst, NULL);
			rte_ring_dequeue_burst(ring, out, burst, NULL);
		}
	return bench_stop(start);
}

static unsigned rte_put(const struct bench *b)
{
	static void *entries[BURST_MAX];

	return rte_ring_enqueue_burst(b->rte, entries, b->burst, NULL);
}

static unsigned rte_get(const struct bench *b)
{
	void *entries[BURST_MAX];

	return rte_ring_dequeue_burst(b->rte, entries, b->burst, NULL);
}

static struct rte_ring *rte_make(bool alone)
{
	static unsigned number;
	char name[16];

	snprintf(name, sizeof(name), "ring%u", number++);
	return rte_ring_create(name, SIZE, SOCKET_ID_ANY, alone ? RING_F_SP_ENQ | RING_F_SC_DEQ : 0);
}
#else
struct rte_ring;

static struct rte_ring *rte_make(bool alone)
{
	(void)alone;
	return NULL;
}
#endif

static void *producer(void *arg)
{
	const struct bench *b = arg;
	unsigned idle = 0;

	bench_pin(1);
	for (unsigned done = 0; done < TWO_CORES;) {
		unsigned n = b->put(b);

		done += n;
		idle = n ? 0 : idle + 1;
		if (idle % YIELD_AFTER == YIELD_AFTER - 1)
			sched_yield();
	}
	return NULL;
}

static uint64_t consume(const struct bench *b)
{
	unsigned done, idle = 0;
	uint64_t start;

	/* The first burst says that both run. */
	while (!(done = b->get(b)))
		sched_yield();
	start = bench_start();
	while (done < TWO_CORES) {
		unsigned n = b->get(b);

		done += n;
		idle = n ? 0 : idle + 1;
		if (idle % YIELD_AFTER == YIELD_AFTER - 1)
			sched_yield();
	}
	return bench_stop(start);
}

static uint64_t run_two(struct bench *b, unsigned (*putter)(const struct bench *),
                        unsigned (*getter)(const struct bench *))
{
	pthread_t thread;
	uint64_t cycles;

	b->put = putter;
	b->get = getter;
	bench_must(pthread_create(&thread, NULL, producer, b), "bench_ring: a second thread");
	cycles = consume(b);
	pthread_join(thread, NULL);
	return cycles;
}

static uint64_t two_cores(void *arg)
{
	return run_two(arg, put, get);
}

#ifdef WITH_DPDK
static uint64_t rte_two_cores(void *arg)
{
	return run_two(arg, rte_put, rte_get);
}
#endif

static void compare(struct bench *b, const char *kind, bool two)
{
	char what[64];

	snprintf(what, sizeof(what), "%s, %s, %u at once", kind, two ? "two cores" : "same core", b->burst);
	bench_run(&(struct bench_case){
	    .group = "ring",
	    .what = what,
	    .unit = "entry",
	    .units = two ? TWO_CORES : SAME_CORE,
	    .counted = COUNTED,
	    .ours = two ? two_cores : same_core,
	    .theirs = two ? THEIRS(rte_two_cores) : THEIRS(rte_same_core),
	    .arg = b,
	    .mark = 1,
	    .threads = two,
	});
}

int main(void)
{
	static const unsigned bursts[] = { 1, 8, 32, 128 };
	static const struct {
		const char *name;
		uint32_t flags;
	} kinds[] = { { "SP/SC", WEIR_RING_SP | WEIR_RING_SC }, { "MP/MC", 0 } };
	struct weir *weir;
	bool two;

	dpdk_start();
	two = bench_pin(1);
	if (!two)
		printf("two cores: there is one\n");
	bench_pin(0);
	bench_must(weir_open(NULL, &weir), "bench_ring");
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		struct weir_ring_conf conf = { .name = "bench", .size = SIZE, .flags = kinds[k].flags };
		struct bench bench = { .rte = rte_make(conf.flags) };

		bench_must(weir_ring_create(weir, &conf, &bench.ring), "bench_ring");
		for (unsigned threads = 1; threads <= (two ? 2 : 1); threads++)
			for (size_t i = 0; i < ARRAY_SIZE(bursts); i++) {
				bench.burst = bursts[i];
				compare(&bench, kinds[k].name, threads == 2);
			}
		weir_ring_destroy(bench.ring);
	}
	weir_close(weir);
	return 0;
}
