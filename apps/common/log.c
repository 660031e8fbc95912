/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages: printed at once, or kept in a small ring while a screen is in the way.
 */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void log_init(struct log *log, const char *program)
{
	memset(log, 0, sizeof(*log));
	log->program = program;
	pthread_mutex_init(&log->lock, NULL);
}

void log_say(struct log *log, const char *format, ...)
{
	char text[LOG_TEXT];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);

	pthread_mutex_lock(&log->lock);
	if (log->holding)
		memcpy(log->kept[log->held++ % LOG_KEPT], text, sizeof(text));
	else
		fprintf(stderr, "%s: %s\n", log->program, text);
	pthread_mutex_unlock(&log->lock);
}

void log_from_weir(void *log, enum weir_log_level level, const char *sentence)
{
	if (level > WEIR_LOG_ERROR)
		log_say(log, "%s", sentence);
}

void log_hold(struct log *log)
{
	pthread_mutex_lock(&log->lock);
	log->holding = true;
	pthread_mutex_unlock(&log->lock);
}

void log_release(struct log *log)
{
	unsigned first;

	pthread_mutex_lock(&log->lock);
	first = log->held > LOG_KEPT ? log->held - LOG_KEPT : 0;
	if (first)
		fprintf(stderr, "%s: %u older messages are gone\n", log->program, first);
	for (unsigned i = first; i < log->held; i++)
		fprintf(stderr, "%s: %s\n", log->program, log->kept[i % LOG_KEPT]);
	log->held = 0;
	log->holding = false;
	pthread_mutex_unlock(&log->lock);
}

unsigned log_newest(struct log *log, char (*lines)[LOG_TEXT], unsigned most)
{
	unsigned count;

	pthread_mutex_lock(&log->lock);
	count = log->held < LOG_KEPT ? log->held : LOG_KEPT;
	if (count > most)
		count = most;
	for (unsigned i = 0; i < count; i++)
		memcpy(lines[i], log->kept[(log->held - count + i) % LOG_KEPT], LOG_TEXT);
	pthread_mutex_unlock(&log->lock);
	return count;
}
