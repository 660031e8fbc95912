/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frames from outside, and what an application may wrongly ask of them: whatever the bytes, what the parser tells lies
 * within them, tunnels end, and sums and offloads touch nothing else.
 *
 * The input begins with the packet's flags, .txo and .vlan, and the length of the first of its two buffers; the frame
 * follows.
 */
#include <stdlib.h>
#include <string.h>

#include "weir/net.h"
#include "weir/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct wish {
	uint16_t flags;
	uint16_t vlan;
	uint32_t txo;
	uint16_t first;
} WEIR_PACKED;

static void must(int is_so)
{
	if (!is_so)
		abort();
}

static void look_at(const uint8_t *frame, size_t len, const struct weir_parsed *parsed, int err)
{
	uint8_t input[WEIR_RSS_INPUT];

	must(parsed->l3_off + parsed->l3_len <= len && parsed->l4_off + parsed->l4_len <= len && parsed->end <= len);
	must(err == -ENOENT || err == (parsed->errors ? -EBADMSG : 0));
	must(weir_rss_input(frame, parsed, WEIR_RSS_ALL, input) <= sizeof(input));
}

/* The whole frame in one piece, and what is in its tunnels. */
static void parse(const uint8_t *frame, size_t len)
{
	struct weir_parsed parsed, inner;
	int err = weir_parse_ip(frame, len, &parsed);

	look_at(frame, len, &parsed, err);
	err = weir_parse(frame, len, &parsed);
	look_at(frame, len, &parsed, err);
	while (!err) {
		err = weir_parse_tunnel(frame, len, &parsed, &inner);
		look_at(frame, len, &inner, err);
		must(err == -ENOENT || inner.l2_off > parsed.l2_off || inner.errors);
		parsed = inner;
	}
}

/* The frame in two buffers: 64 bytes of headroom in the first, and behind the data of the second not a byte. */
static void offload(const struct wish *wish, const uint8_t *frame, size_t len)
{
	size_t first = wish->first < len ? wish->first : len, gap = (64 + first + 63) / 64;
	size_t total = gap * 64 + len - first;
	uint8_t *memory = malloc(total);
	struct weir_pkt pkts[2] = {
		{ .buf = 0, .off = 64, .len = (uint16_t)first, .txo = wish->txo, .vlan = wish->vlan },
		{ .buf = (uint32_t)gap, .off = 0, .len = (uint16_t)(len - first) },
	};
	struct weir_parsed parsed;
	unsigned flags;

	must(memory != NULL);
	memcpy(memory + 64, frame, first);
	memcpy(memory + gap * 64, frame + first, len - first);
	pkts[0].flags = wish->flags | WEIR_PKT_MORE;
	weir_parse_pkt(memory, pkts, 2, &parsed);
	must(parsed.l4_off + parsed.l4_len <= first && parsed.end <= len);
	flags = weir_pkt_check(memory, pkts, 2, &parsed);
	must((flags & (WEIR_PKT_IP_GOOD | WEIR_PKT_IP_BAD)) != (WEIR_PKT_IP_GOOD | WEIR_PKT_IP_BAD));
	if (!weir_pkt_finish(memory, pkts, 2)) {
		must(!(pkts[0].flags & (WEIR_PKT_TX | WEIR_PKT_VLAN)));
		must(weir_pkt_bytes(pkts, 2) == len + (wish->flags & WEIR_PKT_VLAN ? 4 : 0));
	}
	free(memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wish wish;
	uint8_t *frame;

	if (size < sizeof(wish) || size > 60000)
		return 0;
	memcpy(&wish, data, sizeof(wish));
	size -= sizeof(wish);
	frame = malloc(size); /* of its own, so that a byte too far is one that is not there */
	if (!frame)
		return 0;
	memcpy(frame, data + sizeof(wish), size);
	parse(frame, size);
	offload(&wish, frame, size);
	free(frame);
	return 0;
}
