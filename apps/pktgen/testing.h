/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tests that take a while, RFC 2544 and Y.1564, on the program's own ports: one at a time, in a thread of its own.
 */
#ifndef PKTGEN_TESTING_H
#define PKTGEN_TESTING_H

#include <jansson.h>
#include <stdbool.h>

#include "rfc2544.h"
#include "y1564.h"

struct control;
struct testing;

/* By the main thread, all of these. Return 0 or -ENOMEM. */
int testing_open(struct testing **testing, struct control *control);
void testing_close(struct testing *testing);

/* Begin a test, as a checked command says. Return the answer to it, a new reference. */
json_t *testing_rfc2544(struct testing *testing, const json_t *command);
json_t *testing_y1564(struct testing *testing, const json_t *command);

/* Whether one runs; ends one, soon; the answer that tells what was found. */
bool testing_running(const struct testing *testing);
void testing_abort(struct testing *testing);
json_t *testing_result(struct testing *testing);

/* What the test does now, a line; empty before the first. */
#define TESTING_LINE 160
void testing_line(struct testing *testing, char line[TESTING_LINE]);

#endif
