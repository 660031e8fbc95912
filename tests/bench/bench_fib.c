/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What forwarding tables cost: lib/fib, and beside it those of DPDK where that is installed, in one run.
 *
 * A million IPv4 and 200,000 IPv6 routes with prefix lengths in the proportions of the Internet's routing table, plus one
 * in a hundred that only a network's own routers have; ROUTES=n takes n and n / 5. "random": each address lies in a
 * route drawn from all of them. "95% hot": 95 of 100 addresses are among 4,096. Tables are asked in turn, round by
 * round, in bursts of 32 or as said, and have to agree on the sum of all answers. "filled" is the rate at which the table
 * took its routes, in random order; "updates" take a random route away or put it back, for a second. rte_lpm takes
 * minutes to be filled: it looks for each rule among all others of its length.
 *
 * Stretches are milliseconds and more, in which others may have the processor: what counts is the time that this thread
 * had it.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"
#include "rivals.h"
#include "weir/fib.h"

#define ADDRESSES (1u << 20)
#define HOT       4096u
#define HOPS      64u
#define BLOCKS    30000u /* that IPv6 prefixes longer than /32 lie in */
#define LINES     16u
#define ROUNDS    15u

enum { RANDOM, HOT_ONES, TRAFFICS };

static const char *const traffic_names[TRAFFICS] = { "random", "95% hot" };

/* How many of 10,000 routes have this length. */
struct share {
	uint8_t len;
	uint16_t of;
};

static const struct share mix4[] = {
	{ 8, 1 },     { 9, 1 },   { 10, 1 },   { 11, 1 },   { 12, 4 },   { 13, 6 },   { 14, 12 },   { 15, 20 },
	{ 16, 138 },  { 17, 85 }, { 18, 142 }, { 19, 255 }, { 20, 450 }, { 21, 515 }, { 22, 1130 }, { 23, 1010 },
	{ 24, 6129 }, { 26, 15 }, { 27, 15 },  { 28, 15 },  { 29, 15 },  { 30, 20 },  { 32, 20 },
};

static const struct share mix6[] = {
	{ 20, 2 },   { 24, 5 },    { 28, 25 },  { 29, 420 }, { 30, 60 },  { 32, 1270 }, { 33, 180 }, { 34, 160 },
	{ 35, 90 },  { 36, 430 },  { 38, 110 }, { 40, 900 }, { 42, 210 }, { 44, 1020 }, { 45, 190 }, { 46, 370 },
	{ 47, 330 }, { 48, 4128 }, { 56, 20 },  { 64, 50 },  { 127, 10 }, { 128, 20 },
};

/* Numbers without pattern, the same in every run. */
static uint32_t draw(void)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 32);
}

static void *must(void *memory)
{
	if (!memory) {
		fprintf(stderr, "not enough memory\n");
		exit(1);
	}
	return memory;
}

/* --- routes and traffic ------------------------------------------------------------------------------------------- */

static uint8_t draw_len(const struct share *mix, size_t n)
{
	unsigned all = 0, at;

	for (size_t i = 0; i < n; i++)
		all += mix[i].of;
	at = draw() % all;
	for (; at >= mix->of; mix++)
		at -= mix->of;
	return mix->len;
}

/* Fills what lies behind the first @len bits: with zeros, or at random. */
static void fill_rest(uint8_t addr[16], unsigned len, unsigned bytes, bool random)
{
	for (unsigned i = len / 8; i < bytes; i++) {
		uint8_t rest = i * 8 >= len ? 0xff : (uint8_t)(0xff >> len % 8);

		addr[i] = (uint8_t)((addr[i] & ~rest) | (random ? draw() & rest : 0));
	}
}

static void draw_prefix4(struct prefix *prefix)
{
	prefix->len = draw_len(mix4, ARRAY_SIZE(mix4));
	fill_rest(prefix->addr, 0, 4, true);
	prefix->addr[0] = (uint8_t)(1 + draw() % 223);
	fill_rest(prefix->addr, prefix->len, 4, false);
}

