/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What holds for all queues: frame sizes, filters, checks of checksums; starting and stopping.
 */
#include <stdio.h>

#include "e1000.h"

#define SETTLE_US   (10 * MS)   /* after which nothing more is written */
#define TIPG_COPPER 0x00602008u /* the least gap (13.4.34) */

/* --- frame sizes ------------------------------------------------------------------------------------------------------- */

static void apply_mtu(struct e1000 *card, unsigned mtu)
{
	unsigned frame = mtu + GIGABIT_OVERHEAD;

	card->nic.rctl = RCTL_SECRC | e1000_buffer_size(card) | (mtu > 1500 ? RCTL_LPE : 0);
	adv_set_frame_max(&card->nic.port, frame - 4 + GIGABIT_TAG, frame);
}

int e1000_set_mtu(struct weir_port *port, unsigned mtu)
{
	struct e1000 *card = e1000(port);
	int err = adv_take_entries(port, mtu, e1000_entries(card, mtu));

	if (err)
		return err;
	apply_mtu(card, mtu);
	if (card->nic.receiving)
		gigabit_receiver(&card->nic, true);
	gigabit_flow_apply(&card->nic);
	return 0;
}

/* --- filters ----------------------------------------------------------------------------------------------------------- */

const struct filter_ops e1000_filters = {
	.limits = gigabit_filter_limits,
	.set_groups = gigabit_set_groups,
	.set_macs = gigabit_set_macs,
	.set_vlan_filter = gigabit_set_groups,
	.set_vlan = gigabit_set_vlan,
	.set_rss = gigabit_set_rss,
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
		gigabit_apply_rss(nic);
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
		adv_txq_drain(adv_txq(port->txqs[i]), E1000_AT(TDBAL, i), deadline);
	stop_queues(card);
	e1000_irqs_close(card);
	close_queues(card);
	return 0; /* that it is gone, weir_port_health() tells */
}
