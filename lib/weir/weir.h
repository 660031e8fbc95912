/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * weir: packets in user space, as a plain library.
 *
 * A *context* (struct weir) owns an arena of memory and the pools, rings and ports made in it. Contexts know nothing
 * of each other: a process may open as many as it likes. The library has no thread of its own, reads no command line,
 * pins nothing, prints nothing and never ends the process.
 *
 * Every call that can fail returns 0 or a negative errno, and leaves in weir_error() a sentence that says what went
 * wrong and what to do about it. Calls on the data path (weir_rx(), weir_tx(), pools, rings) return a count and leave
 * no sentence.
 *
 *      struct weir *weir;
 *
 *      if (weir_open(NULL, &weir) < 0)
 *              errx(1, "%s", weir_error());
 *      ...                                     (pool.h: buffers; port.h: ports; pkt.h: what a packet is)
 *      weir_close(weir);
 */
#ifndef WEIR_WEIR_H
#define WEIR_WEIR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WEIR_VERSION_MAJOR 0
#define WEIR_VERSION_MINOR 1
#define WEIR_VERSION_PATCH 0

struct weir;

/** How urgent a logged sentence is. Each level includes those before it. */
enum weir_log_level {
	WEIR_LOG_ERROR = 1, /* a call failed; the same sentence is in weir_error() */
	WEIR_LOG_WARNING,   /* it works, but not as well as it could: slower memory, a fallback taken */
	WEIR_LOG_INFO,      /* what was chosen: page size, driver, variant */
	WEIR_LOG_DEBUG,
};

/**
 * Receives one sentence, without a newline. Called in whichever thread made the call that logs, never from the data
 * path, and possibly from several threads at once. It must not call back into the context.
 */
typedef void weir_log_fn(void *arg, enum weir_log_level level, const char *sentence);

/** No preference for a NUMA node: memory comes from the node of the calling thread. */
#define WEIR_NODE_ANY 0
/** NUMA node @n, as a configuration takes it (so that zero can mean no preference). */
#define WEIR_NODE(n) ((n) + 1)

/** What a context is told when it opens. All zero is a good start. */
struct weir_conf {
	weir_log_fn *log;              /* NULL: silent */
	void *log_arg;                 /* handed to @log */
	enum weir_log_level log_level; /* 0: WEIR_LOG_WARNING */

	uint64_t mem_reserve; /* bytes of address space for the arena, a multiple of 1 GiB up to 256 GiB; 0: 64 GiB.
	                           Costs nothing until used. */
	uint64_t mem_grow; /* the arena grows by at least so many bytes; 0: by an eighth of what it has, up to 32 MiB */
	uint64_t mem_page_size; /* 4096, 2 MiB or 1 GiB: this size or fail. 0: the best there is, with one warning when
	                           that is 4096. Linux joins pages of 4096 bytes to larger ones if it can. */
	uint64_t mem_first; /* where in the arena its own memory begins, a multiple of 1 GiB below mem_reserve: behind
	                           that of contexts whose memory it borrows (weir_mem_borrow()) */
	int mem_node;       /* WEIR_NODE(n): where memory comes from unless a call says otherwise */

	unsigned cpu_level; /* caps the instruction set that drivers choose: 1 portable C, 2 x86-64-v2, 3 -v3, 4 -v4;
	                       0: the best the processor has. See weir_cpu_level(). */
};

/**
 * Opens a context.
 *
 * @conf may be NULL for the defaults; it is copied. On success *@weir is the context, to be closed with weir_close().
 * Returns 0, -EINVAL (a bad setting) or -ENOMEM (the address space could not be reserved), and then sets *@weir to
 * NULL. May be called from any thread at any time.
 */
int weir_open(const struct weir_conf *conf, struct weir **weir);

/**
 * Closes a context: stops and closes its ports, destroys its rings and pools, gives all memory back.
 *
 * Packets, pools and ports of the context are gone afterwards; no other thread may be in a call on it. NULL is allowed.
 */
void weir_close(struct weir *weir);

/**
 * The sentence of the last call that failed in the calling thread, in any context; like errno it is left alone by
 * calls that succeed. Never NULL. Valid until the next failing call in the same thread.
 */
const char *weir_error(void);

/** "0.1.0": the version of the library that runs, which may be newer than the headers. */
const char *weir_version(void);

/**
 * The instruction-set level that drivers of this context choose from: 1 for portable C (and on processors other than
 * x86-64), 2, 3 or 4 for x86-64-v2, -v3, -v4. NULL asks for the processor's own level.
 */
unsigned weir_cpu_level(const struct weir *weir);

/**
 * A cheap monotonic clock for rates and pacing: the time-stamp counter where it is constant, else CLOCK_MONOTONIC in
 * nanoseconds. weir_clock_hz() tells its ticks per second (measured once against CLOCK_MONOTONIC, in a millisecond,
 * when the processor does not tell). Any thread.
 */
uint64_t weir_clock_hz(void);

static inline uint64_t weir_clock(void)
{
#if defined(__x86_64__)
	return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
	uint64_t ticks;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
	return ticks;
#else
#error "weir_clock() knows no counter on this processor"
#endif
}

#ifdef __cplusplus
}
#endif
#endif
