/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The 82576's model receives: advanced descriptors, header split, sixteen queues, RSS and filters. What is expected was
 * worked out by hand from the 82576's datasheet, 7.1 and 8.10; the hashes are those of Microsoft's specification of RSS.
 */
#include "sim_82576.h"

/* The key of that specification. */
static const uint8_t key[40] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
	0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
	0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

static void advanced_descriptors_tell_types_and_verdicts(void)
{
	uint8_t frame[60];
	struct rig r;
	uint32_t *w;

	rig_open76(&r, 1);
	good_tcp(frame);
	rig_receive(&r, frame, sizeof(frame));
	w = words76(&r, 0, 0);
	CU_ASSERT_EQUAL(w[0], 0x110); /* IPv4, TCP */
	CU_ASSERT_EQUAL(w[1], 0);
	CU_ASSERT_EQUAL(w[2], 0x63);
	CU_ASSERT_EQUAL(w[3], 60);
	CU_ASSERT(!memcmp(rx_buffer(&r, 0), frame, 60));
	frame[50] ^= 0x40;
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(words76(&r, 0, 1)[2], 0x20000063);
	frame[50] ^= 0x40;
	frame[25] ^= 0x01;
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(words76(&r, 0, 2)[2], 0x40000063);
	plain(frame, sizeof(frame));
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(words76(&r, 0, 3)[0], 0);
	CU_ASSERT_EQUAL(words76(&r, 0, 3)[2], 3);
	CU_ASSERT_EQUAL(violations(&r), 0);
	rig_close(&r);
}

static void without_pcsd_the_checksum_is_told(void)
{
	uint8_t frame[60];
	struct rig r;

	rig_open(&r, "82576");
	rig_rx76(&r, 0, 8);
	set(&r, 0x5000, 0x300 | 14);
	set(&r, 0x100, RCTL_ON);
	good_tcp(frame);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(words76(&r, 0, 0)[1], (~sum16(frame + 14, 46, 0) & 0xffff) << 16 | 1);
	rig_close(&r);
}

static void legacy_descriptors_are_there_too(void)
{
	uint8_t frame[60];
	struct rig r;

	rig_open76(&r, 1);
	set(&r, 0x280c, 2);
	good_tcp(frame);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(words76(&r, 0, 0)[2] & 0xffff, 60);
	CU_ASSERT_EQUAL(words76(&r, 0, 0)[3], 0x63);
	rig_close(&r);
}

static void long_frames_have_a_limit_of_their_own(void)
{
	static uint8_t frame[9000];
	struct rig r;

	rig_open76(&r, 1);
	plain(frame, sizeof(frame));
	rig_receive(&r, frame, 1514);
	CU_ASSERT_EQUAL(get(&r, 0x2810), 1);
	rig_receive(&r, frame, 1515);
	CU_ASSERT_EQUAL(get(&r, 0x40ac), 1);
	put_be16(frame + 12, 0x8100);
	rig_receive(&r, frame, 1518);
	CU_ASSERT_EQUAL(get(&r, 0x2810), 2);
	plain(frame, sizeof(frame));
	set(&r, 0x5004, 4096);
	set(&r, 0x100, RCTL_ON | 0x20);
	rig_receive(&r, frame, 4092);
	CU_ASSERT_EQUAL(get(&r, 0x2810), 4);
	CU_ASSERT_EQUAL(words76(&r, 0, 2)[2], 1);
	CU_ASSERT_EQUAL(words76(&r, 0, 2)[3], 2048);
	CU_ASSERT_EQUAL(words76(&r, 0, 3)[3], 2044);
	rig_receive(&r, frame, 4093);
	CU_ASSERT_EQUAL(get(&r, 0x40ac), 1);
	rig_close(&r);
}

static void each_queue_waits_or_drops(void)
{
	uint8_t frame[60];
	struct rig r;

	rig_open76(&r, 0);
	rig_rx76(&r, 0, 1);
	plain(frame, sizeof(frame));
	rig_receive(&r, frame, sizeof(frame));
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x2810), 1);
	CU_ASSERT_EQUAL(get(&r, 0x40a0), 1);
	set(&r, 0x280c, ADVANCED | 0x80000000); /* DROP_EN */
	weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(get(&r, 0xc030), 1); /* RQDPC, by its other address */
	CU_ASSERT_EQUAL(get(&r, 0x2830), 0);
	set(&r, 0x2828, 0); /* the queue alone is off */
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rig_counter(&r, "rx_no_queue"), 1);
	rig_close(&r);
}

