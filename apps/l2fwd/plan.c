/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Deals receive queues out to workers.
 */
#include "plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void plan_wishes(const struct l2fwd_options *options, struct port_wish *wishes)
{
	unsigned queues = options->common.queues ? options->common.queues : 1;

	memset(wishes, 0, options->common.spec_count * sizeof(*wishes));
	for (unsigned i = 0; i < options->map_count; i++) {
		wishes[options->map[i].from].receive = true;
		wishes[options->map[i].from].rx_queues = options->common.queues;
		wishes[options->map[i].to].tx_queues += queues;
	}
	/* No more transmit queues than receive queues lead to, nor than workers send. */
	for (unsigned i = 0; i < options->common.spec_count; i++)
		if (wishes[i].tx_queues > options->common.workers)
			wishes[i].tx_queues = options->common.workers;
}

/*
 * A port that only sends, next to one that only receives, makes a pair that forwards one way. A pair that forwards no
 * way is a mistake, and so is a direction that was asked for and cannot be.
 */
static int check_direction(const struct l2fwd_options *options, const struct ports *ports, const struct direction *way)
{
	const struct port *from = &ports->port[way->from], *to = &ports->port[way->to];
	bool back = !options->map_text && to->info.receives && from->info.sends;

	if ((from->info.receives && to->info.sends) || back)
		return 0;
	log_say(ports->log, "nothing can go from port %u '%s' to port %u '%s': the %s", way->from, from->spec, way->to,
	        to->spec, from->info.receives ? "second does not send" : "first does not receive");
	return -EINVAL;
}

static int deal_out(struct plan *plan, const struct l2fwd_options *options, struct ports *ports)
{
	unsigned most = 0;

	for (unsigned i = 0; i < ports->count; i++)
		most += ports->port[i].info.rx_queues;
	plan->legs = calloc(most + 1, sizeof(*plan->legs));
	if (!plan->legs) {
		log_say(ports->log, "no memory for %u receive queues", most);
		return -ENOMEM;
	}
	for (unsigned i = 0; i < options->map_count; i++) {
		const struct direction *way = &options->map[i];
		struct port *from = &ports->port[way->from], *to = &ports->port[way->to];
		int err = check_direction(options, ports, way);

		if (err)
			return err;
		if (!from->info.receives || !to->info.sends)
			continue;
		from->input = true;
		to->output = true;
		for (unsigned queue = 0; queue < from->info.rx_queues; queue++) {
			struct leg *leg = &plan->legs[plan->count];

			leg->from = way->from;
			leg->rx_queue = queue;
			leg->to = way->to;
			leg->worker = plan->count++ % options->common.workers;
		}
	}
	return 0;
}

/* Gives each worker a transmit queue on each port that it sends to. */
static int assign_tx_queues(struct plan *plan, const struct ports *ports)
{
	for (unsigned i = 0; i < plan->count; i++) {
		struct leg *leg = &plan->legs[i];
		const struct port *to = &ports->port[leg->to];

		leg->tx_queue = 0;
		for (unsigned j = 0; j < i; j++) {
			const struct leg *other = &plan->legs[j];

			if (other->to != leg->to)
				continue;
			if (other->worker == leg->worker) {
				leg->tx_queue = other->tx_queue;
				break;
			}
			if (other->tx_queue >= leg->tx_queue)
				leg->tx_queue = other->tx_queue + 1;
		}
		if (leg->tx_queue >= to->info.tx_queues) {
			log_say(ports->log,
			        "port %u '%s' has %u transmit queues, too few for all workers that send to it; use "
			        "fewer --workers, or more --queues",
			        leg->to, to->spec, to->info.tx_queues);
			return -EINVAL;
		}
	}
	return 0;
}

int plan_make(struct plan *plan, const struct l2fwd_options *options, struct ports *ports)
{
	int err;

	memset(plan, 0, sizeof(*plan));
	err = deal_out(plan, options, ports);
	if (err)
		goto free;
	if (options->common.workers > plan->count) {
		log_say(ports->log,
		        "there are receive queues for %u of %u workers; use more --queues, or fewer --workers",
		        plan->count, options->common.workers);
		err = -EINVAL;
		goto free;
	}
	err = assign_tx_queues(plan, ports);
	if (err)
		goto free;
	return 0;

free:
	plan_free(plan);
	return err;
}

void plan_free(struct plan *plan)
{
	free(plan->legs);
	memset(plan, 0, sizeof(*plan));
}
