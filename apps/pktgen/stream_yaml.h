/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reading a YAML document that people wrote: values with their places, so that each mistake can be pointed at.
 */
#ifndef PKTGEN_STREAM_YAML_H
#define PKTGEN_STREAM_YAML_H

#include <stdbool.h>
#include <stdint.h>
#include <yaml.h>

struct yaml_reader {
	const char *name; /* of the text, for messages */
	yaml_document_t document;
	char *error; /* of STREAM_ERROR bytes */
};

/* Parses @text, which has at most one document. Returns 0, or -EINVAL or -ENOMEM with a sentence; then nothing is held. */
int yaml_read(struct yaml_reader *reader, const char *text, size_t len);
void yaml_free(struct yaml_reader *reader);

/* "NAME:LINE: SENTENCE", where @node begins. Returns -EINVAL. */
int yaml_fail(const struct yaml_reader *reader, const yaml_node_t *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The line, counted from 1, where @node begins. */
unsigned yaml_line(const yaml_node_t *node);

/* A single word or number; NULL if it is something else. */
const char *yaml_text(const yaml_node_t *node);

/* A whole number, decimal or 0x..., from @min to @max. @what names it in messages. */
int yaml_number(const struct yaml_reader *reader, const yaml_node_t *node, const char *what, uint64_t min, uint64_t max,
                uint64_t *value);

/* "yes" or "no". */
int yaml_yes(const struct yaml_reader *reader, const yaml_node_t *node, const char *what, bool *value);

/* The elements of a sequence: how many, and number @i. */
unsigned yaml_count(const yaml_node_t *node);
yaml_node_t *yaml_element(const struct yaml_reader *reader, const yaml_node_t *node, unsigned i);

/* The pairs of a mapping. */
unsigned yaml_pairs(const yaml_node_t *node);
yaml_node_t *yaml_pair(const struct yaml_reader *reader, const yaml_node_t *node, unsigned i, yaml_node_t **value);

/* One of the keys that a mapping may have, and what reads its value. */
struct yaml_key {
	const char *name;
	int (*read)(const struct yaml_reader *reader, const yaml_node_t *value, void *arg);
};

/*
 * Reads each pair of the mapping @node (@what, in messages) by the table @keys, which ends with a NULL. Each key may be
 * there once; *@seen tells which were. Returns 0 or -errno.
 */
int yaml_mapping(const struct yaml_reader *reader, const yaml_node_t *node, const char *what,
                 const struct yaml_key *keys, void *arg, uint32_t *seen);

#endif
