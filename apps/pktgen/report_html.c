/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reports as pages for a browser: the same tables, and plots. A page needs nothing but itself.
 */
#include <stdlib.h>
#include <string.h>

#include "html_plot.h"
#include "report_tests.h"

#define US 1e3 /* nanoseconds */

static const char *const latency_names[] = { "min", "median", "99 %", "99.9 %", "99.99 %", "max" };
#define LATENCIES (sizeof(latency_names) / sizeof(*latency_names))

static uint64_t latency_number(const struct latency_figures *l, unsigned index)
{
	const uint64_t numbers[LATENCIES] = { l->min, l->p50, l->p99, l->p99_9, l->p99_99, l->max };

	return numbers[index];
}

static void name_sizes(struct plot *plot, const struct rfc2544 *rfc2544)
{
	plot->place_count = rfc2544->size_count;
	for (unsigned i = 0; i < rfc2544->size_count; i++)
		snprintf(plot->places[i], sizeof(plot->places[i]), "%u", rfc2544->size[i].size);
}

static void html_throughput(FILE *file, struct plot *plot, const struct rfc2544 *rfc2544)
{
	*plot = (struct plot){ .title = "Throughput (RFC 2544, 26.1)",
		               .x_label = "bytes in a frame, with CRC",
		               .y_label = "% of the link",
		               .y_most = 100,
		               .series_count = 1 };
	name_sizes(plot, rfc2544);
	for (unsigned i = 0; i < rfc2544->size_count; i++)
		plot_point(&plot->series[0], i, rfc2544->size[i].share * 100);
	html_plot(file, plot);
	fprintf(file, "<div class=\"wide\"><table><tr><th>bytes</th><th>frames/s</th><th>Mbit/s</th><th>of link</th>"
	              "<th>trials</th><th></th></tr>\n");
	for (unsigned i = 0; i < rfc2544->size_count; i++) {
		const struct rfc2544_size *size = &rfc2544->size[i];

		fprintf(file,
		        "<tr><td>%u</td><td>%.1f</td><td>%.1f</td><td>%.2f %%</td><td>%u</td>"
		        "<td class=\"l\">%s</td></tr>\n",
		        size->size, size->pps, size->pps * size->size * 8 / 1e6, size->share * 100, size->trials,
		        size->sender_limit ? "no more could be sent" : "");
	}
	fprintf(file, "</table></div>\n");
}

static void html_latency(FILE *file, struct plot *plot, const struct rfc2544 *rfc2544)
{
	*plot = (struct plot){ .title = "Latency at the throughput (RFC 2544, 26.2)",
		               .x_label = "bytes in a frame, with CRC",
		               .y_label = "microseconds",
		               .log_y = true,
		               .series_count = LATENCIES };
	name_sizes(plot, rfc2544);
	for (unsigned j = 0; j < LATENCIES; j++) {
		snprintf(plot->series[j].name, sizeof(plot->series[j].name), "%s", latency_names[j]);
		for (unsigned i = 0; i < rfc2544->size_count; i++)
			if (rfc2544->size[i].has_latency)
				plot_point(&plot->series[j], i,
				           (double)latency_number(&rfc2544->size[i].latency.latency, j) / US);
	}
	html_plot(file, plot);
	fprintf(file, "<div class=\"wide\"><table><tr><th>bytes</th>");
	for (unsigned j = 0; j < LATENCIES; j++)
		fprintf(file, "<th>%s</th>", latency_names[j]);
	fprintf(file, "<th>mean</th><th>jitter</th><th>frames</th></tr>\n");
	for (unsigned i = 0; i < rfc2544->size_count; i++) {
		const struct latency_figures *l = &rfc2544->size[i].latency.latency;

		if (!rfc2544->size[i].has_latency)
			continue;
		fprintf(file, "<tr><td>%u</td>", rfc2544->size[i].size);
		for (unsigned j = 0; j < LATENCIES; j++)
			fprintf(file, "<td>%.1f</td>", (double)latency_number(l, j) / US);
		fprintf(file, "<td>%.1f</td><td>%.1f</td><td>%llu</td></tr>\n", l->mean / US, l->jitter / US,
		        (unsigned long long)l->count);
	}
	fprintf(file, "</table></div>\n<p class=\"sub\">in microseconds</p>\n");
}

static void html_loss(FILE *file, struct plot *plot, const struct rfc2544 *rfc2544)
{
	*plot = (struct plot){ .title = "Frame loss rate (RFC 2544, 26.3)",
		               .x_label = "sent, % of the link",
		               .y_label = "% lost",
		               .x_most = 100,
		               .series_count = rfc2544->size_count };
	for (unsigned i = 0; i < rfc2544->size_count; i++) {
		const struct rfc2544_size *size = &rfc2544->size[i];

		snprintf(plot->series[i].name, sizeof(plot->series[i].name), "%u bytes", size->size);
		for (unsigned j = 0; j < size->loss_count; j++)
			plot_point(&plot->series[i], size->loss[j].pps / size->line_pps * 100,
			           size->loss[j].loss * 100);
	}
	html_plot(file, plot);
	fprintf(file,
	        "<details><summary>All trials</summary><div class=\"wide\"><table><tr><th>bytes</th><th>asked</th>"
	        "<th>sent</th><th>frames/s</th><th>lost</th></tr>\n");
	for (unsigned i = 0; i < rfc2544->size_count; i++) {
		const struct rfc2544_size *size = &rfc2544->size[i];

		for (unsigned j = 0; j < size->loss_count; j++)
			fprintf(file,
			        "<tr><td>%u</td><td>%.2f %%</td><td>%.2f %%</td><td>%.1f</td><td>%.4f %%</td></tr>\n",
			        size->size, size->loss[j].share * 100, size->loss[j].pps / size->line_pps * 100,
			        size->loss[j].pps, size->loss[j].loss * 100);
	}
	fprintf(file, "</table></div></details>\n");
}

