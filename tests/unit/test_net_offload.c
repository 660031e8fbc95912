/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What senders ask for, done in software, and what receivers are told about checksums. The checksums that are expected
 * were worked out by a few lines of Python.
 */
#include <errno.h>

#include "hex.h"
#include "unit.h"
#include "weir/net.h"
#include "weir/parse.h"

#define MACS "020000000002 020000000001 "
#define IPV4 "c0000201 c6336402 "
#define IPV6 "20010db8000000000000000000000001 20010db8000000000000000000000002 "

/* As a sender leaves them: the layer-4 field holds the sum of the pseudo-header. */
static const char udp4[] = MACS "0800 45000021 12344000 40110000 " IPV4 "03e80035 000dec55 68656c6c6f";
static const char tcp6[] = MACS "86dd 60000000 00170640 " IPV6 "01bbc350 01020304 0a0b0c0d 5018 0200 5b920000 616263";
static const char sctp4[] = MACS "0800 45000028 12344000 40840000 " IPV4 "13881389 deadbeef 00000000 0e00000400000000";

#define UDP4_IP_CSUM 24 /* where they lie */
#define UDP4_CSUM    40
#define TCP6_CSUM    70
#define SCTP4_CSUM   42

static _Alignas(64) uint8_t arena[64 * 256];
static struct weir_pkt pkts[128];

/*
 * Lays the frame that @text spells into buffers of 128 bytes, 40 of them headroom: @first bytes into the first, pieces
 * of @rest bytes into the others. Returns the number of entries.
 */
static unsigned lay(const char *text, unsigned first, unsigned rest)
{
	uint8_t bytes[512];
	size_t len = hex(bytes, text), done = 0;
	unsigned n = 0;

	memset(arena, 0xee, sizeof(arena));
	memset(pkts, 0, sizeof(pkts));
	do {
		size_t some = n ? rest : first;

		if (some > len - done)
			some = len - done;
		pkts[n] = (struct weir_pkt){ .buf = n * 2, .off = 40, .len = (uint16_t)some, .flags = WEIR_PKT_MORE };
		memcpy(weir_pkt_data(arena, &pkts[n]), bytes + done, some);
		done += some;
		n++;
	} while (done < len);
	pkts[n - 1].flags = 0;
	return n;
}

static uint16_t at16(size_t at)
{
	return weir_load_be16(weir_pkt_data(arena, &pkts[0]) + at);
}

static void ask(unsigned flags, unsigned l2, unsigned l3)
{
	pkts[0].flags |= (uint16_t)flags;
	pkts[0].txo = weir_txo(l2, l3, 0, 0);
}

static void udp_and_ip_checksums_are_filled(void)
{
	lay(udp4, 80, 80);
	ask(WEIR_PKT_IPV4 | WEIR_PKT_UDP | WEIR_PKT_TX_IP | WEIR_PKT_TX_L4, 14, 20);
	CU_ASSERT_EQUAL(weir_pkt_finish(arena, pkts, 1), 0);
	CU_ASSERT_EQUAL(at16(UDP4_IP_CSUM), 0x3c61);
	CU_ASSERT_EQUAL(at16(UDP4_CSUM), 0xcbad);
	CU_ASSERT_EQUAL(pkts[0].flags, WEIR_PKT_IPV4 | WEIR_PKT_UDP);
	CU_ASSERT_EQUAL(pkts[0].txo, 0);
}

static void only_what_is_asked_for_is_filled(void)
{
	lay(udp4, 80, 80);
	ask(WEIR_PKT_IPV4 | WEIR_PKT_UDP | WEIR_PKT_TX_IP, 14, 20);
	CU_ASSERT_EQUAL(weir_pkt_finish(arena, pkts, 1), 0);
	CU_ASSERT_EQUAL(at16(UDP4_IP_CSUM), 0x3c61);
	CU_ASSERT_EQUAL(at16(UDP4_CSUM), 0xec55);
	lay(udp4, 80, 80);
	pkts[0].flags |= WEIR_PKT_IPV4 | WEIR_PKT_UDP;
	CU_ASSERT_EQUAL(weir_pkt_finish(arena, pkts, 1), 0);
	CU_ASSERT_EQUAL(at16(UDP4_IP_CSUM), 0);
}

