/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What Intel's gigabit cards have in common beside rings and vectors: the files of this folder do it for the drivers e1000
 * and igb.
 *
 *      members.c  which cards there are, and what they differ in     link.c    negotiation, pauses, how the link is
 *      hw.c       life: opening, reset, locks                         filter.c  addresses, groups, VLANs, RSS
 *      nvm.c      the memory that a card is configured by             stats.c   counters
 *      phy.c      the PHY's registers                                 device.c  struct device_ops
 *
 * struct gigabit is the head of struct e1000 and struct igb. Calls that take a struct weir_port are made to stand in the
 * drivers' tables as they are.
 *
 *      open    gigabit_open(), whatever the driver has to say of the port, gigabit_attach()
 *      start   gigabit_set_up(), queues, gigabit_receiver(nic, true)
 *      stop    gigabit_receiver(nic, false), queues; gigabit_recover() when one of them does not stop
 *      close   gigabit_close()
 */
#ifndef GIGABIT_GIGABIT_H
#define GIGABIT_GIGABIT_H

#include "core/clock.h"
#include "members.h"
#include "port/counters.h"
#include "port/registers.h"
#include "regs/e1000.h"
#include "regs/e1000_bits.h"
#include "regs/igb.h"

#define GIGABIT_OVERHEAD 18u                  /* Ethernet header and CRC */
#define GIGABIT_TAG      4u                   /* a VLAN tag, which the longest frame may have beyond that */
#define GIGABIT_MACS     32u                  /* RAL and RAH, at most */
#define GIGABIT_DRAIN_NS UINT64_C(1000000000) /* what is queued is sent for so long when a queue stops */

enum gigabit_medium { GIGABIT_COPPER, GIGABIT_FIBRE, GIGABIT_SERDES };

/* How the words that a card is configured by are reached (nvm.c). */
enum gigabit_nvm {
	NVM_MICROWIRE,
	NVM_EERD,
	NVM_I210,         /* EERD when there is a flash, else memory in the card */
	NVM_FLASH_REGION, /* a part of the board's flash, by registers in region 1 */
	NVM_FLASH_INSIDE, /* ... in region 0 */
};

/* What software and firmware, or the drivers of a card's ports, take turns by (hw.c). */
enum gigabit_turns { TURNS_ALONE, TURNS_SWSM, TURNS_EXTCNF, TURNS_SYNC };

enum gigabit_mac {
	GIGABIT_82540EM,
	GIGABIT_82545EM,
	GIGABIT_82546EB,
	GIGABIT_82571EB,
	GIGABIT_82572EI,
	GIGABIT_82573,
	GIGABIT_82573L,
	GIGABIT_82574L,
	GIGABIT_82583V,
	GIGABIT_I217,
	GIGABIT_I218,
	GIGABIT_I219,
	GIGABIT_82576,
	GIGABIT_82580,
	GIGABIT_I350,
	GIGABIT_I210,
	GIGABIT_I211,
	GIGABIT_I354,
};

#define QUIRK_SPARE_MAC \
	0x01u /* a reset of the other port loads this one's address anew: it is in the 15th place, too */
#define QUIRK_SECOND_MAC 0x02u /* there may be an address that is to be taken instead: word 0x37 */
#define QUIRK_FLASH      0x04u /* the EEPROM may be a flash, which is read again after a reset */
#define QUIRK_SUM_EACH   0x08u /* each port has words of its own, which add up */
#define QUIRK_VFTA       0x10u /* ERRATUM: a write to the table of VLANs may get lost */
#define QUIRK_ULP        0x20u /* the firmware may have put the PHY to sleep */

