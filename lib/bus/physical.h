/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory as a device sees it that no IOMMU stands before: by its physical address. Internal.
 *
 * Only hugepages stay where they are, so the arena must be made of them; and only root is told where that is.
 */
#ifndef BUS_PHYSICAL_H
#define BUS_PHYSICAL_H

#include "bus/bus.h"

/* Makes @domain one of physical addresses; @ops are the caller's, with the two functions below. */
int physical_init(struct bus_domain *domain, struct weir *weir, const struct bus_domain_ops *ops);
void physical_destroy(struct bus_domain *domain);

int physical_map(struct bus_domain *domain, uint64_t iova, const struct weir_mem_chunk *chunk, void *at);
int physical_unmap(struct bus_domain *domain, uint64_t iova, uint64_t size);

/*
 * The descriptor of a device that the kernel keeps from memory when it is closed, moved to where it is closed before that
 * memory is free when the process is killed. Returns the new one, or, if there is no room, @fd.
 */
int physical_guard(int fd);

#endif
