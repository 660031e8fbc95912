/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The arena: a range of address space that chunks are added to, and what is allocated from them.
 *
 * Allocations are few and long-lived (pools, rings, descriptor rings), so a list of extents per chunk, first fit, does.
 */
#include "mem/arena.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "mem/limit.h"
#include "mem/machine.h"

#define ALIGN_MIN 64u

/* From so many bytes on, an allocation is worth a page of 1 GiB. */
#define WORTH_1G MIB(512)

int arena_open(struct weir *weir)
{
	uint64_t reserve = weir->conf.mem_reserve, size = reserve + GIB(1);
	struct arena *arena;
	uint8_t *range, *base;
	int err;

	if (weir->conf.mem_node != WEIR_NODE_ANY && !machine_has_node(weir->conf.mem_node - 1))
		return weir_fail(NULL, -EINVAL, "mem_node asks for NUMA node %d, which this machine does not have",
		                 weir->conf.mem_node - 1);
	arena = calloc(1, sizeof(*arena));
	if (!arena)
		return weir_fail(NULL, -ENOMEM, "no memory for an arena");
	err = -ENOMEM;
	arena->owners = calloc(reserve >> ARENA_PAGE_SHIFT, sizeof(struct weir_pool *));
	if (!arena->owners) {
		weir_fail(NULL, err, "no memory for an arena");
		goto free;
	}
	range = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (range == MAP_FAILED) {
		weir_fail(NULL, err,
		          "%llu GiB of address space cannot be reserved; raise `ulimit -v`, or open the "
		          "context with a smaller mem_reserve",
		          (unsigned long long)(reserve >> 30));
		goto free;
	}
	/* What lies before and behind the aligned range goes back. */
	base = (uint8_t *)round_up((uintptr_t)range, GIB(1));
	if (base > range)
		munmap(range, (size_t)(base - range));
	munmap(base + reserve, (size_t)(range + size - (base + reserve)));
	err = -pthread_mutex_init(&arena->lock, NULL);
	if (err) {
		weir_fail(NULL, err, "cannot make a lock for the arena");
		goto unmap;
	}
	arena->base = base;
	arena->reserved = reserve;
	arena->end = weir->conf.mem_first;
	weir->arena = arena;
	return 0;

unmap:
	munmap(base, reserve);
free:
	free(arena->owners);
	free(arena);
	return err;
}

void arena_close(struct weir *weir)
{
	struct arena *arena = weir->arena;

	while (arena->chunks) {
		struct chunk *chunk = arena->chunks;

		while (chunk->first) {
			struct extent *extent = chunk->first;

			chunk->first = extent->next;
			free(extent);
		}
		arena->chunks = chunk->next;
		chunk_unmap(arena->base + chunk->info.offset, chunk->info.size, chunk->info.fd);
		free(chunk);
	}
	munmap(arena->base, arena->reserved);
	pthread_mutex_destroy(&arena->lock);
	free(arena->owners);
	free(arena);
	weir->arena = NULL;
}

/* --- growth ----------------------------------------------------------------------------------------------------------- */

/* Tells everybody of @chunk, which is mapped, and puts it in its place. */
static int chunk_link(struct arena *arena, struct chunk *chunk)
{
	struct chunk **link = &arena->chunks;
	int err = watchers_add(arena, chunk);

	if (err)
		return err;
	while (*link && (*link)->info.offset < chunk->info.offset)
		link = &(*link)->next;
	chunk->next = *link;
	*link = chunk;
	arena->chunk_count++;
	arena->mapped += chunk->info.size;
	return 0;
}

