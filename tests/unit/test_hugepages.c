/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Hugepages: taken when there are some, missed with one warning or a sentence when there are none, given back however a
 * process ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/core.h"
#include "mem/machine.h"
#include "process.h"
#include "sentences.h"
#include "unit.h"
#include "weir/mem.h"

#define NR_2M "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"
#define NR_1G "/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages"

/* Enough for these cases and for other programs of weir that run at the same time. */
#define SPARE 64

/* Hugepages are the whole machine's: this keeps other runs of this test away from them meanwhile. */
static int hugepages_lock(void)
{
	int fd = open(NR_2M, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		flock(fd, LOCK_EX);
	return fd;
}

static void hugepages_unlock(int lock)
{
	if (lock >= 0)
		close(lock);
}

static long read_nr(const char *path)
{
	FILE *file = fopen(path, "r");
	long nr = -1;

	if (file) {
		if (fscanf(file, "%ld", &nr) != 1)
			nr = -1;
		fclose(file);
	}
	return nr;
}

static void write_nr(const char *path, long nr)
{
	FILE *file = fopen(path, "w");

	if (file) {
		fprintf(file, "%ld", nr);
		fclose(file);
	}
}

/* Makes @n more (or fewer) hugepages, if that may be done here. */
static bool more_hugepages(const char *path, long n)
{
	long before = read_nr(path);

	if (before < 0 || geteuid() != 0)
		return false;
	write_nr(path, before + n);
	if (read_nr(path) >= before + n)
		return true;
	write_nr(path, before);
	return false;
}

/* Runs a case with @n more hugepages than there were, or skips it. */
static void with_hugepages(const char *path, long n, void (*fn)(void))
{
	int lock = hugepages_lock();

	if (more_hugepages(path, n)) {
		fn();
		more_hugepages(path, -n);
	} else {
		unit_skip("no more hugepages can be reserved here");
	}
	hugepages_unlock(lock);
}

static struct weir_mem_info info_of(struct weir *weir)
{
	struct weir_mem_info info;

	weir_mem_info(weir, &info);
	return info;
}

static void without_enough_hugepages_the_wish_for_them_fails(void)
{
	int lock = hugepages_lock();
	struct weir_conf conf = { .mem_reserve = GIB(2), .mem_page_size = MIB(2), .mem_grow = MIB(2) };
	uint64_t free = machine_available(MIB(2), -1);
	unsigned fds = count_fds();
	struct weir *weir;
	char words[64];
	void *mem;

	CU_ASSERT_EQUAL_FATAL(weir_open(&conf, &weir), 0);
	CU_ASSERT_EQUAL(weir_mem_alloc(weir, free + MIB(200), 0, WEIR_NODE_ANY, &mem), -ENOMEM);
	snprintf(words, sizeof(words), "%llu hugepages of 2 MiB are needed", (unsigned long long)(free >> 21) + 100);
	CU_ASSERT(error_says(words));
	CU_ASSERT(error_says("config/hugepages.sh "));
	CU_ASSERT_EQUAL(info_of(weir).mapped, 0);
	CU_ASSERT_EQUAL(count_fds(), fds);
	weir_close(weir);

	conf.mem_page_size = GIB(1);
	if (machine_available(GIB(1), -1)) {
		unit_skip("there are free hugepages of 1 GiB");
		goto unlock;
	}
	CU_ASSERT_EQUAL_FATAL(weir_open(&conf, &weir), 0);
	CU_ASSERT_EQUAL(weir_mem_alloc(weir, 64, 0, WEIR_NODE_ANY, &mem), -ENOMEM);
	CU_ASSERT(error_says("1 hugepages of 1 GiB are needed and 0 are free"));
	CU_ASSERT(error_says("config/hugepages.sh --size 1G 1"));
	weir_close(weir);
unlock:
	hugepages_unlock(lock);
}

/* The kernel's own word on the size of the pages at @mem. */
static unsigned long kernel_page_kib(const void *mem)
{
	FILE *file = fopen("/proc/self/smaps", "r");
	unsigned long start, end, kib = 0;
	char line[512];
	bool here = false;

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			here = start <= (uintptr_t)mem && (uintptr_t)mem < end;
		else if (here && sscanf(line, "KernelPageSize: %lu kB", &kib) == 1)
			break;
	}
	if (file)
		fclose(file);
	return kib;
}

static void take_hugepages(void)
{
	struct sentences sentences = { .count = { 0 } };
	struct weir_conf conf = {
		.mem_reserve = GIB(2), .mem_grow = MIB(8), .log = sentences_log, .log_arg = &sentences
	};
	struct weir_mem_info info;
	struct weir *weir;
	void *mem;

	CU_ASSERT_EQUAL_FATAL(weir_open(&conf, &weir), 0);
	CU_ASSERT_EQUAL(weir_mem_alloc(weir, MIB(1), 0, WEIR_NODE_ANY, &mem), 0);
	info = info_of(weir);
	CU_ASSERT_EQUAL(info.page_size, MIB(2));
	CU_ASSERT_EQUAL(info.mapped, MIB(8));
	CU_ASSERT_EQUAL(kernel_page_kib(mem), 2048);
	CU_ASSERT_EQUAL(sentences.count[WEIR_LOG_WARNING], 0);
	weir_close(weir);
}

static void hugepages_are_taken_when_there_are_some(void)
{
	with_hugepages(NR_2M, SPARE, take_hugepages);
}

