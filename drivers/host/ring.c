/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ports joined in memory: `ring:a,b` receives from the ring named a and sends to the ring named b, so `ring:b,a` is the
 * other end. Names are a context's own. Any number of ports may name a ring, and any threads may use it: its sides are
 * shared. Queue number k of a port uses the k-th ring of each name.
 *
 * A ring lives as long as a port that names it. One that nobody sends to any more is not finished: somebody may come.
 *
 * Waiting costs the sender one load. The receiver says that it will wait (wire->armed), then looks again whether the
 * ring is empty; the sender pushes, then looks whether somebody waits. Each must not look before the other can see what
 * it did. The receiver, who has time, makes all threads of the process pass a barrier (membarrier(2)) between the two
 * steps; so the sender, who has not, needs none, where the system call exists.
 */
#include <linux/membarrier.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mem/mem.h"
#include "port/driver.h"

#define SLOTS_DEFAULT 1024
#define ENTRIES_MAX   128u /* of one packet: what every receiver has to have room for */
#define QUEUES_MAX    64

enum { SLOTS, QUEUES };

static const struct spec_option options[] = {
	[SLOTS] = { "slots", SPEC_NUMBER, .min = 1, .max = 1u << 20, .help = "slots=ENTRIES of each ring" },
	[QUEUES] = { "queues", SPEC_NUMBER, .min = 1, .max = QUEUES_MAX, .help = "queues=N" },
	{ .key = NULL },
};

/* A ring with a name, in weir->wires. */
struct ring_name {
	struct ring_name *next;
	char name[64];
	unsigned queue;
	unsigned users;
	struct weir_ring *ring;
	int event;      /* readable when packets are there for somebody who waits */
	unsigned armed; /* somebody waits */
	bool strict;    /* membarrier() is not to be had: a sender's look at armed has to be a barrier itself */
};

struct ring_port {
	struct weir_port port;
	char names[2][64]; /* to receive from, to send to */
	uint32_t slots;
	struct ring_name *wires[2][QUEUES_MAX];
	unsigned opened[2];
};

struct ring_rxq {
	struct weir_rxq rxq;
	struct ring_name *wire;
};

struct ring_txq {
	struct weir_txq txq;
	struct ring_name *wire;
};

static struct ring_port *ring_port(struct weir_port *port)
{
	return container_of(port, struct ring_port, port);
}

/* --- the data path ---------------------------------------------------------------------------------------------------- */

static unsigned ring_rx(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	struct ring_rxq *q = container_of(rxq, struct ring_rxq, rxq);
	unsigned got = weir_ring_pop(q->wire->ring, pkts, n);

	queue_count(&rxq->stats, weir_pkt_count(pkts, got), weir_pkt_bytes(pkts, got));
	return got;
}

static bool somebody_waits(struct ring_name *wire)
{
	return unlikely(wire->strict) ? __atomic_fetch_or(&wire->armed, 0, __ATOMIC_SEQ_CST)
	                              : __atomic_load_n(&wire->armed, __ATOMIC_RELAXED);
}

static void wake(struct ring_name *wire)
{
	uint64_t one = 1;

	if (__atomic_exchange_n(&wire->armed, 0, __ATOMIC_ACQ_REL) && write(wire->event, &one, sizeof(one)) < 0)
		__atomic_store_n(&wire->armed, 1, __ATOMIC_RELEASE);
}

/*
 * A burst with something that no receiver could take: a packet of more entries than fit, or one to be cut into segments.
 * Sends up to the first such packet, or drops it if it is the first.
 */
static unsigned tx_odd(struct ring_txq *q, const struct weir_pkt *pkts, unsigned n)
{
	struct weir_ring *ring = q->wire->ring;
	unsigned most = ring->size < ENTRIES_MAX ? ring->size : ENTRIES_MAX, good = 0, entries = 0;
	bool segments = false;

	while (good < n) {
		entries = weir_pkt_entries(pkts + good, n - good);
		segments = pkts[good].flags & WEIR_PKT_TX_TSO;
		if (!entries || entries > most || segments)
			break;
		good += entries;
	}
	if (good || !entries)
		return good ? weir_ring_push(ring, pkts, good) : 0;
	weir_pool_free(q->txq.cache, pkts, entries);
	queue_drop(&q->txq.stats, segments ? WEIR_DROP_OFFLOAD : WEIR_DROP_TOO_LONG, 1);
	return 0;
}

