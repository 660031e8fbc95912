/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A driver that is drivers/gigabit and nothing else, so that what drivers have in common is tested without the rings of one
 * of them. It has one ring of the oldest descriptors, which all cards know, and only counts what arrives there.
 */
#ifndef TESTS_GIGABIT_PLAIN_H
#define TESTS_GIGABIT_PLAIN_H

#include <stdlib.h>

#include "../../drivers/gigabit/gigabit.h"
#include "pools.h"
#include "weir/mem.h"

#define RING 64u

static struct weir *weir;
static struct weir_pkt buffers[RING + 1]; /* the last one is the ring */
static uint32_t *ring;
static unsigned looked; /* descriptors that were looked at */

static int plain_open(struct weir_port *port, const struct spec *spec)
{
	struct gigabit *nic = gigabit(port);
	int err = gigabit_open(nic);

	(void)spec;
	if (err)
		return err;
	err = gigabit_attach(nic);
	if (err)
		gigabit_close(nic);
	return err;
}

/* If there is a ring. */
static void plain_fill(struct gigabit *nic)
{
	uint64_t at;

	looked = 0;
	memset(ring, 0, RING * 16);
	for (unsigned i = 0; i < RING; i++) {
		at = BUS_IOVA_BASE + ((uint64_t)buffers[i].buf << 6) + buffers[i].off;
		memcpy(ring + 4 * i, &at, 8);
	}
	at = BUS_IOVA_BASE + (uint64_t)((uint8_t *)ring - (uint8_t *)weir_mem_base(weir));
	reg_set(nic, E1000_RDBAL, (uint32_t)at);
	reg_set(nic, E1000_RDBAH, (uint32_t)(at >> 32));
	reg_set(nic, E1000_RDLEN, RING * 16);
	reg_set(nic, E1000_RDH, 0);
}

static int plain_start(struct weir_port *port)
{
	struct gigabit *nic = gigabit(port);

	nic->rctl = RCTL_SECRC;
	gigabit_set_up(nic);
	if (ring)
		plain_fill(nic);
	gigabit_receiver(nic, true);
	if (ring)
		reg_set(nic, E1000_RDT, RING - 1);
	for (unsigned i = 0; i < port->info.rx_queues; i++)
		port->rxqs[i]->burst = rxq_nothing;
	for (unsigned i = 0; i < port->info.tx_queues; i++)
		port->txqs[i]->burst = txq_nothing;
	return 0;
}

static int plain_stop(struct weir_port *port)
{
	if (!port_is_gone(port))
		gigabit_receiver(gigabit(port), false);
	return 0;
}

static int plain_close(struct weir_port *port)
{
	return gigabit_close(gigabit(port));
}

static void plain_watch(struct weir_port *port)
{
	if (port_is_gone(port))
		port_lost(port);
	else if (port->info.started && gigabit_causes(gigabit(port)) & ICR_LSC)
		port_wake(port);
}

static const struct device_id plain_ids[] = { E1000_MEMBERS(MEMBER_ID) IGB_MEMBERS(MEMBER_ID){ 0, 0 } };

static const struct filter_ops plain_filters = {
	.limits = gigabit_filter_limits,
	.set_groups = gigabit_set_groups,
	.set_macs = gigabit_set_macs,
	.set_vlan_filter = gigabit_set_groups,
	.set_vlan = gigabit_set_vlan,
	.vlan_types = true,
};

static const struct weir_driver plain_driver = {
	.name = "plain",
	.help = "gigabit cards, without queues",
	.ids = plain_ids,
	.status = E1000_STATUS,
	.port_size = sizeof(struct gigabit),
	.rxq_size = sizeof(struct weir_rxq),
	.txq_size = sizeof(struct weir_txq),
	.open = plain_open,
	.start = plain_start,
	.stop = plain_stop,
	.close = plain_close,
	.link = gigabit_link,
	.set_promiscuous = gigabit_set_promiscuous,
	.set_mac = gigabit_set_mac,
	.watch = plain_watch,
	.stats = gigabit_stats,
	.counter = gigabit_counter,
	.filters = &plain_filters,
	.hardware = &gigabit_hardware,
};

#endif
