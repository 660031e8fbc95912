/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tests of weir.ko: what all of them use, and the program that tries one after the other.
 *
 *      kmod [PATTERN]      the cases whose name has PATTERN in it
 *
 * It says of each "pass NAME (SECONDS)", "fail NAME: WHY" or "skip NAME: WHY". It is started as root, and runs the cases as
 * an ordinary user; a servant of them stays root and writes to sysfs.
 */
#include "rig.h"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ORDINARY_USER 1000
#define LOCKED_MAX    (512l << 20) /* bytes that he may lock */
#define CASE_SECONDS  900

enum { PASSED, FAILED, SKIPPED = 77, AGAIN };
#define TRIES 30u

static int why_fd = STDERR_FILENO; /* what a case has to say */
static int servant_fd;

static void say_and_end(int status, const char *why)
{
	if (write(why_fd, why, strlen(why)) < 0)
		status = FAILED;
	_exit(status);
}

void need(bool ok, const char *format, ...)
{
	char text[256];
	va_list args;

	if (ok)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	say_and_end(FAILED, text);
}

void skip(const char *why)
{
	say_and_end(SKIPPED, why);
	_exit(SKIPPED);
}

void soon(bool ok)
{
	if (!ok)
		say_and_end(AGAIN, "the transfer was over before it could be seen, each time");
}

void want(const char *what, long got, long wanted)
{
	long value = got < 0 ? -errno : got;

	need(wanted < 0 ? value == wanted : got >= 0, "%s: %ld (%s), not %ld (%s)", what, value,
	     value < 0 ? strerror((int)-value) : "-", wanted, wanted < 0 ? strerror((int)-wanted) : "success");
}

const char *role(const char *name)
{
	char variable[16];
	const char *address;

	snprintf(variable, sizeof(variable), "ROLE_%s", name);
	address = getenv(variable);
	if (!address)
		skip("this machine has no device for it");
	return address;
}

int try_open(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/weir/%s", role(name));
	return open(path, O_RDWR | O_CLOEXEC);
}

int must_open(const char *name)
{
	int dev = try_open(name);

	want("open", dev, 0);
	return dev;
}

int attach(int dev, int domain, unsigned flags, unsigned drain_ms, struct weir_attach *said)
{
	struct weir_attach own;

	said = said ? said : &own;
	*said = (struct weir_attach){ .size = sizeof(*said), .flags = flags, .domain = domain, .drain_ms = drain_ms };
	return ioctl(dev, WEIR_ATTACH, said);
}

int must_attach(int dev, int domain, unsigned flags)
{
	struct weir_attach said;

	want("WEIR_ATTACH", attach(dev, domain, flags, 0, &said), 0);
	return said.domain;
}

int map(int domain, const void *at, uint64_t iova, uint64_t length, unsigned flags)
{
	struct weir_map request = {
		.size = sizeof(request), .flags = flags, .vaddr = (uintptr_t)at, .iova = iova, .length = length
	};

	return ioctl(domain, WEIR_MAP, &request);
}

int unmap(int domain, uint64_t iova, uint64_t length)
{
	struct weir_unmap request = {
		.size = sizeof(request), .flags = length ? 0 : WEIR_UNMAP_ALL, .iova = iova, .length = length
	};

	return ioctl(domain, WEIR_UNMAP, &request);
}

int reset(int dev, struct weir_reset *said)
{
	*said = (struct weir_reset){ .size = sizeof(*said) };
	return ioctl(dev, WEIR_RESET, said);
}

int irq(int dev, unsigned type, unsigned start, unsigned count, const int *fds)
{
	struct weir_irq request = {
		.size = sizeof(request), .type = type, .start = start, .count = count, .fds = (uintptr_t)fds
	};

	return ioctl(dev, WEIR_IRQ, &request);
}

int irq_unmask(int dev)
{
	struct weir_irq request = { .size = sizeof(request), .flags = WEIR_IRQ_UNMASK, .type = WEIR_IRQ_INTX };

	return ioctl(dev, WEIR_IRQ, &request);
}

struct weir_dev_info dev_info(int dev)
{
	struct weir_dev_info info = { .size = sizeof(info) };

	want("WEIR_DEV_INFO", ioctl(dev, WEIR_DEV_INFO, &info), 0);
	return info;
}

struct weir_domain_info domain_info(int domain)
{
	struct weir_domain_info info = { .size = sizeof(info) };

