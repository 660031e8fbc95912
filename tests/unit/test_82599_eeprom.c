/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The EEPROM of the 82599's model by its serial pins, which is how a driver reads it that trusts in nothing else
 * (datasheet, chapter 6 and EEC); and the X540's flash.
 */
#include "sim_82599.h"

#define EEC 0x10010
#define SK  0x1u
#define CS  0x2u
#define DI  0x4u
#define DO  0x8u
#define REQ 0x40u
#define GNT 0x80u

static void pins(struct rig *r, uint32_t value)
{
	set(r, EEC, REQ | value);
}

static void put_byte(struct rig *r, unsigned byte)
{
	for (unsigned i = 0; i < 8; i++) {
		uint32_t bit = byte & 0x80 >> i ? DI : 0;

		pins(r, bit);
		pins(r, bit | SK);
		pins(r, bit);
	}
}

static unsigned get_byte(struct rig *r)
{
	unsigned byte = 0;

	for (unsigned i = 0; i < 8; i++) {
		pins(r, SK);
		byte = byte << 1 | (get(r, EEC) & DO ? 1 : 0);
		pins(r, 0);
	}
	return byte;
}

static void command(struct rig *r, unsigned byte)
{
	pins(r, CS);
	pins(r, 0);
	put_byte(r, byte);
}

static unsigned by_register(struct rig *r, unsigned word)
{
	set(r, 0x10014, word << 2 | 1);
	return get(r, 0x10014) >> 16;
}

static void words_are_read_bit_by_bit(void)
{
	struct rig r;

	rig_open(&r);
	command(&r, 3);
	put_byte(&r, 0x00); /* word 0x15, byte 0x2a */
	put_byte(&r, 0x2a);
	CU_ASSERT_EQUAL(get(&r, EEC) & GNT, GNT);
	CU_ASSERT_EQUAL(get_byte(&r), 0xfa);
	CU_ASSERT_EQUAL(get_byte(&r), 0xfa);
	CU_ASSERT_EQUAL(get_byte(&r), by_register(&r, 0x16) & 0xff);
	CU_ASSERT_EQUAL(get_byte(&r), by_register(&r, 0x16) >> 8);
	command(&r, 3);
	put_byte(&r, 0x02);
	put_byte(&r, 0x82);
	CU_ASSERT_EQUAL(get_byte(&r), by_register(&r, 0x141) & 0xff);
	CU_ASSERT_EQUAL(get_byte(&r), 'W');
	rig_close(&r);
}

static void writing_has_to_be_allowed_each_time(void)
{
	struct rig r;

	rig_open(&r);
	for (unsigned i = 0; i < 2; i++) {
		if (!i) {
			command(&r, 5);
			CU_ASSERT_EQUAL(get_byte(&r), 0); /* ready */
			command(&r, 6);
		}
		command(&r, 5);
		CU_ASSERT_EQUAL(get_byte(&r), i ? 0 : 2);
		command(&r, 2);
		put_byte(&r, 0x04);
		put_byte(&r, 0x00);
		put_byte(&r, i ? 0x99 : 0x34);
		put_byte(&r, i ? 0x99 : 0x12);
		pins(&r, CS);
		CU_ASSERT_EQUAL(by_register(&r, 0x200), 0x1234);
	}
	rig_close(&r);
}

static void pins_that_were_not_asked_for_do_nothing(void)
{
	struct rig r;

	rig_open(&r);
	command(&r, 3);
	put_byte(&r, 0);
	put_byte(&r, 0x2a);
	set(&r, EEC, SK);
	CU_ASSERT_EQUAL(get(&r, EEC) & (GNT | DO), 0);
	CU_ASSERT_EQUAL(get(&r, EEC) & 0x7f00, 0x3f00); /* what cannot be written */
	rig_close(&r);
}

static void the_x540_keeps_its_words_in_a_flash(void)
{
	struct rig r;

	rig_open_as(&r, "x540,wire=hold", false);
	pins(&r, CS);
	CU_ASSERT_EQUAL(get(&r, EEC) & GNT, 0);
	set(&r, 0x10018, 0x1234u << 16 | 0x200 << 2 | 1);
	set(&r, EEC, get(&r, EEC) | 1u << 23); /* to the flash */
	CU_ASSERT_EQUAL(get(&r, EEC) & (1u << 26 | 1u << 23), 1u << 26);
	CU_ASSERT_EQUAL(by_register(&r, 0x200), 0x1234);
	rig_close(&r);
}

static const struct unit_case cases[] = {
	{ "words are read bit by bit", words_are_read_bit_by_bit },
	{ "writing has to be allowed each time", writing_has_to_be_allowed_each_time },
	{ "pins that were not asked for do nothing", pins_that_were_not_asked_for_do_nothing },
	{ "the X540 keeps its words in a flash", the_x540_keeps_its_words_in_a_flash },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("82599 EEPROM", cases);
}
