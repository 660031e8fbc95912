// SPDX-License-Identifier: GPL-2.0-only
/*
 * Groups: what the IOMMU cannot tell apart. One process has all of a group, and
 * no driver of the kernel's is in it.
 */
#include <linux/moduleparam.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "module.h"

static bool allow_no_iommu;
module_param(allow_no_iommu, bool, 0644);
MODULE_PARM_DESC(
	allow_no_iommu,
	"take devices that no IOMMU stands before, for processes with CAP_SYS_RAWIO");

static LIST_HEAD(groups);
static DEFINE_MUTEX(groups_lock);

/* What devices of the group, or the machine, need to be left alone. */
static int reserved_read(struct weir_group *group)
{
	struct iommu_resv_region *region, *next;
	LIST_HEAD(regions);
	u32 count = 0;
	int err;

	if (!group->iommu)
		return 0;
	err = iommu_get_group_resv_regions(group->iommu, &regions);
	if (err)
		goto free;
	list_for_each_entry(region, &regions, list)
		count++;
	group->reserved = kcalloc(count, sizeof(*group->reserved), GFP_KERNEL);
	if (count && !group->reserved)
		err = -ENOMEM;
	list_for_each_entry(region, &regions, list) {
		struct weir_range *to;

		/* Where interrupts are memory writes that are translated. */
		if (region->type == IOMMU_RESV_SW_MSI)
			err = -EOPNOTSUPP;
		if (err)
			break;
		to = &group->reserved[group->reserved_count++];
		to->first = region->start;
		to->last = region->start + (region->length - 1);
	}
free:
	list_for_each_entry_safe(region, next, &regions, list) {
		list_del(&region->list);
		kfree(region);
	}
	return err;
}

static struct weir_group *group_new(struct iommu_group *iommu)
{
	struct weir_group *group = kzalloc(sizeof(*group), GFP_KERNEL);
	int err;

	if (!group)
		return ERR_PTR(-ENOMEM);
	mutex_init(&group->lock);
	group->iommu = iommu;
	err = reserved_read(group);
	if (err) {
		kfree(group->reserved);
		kfree(group);
		return ERR_PTR(err);
	}
	return group;
}

struct weir_group *group_get(struct pci_dev *pdev)
{
	struct iommu_group *iommu = iommu_group_get(&pdev->dev);
	struct weir_group *group;

	if (!iommu && !allow_no_iommu) {
		pci_err(pdev,
			"no IOMMU stands before it; turn one on, or accept that it reaches all memory with allow_no_iommu=1\n");
		return ERR_PTR(-ENODEV);
	}
	mutex_lock(&groups_lock);
	list_for_each_entry(group, &groups, list) {
		if (iommu && group->iommu == iommu) {
			iommu_group_put(iommu);
			goto found;
		}
	}
	group = group_new(iommu);
	if (IS_ERR(group)) {
		iommu_group_put(iommu);
		goto unlock;
	}
	list_add(&group->list, &groups);
found:
	group->refs++;
unlock:
	mutex_unlock(&groups_lock);
	return group;
}

void group_put(struct weir_group *group)
{
	mutex_lock(&groups_lock);
	if (--group->refs == 0) {
		list_del(&group->list);
		iommu_group_put(group->iommu);
		kfree(group->reserved);
		kfree(group);
	}
	mutex_unlock(&groups_lock);
}

/* From now on the group sees nothing, and no driver of the kernel is in it. */
int group_open(struct weir_group *group)
{
	int err = 0;

	mutex_lock(&group->lock);
	if (!group->open) {
		if (group->iommu)
			err = iommu_group_claim_dma_owner(group->iommu, group);
		if (!err) {
			group->opener = current->mm;
			mmgrab(group->opener);
		}
	} else if (group->opener != current->mm) {
		err = -EBUSY;
	}
	if (!err)
		group->open++;
	mutex_unlock(&group->lock);
	return err;
}

void group_close(struct weir_group *group)
{
	mutex_lock(&group->lock);
	if (--group->open == 0) {
		if (group->iommu)
			iommu_group_release_dma_owner(group->iommu);
		mmdrop(group->opener);
		group->opener = NULL;
	}
	mutex_unlock(&group->lock);
}
