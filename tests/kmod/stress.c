/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tests of weir.ko: everything at once, and nonsense.
 */
#include "rig.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define RW      (WEIR_MAP_READ | WEIR_MAP_WRITE)
#define SECONDS 4

struct shared {
	int dev[2], domain[2], event;
	uint8_t *at;
	time_t end;
};

static bool goes_on(const struct shared *s)
{
	return time(NULL) < s->end;
}

static void *moves(void *arg)
{
	struct shared *s = arg;
	unsigned seed = 1;

	while (goes_on(s)) {
		unsigned dev = (unsigned)rand_r(&seed) & 1, way = (unsigned)rand_r(&seed) % 4;
		struct weir_attach said;
		int to = way < 2 ? s->domain[way] : way == 2 ? WEIR_DOMAIN_NONE : WEIR_DOMAIN_NEW;

		if (attach(s->dev[dev], to, WEIR_ATTACH_REPLACE, 1, &said) == 0 && way == 3)
			close(said.domain);
	}
	return NULL;
}

static void *maps(void *arg)
{
	struct shared *s = arg;
	unsigned seed = 2;

	while (goes_on(s)) {
		unsigned page = (unsigned)rand_r(&seed) % 16, count = 1 + (unsigned)rand_r(&seed) % 4;
		int domain = s->domain[(unsigned)rand_r(&seed) & 1];

		if ((unsigned)rand_r(&seed) & 1)
			map(domain, s->at + page * PAGE, IOVA + page * PAGE, count * PAGE, RW);
		else
			unmap(domain, IOVA + page * PAGE, (unsigned)rand_r(&seed) & 7 ? count * PAGE : 0);
	}
	return NULL;
}

static void *accesses(void *arg)
{
	struct shared *s = arg;
	unsigned seed = 3;

	while (goes_on(s)) {
		int dev = s->dev[(unsigned)rand_r(&seed) & 1];
		uint32_t value = 0;
		void *at;

		switch ((unsigned)rand_r(&seed) % 6) {
		case 0:
			value = 7;
			config_set(dev, COMMAND, 2, value);
			break;
		case 1:
			if (pwrite(dev, &value, 4, 0x98) > 0)
				config_get(dev, COMMAND, 2);
			break;
		case 2:
			at = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, dev, 0);
			if (at != MAP_FAILED)
				munmap(at, PAGE);
			break;
		case 3:
			irq(dev, WEIR_IRQ_MSI, 0, 1, &s->event);
			break;
		case 4:
			irq(dev, WEIR_IRQ_MSI, 0, 0, NULL);
			break;
		default:
			value = 1;
			if (pwrite(dev, &value, 4, 0x60) > 0)
				dev_info(dev);
		}
	}
	return NULL;
}

static void *resets(void *arg)
{
	struct shared *s = arg;
	struct weir_reset said;

	for (unsigned i = 0; goes_on(s); i++) {
		int dev = must_open("b");

		reset(s->dev[1], &said);
		need(attach(dev, s->domain[i & 1], 0, 1, NULL) == 0, "sharing a domain that is being changed fails");
		close(dev);
		sleep_ms(5);
	}
	return NULL;
}

