/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How the 82599's model chooses queues (datasheet 7.1.2), but for the flow director. The RSS hashes are those of Microsoft's
 * specification of RSS.
 */
#include "frames.h"
#include "sim_82599.h"

/* The key of that specification. */
static const uint8_t key[40] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
	0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
	0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

static void rss_spreads(void)
{
	uint8_t frame[60];
	struct rig r;
	uint32_t word;

	rig_open(&r);
	for (unsigned q = 0; q < 3; q++)
		rig_rx(&r, q, 8);
	for (unsigned i = 0; i < 10; i++) {
		memcpy(&word, key + 4 * i, 4);
		set(&r, 0x5c80 + 4 * i, word);
	}
	/* 0x51ccc178 with ports, 0x323e8fc2 without: entries 0x78 and 0x42. */
	set(&r, 0x5c00 + 0x78, 0x00000002);
	set(&r, 0x5c00 + 0x40, 0x00010000);
	set(&r, 0x5818, 0x00030001); /* RSS on TCP over IPv4 and IPv4 */
	good_tcp(frame);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 2, 0)[0], 0x111);
	CU_ASSERT_EQUAL(rx_words(&r, 2, 0)[1], 0x51ccc178);
	set(&r, 0x5818, 0x00020001);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 1, 0)[0], 0x112);
	CU_ASSERT_EQUAL(rx_words(&r, 1, 0)[1], 0x323e8fc2);
	set(&r, 0x5818, 0x00020000);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[0], 0x110);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[1], 0);
	rig_close(&r);
}

static void filters_choose_queues(void)
{
	uint8_t frame[60], etype[60];
	struct rig r;

	rig_open(&r);
	for (unsigned q = 0; q < 4; q++)
		rig_rx(&r, q, 30);
	good_tcp(frame);
	plain(etype, sizeof(etype));
	set(&r, 0x5128 + 4 * 2, 0x800088b5); /* EtherType filter 2: queue 3 */
	set(&r, 0xec00 + 4 * 2, 0x80030000);
	rig_receive(&r, etype, sizeof(etype));
	CU_ASSERT_EQUAL(rx_words(&r, 3, 0)[0], 0x8020);
	CU_ASSERT_EQUAL(rx_words(&r, 3, 0)[2], 3);
	/* 5-tuple filter 5, protocol and destination port only: TCP, 1766, queue 1. */
	set(&r, 0xe400 + 4 * 5, 0xe6060000);
	set(&r, 0xe800 + 4 * 5, 1u << 21);
	set(&r, 0xe600 + 4 * 5, 0x8e000004);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 1, 0)[2], 0x63);
	frame[37]++; /* another port */
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x1010), 1);
	rig_close(&r);
}

/* Queues 0 to 3; TCP to port 1766 goes to queue 1, SYN to queue 2. */
static void open_filters(struct rig *r)
{
	rig_open(r);
	for (unsigned q = 0; q < 4; q++)
		rig_rx(r, q, 30);
	set(r, 0xe400, 0xe6060000);
	set(r, 0xe800, 1u << 21);
	set(r, 0xe600, 0x8e000004);
	set(r, 0xec30, 2 << 1 | 1);
}

static void the_syn_filter_comes_last_unless_told_otherwise(void)
{
	uint8_t frame[60];
	struct rig r;

	open_filters(&r);
	good_tcp(frame);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x1010 + 0x40), 1);
	set(&r, 0xec30, 1u << 31 | 2 << 1 | 1);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x1010 + 0x80), 1);
	frame[47] = 0x12; /* SYN and ACK */
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x1010 + 0x40), 2);
	set(&r, 0xe600, 0);
	frame[47] = 0x02;
	set(&r, 0xec30, 2 << 1 | 1);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x1010 + 0x80), 2);
	rig_close(&r);
}

static void filters_of_one_kind_have_priorities(void)
{
	uint8_t frame[60];
	struct rig r;

	open_filters(&r);
	good_tcp(frame);
	/* The same again with a higher priority, then with the same: the first of those counts. */
	set(&r, 0xe400 + 4, 0xe6060000);
	set(&r, 0xe800 + 4, 2u << 21);
	set(&r, 0xe600 + 4, 0x8e000008);
	set(&r, 0xe400 + 8, 0xe6060000);
	set(&r, 0xe800 + 8, 3u << 21);
	set(&r, 0xe600 + 8, 0x8e000008);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x1010 + 0x80), 1);
	rig_close(&r);
}

