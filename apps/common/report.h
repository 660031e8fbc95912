/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tells how the work goes: on the live screen, as lines of text, or as lines of JSON; and the summary at the end.
 */
#ifndef COMMON_REPORT_H
#define COMMON_REPORT_H

#include <stdbool.h>

#include "page.h"
#include "screen.h"
#include "stats.h"

struct report {
	bool json, quiet;
	struct ports *ports;
	struct page_title title;
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

/* One line of JSON on the standard output; with @final, of the whole run. (json.c) */
void json_print(const struct ports *ports, const struct sample *now, const struct sample *before, bool final);

#endif
