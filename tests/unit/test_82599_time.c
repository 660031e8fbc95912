/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The clock of the 82599's model and its time stamps (datasheet 7.9).
 */
#include "frames.h"
#include "sim_82599.h"

#include <time.h>

#define TSYNCRXCTL 0x5188
#define RXSTMPL    0x51e8
#define RXSTMPH    0x51a4
#define RXSATRL    0x51a0
#define RXSATRH    0x51a8
#define RXMTRL     0x5120
#define TSYNCTXCTL 0x8c00
#define TXSTMPL    0x8c04
#define TXSTMPH    0x8c08
#define SYSTIML    0x8c0c
#define SYSTIMH    0x8c10
#define TIMINCA    0x8c14
#define TIMADJL    0x8c18
#define TIMADJH    0x8c1c

/* Events by UDP, or by Ethernet as EtherType filter 0 finds them. The clock stands still at 0x55_11223344. */
static void open_rig(struct rig *r)
{
	rig_open(r);
	rig_rx(r, 0, 30);
	set(r, TIMINCA, 0x01000000);
	set(r, SYSTIML, 0x11223344);
	set(r, SYSTIMH, 0x00000055);
	set(r, 0x5128, 0xc00088f7);
}

/* A message of PTP of @version, of type @message (version 2) or with that control field (version 1). */
static void ptp(uint8_t *at, unsigned version, unsigned message)
{
	static const uint8_t source[6] = { 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6 };

	memset(at, 0, 44);
	at[0] = version == 2 ? (uint8_t)message : 0;
	at[1] = (uint8_t)version;
	memcpy(at + 22, source, 6);
	put_be16(at + 30, 0x1234);
	at[32] = version == 1 ? (uint8_t)message : 0;
}

static size_t by_ethernet(uint8_t frame[100], unsigned version, unsigned message)
{
	plain(frame, 60);
	put_be16(frame + 12, 0x88f7);
	ptp(frame + 14, version, message);
	return 60;
}

static size_t by_udp(uint8_t frame[100], unsigned version, unsigned message, unsigned port)
{
	good_tcp(frame);
	frame[23] = 17;
	put_be16(frame + 16, 20 + 8 + 44);
	put_be16(frame + 24, 0);
	put_be16(frame + 24, ~sum16(frame + 14, 20, 0));
	put_be16(frame + 36, port);
	put_be16(frame + 38, 8 + 44);
	put_be16(frame + 40, 0);
	ptp(frame + 42, version, message);
	return 86;
}

/* Whether the frame is given a stamp, which is then read. */
static bool stamped(struct rig *r, const uint8_t *frame, size_t len)
{
	uint32_t at = get(r, 0x1010), said;

	rig_receive(r, frame, len);
	said = rx_words(r, 0, at)[2] & 0x10000;
	CU_ASSERT_EQUAL(get(r, TSYNCRXCTL) & 1, said >> 16);
	get(r, RXSTMPH);
	return said;
}

static void the_clock_is_set_and_moved(void)
{
	struct rig r;

	open_rig(&r);
	CU_ASSERT_EQUAL(get(&r, SYSTIML), 0x11223344);
	CU_ASSERT_EQUAL(get(&r, SYSTIMH), 0x55);
	set(&r, TIMADJL, 4);
	set(&r, TIMADJH, 0x80000000); /* 4 back */
	CU_ASSERT_EQUAL(get(&r, SYSTIML), 0x11223340);
	set(&r, TIMADJL, 0x10);
	set(&r, TIMADJH, 2);
	CU_ASSERT_EQUAL(get(&r, SYSTIML), 0x11223350);
	CU_ASSERT_EQUAL(get(&r, SYSTIMH), 0x57);
	rig_close(&r);
}

static void the_clock_counts(void)
{
	struct rig r;

	open_rig(&r);
	set(&r, TIMINCA, 0x01000001); /* 1 each 6.4 ns */
	usleep(100);
	CU_ASSERT(get(&r, SYSTIML) >= 0x11223344 + 100000 / 64 * 10);
	set(&r, TIMINCA, 0x01000000);
	CU_ASSERT(get(&r, SYSTIML) >= 0x11223344 + 100000 / 64 * 10); /* what has passed stays */
	CU_ASSERT_EQUAL(get(&r, SYSTIMH), 0x55);
	rig_close(&r);
}

