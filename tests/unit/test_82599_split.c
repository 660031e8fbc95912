/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The 82599's model splits headers from what follows them (datasheet 7.1.10): where the bytes go, and what SPH, HBO and
 * HDR_LEN say. The table of that section is the source of what is expected.
 */
#include "sim_82599.h"

#define HEADERS_AT 0x80000u

#define TCP_L2 14u
#define TCP_L3 34u
#define TCP_L4 54u
#define LENGTH 1054u

/* 02:00:00:00:00:01 <- 02:00:00:00:00:02, TCP over IPv4 with 1,000 bytes that count up. Checksums play no part here. */
static void make(uint8_t frame[LENGTH])
{
	static const uint8_t headers[TCP_L4] = {
		0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x02, 0x08, 0x00, /* Ethernet */
		0x45, 0x00, 0x04, 0x10, 0x00, 0x01, 0x00, 0x00, 0x40, 0x06, 0x00, 0x00,             /* IPv4, 1040 */
		0x0a, 0x00, 0x00, 0x02, 0x0a, 0x00, 0x00, 0x01,                                     /* ... addresses */
		0x00, 0x07, 0x00, 0x50, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00,             /* TCP */
		0x50, 0x10, 0x20, 0x00, 0x00, 0x00, 0x00, 0x00,
	};

	memcpy(frame, headers, sizeof(headers));
	for (unsigned i = TCP_L4; i < LENGTH; i++)
		frame[i] = (uint8_t)i;
}

/* Queue 0 with header buffers of @room bytes; @type is SRRCTL.DESCTYPE, @kinds is PSRTYPE. */
static void open_rig(struct rig *r, unsigned type, unsigned room, uint32_t kinds)
{
	rig_open(r);
	rig_rx(r, 0, 8);
	for (unsigned i = 0; i < ENTRIES; i++) {
		uint64_t header = IOVA + HEADERS_AT + i * 1024;

		memcpy(r->memory + RX_RING + i * 16 + 8, &header, 8);
	}
	set(r, 0x1014, type << 25 | room / 64 << 8 | 2);
	set(r, 0xea00, kinds);
}

static void expect(struct rig *r, size_t in_header, size_t in_packet, bool found, unsigned said, bool overflow)
{
	const uint32_t *w = rx_words(r, 0, 0);
	uint8_t frame[LENGTH], nothing[2048] = { 0 };

	make(frame);
	rig_receive(r, frame, LENGTH);
	CU_ASSERT_EQUAL(w[0] >> 31, found);
	CU_ASSERT_EQUAL(w[0] >> 21 & 0x3ff, said);
	CU_ASSERT_EQUAL(w[2] >> 23 & 1, overflow);
	CU_ASSERT_EQUAL(w[2] & 3, 3);
	CU_ASSERT_EQUAL(w[3], in_packet);
	CU_ASSERT(!memcmp(r->memory + HEADERS_AT, frame, in_header));
	CU_ASSERT(!memcmp(r->memory + HEADERS_AT + in_header, nothing, 1024 - in_header));
	CU_ASSERT(!memcmp(rx_buffer(r, 0), frame + in_header, in_packet));
	CU_ASSERT_EQUAL(get(r, 0x1010), 1);
	rig_close(r);
}

static void a_header_goes_to_its_own_buffer(void)
{
	struct rig r;

	open_rig(&r, 2, 128, 0x10);
	expect(&r, TCP_L4, LENGTH - TCP_L4, true, TCP_L4, false);
	open_rig(&r, 5, 128, 0x10);
	expect(&r, TCP_L4, LENGTH - TCP_L4, true, TCP_L4, false);
}

static void the_innermost_kind_counts(void)
{
	struct rig r;

	open_rig(&r, 2, 128, 0x1330); /* all kinds */
	expect(&r, TCP_L4, LENGTH - TCP_L4, true, TCP_L4, false);
	open_rig(&r, 2, 128, 0x1320); /* not TCP */
	expect(&r, TCP_L3, LENGTH - TCP_L3, true, TCP_L3, false);
	open_rig(&r, 2, 128, 0x1220); /* not IPv4 either */
	expect(&r, TCP_L2, LENGTH - TCP_L2, true, TCP_L2, false);
}

static void a_packet_without_a_header_of_that_kind_is_whole(void)
{
	struct rig r;

	open_rig(&r, 2, 128, 0x20); /* UDP only */
	expect(&r, 0, LENGTH, false, 0, false);
	/* ... or its first bytes fill the header buffer */
	open_rig(&r, 5, 128, 0x20);
	expect(&r, 128, LENGTH - 128, false, 128, false);
}

static void a_header_longer_than_its_buffer_is_told(void)
{
	struct rig r;

	/* Buffers of headers come in 64 bytes: 54 and an outer tag, IP options and so on would exceed that. 0 does here. */
	open_rig(&r, 2, 0, 0x10);
	expect(&r, 0, LENGTH, true, TCP_L4, true);
	open_rig(&r, 5, 0, 0x10);
	expect(&r, 0, LENGTH, true, TCP_L4, true);
}

