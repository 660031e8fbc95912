/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The 82540EM's model receives: legacy descriptors, filters, checksum verdicts, counters. What is expected was worked out by
 * hand from the 8254x Family Software Developer's Manual (317453), 3.2 and 13.4.
 */
#include "sim_e1000.h"

static void on(struct rig *r, unsigned buffers)
{
	rig_open(r, "82540EM");
	rig_rx(r, 0, buffers);
	set(r, 0x100, RCTL_ON);
}

static void a_frame_fills_a_descriptor(void)
{
	uint8_t frame[100];
	struct rig r;
	uint32_t *w;

	on(&r, 8);
	plain(frame, sizeof(frame));
	rig_receive(&r, frame, sizeof(frame));
	w = rx_words(&r, 0, 0);
	CU_ASSERT_EQUAL(w[0], (uint32_t)(IOVA + BUFFERS)); /* the address stays */
	CU_ASSERT_EQUAL(w[1], 1);
	CU_ASSERT_EQUAL(w[2] & 0xffff, 100);
	CU_ASSERT_EQUAL(w[3], 7); /* DD, EOP, and IXSM: nothing was checked */
	CU_ASSERT(!memcmp(rx_buffer(&r, 0), frame, sizeof(frame)));
	CU_ASSERT_EQUAL(get(&r, 0x2810), 1);
	CU_ASSERT_EQUAL(violations(&r), 0);
	rig_close(&r);
}

static void the_packet_checksum_begins_where_rxcsum_says(void)
{
	uint8_t frame[60];
	struct rig r;

	rig_open(&r, "82540EM");
	rig_rx(&r, 0, 8);
	set(&r, 0x5000, 14);
	set(&r, 0x100, RCTL_ON);
	plain(frame, sizeof(frame));
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[2] >> 16, ~sum16(frame + 14, 46, 0) & 0xffff);
	rig_close(&r);
}

static void a_long_frame_takes_several_descriptors(void)
{
	static uint8_t frame[5000];
	struct rig r;

	on(&r, 8);
	set(&r, 0x100, RCTL_ON | 0x20);
	plain(frame, sizeof(frame));
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[2] & 0xffff, 2048);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[3], 1);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[3], 1);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 2)[2] & 0xffff, 904);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 2)[3], 7);
	CU_ASSERT(!memcmp(rx_buffer(&r, 0), frame, sizeof(frame))); /* the buffers are neighbours */
	rig_close(&r);
}

static void buffers_have_the_size_of_rctl(void)
{
	static const struct {
		uint32_t rctl;
		unsigned descriptors;
	} sizes[] = {
		{ 0x00000, 1 }, /* 2048 */
		{ 0x10000, 2 }, /* 1024 */
		{ 0x20000, 3 }, /* 512 */
		{ 0x30000, 6 }, /* 256 */
	};
	static uint8_t frame[1500];
	struct rig r;

	plain(frame, sizeof(frame));
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		on(&r, 20);
		set(&r, 0x100, RCTL_ON | sizes[i].rctl);
		rig_receive(&r, frame, sizeof(frame));
		CU_ASSERT_EQUAL(get(&r, 0x2810), sizes[i].descriptors);
		rig_close(&r);
	}
	on(&r, 20);
	set(&r, 0x100, RCTL_ON | 0x02010020); /* BSEX: 16 times 1024; long packets */
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x2810), 1);
	rig_close(&r);
}

static void the_crc_is_kept_if_not_stripped(void)
{
	/* Of 60 bytes of zero after the addresses and type below; by Python's zlib.crc32. */
	uint8_t frame[60] = { 0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x02, 0x88, 0xb5 };
	struct rig r;
	uint32_t crc;

	on(&r, 8);
	set(&r, 0x100, 2);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[2] & 0xffff, 64);
	memcpy(&crc, rx_buffer(&r, 0) + 60, 4);
	CU_ASSERT_EQUAL(crc, 0xe769d919);
	rig_close(&r);
}

