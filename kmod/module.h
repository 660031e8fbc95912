/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of weir.ko share.
 *
 * Locks are taken in this order: device->lock, group->lock, domain->lock, then
 * the kernel's mmap_lock. device->memory comes under device->lock, or under
 * mmap_lock (a fault, mmap): whoever holds it for writing touches no memory of
 * a process.
 */
#ifndef WEIR_MODULE_H
#define WEIR_MODULE_H

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/eventfd.h>
#include <linux/iommu.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/rwsem.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include "compat.h"
#include "permissions.h"
#include "ranges.h"
#include "rules.h"
#include "weir.h"

#define WEIR_BARS     6
#define WEIR_MAPS_MAX 65535 /* in a domain */

/* --- pages.c: memory of a process that stays where it is ---------------- */

struct weir_run {
	unsigned long pfn, count;
};

/* Pinned and charged once, however many domains map it. */
struct weir_pages {
	refcount_t refs;
	struct mm_struct *mm; /* who is charged */
	unsigned long count;
	bool write; /* by devices */
	u32 runs, room;
	struct weir_run *run;
};

struct weir_pages *pages_pin(unsigned long vaddr, unsigned long length,
			     bool write);
void pages_put(struct weir_pages *pages);

static inline struct weir_pages *pages_get(struct weir_pages *pages)
{
	refcount_inc(&pages->refs);
	return pages;
}

/* --- domain.c: what devices see of memory ------------------------------- */

struct weir_device;
struct weir_group;

/* A group of devices that sees memory through a domain. */
struct weir_link {
	struct list_head list;
	struct weir_group *group;
};

struct weir_domain {
	struct kref ref; /* its file, and each device that points at it */
	struct mutex lock;
	struct iommu_domain *iommu; /* NULL: nothing is translated */
	struct weir_limits limits; /* known once a group was attached */
	struct weir_ranges maps; /* of struct weir_pages */
	u64 pinned; /* pages */
	u32 devices;
	struct list_head links;
};

struct weir_domain *domain_new(struct weir_device *d);
struct weir_domain *domain_get(int fd);
void domain_put(struct weir_domain *domain);
struct file *domain_file(struct weir_domain *domain);

/* Attaches a group; nothing has changed when it fails. */
int domain_attach(struct weir_domain *domain, struct weir_link *link);
void domain_detach(struct weir_domain *domain, struct weir_link *link);
void domain_count(struct weir_domain *domain, int devices);

/* Maps what @from maps, too. */
int domain_copy(struct weir_domain *domain, struct weir_domain *from);

/* --- group.c: devices that are one process's ---------------------------- */

/*
 * What the IOMMU cannot tell apart. One process uses it at a time. Without an
 * IOMMU a device is a group of its own.
 */
struct weir_group {
	struct list_head list;
	struct iommu_group *iommu; /* NULL: there is none */
	u32 refs; /* devices bound */
	struct mutex lock;
	u32 open; /* devices */
	u32 attached; /* devices */
	struct mm_struct *opener;
	struct weir_link *link; /* with the domain that it sees, or NULL */
	struct weir_domain *domain;
	ktime_t master_off; /* when a device of it had bus mastering last */
	struct weir_range *reserved;
	u32 reserved_count;
};

struct weir_group *group_get(struct pci_dev *pdev);
void group_put(struct weir_group *group);
int group_open(struct weir_group *group);
void group_close(struct weir_group *group);

/* --- attach.c: which domain a device sees ------------------------------- */

int attach_move(struct weir_device *d, struct weir_attach *attach);
int attach_reset(struct weir_device *d, struct weir_reset *request);
void attach_leave(struct weir_device *d);

/* --- interrupts.c ------------------------------------------------------- */

struct weir_vector {
	struct eventfd_ctx *ctx;
	struct weir_device *d;
	int irq;
	char name[32];
};

struct weir_interrupts {
	u32 type; /* INTX, MSI, MSIX, or TYPES: none is on */
	u32 count;
	struct weir_vector *vectors;
	struct eventfd_ctx *error, *remove;
	spinlock_t lock; /* INTx: whether it is masked */
	bool masked, shared;
};

void interrupts_count(struct pci_dev *pdev, u32 *vectors);
int interrupts_set(struct weir_device *d, const struct weir_irq *irq,
		   const s32 *fds);
void interrupts_clear(struct weir_device *d);

/* --- device.c ------------------------------------------------------------ */

struct weir_device {
	struct device dev;
	struct cdev cdev;
	struct pci_dev *pdev;
	struct weir_group *group;
	u32 vectors[WEIR_IRQ_TYPES];
	bool isolated_msi;
	unsigned int table_bar; /* of MSI-X: which has the table; and where */
	unsigned int pending_bar;
	u64 table, table_end, pending, pending_end;

	struct mutex lock;
	bool open, error;
	bool leaving, left; /* it is being removed; its user gave it back */
	bool removed;
	wait_queue_head_t wait; /* for him to */
	struct weir_domain *domain;
	struct weir_permissions permissions;
	struct pci_saved_state *found; /* at open */
	struct weir_interrupts interrupts;
	struct task_struct *resetter;

	struct rw_semaphore memory;
	bool reachable; /* the BARs answer, and may be used */
	void __iomem *bar[WEIR_BARS];
	struct address_space *mapping; /* of whoever has it open */
};

/* Bus mastering off, and read back. Returns whether it was on. */
bool device_silence(struct weir_device *d);

/*
 * No register can be reached any more, and who has some mapped gets a SIGBUS;
 * until they are shown again.
 */
void device_hide(struct weir_device *d);
void device_show(struct weir_device *d);

/* The same for a while, in which whoever needs a register waits. */
void device_pause(struct weir_device *d);
void device_resume(struct weir_device *d);

/* Some way to reset it; -ENOTTY: there is none. @locked: its device_lock. */
int device_reset(struct weir_device *d, bool locked);

/* What closing its file does. @locked: its device_lock is held. */
void device_stop(struct weir_device *d, bool locked);
extern const struct file_operations device_fops;

/*
 * A structure that begins with its size, which is at least what is @known:
 * what the kernel does not know must be zero. And back, what it knows.
 */
int request_get(const void __user *user, void *request, u32 known);
int request_put(void __user *user, const void *request, u32 known);

/* --- region.c, config.c --------------------------------------------------- */

void region_init(struct weir_device *d);
void region_info(struct weir_device *d, struct weir_region *regions);
void region_close(struct weir_device *d);
ssize_t region_rw(struct weir_device *d, unsigned int index, u64 offset,
		  char __user *buf, size_t count, bool write);
int region_mmap(struct weir_device *d, struct vm_area_struct *vma);

/* Accesses as wide as they can be, one after the other, until one fails. */
ssize_t region_steps(struct weir_device *d, unsigned int region, u64 offset,
		     char __user *buf, size_t count, bool write,
		     int (*step)(struct weir_device *d, unsigned int region,
				 u64 offset, unsigned int size, u32 *value,
				 bool write));

void config_open(struct weir_device *d);
ssize_t config_rw(struct weir_device *d, u64 offset, char __user *buf,
		  size_t count, bool write);

#endif
