/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The port that a command is about: opened, and closed again.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <weir/sim.h>

#include "weir.h"

/* Failures have their sentence told by whoever called. */
static void say(void *arg, enum weir_log_level level, const char *sentence)
{
	(void)arg;
	if (level > WEIR_LOG_ERROR)
		warnx("%s", sentence);
}

int complain(int err)
{
	warnx("%s", weir_error());
	return err;
}

/* What names a PCI function stands for the port that it is. */
static int spec_make(struct subject *subject, const char *text)
{
	struct weir_pci pci;
	const char *scheme = weir_pci_get(NULL, text, &pci) == -EINVAL ? "" : "pci:";
	int n = snprintf(subject->spec, sizeof(subject->spec), "%s%s", scheme, text);

	if (n < (int)sizeof(subject->spec))
		return 0;
	warnx("a port's spec has less than %zu bytes, not %d", sizeof(subject->spec), n);
	return -EINVAL;
}

int subject_open(struct subject *subject, const struct weir_options *options, bool receives)
{
	const struct weir_conf conf = { .log = say };
	const struct weir_pool_conf buffers = { .count = 8192 };
	struct weir_port_conf port = { .promiscuous = receives };
	int err;

	memset(subject, 0, sizeof(*subject));
	err = spec_make(subject, options->device);
	if (err)
		return err;
	err = weir_open(&conf, &subject->weir);
	if (err)
		return complain(err);
	err = weir_sim_create(NULL, &subject->sim);
	if (!err)
		err = weir_sim_enable(subject->weir, subject->sim);
	if (err) {
		warnx("%s", weir_sim_error());
		goto close;
	}
	if (receives)
		err = weir_pool_create(subject->weir, &buffers, &subject->pool);
	port.pool = subject->pool;
	if (!err)
		err = weir_port_open(subject->weir, subject->spec, &port, &subject->port);
	if (!err)
		return 0;
	complain(err);

close:
	subject_close(subject, err);
	return err;
}

int subject_close(struct subject *subject, int err)
{
	if (subject->port && weir_port_close(subject->port) < 0 && !err)
		err = complain(-EIO);
	weir_close(subject->weir);
	weir_sim_destroy(subject->sim);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
