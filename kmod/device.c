// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file of a device in /dev/weir, which one process has open at a time.
 * From open to close the device is that process's: it comes to it silent and
 * reset, and so it is left.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pm_runtime.h>
#include <linux/slab.h>

#include "module.h"

/* --- silence -------------------------------------------------------------- */

bool device_silence(struct weir_device *d)
{
	u16 command;

	pci_read_config_word(d->pdev, PCI_COMMAND, &command);
	if (!(command & PCI_COMMAND_MASTER) || command == 0xffff)
		return false;
	pci_clear_master(d->pdev);
	/* The read comes back when the write has arrived. */
	pci_read_config_word(d->pdev, PCI_COMMAND, &command);
	d->group->master_off = ktime_get();
	return true;
}

/* Whoever has registers mapped faults when he next needs one. */
static void device_zap(struct weir_device *d)
{
	if (d->mapping)
		unmap_mapping_range(d->mapping, 0,
				    WEIR_REGION_OFFSET(WEIR_BARS), 1);
}

void device_hide(struct weir_device *d)
{
	down_write(&d->memory);
	d->reachable = false;
	device_zap(d);
	up_write(&d->memory);
}

void device_show(struct weir_device *d)
{
	down_write(&d->memory);
	d->reachable = !d->removed;
	up_write(&d->memory);
}

void device_pause(struct weir_device *d)
{
	down_write(&d->memory);
	device_zap(d);
}

void device_resume(struct weir_device *d)
{
	up_write(&d->memory);
}

int device_reset(struct weir_device *d, bool locked)
{
	int err;

	d->resetter = current;
	err = locked ? pci_reset_function_locked(d->pdev)
		     : pci_try_reset_function(d->pdev);
	d->resetter = NULL;
	/* Some bridges do not see the device come back, though it does. */
	return err == -ENOTTY ? -EIO : err;
}

/* --- from open to close ----------------------------------------------------- */

/* Whoever has a device that reaches all memory has all memory. */
static int device_trust(struct weir_device *d)
{
	if (d->group->iommu)
		return 0;
	if (!capable(CAP_SYS_RAWIO))
		return -EPERM;
	pci_warn(d->pdev, "given to a process, and reaches all memory\n");
	add_taint(TAINT_USER, LOCKDEP_STILL_OK);
	return 0;
}

static int device_start(struct weir_device *d)
{
	struct pci_dev *pdev = d->pdev;
	int err = device_trust(d);

	if (err)
		return err;
	err = group_open(d->group);
	if (err)
		return err;
	err = pm_runtime_resume_and_get(&pdev->dev);
	if (err)
		goto group;
	device_silence(d);
	err = pci_enable_device(pdev);
	if (err)
		goto power;
	/* It was reset when it was closed; what was in between is not known. */
	if (pdev->reset_methods[0])
		device_reset(d, false);
	pci_intx(pdev, 0);
	pci_save_state(pdev);
	d->found = pci_store_saved_state(pdev);
	config_open(d);
	d->interrupts.type = WEIR_IRQ_TYPES;
	d->error = false;
	return 0;

power:
	pm_runtime_put(&pdev->dev);
group:
	group_close(d->group);
	return err;
}

/*
 * Silent, no interrupt, out of sight, reset; only then out of its domain, the
 * last step of which lets memory go.
 */
void device_stop(struct weir_device *d, bool locked)
{
	struct pci_dev *pdev = d->pdev;

	device_silence(d);
	device_hide(d);
	interrupts_clear(d);
	if (pdev->reset_methods[0] && pci_device_is_present(pdev))
		device_reset(d, locked);
	pci_load_and_free_saved_state(pdev, &d->found);
	pci_restore_state(pdev);
	device_silence(d);
	attach_leave(d);
	region_close(d);
	pci_disable_device(pdev);
	pm_runtime_put(&pdev->dev);
	group_close(d->group);
	d->open = false;
	d->mapping = NULL;
}

static int device_open(struct inode *inode, struct file *file)
{
	struct weir_device *d =
		container_of(inode->i_cdev, struct weir_device, cdev);
	int err;

	mutex_lock(&d->lock);
	err = d->leaving ? -ENODEV : d->open ? -EBUSY : device_start(d);
	if (!err) {
		d->open = true;
		d->mapping = file->f_mapping;
		file->private_data = d;
	}
	mutex_unlock(&d->lock);
	return err;
}

/* Whoever removes it stops it, too: he has the lock that a reset needs. */
static int device_release(struct inode *inode, struct file *file)
{
	struct weir_device *d = file->private_data;

	mutex_lock(&d->lock);
	if (d->leaving)
		d->left = true;
	else
		device_stop(d, false);
	mutex_unlock(&d->lock);
	wake_up(&d->wait);
	return 0;
}

/* --- calls ------------------------------------------------------------------ */

