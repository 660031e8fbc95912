/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The 82574's model beside receiving: identity, EEPROM, PHY, semaphores, its second transmit queue, and interrupts with and
 * without vectors. What is expected was worked out by hand from the 82574's datasheet, 7.4, 9.1 and 10.2.
 */
#include "sim_e1000.h"

#define RXQ0  0x00100000u
#define RXQ1  0x00200000u
#define TXQ0  0x00400000u
#define OTHER 0x01000000u

static void it_says_who_it_is(void)
{
	struct rig r;

	rig_open(&r, "82574L");
	CU_ASSERT_EQUAL(config(&r, 0x00), 0x10d38086);
	CU_ASSERT_EQUAL(bar_mask(&r, 0), 0xfffe0000); /* 128 KiB, 32-bit */
	CU_ASSERT_EQUAL(bar_mask(&r, 1), 0);
	CU_ASSERT_EQUAL(bar_mask(&r, 2), 0xffffffe1); /* 32 bytes of I/O */
	CU_ASSERT_EQUAL(bar_mask(&r, 3), 0xffffc000); /* 16 KiB for vectors */
	CU_ASSERT_EQUAL(config(&r, 0x34) & 0xff, 0xc8);
	CU_ASSERT_EQUAL(config(&r, 0xc8) & 0xffff, 0xd001);
	CU_ASSERT_EQUAL(config(&r, 0xd0) & 0xffff, 0xe005);
	CU_ASSERT_EQUAL(config(&r, 0xe0) & 0xffff, 0xa010);
	CU_ASSERT_EQUAL(config(&r, 0xa0), 0x00040011); /* five vectors */
	CU_ASSERT_EQUAL(config(&r, 0xa4), 3);
	CU_ASSERT_EQUAL(config(&r, 0xa8), 0x2003);
	rig_close(&r);
	rig_open(&r, "82583V"); /* one queue, no vectors */
	CU_ASSERT_EQUAL(config(&r, 0x00), 0x150c8086);
	CU_ASSERT_EQUAL(bar_mask(&r, 3), 0);
	CU_ASSERT_EQUAL(config(&r, 0xe0) & 0xffff, 0x0010);
	(void)get(&r, 0x2900);
	CU_ASSERT_EQUAL(weir_sim_violations(r.card, NULL, 0), 1);
	rig_close(&r);
}

static void eerd_and_checksum(void)
{
	unsigned sum = 0;
	struct rig r;

	rig_open(&r, "82574L");
	CU_ASSERT_EQUAL(get(&r, 0x10) & 0x7f00, 0x3700); /* present, read, 16-bit addresses, 4096 words */
	for (unsigned i = 0; i < 64; i++) {
		set(&r, 0x14, i << 2 | 1);
		CU_ASSERT_EQUAL(get(&r, 0x14) & 2, 2);
		sum += get(&r, 0x14) >> 16;
	}
	CU_ASSERT_EQUAL(sum & 0xffff, 0xbaba);
	set(&r, 0x102c, 0xabcd0000 | 0x100 << 2 | 1);
	CU_ASSERT_EQUAL(get(&r, 0x102c) & 2, 2);
	set(&r, 0x14, 0x100 << 2 | 1);
	CU_ASSERT_EQUAL(get(&r, 0x14) >> 16, 0xabcd);
	rig_close(&r);
}

static unsigned phy_read(struct rig *r, unsigned reg)
{
	set(r, 0x20, 0x08200000 | reg << 16);
	return get(r, 0x20) & 0xffff;
}

static void the_phy_has_pages(void)
{
	struct rig r;

	rig_open(&r, "82574L");
	CU_ASSERT_EQUAL(phy_read(&r, 2), 0x0141);
	CU_ASSERT_EQUAL(phy_read(&r, 3), 0x0cb1);
	set(&r, 0x20, 0x04200000 | 22 << 16 | 2); /* page 2 */
	set(&r, 0x20, 0x04200000 | 21 << 16 | 0x1234);
	CU_ASSERT_EQUAL(phy_read(&r, 21), 0x1234);
	CU_ASSERT_EQUAL(phy_read(&r, 2), 0x0141); /* the standard's are on all pages */
	set(&r, 0x20, 0x04200000 | 22 << 16 | 0);
	CU_ASSERT_NOT_EQUAL(phy_read(&r, 21), 0x1234);
	CU_ASSERT_EQUAL(phy_read(&r, 17) & 0xac00, 0xac00);
	rig_close(&r);
}

