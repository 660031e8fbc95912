/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Queues: their memory, and what of the device is theirs.
 */
#include <string.h>

#include "e1000.h"

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

int e1000_decide_rings(struct e1000 *card)
{
	return adv_decide_rings(&card->nic.port, e1000_entries(card, card->nic.port.info.mtu), "256");
}

/* --- memory ---------------------------------------------------------------------------------------------------------------- */

int e1000_rxq_open(struct e1000 *card, struct adv_rxq *q)
{
	static const struct adv_bursts legacy[] = {
		{ "plain", LEVELS_OF(e1000_rx_legacy_plain) },
		{ "offloads", LEVELS_OF(e1000_rx_legacy_offload) },
		{ "chains", LEVELS_OF(e1000_rx_legacy_chain) },
	};
	static const struct adv_bursts extended[] = {
		{ "plain", LEVELS_OF(e1000_rx_plain) },
		{ "offloads", LEVELS_OF(e1000_rx_offload) },
		{ "chains", LEVELS_OF(e1000_rx_chain) },
	};
	enum gigabit_mac mac = card->nic.kind->mac;
	const struct adv_rx_setup setup = {
		.family = card->extended ? &e1000_extended : &e1000_legacy,
		.room = buffer_size(card)->bytes,
		.frame_max = longest(card->nic.port.info.mtu),
		.within_64k = mac == GIGABIT_82545EM || mac == GIGABIT_82546EB, /* ERRATUM_64K */
		.tail = E1000_AT(RDT, q->rxq.index),
	};
	int err = adv_rxq_open(q, &setup);

	if (!err)
		adv_rxq_choose_least(q, card->extended ? extended : legacy);
	return err;
}

int e1000_txq_open(struct e1000 *card, struct e1000_txq *q)
{
	static adv_tx_fn *const bursts[] = LEVELS_BUT_2_OF(e1000_tx);
	struct weir_port *port = &card->nic.port;
	bool pcix = is_8254x(&card->nic) && reg_get(&card->nic, E1000_STATUS) & STATUS_PCIX;
	int err;

	q->piece = pcix ? PCIX_PIECE : E1000_TX_PIECE;
	q->inserts = port->conf.offloads & WEIR_OFFLOAD_RX_VLAN;
	q->early = is_8254x(&card->nic);
	q->was_cut = false;
	memset(&q->context, 0, sizeof(q->context)); /* no context is all zeros */
	err = adv_txq_open(&q->adv, port->info.mtu + GIGABIT_OVERHEAD, E1000_AT(TDT, q->adv.txq.index));
	if (!err)
		q->adv.txq.burst = bursts[port->weir->cpu_level - 1];
	return err;
}

/* --- hardware -------------------------------------------------------------------------------------------------------------- */

/* 14.4: the ring, while nothing is received. It gets its buffers when something is. */
void e1000_rxq_set_up(struct e1000 *card, struct adv_rxq *q)
{
	struct gigabit *nic = &card->nic;
	unsigned i = q->rxq.index;

	adv_write_ring(&nic->port, E1000_AT(RDBAL, i), q->ring, q->slots);
	/* Written back at once: none is to wait for others (13.4.46). */
	reg_set(nic, E1000_AT(RXDCTL, i),
	        XDCTL_GRAN | field(XDCTL_PTHRESH, RXD_AHEAD) | field(XDCTL_HTHRESH, RXD_HOST));
}

/* 14.5 */
void e1000_txq_set_up(struct e1000 *card, struct adv_txq *q)
{
	struct gigabit *nic = &card->nic;
	unsigned i = q->txq.index;

	adv_write_ring(&nic->port, E1000_AT(TDBAL, i), q->ring, q->slots);
	reg_change(nic, E1000_AT(TXDCTL, i), XDCTL_PTHRESH | XDCTL_HTHRESH | XDCTL_WTHRESH,
	           XDCTL_GRAN | field(XDCTL_PTHRESH, TXD_AHEAD) | field(XDCTL_HTHRESH, TXD_HOST) |
	               field(XDCTL_WTHRESH, TXD_WRITE));
	__atomic_store_n(&q->running, true, __ATOMIC_RELAXED);
}