/* Adds a chunk at @offset: the one place where the arena gets more memory. Returns 0 or -errno, without a sentence. */
static int chunk_add(struct weir *weir, uint64_t offset, uint64_t size, uint64_t page_size, int node)
{
	struct arena *arena = weir->arena;
	struct chunk *chunk = calloc(1, sizeof(*chunk));
	struct extent *extent = calloc(1, sizeof(*extent));
	int err = -ENOMEM;

	if (!chunk || !extent)
		goto free;
	extent->offset = offset;
	extent->size = size;
	chunk->first = extent;
	chunk->info =
	    (struct weir_mem_chunk){ .offset = offset, .size = size, .page_size = page_size, .node = node, .fd = -1 };
	err = chunk_map(arena->base + offset, size, page_size, node, &chunk->info.fd);
	if (err)
		goto free;
	err = chunk_link(arena, chunk);
	if (err)
		goto unmap;
	arena->end = offset + size;
	return 0;

unmap:
	chunk_unmap(arena->base + offset, size, chunk->info.fd);
free:
	free(extent);
	free(chunk);
	return err;
}

static bool arena_has(const struct arena *arena, uint64_t offset, uint64_t size)
{
	for (const struct chunk *chunk = arena->chunks; chunk; chunk = chunk->next)
		if (chunk->info.offset < offset + size && offset < chunk->info.offset + chunk->info.size)
			return true;
	return false;
}

/* It has no extents: nothing is allocated from it here. */
int arena_borrow(struct weir *weir, const struct weir_mem_chunk *info)
{
	struct arena *arena = weir->arena;
	struct chunk *chunk = calloc(1, sizeof(*chunk));
	uint8_t *at = arena->base + info->offset;
	int err = -EEXIST;

	if (!chunk)
		return -ENOMEM;
	chunk->info = *info;
	chunk->info.borrowed = true;
	pthread_mutex_lock(&arena->lock);
	if (arena_has(arena, info->offset, info->size))
		goto unlock;
	err = chunk_map_file(at, info->size, info->fd, &chunk->info.fd);
	if (err)
		goto unlock;
	err = chunk_link(arena, chunk);
	if (err)
		chunk_unmap(at, info->size, chunk->info.fd);
unlock:
	pthread_mutex_unlock(&arena->lock);
	if (err)
		free(chunk);
	return err;
}

/* Whether pages of @page_size may be used for a request of @size bytes. */
static bool page_size_wanted(const struct weir *weir, uint64_t page_size, uint64_t size)
{
	if (weir->conf.mem_page_size)
		return page_size == weir->conf.mem_page_size;
	return page_size != GIB(1) || size >= WORTH_1G;
}

/* Where a chunk of such pages would begin, so that an allocation at its start is aligned. */
static uint64_t chunk_place(const struct arena *arena, uint64_t page_size, uint64_t align)
{
	uint64_t step = page_size > ARENA_PAGE ? page_size : ARENA_PAGE;

	return round_up(arena->end, align > step ? align : step);
}

/*
 * What the arena grows by if no more is needed. A chunk is filled when it is mapped, so that little is taken at first, and
 * more once there is much, lest there be very many chunks.
 */
static uint64_t arena_step(const struct weir *weir)
{
	uint64_t eighth = weir->arena->mapped / 8;

	if (weir->conf.mem_grow)
		return weir->conf.mem_grow;
	return eighth < ARENA_STEP_MOST ? eighth : ARENA_STEP_MOST;
}

/* Adds a chunk of @page_size pages: of arena_step() bytes or, when there are not so many left, just what is needed. */
static int arena_grow_by(struct weir *weir, uint64_t size, uint64_t align, uint64_t page_size, int node)
{
	struct arena *arena = weir->arena;
	uint64_t offset = chunk_place(arena, page_size, align);
	uint64_t step = page_size > ARENA_PAGE ? page_size : ARENA_PAGE;
	uint64_t least = round_up(size, step), most = round_up(arena_step(weir), step);
	uint64_t room = machine_available(page_size, node);
	int err = -ENOMEM;

	if (most > least && most <= room && offset + most <= arena->reserved)
		err = chunk_add(weir, offset, most, page_size, node);
	if (err && least <= room && offset + least <= arena->reserved)
		err = chunk_add(weir, offset, least, page_size, node);
	return err;
}

/*
 * Adds a chunk for an allocation: hugepages if there are any, and on @node if it has any. Called with the lock held.
 * Returns 0 or -errno, without a sentence.
 */
