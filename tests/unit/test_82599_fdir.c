/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The flow director of the 82599's model (datasheet 7.1.2). The hashes expected here were computed by the algorithm as
 * Intel's drivers publish it, with the keys that those use:
 *
 *      66.9.149.187:2794 -> 161.142.100.80:1766, TCP       bucket 0x8881, signature 0xd6bd
 *      ... with the flexible bytes 08 00                          0x4cf3            0x543b
 *      ... with VLAN 0x123                                        0x81aa            0xe5c5
 *      ... without the source port                                0x3daf            0x378e
 *      ... of the source address only 66.9                        0xd8ba            0x4352
 *      ... without protocol and ports                             0x43a3            0x29d0
 *      [3ffe:2501:200:1fff::7]:2794 ->
 *              [3ffe:2501:200:3::1]:4739, UDP                     0x1c84            0x8132
 *      ... without the source address                             0x3c1f            0xcda0
 *      ... of the source address only the first half              0xb732            0x333c
 *
 * of which a bucket's lower 11 bits count for perfect filters in 64 KiB, 13 for signatures, and 15 of each signature.
 */
#include "sim_82599.h"

#define FDIRCTRL  0xee00
#define FDIRSIP4M 0xee40
#define FDIRDIP4M 0xee3c
#define FDIRTCPM  0xee44
#define FDIRIP6M  0xee74
#define FDIRM     0xee70
#define FDIRFREE  0xee38
#define FDIRLEN   0xee4c
#define FDIRUSTAT 0xee50
#define FDIRFSTAT 0xee54
#define FDIRMATCH 0xee58
#define FDIRMISS  0xee5c
#define FDIRIPSA  0xee18
#define FDIRIPDA  0xee1c
#define FDIRPORT  0xee20
#define FDIRVLAN  0xee24
#define FDIRHASH  0xee28
#define FDIRCMD   0xee2c

#define PERFECT   0x0a007f31u /* lists of 20, 64 KiB, report, drop queue 127 */
#define SIGNATURE 0x0a007f21u
#define ADD_TCP   0x00008841u /* add, last, queue; the queue's number is in bits 22:16 */
#define ADD_UDP6  0x000088a1u
#define UPDATE    0x8u
#define REMOVE    2u
#define QUERY     3u

static const uint8_t tcp[60] = {
	0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x02, 0x08, 0x00, /* Ethernet */
	0x45, 0x00, 0x00, 0x28, 0x00, 0x01, 0x00, 0x00, 0x40, 0x06, 0xfc, 0x63,             /* IPv4 */
	0x42, 0x09, 0x95, 0xbb, 0xa1, 0x8e, 0x64, 0x50,                                     /* ... addresses */
	0x0a, 0xea, 0x06, 0xe6, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00,             /* TCP */
	0x50, 0x10, 0x20, 0x00, 0x00, 0x00, 0x00, 0x00,
};

static const uint8_t udp6[62] = {
	0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x02, 0x86, 0xdd, /* Ethernet */
	0x60, 0x00, 0x00, 0x00, 0x00, 0x08, 0x11, 0x40,                                     /* IPv6 */
	0x3f, 0xfe, 0x25, 0x01, 0x02, 0x00, 0x1f, 0xff, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x07, 0x3f, 0xfe, 0x25, 0x01, 0x02, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x01, 0x0a, 0xea, 0x12, 0x83, 0x00, 0x08, 0x00, 0x00, /* UDP */
};

/* Queues 0 to 2; FDIRM leaves out what @mask says. */
static void open_rig(struct rig *r, uint32_t control, uint32_t mask)
{
	rig_open(r);
	for (unsigned q = 0; q < 3; q++)
		rig_rx(r, q, 8);
	set(r, 0x3c00, (512 - 64) << 10);
	for (unsigned i = 1; i < 8; i++)
		set(r, 0x3c00 + 4 * i, 0);
	set(r, 0xee68, 0x3dad14e2);
	set(r, 0xee6c, 0x174d3614);
	set(r, FDIRM, mask);
	set(r, FDIRCTRL, control);
	CU_ASSERT_EQUAL(get(r, FDIRCTRL) & 8, 8);
	set(r, FDIRIPSA, 0xbb950942); /* the first byte is the lowest */
	set(r, FDIRIPDA, 0x50648ea1);
	set(r, FDIRPORT, 1766u << 16 | 2794);
}

