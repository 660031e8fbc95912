/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Events of a port, and what is asked of the device rather than of its queues (weir/device.h): by the ixgbe driver, on the
 * models of the 82599 and X540.
 */
#include "line_cases.h"

#include "ixgbe_sim.h"
#include "regs/ixgbe.h"
#include "regs/ixgbe_bits.h"
#include "sentences.h"
#include "weir/device.h"

/* --- events ---------------------------------------------------------------------------------------------------------------- */

static void a_link_of_another_kind_wakes_the_program(void)
{
	static const char *const others[] = { "82599-kx4", "x540" };

	for (unsigned i = 0; i < 2; i++) {
		the_card = others[i];
		a_link_that_changes_wakes_the_program();
	}
	the_card = "82599";
}

/* Without a receive queue, and with more of them than there are vectors beside the one for events. */
static void any_number_of_queues_leaves_a_vector_for_events(void)
{
	static const unsigned queues[] = { 0, 63, 64 };

	for (unsigned i = 0; i < 3; i++) {
		struct weir_port_conf conf = { .rx_queues = queues[i], .rx_slots = 64 };
		struct weir_pkt pkt;
		uint8_t frame[60];
		int fd;

		open_port("sim:82599,wire=hold", &conf);
		if (!queues[i]) {
			weir_port_close(port);
			conf.pool = NULL;
			CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "sim:82599,wire=hold", &conf, &port), 0);
			nic = weir_sim_nic(sim, 1);
		}
		CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
		run();
		events();
		fd = weir_port_event_fd(port);
		weir_sim_link(nic, false);
		CU_ASSERT(woken(fd));
		CU_ASSERT_EQUAL(events(), WEIR_EVENT_LINK);
		if (queues[i]) { /* the last queue waits as well, and its packets are no events */
			weir_sim_link(nic, true);
			CU_ASSERT(woken(fd));
			events();
			rxq = weir_port_rxq(port, queues[i] - 1);
			CU_ASSERT_EQUAL(weir_rxq_arm(rxq), 0);
			make_udp(frame, 1, 18);
			weir_sim_fault(nic, WEIR_SIM_RX_QUEUE, queues[i] - 1, 1);
			CU_ASSERT_EQUAL(weir_sim_send(nic, frame, 60), 0);
			CU_ASSERT(woken(weir_rxq_fd(rxq)));
			CU_ASSERT_EQUAL(weir_rx(rxq, &pkt, 1), 1);
			weir_pool_free(cache, &pkt, 1);
			CU_ASSERT(!readable(fd));
		}
		end();
	}
}

static void a_device_that_fails_is_told(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_pkt pkt;
	uint8_t frame[64];

	begin(&conf);
	run();
	events();
	weir_sim_fault(nic, WEIR_SIM_DMA_ERROR, 0, 1);
	make_udp(frame, 1, 18);
	pkt = make_pkt(frame, 60);
	CU_ASSERT_EQUAL(weir_tx(txq, &pkt, 1), 1);
	CU_ASSERT(woken(weir_port_event_fd(port)));
	CU_ASSERT_EQUAL(events(), WEIR_EVENT_ERROR);
	CU_ASSERT_EQUAL(weir_port_health(port, NULL), -EIO);
	CU_ASSERT_EQUAL(events(), 0);
	end_without_looking();
}

static void ports_without_hardware_have_no_events(void)
{
	struct weir_flow_control flow = { 0 };
	struct weir_register reg;
	struct weir_eeprom eeprom;
	struct weir_module module;
	uint32_t any = 1;

	weir = open_weir();
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "null:", NULL, &port), 0);
	CU_ASSERT_EQUAL(weir_port_event_fd(port), -ENOTSUP);
	CU_ASSERT(error_says("null ports cannot tell of events"));
	CU_ASSERT_EQUAL(weir_port_events(port, &any), -ENOTSUP);
	CU_ASSERT_EQUAL(any, 0);
	CU_ASSERT_EQUAL(weir_port_set_flow_control(port, &flow), -ENOTSUP);
	CU_ASSERT_EQUAL(weir_port_flow_control(port, &flow), -ENOTSUP);
	CU_ASSERT_EQUAL(weir_port_identify(port, true), -ENOTSUP);
	CU_ASSERT_EQUAL(weir_port_register(port, 0, &reg), -ENOTSUP);
	CU_ASSERT_EQUAL(weir_port_eeprom(port, &eeprom), -ENOTSUP);
	CU_ASSERT_EQUAL(weir_port_read_eeprom(port, 0, &reg, 2), -ENOTSUP);
	CU_ASSERT_EQUAL(weir_port_module(port, &module), -ENOTSUP);
	CU_ASSERT_EQUAL(weir_port_read_module(port, 0, &reg, 2), -ENOTSUP);
	weir_port_close(port);
	weir_close(weir);
}

