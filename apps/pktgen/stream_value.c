/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Values of fields.
 */
#include "stream_value.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pace.h"

#define SIZE_WEIGHTS 65536u /* of all sizes of a stream together */
#define SIZES_MAX    256u

static field_value number_of(const uint8_t *bytes, unsigned count)
{
	field_value value = 0;

	for (unsigned i = 0; i < count; i++)
		value = value << 8 | bytes[i];
	return value;
}

int value_parse_mac(const char *text, uint8_t mac[6])
{
	for (unsigned i = 0; i < 6; i++) {
		char *end;

		if (!isxdigit((unsigned char)text[0]))
			return -EINVAL;
		mac[i] = (uint8_t)strtoul(text, &end, 16);
		if (end > text + 2 || *end != (i < 5 ? ':' : '\0'))
			return -EINVAL;
		text = end + 1;
	}
	return 0;
}

/* Any value of the kind. Returns false for what is none. */
static bool parse_value(const char *text, enum field_kind kind, field_value *value)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	uint8_t bytes[16];
	char *end;

	switch (kind) {
	case KIND_MAC:
		*value = value_parse_mac(text, bytes) ? 0 : number_of(bytes, 6);
		return !value_parse_mac(text, bytes);
	case KIND_IPV4:
		if (inet_pton(AF_INET, text, bytes) != 1)
			return false;
		*value = number_of(bytes, 4);
		return true;
	case KIND_IPV6:
		if (inet_pton(AF_INET6, text, bytes) != 1)
			return false;
		*value = number_of(bytes, 16);
		return true;
	default:
		errno = 0;
		if (!isdigit((unsigned char)text[0]))
			return false;
		*value = strtoull(text, &end, hex ? 16 : 10);
		return !*end && !errno;
	}
}

static int read_one(const struct doc *doc, const yaml_node_t *node, const struct value_form *form, field_value *value)
{
	static const char *const like[] = {
		[KIND_MAC] = "02:00:00:00:00:01", [KIND_IPV4] = "198.18.0.1", [KIND_IPV6] = "2001:2::1"
	};
	const char *text = doc_text(node);

	if (!text)
		return doc_fail(doc, node, "%s needs a single value here", form->name);
	if (parse_value(text, form->kind, value) && *value >= form->min && *value <= form->max)
		return 0;
	if (form->kind != KIND_NUMBER)
		return doc_fail(doc, node, "%s is an address like %s, not '%.80s'", form->name, like[form->kind], text);
	return doc_fail(doc, node, "%s is a whole number from %llu to %llu, not '%.80s'", form->name,
	                (unsigned long long)form->min, (unsigned long long)form->max, text);
}

static int read_list(const struct doc *doc, const yaml_node_t *node, const struct value_form *form, struct field *field)
{
	unsigned count = doc_count(node);
	int err = 0;

	if (!count)
		return doc_fail(doc, node, "%s needs a list of values here, [VALUE, ...]", form->name);
	field->mode = FIELD_LIST;
	field->count = count;
	field->list = calloc(count, sizeof(*field->list));
	if (!field->list) {
		doc_fail(doc, node, "no memory for %u values", count);
		return -ENOMEM;
	}
	for (unsigned i = 0; !err && i < count; i++)
		err = read_one(doc, doc_element(doc, node, i), form, &field->list[i]);
	return err;
}

/* What is being read of a field. */
struct reading {
	const struct value_form *form;
	struct field *field;
	const yaml_node_t *range; /* of increment, decrement or random */
};

static int read_range(const yaml_node_t *value, struct reading *reading, enum field_mode mode)
{
	reading->field->mode = mode;
	reading->range = value;
	return 0;
}

static int read_increment(const struct doc *doc, const yaml_node_t *value, void *arg)
{
	(void)doc;
	return read_range(value, arg, FIELD_INCREMENT);
}

static int read_decrement(const struct doc *doc, const yaml_node_t *value, void *arg)
{
	(void)doc;
	return read_range(value, arg, FIELD_DECREMENT);
}

static int read_random(const struct doc *doc, const yaml_node_t *value, void *arg)
{
	(void)doc;
	return read_range(value, arg, FIELD_RANDOM);
}

static int read_values(const struct doc *doc, const yaml_node_t *value, void *arg)
{
	struct reading *reading = arg;

	return read_list(doc, value, reading->form, reading->field);
}

/* A step is a number, or written as the values are: 0.0.1.0. */
static int read_step(const struct doc *doc, const yaml_node_t *value, void *arg)
{
	struct reading *reading = arg;
	const char *text = doc_text(value);

	if (text &&
	    (parse_value(text, KIND_NUMBER, &reading->field->step) ||
	     parse_value(text, reading->form->kind, &reading->field->step)) &&
	    reading->field->step)
		return 0;
	return doc_fail(doc, value, "step is a number from 1 on, not '%.80s'", text ? text : "[...]");
}

static int read_each(const struct doc *doc, const yaml_node_t *value, void *arg)
{
	return doc_number(doc, value, "each", 1, UINT64_MAX, &((struct reading *)arg)->field->each);
}

static int read_seed(const struct doc *doc, const yaml_node_t *value, void *arg)
{
	return doc_number(doc, value, "seed", 0, UINT64_MAX, &((struct reading *)arg)->field->seed);
}

