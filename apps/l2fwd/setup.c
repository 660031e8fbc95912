/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Makes forwarders from a plan, and unmakes them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <weir/mem.h>

#include "forward.h"

static unsigned max(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

static int route_init(struct route *route, const struct leg *leg, const struct l2fwd_options *options,
                      const struct ports *ports)
{
	const struct port *from = &ports->port[leg->from], *to = &ports->port[leg->to];
	const uint8_t destination[6] = { 0x02, 0, 0, 0, (uint8_t)(leg->to >> 8), (uint8_t)leg->to };

	route->inlet = &from->inlets[leg->rx_queue];
	route->outlet = &to->outlets[leg->tx_queue];
	route->rxq = route->inlet->rxq;
	route->txq = route->outlet->txq;
	route->entries_max = from->info.rx_entries_max;
	route->most = max(options->common.burst, route->entries_max);
	route->mac_update = options->mac_update;
	route->curious = options->common.offloads & OFFLOADS_SAID;
	memcpy(route->macs, destination, 6);
	memcpy(route->macs + 6, to->info.mac, 6);
	route->patient = from->info.finite || to->info.finite;
	route->backlog = calloc(route->most, sizeof(*route->backlog));
	return route->backlog ? 0 : -ENOMEM;
}

static int forwarder_init(struct forwarder *forwarder, unsigned worker, const struct plan *plan,
                          const struct l2fwd_options *options, const struct ports *ports)
{
	unsigned most = options->common.burst;
	int err;

	forwarder->base = weir_mem_base(ports->weir);
	forwarder->burst = options->common.burst;
	forwarder->patience = weir_clock_hz() / 1000 * options->patience_ms;
	forwarder->routes = calloc(plan->count, sizeof(*forwarder->routes));
	if (!forwarder->routes)
		return -ENOMEM;
	err = weir_pool_cache_create(ports->pool, 0, &forwarder->cache);
	if (err)
		return err;
	err = idle_init(&forwarder->idle, options->common.idle, forwarder->workers->stop_fd, plan->count);
	if (err)
		return err;
	for (unsigned i = 0; i < plan->count; i++) {
		struct route *route = &forwarder->routes[forwarder->count];

		if (plan->legs[i].worker != worker)
			continue;
		forwarder->count++;
		forwarder->unfinished++;
		err = route_init(route, &plan->legs[i], options, ports);
		if (err)
			return err;
		idle_watch(&forwarder->idle, route->rxq);
		most = max(most, route->most);
	}
	forwarder->pkts = calloc(most, sizeof(*forwarder->pkts));
	return forwarder->pkts ? 0 : -ENOMEM;
}

int forwarders_make(struct forwarder **forwarders, const struct plan *plan, const struct l2fwd_options *options,
                    struct ports *ports, struct workers *workers, struct budget *budget)
{
	unsigned count = options->common.workers;
	struct forwarder *table = calloc(count, sizeof(*table));
	int err = table ? 0 : -ENOMEM;

	for (unsigned i = 0; !err && i < count; i++) {
		table[i].workers = workers;
		table[i].budget = budget;
		err = forwarder_init(&table[i], i, plan, options, ports);
	}
	if (err) {
		log_say(ports->log, "no memory for the workers");
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

		for (unsigned j = 0; j < forwarder->count; j++)
			free(forwarder->routes[j].backlog);
		free(forwarder->routes);
		free(forwarder->pkts);
		idle_fini(&forwarder->idle);
		weir_pool_cache_destroy(forwarder->cache);
	}
	free(forwarders);
}
