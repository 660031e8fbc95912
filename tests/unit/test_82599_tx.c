/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The 82599's model sends: descriptors, write-back, checksums, segments, tags, counters. What a frame has to be was
 * worked out by hand, its checksums by the plain sum below.
 */
#include "sim_82599.h"

#define EOP  0x01000000u
#define RS   0x08000000u
#define VLE  0x40000000u
#define TSE  0x80000000u
#define IXSM 0x100u
#define TXSM 0x200u

static const uint8_t headers[54] = {
	0x02, 0x00, 0x00, 0x00, 0x00, 0x02, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, /* Ethernet */
	0x45, 0x00, 0x00, 0x00, 0x00, 0x64, 0x40, 0x00, 0x40, 0x06, 0x00, 0x00,             /* IPv4, id 100 */
	0x0a, 0x00, 0x00, 0x01, 0x0a, 0x00, 0x00, 0x02,                                     /* ... addresses */
	0x04, 0x00, 0x00, 0x50, 0x00, 0x00, 0x03, 0xe8, 0x00, 0x00, 0x00, 0x01,             /* TCP, sequence 1000 */
	0x50, 0x19, 0x20, 0x00, 0x00, 0x00, 0x00, 0x00,                                     /* ... ACK, PSH, FIN */
};

/* Sums 16-bit words, carries around: RFC 1071 by the letter. */
static unsigned sum16(const uint8_t *at, size_t len, unsigned sum)
{
	for (size_t i = 0; i < len; i += 2)
		sum += (unsigned)at[i] << 8 | (i + 1 < len ? at[i + 1] : 0);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void put_be16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static unsigned be16(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

static int take(struct rig *r, uint8_t *frame)
{
	return weir_sim_take(r->card, frame, SIM_FRAME_MAX);
}

static uint32_t *tx_words(struct rig *r, unsigned i)
{
	return words(r, TX_RING + i * 16);
}

static void rig_both(struct rig *r)
{
	rig_open(r);
	rig_tx(r);
	for (unsigned i = 0; i < 0x8000; i++)
		r->memory[BUFFERS + i] = (uint8_t)(i * 7);
	memcpy(r->memory + BUFFERS, headers, sizeof(headers));
}

static void a_descriptor_becomes_a_frame(void)
{
	uint8_t frame[SIM_FRAME_MAX];
	struct rig r;

	rig_both(&r);
	rig_data(&r, BUFFERS, 100, EOP | RS, 0, 100);
	CU_ASSERT_EQUAL(take(&r, frame), 0); /* not before the tail moves */
	rig_bell(&r);
	CU_ASSERT_EQUAL(take(&r, frame), 100);
	CU_ASSERT(!memcmp(frame, r.memory + BUFFERS, 100));
	CU_ASSERT_EQUAL(tx_words(&r, 0)[3], 1); /* DD */
	CU_ASSERT_EQUAL(get(&r, 0x6010), 1);
	rig_data(&r, BUFFERS, 100, EOP, 0, 100); /* no report asked for */
	rig_bell(&r);
	CU_ASSERT_EQUAL(take(&r, frame), 100);
	CU_ASSERT_EQUAL(tx_words(&r, 1)[3] & 1, 0);
	CU_ASSERT_EQUAL(get(&r, 0x6010), 2);
	CU_ASSERT_EQUAL(weir_sim_violations(r.card, NULL, 0), 0);
	rig_close(&r);
}

static void a_packet_waits_for_its_last_descriptor(void)
{
	uint8_t frame[SIM_FRAME_MAX];
	struct rig r;

	rig_both(&r);
	rig_data(&r, BUFFERS, 70, 0, 0, 300);
	rig_data(&r, BUFFERS + 70, 130, 0, 0, 0);
	rig_bell(&r);
	CU_ASSERT_EQUAL(take(&r, frame), 0);
	rig_data(&r, BUFFERS + 200, 100, EOP | RS, 0, 0);
	rig_bell(&r);
	CU_ASSERT_EQUAL(take(&r, frame), 300);
	CU_ASSERT(!memcmp(frame, r.memory + BUFFERS, 300));
	CU_ASSERT_EQUAL(get(&r, 0x6010), 3);
	CU_ASSERT_EQUAL(tx_words(&r, 2)[3], 1);
	rig_close(&r);
}

static void the_ring_goes_round(void)
{
	uint8_t frame[SIM_FRAME_MAX];
	struct rig r;

	rig_both(&r);
	for (unsigned i = 0; i < 3 * ENTRIES; i++) {
		put_be16(r.memory + BUFFERS + 60, i);
		rig_data(&r, BUFFERS, 64, EOP | RS, 0, 64);
		rig_bell(&r);
		CU_ASSERT_EQUAL(take(&r, frame), 64);
		CU_ASSERT_EQUAL(be16(frame + 60), i);
	}
	CU_ASSERT_EQUAL(get(&r, 0x6010), 0);
	rig_close(&r);
}

static void short_packets_are_padded(void)
{
	uint8_t frame[SIM_FRAME_MAX];
	struct rig r;

	rig_both(&r);
	rig_data(&r, BUFFERS, 42, EOP, 0, 42);
	rig_bell(&r);
	CU_ASSERT_EQUAL(take(&r, frame), 60);
	CU_ASSERT_EQUAL(frame[41], r.memory[BUFFERS + 41]);
	for (unsigned i = 42; i < 60; i++)
		CU_ASSERT_EQUAL(frame[i], 0);
	rig_close(&r);
}

static void the_head_can_be_written_instead(void)
{
	struct rig r;

	rig_both(&r);
	set(&r, 0x603c, 1);
	set(&r, 0x6038, 0x3000 | 1); /* at IOVA + 0x3000 */
	rig_data(&r, BUFFERS, 64, EOP | RS, 0, 64);
	rig_data(&r, BUFFERS, 64, EOP | RS, 0, 64);
	rig_bell(&r);
	CU_ASSERT_EQUAL(*words(&r, 0x3000), 2);
	CU_ASSERT_EQUAL(tx_words(&r, 1)[3] & 1, 0);
	rig_close(&r);
}

static void legacy_descriptors_work(void)
{
	uint8_t frame[SIM_FRAME_MAX];
	struct rig r;

	rig_both(&r);
	/* Checksum from byte 34 on into byte 50, VLAN 0x2005; report. */
	rig_descriptor(&r, (uint32_t)(IOVA + BUFFERS), 1, 64 | 50u << 16 | 0x4f000000, 0x20052200);
	rig_bell(&r);
	CU_ASSERT_EQUAL(take(&r, frame), 68);
	CU_ASSERT_EQUAL(be16(frame + 12), 0x8100);
	CU_ASSERT_EQUAL(be16(frame + 14), 0x2005);
	CU_ASSERT_EQUAL(be16(frame + 16), 0x0800);
	CU_ASSERT_EQUAL(sum16(frame + 38, 30, 0), 0xffff); /* with the checksum in it */
	CU_ASSERT_EQUAL(tx_words(&r, 0)[3], 0x20052201);
	rig_close(&r);
}

/* A context for Ethernet, IPv4, TCP without options; VLAN 100 in it. */
static void context(struct rig *r, unsigned slot, unsigned protocol, unsigned l4_len, unsigned mss)
{
	rig_descriptor(r, 100u << 16 | 14 << 9 | 20, 0, 0x20200000 | 0x400 | protocol << 11,
	               mss << 16 | l4_len << 8 | slot << 4);
}

static void checksums_are_filled_in(void)
{
	uint8_t frame[SIM_FRAME_MAX], *ip = frame + 14, *l4 = frame + 34;
	struct rig r;

	rig_both(&r);
	put_be16(r.memory + BUFFERS + 16, 20 + 20 + 46);
	put_be16(r.memory + BUFFERS + 50, sum16(r.memory + BUFFERS + 26, 8, 6 + 20 + 46)); /* of the pseudo-header */
	context(&r, 0, 1, 20, 0);
	rig_data(&r, BUFFERS, 100, EOP | RS, IXSM | TXSM, 100);
	rig_bell(&r);
	CU_ASSERT_EQUAL(take(&r, frame), 100);
	CU_ASSERT_EQUAL(sum16(ip, 20, 0), 0xffff);
	CU_ASSERT_EQUAL(sum16(l4, 66, sum16(ip + 12, 8, 6 + 66)), 0xffff);
	CU_ASSERT_EQUAL(get(&r, 0x6010), 2);
	/* UDP: the field is elsewhere; slot 1, slot 0 stays what it was. */
	r.memory[BUFFERS + 23] = 17;
	put_be16(r.memory + BUFFERS + 38, 66);
	put_be16(r.memory + BUFFERS + 40, sum16(r.memory + BUFFERS + 26, 8, 17 + 66));
	context(&r, 1, 0, 8, 0);
	rig_data(&r, BUFFERS, 100, EOP | RS, IXSM | TXSM | 1 << 4, 100);
	rig_bell(&r);
	CU_ASSERT_EQUAL(take(&r, frame), 100);
	CU_ASSERT_EQUAL(sum16(l4, 66, sum16(ip + 12, 8, 17 + 66)), 0xffff);
	r.memory[BUFFERS + 23] = 6;
	put_be16(r.memory + BUFFERS + 50, sum16(r.memory + BUFFERS + 26, 8, 6 + 66));
	rig_data(&r, BUFFERS, 100, EOP | RS, TXSM, 100);
	rig_bell(&r);
	CU_ASSERT_EQUAL(take(&r, frame), 100);
	CU_ASSERT_EQUAL(sum16(l4, 66, sum16(ip + 12, 8, 6 + 66)), 0xffff);
	CU_ASSERT_EQUAL(weir_sim_violations(r.card, NULL, 0), 0);
	rig_close(&r);
}

static void sctp_gets_its_crc(void)
{
	/* CRC32c of "\0\0\0\x50\0\0\0\0\0\0\0\0" worked out by a bitwise loop, reflected 0x1edc6f41. */
	uint8_t frame[SIM_FRAME_MAX];
	uint32_t crc = ~0u, found;
	struct rig r;

	rig_both(&r);
	memset(r.memory + BUFFERS + 42, 0, 4);
	context(&r, 0, 2, 12, 0);
	rig_data(&r, BUFFERS, 80, EOP, TXSM, 80);
	rig_bell(&r);
	CU_ASSERT_EQUAL(take(&r, frame), 80);
	memcpy(&found, frame + 42, 4);
	memset(frame + 42, 0, 4);
	for (unsigned i = 34; i < 80; i++) {
		crc ^= frame[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
	}
	CU_ASSERT_EQUAL(found, ~crc);
	rig_close(&r);
}

static void a_tag_is_inserted(void)
{
	uint8_t frame[SIM_FRAME_MAX];
	struct rig r;

	rig_both(&r);
	context(&r, 0, 1, 20, 0);
	rig_data(&r, BUFFERS, 100, EOP | VLE, 0, 100);
	rig_bell(&r);
	CU_ASSERT_EQUAL(take(&r, frame), 104);
	CU_ASSERT(!memcmp(frame, headers, 12));
	CU_ASSERT_EQUAL(be16(frame + 12), 0x8100);
	CU_ASSERT_EQUAL(be16(frame + 14), 100);
	CU_ASSERT(!memcmp(frame + 16, r.memory + BUFFERS + 12, 88));
	rig_close(&r);
}

static void an_inner_tag_is_inserted(void)
{
	uint8_t frame[SIM_FRAME_MAX];
	struct rig r;

	rig_both(&r);
	set(&r, 0x4a80, get(&r, 0x4a80) | 8); /* packets have an outer tag: */
	set(&r, 0x5078, 0x88a80000);          /* this one */
	put_be16(r.memory + BUFFERS + 12, 0x88a8);
	context(&r, 0, 1, 20, 0);
	rig_data(&r, BUFFERS, 100, EOP | VLE, 0, 100);
	rig_bell(&r);
	CU_ASSERT_EQUAL(take(&r, frame), 104);
	CU_ASSERT(!memcmp(frame, r.memory + BUFFERS, 16));
	CU_ASSERT_EQUAL(be16(frame + 16), 0x8100);
	CU_ASSERT_EQUAL(be16(frame + 18), 100);
	CU_ASSERT(!memcmp(frame + 20, r.memory + BUFFERS + 16, 84));
	put_be16(r.memory + BUFFERS + 12, 0x0800); /* it has none: then the inner one is the only one */
	rig_data(&r, BUFFERS, 100, EOP | VLE, 0, 100);
	rig_bell(&r);
	CU_ASSERT_EQUAL(take(&r, frame), 104);
	CU_ASSERT_EQUAL(be16(frame + 12), 0x8100);
	CU_ASSERT_EQUAL(be16(frame + 16), 0x0800);
	rig_close(&r);
}

static void a_long_packet_is_segmented(void)
{
	static const unsigned payload[] = { 1000, 1000, 500 }, flags[] = { 0x10, 0x10, 0x19 };
	uint8_t frame[SIM_FRAME_MAX], *ip = frame + 14, *l4 = frame + 34;
	struct rig r;

	rig_both(&r);
	put_be16(r.memory + BUFFERS + 50, sum16(r.memory + BUFFERS + 26, 8, 6)); /* without a length */
	context(&r, 0, 1, 20, 1000);
	rig_data(&r, BUFFERS, 54, TSE, IXSM | TXSM, 2500);
	rig_data(&r, BUFFERS + 54, 2500, TSE | EOP | RS, 0, 0);
	rig_bell(&r);
	for (unsigned i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(take(&r, frame), (int)(54 + payload[i]));
		CU_ASSERT_EQUAL(be16(ip + 2), 40 + payload[i]);
		CU_ASSERT_EQUAL(be16(ip + 4), 100 + i);
		CU_ASSERT_EQUAL(be16(l4 + 6), 1000 + 1000 * i);
		CU_ASSERT_EQUAL(l4[13], flags[i]); /* PSH and FIN on the last only */
		CU_ASSERT_EQUAL(sum16(ip, 20, 0), 0xffff);
		CU_ASSERT_EQUAL(sum16(l4, 20 + payload[i], sum16(ip + 12, 8, 6 + 20 + payload[i])), 0xffff);
		CU_ASSERT(!memcmp(frame + 54, r.memory + BUFFERS + 54 + 1000 * i, payload[i]));
	}
	CU_ASSERT_EQUAL(take(&r, frame), 0);
	CU_ASSERT_EQUAL(tx_words(&r, 2)[3], 1);
	CU_ASSERT_EQUAL(get(&r, 0x4080), 3);
	CU_ASSERT_EQUAL(weir_sim_violations(r.card, NULL, 0), 0);
	rig_close(&r);
}

static void ipv6_is_segmented_too(void)
{
	static const uint8_t six[54] = { 2,    0,    0, 0, 0, 2, 2, 0, 0,  0,    0,        1,           0x86,
		                         0xdd, 0x60, 0, 0, 0, 0, 0, 6, 64, 0xfd, [37] = 1, [38] = 0xfd, [53] = 2 };
	uint8_t frame[SIM_FRAME_MAX];
	struct rig r;

	rig_both(&r);
	memcpy(r.memory + BUFFERS, six, 54);
	memcpy(r.memory + BUFFERS + 54, headers + 34, 20);
	put_be16(r.memory + BUFFERS + 70, sum16(six + 22, 32, 6));
	rig_descriptor(&r, 14 << 9 | 40, 0, 0x20200000 | 1 << 11, 600u << 16 | 20 << 8);
	rig_data(&r, BUFFERS, 74 + 1000, TSE | EOP | RS, TXSM, 1000);
	rig_bell(&r);
	CU_ASSERT_EQUAL(take(&r, frame), 674);
	CU_ASSERT_EQUAL(be16(frame + 18), 620);
	CU_ASSERT_EQUAL(sum16(frame + 54, 620, sum16(frame + 22, 32, 6 + 620)), 0xffff);
	CU_ASSERT_EQUAL(take(&r, frame), 474);
	CU_ASSERT_EQUAL(be16(frame + 18), 420);
	CU_ASSERT_EQUAL(sum16(frame + 54, 420, sum16(frame + 22, 32, 6 + 420)), 0xffff);
	CU_ASSERT_EQUAL(take(&r, frame), 0);
	rig_close(&r);
}

static void a_full_wire_holds_up_the_queue(void)
{
	uint8_t frame[SIM_FRAME_MAX];
	unsigned sent = 0, bells = 0;
	struct rig r;

	rig_both(&r);
	context(&r, 0, 1, 20, 500);
	for (unsigned i = 0; i < 60; i++)
		rig_data(&r, BUFFERS, 54 + 30000, TSE | EOP | RS, IXSM | TXSM, 30000); /* 60 segments each */
	rig_bell(&r);
	CU_ASSERT_NOT_EQUAL(get(&r, 0x6010), get(&r, 0x6018));
	while (take(&r, frame) > 0 || bells++ < 5) {
		if (be16(frame + 40) != 1000 + sent % 60 * 500)
			break;
		sent++;
		weir_sim_run(r.sim);
	}
	CU_ASSERT_EQUAL(get(&r, 0x6010), get(&r, 0x6018));
	CU_ASSERT_EQUAL(get(&r, 0x4080), 3600);
	rig_close(&r);
}

static void queues_stand_still_without_a_link(void)
{
	uint8_t frame[SIM_FRAME_MAX];
	struct rig r;

	rig_both(&r);
	weir_sim_link(r.card, false);
	rig_data(&r, BUFFERS, 100, EOP | RS, 0, 100);
	rig_bell(&r);
	CU_ASSERT_EQUAL(get(&r, 0x6010), 0);
	weir_sim_link(r.card, true);
	weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(take(&r, frame), 100);
	CU_ASSERT_EQUAL(get(&r, 0x6010), 1);
	rig_close(&r);
}

static void a_card_can_talk_to_itself(void)
{
	uint8_t frame[SIM_FRAME_MAX];
	struct rig r;

	rig_both(&r);
	rig_rx(&r, 0, 8);
	memcpy(r.memory + BUFFERS, headers, sizeof(headers)); /* it is the first receive buffer, too */
	memcpy(r.memory + 0x80000, headers, 54);
	r.memory[0x80005] = 1;
	set(&r, 0x4240, get(&r, 0x4240) | 0x8000);
	rig_data(&r, 0x80000, 80, EOP | RS, 0, 80);
	rig_bell(&r);
	CU_ASSERT_EQUAL(take(&r, frame), 0);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[3], 80);
	CU_ASSERT_EQUAL(get(&r, 0x4074), 1);
	rig_close(&r);
}

static void what_is_sent_is_counted(void)
{
	struct rig r;

	rig_both(&r);
	set(&r, 0x8600, 2); /* queue 0 counts in counter 2 */
	rig_data(&r, BUFFERS, 60, EOP, 0, 60);
	rig_data(&r, BUFFERS, 1514, EOP, 0, 1514);
	memset(r.memory + BUFFERS, 0xff, 6);
	rig_bell(&r);
	rig_data(&r, BUFFERS, 60, EOP, 0, 60);
	rig_bell(&r);
	CU_ASSERT_EQUAL(get(&r, 0x40d4), 3);
	CU_ASSERT_EQUAL(get(&r, 0x4080), 3);
	CU_ASSERT_EQUAL(get(&r, 0x4090), 3 * 64 + 1518 - 64);
	CU_ASSERT_EQUAL(get(&r, 0x40f4), 3);
	CU_ASSERT_EQUAL(get(&r, 0x40d8), 2);
	CU_ASSERT_EQUAL(get(&r, 0x40ec), 1);
	CU_ASSERT_EQUAL(get(&r, 0x6030 + 0x80), 3);
	CU_ASSERT_EQUAL(get(&r, 0x6030 + 0x80), 0);
	CU_ASSERT_EQUAL(get(&r, 0x8700 + 16), 2 * 64 + 1518);
	CU_ASSERT_EQUAL(get(&r, 0x8704 + 16), 0);
	CU_ASSERT_EQUAL(get(&r, 0x8700 + 16), 0);
	rig_close(&r);
}

static void faults_are_seen(void)
{
	uint8_t frame[SIM_FRAME_MAX];
	struct rig r;

	rig_both(&r);
	weir_sim_fault(r.card, WEIR_SIM_TX_NO_DD, 0, 1);
	rig_data(&r, BUFFERS, 100, EOP | RS, 0, 100);
	rig_bell(&r);
	CU_ASSERT_EQUAL(take(&r, frame), 100);
	CU_ASSERT_EQUAL(tx_words(&r, 0)[3] & 1, 0);
	weir_sim_fault(r.card, WEIR_SIM_TX_HANG, 0, 1);
	rig_data(&r, BUFFERS, 100, EOP | RS, 0, 100);
	rig_bell(&r);
	weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(get(&r, 0x6010), 1);
	set(&r, 0x6028, 0);
	set(&r, 0x6028, 0x02000000);
	CU_ASSERT_EQUAL(get(&r, 0x6010), 2);
	rig_descriptor(&r, 0x10, 0, 0x22300000 | EOP | 100, 100u << 14); /* memory that is not there */
	rig_bell(&r);
	CU_ASSERT_EQUAL(get(&r, 0x6010), 2);
	CU_ASSERT_EQUAL(get(&r, 0x800) & 0x40000, 0x40000);
	CU_ASSERT_PTR_NOT_NULL(strstr(r.nic->dma->reason, "transmit queue 0"));
	rig_close(&r);
}

static void nonsense_is_a_violation(void)
{
	char text[2000];
	struct rig r;

	rig_both(&r);
	rig_data(&r, BUFFERS, 100, EOP, 0, 90);       /* PAYLEN is wrong */
	rig_data(&r, BUFFERS, 100, EOP, IXSM, 100);   /* no context was ever given */
	rig_data(&r, BUFFERS, 10, EOP, 0, 10);        /* no Ethernet header */
	rig_descriptor(&r, 0, 0, 0x20200000, 5 << 4); /* context 5 */
	rig_bell(&r);
	CU_ASSERT_EQUAL(weir_sim_violations(r.card, text, sizeof(text)), 4);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "PAYLEN"));
	CU_ASSERT_EQUAL(get(&r, 0x6010), 4); /* the queue goes on */
	rig_close(&r);
}

