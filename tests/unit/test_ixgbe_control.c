/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a started ixgbe port can be told: pauses, its MTU; and the X540, whose copper PHY is on MDIO. On the models.
 */
#include "ixgbe_sim.h"

#include "regs/ixgbe.h"
#include "regs/ixgbe_bits.h"
#include "sentences.h"
#include "weir/device.h"
#include "weir/filter.h"

/* Fetches what is received until nothing comes. Returns how many packets. */
static unsigned drain(void)
{
	struct weir_pkt pkts[32];
	unsigned n, all = 0;

	for (;;) {
		n = receive(rxq, pkts, 32);
		weir_pool_free(cache, pkts, n);
		all += n;
		if (!n)
			return all;
	}
}

/* The last pause that the card has sent: its time, or -1. */
static int pause_sent(void)
{
	static const uint8_t begin[6] = { 0x01, 0x80, 0xc2, 0x00, 0x00, 0x01 };
	uint8_t frame[1600];
	int time = -1;

	while (weir_sim_take(nic, frame, sizeof(frame)) > 0)
		if (!memcmp(frame, begin, 6) && !memcmp(frame + 12, "\x88\x08\0\1", 4))
			time = weir_load_be16(frame + 16);
	return time;
}

/* --- pauses ------------------------------------------------------------------------------------------------------------------ */

static void a_buffer_that_fills_up_asks_for_a_pause(void)
{
	struct weir_flow_control flow = { .ask = true, .pause_time = 0x1234, .high = 40000, .low = 20000 };
	struct weir_port_conf conf = { .rx_slots = 64 };
	uint8_t frame[1514];
	unsigned len, received;

	begin(&conf);
	CU_ASSERT_EQUAL(weir_port_set_flow_control(port, &flow), 0);
	len = make_udp(frame, 1, 1400);
	for (unsigned i = 0; i < 20; i++)
		CU_ASSERT_EQUAL(weir_sim_send(nic, frame, len), 0);
	run();
	CU_ASSERT_EQUAL(pause_sent(), -1);
	for (unsigned i = 0; i < 80; i++)
		CU_ASSERT_EQUAL(weir_sim_send(nic, frame, len), 0);
	run();
	CU_ASSERT_EQUAL(pause_sent(), 0x1234);
	received = drain();
	CU_ASSERT_EQUAL(received, 100);
	CU_ASSERT_EQUAL(pause_sent(), 0); /* go on */
	CU_ASSERT(counter("tx_xoff") >= 1);
	CU_ASSERT_EQUAL(counter("tx_xon"), 1);
	end();
}

/* A pause of the longest time, and one of none. */
static void a_pause_is_obeyed_if_that_was_asked_for(void)
{
	uint8_t pause[60] = { 0x01, 0x80, 0xc2, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0x08, 0, 1, 0xff, 0xff };
	struct weir_flow_control flow = { .obey = true };
	struct weir_port_conf conf = { 0 };
	uint8_t frame[128];
	struct weir_pkt pkt;
	unsigned len;

	begin(&conf);
	len = make_udp(frame, 1, 40);
	CU_ASSERT_EQUAL(weir_sim_send(nic, pause, 60), 0); /* not obeyed yet */
	run();
	pkt = make_pkt(frame, len);
	CU_ASSERT_EQUAL(weir_tx(txq, &pkt, 1), 1);
	run();
	CU_ASSERT_EQUAL(weir_sim_take(nic, frame, sizeof(frame)), (int)len);
	CU_ASSERT_EQUAL(weir_port_set_flow_control(port, &flow), 0);
	CU_ASSERT_EQUAL(weir_sim_send(nic, pause, 60), 0);
	run();
	CU_ASSERT_EQUAL(counter("rx_xoff"), 1);
	pause[16] = pause[17] = 0;
	CU_ASSERT_EQUAL(weir_sim_send(nic, pause, 60), 0);
	run();
	CU_ASSERT_EQUAL(counter("rx_xon"), 1);
	pkt = make_pkt(frame, len);
	CU_ASSERT_EQUAL(weir_tx(txq, &pkt, 1), 1);
	run();
	CU_ASSERT_EQUAL(weir_sim_take(nic, frame, sizeof(frame)), (int)len);
	CU_ASSERT_EQUAL(drain(), 0); /* pauses are nobody's packets */
	end();
}

/* On fibre nothing is negotiated, on copper both sides have to agree: the model's partner does to nothing. */
static void what_is_negotiated_depends_on_the_medium(void)
{
	struct weir_flow_control flow = { .negotiate = true, .obey = true, .ask = true };
	struct weir_port_conf conf = { 0 };

	begin(&conf);
	CU_ASSERT_EQUAL(weir_port_set_flow_control(port, &flow), 0);
	CU_ASSERT_EQUAL(weir_port_flow_control(port, &flow), 0);
	CU_ASSERT(flow.obeying && flow.asking);
	end();
	begin_on("sim:x540,wire=hold", &conf);
	run();
	CU_ASSERT_EQUAL(weir_port_set_flow_control(port, &flow), 0);
	CU_ASSERT_EQUAL(weir_port_flow_control(port, &flow), 0);
	CU_ASSERT(flow.negotiate && flow.obey && flow.ask);
	CU_ASSERT(!flow.obeying && !flow.asking);
	flow.negotiate = false;
	CU_ASSERT_EQUAL(weir_port_set_flow_control(port, &flow), 0);
	CU_ASSERT_EQUAL(weir_port_flow_control(port, &flow), 0);
	CU_ASSERT(flow.obeying && flow.asking);
	end();
}