/* --- the device -------------------------------------------------------------------------------------------------------------- */

static void a_light_blinks_and_is_as_before(void)
{
	struct weir_port_conf conf = { 0 };
	uint32_t before;

	begin(&conf);
	before = weir_sim_peek(nic, IXGBE_LEDCTL);
	CU_ASSERT_EQUAL(weir_port_identify(port, true), 0);
	CU_ASSERT_EQUAL(weir_port_identify(port, true), 0);
	/* 0x05040100 at first, with number 2 for activity: it is on and blinks. */
	CU_ASSERT_EQUAL(weir_sim_peek(nic, IXGBE_LEDCTL), 0x058e0100);
	CU_ASSERT_EQUAL(weir_port_identify(port, false), 0);
	CU_ASSERT_EQUAL(weir_sim_peek(nic, IXGBE_LEDCTL), before);
	end();
}

static const struct weir_register *reg_named(const char *name)
{
	static struct weir_register reg;

	for (unsigned i = 0; !weir_port_register(port, i, &reg); i++)
		if (!strcmp(reg.name, name))
			return &reg;
	CU_FAIL_FATAL("no such register");
	return NULL;
}

static void registers_are_shown_by_name(void)
{
	struct weir_port_conf conf = { .rx_queues = 4 };
	struct weir_register reg;
	unsigned n = 0;

	begin(&conf);
	CU_ASSERT_EQUAL(reg_named("MAXFRS")->value >> 16, 1518);
	CU_ASSERT_EQUAL(reg_named("RDLEN[3]")->value, 512 * 16);
	CU_ASSERT_EQUAL(reg_named("RDLEN[3]")->offset, 0x10c8);
	CU_ASSERT_STRING_EQUAL(reg_named("RDLEN[3]")->section, "8.2.3.8.3");
	CU_ASSERT_STRING_EQUAL(reg_named("RDLEN[3]")->what, "receive ring's bytes");
	CU_ASSERT_EQUAL(reg_named("RDLEN[4]")->value, 0);
	CU_ASSERT(!reg_named("GPRC")->readable);
	CU_ASSERT(!reg_named("EICR")->readable);
	CU_ASSERT(!reg_named("SWSM")->readable);
	while (!weir_port_register(port, n, &reg))
		n++;
	CU_ASSERT(n > 1000);
	end();
}

/* Everything that one could lose by looking is there afterwards: counters, causes, locks, a stamp. */
static void showing_registers_changes_nothing(void)
{
	struct weir_port_conf conf = { .rx_queues = 2 };
	struct weir_register reg;
	struct weir_pkt pkts[4];
	uint8_t frame[64];
	static uint32_t before[0x20000 / 4], after;
	unsigned changed = 0;

	begin(&conf);
	run();
	make_udp(frame, 1, 18);
	CU_ASSERT_EQUAL(weir_sim_send(nic, frame, 60), 0);
	run();
	weir_sim_link(nic, false);
	run();
	for (uint32_t at = 0; at < 0x20000; at += 4)
		before[at / 4] = weir_sim_peek(nic, at);
	for (unsigned i = 0; !weir_port_register(port, i, &reg); i++)
		;
	for (uint32_t at = 0; at < 0x20000; at += 4) {
		after = weir_sim_peek(nic, at);
		if (after != before[at / 4] && at != IXGBE_FRTIMER && at != IXGBE_SYSTIML && at != IXGBE_SYSTIMH) {
			printf("register 0x%05x: 0x%08x, then 0x%08x\n", at, before[at / 4], after);
			changed++;
		}
	}
	CU_ASSERT_EQUAL(changed, 0);
	CU_ASSERT_EQUAL(counter("rx_good_packets"), 1);
	weir_pool_free(cache, pkts, receive(weir_port_rxq(port, 0), pkts, 4));
	weir_pool_free(cache, pkts, receive(weir_port_rxq(port, 1), pkts, 4));
	end();
}

