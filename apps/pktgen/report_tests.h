/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reports of tests: as a table for people, as JSON and CSV for programs, as a page for a browser that needs nothing but
 * itself. Which one is said by how a file's name ends: .txt, .json, .csv, .html.
 */
#ifndef PKTGEN_REPORT_TESTS_H
#define PKTGEN_REPORT_TESTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "rfc2544.h"
#include "y1564.h"

#define REPORT_ERROR 512

/* Whether the name ends in one of these. */
bool report_known(const char *path);

/* Write the file @path ("-.txt" and so on: standard output). Return 0, or -errno with a sentence in @error. */
int report_rfc2544(const char *path, const struct rfc2544 *rfc2544, char error[REPORT_ERROR]);
int report_y1564(const char *path, const struct y1564 *y1564, char error[REPORT_ERROR]);

json_t *report_rfc2544_json(const struct rfc2544 *rfc2544);
json_t *report_y1564_json(const struct y1564 *y1564);

/* The forms, each into an open file. */
void report_rfc2544_table(FILE *file, const struct rfc2544 *rfc2544);
void report_rfc2544_csv(FILE *file, const struct rfc2544 *rfc2544);
void report_rfc2544_html(FILE *file, const struct rfc2544 *rfc2544);
void report_y1564_table(FILE *file, const struct y1564 *y1564);
void report_y1564_csv(FILE *file, const struct y1564 *y1564);
void report_y1564_html(FILE *file, const struct y1564 *y1564);

#endif
