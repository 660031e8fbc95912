/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads what a field holds from packet to packet, and which sizes frames have.
 *
 *      VALUE                                               the same in all packets
 *      [VALUE, ...]                                        one after the other, and again
 *      {increment: [FROM, TO], step: N, each: PACKETS}     or decrement, or random with seed: N
 *      {list: [VALUE, ...], each: PACKETS}
 */
#ifndef PKTGEN_STREAM_VALUE_H
#define PKTGEN_STREAM_VALUE_H

#include "field.h"
#include "stream_yaml.h"
#include "template.h"

/* How a value is written, and which there are. */
struct value_form {
	const char *name; /* "ipv4 src" */
	enum field_kind kind;
	field_value min, max;
};

/* Reads @node. Returns 0, or -errno with a sentence; field->list is to be freed in either case. */
int value_read(const struct doc *doc, const yaml_node_t *node, const struct value_form *form, struct field *field);

/* The same for sizes: also "imix", and {SIZE: WEIGHT, ...}. */
int value_read_sizes(const struct doc *doc, const yaml_node_t *node, const struct value_form *form,
                     struct field *field);

/* Reads "02:00:00:00:00:01". Returns 0 or -EINVAL. */
int value_parse_mac(const char *text, uint8_t mac[6]);

#endif
