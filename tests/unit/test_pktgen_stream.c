/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Files of streams: what they say is understood, and what is wrong is told with its line.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "pktgen/stream.h"
#include "unit.h"

static struct stream_set set;
static char error[STREAM_ERROR];

static int give(const char *text)
{
	stream_set_free(&set);
	return stream_read(&set, "file", text, strlen(text), error);
}

static void a_file_is_understood(void)
{
	const struct stream *s;

	CU_ASSERT_EQUAL_FATAL(give("# two streams, and one by default\n"
	                           "streams:\n"
	                           "  - name: web\n"
	                           "    port: 1\n"
	                           "    packet:\n"
	                           "      - eth\n"
	                           "      - ipv4: {src: {increment: [10.0.0.1, 10.0.3.255]}}\n"
	                           "      - tcp: {dst: [80, 443]}\n"
	                           "    size: [128, 1518]\n"
	                           "    rate: 1.5 Mpps\n"
	                           "    spacing: {burst: 16}\n"
	                           "    count: 1000\n"
	                           "    flows: 1000000\n"
	                           "    seed: 5\n"
	                           "    signature: no\n"
	                           "  - {name: rest, packet: [eth, ipv6, udp], weight: 3, spacing: poisson}\n"
	                           "  - replay: {file: some.pcap, speed: 2.5, loop: 0, src: 02:00:00:00:00:07}\n"),
	                      0);
	CU_ASSERT_EQUAL_FATAL(set.count, 3);
	s = &set.streams[0];
	CU_ASSERT_STRING_EQUAL(s->name, "web");
	CU_ASSERT_EQUAL(s->port, 1);
	CU_ASSERT_EQUAL(s->line, 3);
	CU_ASSERT_EQUAL(s->rate.unit, RATE_PPS);
	CU_ASSERT_EQUAL(s->rate.value, 1.5e6);
	CU_ASSERT_EQUAL(s->spacing, SPACING_BURST);
	CU_ASSERT_EQUAL(s->burst, 16);
	CU_ASSERT_EQUAL(s->count, 1000);
	CU_ASSERT_EQUAL(s->flows, 1000000);
	CU_ASSERT_EQUAL(s->seed, 5);
	CU_ASSERT_EQUAL(s->field_count, 2);
	CU_ASSERT_FALSE(s->sign);
	s = &set.streams[1];
	CU_ASSERT_EQUAL(s->id, 1);
	CU_ASSERT_EQUAL(s->weight, 3);
	CU_ASSERT_EQUAL(s->rate.unit, RATE_NONE);
	CU_ASSERT_EQUAL(s->spacing, SPACING_POISSON);
	/* 14 + 40 + 8 bytes of headers, 18 of a signature, 4 of CRC. */
	CU_ASSERT_EQUAL(s->size.first, 84);
	CU_ASSERT(s->sign);
	s = &set.streams[2];
	CU_ASSERT_STRING_EQUAL(s->name, "stream2");
	CU_ASSERT_STRING_EQUAL(s->replay.file, "some.pcap");
	CU_ASSERT_EQUAL(s->replay.speed, 2.5);
	CU_ASSERT_EQUAL(s->replay.loops, 0);
	CU_ASSERT(s->replay.set_src && s->replay.src[5] == 7 && !s->replay.set_dst);
}

/* The most headers that there can be, of the longest kind: 14 + 15 * 40 bytes, 18 of a signature and 4 of CRC. */
static void headers_may_be_many(void)
{
	CU_ASSERT_EQUAL_FATAL(
	    give("packet: [eth, ipv6, ipv6, ipv6, ipv6, ipv6, ipv6, ipv6, ipv6, ipv6, ipv6, ipv6, ipv6,"
	         " ipv6, ipv6, ipv6]"),
	    0);
	CU_ASSERT_EQUAL(set.streams[0].size.first, 636);
}

static void streams_come_in_three_ways(void)
{
	CU_ASSERT_EQUAL(give("packet: [eth]"), 0);
	CU_ASSERT_EQUAL(set.count, 1);
	CU_ASSERT_EQUAL(give("- packet: [eth]\n- packet: [eth, {vlan: }]\n"), 0);
	CU_ASSERT_EQUAL(set.count, 2);
	/* JSON is YAML. */
	CU_ASSERT_EQUAL(
	    give("{\"streams\": [{\"name\": \"a\", \"packet\": [\"eth\", {\"ipv4\": {\"ttl\": 5}}, \"udp\"],"
	         " \"size\": 64, \"rate\": \"1 kpps\"}]}"),
	    0);
	CU_ASSERT_EQUAL(set.count, 1);
	/* More is added to what there is. */
	CU_ASSERT_EQUAL(stream_read(&set, "more", "{packet: [eth]}", 15, error), 0);
	CU_ASSERT_EQUAL(set.count, 2);
	CU_ASSERT_EQUAL(set.streams[1].id, 1);
}