static void the_lower_half_holds_the_upper_one(void)
{
	struct rig r;

	open_rig(&r);
	set(&r, TIMINCA, 0x01ffffff); /* the lower half runs over each 1.6 us */
	for (unsigned i = 0; i < 100; i++) {
		uint64_t before = get(&r, SYSTIML), again;

		before |= (uint64_t)get(&r, SYSTIMH) << 32;
		again = get(&r, SYSTIML);
		again |= (uint64_t)get(&r, SYSTIMH) << 32;
		CU_ASSERT(again >= before);
	}
	rig_close(&r);
}

static void the_clock_is_slower_on_a_slower_link(void)
{
	struct timespec from, to;
	struct rig r;
	uint64_t passed;

	rig_open_as(&r, "x540,link=100,mac=02:00:00:00:00:01,wire=hold", false);
	clock_gettime(CLOCK_MONOTONIC, &from);
	set(&r, TIMINCA, 1);
	usleep(1000);
	passed = get(&r, SYSTIML);
	clock_gettime(CLOCK_MONOTONIC, &to);
	/* A tick is 640 ns: not more of them than fit into the whole, and in a millisecond 1,562. */
	CU_ASSERT(passed >= 1560);
	CU_ASSERT(passed <= (uint64_t)((to.tv_sec - from.tv_sec) * 1000000000 + to.tv_nsec - from.tv_nsec) / 640 + 1);
	rig_close(&r);
}

static void the_x540_increments_by_32_bits(void)
{
	struct rig r;

	rig_open_as(&r, "x540,mac=02:00:00:00:00:01,wire=hold", false);
	set(&r, TIMINCA, 0x80000000);
	usleep(100);
	set(&r, TIMINCA, 0);
	CU_ASSERT(get(&r, SYSTIMH) >= 100000 / 64 * 10 / 2);
	CU_ASSERT_EQUAL(get(&r, SYSTIML) & 0x7fffffff, 0);
	rig_close(&r);
}

static void one_stamp_is_kept_until_it_is_read(void)
{
	uint8_t frame[100];
	size_t len;
	struct rig r;

	open_rig(&r);
	len = by_ethernet(frame, 2, 0);
	rig_receive(&r, frame, len);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[2], 3); /* not asked for */
	set(&r, TSYNCRXCTL, 0x10);
	rig_receive(&r, frame, len);
	rig_receive(&r, frame, len);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[2], 0x10003);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 2)[2], 3);
	CU_ASSERT_EQUAL(get(&r, TSYNCRXCTL), 0x11);
	CU_ASSERT_EQUAL(get(&r, RXSATRL), 0xa3a4a5a6);
	CU_ASSERT_EQUAL(get(&r, RXSATRH), 0x1234a1a2);
	CU_ASSERT_EQUAL(get(&r, RXSTMPL), 0x11223344);
	CU_ASSERT_EQUAL(get(&r, RXSTMPH), 0x55);
	CU_ASSERT_EQUAL(get(&r, TSYNCRXCTL), 0x10);
	rig_close(&r);
}

static void types_say_which_messages(void)
{
	uint8_t eth_sync[100], eth_delay[100], eth_announce[100], udp_sync[100], udp_delay[100], old[100];
	struct rig r;

	open_rig(&r);
	by_ethernet(eth_sync, 2, 0);
	by_ethernet(eth_delay, 2, 1);
	by_ethernet(eth_announce, 2, 11);
	by_udp(udp_sync, 2, 0, 319);
	by_udp(udp_delay, 2, 1, 319);
	by_udp(old, 1, 1, 319);
	set(&r, TSYNCRXCTL, 0x10); /* by Ethernet, and sync */
	CU_ASSERT(stamped(&r, eth_sync, 60));
	CU_ASSERT(!stamped(&r, eth_delay, 60));
	CU_ASSERT(!stamped(&r, udp_sync, 86));
	set(&r, RXMTRL, 319u << 16 | 1 << 8);
	CU_ASSERT(!stamped(&r, eth_sync, 60));
	CU_ASSERT(stamped(&r, eth_delay, 60));
	set(&r, TSYNCRXCTL, 0x14); /* either way */
	CU_ASSERT(stamped(&r, eth_delay, 60));
	CU_ASSERT(stamped(&r, udp_delay, 86));
	CU_ASSERT(!stamped(&r, udp_sync, 86));
	CU_ASSERT(!stamped(&r, old, 86));
	set(&r, TSYNCRXCTL, 0x1a); /* events */
	CU_ASSERT(stamped(&r, eth_sync, 60));
	CU_ASSERT(stamped(&r, udp_delay, 86));
	CU_ASSERT(!stamped(&r, eth_announce, 60));
	set(&r, TSYNCRXCTL, 0x12); /* version 1: control field 1 */
	CU_ASSERT(!stamped(&r, udp_delay, 86));
	CU_ASSERT(!stamped(&r, old, 86));
	set(&r, RXMTRL, 319u << 16 | 1);
	CU_ASSERT(stamped(&r, old, 86));
	by_udp(old, 1, 1, 320);
	CU_ASSERT(!stamped(&r, old, 86));
	set(&r, RXMTRL, 320u << 16 | 1);
	CU_ASSERT(stamped(&r, old, 86));
	rig_close(&r);
}