	want("WEIR_DOMAIN_INFO", ioctl(domain, WEIR_DOMAIN_INFO, &info), 0);
	return info;
}

uint32_t config_get(int dev, unsigned at, unsigned size)
{
	uint32_t value = 0;

	want("reading config space", pread(dev, &value, size, (off_t)(WEIR_REGION_OFFSET(WEIR_REGION_CONFIG) + at)), 0);
	return value;
}

int config_set(int dev, unsigned at, unsigned size, uint32_t value)
{
	return pwrite(dev, &value, size, (off_t)(WEIR_REGION_OFFSET(WEIR_REGION_CONFIG) + at)) < 0 ? -1 : 0;
}

uint32_t config_real(const char *name, unsigned at, unsigned size)
{
	uint32_t value = 0;
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", role(name));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	want("reading config space by sysfs", pread(fd, &value, size, at), 0);
	close(fd);
	return value;
}

void master(int dev, bool on)
{
	uint32_t command = config_get(dev, COMMAND, 2);

	command = on ? command | COMMAND_MASTER : command & ~COMMAND_MASTER;
	want("writing COMMAND", config_set(dev, COMMAND, 2, command), 0);
}

void *pages(unsigned count)
{
	void *at = mmap(NULL, (size_t)count * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	need(at != MAP_FAILED, "no memory");
	return at;
}

long vm_locked(void)
{
	char line[128];
	long locked = -1;
	FILE *file = fopen("/proc/self/status", "re");

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "VmLck: %ld", &locked) == 1)
			break;
	if (file)
		fclose(file);
	return locked;
}

static long vmstat(const char *name)
{
	char line[128], word[64];
	long value, found = -1;
	FILE *file = fopen("/proc/vmstat", "re");

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%63s %ld", word, &value) == 2 && !strcmp(word, name))
			found = value;
	if (file)
		fclose(file);
	return found;
}

long pinned(void)
{
	/* Each processor counts for itself, and tells now and then. */
	want("having processors tell what they counted", as_root("/proc/sys/vm/stat_refresh", "1"), 0);
	return vmstat("nr_foll_pin_acquired") - vmstat("nr_foll_pin_released");
}

