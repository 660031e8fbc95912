/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages through a socket, for both sides of vfio-user. A peer may die or lie at any byte: nothing read is believed
 * before it is checked, nothing is waited for longer than VU_PATIENCE_MS once a message has begun. Internal.
 */
#ifndef VFIO_USER_SOCKET_H
#define VFIO_USER_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vfio_user/protocol.h"

#define VU_PATIENCE_MS 5000

/* A message as received. The descriptors are the receiver's; vu_drop_fds() closes those that nobody took. */
struct vu_message {
	struct vu_header header;
	uint8_t *body; /* header.size - 16 bytes, in the buffer of the connection */
	size_t body_len;
	int fds[VU_MAX_FDS];
	unsigned fd_count;
};

struct vu_socket {
	int fd;
	uint8_t *buffer; /* of VU_MAX_MESSAGE bytes; pages that are never needed are never touched */
};

int vu_socket_init(struct vu_socket *socket, int fd);
void vu_socket_fini(struct vu_socket *socket);

/*
 * Sends a message of @head and @data (either may be NULL), with @fd_count descriptors. Returns 0, -EPIPE when the peer
 * is gone, or -ETIMEDOUT when it does not read.
 */
int vu_send(struct vu_socket *socket, const struct vu_header *header, const void *head, size_t head_len,
            const void *data, size_t data_len, const int *fds, unsigned fd_count);

/*
 * Receives a message; waits @patience_ms for it to begin (-1: for ever). Returns 0, -EAGAIN when none began, -ETIMEDOUT
 * when one broke off, -EPIPE when the peer has closed, or -EPROTO when the message is shorter than a header or longer
 * than VU_MAX_MESSAGE.
 */
int vu_receive(struct vu_socket *socket, struct vu_message *message, int patience_ms);

/* Takes the next descriptor out of a message; -1 when there is none. */
int vu_take_fd(struct vu_message *message);
void vu_drop_fds(struct vu_message *message);

/* The limits that a peer told, cut down to ours. */
struct vu_limits {
	unsigned max_fds;
	uint32_t max_transfer;
	uint32_t max_maps;
	bool write_multiple;
};

/* Writes the VERSION payload that tells our limits to @to (of @size bytes). Returns its length. */
size_t vu_version_make(void *to, size_t size);

/* Reads a peer's VERSION payload. Returns 0, or -EPROTO, -EPROTONOSUPPORT (a major version other than 0). */
int vu_version_read(const void *body, size_t len, struct vu_limits *limits);

#endif