static void add(struct rig *r, uint32_t hash, uint32_t command)
{
	set(r, FDIRHASH, hash);
	set(r, FDIRCMD, command);
	CU_ASSERT_EQUAL(get(r, FDIRCMD) & 3, 0);
}

/* Whether the frame goes to queue @q and says that a filter was found. */
static bool steered(struct rig *r, const uint8_t *frame, size_t len, unsigned q)
{
	uint32_t at = get(r, 0x1010 + q * 0x40);

	rig_receive(r, frame, len);
	return get(r, 0x1010 + q * 0x40) == at + 1 && rx_words(r, q, at)[2] & 4;
}

/* --- perfect filters ------------------------------------------------------------------------------------------------------ */

static void a_perfect_filter_steers_and_reports(void)
{
	struct rig r;

	open_rig(&r, PERFECT, 0x13);
	CU_ASSERT_EQUAL(get(&r, FDIRFREE), 2046);
	add(&r, 0x00050081, ADD_TCP | 2 << 16);
	CU_ASSERT_EQUAL(get(&r, FDIRFREE), 2045);
	CU_ASSERT_EQUAL(get(&r, FDIRUSTAT), 1);
	CU_ASSERT_EQUAL(get(&r, FDIRUSTAT), 0);
	CU_ASSERT(steered(&r, tcp, sizeof(tcp), 2));
	CU_ASSERT_EQUAL(rx_words(&r, 2, 0)[0], 0x11f);      /* what word 1 is */
	CU_ASSERT_EQUAL(rx_words(&r, 2, 0)[1], 0x00810005); /* the bucket, and the filter's number */
	CU_ASSERT_EQUAL(get(&r, FDIRMATCH), 1);
	CU_ASSERT_EQUAL(get(&r, FDIRMATCH), 0);
	add(&r, 0x00050081, REMOVE);
	CU_ASSERT_EQUAL(get(&r, FDIRUSTAT), 0x00010000);
	CU_ASSERT_EQUAL(get(&r, FDIRFREE), 2046);
	CU_ASSERT(!steered(&r, tcp, sizeof(tcp), 2));
	CU_ASSERT_EQUAL(get(&r, FDIRMISS), 1);
	add(&r, 0x00050081, REMOVE);
	CU_ASSERT_EQUAL(get(&r, FDIRFSTAT), 0x0100);
	CU_ASSERT_EQUAL(weir_sim_violations(r.card, NULL, 0), 0);
	rig_close(&r);
}

static void every_field_counts_and_so_does_the_bucket(void)
{
	static const struct {
		uint32_t reg, value;
	} wrong[] = { { FDIRIPSA, 0xbb950943 }, { FDIRIPDA, 0x51648ea1 }, { FDIRPORT, 1767u << 16 | 2794 } };
	struct rig r;

	open_rig(&r, PERFECT, 0x13);
	add(&r, 0x00050082, ADD_TCP | 2 << 16);
	CU_ASSERT(!steered(&r, tcp, sizeof(tcp), 2));
	add(&r, 0x00050082, REMOVE);
	add(&r, 0x00050081, (ADD_TCP & ~0x60u) | 0x20 | 2 << 16); /* UDP */
	CU_ASSERT(!steered(&r, tcp, sizeof(tcp), 2));
	for (unsigned i = 0; i < 3; i++) {
		uint32_t right = get(&r, wrong[i].reg);

		set(&r, wrong[i].reg, wrong[i].value);
		add(&r, 0x00050081, ADD_TCP | UPDATE | 2 << 16);
		CU_ASSERT(!steered(&r, tcp, sizeof(tcp), 2));
		set(&r, wrong[i].reg, right);
	}
	add(&r, 0x00050081, ADD_TCP | UPDATE | 2 << 16);
	CU_ASSERT(steered(&r, tcp, sizeof(tcp), 2));
	rig_close(&r);
}

