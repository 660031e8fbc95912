/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The arena: what it hands out, how it grows, and what it says when it cannot.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mem/arena.h"
#include "mem/machine.h"
#include "process.h"
#include "sentences.h"
#include "unit.h"
#include "weir/mem.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED true
#endif
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

/* A context of 4 KiB pages, so that a case behaves the same whatever hugepages there are. */
static struct weir *open_small(uint64_t reserve, uint64_t grow)
{
	struct weir_conf conf = { .mem_reserve = reserve, .mem_grow = grow, .mem_page_size = KIB(4) };
	struct weir *weir;

	CU_ASSERT_EQUAL_FATAL(weir_open(&conf, &weir), 0);
	return weir;
}

static struct weir_mem_info info_of(struct weir *weir)
{
	struct weir_mem_info info;

	weir_mem_info(weir, &info);
	return info;
}

static uint64_t offset_of(struct weir *weir, const void *mem)
{
	return (uint64_t)((const uint8_t *)mem - weir_mem_base(weir));
}

static bool all_bytes_are(const uint8_t *mem, size_t size, uint8_t value)
{
	return mem[0] == value && !memcmp(mem, mem + 1, size - 1);
}

/* --- the range -------------------------------------------------------------------------------------------------------- */

static void opening_reserves_addresses_and_nothing_else(void)
{
	unsigned fds = count_fds();
	struct weir *weir = open_small(GIB(2), MIB(4));
	struct weir_mem_info info = info_of(weir);
	struct weir_mem_chunk chunk;

	CU_ASSERT_EQUAL(info.reserved, 2147483648u);
	CU_ASSERT_EQUAL(info.mapped, 0);
	CU_ASSERT_EQUAL(info.used, 0);
	CU_ASSERT_EQUAL(info.page_size, 0);
	CU_ASSERT_EQUAL(info.chunks, 0);
	CU_ASSERT_PTR_EQUAL(info.base, weir_mem_base(weir));
	CU_ASSERT_EQUAL((uintptr_t)info.base % 1073741824u, 0);
	CU_ASSERT_EQUAL(weir_mem_chunk(weir, 0, &chunk), -ENOENT);
	CU_ASSERT_EQUAL(count_fds(), fds);
	weir_close(weir);
}

/* In a child, because a limit that was lowered cannot be raised again. */
static void too_little_address_space_is_a_sentence(void)
{
	int status = 0;
	pid_t child;

	if (SANITIZED) {
		unit_skip("a sanitizer needs the address space that this case takes away");
		return;
	}
	fflush(stdout);
	child = fork();
	CU_ASSERT_FATAL(child >= 0);
	if (!child) {
		struct rlimit limit = { GIB(8), GIB(8) };
		struct weir *weir = (struct weir *)&limit;

		setrlimit(RLIMIT_AS, &limit);
		if (weir_open(NULL, &weir) != -ENOMEM || weir)
			_exit(1);
		_exit(strstr(weir_error(), "64 GiB") && strstr(weir_error(), "mem_reserve") ? 0 : 2);
	}
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 1) {
		unit_skip("this system does not keep to RLIMIT_AS");
		return;
	}
	CU_ASSERT_EQUAL(status, 0);
}

/* --- what is asked for ------------------------------------------------------------------------------------------------ */

static void bad_sizes_are_refused_with_the_value(void)
{
	struct weir *weir = open_small(GIB(1), MIB(2));
	void *mem = weir;

	CU_ASSERT_EQUAL(weir_mem_alloc(weir, 0, 0, WEIR_NODE_ANY, &mem), -EINVAL);
	CU_ASSERT(error_says("no bytes"));
	CU_ASSERT_PTR_NULL(mem);
	CU_ASSERT_EQUAL(weir_mem_alloc(weir, 4096, 96, WEIR_NODE_ANY, &mem), -EINVAL);
	CU_ASSERT(error_says("96"));
	CU_ASSERT_EQUAL(weir_mem_alloc(weir, 4096, 32, WEIR_NODE_ANY, &mem), -EINVAL);
	CU_ASSERT_EQUAL(weir_mem_alloc(weir, 4096, GIB(2), WEIR_NODE_ANY, &mem), -EINVAL);
	CU_ASSERT_EQUAL(weir_mem_alloc(weir, 4096, 0, WEIR_NODE(999), &mem), -EINVAL);
	CU_ASSERT(error_says("node 999"));
	CU_ASSERT_EQUAL(weir_mem_alloc(weir, 4096, 0, -1, &mem), -EINVAL);
	CU_ASSERT_EQUAL(weir_mem_alloc(weir, UINT64_MAX, 0, WEIR_NODE_ANY, &mem), -ENOMEM);
	CU_ASSERT(error_says("mem_reserve"));
	CU_ASSERT_EQUAL(weir_mem_alloc(weir, GIB(1) + 1, 0, WEIR_NODE_ANY, &mem), -ENOMEM);
	CU_ASSERT(error_says("mem_reserve"));
	CU_ASSERT_PTR_NULL(mem);
	CU_ASSERT_EQUAL(info_of(weir).mapped, 0);
	weir_close(weir);
}

