/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A card's view of its client's memory. Internal to libweirsim; models use sim_dma_*() of nic.h.
 */
#ifndef SIM_DMA_H
#define SIM_DMA_H

#include "sim/nic.h"

struct vu_server;

#define SIM_DMA_RECENT 16u
#define SIM_DMA_SHIFT  21 /* rings and buffers mostly lie in different pages of so many bits */

struct sim_dma_map {
	uint64_t iova, size;
	uint32_t flags; /* VU_DMA_* */
	uint8_t *at;    /* NULL: by message only */
};

struct sim_dma {
	struct sim_dma_map *maps; /* by iova */
	unsigned count, room;
	unsigned recent[SIM_DMA_RECENT]; /* where the last accesses were, by address */
	struct vu_server *server;        /* for memory that cannot be mapped; NULL: no client */
	uint64_t refused;
	char reason[160]; /* of the last refusal */
};

/* @fd (-1: none) is taken in any case but failure. Returns 0, -EEXIST when it overlaps another, -ENOMEM. */
int dma_map(struct sim_dma *dma, uint64_t iova, uint64_t size, uint32_t flags, int fd, uint64_t offset);

/*
 * All maps within [iova, iova + size), as vfio does; with size 0 all there are. Returns how many went, or -EINVAL, and
 * then none did, when the range would leave a part of one.
 */
int dma_unmap(struct sim_dma *dma, uint64_t iova, uint64_t size);

#endif
