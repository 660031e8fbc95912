/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Extents: how a chunk is cut into used and free runs.
 */
#include "mem/extent.h"

#include <stdlib.h>

#include "core/core.h"

/* Cuts @extent in two at @size bytes; the second part is as free and as dirty as the first. */
static bool split(struct extent *extent, uint64_t size)
{
	struct extent *rest = malloc(sizeof(*rest));

	if (!rest)
		return false;
	*rest = *extent;
	rest->offset += size;
	rest->size -= size;
	rest->prev = extent;
	if (rest->next)
		rest->next->prev = rest;
	extent->next = rest;
	extent->size = size;
	return true;
}

/* Joins @extent with the one behind it, if both are free. */
static void join(struct extent *extent)
{
	struct extent *next = extent ? extent->next : NULL;

	if (!next || extent->used || next->used)
		return;
	extent->size += next->size;
	extent->dirty |= next->dirty;
	extent->next = next->next;
	if (next->next)
		next->next->prev = extent;
	free(next);
}

uint64_t extent_room(const struct extent *extent, uint64_t align)
{
	uint64_t skip = round_up(extent->offset, align) - extent->offset;

	return extent->used || skip > extent->size ? 0 : extent->size - skip;
}

struct extent *extent_take(struct extent *extent, uint64_t size, uint64_t align)
{
	uint64_t skip = round_up(extent->offset, align) - extent->offset;

	if (skip) {
		if (!split(extent, skip))
			return NULL;
		extent = extent->next;
	}
	if (extent->size > size && !split(extent, size)) {
		join(extent->prev);
		return NULL;
	}
	extent->used = true;
	return extent;
}

void extent_give(struct extent *extent)
{
	extent->used = false;
	extent->dirty = true;
	join(extent);
	join(extent->prev);
}
