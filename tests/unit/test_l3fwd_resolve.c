/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Neighbours that weir-l3fwd finds by itself: what it asks and answers, byte for byte, what waits meanwhile, and how it
 * keeps what it knows fresh. Time is told to it.
 */
#include "hex.h"
#include "l3fwd_messages.h"
#include "weir/net.h"

static struct kernel kernel;
static uint8_t frame[2048];
static size_t frame_len;

#define PAD18 "0000 0000 0000 0000 0000 0000 0000 0000 0000"

/* Interface 1 has 10.0.0.1/24 and 2001:db8::1/64. */
static bool begin(void)
{
	if (!kernel_open(&kernel, false)) {
		unit_skip("there are no netlink sockets here");
		kernel_close(&kernel);
		return false;
	}
	tell_address(&kernel, 10, "10.0.0.1", 24);
	tell_address(&kernel, 10, "2001:db8::1", 64);
	tell_route(&kernel, false, "10.0.0.0", 24, 10, NULL);
	return true;
}

static void at(uint64_t ms)
{
	resolver_tick(&kernel.control.resolver, ms);
}

/* A packet to 10.0.0.@last of the connected network. */
static void want(uint8_t last)
{
	struct weir_pkt pkt;
	uint8_t *data;

	CU_ASSERT_EQUAL_FATAL(weir_pool_alloc(kernel.cache, &pkt, 1), 1);
	data = weir_pkt_data(kernel.router.base, &pkt);
	memset(data, 0, 60);
	weir_store_be16(data + 12, 0x0800);
	weir_store_be32(data + 30, 0x0a000000u + last);
	pkt.len = 60;
	punt_mark(&pkt, PUNT_CONNECTED, 1, 0);
	resolver_wanted(&kernel.control.resolver, &pkt, 1);
}

static unsigned sent(void)
{
	return sent_by(&kernel, 0, frame, &frame_len);
}

static bool sent_is(const char *text)
{
	uint8_t expected[2048];
	size_t len = hex(expected, text);

	return len == frame_len && !memcmp(frame, expected, len);
}

static void hear_arp(const char *text)
{
	uint8_t bytes[256];

	resolver_arp(&kernel.control.resolver, 1, bytes, hex(bytes, text));
}

static void hear_nd(const char *text)
{
	uint8_t bytes[256];

	resolver_nd(&kernel.control.resolver, 1, bytes, hex(bytes, text));
}

#define REPLY_OF_9 "020000000010 020000000109 0806 0001 0800 06 04 0002 020000000109 0a000009 020000000010 0a000001"

static void packets_wait_for_an_answer_and_no_more_than_eight(void)
{
	if (!begin())
		return;
	want(9);
	CU_ASSERT_EQUAL(sent(), 1);
	CU_ASSERT(sent_is(
	    "ffffffffffff 020000000010 0806 0001 0800 06 04 0001 020000000010 0a000001 000000000000 0a000009" PAD18));
	for (unsigned i = 0; i < 9; i++)
		want(9);
	CU_ASSERT_EQUAL(sent(), 0);
	CU_ASSERT_EQUAL(kernel.control.resolver.counts.queue_full, 2);
	CU_ASSERT_EQUAL(kernel.router.counts[1].drops[DROP_UNRESOLVED], 2);
	hear_arp(REPLY_OF_9);
	CU_ASSERT_EQUAL(sent(), 8);
	CU_ASSERT_EQUAL(mac_pack(frame), 0x020000000109u);
	want(9);
	CU_ASSERT_EQUAL(sent(), 1);
	CU_ASSERT_EQUAL(hop_to(&kernel, "10.0.0.9"), hop_word(HOP_NEIGHBOUR, 1, 0x020000000109u));
	kernel_close(&kernel);
}

static void who_does_not_answer_is_asked_three_times(void)
{
	unsigned asked = 0;

	if (!begin())
		return;
	at(1000);
	want(9);
	for (uint64_t ms = 1000; ms <= 3900; ms += 100) {
		asked += sent();
		at(ms);
	}
	CU_ASSERT_EQUAL(asked + sent(), 3);
	at(4000);
	CU_ASSERT_EQUAL(kernel.control.resolver.counts.failed, 1);
	CU_ASSERT_EQUAL(info_of(kernel.pool).in_use, 0);
	/* Nobody asks again at once; later it is forgotten. */
	want(9);
	CU_ASSERT_EQUAL(sent(), 0);
	at(7000);
	CU_ASSERT_EQUAL(kernel.control.resolver.count, 0);
	kernel_close(&kernel);
}

static void who_is_in_use_is_asked_again_and_who_is_not_is_forgotten(void)
{
	if (!begin())
		return;
	at(1000);
	want(9);
	hear_arp(REPLY_OF_9);
	sent();
	want(9);
	sent();
	router_hop_used(&kernel.router, kernel.control.resolver.all[0].hop);
	at(31000);
	at(31100);
	CU_ASSERT_EQUAL(sent(), 0);
	kernel.router.used[kernel.control.resolver.all[0].hop] = 1;
	at(36100);
	CU_ASSERT_EQUAL(sent(), 1);
	CU_ASSERT(sent_is(
	    "020000000109 020000000010 0806 0001 0800 06 04 0001 020000000010 0a000001 020000000109 0a000009" PAD18));
	CU_ASSERT_EQUAL(hop_kind(hop_to(&kernel, "10.0.0.9")), HOP_NEIGHBOUR);
	hear_arp(REPLY_OF_9);
	for (uint64_t ms = 66100; ms < 700000; ms += 5000)
		at(ms);
	CU_ASSERT_EQUAL(sent(), 0);
	CU_ASSERT_EQUAL(kernel.control.resolver.count, 0);
	CU_ASSERT_EQUAL(hop_to(&kernel, "10.0.0.9"), hop_word(HOP_CONNECTED, 1, 0));
	kernel_close(&kernel);
}

