/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The 82599's model receives: descriptors, filters, steering, checksum verdicts, counters. Frames and what is expected of
 * them were worked out by hand; the RSS hashes are those of Microsoft's specification of RSS.
 */
#include "frames.h"
#include "sim_82599.h"

static void a_frame_fills_a_descriptor(void)
{
	uint8_t frame[100];
	struct rig r;
	uint32_t *w;

	rig_open(&r);
	rig_rx(&r, 0, 8);
	plain(frame, sizeof(frame));
	rig_receive(&r, frame, sizeof(frame));
	w = rx_words(&r, 0, 0);
	CU_ASSERT_EQUAL(w[0], 0);
	CU_ASSERT_EQUAL(w[1], 0);
	CU_ASSERT_EQUAL(w[2], 3); /* DD, EOP */
	CU_ASSERT_EQUAL(w[3], 100);
	CU_ASSERT(!memcmp(rx_buffer(&r, 0), frame, sizeof(frame)));
	CU_ASSERT_EQUAL(get(&r, 0x1010), 1);
	rig_close(&r);
}

static void a_long_frame_takes_several_descriptors(void)
{
	static uint8_t frame[5000];
	struct rig r;

	rig_open(&r);
	set(&r, 0x4240, get(&r, 0x4240) | 4);
	set(&r, 0x4268, 9000u << 16);
	rig_rx(&r, 0, 8);
	plain(frame, sizeof(frame));
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[2], 1);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[3], 2048);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[2], 1);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[3], 2048);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 2)[2], 3);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 2)[3], 904);
	CU_ASSERT(!memcmp(rx_buffer(&r, 0), frame, sizeof(frame))); /* the buffers are neighbours */
	rig_close(&r);
}

static void a_legacy_descriptor_tells_it_its_own_way(void)
{
	uint8_t frame[60];
	struct rig r;

	rig_open(&r);
	rig_rx(&r, 0, 8);
	set(&r, 0x1014, 2); /* legacy */
	good_tcp(frame);
	frame[51] ^= 1;
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[2], 60);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[3], 0x00004063); /* DD, EOP, L4CS, IPCS; error TCPE */
	rig_close(&r);
}

static void the_crc_is_kept_if_not_stripped(void)
{
	/* Of 60 bytes of zero after the addresses and type below; by Python's zlib.crc32. */
	uint8_t frame[60] = { 0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x02, 0x88, 0xb5 };
	struct rig r;
	uint32_t crc;

	rig_open(&r);
	rig_rx(&r, 0, 8);
	set(&r, 0x4240, get(&r, 0x4240) & ~2u);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[3], 64);
	memcpy(&crc, rx_buffer(&r, 0) + 60, 4);
	CU_ASSERT_EQUAL(crc, 0xe769d919);
	rig_close(&r);
}

static void lengths_have_limits(void)
{
	static uint8_t frame[9000];
	struct rig r;

	rig_open(&r);
	rig_rx(&r, 0, 60);
	plain(frame, sizeof(frame));
	rig_receive(&r, frame, 59);
	CU_ASSERT_EQUAL(get(&r, 0x40a4), 1); /* too short */
	rig_receive(&r, frame, 1514);
	CU_ASSERT_EQUAL(get(&r, 0x1010), 1);
	rig_receive(&r, frame, 1515);
	CU_ASSERT_EQUAL(get(&r, 0x1010), 1);
	CU_ASSERT_EQUAL(get(&r, 0x40ac), 1); /* too long */
	put_be16(frame + 12, 0x8100);
	rig_receive(&r, frame, 1518); /* a tag is allowed for */
	CU_ASSERT_EQUAL(get(&r, 0x1010), 2);
	set(&r, 0x4268, 4096u << 16);
	rig_receive(&r, frame, 1519); /* MAXFRS counts with JUMBOEN only */
	CU_ASSERT_EQUAL(get(&r, 0x40ac), 1);
	set(&r, 0x4240, get(&r, 0x4240) | 4);
	plain(frame, sizeof(frame));
	rig_receive(&r, frame, 4092);
	rig_receive(&r, frame, 4093);
	CU_ASSERT_EQUAL(get(&r, 0x40ac), 1);
	CU_ASSERT_EQUAL(get(&r, 0x1010), 4);
	rig_close(&r);
}

