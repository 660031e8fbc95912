/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What weir-l3fwd says about packets that go no further, what it says nothing about, and how it cuts those that are too
 * long. The fields that are expected stand in RFC 792, 791 and 4443.
 */
#include "l3fwd_frames.h"

static struct rig rig;
static uint8_t frame[10014];

/* The frame that was sent last is an ICMP error about @about, of this type and code, whose checksums are right. */
static void expect_error4(unsigned type, unsigned code, const uint8_t *about, size_t quoted)
{
	const struct rig_frame *sent = &rig.sent[rig.sent_count - 1];

	CU_ASSERT_FATAL(rig.sent_count > 0);
	CU_ASSERT_EQUAL(sent->port, 0);
	CU_ASSERT_EQUAL_FATAL(sent->len, 14 + 20 + 8 + quoted);
	CU_ASSERT_EQUAL(sent->data[5], 0x99);
	CU_ASSERT_EQUAL(sum16(sent->data + 14, 20, 0), 0xffff);
	CU_ASSERT_EQUAL(sum16(sent->data + 34, sent->len - 34, 0), 0xffff);
	CU_ASSERT_EQUAL(sent->data[15] & 0xe0, 0xc0);
	CU_ASSERT_EQUAL(sent->data[23], 1);
	CU_ASSERT(!memcmp(sent->data + 26, "\x0a\x00\x00\x01\x0a\x00\x00\x02", 8));
	CU_ASSERT_EQUAL(sent->data[34], type);
	CU_ASSERT_EQUAL(sent->data[35], code);
	CU_ASSERT(!memcmp(sent->data + 42, about + 14, quoted));
}

static void expect_error6(unsigned type, unsigned code, const uint8_t *about, size_t quoted)
{
	const struct rig_frame *sent = &rig.sent[rig.sent_count - 1];

	CU_ASSERT_FATAL(rig.sent_count > 0);
	CU_ASSERT_EQUAL_FATAL(sent->len, 14 + 40 + 8 + quoted);
	CU_ASSERT_EQUAL(sum16(sent->data + 54, sent->len - 54, sum16(sent->data + 22, 32, 58 + 8 + (unsigned)quoted)),
	                0xffff);
	CU_ASSERT_EQUAL(sent->data[20], 58);
	CU_ASSERT_EQUAL(sent->data[54], type);
	CU_ASSERT_EQUAL(sent->data[55], code);
	CU_ASSERT(!memcmp(sent->data + 62, about + 14, quoted));
}

static void each_error_has_its_type_and_code(void)
{
	static const struct {
		const char *dst;
		unsigned ttl, type, code;
	} errors[] = {
		{ "10.9.0.1", 1, 11, 0 },      { "172.16.0.1", 64, 3, 0 },   { "10.5.0.1", 64, 3, 1 },
		{ "10.4.0.1", 64, 3, 13 },     { "2001:db8:9::1", 1, 3, 0 }, { "2001:db9::1", 64, 1, 0 },
		{ "2001:db8:4::1", 64, 1, 1 },
	};

	open_network(&rig);
	for (unsigned i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		bool six = strchr(errors[i].dst, ':');
		size_t len = (six ? make6 : make4)(frame, errors[i].dst, errors[i].ttl, 100);

		rig_frame(&rig, 0, frame, len);
		CU_ASSERT_EQUAL(rig.sent_count, i + 1);
		(six ? expect_error6 : expect_error4)(errors[i].type, errors[i].code, frame, 100);
	}
	CU_ASSERT_EQUAL(rig.router.counts[0].icmp_sent, 7);
	rig_close(&rig);
}

static void long_packets_are_quoted_in_part(void)
{
	open_network(&rig);
	rig_frame(&rig, 0, frame, make4(frame, "10.9.0.1", 1, 1500));
	expect_error4(11, 0, frame, 576 - 28);
	rig_frame(&rig, 0, frame, make6(frame, "2001:db8:9::1", 1, 1500));
	expect_error6(3, 0, frame, 1280 - 48);
	rig_close(&rig);
}