/* Registries give away /32s of a few large blocks; what is longer lies in one of those given away. */
static void draw_prefix6(struct prefix *prefix)
{
	static const uint8_t blocks[][2] = { { 0x20, 0x01 }, { 0x24, 0x00 }, { 0x26, 0x00 },
		                             { 0x28, 0x00 }, { 0x2a, 0x00 }, { 0x2c, 0x00 } };
	static uint8_t given[BLOCKS][4];
	static bool full;

	for (unsigned i = 0; !full && i < BLOCKS; i++) {
		memcpy(given[i], blocks[draw() % ARRAY_SIZE(blocks)], 2);
		given[i][1] |= given[i][1] ? 0 : draw() % 16;
		given[i][2] = (uint8_t)draw();
		given[i][3] = (uint8_t)draw();
	}
	full = true;
	prefix->len = draw_len(mix6, ARRAY_SIZE(mix6));
	fill_rest(prefix->addr, 0, 16, true);
	memcpy(prefix->addr, given[draw() % BLOCKS], 4);
	fill_rest(prefix->addr, prefix->len, 16, false);
}

static int compare_prefixes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct prefix));
}

/* As many routes as asked for, no two alike, in random order. */
static struct prefix *make_routes(unsigned family, unsigned n)
{
	unsigned made = n + n / 4, kept = 1;
	struct prefix *routes = must(calloc(made, sizeof(*routes)));

	for (unsigned i = 0; i < made; i++)
		family == 4 ? draw_prefix4(&routes[i]) : draw_prefix6(&routes[i]);
	qsort(routes, made, sizeof(*routes), compare_prefixes);
	for (unsigned i = 1; i < made; i++)
		if (compare_prefixes(&routes[i], &routes[kept - 1]))
			routes[kept++] = routes[i];
	if (kept < n) {
		fprintf(stderr, "there are not that many different routes: %u\n", n);
		exit(1);
	}
	for (unsigned i = kept; i > 1; i--) {
		unsigned j = draw() % i;
		struct prefix one = routes[j];

		routes[j] = routes[i - 1];
		routes[i - 1] = one;
	}
	for (unsigned i = 0; i < n; i++)
		routes[i].hop = (uint8_t)(draw() % HOPS);
	return routes;
}

static void make_traffic(struct traffic *traffic, unsigned family, bool hot, const struct prefix *routes, unsigned n)
{
	traffic->count = ADDRESSES;
	traffic->ip6 = must(calloc(ADDRESSES, sizeof(*traffic->ip6)));
	traffic->packet = must(calloc(ADDRESSES, sizeof(*traffic->packet)));
	traffic->numbers = must(calloc(ADDRESSES, sizeof(*traffic->numbers)));
	for (unsigned i = 0; i < ADDRESSES; i++) {
		uint8_t *addr = traffic->ip6[i];

		if (hot && i >= HOT && draw() % 100 < 95) {
			memcpy(addr, traffic->ip6[draw() % HOT], 16);
		} else {
			const struct prefix *route = &routes[draw() % n];

			memcpy(addr, route->addr, 16);
			fill_rest(addr, route->len, family == 4 ? 4 : 16, true);
		}
		memcpy(&traffic->packet[i], addr, 4);
		traffic->numbers[i] = ntohl(traffic->packet[i]);
	}
}

static void free_traffic(struct traffic *traffic)
{
	free(traffic->ip6);
	free(traffic->packet);
	free(traffic->numbers);
}

/* --- lib/fib as one of the tables --------------------------------------------------------------------------------- */

static struct weir *weir;
static struct weir_fib *fib; /* of the family that is being measured */

static bool weir_make(unsigned family, unsigned routes)
{
	const struct weir_fib_conf conf = { .family = family, .max_routes = routes };

	if (!weir_fib_create(weir, &conf, &fib))
		return true;
	fprintf(stderr, "%s\n", weir_error());
	return false;
}

static bool weir_make4(unsigned routes)
{
	return weir_make(4, routes);
}

static bool weir_make6(unsigned routes)
{
	return weir_make(6, routes);
}

static int weir_add(const struct prefix *prefix)
{
	return weir_fib_add(fib, prefix->addr, prefix->len, prefix->hop);
}

static int weir_remove(const struct prefix *prefix)
{
	return weir_fib_remove(fib, prefix->addr, prefix->len);
}

static uint64_t weir_bytes(void)
{
	struct weir_fib_info info;

	weir_fib_info(fib, &info);
	return info.bytes;
}

static uint64_t sum_hops(const uint32_t *hops)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < BURST; i++)
		sum += hops[i];
	return sum;
}