static void masks_leave_out(void)
{
	uint8_t other[60];
	struct rig r;

	memcpy(other, tcp, 60);
	open_rig(&r, PERFECT, 0x13);
	set(&r, FDIRTCPM, 0x0000ffff); /* the source port */
	add(&r, 0x000505af, ADD_TCP | 2 << 16);
	other[34] = 0x77;
	CU_ASSERT(steered(&r, other, 60, 2));
	set(&r, FDIRTCPM, 0x00008000); /* of the source port only bit 0, because they are reversed */
	add(&r, 0x00060081, ADD_TCP | 2 << 16);
	CU_ASSERT(!steered(&r, other, 60, 2));
	other[34] = 0x0a;
	other[35] = 0xeb;
	CU_ASSERT(steered(&r, other, 60, 2));
	other[35] = 0xea;
	set(&r, FDIRTCPM, 0);
	set(&r, FDIRSIP4M, 0xffff0000); /* the last two bytes */
	set(&r, FDIRIPSA, 0x00000942);
	add(&r, 0x000700ba, ADD_TCP | 1 << 16);
	other[28] = 1;
	CU_ASSERT(steered(&r, other, 60, 1));
	set(&r, FDIRSIP4M, 0);
	set(&r, FDIRIPSA, 0xbb950942);
	set(&r, FDIRM, 0x1b); /* the protocol */
	set(&r, FDIRTCPM, 0xffffffff);
	set(&r, FDIRPORT, 0);
	add(&r, 0x000803a3, (ADD_TCP & ~0x60u) | 1 << 16);
	CU_ASSERT(steered(&r, tcp, 60, 1));
	rig_close(&r);
}

static void vlan_and_flexible_bytes_can_count(void)
{
	uint8_t tagged[64];
	struct rig r;

	memcpy(tagged, tcp, 12);
	memcpy(tagged + 12, "\x81\x00\x61\x23", 4); /* priority 3, VLAN 0x123 */
	memcpy(tagged + 16, tcp + 12, 48);
	open_rig(&r, PERFECT, 0x12); /* neither priority nor flexible bytes */
	set(&r, FDIRVLAN, 0x123);
	add(&r, 0x000501aa, ADD_TCP | 2 << 16);
	CU_ASSERT(steered(&r, tagged, 64, 2));
	CU_ASSERT(!steered(&r, tcp, 60, 2));
	set(&r, FDIRM, 0x03);
	set(&r, FDIRCTRL, PERFECT | 6 << 16); /* flexible: the EtherType */
	set(&r, FDIRVLAN, 0x00080000);        /* 08 00 */
	add(&r, 0x000504f3, ADD_TCP | 1 << 16);
	CU_ASSERT(steered(&r, tcp, 60, 1));
	CU_ASSERT(!steered(&r, tagged, 64, 1)); /* 81 00 */
	rig_close(&r);
}

static void a_filter_may_drop(void)
{
	struct rig r;

	open_rig(&r, PERFECT, 0x13);
	add(&r, 0x00050081, 0x00000a41);
	rig_receive(&r, tcp, 60);
	CU_ASSERT_EQUAL(rig_counter(&r, "rx_steered_drop"), 1);
	set(&r, FDIRCTRL, (PERFECT & ~0x7f00u) | 0x0200); /* the queue of what is dropped is on */
	add(&r, 0x00050081, 0x00000a41);
	CU_ASSERT(steered(&r, tcp, 60, 2));
	CU_ASSERT_EQUAL(rx_words(&r, 2, 0)[2] & 0x00700000, 0x00200000);
	rig_close(&r);
}

/* --- signatures --------------------------------------------------------------------------------------------------------------- */

static void a_signature_is_enough(void)
{
	struct rig r;

	open_rig(&r, SIGNATURE, 0x10);
	CU_ASSERT_EQUAL(get(&r, FDIRFREE), 8190);
	set(&r, FDIRIPSA, 0); /* of no account */
	add(&r, 0x56bd8881, ADD_TCP | 2 << 16);
	CU_ASSERT(steered(&r, tcp, 60, 2));
	CU_ASSERT_EQUAL(rx_words(&r, 2, 0)[0] & 0xf, 0xf);
	CU_ASSERT_EQUAL(rx_words(&r, 2, 0)[1], 0x088156bd);
	add(&r, 0x56bd8881, REMOVE);
	add(&r, 0x56bc8881, ADD_TCP | 2 << 16); /* another signature */
	CU_ASSERT(!steered(&r, tcp, 60, 2));
	rig_close(&r);
}

