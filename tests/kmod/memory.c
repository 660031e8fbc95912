/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tests of weir.ko: what domains map, and what that costs.
 */
#include "rig.h"

#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define RW (WEIR_MAP_READ | WEIR_MAP_WRITE)

static int new_domain(const char *name)
{
	return must_attach(must_open(name), WEIR_DOMAIN_NEW, 0);
}

/* The window of interrupts, which the IOMMU would let through. */
static void reserved(void)
{
	int domain = new_domain("a");
	uint8_t *at = pages(4);

	want("in the window", map(domain, at, 0xfee00000, PAGE, RW), -EINVAL);
	want("its end", map(domain, at, 0xfeeff000, PAGE, RW), -EINVAL);
	want("reaching into it", map(domain, at, 0xfedff000, 2 * PAGE, RW), -EINVAL);
	want("before it", map(domain, at, 0xfedff000, PAGE, RW), 0);
	want("behind it", map(domain, at, 0xfef00000, PAGE, RW), 0);
}

/* What a device needs for itself, of those addresses that another one's domain maps. */
static void reserved_by_another(void)
{
	int domain = new_domain("a"), bridge = must_open("l");
	uint8_t *at = pages(1);

	want("1 MiB", map(domain, at, 0x100000, PAGE, RW), 0);
	want("a bridge to ISA, which needs the first 16 MiB", attach(bridge, domain, 0, 0, NULL), -EINVAL);
	need(domain_info(domain).devices == 1, "%u devices", domain_info(domain).devices);
	want("WEIR_UNMAP", unmap(domain, 0, 0), 0);
	want("the bridge, with nothing there", attach(bridge, domain, 0, 0, NULL), 0);
	want("1 MiB again", map(domain, at, 0x100000, PAGE, RW), -EINVAL);
	want("the last page of it", map(domain, at, 0xfff000, PAGE, RW), -EINVAL);
	want("what is behind", map(domain, at, 0x1000000, PAGE, RW), 0);
	close(bridge);
	want("1 MiB, without the bridge", map(domain, at, 0x100000, PAGE, RW), 0);
}

#define TRACE "/sys/kernel/tracing/"

/* The IOMMU is asked for a hugepage at once, and so takes it as one. */
static void hugepages_are_mapped_whole(void)
{
	static char trace[1 << 16];
	int domain = new_domain("a");
	size_t size = 2u << 20;
	char *line;
	void *at;

	at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_POPULATE, -1, 0);
	if (at == MAP_FAILED || as_root(TRACE "events/iommu/map/enable", "1"))
		skip("this machine has no hugepage, or its kernel traces nothing");
	want("WEIR_MAP", map(domain, at, 0x40000000, size, RW), 0);
	as_root(TRACE "events/iommu/map/enable", "0");
	file_read(TRACE "trace", trace, sizeof(trace));
	line = strstr(trace, "iova=0x0000000040000000");
	need(line && strstr(line, "size=2097152"), "not mapped at once: %.100s", line ? line : trace);
}

static void overlaps(void)
{
	int domain = new_domain("a");
	uint8_t *at = pages(4);

	want("three pages", map(domain, at, 0x10000, 3 * PAGE, RW), 0);
	want("the same", map(domain, at, 0x10000, 3 * PAGE, RW), -EEXIST);
	want("its first", map(domain, at, 0x10000, PAGE, RW), -EEXIST);
	want("its last", map(domain, at, 0x12000, PAGE, RW), -EEXIST);
	want("all around", map(domain, at, 0xf000, 4 * PAGE, RW), -EEXIST);
	want("before", map(domain, at, 0xf000, PAGE, RW), 0);
	want("behind", map(domain, at, 0x13000, PAGE, RW), 0);
	need(domain_info(domain).pinned == 5 * PAGE && domain_info(domain).maps == 3, "it counts %llu bytes in %u maps",
	     domain_info(domain).pinned, domain_info(domain).maps);
}