static void nothing_a_ring_says_does_harm(void)
{
	uint32_t seed = 1;
	struct rig r;

	rig_both(&r);
	rig_rx(&r, 0, 60);
	for (unsigned i = 0; i < 20000; i++) {
		uint8_t frame[SIM_FRAME_MAX];

		if (i % 64 == 0) {
			set(&r, 0x6028, 0);
			set(&r, 0x6028, 0x02000000);
			set(&r, 0x1028, 0);
			set(&r, 0x1028, 0x02000000);
		}
		for (unsigned j = 0; j < 4; j++) {
			seed = seed * 1103515245u + 12345;
			tx_words(&r, i % ENTRIES)[j] = j == 1 ? seed >> 16 & 1 : seed ^ seed >> 13;
		}
		tx_words(&r, i % ENTRIES)[0] &= 0xfffff;
		set(&r, seed % 7 ? 0x6018 : 0x6018 - seed % 5 * 8, i % 7 ? (i + 1) % ENTRIES : seed >> 8);
		set(&r, 0x6008, ENTRIES * 16);
		set(&r, 0x6000, (uint32_t)(IOVA + TX_RING));
		while (take(&r, frame) > 0)
			;
		rig_receive(&r, r.memory + seed % 0x8000, 60 + seed % 1400);
	}
	CU_PASS("it is still there");
	rig_close(&r);
}

