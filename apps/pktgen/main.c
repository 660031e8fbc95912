/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * weir-pktgen: sends streams of packets, and measures what becomes of them.
 *
 *      main thread: options, ports, streams; then reports, and waits for the end   (main.c, ../common)
 *      workers:     send what is due, take what came                               (worker.c)
 */
#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/report.h"
#include "common/signals.h"
#include "common/watch.h"
#include "control.h"
#include "control_run.h"
#include "pktgen.h"
#include "script.h"
#include "stream_report.h"
#include "tui.h"

/* What fits into buffers as they usually are; the library's choice is 64 bytes more. */
#define ROOM_USUAL (2048 + WEIR_HEADROOM)

#define LINGER_ROUNDS 25u

static void clock_init(struct pktgen_clock *clock)
{
	clock->offset = pktgen_clock_read(CLOCK_REALTIME) - pktgen_clock_read(CLOCK_MONOTONIC);
}

/* Buffers that hold the longest frames, unless a size is asked for. */
static void choose_room(struct options *options, const struct stream_set *set)
{
	uint32_t least, most, longest = 0;

	for (unsigned i = 0; i < set->count; i++) {
		stream_size_bounds(&set->streams[i], &least, &most);
		longest = most > longest ? most : longest;
	}
	if (!options->room && longest > ROOM_USUAL - WEIR_HEADROOM)
		options->room = longest + WEIR_HEADROOM;
}

/* Each worker has a transmit queue on every port, for streams and for answers. */
static int open_ports(struct pktgen *pktgen)
{
	const struct options *options = &pktgen->options.common;
	struct port_wish *wishes = calloc(options->spec_count, sizeof(*wishes));
	int err;

	if (!wishes) {
		log_say(&pktgen->log, "no memory for the ports");
		return -ENOMEM;
	}
	for (unsigned i = 0; i < options->spec_count; i++)
		wishes[i] = (struct port_wish){ true, options->queues, options->workers };
	err = ports_open_all(&pktgen->ports, &pktgen->log, options, wishes);
	free(wishes);
	if (err)
		return err;
	for (unsigned i = 0; i < pktgen->ports.count; i++) {
		pktgen->ports.port[i].input = pktgen->ports.port[i].info.receives;
		pktgen->ports.port[i].output = pktgen->ports.port[i].info.sends;
	}
	err = ports_start_all(&pktgen->ports);
	if (err)
		ports_close_all(&pktgen->ports);
	return err;
}

static int make_workers(struct pktgen *pktgen)
{
	unsigned count = pktgen->options.common.workers, queues = 0;

	for (unsigned i = 0; i < pktgen->ports.count; i++)
		queues += pktgen->ports.port[i].info.rx_queues;
	pktgen->worker = calloc(count, sizeof(*pktgen->worker));
	for (unsigned i = 0; pktgen->worker && i < count; i++) {
		struct worker *worker = &pktgen->worker[i];

		worker->pktgen = pktgen;
		worker->sender = send_worker(pktgen->sending, i);
		worker->receiver = receive_worker(pktgen->receiving, i);
		if (idle_init(&worker->idle, pktgen->options.common.idle, pktgen->workers.stop_fd, queues))
			break;
		receive_watch(worker->receiver, &worker->idle);
		if (i + 1 == count)
			return 0;
	}
	log_say(&pktgen->log, "no memory for %u workers", count);
	return -ENOMEM;
}

static void free_workers(struct pktgen *pktgen)
{
	for (unsigned i = 0; pktgen->worker && i < pktgen->options.common.workers; i++)
		idle_fini(&pktgen->worker[i].idle);
	free(pktgen->worker);
}

static int open_halves(struct pktgen *pktgen)
{
	const struct options *options = &pktgen->options.common;
	const struct send_conf conf = { options->workers, options->burst, pktgen->options.lag_ns };
	int err = send_open(&pktgen->sending, &pktgen->ports, &pktgen->clock, &pktgen->workers, &conf);

	if (err)
		return err;
	err = receive_open(&pktgen->receiving, &pktgen->ports, &pktgen->clock, &pktgen->workers, options->workers,
	                   options->burst);
	if (err)
		goto sending;
	for (unsigned i = 0; i < pktgen->ports.count && i < CONTROL_PORTS_MAX; i++)
		receive_set_answer(pktgen->receiving, i, &pktgen->options.control.answer[i]);
	err = control_open(&pktgen->control, pktgen);
	if (!err)
		return 0;
	receive_close(pktgen->receiving);
sending:
	send_close(pktgen->sending);
	return err;
}

static void close_halves(struct pktgen *pktgen)
{
	control_close(pktgen->control);
	receive_close(pktgen->receiving);
	send_close(pktgen->sending);
}

static int start_workers(struct pktgen *pktgen)
{
	const struct options *options = &pktgen->options.common;
	void *args[WORKERS_MAX];

	for (unsigned i = 0; i < options->workers; i++)
		args[i] = &pktgen->worker[i];
	return workers_start(&pktgen->workers, &pktgen->log, options->workers, &options->cpus, worker_run, args);
}

/* Carries out what the command line says. Streams are sent at once, unless somebody else decides when. */
static int begin(struct pktgen *pktgen)
{
	const struct control_options *options = &pktgen->options.control;
	const json_t *command;
	size_t i;
	int err = 0;

	if (options->socket)
		err = control_listen(pktgen->control, options->socket);
	json_array_foreach(options->commands, i, command)
	{
		err = err ? err : control_order(pktgen->control, command);
	}
	if (!err && options->script)
		err = script_start(pktgen->control, options->script);
	if (!err && pktgen->options.set.count && !options->test && !options->script)
		err = control_run_start(pktgen, pktgen->options.common.count);
	return err;
}