static void whole_mappings(void)
{
	int domain = new_domain("a");
	uint8_t *at = pages(8);

	want("two pages", map(domain, at, 0x10000, 2 * PAGE, RW), 0);
	want("a page, after a hole of one", map(domain, at, 0x13000, PAGE, RW), 0);
	want("half of one", unmap(domain, 0x10000, PAGE), -EINVAL);
	want("the other half", unmap(domain, 0x11000, PAGE), -EINVAL);
	want("half, and the next", unmap(domain, 0x11000, 3 * PAGE), -EINVAL);
	want("the hole", unmap(domain, 0x12000, PAGE), -ENOENT);
	want("nothing at all", unmap(domain, 0x20000, PAGE), -ENOENT);
	need(domain_info(domain).maps == 2, "a refused call changed something");
	want("both", unmap(domain, 0x10000, 4 * PAGE), 0);
	need(domain_info(domain).maps == 0 && domain_info(domain).pinned == 0, "something is left");
	want("once more", unmap(domain, 0x10000, 4 * PAGE), -ENOENT);
	want("all of nothing", unmap(domain, 0, 0), 0);
}

/* After a refused unmap of a part of 2 MiB all of it is still there. */
static void partial_unmap_takes_nothing(void)
{
	struct bench b = bench_open("a");
	uint8_t *at = pages(512);

	want("2 MiB", map(b.domain, at, 0x400000, 512 * PAGE, RW), 0);
	want("a page of it", unmap(b.domain, 0x400000, PAGE), -EINVAL);
	edu_start(b.dev, 0x400000 + 300 * PAGE, 64);
	settle(b.dev);
	need(edu_landed(at + 300 * PAGE), "the device does not reach it any more");
}

static void wraps(void)
{
	int domain = new_domain("a");
	uint8_t *at = pages(4);

	munmap(at + 2 * PAGE, 2 * PAGE);
	want("no length", map(domain, at, 0x10000, 0, RW), -EINVAL);
	want("half a page", map(domain, at, 0x10000, 2048, RW), -EINVAL);
	want("a crooked address", map(domain, at + 1, 0x10000, PAGE, RW), -EINVAL);
	want("a crooked IOVA", map(domain, at, 0x10001, PAGE, RW), -EINVAL);
	want("IOVA wraps", map(domain, at, UINT64_MAX - PAGE + 1, 2 * PAGE, RW), -EOVERFLOW);
	want("the address wraps", map(domain, (void *)(UINTPTR_MAX - PAGE + 1), 0x10000, 2 * PAGE, RW), -EOVERFLOW);
	want("both", map(domain, at, 0x10000, UINT64_MAX - PAGE + 1, RW), -EOVERFLOW);
	want("no direction", map(domain, at, 0x10000, PAGE, 0), -EINVAL);
	want("an unknown one", map(domain, at, 0x10000, PAGE, 8), -EOPNOTSUPP);
	want("nothing there", map(domain, (void *)0x1000, 0x10000, PAGE, RW), -EFAULT);
	want("an end that is not there", map(domain, at, 0x10000, 4 * PAGE, RW), -EFAULT);
	need(domain_info(domain).maps == 0 && domain_info(domain).pinned == 0, "something is left");
	need(vm_locked() == 0, "%ld KiB are charged", vm_locked());
}