static void a_short_packet_may_be_all_header(void)
{
	uint8_t frame[LENGTH];
	struct rig r;

	open_rig(&r, 5, 256, 0x20);
	make(frame);
	rig_receive(&r, frame, 100); /* cut: not understood, so no header is found */
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[0], 100u << 21);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[3], 0);
	CU_ASSERT(!memcmp(r.memory + HEADERS_AT, frame, 100));
	rig_close(&r);
}

static void a_long_packet_has_one_header(void)
{
	static uint8_t frame[5000];
	struct rig r;
	uint32_t *w;

	open_rig(&r, 2, 128, 0x10);
	set(&r, 0x4240, get(&r, 0x4240) | 4);
	set(&r, 0x4268, 9000u << 16);
	make(frame);
	frame[16] = (5000 - 14) >> 8;
	frame[17] = (5000 - 14) & 0xff;
	memset(frame + LENGTH, 0x5a, sizeof(frame) - LENGTH);
	rig_receive(&r, frame, sizeof(frame));
	w = rx_words(&r, 0, 0);
	CU_ASSERT_EQUAL(w[0], 1u << 31 | TCP_L4 << 21);
	CU_ASSERT_EQUAL(w[2], 1);
	CU_ASSERT_EQUAL(w[3], 2048);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[0], 0);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[3], 2048);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 2)[2] & 3, 3);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 2)[3], 5000 - 54 - 4096);
	CU_ASSERT(!memcmp(rx_buffer(&r, 0), frame + 54, sizeof(frame) - 54));
	rig_close(&r);
}

static void a_coalesced_packet_has_one_header(void)
{
	uint8_t frame[LENGTH];
	struct rig r;
	uint32_t *w;

	open_rig(&r, 2, 128, 0x10);
	set(&r, 0x2f00, (get(&r, 0x2f00) & ~0x003e0000u) | 0x02000002);
	set(&r, 0x102c, 1 | 3 << 2);
	make(frame);
	/* 0x4500 + 0x0410 + 0x0001 + 0x4006 + 2 * 0x0a00 + 3 = 0x9d1a; the TCP sum likewise, over 500 words of a pattern */
	frame[24] = 0x62;
	frame[25] = 0xe5;
	memset(frame + TCP_L4, 0, LENGTH - TCP_L4);
	/* pseudo header 0x0a00 + 2 + 0x0a00 + 1 + 6 + 0x3fc; 7 + 0x50 + 1 + 0x5010 + 0x2000: together 0x886d */
	frame[50] = 0x77;
	frame[51] = 0x92;
	rig_receive(&r, frame, LENGTH);
	frame[40] = 0x03; /* 1001 = 0x3e9, which is 0x3e8 more */
	frame[41] = 0xe9;
	frame[50] = 0x73;
	frame[51] = 0xaa;
	rig_receive(&r, frame, LENGTH);
	w = rx_words(&r, 0, 0);
	CU_ASSERT_EQUAL(w[2] & 1, 0);
	set(&r, 0x1028, 0);
	CU_ASSERT_EQUAL(w[0], 1u << 31 | TCP_L4 << 21 | 3u << 17 | 0x110);
	CU_ASSERT_EQUAL(w[2], 0x63);
	CU_ASSERT_EQUAL(w[3], 2000);
	CU_ASSERT_EQUAL(r.memory[HEADERS_AT + 16] << 8 | r.memory[HEADERS_AT + 17], 2040);
	rig_close(&r);
}

static void reserved_types_are_listed(void)
{
	struct rig r;

	open_rig(&r, 4, 128, 0x10);
	expect(&r, 0, LENGTH, false, 0, false);
	open_rig(&r, 3, 128, 0x10);
	CU_ASSERT_EQUAL(weir_sim_violations(r.card, NULL, 0), 0);
	rig_receive(&r, rx_buffer(&r, 0), 60); /* zeros are not for us */
	CU_ASSERT_EQUAL(weir_sim_violations(r.card, NULL, 0), 0);
	set(&r, 0x5080, 0x700);
	rig_receive(&r, rx_buffer(&r, 0), 60);
	CU_ASSERT_EQUAL(weir_sim_violations(r.card, NULL, 0), 1);
	set(&r, 0x1028, 0);
	set(&r, 0x1014, 2u << 25 | 2u << 8 | 2);
	set(&r, 0x1028, 0x02000000); /* not to be used at all, with this card */
	CU_ASSERT_EQUAL(weir_sim_violations(r.card, NULL, 0), 2);
	rig_close(&r);
}

static const struct unit_case cases[] = {
	{ "a header goes to its own buffer", a_header_goes_to_its_own_buffer },
	{ "the innermost kind counts", the_innermost_kind_counts },
	{ "a packet without a header of that kind is whole", a_packet_without_a_header_of_that_kind_is_whole },
	{ "a header longer than its buffer is told", a_header_longer_than_its_buffer_is_told },
	{ "a short packet may be all header", a_short_packet_may_be_all_header },
	{ "a long packet has one header", a_long_packet_has_one_header },
	{ "a coalesced packet has one header", a_coalesced_packet_has_one_header },
	{ "reserved types are listed", reserved_types_are_listed },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("82599 header split", cases);
}