static void memory_is_aligned_as_asked(void)
{
	struct weir *weir = open_small(GIB(4), MIB(4));
	void *mem;

	for (uint64_t align = 64; align <= GIB(1); align *= 2) {
		CU_ASSERT_EQUAL(weir_mem_alloc(weir, 100, align, WEIR_NODE_ANY, &mem), 0);
		CU_ASSERT_EQUAL((uintptr_t)mem % align, 0);
	}
	CU_ASSERT_EQUAL(weir_mem_alloc(weir, 100, 0, WEIR_NODE_ANY, &mem), 0);
	CU_ASSERT_EQUAL((uintptr_t)mem % 64, 0);
	weir_close(weir);
}

static void memory_is_zeroed_also_when_it_was_used_before(void)
{
	struct weir *weir = open_small(GIB(1), MIB(2));
	void *mem, *again;

	CU_ASSERT_EQUAL_FATAL(weir_mem_alloc(weir, 100000, 0, WEIR_NODE_ANY, &mem), 0);
	CU_ASSERT(all_bytes_are(mem, 100000, 0));
	memset(mem, 0xff, 100000);
	weir_mem_free(weir, mem);
	CU_ASSERT_EQUAL_FATAL(weir_mem_alloc(weir, 200000, 0, WEIR_NODE_ANY, &again), 0);
	CU_ASSERT_PTR_EQUAL(again, mem);
	CU_ASSERT(all_bytes_are(again, 200000, 0));
	weir_close(weir);
}

/* --- how it is cut up ------------------------------------------------------------------------------------------------- */

static void free_neighbours_join(void)
{
	struct weir *weir = open_small(GIB(1), MIB(4));
	void *a, *b, *c, *d, *whole;

	/* The chunk of 4 MiB is full with these four. */
	CU_ASSERT_EQUAL_FATAL(weir_mem_alloc(weir, MIB(1), 0, WEIR_NODE_ANY, &a), 0);
	CU_ASSERT_EQUAL_FATAL(weir_mem_alloc(weir, MIB(1), 0, WEIR_NODE_ANY, &b), 0);
	CU_ASSERT_EQUAL_FATAL(weir_mem_alloc(weir, MIB(1), 0, WEIR_NODE_ANY, &c), 0);
	CU_ASSERT_EQUAL_FATAL(weir_mem_alloc(weir, MIB(1), 0, WEIR_NODE_ANY, &d), 0);
	CU_ASSERT_EQUAL(offset_of(weir, a), 0);
	CU_ASSERT_EQUAL(offset_of(weir, b), 0x100000);
	CU_ASSERT_EQUAL(offset_of(weir, c), 0x200000);
	CU_ASSERT_EQUAL(offset_of(weir, d), 0x300000);
	CU_ASSERT_EQUAL(info_of(weir).used, MIB(4));

	/* Two holes that touch make one of 2 MiB; the first that is large enough is taken. */
	weir_mem_free(weir, b);
	weir_mem_free(weir, c);
	CU_ASSERT_EQUAL_FATAL(weir_mem_alloc(weir, MIB(2), 0, WEIR_NODE_ANY, &b), 0);
	CU_ASSERT_EQUAL(offset_of(weir, b), 0x100000);

	/* Freed in an order in which each case of joining occurs: alone, to the left, on both sides. */
	weir_mem_free(weir, a);
	weir_mem_free(weir, d);
	weir_mem_free(weir, b);
	CU_ASSERT_EQUAL(info_of(weir).used, 0);
	CU_ASSERT_EQUAL_FATAL(weir_mem_alloc(weir, MIB(4), 0, WEIR_NODE_ANY, &whole), 0);
	CU_ASSERT_EQUAL(offset_of(weir, whole), 0);
	CU_ASSERT_EQUAL(info_of(weir).chunks, 1);
	weir_close(weir);
}

