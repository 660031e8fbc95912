/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The 82540EM's model sends: legacy descriptors, contexts with byte offsets, checksums, segments, tags, reports. What is
 * expected was worked out by hand from the 8254x Family Software Developer's Manual (317453), 3.3 to 3.5.
 */
#include "sim_e1000.h"

#define DATA   0x8000u /* where the packet lies */
#define CMD(x) ((uint32_t)(x) << 24)
#define EOP    CMD(0x01)
#define IFCS   CMD(0x02)
#define IC     CMD(0x04)
#define TSE    CMD(0x04) /* where DEXT is set */
#define RS     CMD(0x08)
#define DEXT   CMD(0x20)
#define VLE    CMD(0x40)
#define PLAIN  (EOP | IFCS | RS)
#define DTYP   0x00100000u /* data */

static uint8_t out[20000];

static void on(struct rig *r)
{
	rig_open(r, "82540EM");
	rig_tx(r);
}

static void a_frame_goes_out_and_is_reported(void)
{
	uint8_t frame[100];
	struct rig r;

	on(&r);
	plain(frame, sizeof(frame));
	memcpy(r.memory + DATA, frame, sizeof(frame));
	rig_data(&r, DATA, PLAIN | 100, 0);
	rig_bell(&r);
	CU_ASSERT_EQUAL(weir_sim_take(r.card, out, sizeof(out)), 100);
	CU_ASSERT(!memcmp(out, frame, sizeof(frame)));
	CU_ASSERT_EQUAL(tx_words(&r, 0)[2], PLAIN | 100);
	CU_ASSERT_EQUAL(tx_words(&r, 0)[3], 1);
	CU_ASSERT_EQUAL(get(&r, 0x3810), 1);
	CU_ASSERT_EQUAL(get(&r, 0x4080), 1);
	CU_ASSERT_EQUAL(get(&r, 0x4090), 104);
	CU_ASSERT_EQUAL(get(&r, 0x40dc), 1);
	CU_ASSERT_EQUAL(violations(&r), 0);
	rig_close(&r);
}

static void what_does_not_ask_is_not_reported(void)
{
	struct rig r;

	on(&r);
	rig_data(&r, DATA, EOP | IFCS | 60, 0);
	rig_bell(&r);
	CU_ASSERT_EQUAL(weir_sim_take(r.card, out, sizeof(out)), 60);
	CU_ASSERT_EQUAL(tx_words(&r, 0)[3], 0);
	CU_ASSERT_EQUAL(get(&r, 0x3810), 1);
	rig_close(&r);
}

static void short_packets_are_padded_if_asked_for(void)
{
	struct rig r;

	on(&r);
	memset(r.memory + DATA, 0xee, 20);
	rig_data(&r, DATA, PLAIN | 20, 0);
	rig_bell(&r);
	CU_ASSERT_EQUAL(weir_sim_take(r.card, out, sizeof(out)), 60);
	CU_ASSERT_EQUAL(out[19], 0xee);
	CU_ASSERT_EQUAL(out[20], 0);
	set(&r, 0x400, 0x00040102);
	rig_data(&r, DATA, PLAIN | 20, 0);
	rig_bell(&r);
	CU_ASSERT_EQUAL(weir_sim_take(r.card, out, sizeof(out)), 20);
	rig_close(&r);
}

static void a_packet_may_lie_in_pieces(void)
{
	uint8_t frame[90];
	struct rig r;

	on(&r);
	plain(frame, sizeof(frame));
	memcpy(r.memory + DATA, frame, 30);
	memcpy(r.memory + DATA + 0x100, frame + 30, 60);
	rig_data(&r, DATA, IFCS | RS | 30, 0);
	rig_bell(&r);
	CU_ASSERT_EQUAL(weir_sim_take(r.card, out, sizeof(out)), 0); /* not all of it is there */
	CU_ASSERT_EQUAL(get(&r, 0x3810), 0);
	rig_data(&r, DATA + 0x100, PLAIN | 60, 0);
	rig_bell(&r);
	CU_ASSERT_EQUAL(weir_sim_take(r.card, out, sizeof(out)), 90);
	CU_ASSERT(!memcmp(out, frame, sizeof(frame)));
	CU_ASSERT_EQUAL(tx_words(&r, 0)[3], 1);
	CU_ASSERT_EQUAL(tx_words(&r, 1)[3], 1);
	rig_close(&r);
}

