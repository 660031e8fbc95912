/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the live screen shows, and the arithmetic of rates.
 */
#include "common/page.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

static void numbers_are_short(void)
{
	static const struct {
		double value;
		const char *text;
	} cases[] = {
		{ 0, "0" },
		{ 7, "7" },
		{ 0.5, "0.500" },
		{ 42.125, "42.12" },
		{ 999, "999" },
		{ 999.94, "999.9" },
		{ 999.96, "1.000k" },
		{ 1000, "1.000k" },
		{ 12345, "12.35k" },
		{ 123456, "123.5k" },
		{ 14880952, "14.88M" },
		{ 9.9999e9, "10.00G" },
		{ 148.8e12, "148.8T" },
	};
	char text[SHORT_TEXT];

	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		CU_ASSERT_STRING_EQUAL(short_number(text, cases[i].value), cases[i].text);
}

static void rates_are_per_second_burst_and_packet(void)
{
	const struct load before = { .bursts = 10, .entries = 100, .packets = 90, .ticks = 1000 };
	const struct load now = { .bursts = 14, .entries = 228, .packets = 190, .ticks = 6000 };

	CU_ASSERT_DOUBLE_EQUAL(load_fill(&now, &before), 32.0, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(load_cycles(&now, &before), 50.0, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(rate(3000, 1000, 4.0), 500.0, 1e-9);
}

static void nothing_happened_is_zero_not_infinite(void)
{
	const struct load same = { .bursts = 10, .entries = 100, .packets = 90, .ticks = 1000 };

	CU_ASSERT_EQUAL(load_fill(&same, &same), 0);
	CU_ASSERT_EQUAL(load_cycles(&same, &same), 0);
	CU_ASSERT_EQUAL(rate(5, 5, 1.0), 0);
	CU_ASSERT_EQUAL(rate(5, 4, 0.0), 0);
}

static void the_sum_of_drops_has_every_reason(void)
{
	uint64_t drops[WEIR_DROP_COUNT];

	for (unsigned i = 0; i < WEIR_DROP_COUNT; i++)
		drops[i] = 1;
	CU_ASSERT_EQUAL(drops_sum(drops), WEIR_DROP_COUNT);
}

/* One port with two queues, after two seconds of traffic. */
static void fill_example(struct page *page, unsigned width)
{
	static char spec[] = "af_xdp:a-rather-long-name-of-an-interface,mode=copy";
	struct port port = { .spec = spec, .input = true, .output = true };
	const struct ports ports = { .count = 1, .port = &port };
	struct queue_sample queues[2][2];
	struct port_sample port_samples[2];
	struct sample now, before;
	const struct page_title title = { "weir-l2fwd", "1 worker, burst 32, idle interrupt" };

	memset(queues, 0, sizeof(queues));
	memset(port_samples, 0, sizeof(port_samples));
	memset(&now, 0, sizeof(now));
	memset(&before, 0, sizeof(before));
	before.seconds = 3661;
	now.seconds = 3663;
	before.count = now.count = 1;
	before.ports = &port_samples[0];
	now.ports = &port_samples[1];
	port_samples[0].queue_count = port_samples[1].queue_count = 2;
	port_samples[0].queues = queues[0];
	port_samples[1].queues = queues[1];
	port_samples[1].link = (struct weir_link){ .up = true, .full_duplex = true, .mbps = 10000 };
	port_samples[1].stats.rx.packets = queues[1][1].rx.packets = 2469134;
	port_samples[1].stats.rx.bytes = queues[1][1].rx.bytes = 250000000;
	port_samples[1].stats.rx.drops[WEIR_DROP_MISSED] = queues[1][1].rx.drops[WEIR_DROP_MISSED] = 12;
	port_samples[1].stats.tx.drops[WEIR_DROP_TX_FULL] = queues[1][0].tx.drops[WEIR_DROP_TX_FULL] = 1000000;
	page_fill(page, width, &title, &ports, &now, &before, NULL);
}

static bool has_line(const struct page *page, const char *start)
{
	for (unsigned i = 0; i < page->count; i++)
		if (!strncmp(page->line[i].text, start, strlen(start)))
			return true;
	return false;
}

static void a_page_tells_rates_drops_and_link(void)
{
	struct page *page = calloc(1, sizeof(*page));

	CU_ASSERT_PTR_NOT_NULL_FATAL(page);
	fill_example(page, 80);
	CU_ASSERT_STRING_EQUAL(page->line[0].text, "weir-l2fwd  1:01:03  1 worker, burst 32, idle interrupt");
	/* 2,469,134 packets and 250,000,000 bytes in 2 s. */
	CU_ASSERT(has_line(page, "0 af_xdp:a-rather-long 10G   1.235M 1.000G   0.0      0       0      0   1.000M"));
	CU_ASSERT(has_line(page, "  dropped: missed 12, tx_full 1000000"));
	CU_ASSERT(has_line(page, "  queue 0                         0      0"));
	CU_ASSERT(has_line(page, "  queue 1                    1.235M 1.000G"));
	CU_ASSERT(has_line(page, "  dropped: missed 12"));
	free(page);
}

static void a_page_fits_its_width(void)
{
	struct page *page = calloc(1, sizeof(*page));

	CU_ASSERT_PTR_NOT_NULL_FATAL(page);
	for (unsigned width = 80; width <= 200; width += 40) {
		fill_example(page, width);
		for (unsigned i = 0; i < page->count; i++)
			CU_ASSERT(strlen(page->line[i].text) <= width);
	}
	CU_ASSERT(has_line(page, "0 af_xdp:a-rather-long-name-of-an-interface,mode=copy "));
	free(page);
}

static const struct unit_case cases[] = {
	{ "numbers are short", numbers_are_short },
	{ "rates are per second, burst and packet", rates_are_per_second_burst_and_packet },
	{ "nothing happened is zero, not infinite", nothing_happened_is_zero_not_infinite },
	{ "the sum of drops has every reason", the_sum_of_drops_has_every_reason },
	{ "a page tells rates, drops and link", a_page_tells_rates_drops_and_link },
	{ "a page fits its width", a_page_fits_its_width },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("common: page", cases);
}
