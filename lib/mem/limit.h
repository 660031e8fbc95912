/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The sentences of running out of memory: what was needed, what there is, and what to do about it. Internal to lib/mem.
 */
#ifndef MEM_LIMIT_H
#define MEM_LIMIT_H

#include "mem/mem.h"

/*
 * Leaves the sentence of an arena that could not grow by @size bytes (@err says why) on @node. Returns -ENOMEM. Called
 * with the arena's lock held.
 */
int limit_fail_memory(struct weir *weir, uint64_t size, int node, int err);

/* Warns that @size bytes were taken in 4 KiB pages because there are no hugepages for them. */
void limit_warn_small_pages(struct weir *weir, uint64_t size);

#endif
