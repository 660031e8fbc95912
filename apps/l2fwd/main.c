/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * weir-l2fwd: forwards packets between ports, as they are or with new addresses.
 *
 *      main thread: options, ports, plan, workers; then reports, and waits for the end   (main.c, ../common)
 *      workers:     receive a burst, write addresses, send it                            (forward.c)
 */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/report.h"
#include "common/signals.h"
#include "common/watch.h"
#include "forward.h"

struct l2fwd {
	struct l2fwd_options options;
	struct log log;
	struct ports ports;
	struct plan plan;
	struct budget budget;
	struct workers workers;
	struct forwarder *forwarders;
	int signal_fd;
	char what[80]; /* the screen's title */
};

/*
 * A port that can put segments together is asked to, if what it hands up can be sent, and leaves as the segments that
 * came: long packets cost as much as short ones, but a bridge changes none.
 */
static void ask_for_long_packets(struct l2fwd *l2fwd)
{
	const uint32_t exact = WEIR_OFFLOAD_LRO | WEIR_OFFLOAD_LRO_EXACT;

	for (unsigned i = 0; i < l2fwd->options.map_count; i++) {
		const struct port *from = &l2fwd->ports.port[l2fwd->options.map[i].from];
		const struct port *to = &l2fwd->ports.port[l2fwd->options.map[i].to];

		if (from->input && (from->info.offloads & exact) == exact && to->info.offloads & WEIR_OFFLOAD_TX_TSO)
			weir_port_set_offloads(from->weir, l2fwd->options.common.offloads | WEIR_OFFLOAD_LRO);
	}
}

/* What an idle worker does, given the ports: waiting takes something to wait for. */
static const char *idle_name(const struct l2fwd *l2fwd)
{
	enum idle_mode mode = l2fwd->options.common.idle;

	for (unsigned i = 0; i < l2fwd->ports.count; i++)
		if (mode == IDLE_INTERRUPT && l2fwd->ports.port[i].input && !l2fwd->ports.port[i].info.can_wait)
			mode = IDLE_SLEEP;
	return idle_mode_name(mode);
}

static int open_ports(struct l2fwd *l2fwd)
{
	struct port_wish *wishes = calloc(l2fwd->options.common.spec_count, sizeof(*wishes));
	int err;

	if (!wishes) {
		log_say(&l2fwd->log, "no memory for the ports");
		return -ENOMEM;
	}
	plan_wishes(&l2fwd->options, wishes);
	err = ports_open_all(&l2fwd->ports, &l2fwd->log, &l2fwd->options.common, wishes);
	free(wishes);
	if (err)
		return err;
	err = plan_make(&l2fwd->plan, &l2fwd->options, &l2fwd->ports);
	if (err)
		goto close;
	ask_for_long_packets(l2fwd);
	err = ports_start_all(&l2fwd->ports);
	if (err)
		goto plan;
	return 0;

plan:
	plan_free(&l2fwd->plan);
close:
	ports_close_all(&l2fwd->ports);
	return err;
}

static int start_workers(struct l2fwd *l2fwd)
{
	const struct options *options = &l2fwd->options.common;
	struct budget *budget = options->count ? &l2fwd->budget : NULL;
	void *args[WORKERS_MAX];
	int err;

	budget_init(&l2fwd->budget, options->count);
	err =
	    forwarders_make(&l2fwd->forwarders, &l2fwd->plan, &l2fwd->options, &l2fwd->ports, &l2fwd->workers, budget);
	if (err)
		return err;
	for (unsigned i = 0; i < options->workers; i++)
		args[i] = &l2fwd->forwarders[i];
	err = workers_start(&l2fwd->workers, &l2fwd->log, options->workers, &options->cpus, forward_run, args);
	if (err)
		forwarders_free(l2fwd->forwarders, options->workers);
	return err;
}

/* Forwards until the end, and reports. Returns 0, or -errno after saying why. */
static int forward(struct l2fwd *l2fwd)
{
	const struct options *options = &l2fwd->options.common;
	const struct page_title title = { l2fwd->log.program, l2fwd->what };
	struct report report;
	double start, seconds;
	int err, stop_err, report_err;

	snprintf(l2fwd->what, sizeof(l2fwd->what), "%u worker%s, burst %u, idle %s", options->workers,
	         options->workers == 1 ? "" : "s", options->burst, idle_name(l2fwd));
	err = report_open(&report, &l2fwd->ports, &title, options);
	if (err)
		return err;
	err = start_workers(l2fwd);
	start = watch_clock();
	if (!err) {
		watch(options, &l2fwd->workers, &report, l2fwd->signal_fd, start);
		/* From here on a second Ctrl-C ends the program at once. */
		report_leave_screen(&report);
		signals_release(l2fwd->signal_fd);
		workers_stop(&l2fwd->workers);
		workers_join(&l2fwd->workers);
		seconds = watch_clock() - start;
		stop_err = ports_stop_all(&l2fwd->ports);
		err = ports_health(&l2fwd->ports);
		report_err = report_final(&report, seconds);
		err = err ? err : stop_err;
		err = err ? err : report_err;
		forwarders_free(l2fwd->forwarders, options->workers);
	}
	report_close(&report);
	return err;
}

static int run(struct l2fwd *l2fwd)
{
	int err, close_err;

	l2fwd->signal_fd = signals_catch();
	if (l2fwd->signal_fd < 0) {
		log_say(&l2fwd->log, "cannot catch signals: %s", strerror(-l2fwd->signal_fd));
		return l2fwd->signal_fd;
	}
	err = workers_init(&l2fwd->workers, &l2fwd->log);
	if (err)
		return err;
	err = open_ports(l2fwd);
	if (err)
		goto workers;
	err = forward(l2fwd);
	plan_free(&l2fwd->plan);
	close_err = ports_close_all(&l2fwd->ports);
	err = err ? err : close_err;
workers:
	workers_fini(&l2fwd->workers);
	return err;
}

int main(int argc, char **argv)
{
	struct l2fwd *l2fwd = calloc(1, sizeof(*l2fwd));
	int err;

	if (!l2fwd)
		return EXIT_FAILURE;
	/* For the screen. Numbers keep their decimal point. */
	setlocale(LC_CTYPE, "");
	log_init(&l2fwd->log, "weir-l2fwd");
	l2fwd_options_read(&l2fwd->options, argc, argv);
	err = run(l2fwd);
	l2fwd_options_free(&l2fwd->options);
	free(l2fwd);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
