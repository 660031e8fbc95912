/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whether the device is still there, and its queues move.
 */
#include "igb.h"

void igb_watch(struct weir_port *port)
{
	struct gigabit *nic = gigabit(port);
	uint64_t now = now_ns();
	uint32_t causes;
	bool link;

	if (port_is_gone(&nic->port)) {
		port_lost(port);
		return;
	}
	if (!port->info.started)
		return;
	causes = gigabit_causes(nic);
	if (causes & IGB_EVENTS)
		port_wake(port);
	if (causes & ICR_DOUTSYNC)
		port_damage(port, -EIO, "port '%s': the device lost track of its descriptors; stop and start the port",
		            port->spec);
	adv_clock_watch(&igb(port)->clock, now);
	link = reg_get(nic, E1000_STATUS) & STATUS_LU;
	pthread_mutex_lock(&igb(port)->watch_lock);
	for (unsigned i = 0; i < port->info.tx_queues; i++)
		adv_watch_txq(adv_txq(port->txqs[i]), reg_get(nic, IGB_TX(E1000_TDH, i)),
		              reg_get(nic, IGB_TX(E1000_TDT, i)), link, now);
	for (unsigned i = 0; i < port->info.rx_queues; i++)
		adv_watch_rxq(adv_rxq(port->rxqs[i]), now);
	pthread_mutex_unlock(&igb(port)->watch_lock);
}