static void a_frame_waits_for_a_descriptor_or_is_dropped(void)
{
	uint8_t frame[60];
	struct rig r;

	rig_open(&r);
	rig_rx(&r, 0, 1);
	plain(frame, sizeof(frame));
	for (unsigned i = 0; i < 3; i++)
		rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x1010), 1);
	CU_ASSERT_EQUAL(get(&r, 0x4074), 2); /* the second waits, and is counted once; the third is behind it */
	set(&r, 0x1018, 2);
	weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(get(&r, 0x1010), 2);
	set(&r, 0x1014, get(&r, 0x1014) | 0x10000000); /* now it shall drop */
	weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(get(&r, 0x1430), 1);
	CU_ASSERT_EQUAL(get(&r, 0x1430), 0);
	set(&r, 0x1018, 8);
	weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(get(&r, 0x1010), 2);
	CU_ASSERT_EQUAL(rig_counter(&r, "rx_no_descriptor"), 1);
	rig_close(&r);
}

static void a_long_frame_begins_with_the_descriptors_there_are(void)
{
	static uint8_t frame[5000];
	struct rig r;

	rig_open(&r);
	set(&r, 0x4240, get(&r, 0x4240) | 4);
	set(&r, 0x4268, 9000u << 16);
	rig_rx(&r, 0, 1);
	plain(frame, sizeof(frame));
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x1010), 1);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[2], 1); /* DD, but not the end */
	set(&r, 0x1018, 2);
	weir_sim_run(r.sim);
	weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(get(&r, 0x1010), 2);
	set(&r, 0x1018, 8);
	weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(get(&r, 0x1010), 3);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 2)[2], 3);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 2)[3], 904);
	CU_ASSERT(!memcmp(rx_buffer(&r, 0), frame, sizeof(frame)));
	CU_ASSERT_EQUAL(get(&r, 0x4074), 1);
	set(&r, 0x1014, get(&r, 0x1014) | 0x10000000); /* one that shall not wait is not begun */
	set(&r, 0x1018, 5);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x1010), 3);
	CU_ASSERT_EQUAL(rig_counter(&r, "rx_no_descriptor"), 1);
	set(&r, 0x1014, get(&r, 0x1014) & ~0x10000000u);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x1010), 5);
	set(&r, 0x1028, 0); /* stopped meanwhile: it begins again */
	set(&r, 0x1028, 0x02000000);
	set(&r, 0x1018, 20);
	weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(get(&r, 0x1010), 8);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 7)[2], 3);
	rig_close(&r);
}

static void receivers_that_are_off_take_nothing(void)
{
	uint8_t frame[60];
	struct rig r;

	rig_open(&r);
	rig_rx(&r, 0, 8);
	plain(frame, sizeof(frame));
	set(&r, 0x3000, 0);
	rig_receive(&r, frame, sizeof(frame));
	set(&r, 0x3000, 1);
	set(&r, 0x1028, 0);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x1010), 0);
	CU_ASSERT_EQUAL(rig_counter(&r, "rx_disabled"), 1);
	CU_ASSERT_EQUAL(rig_counter(&r, "rx_no_queue"), 1);
	rig_close(&r);
}

static unsigned passes(struct rig *r, const uint8_t mac[6])
{
	uint32_t before = get(r, 0x1010);
	uint8_t frame[60];

	plain(frame, sizeof(frame));
	memcpy(frame, mac, 6);
	rig_receive(r, frame, sizeof(frame));
	return get(r, 0x1010) - before;
}

static void addresses_are_filtered(void)
{
	static const uint8_t own[6] = { 2, 0, 0, 0, 0, 1 }, other[6] = { 2, 0, 0, 0, 0, 9 },
			     all[6] = { 255, 255, 255, 255, 255, 255 };
	static const uint8_t group[6] = { 0x01, 0x00, 0x5e, 0x00, 0x12, 0x34 };
	struct rig r;

	rig_open(&r);
	rig_rx(&r, 0, 60);
	CU_ASSERT_EQUAL(passes(&r, own), 1);
	CU_ASSERT_EQUAL(passes(&r, other), 0);
	CU_ASSERT_EQUAL(passes(&r, all), 0);
	CU_ASSERT_EQUAL(passes(&r, group), 0);
	set(&r, 0x5080, 0x400);
	CU_ASSERT_EQUAL(passes(&r, all), 1);
	set(&r, 0x5080, 0x200);
	CU_ASSERT_EQUAL(passes(&r, other), 1);
	set(&r, 0x5080, 0x100);
	CU_ASSERT_EQUAL(passes(&r, group), 1);
	set(&r, 0x5080, 0);
	set(&r, 0xa200 + 8 * 7, 0x00000002); /* entry 7: 02:00:00:00:00:09 */
	set(&r, 0xa204 + 8 * 7, 0x80000900);
	CU_ASSERT_EQUAL(passes(&r, other), 1);
	set(&r, 0xa204 + 8 * 7, 0x00000900); /* not valid */
	CU_ASSERT_EQUAL(passes(&r, other), 0);
	/* Bits 47:36 of the address, which are the upper 12 of 0x3412: 0x341, word 26, bit 1. */
	set(&r, 0x5090, 4);
	CU_ASSERT_EQUAL(passes(&r, group), 0);
	set(&r, 0x5200 + 4 * 26, 2);
	CU_ASSERT_EQUAL(passes(&r, group), 1);
	CU_ASSERT_EQUAL(rx_words(&r, 0, get(&r, 0x1010) - 1)[2], 0x83); /* by its hash alone */
	/* With MO = 3 bits 43:32: 0x412, word 32, bit 18. */
	set(&r, 0x5090, 7);
	CU_ASSERT_EQUAL(passes(&r, group), 0);
	set(&r, 0x5200 + 4 * 32, 1u << 18);
	CU_ASSERT_EQUAL(passes(&r, group), 1);
	rig_close(&r);
}

