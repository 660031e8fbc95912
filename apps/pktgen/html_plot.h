/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Plots as SVG, to stand in a page of HTML: lines over numbers, or over named places. Colours come from the page's style,
 * which html_head() writes.
 */
#ifndef PKTGEN_HTML_PLOT_H
#define PKTGEN_HTML_PLOT_H

#include <stdbool.h>
#include <stdio.h>

#define PLOT_SERIES_MAX 16u
#define PLOT_POINTS_MAX 64u

struct plot_series {
	char name[32];
	unsigned count;
	double x[PLOT_POINTS_MAX], y[PLOT_POINTS_MAX];
};

struct plot {
	const char *title, *x_label, *y_label;
	bool log_y;             /* values of 0 and less are left out then */
	double x_least, x_most; /* without places */
	double y_most;          /* 0: what the values need */
	unsigned place_count;   /* named places on the x axis, at 0, 1, 2 ... */
	char places[PLOT_POINTS_MAX][16];
	unsigned series_count;
	struct plot_series series[PLOT_SERIES_MAX];
};

/* The beginning of a page, and its end. @subtitle may be empty. */
void html_head(FILE *file, const char *title, const char *subtitle);
void html_tail(FILE *file);

/* Text with what HTML would take for its own written otherwise. */
void html_text(FILE *file, const char *text);

void html_plot(FILE *file, const struct plot *plot);

/* Adds a point, where its x belongs. Those beyond PLOT_POINTS_MAX are left out. */
void plot_point(struct plot_series *series, double x, double y);

#endif