static void a_legacy_descriptor_inserts_a_checksum(void)
{
	struct rig r;

	on(&r);
	plain(r.memory + DATA, 100);
	put_be16(r.memory + DATA + 40, 0x1234); /* a seed */
	rig_data(&r, DATA, PLAIN | IC | 40u << 16 | 100, 20u << 8);
	rig_bell(&r);
	CU_ASSERT_EQUAL(weir_sim_take(r.card, out, sizeof(out)), 100);
	CU_ASSERT_EQUAL((unsigned)(out[40] << 8 | out[41]), ~sum16(r.memory + DATA + 20, 80, 0) & 0xffff);
	rig_close(&r);
}

static void a_tag_is_inserted(void)
{
	struct rig r;

	on(&r);
	plain(r.memory + DATA, 60);
	rig_data(&r, DATA, PLAIN | VLE | 60, 0x6064u << 16);
	rig_bell(&r);
	CU_ASSERT_EQUAL(weir_sim_take(r.card, out, sizeof(out)), 60); /* without CTRL.VME none is */
	set(&r, 0x0000, get(&r, 0x0000) | 0x40000000);
	rig_data(&r, DATA, PLAIN | VLE | 60, 0x6064u << 16);
	rig_bell(&r);
	CU_ASSERT_EQUAL(weir_sim_take(r.card, out, sizeof(out)), 64);
	CU_ASSERT(!memcmp(out, r.memory + DATA, 12));
	CU_ASSERT(!memcmp(out + 12, "\x81\x00\x60\x64\x88\xb5", 6));
	CU_ASSERT(!memcmp(out + 18, r.memory + DATA + 14, 46));
	rig_close(&r);
}

/* Ethernet, IPv4 without checksum, TCP whose checksum field has the pseudo-header's sum, with the length or without. */
static void tcp_packet(uint8_t *at, size_t payload, bool with_length)
{
	uint8_t frame[60];

	good_tcp(frame);
	memcpy(at, frame, 54);
	for (size_t i = 0; i < payload; i++)
		at[54 + i] = (uint8_t)(i * 7);
	put_be16(at + 16, (unsigned)(40 + payload));
	put_be16(at + 24, 0);
	at[47] = 0x19; /* ACK, PSH, FIN */
	put_be16(at + 50, sum16(at + 26, 8, 6 + (with_length ? 20 + (unsigned)payload : 0)));
}

/* IP from byte 14 to 33, its sum at 24; TCP from 34 to the end, its sum at 50. */
static void context(struct rig *r, uint32_t command, unsigned payload, unsigned mss)
{
	rig_descriptor(r, 14 | 24 << 8 | 33 << 16, 34 | 50 << 8, command | DEXT | payload,
	               mss ? (uint32_t)mss << 16 | 54 << 8 : 0);
}

static bool sums_are_right(const uint8_t *frame, size_t len)
{
	unsigned l4 = (unsigned)len - 34;

	return sum16(frame + 14, 20, 0) == 0xffff && sum16(frame + 34, l4, sum16(frame + 26, 8, 6 + l4)) == 0xffff;
}

static void a_context_tells_where_checksums_go(void)
{
	struct rig r;

	on(&r);
	tcp_packet(r.memory + DATA, 101, true);
	context(&r, CMD(0x03), 0, 0); /* TCP, IP */
	rig_data(&r, DATA, PLAIN | DEXT | DTYP | 155, 0x300);
	rig_bell(&r);
	CU_ASSERT_EQUAL(weir_sim_take(r.card, out, sizeof(out)), 155);
	CU_ASSERT(sums_are_right(out, 155));
	CU_ASSERT(!memcmp(out + 54, r.memory + DATA + 54, 101));
	CU_ASSERT_EQUAL(tx_words(&r, 0)[3], 0); /* the context did not ask */
	CU_ASSERT_EQUAL(tx_words(&r, 1)[3], 0x301);
	/* The same context serves the next packet, which wants the IP checksum only. */
	rig_data(&r, DATA, PLAIN | DEXT | DTYP | 155, 0x100);
	rig_bell(&r);
	CU_ASSERT_EQUAL(weir_sim_take(r.card, out, sizeof(out)), 155);
	CU_ASSERT_EQUAL(sum16(out + 14, 20, 0), 0xffff);
	CU_ASSERT(!memcmp(out + 50, r.memory + DATA + 50, 2));
	CU_ASSERT_EQUAL(violations(&r), 0);
	rig_close(&r);
}

