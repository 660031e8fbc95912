/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who waits for packets where a device has one interrupt for all (line.c of lib/port).
 */
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
