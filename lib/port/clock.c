/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A port's clock (weir/clock.h): what holds for every driver.
 */
#include "weir/clock.h"

#include "port/driver.h"

/* Whether the port has a clock, and it runs. */
static int clock_ready(struct weir_port *port)
{
	if (!port->driver->clock)
		return weir_fail(port->weir, -ENOTSUP, "port '%s': %s ports have no clock", port->spec,
		                 port->driver->name);
	if (!port->info.started)
		return weir_fail(port->weir, -EINVAL, "port '%s' is not started: its clock stands still", port->spec);
	return port_present(port);
}

int weir_port_clock(struct weir_port *port, uint64_t *ns)
{
	int err = clock_ready(port);

	return err ? err : port->driver->clock->get(port, ns);
}

int weir_port_set_clock(struct weir_port *port, uint64_t ns)
{
	int err = clock_ready(port);

	return err ? err : port->driver->clock->set(port, ns);
}

int weir_port_adjust_clock(struct weir_port *port, int64_t ns)
{
	int err = clock_ready(port);

	return err ? err : port->driver->clock->adjust(port, ns);
}

int weir_port_tune_clock(struct weir_port *port, int32_t ppb)
{
	int err = clock_ready(port);

	if (err)
		return err;
	if (ppb > WEIR_CLOCK_PPB_MAX || ppb < -WEIR_CLOCK_PPB_MAX)
		return weir_fail(port->weir, -ERANGE, "port '%s': its clock can be tuned by up to %d ppb, not by %d",
		                 port->spec, WEIR_CLOCK_PPB_MAX, ppb);
	return port->driver->clock->tune(port, ppb);
}

int weir_tx_stamped(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n)
{
	int err = clock_ready(txq->port);
	unsigned entries = weir_pkt_entries(pkts, n);

	if (err || !entries || txq->burst == txq_nothing)
		return err;
	return txq->port->driver->clock->send(txq, pkts, entries);
}

int weir_port_tx_time(struct weir_port *port, uint64_t *ns)
{
	int err = clock_ready(port);

	return err ? err : port->driver->clock->sent(port, ns);
}
