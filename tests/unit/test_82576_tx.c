/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The 82576's model sends, and what else it has of its own: advanced descriptors and contexts, sixteen queues, head
 * write-back; identity, PHY, interrupts by vector. What is expected was worked out by hand from the 82576's datasheet, 7.2,
 * 7.3, 8.8 and 9.4.
 */
#include "sim_82576.h"

#define DATA 0x8000u     /* where the packet lies */
#define SEND 0x2b300000u /* advanced, data: end, CRC, report */

static uint8_t out[20000];

static void on(struct rig *r, unsigned queue)
{
	rig_open(r, "82576");
	rig_tx76(r, queue);
}

static void any_queue_sends(void)
{
	static const unsigned queues[] = { 0, 3, 4, 15 };
	struct rig r;

	for (unsigned i = 0; i < 4; i++) {
		on(&r, queues[i]);
		plain(r.memory + DATA, 100);
		rig_data(&r, DATA, SEND | 100, 100 << 14);
		rig_bell76(&r, queues[i]);
		CU_ASSERT_EQUAL(weir_sim_take(r.card, out, sizeof(out)), 100);
		CU_ASSERT(!memcmp(out, r.memory + DATA, 100));
		CU_ASSERT_EQUAL(tx_words(&r, 0)[2], 0);
		CU_ASSERT_EQUAL(tx_words(&r, 0)[3], 1);
		CU_ASSERT_EQUAL(get(&r, TX76(queues[i]) + 0x10), 1);
		CU_ASSERT_EQUAL(get(&r, 0x4118), 1);
		CU_ASSERT_EQUAL(get(&r, 0x4130), 104);
		CU_ASSERT_EQUAL(violations(&r), 0);
		rig_close(&r);
	}
}

static void a_queue_must_be_enabled(void)
{
	struct rig r;

	on(&r, 5);
	set(&r, TX76(5) + 0x28, 0);
	rig_data(&r, DATA, SEND | 60, 60 << 14);
	rig_bell76(&r, 5);
	CU_ASSERT_EQUAL(get(&r, TX76(5) + 0x10), 0);
	set(&r, TX76(5) + 0x28, 0x02000000);
	CU_ASSERT_EQUAL(get(&r, TX76(5) + 0x10), 1);
	rig_close(&r);
}

static void the_head_may_be_written_to_memory(void)
{
	struct rig r;

	on(&r, 0);
	set(&r, 0x3838, (uint32_t)(IOVA + 0x9000) | 1);
	set(&r, 0x383c, 1);
	rig_data(&r, DATA, SEND | 60, 60 << 14);
	rig_bell76(&r, 0);
	CU_ASSERT_EQUAL(words(&r, 0x9000)[0], 1);
	CU_ASSERT_EQUAL(tx_words(&r, 0)[3], 60 << 14);
	rig_close(&r);
}

static void what_asks_for_it_is_stamped(void)
{
	struct rig r;

	on(&r, 0);
	set(&r, 0xb608, 0x01000001); /* 1 in 16 ns */
	set(&r, 0xb604, 9);
	set(&r, 0xb614, 0x10);
	rig_data(&r, DATA, SEND | 60, 60 << 14);
	rig_bell76(&r, 0);
	CU_ASSERT_EQUAL(get(&r, 0xb614), 0x10);
	rig_data(&r, DATA, SEND | 0x80000 | 60, 60 << 14);
	rig_bell76(&r, 0);
	CU_ASSERT_EQUAL(get(&r, 0xb614), 0x11);
	CU_ASSERT_EQUAL(get(&r, 0xb61c), 9);
	CU_ASSERT_EQUAL(get(&r, 0xb614), 0x10);
	rig_close(&r);
}

static void legacy_descriptors_are_there_too(void)
{
	struct rig r;

	on(&r, 0);
	plain(r.memory + DATA, 100);
	rig_data(&r, DATA, 0x0f000000 | 40u << 16 | 100, 20u << 8);
	rig_bell76(&r, 0);
	CU_ASSERT_EQUAL(weir_sim_take(r.card, out, sizeof(out)), 100);
	put_be16(r.memory + DATA + 40, 40 << 8 | 41);
	CU_ASSERT_EQUAL((unsigned)(out[40] << 8 | out[41]), ~sum16(r.memory + DATA + 20, 80, 0) & 0xffff);
	CU_ASSERT_EQUAL(tx_words(&r, 0)[3], 20u << 8 | 1);
	rig_close(&r);
}

/* Ethernet, IPv4 without checksum, TCP whose checksum field has the pseudo-header's sum without the length. */
static void tcp_packet(uint8_t *at, size_t payload)
{
	good_tcp(at);
	for (size_t i = 0; i < payload; i++)
		at[54 + i] = (uint8_t)(i * 7);
	put_be16(at + 16, (unsigned)(40 + payload));
	put_be16(at + 24, 0);
	at[47] = 0x19; /* ACK, PSH, FIN */
	put_be16(at + 50, sum16(at + 26, 8, 6));
}

