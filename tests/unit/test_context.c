/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Contexts: opened with every kind of setting, a thousand times over, side by side.
 */
#include <malloc.h>
#include <pthread.h>
#include <time.h>

#include "core/core.h"
#include "core/cpu.h"
#include "process.h"
#include "sentences.h"
#include "unit.h"
#include "weir/mem.h"
#include "weir/pool.h"
#include "weir/ring.h"

/* --- opening and closing ---------------------------------------------------------------------------------------------- */

/* Opens a context, uses a bit of everything and leaves the tidying to weir_close(). */
static bool open_use_close(void)
{
	struct weir_conf conf = { .mem_reserve = GIB(1), .mem_grow = MIB(2), .mem_page_size = KIB(4) };
	struct weir_pool_conf pool_conf = { .count = 100, .checks = true };
	struct weir_ring_conf ring_conf = { .size = 64 };
	struct weir_pool_cache *cache;
	struct weir_pool *pool;
	struct weir_ring *ring;
	struct weir_pkt pkt;
	struct weir *weir;
	void *mem;
	bool good;

	if (weir_open(&conf, &weir))
		return false;
	good = !weir_mem_alloc(weir, 100000, 0, WEIR_NODE_ANY, &mem) && !weir_pool_create(weir, &pool_conf, &pool) &&
	       !weir_pool_cache_create(pool, 0, &cache) && weir_pool_alloc(cache, &pkt, 1) == 1 &&
	       !weir_ring_create(weir, &ring_conf, &ring);
	weir_close(weir);
	return good;
}

static void a_thousand_contexts_leave_nothing_behind(void)
{
	unsigned fds, mappings, rounds = unit_rounds(1000), good = 0;
	struct mallinfo2 before, after;

	/* What the first uses load, for good, and what malloc() keeps at hand, which aligned memory makes grow for a while. */
	for (unsigned i = 0; i < 100; i++)
		CU_ASSERT(open_use_close());
	fds = count_fds();
	mappings = count_mappings();
	before = mallinfo2();
	for (unsigned i = 0; i < rounds; i++)
		good += open_use_close();
	after = mallinfo2();
	CU_ASSERT_EQUAL(good, rounds);
	CU_ASSERT_EQUAL(count_fds(), fds);
	CU_ASSERT_EQUAL(count_mappings(), mappings);
	CU_ASSERT_EQUAL(after.uordblks, before.uordblks);
	CU_ASSERT_EQUAL(after.hblkhd, before.hblkhd);
}

static void closing_nothing_is_allowed(void)
{
	weir_close(NULL);
}

static void the_defaults_are_64_gib_grown_by_an_eighth(void)
{
	struct weir_conf conf = { .mem_page_size = KIB(4) }; /* a machine with few hugepages left would grow by less */
	struct weir_mem_info info;
	struct weir *weir;
	void *mem;

	CU_ASSERT_EQUAL_FATAL(weir_open(&conf, &weir), 0);
	CU_ASSERT_EQUAL(weir_mem_alloc(weir, 64, 0, WEIR_NODE_ANY, &mem), 0);
	weir_mem_info(weir, &info);
	CU_ASSERT_EQUAL(info.reserved, 68719476736u);
	CU_ASSERT_EQUAL(info.mapped, MIB(2));
	/* Neither fits into what is there: the first takes 62 MiB more, the second an eighth of 64. */
	CU_ASSERT_EQUAL(weir_mem_alloc(weir, MIB(62), 0, WEIR_NODE_ANY, &mem), 0);
	CU_ASSERT_EQUAL(weir_mem_alloc(weir, MIB(2), 0, WEIR_NODE_ANY, &mem), 0);
	weir_mem_info(weir, &info);
	CU_ASSERT_EQUAL(info.mapped, MIB(64 + 8));
	weir_close(weir);
}

