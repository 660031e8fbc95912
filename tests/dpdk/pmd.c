/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * DPDK's driver on a card of a simulator.
 */
#include "pmd.h"

#include <stdio.h>
#include <string.h>

#include "bus/vfio_user.h"
#include "trap.h"

#define BUFFERS 4096

/* Bus mastering and memory, as the kernel's part of VFIO would switch them on. */
#define COMMAND        0x04
#define COMMAND_ENABLE 0x0006u

/* --- the device --------------------------------------------------------------------------------------------------- */

static int device_open(struct pmd *pmd, struct weir *weir)
{
	int fd, err = weir_sim_nic_connect(pmd->nic, &fd);

	if (!err)
		err = bus_vfio_user_open_fd(weir, fd, "the card", &pmd->dev);
	if (!err)
		err = pmd->dev->ops->config_write(pmd->dev, COMMAND, 2, COMMAND_ENABLE);
	if (!err)
		err = eal_share_memory(pmd->dev);
	return err;
}

/* Which of DPDK's drivers serves a device of Intel's. */
static const char *driver_of(uint16_t device)
{
	switch (device) {
	case 0x100e: /* 82540EM */
	case 0x100f: /* 82545EM */
	case 0x10d3: /* 82574L */
		return "net_e1000_em";
	case 0x10c9: /* 82576 */
		return "net_e1000_igb";
	default:
		return "net_ixgbe";
	}
}

/* Makes what DPDK's PCI bus would have found. */
static int device_describe(struct pmd *pmd, bool messages)
{
	static unsigned number;
	struct pci_device *pci = &pmd->pci;

	pci->driver = eal_driver(driver_of(pmd->dev->device));
	pci->interrupts = eal_interrupts_open(pmd->dev);
	pci->regions[0].size = pmd->dev->regions[0].size;
	pci->regions[0].at = trap_map(pmd->dev, messages ? NULL : pmd->nic);
	if (!pci->driver || !pci->interrupts || !pci->regions[0].at)
		return -ENOENT;
	snprintf(pci->name, sizeof(pci->name), "0000:fe:%02x.0", number++ % 32);
	pci->device.name = pci->name;
	pci->device.driver = &pci->driver->driver;
	pci->device.numa_node = -1;
	pci->id.class_id = 0x020000;
	pci->id.vendor_id = pmd->dev->vendor;
	pci->id.device_id = pmd->dev->device;
	pci->id.subsystem_vendor_id = pmd->dev->subvendor;
	pci->id.subsystem_device_id = pmd->dev->subdevice;
	return 0;
}

static void device_close(struct pmd *pmd)
{
	if (pmd->pci.interrupts)
		eal_interrupts_close(pmd->pci.interrupts, pmd->dev);
	if (pmd->dev) {
		trap_unmap(pmd->dev);
		bus_close(pmd->dev);
	}
}

static int probe(struct pmd *pmd)
{
	int err = pmd->pci.driver->probe(pmd->pci.driver, &pmd->pci);

	return err ? err : rte_eth_dev_get_port_by_name(pmd->pci.name, &pmd->port);
}

int pmd_open(struct pmd *pmd, struct weir *weir, struct weir_sim *sim, struct weir_sim_nic *nic, bool messages)
{
	int err;

	memset(pmd, 0, sizeof(*pmd));
	pmd->sim = sim;
	pmd->nic = nic;
	err = device_open(pmd, weir);
	if (!err)
		err = device_describe(pmd, messages);
	if (!err)
		err = probe(pmd);
	if (err)
		device_close(pmd);
	return err;
}

/* What closing returns is not looked at: this driver's is the number of its interrupt handlers. */
void pmd_close(struct pmd *pmd)
{
	(void)rte_eth_dev_close(pmd->port);
	device_close(pmd);
	rte_mempool_free(pmd->pool);
	pmd->pool = NULL;
}

/* --- the port ----------------------------------------------------------------------------------------------------- */