static void an_allocation_stays_within_a_chunk(void)
{
	struct weir *weir = open_small(GIB(1), MIB(2));
	struct weir_mem_chunk chunk;
	void *a, *b, *c;

	CU_ASSERT_EQUAL_FATAL(weir_mem_alloc(weir, 1500000, 0, WEIR_NODE_ANY, &a), 0);
	CU_ASSERT_EQUAL_FATAL(weir_mem_alloc(weir, 1500000, 0, WEIR_NODE_ANY, &b), 0);
	CU_ASSERT_EQUAL(offset_of(weir, a), 0);
	CU_ASSERT_EQUAL(offset_of(weir, b), 0x200000);
	/* More than mem_grow: as much as it takes, in whole 2 MiB. */
	CU_ASSERT_EQUAL_FATAL(weir_mem_alloc(weir, 5000000, 0, WEIR_NODE_ANY, &c), 0);
	CU_ASSERT_EQUAL(offset_of(weir, c), 0x400000);
	CU_ASSERT_EQUAL(info_of(weir).chunks, 3);
	CU_ASSERT_EQUAL(info_of(weir).mapped, MIB(2 + 2 + 6));
	CU_ASSERT_EQUAL(weir_mem_chunk(weir, 2, &chunk), 0);
	CU_ASSERT_EQUAL(chunk.offset, 0x400000);
	CU_ASSERT_EQUAL(chunk.size, 0x600000);
	CU_ASSERT_EQUAL(chunk.page_size, 4096);
	CU_ASSERT_EQUAL(weir_mem_chunk(weir, 3, &chunk), -ENOENT);
	weir_close(weir);
}

static void freeing_what_is_not_allocated_is_logged_and_changes_nothing(void)
{
	struct sentences sentences = { .count = { 0 } };
	struct weir_conf conf = {
		.mem_page_size = KIB(4), .mem_grow = MIB(2), .log = sentences_log, .log_arg = &sentences
	};
	struct weir *weir;
	int elsewhere;
	void *mem;

	CU_ASSERT_EQUAL_FATAL(weir_open(&conf, &weir), 0);
	CU_ASSERT_EQUAL_FATAL(weir_mem_alloc(weir, 4096, 0, WEIR_NODE_ANY, &mem), 0);
	weir_mem_free(weir, NULL);
	CU_ASSERT_EQUAL(sentences.count[WEIR_LOG_ERROR], 0);
	weir_mem_free(weir, (uint8_t *)mem + 64);
	weir_mem_free(weir, &elsewhere);
	weir_mem_free(weir, weir_mem_base(weir) + GIB(1));
	CU_ASSERT_EQUAL(sentences.count[WEIR_LOG_ERROR], 3);
	CU_ASSERT(error_says("not allocated"));
	CU_ASSERT_EQUAL(info_of(weir).used, 4096);
	weir_mem_free(weir, mem);
	CU_ASSERT_EQUAL(info_of(weir).used, 0);
	weir_mem_free(weir, mem);
	CU_ASSERT_EQUAL(sentences.count[WEIR_LOG_ERROR], 4);
	CU_ASSERT_EQUAL(info_of(weir).used, 0);
	weir_close(weir);
}

/* --- many allocations against a plain model --------------------------------------------------------------------------- */

#define LIVE 64

struct live {
	uint8_t *mem;
	size_t size;
	uint8_t fill;
};

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* Allocates into or frees a random place; everything keeps its own bytes. False when something was not as it must be. */
static bool random_step(struct weir *weir, struct live *live, uint32_t *seed)
{
	struct live *one = &live[next_random(seed) % LIVE];
	uint64_t align = 64ull << next_random(seed) % 8;
	void *mem;

	if (one->mem) {
		bool kept = all_bytes_are(one->mem, one->size, one->fill);

		weir_mem_free(weir, one->mem);
		one->mem = NULL;
		return kept;
	}
	one->size = next_random(seed) % (next_random(seed) % 8 ? 5000 : 300000) + 1;
	one->fill = (uint8_t)(next_random(seed) % 255 + 1);
	if (weir_mem_alloc(weir, one->size, align, WEIR_NODE_ANY, &mem) || (uintptr_t)mem % align ||
	    !all_bytes_are(mem, one->size, 0))
		return false;
	one->mem = mem;
	memset(mem, one->fill, one->size);
	return true;
}

