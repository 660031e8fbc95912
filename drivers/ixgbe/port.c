/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What holds for all queues: filters, frame sizes, RSS, packet buffers; starting and stopping.
 */
#include <stdio.h>
#include <string.h>

#include "../advanced/rss.h"
#include "ixgbe.h"
#include "weir/parse.h"
#include "weir/wire.h"

#define TX_BUFFER (160u << 10)
#define TX_SPARE  10u /* KiB of it, for the longest frame */

/* --- filters (7.1.1, 4.6.10.1) ----------------------------------------------------------------------------------------------- */

/* Filters change only while nothing is received (8.2.3.7.1, 8.2.3.8.10). */
static void receiver_off(struct ixgbe *nic)
{
	reg_set(nic, IXGBE_RXCTRL, 0);
}

void ixgbe_receiver_pause(struct ixgbe *nic)
{
	if (nic->receiving)
		receiver_off(nic);
}

/* ERRATUM_RXEN: the path must be empty when it is opened, so the stage behind it is stopped meanwhile. */
static void receiver_on(struct ixgbe *nic)
{
	reg_change(nic, IXGBE_SECRXCTRL, 0, SECRXCTRL_RX_DIS);
	reg_wait(nic, IXGBE_SECRXSTAT, SEC_READY, SEC_READY, 4 * MS);
	reg_set(nic, IXGBE_RXCTRL, RXCTRL_RXEN);
	reg_change(nic, IXGBE_SECRXCTRL, SECRXCTRL_RX_DIS, 0);
}

void ixgbe_receiver_resume(struct ixgbe *nic)
{
	if (nic->receiving)
		receiver_on(nic);
}

/* What is taken beyond single addresses and VLANs. A promiscuous port sees other VLANs, too. */
static void apply_filters(struct ixgbe *nic)
{
	const struct port_wants *wants = &nic->port.wants;
	uint16_t type = wants->vlan_inner ? wants->vlan_inner : WEIR_ETHER_VLAN;

	ixgbe_receiver_pause(nic);
	reg_set(nic, IXGBE_FCTRL,
	        FCTRL_BAM | (nic->promiscuous ? FCTRL_UPE | FCTRL_MPE : 0) | (wants->all_multicast ? FCTRL_MPE : 0));
	reg_change(nic, IXGBE_VLNCTRL, VLNCTRL_VFE | VLNCTRL_CFIEN | VLNCTRL_VET,
	           field(VLNCTRL_VET, type) | (wants->filter_vlans && !nic->promiscuous ? VLNCTRL_VFE : 0));
	ixgbe_receiver_resume(nic);
}

int ixgbe_set_promiscuous(struct weir_port *port, bool on)
{
	ixgbe(port)->promiscuous = on;
	apply_filters(ixgbe(port));
	return 0;
}

static int set_filters(struct weir_port *port)
{
	apply_filters(ixgbe(port));
	return 0;
}

/* The upper half last, since it makes the pair valid; never valid with half an address (8.2.3.7.9). NULL: none. */
static void write_mac(struct ixgbe *nic, unsigned i, const uint8_t *mac)
{
	static const uint8_t none[6];
	const uint8_t *m = mac ? mac : none;

	if (!memcmp(nic->macs[i], m, 6))
		return;
	memcpy(nic->macs[i], m, 6);
	reg_set(nic, IXGBE_AT(RAH, i), 0);
	reg_set(nic, IXGBE_AT(RAL, i),
	        (uint32_t)m[0] | (uint32_t)m[1] << 8 | (uint32_t)m[2] << 16 | (uint32_t)m[3] << 24);
	if (mac)
		reg_set(nic, IXGBE_AT(RAH, i), (uint32_t)m[4] | (uint32_t)m[5] << 8 | RAH_AV);
}

int ixgbe_set_mac(struct weir_port *port, const uint8_t mac[6])
{
	write_mac(ixgbe(port), 0, mac);
	return 0;
}

/*
 * Exact filters for the port's own addresses, then for groups; for groups that find no room the table of hashes, of
 * address bits 47:36 (7.1.1, MCSTCTRL.MO = 0).
 */