static void tags_are_stripped_and_filtered(void)
{
	uint8_t frame[64];
	struct rig r;

	rig_open(&r);
	rig_rx(&r, 0, 60);
	plain(frame, sizeof(frame));
	memmove(frame + 16, frame + 12, 48);
	put_be16(frame + 12, 0x8100);
	put_be16(frame + 14, 0x6064); /* priority 3, VLAN 100 */
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[2], 0xb); /* VP */
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[3] & 0xffff, 64);
	set(&r, 0x1028, 0x42000000);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[2], 0xb);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[3], 0x6064003c);
	CU_ASSERT(!memcmp(rx_buffer(&r, 1), frame, 12));
	CU_ASSERT(!memcmp(rx_buffer(&r, 1) + 12, frame + 16, 48));
	set(&r, 0x5088, 0x40008100);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x1010), 2);
	set(&r, 0xa000 + 4 * 3, 1u << 4);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x1010), 3);
	rig_close(&r);
}

static void verdicts_on_checksums(void)
{
	uint8_t frame[60];
	struct rig r;

	rig_open(&r);
	rig_rx(&r, 0, 60);
	good_tcp(frame);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[0], 0x110); /* IPv4, TCP */
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[2], 0x63);  /* L4CS, IPCS */
	frame[50] ^= 0x40;
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[2], 0x40000063);
	frame[50] ^= 0x40;
	frame[25] ^= 0x01;
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 2)[2], 0x80000063);
	good_tcp(frame);
	frame[20] = 0x20; /* a first fragment: layer 4 is not all there */
	put_be16(frame + 24, 0);
	put_be16(frame + 24, ~sum16(frame + 14, 20, 0));
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 3)[0], 0x10);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 3)[2], 0x43);
	good_tcp(frame);
	frame[23] = 17; /* UDP: ports, length, no checksum */
	put_be16(frame + 24, 0);
	put_be16(frame + 24, ~sum16(frame + 14, 20, 0));
	put_be16(frame + 38, 20);
	put_be16(frame + 40, 0);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 4)[0], 0x210);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 4)[2], 0x43);
	rig_close(&r);
}

static void statistics_are_cleared_by_reading(void)
{
	static uint8_t frame[600];
	struct rig r;

	rig_open(&r);
	rig_rx(&r, 0, 30);
	set(&r, 0x5080, 0x500);
	set(&r, 0x2300, 0x00000003); /* queue 0 counts in counter 3 */
	plain(frame, sizeof(frame));
	rig_receive(&r, frame, 60);
	rig_receive(&r, frame, 600);
	memset(frame, 0xff, 6);
	rig_receive(&r, frame, 124);
	frame[0] = 1;
	rig_receive(&r, frame, 123);
	frame[0] = 2;
	rig_receive(&r, frame, 60); /* not ours */
	weir_sim_fault(r.card, WEIR_SIM_RX_CRC, 0, 1);
	rig_receive(&r, frame, 60);
	CU_ASSERT_EQUAL(get(&r, 0x4074), 4);
	CU_ASSERT_EQUAL(get(&r, 0x4074), 0);
	CU_ASSERT_EQUAL(get(&r, 0x4088), 64 + 604 + 128 + 127);
	CU_ASSERT_EQUAL(get(&r, 0x4088), 64 + 604 + 128 + 127); /* the lower half waits for the upper */
	CU_ASSERT_EQUAL(get(&r, 0x408c), 0);
	CU_ASSERT_EQUAL(get(&r, 0x4088), 0);
	CU_ASSERT_EQUAL(get(&r, 0x4078), 1);
	CU_ASSERT_EQUAL(get(&r, 0x407c), 1);
	CU_ASSERT_EQUAL(get(&r, 0x40d0), 6);
	CU_ASSERT_EQUAL(get(&r, 0x40c0), 64 + 604 + 128 + 127 + 64 + 64);
	CU_ASSERT_EQUAL(get(&r, 0x4000), 1);
	CU_ASSERT_EQUAL(get(&r, 0x405c), 1);
	CU_ASSERT_EQUAL(get(&r, 0x4060), 1);
	CU_ASSERT_EQUAL(get(&r, 0x4064), 1);
	CU_ASSERT_EQUAL(get(&r, 0x406c), 1);
	CU_ASSERT_EQUAL(get(&r, 0x1030 + 0x40 * 3), 4);
	CU_ASSERT_EQUAL(get(&r, 0x1034 + 0x40 * 3), 60 + 600 + 124 + 123); /* a CRC that is stripped is left out */
	CU_ASSERT_EQUAL(get(&r, 0x1038 + 0x40 * 3), 0);
	CU_ASSERT_EQUAL(get(&r, 0x1034 + 0x40 * 3), 0);
	rig_close(&r);
}

