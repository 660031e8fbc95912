/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A card with rings of advanced descriptors, as small as a driver allows: registers are memory, but for the few that it
 * waits for; descriptors are what a test says, lies included. It is reached through a bus of its own, the scheme `card:`.
 * What a card does with packets is tested on the models; here are the words that go to it and come back.
 *
 * Who includes this says where a queue's registers are (CARD_RX, CARD_TX), what enables a queue (CARD_ENABLE), which
 * registers clear (CARD_ROWS, of ROW), whose card it is (CARD_DRIVER), whether its descriptors are those of the 8254x
 * (CARD_LEGACY), and writes the three functions of the family.
 */
#ifndef TESTS_RING_CARD_H
#define TESTS_RING_CARD_H

#include <string.h>
#include <unistd.h>

#include "unit.h"

#define CARD_FRAMES 64
#define CARD_BYTES  16384
#define CARD_PAGES  64 /* of the arena, without an IOMMU */

#define CARD_PHYSICAL GIB(1024)

#ifndef CARD_QUEUES
#define CARD_QUEUES 64u /* of each kind; ixgbe's are twice as many for sending */
#endif

/* The last word of a descriptor, as this card writes what others say in those of advanced ones. */
#ifdef CARD_LEGACY
#define CARD_DONE(d) ((((d)&0xff) << 32) | (((d) >> 24 & 0xff) << 40) | ((d) >> 32 & 0xffff) | ((d) >> 48 << 48))
#else
#define CARD_DONE(d) (d)
#endif

/* What came out of the transmit engine for one packet. */
struct card_frame {
	uint32_t len, buffers;
	uint32_t command, options; /* words 2 and 3 of its first descriptor */
	uint32_t context[4];       /* the context that it names */
	uint8_t bytes[CARD_BYTES];
};

struct card {
	struct bus_device dev;
	struct bus_domain domain;
	uint32_t regs[0x20000 / 4];
	uint16_t eeprom[256];
	bool gone, stuck_reset, stuck_queues, hangs, no_address; /* what is wrong with it */
	bool no_iommu;                                           /* stands before it */
	bool maps;                                               /* its registers are plain memory, and do nothing */
	unsigned accesses;                                       /* to registers and config space */
	unsigned lives;                                          /* it goes away after so many of them; 0: it stays */
	unsigned turns;                                          /* that were taken for the EEPROM */
	unsigned resets, contexts, descriptors, reports, doorbells;
	uint32_t command; /* in config space */
	uint8_t *memory;
	uint64_t pages[CARD_PAGES];
	uint32_t slots[128][2][4]; /* context slots */
	uint32_t rdh[64];
	int fds[64];
	unsigned count;
	struct card_frame frames[CARD_FRAMES];
};

static struct card *the_card;

static struct card *card_of(struct bus_device *dev)
{
	return container_of(dev, struct card, dev);
}

static uint32_t *card_reg(struct card *card, uint32_t reg)
{
	return &card->regs[reg / 4];
}

/* --- registers ---------------------------------------------------------------------------------------------------------- */

static const struct {
	uint32_t offset, stride, count;
	bool clears;
} card_rows[] = {
#define MODE_RW                          0
#define MODE_RO                          0
#define MODE_WO                          0
#define MODE_SC                          0
#define MODE_RC                          1
#define MODE_RH                          1
#define ROW(offset, stride, count, mode) { offset, stride, count, MODE_##mode },
	CARD_ROWS
#undef ROW
};

static bool card_clears(uint32_t reg)
{
	for (unsigned i = 0; i < sizeof(card_rows) / sizeof(card_rows[0]); i++)
		for (uint32_t j = 0; card_rows[i].clears && j < card_rows[i].count; j++)
			if (card_rows[i].offset + j * card_rows[i].stride == reg)
				return true;
	return false;
}

/* The family's: what registers hold after a reset; what reading one does; what writing one leaves there. */
static void card_reset_registers(struct card *card);
static void card_was_read(struct card *card, uint32_t reg);
static bool card_written(struct card *card, uint32_t reg, uint32_t *value); /* false: it stays as it is */

static void card_reset(struct card *card)
{
	memset(card->regs, 0, sizeof(card->regs));
	card_reset_registers(card);
	card->resets++;
}

static void card_access(struct card *card)
{
	if (++card->accesses == card->lives)
		card->gone = true;
}

static uint32_t card_read32(struct bus_device *dev, unsigned region, uint64_t offset)
{
	struct card *card = card_of(dev);
	uint32_t reg = (uint32_t)offset, value = *card_reg(card, reg);

	(void)region;
	card_access(card);
	if (card->gone)
		return UINT32_MAX;
	card_was_read(card, reg);
	if (card_clears(reg))
		*card_reg(card, reg) = 0;
	return value;
}

/* --- sending ---------------------------------------------------------------------------------------------------------------- */

/* Where page @i of the arena is without an IOMMU: in the wrong order, with as much between as a page has. */
static uint64_t card_page(uint64_t i)
{
	return CARD_PHYSICAL - (i + 1) * 2 * BUS_PAGE;
}

