/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rings of packets: what goes in comes out, whole and in order, by one thread and by many.
 *
 * Entries carry a number in .buf, so that a test can tell which one it holds. What a ring should do is worked out by
 * hand, or by a plain queue in an array that moves everything along.
 */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"
#include "weir/ring.h"

static struct weir *weir; /* for all tests */

static struct weir_ring *ring_of(uint32_t size, uint32_t flags)
{
	struct weir_ring_conf conf = { .name = "test", .size = size, .flags = flags };
	struct weir_ring *ring;

	CU_ASSERT_EQUAL_FATAL(weir_ring_create(weir, &conf, &ring), 0);
	return ring;
}

/* Sets an empty ring's counters, as if so many entries had gone through. */
static void set_counters(struct weir_ring *ring, uint32_t count)
{
	ring->prod.turn = ring->cons.turn = count;
	ring->prod.other = ring->cons.other = count;
}

/* Entries numbered from @first. @chains says how long the packets are: "113" is two of one entry and one of three. */
static unsigned entries(struct weir_pkt *pkts, uint32_t first, const char *chains)
{
	unsigned n = 0;

	for (; *chains; chains++) {
		for (unsigned left = (unsigned)(*chains - '0'); left; left--, n++) {
			memset(&pkts[n], 0, sizeof(pkts[n]));
			pkts[n].buf = first + n;
			pkts[n].flags = left > 1 ? WEIR_PKT_MORE : 0;
		}
	}
	return n;
}

static bool numbered(const struct weir_pkt *pkts, unsigned n, uint32_t first)
{
	for (unsigned i = 0; i < n; i++)
		if (pkts[i].buf != first + i)
			return false;
	return true;
}

static void holds_as_many_as_asked_for(void)
{
	struct weir_ring *ring = ring_of(5, 0); /* 8 slots */
	struct weir_pkt pkts[16], out[16];

	entries(pkts, 100, "111111");
	CU_ASSERT_EQUAL(weir_ring_push(ring, pkts, 6), 5);
	CU_ASSERT_EQUAL(weir_ring_count(ring), 5);
	CU_ASSERT_EQUAL(weir_ring_free_slots(ring), 0);
	CU_ASSERT_EQUAL(weir_ring_push(ring, pkts, 1), 0);
	CU_ASSERT_EQUAL(weir_ring_pop(ring, out, 16), 5);
	CU_ASSERT_TRUE(numbered(out, 5, 100));
	CU_ASSERT_EQUAL(weir_ring_pop(ring, out, 16), 0);
	weir_ring_destroy(ring);
}

static void moves_every_field(void)
{
	struct weir_ring *ring = ring_of(4, WEIR_RING_SP | WEIR_RING_SC);
	struct weir_pkt in = { .buf = 0x12345678, .off = 0x9abc, .len = 0xdef0, .vlan = 0x1122, .flags = 0xfffe };
	struct weir_pkt out;

	in.hash = 0x33445566;
	CU_ASSERT_EQUAL(weir_ring_push(ring, &in, 1), 1);
	CU_ASSERT_EQUAL(weir_ring_pop(ring, &out, 1), 1);
	CU_ASSERT_EQUAL(memcmp(&in, &out, sizeof(in)), 0);
	weir_ring_destroy(ring);
}

static void bulk_is_all_or_nothing(void)
{
	struct weir_ring *ring = ring_of(6, 0);
	struct weir_pkt pkts[8], out[8];

	entries(pkts, 0, "1111111");
	CU_ASSERT_EQUAL(weir_ring_push_bulk(ring, pkts, 7), 0);
	CU_ASSERT_EQUAL(weir_ring_push_bulk(ring, pkts, 4), 4);
	CU_ASSERT_EQUAL(weir_ring_push_bulk(ring, pkts + 4, 3), 0);
	CU_ASSERT_EQUAL(weir_ring_push_bulk(ring, pkts + 4, 2), 2);
	CU_ASSERT_EQUAL(weir_ring_pop_bulk(ring, out, 7), 0);
	CU_ASSERT_EQUAL(weir_ring_pop_bulk(ring, out, 5), 5);
	CU_ASSERT_TRUE(numbered(out, 5, 0));
	CU_ASSERT_EQUAL(weir_ring_pop_bulk(ring, out, 2), 0);
	CU_ASSERT_EQUAL(weir_ring_pop_bulk(ring, out, 1), 1);
	CU_ASSERT_TRUE(numbered(out, 1, 5));
	weir_ring_destroy(ring);
}

