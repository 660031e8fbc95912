/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vfio-user, version 0.0, as it is on the wire (QEMU, docs/interop/vfio-user.rst): the host's byte order, a UNIX stream
 * socket, file descriptors beside the first byte of a message. Many payloads are the structs of <linux/vfio.h>.
 */
#ifndef VFIO_USER_PROTOCOL_H
#define VFIO_USER_PROTOCOL_H

#include <assert.h>
#include <linux/vfio.h>
#include <stdint.h>

enum vu_command {
	VU_VERSION = 1,
	VU_DMA_MAP,
	VU_DMA_UNMAP,
	VU_DEVICE_GET_INFO,
	VU_DEVICE_GET_REGION_INFO,
	VU_DEVICE_GET_REGION_IO_FDS,
	VU_DEVICE_GET_IRQ_INFO,
	VU_DEVICE_SET_IRQS,
	VU_REGION_READ,
	VU_REGION_WRITE,
	VU_DMA_READ,
	VU_DMA_WRITE,
	VU_DEVICE_RESET,
	VU_REGION_WRITE_MULTI = 15,
};

#define VU_TYPE_MASK    0xfu
#define VU_TYPE_COMMAND 0u
#define VU_TYPE_REPLY   1u
#define VU_NO_REPLY     0x10u /* a command that wants no answer */
#define VU_ERROR        0x20u /* a reply that is only an errno */

struct vu_header {
	uint16_t id;
	uint16_t command;
	uint32_t size; /* with this header */
	uint32_t flags;
	uint32_t error;
};
static_assert(sizeof(struct vu_header) == 16, "");

struct vu_version {
	uint16_t major;
	uint16_t minor;
	char json[]; /* ends with a NUL */
};
static_assert(sizeof(struct vu_version) == 4, "");

#define VU_DMA_READABLE  0x1u
#define VU_DMA_WRITEABLE 0x2u

struct vu_dma_map {
	uint32_t argsz;
	uint32_t flags;
	uint64_t offset; /* into the file that comes with it */
	uint64_t iova;
	uint64_t size;
};
static_assert(sizeof(struct vu_dma_map) == 32, "");

#define VU_DMA_UNMAP_ALL 0x2u

struct vu_dma_unmap {
	uint32_t argsz;
	uint32_t flags;
	uint64_t iova;
	uint64_t size;
};
static_assert(sizeof(struct vu_dma_unmap) == 24, "");

/* REGION_READ, REGION_WRITE: data follows in what carries it. */
struct vu_region_access {
	uint64_t offset;
	uint32_t region;
	uint32_t count;
};
static_assert(sizeof(struct vu_region_access) == 16, "");

struct vu_write_multi {
	uint64_t count;
};

struct vu_write_one {
	uint64_t offset;
	uint32_t region;
	uint32_t count; /* 1 to 8 */
	uint64_t data;
};
static_assert(sizeof(struct vu_write_one) == 24, "");

/* DMA_READ, DMA_WRITE: data follows in what carries it. */
struct vu_dma_access {
	uint64_t iova;
	uint64_t count;
};
static_assert(sizeof(struct vu_dma_access) == 16, "");

/* The limits that both sides of ours keep, and tell the peer in VERSION. */
#define VU_MAX_FDS      16u
#define VU_MAX_TRANSFER (1u << 20)
#define VU_MAX_MAPS     65535u
#define VU_MAX_MESSAGE  (VU_MAX_TRANSFER + 4096u) /* a data transfer with its headers */
#define VU_PAGE         4096u

#define VU_REGIONS 9u /* of a PCI device: 6 BARs, ROM, config space, VGA */
#define VU_IRQS    5u

#endif
