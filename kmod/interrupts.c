// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts, each of which does no more than signal an eventfd. An eventfd is
 * let go only after the interrupt that signals it is gone.
 */
#include <linux/interrupt.h>
#include <linux/slab.h>

#include "module.h"

void interrupts_count(struct pci_dev *pdev, u32 *vectors)
{
	u8 pin = 0;

	pci_read_config_byte(pdev, PCI_INTERRUPT_PIN, &pin);
	vectors[WEIR_IRQ_INTX] = pin && pdev->irq;
	vectors[WEIR_IRQ_MSI] = max(pci_msi_vec_count(pdev), 0);
	vectors[WEIR_IRQ_MSIX] = max(pci_msix_vec_count(pdev), 0);
	vectors[WEIR_IRQ_ERROR] = pci_is_pcie(pdev);
	vectors[WEIR_IRQ_REMOVE] = 1;
}

static irqreturn_t message_fires(int irq, void *arg)
{
	struct weir_vector *vector = arg;

	compat_eventfd_signal(vector->ctx);
	return IRQ_HANDLED;
}

/* INTx stays on until the device is served: it is masked until it was. */
static irqreturn_t intx_fires(int irq, void *arg)
{
	struct weir_vector *vector = arg;
	struct weir_interrupts *in = &vector->d->interrupts;
	irqreturn_t ours = IRQ_NONE;
	unsigned long flags;

	spin_lock_irqsave(&in->lock, flags);
	if (!in->shared) {
		if (!in->masked) {
			disable_irq_nosync(irq);
			ours = IRQ_HANDLED;
		}
	} else if (pci_check_and_mask_intx(vector->d->pdev)) {
		ours = IRQ_HANDLED;
	}
	if (ours == IRQ_HANDLED)
		in->masked = true;
	spin_unlock_irqrestore(&in->lock, flags);
	if (ours == IRQ_HANDLED)
		compat_eventfd_signal(vector->ctx);
	return ours;
}

static int intx_unmask(struct weir_device *d)
{
	struct weir_interrupts *in = &d->interrupts;
	unsigned long flags;

	if (in->type != WEIR_IRQ_INTX)
		return -EINVAL;
	spin_lock_irqsave(&in->lock, flags);
	if (in->masked && in->shared)
		pci_intx(d->pdev, 1);
	else if (in->masked && in->vectors[0].ctx)
		enable_irq(in->vectors[0].irq);
	in->masked = false;
	spin_unlock_irqrestore(&in->lock, flags);
	return 0;
}

static void vector_clear(struct weir_device *d, u32 i)
{
	struct weir_vector *vector = &d->interrupts.vectors[i];

	if (!vector->ctx)
		return;
	free_irq(vector->irq, vector);
	eventfd_ctx_put(vector->ctx);
	vector->ctx = NULL;
}

/* The eventfd becomes the vector's, unless this fails. */
static int vector_set(struct weir_device *d, u32 i, struct eventfd_ctx *ctx)
{
	struct weir_interrupts *in = &d->interrupts;
	struct weir_vector *vector = &in->vectors[i];
	bool intx = in->type == WEIR_IRQ_INTX;
	int err;

	vector_clear(d, i);
	if (!ctx)
		return 0;
	vector->ctx = ctx;
	vector->d = d;
	vector->irq = intx ? d->pdev->irq : pci_irq_vector(d->pdev, i);
	snprintf(vector->name, sizeof(vector->name), "weir-%s-%u",
		 pci_name(d->pdev), i);
	in->masked = false;
	err = request_irq(vector->irq, intx ? intx_fires : message_fires,
			  intx && in->shared ? IRQF_SHARED : 0, vector->name,
			  vector);
	if (err)
		vector->ctx = NULL;
	else if (intx)
		pci_intx(d->pdev, 1);
	return err;
}

static void vectors_free(struct weir_device *d)
{
	struct weir_interrupts *in = &d->interrupts;
	u32 i;

	if (in->type == WEIR_IRQ_INTX)
		pci_intx(d->pdev, 0);
	for (i = 0; i < in->count; i++)
		vector_clear(d, i);
	if (in->type == WEIR_IRQ_MSI || in->type == WEIR_IRQ_MSIX)
		pci_free_irq_vectors(d->pdev);
	kfree(in->vectors);
	in->vectors = NULL;
	in->count = 0;
	in->type = WEIR_IRQ_TYPES;
}