/* What WEIR_DOMAIN_INFO says can be mapped can be mapped, and a page more cannot. */
static void limits(void)
{
	int domain = new_domain("a");
	struct weir_iova_range ranges[16];
	struct weir_domain_info info = { .size = sizeof(info), .range_count = 16, .ranges = (uintptr_t)ranges };
	uint8_t *at = pages(2);
	uint64_t end;

	want("WEIR_DOMAIN_INFO", ioctl(domain, WEIR_DOMAIN_INFO, &info), 0);
	need(info.range_count >= 2 && info.range_count <= 16, "%u ranges", info.range_count);
	need(info.page_sizes & PAGE, "no pages of 4 KiB: %llx", info.page_sizes);
	need(info.devices == 1, "%u devices", info.devices);
	for (unsigned i = 0; i < info.range_count; i++) {
		want("the first page", map(domain, at, ranges[i].first, PAGE, RW), 0);
		want("the last page", map(domain, at, ranges[i].last - PAGE + 1, PAGE, RW), 0);
	}
	end = ranges[info.range_count - 1].last + 1;
	need(end >= 1ull << 38 && end <= 1ull << 57, "they end at %llx", (unsigned long long)end);
	want("what is behind", map(domain, at, end, PAGE, RW), -EINVAL);
	want("the end and one more", map(domain, at, end - PAGE, 2 * PAGE, RW), -EINVAL);
	want("out of sight", map(domain, at, 1ull << 62, PAGE, RW), -EINVAL);
}

/* A child gets a copy of private memory; the device stays with the parent's. */
static void fork_keeps_the_pages(void)
{
	struct bench b = bench_open("a");
	uint8_t *at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int status;
	pid_t pid;

	at[100] = 1;
	want("private memory", map(b.domain, at, 0x200000, PAGE, RW), 0);
	pid = fork();
	if (pid == 0) {
		sleep_ms(2 * EDU_DMA_MS);
		_exit(edu_landed(at) ? 1 : 0);
	}
	at[101] = 1; /* would be where the parent gets a copy */
	edu_start(b.dev, 0x200000, 64);
	settle(b.dev);
	need(edu_landed(at), "it did not arrive in the parent");
	waitpid(pid, &status, 0);
	need(status == 0, "it arrived in the child");
	need(domain_info(b.domain).maps == 2, "the child's end unmapped something");
	memset(at, 0, 64);
	edu_start(b.dev, 0x200000, 64);
	settle(b.dev);
	need(edu_landed(at), "it did not arrive after the child's end");
}

static void read_only(void)
{
	struct bench b = bench_open("a");
	uint8_t *fixed = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *at = pages(1);

	want("memory that the process cannot write, for a device to write", map(b.domain, fixed, 0x200000, PAGE, RW),
	     -EFAULT);
	want("for a device to read", map(b.domain, fixed, 0x200000, PAGE, WEIR_MAP_READ), 0);
	want("memory for a device to read", map(b.domain, at, 0x300000, PAGE, WEIR_MAP_READ), 0);
	edu_start(b.dev, 0x300000, 64); /* t2 */
	settle(b.dev);
	need(is_zero(at, PAGE), "a device wrote to memory that it may only read");
}

static void set_limit(unsigned long bytes)
{
	struct rlimit limit = { .rlim_cur = bytes, .rlim_max = bytes };

	need(setrlimit(RLIMIT_MEMLOCK, &limit) == 0, "setrlimit: %s", strerror(errno));
}

static void memlock_is_exact(void)
{
	int domain = new_domain("a");
	uint8_t *at = pages(16);

	set_limit(10 * PAGE);
	want("one page too much", map(domain, at, 0x100000, 11 * PAGE, RW), -ENOMEM);
	need(vm_locked() == 0, "%ld KiB are charged for nothing", vm_locked());
	want("as much as is allowed", map(domain, at, 0x100000, 10 * PAGE, RW), 0);
	need(vm_locked() == 40, "%ld KiB are charged for ten pages", vm_locked());
	want("one page more", map(domain, at + 10 * PAGE, 0x200000, PAGE, RW), -ENOMEM);
	want("WEIR_UNMAP", unmap(domain, 0x100000, 10 * PAGE), 0);
	need(vm_locked() == 0, "%ld KiB are still charged", vm_locked());
	want("seven", map(domain, at, 0x100000, 7 * PAGE, RW), 0);
	want("three", map(domain, at, 0x200000, 3 * PAGE, RW), 0);
	want("one", map(domain, at, 0x300000, PAGE, RW), -ENOMEM);
	set_limit(0);
	want("WEIR_UNMAP with a lower limit", unmap(domain, 0, 0), 0);
	need(vm_locked() == 0, "%ld KiB are still charged", vm_locked());
	want("a page, with nothing allowed", map(domain, at, 0x100000, PAGE, RW), -ENOMEM);
}

