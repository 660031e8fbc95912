// SPDX-License-Identifier: GPL-2.0-only
/*
 * weir.ko: a PCI function for an unprivileged process, behind an IOMMU.
 *
 * A device that is bound to this driver has a file in /dev/weir (device.c).
 * The driver knows no ids: devices are bound by driver_override.
 */
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "module.h"

#define DEVICES_MAX 4096

static uint mode = 0600;
module_param(mode, uint, 0444);
MODULE_PARM_DESC(mode, "permissions of the files in /dev/weir (0600)");

static uint group;
module_param(group, uint, 0444);
MODULE_PARM_DESC(group, "number of the group that they belong to (0)");

static uint remove_seconds = 10;
module_param(remove_seconds, uint, 0644);
MODULE_PARM_DESC(remove_seconds,
		 "how long a removal waits for who was told of it (10)");

static dev_t numbers;
static DEFINE_IDA(minors);
static struct class weir_class = { .name = "weir" };

/* --- from bound to unbound ---------------------------------------------------- */

static char *device_node(compat_devnode_device *dev, umode_t *to, kuid_t *uid,
			 kgid_t *gid)
{
	const struct weir_device *d =
		container_of(dev, struct weir_device, dev);

	/* It is asked for the name alone, too. Without an IOMMU it is root's. */
	if (to)
		*to = d->group->iommu ? mode & 0777 : 0600;
	if (gid && d->group->iommu)
		*gid = make_kgid(&init_user_ns, group);
	return kasprintf(GFP_KERNEL, "weir/%s", dev_name(dev));
}

static const struct device_type device_type = {
	.name = "weir",
	.devnode = device_node,
};

/* Nobody has the file open any more, either. */
static void device_free(struct device *dev)
{
	struct weir_device *d = container_of(dev, struct weir_device, dev);

	ida_free(&minors, MINOR(dev->devt));
	group_put(d->group);
	pci_dev_put(d->pdev);
	kfree(d);
}

static struct weir_device *device_new(struct pci_dev *pdev)
{
	struct weir_device *d = kzalloc(sizeof(*d), GFP_KERNEL);
	int minor, err;

	if (!d)
		return ERR_PTR(-ENOMEM);
	d->group = group_get(pdev);
	if (IS_ERR(d->group)) {
		err = PTR_ERR(d->group);
		goto free;
	}
	minor = ida_alloc_max(&minors, DEVICES_MAX - 1, GFP_KERNEL);
	if (minor < 0) {
		err = minor;
		goto group;
	}
	d->pdev = pci_dev_get(pdev);
	mutex_init(&d->lock);
	init_rwsem(&d->memory);
	spin_lock_init(&d->interrupts.lock);
	init_waitqueue_head(&d->wait);
	d->isolated_msi = d->group->iommu &&
			  compat_isolated_msi(d->group->iommu, &pdev->dev);
	interrupts_count(pdev, d->vectors);
	region_init(d);
	device_initialize(&d->dev);
	d->dev.class = &weir_class;
	d->dev.type = &device_type;
	d->dev.parent = &pdev->dev;
	d->dev.devt = MKDEV(MAJOR(numbers), minor);
	d->dev.release = device_free;
	cdev_init(&d->cdev, &device_fops);
	d->cdev.owner = THIS_MODULE;
	return d;

group:
	group_put(d->group);
free:
	kfree(d);
	return ERR_PTR(err);
}

static int device_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct weir_device *d;
	int err;

	if (pdev->hdr_type != PCI_HEADER_TYPE_NORMAL)
		return -EINVAL;
	if (pci_num_vf(pdev)) {
		pci_err(pdev, "its virtual functions are in use\n");
		return -EBUSY;
	}
	err = pci_request_regions(pdev, "weir");
	if (err)
		return err;
	d = device_new(pdev);
	if (IS_ERR(d)) {
		err = PTR_ERR(d);
		goto regions;
	}
	pci_set_drvdata(pdev, d);
	device_silence(d);
	err = dev_set_name(&d->dev, "%s%s", d->group->iommu ? "" : "noiommu-",
			   pci_name(pdev));
	if (!err)
		err = cdev_device_add(&d->cdev, &d->dev);
	if (!err)
		return 0;
	pci_set_drvdata(pdev, NULL);
	put_device(&d->dev);