static int arena_grow(struct weir *weir, uint64_t size, uint64_t align, int node, bool strict)
{
	static const uint64_t page_sizes[] = { GIB(1), MIB(2), KIB(4) };
	struct arena *arena = weir->arena;
	int err = -ENOMEM;

	for (unsigned i = 0; i < 3; i++) {
		if (!page_size_wanted(weir, page_sizes[i], size))
			continue;
		err = arena_grow_by(weir, size, align, page_sizes[i], node);
		if (err && !strict && machine_has_nodes())
			err = arena_grow_by(weir, size, align, page_sizes[i], -1);
		if (err)
			continue;
		if (page_sizes[i] == KIB(4) && !weir->conf.mem_page_size && !arena->warned) {
			arena->warned = true;
			limit_warn_small_pages(weir, size);
		}
		weir_log(weir, WEIR_LOG_INFO, "the arena has grown to %llu MiB in %u chunks, the last of %s pages",
		         (unsigned long long)arena->mapped >> 20, arena->chunk_count, machine_page_name(page_sizes[i]));
		return 0;
	}
	return err;
}

/* --- allocation ------------------------------------------------------------------------------------------------------- */

/* Whether memory of @chunk will do for a request for @node (-1: any). */
static bool chunk_is_on(const struct chunk *chunk, int node, bool strict)
{
	return node < 0 || chunk->info.node == node || (!strict && chunk->info.node < 0);
}

static struct extent *arena_find(struct arena *arena, uint64_t size, uint64_t align, int node, bool strict)
{
	for (struct chunk *chunk = arena->chunks; chunk; chunk = chunk->next) {
		if (!chunk_is_on(chunk, node, strict))
			continue;
		for (struct extent *extent = chunk->first; extent; extent = extent->next)
			if (extent_room(extent, align) >= size)
				return extent;
	}
	return NULL;
}

/* The NUMA node that @node stands for (-1: any) and whether it must be that one. */
static int arena_node(struct weir *weir, int node, int *wanted, bool *strict)
{
	if (node == WEIR_NODE_ANY)
		node = weir->conf.mem_node;
	*strict = node != WEIR_NODE_ANY;
	*wanted = *strict ? node - 1 : machine_local_node();
	if (*strict && !machine_has_node(*wanted))
		return weir_fail(NULL, -EINVAL, "there is no NUMA node %d; `numactl --hardware` lists those there are",
		                 *wanted);
	return 0;
}

/* Finds or makes room and takes it. Called with the lock held. */
static int arena_serve(struct weir *weir, uint64_t size, uint64_t align, int node, bool strict, struct extent **taken)
{
	struct arena *arena = weir->arena;
	struct extent *extent;
	int err = -ENOMEM;

	if (size > arena->reserved)
		return err;
	size = round_up(size, ALIGN_MIN);
	extent = arena_find(arena, size, align, node, strict);
	if (!extent) {
		err = arena_grow(weir, size, align, node, strict);
		extent = arena_find(arena, size, align, err && !strict ? -1 : node, strict);
	}
	if (!extent)
		return err;
	*taken = extent_take(extent, size, align);
	if (!*taken)
		return -ENOMEM;
	arena->used += size;
	return 0;
}

int arena_alloc(struct weir *weir, uint64_t size, uint64_t align, int node, void **mem)
{
	struct arena *arena = weir->arena;
	struct extent *extent = NULL;
	bool strict;
	int err;

	*mem = NULL;
	if (!align)
		align = ALIGN_MIN;
	if (align < ALIGN_MIN || align > GIB(1) || align & (align - 1))
		return weir_fail(NULL, -EINVAL, "an alignment of %llu bytes is not a power of two from 64 to 1 GiB",
		                 (unsigned long long)align);
	if (!size)
		return weir_fail(NULL, -EINVAL, "an allocation of no bytes was asked for");
	err = arena_node(weir, node, &node, &strict);
	if (err)
		return err;
	pthread_mutex_lock(&arena->lock);
	err = arena_serve(weir, size, align, node, strict, &extent);
	if (err)
		limit_fail_memory(weir, size, strict ? node : -1, err);
	pthread_mutex_unlock(&arena->lock);
	if (err)
		return -ENOMEM;
	*mem = arena->base + extent->offset;
	if (extent->dirty)
		memset(*mem, 0, extent->size);
	return 0;
}

