/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reading a YAML document that people wrote: values with their places, so that each mistake can be pointed at.
 */
#ifndef PKTGEN_STREAM_YAML_H
#define PKTGEN_STREAM_YAML_H

#include <stdbool.h>
#include <stdint.h>
#include <yaml.h>

struct doc {
	const char *name; /* of the text, for messages */
	yaml_document_t yaml;
	char *error; /* of STREAM_ERROR bytes */
};

/* Parses @text, which has at most one document. Returns 0, or -EINVAL or -ENOMEM with a sentence; then nothing is held. */
int doc_read(struct doc *doc, const char *text, size_t len);
void doc_free(struct doc *doc);

/* "NAME:LINE: SENTENCE", where @node begins. Returns -EINVAL. */
int doc_fail(const struct doc *doc, const yaml_node_t *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The line, counted from 1, where @node begins. */
unsigned doc_line(const yaml_node_t *node);

/* A single word or number; NULL if it is something else. */
const char *doc_text(const yaml_node_t *node);

/* A whole number, decimal or 0x..., from @min to @max. @what names it in messages. */
int doc_number(const struct doc *doc, const yaml_node_t *node, const char *what, uint64_t min, uint64_t max,
               uint64_t *value);

/* "yes" or "no". */
int doc_yes(const struct doc *doc, const yaml_node_t *node, const char *what, bool *value);

/* The elements of a sequence: how many, and number @i. */
unsigned doc_count(const yaml_node_t *node);
yaml_node_t *doc_element(const struct doc *doc, const yaml_node_t *node, unsigned i);

/* The pairs of a mapping. */
unsigned doc_pairs(const yaml_node_t *node);
yaml_node_t *doc_pair(const struct doc *doc, const yaml_node_t *node, unsigned i, yaml_node_t **value);

/* One of the keys that a mapping may have, and what reads its value. */
struct doc_key {
	const char *name;
	int (*read)(const struct doc *doc, const yaml_node_t *value, void *arg);
};

/*
 * Reads each pair of the mapping @node (@what, in messages) by the table @keys, which ends with a NULL. Each key may be
 * there once; *@seen tells which were. Returns 0 or -errno.
 */
int doc_mapping(const struct doc *doc, const yaml_node_t *node, const char *what, const struct doc_key *keys, void *arg,
                uint32_t *seen);

#endif