void sleep_ms(unsigned ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

/* --- edu ------------------------------------------------------------------------------------------------------------------ */

#define EDU_SOURCE  0x80
#define EDU_TARGET  0x88
#define EDU_COUNT   0x90
#define EDU_COMMAND 0x98
#define EDU_BUFFER  0x40000
#define EDU_WORD    0x77656972u

void edu_write(int dev, uint32_t reg, uint32_t value)
{
	want("writing a register", pwrite(dev, &value, 4, reg), 0);
}

uint32_t edu_read(int dev, uint32_t reg)
{
	uint32_t value = 0;

	want("reading a register", pread(dev, &value, 4, reg), 0);
	return value;
}

static void edu_transfer(int dev, uint64_t from, uint64_t to, unsigned count, uint32_t command)
{
	edu_write(dev, EDU_SOURCE, (uint32_t)from);
	edu_write(dev, EDU_TARGET, (uint32_t)to);
	edu_write(dev, EDU_COUNT, count);
	edu_write(dev, EDU_COMMAND, command);
}

void edu_start(int dev, uint64_t iova, unsigned count)
{
	edu_transfer(dev, EDU_BUFFER, iova, count, 3);
}

void settle(int dev)
{
	uint32_t busy = 1;

	sleep_ms(EDU_DMA_MS);
	for (unsigned i = 0; i < 100 && busy & 1; i++) {
		if (pread(dev, &busy, 4, EDU_COMMAND) != 4) {
			sleep_ms(2 * EDU_DMA_MS);
			break;
		}
		if (busy & 1)
			sleep_ms(20);
	}
}

bool edu_landed(const void *at)
{
	const uint32_t *words = at;

	return words[0] == EDU_WORD;
}

bool is_zero(const void *at, unsigned count)
{
	const uint8_t *bytes = at;

	while (count--)
		if (bytes[count])
			return false;
	return true;
}

/* The device reads what it is to write later from memory. */
void edu_fill(int dev, unsigned count)
{
	int domain;
	uint32_t *at = pages(1);

	domain = must_attach(dev, WEIR_DOMAIN_NEW, WEIR_ATTACH_REPLACE);
	for (unsigned i = 0; i < count / 4; i++)
		at[i] = EDU_WORD;
	want("mapping what the device reads", map(domain, at, IOVA, PAGE, WEIR_MAP_READ), 0);
	master(dev, true);
	edu_transfer(dev, IOVA, EDU_BUFFER, count, 1);
	settle(dev);
	master(dev, false);
	munmap(at, PAGE);
	close(domain);
}

void bench_map(struct bench *b)
{
	b->at = pages(1);
	b->domain = must_attach(b->dev, WEIR_DOMAIN_NEW, WEIR_ATTACH_REPLACE);
	want("WEIR_MAP", map(b->domain, b->at, IOVA, PAGE, WEIR_MAP_READ | WEIR_MAP_WRITE), 0);
}

struct bench bench_open(const char *name)
{
	struct bench b = { .dev = must_open(name) };

	edu_fill(b.dev, 64);
	bench_map(&b);
	master(b.dev, true);
	return b;
}

/* --- who runs the cases ------------------------------------------------------------------------------------------------------ */

struct order {
	char path[128], text[64];
};

int as_root(const char *path, const char *text)
{
	struct order order = { .path = "" };
	int answer = -EIO;

	snprintf(order.path, sizeof(order.path), "%s", path);
	snprintf(order.text, sizeof(order.text), "%s", text);
	if (send(servant_fd, &order, sizeof(order), 0) < 0 || recv(servant_fd, &answer, sizeof(answer), 0) < 0)
		return -errno;
	return answer;
}

void outside(const char *order)
{
	char text[64];

	snprintf(text, sizeof(text), "do %s\n", order);
	want("an order to the outside", as_root("/dev/ttyS1", text), 0);
}

void file_read(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	text[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
}

static void serve(int fd)
{
	struct order order;

	while (recv(fd, &order, sizeof(order), 0) == sizeof(order)) {
		int to = open(order.path, O_WRONLY | O_CLOEXEC), answer = 0;

		if (to < 0 || write(to, order.text, strlen(order.text)) < 0)
			answer = -errno;
		if (to >= 0)
			close(to);
		if (send(fd, &answer, sizeof(answer), 0) < 0)
			break;
	}
	_exit(0);
}

static void servant_start(void)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		exit(1);
	if (fork() == 0) {
		close(fds[1]);
		serve(fds[0]);
	}
	close(fds[0]);
	servant_fd = fds[1];
}

static void become_ordinary(void)
{
	const struct rlimit limit = { .rlim_cur = LOCKED_MAX, .rlim_max = LOCKED_MAX };

	if (setrlimit(RLIMIT_MEMLOCK, &limit) < 0 || setgroups(0, NULL) < 0 || setgid(ORDINARY_USER) < 0 ||
	    setuid(ORDINARY_USER) < 0)
		need(false, "cannot become an ordinary user");
}

/* In a process of its own. Returns how that ended, and in @why what it had to say. */
static int try(const struct kmod_case *c, char *why, size_t size)
{
	int fds[2], status;
	ssize_t n;
	pid_t pid;

	if (pipe(fds) < 0)
		exit(1);
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		why_fd = fds[1];
		alarm(CASE_SECONDS);
		become_ordinary();
		c->fn();
		_exit(PASSED);
	}
	close(fds[1]);
	n = read(fds[0], why, size - 1);
	why[n > 0 ? n : 0] = '\0';
	close(fds[0]);
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status))
		snprintf(why, size, "it ended by signal %d", WTERMSIG(status));
	return WIFSIGNALED(status) ? FAILED : WEXITSTATUS(status);
}

static void run(const struct kmod_case *c)
{
	struct timespec start, end;
	char why[512];
	int status = AGAIN;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (unsigned i = 0; i < TRIES && status == AGAIN; i++)
		status = try(c, why, sizeof(why));
	clock_gettime(CLOCK_MONOTONIC, &end);
	if (status == SKIPPED)
		printf("skip %s: %s\n", c->name, why);
	else if (status != PASSED)
		printf("fail %s: %s\n", c->name, why);
	else
		printf("pass %s (%.1f s)\n", c->name,
		       (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	const struct kmod_case *const tables[] = { open_cases,  memory_cases, region_cases, irq_cases, move_cases,
		                                   group_cases, life_cases,   stress_cases, NULL };
	const struct kmod_case *const bare[] = { bare_cases, NULL };

	servant_start();
	for (const struct kmod_case *const *table = getenv("ROLE_u") ? bare : tables; *table; table++)
		for (const struct kmod_case *c = *table; c->name; c++)
			if (argc < 2 || strstr(c->name, argv[1]))
				run(c);
	return 0;
}
