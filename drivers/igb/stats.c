/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Statistics of queues, beside those of drivers/gigabit; and a look at whether the device is still there and its queues move.
 */
#include "igb.h"

/* --- what queues dropped for want of a buffer (8.10) ------------------------------------------------------------------------- */

#define OF4(name, a, b, c, d) name "." #a, name "." #b, name "." #c, name "." #d

static const char *const names[] = { OF4("rx_dropped", 0, 1, 2, 3), OF4("rx_dropped", 4, 5, 6, 7),
	                             OF4("rx_dropped", 8, 9, 10, 11), OF4("rx_dropped", 12, 13, 14, 15) };
_Static_assert(sizeof(names) / sizeof(names[0]) == IGB_QUEUES, "");

/* Reading clears it, but in the I210 and I211 (I210 datasheet, 8.10.11). Those of queues from 4 on have their own addresses. */
static void drops_read(struct igb *own, unsigned i)
{
	struct gigabit *nic = &own->nic;
	uint32_t reg = IGB_RX(IGB_RQDPC, i), value = reg_get(nic, reg);

	if (value == UINT32_MAX)
		return; /* gone */
	if (nic->kind->mac == GIGABIT_I210 || nic->kind->mac == GIGABIT_I211)
		reg_set(nic, reg, 0);
	count_add(&own->drops[i], value);
}

void igb_stats(struct weir_port *port, struct weir_port_stats *stats)
{
	struct igb *own = igb(port);
	bool there = !port_is_gone(&own->nic.port);

	pthread_mutex_lock(&own->nic.stats_lock);
	for (unsigned i = 0; i < own->nic.kind->queues; i++) {
		if (there)
			drops_read(own, i);
		stats->rx.drops[WEIR_DROP_MISSED] += count_read(&own->drops[i]);
	}
	pthread_mutex_unlock(&own->nic.stats_lock);
	gigabit_stats(port, stats);
}

int igb_counter(struct weir_port *port, unsigned index, const char **name, uint64_t *value)
{
	struct igb *own = igb(port);
	unsigned queues = own->nic.kind->queues;

	if (index >= queues)
		return gigabit_counter(port, index - queues, name, value);
	pthread_mutex_lock(&own->nic.stats_lock);
	if (!port_is_lost(&own->nic.port))
		drops_read(own, index);
	*name = names[index];
	*value = count_read(&own->drops[index]);
	pthread_mutex_unlock(&own->nic.stats_lock);
	return 0;
}

/* --- watching ------------------------------------------------------------------------------------------------------------------ */

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
