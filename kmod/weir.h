/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note OR BSD-3-Clause */
/*
 * weir.ko: a PCI function for an unprivileged process. What user space sees.
 *
 * A device is a file, /dev/weir/0000:01:00.0, which one process has open at a
 * time. A domain, what devices see of memory, is a file too, and comes only
 * from a device. A device points at no domain or at one, and WEIR_ATTACH is
 * the one call that moves the pointer; mappings belong to the domain alone.
 *
 *	closed -open-> blocked -WEIR_ATTACH-> attached -COMMAND.MASTER-> live
 *
 * Until it is attached, a device can only be asked what it is, and its config
 * space read. WEIR_ATTACH, WEIR_RESET and an error of the bus take the MASTER
 * bit away; closing takes everything away. What was pulled out or unbound
 * answers -ENODEV to everything, for ever.
 *
 * Each structure begins with its size as the caller knows it, and may grow at
 * the end: what the kernel does not know of must be zero (-E2BIG), what the
 * caller does not know of is not written.
 */
#ifndef WEIR_UAPI_H
#define WEIR_UAPI_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define WEIR_IOC	 0xee
#define WEIR_DEV_INFO	 _IO(WEIR_IOC, 0x00)
#define WEIR_ATTACH	 _IO(WEIR_IOC, 0x01)
#define WEIR_IRQ	 _IO(WEIR_IOC, 0x02)
#define WEIR_RESET	 _IO(WEIR_IOC, 0x03)
#define WEIR_MAP	 _IO(WEIR_IOC, 0x10)
#define WEIR_UNMAP	 _IO(WEIR_IOC, 0x11)
#define WEIR_DOMAIN_INFO _IO(WEIR_IOC, 0x12)

/* --- devices ------------------------------------------------------------ */

/*
 * Where region n begins in the device's file, for pread, pwrite and mmap.
 * Regions 0 to 5 are the BARs, WEIR_REGION_CONFIG is the config space.
 */
#define WEIR_REGION_CONFIG    7
#define WEIR_REGIONS	      8
#define WEIR_REGION_SHIFT     40
#define WEIR_REGION_OFFSET(n) ((__u64)(n) << WEIR_REGION_SHIFT)

#define WEIR_REGION_READ  (1u << 0)
#define WEIR_REGION_WRITE (1u << 1)
#define WEIR_REGION_MMAP  (1u << 2)
#define WEIR_REGION_IO	  (1u << 3) /* ports, not memory */

struct weir_region {
	__aligned_u64 size; /* 0: there is none */
	__aligned_u64 offset; /* in the file */
	__u32 flags;
	__u32 reserved;
};

#define WEIR_DEV_PCIE	      (1u << 0)
#define WEIR_DEV_FLR	      (1u << 1) /* resets by itself */
#define WEIR_DEV_RESET	      (1u << 2) /* some way to reset it is there */
#define WEIR_DEV_ISOLATED_MSI (1u << 3) /* cannot forge interrupts */
#define WEIR_DEV_NOIOMMU      (1u << 4) /* reaches all memory */
#define WEIR_DEV_ATTACHED     (1u << 5)
#define WEIR_DEV_ERROR	      (1u << 6) /* the bus reported one since open */

enum weir_irq_type {
	WEIR_IRQ_INTX,
	WEIR_IRQ_MSI,
	WEIR_IRQ_MSIX,
	WEIR_IRQ_ERROR, /* the bus reports an error of the device */
	WEIR_IRQ_REMOVE, /* it was pulled out or unbound */
	WEIR_IRQ_TYPES
};

struct weir_dev_info {
	__u32 size;
	__u32 flags; /* out: WEIR_DEV_ */
	__u16 vendor, device, subvendor, subdevice;
	__u32 class_revision; /* as config space has it at 8 */
	__s32 group; /* of the IOMMU, -1: none */
	__u32 vectors[WEIR_IRQ_TYPES];
	__u32 reserved;
	struct weir_region regions[WEIR_REGIONS];
};

#define WEIR_DOMAIN_NONE (-1) /* to no domain: all DMA is blocked */
#define WEIR_DOMAIN_NEW	 (-2) /* to a new one, returned in domain */

#define WEIR_ATTACH_REPLACE (1u << 0) /* the device may leave a domain */
#define WEIR_ATTACH_RESET   (1u << 1) /* and is reset between the two */
#define WEIR_ATTACH_COPY    (1u << 2) /* a new one begins as a copy */

#define WEIR_WAS_BLOCKED 0
#define WEIR_WAS_SAME	 1
#define WEIR_WAS_OTHER	 2

#define WEIR_QUIESCED_MASTER  (1u << 0) /* bus mastering is off */
#define WEIR_QUIESCED_PENDING (1u << 1) /* no transaction is pending */
#define WEIR_QUIESCED_RESET   (1u << 2) /* a reset was done */
#define WEIR_QUIESCED_WAITED  (1u << 3) /* it was off for drain_ms */

/*
 * Moves the device's pointer to another domain. First bus mastering goes off;
 * it is off for drain_ms before the device sees the new domain, and stays off
 * after: what the device had begun in the old domain is lost and not written
 * into the new one. A failure leaves the device where it was.
 */
struct weir_attach {
	__u32 size;
	__u32 flags; /* WEIR_ATTACH_ */
	__s32 domain; /* a file, WEIR_DOMAIN_NONE or _NEW; out: file */
	__u32 drain_ms; /* 0: 100 */
	__u32 was; /* out: WEIR_WAS_ */
	__u32 quiesced; /* out: WEIR_QUIESCED_ */
};

#define WEIR_IRQ_UNMASK (1u << 0) /* INTx, which masks itself */

/*
 * Connects vectors start, start + 1 ... to eventfds: fds is the address of
 * count times __s32, -1 for none. The first call for MSI or MSI-X decides how
 * many vectors there are. count 0 disconnects all of the type.
 */
struct weir_irq {
	__u32 size;
	__u32 flags;
	__u32 type; /* WEIR_IRQ_ */
	__u32 start;
	__u32 count;
	__u32 reserved;
	__aligned_u64 fds;
};

/* Stops the device and resets it; it stays attached, bus mastering is off. */
struct weir_reset {
	__u32 size;
	__u32 flags; /* none yet */
	__u32 drain_ms; /* 0: 100 */
	__u32 quiesced; /* out: WEIR_QUIESCED_ */
};

/* --- domains ------------------------------------------------------------ */

#define WEIR_MAP_READ  (1u << 0) /* by the device */
#define WEIR_MAP_WRITE (1u << 1)

struct weir_map {
	__u32 size;
	__u32 flags; /* WEIR_MAP_ */
	__aligned_u64 vaddr;
	__aligned_u64 iova;
	__aligned_u64 length;
};

#define WEIR_UNMAP_ALL (1u << 0) /* whatever iova and length say */

/* Ends all mappings that lie in the range; none may reach out of it. */
struct weir_unmap {
	__u32 size;
	__u32 flags;
	__aligned_u64 iova;
	__aligned_u64 length; /* out: how much was mapped there */
};

struct weir_iova_range {
	__aligned_u64 first, last;
};

struct weir_domain_info {
	__u32 size;
	__u32 flags; /* none yet */
	__aligned_u64 page_sizes; /* of the IOMMU, a bit each */
	__aligned_u64 pinned; /* bytes */
	__u32 maps;
	__u32 devices;
	__u32 range_count; /* in: room; out: how many there are */
	__u32 reserved;
	__aligned_u64 ranges; /* address of struct weir_iova_range */
};

#endif
