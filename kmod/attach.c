// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which domain a device sees. A move is a transaction: all that can fail comes
 * first, then the device is silenced and what it had begun is waited for, then
 * it goes by way of nowhere to where it is wanted; if it is not taken there it
 * goes back. Bus mastering stays off until the caller turns it on.
 *
 * What a device had begun before it was silenced it may carry out as soon as
 * it has its voice again, and then in the new domain: devices exist that even
 * a reset does not stop. So bus mastering has been off for a while before a
 * device sees a domain other than the one it had a voice in, whoever turned it
 * off and however often the device was opened and closed since.
 */
#include <linux/delay.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/ktime.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>

#include "module.h"

static bool allow_unsafe_interrupts;
module_param(allow_unsafe_interrupts, bool, 0644);
MODULE_PARM_DESC(allow_unsafe_interrupts,
		 "attach devices that can forge interrupts, too");

/* --- silence -------------------------------------------------------------- */

static void voice_back(struct weir_device *d, bool master)
{
	if (master)
		pci_set_master(d->pdev);
}

static bool is_pending(struct pci_dev *pdev)
{
	u16 status;

	pcie_capability_read_word(pdev, PCI_EXP_DEVSTA, &status);
	return status & PCI_EXP_DEVSTA_TRPND;
}

/* What the device has sent and waits for. Only PCI Express can be asked. */
static int drain(struct weir_device *d, u32 ms, u32 *quiesced)
{
	ktime_t end = ktime_add_ms(ktime_get(), ms);

	if (!pci_is_pcie(d->pdev))
		return 0;
	while (is_pending(d->pdev)) {
		if (ktime_after(ktime_get(), end))
			return -ETIMEDOUT;
		if (msleep_interruptible(1))
			return -EINTR;
	}
	*quiesced |= WEIR_QUIESCED_PENDING;
	return 0;
}

/* Until no device of the group has had bus mastering for so long. */
static int wait_silent(struct weir_group *group, u32 ms, u32 *quiesced)
{
	s64 left;

	for (;;) {
		left = ktime_ms_delta(ktime_add_ms(group->master_off, ms),
				      ktime_get());
		if (!group->master_off || left < 0)
			break;
		if (msleep_interruptible(left + 1))
			return -EINTR;
	}
	*quiesced |= WEIR_QUIESCED_WAITED;
	return 0;
}

/* --- the move ------------------------------------------------------------- */

static int safety_check(struct weir_device *d)
{
	if (!device_iommu_capable(&d->pdev->dev, IOMMU_CAP_CACHE_COHERENCY)) {
		pci_err(d->pdev, "its IOMMU leaves caches to the caller\n");
		return -EOPNOTSUPP;
	}
	if (d->isolated_msi)
		return 0;
	if (!allow_unsafe_interrupts) {
		pci_err(d->pdev,
			"it could forge interrupts; turn on interrupt remapping, or accept it with allow_unsafe_interrupts=1\n");
		return -EPERM;
	}
	pci_warn(d->pdev, "given to a process, and may forge interrupts\n");
	add_taint(TAINT_USER, LOCKDEP_STILL_OK);
	return 0;
}

/* Where a device is to go, and all that has to be there before it does. */
struct target {
	struct weir_domain *domain; /* NULL: nowhere */
	struct weir_link *link;
	struct file *file; /* of a new one */
	int fd;
};

static int target_find(struct target *target, s32 domain)
{
	*target = (struct target){ .fd = -1 };
	if (domain == WEIR_DOMAIN_NONE || domain == WEIR_DOMAIN_NEW)
		return 0;
	target->domain = domain_get(domain);
	return PTR_ERR_OR_ZERO(target->domain);
}

static int target_prepare(struct target *target, struct weir_device *d,
			  const struct weir_attach *attach)
{
	int err;

	if (attach->domain == WEIR_DOMAIN_NONE)
		return 0;
	err = d->group->iommu ? safety_check(d) : 0;
	if (err)
		return err;
	target->link = kzalloc(sizeof(*target->link), GFP_KERNEL_ACCOUNT);
	if (!target->link)
		return -ENOMEM;
	target->link->group = d->group;
	if (attach->domain != WEIR_DOMAIN_NEW)
		return 0;
	target->domain = domain_new(d);
	if (IS_ERR(target->domain))
		return PTR_ERR(target->domain);
	target->file = domain_file(target->domain);
	if (IS_ERR(target->file))
		return PTR_ERR(target->file);
	target->fd = get_unused_fd_flags(O_CLOEXEC | O_RDWR);
	return target->fd < 0 ? target->fd : 0;
}

static void target_release(struct target *target)
{
	if (target->fd >= 0)
		put_unused_fd(target->fd);
	if (!IS_ERR_OR_NULL(target->file))
		fput(target->file);
	if (!IS_ERR_OR_NULL(target->domain))
		domain_put(target->domain);
	kfree(target->link);
}

/*
 * The group leaves its domain and enters another. If that does not take it,
 * it goes back, which cannot fail: it has been there.
 */
static int group_move(struct weir_group *group, struct target *target,
		      bool copy)
{
	struct weir_domain *old = group->domain;
	struct weir_link *link = group->link;
	int err = 0;

	if (old)
		domain_detach(old, link);
	if (target->domain)
		err = domain_attach(target->domain, target->link);
	if (!err && copy) {
		err = domain_copy(target->domain, old);
		if (err)
			domain_detach(target->domain, target->link);
	}
	if (!err) {
		group->domain = target->domain;
		group->link = target->link;
		target->link = link;
	} else if (old && WARN_ON_ONCE(domain_attach(old, link))) {
		group->domain = NULL;
		group->link = NULL;
		kfree(link);
		return -EIO;
	}
	return err;
}