static void all_packets_are_stamped_without_a_word(void)
{
	uint8_t frame[60];
	struct rig r;

	open_rig(&r);
	set(&r, TSYNCRXCTL, 0x18);
	plain(frame, sizeof(frame));
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[2], 3);
	CU_ASSERT_EQUAL(get(&r, RXSTMPL), 0x11223344);
	set(&r, SYSTIML, 0x22222222);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, RXSTMPL), 0x22222222);
	CU_ASSERT_EQUAL(get(&r, TSYNCRXCTL), 0x18);
	rig_close(&r);
}

static void a_packet_that_waits_was_stamped_when_it_came(void)
{
	uint8_t frame[100];
	struct rig r;

	open_rig(&r);
	set(&r, TSYNCRXCTL, 0x10);
	set(&r, 0x1018, 0);
	rig_receive(&r, frame, by_ethernet(frame, 2, 0));
	set(&r, SYSTIML, 0x22222222);
	weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(get(&r, TSYNCRXCTL), 0x11);
	CU_ASSERT_EQUAL(get(&r, RXSTMPL), 0x11223344);
	set(&r, 0x1018, 8);
	weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[2], 0x10003);
	rig_close(&r);
}

static void a_sent_packet_is_stamped_if_it_asks(void)
{
	struct rig r;

	open_rig(&r);
	rig_tx(&r);
	plain(r.memory + BUFFERS, 60);
	rig_data(&r, BUFFERS, 60, 0x09080000, 0, 60); /* EOP, RS, time stamp */
	rig_bell(&r);
	CU_ASSERT_EQUAL(get(&r, TSYNCTXCTL), 0); /* not enabled */
	set(&r, TSYNCTXCTL, 0x10);
	rig_data(&r, BUFFERS, 60, 0x09000000, 0, 60);
	rig_bell(&r);
	CU_ASSERT_EQUAL(get(&r, TSYNCTXCTL), 0x10);
	rig_data(&r, BUFFERS, 60, 0x09080000, 0, 60);
	rig_bell(&r);
	CU_ASSERT_EQUAL(get(&r, TSYNCTXCTL), 0x11);
	set(&r, SYSTIML, 0x22222222);
	rig_data(&r, BUFFERS, 60, 0x09080000, 0, 60);
	rig_bell(&r);
	CU_ASSERT_EQUAL(get(&r, TXSTMPL), 0x11223344);
	CU_ASSERT_EQUAL(get(&r, TXSTMPH), 0x55);
	CU_ASSERT_EQUAL(get(&r, TSYNCTXCTL), 0x10);
	rig_data(&r, BUFFERS, 60, 0x09080000, 0, 60);
	rig_bell(&r);
	CU_ASSERT_EQUAL(get(&r, TXSTMPL), 0x22222222);
	rig_close(&r);
}

static const struct unit_case cases[] = {
	{ "the clock is set and moved", the_clock_is_set_and_moved },
	{ "the clock counts", the_clock_counts },
	{ "the lower half holds the upper one", the_lower_half_holds_the_upper_one },
	{ "the clock is slower on a slower link", the_clock_is_slower_on_a_slower_link },
	{ "the X540 increments by 32 bits", the_x540_increments_by_32_bits },
	{ "one stamp is kept until it is read", one_stamp_is_kept_until_it_is_read },
	{ "types say which messages", types_say_which_messages },
	{ "all packets are stamped without a word", all_packets_are_stamped_without_a_word },
	{ "a packet that waits was stamped when it came", a_packet_that_waits_was_stamped_when_it_came },
	{ "a sent packet is stamped if it asks", a_sent_packet_is_stamped_if_it_asks },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("82599 time", cases);
}
