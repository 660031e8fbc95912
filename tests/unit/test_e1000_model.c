/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The e1000 driver on the models of its cards, as a program uses it: through port specs and packets, over vfio-user.
 * Nothing that the driver does may be what the datasheet forbids.
 */
#include "e1000_sim.h"

/* --- opening ---------------------------------------------------------------------------------------------------------------- */

static void a_port_tells_what_it_is(void)
{
	static const uint8_t mac[6] = { 0x02, 0x11, 0x22, 0x33, 0x44, 0x55 };
	struct weir_port_conf conf = { 0 };
	struct weir_port_info info;
	struct weir_link link;

	begin_on("sim:82574L,mac=02:11:22:33:44:55,wire=hold", &conf);
	weir_port_info(port, &info);
	CU_ASSERT_STRING_EQUAL(info.driver, "e1000");
	CU_ASSERT_EQUAL(memcmp(info.mac, mac, 6), 0);
	CU_ASSERT_EQUAL(info.mtu, 1500);
	CU_ASSERT_EQUAL(info.rx_queues_max, 2);
	CU_ASSERT_PTR_NOT_NULL(strstr(info.variant, "extended"));
	run();
	CU_ASSERT_EQUAL(weir_port_link(port, &link), 0);
	CU_ASSERT(link.up);
	CU_ASSERT_EQUAL(link.mbps, 1000);
	weir_sim_link(nic, false);
	run();
	weir_port_link(port, &link);
	CU_ASSERT(!link.up);
	weir_sim_link(nic, true);
	run();
	weir_port_link(port, &link);
	CU_ASSERT(link.up);
	end();
}

/* --- packets ---------------------------------------------------------------------------------------------------------------- */

static void frames_arrive_as_they_were_sent(void)
{
	for (unsigned i = 0; i < CARDS; i++) {
		struct weir_port_conf conf = { 0 };
		struct weir_pkt pkts[32];
		uint8_t frame[1518];

		begin(i, &conf);
		for (unsigned len = 60; len <= 1514; len++) {
			make_udp(frame, len, len - 42);
			CU_ASSERT_EQUAL(weir_sim_send(nic, frame, len), 0);
			CU_ASSERT_EQUAL_FATAL(receive(rxq, pkts, 32), 1);
			CU_ASSERT(same(pkts, 1, frame, len));
			weir_pool_free(cache, pkts, 1);
		}
		CU_ASSERT_EQUAL(counter("rx_good_packets"), 1455);
		CU_ASSERT_EQUAL(counter("rx_good_bytes"), (60 + 1514) * 1455 / 2 + 4 * 1455);
		end();
	}
}

static void packets_leave_as_they_were_given(void)
{
	for (unsigned i = 0; i < CARDS; i++) {
		struct weir_port_conf conf = { 0 };
		uint8_t frame[2048], taken[2048];

		begin(i, &conf);
		for (unsigned len = 60; len <= 1514; len++) {
			struct weir_pkt pkt;

			make_udp(frame, len, len - 42);
			pkt = make_pkt(frame, len);
			CU_ASSERT_EQUAL(weir_tx(txq, &pkt, 1), 1);
			run();
			CU_ASSERT_EQUAL_FATAL(weir_sim_take(nic, taken, sizeof(taken)), (int)len);
			CU_ASSERT_EQUAL(memcmp(frame, taken, len), 0);
		}
		CU_ASSERT_EQUAL(weir_sim_take(nic, taken, sizeof(taken)), 0);
		CU_ASSERT_EQUAL(counter("tx_good_packets"), 1455);
		end();
	}
}

static void jumbo_frames_pass_both_ways_in_chains(void)
{
	for (unsigned i = 0; i < CARDS; i++) {
		struct weir_port_conf conf = { .mtu = 9000 };
		struct weir_pkt pkts[32];
		uint8_t frame[9100], taken[9100];
		unsigned n;

		begin(i, &conf);
		for (unsigned len = 2000; len <= 9014; len += 7) {
			make_udp(frame, len, len - 42);
			CU_ASSERT_EQUAL(weir_sim_send(nic, frame, len), 0);
			n = receive(rxq, pkts, 32);
			CU_ASSERT_EQUAL_FATAL(n, (len + 2047) / 2048);
			CU_ASSERT(same(pkts, n, frame, len));
			CU_ASSERT_EQUAL(weir_tx(txq, pkts, n), n);
			run();
			CU_ASSERT_EQUAL_FATAL(weir_sim_take(nic, taken, sizeof(taken)), (int)len);
			CU_ASSERT_EQUAL(memcmp(frame, taken, len), 0);
		}
		/* These cards know no longest frame below 16 KiB: the driver does. */
		make_udp(frame, 1, 9019 - 42);
		weir_sim_send(nic, frame, 9019);
		CU_ASSERT_EQUAL(receive(rxq, pkts, 32), 0);
		CU_ASSERT_EQUAL(rx_drops(WEIR_DROP_TOO_LONG), 1);
		end();
	}
}

static void a_port_starts_again(void)
{
	for (unsigned i = 0; i < CARDS; i++) {
		struct weir_port_conf conf = { 0 };
		uint8_t frame[128], taken[128];
		struct weir_pkt pkts[4];

		begin(i, &conf);
		for (unsigned j = 0; j < 3; j++) {
			make_udp(frame, j, 40);
			weir_sim_send(nic, frame, 82);
			CU_ASSERT_EQUAL_FATAL(receive(rxq, pkts, 4), 1);
			CU_ASSERT(same(pkts, 1, frame, 82));
			CU_ASSERT_EQUAL(weir_tx(txq, pkts, 1), 1);
			run();
			CU_ASSERT_EQUAL(weir_sim_take(nic, taken, sizeof(taken)), 82);
			weir_sim_send(nic, frame, 82);
			run();
			CU_ASSERT_EQUAL(weir_port_stop(port), 0);
			CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
		}
		end();
	}
}

static const struct unit_case cases[] = {
	{ "a port tells what it is", a_port_tells_what_it_is },
	{ "frames arrive as they were sent", frames_arrive_as_they_were_sent },
	{ "packets leave as they were given", packets_leave_as_they_were_given },
	{ "jumbo frames pass both ways in chains", jumbo_frames_pass_both_ways_in_chains },
	{ "a port starts again", a_port_starts_again },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("e1000_model", cases);
}