static void all_at_once(void)
{
	void *(*const work[])(void *) = { moves, maps, accesses, resets };
	struct shared s = { .at = pages(32), .end = time(NULL) + SECONDS, .event = eventfd(0, EFD_NONBLOCK) };
	pthread_t threads[4];

	s.dev[0] = must_open("a");
	s.dev[1] = must_open("r");
	for (unsigned i = 0; i < 2; i++)
		s.domain[i] = must_attach(s.dev[i], WEIR_DOMAIN_NEW, 0);
	for (unsigned i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, work[i], &s);
	for (unsigned i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	for (unsigned i = 0; i < 2; i++) {
		close(s.dev[i]);
		close(s.domain[i]);
	}
	need(pinned() == 0, "pages are still pinned");
	need(vm_locked() == 0, "%ld KiB are still charged", vm_locked());
}

/* A number as it might be in a structure: small, a flag, an address, the edge of something, or anything. */
static uint64_t number(unsigned *seed, const struct shared *s)
{
	uint64_t any = (uint64_t)rand_r(seed) << 40 ^ (uint64_t)rand_r(seed) << 20 ^ (uint64_t)rand_r(seed);

	switch ((unsigned)rand_r(seed) % 8) {
	case 0:
		return any;
	case 1:
		return 1ull << any % 64;
	case 2:
		return (uintptr_t)s->at + any % 32 * PAGE;
	case 3:
		return any % 64 * PAGE;
	case 4:
		return ~0ull - any % 3 * (PAGE - 1);
	case 5:
		return (uint64_t)(int64_t) - (int)(any % 4);
	case 6:
		return (uint64_t)(any & 1 ? s->domain[any >> 1 & 1] : s->dev[any >> 1 & 1]);
	default:
		return any % 8;
	}
}

static void nonsense(void)
{
	static const unsigned long calls[] = { WEIR_DEV_INFO, WEIR_ATTACH, WEIR_IRQ,        WEIR_RESET,
		                               WEIR_MAP,      WEIR_UNMAP,  WEIR_DOMAIN_INFO };
	static const uint32_t sizes[] = { 240, 24, 32, 16, 32, 24, 48 };
	struct shared s = { .at = pages(32) };
	unsigned seed = 7, done = 0, taken = 0;

	s.dev[0] = must_open("a");
	s.dev[1] = must_open("r");
	for (unsigned i = 0; i < 2; i++)
		s.domain[i] = must_attach(s.dev[i], WEIR_DOMAIN_NEW, 0);
	s.end = time(NULL) + SECONDS;
	for (; goes_on(&s) || done <= 1000; done++) {
		unsigned which = (unsigned)rand_r(&seed) % 7, words = 2 + (unsigned)rand_r(&seed) % 6;
		uint32_t request[64] = { sizes[which] };
		int file = which < 4 ? s.dev[done & 1] : s.domain[done & 1];

		for (unsigned i = 1; i < words; i++)
			request[i] = (uint32_t)number(&seed, &s);
		if (which >= 4) {
			uint64_t wide[3] = { number(&seed, &s), number(&seed, &s), number(&seed, &s) };

			memcpy(request + 2, wide, sizeof(wide));
		}
		if ((unsigned)rand_r(&seed) % 16 == 0)
			request[0] = (uint32_t)number(&seed, &s);
		if (which == 1)
			request[3] = 1 + request[3] % 4; /* no long drains */
		if (ioctl(file, calls[which], request) == 0) {
			taken++;
			if (which == 1 && (int)request[2] > s.domain[1])
				close((int)request[2]);
		}
	}
	need(taken > 10, "%u calls, of which %u were taken", done, taken);
	for (unsigned i = 0; i < 2; i++) {
		close(s.dev[i]);
		close(s.domain[i]);
	}
	need(pinned() == 0, "pages are still pinned");
	need(vm_locked() == 0, "%ld KiB are still charged", vm_locked());
}

/* All that takes memory, however far it comes. */
static void everything_once(uint8_t *at)
{
	int dev = try_open("a"), event = eventfd(0, EFD_CLOEXEC);
	struct weir_attach first = { .domain = -1 }, copy = { .domain = -1 };

	if (dev >= 0 && attach(dev, WEIR_DOMAIN_NEW, 0, 0, &first) == 0) {
		map(first.domain, at, IOVA, 3 * PAGE, RW);
		irq(dev, WEIR_IRQ_MSI, 0, 1, &event);
		if (attach(dev, WEIR_DOMAIN_NEW, WEIR_ATTACH_REPLACE | WEIR_ATTACH_COPY, 0, &copy) == 0)
			close(copy.domain);
		close(first.domain);
	}
	close(event);
	if (dev >= 0)
		close(dev);
}

/* Each time another allocation of the kernel's fails: the first, the second, until there are no more. */
static void memory_runs_out(void)
{
	const char *const slabs = "/sys/kernel/debug/failslab/ignore-gfp-wait";
	uint8_t *at = pages(3);
	char left[16] = "0";
	int nth, fd;

	prctl(PR_SET_DUMPABLE, 1); /* its files in /proc are its own */
	fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (fd < 0 || as_root(slabs, "N") || as_root("/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N"))
		skip("this kernel lets no allocation fail");
	for (nth = 1; nth < 1000 && left[0] == '0'; nth++) {
		char text[16];

		snprintf(text, sizeof(text), "%d", nth);
		need(pwrite(fd, text, strlen(text), 0) > 0, "fail-nth: %s", strerror(errno));
		everything_once(at);
		need(pread(fd, left, sizeof(left), 0) > 0 && pwrite(fd, "0", 1, 0) == 1, "fail-nth: %s",
		     strerror(errno));
		need(pinned() == 0, "pages are still pinned when allocation %d failed", nth);
		need(vm_locked() == 0, "%ld KiB are still charged when allocation %d failed", vm_locked(), nth);
	}
	need(nth > 10 && nth < 1000, "%d allocations", nth);
	close(must_open("a"));
}

const struct kmod_case stress_cases[] = {
	{ "I28: four threads do everything at once", all_at_once },
	{ "I37: nonsense is refused, or harmless", nonsense },
	{ "memory runs out anywhere, and nothing is lost", memory_runs_out },
	{ NULL, NULL },
};
