/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A Unix socket and those who are connected to it. Nobody is waited for: an answer that does not fit into the socket's
 * buffer, because the other side does not read, ends the connection.
 */
#include "control_socket.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control.h"

#define CLIENTS_MAX 16u
#define SEND_BUFFER (4 << 20)

struct client {
	int fd; /* -1: nobody */
	size_t used;
	char *line; /* CONTROL_LINE_MAX */
};

struct control_socket {
	struct control *control;
	int epoll_fd, listen_fd;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct client clients[CLIENTS_MAX];
};

static int watch_fd(const struct control_socket *socket, int fd, void *what)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = what };

	return epoll_ctl(socket->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static int listen_at(struct control_socket *control_socket, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	mode_t mask;
	int err;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	control_socket->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (control_socket->listen_fd < 0)
		return -errno;
	mask = umask(077);
	err = bind(control_socket->listen_fd, (const struct sockaddr *)&address, sizeof(address)) ? -errno : 0;
	umask(mask);
	if (err)
		return err;
	strcpy(control_socket->path, path);
	if (listen(control_socket->listen_fd, CLIENTS_MAX))
		return -errno;
	return watch_fd(control_socket, control_socket->listen_fd, NULL);
}

int control_socket_open(struct control_socket **out, struct control *control, const char *path)
{
	struct control_socket *socket = calloc(1, sizeof(*socket));
	int err;

	*out = NULL;
	if (!socket)
		return -ENOMEM;
	socket->control = control;
	socket->listen_fd = -1;
	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		socket->clients[i].fd = -1;
	socket->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	err = socket->epoll_fd < 0 ? -errno : listen_at(socket, path);
	if (err) {
		control_socket_close(socket);
		return err;
	}
	*out = socket;
	return 0;
}

static void drop(struct client *client)
{
	close(client->fd);
	free(client->line);
	client->fd = -1;
	client->line = NULL;
}

void control_socket_close(struct control_socket *socket)
{
	if (!socket)
		return;
	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		if (socket->clients[i].fd >= 0)
			drop(&socket->clients[i]);
	if (socket->path[0])
		unlink(socket->path);
	if (socket->listen_fd >= 0)
		close(socket->listen_fd);
	if (socket->epoll_fd >= 0)
		close(socket->epoll_fd);
	free(socket);
}

int control_socket_fd(const struct control_socket *socket)
{
	return socket->epoll_fd;
}

static void take_client(struct control_socket *socket)
{
	const int size = SEND_BUFFER;
	int fd = accept4(socket->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct client *client = NULL;

	for (unsigned i = 0; i < CLIENTS_MAX && !client; i++)
		if (socket->clients[i].fd < 0)
			client = &socket->clients[i];
	if (fd < 0)
		return;
	if (client)
		client->line = malloc(CONTROL_LINE_MAX);
	if (!client || !client->line || watch_fd(socket, fd, client)) {
		close(fd);
		return;
	}
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	client->fd = fd;
	client->used = 0;
}

/* Returns false when the other side is gone, or does not read. */
static bool answer(const struct client *client, json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(10));
	size_t len = text ? strlen(text) : 0;
	bool sent = false;

	json_decref(object);
	if (text) {
		text[len] = '\n'; /* in place of the NUL */
		sent = send(client->fd, text, len + 1, MSG_NOSIGNAL) == (ssize_t)(len + 1);
	}
	free(text);
	return sent;
}

static bool obey(struct control_socket *socket, const struct client *client, const char *line, size_t len)
{
	char error[CONTROL_ERROR];
	enum control_verb verb;
	json_t *command, *result;

	if (len && line[len - 1] == '\r')
		len--;
	if (!len)
		return true;
	command = control_read(line, len, &verb, error);
	if (!command)
		return answer(client, control_refuse("%s", error));
	result = control_execute(socket->control, command);
	json_decref(command);
	return answer(client, result);
}

static void hear(struct control_socket *socket, struct client *client)
{
	ssize_t n = read(client->fd, client->line + client->used, CONTROL_LINE_MAX - client->used);
	char *line = client->line, *end;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		drop(client);
		return;
	}
	client->used += (size_t)n;
	while ((end = memchr(line, '\n', client->used - (size_t)(line - client->line)))) {
		if (!obey(socket, client, line, (size_t)(end - line))) {
			drop(client);
			return;
		}
		line = end + 1;
	}
	client->used -= (size_t)(line - client->line);
	memmove(client->line, line, client->used);
	if (client->used == CONTROL_LINE_MAX) {
		answer(client, control_refuse("a line has at most %u bytes", CONTROL_LINE_MAX - 1));
		drop(client);
	}
}

void control_socket_serve(struct control_socket *socket)
{
	struct epoll_event events[CLIENTS_MAX + 1];
	int n = epoll_wait(socket->epoll_fd, events, CLIENTS_MAX + 1, 0);

	for (int i = 0; i < n; i++) {
		struct client *client = events[i].data.ptr;

		if (!client)
			take_client(socket);
		else if (client->fd >= 0)
			hear(socket, client);
	}
}
