/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Making and checking frames: a frame is right when it is the one that would be made again from what it says of itself.
 */
#include "sim/pattern.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define ETHERNET 14u
#define IP       ETHERNET
#define IP_LEN   20u
#define UDP      (IP + IP_LEN)
#define UDP_LEN  8u
#define BODY     (UDP + UDP_LEN)
#define TTL      (IP + 8)
#define IP_CHECK (IP + 10)
#define MAGIC    0x77656972u /* "weir" */
#define PORT     9u          /* discard */
#define PORTS    1024u       /* where the flows' source ports begin */

/* What stands at the head of the UDP payload. */
struct label {
	uint32_t magic;
	uint16_t stream, flow;
	uint64_t seq;
};

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static unsigned get16(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

/* The Internet checksum over @len bytes and @start, before it is inverted. It may be summed in any byte order. */
static unsigned sum(const uint8_t *at, size_t len, unsigned start)
{
	uint64_t total = 0;
	uint32_t word;

	for (; len >= sizeof(word); at += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		total += word;
	}
	word = 0;
	memcpy(&word, at, len);
	total += word + (uint64_t)htons((uint16_t)start);
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return ntohs((uint16_t)total);
}

/* Every 8 bytes of the payload are different from those of any other frame. */
static void fill(uint8_t *at, size_t len, const struct label *label)
{
	uint64_t state = label->seq * 0x9e3779b97f4a7c15u ^ (uint64_t)label->stream << 48 ^ (uint64_t)label->flow << 32;

	for (size_t i = 0; i < len; i += 8) {
		uint64_t word = state += 0x9e3779b97f4a7c15u;

		word ^= word >> 29;
		word *= 0xbf58476d1ce4e5b9u;
		memcpy(at + i, &word, len - i < 8 ? len - i : 8);
	}
}

void pattern_make(uint8_t *frame, size_t len, const uint8_t to[6], uint16_t stream, uint16_t flow, uint64_t seq)
{
	const struct label label = { MAGIC, stream, flow, seq };
	unsigned udp_len = (unsigned)(len - UDP), check;
	uint8_t *ip = frame + IP, *udp = frame + UDP;

	memcpy(frame, to, 6);
	memcpy(frame + 6, (uint8_t[]){ 0x02, 'g', 'e', 'n', (uint8_t)(stream >> 8), (uint8_t)stream }, 6);
	put16(frame + 12, 0x0800);
	memset(ip, 0, BODY - IP);
	ip[0] = 0x45;
	put16(ip + 2, udp_len + IP_LEN);
	ip[8] = 64;
	ip[9] = 17;
	memcpy(ip + 12, (uint8_t[]){ 10, (uint8_t)stream, (uint8_t)(flow >> 8), (uint8_t)flow }, 4);
	memcpy(ip + 16, (uint8_t[]){ 10, 255, 0, 1 }, 4);
	put16(ip + 10, ~sum(ip, IP_LEN, 0));
	put16(udp, (PORTS + flow) & 0xffff);
	put16(udp + 2, PORT);
	put16(udp + 4, udp_len);
	memcpy(frame + BODY, &label, sizeof(label));
	fill(frame + BODY + sizeof(label), len - BODY - sizeof(label), &label);
	check = ~sum(ip + 12, 8 + udp_len, 17 + udp_len) & 0xffff;
	put16(udp + 6, check ? check : 0xffff);
}

/* --- checking --------------------------------------------------------------------------------------------------------- */

/* Whether the frame wants to be ours. */
static bool ours(const uint8_t *frame, size_t len, struct label *label)
{
	static const uint8_t to[] = { 10, 255, 0, 1, 0, PORT };

	if (len < PATTERN_MIN)
		return false;
	memcpy(label, frame + BODY, sizeof(*label));
	if (label->magic == MAGIC)
		return true;
	return get16(frame + 12) == 0x0800 && !memcmp(frame + IP + 16, to, 4) && !memcmp(frame + UDP + 2, to + 4, 2);
}

static bool right(const uint8_t *frame, size_t len, const struct label *label)
{
	uint8_t again[SIM_FRAME_MAX];

	if (label->magic != MAGIC || len > sizeof(again))
		return false;
	pattern_make(again, len, frame, label->stream, label->flow, label->seq);
	memcpy(again + 6, frame + 6, 6);
	if (frame[TTL] != again[TTL]) {
		again[TTL] = frame[TTL];
		put16(again + IP_CHECK, 0);
		put16(again + IP_CHECK, ~sum(again + IP, IP_LEN, 0));
	}
	return !memcmp(frame, again, len);
}

/* Grows a table to hold @index; new entries are zero. Returns false when there is no memory. */
static bool reach(void **table, unsigned *count, unsigned index, size_t size)
{
	unsigned more = index < 64 ? 64 : (index + 1) * 2;
	uint8_t *bigger;

	if (index < *count)
		return true;
	bigger = realloc(*table, more * size);
	if (!bigger)
		return false;
	memset(bigger + *count * size, 0, (more - *count) * size);
	*table = bigger;
	*count = more;
	return true;
}

static struct pattern_flow *flow_of(struct pattern_check *check, const struct label *label)
{
	struct pattern_stream *stream;

	if (!reach((void **)&check->streams, &check->count, label->stream, sizeof(*check->streams)))
		return NULL;
	stream = &check->streams[label->stream];
	if (!reach((void **)&stream->flows, &stream->count, label->flow, sizeof(*stream->flows)))
		return NULL;
	return &stream->flows[label->flow];
}

/* Numbers that the window now begins to cover have not been seen. */
static void advance(struct pattern_flow *flow, uint64_t seq)
{
	if (seq - flow->next >= PATTERN_WINDOW)
		memset(flow->window, 0, sizeof(flow->window));
	else
		for (uint64_t i = flow->next; i <= seq; i++)
			flow->window[i % PATTERN_WINDOW / 64] &= ~(1ull << i % 64);
	flow->next = seq + 1;
}

static void note(struct pattern_check *check, struct pattern_flow *flow, uint64_t seq)
{
	if (!flow->seen) {
		memset(flow->window, 0, sizeof(flow->window));
		flow->first = seq;
		flow->next = seq;
	}
	if (seq >= flow->next) {
		advance(flow, seq);
	} else {
		if (flow->next - seq > PATTERN_WINDOW || flow->window[seq % PATTERN_WINDOW / 64] & 1ull << seq % 64) {
			check->twice++;
			return;
		}
		check->late++;
		flow->first = seq < flow->first ? seq : flow->first;
	}
	flow->window[seq % PATTERN_WINDOW / 64] |= 1ull << seq % 64;
	flow->seen++;
	check->good++;
}

void pattern_look(struct pattern_check *check, const uint8_t *frame, size_t len)
{
	struct pattern_flow *flow;
	struct label label;

	if (!ours(frame, len, &label)) {
		check->foreign++;
	} else if (!right(frame, len, &label)) {
		check->corrupt++;
	} else {
		flow = flow_of(check, &label);
		if (flow)
			note(check, flow, label.seq);
	}
}

uint64_t pattern_lost(const struct pattern_check *check)
{
	uint64_t lost = 0;

	for (unsigned s = 0; s < check->count; s++)
		for (unsigned f = 0; f < check->streams[s].count; f++) {
			const struct pattern_flow *flow = &check->streams[s].flows[f];

			lost += flow->next - flow->first - flow->seen;
		}
	return lost;
}

void pattern_counters(const struct pattern_check *check, struct wire_counter rows[PATTERN_COUNTERS])
{
	rows[0] = (struct wire_counter){ "check_good", check->good };
	rows[1] = (struct wire_counter){ "check_lost", pattern_lost(check) };
	rows[2] = (struct wire_counter){ "check_late", check->late };
	rows[3] = (struct wire_counter){ "check_twice", check->twice };
	rows[4] = (struct wire_counter){ "check_corrupt", check->corrupt };
	rows[5] = (struct wire_counter){ "check_foreign", check->foreign };
}

void pattern_free(struct pattern_check *check)
{
	for (unsigned s = 0; s < check->count; s++)
		free(check->streams[s].flows);
	free(check->streams);
	memset(check, 0, sizeof(*check));
}