static int set_macs(struct weir_port *port)
{
	struct ixgbe *nic = ixgbe(port);
	const struct port_wants *wants = &port->wants;
	uint32_t table[IXGBE_MTA_COUNT] = { 0 };
	unsigned used = 1;
	bool hashed = false;

	for (unsigned group = 0; group < 2; group++) {
		for (unsigned i = 0; i < wants->mac_count; i++) {
			const uint8_t *mac = wants->macs[i];
			unsigned hash = mac[4] >> 4 | mac[5] << 4;

			if ((mac[0] & 1) != group)
				continue;
			if (used < IXGBE_MACS) {
				write_mac(nic, used++, mac);
				continue;
			}
			table[hash / 32] |= 1u << hash % 32;
			hashed = true;
		}
	}
	while (used < IXGBE_MACS)
		write_mac(nic, used++, NULL);
	for (unsigned i = 0; i < IXGBE_MTA_COUNT; i++) {
		if (table[i] != nic->mta[i])
			reg_set(nic, IXGBE_AT(MTA, i), table[i]);
		nic->mta[i] = table[i];
	}
	reg_set(nic, IXGBE_MCSTCTRL, hashed ? MCSTCTRL_MFE : 0);
	return 0;
}

static int set_vlan(struct weir_port *port, unsigned id)
{
	reg_set(ixgbe(port), IXGBE_AT(VFTA, id / 32), port->wants.vlans[id / 32]);
	return 0;
}

/* Tables that no reset clears (4.6.7, "initialize"). */
static void clear_tables(struct ixgbe *nic)
{
	reg_fill(nic, IXGBE_AT(RAH, 1), IXGBE_RAH_STRIDE, IXGBE_RAH_COUNT - 1, 0);
	reg_fill(nic, IXGBE_MTA, IXGBE_MTA_STRIDE, IXGBE_MTA_COUNT, 0);
	reg_fill(nic, IXGBE_VFTA, IXGBE_VFTA_STRIDE, IXGBE_VFTA_COUNT, 0);
	reg_fill(nic, IXGBE_ETQF, IXGBE_ETQF_STRIDE, IXGBE_ETQF_COUNT, 0);
	reg_fill(nic, IXGBE_FTQF, IXGBE_FTQF_STRIDE, IXGBE_FTQF_COUNT, 0);
	memset(nic->macs, 0, sizeof(nic->macs));
	memset(nic->mta, 0, sizeof(nic->mta));
	nic->fdir.ready = false;
	nic->cleared = true;
}

/* Fills them again, after a reset. */
static int restore_tables(struct ixgbe *nic)
{
	bool cleared = nic->cleared;

	nic->cleared = false;
	if (cleared) {
		write_mac(nic, 0, nic->port.info.mac);
		set_macs(&nic->port);
		for (unsigned i = 0; i < IXGBE_VFTA_COUNT; i++)
			reg_set(nic, IXGBE_AT(VFTA, i), nic->port.wants.vlans[i]);
	}
	return ixgbe_filters_restore(nic, cleared);
}

/* --- frame sizes --------------------------------------------------------------------------------------------------------------- */

static void apply_mtu(struct ixgbe *nic, unsigned mtu)
{
	unsigned frame = mtu + IXGBE_OVERHEAD;

	reg_set(nic, IXGBE_MAXFRS, field(MAXFRS_BYTES, frame));
	reg_change(nic, IXGBE_HLREG0, HLREG0_JUMBOEN, mtu > 1500 ? HLREG0_JUMBOEN : 0);
	adv_set_frame_max(&nic->port, frame - 4 + IXGBE_TAGS, frame);
}

int ixgbe_set_mtu(struct weir_port *port, unsigned mtu)
{
	struct ixgbe *nic = ixgbe(port);
	int err = adv_take_entries(port, mtu, ixgbe_entries(nic, mtu));

	if (err)
		return err;
	apply_mtu(nic, mtu);
	ixgbe_flow_apply(nic);
	return 0;
}

/* --- bringing up ----------------------------------------------------------------------------------------------------------------- */

int ixgbe_bring_up(struct ixgbe *nic)
{
	int err;

	ixgbe_set_master(nic, false);
	err = ixgbe_reset(nic);
	if (err)
		return err;
	clear_tables(nic);
	apply_filters(nic);
	ixgbe_stats_init(nic); /* 4.6.5 */
	ixgbe_clock_reset(nic);
	return 0;
}

/* --- RSS (7.1.2) ----------------------------------------------------------------------------------------------------------- */

static void apply_rss(struct ixgbe *nic)
{
	adv_rss_apply(&nic->port, field(MRQC_MRQE, MRQC_RSS) | adv_rss_fields(nic->port.wants.rss.types), 1);
}

