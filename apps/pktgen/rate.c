/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rates in words.
 */
#include "rate.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static double prefix_factor(const char **text)
{
	static const struct {
		char letter;
		double factor;
	} prefixes[] = { { 'k', 1e3 }, { 'K', 1e3 }, { 'M', 1e6 }, { 'G', 1e9 }, { 'T', 1e12 } };

	for (unsigned i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		if (**text == prefixes[i].letter) {
			++*text;
			return prefixes[i].factor;
		}
	}
	return 1;
}

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " \t");
}

/* The unit behind the number, its prefix already taken. */
static enum rate_unit unit_parse(const char *text)
{
	static const struct {
		const char *name;
		enum rate_unit unit;
	} units[] = {
		{ "pps", RATE_PPS },   { "bps", RATE_L1 },    { "bit/s", RATE_L1 },
		{ "pkt/s", RATE_PPS }, { "%", RATE_PERCENT },
	};

	for (unsigned i = 0; i < sizeof(units) / sizeof(*units); i++) {
		size_t length = strlen(units[i].name);
		const char *behind;

		if (strncasecmp(text, units[i].name, length))
			continue;
		behind = skip_blanks(text + length);
		if (!*behind)
			return units[i].unit;
		if (units[i].unit == RATE_L1 && !strcasecmp(behind, "L1"))
			return RATE_L1;
		if (units[i].unit == RATE_L1 && !strcasecmp(behind, "L2"))
			return RATE_L2;
		return RATE_NONE;
	}
	return RATE_NONE;
}

int rate_parse(const char *text, struct rate *rate)
{
	struct rate read;
	char *end;
	const char *unit;

	text = skip_blanks(text);
	if (!strcasecmp(text, "max")) {
		*rate = (struct rate){ RATE_MAX, 0 };
		return 0;
	}
	/* Neither infinities nor hexadecimal numbers. */
	if (!isdigit((unsigned char)*text) || text[1] == 'x' || text[1] == 'X')
		return -EINVAL;
	read.value = strtod(text, &end);
	unit = skip_blanks(end);
	read.value *= prefix_factor(&unit);
	read.unit = unit_parse(unit);
	if (read.unit == RATE_NONE || !(read.value > 0) || read.value > (read.unit == RATE_PERCENT ? 100 : 1e15))
		return -EINVAL;
	*rate = read;
	return 0;
}

const char *rate_print(char text[RATE_TEXT], const struct rate *rate)
{
	static const char *const names[] = {
		[RATE_PPS] = "pps", [RATE_L1] = "bps", [RATE_L2] = "bps L2", [RATE_PERCENT] = "%"
	};
	static const char *const prefixes[] = { "", "k", "M", "G", "T" };
	double value = rate->value;
	unsigned prefix = 0;

	if (rate->unit == RATE_NONE || rate->unit == RATE_MAX) {
		snprintf(text, RATE_TEXT, "%s", rate->unit == RATE_MAX ? "max" : "none");
		return text;
	}
	while (rate->unit != RATE_PERCENT && value >= 1000 && prefix + 1 < sizeof(prefixes) / sizeof(*prefixes)) {
		value /= 1000;
		prefix++;
	}
	snprintf(text, RATE_TEXT, "%.6g %s%s", value, prefixes[prefix], names[rate->unit]);
	return text;
}

struct rate rate_on_link(const struct rate *rate, double mbps)
{
	if (rate->unit != RATE_PERCENT)
		return *rate;
	return (struct rate){ RATE_L1, rate->value / 100 * mbps * 1e6 };
}
