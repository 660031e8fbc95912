/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Queues: their memory, and what of the device is theirs.
 */
#include <stdlib.h>
#include <string.h>

#include "e1000.h"

#define RX_SLOTS 512u /* when nobody says how many */
#define TX_SLOTS 512u

/* What WEIR_OFFLOAD_RX_CSUM is about. */
#define RX_CSUM_FLAGS (WEIR_PKT_IP_GOOD | WEIR_PKT_IP_BAD | WEIR_PKT_L4_GOOD | WEIR_PKT_L4_BAD)

/* Descriptors fetched when fewer are at hand, if so many are ready; written back when so many are done. */
#define RXD_AHEAD 32u
#define RXD_HOST  8u
#define TXD_AHEAD 31u
#define TXD_HOST  8u
#define TXD_WRITE 1u

#define PCIX_PIECE 2015u /* ERRATUM_PCIX */

/* --- sizes ---------------------------------------------------------------------------------------------------------------- */

/* A size of buffers, and how RCTL says it (317453, 13.4.22). */
static const struct buffer_size {
	unsigned bytes;
	uint32_t rctl;
} buffer_sizes[] = {
	{ 16384, RCTL_BSEX | 1u << 16 },
	{ 8192, RCTL_BSEX | 2u << 16 },
	{ 4096, RCTL_BSEX | 3u << 16 },
	{ 2048, 0u << 16 },
	{ 1024, 1u << 16 },
	{ 512, 2u << 16 },
	{ 256, 3u << 16 },
	{ 0, 0 },
};

/* The largest that the pool's buffers have room for. */
static const struct buffer_size *buffer_size(const struct e1000 *card)
{
	const struct weir_pool *pool = card->nic.port.conf.pool;
	const struct buffer_size *size = buffer_sizes;
	unsigned room = pool ? weir_pool_room(pool) - weir_pool_headroom(pool) : 0;

	while (size->bytes > room)
		size++;
	return size;
}

uint32_t e1000_buffer_size(struct e1000 *card)
{
	return buffer_size(card)->rctl;
}

/* Bytes of the longest frame, without CRC. */
static unsigned longest(unsigned mtu)
{
	return mtu + GIGABIT_OVERHEAD - 4 + GIGABIT_TAG;
}

unsigned e1000_entries(struct e1000 *card, unsigned mtu)
{
	unsigned room = buffer_size(card)->bytes;

	return room ? (longest(mtu) + room - 1) / room : 0;
}

static int decide_slots(struct weir_port *port, unsigned wanted, unsigned otherwise, const char *what, unsigned *slots)
{
	*slots = otherwise;
	if (!wanted)
		return 0;
	if (wanted > E1000_SLOTS_MAX)
		return weir_fail(port->weir, -EINVAL, "port '%s': %u %s slots asked for; it takes %u to %u", port->spec,
		                 wanted, what, E1000_SLOTS_MIN, E1000_SLOTS_MAX);
	for (*slots = E1000_SLOTS_MIN; *slots < wanted;)
		*slots *= 2;
	return 0;
}

int e1000_decide_rings(struct e1000 *card)
{
	struct weir_port *port = &card->nic.port;
	int err;

	err = decide_slots(port, port->conf.rx_slots, RX_SLOTS, "receive", &port->info.rx_slots);
	if (!err)
		err = decide_slots(port, port->conf.tx_slots, TX_SLOTS, "transmit", &port->info.tx_slots);
	if (err)
		return err;
	port->info.rx_entries_max = e1000_entries(card, port->info.mtu);
	if (port->conf.pool && !port->info.rx_entries_max)
		return weir_fail(
		    port->weir, -EINVAL,
		    "port '%s': the pool's buffers have %u bytes behind the headroom; the device needs 256", port->spec,
		    weir_pool_room(port->conf.pool) - weir_pool_headroom(port->conf.pool));
	return 0;
}

/* --- memory ---------------------------------------------------------------------------------------------------------------- */

