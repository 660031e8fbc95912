/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ports joined in memory: `ring:a,b` receives from the ring named a and sends to the ring named b, so `ring:b,a` is the
 * other end. Names are a context's own. Any number of ports may name a ring, and any threads may use it: its sides are
 * shared. Queue number k of a port uses the k-th ring of each name.
 *
 * A ring lives as long as a port that names it. One that nobody sends to any more is not finished: somebody may come.
 *
 * Waiting costs the sender one load. The receiver says that it will wait (wire->armed), then looks again whether the
 * ring is empty; the sender pushes, then looks whether somebody waits. Neither may look before the other can see what it
 * did, or both miss each other and the receiver sleeps on. The receiver, who has time, makes all threads of the process
 * pass a barrier (membarrier(2)) between the two steps; so the sender, who has not, needs none. Where the system call is
 * missing, both do a read-modify-write of the same word instead: whichever comes second sees what the first did before.
 */
#include <linux/membarrier.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mem/mem.h"
#include "ring.h"

#define SLOTS_DEFAULT 1024
#define QUEUES_MAX    64

enum { SLOTS, QUEUES };

static const struct spec_option options[] = {
	[SLOTS] = { "slots", SPEC_NUMBER, .min = 1, .max = 1u << 20, .help = "slots=ENTRIES of each ring" },
	[QUEUES] = { "queues", SPEC_NUMBER, .min = 1, .max = QUEUES_MAX, .help = "queues=N" },
	{ .key = NULL },
};

struct ring_port {
	struct weir_port port;
	struct ring_wire *wires[2][QUEUES_MAX];
	unsigned opened[2];
};

static struct ring_port *ring_port(struct weir_port *port)
{
	return container_of(port, struct ring_port, port);
}

/* Wakes whoever waits. An event that cannot be written is one that is still unread. */
void ring_wake(struct ring_wire *wire)
{
	uint64_t one = 1;

	if (__atomic_exchange_n(&wire->armed, 0, __ATOMIC_ACQ_REL))
		(void)!write(wire->event, &one, sizeof(one));
}

/* --- waiting ---------------------------------------------------------------------------------------------------------- */

static int ring_rxq_fd(struct weir_rxq *rxq)
{
	return container_of(rxq, struct ring_rxq, rxq)->wire->event;
}

static int ring_rxq_arm(struct weir_rxq *rxq)
{
	struct ring_wire *wire = container_of(rxq, struct ring_rxq, rxq)->wire;
	uint64_t count;

	if (weir_ring_count(wire->ring))
		return 1;
	/* What woke us before is used up; if there was nothing, that is as well. */
	(void)!read(wire->event, &count, sizeof(count));
	(void)__atomic_exchange_n(&wire->armed, 1, __ATOMIC_ACQ_REL);
	if (!wire->strict)
		syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
	/* Stays armed in any case: another port may wait for the same ring. */
	return weir_ring_count(wire->ring) != 0;
}

/* --- names ------------------------------------------------------------------------------------------------------------ */

/*
 * Another port comes to a side of @wire. The second makes those that are there take turns from now on, and waits until
 * the first, which does not yet, has left the ring.
 */
static void side_join(struct ring_wire *wire, unsigned side)
{
	struct ring_side *joined = &wire->sides[side];

	if (!joined->users++ || joined->shared)
		return;
	__atomic_store_n(&joined->shared, 1, __ATOMIC_RELAXED);
	syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
	while (__atomic_load_n(&joined->busy, __ATOMIC_ACQUIRE))
		sched_yield();
}

static struct ring_wire *wire_find(struct weir *weir, const char *name, unsigned queue)
{
	struct ring_wire *wire = weir->wires;

	while (wire && (wire->queue != queue || strcmp(wire->name, name)))
		wire = wire->next;
	return wire;
}

static void wire_free(struct ring_wire *wire)
{
	weir_ring_destroy(wire->ring);
	if (wire->event >= 0)
		close(wire->event);
	free(wire);
}