static void contexts_tell_lengths_of_headers(void)
{
	static const size_t lens[] = { 1058, 1058, 558 };
	struct rig r;

	on(&r, 0);
	set(&r, 0x0000, get(&r, 0x0000) | 0x40000000);
	tcp_packet(r.memory + DATA, 2500);
	/* Context 1: 14 bytes of Ethernet, 20 of IPv4, 20 of TCP, segments of 1000, tag 0x6064. */
	rig_descriptor(&r, 0x6064u << 16 | 14 << 9 | 20, 0, 0x20200000 | 0x800 | 0x400, 1000u << 16 | 20 << 8 | 1 << 4);
	rig_data(&r, DATA, SEND | 0xc0000000 | 2554, 2500u << 14 | 0x300 | 1 << 4);
	rig_bell76(&r, 0);
	for (unsigned i = 0; i < 3; i++) {
		unsigned l4 = (unsigned)lens[i] - 38;

		CU_ASSERT_EQUAL(weir_sim_take(r.card, out, sizeof(out)), (int)lens[i]);
		CU_ASSERT(!memcmp(out + 12, "\x81\x00\x60\x64\x08\x00", 6));
		CU_ASSERT_EQUAL(sum16(out + 18, 20, 0), 0xffff);
		CU_ASSERT_EQUAL(sum16(out + 38, l4, sum16(out + 30, 8, 6 + l4)), 0xffff);
		CU_ASSERT_EQUAL(out[22] << 8 | out[23], 1 + (int)i);
		CU_ASSERT_EQUAL((unsigned)(out[44] << 8 | out[45]), 1 + i * 1000);
		CU_ASSERT_EQUAL(out[51], i == 2 ? 0x19 : 0x10);
	}
	CU_ASSERT_EQUAL(weir_sim_take(r.card, out, sizeof(out)), 0);
	CU_ASSERT_EQUAL(violations(&r), 0);
	rig_data(&r, DATA, SEND | 2554 | 0x80000000, 2400u << 14 | 0x300 | 1 << 4); /* a wrong PAYLEN */
	rig_bell76(&r, 0);
	CU_ASSERT_EQUAL(weir_sim_violations(r.card, NULL, 0), 1);
	rig_close(&r);
}

/* --- the card ---------------------------------------------------------------------------------------------------------------- */

static unsigned phy_read(struct rig *r, unsigned reg)
{
	set(r, 0x20, 0x08200000 | reg << 16);
	return get(r, 0x20) & 0xffff;
}

static void it_says_who_it_is(void)
{
	struct rig r;

	rig_open(&r, "82576");
	CU_ASSERT_EQUAL(config(&r, 0x00), 0x10c98086);
	CU_ASSERT_EQUAL(config(&r, 0x40) & 0xff, 0x01);
	CU_ASSERT_EQUAL(config(&r, 0x50) & 0xff, 0x05);
	CU_ASSERT_EQUAL(config(&r, 0x70), 0x0018a011); /* 25 vectors */
	CU_ASSERT_EQUAL(config(&r, 0xa0) & 0xff, 0x10);
	CU_ASSERT_EQUAL(config(&r, 0xa4) & 0x10000000, 0x10000000); /* function reset */
	CU_ASSERT_EQUAL(get(&r, 0x08) & 0x280283, 0x280283);        /* 1000, link, full; read, reset done, requests */
	CU_ASSERT_EQUAL(phy_read(&r, 2), 0x02a8);
	CU_ASSERT_EQUAL(phy_read(&r, 3), 0x0391);
	CU_ASSERT_EQUAL(phy_read(&r, 17) & 0xc400, 0xc400);
	set(&r, 0x20, 0x04200000 | 31 << 16 | 0x11b1); /* a page, */
	CU_ASSERT_EQUAL(phy_read(&r, 17) >> 9, 40);    /* ... on which the gain is */
	CU_ASSERT_EQUAL(phy_read(&r, 2), 0x02a8);
	set(&r, 0x5b5c, 0x00020002);
	CU_ASSERT_EQUAL(get(&r, 0x5b5c), 0x00020002);
	rig_close(&r);
}

/* --- interrupts ----------------------------------------------------------------------------------------------------------------- */

/* Receive queues 0 and 9 to vectors 1 and 2, transmit queue 0 to 3, all other causes to 0. */
static void rig_vectors(struct rig *r, int fds[4])
{
	rig_open76(r, 10);
	rig_tx76(r, 0);
	rig_msix(r, fds, 4);
	set(r, 0x1514, 0xc0000011); /* GPIE: PBA, EIAME, MSI-X, NSICR */
	set(r, 0x1700, 0x00008381);
	set(r, 0x1704, 0x00820000);
	set(r, 0x1740, 0x00008000);
}

static void close_all(struct rig *r, const int *fds)
{
	rig_close(r);
	for (unsigned i = 0; i < 4; i++)
		close(fds[i]);
}

