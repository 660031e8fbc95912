/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The control socket: commands a line each, and an answer a line each.
 */
#ifndef PKTGEN_CONTROL_SOCKET_H
#define PKTGEN_CONTROL_SOCKET_H

struct control;
struct control_socket;

/* Returns 0, -EADDRINUSE when there is something at @path, or -errno. */
int control_socket_open(struct control_socket **socket, struct control *control, const char *path);
void control_socket_close(struct control_socket *socket);

int control_socket_fd(const struct control_socket *socket);
void control_socket_serve(struct control_socket *socket);

#endif