static void serve(void *arg)
{
	control_serve(((struct pktgen *)arg)->control);
}

/* Tests and scripts end the program when they are over; without them it ends with what it has to send. */
static bool over(void *arg, bool idle)
{
	struct pktgen *pktgen = arg;
	const struct control_options *options = &pktgen->options.control;

	serve(pktgen);
	if (control_ended(pktgen->control))
		return true;
	/* Workers that had nothing to do before they were told what to send have said so, too. */
	idle = idle && (!pktgen->sent || send_finished(pktgen->sending));
	return (idle || options->test || options->script) && !control_busy(pktgen->control);
}

/* Packets of ours that came. */
static uint64_t came(const struct pktgen *pktgen)
{
	struct measure_counts counts = { .arrived = 0 };

	receive_read(pktgen->receiving, -1, -1, &counts, NULL);
	return counts.arrived + counts.duplicates + counts.corrupted;
}

/*
 * What was sent last is still on its way: waits until nothing has come for some time, unless somebody is in a hurry. Who
 * sends to us without an end is not waited for.
 */
static void linger(const struct pktgen *pktgen)
{
	struct pollfd fd = { .fd = pktgen->signal_fd, .events = POLLIN };
	uint64_t before, now = came(pktgen);
	unsigned rounds = 0;

	if (!pktgen->sent)
		return;
	do {
		before = now;
		if (poll(&fd, 1, (int)(pktgen->options.linger * 1000)))
			return;
		now = came(pktgen);
	} while (now != before && ++rounds < LINGER_ROUNDS);
}

/* Does it until the end, and reports. Returns 0, or -errno after saying why. */
static int generate(struct pktgen *pktgen, struct report *report)
{
	const struct watch_also also = { control_fd(pktgen->control), serve, pktgen, over };
	double start = watch_clock(), seconds;
	int err = start_workers(pktgen), begin_err, stop_err, report_err;

	if (err)
		return err;
	pktgen->start = start;
	begin_err = begin(pktgen);
	if (!begin_err) {
		watch_and(&pktgen->options.common, &pktgen->workers, report, pktgen->signal_fd, start, &also);
		if (send_finished(pktgen->sending))
			linger(pktgen);
	}
	/* From here on a second Ctrl-C ends the program at once. */
	report_leave_screen(report);
	signals_release(pktgen->signal_fd);
	if (!send_finished(pktgen->sending)) {
		send_stop(pktgen->sending);
		linger(pktgen);
	}
	workers_stop(&pktgen->workers);
	workers_join(&pktgen->workers);
	control_finish(pktgen->control);
	seconds = watch_clock() - start;
	stop_err = ports_stop_all(&pktgen->ports);
	err = begin_err ? begin_err : control_failed(pktgen->control) ? -EIO : send_health(pktgen->sending);
	err = err ? err : ports_health(&pktgen->ports);
	report_err = report_final(report, seconds);
	err = err ? err : stop_err;
	return err ? err : report_err;
}

/* With ports that are open. */
static int run_halves(struct pktgen *pktgen)
{
	const struct options *options = &pktgen->options.common;
	struct stream_report streams = { .set = NULL };
	struct tui *tui = NULL;
	struct report report;
	char what[80];
	const struct page_title title = { pktgen->log.program, what };
	int err = open_halves(pktgen);

	if (err)
		return err;
	snprintf(what, sizeof(what), "%u stream%s, %u worker%s", pktgen->options.set.count,
	         pktgen->options.set.count == 1 ? "" : "s", options->workers, options->workers == 1 ? "" : "s");
	err = make_workers(pktgen);
	if (!err)
		err = report_open(&report, &pktgen->ports, &title, options);
	if (err)
		goto workers;
	if (pktgen->options.headless)
		report_leave_screen(&report);
	report.tell = stream_report_tell;
	report.tell_arg = &streams;
	err = stream_report_open(&streams, pktgen);
	if (!err && report.screen)
		err = tui_open(&tui, pktgen);
	if (tui) {
		report.add = tui_add;
		report.add_arg = tui;
		screen_on_key(report.screen, tui_key, tui);
	}
	if (err)
		log_say(&pktgen->log, "no memory for the report");
	else
		err = generate(pktgen, &report);
	stream_report_close(&streams);
	tui_close(tui);
	report_close(&report);
workers:
	free_workers(pktgen);
	close_halves(pktgen);
	return err;
}

static int run(struct pktgen *pktgen)
{
	int err, close_err;

	clock_init(&pktgen->clock);
	pktgen->signal_fd = signals_catch();
	if (pktgen->signal_fd < 0) {
		log_say(&pktgen->log, "cannot catch signals: %s", strerror(-pktgen->signal_fd));
		return pktgen->signal_fd;
	}
	err = workers_init(&pktgen->workers, &pktgen->log);
	if (err)
		return err;
	choose_room(&pktgen->options.common, &pktgen->options.set);
	err = open_ports(pktgen);
	if (!err) {
		err = run_halves(pktgen);
		close_err = ports_close_all(&pktgen->ports);
		err = err ? err : close_err;
	}
	workers_fini(&pktgen->workers);
	return err;
}

int main(int argc, char **argv)
{
	struct pktgen *pktgen = calloc(1, sizeof(*pktgen));
	int err;

	if (!pktgen)
		return EXIT_FAILURE;
	/* For the screen. Numbers keep their decimal point. */
	setlocale(LC_CTYPE, "");
	log_init(&pktgen->log, "weir-pktgen");
	pktgen_options_read(&pktgen->options, argc, argv);
	err = run(pktgen);
	pktgen_options_free(&pktgen->options);
	free(pktgen);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
