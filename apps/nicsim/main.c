/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * weir-nicsim: serves network cards that do not exist. The work is done by the cards' own threads, in libweirsim; here
 * they are made, and judged at the end.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/signals.h"
#include "common/watch.h"
#include "orders.h"
#include "result.h"

static int add_nics(struct weir_sim *sim, const struct nicsim_options *options, struct log *log)
{
	for (unsigned i = 0; i < options->nic_count; i++) {
		const struct nic_option *option = &options->nics[i];
		struct weir_sim_nic *nic;
		int err;

		err = weir_sim_nic_add(sim, option->card, &nic);
		if (!err)
			err = weir_sim_nic_serve(nic, option->socket);
		if (err) {
			log_say(log, "%s: %s", option->card, weir_sim_error());
			return err;
		}
	}
	log_say(log, "%u card%s ready", options->nic_count, options->nic_count == 1 ? " is" : "s are");
	return 0;
}

/* Obeys orders, and returns when a signal comes or the time is over. */
static void wait_for_end(const struct nicsim_options *options, int signal_fd, double start, struct orders *orders)
{
	struct pollfd fds[2] = { { .fd = signal_fd, .events = POLLIN }, { .events = POLLIN } };
	double left = options->seconds > 0 ? options->seconds : 1;

	while (left > 0) {
		fds[1].fd = orders->fd;
		if (poll(fds, 2, left < 1 ? (int)(left * 1000) + 1 : 1000) > 0 && fds[0].revents)
			return;
		if (fds[1].revents)
			orders_read(orders);
		if (options->seconds > 0)
			left = start + options->seconds - watch_clock();
	}
}

static int run(const struct nicsim_options *options, struct log *log)
{
	const struct weir_sim_conf conf = {
		.fast = options->fast,
		.strict = options->strict,
		.log = log_from_weir,
		.log_arg = log,
		.log_level = (enum weir_log_level)(WEIR_LOG_WARNING + (options->verbose < 2 ? options->verbose : 2)),
	};
	int signal_fd = signals_catch(), err;
	struct weir_sim *sim;
	struct orders orders;
	struct result result;
	double start;

	if (signal_fd < 0) {
		log_say(log, "cannot catch signals: %s", strerror(-signal_fd));
		return signal_fd;
	}
	err = weir_sim_create(&conf, &sim);
	if (err) {
		log_say(log, "%s", weir_sim_error());
		return err;
	}
	err = add_nics(sim, options, log);
	if (!err) {
		start = watch_clock();
		orders = (struct orders){ .fd = options->orders ? STDIN_FILENO : -1, .sim = sim, .log = log };
		wait_for_end(options, signal_fd, start, &orders);
		signals_release(signal_fd);
		result_read(&result, sim);
		if (!result_print(&result, sim, options, watch_clock() - start) ||
		    result_fault(&result, options->strict))
			err = -EIO;
	}
	weir_sim_destroy(sim);
	return err;
}

int main(int argc, char **argv)
{
	struct nicsim_options options;
	struct log log;
	int err;

	log_init(&log, "weir-nicsim");
	nicsim_options_read(&options, argc, argv);
	err = run(&options, &log);
	nicsim_options_free(&options);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
