// SPDX-License-Identifier: GPL-2.0-only
/*
 * What devices see of memory: a table of the IOMMU, and which memory is in it.
 * Mappings are a domain's, never a device's. It lives as long as its file is
 * open or a device points at it.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "module.h"

struct weir_domain *domain_new(struct weir_device *d)
{
	struct weir_domain *domain =
		kzalloc(sizeof(*domain), GFP_KERNEL_ACCOUNT);
	struct iommu_domain *iommu = NULL;

	if (!domain)
		return ERR_PTR(-ENOMEM);
	if (d->group->iommu)
		iommu = compat_domain_alloc(&d->pdev->dev);
	if (IS_ERR(iommu)) {
		kfree(domain);
		return ERR_CAST(iommu);
	}
	kref_init(&domain->ref);
	mutex_init(&domain->lock);
	domain->iommu = iommu;
	INIT_LIST_HEAD(&domain->links);
	return domain;
}

/* --- mapping ------------------------------------------------------------ */

static int iommu_prot(const struct weir_pages *pages, bool read)
{
	return IOMMU_CACHE | (read ? IOMMU_READ : 0) |
	       (pages->write ? IOMMU_WRITE : 0);
}

/* Returns whether no device reaches what was there; it may say more. */
static bool unmap(struct weir_domain *domain, u64 iova, u64 length)
{
	return !domain->iommu ||
	       !WARN_ON_ONCE(iommu_unmap(domain->iommu, iova, length) < length);
}

/* All runs, or nothing. Without an IOMMU pages are pinned and no more. */
static int map_runs(struct weir_domain *domain, u64 iova,
		    const struct weir_pages *pages, bool read)
{
	u64 at = iova;
	u32 i;

	for (i = 0; domain->iommu && i < pages->runs; i++) {
		u64 length = (u64)pages->run[i].count << PAGE_SHIFT;
		int err = compat_iommu_map(domain->iommu, at,
					   PFN_PHYS(pages->run[i].pfn), length,
					   iommu_prot(pages, read));

		if (err) {
			if (at > iova)
				unmap(domain, iova, at - iova);
			return err;
		}
		at += length;
		cond_resched();
	}
	return 0;
}

/* A mapping's pages, and in the lowest bit whether devices may read them. */
static void *mapping(struct weir_pages *pages, bool read)
{
	return (void *)((unsigned long)pages | read);
}

static struct weir_pages *mapping_pages(const struct weir_range *range)
{
	return (void *)((unsigned long)range->what & ~1ul);
}

static bool mapping_reads(const struct weir_range *range)
{
	return (unsigned long)range->what & 1;
}

static int maps_reserve(struct weir_ranges *maps, u32 count)
{
	struct weir_range *more;
	u32 room;

	if (count > WEIR_MAPS_MAX)
		return -ENOSPC;
	if (count <= maps->room)
		return 0;
	room = min_t(u32, max(64u, 2 * count), WEIR_MAPS_MAX);
	more = kvmalloc_array(room, sizeof(*more), GFP_KERNEL_ACCOUNT);
	if (!more)
		return -ENOMEM;
	if (maps->count)
		memcpy(more, maps->at, maps->count * sizeof(*more));
	kvfree(maps->at);
	maps->at = more;
	maps->room = room;
	return 0;
}

static bool group_reserves(const struct weir_group *group, u64 first, u64 last)
{
	u32 i;

	for (i = 0; i < group->reserved_count; i++)
		if (group->reserved[i].first <= last &&
		    group->reserved[i].last >= first)
			return true;
	return false;
}

/* Whether the mapping could be made, as things are now. */
static int map_check(struct weir_domain *domain, const struct weir_map *map)
{
	u64 last = map->iova + (map->length - 1);
	struct weir_link *link;
	int err = rules_map(map, &domain->limits);

	if (err)
		return err;
	if (ranges_overlap(&domain->maps, map->iova, last))
		return -EEXIST;
	list_for_each_entry(link, &domain->links, list)
		if (group_reserves(link->group, map->iova, last))
			return -EINVAL;
	return domain->maps.count < WEIR_MAPS_MAX ? 0 : -ENOSPC;
}

static int map_pages(struct weir_domain *domain, u64 iova,
		     struct weir_pages *pages, bool read)
{
	u64 length = (u64)pages->count << PAGE_SHIFT;
	int err = maps_reserve(&domain->maps, domain->maps.count + 1);

	if (err)
		return err;
	err = map_runs(domain, iova, pages, read);
	if (err)
		return err;
	err = ranges_insert(&domain->maps, iova, iova + (length - 1),
			    mapping(pages, read));
	if (err) {
		unmap(domain, iova, length);
		return err;
	}
	domain->pinned += pages->count;
	return 0;
}

/*
 * Memory is pinned without the lock: it may take as long as whoever provides
 * the pages likes.
 */
