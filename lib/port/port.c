/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ports: their life from open to close. What is asked of an open port is in query.c.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus/bus.h"
#include "mem/mem.h"
#include "port/driver.h"

#define QUEUE_ALIGN 128 /* two cache lines: the processor prefetches in pairs */

static void *queue_alloc(size_t size)
{
	void *queue = aligned_alloc(QUEUE_ALIGN, round_up(size, QUEUE_ALIGN));

	if (queue)
		memset(queue, 0, size);
	return queue;
}

static void queues_free(struct weir_port *port)
{
	for (unsigned i = 0; port->rxqs && i < port->info.rx_queues; i++)
		free(port->rxqs[i]);
	for (unsigned i = 0; port->txqs && i < port->info.tx_queues; i++)
		free(port->txqs[i]);
	free(port->rxqs);
	free(port->txqs);
}

static int queues_alloc(struct weir_port *port)
{
	port->rxqs = calloc(port->info.rx_queues + 1, sizeof(*port->rxqs));
	port->txqs = calloc(port->info.tx_queues + 1, sizeof(*port->txqs));
	if (!port->rxqs || !port->txqs)
		goto fail;
	for (unsigned i = 0; i < port->info.rx_queues; i++) {
		port->rxqs[i] = queue_alloc(port->driver->rxq_size);
		if (!port->rxqs[i])
			goto fail;
		port->rxqs[i]->port = port;
		port->rxqs[i]->index = (uint16_t)i;
		port->rxqs[i]->burst = rxq_nothing;
	}
	for (unsigned i = 0; i < port->info.tx_queues; i++) {
		port->txqs[i] = queue_alloc(port->driver->txq_size);
		if (!port->txqs[i])
			goto fail;
		port->txqs[i]->port = port;
		port->txqs[i]->index = (uint16_t)i;
		port->txqs[i]->burst = txq_nothing;
	}
	return 0;

fail:
	queues_free(port);
	return weir_fail(port->weir, -ENOMEM, "port '%s': no memory for %u receive and %u transmit queues", port->spec,
	                 port->info.rx_queues, port->info.tx_queues);
}

/* Settles how many queues there are: the spec's word, else the configuration's, else one, within the limits. */
static int queues_decide(struct weir_port *port)
{
	struct weir_port_info *info = &port->info;

	if (!port->conf.pool)
		info->receives = false;
	if (!info->rx_queues)
		info->rx_queues = port->conf.rx_queues ? port->conf.rx_queues : 1;
	if (!info->tx_queues)
		info->tx_queues = port->conf.tx_queues ? port->conf.tx_queues : 1;
	if (!info->receives)
		info->rx_queues = 0;
	if (!info->sends)
		info->tx_queues = 0;
	if (info->rx_queues > info->rx_queues_max)
		return weir_fail(port->weir, -EINVAL, "port '%s': %u receive queues asked for; it has at most %u",
		                 port->spec, info->rx_queues, info->rx_queues_max);
	if (info->tx_queues > info->tx_queues_max)
		return weir_fail(port->weir, -EINVAL, "port '%s': %u transmit queues asked for; it has at most %u",
		                 port->spec, info->tx_queues, info->tx_queues_max);
	return 0;
}

/* What the configuration asks for beyond queues. A port without addresses receives everything anyway. */
static int settings_apply(struct weir_port *port)
{
	int err = 0;

	port->conf.offloads &= port->info.offloads;
	if (port->conf.mtu)
		err = weir_port_set_mtu(port, port->conf.mtu);
	if (!err && port->conf.promiscuous && port->driver->set_promiscuous)
		err = weir_port_set_promiscuous(port, true);
	return err;
}

static void port_link(struct weir_port *port)
{
	pthread_mutex_lock(&port->weir->lock);
	port->next = port->weir->ports;
	port->weir->ports = port;
	pthread_mutex_unlock(&port->weir->lock);
}

static void port_unlink(struct weir_port *port)
{
	pthread_mutex_lock(&port->weir->lock);
	for (struct weir_port **p = &port->weir->ports; *p; p = &(*p)->next) {
		if (*p == port) {
			*p = port->next;
			break;
		}
	}
	pthread_mutex_unlock(&port->weir->lock);
}

int weir_port_open(struct weir *weir, const char *spec, const struct weir_port_conf *conf, struct weir_port **port)
{
	struct spec parsed;
	struct weir_port *p;
	int err;

	*port = NULL;
	err = spec_parse(weir, spec, &parsed);
	if (!err && parsed.driver->resolve)
		err = parsed.driver->resolve(weir, &parsed);
	if (err)
		return err;
	p = queue_alloc(parsed.driver->port_size);
	if (!p) {
		err = weir_fail(weir, -ENOMEM, "port '%s': no memory for it", spec);
		goto device;
	}
	p->weir = weir;
	p->driver = parsed.driver;
	p->device = parsed.device;
	if (conf)
		p->conf = *conf;
	memcpy(p->spec, spec, strlen(spec) + 1);
	snprintf(p->lost, sizeof(p->lost), "port '%s': the device is gone; was it removed, or has its server ended?",
	         spec);
	p->info.driver = p->driver->name;
	p->info.node = -1;
	err = port_events_open(p);
	if (err)
		goto free;
	err = p->driver->open(p, &parsed);
	if (err)
		goto events;
	err = queues_decide(p);
	if (err)
		goto close;
	err = queues_alloc(p);
	if (err)
		goto close;
	port_wants_open(p);
	err = settings_apply(p);
	if (err)
		goto queues;
	port_link(p);
	*port = p;
	return 0;

queues:
	queues_free(p);
	port_wants_close(p);
close:
	p->driver->close(p);
events:
	port_events_close(p);
free:
	/* Whatever else was said of a device that has gone follows from that. */
	if (port_present(p))
		err = -ENODEV;
	free(p);
device:
	if (parsed.device)
		bus_close(parsed.device);
	return err;
}

