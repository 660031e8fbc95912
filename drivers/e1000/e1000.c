/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Intel's gigabit Ethernet cards from the 82540EM to the I219. Sections in this folder are those of the 8254x Family
 * Software Developer's Manual (317453), or of the datasheet that is named.
 *
 * What is assumed of the device, beside what ring.h of drivers/advanced says:
 *
 *      FETCHED        It fetches descriptors ahead, and forgets them with a reset only: a port that is started again is
 *                     reset before.
 *      CONTEXT        A context holds for its queue until the next one of its kind.
 *      ERRATUM_EARLY  The 8254x may report the last descriptor of a packet that it cuts, or of the one behind that, before
 *                     it has read all of its data: so that descriptor gets a few bytes only.
 *      ERRATUM_MSI    Messages of the 8254x get lost: they use the line.
 *      ERRATUM_64K    The 82545EM and 82546EB must not write across a boundary of 64 KiB.
 *      ERRATUM_PCIX   In PCI-X mode the 8254x hang at descriptors of more than 2,015 bytes.
 */
#include <string.h>

#include "e1000.h"

#define OFFLOADS                                                                                     \
	(WEIR_OFFLOAD_RX_CSUM | WEIR_OFFLOAD_RX_VLAN | WEIR_OFFLOAD_TX_CSUM | WEIR_OFFLOAD_TX_VLAN | \
	 WEIR_OFFLOAD_TX_TSO)

static const struct device_id ids[] = { E1000_MEMBERS(MEMBER_ID){ 0, 0 } };

/* The device gets at memory when it is known to be quiet, and not before all of it is mapped. */
static int e1000_open(struct weir_port *port, const struct spec *spec)
{
	struct e1000 *card = e1000(port);
	const unsigned *irqs = port->device->irq_count;
	int err;

	(void)spec;
	err = gigabit_open(&card->nic);
	if (err)
		return err;
	pthread_mutex_init(&card->watch_lock, NULL);
	card->extended = !is_8254x(&card->nic);
	port->info.offloads = OFFLOADS | (card->extended ? WEIR_OFFLOAD_RX_HASH : 0);
	card->vectors = irqs[BUS_IRQ_MSIX] > E1000_QUEUES;
	card->line = card->extended && irqs[BUS_IRQ_MSI] ? BUS_IRQ_MSI : BUS_IRQ_INTX; /* ERRATUM_MSI */
	port->info.can_wait = card->vectors || irqs[card->line];
	err = e1000_decide_rings(card);
	if (!err)
		err = gigabit_attach(&card->nic);
	if (!err)
		return 0;
	gigabit_close(&card->nic);
	pthread_mutex_destroy(&card->watch_lock);
	return err;
}

static int e1000_close(struct weir_port *port)
{
	int err = gigabit_close(gigabit(port));

	pthread_mutex_destroy(&e1000(port)->watch_lock);
	return err;
}

const struct weir_driver e1000_driver = {
	.name = "e1000",
	.help = "Intel 82540EM to 82583V, I217 to I219",
	.ids = ids,
	.status = E1000_STATUS,
	.port_size = sizeof(struct e1000),
	.rxq_size = sizeof(struct adv_rxq),
	.txq_size = sizeof(struct e1000_txq),
	.open = e1000_open,
	.start = e1000_start,
	.stop = e1000_stop,
	.close = e1000_close,
	.link = gigabit_link,
	.set_mtu = e1000_set_mtu,
	.set_promiscuous = gigabit_set_promiscuous,
	.set_mac = gigabit_set_mac,
	.rxq_fd = e1000_rxq_fd,
	.rxq_arm = e1000_rxq_arm,
	.watch = e1000_watch,
	.stats = gigabit_stats,
	.counter = gigabit_counter,
	.filters = &e1000_filters,
	.hardware = &gigabit_hardware,
	.queues = &e1000_queues,
};
