/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Starting and stopping worker threads.
 */
#include "workers.h"

#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

int workers_init(struct workers *workers, struct log *log)
{
	memset(workers, 0, sizeof(*workers));
	workers->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	workers->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (workers->stop_fd < 0 || workers->done_fd < 0) {
		int err = -errno;

		log_say(log, "no event descriptor for the workers: %s; raise the limit of open files (ulimit -n)",
		        strerror(-err));
		workers_fini(workers);
		return err;
	}
	return 0;
}

void workers_fini(struct workers *workers)
{
	if (workers->stop_fd >= 0)
		close(workers->stop_fd);
	if (workers->done_fd >= 0)
		close(workers->done_fd);
	free(workers->threads);
	workers->threads = NULL;
}

static int start_one(pthread_t *thread, int cpu, worker_fn *fn, void *arg)
{
	pthread_attr_t attr;
	cpu_set_t set;
	int err;

	err = pthread_attr_init(&attr);
	if (err)
		return err;
	if (cpu >= 0) {
		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
		err = pthread_attr_setaffinity_np(&attr, sizeof(set), &set);
	}
	if (!err)
		err = pthread_create(thread, &attr, fn, arg);
	pthread_attr_destroy(&attr);
	return err;
}

int workers_start(struct workers *workers, struct log *log, unsigned count, const struct cpus *cpus, worker_fn *fn,
                  void **args)
{
	int err;

	workers->threads = calloc(count, sizeof(*workers->threads));
	if (!workers->threads) {
		log_say(log, "no memory for %u workers", count);
		return -ENOMEM;
	}
	workers->working = count;
	for (unsigned i = 0; i < count; i++) {
		int cpu = cpus->count ? (int)cpus->cpu[i] : -1;

		err = start_one(&workers->threads[i], cpu, fn, args[i]);
		if (err) {
			if (cpu >= 0)
				log_say(
				    log,
				    "worker %u cannot run on CPU %d: %s; taskset -p $$ tells which CPUs may be used", i,
				    cpu, strerror(err));
			else
				log_say(log, "worker %u does not start: %s", i, strerror(err));
			workers_stop(workers);
			workers_join(workers);
			return -err;
		}
		workers->count++;
	}
	return 0;
}

/* An eventfd takes 2^64 - 2 of these before it refuses one. */
static void notify(int fd)
{
	uint64_t one = 1;

	while (write(fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

void workers_stop(struct workers *workers)
{
	__atomic_store_n(&workers->stop, true, __ATOMIC_RELEASE);
	notify(workers->stop_fd);
}

void workers_join(struct workers *workers)
{
	while (workers->count)
		pthread_join(workers->threads[--workers->count], NULL);
}

void workers_done(struct workers *workers)
{
	if (__atomic_sub_fetch(&workers->working, 1, __ATOMIC_ACQ_REL) == 0)
		notify(workers->done_fd);
}

void workers_all_done(struct workers *workers)
{
	notify(workers->done_fd);
}
