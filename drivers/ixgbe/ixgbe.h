/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The driver of the 82599 and X540: what its files share. (ring.h: the data path.)
 */
#ifndef IXGBE_IXGBE_H
#define IXGBE_IXGBE_H

#include "../advanced/clock.h"
#include "core/clock.h"
#include "port/counters.h"
#include "port/registers.h"
#include "regs/ixgbe.h"
#include "ring.h"

#define IXGBE_QUEUES     64u
#define IXGBE_RSS_QUEUES 16u          /* an entry of RETA has 4 bits (8.2.3.7.15) */
#define IXGBE_ETQF_1588  7u           /* the EtherType filter that is kept for time stamps */
#define IXGBE_MACS       128u         /* RAL and RAH */
#define IXGBE_RX_BUFFER  (512u << 10) /* all of the packet buffers for one traffic class (4.6.11.3.4) */
#define IXGBE_FRAME_MAX  9728u        /* MAXFRS: 9.5 KiB, CRC included (8.2.3.22.13) */
#define IXGBE_OVERHEAD   18u          /* Ethernet header and CRC */
#define IXGBE_TAGS       8u           /* two VLAN tags, which MAXFRS does not count */

/* Causes of queues that there are without vectors: the bits EICR_QUEUES. */
#define IXGBE_LINE_CAUSES 16u

/* Causes that are events of the port. */
#define IXGBE_EVENTS (EICR_LSC | EICR_PCI | EICR_ECC)

#define IXGBE_DRAIN_NS UINT64_C(1000000000) /* what is queued is sent for so long when a queue stops */

enum ixgbe_media { IXGBE_FIBRE, IXGBE_BACKPLANE, IXGBE_CX4, IXGBE_COPPER };

struct ixgbe {
	struct weir_port port;
	struct adv_clock clock;
	enum ixgbe_media media;
	bool x540;
	unsigned lan;         /* which of the card's ports this is */
	uint16_t device_caps; /* EEPROM word 0x2c */
	bool needs_cage_pin;  /* ASSUME_CAGE */
	bool cage_was_empty;
	uint16_t module; /* what the module is for the EEPROM's list: enum in link.c */
	bool module_1g;
	bool identifying; /* a light blinks, which LEDCTL was such before: */
	uint32_t leds;
	unsigned phy; /* address on MDIO */
	bool promiscuous;
	bool cleared;                /* tables are, by a reset: to be filled again */
	uint8_t macs[IXGBE_MACS][6]; /* what stands in RAL and RAH, */
	uint32_t mta[IXGBE_MTA_COUNT];
	uint32_t ether_types, tuples[IXGBE_FTQF_COUNT / 32]; /* filters in use, a bit each */
	struct {
		unsigned size; /* as in FDIRCTRL.PBALLOC; 0: it is off */
		unsigned count;
		bool ready;  /* no reset has come since it was set up */
		bool report; /* descriptors say which filter matched */
		uint32_t used[IXGBE_FDIR_MAX / 32];
		uint32_t marks[IXGBE_FDIR_MAX]; /* of filters, by the index that descriptors report */
	} fdir;
	uint32_t rx_buffer; /* bytes of the packet buffer for packets; flow director's filters have the rest */
	struct weir_flow_control flow; /* as asked for, and what is in force */
	unsigned pauses;               /* that we offer */
	bool link_up;                  /* as of the last look */
	bool receiving;                /* RXCTRL.RXEN is set */
	unsigned vectors;              /* MSI-X vectors of queues; the next one is for events */
	int fds[IXGBE_QUEUES + 1];     /* of the vectors, and of port.events behind them */
	bool line;                     /* one interrupt tells of everything */
	uint32_t causes;               /* WEIR_EVENT_* that nobody has taken; any thread */
	struct counters counters;
	pthread_mutex_t watch_lock;
};

static inline struct ixgbe *ixgbe(struct weir_port *port)
{
	return container_of(port, struct ixgbe, port);
}

/* --- hw.c: reset, semaphores, EEPROM ------------------------------------------------------------------------------------ */

/* Brings the device into the state after a reset (4.6.3.2). No DMA is under way then. */
int ixgbe_reset(struct ixgbe *nic);

/* Lets the device use memory, or not: bus mastering in config space. */
int ixgbe_set_master(struct ixgbe *nic, bool on);

/* Takes what software and firmware share (GSSR_*), for a short time. */
int ixgbe_lock(struct ixgbe *nic, uint32_t what);
void ixgbe_unlock(struct ixgbe *nic, uint32_t what);

/* Words from one on, in one turn of the semaphore. */
int ixgbe_eeprom_read(struct ixgbe *nic, unsigned word, uint16_t *values, unsigned n);
int ixgbe_eeprom_sum(struct ixgbe *nic, uint16_t *sum); /* of the words that add up to this: */
#define IXGBE_EEPROM_SUM 0xbabau
int ixgbe_eeprom_check(struct ixgbe *nic);

/* The permanent address, which the reset loaded (8.2.3.7.9), or else the EEPROM's. */
int ixgbe_read_mac(struct ixgbe *nic, uint8_t mac[6]);

/* --- link.c ---------------------------------------------------------------------------------------------------------------- */

int ixgbe_link_init(struct ixgbe *nic);  /* finds out what there is */
int ixgbe_link_setup(struct ixgbe *nic); /* brings it up; does not wait for the other side */
int ixgbe_link(struct weir_port *port, struct weir_link *link);

