/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sending and receiving messages.
 */
#include "vfio_user/socket.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "core/core.h"

int vu_socket_init(struct vu_socket *socket, int fd)
{
	void *buffer = mmap(NULL, VU_MAX_MESSAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (buffer == MAP_FAILED)
		return -ENOMEM;
	socket->fd = fd;
	socket->buffer = buffer;
	return 0;
}

void vu_socket_fini(struct vu_socket *socket)
{
	munmap(socket->buffer, VU_MAX_MESSAGE);
	close(socket->fd);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits until @deadline (in ms; -1: for ever) for the socket to be ready. Returns 0, -ETIMEDOUT or -errno. */
static int wait_ready(int fd, short events, int64_t deadline)
{
	struct pollfd ready = { .fd = fd, .events = events };
	int64_t left = -1;
	int n;

	do {
		if (deadline >= 0) {
			left = deadline - now_ms();
			if (left < 0)
				left = 0;
		}
		n = poll(&ready, 1, (int)left);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n ? 0 : -ETIMEDOUT;
}

/* --- sending ---------------------------------------------------------------------------------------------------------- */

/* Drops the first @n bytes of what is to be sent. */
static void advance(struct msghdr *msg, size_t n)
{
	while (msg->msg_iovlen && n >= msg->msg_iov->iov_len) {
		n -= msg->msg_iov->iov_len;
		msg->msg_iov++;
		msg->msg_iovlen--;
	}
	if (msg->msg_iovlen) {
		msg->msg_iov->iov_base = (uint8_t *)msg->msg_iov->iov_base + n;
		msg->msg_iov->iov_len -= n;
	}
	/* The descriptors went with the first byte. */
	msg->msg_control = NULL;
	msg->msg_controllen = 0;
}

int vu_send(struct vu_socket *socket, const struct vu_header *header, const void *head, size_t head_len,
            const void *data, size_t data_len, const int *fds, unsigned fd_count)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * VU_MAX_FDS)];
		struct cmsghdr align;
	} control;
	struct iovec parts[3] = { { (void *)header, sizeof(*header) },
		                  { (void *)head, head_len },
		                  { (void *)data, data_len } };
	struct msghdr msg = { .msg_iov = parts, .msg_iovlen = 3 };
	int64_t deadline = now_ms() + VU_PATIENCE_MS;
	ssize_t sent;
	int err;

	if (fd_count > VU_MAX_FDS)
		return -EINVAL;
	if (fd_count) {
		memset(&control, 0, sizeof(control));
		msg.msg_control = control.bytes;
		msg.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
		CMSG_FIRSTHDR(&msg)->cmsg_level = SOL_SOCKET;
		CMSG_FIRSTHDR(&msg)->cmsg_type = SCM_RIGHTS;
		CMSG_FIRSTHDR(&msg)->cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&msg)), fds, sizeof(int) * fd_count);
	}
	while (msg.msg_iovlen) {
		sent = sendmsg(socket->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent >= 0) {
			advance(&msg, (size_t)sent);
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return errno == ECONNRESET ? -EPIPE : -errno;
		err = wait_ready(socket->fd, POLLOUT, deadline);
		if (err)
			return err;
	}
	return 0;
}

/* --- receiving -------------------------------------------------------------------------------------------------------- */

/* Keeps the descriptors that came with a piece of a message; those beyond the limit are closed. */
static void keep_fds(struct msghdr *msg, struct vu_message *message)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		size_t count;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (message->fd_count < VU_MAX_FDS)
				message->fds[message->fd_count++] = fd;
			else
				close(fd);
		}
	}
}

/* Reads exactly @len bytes, until @deadline. */
static int receive_bytes(struct vu_socket *socket, struct vu_message *message, void *to, size_t len, int64_t deadline)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * VU_MAX_FDS)];
		struct cmsghdr align;
	} control;
	uint8_t *at = to;
	int err;

	while (len) {
		struct iovec part = { at, len };
		struct msghdr msg = { .msg_iov = &part, .msg_iovlen = 1 };
		ssize_t got;

		msg.msg_control = control.bytes;
		msg.msg_controllen = sizeof(control.bytes);
		got = recvmsg(socket->fd, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
		if (got < 0) {
			err = errno == EAGAIN       ? wait_ready(socket->fd, POLLIN, deadline)
			      : errno == EINTR      ? 0
			      : errno == ECONNRESET ? -EPIPE
			                            : -errno;
			if (err)
				return err;
			continue;
		}
		keep_fds(&msg, message);
		if (!got)
			return -EPIPE;
		at += got;
		len -= (size_t)got;
	}
	return 0;
}

int vu_receive(struct vu_socket *socket, struct vu_message *message, int patience_ms)
{
	int64_t deadline;
	int err;

	memset(message, 0, sizeof(*message));
	err = wait_ready(socket->fd, POLLIN, patience_ms < 0 ? -1 : now_ms() + patience_ms);
	if (err)
		return err == -ETIMEDOUT ? -EAGAIN : err;
	deadline = now_ms() + VU_PATIENCE_MS;
	err = receive_bytes(socket, message, &message->header, sizeof(message->header), deadline);
	if (err)
		goto drop;
	err = -EPROTO;
	if (message->header.size < sizeof(message->header) || message->header.size > VU_MAX_MESSAGE)
		goto drop;
	message->body = socket->buffer;
	message->body_len = message->header.size - sizeof(message->header);
	err = receive_bytes(socket, message, message->body, message->body_len, deadline);
	if (err)
		goto drop;
	return 0;

drop:
	vu_drop_fds(message);
	return err;
}

int vu_take_fd(struct vu_message *message)
{
	int fd;

	if (!message->fd_count)
		return -1;
	fd = message->fds[0];
	message->fd_count--;
	memmove(message->fds, message->fds + 1, message->fd_count * sizeof(int));
	return fd;
}

void vu_drop_fds(struct vu_message *message)
{
	while (message->fd_count)
		close(message->fds[--message->fd_count]);
}