static void random_allocations_keep_apart(void)
{
	struct weir *weir = open_small(GIB(1), MIB(2));
	struct live live[LIVE] = { { NULL, 0, 0 } };
	uint64_t used = 0, chunks, mapped;
	uint32_t seed = 20240229;
	bool good = true;
	void *mem;

	for (unsigned i = 0; i < 20000 && good; i++)
		good = random_step(weir, live, &seed);
	CU_ASSERT(good);
	for (unsigned i = 0; i < LIVE; i++)
		used += live[i].mem ? (live[i].size + 63) / 64 * 64 : 0;
	CU_ASSERT_EQUAL(info_of(weir).used, used);
	for (unsigned i = 0; i < LIVE; i++)
		weir_mem_free(weir, live[i].mem);
	CU_ASSERT_EQUAL(info_of(weir).used, 0);

	/* All is one piece again: each chunk can be had whole without another. */
	chunks = info_of(weir).chunks;
	mapped = info_of(weir).mapped;
	CU_ASSERT_EQUAL(mapped, chunks * MIB(2));
	for (uint64_t i = 0; i < chunks; i++)
		CU_ASSERT_EQUAL(weir_mem_alloc(weir, MIB(2), 0, WEIR_NODE_ANY, &mem), 0);
	CU_ASSERT_EQUAL(info_of(weir).mapped, mapped);
	weir_close(weir);
}

struct allocator {
	pthread_t thread;
	struct weir *weir;
	uint32_t seed;
	bool good;
};

static void *allocate_in_thread(void *arg)
{
	struct allocator *allocator = arg;
	struct live live[LIVE] = { { NULL, 0, 0 } };

	allocator->good = true;
	for (unsigned i = 0; i < 1000 && allocator->good; i++)
		allocator->good = random_step(allocator->weir, live, &allocator->seed);
	for (unsigned i = 0; i < LIVE; i++)
		weir_mem_free(allocator->weir, live[i].mem);
	return NULL;
}

static void threads_may_allocate_at_once(void)
{
	struct weir *weir = open_small(GIB(1), MIB(2));
	struct allocator allocators[4];

	for (uint32_t i = 0; i < 4; i++) {
		allocators[i].weir = weir;
		allocators[i].seed = i + 1;
		CU_ASSERT_EQUAL_FATAL(pthread_create(&allocators[i].thread, NULL, allocate_in_thread, &allocators[i]),
		                      0);
	}
	for (unsigned i = 0; i < 4; i++) {
		pthread_join(allocators[i].thread, NULL);
		CU_ASSERT(allocators[i].good);
	}
	CU_ASSERT_EQUAL(info_of(weir).used, 0);
	weir_close(weir);
}

/* --- chunks ----------------------------------------------------------------------------------------------------------- */

static void a_chunk_can_be_mapped_elsewhere(void)
{
	struct weir *weir = open_small(GIB(1), MIB(2));
	struct weir_mem_chunk chunk;
	uint8_t *there;
	void *here;

	CU_ASSERT_EQUAL_FATAL(weir_mem_alloc(weir, 64, 0, WEIR_NODE_ANY, &here), 0);
	CU_ASSERT_EQUAL_FATAL(weir_mem_chunk(weir, 0, &chunk), 0);
	CU_ASSERT_EQUAL(fcntl(chunk.fd, F_GETFD), FD_CLOEXEC);
	there = mmap(NULL, chunk.size, PROT_READ | PROT_WRITE, MAP_SHARED, chunk.fd, 0);
	CU_ASSERT_PTR_NOT_EQUAL_FATAL(there, MAP_FAILED);
	memcpy(here, "weir", 5);
	CU_ASSERT_STRING_EQUAL(there, "weir");
	munmap(there, chunk.size);
	weir_close(weir);
}

/* A wanted node is the one that is got; a machine with one node has number 0. */
static void memory_comes_from_the_node_that_is_asked_for(void)
{
	struct weir *weir = open_small(GIB(1), MIB(2));
	struct weir_mem_chunk chunk;
	unsigned chunks = 0;
	void *mem;

	for (int node = 0; node < 64; node++)
		if (machine_has_node(node)) {
			CU_ASSERT_EQUAL(weir_mem_alloc(weir, 64, 0, WEIR_NODE(node), &mem), 0);
			CU_ASSERT_EQUAL(weir_mem_chunk(weir, chunks++, &chunk), 0);
			CU_ASSERT_EQUAL(chunk.node, node);
		}
	CU_ASSERT_EQUAL(info_of(weir).chunks, chunks);
	weir_close(weir);
}

