// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of a process that stays where it is while devices may reach it:
 * charged to the process, pinned, and remembered as runs of pages that follow
 * each other in physical memory, so that the IOMMU can take large ones.
 */
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "module.h"

#define BATCH (PAGE_SIZE / sizeof(struct page *))

static int run_add(struct weir_pages *pages, unsigned long pfn)
{
	struct weir_run *last = &pages->run[pages->runs];

	if (pages->runs && last[-1].pfn + last[-1].count == pfn) {
		last[-1].count++;
		return 0;
	}
	if (pages->runs == pages->room) {
		u32 room = max(16u, 2 * pages->room);
		struct weir_run *more =
			kvmalloc_array(room, sizeof(*more), GFP_KERNEL_ACCOUNT);

		if (!more)
			return -ENOMEM;
		if (pages->runs)
			memcpy(more, pages->run, pages->runs * sizeof(*more));
		kvfree(pages->run);
		pages->run = more;
		pages->room = room;
		last = &pages->run[pages->runs];
	}
	last->pfn = pfn;
	last->count = 1;
	pages->runs++;
	return 0;
}

/* Takes in what was pinned; what it cannot take it unpins. */
static int batch_add(struct weir_pages *pages, struct page **batch, int n)
{
	int i, err;

	for (i = 0; i < n; i++) {
		err = run_add(pages, page_to_pfn(batch[i]));
		if (err) {
			unpin_user_pages(batch + i, n - i);
			return err;
		}
	}
	return 0;
}

static int pin(struct weir_pages *pages, unsigned long vaddr,
	       struct page **batch)
{
	unsigned int flags = FOLL_LONGTERM | (pages->write ? FOLL_WRITE : 0);
	unsigned long done = 0;

	while (done < pages->count) {
		unsigned long want = min(pages->count - done, BATCH);
		int n, err;

		if (fatal_signal_pending(current))
			return -EINTR;
		n = pin_user_pages_fast(vaddr + done * PAGE_SIZE, want, flags,
					batch);
		if (n <= 0)
			return n ? n : -EFAULT;
		err = batch_add(pages, batch, n);
		if (err)
			return err;
		done += n;
		cond_resched();
	}
	return 0;
}

static void unpin(struct weir_pages *pages)
{
	u32 i;

	for (i = 0; i < pages->runs; i++) {
		unpin_user_page_range_dirty_lock(pfn_to_page(pages->run[i].pfn),
						 pages->run[i].count,
						 pages->write);
		cond_resched();
	}
}

/* Of a process that is gone, nobody is charged any more. */
static void uncharge(struct weir_pages *pages)
{
	if (mmget_not_zero(pages->mm)) {
		account_locked_vm(pages->mm, pages->count, false);
		mmput(pages->mm);
	}
	mmdrop(pages->mm);
}

struct weir_pages *pages_pin(unsigned long vaddr, unsigned long length,
			     bool write)
{
	struct weir_pages *pages;
	struct page **batch;
	int err = -ENOMEM;

	if (!current->mm)
		return ERR_PTR(-EINVAL);
	pages = kzalloc(sizeof(*pages), GFP_KERNEL_ACCOUNT);
	batch = kmalloc_array(BATCH, sizeof(*batch), GFP_KERNEL);
	if (!pages || !batch)
		goto free;
	refcount_set(&pages->refs, 1);
	pages->count = length >> PAGE_SHIFT;
	pages->write = write;
	err = account_locked_vm(current->mm, pages->count, true);
	if (err)
		goto free;
	pages->mm = current->mm;
	mmgrab(pages->mm);
	err = pin(pages, vaddr, batch);
	kfree(batch);
	if (err) {
		pages_put(pages);
		return ERR_PTR(err);
	}
	return pages;

free:
	kfree(batch);
	kfree(pages);
	return ERR_PTR(err);
}

void pages_put(struct weir_pages *pages)
{
	if (!refcount_dec_and_test(&pages->refs))
		return;
	unpin(pages);
	uncharge(pages);
	kvfree(pages->run);
	kfree(pages);
}
