/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads IPv4 options, twice: to judge them, and to carry them out.
 */
#include "ip_options.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

#include <weir/net.h>

enum {
	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_RECORD = 7,
	OPTION_TIME = 68,
	OPTION_LOOSE = 131,
	OPTION_STRICT = 137,
	OPTION_ALERT = 148,
};

/* Of OPTION_TIME: what is recorded. */
enum { TIME_ALONE = 0, TIME_ADDRESS = 1, TIME_ASKED = 3 };

/* Where an option of @len bytes is wrong, counted from its start; 0: it is right. */
static unsigned judge_record(const uint8_t *option, unsigned len)
{
	if (len < 3)
		return 1;
	return option[2] < 4 || (option[2] <= len && option[2] + 3u > len) ? 2 : 0;
}

static unsigned judge_time(const uint8_t *option, unsigned len)
{
	unsigned kind, need;

	if (len < 4)
		return 1;
	if (option[2] < 5)
		return 2;
	kind = option[3] & 0xfu;
	/* Full: the number of routers that found no room must fit, too. */
	if (option[2] > len)
		return kind != TIME_ASKED && option[3] >> 4 == 15 ? 3 : 0;
	need = kind == TIME_ADDRESS || kind == TIME_ASKED ? 8 : 4;
	return option[2] + need - 1 > len ? 2 : 0;
}

static unsigned judge_route(const uint8_t *option, unsigned len)
{
	if (len < 3)
		return 1;
	return option[2] < 4 ? 2 : 0;
}

/* The options that are read, and may come once (RFC 791). */
static const struct {
	uint8_t kind;
	unsigned (*judge)(const uint8_t *option, unsigned len);
	uint8_t bit;
} known[] = {
	{ OPTION_RECORD, judge_record, 1 },
	{ OPTION_TIME, judge_time, 2 },
	{ OPTION_LOOSE, judge_route, 4 },
	{ OPTION_STRICT, judge_route, 4 },
};
#define SOURCE_ROUTE 4u

/* An option's length; 1 for those that have none. 0: it cannot be. */
static unsigned option_len(const uint8_t *option, unsigned left)
{
	if (*option == OPTION_NOP)
		return 1;
	return left < 2 || option[1] < 2 || option[1] > left ? 0 : option[1];
}

/* Whether an option is right; if not, @at is moved to what is wrong. Adds to @seen. */
static bool judge(const uint8_t *option, unsigned len, unsigned *seen, unsigned *at)
{
	unsigned wrong = *option == OPTION_ALERT && len < 4;

	for (unsigned i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (*option != known[i].kind)
			continue;
		if (*seen & known[i].bit)
			return false;
		*seen |= known[i].bit;
		wrong = known[i].judge(option, len);
	}
	*at += wrong;
	return !wrong;
}

int ip_options_judge(const struct weir_ipv4 *ip, unsigned *at)
{
	const uint8_t *header = (const uint8_t *)ip;
	unsigned size = (ip->version_ihl & 0xfu) * 4, seen = 0, len;

	for (*at = sizeof(*ip); *at < size && header[*at] != OPTION_END; *at += len) {
		len = option_len(header + *at, size - *at);
		if (!len || !judge(header + *at, len, &seen, at))
			return IP_OPTIONS_WRONG;
	}
	return seen & SOURCE_ROUTE ? IP_OPTIONS_REFUSED : 0;
}

static void record(uint8_t *option, uint32_t addr)
{
	if (option[2] > option[1])
		return;
	memcpy(option + option[2] - 1, &addr, sizeof(addr));
	option[2] += 4;
}

/* Milliseconds since midnight, universal time. */
static uint32_t time_of_day(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint32_t)(now.tv_sec % 86400 * 1000 + now.tv_nsec / 1000000);
}

static void stamp(uint8_t *option, uint32_t addr)
{
	uint8_t *slot = option + option[2] - 1;
	unsigned kind = option[3] & 0xfu;

	if (option[2] > option[1]) {
		option[3] = (uint8_t)(kind == TIME_ASKED ? option[3] : option[3] + 0x10);
		return;
	}
	if (kind != TIME_ALONE && kind != TIME_ADDRESS && kind != TIME_ASKED)
		return;
	/* Asked for is the time at certain addresses. */
	if (kind == TIME_ASKED && memcmp(slot, &addr, sizeof(addr)))
		return;
	if (kind != TIME_ALONE) {
		memcpy(slot, &addr, sizeof(addr));
		slot += 4;
		option[2] += 4;
	}
	weir_store_be32(slot, time_of_day());
	option[2] += 4;
}

void ip_options_forward(struct weir_ipv4 *ip, const struct interface *out)
{
	uint8_t *header = (uint8_t *)ip;
	unsigned size = (ip->version_ihl & 0xfu) * 4, len;
	bool changed = false;
	uint32_t addr;

	router_source4(out, &addr);
	for (unsigned i = sizeof(*ip); i < size && header[i] != OPTION_END; i += len) {
		len = option_len(header + i, size - i);
		if (header[i] == OPTION_RECORD)
			record(header + i, addr);
		else if (header[i] == OPTION_TIME)
			stamp(header + i, addr);
		changed |= header[i] == OPTION_RECORD || header[i] == OPTION_TIME;
	}
	if (changed) {
		ip->csum = 0;
		ip->csum = weir_csum_ipv4(ip);
	}
}
