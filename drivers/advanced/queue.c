/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Queues: their memory, the tables that the data path looks into, and which burst they run.
 */
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "port/registers.h"
#include "queue.h"

#define RX_SLOTS 512u /* when nobody says how many */
#define TX_SLOTS 512u

/* Registers of a ring, from its first one on. */
enum { RING_LOW = 0x00, RING_HIGH = 0x04, RING_BYTES = 0x08, RING_HEAD = 0x10, RING_TAIL = 0x18 };

#define WORK_LITTLE 16u /* at a wake-up: packets, and as much again for each 512 bytes */
#define WORK_MUCH   128u

/* What WEIR_OFFLOAD_RX_CSUM is about. */
#define RX_CSUM_FLAGS \
	(WEIR_PKT_L3 | WEIR_PKT_L4 | WEIR_PKT_IP_GOOD | WEIR_PKT_IP_BAD | WEIR_PKT_L4_GOOD | WEIR_PKT_L4_BAD)

/* --- sizes ---------------------------------------------------------------------------------------------------------------- */

static int decide(struct weir_port *port, unsigned wanted, unsigned otherwise, const char *what, unsigned *slots)
{
	*slots = otherwise;
	if (!wanted)
		return 0;
	if (wanted > ADV_SLOTS_MAX)
		return weir_fail(port->weir, -EINVAL, "port '%s': %u %s slots asked for; it takes %u to %u", port->spec,
		                 wanted, what, ADV_SLOTS_MIN, ADV_SLOTS_MAX);
	for (*slots = ADV_SLOTS_MIN; *slots < wanted;)
		*slots *= 2;
	return 0;
}

static int decide_slots(struct weir_port *port)
{
	int err = decide(port, port->conf.rx_slots, RX_SLOTS, "receive", &port->info.rx_slots);

	return err ? err : decide(port, port->conf.tx_slots, TX_SLOTS, "transmit", &port->info.tx_slots);
}

int adv_decide_rings(struct weir_port *port, unsigned entries, const char *least)
{
	int err = decide_slots(port);

	if (err)
		return err;
	port->info.rx_entries_max = entries;
	if (port->conf.pool && !entries)
		return weir_fail(port->weir, -EINVAL,
		                 "port '%s': the pool's buffers have %u bytes behind the headroom; the device needs %s",
		                 port->spec, weir_pool_room(port->conf.pool) - weir_pool_headroom(port->conf.pool),
		                 least);
	return 0;
}

int adv_take_entries(struct weir_port *port, unsigned mtu, unsigned entries)
{
	if (!port->info.started)
		port->info.rx_entries_max = entries;
	else if (entries > port->info.rx_entries_max)
		return weir_fail(
		    port->weir, -EBUSY,
		    "port '%s': with an MTU of %u a packet takes %u buffers instead of %u; stop the port first",
		    port->spec, mtu, entries, port->info.rx_entries_max);
	return 0;
}

void adv_set_frame_max(struct weir_port *port, uint32_t rx, uint32_t tx)
{
	if (!port->info.started)
		return;
	for (unsigned i = 0; i < port->info.rx_queues; i++)
		__atomic_store_n(&adv_rxq(port->rxqs[i])->frame_max, rx, __ATOMIC_RELAXED);
	for (unsigned i = 0; i < port->info.tx_queues; i++)
		__atomic_store_n(&adv_txq(port->txqs[i])->frame_max, tx, __ATOMIC_RELAXED);
}

/* Whole KiB, up to 16 (8.2.3.8.7). */
unsigned adv_buffer_room(const struct weir_pool *pool)
{
	unsigned room = weir_pool_room(pool) - weir_pool_headroom(pool);

	return room > 16 * KIB(1) ? 16 * KIB(1) : room / 1024 * 1024;
}

unsigned adv_entries(const struct weir_port *port, unsigned bytes)
{
	unsigned room = port->conf.pool ? adv_buffer_room(port->conf.pool) : 0;

	return room ? (bytes + room - 1) / room : 0;
}

/* --- memory ---------------------------------------------------------------------------------------------------------------- */

static int ring_alloc(struct weir_port *port, uint32_t slots, void *ring)
{
	int node = port->info.node >= 0 ? WEIR_NODE(port->info.node) : WEIR_NODE_ANY;

	/* Sizes are powers of two: a ring that is aligned to its own lies in one page (BUS_PAGE). */
	return weir_mem_alloc(port->weir, (uint64_t)slots * 16, (uint64_t)slots * 16, node, ring);
}

static uint64_t ring_iova(const struct weir_port *port, const void *ring)
{
	return bus_iova(port->device->domain->pages, (uint64_t)((const uint8_t *)ring - weir_mem_base(port->weir)));
}

/* RDBAL to RDT and TDBAL to TDT stand in the same order on all cards. */
void adv_write_ring(const struct weir_port *port, uint32_t first, const void *ring, uint32_t slots)
{
	uint64_t iova = ring_iova(port, ring);

	port_write(port, first + RING_LOW, (uint32_t)iova);
	port_write(port, first + RING_HIGH, (uint32_t)(iova >> 32));
	port_write(port, first + RING_BYTES, slots * 16);
	port_write(port, first + RING_HEAD, 0);
	port_write(port, first + RING_TAIL, 0);
}