static int ring_alloc(struct e1000 *card, uint32_t slots, void *ring)
{
	struct weir_port *port = &card->nic.port;
	int node = port->info.node >= 0 ? WEIR_NODE(port->info.node) : WEIR_NODE_ANY;

	/* Sizes are powers of two: a ring that is aligned to its own lies in one page (BUS_PAGE), or 64 KiB. */
	return weir_mem_alloc(port->weir, (uint64_t)slots * 16, (uint64_t)slots * 16, node, ring);
}

static uint64_t ring_iova(struct e1000 *card, const void *ring)
{
	return bus_iova(card->nic.port.device->domain->pages,
	                (uint64_t)((const uint8_t *)ring - weir_mem_base(card->nic.port.weir)));
}

#if defined(__x86_64__)
#define LEVELS_OF(fn)                              \
	{                                          \
		fn##_v1, fn##_v2, fn##_v3, fn##_v4 \
	}
#else
#define LEVELS_OF(fn)   \
	{               \
		fn##_v1 \
	}
#endif

/* The least that does what is asked of the queue. */
static void choose_rx(struct e1000_rxq *q, bool extended, unsigned level)
{
	static e1000_rx_fn *const bursts[2][2][4] = {
		{ LEVELS_OF(e1000_rx_legacy_plain), LEVELS_OF(e1000_rx_legacy_full) },
		{ LEVELS_OF(e1000_rx_extended_plain), LEVELS_OF(e1000_rx_extended_full) },
	};
	bool full = q->wanted || q->entries_max > 1;

	q->rxq.burst = bursts[extended][full][level - 1];
	q->variant = !full ? "plain" : q->entries_max > 1 ? "chains" : "offloads";
}

int e1000_rxq_open(struct e1000 *card, struct e1000_rxq *q)
{
	struct weir_port *port = &card->nic.port;
	uint32_t slots = port->info.rx_slots;
	void *ring;
	int err;

	q->ring = NULL;
	q->bufs = calloc(slots, sizeof(*q->bufs));
	if (!q->bufs)
		return weir_fail(port->weir, -ENOMEM, "port '%s': no memory for %u slots", port->spec, slots);
	err = ring_alloc(card, slots, &ring);
	if (err)
		return err;
	q->ring = ring;
	q->slots = slots;
	q->mask = slots - 1;
	q->head = q->tail = 0;
	q->skip = false;
	memset(&q->gap, 0, sizeof(q->gap));
	memset(&q->stuck, 0, sizeof(q->stuck));
	q->room = buffer_size(card)->bytes;
	q->frame_max = longest(port->info.mtu);
	q->entries_max = port->info.rx_entries_max;
	q->headroom = (uint16_t)weir_pool_headroom(port->conf.pool);
	q->pages = port->device->domain->pages;
	q->within_64k = card->nic.kind->mac == GIGABIT_82545EM || card->nic.kind->mac == GIGABIT_82546EB;
	q->wanted = (port->conf.offloads & WEIR_OFFLOAD_RX_HASH ? WEIR_PKT_HASH : 0) |
	            (port->conf.offloads & WEIR_OFFLOAD_RX_VLAN ? WEIR_PKT_VLAN : 0) |
	            (port->conf.offloads & WEIR_OFFLOAD_RX_CSUM ? RX_CSUM_FLAGS : 0);
	bus_doorbell(port->device, 0, E1000_AT(RDT, q->rxq.index), &q->tail_bell);
	choose_rx(q, card->extended, port->weir->cpu_level);
	return 0;
}

void e1000_rxq_close(struct e1000_rxq *q)
{
	if (q->ring)
		for (; q->head != q->tail; q->head++)
			weir_pool_free_bufs(q->rxq.cache, &q->bufs[q->head & q->mask], 1);
	weir_mem_free(q->rxq.port->weir, q->ring);
	free(q->bufs);
	q->ring = NULL;
	q->bufs = NULL;
}