static int vectors_alloc(struct weir_device *d, u32 type, u32 count)
{
	struct weir_interrupts *in = &d->interrupts;
	int n = 1;

	in->vectors = kcalloc(count, sizeof(*in->vectors), GFP_KERNEL_ACCOUNT);
	if (!in->vectors)
		return -ENOMEM;
	if (type == WEIR_IRQ_INTX)
		in->shared = pci_intx_mask_supported(d->pdev);
	else
		n = pci_alloc_irq_vectors(d->pdev, count, count,
					  type == WEIR_IRQ_MSI ? PCI_IRQ_MSI
							       : PCI_IRQ_MSIX);
	if (n < 0) {
		kfree(in->vectors);
		in->vectors = NULL;
		return n;
	}
	in->type = type;
	in->count = count;
	return 0;
}

/* All eventfds, or none. */
static struct eventfd_ctx **contexts_get(const s32 *fds, u32 count)
{
	struct eventfd_ctx **ctx = kcalloc(count, sizeof(*ctx), GFP_KERNEL);
	u32 i;

	if (!ctx)
		return ERR_PTR(-ENOMEM);
	for (i = 0; i < count; i++) {
		if (fds[i] < 0)
			continue;
		ctx[i] = eventfd_ctx_fdget(fds[i]);
		if (IS_ERR(ctx[i])) {
			void *err = ctx[i];

			while (i--)
				if (ctx[i])
					eventfd_ctx_put(ctx[i]);
			kfree(ctx);
			return err;
		}
	}
	return ctx;
}

static int vectors_set(struct weir_device *d, const struct weir_irq *irq,
		       struct eventfd_ctx **ctx)
{
	struct weir_interrupts *in = &d->interrupts;
	bool first = in->type == WEIR_IRQ_TYPES;
	int err = 0;
	u32 i;

	if (first)
		err = vectors_alloc(d, irq->type, irq->start + irq->count);
	else if (in->type != irq->type)
		err = -EBUSY;
	else if (!rules_inside(in->count, irq->start, irq->count))
		err = -EINVAL;
	for (i = 0; !err && i < irq->count; i++) {
		err = vector_set(d, irq->start + i, ctx[i]);
		if (!err)
			ctx[i] = NULL;
	}
	if (err && first)
		vectors_free(d);
	return err;
}

static int notice_set(struct eventfd_ctx **notice, struct eventfd_ctx **ctx)
{
	swap(*notice, ctx[0]);
	return 0;
}

static int connect(struct weir_device *d, const struct weir_irq *irq,
		   const s32 *fds)
{
	struct eventfd_ctx **ctx = contexts_get(fds, irq->count);
	int err;
	u32 i;

	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	switch (irq->type) {
	case WEIR_IRQ_ERROR:
		err = notice_set(&d->interrupts.error, ctx);
		break;
	case WEIR_IRQ_REMOVE:
		err = notice_set(&d->interrupts.remove, ctx);
		break;
	default:
		err = vectors_set(d, irq, ctx);
	}
	for (i = 0; i < irq->count; i++)
		if (ctx[i])
			eventfd_ctx_put(ctx[i]);
	kfree(ctx);
	return err;
}

static void notice_clear(struct eventfd_ctx **notice)
{
	if (*notice)
		eventfd_ctx_put(*notice);
	*notice = NULL;
}

static void disconnect(struct weir_device *d, u32 type)
{
	if (type == WEIR_IRQ_ERROR)
		notice_clear(&d->interrupts.error);
	else if (type == WEIR_IRQ_REMOVE)
		notice_clear(&d->interrupts.remove);
	else if (type == d->interrupts.type)
		vectors_free(d);
}

int interrupts_set(struct weir_device *d, const struct weir_irq *irq,
		   const s32 *fds)
{
	if (irq->flags & WEIR_IRQ_UNMASK)
		return intx_unmask(d);
	if (irq->count)
		return connect(d, irq, fds);
	disconnect(d, irq->type);
	return 0;
}

void interrupts_clear(struct weir_device *d)
{
	if (d->interrupts.type != WEIR_IRQ_TYPES)
		vectors_free(d);
	notice_clear(&d->interrupts.error);
	notice_clear(&d->interrupts.remove);
}