static int no_memory(struct weir_port *port, uint32_t slots)
{
	return weir_fail(port->weir, -ENOMEM, "port '%s': no memory for %u slots", port->spec, slots);
}

/* --- receive ----------------------------------------------------------------------------------------------------------------- */

/* What descriptors say, in a packet's flags: tables, so that the data path does not ask. */
static void fill_tables(struct adv_rxq *q, uint32_t offloads)
{
	static const uint16_t l4[8] = { 0, WEIR_PKT_TCP, WEIR_PKT_UDP, 0, WEIR_PKT_SCTP, 0, 0, 0 };

	memset(q->verdicts, 0, sizeof(q->verdicts));
	memset(q->types, 0, sizeof(q->types));
	if (!(offloads & WEIR_OFFLOAD_RX_CSUM))
		return;
	for (unsigned i = 0; i < 16; i++) { /* L4CS, IPCS, L4E, IPE from the lowest bit on */
		if (i & 1)
			q->verdicts[i] |= i & 4 ? WEIR_PKT_L4_BAD : WEIR_PKT_L4_GOOD;
		if (i & 2)
			q->verdicts[i] |= i & 8 ? WEIR_PKT_IP_BAD : WEIR_PKT_IP_GOOD;
	}
	for (unsigned i = 0; i < 128; i++) { /* IPv4, with options, IPv6, with extensions, TCP, UDP, SCTP */
		if (i & 3)
			q->types[i] =
			    WEIR_PKT_IPV4; /* the outer one, if there are two: then of layer 4 nothing is known */
		else if (i & 12)
			q->types[i] = WEIR_PKT_IPV6;
		if (!(i & 3) != !(i & 12))
			q->types[i] |= l4[i >> 4];
	}
}

int adv_rxq_open(struct adv_rxq *q, const struct adv_rx_setup *setup)
{
	struct weir_port *port = q->rxq.port;
	uint32_t slots = port->info.rx_slots, offloads = port->conf.offloads;
	void *ring;
	int err;

	q->ring = NULL;
	q->unfit_count = 0;
	q->unfit = setup->within_64k ? calloc(weir_pool_count(port->conf.pool), sizeof(*q->unfit)) : NULL;
	q->bufs = calloc(slots, sizeof(*q->bufs));
	if (!q->bufs || (setup->within_64k && !q->unfit))
		return no_memory(port, slots);
	err = ring_alloc(port, slots, &ring);
	if (err)
		return err;
	q->ring = ring;
	q->slots = slots;
	q->mask = slots - 1;
	q->head = q->tail = 0;
	q->skip = false;
	memset(&q->gap, 0, sizeof(q->gap));
	memset(&q->stuck, 0, sizeof(q->stuck));
	q->family = setup->family;
	q->within_64k = setup->within_64k;
	q->room = setup->room;
	q->frame_max = setup->frame_max;
	q->entries_max = port->info.rx_entries_max;
	q->headroom = (uint16_t)weir_pool_headroom(port->conf.pool);
	q->iova = BUS_IOVA_BASE + q->headroom;
	q->pages = port->device->domain->pages;
	q->placed = q->pages || q->within_64k;
	q->doubted = setup->doubted ? setup->doubted : (uint16_t)~0u;
	q->wanted = (offloads & WEIR_OFFLOAD_RX_HASH ? WEIR_PKT_HASH : 0) |
	            (offloads & WEIR_OFFLOAD_RX_VLAN ? WEIR_PKT_VLAN : 0) |
	            (offloads & WEIR_OFFLOAD_RX_CSUM ? RX_CSUM_FLAGS : 0) |
	            (offloads & WEIR_OFFLOAD_RX_META ? WEIR_PKT_META : 0);
	fill_tables(q, offloads);
	q->looked_at = RXD_EOP | q->family->damaged | (q->wanted & WEIR_PKT_META ? q->family->noted : 0);
	bus_doorbell(port->device, 0, setup->tail, &q->tail_bell);
	return 0;
}

void adv_rxq_close(struct adv_rxq *q)
{
	if (q->ring)
		for (; q->head != q->tail; q->head++)
			if (q->bufs[q->head & q->mask] != ADV_RX_TAKEN)
				weir_pool_free_bufs(q->rxq.cache, &q->bufs[q->head & q->mask], 1);
	if (q->unfit_count)
		weir_pool_free_bufs(q->rxq.cache, q->unfit, q->unfit_count);
	weir_mem_free(q->rxq.port->weir, q->ring);
	free(q->bufs);
	free(q->unfit);
	q->ring = NULL;
	q->bufs = q->unfit = NULL;
	q->unfit_count = 0;
}

void adv_rxq_choose(struct adv_rxq *q, const struct adv_bursts *bursts)
{
	/* cppcheck-suppress AssignmentIntegerToAddress; both are pointers to functions */
	q->rxq.burst = bursts->level[q->rxq.port->weir->cpu_level - 1];
	q->variant = bursts->name;
}