static void html_burst(FILE *file, struct plot *plot, const struct rfc2544 *rfc2544)
{
	*plot = (struct plot){ .title = "Back-to-back frames (RFC 2544, 26.4)",
		               .x_label = "bytes in a frame, with CRC",
		               .y_label = "frames",
		               .series_count = 1 };
	name_sizes(plot, rfc2544);
	for (unsigned i = 0; i < rfc2544->size_count; i++)
		plot_point(&plot->series[0], i, rfc2544->size[i].burst);
	html_plot(file, plot);
	fprintf(file, "<div class=\"wide\"><table><tr><th>bytes</th><th>frames</th><th></th></tr>\n");
	for (unsigned i = 0; i < rfc2544->size_count; i++)
		if (rfc2544->size[i].has_burst)
			fprintf(file, "<tr><td>%u</td><td>%.1f</td><td class=\"l\">%s</td></tr>\n",
			        rfc2544->size[i].size, rfc2544->size[i].burst,
			        rfc2544->size[i].burst_all ? "longer ones were not tried" : "");
	fprintf(file, "</table></div>\n");
}

void report_rfc2544_html(FILE *file, const struct rfc2544 *rfc2544)
{
	const struct rfc2544_conf *conf = &rfc2544->conf;
	struct plot *plot = malloc(sizeof(*plot));
	char subtitle[160];

	snprintf(subtitle, sizeof(subtitle),
	         "weir-pktgen: trials of %g s, %g %% of the frames may be lost, found to %g %%", conf->seconds,
	         conf->tolerance * 100, conf->resolution * 100);
	html_head(file, "RFC 2544", subtitle);
	if (plot && conf->tests & (RFC2544_THROUGHPUT | RFC2544_LATENCY))
		html_throughput(file, plot, rfc2544);
	if (plot && conf->tests & RFC2544_LATENCY)
		html_latency(file, plot, rfc2544);
	if (plot && conf->tests & RFC2544_LOSS)
		html_loss(file, plot, rfc2544);
	if (plot && conf->tests & RFC2544_BURST)
		html_burst(file, plot, rfc2544);
	html_tail(file);
	free(plot);
}

static void html_step(FILE *file, const struct y1564_step *step)
{
	const struct trial_result *result = &step->result;

	fprintf(file,
	        "<tr><td class=\"l\">%s</td><td>%.1f</td><td>%.1f</td><td>%.4f %%</td><td>%.1f</td><td>%.1f</td>"
	        "<td class=\"l %s\">%s%s</td></tr>\n",
	        step->name, step->asked, result->pps, trial_loss(result) * 100, (double)result->latency.max / US,
	        (double)(result->latency.p99_9 - result->latency.min) / US, step->failed ? "bad" : "good",
	        step->failed ? "failed: " : "passed", step->failed ? step->failed : "");
}

static void html_service(FILE *file, struct plot *plot, const struct y1564_service *service,
                         const struct y1564_outcome *outcome)
{
	*plot = (struct plot){ .title = service->name,
		               .x_label = "step",
		               .y_label = "packets/s",
		               .place_count = outcome->step_count,
		               .series_count = 2 };
	strcpy(plot->series[0].name, "sent");
	strcpy(plot->series[1].name, "came through");
	for (unsigned i = 0; i < outcome->step_count; i++) {
		const struct trial_result *result = &outcome->step[i].result;

		snprintf(plot->places[i], sizeof(plot->places[i]), "%s", outcome->step[i].name);
		plot_point(&plot->series[0], i, result->pps);
		plot_point(&plot->series[1], i,
		           result->sent ? result->pps * (double)result->arrived / (double)result->sent : 0);
	}
	html_plot(file, plot);
	fprintf(file,
	        "<div class=\"wide\"><table><tr><th class=\"l\">step</th><th>asked/s</th><th>sent/s</th><th>lost</th>"
	        "<th>delay us</th><th>variation us</th><th class=\"l\"></th></tr>\n");
	for (unsigned i = 0; i < outcome->step_count; i++)
		html_step(file, &outcome->step[i]);
	if (outcome->together.name)
		html_step(file, &outcome->together);
	fprintf(file, "</table></div>\n");
}

void report_y1564_html(FILE *file, const struct y1564 *y1564)
{
	struct plot *plot = malloc(sizeof(*plot));

	html_head(file, "Y.1564", y1564->passed ? "weir-pktgen: all services passed" : "weir-pktgen: failed");
	for (unsigned i = 0; plot && i < y1564->conf.service_count; i++)
		html_service(file, plot, &y1564->conf.service[i], &y1564->outcome[i]);
	html_tail(file);
	free(plot);
}
