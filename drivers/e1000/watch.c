/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whether the device is still there, and its queues move.
 */
#include "e1000.h"

static void watch_txq(struct gigabit *nic, struct adv_txq *q, bool link, uint64_t now)
{
	adv_watch_txq(q, reg_get(nic, E1000_AT(TDH, q->txq.index)), reg_get(nic, E1000_AT(TDT, q->txq.index)), link,
	              now);
}

void e1000_watch(struct weir_port *port)
{
	struct e1000 *card = e1000(port);
	uint64_t now = now_ns();
	uint32_t status;

	if (port_is_gone(&card->nic.port)) {
		port_lost(port);
		return;
	}
	if (!port->info.started)
		return;
	if (gigabit_causes(&card->nic) & gigabit_event_causes(&card->nic))
		port_wake(port);
	status = reg_get(&card->nic, E1000_STATUS);
	pthread_mutex_lock(&card->watch_lock);
	for (unsigned i = 0; i < port->info.tx_queues; i++)
		watch_txq(&card->nic, adv_txq(port->txqs[i]), (status & (STATUS_LU | STATUS_TXOFF)) == STATUS_LU, now);
	for (unsigned i = 0; i < port->info.rx_queues; i++)
		adv_watch_rxq(adv_rxq(port->rxqs[i]), now);
	pthread_mutex_unlock(&card->watch_lock);
}