static int make_pool(struct pmd *pmd, const struct pmd_conf *conf)
{
	uint16_t room = (uint16_t)((conf->buffer ? conf->buffer : 2048) + RTE_PKTMBUF_HEADROOM);
	unsigned buffers = conf->buffers ? conf->buffers : BUFFERS;
	char name[32];

	rte_mempool_free(pmd->pool);
	snprintf(name, sizeof(name), "pool %u", pmd->port);
	pmd->pool = rte_pktmbuf_pool_create(name, buffers, conf->cache, 0, room, SOCKET_ID_ANY);
	return pmd->pool ? 0 : -ENOMEM;
}

static int make_queues(struct pmd *pmd, const struct pmd_conf *conf)
{
	uint16_t slots = conf->slots ? conf->slots : 128;
	struct rte_eth_dev_info info;
	int err = rte_eth_dev_info_get(pmd->port, &info);

	info.default_rxconf.offloads = conf->eth.rxmode.offloads;
	info.default_rxconf.rx_drop_en = conf->drop;
	info.default_txconf.offloads = conf->eth.txmode.offloads;
	if (conf->rx_refill)
		info.default_rxconf.rx_free_thresh = conf->rx_refill;
	for (uint16_t i = 0; !err && i < pmd->queues; i++) {
		err = rte_eth_rx_queue_setup(pmd->port, i, slots, SOCKET_ID_ANY, &info.default_rxconf, pmd->pool);
		if (!err)
			err = rte_eth_tx_queue_setup(pmd->port, i, slots, SOCKET_ID_ANY, &info.default_txconf);
	}
	return err;
}

int pmd_start(struct pmd *pmd, const struct pmd_conf *conf)
{
	int err;

	eal_forget();
	pmd->queues = conf->queues ? conf->queues : 1;
	err = make_pool(pmd, conf);
	if (!err)
		err = rte_eth_dev_configure(pmd->port, pmd->queues, pmd->queues, &conf->eth);
	if (!err)
		err = make_queues(pmd, conf);
	return err ? err : rte_eth_dev_start(pmd->port);
}

int pmd_stop(struct pmd *pmd)
{
	return rte_eth_dev_stop(pmd->port);
}

/* --- packets ------------------------------------------------------------------------------------------------------ */

struct rte_mbuf *pmd_packet(struct pmd *pmd, const void *bytes, size_t len)
{
	struct rte_mbuf *packet = rte_pktmbuf_alloc(pmd->pool), *last = packet;
	const uint8_t *from = bytes;

	for (; last; last = last->next) {
		size_t some = rte_pktmbuf_tailroom(last) < len ? rte_pktmbuf_tailroom(last) : len;

		memcpy(rte_pktmbuf_mtod(last, void *), from, some);
		last->data_len = (uint16_t)some;
		packet->pkt_len += (uint32_t)some;
		from += some;
		len -= some;
		if (!len)
			return packet;
		last->next = rte_pktmbuf_alloc(pmd->pool);
		packet->nb_segs++;
	}
	rte_pktmbuf_free(packet);
	return NULL;
}

size_t pmd_bytes(const struct rte_mbuf *packet, uint8_t *bytes)
{
	size_t len = 0;

	for (; packet; packet = packet->next) {
		memcpy(bytes + len, rte_pktmbuf_mtod(packet, void *), packet->data_len);
		len += packet->data_len;
	}
	return len;
}

static void settle(struct pmd *pmd)
{
	while (weir_sim_run(pmd->sim))
		;
}

unsigned pmd_send(struct pmd *pmd, uint16_t queue, struct rte_mbuf **packets, unsigned n)
{
	unsigned taken = rte_eth_tx_burst(pmd->port, queue, packets, (uint16_t)n);

	rte_pktmbuf_free_bulk(packets + taken, n - taken);
	settle(pmd);
	return taken;
}

unsigned pmd_receive(struct pmd *pmd, uint16_t queue, struct rte_mbuf **packets, unsigned n)
{
	unsigned got = 0, idle = 0;

	settle(pmd);
	while (idle < 2 && n - got >= 4) {
		unsigned some = rte_eth_rx_burst(pmd->port, queue, packets + got, (uint16_t)(n - got));

		got += some;
		idle = some ? 0 : idle + 1;
	}
	return got;
}
