/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The port-spec grammar:
 *
 *      spec   = scheme ":" [ part { "," part } ]
 *      part   = word | key | key "=" value
 *
 * Words come first and are positional; a key alone is a yes. A backslash takes the next character as it is, so that a
 * file name may hold a comma. An option of the type SPEC_REST takes everything that is left. Every error names the part
 * and where in the text it begins, counted from 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "port/driver.h"

struct parser {
	struct weir *weir;
	const char *whole; /* the text as given */
	struct spec *spec;
	char *next; /* what is left of spec->text */
	unsigned words;
};

static unsigned position(const struct parser *p, const char *part)
{
	return (unsigned)(part - p->spec->text) + 1;
}

/* A driver of devices is found by their ids, not by name. */
static bool is_scheme(const struct weir_driver *driver)
{
	return driver && !driver->ids;
}

/* "af_packet, af_xdp, ..." */
static void list_drivers(char *list, size_t size)
{
	size_t used = 0;

	list[0] = '\0';
	for (unsigned i = 0; i < weir_driver_count && used < size; i++)
		if (is_scheme(weir_drivers[i]))
			used +=
			    (size_t)snprintf(list + used, size - used, "%s%s", used ? ", " : "", weir_drivers[i]->name);
}

static void list_options(const struct weir_driver *driver, char *list, size_t size)
{
	size_t used = 0;

	snprintf(list, size, "no options");
	for (const struct spec_option *o = driver->options; o && o->key && used < size; o++)
		used += (size_t)snprintf(list + used, size - used, "%s%s", used ? ", " : "", o->key);
}

static void list_choices(const char *const *choices, char *list, size_t size)
{
	size_t used = 0;

	list[0] = '\0';
	for (; *choices && used < size; choices++)
		used += (size_t)snprintf(list + used, size - used, "%s%s", used ? ", " : "", *choices);
}

/* Cuts the next part off, ends it with a NUL and removes its backslashes. NULL when nothing is left. */
static char *next_part(struct parser *p)
{
	char *part = p->next, *from = part, *to = part;

	if (!part)
		return NULL;
	while (*from && *from != ',') {
		if (*from == '\\' && from[1])
			from++;
		*to++ = *from++;
	}
	p->next = *from ? from + 1 : NULL;
	*to = '\0';
	return part;
}

static const struct spec_option *find_option(const struct weir_driver *driver, const char *key, size_t len)
{
	for (const struct spec_option *o = driver->options; o && o->key; o++)
		if (strlen(o->key) == len && !memcmp(o->key, key, len))
			return o;
	return NULL;
}

static bool parse_number(const char *text, uint64_t *number)
{
	static const struct {
		const char *suffix;
		uint64_t factor;
	} units[] = {
		{ "", 1 },
		{ "k", 1000 },
		{ "K", 1000 },
		{ "M", 1000000 },
		{ "G", 1000000000 },
		{ "Ki", UINT64_C(1) << 10 },
		{ "Mi", UINT64_C(1) << 20 },
		{ "Gi", UINT64_C(1) << 30 },
	};
	unsigned long long value;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	value = strtoull(text, &end, text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 16 : 10);
	if (errno)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].suffix))
			continue;
		return !__builtin_mul_overflow(value, units[i].factor, number);
	}
	return false;
}

static bool parse_bool(const char *text, uint64_t *value)
{
	static const char *const words[] = { "0", "1", "no", "yes", "off", "on" };

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(text, words[i])) {
			*value = i & 1;
			return true;
		}
	}
	return false;
}

static bool parse_choice(const char *text, const char *const *choices, uint64_t *value)
{
	for (unsigned i = 0; choices[i]; i++) {
		if (!strcmp(text, choices[i])) {
			*value = i;
			return true;
		}
	}
	return false;
}

/* The place for an option's value. Returns 0, or -EINVAL when it is taken. */
static int claim_value(struct parser *p, const struct spec_option *option, const char *text, struct spec_value **value)
{
	*value = &p->spec->value[option - p->spec->driver->options];
	if ((*value)->set)
		return weir_fail(p->weir, -EINVAL, "port '%s': '%s' is given twice, again at character %u", p->whole,
		                 option->key, position(p, text));
	(*value)->set = true;
	(*value)->string = text;
	return 0;
}