static int wire_make(struct weir *weir, const char *name, unsigned queue, uint32_t slots, struct ring_wire **made)
{
	struct weir_ring_conf conf = { .name = name, .size = slots };
	struct ring_wire *wire = aligned_alloc(_Alignof(struct ring_wire), sizeof(*wire));
	int err;

	if (!wire)
		return weir_fail(weir, -ENOMEM, "no memory for the ring '%s'", name);
	memset(wire, 0, sizeof(*wire));
	snprintf(wire->name, sizeof(wire->name), "%s", name);
	wire->queue = queue;
	wire->strict = syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) < 0;
	wire->sides[FROM].shared = wire->sides[TO].shared = wire->strict;
	wire->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (wire->event < 0) {
		err = -errno;
		weir_fail(weir, err, "no event for the ring '%s': %s", name, strerror(-err));
	} else {
		err = weir_ring_create(weir, &conf, &wire->ring);
	}
	if (err) {
		wire_free(wire);
		return err;
	}
	*made = wire;
	return 0;
}

/*
 * Joins a side of the ring of that name and number, made if it is the first to be asked for. @slots 0: whatever it has.
 */
static int wire_get(struct weir_port *port, unsigned side, const char *name, unsigned queue, uint32_t slots,
                    struct ring_wire **got)
{
	struct weir *weir = port->weir;
	struct ring_wire *wire, *made = NULL;
	uint32_t size;
	int err;

	pthread_mutex_lock(&weir->lock);
	wire = wire_find(weir, name, queue);
	if (!wire) {
		pthread_mutex_unlock(&weir->lock);
		err = wire_make(weir, name, queue, slots ? slots : SLOTS_DEFAULT, &made);
		if (err)
			return err;
		pthread_mutex_lock(&weir->lock);
		wire = wire_find(weir, name, queue); /* another thread may have been faster */
	}
	if (!wire) {
		wire = made;
		made = NULL;
		wire->next = weir->wires;
		weir->wires = wire;
	}
	size = wire->ring->size;
	if (!slots || slots == size)
		side_join(wire, side);
	pthread_mutex_unlock(&weir->lock);
	if (made)
		wire_free(made);
	if (slots && slots != size)
		return weir_fail(weir, -EINVAL, "port '%s': the ring '%s' has %u slots already; leave slots= out",
		                 port->spec, name, size);
	*got = wire;
	return 0;
}

/* Frees what a ring still holds. */
static void ring_empty(struct weir *weir, struct weir_ring *ring)
{
	struct weir_pool_cache *cache;
	struct weir_pkt pkts[RING_ENTRIES_MAX];
	unsigned n;

	if (!weir_ring_count(ring) || pool_cache_create_stray(weir, &cache))
		return;
	while ((n = weir_ring_pop(ring, pkts, RING_ENTRIES_MAX)))
		weir_pool_free(cache, pkts, n);
	weir_pool_cache_destroy(cache);
}

static void wire_put(struct weir *weir, struct ring_wire *wire, unsigned side)
{
	struct ring_wire **link;

	pthread_mutex_lock(&weir->lock);
	wire->sides[side].users--;
	if (wire->sides[FROM].users || wire->sides[TO].users) {
		pthread_mutex_unlock(&weir->lock);
		return;
	}
	for (link = &weir->wires; *link != wire; link = &(*link)->next)
		;
	*link = wire->next;
	pthread_mutex_unlock(&weir->lock);
	ring_empty(weir, wire->ring);
	wire_free(wire);
}

/* --- the life of a port ----------------------------------------------------------------------------------------------- */

static int ring_close(struct weir_port *port)
{
	struct ring_port *p = ring_port(port);

	for (unsigned side = 0; side < 2; side++)
		while (p->opened[side])
			wire_put(port->weir, p->wires[side][--p->opened[side]], side);
	return 0;
}

