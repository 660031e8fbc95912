/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * weir-l3fwd: routes IPv4 and IPv6 packets between ports.
 *
 *      main thread: options, ports, tables; then changes the tables, reports, and waits for the end
 *      workers:     receive a burst, look routes up, write headers, send                     (forward.c)
 */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/report.h"
#include "common/signals.h"
#include "common/watch.h"
#include "config.h"
#include "control.h"
#include "counts.h"
#include "setup.h"

struct l3fwd {
	struct l3fwd_options options;
	struct log log;
	struct ports ports;
	struct router router;
	struct config config;
	struct control control;
	struct budget budget;
	struct workers workers;
	struct forwarder *forwarders;
	int signal_fd;
	char what[80]; /* the screen's title */
};

static int open_ports(struct l3fwd *l3fwd)
{
	struct port_wish *wishes = calloc(l3fwd->options.common.spec_count, sizeof(*wishes));
	int err;

	if (!wishes) {
		log_say(&l3fwd->log, "no memory for the ports");
		return -ENOMEM;
	}
	setup_wishes(&l3fwd->options, wishes);
	err = ports_open_all(&l3fwd->ports, &l3fwd->log, &l3fwd->options.common, wishes);
	free(wishes);
	if (err)
		return err;
	setup_mark(&l3fwd->ports);
	err = ports_start_all(&l3fwd->ports);
	if (err)
		ports_close_all(&l3fwd->ports);
	return err;
}

/* Makes the tables, with what the file of routes says. */
static int open_router(struct l3fwd *l3fwd)
{
	const struct router_conf conf = {
		.weir = l3fwd->ports.weir,
		.pool = l3fwd->ports.pool,
		.log = &l3fwd->log,
		.ports = l3fwd->ports.count,
		.workers = l3fwd->options.common.workers,
		.routes4 = l3fwd->options.routes4,
		.routes6 = l3fwd->options.routes6,
	};
	int err = router_init(&l3fwd->router, &conf);

	if (err)
		return err;
	err = config_init(&l3fwd->config, &l3fwd->router, &l3fwd->ports);
	if (err)
		goto router;
	if (l3fwd->options.routes)
		err = config_read(&l3fwd->config, l3fwd->options.routes);
	if (err)
		goto config;
	return 0;

config:
	config_fini(&l3fwd->config);
router:
	router_fini(&l3fwd->router);
	return err;
}

static int open_control(struct l3fwd *l3fwd)
{
	const struct control_conf conf = {
		.twins = l3fwd->options.twins,
		.twin_count = l3fwd->options.twin_count,
		.neighbours = l3fwd->options.neighbours,
		.routes = l3fwd->options.routes4 + l3fwd->options.routes6,
	};

	return control_open(&l3fwd->control, &l3fwd->router, &l3fwd->ports, &l3fwd->config, &conf);
}

static int own_count(void *arg, unsigned index, struct own_count *count)
{
	struct l3fwd *l3fwd = arg;

	if (index >= CONTROL_COUNTS)
		return counts_own(&l3fwd->router, index - CONTROL_COUNTS, count);
	control_count(&l3fwd->control, index, count);
	return 0;
}

static int start_workers(struct l3fwd *l3fwd)
{
	const struct options *options = &l3fwd->options.common;
	const struct setup setup = {
		.options = &l3fwd->options,
		.ports = &l3fwd->ports,
		.router = &l3fwd->router,
		.workers = &l3fwd->workers,
		.budget = options->count ? &l3fwd->budget : NULL,
		.flows = l3fwd->config.flows,
	};
	void *args[WORKERS_MAX];
	int err;

	budget_init(&l3fwd->budget, options->count);
	err = forwarders_make(&l3fwd->forwarders, &setup);
	if (err)
		return err;
	for (unsigned i = 0; i < options->workers; i++)
		args[i] = &l3fwd->forwarders[i];
	err = workers_start(&l3fwd->workers, &l3fwd->log, options->workers, &options->cpus, forward_run, args);
	if (err)
		forwarders_free(l3fwd->forwarders, options->workers);
	return err;
}

/* Routes until the end, and reports. Returns 0, or -errno after saying why. */
static int forward(struct l3fwd *l3fwd)
{
	const struct options *options = &l3fwd->options.common;
	const struct page_title title = { l3fwd->log.program, l3fwd->what };
	const struct watch_also also = { control_fd(&l3fwd->control), control_run, &l3fwd->control, NULL };
	const struct own own = { own_count, l3fwd };
	struct report report;
	double start, seconds;
	int err, stop_err, report_err;

	snprintf(l3fwd->what, sizeof(l3fwd->what), "%u worker%s, burst %u, idle %s", options->workers,
	         options->workers == 1 ? "" : "s", options->burst, idle_mode_name(options->idle));
	err = report_open(&report, &l3fwd->ports, &title, options);
	if (err)
		return err;
	report.own = &own;
	err = start_workers(l3fwd);
	start = watch_clock();
	if (!err) {
		watch_and(options, &l3fwd->workers, &report, l3fwd->signal_fd, start, &also);
		/* From here on a second Ctrl-C ends the program at once. */
		report_leave_screen(&report);
		signals_release(l3fwd->signal_fd);
		workers_stop(&l3fwd->workers);
		workers_join(&l3fwd->workers);
		seconds = watch_clock() - start;
		stop_err = ports_stop_all(&l3fwd->ports);
		err = ports_health(&l3fwd->ports);
		report_err = report_final(&report, seconds);
		forwarders_free(l3fwd->forwarders, options->workers);
		err = err ? err : stop_err;
		err = err ? err : report_err;
	}
	report_close(&report);
	return err;
}

static int run(struct l3fwd *l3fwd)
{
	int err, close_err;

	l3fwd->signal_fd = signals_catch();
	if (l3fwd->signal_fd < 0) {
		log_say(&l3fwd->log, "cannot catch signals");
		return l3fwd->signal_fd;
	}
	err = workers_init(&l3fwd->workers, &l3fwd->log);
	if (err)
		return err;
	err = open_ports(l3fwd);
	if (err)
		goto workers;
	err = open_router(l3fwd);
	if (err)
		goto ports;
	err = open_control(l3fwd);
	if (err)
		goto router;
	err = forward(l3fwd);
	control_close(&l3fwd->control);
router:
	config_fini(&l3fwd->config);
	router_fini(&l3fwd->router);
ports:
	close_err = ports_close_all(&l3fwd->ports);
	err = err ? err : close_err;
workers:
	workers_fini(&l3fwd->workers);
	return err;
}

int main(int argc, char **argv)
{
	struct l3fwd *l3fwd = calloc(1, sizeof(*l3fwd));
	int err;

	if (!l3fwd)
		return EXIT_FAILURE;
	/* For the screen. Numbers keep their decimal point. */
	setlocale(LC_CTYPE, "");
	log_init(&l3fwd->log, "weir-l3fwd");
	l3fwd_options_read(&l3fwd->options, argc, argv);
	err = run(l3fwd);
	l3fwd_options_free(&l3fwd->options);
	free(l3fwd);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