static void two_contexts_know_nothing_of_each_other(void)
{
	struct weir_conf conf = { .mem_reserve = GIB(1), .mem_grow = MIB(2), .mem_page_size = KIB(4) };
	struct weir_pool_conf pool_conf = { .count = 10 };
	struct weir_pool_cache *cache;
	struct weir_pool *a_pool, *b_pool;
	struct weir_mem_info info;
	struct weir *a, *b;
	struct weir_pkt pkt;
	void *mem;

	CU_ASSERT_EQUAL_FATAL(weir_open(&conf, &a), 0);
	CU_ASSERT_EQUAL_FATAL(weir_open(&conf, &b), 0);
	CU_ASSERT_PTR_NOT_EQUAL(weir_mem_base(a), weir_mem_base(b));
	CU_ASSERT_EQUAL_FATAL(weir_pool_create(a, &pool_conf, &a_pool), 0);
	weir_mem_info(b, &info);
	CU_ASSERT_EQUAL(info.mapped, 0);
	CU_ASSERT_EQUAL_FATAL(weir_pool_create(b, &pool_conf, &b_pool), 0);
	CU_ASSERT_EQUAL_FATAL(weir_pool_cache_create(b_pool, 0, &cache), 0);
	CU_ASSERT_EQUAL_FATAL(weir_pool_alloc(cache, &pkt, 1), 1);
	CU_ASSERT_PTR_EQUAL(weir_pool_of(a, pkt.buf), a_pool);
	CU_ASSERT_PTR_EQUAL(weir_pool_of(b, pkt.buf), b_pool);

	/* What belongs to one outlives the other. */
	weir_close(a);
	*weir_pkt_data(weir_mem_base(b), &pkt) = 1;
	weir_pool_free(cache, &pkt, 1);
	CU_ASSERT_EQUAL(weir_mem_alloc(b, 64, 0, WEIR_NODE_ANY, &mem), 0);
	weir_close(b);
}

/* --- settings --------------------------------------------------------------------------------------------------------- */

static void refused(struct weir_conf conf, const char *words)
{
	struct weir *weir = (struct weir *)&conf;

	CU_ASSERT_EQUAL(weir_open(&conf, &weir), -EINVAL);
	CU_ASSERT_PTR_NULL(weir);
	CU_ASSERT(error_says(words));
}

static void bad_settings_are_refused_by_name_and_value(void)
{
	refused((struct weir_conf){ .mem_reserve = 1000 }, "mem_reserve is 1000 bytes");
	refused((struct weir_conf){ .mem_reserve = GIB(257) }, "mem_reserve is 275951648768 bytes");
	refused((struct weir_conf){ .mem_page_size = 8192 }, "mem_page_size is 8192");
	refused((struct weir_conf){ .mem_reserve = GIB(1), .mem_grow = GIB(2) }, "mem_grow is 2147483648 bytes");
	refused((struct weir_conf){ .mem_node = -1 }, "mem_node is -1");
	refused((struct weir_conf){ .mem_node = WEIR_NODE(999) }, "NUMA node 999");
	refused((struct weir_conf){ .cpu_level = 5 }, "cpu_level is 5");
}

static void the_cpu_level_can_be_lowered_only(void)
{
	struct weir_conf conf = { .cpu_level = 1 };
	struct weir *weir;

	CU_ASSERT(weir_cpu_level(NULL) >= 1 && weir_cpu_level(NULL) <= 4);
	CU_ASSERT_EQUAL_FATAL(weir_open(&conf, &weir), 0);
	CU_ASSERT_EQUAL(weir_cpu_level(weir), 1);
	weir_close(weir);
	conf.cpu_level = 4;
	CU_ASSERT_EQUAL_FATAL(weir_open(&conf, &weir), 0);
	CU_ASSERT_EQUAL(weir_cpu_level(weir), weir_cpu_level(NULL));
	weir_close(weir);
}

/* --- sentences -------------------------------------------------------------------------------------------------------- */

static void *fail_in_thread(void *arg)
{
	struct weir_conf conf = { .mem_page_size = 12345 };
	struct weir *weir;
	bool *own = arg;

	*own = !weir_error()[0];
	weir_open(&conf, &weir);
	*own = *own && strstr(weir_error(), "12345");
	return NULL;
}

