/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What every part of the library shares: the context, how failures are reported, small helpers. Internal.
 */
#ifndef CORE_CORE_H
#define CORE_CORE_H

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "weir/weir.h"

struct arena;
struct bus_domain;

/* Who makes cards for specs of the scheme sim: (weir_set_simulator()). */
struct weir_simulator {
	int (*connect)(void *arg, const char *card, int *fd);
	const char *(*error)(void);
	void *arg;
};

struct weir {
	struct weir_conf conf; /* as given, defaults filled in */
	unsigned cpu_level;
	pthread_mutex_t lock;       /* guards the lists below; never held on the data path */
	struct arena *arena;        /* lib/mem */
	struct weir_pool *pools;    /* lib/mem, linked by the pools */
	struct weir_port *ports;    /* lib/port, linked by the ports */
	struct bus_domain *domains; /* lib/bus: address spaces that devices of this context share */
	int joined; /* lib/bus: the domain of another process's that devices of weir.ko go to; -1: none */
	struct weir_simulator simulator;
	struct ring_wire *wires; /* drivers/host/ring.c: rings by name, shared by ring: ports */
};

/*
 * The layers above core that a context starts and stops, in this order and the reverse. Each is implemented in the
 * folder it is named after; core knows nothing else of them.
 */
int arena_open(struct weir *weir);
void arena_close(struct weir *weir);
void pools_close(struct weir *weir);
void ports_close(struct weir *weir);

/*
 * Records the sentence of a failure for weir_error(), logs it at WEIR_LOG_ERROR, and returns @err (a negative errno) so
 * that a caller can write `return weir_fail(weir, -EINVAL, "...")`. @weir may be NULL: then it is recorded only.
 */
int weir_fail(struct weir *weir, int err, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Logs through the context's callback, if its level asks for it. */
void weir_log(struct weir *weir, enum weir_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define KIB(n) ((uint64_t)(n) << 10)
#define MIB(n) ((uint64_t)(n) << 20)
#define GIB(n) ((uint64_t)(n) << 30)

#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

static inline uint64_t round_up(uint64_t value, uint64_t to)
{
	return (value + to - 1) / to * to;
}

/* A counter with one writer that others read while it counts. */
static inline void count_add(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, __atomic_load_n(counter, __ATOMIC_RELAXED) + n, __ATOMIC_RELAXED);
}

static inline uint64_t count_read(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

#endif
