/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Headers of packets.
 */
#include "stream_packet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stream_value.h"

static int add_field(const struct doc *doc, const yaml_node_t *node, struct stream *stream, const struct field *field)
{
	struct field *fields = reallocarray(stream->fields, stream->field_count + 1, sizeof(*fields));

	if (!fields) {
		doc_fail(doc, node, "no memory for one more field");
		return -ENOMEM;
	}
	stream->fields = fields;
	fields[stream->field_count++] = *field;
	return 0;
}

static int read_field(const struct doc *doc, const yaml_node_t *value, struct stream *stream,
                      const struct header_info *header, const struct header_field *of)
{
	char name[32];
	struct value_form form = { .name = name, .kind = of->kind, .max = ~(field_value)0 >> (128 - of->bits) };
	struct field field;
	int err;

	snprintf(name, sizeof(name), "%s %s", header->name, of->name);
	memset(&field, 0, sizeof(field));
	err = value_read(doc, value, &form, &field);
	if (!err) {
		template_field(&stream->template, of, &field);
		if (field.mode == FIELD_FIXED)
			field_store(&field, stream->template.bytes, field.first);
		else
			err = add_field(doc, value, stream, &field);
	}
	if (err)
		free(field.list);
	return err;
}

/* "dst, src or type" */
static void list_fields(const struct header_info *header, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (const struct header_field *f = header->fields; f->name && used < size; f++)
		used += (size_t)snprintf(text + used, size - used, "%s%s",
		                         f == header->fields ? ""
		                         : f[1].name         ? ", "
		                                             : " or ",
		                         f->name);
}

static int read_fields(const struct doc *doc, const yaml_node_t *node, struct stream *stream, enum header header)
{
	const struct header_info *info = header_info(header);
	const struct template_layer *layer = &stream->template.layer[stream->template.layers - 1];
	int err = 0;

	/* {ipv4: } says nothing of it. */
	if (node->type == YAML_SCALAR_NODE && !node->data.scalar.length)
		return 0;
	if (node->type != YAML_MAPPING_NODE)
		return doc_fail(doc, node, "%s takes fields, {FIELD: VALUE, ...}", info->name);
	for (unsigned i = 0; !err && i < doc_pairs(node); i++) {
		yaml_node_t *value, *key = doc_pair(doc, node, i, &value);
		const char *name = doc_text(key);
		const struct header_field *of = name ? header_field(header, name) : NULL;
		char list[128];

		if (!of) {
			list_fields(info, list, sizeof(list));
			return doc_fail(doc, key, "%s has no field '%.80s', only %s", info->name, name ? name : "[...]",
			                list);
		}
		if (layer->said & 1u << (of - info->fields))
			return doc_fail(doc, key, "%s is said twice of %s", name, info->name);
		err = read_field(doc, value, stream, info, of);
	}
	return err;
}

/* "ipv4", or {ipv4: {ttl: 5}}. */
static int read_header(const struct doc *doc, const yaml_node_t *node, struct stream *stream)
{
	yaml_node_t *fields = NULL;
	const yaml_node_t *key = doc_pairs(node) == 1 ? doc_pair(doc, node, 0, &fields) : node;
	const char *name = doc_text(key);
	int header = name ? header_find(name) : -1;
	char why[256];

	if (!name)
		return doc_fail(doc, node, "a header is its name, or {NAME: {FIELD: VALUE, ...}}");
	if (header < 0)
		return doc_fail(doc, key,
		                "there is no header '%.80s', only eth, vlan, qinq, mpls, arp, ipv4, ipv6, "
		                "tcp, udp, icmp, icmpv6, vxlan, gre and gtpu",
		                name);
	if (template_add(&stream->template, (enum header)header, why, sizeof(why)))
		return doc_fail(doc, key, "%s", why);
	return fields ? read_fields(doc, fields, stream, (enum header)header) : 0;
}

int packet_read(const struct doc *doc, const yaml_node_t *node, struct stream *stream)
{
	char why[256];
	int err = 0;

	if (node->type != YAML_SEQUENCE_NODE)
		return doc_fail(doc, node, "a packet is a list of headers, such as [eth, ipv4, udp]");
	template_begin(&stream->template);
	for (unsigned i = 0; !err && i < doc_count(node); i++)
		err = read_header(doc, doc_element(doc, node, i), stream);
	if (err)
		return err;
	return template_finish(&stream->template, why, sizeof(why)) ? doc_fail(doc, node, "%s", why) : 0;
}
