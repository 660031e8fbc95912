/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Opening, closing and looking into gigabit cards, each on its model.
 */
#include "gigabit_sim.h"

#include "weir/device.h"

const struct weir_driver *const weir_drivers[] = { &plain_driver, &sim_bus };
const unsigned weir_driver_count = 2;

static const char *const models[] = { "82540EM", "82545EM", "82574L", "82583V", "82576" };
#define MODELS (sizeof(models) / sizeof(models[0]))

static void every_model_opens_with_the_address_of_its_eeprom(void)
{
	static const uint8_t mac[6] = { 0x02, 0x12, 0x34, 0x56, 0x78, 0x9a };
	struct weir_port_info info;
	char text[80];

	for (unsigned i = 0; i < MODELS; i++) {
		snprintf(text, sizeof(text), "%s,mac=02:12:34:56:78:9a", models[i]);
		begin(text);
		weir_port_info(port, &info);
		CU_ASSERT_EQUAL(memcmp(info.mac, mac, 6), 0);
		CU_ASSERT_EQUAL(info.mtu, 1500);
		end();
	}
}

static void the_link_comes_up_and_is_told_of(void)
{
	struct weir_link link;

	for (unsigned i = 0; i < MODELS; i++) {
		begin(models[i]);
		run();
		CU_ASSERT_EQUAL(weir_port_link(port, &link), 0);
		CU_ASSERT(link.up && link.full_duplex);
		CU_ASSERT_EQUAL(link.mbps, 1000);
		weir_sim_link(card, false);
		run();
		CU_ASSERT_EQUAL(weir_port_link(port, &link), 0);
		CU_ASSERT(!link.up);
		end();
	}
}

static void eeproms_add_up(void)
{
	static const uint32_t sizes[MODELS] = { 128, 128, 8192, 8192, 8192 };
	uint8_t bytes[128];
	struct weir_eeprom eeprom;
	unsigned sum;

	for (unsigned i = 0; i < MODELS; i++) {
		begin(models[i]);
		CU_ASSERT_EQUAL(weir_port_eeprom(port, &eeprom), 0);
		CU_ASSERT(!eeprom.checksum_bad);
		CU_ASSERT_EQUAL(eeprom.size, sizes[i]);
		CU_ASSERT_EQUAL(weir_port_read_eeprom(port, 0, bytes, 128), 0);
		sum = 0;
		for (unsigned j = 0; j < 128; j += 2)
			sum += bytes[j] | (unsigned)bytes[j + 1] << 8;
		CU_ASSERT_EQUAL(sum & 0xffff, 0xbaba);
		end();
	}
}

/* Of the device's own state: bus mastering, and for firmware to see that there is a driver (CTRL_EXT, 0x18). */
static void the_device_is_ours_while_it_is_open(void)
{
	for (unsigned i = 0; i < MODELS; i++) {
		begin(models[i]);
		if (i > 1)
			CU_ASSERT(weir_sim_peek(card, 0x00018) & 0x10000000);
		CU_ASSERT_EQUAL(weir_port_start(port), 0);
		CU_ASSERT(weir_sim_peek(card, 0x00100) & 2);
		CU_ASSERT_EQUAL(weir_port_close(port), 0);
		CU_ASSERT(!(weir_sim_peek(card, 0x00018) & 0x10000000));
		CU_ASSERT(!(weir_sim_peek(card, 0x00100) & 2));
		CU_ASSERT_EQUAL(weir_sim_peek(card, 0x05b50) & 3, 0);
		port = NULL;
		end();
	}
}

static void a_reset_that_does_not_end_is_told_of(void)
{
	for (unsigned i = 0; i < MODELS; i++) {
		begin(models[i]);
		weir_sim_fault(card, WEIR_SIM_RESET_STUCK, 0, 1);
		CU_ASSERT_EQUAL(weir_port_close(port), -ETIMEDOUT);
		CU_ASSERT(error_says("cycle its power"));
		port = NULL;
		end();
	}
}

/* On a bus a read that nothing answers takes its time. */
static void a_card_that_was_pulled_out_is_told_of(void)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 1 };
	struct weir_port_stats stats;
	struct weir_link link;
	const char *name;
	uint64_t value;

	for (unsigned i = 0; i < MODELS; i++) {
		begin_started(models[i]);
		weir_sim_remove(card);
		CU_ASSERT_EQUAL(weir_port_link(port, &link), -ENODEV);
		weir_port_stats(port, &stats);
		CU_ASSERT_EQUAL(weir_port_counter(port, 0, &name, &value), 0);
		CU_ASSERT_EQUAL(weir_port_set_mac(port, mac), -ENODEV);
		CU_ASSERT_EQUAL(weir_port_set_promiscuous(port, true), -ENODEV);
		CU_ASSERT_EQUAL(weir_port_stop(port), 0);
		CU_ASSERT_EQUAL(weir_port_close(port), 0);
		port = NULL;
		end();
	}
}

static const struct unit_case cases[] = {
	{ "every model opens with the address of its EEPROM", every_model_opens_with_the_address_of_its_eeprom },
	{ "the link comes up and is told of", the_link_comes_up_and_is_told_of },
	{ "EEPROMs add up", eeproms_add_up },
	{ "the device is ours while it is open", the_device_is_ours_while_it_is_open },
	{ "a reset that does not end is told of", a_reset_that_does_not_end_is_told_of },
	{ "a card that was pulled out is told of", a_card_that_was_pulled_out_is_told_of },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("gigabit_life", cases);
}
