/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What holds for all queues: filters, frame sizes, RSS, packet buffers; starting and stopping.
 */
#include <stdio.h>
#include <string.h>

#include "ixgbe.h"
#include "weir/parse.h"
#include "weir/wire.h"

#define DRAIN_NS UINT64_C(1000000000) /* what is queued is sent for so long when the port stops */

#define RX_BUFFER (512u << 10) /* all of the packet buffers for one traffic class (4.6.11.3.4) */
#define TX_BUFFER (160u << 10)
#define TX_SPARE  10u /* KiB of it, for the longest frame */

/* --- filters (7.1.1, 4.6.10.1) ----------------------------------------------------------------------------------------------- */

/* Filters change only while nothing is received (8.2.3.7.1, 8.2.3.8.10). */
static void receiver_off(struct ixgbe *nic)
{
	reg_set(nic, IXGBE_RXCTRL, 0);
}

/* ERRATUM_RXEN: the path must be empty when it is opened, so the stage behind it is stopped meanwhile. */
static void receiver_on(struct ixgbe *nic)
{
	reg_change(nic, IXGBE_SECRXCTRL, 0, SECRXCTRL_RX_DIS);
	reg_wait(nic, IXGBE_SECRXSTAT, SEC_READY, SEC_READY, 4 * MS);
	reg_set(nic, IXGBE_RXCTRL, RXCTRL_RXEN);
	reg_change(nic, IXGBE_SECRXCTRL, SECRXCTRL_RX_DIS, 0);
}

static void apply_filters(struct ixgbe *nic)
{
	if (nic->receiving)
		receiver_off(nic);
	reg_set(nic, IXGBE_FCTRL,
	        FCTRL_BAM | (nic->promiscuous ? FCTRL_UPE | FCTRL_MPE : 0) | (nic->all_multicast ? FCTRL_MPE : 0));
	/* A promiscuous port sees other VLANs, too. */
	reg_change(nic, IXGBE_VLNCTRL, VLNCTRL_VFE | VLNCTRL_CFIEN | VLNCTRL_VET,
	           field(VLNCTRL_VET, WEIR_ETHER_VLAN) | (nic->filters_vlans && !nic->promiscuous ? VLNCTRL_VFE : 0));
	if (nic->receiving)
		receiver_on(nic);
}

int ixgbe_set_promiscuous(struct weir_port *port, bool on)
{
	ixgbe(port)->promiscuous = on;
	apply_filters(ixgbe(port));
	return 0;
}

void ixgbe_set_all_multicast(struct ixgbe *nic, bool on)
{
	nic->all_multicast = on;
	apply_filters(nic);
}

/* The upper half last, since it makes the pair valid; never valid with half an address (8.2.3.7.9). */
static void write_mac(struct ixgbe *nic, unsigned i, const uint8_t mac[6])
{
	uint32_t low = (uint32_t)mac[0] | (uint32_t)mac[1] << 8 | (uint32_t)mac[2] << 16 | (uint32_t)mac[3] << 24;

	reg_set(nic, IXGBE_AT(RAH, i), 0);
	reg_set(nic, IXGBE_AT(RAL, i), low);
	reg_set(nic, IXGBE_AT(RAH, i), (uint32_t)mac[4] | (uint32_t)mac[5] << 8 | RAH_AV);
}

int ixgbe_set_mac(struct weir_port *port, const uint8_t mac[6])
{
	write_mac(ixgbe(port), 0, mac);
	return 0;
}

int ixgbe_add_mac(struct ixgbe *nic, const uint8_t mac[6])
{
	if (nic->macs == IXGBE_MACS)
		return weir_fail(nic->port.weir, -ENOSPC, "port '%s': all %u address filters are taken", nic->port.spec,
		                 IXGBE_MACS);
	write_mac(nic, nic->macs++, mac);
	return 0;
}

void ixgbe_filter_vlan(struct ixgbe *nic, unsigned id, bool on)
{
	uint32_t bit = 1u << (id & 31);

	reg_change(nic, IXGBE_AT(VFTA, id >> 5 & 127), on ? 0 : bit, on ? bit : 0);
	if (on && !nic->filters_vlans) {
		nic->filters_vlans = true;
		apply_filters(nic);
	}
}

/* Tables that no reset clears (4.6.7, "initialize"). */
static void clear_tables(struct ixgbe *nic)
{
	reg_fill(nic, IXGBE_AT(RAH, 1), IXGBE_RAH_STRIDE, IXGBE_RAH_COUNT - 1, 0);
	reg_fill(nic, IXGBE_MTA, IXGBE_MTA_STRIDE, IXGBE_MTA_COUNT, 0);
	reg_fill(nic, IXGBE_VFTA, IXGBE_VFTA_STRIDE, IXGBE_VFTA_COUNT, 0);
	reg_fill(nic, IXGBE_ETQF, IXGBE_ETQF_STRIDE, IXGBE_ETQF_COUNT, 0);
	reg_fill(nic, IXGBE_FTQF, IXGBE_FTQF_STRIDE, IXGBE_FTQF_COUNT, 0);
}

