/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Physical addresses, from /proc/self/pagemap (Documentation/admin-guide/mm/pagemap.rst of the kernel): an entry of 64
 * bits for each of the processor's pages, bit 63 telling that there is memory, bits 0 to 54 its frame. Who lacks
 * CAP_SYS_ADMIN reads zero frames.
 */
#include "bus/physical.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define GUARD_FD   512 /* half of what a process may have by default */
#define PRESENT    (UINT64_C(1) << 63)
#define FRAME_MASK ((UINT64_C(1) << 55) - 1)

/* A table for the whole of the arena's address space; what is not used of it costs no memory. */
static uint64_t table_size(const struct weir *weir)
{
	return weir->conf.mem_reserve / BUS_PAGE * sizeof(uint64_t);
}

int physical_init(struct bus_domain *domain, struct weir *weir, const struct bus_domain_ops *ops)
{
	void *table =
	    mmap(NULL, table_size(weir), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (table == MAP_FAILED)
		return weir_fail(weir, -ENOMEM, "no memory for a table of physical addresses");
	bus_domain_init(domain, weir, ops);
	domain->pages = table;
	return 0;
}

void physical_destroy(struct bus_domain *domain)
{
	if (domain->pages)
		munmap((void *)(uintptr_t)domain->pages, table_size(domain->weir));
	bus_domain_destroy(domain);
}

static int frame_of(int fd, uintptr_t at, uint64_t *address)
{
	uint64_t entry, page = (uint64_t)sysconf(_SC_PAGESIZE);

	if (pread(fd, &entry, sizeof(entry), (off_t)(at / page * sizeof(entry))) != sizeof(entry))
		return -EIO;
	if (!(entry & PRESENT))
		return -EFAULT;
	*address = (entry & FRAME_MASK) * page;
	return *address ? 0 : -EPERM;
}

int physical_map(struct bus_domain *domain, uint64_t iova, const struct weir_mem_chunk *chunk, void *at)
{
	uint64_t *pages = (uint64_t *)(uintptr_t)domain->pages + chunk->offset / BUS_PAGE;
	int fd, err = 0;

	(void)iova;
	if (chunk->page_size < BUS_PAGE)
		return weir_fail(domain->weir, -ENOTSUP,
		                 "without an IOMMU the memory must be hugepages, which do not move: reserve some with "
		                 "config/hugepages.sh 512");
	fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return weir_fail(domain->weir, -errno, "cannot read /proc/self/pagemap (%s)", strerror(errno));
	for (uint64_t offset = 0; !err && offset < chunk->size; offset += BUS_PAGE)
		err = frame_of(fd, (uintptr_t)at + offset, &pages[offset / BUS_PAGE]);
	close(fd);
	if (err == -EPERM)
		return weir_fail(domain->weir, err,
		                 "only root is told physical addresses, which a device without an IOMMU needs: run as "
		                 "root, or put the device behind an IOMMU (intel_iommu=on) and use vfio");
	return err ? weir_fail(domain->weir, err, "the kernel does not tell physical addresses (%s)", strerror(-err))
	           : 0;
}

/* Nothing stands between the device and the memory that could be told: its driver has stopped it before. */
int physical_unmap(struct bus_domain *domain, uint64_t iova, uint64_t size)
{
	memset((uint64_t *)(uintptr_t)domain->pages + (iova - BUS_IOVA_BASE) / BUS_PAGE, 0,
	       size / BUS_PAGE * sizeof(uint64_t));
	return 0;
}

/*
 * A task that dies gives up its files from the highest descriptor down: each leaves a work behind, and these are done
 * from the last to the first. The memory that a later growth adds has a descriptor, too, and a low one.
 */
int physical_guard(int fd)
{
	int above = fcntl(fd, F_DUPFD_CLOEXEC, GUARD_FD);

	if (above < 0)
		return fd;
	close(fd);
	return above;
}