int weir_mem_alloc(struct weir *weir, uint64_t size, uint64_t align, int node, void **mem)
{
	int err = arena_alloc(weir, size, align, node, mem);

	return err ? weir_fail(weir, err, "%s", weir_error()) : 0;
}

/* The used extent that begins at @offset. */
static struct extent *arena_used(struct arena *arena, uint64_t offset)
{
	for (struct chunk *chunk = arena->chunks; chunk; chunk = chunk->next)
		if (offset - chunk->info.offset < chunk->info.size)
			for (struct extent *extent = chunk->first; extent; extent = extent->next)
				if (extent->offset == offset)
					return extent->used ? extent : NULL;
	return NULL;
}

void weir_mem_free(struct weir *weir, void *mem)
{
	struct arena *arena = weir->arena;
	struct extent *extent;

	if (!mem)
		return;
	pthread_mutex_lock(&arena->lock);
	extent = arena_used(arena, (uint64_t)((uint8_t *)mem - arena->base));
	if (extent) {
		arena->used -= extent->size;
		extent_give(extent);
	}
	pthread_mutex_unlock(&arena->lock);
	if (!extent)
		weir_fail(weir, -EINVAL, "%p was freed, but is not allocated in this context", mem);
}

/* --- what there is ---------------------------------------------------------------------------------------------------- */

uint64_t arena_room(struct weir *weir, int node)
{
	static const uint64_t page_sizes[] = { GIB(1), MIB(2), KIB(4) };
	struct arena *arena = weir->arena;
	uint64_t most = 0, room, left;
	bool strict;

	if (arena_node(weir, node, &node, &strict))
		return 0;
	if (!strict)
		node = -1;
	pthread_mutex_lock(&arena->lock);
	for (struct chunk *chunk = arena->chunks; chunk; chunk = chunk->next)
		for (struct extent *extent = chunk->first; extent && chunk_is_on(chunk, node, strict);
		     extent = extent->next) {
			room = extent_room(extent, ARENA_PAGE);
			most = room > most ? room : most;
		}
	for (unsigned i = 0; i < 3; i++) {
		room = machine_available(page_sizes[i], node);
		if (!page_size_wanted(weir, page_sizes[i], room))
			continue;
		left = arena->reserved - chunk_place(arena, page_sizes[i], 0);
		room = room < left ? room : left;
		most = room > most ? room : most;
	}
	pthread_mutex_unlock(&arena->lock);
	return most & ~(ARENA_PAGE - 1);
}

void arena_own(struct weir *weir, uint64_t offset, uint64_t size, struct weir_pool *pool)
{
	for (uint64_t page = offset >> ARENA_PAGE_SHIFT; page < (offset + size) >> ARENA_PAGE_SHIFT; page++)
		__atomic_store_n(&weir->arena->owners[page], pool, __ATOMIC_RELEASE);
}

uint8_t *weir_mem_base(const struct weir *weir)
{
	return weir->arena->base;
}

void weir_mem_info(struct weir *weir, struct weir_mem_info *info)
{
	struct arena *arena = weir->arena;

	pthread_mutex_lock(&arena->lock);
	*info = (struct weir_mem_info){
		.base = arena->base,
		.reserved = arena->reserved,
		.mapped = arena->mapped,
		.used = arena->used,
		.chunks = arena->chunk_count,
	};
	for (struct chunk *chunk = arena->chunks; chunk; chunk = chunk->next)
		info->page_size = chunk->info.page_size;
	pthread_mutex_unlock(&arena->lock);
}

int weir_mem_chunk(struct weir *weir, unsigned index, struct weir_mem_chunk *info)
{
	struct arena *arena = weir->arena;
	struct chunk *chunk;

	pthread_mutex_lock(&arena->lock);
	for (chunk = arena->chunks; chunk && index; chunk = chunk->next)
		index--;
	if (chunk)
		*info = chunk->info;
	pthread_mutex_unlock(&arena->lock);
	return chunk ? 0 : -ENOENT;
}
