/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reports, in whichever of the three forms was asked for.
 */
#include "report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int report_open(struct report *report, struct ports *ports, const struct page_title *title,
                const struct options *options)
{
	memset(report, 0, sizeof(*report));
	report->json = options->json;
	report->quiet = options->quiet;
	report->ports = ports;
	report->title = *title;
	if (sample_init(&report->now, ports) || sample_init(&report->before, ports) ||
	    sample_init(&report->zero, ports)) {
		log_say(ports->log, "no memory for reports");
		report_close(report);
		return -ENOMEM;
	}
	report->page = malloc(sizeof(*report->page));
	if (report->page && !options->json && options->interval > 0)
		report->screen = screen_open(ports->log);
	return 0;
}

void report_close(struct report *report)
{
	report_leave_screen(report);
	sample_fini(&report->now);
	sample_fini(&report->before);
	sample_fini(&report->zero);
	free(report->page);
	report->page = NULL;
}

void report_leave_screen(struct report *report)
{
	screen_close(report->screen);
	report->screen = NULL;
}

static void take(struct report *report, double seconds)
{
	struct sample old = report->before;

	report->before = report->now;
	report->now = old;
	sample_take(&report->now, report->ports, seconds);
}

static void print_line(const struct sample *now, const struct sample *before)
{
	double seconds = now->seconds - before->seconds;
	char text[4][SHORT_TEXT];

	printf("%7.1f s  in %6s pkt/s %6s bit/s  out %6s pkt/s %6s bit/s  fill %5.1f  cycles %4.0f  dropped %llu\n",
	       now->seconds, short_number(text[0], rate(now->rx.packets, before->rx.packets, seconds)),
	       short_number(text[1], rate(now->rx.bytes, before->rx.bytes, seconds) * 8),
	       short_number(text[2], rate(now->tx.packets, before->tx.packets, seconds)),
	       short_number(text[3], rate(now->tx.bytes, before->tx.bytes, seconds) * 8),
	       load_fill(&now->load, &before->load), load_cycles(&now->load, &before->load),
	       (unsigned long long)(drops_sum(now->drops) - drops_sum(before->drops)));
	fflush(stdout);
}

void report_redraw(struct report *report)
{
	if (!report->screen)
		return;
	page_fill(report->page, screen_width(report->screen), &report->title, report->ports, &report->now,
	          &report->before, report->own);
	if (report->add)
		report->add(report->add_arg, report->page);
	screen_draw(report->screen, report->page);
}

void report_interval(struct report *report, double seconds)
{
	take(report, seconds);
	if (report->screen)
		report_redraw(report);
	else if (report->tell)
		report->tell(report->tell_arg, report, false);
	else if (report->json)
		json_print(report->ports, &report->now, &report->before, report->own, false);
	else
		print_line(&report->now, &report->before);
}

static void print_drops(const uint64_t drops[WEIR_DROP_COUNT])
{
	printf(", dropped %llu", (unsigned long long)drops_sum(drops));
	for (unsigned i = 0, n = 0; i < WEIR_DROP_COUNT; i++)
		if (drops[i])
			printf("%s%s %llu", n++ ? ", " : " (", weir_drop_name(i), (unsigned long long)drops[i]);
	printf("%s", drops_sum(drops) ? ")" : "");
}

static void print_port(const struct port *port, unsigned index, const struct weir_port_stats *stats)
{
	printf("  port %u '%s':", index, port->spec);
	if (port->input) {
		printf(" received %llu", (unsigned long long)stats->rx.packets);
		print_drops(stats->rx.drops);
	}
	if (port->output) {
		printf("%s sent %llu", port->input ? ";" : "", (unsigned long long)stats->tx.packets);
		print_drops(stats->tx.drops);
	}
	printf("\n");
}

/* A line for each section, with what is not 0. */
static void print_own(const struct own *own)
{
	const char *section = NULL;
	struct own_count count;

	for (unsigned i = 0; own && !own->count(own->arg, i, &count); i++) {
		if (!count.value)
			continue;
		if (!section || strcmp(section, count.section))
			printf("%s  %s: ", section ? "\n" : "", count.section);
		else
			printf(", ");
		printf("%s %llu", count.name, (unsigned long long)count.value);
		section = count.section;
	}
	printf("%s", section ? "\n" : "");
}

static void print_summary(const struct report *report)
{
	const struct sample *all = &report->now;

	printf("forwarded %llu packets, %llu bytes in %.3f s: %.3f Mpps, %.1f cycles per packet",
	       (unsigned long long)all->tx.packets, (unsigned long long)all->tx.bytes, all->seconds,
	       rate(all->tx.packets, 0, all->seconds) / 1e6, load_cycles(&all->load, &report->zero.load));
	print_drops(all->drops);
	printf("\n");
	for (unsigned i = 0; i < all->count; i++)
		print_port(&report->ports->port[i], i, &all->ports[i].stats);
	print_own(report->own);
}

int report_final(struct report *report, double seconds)
{
	take(report, seconds);
	if (report->quiet)
		return 0;
	if (report->tell)
		report->tell(report->tell_arg, report, true);
	else if (report->json)
		json_print(report->ports, &report->now, &report->zero, report->own, true);
	else
		print_summary(report);
	if (!fflush(stdout) && !ferror(stdout))
		return 0;
	log_say(report->ports->log, "the standard output takes no reports any more");
	return -EIO;
}
