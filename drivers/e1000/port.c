/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What holds for all queues: frame sizes, RSS, checks of checksums; starting and stopping.
 */
#include <stdio.h>
#include <string.h>

#include "e1000.h"

#define SETTLE_US   (10 * MS)   /* after which nothing more is written */
#define TIPG_COPPER 0x00602008u /* the least gap (13.4.34) */

/* --- frame sizes ------------------------------------------------------------------------------------------------------- */

static void apply_mtu(struct e1000 *card, unsigned mtu)
{
	struct weir_port *port = &card->nic.port;
	unsigned frame = mtu + GIGABIT_OVERHEAD;

	card->nic.rctl = RCTL_SECRC | e1000_buffer_size(card) | (mtu > 1500 ? RCTL_LPE : 0);
	for (unsigned i = 0; port->info.started && i < port->info.rx_queues; i++)
		__atomic_store_n(&adv_rxq(port->rxqs[i])->frame_max, frame - 4 + GIGABIT_TAG, __ATOMIC_RELAXED);
	for (unsigned i = 0; port->info.started && i < port->info.tx_queues; i++)
		__atomic_store_n(&adv_txq(port->txqs[i])->frame_max, frame, __ATOMIC_RELAXED);
}

/* The application's arrays are made for what rx_entries_max was when the port started. */
int e1000_set_mtu(struct weir_port *port, unsigned mtu)
{
	struct e1000 *card = e1000(port);
	unsigned entries = e1000_entries(card, mtu);

	if (port->info.started && entries > port->info.rx_entries_max)
		return weir_fail(
		    port->weir, -EBUSY,
		    "port '%s': with an MTU of %u a packet takes %u buffers instead of %u; stop the port first",
		    port->spec, mtu, entries, port->info.rx_entries_max);
	apply_mtu(card, mtu);
	if (card->nic.receiving)
		gigabit_receiver(&card->nic, true);
	gigabit_flow_apply(&card->nic);
	if (!port->info.started)
		port->info.rx_entries_max = entries;
	return 0;
}

/* --- RSS (82574 datasheet, 7.1.8) -------------------------------------------------------------------------------------- */

#define RSS_TYPES (WEIR_RSS_IPV4 | WEIR_RSS_IPV4_TCP | WEIR_RSS_IPV6 | WEIR_RSS_IPV6_TCP)

static uint32_t hash_fields(uint32_t types)
{
	return (types & WEIR_RSS_IPV4 ? MRQC_IP4 : 0) | (types & WEIR_RSS_IPV4_TCP ? MRQC_TCP4 : 0) |
	       (types & WEIR_RSS_IPV6 ? MRQC_IP6 | MRQC_IP6_EX : 0) | (types & WEIR_RSS_IPV6_TCP ? MRQC_TCP6_EX : 0);
}

/* The bytes of a table entry have their queue in the uppermost bit. */
static void apply_rss(struct gigabit *nic)
{
	const struct port_wants *wants = &nic->port.wants;
	const struct weir_rss *rss = &wants->rss;
	bool used = nic->port.info.rx_queues > 1 || nic->port.conf.offloads & WEIR_OFFLOAD_RX_HASH || wants->rss_set;
	uint32_t word;

	if (!used || !rss->types) {
		reg_set(nic, E1000_MRQC, 0);
		return;
	}
	for (unsigned i = 0; i < E1000_RSSRK_COUNT; i++) {
		memcpy(&word, rss->key + 4 * i, sizeof(word));
		reg_set(nic, E1000_AT(RSSRK, i), word);
	}
	for (unsigned i = 0; i < E1000_RETA_COUNT; i++) {
		word = 0;
		for (unsigned j = 0; j < 4; j++)
			word |= (rss->table[4 * i + j] ? RETA_QUEUE_74 : 0) << (8 * j);
		reg_set(nic, E1000_AT(RETA, i), word);
	}
	reg_set(nic, E1000_MRQC, field(MRQC_MRQE, MRQC_RSS_74) | hash_fields(rss->types));
}

static int set_rss(struct weir_port *port)
{
	struct gigabit *nic = gigabit(port);
	bool receiving = nic->receiving;

	if (is_8254x(nic))
		return port_cannot(port, "choose queues by a hash");
	if (receiving)
		gigabit_receiver(nic, false);
	apply_rss(nic);
	if (receiving)
		gigabit_receiver(nic, true);
	return 0;
}

static void filter_limits(struct weir_port *port, struct weir_filter_limits *limits)
{
	gigabit_filter_limits(port, limits);
	if (is_8254x(gigabit(port)))
		return;
	limits->rss_types = RSS_TYPES;
	limits->rss_table = 4 * E1000_RETA_COUNT;
	limits->rss_queues = gigabit(port)->kind->queues;
}

const struct filter_ops e1000_filters = {
	.limits = filter_limits,
	.set_groups = gigabit_set_groups,
	.set_macs = gigabit_set_macs,
	.set_vlan_filter = gigabit_set_groups,
	.set_vlan = gigabit_set_vlan,
	.set_rss = set_rss,
};

/* --- setting up ---------------------------------------------------------------------------------------------------------- */