static void a_packet_is_cut_into_segments(void)
{
	static const size_t lens[] = { 1054, 1054, 554 };
	struct rig r;

	on(&r);
	tcp_packet(r.memory + DATA, 2500, false);
	context(&r, CMD(0x07), 2500, 1000); /* TCP, IP, TSE */
	rig_data(&r, DATA, IFCS | RS | DEXT | DTYP | TSE | 54, 0x300);
	rig_data(&r, DATA + 54, PLAIN | DEXT | DTYP | TSE | 2500, 0x300);
	rig_bell(&r);
	for (unsigned i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(weir_sim_take(r.card, out, sizeof(out)), (int)lens[i]);
		CU_ASSERT(sums_are_right(out, lens[i]));
		CU_ASSERT_EQUAL((unsigned)(out[16] << 8 | out[17]), lens[i] - 14);
		CU_ASSERT_EQUAL(out[18] << 8 | out[19], 1 + (int)i); /* identification */
		CU_ASSERT_EQUAL((unsigned)(out[40] << 8 | out[41]), 1 + i * 1000);
		CU_ASSERT_EQUAL(out[47], i == 2 ? 0x19 : 0x10);
		CU_ASSERT(!memcmp(out + 54, r.memory + DATA + 54 + i * 1000, lens[i] - 54));
	}
	CU_ASSERT_EQUAL(weir_sim_take(r.card, out, sizeof(out)), 0);
	CU_ASSERT_EQUAL(get(&r, 0x40f8), 1);
	CU_ASSERT_EQUAL(violations(&r), 0);
	rig_close(&r);
}

static void udp_of_ipv6_is_cut_too(void)
{
	uint8_t *at;
	struct rig r;

	on(&r);
	at = r.memory + DATA;
	memset(at, 0, 62);
	plain(at, 14);
	put_be16(at + 12, 0x86dd);
	at[14] = 0x60;
	at[20] = 17;
	at[21] = 64;
	at[37] = 1;
	at[53] = 2;
	put_be16(at + 54, 1000);
	put_be16(at + 56, 2000);
	memset(at + 62, 0x5a, 150);
	put_be16(at + 60, sum16(at + 22, 32, 17));
	rig_descriptor(&r, 14, 54 | 60 << 8, CMD(0x04) | DEXT | 150, 100u << 16 | 62 << 8);
	rig_data(&r, DATA, PLAIN | DEXT | DTYP | TSE | 212, 0x200);
	rig_bell(&r);
	CU_ASSERT_EQUAL(weir_sim_take(r.card, out, sizeof(out)), 162);
	CU_ASSERT_EQUAL(out[18] << 8 | out[19], 108); /* of the payload */
	CU_ASSERT_EQUAL(out[58] << 8 | out[59], 108);
	CU_ASSERT_EQUAL(sum16(out + 54, 108, sum16(out + 22, 32, 17 + 108)), 0xffff);
	CU_ASSERT_EQUAL(weir_sim_take(r.card, out, sizeof(out)), 112);
	CU_ASSERT_EQUAL(out[58] << 8 | out[59], 58);
	CU_ASSERT_EQUAL(sum16(out + 54, 58, sum16(out + 22, 32, 17 + 58)), 0xffff);
	rig_close(&r);
}

static void nonsense_costs_a_packet(void)
{
	struct rig r;

	on(&r);
	tcp_packet(r.memory + DATA, 100, true);
	rig_descriptor(&r, 14 | 24 << 8 | 33 << 16, 34 | 250 << 8, CMD(0x03) | DEXT, 0); /* the sum lies outside */
	rig_data(&r, DATA, PLAIN | DEXT | DTYP | 154, 0x300);
	rig_data(&r, DATA, PLAIN | 10, 0); /* no Ethernet header */
	rig_data(&r, DATA, PLAIN | 154, 0);
	rig_bell(&r);
	CU_ASSERT_EQUAL(weir_sim_take(r.card, out, sizeof(out)), 154);
	CU_ASSERT_EQUAL(weir_sim_take(r.card, out, sizeof(out)), 0);
	CU_ASSERT_EQUAL(rig_counter(&r, "tx_bad"), 2);
	CU_ASSERT_EQUAL(get(&r, 0x3810), 4);
	rig_close(&r);
}

static void payload_must_be_what_the_context_says(void)
{
	struct rig r;

	on(&r);
	tcp_packet(r.memory + DATA, 2500, false);
	context(&r, CMD(0x07), 2400, 1000);
	rig_data(&r, DATA, PLAIN | DEXT | DTYP | TSE | 2554, 0x300);
	rig_bell(&r);
	CU_ASSERT_EQUAL(weir_sim_violations(r.card, NULL, 0), 1);
	rig_close(&r);
}

