/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frames of each kind of header, against bytes that an independent program put together from the RFCs; which checksums are
 * left to a port; and what is wrong with the order of headers.
 */
#include <string.h>

#include <weir/net.h>
#include <weir/pkt.h>

#include "hex.h"
#include "pktgen/payload.h"
#include "pktgen/stream.h"
#include "unit.h"

static struct payload payload;
static struct stream_set set;
static uint8_t frame[FRAME_MAX];

/* Makes the first frame of the one stream that @text describes. Returns its length. */
static unsigned make(unsigned size, const char *packet, bool offload)
{
	char text[1024], error[STREAM_ERROR] = "";
	unsigned len;

	stream_set_free(&set);
	snprintf(text, sizeof(text), "{size: %u, packet: %s}", size, packet);
	if (stream_read(&set, "text", text, strlen(text), error)) {
		printf("%s ", error);
		CU_FAIL_FATAL("no stream");
	}
	len = stream_frame(&set.streams[0], &payload, 0, frame);
	template_checksums(&set.streams[0].template, frame, len, offload);
	return len;
}

static void same(unsigned size, const char *packet, const char *expected)
{
	uint8_t bytes[2048];
	unsigned len = make(size, packet, false);

	CU_ASSERT_EQUAL(hex(bytes, expected), len);
	for (unsigned i = 0; i < len; i++)
		if (bytes[i] != frame[i]) {
			printf("byte %u is %02x, not %02x ", i, frame[i], bytes[i]);
			CU_FAIL("another frame");
			break;
		}
}

static const char udp4[] =
    "02000000000202000000000108004500002e000000004011ee97c6120001c6130001c0000009001a6b37000102030405"
    "060708090a0b0c0d0e0f1011";

static const char vlan[] =
    "0200000000020200000000018100a064080045b8002e12340000051116acc6120001c613000100010002001a2b3e0001"
    "02030405060708090a0b0c0d0e0f1011";

static const char qinq[] =
    "02000000000202000000000188a80fff8100100286dd62eabcde00180601200100020000000000000000000000012001"
    "0002000080000000000000000001c000000900000000000000005010ffff2dbb000000010203";

static const char mpls[] =
    "0200000000020200000000018847003e86400001010945000036000000004001ee9fc6120001c613000108005b4e0007"
    "0001000102030405060708090a0b0c0d0e0f10111213141516171819";

static const char arp[] =
    "ffffffffffff020000000001080600010800060400020200000000010a000001020000000009c6130001000102030405"
    "060708090a0b0c0d0e0f1011";

static const char icmpv6[] =
    "02000000000202000000000186dd60000000002a3a402001000200000000000000000000000120010002000080000000"
    "0000000000018000ae6800070001000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021";

static const char vxlan[] =
    "02000000000202000000000108004500008400000000401166670a0000010a000002c00012b500700000080000001234"
    "5600020000000002020000000001080045000052000000004011ee73c6120001c6130001c0000009003ef26400010203"
    "0405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f30313233"
    "3435";

static const char gre[] =
    "02000000000202000000000186dd60000000003e2f402001000200000000000000000000000120010002000000000000"
    "000000000009200008000000004d45000036000000004011ee8fc6120001c6130001c0000009002216cf000102030405"
    "060708090a0b0c0d0e0f10111213141516171819";

static const char gtpu[] =
    "02000000000202000000000108004500006e000000004011ee57c6120001c6130001c0000868005a000030ff004adead"
    "beef60000000002211402001000200000000000000000000000120010002000080000000000000000001c00000090022"
    "e2ee000102030405060708090a0b0c0d0e0f10111213141516171819";

static void frame_of_udp4(void)
{
	same(64, "[eth, ipv4, udp]", udp4);
}

static void frame_of_vlan(void)
{
	same(68,
	     "[eth, {vlan: {id: 100, priority: 5}}, {ipv4: {tos: 0xb8, ttl: 5, id: 0x1234}}, {udp: {src: 1, dst: 2}}]",
	     vlan);
}

static void frame_of_qinq(void)
{
	same(
	    90,
	    "[eth, {qinq: {id: 4095}}, {vlan: {id: 2, dei: 1}}, {ipv6: {class: 0x2e, flow: 0xabcde, hop_limit: 1}}, tcp]",
	    qinq);
}

static void frame_of_mpls(void)
{
	same(80,
	     "[eth, {mpls: {label: 1000, class: 3}}, {mpls: {label: 16, ttl: 9}}, ipv4, {icmp: {id: 7, sequence: 1}}]",
	     mpls);
}