static void five_tuples_are_of_ipv4(void)
{
	uint8_t frame[74];
	struct rig r;

	open_filters(&r);
	good_tcp(frame);
	memmove(frame + 54, frame + 34, 20);
	memset(frame + 14, 0, 40);
	frame[12] = 0x86;
	frame[13] = 0xdd;
	frame[14] = 0x60;
	frame[19] = 20;
	frame[20] = 6;
	rig_receive(&r, frame, sizeof(frame));
	/* Port 1766 and TCP do not help, but the SYN filter knows IPv6. */
	CU_ASSERT_EQUAL(get(&r, 0x1010 + 0x80), 1);
	CU_ASSERT_EQUAL(rx_words(&r, 2, 0)[0], 0x140);
	rig_close(&r);
}

static void an_ethertype_filter_looks_behind_the_tag(void)
{
	uint8_t frame[64];
	struct rig r;

	open_filters(&r);
	plain(frame, sizeof(frame));
	put_be16(frame + 12, 0x8100);
	put_be16(frame + 14, 0x6064);
	put_be16(frame + 16, 0x88b5);
	set(&r, 0x5128, 0x800088b5);
	set(&r, 0xec00, 0x80030000);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x1010 + 0xc0), 1);
	CU_ASSERT_EQUAL(weir_sim_violations(r.card, NULL, 0), 0);
	set(&r, 0x5128, 0x80000800); /* IP is not for these filters */
	CU_ASSERT_EQUAL(weir_sim_violations(r.card, NULL, 0), 1);
	set(&r, 0x5128, 0x800a88b5); /* nor a priority */
	CU_ASSERT_EQUAL(weir_sim_violations(r.card, NULL, 0), 2);
	rig_close(&r);
}

static void filters_may_interrupt_at_once(void)
{
	uint8_t frame[60], etype[60];
	struct rig r;
	int fds[2];

	open_filters(&r);
	rig_msix(&r, fds, 2);
	set(&r, 0x898, 0x10);
	set(&r, 0x900, 0x00810080); /* queue 0 to vector 0, queue 1 to 1 */
	set(&r, 0x904, 0x00810081);
	set(&r, 0x824, 0xff8); /* 1 ms each, the longest */
	set(&r, 0x810, 3);
	set(&r, 0x880, 3);
	good_tcp(frame);
	plain(etype, sizeof(etype));
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(fired(fds[1]), 1);
	CU_ASSERT_EQUAL(rx_words(&r, 1, 0)[2] & 0x800, 0);
	set(&r, 0xe800, 1u << 21 | 1u << 20 | 1u << 12); /* immediate, whatever the size */
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(fired(fds[1]), 1);
	CU_ASSERT_EQUAL(rx_words(&r, 1, 1)[2] & 0x800, 0x800);
	set(&r, 0xe800, 1u << 21 | 1u << 20); /* ... if it has less than 0 bytes */
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 1, 2)[2] & 0x800, 0);
	set(&r, 0xec90, 61);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 1, 3)[2] & 0x800, 0x800);
	set(&r, 0x5128, 0x800088b5);
	set(&r, 0xec00, 0xa0030000);
	rig_receive(&r, etype, sizeof(etype));
	CU_ASSERT_EQUAL(rx_words(&r, 3, 0)[2] & 0x800, 0x800);
	CU_ASSERT(fired(fds[1]) >= 1);
	rig_close(&r);
}

static const struct unit_case cases[] = {
	{ "RSS spreads", rss_spreads },
	{ "filters choose queues", filters_choose_queues },
	{ "the SYN filter comes last unless told otherwise", the_syn_filter_comes_last_unless_told_otherwise },
	{ "filters of one kind have priorities", filters_of_one_kind_have_priorities },
	{ "5-tuples are of IPv4", five_tuples_are_of_ipv4 },
	{ "an EtherType filter looks behind the tag", an_ethertype_filter_looks_behind_the_tag },
	{ "filters may interrupt at once", filters_may_interrupt_at_once },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("82599 steering", cases);
}
