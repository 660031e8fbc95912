/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a gigabit card can be told and asked beside filters: pauses, events, a light, registers, counters. On the models.
 */
#include "gigabit_sim.h"

#include "weir/device.h"

const struct weir_driver *const weir_drivers[] = { &plain_driver, &sim_bus };
const unsigned weir_driver_count = 2;

static const char *const models[] = { "82540EM,mac=02:00:00:00:00:01", "82574L,mac=02:00:00:00:00:01",
	                              "82576,mac=02:00:00:00:00:01" };
#define MODELS (sizeof(models) / sizeof(models[0]))

#define OWN "\2\0\0\0\0\1"

/* Registers by number, so that a mistake in lib/regs shows (317453, 13.4). */
#define AT_CTRL  0x00000u
#define AT_FCTTV 0x00170u
#define AT_FCRTL 0x02160u
#define AT_FCRTH 0x02168u
#define OBEYS    0x08000000u
#define ASKS     0x10000000u

static uint32_t pauses_in_force(void)
{
	return weir_sim_peek(card, AT_CTRL) & (OBEYS | ASKS);
}

/* The partner of the models' PHYs offers all kinds of pauses. */
static void pauses_are_negotiated(void)
{
	struct weir_flow_control flow;

	for (unsigned i = 0; i < MODELS; i++) {
		begin_started(models[i]);
		CU_ASSERT_EQUAL(pauses_in_force(), 0);
		flow = (struct weir_flow_control){ .negotiate = true, .obey = true, .ask = true };
		CU_ASSERT_EQUAL(weir_port_set_flow_control(port, &flow), 0);
		run();
		CU_ASSERT_EQUAL(weir_port_flow_control(port, &flow), 0);
		CU_ASSERT(flow.obeying && flow.asking);
		CU_ASSERT_EQUAL(pauses_in_force(), OBEYS | ASKS);
		flow = (struct weir_flow_control){ .negotiate = true, .ask = true };
		CU_ASSERT_EQUAL(weir_port_set_flow_control(port, &flow), 0);
		run();
		CU_ASSERT_EQUAL(weir_port_flow_control(port, &flow), 0);
		CU_ASSERT(!flow.obeying && flow.asking);
		CU_ASSERT_EQUAL(pauses_in_force(), ASKS);
		end();
	}
}

static void pauses_may_be_just_so(void)
{
	struct weir_flow_control flow = { .obey = true };

	for (unsigned i = 0; i < MODELS; i++) {
		begin_started(models[i]);
		CU_ASSERT_EQUAL(weir_port_set_flow_control(port, &flow), 0);
		CU_ASSERT_EQUAL(pauses_in_force(), OBEYS);
		CU_ASSERT_EQUAL(weir_sim_peek(card, AT_FCRTH), 0);
		CU_ASSERT_EQUAL(weir_port_stop(port), 0);
		CU_ASSERT_EQUAL(weir_port_start(port), 0);
		CU_ASSERT_EQUAL(pauses_in_force(), OBEYS);
		end();
	}
}

/* 48, 32 and 64 KiB of packet buffer; a frame has up to 1,522 bytes: nine tenths, in steps of 8. */
static void marks_follow_from_the_packet_buffer(void)
{
	static const uint32_t high[MODELS] = { 36864, 18432, 58976 }, size[MODELS] = { 40960, 20480, 65536 };
	struct weir_flow_control flow;

	for (unsigned i = 0; i < MODELS; i++) {
		begin_started(models[i]);
		flow = (struct weir_flow_control){ .ask = true };
		CU_ASSERT_EQUAL(weir_port_set_flow_control(port, &flow), 0);
		CU_ASSERT_EQUAL(weir_port_flow_control(port, &flow), 0);
		CU_ASSERT_EQUAL(flow.high, high[i]);
		CU_ASSERT(flow.low < flow.high && flow.low > flow.high / 2);
		CU_ASSERT_EQUAL(flow.pause_time, 0xffff);
		CU_ASSERT_EQUAL(weir_sim_peek(card, AT_FCRTH), high[i]);
		CU_ASSERT_EQUAL(weir_sim_peek(card, AT_FCTTV), 0xffff);
		flow = (struct weir_flow_control){ .ask = true, .high = 16000, .low = 8000, .pause_time = 0x1234 };
		CU_ASSERT_EQUAL(weir_port_set_flow_control(port, &flow), 0);
		CU_ASSERT_EQUAL(weir_sim_peek(card, AT_FCRTH), 16000);
		CU_ASSERT_EQUAL(weir_sim_peek(card, AT_FCRTL) & 0xffff, 8000);
		CU_ASSERT_EQUAL(weir_sim_peek(card, AT_FCTTV), 0x1234);
		flow.high = size[i] + 8;
		CU_ASSERT_EQUAL(weir_port_set_flow_control(port, &flow), -EINVAL);
		end();
	}
}

