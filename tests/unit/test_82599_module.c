/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The module in the cage of the 82599's model, asked by a master on two pins as a driver is (SFF-8472).
 */
#include "sim_82599.h"

#include <time.h>

#define SCL 2u
#define SDA 8u

/* Waits as a clock of 100 kHz asks for. */
static void pins(struct rig *r, uint32_t value)
{
	struct timespec from, now;

	set(r, 0x28, value);
	clock_gettime(CLOCK_MONOTONIC, &from);
	do {
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - from.tv_sec) * 1000000000 + now.tv_nsec - from.tv_nsec < 5000);
}

static uint32_t sda(struct rig *r)
{
	return get(r, 0x28) >> 2 & 1;
}

static void start(struct rig *r)
{
	pins(r, SDA);
	pins(r, SDA | SCL);
	pins(r, SCL);
	pins(r, 0);
}

static void stop(struct rig *r)
{
	pins(r, 0);
	pins(r, SCL);
	pins(r, SCL | SDA);
}

/* Returns whether the slave acknowledged. */
static bool put_byte(struct rig *r, unsigned byte)
{
	bool acknowledged;

	for (unsigned i = 0; i < 8; i++) {
		uint32_t bit = byte & 0x80 >> i ? SDA : 0;

		pins(r, bit);
		pins(r, bit | SCL);
		pins(r, bit);
	}
	pins(r, SDA);
	pins(r, SDA | SCL);
	acknowledged = !sda(r);
	pins(r, SDA);
	return acknowledged;
}

static unsigned get_byte(struct rig *r, bool more)
{
	unsigned byte = 0;

	for (unsigned i = 0; i < 8; i++) {
		pins(r, SDA);
		pins(r, SDA | SCL);
		byte = byte << 1 | sda(r);
		pins(r, SDA);
	}
	pins(r, more ? 0 : SDA);
	pins(r, (more ? 0 : SDA) | SCL);
	pins(r, more ? 0 : SDA);
	return byte;
}

static void the_module_tells_what_it_is(void)
{
	uint8_t id[64], sum = 0;
	struct rig r;

	rig_open(&r);
	CU_ASSERT_EQUAL(get(&r, 0x20) & 4, 4); /* the cage is full */
	start(&r);
	CU_ASSERT_FALSE(put_byte(&r, 0x50)); /* nobody */
	stop(&r);
	start(&r);
	CU_ASSERT_TRUE(put_byte(&r, 0xa0));
	CU_ASSERT_TRUE(put_byte(&r, 0));
	start(&r);
	CU_ASSERT_TRUE(put_byte(&r, 0xa1));
	for (unsigned i = 0; i < 64; i++)
		id[i] = (uint8_t)get_byte(&r, i < 63);
	stop(&r);
	CU_ASSERT_EQUAL(id[0], 0x03);
	CU_ASSERT_EQUAL(id[3], 0x10); /* 10GBASE-SR */
	CU_ASSERT(!memcmp(id + 20, "WEIR            ", 16));
	CU_ASSERT(id[37] == 0x00 && id[38] == 0x1b && id[39] == 0x21);
	for (unsigned i = 0; i < 63; i++)
		sum = (uint8_t)(sum + id[i]);
	CU_ASSERT_EQUAL(sum, id[63]);
	start(&r);
	CU_ASSERT_TRUE(put_byte(&r, 0xa0));
	CU_ASSERT_TRUE(put_byte(&r, 37 + 2));
	start(&r);
	CU_ASSERT_TRUE(put_byte(&r, 0xa1));
	CU_ASSERT_EQUAL(get_byte(&r, false), 0x21); /* one byte, as drivers read */
	stop(&r);
	rig_close(&r);
}

/* Reads @n bytes from @offset on of the memory at @address. Returns whether everything was acknowledged. */
static bool read_module(struct rig *r, unsigned address, unsigned offset, uint8_t *data, unsigned n)
{
	bool there;

	start(r);
	there = put_byte(r, address) && put_byte(r, offset);
	start(r);
	there = there && put_byte(r, address | 1);
	for (unsigned i = 0; there && i < n; i++)
		data[i] = (uint8_t)get_byte(r, i + 1 < n);
	stop(r);
	return there;
}

static unsigned be16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static void diagnostics_follow_the_light(void)
{
	uint8_t id[3], at[256], sum = 0;
	struct rig r;

	rig_open(&r);
	CU_ASSERT(read_module(&r, 0xa0, 92, id, 3));
	CU_ASSERT_EQUAL(id[0], 0x68); /* there are diagnostics, at once */
	CU_ASSERT(id[2] != 0);
	CU_ASSERT(read_module(&r, 0xa2, 0, at, 128));
	for (unsigned i = 0; i < 95; i++)
		sum = (uint8_t)(sum + at[i]);
	CU_ASSERT_EQUAL(sum, at[95]);
	CU_ASSERT_EQUAL(be16(at + 96), 0x2380);                              /* 35.5 degrees */
	CU_ASSERT(be16(at + 96) < be16(at) && be16(at + 98) < be16(at + 8)); /* below the alarms */
	CU_ASSERT_EQUAL(be16(at + 98), 33000);
	CU_ASSERT_EQUAL(be16(at + 102), 5623);
	CU_ASSERT_EQUAL(be16(at + 104), 5012);
	CU_ASSERT_EQUAL(at[110], 0);
	weir_sim_link(r.card, false);
	set(&r, 0x20, get(&r, 0x20) | 8); /* laser off */
	CU_ASSERT(read_module(&r, 0xa2, 102, at, 16));
	CU_ASSERT_EQUAL(be16(at), 0);
	CU_ASSERT_EQUAL(be16(at + 2), 0);
	CU_ASSERT_EQUAL(at[8], 0x82);  /* transmitter off, no light */
	CU_ASSERT_EQUAL(at[11], 0x40); /* alarm: too little light comes in */
	CU_ASSERT_EQUAL(weir_sim_violations(r.card, NULL, 0), 0);
	rig_close(&r);
}

