/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The models of the 82599 and X540 under a driver that does anything (fuzz_card.h).
 */
#include "fuzz_card.h"

/* More of what may be asked for: coalescing, header split, flow director, time stamps. */
static void set_up_more(uint32_t rx, unsigned how)
{
	if (how & 1) {
		set(0xea00, 0x10);
		set(0x5008, 0xc0);
		set(0x900, 0x80808080);
		set(rx + 0x14, 0x02000202);
		set(rx + 0x2c, 0xd);
	}
	if (how & 2) {
		set(0xea00, 0x1330);
		set(rx + 0x14, 0x04000201);
	}
	if (how & 4) {
		set(0xee00, how & 8 ? 0x110000b1 : 0x110000a1);
		set(0xee28, 0x00010000);
		set(0xee2c, 0x00008841);
	}
	if (how & 8)
		set(0x5188, 0x1a);
}

static void set_up(unsigned q, unsigned how)
{
	uint32_t at = (q & 63) * 0x40, rx = q < 64 ? 0x1000 + at : 0xd000 + at, tx = 0x6000 + q * 0x40;

	set_up_memory();
	set(rx, (uint32_t)(IOVA + RINGS));
	set(rx + 0x04, (uint32_t)(IOVA >> 32));
	set(rx + 0x08, SLOTS * 16);
	set(rx + 0x14, 0x02000002);
	set_up_more(rx, how);
	set(rx + 0x28, 0x02000000);
	set(rx + 0x18, SLOTS - 1);
	set(tx, (uint32_t)(IOVA + RINGS + 0x1000));
	set(tx + 0x04, (uint32_t)(IOVA >> 32));
	set(tx + 0x08, SLOTS * 16);
	set(tx + 0x28, 0x02000000);
	set(0x4a80, 1);
	set(0x2f00, 0x8802);
	set(0x5080, 0x0700); /* promiscuous */
	set(0x3000, 1);
}

static uint32_t transmit_tail(unsigned q)
{
	return 0x6018 + q * 0x40;
}

static const struct family family = {
	.cards = { "82599,wire=hold", "82599,wire=loop", "x540,wire=sink", "82599-kx4,wire=loop" },
	.blocks = { 0x0, 0x800, 0x1000, 0x2000, 0x4200, 0x5000, 0x6000, 0xee00 },
	.window = 0x1000,
	.queues = 128,
	.vector_bar = 4,
	.set_up = set_up,
	.transmit_tail = transmit_tail,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return play(data, size);
}