static int set_rss(struct weir_port *port)
{
	struct ixgbe *nic = ixgbe(port);

	ixgbe_receiver_pause(nic);
	apply_rss(nic);
	ixgbe_receiver_resume(nic);
	return 0;
}

static void filter_limits(struct weir_port *port, struct weir_filter_limits *limits)
{
	(void)port;
	limits->addresses = IXGBE_MACS - 1;
	limits->groups = 32 * IXGBE_MTA_COUNT;
	limits->filters = IXGBE_FILTERS_MAX;
	limits->priorities = IXGBE_PRIORITIES;
	limits->rss_types = ADV_RSS_TYPES;
	limits->rss_table = ADV_RSS_TABLE;
	limits->rss_queues = IXGBE_RSS_QUEUES;
}

const struct filter_ops ixgbe_filters = {
	.limits = filter_limits,
	.set_groups = set_filters,
	.set_macs = set_macs,
	.set_vlan_filter = set_filters,
	.set_vlan = set_vlan,
	.vlan_types = true,
	.set_rss = set_rss,
	.add = ixgbe_add_filter,
	.remove = ixgbe_remove_filter,
};

/* --- setting up -------------------------------------------------------------------------------------------------------------- */

/* 4.6.7 */
static int set_up_receive(struct ixgbe *nic)
{
	uint16_t outer = nic->port.wants.vlan_outer;

	apply_filters(nic);
	apply_mtu(nic, nic->port.info.mtu);
	reg_set(nic, IXGBE_RXCSUM, RXCSUM_PCSD); /* the hash, not the checksums of fragments */
	reg_set(nic, IXGBE_EXVET, field(EXVET_OUTER, outer));
	reg_change(nic, IXGBE_CTRL_EXT, CTRL_EXT_EXT_VLAN, outer ? CTRL_EXT_EXT_VLAN : 0);
	apply_rss(nic);
	reg_set(nic, IXGBE_RXPBSIZE, nic->rx_buffer);
	reg_fill(nic, IXGBE_AT(RXPBSIZE, 1), IXGBE_RXPBSIZE_STRIDE, IXGBE_RXPBSIZE_COUNT - 1, 0);
	reg_change(nic, IXGBE_HLREG0, 0, HLREG0_RXCRCSTRP | HLREG0_TXCRCEN | HLREG0_TXPADEN);
	/* Both strip, or none (8.2.3.22.8). The reserved bits have to be so (8.2.3.8.8). */
	reg_change(nic, IXGBE_RDRXCTL, RDRXCTL_RSCFRSTSIZE, RDRXCTL_CRCSTRIP | RDRXCTL_RSCACKC | RDRXCTL_FCOE_WRFIX);
	/* Coalescing (4.6.7.2): it looks for TCP headers, and leaves pure acknowledgements alone. */
	reg_set(nic, IXGBE_PSRTYPE, nic->port.conf.offloads & WEIR_OFFLOAD_LRO ? PSRTYPE_TCP : 0);
	reg_set(nic, IXGBE_RSCDBU, RSCDBU_RSCACKDIS);
	ixgbe_flow_apply(nic);
	return restore_tables(nic);
}

/* 4.6.8 */
static void set_up_transmit(struct ixgbe *nic)
{
	const struct port_wants *wants = &nic->port.wants;

	reg_change(nic, IXGBE_RTTDCS, 0, RTTDCS_ARBDIS); /* MTQC may only change with the arbiter off (8.2.3.9.15) */
	reg_set(nic, IXGBE_MTQC, 0);
	reg_set(nic, IXGBE_TXPBSIZE, TX_BUFFER);
	reg_fill(nic, IXGBE_AT(TXPBSIZE, 1), IXGBE_TXPBSIZE_STRIDE, IXGBE_TXPBSIZE_COUNT - 1, 0);
	reg_set(nic, IXGBE_TXPBTHRESH, (TX_BUFFER >> 10) - TX_SPARE);
	reg_fill(nic, IXGBE_AT(TXPBTHRESH, 1), IXGBE_TXPBTHRESH_STRIDE, IXGBE_TXPBTHRESH_COUNT - 1, 0);
	reg_set(nic, IXGBE_DTXMXSZRQ, 0xfff); /* without traffic classes (4.6.11.3.4) */
	reg_change(nic, IXGBE_RTTDCS, RTTDCS_ARBDIS, 0);
	reg_set(nic, IXGBE_DMATXCTL,
	        DMATXCTL_TE | field(DMATXCTL_VT, wants->vlan_inner) | (wants->vlan_outer ? DMATXCTL_GDV : 0));
}

