/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Intel's gigabit cards as a model. Internal to lib/sim/e1000.
 *
 *      model.c   variants, config space, reset            irq.c      causes, masks, the line, throttling
 *      regs.c    which offset is which register, rules    vector.c   ... and messages
 *      nvm.c     the EEPROM's words, and ways to them     tx.c       descriptors to frames
 *      phy.c     the PHY on MDIO                          offload.c  checksums and segments by a context's byte offsets
 *      link.c    what the MAC makes of PHY and cable      rx.c       frames to descriptors
 *      stats.c   counters                                 filter.c   which frames are for us
 *      time.c    the clock, and stamps                    steer.c    ... and which queue they go to
 *                                                         split.c    headers to a buffer of their own
 *
 * Registers live in the memory behind BAR 0 (nic->bar[0]), each at its own offset: in fast mode the client has the pages
 * of the queues mapped and may change anything in them at any time. So what is read there is checked where it is used.
 *
 * Assumptions, where the manuals are silent or the model is simpler than the card:
 *   A1  A frame is written when descriptors for all of it are there; the card begins with fewer and waits.
 *   A2  A descriptor is fetched when it is used, not ahead; thresholds of RXDCTL and TXDCTL mean nothing.
 *   A3  A refused DMA access stops the queue until the receiver or transmitter (82576: the queue) is disabled.
 *   A4  Without a link transmit queues stand still and keep their descriptors.
 *   A5  Virtual functions, MACsec, IPsec and manageability are registers that keep what is written, no more.
 *   A6  In fast mode a queue that is disabled and enabled again between two looks was not disabled, RDTR's bit FPD does
 *       nothing, and of the two addresses of the first four queues of the 82576 only those of e1000.h work.
 *   A7  Half duplex, early receive and smart power down are not modelled; the PHY negotiates in no time.
 */
#ifndef SIM_E1000_MODEL_H
#define SIM_E1000_MODEL_H

#include <errno.h>
#include <string.h>

#include "regs/e1000.h"
#include "regs/e1000_bits.h"
#include "regs/igb.h"
#include "sim/classify.h"
#include "sim/e1000/e1000.h"
#include "sim/frame.h"
#include "weir/net.h"

#define E1_QUEUES       16
#define E1_VECTORS      25
#define E1_REGISTERS    0x20000u /* bytes of BAR 0 */
#define E1_EEPROM_WORDS 4096
#define E1_TX_BUFFER    (256 * 1024 + 1024) /* the longest packet to be segmented, and its headers */

/* The EEPROM's serial bus, microwire or SPI. */
struct e1_serial {
	bool selected, clock;
	bool out;      /* what the EEPROM drives */
	bool writable; /* writing was enabled */
	unsigned bits; /* shifted in since it was selected; microwire: since the start bit, which counts */
	uint32_t in;   /* ... themselves, the last one lowest */
	uint8_t command;
	uint32_t reply; /* what is shifted out, uppermost bit first */
	unsigned left;  /* bits of it */
	uint32_t at;    /* word or byte that comes next */
};

#define E1_PHY_PAGED 128
struct e1_phy {
	uint16_t reg[32]; /* of page 0 */
	uint16_t page;
	bool link_fell; /* since the status was read */
	struct {
		bool used;
		uint16_t page, reg, value;
	} paged[E1_PHY_PAGED];
};

/* What the PHYs differ in. */
struct e1_phy_kind {
	uint32_t id;
	uint8_t page_register; /* 0: none */
	uint8_t page_shift;    /* of what is written there */
	uint16_t speed[3];     /* register 17 with a link of 10, 100, 1000 Mbit/s */
	uint16_t paged;        /* what a register of another page holds until it is written */
};

/* A context descriptor, as it was sent. */
struct e1_context {
	uint32_t word[4];
};

struct e1_tx_queue {
	struct e1_context contexts[2]; /* 82576: by number; else without and with segmentation */
	unsigned segments_sent;        /* of the packet at the head, when the wire had no room for all */
	bool running;
	bool hung; /* until it is disabled */
};

struct e1_rx_queue {
	bool running;
	bool hung;
	bool low; /* RXDMT0 was said of it */
};

/* A ring, as registers say and after they were checked. */
struct e1_ring {
	uint64_t base;
	uint32_t count, head, tail;
};

/* A frame, where it goes, and what the descriptor says of it. */
struct e1_packet {
	const uint8_t *frame;
	size_t len;
	struct sim_class class;
	bool tagged, outer_tagged, by_hash, bad_crc, stamped;
	uint16_t tci;
	unsigned queue;
	unsigned rss_type;
	uint32_t hash;
	uint16_t csum;    /* of the packet from RXCSUM.PCSS on */
	int ether_filter; /* that matched; -1: none */
};

