/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The client's side of vfio-user: a device in another process (or another thread of this one). Internal.
 *
 * Every call sends a command and waits for its reply, for at most VU_PATIENCE_MS; calls of several threads take turns.
 * When the server dies, lies or is silent, the client is *broken*: that call and every later one returns -EPIPE at once.
 * An error that the server answers is returned as it is, with a sentence.
 */
#ifndef VFIO_USER_CLIENT_H
#define VFIO_USER_CLIENT_H

#include "core/core.h"
#include "vfio_user/socket.h"

struct vu_client;

#define VU_AREAS_MAX 8

/* A region of the device, and the parts of it that may be mapped from @fd (which is the caller's; -1: none). */
struct vu_region {
	uint64_t size;
	uint32_t flags; /* VFIO_REGION_INFO_FLAG_* */
	int fd;
	uint64_t fd_offset;
	unsigned area_count;
	struct {
		uint64_t offset, size;
	} areas[VU_AREAS_MAX];
};

/* Serves the server's DMA_READ and DMA_WRITE of memory that it could not map. Returns 0 or -EFAULT. */
typedef int vu_dma_fn(void *arg, uint64_t iova, void *data, size_t len, bool write);

/*
 * Opens a client on a connected socket, which becomes its own, also on failure. @name is for messages; @dma may be NULL.
 * Returns 0, -EPIPE, -EPROTO or -ENOMEM.
 */
int vu_client_open(struct weir *weir, int fd, const char *name, vu_dma_fn *dma, void *arg, struct vu_client **client);

/* Connects to the socket at @path first. Returns also -ENOENT, -ECONNREFUSED, -EACCES ... */
int vu_client_connect(struct weir *weir, const char *path, vu_dma_fn *dma, void *arg, struct vu_client **client);
void vu_client_close(struct vu_client *client);

bool vu_client_broken(const struct vu_client *client);

int vu_client_device(struct vu_client *client, struct vfio_device_info *info);
int vu_client_region(struct vu_client *client, unsigned index, struct vu_region *region);
int vu_client_irq(struct vu_client *client, unsigned index, struct vfio_irq_info *info);

/* Connects @count interrupts from @start on to eventfds (-1: none), or disconnects all of @index when @count is 0. */
int vu_client_set_irqs(struct vu_client *client, unsigned index, unsigned start, unsigned count, const int *fds);
int vu_client_unmask_irq(struct vu_client *client, unsigned index);

/* A posted write returns before the server has seen it; the next call that waits comes after it. */
int vu_client_read(struct vu_client *client, unsigned region, uint64_t offset, void *data, uint32_t len);
int vu_client_write(struct vu_client *client, unsigned region, uint64_t offset, const void *data, uint32_t len,
                    bool posted);

/* Up to VU_WRITES_MAX writes of 1 to 8 bytes at once; one by one when the server does not take more. */
#define VU_WRITES_MAX 64u
int vu_client_write_multi(struct vu_client *client, const struct vu_write_one *writes, unsigned count);

/* @fd may be -1: then the server reaches the memory through @dma only. @flags are VU_DMA_*. */
int vu_client_dma_map(struct vu_client *client, uint64_t iova, uint64_t size, uint32_t flags, int fd, uint64_t offset);
int vu_client_dma_unmap(struct vu_client *client, uint64_t iova, uint64_t size);
int vu_client_reset(struct vu_client *client);

/* Serves what the server asks between calls. To be called when the socket is readable. Returns 0 or -EPIPE. */
int vu_client_serve(struct vu_client *client);
int vu_client_fd(const struct vu_client *client);

#endif