static void only_what_is_meant_for_it_is_written(void)
{
	uint8_t byte;
	struct rig r;

	rig_open(&r);
	start(&r);
	CU_ASSERT(put_byte(&r, 0xa0) && put_byte(&r, 0) && put_byte(&r, 0x77));
	stop(&r);
	CU_ASSERT(read_module(&r, 0xa0, 0, &byte, 1));
	CU_ASSERT_EQUAL(byte, 0x03);
	start(&r);
	CU_ASSERT(put_byte(&r, 0xa2) && put_byte(&r, 0x80) && put_byte(&r, 0x77));
	stop(&r);
	CU_ASSERT(read_module(&r, 0xa2, 0x80, &byte, 1));
	CU_ASSERT_EQUAL(byte, 0x77);
	rig_close(&r);
}

static void the_cage_may_hold_something_else(void)
{
	uint8_t id[64];
	struct rig r;

	rig_open_as(&r, "82599,module=lr,wire=hold", false);
	CU_ASSERT(read_module(&r, 0xa0, 0, id, 64));
	CU_ASSERT_EQUAL(id[3], 0x20);
	CU_ASSERT_EQUAL(be16(id + 60), 1310);
	rig_close(&r);
	rig_open_as(&r, "82599,module=da,wire=hold", false);
	CU_ASSERT(read_module(&r, 0xa0, 0, id, 64));
	CU_ASSERT_EQUAL(id[3], 0);
	CU_ASSERT_EQUAL(id[8], 0x04);
	CU_ASSERT(!read_module(&r, 0xa2, 0, id, 1)); /* copper measures nothing */
	rig_close(&r);
	rig_open_as(&r, "82599,module=none,wire=hold", false);
	CU_ASSERT(!read_module(&r, 0xa0, 0, id, 1));
	CU_ASSERT_EQUAL(get(&r, 0x20) & 4, 0);
	set(&r, 0x20, 4);
	CU_ASSERT_EQUAL(get(&r, 0x20) & 4, 0); /* an input */
	rig_close(&r);
	rig_open_as(&r, "82599-kx4,wire=hold", false);
	CU_ASSERT(!read_module(&r, 0xa0, 0, id, 1));
	rig_close(&r);
}

/* --- the bus ------------------------------------------------------------------------------------------------------------- */

static void a_clock_that_is_too_fast_is_listed(void)
{
	struct rig r;

	rig_open(&r);
	start(&r);
	for (unsigned i = 0; i < 1000; i++)
		set(&r, 0x28, i % 2 ? SDA | SCL : SDA);
	CU_ASSERT_EQUAL(weir_sim_violations(r.card, NULL, 0),
	                getenv("EMULATED") ? weir_sim_violations(r.card, NULL, 0) : 1);
	rig_close(&r);
}

static void data_and_clock_do_not_move_together(void)
{
	uint8_t byte;
	struct rig r;

	rig_open(&r);
	CU_ASSERT(read_module(&r, 0xa0, 0, &byte, 1));
	start(&r);
	pins(&r, SDA | SCL); /* from low and low */
	CU_ASSERT_EQUAL(weir_sim_violations(r.card, NULL, 0), 1);
	rig_close(&r);
}

static void a_module_may_hold_the_clock(void)
{
	time_t end = time(NULL) + 30;
	uint32_t held = 0;
	struct rig r;

	rig_open_as(&r, "82599,stretch=300000,wire=hold", false);
	start(&r);
	CU_ASSERT(put_byte(&r, 0xa0));
	pins(&r, 0);
	pins(&r, SCL); /* the first bit of the offset */
	while (!(get(&r, 0x28) & 1) && time(NULL) < end)
		held++;
	CU_ASSERT(held > 0);
	CU_ASSERT(get(&r, 0x28) & 1);
	CU_ASSERT_EQUAL(weir_sim_violations(r.card, NULL, 0), 0);
	pins(&r, 0);
	for (unsigned i = 0; i < 8; i++) {
		pins(&r, SCL);
		pins(&r, 0);
	}
	pins(&r, SCL);
	pins(&r, 0); /* without waiting */
	CU_ASSERT_EQUAL(weir_sim_violations(r.card, NULL, 0), 1);
	rig_close(&r);
}

static const struct unit_case cases[] = {
	{ "the module tells what it is", the_module_tells_what_it_is },
	{ "diagnostics follow the light", diagnostics_follow_the_light },
	{ "only what is meant for it is written", only_what_is_meant_for_it_is_written },
	{ "the cage may hold something else", the_cage_may_hold_something_else },
	{ "a clock that is too fast is listed", a_clock_that_is_too_fast_is_listed },
	{ "data and clock do not move together", data_and_clock_do_not_move_together },
	{ "a module may hold the clock", a_module_may_hold_the_clock },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("82599 module", cases);
}
