/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The 82574's model receives: extended descriptors, packet split, two queues by RSS. What is expected was worked out by hand
 * from the 82574's datasheet, 7.1; the hashes are those of Microsoft's specification of RSS.
 */
#include "sim_e1000.h"

#define EXTEN 0x8000u
#define PCSD  0x2000u

/* The key of that specification. */
static const uint8_t key[40] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
	0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
	0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

static void on(struct rig *r, uint32_t rfctl, uint32_t rxcsum, uint32_t rctl)
{
	rig_open(r, "82574L");
	rig_rx(r, 0, 40);
	rig_rx(r, 1, 40);
	set(r, 0x5008, rfctl);
	set(r, 0x5000, rxcsum);
	set(r, 0x100, RCTL_ON | rctl);
}

static void legacy_descriptors_are_there_too(void)
{
	uint8_t frame[60];
	struct rig r;

	on(&r, 0, 0x300, 0);
	good_tcp(frame);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[0], (uint32_t)(IOVA + BUFFERS));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[2] & 0xffff, 60);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[3], 0x63);
	CU_ASSERT_EQUAL(violations(&r), 0);
	rig_close(&r);
}

static void extended_descriptors_tell_more(void)
{
	uint8_t frame[60];
	struct rig r;
	uint32_t *w;

	on(&r, EXTEN, 0x300 | 14, 0);
	good_tcp(frame);
	rig_receive(&r, frame, sizeof(frame));
	w = rx_words(&r, 0, 0);
	CU_ASSERT_EQUAL(w[0], 0);
	CU_ASSERT_EQUAL(w[1] & 0xffff, 1); /* the IP identification, */
	CU_ASSERT_EQUAL(w[1] >> 16, ~sum16(frame + 14, 46, 0) & 0xffff);
	CU_ASSERT_EQUAL(w[2], 0x263); /* ... which is given; TCP and IP are right */
	CU_ASSERT_EQUAL(w[3], 60);
	frame[50] ^= 0x40;
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[2], 0x20000263);
	frame[25] ^= 0x01;
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 2)[2], 0x60000263);
	good_tcp(frame);
	frame[23] = 17;
	put_be16(frame + 24, 0);
	put_be16(frame + 24, ~sum16(frame + 14, 20, 0));
	put_be16(frame + 38, 20);
	put_be16(frame + 40, 0);
	put_be16(frame + 40, ~sum16(frame + 34, 20, sum16(frame + 26, 8, 17 + 20)));
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 3)[2], 0x273); /* UDP has a bit of its own */
	plain(frame, sizeof(frame));
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 4)[2], 0x7);
	rig_close(&r);
}

static void long_frames_and_tags_work_as_ever(void)
{
	static uint8_t frame[3000];
	struct rig r;

	on(&r, EXTEN, 0, 0x20);
	set(&r, 0x0000, get(&r, 0x0000) | 0x40000000);
	plain(frame, sizeof(frame));
	put_be16(frame + 12, 0x8100);
	put_be16(frame + 14, 0x0007);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[2], 1);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[3], 2048);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[2], 0xf);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[3], 0x00070000 | (2996 - 2048));
	set(&r, 0x100, RCTL_ON | 0x20 | 4u << 27); /* FLXBUF: 4 KiB */
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 2)[3], 0x00070000 | 2996);
	rig_close(&r);
}

static void write_key(struct rig *r)
{
	uint32_t word;

	for (unsigned i = 0; i < 10; i++) {
		memcpy(&word, key + 4 * i, 4);
		set(r, 0x5c80 + 4 * i, word);
	}
}

