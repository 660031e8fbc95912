/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is asked of an open port: facts, settings, health, statistics.
 */
#include <string.h>

#include "port/driver.h"
#include "port/registers.h"

struct weir_rxq *weir_port_rxq(struct weir_port *port, unsigned index)
{
	return index < port->info.rx_queues ? port->rxqs[index] : NULL;
}

struct weir_txq *weir_port_txq(struct weir_port *port, unsigned index)
{
	return index < port->info.tx_queues ? port->txqs[index] : NULL;
}

int port_cannot(struct weir_port *port, const char *what)
{
	return weir_fail(port->weir, -ENOTSUP, "port '%s': %s ports cannot %s", port->spec, port->driver->name, what);
}

int weir_rxq_fd(struct weir_rxq *rxq)
{
	struct weir_port *port = rxq->port;

	if (!port->driver->rxq_fd || !port->info.can_wait)
		return port_cannot(port, "wait for packets; poll it instead");
	if (port_is_lost(port))
		return weir_fail(port->weir, -ENODEV, "%s", port->lost);
	if (!port->info.started)
		return weir_fail(port->weir, -EINVAL, "port '%s' is not started: it has nothing to wait for",
		                 port->spec);
	return port->driver->rxq_fd(rxq);
}

/* Part of an idle program's loop: no sentence, so that it costs nothing when there is nothing to wait for. */
int weir_rxq_arm(struct weir_rxq *rxq)
{
	struct weir_port *port = rxq->port;

	if (!port->driver->rxq_arm || !port->info.can_wait || !port->info.started)
		return -ENOTSUP;
	return port_is_lost(port) ? -ENODEV : port->driver->rxq_arm(rxq);
}

int weir_port_info(struct weir_port *port, struct weir_port_info *info)
{
	*info = port->info;
	return 0;
}

int weir_port_link(struct weir_port *port, struct weir_link *link)
{
	int err = port_present(port);

	memset(link, 0, sizeof(*link));
	if (err)
		return err;
	if (port->driver->link)
		return port->driver->link(port, link);
	link->up = port->info.started;
	link->full_duplex = true;
	return 0;
}

int weir_port_set_mtu(struct weir_port *port, unsigned mtu)
{
	int err;

	if (!port->driver->set_mtu)
		return port_cannot(port, "change their MTU");
	if (mtu < 68 || (port->info.mtu_max && mtu > port->info.mtu_max))
		return weir_fail(port->weir, -EINVAL, "port '%s': an MTU of %u is out of range; it takes 68 to %u",
		                 port->spec, mtu, port->info.mtu_max ? port->info.mtu_max : 65535);
	err = port_present(port);
	if (!err)
		err = port_blame(port, port->driver->set_mtu(port, mtu));
	if (!err)
		port->info.mtu = mtu;
	return err;
}

int weir_port_set_promiscuous(struct weir_port *port, bool on)
{
	int err;

	if (!port->driver->set_promiscuous)
		return port_cannot(port, "choose what they receive");
	err = port_present(port);
	return err ? err : port->driver->set_promiscuous(port, on);
}

int weir_port_set_mac(struct weir_port *port, const uint8_t mac[6])
{
	int err;

	if (!port->driver->set_mac)
		return port_cannot(port, "change their address");
	if (mac[0] & 1)
		return weir_fail(
		    port->weir, -EINVAL,
		    "port '%s': %02x:%02x:%02x:%02x:%02x:%02x is a group address; a port's own must have an even "
		    "first byte",
		    port->spec, mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	err = port_present(port);
	if (!err)
		err = port->driver->set_mac(port, mac);
	if (!err)
		memcpy(port->info.mac, mac, 6);
	return err;
}

int weir_port_set_offloads(struct weir_port *port, uint32_t offloads)
{
	if (port->info.started)
		return weir_fail(port->weir, -EBUSY, "port '%s' is started; stop it before changing its offloads",
		                 port->spec);
	port->conf.offloads = offloads & port->info.offloads;
	return 0;
}

int weir_port_health(struct weir_port *port, const char **why)
{
	int err;

	port_listen(port);
	if (port->driver->watch)
		port->driver->watch(port);
	err = __atomic_load_n(&port->health, __ATOMIC_ACQUIRE);
	if (why)
		*why = !err ? "" : err == -ENODEV && port->device ? port->lost : port->why;
	return err;
}

static void stats_read(const struct weir_queue_stats *from, struct weir_queue_stats *to)
{
	to->packets += count_read(&from->packets);
	to->bytes += count_read(&from->bytes);
	for (unsigned i = 0; i < WEIR_DROP_COUNT; i++)
		to->drops[i] += count_read(&from->drops[i]);
}

void weir_rxq_stats(const struct weir_rxq *rxq, struct weir_queue_stats *stats)
{
	memset(stats, 0, sizeof(*stats));
	stats_read(&rxq->stats, stats);
}

void weir_txq_stats(const struct weir_txq *txq, struct weir_queue_stats *stats)
{
	memset(stats, 0, sizeof(*stats));
	stats_read(&txq->stats, stats);
}

void weir_port_stats(struct weir_port *port, struct weir_port_stats *stats)
{
	memset(stats, 0, sizeof(*stats));
	for (unsigned i = 0; i < port->info.rx_queues; i++)
		stats_read(&port->rxqs[i]->stats, &stats->rx);
	for (unsigned i = 0; i < port->info.tx_queues; i++)
		stats_read(&port->txqs[i]->stats, &stats->tx);
	if (port->driver->stats)
		port->driver->stats(port, stats);
}

int weir_port_counter(struct weir_port *port, unsigned index, const char **name, uint64_t *value)
{
	return port->driver->counter ? port->driver->counter(port, index, name, value) : -ENOENT;
}

const char *weir_drop_name(unsigned reason)
{
	static const char *const names[WEIR_DROP_COUNT] = {
		[WEIR_DROP_NO_BUFFER] = "no_buffer", [WEIR_DROP_MISSED] = "missed",
		[WEIR_DROP_TOO_LONG] = "too_long",   [WEIR_DROP_TOO_SHORT] = "too_short",
		[WEIR_DROP_DEVICE] = "device",       [WEIR_DROP_CRC] = "crc",
		[WEIR_DROP_FILTERED] = "filtered",   [WEIR_DROP_LINK_DOWN] = "link_down",
		[WEIR_DROP_TX_FULL] = "tx_full",     [WEIR_DROP_TX_ERROR] = "tx_error",
		[WEIR_DROP_OFFLOAD] = "offload",
	};

	return reason < WEIR_DROP_COUNT ? names[reason] : NULL;
}

int weir_driver_info(unsigned index, const char **name, const char **help)
{
	for (unsigned i = 0; i < weir_driver_count; i++) {
		if (!weir_drivers[i] || weir_drivers[i]->ids || index--)
			continue;
		*name = weir_drivers[i]->name;
		*help = weir_drivers[i]->help;
		return 0;
	}
	return -ENOENT;
}