static void what_is_too_big_is_told_the_mtu(void)
{
	size_t len = make4(frame, "10.8.0.1", 64, 1400);

	open_network(&rig);
	put_be16(frame + 20, 0x4000);
	seal4(frame);
	rig_frame(&rig, 0, frame, len);
	expect_error4(3, 4, frame, 576 - 28);
	CU_ASSERT_EQUAL(rig.sent[0].data[40] << 8 | rig.sent[0].data[41], 1280);
	rig_frame(&rig, 0, frame, make6(frame, "2001:db8:8::1", 64, 1281));
	expect_error6(2, 0, frame, 1280 - 48);
	CU_ASSERT_EQUAL(rig.sent[1].data[60] << 8 | rig.sent[1].data[61], 1280);
	CU_ASSERT_EQUAL(rig_drops(&rig, DROP_TOO_BIG), 2);
	/* And what just fits, goes. */
	rig_frame(&rig, 0, frame, make6(frame, "2001:db8:8::1", 64, 1280));
	CU_ASSERT_EQUAL(rig.sent[2].port, 2);
	rig_close(&rig);
}

static void wrong_options_are_pointed_at(void)
{
	size_t len = make4_options(frame, "10.9.0.1", 64, 100, 8);

	open_network(&rig);
	frame[36] = 7; /* a route record ... */
	frame[37] = 7; /* ... that is longer than the header */
	seal4(frame);
	rig_frame(&rig, 0, frame, len);
	expect_error4(12, 0, frame, 100);
	CU_ASSERT_EQUAL(rig.sent[0].data[38], 22);
	/* A source route is not taken, and not answered. */
	memcpy(frame + 34, "\x83\x07\x04\x0a\x00\x00\x01\x00", 8);
	seal4(frame);
	CU_ASSERT_EQUAL(dropped(&rig, frame, len), DROP_OPTIONS);
	CU_ASSERT_EQUAL(rig.sent_count, 1);
	rig_close(&rig);
}

static void a_route_is_recorded(void)
{
	size_t len = make4_options(frame, "10.9.0.1", 64, 100, 8);

	open_network(&rig);
	memcpy(frame + 34, "\x07\x07\x04\x00\x00\x00\x00\x00", 8);
	seal4(frame);
	rig_frame(&rig, 0, frame, len);
	CU_ASSERT_EQUAL_FATAL(rig.sent_count, 1);
	CU_ASSERT(!memcmp(rig.sent[0].data + 34, "\x07\x07\x08\x0a\x00\x01\x01\x00", 8));
	CU_ASSERT_EQUAL(sum16(rig.sent[0].data + 14, 28, 0), 0xffff);
	rig_close(&rig);
}

static void some_packets_are_never_answered(void)
{
	open_network(&rig);
	/* An error. */
	make4(frame, "10.9.0.1", 1, 100);
	frame[23] = 1;
	frame[34] = 3;
	seal4(frame);
	rig_frame(&rig, 0, frame, 114);
	/* But an echo. */
	frame[34] = 8;
	rig_frame(&rig, 0, frame, 114);
	CU_ASSERT_EQUAL(rig.sent_count, 1);
	/* A fragment other than the first. */
	make4(frame, "10.9.0.1", 1, 100);
	put_be16(frame + 20, 10);
	seal4(frame);
	rig_frame(&rig, 0, frame, 114);
	/* Not to this host alone. */
	make4(frame, "172.16.0.1", 64, 100);
	memset(frame, 0xff, 6);
	rig_frame(&rig, 0, frame, 114);
	/* Errors and redirects of IPv6. */
	make6(frame, "2001:db8:9::1", 1, 100);
	frame[20] = 58;
	frame[54] = 1;
	rig_frame(&rig, 0, frame, 114);
	frame[54] = 137;
	rig_frame(&rig, 0, frame, 114);
	frame[54] = 128;
	rig_frame(&rig, 0, frame, 114);
	CU_ASSERT_EQUAL(rig.sent_count, 2);
	CU_ASSERT_EQUAL(rig.router.counts[0].icmp_suppressed, 5);
	rig_close(&rig);
}