static void registers_of_four_queues_have_two_addresses(void)
{
	struct rig r;

	rig_open(&r, "82576");
	set(&r, 0xc000 + 3 * 0x40, 0x12345680);
	CU_ASSERT_EQUAL(get(&r, 0x2b00), 0x12345680);
	set(&r, 0x3808, 0x1000);
	CU_ASSERT_EQUAL(get(&r, 0xe008), 0x1000);
	set(&r, 0xc108, 0x800); /* queue 4 has one */
	CU_ASSERT_EQUAL(get(&r, 0xc108), 0x800);
	CU_ASSERT_EQUAL(get(&r, 0x2828) >> 25 & 1, 1); /* queue 0 is on after a reset, */
	CU_ASSERT_EQUAL(get(&r, 0x2928) >> 25 & 1, 0); /* ... the others are not */
	CU_ASSERT_EQUAL(violations(&r), 0);
	rig_close(&r);
}

static void rss_spreads_over_sixteen_queues(void)
{
	uint8_t frame[60];
	struct rig r;
	uint32_t word;

	rig_open76(&r, 16);
	for (unsigned i = 0; i < 10; i++) {
		memcpy(&word, key + 4 * i, 4);
		set(&r, 0x5c80 + 4 * i, word);
	}
	/* 0x51ccc178 with ports, 0x323e8fc2 without: entries 0x78 and 0x42. */
	set(&r, 0x5c00 + 0x78, 0x0000000d);
	set(&r, 0x5c00 + 0x40, 0x00050000);
	set(&r, 0x5818, 0x00030002);
	good_tcp(frame);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(words76(&r, 13, 0)[0], 0x111);
	CU_ASSERT_EQUAL(words76(&r, 13, 0)[1], 0x51ccc178);
	CU_ASSERT_EQUAL(get(&r, 0xc010 + 13 * 0x40), 1);
	set(&r, 0x5818, 0x00020002);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(words76(&r, 5, 0)[0], 0x112);
	CU_ASSERT_EQUAL(words76(&r, 5, 0)[1], 0x323e8fc2);
	rig_close(&r);
}

static void filters_choose_queues(void)
{
	uint8_t frame[60], etype[60];
	struct rig r;

	rig_open76(&r, 8);
	good_tcp(frame);
	plain(etype, sizeof(etype));
	set(&r, 0x5cb0 + 4 * 2, 0x840388b5); /* EtherType filter 2: queue 3 */
	rig_receive(&r, etype, sizeof(etype));
	CU_ASSERT_EQUAL(words76(&r, 3, 0)[0], 0x8020);
	/* 5-tuple filter 5, protocol and destination port only: TCP, 1766, queue 6. */
	set(&r, 0x5a80 + 4 * 5, 0x0000e606);
	set(&r, 0x59e0 + 4 * 5, 0xe0060106);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0xc010 + 6 * 0x40), 1);
	/* Filter 1 with a higher priority, and the source address: 66.9.149.187, queue 4. */
	set(&r, 0x5980 + 4 * 1, 0xbb950942);
	set(&r, 0x5a80 + 4 * 1, 0x20020000);
	set(&r, 0x59e0 + 4 * 1, 0xd0040100);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0xc010 + 4 * 0x40), 1);
	/* The SYN filter comes first. */
	set(&r, 0x55fc, 7 << 1 | 1);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0xc010 + 7 * 0x40), 1);
	rig_close(&r);
}

static void more_addresses_are_ours(void)
{
	uint8_t frame[60];
	struct rig r;

	rig_open76(&r, 1);
	plain(frame, sizeof(frame));
	frame[5] = 9;
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x2810), 0);
	set(&r, 0x54e0 + 8 * 7, 0x00000002); /* entry 23: 02:00:00:00:00:09 */
	set(&r, 0x54e4 + 8 * 7, 0x80000900);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x2810), 1);
	frame[4] = 0x12;
	frame[5] = 0x34;
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x2810), 1);
	set(&r, 0xa000 + 4 * 26, 2); /* the unicast table: 0x341 */
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x2810), 2);
	rig_close(&r);
}

static void headers_are_split_off(void)
{
	static uint8_t frame[1000];
	struct rig r;

	rig_open76(&r, 1);
	set(&r, 0x280c, 0x04000402); /* split, headers of 256 bytes */
	set(&r, 0x5480, 0x10);       /* behind TCP */
	good_tcp(frame);
	put_be16(frame + 16, 986);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(words76(&r, 0, 0)[0], 0x80000000 | 54u << 21 | 0x110);
	CU_ASSERT_EQUAL(words76(&r, 0, 0)[3], 946);
	CU_ASSERT(!memcmp(r.memory + 0xa0000, frame, 54));
	CU_ASSERT(!memcmp(rx_buffer(&r, 0), frame + 54, 946));
	plain(frame, sizeof(frame));
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(words76(&r, 0, 1)[0], 0);
	CU_ASSERT_EQUAL(words76(&r, 0, 1)[3], 1000);
	rig_close(&r);
}