int request_get(const void __user *user, void *request, u32 known)
{
	u32 size;
	int err;

	if (get_user(size, (const u32 __user *)user))
		return -EFAULT;
	if (size < known)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	err = copy_struct_from_user(request, known, user, size);
	*(u32 *)request = size;
	return err;
}

int request_put(void __user *user, const void *request, u32 known)
{
	return copy_to_user(user, request, known) ? -EFAULT : 0;
}

static int device_info(struct weir_device *d, struct weir_dev_info *info)
{
	struct pci_dev *pdev = d->pdev;
	u32 size = info->size;

	memset(info, 0, sizeof(*info));
	info->size = size;
	info->vendor = pdev->vendor;
	info->device = pdev->device;
	info->subvendor = pdev->subsystem_vendor;
	info->subdevice = pdev->subsystem_device;
	info->class_revision = pdev->class << 8 | pdev->revision;
	info->group = d->group->iommu ? iommu_group_id(d->group->iommu) : -1;
	memcpy(info->vectors, d->vectors, sizeof(d->vectors));
	region_info(d, info->regions);
	info->flags = (pci_is_pcie(pdev) ? WEIR_DEV_PCIE : 0) |
		      (pdev->reset_methods[0] ? WEIR_DEV_RESET : 0) |
		      (d->isolated_msi ? WEIR_DEV_ISOLATED_MSI : 0) |
		      (d->group->iommu ? 0 : WEIR_DEV_NOIOMMU);
	if (!pcie_reset_flr(pdev, PCI_RESET_PROBE))
		info->flags |= WEIR_DEV_FLR;
	mutex_lock(&d->lock);
	info->flags |= (d->domain ? WEIR_DEV_ATTACHED : 0) |
		       (d->error ? WEIR_DEV_ERROR : 0);
	mutex_unlock(&d->lock);
	return d->removed ? -ENODEV : 0;
}

static int device_irq(struct weir_device *d, const struct weir_irq *irq)
{
	s32 *fds = NULL;
	int err = rules_irq(irq, d->vectors);

	if (err)
		return err;
	if (irq->count) {
		fds = memdup_user(u64_to_user_ptr(irq->fds),
				  irq->count * sizeof(*fds));
		if (IS_ERR(fds))
			return PTR_ERR(fds);
	}
	mutex_lock(&d->lock);
	err = !d->open	   ? -ENODEV
	      : !d->domain ? -ENXIO
			   : interrupts_set(d, irq, fds);
	mutex_unlock(&d->lock);
	kfree(fds);
	return err;
}

static long device_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct weir_device *d = file->private_data;
	void __user *user = (void __user *)arg;
	union {
		struct weir_dev_info info;
		struct weir_attach attach;
		struct weir_irq irq;
		struct weir_reset reset;
	} u;
	int err;

	switch (cmd) {
	case WEIR_DEV_INFO:
		err = request_get(user, &u.info, sizeof(u.info));
		if (!err)
			err = device_info(d, &u.info);
		return err ? err : request_put(user, &u.info, sizeof(u.info));
	case WEIR_ATTACH:
		err = request_get(user, &u.attach, sizeof(u.attach));
		if (!err)
			err = attach_move(d, &u.attach);
		return err ? err
			   : request_put(user, &u.attach, sizeof(u.attach));
	case WEIR_IRQ:
		err = request_get(user, &u.irq, sizeof(u.irq));
		return err ? err : device_irq(d, &u.irq);
	case WEIR_RESET:
		err = request_get(user, &u.reset, sizeof(u.reset));
		if (!err)
			err = attach_reset(d, &u.reset);
		return err ? err : request_put(user, &u.reset, sizeof(u.reset));
	}
	return d->removed ? -ENODEV : -ENOTTY;
}

static ssize_t device_rw(struct file *file, char __user *buf, size_t count,
			 loff_t at, bool write)
{
	struct weir_device *d = file->private_data;
	unsigned int region = at >> WEIR_REGION_SHIFT;
	u64 offset = at & (BIT_ULL(WEIR_REGION_SHIFT) - 1);

	if (at < 0)
		return -EINVAL;
	return region == WEIR_REGION_CONFIG
		       ? config_rw(d, offset, buf, count, write)
		       : region_rw(d, region, offset, buf, count, write);
}

static ssize_t device_read(struct file *file, char __user *buf, size_t count,
			   loff_t *at)
{
	return device_rw(file, buf, count, *at, false);
}

static ssize_t device_write(struct file *file, const char __user *buf,
			    size_t count, loff_t *at)
{
	return device_rw(file, (char __user *)buf, count, *at, true);
}

static int device_mmap(struct file *file, struct vm_area_struct *vma)
{
	return region_mmap(file->private_data, vma);
}

const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.read = device_read,
	.write = device_write,
	.mmap = device_mmap,
	.unlocked_ioctl = device_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};
