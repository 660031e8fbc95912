/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Axes, lines, points and a legend.
 */
#include "html_plot.h"

#include <math.h>

#define WIDTH  720
#define HEIGHT 360
#define LEFT   76.0
#define RIGHT  24.0
#define TOP    20.0
#define BOTTOM 56.0
#define TICKS  5 /* about so many on an axis */

static const char style[] =
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1b1f24;"
    "background:#fff}"
    "h1{font-size:1.6rem;margin-bottom:.2rem}h2{font-size:1.15rem;margin-top:2.2rem}.sub{color:#57606a;margin-top:0}"
    "table{border-collapse:collapse;margin-top:1rem;font-variant-numeric:tabular-nums}"
    "th,td{padding:.3rem .7rem;text-align:right;border-bottom:1px solid #d8dee4}th{font-weight:600}"
    "td.l,th.l{text-align:left}.bad{color:#b3261e;font-weight:600}.good{color:#1a7f37;font-weight:600}"
    ".wide{overflow-x:auto}summary{margin-top:1rem;cursor:pointer}"
    "svg{display:block;width:100%;max-width:720px;height:auto}svg text{font-size:12px;fill:#57606a}"
    ".axis{stroke:#8c959f}.grid{stroke:#d8dee4}.line{fill:none;stroke-width:2}"
    ".legend{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;margin:.3rem 0 0 76px;padding:0;list-style:none;"
    "font-size:13px}.legend i{display:inline-block;width:.8em;height:.8em;border-radius:2px;margin-right:.4em}"
    ".s0{stroke:#0072b2;fill:#0072b2;background:#0072b2}.s1{stroke:#d55e00;fill:#d55e00;background:#d55e00}"
    ".s2{stroke:#009e73;fill:#009e73;background:#009e73}.s3{stroke:#cc79a7;fill:#cc79a7;background:#cc79a7}"
    ".s4{stroke:#b38600;fill:#b38600;background:#b38600}.s5{stroke:#56b4e9;fill:#56b4e9;background:#56b4e9}"
    ".s6{stroke:#7a5195;fill:#7a5195;background:#7a5195}.s7{stroke:#6e7781;fill:#6e7781;background:#6e7781}"
    "polyline.line{fill:none}"
    "@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}.sub,svg text{color:#9198a1;"
    "fill:#9198a1}th,td{border-color:#30363d}.grid{stroke:#30363d}.axis{stroke:#6e7681}.bad{color:#ff7b72}"
    ".good{color:#56d364}}";

/* How values become places in the picture. */
struct frame {
	const struct plot *plot;
	double x_least, x_most, y_least, y_most, y_step;
};

void plot_point(struct plot_series *series, double x, double y)
{
	unsigned at = series->count;

	if (series->count == PLOT_POINTS_MAX)
		return;
	for (; at && series->x[at - 1] > x; at--) {
		series->x[at] = series->x[at - 1];
		series->y[at] = series->y[at - 1];
	}
	series->x[at] = x;
	series->y[at] = y;
	series->count++;
}

void html_text(FILE *file, const char *text)
{
	for (; *text; text++) {
		if (*text == '<')
			fputs("&lt;", file);
		else if (*text == '>')
			fputs("&gt;", file);
		else if (*text == '&')
			fputs("&amp;", file);
		else if (*text == '"')
			fputs("&quot;", file);
		else
			fputc(*text, file);
	}
}

