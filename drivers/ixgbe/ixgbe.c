/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Intel's 82599 and X540, 10 gigabit Ethernet. Sections in this folder are those of the 82599 datasheet (revision 3.4).
 *
 * What is assumed of the device, beside what ring.h of drivers/advanced says:
 *
 *      ASSUME_CAGE    In an SFP+ port pin SDP2 tells that there is a module, unless the EEPROM says that the card has no
 *                     such pin (word 2c, bit 7). MISSING in the datasheet; so do Intel's drivers, because LINKS may tell
 *                     of a link in an empty cage.
 *      ERRATUM_RXEN   Enabling receive while frames arrive can lock the path up; the stage behind it is stopped meanwhile.
 *      ERRATUM_UDP_ZERO  The 82599 calls UDP over IPv4 without a checksum bad, as Intel's own drivers say: of bad UDP packets
 *                     nothing is said.
 *      RSS_16         RSS reaches 16 queues (8.2.3.7.15); more receive queues get only what filters send there.
 *      ONE_CLASS      No traffic classes, no virtual functions.
 */
#include <stdio.h>
#include <string.h>

#include "ixgbe.h"

#define INTEL          0x8086
#define REGISTER_BYTES 0x20000u

#define OFFLOADS                                                                                 \
	(WEIR_OFFLOAD_LRO | WEIR_OFFLOAD_RX_CSUM | WEIR_OFFLOAD_RX_VLAN | WEIR_OFFLOAD_RX_HASH | \
	 WEIR_OFFLOAD_TX_CSUM | WEIR_OFFLOAD_RX_META | WEIR_OFFLOAD_TX_VLAN | WEIR_OFFLOAD_TX_TSO)

static const struct device_id ids[] = {
	{ INTEL, 0x10f7 }, /* backplane KX4 */
	{ INTEL, 0x1514 }, /* mezzanine KX4 */
	{ INTEL, 0x1517 }, /* KR */
	{ INTEL, 0x10f8 }, /* combined backplane */
	{ INTEL, 0x10fc }, /* XAUI on board */
	{ INTEL, 0x152a }, /* backplane, FCoE */
	{ INTEL, 0x10f9 }, /* CX4 */
	{ INTEL, 0x10fb }, /* SFP+ */
	{ INTEL, 0x1507 }, /* SFP+ on a mezzanine */
	{ INTEL, 0x1529 }, /* SFP+, FCoE */
	{ INTEL, 0x154a }, /* four SFP+ */
	{ INTEL, 0x154d }, /* SFP+, second version */
	{ INTEL, 0x1557 }, /* 82599EN, SFP+ */
	{ INTEL, 0x1558 }, /* QSFP+ */
	{ INTEL, 0x154f }, /* 82599 low-speed bypass */
	{ INTEL, 0x151c }, /* T3, twisted pair */
	{ INTEL, 0x1528 }, /* X540-T2 */
	{ INTEL, 0x1560 }, /* X540-T1 */
	{ 0, 0 },
};

static enum ixgbe_media media_of(uint16_t device)
{
	switch (device) {
	case 0x10f7:
	case 0x1514:
	case 0x1517:
	case 0x10f8:
	case 0x10fc:
	case 0x152a:
		return IXGBE_BACKPLANE;
	case 0x10f9:
		return IXGBE_CX4;
	case 0x151c:
	case 0x1528:
	case 0x1560:
		return IXGBE_COPPER;
	default:
		return IXGBE_FIBRE;
	}
}

static void describe(struct ixgbe *nic)
{
	struct bus_device *dev = nic->port.device;
	struct weir_port_info *info = &nic->port.info;

	nic->media = media_of(dev->device);
	nic->x540 = dev->device == 0x1528 || dev->device == 0x1560;
	snprintf(info->name, sizeof(info->name), "%s", dev->name);
	info->node = dev->node;
	info->receives = info->sends = true;
	info->can_wait = ixgbe_has_vectors(nic) || dev->irq_count[BUS_IRQ_MSI] || dev->irq_count[BUS_IRQ_INTX];
	info->mtu = 1500;
	info->mtu_max = IXGBE_FRAME_MAX - IXGBE_OVERHEAD;
	info->rx_queues_max = info->tx_queues_max = IXGBE_QUEUES;
	info->offloads = OFFLOADS;
	if (!ixgbe_has_vectors(nic))
		info->offloads &= ~WEIR_OFFLOAD_LRO; /* it takes an interrupt of the queue's own to end one */
	nic->rx_buffer = IXGBE_RX_BUFFER;
}

