/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What holds for all queues: frame sizes, filters; starting and stopping.
 */
#include <stdio.h>

#include "igb.h"
#include "weir/parse.h"

/* --- frame sizes --------------------------------------------------------------------------------------------------------------- */

/* RLPML does not count the tag, which is the inner one of two (8.10). */
static void apply_mtu(struct gigabit *nic, unsigned mtu)
{
	unsigned frame = mtu + GIGABIT_OVERHEAD;

	reg_set(nic, IGB_RLPML, field(RLPML_BYTES, frame + (nic->port.wants.vlan_outer ? GIGABIT_TAG : 0)));
	adv_set_frame_max(&nic->port, frame - 4 + IGB_TAGS, frame);
}

int igb_set_mtu(struct weir_port *port, unsigned mtu)
{
	int err = adv_take_entries(port, mtu, igb_entries(port, mtu));

	if (err)
		return err;
	apply_mtu(gigabit(port), mtu);
	gigabit_flow_apply(gigabit(port));
	return 0;
}

/* --- filters ------------------------------------------------------------------------------------------------------------- */

static void filter_limits(struct weir_port *port, struct weir_filter_limits *limits)
{
	gigabit_filter_limits(port, limits);
	limits->filters = 2 * IGB_FILTERS + (is_newer(gigabit(port)) ? IGB_FLEXES : 0);
	limits->priorities = IGB_PRIORITIES;
}

const struct filter_ops igb_filters = {
	.limits = filter_limits,
	.set_groups = gigabit_set_groups,
	.set_macs = gigabit_set_macs,
	.set_vlan_filter = gigabit_set_groups,
	.set_vlan = gigabit_set_vlan,
	.vlan_types = true,
	.set_rss = gigabit_set_rss,
	.add = igb_add_filter,
	.remove = igb_remove_filter,
};

/* --- what a start needs (4.5.9, 4.5.10) ---------------------------------------------------------------------------------------- */

static void set_up_receive(struct gigabit *nic)
{
	bool strip = nic->port.conf.offloads & WEIR_OFFLOAD_RX_VLAN;

	nic->rctl = RCTL_SECRC | RCTL_LPE;
	gigabit_receiver(nic, false);
	gigabit_set_up(nic);
	apply_mtu(nic, nic->port.info.mtu);
	reg_change(nic, E1000_CTRL, CTRL_VME, strip ? CTRL_VME : 0);
	/* The hash, not the checksum of the packet; SCTP, too. */
	reg_set(nic, E1000_RXCSUM, RXCSUM_IPOFL | RXCSUM_TUOFL | RXCSUM_CRCOFL | RXCSUM_PCSD);
	gigabit_apply_rss(nic);
	igb_filters_restore(nic);
	igb_clock_start(igb(&nic->port));
}

static void set_up_transmit(struct gigabit *nic)
{
	reg_change(nic, E1000_TCTL, TCTL_CT, TCTL_EN | TCTL_PSP | TCTL_RTLC | field(TCTL_CT, 0x0f));
}

/* --- starting and stopping ------------------------------------------------------------------------------------------------------ */

static void close_queues(struct weir_port *port)
{
	for (unsigned i = 0; i < port->info.rx_queues; i++)
		adv_rxq_close(adv_rxq(port->rxqs[i]));
	for (unsigned i = 0; i < port->info.tx_queues; i++)
		adv_txq_close(adv_txq(port->txqs[i]));
}

static int open_queues(struct weir_port *port)
{
	int err = 0;

	for (unsigned i = 0; !err && i < port->info.rx_queues; i++)
		err = igb_rxq_open(gigabit(port), adv_rxq(port->rxqs[i]));
	for (unsigned i = 0; !err && i < port->info.tx_queues; i++)
		err = igb_txq_open(gigabit(port), adv_txq(port->txqs[i]));
	if (err)
		close_queues(port);
	return err;
}

/*
 * Stops all DMA of the queues. A queue that does not confirm costs a reset, which does: no buffer is freed that the
 * device might still write.
 */
static int stop_queues(struct gigabit *nic)
{
	struct weir_port *port = &nic->port;
	int err = 0, one;

	if (port_is_gone(&nic->port)) {
		nic->receiving = false;
		return -ENODEV;
	}
	for (unsigned i = 0; i < port->info.rx_queues; i++) {
		one = igb_rxq_disable(nic, adv_rxq(port->rxqs[i]));
		err = err ? err : one;
	}
	for (unsigned i = 0; i < port->info.tx_queues; i++) {
		one = igb_txq_disable(nic, adv_txq(port->txqs[i]));
		err = err ? err : one;
	}
	igb_rx_settle();
	gigabit_receiver(nic, false); /* when its queues have stopped (4.5.9.2) */
	reg_change(nic, E1000_TCTL, TCTL_EN, 0);
	if (!err || err == -ENODEV)
		return err;
	weir_log(port->weir, WEIR_LOG_WARNING, "port '%s': a queue does not stop; resetting the device", port->spec);
	err = gigabit_recover(nic);
	if (!err)
		igb_clock_reset(igb(port));
	return err;
}

static int start_queues(struct gigabit *nic)
{
	struct weir_port *port = &nic->port;
	int err = 0;

	set_up_receive(nic);
	for (unsigned i = 0; !err && i < port->info.tx_queues; i++)
		err = igb_txq_enable(nic, adv_txq(port->txqs[i]));
	for (unsigned i = 0; !err && i < port->info.rx_queues; i++)
		err = igb_rxq_enable(nic, adv_rxq(port->rxqs[i]));
	if (err) {
		stop_queues(nic);
		return err;
	}
	set_up_transmit(nic);
	if (port->info.rx_queues)
		gigabit_receiver(nic, true);
	return 0;
}

int igb_start(struct weir_port *port)
{
	struct igb *own = igb(port);
	int err;

	err = igb_decide_rings(port);
	if (err)
		return err;
	err = open_queues(port);
	if (err)
		return err;
	err = igb_irqs_open(own);
	if (err)
		goto queues;
	err = start_queues(&own->nic);
	if (err)
		goto irqs;
	snprintf(port->info.variant, sizeof(port->info.variant), "level %u, %s", port->weir->cpu_level,
	         port->info.rx_queues ? adv_rxq(port->rxqs[0])->variant : "sending only");
	return 0;

irqs:
	igb_irqs_close(own);
queues:
	close_queues(port);
	return err;
}

int igb_stop(struct weir_port *port)
{
	struct igb *own = igb(port);
	uint64_t deadline = now_ns() + GIGABIT_DRAIN_NS;
	struct weir_link link = { 0 };
	int err;

	gigabit_link(port, &link);
	for (unsigned i = 0; link.up && i < port->info.tx_queues; i++)
		igb_txq_drain(adv_txq(port->txqs[i]), deadline);
	err = stop_queues(&own->nic);
	igb_irqs_close(own);
	close_queues(port);
	return err == -ENODEV ? 0 : err; /* that it is gone, weir_port_health() tells */
}
