/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What af_xdp ports count beyond their queues: what the kernel says of its side of the rings.
 */
#include <string.h>
#include <sys/socket.h>

#include "af_xdp.h"

/* In the order of struct xdp_statistics. */
enum { RX_DROPPED, RX_INVALID, TX_INVALID, RX_RING_FULL, FILL_EMPTY, TX_EMPTY };

static const char *const counter_names[] = {
	[RX_DROPPED] = "rx_dropped",
	[RX_INVALID] = "rx_invalid_descs",
	[TX_INVALID] = "tx_invalid_descs",
	[RX_RING_FULL] = "rx_ring_full",
	[FILL_EMPTY] = "rx_fill_ring_empty_descs",
	[TX_EMPTY] = "tx_ring_empty_descs",
	[XDP_STATISTICS_COUNT] = "tx_copied",
};

void xdp_statistics(struct xdp_port *p, uint64_t counts[XDP_STATISTICS_COUNT])
{
	uint64_t now[XDP_STATISTICS_COUNT];

	memcpy(counts, p->past, sizeof(p->past));
	for (unsigned i = 0; p->port.info.started && i < p->socket_count; i++) {
		socklen_t len = sizeof(now);

		memset(now, 0, sizeof(now));
		if (getsockopt(xsk_socket__fd(p->sockets[i].xsk), SOL_XDP, XDP_STATISTICS, now, &len))
			continue;
		for (unsigned j = 0; j < XDP_STATISTICS_COUNT; j++)
			counts[j] += now[j];
	}
}

int xdp_counter(struct weir_port *port, unsigned index, const char **name, uint64_t *value)
{
	uint64_t counts[XDP_STATISTICS_COUNT + 1] = { 0 };
	struct xdp_port *p = xdp_port(port);

	if (index > XDP_STATISTICS_COUNT)
		return -ENOENT;
	xdp_statistics(p, counts);
	for (unsigned i = 0; i < port->info.tx_queues; i++)
		counts[XDP_STATISTICS_COUNT] += count_read(&xdp_txq(p, i)->copied);
	*name = counter_names[index];
	*value = counts[index];
	return 0;
}

/*
 * The kernel's counters do not say why a frame was dropped. An empty fill ring is the pool's fault when a refill ever
 * came up short, else nobody polled; what is dropped beyond that was too long, unless frames may take several buffers.
 */
void xdp_stats(struct weir_port *port, struct weir_port_stats *stats)
{
	struct xdp_port *p = xdp_port(port);
	uint64_t counts[XDP_STATISTICS_COUNT], empty, starved = 0;
	uint64_t *drops = stats->rx.drops;

	xdp_statistics(p, counts);
	for (unsigned i = 0; i < port->info.rx_queues; i++)
		starved += count_read(&xdp_rxq(p, i)->starved);
	empty = counts[FILL_EMPTY] < counts[RX_DROPPED] ? counts[FILL_EMPTY] : counts[RX_DROPPED];
	drops[starved ? WEIR_DROP_NO_BUFFER : WEIR_DROP_MISSED] += empty;
	drops[port->info.rx_entries_max > 1 ? WEIR_DROP_MISSED : WEIR_DROP_TOO_LONG] += counts[RX_DROPPED] - empty;
	drops[WEIR_DROP_MISSED] += counts[RX_RING_FULL];
	stats->tx.drops[WEIR_DROP_TX_ERROR] += counts[TX_INVALID];
}
