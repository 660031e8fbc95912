/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Samples of all counters. Taken while the workers count, so that figures of different queues may be a burst apart.
 */
#include "stats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int sample_init(struct sample *sample, const struct ports *ports)
{
	memset(sample, 0, sizeof(*sample));
	sample->ports = calloc(ports->count + 1, sizeof(*sample->ports));
	if (!sample->ports)
		return -ENOMEM;
	sample->count = ports->count;
	for (unsigned i = 0; i < ports->count; i++) {
		const struct weir_port_info *info = &ports->port[i].info;
		unsigned queues = info->rx_queues > info->tx_queues ? info->rx_queues : info->tx_queues;

		sample->ports[i].queue_count = queues;
		sample->ports[i].queues = calloc(queues + 1, sizeof(*sample->ports[i].queues));
		if (!sample->ports[i].queues) {
			sample_fini(sample);
			return -ENOMEM;
		}
	}
	return 0;
}

void sample_fini(struct sample *sample)
{
	for (unsigned i = 0; i < sample->count; i++)
		free(sample->ports[i].queues);
	free(sample->ports);
	memset(sample, 0, sizeof(*sample));
}

static uint64_t read_counter(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static void queue_add(struct weir_queue_stats *sum, const struct weir_queue_stats *queue)
{
	sum->packets += queue->packets;
	sum->bytes += queue->bytes;
	for (unsigned i = 0; i < WEIR_DROP_COUNT; i++)
		sum->drops[i] += queue->drops[i];
}

static void load_add(struct load *sum, const struct load *load)
{
	sum->bursts += load->bursts;
	sum->entries += load->entries;
	sum->packets += load->packets;
	sum->ticks += load->ticks;
}

static void take_port(struct port_sample *sample, const struct port *port)
{
	memset(&sample->load, 0, sizeof(sample->load));
	memset(sample->said, 0, sizeof(sample->said));
	weir_port_stats(port->weir, &sample->stats);
	if (weir_port_link(port->weir, &sample->link))
		memset(&sample->link, 0, sizeof(sample->link));
	for (unsigned i = 0; i < port->info.rx_queues; i++) {
		const struct inlet *inlet = &port->inlets[i];
		struct load *load = &sample->queues[i].load;

		weir_rxq_stats(inlet->rxq, &sample->queues[i].rx);
		load->bursts = read_counter(&inlet->bursts);
		load->entries = read_counter(&inlet->entries);
		load->packets = read_counter(&inlet->packets);
		load->ticks = read_counter(&inlet->ticks);
		load_add(&sample->load, load);
		for (unsigned j = 0; j < SAID_COUNT; j++)
			sample->said[j] += read_counter(&inlet->said[j]);
	}
	for (unsigned i = 0; i < port->info.tx_queues; i++) {
		const struct outlet *outlet = &port->outlets[i];
		uint64_t given_up = read_counter(&outlet->given_up);

		weir_txq_stats(outlet->txq, &sample->queues[i].tx);
		sample->queues[i].tx.drops[WEIR_DROP_TX_FULL] += given_up;
		sample->stats.tx.drops[WEIR_DROP_TX_FULL] += given_up;
	}
}

void sample_take(struct sample *sample, const struct ports *ports, double seconds)
{
	memset(&sample->rx, 0, sizeof(sample->rx));
	memset(&sample->tx, 0, sizeof(sample->tx));
	memset(&sample->load, 0, sizeof(sample->load));
	sample->seconds = seconds;
	weir_pool_info(ports->pool, &sample->pool);
	for (unsigned i = 0; i < ports->count; i++) {
		take_port(&sample->ports[i], &ports->port[i]);
		load_add(&sample->load, &sample->ports[i].load);
		if (ports->port[i].input)
			queue_add(&sample->rx, &sample->ports[i].stats.rx);
		if (ports->port[i].output)
			queue_add(&sample->tx, &sample->ports[i].stats.tx);
	}
	for (unsigned i = 0; i < WEIR_DROP_COUNT; i++)
		sample->drops[i] = sample->rx.drops[i] + sample->tx.drops[i];
}

uint64_t drops_sum(const uint64_t drops[WEIR_DROP_COUNT])
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < WEIR_DROP_COUNT; i++)
		sum += drops[i];
	return sum;
}

double load_cycles(const struct load *now, const struct load *before)
{
	uint64_t packets = now->packets - before->packets;

	return packets ? (double)(now->ticks - before->ticks) / (double)packets : 0;
}

double load_fill(const struct load *now, const struct load *before)
{
	uint64_t bursts = now->bursts - before->bursts;

	return bursts ? (double)(now->entries - before->entries) / (double)bursts : 0;
}

double rate(uint64_t now, uint64_t before, double seconds)
{
	return seconds > 0 && now > before ? (double)(now - before) / seconds : 0;
}
