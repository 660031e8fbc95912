/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The same packets through weir-l3fwd and through Linux, with the same routes: what comes out has to be the same, byte for
 * byte. Captures, and packets that were generated; most of them are then damaged in one way or several. What differs and
 * may differ is listed in differences[], with the reason, and counted; anything else fails, and both answers are shown.
 *
 * PACKETS=1000000 tries so many instead of the few thousand that take seconds, SEED=n others.
 */
#include "l3fwd_kernel.h"
#include "l3fwd_packets.h"
#include "weir/parse.h"

#define PACKETS   20000u
#define ANSWERS   64u /* frames that come of one packet, at most */
#define TOLD_MOST 5u  /* differences that are shown */

static const char *const network[] = {
	"interface 0 address 10.0.0.2/31 address 2001:db8::2/127",
	"interface 1 address 10.0.1.2/31 address 2001:db8:1::2/127",
	"interface 2 mtu 1280 address 10.0.2.2/31 address 2001:db8:2::2/127",
	"neighbour 10.0.0.3 mac 02:00:00:00:00:f0 interface 0",
	"neighbour 10.0.1.3 mac 02:00:00:00:00:f1 interface 1",
	"neighbour 10.0.2.3 mac 02:00:00:00:00:f2 interface 2",
	"neighbour 2001:db8::3 mac 02:00:00:00:00:f0 interface 0",
	"neighbour 2001:db8:1::3 mac 02:00:00:00:00:f1 interface 1",
	"neighbour 2001:db8:2::3 mac 02:00:00:00:00:f2 interface 2",
	"route 10.8.0.0/13 via 10.0.1.3",
	"route 10.9.0.0/16 via 10.0.2.3",
	"route 10.9.9.0/24 via 10.0.0.3",
	"route 10.9.9.128/25 via 10.0.1.3",
	"route 10.6.0.0/16 blackhole",
	"route 10.5.0.0/16 unreachable",
	"route 10.4.0.0/16 prohibit",
	"route 2001:db8:8::/45 via 2001:db8:1::3",
	"route 2001:db8:9::/48 via 2001:db8:2::3",
	"route 2001:db8:9:9::/64 via 2001:db8::3",
	"route 2001:db8:6::/48 blackhole",
	"route 2001:db8:5::/48 unreachable",
	"route 2001:db8:4::/48 prohibit",
};
/* Added when half is done. */
static const char *const everywhere[] = { "route 0.0.0.0/0 via 10.0.1.3", "route ::/0 via 2001:db8:2::3" };

static struct rig rig;
static struct kernel kernel;
static struct frame in, theirs[ANSWERS], ours[ANSWERS];
static unsigned their_count, our_count;
static uint64_t punts_before[PUNT_COUNT], drops_before[DROP_COUNT];

/* --- answers --------------------------------------------------------------------------------------------------------- */

/* What Linux says as a host on its links, which our router leaves to the control thread. */
static bool is_link_talk(const struct frame *frame)
{
	unsigned type = (unsigned)frame->data[12] << 8 | frame->data[13];

	if (frame->data[0] & 1 || type == 0x0806)
		return true;
	/* It waited for the other fragments of what was for itself. */
	if (is_ipv4(frame) && frame->data[14] == 0x45 && frame->data[23] == 1 && frame->data[34] == 11 &&
	    frame->data[35] == 1 && frame->data[29] == 2)
		return true;
	return is_ipv6(frame) && frame->data[20] == 58 && frame->data[21] == 255;
}

/* Numbers that are chosen at will: of IPv4 packets that a router makes, so that their checksum differs too. */
static void forget_ident(struct frame *frame)
{
	if (!is_ipv4(frame) || frame->data[14] != 0x45 || frame->data[23] != 1 ||
	    memcmp(frame->data + 26, "\x0a\x00", 2) || frame->data[29] != 2)
		return;
	CU_ASSERT_EQUAL(sum16(frame->data + 14, 20, 0), 0xffff);
	memset(frame->data + 18, 0, 2);
	memset(frame->data + 24, 0, 2);
}

