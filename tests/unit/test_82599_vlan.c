/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two VLAN tags on the 82599's model (datasheet 7.4): the inner one is the card's to filter, strip and insert, the outer
 * one stays where it is.
 */
#include "frames.h"
#include "sim_82599.h"

#define CTRL_EXT 0x18
#define EXVET    0x5078
#define VLNCTRL  0x5088
#define VFTA     0xa000
#define DMATXCTL 0x4a80

#define EXTENDED (1u << 26)
#define GDV      0x8u

/* Queue 0 and transmit; packets may have an outer tag of type 0x88a8. */
static void open_rig(struct rig *r)
{
	rig_open(r);
	rig_rx(r, 0, 30);
	rig_tx(r);
	set(r, EXVET, 0x88a8u << 16);
	set(r, CTRL_EXT, EXTENDED);
}

/* A frame of type 0x88b5 behind an outer tag 200 and an inner one 0x6064 (priority 3, VLAN 100). */
static void double_tagged(uint8_t *frame, size_t len)
{
	plain(frame, len);
	put_be16(frame + 12, 0x88a8);
	put_be16(frame + 14, 200);
	put_be16(frame + 16, 0x8100);
	put_be16(frame + 18, 0x6064);
	put_be16(frame + 20, 0x88b5);
}

static void the_inner_tag_is_told_and_stripped(void)
{
	uint8_t frame[100];
	struct rig r;

	open_rig(&r);
	double_tagged(frame, sizeof(frame));
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[2], 0x20b); /* DD, EOP, VP, VEXT */
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[3], 100);
	set(&r, 0x1028, 0x42000000); /* strip */
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[2], 0x20b);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[3], 0x60640000 | 96);
	CU_ASSERT(!memcmp(rx_buffer(&r, 1), frame, 16)); /* with the outer tag */
	CU_ASSERT(!memcmp(rx_buffer(&r, 1) + 16, frame + 20, 80));
	rig_close(&r);
}

static void an_outer_tag_alone_is_no_vlan(void)
{
	uint8_t frame[100];
	struct rig r;

	open_rig(&r);
	double_tagged(frame, sizeof(frame));
	put_be16(frame + 16, 0x88b5);
	set(&r, VLNCTRL, 0x40008100); /* filter: nothing passes */
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[2], 0x203); /* VEXT, but no VP */
	rig_close(&r);
}

static void the_filter_looks_at_the_inner_tag(void)
{
	uint8_t frame[100];
	struct rig r;

	open_rig(&r);
	double_tagged(frame, sizeof(frame));
	set(&r, VLNCTRL, 0x40008100);
	set(&r, VFTA + 4 * (200 / 32), 1u << 200 % 32);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x1010), 0);
	set(&r, VFTA + 4 * (100 / 32), 1u << 100 % 32);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0x1010), 1);
	rig_close(&r);
}

static void what_is_behind_both_tags_is_understood(void)
{
	uint8_t frame[68], tcp[60];
	struct rig r;

	open_rig(&r);
	good_tcp(tcp);
	double_tagged(frame, sizeof(frame));
	memcpy(frame + 20, tcp + 12, 48);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[0], 0x110);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[2], 0x26b); /* both checksums */
	set(&r, CTRL_EXT, 0);                          /* then the outer tag is a type like any other */
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[0], 0);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[2], 3);
	rig_close(&r);
}

static void tags_do_not_count_for_the_longest_frame(void)
{
	static uint8_t frame[1600];
	struct rig r;

	open_rig(&r);
	double_tagged(frame, sizeof(frame));
	rig_receive(&r, frame, 1514 + 8);
	CU_ASSERT_EQUAL(get(&r, 0x1010), 1);
	rig_receive(&r, frame, 1514 + 9);
	CU_ASSERT_EQUAL(get(&r, 0x1010), 1);
	CU_ASSERT_EQUAL(get(&r, 0x40ac), 1);
	rig_close(&r);
}

static void an_inner_tag_is_inserted_behind_the_outer_one(void)
{
	uint8_t got[SIM_FRAME_MAX], *frame;
	struct rig r;

	open_rig(&r);
	frame = r.memory + BUFFERS + 0x8000;
	plain(frame, 100);
	put_be16(frame + 12, 0x88a8);
	put_be16(frame + 14, 200);
	put_be16(frame + 16, 0x88b5);
	for (unsigned i = 0; i < 2; i++) {
		unsigned at = i ? 16 : 12;

		set(&r, DMATXCTL, get(&r, DMATXCTL) | (i ? GDV : 0));
		rig_descriptor(&r, 0x6064u << 16, 0, 0x20200000, 0); /* a context: the tag */
		rig_data(&r, BUFFERS + 0x8000, 100, 0x49000000, 0, 100);
		rig_bell(&r);
		CU_ASSERT_EQUAL(weir_sim_take(r.card, got, sizeof(got)), 104);
		CU_ASSERT(!memcmp(got, frame, at));
		CU_ASSERT(!memcmp(got + at, "\x81\x00\x60\x64", 4));
		CU_ASSERT(!memcmp(got + at + 4, frame + at, 100 - at));
	}
	rig_close(&r);
}

static const struct unit_case cases[] = {
	{ "the inner tag is told and stripped", the_inner_tag_is_told_and_stripped },
	{ "an outer tag alone is no VLAN", an_outer_tag_alone_is_no_vlan },
	{ "the filter looks at the inner tag", the_filter_looks_at_the_inner_tag },
	{ "what is behind both tags is understood", what_is_behind_both_tags_is_understood },
	{ "tags do not count for the longest frame", tags_do_not_count_for_the_longest_frame },
	{ "an inner tag is inserted behind the outer one", an_inner_tag_is_inserted_behind_the_outer_one },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("82599 VLAN", cases);
}
