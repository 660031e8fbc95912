/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * DPDK's own driver on a card of a simulator: the driver of Debian's package as it is, on registers, memory and
 * interrupts that a vfio-user client fetches from the card.
 *
 *      rte_* -- librte_net_ixgbe.so -- faults, ioctl(), memory -- vfio-user client -- card -- the test at its cable
 */
#ifndef TESTS_DPDK_PMD_H
#define TESTS_DPDK_PMD_H

#include "eal.h" /* first: DPDK leaves alone what is defined already, likely() and the like */

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "weir/sim.h"

#define FRAME_MAX 16384
#define BURST     32

struct pmd {
	struct weir_sim *sim;
	struct weir_sim_nic *nic;
	struct bus_device *dev;
	struct pci_device pci;
	struct rte_mempool *pool;
	uint16_t port, queues;
};

/* How a port is started. All zero: one queue, no offloads. */
struct pmd_conf {
	struct rte_eth_conf eth;
	uint16_t queues;    /* each way; 0: 1 */
	uint16_t slots;     /* of each ring; 0: 128 */
	uint16_t buffer;    /* bytes of data in a buffer; 0: 2048 */
	unsigned buffers;   /* 0: 4096 */
	unsigned cache;     /* buffers that the pool keeps for this thread */
	uint16_t rx_refill; /* rx_free_thresh; 0: the driver's choice */
	bool drop;          /* a queue without descriptors drops, instead of holding up the others */
};

/*
 * Probes @nic, a card of @sim. Its registers are reached by @messages of vfio-user, or straight, which is faster;
 * memory, interrupts and mapped doorbells are vfio-user's anyway. Returns 0 or -errno.
 */
int pmd_open(struct pmd *pmd, struct weir *weir, struct weir_sim *sim, struct weir_sim_nic *nic, bool messages);
void pmd_close(struct pmd *pmd);

/* Configures the port, and starts it. */
int pmd_start(struct pmd *pmd, const struct pmd_conf *conf);
int pmd_stop(struct pmd *pmd);

/* A packet of @len bytes in as many buffers as it needs, or NULL. */
struct rte_mbuf *pmd_packet(struct pmd *pmd, const void *bytes, size_t len);

/* The bytes of a packet. Returns how many. */
size_t pmd_bytes(const struct rte_mbuf *packet, uint8_t *bytes);

/* Sends @n packets, which are gone then, and lets the card get on. Returns how many the driver took. */
unsigned pmd_send(struct pmd *pmd, uint16_t queue, struct rte_mbuf **packets, unsigned n);

/*
 * Lets the card get on until it stands still, and fetches what was received, up to @n packets (4 at least: the vector
 * functions look at so many together). A call that finds nothing need not mean that there is nothing: they stop at the
 * end of the ring, within a packet, too.
 */
unsigned pmd_receive(struct pmd *pmd, uint16_t queue, struct rte_mbuf **packets, unsigned n);

#endif