/* --- starting and stopping ------------------------------------------------------------------------------------------------------ */

static void close_queues(struct ixgbe *nic)
{
	for (unsigned i = 0; i < nic->port.info.rx_queues; i++)
		adv_rxq_close(adv_rxq(nic->port.rxqs[i]));
	for (unsigned i = 0; i < nic->port.info.tx_queues; i++)
		adv_txq_close(adv_txq(nic->port.txqs[i]));
}

static int open_queues(struct ixgbe *nic)
{
	int err = 0;

	for (unsigned i = 0; !err && i < nic->port.info.rx_queues; i++)
		err = ixgbe_rxq_open(nic, ixgbe_rxq(nic->port.rxqs[i]));
	for (unsigned i = 0; !err && i < nic->port.info.tx_queues; i++)
		err = ixgbe_txq_open(nic, adv_txq(nic->port.txqs[i]));
	if (err)
		close_queues(nic);
	return err;
}

/*
 * Stops all DMA of the queues. A queue that does not confirm costs a reset, which does: no buffer is freed that the
 * device might still write.
 */
static int stop_queues(struct ixgbe *nic)
{
	int err = 0, one;

	nic->receiving = false;
	if (port_is_gone(&nic->port))
		return -ENODEV;
	receiver_off(nic);
	for (unsigned i = 0; i < nic->port.info.rx_queues; i++) {
		one = ixgbe_rxq_disable(nic, ixgbe_rxq(nic->port.rxqs[i]));
		err = err ? err : one;
	}
	for (unsigned i = 0; i < nic->port.info.tx_queues; i++) {
		one = ixgbe_txq_disable(nic, adv_txq(nic->port.txqs[i]));
		err = err ? err : one;
	}
	ixgbe_rx_settle();
	if (!err || err == -ENODEV)
		return err;
	weir_log(nic->port.weir, WEIR_LOG_WARNING, "port '%s': a queue does not stop; resetting the device",
	         nic->port.spec);
	err = ixgbe_bring_up(nic);
	if (!err)
		err = ixgbe_set_master(nic, true);
	return err ? err : ixgbe_link_setup(nic);
}

static int start_queues(struct ixgbe *nic)
{
	int err;

	err = set_up_receive(nic);
	if (err)
		return err;
	set_up_transmit(nic);
	ixgbe_clock_start(nic);
	for (unsigned i = 0; !err && i < nic->port.info.tx_queues; i++)
		err = ixgbe_txq_enable(nic, adv_txq(nic->port.txqs[i]));
	for (unsigned i = 0; !err && i < nic->port.info.rx_queues; i++)
		err = ixgbe_rxq_enable(nic, ixgbe_rxq(nic->port.rxqs[i]));
	if (err) {
		stop_queues(nic);
		return err;
	}
	if (nic->port.info.rx_queues) {
		receiver_on(nic);
		nic->receiving = true;
	}
	return 0;
}

int ixgbe_start(struct weir_port *port)
{
	struct ixgbe *nic = ixgbe(port);
	int err;

	err = ixgbe_decide_rings(nic);
	if (err)
		return err;
	err = open_queues(nic);
	if (err)
		return err;
	err = ixgbe_irqs_open(nic);
	if (err)
		goto queues;
	err = start_queues(nic);
	if (err)
		goto irqs;
	if (nic->media == IXGBE_FIBRE && !nic->module)
		ixgbe_link_setup(nic); /* there may be a module now */
	snprintf(port->info.variant, sizeof(port->info.variant), "level %u, %s", port->weir->cpu_level,
	         port->info.rx_queues ? adv_rxq(port->rxqs[0])->variant : "sending only");
	return 0;

irqs:
	ixgbe_irqs_close(nic);
queues:
	close_queues(nic);
	return err;
}

int ixgbe_stop(struct weir_port *port)
{
	struct ixgbe *nic = ixgbe(port);
	uint64_t deadline = now_ns() + IXGBE_DRAIN_NS;
	struct weir_link link = { 0 };
	int err;

	ixgbe_link(port, &link);
	for (unsigned i = 0; link.up && i < port->info.tx_queues; i++)
		ixgbe_txq_drain(adv_txq(port->txqs[i]), deadline);
	err = stop_queues(nic);
	ixgbe_irqs_close(nic);
	close_queues(nic);
	return err == -ENODEV ? 0 : err; /* that it is gone, weir_port_health() tells */
}
