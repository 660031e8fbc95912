/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Makes forwarders, and unmakes them.
 */
#include "setup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

void setup_wishes(const struct l3fwd_options *options, struct port_wish *wishes)
{
	for (unsigned i = 0; i < options->common.spec_count; i++)
		wishes[i] = (struct port_wish){ true, options->common.queues, options->common.workers };
	for (unsigned i = 0; i < options->assignment_count; i++) {
		const struct assignment *assignment = &options->assignments[i];

		if (wishes[assignment->port].rx_queues <= assignment->queue)
			wishes[assignment->port].rx_queues = assignment->queue + 1;
	}
}

void setup_mark(struct ports *ports)
{
	for (unsigned i = 0; i < ports->count; i++) {
		ports->port[i].input = ports->port[i].info.receives;
		ports->port[i].output = ports->port[i].info.sends;
	}
}

/* The worker of a receive queue, the @number-th of all. Returns -1 for none: --config does not name it. */
static int worker_of(const struct l3fwd_options *options, unsigned port, unsigned queue, unsigned number)
{
	for (unsigned i = 0; i < options->assignment_count; i++)
		if (options->assignments[i].port == port && options->assignments[i].queue == queue)
			return (int)options->assignments[i].worker;
	return options->assignment_text ? -1 : (int)(number % options->common.workers);
}

static int check_queues(const struct setup *setup)
{
	const struct options *options = &setup->options->common;

	for (unsigned i = 0; i < setup->ports->count; i++) {
		const struct port *port = &setup->ports->port[i];

		if (port->info.sends && port->info.tx_queues < options->workers) {
			log_say(setup->ports->log,
			        "port %u '%s' has %u transmit queues, and each of %u workers needs one; use fewer "
			        "--workers",
			        i, port->spec, port->info.tx_queues, options->workers);
			return -EINVAL;
		}
		for (unsigned queue = 0; queue < port->info.rx_queues && port->info.receives; queue++)
			if (worker_of(setup->options, i, queue, 0) < 0) {
				log_say(setup->ports->log,
				        "nobody serves queue %u of port %u '%s'; name it in --config", queue, i,
				        port->spec);
				return -EINVAL;
			}
	}
	return 0;
}

/* Readable when the worker is to stop, or when packets were injected for it. */
static int idle_fd_make(struct forwarder *forwarder)
{
	struct epoll_event event = { .events = EPOLLIN };

	forwarder->idle_fd = epoll_create1(EPOLL_CLOEXEC);
	if (forwarder->idle_fd < 0 ||
	    epoll_ctl(forwarder->idle_fd, EPOLL_CTL_ADD, forwarder->workers->stop_fd, &event) ||
	    epoll_ctl(forwarder->idle_fd, EPOLL_CTL_ADD, forwarder->reader->wake_fd, &event))
		return -errno;
	return 0;
}

static void ingress_init(struct forwarder *forwarder, const struct port *port, unsigned index, unsigned queue)
{
	struct ingress *ingress = &forwarder->ingresses[forwarder->ingress_count++];

	ingress->inlet = &port->inlets[queue];
	ingress->rxq = ingress->inlet->rxq;
	ingress->by_vlan = forwarder->router->by_vlan[index];
	ingress->least = port->info.rx_entries_max;
	ingress->most = forwarder->burst > ingress->least ? forwarder->burst : ingress->least;
	forwarder->unfinished++;
	idle_watch(&forwarder->idle, ingress->rxq);
}

static int ingresses_init(struct forwarder *forwarder, unsigned worker, const struct setup *setup)
{
	unsigned number = 0, most = forwarder->burst;

	for (unsigned i = 0; i < setup->ports->count; i++) {
		const struct port *port = &setup->ports->port[i];

		if (port->info.rx_entries_max > most)
			most = port->info.rx_entries_max;
		for (unsigned queue = 0; port->info.receives && queue < port->info.rx_queues; queue++)
			if (worker_of(setup->options, i, queue, number++) == (int)worker)
				ingress_init(forwarder, port, i, queue);
	}
	forwarder->pkts = calloc(most, sizeof(*forwarder->pkts));
	forwarder->items[0] = calloc(most, sizeof(struct item));
	forwarder->items[1] = calloc(most, sizeof(struct item));
	forwarder->addr4 = calloc(most, sizeof(*forwarder->addr4));
	forwarder->addr6 = calloc(most, sizeof(*forwarder->addr6));
	forwarder->hops = calloc(most, sizeof(*forwarder->hops));
	return forwarder->pkts && forwarder->items[0] && forwarder->items[1] && forwarder->addr4 && forwarder->addr6 &&
	               forwarder->hops
	           ? 0
	           : -ENOMEM;
}

