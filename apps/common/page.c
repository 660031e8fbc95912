/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the live screen shows. Everything fits into 80 columns.
 */
#include "page.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define DROPS_TEXT 160
#define NAME_LEAST 22 /* columns; the others take 56 */
#define NAME_MOST  70

/* A line of the table: a port, or one of its queues. */
struct row {
	enum page_style style;
	const char *name, *link;
	const struct weir_queue_stats *rx, *rx_before, *tx, *tx_before;
	const struct load *load, *load_before;
};

void page_add(struct page *page, enum page_style style, const char *format, ...)
{
	va_list args;

	if (page->count == PAGE_LINES)
		return;
	va_start(args, format);
	vsnprintf(page->line[page->count].text, PAGE_WIDTH, format, args);
	va_end(args);
	page->line[page->count++].style = style;
}

const char *short_number(char text[SHORT_TEXT], double value)
{
	static const char *const units[] = { "", "k", "M", "G", "T" };
	unsigned unit = 0;

	/* 999.95 would be printed as 1000.0 */
	while (value >= 999.95 && unit < 4) {
		value /= 1000;
		unit++;
	}
	if (!unit && value == (double)(unsigned)value)
		snprintf(text, SHORT_TEXT, "%.0f", value);
	else
		snprintf(text, SHORT_TEXT, "%.*f%s", value < 9.9995 ? 3 : value < 99.995 ? 2 : 1, value, units[unit]);
	return text;
}

/* "missed 12, tx_full 3"; empty when nothing was dropped. */
static void drops_text(char text[DROPS_TEXT], const struct weir_queue_stats *rx, const struct weir_queue_stats *tx)
{
	size_t used = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < WEIR_DROP_COUNT && used < DROPS_TEXT; i++) {
		uint64_t drops = rx->drops[i] + tx->drops[i];

		if (drops)
			used += (size_t)snprintf(text + used, DROPS_TEXT - used, "%s%s %llu", used ? ", " : "",
			                         weir_drop_name(i), (unsigned long long)drops);
	}
}

static void add_row(struct page *page, const struct row *row, double seconds)
{
	char text[5][SHORT_TEXT];
	double drops = (double)(drops_sum(row->rx->drops) + drops_sum(row->tx->drops));

	page_add(page, row->style, "%-*.*s %-5.5s %6s %6s %5.1f %6.0f  %6s %6s  %7s", (int)page->name, (int)page->name,
	         row->name, row->link, short_number(text[0], rate(row->rx->packets, row->rx_before->packets, seconds)),
	         short_number(text[1], rate(row->rx->bytes, row->rx_before->bytes, seconds) * 8),
	         load_fill(row->load, row->load_before), load_cycles(row->load, row->load_before),
	         short_number(text[2], rate(row->tx->packets, row->tx_before->packets, seconds)),
	         short_number(text[3], rate(row->tx->bytes, row->tx_before->bytes, seconds) * 8),
	         short_number(text[4], drops));
}

static void add_drops(struct page *page, const struct weir_queue_stats *rx, const struct weir_queue_stats *tx)
{
	char text[DROPS_TEXT];

	drops_text(text, rx, tx);
	if (text[0])
		page_add(page, PAGE_ALARM, "  dropped: %s", text);
}

static const char *link_text(char text[SHORT_TEXT], const struct weir_link *link)
{
	if (!link->up)
		return "down";
	if (!link->mbps)
		return "up";
	/* "100M", "2.5G", "100G" */
	if (link->mbps < 1000)
		snprintf(text, SHORT_TEXT, "%uM", (unsigned)link->mbps);
	else
		snprintf(text, SHORT_TEXT, "%gG", link->mbps / 1000.0);
	return text;
}

