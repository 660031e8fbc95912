/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A device in another process, over a vfio-user socket. Internal.
 */
#ifndef BUS_VFIO_USER_H
#define BUS_VFIO_USER_H

#include "bus/bus.h"

/* Opens the device that is served at @path. Returns 0 or -errno with a sentence. */
int bus_vfio_user_open(struct weir *weir, const char *path, struct bus_device **dev);

/* The same on a connected socket, which becomes the device's, also on failure. @name is for messages. */
int bus_vfio_user_open_fd(struct weir *weir, int fd, const char *name, struct bus_device **dev);

#endif