static void questions_for_us_are_answered_and_others_are_not(void)
{
	if (!begin())
		return;
	hear_arp("ffffffffffff 020000000105 0806 0001 0800 06 04 0001 020000000105 0a000005 000000000000 0a000001");
	CU_ASSERT_EQUAL(sent(), 1);
	CU_ASSERT(sent_is(
	    "020000000105 020000000010 0806 0001 0800 06 04 0002 020000000010 0a000001 020000000105 0a000005" PAD18));
	CU_ASSERT_EQUAL(kernel.control.resolver.count, 1);
	hear_arp("ffffffffffff 020000000106 0806 0001 0800 06 04 0001 020000000106 0a000006 000000000000 0a000007");
	/* From another network; from a multicast address; a reply that nobody asked for. */
	hear_arp("ffffffffffff 020000000106 0806 0001 0800 06 04 0001 020000000106 0b000006 000000000000 0a000009");
	hear_arp("ffffffffffff 030000000106 0806 0001 0800 06 04 0001 030000000106 0a000008 000000000000 0a000001");
	sent();
	hear_arp(REPLY_OF_9);
	CU_ASSERT_EQUAL(sent(), 0);
	CU_ASSERT_EQUAL(kernel.control.resolver.count, 1);
	kernel_close(&kernel);
}

/* A solicitation for 2001:db8::1 by 2001:db8::5. */
#define SOLICIT_HEAD "3333ff000001 020000000105 86dd 60000000 0020 3a "
#define SOLICIT_TAIL " 20010db8000000000000000000000005 ff0200000000000000000001ff000001 8700 "
#define SOLICIT_REST " 00000000 20010db8000000000000000000000001 0101 020000000105"

static void solicitations_are_answered_if_they_are_right(void)
{
	const struct weir_ipv6 *ip = (const void *)(frame + 14);
	uint8_t bytes[128];
	uint16_t csum;
	char text[512];

	if (!begin())
		return;
	/* The checksum that makes the sum 0xffff, from the definition. */
	hex(bytes, SOLICIT_HEAD "ff" SOLICIT_TAIL "0000" SOLICIT_REST);
	csum = weir_be16(
	    weir_sum_csum(weir_sum_add(weir_sum_pseudo6((void *)(bytes + 14), 58, 32), weir_sum(bytes + 54, 32))));
	snprintf(text, sizeof(text), SOLICIT_HEAD "ff" SOLICIT_TAIL "%04x" SOLICIT_REST, csum);
	hear_nd(text);
	CU_ASSERT_EQUAL_FATAL(sent(), 1);
	CU_ASSERT_EQUAL(frame_len, 14 + 40 + 32);
	CU_ASSERT_EQUAL(mac_pack(frame), 0x020000000105u);
	CU_ASSERT_EQUAL(frame[54], 136);
	CU_ASSERT_EQUAL(weir_load_be32(frame + 58), 0xe0000000u);
	CU_ASSERT_EQUAL(ip->hop_limit, 255);
	CU_ASSERT_EQUAL(mac_pack(frame + 80), 0x020000000010u);
	CU_ASSERT_EQUAL(weir_sum_csum(weir_sum_add(weir_sum_pseudo6(ip, 58, 32), weir_sum(frame + 54, 32))), 0);
	/* Forwarded on its way; a wrong checksum. */
	snprintf(text, sizeof(text), SOLICIT_HEAD "fe" SOLICIT_TAIL "%04x" SOLICIT_REST, csum);
	hear_nd(text);
	snprintf(text, sizeof(text), SOLICIT_HEAD "ff" SOLICIT_TAIL "%04x" SOLICIT_REST, csum ^ 1);
	hear_nd(text);
	CU_ASSERT_EQUAL(sent(), 0);
	kernel_close(&kernel);
}

static void neighbours_of_ipv6_are_asked_for_by_their_own_group(void)
{
	if (!begin())
		return;
	tell_route(&kernel, false, "2001:db8:9::", 48, 10, "2001:db8::ab:cdef");
	at(1);
	CU_ASSERT_EQUAL_FATAL(sent(), 1);
	CU_ASSERT_EQUAL(mac_pack(frame), 0x3333ffabcdefu);
	CU_ASSERT_EQUAL(frame[54], 135);
	CU_ASSERT(!memcmp(frame + 22, ip_of("2001:db8::1").byte, 16));
	CU_ASSERT(!memcmp(frame + 38, ip_of("ff02::1:ffab:cdef").byte, 16));
	CU_ASSERT(!memcmp(frame + 62, ip_of("2001:db8::ab:cdef").byte, 16));
	kernel_close(&kernel);
}

int main(void)
{
	static const struct unit_case cases[] = {
		{ "packets wait for an answer, and no more than eight",
		  packets_wait_for_an_answer_and_no_more_than_eight },
		{ "who does not answer is asked three times", who_does_not_answer_is_asked_three_times },
		{ "who is in use is asked again, and who is not is forgotten",
		  who_is_in_use_is_asked_again_and_who_is_not_is_forgotten },
		{ "questions for us are answered, and others are not",
		  questions_for_us_are_answered_and_others_are_not },
		{ "solicitations are answered if they are right", solicitations_are_answered_if_they_are_right },
		{ "neighbours of IPv6 are asked for by their own group",
		  neighbours_of_ipv6_are_asked_for_by_their_own_group },
		{ NULL, NULL },
	};

	return unit_run("l3fwd resolve", cases);
}