/* Nothing is heard of the device when it has moved, or stayed after all. */
static int move_device(struct weir_device *d, struct target *target,
		       const struct weir_attach *attach)
{
	struct weir_group *group = d->group;
	struct weir_domain *old = d->domain;
	int err = 0;

	mutex_lock(&group->lock);
	/* A neighbour may have taken the group there already. */
	if (old || !group->attached)
		err = group_move(group, target,
				 attach->flags & WEIR_ATTACH_COPY);
	if (old && (!err || !group->domain)) {
		group->attached--;
		domain_count(old, -1);
		domain_put(old);
		d->domain = NULL;
	}
	if (!err && target->domain) {
		group->attached++;
		domain_count(target->domain, 1);
		kref_get(&target->domain->ref);
		d->domain = target->domain;
	}
	mutex_unlock(&group->lock);
	return err;
}

static int move_prepare(struct weir_device *d, struct target *target,
			const struct weir_attach *attach)
{
	struct weir_group *group = d->group;
	struct weir_place place = { .attached = d->domain };
	int err;

	place.same = attach->domain != WEIR_DOMAIN_NEW &&
		     target->domain == d->domain;
	place.resets = d->pdev->reset_methods[0];
	mutex_lock(&group->lock);
	place.neighbours = group->open - 1;
	place.group_attached = group->attached;
	place.group_same = target->domain && group->domain == target->domain;
	mutex_unlock(&group->lock);
	err = rules_attach(attach, &place);
	if (err)
		return err;
	return place.same ? 1 : target_prepare(target, d, attach);
}

static int reset(struct weir_device *d, u32 *quiesced)
{
	int err;

	device_pause(d);
	err = device_reset(d, false);
	device_resume(d);
	if (!err)
		*quiesced |= WEIR_QUIESCED_RESET;
	return err;
}

/* Silence, then a reset if one is wanted. */
static int move_quiesce(struct weir_device *d, const struct weir_attach *attach,
			u32 *quiesced)
{
	u32 ms = attach->drain_ms ? attach->drain_ms : WEIR_DRAIN_MS;
	bool master = device_silence(d);
	int err;

	*quiesced = WEIR_QUIESCED_MASTER;
	err = drain(d, ms, quiesced);
	if (!err && attach->domain != WEIR_DOMAIN_NONE)
		err = wait_silent(d->group, ms, quiesced);
	if (err) {
		voice_back(d, master);
		return err;
	}
	if (attach->flags & WEIR_ATTACH_RESET)
		err = reset(d, quiesced);
	return err;
}

int attach_move(struct weir_device *d, struct weir_attach *attach)
{
	struct target target;
	u32 quiesced = 0;
	u32 was;
	int err = target_find(&target, attach->domain);

	if (err)
		return err;
	mutex_lock(&d->lock);
	was = d->domain ? WEIR_WAS_OTHER : WEIR_WAS_BLOCKED;
	err = d->open ? move_prepare(d, &target, attach) : -ENODEV;
	if (err > 0)
		was = d->domain ? WEIR_WAS_SAME : WEIR_WAS_BLOCKED;
	if (err)
		goto unlock;
	err = move_quiesce(d, attach, &quiesced);
	if (err)
		goto unlock;
	if (!target.domain)
		device_hide(d);
	err = move_device(d, &target, attach);
	if (d->domain)
		device_show(d);
	else
		device_hide(d);
unlock:
	mutex_unlock(&d->lock);
	if (!err && target.file) {
		attach->domain = target.fd;
		fd_install(target.fd, target.file);
		target.fd = -1;
		target.file = NULL;
	}
	target_release(&target);
	if (err < 0)
		return err;
	attach->was = was;
	attach->quiesced = quiesced;
	return 0;
}

/* On the way out: it must be silent. */
void attach_leave(struct weir_device *d)
{
	struct weir_group *group = d->group;

	if (!d->domain)
		return;
	mutex_lock(&group->lock);
	if (--group->attached == 0) {
		domain_detach(group->domain, group->link);
		kfree(group->link);
		group->domain = NULL;
		group->link = NULL;
	}
	domain_count(d->domain, -1);
	mutex_unlock(&group->lock);
	domain_put(d->domain);
	d->domain = NULL;
}

int attach_reset(struct weir_device *d, struct weir_reset *request)
{
	u32 ms = request->drain_ms ? request->drain_ms : WEIR_DRAIN_MS;
	bool master;
	int err;

	if (request->flags)
		return -EOPNOTSUPP;
	if (request->drain_ms > WEIR_DRAIN_MS_MAX)
		return -EINVAL;
	mutex_lock(&d->lock);
	err = !d->open ? -ENODEV : !d->domain ? -ENXIO : 0;
	if (!err && !d->pdev->reset_methods[0])
		err = -EOPNOTSUPP;
	if (err)
		goto unlock;
	master = device_silence(d);
	request->quiesced = WEIR_QUIESCED_MASTER;
	err = drain(d, ms, &request->quiesced);
	if (err) {
		voice_back(d, master);
		goto unlock;
	}
	err = reset(d, &request->quiesced);
	if (!err)
		d->error = false;
unlock:
	mutex_unlock(&d->lock);
	return err;
}