/* Two cards on a cable, and what either wants. */
static void cards_agree_on_pauses(const char *one, const char *two)
{
	struct weir_flow_control mine = { .negotiate = true, .obey = true, .ask = true }, theirs = mine;
	struct weir_port_conf conf = { 0 };
	struct weir_port *other;

	open_port(one, &conf);
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, two, &conf, &other), 0);
	CU_ASSERT_EQUAL(weir_port_start(port), 0);
	CU_ASSERT_EQUAL(weir_port_start(other), 0);
	run();
	CU_ASSERT_EQUAL(weir_port_set_flow_control(port, &mine), 0);
	weir_port_flow_control(port, &mine);
	CU_ASSERT(!mine.obeying && !mine.asking); /* the other card has offered nothing */
	CU_ASSERT_EQUAL(weir_port_set_flow_control(other, &theirs), 0);
	run();
	weir_sim_link(nic, false); /* once more from the beginning */
	run();
	weir_port_flow_control(port, &mine);
	weir_port_flow_control(other, &theirs);
	weir_sim_link(nic, true);
	run();
	weir_port_flow_control(port, &mine);
	weir_port_flow_control(other, &theirs);
	CU_ASSERT(mine.obeying && mine.asking && theirs.obeying && theirs.asking);
	theirs.ask = false;
	CU_ASSERT_EQUAL(weir_port_set_flow_control(other, &theirs), 0);
	mine.obey = false;
	CU_ASSERT_EQUAL(weir_port_set_flow_control(port, &mine), 0);
	CU_ASSERT_EQUAL(weir_port_set_flow_control(other, &theirs), 0);
	weir_port_flow_control(port, &mine);
	weir_port_flow_control(other, &theirs);
	CU_ASSERT(!mine.obeying && mine.asking && theirs.obeying && !theirs.asking);
	CU_ASSERT_EQUAL(weir_port_close(other), 0);
	end();
}

static void copper_agrees_on_pauses(void)
{
	cards_agree_on_pauses("sim:x540,wire=pair:1", "sim:x540,wire=pair:0");
}

static void backplanes_agree_on_pauses(void)
{
	cards_agree_on_pauses("sim:82599-kx4,wire=pair:1", "sim:82599-kx4,wire=pair:0");
}

/* --- the MTU ----------------------------------------------------------------------------------------------------------------- */

/* Whether a frame of @len bytes arrives, with the port started. */
static bool fits(unsigned len)
{
	uint8_t frame[2048];

	make_udp(frame, 1, len - 42);
	CU_ASSERT_EQUAL(weir_sim_send(nic, frame, len), 0);
	return drain() == 1;
}

static void the_mtu_changes_while_packets_arrive(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_port_info info;

	begin(&conf);
	CU_ASSERT(fits(1514));
	CU_ASSERT(!fits(1515));
	CU_ASSERT_EQUAL(weir_port_set_mtu(port, 1900), 0);
	CU_ASSERT(fits(1914));
	CU_ASSERT(!fits(1915));
	CU_ASSERT_EQUAL(weir_port_set_mtu(port, 576), 0);
	CU_ASSERT(fits(590));
	CU_ASSERT(!fits(1900));
	CU_ASSERT_EQUAL(weir_port_set_mtu(port, 9000), -EBUSY);
	CU_ASSERT(error_says("takes 5 buffers instead of 1; stop the port first"));
	CU_ASSERT_EQUAL(weir_port_set_mtu(port, 67), -EINVAL);
	CU_ASSERT_EQUAL(weir_port_set_mtu(port, 9711), -EINVAL);
	CU_ASSERT(error_says("an MTU of 9711 is out of range; it takes 68 to 9710"));
	weir_port_info(port, &info);
	CU_ASSERT_EQUAL(info.mtu, 576);
	CU_ASSERT_EQUAL(weir_port_set_mtu(port, 1500), 0);
	CU_ASSERT(fits(1514));
	end();
}

/* --- the X540 ------------------------------------------------------------------------------------------------------------------ */