static void ipv6_has_signatures_only(void)
{
	uint8_t other[62];
	struct rig r;

	memcpy(other, udp6, 62);
	other[37] = 0x77; /* in the second half of the source address */
	open_rig(&r, SIGNATURE, 0x10);
	add(&r, 0x01321c84, ADD_UDP6 | 2 << 16);
	CU_ASSERT(steered(&r, udp6, 62, 2));
	CU_ASSERT(!steered(&r, other, 62, 2));
	set(&r, FDIRIP6M, 0x0000ff00); /* without that */
	add(&r, 0x333c1732, ADD_UDP6 | 1 << 16);
	CU_ASSERT(steered(&r, other, 62, 1));
	set(&r, FDIRIP6M, 0x0000ffff); /* without any */
	add(&r, 0x4da01c1f, ADD_UDP6 | 2 << 16);
	CU_ASSERT(steered(&r, other, 62, 2));
	set(&r, FDIRCTRL, PERFECT);
	CU_ASSERT_EQUAL(weir_sim_violations(r.card, NULL, 0), 0);
	add(&r, 0x0001041f, ADD_UDP6 | 2 << 16);
	CU_ASSERT_EQUAL(weir_sim_violations(r.card, NULL, 0), 1);
	CU_ASSERT(!steered(&r, other, 62, 2));
	rig_close(&r);
}

static void hashes_can_be_reported_without_a_match(void)
{
	struct rig r;

	open_rig(&r, 0x81, 0x10);
	rig_receive(&r, tcp, 60);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[0], 0x11f);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[1], 0x088156bd);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[2] & 4, 0);
	rig_close(&r);
}

/* --- the table ------------------------------------------------------------------------------------------------------------ */

static void a_filter_that_exists_collides_or_changes(void)
{
	struct rig r;

	open_rig(&r, SIGNATURE, 0x10);
	add(&r, 0x56bd0881, ADD_TCP | 2 << 16);
	add(&r, 0x56bd0881, ADD_TCP | 1 << 16); /* is not allowed to change it */
	CU_ASSERT_EQUAL(get(&r, FDIRFREE), 1u << 16 | 8189);
	CU_ASSERT(steered(&r, tcp, 60, 2));
	CU_ASSERT_EQUAL(rx_words(&r, 2, 0)[2] & 0x00700000, 0x00400000);
	add(&r, 0x56bd0881, ADD_TCP | UPDATE | 1 << 16);
	CU_ASSERT(steered(&r, tcp, 60, 1));
	CU_ASSERT_EQUAL(get(&r, FDIRUSTAT), 2);
	add(&r, 0x56bd0881, REMOVE);
	CU_ASSERT_EQUAL(get(&r, FDIRFREE), 8190);
	rig_close(&r);
}

static void a_query_tells_of_a_filter(void)
{
	struct rig r;

	open_rig(&r, PERFECT, 0x13);
	add(&r, 0x00050081, ADD_TCP | 2 << 16);
	set(&r, FDIRCMD, QUERY);
	CU_ASSERT_EQUAL(get(&r, FDIRCMD), 0x00028844);
	set(&r, FDIRHASH, 0x00060081);
	set(&r, FDIRCMD, QUERY);
	CU_ASSERT_EQUAL(get(&r, FDIRCMD) & 4, 0);
	set(&r, FDIRCMD, 0x100); /* forgets all */
	set(&r, FDIRCMD, 0);
	set(&r, FDIRHASH, 0x00050081);
	set(&r, FDIRCMD, QUERY);
	CU_ASSERT_EQUAL(get(&r, FDIRCMD) & 4, 0);
	rig_close(&r);
}