int e1000_txq_open(struct e1000 *card, struct e1000_txq *q)
{
	static e1000_tx_fn *const bursts[] = LEVELS_OF(e1000_tx);
	struct weir_port *port = &card->nic.port;
	uint32_t slots = port->info.tx_slots;
	bool pcix = is_8254x(&card->nic) && reg_get(&card->nic, E1000_STATUS) & STATUS_PCIX;
	void *ring;
	int err;

	q->ring = NULL;
	q->sent = calloc(slots, sizeof(*q->sent));
	q->marks = calloc(slots, sizeof(*q->marks));
	if (!q->sent || !q->marks)
		return weir_fail(port->weir, -ENOMEM, "port '%s': no memory for %u slots", port->spec, slots);
	err = ring_alloc(card, slots, &ring);
	if (err)
		return err;
	q->ring = ring;
	q->slots = slots;
	q->mask = slots - 1;
	q->pages = port->device->domain->pages;
	q->head = q->tail = q->reported = 0;
	q->sent_head = q->sent_tail = 0;
	q->mark_head = q->mark_tail = 0;
	q->frame_max = port->info.mtu + GIGABIT_OVERHEAD;
	q->piece = pcix ? PCIX_PIECE : E1000_TX_PIECE;
	q->inserts = port->conf.offloads & WEIR_OFFLOAD_RX_VLAN;
	q->early = is_8254x(&card->nic);
	q->was_cut = false;
	q->asked = E1000_TX_NOTHING;
	memset(&q->context, 0, sizeof(q->context)); /* no context is all zeros */
	memset(&q->full, 0, sizeof(q->full));
	memset(&q->stuck, 0, sizeof(q->stuck));
	memset(&q->silent, 0, sizeof(q->silent));
	bus_doorbell(port->device, 0, E1000_AT(TDT, q->txq.index), &q->tail_bell);
	q->txq.burst = bursts[port->weir->cpu_level - 1];
	return 0;
}

void e1000_txq_close(struct e1000_txq *q)
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

/* --- hardware -------------------------------------------------------------------------------------------------------------- */

/* 14.4: the ring, while nothing is received. It gets its buffers when something is. */
void e1000_rxq_set_up(struct e1000 *card, struct e1000_rxq *q)
{
	struct gigabit *nic = &card->nic;
	unsigned i = q->rxq.index;
	uint64_t iova = ring_iova(card, q->ring);

	reg_set(nic, E1000_AT(RDBAL, i), (uint32_t)iova);
	reg_set(nic, E1000_AT(RDBAH, i), (uint32_t)(iova >> 32));
	reg_set(nic, E1000_AT(RDLEN, i), q->slots * 16);
	reg_set(nic, E1000_AT(RDH, i), 0);
	reg_set(nic, E1000_AT(RDT, i), 0);
	/* Written back at once: none is to wait for others (13.4.46). */
	reg_set(nic, E1000_AT(RXDCTL, i),
	        XDCTL_GRAN | field(XDCTL_PTHRESH, RXD_AHEAD) | field(XDCTL_HTHRESH, RXD_HOST));
}

/* 14.5 */
void e1000_txq_set_up(struct e1000 *card, struct e1000_txq *q)
{
	struct gigabit *nic = &card->nic;
	unsigned i = q->txq.index;
	uint64_t iova = ring_iova(card, q->ring);

	reg_set(nic, E1000_AT(TDBAL, i), (uint32_t)iova);
	reg_set(nic, E1000_AT(TDBAH, i), (uint32_t)(iova >> 32));
	reg_set(nic, E1000_AT(TDLEN, i), q->slots * 16);
	reg_set(nic, E1000_AT(TDH, i), 0);
	reg_set(nic, E1000_AT(TDT, i), 0);
	reg_change(nic, E1000_AT(TXDCTL, i), XDCTL_PTHRESH | XDCTL_HTHRESH | XDCTL_WTHRESH,
	           XDCTL_GRAN | field(XDCTL_PTHRESH, TXD_AHEAD) | field(XDCTL_HTHRESH, TXD_HOST) |
	               field(XDCTL_WTHRESH, TXD_WRITE));
	__atomic_store_n(&q->running, true, __ATOMIC_RELAXED);
}

void e1000_txq_drain(struct e1000 *card, struct e1000_txq *q, uint64_t deadline_ns)
{
	while (now_ns() < deadline_ns) {
		if (reg_get(&card->nic, E1000_AT(TDH, q->txq.index)) ==
		    reg_get(&card->nic, E1000_AT(TDT, q->txq.index)))
			break;
		sleep_us(50);
	}
	e1000_tx_reclaim_v1(q);
}
