/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The live screen, by ncurses: shows a page and the newest messages, follows the terminal's size, and always gives the
 * terminal back as it was.
 */
#ifndef COMMON_SCREEN_H
#define COMMON_SCREEN_H

#include <stdbool.h>

#include "log.h"
#include "page.h"

struct screen;

/* What the person at the keyboard wants. */
enum screen_wish { SCREEN_NOTHING, SCREEN_REDRAW, SCREEN_QUIT };

/*
 * Takes over the terminal, if the standard output is one that can be drawn on, and holds the log. Returns the screen,
 * or NULL: print lines then. The terminal is given back by screen_close(), and also by exit().
 */
struct screen *screen_open(struct log *log);
void screen_close(struct screen *screen);

/* Columns of the terminal, now. */
unsigned screen_width(const struct screen *screen);

void screen_draw(struct screen *screen, const struct page *page);

/* To be polled for input; -1: there is no keyboard. */
int screen_fd(const struct screen *screen);

/* Keys that are the program's own: @key returns whether @c is one. Others do what they always do. */
void screen_on_key(struct screen *screen, bool (*key)(void *arg, int c), void *arg);

/* Reads the keys that were pressed, and notices a new size: also to be called when poll() returns EINTR. */
enum screen_wish screen_keys(struct screen *screen);

#endif
