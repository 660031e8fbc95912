// SPDX-License-Identifier: GPL-2.0-only
/*
 * The BARs: by pread and pwrite, and mapped where whole pages are the device's
 * own. They can be reached while the device is attached; before a reset, and
 * when the device leaves, every mapping is taken away, and a later access
 * finds the registers again or, if they are gone, is a SIGBUS.
 */
#include <linux/io.h>
#include <linux/mm.h>

#include "module.h"

#define PAGES_SHIFT (WEIR_REGION_SHIFT - PAGE_SHIFT)

static void table_window(struct pci_dev *pdev, u32 at, u64 size,
			 unsigned int *bar, u64 *first, u64 *end)
{
	u32 value;

	pci_read_config_dword(pdev, at, &value);
	*bar = value & PCI_MSIX_TABLE_BIR;
	*first = value & PCI_MSIX_TABLE_OFFSET;
	*end = *first + size;
}

/* Where the device keeps the addresses and states of its interrupts. */
void region_init(struct weir_device *d)
{
	u64 count = d->vectors[WEIR_IRQ_MSIX];

	if (!count)
		return;
	table_window(d->pdev, d->pdev->msix_cap + PCI_MSIX_TABLE,
		     count * PCI_MSIX_ENTRY_SIZE, &d->table_bar, &d->table,
		     &d->table_end);
	table_window(d->pdev, d->pdev->msix_cap + PCI_MSIX_PBA,
		     round_up(count, 64) / 8, &d->pending_bar, &d->pending,
		     &d->pending_end);
}

/* Whether [@first, @end) of a BAR touches those. */
static bool is_table(const struct weir_device *d, unsigned int bar, u64 first,
		     u64 end)
{
	return (bar == d->table_bar && first < d->table_end &&
		end > d->table) ||
	       (bar == d->pending_bar && first < d->pending_end &&
		end > d->pending);
}

static bool is_mappable(struct weir_device *d, unsigned int bar)
{
	u64 size = pci_resource_len(d->pdev, bar);

	return pci_resource_flags(d->pdev, bar) & IORESOURCE_MEM && size &&
	       !(size & ~PAGE_MASK) &&
	       !(pci_resource_start(d->pdev, bar) & ~PAGE_MASK);
}

void region_info(struct weir_device *d, struct weir_region *regions)
{
	unsigned int i;

	for (i = 0; i < WEIR_REGIONS; i++)
		regions[i].offset = WEIR_REGION_OFFSET(i);
	for (i = 0; i < WEIR_BARS; i++) {
		struct weir_region *region = &regions[i];

		region->size = pci_resource_len(d->pdev, i);
		if (!region->size)
			continue;
		region->flags = WEIR_REGION_READ | WEIR_REGION_WRITE;
		if (pci_resource_flags(d->pdev, i) & IORESOURCE_IO)
			region->flags |= WEIR_REGION_IO;
		if (is_mappable(d, i))
			region->flags |= WEIR_REGION_MMAP;
	}
	regions[WEIR_REGION_CONFIG].size = d->pdev->cfg_size;
	regions[WEIR_REGION_CONFIG].flags =
		WEIR_REGION_READ | WEIR_REGION_WRITE;
}

/* Not many callers read and write what they can map. */
static int region_open(struct weir_device *d, unsigned int bar)
{
	int err = 0;

	mutex_lock(&d->lock);
	if (!d->open)
		err = -ENODEV;
	else if (!d->domain)
		err = -ENXIO;
	else if (!d->bar[bar])
		d->bar[bar] = pci_iomap(d->pdev, bar, 0);
	if (!err && !d->bar[bar])
		err = -ENOMEM;
	mutex_unlock(&d->lock);
	return err;
}

void region_close(struct weir_device *d)
{
	unsigned int i;

	for (i = 0; i < WEIR_BARS; i++) {
		if (d->bar[i])
			pci_iounmap(d->pdev, d->bar[i]);
		d->bar[i] = NULL;
	}
}

