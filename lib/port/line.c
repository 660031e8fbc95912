/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The line: the one interrupt of a device that has no more of them, MSI or INTx, and that tells of packets in every queue as well as
 * of events. Everybody who waits has an epoll of it, edge-triggered: it wakes them all, and none takes it from another,
 * as reading the descriptor would.
 */
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "bus/bus.h"
#include "port/driver.h"

int line_watch(const struct weir_port *port, int poll)
{
	struct epoll_event fires = { .events = EPOLLIN | EPOLLET };

	return port->line.fd < 0 || epoll_ctl(poll, EPOLL_CTL_ADD, port->line.fd, &fires) == 0 ? 0 : -errno;
}

bool port_has_line(const struct weir_port *port)
{
	return port->device->irq_count[BUS_IRQ_MSI] || port->device->irq_count[BUS_IRQ_INTX];
}

int port_line_open(struct weir_port *port)
{
	struct bus_device *dev = port->device;
	enum bus_irq irq = dev->irq_count[BUS_IRQ_MSI] ? BUS_IRQ_MSI : BUS_IRQ_INTX;
	int fd, err;

	if (!port_has_line(port))
		return weir_fail(port->weir, -ENOTSUP, "port '%s': its device has no interrupt; poll it", port->spec);
	fd = dev->ops->irq_fd ? dup(dev->ops->irq_fd(dev)) : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd < 0)
		return weir_fail(port->weir, -errno, "port '%s': no descriptor for its interrupt; raise ulimit -n",
		                 port->spec);
	err = dev->ops->irq_set(dev, irq, 0, 1, &fd);
	if (err) {
		close(fd);
		return err;
	}
	port->line.fd = fd;
	port->line.masks = irq == BUS_IRQ_INTX;
	if (port->events.poll >= 0)
		err = line_watch(port, port->events.poll);
	if (err) {
		port_line_close(port);
		return weir_fail(port->weir, err, "port '%s': its interrupt cannot be waited for: %s", port->spec,
		                 strerror(-err));
	}
	return 0;
}

void port_line_close(struct weir_port *port)
{
	struct bus_device *dev = port->device;

	if (port->line.fd < 0)
		return;
	/* A descriptor that has others of its kind stays in an epoll that it is not taken out of. */
	if (port->events.poll >= 0)
		epoll_ctl(port->events.poll, EPOLL_CTL_DEL, port->line.fd, NULL);
	dev->ops->irq_set(dev, port->line.masks ? BUS_IRQ_INTX : BUS_IRQ_MSI, 0, 0, NULL);
	close(port->line.fd);
	port->line.fd = -1;
}

int port_line_fd(struct weir_port *port)
{
	int poll = epoll_create1(EPOLL_CLOEXEC), err;

	if (poll < 0)
		return weir_fail(port->weir, -errno, "port '%s': no epoll for its interrupt; raise ulimit -n",
		                 port->spec);
	err = line_watch(port, poll);
	if (!err)
		return poll;
	close(poll);
	return weir_fail(port->weir, err, "port '%s': its interrupt cannot be waited for: %s", port->spec,
	                 strerror(-err));
}

void port_line_seen(int fd)
{
	struct epoll_event fired;

	/* That it fired is forgotten by being told. */
	if (epoll_wait(fd, &fired, 1, 0) < 0)
		return;
}

void port_line_unmask(struct weir_port *port)
{
	if (port->line.fd >= 0 && port->line.masks)
		port->device->ops->irq_unmask(port->device, BUS_IRQ_INTX);
}
