/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A card: made of a model, config space, interrupts, a view of memory and a wire; and served to one client at a time.
 */
#include "sim/card.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* --- what the client asks (struct vu_server_ops), with the card's lock held ------------------------------------------- */

/* Whether a BAR holds the table of MSI-X vectors, which is plain memory. */
static bool bar_of_vectors(const struct sim_nic *nic, unsigned bar)
{
	return nic->model->msix_vectors && bar == nic->model->msix_bar;
}

/* Registers are 32 bits: an access is cut into whole registers, and a smaller one is a part of one. */
static uint32_t register_read(struct sim_nic *nic, unsigned bar, uint64_t offset)
{
	if (nic->gone)
		return UINT32_MAX;
	if (bar_of_vectors(nic, bar)) {
		uint32_t value;

		memcpy(&value, nic->bar[bar] + offset, sizeof(value));
		return value;
	}
	return nic->model->read(nic, bar, offset);
}

static void register_write(struct sim_nic *nic, unsigned bar, uint64_t offset, uint32_t value)
{
	if (nic->gone)
		return;
	if (bar_of_vectors(nic, bar))
		memcpy(nic->bar[bar] + offset, &value, sizeof(value));
	else
		nic->model->write(nic, bar, offset, value);
}

static int card_read(void *arg, unsigned region, uint64_t offset, void *data, uint32_t len)
{
	struct sim_nic *nic = arg;
	uint8_t *to = data;

	if (nic->gone) {
		memset(data, 0xff, len);
		return 0;
	}
	if (region == VFIO_PCI_CONFIG_REGION_INDEX) {
		pci_read(nic, (unsigned)offset, data, len);
		return 0;
	}
	if (region >= SIM_BARS)
		return -EINVAL;
	while (len) {
		uint32_t value = register_read(nic, region, offset & ~3ull), skip = offset & 3;
		uint32_t n = 4 - skip < len ? 4 - skip : len;

		memcpy(to, (uint8_t *)&value + skip, n);
		to += n;
		offset += n;
		len -= n;
	}
	return 0;
}

static int card_write(void *arg, unsigned region, uint64_t offset, const void *data, uint32_t len)
{
	struct sim_nic *nic = arg;
	const uint8_t *from = data;

	if (nic->gone)
		return 0;
	if (region == VFIO_PCI_CONFIG_REGION_INDEX) {
		pci_write(nic, (unsigned)offset, data, len);
		return 0;
	}
	if (region >= SIM_BARS)
		return -EINVAL;
	if (offset & 3 || len & 3) {
		sim_violation(nic, "8.1", "a write of %u bytes at 0x%llx; registers are written whole", len,
		              (unsigned long long)offset);
		return -EINVAL;
	}
	for (; len; len -= 4, from += 4, offset += 4) {
		uint32_t value;

		memcpy(&value, from, sizeof(value));
		register_write(nic, region, offset, value);
	}
	return 0;
}

static int card_set_irqs(void *arg, unsigned index, uint32_t flags, unsigned start, unsigned count, const int *fds,
                         const uint8_t *bools)
{
	return irq_set(arg, index, flags, start, count, fds, bools);
}

static int card_dma_map(void *arg, uint64_t iova, uint64_t size, uint32_t flags, int fd, uint64_t offset)
{
	struct sim_nic *nic = arg;

	return dma_map(nic->dma, iova, size, flags, fd, offset);
}

static int card_dma_unmap(void *arg, uint64_t iova, uint64_t size)
{
	struct sim_nic *nic = arg;

	return dma_unmap(nic->dma, iova, size);
}

void card_reset(struct sim_nic *nic)
{
	pci_reset(nic);
	nic->model->reset(nic);
	sim_irq_legacy(nic, false);
	nic->card->blocked = false;
}

static int device_reset(void *arg)
{
	struct sim_nic *nic = arg;

	if (!nic->gone)
		card_reset(nic);
	return 0;
}