static void shrink_chunk(void)
{
	struct weir_conf conf = { .mem_page_size = MIB(2) };
	struct weir *weir;
	void *mem;

	conf.mem_grow = machine_available(MIB(2), -1) + GIB(1);
	conf.mem_reserve = round_up(conf.mem_grow, GIB(1));
	if (conf.mem_reserve > GIB(256)) {
		unit_skip("there are more hugepages than an arena can hold");
		return;
	}
	CU_ASSERT_EQUAL_FATAL(weir_open(&conf, &weir), 0);
	CU_ASSERT_EQUAL(weir_mem_alloc(weir, MIB(3), 0, WEIR_NODE_ANY, &mem), 0);
	CU_ASSERT_EQUAL(info_of(weir).mapped, MIB(4));
	weir_close(weir);
}

static void a_chunk_shrinks_to_the_hugepages_there_are(void)
{
	with_hugepages(NR_2M, SPARE, shrink_chunk);
}

static void take_1_gib(void)
{
	struct weir_conf conf = { .mem_reserve = GIB(4), .mem_grow = MIB(2) };
	struct weir *weir;
	void *small, *large;

	CU_ASSERT_EQUAL_FATAL(weir_open(&conf, &weir), 0);
	CU_ASSERT_EQUAL(weir_mem_alloc(weir, MIB(1), 0, WEIR_NODE_ANY, &small), 0);
	CU_ASSERT_NOT_EQUAL(info_of(weir).page_size, GIB(1));
	CU_ASSERT_EQUAL(weir_mem_alloc(weir, MIB(512), 0, WEIR_NODE_ANY, &large), 0);
	CU_ASSERT_EQUAL(info_of(weir).page_size, GIB(1));
	CU_ASSERT_EQUAL((uint8_t *)large - weir_mem_base(weir), 1073741824);
	CU_ASSERT_EQUAL(kernel_page_kib(large), 1048576);
	weir_close(weir);
}

static void a_large_request_takes_a_page_of_1_gib(void)
{
	with_hugepages(NR_1G, 1, take_1_gib);
}

static void kill_process(void)
{
	struct weir_conf conf = { .mem_reserve = GIB(2), .mem_page_size = MIB(2), .mem_grow = MIB(2) };
	uint64_t free = machine_available(MIB(2), -1);
	struct weir *weir;
	pid_t child;
	int status;
	void *mem;

	fflush(stdout);
	child = fork();
	CU_ASSERT_FATAL(child >= 0);
	if (!child) {
		if (weir_open(&conf, &weir) || weir_mem_alloc(weir, MIB(6), 0, WEIR_NODE_ANY, &mem))
			_exit(1);
		raise(SIGKILL);
	}
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	/* Other programs may hold some for a moment. */
	for (unsigned ms = 0; machine_available(MIB(2), -1) < free && ms < 2000; ms += 10)
		usleep(10000);
	CU_ASSERT(machine_available(MIB(2), -1) >= free);
}

static void a_killed_process_leaves_no_hugepage_behind(void)
{
	with_hugepages(NR_2M, SPARE, kill_process);
}

static void small_pages_are_warned_of_once(void)
{
	int lock = hugepages_lock();
	uint64_t more = (machine_hugepages(MIB(2)) + 1) * MIB(2); /* than could be free at any moment */
	struct sentences sentences = { .count = { 0 } };
	struct weir_conf conf = {
		.mem_reserve = GIB(2), .mem_grow = MIB(2), .log = sentences_log, .log_arg = &sentences
	};
	struct weir *weir;
	void *mem;

	if (more > GIB(1) || machine_hugepages(GIB(1))) {
		unit_skip("there are so many hugepages that 4 KiB pages are not fallen back to");
		goto unlock;
	}
	CU_ASSERT_EQUAL_FATAL(weir_open(&conf, &weir), 0);
	CU_ASSERT_EQUAL(weir_mem_alloc(weir, more, 0, WEIR_NODE_ANY, &mem), 0);
	CU_ASSERT_EQUAL(sentences.count[WEIR_LOG_WARNING], 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(sentences.last, "config/hugepages.sh "));
	CU_ASSERT_EQUAL(info_of(weir).page_size, 4096);
	CU_ASSERT_EQUAL(weir_mem_alloc(weir, more, 0, WEIR_NODE_ANY, &mem), 0);
	CU_ASSERT_EQUAL(info_of(weir).page_size, 4096);
	CU_ASSERT_EQUAL(info_of(weir).chunks, 2);
	CU_ASSERT_EQUAL(sentences.count[WEIR_LOG_WARNING], 1);
	CU_ASSERT_EQUAL(sentences.count[WEIR_LOG_ERROR], 0);
	weir_close(weir);
unlock:
	hugepages_unlock(lock);
}

static const struct unit_case cases[] = {
	{ "without enough hugepages the wish for them fails", without_enough_hugepages_the_wish_for_them_fails },
	{ "hugepages are taken when there are some", hugepages_are_taken_when_there_are_some },
	{ "a chunk shrinks to the hugepages there are", a_chunk_shrinks_to_the_hugepages_there_are },
	{ "a large request takes a page of 1 GiB", a_large_request_takes_a_page_of_1_gib },
	{ "a killed process leaves no hugepage behind", a_killed_process_leaves_no_hugepage_behind },
	{ "small pages are warned of once", small_pages_are_warned_of_once },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("hugepages", cases);
}
