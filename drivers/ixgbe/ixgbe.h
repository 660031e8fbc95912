/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The driver of the 82599 and X540: what its files share. (ring.h: the data path.)
 */
#ifndef IXGBE_IXGBE_H
#define IXGBE_IXGBE_H

#include "regs/ixgbe.h"
#include "regs/ixgbe_bits.h"
#include "ring.h"

#define IXGBE_QUEUES     64u
#define IXGBE_RSS_QUEUES 16u   /* an entry of RETA has 4 bits (8.2.3.7.15) */
#define IXGBE_MACS       128u  /* RAL and RAH */
#define IXGBE_FRAME_MAX  9728u /* MAXFRS: 9.5 KiB, CRC included (8.2.3.22.13) */
#define IXGBE_OVERHEAD   18u   /* Ethernet header and CRC */
#define IXGBE_TAGS       8u    /* two VLAN tags, which MAXFRS does not count */

#define US UINT64_C(1)
#define MS UINT64_C(1000)
#define S  UINT64_C(1000000)

enum ixgbe_media { IXGBE_FIBRE, IXGBE_BACKPLANE, IXGBE_CX4, IXGBE_COPPER };

/* Counters of the hardware, in 64 bits (stats.c). */
#define IXGBE_COUNTERS_MAX 192u

struct ixgbe {
	struct weir_port port;
	enum ixgbe_media media;
	bool x540;
	unsigned lan;         /* which of the card's ports this is */
	uint16_t device_caps; /* EEPROM word 0x2c */
	bool needs_cage_pin;  /* ASSUME_CAGE */
	uint16_t module;      /* what the module is for the EEPROM's list: enum in link.c */
	bool module_1g;
	unsigned phy; /* address on MDIO */
	bool promiscuous, all_multicast, filters_vlans;
	unsigned macs;    /* entries of RAL and RAH in use, the own address included */
	bool receiving;   /* RXCTRL.RXEN is set */
	unsigned vectors; /* MSI-X vectors in use */
	int fds[IXGBE_QUEUES];
	pthread_mutex_t stats_lock, watch_lock;
	uint64_t totals[IXGBE_COUNTERS_MAX];
};

static inline struct ixgbe *ixgbe(struct weir_port *port)
{
	return container_of(port, struct ixgbe, port);
}

static inline uint32_t reg_get(struct ixgbe *nic, uint32_t reg)
{
	return bus_read32(nic->port.device, 0, reg);
}

static inline void reg_set(struct ixgbe *nic, uint32_t reg, uint32_t value)
{
	bus_write32(nic->port.device, 0, reg, value);
}

/* Writes @value to @count registers of a row, from one on: reg_fill(nic, IXGBE_AT(MTA, 0), IXGBE_MTA_STRIDE, ...). */
static inline void reg_fill(struct ixgbe *nic, uint32_t reg, uint32_t stride, uint32_t count, uint32_t value)
{
	bus_fill32(nic->port.device, 0, reg, stride, count, value);
}

/* Sets the bits @set and clears the bits @clear. */
static inline void reg_change(struct ixgbe *nic, uint32_t reg, uint32_t clear, uint32_t set)
{
	reg_set(nic, reg, (reg_get(nic, reg) & ~clear) | set);
}

/* --- hw.c: reset, semaphores, EEPROM ------------------------------------------------------------------------------------ */

void sleep_us(uint64_t us);
uint64_t now_ns(void);

/* Waits until (register & @mask) == @value. Returns 0, -ETIMEDOUT after @us, or -ENODEV when the device is gone. */
int reg_wait(struct ixgbe *nic, uint32_t reg, uint32_t mask, uint32_t value, uint64_t us);

/* Whether it is known that the device is gone: then it is not spoken to any more. */
static inline bool ixgbe_lost(const struct ixgbe *nic)
{
	return __atomic_load_n(&nic->port.health, __ATOMIC_ACQUIRE) == -ENODEV;
}

/* Whether nothing answers any more: every register reads as all ones. */
bool ixgbe_gone(struct ixgbe *nic);