/* FROM and TO, with the step that is known by now. */
static int finish_range(const struct doc *doc, const struct reading *reading)
{
	struct field *field = reading->field;
	bool down = field->mode == FIELD_DECREMENT;
	field_value from, to, least, most;
	int err;

	if (doc_count(reading->range) != 2)
		return doc_fail(doc, reading->range, "%s needs the first and the last value here, [FROM, TO]",
		                reading->form->name);
	err = read_one(doc, doc_element(doc, reading->range, 0), reading->form, &from);
	if (!err)
		err = read_one(doc, doc_element(doc, reading->range, 1), reading->form, &to);
	if (err)
		return err;
	least = down ? to : from;
	most = down ? from : to;
	if (least > most)
		return doc_fail(doc, reading->range, "%s has its first value %s its last; turn them round",
		                reading->form->name, down ? "below" : "above");
	if ((most - least) / field->step >= UINT64_MAX)
		return doc_fail(doc, reading->range, "%s has more than 2^64 values; say a larger step",
		                reading->form->name);
	field->count = (uint64_t)((most - least) / field->step) + 1;
	field->first = down ? most - field->step * (field->count - 1) : least;
	return 0;
}

static int read_mode(const struct doc *doc, const yaml_node_t *node, const struct value_form *form, struct field *field)
{
	static const struct doc_key keys[] = {
		{ "increment", read_increment }, { "decrement", read_decrement },
		{ "random", read_random },       { "list", read_values },
		{ "step", read_step },           { "each", read_each },
		{ "seed", read_seed },           { NULL, NULL },
	};
	enum { MODES = 0xf, STEP = 0x10, SEED = 0x40, RANDOM = 0x4, LIST = 0x8 };
	struct reading reading = { .form = form, .field = field };
	uint32_t seen;
	int err = doc_mapping(doc, node, form->name, keys, &reading, &seen);

	if (err)
		return err;
	if (__builtin_popcount(seen & MODES) != 1)
		return doc_fail(doc, node, "%s needs one of increment, decrement, random and list", form->name);
	if (seen & LIST && seen & STEP)
		return doc_fail(doc, node, "%s is a list, which has no step", form->name);
	if (seen & SEED && !(seen & RANDOM))
		return doc_fail(doc, node, "%s is not random: a seed means nothing", form->name);
	return seen & LIST ? 0 : finish_range(doc, &reading);
}

int value_read(const struct doc *doc, const yaml_node_t *node, const struct value_form *form, struct field *field)
{
	field->mode = FIELD_FIXED;
	field->list = NULL;
	field->step = 1;
	field->count = 1;
	field->each = 1;
	field->seed = 0;
	if (node->type == YAML_SEQUENCE_NODE)
		return read_list(doc, node, form, field);
	if (node->type == YAML_MAPPING_NODE)
		return read_mode(doc, node, form, field);
	return read_one(doc, node, form, &field->first);
}

/* A list in which each size is as often as its weight says. */
static int weigh_sizes(struct field *field, const uint32_t *sizes, const uint32_t *weights, unsigned count)
{
	uint32_t *turns;
	uint64_t sum = 0;
	int err;

	for (unsigned i = 0; i < count; i++)
		sum += weights[i];
	field->mode = FIELD_LIST;
	field->count = sum;
	field->list = calloc(sum, sizeof(*field->list));
	turns = calloc(sum, sizeof(*turns));
	err = field->list && turns ? pace_turns(weights, count, turns) : -ENOMEM;
	for (uint64_t i = 0; !err && i < sum; i++)
		field->list[i] = sizes[turns[i]];
	free(turns);
	return err;
}

static int read_weighed(const struct doc *doc, const yaml_node_t *node, const struct value_form *form,
                        struct field *field)
{
	uint32_t sizes[SIZES_MAX], weights[SIZES_MAX];
	unsigned count = doc_pairs(node);
	uint64_t sum = 0;
	int err = 0;

	if (count > SIZES_MAX)
		return doc_fail(doc, node, "%s has %u weights, and can have %u", form->name, count, SIZES_MAX);
	for (unsigned i = 0; !err && i < count; i++) {
		yaml_node_t *value, *key = doc_pair(doc, node, i, &value);
		uint64_t weight = 0;
		field_value size = 0;

		err = read_one(doc, key, form, &size);
		if (!err)
			err = doc_number(doc, value, "a weight", 1, SIZE_WEIGHTS, &weight);
		sizes[i] = (uint32_t)size;
		weights[i] = (uint32_t)weight;
		sum += weight;
	}
	if (!err && sum > SIZE_WEIGHTS)
		return doc_fail(doc, node, "the weights of all sizes are %llu together, and can be %u",
		                (unsigned long long)sum, SIZE_WEIGHTS);
	if (!err && weigh_sizes(field, sizes, weights, count)) {
		doc_fail(doc, node, "no memory for the sizes");
		err = -ENOMEM;
	}
	return err;
}

/* True for {64: 7, 594: 4}. */
static bool has_weights(const struct doc *doc, const yaml_node_t *node)
{
	yaml_node_t *value;
	const char *text = doc_pairs(node) ? doc_text(doc_pair(doc, node, 0, &value)) : NULL;

	return text && isdigit((unsigned char)text[0]);
}

int value_read_sizes(const struct doc *doc, const yaml_node_t *node, const struct value_form *form, struct field *field)
{
	/* The simple IMIX: IP packets of 40, 576 and 1500 bytes. */
	static const uint32_t imix[] = { 64, 594, 1518 }, imix_weights[] = { 7, 4, 1 };
	const char *text = doc_text(node);
	int err;

	*field = (struct field){ .step = 1, .count = 1, .each = 1 };
	if (has_weights(doc, node))
		return read_weighed(doc, node, form, field);
	if (!text || strcmp(text, "imix"))
		return value_read(doc, node, form, field);
	err = weigh_sizes(field, imix, imix_weights, 3);
	if (err)
		doc_fail(doc, node, "no memory for the sizes");
	return err;
}