static void add_port(struct page *page, unsigned index, const struct port *port, const struct port_sample *now,
                     const struct port_sample *before, double seconds)
{
	char name[NAME_MOST + 1], link[SHORT_TEXT];
	struct row row = {
		PAGE_PORT,         name,           link_text(link, &now->link), &now->stats.rx,
		&before->stats.rx, &now->stats.tx, &before->stats.tx,           &now->load,
		&before->load,
	};

	snprintf(name, sizeof(name), "%u %s", index, port->spec);
	add_row(page, &row, seconds);
	add_drops(page, &now->stats.rx, &now->stats.tx);
	for (unsigned i = 0; i < now->queue_count; i++) {
		const struct queue_sample *queue = &now->queues[i], *old = &before->queues[i];

		row = (struct row){ PAGE_PLAIN, name,     "",           &queue->rx, &old->rx,
			            &queue->tx, &old->tx, &queue->load, &old->load };
		snprintf(name, sizeof(name), "  queue %u", i);
		add_row(page, &row, seconds);
		if (now->queue_count > 1)
			add_drops(page, &queue->rx, &queue->tx);
	}
}

static void add_head(struct page *page, const struct page_title *title, const struct sample *now,
                     const struct sample *before)
{
	unsigned time = (unsigned)now->seconds;
	double seconds = now->seconds - before->seconds;
	const struct weir_pool_info *pool = &now->pool;
	char text[4][SHORT_TEXT];

	page_add(page, PAGE_TITLE, "%s  %u:%02u:%02u  %s", title->program, time / 3600, time / 60 % 60, time % 60,
	         title->what);
	page_add(page, PAGE_PLAIN, "all   received %s packets, %s/s; sent %s, %s/s; dropped %llu",
	         short_number(text[0], (double)now->rx.packets),
	         short_number(text[1], rate(now->rx.packets, before->rx.packets, seconds)),
	         short_number(text[2], (double)now->tx.packets),
	         short_number(text[3], rate(now->tx.packets, before->tx.packets, seconds)),
	         (unsigned long long)drops_sum(now->drops));
	page_add(page, PAGE_PLAIN, "pool  %u of %u buffers in use, %u at most; ran out %llu times", pool->in_use,
	         pool->count, pool->high_water, (unsigned long long)pool->failures);
	page_add(page, PAGE_PLAIN, "%s", "");
	page_add(page, PAGE_HEADING, "%-*s %13s %5s %6s  %13s  %7s", (int)page->name + 6, "", "received", "burst",
	         "cycles", "sent", "");
	page_add(page, PAGE_HEADING, "%-*s %-5s %6s %6s %5s %6s  %6s %6s  %7s", (int)page->name, "port", "link",
	         "pkt/s", "bit/s", "fill", "/ pkt", "pkt/s", "bit/s", "dropped");
	page->head = page->count;
}

/* Sections of what is not 0, in lines of @width columns. */
static void add_own(struct page *page, unsigned width, const struct own *own)
{
	char line[PAGE_WIDTH] = "", text[80];
	const char *section = NULL;
	struct own_count count;

	width = width < PAGE_WIDTH ? width : PAGE_WIDTH;
	for (unsigned i = 0; own && !own->count(own->arg, i, &count); i++) {
		bool begins = !section || strcmp(section, count.section) != 0;

		if (!count.value)
			continue;
		snprintf(text, sizeof(text), "%s %llu", count.name, (unsigned long long)count.value);
		if (line[0] && (begins || strlen(line) + strlen(text) + 3 > width)) {
			page_add(page, PAGE_PLAIN, "%s", line);
			line[0] = '\0';
		}
		if (line[0])
			snprintf(line + strlen(line), sizeof(line) - strlen(line), ", %s", text);
		else
			snprintf(line, sizeof(line), "%-12s %s", begins ? count.section : "", text);
		section = count.section;
	}
	if (line[0])
		page_add(page, PAGE_PLAIN, "%s", line);
}

void page_fill(struct page *page, unsigned width, const struct page_title *title, const struct ports *ports,
               const struct sample *now, const struct sample *before, const struct own *own)
{
	unsigned name = width > 80 ? NAME_LEAST + width - 80 : NAME_LEAST;

	page->name = name < NAME_MOST ? name : NAME_MOST;
	page->count = 0;
	add_head(page, title, now, before);
	for (unsigned i = 0; i < ports->count; i++)
		add_port(page, i, &ports->port[i], &now->ports[i], &before->ports[i], now->seconds - before->seconds);
	add_own(page, width, own);
}
