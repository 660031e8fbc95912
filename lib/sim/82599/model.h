/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The 82599 as a model. Internal to lib/sim/82599.
 *
 *      model.c     identity, reset, what lib/sim calls     rx.c       frames to descriptors
 *      regs.c      which offset is which register, rules   filter.c   which frames are for us
 *      defaults.c  ... and what it holds after a reset     steer.c    ... and which queue they go to
 *      eeprom.c    the image, and access to it             fdir.c     ... by the flow director
 *      i2c.c       the bus to the cage                     split.c    headers to a buffer of their own
 *      module.c    what is in the cage                     rsc.c      segments that become one packet
 *      phy.c       the copper PHY on MDIO                  tx.c       descriptors to frames
 *      link.c      what the MAC makes of the cable         offload.c  checksums and segments of what is sent
 *      pause.c     flow control                            irq.c      causes, masks, throttling
 *      time.c      the clock, time stamps                  stats.c    counters
 *
 * Registers live in the memory behind BAR 0 (nic->bar[0]), each at its own offset: in fast mode the client has some pages
 * of it mapped and may change anything in them at any time. So what is read there is checked where it is used.
 *
 * Assumptions, where the datasheet is silent or the model is simpler than the card:
 *   A1  A descriptor is fetched when it is used, not ahead; so a head never runs ahead of what is finished.
 *   A2  A refused DMA access stops the queue until it is disabled, and raises EICR.PCI.
 *   A3  Without a link transmit queues stand still and keep their descriptors.
 *   A4  Commands take no time: resets, EEPROM, MDIO, filters. The receive packet buffer is lib/sim's, whatever RXPBSIZE says.
 *   A5  DCB, virtual functions, IPsec, MACsec and FCoE are registers that keep what is written, no more; MRQC means RSS or
 *       nothing.
 *   A6  In fast mode a queue that is disabled and enabled again between two looks was not disabled.
 */
#ifndef SIM_82599_MODEL_H
#define SIM_82599_MODEL_H

#include <errno.h>
#include <string.h>

#include "regs/ixgbe.h"
#include "regs/ixgbe_bits.h"
#include "sim/82599/ixgbe.h"
#include "sim/advanced.h"
#include "sim/classify.h"
#include "sim/frame.h"
#include "weir/net.h"
#include "weir/parse.h"

#define IX_QUEUES       128
#define IX_REGISTERS    0x20000u /* bytes of BAR 0 that have registers */
#define IX_EEPROM_WORDS 8192
#define IX_TX_BUFFER    (256 * 1024 + 1024) /* the longest packet to be segmented, and its headers */
#define IX_FILTERS      32768               /* and buckets */
#define IX_PACKET_KIB   512                 /* of receive packet buffer, for packets and filters */

/* The module's two-wire slave. */
struct ix_i2c {
	enum { I2C_IDLE, I2C_ADDRESS, I2C_OFFSET, I2C_WRITE, I2C_READ } state;
	bool sda, wants_scl;    /* as the master drives them */
	bool scl;               /* as the line is */
	bool low;               /* we hold SDA low */
	bool told;              /* that the master does something wrong, since the start */
	uint64_t moved_ns;      /* when the clock last did */
	uint64_t held_until_ns; /* the clock is held low */
	unsigned bits;
	uint8_t shift, address, offset;
	uint8_t memory[2][256]; /* 0xa0: identity, 0xa2: diagnostics */
};

enum ix_module { MODULE_SR, MODULE_LR, MODULE_DA, MODULE_NONE };

/* The EEPROM's serial bus. */
struct ix_spi {
	unsigned bits; /* since it was selected */
	uint32_t shift;
	uint16_t address; /* in bytes */
	uint8_t command;
	bool writable;
};

/* A context descriptor, as it was sent. */
struct ix_context {
	uint32_t word[4];
};

struct ix_tx_queue {
	struct ix_context contexts[2];
	unsigned segments_sent; /* of the packet at the head, when the wire had no room for all */
	bool running;           /* enabled, as of the last look */
	bool hung;              /* until it is disabled */
};