static void lengths_have_limits(void)
{
	static uint8_t frame[9000];
	struct rig r;

	on(&r, 60);
	plain(frame, sizeof(frame));
	rig_receive(&r, frame, 59);
	CU_ASSERT_EQUAL(get(&r, 0x40a4), 1); /* too short */
	rig_receive(&r, frame, 1518);        /* 1522 with the CRC */
	CU_ASSERT_EQUAL(get(&r, 0x2810), 1);
	rig_receive(&r, frame, 1519);
	CU_ASSERT_EQUAL(get(&r, 0x2810), 1);
	CU_ASSERT_EQUAL(get(&r, 0x40ac), 1); /* too long */
	set(&r, 0x100, RCTL_ON | 0x20);
	rig_receive(&r, frame, 9000);
	CU_ASSERT_EQUAL(get(&r, 0x2810), 6);
	CU_ASSERT_EQUAL(get(&r, 0x40ac), 0);
	rig_close(&r);
}

static void a_bad_crc_is_counted_and_stored_if_asked_for(void)
{
	uint8_t frame[60];
	struct rig r;

	on(&r, 8);
	plain(frame, sizeof(frame));
	weir_sim_fault(r.card, WEIR_SIM_RX_CRC, 0, 1);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x2810), 0);
	CU_ASSERT_EQUAL(get(&r, 0x4000), 1);
	set(&r, 0x100, RCTL_ON | 4);
	weir_sim_fault(r.card, WEIR_SIM_RX_CRC, 0, 1);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x2810), 1);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[3], 0x107); /* CE */
	CU_ASSERT_EQUAL(get(&r, 0x4074), 0);
	rig_close(&r);
}

static void a_frame_waits_for_a_descriptor(void)
{
	uint8_t frame[60];
	struct rig r;

	on(&r, 1);
	plain(frame, sizeof(frame));
	for (unsigned i = 0; i < 3; i++)
		rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x2810), 1);
	CU_ASSERT_EQUAL(get(&r, 0x4074), 2); /* the second waits, and is counted once; the third is behind it */
	CU_ASSERT_EQUAL(get(&r, 0x40a0), 1);
	set(&r, 0x2818, 3);
	weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(get(&r, 0x2810), 3);
	CU_ASSERT_EQUAL(get(&r, 0x40a0), 0);
	rig_close(&r);
}

static void a_receiver_that_is_off_takes_nothing(void)
{
	uint8_t frame[60];
	struct rig r;

	on(&r, 8);
	plain(frame, sizeof(frame));
	set(&r, 0x100, RCTL_ON & ~2u);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x2810), 0);
	CU_ASSERT_EQUAL(rig_counter(&r, "rx_disabled"), 1);
	rig_close(&r);
}

static unsigned passes(struct rig *r, const uint8_t mac[6])
{
	uint32_t before = get(r, 0x2810);
	uint8_t frame[60];

	plain(frame, sizeof(frame));
	memcpy(frame, mac, 6);
	rig_receive(r, frame, sizeof(frame));
	return get(r, 0x2810) - before;
}

static void addresses_are_filtered(void)
{
	static const uint8_t own[6] = { 2, 0, 0, 0, 0, 1 }, other[6] = { 2, 0, 0, 0, 0, 9 },
			     all[6] = { 255, 255, 255, 255, 255, 255 };
	static const uint8_t group[6] = { 0x01, 0x00, 0x5e, 0x00, 0x12, 0x34 };
	struct rig r;

	on(&r, 60);
	CU_ASSERT_EQUAL(passes(&r, own), 1);
	CU_ASSERT_EQUAL(passes(&r, other), 0);
	CU_ASSERT_EQUAL(passes(&r, all), 0);
	CU_ASSERT_EQUAL(passes(&r, group), 0);
	set(&r, 0x100, RCTL_ON | 0x8000); /* BAM */
	CU_ASSERT_EQUAL(passes(&r, all), 1);
	set(&r, 0x100, RCTL_ON | 8); /* UPE */
	CU_ASSERT_EQUAL(passes(&r, other), 1);
	set(&r, 0x100, RCTL_ON | 0x10); /* MPE */
	CU_ASSERT_EQUAL(passes(&r, group), 1);
	set(&r, 0x100, RCTL_ON);
	set(&r, 0x5400 + 8 * 7, 0x00000002); /* entry 7: 02:00:00:00:00:09 */
	set(&r, 0x5404 + 8 * 7, 0x80000900);
	CU_ASSERT_EQUAL(passes(&r, other), 1);
	set(&r, 0x5404 + 8 * 7, 0x00000900); /* not valid */
	CU_ASSERT_EQUAL(passes(&r, other), 0);
	/* Bits 47:36 of the address, which are the upper 12 of 0x3412: 0x341, word 26, bit 1. */
	set(&r, 0x5200 + 4 * 26, 2);
	CU_ASSERT_EQUAL(passes(&r, group), 1);
	CU_ASSERT_EQUAL(rx_words(&r, 0, get(&r, 0x2810) - 1)[3], 0x87); /* PIF: by its hash alone */
	/* With MO = 3 bits 43:32: 0x412, word 32, bit 18. */
	set(&r, 0x100, RCTL_ON | 0x3000);
	CU_ASSERT_EQUAL(passes(&r, group), 0);
	set(&r, 0x5200 + 4 * 32, 1u << 18);
	CU_ASSERT_EQUAL(passes(&r, group), 1);
	rig_close(&r);
}