static void caches_destroy(struct weir_port *port)
{
	for (unsigned i = 0; i < port->info.rx_queues; i++) {
		weir_pool_cache_destroy(port->rxqs[i]->cache);
		port->rxqs[i]->cache = NULL;
	}
	for (unsigned i = 0; i < port->info.tx_queues; i++) {
		weir_pool_cache_destroy(port->txqs[i]->cache);
		port->txqs[i]->cache = NULL;
	}
}

static int caches_create(struct weir_port *port)
{
	int err = 0;

	for (unsigned i = 0; !err && i < port->info.rx_queues; i++)
		err = weir_pool_cache_create(port->conf.pool, 0, &port->rxqs[i]->cache);
	for (unsigned i = 0; !err && i < port->info.tx_queues; i++)
		err = port->conf.pool ? weir_pool_cache_create(port->conf.pool, 0, &port->txqs[i]->cache)
		                      : pool_cache_create_stray(port->weir, &port->txqs[i]->cache);
	if (err)
		caches_destroy(port);
	return err;
}

/* Queues that nobody may use: no driver's function is behind them, and no cache. */
static void queues_idle(struct weir_port *port)
{
	for (unsigned i = 0; i < port->info.rx_queues; i++)
		port->rxqs[i]->burst = rxq_nothing;
	for (unsigned i = 0; i < port->info.tx_queues; i++)
		port->txqs[i]->burst = txq_nothing;
	caches_destroy(port);
}

/* A start begins anew: what damaged the traffic before is over, unless it starts again. */
static void health_restore(struct weir_port *port)
{
	__atomic_store_n(&port->health, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&port->damaged, false, __ATOMIC_RELEASE);
	port->events.told &= ~WEIR_EVENT_ERROR;
}

int weir_port_start(struct weir_port *port)
{
	int err;

	if (port->info.started)
		return 0;
	err = port_present(port);
	if (err)
		return err;
	health_restore(port);
	err = caches_create(port);
	if (err)
		return err;
	for (unsigned i = 0; i < port->info.rx_queues; i++)
		port->rxqs[i]->finished = 0;
	err = port_blame(port, port->driver->start(port));
	if (err) {
		queues_idle(port);
		return err;
	}
	port->info.started = true;
	weir_log(port->weir, WEIR_LOG_INFO, "port '%s' started: %s%s%s, %u receive and %u transmit queues", port->spec,
	         port->driver->name, port->info.variant[0] ? ", " : "", port->info.variant, port->info.rx_queues,
	         port->info.tx_queues);
	return 0;
}

int weir_port_stop(struct weir_port *port)
{
	int err;

	if (!port->info.started)
		return 0;
	err = port->driver->stop(port);
	queues_idle(port);
	port->info.started = false;
	port->info.variant[0] = '\0';
	return err;
}

int weir_port_close(struct weir_port *port)
{
	int err, close_err;

	if (!port)
		return 0;
	err = weir_port_stop(port);
	port_unlink(port);
	close_err = port->driver->close(port);
	port_events_close(port);
	port_wants_close(port);
	if (port->device)
		bus_close(port->device);
	queues_free(port);
	free(port);
	return err ? err : close_err;
}

void ports_close(struct weir *weir)
{
	while (weir->ports)
		weir_port_close(weir->ports);
}

void port_damage(struct weir_port *port, int err, const char *format, ...)
{
	va_list args;
	int whole = 0;

	if (__atomic_exchange_n(&port->damaged, true, __ATOMIC_ACQ_REL))
		return;
	va_start(args, format);
	vsnprintf(port->why, sizeof(port->why), format, args);
	va_end(args);
	/* Unless it was lost meanwhile: nothing else matters then. */
	__atomic_compare_exchange_n(&port->health, &whole, err, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
	port_wake(port);
}

void port_lost(struct weir_port *port)
{
	if (__atomic_exchange_n(&port->health, -ENODEV, __ATOMIC_ACQ_REL) != -ENODEV)
		port_wake(port);
	for (unsigned i = 0; i < port->info.rx_queues; i++)
		rxq_finish(port->rxqs[i]);
}

void port_listen(struct weir_port *port)
{
	if (port->device && port->device->ops->failed && port->device->ops->failed(port->device))
		port_damage(
		    port, -EIO,
		    "port '%s': the bus tells of an error of the device; stop and start the port, or close and open it",
		    port->spec);
}

int port_present(struct weir_port *port)
{
	uint32_t vendor = 0;

	if (!port->device)
		return 0;
	if (__atomic_load_n(&port->health, __ATOMIC_ACQUIRE) != -ENODEV) {
		if (!bus_gone(port->device) && !port->device->ops->config_read(port->device, 0, 2, &vendor) &&
		    (vendor & 0xffff) != 0xffff)
			return 0;
		port_lost(port);
	}
	return weir_fail(port->weir, -ENODEV, "%s", port->lost);
}

int port_blame(struct weir_port *port, int err)
{
	return err && err != -ENODEV && port_present(port) ? -ENODEV : err;
}