static void memory_that_is_not_there_stops_the_queue(void)
{
	struct rig r;

	on(&r);
	rig_data(&r, MEMORY, PLAIN | 60, 0);
	rig_bell(&r);
	CU_ASSERT_EQUAL(rig_counter(&r, "tx_dma_refused"), 1);
	CU_ASSERT_EQUAL(get(&r, 0x3810), 0);
	rig_bell(&r);
	CU_ASSERT_EQUAL(rig_counter(&r, "tx_dma_refused"), 1);
	set(&r, 0x400, 0);
	set(&r, 0x400, 0x0004010a);
	CU_ASSERT_EQUAL(rig_counter(&r, "tx_dma_refused"), 2);
	rig_close(&r);
}

static void without_link_or_enable_nothing_moves(void)
{
	struct rig r;

	on(&r);
	weir_sim_link(r.card, false);
	rig_data(&r, DATA, PLAIN | 60, 0);
	rig_bell(&r);
	CU_ASSERT_EQUAL(get(&r, 0x3810), 0);
	set(&r, 0x400, 0x00040108);
	weir_sim_link(r.card, true);
	CU_ASSERT_EQUAL(get(&r, 0x3810), 0);
	set(&r, 0x400, 0x0004010a);
	CU_ASSERT_EQUAL(get(&r, 0x3810), 1);
	rig_close(&r);
}

static void it_can_talk_to_itself(void)
{
	uint8_t frame[60];
	struct rig r;

	on(&r);
	rig_rx(&r, 0, 8);
	set(&r, 0x100, RCTL_ON | 0x40); /* MAC loopback */
	plain(r.memory + DATA, 60);
	rig_data(&r, DATA, PLAIN | 60, 0);
	rig_bell(&r);
	CU_ASSERT_EQUAL(weir_sim_take(r.card, out, sizeof(out)), 0);
	CU_ASSERT_EQUAL(get(&r, 0x2810), 1);
	CU_ASSERT(!memcmp(rx_buffer(&r, 0), r.memory + DATA, 60));
	plain(frame, sizeof(frame));
	rig_receive(&r, frame, sizeof(frame)); /* nothing else comes */
	CU_ASSERT_EQUAL(get(&r, 0x2810), 1);
	rig_close(&r);
}

static void faults(void)
{
	struct rig r;

	on(&r);
	weir_sim_fault(r.card, WEIR_SIM_TX_NO_DD, 0, 1);
	rig_data(&r, DATA, PLAIN | 60, 0);
	rig_bell(&r);
	CU_ASSERT_EQUAL(tx_words(&r, 0)[3], 0);
	CU_ASSERT_EQUAL(get(&r, 0x3810), 1);
	weir_sim_fault(r.card, WEIR_SIM_TX_HANG, 0, 1);
	rig_data(&r, DATA, PLAIN | 60, 0);
	rig_bell(&r);
	rig_bell(&r);
	CU_ASSERT_EQUAL(get(&r, 0x3810), 1);
	set(&r, 0x400, 0);
	set(&r, 0x400, 0x0004010a);
	CU_ASSERT_EQUAL(get(&r, 0x3810), 2);
	rig_close(&r);
}

static const struct unit_case cases[] = {
	{ "a frame goes out and is reported", a_frame_goes_out_and_is_reported },
	{ "what does not ask is not reported", what_does_not_ask_is_not_reported },
	{ "short packets are padded if asked for", short_packets_are_padded_if_asked_for },
	{ "a packet may lie in pieces", a_packet_may_lie_in_pieces },
	{ "a legacy descriptor inserts a checksum", a_legacy_descriptor_inserts_a_checksum },
	{ "a tag is inserted", a_tag_is_inserted },
	{ "a context tells where checksums go", a_context_tells_where_checksums_go },
	{ "a packet is cut into segments", a_packet_is_cut_into_segments },
	{ "UDP of IPv6 is cut, too", udp_of_ipv6_is_cut_too },
	{ "nonsense costs a packet", nonsense_costs_a_packet },
	{ "the payload must be what the context says", payload_must_be_what_the_context_says },
	{ "memory that is not there stops the queue", memory_that_is_not_there_stops_the_queue },
	{ "without link or enable nothing moves", without_link_or_enable_nothing_moves },
	{ "it can talk to itself", it_can_talk_to_itself },
	{ "faults", faults },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("8254x sends", cases);
}