static void run_theirs(void)
{
	CU_ASSERT_EQUAL(write(kernel.tap[in.port], in.data, in.len), (ssize_t)in.len);
	their_count = 0;
	for (unsigned port = 0; port < KERNEL_PORTS; port++)
		while (their_count < ANSWERS) {
			struct frame *frame = &theirs[their_count];

			frame->port = port;
			frame->len = kernel_read(&kernel, port, frame->data, sizeof(frame->data));
			if (!frame->len)
				break;
			if (is_link_talk(frame))
				continue;
			forget_ident(frame);
			their_count++;
		}
}

static void run_ours(void)
{
	struct weir_pkt pkts[64];
	unsigned n;

	memcpy(punts_before, rig.router.counts[0].punts, sizeof(punts_before));
	memcpy(drops_before, rig.router.counts[0].drops, sizeof(drops_before));
	rig.sent_count = 0;
	rig_frame(&rig, in.port, in.data, in.len);
	while ((n = router_punted(&rig.router, pkts, 64)))
		weir_pool_free(rig.cache, pkts, n);
	for (our_count = 0; our_count < rig.sent_count && our_count < ANSWERS; our_count++) {
		struct frame *frame = &ours[our_count];

		frame->port = rig.sent[our_count].port;
		frame->len = rig.sent[our_count].len;
		memcpy(frame->data, rig.sent[our_count].data, frame->len);
		forget_ident(frame);
	}
}

static bool same(const struct frame *a, unsigned a_count, const struct frame *b, unsigned b_count)
{
	if (a_count != b_count)
		return false;
	for (unsigned i = 0; i < a_count; i++)
		if (a[i].port != b[i].port || a[i].len != b[i].len || memcmp(a[i].data, b[i].data, a[i].len) != 0)
			return false;
	return true;
}

/* --- differences ------------------------------------------------------------------------------------------------------ */

static bool we_dropped(enum drop why)
{
	return rig.router.counts[0].drops[why] > drops_before[why];
}

/* Both took the packet for themselves: what Linux then does as a host is not a router's business. */
static bool for_the_router_itself(void)
{
	for (unsigned i = 0; i < PUNT_COUNT; i++)
		if (rig.router.counts[0].punts[i] > punts_before[i])
			return true;
	return false;
}

/* RFC 1812 leaves it to the router whether it looks for the way back (5.3.8); Linux does for its own addresses. */
static bool from_the_router_itself(void)
{
	if (is_ipv4(&in))
		return !memcmp(in.data + 26, "\x0a\x00", 2) && in.data[28] < KERNEL_PORTS && in.data[29] == 2;
	return is_ipv6(&in) && !memcmp(in.data + 22, "\x20\x01\x0d\xb8\x00", 5) && in.data[37] == 2;
}

/* Packets "should not appear on the network" with them (RFC 4291, section 2.5.5.2, and what it led to). */
static bool is_mapped_address(void)
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	return is_ipv6(&in) && (!memcmp(in.data + 22, prefix, 12) || !memcmp(in.data + 38, prefix, 12));
}

/* RFC 1122, section 3.2.1.3 (a), (b): not to be sent. Linux has come to forward them, but for 0.0.0.0. */
static bool is_network_zero(void)
{
	return is_ipv4(&in) && (in.data[26] == 0 || in.data[30] == 0);
}

/* Where the first option of one of two kinds is, or the options end; 0 when they do not. */
static unsigned find_option(unsigned kind, unsigned other)
{
	unsigned at = 34, end = 14 + (in.data[14] & 0xfu) * 4u;

	if (!is_ipv4(&in) || end > in.len)
		return 0;
	while (at < end && in.data[at] != kind && in.data[at] != other && in.data[at] != 0)
		at += in.data[at] == 1 || at + 1 >= end || in.data[at + 1] < 2 ? 1 : in.data[at + 1];
	return at < end ? at : 0;
}

