/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Drawing on the terminal. A terminal has one screen, and so has ncurses: its state is the only one here.
 */
#include "screen.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MESSAGES_MAX 3

struct screen {
	struct log *log;
	SCREEN *terminal;
	bool keyboard;
	unsigned first; /* line of the body that stands first */
	unsigned last;  /* the largest value of it that shows something new */
	bool (*key)(void *arg, int c);
	void *key_arg;
};

/* Registered with atexit(), for exits in the middle of things. */
static void give_back(void)
{
	if (!isendwin())
		endwin();
}

struct screen *screen_open(struct log *log)
{
	struct screen *screen;

	/* In the background the terminal is somebody else's. */
	if (!isatty(STDOUT_FILENO) || tcgetpgrp(STDOUT_FILENO) != getpgrp())
		return NULL;
	screen = calloc(1, sizeof(*screen));
	if (!screen)
		return NULL;
	screen->log = log;
	screen->keyboard = isatty(STDIN_FILENO);
	/* initscr() would end the process on a terminal that it does not know. */
	screen->terminal = newterm(NULL, stdout, stdin);
	if (!screen->terminal) {
		free(screen);
		return NULL;
	}
	atexit(give_back);
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	log_hold(log);
	return screen;
}

void screen_close(struct screen *screen)
{
	if (!screen)
		return;
	endwin();
	log_release(screen->log);
	free(screen);
}

static attr_t attributes(enum page_style style)
{
	switch (style) {
	case PAGE_TITLE:
		return A_REVERSE;
	case PAGE_HEADING:
		return A_UNDERLINE;
	case PAGE_PORT:
	case PAGE_ALARM:
		return A_BOLD;
	default:
		return A_NORMAL;
	}
}

static void put_line(int row, enum page_style style, const char *text)
{
	attr_t attr = attributes(style);

	move(row, 0);
	attrset((int)attr);
	addnstr(text, COLS);
	if (style == PAGE_TITLE)
		for (int column = (int)strlen(text); column < COLS; column++)
			addch(' ');
	attrset(A_NORMAL);
}

/* The newest messages, from the bottom up. Returns the row above them. */
static int put_messages(struct screen *screen, int bottom)
{
	char text[MESSAGES_MAX][LOG_TEXT];
	unsigned count = log_newest(screen->log, text, MESSAGES_MAX);

	while (count && bottom > 8)
		put_line(bottom--, PAGE_ALARM, text[--count]);
	return bottom;
}

/* The last row: what keys do. */
static void put_footer(const struct screen *screen, unsigned hidden)
{
	char text[PAGE_WIDTH];

	if (!screen->keyboard)
		snprintf(text, sizeof(text), "Ctrl-C ends");
	else if (hidden || screen->first)
		snprintf(text, sizeof(text), "q ends   Up and Down scroll: %u lines above, %u below", screen->first,
		         hidden);
	else
		snprintf(text, sizeof(text), "q ends");
	put_line(LINES - 1, PAGE_PLAIN, text);
}

unsigned screen_width(const struct screen *screen)
{
	(void)screen;
	return (unsigned)COLS;
}

void screen_draw(struct screen *screen, const struct page *page)
{
	unsigned body = page->count - page->head, room, shown;
	int bottom;

	erase();
	bottom = put_messages(screen, LINES - 2);
	for (unsigned i = 0; i < page->head && (int)i <= bottom; i++)
		put_line((int)i, page->line[i].style, page->line[i].text);
	room = bottom >= (int)page->head ? (unsigned)bottom - page->head + 1 : 0;
	screen->last = body > room ? body - room : 0;
	if (screen->first > screen->last)
		screen->first = screen->last;
	shown = body - screen->first < room ? body - screen->first : room;
	for (unsigned i = 0; i < shown; i++) {
		unsigned line = page->head + screen->first + i;

		put_line((int)(page->head + i), page->line[line].style, page->line[line].text);
	}
	put_footer(screen, body - screen->first - shown);
	refresh();
}

int screen_fd(const struct screen *screen)
{
	return screen->keyboard ? STDIN_FILENO : -1;
}

void screen_on_key(struct screen *screen, bool (*key)(void *arg, int c), void *arg)
{
	screen->key = key;
	screen->key_arg = arg;
}

enum screen_wish screen_keys(struct screen *screen)
{
	enum screen_wish wish = SCREEN_NOTHING;
	int key;

	while ((key = getch()) != ERR) {
		if (screen->key && screen->key(screen->key_arg, key)) {
			wish = SCREEN_REDRAW;
			continue;
		}
		if (key == 'q' || key == 'Q')
			return SCREEN_QUIT;
		if ((key == KEY_UP || key == 'k') && screen->first)
			screen->first--;
		if ((key == KEY_DOWN || key == 'j') && screen->first < screen->last)
			screen->first++;
		wish = SCREEN_REDRAW;
	}
	return wish;
}