static void rss_chooses_one_of_two_queues(void)
{
	uint8_t frame[60];
	struct rig r;

	on(&r, EXTEN, PCSD, 0);
	write_key(&r);
	/* 0x51ccc178 with ports, 0x323e8fc2 without: entries 0x78 and 0x42; bit 7 is the queue. */
	set(&r, 0x5c00 + 0x78, 0x00000080);
	set(&r, 0x5c00 + 0x40, 0x007f0000);
	set(&r, 0x5818, 0x00030001); /* TCP over IPv4, and IPv4 */
	good_tcp(frame);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 1, 0)[0], 0x101); /* queue 1, TCP over IPv4 */
	CU_ASSERT_EQUAL(rx_words(&r, 1, 0)[1], 0x51ccc178);
	CU_ASSERT_EQUAL(get(&r, 0x2910), 1);
	set(&r, 0x5818, 0x00020001);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[0], 0x002);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[1], 0x323e8fc2);
	plain(frame, sizeof(frame)); /* nothing to hash */
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[0], 0);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[1], 0);
	rig_close(&r);
}

static void rss_needs_extended_descriptors_and_pcsd(void)
{
	uint8_t frame[60];
	struct rig r;

	for (unsigned i = 0; i < 2; i++) {
		on(&r, i ? EXTEN : 0, i ? 0 : PCSD, 0);
		write_key(&r);
		for (unsigned j = 0; j < 32; j++)
			set(&r, 0x5c00 + 4 * j, 0x80808080);
		set(&r, 0x5818, 0x00030001);
		good_tcp(frame);
		rig_receive(&r, frame, sizeof(frame));
		CU_ASSERT_EQUAL(get(&r, 0x2810), 1);
		CU_ASSERT_EQUAL(get(&r, 0x2910), 0);
		rig_close(&r);
	}
}

/* --- packet split ----------------------------------------------------------------------------------------------------------- */

/* Descriptors of 32 bytes: the first buffer of each from BUFFERS on, the three others behind each other from 0x40000 on. */
static void split_on(struct rig *r)
{
	rig_open(r, "82574L");
	for (unsigned i = 0; i < ENTRIES / 2; i++) {
		uint64_t buffers[4] = { IOVA + BUFFERS + i * 2048, IOVA + 0x40000 + i * 0x3000,
			                IOVA + 0x41000 + i * 0x3000, IOVA + 0x42000 + i * 0x3000 };

		memcpy(r->memory + RX_RING + i * 32, buffers, 32);
	}
	set(r, 0x2800, (uint32_t)(IOVA + RX_RING));
	set(r, 0x2804, (uint32_t)((IOVA + RX_RING) >> 32));
	set(r, 0x2808, ENTRIES * 16);
	set(r, 0x2818, 20);
	set(r, 0x2170, 0x04040401); /* 128 bytes, and three times 4 KiB */
	set(r, 0x5008, EXTEN);
	set(r, 0x100, RCTL_ON | 0x20 | 0x400);
}

static void headers_have_a_buffer_of_their_own(void)
{
	static uint8_t frame[9000];
	uint32_t *w;
	struct rig r;

	split_on(&r);
	good_tcp(frame);
	put_be16(frame + 16, 8986); /* of IP */
	put_be16(frame + 24, 0);
	put_be16(frame + 24, ~sum16(frame + 14, 20, 0));
	for (unsigned i = 54; i < sizeof(frame); i++)
		frame[i] = (uint8_t)(i * 3);
	rig_receive(&r, frame, sizeof(frame));
	w = rx_words(&r, 0, 0);
	CU_ASSERT_EQUAL(w[2] & 3, 3);
	CU_ASSERT_EQUAL(w[3], 54);
	CU_ASSERT_EQUAL(w[4], 4096u << 16 | 0x8000 | 54);
	CU_ASSERT_EQUAL(w[5], 754u << 16 | 4096);
	CU_ASSERT(!memcmp(rx_buffer(&r, 0), frame, 54));
	CU_ASSERT(!memcmp(r.memory + 0x40000, frame + 54, sizeof(frame) - 54)); /* the buffers are neighbours */
	CU_ASSERT_EQUAL(get(&r, 0x2810), 2);                                    /* in units of 16 bytes */
	rig_close(&r);
}

