/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who waits for packets: by a vector for each queue, or where a device has one interrupt for all (line.c of lib/port).
 */
#include <sys/eventfd.h>
#include <unistd.h>

#include "queue.h"

static void close_fds(struct weir_port *port, unsigned count)
{
	while (count)
		close(adv_rxq(port->rxqs[--count])->fd);
}

int adv_line_open(struct weir_port *port, unsigned irq)
{
	int err = port_line_open(port, irq);

	if (err)
		return err;
	for (unsigned i = 0; i < port->info.rx_queues; i++) {
		int fd = port_line_fd(port);

		if (fd < 0) {
			close_fds(port, i);
			port_line_close(port);
			return fd;
		}
		adv_rxq(port->rxqs[i])->fd = fd;
	}
	return 0;
}

void adv_line_close(struct weir_port *port)
{
	close_fds(port, port->info.rx_queues);
	port_line_close(port);
}

void adv_vectors_close(struct weir_port *port, const int *fds, unsigned count)
{
	struct bus_device *dev = port->device;

	dev->ops->irq_set(dev, BUS_IRQ_MSIX, 0, 0, NULL);
	while (count)
		close(fds[--count]);
}

int adv_vectors_open(struct weir_port *port, int *fds, unsigned room)
{
	struct bus_device *dev = port->device;
	unsigned most = dev->irq_count[BUS_IRQ_MSIX] < room ? dev->irq_count[BUS_IRQ_MSIX] : room, count;
	int err;

	for (count = 0; count < port->info.rx_queues && count + 1 < most; count++) {
		fds[count] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (fds[count] < 0) {
			err = weir_fail(port->weir, -errno, "port '%s': no eventfd for queue %u; raise ulimit -n",
			                port->spec, count);
			goto close;
		}
	}
	fds[count] = port->events.fd;
	err = dev->ops->irq_set(dev, BUS_IRQ_MSIX, 0, count + 1, fds);
	if (!err)
		return (int)count;
close:
	while (count)
		close(fds[--count]);
	return err;
}