static void outer_tags_may_be_there(void)
{
	uint8_t frame[68];
	struct rig r;

	rig_open76(&r, 1);
	set(&r, 0x0038, 0x88a88100);
	set(&r, 0x0018, 0x04000000); /* EXT_VLAN */
	set(&r, 0x0000, get(&r, 0x0000) | 0x40000000);
	plain(frame, sizeof(frame));
	put_be16(frame + 12, 0x88a8);
	put_be16(frame + 14, 0x0005);
	put_be16(frame + 16, 0x8100);
	put_be16(frame + 18, 0x6064);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(words76(&r, 0, 0)[3], 0x60640040);
	CU_ASSERT_EQUAL(words76(&r, 0, 0)[2] & 8, 8);
	CU_ASSERT(!memcmp(rx_buffer(&r, 0), frame, 16));
	CU_ASSERT(!memcmp(rx_buffer(&r, 0) + 16, frame + 20, 48));
	rig_close(&r);
}

/* A Sync message of version 2, over Ethernet or from and to UDP port 319; the stamp is fetched. */
static bool is_stamped(struct rig *r, unsigned i, bool udp)
{
	uint8_t frame[86];
	bool stamped;

	plain(frame, sizeof(frame));
	put_be16(frame + 12, 0x88f7);
	if (udp) {
		static const uint8_t headers[30] = { 8, 0,  0x45, 0, 0, 72, [10] = 64, 17, [14] = 10, 0, 0,
			                             1, 10, 0,    0, 2, 1,  63,        1,  63,        0, 52 };

		memcpy(frame + 12, headers, sizeof(headers));
		put_be16(frame + 24, ~sum16(frame + 14, 20, 0));
	}
	frame[udp ? 42 : 14] = 0;
	frame[udp ? 43 : 15] = 2;
	rig_receive(r, frame, sizeof(frame));
	stamped = words76(r, 0, i)[2] & 0x10000;
	CU_ASSERT_EQUAL(get(r, 0xb620) & 1, stamped);
	get(r, 0xb628);
	return stamped;
}

static void what_a_filter_marks_is_stamped(void)
{
	struct rig r;

	rig_open76(&r, 1);
	set(&r, 0xb608, 0x01000010); /* 16 in 16 ns */
	set(&r, 0xb620, 0x1a);       /* events of version 2 */
	CU_ASSERT(!is_stamped(&r, 0, false));
	CU_ASSERT(!is_stamped(&r, 1, true));
	set(&r, 0x5ccc, 0x440088f7); /* ETQF[7] */
	CU_ASSERT(is_stamped(&r, 2, false));
	CU_ASSERT(!is_stamped(&r, 3, true));
	set(&r, 0x5a9c, 0x3f01);     /* IMIR[7] */
	set(&r, 0x59fc, 0xe8008011); /* FTQF[7] */
	CU_ASSERT(is_stamped(&r, 4, true));
	set(&r, 0x5a9c, 0x3f02);
	CU_ASSERT(!is_stamped(&r, 5, true));
	CU_ASSERT_EQUAL(violations(&r), 0);
	rig_close(&r);
}

static const struct unit_case cases[] = {
	{ "advanced descriptors tell types and verdicts", advanced_descriptors_tell_types_and_verdicts },
	{ "without PCSD the checksum is told", without_pcsd_the_checksum_is_told },
	{ "legacy descriptors are there, too", legacy_descriptors_are_there_too },
	{ "long frames have a limit of their own", long_frames_have_a_limit_of_their_own },
	{ "each queue waits or drops", each_queue_waits_or_drops },
	{ "registers of four queues have two addresses", registers_of_four_queues_have_two_addresses },
	{ "RSS spreads over sixteen queues", rss_spreads_over_sixteen_queues },
	{ "filters choose queues", filters_choose_queues },
	{ "more addresses are ours", more_addresses_are_ours },
	{ "headers are split off", headers_are_split_off },
	{ "outer tags may be there", outer_tags_may_be_there },
	{ "what a filter marks is stamped", what_a_filter_marks_is_stamped },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("82576 receives", cases);
}