const struct vu_server_ops card_ops = {
	.read = card_read,
	.write = card_write,
	.set_irqs = card_set_irqs,
	.dma_map = card_dma_map,
	.dma_unmap = card_dma_unmap,
	.reset = device_reset,
};

/* --- making a card ---------------------------------------------------------------------------------------------------- */

/* Memory behind a BAR, in a file that clients may map but not cut off. */
static int bar_open(struct weir_sim_nic *card, unsigned bar)
{
	uint64_t size = card->nic->model->bar_size[bar];
	int fd = memfd_create("weir-bar", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	void *at;

	if (fd < 0)
		return -errno;
	card->bar_fd[bar] = fd;
	if (ftruncate(fd, (off_t)size) < 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		return -errno;
	at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		return -errno;
	card->nic->bar[bar] = at;
	return 0;
}

/* What the card tells a client of itself. */
static void describe(struct weir_sim_nic *card)
{
	const struct sim_model *model = card->nic->model;
	struct vu_device *device = &card->device;

	for (unsigned i = 0; i < VU_REGIONS; i++)
		device->regions[i].fd = -1;
	for (unsigned i = 0; i < SIM_BARS; i++) {
		device->regions[i].size = model->bar_size[i];
		device->regions[i].flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
	}
	for (const struct sim_window *w = model->windows; card->nic->fast && w && w->size; w++) {
		struct vu_device_region *region = &device->regions[w->bar];

		region->fd = card->bar_fd[w->bar];
		region->areas[region->area_count].offset = w->offset;
		region->areas[region->area_count].size = w->size;
		region->area_count++;
	}
	device->regions[VFIO_PCI_CONFIG_REGION_INDEX].size = SIM_CONFIG;
	device->regions[VFIO_PCI_CONFIG_REGION_INDEX].flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
	device->irqs[VFIO_PCI_INTX_IRQ_INDEX] =
	    (struct vu_device_irq){ 1, VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_MASKABLE | VFIO_IRQ_INFO_AUTOMASKED };
	device->irqs[VFIO_PCI_MSI_IRQ_INDEX] =
	    (struct vu_device_irq){ 1, VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE };
	device->irqs[VFIO_PCI_MSIX_IRQ_INDEX] =
	    (struct vu_device_irq){ model->msix_vectors, VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE };
}

int card_open(struct weir_sim_nic *card, struct sim_nic *nic)
{
	int err;

	card->nic = nic;
	nic->card = card;
	memset(card->bar_fd, -1, sizeof(card->bar_fd));
	nic->dma = &card->dma;
	nic->irqs = &card->irqs;
	nic->pci = &card->pci;
	irq_init(&card->irqs);
	for (unsigned i = 0; i < SIM_BARS; i++) {
		err = nic->model->bar_size[i] ? bar_open(card, i) : 0;
		if (err)
			goto close;
	}
	err = nic->model->open(nic);
	if (err)
		goto close;
	card->opened = true;
	describe(card);
	return 0;

close:
	card_close(card);
	return err;
}

void card_close(struct weir_sim_nic *card)
{
	struct sim_nic *nic = card->nic;

	if (card->opened) {
		card_forget_client(card);
		nic->model->close(nic);
		card->opened = false;
	}
	free(card->dma.maps);
	card->dma.maps = NULL;
	for (unsigned i = 0; i < SIM_BARS; i++) {
		if (nic->bar[i])
			munmap(nic->bar[i], nic->model->bar_size[i]);
		if (card->bar_fd[i] >= 0)
			close(card->bar_fd[i]);
		nic->bar[i] = NULL;
		card->bar_fd[i] = -1;
	}
}

/* A client that is gone leaves nothing behind: no memory, no interrupts, and a card as after a reset. */
void card_forget_client(struct weir_sim_nic *card)
{
	dma_unmap(&card->dma, 0, 0);
	card->dma.server = NULL;
	irq_clear(&card->irqs);
	if (card->opened)
		card_reset(card->nic);
}