struct ix_rx_queue {
	bool running;
	bool hung;
	bool told_vector; /* that packets are coalesced and there is no vector */
};

/* A ring, as registers say and after they were checked. */
struct ix_ring {
	uint64_t base;
	uint32_t count, head, tail;
};

/* A frame, where it goes, and what the descriptor says of it. */
struct ix_rx_packet {
	const uint8_t *frame;
	size_t len;
	struct weir_parsed parsed;
	bool tagged;
	uint16_t tci;
	unsigned queue;
	uint32_t type;   /* word 0 */
	uint32_t hash;   /* word 1 */
	uint32_t status; /* word 2 */
	bool drop;
	bool immediate; /* interrupts without regard to the throttle */
	bool again;     /* it had to wait, and was counted then */
};

/* A packet that segments are added to, and the buffers that it has so far. */
#define IX_RSC_CONTEXTS 32
#define IX_RSC_PIECES   16
#define IX_RSC_HEADER   128
struct ix_rsc {
	bool open;
	bool acks;                  /* of acknowledgements without data */
	uint64_t opened;            /* the lower, the older */
	struct ix_rx_packet packet; /* what the last segment was said to be */
	uint8_t header[IX_RSC_HEADER];
	size_t room;        /* of a buffer */
	uint64_t header_at; /* in memory */
	size_t header_len, ip_at, tcp_at;
	uint32_t split_type; /* the first descriptor's word 0 in addition */
	uint32_t sequence;   /* expected next; of acknowledgements: what was acknowledged last */
	uint32_t ip_len;     /* of the whole */
	unsigned packets, pieces;
	struct ix_rsc_piece {
		uint64_t buffer;
		uint32_t used;
		uint16_t slot;
		uint8_t starts; /* packets that begin in it */
	} piece[IX_RSC_PIECES];
};

struct ix_filter {
	uint32_t id;       /* FDIRHASH */
	uint32_t src, dst; /* ... whose upper byte is the first */
	uint32_t ports;    /* source in the upper half */
	uint32_t vlan, flex, command;
	uint16_t next; /* in the bucket, or of those that are free; numbers begin with 1 */
};

/* What a driver wrote to the PHY: a few registers. */
#define IX_PHY_REGISTERS 32
struct ix_phy_register {
	bool used;
	uint8_t device;
	uint16_t reg, value;
};

struct ix {
	struct sim_nic nic;
	const struct ix_variant *variant;
	uint16_t rows[IX_REGISTERS / 4]; /* number of the row, plus 1 */
	uint16_t eeprom[IX_EEPROM_WORDS];
	struct ix_spi spi;
	struct ix_i2c i2c;
	enum ix_module module;
	unsigned stretch_us; /* how long the module holds the clock after a byte */
	struct ix_phy_register phy[IX_PHY_REGISTERS];
	uint16_t phy_reg; /* that the next MDIO access is about */
	bool phy_asleep;
	struct ix_tx_queue tx[IX_QUEUES];
	unsigned tx_end; /* the last one that is running, plus 1 */
	struct ix_rx_queue rx[IX_QUEUES];
	uint8_t *tx_buffer;
	uint8_t scratch[SIM_FRAME_MAX + 8];                  /* a frame that is changed on its way */
	char tx_name[IX_QUEUES][40], rx_name[IX_QUEUES][40]; /* whose DMA it was */

	uint64_t causes;     /* of queues, by vector; the lower 16 are EICR's */
	uint32_t other;      /* causes of EICR above 15 */
	uint64_t mask;       /* EIMS_EX; the lower 16 are EIMS' */
	uint32_t other_mask; /* EIMS above 15 */
	uint64_t auto_mask;  /* EIAM_EX, EIAM */
	uint32_t other_auto_mask;
	uint64_t pending;             /* vectors that have something to tell, held back by throttle */
	bool line;                    /* without MSI-X: asserted */
	uint64_t due_ns[SIM_VECTORS]; /* when the throttle lets the next one through */