static void the_link_is_an_event(void)
{
	uint32_t events;

	for (unsigned i = 0; i < MODELS; i++) {
		begin_started(models[i]);
		CU_ASSERT_EQUAL(weir_port_events(port, &events), 0);
		CU_ASSERT_EQUAL(events, WEIR_EVENT_LINK); /* it is up */
		CU_ASSERT_EQUAL(weir_port_events(port, &events), 0);
		CU_ASSERT_EQUAL(events, 0);
		weir_sim_link(card, false);
		weir_sim_link(card, true);
		run();
		CU_ASSERT_EQUAL(weir_port_events(port, &events), 0);
		CU_ASSERT_EQUAL(events, WEIR_EVENT_LINK); /* it fell and came back */
		end();
	}
}

static void the_link_has_the_cables_speed(void)
{
	struct weir_link link;
	char text[80];

	for (unsigned i = 0; i < MODELS; i++) {
		snprintf(text, sizeof(text), "%s,link=100", models[i]);
		begin_started(text);
		CU_ASSERT_EQUAL(weir_port_link(port, &link), 0);
		CU_ASSERT(link.up);
		CU_ASSERT_EQUAL(link.mbps, 100);
		end();
	}
}

/* Of four bytes, one a LED: mode 2 is "link up", 14 "on"; bit 7 blinks (317453, 13.4.15). */
static void a_light_blinks_and_is_as_before(void)
{
	static const uint32_t before[MODELS] = { 0x07068302, 0x07061302, 0x07061302 };

	for (unsigned i = 0; i < MODELS; i++) {
		begin(models[i]);
		CU_ASSERT_EQUAL(weir_port_identify(port, true), 0);
		CU_ASSERT_EQUAL(weir_sim_peek(card, 0x00e00), (before[i] & 0xffffff00) | 0x8e);
		CU_ASSERT_EQUAL(weir_port_identify(port, true), 0);
		CU_ASSERT_EQUAL(weir_port_identify(port, false), 0);
		CU_ASSERT_EQUAL(weir_sim_peek(card, 0x00e00), before[i]);
		end();
	}
}

/* All of them, without the card's objecting (end()), and without taking anything away. */
static void registers_are_read_without_a_trace(void)
{
	static const char *const only[MODELS] = { "RSRPD", "EITR[4]", "EITR[24]" };
	static const unsigned most[MODELS] = { 1100, 1700, 4200 };
	struct weir_register reg;

	for (unsigned i = 0; i < MODELS; i++) {
		bool control = false, causes = false, own = false;
		unsigned n = 0;

		begin_started(models[i]);
		CU_ASSERT(arrives(OWN, 0));
		for (; !weir_port_register(port, n, &reg); n++) {
			if (!strcmp(reg.name, "CTRL"))
				control = reg.readable && reg.value & 0x40 && !strcmp(reg.section, "13.4.1");
			if (!strcmp(reg.name, "ICR"))
				causes = !reg.readable;
			own |= !strcmp(reg.name, only[i]);
		}
		CU_ASSERT(control && causes && own);
		CU_ASSERT(n > 300 && n < most[i]);
		CU_ASSERT_EQUAL(counter("rx_good_packets"), 1);
		CU_ASSERT_EQUAL(counter("rx_65_127"), 1);
		end();
	}
}

/* A frame of 64 bytes has 68 with its CRC. */
static void counters_add_up(void)
{
	struct weir_port_stats stats;

	for (unsigned i = 0; i < MODELS; i++) {
		begin_started(models[i]);
		for (unsigned j = 1; j <= 3; j++) {
			CU_ASSERT(arrives(OWN, 0));
			CU_ASSERT_EQUAL(counter("rx_good_packets"), j);
			CU_ASSERT_EQUAL(counter("rx_good_bytes"), 68 * j);
		}
		CU_ASSERT_EQUAL(counter("rx_65_127"), 3);
		CU_ASSERT(arrives("\xff\xff\xff\xff\xff\xff", 0));
		CU_ASSERT_EQUAL(counter("rx_broadcast"), 1);
		weir_sim_fault(card, WEIR_SIM_RX_CRC, 0, 2);
		CU_ASSERT(!arrives(OWN, 0));
		CU_ASSERT(!arrives(OWN, 0));
		weir_port_stats(port, &stats);
		CU_ASSERT_EQUAL(stats.rx.drops[WEIR_DROP_CRC], 2);
		CU_ASSERT_EQUAL(counter("crc_errors"), 2);
		end();
	}
}

static const struct unit_case cases[] = {
	{ "pauses are negotiated", pauses_are_negotiated },
	{ "pauses may be just so", pauses_may_be_just_so },
	{ "marks follow from the packet buffer", marks_follow_from_the_packet_buffer },
	{ "the link is an event", the_link_is_an_event },
	{ "the link has the cable's speed", the_link_has_the_cables_speed },
	{ "a light blinks and is as before", a_light_blinks_and_is_as_before },
	{ "registers are read without a trace", registers_are_read_without_a_trace },
	{ "counters add up", counters_add_up },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("gigabit_control", cases);
}