static uint64_t weir_lookup4(const struct traffic *traffic)
{
	uint32_t hops[BURST];
	uint64_t sum = 0;

	for (unsigned i = 0; i < traffic->count; i += BURST) {
		weir_fib_lookup4(fib, traffic->packet + i, hops, BURST);
		sum += sum_hops(hops);
	}
	return sum;
}

static uint64_t weir_lookup6(const struct traffic *traffic)
{
	uint32_t hops[BURST];
	uint64_t sum = 0;

	for (unsigned i = 0; i < traffic->count; i += BURST) {
		weir_fib_lookup6(fib, (const struct weir_fib_ip6 *)(traffic->ip6 + i), hops, BURST);
		sum += sum_hops(hops);
	}
	return sum;
}

static const struct manner weir_manners4[] = { { "batch", NULL, weir_lookup4 }, { 0 } };
static const struct manner weir_manners6[] = { { "batch", NULL, weir_lookup6 }, { 0 } };
static const struct rival weir_tables[] = {
	{ "lib/fib", 4, weir_make4, weir_add, weir_remove, weir_bytes, weir_manners4 },
	{ "lib/fib", 6, weir_make6, weir_add, weir_remove, weir_bytes, weir_manners6 },
};

/* --- measuring ---------------------------------------------------------------------------------------------------- */

/* One way to ask one table, and what it took; ours is the first. */
struct line {
	const struct rival *rival;
	const struct manner *manner;
	double cycles[TRAFFICS][ROUNDS];
};

/* Seconds that this thread has had a processor. */
static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void check(int err, const struct rival *rival, const char *what)
{
	if (err) {
		fprintf(stderr, "%s does not %s a route: %d\n", rival->name, what, err);
		exit(1);
	}
}

/* Takes random routes away and puts them back, for a second. */
static double measure_updates(const struct rival *rival, const struct prefix *routes, unsigned n)
{
	double start = seconds();
	unsigned done = 0;

	do {
		const struct prefix *route = &routes[draw() % n];

		check(rival->remove(route), rival, "remove");
		check(rival->add(route), rival, "add");
		done += 2;
	} while (done % 64 || seconds() - start < 1);
	return done / (seconds() - start);
}

/* What is measured once: ours, and with @theirs beside it. */
struct changes {
	double megabytes, filled, updates;
};

static void show_changes(const char *what, const char *unit, unsigned family, const struct rival *rival, double ours,
                         double theirs)
{
	printf("fib\tIPv%u, %s beside %s\t%s\t%.2f\t0\t%.2f\t-\t%.2f\t0\t%.2f\t-\t0\n", family, what, rival->name, unit,
	       ours, ours, theirs, theirs);
}

static bool measure_changes(const struct rival *rival, const struct prefix *routes, unsigned n, struct changes *changes)
{
	double start;

	if (!rival->make(n)) {
		printf("%s: cannot be made for %u routes\n", rival->name, n);
		return false;
	}
	start = seconds();
	for (unsigned i = 0; i < n; i++)
		check(rival->add(&routes[i]), rival, "add");
	changes->filled = n / (seconds() - start) / 1e3;
	changes->megabytes = (double)rival->bytes() / 1e6;
	changes->updates = measure_updates(rival, routes, n) / 1e3;
	return true;
}

/* --- what comes of it --------------------------------------------------------------------------------------------- */

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Median, spread and best, as table.awk wants them. */
static void show_figures(const double *sorted)
{
	double spread = sorted[ROUNDS * 3 / 4] - sorted[ROUNDS / 4];

	printf("\t%.2f\t%.2f\t%.2f\t-", sorted[ROUNDS / 2], spread < 0 ? -spread : spread, sorted[0]);
}

/* Cycles per lookup of ours and theirs, and what that comes to in a second. */
static void show(const struct line *ours, const struct line *theirs)
{
	for (unsigned t = 0; t < TRAFFICS; t++) {
		double rates[2][ROUNDS];

		for (unsigned r = 0; r < ROUNDS; r++) {
			rates[0][r] = (double)weir_clock_hz() / ours->cycles[t][r] / 1e6;
			rates[1][r] = (double)weir_clock_hz() / theirs->cycles[t][r] / 1e6;
		}
		printf("fib\tIPv%u %s: %s, %s\tcycles/lookup", ours->rival->family, traffic_names[t],
		       theirs->rival->name, theirs->manner->name);
		show_figures(ours->cycles[t]);
		show_figures(theirs->cycles[t]);
		printf("\t0\nfib\tIPv%u %s: %s, %s\tM lookups/s", ours->rival->family, traffic_names[t],
		       theirs->rival->name, theirs->manner->name);
		show_figures(rates[0]);
		show_figures(rates[1]);
		printf("\t0\n");
	}
}