static bool some_finite(const struct ports *ports)
{
	for (unsigned i = 0; i < ports->count; i++)
		if (ports->port[i].info.finite)
			return true;
	return false;
}

static int egresses_init(struct forwarder *forwarder, unsigned worker, const struct setup *setup)
{
	bool patient = some_finite(setup->ports);

	forwarder->egresses = calloc(setup->ports->count, sizeof(*forwarder->egresses));
	if (!forwarder->egresses)
		return -ENOMEM;
	forwarder->egress_count = setup->ports->count;
	for (unsigned i = 0; i < setup->ports->count; i++) {
		const struct port *port = &setup->ports->port[i];
		struct egress *egress = &forwarder->egresses[i];

		if (!port->info.sends)
			continue;
		egress->outlet = &port->outlets[worker];
		egress->txq = egress->outlet->txq;
		egress->patient = patient;
		egress->pkts = calloc(EGRESS_ROOM, sizeof(*egress->pkts));
		if (!egress->pkts)
			return -ENOMEM;
		if (setup->router->injects[i].reader == worker)
			egress->injects = i + 1;
	}
	return 0;
}

static int forwarder_init(struct forwarder *forwarder, unsigned worker, const struct setup *setup)
{
	const struct l3fwd_options *options = setup->options;
	unsigned queues = 0;
	int err;

	forwarder->workers = setup->workers;
	forwarder->budget = setup->budget;
	forwarder->router = setup->router;
	forwarder->reader = &setup->router->readers[worker];
	forwarder->counts = &setup->router->counts[worker];
	forwarder->base = setup->router->base;
	forwarder->flows = setup->flows;
	forwarder->burst = options->common.burst;
	forwarder->patience = weir_clock_hz() / 1000 * options->patience_ms;
	allowance_init(&forwarder->icmp, options->icmp_rate);
	err = weir_pool_cache_create(setup->ports->pool, 0, &forwarder->cache);
	if (!err)
		err = idle_fd_make(forwarder);
	for (unsigned i = 0; i < setup->ports->count; i++)
		queues += setup->ports->port[i].info.rx_queues;
	forwarder->ingresses = calloc(queues + 1, sizeof(*forwarder->ingresses));
	if (!err)
		err = forwarder->ingresses
		          ? idle_init(&forwarder->idle, options->common.idle, forwarder->idle_fd, queues)
		          : -ENOMEM;
	if (!err)
		err = ingresses_init(forwarder, worker, setup);
	return err ? err : egresses_init(forwarder, worker, setup);
}

int forwarders_make(struct forwarder **forwarders, const struct setup *setup)
{
	unsigned count = setup->options->common.workers;
	struct forwarder *table;
	int err = check_queues(setup);

	if (err)
		return err;
	table = calloc(count, sizeof(*table));
	for (unsigned i = 0; i < setup->ports->count; i++)
		setup->router->injects[i].reader = i % count;
	for (unsigned i = 0; table && i < count; i++)
		table[i].idle_fd = -1;
	err = table ? 0 : -ENOMEM;
	for (unsigned i = 0; !err && i < count; i++)
		err = forwarder_init(&table[i], i, setup);
	if (err) {
		log_say(setup->ports->log, "no room for the workers: %s", strerror(-err));
		forwarders_free(table, count);
		return err;
	}
	*forwarders = table;
	return 0;
}

void forwarders_free(struct forwarder *forwarders, unsigned count)
{
	for (unsigned i = 0; forwarders && i < count; i++) {
		struct forwarder *forwarder = &forwarders[i];

		for (unsigned j = 0; j < forwarder->egress_count; j++)
			free(forwarder->egresses[j].pkts);
		free(forwarder->egresses);
		free(forwarder->ingresses);
		free(forwarder->pkts);
		free(forwarder->items[0]);
		free(forwarder->items[1]);
		free(forwarder->addr4);
		free(forwarder->addr6);
		free(forwarder->hops);
		idle_fini(&forwarder->idle);
		if (forwarder->idle_fd >= 0)
			close(forwarder->idle_fd);
		weir_pool_cache_destroy(forwarder->cache);
	}
	free(forwarders);
}
