/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Single queues of a port that runs: stopping and starting them, how often they interrupt.
 */
#include "port/driver.h"

unsigned rxq_nothing(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	(void)rxq, (void)pkts, (void)n;
	return 0;
}

unsigned txq_nothing(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n)
{
	(void)txq, (void)pkts, (void)n;
	return 0;
}

/* Whether single queues of the port can be spoken to now. */
static int queue_ready(struct weir_port *port, bool can, const char *what)
{
	if (!can)
		return weir_fail(port->weir, -ENOTSUP, "port '%s': %s ports cannot %s", port->spec, port->driver->name,
		                 what);
	if (!port->info.started)
		return weir_fail(port->weir, -EINVAL, "port '%s' is not started, so it has no queue that runs",
		                 port->spec);
	return port_present(port);
}

int weir_rxq_stop(struct weir_rxq *rxq)
{
	struct weir_port *port = rxq->port;
	const struct queue_ops *ops = port->driver->queues;
	int err = queue_ready(port, ops && ops->rx_stop, "stop single queues");

	if (err || rxq->burst == rxq_nothing)
		return err;
	rxq->burst = rxq_nothing;
	err = ops->rx_stop(rxq);
	weir_pool_cache_flush(rxq->cache);
	return err;
}

int weir_rxq_start(struct weir_rxq *rxq)
{
	struct weir_port *port = rxq->port;
	const struct queue_ops *ops = port->driver->queues;
	int err = queue_ready(port, ops && ops->rx_start, "start single queues");

	if (err || rxq->burst != rxq_nothing)
		return err;
	err = ops->rx_start(rxq);
	if (err)
		rxq->burst = rxq_nothing;
	return err;
}

int weir_txq_stop(struct weir_txq *txq)
{
	struct weir_port *port = txq->port;
	const struct queue_ops *ops = port->driver->queues;
	int err = queue_ready(port, ops && ops->tx_stop, "stop single queues");

	if (err || txq->burst == txq_nothing)
		return err;
	txq->burst = txq_nothing;
	err = ops->tx_stop(txq);
	weir_pool_cache_flush(txq->cache);
	return err;
}

int weir_txq_start(struct weir_txq *txq)
{
	struct weir_port *port = txq->port;
	const struct queue_ops *ops = port->driver->queues;
	int err = queue_ready(port, ops && ops->tx_start, "start single queues");

	if (err || txq->burst != txq_nothing)
		return err;
	err = ops->tx_start(txq);
	if (err)
		txq->burst = txq_nothing;
	return err;
}

int weir_rxq_set_interval(struct weir_rxq *rxq, unsigned us)
{
	struct weir_port *port = rxq->port;
	const struct queue_ops *ops = port->driver->queues;
	int err = queue_ready(port, ops && ops->set_interval, "choose how often they interrupt");

	return err ? err : ops->set_interval(rxq, us);
}
