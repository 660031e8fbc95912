/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A driver that does anything with the model of a card: registers and config space, by message and in mapped pages,
 * descriptors, memory that comes and goes, frames, faults. The model answers, refuses or drops, and always comes back.
 *
 * An input is a byte that says what card it is, and steps of a byte each with what they need behind it. A card that was
 * set up as a driver does is a step, too, so that inputs get to the engines.
 */
#ifndef FUZZ_CARD_H
#define FUZZ_CARD_H

#include <fcntl.h>
#include <linux/vfio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "input.h"
#include "sim/card.h"
#include "sim/wire.h"
#include "weir/sim.h"

/* What cards of a family have of their own. */
struct family {
	const char *cards[4]; /* with wires; the first of hold */
	uint32_t blocks[8];   /* of registers where most happens */
	uint32_t window;      /* where mapped pages begin, for 0xc000 bytes */
	unsigned queues, vector_bar;
	void (*set_up)(unsigned queue,
	               unsigned how); /* as a driver leaves it, both ways, with buffers; 4 bits of how */
	uint32_t (*transmit_tail)(unsigned queue);
};

static const struct family family;

#define IOVA    0x100000000ull
#define MEMORY  0x40000u
#define RINGS   0x0u /* receive, then transmit, 4 KiB each */
#define BUFFERS 0x4000u
#define SLOTS   16u

static struct sim_nic *nic;
static struct weir_sim_nic *card;
static uint8_t *memory;
static int memory_fd;
static unsigned sent[4]; /* bytes, of each connection */

static uint32_t take_word(struct input *in)
{
	uint32_t word;

	take(in, &word, sizeof(word));
	return word;
}

static void set(uint32_t offset, uint32_t value)
{
	card_ops.write(nic, 0, offset, &value, sizeof(value));
}

static void map(uint64_t iova, uint64_t size)
{
	int fd = dup(memory_fd);

	if (dma_map(nic->dma, iova, size, 3, fd, 0))
		close(fd);
}

/* The buffers of the receive ring, and what a client sets first. */
static void set_up_memory(void)
{
	uint64_t buffer[2] = { 0 };
	uint16_t command = 0x0006;

	card_ops.write(nic, VFIO_PCI_CONFIG_REGION_INDEX, 4, &command, sizeof(command));
	for (unsigned i = 0; i < SLOTS; i++) {
		buffer[0] = IOVA + BUFFERS + i * 2048;
		buffer[1] = IOVA + BUFFERS + SLOTS * 2048;
		memcpy(memory + RINGS + i * 16, buffer, sizeof(buffer));
	}
}

/* A register: any, or one of the blocks where most happens. */
static uint32_t take_register(struct input *in)
{
	uint32_t word = take_word(in);

	return word & 0x80000000u ? word & 0x7ffff : family.blocks[word >> 16 & 7] + (word & 0xffc);
}

static void frame(struct input *in)
{
	uint8_t bytes[4096];
	size_t len = take_byte(in) * 16u + 14;

	take(in, bytes, len);
	weir_sim_send(card, bytes, len);
}