/* --- 4 KiB pages ------------------------------------------------------------------------------------------------------ */

static void small_pages_that_were_asked_for_are_not_warned_of(void)
{
	struct sentences sentences = { .count = { 0 } };
	struct weir_conf conf = {
		.mem_page_size = KIB(4), .mem_grow = MIB(2), .log = sentences_log, .log_arg = &sentences
	};
	struct weir *weir;
	void *mem;

	CU_ASSERT_EQUAL_FATAL(weir_open(&conf, &weir), 0);
	CU_ASSERT_EQUAL(weir_mem_alloc(weir, 64, 0, WEIR_NODE_ANY, &mem), 0);
	CU_ASSERT_EQUAL(sentences.count[WEIR_LOG_WARNING], 0);
	weir_close(weir);
}

/* Nothing is touched, so nobody is killed: the machine's memory is counted first. */
static void more_than_the_memory_there_is_is_a_sentence(void)
{
	struct weir *weir = open_small(GIB(256), MIB(2));
	struct weir_mem_info info;
	void *mem;

	if (machine_available(KIB(4), -1) >= GIB(255)) {
		unit_skip("the machine has more memory than an arena can hold");
		weir_close(weir);
		return;
	}
	CU_ASSERT_EQUAL(weir_mem_alloc(weir, GIB(255), 0, WEIR_NODE_ANY, &mem), -ENOMEM);
	CU_ASSERT(error_says("261120 MiB"));
	CU_ASSERT(error_says("fewer"));
	info = info_of(weir);
	CU_ASSERT_EQUAL(info.mapped, 0);
	CU_ASSERT_EQUAL(info.chunks, 0);
	CU_ASSERT_EQUAL(weir_mem_alloc(weir, 64, 0, WEIR_NODE_ANY, &mem), 0);
	weir_close(weir);
}

static void a_full_range_names_mem_reserve(void)
{
	struct weir *weir = open_small(GIB(1), MIB(2));
	void *mem;

	CU_ASSERT_EQUAL_FATAL(weir_mem_alloc(weir, 64, MIB(2), WEIR_NODE_ANY, &mem), 0);
	CU_ASSERT_EQUAL(weir_mem_alloc(weir, GIB(1), 0, WEIR_NODE_ANY, &mem), -ENOMEM);
	CU_ASSERT(error_says("1022 of 1024 MiB"));
	CU_ASSERT(error_says("mem_reserve"));
	weir_close(weir);
}

/* --- limits ----------------------------------------------------------------------------------------------------------- */

static void locked_memory_names_the_limit_and_the_remedy(void)
{
	CU_ASSERT_EQUAL(mem_fail_memlock(NULL, "af_xdp:eth1", MIB(100)), -ENOMEM);
	CU_ASSERT(error_says("af_xdp:eth1"));
	CU_ASSERT(error_says("100 MiB"));
	CU_ASSERT(error_says("`ulimit -l 102400`"));
	CU_ASSERT(error_says("LimitMEMLOCK=100M"));
}

static const struct unit_case cases[] = {
	{ "opening reserves addresses and nothing else", opening_reserves_addresses_and_nothing_else },
	{ "too little address space is a sentence", too_little_address_space_is_a_sentence },
	{ "bad sizes are refused with the value", bad_sizes_are_refused_with_the_value },
	{ "memory is aligned as asked", memory_is_aligned_as_asked },
	{ "memory is zeroed, also when it was used before", memory_is_zeroed_also_when_it_was_used_before },
	{ "free neighbours join", free_neighbours_join },
	{ "an allocation stays within a chunk", an_allocation_stays_within_a_chunk },
	{ "freeing what is not allocated is logged and changes nothing",
	  freeing_what_is_not_allocated_is_logged_and_changes_nothing },
	{ "random allocations keep apart", random_allocations_keep_apart },
	{ "threads may allocate at once", threads_may_allocate_at_once },
	{ "a chunk can be mapped elsewhere", a_chunk_can_be_mapped_elsewhere },
	{ "memory comes from the node that is asked for", memory_comes_from_the_node_that_is_asked_for },
	{ "small pages that were asked for are not warned of", small_pages_that_were_asked_for_are_not_warned_of },
	{ "more than the memory there is is a sentence", more_than_the_memory_there_is_is_a_sentence },
	{ "a full range names mem_reserve", a_full_range_names_mem_reserve },
	{ "locked memory names the limit and the remedy", locked_memory_names_the_limit_and_the_remedy },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("arena", cases);
}