/* Queues are counted here, before the library does, so that a name has its rings from the moment a port is open. */
static int side_open(struct weir_port *port, unsigned side, const char *name, unsigned queues, uint32_t slots)
{
	struct ring_port *p = ring_port(port);
	int err = 0;

	if (strlen(name) >= sizeof(p->wires[0][0]->name))
		return weir_fail(port->weir, -EINVAL, "port '%s': the name '%s' is longer than %zu characters",
		                 port->spec, name, sizeof(p->wires[0][0]->name) - 1);
	if (!queues)
		queues = 1;
	while (!err && p->opened[side] < queues && p->opened[side] < QUEUES_MAX) {
		err = wire_get(port, side, name, p->opened[side], slots, &p->wires[side][p->opened[side]]);
		if (!err)
			p->opened[side]++;
	}
	return err;
}

static int ring_open(struct weir_port *port, const struct spec *spec)
{
	struct ring_port *p = ring_port(port);
	struct weir_port_info *info = &port->info;
	uint32_t slots = (uint32_t)spec->value[SLOTS].number;
	unsigned queues = (unsigned)spec->value[QUEUES].number;
	int err;

	err = side_open(port, FROM, spec->word[FROM], queues ? queues : port->conf.rx_queues, slots);
	if (!err)
		err = side_open(port, TO, spec->word[TO], queues ? queues : port->conf.tx_queues, slots);
	if (err) {
		ring_close(port);
		return err;
	}
	snprintf(info->name, sizeof(info->name), "%.30s,%.30s", spec->word[FROM], spec->word[TO]);
	info->receives = info->sends = info->can_wait = true;
	info->rx_queues_max = info->tx_queues_max = QUEUES_MAX;
	info->rx_queues = info->tx_queues = queues;
	info->rx_slots = p->wires[FROM][0]->ring->size;
	info->tx_slots = p->wires[TO][0]->ring->size;
	info->rx_entries_max = RING_ENTRIES_MAX;
	info->offloads = WEIR_OFFLOAD_TX_CSUM | WEIR_OFFLOAD_TX_VLAN; /* the other end is told what is to be done */
	return 0;
}

static int ring_start(struct weir_port *port)
{
	static const struct {
		ring_rx_fn *rx;
		ring_tx_fn *tx;
	} bursts[] = {
		{ ring_rx_v1, ring_tx_v1 },
#if defined(__x86_64__)
		{ ring_rx_v1, ring_tx_v1 }, /* nothing of its own */
		{ ring_rx_v3, ring_tx_v3 },
		{ ring_rx_v4, ring_tx_v4 },
#endif
	};
	struct ring_port *p = ring_port(port);
	unsigned level = port->weir->cpu_level - 1;

	for (unsigned i = 0; i < port->info.rx_queues; i++) {
		container_of(port->rxqs[i], struct ring_rxq, rxq)->wire = p->wires[FROM][i];
		port->rxqs[i]->burst = bursts[level].rx;
	}
	for (unsigned i = 0; i < port->info.tx_queues; i++) {
		container_of(port->txqs[i], struct ring_txq, txq)->wire = p->wires[TO][i];
		port->txqs[i]->burst = bursts[level].tx;
	}
	return 0;
}

/* Wakes others that wait for the same rings: what woke us may have been for them. */
static int ring_stop(struct weir_port *port)
{
	for (unsigned i = 0; i < port->info.rx_queues; i++)
		ring_wake(ring_port(port)->wires[FROM][i]);
	return 0;
}

const struct weir_driver ring_driver = {
	.name = "ring",
	.help = "ring:FROM,TO[,slots=ENTRIES][,queues=N]  from one named ring in this process, to another",
	.words_min = 2,
	.words_max = 2,
	.options = options,
	.port_size = sizeof(struct ring_port),
	.rxq_size = sizeof(struct ring_rxq),
	.txq_size = sizeof(struct ring_txq),
	.open = ring_open,
	.start = ring_start,
	.stop = ring_stop,
	.close = ring_close,
	.rxq_fd = ring_rxq_fd,
	.rxq_arm = ring_rxq_arm,
};
