/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pools that check: each buffer is known to be free or allocated, and a free one is filled with a pattern that must
 * still be there when it is allocated. With AddressSanitizer a free buffer is poisoned too, and so is the padding
 * behind each, so that a use after free, or beyond the end, stops the program at the very instruction.
 */
#include <stdlib.h>
#include <string.h>

#include "mem/pool.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISON 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define POISON 1
#endif

#ifdef POISON
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, size)   ((void)(at), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#endif

#define PATTERN 0xdb

enum { STATE_ALLOCATED, STATE_FREE };

static uint8_t *buffer(const struct weir_pool *pool, uint32_t buf)
{
	return weir_mem_base(pool->weir) + (uint64_t)buf * POOL_UNIT;
}

int check_open(struct weir_pool *pool)
{
	uint8_t *start = weir_mem_base(pool->weir) + pool->offset;

	pool->states = malloc(pool->count);
	if (!pool->states)
		return -ENOMEM;
	memset(pool->states, STATE_FREE, pool->count);
	memset(start, PATTERN, pool->size);
	ASAN_POISON_MEMORY_REGION(start, pool->size);
	return 0;
}

void check_close(struct weir_pool *pool)
{
	if (!pool->states)
		return;
	ASAN_UNPOISON_MEMORY_REGION(weir_mem_base(pool->weir) + pool->offset, pool->size);
	free(pool->states);
}

/* Two threads may free one buffer at once: only one of them finds it allocated. */
static bool change_state(struct weir_pool *pool, uint32_t index, uint8_t from, uint8_t to)
{
	return __atomic_compare_exchange_n(&pool->states[index], &from, to, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

void check_alloced(struct weir_pool *pool, const uint32_t *bufs, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint8_t *at = buffer(pool, bufs[i]);

		ASAN_UNPOISON_MEMORY_REGION(at, pool->room);
		change_state(pool, pool_index(pool, bufs[i]), STATE_FREE, STATE_ALLOCATED);
		if (at[0] != PATTERN || memcmp(at, at + 1, pool->room - 1))
			pool_misuse(pool, bufs[i], "was written to after it was freed");
	}
}

bool check_freed(struct weir_pool *pool, uint32_t buf)
{
	uint32_t index = pool_index(pool, buf);

	if (buf < pool->first || buf >= pool->last || index >= pool->count) {
		pool_misuse(pool, buf, "was freed");
		return false;
	}
	if (__atomic_load_n(&pool->refs[index], __ATOMIC_RELAXED)) {
		pool_misuse(pool, buf, "was freed as if nobody shared it");
		return false;
	}
	if (!change_state(pool, index, STATE_ALLOCATED, STATE_FREE)) {
		pool_misuse(pool, buf, "was freed twice");
		return false;
	}
	memset(buffer(pool, buf), PATTERN, pool->room);
	ASAN_POISON_MEMORY_REGION(buffer(pool, buf), pool->stride);
	return true;
}
