/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages to the person at the terminal, apart from the figures: always on the standard error output. While a live
 * screen covers the terminal they are kept, shown there, and printed when it is gone.
 */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include <pthread.h>
#include <stdbool.h>

#include <weir/weir.h>

#define LOG_KEPT 32
#define LOG_TEXT 512

struct log {
	const char *program;
	pthread_mutex_t lock; /* guards what follows: any thread may have something to say */
	bool holding;
	unsigned held; /* messages since log_hold(); the newest LOG_KEPT of them are in kept[] */
	char kept[LOG_KEPT][LOG_TEXT];
};

void log_init(struct log *log, const char *program);

/* Says one sentence: "weir-l2fwd: SENTENCE". */
void log_say(struct log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * What a context's log callback is set to, with the log as its argument. Failures are left to the caller of the failing
 * function, who has them from weir_error().
 */
void log_from_weir(void *log, enum weir_log_level level, const char *sentence);

/* Keeps messages from here on; prints what was kept and goes back to printing. */
void log_hold(struct log *log);
void log_release(struct log *log);

/* Copies the newest of the held messages, at most @most, oldest first. Returns how many. */
unsigned log_newest(struct log *log, char (*lines)[LOG_TEXT], unsigned most);

#endif