/* One round of one line. All tables have to give the same answers. */
static void measure_lookups(struct line *line, const struct traffic *traffic, unsigned kind, unsigned round,
                            uint64_t *expected)
{
	uint64_t sum;
	double start;

	if (line->manner->choose)
		line->manner->choose();
	start = seconds();
	sum = line->manner->lookup(traffic);
	line->cycles[kind][round] = (seconds() - start) * (double)weir_clock_hz() / traffic->count;
	if (!*expected)
		*expected = sum;
	if (sum != *expected) {
		fprintf(stderr, "%s (%s) gives other answers than the tables before it\n", line->rival->name,
		        line->manner->name);
		exit(1);
	}
}

static unsigned add_lines(struct line *lines, unsigned count, const struct rival *rival)
{
	for (const struct manner *manner = rival->manners; manner->name; manner++) {
		if (manner->choose && !manner->choose()) {
			printf("%s: no %s on this processor\n", rival->name, manner->name);
			continue;
		}
		if (count < LINES)
			lines[count++] = (struct line){ .rival = rival, .manner = manner };
	}
	return count;
}

static void measure_rounds(struct line *lines, unsigned count, unsigned family, const struct prefix *routes, unsigned n)
{
	uint64_t expected[TRAFFICS] = { 0 };
	struct traffic traffic[TRAFFICS];

	for (unsigned t = 0; t < TRAFFICS; t++)
		make_traffic(&traffic[t], family, t == HOT_ONES, routes, n);
	for (unsigned round = 0; round < ROUNDS; round++)
		for (unsigned t = 0; t < TRAFFICS; t++)
			for (unsigned i = 0; i < count; i++)
				measure_lookups(&lines[i], &traffic[t], t, round, &expected[t]);
	for (unsigned i = 0; i < count; i++)
		for (unsigned t = 0; t < TRAFFICS; t++)
			qsort(lines[i].cycles[t], ROUNDS, sizeof(double), compare_doubles);
	for (unsigned t = 0; t < TRAFFICS; t++)
		free_traffic(&traffic[t]);
}

static void measure(const struct rival *ours, unsigned n, const struct rival *others)
{
	struct prefix *routes = make_routes(ours->family, n);
	static struct line lines[LINES];
	struct changes own, theirs;
	unsigned count;

	if (!measure_changes(ours, routes, n, &own))
		exit(1);
	count = add_lines(lines, 0, ours);
	for (; others->name; others++) {
		if (others->family != ours->family || !measure_changes(others, routes, n, &theirs))
			continue;
		show_changes("memory", "MB", ours->family, others, own.megabytes, theirs.megabytes);
		show_changes("filled", "k routes/s", ours->family, others, own.filled, theirs.filled);
		show_changes("updates", "k/s", ours->family, others, own.updates, theirs.updates);
		count = add_lines(lines, count, others);
		fflush(stdout);
	}
	measure_rounds(lines, count, ours->family, routes, n);
	printf(
	    "fib: lib/fib, %u IPv%u routes: %.1f MB, filled at %.0f k/s, %.0f k updates/s; cycles per lookup: random %.2f, "
	    "95%% hot %.2f\n",
	    n, ours->family, own.megabytes, own.filled, own.updates, lines[0].cycles[RANDOM][ROUNDS / 2],
	    lines[0].cycles[HOT_ONES][ROUNDS / 2]);
	for (unsigned i = 1; i < count; i++)
		show(&lines[0], &lines[i]);
	weir_fib_destroy(fib);
	free(routes);
}

int main(void)
{
	const struct rival *others = rivals_start();
	const char *text = getenv("ROUTES");
	unsigned routes = text ? (unsigned)atoi(text) : 1000000;

	bench_pin(0);
	bench_must(weir_open(NULL, &weir), "bench_fib");
	measure(&weir_tables[0], routes, others);
	measure(&weir_tables[1], routes / 5, others);
	weir_close(weir);
	return 0;
}
