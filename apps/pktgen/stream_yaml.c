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
static int explain(const struct doc *doc, const yaml_parser_t *parser)
{
	size_t line = parser->problem_mark.line;

	if (parser->error == YAML_MEMORY_ERROR) {
		snprintf(doc->error, STREAM_ERROR, "%s: no memory", doc->name);
		return -ENOMEM;
	}
	/* What is no text has an offset and no line. */
	if (parser->error == YAML_READER_ERROR)
		snprintf(doc->error, STREAM_ERROR, "%s: byte %zu is no text in UTF-8: %s", doc->name,
		         parser->problem_offset + 1, parser->problem);
	else
		snprintf(doc->error, STREAM_ERROR, "%s:%zu: %s%s%s", doc->name, line + 1,
		         parser->context ? parser->context : "", parser->context ? ", " : "",
		         parser->problem ? parser->problem : "this is not YAML");
	return -EINVAL;
}

int doc_read(struct doc *doc, const char *text, size_t len)
{
	yaml_document_t more;
	yaml_parser_t parser;
	int err = 0;

	if (!yaml_parser_initialize(&parser)) {
		snprintf(doc->error, STREAM_ERROR, "%s: no memory", doc->name);
		return -ENOMEM;
	}
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	if (!yaml_parser_load(&parser, &doc->yaml)) {
		err = explain(doc, &parser);
	} else if (!yaml_document_get_root_node(&doc->yaml)) {
		snprintf(doc->error, STREAM_ERROR, "%s:1: there is nothing in it; describe a stream", doc->name);
		err = -EINVAL;
		yaml_document_delete(&doc->yaml);
	} else if (!yaml_parser_load(&parser, &more)) {
		err = explain(doc, &parser);
		yaml_document_delete(&doc->yaml);
	} else {
		if (yaml_document_get_root_node(&more)) {
			err = doc_fail(doc, yaml_document_get_root_node(&more),
			               "a second document begins; put all streams into one");
			yaml_document_delete(&doc->yaml);
		}
		yaml_document_delete(&more);
	}
	yaml_parser_delete(&parser);
	return err;
}

void doc_free(struct doc *doc)
{
	yaml_document_delete(&doc->yaml);
}

unsigned doc_line(const yaml_node_t *node)
{
	return (unsigned)node->start_mark.line + 1;
}

int doc_fail(const struct doc *doc, const yaml_node_t *node, const char *format, ...)
{
	va_list args;
	int used = snprintf(doc->error, STREAM_ERROR, "%.200s:%u: ", doc->name, doc_line(node));

	va_start(args, format);
	vsnprintf(doc->error + used, STREAM_ERROR - (size_t)used, format, args);
	va_end(args);
	return -EINVAL;
}

const char *doc_text(const yaml_node_t *node)
{
	const char *text;

	if (node->type != YAML_SCALAR_NODE)
		return NULL;
	text = (const char *)node->data.scalar.value;
	return strlen(text) == node->data.scalar.length ? text : NULL;
}

int doc_number(const struct doc *doc, const yaml_node_t *node, const char *what, uint64_t min, uint64_t max,
               uint64_t *value)
{
	const char *text = doc_text(node);
	bool hex = text && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	char *end = NULL;

	errno = 0;
	if (text && isdigit((unsigned char)*text))
		*value = strtoull(text, &end, hex ? 16 : 10);
	if (!end || *end || errno || *value < min || *value > max)
		return doc_fail(doc, node, "%s is a whole number from %llu to %llu%s%.80s%s", what,
		                (unsigned long long)min, (unsigned long long)max, text ? ", not '" : "",
		                text ? text : "", text ? "'" : "");
	return 0;
}

int doc_yes(const struct doc *doc, const yaml_node_t *node, const char *what, bool *value)
{
	const char *text = doc_text(node);

	*value = text && (!strcasecmp(text, "yes") || !strcasecmp(text, "true"));
	if (*value || (text && (!strcasecmp(text, "no") || !strcasecmp(text, "false"))))
		return 0;
	return doc_fail(doc, node, "%s is yes or no", what);
}

unsigned doc_count(const yaml_node_t *node)
{
	if (node->type != YAML_SEQUENCE_NODE)
		return 0;
	return (unsigned)(node->data.sequence.items.top - node->data.sequence.items.start);
}

static yaml_node_t *get(const struct doc *doc, int index)
{
	/* The library's function does not change the document. */
	return yaml_document_get_node((yaml_document_t *)&doc->yaml, index);
}

yaml_node_t *doc_element(const struct doc *doc, const yaml_node_t *node, unsigned i)
{
	return get(doc, node->data.sequence.items.start[i]);
}

unsigned doc_pairs(const yaml_node_t *node)
{
	if (node->type != YAML_MAPPING_NODE)
		return 0;
	return (unsigned)(node->data.mapping.pairs.top - node->data.mapping.pairs.start);
}

yaml_node_t *doc_pair(const struct doc *doc, const yaml_node_t *node, unsigned i, yaml_node_t **value)
{
	const yaml_node_pair_t *pair = &node->data.mapping.pairs.start[i];

	*value = get(doc, pair->value);
	return get(doc, pair->key);
}

/* "name, port or rate" */
static void list_keys(const struct doc_key *keys, char *text, size_t size)
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

static int read_pair(const struct doc *doc, const yaml_node_t *key, const yaml_node_t *value, const char *what,
                     const struct doc_key *keys, void *arg, uint32_t *seen)
{
	const char *name = doc_text(key);
	char list[256];

	for (unsigned i = 0; name && keys[i].name; i++) {
		if (strcmp(keys[i].name, name))
			continue;
		if (*seen & 1u << i)
			return doc_fail(doc, key, "%s is said twice of %s", name, what);
		*seen |= 1u << i;
		return keys[i].read(doc, value, arg);
	}
	list_keys(keys, list, sizeof(list));
	return doc_fail(doc, key, "nothing called '%.80s' can be said of %s, only %s", name ? name : "[...]", what,
	                list);
}

int doc_mapping(const struct doc *doc, const yaml_node_t *node, const char *what, const struct doc_key *keys, void *arg,
                uint32_t *seen)
{
	int err = 0;

	*seen = 0;
	if (node->type != YAML_MAPPING_NODE)
		return doc_fail(doc, node, "%s is described by pairs, NAME: VALUE", what);
	for (unsigned i = 0; !err && i < doc_pairs(node); i++) {
		yaml_node_t *value, *key = doc_pair(doc, node, i, &value);

		err = read_pair(doc, key, value, what, keys, arg, seen);
	}
	return err;
}