static void copper_carries_packets_both_ways(void)
{
	struct weir_port_conf conf = { .mtu = 9000, .offloads = WEIR_OFFLOAD_RX_CSUM };
	struct weir_port_info info;
	struct weir_link link;
	struct weir_pkt pkts[32];
	uint8_t frame[9100], taken[9100];
	unsigned n;

	begin_on("sim:x540,mac=02:11:22:33:44:55,wire=hold", &conf);
	weir_port_info(port, &info);
	CU_ASSERT_EQUAL(memcmp(info.mac, "\2\x11\x22\x33\x44\x55", 6), 0);
	run();
	CU_ASSERT_EQUAL(weir_port_link(port, &link), 0);
	CU_ASSERT(link.up && link.full_duplex);
	CU_ASSERT_EQUAL(link.mbps, 10000);
	for (unsigned len = 60; len <= 9014; len += 199) {
		make_udp(frame, len, len - 42);
		CU_ASSERT_EQUAL(weir_sim_send(nic, frame, len), 0);
		n = receive(rxq, pkts, 32);
		CU_ASSERT_EQUAL_FATAL(n, (len + 2047) / 2048);
		CU_ASSERT(same(pkts, n, frame, len));
		CU_ASSERT(pkts->flags & WEIR_PKT_L4_GOOD);
		CU_ASSERT_EQUAL(weir_tx(txq, pkts, n), n);
		run();
		CU_ASSERT_EQUAL_FATAL(weir_sim_take(nic, taken, sizeof(taken)), (int)len);
		CU_ASSERT_EQUAL(memcmp(frame, taken, len), 0);
	}
	CU_ASSERT_EQUAL(counter("rx_good_packets"), 45);
	CU_ASSERT_EQUAL(counter("tx_good_packets"), 45);
	end();
}

/* A link of 1 Gbit/s: a backplane and copper settle on that, a module of 10 Gbit/s does not. */
static void a_link_may_be_slower(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_port *other;
	struct weir_link link;

	open_port("sim:x540,link=1000,wire=pair:1", &conf);
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "sim:82599-kx4,link=1000,wire=pair:0", &conf, &other), 0);
	CU_ASSERT_EQUAL(weir_port_start(port), 0);
	CU_ASSERT_EQUAL(weir_port_start(other), 0);
	run();
	CU_ASSERT_EQUAL(weir_port_link(port, &link), 0);
	CU_ASSERT(link.up);
	CU_ASSERT_EQUAL(link.mbps, 1000);
	CU_ASSERT_EQUAL(weir_port_link(other, &link), 0);
	CU_ASSERT(link.up);
	CU_ASSERT_EQUAL(link.mbps, 1000);
	CU_ASSERT_EQUAL(weir_port_close(other), 0);
	end();
	begin_on("sim:82599,link=1000,wire=hold", &conf);
	run();
	CU_ASSERT_EQUAL(weir_port_link(port, &link), 0);
	CU_ASSERT(!link.up);
	end();
}

/* All of filter.h does on the X540, too. */
static void copper_filters_as_fibre_does(void)
{
	static const uint8_t mac[6] = { 2, 9, 9, 9, 9, 9 };
	struct weir_filter f = { .match = WEIR_MATCH_IPV4 | WEIR_MATCH_PROTOCOL | WEIR_MATCH_SRC_PORT,
		                 .protocol = WEIR_IP_UDP,
		                 .src_port = 0x1200,
		                 .src_port_mask = 0xff00,
		                 .queue = 1 };
	struct weir_port_conf conf = { .rx_queues = 2 };
	struct weir_rss none = { 0 };
	struct weir_pkt pkts[4];
	uint8_t frame[128];
	unsigned len;

	begin_on("sim:x540,wire=hold", &conf);
	CU_ASSERT_EQUAL(weir_port_set_rss(port, &none), 0);
	CU_ASSERT_EQUAL(weir_port_add_mac(port, mac), 0);
	CU_ASSERT_EQUAL(weir_port_add_filter(port, &f, NULL), 0);
	len = make_udp(frame, 0x1234, 20);
	memcpy(frame, mac, 6);
	CU_ASSERT_EQUAL(weir_sim_send(nic, frame, len), 0);
	CU_ASSERT_EQUAL(receive(weir_port_rxq(port, 1), pkts, 4), 1);
	weir_pool_free(cache, pkts, 1);
	len = make_udp(frame, 0x1334, 20);
	CU_ASSERT_EQUAL(weir_sim_send(nic, frame, len), 0);
	CU_ASSERT_EQUAL(receive(weir_port_rxq(port, 0), pkts, 4), 1);
	weir_pool_free(cache, pkts, 1);
	end();
}

static const struct unit_case cases[] = {
	{ "a buffer that fills up asks for a pause", a_buffer_that_fills_up_asks_for_a_pause },
	{ "a pause is obeyed if that was asked for", a_pause_is_obeyed_if_that_was_asked_for },
	{ "what is negotiated depends on the medium", what_is_negotiated_depends_on_the_medium },
	{ "copper agrees on pauses", copper_agrees_on_pauses },
	{ "backplanes agree on pauses", backplanes_agree_on_pauses },
	{ "the MTU changes while packets arrive", the_mtu_changes_while_packets_arrive },
	{ "copper carries packets both ways", copper_carries_packets_both_ways },
	{ "a link may be slower", a_link_may_be_slower },
	{ "copper filters as fibre does", copper_filters_as_fibre_does },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("ixgbe_control", cases);
}