static void tcp_over_ipv6_in_odd_pieces(void)
{
	unsigned n = lay(tcp6, 75, 1);

	CU_ASSERT_EQUAL(n, 3);
	ask(WEIR_PKT_IPV6 | WEIR_PKT_TCP | WEIR_PKT_TX_L4, 14, 40);
	CU_ASSERT_EQUAL(weir_pkt_finish(arena, pkts, n), 0);
	CU_ASSERT_EQUAL(at16(TCP6_CSUM), 0xaec8);
	CU_ASSERT_EQUAL(pkts[0].flags, WEIR_PKT_IPV6 | WEIR_PKT_TCP | WEIR_PKT_MORE);
}

static void sctp_gets_its_crc_least_byte_first(void)
{
	unsigned n = lay(sctp4, 47, 3);

	ask(WEIR_PKT_IPV4 | WEIR_PKT_SCTP | WEIR_PKT_TX_L4 | WEIR_PKT_TX_IP, 14, 20);
	CU_ASSERT_EQUAL(weir_pkt_finish(arena, pkts, n), 0);
	CU_ASSERT_EQUAL(at16(SCTP4_CSUM), 0x4cfd);
	CU_ASSERT_EQUAL(at16(SCTP4_CSUM + 2), 0x1fa0);
	CU_ASSERT_EQUAL(at16(UDP4_IP_CSUM), 0x3be7);
}

static void a_udp_checksum_of_zero_is_sent_as_ones(void)
{
	lay(MACS "0800 4500001e 12344000 40110000 " IPV4 "03e80035 000aec52 0f86", 80, 80);
	ask(WEIR_PKT_IPV4 | WEIR_PKT_UDP | WEIR_PKT_TX_L4, 14, 20);
	CU_ASSERT_EQUAL(weir_pkt_finish(arena, pkts, 1), 0);
	CU_ASSERT_EQUAL(at16(UDP4_CSUM), 0xffff);
}

static void padding_does_not_count(void)
{
	lay(MACS "0800 45000021 12344000 40110000 " IPV4 "03e80035 000dec55 68656c6c6f ffeeddccbbaa99887766554433", 80,
	    80);
	ask(WEIR_PKT_IPV4 | WEIR_PKT_UDP | WEIR_PKT_TX_L4, 14, 20);
	CU_ASSERT_EQUAL(weir_pkt_finish(arena, pkts, 1), 0);
	CU_ASSERT_EQUAL(at16(UDP4_CSUM), 0xcbad);
}

/* As Linux writes it: no length in the header, 66,000 bytes of zeros behind what tells them. */
static void beyond_64_kib_the_data_tells_the_length(void)
{
	static _Alignas(64) uint8_t big[64 * 1100];
	struct weir_pkt entries[] = {
		{ .buf = 0, .off = 0, .len = 4096, .flags = WEIR_PKT_MORE },
		{ .buf = 64, .off = 0, .len = 61958 },
	};

	hex(big, MACS "0800 45000000 12344000 40060000 " IPV4 "01bbc350 01020304 0a0b0c0d 5018 0200 00000000 616263");
	entries[0].flags |= WEIR_PKT_IPV4 | WEIR_PKT_TCP | WEIR_PKT_TX_IP | WEIR_PKT_TX_L4;
	entries[0].txo = weir_txo(14, 20, 0, 0);
	CU_ASSERT_EQUAL(weir_pkt_finish(big, entries, 2), 0);
	CU_ASSERT_EQUAL(weir_load_be16(big + 24), 0x3c8d);
	CU_ASSERT_EQUAL(weir_load_be16(big + 50), 0x0a5b);
}

static void the_tag_goes_in_behind_the_addresses(void)
{
	uint8_t expected[64];
	size_t len =
	    hex(expected, MACS "8100 6064 0800 45000021 12344000 40113c61 " IPV4 "03e80035 000dcbad 68656c6c6f");
	unsigned n = lay(udp4, 44, 2);

	ask(WEIR_PKT_IPV4 | WEIR_PKT_UDP | WEIR_PKT_TX_IP | WEIR_PKT_TX_L4 | WEIR_PKT_VLAN, 14, 20);
	pkts[0].vlan = 0x6064;
	CU_ASSERT_EQUAL(weir_pkt_finish(arena, pkts, n), 0);
	CU_ASSERT_EQUAL(weir_pkt_bytes(pkts, n), len);
	CU_ASSERT_EQUAL(pkts[0].off, 36);
	CU_ASSERT_EQUAL(pkts[0].len, 48);
	CU_ASSERT_EQUAL(memcmp(weir_pkt_data(arena, &pkts[0]), expected, 48), 0);
	CU_ASSERT_EQUAL(pkts[0].flags, WEIR_PKT_IPV4 | WEIR_PKT_UDP | WEIR_PKT_MORE);
}