static void nothing_asked_is_nothing_done(void)
{
	struct weir_ring *ring = ring_of(2, 0);
	struct weir_pkt pkt = { .buf = 1 };

	CU_ASSERT_EQUAL(weir_ring_push(ring, NULL, 0), 0);
	CU_ASSERT_EQUAL(weir_ring_push_bulk(ring, NULL, 0), 0);
	CU_ASSERT_EQUAL(weir_ring_push(ring, &pkt, 1), 1);
	CU_ASSERT_EQUAL(weir_ring_pop(ring, NULL, 0), 0);
	CU_ASSERT_EQUAL(weir_ring_pop_bulk(ring, NULL, 0), 0);
	CU_ASSERT_EQUAL(weir_ring_count(ring), 1);
	weir_ring_destroy(ring);
}

static void push_leaves_a_packet_that_does_not_fit_whole(void)
{
	struct weir_ring *ring = ring_of(6, 0);
	struct weir_pkt pkts[16], out[16];

	entries(pkts, 0, "133");
	CU_ASSERT_EQUAL(weir_ring_push(ring, pkts, 7), 4);
	CU_ASSERT_EQUAL(weir_ring_push(ring, pkts + 4, 3), 0);
	CU_ASSERT_EQUAL(weir_ring_pop(ring, out, 16), 4);
	CU_ASSERT_TRUE(numbered(out, 4, 0));
	CU_ASSERT_EQUAL(weir_ring_push(ring, pkts + 4, 3), 3);
	weir_ring_destroy(ring);
}

static void push_does_not_take_a_packet_that_the_array_cuts(void)
{
	struct weir_ring *ring = ring_of(8, 0);
	struct weir_pkt pkts[16];

	entries(pkts, 0, "123");
	CU_ASSERT_EQUAL(weir_ring_push_bulk(ring, pkts, 5), 0);
	CU_ASSERT_EQUAL(weir_ring_push(ring, pkts, 5), 3);
	CU_ASSERT_EQUAL(weir_ring_push(ring, pkts + 3, 2), 0);
	CU_ASSERT_EQUAL(weir_ring_count(ring), 3);
	weir_ring_destroy(ring);
}

static void pop_leaves_a_packet_that_the_array_would_cut(void)
{
	struct weir_ring *ring = ring_of(8, 0);
	struct weir_pkt pkts[8], out[8];

	entries(pkts, 0, "1322");
	CU_ASSERT_EQUAL(weir_ring_push(ring, pkts, 8), 8);
	CU_ASSERT_EQUAL(weir_ring_pop(ring, out, 3), 1);
	CU_ASSERT_EQUAL(weir_ring_pop(ring, out, 2), 0); /* the next has three */
	CU_ASSERT_EQUAL(weir_ring_pop_bulk(ring, out, 4), 0);
	CU_ASSERT_EQUAL(weir_ring_pop_bulk(ring, out, 5), 5);
	CU_ASSERT_TRUE(numbered(out, 5, 1));
	CU_ASSERT_EQUAL(weir_ring_pop(ring, out, 8), 2);
	CU_ASSERT_TRUE(numbered(out, 2, 6));
	weir_ring_destroy(ring);
}

static void a_packet_longer_than_the_ring_is_never_taken(void)
{
	struct weir_ring *ring = ring_of(3, 0);
	struct weir_pkt pkts[4];

	entries(pkts, 0, "4");
	CU_ASSERT_EQUAL(weir_ring_push(ring, pkts, 4), 0);
	CU_ASSERT_EQUAL(weir_ring_count(ring), 0);
	weir_ring_destroy(ring);
}

static void watermark_tells_when_it_is_reached(void)
{
	struct weir_ring_conf conf = { .size = 8, .watermark = 3 };
	struct weir_ring *ring, *other;
	struct weir_ring_info info;
	struct weir_pkt pkts[8];

	CU_ASSERT_EQUAL_FATAL(weir_ring_create(weir, &conf, &ring), 0);
	entries(pkts, 0, "11111111");
	CU_ASSERT_FALSE(weir_ring_above(ring));
	weir_ring_push(ring, pkts, 2);
	CU_ASSERT_FALSE(weir_ring_above(ring));
	weir_ring_push(ring, pkts, 1);
	CU_ASSERT_TRUE(weir_ring_above(ring));
	weir_ring_pop(ring, pkts, 1);
	CU_ASSERT_FALSE(weir_ring_above(ring));

	conf.watermark = 0;
	CU_ASSERT_EQUAL_FATAL(weir_ring_create(weir, &conf, &other), 0);
	weir_ring_info(other, &info);
	CU_ASSERT_EQUAL(info.watermark, 6); /* three quarters */
	weir_ring_destroy(other);
	weir_ring_destroy(ring);
}