/* The order of 4.6.3; the device gets at memory when it is known to be quiet, and not before all of it is mapped. */
static int ixgbe_open(struct weir_port *port, const struct spec *spec)
{
	struct ixgbe *nic = ixgbe(port);
	int err;

	(void)spec;
	if (port->device->regions[0].size < REGISTER_BYTES)
		return weir_fail(port->weir, -ENODEV, "%s: its registers are missing (region 0 has %llu bytes)",
		                 port->device->name, (unsigned long long)port->device->regions[0].size);
	describe(nic);
	counters_open(&nic->counters, &ixgbe_counters);
	pthread_mutex_init(&nic->watch_lock, NULL);
	ixgbe_clock_open(nic);
	ixgbe_set_master(nic, false);
	if (port_is_gone(&nic->port)) {
		err = weir_fail(port->weir, -ENODEV, "%s does not answer", port->device->name);
		goto locks;
	}
	nic->lan = reg_get(nic, IXGBE_STATUS) >> 2 & 1;
	err = ixgbe_bring_up(nic);
	if (!err)
		err = ixgbe_eeprom_check(nic);
	if (!err)
		err = ixgbe_read_mac(nic, port->info.mac);
	if (!err)
		err = ixgbe_link_init(nic);
	if (!err)
		err = ixgbe_decide_rings(nic);
	if (!err)
		err = bus_attach(port->device);
	if (err)
		goto locks;
	err = ixgbe_set_master(nic, true);
	if (!err)
		err = ixgbe_link_setup(nic);
	if (err)
		goto detach;
	return 0;

detach:
	ixgbe_set_master(nic, false);
	bus_detach(port->device);
locks:
	adv_clock_close(&nic->clock);
	pthread_mutex_destroy(&nic->watch_lock);
	counters_close(&nic->counters);
	return err;
}

/* Memory goes when the device can no longer reach it, and is reset: nothing is left for the next one to find. */
static int ixgbe_close(struct weir_port *port)
{
	struct ixgbe *nic = ixgbe(port);
	int err = 0;

	if (!port_is_gone(&nic->port)) {
		ixgbe_set_master(nic, false);
		err = ixgbe_reset(nic);
		reg_change(nic, IXGBE_CTRL_EXT, CTRL_EXT_DRV_LOAD, 0);
	}
	bus_detach(port->device);
	adv_clock_close(&nic->clock);
	pthread_mutex_destroy(&nic->watch_lock);
	counters_close(&nic->counters);
	return err == -ENODEV ? 0 : err;
}

const struct weir_driver ixgbe_driver = {
	.name = "ixgbe",
	.help = "Intel 82599 and X540",
	.ids = ids,
	.status = IXGBE_STATUS,
	.port_size = sizeof(struct ixgbe),
	.rxq_size = sizeof(struct ixgbe_rxq),
	.txq_size = sizeof(struct adv_txq),
	.open = ixgbe_open,
	.start = ixgbe_start,
	.stop = ixgbe_stop,
	.close = ixgbe_close,
	.link = ixgbe_link,
	.set_mtu = ixgbe_set_mtu,
	.set_promiscuous = ixgbe_set_promiscuous,
	.set_mac = ixgbe_set_mac,
	.rxq_fd = ixgbe_rxq_fd,
	.rxq_arm = ixgbe_rxq_arm,
	.watch = ixgbe_watch,
	.stats = ixgbe_stats,
	.counter = ixgbe_counter,
	.filters = &ixgbe_filters,
	.hardware = &ixgbe_hardware,
	.queues = &ixgbe_queues,
	.clock = &adv_clock,
};