void html_head(FILE *file, const char *title, const char *subtitle)
{
	fprintf(file, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	              "<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
	html_text(file, title);
	fprintf(file, "</title>\n<style>%s</style>\n</head>\n<body>\n<h1>", style);
	html_text(file, title);
	fprintf(file, "</h1>\n<p class=\"sub\">");
	html_text(file, subtitle);
	fprintf(file, "</p>\n");
}

void html_tail(FILE *file)
{
	fputs("</body>\n</html>\n", file);
}

/* The least of 1, 2, 5, 10 ... that @value is not above. */
static double round_up(double value)
{
	double power = pow(10, floor(log10(value)));

	for (unsigned i = 0; i < 3; i++) {
		static const double steps[] = { 1, 2, 5 };

		if (value <= steps[i] * power * (1 + 1e-9))
			return steps[i] * power;
	}
	return 10 * power;
}

static void fit(struct frame *frame, const struct plot *plot)
{
	double least = INFINITY, most = 0;

	for (unsigned i = 0; i < plot->series_count; i++)
		for (unsigned j = 0; j < plot->series[i].count; j++) {
			double y = plot->series[i].y[j];

			if (y > 0)
				least = fmin(least, y);
			most = fmax(most, y);
		}
	frame->plot = plot;
	/* Half a place is left free on both sides. */
	frame->x_least = plot->place_count ? -0.5 : plot->x_least;
	frame->x_most = plot->place_count ? plot->place_count - 0.5 : plot->x_most;
	if (plot->log_y && most > 0) {
		frame->y_least = floor(log10(least));
		frame->y_most = fmax(ceil(log10(most) - 1e-9), frame->y_least + 1);
		frame->y_step = 1;
	} else {
		most = plot->y_most > 0 ? plot->y_most : most > 0 ? most : 1;
		frame->y_least = 0;
		frame->y_step = round_up(most / TICKS);
		frame->y_most = plot->y_most > 0 ? most : ceil(most / frame->y_step - 1e-9) * frame->y_step;
	}
}

static double place_x(const struct frame *frame, double x)
{
	return LEFT + (x - frame->x_least) / (frame->x_most - frame->x_least) * (WIDTH - LEFT - RIGHT);
}

static double place_y(const struct frame *frame, double y)
{
	double value = frame->plot->log_y ? log10(y) : y;

	return HEIGHT - BOTTOM - (value - frame->y_least) / (frame->y_most - frame->y_least) * (HEIGHT - TOP - BOTTOM);
}

/* "1.5M" */
static void put_number(FILE *file, double value)
{
	static const char units[] = { 'k', 'M', 'G', 'T' };
	int unit = -1;

	for (; fabs(value) >= 999.95 && unit < 3; unit++)
		value /= 1000;
	fprintf(file, "%.4g", value);
	if (unit >= 0)
		fputc(units[unit], file);
}

/* How many there are, each @step after the one before, from @first to @last. */
static unsigned ticks_within(double first, double last, double step)
{
	return last < first ? 0 : (unsigned)((last - first) / step + 1e-6) + 1;
}

static void put_y_axis(FILE *file, const struct frame *frame)
{
	const struct plot *plot = frame->plot;
	unsigned ticks = ticks_within(frame->y_least, frame->y_most, frame->y_step);

	for (unsigned i = 0; i < ticks; i++) {
		double tick = frame->y_least + i * frame->y_step;
		double value = plot->log_y ? pow(10, tick) : tick, y = place_y(frame, value);

		fprintf(file, "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>", LEFT, y,
		        WIDTH - RIGHT, y);
		fprintf(file, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">", LEFT - 8, y + 4);
		put_number(file, value);
		fprintf(file, "</text>\n");
	}
	fprintf(file, "<text transform=\"translate(16 %.1f) rotate(-90)\" text-anchor=\"middle\">",
	        (TOP + HEIGHT - BOTTOM) / 2);
	html_text(file, plot->y_label);
	fprintf(file, "</text>\n");
}

static void put_x_axis(FILE *file, const struct frame *frame)
{
	const struct plot *plot = frame->plot;
	double step = plot->place_count ? 1 : round_up((plot->x_most - plot->x_least) / 10);
	double first = plot->place_count ? 0 : plot->x_least;
	double last = plot->place_count ? plot->place_count - 1 : plot->x_most;
	unsigned ticks = ticks_within(first, last, step);

	fprintf(file, "<line class=\"axis\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", LEFT, HEIGHT - BOTTOM,
	        WIDTH - RIGHT, HEIGHT - BOTTOM);
	for (unsigned i = 0; i < ticks; i++) {
		double tick = first + i * step;

		fprintf(file, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">", place_x(frame, tick),
		        HEIGHT - BOTTOM + 20);
		if (plot->place_count)
			html_text(file, plot->places[i]);
		else
			put_number(file, tick);
		fprintf(file, "</text>\n");
	}
	fprintf(file, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">", (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10);
	html_text(file, plot->x_label);
	fprintf(file, "</text>\n");
}

static bool shown(const struct frame *frame, double y)
{
	return !frame->plot->log_y || y > 0;
}

static void put_series(FILE *file, const struct frame *frame, unsigned index)
{
	const struct plot_series *series = &frame->plot->series[index];

	fprintf(file, "<polyline class=\"line s%u\" points=\"", index % 8);
	for (unsigned i = 0; i < series->count; i++)
		if (shown(frame, series->y[i]))
			fprintf(file, "%.1f,%.1f ", place_x(frame, series->x[i]), place_y(frame, series->y[i]));
	fprintf(file, "\"/>\n");
	for (unsigned i = 0; i < series->count; i++) {
		if (!shown(frame, series->y[i]))
			continue;
		fprintf(file, "<circle class=\"s%u\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\"><title>", index % 8,
		        place_x(frame, series->x[i]), place_y(frame, series->y[i]));
		html_text(file, series->name);
		fprintf(file, ": %.6g</title></circle>\n", series->y[i]);
	}
}

void html_plot(FILE *file, const struct plot *plot)
{
	struct frame frame;

	fit(&frame, plot);
	fprintf(file, "<h2>");
	html_text(file, plot->title);
	fprintf(file, "</h2>\n<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", WIDTH, HEIGHT);
	html_text(file, plot->title);
	fprintf(file, "\">\n");
	put_y_axis(file, &frame);
	put_x_axis(file, &frame);
	for (unsigned i = 0; i < plot->series_count; i++)
		put_series(file, &frame, i);
	fprintf(file, "</svg>\n");
	if (plot->series_count < 2)
		return;
	fprintf(file, "<ul class=\"legend\">");
	for (unsigned i = 0; i < plot->series_count; i++) {
		fprintf(file, "<li><i class=\"s%u\"></i>", i % 8);
		html_text(file, plot->series[i].name);
		fprintf(file, "</li>");
	}
	fprintf(file, "</ul>\n");
}