static int set_value(struct parser *p, const struct spec_option *option, const char *text)
{
	unsigned at = position(p, text);
	struct spec_value *value;
	char list[160];
	int err;

	err = claim_value(p, option, text, &value);
	if (err)
		return err;
	if (!*text)
		return weir_fail(p->weir, -EINVAL, "port '%s': '%s' has no value at character %u; it is %s", p->whole,
		                 option->key, at, option->help);
	switch (option->type) {
	case SPEC_NUMBER:
		if (!parse_number(text, &value->number) || value->number < option->min || value->number > option->max)
			return weir_fail(
			    p->weir, -EINVAL,
			    "port '%s': '%s' at character %u is not a number from %llu to %llu, which %s needs",
			    p->whole, text, at, (unsigned long long)option->min, (unsigned long long)option->max,
			    option->key);
		break;
	case SPEC_BOOL:
		if (!parse_bool(text, &value->number))
			return weir_fail(p->weir, -EINVAL, "port '%s': '%s' at character %u: %s is yes or no", p->whole,
			                 text, at, option->key);
		break;
	case SPEC_CHOICE:
		if (!parse_choice(text, option->choices, &value->number)) {
			list_choices(option->choices, list, sizeof(list));
			return weir_fail(p->weir, -EINVAL, "port '%s': '%s' at character %u: %s is one of %s", p->whole,
			                 text, at, option->key, list);
		}
		break;
	case SPEC_STRING:
	case SPEC_REST:
		break;
	}
	return 0;
}

static int parse_option(struct parser *p, char *part, char *equals)
{
	const struct spec_option *option = find_option(p->spec->driver, part, (size_t)(equals - part));
	char list[160];

	if (!option) {
		list_options(p->spec->driver, list, sizeof(list));
		return weir_fail(p->weir, -EINVAL, "port '%s': unknown option '%.*s' at character %u; %s takes %s",
		                 p->whole, (int)(equals - part), part, position(p, part), p->spec->driver->name, list);
	}
	return set_value(p, option, equals + 1);
}

/* The next part, when it is an option that takes the rest of the text as it stands. */
static char *rest_option(struct parser *p, const struct spec_option **option)
{
	char *equals = p->next ? strchr(p->next, '=') : NULL;
	char *text;

	if (!equals)
		return NULL;
	*option = find_option(p->spec->driver, p->next, (size_t)(equals - p->next));
	if (!*option || (*option)->type != SPEC_REST)
		return NULL;
	text = equals + 1;
	p->next = NULL;
	return text;
}

static int parse_part(struct parser *p)
{
	const struct weir_driver *driver = p->spec->driver;
	const struct spec_option *option;
	struct spec_value *value;
	char *part, *equals;
	int err;

	part = rest_option(p, &option);
	if (part)
		return set_value(p, option, part);
	part = next_part(p);
	equals = strchr(part, '=');
	if (equals)
		return parse_option(p, part, equals);
	if (!*part)
		return weir_fail(p->weir, -EINVAL, "port '%s': nothing at character %u; it is %s", p->whole,
		                 position(p, part), driver->help);
	option = find_option(driver, part, strlen(part));
	if (p->words >= driver->words_min && option && option->type == SPEC_BOOL) {
		err = claim_value(p, option, part, &value);
		if (!err)
			value->number = 1;
		return err;
	}
	if (p->words < driver->words_max) {
		p->spec->word[p->words++] = part;
		return 0;
	}
	return weir_fail(p->weir, -EINVAL, "port '%s': '%s' at character %u is out of place; it is %s", p->whole, part,
	                 position(p, part), driver->help);
}

static int find_driver(struct parser *p)
{
	const char *colon = strchr(p->whole, ':');
	size_t len = colon ? (size_t)(colon - p->whole) : strlen(p->whole);
	char list[160];

	for (unsigned i = 0; i < weir_driver_count; i++) {
		const struct weir_driver *driver = weir_drivers[i];

		if (is_scheme(driver) && strlen(driver->name) == len && !memcmp(driver->name, p->whole, len)) {
			p->spec->driver = driver;
			p->spec->rest = colon ? colon + 1 : p->whole + len;
			p->next = *p->spec->rest && !driver->raw ? p->spec->text + len + 1 : NULL;
			return 0;
		}
	}
	list_drivers(list, sizeof(list));
	return weir_fail(p->weir, -EINVAL, "port '%s': no driver is called '%.*s'; there are %s", p->whole,
	                 len > 40 ? 40 : (int)len, p->whole, list);
}

int spec_parse(struct weir *weir, const char *text, struct spec *spec)
{
	struct parser p = { .weir = weir, .whole = text, .spec = spec };
	int err;

	memset(spec, 0, sizeof(*spec));
	if (strlen(text) >= sizeof(spec->text))
		return weir_fail(weir, -EINVAL, "a port's text is longer than %zu characters: '%.40s...'",
		                 sizeof(spec->text) - 1, text);
	memcpy(spec->text, text, strlen(text) + 1);
	err = find_driver(&p);
	while (!err && p.next)
		err = parse_part(&p);
	if (!err && p.words < spec->driver->words_min)
		err = weir_fail(weir, -EINVAL, "port '%s': something is missing at character %zu; it is %s", text,
		                strlen(text) + 1, spec->driver->help);
	return err;
}
