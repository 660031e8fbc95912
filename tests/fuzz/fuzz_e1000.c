/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The models of the 82540EM, 82574L and 82576 under a driver that does anything (fuzz_card.h).
 */
#include "fuzz_card.h"

static uint32_t rx(unsigned q)
{
	return q < 4 ? 0x2800 + q * 0x100 : 0xc000 + q * 0x40;
}

static uint32_t tx(unsigned q)
{
	return q < 4 ? 0x3800 + q * 0x100 : 0xe000 + q * 0x40;
}

static void set_up(unsigned q, unsigned how)
{
	(void)how;
	set_up_memory();
	set(0x0000, 0x40000241); /* link up, tags */
	set(rx(q), (uint32_t)(IOVA + RINGS));
	set(rx(q) + 0x04, (uint32_t)(IOVA >> 32));
	set(rx(q) + 0x08, SLOTS * 16);
	set(rx(q) + 0x0c, 0x02000002);
	set(rx(q) + 0x28, 0x02000000);
	set(rx(q) + 0x18, SLOTS - 1);
	set(tx(q), (uint32_t)(IOVA + RINGS + 0x1000));
	set(tx(q) + 0x04, (uint32_t)(IOVA >> 32));
	set(tx(q) + 0x08, SLOTS * 16);
	set(tx(q) + 0x28, 0x02000000);
	set(0x0400, 0x0004010a);
	set(0x0100, 0x0400803a); /* promiscuous, long packets */
}

static uint32_t transmit_tail(unsigned q)
{
	return tx(q) + 0x18;
}

static const struct family family = {
	.cards = { "82576,wire=hold", "82540EM,wire=loop", "82574L,wire=loop", "82576,wire=loop" },
	.blocks = { 0x0, 0x1400, 0x2000, 0x3000, 0x5000, 0x5800, 0xb000, 0xc000 },
	.window = 0x2000,
	.queues = 16,
	.vector_bar = 3,
	.set_up = set_up,
	.transmit_tail = transmit_tail,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return play(data, size);
}