void adv_rxq_choose_least(struct adv_rxq *q, const struct adv_bursts *bursts)
{
	adv_rxq_choose(q, &bursts[q->wanted & WEIR_PKT_META ? 3 : q->entries_max > 1 ? 2 : q->wanted ? 1 : 0]);
}

static bool within_64k(const struct adv_rxq *q, uint32_t buf)
{
	uint64_t first = bus_iova(q->pages, ((uint64_t)buf << 6) + q->headroom);

	return first >> 16 == (first + q->room - 1) >> 16;
}

/*
 * Keeps those of the @n buffers that fit in front, with others in the places of the rest. What does not fit is put aside as
 * long as the queue is open: given back, it would be the first to come again. Returns how many there are.
 */
static uint32_t refit(struct adv_rxq *q, uint32_t *bufs, uint32_t n)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t buf = bufs[i], got = 1;

		while (got && !within_64k(q, buf)) {
			q->unfit[q->unfit_count++] = buf;
			got = weir_pool_alloc_bufs(q->rxq.cache, &buf, 1);
		}
		if (got)
			bufs[kept++] = buf;
	}
	return kept;
}

uint32_t adv_rxq_place(struct adv_rxq *q, uint32_t slot, uint32_t n)
{
	if (q->within_64k)
		n = refit(q, &q->bufs[slot], n);
	for (uint32_t i = slot; i < slot + n; i++)
		q->ring[i].read.packet = bus_iova(q->pages, ((uint64_t)q->bufs[i] << 6) + q->headroom);
	return n;
}

void adv_rxq_fill(struct adv_rxq *q)
{
	rx_refill(q);
}

bool adv_rxq_ready(const struct adv_rxq *q)
{
	return rx_done(q->family, q, q->head) & RXD_DD && q->head != q->tail;
}

unsigned adv_rxq_adapt(struct adv_rxq *q, unsigned least, unsigned most)
{
	uint64_t done = q->rxq.stats.packets + q->rxq.stats.bytes / 512, work = done - q->work;

	q->work = done;
	if (work >= WORK_MUCH)
		return q->interval * 2 < most ? q->interval * 2 : most;
	if (work && work <= WORK_LITTLE)
		return q->interval / 2 > least ? q->interval / 2 : least;
	return q->interval;
}

/* --- transmit ---------------------------------------------------------------------------------------------------------------- */

int adv_txq_open(struct adv_txq *q, uint32_t frame_max, uint32_t tail)
{
	static adv_tx_fn *const bursts[] = LEVELS_BUT_2_OF(adv_tx);
	struct weir_port *port = q->txq.port;
	uint32_t slots = port->info.tx_slots;
	void *ring;
	int err;

	q->ring = NULL;
	q->sent = calloc(slots, sizeof(*q->sent));
	q->marks = calloc(slots, sizeof(*q->marks));
	if (!q->sent || !q->marks)
		return no_memory(port, slots);
	err = ring_alloc(port, slots, &ring);
	if (err)
		return err;
	q->ring = ring;
	q->slots = slots;
	q->mask = slots - 1;
	q->pages = port->device->domain->pages;
	q->head = q->tail = q->reported = 0;
	q->sent_head = q->sent_tail = 0;
	q->mark_head = q->mark_tail = 0;
	q->frame_max = frame_max;
	q->context = 0;
	q->asked = ADV_TX_NOTHING;
	q->stamp = false;
	memset(q->contexts, 0, sizeof(q->contexts)); /* no context is all zeros */
	memset(&q->full, 0, sizeof(q->full));
	memset(&q->stuck, 0, sizeof(q->stuck));
	memset(&q->silent, 0, sizeof(q->silent));
	bus_doorbell(port->device, 0, tail, &q->tail_bell);
	q->txq.burst = bursts[port->weir->cpu_level - 1];
	return 0;
}

void adv_txq_close(struct adv_txq *q)
{
	if (q->ring)
		for (; q->sent_head != q->sent_tail; q->sent_head++)
			weir_pool_free(q->txq.cache, &q->sent[q->sent_head & q->mask], 1);
	weir_mem_free(q->txq.port->weir, q->ring);
	free(q->sent);
	free(q->marks);
	q->ring = NULL;
	q->sent = NULL;
	q->marks = NULL;
}

void adv_txq_drain(struct adv_txq *q, uint32_t first, uint64_t deadline_ns)
{
	const struct weir_port *port = q->txq.port;

	if (!q->ring)
		return;
	while (now_ns() < deadline_ns && port_read(port, first + RING_HEAD) != port_read(port, first + RING_TAIL))
		sleep_us(50);
	adv_tx_reclaim_v1(q);
}

/* --- sentences -------------------------------------------------------------------------------------------------------------- */

int adv_does_not_start(struct weir_port *port, int err, const char *what, unsigned index)
{
	return weir_fail(port->weir, err, "port '%s': %s queue %u does not start; close the port", port->spec, what,
	                 index);
}

int adv_does_not_stop(struct weir_port *port, int err, const char *what, unsigned index)
{
	return weir_fail(port->weir, err, "port '%s': %s queue %u does not stop; stop the port", port->spec, what,
	                 index);
}