/* Each mistake, and what is said of it. */
static const struct {
	const char *text, *said;
} mistakes[] = {
	{ "", "file:1: there is nothing in it" },
	{ "# only a comment\n", "file:1: there is nothing in it" },
	{ "packet: [eth\nsize: 64\n", "file:2: " },
	{ "packet: \"eth", "file:1: while scanning a quoted scalar" },
	{ "\xff\xfe\xff", "file" },
	{ "--- {packet: [eth]}\n--- {packet: [eth]}\n", "file:2: a second document" },
	{ "64", "file:1: streams are a list" },
	{ "[]", "file:1: streams are a list" },
	{ "- 5\n", "file:1: a stream is described by pairs" },
	{ "streams: 5", "file:1: streams are a list" },
	{ "streams: [{packet: [eth]}]\nflows: 3\n", "file:2: nothing called 'flows' can be said of a file" },
	{ "packet: [eth]\nspeed: 3\n", "file:2: nothing called 'speed' can be said of a stream, only name, port" },
	{ "packet: [eth]\n[a]: 3\n", "file:2: nothing called '[...]'" },
	{ "packet: [eth]\nsize: 64\nsize: 65\n", "file:3: size is said twice" },
	{ "size: 64\n", "file:1: a stream needs a packet or a replay" },
	{ "packet: [eth]\nreplay: {file: a}\n", "file:1: a stream needs a packet or a replay" },
	{ "name: ''\npacket: [eth]\n", "file:1: a name has 1 to 31" },
	{ "name: 12345678901234567890123456789012\npacket: [eth]\n", "file:1: a name has 1 to 31" },
	{ "- {name: a, packet: [eth]}\n- {name: a, packet: [eth]}\n", "file:2: there is a stream 'a' already" },
	{ "packet: [eth]\nport: -1\n", "file:2: port is a whole number from 0 to 255, not '-1'" },
	{ "packet: [eth]\nport: [1]\n", "file:2: port is a whole number" },
	{ "packet: eth\n", "file:1: a packet is a list of headers" },
	{ "packet: []\n", "file:1: a packet has headers" },
	{ "packet:\n- ipv4\n", "file:2: a packet begins with eth, not with ipv4" },
	{ "packet:\n- eth\n- ipv5\n", "file:3: there is no header 'ipv5'" },
	{ "packet:\n- eth\n- udp\n", "file:3: udp cannot follow eth; put it behind ipv4 or ipv6" },
	{ "packet: [eth, ipv4, udp, vxlan]\n", "file:1: a packet does not end with vxlan" },
	{ "packet: [eth, ipv6, ipv6, ipv6, ipv6, ipv6, ipv6, ipv6, ipv6, ipv6, ipv6, ipv6, ipv6, ipv6, ipv6, ipv6, udp]",
	  "file:1: udp is one header too many; a packet has at most 16" },
	{ "packet: [eth, [a]]\n", "file:1: a header is its name" },
	{ "packet: [eth, {ipv4: 5}]\n", "file:1: ipv4 takes fields" },
	{ "packet:\n- eth\n- ipv4:\n    colour: red\n", "file:4: ipv4 has no field 'colour', only protocol" },
	{ "packet: [eth, {ipv4: {ttl: 1, ttl: 2}}]\n", "file:1: ttl is said twice of ipv4" },
	{ "packet: [eth, {ipv4: {ttl: 256}}]\n", "file:1: ipv4 ttl is a whole number from 0 to 255, not '256'" },
	{ "packet: [eth, {ipv4: {ttl: five}}]\n", "file:1: ipv4 ttl is a whole number from 0 to 255, not 'five'" },
	{ "packet: [eth, {ipv4: {src: 10.0.0}}]\n", "file:1: ipv4 src is an address like 198.18.0.1, not '10.0.0'" },
	{ "packet: [{eth: {src: '02:00'}}]\n", "file:1: eth src is an address like 02:00:00:00:00:01" },
	{ "packet: [eth, {ipv6: {src: 10.0.0.1}}]\n", "file:1: ipv6 src is an address like 2001:2::1" },
	{ "packet: [eth, {vlan: {id: {increment: [1]}}}]\n", "file:1: vlan id needs the first and the last value" },
	{ "packet: [eth, {vlan: {id: {increment: [2, 1]}}}]\n", "file:1: vlan id has its first value above its last" },
	{ "packet: [eth, {vlan: {id: {decrement: [1, 2]}}}]\n", "file:1: vlan id has its first value below its last" },
	{ "packet: [eth, {vlan: {id: {increment: [1, 9], step: 0}}}]\n",
	  "file:1: step is a number from 1 on, not '0'" },
	{ "packet: [eth, {vlan: {id: {step: 1}}}]\n", "file:1: vlan id needs one of increment" },
	{ "packet: [eth, {vlan: {id: {random: [1, 2], list: [1]}}}]\n", "file:1: vlan id needs one of increment" },
	{ "packet: [eth, {vlan: {id: {list: [1], step: 2}}}]\n", "file:1: vlan id is a list, which has no step" },
	{ "packet: [eth, {vlan: {id: {increment: [1, 2], seed: 2}}}]\n", "file:1: vlan id is not random" },
	{ "packet: [eth, {vlan: {id: []}}]\n", "file:1: vlan id needs a list of values" },
	{ "packet: [eth, {vlan: {id: [[1]]}}]\n", "file:1: vlan id needs a single value" },
	{ "packet: [eth, {vlan: {id: {list: [1], each: 0}}}]\n", "file:1: each is a whole number from 1" },
	{ "packet: [eth, {ipv6: {src: {random: ['::', 'ffff::']}}}]\n", "file:1: ipv6 src has more than 2^64 values" },
	{ "packet: [eth]\nsize: 63\n", "file:2: size is a whole number from 64 to 16384, not '63'" },
	{ "packet: [eth]\nsize: large\n", "file:2: size is a whole number from 64 to 16384, not 'large'" },
	{ "packet: [eth]\nsize: {64: 0}\n", "file:2: a weight is a whole number from 1" },
	{ "packet: [eth]\nsize: {64: 65536, 65: 1}\n", "file:2: the weights of all sizes are 65537 together" },
	{ "packet: [eth, ipv6, tcp]\nsize: 64\n", "file:1: frames of 64 bytes have no room for 78 bytes of headers" },
	{ "packet: [eth, ipv4, tcp]\nsize: 64\nsignature: yes\n", "no room for a signature; make them 76 bytes" },
	{ "packet: [eth]\nsignature: maybe\n", "file:2: signature is yes or no" },
	{ "packet: [eth]\nrate: fast\n", "file:2: a rate is packets or bits per second" },
	{ "packet: [eth]\nrate: 1000\n", "file:2: a rate is packets or bits per second" },
	{ "packet: [eth]\nrate: 1 kpps\nweight: 2\n", "file:1: a stream with a rate of its own shares in no other" },
	{ "packet: [eth]\nweight: 0\n", "file:2: weight is a whole number from 1 to 10000" },
	{ "packet: [eth]\nspacing: even\n", "file:2: spacing is constant, poisson or {burst: PACKETS}, not 'even'" },
	{ "packet: [eth]\nspacing: {burst: 0}\n", "file:2: burst is a whole number from 1" },
	{ "packet: [eth]\ncount: 0\n", "file:2: count is a whole number from 1" },
	{ "packet: [eth]\nflows: 1000000001\n", "file:2: flows is a whole number from 1 to 1000000000" },
	{ "replay: some.pcap\n", "file:1: a replay is described by pairs" },
	{ "replay: {loop: 1}\n", "file:1: a replay needs the name of a capture" },
	{ "replay: {file: a, speed: 0}\n", "file:1: speed says how many times as fast" },
	{ "replay: {file: a, dst: here}\n", "file:1: a new address is one like 02:00:00:00:00:01, not 'here'" },
	{ "replay: {file: a, speed: 1}\nrate: 1 kpps\n", "file:1: a replay goes at its speed or at a rate" },
	{ "replay: {file: a}\nsize: 64\n", "file:1: size means nothing for a replay" },
};

