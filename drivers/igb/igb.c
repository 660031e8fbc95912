/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Intel's gigabit cards with advanced descriptors: 82576, 82580, I350, I354, I210, I211. Sections in this folder are those of
 * the 82576's datasheet (revision 2.9) unless another is named.
 *
 * What is assumed of the device, beside what ring.h of drivers/advanced says:
 *
 *      DOUBT_SCTP     A frame of 64 bytes with SCTP may be called bad though its checksum is right, as Intel's own drivers
 *                     say: of bad SCTP packets nothing is said.
 *      STRIP          CTRL.VME is about receiving only (appendix A): tags are inserted whatever it says.
 *      NO_POOLS       No virtual functions; MRQC spreads over all queues of the port.
 */
#include "igb.h"

#define OFFLOADS                                                                                     \
	(WEIR_OFFLOAD_RX_CSUM | WEIR_OFFLOAD_RX_VLAN | WEIR_OFFLOAD_RX_HASH | WEIR_OFFLOAD_TX_CSUM | \
	 WEIR_OFFLOAD_TX_VLAN | WEIR_OFFLOAD_TX_TSO | WEIR_OFFLOAD_RX_META)

static const struct device_id ids[] = { IGB_MEMBERS(MEMBER_ID){ 0, 0 } };

static int igb_open(struct weir_port *port, const struct spec *spec)
{
	struct igb *own = igb(port);
	int err;

	(void)spec;
	err = gigabit_open(&own->nic);
	if (err)
		return err;
	pthread_mutex_init(&own->watch_lock, NULL);
	igb_clock_open(own);
	igb_clock_reset(own);
	port->info.can_wait =
	    igb_has_vectors(igb(port)) || port->device->irq_count[BUS_IRQ_MSI] || port->device->irq_count[BUS_IRQ_INTX];
	port->info.offloads = OFFLOADS;
	err = igb_decide_rings(port);
	if (!err)
		err = gigabit_attach(&own->nic);
	if (err) {
		gigabit_close(&own->nic);
		adv_clock_close(&own->clock);
		pthread_mutex_destroy(&own->watch_lock);
	}
	return err;
}

static int igb_close(struct weir_port *port)
{
	struct igb *own = igb(port);
	int err = gigabit_close(&own->nic);

	adv_clock_close(&own->clock);
	pthread_mutex_destroy(&own->watch_lock);
	return err;
}

const struct weir_driver igb_driver = {
	.name = "igb",
	.help = "Intel 82576, 82580, I350, I354, I210, I211",
	.ids = ids,
	.status = E1000_STATUS,
	.port_size = sizeof(struct igb),
	.rxq_size = sizeof(struct adv_rxq),
	.txq_size = sizeof(struct adv_txq),
	.open = igb_open,
	.start = igb_start,
	.stop = igb_stop,
	.close = igb_close,
	.link = gigabit_link,
	.set_mtu = igb_set_mtu,
	.set_promiscuous = gigabit_set_promiscuous,
	.set_mac = gigabit_set_mac,
	.rxq_fd = igb_rxq_fd,
	.rxq_arm = igb_rxq_arm,
	.watch = igb_watch,
	.stats = gigabit_stats,
	.counter = gigabit_counter,
	.filters = &igb_filters,
	.hardware = &gigabit_hardware,
	.queues = &igb_queues,
	.clock = &adv_clock,
};
