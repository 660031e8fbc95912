/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Opening, starting, stopping and closing the ports of a command line.
 */
#include "ports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS     2048u /* room for so many descriptors in a ring, unless told otherwise */
#define CACHE     256u  /* buffers that a queue keeps for itself */
#define CACHES    4     /* of such for each receive queue, all in all */
#define ALIGNMENT 128u

static int context_open(struct ports *ports, const struct options *options)
{
	const struct weir_conf conf = {
		.log = log_from_weir,
		.log_arg = ports->log,
		.log_level = options->verbose > 1 ? WEIR_LOG_DEBUG
		             : options->verbose   ? WEIR_LOG_INFO
		                                  : WEIR_LOG_WARNING,
		.mem_page_size = options->page_size,
	};

	return weir_open(&conf, &ports->weir);
}

static int pool_create(struct ports *ports, const struct options *options, const struct port_wish *wishes)
{
	struct weir_pool_conf conf = { .name = "packets", .count = options->buffers, .room = options->room };

	unsigned slots =
	    (options->rx_slots ? options->rx_slots : SLOTS) + (options->tx_slots ? options->tx_slots : SLOTS);

	for (unsigned i = 0; !options->buffers && i < options->spec_count; i++)
		conf.count += (slots + CACHES * CACHE) * (wishes[i].rx_queues ? wishes[i].rx_queues : 1);
	return weir_pool_create(ports->weir, &conf, &ports->pool);
}

/* Zeroed and aligned; never NULL for 0 elements. */
static void *table_alloc(unsigned count, size_t size)
{
	size_t bytes = (count + 1) * size;
	void *table = aligned_alloc(ALIGNMENT, bytes);

	if (table)
		memset(table, 0, bytes);
	return table;
}

static int port_open(struct ports *ports, struct port *port, const struct options *options,
                     const struct port_wish *wish)
{
	const struct weir_port_conf conf = {
		.pool = wish->receive ? ports->pool : NULL,
		.rx_queues = wish->rx_queues,
		.tx_queues = wish->tx_queues,
		.rx_slots = options->rx_slots,
		.tx_slots = options->tx_slots,
		.mtu = options->mtu,
		.offloads = options->offloads,
		.promiscuous = options->promiscuous,
	};
	int err = weir_port_open(ports->weir, port->spec, &conf, &port->weir);

	if (err) {
		log_say(ports->log, "%s", weir_error());
		return err;
	}
	weir_port_info(port->weir, &port->info);
	port->inlets = table_alloc(port->info.rx_queues, sizeof(struct inlet));
	port->outlets = table_alloc(port->info.tx_queues, sizeof(struct outlet));
	if (!port->inlets || !port->outlets) {
		log_say(ports->log, "port '%s': no memory for its counters", port->spec);
		return -ENOMEM;
	}
	for (unsigned i = 0; i < port->info.rx_queues; i++)
		port->inlets[i].rxq = weir_port_rxq(port->weir, i);
	for (unsigned i = 0; i < port->info.tx_queues; i++)
		port->outlets[i].txq = weir_port_txq(port->weir, i);
	return 0;
}

/* A pool that the queues can swallow whole makes ports fall silent without a reason that anybody would guess. */
static void warn_of_small_pool(const struct ports *ports)
{
	unsigned have = weir_pool_count(ports->pool);
	uint64_t held = 0;

	for (unsigned i = 0; i < ports->count; i++) {
		const struct weir_port_info *info = &ports->port[i].info;

		held += (uint64_t)info->rx_queues * (info->rx_slots + CACHE);
		held += (uint64_t)info->tx_queues * (info->tx_slots + CACHE);
	}
	if (held > have)
		log_say(
		    ports->log,
		    "the ports' queues can hold %llu buffers and the pool has %u, so that they may run out and nothing "
		    "move any more; give --buffers %llu",
		    (unsigned long long)held, have, (unsigned long long)held);
}

int ports_open_all(struct ports *ports, struct log *log, const struct options *options, const struct port_wish *wishes)
{
	int err;

	memset(ports, 0, sizeof(*ports));
	ports->log = log;
	ports->port = calloc(options->spec_count, sizeof(*ports->port));
	if (!ports->port) {
		log_say(log, "no memory for %u ports", options->spec_count);
		return -ENOMEM;
	}
	err = context_open(ports, options);
	if (!err)
		err = pool_create(ports, options, wishes);
	if (err) {
		log_say(log, "%s", weir_error());
		goto close;
	}
	ports->count = options->spec_count;
	for (unsigned i = 0; i < ports->count; i++) {
		ports->port[i].spec = options->specs[i];
		err = port_open(ports, &ports->port[i], options, &wishes[i]);
		if (err)
			goto close;
	}
	warn_of_small_pool(ports);
	return 0;

close:
	ports_close_all(ports);
	return err;
}

int ports_start_all(struct ports *ports)
{
	for (unsigned i = 0; i < ports->count; i++) {
		struct port *port = &ports->port[i];
		int err = weir_port_start(port->weir);

		if (err) {
			log_say(ports->log, "%s", weir_error());
			return err;
		}
		weir_port_info(port->weir, &port->info);
	}
	return 0;
}

int ports_stop_all(struct ports *ports)
{
	int first = 0;

	for (unsigned i = 0; i < ports->count; i++) {
		int err = weir_port_stop(ports->port[i].weir);

		if (err && !ports->port[i].damage)
			log_say(ports->log, "%s", weir_error());
		first = first ? first : err;
	}
	return first;
}

static int port_health(struct ports *ports, struct port *port)
{
	const char *why;
	int err = weir_port_health(port->weir, &why);

	if (err && !port->damage)
		log_say(ports->log, "%s", why);
	port->damage = err;
	for (unsigned i = 0; i < port->info.tx_queues; i++)
		__atomic_store_n(&port->outlets[i].lost, err == -ENODEV, __ATOMIC_RELAXED);
	return err;
}

int ports_health(struct ports *ports)
{
	int worst = 0;

	for (unsigned i = 0; i < ports->count; i++) {
		int err = port_health(ports, &ports->port[i]);

		if (!worst || err == -ENODEV)
			worst = err;
	}
	return worst;
}

int ports_close_all(struct ports *ports)
{
	int first = 0;

	for (unsigned i = 0; i < ports->count; i++) {
		struct port *port = &ports->port[i];
		int err = weir_port_close(port->weir);

		if (err && !port->damage)
			log_say(ports->log, "%s", weir_error());
		first = first ? first : err;
		free(port->inlets);
		free(port->outlets);
	}
	free(ports->port);
	weir_close(ports->weir);
	memset(ports, 0, sizeof(*ports));
	return first;
}
