/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is not traffic: statistics, clocks, pauses, EEPROM and module, registers, LEDs, as DPDK's driver asks for them.
 */
#include "bench.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "frames.h"
#include "regs/ixgbe.h"
#include "weir/wire.h"

static const struct pmd_conf plain = { .eth.rxmode.mtu = 1500 };

/* --- statistics --------------------------------------------------------------------------------------------------- */

static uint64_t xstat(const char *name)
{
	uint64_t id, value = UINT64_MAX;

	if (rte_eth_xstats_get_id_by_name(bench.port, name, &id) ||
	    rte_eth_xstats_get_by_id(bench.port, &id, &value, 1) != 1)
		printf("there is no statistic %s\n", name);
	return value;
}

static void everything_is_counted(void)
{
	static uint8_t frame[FRAME_MAX], got[FRAME_MAX];
	static const size_t lens[] = { 60, 100, 200, 400, 800, 1400 };
	static const char *const rx_names[] = { "rx_size_64_packets",          "rx_size_65_to_127_packets",
		                                "rx_size_128_to_255_packets",  "rx_size_256_to_511_packets",
		                                "rx_size_512_to_1023_packets", "rx_size_1024_to_max_packets" };
	static const char *const tx_names[] = { "tx_size_64_packets",          "tx_size_65_to_127_packets",
		                                "tx_size_128_to_255_packets",  "tx_size_256_to_511_packets",
		                                "tx_size_512_to_1023_packets", "tx_size_1024_to_max_packets" };
	struct rte_eth_stats stats;

	begin("82599", EXACT, &plain);
	CU_ASSERT_EQUAL(rte_eth_promiscuous_enable(bench.port), 0);
	for (unsigned i = 0; i < 6 * 3; i++) {
		struct rte_mbuf *packet;
		size_t len = frame_plain(frame, lens[i % 6]);

		frame[0] |= i / 6 ? 1 : 0;
		if (i / 6 == 2)
			memset(frame, 0xff, 6);
		arrive(frame, len);
		CU_ASSERT_EQUAL(receive_one(0, got), len);
		packet = pmd_packet(&bench.pmd, frame, len);
		CU_ASSERT_EQUAL(pmd_send(&bench.pmd, 0, &packet, 1), 1);
		CU_ASSERT(departs(frame, len));
	}
	weir_sim_fault(bench.nic, WEIR_SIM_RX_CRC, 0, 2);
	for (unsigned i = 0; i < 2; i++) {
		arrive(frame, frame_plain(frame, 60));
		CU_ASSERT_EQUAL(receive_one(0, got), 0);
	}
	arrive(frame, frame_plain(frame, 40));
	arrive(frame, frame_plain(frame, 1600));
	CU_ASSERT_EQUAL(receive_one(0, got), 0);
	for (unsigned i = 0; i < 6; i++) {
		CU_ASSERT_EQUAL(xstat(rx_names[i]), 3);
		CU_ASSERT_EQUAL(xstat(tx_names[i]), 3);
	}
	CU_ASSERT_EQUAL(xstat("rx_good_packets"), 18);
	CU_ASSERT_EQUAL(xstat("rx_good_bytes"), 3 * 2960);
	CU_ASSERT_EQUAL(xstat("tx_good_packets"), 18);
	CU_ASSERT_EQUAL(xstat("tx_good_bytes"), 3 * 2960);
	CU_ASSERT_EQUAL(xstat("rx_multicast_packets"), 6);
	CU_ASSERT_EQUAL(xstat("rx_broadcast_packets"), 6);
	CU_ASSERT_EQUAL(xstat("tx_multicast_packets"), 6);
	CU_ASSERT_EQUAL(xstat("tx_broadcast_packets"), 6);
	CU_ASSERT_EQUAL(xstat("rx_crc_errors"), 2);
	CU_ASSERT_EQUAL(xstat("rx_undersize_errors"), 1);
	CU_ASSERT_EQUAL(xstat("rx_oversize_errors"), 1);
	CU_ASSERT_EQUAL(xstat("rx_total_packets"), 22);
	CU_ASSERT_EQUAL(xstat("tx_total_packets"), 18);
	CU_ASSERT_EQUAL(rte_eth_stats_get(bench.port, &stats), 0);
	CU_ASSERT_EQUAL(stats.ierrors, 4);
	CU_ASSERT_EQUAL(rte_eth_stats_reset(bench.port), 0);
	CU_ASSERT_EQUAL(rte_eth_stats_get(bench.port, &stats), 0);
	CU_ASSERT_EQUAL(stats.ipackets + stats.opackets + stats.ibytes + stats.obytes + stats.ierrors, 0);
	end();
}

