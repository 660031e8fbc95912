/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The parser, on frames made by hand: where it says that headers are, what it finds wrong, and that it stays within the
 * bytes it is given. (tests/apps/parse-tshark.sh: real captures, against tshark.)
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hex.h"
#include "unit.h"
#include "weir/net.h"
#include "weir/parse.h"

#define MACS "020000000002 020000000001 "
#define IPV4 "c0000201 c6336402 "
#define IPV6 "20010db8000000000000000000000001 20010db8000000000000000000000002 "
#define UDP  "03e80035 000dcbad 68656c6c6f"                        /* 13 bytes, 1000 to 53 */
#define TCP  "01bbc350 01020304 0a0b0c0d 50180200 aec80000 616263" /* 23 bytes, 443 to 50000 */

#define UDP4 "45000021 12344000 40110000 " IPV4 UDP /* 33 bytes */
#define TCP6 "60000000 00170640 " IPV6 TCP          /* 63 bytes */

/*
 * What @parsed says, in the order of the headers: "0800 l3 14+20 ipv4 17 l4 34+8 udp 1000>53 end 47". Words for what is
 * not there are left out.
 */
static const char *tell(const struct weir_parsed *parsed)
{
	static const char *const errors[] = { "truncated", "tags",       "labels", "version", "ihl", "cut",
		                              "short",     "extensions", "jumbo",  "tcp",     "udp" };
	static const char *const l3[] = { "", " ipv4", " ipv6" }, *const l4[] = { "", " tcp", " udp", " sctp" };
	static const char *const names[] = { "", " ip", " gre", " vxlan", " geneve", " gtpu" };
	static char text[256];
	FILE *to = fmemopen(text, sizeof(text), "w");

	fprintf(to, "%04x", parsed->ether_type);
	if (parsed->tags)
		fprintf(to, " tags %u: %u %u", parsed->tags, parsed->tci[0], parsed->tci[1]);
	if (parsed->labels)
		fprintf(to, " labels %u", parsed->labels);
	if (parsed->l2_off)
		fprintf(to, " l2 %u", parsed->l2_off);
	fprintf(to, " l3 %u+%u%s", parsed->l3_off, parsed->l3_len, l3[(parsed->flags & WEIR_PKT_L3) >> 4]);
	if (parsed->flags & WEIR_PARSED_FRAGMENT)
		fputs(parsed->flags & WEIR_PARSED_LATER ? " later" : " first", to);
	if (parsed->flags & WEIR_PARSED_ROUTED)
		fputs(" routed", to);
	if (parsed->flags & WEIR_PARSED_UNSIZED)
		fputs(" unsized", to);
	if (parsed->flags & WEIR_PKT_L3)
		fprintf(to, " %u", parsed->protocol);
	if (parsed->l4_off)
		fprintf(to, " l4 %u+%u%s", parsed->l4_off, parsed->l4_len, l4[(parsed->flags & WEIR_PKT_L4) >> 6]);
	if (parsed->src_port || parsed->dst_port)
		fprintf(to, " %u>%u", parsed->src_port, parsed->dst_port);
	fprintf(to, "%s end %u", names[parsed->tunnel], parsed->end);
	for (unsigned i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (parsed->errors >> i & 1)
			fprintf(to, " !%s", errors[i]);
	fclose(to);
	return text;
}

static const struct example {
	const char *name, *frame, *told;
} examples[] = {
	{ "UDP", MACS "0800" UDP4, "0800 l3 14+20 ipv4 17 l4 34+8 udp 1000>53 end 47" },
	{ "UDP with padding", MACS "0800" UDP4 "00000000000000000000000000",
	  "0800 l3 14+20 ipv4 17 l4 34+8 udp 1000>53 end 47" },
	{ "TCP over IPv6", MACS "86dd" TCP6, "86dd l3 14+40 ipv6 6 l4 54+20 tcp 443>50000 end 77" },
	{ "IPv4 and TCP options",
	  MACS "0800 46000030 00004000 40060000 " IPV4 "01010100"
	       "01bbc350 01020304 0a0b0c0d 60180200 aec80000 01010101",
	  "0800 l3 14+24 ipv4 6 l4 38+24 tcp 443>50000 end 62" },
	{ "SCTP", MACS "0800 45000024 12344000 40840000 " IPV4 "13881389 deadbeef 00000000 0e000004",
	  "0800 l3 14+20 ipv4 132 l4 34+12 sctp 5000>5001 end 50" },
	{ "ICMP", MACS "0800 4500001c 00000000 40018eaa " IPV4 "0800f7fe00010000",
	  "0800 l3 14+20 ipv4 1 l4 34+0 end 42" },
	{ "ARP", MACS "0806 0001080006040001 020000000001c0000201 000000000000c0000202", "0806 l3 14+0 end 42" },
	{ "an 802.3 length", MACS "0003 424203", "0003 l3 14+0 end 17" },
	{ "a tag", MACS "8100 6064 0800" UDP4, "0800 tags 1: 24676 0 l3 18+20 ipv4 17 l4 38+8 udp 1000>53 end 51" },
	{ "QinQ", MACS "88a8 0005 8100 2006 86dd" TCP6,
	  "86dd tags 2: 5 8198 l3 22+40 ipv6 6 l4 62+20 tcp 443>50000 end 85" },
	{ "three tags", MACS "9100 0001 9100 0002 8100 0003 0806 0001", "0806 tags 3: 1 2 l3 26+0 end 28" },
	{ "nine tags",
	  MACS "8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001"
	       "0806",
	  "8100 tags 8: 1 1 l3 46+0 end 50 !tags" },
	{ "a tag cut short", MACS "8100 606408", "8100 l3 14+0 end 17 !truncated" },
	{ "labels before IPv4", MACS "8847 00010040 00020140" UDP4,
	  "8847 labels 2 l3 22+20 ipv4 17 l4 42+8 udp 1000>53 end 55" },
	{ "a tag and a label before something", MACS "8100 0001 8847 00020140 00000000",
	  "8847 tags 1: 1 0 labels 1 l3 22+0 end 26" },
	{ "labels without a bottom", MACS "8847 00010040 00010040 00010040",
	  "8847 labels 3 l3 26+0 end 26 !truncated" },
	{ "seventeen labels",
	  MACS "8847 00010040 00010040 00010040 00010040 00010040 00010040 00010040 00010040 00010040"
	       "00010040 00010040 00010040 00010040 00010040 00010040 00010040 00010140 45",
	  "8847 labels 16 l3 78+0 end 83 !labels" },
	{ "a first fragment", MACS "0800 4500001c 12342000 40110000 " IPV4 "03e80035 1000cbad",
	  "0800 l3 14+20 ipv4 first 17 l4 34+8 udp 1000>53 end 42" },
	{ "a later fragment", MACS "0800 4500001c 12340001 40110000 " IPV4 "03e80035 1000cbad",
	  "0800 l3 14+20 ipv4 later 17 l4 34+0 end 42" },
	{ "a first fragment of IPv6", MACS "86dd 60000000 00102c40 " IPV6 "11000001 12345678 03e80035 1000cbad",
	  "86dd l3 14+48 ipv6 first 17 l4 62+8 udp 1000>53 end 70" },
	{ "a later fragment of IPv6", MACS "86dd 60000000 00102c40 " IPV6 "11000008 12345678 03e80035 1000cbad",
	  "86dd l3 14+48 ipv6 later 17 l4 62+0 end 70" },
	{ "a fragment header around a whole packet", MACS "86dd 60000000 00152c40 " IPV6 "11000000 12345678" UDP,
	  "86dd l3 14+48 ipv6 17 l4 62+8 udp 1000>53 end 75" },
	{ "hop-by-hop, destination, routing, authentication",
	  MACS "86dd 60000000 00450040 " IPV6 "3c00010400000000"
	       "2b01010c0000000000000000 00000000"
	       "3300 0000 00000000"
	       "1104 0000 00000001 00000002 "
	       "00112233 44556677 8899aabb" UDP,
	  "86dd l3 14+96 ipv6 17 l4 110+8 udp 1000>53 end 123" },
	{ "a routing header that is not done",
	  MACS "86dd 60000000 00252b40 " IPV6 "1102 0001 00000000 20010db8000000000000000000000003" UDP,
	  "86dd l3 14+64 ipv6 routed 17 l4 78+8 udp 1000>53 end 91" },
	{ "encrypted", MACS "86dd 60000000 00083240 " IPV6 "0000000100000001", "86dd l3 14+40 ipv6 50 l4 54+0 end 62" },
	{ "no next header", MACS "86dd 60000000 00003b40 " IPV6 "0000", "86dd l3 14+40 ipv6 59 l4 54+0 end 54" },
	{ "nine extension headers",
	  MACS "86dd 60000000 00483c40 " IPV6
	       "3c00010400000000 3c00010400000000 3c00010400000000 3c00010400000000 3c00010400000000 3c00010400000000"
	       "3c00010400000000 3c00010400000000 3b00010400000000",
	  "86dd l3 14+104 ipv6 60 end 126 !extensions" },
	{ "an extension header longer than its packet",
	  MACS "86dd 60000000 00083c40 " IPV6 "1101010400000000 0000000000000000",
	  "86dd l3 14+40 ipv6 60 end 62 !short" },
	{ "an extension header longer than the data", MACS "86dd 60000000 01003c40 " IPV6 "1101010400000000",
	  "86dd l3 14+40 ipv6 60 end 62 !truncated !cut" },
	{ "a jumbo payload that is not there", MACS "86dd 60000000 00000040 " IPV6 "3b00c20400010000",
	  "86dd l3 14+48 ipv6 59 l4 62+0 end 62 !cut" },
	{ "a jumbo payload that is none", MACS "86dd 60000000 00000040 " IPV6 "3b00c2040000ffff",
	  "86dd l3 14+40 ipv6 0 end 62 !jumbo" },
	{ "options but no length", MACS "86dd 60000000 00000040 " IPV6 "3b00010400000000",
	  "86dd l3 14+40 ipv6 0 end 62 !jumbo" },
	{ "no length at all", MACS "86dd 60000000 00000640 " IPV6 TCP,
	  "86dd l3 14+40 ipv6 unsized 6 l4 54+20 tcp 443>50000 end 77" },
	{ "IPv6 announced as IPv4", MACS "0800" TCP6, "0800 l3 14+0 end 77 !version" },
	{ "IPv4 announced as IPv6", MACS "86dd" UDP4 "00000000000000", "86dd l3 14+0 end 54 !version" },
	{ "a header of 16 bytes", MACS "0800 44000021 12344000 40110000 " IPV4 UDP, "0800 l3 14+0 end 47 !ihl" },
	{ "a header longer than the packet", MACS "0800 4f000021 12344000 40110000 " IPV4 UDP,
	  "0800 l3 14+0 end 47 !ihl" },
	{ "a packet longer than the data", MACS "0800 45000022 12344000 40110000 " IPV4 UDP,
	  "0800 l3 14+20 ipv4 17 l4 34+8 udp 1000>53 end 47 !cut" },
	{ "no room for UDP", MACS "0800 4500001b 12344000 40110000 " IPV4 UDP,
	  "0800 l3 14+20 ipv4 17 l4 34+0 end 41 !short" },
	{ "UDP of 7 bytes", MACS "0800 4500001c 12344000 40110000 " IPV4 "03e80035 0007cbad",
	  "0800 l3 14+20 ipv4 17 l4 34+8 udp 1000>53 end 42 !udp" },
	{ "UDP longer than its packet", MACS "0800 4500001c 12344000 40110000 " IPV4 "03e80035 0009cbad 00",
	  "0800 l3 14+20 ipv4 17 l4 34+8 udp 1000>53 end 42 !udp" },
	{ "TCP of 16 bytes",
	  MACS "0800 45000028 12344000 40060000 " IPV4 "01bbc350 01020304 0a0b0c0d 40180200 aec80000",
	  "0800 l3 14+20 ipv4 6 l4 34+0 443>50000 end 54 !tcp" },
	{ "TCP options past the packet",
	  MACS "0800 45000028 12344000 40060000 " IPV4 "01bbc350 01020304 0a0b0c0d 60180200 aec80000 00000000",
	  "0800 l3 14+20 ipv4 6 l4 34+0 443>50000 end 54 !tcp" },
	{ "TCP options past the data",
	  MACS "0800 45000040 12344000 40060000 " IPV4 "01bbc350 01020304 0a0b0c0d 60180200 aec80000",
	  "0800 l3 14+20 ipv4 6 l4 34+0 443>50000 end 54 !truncated !cut" },
	{ "a runt", MACS "08", "0000 l3 0+0 end 13 !truncated" },
	{ "nothing", "", "0000 l3 0+0 end 0 !truncated" },
};

#define EXAMPLES (sizeof(examples) / sizeof(*examples))

static void expect(const char *name, const struct weir_parsed *parsed, const char *told)
{
	CU_ASSERT_STRING_EQUAL(tell(parsed), told);
	if (strcmp(tell(parsed), told))
		printf("\n    %s: %s", name, tell(parsed));
}

static void every_example(void)
{
	for (unsigned i = 0; i < EXAMPLES; i++) {
		uint8_t bytes[512];
		size_t len = hex(bytes, examples[i].frame);
		struct weir_parsed parsed;
		int err = weir_parse(bytes, len, &parsed);

		expect(examples[i].name, &parsed, examples[i].told);
		CU_ASSERT_EQUAL(err, strchr(examples[i].told, '!') ? -EBADMSG : 0);
	}
}

static void without_ethernet(void)
{
	uint8_t bytes[512];
	size_t len = hex(bytes, UDP4);
	struct weir_parsed parsed;

	CU_ASSERT_EQUAL(weir_parse_ip(bytes, len, &parsed), 0);
	expect("UDP4", &parsed, "0800 l3 0+20 ipv4 17 l4 20+8 udp 1000>53 end 33");
	len = hex(bytes, TCP6);
	CU_ASSERT_EQUAL(weir_parse_ip(bytes, len, &parsed), 0);
	expect("TCP6", &parsed, "86dd l3 0+40 ipv6 6 l4 40+20 tcp 443>50000 end 63");
	CU_ASSERT_EQUAL(weir_parse_ip("\x50", 1, &parsed), -EBADMSG);
	CU_ASSERT_EQUAL(parsed.errors, WEIR_PARSE_VERSION);
	CU_ASSERT_EQUAL(weir_parse_ip(NULL, 0, &parsed), -EBADMSG);
	CU_ASSERT_EQUAL(parsed.errors, WEIR_PARSE_TRUNCATED);
}

/* Data that ends where the next byte would be a fault. */
static uint8_t *edge(void)
{
	static uint8_t *end;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (!end) {
		uint8_t *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (pages == MAP_FAILED || mprotect(pages + page, page, PROT_NONE) < 0)
			abort();
		end = pages + page;
	}
	return end;
}

/* Whether what @parsed says lies within @len bytes. */
static bool lies_within(const struct weir_parsed *parsed, size_t len)
{
	return parsed->l3_off + parsed->l3_len <= len && parsed->l4_off + parsed->l4_len <= len && parsed->end <= len;
}

static void every_prefix_is_safe_and_known_to_be_short(void)
{
	for (unsigned i = 0; i < EXAMPLES; i++) {
		uint8_t bytes[512];
		size_t len = hex(bytes, examples[i].frame), need;
		struct weir_parsed whole;

		weir_parse(bytes, len, &whole);
		need = whole.l4_off + whole.l4_len;
		for (size_t cut = 0; cut < len; cut++) {
			uint8_t *at = edge() - cut;
			struct weir_parsed parsed;
			int err;

			memcpy(at, bytes, cut);
			err = weir_parse(at, cut, &parsed);
			CU_ASSERT(lies_within(&parsed, cut));
			CU_ASSERT_EQUAL(err, parsed.errors ? -EBADMSG : 0);
			if (cut < need)
				CU_ASSERT_EQUAL(err, -EBADMSG);
		}
	}
}

static void no_byte_leads_astray(void)
{
	unsigned wrong = 0;

	srandom(3);
	for (unsigned i = 0; i < 50000; i++) {
		const struct example *example = &examples[(unsigned)random() % EXAMPLES];
		uint8_t bytes[512], *at;
		size_t len = hex(bytes, example->frame);
		struct weir_parsed parsed, inner;
		int err;

		if (!len)
			continue;
		for (unsigned n = (unsigned)random() % 4; n; n--)
			bytes[(unsigned)random() % len] = (uint8_t)random();
		at = edge() - len;
		memcpy(at, bytes, len);
		err = weir_parse(at, len, &parsed);
		wrong += !lies_within(&parsed, len) || err != (parsed.errors ? -EBADMSG : 0);
		weir_parse_tunnel(at, len, &parsed, &inner);
		wrong += !lies_within(&inner, len);
	}
	CU_ASSERT_EQUAL(wrong, 0);
}

static void headers_must_be_in_the_first_buffer(void)
{
	static _Alignas(64) uint8_t arena[256];
	struct weir_parsed whole, parsed;
	size_t len = hex(arena, MACS "86dd" TCP6);

	CU_ASSERT_EQUAL(weir_parse(arena, len, &whole), 0);
	memcpy(arena + 128, arena, len);
	for (unsigned cut = 0; cut <= len; cut++) {
		struct weir_pkt pkts[] = {
			{ .buf = 0, .off = 0, .len = (uint16_t)cut, .flags = WEIR_PKT_MORE },
			{ .buf = 2, .off = (uint16_t)cut, .len = (uint16_t)(len - cut) },
		};
		int err = weir_parse_pkt(arena, pkts, 2, &parsed);

		if (cut >= 74) {
			CU_ASSERT_EQUAL(err, 0);
			CU_ASSERT_EQUAL(memcmp(&parsed, &whole, sizeof(whole)), 0);
		} else {
			CU_ASSERT_EQUAL(err, -EBADMSG);
			CU_ASSERT_EQUAL(parsed.errors, WEIR_PARSE_TRUNCATED);
		}
	}
}

/* --- tunnels --------------------------------------------------------------------------------------------------------- */

static const struct tunnel_example {
	const char *name;
	enum weir_tunnel tunnel;
	const char *frame, *told; /* NULL: nothing that could be told */
} tunnels[] = {
	{ "IP in IP", WEIR_TUNNEL_IP, MACS "0800 45000035 00004000 40040000 " IPV4 UDP4,
	  "0800 l2 34 l3 34+20 ipv4 17 l4 54+8 udp 1000>53 end 67" },
	{ "IPv6 in IPv4, padded", WEIR_TUNNEL_IP, MACS "0800 45000053 00004000 40290000 " IPV4 TCP6 "0000",
	  "86dd l2 34 l3 34+40 ipv6 6 l4 74+20 tcp 443>50000 end 97" },
	{ "an inner packet longer than the outer", WEIR_TUNNEL_IP, MACS "0800 45000034 00004000 40040000 " IPV4 UDP4,
	  "0800 l2 34 l3 34+20 ipv4 17 l4 54+8 udp 1000>53 end 66 !cut" },
	{ "GRE", WEIR_TUNNEL_GRE, MACS "0800 45000039 00004000 402f0000 " IPV4 "00000800" UDP4,
	  "0800 l2 38 l3 38+20 ipv4 17 l4 58+8 udp 1000>53 end 71" },
	{ "GRE with everything, Ethernet in it", WEIR_TUNNEL_GRE,
	  MACS "0800 45000053 00004000 402f0000 " IPV4 "b0006558 00000000 00000007 00000001" MACS "0800" UDP4,
	  "0800 l2 50 l3 64+20 ipv4 17 l4 84+8 udp 1000>53 end 97" },
	{ "GRE with labels", WEIR_TUNNEL_GRE, MACS "0800 4500003d 00004000 402f0000 " IPV4 "00008847 00010140" UDP4,
	  "8847 labels 1 l2 38 l3 42+20 ipv4 17 l4 62+8 udp 1000>53 end 75" },
	{ "GRE with something else", WEIR_TUNNEL_GRE, MACS "0800 45000018 00004000 402f0000 " IPV4 "000088be", NULL },
	{ "GRE of PPTP", WEIR_TUNNEL_GRE, MACS "0800 4500001c 00004000 402f0000 " IPV4 "2001880b 00000000", NULL },
	{ "GRE cut short", WEIR_TUNNEL_GRE, MACS "0800 45000017 00004000 402f0000 " IPV4 "000008",
	  "0000 l3 0+0 end 0 !truncated" },
	{ "VXLAN", WEIR_TUNNEL_VXLAN,
	  MACS "0800 45000053 00004000 40110000 " IPV4 "c00012b5 003f0000 08000000 00002a00" MACS "0800" UDP4,
	  "0800 l2 50 l3 64+20 ipv4 17 l4 84+8 udp 1000>53 end 97" },
	{ "VXLAN without an identifier", WEIR_TUNNEL_VXLAN,
	  MACS "0800 45000024 00004000 40110000 " IPV4 "c00012b5 00100000 00000000 00002a00", NULL },
	{ "Geneve with options", WEIR_TUNNEL_GENEVE,
	  MACS "0800 4500004f 00004000 40110000 " IPV4 "c00017c1 003b0000 02000800 00002a00 00000001 00000000" UDP4
	       "000000000000",
	  "0800 l2 58 l3 58+20 ipv4 17 l4 78+8 udp 1000>53 end 91" },
	{ "GTP-U", WEIR_TUNNEL_GTPU,
	  MACS "0800 45000045 00004000 40110000 " IPV4 "08680868 00310000 30ff0021 00000001" UDP4,
	  "0800 l2 50 l3 50+20 ipv4 17 l4 70+8 udp 1000>53 end 83" },
	{ "GTP-U with an extension header", WEIR_TUNNEL_GTPU,
	  MACS "0800 4500006b 00004000 40110000 " IPV4 "08680868 00570000 34ff0047 00000001 00000085 01100100" TCP6,
	  "86dd l2 58 l3 58+40 ipv6 6 l4 98+20 tcp 443>50000 end 121" },
	{ "GTP-U echo", WEIR_TUNNEL_GTPU,
	  MACS "0800 45000028 00004000 40110000 " IPV4 "08680868 00140000 32010004 00000000 00010000", NULL },
	{ "GTP-U extension headers without end", WEIR_TUNNEL_GTPU,
	  MACS "0800 4500002c 00004000 40110000 " IPV4 "08680868 00180000 34ff0008 00000001 00000085 00100185",
	  "0000 l3 0+0 end 0 !truncated" },
	{ "GTP-U with nine extension headers", WEIR_TUNNEL_GTPU,
	  MACS "0800 4500004c 00004000 40110000 " IPV4 "08680868 00380000 34ff0028 00000001 00000085"
	       "01000085 01000085 01000085 01000085 01000085 01000085 01000085 01000085 01000000",
	  "0000 l3 0+0 end 0 !extensions" },
	{ "a fragment of a tunnel", WEIR_TUNNEL_NONE, MACS "0800 45000039 00002000 402f0000 " IPV4 "00000800" UDP4,
	  NULL },
};

static void every_tunnel(void)
{
	for (unsigned i = 0; i < sizeof(tunnels) / sizeof(*tunnels); i++) {
		const char *told = tunnels[i].told;
		uint8_t bytes[512];
		size_t len = hex(bytes, tunnels[i].frame);
		struct weir_parsed outer, inner;
		int err;

		CU_ASSERT_EQUAL(weir_parse(bytes, len, &outer), 0);
		CU_ASSERT_EQUAL(outer.tunnel, tunnels[i].tunnel);
		err = weir_parse_tunnel(bytes, len, &outer, &inner);
		CU_ASSERT_EQUAL(err, !told ? -ENOENT : strchr(told, '!') ? -EBADMSG : 0);
		if (told)
			expect(tunnels[i].name, &inner, told);
		for (size_t cut = 0; cut < len; cut++) {
			memcpy(edge() - cut, bytes, cut);
			weir_parse(edge() - cut, cut, &outer);
			weir_parse_tunnel(edge() - cut, cut, &outer, &inner);
			CU_ASSERT(lies_within(&inner, cut));
		}
	}
}

static void tunnels_in_tunnels_end(void)
{
	static uint8_t bytes[65000];
	struct weir_parsed parsed;
	unsigned depth = 0;
	int err;

	/* IPv4 in IPv4 all the way down: each header says that the next comes behind it. */
	hex(bytes, MACS "0800");
	for (size_t at = 14; at + 20 <= sizeof(bytes); at += 20) {
		hex(bytes + at, "4500 0000 00000000 40040000 " IPV4);
		weir_store_be16(bytes + at + 2, (uint16_t)(sizeof(bytes) - at));
	}
	err = weir_parse(bytes, sizeof(bytes), &parsed);
	while (!err) {
		struct weir_parsed inner;

		err = weir_parse_tunnel(bytes, sizeof(bytes), &parsed, &inner);
		parsed = inner;
		depth++;
	}
	CU_ASSERT_EQUAL(err, -EBADMSG);
	CU_ASSERT_EQUAL(parsed.errors, WEIR_PARSE_TRUNCATED);
	CU_ASSERT_EQUAL(depth, (0x7fff - 14) / 20 + 1);
}

static const struct unit_case cases[] = {
	{ "every example is found as it was drawn", every_example },
	{ "packets without Ethernet", without_ethernet },
	{ "every prefix is safe and known to be short", every_prefix_is_safe_and_known_to_be_short },
	{ "no byte leads astray", no_byte_leads_astray },
	{ "headers must be in the first buffer", headers_must_be_in_the_first_buffer },
	{ "every tunnel", every_tunnel },
	{ "tunnels in tunnels end", tunnels_in_tunnels_end },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("net: parser", cases);
}
