/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the live screen shows beyond ports, and keys: streams and what becomes of them, latency, a test that runs.
 */
#ifndef PKTGEN_TUI_H
#define PKTGEN_TUI_H

#include <stdbool.h>

#include "common/page.h"

struct pktgen;
struct tui;

/* Returns 0 or -ENOMEM. */
int tui_open(struct tui **tui, struct pktgen *pktgen);
void tui_close(struct tui *tui);

/* Adds to a page. Its argument is a struct tui, as that of the next. */
void tui_add(void *tui, struct page *page);

/* s starts and stops, + and - change the rate. Returns whether it is one of these. */
bool tui_key(void *tui, int c);

#endif