static uint8_t *card_memory(struct card *card, uint64_t iova)
{
	uint64_t page = (CARD_PHYSICAL - iova - 1) / BUS_PAGE / 2, in_page = iova - card_page(page);

	if (!card->domain.pages)
		return card->memory + (iova - BUS_IOVA_BASE);
	CU_ASSERT_FATAL(page < CARD_PAGES && in_page < BUS_PAGE);
	return card->memory + page * BUS_PAGE + in_page;
}

static void card_send(struct card *card, unsigned queue)
{
	uint32_t *head = card_reg(card, CARD_TX(TDH, queue)), tail = *card_reg(card, CARD_TX(TDT, queue));
	uint64_t ring = *card_reg(card, CARD_TX(TDBAL, queue)) | (uint64_t)*card_reg(card, CARD_TX(TDBAH, queue)) << 32;
	uint32_t slots = *card_reg(card, CARD_TX(TDLEN, queue)) / 16;
	struct card_frame *frame = &card->frames[card->count % CARD_FRAMES];

	for (frame->len = frame->buffers = 0; *head != tail && !card->hangs; *head = (*head + 1) % slots) {
		uint32_t *word = (void *)card_memory(card, ring + 16ull * *head);

		card->descriptors++;
		if (field_of(TXD_DTYP, word[2]) == TXD_CONTEXT) {
			memcpy(card->slots[queue][field_of(TXC_IDX, word[3])], word, 16);
			card->contexts++;
			continue;
		}
		if (!frame->buffers++) {
			frame->command = word[2];
			frame->options = word[3];
			memcpy(frame->context, card->slots[queue][field_of(TXD_IDX, word[3])], 16);
		}
		memcpy(frame->bytes + frame->len, card_memory(card, word[0] | (uint64_t)word[1] << 32),
		       field_of(TXD_LEN, word[2]));
		frame->len += field_of(TXD_LEN, word[2]);
		if (word[2] & TXD_EOP) {
			frame = &card->frames[++card->count % CARD_FRAMES];
			frame->len = frame->buffers = 0;
		}
		if (word[2] & TXD_RS) {
			__atomic_store_n(&word[3], TXD_DD, __ATOMIC_RELEASE);
			card->reports++;
		}
	}
}

static void card_write32(struct bus_device *dev, unsigned region, uint64_t offset, uint32_t value)
{
	struct card *card = card_of(dev);
	uint32_t reg = (uint32_t)offset;

	(void)region;
	card_access(card);
	if (card->gone)
		return;
	if (!card_written(card, reg, &value))
		return;
	for (unsigned i = 0; card->stuck_queues && i < CARD_QUEUES; i++)
		if (reg == CARD_RX(RXDCTL, i))
			value |= *card_reg(card, reg) & CARD_ENABLE;
	*card_reg(card, reg) = value;
	for (unsigned i = 0; i < 2 * CARD_QUEUES; i++) {
		if (reg == CARD_TX(TDT, i)) {
			card->doorbells++;
			card_send(card, i);
		}
		if (i < CARD_QUEUES && reg == CARD_RX(RDH, i))
			card->rdh[i] = value;
	}
}

/* --- receiving ---------------------------------------------------------------------------------------------------------------- */

/* What a test wants a descriptor to say. */
struct card_say {
	uint32_t type, hash, status; /* DD and EOP go without saying */
	uint16_t vlan;
	uint32_t claim;        /* a length that is a lie; 0: the truth */
	bool no_end, not_done; /* without EOP, DD */
};

/* Buffers that queue @queue has. */
static inline unsigned card_buffers(struct card *card, unsigned queue)
{
	uint32_t slots = *card_reg(card, CARD_RX(RDLEN, queue)) / 16;

	return (*card_reg(card, CARD_RX(RDT, queue)) - card->rdh[queue]) & (slots - 1);
}

/* A frame arrives. Returns the descriptors that it took, or 0 when there are not enough. */
static inline unsigned card_receive(struct card *card, unsigned queue, const void *data, uint32_t len,
                                    const struct card_say *say)
{
	uint64_t ring = *card_reg(card, CARD_RX(RDBAL, queue)) | (uint64_t)*card_reg(card, CARD_RX(RDBAH, queue)) << 32;
	uint32_t slots = *card_reg(card, CARD_RX(RDLEN, queue)) / 16;
	uint32_t room = field_of(SRRCTL_BSIZEPKT, *card_reg(card, CARD_RX(SRRCTL, queue))) * 1024, n = 0;
	static const struct card_say nothing;
	const uint8_t *from = data;

	say = say ? say : &nothing;
	if ((len + room - 1) / room > card_buffers(card, queue))
		return 0;
	do {
		union adv_rx_desc *desc = (void *)card_memory(card, ring + 16ull * card->rdh[queue]);
		uint32_t some = len < room ? len : room, status = say->status;
		uint32_t claim = say->claim ? say->claim : some;
		uint64_t done;

		memcpy(card_memory(card, desc->read.packet), from, some);
		from += some;
		len -= some;
		status |= say->not_done ? 0 : RXD_DD;
		status |= len || say->no_end ? 0 : RXD_EOP;
		done = status | (uint64_t)claim << 32 | (uint64_t)say->vlan << 48;
		desc->done.type = say->type;
		desc->done.hash = say->hash;
		__atomic_store_n(&desc->done.done, CARD_DONE(done), __ATOMIC_RELEASE);
		card->rdh[queue] = (card->rdh[queue] + 1) & (slots - 1);
		n++;
	} while (len);
	return n;
}