static void what_has_no_headers_fills_all_buffers(void)
{
	static uint8_t frame[300];
	uint32_t *w;
	struct rig r;

	split_on(&r);
	plain(frame, sizeof(frame));
	rig_receive(&r, frame, sizeof(frame));
	w = rx_words(&r, 0, 0);
	CU_ASSERT_EQUAL(w[3], 128);
	CU_ASSERT_EQUAL(w[4], 172u << 16);
	CU_ASSERT_EQUAL(w[5], 0);
	CU_ASSERT(!memcmp(rx_buffer(&r, 0), frame, 128));
	CU_ASSERT(!memcmp(r.memory + 0x40000, frame + 128, 172));
	rig_close(&r);
}

static void a_split_packet_may_take_several_descriptors(void)
{
	static uint8_t frame[3000];
	struct rig r;

	split_on(&r);
	set(&r, 0x2170, 0x00000101); /* 128 bytes and 1 KiB: rest comes in further descriptors */
	good_tcp(frame);
	put_be16(frame + 16, 2986);
	put_be16(frame + 24, 0);
	put_be16(frame + 24, ~sum16(frame + 14, 20, 0));
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[3], 54);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[4], 1024u << 16 | 0x8000 | 54);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[2], 1);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 2)[3], 0); /* the next one's first buffer stays empty */
	CU_ASSERT_EQUAL(rx_words(&r, 0, 2)[4], 1024u << 16);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 4)[4], 898u << 16);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 4)[2] & 3, 3);
	CU_ASSERT_EQUAL(get(&r, 0x2810), 6);
	rig_close(&r);
}

static void ptp_is_stamped(void)
{
	uint8_t frame[60] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xf7, 0x00, 0x02 };
	struct rig r;

	on(&r, EXTEN, 0, 0);
	for (unsigned i = 0; i < 8; i++)
		frame[14 + 22 + i] = (uint8_t)(0xa0 + i);
	put_be16(frame + 14 + 30, 0x1234);
	set(&r, 0xb608, 0x01000001); /* 1 in 40 ns */
	set(&r, 0xb604, 7);
	set(&r, 0xb634, 0x000088f7); /* Sync */
	set(&r, 0xb620, 0x10);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0xb620), 0x11);
	CU_ASSERT_EQUAL(get(&r, 0xb62c), 0xa2a3a4a5);
	CU_ASSERT_EQUAL(get(&r, 0xb630), 0x1234a0a1);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[2] & 0x10000, 0x10000);
	rig_receive(&r, frame, sizeof(frame)); /* one stamp at a time */
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[2] & 0x10000, 0);
	CU_ASSERT_EQUAL(get(&r, 0xb628), 7);
	CU_ASSERT_EQUAL(get(&r, 0xb620), 0x10);
	rig_tx(&r);
	set(&r, 0xb614, 0x10);
	memcpy(r.memory + BUFFERS, frame, sizeof(frame));
	rig_data(&r, BUFFERS, 0x2b100000 | 60, 0); /* without the bit that asks for it, */
	rig_bell(&r);
	CU_ASSERT_EQUAL(get(&r, 0xb614), 0x10);
	rig_data(&r, BUFFERS, 0x2b100000 | 60, 0x10); /* ... and with */
	rig_bell(&r);
	CU_ASSERT_EQUAL(get(&r, 0xb614), 0x11);
	CU_ASSERT_EQUAL(get(&r, 0xb61c), 7);
	CU_ASSERT_EQUAL(get(&r, 0xb614), 0x10);
	frame[14] = 1; /* Delay_Req */
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0xb620), 0x10);
	rig_close(&r);
}

static const struct unit_case cases[] = {
	{ "legacy descriptors are there, too", legacy_descriptors_are_there_too },
	{ "extended descriptors tell more", extended_descriptors_tell_more },
	{ "long frames and tags work as ever", long_frames_and_tags_work_as_ever },
	{ "RSS chooses one of two queues", rss_chooses_one_of_two_queues },
	{ "RSS needs extended descriptors and PCSD", rss_needs_extended_descriptors_and_pcsd },
	{ "headers have a buffer of their own", headers_have_a_buffer_of_their_own },
	{ "what has no headers fills all buffers", what_has_no_headers_fills_all_buffers },
	{ "a split packet may take several descriptors", a_split_packet_may_take_several_descriptors },
	{ "PTP is stamped", ptp_is_stamped },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("82574 receives", cases);
}