static void what_nobody_fetches_is_missed(void)
{
	struct pmd_conf conf = plain;
	struct rte_eth_stats stats;
	uint8_t frame[64];

	conf.drop = true;
	begin("82599", EXACT, &conf);
	for (unsigned i = 0; i < 200; i++)
		arrive(frame, frame_plain(frame, 64));
	run();
	CU_ASSERT_EQUAL(rte_eth_stats_get(bench.port, &stats), 0);
	CU_ASSERT_EQUAL(stats.ipackets, 127); /* of a ring of 128 */
	CU_ASSERT_EQUAL(stats.q_errors[0], 73);
	CU_ASSERT_EQUAL(rte_eth_rx_queue_count(bench.port, 0), 128); /* it counts in fours */
	CU_ASSERT_EQUAL(rte_eth_rx_descriptor_status(bench.port, 0, 126), RTE_ETH_RX_DESC_DONE);
	CU_ASSERT_EQUAL(rte_eth_rx_descriptor_status(bench.port, 0, 127), RTE_ETH_RX_DESC_AVAIL);
	end();
}

static void the_mtu_changes(void)
{
	static uint8_t frame[FRAME_MAX], got[FRAME_MAX];
	struct pmd_conf conf = plain;

	conf.eth.rxmode.offloads = RTE_ETH_RX_OFFLOAD_SCATTER;
	begin("82599", EXACT, &conf);
	arrive(frame, frame_plain(frame, 4014));
	CU_ASSERT_EQUAL(receive_one(0, got), 0);
	CU_ASSERT_EQUAL(rte_eth_dev_set_mtu(bench.port, 4000), 0);
	arrive(frame, frame_plain(frame, 4014));
	CU_ASSERT_EQUAL(receive_one(0, got), 4014);
	CU_ASSERT_EQUAL(memcmp(frame, got, 4014), 0);
	arrive(frame, frame_plain(frame, 4015));
	CU_ASSERT_EQUAL(receive_one(0, got), 0);
	CU_ASSERT_EQUAL(rte_eth_dev_set_mtu(bench.port, 1500), 0);
	arrive(frame, frame_plain(frame, 1515));
	CU_ASSERT_EQUAL(receive_one(0, got), 0);
	a_frame_passes();
	CU_ASSERT_EQUAL(xstat("rx_oversize_errors"), 3);
	end();
}

/* --- clocks ------------------------------------------------------------------------------------------------------- */

static int64_t since(const struct timespec *then, const struct timespec *now)
{
	return (now->tv_sec - then->tv_sec) * 1000000000ll + now->tv_nsec - then->tv_nsec;
}

static void the_clock_runs(void)
{
	struct timespec set = { .tv_sec = 1000000000 }, a, b, real_a, real_b;

	begin("82599", EXACT, &plain);
	CU_ASSERT_EQUAL(rte_eth_timesync_enable(bench.port), 0);
	CU_ASSERT_EQUAL(rte_eth_timesync_write_time(bench.port, &set), 0);
	clock_gettime(CLOCK_MONOTONIC, &real_a);
	CU_ASSERT_EQUAL(rte_eth_timesync_read_time(bench.port, &a), 0);
	CU_ASSERT_EQUAL(a.tv_sec, 1000000000);
	usleep(50000);
	CU_ASSERT_EQUAL(rte_eth_timesync_read_time(bench.port, &b), 0);
	clock_gettime(CLOCK_MONOTONIC, &real_b);
	/*
	 * It cannot have run for longer than we have, nor for less than we slept; a thousandth for the rounding of its
	 * step.
	 */
	CU_ASSERT(since(&a, &b) >= 49900000);
	CU_ASSERT(since(&a, &b) <= since(&real_a, &real_b) + since(&real_a, &real_b) / 1000 + 1000);
	CU_ASSERT_EQUAL(rte_eth_timesync_adjust_time(bench.port, 3600000000000ll), 0);
	CU_ASSERT_EQUAL(rte_eth_timesync_read_time(bench.port, &a), 0);
	CU_ASSERT(since(&b, &a) >= 3600000000000ll);
	CU_ASSERT_EQUAL(rte_eth_timesync_disable(bench.port), 0);
	end();
}