/* What cards with the same MAC have in common. */
struct gigabit_kind {
	const char *name;
	enum gigabit_mac mac;
	uint8_t rows; /* E1000_ON_*: which registers it has */
	uint8_t nvm, turns;
	uint8_t macs;   /* RAL and RAH */
	uint8_t queues; /* as many of each kind */
	uint8_t pba;    /* KiB of the packet buffer that are for receiving; 0: as they are */
	uint8_t mta;    /* registers of the multicast table */
	uint16_t frame; /* longest, CRC included */
	uint8_t page;   /* the PHY's register that chooses a page; 0: none */
	uint8_t quirks; /* QUIRK_* */
};

struct gigabit_member {
	uint16_t device;
	uint8_t mac, medium;
};

struct gigabit {
	struct weir_port port;
	const struct gigabit_kind *kind;
	enum gigabit_medium medium;
	unsigned lan;       /* which of the card's ports this is */
	unsigned phy;       /* address on MDIO */
	unsigned mode;      /* LINK_MODE_* of igb's */
	bool forced;        /* fibre, SerDes: nobody negotiates */
	uint64_t silent_ns; /* fibre: since when there is light but no negotiation; 0: not so */
	bool attached;      /* memory is mapped for the device */
	uint32_t rctl;      /* the driver's part of RCTL: sizes, CRC, long packets */
	bool receiving;     /* RCTL.EN is set */
	bool promiscuous;
	bool cleared;                  /* tables are, by a reset: to be filled again */
	unsigned mac_count;            /* places for addresses that are ours */
	uint8_t macs[GIGABIT_MACS][6]; /* what stands there, */
	uint32_t mta[E1000_MTA_COUNT];
	uint32_t rx_buffer;            /* bytes of the packet buffer that are for receiving */
	struct weir_flow_control flow; /* as asked for, and what is in force */
	unsigned pauses;               /* that we offer */
	bool link_up;                  /* as of the last look */
	bool identifying;              /* a light blinks, which LEDCTL was such before: */
	uint32_t leds;
	uint32_t causes;                                    /* WEIR_EVENT_* that nobody has taken; any thread */
	void (*seen)(struct gigabit *nic, uint32_t causes); /* what ICR told, which reading has cleared; may be NULL */
	struct counters counters;
};

static inline struct gigabit *gigabit(struct weir_port *port)
{
	return container_of(port, struct gigabit, port);
}

/* Whose registers are those of e1000.h marked x, e, g. */
static inline bool is_8254x(const struct gigabit *nic)
{
	return nic->kind->rows & E1000_ON_x;
}

static inline bool is_igb(const struct gigabit *nic)
{
	return nic->kind->rows & E1000_ON_g;
}

/* The 82580 and newer. */
static inline bool is_newer(const struct gigabit *nic)
{
	return nic->kind->rows & E1000_ON_n;
}

/* The I217 to I219, whose PHY and flash are the board's. */
static inline bool is_pch(const struct gigabit *nic)
{
	return nic->kind->rows & E1000_ON_p;
}

/* Causes in ICR that are events of the port: FER is a queue's on the 82574. */
static inline uint32_t gigabit_event_causes(const struct gigabit *nic)
{
	return ICR_LSC | (is_igb(nic) || is_pch(nic) ? ICR_FER : 0);
}

/* --- members.c ------------------------------------------------------------------------------------------------------------- */

/* The member with that id; NULL: none. */
const struct gigabit_member *gigabit_member(uint16_t device);
const struct gigabit_kind *gigabit_kind(const struct gigabit_member *member);

/* --- hw.c ------------------------------------------------------------------------------------------------------------------ */

/*
 * Makes a device of what may be in any state, and finds out what it is. Fills port->info: name, node, mac, mtu and mtu_max,
 * the numbers of queues, that it receives and sends. On failure nothing is left to be undone.
 */
int gigabit_open(struct gigabit *nic);

/* Lets it get at memory, and brings up the link. On failure gigabit_close() is still to be called. */
int gigabit_attach(struct gigabit *nic);

/* Takes it away from the device, and leaves that reset: nothing is there for the next one to find. */
int gigabit_close(struct gigabit *nic);

/* Stops all DMA by a reset, for queues that do not stop; then it is as after gigabit_attach(). */
int gigabit_recover(struct gigabit *nic);

