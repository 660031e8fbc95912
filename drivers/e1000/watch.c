/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whether the device is still well: that it is there, and that its queues get on.
 */
#include "e1000.h"

#define HANG_NS UINT64_C(2000000000) /* a queue that does not get on for so long hangs */

/* Whether what stands at @at has done so for too long. */
static bool stuck(struct e1000_stuck *stuck, uint32_t at, uint64_t now)
{
	if (at == stuck->at && stuck->since_ns)
		return now - stuck->since_ns > HANG_NS;
	stuck->at = at;
	stuck->since_ns = now;
	return false;
}

/* The same for what the thread that polls has noted; as long as it does not try again, nothing is known. */
static bool stalled(struct e1000_stuck *seen, const struct e1000_stall *stall, uint64_t now)
{
	uint32_t tries = __atomic_load_n(&stall->tries, __ATOMIC_RELAXED);
	bool tried = tries != seen->tries;

	seen->tries = tries;
	if (!tried && !seen->since_ns)
		return false;
	return stuck(seen, __atomic_load_n(&stall->at, __ATOMIC_RELAXED), now) && tried;
}

/* Asks the device, not the queue: its head and tail do not race with the thread that sends. */
static void watch_txq(struct gigabit *nic, struct e1000_txq *q, bool can_send, uint64_t now)
{
	uint32_t head = reg_get(nic, E1000_AT(TDH, q->txq.index)), tail = reg_get(nic, E1000_AT(TDT, q->txq.index));

	if (!can_send || !__atomic_load_n(&q->running, __ATOMIC_RELAXED)) {
		q->stuck.since_ns = q->silent.since_ns = 0;
		return;
	}
	if (head == tail)
		q->stuck.since_ns = 0;
	else if (stuck(&q->stuck, head, now))
		port_damage(&nic->port, -EIO,
		            "port '%s': transmit queue %u hangs at descriptor %u; stop and start the port",
		            nic->port.spec, q->txq.index, head);
	if (stalled(&q->silent, &q->full, now))
		port_damage(&nic->port, -EIO,
		            "port '%s': transmit queue %u does not report what it has sent; stop and start the port",
		            nic->port.spec, q->txq.index);
}

static void watch_rxq(struct gigabit *nic, struct e1000_rxq *q, uint64_t now)
{
	if (stalled(&q->stuck, &q->gap, now))
		port_damage(
		    &nic->port, -EIO,
		    "port '%s': receive queue %u has left out a descriptor and waits for it; stop and start the port",
		    nic->port.spec, q->rxq.index);
}

void e1000_watch(struct weir_port *port)
{
	struct e1000 *card = e1000(port);
	uint64_t now = now_ns();
	uint32_t status;

	if (gigabit_gone(&card->nic)) {
		port_lost(port);
		return;
	}
	if (!port->info.started)
		return;
	if (gigabit_causes(&card->nic) & GIGABIT_EVENTS)
		port_wake(port);
	status = reg_get(&card->nic, E1000_STATUS);
	pthread_mutex_lock(&card->watch_lock);
	for (unsigned i = 0; i < port->info.tx_queues; i++)
		watch_txq(&card->nic, e1000_txq(port->txqs[i]), (status & (STATUS_LU | STATUS_TXOFF)) == STATUS_LU,
		          now);
	for (unsigned i = 0; i < port->info.rx_queues; i++)
		watch_rxq(&card->nic, e1000_rxq(port->rxqs[i]), now);
	pthread_mutex_unlock(&card->watch_lock);
}