static void semaphores_are_taken_by_reading(void)
{
	struct rig r;

	rig_open(&r, "82574L");
	CU_ASSERT_EQUAL(get(&r, 0x5b50), 0);
	CU_ASSERT_EQUAL(get(&r, 0x5b50), 1);
	set(&r, 0x5b50, 3);
	CU_ASSERT_EQUAL(get(&r, 0x5b50), 3);
	set(&r, 0x5b50, 0);
	CU_ASSERT_EQUAL(get(&r, 0x5b50), 0);
	set(&r, 0xf00, 0x20);
	CU_ASSERT_EQUAL(get(&r, 0xf00), 0x20);
	CU_ASSERT_EQUAL(get(&r, 0x1010) & 0x40000, 0x40000);
	set(&r, 0x00, get(&r, 0x00) | 4); /* no more requests */
	CU_ASSERT_EQUAL(get(&r, 0x08) & 0x80000, 0);
	rig_close(&r);
}

static void a_second_queue_sends(void)
{
	uint8_t out[100];
	struct rig r;

	rig_open(&r, "82574L");
	rig_tx(&r);
	set(&r, 0x3900, (uint32_t)(IOVA + TX_RING));
	set(&r, 0x3904, (uint32_t)((IOVA + TX_RING) >> 32));
	set(&r, 0x3908, ENTRIES * 16);
	plain(r.memory + BUFFERS, 60);
	rig_data(&r, BUFFERS, 0x0b000000 | 60, 0);
	set(&r, 0x3940, 0x3); /* TARC1 without its enable bit */
	set(&r, 0x3918, 1);
	CU_ASSERT_EQUAL(weir_sim_take(r.card, out, sizeof(out)), 0);
	set(&r, 0x3940, 0x403);
	CU_ASSERT_EQUAL(weir_sim_take(r.card, out, sizeof(out)), 60);
	CU_ASSERT_EQUAL(get(&r, 0x3910), 1);
	CU_ASSERT_EQUAL(violations(&r), 0);
	rig_close(&r);
}

/* --- without vectors ----------------------------------------------------------------------------------------------------- */

static void reading_clears_only_what_was_told(void)
{
	struct rig r;

	rig_open(&r, "82574L");
	set(&r, 0xc8, 0x80);
	set(&r, 0xd0, 0x04);
	CU_ASSERT_EQUAL(get(&r, 0xc0), 0x80); /* no interrupt: reading leaves it */
	CU_ASSERT_EQUAL(get(&r, 0xc0), 0x80);
	set(&r, 0xd8, ~0u);
	CU_ASSERT_EQUAL(get(&r, 0xc0), 0x80); /* all masked: reading clears */
	CU_ASSERT_EQUAL(get(&r, 0xc0), 0);
	set(&r, 0xd0, 0x80);
	set(&r, 0xc8, 0x80);
	CU_ASSERT_EQUAL(get(&r, 0xc0), 0x80000080); /* asserted */
	CU_ASSERT_EQUAL(get(&r, 0xc0), 0);
	set(&r, 0xe0, 0x80);       /* IAM, */
	set(&r, 0x18, 0x08000000); /* ... with IAME */
	set(&r, 0xc8, 0x80);
	CU_ASSERT_EQUAL(get(&r, 0xc0), 0x80000080);
	CU_ASSERT_EQUAL(get(&r, 0xd0), 0);
	rig_close(&r);
}

/* --- with vectors -------------------------------------------------------------------------------------------------------- */

/* RXQ0 to vector 0, RXQ1 to 1, TXQ0 to 2, TXQ1 to 3, all other to 4. */
static void rig_vectors(struct rig *r, int fds[5])
{
	rig_open(r, "82574L");
	rig_msix(r, fds, 5);
	set(r, 0xe4, 0x000cba98);
	rig_rx(r, 0, 60);
	rig_tx(r);
	set(r, 0x100, RCTL_ON);
}

static void close_all(struct rig *r, const int *fds)
{
	rig_close(r);
	for (unsigned i = 0; i < 5; i++)
		close(fds[i]);
}

