/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * YAML by libyaml.
 */
#include "stream_yaml.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "stream.h"

/* What the parser says of a text that is no YAML. */
static int explain(const struct yaml_reader *reader, const yaml_parser_t *parser)
{
	size_t line = parser->problem_mark.line;

	if (parser->error == YAML_MEMORY_ERROR) {
		snprintf(reader->error, STREAM_ERROR, "%s: no memory", reader->name);
		return -ENOMEM;
	}
	/* What is no text has an offset and no line. */
	if (parser->error == YAML_READER_ERROR)
		snprintf(reader->error, STREAM_ERROR, "%s: byte %zu is no text in UTF-8: %s", reader->name,
		         parser->problem_offset + 1, parser->problem);
	else
		snprintf(reader->error, STREAM_ERROR, "%s:%zu: %s%s%s", reader->name, line + 1,
		         parser->context ? parser->context : "", parser->context ? ", " : "",
		         parser->problem ? parser->problem : "this is not YAML");
	return -EINVAL;
}

int yaml_read(struct yaml_reader *reader, const char *text, size_t len)
{
	yaml_document_t more;
	yaml_parser_t parser;
	int err = 0;

	if (!yaml_parser_initialize(&parser)) {
		snprintf(reader->error, STREAM_ERROR, "%s: no memory", reader->name);
		return -ENOMEM;
	}
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	if (!yaml_parser_load(&parser, &reader->document)) {
		err = explain(reader, &parser);
	} else if (!yaml_document_get_root_node(&reader->document)) {
		snprintf(reader->error, STREAM_ERROR, "%s:1: there is nothing in it; describe a stream", reader->name);
		err = -EINVAL;
		yaml_document_delete(&reader->document);
	} else if (!yaml_parser_load(&parser, &more)) {
		err = explain(reader, &parser);
		yaml_document_delete(&reader->document);
	} else {
		if (yaml_document_get_root_node(&more)) {
			err = yaml_fail(reader, yaml_document_get_root_node(&more),
			                "a second document begins; put all streams into one");
			yaml_document_delete(&reader->document);
		}
		yaml_document_delete(&more);
	}
	yaml_parser_delete(&parser);
	return err;
}

void yaml_free(struct yaml_reader *reader)
{
	yaml_document_delete(&reader->document);
}

unsigned yaml_line(const yaml_node_t *node)
{
	return (unsigned)node->start_mark.line + 1;
}

int yaml_fail(const struct yaml_reader *reader, const yaml_node_t *node, const char *format, ...)
{
	va_list args;
	int used = snprintf(reader->error, STREAM_ERROR, "%.200s:%u: ", reader->name, yaml_line(node));

	va_start(args, format);
	vsnprintf(reader->error + used, STREAM_ERROR - (size_t)used, format, args);
	va_end(args);
	return -EINVAL;
}

const char *yaml_text(const yaml_node_t *node)
{
	const char *text;

	if (node->type != YAML_SCALAR_NODE)
		return NULL;
	text = (const char *)node->data.scalar.value;
	return strlen(text) == node->data.scalar.length ? text : NULL;
}

int yaml_number(const struct yaml_reader *reader, const yaml_node_t *node, const char *what, uint64_t min, uint64_t max,
                uint64_t *value)
{
	const char *text = yaml_text(node);
	bool hex = text && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	char *end = NULL;

	errno = 0;
	if (text && isdigit((unsigned char)*text))
		*value = strtoull(text, &end, hex ? 16 : 10);
	if (!end || *end || errno || *value < min || *value > max)
		return yaml_fail(reader, node, "%s is a whole number from %llu to %llu%s%.80s%s", what,
		                 (unsigned long long)min, (unsigned long long)max, text ? ", not '" : "",
		                 text ? text : "", text ? "'" : "");
	return 0;
}

int yaml_yes(const struct yaml_reader *reader, const yaml_node_t *node, const char *what, bool *value)
{
	const char *text = yaml_text(node);

	*value = text && (!strcasecmp(text, "yes") || !strcasecmp(text, "true"));
	if (*value || (text && (!strcasecmp(text, "no") || !strcasecmp(text, "false"))))
		return 0;
	return yaml_fail(reader, node, "%s is yes or no", what);
}

unsigned yaml_count(const yaml_node_t *node)
{
	if (node->type != YAML_SEQUENCE_NODE)
		return 0;
	return (unsigned)(node->data.sequence.items.top - node->data.sequence.items.start);
}

static yaml_node_t *get(const struct yaml_reader *reader, int index)
{
	/* The library's function does not change the document. */
	return yaml_document_get_node((yaml_document_t *)&reader->document, index);
}

yaml_node_t *yaml_element(const struct yaml_reader *reader, const yaml_node_t *node, unsigned i)
{
	return get(reader, node->data.sequence.items.start[i]);
}

unsigned yaml_pairs(const yaml_node_t *node)
{
	if (node->type != YAML_MAPPING_NODE)
		return 0;
	return (unsigned)(node->data.mapping.pairs.top - node->data.mapping.pairs.start);
}

yaml_node_t *yaml_pair(const struct yaml_reader *reader, const yaml_node_t *node, unsigned i, yaml_node_t **value)
{
	const yaml_node_pair_t *pair = &node->data.mapping.pairs.start[i];

	*value = get(reader, pair->value);
	return get(reader, pair->key);
}

/* "name, port or rate" */
static void list_keys(const struct yaml_key *keys, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (unsigned i = 0; keys[i].name && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s",
		                         !i                 ? ""
		                         : keys[i + 1].name ? ", "
		                                            : " or ",
		                         keys[i].name);
}

static int read_pair(const struct yaml_reader *reader, const yaml_node_t *key, const yaml_node_t *value,
                     const char *what, const struct yaml_key *keys, void *arg, uint32_t *seen)
{
	const char *name = yaml_text(key);
	char list[256];

	for (unsigned i = 0; name && keys[i].name; i++) {
		if (strcmp(keys[i].name, name))
			continue;
		if (*seen & 1u << i)
			return yaml_fail(reader, key, "%s is said twice of %s", name, what);
		*seen |= 1u << i;
		return keys[i].read(reader, value, arg);
	}
	list_keys(keys, list, sizeof(list));
	return yaml_fail(reader, key, "nothing called '%.80s' can be said of %s, only %s", name ? name : "[...]", what,
	                 list);
}

int yaml_mapping(const struct yaml_reader *reader, const yaml_node_t *node, const char *what,
                 const struct yaml_key *keys, void *arg, uint32_t *seen)
{
	int err = 0;

	*seen = 0;
	if (node->type != YAML_MAPPING_NODE)
		return yaml_fail(reader, node, "%s is described by pairs, NAME: VALUE", what);
	for (unsigned i = 0; !err && i < yaml_pairs(node); i++) {
		yaml_node_t *value, *key = yaml_pair(reader, node, i, &value);

		err = read_pair(reader, key, value, what, keys, arg, seen);
	}
	return err;
}
