/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The threads that forward packets: started together, stopped together.
 */
#ifndef COMMON_WORKERS_H
#define COMMON_WORKERS_H

#include <pthread.h>
#include <stdbool.h>

#include "cpus.h"
#include "log.h"

/* What a worker does, until workers_stopping(). Returns NULL. */
typedef void *worker_fn(void *arg);

struct workers {
	unsigned count; /* running threads */
	pthread_t *threads;
	int stop_fd; /* readable once they are to stop, for workers that wait */
	int done_fd; /* readable once every worker has said that it has nothing left to do, or one asked to stop */
	bool stop;
	unsigned working; /* workers that have not said so yet */
};

/* Returns 0, or -errno after saying why. */
int workers_init(struct workers *workers, struct log *log);
void workers_fini(struct workers *workers);

/*
 * Starts @count threads; number i runs @fn(@args[i]), on the i-th CPU of @cpus if that has any. Returns 0, or -errno
 * after saying why, and then none runs.
 */
int workers_start(struct workers *workers, struct log *log, unsigned count, const struct cpus *cpus, worker_fn *fn,
                  void **args);

/* Tells all workers to stop. Any thread. */
void workers_stop(struct workers *workers);

/* Waits for all of them to end. */
void workers_join(struct workers *workers);

/* A worker says that it has nothing left to do, or that nobody has. It then goes on until workers_stopping(). */
void workers_done(struct workers *workers);
void workers_all_done(struct workers *workers);

static inline bool workers_stopping(const struct workers *workers)
{
	return __atomic_load_n(&workers->stop, __ATOMIC_ACQUIRE);
}

#endif