/* 14.4; all of it while nothing is received. */
static void set_up_receive(struct e1000 *card)
{
	struct gigabit *nic = &card->nic;
	uint32_t offloads = nic->port.conf.offloads;

	apply_mtu(card, nic->port.info.mtu);
	gigabit_set_up(nic);
	/* One bit for stripping and inserting, so tags are inserted where they are stripped (tx_finish()). */
	reg_change(nic, E1000_CTRL, CTRL_VME, offloads & WEIR_OFFLOAD_RX_VLAN ? CTRL_VME : 0);
	reg_set(nic, E1000_RXCSUM,
	        (offloads & WEIR_OFFLOAD_RX_CSUM ? RXCSUM_IPOFL | RXCSUM_TUOFL : 0) |
	            (card->extended ? RXCSUM_PCSD : 0));
	reg_set(nic, E1000_RDTR, 0);
	reg_set(nic, E1000_RADV, 0);
	if (card->extended) {
		reg_change(nic, E1000_RFCTL, 0, RFCTL_EXTEN | RFCTL_NFSW_DIS | RFCTL_NFSR_DIS);
		apply_rss(nic);
	}
	for (unsigned i = 0; i < nic->port.info.rx_queues; i++)
		e1000_rxq_set_up(card, adv_rxq(nic->port.rxqs[i]));
}

/* 14.5. At full duplex distances and collisions mean nothing, but are to be as there (13.4.33, 13.4.34). */
static void set_up_transmit(struct e1000 *card)
{
	struct gigabit *nic = &card->nic;

	for (unsigned i = 0; i < nic->port.info.tx_queues; i++)
		e1000_txq_set_up(card, adv_txq(nic->port.txqs[i]));
	for (unsigned i = 0; card->extended && i < E1000_TARC_COUNT; i++)
		reg_change(nic, E1000_AT(TARC, i), 0, TARC_ENABLE);
	reg_set(nic, E1000_TIPG, TIPG_COPPER);
	reg_set(nic, E1000_TIDV, 0);
	reg_set(nic, E1000_TADV, 0);
	reg_change(nic, E1000_TCTL, TCTL_CT | TCTL_COLD,
	           TCTL_EN | TCTL_PSP | TCTL_RTLC | field(TCTL_CT, 15) | field(TCTL_COLD, 64));
}

/* --- starting and stopping ----------------------------------------------------------------------------------------------- */

static void close_queues(struct e1000 *card)
{
	struct weir_port *port = &card->nic.port;

	pthread_mutex_lock(&card->watch_lock);
	for (unsigned i = 0; i < port->info.rx_queues; i++)
		adv_rxq_close(adv_rxq(port->rxqs[i]));
	for (unsigned i = 0; i < port->info.tx_queues; i++)
		adv_txq_close(adv_txq(port->txqs[i]));
	pthread_mutex_unlock(&card->watch_lock);
}

static int open_queues(struct e1000 *card)
{
	struct weir_port *port = &card->nic.port;
	int err = 0;

	for (unsigned i = 0; !err && i < port->info.rx_queues; i++)
		err = e1000_rxq_open(card, adv_rxq(port->rxqs[i]));
	for (unsigned i = 0; !err && i < port->info.tx_queues; i++)
		err = e1000_txq_open(card, e1000_txq(port->txqs[i]));
	if (err)
		close_queues(card);
	return err;
}

/*
 * Stops all DMA. There is nothing that tells that it has stopped, and descriptors that were fetched are forgotten by a reset
 * only (FETCHED): the next start begins with one.
 */
static void stop_queues(struct e1000 *card)
{
	struct gigabit *nic = &card->nic;

	for (unsigned i = 0; i < nic->port.info.tx_queues; i++)
		__atomic_store_n(&adv_txq(nic->port.txqs[i])->running, false, __ATOMIC_RELAXED);
	if (port_is_gone(&nic->port))
		return;
	gigabit_receiver(nic, false);
	reg_change(nic, E1000_TCTL, TCTL_EN, 0);
	sleep_us(SETTLE_US);
	bus_set_master(nic->port.device, false);
}

int e1000_start(struct weir_port *port)
{
	struct e1000 *card = e1000(port);
	int err;

	err = e1000_decide_rings(card);
	if (!err && card->used)
		err = gigabit_recover(&card->nic);
	if (err)
		return err;
	err = open_queues(card);
	if (err)
		return err;
	card->used = true;
	set_up_receive(card);
	set_up_transmit(card);
	err = e1000_irqs_open(card);
	if (err)
		goto queues;
	if (port->info.rx_queues)
		gigabit_receiver(&card->nic, true);
	for (unsigned i = 0; i < port->info.rx_queues; i++)
		adv_rxq_fill(adv_rxq(port->rxqs[i]));
	snprintf(port->info.variant, sizeof(port->info.variant), "%s descriptors, %s",
	         card->extended ? "extended" : "legacy",
	         port->info.rx_queues ? adv_rxq(port->rxqs[0])->variant : "sending only");
	return 0;

queues:
	stop_queues(card);
	close_queues(card);
	return err;
}

int e1000_stop(struct weir_port *port)
{
	struct e1000 *card = e1000(port);
	uint64_t deadline = now_ns() + GIGABIT_DRAIN_NS;
	struct weir_link link = { 0 };

	gigabit_link(port, &link);
	for (unsigned i = 0; link.up && i < port->info.tx_queues; i++)
		e1000_txq_drain(card, adv_txq(port->txqs[i]), deadline);
	stop_queues(card);
	e1000_irqs_close(card);
	close_queues(card);
	return 0; /* that it is gone, weir_port_health() tells */
}