static void info_tells_peak_and_refusals(void)
{
	struct weir_ring *ring = ring_of(10, WEIR_RING_SP | WEIR_RING_SC);
	struct weir_ring_info info;
	struct weir_pkt pkts[16];

	entries(pkts, 0, "1111111111111111");
	for (unsigned i = 0; i < 100; i++) {
		weir_ring_push(ring, pkts, 2);
		weir_ring_pop(ring, pkts, 2);
	}
	weir_ring_info(ring, &info);
	CU_ASSERT_STRING_EQUAL(info.name, "test");
	CU_ASSERT_EQUAL(info.size, 10);
	CU_ASSERT_EQUAL(info.count, 0);
	CU_ASSERT_EQUAL(info.peak, 2);
	CU_ASSERT_EQUAL(info.refused, 0);

	weir_ring_push(ring, pkts, 5);
	weir_ring_pop(ring, pkts, 4);
	weir_ring_push(ring, pkts, 6);
	CU_ASSERT_EQUAL(weir_ring_push_bulk(ring, pkts, 16), 0);
	weir_ring_info(ring, &info);
	CU_ASSERT_EQUAL(info.count, 7);
	CU_ASSERT_EQUAL(info.peak, 7);
	CU_ASSERT_EQUAL(info.refused, 16);
	weir_ring_push(ring, pkts, 16);
	weir_ring_info(ring, &info);
	CU_ASSERT_EQUAL(info.peak, 10);
	CU_ASSERT_EQUAL(info.refused, 16 + 13);
	weir_ring_destroy(ring);
}

static void bad_settings_are_refused_with_a_remedy(void)
{
	struct weir_ring_conf conf = { .name = "odd" };
	struct weir_ring *ring;

	CU_ASSERT_EQUAL(weir_ring_create(weir, &conf, &ring), -EINVAL);
	CU_ASSERT_PTR_NULL(ring);
	CU_ASSERT_STRING_EQUAL(weir_error(), "ring odd: a size of 0 entries; it must be 1 to 2^30");
	conf.size = (1u << 30) + 1;
	CU_ASSERT_EQUAL(weir_ring_create(weir, &conf, &ring), -EINVAL);
	conf.size = 16;
	conf.watermark = 17;
	CU_ASSERT_EQUAL(weir_ring_create(weir, &conf, &ring), -EINVAL);
	CU_ASSERT_STRING_EQUAL(weir_error(),
	                       "ring odd: a watermark of 17 entries would never be reached; its size is 16");
	conf.watermark = 16;
	conf.flags = 4;
	CU_ASSERT_EQUAL(weir_ring_create(weir, &conf, &ring), -EINVAL);
	conf.flags = 0;
	CU_ASSERT_EQUAL(weir_ring_create(weir, &conf, &ring), 0);
	weir_ring_destroy(ring);
	weir_ring_destroy(NULL);
}

/* A queue in an array, to compare a ring with. */
struct plain {
	struct weir_pkt pkts[64];
	unsigned len, size;
};

static unsigned plain_push(struct plain *q, const struct weir_pkt *pkts, unsigned n, bool all)
{
	unsigned fit = 0;

	for (unsigned i = 0; i < n && q->len + i < q->size; i++)
		if (!(pkts[i].flags & WEIR_PKT_MORE))
			fit = i + 1;
	if (all && fit < n)
		return 0;
	memcpy(&q->pkts[q->len], pkts, fit * sizeof(*pkts));
	q->len += fit;
	return fit;
}

static unsigned plain_pop(struct plain *q, struct weir_pkt *pkts, unsigned n, bool all)
{
	unsigned got = 0;

	for (unsigned i = 0; i < n && i < q->len; i++)
		if (!(q->pkts[i].flags & WEIR_PKT_MORE))
			got = i + 1;
	if (all && got < n)
		return 0;
	memcpy(pkts, q->pkts, got * sizeof(*pkts));
	q->len -= got;
	memmove(q->pkts, q->pkts + got, q->len * sizeof(*pkts));
	return got;
}

