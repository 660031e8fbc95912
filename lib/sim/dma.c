/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory access by iova. What the client did not map, or mapped without the permission, cannot be reached; such an
 * access is counted, and the descriptor that caused it is named.
 *
 * A client's memory is mapped here only when its file is sealed against shrinking: a file that is cut off under a
 * mapping means SIGBUS for us, and no client may cause that. All other memory is reached by asking the client.
 */
#include "sim/dma.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/card.h"
#include "sim/pci.h"
#include "vfio_user/server.h"

/* The index of the first map that ends behind @iova. */
static unsigned find(const struct sim_dma *dma, uint64_t iova)
{
	unsigned low = 0, high = dma->count;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;

		if (dma->maps[middle].iova + (dma->maps[middle].size - 1) < iova)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Maps the file, if that is safe. */
static uint8_t *map_file(int fd, uint64_t offset, uint64_t size, uint32_t flags)
{
	int protection = (flags & VU_DMA_READABLE ? PROT_READ : 0) | (flags & VU_DMA_WRITEABLE ? PROT_WRITE : 0);
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat stat;
	void *at;

	if (seals < 0 || !(seals & F_SEAL_SHRINK) || fstat(fd, &stat) < 0)
		return NULL;
	if (offset > (uint64_t)stat.st_size || size > (uint64_t)stat.st_size - offset)
		return NULL;
	at = mmap(NULL, size, protection, MAP_SHARED, fd, (off_t)offset);
	return at == MAP_FAILED ? NULL : at;
}

int dma_map(struct sim_dma *dma, uint64_t iova, uint64_t size, uint32_t flags, int fd, uint64_t offset)
{
	unsigned index = find(dma, iova);
	struct sim_dma_map *maps;

	if (index < dma->count && dma->maps[index].iova - iova < size)
		return -EEXIST;
	if (index < dma->count && iova - dma->maps[index].iova < dma->maps[index].size)
		return -EEXIST;
	if (dma->count == dma->room) {
		maps = realloc(dma->maps, (dma->room + 64) * sizeof(*maps));
		if (!maps)
			return -ENOMEM;
		dma->maps = maps;
		dma->room += 64;
	}
	memmove(&dma->maps[index + 1], &dma->maps[index], (dma->count - index) * sizeof(*dma->maps));
	dma->maps[index] = (struct sim_dma_map){ .iova = iova, .size = size, .flags = flags };
	dma->count++;
	if (fd >= 0) {
		dma->maps[index].at = map_file(fd, offset, size, flags);
		close(fd);
	}
	return 0;
}

static void drop(struct sim_dma_map *map)
{
	if (map->at)
		munmap(map->at, map->size);
}

int dma_unmap(struct sim_dma *dma, uint64_t iova, uint64_t size)
{
	uint64_t end = size ? iova + (size - 1) : UINT64_MAX;
	unsigned first = find(dma, iova), last = first;

	for (; last < dma->count && dma->maps[last].iova <= end; last++)
		if (dma->maps[last].iova < iova || dma->maps[last].iova + (dma->maps[last].size - 1) > end)
			return -EINVAL;
	if (first == last) /* there may be no list at all */
		return 0;
	for (unsigned i = first; i < last; i++)
		drop(&dma->maps[i]);
	memmove(&dma->maps[first], &dma->maps[last], (dma->count - last) * sizeof(*dma->maps));
	dma->count -= last - first;
	return (int)(last - first);
}

/* --- access ----------------------------------------------------------------------------------------------------------- */

static int refuse(struct sim_nic *nic, uint64_t iova, size_t len, const char *verb, const char *why, const char *what)
{
	struct sim_dma *dma = nic->dma;

	dma->refused++;
	snprintf(dma->reason, sizeof(dma->reason), "%s of %zu bytes at 0x%llx for %s: %s", verb, len,
	         (unsigned long long)iova, what, why);
	sim_log(nic, WEIR_LOG_WARNING, "DMA %s", dma->reason);
	return -EFAULT;
}

static const struct sim_dma_map *lookup(struct sim_dma *dma, uint64_t iova)
{
	unsigned *recent = &dma->recent[(iova >> SIM_DMA_SHIFT) % SIM_DMA_RECENT];
	const struct sim_dma_map *map;

	if (*recent >= dma->count || iova - dma->maps[*recent].iova >= dma->maps[*recent].size)
		*recent = find(dma, iova);
	if (*recent >= dma->count)
		return NULL;
	map = &dma->maps[*recent];
	return iova - map->iova < map->size ? map : NULL;
}

/* Where that is, if all of it lies in one map that is memory here and may be accessed so. NULL: by move(). */
static uint8_t *reach(struct sim_nic *nic, uint64_t iova, size_t len, uint32_t need)
{
	const struct sim_dma_map *map;

	if (nic->card->faults[WEIR_SIM_DMA_ERROR].times || !pci_bus_master(nic))
		return NULL;
	map = lookup(nic->dma, iova);
	if (!map || !map->at || !(map->flags & need) || map->size - (iova - map->iova) < len)
		return NULL;
	return map->at + (iova - map->iova);
}

/* Whether all of [iova, iova + len) may be accessed so: checked as a whole before the first byte moves. */
static int check(struct sim_nic *nic, uint64_t iova, size_t len, bool write, const char *what)
{
	const char *verb = write ? "write" : "read";
	uint32_t need = write ? VU_DMA_WRITEABLE : VU_DMA_READABLE;
	uint64_t unused;

	if (sim_fault(nic, WEIR_SIM_DMA_ERROR, &unused))
		return refuse(nic, iova, len, verb, "a fault was asked for", what);
	if (!pci_bus_master(nic))
		return refuse(nic, iova, len, verb, "bus mastering is off", what);
	while (len) {
		const struct sim_dma_map *map = lookup(nic->dma, iova);
		uint64_t left;

		if (!map)
			return refuse(nic, iova, len, verb, "it is not mapped", what);
		if (!(map->flags & need))
			return refuse(nic, iova, len, verb, "the permission forbids it", what);
		left = map->size - (iova - map->iova);
		if (left >= len)
			return 0;
		iova += left;
		len -= left;
	}
	return 0;
}

/* Moves what check() allows, map by map. */
static int move(struct sim_nic *nic, uint64_t iova, uint8_t *data, size_t len, bool write, const char *what)
{
	int err = check(nic, iova, len, write, what);

	if (err)
		return err;
	while (len) {
		const struct sim_dma_map *map = lookup(nic->dma, iova);
		uint64_t at = iova - map->iova, n = map->size - at < len ? map->size - at : len;

		if (map->at) {
			if (write)
				memcpy(map->at + at, data, n);
			else
				memcpy(data, map->at + at, n);
		} else if (!nic->dma->server || vu_server_dma(nic->dma->server, iova, data, (uint32_t)n, write)) {
			return refuse(nic, iova, n, write ? "write" : "read", "the client does not serve it", what);
		}
		iova += n;
		data += n;
		len -= n;
	}
	return 0;
}

int sim_dma_read(struct sim_nic *nic, uint64_t iova, void *to, size_t len, const char *what)
{
	const uint8_t *at = reach(nic, iova, len, VU_DMA_READABLE);

	if (!at)
		return move(nic, iova, to, len, false, what);
	if (len == 16) /* a descriptor */
		memcpy(to, at, 16);
	else
		memcpy(to, at, len);
	return 0;
}

int sim_dma_write(struct sim_nic *nic, uint64_t iova, const void *from, size_t len, const char *what)
{
	uint8_t *at = reach(nic, iova, len, VU_DMA_WRITEABLE);

	if (!at)
		return move(nic, iova, (uint8_t *)from, len, true, what);
	memcpy(at, from, len);
	return 0;
}

/*
 * The last 8 bytes of a write-back hold the status: they are one store, after everything that was written before, so
 * that a driver which sees the status sees the rest.
 */
int sim_dma_store(struct sim_nic *nic, uint64_t iova, const void *from, size_t len, const char *what)
{
	uint64_t *at = (uint64_t *)(void *)reach(nic, iova, len, VU_DMA_WRITEABLE);
	uint64_t words[2] = { 0 };

	if (!at || (len != 8 && len != 16) || iova % 8)
		return sim_dma_write(nic, iova, from, len, what);
	memcpy(words, from, len);
	if (len == 16) {
		__atomic_store_n(at, words[0], __ATOMIC_RELAXED);
		__atomic_store_n(at + 1, words[1], __ATOMIC_RELEASE);
	} else {
		__atomic_store_n(at, words[0], __ATOMIC_RELEASE);
	}
	return 0;
}