static void the_eeprom_is_shown(const char *spec)
{
	struct weir_port_conf conf = { 0 };
	struct weir_eeprom eeprom;
	uint8_t bytes[128], some[5];
	unsigned sum = 0;

	begin_on(spec, &conf);
	CU_ASSERT_EQUAL(weir_port_eeprom(port, &eeprom), 0);
	CU_ASSERT_EQUAL(eeprom.size, 16384);
	CU_ASSERT(!eeprom.checksum_bad);
	CU_ASSERT_EQUAL(weir_port_read_eeprom(port, 0, bytes, 128), 0);
	for (unsigned i = 0; i < 128; i += 2)
		sum += bytes[i] | bytes[i + 1] << 8;
	CU_ASSERT_EQUAL(sum & 0xffff, 0xbaba); /* the model's image has no sections */
	CU_ASSERT_EQUAL(weir_port_read_eeprom(port, 33, some, 5), 0);
	CU_ASSERT_EQUAL(memcmp(some, bytes + 33, 5), 0);
	CU_ASSERT_EQUAL(weir_port_read_eeprom(port, 16383, some, 2), -EINVAL);
	CU_ASSERT(error_says("2 bytes from 16383 on are not in its EEPROM of 16384 bytes"));
	CU_ASSERT_EQUAL(weir_port_read_eeprom(port, 0xffffffff, some, 2), -EINVAL);
	CU_ASSERT_EQUAL(weir_port_read_eeprom(port, 16384, some, 0), 0);
	end();
}

static void the_82599_s_eeprom_is_shown(void)
{
	the_eeprom_is_shown("sim:82599,wire=hold");
}

static void the_x540_s_eeprom_is_shown(void)
{
	the_eeprom_is_shown("sim:x540,wire=hold");
}

static void the_module_is_shown(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_module module;
	uint8_t bytes[256], sum = 0;

	begin(&conf);
	CU_ASSERT_EQUAL_FATAL(weir_port_module(port, &module), 0);
	CU_ASSERT_EQUAL(module.identifier, 3);
	CU_ASSERT(module.size == 256 || module.size == 512);
	CU_ASSERT_EQUAL(weir_port_read_module(port, 0, bytes, 96), 0);
	for (unsigned i = 0; i < 63; i++)
		sum = (uint8_t)(sum + bytes[i]);
	CU_ASSERT_EQUAL(bytes[63], sum);
	CU_ASSERT_EQUAL(memcmp(bytes + 40, "SIM-SR          ", 16), 0);
	CU_ASSERT_EQUAL(weir_port_read_module(port, 43, bytes, 3), 0);
	CU_ASSERT_EQUAL(memcmp(bytes, "-SR", 3), 0);
	CU_ASSERT_EQUAL(weir_port_read_module(port, module.size - 1, bytes, 2), -EINVAL);
	if (module.size == 512)
		CU_ASSERT_EQUAL(weir_port_read_module(port, 256 + 96, bytes, 10), 0);
	end();
	begin_on("sim:x540,wire=hold", &conf);
	CU_ASSERT_EQUAL(weir_port_module(port, &module), -ENOTSUP);
	CU_ASSERT(error_says("no cage"));
	end();
}

/* What is in the cage: optics, a copper cable, nothing. */
static void other_modules_are_shown(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_module module;
	struct weir_link link;
	uint8_t byte = 0;

	begin_on("sim:82599,module=da,wire=hold", &conf);
	CU_ASSERT_EQUAL(weir_port_module(port, &module), 0);
	CU_ASSERT_EQUAL(module.identifier, 3);
	CU_ASSERT_EQUAL(weir_port_read_module(port, 8, &byte, 1), 0);
	CU_ASSERT(byte & 4); /* a passive cable */
	end();
	begin_on("sim:82599,module=none,wire=hold", &conf);
	run();
	weir_port_link(port, &link);
	CU_ASSERT(!link.up);
	CU_ASSERT_EQUAL(weir_port_module(port, &module), -ENODATA);
	CU_ASSERT(error_says("no module answers in its cage"));
	CU_ASSERT_EQUAL(weir_port_read_module(port, 0, &byte, 1), -ENODATA);
	end();
}

static const struct unit_case cases[] = {
	EVENT_CASES,
	LINE_CASES,
	{ "a link of another kind wakes the program", a_link_of_another_kind_wakes_the_program },
	{ "any number of queues leaves a vector for events", any_number_of_queues_leaves_a_vector_for_events },
	{ "a device that fails is told", a_device_that_fails_is_told },
	{ "ports without hardware have no events", ports_without_hardware_have_no_events },
	{ "a light blinks, and is as before", a_light_blinks_and_is_as_before },
	{ "registers are shown by name", registers_are_shown_by_name },
	{ "showing registers changes nothing", showing_registers_changes_nothing },
	{ "the 82599's EEPROM is shown", the_82599_s_eeprom_is_shown },
	{ "the X540's EEPROM is shown", the_x540_s_eeprom_is_shown },
	{ "the module is shown", the_module_is_shown },
	{ "other modules are shown", other_modules_are_shown },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("ixgbe_events", cases);
}