	bool waiting, waiting_bad; /* the first frame of the packet buffer: it waits for descriptors; its CRC */
	struct {
		unsigned queue, parts;
	} begun;                /* so many descriptors of its queue it fills already */
	uint32_t waiting_stamp; /* RXD_TS if it was given a time stamp when it arrived */

	struct {
		uint64_t iova, word;
		unsigned runs; /* until the word is written; 0: none is held back */
	} late;
	uint64_t pause_until_ns;
	bool pausing;              /* we have asked the partner to stop, */
	uint64_t pausing_since_ns; /* ... and when last */
	bool link_told;            /* the state that LSC has told of */
	bool link_fell;            /* since LINKS was read */
	uint64_t time_base_ns, time_offset;
	uint32_t time_high; /* the upper half, from when the lower one was read */
	bool time_held;
	unsigned looks;  /* in fast mode, at what changes rarely */
	unsigned tuples; /* the last 5-tuple filter that is on, plus 1: there is nothing to be looked for behind it */
	struct sim_rss rss;
	struct ix_rsc rsc[IX_RSC_CONTEXTS];
	unsigned rsc_open;
	uint64_t rsc_count; /* that were ever opened */
	struct ix_filter *filters;
	uint16_t buckets[IX_FILTERS];
	unsigned filter_count, filter_collisions;
	unsigned filters_used, filter_spare; /* ever, and the first that is free again */

	uint64_t rx_disabled, rx_filtered, rx_vlan_filtered, rx_no_queue, rx_no_descriptor, rx_steered_drop, rx_dma,
	    tx_dma;
	uint64_t tx_bad;
};

static inline struct ix *ix_of(struct sim_nic *nic)
{
	return (struct ix *)nic;
}

/* Registers as they are stored. A client may write some of them at any time. */
static inline uint32_t ix_get(const struct ix *ix, uint32_t offset)
{
	return __atomic_load_n((const uint32_t *)(const void *)(ix->nic.bar[0] + offset), __ATOMIC_ACQUIRE);
}

static inline void ix_set(struct ix *ix, uint32_t offset, uint32_t value)
{
	__atomic_store_n((uint32_t *)(void *)(ix->nic.bar[0] + offset), value, __ATOMIC_RELEASE);
}

/* The block of a receive queue: 64 and up are elsewhere. Offsets within it are those of queue 0's registers. */
static inline uint32_t ix_rx_reg(unsigned queue, uint32_t reg)
{
	return queue < 64 ? reg + queue * 0x40 : reg - IXGBE_RDBAL + IXGBE_RDBAL64 + (queue - 64) * 0x40;
}

/* How many descriptors @len bytes take in buffers of @room: one even for none. */
static inline unsigned ix_descriptors(size_t len, size_t room)
{
	return len ? (unsigned)((len + room - 1) / room) : 1;
}

static inline uint32_t ix_tx_reg(unsigned queue, uint32_t reg)
{
	return reg + queue * 0x40;
}

/* model.c */
/* Reads a ring's registers. Returns false when there can be none. */
bool ix_ring(const struct ix *ix, uint32_t base_register, struct ix_ring *ring);
void ix_reset(struct ix *ix);

/* regs.c */
void ix_regs_open(struct ix *ix);
void ix_regs_reset(struct ix *ix);
uint32_t ix_read(struct sim_nic *nic, unsigned bar, uint64_t offset);
uint32_t ix_peek(struct sim_nic *nic, uint64_t offset);
void ix_write(struct sim_nic *nic, unsigned bar, uint64_t offset, uint32_t value);

/* eeprom.c */
void ix_eeprom_open(struct ix *ix);
uint32_t ix_eec_write(struct ix *ix, uint32_t value);
uint32_t ix_eerd_write(struct ix *ix, uint32_t value);
uint32_t ix_eewr_write(struct ix *ix, uint32_t value);

/* i2c.c */
void ix_i2c_reset(struct ix *ix);
void ix_i2c_write(struct ix *ix, uint32_t value);
uint32_t ix_i2c_read(struct ix *ix);