static void tags_are_stripped_and_filtered(void)
{
	uint8_t frame[64];
	struct rig r;

	on(&r, 60);
	plain(frame, sizeof(frame));
	memmove(frame + 16, frame + 12, 48);
	put_be16(frame + 12, 0x8100);
	put_be16(frame + 14, 0x6064); /* priority 3, VLAN 100 */
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[2] & 0xffff, 64);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[3], 7);
	set(&r, 0x0000, get(&r, 0x0000) | 0x40000000); /* VME */
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[2] & 0xffff, 60);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[3], 0x6064000f); /* VP */
	CU_ASSERT(!memcmp(rx_buffer(&r, 1), frame, 12));
	CU_ASSERT(!memcmp(rx_buffer(&r, 1) + 12, frame + 16, 48));
	set(&r, 0x100, RCTL_ON | 0x40000); /* VFE */
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x2810), 2);
	set(&r, 0x5600 + 4 * 3, 1u << 4);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x2810), 3);
	set(&r, 0x0038, 0x9100); /* another EtherType: the frame has no tag then */
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 3)[3] & 8, 0);
	rig_close(&r);
}

static void verdicts_on_checksums(void)
{
	uint8_t frame[60];
	struct rig r;

	rig_open(&r, "82540EM");
	rig_rx(&r, 0, 60);
	set(&r, 0x5000, 0x300); /* IPOFL, TUOFL */
	set(&r, 0x100, RCTL_ON);
	good_tcp(frame);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[3], 0x63); /* IPCS, TCPCS */
	frame[50] ^= 0x40;
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[3], 0x2063); /* TCPE */
	frame[50] ^= 0x40;
	frame[25] ^= 0x01;
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 2)[3], 0x4063); /* IPE */
	good_tcp(frame);
	frame[23] = 17; /* UDP: ports, length, no checksum */
	put_be16(frame + 24, 0);
	put_be16(frame + 24, ~sum16(frame + 14, 20, 0));
	put_be16(frame + 38, 20);
	put_be16(frame + 40, 0);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 3)[3], 0x43);
	put_be16(frame + 40, ~sum16(frame + 34, 20, sum16(frame + 26, 8, 17 + 20)));
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 4)[3], 0x63); /* this card has no bit for UDP */
	plain(frame, sizeof(frame));
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 5)[3], 0x7);
	rig_close(&r);
}

static void pauses_are_obeyed_and_sent(void)
{
	static const uint8_t stop[60] = { 0x01, 0x80, 0xc2, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0x08, 0, 1, 0xff, 0xff };
	uint8_t frame[60], out[100];
	struct rig r;

	on(&r, 1);
	set(&r, 0x0000, get(&r, 0x0000) | 0x18000000); /* RFCE, TFCE */
	set(&r, 0x2168, 0x8000);
	set(&r, 0x2160, 0x80004000);
	set(&r, 0x0170, 0x1234);
	rig_receive(&r, stop, sizeof(stop));
	CU_ASSERT_EQUAL(get(&r, 0x4050), 1);
	CU_ASSERT_EQUAL(get(&r, 0x2810), 0); /* not the host's */
	CU_ASSERT_EQUAL(get(&r, 0x0008) & 0x10, 0x10);
	plain(frame, sizeof(frame));
	rig_receive(&r, frame, sizeof(frame));
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(weir_sim_take(r.card, out, sizeof(out)), 60);
	CU_ASSERT(!memcmp(out, stop, 6));
	CU_ASSERT_EQUAL(out[16] << 8 | out[17], 0x1234);
	CU_ASSERT_EQUAL(get(&r, 0x4054), 1);
	set(&r, 0x2818, 5);
	weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(weir_sim_take(r.card, out, sizeof(out)), 60);
	CU_ASSERT_EQUAL(out[16] << 8 | out[17], 0);
	CU_ASSERT_EQUAL(get(&r, 0x404c), 1);
	rig_close(&r);
}