static void each_queue_has_a_vector(void)
{
	uint8_t frame[60];
	struct rig r;
	int fds[5];

	rig_vectors(&r, fds);
	plain(frame, sizeof(frame));
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(fired(fds[0]), 0); /* masked */
	set(&r, 0xd0, RXQ0 | TXQ0);
	CU_ASSERT_EQUAL(fired(fds[0]), 1); /* the cause was still there */
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(fired(fds[0]), 1);
	rig_data(&r, BUFFERS, 0x0b000000 | 60, 0);
	rig_bell(&r);
	CU_ASSERT_EQUAL(fired(fds[2]), 1);
	CU_ASSERT_EQUAL(fired(fds[0]) + fired(fds[1]) + fired(fds[3]) + fired(fds[4]), 0);
	close_all(&r, fds);
}

static void what_a_message_tells_clears_and_masks_itself(void)
{
	uint8_t frame[60];
	struct rig r;
	int fds[5];

	rig_vectors(&r, fds);
	set(&r, 0xdc, 0x01f00000); /* EIAC */
	set(&r, 0xd0, RXQ0);
	plain(frame, sizeof(frame));
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(fired(fds[0]), 1);
	CU_ASSERT_EQUAL(get(&r, 0xd0), 0);
	CU_ASSERT_EQUAL(get(&r, 0xc8) & RXQ0, 0);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(fired(fds[0]), 0);
	set(&r, 0xd0, RXQ0);
	CU_ASSERT_EQUAL(fired(fds[0]), 1); /* what came meanwhile */
	set(&r, 0x18, 0x08000000);         /* with IAME EIAC masks nothing */
	set(&r, 0xd0, RXQ0);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(fired(fds[0]), 1);
	CU_ASSERT_EQUAL(get(&r, 0xd0), RXQ0);
	close_all(&r, fds);
}

/* As Linux has it: IAM for the other causes, EIAME, and the cause is read from ICR. */
static void the_link_has_the_other_vector(void)
{
	struct rig r;
	int fds[5];

	rig_vectors(&r, fds);
	set(&r, 0xdc, 0x00500000);
	set(&r, 0xe0, ~0x01f00000u | OTHER);
	set(&r, 0x18, 0x01000000);
	set(&r, 0xd0, RXQ0 | TXQ0 | OTHER | 4);
	weir_sim_link(r.card, false);
	CU_ASSERT_EQUAL(fired(fds[4]), 1);
	CU_ASSERT_EQUAL(get(&r, 0xd0) & OTHER, 0);
	CU_ASSERT_EQUAL(get(&r, 0xc0) & (OTHER | 4), OTHER | 4);
	CU_ASSERT_EQUAL(get(&r, 0xc0) & (OTHER | 4), 0);
	set(&r, 0xd0, OTHER | 4);
	CU_ASSERT_EQUAL(fired(fds[4]), 0); /* it was cleared */
	weir_sim_link(r.card, true);
	CU_ASSERT_EQUAL(fired(fds[4]), 1);
	close_all(&r, fds);
}

static void vectors_have_throttles(void)
{
	uint64_t start, early;
	struct rig r;
	int fds[5];

	rig_vectors(&r, fds);
	start = sim_now_ns(r.nic);
	set(&r, 0xec, 0xffff); /* of vector 1: 16.8 ms */
	set(&r, 0xd0, RXQ0 | RXQ1);
	set(&r, 0xc8, RXQ1);
	CU_ASSERT_EQUAL(fired(fds[1]), 1);
	set(&r, 0xc8, RXQ1);
	early = fired(fds[1]);
	CU_ASSERT(!early || sim_now_ns(r.nic) - start > 16000000);
	set(&r, 0xc8, RXQ0); /* the others have their own */
	set(&r, 0xc8, RXQ0);
	CU_ASSERT_EQUAL(fired(fds[0]), 2);
	usleep(20000);
	weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(early + fired(fds[1]), 1);
	close_all(&r, fds);
}

static const struct unit_case cases[] = {
	{ "it says who it is", it_says_who_it_is },
	{ "EERD and checksum", eerd_and_checksum },
	{ "the PHY has pages", the_phy_has_pages },
	{ "semaphores are taken by reading", semaphores_are_taken_by_reading },
	{ "a second queue sends", a_second_queue_sends },
	{ "reading clears only what was told", reading_clears_only_what_was_told },
	{ "each queue has a vector", each_queue_has_a_vector },
	{ "what a message tells clears and masks itself", what_a_message_tells_clears_and_masks_itself },
	{ "the link has the other vector", the_link_has_the_other_vector },
	{ "vectors have throttles", vectors_have_throttles },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("82574 registers and interrupts", cases);
}