static void queues_have_vectors(void)
{
	uint8_t frame[60];
	struct rig r;
	int fds[4];

	rig_vectors(&r, fds);
	plain(frame, sizeof(frame));
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(fired(fds[1]), 0);
	CU_ASSERT_EQUAL(get(&r, 0x1520), 2); /* EICS shows without clearing */
	set(&r, 0x1524, 2);
	CU_ASSERT_EQUAL(fired(fds[1]), 1);
	CU_ASSERT_EQUAL(get(&r, 0x1580), 2);
	CU_ASSERT_EQUAL(get(&r, 0x1580), 0);
	set(&r, 0x152c, 2); /* EIAC */
	set(&r, 0x1530, 2); /* EIAM */
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(fired(fds[1]), 1);
	CU_ASSERT_EQUAL(get(&r, 0x1520), 0);
	CU_ASSERT_EQUAL(get(&r, 0x1524), 0);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(fired(fds[1]), 0);
	set(&r, 0x1524, 2);
	CU_ASSERT_EQUAL(fired(fds[1]), 1);
	set(&r, 0x1524, 8);
	rig_data(&r, DATA, SEND | 60, 60 << 14);
	rig_bell76(&r, 0);
	CU_ASSERT_EQUAL(fired(fds[3]), 1);
	set(&r, 0x1524, 4);
	weir_sim_fault(r.card, WEIR_SIM_RX_QUEUE, 9, 1);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(fired(fds[2]), 1);
	set(&r, 0x1520, 4); /* software may raise it */
	CU_ASSERT_EQUAL(fired(fds[2]), 1);
	close_all(&r, fds);
}

static void other_causes_have_one_vector(void)
{
	struct rig r;
	int fds[4];

	rig_vectors(&r, fds);
	set(&r, 0x1524, 1);
	weir_sim_link(r.card, false);
	CU_ASSERT_EQUAL(fired(fds[0]), 0); /* masked by IMS */
	CU_ASSERT_EQUAL(get(&r, 0xc0), 4);
	set(&r, 0xd0, 4);
	weir_sim_link(r.card, true);
	CU_ASSERT_EQUAL(fired(fds[0]), 1);
	CU_ASSERT_EQUAL(get(&r, 0x1580), 1);
	CU_ASSERT_EQUAL(get(&r, 0x1500) & 0xff, 4); /* ICR, by its other address */
	CU_ASSERT_EQUAL(get(&r, 0xc0), 0);
	close_all(&r, fds);
}

static void throttles_count_microseconds(void)
{
	uint64_t start, early;
	struct rig r;
	int fds[4];

	rig_vectors(&r, fds);
	start = sim_now_ns(r.nic);
	set(&r, 0x1684, 8000 << 2); /* of vector 1: 8 ms */
	set(&r, 0x1524, 2);
	set(&r, 0x1520, 2);
	CU_ASSERT_EQUAL(fired(fds[1]), 1);
	set(&r, 0x1520, 2);
	early = fired(fds[1]);
	CU_ASSERT(!early || sim_now_ns(r.nic) - start > 7900000);
	usleep(9000);
	weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(early + fired(fds[1]), 1);
	close_all(&r, fds);
}

static void without_vectors_icr_tells(void)
{
	uint8_t frame[60];
	struct rig r;

	rig_open76(&r, 1);
	rig_tx76(&r, 0);
	plain(frame, sizeof(frame));
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0xc0), 0x80);
	rig_data(&r, DATA, SEND | 60, 60 << 14);
	rig_bell76(&r, 0);
	CU_ASSERT_EQUAL(get(&r, 0xc0), 1);
	rig_close(&r);
}

static void in_fast_mode_queues_are_looked_at(void)
{
	const uint32_t on = 0x02000000;
	struct rig r;

	rig_open_as(&r, "82576,mac=02:00:00:00:00:01,wire=hold", true);
	set(&r, 0x0000, get(&r, 0x0000) | 0x40);
	rig_tx76(&r, 7);
	set(&r, TX76(7) + 0x28, 0);
	plain(r.memory + DATA, 60);
	rig_data(&r, DATA, SEND | 60, 60 << 14);
	memcpy(r.nic->bar[0] + TX76(7) + 0x18, &r.tx_tail, 4); /* as a client that has the page mapped */
	memcpy(r.nic->bar[0] + TX76(7) + 0x28, &on, 4);
	for (unsigned i = 0; i < 20; i++)
		weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(weir_sim_take(r.card, out, sizeof(out)), 60);
	rig_close(&r);
}

static const struct unit_case cases[] = {
	{ "any queue sends", any_queue_sends },
	{ "a queue must be enabled", a_queue_must_be_enabled },
	{ "the head may be written to memory", the_head_may_be_written_to_memory },
	{ "what asks for it is stamped", what_asks_for_it_is_stamped },
	{ "legacy descriptors are there, too", legacy_descriptors_are_there_too },
	{ "contexts tell lengths of headers", contexts_tell_lengths_of_headers },
	{ "it says who it is", it_says_who_it_is },
	{ "queues have vectors", queues_have_vectors },
	{ "other causes have one vector", other_causes_have_one_vector },
	{ "throttles count microseconds", throttles_count_microseconds },
	{ "without vectors ICR tells", without_vectors_icr_tells },
	{ "in fast mode queues are looked at", in_fast_mode_queues_are_looked_at },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("82576 sends and interrupts", cases);
}