/* Memory that was unmapped the device does not reach: t6. */
static void unmapped_is_out_of_reach(void)
{
	struct bench b = bench_open("a");

	edu_start(b.dev, IOVA, 64);
	want("WEIR_UNMAP", unmap(b.domain, IOVA, PAGE), 0);
	soon(is_zero(b.at, PAGE));
	settle(b.dev);
	need(is_zero(b.at, PAGE), "the device reached a page that was unmapped");
	need(pinned() == 0, "the page is still pinned");
}

static void maps_are_counted(void)
{
	int domain = new_domain("a"), got = 0;
	uint8_t *at = pages(1);
	unsigned i;

	for (i = 0; i < 65536 && !got; i++)
		got = map(domain, at, 0x1000000 + (uint64_t)i * PAGE, PAGE, RW);
	need(got < 0 && errno == ENOSPC && i == 65536, "number %u: %s", i, got ? strerror(errno) : "it was made");
	need(domain_info(domain).maps == 65535, "%u maps", domain_info(domain).maps);
	want("WEIR_UNMAP of all", unmap(domain, 0, 0), 0);
	need(pinned() == 0, "pages are still pinned");
}

/* A copy has the same pages, which are charged once, and outlive the mapping that they were copied from. */
static void copy_is_charged_once(void)
{
	struct bench b = bench_open("a");
	long locked = vm_locked();
	int copy = must_attach(b.dev, WEIR_DOMAIN_NEW, WEIR_ATTACH_REPLACE | WEIR_ATTACH_COPY);

	need(locked == 4, "%ld KiB are charged for a page", locked);
	need(vm_locked() == locked, "%ld KiB are charged for a page and its copy", vm_locked());
	need(domain_info(copy).maps == 1 && domain_info(b.domain).maps == 1, "%u maps", domain_info(copy).maps);
	want("WEIR_UNMAP of the original", unmap(b.domain, 0, 0), 0);
	close(b.domain);
	need(vm_locked() == locked, "%ld KiB are charged for the copy", vm_locked());
	master(b.dev, true);
	edu_start(b.dev, IOVA, 64);
	settle(b.dev);
	need(edu_landed(b.at), "the device does not reach the copy");
	close(copy);
	need(vm_locked() == locked, "a domain in use let go of its memory");
	close(b.dev);
	need(vm_locked() == 0, "%ld KiB are charged after the end", vm_locked());
}

const struct kmod_case memory_cases[] = {
	{ "I8: what is reserved for interrupts cannot be mapped", reserved },
	{ "I9: nor what another device in the domain needs", reserved_by_another },
	{ "I10: overlaps are refused", overlaps },
	{ "I11: only whole mappings are unmapped", whole_mappings },
	{ "I11: of 2 MiB no page is taken out", partial_unmap_takes_nothing },
	{ "I12: addresses do not wrap", wraps },
	{ "I13: what can be mapped is said, and holds", limits },
	{ "I14: fork leaves the device its pages", fork_keeps_the_pages },
	{ "I15 t2: what may be read is not written", read_only },
	{ "I16: RLIMIT_MEMLOCK is exact", memlock_is_exact },
	{ "I16: a copy is charged once", copy_is_charged_once },
	{ "I17 t6: what was unmapped is out of reach", unmapped_is_out_of_reach },
	{ "I18: the mappings of a domain have an end", maps_are_counted },
	{ "I33: memory that lies together is mapped together", hugepages_are_mapped_whole },
	{ NULL, NULL },
};