/* module.c */
void ix_module_open(struct ix *ix);
int ix_module_choose(struct ix *ix, const char *name);
bool ix_module_there(const struct ix *ix);
bool ix_module_has(const struct ix *ix, unsigned memory);
void ix_module_measure(struct ix *ix);

/* link.c */
bool ix_link_up(const struct ix *ix);
uint32_t ix_links(const struct ix *ix);
void ix_link_changed(struct ix *ix);
void ix_offer(struct ix *ix, uint32_t value, uint32_t sym, uint32_t asym); /* pauses, by these bits of @value */
uint32_t ix_offered(struct ix *ix, uint32_t sym, uint32_t asym);           /* ... that the partner does */
unsigned ix_led(const struct ix *ix, unsigned i);                          /* 0: dark, 1: lit, 2: blinking */

/* phy.c */
uint32_t ix_mdio(struct ix *ix, uint32_t command); /* returns what MSCA holds then */

/* irq.c */
void ix_irq_reset(struct ix *ix);
void ix_irq_queue(struct ix *ix, unsigned queue, bool tx);
void ix_irq_other(struct ix *ix, uint32_t causes);
void ix_irq_immediate(struct ix *ix, unsigned queue); /* a receive queue's cause, at once */
void ix_irq_note(struct ix *ix, unsigned queue);      /* a receive queue's cause, for an interrupt that is on its way */
unsigned ix_irq_vector(const struct ix *ix, unsigned queue); /* that throttles a receive queue; SIM_VECTORS: none */
void ix_irq_throttle(struct ix *ix, unsigned vector, uint64_t now_ns); /* its interval begins, if none runs */
uint32_t ix_irq_read(struct ix *ix, uint32_t offset, bool peek);
void ix_irq_write(struct ix *ix, uint32_t offset, uint32_t value);
unsigned ix_irq_run(struct ix *ix, uint64_t now_ns);
uint64_t ix_irq_due(const struct ix *ix);

/* stats.c */
/*
 * A counter stays at its largest value until it is read. In fast mode those that lie in the queues' pages stay 0, because a
 * read of mapped memory cannot clear them.
 */
static inline bool ix_counts(const struct ix *ix, uint32_t offset)
{
	return !ix->nic.fast || (offset - 0x1000u >= 0x1000u && offset - 0x6000u >= 0x2000u);
}

static inline void ix_count(struct ix *ix, uint32_t offset, uint32_t n)
{
	uint32_t value = ix_get(ix, offset);

	if (ix_counts(ix, offset))
		ix_set(ix, offset, value > UINT32_MAX - n ? UINT32_MAX : value + n);
}

/* Adds to a counter of 36 bits. */
static inline void ix_count_bytes(struct ix *ix, uint32_t low, uint64_t n)
{
	uint64_t value = ix_get(ix, low) | (uint64_t)ix_get(ix, low + 4) << 32;

	if (!ix_counts(ix, low))
		return;
	value = value + n > 0xfffffffffull ? 0xfffffffffull : value + n;
	ix_set(ix, low, (uint32_t)value);
	ix_set(ix, low + 4, (uint32_t)(value >> 32));
}

void ix_count_rx_size(struct ix *ix, size_t bytes);
void ix_count_rx_queue(struct ix *ix, unsigned queue, size_t bytes);
void ix_count_rx_drop(struct ix *ix, unsigned queue);
void ix_count_tx(struct ix *ix, unsigned queue, const uint8_t *frame, size_t bytes);
int ix_counter(struct sim_nic *nic, unsigned index, const char **name, uint64_t *value);

/* filter.c */
bool ix_filter_pass(struct ix *ix, struct ix_rx_packet *packet);

/* steer.c */
void ix_steer(struct ix *ix, struct ix_rx_packet *packet);

/* fdir.c */
uint32_t ix_fdir_control(struct ix *ix, uint32_t value);
uint32_t ix_fdir_command(struct ix *ix, uint32_t command);
void ix_fdir_reset(struct ix *ix);
void ix_fdir_match(struct ix *ix, struct ix_rx_packet *packet);

