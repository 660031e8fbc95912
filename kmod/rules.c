// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a caller may ask for. Plain C: tests compile it for user space.
 */
#include "rules.h"

static int rules_span(__u64 iova, __u64 length,
		      const struct weir_limits *limits)
{
	if (!length || (iova | length) & (limits->page - 1))
		return -EINVAL;
	if (iova + (length - 1) < iova)
		return -EOVERFLOW;
	return 0;
}

int rules_map(const struct weir_map *map, const struct weir_limits *limits)
{
	int err;

	if (map->flags & ~(WEIR_MAP_READ | WEIR_MAP_WRITE))
		return -EOPNOTSUPP;
	if (!map->flags || map->vaddr & (limits->page - 1))
		return -EINVAL;
	err = rules_span(map->iova, map->length, limits);
	if (err)
		return err;
	if (map->vaddr + (map->length - 1) < map->vaddr ||
	    map->vaddr + (map->length - 1) > (unsigned long)-1)
		return -EOVERFLOW;
	if (map->iova < limits->first ||
	    map->iova + (map->length - 1) > limits->last)
		return -EINVAL;
	return 0;
}

int rules_unmap(const struct weir_unmap *unmap,
		const struct weir_limits *limits)
{
	if (unmap->flags & ~WEIR_UNMAP_ALL)
		return -EOPNOTSUPP;
	if (unmap->flags & WEIR_UNMAP_ALL)
		return 0;
	return rules_span(unmap->iova, unmap->length, limits);
}

int rules_attach(const struct weir_attach *attach,
		 const struct weir_place *place)
{
	const __u32 known =
		WEIR_ATTACH_REPLACE | WEIR_ATTACH_RESET | WEIR_ATTACH_COPY;

	if (attach->flags & ~known)
		return -EOPNOTSUPP;
	if (attach->drain_ms > WEIR_DRAIN_MS_MAX)
		return -EINVAL;
	if (place->same)
		return 0;
	if (attach->flags & WEIR_ATTACH_COPY &&
	    (attach->domain != WEIR_DOMAIN_NEW || !place->attached))
		return -EINVAL;
	if (place->attached && !(attach->flags & WEIR_ATTACH_REPLACE))
		return -EBUSY;
	if (place->attached && place->neighbours)
		return -EBUSY;
	if (place->group_attached && !place->attached && !place->group_same)
		return -EINVAL;
	if (attach->flags & WEIR_ATTACH_RESET && !place->resets)
		return -EOPNOTSUPP;
	return 0;
}

int rules_irq(const struct weir_irq *irq, const __u32 *vectors)
{
	if (irq->flags & ~WEIR_IRQ_UNMASK)
		return -EOPNOTSUPP;
	if (irq->type >= WEIR_IRQ_TYPES || irq->reserved)
		return -EINVAL;
	if (irq->flags & WEIR_IRQ_UNMASK &&
	    (irq->type != WEIR_IRQ_INTX || irq->start || irq->count))
		return -EINVAL;
	if (!rules_inside(vectors[irq->type], irq->start, irq->count))
		return -EINVAL;
	return 0;
}