static void errors_are_limited(void)
{
	size_t len = make4(frame, "10.9.0.1", 1, 100);

	open_network(&rig);
	allowance_init(&rig.forwarder.icmp, 100);
	rig.forwarder.now = rig.forwarder.icmp.since + rig.forwarder.icmp.most;
	for (unsigned i = 0; i < 100; i++)
		rig_frame(&rig, 0, frame, len);
	CU_ASSERT_EQUAL(rig.sent_count, 10);
	CU_ASSERT_EQUAL(rig.router.counts[0].icmp_limited, 90);
	rig.forwarder.now += rig.forwarder.icmp.ticks;
	rig_frame(&rig, 0, frame, len);
	rig_frame(&rig, 0, frame, len);
	CU_ASSERT_EQUAL(rig.sent_count, 11);
	allowance_init(&rig.forwarder.icmp, 0);
	rig_frame(&rig, 0, frame, len);
	CU_ASSERT_EQUAL(rig.sent_count, 11);
	rig_close(&rig);
}

static void a_long_packet_is_cut(void)
{
	static const struct {
		unsigned len, fragment;
	} parts[] = { { 1276, 0x2000 }, { 1276, 0x2000 | 157 }, { 528, 314 } };
	size_t len = make4(frame, "10.8.0.1", 64, 20 + 2 * 1256 + 508);
	struct weir_pkt pkts[64];
	unsigned at = 34;

	open_network(&rig);
	rig_pkts(&rig, 0, pkts, rig_lay(&rig, frame, len, 700, pkts));
	CU_ASSERT_EQUAL_FATAL(rig.sent_count, 3);
	for (unsigned i = 0; i < 3; i++) {
		const struct rig_frame *sent = &rig.sent[i];

		CU_ASSERT_EQUAL(sent->port, 2);
		CU_ASSERT_EQUAL(sent->tci, 100);
		CU_ASSERT_EQUAL_FATAL(sent->len, 14 + parts[i].len);
		CU_ASSERT_EQUAL(((unsigned)sent->data[16] << 8 | sent->data[17]), parts[i].len);
		CU_ASSERT_EQUAL(((unsigned)sent->data[20] << 8 | sent->data[21]), parts[i].fragment);
		CU_ASSERT_EQUAL(sent->data[22], 63);
		CU_ASSERT_EQUAL(sum16(sent->data + 14, 20, 0), 0xffff);
		CU_ASSERT(!memcmp(sent->data + 18, frame + 18, 2));
		CU_ASSERT(!memcmp(sent->data + 34, frame + at, parts[i].len - 20));
		at += parts[i].len - 20;
	}
	CU_ASSERT_EQUAL(rig.router.counts[0].fragments, 3);
	rig_close(&rig);
}

static void options_that_are_not_copied_are_in_the_first_fragment_alone(void)
{
	size_t len = make4_options(frame, "10.8.0.1", 64, 1400, 8);

	open_network(&rig);
	/* A stream identifier (copied), and a route record that is full (not copied). */
	memcpy(frame + 34, "\x88\x04\x12\x34\x07\x03\x04\x00", 8);
	seal4(frame);
	rig_frame(&rig, 0, frame, len);
	CU_ASSERT_EQUAL_FATAL(rig.sent_count, 2);
	CU_ASSERT(!memcmp(rig.sent[0].data + 34, "\x88\x04\x12\x34\x07\x03\x04\x00", 8));
	CU_ASSERT(!memcmp(rig.sent[1].data + 34, "\x88\x04\x12\x34\x01\x01\x01\x00", 8));
	CU_ASSERT_EQUAL(sum16(rig.sent[1].data + 14, 28, 0), 0xffff);
	rig_close(&rig);
}

int main(void)
{
	static const struct unit_case cases[] = {
		{ "each error has its type and code", each_error_has_its_type_and_code },
		{ "long packets are quoted in part", long_packets_are_quoted_in_part },
		{ "what is too big is told the MTU", what_is_too_big_is_told_the_mtu },
		{ "wrong options are pointed at", wrong_options_are_pointed_at },
		{ "a route is recorded", a_route_is_recorded },
		{ "some packets are never answered", some_packets_are_never_answered },
		{ "errors are limited", errors_are_limited },
		{ "a long packet is cut", a_long_packet_is_cut },
		{ "options that are not copied are in the first fragment alone",
		  options_that_are_not_copied_are_in_the_first_fragment_alone },
		{ NULL, NULL },
	};

	return unit_run("l3fwd icmp", cases);
}