/* Brings the device into the state after a reset (4.6.3.2). No DMA is under way then. */
int ixgbe_reset(struct ixgbe *nic);

/* Lets the device use memory, or not: bus mastering in config space. */
int ixgbe_set_master(struct ixgbe *nic, bool on);

/* Takes what software and firmware share (GSSR_*), for a short time. */
int ixgbe_lock(struct ixgbe *nic, uint32_t what);
void ixgbe_unlock(struct ixgbe *nic, uint32_t what);

int ixgbe_eeprom_read(struct ixgbe *nic, unsigned word, uint16_t *value);
int ixgbe_eeprom_check(struct ixgbe *nic);

/* The permanent address, which the reset loaded (8.2.3.7.9), or else the EEPROM's. */
int ixgbe_read_mac(struct ixgbe *nic, uint8_t mac[6]);

/* --- link.c ---------------------------------------------------------------------------------------------------------------- */

int ixgbe_link_init(struct ixgbe *nic);  /* finds out what there is */
int ixgbe_link_setup(struct ixgbe *nic); /* brings it up; does not wait for the other side */
int ixgbe_link(struct weir_port *port, struct weir_link *link);

/* --- port.c: what holds for all queues --------------------------------------------------------------------------------------- */

int ixgbe_start(struct weir_port *port);
int ixgbe_stop(struct weir_port *port);
int ixgbe_set_mtu(struct weir_port *port, unsigned mtu);
int ixgbe_set_promiscuous(struct weir_port *port, bool on);
int ixgbe_set_mac(struct weir_port *port, const uint8_t mac[6]);

/* Further filters: addresses beside the own one, multicasts, VLANs (the first one turns the VLAN filter on). */
void ixgbe_set_all_multicast(struct ixgbe *nic, bool on);
int ixgbe_add_mac(struct ixgbe *nic, const uint8_t mac[6]);
void ixgbe_filter_vlan(struct ixgbe *nic, unsigned id, bool on);

/* Makes a device of what was just reset, or may be in any state; leaves it without access to memory. */
int ixgbe_bring_up(struct ixgbe *nic);

/* --- queue.c ------------------------------------------------------------------------------------------------------------------ */

int ixgbe_rxq_open(struct ixgbe *nic, struct ixgbe_rxq *q); /* memory */
void ixgbe_rxq_close(struct ixgbe_rxq *q);
int ixgbe_rxq_start(struct ixgbe *nic, struct ixgbe_rxq *q); /* hardware */
int ixgbe_rxq_stop(struct ixgbe *nic, struct ixgbe_rxq *q);

int ixgbe_txq_open(struct ixgbe *nic, struct ixgbe_txq *q);
void ixgbe_txq_close(struct ixgbe_txq *q);
int ixgbe_txq_start(struct ixgbe *nic, struct ixgbe_txq *q);
int ixgbe_txq_stop(struct ixgbe *nic, struct ixgbe_txq *q);

/* Waits until everything that is queued is sent, for as long as @deadline_ns allows. */
void ixgbe_txq_drain(struct ixgbe *nic, struct ixgbe_txq *q, uint64_t deadline_ns);

/* Decides ring sizes and rx_entries_max, and checks the pool. */
int ixgbe_decide_rings(struct ixgbe *nic);
unsigned ixgbe_entries(struct ixgbe *nic, unsigned mtu);

/* Vectors of the receive queues, as eventfds. */
int ixgbe_irqs_open(struct ixgbe *nic);
void ixgbe_irqs_close(struct ixgbe *nic);
int ixgbe_rxq_fd(struct weir_rxq *rxq);
int ixgbe_rxq_arm(struct weir_rxq *rxq);

/* --- stats.c ---------------------------------------------------------------------------------------------------------------- */

void ixgbe_stats_init(struct ixgbe *nic); /* forgets what the hardware has counted */
void ixgbe_stats(struct weir_port *port, struct weir_port_stats *stats);
int ixgbe_counter(struct weir_port *port, unsigned index, const char **name, uint64_t *value);

/* Looks for a device that went away or a queue that hangs, and damages the port then. */
void ixgbe_watch(struct weir_port *port);

#endif