/* Options after their end, which Linux clears. */
static bool has_bytes_behind_options(void)
{
	unsigned at = find_option(0, 0), end = 14 + (in.data[14] & 0xfu) * 4u;

	for (; at && at < end; at++)
		if (in.data[at])
			return true;
	return false;
}

/* Both refuse it. Whether something else is wrong with its options, Linux does not always say. */
static bool is_source_routed(void)
{
	unsigned at = find_option(131, 137);

	return at && in.data[at] && we_dropped(DROP_OPTIONS) && our_count <= 1 && their_count <= 1;
}

/* Nobody can tell what it is about, and so whether it must not be answered. */
static bool is_later_fragment6(void)
{
	struct weir_parsed parsed;

	weir_parse(in.data, in.len, &parsed);
	return is_ipv6(&in) && parsed.flags & WEIR_PARSED_LATER && !our_count;
}

/* RFC 4443, section 2.4 (e.2): never about a redirect. */
static bool is_redirect6(void)
{
	return is_ipv6(&in) && in.data[20] == 58 && in.data[54] == 137 && !our_count;
}

/* RFC 8200, section 4: a node on the way looks at them if it is told to. Linux always does. */
static bool has_hop_by_hop_options(void)
{
	return is_ipv6(&in) && in.data[20] == 0;
}

/* Errors about packets with a route record quote them: Linux as it has begun to change them. */
static bool is_quoted_record(void)
{
	unsigned at = find_option(7, 68);

	return at && in.data[at] && our_count && ours[0].data[23] == 1 && ours[0].data[29] == 2;
}

/* Five at once and then one in a second for each source, which cannot be switched off; ours go by their sum. */
static bool is_limited_by_source(void)
{
	const uint8_t *ours_data = ours[0].data;

	return our_count == 1 && their_count == 0 && is_ipv4(&ours[0]) && ours_data[23] == 1 && ours_data[29] == 2 &&
	       ours_data[34] == 3 && ours_data[35] != 4;
}

/*
 * "Must never be forwarded" (RFC 4291, section 2.5.2). Linux says that it has no route to ::, and sends what is from ::
 * back to the link that it came by.
 */
static bool is_nobody(void)
{
	static const uint8_t nobody[16];

	return is_ipv6(&in) && (!memcmp(in.data + 22, nobody, 16) || !memcmp(in.data + 38, nobody, 16));
}

/* RFC 8335: a question, and no error. Linux takes all types that it does not know for errors. */
static bool is_extended_echo(void)
{
	unsigned l4 = 14 + (in.data[14] & 0xfu) * 4u;

	return is_ipv4(&in) && in.data[23] == 1 && l4 < in.len && in.data[l4] >> 1 == 21;
}

/* RFC 791, section 3.1: those without the bit are for the first fragment. Linux leaves them in all. */
static bool is_fragment_with_options(void)
{
	return is_ipv4(&in) && (in.data[14] & 15) > 5 && our_count > 1 && our_count == their_count;
}

static const struct difference {
	bool (*applies)(void);
	const char *why;
} differences[] = {
	{ for_the_router_itself, "to the router itself, or to a group: left to the control thread" },
	{ from_the_router_itself, "from an address of the router: Linux looks where packets come from" },
	{ is_mapped_address, "::ffff:0:0/96: not to be seen on a network" },
	{ is_network_zero, "0.0.0.0/8: not to be sent (RFC 1122)" },
	{ has_bytes_behind_options, "bytes behind the end of IPv4 options: Linux clears them" },
	{ is_quoted_record, "an error about a packet with a route record, which Linux quotes changed" },
	{ is_source_routed, "source routes: neither takes them; what else is wrong is not always said" },
	{ is_limited_by_source, "unreachable: Linux limits these errors for each source" },
	{ is_nobody, "from or to ::, which is nobody" },
	{ is_extended_echo, "an error about an extended echo, which is not an error" },
	{ is_fragment_with_options, "fragments with options that are for the first alone: Linux copies them" },
	{ is_later_fragment6, "no error about IPv6 fragments but the first" },
	{ is_redirect6, "no error about an IPv6 redirect" },
	{ has_hop_by_hop_options, "IPv6 hop-by-hop options: Linux reads them (RFC 8200, section 4: only if told to)" },
};

