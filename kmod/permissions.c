// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which bits of config space a caller sees and writes. Plain C: tests compile
 * it for user space.
 *
 * What is not named here can be read and not written: with it a device could
 * be moved over another one's addresses, its errors be hidden from the kernel,
 * interrupts be aimed elsewhere, or it could be switched off or reset behind
 * the kernel's back.
 */
#include <linux/pci_regs.h>

#include "permissions.h"

static void allow(__u8 *bits, unsigned int at, unsigned int size, __u32 mask)
{
	for (; size && at < PERMISSIONS_SPACE; size--, mask >>= 8)
		bits[at++] |= (__u8)mask;
}

static void hide(struct weir_permissions *p, unsigned int at, unsigned int size)
{
	for (; size && at < PERMISSIONS_SPACE; size--)
		p->virtual[at++] = 0xff;
}

/* A BAR answers to sizing as the real one does, and moves nowhere. */
static void bars_init(struct weir_permissions *p, const __u64 *bars)
{
	unsigned int i;

	hide(p, PCI_BASE_ADDRESS_0, 6 * 4);
	for (i = 0; i < 6; i++) {
		unsigned int at = PCI_BASE_ADDRESS_0 + 4 * i;
		__u64 mask = ~(bars[i] - 1);
		__u32 low = p->shadow[at];

		if (!bars[i])
			continue;
		if (low & PCI_BASE_ADDRESS_SPACE_IO) {
			allow(p->write, at, 4, (__u32)mask & ~0x3u);
			continue;
		}
		allow(p->write, at, 4, (__u32)mask & ~0xfu);
		if (low & PCI_BASE_ADDRESS_MEM_TYPE_64 && i < 5)
			allow(p->write, at + 4, 4, (__u32)(mask >> 32));
	}
	hide(p, PCI_ROM_ADDRESS, 4);
	memset(&p->shadow[PCI_ROM_ADDRESS], 0, 4);
}

static unsigned int msi_size(__u8 flags)
{
	unsigned int size = flags & PCI_MSI_FLAGS_64BIT ? 14 : 10;

	return flags & PCI_MSI_FLAGS_MASKBIT ? size + 10 : size;
}

static void capability_init(struct weir_permissions *p, unsigned int at)
{
	switch (p->shadow[at]) {
	case PCI_CAP_ID_MSI:
		hide(p, at, msi_size(p->shadow[at + PCI_MSI_FLAGS]));
		break;
	case PCI_CAP_ID_MSIX:
		hide(p, at, PCI_CAP_MSIX_SIZEOF);
		break;
	case PCI_CAP_ID_EXP:
		/* How the device speaks, never what others must agree to. */
		allow(p->write, at + PCI_EXP_DEVCTL, 2,
		      PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_READRQ);
		if ((p->shadow[at + PCI_EXP_FLAGS] & PCI_EXP_FLAGS_VERS) > 1)
			allow(p->write, at + PCI_EXP_DEVCTL2, 2,
			      PCI_EXP_DEVCTL2_COMP_TIMEOUT |
				      PCI_EXP_DEVCTL2_COMP_TMOUT_DIS);
		break;
	}
}

void permissions_init(struct weir_permissions *p, const __u8 *config,
		      const __u64 *bars)
{
	unsigned int at, steps;

	memset(p, 0, sizeof(*p));
	memcpy(p->shadow, config, PERMISSIONS_SPACE);
	allow(p->write, PCI_COMMAND, 2,
	      PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE);
	allow(p->virtual, PCI_COMMAND, 2, PCI_COMMAND_INTX_DISABLE);
	/* Which interrupts are on is the business of WEIR_IRQ. */
	p->shadow[PCI_COMMAND + 1] &= (__u8) ~(PCI_COMMAND_INTX_DISABLE >> 8);
	allow(p->write, PCI_INTERRUPT_LINE, 1, 0xff);
	hide(p, PCI_INTERRUPT_LINE, 2);
	bars_init(p, bars);
	if (!(config[PCI_STATUS] & PCI_STATUS_CAP_LIST))
		return;
	/* A list that a broken device makes a circle of ends, too. */
	at = config[PCI_CAPABILITY_LIST] & ~3u;
	for (steps = 0; at >= PCI_STD_HEADER_SIZEOF && steps < 48; steps++) {
		if (at <= PERMISSIONS_SPACE - PCI_CAP_SIZEOF)
			capability_init(p, at);
		at = config[at + PCI_CAP_LIST_NEXT] & ~3u;
	}
}

static __u32 gather(const __u8 *bytes, unsigned int offset, unsigned int size)
{
	__u32 value = 0;

	while (size--)
		value = value << 8 | bytes[offset + size];
	return value;
}

static bool is_beyond(unsigned int offset, unsigned int size)
{
	return offset >= PERMISSIONS_SPACE || size > PERMISSIONS_SPACE - offset;
}

__u32 permissions_read(const struct weir_permissions *p, unsigned int offset,
		       unsigned int size, __u32 value)
{
	__u32 virtual;

	if (is_beyond(offset, size))
		return value;
	virtual = gather(p->virtual, offset, size);
	return (value & ~virtual) | (gather(p->shadow, offset, size) & virtual);
}

__u32 permissions_write(struct weir_permissions *p, unsigned int offset,
			unsigned int size, __u32 value)
{
	__u32 device;
	unsigned int i;

	if (is_beyond(offset, size))
		return 0;
	device = gather(p->write, offset, size) &
		 ~gather(p->virtual, offset, size);
	for (i = 0; i < size; i++, value >>= 8) {
		__u8 mask = p->write[offset + i];

		mask &= p->virtual[offset + i];
		p->shadow[offset + i] &= (__u8)~mask;
		p->shadow[offset + i] |= (__u8)value & mask;
	}
	return device;
}
