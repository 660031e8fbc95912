/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The line: the one interrupt of a device that has no more of them, MSI or INTx, and that tells of packets in every queue
 * as well as of events. Everybody who waits has an epoll of it, edge-triggered: it wakes them all, and none takes it from
 * another, as reading the descriptor would.
 */
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "bus/bus.h"
#include "port/driver.h"

static int watch(int poll, int fd)
{
	struct epoll_event fires = { .events = EPOLLIN | EPOLLET };

	return epoll_ctl(poll, EPOLL_CTL_ADD, fd, &fires) < 0 ? -errno : 0;
}

int line_watch(const struct weir_port *port, int poll)
{
	return port->line.fd < 0 ? 0 : watch(poll, port->line.fd);
}

int port_line_open(struct weir_port *port, unsigned irq)
{
	struct bus_device *dev = port->device;
	int err;

	port->line.irq = irq;
	port->line.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	port->line.fd = dev->ops->irq_fd ? dev->ops->irq_fd(dev) : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = port->line.wake < 0 || port->line.fd < 0 ? -errno : 0;
	if (!err)
		err = dev->ops->irq_set(dev, irq, 0, 1, &port->line.fd);
	if (!err && port->events.poll >= 0)
		err = line_watch(port, port->events.poll);
	if (!err)
		return 0;
	port_line_close(port);
	return weir_fail(port->weir, err, "port '%s': its interrupt cannot be waited for: %s", port->spec,
	                 strerror(-err));
}

void port_line_close(struct weir_port *port)
{
	struct bus_device *dev = port->device;

	if (port->line.fd >= 0) {
		dev->ops->irq_set(dev, port->line.irq, 0, 0, NULL);
		if (port->events.poll >= 0)
			epoll_ctl(port->events.poll, EPOLL_CTL_DEL, port->line.fd, NULL);
		if (!dev->ops->irq_fd)
			close(port->line.fd);
	}
	if (port->line.wake >= 0)
		close(port->line.wake);
	port->line.fd = port->line.wake = -1;
}

int port_line_fd(struct weir_port *port)
{
	int poll = epoll_create1(EPOLL_CLOEXEC), err = poll < 0 ? -errno : watch(poll, port->line.fd);

	if (!err)
		err = watch(poll, port->line.wake);
	if (!err)
		return poll;
	if (poll >= 0)
		close(poll);
	return weir_fail(port->weir, err, "port '%s': its interrupt cannot be waited for: %s", port->spec,
	                 strerror(-err));
}

void port_line_seen(int fd)
{
	struct epoll_event fired[4];

	/* That it fired is forgotten by being told. */
	if (epoll_wait(fd, fired, 4, 0) < 0)
		return;
}

void port_line_wake(struct weir_port *port)
{
	uint64_t one = 1;

	if (write(port->line.wake, &one, sizeof(one)) < 0)
		return; /* it is readable anyway */
}

void port_line_unmask(struct weir_port *port)
{
	if (port->line.fd >= 0 && port->line.irq == BUS_IRQ_INTX)
		port->device->ops->irq_unmask(port->device, BUS_IRQ_INTX);
}
