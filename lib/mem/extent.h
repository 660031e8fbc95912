/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Extents: a chunk is a list of them without gaps, in order of address; no two neighbours are both free. Internal to
 * lib/mem.
 */
#ifndef MEM_EXTENT_H
#define MEM_EXTENT_H

#include <stdbool.h>
#include <stdint.h>

struct extent {
	struct extent *next;
	struct extent *prev;
	uint64_t offset; /* from the arena's base */
	uint64_t size;
	bool used;
	bool dirty; /* was used once, so that it is not all zeros */
};

/* Bytes of a free extent from its first multiple of @align on; 0 when it is used or too short. */
uint64_t extent_room(const struct extent *extent, uint64_t align);

/* Takes @size bytes out of a free extent that has room for them. NULL when there is no memory for the list. */
struct extent *extent_take(struct extent *extent, uint64_t size, uint64_t align);

/* Makes a used extent free. It may be gone afterwards, joined with its neighbours. */
void extent_give(struct extent *extent);

#endif