static unsigned add16(const uint8_t *at, size_t len, unsigned sum)
{
	for (size_t i = 0; i < len; i++)
		sum += (unsigned)at[i] << (i % 2 ? 0 : 8);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* A segment of one of a few connections, most times the next one, with right checksums. */
static void segment(struct input *in)
{
	static const uint8_t head[54] = { 2, 0,         0,           0,    0,   1,  2, [12] = 8, [14] = 0x45, [22] = 64,
		                          6, [26] = 10, 0,           0,    2,   10, 0, 0,        1,           [35] = 7,
		                          0, 80,        [46] = 0x50, 0x10, 0x20 };
	unsigned what = take_byte(in), len = take_byte(in) * 8;
	uint8_t bytes[54 + 255 * 8] = { 0 };

	memcpy(bytes, head, sizeof(head));
	bytes[34] = what & 3;
	put16(bytes + 40, sent[what & 3] + (what >> 2 & 7 ? 0 : 1));
	bytes[47] = what & 0x20 ? 0x18 : 0x10;
	sent[what & 3] = (sent[what & 3] + len) & 0xffff;
	put16(bytes + 16, 40 + len);
	put16(bytes + 24, ~add16(bytes + 14, 20, 0));
	put16(bytes + 50, ~add16(bytes + 34, 20 + len, add16(bytes + 26, 8, 6 + 20 + len)));
	weir_sim_send(card, bytes, 54 + len < 60 ? 60 : 54 + len);
}

/* What is between a driver and its engines. */
static void step_memory(struct input *in, unsigned what)
{
	uint32_t word = take_word(in), value;

	switch (what) {
	case 0:
		take(in, memory + word % (MEMORY - 64), 16 + 16 * (word >> 30));
		break;
	case 1: /* a mapped page, behind the model's back */
		value = take_word(in);
		if (nic->fast)
			memcpy(nic->bar[0] + family.window + word % 0xc000 / 4 * 4, &value, sizeof(value));
		break;
	case 2:
		map(word & 1 ? (uint64_t)word << 12 : IOVA, word & 2 ? MEMORY : (uint64_t)(word & 0x3f000) + 4096);
		break;
	default:
		dma_unmap(nic->dma, IOVA, word & 1 ? MEMORY : 0);
		break;
	}
}

static void step(struct input *in)
{
	unsigned what = take_byte(in);
	uint32_t reg, value;

	switch (what & 15) {
	case 0:
	case 1:
	case 2:
		reg = take_register(in);
		value = take_word(in);
		card_ops.write(nic, 0, reg & ~3u, &value, sizeof(value));
		break;
	case 3:
		card_ops.read(nic, 0, take_register(in), &value, what >> 7 ? 1 : 4);
		break;
	case 4:
		family.set_up(take_byte(in) % family.queues, what >> 4);
		break;
	case 5:
		frame(in);
		break;
	case 6:
		segment(in);
		break;
	case 7: /* a transmit descriptor in the ring that set_up() made */
		take(in, memory + RINGS + 0x1000 + (what >> 4) * 16, 16);
		break;
	case 8:
		set(family.transmit_tail(take_byte(in) % family.queues), what >> 4);
		break;
	case 9:
		value = take_word(in);
		card_ops.write(nic, VFIO_PCI_CONFIG_REGION_INDEX, (what >> 4) * 16, &value, sizeof(value));
		card_ops.read(nic, VFIO_PCI_CONFIG_REGION_INDEX, take_byte(in) & ~3u, &value, sizeof(value));
		break;
	case 10:
		value = take_byte(in);
		weir_sim_fault(card, (enum weir_sim_fault)(what >> 4), value * 257, value & 3);
		break;
	case 11:
		step_memory(in, what >> 4 & 3);
		break;
	case 12:
		if (what & 0x10)
			weir_sim_link(card, what & 0x20);
		else
			card_ops.reset(nic);
		break;
	case 13:
		value = take_word(in);
		card_ops.write(nic, family.vector_bar, value & 0x3fff & ~3u, &value, sizeof(value));
		break;
	default:
		weir_sim_run(nic->sim);
		break;
	}
}

static int play(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	unsigned how = take_byte(&in);
	struct weir_sim_conf conf = { .manual = true, .fast = how & 4 };
	uint8_t taken[SIM_FRAME_MAX];
	struct weir_sim *sim;
	const char *name;
	uint64_t value;

	memset(sent, 0, sizeof(sent));
	must(!weir_sim_create(&conf, &sim));
	must(!weir_sim_nic_add(sim, family.cards[how & 3], &card));
	nic = card->nic;
	memory_fd = memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	must(memory_fd >= 0 && !ftruncate(memory_fd, MEMORY) && !fcntl(memory_fd, F_ADD_SEALS, F_SEAL_SHRINK));
	memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED, memory_fd, 0);
	must(memory != MAP_FAILED);
	map(IOVA, MEMORY);
	while (in.left)
		step(&in);
	for (unsigned i = 0; i < 8 && weir_sim_run(sim); i++)
		;
	while (!(how & 3) && weir_sim_take(card, taken, sizeof(taken)) > 0)
		;
	for (unsigned i = 0; !weir_sim_counter(card, i, &name, &value); i++)
		;
	weir_sim_destroy(sim);
	munmap(memory, MEMORY);
	close(memory_fd);
	return 0;
}

#endif