/* One random call on both; false when they differ. */
static bool same_step(struct weir_ring *ring, struct plain *plain, uint32_t *number)
{
	static const char *const shapes[] = { "1", "11", "111111111", "2", "3", "1312", "5", "21", "8", "99" };
	const char *shape = shapes[rand() % 10];
	struct weir_pkt pkts[32], out[32], want[32];
	unsigned n = entries(pkts, *number, shape), got;
	bool all = rand() % 2;

	if (rand() % 2) {
		n -= rand() % 4 ? 0 : (unsigned)rand() % n;
		got = all ? weir_ring_push_bulk(ring, pkts, n) : weir_ring_push(ring, pkts, n);
		*number += got;
		return got == plain_push(plain, pkts, n, all);
	}
	n = (unsigned)rand() % 20;
	got = all ? weir_ring_pop_bulk(ring, out, n) : weir_ring_pop(ring, out, n);
	return got == plain_pop(plain, want, n, all) && !memcmp(out, want, got * sizeof(*out));
}

static void random_calls_do_what_a_plain_queue_does(void)
{
	static const uint32_t sizes[] = { 1, 2, 3, 7, 8, 13, 16, 33 };
	static const uint32_t starts[] = { 0, UINT32_MAX - 20, 0x7fffffff - 20 };

	srand(7);
	for (unsigned kind = 0; kind < 4; kind++) {
		for (unsigned s = 0; s < 24; s++) {
			struct weir_ring *ring = ring_of(sizes[s % 8], kind);
			struct plain plain = { .size = sizes[s % 8] };
			uint32_t number = 0;
			bool same = true;

			set_counters(ring, starts[s / 8]);
			for (unsigned i = 0; same && i < 1000; i++) {
				same = same_step(ring, &plain, &number);
				same = same && weir_ring_count(ring) == plain.len;
			}
			CU_ASSERT_TRUE(same);
			weir_ring_destroy(ring);
		}
	}
}

/*
 * Threads. A packet says in each entry who sent it (.off), which of his it is (.buf), how many entries it has (.vlan)
 * and which of them this is (.len).
 */
#define THREADS 3
#define PACKETS 30000 /* of each producer */

struct crowd {
	struct weir_ring *ring;
	unsigned producers;
	unsigned index;           /* of this thread, among producers or consumers */
	bool bulk;                /* use the bulk calls */
	uint64_t *taken;          /* packets that all consumers took so far */
	uint64_t count, sum;      /* consumers: packets this thread took, sum of their numbers */
	unsigned wrong;           /* consumers: what it found wrong */
	uint32_t expect[THREADS]; /* consumers: at least this number next, from each producer */
};

static unsigned chain(struct weir_pkt *pkts, unsigned producer, uint32_t number, unsigned len)
{
	for (unsigned i = 0; i < len; i++) {
		memset(&pkts[i], 0, sizeof(pkts[i]));
		pkts[i].off = (uint16_t)producer;
		pkts[i].buf = number;
		pkts[i].len = (uint16_t)i;
		pkts[i].vlan = (uint16_t)len;
		pkts[i].flags = i + 1 < len ? WEIR_PKT_MORE : 0;
	}
	return len;
}

static void *produce(void *arg)
{
	struct crowd *me = (struct crowd *)arg;
	unsigned seed = me->index + 1, n, put;
	struct weir_pkt pkts[32];

	for (uint32_t number = 0; number < PACKETS;) {
		unsigned packets = 1 + (unsigned)rand_r(&seed) % 5;

		for (n = 0; packets && number < PACKETS; packets--)
			n += chain(pkts + n, me->index, number++, 1 + (unsigned)rand_r(&seed) % 4);
		for (unsigned done = 0; done < n; done += put) {
			put = me->bulk ? weir_ring_push_bulk(me->ring, pkts + done, n - done)
			               : weir_ring_push(me->ring, pkts + done, n - done);
			if (!put)
				sched_yield();
		}
	}
	return NULL;
}

/* Looks at the packets of one pop; returns how many they are. */
static unsigned inspect(struct crowd *me, const struct weir_pkt *pkts, unsigned n)
{
	unsigned packets = 0;

	for (unsigned i = 0; i < n; packets++) {
		const struct weir_pkt *first = &pkts[i];
		struct weir_pkt want[4];

		if (first->off >= me->producers || !first->vlan || first->vlan > 4 || first->vlan > n - i) {
			me->wrong++;
			return packets + 1;
		}
		chain(want, first->off, first->buf, first->vlan);
		me->wrong += memcmp(want, first, first->vlan * sizeof(*first)) != 0;
		me->wrong += first->buf < me->expect[first->off];
		me->expect[first->off] = first->buf + 1;
		me->sum += first->buf;
		i += first->vlan;
	}
	return packets;
}

