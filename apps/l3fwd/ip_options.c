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
};

/* Of OPTION_TIME: what is recorded. */
enum { TIME_ALONE = 0, TIME_ADDRESS = 1, TIME_ASKED = 3 };

/* Where an option is wrong, counted from its start; 0: it is right. @len bytes of it are there. */
static unsigned judge_record(const uint8_t *option, unsigned len)
{
	if (len < 3)
		return 1;
	if (option[2] < 4 || (option[2] <= len && option[2] + 3u > len))
		return 2;
	return 0;
}

static unsigned judge_time(const uint8_t *option, unsigned len)
{
	unsigned kind, need;

	if (len < 4)
		return 1;
	if (option[2] < 5)
		return 2;
	kind = option[3] & 0xfu;
	need = kind == TIME_ALONE ? 4 : 8;
	/* Full: the number of routers that found no room must fit, too. */
	if (option[2] > len)
		return option[3] >> 4 == 15 ? 3 : 0;
	if (kind != TIME_ALONE && kind != TIME_ADDRESS && kind != TIME_ASKED)
		return 3;
	return option[2] + need - 1 > len ? 2 : 0;
}

/* An option's length; 1 for those that have none. 0: it cannot be. */
static unsigned option_len(const uint8_t *option, unsigned left)
{
	if (*option == OPTION_NOP)
		return 1;
	return left < 2 || option[1] < 2 || option[1] > left ? 0 : option[1];
}

static int judge(const uint8_t *header, unsigned size, unsigned *at)
{
	unsigned len;

	for (*at = sizeof(struct weir_ipv4); *at < size && header[*at] != OPTION_END; *at += len) {
		unsigned wrong = 0;

		len = option_len(header + *at, size - *at);
		if (!len)
			return IP_OPTIONS_WRONG;
		if (header[*at] == OPTION_LOOSE || header[*at] == OPTION_STRICT)
			return IP_OPTIONS_REFUSED;
		if (header[*at] == OPTION_RECORD)
			wrong = judge_record(header + *at, len);
		else if (header[*at] == OPTION_TIME)
			wrong = judge_time(header + *at, len);
		*at += wrong;
		if (wrong)
			return IP_OPTIONS_WRONG;
	}
	return 0;
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
		option[3] += 0x10;
		return;
	}
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

int ip_options_forward(struct weir_ipv4 *ip, const struct interface *out, unsigned *at)
{
	uint8_t *header = (uint8_t *)ip;
	unsigned size = (ip->version_ihl & 0xfu) * 4, len;
	int verdict = judge(header, size, at);
	bool changed = false;
	uint32_t addr;

	if (verdict)
		return verdict;
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
	return 0;
}
