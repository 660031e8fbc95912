/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between kernels, under one name. features.sh finds out.
 */
#ifndef WEIR_COMPAT_H
#define WEIR_COMPAT_H

#include <linux/eventfd.h>
#include <linux/iommu.h>
#include <linux/irqdomain.h>
#include <linux/mm.h>
#include <linux/pci.h>

#include "features.h"

#ifdef HAVE_DEVNODE_CONST
#define compat_devnode_device const struct device
#else
#define compat_devnode_device struct device
#endif

static inline struct iommu_domain *compat_domain_alloc(struct device *dev)
{
#ifdef HAVE_PAGING_DOMAIN_ALLOC
	return iommu_paging_domain_alloc(dev);
#else
	struct iommu_domain *domain = iommu_domain_alloc(dev->bus);

	return domain ? domain : ERR_PTR(-ENOMEM);
#endif
}

static inline int compat_iommu_map(struct iommu_domain *domain,
				   unsigned long iova, phys_addr_t paddr,
				   size_t size, int prot)
{
#ifdef HAVE_IOMMU_MAP_GFP
	return iommu_map(domain, iova, paddr, size, prot, GFP_KERNEL_ACCOUNT);
#else
	return iommu_map(domain, iova, paddr, size, prot);
#endif
}

/* Whether a device of the group can signal no interrupts but its own. */
static inline bool compat_isolated_msi(struct iommu_group *group,
				       struct device *dev)
{
#ifdef HAVE_ISOLATED_MSI
	return iommu_group_has_isolated_msi(group);
#else
	/* Some IOMMUs say it this way, some that. */
	return irq_domain_check_msi_remap() ||
	       device_iommu_capable(dev, IOMMU_CAP_INTR_REMAP);
#endif
}

static inline void compat_eventfd_signal(struct eventfd_ctx *ctx)
{
#ifdef HAVE_EVENTFD_SIGNAL_ONE
	eventfd_signal(ctx);
#else
	eventfd_signal(ctx, 1);
#endif
}

static inline void compat_vm_flags_set(struct vm_area_struct *vma,
				       unsigned long flags)
{
#ifdef HAVE_VM_FLAGS_SET
	vm_flags_set(vma, flags);
#else
	vma->vm_flags |= flags;
#endif
}

#endif
