/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The link of the 82599's and X540's models at its three speeds, the lights that tell of it, and the ids of the cards.
 */
#include "sim_82599.h"

#define LEDCTL 0x200
#define LINKS  0x42a4
#define AUTOC  0x42a0

#define UP 0x40000000u

static unsigned speed(struct rig *r)
{
	return get(r, LINKS) >> 28 & 3;
}

/* Reads register @reg of device @device of the PHY. */
static unsigned phy(struct rig *r, unsigned device, unsigned reg)
{
	set(r, 0x425c, 1u << 30 | device << 16 | reg);
	set(r, 0x425c, 1u << 30 | 3u << 26 | device << 16 | reg);
	return get(r, 0x4260) >> 16;
}

static void copper_speaks_at_every_speed(void)
{
	static const struct {
		const char *text;
		unsigned speed, ended;
	} links[] = {
		{ "x540,wire=hold", 3, 7 },
		{ "x540,link=1000,wire=hold", 2, 5 },
		{ "x540,link=100,wire=hold", 1, 3 },
	};

	for (unsigned i = 0; i < 3; i++) {
		struct rig r;

		rig_open_as(&r, links[i].text, false);
		CU_ASSERT_EQUAL(get(&r, LINKS) & UP, UP);
		CU_ASSERT_EQUAL(speed(&r), links[i].speed);
		CU_ASSERT_EQUAL(phy(&r, 7, 0xc800), links[i].ended);
		CU_ASSERT_EQUAL(phy(&r, 1, 2), 0x0154);
		rig_close(&r);
	}
}

static void a_module_speaks_as_it_is_told(void)
{
	struct rig r;

	rig_open_as(&r, "82599,link=1000,wire=hold", false);
	CU_ASSERT_EQUAL(get(&r, LINKS) & UP, 0); /* SFI, 10G only */
	set(&r, AUTOC, 2u << 13 | 1u << 12);     /* 1G with autonegotiation */
	CU_ASSERT_EQUAL(get(&r, LINKS) & UP, UP);
	CU_ASSERT_EQUAL(speed(&r), 2);
	rig_close(&r);
	rig_open_as(&r, "82599-kx4,link=1000,wire=hold", false);
	CU_ASSERT_EQUAL(get(&r, LINKS) & UP, UP);
	CU_ASSERT_EQUAL(speed(&r), 2);
	rig_close(&r);
	rig_open_as(&r, "82599-kx4,link=100,wire=hold", false);
	CU_ASSERT_EQUAL(get(&r, LINKS) & UP, 0); /* a backplane has no such speed */
	rig_close(&r);
}

static void lights_tell_of_the_link(void)
{
	struct rig r;

	rig_open(&r);
	/* Link, link at 10G, link and activity, link at 1G. */
	CU_ASSERT_EQUAL(rig_counter(&r, "led0"), 1);
	CU_ASSERT_EQUAL(rig_counter(&r, "led1"), 1);
	CU_ASSERT_EQUAL(rig_counter(&r, "led2"), 1);
	CU_ASSERT_EQUAL(rig_counter(&r, "led3"), 0);
	weir_sim_link(r.card, false);
	CU_ASSERT_EQUAL(rig_counter(&r, "led0"), 0);
	CU_ASSERT_EQUAL(rig_counter(&r, "led1"), 0);
	set(&r, LEDCTL, 0x0f4e8e8f); /* off and blinking, on and blinking, on inverted, off */
	CU_ASSERT_EQUAL(rig_counter(&r, "led0"), 0);
	CU_ASSERT_EQUAL(rig_counter(&r, "led1"), 2);
	CU_ASSERT_EQUAL(rig_counter(&r, "led2"), 0);
	CU_ASSERT_EQUAL(rig_counter(&r, "led3"), 0);
	set(&r, 0, 1u << 26);
	CU_ASSERT_EQUAL(get(&r, LEDCTL), 0x05040100);
	rig_close(&r);
}

static void a_model_stands_for_several_cards(void)
{
	static const struct {
		const char *text;
		unsigned id;
	} cards[] = {
		{ "82599,wire=hold", 0x10fb },
		{ "82599,device=154a,wire=hold", 0x154a },
		{ "82599-kx4,wire=hold", 0x10f7 },
		{ "82599-kx4,device=1517,wire=hold", 0x1517 },
		{ "x540,device=1560,wire=hold", 0x1560 },
	};
	static const char *const wrong[] = { "82599,device=1528,wire=hold", "82599,device=,wire=hold",
		                             "82599,device=0,wire=hold",    "x540,module=sr,wire=hold",
		                             "82599,module=qsfp,wire=hold", "82599,stretch=x,wire=hold",
		                             "82599,link=40000,wire=hold" };
	struct weir_sim_nic *card;
	struct weir_sim *sim;
	uint32_t value;

	for (unsigned i = 0; i < sizeof(cards) / sizeof(*cards); i++) {
		struct rig r;

		rig_open_as(&r, cards[i].text, false);
		pci_read(r.nic, 0x00, &value, 4);
		CU_ASSERT_EQUAL(value, cards[i].id << 16 | 0x8086);
		rig_close(&r);
	}
	CU_ASSERT_EQUAL_FATAL(weir_sim_create(NULL, &sim), 0);
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		CU_ASSERT_EQUAL(weir_sim_nic_add(sim, wrong[i], &card), -EINVAL);
	weir_sim_destroy(sim);
}

static void registers_begin_as_the_datasheet_says(void)
{
	static const struct {
		uint32_t offset, value;
	} defaults[] = {
		{ 0x0100c, 0x0000a200 }, { 0x01014, 0x00000402 }, { 0x02f00, 0x00108808 }, { 0x03c00, 0x00080000 },
		{ 0x03c1c, 0x00080000 }, { 0x04208, 0x02040000 }, { 0x04218, 0x000001a0 }, { 0x04240, 0x08012c0b },
		{ 0x04268, 0x05ee0000 }, { 0x04900, 0x00c00000 }, { 0x04950, 0x00000096 }, { 0x04954, 0x00000000 },
		{ 0x04a80, 0x81000004 }, { 0x05088, 0x00008100 }, { 0x0600c, 0x00002a00 }, { 0x08100, 0x00000010 },
		{ 0x08d00, 0x00000001 }, { 0x08d04, 0x00000001 }, { 0x0cc00, 0x00028000 }, { 0x0cc1c, 0x00028000 },
		{ 0x10148, 0x00008040 }, { 0x10150, 0x00000004 },
	};
	struct rig r;

	rig_open(&r);
	for (unsigned i = 0; i < sizeof(defaults) / sizeof(*defaults); i++)
		CU_ASSERT_EQUAL(get(&r, defaults[i].offset), defaults[i].value);
	rig_close(&r);
}

static const struct unit_case cases[] = {
	{ "copper speaks at every speed", copper_speaks_at_every_speed },
	{ "a module speaks as it is told", a_module_speaks_as_it_is_told },
	{ "lights tell of the link", lights_tell_of_the_link },
	{ "a model stands for several cards", a_model_stands_for_several_cards },
	{ "registers begin as the datasheet says", registers_begin_as_the_datasheet_says },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("82599 link", cases);
}
