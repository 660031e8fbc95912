/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Nothing: packets that come from nowhere and go nowhere, at no cost of their own. For measuring what is around it.
 *
 * A received packet is a buffer as the pool gives it: its bytes are whatever lies there.
 */
#include "port/driver.h"

enum { SIZE, COUNT };

static const struct spec_option options[] = {
	[SIZE] = { "size", SPEC_NUMBER, .min = 0, .max = 65535,
	           .help = "size=BYTES of a received packet (0: none come)" },
	[COUNT] = { "count", SPEC_NUMBER, .min = 0, .max = UINT64_MAX,
	            .help = "count=PACKETS of each receive queue (0: without end)" },
	{ .key = NULL },
};

struct null_port {
	struct weir_port port;
	uint16_t size;
	uint64_t count; /* 0: without end */
};

struct null_rxq {
	struct weir_rxq rxq;
	uint64_t left;
	uint16_t size;
	bool counts;
};

static struct null_port *null_port(struct weir_port *port)
{
	return container_of(port, struct null_port, port);
}

static unsigned null_rx(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	struct null_rxq *q = container_of(rxq, struct null_rxq, rxq);

	if (q->counts && n > q->left)
		n = (unsigned)q->left;
	n = weir_pool_alloc(rxq->cache, pkts, n);
	for (unsigned i = 0; i < n; i++)
		pkts[i].len = q->size;
	queue_count(&rxq->stats, n, (uint64_t)n * q->size);
	if (q->counts) {
		q->left -= n;
		if (!q->left)
			rxq_finish(rxq);
	}
	return n;
}

static unsigned null_rx_none(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	(void)rxq, (void)pkts, (void)n;
	return 0;
}

static unsigned null_tx(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n)
{
	weir_pool_free(txq->cache, pkts, n);
	queue_count_pkts(&txq->stats, pkts, n);
	return n;
}

static int null_open(struct weir_port *port, const struct spec *spec)
{
	struct null_port *p = null_port(port);
	struct weir_port_info *info = &port->info;
	unsigned room;

	p->size = (uint16_t)(spec->value[SIZE].set ? spec->value[SIZE].number : 64);
	p->count = spec->value[COUNT].number;
	if (port->conf.pool) {
		room = weir_pool_room(port->conf.pool) - weir_pool_headroom(port->conf.pool);
		if (p->size > room)
			return weir_fail(
			    port->weir, -EINVAL,
			    "port '%s': packets of %u bytes do not fit into the pool's buffers, which take %u",
			    port->spec, p->size, room);
	}
	info->receives = info->sends = true;
	info->finite = p->count || !p->size;
	info->rx_queues_max = info->tx_queues_max = 64;
	info->rx_entries_max = 1;
	/* Nobody will ever look at the headers. */
	info->offloads = WEIR_OFFLOAD_TX_CSUM | WEIR_OFFLOAD_TX_VLAN | WEIR_OFFLOAD_TX_TSO;
	return 0;
}

static int null_start(struct weir_port *port)
{
	struct null_port *p = null_port(port);

	for (unsigned i = 0; i < port->info.rx_queues; i++) {
		struct null_rxq *q = container_of(port->rxqs[i], struct null_rxq, rxq);

		q->size = p->size;
		q->left = p->count;
		q->counts = p->count != 0;
		q->rxq.burst = p->size ? null_rx : null_rx_none;
		if (!p->size)
			rxq_finish(&q->rxq);
	}
	for (unsigned i = 0; i < port->info.tx_queues; i++)
		port->txqs[i]->burst = null_tx;
	return 0;
}

static int null_stop(struct weir_port *port)
{
	(void)port;
	return 0;
}

const struct weir_driver null_driver = {
	.name = "null",
	.help = "null:[size=BYTES][,count=PACKETS]  packets of 64 bytes, made of nothing; swallows what is sent",
	.options = options,
	.port_size = sizeof(struct null_port),
	.rxq_size = sizeof(struct null_rxq),
	.txq_size = sizeof(struct weir_txq),
	.open = null_open,
	.start = null_start,
	.stop = null_stop,
	.close = null_stop,
};