static int domain_map(struct weir_domain *domain, const struct weir_map *map)
{
	struct weir_pages *pages;
	int err;

	mutex_lock(&domain->lock);
	err = map_check(domain, map);
	mutex_unlock(&domain->lock);
	if (err)
		return err;
	pages = pages_pin(map->vaddr, map->length, map->flags & WEIR_MAP_WRITE);
	if (IS_ERR(pages))
		return PTR_ERR(pages);
	mutex_lock(&domain->lock);
	err = map_check(domain, map);
	if (!err)
		err = map_pages(domain, map->iova, pages,
				map->flags & WEIR_MAP_READ);
	mutex_unlock(&domain->lock);
	if (err)
		pages_put(pages);
	return err;
}

/* Devices do not reach the pages any more when they are let go. */
static u64 unmap_ranges(struct weir_domain *domain, u32 from, u32 to)
{
	u64 length = 0;
	u32 i;

	for (i = from; i < to; i++) {
		struct weir_range *range = &domain->maps.at[i];
		struct weir_pages *pages = mapping_pages(range);

		length += range->last - range->first + 1;
		domain->pinned -= pages->count;
		/* Rather lose memory than share it. */
		if (unmap(domain, range->first, range->last - range->first + 1))
			pages_put(pages);
		cond_resched();
	}
	ranges_remove(&domain->maps, from, to);
	return length;
}

static int domain_unmap(struct weir_domain *domain, struct weir_unmap *request)
{
	u32 from = 0, to;
	int err;

	mutex_lock(&domain->lock);
	to = domain->maps.count;
	err = rules_unmap(request, &domain->limits);
	if (!err && !(request->flags & WEIR_UNMAP_ALL))
		err = ranges_inside(&domain->maps, request->iova,
				    request->iova + (request->length - 1),
				    &from, &to);
	if (!err)
		request->length = unmap_ranges(domain, from, to);
	mutex_unlock(&domain->lock);
	return err;
}

int domain_copy(struct weir_domain *domain, struct weir_domain *from)
{
	int err;
	u32 i;

	mutex_lock(&from->lock);
	/* Nobody else knows this one yet. */
	mutex_lock_nested(&domain->lock, SINGLE_DEPTH_NESTING);
	err = maps_reserve(&domain->maps, from->maps.count);
	for (i = 0; !err && i < from->maps.count; i++) {
		struct weir_range *range = &from->maps.at[i];
		struct weir_pages *pages = mapping_pages(range);

		err = map_pages(domain, range->first, pages_get(pages),
				mapping_reads(range));
		if (err)
			pages_put(pages);
	}
	mutex_unlock(&domain->lock);
	mutex_unlock(&from->lock);
	return err;
}

/* --- groups of devices -------------------------------------------------- */

static void limits_read(struct weir_domain *domain)
{
	const struct iommu_domain *iommu = domain->iommu;
	u64 page;

	if (!iommu) {
		domain->limits.page = PAGE_SIZE;
		domain->limits.last = ~0ull;
		return;
	}
	page = 1ull << __ffs(iommu->pgsize_bitmap);
	domain->limits.page = max_t(u64, page, PAGE_SIZE);
	domain->limits.first = iommu->geometry.aperture_start;
	domain->limits.last = iommu->geometry.aperture_end;
}

static int maps_check(struct weir_domain *domain, struct weir_group *group)
{
	u32 i;

	for (i = 0; i < domain->maps.count; i++)
		if (group_reserves(group, domain->maps.at[i].first,
				   domain->maps.at[i].last))
			return -EINVAL;
	return 0;
}

/* Only a domain of this kind of device knows what it sees. */
static int table_attach(struct weir_domain *domain, struct weir_group *group)
{
	int err;

	if (!domain->iommu != !group->iommu)
		return -EXDEV;
	if (!domain->iommu)
		return 0;
	err = iommu_attach_group(domain->iommu, group->iommu);
	/* It belongs to another IOMMU, which sees less or otherwise. */
	return err == -EINVAL || err == -EMEDIUMTYPE ? -EXDEV : err;
}

static void table_detach(struct weir_domain *domain, struct weir_group *group)
{
	if (domain->iommu)
		iommu_detach_group(domain->iommu, group->iommu);
}

int domain_attach(struct weir_domain *domain, struct weir_link *link)
{
	const struct weir_ranges *maps = &domain->maps;
	int err;

	mutex_lock(&domain->lock);
	err = maps_check(domain, link->group);
	if (err)
		goto unlock;
	err = table_attach(domain, link->group);
	if (err)
		goto unlock;
	/* Only now is it known what the IOMMU can translate. */
	limits_read(domain);
	if (maps->count &&
	    (maps->at[0].first < domain->limits.first ||
	     maps->at[maps->count - 1].last > domain->limits.last)) {
		table_detach(domain, link->group);
		err = -EXDEV;
		goto unlock;
	}
	list_add(&link->list, &domain->links);
unlock:
	mutex_unlock(&domain->lock);
	return err;
}