static unsigned ring_tx(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n)
{
	struct ring_txq *q = container_of(txq, struct ring_txq, txq);
	uint64_t dropped = txq->stats.drops[WEIR_DROP_OFFLOAD] + txq->stats.drops[WEIR_DROP_TOO_LONG];
	unsigned flags = 0, sent;

	for (unsigned i = 0; i < n; i++)
		flags |= pkts[i].flags;
	if (likely(!(flags & (WEIR_PKT_MORE | WEIR_PKT_TX_TSO)))) {
		sent = weir_ring_push(q->wire->ring, pkts, n);
	} else {
		sent = tx_odd(q, pkts, n);
		if (txq->stats.drops[WEIR_DROP_OFFLOAD] + txq->stats.drops[WEIR_DROP_TOO_LONG] != dropped)
			return weir_pkt_entries(pkts, n); /* taken, and dropped */
	}
	queue_count(&txq->stats, weir_pkt_count(pkts, sent), weir_pkt_bytes(pkts, sent));
	if (sent && unlikely(somebody_waits(q->wire)))
		wake(q->wire);
	return sent;
}

/* --- waiting ---------------------------------------------------------------------------------------------------------- */

static int ring_rxq_fd(struct weir_rxq *rxq)
{
	return container_of(rxq, struct ring_rxq, rxq)->wire->event;
}

static int ring_rxq_arm(struct weir_rxq *rxq)
{
	struct ring_name *wire = container_of(rxq, struct ring_rxq, rxq)->wire;
	uint64_t count;

	if (weir_ring_count(wire->ring))
		return 1;
	/* What woke us before is used up; if there was nothing, that is as well. */
	(void)!read(wire->event, &count, sizeof(count));
	(void)__atomic_exchange_n(&wire->armed, 1, __ATOMIC_SEQ_CST);
	if (!wire->strict)
		syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
	if (!weir_ring_count(wire->ring))
		return 0;
	__atomic_store_n(&wire->armed, 0, __ATOMIC_RELAXED);
	return 1;
}

/* --- names ------------------------------------------------------------------------------------------------------------ */

static struct ring_name *wire_find(struct weir *weir, const char *name, unsigned queue)
{
	struct ring_name *wire = weir->wires;

	while (wire && (wire->queue != queue || strcmp(wire->name, name)))
		wire = wire->next;
	return wire;
}

static struct ring_name *wire_make(struct weir *weir, const char *name, unsigned queue, uint32_t slots)
{
	struct weir_ring_conf conf = { .name = name, .size = slots };
	struct ring_name *wire = calloc(1, sizeof(*wire));
	int err;

	if (!wire) {
		weir_fail(weir, -ENOMEM, "no memory for the ring '%s'", name);
		return NULL;
	}
	snprintf(wire->name, sizeof(wire->name), "%s", name);
	wire->queue = queue;
	wire->strict = syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) < 0;
	wire->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (wire->event < 0) {
		err = -errno;
		weir_fail(weir, err, "no event for the ring '%s': %s", name, strerror(-err));
		goto free;
	}
	if (weir_ring_create(weir, &conf, &wire->ring))
		goto close;
	return wire;

close:
	close(wire->event);
free:
	free(wire);
	return NULL;
}

/* The ring of that name and number, made if it is the first to be asked for. */
static int wire_get(struct weir_port *port, unsigned side, unsigned queue)
{
	struct ring_port *p = ring_port(port);
	struct weir *weir = port->weir;
	struct ring_name *wire, *made = NULL;

	pthread_mutex_lock(&weir->lock);
	wire = wire_find(weir, p->names[side], queue);
	if (!wire) {
		pthread_mutex_unlock(&weir->lock);
		made = wire_make(weir, p->names[side], queue, p->slots);
		if (!made)
			return -ENOMEM;
		pthread_mutex_lock(&weir->lock);
		wire = wire_find(weir, p->names[side], queue); /* another thread may have been faster */
	}
	if (!wire) {
		wire = made;
		made = NULL;
		wire->next = weir->wires;
		weir->wires = wire;
	}
	wire->users++;
	pthread_mutex_unlock(&weir->lock);
	if (made) {
		weir_ring_destroy(made->ring);
		close(made->event);
		free(made);
	}
	p->wires[side][queue] = wire;
	p->opened[side]++;
	return 0;
}