/* A PTP event message over Ethernet is stamped as it comes and as it goes. */
static void ptp_is_stamped(void)
{
	static uint8_t frame[64], got[FRAME_MAX];
	struct timespec before, after, rx, tx;
	struct rte_mbuf *packet;

	begin("82599", EXACT, &plain);
	CU_ASSERT_EQUAL(rte_eth_timesync_enable(bench.port), 0);
	frame_plain(frame, 64);
	weir_store_be16(frame + 12, 0x88f7);
	/* Sync, of version 2. */
	frame[14] = 0;
	frame[15] = 2;
	CU_ASSERT(rte_eth_timesync_read_rx_timestamp(bench.port, &rx, 0) < 0);
	CU_ASSERT_EQUAL(rte_eth_timesync_read_time(bench.port, &before), 0);
	arrive(frame, 64);
	CU_ASSERT_EQUAL(receive_one(0, got), 64);
	CU_ASSERT_EQUAL(rte_eth_timesync_read_time(bench.port, &after), 0);
	CU_ASSERT_EQUAL(rte_eth_timesync_read_rx_timestamp(bench.port, &rx, 0), 0);
	CU_ASSERT(since(&before, &rx) >= 0 && since(&rx, &after) >= 0);
	packet = pmd_packet(&bench.pmd, frame, 64);
	packet->ol_flags |= RTE_MBUF_F_TX_IEEE1588_TMST;
	CU_ASSERT_EQUAL(pmd_send(&bench.pmd, 0, &packet, 1), 1);
	CU_ASSERT(departs(frame, 64));
	/* Debian builds the driver without the part that asks for a stamp, so there is none. */
	CU_ASSERT(rte_eth_timesync_read_tx_timestamp(bench.port, &tx) < 0);
	CU_ASSERT_EQUAL(rte_eth_timesync_disable(bench.port), 0);
	end();
}

/* --- pauses ------------------------------------------------------------------------------------------------------- */

static size_t pause_frame(uint8_t *frame, uint16_t quanta)
{
	static const uint8_t head[18] = { 0x01, 0x80, 0xc2, 0x00, 0x00, 0x01, 0x02, 0,
		                          0,    0,    0,    2,    0x88, 0x08, 0x00, 0x01 };

	memset(frame, 0, 60);
	memcpy(frame, head, sizeof(head));
	weir_store_be16(frame + 16, quanta);
	return 60;
}

static void pauses_are_obeyed(void)
{
	struct rte_eth_fc_conf control = { 0 };
	uint8_t frame[64], got[FRAME_MAX];
	struct rte_mbuf *packet;

	begin("82599", EXACT, &plain);
	CU_ASSERT_EQUAL(rte_eth_dev_flow_ctrl_get(bench.port, &control), 0);
	control.mode = RTE_ETH_FC_FULL;
	control.high_water = 0x60;
	control.low_water = 0x40;
	control.pause_time = 0x680;
	control.send_xon = 1;
	control.autoneg = 0;
	CU_ASSERT_EQUAL(rte_eth_dev_flow_ctrl_set(bench.port, &control), 0);
	memset(&control, 0, sizeof(control));
	CU_ASSERT_EQUAL(rte_eth_dev_flow_ctrl_get(bench.port, &control), 0);
	CU_ASSERT_EQUAL(control.mode, RTE_ETH_FC_FULL);
	CU_ASSERT_EQUAL(control.high_water, 0x60);
	arrive(frame, pause_frame(frame, 0xffff)); /* 3 ms, again and again */
	run();
	packet = pmd_packet(&bench.pmd, frame, frame_plain(frame, 60));
	arrive(got, pause_frame(got, 0xffff));
	CU_ASSERT_EQUAL(pmd_send(&bench.pmd, 0, &packet, 1), 1);
	arrive(got, pause_frame(got, 0)); /* and on */
	CU_ASSERT(departs(frame, 60));
	CU_ASSERT_EQUAL(receive_one(0, got), 0); /* it is for the card only */
	CU_ASSERT_EQUAL(xstat("rx_flow_control_xoff_packets"), 2);
	CU_ASSERT_EQUAL(xstat("rx_flow_control_xon_packets"), 1);
	control.mode = RTE_ETH_FC_NONE;
	CU_ASSERT_EQUAL(rte_eth_dev_flow_ctrl_set(bench.port, &control), 0);
	CU_ASSERT_EQUAL(rte_eth_dev_flow_ctrl_get(bench.port, &control), 0);
	CU_ASSERT_EQUAL(control.mode, RTE_ETH_FC_NONE);
	end();
}

/* --- what is on the card ------------------------------------------------------------------------------------------ */