/* --- the rest of a bus ---------------------------------------------------------------------------------------------------------- */

static void card_close(struct bus_device *dev)
{
	bus_domain_destroy(dev->domain);
}

static bool card_gone(const struct bus_device *dev)
{
	(void)dev;
	return false;
}

static int card_bus_reset(struct bus_device *dev)
{
	card_reset(card_of(dev));
	return 0;
}

static int card_config_read(struct bus_device *dev, unsigned offset, unsigned size, uint32_t *value)
{
	(void)size;
	card_access(card_of(dev));
	*value = card_of(dev)->gone ? UINT32_MAX : offset == 4 ? card_of(dev)->command : 0;
	return 0;
}

static int card_config_write(struct bus_device *dev, unsigned offset, unsigned size, uint32_t value)
{
	(void)size;
	card_access(card_of(dev));
	if (offset == 4)
		card_of(dev)->command = value;
	return 0;
}

static volatile void *card_map(struct bus_device *dev, unsigned region, uint64_t offset, uint64_t size)
{
	(void)region, (void)size;
	return card_of(dev)->maps ? card_reg(card_of(dev), (uint32_t)offset) : NULL;
}

static int card_irq_set(struct bus_device *dev, enum bus_irq irq, unsigned first, unsigned count, const int *fds)
{
	struct card *card = card_of(dev);

	(void)irq;
	for (unsigned i = 0; i < 64; i++)
		card->fds[i] = i >= first && i < first + count ? fds[i - first] : -1;
	return 0;
}

static int card_irq_unmask(struct bus_device *dev, enum bus_irq irq)
{
	(void)dev, (void)irq;
	return 0;
}

static int card_domain_map(struct bus_domain *domain, uint64_t iova, const struct weir_mem_chunk *chunk, void *at)
{
	struct card *card = container_of(domain, struct card, domain);

	(void)iova;
	card->memory = (uint8_t *)at - chunk->offset;
	for (uint64_t i = chunk->offset / BUS_PAGE; i < (chunk->offset + chunk->size) / BUS_PAGE; i++)
		if (i < CARD_PAGES)
			card->pages[i] = card_page(i);
	return 0;
}

static int card_domain_unmap(struct bus_domain *domain, uint64_t iova, uint64_t size)
{
	(void)domain, (void)iova, (void)size;
	return 0;
}

static const struct bus_ops card_bus_ops = {
	.name = "card",
	.close = card_close,
	.gone = card_gone,
	.reset = card_bus_reset,
	.config_read = card_config_read,
	.config_write = card_config_write,
	.read32 = card_read32,
	.write32 = card_write32,
	.map = card_map,
	.irq_set = card_irq_set,
	.irq_unmask = card_irq_unmask,
};

static const struct bus_domain_ops card_domain_ops = { .map = card_domain_map, .unmap = card_domain_unmap };

static int card_resolve(struct weir *weir, struct spec *spec)
{
	the_card->dev.weir = weir;
	the_card->dev.domain = &the_card->domain;
	bus_domain_init(&the_card->domain, weir, &card_domain_ops);
	if (the_card->no_iommu)
		the_card->domain.pages = the_card->pages;
	spec->driver = &CARD_DRIVER;
	spec->device = &the_card->dev;
	return 0;
}

static const struct weir_driver card_bus = {
	.name = "card",
	.raw = true,
	.resolve = card_resolve,
};

/* The table of the library, for a program that has no other drivers. */
const struct weir_driver *const weir_drivers[] = { &card_bus };
const unsigned weir_driver_count = 1;

/* A card with an empty EEPROM whose words add up to BABA. */
static void card_make(struct card *card, uint16_t device)
{
	uint16_t sum = 0;

	memset(card, 0, sizeof(*card));
	card->dev.ops = &card_bus_ops;
	card->dev.vendor = 0x8086;
	card->dev.device = device;
	card->dev.node = -1;
	card->dev.regions[0].size = sizeof(card->regs);
	card->dev.irq_count[BUS_IRQ_MSIX] = 64;
	strcpy(card->dev.name, "card");
	memset(card->eeprom, 0xff, sizeof(card->eeprom));
	for (unsigned i = 0; i < 0x3f; i++)
		sum = (uint16_t)(sum + card->eeprom[i]);
	card->eeprom[0x3f] = (uint16_t)(0xbaba - sum);
	card_reset(card);
	card->resets = 0;
	the_card = card;
}

#endif