/* Expects @err, and that not a bit has changed. */
static void expect_refused(int err, unsigned n)
{
	static uint8_t arena_was[sizeof(arena)];
	struct weir_pkt pkts_were[sizeof(pkts) / sizeof(*pkts)];

	memcpy(arena_was, arena, sizeof(arena));
	memcpy(pkts_were, pkts, sizeof(pkts));
	CU_ASSERT_EQUAL(weir_pkt_finish(arena, pkts, n), err);
	CU_ASSERT_EQUAL(memcmp(arena_was, arena, sizeof(arena)), 0);
	CU_ASSERT_EQUAL(memcmp(pkts_were, pkts, sizeof(pkts)), 0);
}

#define ALL (WEIR_PKT_IPV4 | WEIR_PKT_UDP | WEIR_PKT_TX_IP | WEIR_PKT_TX_L4 | WEIR_PKT_VLAN)

static void what_cannot_be_written_to_is_refused(void)
{
	lay(udp4, 80, 80);
	ask(ALL, 14, 20);
	pkts[0].flags |= WEIR_PKT_SHARED;
	expect_refused(-EBUSY, 1);

	lay(udp4, 80, 80);
	ask(ALL, 14, 20);
	memmove(arena + 3, weir_pkt_data(arena, &pkts[0]), pkts[0].len);
	pkts[0].off = 3;
	expect_refused(-ENOSPC, 1);

	lay(udp4, 80, 80);
	ask(ALL | WEIR_PKT_TX_TSO, 14, 20);
	expect_refused(-ENOTSUP, 1);

	/* The 16 bytes before this data are metadata, not headroom. */
	lay(udp4, 80, 80);
	ask(ALL | WEIR_PKT_META, 14, 20);
	memmove(arena + 16, weir_pkt_data(arena, &pkts[0]), pkts[0].len);
	pkts[0].off = 16;
	expect_refused(-ENOSPC, 1);
}

static void lengths_that_cannot_be_are_refused(void)
{
	static const struct {
		unsigned flags, l2, l3;
		const char *frame;
	} lies[] = {
		{ ALL, 16, 20, udp4 },                                           /* no IP header there */
		{ ALL, 14, 24, udp4 },                                           /* not what the header says */
		{ ALL, 14, 16, udp4 },                                           /* shorter than IPv4 can be */
		{ ALL, 120, 20, udp4 },                                          /* past the data */
		{ ALL ^ WEIR_PKT_IPV4 ^ WEIR_PKT_IPV6, 14, 20, udp4 },           /* not IPv6 */
		{ ALL ^ WEIR_PKT_IPV4, 14, 20, udp4 },                           /* of no layer-3 type */
		{ ALL ^ WEIR_PKT_UDP, 14, 20, udp4 },                            /* of no layer-4 type */
		{ WEIR_PKT_IPV6 | WEIR_PKT_TCP | WEIR_PKT_TX_IP, 14, 40, tcp6 }, /* IPv6 has no header checksum */
		{ WEIR_PKT_IPV6 | WEIR_PKT_TCP | WEIR_PKT_TX_L4, 14, 44, tcp6 }, /* too little left for TCP */
		{ WEIR_PKT_IPV6 | WEIR_PKT_TCP | WEIR_PKT_TX_L4, 14, 36, tcp6 }, /* shorter than IPv6 can be */
		{ ALL, 14, 20,
		  MACS "0800 45000022 12344000 40110000 " IPV4 "03e80035 000dec55 68656c6c6f" }, /* longer */
		{ ALL, 14, 20,
		  MACS "0800 4500001b 12344000 40110000 " IPV4 "03e80035 000dec55 68656c6c6f" }, /* no UDP */
		{ ALL, 14, 20,
		  MACS "0800 45000010 12344000 40110000 " IPV4 "03e80035 000dec55 68656c6c6f" }, /* no IP */
		{ ALL, 14, 20, MACS "0800 45000000 12344000 40110000 " IPV4 "03e80035 000dec55 68656c6c6f" }, /* none */
		{ ALL, 14, 20, MACS },
		{ WEIR_PKT_VLAN, 0, 0, "0200000000020200000000" },
	};

	for (unsigned i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		unsigned n = lay(lies[i].frame, 80, 80);

		ask(lies[i].flags, lies[i].l2, lies[i].l3);
		expect_refused(-EINVAL, n);
	}
}

