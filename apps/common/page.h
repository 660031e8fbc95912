/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A page of text for the live screen: a head that stays, and a body that can be scrolled.
 */
#ifndef COMMON_PAGE_H
#define COMMON_PAGE_H

#include "log.h"
#include "own.h"
#include "stats.h"

#define PAGE_LINES 512
#define PAGE_WIDTH 256

enum page_style { PAGE_PLAIN, PAGE_TITLE, PAGE_HEADING, PAGE_PORT, PAGE_ALARM };

struct page {
	unsigned name; /* width of the column of names */
	unsigned head; /* lines that stay */
	unsigned count;
	struct {
		enum page_style style;
		char text[PAGE_WIDTH];
	} line[PAGE_LINES];
};

/* What the title line says of the program. */
struct page_title {
	const char *program;
	const char *what; /* "2 workers, burst 32, idle interrupt" */
};

/*
 * Fills @page, @width columns wide, with what happened between two samples, and what the program counts itself, which may be
 * NULL. What is above 80 goes to long names.
 */
void page_fill(struct page *page, unsigned width, const struct page_title *title, const struct ports *ports,
               const struct sample *now, const struct sample *before, const struct own *own);

/* Adds a line. What does not fit is left away. */
void page_add(struct page *page, enum page_style style, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* "1.234M", "56.70k", "999.9", "0": at most six characters for what is below 1000T. Returns @text. */
#define SHORT_TEXT 16
const char *short_number(char text[SHORT_TEXT], double value);

#endif