static uint64_t told[sizeof(differences) / sizeof(*differences)];

static void show(const char *who, const struct frame *frames, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		printf("  %s, port %u, %zu bytes:", who, frames[i].port, frames[i].len);
		for (size_t j = 0; j < frames[i].len && j < 120; j++)
			printf("%s%02x", j == 14 || j == 34 || j == 54 ? " " : "", frames[i].data[j]);
		printf("\n");
	}
}

/* Whether one of the reasons explains why the answers differ. Shows them if not. */
static bool may_differ(unsigned number)
{
	static unsigned shown;

	for (unsigned i = 0; i < sizeof(differences) / sizeof(*differences); i++)
		if (differences[i].applies()) {
			told[i]++;
			return true;
		}
	if (shown++ >= TOLD_MOST)
		return false;
	printf("\npacket %u:\n", number);
	show("came", &in, 1);
	show("Linux", theirs, their_count);
	show("weir ", ours, our_count);
	for (unsigned i = 0; i < DROP_COUNT; i++)
		if (we_dropped((enum drop)i))
			printf("  weir dropped it: %s\n", drop_name(i));
	return false;
}

/* --- the test --------------------------------------------------------------------------------------------------------- */

static void add_lines(const char *const *lines, size_t size)
{
	for (size_t i = 0; i < size / sizeof(*lines); i++) {
		rig_line(&rig, lines[i]);
		if (!kernel_line(lines[i]))
			printf("%s: Linux does not take it\n", lines[i]);
	}
}

/* Until the kernel forwards: it lets interfaces come up by themselves. */
static bool kernel_is_ready(void)
{
	for (unsigned i = 0; i < 2000; i++) {
		in.port = 0;
		in.len = make4(in.data, "10.8.1.1", 64, 100);
		inet_pton(AF_INET, "10.0.0.3", in.data + 26);
		seal4(in.data);
		run_theirs();
		if (their_count)
			return true;
		usleep(10000);
	}
	return false;
}

static unsigned number_from(const char *name, unsigned otherwise)
{
	const char *text = getenv(name);

	return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

static void packets_leave_as_they_do_from_linux(void)
{
	unsigned count = number_from("PACKETS", unit_cycles(PACKETS)), differ = 0;

	state = 0x9e3779b97f4a7c15u ^ number_from("SEED", 1);
	rig_open(&rig);
	rig.router.punting = true;
	add_lines(network, sizeof(network));
	take_captures();
	CU_ASSERT_FATAL(kernel_is_ready());
	for (unsigned i = 0; i < count; i++) {
		if (i == count / 2)
			add_lines(everywhere, sizeof(everywhere));
		make(&in, KERNEL_PORTS);
		run_theirs();
		run_ours();
		if (!same(theirs, their_count, ours, our_count) && !may_differ(i))
			differ++;
	}
	CU_ASSERT_EQUAL(differ, 0);
	printf(
	    "\n%u packets, %u bases from captures, forwarded %llu, ICMP errors %llu; differed without a reason: %u\n",
	    count, base_count, (unsigned long long)rig.router.counts[0].forwarded,
	    (unsigned long long)rig.router.counts[0].icmp_sent, differ);
	for (unsigned i = 0; i < sizeof(differences) / sizeof(*differences); i++)
		printf("%8llu  %s\n", (unsigned long long)told[i], differences[i].why);
	rig_close(&rig);
}

int main(void)
{
	static const struct unit_case cases[] = {
		{ "packets leave as they do from Linux", packets_leave_as_they_do_from_linux },
		{ NULL, NULL },
	};
	const char *why = kernel_open(&kernel);

	return why ? unit_skip(why) : unit_run("l3fwd kernel", cases);
}