regions:
	pci_release_regions(pdev);
	return err;
}

/* Tells whoever has it open, if he wanted to be told. Returns whether. */
static bool device_ask(struct weir_device *d)
{
	bool told;

	mutex_lock(&d->lock);
	d->leaving = true;
	told = d->open && d->interrupts.remove;
	if (told)
		compat_eventfd_signal(d->interrupts.remove);
	mutex_unlock(&d->lock);
	return told;
}

/*
 * Who has it open has some time to close it. Then all is taken away from him,
 * and his file answers -ENODEV.
 */
static void device_remove(struct pci_dev *pdev)
{
	struct weir_device *d = pci_get_drvdata(pdev);

	cdev_device_del(&d->cdev, &d->dev);
	if (device_ask(d))
		wait_event_timeout(d->wait, READ_ONCE(d->left),
				   (unsigned long)remove_seconds * HZ);
	mutex_lock(&d->lock);
	down_write(&d->memory);
	d->removed = true;
	up_write(&d->memory);
	if (d->open)
		device_stop(d, true);
	mutex_unlock(&d->lock);
	pci_release_regions(pdev);
	pci_set_drvdata(pdev, NULL);
	put_device(&d->dev);
}

/* --- what happens to it -------------------------------------------------------- */

static pci_ers_result_t device_error(struct pci_dev *pdev,
				     pci_channel_state_t state)
{
	struct weir_device *d = pci_get_drvdata(pdev);

	mutex_lock(&d->lock);
	if (d->open) {
		device_silence(d);
		d->error = true;
		if (d->interrupts.error)
			compat_eventfd_signal(d->interrupts.error);
	}
	mutex_unlock(&d->lock);
	return state == pci_channel_io_perm_failure
		       ? PCI_ERS_RESULT_DISCONNECT
		       : PCI_ERS_RESULT_CAN_RECOVER;
}

/* Somebody else resets it, by sysfs: it goes on attached, but silent. */
static void device_reset_prepare(struct pci_dev *pdev)
{
	struct weir_device *d = pci_get_drvdata(pdev);

	if (d->resetter == current)
		return;
	mutex_lock(&d->lock);
	device_silence(d);
	device_pause(d);
}

static void device_reset_done(struct pci_dev *pdev)
{
	struct weir_device *d = pci_get_drvdata(pdev);

	if (d->resetter == current)
		return;
	device_resume(d);
	mutex_unlock(&d->lock);
}

static const struct pci_error_handlers device_handlers = {
	.error_detected = device_error,
	.reset_prepare = device_reset_prepare,
	.reset_done = device_reset_done,
};

static struct pci_driver weir_driver = {
	.name = "weir",
	.probe = device_probe,
	.remove = device_remove,
	.err_handler = &device_handlers,
	.driver_managed_dma = true,
};

static int __init weir_init(void)
{
	int err = class_register(&weir_class);

	if (err)
		return err;
	err = alloc_chrdev_region(&numbers, 0, DEVICES_MAX, "weir");
	if (err)
		goto unregister;
	err = pci_register_driver(&weir_driver);
	if (err)
		goto numbers;
	return 0;

numbers:
	unregister_chrdev_region(numbers, DEVICES_MAX);
unregister:
	class_unregister(&weir_class);
	return err;
}
module_init(weir_init);

static void __exit weir_exit(void)
{
	pci_unregister_driver(&weir_driver);
	unregister_chrdev_region(numbers, DEVICES_MAX);
	class_unregister(&weir_class);
	ida_destroy(&minors);
}
module_exit(weir_exit);

MODULE_DESCRIPTION("PCI functions for unprivileged processes");
MODULE_AUTHOR("The weir authors");
MODULE_LICENSE("GPL");
