/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Readers beside a writer. The writer goes through a cycle of changes again and again and counts them; what each
 * address's answer is after each change was worked out before, by linear search. A reader notes the count before and
 * after a lookup: its answer must be that of a state between the two, or of the change under way.
 */
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "fib_reference.h"
#include "unit.h"

#define ROUTES   96u
#define STEPS    512u
#define PROBES   48u
#define READERS  2
#define FEW      4 /* lookups at a time: the fewer changes in between, the sharper the test */
#define RECYCLED 5 /* times at least */

struct race {
	struct weir_fib *fib;
	unsigned bytes;
	struct listed routes[ROUTES];
	unsigned step[STEPS]; /* the route that each change adds, or removes if it is there */
	struct weir_fib_ip6 probes[PROBES];
	uint32_t right[STEPS][PROBES]; /* after so many changes, modulo STEPS */
	uint64_t changes;
	uint64_t lookups;
	uint64_t wrong;
	bool stop;
};

static struct weir *weir;    /* for all tests */
static struct race the_race; /* large */

static bool may_be(const struct race *race, uint64_t first, uint64_t last, unsigned probe, uint32_t hop)
{
	if (last - first >= STEPS)
		last = first + STEPS - 1;
	for (uint64_t i = first; i <= last; i++)
		if (race->right[i % STEPS][probe] == hop)
			return true;
	return false;
}

static void *reader(void *arg)
{
	struct race *race = arg;
	uint32_t addrs[PROBES], hops[PROBES];
	uint64_t lookups = 0, wrong = 0;

	for (unsigned i = 0; i < PROBES; i++)
		memcpy(&addrs[i], race->probes[i].byte, sizeof(addrs[i]));
	do {
		unsigned from = (unsigned)(lookups % PROBES), n = from + FEW <= PROBES ? FEW : PROBES - from;
		uint64_t before = __atomic_load_n(&race->changes, __ATOMIC_ACQUIRE), after;

		if (race->bytes == 4)
			weir_fib_lookup4(race->fib, addrs + from, hops, n);
		else
			weir_fib_lookup6(race->fib, race->probes + from, hops, n);
		after = __atomic_load_n(&race->changes, __ATOMIC_ACQUIRE);
		for (unsigned i = 0; i < n; i++)
			wrong += !may_be(race, before, after + 1, from + i, hops[i]);
		lookups += n;
	} while (!__atomic_load_n(&race->stop, __ATOMIC_RELAXED));
	__atomic_fetch_add(&race->lookups, lookups, __ATOMIC_RELAXED);
	__atomic_fetch_add(&race->wrong, wrong, __ATOMIC_RELAXED);
	return NULL;
}

static int change(struct race *race, uint64_t number)
{
	struct listed *route = &race->routes[race->step[number % STEPS]];

	route->there = !route->there;
	return route->there ? weir_fib_add(race->fib, route->addr, route->len, route->hop)
	                    : weir_fib_remove(race->fib, route->addr, route->len);
}

/* The second half of the cycle undoes the first, in reverse. */
static void race_plan(struct race *race, unsigned bytes)
{
	uint64_t state = bytes;

	memset(race, 0, sizeof(*race));
	race->bytes = bytes;
	for (unsigned i = 0; i < ROUTES; i++) {
		struct listed *route = &race->routes[i];

		/* Each has a length and hop of its own, or lies elsewhere; 20 at least, so that changes are quick. */
		route->len = 20 + i % (bytes * 8 - 19);
		draw_addr(&state, route->addr, bytes, route->len);
		route->hop = i;
		for (unsigned j = 0; j < i; j++)
			if (race->routes[j].len == route->len && !memcmp(race->routes[j].addr, route->addr, 16))
				route->hop = race->routes[j].hop;
	}
	for (unsigned i = 0; i < STEPS / 2; i++) {
		unsigned pick = draw(&state) % ROUTES;

		/* Of the same prefix twice, only the first is used. */
		race->step[i] = race->step[STEPS - 1 - i] = race->routes[pick].hop;
	}
	for (unsigned i = 0; i < PROBES; i++) {
		/* Within some route, so that most have an answer at times. */
		const struct listed *route = &race->routes[draw(&state) % ROUTES];

		draw_addr(&state, race->probes[i].byte, bytes, bytes * 8);
		for (unsigned bit = 0; bit < route->len; bit++) {
			race->probes[i].byte[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
			race->probes[i].byte[bit / 8] |= route->addr[bit / 8] & (0x80 >> bit % 8);
		}
	}
	for (unsigned i = 0; i < STEPS; i++) {
		for (unsigned j = 0; j < PROBES; j++)
			race->right[i][j] = list_lookup(race->routes, ROUTES, race->probes[j].byte);
		race->routes[race->step[i]].there = !race->routes[race->step[i]].there;
	}
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void race_run(unsigned family)
{
	struct weir_fib_conf conf = { .family = family, .max_routes = ROUTES, .max_groups = family == 4 ? 48 : 700 };
	struct race *race = &the_race;
	pthread_t threads[READERS];
	struct weir_fib_info info;
	double start, took;
	unsigned failed = 0;

	race_plan(race, family == 4 ? 4 : 16);
	CU_ASSERT_EQUAL_FATAL(weir_fib_create(weir, &conf, &race->fib), 0);
	for (unsigned i = 0; i < READERS; i++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, reader, race), 0);
	start = seconds();
	do {
		for (unsigned i = 0; i < 64; i++) {
			failed += change(race, race->changes) != 0;
			__atomic_store_n(&race->changes, race->changes + 1, __ATOMIC_RELEASE);
		}
		took = seconds() - start;
		weir_fib_info(race->fib, &info);
	} while (took < 0.4 ||
	         (info.recycled < RECYCLED && took < 30)); /* longer where a sanitizer or emulator is slow */
	__atomic_store_n(&race->stop, true, __ATOMIC_RELAXED);
	for (unsigned i = 0; i < READERS; i++)
		pthread_join(threads[i], NULL);
	printf("%.0f changes/s, %llu lookups, recycled %llu times: ", (double)race->changes / took,
	       (unsigned long long)race->lookups, (unsigned long long)info.recycled);
	CU_ASSERT_EQUAL(failed, 0);
	CU_ASSERT_EQUAL(race->wrong, 0);
	CU_ASSERT_TRUE(race->lookups > 0);
	CU_ASSERT_TRUE(info.recycled >= RECYCLED);
	weir_fib_destroy(race->fib);
}

static void ipv4_readers_see_no_wrong_answer(void)
{
	race_run(4);
}

static void ipv6_readers_see_no_wrong_answer(void)
{
	race_run(6);
}

/* What processors without the widest instructions run, tried on all. */
static void portable_readers_see_no_wrong_answer(void)
{
	struct weir_conf conf = { .cpu_level = 1 };
	struct weir *best = weir;

	CU_ASSERT_EQUAL_FATAL(weir_open(&conf, &weir), 0);
	race_run(4);
	race_run(6);
	weir_close(weir);
	weir = best;
}

static const struct unit_case cases[] = {
	{ "IPv4 readers beside a writer see no wrong answer", ipv4_readers_see_no_wrong_answer },
	{ "IPv6 readers beside a writer see no wrong answer", ipv6_readers_see_no_wrong_answer },
	{ "readers of portable code see no wrong answer", portable_readers_see_no_wrong_answer },
	{ NULL, NULL },
};

int main(void)
{
	int result;

	if (weir_open(NULL, &weir) < 0)
		return unit_skip(weir_error());
	result = unit_run("fib_threads", cases);
	weir_close(weir);
	return result;
}
