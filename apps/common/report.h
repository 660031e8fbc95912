/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tells how the work goes: on the live screen, as lines of text, or as lines of JSON; and the summary at the end.
 */
#ifndef COMMON_REPORT_H
#define COMMON_REPORT_H

#include <stdbool.h>

#include "own.h"
#include "page.h"
#include "screen.h"
#include "stats.h"

struct report;

/* Tells what happened between report->before and ->now, with @final since the start, in the program's own words. */
typedef void report_fn(void *arg, const struct report *report, bool final);

struct report {
	bool json, quiet;
	report_fn *tell; /* NULL: as forwarders do */
	void *tell_arg;
	struct ports *ports;
	struct page_title title;
	void (*add)(void *arg, struct page *page); /* adds to the screen's page; NULL: nothing */
	void *add_arg;
	const struct own *own; /* NULL: nothing; may be set once the report is open */
	struct screen *screen; /* NULL: lines */
	struct page *page;
	struct sample now, before, zero;
};

/* Begins to report on started ports. Returns 0, or -ENOMEM after saying so. */
int report_open(struct report *report, struct ports *ports, const struct page_title *title,
                const struct options *options);

/* Takes a sample, @seconds after the start, and reports what happened since the last one. */
void report_interval(struct report *report, double seconds);

/* Draws the screen again with what is known. */
void report_redraw(struct report *report);

/* Leaves the screen, if there is one. */
void report_leave_screen(struct report *report);

/* Takes the last sample and reports the whole run. Returns 0, or -EIO after saying that it could not be written. */
int report_final(struct report *report, double seconds);

void report_close(struct report *report);

/* An object with all that is known of the ports, of the whole run with @final; the caller's. (json.c) */
struct json_t *json_ports(const struct ports *ports, const struct sample *now, const struct sample *before, bool final);

/* One line of JSON on the standard output; takes the object. */
void json_line(struct json_t *object);

/* Both, with @own's counts if it is not NULL. */
void json_print(const struct ports *ports, const struct sample *now, const struct sample *before, const struct own *own,
                bool final);

#endif