static void a_counter_of_36_bits_carries(void)
{
	uint8_t frame[60];
	struct rig r;

	rig_open(&r);
	rig_rx(&r, 0, 30);
	*(uint32_t *)(void *)(r.nic->bar[0] + 0x4088) = 0xffffffe0;
	plain(frame, sizeof(frame));
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x4088), 0x20);
	CU_ASSERT_EQUAL(get(&r, 0x408c), 1);
	rig_close(&r);
}

static void faults_are_seen(void)
{
	uint8_t frame[60];
	struct rig r;

	rig_open(&r);
	rig_rx(&r, 0, 30);
	rig_rx(&r, 1, 30);
	plain(frame, sizeof(frame));
	weir_sim_fault(r.card, WEIR_SIM_RX_LENGTH, 0xffff, 1);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[3], 0xffff);
	weir_sim_fault(r.card, WEIR_SIM_RX_QUEUE, 1, 1);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 1, 0)[2], 3);
	weir_sim_fault(r.card, WEIR_SIM_RX_NO_BUFFER, 0, 1);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x1430), 1);
	weir_sim_fault(r.card, WEIR_SIM_RX_NO_DD, 2, 1);
	rig_receive(&r, frame, sizeof(frame)); /* one run is over then */
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[2], 2);
	weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[2], 3);
	weir_sim_fault(r.card, WEIR_SIM_DMA_ERROR, 0, 1);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x800) & 0x40000, 0x40000); /* the queue stands still, and the card says so */
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x1010), 2);
	set(&r, 0x1028, 0);
	set(&r, 0x1028, 0x02000000);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x1010), 3);
	rig_close(&r);
}

static void memory_that_is_not_mapped_stays_untouched(void)
{
	uint8_t frame[60];
	struct rig r;

	rig_open(&r);
	rig_rx(&r, 0, 8);
	*(uint64_t *)(void *)rx_words(&r, 0, 0) = IOVA + MEMORY - 30; /* the buffer's end is outside */
	plain(frame, sizeof(frame));
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(r.memory[MEMORY - 30], 0);
	CU_ASSERT_EQUAL(get(&r, 0x1010), 0);
	CU_ASSERT_EQUAL(rig_counter(&r, "dma_refused"), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(r.nic->dma->reason, "receive queue 0"));
	rig_close(&r);
}

static const struct unit_case cases[] = {
	{ "a frame fills a descriptor", a_frame_fills_a_descriptor },
	{ "a long frame takes several descriptors", a_long_frame_takes_several_descriptors },
	{ "a legacy descriptor tells it its own way", a_legacy_descriptor_tells_it_its_own_way },
	{ "the CRC is kept if not stripped", the_crc_is_kept_if_not_stripped },
	{ "lengths have limits", lengths_have_limits },
	{ "a frame waits for a descriptor or is dropped", a_frame_waits_for_a_descriptor_or_is_dropped },
	{ "a long frame begins with the descriptors there are", a_long_frame_begins_with_the_descriptors_there_are },
	{ "receivers that are off take nothing", receivers_that_are_off_take_nothing },
	{ "addresses are filtered", addresses_are_filtered },
	{ "tags are stripped and filtered", tags_are_stripped_and_filtered },
	{ "verdicts on checksums", verdicts_on_checksums },
	{ "statistics are cleared by reading", statistics_are_cleared_by_reading },
	{ "a counter of 36 bits carries", a_counter_of_36_bits_carries },
	{ "faults are seen", faults_are_seen },
	{ "memory that is not mapped stays untouched", memory_that_is_not_mapped_stays_untouched },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("82599 receive", cases);
}