void domain_detach(struct weir_domain *domain, struct weir_link *link)
{
	mutex_lock(&domain->lock);
	table_detach(domain, link->group);
	list_del(&link->list);
	mutex_unlock(&domain->lock);
}

void domain_count(struct weir_domain *domain, int devices)
{
	mutex_lock(&domain->lock);
	domain->devices += devices;
	mutex_unlock(&domain->lock);
}

static void domain_free(struct kref *ref)
{
	struct weir_domain *domain = container_of(ref, struct weir_domain, ref);

	mutex_lock(&domain->lock);
	unmap_ranges(domain, 0, domain->maps.count);
	mutex_unlock(&domain->lock);
	if (domain->iommu)
		iommu_domain_free(domain->iommu);
	kvfree(domain->maps.at);
	kfree(domain);
}

void domain_put(struct weir_domain *domain)
{
	kref_put(&domain->ref, domain_free);
}

/* --- the file ------------------------------------------------------------- */

/* What can be mapped: where no device wants something else. */
static u32 usable(struct weir_domain *domain, struct weir_range *left, u32 room)
{
	struct weir_range whole = { .first = domain->limits.first,
				    .last = domain->limits.last };
	struct weir_range *holes;
	struct weir_link *link;
	u32 count = 0, there;

	list_for_each_entry(link, &domain->links, list)
		count += link->group->reserved_count;
	holes = kcalloc(count, sizeof(*holes), GFP_KERNEL);
	if (count && !holes)
		return 0;
	count = 0;
	list_for_each_entry(link, &domain->links, list) {
		memcpy(holes + count, link->group->reserved,
		       link->group->reserved_count * sizeof(*holes));
		count += link->group->reserved_count;
	}
	there = ranges_without(&whole, holes, count, left, room);
	kfree(holes);
	return there;
}

#define RANGES_MAX 256u

static int domain_info(struct weir_domain *domain,
		       struct weir_domain_info *info)
{
	struct weir_iova_range __user *to = u64_to_user_ptr(info->ranges);
	u32 room = min(info->range_count, RANGES_MAX), there, i;
	struct weir_range *left;
	int err = 0;

	if (info->flags)
		return -EOPNOTSUPP;
	if (info->reserved)
		return -EINVAL;
	left = kcalloc(room, sizeof(*left), GFP_KERNEL);
	if (room && !left)
		return -ENOMEM;
	mutex_lock(&domain->lock);
	info->page_sizes =
		domain->iommu ? domain->iommu->pgsize_bitmap : PAGE_SIZE;
	info->pinned = domain->pinned << PAGE_SHIFT;
	info->maps = domain->maps.count;
	info->devices = domain->devices;
	there = usable(domain, left, room);
	mutex_unlock(&domain->lock);
	info->range_count = there;
	for (i = 0; !err && i < min(there, room); i++) {
		struct weir_iova_range range = { .first = left[i].first,
						 .last = left[i].last };

		if (copy_to_user(to + i, &range, sizeof(range)))
			err = -EFAULT;
	}
	kfree(left);
	return err;
}

static long domain_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct weir_domain *domain = file->private_data;
	void __user *user = (void __user *)arg;
	union {
		struct weir_map map;
		struct weir_unmap unmap;
		struct weir_domain_info info;
	} u;
	int err;

	switch (cmd) {
	case WEIR_MAP:
		err = request_get(user, &u.map, sizeof(u.map));
		return err ? err : domain_map(domain, &u.map);
	case WEIR_UNMAP:
		err = request_get(user, &u.unmap, sizeof(u.unmap));
		if (!err)
			err = domain_unmap(domain, &u.unmap);
		return err ? err : request_put(user, &u.unmap, sizeof(u.unmap));
	case WEIR_DOMAIN_INFO:
		err = request_get(user, &u.info, sizeof(u.info));
		if (!err)
			err = domain_info(domain, &u.info);
		return err ? err : request_put(user, &u.info, sizeof(u.info));
	}
	return -ENOTTY;
}

static int domain_release(struct inode *inode, struct file *file)
{
	domain_put(file->private_data);
	return 0;
}

static const struct file_operations domain_fops = {
	.owner = THIS_MODULE,
	.release = domain_release,
	.unlocked_ioctl = domain_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

/* The file has a reference of its own. */
struct file *domain_file(struct weir_domain *domain)
{
	struct file *file = anon_inode_getfile("[weir-domain]", &domain_fops,
					       domain, O_RDWR);

	if (!IS_ERR(file))
		kref_get(&domain->ref);
	return file;
}

struct weir_domain *domain_get(int fd)
{
	struct weir_domain *domain = ERR_PTR(-EBADFD);
	struct file *file = fget(fd);

	if (!file)
		return ERR_PTR(-EBADF);
	if (file->f_op == &domain_fops) {
		domain = file->private_data;
		kref_get(&domain->ref);
	}
	fput(file);
	return domain;
}
