/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the main thread does with receivers.
 */
#include "receive_port.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <weir/clock.h>
#include <weir/mem.h>

#include "pktgen.h"

#define CLEAR_NAP_NS 200000

struct receiving {
	struct ports *ports;
	struct workers *workers;
	const struct pktgen_clock *clock;
	struct receive_port *port; /* as many as ports */
	unsigned worker_count;
	struct receiver *receivers;
};

static unsigned max(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

struct measure *receive_stream(struct receive_port *port, uint16_t id)
{
	struct measure *measure = receive_known(port, id);

	if (measure || id >= STREAMS_MAX)
		return measure;
	/* Zeroed pages that nobody touches take no memory: most of a measure is never used. */
	measure = calloc(1, sizeof(*measure));
	__atomic_store_n(&port->measure[id], measure, __ATOMIC_RELEASE);
	return measure;
}

static int port_init(struct receive_port *receive, struct port *port, unsigned worker)
{
	receive->port = port;
	if (worker < port->info.tx_queues)
		receive->outlet = &port->outlets[worker];
	return capture_create(&receive->capture);
}

/* Ports go round the workers, but to those that can answer: who has a transmit queue there. */
static unsigned worker_of(const struct receiving *receiving, unsigned port)
{
	unsigned queues = receiving->ports->port[port].info.tx_queues, workers = receiving->worker_count;

	return port % (queues && queues < workers ? queues : workers);
}

static int receiver_init(struct receiver *receiver, struct receiving *receiving, unsigned worker, unsigned burst)
{
	struct ports *ports = receiving->ports;

	receiver->clock = receiving->clock;
	receiver->base = weir_mem_base(ports->weir);
	receiver->room = weir_pool_room(ports->pool);
	receiver->most = burst;
	receiver->ports = calloc(ports->count, sizeof(*receiver->ports));
	if (!receiver->ports || weir_pool_cache_create(ports->pool, 0, &receiver->cache))
		return -ENOMEM;
	for (unsigned i = 0; i < ports->count; i++) {
		int err;

		if (worker_of(receiving, i) != worker)
			continue;
		err = port_init(&receiving->port[i], &ports->port[i], worker);

		if (err)
			return err;
		receiver->most = max(receiver->most, ports->port[i].info.rx_entries_max);
		receiver->ports[receiver->count++] = &receiving->port[i];
	}
	receiver->pkts = calloc(receiver->most, sizeof(*receiver->pkts));
	return receiver->pkts ? 0 : -ENOMEM;
}

int receive_open(struct receiving **out, struct ports *ports, const struct pktgen_clock *clock, struct workers *workers,
                 unsigned worker_count, unsigned burst)
{
	struct receiving *receiving = calloc(1, sizeof(*receiving));
	int err = receiving ? 0 : -ENOMEM;

	if (receiving) {
		receiving->ports = ports;
		receiving->workers = workers;
		receiving->clock = clock;
		receiving->worker_count = worker_count;
		receiving->port = calloc(ports->count, sizeof(*receiving->port));
		receiving->receivers = calloc(worker_count, sizeof(*receiving->receivers));
		err = receiving->port && receiving->receivers ? 0 : -ENOMEM;
	}
	for (unsigned i = 0; !err && i < worker_count; i++)
		err = receiver_init(&receiving->receivers[i], receiving, i, burst);
	if (err) {
		log_say(ports->log, "no memory for receiving");
		receive_close(receiving);
		return err;
	}
	receive_tick(receiving);
	*out = receiving;
	return 0;
}

void receive_close(struct receiving *receiving)
{
	if (!receiving)
		return;
	for (unsigned i = 0; receiving->receivers && i < receiving->worker_count; i++) {
		weir_pool_cache_destroy(receiving->receivers[i].cache);
		free(receiving->receivers[i].ports);
		free(receiving->receivers[i].pkts);
	}
	for (unsigned i = 0; receiving->port && i < receiving->ports->count; i++) {
		for (unsigned id = 0; id < STREAMS_MAX; id++)
			free(receiving->port[i].measure[id]);
		capture_destroy(receiving->port[i].capture);
	}
	free(receiving->receivers);
	free(receiving->port);
	free(receiving);
}

struct receiver *receive_worker(struct receiving *receiving, unsigned worker)
{
	return &receiving->receivers[worker];
}

void receive_set_answer(struct receiving *receiving, unsigned port, const struct answer *answer)
{
	struct receive_port *receive = &receiving->port[port];

	receive->answer = *answer;
	memcpy(receive->answer.mac, receive->port->info.mac, 6);
}

struct capture *receive_capture(struct receiving *receiving, unsigned port)
{
	return receiving->port[port].capture;
}

void receive_clear(struct receiving *receiving)
{
	const struct timespec nap = { 0, CLEAR_NAP_NS };
	uint64_t now = pktgen_now(receiving->clock);

	for (unsigned i = 0; i < receiving->ports->count; i++) {
		struct receive_port *port = &receiving->port[i];

		__atomic_store_n(&port->since_wanted, now, __ATOMIC_RELAXED);
		__atomic_store_n(&port->clear_wanted, port->clear_wanted + 1, __ATOMIC_RELEASE);
	}
	for (unsigned i = 0; i < receiving->ports->count; i++)
		while (__atomic_load_n(&receiving->port[i].clear_done, __ATOMIC_ACQUIRE) !=
		           receiving->port[i].clear_wanted &&
		       !workers_stopping(receiving->workers))
			nanosleep(&nap, NULL);
}

/*
 * A device's clock is asked; other ports' times are those of the system's clock, and a file's are as they are.
 */
static int64_t clock_ahead(const struct receiving *receiving, struct port *port)
{
	uint64_t before = pktgen_now(receiving->clock), then;

	if (port->info.finite)
		return 0;
	if (weir_port_clock(port->weir, &then))
		return (int64_t)(pktgen_clock_read(CLOCK_REALTIME) - before);
	return (int64_t)(then - (before + (pktgen_now(receiving->clock) - before) / 2));
}

void receive_tick(struct receiving *receiving)
{
	for (unsigned i = 0; i < receiving->ports->count; i++)
		__atomic_store_n(&receiving->port[i].clock_ahead, clock_ahead(receiving, &receiving->ports->port[i]),
		                 __ATOMIC_RELAXED);
}

void receive_others_clear(struct receive_others *others)
{
	uint64_t *word = (uint64_t *)others;

	for (size_t i = 0; i < sizeof(*others) / sizeof(*word); i++)
		__atomic_store_n(&word[i], 0, __ATOMIC_RELAXED);
}

void receive_read(const struct receiving *receiving, int port, int id, struct measure_counts *counts,
                  struct latency *latency)
{
	unsigned first = port < 0 ? 0 : (unsigned)port, last = port < 0 ? receiving->ports->count : first + 1;
	unsigned from = id < 0 ? 0 : (unsigned)id, to = id < 0 ? STREAMS_MAX : from + 1;

	for (unsigned i = first; i < last; i++)
		for (unsigned j = from; j < to; j++) {
			const struct measure *measure = receive_known(&receiving->port[i], (uint16_t)j);
			struct measure_counts one;

			if (!measure)
				continue;
			measure_read(measure, &one);
			measure_add(counts, &one);
			if (latency)
				latency_add(latency, &measure->latency);
		}
}

void receive_read_others(const struct receiving *receiving, int port, struct receive_others *others)
{
	unsigned first = port < 0 ? 0 : (unsigned)port, last = port < 0 ? receiving->ports->count : first + 1;

	for (unsigned i = first; i < last; i++) {
		const struct receive_port *receive = &receiving->port[i];
		const uint64_t *from = (const uint64_t *)&receive->others;
		uint64_t *to = (uint64_t *)others;

		for (size_t j = 0; j < sizeof(*others) / sizeof(*to); j++)
			to[j] += __atomic_load_n(&from[j], __ATOMIC_RELAXED);
		others->arp += __atomic_load_n(&receive->answer.arp, __ATOMIC_RELAXED);
		others->ndp += __atomic_load_n(&receive->answer.ndp, __ATOMIC_RELAXED);
		others->ping += __atomic_load_n(&receive->answer.ping, __ATOMIC_RELAXED);
	}
}

int receive_next(const struct receiving *receiving, int id)
{
	for (; id < (int)STREAMS_MAX; id++)
		for (unsigned i = 0; i < receiving->ports->count; i++) {
			const struct measure *measure = receive_known(&receiving->port[i], (uint16_t)id);

			if (measure && (__atomic_load_n(&measure->counts.next, __ATOMIC_RELAXED) ||
			                __atomic_load_n(&measure->counts.corrupted, __ATOMIC_RELAXED)))
				return id;
		}
	return -1;
}