static void statistics_count_and_clear(void)
{
	uint8_t frame[200];
	struct rig r;

	on(&r, 30);
	set(&r, 0x100, RCTL_ON | 0x8010);
	plain(frame, sizeof(frame));
	rig_receive(&r, frame, 60);
	rig_receive(&r, frame, 123);
	memset(frame, 0xff, 6);
	rig_receive(&r, frame, 124);
	frame[0] = 1;
	rig_receive(&r, frame, 200);
	CU_ASSERT_EQUAL(get(&r, 0x405c), 1);
	CU_ASSERT_EQUAL(get(&r, 0x4060), 1);
	CU_ASSERT_EQUAL(get(&r, 0x4064), 2);
	CU_ASSERT_EQUAL(get(&r, 0x4074), 4);
	CU_ASSERT_EQUAL(get(&r, 0x4074), 0);
	CU_ASSERT_EQUAL(get(&r, 0x4078), 1);
	CU_ASSERT_EQUAL(get(&r, 0x407c), 1);
	CU_ASSERT_EQUAL(get(&r, 0x40d0), 4);
	CU_ASSERT_EQUAL(get(&r, 0x4088), 60 + 123 + 124 + 200 + 16);
	CU_ASSERT_EQUAL(get(&r, 0x4088), 60 + 123 + 124 + 200 + 16);
	CU_ASSERT_EQUAL(get(&r, 0x408c), 0); /* clears both halves */
	CU_ASSERT_EQUAL(get(&r, 0x4088), 0);
	rig_close(&r);
}

static void it_can_be_made_to_lie(void)
{
	uint8_t frame[60];
	struct rig r;

	on(&r, 30);
	plain(frame, sizeof(frame));
	weir_sim_fault(r.card, WEIR_SIM_RX_LENGTH, 0xffff, 1);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[2] & 0xffff, 0xffff);
	weir_sim_fault(r.card, WEIR_SIM_RX_NO_DD, 2, 1);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[3], 6);
	weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[3], 7);
	weir_sim_fault(r.card, WEIR_SIM_RX_NO_BUFFER, 0, 1);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x2810), 2);
	weir_sim_fault(r.card, WEIR_SIM_DMA_ERROR, 0, 1);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rig_counter(&r, "rx_dma_refused"), 1);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x2810), 2); /* stands still ... */
	set(&r, 0x100, 0);
	set(&r, 0x100, RCTL_ON);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x2810), 3); /* ... until it is enabled again */
	rig_close(&r);
}

static const struct unit_case cases[] = {
	{ "a frame fills a descriptor", a_frame_fills_a_descriptor },
	{ "the packet's checksum begins where RXCSUM says", the_packet_checksum_begins_where_rxcsum_says },
	{ "a long frame takes several descriptors", a_long_frame_takes_several_descriptors },
	{ "buffers have the size of RCTL", buffers_have_the_size_of_rctl },
	{ "the CRC is kept if not stripped", the_crc_is_kept_if_not_stripped },
	{ "lengths have limits", lengths_have_limits },
	{ "a bad CRC is counted, and stored if asked for", a_bad_crc_is_counted_and_stored_if_asked_for },
	{ "a frame waits for a descriptor", a_frame_waits_for_a_descriptor },
	{ "a receiver that is off takes nothing", a_receiver_that_is_off_takes_nothing },
	{ "addresses are filtered", addresses_are_filtered },
	{ "tags are stripped and filtered", tags_are_stripped_and_filtered },
	{ "verdicts on checksums", verdicts_on_checksums },
	{ "pauses are obeyed and sent", pauses_are_obeyed_and_sent },
	{ "statistics count and clear", statistics_count_and_clear },
	{ "it can be made to lie", it_can_be_made_to_lie },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("8254x receives", cases);
}