/* Offers pauses (port/pauses.h) from the next negotiation on, which it begins when the offer is another one. */
int ixgbe_offer_pauses(struct ixgbe *nic, unsigned pauses);

/* What the other side offers; nothing while there is no link. Returns false when this medium negotiates nothing. */
bool ixgbe_pauses_offered(struct ixgbe *nic, unsigned *pauses);

int ixgbe_module(struct weir_port *port, struct weir_module *module);
int ixgbe_read_module(struct weir_port *port, uint32_t offset, void *data, uint32_t len);

/* --- port.c: what holds for all queues --------------------------------------------------------------------------------------- */

int ixgbe_start(struct weir_port *port);
int ixgbe_stop(struct weir_port *port);
int ixgbe_set_mtu(struct weir_port *port, unsigned mtu);
int ixgbe_set_promiscuous(struct weir_port *port, bool on);
int ixgbe_set_mac(struct weir_port *port, const uint8_t mac[6]);

/* Makes a device of what was just reset, or may be in any state; leaves it without access to memory. */
int ixgbe_bring_up(struct ixgbe *nic);

/* While something changes that may not while packets arrive; nothing when none do. */
void ixgbe_receiver_pause(struct ixgbe *nic);
void ixgbe_receiver_resume(struct ixgbe *nic);

/* What weir/filter.h asks for. */
extern const struct filter_ops ixgbe_filters;

/* --- filter.c ---------------------------------------------------------------------------------------------------------------- */

#define IXGBE_FILTERS_MAX (8u + 128u + 8190u) /* EtherTypes, 5-tuples, flow director's */
#define IXGBE_PRIORITIES  7u

int ixgbe_add_filter(struct weir_port *port, struct port_filter *filter);
int ixgbe_remove_filter(struct weir_port *port, struct port_filter *filter);

/* Writes all of them again, after a reset has @cleared them or when descriptors are to tell something else. */
int ixgbe_filters_restore(struct ixgbe *nic, bool cleared);

uint32_t ixgbe_fdir_bucket(const struct weir_filter *f);

/* --- queue.c ------------------------------------------------------------------------------------------------------------------ */

int ixgbe_rxq_open(struct ixgbe *nic, struct ixgbe_rxq *q);   /* memory */
int ixgbe_rxq_enable(struct ixgbe *nic, struct ixgbe_rxq *q); /* hardware */
int ixgbe_rxq_disable(struct ixgbe *nic, struct ixgbe_rxq *q);
void ixgbe_rx_settle(void);

int ixgbe_txq_open(struct ixgbe *nic, struct adv_txq *q);
int ixgbe_txq_enable(struct ixgbe *nic, struct adv_txq *q);
int ixgbe_txq_disable(struct ixgbe *nic, struct adv_txq *q);

/* Waits until everything that is queued is sent, for as long as @deadline_ns allows. */
void ixgbe_txq_drain(struct adv_txq *q, uint64_t deadline_ns);

/* Single queues of a port that runs. */
extern const struct queue_ops ixgbe_queues;

/* Decides ring sizes and rx_entries_max, and checks the pool. */
int ixgbe_decide_rings(struct ixgbe *nic);
unsigned ixgbe_entries(struct ixgbe *nic, unsigned mtu);

/* Vectors of the receive queues, as eventfds. */
bool ixgbe_has_vectors(const struct ixgbe *nic);
int ixgbe_irqs_open(struct ixgbe *nic);
void ixgbe_irqs_close(struct ixgbe *nic);

/* --- clock.c ---------------------------------------------------------------------------------------------------------------- */

void ixgbe_clock_open(struct ixgbe *nic);
void ixgbe_clock_reset(struct ixgbe *nic); /* after the device was */
void ixgbe_clock_start(struct ixgbe *nic);

/* --- wait.c ----------------------------------------------------------------------------------------------------------------- */

void ixgbe_rxq_adapt(struct ixgbe *nic, struct adv_rxq *q); /* has its vector's interval follow what it receives */
int ixgbe_rxq_fd(struct weir_rxq *rxq);
int ixgbe_rxq_arm(struct weir_rxq *rxq);
int ixgbe_rxq_set_interval(struct weir_rxq *rxq, unsigned us);
void ixgbe_write_interval(struct ixgbe *nic, unsigned vector, unsigned interval); /* in 2.048 us */

/* --- stats.c ---------------------------------------------------------------------------------------------------------------- */

extern const struct counter_table ixgbe_counters;
void ixgbe_stats_init(struct ixgbe *nic); /* forgets what the hardware has counted */
void ixgbe_stats(struct weir_port *port, struct weir_port_stats *stats);
int ixgbe_counter(struct weir_port *port, unsigned index, const char **name, uint64_t *value);

/* --- device.c --------------------------------------------------------------------------------------------------------------- */

extern const struct device_ops ixgbe_hardware;

/* Makes flow control as nic->flow says and both sides agree to. */
void ixgbe_flow_apply(struct ixgbe *nic);

/* Reads and clears the causes of events, and keeps them for weir_port_events(). Returns whether there were any. */
bool ixgbe_causes(struct ixgbe *nic);

/* Without vectors: causes were read, and so cleared. */
void ixgbe_line_seen(struct ixgbe *nic, uint32_t causes);

/* --- stats.c, again ---------------------------------------------------------------------------------------------------------- */

/* Looks for a device that went away or a queue that hangs, and damages the port then. */
void ixgbe_watch(struct weir_port *port);

#endif
