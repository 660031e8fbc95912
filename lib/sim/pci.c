/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Config space: a picture of it, and for each byte the bits that a write changes (PCI Local Bus 3.0, chapter 6).
 */
#include "sim/card.h"

#include <string.h>

#define BAR0         0x10
#define CAPABILITIES 0x34
#define STATUS       0x06
#define STATUS_INTX  0x08
#define STATUS_LIST  0x10
#define ID_MSI       0x05
#define ID_EXPRESS   0x10
#define ID_MSIX      0x11
#define DEVCTL       0x08 /* in the express capability */
#define DEVCTL_FLR   0x8000u
#define BAR_IO       0x1u
#define BAR_64       0x4u

static void put16(uint8_t *at, uint16_t value)
{
	memcpy(at, &value, sizeof(value));
}

static void put32(uint8_t *at, uint32_t value)
{
	memcpy(at, &value, sizeof(value));
}

static uint16_t get16(const uint8_t *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

void sim_config_identity(struct sim_nic *nic, uint16_t vendor, uint16_t device, uint16_t subvendor, uint16_t subdevice,
                         uint8_t revision, uint32_t class_code)
{
	struct sim_pci *pci = nic->pci;

	put16(pci->space + 0x00, vendor);
	put16(pci->space + 0x02, device);
	pci->space[0x08] = revision;
	pci->space[0x09] = (uint8_t)class_code;
	pci->space[0x0a] = (uint8_t)(class_code >> 8);
	pci->space[0x0b] = (uint8_t)(class_code >> 16);
	put16(pci->space + 0x2c, subvendor);
	put16(pci->space + 0x2e, subdevice);
	pci->space[0x3d] = 1; /* INTA */
	put16(pci->writable + PCI_COMMAND, 0x0547);
	pci->writable[0x0c] = 0xff; /* cache line size */
	pci->writable[0x3c] = 0xff; /* interrupt line */
	for (unsigned i = 0; i < SIM_BARS; i++) {
		uint64_t size = nic->model->bar_size[i];

		if (!size)
			continue;
		if (nic->model->io_bars >> i & 1) {
			put32(pci->space + BAR0 + 4 * i, BAR_IO);
			put32(pci->writable + BAR0 + 4 * i, ~(uint32_t)(size - 1) & ~0x3u);
			continue;
		}
		put32(pci->writable + BAR0 + 4 * i, ~(uint32_t)(size - 1) & ~0xfu);
		if (nic->model->narrow_bars >> i & 1)
			continue;
		put32(pci->space + BAR0 + 4 * i, BAR_64);
		put32(pci->writable + BAR0 + 4 * i + 4, (uint32_t)(~(size - 1) >> 32));
		i++;
	}
}

/* The bits of a capability that software may set. */
static void writable_bits(struct sim_pci *pci, uint8_t id, unsigned offset, size_t len)
{
	switch (id) {
	case ID_MSI:
		memset(pci->writable + offset + 4, 0xff, len - 2);
		put16(pci->writable + offset + 2, 0x0071);
		pci->writable[offset + 4] = 0xfc;
		break;
	case ID_MSIX:
		put16(pci->writable + offset + 2, 0xc000);
		break;
	case ID_EXPRESS:
		pci->express = offset;
		put16(pci->writable + offset + DEVCTL, 0x7fff);
		put16(pci->writable + offset + 0x10, 0x01f3); /* link control */
		if (len + 2 > 0x2a)
			put16(pci->writable + offset + 0x28, 0x001f); /* device control 2 */
		break;
	default: /* power management: only D0 is modelled */
		break;
	}
}

void sim_config_capability(struct sim_nic *nic, uint8_t id, unsigned offset, const void *body, size_t len)
{
	struct sim_pci *pci = nic->pci;

	if (pci->last_capability)
		pci->space[pci->last_capability + 1] = (uint8_t)offset;
	else
		pci->space[CAPABILITIES] = (uint8_t)offset;
	pci->space[STATUS] |= STATUS_LIST;
	pci->last_capability = offset;
	pci->space[offset] = id;
	pci->space[offset + 1] = 0;
	memcpy(pci->space + offset + 2, body, len);
	writable_bits(pci, id, offset, len);
}

void pci_read(const struct sim_nic *nic, unsigned offset, void *to, unsigned len)
{
	memcpy(to, nic->pci->space + offset, len);
	/* Kernels ask here whether an interrupt is this card's, which it is also while it is disabled (6.2.3). */
	if (STATUS - offset < len && irq_intx_pending(nic->irqs))
		((uint8_t *)to)[STATUS - offset] |= STATUS_INTX;
}

void pci_write(struct sim_nic *nic, unsigned offset, const void *from, unsigned len)
{
	struct sim_pci *pci = nic->pci;
	const uint8_t *bytes = from;
	unsigned control = pci->express + DEVCTL + 1;

	for (unsigned i = 0; i < len; i++) {
		uint8_t *at = &pci->space[offset + i], mask = pci->writable[offset + i];

		*at = (uint8_t)((*at & ~mask) | (bytes[i] & mask));
	}
	if (PCI_COMMAND + 1 - offset < len)
		irq_intx_update(nic);
	if (pci->express && control - offset < len && bytes[control - offset] & DEVCTL_FLR >> 8)
		card_reset(nic);
}

void pci_reset(struct sim_nic *nic)
{
	struct sim_pci *pci = nic->pci;

	for (unsigned i = 0; i < SIM_CONFIG; i++)
		pci->space[i] &= (uint8_t)~pci->writable[i];
}

bool pci_bus_master(const struct sim_nic *nic)
{
	return get16(nic->pci->space + PCI_COMMAND) & PCI_COMMAND_MASTER;
}

bool pci_intx_disabled(const struct sim_nic *nic)
{
	return get16(nic->pci->space + PCI_COMMAND) & PCI_COMMAND_NO_INTX;
}