/* One access of the device, as wide as it can be. */
static void access(struct weir_device *d, unsigned int bar, u64 offset,
		   unsigned int size, u32 *value, bool write)
{
	void __iomem *at = d->bar[bar] + offset;

	if (is_table(d, bar, offset, offset + size)) {
		if (!write)
			*value = ~0u;
		return;
	}
	switch (size) {
	case 4:
		if (write)
			iowrite32(*value, at);
		else
			*value = ioread32(at);
		break;
	case 2:
		if (write)
			iowrite16(*value, at);
		else
			*value = ioread16(at);
		break;
	default:
		if (write)
			iowrite8(*value, at);
		else
			*value = ioread8(at);
	}
}

static int access_reachable(struct weir_device *d, unsigned int bar, u64 offset,
			    unsigned int size, u32 *value, bool write)
{
	int err = -ENXIO;

	down_read(&d->memory);
	if (d->removed) {
		err = -ENODEV;
	} else if (d->reachable && d->bar[bar]) {
		access(d, bar, offset, size, value, write);
		err = 0;
	}
	up_read(&d->memory);
	return err;
}

ssize_t region_steps(struct weir_device *d, unsigned int region, u64 offset,
		     char __user *buf, size_t count, bool write,
		     int (*step)(struct weir_device *d, unsigned int region,
				 u64 offset, unsigned int size, u32 *value,
				 bool write))
{
	size_t done = 0;

	while (done < count) {
		u64 at = offset + done;
		size_t left = count - done;
		unsigned int size = left >= 4 && !(at & 3)   ? 4
				    : left >= 2 && !(at & 1) ? 2
							     : 1;
		u32 value = 0;
		__le32 raw = 0;
		int err;

		if (write && copy_from_user(&raw, buf + done, size))
			return -EFAULT;
		value = le32_to_cpu(raw);
		err = step(d, region, at, size, &value, write);
		if (err)
			return err;
		raw = cpu_to_le32(value);
		if (!write && copy_to_user(buf + done, &raw, size))
			return -EFAULT;
		done += size;
	}
	return done;
}

ssize_t region_rw(struct weir_device *d, unsigned int bar, u64 offset,
		  char __user *buf, size_t count, bool write)
{
	u64 length = bar < WEIR_BARS ? pci_resource_len(d->pdev, bar) : 0;

	if (!length || !rules_inside(length, offset, count))
		return -EINVAL;
	if (!READ_ONCE(d->bar[bar])) {
		int err = region_open(d, bar);

		if (err)
			return err;
	}
	return region_steps(d, bar, offset, buf, count, write,
			    access_reachable);
}

static vm_fault_t region_fault(struct vm_fault *vmf)
{
	struct weir_device *d = vmf->vma->vm_private_data;
	unsigned int bar = vmf->pgoff >> PAGES_SHIFT;
	unsigned long page = vmf->pgoff & (BIT(PAGES_SHIFT) - 1);
	vm_fault_t fault = VM_FAULT_SIGBUS;

	down_read(&d->memory);
	if (d->reachable)
		fault = vmf_insert_pfn(
			vmf->vma, vmf->address,
			PHYS_PFN(pci_resource_start(d->pdev, bar)) + page);
	up_read(&d->memory);
	return fault;
}

static const struct vm_operations_struct region_vm_ops = {
	.fault = region_fault,
};

int region_mmap(struct weir_device *d, struct vm_area_struct *vma)
{
	unsigned int bar = vma->vm_pgoff >> PAGES_SHIFT;
	u64 first = (u64)(vma->vm_pgoff & (BIT(PAGES_SHIFT) - 1)) << PAGE_SHIFT;
	u64 length = vma->vm_end - vma->vm_start;
	int err = 0;

	if (!(vma->vm_flags & VM_SHARED) || bar >= WEIR_BARS ||
	    !is_mappable(d, bar) ||
	    !rules_inside(pci_resource_len(d->pdev, bar), first, length))
		return -EINVAL;
	/* With it a device could be told to forge interrupts. */
	if (!d->isolated_msi && is_table(d, bar, first, first + length))
		return -EPERM;
	down_read(&d->memory);
	if (!d->reachable)
		err = d->removed ? -ENODEV : -ENXIO;
	up_read(&d->memory);
	if (err)
		return err;
	vma->vm_page_prot = pgprot_noncached(vma->vm_page_prot);
	compat_vm_flags_set(vma,
			    VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_private_data = d;
	vma->vm_ops = &region_vm_ops;
	return 0;
}
