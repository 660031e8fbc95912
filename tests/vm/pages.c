/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Watches the memory of a program that was killed: whether a device still writes into it.
 *
 *      pages kill PID SECONDS    holds the memory (memfds) that the program lets devices reach, sees that it changes while
 *                                it runs, kills it, overwrites all of it, and looks at it for so long
 *      pages free SECONDS        takes all hugepages that nobody has, overwrites them, and looks at them for so long
 *
 * In the first form the very pages stay where they are; in the second the kernel has had them back, and gives them to
 * somebody else. Exits 1, saying where, when anything was written.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define AREAS    64u
#define HUGEPAGE ((size_t)2 << 20)
#define FILES    256 /* of a program, that are looked at */

struct area {
	volatile uint64_t *at;
	size_t words;
};

struct areas {
	struct area area[AREAS];
	unsigned count;
	size_t words;
};

static void add(struct areas *areas, void *at, size_t size)
{
	if (areas->count == AREAS)
		errx(1, "there are more than %u pieces of memory", AREAS);
	areas->area[areas->count++] = (struct area){ at, size / sizeof(uint64_t) };
	areas->words += size / sizeof(uint64_t);
}

/* What stands at a word: no two are alike. */
static uint64_t mark(size_t index)
{
	return (index + 1) * 0x9e3779b97f4a7c15u;
}

static void fill(const struct areas *areas)
{
	for (unsigned i = 0; i < areas->count; i++)
		for (size_t w = 0; w < areas->area[i].words; w++)
			areas->area[i].at[w] = mark(w);
}

/* Ends the program at the first word that is another than was written. */
static void look(const struct areas *areas)
{
	for (unsigned i = 0; i < areas->count; i++)
		for (size_t w = 0; w < areas->area[i].words; w++)
			if (areas->area[i].at[w] != mark(w))
				errx(1, "written into after the end: word %zu of piece %u is %016llx", w, i,
				     (unsigned long long)areas->area[i].at[w]);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void watch(const struct areas *areas, double seconds)
{
	double end;
	unsigned looks = 0;

	fill(areas);
	for (end = now() + seconds; now() < end; looks++) {
		look(areas);
		usleep(10000);
	}
	printf("nothing was written into %zu MiB, looked at %u times\n", areas->words >> 17, looks);
}

/* The memfds that a process has open, mapped here, too. */
static void hold(struct areas *areas, int pid)
{
	for (int i = 0; i < FILES; i++) {
		char path[64], target[64] = "";
		struct stat file;
		void *at;
		int fd;

		snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, i);
		if (readlink(path, target, sizeof(target) - 1) < 0 || strncmp(target, "/memfd:weir", 11) != 0)
			continue;
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0 || fstat(fd, &file) < 0)
			err(1, "%s", path);
		at = mmap(NULL, (size_t)file.st_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
		if (at == MAP_FAILED)
			err(1, "%s", path);
		close(fd);
		add(areas, at, (size_t)file.st_size);
	}
	if (!areas->count)
		errx(1, "process %d has no memory of weir's", pid);
}

/* Without this a watch that sees nothing would prove nothing. */
static void expect_change(const struct areas *areas)
{
	uint64_t *before = malloc(areas->words * sizeof(*before)), *to = before;
	size_t changed = 0;

	if (!before)
		err(1, "%zu words", areas->words);
	for (unsigned i = 0; i < areas->count; i++)
		for (size_t w = 0; w < areas->area[i].words; w++)
			*to++ = areas->area[i].at[w];
	usleep(100000);
	to = before;
	for (unsigned i = 0; i < areas->count; i++)
		for (size_t w = 0; w < areas->area[i].words; w++)
			changed += *to++ != areas->area[i].at[w];
	free(before);
	if (!changed)
		errx(1, "nothing was written while the program ran; is there no traffic?");
	printf("%zu words changed while it ran; ", changed);
}

/* Returns when nothing is left of the process: its files are closed. */
static void kill_it(int pid)
{
	struct pollfd ended = { .events = POLLIN };

	ended.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (ended.fd < 0 || kill(pid, SIGKILL) < 0)
		err(1, "process %d", pid);
	if (poll(&ended, 1, 10000) != 1)
		errx(1, "process %d is still there after 10 s", pid);
}

static void take_free(struct areas *areas)
{
	void *at;

	for (;;) {
		/* One by one, as there is no telling how many there are. */
		at = mmap(NULL, HUGEPAGE, PROT_READ | PROT_WRITE,
		          MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_POPULATE, -1, 0);
		if (at == MAP_FAILED)
			break;
		add(areas, at, HUGEPAGE);
	}
	if (!areas->count)
		err(1, "there are no free hugepages");
}

int main(int argc, char **argv)
{
	struct areas areas = { .count = 0 };

	if (argc == 4 && !strcmp(argv[1], "kill")) {
		hold(&areas, atoi(argv[2]));
		expect_change(&areas);
		kill_it(atoi(argv[2]));
	} else if (argc == 3 && !strcmp(argv[1], "free")) {
		take_free(&areas);
	} else {
		errx(2, "usage: pages kill PID SECONDS | pages free SECONDS");
	}
	watch(&areas, atof(argv[argc - 1]));
	return 0;
}