static void frame_of_arp(void)
{
	same(
	    64,
	    "[{eth: {dst: 'ff:ff:ff:ff:ff:ff'}}, {arp: {operation: 2, sender_ip: 10.0.0.1, target_mac: '02:00:00:00:00:09'}}]",
	    arp);
}

static void frame_of_icmpv6(void)
{
	same(100, "[eth, ipv6, {icmpv6: {id: 7, sequence: 1}}]", icmpv6);
}

static void frame_of_vxlan(void)
{
	same(150, "[eth, {ipv4: {src: 10.0.0.1, dst: 10.0.0.2}}, udp, {vxlan: {vni: 0x123456}}, eth, ipv4, udp]",
	     vxlan);
}

static void frame_of_gre(void)
{
	same(120, "[eth, {ipv6: {dst: '2001:2::9'}}, {gre: {key: 77}}, ipv4, udp]", gre);
}

static void frame_of_gtpu(void)
{
	same(128, "[eth, ipv4, udp, {gtpu: {teid: 0xdeadbeef}}, ipv6, udp]", gtpu);
}

/* The bytes that a port leaves alone, and what it fills in: the library's software does as one would. */
static void offloads_lead_to_the_same_frame(void)
{
	static const char *const packets[] = {
		"[eth, ipv4, udp]",
		"[eth, vlan, ipv6, tcp]",
		"[eth, ipv4, udp, vxlan, eth, ipv4, tcp]",
		"[eth, mpls, ipv4, udp]",
	};
	uint8_t whole[FRAME_MAX];

	for (unsigned i = 0; i < sizeof(packets) / sizeof(*packets); i++) {
		unsigned len = make(200, packets[i], false);
		struct weir_pkt pkt = { .len = (uint16_t)len };

		memcpy(whole, frame, len);
		make(200, packets[i], true);
		CU_ASSERT_NOT_EQUAL(memcmp(whole, frame, len), 0);
		pkt.flags = set.streams[0].template.flags;
		pkt.txo = set.streams[0].template.txo;
		CU_ASSERT(pkt.flags & WEIR_PKT_TX_L4);
		CU_ASSERT_EQUAL(weir_pkt_finish(frame, &pkt, 1), 0);
		CU_ASSERT_EQUAL(memcmp(whole, frame, len), 0);
	}
}

static void no_port_is_asked_for_icmp(void)
{
	make(100, "[eth, ipv4, icmp]", true);
	CU_ASSERT_EQUAL(set.streams[0].template.flags, 0);
	/* 8, 0, then a checksum that is right: the message makes 0 with it. */
	CU_ASSERT_EQUAL(weir_sum_csum(weir_sum(frame + 34, 96 - 34)), 0);
}

/* What is said of a field that follows from others is left as it is. */
static void what_is_said_is_not_corrected(void)
{
	make(
	    64,
	    "[{eth: {type: 0x1234}}, {ipv4: {protocol: 99, length: 40, checksum: 0xbad}}, {udp: {length: 7, checksum: 1}}]",
	    false);
	CU_ASSERT_EQUAL(weir_load_be16(frame + 12), 0x1234);
	CU_ASSERT_EQUAL(frame[23], 99);
	CU_ASSERT_EQUAL(weir_load_be16(frame + 16), 40);
	CU_ASSERT_EQUAL(weir_load_be16(frame + 24), 0xbad);
	CU_ASSERT_EQUAL(weir_load_be16(frame + 38), 7);
	CU_ASSERT_EQUAL(weir_load_be16(frame + 40), 1);
}

static const struct unit_case cases[] = {
	{ "UDP over IPv4", frame_of_udp4 },
	{ "TCP over IPv6, behind two tags", frame_of_qinq },
	{ "a VLAN tag, and fields of IPv4", frame_of_vlan },
	{ "ICMP behind two labels", frame_of_mpls },
	{ "ARP", frame_of_arp },
	{ "ICMPv6", frame_of_icmpv6 },
	{ "VXLAN", frame_of_vxlan },
	{ "GRE with a key, over IPv6", frame_of_gre },
	{ "GTP-U with IPv6 inside", frame_of_gtpu },
	{ "a frame whose checksums a port fills in becomes the same", offloads_lead_to_the_same_frame },
	{ "ICMP's checksum is never left to a port", no_port_is_asked_for_icmp },
	{ "what is said of types, lengths and checksums is not corrected", what_is_said_is_not_corrected },
	{ NULL, NULL },
};

int main(void)
{
	int status;

	payload_init(&payload);
	status = unit_run("pktgen: templates", cases);
	stream_set_free(&set);
	return status;
}