static void mistakes_are_told_with_their_line(void)
{
	for (unsigned i = 0; i < sizeof(mistakes) / sizeof(*mistakes); i++) {
		strcpy(error, "nothing");
		CU_ASSERT_EQUAL(give(mistakes[i].text), -EINVAL);
		CU_ASSERT_EQUAL(set.count, 0);
		if (!strstr(error, mistakes[i].said)) {
			printf("\n%s: %s\n", mistakes[i].text, error);
			CU_FAIL("another sentence");
		}
	}
}

/* What was there before stays. */
static void a_mistake_changes_nothing(void)
{
	CU_ASSERT_EQUAL(give("packet: [eth]"), 0);
	CU_ASSERT_EQUAL(stream_read(&set, "f", "[{packet: [eth]}, {}]", 21, error), -EINVAL);
	CU_ASSERT_EQUAL(set.count, 1);
}

static void files_that_cannot_be_read_are_named(void)
{
	stream_set_free(&set);
	CU_ASSERT_EQUAL(stream_read_file(&set, "/nonexistent/streams", error), -ENOENT);
	CU_ASSERT_STRING_EQUAL(error, "/nonexistent/streams: No such file or directory");
	CU_ASSERT_EQUAL(stream_read_file(&set, "/", error), -EISDIR);
	CU_ASSERT_STRING_EQUAL(error, "/: Is a directory");
}

static const struct unit_case cases[] = {
	{ "a file of streams is understood", a_file_is_understood },
	{ "streams come alone, in a list, or as JSON", streams_come_in_three_ways },
	{ "a packet may have sixteen headers", headers_may_be_many },
	{ "mistakes are told with their line", mistakes_are_told_with_their_line },
	{ "a mistake leaves what was read before", a_mistake_changes_nothing },
	{ "files that cannot be read are named", files_that_cannot_be_read_are_named },
	{ NULL, NULL },
};

int main(void)
{
	int status = unit_run("pktgen: streams", cases);

	stream_set_free(&set);
	return status;
}
