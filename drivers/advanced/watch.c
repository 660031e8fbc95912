/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whether queues move: looked at now and then, beside the thread that polls them.
 */
#include "queue.h"

#define HANG_NS UINT64_C(2000000000) /* a queue that does not move for so long hangs */

/* Whether what stands at @at has done so for too long. */
static bool stuck(struct adv_stuck *stuck, uint32_t at, uint64_t now)
{
	if (at == stuck->at && stuck->since_ns)
		return now - stuck->since_ns > HANG_NS;
	stuck->at = at;
	stuck->since_ns = now;
	return false;
}

/* The same for what the thread that polls has noted; as long as it does not try again, nothing is known. */
static bool stalled(struct adv_stuck *seen, const struct adv_stall *stall, uint64_t now)
{
	uint32_t tries = __atomic_load_n(&stall->tries, __ATOMIC_RELAXED);
	bool tried = tries != seen->tries;

	seen->tries = tries;
	if (!tried && !seen->since_ns)
		return false;
	return stuck(seen, __atomic_load_n(&stall->at, __ATOMIC_RELAXED), now) && tried;
}

/* Asks the device, not the queue: its head and tail do not race with the thread that sends. */
void adv_watch_txq(struct adv_txq *q, uint32_t head, uint32_t tail, bool moves, uint64_t now_ns)
{
	struct weir_port *port = q->txq.port;

	if (!moves || !__atomic_load_n(&q->running, __ATOMIC_RELAXED)) {
		q->stuck.since_ns = q->silent.since_ns = 0;
		return;
	}
	if (head == tail)
		q->stuck.since_ns = 0;
	else if (stuck(&q->stuck, head, now_ns))
		port_damage(port, -EIO, "port '%s': transmit queue %u hangs at descriptor %u; stop and start the port",
		            port->spec, q->txq.index, head);
	if (stalled(&q->silent, &q->full, now_ns))
		port_damage(port, -EIO,
		            "port '%s': transmit queue %u does not report what it has sent; stop and start the port",
		            port->spec, q->txq.index);
}

void adv_watch_rxq(struct adv_rxq *q, uint64_t now_ns)
{
	struct weir_port *port = q->rxq.port;

	if (stalled(&q->stuck, &q->gap, now_ns))
		port_damage(
		    port, -EIO,
		    "port '%s': receive queue %u has left out a descriptor and waits for it; stop and start the port",
		    port->spec, q->rxq.index);
}