/* Frees what a ring still holds. */
static void ring_empty(struct weir *weir, struct weir_ring *ring)
{
	struct weir_pool_cache *cache;
	struct weir_pkt pkts[ENTRIES_MAX];
	unsigned n;

	if (!weir_ring_count(ring) || pool_cache_create_stray(weir, &cache))
		return;
	while ((n = weir_ring_pop(ring, pkts, ENTRIES_MAX)))
		weir_pool_free(cache, pkts, n);
	weir_pool_cache_destroy(cache);
}

static void wire_put(struct weir *weir, struct ring_name *wire)
{
	struct ring_name **link;

	pthread_mutex_lock(&weir->lock);
	if (--wire->users) {
		pthread_mutex_unlock(&weir->lock);
		return;
	}
	for (link = &weir->wires; *link != wire; link = &(*link)->next)
		;
	*link = wire->next;
	pthread_mutex_unlock(&weir->lock);
	ring_empty(weir, wire->ring);
	weir_ring_destroy(wire->ring);
	close(wire->event);
	free(wire);
}

/* --- the life of a port ----------------------------------------------------------------------------------------------- */

static int ring_close(struct weir_port *port)
{
	struct ring_port *p = ring_port(port);

	for (unsigned side = 0; side < 2; side++)
		while (p->opened[side])
			wire_put(port->weir, p->wires[side][--p->opened[side]]);
	return 0;
}

static int ring_open(struct weir_port *port, const struct spec *spec)
{
	struct ring_port *p = ring_port(port);
	struct weir_port_info *info = &port->info;
	unsigned queues[2];
	int err = 0;

	for (unsigned side = 0; side < 2; side++) {
		if (strlen(spec->word[side]) >= sizeof(p->names[side]))
			return weir_fail(port->weir, -EINVAL, "port '%s': the name '%s' is longer than %zu characters",
			                 port->spec, spec->word[side], sizeof(p->names[side]) - 1);
		memcpy(p->names[side], spec->word[side], strlen(spec->word[side]) + 1);
	}
	p->slots = spec->value[SLOTS].set ? (uint32_t)spec->value[SLOTS].number : SLOTS_DEFAULT;
	snprintf(info->name, sizeof(info->name), "%.30s,%.30s", p->names[0], p->names[1]);
	info->receives = info->sends = info->can_wait = true;
	info->rx_queues_max = info->tx_queues_max = QUEUES_MAX;
	info->rx_queues = info->tx_queues = (unsigned)spec->value[QUEUES].number;
	info->rx_slots = info->tx_slots = p->slots;
	info->rx_entries_max = ENTRIES_MAX;
	info->offloads = WEIR_OFFLOAD_TX_CSUM | WEIR_OFFLOAD_TX_VLAN; /* the other end is told what is to be done */
	queues[0] = info->rx_queues ? info->rx_queues : port->conf.rx_queues;
	queues[1] = info->tx_queues ? info->tx_queues : port->conf.tx_queues;
	for (unsigned side = 0; side < 2 && !err; side++)
		for (unsigned i = 0; i < (queues[side] ? queues[side] : 1) && i < QUEUES_MAX && !err; i++)
			err = wire_get(port, side, i);
	if (err)
		ring_close(port);
	return err;
}

static int ring_start(struct weir_port *port)
{
	struct ring_port *p = ring_port(port);

	for (unsigned i = 0; i < port->info.rx_queues; i++) {
		container_of(port->rxqs[i], struct ring_rxq, rxq)->wire = p->wires[0][i];
		port->rxqs[i]->burst = ring_rx;
	}
	for (unsigned i = 0; i < port->info.tx_queues; i++) {
		container_of(port->txqs[i], struct ring_txq, txq)->wire = p->wires[1][i];
		port->txqs[i]->burst = ring_tx;
	}
	return 0;
}

static int ring_stop(struct weir_port *port)
{
	(void)port;
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
