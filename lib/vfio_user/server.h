/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The server's side of vfio-user: what a device model needs to be somebody else's PCI device. Internal.
 *
 * A server has one client, on a connected socket. vu_server_step() handles one message; the owner calls it in a loop
 * until it fails. What the client says is checked here against the description of the device, so that a model sees only
 * accesses that lie inside its regions.
 */
#ifndef VFIO_USER_SERVER_H
#define VFIO_USER_SERVER_H

#include "vfio_user/socket.h"

#define VU_SERVER_AREAS_MAX 8

/* What the device tells of itself. */
struct vu_device {
	struct vu_device_region {
		uint64_t size;  /* 0: there is none */
		uint32_t flags; /* VFIO_REGION_INFO_FLAG_READ, _WRITE; _MMAP when fd is there */
		int fd;         /* what may be mapped; used with area_count only */
		uint64_t fd_offset;
		unsigned area_count; /* the parts that may be mapped */
		struct {
			uint64_t offset, size;
		} areas[VU_SERVER_AREAS_MAX];
	} regions[VU_REGIONS];
	struct vu_device_irq {
		uint32_t count;
		uint32_t flags; /* VFIO_IRQ_INFO_* */
	} irqs[VU_IRQS];
};

/*
 * What the model does. All return 0 or -errno, which the client is told. Called by vu_server_step() only, in its thread.
 */
struct vu_server_ops {
	/* [offset, offset + len) lies in the region. */
	int (*read)(void *arg, unsigned region, uint64_t offset, void *data, uint32_t len);
	int (*write)(void *arg, unsigned region, uint64_t offset, const void *data, uint32_t len);

	/*
	 * VFIO_IRQ_SET_* @flags for @count interrupts from @start on, which exist. @fds has @count descriptors with
	 * DATA_EVENTFD (each -1, or the model's from now on), else it is NULL; @bools has @count bytes with DATA_BOOL.
	 */
	int (*set_irqs)(void *arg, unsigned index, uint32_t flags, unsigned start, unsigned count, const int *fds,
	                const uint8_t *bools);

	/* @fd (-1: none) is the model's from now on when the call succeeds. */
	int (*dma_map)(void *arg, uint64_t iova, uint64_t size, uint32_t flags, int fd, uint64_t offset);

	/*
	 * Takes back all maps within [iova, iova + size), which may be several or none; @size 0 with @iova 0: everything.
	 * When it returns, nothing uses the memory any more. Returns how many maps went.
	 */
	int (*dma_unmap)(void *arg, uint64_t iova, uint64_t size);
	int (*reset)(void *arg);
};

struct vu_deferred;

struct vu_server {
	struct vu_socket socket;
	struct vu_socket
	    answers; /* the same socket with a buffer of its own: a command may be in the other meanwhile */
	const struct vu_device *device;
	const struct vu_server_ops *ops;
	void *arg;
	struct vu_limits limits;
	bool negotiated;
	uint32_t maps; /* that the client has made */
	uint16_t next_id;
	uint64_t refused;                  /* commands that were answered with an error, posted ones too */
	struct vu_deferred *first, **last; /* commands that came while we waited for an answer */
	unsigned deferred_count;
	size_t deferred_bytes;
};

/* @fd becomes the server's, also on failure. */
int vu_server_init(struct vu_server *server, int fd, const struct vu_device *device, const struct vu_server_ops *ops,
                   void *arg);
void vu_server_fini(struct vu_server *server);

/*
 * Waits @patience_ms (-1: for ever) for a message and handles it. Returns 0 (also when none came), -EPIPE when the
 * client is gone, -EPROTO when what it sent is no vfio-user, -ETIMEDOUT when it stopped within a message.
 */
int vu_server_step(struct vu_server *server, int patience_ms);

/*
 * Reads or writes memory of the client that came without a descriptor, by message. Called from within an op, or by the
 * thread that calls vu_server_step(). Returns 0, -EFAULT when the client refuses, or what ends the connection.
 */
int vu_server_dma(struct vu_server *server, uint64_t iova, void *data, uint32_t len, bool write);

#endif