/* Takes what is shared, for a short time. */
#define GIGABIT_LOCK_NVM 0x0001u /* bits of SW_FW_SYNC */
#define GIGABIT_LOCK_PHY 0x0002u /* ... of this port's */
int gigabit_lock(struct gigabit *nic, uint32_t what);
void gigabit_unlock(struct gigabit *nic, uint32_t what);

/* --- nvm.c ----------------------------------------------------------------------------------------------------------------- */

uint32_t gigabit_nvm_words(struct gigabit *nic);
int gigabit_nvm_read(struct gigabit *nic, unsigned word, uint16_t *values, unsigned n);
int gigabit_nvm_sum(struct gigabit *nic, bool *bad); /* whether they add up */
int gigabit_nvm_check(struct gigabit *nic);
int gigabit_read_mac(struct gigabit *nic, uint8_t mac[6]);

/* --- phy.c ----------------------------------------------------------------------------------------------------------------- */

/* Registers of IEEE 802.3 clause 22. */
enum phy_reg { PHY_CONTROL, PHY_STATUS, PHY_ID1, PHY_ID2, PHY_OFFER, PHY_PARTNER, PHY_OFFER_1000 = 9 };

int gigabit_phy_init(struct gigabit *nic); /* finds it, and wakes it up */
int gigabit_phy_read(struct gigabit *nic, unsigned reg, uint16_t *value);

/* Clears and sets bits; when that is another value, writes it and sets *@changed. */
int gigabit_phy_change(struct gigabit *nic, unsigned reg, uint16_t clear, uint16_t set, bool *changed);

/* --- link.c ---------------------------------------------------------------------------------------------------------------- */

int gigabit_link_init(struct gigabit *nic);  /* finds out what there is */
int gigabit_link_setup(struct gigabit *nic); /* brings it up; does not wait for the other side */
int gigabit_link(struct weir_port *port, struct weir_link *link);

/* Makes flow control as nic->flow says and both sides agree to; after the MTU has changed, too. */
void gigabit_flow_apply(struct gigabit *nic);
int gigabit_set_flow_control(struct weir_port *port, const struct weir_flow_control *flow);
int gigabit_flow_control(struct weir_port *port, struct weir_flow_control *flow);

/* --- filter.c -------------------------------------------------------------------------------------------------------------- */

/* What a start needs that is not of a queue: filters, tags' EtherTypes, pauses. nic->rctl is the driver's to fill before. */
void gigabit_set_up(struct gigabit *nic);

/* Lets packets in, or no more. */
void gigabit_receiver(struct gigabit *nic, bool on);

int gigabit_set_promiscuous(struct weir_port *port, bool on);
int gigabit_set_mac(struct weir_port *port, const uint8_t mac[6]);

/* For struct filter_ops; limits fills in addresses, groups and RSS. */
void gigabit_filter_limits(struct weir_port *port, struct weir_filter_limits *limits);
int gigabit_set_groups(struct weir_port *port);
int gigabit_set_macs(struct weir_port *port);
int gigabit_set_vlan(struct weir_port *port, unsigned id);
int gigabit_set_rss(struct weir_port *port);

void gigabit_apply_rss(struct gigabit *nic); /* while nothing is received */
void gigabit_clear_tables(struct gigabit *nic);

/* --- stats.c --------------------------------------------------------------------------------------------------------------- */

extern const struct counter_table gigabit_counters;
void gigabit_stats(struct weir_port *port, struct weir_port_stats *stats);
int gigabit_counter(struct weir_port *port, unsigned index, const char **name, uint64_t *value);

/* --- device.c -------------------------------------------------------------------------------------------------------------- */

extern const struct device_ops gigabit_hardware;

/* Reads ICR, which clears it, and keeps what is an event for weir_port_events(). Returns what it read, 0: it is gone. */
uint32_t gigabit_causes(struct gigabit *nic);

#endif