struct e1 {
	struct sim_nic nic;
	const struct e1_variant *variant;
	uint16_t rows[E1_REGISTERS / 4]; /* number of the row, plus 1 */
	uint32_t io_address;             /* what the I/O BAR's data is about */
	uint16_t eeprom[E1_EEPROM_WORDS];
	struct e1_serial serial;
	struct e1_phy phy;
	struct e1_tx_queue tx[E1_QUEUES];
	struct e1_rx_queue rx[E1_QUEUES];
	uint8_t *tx_buffer;
	uint8_t scratch[SIM_FRAME_MAX + 8];                  /* a frame that is changed on its way */
	char tx_name[E1_QUEUES][48], rx_name[E1_QUEUES][48]; /* whose DMA it was */

	uint32_t causes, mask;         /* ICR, IMS */
	uint32_t vectors, vector_mask; /* 82576: EICR, EIMS */
	uint32_t pending;              /* vectors that have something to tell, held back by throttle */
	bool asserted;                 /* an interrupt since ICR was read */
	bool line;                     /* without MSI-X: asserted */
	uint64_t due_ns[E1_VECTORS];   /* when the throttle lets the next one through */
	struct e1_delay {
		uint32_t causes;          /* that are told later */
		uint64_t due_ns, last_ns; /* when; when at the latest */
	} rx_delay, tx_delay;

	bool waiting, waiting_bad; /* the first frame of the packet buffer: it waits for descriptors; its CRC */
	struct {
		uint64_t iova, word;
		unsigned runs; /* until the word is written; 0: none is held back */
	} late;
	uint64_t pause_until_ns;
	bool pausing;   /* we have asked the partner to stop */
	bool link_told; /* the state that LSC has told of */
	uint64_t time_base_ns, time_offset;
	unsigned looks; /* in fast mode, at what changes rarely */
	struct sim_rss rss;

	uint64_t rx_disabled, rx_filtered, rx_vlan_filtered, rx_no_queue, rx_no_descriptor, rx_dma, tx_dma, tx_bad;
};

static inline struct e1 *e1_of(struct sim_nic *nic)
{
	return (struct e1 *)nic;
}

/* Registers as they are stored. A client may write some of them at any time. */
static inline uint32_t e1_get(const struct e1 *e1, uint32_t offset)
{
	return __atomic_load_n((const uint32_t *)(const void *)(e1->nic.bar[0] + offset), __ATOMIC_ACQUIRE);
}

static inline void e1_set(struct e1 *e1, uint32_t offset, uint32_t value)
{
	__atomic_store_n((uint32_t *)(void *)(e1->nic.bar[0] + offset), value, __ATOMIC_RELEASE);
}

static inline bool e1_is_4x(const struct e1 *e1)
{
	return e1->variant->who == E1000_ON_x;
}

static inline bool e1_is_74(const struct e1 *e1)
{
	return e1->variant->who == E1000_ON_e;
}

/* Whose queues, descriptors and interrupts are as the 82599's. */
static inline bool e1_is_76(const struct e1 *e1)
{
	return e1->variant->who == E1000_ON_g;
}

/* How many descriptors @len bytes take in buffers of @room: one even for none. */
static inline unsigned e1_descriptors(size_t len, size_t room)
{
	return len ? (unsigned)((len + room - 1) / room) : 1;
}

/* model.c */
/*
 * Reads a ring's registers, for descriptors of @size bytes; head and tail count units of 16 bytes whatever it is. Returns
 * false when there can be none.
 */
bool e1_ring(const struct e1 *e1, uint32_t base_register, unsigned size, struct e1_ring *ring);
void e1_reset(struct e1 *e1);

/* regs.c */
void e1_regs_open(struct e1 *e1);
void e1_regs_reset(struct e1 *e1);
uint32_t e1_read(struct sim_nic *nic, unsigned bar, uint64_t offset);
uint32_t e1_peek(struct sim_nic *nic, uint64_t offset);
void e1_write(struct sim_nic *nic, unsigned bar, uint64_t offset, uint32_t value);

/* nvm.c */
void e1_nvm_open(struct e1 *e1);
uint32_t e1_eecd_read(const struct e1 *e1);
void e1_eecd_write(struct e1 *e1, uint32_t value);
uint32_t e1_eerd(const struct e1 *e1, uint32_t value); /* returns what EERD holds then */
uint32_t e1_eewr(struct e1 *e1, uint32_t value);

/* phy.c */
extern const struct e1_phy_kind e1_phy_m88, e1_phy_bm, e1_phy_igp;
void e1_phy_reset(struct e1 *e1);
uint32_t e1_mdic(struct e1 *e1, uint32_t command); /* returns what MDIC holds then */
unsigned e1_phy_speed(const struct e1 *e1);        /* in Mbit/s, 0: no link */
bool e1_phy_loops(const struct e1 *e1);