static void headers_across_buffers_are_refused(void)
{
	for (unsigned first = 0; first < 42; first++) {
		unsigned n = lay(udp4, first ? first : 1, 80);

		ask(ALL, 14, 20);
		expect_refused(-EINVAL, n);
	}
}

/* --- what was received ----------------------------------------------------------------------------------------------- */

static unsigned check(const char *text)
{
	unsigned n = lay(text, 88, 7);
	struct weir_parsed parsed;

	weir_parse_pkt(arena, pkts, n, &parsed);
	return weir_pkt_check(arena, pkts, n, &parsed);
}

static void right_checksums_are_good(void)
{
	CU_ASSERT_EQUAL(check(MACS "0800 45000021 12344000 40113c61 " IPV4 "03e80035 000dcbad 68656c6c6f"),
	                WEIR_PKT_IPV4 | WEIR_PKT_UDP | WEIR_PKT_IP_GOOD | WEIR_PKT_L4_GOOD);
	CU_ASSERT_EQUAL(
	    check(MACS "0800 45000028 12344000 40843be7 " IPV4 "13881389 deadbeef 4cfd1fa0 0e00000400000000"),
	    WEIR_PKT_IPV4 | WEIR_PKT_SCTP | WEIR_PKT_IP_GOOD | WEIR_PKT_L4_GOOD);
	CU_ASSERT_EQUAL(
	    check(MACS "86dd 60000000 00170640 " IPV6 "01bbc350 01020304 0a0b0c0d 5018 0200 aec80000 616263"),
	    WEIR_PKT_IPV6 | WEIR_PKT_TCP | WEIR_PKT_L4_GOOD);
}

static void wrong_checksums_are_bad(void)
{
	CU_ASSERT_EQUAL(check(MACS "0800 45000021 12344000 40113c62 " IPV4 "03e80035 000dcbad 68656c6c6f"),
	                WEIR_PKT_IPV4 | WEIR_PKT_UDP | WEIR_PKT_IP_BAD | WEIR_PKT_L4_GOOD);
	CU_ASSERT_EQUAL(check(MACS "0800 45000021 12344000 40113c61 " IPV4 "03e80035 000dcbad 68656c6c6e"),
	                WEIR_PKT_IPV4 | WEIR_PKT_UDP | WEIR_PKT_IP_GOOD | WEIR_PKT_L4_BAD);
	CU_ASSERT_EQUAL(
	    check(MACS "0800 45000028 12344000 40843be7 " IPV4 "13881389 deadbeef 4cfd1fa1 0e00000400000000"),
	    WEIR_PKT_IPV4 | WEIR_PKT_SCTP | WEIR_PKT_IP_GOOD | WEIR_PKT_L4_BAD);
}

static void echo_requests_are_checked(void)
{
	CU_ASSERT_EQUAL(check(MACS "0800 4500001c 00000000 40018eaa " IPV4 "0800 f7fe 0001 0000"),
	                WEIR_PKT_IPV4 | WEIR_PKT_IP_GOOD | WEIR_PKT_L4_GOOD);
	CU_ASSERT_EQUAL(check(MACS "0800 4500001c 00000000 40018eaa " IPV4 "0800 f7fd 0001 0000"),
	                WEIR_PKT_IPV4 | WEIR_PKT_IP_GOOD | WEIR_PKT_L4_BAD);
	CU_ASSERT_EQUAL(check(MACS "86dd 60000000 00083a40 " IPV6 "8000 2447 0001 0000"),
	                WEIR_PKT_IPV6 | WEIR_PKT_L4_GOOD);
}

