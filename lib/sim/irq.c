/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Interrupts: each is an eventfd that the client gave for a vector.
 *
 * The MSI-X table in the card's BAR is plain memory here. Whoever gives the descriptors (QEMU, our own bus) emulates the
 * table and its mask bits, as a kernel does for VFIO.
 */
#include "sim/irq.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/pci.h"

void irq_init(struct sim_irqs *irqs)
{
	memset(irqs, 0, sizeof(*irqs));
	memset(irqs->msix, -1, sizeof(irqs->msix));
	irqs->msi = -1;
	irqs->intx = -1;
}

/* The descriptor is the client's choice: nothing that could block us, or send us a signal when its reader is gone. */
static bool is_eventfd(int fd)
{
	char path[32], target[32];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, target, sizeof(target));
	return n == (ssize_t)strlen("anon_inode:[eventfd]") && !memcmp(target, "anon_inode:[eventfd]", (size_t)n);
}

static void connect(int *slot, int fd)
{
	if (*slot >= 0)
		close(*slot);
	*slot = fd;
	if (fd >= 0)
		(void)fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK);
}

static void clear_msix(struct sim_irqs *irqs)
{
	for (unsigned i = 0; i < SIM_VECTORS; i++)
		connect(&irqs->msix[i], -1);
	irqs->msix_connected = 0;
}

void irq_clear(struct sim_irqs *irqs)
{
	clear_msix(irqs);
	connect(&irqs->msi, -1);
	connect(&irqs->intx, -1);
	irqs->masked = false;
}

static void fire(struct sim_irqs *irqs, int fd)
{
	uint64_t one = 1;

	if (fd >= 0 && write(fd, &one, sizeof(one)) == sizeof(one))
		irqs->fired++;
	else
		irqs->unheard++;
}

static bool lost(struct sim_nic *nic)
{
	uint64_t unused;

	return sim_fault(nic, WEIR_SIM_IRQ_LOST, &unused);
}

void sim_irq_msix(struct sim_nic *nic, unsigned vector)
{
	if (!lost(nic))
		fire(nic->irqs, vector < SIM_VECTORS ? nic->irqs->msix[vector] : -1);
}

bool sim_irq_msix_enabled(const struct sim_nic *nic)
{
	return nic->irqs->msix_connected != 0;
}

bool irq_intx_pending(const struct sim_irqs *irqs)
{
	return irqs->asserted && irqs->msi < 0 && !irqs->msix_connected;
}

void irq_intx_update(struct sim_nic *nic)
{
	struct sim_irqs *irqs = nic->irqs;

	if (!irqs->asserted || irqs->masked || irqs->intx < 0 || pci_intx_disabled(nic))
		return;
	irqs->masked = true;
	fire(irqs, irqs->intx);
}

void sim_irq_legacy(struct sim_nic *nic, bool asserted)
{
	struct sim_irqs *irqs = nic->irqs;
	bool rises = asserted && !irqs->asserted;

	if (rises && lost(nic))
		return;
	irqs->asserted = asserted;
	if (irqs->msi < 0)
		irq_intx_update(nic);
	else if (rises)
		fire(irqs, irqs->msi);
}

static int set_intx(struct sim_nic *nic, uint32_t flags, const int *fds, bool yes)
{
	struct sim_irqs *irqs = nic->irqs;

	switch (flags & VFIO_IRQ_SET_ACTION_TYPE_MASK) {
	case VFIO_IRQ_SET_ACTION_MASK:
		irqs->masked |= yes;
		return 0;
	case VFIO_IRQ_SET_ACTION_UNMASK:
		if (yes)
			irqs->masked = false;
		irq_intx_update(nic);
		return 0;
	default:
		connect(&irqs->intx, fds ? fds[0] : -1);
		irqs->masked = false;
		irq_intx_update(nic);
		return 0;
	}
}

static int set_msix(struct sim_irqs *irqs, unsigned start, unsigned count, const int *fds)
{
	if (!fds) {
		clear_msix(irqs);
		return 0;
	}
	for (unsigned i = 0; i < count; i++)
		connect(&irqs->msix[start + i], fds[i]);
	irqs->msix_connected = 0;
	for (unsigned i = 0; i < SIM_VECTORS; i++)
		irqs->msix_connected += irqs->msix[i] >= 0;
	return 0;
}

/* A client may fire an interrupt itself, to test its own end. */
static void trigger(struct sim_irqs *irqs, unsigned index, unsigned start, unsigned count, const uint8_t *bools)
{
	for (unsigned i = 0; i < count; i++) {
		if (bools && !bools[i])
			continue;
		fire(irqs, index == VFIO_PCI_MSIX_IRQ_INDEX  ? irqs->msix[start + i]
		           : index == VFIO_PCI_MSI_IRQ_INDEX ? irqs->msi
		                                             : irqs->intx);
	}
}

int irq_set(struct sim_nic *nic, unsigned index, uint32_t flags, unsigned start, unsigned count, const int *fds,
            const uint8_t *bools)
{
	bool fires = flags & VFIO_IRQ_SET_ACTION_TRIGGER && !fds && count;

	if (index > VFIO_PCI_MSIX_IRQ_INDEX)
		return -EINVAL;
	if (!(flags & VFIO_IRQ_SET_ACTION_TRIGGER) && (index != VFIO_PCI_INTX_IRQ_INDEX || fds))
		return -EINVAL;
	for (unsigned i = 0; fds && i < count; i++)
		if (fds[i] >= 0 && !is_eventfd(fds[i]))
			return -EINVAL;
	if (fires) {
		trigger(nic->irqs, index, start, count, bools);
		return 0;
	}
	switch (index) {
	case VFIO_PCI_INTX_IRQ_INDEX:
		return set_intx(nic, flags, fds, count && (!bools || bools[0]));
	case VFIO_PCI_MSI_IRQ_INDEX:
		connect(&nic->irqs->msi, fds ? fds[0] : -1);
		return 0;
	default:
		return set_msix(nic->irqs, start, count, fds);
	}
}