static const struct unit_case cases[] = {
	{ "a descriptor becomes a frame", a_descriptor_becomes_a_frame },
	{ "a packet waits for its last descriptor", a_packet_waits_for_its_last_descriptor },
	{ "the ring goes round", the_ring_goes_round },
	{ "short packets are padded", short_packets_are_padded },
	{ "the head can be written instead", the_head_can_be_written_instead },
	{ "legacy descriptors work", legacy_descriptors_work },
	{ "checksums are filled in", checksums_are_filled_in },
	{ "SCTP gets its CRC", sctp_gets_its_crc },
	{ "a tag is inserted", a_tag_is_inserted },
	{ "an inner tag is inserted behind the outer one", an_inner_tag_is_inserted },
	{ "a long packet is segmented", a_long_packet_is_segmented },
	{ "IPv6 is segmented too", ipv6_is_segmented_too },
	{ "a full wire holds up the queue", a_full_wire_holds_up_the_queue },
	{ "queues stand still without a link", queues_stand_still_without_a_link },
	{ "a card can talk to itself", a_card_can_talk_to_itself },
	{ "what is sent is counted", what_is_sent_is_counted },
	{ "faults are seen", faults_are_seen },
	{ "nonsense is a violation", nonsense_is_a_violation },
	{ "nothing a ring says does harm", nothing_a_ring_says_does_harm },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("82599 transmit", cases);
}