static void *consume(void *arg)
{
	struct crowd *me = (struct crowd *)arg;
	uint64_t all = (uint64_t)me->producers * PACKETS;
	unsigned seed = 100 + me->index;
	struct weir_pkt pkts[32];

	while (__atomic_load_n(me->taken, __ATOMIC_RELAXED) < all) {
		unsigned want = 4 + (unsigned)rand_r(&seed) % 20;
		unsigned got =
		    me->bulk ? weir_ring_pop_bulk(me->ring, pkts, want) : weir_ring_pop(me->ring, pkts, want);
		unsigned packets;

		/* Bulk calls alone would leave what is no multiple of anything. */
		if (!got && me->bulk)
			got = weir_ring_pop(me->ring, pkts, want);
		if (!got) {
			sched_yield();
			continue;
		}
		packets = inspect(me, pkts, got);
		me->count += packets;
		__atomic_fetch_add(me->taken, me->wrong ? all : packets, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void crowd_run(unsigned producers, unsigned consumers, uint32_t size, bool bulk)
{
	uint32_t flags = (producers == 1 ? WEIR_RING_SP : 0) | (consumers == 1 ? WEIR_RING_SC : 0);
	struct weir_ring *ring = ring_of(size, flags);
	struct crowd crowd[2 * THREADS] = { { 0 } };
	uint64_t taken = 0, count = 0, sum = 0;
	pthread_t threads[2 * THREADS];
	struct weir_ring_info info;
	unsigned wrong = 0;

	set_counters(ring, UINT32_MAX - 3000);
	for (unsigned i = 0; i < producers + consumers; i++) {
		bool sends = i < producers;

		crowd[i] = (struct crowd){ .ring = ring, .producers = producers };
		crowd[i].index = sends ? i : i - producers;
		crowd[i].bulk = bulk;
		crowd[i].taken = &taken;
		CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, sends ? produce : consume, &crowd[i]), 0);
	}
	for (unsigned i = 0; i < producers + consumers; i++) {
		pthread_join(threads[i], NULL);
		count += crowd[i].count;
		sum += crowd[i].sum;
		wrong += crowd[i].wrong;
	}
	CU_ASSERT_EQUAL(wrong, 0);
	CU_ASSERT_EQUAL(count, (uint64_t)producers * PACKETS);
	CU_ASSERT_EQUAL(sum, (uint64_t)producers * PACKETS * (PACKETS - 1) / 2);
	weir_ring_info(ring, &info);
	CU_ASSERT_EQUAL(info.count, 0);
	CU_ASSERT_TRUE(info.peak <= size);
	weir_ring_destroy(ring);
}

static void one_thread_to_another(void)
{
	crowd_run(1, 1, 24, false);
	crowd_run(1, 1, 64, true);
}

static void many_threads_to_one(void)
{
	crowd_run(THREADS, 1, 24, false);
}

static void one_thread_to_many(void)
{
	crowd_run(1, THREADS, 24, false);
}

static void many_threads_to_many(void)
{
	crowd_run(THREADS, THREADS, 29, false);
	crowd_run(2, 2, 64, true);
}

static const struct unit_case cases[] = {
	{ "holds as many as asked for", holds_as_many_as_asked_for },
	{ "moves every field", moves_every_field },
	{ "bulk is all or nothing", bulk_is_all_or_nothing },
	{ "nothing asked is nothing done", nothing_asked_is_nothing_done },
	{ "push leaves a packet that does not fit whole", push_leaves_a_packet_that_does_not_fit_whole },
	{ "push does not take a packet that the array cuts", push_does_not_take_a_packet_that_the_array_cuts },
	{ "pop leaves a packet that the array would cut", pop_leaves_a_packet_that_the_array_would_cut },
	{ "a packet longer than the ring is never taken", a_packet_longer_than_the_ring_is_never_taken },
	{ "watermark tells when it is reached", watermark_tells_when_it_is_reached },
	{ "info tells peak and refusals", info_tells_peak_and_refusals },
	{ "bad settings are refused with a remedy", bad_settings_are_refused_with_a_remedy },
	{ "random calls do what a plain queue does", random_calls_do_what_a_plain_queue_does },
	{ "one thread to another", one_thread_to_another },
	{ "many threads to one", many_threads_to_one },
	{ "one thread to many", one_thread_to_many },
	{ "many threads to many", many_threads_to_many },
	{ NULL, NULL },
};

int main(void)
{
	struct weir_conf small = { .mem_reserve = 1 << 30 };
	int failed;

	if (weir_open(&small, &weir)) {
		fprintf(stderr, "%s\n", weir_error());
		return 1;
	}
	failed = unit_run("ring", cases);
	weir_close(weir);
	return failed;
}
