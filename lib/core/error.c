/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sentences: the last failure of each thread, and the log callback.
 *
 * The sentence is kept per thread, as errno is, so that two threads that fail at once on one context each read their
 * own, and a weir_open() that fails has somewhere to put its reason. It is the only per-thread state in the library.
 */
#include <stdarg.h>
#include <stdio.h>

#include "core/core.h"

#define SENTENCE_MAX 512

static _Thread_local char sentence[SENTENCE_MAX];

int weir_fail(struct weir *weir, int err, const char *format, ...)
{
	char text[SENTENCE_MAX]; /* formatted aside: an argument may be the last sentence itself */
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(sentence, sizeof(sentence), "%s", text);
	if (weir && weir->conf.log)
		weir->conf.log(weir->conf.log_arg, WEIR_LOG_ERROR, sentence);
	return err;
}

void weir_log(struct weir *weir, enum weir_log_level level, const char *format, ...)
{
	char text[SENTENCE_MAX];
	va_list args;

	if (!weir->conf.log || level > weir->conf.log_level)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	weir->conf.log(weir->conf.log_arg, level, text);
}

const char *weir_error(void)
{
	return sentence;
}