/* --- frame sizes --------------------------------------------------------------------------------------------------------------- */

static void apply_mtu(struct ixgbe *nic, unsigned mtu)
{
	unsigned frame = mtu + IXGBE_OVERHEAD;

	reg_set(nic, IXGBE_MAXFRS, field(MAXFRS_BYTES, frame));
	reg_change(nic, IXGBE_HLREG0, HLREG0_JUMBOEN, mtu > 1500 ? HLREG0_JUMBOEN : 0);
	for (unsigned i = 0; nic->port.info.started && i < nic->port.info.rx_queues; i++)
		__atomic_store_n(&ixgbe_rxq(nic->port.rxqs[i])->frame_max, frame - 4 + IXGBE_TAGS, __ATOMIC_RELAXED);
	for (unsigned i = 0; nic->port.info.started && i < nic->port.info.tx_queues; i++)
		__atomic_store_n(&ixgbe_txq(nic->port.txqs[i])->frame_max, frame, __ATOMIC_RELAXED);
}

/* The application's arrays are made for what rx_entries_max was when the port started. */
int ixgbe_set_mtu(struct weir_port *port, unsigned mtu)
{
	struct ixgbe *nic = ixgbe(port);
	unsigned entries = ixgbe_entries(nic, mtu);

	if (port->info.started && entries > port->info.rx_entries_max)
		return weir_fail(
		    port->weir, -EBUSY,
		    "port '%s': with an MTU of %u a packet takes %u buffers instead of %u; stop the port first",
		    port->spec, mtu, entries, port->info.rx_entries_max);
	apply_mtu(nic, mtu);
	if (!port->info.started)
		port->info.rx_entries_max = entries;
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
	nic->macs = 1;
	nic->filters_vlans = false;
	apply_filters(nic);
	ixgbe_stats_init(nic); /* 4.6.5 */
	return 0;
}

/* Hashes over addresses, and ports where there are some (7.1.2.8). */
static void set_up_rss(struct ixgbe *nic)
{
	/* The key of Microsoft's verification suite, which everybody uses. */
	static const uint8_t key[WEIR_RSS_KEY] = {
		0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
		0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
		0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
	};
	unsigned queues = nic->port.info.rx_queues < IXGBE_RSS_QUEUES ? nic->port.info.rx_queues : IXGBE_RSS_QUEUES;
	uint32_t word;

	if (queues < 2 && !(nic->port.conf.offloads & WEIR_OFFLOAD_RX_HASH)) {
		reg_set(nic, IXGBE_MRQC, 0);
		return;
	}
	for (unsigned i = 0; i < IXGBE_RSSRK_COUNT; i++) {
		memcpy(&word, key + 4 * i, sizeof(word));
		reg_set(nic, IXGBE_AT(RSSRK, i), word);
	}
	for (unsigned i = 0; i < IXGBE_RETA_COUNT; i++) {
		word = 0;
		for (unsigned j = 0; j < 4; j++)
			word |= (4 * i + j) % queues << (8 * j);
		reg_set(nic, IXGBE_AT(RETA, i), word);
	}
	reg_set(nic, IXGBE_MRQC,
	        field(MRQC_MRQE, MRQC_RSS) | MRQC_IP4 | MRQC_TCP4 | MRQC_UDP4 | MRQC_IP6 | MRQC_TCP6 | MRQC_UDP6);
}

/* 4.6.7 */
static void set_up_receive(struct ixgbe *nic)
{
	apply_filters(nic);
	apply_mtu(nic, nic->port.info.mtu);
	reg_set(nic, IXGBE_RXCSUM, RXCSUM_PCSD); /* the hash, not the checksums of fragments */
	set_up_rss(nic);
	reg_set(nic, IXGBE_RXPBSIZE, RX_BUFFER);
	reg_fill(nic, IXGBE_AT(RXPBSIZE, 1), IXGBE_RXPBSIZE_STRIDE, IXGBE_RXPBSIZE_COUNT - 1, 0);
	reg_change(nic, IXGBE_HLREG0, 0, HLREG0_RXCRCSTRP | HLREG0_TXCRCEN | HLREG0_TXPADEN);
	/* Both strip, or none (8.2.3.22.8). The reserved bits have to be so (8.2.3.8.8). */
	reg_change(nic, IXGBE_RDRXCTL, RDRXCTL_RSCFRSTSIZE, RDRXCTL_CRCSTRIP | RDRXCTL_RSCACKC | RDRXCTL_FCOE_WRFIX);
	reg_set(nic, IXGBE_MFLCN, MFLCN_DPF);
	reg_set(nic, IXGBE_FCCFG, 0);
}