static void the_eeprom_is_read(void)
{
	uint16_t words[64], sum = 0;
	struct rte_dev_eeprom_info eeprom = { .data = words, .offset = 0, .length = sizeof(words) };

	bench_open("82599", EXACT);
	CU_ASSERT_EQUAL(rte_eth_dev_get_eeprom_length(bench.port), 16384);
	CU_ASSERT_EQUAL(rte_eth_dev_get_eeprom(bench.port, &eeprom), 0);
	CU_ASSERT_EQUAL(eeprom.magic, 0x10fb8086);
	/* Words 00 to 3f and the sections that 03 to 0e point to, which is none. */
	for (unsigned i = 0; i < 64; i++) {
		sum = (uint16_t)(sum + words[i]);
		if (i >= 3 && i < 15)
			CU_ASSERT(words[i] == 0xffff || words[i] == 0);
	}
	CU_ASSERT_EQUAL(sum, 0xbaba);
	eeprom.offset = 0x80;
	eeprom.length = 4;
	words[0] = 0x1234;
	words[1] = 0x5678;
	eeprom.magic = 0x10fb8086;
	CU_ASSERT_EQUAL(rte_eth_dev_set_eeprom(bench.port, &eeprom), 0);
	memset(words, 0, sizeof(words));
	CU_ASSERT_EQUAL(rte_eth_dev_get_eeprom(bench.port, &eeprom), 0);
	CU_ASSERT_EQUAL(words[0], 0x1234);
	CU_ASSERT_EQUAL(words[1], 0x5678);
	bench_close();
}

static void the_module_is_read(void)
{
	uint8_t bytes[RTE_ETH_MODULE_SFF_8472_LEN] = { 0 }, sum = 0;
	struct rte_eth_dev_module_info info;
	struct rte_dev_eeprom_info eeprom = { .data = bytes, .offset = 0 };

	bench_open("82599", EXACT);
	CU_ASSERT_EQUAL(rte_eth_dev_get_module_info(bench.port, &info), 0);
	CU_ASSERT_EQUAL(info.type, RTE_ETH_MODULE_SFF_8472);
	eeprom.length = 96;
	CU_ASSERT_EQUAL(rte_eth_dev_get_module_eeprom(bench.port, &eeprom), 0);
	CU_ASSERT_EQUAL(bytes[0], 0x03);        /* SFP (SFF-8472, table 5-1) */
	CU_ASSERT_EQUAL(bytes[3] & 0x10, 0x10); /* 10GBASE-SR */
	for (unsigned i = 0; i < 63; i++)
		sum = (uint8_t)(sum + bytes[i]);
	CU_ASSERT_EQUAL(sum, bytes[63]);             /* CC_BASE */
	eeprom.offset = RTE_ETH_MODULE_SFF_8079_LEN; /* and then its diagnostics */
	CU_ASSERT_EQUAL(rte_eth_dev_get_module_eeprom(bench.port, &eeprom), 0);
	sum = 0;
	for (unsigned i = 0; i < 95; i++)
		sum = (uint8_t)(sum + bytes[i]);
	CU_ASSERT_EQUAL(sum, bytes[95]); /* CC_DMI */
	bench_close();
}

/* The driver's list is that of several cards, and has some registers that these do not. */
static void registers_are_dumped(void)
{
	static const char *const models[] = { "82599", "x540" };
	struct rte_dev_reg_info info;

	for (unsigned i = 0; i < 2; i++) {
		begin(models[i], EXACT, &plain);
		bench.known = "where there is no register";
		memset(&info, 0, sizeof(info));
		CU_ASSERT_EQUAL(rte_eth_dev_get_reg_info(bench.port, &info), 0);
		CU_ASSERT(info.length > 1000);
		info.data = calloc(info.length, info.width);
		CU_ASSERT_EQUAL(rte_eth_dev_get_reg_info(bench.port, &info), 0);
		CU_ASSERT_EQUAL(((uint32_t *)info.data)[1], weir_sim_peek(bench.nic, IXGBE_STATUS));
		free(info.data);
		a_frame_passes();
		end();
	}
}

static void the_led_is_lit(void)
{
	uint32_t before;

	begin("82599", EXACT, &plain);
	before = weir_sim_peek(bench.nic, IXGBE_LEDCTL);
	CU_ASSERT_EQUAL(rte_eth_led_on(bench.port), 0);
	CU_ASSERT_NOT_EQUAL(weir_sim_peek(bench.nic, IXGBE_LEDCTL), before);
	CU_ASSERT_EQUAL(rte_eth_led_off(bench.port), 0);
	end();
}

int main(void)
{
	static const struct unit_case cases[] = {
		{ "everything is counted", everything_is_counted },
		{ "what nobody fetches is missed", what_nobody_fetches_is_missed },
		{ "the MTU changes", the_mtu_changes },
		{ "the clock runs", the_clock_runs },
		{ "PTP is stamped", ptp_is_stamped },
		{ "pauses are obeyed", pauses_are_obeyed },
		{ "the EEPROM is read", the_eeprom_is_read },
		{ "the module is read", the_module_is_read },
		{ "registers are dumped", registers_are_dumped },
		{ "the LED is lit", the_led_is_lit },
		{ NULL, NULL },
	};
	int err = eal_start();

	return err ? err : unit_run("DPDK's control", cases);
}