static void no_udp_checksum_is_for_ipv4_only(void)
{
	CU_ASSERT_EQUAL(check(MACS "0800 45000021 12344000 40113c61 " IPV4 "03e80035 000d0000 68656c6c6f"),
	                WEIR_PKT_IPV4 | WEIR_PKT_UDP | WEIR_PKT_IP_GOOD);
	CU_ASSERT_EQUAL(check(MACS "86dd 60000000 00081140 " IPV6 "03e80035 00080000"),
	                WEIR_PKT_IPV6 | WEIR_PKT_UDP | WEIR_PKT_L4_BAD);
}

/* tests/data/frames/made.pcap, frame 41: what UDP does not count does not count. */
static void udp_may_end_before_ip(void)
{
	CU_ASSERT_EQUAL(check(MACS "0800 45000023 12344000 40113c5f " IPV4 "03e80035 000dcbad 68656c6c6f 1234"),
	                WEIR_PKT_IPV4 | WEIR_PKT_UDP | WEIR_PKT_IP_GOOD | WEIR_PKT_L4_GOOD);
}

static void a_packet_on_its_way_gets_no_verdict(void)
{
	CU_ASSERT_EQUAL(check(MACS "86dd 60000000 00202b40 " IPV6
	                           "1102 0001 00000000 20010db8000000000000000000000003 03e80035 00080001"),
	                WEIR_PKT_IPV6 | WEIR_PKT_UDP);
}

static void what_is_not_all_there_gets_no_verdict(void)
{
	/* A first fragment, a later one, and a packet that was cut. */
	CU_ASSERT_EQUAL(check(MACS "0800 45000021 12342000 40115c61 " IPV4 "03e80035 0100cbad 68656c6c6f"),
	                WEIR_PKT_IPV4 | WEIR_PKT_UDP | WEIR_PKT_IP_GOOD);
	CU_ASSERT_EQUAL(check(MACS "0800 45000021 12340001 40117c60 " IPV4 "03e80035 0100cbad 68656c6c6f"),
	                WEIR_PKT_IPV4 | WEIR_PKT_IP_GOOD);
	CU_ASSERT_EQUAL(check(MACS "0800 45000021 12344000 40113c61 " IPV4 "03e80035 000dcbad 68656c6c"),
	                WEIR_PKT_IPV4 | WEIR_PKT_UDP | WEIR_PKT_IP_GOOD);
	CU_ASSERT_EQUAL(check(MACS "0800 45000021 12344000 40113c61 c0"), 0);
	CU_ASSERT_EQUAL(check(MACS "0806 0001"), 0);
}

static const struct unit_case cases[] = {
	{ "UDP and IP checksums are filled", udp_and_ip_checksums_are_filled },
	{ "only what is asked for is filled", only_what_is_asked_for_is_filled },
	{ "TCP over IPv6 in odd pieces", tcp_over_ipv6_in_odd_pieces },
	{ "SCTP gets its CRC, least byte first", sctp_gets_its_crc_least_byte_first },
	{ "a UDP checksum of zero is sent as ones", a_udp_checksum_of_zero_is_sent_as_ones },
	{ "padding does not count", padding_does_not_count },
	{ "beyond 64 KiB the data tells the length", beyond_64_kib_the_data_tells_the_length },
	{ "the tag goes in behind the addresses", the_tag_goes_in_behind_the_addresses },
	{ "what cannot be written to is refused", what_cannot_be_written_to_is_refused },
	{ "lengths that cannot be are refused", lengths_that_cannot_be_are_refused },
	{ "headers across buffers are refused", headers_across_buffers_are_refused },
	{ "right checksums are good", right_checksums_are_good },
	{ "wrong checksums are bad", wrong_checksums_are_bad },
	{ "echo requests are checked", echo_requests_are_checked },
	{ "no UDP checksum is for IPv4 only", no_udp_checksum_is_for_ipv4_only },
	{ "UDP may end before IP", udp_may_end_before_ip },
	{ "a packet on its way gets no verdict", a_packet_on_its_way_gets_no_verdict },
	{ "what is not all there gets no verdict", what_is_not_all_there_gets_no_verdict },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("net: offloads", cases);
}