static void each_thread_reads_its_own_failure(void)
{
	struct weir_conf conf = { .mem_page_size = 54321 };
	struct weir *weir;
	pthread_t thread;
	bool own = false;

	weir_open(&conf, &weir);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, fail_in_thread, &own), 0);
	pthread_join(thread, NULL);
	CU_ASSERT(own);
	CU_ASSERT(error_says("54321"));
}

static void success_leaves_the_last_sentence_alone(void)
{
	struct weir *weir;

	refused((struct weir_conf){ .mem_page_size = 7 }, "mem_page_size is 7");
	CU_ASSERT_EQUAL_FATAL(weir_open(NULL, &weir), 0);
	CU_ASSERT(error_says("mem_page_size is 7"));
	weir_close(weir);
}

static void a_sentence_may_quote_the_one_before_it(void)
{
	weir_fail(NULL, -1, "inner");
	CU_ASSERT_EQUAL(weir_fail(NULL, -EIO, "outer: %s", weir_error()), -EIO);
	CU_ASSERT_STRING_EQUAL(weir_error(), "outer: inner");
}

static void failures_are_logged_and_levels_kept(void)
{
	struct sentences sentences = { .count = { 0 } };
	struct weir_conf conf = { .log = sentences_log, .log_arg = &sentences, .log_level = WEIR_LOG_INFO };
	struct weir *weir;

	CU_ASSERT_EQUAL_FATAL(weir_open(&conf, &weir), 0);
	weir_fail(weir, -EIO, "number %d", 17);
	CU_ASSERT_STRING_EQUAL(sentences.last, "number 17");
	CU_ASSERT_EQUAL(sentences.count[WEIR_LOG_ERROR], 1);
	weir_log(weir, WEIR_LOG_INFO, "for information");
	CU_ASSERT_STRING_EQUAL(sentences.last, "for information");
	weir_log(weir, WEIR_LOG_DEBUG, "for debugging");
	CU_ASSERT_STRING_EQUAL(sentences.last, "for information");
	CU_ASSERT_EQUAL(sentences.count[WEIR_LOG_DEBUG], 0);
	weir_close(weir);
}

/* --- version and clock ------------------------------------------------------------------------------------------------ */

static void the_version_is_that_of_the_headers(void)
{
	char version[32];

	snprintf(version, sizeof(version), "%d.%d.%d", WEIR_VERSION_MAJOR, WEIR_VERSION_MINOR, WEIR_VERSION_PATCH);
	CU_ASSERT_STRING_EQUAL(weir_version(), version);
}

static double monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Within a factor of two of the kernel's clock: the machine that tests may be busy, a wrong unit would be far off. */
static void the_clock_keeps_time(void)
{
	struct timespec pause = { .tv_nsec = 50000000 };
	double start = monotonic(), seconds;
	uint64_t ticks = weir_clock();

	nanosleep(&pause, NULL);
	ticks = weir_clock() - ticks;
	seconds = monotonic() - start;
	CU_ASSERT((double)ticks / (double)weir_clock_hz() < seconds * 2);
	CU_ASSERT((double)ticks / (double)weir_clock_hz() > seconds / 2);
	CU_ASSERT_EQUAL(weir_clock_hz(), weir_clock_hz());
}

static const struct unit_case cases[] = {
	{ "a thousand contexts leave nothing behind", a_thousand_contexts_leave_nothing_behind },
	{ "closing nothing is allowed", closing_nothing_is_allowed },
	{ "the defaults are 64 GiB, grown by an eighth", the_defaults_are_64_gib_grown_by_an_eighth },
	{ "two contexts know nothing of each other", two_contexts_know_nothing_of_each_other },
	{ "bad settings are refused by name and value", bad_settings_are_refused_by_name_and_value },
	{ "the CPU level can be lowered only", the_cpu_level_can_be_lowered_only },
	{ "each thread reads its own failure", each_thread_reads_its_own_failure },
	{ "success leaves the last sentence alone", success_leaves_the_last_sentence_alone },
	{ "a sentence may quote the one before it", a_sentence_may_quote_the_one_before_it },
	{ "failures are logged and levels kept", failures_are_logged_and_levels_kept },
	{ "the version is that of the headers", the_version_is_that_of_the_headers },
	{ "the clock keeps time", the_clock_keeps_time },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("context", cases);
}