static void the_table_has_an_end(void)
{
	struct rig r;

	open_rig(&r, PERFECT | 4u << 28, 0x13); /* 64 filters should stay free */
	for (unsigned i = 0; i < 2046; i++)
		add(&r, i << 16 | (i % 512), ADD_TCP);
	CU_ASSERT_EQUAL(get(&r, FDIRFREE), 0);
	CU_ASSERT_EQUAL(get(&r, FDIRUSTAT), 2046);
	CU_ASSERT_EQUAL(get(&r, FDIRLEN) & 0x3f, 4);
	CU_ASSERT_EQUAL(get(&r, 0x800) & 1u << 16, 1u << 16);
	add(&r, 0x7fff0000, ADD_TCP);
	CU_ASSERT_EQUAL(get(&r, FDIRFSTAT), 1);
	add(&r, 0x00000000, REMOVE);
	add(&r, 0x7fff0000, ADD_TCP);
	CU_ASSERT_EQUAL(get(&r, FDIRFSTAT), 0);
	CU_ASSERT_EQUAL(get(&r, FDIRFREE), 0);
	rig_close(&r);
}

static void long_lists_are_told(void)
{
	struct rig r;

	open_rig(&r, (SIGNATURE & 0xffffff) | 1u << 24, 0x10); /* longer than 2 */
	add(&r, 0x00010881, ADD_TCP);
	add(&r, 0x00020881, ADD_TCP);
	CU_ASSERT_EQUAL(get(&r, FDIRLEN), 0x0881u << 16 | 2);
	CU_ASSERT_EQUAL(get(&r, FDIRLEN), 0);
	add(&r, 0x56bd0881, ADD_TCP | 2 << 16);
	CU_ASSERT(steered(&r, tcp, 60, 2));
	CU_ASSERT_EQUAL(rx_words(&r, 2, 0)[2] & 0x00700000, 0x00100000);
	add(&r, 0x00010881, REMOVE);
	CU_ASSERT(steered(&r, tcp, 60, 2));
	CU_ASSERT_EQUAL(rx_words(&r, 2, 1)[2] & 0x00700000, 0);
	rig_close(&r);
}

static void filters_need_memory_of_their_own(void)
{
	struct rig r;

	rig_open(&r);
	for (unsigned i = 1; i < 8; i++)
		set(&r, 0x3c00 + 4 * i, 0);
	set(&r, FDIRCTRL, PERFECT); /* packets have all 512 KiB */
	CU_ASSERT_EQUAL(weir_sim_violations(r.card, NULL, 0), 1);
	set(&r, 0x3c00, (512 - 256) << 10);
	set(&r, FDIRCTRL, PERFECT | 3);
	CU_ASSERT_EQUAL(weir_sim_violations(r.card, NULL, 0), 1);
	CU_ASSERT_EQUAL(get(&r, FDIRFREE), 8190);
	rig_close(&r);
}

static void a_packet_that_waits_counts_once(void)
{
	struct rig r;

	open_rig(&r, SIGNATURE, 0x10);
	add(&r, 0x56bd0881, ADD_TCP | 2 << 16);
	set(&r, 0x1018 + 0x80, 0); /* no descriptors */
	rig_receive(&r, tcp, 60);
	weir_sim_run(r.sim);
	weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(get(&r, FDIRMATCH), 1);
	set(&r, 0x1018 + 0x80, 8);
	weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(rx_words(&r, 2, 0)[2] & 7, 7);
	CU_ASSERT_EQUAL(get(&r, FDIRMATCH), 0);
	rig_close(&r);
}

static const struct unit_case cases[] = {
	{ "a perfect filter steers and reports", a_perfect_filter_steers_and_reports },
	{ "every field counts, and so does the bucket", every_field_counts_and_so_does_the_bucket },
	{ "masks leave out", masks_leave_out },
	{ "VLAN and flexible bytes can count", vlan_and_flexible_bytes_can_count },
	{ "a filter may drop", a_filter_may_drop },
	{ "a signature is enough", a_signature_is_enough },
	{ "IPv6 has signatures only", ipv6_has_signatures_only },
	{ "hashes can be reported without a match", hashes_can_be_reported_without_a_match },
	{ "a filter that exists collides or changes", a_filter_that_exists_collides_or_changes },
	{ "a query tells of a filter", a_query_tells_of_a_filter },
	{ "the table has an end", the_table_has_an_end },
	{ "long lists are told", long_lists_are_told },
	{ "filters need memory of their own", filters_need_memory_of_their_own },
	{ "a packet that waits counts once", a_packet_that_waits_counts_once },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("82599 flow director", cases);
}