/* 4.6.8 */
static void set_up_transmit(struct ixgbe *nic)
{
	reg_change(nic, IXGBE_RTTDCS, 0, RTTDCS_ARBDIS); /* MTQC may only change with the arbiter off (8.2.3.9.15) */
	reg_set(nic, IXGBE_MTQC, 0);
	reg_set(nic, IXGBE_TXPBSIZE, TX_BUFFER);
	reg_fill(nic, IXGBE_AT(TXPBSIZE, 1), IXGBE_TXPBSIZE_STRIDE, IXGBE_TXPBSIZE_COUNT - 1, 0);
	reg_set(nic, IXGBE_TXPBTHRESH, (TX_BUFFER >> 10) - TX_SPARE);
	reg_fill(nic, IXGBE_AT(TXPBTHRESH, 1), IXGBE_TXPBTHRESH_STRIDE, IXGBE_TXPBTHRESH_COUNT - 1, 0);
	reg_set(nic, IXGBE_DTXMXSZRQ, 0xfff); /* without traffic classes (4.6.11.3.4) */
	reg_change(nic, IXGBE_RTTDCS, RTTDCS_ARBDIS, 0);
	reg_set(nic, IXGBE_DMATXCTL, DMATXCTL_TE | field(DMATXCTL_VT, WEIR_ETHER_VLAN));
}

/* --- starting and stopping ------------------------------------------------------------------------------------------------------ */

static void close_queues(struct ixgbe *nic)
{
	for (unsigned i = 0; i < nic->port.info.rx_queues; i++)
		ixgbe_rxq_close(ixgbe_rxq(nic->port.rxqs[i]));
	for (unsigned i = 0; i < nic->port.info.tx_queues; i++)
		ixgbe_txq_close(ixgbe_txq(nic->port.txqs[i]));
}

static int open_queues(struct ixgbe *nic)
{
	int err = 0;

	for (unsigned i = 0; !err && i < nic->port.info.rx_queues; i++)
		err = ixgbe_rxq_open(nic, ixgbe_rxq(nic->port.rxqs[i]));
	for (unsigned i = 0; !err && i < nic->port.info.tx_queues; i++)
		err = ixgbe_txq_open(nic, ixgbe_txq(nic->port.txqs[i]));
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
	if (ixgbe_gone(nic))
		return -ENODEV;
	receiver_off(nic);
	for (unsigned i = 0; i < nic->port.info.rx_queues; i++) {
		one = ixgbe_rxq_stop(nic, ixgbe_rxq(nic->port.rxqs[i]));
		err = err ? err : one;
	}
	for (unsigned i = 0; i < nic->port.info.tx_queues; i++) {
		one = ixgbe_txq_stop(nic, ixgbe_txq(nic->port.txqs[i]));
		err = err ? err : one;
	}
	if (!err || err == -ENODEV)
		return err;
	weir_log(nic->port.weir, WEIR_LOG_WARNING, "port '%s': a queue does not stop; resetting the device",
	         nic->port.spec);
	err = ixgbe_bring_up(nic);
	write_mac(nic, 0, nic->port.info.mac);
	if (!err)
		err = ixgbe_set_master(nic, true);
	return err ? err : ixgbe_link_setup(nic);
}

static int start_queues(struct ixgbe *nic)
{
	int err = 0;

	set_up_receive(nic);
	set_up_transmit(nic);
	for (unsigned i = 0; !err && i < nic->port.info.tx_queues; i++)
		err = ixgbe_txq_start(nic, ixgbe_txq(nic->port.txqs[i]));
	for (unsigned i = 0; !err && i < nic->port.info.rx_queues; i++)
		err = ixgbe_rxq_start(nic, ixgbe_rxq(nic->port.rxqs[i]));
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
	         port->info.rx_queues ? ixgbe_rxq(port->rxqs[0])->variant : "sending only");
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
	uint64_t deadline = now_ns() + DRAIN_NS;
	struct weir_link link = { 0 };
	int err;

	ixgbe_link(port, &link);
	for (unsigned i = 0; link.up && i < port->info.tx_queues; i++)
		ixgbe_txq_drain(nic, ixgbe_txq(port->txqs[i]), deadline);
	err = stop_queues(nic);
	ixgbe_irqs_close(nic);
	close_queues(nic);
	return err == -ENODEV ? 0 : err; /* that it is gone, weir_port_health() tells */
}