/* pause.c */
bool ix_pause_received(struct ix *ix, const uint8_t *frame); /* returns whether it ends here */
bool ix_paused(const struct ix *ix);
unsigned ix_pause_run(struct ix *ix, uint64_t now_ns);
uint64_t ix_pause_due(const struct ix *ix, uint64_t now_ns);

/* time.c */
uint64_t ix_time(struct ix *ix);
uint32_t ix_time_low(struct ix *ix); /* holds the upper half for its reading */
uint32_t ix_time_high(struct ix *ix);
void ix_time_hold(struct ix *ix);
void ix_time_set(struct ix *ix, unsigned upper, uint32_t value); /* the half from bit 0 or 32 on */
void ix_time_adjust(struct ix *ix, uint32_t high);
void ix_time_sent(struct ix *ix);
void ix_time_received(struct ix *ix, struct ix_rx_packet *packet);

/* rx.c */
bool ix_receive(struct sim_nic *nic, const uint8_t *frame, size_t len, unsigned flags);
bool ix_rx_frame(struct ix *ix, const uint8_t *frame, size_t len, unsigned flags);
void ix_missed(struct sim_nic *nic, uint64_t frames);
bool ix_listening(const struct sim_nic *nic);
void ix_rx_reset(struct ix *ix);
void ix_rx_unplugged(struct ix *ix);               /* the cable was pulled out: lib/sim forgets what waits */
void ix_rx_control(struct ix *ix, unsigned queue); /* RXDCTL was written */

int ix_rx_write_back(struct ix *ix, unsigned queue, uint64_t at, uint32_t word[4]);
void ix_rx_stop(struct ix *ix, unsigned queue); /* memory was refused */

/* split.c */
void ix_split_check(struct ix *ix, unsigned queue); /* the queue was enabled */
struct adv_split ix_split(struct ix *ix, const struct ix_rx_packet *packet);

/* rsc.c */
/* Returns 1 when it has taken the packet, 0 when that is not coalesced, -EAGAIN for want of descriptors, -EFAULT. */
int ix_rsc_take(struct ix *ix, const struct ix_rx_packet *packet, const struct adv_split *split, size_t room);
void ix_rsc_check(struct ix *ix, unsigned queue);   /* the queue was enabled */
void ix_rsc_end(struct ix *ix, unsigned queue);     /* closes what the queue has open */
void ix_rsc_forget(struct ix *ix, unsigned queue);  /* ... without a word; IX_QUEUES: of all queues */
void ix_rsc_expire(struct ix *ix, unsigned vector); /* ... of all queues of a vector that is about to fire */
unsigned ix_rsc_run(struct ix *ix, uint64_t now_ns);
uint64_t ix_rsc_due(const struct ix *ix);

/* tx.c */
unsigned ix_tx_queue(struct ix *ix, unsigned queue); /* sends what there is; returns how many frames */
unsigned ix_tx_all(struct ix *ix);
void ix_tx_control(struct ix *ix, unsigned queue);                                 /* TXDCTL was written */
bool ix_tx_frame(struct ix *ix, unsigned queue, const uint8_t *frame, size_t len); /* false: no room on the wire */

/* offload.c: a packet of @len bytes in ix->tx_buffer, to be sent as its context and options say */
struct ix_tx_packet {
	uint8_t *data;
	size_t len;
	uint32_t command;                 /* word 2 of the first descriptor */
	uint32_t options;                 /* word 3 */
	const struct ix_context *context; /* NULL: legacy */
	uint8_t cso, css;
	uint16_t vlan;
	uint64_t report; /* its descriptors that want to be reported */
};

/* Makes frame number @index in @frame (SIM_FRAME_MAX bytes). Returns its length, 0: there is none. */
size_t ix_offload(struct ix *ix, const struct ix_tx_packet *packet, unsigned index, uint8_t *frame);

#endif
