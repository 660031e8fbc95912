/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A chunk's memory: a memfd, bound to a NUMA node, all of its pages present.
 *
 * A memfd has no name in a filesystem, so its pages are free as soon as the last process that maps it is gone, however
 * it died. All pages are made present here: a shortage is an error now, not a signal when a packet arrives.
 */
#include <fcntl.h>
#include <numa.h>
#include <numaif.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/core.h"
#include "mem/arena.h"
#include "mem/machine.h"

#ifndef MFD_HUGE_SHIFT
#define MFD_HUGE_SHIFT 26
#endif
#ifndef MADV_POPULATE_WRITE /* Linux 5.14 */
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_COLLAPSE /* Linux 6.1 */
#define MADV_COLLAPSE 25
#endif

static int memfd_open(uint64_t size, uint64_t page_size)
{
	unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd, err;

	if (page_size > KIB(4))
		flags |= MFD_HUGETLB | (unsigned)__builtin_ctzll(page_size) << MFD_HUGE_SHIFT;
	fd = memfd_create("weir", flags);
	if (fd < 0)
		return -errno;
	/* Who is handed the file (a device in another process) maps it only if nobody can cut it off under the mapping. */
	if (ftruncate(fd, (off_t)size) < 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

/* Where the pages come from, said before the first of them is touched. */
static int bind_node(void *at, uint64_t size, int node)
{
	struct bitmask *nodes;
	int err = 0;

	if (!machine_has_nodes())
		return 0;
	nodes = numa_allocate_nodemask();
	if (!nodes)
		return -ENOMEM;
	numa_bitmask_setbit(nodes, (unsigned)node);
	if (mbind(at, size, MPOL_BIND, nodes->maskp, nodes->size + 1, 0) < 0)
		err = -errno;
	numa_free_nodemask(nodes);
	return err;
}

/*
 * Has the kernel fill each 2 MiB with one page instead of 512, where it can: in a third of the time, and with fewer misses
 * of the TLB from then on. It does so only where there is a page already. Without it, it is small pages as before.
 */
static void join_pages(uint8_t *at, uint64_t size)
{
	for (uint64_t done = 0; done < size; done += MIB(2))
		if (madvise(at + done, KIB(4), MADV_POPULATE_WRITE) < 0)
			return;
	(void)madvise(at, size, MADV_COLLAPSE);
}

/* EFAULT and EHWPOISON stand for the signal that a touch would have raised. */
static int populate(void *at, uint64_t size, int fd)
{
	if (!madvise(at, size, MADV_POPULATE_WRITE))
		return 0;
	if (errno != EINVAL)
		return -ENOMEM;
	return fallocate(fd, 0, 0, (off_t)size) < 0 ? -ENOMEM
	                                            : 0; /* an older kernel: the pages, if not their mapping */
}

int chunk_map(void *at, uint64_t size, uint64_t page_size, int node, int *fd)
{
	int err;

	*fd = memfd_open(size, page_size);
	if (*fd < 0)
		return *fd;
	if (mmap(at, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, *fd, 0) == MAP_FAILED) {
		err = -errno;
		goto unmap;
	}
	if (node >= 0) {
		err = bind_node(at, size, node);
		if (err)
			goto unmap;
	}
	if (page_size == KIB(4))
		join_pages(at, size);
	err = populate(at, size, *fd);
	if (err)
		goto unmap;
	return 0;

unmap:
	chunk_unmap(at, size, *fd);
	return err;
}

int chunk_map_file(void *at, uint64_t size, int file, int *fd)
{
	int err;

	*fd = fcntl(file, F_DUPFD_CLOEXEC, 0);
	if (*fd < 0)
		return -errno;
	if (mmap(at, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, *fd, 0) != MAP_FAILED)
		return 0;
	err = -errno;
	chunk_unmap(at, size, *fd);
	return err;
}

void chunk_unmap(void *at, uint64_t size, int fd)
{
	/* A mapping that failed may have left a hole, so this is done after that too. */
	(void)mmap(at, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
	close(fd);
}
