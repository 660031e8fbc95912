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

#endif