/* link.c */
bool e1_link_up(const struct e1 *e1);
uint32_t e1_status(const struct e1 *e1);
void e1_link_changed(struct e1 *e1);
bool e1_loops(const struct e1 *e1); /* what is sent comes back, and nothing else comes */

/* irq.c */
void e1_irq_reset(struct e1 *e1);
void e1_irq_rx(struct e1 *e1, unsigned queue);
void e1_irq_tx(struct e1 *e1, unsigned queue, bool delay);
void e1_irq_flush(struct e1 *e1, bool tx); /* what is delayed is told now */
void e1_irq_other(struct e1 *e1, uint32_t causes);
uint32_t e1_irq_read(struct e1 *e1, uint32_t offset, bool peek);
void e1_irq_write(struct e1 *e1, uint32_t offset, uint32_t value);
unsigned e1_irq_run(struct e1 *e1, uint64_t now_ns);
uint64_t e1_irq_due(const struct e1 *e1);

/* vector.c */
bool e1_by_vector(const struct e1 *e1);
void e1_vector_causes(struct e1 *e1, uint32_t causes); /* of ICR: those that are not masked go to their vectors */
uint32_t e1_vector_of_queue(const struct e1 *e1, unsigned queue, bool tx); /* 82576: bit of EICR; 0: it leads nowhere */
void e1_vector_raise(struct e1 *e1, uint32_t vectors);                     /* 82576: bits of EICR */
bool e1_vector_has_reason(const struct e1 *e1, unsigned vector);
void e1_vector_fire(struct e1 *e1, unsigned vector, uint64_t now_ns);
uint64_t e1_vector_interval_ns(const struct e1 *e1, unsigned vector);

/* stats.c */
void e1_count(struct e1 *e1, uint32_t offset, uint32_t n);
void e1_count_bytes(struct e1 *e1, uint32_t low, uint64_t n);
void e1_count_rx_good(struct e1 *e1, const uint8_t *frame, size_t bytes);
void e1_count_tx(struct e1 *e1, const uint8_t *frame, size_t bytes);
int e1_counter(struct sim_nic *nic, unsigned index, const char **name, uint64_t *value);

/* filter.c */
bool e1_filter_pass(struct e1 *e1, struct e1_packet *packet);

/* steer.c */
void e1_steer(struct e1 *e1, struct e1_packet *packet);

/* time.c */
uint64_t e1_time(const struct e1 *e1);
void e1_time_write(struct e1 *e1, uint32_t offset, uint32_t value);
void e1_time_stamp_rx(struct e1 *e1, struct e1_packet *packet);
void e1_time_stamp_tx(struct e1 *e1);

/* rx.c */
bool e1_receive(struct sim_nic *nic, const uint8_t *frame, size_t len, unsigned flags);
bool e1_rx_frame(struct e1 *e1, const uint8_t *frame, size_t len, unsigned flags);
void e1_missed(struct sim_nic *nic, uint64_t frames);
bool e1_listening(const struct sim_nic *nic);
void e1_rx_reset(struct e1 *e1);
void e1_rx_control(struct e1 *e1, unsigned queue);                                  /* what enables it was written */
uint32_t e1_rx_status(const struct e1 *e1, const struct e1_packet *packet);         /* word 2, of the last descriptor */
int e1_rx_write_back(struct e1 *e1, unsigned queue, uint64_t at, uint32_t word[4]); /* of 16 bytes */

/* split.c: packet split of the 82574, and what of a packet is its header */
bool e1_split_on(const struct e1 *e1);
unsigned e1_split_descriptors(const struct e1 *e1, const struct e1_packet *packet);
int e1_split_write(struct e1 *e1, const struct e1_packet *packet, const struct e1_ring *ring, unsigned n);

/* tx.c */
unsigned e1_tx_queue(struct e1 *e1, unsigned queue); /* sends what there is; returns how many frames */
unsigned e1_tx_all(struct e1 *e1);
void e1_tx_control(struct e1 *e1, unsigned queue);                 /* what enables it was written */
bool e1_tx_frame(struct e1 *e1, const uint8_t *frame, size_t len); /* false: no room on the wire */

/* offload.c: a packet of @len bytes in e1->tx_buffer, to be sent as its context and options say */
struct e1_tx_packet {
	uint8_t *data;
	size_t len;
	uint32_t command;                 /* word 2 of the first descriptor */
	uint32_t options;                 /* word 3 */
	const struct e1_context *context; /* NULL: legacy */
	uint64_t report;                  /* its descriptors that want to be reported */
	bool delay;                       /* ... and may be told later */
};

/* Makes frame number @index in @frame (SIM_FRAME_MAX bytes). Returns its length, 0: there is none. */
size_t e1_offload(struct e1 *e1, const struct e1_tx_packet *packet, unsigned index, uint8_t *frame);

#endif
